"""A session's routes: its own stand points never make it impossible."""

from dataclasses import replace
from datetime import date

import numpy as np
from support_networks import make_network

from corridors.model import Corridor, Evidence, StandPoint
from corridors.patrols.session import Task, route_session
from corridors.profile import Patrols

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
    return route_session(given, settings, np.random.default_rng(1))


def test_a_stand_point_out_of_reach_is_left_out():
    (route, *_), _ = routed(task(), max_teams=1)
    assert [stand.name for _, stand in route.stands] == ["Stop 0"]
    assert route.leave_s[-1] <= 3600


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
    assert route.rounds == 7200 // route.leave_s[-1] >= 2
