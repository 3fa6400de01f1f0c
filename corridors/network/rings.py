"""Streets by their walking distance from a programme's streets, and stretches to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.model import Network
from corridors.tables import Segments

_BESIDE_M = 12.0  # a segment is on a line if most of it lies nearer than this
_MOST = 0.6  # of its length
_REACH = 0.25  # of a stretch's length: it lies within this much walking of its node
_BLOCK = 256  # nodes searched at once


def on_lines(network: Network, lines: shapely.MultiLineString) -> BoolArray:
    """(n) segments most of whose length lies beside ``lines``, EPSG:27700.

    Lines of another extract need not lie on the segments to the centimetre.
    """
    band = shapely.buffer(lines, _BESIDE_M)
    shapely.prepare(band)
    shapes = network.segments.geometry.to_numpy()
    near = np.flatnonzero(shapely.intersects(band, shapes))
    out = np.zeros(len(shapes), dtype=np.bool_)
    inside = shapely.length(shapely.intersection(shapes[near], band))
    out[near] = inside >= _MOST * shapely.length(shapes[near])
    return out


def on_streets(network: Network, names: tuple[str, ...], within: BoolArray) -> BoolArray:
    """(n) segments of the streets with these names, whatever their case, among ``within``."""
    wanted = {" ".join(name.split()).casefold() for name in names}
    called = network.segments[Segments.name].map(lambda name: " ".join(name.split()).casefold())
    out: BoolArray = called.isin(wanted).to_numpy(dtype=np.bool_) & within
    return out


def walk_from(network: Network, starts: BoolArray) -> FloatArray:
    """(n) metres from the nearest of ``starts`` to each segment's middle: 0 on them, or inf.

    Parameters
    ----------
    starts : (n) segments; a walk begins at their ends.
    """
    ends = network.segments[[Segments.u, Segments.v]].to_numpy(dtype=np.int64)
    begin = np.unique(ends[starts])
    if not len(begin):
        return np.full(len(ends), np.inf)
    node_m = dijkstra(_graph(network), directed=False, indices=begin, min_only=True)
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    out = node_m[ends].min(axis=1) + length_m / 2
    return np.where(starts, 0.0, out)


@dataclass(frozen=True)
class Stretch:
    """Connected streets around a node, nearest first, as long together as was asked for."""

    node_id: int
    segment_ids: IntArray  # sorted


def stretches(network: Network, allowed: BoolArray, length_m: float) -> Iterator[Stretch]:
    """Stretches of ``length_m`` around every node, of segments that are ``allowed``.

    The walk may not leave them, so that a stretch hangs together. Nodes with too few streets
    within a quarter of ``length_m`` give none. In order of node.

    Parameters
    ----------
    allowed : (n) truth values. length_m : metres, > 0.
    """
    table = network.segments
    ends = table[[Segments.u, Segments.v]].to_numpy(dtype=np.int64)
    own_m = table[Segments.length_m].to_numpy(dtype=float)
    ids = np.flatnonzero(allowed)
    begin, end, half_m = ends[ids, 0], ends[ids, 1], own_m[ids] / 2
    graph = _graph(network, allowed)
    nodes = np.unique(ends[ids])
    for block in (nodes[at : at + _BLOCK] for at in range(0, len(nodes), _BLOCK)):
        far_m = dijkstra(graph, directed=False, indices=block, limit=_REACH * length_m)
        for node, from_m in zip(block.tolist(), far_m, strict=True):
            nearer_m = np.minimum(from_m[begin], from_m[end])
            reached = np.flatnonzero(np.isfinite(nearer_m))
            middle_m = nearer_m[reached] + half_m[reached]
            order = reached[np.lexsort((ids[reached], middle_m))]
            enough = int(np.searchsorted(np.cumsum(own_m[ids[order]]), length_m))
            if enough < len(order):
                yield Stretch(node, np.sort(ids[order[: enough + 1]]))


def _graph(network: Network, allowed: BoolArray | None = None) -> csr_array:
    """Nodes joined by their shortest allowed segment, metres."""
    table = network.segments
    kept = np.ones(len(table), dtype=np.bool_) if allowed is None else allowed
    ends = table[[Segments.u, Segments.v]].to_numpy(dtype=np.int64)[kept]
    metres = table[Segments.length_m].to_numpy(dtype=float)[kept]
    low, high = ends.min(axis=1), ends.max(axis=1)
    order = np.lexsort((metres, high, low))
    low, high, metres = low[order], high[order], metres[order]
    is_first = np.ones(len(low), dtype=bool)
    is_first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    is_first &= low != high
    n = len(network.nodes)
    # A length of 0 would be no edge at all.
    return coo_array(
        (np.maximum(metres[is_first], 1e-6), (low[is_first], high[is_first])), shape=(n, n)
    ).tocsr()
