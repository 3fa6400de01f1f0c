"""A session's routes: its own stand points never make it impossible."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from support_networks import make_network

from corridors.model import Corridor, Evidence, StandPoint
from corridors.patrols.session import DayPlan, Task, make_case, route_session
from corridors.patrols.week import kept_share
from corridors.profile import KoperPoint, Patrols

# Two places 3 km apart on one street: at 1 m/s nobody stands at both within an hour.
LINE = make_network([(i * 500.0, 0) for i in range(7)], [(i, i + 1) for i in range(6)])
EVIDENCE = Evidence(
    has_times=True, period_start=date(2025, 1, 1), period_end=date(2025, 12, 31), months=12,
    incidents_in_window=20.0, incidents_all_day=50, by_group=(), set_apart=(), sources=("x",),
    floor=6.0,
)  # fmt: skip
CORRIDOR = Corridor("C1", ("900001",), (0, 1, 2, 3, 4, 5), ("Street 0",), 3000.0, 0.6, EVIDENCE)
FAR_APART = tuple(
    StandPoint(f"Stop {n}", "bus_stop", n, LINE.nodes.x_m[n], 0.0, 600) for n in (0, 6)
)


def task(**changes) -> Task:
    base = Task(
        network=LINE,
        corridors=(CORRIDOR,),
        value=np.array([9.0, 1, 1, 1, 1, 1]),
        stands={"C1": FAR_APART},
        ends={},
        window_s=7200,
    )
    return replace(base, **changes)


def routed(given: Task, **params):
    settings = replace(Patrols(), iterations=5, max_seconds=600.0, **params)
    day = route_session(given, settings, np.random.default_rng(1))
    return day.routes, day.coverage


def test_a_stand_point_out_of_reach_is_left_out():
    (route, *_), _ = routed(task(), max_teams=1)
    assert [stand.name for _, stand in route.stands] == ["Stop 0"]
    assert route.leave_s[-1] - route.begin_s <= 3600


def test_both_are_kept_where_time_allows():
    (route, *_), _ = routed(task(window_s=14_400), max_teams=1, round_min=200)
    assert sorted(stand.name for _, stand in route.stands) == ["Stop 0", "Stop 6"]


def test_a_floor_proven_out_of_reach_brings_another_team():
    near = (FAR_APART[0],)
    even = task(stands={"C1": near}, value=np.array([1.0] * 6))
    routes, coverage = routed(even, max_teams=3, floor_share=0.9)
    assert len(routes) > 1
    assert coverage.floor_impossible == ("C1",)  # nobody is back within the hour from the far end
    alone, _ = routed(even, max_teams=3, floor_share=0.4)
    assert len(alone) == 1


def test_rounds_fill_the_window():
    (route, *_), _ = routed(task(stands={"C1": (FAR_APART[0],)}), max_teams=1)
    assert route.rounds == 7200 // (route.leave_s[-1] - route.begin_s) >= 2


# --- time ---------------------------------------------------------------------------------------

# Pupils are in the first half hour only, and far from the start in its second half.
WAVE = np.outer([9.0, 1, 1, 1, 1, 1], [0.9, 0.1, 0, 0, 0, 0, 0, 0])
WAVE[3:5] = [0.0, 1, 0, 0, 0, 0, 0, 0]
NEAR = (replace(FAR_APART[0], dwell_s=60),)


def on_time(**changes) -> Task:
    return task(stands={"C1": NEAR}, value=WAVE.sum(axis=1), slot_value=WAVE, **changes)


def test_slots_add_up_to_what_a_street_is_worth():
    problem = make_case(on_time(), ["C1"], Patrols()).problem
    assert problem.slots is not None
    assert tuple(sum(row) for row in problem.slots.value) == problem.edges.value
    assert (problem.slots.length_s, problem.window_s, problem.apart) == (900, 7200, True)


def test_a_curve_of_the_profile_puts_the_streets_that_meet_at_a_stand_in_sight():
    curve = (KoperPoint(1, 0.2), KoperPoint(15, 1.0))
    problem = make_case(on_time(), ["C1"], Patrols(koper=curve, presence_half_life_min=5)).problem
    assert problem.slots is not None
    assert (problem.slots.koper, problem.slots.fade_s) == (((60, 20), (900, 100)), 300)
    assert problem.teams[0].stands[0].in_sight == (0,)
    assert make_case(on_time(), ["C1"], Patrols()).problem.teams[0].stands[0].in_sight == ()


def test_the_route_says_when_it_sets_off_and_what_is_met():
    (route, *_), coverage = routed(on_time(), max_teams=1)
    assert route.leave_s[0] >= route.begin_s
    assert next(iter(route.round_starts_s)) == route.begin_s
    assert len(route.round_starts_s) == route.rounds
    round_s = route.leave_s[-1] - route.begin_s
    assert route.begin_s + route.rounds * round_s <= 7200
    assert 0 < coverage.met <= coverage.met_bound <= coverage.met_total
    assert coverage.met <= coverage.value <= coverage.upper_bound
    still, without = routed(task(stands={"C1": NEAR}, value=WAVE.sum(axis=1)), max_teams=1)
    assert (without.met, without.met_bound, without.met_total) == (0, 0, 0)
    assert still[0].rounds == 7200 // (still[0].leave_s[-1] - still[0].begin_s)
    assert without.value == coverage.value


def test_a_stop_is_stood_at_in_its_window_or_left_out():
    late = replace(NEAR[0], earliest_s=1500, latest_s=2700)
    (route, *_), _ = routed(replace(on_time(), stands={"C1": (late,)}), max_teams=1)
    ((position, stand),) = route.stands
    assert 1500 <= route.leave_s[position] - stand.dwell_s <= 2700
    never = replace(NEAR[0], earliest_s=7190, latest_s=7200)
    (route, *_), _ = routed(replace(on_time(), stands={"C1": (never,)}), max_teams=1)
    assert route.stands == ()


# --- floors -------------------------------------------------------------------------------------

# Three arms of 25 minutes each way from one place: a team has the hour for one of them.
STAR = make_network([(0, 0), (1500, 0), (0, 1500), (-1500, 0)], [(0, 1), (0, 2), (0, 3)])
HERE = (replace(NEAR[0], node_id=0, x_m=0.0),)


def on_the_star(arms_of_each: tuple[tuple[int, ...], ...]) -> Task:
    keys = [f"C{number + 1}" for number in range(len(arms_of_each))]
    return task(
        network=STAR,
        corridors=tuple(
            replace(CORRIDOR, corridor_id=key, segment_ids=arms)
            for key, arms in zip(keys, arms_of_each, strict=True)
        ),
        value=np.array([1.0, 1, 1]),
        stands=dict.fromkeys(keys, HERE),
        window_s=3600,
    )


def test_floors_that_clash_are_told_with_each_other():
    both, coverage = routed(on_the_star(((0, 1), (2,))), max_teams=2, floor_share=0.6)
    assert len(both) == 2
    assert len(coverage.floor_missed) == 1
    assert coverage.floor_impossible == ()
    assert coverage.floor_clashes == (("C1", "C2"),)
    _, eased = routed(on_the_star(((0, 1), (2,))), max_teams=2, floor_share=0.5)
    assert (eased.floor_missed, eased.floor_clashes) == ((), ())


# The way out and back takes 50 of 60 minutes, so that nobody is at the start at 17 minutes.
BETWEEN = (replace(NEAR[0], earliest_s=1000, latest_s=1100),)


def test_a_window_that_would_cost_a_floor_gives_way_and_the_route_says_so():
    given = task(
        stands={"C1": BETWEEN},
        ends={"C1": (0, 0)},
        value=np.array([1.0, 1, 1, 0, 0, 0]),
        window_s=3600,
    )
    (route, *_), coverage = routed(given, max_teams=1, floor_share=0.9)
    assert coverage.floor_missed == ()
    (off,) = route.off_window
    assert (off.stand, off.corridor_ids) == (BETWEEN[0], ("C1",))
    ((position, stand),) = route.stands
    assert off.begin_s == route.leave_s[position] - stand.dwell_s
    assert not stand.is_in_time(off.begin_s)
    (kept, *_), less = routed(given, max_teams=1, floor_share=0.1)
    assert kept.off_window == ()
    assert less.floor_missed == ()
    assert BETWEEN[0].is_in_time(kept.leave_s[kept.stands[0][0]] - 60)
    assert set(kept.segment_ids) < set(route.segment_ids)


def test_where_nobody_told_a_start_a_round_begins_so_that_its_window_costs_nothing():
    given = task(stands={"C1": BETWEEN}, value=np.array([1.0, 1, 1, 0, 0, 0]), window_s=3600)
    (route, *_), coverage = routed(given, max_teams=1, floor_share=0.1)
    assert coverage.value == coverage.upper_bound  # all of it, and yet in time
    assert route.off_window == ()
    ((position, stand),) = route.stands
    assert stand.is_in_time(route.leave_s[position] - stand.dwell_s)
    assert route.node_ids[0] == route.node_ids[-1] != BETWEEN[0].node_id
    told = replace(given, ends={"C1": (0, 0)})
    (bound_to, *_), less = routed(told, max_teams=1, floor_share=0.1)
    assert bound_to.node_ids[0] == bound_to.node_ids[-1] == 0
    assert less.value < coverage.value
    # With a floor the window used to give way; a walk that begins elsewhere keeps both.
    (both, *_), met = routed(given, max_teams=1, floor_share=0.9)
    assert (both.off_window, met.floor_missed) == ((), ())


def test_a_told_start_and_end_stay_where_they_are_though_another_team_begins_elsewhere():
    there = (replace(NEAR[0], node_id=6, x_m=3000.0),)
    given = task(
        corridors=(
            replace(CORRIDOR, segment_ids=(0, 1, 2)),
            replace(CORRIDOR, corridor_id="C2", segment_ids=(5,)),
        ),
        stands={"C1": BETWEEN, "C2": there},
        ends={"C2": (6, 5)},
        value=np.array([1.0, 1, 1, 0, 0, 1]),
        window_s=3600,
    )
    (free, told), coverage = routed(given, max_teams=2, floor_share=0.1)
    assert free.node_ids[0] == free.node_ids[-1] != BETWEEN[0].node_id
    assert (told.node_ids[0], told.node_ids[-1]) == (6, 5)
    assert coverage.value == coverage.upper_bound


def test_only_teams_that_would_leave_streets_out_are_free_of_their_windows():
    early = (replace(NEAR[0], node_id=6, x_m=3000.0, earliest_s=300, latest_s=400),)
    far = replace(CORRIDOR, corridor_id="C2", segment_ids=(5,))
    near = replace(CORRIDOR, segment_ids=(0, 1, 2))
    given = task(
        corridors=(near, far),
        stands={"C1": BETWEEN, "C2": early},
        ends={"C1": (0, 0)},
        value=np.array([1.0, 1, 1, 0, 0, 1]),
        network=make_network([(i * 500.0, 0) for i in range(7)], [(i, i + 1) for i in range(6)]),
        window_s=3600,
    )
    (first, then), coverage = routed(given, max_teams=2, floor_share=0.9)
    assert coverage.floor_missed == ()
    assert [off.corridor_ids for off in first.off_window] == [("C1",)]
    assert then.off_window == ()
    assert early[0].is_in_time(then.leave_s[then.stands[0][0]] - 60)


def test_a_window_has_two_ends_or_none():
    assert [BETWEEN[0].is_in_time(s) for s in (999, 1000, 1100, 1101)] == [False, True, True, False]
    assert NEAR[0].is_in_time(10**6)


# --- the days of a week --------------------------------------------------------------------------

# A round of streets, and a dead end that is worth more once the round was walked: not both fit.
BLOCK = make_network(
    [(0, 0), (200, 0), (400, 0), (600, 0), (400, 200), (200, 200)],
    [(0, 1), (1, 2), (2, 3), (2, 4), (4, 5), (5, 1)],
)
BLOCK_CORRIDOR = replace(CORRIDOR, segment_ids=(0, 1, 2, 3, 4, 5), length_m=1200.0)
BLOCK_WAVE = np.outer([4.0, 3.0, 2.5, 1.0, 1.0, 1.0], [0.4, 0.3, 0.2, 0.1, 0, 0, 0, 0])


def block(kept: np.ndarray | float = 1.0, **changes) -> Task:
    worth = BLOCK_WAVE.sum(axis=1)
    stand = StandPoint("Stop", "park", 0, 0.0, 0.0, 60)
    base = Task(
        network=BLOCK,
        corridors=(BLOCK_CORRIDOR,),
        value=worth * kept,
        whole=worth,
        stands={"C1": (stand,)},
        ends={},
        window_s=7200,
        slot_value=BLOCK_WAVE,
    )
    return replace(base, **changes)


def walk_week(params: Patrols, days: int = 3, make=block) -> list[DayPlan]:
    """Days one after the other, each worth what those before it leave."""
    plans: list[DayPlan] = []
    last = np.full(6, -np.inf)
    for day in range(days):
        rng = np.random.default_rng([7, day])
        plans.append(route_session(make(kept_share(day - last, params)), params, rng, tuple(plans)))
        for route in plans[-1].routes:
            last[list(set(route.segment_ids))] = day
    return plans


def settings(**params) -> Patrols:
    return Patrols(iterations=5, max_seconds=600.0, max_teams=2, **params)


def test_what_was_covered_is_worth_less_and_the_rest_as_much():
    params = settings(round_min=25, floor_share=0.3)
    first, second, *_ = walk_week(params)
    walked = {s for route in first.routes for s in route.segment_ids}
    assert 0 < len(walked) < 6  # 25 minutes are not enough for all
    for segment, before, after in zip(
        first.case.segments, first.case.problem.edges.value, second.case.problem.edges.value,
        strict=True,
    ):  # fmt: skip
        if segment in walked:
            assert after == pytest.approx(0.7 * before, abs=1)
        else:
            assert after == before
    other = {s for route in second.routes for s in route.segment_ids}
    assert other - walked  # what was left out on the first day
    for day in (first, second):
        assert day.coverage.value <= day.coverage.upper_bound <= day.coverage.total
        assert 0 < day.coverage.met <= day.coverage.met_bound <= day.coverage.met_total
        assert day.coverage.met_total == day.coverage.total
    assert second.coverage.total < first.coverage.total


def test_a_floor_is_a_duty_on_each_day():
    for floor_share in (0.2, 0.6):
        for day in walk_week(settings(round_min=30, floor_share=floor_share), days=4):
            (floor,) = day.case.problem.floors
            assert floor.minimum == int(floor_share * sum(day.case.problem.edges.counts))
            walked = {s for route in day.routes for s in route.segment_ids}
            whole = BLOCK_WAVE.sum(axis=1)
            ((_, share),) = day.coverage.by_corridor
            assert share == pytest.approx(whole[sorted(walked)].sum() / whole.sum(), abs=1e-4)
            assert share >= floor_share
            assert not day.coverage.floor_missed


def test_with_nothing_lost_every_day_covers_the_same():
    params = settings(round_min=25, repeat_worth=1.0)
    first, *others = walk_week(params)
    alone = route_session(block(whole=None), params, np.random.default_rng([7, 0]))
    assert first.coverage == alone.coverage
    for day in others:
        kept = replace(day.coverage, met=0.0)
        assert kept == replace(first.coverage, met=0.0)
        assert [sorted(r.segment_ids) for r in day.routes] == [
            sorted(r.segment_ids) for r in first.routes
        ]


def test_days_begin_at_other_times_and_the_same_seed_at_the_same():
    params = settings(round_min=40, repeat_worth=1.0, vary_share=0.5)
    days = walk_week(params)
    times = {
        tuple((r.begin_s, r.segment_ids, r.leave_s, r.stands) for r in day.routes) for day in days
    }
    assert len(times) == len(days)
    again = walk_week(params)
    assert [(d.routes, d.coverage) for d in again] == [(d.routes, d.coverage) for d in days]


def test_a_street_that_rests_is_worth_nothing_and_counts_for_no_floor():
    params = settings(round_min=60)
    first = route_session(block(), params, np.random.default_rng(1))
    rests = np.array([1.0, 1.0, 0.0, 0.7, 0.7, 0.7])
    second = route_session(block(rests), params, np.random.default_rng(2), (first,))
    third = route_session(block(rests), params, np.random.default_rng(3), (first, second))
    for day in (second, third):
        edges = day.case.problem.edges
        assert edges.value[2] == edges.counts[2] == 0
        assert day.coverage.value <= day.coverage.upper_bound <= day.coverage.total
        assert not day.coverage.floor_missed
        assert all(2 not in route.segment_ids for route in day.routes)  # a dead end
    assert second.coverage.value == third.coverage.value
