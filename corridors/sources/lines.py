"""Plain street lines (GeoJSON, GeoPackage, shapefile, GeoParquet, PostGIS): bring your own streets.

Such lines carry no node ids. Two lines meet where they have a vertex at the same place, to one
centimetre. Over a bridge or in a tunnel an inner vertex meets only vertices of its own level, so
a bridge does not join the road below it; the ends of a line meet what is there.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import pyproj
import shapely

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.crs import GEOGRAPHIC, METRIC, to_geographic, to_metric
from corridors.errors import ColumnError, CrsError, InputError
from corridors.sources.cells import split_part
from corridors.sources.csvs import printable, sha256_of
from corridors.sources.database import Query, read_query_shapes
from corridors.sources.extract import (
    OUTSIDE_BOX,
    WAY_TAGS,
    Bounds,
    RawWays,
    ReadStreets,
    assemble,
    places_table,
    way_tags,
)
from corridors.sources.parquets import is_parquet, read_shapes
from corridors.sources.polygons import UNREADABLE, chosen_layer, polygons_sha256, require_kind

CLASS_COLUMNS: Final = ("highway", "fclass")
NOT_LINES: Final = "features that are not lines"
NO_GEOMETRY: Final = "features without a geometry"
_USED: Final = (*CLASS_COLUMNS, "name", "footway", "access", "foot", "area", "bridge", "tunnel")
_KEPT: Final = frozenset({*_USED, "layer"})
_FALSE: Final = frozenset({"", "f", "false", "n", "no", "0", "0.0"})
_BOX_MARGIN_M: Final = 500.0
_BRITISH_GRID: Final = 27700
_NOTE: Final = "plain lines: no bus stops, stations, parks or school grounds in this file"


def read_lines(path: Path | Query, *, bounds_m: Bounds | None, file: str) -> ReadStreets:
    """Read street lines with a class, and make vertices of equal coordinates one.

    Parameters
    ----------
    path : .geojson, .json, .gpkg, .shp, .parquet or a query. A class column ``highway`` or
        ``fclass`` is needed; ``name``, ``footway``, ``access``, ``foot``, ``bridge``, ``tunnel``,
        ``area`` and ``layer`` are used if there.
    bounds_m : west, south, east, north in EPSG:27700, or None for everything.
    file : the name to show in messages.

    Raises
    ------
    CrsError
        If the file does not say its coordinate system, or its coordinates contradict it.
    ColumnError
        If there is no class column.
    InputError
        If GDAL cannot read the file, or it has several layers of lines and none is named.
    """
    if not isinstance(path, Query):
        require_kind(path, file)
    try:
        with warnings.catch_warnings():
            # What GDAL only warns of is dropped and counted below.
            warnings.simplefilter("ignore")
            frame, read, sha256 = _load(path, bounds_m, file)
    except InputError:
        raise
    except UNREADABLE as problem:
        raise InputError(
            f"cannot be read as street lines ({str(problem).replace(str(path), file)})",
            file=file,
            fix="Export it again as GeoJSON or GeoPackage",
        ) from problem
    lines, owner, dropped = _only_lines(frame)
    tags = _tags(frame)
    raw = _raw_ways(lines, tags.iloc[owner].reset_index(drop=True), _levels(frame, tags)[owner])
    extract, left_out, kept = assemble(raw, places_table([], [], []), bounds_m=bounds_m)
    dropped += left_out
    dropped[OUTSIDE_BOX] += read - len(frame)
    used = len(np.unique(owner[kept]))
    return ReadStreets(extract, read, used, dropped, notes=(_NOTE,), sha256=sha256)


# --- loading ------------------------------------------------------------------------------------


def _load(
    path: Path | Query, bounds_m: Bounds | None, file: str
) -> tuple[gpd.GeoDataFrame, int, str]:
    """Features near ``bounds_m`` in EPSG:27700, how many there are in all, and their hash."""
    if isinstance(path, Query):
        near = None if bounds_m is None else partial(_box_in, bounds_m=bounds_m)
        found = read_query_shapes(path, file, lambda name: name.lower() in _KEPT, near)
        _require_class(found.header, file)
        return _moved(found.frame, file), found.rows_read, found.sha256
    require_kind(path, file)
    if is_parquet(path):
        shapes = read_shapes(path, file)
        _require_class([str(name) for name in shapes.columns], file)
        kept = [name for name in shapes if str(name).lower() in _KEPT]
        return _moved(shapes[[*kept, shapes.geometry.name]], file), len(shapes), sha256_of(path)
    frame, read = _load_file(path, bounds_m, file)
    return frame, read, polygons_sha256(path)


def _load_file(path: Path, bounds_m: Bounds | None, file: str) -> tuple[gpd.GeoDataFrame, int]:
    layer, path = chosen_layer(path, file, "LineString"), split_part(path)[0]
    info = pyogrio.read_info(path, layer=layer, force_feature_count=True, force_total_bounds=True)
    crs = _known_crs(info, file)
    if not info["features"]:
        return gpd.GeoDataFrame({"highway": []}, geometry=[]), 0
    columns = [name for name in info["fields"] if name.lower() in _KEPT]
    _require_class(info["fields"], file)
    box = None if bounds_m is None else _box_in(crs, bounds_m)
    frame = pyogrio.read_dataframe(path, layer=layer, columns=columns, bbox=box)
    return _in_metres(frame, crs), int(info["features"])


def _require_class(names: Sequence[str], file: str) -> None:
    if not {name.lower() for name in names} & set(CLASS_COLUMNS):
        shown = ", ".join(printable(str(name)) for name in names[:12])
        raise ColumnError(
            f"has no column {' or '.join(CLASS_COLUMNS)} for the class of street (it has: {shown})",
            file=file,
            fix="Add fclass; write residential in it if all lines are ordinary streets",
        )


def _moved(shapes: gpd.GeoDataFrame, file: str) -> gpd.GeoDataFrame:
    if shapes.empty:
        return gpd.GeoDataFrame({"highway": []}, geometry=[])
    bounds = shapes.total_bounds
    crs = _known_crs({"crs": shapes.crs, "total_bounds": bounds}, file)
    return _in_metres(shapes, crs)


def _in_metres(frame: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    shape = frame.geometry.name
    frame = frame.rename(columns={n: str(n).lower() for n in frame.columns if n != shape})
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    moved = gpd.GeoSeries(shapely.transform(shapes, _to_metric(crs)), frame.index, crs=METRIC)
    return frame.set_geometry(moved)


def _known_crs(info: dict[str, Any], file: str) -> pyproj.CRS:
    if not info["crs"]:
        raise CrsError(
            "does not say its coordinate system",
            file=file,
            fix="Export it again with one (a Shapefile needs its .prj beside it)",
        )
    crs = pyproj.CRS(info["crs"])
    crs = crs.sub_crs_list[0] if crs.is_compound else crs
    bounds = info["total_bounds"]
    if bounds is not None and np.isfinite(bounds).all():
        in_degrees = np.abs(bounds).max() <= 180
        if in_degrees != crs.is_geographic:
            found = "degrees" if in_degrees else "metres"
            raise CrsError(
                f"says {crs.name}, but its coordinates look like {found}",
                file=file,
                value=", ".join(f"{value:.1f}" for value in bounds),
                fix="Export it again in its true coordinate system",
            )
    return crs


def _to_metric(crs: pyproj.CRS) -> Any:
    """A function from this system's coordinates, (n, 2), to EPSG:27700."""
    if crs.to_epsg(min_confidence=25) == _BRITISH_GRID:
        return lambda xy: xy
    if crs.to_epsg() == 4326 or crs.name.startswith("WGS 84 (CRS84)"):
        return lambda xy: np.column_stack(to_metric(xy[:, 0], xy[:, 1]))
    to_degrees = pyproj.Transformer.from_crs(crs, GEOGRAPHIC, always_xy=True)

    def by_way_of_degrees(xy: FloatArray) -> FloatArray:
        return np.column_stack(to_metric(*to_degrees.transform(xy[:, 0], xy[:, 1])))

    return by_way_of_degrees


def _box_in(crs: pyproj.CRS, bounds_m: Bounds) -> Bounds:
    """A box in the file's own system that surely holds ``bounds_m``: a first, coarse test."""
    west, south, east, north = np.array(bounds_m) + _BOX_MARGIN_M * np.array([-1, -1, 1, 1])
    if crs.to_epsg(min_confidence=25) == _BRITISH_GRID:
        return float(west), float(south), float(east), float(north)
    lon, lat = to_geographic(np.tile(np.linspace(west, east, 9), 2), np.repeat([south, north], 9))
    to_file = pyproj.Transformer.from_crs(GEOGRAPHIC, crs, always_xy=True)
    x, y = to_file.transform(lon, lat)
    return float(np.min(x)), float(np.min(y)), float(np.max(x)), float(np.max(y))


# --- features to ways ---------------------------------------------------------------------------


def _only_lines(
    frame: gpd.GeoDataFrame,
) -> tuple[npt.NDArray[Any], IntArray, Counter[str]]:
    """Single lines, the row that each comes from, and the features left out by reason."""
    shapes = frame.geometry.to_numpy()
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    kinds = shapely.get_type_id(shapes)
    is_line = ~empty & np.isin(kinds, [1, 2, 5])  # line, ring, lines
    lines, at = shapely.get_parts(shapes[is_line], return_index=True)
    owner = np.flatnonzero(is_line)[at].astype(np.int64)
    return (
        lines,
        owner,
        Counter({NO_GEOMETRY: int(empty.sum()), NOT_LINES: int((~empty & ~is_line).sum())}),
    )


def _tags(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    text = {name: _text(frame, name) for name in _USED}
    flags = {
        name: [value.lower() not in _FALSE for value in text[name]]
        for name in ("area", "bridge", "tunnel")
    }
    classes = [a or b for a, b in zip(text["highway"], text["fclass"], strict=True)]
    derived: dict[str, list[Any]] = {
        "highway": classes,
        "area": flags["area"],
        "is_bridge": flags["bridge"],
        "is_tunnel": flags["tunnel"],
    }
    columns: dict[str, list[Any]] = {**text, **derived}
    return way_tags({name: columns[name] for name in WAY_TAGS})


def _text(frame: gpd.GeoDataFrame, name: str) -> list[str]:
    if name not in frame:
        return [""] * len(frame)
    return ["" if pd.isna(value) else str(value) for value in frame[name]]


def _levels(frame: gpd.GeoDataFrame, tags: pd.DataFrame) -> IntArray:
    """0 on the ground; another number for each (layer, bridge, tunnel)."""
    known = "layer" in frame
    layer = pd.to_numeric(frame["layer"], errors="coerce") if known else pd.Series(0, tags.index)
    storey = layer.fillna(0).to_numpy(dtype=float).round().clip(-100, 100).astype(np.int64)
    level: IntArray = 4 * storey + 2 * tags["is_bridge"].to_numpy() + tags["is_tunnel"].to_numpy()
    return level


def _raw_ways(lines: npt.NDArray[Any], tags: pd.DataFrame, level: IntArray) -> RawWays:
    xy_m, owner = shapely.get_coordinates(lines, return_index=True)
    far = ~np.isfinite(xy_m) | (np.abs(xy_m) > 1e9)
    cm = np.where(far, -1e11, np.round(xy_m * 100.0)).astype(np.int64)
    _, place = np.unique(cm, axis=0, return_inverse=True)
    place = place.ravel()
    is_end = np.ones(len(owner), dtype=bool)
    is_end[1:-1] = (owner[1:-1] != owner[:-2]) | (owner[1:-1] != owner[2:])
    key = np.column_stack([place, _meeting_level(place, level[owner], is_end)])
    _, first, refs = np.unique(key, axis=0, return_index=True, return_inverse=True)
    return RawWays(
        tags=tags,
        counts=np.bincount(owner, minlength=len(lines)).astype(np.int64),
        refs=refs.ravel().astype(np.int64),
        vertex_xy_m=cm[first] / 100.0,
    )


def _meeting_level(place: IntArray, level: IntArray, is_end: BoolArray) -> IntArray:
    """The level at which each vertex meets others at its place.

    Where no line ends, levels stay apart: a bridge over a road. Where one ends, all that is on
    the ground meets it, and so does any level that has an end there itself: the foot of a bridge.
    Where nothing passes on the ground, the end meets every level: steps up to a bridge.
    """
    size = int(place.max()) + 1 if len(place) else 0
    has_end, has_ground = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    has_end[place[is_end]] = True
    has_ground[place[~is_end & (level == 0)]] = True
    code = place * 1024 + level + 512  # levels stay within 403 of the ground
    ends_here = np.isin(code, code[is_end])
    passes_over = has_ground[place] & ~ends_here
    return np.where(~has_end[place] | passes_over, level, 0)
