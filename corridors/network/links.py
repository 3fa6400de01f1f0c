"""Straight links between vertices: the form in which streets are cut, joined and cleaned.

A link is what lies between two neighbouring vertices of a way. Links know their way, so that its
tags are at hand, and the name that they go by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.model import StreetExtract
from corridors.tables import Ways

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Links:
    """``ends`` (k, 2) are rows of ``xy_m`` (n, 2); ``way`` (k,) are rows of the ways.

    ``name`` (k,) are positions in ``names``: a sidewalk may go by the name of its street.
    """

    xy_m: FloatArray
    ends: IntArray
    way: IntArray
    name: IntArray
    names: tuple[str, ...]

    @property
    def vector_m(self) -> FloatArray:
        """(k, 2) from the first end to the second."""
        return np.asarray(self.xy_m[self.ends[:, 1]] - self.xy_m[self.ends[:, 0]])

    @property
    def length_m(self) -> FloatArray:
        """(k,) lengths."""
        return np.asarray(np.hypot(*self.vector_m.T))

    @property
    def middle_m(self) -> FloatArray:
        """(k, 2) midpoints."""
        return np.asarray(self.xy_m[self.ends].mean(axis=1))

    def lines(self) -> npt.NDArray[np.object_]:
        """(k,) shapely lines."""
        return np.asarray(shapely.linestrings(self.xy_m[self.ends]), dtype=object)

    def only(self, rows: BoolArray | IntArray) -> Links:
        """The links of some rows; vertices stay."""
        return replace(self, ends=self.ends[rows], way=self.way[rows], name=self.name[rows])

    def moved(self, ends: IntArray, xy_m: FloatArray) -> Links:
        """The same links between other vertices; a link that shrinks to a point is left out."""
        return replace(self, ends=ends, xy_m=xy_m).only(ends[:, 0] != ends[:, 1])


def ways_near(streets: StreetExtract, box_m: Box) -> tuple[pd.DataFrame, list[IntArray]]:
    """Ways whose bounding box meets ``box_m``, and the vertices of each.

    They come in an order that depends on their geometry and tags alone, and each runs in a
    direction that does, so that the order in a file changes nothing downstream.
    """
    near = streets.ways[meets(way_bounds(streets), box_m)]
    first, count = near[Ways.first_ref].tolist(), near[Ways.ref_count].tolist()
    runs, keys = [], []
    for row, (start, size) in enumerate(zip(first, count, strict=True)):
        refs = streets.way_refs[start : start + size]
        xy = streets.vertex_xy_m[refs]
        ahead, back = xy.astype(">f8").tobytes(), xy[::-1].astype(">f8").tobytes()
        runs.append(refs if ahead <= back else refs[::-1])
        keys.append((min(ahead, back), row))
    tags = near.drop(columns=[Ways.first_ref, Ways.ref_count])
    texts = [tuple(map(str, values)) for values in tags.itertuples(index=False)]
    order = sorted(range(len(runs)), key=lambda i: (keys[i][0], texts[keys[i][1]]))
    return tags.iloc[[keys[i][1] for i in order]].reset_index(drop=True), [runs[i] for i in order]


def way_bounds(streets: StreetExtract) -> FloatArray:
    """(ways, 4) west, south, east, north of each way, metres."""
    if not len(streets.ways):
        return np.zeros((0, 4))
    count = streets.ways[Ways.ref_count].to_numpy(dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(count)[:-1]])
    xy = streets.vertex_xy_m[streets.way_refs[vertices_of(streets.ways)]]
    low, high = np.minimum.reduceat(xy, starts), np.maximum.reduceat(xy, starts)
    return np.hstack([low, high])


def vertices_of(ways: pd.DataFrame) -> IntArray:
    """Where in the extract's ``way_refs`` the vertices of these ways stand, way by way."""
    count = ways[Ways.ref_count].to_numpy(dtype=np.int64)
    first = ways[Ways.first_ref].to_numpy(dtype=np.int64)
    starts = np.cumsum(count) - count
    out: IntArray = np.repeat(first - starts, count) + np.arange(int(count.sum()))
    return out


def meets(bounds_m: FloatArray, box_m: Box) -> BoolArray:
    """(k) which of (k, 4) boxes have a point in common with ``box_m``."""
    west, south, east, north = box_m
    low, high = np.hsplit(bounds_m, 2)
    return np.asarray((low <= (east, north)).all(axis=1) & (high >= (west, south)).all(axis=1))


def links_of(streets: StreetExtract, ways: pd.DataFrame, runs: list[IntArray]) -> Links:
    """Links of ways as ``ways_near`` gives them, with vertices numbered from west to east.

    Vertices at the same place that one link joins become one.
    """
    refs = np.concatenate([*runs, np.empty(0, dtype=np.int64)])
    owner = np.repeat(np.arange(len(runs)), [len(run) for run in runs])
    used, first_use, position = np.unique(refs, return_index=True, return_inverse=True)
    xy = streets.vertex_xy_m[used]
    order = np.lexsort([first_use, xy[:, 1], xy[:, 0]])
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    vertex = rank[position]
    joined = owner[1:] == owner[:-1]
    ends = np.column_stack([vertex[:-1], vertex[1:]])[joined]
    names, code = np.unique(ways[Ways.name].to_numpy(dtype=object), return_inverse=True)
    way = owner[:-1][joined]
    code = code.astype(np.int64)
    links = Links(xy[order], ends, way, code[way], tuple(str(name) for name in names))
    return _without_points(links)


def together(a: Links, b: Links) -> Links:
    """The links of ``a``, then those of ``b``, over the vertices of ``a``."""
    return replace(
        a,
        ends=np.vstack([a.ends, b.ends]),
        way=np.concatenate([a.way, b.way]),
        name=np.concatenate([a.name, b.name]),
    )


def components(ends: IntArray, vertices: int) -> IntArray:
    """(vertices,) label of the connected piece that each vertex lies in."""
    graph = coo_array(
        (np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), shape=(vertices, vertices)
    )
    _, label = connected_components(graph, directed=False)
    return np.asarray(label, dtype=np.int64)


def without_doubles(links: Links, ways: pd.DataFrame) -> Links:
    """Keep one of the links between the same vertices: named first, outlines of areas last."""
    low, high = links.ends.min(axis=1), links.ends.max(axis=1)
    area = ways[Ways.area].to_numpy()[links.way]
    nameless = np.array([name == "" for name in links.names], dtype=bool)[links.name]
    order = np.lexsort([links.way, nameless, area, high, low])
    same = (low[order][1:] == low[order][:-1]) & (high[order][1:] == high[order][:-1])
    return links.only(np.sort(np.delete(order, np.flatnonzero(same) + 1)))


def _without_points(links: Links) -> Links:
    """Merge vertices that a link of no length joins."""
    flat = links.length_m == 0
    if not flat.any():
        return links
    label = components(links.ends[flat], len(links.xy_m))
    _, lowest = np.unique(label, return_index=True)
    return links.moved(lowest[label][links.ends], links.xy_m)
