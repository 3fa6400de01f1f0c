"""Reads an OSM extract back with pyosmium, as the real reader would."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import osmium

Refs = tuple[int, ...]


@dataclass(frozen=True)
class Extract:
    """An OSM file as read by pyosmium: lon/lat and tags of nodes, refs and tags of ways."""

    at: dict[int, tuple[float, float]]
    node_tags: dict[int, dict[str, str]]
    ways: dict[int, tuple[Refs, dict[str, str]]]

    def having(self, key: str, *values: str) -> dict[int, tuple[Refs, dict[str, str]]]:
        return {
            i: way
            for i, way in self.ways.items()
            if key in way[1] and (not values or way[1][key] in values)
        }

    def nodes_having(self, key: str, *values: str) -> list[int]:
        return [
            i for i, t in self.node_tags.items() if key in t and (not values or t[key] in values)
        ]


def read_extract(content: bytes, folder: Path) -> Extract:
    path = folder / "demo.osm"
    path.write_bytes(content)
    at, node_tags, ways = {}, {}, {}
    for item in osmium.FileProcessor(str(path)):
        tags = {t.k: t.v for t in item.tags}
        if item.is_node():
            at[item.id] = (item.location.lon, item.location.lat)
            node_tags[item.id] = tags
        elif item.is_way():
            ways[item.id] = (tuple(n.ref for n in item.nodes), tags)
    return Extract(at, node_tags, ways)
