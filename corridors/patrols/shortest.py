"""Shortest walks: between many places at once, and through a few stops in the best order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from corridors.arrays import BoolArray, IntArray

TimeTable = npt.NDArray[np.int32]

# Three of these still fit in 32 bits, which is how insertion costs are summed.
UNREACHABLE: Final = 200_000_000
_CHUNK: Final = 256


@dataclass(frozen=True)
class Streets:
    """Undirected edges: ``tail``, ``head``, ``walk_s`` (seconds) and ``favour``, each (n,).

    Of parallel edges that take equally long, shortest walks use the one with most ``favour``.
    """

    node_count: int
    tail: IntArray
    head: IntArray
    walk_s: IntArray
    favour: IntArray


@dataclass(frozen=True)
class Legs:
    """Shortest walks from some sources: seconds, and the way back from every node.

    ``walk_s`` is (s, nodes), ``UNREACHABLE`` where there is no way. ``before`` (s, nodes) is the
    node before each node, negative at the source. ``link`` maps (low node, high node) to the edge
    used.
    """

    sources: IntArray
    walk_s: TimeTable
    before: npt.NDArray[np.int32]
    link: dict[tuple[int, int], int]


def distances(streets: Streets, allowed: BoolArray, sources: IntArray) -> TimeTable:
    """Shortest walking times, (sources, nodes), in seconds; see ``Legs.walk_s``."""
    return shortest_legs(streets, allowed, sources).walk_s


def shortest_legs(streets: Streets, allowed: BoolArray, sources: IntArray) -> Legs:
    """Shortest walks over the ``allowed`` edges; of equal times, the one with fewest edges."""
    chosen = _best_parallel(streets, allowed)
    low = np.minimum(streets.tail[chosen], streets.head[chosen])
    high = np.maximum(streets.tail[chosen], streets.head[chosen])
    # Time first, then number of edges, in one exact number: no zero weights, fewer ties.
    base = streets.node_count + 1
    weight = streets.walk_s[chosen].astype(float) * base + 1
    graph = csr_array(
        (
            np.concatenate([weight, weight]),
            (np.concatenate([low, high]), np.concatenate([high, low])),
        ),
        shape=(streets.node_count, streets.node_count),
    )
    shape = (len(sources), streets.node_count)
    walk_s, before = np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.int32)
    for begin in range(0, len(sources), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        cost, before[part] = dijkstra(graph, indices=sources[part], return_predecessors=True)
        walk_s[part] = np.minimum(cost, float(UNREACHABLE) * base) // base
    link = {(a, b): e for a, b, e in zip(low.tolist(), high.tolist(), chosen.tolist(), strict=True)}
    return Legs(sources, walk_s, before, link)


def leg_edges(legs: Legs, source: int, node: int) -> tuple[list[int], list[int]]:
    """Nodes after the source, and edges, of the shortest walk to ``node``.

    Parameters
    ----------
    source : row of ``legs``.
    node : a node that can be reached.
    """
    before = legs.before[source]
    origin = int(legs.sources[source])
    nodes = [node]
    while nodes[-1] != origin:
        nodes.append(int(before[nodes[-1]]))
    nodes.reverse()
    edges = [legs.link[min(a, b), max(a, b)] for a, b in pairwise(nodes)]
    return nodes[1:], edges


def best_order(walk_s: npt.NDArray[np.integer]) -> tuple[int, tuple[int, ...]]:
    """Quickest order of stops between a fixed first and last one, exactly [1]_.

    Parameters
    ----------
    walk_s : (k + 2, k + 2) seconds between start, k stops and end.

    Returns
    -------
    Seconds, and the stops 1 .. k in order.

    References
    ----------
    .. [1] Held and Karp (1962), A Dynamic Programming Approach to Sequencing Problems.
    """
    table = walk_s.tolist()
    last = len(table) - 1
    stops = range(1, last)
    best: dict[tuple[int, int], tuple[int, tuple[int, ...]]] = {
        (1 << stop, stop): (table[0][stop], (stop,)) for stop in stops
    }
    for size in range(2, last):
        for group in combinations(stops, size):
            mask = sum(1 << stop for stop in group)
            for stop in group:
                rest = mask ^ (1 << stop)
                best[mask, stop] = min(
                    (best[rest, p][0] + table[p][stop], (*best[rest, p][1], stop))
                    for p in group
                    if p != stop
                )
    if last == 1:
        return int(table[0][1]), ()
    full = sum(1 << stop for stop in stops)
    return min((best[full, stop][0] + table[stop][last], best[full, stop][1]) for stop in stops)


def _best_parallel(streets: Streets, allowed: BoolArray) -> IntArray:
    """Of each pair of nodes, the quickest allowed edge; loops lead nowhere."""
    usable = np.flatnonzero(allowed & (streets.tail != streets.head))
    low = np.minimum(streets.tail, streets.head)[usable]
    high = np.maximum(streets.tail, streets.head)[usable]
    order = np.lexsort((usable, -streets.favour[usable], streets.walk_s[usable], high, low))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    return usable[order][first]
