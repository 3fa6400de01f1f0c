"""The town as its founders drew it: straight lines, before the ground bends them.

A hand-drawn skeleton (railway, high street, main road, roads between them) is divided into blocks
by recursive splits across the longer side [1]_. Splits avoid near-misses of junctions and sharp
corners, so every street ends on another street, on the railway, or at the frame. All points are
local metres.

References
----------
.. [1] Vanegas et al. (2012), Procedural generation of parcels in urban modeling, Computer
   Graphics Forum 31(2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from shapely import LineString, MultiPoint, Polygon, box
from shapely import Point as ShapelyPoint
from shapely.ops import polygonize, split, unary_union

from corridors.demo.draws import between, chance
from corridors.demo.polyline import Point, Points, rounded
from corridors.demo.splits import Frame, best_split, frame

HALF_DRAWN_X_M: Final = 2260.0
HALF_DRAWN_Y_M: Final = 2060.0
HALF_WARD_X_M: Final = 1100.0
HALF_WARD_Y_M: Final = 900.0

# West to east, y of each; the railway, high street and main road fan out.
_EAST_WEST: Final[dict[str, tuple[Point, ...]]] = {
    "south": ((-2260, -1260), (-900, -1180), (300, -1290), (2260, -1160)),
    "rail": ((-2260, -860), (-1300, -640), (-300, -470), (700, -450), (2260, -640)),
    "high": ((-2260, -100), (-1200, 40), (-420, 20), (280, 90), (1200, 20), (2260, 150)),
    "main": ((-2260, 960), (-1100, 820), (0, 610), (1100, 500), (2260, 470)),
    "north": ((-2260, 1500), (-700, 1380), (600, 1260), (2260, 1130)),
}
# Between two of them, from below to above: x at the lower end, x at the upper end.
_NORTH_SOUTH: Final[tuple[tuple[str, str, str, float, float], ...]] = (
    ("s1", "bottom", "south", -1540, -1450),
    ("s2", "bottom", "south", -640, -700),
    ("s3", "bottom", "south", 330, 260),
    ("s4", "bottom", "south", 1300, 1390),
    ("t1", "south", "rail", -1720, -1640),
    ("t2", "south", "rail", -1080, -1010),
    ("t3", "south", "rail", 820, 860),
    ("underpass", "south", "high", -520, -560),
    ("station", "south", "high", 60, 140),
    ("arch", "south", "high", 1560, 1640),
    ("u1", "rail", "high", -1590, -1500),
    ("u2", "rail", "high", 900, 830),
    ("v1", "high", "main", -1780, -1700),
    ("v2", "high", "main", -1130, -1070),
    ("v3", "high", "main", -300, -380),
    ("v4", "high", "main", 420, 330),
    ("v5", "high", "main", 1010, 980),
    ("v6", "high", "main", 1580, 1500),
    ("w1", "main", "north", -1420, -1450),
    ("w2", "main", "north", -700, -640),
    ("w3", "main", "north", 60, 20),
    ("w4", "main", "north", 650, 720),
    ("w5", "main", "north", 1330, 1260),
    ("x1", "north", "top", -1250, -1330),
    ("x2", "north", "top", -480, -560),
    ("x3", "north", "top", 260, 330),
    ("x4", "north", "top", 1000, 960),
    ("x5", "north", "top", 1650, 1730),
)
# What is kept whole: where it lies and how large it may be (square metres).
_RESERVED: Final[dict[str, tuple[Point, float]]] = {
    "school_west": ((-560, 290), 46_000),
    "school_east": ((560, -190), 46_000),
    "primary": ((680, 330), 19_000),
    "pru": ((-200, -240), 13_000),
    "park": ((-900, -260), 95_000),
    "garden": ((90, 330), 9_000),
    "common": ((-1500, 1640), 180_000),
    "east_park": ((1780, -170), 90_000),
    "works": ((500, -640), 42_000),
}
MOTORWAY_FROM_X_M: Final = 1820.0
DUAL_FROM_X_M: Final = -1420.0


@dataclass(frozen=True)
class Street:
    """A street on the drawing board. ``rank`` is high, main, collector, local, … or rail."""

    key: str
    rank: str
    points: Points


@dataclass(frozen=True)
class Block:
    """What streets enclose. ``use`` is housing, estate, coarse, or the key of what was reserved."""

    use: str
    area: Polygon


@dataclass(frozen=True)
class Drawing:
    """Streets and blocks, and the larger cells that wards are made of."""

    streets: tuple[Street, ...]
    blocks: tuple[Block, ...]
    cells: tuple[Polygon, ...]


@dataclass(frozen=True)
class Grain:
    """Blocks are split until they are at most this wide and long, in metres."""

    wide_m: float
    long_m: float


def draw(rng: np.random.Generator) -> Drawing:
    """Draw the skeleton and divide it into blocks."""
    bones = skeleton(rng)
    edge = box(-HALF_DRAWN_X_M, -HALF_DRAWN_Y_M, HALF_DRAWN_X_M, HALF_DRAWN_Y_M)
    # A little too long, because an end rounded to the centimetre may fall short of its line.
    lines = unary_union([*(_extended(s.points, 1.0) for s in bones), edge.exterior])
    faces = sorted(polygonize(lines), key=_place)
    board = _Board(bones, rng)
    for face in faces:
        board.divide(face)
    return Drawing((*bones, *board.streets), tuple(board.blocks), tuple(board.cells))


def skeleton(rng: np.random.Generator) -> tuple[Street, ...]:
    """The roads and the railway that everything else hangs on."""
    levels: dict[str, tuple[Point, ...]] = {
        "bottom": ((-HALF_DRAWN_X_M, -HALF_DRAWN_Y_M), (HALF_DRAWN_X_M, -HALF_DRAWN_Y_M)),
        "top": ((-HALF_DRAWN_X_M, HALF_DRAWN_Y_M), (HALF_DRAWN_X_M, HALF_DRAWN_Y_M)),
    }
    for key, points in _EAST_WEST.items():
        levels[key] = rounded((x, y + between(rng, -28, 28)) for x, y in points)
    found = [
        Street(key, "collector" if key in ("south", "north") else key, levels[key])
        for key in _EAST_WEST
    ]
    for key, low, high, x_low, x_high in _NORTH_SOUTH:
        foot = x_low + between(rng, -30, 30)
        head = x_high + between(rng, -30, 30)
        ends = ((foot, _height(levels[low], foot)), (head, _height(levels[high], head)))
        found.append(Street(key, "collector", rounded(ends)))
    return tuple(found)


def is_inner(point: Point) -> bool:
    """Whether a place is in or near the wards, where the street net is drawn in full."""
    return abs(point[0]) < HALF_WARD_X_M + 90 and abs(point[1]) < HALF_WARD_Y_M + 90


def _height(points: Points, x: float) -> float:
    return float(np.interp(x, [p[0] for p in points], [p[1] for p in points]))


def _place(area: Polygon) -> Point:
    return (round(area.centroid.x, 1), round(area.centroid.y, 1))


class _Board:
    """Collects streets and blocks while faces are divided."""

    def __init__(self, bones: tuple[Street, ...], rng: np.random.Generator) -> None:
        self.streets: list[Street] = []
        self.blocks: list[Block] = []
        self.cells: list[Polygon] = []
        self._rng = rng
        lines = [LineString(s.points) for s in bones]
        crossings = [
            a.intersection(b) for i, a in enumerate(lines) for b in lines[:i] if a.intersects(b)
        ]
        self._junctions = sorted(
            rounded((p.x, p.y) for c in crossings for p in MultiPoint([c]).geoms)
        )

    def divide(self, area: Polygon, *, in_cell: bool = False) -> None:
        """Split ``area`` and its parts until each is a block."""
        if not in_cell and area.area <= 60_000:
            self.cells.append(area)
            in_cell = True
        use, grain = self._intent(area)
        around = frame(area)
        parts: list[Polygon] = []
        if use not in _RESERVED and use != "estate":
            if around.long_m > grain.long_m:
                parts = self._split(area, around, across=True)
            elif around.wide_m > grain.wide_m:
                parts = self._split(area, around, across=False)
        for part in parts:
            self.divide(part, in_cell=in_cell)
        if not parts:
            self.blocks.append(Block(use, area))
            if not in_cell:
                self.cells.append(area)

    def _intent(self, area: Polygon) -> tuple[str, Grain]:
        for key, (anchor, limit) in _RESERVED.items():
            if area.contains(ShapelyPoint(anchor)):
                use = key if area.area <= limit else "housing"
                return use, Grain(90, 130) if limit < 60_000 else Grain(150, 250)
        x, y = _place(area)
        if not is_inner((x, y)):
            return "coarse", Grain(170, 310)
        if 15_000 < area.area < 32_000 and chance(self._rng, 0.10):
            return "estate", Grain(0, 0)
        # Villas lie in the north-west and south-east, terraces elsewhere.
        is_villa = (x < -250 and y > 350) or (x > 350 and y < -520)
        return "housing", Grain(138, 250) if is_villa else Grain(100, 215)

    def _split(self, area: Polygon, around: Frame, *, across: bool) -> list[Polygon]:
        ends = best_split(area, around, self._junctions, self._rng, across=across)
        if not ends:
            return []
        parts = sorted(split(area, _extended(ends, 1.0)).geoms, key=_place)
        if len(parts) < 2 or min(p.area for p in parts) < 1_500:
            return []
        self.streets.append(Street(f"local{len(self.streets)}", "local", ends))
        self._junctions += ends
        return parts


def _extended(points: Points, by_m: float) -> LineString:
    """The line, ``by_m`` longer at both ends."""
    return LineString(
        [_beyond(points[1], points[0], by_m), *points[1:-1], _beyond(points[-2], points[-1], by_m)]
    )


def _beyond(a: Point, b: Point, by_m: float) -> Point:
    share = by_m / math.dist(a, b)
    return (b[0] + (b[0] - a[0]) * share, b[1] + (b[1] - a[1]) * share)
