"""Corridors: the connected streets from a school's gates to where its pupils go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.model import Network, SchoolFlow
from corridors.profile import Risk
from corridors.tables import Segments

_LINK_MAX_M = 150.0  # a street between two corridor junctions, no longer than this, joins it


@dataclass(frozen=True)
class Shape:
    """A corridor before its evidence: schools and streets."""

    urns: tuple[str, ...]
    segment_ids: tuple[int, ...]  # sorted
    value_share: float  # of the schools' risk x flow


def find_shapes(
    network: Network,
    values: Mapping[str, FloatArray],
    flows: tuple[SchoolFlow, ...],
    params: Risk,
) -> tuple[Shape, ...]:
    """One shape a school, grown along its pupils' walks; shapes that overlap are joined (A11).

    A shape starts at the gates and takes, again and again, the walk with the most risk x flow
    a metre that is not in it yet, until it holds ``corridor_share`` of the school's risk x flow
    or ``corridor_max_m`` of street. Streets inside a school site never belong to it (A8). Where a
    school has gates on several sides, the pieces are joined by the shortest walk round the site,
    or the piece with the most value stands alone: a corridor is connected.

    Parameters
    ----------
    values : by URN, (n) risk x pupils of the school, summed over the segment and the window.

    Returns
    -------
    Shapes in order of their first URN; schools with no risk on their pupils' walks have none.
    """
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    in_site = network.segments[Segments.in_school_site].to_numpy()
    values = {f.urn: np.where(in_site, 0.0, values[f.urn]) for f in flows}
    shapes: list[Shape] = []
    for flow in sorted(flows, key=lambda f: f.urn):
        value = values[flow.urn]
        if value.sum() <= 0:
            continue
        chosen = _grow(network, flow, value, length_m, params)
        chosen[in_site] = False
        whole = _in_one_piece(network, chosen, value, ~in_site, params.corridor_max_m)
        shapes.append(Shape((flow.urn,), tuple(np.flatnonzero(whole).tolist()), 0.0))
    joined = _join_overlapping(
        [s for s in shapes if s.segment_ids], length_m, params.shared_overlap
    )
    return tuple(_with_share(shape, values) for shape in joined)


def _grow(
    network: Network, flow: SchoolFlow, value: FloatArray, length_m: FloatArray, params: Risk
) -> BoolArray:
    """Which segments belong: (n) bool."""
    order = np.lexsort((np.arange(len(flow.node_walk_s)), flow.node_walk_s))
    order = order[np.isfinite(flow.node_walk_s[order]) & (flow.parent_node[order] >= 0)]
    steps, reached = [], set(flow.roots)
    for node in order.tolist():
        parent = int(flow.parent_node[node])
        if parent in reached:  # a walk that left the network and came back is not connected
            reached.add(node)
            steps.append((node, parent, int(flow.parent_segment[node])))
    chosen = np.zeros(len(value), dtype=bool)
    nodes = set(flow.roots)
    chosen[_between(network, nodes)] = True
    wanted, longest = params.corridor_share * value.sum(), params.corridor_max_m
    while value[chosen].sum() < wanted:
        walk = _best_walk(steps, nodes, value, length_m, longest - length_m[chosen].sum())
        if not walk:
            break
        for node, segment in walk:
            nodes.add(node)
            chosen[segment] = True
    links = _between(network, nodes)
    links = links[length_m[links] <= _LINK_MAX_M]
    chosen[links[value[links] > 0]] = True
    return chosen


def _in_one_piece(
    network: Network, chosen: BoolArray, value: FloatArray, walkable: BoolArray, longest_m: float
) -> BoolArray:
    """The chosen segments as one connected piece: joined, or cut down to the best."""
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    streets = _graph(network, walkable, length_m)
    whole = chosen.copy()
    while True:
        parts = _pieces(network, np.flatnonzero(whole))
        if len(parts) <= 1:
            return whole
        parts.sort(key=lambda ids: (-value[ids].sum(), ids))
        others = [segment for part in parts[1:] for segment in part]
        link = _shortest_link(streets, _nodes(network, parts[0]), _nodes(network, others))
        if not link or length_m[[*parts[0], *link]].sum() > longest_m:
            whole[others] = False
            return whole
        whole[link] = True


def _graph(network: Network, walkable: BoolArray, length_m: FloatArray) -> nx.Graph:
    """Streets as a graph with the shortest segment between each pair of junctions."""
    ids = np.flatnonzero(walkable)
    ids = ids[np.lexsort((ids, length_m[ids]))][::-1]  # the last one added stays: the shortest
    u, v = (network.segments[c].to_numpy()[ids].tolist() for c in (Segments.u, Segments.v))
    streets = nx.Graph()
    for a, b, segment in zip(u, v, ids.tolist(), strict=True):
        streets.add_edge(a, b, segment=segment, length_m=float(length_m[segment]))
    return streets


def _pieces(network: Network, ids: IntArray) -> list[list[int]]:
    """The segments by connected piece, each sorted."""
    u, v = (network.segments[c].to_numpy()[ids] for c in (Segments.u, Segments.v))
    links = coo_array((np.ones(len(ids)), (u, v)), shape=(len(network.nodes),) * 2)
    _, label = connected_components(links, directed=False)
    found: dict[int, list[int]] = {}
    for segment, piece in zip(ids.tolist(), label[u].tolist(), strict=True):
        found.setdefault(piece, []).append(segment)
    return list(found.values())


def _nodes(network: Network, ids: list[int]) -> list[int]:
    ends: list[int] = np.unique(network.segments[[Segments.u, Segments.v]].to_numpy()[ids]).tolist()
    return ends


def _shortest_link(streets: nx.Graph, here: list[int], there: list[int]) -> list[int]:
    """Segments of the shortest walk between two sets of junctions; empty if there is none."""
    reach_m, walks = nx.multi_source_dijkstra(streets, here, weight="length_m")
    near = min((n for n in there if n in reach_m), key=lambda n: (reach_m[n], n), default=None)
    if near is None:
        return []
    return [int(streets.edges[pair]["segment"]) for pair in pairwise(walks[near])]


def _best_walk(
    steps: list[tuple[int, int, int]],
    inside: set[int],
    value: FloatArray,
    length_m: FloatArray,
    left_m: float,
) -> list[tuple[int, int]]:
    """The walk from the corridor with the most value a metre: (node, segment) pairs."""
    gain: dict[int, tuple[float, float]] = dict.fromkeys(inside, (0.0, 0.0))
    before: dict[int, tuple[int, int]] = {}
    best, best_rate = -1, 0.0
    for node, parent, segment in steps:
        if node in inside:
            continue
        worth, metres = gain[parent]
        gain[node] = (worth + value[segment], metres + length_m[segment])
        before[node] = (parent, segment)
        worth, metres = gain[node]
        rate = worth / max(metres, 1.0)
        if metres <= left_m and rate > best_rate * (1 + 1e-12):
            best, best_rate = node, rate
    walk: list[tuple[int, int]] = []
    while best in before:
        parent, segment = before[best]
        walk.append((best, segment))
        best = parent
    return walk


def _between(network: Network, nodes: set[int]) -> IntArray:
    """Segments whose ends are both among ``nodes``."""
    listed = np.array(sorted(nodes), dtype=np.int64)
    u = np.isin(network.segments[Segments.u].to_numpy(), listed)
    v = np.isin(network.segments[Segments.v].to_numpy(), listed)
    return np.flatnonzero(u & v)


def _join_overlapping(shapes: list[Shape], length_m: FloatArray, overlap: float) -> list[Shape]:
    """Join the pair that overlaps most, until no pair overlaps enough."""
    pending = list(shapes)
    while True:
        best: tuple[float, int, int] | None = None
        for i, a in enumerate(pending):
            for j in range(i + 1, len(pending)):
                share = _overlap(a, pending[j], length_m)
                if share >= overlap and (best is None or share > best[0]):
                    best = (share, i, j)
        if best is None:
            return sorted(pending, key=lambda s: s.urns)
        _, i, j = best
        a, b = pending[i], pending.pop(j)
        pending[i] = Shape(
            tuple(sorted(a.urns + b.urns)),
            tuple(sorted({*a.segment_ids, *b.segment_ids})),
            0.0,
        )


def _overlap(a: Shape, b: Shape, length_m: FloatArray) -> float:
    """Shared length as a share of the shorter corridor."""
    shared = sorted({*a.segment_ids} & {*b.segment_ids})
    shorter = min(length_m[list(a.segment_ids)].sum(), length_m[list(b.segment_ids)].sum())
    return float(length_m[shared].sum() / shorter) if shorter > 0 else 0.0


def _with_share(shape: Shape, values: Mapping[str, FloatArray]) -> Shape:
    ids = list(shape.segment_ids)
    held = sum(values[u][ids].sum() for u in shape.urns)
    total = sum(values[u].sum() for u in shape.urns)
    return Shape(shape.urns, shape.segment_ids, float(held / total))
