"""Planar kernel density along streets: for comparison only, never for a weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from corridors.arrays import FloatArray, IntArray
from corridors.errors import InputError
from corridors.model import Network
from corridors.tables import Segments

POINT_STEP_M = 20.0
_AT_ONCE = 4096  # positions of incidents held in memory together


@dataclass(frozen=True)
class Plane:
    """Positions as a flat map sees them, EPSG:27700.

    ``point_xy_m`` (p, 2) stand along the segments, ``first`` (n + 1) says which are whose;
    ``incident_xy_m`` is (k, 2).
    """

    point_xy_m: FloatArray
    first: IntArray
    incident_xy_m: FloatArray


def plane_of(network: Network, segment_id: IntArray, offset_m: FloatArray) -> Plane:
    """Points at most 20 m apart along every segment, and where incidents stand on the plane.

    Parameters
    ----------
    network : n segments, EPSG:27700.
    segment_id, offset_m : (k) incidents; metres from the u end.
    """
    lines = network.segments.geometry.to_numpy()
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    count = np.maximum(1, np.ceil(length_m / POINT_STEP_M)).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(count)])
    owner = np.repeat(np.arange(len(count)), count)
    at = (np.arange(len(owner)) - first[owner] + 0.5) / count[owner]
    points = shapely.line_interpolate_point(lines[owner], at, normalized=True)
    share = np.clip(offset_m / length_m[segment_id], 0.0, 1.0)
    stands = shapely.line_interpolate_point(lines[segment_id], share, normalized=True)
    return Plane(
        shapely.get_coordinates(points), first, shapely.get_coordinates(stands).reshape(-1, 2)
    )


def planar_density(plane: Plane, weight: FloatArray, *, bandwidth_m: float) -> FloatArray:
    r"""Planar quartic density [1]_ averaged over the points of each segment.

    .. math:: f(s) = \sum_{d_i < h} w_i \frac{3}{\pi h^2} (1 - d_i^2 / h^2)^2

    Parameters
    ----------
    weight : (k, c) 0 or more. bandwidth_m : kernel radius h > 0, metres.

    Returns
    -------
    (n, c) weight per square metre. Made a density of the network by dividing by its sum over
    streets, which is the caller's to do.

    Raises
    ------
    InputError
        If the bandwidth is not positive.

    References
    ----------
    .. [1] Silverman (1986), Density Estimation, section 4.2.
    """
    if not bandwidth_m > 0:
        raise InputError("the bandwidth must be positive", value=bandwidth_m)
    at_m, whose = np.unique(plane.incident_xy_m, axis=0, return_inverse=True)
    mass = np.zeros((len(at_m), weight.shape[1]))
    np.add.at(mass, whose.reshape(-1), weight)
    at_points = np.zeros((len(plane.point_xy_m), weight.shape[1]))
    points = KDTree(plane.point_xy_m)
    for start in range(0, len(at_m), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        at_points += _kernel(points, at_m[some], bandwidth_m) @ mass[some]
    count = np.diff(plane.first)[:, None]
    out: FloatArray = np.add.reduceat(at_points, plane.first[:-1], axis=0) / count
    return out


def _kernel(points: KDTree, at_m: FloatArray, bandwidth_m: float) -> csr_array:
    """(p, places) quartic kernel of every pair nearer than the bandwidth."""
    pairs = points.sparse_distance_matrix(KDTree(at_m), bandwidth_m, output_type="coo_matrix")
    shape = 3 / (np.pi * bandwidth_m**2) * (1 - (pairs.data / bandwidth_m) ** 2) ** 2
    return csr_array((shape, (pairs.row, pairs.col)), shape=pairs.shape)
