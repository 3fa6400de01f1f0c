"""A session's routes: its own stand points never make it impossible."""

from dataclasses import replace
from datetime import date

import numpy as np
from support_networks import make_network

from corridors.model import Corridor, Evidence, StandPoint
from corridors.patrols.session import Task, make_case, route_session
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
    given = task(stands={"C1": BETWEEN}, value=np.array([1.0, 1, 1, 0, 0, 0]), window_s=3600)
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


def test_only_teams_that_would_leave_streets_out_are_free_of_their_windows():
    early = (replace(NEAR[0], node_id=6, x_m=3000.0, earliest_s=300, latest_s=400),)
    far = replace(CORRIDOR, corridor_id="C2", segment_ids=(5,))
    near = replace(CORRIDOR, segment_ids=(0, 1, 2))
    given = task(
        corridors=(near, far),
        stands={"C1": BETWEEN, "C2": early},
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
