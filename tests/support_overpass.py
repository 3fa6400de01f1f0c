"""A made-up Overpass server: a small town in one answer, on `support_server`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from support_server import Asked, LocalServer, Reply

from corridors.crs import to_geographic

STAMP = "2026-03-01T04:05:06Z"
STATUS = Reply(
    b"Connected as: 1\nCurrent time: 2026-03-02T14:00:00Z\nAnnounced endpoint: none\n"
    b"Rate limit: 2\n2 slots available now.\nCurrently running queries (pid, space limit, "
    b"time limit, start time):\n"
)


def element(kind: str, osm_id: int, **more: Any) -> dict[str, Any]:
    """An element as Overpass writes it."""
    return {"type": kind, "id": osm_id, **more}


def node(osm_id: int, x_m: float, y_m: float, **tags: str) -> dict[str, Any]:
    """A node at a place in EPSG:27700, with seven decimals."""
    lon, lat = to_geographic([x_m], [y_m])
    place = {"lat": round(float(lat[0]), 7), "lon": round(float(lon[0]), 7)}
    return element("node", osm_id, **place, **({"tags": tags} if tags else {}))


def answer(*elements: dict[str, Any], **more: Any) -> bytes:
    """An answer as Overpass writes it."""
    head = {"timestamp_osm_base": STAMP, "copyright": "made up"}
    return json.dumps({"version": 0.6, "osm3s": head, "elements": list(elements), **more}).encode()


def town(x_m: float, y_m: float) -> tuple[bytes, bytes]:
    """A made-up town round a place: the answer about ways, and the one about places."""
    nodes = [node(100 + n, x_m + 100 * (n % 4), y_m + 100 * (n // 4)) for n in range(16)]
    ways = [
        element("way", 10 + row, nodes=[100 + 4 * row + n for n in range(4)],
                tags={"highway": "residential", "name": f"Row {row} <Road>"})
        for row in range(4)
    ]  # fmt: skip
    ways.append(
        element("way", 20, nodes=[100, 104, 108, 112], tags={"highway": "steps", "oneway": "-1"})
    )
    ways.append(
        element("way", 21, nodes=[101, 105, 106, 102, 101], tags={"highway": "pedestrian",
                "area": "yes"})
    )  # fmt: skip
    site = [node(200 + n, x_m + 30 + 40 * (n in (1, 2)), y_m + 30 + 40 * (n > 1)) for n in range(4)]
    park = [node(300 + n, x_m + 220 + 60 * (n in (1, 2)), y_m + 220 + 60 * (n > 1))
            for n in range(8)]  # fmt: skip
    park[4:] = [node(304 + n, x_m + 240 + 20 * (n in (1, 2)), y_m + 240 + 20 * (n > 1))
                for n in range(4)]  # fmt: skip
    places = [
        *site,
        *park,
        node(400, x_m + 5, y_m + 5, highway="bus_stop", name="Made-up Stop"),
        node(401, x_m + 30, y_m + 31, entrance="main"),
        element("way", 30, nodes=[200, 201, 202, 203, 200],
                tags={"amenity": "school", "name": "Made-up School"}),
        element("way", 31, nodes=[300, 301, 302, 303, 300]),
        element("way", 32, nodes=[304, 305, 306, 307, 304]),
        element("relation", 40, tags={"type": "multipolygon", "leisure": "park", "name": "Green"},
                members=[{"type": "way", "ref": 31, "role": "outer"},
                         {"type": "way", "ref": 32, "role": "inner"}]),
    ]  # fmt: skip
    return answer(*nodes, *ways), answer(*places)


def serve(
    server: LocalServer, ways: bytes, places: bytes, faults: Mapping[str, list[Reply]] | None = None
) -> None:
    """Let ``server`` answer as an Overpass server.

    ``faults`` holds what it says first to questions of a kind: "status", "ways" or "places".
    """
    good = {"status": STATUS, "ways": Reply(ways), "places": Reply(places)}
    left = {kind: list(replies) for kind, replies in (faults or {}).items()}

    def reply(asked: Asked) -> Reply:
        kind = kind_of(asked)
        if left.get(kind):
            return left[kind].pop(0)
        return good.get(kind, Reply(status=404))

    server.answer = reply


def kind_of(asked: Asked) -> str:
    """What a question is about: "status", "ways", "places", or nothing known."""
    if asked.path == "/api/status":
        return "status"
    if asked.path != "/api/interpreter":
        return ""
    return "ways" if 'way["highway"](poly' in asked.form["data"][0] else "places"
