"""A county made of one town: shifted copies of an extract with new ids, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium

# Newport's extract with its outliers is 2.3 by 0.8 degrees, and its ids lie below this.
_EAST_DEG, _NORTH_DEG, _STEP = 2.5, 0.8, 20_000_000_000
_COLUMNS = 5


def write_county(town: Path, county: Path, copies: int) -> int:
    """Write ``copies`` of ``town``, the first where it is; returns the number of ways."""
    ways = 0
    with osmium.SimpleWriter(str(county), overwrite=True) as out:
        for kind in (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION):
            for copy in range(copies):
                for thing in _moved(town, kind, copy):
                    out.add(thing)
                    ways += kind == osmium.osm.WAY
    return ways


def _moved(town: Path, kind: Any, copy: int) -> Iterator[Any]:
    ids = copy * _STEP
    east, north = copy % _COLUMNS * _EAST_DEG, copy // _COLUMNS * _NORTH_DEG
    for thing in osmium.FileProcessor(str(town), kind):
        if thing.is_node():
            at = (thing.lon + east, thing.lat + north)
            yield thing.replace(id=thing.id + ids, location=at)
        elif thing.is_way():
            yield thing.replace(id=thing.id + ids, nodes=[node.ref + ids for node in thing.nodes])
        else:
            members = [(m.type, m.ref + ids, m.role) for m in thing.members]
            yield thing.replace(id=thing.id + ids, members=members)
