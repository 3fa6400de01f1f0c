"""Routes for a phone or a GPS device: GPX 1.1, a file for each distinct route. OFFICIAL-SENSITIVE.

Each file says the same three times, since devices differ in what they show: points (start, stand
points and end), a route of the turns, and a track of the whole line.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final
from xml.etree import ElementTree

from shapely.geometry import LineString

from corridors.model import Plan, Route
from corridors.patrols.trace import Trace, walked_line
from corridors.publish.cards import (
    MARKING,
    RouteGroup,
    Step,
    rounds_words,
    route_groups,
    steps,
)
from corridors.publish.lonlat import LonLat, lines, point
from corridors.publish.public import attribution
from corridors.publish.wording import WEEKDAYS, clean_name, weekdays_words
from corridors.tables import Nodes

FOLDER: Final = "routes"

_NAMESPACE: Final = "http://www.topografix.com/GPX/1/1"
_SCHEMA: Final = "http://www.w3.org/2001/XMLSchema-instance"
_SYMBOLS: Final = {"start": "Flag, Green", "stand": "Flag, Blue", "end": "Flag, Red"}

_Element = ElementTree.Element


def route_files(plan: Plan) -> dict[str, bytes]:
    """GPX files by name, such as ``mon-to-fri_team_1_OS.gpx``."""
    groups = route_groups(plan)
    named = zip(route_names(groups), groups, strict=True)
    return {f"{name}_OS.gpx": _gpx(plan, group) for name, group in named}


def route_names(groups: Iterable[RouteGroup]) -> list[str]:
    """``mon-to-fri_team_1``; of routes with the same days and team, all but the first numbered."""
    met: dict[str, int] = {}
    names = []
    for group in groups:
        days = sorted({p.day for _, patrols in group.parts for p in patrols})
        name = f"{_day_names(days)}_team_{group.route.team}"
        met[name] = met.get(name, 0) + 1
        names.append(name if met[name] == 1 else f"{name}_no_{met[name]}")
    return names


def route_line(plan: Plan, route: Route) -> LineString:
    """One round of a route as one line in walking order, EPSG:27700."""
    return LineString(walked_line(plan.network, Trace(route.node_ids, route.segment_ids)))


def timed_steps(plan: Plan, group: RouteGroup) -> list[tuple[Step, str]]:
    """The steps of a route, each with its times in words, for all days that it is walked."""
    parts = [(patrols, steps(plan, group.route, start)) for start, patrols in group.parts]
    timed = []
    for position, step in enumerate(parts[0][1]):
        said = [(weekdays_words([p.day for p in ps]), found[position].time) for ps, found in parts]
        is_one = len({time for _, time in said}) == 1
        words = said[0][1] if is_one else "; ".join(f"{days} {time}" for days, time in said)
        timed.append((step, words))
    return timed


def _day_names(days: list[date]) -> str:
    short = [WEEKDAYS[day.weekday()][:3].lower() for day in days]
    if len(days) > 2 and (days[-1] - days[0]).days == len(days) - 1:
        return f"{short[0]}-to-{short[-1]}"
    return "-".join(short)


# --- GPX ----------------------------------------------------------------------------------------
# The schema wants the children of each element in this order.


def _gpx(plan: Plan, group: RouteGroup) -> bytes:
    root = _Element(
        "gpx",
        {
            "xmlns": _NAMESPACE, "xmlns:xsi": _SCHEMA, "version": "1.1", "creator": "corridors",
            "xsi:schemaLocation": f"{_NAMESPACE} {_NAMESPACE}/gpx.xsd",
        },
    )  # fmt: skip
    timed = timed_steps(plan, group)
    places = dict(zip(_node_ids(timed), _points(plan, timed), strict=True))
    title, about = f"{MARKING}: {group.label}", _about(plan, group)
    _metadata(plan, root, title, about)
    for step, words in timed:
        if step.kind in _SYMBOLS:
            made = _place(root, "wpt", places[step.node_id], f"{step.number}. {step.words}", words)
            _text(made, "sym", _SYMBOLS[step.kind])
            _text(made, "type", step.kind)
    turns = _named(root, "rte", title, about)
    for step, words in timed:
        _place(turns, "rtept", places[step.node_id], f"{step.number}. {step.words}", words)
    track = ElementTree.SubElement(_named(root, "trk", title, about), "trkseg")
    for at in lines([route_line(plan, group.route)])[0]:
        _position(track, "trkpt", at)
    ElementTree.indent(root, space=" ")
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _metadata(plan: Plan, root: _Element, title: str, about: str) -> None:
    made = _named(root, "metadata", title, about)
    ElementTree.SubElement(made, "copyright", {"author": attribution(plan)})
    _text(made, "keywords", MARKING)


def _about(plan: Plan, group: RouteGroup) -> str:
    """Marking, where and when, in a few sentences."""
    ward, week, route = plan.inputs.ward, plan.inputs.week, group.route
    said = [
        f"{MARKING}.",
        f"Ward {clean_name(ward.name)} ({ward.code}), week {week.label}.",
        f"Corridor {clean_name(route.corridor_id)}, {route.length_m:.0f} m.",
        *(rounds_words(route, start) for start, _ in group.parts),
    ]
    return " ".join(dict.fromkeys(filter(None, said)))


def _node_ids(timed: Iterable[tuple[Step, str]]) -> list[int]:
    return list(dict.fromkeys(step.node_id for step, _ in timed))


def _points(plan: Plan, timed: Iterable[tuple[Step, str]]) -> list[LonLat]:
    nodes = plan.network.nodes.loc[_node_ids(timed)]
    return [point(x, y) for x, y in zip(nodes[Nodes.x_m], nodes[Nodes.y_m], strict=True)]


def _named(parent: _Element, tag: str, name: str, words: str) -> _Element:
    made = ElementTree.SubElement(parent, tag)
    _text(made, "name", name)
    _text(made, "desc", words)
    return made


def _place(parent: _Element, tag: str, at: LonLat, name: str, words: str) -> _Element:
    made = _position(parent, tag, at)
    _text(made, "name", name)
    _text(made, "desc", words)
    return made


def _position(parent: _Element, tag: str, at: LonLat) -> _Element:
    lon, lat = at
    return ElementTree.SubElement(parent, tag, {"lat": f"{lat:.6f}", "lon": f"{lon:.6f}"})


def _text(parent: _Element, tag: str, words: str) -> None:
    ElementTree.SubElement(parent, tag).text = words
