"""Valid inequalities that a fractional plan breaks: connectivity and parity.

For teams of one class, ``x`` is how often they walk each edge and ``y`` how much of each edge they
cover. A set of nodes ``S`` is crossed by every walk that starts and ends on the same side an even
number of times, by others an odd number of times. Hence, with ``q`` teams and ``s`` = 1 if S parts
start from end, else 0,

* connectivity: :math:`x(\\delta(S)) \\ge 2 y_e` for an edge that touches S if neither start nor end
  is in S, :math:`\\ge 2 c` if c teams must stand in S, and :math:`\\ge q s` always;
* parity [1]_: :math:`x(\\delta(S)) \\ge 2 y(F) - |F| + 1` for F in the boundary of S with
  :math:`|F| + q s` odd;
* time: a team that goes into S, which holds neither its start nor its end, has spent d(u) + t_e on
  the way before it has crossed an edge e from u, and as much on the way back. What it walks inside
  is at most the sum over its crossings of :math:`c_e = \\max(0, T / 2 - d(u) - t_e)`, so that
  :math:`\\sum_{e \\in E(S)} t_e x_e \\le \\sum_{e \\in \\delta(S)} c_e x_e`. It makes q
  teams pay q times for a far place, and the most broken one is a minimum cut.

References
----------
.. [1] Ghiani and Laporte (2000), A branch-and-cut algorithm for the Undirected Rural Postman
   Problem, Mathematical Programming 87 (co-circuit inequalities).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.patrols.reach import short_sets

_BROKEN: Final = 1e-4
_LEVELS: Final = (1e-6, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.999)
# What time inside a set of nodes is multiplied by, while the set is looked for.
_TIME_SCALES: Final = (0.5, 0.65, 0.8, 0.9, 1.0, 1.15, 1.3, 1.6)


@dataclass(frozen=True)
class TeamClass:
    """Teams with equal start, end and allowed edges, walking as one.

    Parameters
    ----------
    teams : how many.
    budget_s : their time for walking, summed.
    edges : the reduced edges that they can use; ``tail``, ``head``, ``walk_s`` and ``value``
        belong to these.
    longest_s : the most time for walking that one of them has.
    near_s : (nodes,) seconds from each node to the start or the end, whichever is nearer.
    stands, time_s : for each team, the nodes where it must stand, and its time for walking.
    """

    start: int
    end: int
    teams: int
    budget_s: int
    edges: IntArray
    tail: IntArray
    head: IntArray
    walk_s: IntArray
    value: IntArray
    longest_s: int
    near_s: FloatArray
    stands: tuple[tuple[int, ...], ...]
    time_s: tuple[int, ...]


@dataclass(frozen=True)
class Cut:
    """weights x(edges) >= 2 y(twice) + constant; edges are positions in ``TeamClass.edges``."""

    edges: tuple[int, ...]
    weights: tuple[float, ...]
    twice: tuple[int, ...]
    constant: int


def _boundary_cut(boundary: tuple[int, ...], twice: tuple[int, ...], constant: int) -> Cut:
    return Cut(boundary, (1.0,) * len(boundary), twice, constant)


def broken_cuts(
    group: TeamClass, walked: FloatArray, covered: FloatArray, node_count: int
) -> set[Cut]:
    """Cuts broken on single nodes and on components of the support at several thresholds.

    Parameters
    ----------
    walked, covered : x and y of the class's edges.
    """
    found: set[Cut] = set()
    labels_seen: list[IntArray] = [np.arange(node_count)]
    for level in _LEVELS:
        for measure in (walked, covered, _parity_weight(walked, covered)):
            strong = measure > level
            graph = csr_array(
                (np.ones(int(strong.sum())), (group.tail[strong], group.head[strong])),
                shape=(node_count, node_count),
            )
            labels_seen.append(connected_components(graph, directed=False)[1].astype(np.int64))
    for labels in labels_seen:
        found |= _cuts_of_parts(group, walked, covered, labels)
    return found


def broken_reach_cuts(
    group: TeamClass, walked: FloatArray, covered: FloatArray, node_count: int
) -> set[Cut]:
    """Cuts broken on the minimum cuts between the start or end and what is covered."""
    need = np.zeros(node_count)
    for ends in (group.tail, group.head):
        np.maximum.at(need, ends, 2 * covered)
    standing = Counter(node for stands in group.stands for node in set(stands))
    for node, teams in sorted(standing.items()):
        need[node] = max(need[node], 2.0 * teams)
    found: set[Cut] = set()
    for inside in short_sets((group.tail, group.head), walked, need, (group.start, group.end)):
        found |= _cuts_of_parts(group, walked, covered, inside.astype(np.int64))
    return found


def _parity_weight(walked: FloatArray, covered: FloatArray) -> FloatArray:
    """What an edge adds to the left side of a parity cut, in F or not."""
    return walked - np.maximum(0.0, 2 * covered - 1)


def broken_time_cuts(group: TeamClass, walked: FloatArray, node_count: int) -> set[Cut]:
    """Broken time cuts of the sets of nodes with most time inside for their crossings.

    What is walked inside counts more or less than it is, each time anew: at 1 the most broken cut
    is found, at others those of smaller and of larger sets, which later rounds would bring.
    """
    use = np.flatnonzero((walked > 1e-6) & (group.tail != group.head))
    if not len(use) or group.longest_s <= 0:
        return set()
    room = _room(group)
    tail, head = group.tail[use], group.head[use]
    found: set[Cut] = set()
    for scale in _TIME_SCALES:
        side = _most_inside(group, use, (walked[use], room), node_count, scale)
        inside = side[tail] & side[head]
        links = csr_array(
            (np.ones(int(inside.sum())), (tail[inside], head[inside])),
            shape=(node_count, node_count),
        )
        labels = connected_components(links, directed=False)[1]
        for part in np.unique(labels[side]).tolist():
            cut = _time_cut(group, walked, room, (labels == part) & side)
            found |= set() if cut is None else {cut}
    return found


def _most_inside(
    group: TeamClass,
    use: IntArray,
    given: tuple[FloatArray, tuple[FloatArray, FloatArray]],
    node_count: int,
    scale: float,
) -> BoolArray:
    """The set S that makes the most of scaled time inside less what its crossings leave.

    Twice what :math:`\\sum_{E(S)} t x - \\sum_{\\delta(S)} c x` comes to is the sum over its nodes
    of t x at the node, less a cost of leaving S: a closure problem.
    """
    walked, room = given
    tail, head = group.tail[use], group.head[use]
    times = scale * group.walk_s[use] * walked
    inner = np.bincount(np.concatenate([tail, head]), np.tile(times, 2), minlength=node_count)
    source, sink = node_count, node_count + 1
    ends = np.unique([group.start, group.end])
    nodes = np.flatnonzero(inner)
    leave = np.concatenate([times + 2 * room[1][use] * walked, times + 2 * room[0][use] * walked])
    unit = 1e8 / (group.budget_s * 4.0 * max(1.0, scale) + 1)
    endless = np.full(len(ends), 1e8)
    capacity = np.concatenate([np.rint(leave * unit), np.rint(inner[nodes] * unit), endless])
    rows = np.concatenate([tail, head, np.full(len(nodes), source), ends])
    columns = np.concatenate([head, tail, nodes, np.full(len(ends), sink)])
    graph = csr_array(
        (np.minimum(capacity, 1e8).astype(np.int32), (rows, columns)),
        shape=(node_count + 2, node_count + 2),
    )
    return _source_side(graph, source, sink)[:node_count]


def _room(group: TeamClass) -> tuple[FloatArray, FloatArray]:
    """Seconds that a crossing from tail, and from head, leaves for the other side."""
    half_s = group.longest_s / 2
    from_tail = np.maximum(0.0, half_s - group.near_s[group.tail] - group.walk_s)
    from_head = np.maximum(0.0, half_s - group.near_s[group.head] - group.walk_s)
    return from_tail, from_head


def _time_cut(
    group: TeamClass, walked: FloatArray, room: tuple[FloatArray, FloatArray], side: BoolArray
) -> Cut | None:
    into, out = side[group.head] & ~side[group.tail], side[group.tail] & ~side[group.head]
    weight = np.where(into, room[0], np.where(out, room[1], 0.0))
    weight -= np.where(side[group.tail] & side[group.head], group.walk_s, 0)
    weight /= group.longest_s / 2
    if weight @ walked > -_BROKEN:
        return None
    edges = np.flatnonzero(weight)
    return Cut(tuple(edges.tolist()), tuple(weight[edges].tolist()), (), 0)


def _source_side(graph: csr_array, source: int, sink: int) -> BoolArray:
    flow = maximum_flow(graph, source, sink).flow
    residual = csr_array(graph - flow)
    residual.eliminate_zeros()
    side = np.zeros(graph.shape[0], dtype=bool)
    side[breadth_first_order(residual, source, return_predecessors=False)] = True
    return side


def _cuts_of_parts(
    group: TeamClass, walked: FloatArray, covered: FloatArray, labels: IntArray
) -> set[Cut]:
    """Broken cuts of each part of a partition of the nodes."""
    parts = int(labels.max()) + 1
    tail, head = labels[group.tail], labels[group.head]
    crossing = np.flatnonzero(tail != head)
    both = np.concatenate([tail[crossing], head[crossing]])
    twice = np.concatenate([crossing, crossing])
    flow = np.bincount(both, weights=walked[twice], minlength=parts).astype(np.float64)
    has_start = np.zeros(parts, dtype=bool)
    has_end = np.zeros(parts, dtype=bool)
    has_start[labels[group.start]] = True
    has_end[labels[group.end]] = True
    odd = (has_start != has_end) & (group.teams % 2 == 1)
    members = _Members(both, twice)
    found = _parity_cuts(members, flow, covered, odd)
    found |= _flow_cuts(group, members, labels, flow, has_start | has_end)
    for part in np.flatnonzero(has_start != has_end).tolist():
        if flow[part] < group.teams - _BROKEN:
            found.add(_boundary_cut(members.of(part), (), group.teams))
    touch = np.concatenate([tail, head])
    inner = has_start | has_end
    found |= _reach_cuts(members, flow, np.concatenate([covered, covered]), touch, inner)
    return found


@dataclass(frozen=True)
class _Members:
    """Boundary edges of each part: ``edge[i]`` is in the boundary of ``part[i]``."""

    part: IntArray
    edge: IntArray

    def of(self, part: int) -> tuple[int, ...]:
        return tuple(np.sort(self.edge[self.part == part]).tolist())


def _flow_cuts(
    group: TeamClass,
    members: _Members,
    labels: IntArray,
    flow: FloatArray,
    has_terminal: BoolArray,
) -> set[Cut]:
    standing = np.zeros(len(flow), dtype=np.int64)
    for stands in group.stands:
        standing[sorted({int(labels[node]) for node in stands})] += 1
    short = ~has_terminal & (flow < 2 * standing - _BROKEN)
    return {
        _boundary_cut(members.of(part), (), int(2 * standing[part]))
        for part in np.flatnonzero(short).tolist()
    }


def _reach_cuts(
    members: _Members,
    flow: FloatArray,
    covered: FloatArray,
    touch: IntArray,
    has_terminal: BoolArray,
) -> set[Cut]:
    """x(boundary) >= 2 y_e for the most covered edges that touch a part without terminals."""
    count = len(covered) // 2
    broken = np.flatnonzero(~has_terminal[touch] & (2 * covered > flow[touch] + _BROKEN))
    best: dict[int, list[int]] = {}
    for row in broken[np.argsort(-covered[broken], kind="stable")].tolist():
        chosen = best.setdefault(int(touch[row]), [])
        if len(chosen) < 3:
            chosen.append(row % count)
    return {
        _boundary_cut(members.of(part), (edge,), 0)
        for part, edges in sorted(best.items())
        for edge in edges
    }


def _parity_cuts(
    members: _Members, flow: FloatArray, covered: FloatArray, odd: BoolArray
) -> set[Cut]:
    """The most broken parity cut of each part: F is chosen exactly."""
    parts = len(flow)
    lean = 2 * covered[members.edge] - 1
    inside = lean > 0
    gain = np.bincount(members.part, weights=np.where(inside, lean, 0.0), minlength=parts)
    count = np.bincount(members.part[inside], minlength=parts)
    cheapest = np.full(parts, np.inf)
    np.minimum.at(cheapest, members.part, np.abs(lean))
    wrong = (count + odd) % 2 == 0
    slack = flow - gain + np.where(wrong, cheapest, 0.0) - 1
    found: set[Cut] = set()
    for part in np.flatnonzero(slack < -_BROKEN).tolist():
        here = members.part == part
        edges, tilt = members.edge[here], lean[here]
        chosen = tilt > 0
        if wrong[part]:
            flip = int(np.argmin(np.abs(tilt)))
            chosen[flip] = not chosen[flip]
        picked = tuple(np.sort(edges[chosen]).tolist())
        found.add(_boundary_cut(tuple(np.sort(edges).tolist()), picked, 1 - len(picked)))
    return found
