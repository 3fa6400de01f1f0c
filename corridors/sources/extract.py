"""What both street readers share: from raw ways and vertices to a ``StreetExtract``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.crs import EAST_LIMIT_M, METRIC, NORTH_LIMIT_M
from corridors.model import StreetExtract
from corridors.tables import Places, Ways

Bounds = tuple[float, float, float, float]

WAY_TAGS: Final = tuple(
    name for name, column in Ways.columns().items() if column.dtype in ("text", "bool")
)
OUTSIDE_BOX: Final = "outside the area asked for"
OUTSIDE_BRITAIN: Final = "outside the British National Grid"
TOO_SHORT: Final = "fewer than two distinct vertices"


@dataclass(frozen=True)
class RawWays:
    """Ways as a file holds them, before anything is left out.

    ``tags`` has one row per way (the text and truth columns of ``tables.Ways``); ``counts`` says
    how many of ``refs`` belong to each; ``refs`` are rows of ``vertex_xy_m`` ((n, 2), EPSG:27700).
    """

    tags: pd.DataFrame
    counts: IntArray
    refs: IntArray
    vertex_xy_m: FloatArray


@dataclass(frozen=True)
class ReadStreets:
    """A reader's result. ``dropped`` counts by reason; ``rows_*`` count ways or features."""

    extract: StreetExtract
    rows_read: int
    rows_used: int
    dropped: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()
    sha256: str = ""  # if the file's own does not say it all


def way_tags(columns: dict[str, list[Any]]) -> pd.DataFrame:
    """Tags of ways as columns with the dtypes of ``tables.Ways``."""
    schema = Ways.columns()
    return pd.DataFrame(
        {
            name: pd.Series(columns[name], dtype="str" if schema[name].dtype == "text" else "bool")
            for name in WAY_TAGS
        }
    )


def places_table(kinds: list[str], names: list[str], shapes: list[Any]) -> gpd.GeoDataFrame:
    """``tables.Places`` in the order given."""
    frame = gpd.GeoDataFrame(
        {Places.kind: pd.Series(kinds, dtype="str"), Places.name: pd.Series(names, dtype="str")},
        geometry=gpd.GeoSeries(shapes, crs=METRIC),
        crs=METRIC,
    )
    frame.index = pd.RangeIndex(len(frame), name=Places.index)
    return Places.validate(frame)


def assemble(
    raw: RawWays, places: gpd.GeoDataFrame, *, bounds_m: Bounds | None, extract_date: str = ""
) -> tuple[StreetExtract, Counter[str], BoolArray]:
    """Keep the usable ways and number their vertices anew.

    A vertex repeated in a row is kept once. Ways off the grid, ways without two vertices and, if
    ``bounds_m`` is given (west, south, east, north, EPSG:27700), ways without a vertex inside it
    are left out. The order of ways and vertices is that of ``raw``.

    Returns
    -------
    The extract, the ways left out by reason, and which ways of ``raw`` were kept.
    """
    owner = np.repeat(np.arange(len(raw.counts)), raw.counts)
    fresh = np.ones(len(owner), dtype=bool)
    fresh[1:] = (raw.refs[1:] != raw.refs[:-1]) | (owner[1:] != owner[:-1])
    owner, refs = owner[fresh], raw.refs[fresh]
    counts = np.bincount(owner, minlength=len(raw.counts))
    on_grid = _within(raw.vertex_xy_m, (0.0, 0.0, EAST_LIMIT_M, NORTH_LIMIT_M))
    off = np.bincount(owner, ~on_grid[refs], minlength=len(counts)) > 0
    inside = np.ones(len(counts), dtype=bool)
    if bounds_m is not None:
        near = _within(raw.vertex_xy_m, bounds_m)
        inside = np.bincount(owner, near[refs], minlength=len(counts)) > 0
    short = counts < 2
    kept = ~short & ~off & inside
    dropped = Counter(
        {
            TOO_SHORT: int(short.sum()),
            OUTSIDE_BRITAIN: int((off & ~short).sum()),
            OUTSIDE_BOX: int((~inside & ~off & ~short).sum()),
        }
    )
    used, way_refs = np.unique(refs[kept[owner]], return_inverse=True)
    ways = raw.tags[kept].reset_index(drop=True)
    ways.index.name = Ways.index
    ways[Ways.ref_count] = counts[kept].astype(np.int64)
    ways[Ways.first_ref] = (np.cumsum(counts[kept]) - counts[kept]).astype(np.int64)
    extract = StreetExtract(
        vertex_xy_m=raw.vertex_xy_m[used],
        way_refs=way_refs.astype(np.int64),
        ways=Ways.validate(ways),
        places=places,
        extract_date=extract_date,
    )
    return extract, dropped, kept


def touches_bounds(shapes: npt.NDArray[Any], bounds_m: Bounds | None) -> BoolArray:
    """Whether each shape lies on the grid and its bounding box meets ``bounds_m``."""
    west, south, east, north = bounds_m or (0.0, 0.0, EAST_LIMIT_M, NORTH_LIMIT_M)
    box = shapely.bounds(shapes).reshape(-1, 4)
    near: BoolArray = np.isfinite(box).all(axis=1) & (
        (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
    )
    return near


def _within(xy_m: FloatArray, bounds_m: Bounds) -> BoolArray:
    west, south, east, north = bounds_m
    x, y = xy_m[:, 0], xy_m[:, 1]
    inside: BoolArray = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside
