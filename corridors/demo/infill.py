"""What fills the blocks: closes, crescents, alleys, parks and school sites, still drawn straight.

Works on the drawing board of ``plan``: local metres, before the ground bends them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from shapely import LineString, Polygon
from shapely import Point as ShapelyPoint
from shapely.geometry.base import BaseGeometry

from corridors.demo.draws import between, chance
from corridors.demo.plan import Block, Drawing, Street, is_inner
from corridors.demo.polyline import Point, Points, ring, rounded
from corridors.demo.splits import frame

# Which way the gates of each school look, main gate first: east, north.
_GATES: Final[dict[str, tuple[Point, ...]]] = {
    "school_west": ((0.25, -1.0), (1.0, 0.15)),
    "school_east": ((-0.2, 1.0), (-1.0, -0.1)),
    "primary": ((0.1, -1.0), (-1.0, 0.2)),
    "pru": ((-0.1, 1.0),),
}
_PARKS: Final = ("park", "garden", "common", "east_park")
_CLEAR_M: Final = 34.0  # room for a row of houses between a close and the next street


@dataclass(frozen=True)
class Area:
    """A polygon on the map. ``use`` is what it is, ``key`` which one."""

    use: str  # school, park, water, school_building, works
    key: str
    outline: Points


@dataclass(frozen=True)
class Gate:
    """A gate of a school site, on its outline."""

    key: str
    at: Point
    is_main: bool


@dataclass(frozen=True)
class Filling:
    """All that ``fill`` adds to a drawing."""

    streets: tuple[Street, ...]
    areas: tuple[Area, ...]
    gates: tuple[Gate, ...]


def fill(drawing: Drawing, rng: np.random.Generator) -> Filling:
    """Fill every block, in the drawing's order."""
    walls = _walls(drawing)
    high = next(LineString(s.points) for s in drawing.streets if s.rank == "high")
    streets: list[Street] = []
    areas: list[Area] = []
    gates: list[Gate] = []
    for number, block in enumerate(drawing.blocks):
        room = _Room(block, number, walls, high)
        if block.use in _GATES:
            site = _school(room)
            areas += site.areas
            gates += site.gates
            streets += site.streets
        elif block.use in _PARKS:
            areas += _park_areas(room)
            streets += _park_paths(room, rng)
        else:
            streets += _housing(room, rng)
    return Filling(tuple(streets), tuple(areas), tuple(gates))


@dataclass(frozen=True)
class _Room:
    """A block with its number and what its closes must not open on."""

    block: Block
    number: int
    walls: BaseGeometry
    high: LineString

    def hit(self, start: Point, way: Point) -> Point | None:
        """Where a ray from inside meets the outline, unless that is a wall."""
        far = (start[0] + way[0] * 2e3, start[1] + way[1] * 2e3)
        crossing = self.block.area.exterior.intersection(LineString([start, far]))
        points = [g for g in getattr(crossing, "geoms", [crossing]) if g.geom_type == "Point"]
        if not points:
            return None
        near = min(points, key=lambda p: math.dist((p.x, p.y), start))
        if self.walls.distance(near) < 25:
            return None
        return (round(near.x, 2), round(near.y, 2))

    def street(self, rank: str, part: object, points: Points) -> Street:
        """A street that belongs to this block."""
        return Street(f"{rank}{self.number}-{part}", rank, rounded(points))


def _frame(room: _Room) -> tuple[Point, Point, float, float]:
    found = frame(room.block.area)
    return found.centre, found.way, found.long_m, found.wide_m


def _walls(drawing: Drawing) -> BaseGeometry:
    lines = [LineString(s.points) for s in drawing.streets if s.rank in ("rail", "main")]
    return lines[0].union(lines[1])


def _housing(room: _Room, rng: np.random.Generator) -> Iterator[Street]:
    centre, way, long_m, wide_m = _frame(room)
    use = room.block.use
    if use == "estate":
        yield from _estate(room, rng)
    elif use == "works":
        yield from _works(room)
    elif not is_inner(centre):
        if chance(rng, 0.35):
            yield from _spur(room, rng, "private" if chance(rng, 0.07) else "close")
    elif wide_m > 104 and long_m > 140:
        kind = int(between(rng, 0, 10))
        if kind < 4:
            yield from _crescent(room)
        elif kind < 9:
            yield from _spur(room, rng, "private" if kind >= 7 else "close")
    elif long_m > 150 and chance(rng, 0.30):
        yield from _alley(room, centre, (-way[1], way[0]), chance(rng, 0.12))
    elif room.block.area.exterior.distance(room.high) < 1 and chance(rng, 0.3):
        yield from _spur(room, rng, "service")


def _estate(room: _Room, rng: np.random.Generator) -> Iterator[Street]:
    """A stem with branches, and a path out of its far end."""
    centre, (ux, uy), _, _ = _frame(room)
    for vx, vy in ((-uy, ux), (uy, -ux), (ux, uy), (-ux, -uy)):
        door, back = room.hit(centre, (-vx, -vy)), room.hit(centre, (vx, vy))
        if door is not None:
            break
    else:
        return
    beyond = ShapelyPoint(centre).distance(room.block.area.exterior)
    end = (centre[0] + vx * beyond * 0.45, centre[1] + vy * beyond * 0.45)
    kink = between(rng, -7, 7)
    knee = (centre[0] - vy * kink, centre[1] + vx * kink)
    yield room.street("close", "stem", (door, knee, end))
    if back is not None and math.dist(back, end) > 15:
        yield room.street("alley", "back", (end, back))
    inner = room.block.area.buffer(-_CLEAR_M)
    # Two pairs of branches only where houses fit between them.
    roots = (("a", knee), ("b", end)) if math.dist(knee, end) > 48 else (("b", end),)
    for part, root in roots:
        for sign in (-1, 1):
            reach = (root[0] - vy * sign * 300, root[1] + vx * sign * 300)
            piece = inner.intersection(LineString([root, reach]))
            if piece.geom_type == "LineString" and piece.length > 24:
                tip = piece.coords[-1]
                yield room.street("close", f"{part}{sign}", (root, (tip[0], tip[1])))


def _works(room: _Room) -> Iterator[Street]:
    """Service ways of a depot, one of them being built."""
    (cx, cy), (ux, uy), long_m, _ = _frame(room)
    for rank, share in (("service", -0.22), ("construction", 0.22)):
        root = (cx + ux * long_m * share, cy + uy * long_m * share)
        for sign in (-1, 1):
            door = room.hit(root, (-uy * sign, ux * sign))
            if door is not None:
                yield room.street(rank, sign, (door, root))
                break
    ends = [(cx + ux * long_m * s, cy + uy * long_m * s) for s in (-0.22, 0.22)]
    yield room.street("service", "yard", (ends[0], ends[1]))


def _crescent(room: _Room) -> Iterator[Street]:
    """Half an ellipse with both ends on a long side."""
    (cx, cy), (ux, uy), long_m, wide_m = _frame(room)
    half = long_m * 0.26
    for vx, vy in ((-uy, ux), (uy, -ux)):
        ends = [room.hit((cx + ux * s, cy + uy * s), (-vx, -vy)) for s in (-half, half)]
        if ends[0] is None or ends[1] is None:
            continue
        turns = [math.pi * i / 10 for i in range(1, 10)]
        deep = wide_m * 0.12
        arc = [
            (
                cx - ux * half * math.cos(t) + vx * deep * math.sin(t),
                cy - uy * half * math.cos(t) + vy * deep * math.sin(t),
            )
            for t in turns
        ]
        yield room.street("crescent", 0, (ends[0], *arc, ends[1]))
        return


def _spur(room: _Room, rng: np.random.Generator, rank: str) -> Iterator[Street]:
    """A short dead end into the middle of a block."""
    (cx, cy), (ux, uy), long_m, _ = _frame(room)
    move = between(rng, -0.18, 0.18) * long_m
    root = (cx + ux * move, cy + uy * move)
    sign = 1 if chance(rng, 0.5) else -1
    ways = ((ux, uy),) if rank == "service" else ((-uy * sign, ux * sign), (uy * sign, -ux * sign))
    for way in ways:
        door = room.hit(root, way)
        if door is not None and _has_room(room.block.area, root, door):
            yield room.street(rank, "spur", (door, root))
            return


def _has_room(area: Polygon, root: Point, door: Point) -> bool:
    """Whether a dead end keeps clear of the streets beside it."""
    middle = ((root[0] + door[0]) / 2, (root[1] + door[1]) / 2)
    return bool(
        area.buffer(-17).contains(ShapelyPoint(root))
        and area.buffer(-11).contains(ShapelyPoint(middle))
    )


def _alley(room: _Room, centre: Point, way: Point, has_steps: bool) -> Iterator[Street]:
    """A path between the back gardens, right across the block."""
    a, b = room.hit(centre, way), room.hit(centre, (-way[0], -way[1]))
    if a is not None and b is not None:
        yield room.street("steps" if has_steps else "alley", 0, (a, centre, b))


@dataclass(frozen=True)
class _Site:
    streets: tuple[Street, ...]
    areas: tuple[Area, ...]
    gates: tuple[Gate, ...]


def _school(room: _Room) -> _Site:
    """A site set back from the streets, with gates, paths through it and buildings."""
    key = room.block.use
    centre, way, long_m, wide_m = _frame(room)
    outline = room.block.area.buffer(-10, join_style="mitre")
    inside = _Room(Block(key, outline), room.number, room.walls, room.high)
    doors: list[tuple[Point, Point]] = []
    for east, north in (*_GATES[key], (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)):
        size = math.hypot(east, north)
        pair = [r.hit(centre, (east / size, north / size)) for r in (inside, room)]
        is_new = pair[0] is not None and all(math.dist(pair[0], d[0]) > 40 for d in doors)
        if pair[0] is not None and pair[1] is not None and is_new:
            doors.append((pair[0], pair[1]))
        if len(doors) == len(_GATES[key]):
            break
    streets = [room.street("gate_path", i, pair) for i, pair in enumerate(doors)]
    streets += [room.street("site_path", i, (gate, centre)) for i, (gate, _) in enumerate(doors)]
    paths = LineString([doors[0][0], centre, doors[-1][0]]).buffer(6)
    houses = _buildings(outline, (centre, way, long_m, wide_m), paths, key)
    site = Area("school", key, _with_vertices(ring(outline), [d[0] for d in doors]))
    gates = tuple(Gate(key, d[0], i == 0) for i, d in enumerate(doors))
    return _Site(tuple(streets), (site, *houses), gates)


def _buildings(
    outline: Polygon, frame: tuple[Point, Point, float, float], paths: Polygon, key: str
) -> Iterator[Area]:
    (cx, cy), (ux, uy), long_m, wide_m = frame
    corners_of = [(a, b) for a in (-0.22, 0.22) for b in (-0.24, 0.24)]
    for east, north in corners_of:
        mx = cx + ux * long_m * east - uy * wide_m * north
        my = cy + uy * long_m * east + ux * wide_m * north
        half_long, half_wide = long_m * 0.11, wide_m * 0.08
        corners = [
            (
                mx + ux * a * half_long - uy * b * half_wide,
                my + uy * a * half_long + ux * b * half_wide,
            )
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
        ]
        shape = Polygon(corners)
        if outline.buffer(-6).contains(shape) and not shape.intersects(paths):
            yield Area("school_building", key, rounded(corners))


def _with_vertices(outline: Points, extra: list[Point]) -> Points:
    """``outline`` with vertices at points that lie on it."""
    line = LineString(outline)
    marks = [(line.project(ShapelyPoint(p)), p) for p in (*outline[:-1], *extra)]
    placed = [p for _, p in sorted(marks)]
    return rounded((*placed, placed[0]))


def _pond(room: _Room) -> tuple[Point, float, float] | None:
    """Middle and half axes of the park's pond."""
    if room.block.use not in ("park", "common"):
        return None
    (cx, cy), _, _, wide_m = _frame(room)
    return (cx, cy), wide_m * 0.16, wide_m * 0.11


def _ellipse(middle: Point, a: float, b: float) -> Points:
    turns = [2 * math.pi * i / 16 for i in range(16)]
    points = [(middle[0] + a * math.cos(t), middle[1] + b * math.sin(t)) for t in turns]
    return rounded([*points, points[0]])


def _park_areas(room: _Room) -> Iterator[Area]:
    key = room.block.use
    yield Area("park", key, ring(room.block.area.buffer(-8, join_style="mitre")))
    pond = _pond(room)
    if pond is not None:
        yield Area("water", key, _ellipse(*pond))


def _park_paths(room: _Room, rng: np.random.Generator) -> Iterator[Street]:
    """Paths from the corners to the middle, round the pond if there is one."""
    centre, _, _, _ = _frame(room)
    pond = _pond(room)
    hub = Polygon(_ellipse(centre, pond[1] * 1.3, pond[2] * 1.4)) if pond else None
    if hub is not None:
        yield room.street("park_path", "ring", rounded(hub.exterior.coords))
    corners = ring(room.block.area.simplify(12))[:-1]
    for i, corner in enumerate(corners[:7]):
        if room.walls.distance(ShapelyPoint(corner)) < 25:
            continue
        sway = between(rng, -0.12, 0.12)
        dx, dy = centre[0] - corner[0], centre[1] - corner[1]
        knee = (corner[0] + dx * 0.5 - dy * sway, corner[1] + dy * 0.5 + dx * sway)
        line = LineString([corner, knee, centre])
        outside = line.difference(hub) if hub is not None else line
        if outside.geom_type == "LineString":
            yield room.street("park_path", i, rounded(outside.coords))
