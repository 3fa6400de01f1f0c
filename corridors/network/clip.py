"""Cut links at the edge of the area that is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from corridors.arrays import BoolArray
from corridors.network.links import Links

_SAME_POINT_M = 1e-6


def clip(links: Links, area: BaseGeometry) -> tuple[Links, BoolArray]:
    """The parts of ``links`` inside ``area``, and the vertices where something was cut off.

    Parameters
    ----------
    links : any links.
    area : Polygon or MultiPolygon, EPSG:27700.

    Returns
    -------
    Links with the vertices where lines cross the edge added at the end, and (n,) truth values:
    the network goes on beyond this vertex, it is no real dead end.
    """
    shapely.prepare(area)
    lines = links.lines()
    inside = shapely.covers(area, lines)
    crossing = np.flatnonzero(~inside & shapely.intersects(area, lines))
    parts, at = shapely.get_parts(shapely.intersection(lines[crossing], area), return_index=True)
    real = (shapely.get_type_id(parts) == 1) & (shapely.length(parts) > _SAME_POINT_M)
    source = crossing[at[real]]
    xy_m = shapely.get_coordinates(parts[real]).reshape(-1, 2, 2)
    ends, is_old = _ends_of_parts(links, xy_m, source)
    clipped = _loses_a_link(links, inside, source, ends)
    everything = replace(
        links.only(np.concatenate([np.flatnonzero(inside), source])),
        xy_m=np.vstack([links.xy_m, xy_m[~is_old]]),
        ends=np.vstack([links.ends[inside], ends]),
    )
    return everything, np.concatenate([clipped, np.ones(int((~is_old).sum()), dtype=bool)])


def _ends_of_parts(
    links: Links, xy_m: npt.NDArray[np.float64], source: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], BoolArray]:
    """(p, 2) vertices that straight parts run between, and which of them were there before."""
    ends = np.full((len(source), 2), -1, dtype=np.int64)
    for side in (0, 1):
        old = links.ends[source, side][:, None]
        gap = xy_m - links.xy_m[old]
        ends = np.where(np.hypot(gap[..., 0], gap[..., 1]) <= _SAME_POINT_M, old, ends)
    is_old: BoolArray = ends >= 0
    ends[~is_old] = len(links.xy_m) + np.arange(int((~is_old).sum()))
    return ends, is_old


def _loses_a_link(
    links: Links, inside: BoolArray, source: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> BoolArray:
    """(n,) vertices that some link left, or where a link left no part."""
    lost = np.repeat(~inside[:, None], 2, axis=1)
    for side in (0, 1):
        stays = (links.ends[source, side][:, None] == ends).any(axis=1)
        lost[source[stays], side] = False
    clipped: npt.NDArray[Any] = np.zeros(len(links.xy_m), dtype=bool)
    clipped[links.ends[lost]] = True
    return clipped
