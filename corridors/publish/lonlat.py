"""Geometry for pages: longitude and latitude (EPSG:4326), rounded, in that order."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from corridors.crs import to_geographic

DECIMALS: Final = 6  # 0.1 m
PUBLIC_DECIMALS: Final = 5  # 1 m

LonLat = tuple[float, float]


def point(x_m: float, y_m: float, decimals: int = DECIMALS) -> LonLat:
    """One position (degrees) from EPSG:27700 metres."""
    return _pairs(np.array([[x_m, y_m]]), decimals)[0]


def lines(geometries: Iterable[BaseGeometry], decimals: int = DECIMALS) -> list[tuple[LonLat, ...]]:
    """Lines (degrees) of EPSG:27700 lines, multi-lines and outlines, in the order given."""
    parts = shapely.get_parts(np.array(list(geometries), dtype=object))
    if not len(parts):
        return []
    xy_m, part = shapely.get_coordinates(parts, return_index=True)
    pairs = _pairs(xy_m, decimals)
    starts = [*np.searchsorted(part, np.arange(len(parts))).tolist(), len(pairs)]
    return [_without_repeats(pairs[a:b]) for a, b in pairwise(starts) if b - a > 1]


def geometry(shape: BaseGeometry, decimals: int = DECIMALS) -> dict[str, Any]:
    """GeoJSON geometry (degrees) of an EPSG:27700 shape."""

    def convert(xy: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.array(_pairs(xy, decimals))

    mapped: dict[str, Any] = shapely.geometry.mapping(
        shapely.transform(shapely.force_2d(shape), convert)
    )
    return mapped


def _pairs(xy_m: np.ndarray[Any, Any], decimals: int) -> list[LonLat]:
    lon, lat = to_geographic(xy_m[:, 0], xy_m[:, 1])
    # Adding zero turns -0.0 into 0.0.
    rounded = np.round(np.column_stack([lon, lat]), decimals) + 0.0
    return [(a, b) for a, b in rounded.tolist()]


def _without_repeats(pairs: list[LonLat]) -> tuple[LonLat, ...]:
    kept = [pairs[0]]
    for pair in pairs[1:]:
        if pair != kept[-1]:
            kept.append(pair)
    return tuple(kept)
