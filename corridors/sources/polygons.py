"""Polygons from shape files: read with care, brought to EPSG:27700, made valid."""

from __future__ import annotations

import glob
import hashlib
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from corridors.crs import EAST_LIMIT_M, GEOGRAPHIC, METRIC, NORTH_LIMIT_M, to_metric
from corridors.errors import CrsError, InputError
from corridors.sources.cells import split_part
from corridors.sources.csvs import printable, require_file, sha256_of
from corridors.sources.database import Query, read_query_shapes
from corridors.sources.parquets import is_parquet, read_shapes

_SHAPEFILE_PARTS: Final = (".shx", ".dbf")
# First bytes by suffix. GDAL would otherwise choose a driver by content, and some of its drivers
# fetch what a file tells them to.
_BEGINNINGS: Final = {
    ".geojson": re.compile(rb"(?:\xef\xbb\xbf)?\s*\{"),
    ".json": re.compile(rb"(?:\xef\xbb\xbf)?\s*\{"),
    ".gpkg": re.compile(rb"SQLite format 3\0"),
    ".shp": re.compile(rb"\x00\x00\x27\x0a"),
    ".parquet": re.compile(rb"PAR1"),
}

# What pyogrio raises for damaged files; UnboundLocalError for a coordinate system that is no UTF-8.
UNREADABLE: Final = (
    pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.GEOSException,
    ValueError, TypeError, KeyError, RuntimeError, UnboundLocalError,
)  # fmt: skip


@dataclass(frozen=True)
class ReadShapes:
    """Shapes with the wanted columns; ``header`` names all columns that there are."""

    frame: gpd.GeoDataFrame
    header: tuple[str, ...]
    sha256: str


def read_polygons(
    path: Path | Query, file: str, wanted: Callable[[str], bool], *, kind: str = "Polygon"
) -> ReadShapes:
    """Shapes as they stand, if the file's beginning is what its ending says.

    Parameters
    ----------
    path : GeoJSON, GeoPackage (``#layer`` if it has several), shapefile, GeoParquet, or a query.
    wanted : which columns to keep, by name.
    kind : of the layer to take, where a file has several and none is named.

    Raises
    ------
    InputError
        If it is missing, of another kind, damaged, or holds no shapes.
    """
    if isinstance(path, Query):
        found = read_query_shapes(path, file, wanted)
        return ReadShapes(found.frame, found.header, found.sha256)
    require_kind(path, file)
    raw = read_shapes(path, file) if is_parquet(path) else _read_file(path, file, kind)
    shapes = raw.geometry.name
    header = tuple(str(name) for name in raw.columns)
    kept = raw[[name for name in raw.columns if wanted(str(name)) or name == shapes]]
    return ReadShapes(gpd.GeoDataFrame(kept), header, polygons_sha256(path))


def require_kind(path: Path, file: str) -> None:
    """Raise unless a file of shapes begins as its ending says, and a shapefile is whole.

    Raises
    ------
    MissingFileError, InputError
    """
    require_file(path, file)
    path = split_part(path)[0]
    beginning = _BEGINNINGS.get(path.suffix.lower())
    if beginning is None:
        raise InputError(
            f"shapes cannot be read from {path.suffix or 'a file without ending'}", file=file,
            fix=f"Use one of {', '.join(sorted(_BEGINNINGS))}",
        )  # fmt: skip
    with path.open("rb") as handle:
        if not beginning.match(handle.read(64)):
            raise InputError(
                f"is not what its ending {path.suffix} says", file=file, fix="Download it again"
            )
    beside = {other.suffix.lower() for other in path.parent.glob(f"{glob.escape(path.stem)}.*")}
    missing = [part for part in _SHAPEFILE_PARTS if part not in beside]
    if path.suffix.lower() == ".shp" and missing:
        raise InputError(
            f"lacks its {' and '.join(missing)}", file=file,
            fix="Put all files of the shapefile (.shp, .shx, .dbf, .prj) into one folder",
        )  # fmt: skip


def chosen_layer(path: Path, file: str, kind: str) -> str:
    """The layer of ``path#layer``, or the one whose geometry is of ``kind`` (``"Polygon"``).

    Raises
    ------
    InputError
        If there is no such layer, or several and none was named.
    """
    path, wanted = split_part(path)
    layers = [(str(name), str(shape)) for name, shape in pyogrio.list_layers(path)]
    names = [name for name, _ in layers]
    fitting = [name for name, shape in layers if kind in shape or shape == "Unknown"]
    if wanted in names:
        return wanted
    if not wanted and (len(fitting) == 1 or len(layers) == 1):
        return fitting[0] if fitting else names[0]
    raise InputError(
        "has no such layer" if wanted else f"has {len(fitting)} layers that may be meant",
        file=file, value=wanted or None,
        fix=f"Name one as FILE#LAYER; it has {', '.join(map(printable, names[:8]))}",
    )  # fmt: skip


def _read_file(path: Path, file: str, kind: str) -> gpd.GeoDataFrame:
    try:
        with warnings.catch_warnings():
            # What GDAL only warns of, the checks below refuse in words for people.
            warnings.simplefilter("ignore")
            layer = chosen_layer(path, file, kind)
            raw = gpd.read_file(split_part(path)[0], layer=layer, engine="pyogrio")
    except InputError:
        raise
    except UNREADABLE as error:
        raise InputError("cannot be read as shapes", file=file, fix="Download it again") from error
    if not isinstance(raw, gpd.GeoDataFrame):
        raise InputError("holds no shapes, only a table", file=file, fix="Save it with its shapes")
    return raw


def metric_polygons(raw: gpd.GeoDataFrame, codes: pd.Series[Any], file: str) -> list[BaseGeometry]:
    """Valid polygons in EPSG:27700, one a row; ``codes`` name the rows in messages.

    Raises
    ------
    CrsError
        Without a coordinate system, or outside Great Britain.
    InputError
        For a row without area.
    """
    if raw.crs is None:
        raise CrsError(
            "has no coordinate system", file=file, fix="Save it with EPSG:4326 or EPSG:27700"
        )
    try:
        source = raw if raw.crs == METRIC else raw.to_crs(GEOGRAPHIC)
    except ProjError as error:
        raise CrsError(
            "has a coordinate system that cannot be used", file=file,
            fix="Save it with EPSG:4326 or EPSG:27700",
        ) from error  # fmt: skip
    made = []
    for code, shape in zip(codes, source.geometry, strict=True):
        polygon = _polygon(shape, is_metric=raw.crs == METRIC)
        if polygon is None:
            raise InputError(
                "has no area, or cannot be drawn", file=file, value=code, fix="Download it again"
            )
        west, south, east, north = polygon.bounds
        if not (west >= 0 and east <= EAST_LIMIT_M and south >= 0 and north <= NORTH_LIMIT_M):
            raise CrsError(
                "lies outside Great Britain", file=file, value=code,
                fix="Its coordinates are not in the system that the file claims",
            )  # fmt: skip
        made.append(polygon)
    return made


def _polygon(shape: BaseGeometry | None, *, is_metric: bool) -> BaseGeometry | None:
    """``shape`` as a valid polygon in EPSG:27700, or None if nothing is left of it."""
    if shape is None or shape.is_empty:
        return None
    try:
        flat = shapely.force_2d(shape)
        moved = flat if is_metric else shapely.transform(flat, _to_metric)
        if not np.isfinite(shapely.get_coordinates(moved)).all():
            return None
        valid = moved if moved.is_valid else shapely.make_valid(moved)
        parts = [p for p in shapely.get_parts(valid, return_index=False) if p.area > 0]
        whole = shapely.union_all(parts) if len(parts) > 1 else (parts[0] if parts else None)
    except shapely.GEOSException:
        return None
    if whole is None or whole.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    return shapely.normalize(whole)


def _to_metric(lon_lat: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
    return np.column_stack(to_metric(lon_lat[:, 0], lon_lat[:, 1]))


def polygons_sha256(path: Path) -> str:
    """Hash of the file; of a shapefile's parts together, as each holds part of the meaning."""
    if path.suffix.lower() != ".shp":
        return sha256_of(path)
    parts = sorted(path.parent.glob(f"{glob.escape(path.stem)}.*"))
    return hashlib.sha256("".join(sha256_of(part) for part in parts).encode()).hexdigest()
