"""From the drawing board to the ground: bends, bridges, carriageways, tags.

Everything that has to do with real terrain happens here: streets stop at the railway, the main
road parts into two carriageways, and one road goes over the railway, one path under it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from shapely import LineString, STRtree, box
from shapely import Point as ShapelyPoint

from corridors.demo.draws import between, chance, pick
from corridors.demo.infill import Filling
from corridors.demo.names import StreetNames
from corridors.demo.plan import DUAL_FROM_X_M, MOTORWAY_FROM_X_M, Drawing, Street, is_inner
from corridors.demo.polyline import (
    Point,
    Points,
    Waves,
    at,
    bent,
    cut,
    dense,
    rounded,
    shifted,
    simplified,
)
from corridors.demo.polyline import length_m as line_m
from corridors.demo.setting import HALF_HEIGHT_M, HALF_WIDTH_M

STREET, RAIL, AREA = "street", "rail", "area"
Tags = Mapping[str, str]

_STOP_SHORT_M: Final = 21.0  # of the railway and the motorway
_HALF_MEDIAN_M: Final = 7.0
_TAGS: Final[dict[str, dict[str, str]]] = {
    "high": {"highway": "secondary", "maxspeed": "20 mph", "sidewalk": "separate", "lit": "yes"},
    "main": {"highway": "primary", "maxspeed": "30 mph"},
    "collector": {"highway": "tertiary", "maxspeed": "20 mph"},
    "local": {"highway": "residential"},
    "crescent": {"highway": "residential"},
    "close": {"highway": "residential"},
    "private": {"highway": "residential", "access": "private"},
    "service": {"highway": "service"},
    "construction": {"highway": "construction", "construction": "residential"},
    "alley": {"highway": "footway"},
    "steps": {"highway": "footway"},
    "park_path": {"highway": "path", "foot": "yes"},
    "gate_path": {"highway": "footway"},
    "site_path": {"highway": "footway", "access": "private"},
}


@dataclass(frozen=True)
class Line:
    """A way to be: points in local metres, tags, and what it may meet.

    Lines meet where they touch if they share ``layer`` and are at ``level`` 0. Others, such as
    bridges, meet them at their ends alone.
    """

    points: Points
    tags: Tags
    rank: str
    layer: str = STREET
    level: int = 0


@dataclass(frozen=True)
class Ground:
    """The town on the ground, before its lines are joined."""

    lines: tuple[Line, ...]
    high: Points  # centre line of the high street
    main: Points  # centre line of the main road
    names: Mapping[str, str]  # of skeleton roads, by key
    town: str


def waves(rng: np.random.Generator) -> Waves:
    """Long bends, short bends and a little wobble; never so strong that streets fold."""
    rows = []
    for size_m, length_m, count in ((30.0, 1250.0, 3), (11.0, 520.0, 3), (2.2, 170.0, 4)):
        for _ in range(count):
            turn = between(rng, 0.0, 2 * math.pi)
            number = 2 * math.pi / (length_m * between(rng, 0.85, 1.2))
            push = between(rng, 0.0, 2 * math.pi)
            rows.append(
                (
                    number * math.cos(turn), number * math.sin(turn),
                    between(rng, 0.0, 2 * math.pi),
                    size_m * math.cos(push), size_m * math.sin(push),
                )
            )  # fmt: skip
    return Waves(*np.asarray(rows).T)


def on_the_ground(points: Points, field: Waves) -> Points:
    """Bend a line; few vertices are left where it is nearly straight."""
    return simplified(bent(dense(points, 16.0), field), 0.35)


def lay(drawing: Drawing, filling: Filling, field: Waves, rng: np.random.Generator) -> Ground:
    """Lay all lines on the ground, with names and tags."""
    names = StreetNames(rng)
    layer = _Layer(drawing, field, rng, names)
    lines: list[Line] = list(layer.railway())
    lines += layer.high_street()
    lines += layer.main_road()
    for street in (*drawing.streets, *filling.streets):
        if street.rank not in ("rail", "high", "main"):
            lines += layer.street(street)
    clipped = (c for line in lines for c in _clipped(line))
    return Ground(tuple(clipped), layer.high, layer.main, layer.names, layer.town)


def _clipped(line: Line) -> Iterator[Line]:
    """Only what lies in the extract."""
    frame = box(-HALF_WIDTH_M, -HALF_HEIGHT_M, HALF_WIDTH_M, HALF_HEIGHT_M)
    shape = LineString(line.points)
    if frame.contains(shape):
        yield line
        return
    inside = frame.intersection(shape)
    pieces = () if inside.is_empty else getattr(inside, "geoms", [inside])
    parts = [g for g in pieces if g.geom_type == "LineString"]
    for part in sorted(parts, key=lambda g: tuple(g.coords[0])):
        points = rounded(part.coords)
        if line_m(points) > 12:
            yield Line(points, line.tags, line.rank, line.layer, line.level)


class _Layer:
    """Knows the centre lines that other streets must respect."""

    def __init__(
        self, drawing: Drawing, field: Waves, rng: np.random.Generator, names: StreetNames
    ) -> None:
        by_key = {s.key: s for s in drawing.streets}
        self._field = field
        self._rng = rng
        self._roots = names
        self._drawn_rail = LineString(by_key["rail"].points)
        self._drawn_main = LineString(by_key["main"].points)
        self._ends = _tee_ends(drawing)
        self._opened: set[Point] = set()
        self.rail = on_the_ground(by_key["rail"].points, field)
        self.high = on_the_ground(by_key["high"].points, field)
        self.main = on_the_ground(by_key["main"].points, field)
        self._arch = on_the_ground(by_key["arch"].points, field)
        self.town = names.root()
        self.names: dict[str, str] = {
            "high": f"{self.town} High Street",
            "main": f"{names.root()} Way",
            "station": "Station Road",
            "high_west": names.name("collector"),
            "high_east": names.name("collector"),
        }

    def railway(self) -> Iterator[Line]:
        """Two tracks, on a bridge over the road called arch."""
        for side in (-2.1, 2.1):
            track = shifted(self.rail, side)
            over = _meeting(track, self._arch)
            base = {"railway": "rail", "electrified": "contact_line"}
            yield Line(cut(track, 0, over - 13), base, "rail", RAIL)
            bridge = {**base, "bridge": "yes", "layer": "1"}
            yield Line(cut(track, over - 13, over + 13), bridge, "rail", RAIL)
            yield Line(cut(track, over + 13, math.inf), base, "rail", RAIL)

    def high_street(self) -> Iterator[Line]:
        """One road with three names, as it goes on beyond the wards."""
        size = line_m(self.high)
        ends = [_along_x(self.high, x) for x in (-1290, 1290)]
        for low, high, key in (
            (0.0, ends[0], "high_west"), (ends[0], ends[1], "high"), (ends[1], size, "high_east")
        ):  # fmt: skip
            tags = {**_TAGS["high" if key == "high" else "collector"], "name": self.names[key]}
            yield Line(cut(self.high, low, high), tags, "high" if key == "high" else "collector")

    def main_road(self) -> Iterator[Line]:
        """Single in the west, two oneway carriageways, a motorway in the far east."""
        marks = [_along_x(self.main, x) for x in (DUAL_FROM_X_M, MOTORWAY_FROM_X_M)]
        name = {"name": self.names["main"]}
        yield Line(cut(self.main, 0, marks[0]), {**_TAGS["main"], **name}, "main")
        fork = at(self.main, marks[0])[0]
        for side in (-_HALF_MEDIAN_M, _HALF_MEDIAN_M):
            lane = shifted(cut(self.main, marks[0] + 45, math.inf), side)
            turn = _along_x(lane, MOTORWAY_FROM_X_M)
            dual = {**_TAGS["main"], **name, "oneway": "yes", "lanes": "2"}
            motor = {"highway": "motorway", "ref": "M999", "oneway": "yes", "maxspeed": "70 mph"}
            for points, tags, rank in (
                (rounded((fork, *cut(lane, 0, turn))), dual, "main"),
                (cut(lane, turn, math.inf), motor, "motorway"),
            ):
                # Traffic keeps left: the southern carriageway runs east.
                yield Line(points if side < 0 else points[::-1], tags, rank)

    def street(self, street: Street) -> Iterator[Line]:
        """Any other street: bent, cut back from the railway, opened to the carriageways."""
        points = self._trimmed(street)
        if not points:
            return
        name = self._name(street)
        tags = {**_TAGS[street.rank], **({"name": name} if name else {})}
        if street.key == "station":
            yield from self._over(points, tags)
        elif street.key == "underpass":
            yield from self._under(points, tags)
        elif street.rank == "steps":
            yield from _stepped(points, tags)
        elif street.rank == "local" and is_inner(points[0]) and chance(self._rng, 0.12):
            yield from self._closed_off(street, points, tags)
        else:
            yield Line(points, tags, street.rank)

    def _name(self, street: Street) -> str:
        kind = {"steps": "alley", "private": "close"}.get(street.rank, street.rank)
        if kind in ("service", "construction", "park_path", "gate_path", "site_path"):
            return ""
        if kind == "alley" and not chance(self._rng, 0.3):
            return ""
        if street.key not in self.names:
            self.names[street.key] = self._roots.name(kind)
        return self.names[street.key]

    def _trimmed(self, street: Street) -> Points:
        points = on_the_ground(street.points, self._field)
        for flip in (False, True):
            end = ShapelyPoint(street.points[0] if flip else street.points[-1])
            line = points[::-1] if flip else points
            if self._drawn_rail.distance(end) < 0.6 or self._meets_motorway(end):
                line = cut(line, 0, line_m(line) - _STOP_SHORT_M)
            elif self._drawn_main.distance(end) < 0.6 and end.x > DUAL_FROM_X_M + 30:
                line = self._to_carriageway(street, line, (end.x, end.y))
            if len(line) < 2 or line_m(line) < 9:
                return ()
            points = line[::-1] if flip else line
        return points

    def _meets_motorway(self, end: ShapelyPoint) -> bool:
        return bool(self._drawn_main.distance(end) < 0.6 and end.x > MOTORWAY_FROM_X_M - 40)

    def _to_carriageway(self, street: Street, line: Points, end: Point) -> Points:
        """Stop at the near carriageway, or cross to the far one where the median opens."""
        opens = end not in self._opened and (street.rank == "collector" or chance(self._rng, 0.3))
        if opens:
            self._opened.add(end)
            (px, py), (qx, qy) = line[-2], line[-1]
            size = math.dist((px, py), (qx, qy))
            reach = _HALF_MEDIAN_M * 2.2 / size
            line = rounded((*line, (qx + (qx - px) * reach, qy + (qy - py) * reach)))
        near, far = sorted(
            (_HALF_MEDIAN_M, -_HALF_MEDIAN_M),
            key=lambda side: LineString(shifted(self.main, side)).distance(ShapelyPoint(line[0])),
        )
        stop = _meeting(line, shifted(self.main, far if opens else near))
        return cut(line, 0, stop)

    def _over(self, points: Points, tags: Tags) -> Iterator[Line]:
        """A road bridge over the railway."""
        middle = _meeting(points, self.rail)
        yield Line(cut(points, 0, middle - 24), tags, "collector")
        bridge = {**tags, "bridge": "yes", "layer": "1"}
        yield Line(cut(points, middle - 24, middle + 24), bridge, "collector", level=1)
        yield Line(cut(points, middle + 24, math.inf), tags, "collector")

    def _under(self, points: Points, tags: Tags) -> Iterator[Line]:
        """A street that stops on both sides, and a subway for people on foot."""
        middle = _meeting(points, self.rail)
        foot = {"highway": "footway", "lit": "yes"}
        under = {**foot, "tunnel": "yes", "layer": "-1", "name": "Railway Underpass"}
        yield Line(cut(points, 0, middle - 42), tags, "collector")
        yield Line(cut(points, middle - 42, middle - 13), foot, "alley")
        yield Line(cut(points, middle - 13, middle + 13), under, "alley", level=-1)
        yield Line(cut(points, middle + 13, middle + 42), foot, "alley")
        yield Line(cut(points, middle + 42, math.inf), tags, "collector")

    def _closed_off(self, street: Street, points: Points, tags: Tags) -> Iterator[Line]:
        """A street that bollards close at one end: people on foot go on."""
        size = line_m(points)
        busy = [LineString(street.points).project(ShapelyPoint(p)) for p in self._ends[street.key]]
        drawn = line_m(street.points)
        last = max(busy, default=0.0) / drawn * size
        gap = between(self._rng, 14, 32)
        if size - last < gap + 45:
            yield Line(points, tags, street.rank)
            return
        yield Line(cut(points, 0, size - gap), tags, street.rank)
        foot = {"highway": "footway", "name": pick(self._rng, (tags["name"], ""))}
        named = {k: v for k, v in foot.items() if v}
        yield Line(cut(points, size - gap, size), named, "alley")


def _stepped(points: Points, tags: Tags) -> Iterator[Line]:
    """An alley with a flight of steps in its middle."""
    size = line_m(points)
    yield Line(cut(points, 0, size * 0.42), tags, "alley")
    steps = {**tags, "highway": "steps", "step_count": "14", "handrail": "yes"}
    yield Line(cut(points, size * 0.42, size * 0.58), steps, "steps")
    yield Line(cut(points, size * 0.58, size), tags, "alley")


def _tee_ends(drawing: Drawing) -> dict[str, list[Point]]:
    """For each street, the ends of later streets that lie on it."""
    found: dict[str, list[Point]] = {s.key: [] for s in drawing.streets}
    lines = [LineString(s.points) for s in drawing.streets]
    tree = STRtree(lines)
    for street in drawing.streets:
        for end in (street.points[0], street.points[-1]):
            for i in sorted(tree.query(ShapelyPoint(end), predicate="dwithin", distance=0.3)):
                found[drawing.streets[i].key].append(end)
    # A street's own ends do not count.
    return {
        s.key: [p for p in found[s.key] if p not in (s.points[0], s.points[-1])]
        for s in drawing.streets
    }


def _meeting(line: Points, other: Points) -> float:
    """How far along ``line`` it meets ``other``; its whole length if it does not."""
    shape = LineString(line)
    crossing = shape.intersection(LineString(other))
    if crossing.is_empty:
        return float(shape.length)
    return min(float(shape.project(g)) for g in getattr(crossing, "geoms", [crossing]))


def _along_x(points: Points, x: float) -> float:
    """How far along a line that runs east it reaches easting ``x``."""
    return _meeting(points, ((x, -3e3), (x, 3e3)))
