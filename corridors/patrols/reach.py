"""Where more is covered than the walks that get there allow: minimum cuts, several for each place.

A cut for the walk's start and one for the place are both minimum cuts between them; so is, once
the edges of one are held for wide enough, the next one further out. Adding all of them at once
takes a fraction of the rounds that one at a time takes (nested and back cuts [1]_). Edges without
passes carry one unit all the same, so that of equal cuts the one of fewest edges is found (creep
flow [1]_).

References
----------
.. [1] Ljubić, Weiskircher, Pferschy, Klau, Mutzel and Fischetti (2006), An algorithmic framework
   for the exact solution of the prize-collecting Steiner tree problem, Mathematical Programming
   105.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.patrols.compiled import compiled, inner

_UNIT: Final = 1_000_000  # of a pass
_SHORT: Final = 2_000  # so many units less than needed are looked into
_LEAST: Final = 0.01  # places that need fewer passes are left to later rounds
_NESTED: Final = 4
_MOST_SETS: Final = 2000

# Arcs by the node they leave: first of each node, node they enter, edge, which way round.
_Arcs = tuple[IntArray, IntArray, IntArray, IntArray]


def short_sets(
    ends: tuple[IntArray, IntArray], walked: FloatArray, need: FloatArray, roots: tuple[int, int]
) -> BoolArray:
    """Sets of nodes without a root whose boundary is passed less than a node inside needs.

    Parameters
    ----------
    ends : (edges,) tail and head.
    walked : (edges,) passes.
    need : (nodes,) passes in and out that each needs, in all.

    Returns
    -------
    (sets, nodes); smaller sets come before those further out that they lie in.
    """
    tail, head = ends
    count = len(tail)
    leaves = np.concatenate([tail, head])
    order = np.argsort(leaves, kind="stable")
    arcs = (
        np.searchsorted(leaves[order], np.arange(len(need) + 1)),
        np.concatenate([head, tail])[order],
        np.tile(np.arange(count), 2)[order],
        np.repeat(np.array([0, 1]), count)[order],
    )
    capacity = np.maximum(1, np.rint(walked * _UNIT)).astype(np.int64)
    ranked = np.argsort(-need, kind="stable")
    asked = ranked[need[ranked] > _LEAST]
    units = np.rint(need * _UNIT).astype(np.int64)
    found: BoolArray = _short_sets(arcs, capacity, units, asked, np.array(roots))
    return found


@inner
def _path(
    arcs: _Arcs, left: IntArray, roots: IntArray, goal: int, seen: BoolArray, came: IntArray
) -> bool:
    """Whether there is room from a root to the goal; ``came``: the arc and node before each."""
    first, into, edge, way = arcs
    queue = np.empty(len(seen), np.int64)
    seen[:] = False
    begin, end = 0, 0
    for root in roots:
        if not seen[root]:
            seen[root] = True
            queue[end] = root
            end += 1
    while begin < end:
        node = queue[begin]
        begin += 1
        for k in range(first[node], first[node + 1]):
            if not seen[into[k]] and left[way[k], edge[k]] > 0:
                seen[into[k]] = True
                came[0, into[k]], came[1, into[k]] = k, node
                if into[k] == goal:
                    return True
                queue[end] = into[k]
                end += 1
    return False


@inner
def _push(
    arcs: _Arcs, left: IntArray, ends: tuple[IntArray, int], came: IntArray, most: int
) -> int:
    """Send what the found path has room for, ``most`` at most."""
    _, _, edge, way = arcs
    roots, goal = ends
    node = goal
    while node not in roots:
        k = came[0, node]
        most = min(most, left[way[k], edge[k]])
        node = came[1, node]
    node = goal
    while node not in roots:
        k = came[0, node]
        left[way[k], edge[k]] -= most
        left[1 - way[k], edge[k]] += most
        node = came[1, node]
    return most


@inner
def _can_reach(arcs: _Arcs, left: IntArray, goal: int) -> BoolArray:
    """Nodes from which there is still room to the goal."""
    first, into, edge, way = arcs
    nodes = len(first) - 1
    inside = np.zeros(nodes, np.bool_)
    queue = np.empty(nodes, np.int64)
    inside[goal] = True
    queue[0] = goal
    begin, end = 0, 1
    while begin < end:
        node = queue[begin]
        begin += 1
        for k in range(first[node], first[node + 1]):
            if not inside[into[k]] and left[1 - way[k], edge[k]] > 0:
                inside[into[k]] = True
                queue[end] = into[k]
                end += 1
    return inside


@compiled
def _short_sets(
    arcs: _Arcs, capacity: IntArray, need: IntArray, asked: IntArray, roots: IntArray
) -> BoolArray:
    first, into, edge, way = arcs
    nodes = len(need)
    sets = np.zeros((_MOST_SETS, nodes), np.bool_)
    found = 0
    done = np.zeros(nodes, np.bool_)
    seen = np.empty(nodes, np.bool_)
    came = np.empty((2, nodes), np.int64)
    left = np.empty((2, len(capacity)), np.int64)
    for goal in asked:
        if done[goal] or goal in roots or found + 2 * _NESTED > _MOST_SETS:
            continue
        left[0], left[1] = capacity, capacity
        sent = 0
        for _ in range(_NESTED):
            while sent < need[goal] - _SHORT and _path(arcs, left, roots, goal, seen, came):
                sent += _push(arcs, left, (roots, goal), came, need[goal] - sent)
            if sent >= need[goal] - _SHORT:
                break
            near = _can_reach(arcs, left, goal)
            done |= near
            sets[found] = near
            found += 1
            if (near == seen).any():  # some node is on neither side: the other cut is not this one
                sets[found] = ~seen
                found += 1
            for node in np.flatnonzero(near):
                for k in range(first[node], first[node + 1]):
                    if not near[into[k]]:
                        left[1 - way[k], edge[k]] += need[goal]
    return sets[:found].copy()
