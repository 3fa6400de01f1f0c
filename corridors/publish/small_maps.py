"""Small static maps of a corridor as plain SVG: no script, no tile, readable in grey.

Everything is in units of a fixed frame, ``WIDTH`` by ``HEIGHT``, so that lines and marks are
equally bold on every map, whatever piece of ground it shows. Streets are keyed by number and not by
name: a long name would not fit, and the key stands beside the map in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from corridors.arrays import IntArray
from corridors.model import Corridor, Patrol, Plan
from corridors.publish.bands import (
    FLOW_BANDS,
    RISK_BANDS,
    Band,
    flow_bands,
    pupils,
    risk_bands,
)
from corridors.publish.layers import MAJOR_ROADS, ROUTE_LOOKS, look_of
from corridors.tables import Gates, Nodes, Places, Schools, Segments

WIDTH: Final = 400.0
HEIGHT: Final = 264.0
STREETS_MAX: Final = 9  # numbered; more would cover the map
_ROOM_M: Final = 90.0
_SIMPLIFY_M: Final = 2.0
_TEAM_SHIFT: Final = 3.5  # frame units between two teams' lines on one street
_SHIFTS_MAX: Final = 6
_NEAR: Final = 16.0  # marks nearer than this would hide each other

_GROUND: Final = ("park", "water", "school_site")


@dataclass(frozen=True)
class Line:
    """A path and how it looks: by its kind in the style sheet, or with a colour of its own."""

    path: str
    kind: str  # classes of the style sheet
    colour: str = ""
    width: float = 0.0
    dash: str = ""
    shift: float = 0.0


@dataclass(frozen=True)
class Mark:
    """A sign with at most two letters."""

    kind: str  # "school", "gate", "place", "street", "start", "stand"
    x: float
    y: float
    text: str = ""
    colour: str = ""


@dataclass(frozen=True)
class SmallMap:
    """One map: its lines from the lowest, then its marks."""

    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class SmallMaps:
    """The maps of one corridor over the same ground."""

    base: tuple[Line, ...]
    where: SmallMap
    risk: SmallMap
    pupils: SmallMap
    routes: SmallMap
    bar: float  # 100 m in frame units
    streets: tuple[tuple[int, str], ...]  # (number on the map, name as in the table)
    risk_key: tuple[Band, ...]  # that are drawn
    flow_key: tuple[Band, ...]
    has_places: bool


@dataclass(frozen=True)
class _Frame:
    """A piece of ground in metres (EPSG:27700) and its scale."""

    west: float
    north: float
    scale: float  # frame units a metre

    @property
    def box(self) -> shapely.Polygon:
        return shapely.box(
            self.west, self.north - HEIGHT / self.scale, self.west + WIDTH / self.scale, self.north
        )

    def xy(self, x_m: float, y_m: float) -> tuple[float, float]:
        return (x_m - self.west) * self.scale, (self.north - y_m) * self.scale

    def path(self, shapes: Iterable[BaseGeometry], *, simplify_m: float = _SIMPLIFY_M) -> str:
        """Lines and outlines inside the frame as one path; empty if nothing is inside."""
        clipped = shapely.intersection(np.array(list(shapes), dtype=object), self.box)
        drawn = shapely.simplify(clipped, simplify_m)
        return " ".join(filter(None, (self._part(p) for p in _simple_parts(drawn))))

    def _part(self, shape: BaseGeometry) -> str:
        rings = [shape] if shape.geom_type == "LineString" else [shape.exterior, *shape.interiors]
        said = []
        for ring in rings:
            pairs = [self.xy(x, y) for x, y in shapely.get_coordinates(ring)]
            steps = [step for step, _ in groupby(f"{x:.1f} {y:.1f}" for x, y in pairs)]
            if len(steps) > 1:
                said.append(f"M{'L'.join(steps)}{'Z' if ring.is_ring else ''}")
        return " ".join(said)


def small_maps(
    plan: Plan, corridor: Corridor, patrols: Sequence[Patrol], *, reach_m: float
) -> SmallMaps:
    """The maps of a corridor.

    Parameters
    ----------
    patrols : those of the week that set out for this corridor.
    reach_m : metres within which reports count as near a street, for the highest band of risk.
    """
    frame = _frame(plan, corridor, patrols)
    risk, flow = risk_bands(plan, reach_m=reach_m), flow_bands(pupils(plan))
    inside = _inside(plan, frame)
    schools, places = _apart(_schools(plan, corridor, frame)), _places(plan, frame)
    streets = _streets(plan, corridor)
    numbers = _numbers(plan, corridor, frame, streets)
    shape = _corridor(plan, corridor, frame)
    thin = tuple(replace(line, kind=f"{line.kind} quiet") for line in shape)
    return SmallMaps(
        base=_base(plan, frame),
        where=SmallMap(shape, _apart((*schools, *places, *numbers))),
        risk=SmallMap((*thin, *_banded(plan, frame, risk, RISK_BANDS)), schools),
        pupils=SmallMap((*thin, *_banded(plan, frame, flow, FLOW_BANDS)), schools),
        routes=SmallMap((*thin, *_routes(plan, patrols, frame)),
                        _apart((*schools, *_route_marks(plan, patrols, frame)))),
        bar=round(100.0 * frame.scale, 1),
        streets=streets,
        risk_key=_drawn(risk[inside], RISK_BANDS),
        flow_key=_drawn(flow[inside], FLOW_BANDS),
        has_places=bool(places),
    )  # fmt: skip


def _frame(plan: Plan, corridor: Corridor, patrols: Sequence[Patrol]) -> _Frame:
    """The corridor, its gates and its routes, with room round them."""
    ids = {*corridor.segment_ids, *(s for p in patrols for s in p.route.segment_ids)}
    shapes = [*plan.network.segments.geometry.loc[sorted(ids)], *_gate_points(plan, corridor)]
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object))
    wide, high = east - west + 2 * _ROOM_M, north - south + 2 * _ROOM_M
    scale = min(WIDTH / wide, HEIGHT / high)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    return _Frame(middle_x - WIDTH / scale / 2, middle_y + HEIGHT / scale / 2, scale)


def _inside(plan: Plan, frame: _Frame) -> Any:
    return shapely.intersects(plan.network.segments.geometry.to_numpy(), frame.box)


def _base(plan: Plan, frame: _Frame) -> tuple[Line, ...]:
    """Parks, water, school sites and railways, then minor streets, then major ones."""
    places = plan.inputs.streets.places
    made = []
    for kind in (*_GROUND, "railway"):
        shapes = places.geometry[places[Places.kind] == kind]
        made.append(Line(frame.path(s for s in shapes if s.geom_type != "Point"), kind))
    segments = plan.network.segments
    major = segments[Segments.highway].isin(MAJOR_ROADS)
    made.append(Line(frame.path(segments.geometry[~major]), "minor"))
    made.append(Line(frame.path(segments.geometry[major]), "major"))
    return tuple(line for line in made if line.path)


def _corridor(plan: Plan, corridor: Corridor, frame: _Frame) -> tuple[Line, ...]:
    path = frame.path(_shapes(plan, corridor.segment_ids))
    return Line(path, "casing"), Line(path, "corridor")


def _banded(
    plan: Plan, frame: _Frame, bands: IntArray, looks: tuple[Band, ...]
) -> tuple[Line, ...]:
    """One line a band, the highest on top. Colour and width both tell them apart."""
    shapes = plan.network.segments.geometry.to_numpy()
    made = (
        Line(frame.path(shapes[bands == number]), "band", look.colour, round(look.width * 0.62, 2))
        for number, look in enumerate(looks, start=1)
    )
    return tuple(line for line in made if line.path)


def _drawn(bands: IntArray, looks: tuple[Band, ...]) -> tuple[Band, ...]:
    return tuple(look for number, look in enumerate(looks, start=1) if (bands == number).any())


def _routes(plan: Plan, patrols: Sequence[Patrol], frame: _Frame) -> tuple[Line, ...]:
    """One line a team, of all that it walks in the week, each a little beside the others."""
    walked: dict[int, set[int]] = {}
    for patrol in patrols:
        walked.setdefault(patrol.route.team, set()).update(patrol.route.segment_ids)
    made = []
    for place, (team, ids) in enumerate(sorted(walked.items())):
        colour, dash = ROUTE_LOOKS[look_of(team)]
        path = frame.path(_shapes(plan, sorted(ids)))
        shift = _TEAM_SHIFT * (place % _SHIFTS_MAX)
        made.append(Line(path, "halo", shift=shift))
        made.append(Line(path, "route", colour, 3.0, dash, shift))
    return tuple(made)


def _route_marks(plan: Plan, patrols: Sequence[Patrol], frame: _Frame) -> tuple[Mark, ...]:
    """Where teams stand and start. A start has the team's number; both stand on the map once."""
    nodes = plan.network.nodes
    stands = sorted({(s.x_m, s.y_m) for p in patrols for _, s in p.route.stands})
    starts = sorted({(p.route.team, p.route.node_ids[0]) for p in patrols})
    made = [_mark("stand", frame, x, y) for x, y in stands]
    for team, node in starts:
        x_m, y_m = nodes.loc[[node], [Nodes.x_m, Nodes.y_m]].to_numpy(dtype=float)[0]
        colour = ROUTE_LOOKS[look_of(team)][0]
        made.append(_mark("start", frame, x_m, y_m, f"{team}", colour))
    return tuple(made)


def _schools(plan: Plan, corridor: Corridor, frame: _Frame) -> tuple[Mark, ...]:
    """Gates, and the schools themselves where they are inside the frame."""
    made = [_mark("gate", frame, p.x, p.y) for p in _gate_points(plan, corridor)]
    schools = plan.inputs.schools
    for urn in corridor.urns:
        if urn in schools.index:
            x_m, y_m = schools.loc[[urn], [Schools.x_m, Schools.y_m]].to_numpy(dtype=float)[0]
            mark = _mark("school", frame, x_m, y_m, "S")
            made += [mark] if _is_inside(mark) else []
    return tuple(made)


def _gate_points(plan: Plan, corridor: Corridor) -> list[shapely.Point]:
    gates = plan.gates[plan.gates[Gates.urn].isin(corridor.urns)]
    return [shapely.Point(x, y) for x, y in zip(gates[Gates.x_m], gates[Gates.y_m], strict=True)]


def _places(plan: Plan, frame: _Frame) -> tuple[Mark, ...]:
    """Bus stops and stations; of two that would hide each other, such as a pair, one."""
    letters = {"bus_stop": "B", "station": "T"}
    places = plan.inputs.streets.places
    found = places[places[Places.kind].isin(list(letters))]
    middles = found.geometry.centroid
    made = {
        _mark("place", frame, at.x, at.y, letters[kind])
        for kind, at in zip(found[Places.kind], middles, strict=True)
        if not at.is_empty
    }
    kept: list[Mark] = []
    for mark in sorted(filter(_is_inside, made), key=lambda m: (m.text, m.x, m.y)):
        if not any(_is_near(mark, other) for other in kept if other.text == mark.text):
            kept.append(mark)
    return tuple(kept)


def _streets(plan: Plan, corridor: Corridor) -> tuple[tuple[int, str], ...]:
    """The corridor's longest named streets, numbered in alphabetical order."""
    ids = list(corridor.segment_ids)
    part = plan.network.segments.loc[ids]
    part = part[part[Segments.name].str.strip() != ""]
    length_m = part.groupby(part[Segments.name])[Segments.length_m].sum()
    longest = sorted(length_m.items(), key=lambda item: (-round(item[1], 3), item[0]))
    return tuple(enumerate(sorted(str(n) for n, _ in longest[:STREETS_MAX]), start=1))


def _numbers(
    plan: Plan, corridor: Corridor, frame: _Frame, streets: tuple[tuple[int, str], ...]
) -> tuple[Mark, ...]:
    """Each street's number in the middle of its longest piece."""
    part = plan.network.segments.loc[list(corridor.segment_ids)]
    made = []
    for number, name in streets:
        own = part[part[Segments.name] == name]
        longest = own[Segments.length_m].to_numpy().argmax()
        middle = own.geometry.to_numpy()[longest].interpolate(0.5, normalized=True)
        made.append(_mark("street", frame, middle.x, middle.y, f"{number}"))
    return tuple(made)


def _apart(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Marks that would hide each other, a little to the side; the first ones stay."""
    put: list[Mark] = []
    for mark in marks:
        moved = mark
        for step in range(1, 13):
            if not any(_is_near(moved, other) for other in put):
                break
            turn = np.pi / 4 * (step - 1)
            far = _NEAR * (1 + step // 8)
            moved = replace(
                mark, x=_round(mark.x + far * np.cos(turn)), y=_round(mark.y + far * np.sin(turn))
            )
        put.append(moved)
    return tuple(put)


def _mark(
    kind: str, frame: _Frame, x_m: float, y_m: float, text: str = "", colour: str = ""
) -> Mark:
    x, y = frame.xy(float(x_m), float(y_m))
    return Mark(kind, _round(x), _round(y), text, colour)


def _round(value: float) -> float:
    return round(float(value), 1) + 0.0


def _is_near(one: Mark, other: Mark) -> bool:
    return abs(one.x - other.x) + abs(one.y - other.y) < _NEAR


def _is_inside(mark: Mark) -> bool:
    return 8 <= mark.x <= WIDTH - 8 and 8 <= mark.y <= HEIGHT - 8


def _shapes(plan: Plan, segment_ids: Iterable[int]) -> list[BaseGeometry]:
    return list(plan.network.segments.geometry.loc[list(segment_ids)])


def _simple_parts(shapes: Any) -> list[BaseGeometry]:
    """Lines and areas out of all that clipping leaves, points left out."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    return [p for p in parts if p.geom_type in ("LineString", "Polygon") and not p.is_empty]
