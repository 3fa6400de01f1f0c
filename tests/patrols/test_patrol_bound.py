"""The bound against brute force, and its own invariants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_patrols import grid_problem, optimum, shuffled, tiny_problem

from corridors.patrols.bound import upper_bound
from corridors.patrols.problem import Edges, Floor, PatrolProblem, Stand, Team


def check_against_optimum(seed: int) -> None:
    problem = tiny_problem(np.random.default_rng(seed))
    if problem is None:
        return
    exact, bound = optimum(problem), upper_bound(problem, max_rounds=1 + seed % 8)
    assert bound.value >= exact.value
    assert bound.value <= sum(problem.edges.value)
    if exact.with_floors is not None:
        assert bound.value_with_floors is not None
        assert bound.value_with_floors >= exact.with_floors
    limits = dict(bound.floor_limits)
    assert set(limits) == set(exact.floor_limits)
    assert all(limits[key] >= most for key, most in exact.floor_limits.items())
    assert all(0 <= share <= 1 for share in bound.covered)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**31))
def test_no_plan_beats_the_bound(seed: int) -> None:
    check_against_optimum(seed)


@pytest.mark.slow
def test_no_plan_beats_the_bound_on_thousands_of_graphs() -> None:
    for seed in range(4000):
        check_against_optimum(seed)


def test_the_bound_is_tight_on_a_ring() -> None:
    # Out and back reaches one edge of 10 s; round takes 40 s.
    ring = Edges((0, 1, 2, 3), (1, 2, 3, 0), (10,) * 4, (5, 6, 7, 8))
    whole = upper_bound(PatrolProblem(4, ring, (Team(0, 0, 40),)), max_rounds=20)
    assert whole.value == 26
    assert whole.converged
    part = upper_bound(PatrolProblem(4, ring, (Team(0, 0, 20),)), max_rounds=20)
    assert part.value == 8


def test_a_far_place_is_paid_for_by_each_team() -> None:
    # 100 s out, a fan of five 20 s dead ends, 240 s each: two teams see one dead end each.
    edges = Edges((0, 1, 1, 1, 1, 1), (1, 2, 3, 4, 5, 6), (100,) + (20,) * 5, (0,) + (10,) * 5)
    bound = upper_bound(PatrolProblem(7, edges, (Team(0, 0, 240),) * 2), max_rounds=20)
    assert bound.value == 20


def test_an_impossible_floor_is_proven() -> None:
    line = Edges((0, 1), (1, 2), (10, 10), (4, 9))
    floor = Floor("far", (1,), 9)
    bound = upper_bound(PatrolProblem(3, line, (Team(0, 0, 30),), (floor,)), max_rounds=10)
    assert bound.value_with_floors is None
    assert bound.floor_limits == (("far", 0),)
    assert bound.value == 4


def test_a_stand_costs_the_bound_its_time() -> None:
    star = Edges((0, 0), (1, 2), (10, 10), (7, 5))
    free = PatrolProblem(3, star, (Team(0, 0, 20),))
    assert upper_bound(free, max_rounds=10).value == 7
    bound_to = PatrolProblem(3, star, (Team(0, 0, 20, (Stand(2, 0),)),))
    assert upper_bound(bound_to, max_rounds=10).value == 5


def test_more_rounds_and_less_time_never_raise_it() -> None:
    problem = grid_problem(7, 2, 1500, np.random.default_rng(0))
    values = [upper_bound(problem, max_rounds=rounds).value for rounds in (1, 3, 9)]
    assert values == sorted(values, reverse=True)
    shorter = replace(problem, teams=tuple(replace(t, time_limit_s=1200) for t in problem.teams))
    assert upper_bound(shorter, max_rounds=9).value < values[-1]


def test_edge_order_changes_nothing() -> None:
    problem = grid_problem(6, 2, 1200, np.random.default_rng(3))
    again, order = shuffled(problem, np.random.default_rng(4))
    first, second = (upper_bound(p, max_rounds=6) for p in (problem, again))
    assert first.value == second.value
    assert [first.covered[old] for old in order] == list(second.covered)


def test_streets_without_value_do_not_change_it() -> None:
    # Split each edge of a ring by a node, hang dead ends on it: same times, same values.
    ring = PatrolProblem(3, Edges((0, 1, 2), (1, 2, 0), (20, 20, 20), (5, 0, 7)), (Team(0, 0, 60),))
    fuller = PatrolProblem(
        6,
        Edges((0, 1, 3, 2, 3, 4), (1, 3, 2, 0, 4, 5), (20, 8, 12, 20, 3, 3), (5, 0, 0, 7, 0, 0)),
        (Team(0, 0, 60),),
    )
    assert upper_bound(ring, max_rounds=9).value == upper_bound(fuller, max_rounds=9).value == 12
