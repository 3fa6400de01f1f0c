"""Days that differ: the same streets in another order, direction and minute.

Families are told in advance where and in which band of time patrols walk. Whoever waits for a team
to pass must not be able to read its minute off yesterday's. So of all orders that meet nearly as
much as the best one, each day's is drawn at random, and of those drawn the one that is least like
the days before is walked. Which streets are walked, and so coverage and its bound, stay as they
are.

Two days are alike where some team is in one place within two minutes of when one was on the other
day, the more the nearer. Places are streets and stand points; times count from the session's start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.patrols.polish import about_turns
from corridors.patrols.problem import PatrolProblem, Solution, Walk, sort_edges
from corridors.patrols.style import Pair, StyleFacts, turn_costs
from corridors.patrols.timeline import timeline
from corridors.patrols.timing import (
    Scene,
    Standing,
    finished,
    renumbered,
    scene_of,
    small_change,
    standing_of,
    turned,
)

STEPS: Final = 300  # orders tried for each team
_CELL_S: Final = 60
_NEAR: Final = 2  # cells before and after that are alike too


def vary_walks(
    problem: PatrolProblem,
    solution: Solution,
    before: Iterable[BoolArray],
    rng: np.random.Generator,
    *,
    give_up: float,
    facts: StyleFacts | None = None,
    steps: int = STEPS,
) -> Solution:
    """The same walks at other times: drawn at random, and as little as can be like days before.

    Parameters
    ----------
    solution : as ``timing.time_walks`` leaves it. Nobody is later, nor longer with another team on
        one street, turns about, zigzags or waits more often, or walks fewer rounds, than in it.
    before : ``places_seen`` of each earlier day: of problems with the same edges and nodes.
    rng : the day's own randomness.
    give_up : share of what the walks meet that may be lost, 0-1.
    facts : what the problem's edges look like; None: only about-turns count.
    steps : orders tried for each team. They end the search.
    """
    ordered, order = sort_edges(problem)
    place = np.concatenate((order, len(order) + np.arange(problem.node_count)))
    seen = np.zeros((len(place), _cells(problem)))
    for day in before:
        seen += nearness(day)[place]
    new = np.argsort(order).tolist()
    walks = [renumbered(walk, new) for walk in solution.walks]
    looks = facts or StyleFacts.unknown(problem.edges.tail)
    left = give_up * (solution.met or 0.0)
    for number, walk in enumerate(walks):
        scene = scene_of(ordered, walks, number)
        best = _met(scene, walk)
        least = replace(best, worth=best.worth - left / (len(walks) - number))
        costs = _turns(solution.walks[number], looks, new)
        walks[number] = _varied(scene, walk, _Least(least, costs), seen, rng, steps)
        left -= best.worth - _met(scene, walks[number]).worth
    return finished(problem, solution, [renumbered(walk, order.tolist()) for walk in walks])


def places_seen(problem: PatrolProblem, walks: Sequence[Walk]) -> BoolArray:
    """Where some team is in which minute: (edges + nodes, minutes of the session).

    On an edge while a team walks it, at a node while one stands there, in all rounds.
    """
    walk_s = np.array(problem.edges.walk_s, dtype=np.int64)
    seen = np.zeros((len(walk_s) + problem.node_count, _cells(problem)), dtype=bool)
    for walk in walks:
        place, cell = _cells_of(problem, walk, walk_s)
        seen[place, cell] = True
    return seen


def _cells(problem: PatrolProblem) -> int:
    return 1 + max(problem.deadline_s(team) for team in problem.teams) // _CELL_S


def nearness(seen: BoolArray) -> FloatArray:
    """How near each cell is to one that was seen in its place: 1 in it, 0 from three on."""
    near = seen.astype(float)
    for shift in range(1, _NEAR + 1):
        share = 1 - shift / (_NEAR + 1)
        near[:, shift:] = np.maximum(near[:, shift:], share * seen[:, :-shift])
        near[:, :-shift] = np.maximum(near[:, :-shift], share * seen[:, shift:])
    return near


def _cells_of(problem: PatrolProblem, walk: Walk, walk_s: IntArray) -> tuple[IntArray, IntArray]:
    """Place and cell of all that a walk does, in all rounds."""
    times, team = timeline(problem, walk, walk_s), problem.teams[walk.team]
    stood = [
        (len(walk_s) + stand.node, at_s, at_s + stand.dwell_s)
        for stand, at_s in zip(team.stands, times.stand_s, strict=True)
        if at_s >= 0
    ]
    table = np.array(stood, dtype=np.int64).reshape(-1, 3)
    place = np.concatenate((np.array(walk.edges, dtype=np.int64), table[:, 0]))
    first_s = np.concatenate((times.leave_s[:-1], table[:, 1]))
    last_s = np.maximum(np.concatenate((times.arrive_s[1:], table[:, 2])) - 1, first_s)
    later_s = (np.arange(times.rounds) * times.round_s)[:, None]
    first = ((first_s + later_s) // _CELL_S).ravel()
    count = ((last_s + later_s) // _CELL_S).ravel() - first + 1
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    cell = np.minimum(np.repeat(first, count) + step, _cells(problem) - 1)
    return np.repeat(np.tile(place, times.rounds), count), cell


def _likeness(scene: Scene, walk: Walk, seen: FloatArray) -> float:
    """How near a team is to where teams were on earlier days, mean over its places and minutes."""
    place, cell = _cells_of(scene.problem, walk, scene.walk_s)
    return float(seen[place, cell].mean()) if len(place) else 0.0


def _turns(walk: Walk, facts: StyleFacts, new: list[int]) -> dict[Pair, int]:
    """What each turn costs who walks these edges, whatever their order, by new edge numbers."""
    costs = turn_costs(walk.edges, walk.nodes, facts)
    return {(node, new[e], new[f]): cost for (node, e, f), cost in costs.items()}


@dataclass(frozen=True)
class _Least:
    """What a walk has to be at least, and what each turn of it costs who walks it."""

    standing: Standing
    costs: dict[Pair, int]

    def turns(self, walk: Walk) -> int:
        """About-turns first, then zigzags."""
        pairs = zip(walk.nodes[1:], walk.edges, walk.edges[1:], strict=False)
        return sum(self.costs[pair] for pair in pairs)


def _varied(
    scene: Scene,
    walk: Walk,
    least: _Least,
    seen: FloatArray,
    rng: np.random.Generator,
    steps: int,
) -> Walk:
    """The walk least like earlier days on a random way through those good enough; then the last."""
    turns, waits, rounds = least.turns(walk), len(walk.waits), _rounds(scene, walk)

    def is_good(one: Walk) -> bool:
        if least.turns(one) > turns or len(one.waits) > waits or _rounds(scene, one) < rounds:
            return False
        there = _met(scene, one)
        return (
            there.late_s <= least.standing.late_s
            and there.together_s <= least.standing.together_s
            and there.worth >= least.standing.worth
        )

    now = best = walk
    alike = _likeness(scene, walk, seen)
    if walk.nodes[0] == walk.nodes[-1] and rng.random() < 0.5:
        back = turned(walk, 0, len(walk.edges))
        now = back if is_good(back) else now
    for _ in range(steps):
        fresh = small_change(scene, now, rng, meets=False)
        if fresh is None or not is_good(fresh):
            continue
        now, likeness = fresh, _likeness(scene, fresh, seen)
        if likeness <= alike:
            best, alike = fresh, likeness
    return best


def _met(scene: Scene, walk: Walk) -> Standing:
    """How good a walk is apart from its about-turns and waits: fewer of them pay for nothing."""
    there = standing_of(scene, walk)
    whims = about_turns(walk.edges) + len(walk.waits)
    return replace(there, worth=there.worth + scene.turn_cost * whims)


def _rounds(scene: Scene, walk: Walk) -> int:
    return timeline(scene.problem, walk, scene.walk_s).rounds
