"""The bound from whole walks against brute force, and its own invariants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_patrols import grid_problem, optimum, shuffled, tiny_problem

from corridors.patrols.bound import upper_bound
from corridors.patrols.problem import Edges, PatrolProblem, Stand, Team
from corridors.patrols.solver import solve
from corridors.patrols.walks import THOROUGH, USUAL, Effort

# A hub with four rings of 40 s; any two rings, or one ring and half of another by fractions.
RINGS = Edges(
    (0, 1, 0, 2, 0, 3, 0, 4), (1, 0, 2, 0, 3, 0, 4, 0), (20,) * 8, (9, 9, 7, 7, 5, 5, 3, 3)
)


def whole_seconds(problem: PatrolProblem) -> PatrolProblem | None:
    """The problem without streets that take no time; None if it becomes too slow to walk."""
    quick = tuple(max(1, walk_s) for walk_s in problem.edges.walk_s)
    try:
        return replace(problem, edges=replace(problem.edges, walk_s=quick))
    except ValueError:
        return None


# As thorough as can be where hardly a price is looked at: all starts at once.
HASTY = replace(THOROUGH, grow_from=1, kept=2, box=0.3, remembered=2)


def check_against_optimum(seed: int, effort: Effort = USUAL) -> bool:
    """Whether there was something to check."""
    drawn = tiny_problem(np.random.default_rng(seed))
    problem = None if drawn is None else whole_seconds(drawn)
    if problem is None:
        return False
    exact = optimum(problem)
    looks = 1 + seed % 40
    bound = upper_bound(problem, max_rounds=1 + seed % 4, walk_looks=looks, effort=effort)
    without = upper_bound(problem, max_rounds=1 + seed % 4, walk_looks=0)
    assert exact.value <= bound.value <= without.value
    if exact.with_floors is not None:
        assert bound.value_with_floors is not None
        assert bound.value_with_floors >= exact.with_floors
    return True


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([USUAL, THOROUGH, HASTY]))
def test_no_plan_beats_the_bound_from_walks(seed: int, effort: Effort) -> None:
    check_against_optimum(seed, effort)


@pytest.mark.slow
def test_no_plan_beats_the_bound_from_walks_on_thousands_of_graphs() -> None:
    assert sum(check_against_optimum(seed) for seed in range(4000)) > 2000
    assert sum(check_against_optimum(seed, HASTY) for seed in range(4000)) > 2000


def test_one_team_is_left_no_gap() -> None:
    # The best walk of one team is a corner of what its walks can be: prices can say it exactly.
    above = 0
    for seed in range(50):
        drawn = tiny_problem(np.random.default_rng(seed))
        problem = None if drawn is None else whole_seconds(drawn)
        if problem is not None:
            alone = replace(problem, teams=problem.teams[:1], floors=())
            most = optimum(alone).value
            assert upper_bound(alone, max_rounds=2).value == most
            above += upper_bound(alone, max_rounds=2, walk_looks=0).value > most
    assert above > 5


def test_half_a_walk_of_twice_the_time_is_not_one() -> None:
    # 60 s is one ring and a street there and back, not one ring and a half.
    problem = PatrolProblem(5, RINGS, (Team(0, 0, 79),))
    assert optimum(problem).value == 18
    assert upper_bound(problem, max_rounds=20, walk_looks=0).value > 18
    assert upper_bound(problem, max_rounds=20).value == 18


def test_stands_are_on_the_way() -> None:
    # Both arms take 60 s there and back; the team has to stand at the end of the poor one.
    arms = Edges((0, 1, 0, 3), (1, 2, 3, 4), (15,) * 4, (9, 9, 2, 2))
    crew = Team(0, 0, 100, (Stand(4, 10),))
    assert upper_bound(PatrolProblem(5, arms, (crew,)), max_rounds=9).value == 13


def test_more_looks_never_raise_it_and_it_helps_on_a_grid() -> None:
    problem = grid_problem(5, 2, 600, np.random.default_rng(5))
    values = [upper_bound(problem, max_rounds=6, walk_looks=n).value for n in (0, 5, 60)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.99 * values[0]


def test_many_walks_a_look_bring_the_bound_down_in_fewer() -> None:
    problem = grid_problem(5, 2, 600, np.random.default_rng(5))
    usual, many, again = (
        upper_bound(problem, max_rounds=6, walk_looks=30, effort=effort).value
        for effort in (USUAL, THOROUGH, THOROUGH)
    )
    assert many == again < usual


def test_no_plan_of_a_search_beats_the_thorough_bound_on_a_grid() -> None:
    problem = grid_problem(7, 4, 600, np.random.default_rng(3))
    bound = upper_bound(problem, max_rounds=6, walk_looks=60, effort=THOROUGH).value
    rng = np.random.default_rng(1)
    found = solve(problem, iterations=60, rng=rng, max_seconds=60).value
    assert found <= bound < upper_bound(problem, max_rounds=6, walk_looks=0).value


def test_edge_order_changes_nothing_in_the_bound_from_walks() -> None:
    problem = grid_problem(5, 2, 600, np.random.default_rng(5))
    again, _ = shuffled(problem, np.random.default_rng(8))
    first, second = (upper_bound(p, max_rounds=4, walk_looks=60) for p in (problem, again))
    assert first.value == second.value < upper_bound(problem, max_rounds=4, walk_looks=0).value


def test_too_much_work_and_streets_without_length_are_left_to_the_relaxation() -> None:
    free = PatrolProblem(5, RINGS, (Team(0, 0, 79),))
    loose = upper_bound(free, max_rounds=9, walk_looks=0)
    instant = replace(free, edges=replace(RINGS, walk_s=(0, *RINGS.walk_s[1:])))
    assert upper_bound(instant, max_rounds=9) == upper_bound(instant, max_rounds=9, walk_looks=0)
    lazy = replace(USUAL, most_steps=10)
    assert upper_bound(free, max_rounds=9, effort=lazy) == loose
