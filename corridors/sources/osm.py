"""OSM extracts (XML or PBF) by pyosmium [1]_.

Ways meet where they share an OSM node, so a bridge does not join the road below. Of what lies far
from the area asked for nothing is kept but the positions of nodes in pyosmium's index, 16 bytes
each: a county takes little more memory than a ward.

References
----------
.. [1] https://osmcode.org/pyosmium/
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import osmium
import pandas as pd
import shapely

from corridors.arrays import FloatArray, IntArray
from corridors.crs import to_geographic, to_metric
from corridors.errors import InputError
from corridors.sources.csvs import printable
from corridors.sources.extract import (
    OUTSIDE_BOX,
    WAY_TAGS,
    Bounds,
    RawWays,
    ReadStreets,
    assemble,
    places_table,
    touches_bounds,
    way_tags,
)
from corridors.sources.osm_places import (
    KEYS,
    address_text,
    area_kinds,
    line_kinds,
    node_kinds,
    without_doubles,
)

# Nodes are fixed-point integers of 1e-7 degrees; this value means that the file lacks the node.
_PER_DEGREE: Final = 10_000_000
_UNKNOWN: Final = 2_147_483_647
_EVERYWHERE: Final = (-_UNKNOWN, -_UNKNOWN, _UNKNOWN, _UNKNOWN)
_OSM_BEGAN: Final = datetime(2004, 8, 9, tzinfo=UTC)
_LONGEST_WORDS: Final = 200  # of what pyosmium says; it repeats what stands in the file
_BOX_MARGIN: Final = 200_000  # 0.02 degrees: the exact test follows in metres
_NODE, _WAY, _RELATION = 0, 1, 2
# What pyosmium raises for damaged files; ValueError for a tag longer than OSM allows.
_UNREADABLE: Final = (RuntimeError, ValueError, osmium.InvalidLocationError)

WITHOUT_NODES: Final = "all nodes missing from the file"
CUT_WAYS: Final = "parts of ways whose nodes are missing"
BROKEN_AREAS: Final = "areas that do not close or cross themselves"


class _Place(NamedTuple):
    rank: int
    osm_id: int
    kind: str
    name: str
    address: str
    shape: Any  # lon and lat: a pair for a point, else a geometry


@dataclass
class _Found:
    """What one pass over the file has met so far."""

    keys: list[tuple[int, int, int]] = field(default_factory=list)  # rank, OSM id, ring
    tags: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in WAY_TAGS})
    counts: list[int] = field(default_factory=list)
    nodes: array[int] = field(default_factory=lambda: array("q"))
    lon: array[int] = field(default_factory=lambda: array("q"))
    lat: array[int] = field(default_factory=lambda: array("q"))
    places: list[_Place] = field(default_factory=list)
    ways_read: int = 0
    ways_outside: int = 0
    unclosed: set[tuple[int, int]] = field(default_factory=set)
    newest: datetime = _OSM_BEGAN


def read_osm(path: Path, *, bounds_m: Bounds | None, file: str) -> ReadStreets:
    """Read the streets and places of an OSM extract.

    Parameters
    ----------
    path : .osm, .osm.pbf, .osm.bz2 or .osm.gz.
    bounds_m : west, south, east, north in EPSG:27700, or None for everything.
    file : the name to show in messages.

    Raises
    ------
    InputError
        If pyosmium cannot read the file.
    """
    try:
        found = _one_pass(path, _box(bounds_m), None)
        if _UNKNOWN in found.lon:
            # Overpass may write ways before their nodes: learn all positions first.
            found = _one_pass(path, _box(bounds_m), _node_index(path))
        date = _extract_date(path, found.newest)
    except _UNREADABLE as problem:
        raise _unreadable(problem, file) from problem
    return _result(found, bounds_m, date)


def _unreadable(problem: Exception, file: str) -> InputError:
    if "out of order" in str(problem):
        fix = "Sort it first: osmium sort FILE -o SORTED.osm.pbf"
    else:
        fix = "The download may have stopped half-way: fetch the file again"
    words = printable(str(problem), _LONGEST_WORDS)
    return InputError(f"cannot be read as OSM data ({words})", file=file, fix=fix)


def _result(found: _Found, bounds_m: Bounds | None, date: str) -> ReadStreets:
    raw, keys, cut = _raw_ways(found)
    places, dropped = _places(found, bounds_m)
    extract, left_out, kept = assemble(raw, places, bounds_m=bounds_m, extract_date=date)
    # A way cut into parts counts once, and as kept if any part is.
    read = len({key[:2] for key in found.keys}) + found.ways_outside
    used = len({key[:2] for key, is_kept in zip(keys, kept, strict=True) if is_kept})
    dropped += left_out
    dropped[CUT_WAYS] = cut
    dropped[WITHOUT_NODES] = len({k[:2] for k in found.keys} - {k[:2] for k in keys})
    dropped[BROKEN_AREAS] = len(found.unclosed)
    dropped[OUTSIDE_BOX] += found.ways_outside
    return ReadStreets(extract, rows_read=read, rows_used=used, dropped=dropped)


# --- one pass over the file ---------------------------------------------------------------------


def _one_pass(path: Path, box: tuple[int, int, int, int], index: Any) -> _Found:
    found = _Found()
    processor: Any = osmium.FileProcessor(str(path))
    processor = processor.with_locations("flex_mem" if index is None else index)
    areas = osmium.filter.KeyFilter("highway", *KEYS)
    processor = processor.with_areas(areas).with_filter(osmium.filter.KeyFilter(*KEYS))
    shapes = osmium.geom.WKBFactory()
    for thing in processor:
        if thing.tags.get("highway") is not None:
            found.newest = max(found.newest, thing.timestamp)
        if thing.is_way() and _is_far(thing, box, shapes):
            found.ways_outside += thing.tags.get("highway") is not None
            continue
        tags = {tag.k: tag.v for tag in thing.tags}
        if thing.is_node():
            _take_node(found, thing, tags, box)
        elif thing.is_way():
            _take_way(found, thing, tags, box)
        elif thing.is_area():
            _take_area(found, thing, tags, shapes, box)
        elif area_kinds(tags):
            found.unclosed.add((_RELATION, thing.id))
    return found


def _is_far(way: Any, box: tuple[int, int, int, int], shapes: Any) -> bool:
    """Whether a complete way surely lies outside; asking for node after node is far slower."""
    if box == _EVERYWHERE:
        return False
    try:
        line = shapely.from_wkb(shapes.create_linestring(way))
    except (RuntimeError, ValueError):  # a node is missing, or there is only one: look closer
        return False
    return not _meets_bounds(box, line)


def _node_index(path: Path) -> Any:
    index = osmium.index.create_map("flex_mem")
    nodes: Any = osmium.FileProcessor(str(path), osmium.osm.NODE)
    for _ in nodes.with_locations(index).with_filter(osmium.filter.KeyFilter("highway")):
        pass  # iterating fills the index
    return index


def _take_node(
    found: _Found, node: Any, tags: Mapping[str, str], box: tuple[int, int, int, int]
) -> None:
    kinds = node_kinds(tags)
    if kinds and node.location.valid():
        at = node.location
        if _meets(box, [at.x], [at.y]):
            _add_places(found, kinds, (_NODE, node.id), tags, (at.lon, at.lat))


def _take_way(
    found: _Found, way: Any, tags: Mapping[str, str], box: tuple[int, int, int, int]
) -> None:
    kinds = line_kinds(tags)
    if area_kinds(tags):
        found.unclosed.add((_WAY, way.id))
    if not kinds and "highway" not in tags:
        return
    nodes = [(n.ref, n.x, n.y) for n in way.nodes]
    known = [(x, y) for _, x, y in nodes if x != _UNKNOWN]
    near = not known or _meets(box, [x for x, _ in known], [y for _, y in known])
    if "highway" in tags:
        if near:
            _add_way(found, (_WAY, way.id, 0), tags, nodes, is_area=tags.get("area") == "yes")
        else:
            found.ways_outside += 1
    if kinds and near and len(known) > 1:
        points = [kind for kind in kinds if kind != "railway"]
        _add_places(found, points, (_WAY, way.id), tags, _middle(known))
        if "railway" in kinds:
            line = shapely.LineString(np.array(known) / _PER_DEGREE)
            _add_places(found, ["railway"], (_WAY, way.id), tags, line)


def _take_area(
    found: _Found,
    area: Any,
    tags: Mapping[str, str],
    shapes: Any,
    box: tuple[int, int, int, int],
) -> None:
    key = (_WAY if area.from_way() else _RELATION, area.orig_id())
    found.unclosed.discard(key)
    kinds = area_kinds(tags)
    if kinds:
        shape = shapely.from_wkb(shapes.create_multipolygon(area))
        for kind in kinds if _meets_bounds(box, shape) else ():
            at = shape.centroid.coords[0] if kind == "station" else shape
            _add_places(found, [kind], key, tags, at)
    if area.from_way():
        return  # its line and address were taken with the way
    rings = [r for outer in area.outer_rings() for r in (outer, *area.inner_rings(outer))]
    rings = [[(n.ref, n.x, n.y) for n in ring] for ring in rings]
    if "highway" in tags:
        for number, ring in enumerate(rings):
            _add_way(found, (*key, number), tags, ring, is_area=True)
    if "addr:housenumber" in tags:
        at = _middle([(x, y) for _, x, y in rings[0]])
        _add_places(found, ["address"], key, tags, at)


def _add_way(
    found: _Found,
    key: tuple[int, int, int],
    tags: Mapping[str, str],
    nodes: list[tuple[int, int, int]],
    *,
    is_area: bool,
) -> None:
    found.keys.append(key)
    found.counts.append(len(nodes))
    found.nodes.extend(ref for ref, _, _ in nodes)
    found.lon.extend(x for _, x, _ in nodes)
    found.lat.extend(y for _, _, y in nodes)
    bans_feet = tags.get("motorroad") == "yes"
    values = {
        "highway": tags["highway"],
        "name": tags.get("name", ""),
        "footway": tags.get("footway", ""),
        "access": tags.get("access", ""),
        "foot": tags.get("foot", "no" if bans_feet else ""),
        "area": is_area,
        "is_bridge": tags.get("bridge", "no") != "no",
        "is_tunnel": tags.get("tunnel", "no") != "no",
    }
    for name, value in values.items():
        found.tags[name].append(value)


def _add_places(
    found: _Found, kinds: list[str], key: tuple[int, int], tags: Mapping[str, str], shape: Any
) -> None:
    for kind in kinds:
        is_address = kind == "address"
        name = "" if is_address else tags.get("name", "")
        address = address_text(tags) if is_address else ""
        found.places.append(_Place(*key, kind, name, address, shape))


def _middle(fixed: list[tuple[int, int]]) -> tuple[float, float]:
    """Mean of the corners; a closed ring's last corner repeats its first."""
    corners = fixed[:-1] if len(fixed) > 2 and fixed[0] == fixed[-1] else fixed
    scale = len(corners) * _PER_DEGREE
    return sum(x for x, _ in corners) / scale, sum(y for _, y in corners) / scale


def _meets(box: tuple[int, int, int, int], lon: Sequence[float], lat: Sequence[float]) -> bool:
    west, south, east, north = box
    return max(lon) >= west and min(lon) <= east and max(lat) >= south and min(lat) <= north


def _meets_bounds(box: tuple[int, int, int, int], shape: Any) -> bool:
    west, south, east, north = (edge * _PER_DEGREE for edge in shape.bounds)
    return _meets(box, [west - 1, east + 1], [south - 1, north + 1])  # floats: one step of slack


def _box(bounds_m: Bounds | None) -> tuple[int, int, int, int]:
    """Fixed-point box that surely holds ``bounds_m``: a cheap first test."""
    if bounds_m is None:
        return _EVERYWHERE
    west, south, east, north = bounds_m
    lon, lat = to_geographic([west, west, east, east], [south, north, south, north])
    low_lon, high_lon = lon.min() * _PER_DEGREE, lon.max() * _PER_DEGREE
    low_lat, high_lat = lat.min() * _PER_DEGREE, lat.max() * _PER_DEGREE
    return (
        int(low_lon) - _BOX_MARGIN,
        int(low_lat) - _BOX_MARGIN,
        int(high_lon) + _BOX_MARGIN,
        int(high_lat) + _BOX_MARGIN,
    )


def _extract_date(path: Path, newest: datetime) -> str:
    stamp = str(osmium.FileProcessor(str(path)).header.get("osmosis_replication_timestamp", ""))
    if stamp:
        return stamp[:10]
    return newest.date().isoformat() if newest > _OSM_BEGAN else ""


# --- from what was met to arrays ----------------------------------------------------------------


def _raw_ways(found: _Found) -> tuple[RawWays, list[tuple[int, int, int]], int]:
    """Ways sorted by OSM type and id, cut where a node is missing.

    Returns the ways, the key of each, and how many parts were cut off.
    """
    counts = np.array(found.counts, dtype=np.int64)
    starts = np.cumsum(counts) - counts
    latest = {key: row for row, key in enumerate(found.keys)}  # a repeated id: the last one
    order = np.array([latest[key] for key in sorted(latest)], dtype=np.int64)
    at = _ranges(starts[order], counts[order])
    owner = np.repeat(order, counts[order])
    lon, lat = np.asarray(found.lon, dtype=np.int64)[at], np.asarray(found.lat, np.int64)[at]
    known = lon != _UNKNOWN
    begins = np.ones(len(owner), dtype=bool)
    begins[1:] = (owner[1:] != owner[:-1]) | ~known[:-1]
    part = np.cumsum(begins)[known] - 1
    used, counts = np.unique(part, return_counts=True)
    owner_of_part = owner[begins][used]
    node = np.asarray(found.nodes, dtype=np.int64)[at][known]
    _, first, refs = np.unique(node, return_index=True, return_inverse=True)
    x_m, y_m = to_metric(lon[known][first] / _PER_DEGREE, lat[known][first] / _PER_DEGREE)
    raw = RawWays(
        tags=way_tags(found.tags).iloc[owner_of_part].reset_index(drop=True),
        counts=counts,
        refs=refs,
        vertex_xy_m=np.column_stack([x_m, y_m]),
    )
    parted = len(used) - len(np.unique(owner_of_part))
    return raw, [found.keys[row] for row in owner_of_part], parted


def _ranges(starts: IntArray, counts: IntArray) -> IntArray:
    """Positions ``starts[i] … starts[i] + counts[i] - 1``, end to end."""
    offset = np.repeat(starts - (np.cumsum(counts) - counts), counts)
    positions: IntArray = offset + np.arange(int(counts.sum()))
    return positions


def _places(found: _Found, bounds_m: Bounds | None) -> tuple[gpd.GeoDataFrame, Counter[str]]:
    rows = sorted({(p.rank, p.osm_id, p.kind): p for p in found.places}.items())
    frame = pd.DataFrame([place for _, place in rows], columns=list(_Place._fields))
    shapes = shapely.transform(_as_shapes(frame["shape"]), _project)
    frame = frame.assign(geometry=shapes)[touches_bounds(shapes, bounds_m)]
    kept, dropped = without_doubles(frame)
    shapes = kept["geometry"].to_list()
    return places_table(kept["kind"].to_list(), kept["name"].to_list(), shapes), dropped


def _as_shapes(mixed: pd.Series[Any]) -> npt.NDArray[Any]:
    """Geometries, with the pairs among them made points all at once."""
    shapes: npt.NDArray[Any] = mixed.to_numpy(dtype=object, copy=True)
    pairs = np.array([isinstance(shape, tuple) for shape in mixed], dtype=bool)
    if pairs.any():
        shapes[pairs] = shapely.points(np.array(list(shapes[pairs])))
    return shapes


def _project(lon_lat: FloatArray) -> FloatArray:
    return np.column_stack(to_metric(lon_lat[:, 0], lon_lat[:, 1]))
