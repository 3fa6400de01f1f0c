"""Walks for all teams: greedy, ruin and recreate guided by the bound, exact turns, then polish.

What a strategy makes is a ``Plan``; ``solve`` takes the best plan of its stages. Another strategy
is another stage.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from corridors.patrols.anneal import (
    Field,
    State,
    anneal,
    copy_of,
    field_of,
    state_of,
    tasks_of,
)
from corridors.patrols.construct import (
    Ground,
    moved_tasks,
    prepare,
    stands_only,
    tasks_along,
    to_walk,
)
from corridors.patrols.exact import Search, improved, most_value, plan_rank
from corridors.patrols.polish import polish
from corridors.patrols.problem import PatrolProblem, Solution, Walk, sort_edges

# One iteration is this many steps, so that a few hundred iterations are a good plan.
STEPS: Final = 200
# Edges that the bound covers less than this are left out while the search is narrow.
_LEAST_PROMISE: Final = 0.02
# The narrow and the wide search share the iterations; the rest refines the better of them.
_EACH_SHARE: Final = 0.4
_REFINED: Final = 0.6  # of the cooling is behind when refining begins


@dataclass(frozen=True)
class _Clock:
    """Iterations drive the search; the clock is only a safety stop."""

    iterations: int
    deadline: float
    progress: Callable[[int, int], None] | None
    enough: float

    def last_after(self, iteration: int) -> int:
        """Where to stop once nothing can be worth more: some turns for shorter walks."""
        return iteration + 1 + max(1, self.iterations // 10)


@dataclass(frozen=True)
class _Found:
    """A team's tasks on one ground, and how good they are."""

    field: Field
    ground: Ground
    state: State

    @property
    def rank(self) -> tuple[int, int, int]:
        """Higher is better: floors missed, negative, then value, then time left."""
        short, value, slack_s = self.state.score.tolist()
        return -short, value, slack_s


def solve(  # noqa: PLR0913  (keywords, each of them on its own)
    problem: PatrolProblem,
    *,
    iterations: int,
    rng: np.random.Generator,
    max_seconds: float,
    guide: tuple[float, ...] | None = None,
    searches: tuple[Search | None, ...] = (),
    enough: float = math.inf,
    start: tuple[Walk, ...] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Solution:
    """Good walks for all teams: floors first, then value, then less walking.

    Parameters
    ----------
    iterations : >= 1; drives the search. The same seed and iterations give the same walks.
    rng : its randomness.
    max_seconds : safety stop in this thread's own processor time, so that a busy machine finds the
        same walks; counted from when the search begins, so that compiling it does not count. A
        solution that it cut short says so.
    guide : for each edge, how much the bound covers it (``Bound.covered``); None searches alike
        among all edges.
    searches : what ``prepare_searches`` made of the problem; each team's walk is then the best
        that the others leave. Where that is the best of all, nothing else is searched.
    enough : a value that is proven best; a tenth of the iterations after it is met are spent on
        shorter walks, the others are saved.
    start : walks of this problem, one for each team. They are only refined, and nothing worse is
        returned: where they were good at values not far from these, few iterations do.
    progress : called with iterations done and iterations in all.

    Notes
    -----
    A floor that no plan can meet (``Bound.floor_limits``) still draws the teams. Leave it out of
    the problem if the rest should not suffer.
    """
    ordered, order = sort_edges(problem)
    given = _renamed(start, np.argsort(order).tolist())
    promise = np.zeros(len(order)) if guide is None else np.asarray(guide, dtype=float)[order]
    wide = prepare(ordered, promise)
    best, stopped = _first(wide, stands_only(wide), rng), False
    exact: list[tuple[Walk, ...]] = []
    if searches or given:
        exact.append(improved(ordered, searches, given or _walks(ordered, best)))
    if exact and _unbeatable(ordered, searches, exact[0], enough):
        if progress is not None:
            progress(iterations, iterations)
    else:
        anneal(best.field, copy_of(best.state), copy_of(best.state), 0, (0.0, 0.0))  # compiles
        clock = _Clock(iterations, time.thread_time() + max_seconds, progress, enough)
        if given:
            best = _first(wide, tasks_along(wide, exact[0]), rng)
            best, stopped = _annealed(best, clock, (0, iterations), cooled=_REFINED)
        else:
            narrow = None if guide is None else prepare(ordered, promise, least=_LEAST_PROMISE)
            best, stopped = _searched(narrow, best, rng, clock)
        exact.append(improved(ordered, searches, _walks(ordered, best)))
    walks = max(exact, key=lambda found: plan_rank(ordered, found))
    return _finished(problem, _renamed(polish(ordered, walks), order.tolist()), stopped)


def _searched(
    narrow: Ground | None, best: _Found, rng: np.random.Generator, clock: _Clock
) -> tuple[_Found, bool]:
    """Among the promising edges, among all, and then among all from the better of the two.

    The narrow search is the better where much lies between the edges that are worth walking to,
    the wide one where little does: no bound tells which.
    """
    wide = best.ground
    turn = 0
    if narrow is not None:
        turn = math.ceil(clock.iterations * _EACH_SHARE)
        found, stopped = _annealed(_first(narrow, stands_only(narrow), rng), clock, (0, turn))
        back = _first(wide, moved_tasks(narrow, tasks_of(found.state), wide), rng)
        best = max(best, back, key=lambda one: one.rank)
        if stopped:
            return best, True
    last = turn + math.ceil((clock.iterations - turn) * _EACH_SHARE / (1 - _EACH_SHARE))
    found, stopped = _annealed(_first(wide, stands_only(wide), rng), clock, (turn, last))
    best = max(best, found, key=lambda one: one.rank)
    if stopped:
        return best, True
    return _annealed(best, clock, (last, clock.iterations), cooled=_REFINED)


def _first(ground: Ground, tasks: list[list[int]], rng: np.random.Generator) -> _Found:
    """Tasks, filled up as far as time goes."""
    field = field_of(ground)
    return _Found(field, ground, state_of(field, tasks, int(rng.integers(2**62))))


def _annealed(
    first: _Found, clock: _Clock, span: tuple[int, int], *, cooled: float = 0.0
) -> tuple[_Found, bool]:
    """The best plan met while accepting losses that shrink; whether the clock stopped it."""
    now, best = copy_of(first.state), copy_of(first.state)
    found = _Found(first.field, first.ground, best)
    last, width = span[1], max(1, span[1] - span[0])
    for iteration in range(*span):
        if iteration >= last:
            break
        if found.rank[0] == 0 and found.rank[1] >= clock.enough:
            last = min(last, clock.last_after(iteration))
        if time.thread_time() > clock.deadline:
            return found, True
        done = [cooled + (1 - cooled) * (i - span[0]) / width for i in (iteration, iteration + 1)]
        anneal(first.field, now, best, STEPS, (done[0], done[1]))
        if clock.progress is not None:
            clock.progress(iteration + 1, clock.iterations)
    return found, False


def _walks(problem: PatrolProblem, found: _Found) -> tuple[Walk, ...]:
    tasks = tasks_of(found.state)
    return tuple(
        to_walk(found.ground, number, team, tasks[number])
        for number, team in enumerate(problem.teams)
    )


def _unbeatable(
    problem: PatrolProblem,
    searches: tuple[Search | None, ...],
    walks: tuple[Walk, ...],
    enough: float,
) -> bool:
    """Whether exact walks are proven best: nothing covers more, or a floor is all there is."""
    short, value, *_ = plan_rank(problem, walks)
    if short == 0 and value >= enough:
        return True
    if len(searches) != 1 or searches[0] is None:
        return False
    if short == 0 and value == most_value(searches[0], np.array(problem.edges.value)):
        return True
    valued = {e for e, worth in enumerate(problem.edges.value) if worth > 0}
    return not problem.edges.duty and all(valued <= set(f.edges) for f in problem.floors)


def _renamed(walks: tuple[Walk, ...], order: list[int]) -> tuple[Walk, ...]:
    return tuple(
        Walk(walk.team, walk.nodes, tuple(order[e] for e in walk.edges), walk.stand_at)
        for walk in walks
    )


def _finished(problem: PatrolProblem, walks: tuple[Walk, ...], stopped: bool) -> Solution:
    covered = {edge for walk in walks for edge in walk.edges}
    return Solution(
        walks=walks,
        value=sum(problem.edges.value[edge] for edge in covered),
        walk_s=sum(problem.edges.walk_s[edge] for walk in walks for edge in walk.edges),
        stopped_by_clock=stopped,
    )
