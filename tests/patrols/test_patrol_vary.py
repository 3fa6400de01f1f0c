"""Days differ in order, direction and minute, and in nothing that is covered."""

from dataclasses import replace

import numpy as np
import pytest
from support_patrols import grid_problem, shuffled

from corridors.patrols.polish import about_turns
from corridors.patrols.problem import Edges, PatrolProblem, Slots, Solution, Stand, Team, Walk
from corridors.patrols.solver import solve
from corridors.patrols.timeline import meetings, timeline
from corridors.patrols.timing import time_walks
from corridors.patrols.vary import nearness, places_seen, vary_walks
from corridors.patrols.verify import verify

HOUR_S = 3600


def ring(count: int = 12, value: tuple[int, ...] = (), **changes) -> PatrolProblem:
    """A closed street of five-minute parts, walked once in an hour of a two-hour session."""
    nodes = range(count)
    edges = Edges(
        tuple(nodes),
        tuple((n + 1) % count for n in nodes),
        (HOUR_S // count,) * count,
        (10,) * count,
    )
    slots = Slots(900, tuple((value or (1,) * 8) for _ in nodes))
    base = PatrolProblem(count, edges, (Team(0, 0, HOUR_S),), (), slots, 2 * HOUR_S - 60)
    return replace(base, **changes)


def once_round(problem: PatrolProblem) -> Solution:
    count = len(problem.edges)
    walk = Walk(0, (*range(count), 0), tuple(range(count)))
    found = Solution((walk,), sum(problem.edges.value), sum(problem.edges.walk_s))
    return time_walks(problem, found, np.random.default_rng(0))


def week(problem: PatrolProblem, found: Solution, days: int, **params) -> list[Solution]:
    made: list[Solution] = []
    for day in range(days):
        before = [places_seen(problem, one.walks) for one in made]
        rng = np.random.default_rng(day)
        made.append(vary_walks(problem, found, before, rng, **{"give_up": 0.1, **params}))
    return made


def alike(problem: PatrolProblem, one: Solution, other: Solution) -> float:
    """Share of one day's places and minutes that are within two minutes of the other day's."""
    mine, theirs = (places_seen(problem, day.walks) for day in (one, other))
    return float((mine & (nearness(theirs) > 0)).sum() / mine.sum())


@pytest.mark.parametrize("seed", range(4))
def test_what_is_covered_and_every_rule_stay(seed):
    rng = np.random.default_rng(seed)
    base = grid_problem(6, 2, 1500, rng)
    slots = Slots(900, tuple((v, v // 2, v // 3, 0) for v in base.edges.value))
    start = base.teams[0].start
    crew = replace(base.teams[0], stands=(Stand(start + 1, 120, 300, 1500),))
    problem = replace(
        base,
        edges=replace(base.edges, value=tuple(sum(row) for row in slots.value)),
        teams=(crew, base.teams[1]),
        slots=slots,
        window_s=HOUR_S,
        apart=True,
    )
    found = time_walks(problem, solve(problem, iterations=2, rng=rng, max_seconds=600.0), rng)
    walk_s = np.array(problem.edges.walk_s)
    for day in week(problem, found, 3):
        assert day.value == found.value
        assert day.walk_s == found.walk_s
        assert day.met >= 0.9 * found.met - 1e-9
        assert not [f for f in verify(problem, day) if f.kind != "apart"]
        assert sum(s for *_, s in meetings(problem, day.walks)) <= sum(
            s for *_, s in meetings(problem, found.walks)
        )
        for walk, planned in zip(day.walks, found.walks, strict=True):
            assert sorted(walk.edges) == sorted(planned.edges)
            assert about_turns(walk.edges) + len(walk.waits) <= about_turns(planned.edges) + len(
                planned.waits
            )
            rounds = (timeline(problem, w, walk_s).rounds for w in (walk, planned))
            assert next(rounds) >= next(rounds)


def test_where_any_time_does_nobody_is_anywhere_at_yesterdays_minute():
    """As good at all times and in both directions: every two days differ everywhere."""
    problem = ring()
    found = once_round(problem)
    days = week(problem, found, 2, steps=600)
    assert alike(problem, days[1], days[0]) == 0
    assert alike(problem, found, found) == 1


def test_the_first_day_is_no_timetable_either():
    """Two weeks differ on their Mondays: nothing was seen before, so the draw decides."""
    problem = ring()
    found = once_round(problem)
    mondays = {
        vary_walks(problem, found, (), np.random.default_rng(s), give_up=0.1).walks
        for s in range(6)
    }
    assert len(mondays) > 3


def test_nothing_varies_where_nothing_else_meets_as_much():
    """Pupils are there in one quarter of an hour only, and no minute of it is to spare."""
    count = 3
    value = (0, 0, 0, 100, 0, 0, 0, 0)
    nodes = range(count)
    edges = Edges(tuple(nodes), (1, 2, 0), (300,) * 3, (100,) * 3)
    slots = Slots(900, (value,) * 3)
    problem = PatrolProblem(count, edges, (Team(0, 0, 900),), (), slots, 2 * HOUR_S)
    problem = replace(problem, teams=(Team(0, 0, 900, (Stand(0, 0, 2700, 2700),)),))
    found = time_walks(
        problem,
        Solution((Walk(0, (0, 1, 2, 0), (0, 1, 2), (0,)),), 300, 900),
        np.random.default_rng(0),
    )
    assert found.met == 300
    for day in week(problem, found, 3, give_up=0.0):
        assert day.met == 300


def test_same_seed_same_walks_and_the_order_of_edges_is_nothing():
    rng = np.random.default_rng(5)
    base = grid_problem(6, 2, 1500, rng)
    slots = Slots(900, tuple((v, v // 2, 0, 0) for v in base.edges.value))
    problem = replace(
        base,
        edges=replace(base.edges, value=tuple(sum(row) for row in slots.value)),
        slots=slots,
        window_s=HOUR_S,
        apart=True,
    )
    found = time_walks(problem, solve(problem, iterations=2, rng=rng, max_seconds=600.0), rng)
    days = week(problem, found, 3)
    assert days == week(problem, found, 3)
    other, name = shuffled(problem, rng)
    place = np.argsort(name) if sorted(name) == list(range(len(name))) else None
    assert place is not None
    moved = replace(
        found,
        walks=tuple(replace(w, edges=tuple(int(place[e]) for e in w.edges)) for w in found.walks),
    )
    again = week(other, moved, 3)
    assert [[w.nodes for w in day.walks] for day in again] == [
        [w.nodes for w in day.walks] for day in days
    ]
    assert [[w.begin_s for w in day.walks] for day in again] == [
        [w.begin_s for w in day.walks] for day in days
    ]


def test_places_seen_are_streets_walked_and_stands_stood_at_in_all_rounds():
    edges = Edges((0, 1), (1, 2), (60, 120), (1, 1))
    team = Team(0, 0, 600, (Stand(2, 180),))
    problem = PatrolProblem(3, edges, (team,), window_s=1200)
    walk = Walk(0, (0, 1, 2, 1, 0), (0, 1, 1, 0), (2,), begin_s=60)
    seen = places_seen(problem, (walk,))
    assert seen.shape == (5, 21)
    # A round: 60 and 120 s out, 180 s standing, 120 and 60 s back: 540 s, twice from second 60.
    assert np.flatnonzero(seen[0]).tolist() == [1, 9, 10, 18]
    assert np.flatnonzero(seen[1]).tolist() == [2, 3, 7, 8, 11, 12, 16, 17]
    assert np.flatnonzero(seen[2 + 2]).tolist() == [4, 5, 6, 13, 14, 15]
    assert not seen[2:4].any()


def test_nearness_fades_in_three_minutes():
    seen = np.zeros((2, 9), dtype=bool)
    seen[0, 4] = seen[1, 0] = True
    found = nearness(seen)
    assert found[0] == pytest.approx([0, 0, 1 / 3, 2 / 3, 1, 2 / 3, 1 / 3, 0, 0])
    assert found[1] == pytest.approx([1, 2 / 3, 1 / 3, 0, 0, 0, 0, 0, 0])
