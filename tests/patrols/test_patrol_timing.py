"""Walks keep their edges, keep the rules, and never meet less for having been timed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_patrols import grid_problem, shuffled, timed_problem, tiny_problem

from corridors.patrols.problem import (
    Edges,
    PatrolProblem,
    Slots,
    Solution,
    Stand,
    Team,
    Walk,
)
from corridors.patrols.solver import solve
from corridors.patrols.timeline import meetings, met_value
from corridors.patrols.timing import keep_windows, set_off, time_walks
from corridors.patrols.verify import broken, verify


def solved(problem: PatrolProblem, seed: int = 1) -> Solution:
    return solve(problem, iterations=2, rng=np.random.default_rng(seed), max_seconds=600.0)


def timed(problem: PatrolProblem, found: Solution, seed: int = 1, steps: int = 40) -> Solution:
    return time_walks(problem, found, np.random.default_rng(seed), steps=steps)


def edges_of(found: Solution) -> list[Counter[int]]:
    return [Counter(walk.edges) for walk in found.walks]


@st.composite
def cases(draw: st.DrawFn) -> PatrolProblem:
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    while True:
        problem = tiny_problem(rng)
        case = timed_problem(problem, rng) if problem is not None else None
        if case is not None:
            return case


@settings(max_examples=50)
@given(cases())
def test_timed_walks_keep_every_rule_and_the_same_streets(problem: PatrolProblem) -> None:
    before = solved(problem)
    after = timed(problem, before)
    faults = verify(problem, after)
    assert broken(faults) == ()
    told = [str(fault) for fault in faults if fault.kind == "apart"]
    assert told == [
        f"not kept apart: teams {a} and {b} for {s} s" for a, b, s in meetings(problem, after.walks)
    ]
    if all(stand.latest_s is None for team in problem.teams for stand in team.stands):
        assert edges_of(after) == edges_of(before)
        assert (after.value, after.walk_s) == (before.value, before.walk_s)
        free = replace(problem, apart=False)
        untimed = keep_windows(free, before, np.random.default_rng(1))
        if verify(free, untimed) == ():
            turns = 0.001 * sum(map(sum, problem.slots.value)) * sum(map(len, problem.slots.value))
            assert timed(free, before).met >= untimed.met - turns


@settings(max_examples=15)
@given(cases(), st.integers(0, 2**31))
def test_shuffled_streets_are_walked_at_the_same_times(problem: PatrolProblem, seed: int) -> None:
    found = solved(problem)
    mixed, order = shuffled(problem, np.random.default_rng(seed))
    place = {old: new for new, old in enumerate(order)}
    walks = [replace(w, edges=tuple(place[e] for e in w.edges)) for w in found.walks]
    one, other = timed(problem, found), timed(mixed, replace(found, walks=tuple(walks)))
    assert other.met == one.met
    assert [w.nodes for w in other.walks] == [w.nodes for w in one.walks]
    assert [(w.begin_s, w.waits) for w in other.walks] == [(w.begin_s, w.waits) for w in one.walks]


def wave(side: int, teams: int, *, apart: bool = False) -> PatrolProblem:
    """A grid that pupils leave from the middle, as fast as they walk."""
    problem = grid_problem(side, teams, 2400, np.random.default_rng(5))
    middle = side // 2
    away = [abs(t // side - middle) + abs(t % side - middle) for t in problem.edges.tail]
    share = np.exp(-((np.arange(8) - np.array(away)[:, None] * 0.6 - 1) ** 2))
    value = np.floor(share * np.array(problem.edges.value)[:, None]).astype(int)
    slots = Slots(600, tuple(map(tuple, value.tolist())))
    return replace(problem, slots=slots, window_s=4800, apart=apart)


def test_a_wave_is_met_far_better_for_being_timed() -> None:
    problem = wave(7, 2)
    found = solved(problem)
    after = time_walks(problem, found, np.random.default_rng(1), steps=400)
    assert edges_of(after) == edges_of(found)
    assert after.met is not None
    assert after.met > 1.15 * met_value(problem, found.walks)
    assert after == time_walks(problem, found, np.random.default_rng(1), steps=400)
    assert all(walk.begin_s % 60 == 0 for walk in after.walks)


def test_teams_that_meet_are_parted() -> None:
    problem = wave(7, 2, apart=True)
    one = solved(replace(problem, teams=problem.teams[:1])).walks[0]
    twins = Solution((one, replace(one, team=1)), 0, 0)
    assert meetings(problem, twins.walks)
    after = time_walks(problem, twins, np.random.default_rng(1), steps=400)
    assert meetings(problem, after.walks) == ()
    assert verify(problem, after) == ()


@pytest.mark.parametrize(("window_s", "meet"), [(120, True), (199, True), (200, False)])
def test_teams_that_cannot_be_kept_apart_are_no_failure(window_s: int, meet: bool) -> None:
    # One street of 100 s, which one team walks up and the other one down.
    street = Edges((0,), (1,), (100,), (5,))
    problem = PatrolProblem(
        2, street, (Team(0, 1, window_s), Team(1, 0, window_s)), slots=Slots(100, ((1, 1),)),
        window_s=window_s, apart=True,
    )  # fmt: skip
    walks = (Walk(0, (0, 1), (0,)), Walk(1, (1, 0), (0,)))
    after = time_walks(problem, Solution(walks, 5, 200), np.random.default_rng(1), steps=300)
    assert bool(meetings(problem, after.walks)) == meet
    assert all(fault.kind == "apart" for fault in verify(problem, after))


# A ring of 4 x 10 s with a street of 20 s off node 2, where there is a stop.
RING = Edges((0, 1, 2, 3, 2), (1, 2, 3, 0, 4), (10, 10, 10, 10, 20), (1, 2, 3, 4, 1))


def ring(*, latest_s: int, limit_s: int = 200) -> PatrolProblem:
    team = Team(0, 0, limit_s, (Stand(4, 5, 0, latest_s),))
    return PatrolProblem(5, RING, (team,), window_s=200)


def test_an_order_is_found_in_which_the_stop_is_made_in_time() -> None:
    # The ring first brings it there at 80 s, the stop first at 40 s.
    late = Walk(0, (0, 1, 2, 3, 0, 1, 2, 4, 2, 1, 0), (0, 1, 2, 3, 0, 1, 4, 4, 1, 0), (7,))
    found = Solution((late,), 11, 120)
    (walk,) = keep_windows(ring(latest_s=40), found, np.random.default_rng(1)).walks
    assert Counter(walk.edges) == Counter(late.edges)
    assert verify(ring(latest_s=40), Solution((walk,), 11, 120)) == ()


def test_where_no_order_does_it_the_streets_worth_least_are_left_out() -> None:
    # A side street of 50 s at the only node before the stop, to be walked there and back first.
    tail, head = (0, 1, 1), (1, 2, 3)
    street = Edges(tail, head, (10, 10, 50), (5, 5, 1))
    problem = PatrolProblem(4, street, (Team(0, 2, 400, (Stand(2, 5, 0, 60),)),), window_s=400)
    slow = Solution((Walk(0, (0, 1, 3, 1, 2), (0, 2, 2, 1), (4,)),), 11, 120)
    after = keep_windows(problem, slow, np.random.default_rng(1))
    assert after.walks[0].edges == (0, 1)
    assert (after.value, after.walk_s) == (10, 20)
    assert verify(problem, after) == ()


def test_the_direct_way_is_the_last_resort() -> None:
    # A ring before the stop, of which nothing can be left out in pairs.
    edges = Edges((0, 1, 2, 0), (1, 2, 0, 3), (50, 50, 50, 10), (5, 5, 5, 1))
    problem = PatrolProblem(4, edges, (Team(0, 3, 400, (Stand(3, 5, 0, 60),)),), window_s=400)
    slow = Solution((Walk(0, (0, 1, 2, 0, 3), (0, 1, 2, 3), (4,)),), 16, 160)
    after = keep_windows(problem, slow, np.random.default_rng(1))
    assert after.walks == (Walk(0, (0, 3), (3,), (1,)),)


@pytest.mark.parametrize("latest_s", [30, 100])
def test_a_walk_of_somebodys_own_keeps_its_order(latest_s: int) -> None:
    problem = ring(latest_s=max(latest_s, 40))
    drawn = Walk(0, (0, 1, 2, 4, 2, 3, 0), (0, 1, 4, 4, 2, 3), (3,))
    walk = set_off(problem, [drawn], 0)
    assert (walk.nodes, walk.edges) == (drawn.nodes, drawn.edges)
    assert verify(problem, Solution((walk,), 11, 80)) == ()
    off = replace(drawn, stand_at=(-1,))
    assert set_off(problem, [off], 0).stand_at == (-1,)
