"""Lines as lists of points, in local metres (east, north of the town's middle).

Every function returns points rounded to the centimetre: differences in the last bit between
machines end here and never reach a decision or a file.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from shapely import LineString, Polygon
from shapely.ops import substring

from corridors.arrays import FloatArray

Point = tuple[float, float]
Points = tuple[Point, ...]


@dataclass(frozen=True)
class Waves:
    """A smooth field that bends a town drawn with straight lines.

    ``kx``, ``ky`` (rad/m), ``phase`` (rad), ``dx``, ``dy`` (m) are (k,) arrays.
    """

    kx: FloatArray
    ky: FloatArray
    phase: FloatArray
    dx: FloatArray
    dy: FloatArray


def rounded(points: Iterable[Sequence[float]]) -> Points:
    """To the centimetre, without repeats; ``-0.0`` becomes ``0.0``."""
    found: list[Point] = []
    for p in points:
        q = (round(float(p[0]), 2) + 0.0, round(float(p[1]), 2) + 0.0)
        if not found or found[-1] != q:
            found.append(q)
    return tuple(found)


def length_m(points: Points) -> float:
    """Length along the line."""
    return sum(math.dist(a, b) for a, b in itertools.pairwise(points))


def dense(points: Points, step_m: float) -> Points:
    """The same line with a vertex at least every ``step_m``."""
    found = [points[0]]
    for (ax, ay), (bx, by) in itertools.pairwise(points):
        parts = max(1, math.ceil(math.hypot(bx - ax, by - ay) / step_m))
        found += [(ax + (bx - ax) * i / parts, ay + (by - ay) * i / parts) for i in range(1, parts)]
        found.append((bx, by))
    return rounded(found)


def bent(points: Points, waves: Waves) -> Points:
    """Move every vertex by the field."""
    xy = np.asarray(points, dtype=float)
    turn = np.sin(np.outer(xy[:, 0], waves.kx) + np.outer(xy[:, 1], waves.ky) + waves.phase)
    return rounded(xy + np.column_stack([turn @ waves.dx, turn @ waves.dy]))


def simplified(points: Points, tolerance_m: float) -> Points:
    """Without the vertices that hardly matter; the ends stay."""
    return rounded(LineString(points).simplify(tolerance_m).coords)


def cut(points: Points, start_m: float, end_m: float) -> Points:
    """The part between two distances along the line; empty if nothing is left."""
    line = LineString(points)
    low, high = max(0.0, start_m), min(line.length, end_m)
    return rounded(substring(line, low, high).coords) if high - low > 0.05 else ()


def at(points: Points, along_m: float) -> tuple[Point, Point]:
    """The point at a distance along the line, and the unit direction there."""
    left = along_m
    for i, (a, b) in enumerate(itertools.pairwise(points)):
        piece = math.dist(a, b)
        if left <= piece or i == len(points) - 2:
            share = left / piece
            way = ((b[0] - a[0]) / piece, (b[1] - a[1]) / piece)
            return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share), way
        left -= piece
    raise AssertionError("a line has at least two points")


def beside(points: Points, along_m: float, left_m: float) -> Point:
    """The point ``left_m`` to the left (negative: right) of the line."""
    (x, y), (ux, uy) = at(points, along_m)
    return (round(x - uy * left_m, 2), round(y + ux * left_m, 2))


def shifted(points: Points, left_m: float) -> Points:
    """A parallel line ``left_m`` to the left (negative: right)."""
    xy = np.asarray(points, dtype=float)
    step = np.diff(xy, axis=0)
    step /= np.hypot(step[:, 0], step[:, 1])[:, None]
    ahead, behind = np.vstack([step, step[-1]]), np.vstack([step[0], step])
    way = ahead + behind
    way /= np.hypot(way[:, 0], way[:, 1])[:, None]
    # Keep the distance from both neighbours where the line turns.
    stretch = 1.0 / np.clip((way * ahead).sum(axis=1), 0.5, 1.0)
    normal = np.column_stack([-way[:, 1], way[:, 0]])
    return rounded(xy + normal * (left_m * stretch)[:, None])


def ring(area: Polygon) -> Points:
    """The outline of a polygon, first point repeated, counter-clockwise from its lowest vertex."""
    points = rounded(area.exterior.coords)[:-1]
    if not area.exterior.is_ccw:
        points = points[::-1]
    first = points.index(min(points))
    turned = points[first:] + points[:first]
    return (*turned, turned[0])
