"""Make lines that meet share a vertex, as mapped streets do.

Bridges and tunnels share one at their ends alone; the railway shares none with any street.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely import LineString, STRtree
from shapely import Point as ShapelyPoint

from corridors.demo.ground import STREET, Line
from corridors.demo.polyline import Point, rounded

_END_REACH_M: Final = 2.0  # an end this near to a line stands on it
_MERGE_M: Final = 1.5  # vertices this near at a meeting are one


@dataclass(frozen=True)
class Joined:
    """Lines with shared vertices. ``moved`` says where a vertex went, if it moved."""

    lines: tuple[Line, ...]
    moved: Mapping[Point, Point]


def join(lines: tuple[Line, ...]) -> Joined:
    """Give lines of the street layer a common vertex wherever they meet at ground level.

    Of a few scraps at the frame that hang on nothing, only the largest piece is kept.
    """
    drawn = [line for line in lines if len(line.points) >= 2]  # a cut may have left nothing
    streets = [line for line in drawn if line.layer == STREET]
    others = [line for line in drawn if line.layer != STREET]
    weaver = _Weaver(streets)
    for i, j, meeting in _meetings(streets):
        weaver.tie(i, j, meeting)
    woven = [replace(line, points=weaver.points(i)) for i, line in enumerate(streets)]
    kept = _main_piece([line for line in woven if len(line.points) >= 2])
    return Joined((*kept, *others), weaver.moved())


def _meetings(streets: list[Line]) -> Iterator[tuple[int, int, Point]]:
    shapes = [LineString(line.points) for line in streets]
    tree = STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=_END_REACH_M)
    pairs = sorted({(int(i), int(j)) for i, j in zip(left, right, strict=True) if i < j})
    for i, j in pairs:
        a, b = streets[i], streets[j]
        if a.level == 0 and b.level == 0:
            for p in _crossings(shapes[i], shapes[j]):
                yield i, j, p
        # Where one line ends on another; an end off the ground meets ends only.
        for k, m in ((i, j), (j, i)):
            for end in (streets[k].points[0], streets[k].points[-1]):
                ends = [streets[m].points[0], streets[m].points[-1]]
                if a.level == 0 and b.level == 0:
                    meets = shapes[m].distance(ShapelyPoint(end)) <= _END_REACH_M
                else:
                    meets = min(math.dist(end, e) for e in ends) <= _END_REACH_M
                if meets:
                    yield k, m, end


def _crossings(a: LineString, b: LineString) -> list[Point]:
    found = a.intersection(b)
    points: list[Point] = []
    for part in getattr(found, "geoms", [found]):
        points += [(round(x, 2), round(y, 2)) for x, y in part.coords]
    return sorted(points)


class _Weaver:
    """Vertices of each line by distance along it, and which vertices are one."""

    def __init__(self, streets: list[Line]) -> None:
        self._shapes = [LineString(line.points) for line in streets]
        self._stops: list[list[tuple[float, Point]]] = []
        for line in streets:
            along, stops = 0.0, [(0.0, line.points[0])]
            for a, b in zip(line.points, line.points[1:], strict=False):
                along += math.dist(a, b)
                stops.append((along, b))
            self._stops.append(stops)
        self._parent: dict[Point, Point] = {}

    def tie(self, i: int, j: int, meeting: Point) -> None:
        """Let lines i and j share a vertex at ``meeting``; line j keeps its place."""
        a, b = self._root(self._stop(i, meeting)), self._root(self._stop(j, meeting))
        if a != b:
            self._parent[a] = b

    def points(self, i: int) -> tuple[Point, ...]:
        """Line i's vertices after all ties."""
        return rounded(self._root(p) for _, p in sorted(self._stops[i]))

    def moved(self) -> dict[Point, Point]:
        """Every vertex that moved, and where to."""
        return {p: self._root(p) for p in self._parent}

    def _stop(self, i: int, at: Point) -> Point:
        near = min(self._stops[i], key=lambda s: (math.dist(s[1], at), s[0]))
        if math.dist(near[1], at) <= _MERGE_M:
            return near[1]
        self._stops[i].append((float(self._shapes[i].project(ShapelyPoint(at))), at))
        return at

    def _root(self, p: Point) -> Point:
        while p in self._parent:
            p = self._parent[p]
        return p


def _main_piece(lines: list[Line]) -> list[Line]:
    number: dict[Point, int] = {}
    for line in lines:
        for p in line.points:
            number.setdefault(p, len(number))
    pairs = [
        (number[a], number[b])
        for line in lines
        for a, b in zip(line.points, line.points[1:], strict=False)
    ]
    u, v = np.asarray(pairs).T
    graph = coo_matrix((np.ones(len(u)), (u, v)), shape=(len(number), len(number)))
    _, label = connected_components(graph, directed=False)
    largest = int(np.bincount(label).argmax())
    return [line for line in lines if label[number[line.points[0]]] == largest]
