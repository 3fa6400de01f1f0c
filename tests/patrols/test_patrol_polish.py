"""Polish keeps coverage, never adds time, and turns about only where it must."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support_patrols import grid_problem

from corridors.patrols.polish import about_turns, polish
from corridors.patrols.problem import Edges, PatrolProblem, Solution, Stand, Team, Walk
from corridors.patrols.verify import verify


def random_walk(problem: PatrolProblem, number: int, rng: np.random.Generator) -> Walk:
    """Some steps out, and the same way back."""
    node = problem.teams[number].start
    nodes, edges = [node], list[int]()
    for _ in range(int(rng.integers(1, 15))):
        ways = [
            e
            for e in range(len(problem.edges))
            if node in (problem.edges.tail[e], problem.edges.head[e])
        ]
        edges.append(int(rng.choice(ways)))
        node = problem.edges.tail[edges[-1]] + problem.edges.head[edges[-1]] - node
        nodes.append(node)
    return Walk(number, (*nodes, *nodes[-2::-1]), (*edges, *edges[::-1]))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**31))
def test_polish_keeps_what_is_covered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = grid_problem(4, 2, 10_000, rng)
    before = tuple(random_walk(problem, number, rng) for number in (0, 1))
    after = polish(problem, before)
    value = problem.edges.value
    worth = [{e for walk in walks for e in walk.edges if value[e] > 0} for walks in (before, after)]
    assert worth[0] == worth[1]
    times = [
        sum(problem.edges.walk_s[e] for walk in walks for e in walk.edges)
        for walks in (before, after)
    ]
    assert times[1] <= times[0]
    turns = [sum(about_turns(walk.edges) for walk in walks) for walks in (before, after)]
    assert turns[1] <= turns[0]
    found = Solution(after, sum(value[e] for e in worth[1]), times[1])
    assert verify(problem, found) == ()


def test_what_is_walked_twice_for_nothing_is_dropped() -> None:
    star = Edges((0, 0, 0), (1, 2, 3), (10, 10, 10), (5, 0, 0))
    problem = PatrolProblem(4, star, (Team(0, 0, 100, (Stand(3, 5),)),))
    walk = Walk(0, (0, 2, 0, 1, 0, 3, 0), (1, 1, 0, 0, 2, 2), (5,))
    (slim,) = polish(problem, (walk,))
    assert sorted(slim.edges) == [0, 0, 2, 2]
    assert slim.nodes[slim.stand_at[0]] == 3


def test_two_rings_are_walked_without_an_about_turn() -> None:
    # Two triangles at node 0, walked out and back.
    rings = Edges((0, 1, 2, 0, 3, 4), (1, 2, 0, 3, 4, 0), (10,) * 6, (1,) * 6)
    problem = PatrolProblem(5, rings, (Team(0, 0, 1000),))
    there = Walk(0, (0, 1, 2, 0, 3, 4, 0, 4, 3, 0, 2, 1, 0), (0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0))
    (calm,) = polish(problem, (there,))
    assert about_turns(there.edges) == 1
    assert about_turns(calm.edges) == 0


def test_a6_of_two_plans_that_cover_the_same_the_one_with_fewer_police_minutes_is_kept() -> None:
    # Both teams walk the ring 1-2-3 off the street 0-1; one of them is enough.
    ring = Edges((0, 1, 2, 3), (1, 2, 3, 1), (30, 10, 10, 10), (5, 5, 5, 5))
    walk = ((0, 1, 2, 3, 1, 0), (0, 1, 2, 3, 0))
    for police in (0, 1):
        teams = tuple(
            Team(0, 0, 1000, (Stand(1, 60),), police=number == police) for number in (0, 1)
        )
        problem = PatrolProblem(4, ring, teams)
        after = polish(problem, tuple(Walk(number, *walk, (1,)) for number in (0, 1)))
        spent_s = [sum(ring.walk_s[e] for e in w.edges) for w in after]
        assert spent_s[police] == 60  # out to its stand and back
        assert spent_s[1 - police] == 90
        assert {e for w in after for e in w.edges} == {0, 1, 2, 3}


def test_a_ring_that_nothing_needs_is_dropped() -> None:
    rings = Edges((0, 1, 2, 0, 3, 4), (1, 2, 0, 3, 4, 0), (10,) * 6, (1, 1, 1, 0, 0, 0))
    problem = PatrolProblem(5, rings, (Team(0, 0, 1000),))
    (slim,) = polish(problem, (Walk(0, (0, 1, 2, 0, 3, 4, 0), (0, 1, 2, 3, 4, 5)),))
    assert sorted(slim.edges) == [0, 1, 2]
