"""The exact search against brute force, and what the bound and the solver make of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support_patrols import grid_problem, optimum, shuffled, tiny_problem

from corridors.patrols.bound import upper_bound
from corridors.patrols.exact import (
    best_walk,
    improved,
    most_value,
    plan_rank,
    prepare_search,
    prepare_searches,
    shared_bound,
    sum_of_best,
)
from corridors.patrols.problem import (
    Edges,
    Floor,
    PatrolProblem,
    Solution,
    Stand,
    Team,
    Walk,
    sort_edges,
)
from corridors.patrols.solver import solve
from corridors.patrols.verify import broken, verify


def worth_of(problem: PatrolProblem) -> np.ndarray:
    return np.array(problem.edges.value, dtype=np.int64)


def alone(problem: PatrolProblem, team: int) -> PatrolProblem:
    return replace(problem, teams=(problem.teams[team],), floors=())


def best_alone(problem: PatrolProblem) -> Solution:
    """The exact walk of a problem's only team, as a solution."""
    search = prepare_search(problem, 0)
    assert search is not None
    value, walk = best_walk(search, worth_of(problem))
    assert most_value(search, worth_of(problem)) == value
    return Solution((walk,), value, sum(problem.edges.walk_s[e] for e in walk.edges))


def test_it_equals_brute_force_on_hundreds_of_graphs() -> None:
    kinds = {"open": 0, "stand": 0, "forbidden": 0, "loop": 0, "still": 0, "parallel": 0}
    for seed in range(500):
        drawn = tiny_problem(np.random.default_rng(seed))
        for number in range(0 if drawn is None else len(drawn.teams)):
            assert drawn is not None
            problem = alone(drawn, number)
            found = best_alone(problem)
            assert found.value == optimum(problem).value, seed
            assert verify(problem, found) == (), seed
            team, edges = problem.teams[0], problem.edges
            ends = [tuple(sorted(pair)) for pair in zip(edges.tail, edges.head, strict=True)]
            kinds["open"] += team.start != team.end
            kinds["stand"] += bool(team.stands)
            kinds["forbidden"] += bool(team.forbidden)
            kinds["loop"] += any(a == b for a, b in ends)
            kinds["still"] += 0 in edges.walk_s
            kinds["parallel"] += len(set(ends)) < len(ends)
    assert min(kinds.values()) > 30, kinds


def test_bound_and_solver_with_searches_hold_against_brute_force() -> None:
    proven = 0
    for seed in range(60):
        problem = tiny_problem(np.random.default_rng(seed))
        if problem is None:
            continue
        searches, exact = prepare_searches(problem), optimum(problem)
        bound = upper_bound(problem, max_rounds=3, searches=searches)
        assert bound.value >= exact.value
        limits = dict(bound.floor_limits)
        assert all(limits[key] >= most for key, most in exact.floor_limits.items())
        if exact.with_floors is not None:
            assert bound.value_with_floors is not None
            assert bound.value_with_floors >= exact.with_floors
        found = solve(
            problem,
            iterations=1,
            rng=np.random.default_rng(0),
            max_seconds=60.0,
            guide=bound.covered,
            searches=searches,
            enough=bound.value,
        )
        assert broken(verify(problem, found)) == ()
        assert found.value <= exact.value
        if len(problem.teams) == 1:
            assert bound.value == exact.value
            assert limits == exact.floor_limits
            proven += 1
            if not problem.floors:
                assert found.value == exact.value
    assert proven > 10


def test_a_single_team_on_a_grid_is_proven_best_whatever_the_edge_order() -> None:
    problem = grid_problem(4, 1, 1000, np.random.default_rng(2))
    again, _ = shuffled(problem, np.random.default_rng(3))
    values = set()
    for case in (problem, again):
        searches = prepare_searches(case)
        bound = upper_bound(case, max_rounds=1, searches=searches)
        runs = [
            solve(
                case,
                iterations=2,
                rng=np.random.default_rng(seed),
                max_seconds=60.0,
                searches=searches,
                enough=bound.value,
            )
            for seed in (0, 1)
        ]
        assert runs[0] == runs[1]
        assert runs[0].value == bound.value
        assert verify(case, runs[0]) == ()
        values.add(bound.value)
    assert len(values) == 1


def test_same_case_same_walk() -> None:
    problem, _ = sort_edges(grid_problem(4, 1, 1200, np.random.default_rng(5)))
    assert best_alone(problem) == best_alone(problem)


def test_of_equal_values_the_quickest_walk_is_taken() -> None:
    # The valued edge can be walked by a loop of 50 s or out and back in 40 s.
    ring = Edges((0, 1, 2), (1, 2, 0), (20, 15, 15), (9, 0, 0))
    problem = PatrolProblem(3, ring, (Team(0, 0, 100),))
    found = best_alone(problem)
    assert (found.value, found.walk_s) == (9, 40)


def test_values_beyond_32_bits_are_exact() -> None:
    line = Edges((0, 1), (1, 2), (10, 10), (2**31 + 1, 2**40 + 3))
    assert best_alone(PatrolProblem(3, line, (Team(0, 0, 40),))).value == 2**31 + 2**40 + 4
    assert best_alone(PatrolProblem(3, line, (Team(0, 0, 39),))).value == 2**31 + 1


def test_joined_streets_without_value_are_walked_edge_by_edge() -> None:
    edges = Edges((0, 1, 3, 2, 4), (1, 3, 2, 0, 1), (5, 8, 12, 20, 3), (0, 0, 0, 7, 0))
    problem = PatrolProblem(5, edges, (Team(0, 2, 30),))
    found = best_alone(problem)
    assert verify(problem, found) == ()
    assert found.value == 7
    there_and_back = replace(problem, teams=(Team(2, 2, 45),))
    assert verify(there_and_back, best_alone(there_and_back)) == ()


def test_no_street_at_all_is_a_walk_on_the_spot() -> None:
    nowhere = PatrolProblem(1, Edges((), (), (), ()), (Team(0, 0, 60, (Stand(0, 10),)),))
    found = best_alone(nowhere)
    assert (found.value, found.walks[0].nodes, found.walks[0].stand_at) == (0, (0,), (0,))
    assert verify(nowhere, found) == ()


def test_too_wide_a_graph_is_left_to_others() -> None:
    problem, _ = sort_edges(grid_problem(7, 2, 1500, np.random.default_rng(1)))
    assert prepare_search(problem, 0, most_moves=50) is None
    assert sum_of_best((None, None), worth_of(problem)) is None
    assert upper_bound(problem, max_rounds=3) == upper_bound(
        problem, max_rounds=3, searches=(None, None)
    )


@pytest.mark.parametrize("seed", range(4))
def test_turns_of_exact_walks_never_make_a_plan_worse(seed: int) -> None:
    plain = grid_problem(5, 2, 700, np.random.default_rng(seed))
    half = tuple(range(0, len(plain.edges), 2))
    minimum = sum(plain.edges.value[e] for e in half) // 3
    problem, _ = sort_edges(replace(plain, floors=(Floor("half", half, minimum),)))
    worse = solve(problem, iterations=1, rng=np.random.default_rng(seed), max_seconds=60.0)
    searches = prepare_searches(problem)
    assert None not in searches
    better = improved(problem, searches, worse.walks)
    assert plan_rank(problem, better) >= plan_rank(problem, worse.walks)
    assert improved(problem, searches, better) == better


def test_teams_that_share_streets_are_bounded_by_what_they_share() -> None:
    # Each of two teams alone would take the 9 and the 8; both together cover no more than all.
    star = Edges((0, 0, 0), (1, 2, 3), (10, 10, 10), (900, 800, 100))
    problem, _ = sort_edges(PatrolProblem(4, star, (Team(0, 0, 40), Team(0, 0, 40))))
    searches = prepare_searches(problem)
    assert sum_of_best(searches, worth_of(problem)) == 3400
    bound = shared_bound(searches, worth_of(problem))
    assert bound is not None
    assert 1800 <= bound < 2000
    assert shared_bound((None, searches[1]), worth_of(problem)) is None


def test_no_plan_beats_the_shared_bound() -> None:
    for seed in range(200, 260):
        problem = tiny_problem(np.random.default_rng(seed), extras=False)
        if problem is not None:
            problem, _ = sort_edges(problem)
            searches, worth = prepare_searches(problem), worth_of(problem)
            bound, total = shared_bound(searches, worth), sum_of_best(searches, worth)
            assert bound is not None
            assert total is not None
            assert optimum(problem).value <= bound <= total


def test_a6_of_two_plans_of_equal_coverage_the_one_with_fewer_police_minutes_is_chosen() -> None:
    # A ring of two streets that either team could walk: the first has police.
    edges = Edges((0, 0), (1, 1), (30, 30), (5, 5))
    teams = (Team(0, 0, 60, police=True), Team(0, 0, 60))
    problem = PatrolProblem(2, edges, teams)
    round_, home = Walk(0, (0, 1, 0), (0, 1)), Walk(0, (0,), ())
    by_police = (round_, replace(home, team=1))
    by_others = (home, replace(round_, team=1))
    assert plan_rank(problem, by_others) > plan_rank(problem, by_police)
    shorter = (Walk(0, (0, 1, 0), (0, 0)), replace(home, team=1))
    assert plan_rank(problem, by_police) > plan_rank(problem, shorter)  # value comes first
