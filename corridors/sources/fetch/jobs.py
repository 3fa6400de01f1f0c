"""What a kind of data needs to be fetched, and what it leaves behind."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from corridors.sources.fetch.cache import Cache, Provenance
from corridors.sources.fetch.client import Client
from corridors.sources.fetch.endpoints import Endpoint
from corridors.sources.positions import Bounds

SQUARE_M: Final = 5_000.0  # areas are asked for in whole squares, so that no single school shows


@dataclass(frozen=True)
class Job:
    """All that a fetcher may use. It has no clock, no network and no folder of its own.

    ``area_m`` is padded already (``padded``): west, south, east, north in EPSG:27700.
    """

    root: Path
    endpoints: Mapping[str, Endpoint]
    client: Client
    cache: Cache
    area_m: Bounds
    now: datetime  # UTC
    tell: Callable[[str], None]
    months: tuple[str, ...] = ()  # "2026-01", …
    areas: tuple[
        str, ...
    ] = ()  # ATCO area codes, such as "490", for stops; none: the whole country


@dataclass(frozen=True)
class Fetched:
    """A file that now stands in the workspace, whole."""

    file: str  # relative to the workspace
    sha256: str
    rows: int
    sources: tuple[Provenance, ...]  # of each answer that it was made from
    notes: tuple[str, ...] = ()


def padded(area_m: Bounds, margin_m: float) -> Bounds:
    """The whole squares of 5 km that hold an area and its margin (EPSG:27700 metres).

    So a request tells of a district and not of a street, and neighbouring wards ask alike, which
    the cache then knows.
    """
    west, south, east, north = area_m
    return (
        SQUARE_M * math.floor((west - margin_m) / SQUARE_M),
        SQUARE_M * math.floor((south - margin_m) / SQUARE_M),
        SQUARE_M * math.ceil((east + margin_m) / SQUARE_M),
        SQUARE_M * math.ceil((north + margin_m) / SQUARE_M),
    )
