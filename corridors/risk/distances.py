"""Walking distances between places on a street network, up to a reach."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from corridors.arrays import FloatArray, IntArray
from corridors.errors import InputError
from corridors.model import Network
from corridors.tables import Segments

_BLOCK_ENTRIES = 4_000_000  # of the dense rows that a search gives back: 32 MB
# Candidates are found by one search over (group, position) put on a single axis. There a metre
# has fewer digits, so the search looks a little farther and the exact test follows.
_SLACK_M = 1e-5

_Pairs = tuple[IntArray, IntArray, FloatArray]  # from, to, metres


def place_distances(
    network: Network, segment_id: IntArray, offset_m: FloatArray, reach_m: float
) -> csr_array:
    r"""Shortest walking distances between places that lie within reach of each other.

    .. math:: d(i, j) = \min\bigl(|o_i - o_j| \text{ if on one segment},\;
              \min_{a, b} o_{ia} + d(a, b) + o_{jb}\bigr)

    over the ends a of i's segment and b of j's, with :math:`o_{ia}` the way from i to a. So loops,
    double streets and the way round a block are all allowed for. Between the ends it is
    Dijkstra's search, stopped at the reach.

    Parameters
    ----------
    network : its n segments, EPSG:27700.
    segment_id, offset_m : (k,) segment of each place and metres from that segment's u end; an
        offset beyond the segment's end counts as the end.
    reach_m : metres, >= 0; longer distances are left out.

    Returns
    -------
    (k, k) metres, exactly symmetric, whatever the order of places. Every pair within reach has
    an entry, also where the distance is 0: the diagonal and places that coincide. A missing entry
    is "too far", never 0.

    Raises
    ------
    InputError
        If the reach is not a number of metres >= 0, a segment does not exist, or an offset is
        not finite.
    """
    segment = np.asarray(segment_id, dtype=np.int64)
    offset = np.asarray(offset_m, dtype=float)
    _check(len(network.segments), segment, offset, reach_m)
    length = network.segments[Segments.length_m].to_numpy(dtype=float)[segment]
    offset = np.clip(offset, 0.0, length)
    found = [
        _along_segments(segment, offset, reach_m),
        *_through_ends(network, segment, np.column_stack([offset, length - offset]), reach_m),
    ]
    start, end, metres = (np.concatenate(part) for part in zip(*found, strict=True))
    start, end, metres = _shortest(start, end, metres, len(segment))
    return coo_array((metres, (start, end)), shape=(len(segment), len(segment))).tocsr()


def _check(segments: int, segment: IntArray, offset_m: FloatArray, reach_m: float) -> None:
    if not (np.isfinite(reach_m) and reach_m >= 0):
        raise InputError("the reach must be 0 m or more", value=reach_m)
    if segment.shape != offset_m.shape:
        raise InputError("places need one offset for each segment id")
    if len(segment) and not (segment.min() >= 0 and segment.max() < segments):
        raise InputError(
            f"a place lies on a segment that is not there; they are 0 to {segments - 1}",
            value=int(segment.min() if segment.min() < 0 else segment.max()),
        )
    if not np.isfinite(offset_m).all():
        raise InputError("a place has no finite offset", fix="Leave out what was not snapped")


def _along_segments(segment: IntArray, offset_m: FloatArray, reach_m: float) -> _Pairs:
    """Pairs on one segment, straight along it."""
    place, other = _near_in_groups(
        segment, offset_m, segment, offset_m - reach_m, offset_m + reach_m
    )
    metres = np.abs(offset_m[place] - offset_m[other])
    near = metres <= reach_m
    return place[near], other[near], metres[near]


def _through_ends(
    network: Network, segment: IntArray, to_end_m: FloatArray, reach_m: float
) -> list[_Pairs]:
    """Pairs by way of the ends of their segments; one part for each block of nodes."""
    ends = network.segments[[Segments.u, Segments.v]].to_numpy(dtype=np.int64)[segment]
    place = np.repeat(np.arange(len(segment)), 2)
    node, metres = ends.ravel(), to_end_m.ravel()
    close = metres <= reach_m
    place, node, metres = place[close], node[close], metres[close]
    order = np.argsort(node, kind="stable")
    place, node, metres = place[order], node[order], metres[order]
    found = []
    for a, b, between_m in _node_pairs(network, np.unique(node), reach_m):
        # Each place end at a, with each node b that it comes to.
        first, last = np.searchsorted(node, a, side="left"), np.searchsorted(node, a, side="right")
        pair, at = _ragged(first, last - first)
        left_m = reach_m - between_m[pair] - metres[at]
        asked, other = _near_in_groups(node, metres, b[pair], np.zeros(len(pair)), left_m)
        # The two short ways first: the sum is then the same from both sides.
        total = (metres[at[asked]] + metres[other]) + between_m[pair[asked]]
        near = total <= reach_m
        found.append((place[at[asked]][near], place[other][near], total[near]))
    return found


def _node_pairs(network: Network, nodes: IntArray, reach_m: float) -> list[_Pairs]:
    """Walking distance from each of ``nodes`` to all nodes within reach, in blocks.

    Distances are the smaller of the two ways of adding them up, so that d(a, b) is d(b, a) to the
    last bit.
    """
    if len(nodes) == 0:
        return []
    graph = _street_graph(network)
    size = max(1, _BLOCK_ENTRIES // graph.shape[0])
    rows, columns, values = [], [], []
    for begin in range(0, len(nodes), size):
        block = nodes[begin : begin + size]
        metres = dijkstra(graph, directed=True, indices=block, limit=reach_m)
        at, to = np.nonzero(np.isfinite(metres))
        rows.append(block[at])
        columns.append(to)
        values.append(metres[at, to])
    a, b, metres = np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
    asked = np.isin(b, nodes)
    a, b, metres = a[asked], b[asked], metres[asked]
    a, b, metres = _shortest(
        np.concatenate([a, b]), np.concatenate([b, a]), np.tile(metres, 2), graph.shape[0]
    )
    cuts = range(0, len(a), _BLOCK_ENTRIES // 16)
    return [(a[c : c + cuts.step], b[c : c + cuts.step], metres[c : c + cuts.step]) for c in cuts]


def _street_graph(network: Network) -> csr_array:
    """(m, m) length of the shortest segment between two nodes, both ways; 0 m is an edge too."""
    u = network.segments[Segments.u].to_numpy(dtype=np.int64)
    v = network.segments[Segments.v].to_numpy(dtype=np.int64)
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    joins = u != v
    u, v, length_m = u[joins], v[joins], length_m[joins]
    count = len(network.nodes)
    a, b, metres = _shortest(
        np.concatenate([u, v]), np.concatenate([v, u]), np.tile(length_m, 2), count
    )
    return coo_array((metres, (a, b)), shape=(count, count)).tocsr()


def _shortest(start: IntArray, end: IntArray, metres: FloatArray, count: int) -> _Pairs:
    """One row for each (start, end), sorted, with the least distance."""
    order = np.lexsort([metres, start * count + end])
    start, end, metres = start[order], end[order], metres[order]
    is_first = np.ones(len(start), dtype=bool)
    is_first[1:] = (np.diff(start) != 0) | (np.diff(end) != 0)
    return start[is_first], end[is_first], metres[is_first]


def _near_in_groups(
    group: IntArray,
    position_m: FloatArray,
    asked_group: IntArray,
    low_m: FloatArray,
    high_m: FloatArray,
) -> tuple[IntArray, IntArray]:
    """For each question, the items of its group whose position lies in [low, high], or nearly.

    Returns
    -------
    question, item : positions in the question and item arrays, one pair for each answer.
    """
    if len(group) == 0 or len(asked_group) == 0:
        none = np.zeros(0, dtype=np.int64)
        return none, none
    top_m = float(position_m.max()) + 1.0
    axis = group * (2 * top_m) + position_m
    order = np.argsort(axis, kind="stable")
    low = asked_group * (2 * top_m) + np.clip(low_m, 0.0, top_m) - _SLACK_M
    high = asked_group * (2 * top_m) + np.clip(high_m, -top_m / 2, top_m) + _SLACK_M
    first = np.searchsorted(axis[order], low, side="left")
    last = np.searchsorted(axis[order], high, side="right")
    question, at = _ragged(first, np.maximum(last - first, 0))
    return question, order[at]


def _ragged(first: IntArray, count: IntArray) -> tuple[IntArray, IntArray]:
    """Which row, and ``first[row]``, ``first[row] + 1``, …: ``count[row]`` of them."""
    row = np.repeat(np.arange(len(first)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, first[row] + within
