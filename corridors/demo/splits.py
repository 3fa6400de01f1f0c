"""Where to draw a street through a block: candidates, and what speaks against them.

Plain Python on a handful of vertices: this runs ten thousand times for a town.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from shapely import Polygon

from corridors.demo.draws import between
from corridors.demo.polyline import Point, Points, rounded

_NEAR_MISS_M = 30.0  # two junctions closer than this are one, or a fault
_SHARP_SINE = 0.80  # about 53 degrees
WORST_COST = 3.0


@dataclass(frozen=True)
class Frame:
    """The tightest rectangle round a block; ``way`` is the unit vector of its longer side."""

    centre: Point
    way: Point
    long_m: float
    wide_m: float


def frame(area: Polygon) -> Frame:
    """The rectangle of least area round ``area``.

    Own code because GEOS changed which of several rectangles it returns between releases.
    """
    hull = [(float(x), float(y)) for x, y in area.convex_hull.exterior.coords]
    best: tuple[float, Frame] | None = None
    for (ax, ay), (bx, by) in itertools.pairwise(hull):
        size = math.hypot(bx - ax, by - ay)
        if size < 1.0:
            continue
        ux, uy = (bx - ax) / size, (by - ay) / size
        along = [x * ux + y * uy for x, y in hull]
        across = [y * ux - x * uy for x, y in hull]
        spans = max(along) - min(along), max(across) - min(across)
        key = round(spans[0] * spans[1], 3)
        if best is None or key < best[0]:
            u, v = (max(along) + min(along)) / 2, (max(across) + min(across)) / 2
            way = (ux, uy) if spans[0] >= spans[1] else (-uy, ux)
            centre = (ux * u - uy * v, uy * u + ux * v)
            best = (key, Frame(centre, way, max(spans), min(spans)))
    assert best is not None
    return best[1]


def best_split(
    area: Polygon,
    around: Frame,
    junctions: list[Point],
    rng: np.random.Generator,
    *,
    across: bool,
) -> Points:
    """The least bad of a few streets through ``area``, or nothing.

    Parameters
    ----------
    area, around : the block, local metres, and its frame.
    junctions : where streets meet already.
    across : cut across the longer side, or along it.

    Returns
    -------
    The street's two ends, on the outline; ``()`` if every candidate is bad.
    """
    outline = [(float(x), float(y)) for x, y in area.exterior.coords]
    low_x, low_y, high_x, high_y = area.bounds
    near = [
        (x, y)
        for x, y in junctions
        if low_x - 40 < x < high_x + 40 and low_y - 40 < y < high_y + 40
    ]
    # Large blocks may turn a little, so that districts do not all look north.
    tilt_limit = 0.40 if area.area > 120_000 else 0.15
    best: tuple[float, Points] = (math.inf, ())
    for _ in range(14):
        tilt = between(rng, -tilt_limit, tilt_limit)
        shift = between(rng, -0.13, 0.13)
        points = _street(outline, around, near, (tilt, shift, across))
        cost = _cost(outline, points, near) + between(rng, 0.0, 0.2)
        if cost < best[0]:
            best = (cost, points)
    return best[1] if best[0] <= WORST_COST else ()


def _street(
    outline: list[Point], around: Frame, near: list[Point], how: tuple[float, float, bool]
) -> Points:
    tilt, shift, across = how
    ux, uy = around.way
    move = shift * (around.long_m if across else around.wide_m)
    if across:
        ux, uy = -uy, ux
    start = (around.centre[0] - uy * move, around.centre[1] + ux * move)
    hits = _hits(outline, start, (ux - uy * tilt, uy + ux * tilt))
    if len(hits) != 2:
        return ()
    return rounded(_snapped(outline, hit, near) for hit in hits)


def _hits(outline: list[Point], start: Point, way: Point) -> list[Point]:
    """Where the straight line through ``start`` crosses the outline, in order along it."""
    found: list[tuple[float, Point]] = []
    for a, b in itertools.pairwise(outline):
        ax, ay, bx, by = a[0] - start[0], a[1] - start[1], b[0] - start[0], b[1] - start[1]
        left, right = way[0] * ay - way[1] * ax, way[0] * by - way[1] * bx
        if (left > 0) != (right > 0):
            share = left / (left - right)
            x, y = ax + (bx - ax) * share, ay + (by - ay) * share
            found.append((x * way[0] + y * way[1], (x + start[0], y + start[1])))
    return [p for _, p in sorted(found)]


def _snapped(outline: list[Point], end: Point, near: list[Point]) -> Point:
    """The junction close to ``end`` on the outline, or ``end``."""
    close = min(near, key=lambda p: math.dist(p, end), default=None)
    if close is None or math.dist(close, end) >= _NEAR_MISS_M:
        return end
    touches = any(_gap(a, b, close) < 0.05 for a, b in itertools.pairwise(outline))
    return close if touches else end


def _cost(outline: list[Point], points: Points, near: list[Point]) -> float:
    """Near-misses of junctions and sharp corners cost; no street at all costs most."""
    if len(points) < 2 or math.dist(points[0], points[1]) < _NEAR_MISS_M:
        return 9.0
    cost = 0.0
    for end, other in (points, points[::-1]):
        gap = min((math.dist(p, end) for p in near), default=math.inf)
        cost += 1.2 if 0.05 < gap < _NEAR_MISS_M else 0.0
        cost += max(0.0, 3.2 * (_SHARP_SINE - _least_sine(outline, end, other)))
    return cost


def _least_sine(outline: list[Point], end: Point, other: Point) -> float:
    """Sine of the sharpest angle at ``end`` between the street to ``other`` and the outline."""
    size = math.dist(end, other)
    hx, hy = (other[0] - end[0]) / size, (other[1] - end[1]) / size
    least = 1.0
    for a, b in itertools.pairwise(outline):
        if _gap(a, b, end) > 0.1:
            continue
        for corner in (a, b):
            reach = math.dist(corner, end)
            ex, ey = corner[0] - end[0], corner[1] - end[1]
            if reach > 6.0 and ex * hx + ey * hy > 0:
                least = min(least, abs(ex * hy - ey * hx) / reach)
    return least


def _gap(a: Point, b: Point, p: Point) -> float:
    """Distance from ``p`` to the piece from ``a`` to ``b``."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    size = dx * dx + dy * dy
    share = 0.0 if size == 0 else ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / size
    share = min(1.0, max(0.0, share))
    return math.hypot(a[0] + dx * share - p[0], a[1] + dy * share - p[1])
