"""When a team is where, and what the teams together meet.

A walk sets off at ``begin_s`` and walks its edges one after the other. At a node it first waits
(``Walk.waits``), then stands, first where the window ends first; who comes before a stand's window
waits for it. A round repeats as it was, waits and all, while a whole one fits in the window.

**What counts.** Being on an edge in a slot, for however short a time and whoever it is, meets
that slot's value once. Standing in sight of an edge meets the share of it that Koper's curve gives
the stand's length [1]_. Later slots count ``share x 0.5 ** (gap_s / fade_s)``, where ``gap_s`` runs
from leaving to the middle of the slot; the largest share counts. Times are whole seconds and
intervals are half-open, so that who leaves at a slot's start is not in it.

**Arithmetic.** The sum of value x share is ``math.fsum``'s, which no order of edges or teams
changes. Where nothing fades and no stand counts it is a whole number.

References
----------
.. [1] Koper (1995), Just Enough Police Presence, Justice Quarterly 12(4).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.patrols.problem import PatrolProblem, Slots, Walk


@dataclass(frozen=True)
class Timeline:
    """The first round of a walk, seconds from the session's start.

    Parameters
    ----------
    arrive_s, leave_s : (k + 1) at each node; edge ``i`` is walked from ``leave_s[i]`` to
        ``arrive_s[i + 1]``.
    stand_s : when each of the team's stands begins; -1 where the walk does not make it.
    rounds : how often it is walked within the window.
    """

    arrive_s: IntArray
    leave_s: IntArray
    stand_s: tuple[int, ...]
    rounds: int

    @property
    def round_s(self) -> int:
        """Seconds of a round."""
        return int(self.leave_s[-1] - self.arrive_s[0])


@dataclass(frozen=True)
class Presence:
    """Times on edges, or in sight of them, over all rounds: each (p,).

    ``share`` is what it counts for, 0-1; ``on_it`` says that the team walks the edge.
    """

    edge: IntArray
    from_s: IntArray
    to_s: IntArray
    share: FloatArray
    on_it: BoolArray


def timeline(problem: PatrolProblem, walk: Walk, walk_s: IntArray) -> Timeline:
    """When a walk is at each of its nodes, and how often.

    Parameters
    ----------
    walk_s : (edges) ``problem.edges.walk_s`` as an array.
    """
    team = problem.teams[walk.team]
    gone_s = np.concatenate(([0], np.cumsum(walk_s[list(walk.edges)])))
    arrive_s = walk.begin_s + gone_s
    leave_s = arrive_s.copy()
    stand_s = [-1] * len(team.stands)

    def hold(position: int, seconds: int) -> None:
        leave_s[position:] += seconds
        arrive_s[position + 1 :] += seconds

    for position, wait_s in walk.waits:
        hold(position, wait_s)
    made = [
        (at, team.stands[i].end_s, i)
        for i, at in enumerate(walk.stand_at[: len(team.stands)])
        if 0 <= at < len(walk.nodes)
    ]
    for at, _, i in sorted(made):
        early_s = max(0, team.stands[i].earliest_s - int(leave_s[at]))
        stand_s[i] = int(leave_s[at]) + early_s
        hold(at, early_s + team.stands[i].dwell_s)
    round_s = int(leave_s[-1]) - walk.begin_s
    repeats = problem.window_s is not None and team.start == team.end and round_s > 0
    rounds = max(1, (problem.deadline_s(team) - walk.begin_s) // round_s) if repeats else 1
    return Timeline(arrive_s, leave_s, tuple(stand_s), rounds)


def presence(problem: PatrolProblem, walk: Walk, times: Timeline) -> Presence:
    """When a walk is on which edge, and in sight of which, in all of its rounds."""
    edge = np.array(walk.edges, dtype=np.int64)
    from_s, to_s = times.leave_s[:-1], times.arrive_s[1:]
    share = np.ones(len(edge))
    if problem.slots is not None and problem.slots.koper:
        seen = [
            (e, begin_s, begin_s + stand.dwell_s, koper_share(problem.slots, stand.dwell_s))
            for stand, begin_s in zip(problem.teams[walk.team].stands, times.stand_s, strict=True)
            for e in stand.in_sight
            if begin_s >= 0 and stand.dwell_s > 0
        ]
        table = np.array(seen, dtype=float).reshape(-1, 4)
        whole = table[:, :3].astype(np.int64)
        edge = np.concatenate((edge, whole[:, 0]))
        from_s, to_s = np.concatenate((from_s, whole[:, 1])), np.concatenate((to_s, whole[:, 2]))
        share = np.concatenate((share, table[:, 3]))
    rounds = np.arange(times.rounds)[:, None]
    later_s, every = rounds * times.round_s, np.zeros_like(rounds)
    return Presence(
        (edge + every).ravel(),
        (from_s + later_s).ravel(),
        (to_s + later_s).ravel(),
        (share + every).ravel(),
        (every + np.arange(len(edge)) < len(walk.edges)).ravel(),
    )


def joined(parts: Iterable[Presence]) -> Presence:
    """All of them in one."""
    empty = np.zeros(0, dtype=np.int64)
    whole = [Presence(empty, empty, empty, empty.astype(float), empty.astype(bool)), *parts]
    return Presence(
        np.concatenate([p.edge for p in whole]),
        np.concatenate([p.from_s for p in whole]),
        np.concatenate([p.to_s for p in whole]),
        np.concatenate([p.share for p in whole]),
        np.concatenate([p.on_it for p in whole]),
    )


def walked_on(there: Presence, edges: BoolArray) -> Presence:
    """What of it is walking on some of the edges, (edges,) True; the rest left out."""
    kept = there.on_it & edges[there.edge]
    return Presence(
        there.edge[kept], there.from_s[kept], there.to_s[kept], there.share[kept], there.on_it[kept]
    )


def meetings_s(one: Presence, other: Presence) -> IntArray:
    """Seconds for which two teams are on one edge, whichever way either goes: (one, other)."""
    until_s = np.minimum(one.to_s[:, None], other.to_s)
    both_s = until_s - np.maximum(one.from_s[:, None], other.from_s)
    out: IntArray = np.maximum(both_s, 0) * (one.edge[:, None] == other.edge)
    return out


def meetings(problem: PatrolProblem, walks: Sequence[Walk]) -> tuple[tuple[int, int, int], ...]:
    """Pairs of teams, from 1, with the seconds for which both are on one edge, if they may not."""
    if not problem.apart:
        return ()
    walk_s = np.array(problem.edges.walk_s, dtype=np.int64)
    everywhere = np.ones(len(walk_s), dtype=bool)
    there = [
        walked_on(presence(problem, walk, timeline(problem, walk, walk_s)), everywhere)
        for walk in walks
    ]
    found = [
        (walks[i].team + 1, walks[j].team + 1, int(meetings_s(there[i], there[j]).sum()))
        for i, j in combinations(range(len(walks)), 2)
    ]
    return tuple(pair for pair in found if pair[2])


def koper_share(slots: Slots, dwell_s: int) -> float:
    """What of the value in sight a stand of this length counts for, 0-1."""
    dwells_s = [0, *(at_s for at_s, _ in slots.koper)]
    percents = [0, *(percent for _, percent in slots.koper)]
    return float(np.interp(dwell_s, dwells_s, percents)) / 100


def shares(slots: Slots, there: Presence) -> FloatArray:
    """What share of each slot's value presence meets: (edges, slots), 0-1."""
    count = len(slots.value[0]) if slots.value else 0
    met = np.zeros((len(slots.value), count))
    slot = np.arange(count)
    first = there.from_s // slots.length_s
    last = np.maximum(there.to_s - 1, there.from_s) // slots.length_s
    inside = (first[:, None] <= slot) & (slot <= last[:, None])
    counted = there.share[:, None] * inside
    if slots.fade_s:
        middle_s = (slot + 0.5) * slots.length_s
        gap_s = middle_s - there.to_s[:, None]
        fading = there.share[:, None] * 0.5 ** (np.maximum(gap_s, 0) / slots.fade_s)
        counted = np.where(slot > last[:, None], fading, counted)
    np.maximum.at(met, there.edge, counted)
    return met


def met_value(problem: PatrolProblem, walks: Iterable[Walk]) -> float:
    """What the walks together meet of the slots' value; 0 without slots."""
    if problem.slots is None or not problem.slots.value:
        return 0.0
    walk_s = np.array(problem.edges.walk_s, dtype=np.int64)
    value = np.array(problem.slots.value, dtype=float)
    together = np.zeros(value.shape)
    for walk in walks:
        there = presence(problem, walk, timeline(problem, walk, walk_s))
        together = np.maximum(together, shares(problem.slots, there))
    return math.fsum((value * together).ravel().tolist())
