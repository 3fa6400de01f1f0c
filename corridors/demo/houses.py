"""Homes, shops, pubs and bus stops along the streets.

Only some houses are mapped, as in most places: their numbers skip.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from shapely import LineString, Polygon, STRtree, buffer, points, polygons

from corridors.demo.draws import between, pick, whole
from corridors.demo.footways import Spot
from corridors.demo.ground import RAIL, STREET, Line
from corridors.demo.infill import Area
from corridors.demo.plan import is_inner
from corridors.demo.polyline import Point, Points, beside, rounded
from corridors.demo.polyline import length_m as line_m

_FRONTAGE_M: Final = 5.6
_SETBACK_M: Final = 10.5
_HOMES_ON: Final = ("residential", "tertiary", "primary")
_SHOP_KINDS: Final = (
    ("shop", "convenience", "Stores"), ("shop", "bakery", "Bakery"), ("shop", "chemist", "Chemist"),
    ("shop", "hairdresser", "Hair"), ("shop", "clothes", "Clothing"), ("shop", "butcher", "& Sons"),
    ("shop", "mobile_phone", "Phones"), ("shop", "newsagent", "News"), ("shop", "books", "Books"),
    ("amenity", "cafe", "Café"), ("amenity", "fast_food", "Chicken"),
    ("amenity", "fast_food", "Fish Bar"), ("amenity", "pub", "Arms"), ("amenity", "pub", "Tavern"),
)  # fmt: skip
_OWNERS: Final = (
    "O'Mallow's", "Tansy", "Quill", "Harbourside", "Otterby's", "Vetch", "Golden Plover",
    "Saltmarsh", "Ropewalk", "The Sable", "Lark", "Whimbrel",
)  # fmt: skip


@dataclass(frozen=True)
class Home:
    """A house drawn as a building."""

    outline: Points
    tags: dict[str, str]


@dataclass(frozen=True)
class Settled:
    """Address nodes, shops, stops; and houses drawn as buildings."""

    spots: tuple[Spot, ...]
    homes: tuple[Home, ...]


def settle(lines: tuple[Line, ...], areas: Iterable[Area], rng: np.random.Generator) -> Settled:
    """Place everything that stands beside the streets; nothing stands on one."""
    free = _Free(lines, areas)
    streets = [x for x in lines if x.layer == STREET and x.level == 0 and x.tags.get("name")]
    shops = list(_shops([s for s in streets if s.rank == "high"], free, rng))
    homes = list(_terraces(streets, free, rng))
    addresses = list(_addresses(streets, free, rng))
    stops = list(_stops(streets))
    return Settled((*stops, *shops, *addresses), tuple(homes))


class _Free:
    """Knows what ground is taken."""

    def __init__(self, lines: tuple[Line, ...], areas: Iterable[Area]) -> None:
        self._streets = STRtree([LineString(x.points) for x in lines])
        rails = [LineString(x.points) for x in lines if x.layer == RAIL]
        solid = [Polygon(a.outline) for a in areas if a.use != "school_building"]
        self._solid = STRtree([r.buffer(13) for r in rails] + solid)
        self._taken: dict[tuple[int, int], list[Point]] = {}

    def open_points(self, places: list[Point], clear_m: float) -> set[int]:
        """Positions of ``places`` at least ``clear_m`` from streets, and on no park or site."""
        shapes = points(np.asarray(places))
        near = self._streets.query(shapes, predicate="dwithin", distance=clear_m)[0]
        inside = self._solid.query(shapes, predicate="intersects")[0]
        return set(range(len(places))) - {int(i) for i in (*near, *inside)}

    def open_shapes(self, outlines: list[Points], clear_m: float) -> set[int]:
        """The same for outlines."""
        shapes = polygons([np.asarray(o) for o in outlines])
        near = self._streets.query(shapes, predicate="dwithin", distance=clear_m)[0]
        inside = self._solid.query(shapes, predicate="intersects")[0]
        return set(range(len(outlines))) - {int(i) for i in (*near, *inside)}

    def take(self, place: Point, clear_m: float) -> bool:
        """Take ``place`` if nothing stands within ``clear_m`` (at most 10 m)."""
        col, row = math.floor(place[0] / 10), math.floor(place[1] / 10)
        around = [
            p
            for c in (col - 1, col, col + 1)
            for r in (row - 1, row, row + 1)
            for p in self._taken.get((c, r), ())
        ]
        if any(math.dist(p, place) < clear_m for p in around):
            return False
        self._taken.setdefault((col, row), []).append(place)
        return True


def _numbers(streets: list[Line]) -> Iterator[tuple[Line, float]]:
    """Each street's piece with the metres that its name already ran before it."""
    run: dict[str, float] = {}
    for street in streets:
        name = street.tags["name"]
        yield street, run.get(name, 0.0)
        run[name] = run.get(name, 0.0) + line_m(street.points)


def _number(along_m: float, side: int) -> str:
    """Odd on the left, even on the right."""
    return str(2 * int(along_m / _FRONTAGE_M) + (1 if side > 0 else 2))


def _addresses(streets: list[Line], free: _Free, rng: np.random.Generator) -> Iterator[Spot]:
    found: list[tuple[Point, str, str]] = []
    for street, before in _numbers(streets):
        if street.tags["highway"] not in _HOMES_ON:
            continue
        steps = (40.0, 84.0) if is_inner(street.points[0]) else (190.0, 470.0)
        setback = _SETBACK_M + (9.0 if street.rank == "main" else 0.0)
        for side in (1, -1):
            along = between(rng, 8.0, steps[1])
            while along < line_m(street.points) - 6:
                place = beside(street.points, along, side * setback)
                found.append((place, _number(before + along, side), street.tags["name"]))
                along += between(rng, *steps)
    open_places = free.open_points([f[0] for f in found], 8.5)
    for i, (place, number, name) in enumerate(found):
        if i in open_places and free.take(place, 9.0):
            yield Spot(place, {"addr:housenumber": number, "addr:street": name})


def _terraces(streets: list[Line], free: _Free, rng: np.random.Generator) -> Iterator[Home]:
    """Rows of three to six houses in the oldest streets."""
    found: list[tuple[Points, str, str]] = []
    for street, before in _numbers(streets):
        x, y = street.points[0]
        if street.rank not in ("local", "close") or abs(x) > 520 or abs(y) > 420:
            continue
        for side in (1, -1):
            along = between(rng, 12.0, 60.0)
            while along < line_m(street.points) - 40:
                for _ in range(whole(rng, 3, 6)):
                    outline = _house(street.points, along, side)
                    number = _number(before + along + 0.1, side)
                    found.append((outline, number, street.tags["name"]))
                    along += _FRONTAGE_M
                along += between(rng, 80.0, 240.0)
    open_shapes = free.open_shapes([f[0] for f in found], 5.0)
    stands = _apart([f[0] for f in found], open_shapes)
    for i in stands:
        outline, number, name = found[i]
        middle = ((outline[0][0] + outline[2][0]) / 2, (outline[0][1] + outline[2][1]) / 2)
        if free.take(middle, 5.0):
            tags = {"building": "house", "addr:housenumber": number, "addr:street": name}
            yield Home(outline, tags)


def _apart(outlines: list[Points], among: set[int]) -> list[int]:
    """Positions of outlines that overlap none before them by more than half a metre."""
    shapes = polygons([np.asarray(o) for o in outlines])
    hit, other = STRtree(shapes).query(buffer(shapes, -0.5), predicate="intersects")
    overlaps: dict[int, set[int]] = {}
    for i, j in zip(hit.tolist(), other.tolist(), strict=True):
        overlaps.setdefault(max(i, j), set()).add(min(i, j))
    kept: list[int] = []
    chosen: set[int] = set()
    for i in sorted(among):
        if not (overlaps.get(i, set()) - {i}) & chosen:
            kept.append(i)
            chosen.add(i)
    return kept


def _house(points: Points, along: float, side: int) -> Points:
    corners = [
        beside(points, along + dx, side * deep)
        for dx, deep in ((0.0, 6.8), (_FRONTAGE_M, 6.8), (_FRONTAGE_M, 14.6), (0.0, 14.6))
    ]
    return rounded([*corners, corners[0]])


def _shops(high: list[Line], free: _Free, rng: np.random.Generator) -> Iterator[Spot]:
    found: list[tuple[Point, str, str]] = []
    for street, before in _numbers(high):
        for side in (1, -1):
            along = between(rng, 10.0, 30.0)
            while along < line_m(street.points) - 8:
                place = beside(street.points, along, side * 13.0)
                if abs(place[0]) < 720:
                    found.append((place, _number(before + along, side), street.tags["name"]))
                along += between(rng, 15.0, 34.0)
    open_places = free.open_points([f[0] for f in found], 5.0)
    for i, (place, number, name) in enumerate(found):
        if i in open_places and free.take(place, 9.0):
            key, value, word = pick(rng, _SHOP_KINDS)
            yield Spot(
                place,
                {
                    key: value,
                    "name": f"{pick(rng, _OWNERS)} {word}",
                    "addr:housenumber": number,
                    "addr:street": name,
                },
            )


def _stops(streets: list[Line]) -> Iterator[Spot]:
    """Pairs of bus stops, named after the nearest side street as stops are."""
    shapes = [LineString(s.points) for s in streets]
    tree = STRtree(shapes)
    spacing = {"high": 290.0, "main": 420.0, "collector": 430.0}
    used: list[Point] = []
    for street in streets:
        is_return = street.rank == "main" and street.points[0][0] > street.points[-1][0]
        if street.rank not in spacing or street.level or is_return:
            continue
        size = line_m(street.points)
        along = min(120.0, size / 2)
        while along < size - 30 and size > 200:
            middle = beside(street.points, along, 0.0)
            if all(math.dist(middle, u) > 170 for u in used):
                used.append(middle)
                name = _side_street(streets, tree, street, middle)
                yield from _pair(street, along, name)
            along += spacing[street.rank]


def _pair(street: Line, along: float, name: str) -> Iterator[Spot]:
    tags = {"highway": "bus_stop", "public_transport": "platform", "bus": "yes", "name": name}
    is_dual = "oneway" in street.tags
    for side, shift in ((1, 14.0), (-1, -14.0)):
        # On the dual carriageway both stops hang on the southern way; the north is 14 m further.
        off = (14.0 + 5.0 if side > 0 else -5.0) if is_dual else side * 5.2
        yield Spot(beside(street.points, max(2.0, along + shift), off), tags)


def _side_street(streets: list[Line], tree: STRtree, street: Line, at: Point) -> str:
    here = points(at)
    near = [int(i) for i in tree.query(here, predicate="dwithin", distance=150)]
    others = [i for i in near if streets[i].tags["name"] != street.tags["name"]]
    ranked = sorted(others, key=lambda i: (round(LineString(streets[i].points).distance(here)), i))
    return streets[ranked[0]].tags["name"] if ranked else street.tags["name"]
