"""A made-up Overpass server: a small town in one answer, on `support_server`."""

from __future__ import annotations

import json
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


def serve(server: LocalServer, ways: bytes, places: bytes) -> None:
    """Let ``server`` answer as an Overpass server: its state, ways, or places."""

    def reply(asked: Asked) -> Reply:
        if asked.path.endswith("/status"):
            return STATUS
        if asked.path.endswith("/interpreter"):
            return Reply(ways if is_about_ways(asked) else places)
        return Reply(status=404)

    server.answer = reply


def is_about_ways(asked: Asked) -> bool:
    """Whether a question is the one for all ways."""
    return 'way["highway"](poly' in asked.form["data"][0]
