"""Answers of an Overpass server, and the OSM extract that is made from them.

Elements are kept as they come, with all tags, so that nothing is lost on the way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import osmium

from corridors.sources.fetch.client import json_of

_STAMP: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_LONGEST_TAG: Final = 255  # characters; OSM allows no more
_LARGEST_ID: Final = 1 << 60
_MEMBERS: Final = {"node": "n", "way": "w", "relation": "r"}

Tags = dict[str, str]


@dataclass
class Answers:
    """What a server told of an area, in one answer or several; a later one counts."""

    nodes: dict[int, tuple[float, float, Tags]] = field(default_factory=dict)  # lon, lat
    ways: dict[int, tuple[list[int], Tags]] = field(default_factory=dict)
    relations: dict[int, tuple[list[tuple[str, int, str]], Tags]] = field(default_factory=dict)
    dates: list[str] = field(default_factory=list)

    @property
    def dated(self) -> str:
        """OSM timestamp of the oldest answer; empty if none told one."""
        return min(self.dates, default="")

    def take(self, body: bytes) -> None:
        """Add an answer in JSON.

        Raises
        ------
        ValueError
            In words that go after "the answer …", if it is not whole; then nothing is added.
        """
        told = json_of(body)
        if not isinstance(told, dict) or not isinstance(told.get("elements"), list):
            raise ValueError("is no OSM data")
        if "remark" in told:  # how Overpass says that it ran out of time or memory half-way
            raise ValueError("is only half: the server ran out of time or memory")
        fresh = Answers()
        for element in told["elements"]:
            fresh._add(element)
        if any(ref not in fresh.nodes for refs, _ in fresh.ways.values() for ref in refs):
            raise ValueError("is only half: nodes of its ways are missing")
        self.nodes |= fresh.nodes
        self.ways |= fresh.ways
        self.relations |= fresh.relations
        self.dates.extend(_stamps(told.get("osm3s")))

    def _add(self, element: Any) -> None:
        try:
            kind, osm_id, tags = element["type"], _id(element["id"]), _tags(element)
            if kind == "node":
                self.nodes[osm_id] = (*_position(element), tags)
            elif kind == "way":
                self.ways[osm_id] = ([_id(ref) for ref in element["nodes"]], tags)
            elif kind == "relation":
                self.relations[osm_id] = ([_member(m) for m in element["members"]], tags)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise ValueError("holds what is no OSM data") from error


def write_extract(answers: Answers, path: Path) -> None:
    """Write an OSM extract (PBF); the same answers give the same bytes.

    Parameters
    ----------
    path : a new file, ``.osm.pbf``.
    """
    header = osmium.io.Header()
    header.set("generator", "corridors")
    header.set("sorting", "Type_then_ID")
    if answers.dated:
        header.set("osmosis_replication_timestamp", answers.dated)
    file = osmium.io.File(str(path), "pbf,add_metadata=false")
    make = osmium.osm.mutable
    with osmium.SimpleWriter(file, header=header) as out:
        for osm_id, (lon, lat, tags) in sorted(answers.nodes.items()):
            out.add_node(make.Node(id=osm_id, location=(lon, lat), tags=tags))
        for osm_id, (refs, tags) in sorted(answers.ways.items()):
            out.add_way(make.Way(id=osm_id, nodes=refs, tags=tags))
        for osm_id, (members, tags) in sorted(answers.relations.items()):
            out.add_relation(make.Relation(id=osm_id, members=members, tags=tags))


def _stamps(head: Any) -> list[str]:
    stamp = head.get("timestamp_osm_base") if isinstance(head, dict) else None
    return [stamp] if isinstance(stamp, str) and _STAMP.fullmatch(stamp) else []


def _id(value: Any) -> int:
    if type(value) is not int or not 0 < value < _LARGEST_ID:
        raise TypeError("no id")
    return value


def _position(element: Any) -> tuple[float, float]:
    lon, lat = float(element["lon"]), float(element["lat"])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise TypeError("no position")
    return lon, lat


def _tags(element: Any) -> Tags:
    tags = element.get("tags", {})
    return {_text(key): _text(value) for key, value in sorted(tags.items())}


def _text(value: Any) -> str:
    """A text that pyosmium can write: half a surrogate pair would end the whole program."""
    if len(value) > _LONGEST_TAG or "\0" in value:
        raise TypeError("no text")
    value.encode("utf-8")
    return str(value)


def _member(member: Any) -> tuple[str, int, str]:
    return _MEMBERS[member["type"]], _id(member["ref"]), _text(member.get("role", ""))
