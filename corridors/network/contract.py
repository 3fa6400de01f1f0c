"""Chains of links between the vertices that matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.network.links import components


@dataclass(frozen=True)
class Chains:
    """Runs of links, end to end.

    ``first`` (c + 1,) says where each of the c chains begins in ``link`` (all links, once each);
    chain i passes ``vertex[first[i] + i : first[i + 1] + i + 1]``, one more than it has links.
    """

    first: IntArray
    link: IntArray
    vertex: IntArray

    @property
    def of_link(self) -> IntArray:
        """(links,) the chain of each link."""
        chain = np.empty(len(self.link), dtype=np.int64)
        chain[self.link] = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        return chain

    @property
    def ends(self) -> IntArray:
        """(c, 2) first and last vertex; equal for a loop."""
        at = np.arange(len(self.first) - 1)
        return np.column_stack(
            [self.vertex[self.first[:-1] + at], self.vertex[self.first[1:] + at]]
        )


def chains(ends: IntArray, label: IntArray, keep: BoolArray, xy_m: FloatArray) -> Chains:
    """Join links at vertices where nothing changes.

    Two links join at a vertex that only they meet, that is not to be kept, and where their
    labels agree. A ring without any other vertex to stop at is cut at its most western one.
    Each chain runs from its more western end (then southern, then lower vertex), so the result
    does not depend on the direction or order of the links.

    Parameters
    ----------
    ends : (k, 2) vertices of each link; no link joins a vertex to itself.
    label : (k,) links with different labels never join.
    keep : (n,) vertices to stop at in any case.
    xy_m : (n, 2) positions, EPSG:27700.
    """
    rank = np.empty(len(xy_m), dtype=np.int64)
    rank[np.lexsort([xy_m[:, 1], xy_m[:, 0]])] = np.arange(len(xy_m))
    leaving = _leaving(ends, label, keep)
    leaving = _cut_rings(ends, leaving, rank)
    after = _successors(len(ends), leaving)
    last, steps = _to_the_end(after)
    # Half-links 2i and 2i + 1 are link i from its first and from its second end.
    tail = ends.ravel()
    head = ends[:, ::-1].ravel()
    start = np.empty(len(after), dtype=np.int64)
    order = np.lexsort([-steps, last])
    begins = np.flatnonzero(np.r_[True, np.diff(last[order]) != 0]) if len(order) else order
    start[order] = np.repeat(order[begins], np.diff(np.r_[begins, len(order)]))
    outer, inner = rank[[tail[start], head[last]]], rank[[head[start], tail[last]]]
    forward = _is_first(np.vstack([outer, inner, [start, last ^ 1]]))
    order = order[forward[order]]
    begins = np.flatnonzero(np.r_[True, np.diff(last[order]) != 0]) if len(order) else order
    first = np.r_[begins, len(order)].astype(np.int64)
    vertex = np.insert(head[order], first[:-1], tail[order[begins]])
    return Chains(first=first, link=order // 2, vertex=vertex)


def _leaving(ends: IntArray, label: IntArray, keep: BoolArray) -> IntArray:
    """(m, 2) the two half-links that leave each vertex where links join."""
    tail = ends.ravel()
    order = np.argsort(tail, kind="stable")
    degree = np.bincount(tail, minlength=len(keep))
    at = (np.cumsum(degree) - degree)[(degree == 2) & ~keep]
    pair = np.column_stack([order[at], order[at + 1]]) if len(at) else np.empty((0, 2), np.int64)
    joined: IntArray = pair[label[pair[:, 0] // 2] == label[pair[:, 1] // 2]]
    return joined


def _cut_rings(ends: IntArray, leaving: IntArray, rank: IntArray) -> IntArray:
    """Stop each ring of joined links at its vertex of the lowest rank."""
    piece = components(leaving // 2, len(ends))
    size = np.bincount(piece, minlength=len(ends))
    joints = np.bincount(piece[leaving[:, 0] // 2], minlength=len(ends))
    rows = np.flatnonzero((joints == size)[piece[leaving[:, 0] // 2]])
    vertex = rank[ends.ravel()[leaving[rows, 0]]]
    ring = piece[leaving[rows, 0] // 2]
    order = np.lexsort([vertex, ring])
    lowest = order[np.r_[True, np.diff(ring[order]) != 0]] if len(order) else order
    return np.delete(leaving, rows[lowest], axis=0)


def _successors(links: int, leaving: IntArray) -> IntArray:
    """(2 k,) the half-link after each; itself where a chain ends."""
    after = np.arange(2 * links)
    after[leaving[:, 0] ^ 1] = leaving[:, 1]
    after[leaving[:, 1] ^ 1] = leaving[:, 0]
    return after


def _to_the_end(after: IntArray) -> tuple[IntArray, IntArray]:
    """The last half-link of each half-link's chain and the steps to it, by pointer jumping."""
    last = after.copy()
    steps = (after != np.arange(len(after))).astype(np.int64)
    while (last[last] != last).any():
        steps = steps + steps[last]
        last = last[last]
    return last, steps


def _is_first(pairs: IntArray) -> BoolArray:
    """Whether each half-link belongs to the wanted one of its chain's two directions.

    ``pairs`` (6, 2 k): the outer vertices of its chain decide; those of a loop are equal, and
    then the vertices next to them do; at last the half-links themselves.
    """
    a, b, c, d, e, f = pairs
    forward: BoolArray = (a < b) | ((a == b) & ((c < d) | ((c == d) & (e < f))))
    return forward
