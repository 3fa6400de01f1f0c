"""The loose bound on what is met: never below what a plan can do, found by trying all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_patrols import timed_problem, tiny_problem

from corridors.patrols.problem import Edges, PatrolProblem, Slots, Team, Walk
from corridors.patrols.solver import solve
from corridors.patrols.timed_bound import timed_bound
from corridors.patrols.timeline import met_value
from corridors.patrols.timing import time_walks


def most_met(problem: PatrolProblem) -> int:
    """Best of all that teams can do who walk and wait as they like in the window; nothing fades."""
    assert problem.slots is not None
    value = np.array(problem.slots.value).ravel()
    masks = np.zeros(1, dtype=np.int64)
    for team in problem.teams:
        own = np.array(sorted(_met_by(problem, team)), dtype=np.int64)
        masks = np.unique(np.bitwise_or.outer(masks, own))
    return int((((masks[:, None] >> np.arange(len(value))) & 1) @ value).max())


def _met_by(problem: PatrolProblem, team: Team) -> set[int]:
    """Sets of (edge, slot), as bits, that a team can be in; second by second."""
    slots, edges = problem.slots, problem.edges
    assert slots is not None
    count, until_s = len(slots.value[0]), problem.deadline_s(team)
    reached: list[set[tuple[int, int]]] = [set() for _ in range(until_s + 1)]
    reached[0] = {(team.start, 0)}
    for now_s in range(until_s + 1):
        waiting = list(reached[now_s])
        while waiting:
            node, mask = waiting.pop()
            if now_s < until_s:
                reached[now_s + 1].add((node, mask))
            for e in range(len(edges)):
                ends = (edges.tail[e], edges.head[e])
                to_s = now_s + edges.walk_s[e]
                if node not in ends or e in team.forbidden or to_s > until_s:
                    continue
                last_s = max(to_s - 1, now_s)
                met = mask
                for slot in range(now_s // slots.length_s, last_s // slots.length_s + 1):
                    met |= 1 << (e * count + slot) if slot < count else 0
                state = (sum(ends) - node, met)
                if state not in reached[to_s]:
                    reached[to_s].add(state)
                    if to_s == now_s:
                        waiting.append(state)
    return {mask for node, mask in reached[until_s] if node == team.end}


def small_case(rng: np.random.Generator) -> PatrolProblem:
    nodes, count = int(rng.integers(2, 5)), int(rng.integers(1, 5))
    slots = int(rng.integers(1, 4))
    edges = Edges.from_arrays(
        rng.integers(nodes, size=count),
        rng.integers(nodes, size=count),
        rng.integers(0, 7, size=count),
        rng.integers(0, 9, size=count),
    )
    start = int(rng.integers(nodes))
    forbidden = (int(rng.integers(count)),) if rng.random() < 0.3 else ()
    team = Team(start, start, 20, (), forbidden)
    value = rng.integers(0, 9, size=(count, slots)) * (rng.random((count, slots)) < 0.7)
    value[:, 0] *= rng.random() < 0.5  # nothing at first: teams may be anywhere by then
    length_s = int(rng.choice([3, 4, 5, 6, 10]))
    return PatrolProblem(
        nodes,
        edges,
        (team,) * int(rng.integers(1, 3)),
        slots=Slots(length_s, tuple(map(tuple, value.tolist()))),
        window_s=int(rng.integers(3, 13)),
    )


def check(seed: int) -> bool:
    rng = np.random.default_rng(seed)
    problem = small_case(rng)
    best, bound = most_met(problem), timed_bound(problem, steps=8)
    assert best <= bound <= sum(map(sum, problem.slots.value))
    return best == bound


def test_no_plan_meets_more_on_many_small_cases() -> None:
    tight = sum(check(seed) for seed in range(300))
    assert tight > 75  # a bound that always says "all there is" would show here


@pytest.mark.slow
def test_no_plan_meets_more_on_thousands_of_small_cases() -> None:
    for seed in range(1000, 4000):
        check(seed)


@settings(max_examples=40)
@given(st.integers(0, 2**31))
def test_fading_and_standing_are_within_the_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = tiny_problem(rng)
    case = timed_problem(problem, rng) if problem is not None else None
    if case is None:
        return
    found = solve(case, iterations=1, rng=np.random.default_rng(1), max_seconds=600.0)
    after = time_walks(case, found, np.random.default_rng(1), steps=40)
    assert after.met is not None
    assert after.met <= timed_bound(case, after.met, steps=6) + 1e-9


def test_presence_from_before_there_was_anything_to_meet_counts() -> None:
    # A long way off: in the empty first slot two streets are walked, in the second only one.
    fork = Edges((0, 0), (1, 2), (20, 20), (1, 1))
    slots = Slots(40, ((0, 100), (0, 100)), fade_s=10_000)
    problem = PatrolProblem(3, fork, (Team(0, 0, 80),), slots=slots, window_s=80)
    bare = replace(problem, slots=replace(slots, fade_s=0))
    both = Walk(0, (0, 1, 0, 2, 0), (0, 0, 1, 1))
    assert met_value(problem, [both]) > 199
    assert timed_bound(problem, steps=20) >= met_value(problem, [both])
    assert timed_bound(bare, steps=20) >= met_value(bare, [both])


def test_a_team_that_cannot_be_everywhere_is_not_given_everything() -> None:
    # Ten streets of 100 s that meet in the middle, each worth 1 in a slot of 300 s.
    star = Edges((0,) * 10, tuple(range(1, 11)), (100,) * 10, (1,) * 10)
    slots = Slots(300, ((100,),) * 10)
    problem = PatrolProblem(11, star, (Team(0, 0, 300),), slots=slots, window_s=300)
    assert 200 <= timed_bound(problem, 200.0) <= 400
    two = replace(problem, teams=problem.teams * 2)
    assert timed_bound(problem, 200.0) < timed_bound(two, 300.0) <= 800


def test_without_slots_there_is_nothing_to_bound() -> None:
    bare = PatrolProblem(2, Edges((0,), (1,), (5,), (1,)), (Team(0, 0, 10),))
    assert timed_bound(bare) == 0
