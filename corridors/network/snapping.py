"""Snap points to the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.errors import InputError
from corridors.model import Network
from corridors.tables import Segments

SEGMENT_ID = Segments.index
OFFSET_M = "offset_m"
DISTANCE_M = "distance_m"


def snap(
    network: Network,
    x_m: npt.ArrayLike,
    y_m: npt.ArrayLike,
    *,
    reach_m: float,
    among: BoolArray | None = None,
) -> pd.DataFrame:
    """Find the nearest segment of each point.

    Parameters
    ----------
    network : its segments, n of them.
    x_m, y_m : (k,) metres, EPSG:27700.
    reach_m : points farther than this from every segment are not snapped; > 0.
    among : (n,) truth values, the segments that may be chosen; None allows all.

    Returns
    -------
    One row per point, with the index of ``x_m`` if that is a Series: ``segment_id`` (int64; -1
    if nothing is within reach, or the point has no finite position), ``offset_m`` from the
    segment's u end and ``distance_m`` (both empty where the id is -1). Of segments equally near
    the lowest id is chosen.

    Raises
    ------
    InputError
        If ``reach_m`` is not positive.
    """
    allowed = np.arange(len(network.segments)) if among is None else np.flatnonzero(among)
    found = snap_to(
        network.segments.geometry.to_numpy()[allowed],
        network.segments.index.to_numpy()[allowed],
        x_m,
        y_m,
        reach_m=reach_m,
    )
    return pd.DataFrame(
        {
            SEGMENT_ID: found.segment_id,
            OFFSET_M: found.offset_m,
            DISTANCE_M: found.distance_m,
        },
        index=x_m.index if isinstance(x_m, pd.Series) else None,
    )


@dataclass(frozen=True)
class Snapped:
    """Of k points the nearest line: its id (-1: none within reach), offset and distance (empty)."""

    segment_id: IntArray
    offset_m: FloatArray
    distance_m: FloatArray


def snap_to(
    lines: npt.NDArray[Any],
    ids: IntArray,
    x_m: npt.ArrayLike,
    y_m: npt.ArrayLike,
    *,
    reach_m: float,
) -> Snapped:
    """Find the nearest of ``lines`` for each point, as ``snap``.

    Parameters
    ----------
    lines, ids : (n,) LineStrings in EPSG:27700 and what they are called.

    Raises
    ------
    InputError
        If ``reach_m`` is not positive.
    """
    if not reach_m > 0:
        raise InputError(f"reach_m must be above 0 m, not {reach_m}")
    xy_m = np.column_stack([np.asarray(x_m, dtype=float), np.asarray(y_m, dtype=float)])
    points = shapely.points(np.where(np.isfinite(xy_m), xy_m, 0.0))
    # Slightly wider than asked for: the exact test follows.
    point, at = shapely.STRtree(lines).query_nearest(
        points, max_distance=reach_m * (1 + 1e-9), all_matches=True
    )
    order = np.lexsort([ids[at], point])
    nearest = order[np.r_[True, np.diff(point[order]) != 0]] if len(order) else order
    distance = shapely.distance(points[point[nearest]], lines[at[nearest]])
    within = (distance <= reach_m) & np.isfinite(xy_m[point[nearest]]).all(axis=1)
    nearest = nearest[within]
    rows = point[nearest]
    segment_id = np.full(len(points), -1, dtype=np.int64)
    offset_m = np.full(len(points), np.nan)
    distance_m = np.full(len(points), np.nan)
    segment_id[rows] = ids[at[nearest]]
    offset_m[rows] = shapely.line_locate_point(lines[at[nearest]], points[rows])
    distance_m[rows] = distance[within]
    return Snapped(segment_id, offset_m, distance_m)
