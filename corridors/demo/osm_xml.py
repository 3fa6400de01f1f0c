"""Write a town as an OpenStreetMap XML extract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import quoteattr

import numpy as np

from corridors.crs import to_geographic
from corridors.demo.ground import RAIL, Tags
from corridors.demo.polyline import Point, Points
from corridors.demo.setting import Setting
from corridors.demo.town import Town, tags_of

EXTRACT_TIME: Final = "2026-02-16T06:00:00Z"
_Key = tuple[str, float, float]


def write(town: Town, setting: Setting) -> bytes:
    """OSM XML 0.6: bounds, nodes by id, ways by id.

    Vertices at the same place are one node; the railway has its own.
    """
    ways = list(_ways(town))
    number: dict[_Key, int] = {}
    for layer, points, _ in ways:
        for x, y in points:
            number.setdefault((layer, x, y), len(number))
    tags = _node_tags(town)
    for at in tags:
        number.setdefault(("", *at), len(number))
    return _document(setting, number, ways, tags).encode()


def _ways(town: Town) -> Iterator[tuple[str, Points, Tags]]:
    named = {s.key: s for s in town.schools}
    for line in town.lines:
        yield RAIL if line.layer == RAIL else "", line.points, line.tags
    for area in town.areas:
        yield "", area.outline, tags_of(area, named, town.park_names)
    for home in town.homes:
        yield "", home.outline, home.tags


def _node_tags(town: Town) -> dict[Point, Tags]:
    found: dict[Point, Tags] = {s.at: s.tags for s in town.spots}
    for gate in town.gates:
        main = {"entrance": "main", "barrier": "gate"} if gate.is_main else {"barrier": "gate"}
        found[gate.at] = {**main, "foot": "yes"}
    return found


def _document(
    setting: Setting,
    number: dict[_Key, int],
    ways: list[tuple[str, Points, Tags]],
    tags: dict[Point, Tags],
) -> str:
    xy = np.asarray([(x, y) for _, x, y in number])
    lon, lat = to_geographic(xy[:, 0] + setting.east_m, xy[:, 1] + setting.north_m)
    bounds = (
        f' <bounds minlat="{lat.min():.7f}" minlon="{lon.min():.7f}"'
        f' maxlat="{lat.max():.7f}" maxlon="{lon.max():.7f}"/>'
    )
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<osm version="0.6" generator="corridors demo" timestamp="{EXTRACT_TIME}">',
        bounds,
    ]
    first = setting.first_osm_id
    for (layer, x, y), i in number.items():
        head = f' <node id="{first + i}" lat="{lat[i]:.7f}" lon="{lon[i]:.7f}"'
        out += _element(head, "node", [], {} if layer == RAIL else tags.get((x, y), {}))
    for i, (layer, points, way_tags) in enumerate(ways):
        refs = [f'  <nd ref="{first + number[(layer, x, y)]}"/>' for x, y in points]
        out += _element(f' <way id="{first + i}"', "way", refs, way_tags)
    return "\n".join([*out, "</osm>", ""])


def _element(head: str, kind: str, body: list[str], tags: Tags) -> Iterator[str]:
    if not body and not tags:
        yield f"{head}/>"
        return
    yield f"{head}>"
    yield from body
    for key, value in sorted(tags.items()):
        yield f"  <tag k={quoteattr(key)} v={quoteattr(value)}/>"
    yield f" </{kind}>"
