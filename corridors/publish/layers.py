"""The interactive map of a plan: folium's map and layer groups, filled with vectors by our script.

folium's own GeoJSON and popups need jQuery and parse HTML. Ours hand plain data to
`templates/map.js`, which puts names into the page as text, never as markup. Each street's line is
in the data once; layers name it by its position. Looks are CSS classes, which the legend shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import folium
import jinja2
import numpy as np
import shapely
from branca.element import Element, MacroElement
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from corridors.arrays import IntArray
from corridors.model import Corridor, Patrol, Plan, Route, local_time
from corridors.profile import MapTiles
from corridors.publish.bands import (
    FLOW_BANDS,
    RISK_BANDS,
    flow_bands,
    flow_words,
    pupils,
    risk_bands,
    risk_words,
    small_count,
)
from corridors.publish.cards import (
    Card,
    RouteGroup,
    Step,
    also_in_words,
    in_order,
    route_groups,
    school_name,
    steps,
    walk_words,
)
from corridors.publish.lonlat import lines, point
from corridors.publish.pages import asset
from corridors.publish.quarters import (
    flow_by_quarter,
    place_at,
    quarter_starts,
    quarter_words,
    risk_by_quarter,
)
from corridors.publish.trust import hot_spot_rows
from corridors.publish.wording import clean_name, joined, weekdays_words
from corridors.tables import Gates, Nodes, NoGoPlaces, Places, Schools, Segments

# Okabe and Ito's colours, each with a dash of its own, so that grey print tells them apart.
ROUTE_LOOKS: Final = (
    ("#d55e00", ""), ("#0072b2", "10 6"), ("#000000", "2 7"), ("#cc79a7", "14 5 2 5"),
    ("#009e73", "6 4"), ("#8a5a00", "18 6"),
)  # fmt: skip

_AREAS: Final = ("park", "water", "school_site", "railway")
MAJOR_ROADS: Final = (
    "motorway", "trunk", "primary", "secondary", "tertiary", "motorway_link", "trunk_link",
    "primary_link", "secondary_link", "tertiary_link",
)  # fmt: skip
_SIMPLIFY_M: Final = 0.5
_HOT_SPOT_M: Final = 13.0
_LABELS_MAX: Final = 150
_ROOM_M: Final = 150.0
_UNITS: Final = 1e6  # of the data's positions, in a degree

Data = dict[str, Any]


class _Vectors(MacroElement):
    """What fills the layer that it is put into: a key of the page's data.

    The data itself must not pass through branca, which reads what it has rendered as a template
    once more: a school named ``{{ … }}`` would run here.
    """

    _template = jinja2.Template(
        "{% macro script(this, kwargs) %}"
        'corridorsAdd({{ this._parent.get_name() }}, "{{ this.key }}");\n'
        "{% endmacro %}"
    )

    def __init__(self, key: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self.key = key


@dataclass(frozen=True)
class Layer:
    """A check box beside the map."""

    key: str
    label: str
    is_shown: bool = True


@dataclass(frozen=True)
class TeamLayer:
    """A check box for a team's route, offered on its days."""

    key: str
    label: str
    days: tuple[str, ...]  # ISO dates


@dataclass(frozen=True)
class MapParts:
    """What a page needs to show the map."""

    element_id: str
    data: Markup  # JSON that is safe inside an element of the page
    script: str
    layers: tuple[Layer, ...]
    teams: tuple[TeamLayer, ...]
    quarters: tuple[str, ...]  # of the window, for the slider


def make_map(
    plan: Plan,
    cards: Sequence[Card],
    schools: Mapping[str, Sequence[str]],
    *,
    risk_reach_m: float,
    tiles: MapTiles,
) -> MapParts:
    """The map as the id of its element, its data and one script, the same for the same plan.

    Parameters
    ----------
    cards : of the plan's patrols, in their order on the page.
    schools : what is said of each school, by URN.
    risk_reach_m : reports within so many metres count as near a street.
    tiles : the partnership's own pictures of the ground, if it has any.
    """
    groups = route_groups(plan)
    starts = quarter_starts(plan)
    teams = tuple(
        TeamLayer(f"team-{i}", group.label, _days(p for _, part in group.parts for p in part))
        for i, group in enumerate(groups)
    )
    layers = _listed(plan, tiles)
    data = _streets(plan) | _values(plan, starts, risk_reach_m) | {
        "areas": _areas(plan),
        "boundary": _packed([plan.inputs.ward.boundary.simplify(_SIMPLIFY_M).boundary]),
        "corridors": [_corridor(plan, c) for c in plan.corridors],
        "spots": _hot_spots(plan),
        "clear": _no_go(plan),
        "teams": [_team(plan, g, t, starts, cards) for g, t in zip(groups, teams, strict=True)],
        "schools": [_school(plan, urn, schools[urn]) for urn in sorted(schools)],
        "gates": _gates(plan),
        "labels": _street_names(plan),
        "bounds": _bounds(plan),
        "tiles": tiles.tiles,
    }  # fmt: skip
    keys = ("base", *(layer.key for layer in layers), *(team.key for team in teams))
    name, script = _folium(keys)
    return MapParts(
        name,
        htmlsafe_json_dumps(data, separators=(",", ":")),
        script,
        layers,
        teams,
        tuple(map(quarter_words, starts)),
    )


def look_rules() -> str:
    """Style rules of routes and bands, for the map and its legend alike."""
    rules = [
        f".route-{i} {{ stroke: {colour}; {f'stroke-dasharray: {dash};' if dash else ''} }}\n"
        f".arrow-{i} {{ fill: {colour}; }} .mark.of-{i} {{ border-color: {colour}; }}"
        for i, (colour, dash) in enumerate(ROUTE_LOOKS)
    ]
    for kind, looks in (("risk", RISK_BANDS), ("flow", FLOW_BANDS)):
        rules += [
            f".{kind}-{i} {{ stroke: {look.colour}; stroke-width: {_scaled(look.width)}; }}"
            for i, look in enumerate(looks, start=1)
        ]
    rules += [
        f".flow-{i} {{ stroke-dasharray: 0.1 {look.width + 5:g}; }}\n"
        f".flow-case-{i} {{ stroke-width: {_scaled(look.width + 2.5)}; "
        f"stroke-dasharray: 0.1 {look.width + 5:g}; }}"
        for i, look in enumerate(FLOW_BANDS, start=1)
    ]
    return "\n".join(rules)


def _scaled(width: float) -> str:
    """Pixels at a usual zoom; the map sets ``--scale`` for others."""
    return f"calc(var(--scale, 1) * {width:g}px)"


def look_of(team: int) -> int:
    """Which of ``ROUTE_LOOKS`` a team (1, 2, …) has, whatever the day."""
    return (team - 1) % len(ROUTE_LOOKS)


def _listed(plan: Plan, tiles: MapTiles) -> tuple[Layer, ...]:
    risk_name = "Risk in the window" if plan.has_times else "Risk, place context only"
    layers = [
        Layer("corridors", "Corridors"),
        Layer("risk", risk_name),
        Layer("flow", "Pupils on the way home", is_shown=False),
        Layer("spots", "Hot spots"),
        *([Layer("clear", "Keep clear")] if _no_go(plan) else []),
        Layer("schools", "Schools and gates"),
        Layer("labels", "Street names"),
        *([Layer("tiles", "Pictures of the ground")] if tiles.tiles else []),
    ]
    return tuple(layers)


def _folium(keys: Iterable[str]) -> tuple[str, str]:
    """folium's map with an empty group for each key: the element's id, and the script."""
    made = folium.Map(tiles=None, control_scale=True, zoom_snap=0.25, attribution_control=False)
    made.default_js, made.default_css = [], []
    for key in keys:
        group = folium.FeatureGroup(name=key, show=False)
        _Vectors(key).add_to(group)
        group.add_to(made)
    root: Any = made.get_root()
    root.render()
    name = made.get_name()
    script = f"{asset('map.js')}\n{root.script.render()}\ncorridorsReady({name});\n"
    for number, random_id in enumerate(_ids(root)):
        script = script.replace(random_id, f"{number:04d}")
        name = name.replace(random_id, f"{number:04d}")
    return name, script


def _ids(element: Any) -> list[str]:
    """Folium's random ids in the order in which the elements were added."""
    found = [str(element._id)]
    for child in element._children.values():
        if isinstance(child, Element):
            found += _ids(child)
    return found


def _bounds(plan: Plan) -> list[list[float]]:
    """The corridors with some room round them, or the ward if there are none."""
    shapes = [s for c in plan.corridors for s in _shapes(plan, c.segment_ids)]
    room_m = _ROOM_M if shapes else 0.0
    west, south, east, north = shapely.total_bounds(
        np.array(shapes or [plan.inputs.ward.boundary], dtype=object)
    )
    lon_a, lat_a = point(west - room_m, south - room_m)
    lon_b, lat_b = point(east + room_m, north + room_m)
    return [[lat_a, lon_a], [lat_b, lon_b]]


# --- positions ----------------------------------------------------------------------------------


def _packed(shapes: Iterable[BaseGeometry]) -> list[list[int]]:
    """Lines as whole millionths of a degree: longitude, latitude, then the steps to the next."""
    packed = []
    for line in lines(shapes):
        units = np.rint(np.array(line) * _UNITS).astype(np.int64)
        steps_on = np.diff(units, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
        packed.append(steps_on.ravel().tolist())
    return packed


def _at(x_m: float, y_m: float) -> list[float]:
    return list(point(x_m, y_m))


def _shapes(plan: Plan, segment_ids: Iterable[int]) -> list[BaseGeometry]:
    return list(plan.network.segments.geometry.loc[list(segment_ids)])


def _places(plan: Plan, segment_ids: Iterable[int]) -> list[int]:
    """Positions of segments in the data."""
    found: list[int] = plan.network.segments.index.get_indexer(list(segment_ids)).tolist()
    return found


def _middle(shapes: Sequence[BaseGeometry]) -> list[float]:
    middle = max(shapes, key=lambda s: s.length).interpolate(0.5, normalized=True)
    return _at(middle.x, middle.y)


# --- the ground ---------------------------------------------------------------------------------


def _streets(plan: Plan) -> Data:
    segments = plan.network.segments
    cleaned = [clean_name(name) for name in segments[Segments.name]]
    names = sorted({name for name in cleaned if name})
    position = {name: i for i, name in enumerate(names)} | {"": -1}
    major = np.flatnonzero(segments[Segments.highway].isin(MAJOR_ROADS).to_numpy())
    return {
        "paths": _packed(segments.geometry.simplify(_SIMPLIFY_M)),
        "names": names,
        "name_of": [position[name] for name in cleaned],
        "major": major.tolist(),
    }


def _areas(plan: Plan) -> list[Data]:
    """Parks, water, school sites and railways, each kind as closed or open lines."""
    places = plan.inputs.streets.places
    found = []
    for kind in _AREAS:
        shapes = [
            s.simplify(2 * _SIMPLIFY_M)
            for s in places.geometry[places[Places.kind] == kind]
            if s.geom_type != "Point" and not s.is_empty
        ]
        rings = [s.boundary if "Polygon" in s.geom_type else s for s in shapes]
        found.append({"kind": kind, "open": kind == "railway", "rings": _packed(rings)})
    return found


def _street_names(plan: Plan) -> list[list[Any]]:
    """Position, name, turn (degrees) and rank of each label; corridor streets have rank 0.

    Each street's name stands along its longest segment: corridor streets, then the longest others.
    """
    segments = plan.network.segments
    named = segments[segments[Segments.name].str.strip() != ""]
    on_corridor = {n for c in plan.corridors for n in c.street_names}
    total_m = named.groupby(Segments.name)[Segments.length_m].sum()
    ranked = sorted(total_m.index, key=lambda n: (n not in on_corridor, -total_m[n], n))
    ordered = named.sort_values(
        [Segments.name, Segments.length_m], ascending=[True, False], kind="stable"
    )
    longest = ordered.drop_duplicates(Segments.name).set_index(Segments.name).geometry
    labels = []
    for name in ranked[:_LABELS_MAX]:
        line = longest.loc[name]
        (x0, y0), (x1, y1) = line.coords[0][:2], line.coords[-1][:2]
        turn = -np.degrees(np.arctan2(y1 - y0, x1 - x0))
        turn = (turn + 90) % 180 - 90  # never upside down
        rank = 0 if name in on_corridor else 1
        labels.append([_middle([line]), clean_name(name), round(float(turn)), rank])
    return labels


# --- bands --------------------------------------------------------------------------------------


def _values(plan: Plan, starts: tuple[int, ...], reach_m: float) -> Data:
    """Bands of risk and pupils: one digit for the whole window, then one for each quarter."""
    risk = risk_bands(plan, reach_m=reach_m)[:, None]
    flow = flow_bands(pupils(plan))[:, None]
    if starts:
        flow = np.hstack([flow, flow_by_quarter(plan, starts)])
    if starts and plan.has_times:
        risk = np.hstack([risk, risk_by_quarter(plan, starts, reach_m=reach_m)])
    return {
        "risk": _digits(risk),
        "flow": _digits(flow),
        "risk_words": [risk_words(band) for band in range(len(RISK_BANDS) + 1)],
        "flow_words": [flow_words(band) for band in range(len(FLOW_BANDS) + 1)],
        "caution": "" if plan.has_times else "All hours: the source has no times",
        "quarters": [quarter_words(m) for m in starts],
        "times": [local_time(m) for m in starts],
    }


def _digits(bands: IntArray) -> Data:
    some = np.flatnonzero(bands.any(axis=1))
    return {"on": some.tolist(), "bands": ["".join(map(str, row)) for row in bands[some].tolist()]}


# --- what the plan says -------------------------------------------------------------------------


def _corridor(plan: Plan, corridor: Corridor) -> Data:
    return {
        "label": clean_name(corridor.corridor_id),
        "at": _middle(_shapes(plan, corridor.segment_ids)),
        "on": _places(plan, corridor.segment_ids),
        "words": _corridor_words(plan, corridor),
    }


def _corridor_words(plan: Plan, corridor: Corridor) -> list[str]:
    evidence = corridor.evidence
    count = small_count(evidence.incidents_in_window)
    when = "after school" if evidence.has_times else "at any hour (no times known)"
    return [
        f"Corridor {clean_name(corridor.corridor_id)}",
        joined(school_name(plan, u) for u in corridor.urns),
        f"{corridor.length_m:.0f} m",
        f"Reports {when}: {count}",
        *also_in_words(corridor),
    ]


def _hot_spots(plan: Plan) -> list[Data]:
    """An outline round each hot spot's streets, with its label."""
    found = []
    for spot, row in zip(plan.hot_spots, hot_spot_rows(plan), strict=True):
        shapes = _shapes(plan, spot.segment_ids)
        outline = shapely.union_all(np.array(shapes, dtype=object)).buffer(_HOT_SPOT_M)
        words = [f"Hot spot {row.hot_spot_id}: {row.where}", f"Reports: {row.reports}"]
        found.append(
            {
                "label": row.hot_spot_id,
                "at": _middle(shapes),
                "rings": _packed([outline.simplify(1.0).boundary]),
                "words": [*words, row.times, row.stability],
            }
        )
    return found


def _no_go(plan: Plan) -> list[Data]:
    """A circle round each place to keep clear of (B19); of those on this ward's ground."""
    marked = plan.inputs.no_go
    if marked is None:
        return []
    ground_m = shapely.box(*plan.network.segments.total_bounds)
    found = []
    for row in marked.to_dict("records"):
        at = shapely.Point(row[NoGoPlaces.x_m], row[NoGoPlaces.y_m])
        who = "Police" if row[NoGoPlaces.holds_for] == "police" else "All teams"
        if at.within(ground_m):
            found.append(
                {
                    "rings": _packed([at.buffer(row[NoGoPlaces.reach_m]).boundary]),
                    "words": [clean_name(row[NoGoPlaces.name]), f"{who} keep clear"],
                }
            )
    return found


def _school(plan: Plan, urn: str, words: Sequence[str]) -> Data:
    row = plan.inputs.schools.loc[[urn], [Schools.x_m, Schools.y_m]]
    x_m, y_m = row.to_numpy(dtype=float)[0].tolist()
    return {"at": _at(x_m, y_m), "label": school_name(plan, urn), "words": list(words)}


def _gates(plan: Plan) -> list[Data]:
    return [
        {
            "at": _at(float(row[Gates.x_m]), float(row[Gates.y_m])),
            "words": [
                f"Gate of {school_name(plan, row[Gates.urn])}",
                f"Found: {row[Gates.source]}",
            ],
        }
        for _, row in plan.gates.sort_index().iterrows()
    ]


# --- routes -------------------------------------------------------------------------------------


def _days(patrols: Iterable[Patrol]) -> tuple[str, ...]:
    return tuple(sorted({p.day.isoformat() for p in patrols}))


def _team(
    plan: Plan,
    group: RouteGroup,
    layer: TeamLayer,
    starts: tuple[int, ...],
    cards: Sequence[Card],
) -> Data:
    return {
        "key": layer.key,
        "label": layer.label,
        "name": f"Team {group.route.team}",
        "days": layer.days,
        "look": look_of(group.route.team),
        "walk": _walk(plan, group.route),
        "words": [f"{group.route.length_m:.0f} m", *filter(None, [walk_words(group.route)])],
        "steps": _marks(plan, group),
        "cards": _cards(plan, group, cards),
        "parts": [
            {
                "days": _days(patrols),
                "at": [_moment(plan, group.route, 60 * (m - start_min)) for m in starts],
            }
            for start_min, patrols in group.parts
        ],
    }


def _walk(plan: Plan, route: Route) -> list[int]:
    """Its streets in order, as positions from 1; below 0 where walked from end to start."""
    ends = plan.network.segments[Segments.u]
    positions = _places(plan, route.segment_ids)
    return [
        place + 1 if ends.loc[segment_id] == node_id else -(place + 1)
        for place, segment_id, node_id in zip(
            positions, route.segment_ids, route.node_ids, strict=False
        )
    ]


def _moment(plan: Plan, route: Route, at_s: int) -> list[Any] | None:
    place = place_at(plan, route, at_s)
    return None if place is None else [_at(place.x_m, place.y_m), place.words]


def _cards(plan: Plan, group: RouteGroup, cards: Sequence[Card]) -> dict[str, Data]:
    """By day: what the route's popup says, and which card it is."""
    own = {p.patrol_id for _, patrols in group.parts for p in patrols}
    made = {}
    for number, (patrol, card) in enumerate(zip(in_order(plan.patrols), cards, strict=True), 1):
        if patrol.patrol_id in own:
            made[patrol.day.isoformat()] = {"card": number, "words": _card_words(card)}
    return made


def _card_words(card: Card) -> list[str]:
    people = [f"{p.role}: {p.name}" for p in card.people] or ["Nobody walks this patrol"]
    return [
        f"{card.day} {card.date}, Team {card.team}",
        f"{card.start} to {card.end}, corridor {card.corridor_id}, {card.schools}",
        f"Aim: {card.aim} ({card.aim_state})",
        f"Risk it answers: {card.statement}",
        *people,
        *([f"Police: {card.police}", f"Protocol: {card.protocol}"] if card.people else []),
    ]


def _marks(plan: Plan, group: RouteGroup) -> list[Data]:
    """Numbers of the steps; those at one junction share a mark."""
    by_node: dict[int, list[Step]] = {}
    words: dict[int, list[str]] = {}
    for part, (start_min, patrols) in enumerate(group.parts):
        days = weekdays_words([p.day for p in patrols]) if len(group.parts) > 1 else ""
        for step in steps(plan, group.route, start_min):
            if part == 0:
                by_node.setdefault(step.node_id, []).append(step)
            said = f"{step.number}. {step.time} {step.words}"
            words.setdefault(step.node_id, []).append(f"{days}: {said}" if days else said)
    nodes = plan.network.nodes.loc[list(by_node)]
    return [
        {
            "at": _at(x_m, y_m),
            "numbers": [s.number for s in here],
            "stand": any(s.kind == "stand" for s in here),
            "words": words[node_id],
        }
        for x_m, y_m, (node_id, here) in zip(
            nodes[Nodes.x_m], nodes[Nodes.y_m], by_node.items(), strict=True
        )
    ]
