"""The interactive map of a plan: folium's map and layers, vectors only, no tile and no address.

folium's own GeoJSON and popups need jQuery and parse HTML. Ours hand GeoJSON to a few lines of
script (`templates/map.js`) that put names into the page as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import folium
import jinja2
import numpy as np
import shapely
from branca.element import Element, MacroElement
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape
from shapely.geometry.base import BaseGeometry

from corridors.model import Corridor, Plan, Route
from corridors.publish.bands import (
    FLOW_BANDS,
    RISK_BANDS,
    Band,
    flow_bands,
    flow_words,
    pupils,
    risk_bands,
    risk_words,
    small_count,
)
from corridors.publish.cards import (
    RouteGroup,
    Step,
    route_groups,
    school_name,
    steps,
    walk_words,
)
from corridors.publish.lonlat import geometry, lines, point
from corridors.publish.pages import asset
from corridors.publish.trust import hot_spot_rows
from corridors.publish.wording import clean_name, joined, staff_words, weekdays_words
from corridors.tables import Gates, Nodes, NoGoPlaces, Places, Schools, Segments

# Okabe and Ito's colours, each with a dash of its own, so that grey print tells them apart.
ROUTE_LOOKS: Final = (
    ("#d55e00", ""), ("#0072b2", "10 6"), ("#000000", "2 7"), ("#cc79a7", "14 5 2 5"),
    ("#009e73", "6 4"), ("#8a5a00", "18 6"),
)  # fmt: skip
CORRIDOR_COLOUR: Final = "#f5d76e"

_BASE_STYLES: Final[dict[str, dict[str, Any]]] = {
    "park": {"color": "#b7cfae", "fillColor": "#dcebd5", "fillOpacity": 1, "weight": 1},
    "water": {"color": "#a9c3d3", "fillColor": "#d3e4ee", "fillOpacity": 1, "weight": 1},
    "school_site": {
        "color": "#a08a62", "fillColor": "#f0e6d2", "fillOpacity": 1, "weight": 1,
        "dashArray": "4 3",
    },
    "railway": {"color": "#7d7d7d", "weight": 2, "dashArray": "8 4", "fill": False},
}  # fmt: skip
MAJOR_ROADS: Final = (
    "motorway", "trunk", "primary", "secondary", "tertiary", "motorway_link", "trunk_link",
    "primary_link", "secondary_link", "tertiary_link",
)  # fmt: skip
_SIMPLIFY_M: Final = 1.0
_ARROW_M: Final = 11.0
_ARROW_MIN_M: Final = 30.0
_LABELS_MAX: Final = 150
_ROOM_M: Final = 150.0

Feature = dict[str, Any]


class _Vectors(MacroElement):
    """A place in the page's data for the layer that it is put into.

    The data itself must not pass through branca, which reads what it has rendered as a template
    once more: a school named ``{{ … }}`` would run here.
    """

    _template = jinja2.Template(
        "{% macro script(this, kwargs) %}"
        "corridorsAdd({{ this._parent.get_name() }}, {{ this.position }});\n"
        "{% endmacro %}"
    )

    def __init__(self, position: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types here
        self.position = position


@dataclass(frozen=True)
class _Layer:
    """A line of the layer control."""

    name: str
    features: list[Feature]
    is_shown: bool = True
    is_listed: bool = True


@dataclass(frozen=True)
class MapParts:
    """What a page needs to show the map."""

    element_id: str
    data: Markup  # JSON that is safe inside an element of the page
    script: str


def make_map(plan: Plan, *, risk_reach_m: float) -> MapParts:
    """The map as the id of its element and one script, the same for the same plan."""
    made = folium.Map(tiles=None, control_scale=True, zoom_snap=0.25, attribution_control=False)
    made.default_js, made.default_css = [], []
    layers = _layers(plan, risk_reach_m)
    for position, layer in enumerate(layers):
        # Leaflet's layer control reads the name as HTML; it holds no name from a file.
        group = folium.FeatureGroup(
            name=str(escape(layer.name)), show=layer.is_shown, control=layer.is_listed
        )
        _Vectors(position).add_to(group)
        group.add_to(made)
    folium.LayerControl(collapsed=False).add_to(made)
    root: Any = made.get_root()
    root.render()
    name = made.get_name()
    script = (
        f"{asset('map.js')}\n{root.script.render()}\ncorridorsReady({name}, {_bounds(plan)});\n"
    )
    for number, random_id in enumerate(_ids(root)):
        script = script.replace(random_id, f"{number:04d}")
        name = name.replace(random_id, f"{number:04d}")
    data = [{"type": "FeatureCollection", "features": layer.features} for layer in layers]
    return MapParts(name, htmlsafe_json_dumps(data, separators=(",", ":")), script)


def _layers(plan: Plan, risk_reach_m: float) -> list[_Layer]:
    risk_name = "Risk in the window" if plan.has_times else "Risk, place context only"
    groups = route_groups(plan)
    routes = [
        # One day at a time: those of all days would lie on top of each other.
        _Layer(group.label, _route(plan, group), is_shown=group.first_day == groups[0].first_day)
        for group in groups
    ]
    no_go = _no_go(plan)
    return [
        _Layer("Base map", _base(plan), is_listed=False),
        _Layer("Pupils on the way home", _flow(plan), is_shown=False),
        _Layer("Corridors", _corridors(plan)),
        _Layer(risk_name, _risk(plan, risk_reach_m)),
        _Layer("Hot spots", _hot_spots(plan)),
        *([_Layer("Keep clear", no_go)] if no_go else []),
        *routes,
        _Layer("Schools and gates", [*_schools(plan), *_gates(plan)]),
        _Layer("Street names", _street_names(plan)),
    ]


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


# --- features -----------------------------------------------------------------------------------


def _feature(
    shape: dict[str, Any], style: dict[str, Any] | None = None, words: Sequence[str] = ()
) -> Feature:
    properties: dict[str, Any] = {"style": {"interactive": bool(words), **(style or {})}}
    if words:
        properties["lines"] = [w for w in words if w]
    return {"type": "Feature", "geometry": shape, "properties": properties}


def _label(
    at: tuple[float, float], label: str, kind: str, words: Sequence[str] = (), turn: float = 0.0
) -> Feature:
    made = _feature({"type": "Point", "coordinates": list(at)}, words=words)
    made["properties"] |= {"label": label, "kind": kind, "turn": round(turn, 1)}
    return made


def _multi(shapes: Iterable[BaseGeometry]) -> dict[str, Any]:
    return {"type": "MultiLineString", "coordinates": lines(shapes)}


def _shapes(plan: Plan, segment_ids: Iterable[int]) -> list[BaseGeometry]:
    return list(plan.network.segments.geometry.loc[list(segment_ids)])


# --- layers -------------------------------------------------------------------------------------


def _base(plan: Plan) -> list[Feature]:
    features: list[Feature] = []
    places = plan.inputs.streets.places
    for kind, style in _BASE_STYLES.items():
        shapes = places.geometry[places[Places.kind] == kind]
        features += [
            _feature(geometry(s.simplify(_SIMPLIFY_M)), style)
            for s in shapes
            if s.geom_type != "Point" and not s.is_empty
        ]
    segments = plan.network.segments
    thin = segments.geometry.simplify(_SIMPLIFY_M)
    major = segments[Segments.highway].isin(MAJOR_ROADS)
    for part, weight in ((~major, 1.5), (major, 3.5)):
        features.append(_feature(_multi(thin[part]), {"color": "#b3b3b3", "weight": weight}))
    outline = {"color": "#333333", "weight": 2, "dashArray": "12 5 2 5", "fill": False}
    boundary = geometry(plan.inputs.ward.boundary.simplify(_SIMPLIFY_M))
    return [*features, _feature(boundary, outline)]


def _flow(plan: Plan) -> list[Feature]:
    bands = flow_bands(pupils(plan))
    return _banded(plan, bands, FLOW_BANDS, lambda i: (flow_words(int(bands[i])), "expected"))


def _risk(plan: Plan, reach_m: float) -> list[Feature]:
    bands, walkers = risk_bands(plan, reach_m=reach_m), flow_bands(pupils(plan))
    caution = "" if plan.has_times else "All hours: the source has no times"
    return _banded(
        plan,
        bands,
        RISK_BANDS,
        lambda i: (f"Risk: {risk_words(int(bands[i]))}", flow_words(int(walkers[i])), caution),
    )


def _banded(plan: Plan, bands: Any, looks: tuple[Band, ...], words: Any) -> list[Feature]:
    names = plan.network.segments[Segments.name].to_numpy()
    shapes = plan.network.segments.geometry.to_numpy()
    features = []
    for number, look in enumerate(looks, start=1):
        style = {"color": look.colour, "weight": look.width, "opacity": 0.9, "lineCap": "butt"}
        chosen = np.flatnonzero(bands == number)
        for i, name, line in zip(chosen, names[chosen], lines(shapes[chosen]), strict=True):
            title = clean_name(name) or "Unnamed path"
            drawn = {"type": "LineString", "coordinates": line}
            features.append(_feature(drawn, style, (title, *words(int(i)))))
    return features


def _corridors(plan: Plan) -> list[Feature]:
    features = []
    for corridor in plan.corridors:
        shapes = _shapes(plan, corridor.segment_ids)
        words = _corridor_words(plan, corridor)
        for colour, weight in (("#6b5900", 21), (CORRIDOR_COLOUR, 18)):
            style = {"color": colour, "weight": weight, "opacity": 1}
            features.append(_feature(_multi(shapes), style, words))
        middle = max(shapes, key=lambda s: s.length).interpolate(0.5, normalized=True)
        at = point(middle.x, middle.y)
        features.append(_label(at, clean_name(corridor.corridor_id), "corridor", words))
    return features


def _hot_spots(plan: Plan) -> list[Feature]:
    """A black and white line along each hot spot's streets, with its label."""
    features = []
    for spot, row in zip(plan.hot_spots, hot_spot_rows(plan), strict=True):
        shapes = _shapes(plan, spot.segment_ids)
        words = (f"Hot spot {row.hot_spot_id}: {row.where}", row.reports, row.times, row.stability)
        drawn = _multi(shapes)
        features += [
            _feature(drawn, {"color": "#000000", "weight": 6, "opacity": 1}, words),
            _feature(drawn, {"color": "#ffffff", "weight": 3, "opacity": 1, "dashArray": "2 6"}),
        ]
        middle = max(shapes, key=lambda s: s.length).interpolate(0.5, normalized=True)
        features.append(_label(point(middle.x, middle.y), row.hot_spot_id, "hot-spot", words))
    return features


def _no_go(plan: Plan) -> list[Feature]:
    """A circle round each place to keep clear of (B19); of those on this ward's ground."""
    marked = plan.inputs.no_go
    if marked is None:
        return []
    ground_m = shapely.box(*plan.network.segments.total_bounds)
    looks = {"color": "#000000", "weight": 3, "dashArray": "1 6", "fillOpacity": 0.15}
    features = []
    for row in marked.to_dict("records"):
        at = shapely.Point(row[NoGoPlaces.x_m], row[NoGoPlaces.y_m])
        who = "Police" if row[NoGoPlaces.holds_for] == "police" else "All teams"
        words = (clean_name(row[NoGoPlaces.name]), f"{who} keep clear")
        if at.within(ground_m):
            features.append(_feature(geometry(at.buffer(row[NoGoPlaces.reach_m])), looks, words))
    return features


def _corridor_words(plan: Plan, corridor: Corridor) -> tuple[str, ...]:
    evidence = corridor.evidence
    count = small_count(evidence.incidents_in_window)
    when = "after school" if evidence.has_times else "at any hour (no times known)"
    return (
        f"Corridor {clean_name(corridor.corridor_id)}",
        joined(school_name(plan, u) for u in corridor.urns),
        f"{corridor.length_m:.0f} m",
        f"Reports {when}: {count}",
    )


def _route(plan: Plan, group: RouteGroup) -> list[Feature]:
    route = group.route
    colour, dash = ROUTE_LOOKS[look_of(route.team)]
    shapes = _shapes(plan, sorted(set(route.segment_ids)))
    words = (
        group.label,
        f"Corridor {clean_name(route.corridor_id)}",
        f"{route.length_m:.0f} m",
        *filter(None, [walk_words(route)]),
    )
    drawn = _multi(shapes)
    line = {"color": colour, "weight": 3, "opacity": 1, "dashArray": dash or None}
    features = [
        _feature(drawn, {"color": "#ffffff", "weight": 5, "opacity": 1}),
        _feature(drawn, line, words),
        _feature(_multi(_arrows(plan, route)), {"color": colour, "weight": 3, "opacity": 1}),
    ]
    return [*features, *_marks(plan, group)]


def look_of(team: int) -> int:
    """Which of ``ROUTE_LOOKS`` a team (1, 2, …) has, whatever the day."""
    return (team - 1) % len(ROUTE_LOOKS)


def _marks(plan: Plan, group: RouteGroup) -> list[Feature]:
    """Numbers of the steps; those at one junction share a mark, a stand point is square."""
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
    points = [point(x, y) for x, y in zip(nodes[Nodes.x_m], nodes[Nodes.y_m], strict=True)]
    features = []
    for at, (node_id, here) in zip(points, by_node.items(), strict=True):
        numbers = [str(s.number) for s in here]
        label = "·".join(numbers[:3]) + ("…" if len(numbers) > 3 else "")
        is_stand = any(s.kind == "stand" for s in here)
        kind = f"step {'stand ' if is_stand else ''}route-{look_of(group.route.team) + 1}"
        features.append(_label(at, label, kind, (group.label, *words[node_id])))
    return features


def _arrows(plan: Plan, route: Route) -> list[BaseGeometry]:
    """One arrow head for each street and direction, a little before its middle."""
    starts = plan.network.segments[Segments.u]
    directed = {
        (segment_id, bool(starts.loc[segment_id] == node_id))
        for node_id, segment_id in zip(route.node_ids, route.segment_ids, strict=False)
    }
    heads = []
    for segment_id, is_forward in sorted(directed):
        line = plan.network.segments.geometry.loc[segment_id]
        line = line if is_forward else line.reverse()
        if line.length < _ARROW_MIN_M:
            continue
        tip_m = 0.4 * line.length + _ARROW_M / 2
        tip, tail = line.interpolate(tip_m), line.interpolate(tip_m - _ARROW_M)
        along = np.array([tip.x - tail.x, tip.y - tail.y])
        across = np.array([-along[1], along[0]]) * 0.6
        back = np.array([tail.x, tail.y])
        head = [back + across, np.array([tip.x, tip.y]), back - across]
        heads.append(shapely.LineString(head))
    return heads


def _schools(plan: Plan) -> list[Feature]:
    schools = plan.inputs.schools
    reasons = {n.urn: staff_words(n.reason) for n in plan.no_patrol}
    shown = {u for c in plan.corridors for u in c.urns} | set(reasons) | {f.urn for f in plan.flows}
    features = []
    drawn = schools.loc[sorted(shown & set(schools.index))]
    for urn, x_m, y_m in zip(drawn.index, drawn[Schools.x_m], drawn[Schools.y_m], strict=True):
        name = school_name(plan, urn)
        words = (name, f"URN {urn}", f"No patrol: {reasons[urn]}" if urn in reasons else "")
        features.append(_label(point(x_m, y_m), name, "school", words))
    return features


def _gates(plan: Plan) -> list[Feature]:
    style = {
        "radius": 6, "color": "#000000", "weight": 3, "fill": True, "fillColor": "#ffffff",
        "fillOpacity": 1,
    }  # fmt: skip
    features = []
    for _, row in plan.gates.sort_index().iterrows():
        at = point(float(row[Gates.x_m]), float(row[Gates.y_m]))
        words = (f"Gate of {school_name(plan, row[Gates.urn])}", f"Found: {row[Gates.source]}")
        features.append(_feature({"type": "Point", "coordinates": list(at)}, style, words))
    return features


def _street_names(plan: Plan) -> list[Feature]:
    """Each street's name along its longest segment: corridor streets, then the longest others."""
    segments = plan.network.segments
    named = segments[segments[Segments.name].str.strip() != ""]
    on_corridor = {n for c in plan.corridors for n in c.street_names}
    total_m = named.groupby(Segments.name)[Segments.length_m].sum()
    ranked = sorted(total_m.index, key=lambda n: (n not in on_corridor, -total_m[n], n))
    chosen = set(ranked[:_LABELS_MAX])
    ordered = named.sort_values(
        [Segments.name, Segments.length_m], ascending=[True, False], kind="stable"
    )
    longest = ordered.drop_duplicates(Segments.name)
    features = []
    for name, line in zip(longest[Segments.name], longest.geometry, strict=True):
        if name not in chosen:
            continue
        middle = line.interpolate(0.5, normalized=True)
        (x0, y0), (x1, y1) = line.coords[0][:2], line.coords[-1][:2]
        turn = -np.degrees(np.arctan2(y1 - y0, x1 - x0))
        turn = (turn + 90) % 180 - 90  # never upside down
        kind = "street" if name in on_corridor else "street minor"
        features.append(_label(point(middle.x, middle.y), clean_name(name), kind, turn=turn))
    return features
