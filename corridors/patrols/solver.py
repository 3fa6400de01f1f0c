"""Walks for all teams: greedy, ruin and recreate guided by the bound, exact turns, then polish.

What a strategy makes is a ``Plan``; ``solve`` takes the best plan of its stages. Another strategy
is another stage.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from corridors.arrays import FloatArray
from corridors.patrols.construct import Ground, prepare, to_walk
from corridors.patrols.exact import Search, improved, plan_rank
from corridors.patrols.polish import polish
from corridors.patrols.problem import PatrolProblem, Solution, Walk, sort_edges
from corridors.patrols.recreate import (
    Plan,
    first_plan,
    missing_value,
    moved_plan,
    recreate,
    ruin,
    straighten,
)

# One iteration is this many ruins, so that a few hundred iterations are a good plan.
STEPS: Final = 15
# Edges that the bound covers less than this are left out while the search is narrow.
_LEAST_PROMISE: Final = 0.02
_NARROW_SHARE: Final = 0.7
_HOT, _COLD = 0.002, 0.0001  # accepted loss per step, as a share of the value
_NOISE: Final = 0.2
_UNGUIDED: Final = 0.3  # weight of an edge that the bound leaves out
_SLACK_WORTH: Final = 0.3  # of what a second earns on average


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
class _Standing:
    """A plan and how good it is: floors missed, then value, then time left."""

    plan: Plan
    short: int
    value: int
    slack_s: int

    @property
    def rank(self) -> tuple[int, int, int]:
        return -self.short, self.value, self.slack_s


def solve(  # noqa: PLR0913  (keywords, each of them on its own)
    problem: PatrolProblem,
    *,
    iterations: int,
    rng: np.random.Generator,
    max_seconds: float,
    guide: tuple[float, ...] | None = None,
    searches: tuple[Search | None, ...] = (),
    enough: float = math.inf,
    progress: Callable[[int, int], None] | None = None,
) -> Solution:
    """Good walks for all teams: floors first, then value, then less walking.

    Parameters
    ----------
    iterations : >= 1; drives the search. The same seed and iterations give the same walks.
    rng : its randomness.
    max_seconds : safety stop; a solution that it cut short says so.
    guide : for each edge, how much the bound covers it (``Bound.covered``); None searches alike
        among all edges.
    searches : what ``prepare_searches`` made of the problem; each team's walk is then the best
        that the others leave. Where that is the best of all, nothing else is searched.
    enough : a value that is proven best; a tenth of the iterations after it is met are spent on
        shorter walks, the others are saved.
    progress : called with iterations done and iterations in all.

    Notes
    -----
    A floor that no plan can meet (``Bound.floor_limits``) still draws the teams. Leave it out of
    the problem if the rest should not suffer.
    """
    clock = _Clock(iterations, time.monotonic() + max_seconds, progress, enough)
    ordered, order = sort_edges(problem)
    promise = np.zeros(len(order)) if guide is None else np.asarray(guide, dtype=float)[order]
    wide = prepare(ordered, promise)
    best, stopped = _greedy(wide), False
    exact: list[tuple[Walk, ...]] = []
    if searches:
        exact.append(improved(ordered, searches, _walks(ordered, wide, best.plan)))
    if exact and _unbeatable(ordered, searches, exact[0], enough):
        if progress is not None:
            progress(iterations, iterations)
    else:
        narrow = None if guide is None else prepare(ordered, promise, least=_LEAST_PROMISE)
        best, stopped = _searched((narrow, wide), best, rng, clock)
        exact.append(improved(ordered, searches, _walks(ordered, wide, best.plan)))
    walks = max(exact, key=lambda found: plan_rank(ordered, found))
    return _finished(problem, _renamed(polish(ordered, walks), order.tolist()), stopped)


def _searched(
    grounds: tuple[Ground | None, Ground], best: _Standing, rng: np.random.Generator, clock: _Clock
) -> tuple[_Standing, bool]:
    """Ruin and recreate, first among the promising edges, then among all."""
    narrow, wide = grounds
    turn = 0
    if narrow is not None:
        turn = round(clock.iterations * _NARROW_SHARE)
        best_narrow, stopped = _anneal(narrow, _greedy(narrow), rng, clock, (0, turn))
        back = moved_plan(narrow, best_narrow.plan, wide)
        recreate(wide, back, wide.value.astype(float))
        best = max(best, _standing(wide, back), key=lambda standing: standing.rank)
        if stopped:
            return best, True
    return _anneal(wide, best, rng, clock, (turn, clock.iterations))


def _walks(problem: PatrolProblem, ground: Ground, plan: Plan) -> tuple[Walk, ...]:
    return tuple(
        to_walk(ground, number, team, plan.tasks[number])
        for number, team in enumerate(problem.teams)
    )


def _unbeatable(
    problem: PatrolProblem,
    searches: tuple[Search | None, ...],
    walks: tuple[Walk, ...],
    enough: float,
) -> bool:
    """Whether exact walks are proven best: no floor is missed, or one is all there is to cover."""
    short, value = plan_rank(problem, walks)
    if short == 0 and value >= enough:
        return True
    valued = {e for e, worth in enumerate(problem.edges.value) if worth > 0}
    same = all(valued <= set(floor.edges) for floor in problem.floors)
    return len(searches) == 1 and searches[0] is not None and (short == 0 or same)


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


def _standing(ground: Ground, plan: Plan) -> _Standing:
    return _Standing(
        plan=plan,
        short=int(missing_value(ground, plan.served).sum()),
        value=int(ground.value[plan.served].sum()),
        slack_s=sum(plan.slack_s),
    )


def _greedy(ground: Ground) -> _Standing:
    """Best value per extra second, then shorter orders, until neither helps."""
    plan = first_plan(ground)
    weight = ground.value.astype(float)
    recreate(ground, plan, weight)
    while _straightened(ground, plan, range(len(plan.tasks))):
        recreate(ground, plan, weight)
    return _standing(ground, plan)


def _straightened(ground: Ground, plan: Plan, teams: Iterable[int]) -> bool:
    return sum(straighten(ground, plan, team) for team in teams) > 0


def _anneal(
    ground: Ground,
    first: _Standing,
    rng: np.random.Generator,
    clock: _Clock,
    span: tuple[int, int],
) -> tuple[_Standing, bool]:
    """The best plan met while accepting losses that shrink; whether the clock stopped it."""
    best = now = first
    if not len(ground.edge):
        return best, False
    seeds = np.cumsum(ground.value * (ground.promise + 0.1))
    last = span[1]
    for iteration in range(*span):
        if iteration >= last:
            break
        if best.short == 0 and best.value >= clock.enough:
            last = min(last, clock.last_after(iteration))
        if time.monotonic() > clock.deadline:
            return best, True
        heat = _HOT * (_COLD / _HOT) ** ((iteration - span[0]) / (span[1] - span[0]))
        for _ in range(STEPS):
            then = _step(ground, now, seeds, rng, heat)
            if then.rank > best.rank:
                best = then
            now = _accepted(ground, now, then, heat * max(1, best.value), float(rng.random()))
        if clock.progress is not None:
            clock.progress(iteration + 1, clock.iterations)
    return best, False


def _step(
    ground: Ground, now: _Standing, seeds: FloatArray, rng: np.random.Generator, heat: float
) -> _Standing:
    count = len(ground.edge)
    draws = rng.random(5 + len(ground.crews))
    if draws[0] < 0.5:
        seed = int(draws[1] * count)
    else:
        seed = min(count - 1, int(np.searchsorted(seeds, draws[1] * seeds[-1], side="right")))
    plan = now.plan.copy()
    ruin(ground, plan, seed, 3 + int(draws[2] * 13), draws[4:])
    weight = ground.value.astype(float) * np.exp(_NOISE * rng.standard_normal(count))
    if draws[3] < 0.6:
        weight = weight * (_UNGUIDED + ground.promise)
    recreate(ground, plan, weight)
    then = _standing(ground, plan)
    if then.value < now.value * (1 - 3 * heat):
        return then
    changed = [t for t, tasks in enumerate(plan.tasks) if tasks is not now.plan.tasks[t]]
    if _straightened(ground, plan, changed):
        recreate(ground, plan, weight)
        then = _standing(ground, plan)
    return then


def _accepted(
    ground: Ground, now: _Standing, then: _Standing, loss: float, draw: float
) -> _Standing:
    """Simulated annealing on value and a little on time left; floors are never given up."""
    if then.short != now.short:
        return then if then.short < now.short else now
    second = _SLACK_WORTH * now.value / max(1, sum(crew.time_s for crew in ground.crews))
    gain = then.value - now.value + second * (then.slack_s - now.slack_s)
    return then if gain >= loss * np.log(max(draw, 1e-300)) else now
