"""A PostGIS query in place of a file. Who asks is ``postgis``, if its extra is installed."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pyproj

from corridors.errors import InputError
from corridors.sources.cells import OpenTable

Bounds = tuple[float, float, float, float]  # west, south, east, north


@dataclass(frozen=True)
class Query:
    """What to ask, and where.

    ``url`` holds no password; if it is empty, the environment variable ``url_env`` holds it whole.
    Either ``table`` (as ``schema.table``) or ``statement`` (one SELECT) says what to read.
    """

    label: str
    url: str = field(default="", repr=False)
    url_env: str = ""
    table: str = ""
    statement: str = ""
    timeout_s: int = 120


@dataclass(frozen=True)
class QueryShapes:
    """Shapes with the wanted columns as text; ``header`` names all, ``rows_read`` counts all."""

    frame: gpd.GeoDataFrame
    header: tuple[str, ...]
    rows_read: int
    sha256: str


def open_query(query: Query, file: str) -> AbstractContextManager[OpenTable]:
    """Open a query as a table. Points of a geometry column become ``Easting`` and ``Northing``.

    Raises
    ------
    InputError
        If the server cannot be asked, does not answer, or holds something else.
    """
    opened: AbstractContextManager[OpenTable] = _postgis(file).open_query(query, file)
    return opened


def read_query_shapes(
    query: Query,
    file: str,
    wanted: Callable[[str], bool],
    near: Callable[[pyproj.CRS], Bounds] | None = None,
) -> QueryShapes:
    """Read the shapes of a query.

    Parameters
    ----------
    wanted : which columns to keep, by name.
    near : from the coordinate system of the shapes to the box that they must meet, in it.

    Raises
    ------
    CrsError
        If the shapes have no SRID, or several.
    InputError
        If the server cannot be asked, does not answer, or holds no shapes.
    """
    found: QueryShapes = _postgis(file).read_query_shapes(query, file, wanted, near)
    return found


def _postgis(file: str) -> Any:
    try:
        return importlib.import_module("corridors.sources.postgis")
    except ImportError as problem:
        raise InputError(
            "is a database query, and what reads it is not installed", file=file,
            fix="Install corridors[postgis], or export the table as CSV UTF-8",
        ) from problem  # fmt: skip
