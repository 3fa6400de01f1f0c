r"""A loose upper bound on what any plan of these teams can meet at its time.

A team may do here what it may not do in truth: walk all of the window without standing still or
keeping to a round, begin and wait as it likes, be anywhere when pupils come out, and walk a little
too fast. What is kept is that it goes along streets, in time, and that a slot's value counts once,
whoever comes. Prices λ ≥ 0 put that last rule into the value [1]_:

.. math:: \sum_{e,s} \max(0, w_{es} - λ_{es}) + \sum_{teams} \max_{walks} \sum λ_{es}

holds for all prices; subgradient steps look for good ones. A team's best walk is a longest way
through the streets copied for each unit of time. Times are rounded so that all real walks are
among those: one that is at a node at second ``t`` is there in unit ``t // unit_s``, an edge takes
``walk_s // unit_s`` units at least, waiting is free, and the slots that it may touch all count.
What lies on edges shorter than a unit is given away, and their ends are one place; so is the
little in slots long before and after all others.

All sums are whole numbers, so that no rounding makes the bound too low.

References
----------
.. [1] Fisher (1981), The Lagrangian Relaxation Method for Solving Integer Programming Problems,
   Management Science 27(1).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from corridors.arrays import IntArray
from corridors.patrols.problem import PatrolProblem, Slots, Team
from corridors.patrols.timeline import koper_share

UNIT_S: Final = 5
_SPARED: Final = 0.005  # of all value may lie in first and last slots that are given away
STEPS: Final = 30
_NEVER: Final = -(2**60)
_SHRINK: Final = 0.7  # of the steps, where a step has not brought the bound down


@dataclass(frozen=True)
class _Clock:
    """Units of time, and the slots that an edge entered in a unit may touch.

    ``first`` (units) and ``after`` (edges, units): from the first slot to before ``after``.
    """

    first_unit: int
    first: IntArray
    after: IntArray


@dataclass(frozen=True)
class _Ways:
    """Streets as one kind of team may walk them, both directions, by the place they lead to.

    ``edge``, ``tail``, ``units`` are (arcs); ``begins`` are the rows at which another of the
    places ``heads`` begins. ``count`` teams are of this kind.
    """

    edge: IntArray
    tail: IntArray
    units: IntArray
    begins: IntArray
    heads: IntArray
    places: int
    starts: IntArray  # places where a team may be at first
    count: int


def timed_bound(problem: PatrolProblem, enough: float = 0.0, *, steps: int = STEPS) -> int:
    """What no plan can exceed of the slots' value met; loose, for it knows no round and no dwell.

    Parameters
    ----------
    enough : what a plan meets; the search for prices aims there.
    steps : of that search; they end it.
    """
    slots = problem.slots
    if slots is None or not slots.value or not slots.value[0]:
        return 0
    whole = np.array(slots.value, dtype=np.int64)
    unit_s = math.gcd(slots.length_s, UNIT_S)
    walk_s = np.array(problem.edges.walk_s, dtype=np.int64)
    short = walk_s < unit_s
    span = _span(whole)
    if slots.fade_s:  # who comes in an empty slot may count in a later one
        span = slice(0, span.stop)
    worth = np.where(short[:, None], 0, _with_later(slots, whole))[:, span]
    spared = np.ones(whole.shape, dtype=bool)
    spared[~short, span] = False
    given = int(whole[spared].sum()) + _in_sight(problem, slots)
    clock = _clock(problem, slots.length_s, unit_s, span)
    kinds = [replace(team, stands=(), end=0, time_limit_s=0) for team in problem.teams]
    if clock.first_unit:  # by then a team may be anywhere
        kinds = [replace(kind, start=-1) for kind in kinds]
    ways = [_ways(problem, kind, unit_s, kinds.count(kind)) for kind in dict.fromkeys(kinds)]
    found = _lowest(worth, clock, ways, _Search(walk_s, slots.length_s, enough - given, steps))
    return min(int(whole.sum()), given + found)


def _span(whole: IntArray) -> slice:
    """The slots that hold nearly all there is."""
    gone = np.append(0, np.cumsum(whole.sum(axis=0)))
    least = _SPARED * gone[-1] / 2
    first = min(int(np.searchsorted(gone, least, side="right")), len(gone) - 1) - 1
    after = int(np.searchsorted(gone, gone[-1] - least, side="left"))
    return slice(first, max(after, first + 1))


def _with_later(slots: Slots, whole: IntArray) -> IntArray:
    """What presence in a slot may count for there and, fading, in later ones: (edges, slots)."""
    worth = whole.copy()
    if slots.fade_s:
        for slot in range(whole.shape[1]):
            for later in range(slot + 1, whole.shape[1]):
                gap_s = (later - slot - 0.5) * slots.length_s
                share = 0.5 ** (gap_s / slots.fade_s)
                worth[:, slot] += np.ceil(whole[:, later] * share).astype(np.int64)
    return worth


def _in_sight(problem: PatrolProblem, slots: Slots) -> int:
    """All that stands could count for if they lasted the whole session."""
    if not slots.koper:
        return 0
    return sum(
        math.ceil(koper_share(slots, stand.dwell_s) * sum(slots.value[e]))
        for team in problem.teams
        for stand in team.stands
        for e in stand.in_sight
    )


def _clock(problem: PatrolProblem, slot_s: int, unit_s: int, span: slice) -> _Clock:
    """Units from before the span, so that whoever is on an edge as it begins is, to its end."""
    walk_s = np.array(problem.edges.walk_s, dtype=np.int64)
    longest_s = int(walk_s.max(initial=0))
    over_s = max(problem.deadline_s(team) for team in problem.teams)
    first_unit = max(0, span.start * slot_s - longest_s) // unit_s
    last_unit = max(first_unit, min(span.stop * slot_s + longest_s, over_s) // unit_s)
    enter_s = np.arange(first_unit, last_unit) * unit_s
    # It may be entered as late as the unit's last second.
    leave_s = enter_s + unit_s - 1 + np.maximum(walk_s - 1, 0)[:, None]
    count = span.stop - span.start
    return _Clock(
        first_unit=first_unit,
        first=np.clip(enter_s // slot_s - span.start, 0, count),
        after=np.clip(leave_s // slot_s + 1 - span.start, 0, count),
    )


def _ways(problem: PatrolProblem, team: Team, unit_s: int, count: int) -> _Ways:
    tail, head, walk_s = (
        np.array(column, dtype=np.int64)
        for column in (problem.edges.tail, problem.edges.head, problem.edges.walk_s)
    )
    allowed = np.ones(len(tail), dtype=bool)
    allowed[list(team.forbidden)] = False
    joins = allowed & (walk_s < unit_s)
    graph = coo_array(
        (np.ones(joins.sum()), (tail[joins], head[joins])), shape=(problem.node_count,) * 2
    )
    places, place = connected_components(graph, directed=False)
    long = np.flatnonzero(allowed & ~joins)
    edge = np.concatenate((long, long))
    from_place = place[np.concatenate((tail[long], head[long]))].astype(np.int64)
    to_place = place[np.concatenate((head[long], tail[long]))].astype(np.int64)
    order = np.lexsort((from_place, edge, to_place))
    heads, begins = np.unique(to_place[order], return_index=True)
    return _Ways(
        edge=edge[order],
        tail=from_place[order],
        units=walk_s[edge[order]] // unit_s,
        begins=begins.astype(np.int64),
        heads=heads,
        places=int(places),
        starts=np.arange(places) if team.start < 0 else place[[team.start]].astype(np.int64),
        count=count,
    )


# --- prices -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Search:
    """What the search for prices is told."""

    walk_s: IntArray
    slot_s: int
    target: float
    steps: int


def _lowest(worth: IntArray, clock: _Clock, ways: list[_Ways], search: _Search) -> int:
    """The lowest bound of all prices tried."""
    price = _first_prices(worth, sum(way.count for way in ways), search)
    lowest, pace = int(worth.sum()), 1.0
    for _ in range(search.steps):
        paid, passes = 0, np.zeros(worth.shape, dtype=np.int64)
        for way in ways:
            best, walked = _best_walk(price, clock, way)
            paid, passes = paid + way.count * best, passes + way.count * walked
        bound = int(np.maximum(worth - price, 0).sum()) + paid
        pace = pace if bound < lowest else pace * _SHRINK
        lowest = min(lowest, bound)
        slope = passes - (worth > price)
        size = int((slope**2).sum())
        if not size or lowest <= search.target:
            break
        step = pace * max(bound - search.target, 1.0) / size
        price = np.clip(np.rint(price - step * slope).astype(np.int64), 0, worth)
    return lowest


def _first_prices(worth: IntArray, teams: int, search: _Search) -> IntArray:
    """In each slot, a price a second at which the teams' time is just taken up."""
    price = np.zeros_like(worth)
    busy_s = np.maximum(search.walk_s, 1)
    for slot in range(worth.shape[1]):
        rate = worth[:, slot] / busy_s
        order = np.argsort(-rate, kind="stable")
        taken_s = np.cumsum(busy_s[order])
        at = int(np.searchsorted(taken_s, teams * search.slot_s))
        if at < len(order):
            price[:, slot] = np.minimum(worth[:, slot], rate[order[at]] * busy_s)
    return price


def _best_walk(price: IntArray, clock: _Clock, way: _Ways) -> tuple[int, IntArray]:
    """What the best walk of one team earns, and how often it is in each slot of each edge."""
    sums = np.concatenate((np.zeros((len(price), 1), dtype=np.int64), price.cumsum(axis=1)), axis=1)
    rows = np.arange(len(price))[:, None]
    earns = sums[rows, clock.after] - sums[rows, clock.first]  # (edges, units)
    units = len(clock.first)
    before = int(way.units.max(initial=1))  # rows of the table that lie before the start
    best = np.full((before + units + 1, way.places), _NEVER, dtype=np.int64)
    best[before, way.starts] = 0
    enter = np.arange(units + 1)[:, None] - way.units
    gain = earns[way.edge, np.clip(enter, 0, units - 1)] if units else np.zeros_like(enter)
    for unit in range(1, units + 1):
        now = best[before + unit]
        now[:] = best[before + unit - 1]
        if len(way.edge):
            come = best[before + enter[unit], way.tail] + gain[unit]
            now[way.heads] = np.maximum(now[way.heads], np.maximum.reduceat(come, way.begins))
    passes = np.zeros(price.shape, dtype=np.int64)
    for edge, unit in _back(best[before:], best, gain, way):
        passes[edge, clock.first[unit] : clock.after[edge, unit]] += 1
    return int(best[-1].max()), passes


def _back(
    table: IntArray, whole: IntArray, gain: IntArray, way: _Ways
) -> Iterator[tuple[int, int]]:
    """Edges of the best walk, each with the unit in which it is entered, backwards."""
    ends = np.append(way.begins[1:], len(way.edge))
    unit, place = len(table) - 1, int(table[-1].argmax())
    while unit > 0:
        if table[unit, place] == table[unit - 1, place]:
            unit -= 1
            continue
        group = int(np.searchsorted(way.heads, place))
        arcs = np.arange(way.begins[group], ends[group])
        before = len(whole) - len(table)
        come = whole[before + unit - way.units[arcs], way.tail[arcs]] + gain[unit, arcs]
        arc = int(arcs[np.flatnonzero(come == table[unit, place])[0]])
        unit, place = unit - int(way.units[arc]), int(way.tail[arc])
        yield int(way.edge[arc]), unit
