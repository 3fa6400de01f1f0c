"""Ways for people on foot that are drawn apart from the street they follow.

Sidewalks of the high street and the main road, crossings, one footbridge and the way to the
station: what makes real extracts hard, because most of them carry no name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shapely import LineString, STRtree
from shapely.ops import nearest_points

from corridors.demo.ground import STREET, Ground, Line
from corridors.demo.polyline import Point, Points, beside, cut, shifted
from corridors.demo.polyline import length_m as line_m

_SIDEWALK: Final = {"highway": "footway", "footway": "sidewalk"}
_CROSSING: Final = {"highway": "footway", "footway": "crossing"}
_ROADS: Final = ("secondary", "tertiary", "residential", "service", "construction")
_HIGH_M, _MAIN_M = 7.5, 13.5  # sidewalk from the centre line


@dataclass(frozen=True)
class Spot:
    """A node with tags. ``on_way``: it is the vertex of a way at or near this place."""

    at: Point
    tags: dict[str, str]
    on_way: bool = False


@dataclass(frozen=True)
class Footways:
    """Lines and tagged nodes to add to the ground."""

    lines: tuple[Line, ...]
    spots: tuple[Spot, ...]


def add(ground: Ground) -> Footways:
    """Sidewalks, crossings, footbridge and station."""
    roads = [
        line
        for line in ground.lines
        if line.layer == STREET and line.level == 0 and line.tags["highway"] in _ROADS
    ]
    lines: list[Line] = []
    spots: list[Spot] = []
    for base, limit, side_m, lanes in (
        (ground.high, 1260.0, _HIGH_M, (0.0,)),
        (ground.main, 1080.0, _MAIN_M, (-7.0, 7.0)),
    ):
        part = _between_x(base, limit)
        others = [r for r in roads if r.rank not in ("high", "main")]
        busy = _meetings(part, others, side_m)
        lines += _sidewalks(part, others, side_m)
        places = _quiet_places(line_m(part), busy)
        for along in places:
            ends = (beside(part, along, side_m), beside(part, along, -side_m))
            lines.append(Line(ends, _CROSSING, "crossing"))
            spots += [
                Spot(beside(part, along, lane), {"highway": "crossing"}, on_way=True)
                for lane in lanes
            ]
        if base is ground.main:
            lines += _footbridge(part, _middle_gap(places, line_m(part)), ground.town)
    approach, station = _station(ground)
    return Footways((*lines, approach), (*spots, station))


def _between_x(points: Points, limit: float) -> Points:
    line = LineString(points)
    marks = [
        line.project(LineString([(x, -3e3), (x, 3e3)]).intersection(line)) for x in (-limit, limit)
    ]
    return cut(points, *marks)


def _sidewalks(part: Points, others: list[Line], side_m: float) -> Iterator[Line]:
    """Both sides, broken into sidewalk and crossing at each side street."""
    tree = STRtree([LineString(o.points) for o in others])
    for side in (side_m, -side_m):
        walk = shifted(part, side)
        shape = LineString(walk)
        marks = []
        for i in sorted(tree.query(shape, predicate="intersects")):
            meeting = shape.intersection(LineString(others[i].points))
            marks += [shape.project(p) for p in getattr(meeting, "geoms", [meeting])]
        done = 0.0
        for mark in sorted(marks):
            if mark - 3.5 > done + 1.0:
                yield Line(cut(walk, done, mark - 3.5), _SIDEWALK, "sidewalk")
                done = mark - 3.5
            yield Line(cut(walk, done, mark + 3.5), _CROSSING, "crossing")
            done = mark + 3.5
        if line_m(walk) - done > 1.0:
            yield Line(cut(walk, done, math.inf), _SIDEWALK, "sidewalk")


def _meetings(part: Points, others: list[Line], side_m: float) -> list[float]:
    """Where side streets come near, along the base."""
    shape = LineString(part)
    tree = STRtree([LineString(o.points) for o in others])
    near = sorted(tree.query(shape, predicate="dwithin", distance=side_m + 1))
    return sorted(
        float(shape.project(nearest_points(shape, LineString(others[i].points))[0])) for i in near
    )


def _quiet_places(size_m: float, busy: list[float]) -> list[float]:
    """Roughly every 150 m, and never within 14 m of a side street."""
    found: list[float] = []
    along = 60.0
    while along < size_m - 30:
        if all(abs(along - b) > 14 for b in busy):
            found.append(round(along, 1))
            along += 150.0
        else:
            along += 6.0
    return found


def _middle_gap(places: list[float], size_m: float) -> float:
    """Half way between the two crossings nearest to the middle."""
    i = min(range(len(places) - 1), key=lambda k: abs(places[k] + places[k + 1] - size_m))
    return (places[i] + places[i + 1]) / 2


def _footbridge(part: Points, along: float, town: str) -> Iterator[Line]:
    """Steps up, over both carriageways, and steps down."""
    steps = {"highway": "steps", "step_count": "28", "handrail": "yes"}
    tops = [beside(part, along, side * (_MAIN_M + 2.5)) for side in (1, -1)]
    for side, top in zip((1, -1), tops, strict=True):
        foot = beside(part, along - 14, side * _MAIN_M)
        yield Line((foot, top), steps, "steps")
    over = {"highway": "footway", "bridge": "yes", "layer": "1", "name": f"{town} Footbridge"}
    yield Line((tops[0], tops[1]), over, "footbridge", level=1)


def _station(ground: Ground) -> tuple[Line, Spot]:
    """The station beside the line, east of the road bridge, and the way to its door."""
    bridge = next(
        line for line in ground.lines if line.level == 1 and line.tags.get("bridge") == "yes"
    )
    south, north = sorted((bridge.points[0], bridge.points[-1]), key=lambda p: p[1])
    heading = (north[0] - south[0], north[1] - south[1])
    size = math.hypot(*heading)
    ux, uy = heading[0] / size, heading[1] / size
    door = (round(north[0] + uy * 46 - ux * 6, 2), round(north[1] - ux * 46 - uy * 6, 2))
    start = (round(north[0] + ux * 5, 2), round(north[1] + uy * 5, 2))
    tags = {"highway": "service", "name": "Station Approach"}
    place = (round(door[0] + uy * 8, 2), round(door[1] - ux * 8, 2))
    station = Spot(place, {"railway": "station", "name": ground.town, "train": "yes"})
    return Line((start, door), tags, "service"), station
