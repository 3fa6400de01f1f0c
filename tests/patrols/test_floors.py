"""Floors that no single price shows to be out of reach, by hand, and what is made of a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from support_patrols import shuffled, tiny_problem

from corridors.patrols.exact import (
    best_walk,
    most_value,
    prepare_search,
    prepare_searches,
    shared_bound,
    walks_past,
)
from corridors.patrols.floors import decide_floors, settle_floors
from corridors.patrols.problem import Edges, Floor, PatrolProblem, Solution, Team, Walk, sort_edges
from corridors.patrols.verify import verify

# Three roads of 50 s from one place; a team has time for one of them there and back.
ENDS = ((0, 0, 0), (1, 2, 3))


def roads(
    *minimums: int, teams: int = 1, value: tuple[int, ...] = (100, 100, 100)
) -> PatrolProblem:
    floors = tuple(
        Floor(key, (e,), minimum)
        for e, (key, minimum) in enumerate(zip("abc", minimums, strict=False))
    )
    edges = Edges(*ENDS, (50, 50, 50), value)
    return PatrolProblem(4, edges, (Team(0, 0, 100),) * teams, floors)


def decided(problem: PatrolProblem, **limits: int):
    ordered, _ = sort_edges(problem)
    keys = [floor.key for floor in problem.floors]
    return decide_floors(ordered, prepare_searches(problem), keys, **limits)


def settled(problem: PatrolProblem, solution: Solution, **limits: int):
    most = [(f.key, sum(problem.edges.value[e] for e in f.edges)) for f in problem.floors]
    return settle_floors(problem, solution, prepare_searches(problem), most, **limits)


def standing_still(problem: PatrolProblem) -> Solution:
    walks = tuple(Walk(k, (team.start,), (), ()) for k, team in enumerate(problem.teams))
    return Solution(walks, 0, 0)


def test_half_of_each_road_is_no_walk() -> None:
    problem = roads(50, 50)
    value = np.array([50, 50, 0])
    # Prices alone say nothing: half a walk on each road meets both floors.
    assert shared_bound(prepare_searches(problem), value) == 50
    assert decided(problem).impossible == ("a", "b")
    assert decided(roads(50, 50, teams=2)).impossible == ()
    assert len(decided(roads(50, 50, teams=2)).walks) == 2


def test_three_floors_of_which_any_two_can_be_met() -> None:
    problem = roads(50, 50, 50, teams=2)
    assert decided(problem).impossible == ("a", "b", "c")
    result = settled(problem, standing_still(problem))
    assert result.together == (("a", "b", "c"),)
    assert result.alone == ()


def test_what_clashes_is_told_without_the_rest_and_a_floor_alone_apart() -> None:
    problem = roads(50, 50)
    far = replace(problem.floors[0], key="far", edges=(2,), minimum=101)
    first = settled(replace(problem, floors=(*problem.floors, far)), standing_still(problem))
    assert first.alone == ("far",)  # as its limit says
    assert first.together == (("a", "b"),)
    # Nobody comes to the end of a road that takes too long, whatever a limit says.
    slow = replace(problem, edges=replace(problem.edges, walk_s=(50, 50, 51)))
    slow = replace(slow, floors=(*problem.floors[:1], Floor("far", (2,), 1)))
    second = settled(slow, standing_still(slow))
    assert (second.alone, second.together) == (("far",), ())


def test_a_plan_that_meets_all_floors_takes_the_place_of_one_that_does_not() -> None:
    problem = roads(50, 50, teams=2, value=(100, 100, 900))
    poor = Walk(0, (0, 3, 0), (2, 2), ())
    missing = Solution((poor, replace(poor, team=1)), 900, 200, stopped_by_clock=True)
    result = settled(problem, missing)
    assert verify(problem, result.solution) == ()
    assert result.solution.stopped_by_clock
    assert (result.alone, result.together) == ((), ())
    assert settled(problem, result.solution).solution == result.solution


def test_beyond_its_work_nothing_is_known() -> None:
    problem = roads(50, 50)
    whole = decided(problem)
    assert whole.impossible
    assert decided(problem, most_work=whole.work).impossible == whole.impossible
    short = decided(problem, most_work=whole.work - 1)
    assert (short.impossible, short.walks) == ((), ())
    result = settled(problem, standing_still(problem), most_work=whole.work - 1)
    assert (result.solution, result.alone, result.together) == (standing_still(problem), (), ())


def test_a_team_whose_walks_are_not_known_leaves_all_open() -> None:
    problem = roads(50, 50, teams=2)
    ordered, _ = sort_edges(problem)
    searches = (prepare_searches(problem)[0], None)
    assert decide_floors(ordered, searches, ["a", "b"]) == decide_floors(ordered, (), [])


def test_the_order_of_streets_changes_nothing() -> None:
    problem = roads(50, 50, 50, teams=2, value=(100, 90, 80))
    for seed in range(5):
        other, _ = shuffled(problem, np.random.default_rng(seed))
        assert decided(other) == decided(problem)
        assert settled(other, standing_still(other)).together == (("a", "b", "c"),)


def test_walks_past_a_street_are_those_and_no_others() -> None:
    tried = 0
    for seed in range(120):
        drawn = tiny_problem(np.random.default_rng(seed))
        if drawn is None:
            continue
        problem, _ = sort_edges(replace(drawn, teams=drawn.teams[:1], floors=()))
        search = prepare_search(problem, 0)
        assert search is not None
        value = np.array(problem.edges.value, dtype=np.int64)
        for edge in np.flatnonzero(value).tolist():
            # What is worth more than all else is passed wherever that is possible.
            dear = value.copy()
            dear[edge] += 1 + value.sum()
            most = most_value(search, dear)
            past = walks_past(search, edge)
            assert (past is not None) == (most >= dear[edge]), (seed, edge)
            if past is not None:
                found, walk = best_walk(past, value)
                assert edge in walk.edges
                assert found == most_value(past, value) == most - (1 + value.sum())
                tried += 1
    assert tried > 100
