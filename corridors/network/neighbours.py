"""Which other wards streets of a ward's plan run into."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import geopandas as gpd

from corridors.model import AlsoIn, Ward
from corridors.network.cut import midpoints_inside
from corridors.tables import Segments

LEAST_M: Final = 25.0  # less of a street in a ward is how two maps draw one border


def also_in(segments: gpd.GeoDataFrame, neighbours: Iterable[Ward]) -> tuple[AlsoIn, ...]:
    """The neighbours that hold at least ``LEAST_M`` of the streets.

    A segment counts, whole, where its midpoint is; on a border that is in both wards.

    Parameters
    ----------
    segments : tables.Segments, EPSG:27700, such as those of one corridor.

    Returns
    -------
    By ward code.
    """
    found = []
    for ward in sorted(neighbours, key=lambda w: w.code):
        there = segments[midpoints_inside(segments.geometry, ward.boundary)]
        metres = float(there[Segments.length_m].sum())
        if metres >= LEAST_M:
            names = sorted({name for name in there[Segments.name] if name})
            found.append(AlsoIn(ward.code, ward.name, metres, tuple(names)))
    return tuple(found)
