"""Somebody's own route, the others round it, and what the plan leaves out."""

from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_networks import grid_network

from corridors.errors import InputError
from corridors.model import Corridor, Evidence, Network, StandPoint
from corridors.patrols import explain
from corridors.patrols.explain import (
    Planned,
    explain_session,
    junction_name,
    keep_trace,
    score_trace,
    streets_walked,
    team_ends,
)
from corridors.patrols.session import Task, route_session
from corridors.patrols.solver import solve
from corridors.patrols.trace import Trace
from corridors.profile import Patrols
from corridors.tables import Segments

COLUMNS, ROWS, STEP_M = 6, 5, 60.0
GRID = grid_network(COLUMNS, ROWS, STEP_M)
EVIDENCE = Evidence(
    has_times=True, period_start=date(2025, 1, 1), period_end=date(2025, 12, 31), months=12,
    incidents_in_window=20.0, incidents_all_day=50, by_group=(), set_apart=(), sources=("x",),
    floor=6.0,
)  # fmt: skip
PARAMS = replace(Patrols(), iterations=4, max_seconds=600.0, round_min=20, stand_dwell_min=1)
U, V = (GRID.segments[c].to_numpy() for c in (Segments.u, Segments.v))


def corridor(key: str, urn: str, nodes: set[int]) -> Corridor:
    ids = tuple(s for s in range(len(U)) if {int(U[s]), int(V[s])} <= nodes)
    names = tuple(sorted({str(GRID.segments[Segments.name].iloc[s]) for s in ids}))
    return Corridor(key, (urn,), ids, names, STEP_M * len(ids), 0.6, EVIDENCE)


def stand(name: str, node: int, dwell_s: int = 60) -> StandPoint:
    at = GRID.nodes.loc[node]
    return StandPoint(name, "street", node, float(at["x_m"]), float(at["y_m"]), dwell_s)


WEST = corridor("C1", "900001", {r * COLUMNS + c for r in range(ROWS) for c in (0, 1, 2)})
EAST = corridor("C2", "900002", {r * COLUMNS + c for r in range(ROWS) for c in (3, 4, 5)})
STANDS = {"C1": (stand("Old stop", 0), stand("Far stop", 13)), "C2": (stand("Station", 5),)}


def planned_on(network: Network = GRID, *, round_min: int = 20, floor_share: float = 0.1):
    value = np.random.default_rng(3).lognormal(0, 1, len(network.segments))
    value[network.segments[Segments.in_school_site].to_numpy()] = 0
    task = Task(
        network=network,
        corridors=(WEST, EAST),
        value=value,
        stands=STANDS,
        ends={},
        window_s=7200,
    )
    params = replace(PARAMS, round_min=round_min, floor_share=floor_share, max_teams=2)
    day = route_session(task, params, np.random.default_rng(1))
    routes, coverage = day.routes, day.coverage
    return Planned(task, params, routes, coverage)


@lru_cache
def planned() -> Planned:
    return planned_on()


def as_trace(route) -> Trace:
    return Trace(route.node_ids, route.segment_ids)


def walk_of(nodes) -> Trace:
    between = {frozenset((int(u), int(v))): s for s, (u, v) in enumerate(zip(U, V, strict=True))}
    pairs = pairwise(nodes)
    return Trace(tuple(nodes), tuple(between[frozenset(pair)] for pair in pairs))


@st.composite
def walks(draw) -> Trace:
    nodes = [draw(st.integers(0, COLUMNS * ROWS - 1))]
    for _ in range(draw(st.integers(1, 30))):
        near = sorted({int(u + v) - nodes[-1] for u, v in zip(U, V, strict=True)
                       if nodes[-1] in (u, v)})  # fmt: skip
        nodes.append(draw(st.sampled_from(near)))
    return walk_of(nodes)


def rules(score) -> set[str]:
    return {b.kind for b in score.broken}


# --- a route of somebody's own ------------------------------------------------------------------


def test_the_planned_route_scores_as_planned_and_keeps_all_rules():
    for route in planned().routes:
        score = score_trace(planned(), route.team, as_trace(route))
        assert score.broken == ()
        assert score.value == score.planned_value > 0
        assert score.together == score.planned_together == planned().coverage.value
        assert score.total == planned().coverage.total
        assert score.walk_s == route.walk_s
        assert score.length_m == pytest.approx(route.length_m)
        assert sum(s.value for s in score.streets) == score.value


@settings(max_examples=20)
@given(trace=walks(), team=st.sampled_from([1, 2]))
def test_any_walk_is_scored_by_what_it_passes(trace, team):
    score = score_trace(planned(), team, trace)
    others = [r for r in planned().routes if r.team != team]
    worth = segment_value()
    own = set(trace.segment_ids)
    assert score.value == sum(worth.get(s, 0) for s in own)
    everything = own.union(*(r.segment_ids for r in others))
    assert score.together == sum(worth.get(s, 0) for s in everything)
    assert score.walk_s == round(STEP_M) * len(trace.segment_ids)
    assert "other" not in rules(score)  # every rule has words of its own
    start, end = team_ends(planned(), team)
    assert ("start" in rules(score)) == (trace.node_ids[0] != start)
    assert ("end" in rules(score)) == (trace.node_ids[-1] != end)
    assert ("too_long" in rules(score)) == (score.walk_s + score.dwell_s > score.limit_s)
    missed = [s for s in STANDS[score.corridor_id] if s.node_id not in trace.node_ids]
    assert {b.place for b in score.broken if b.kind == "stand"} == {s.name for s in missed}


@lru_cache
def segment_value() -> dict[int, int]:
    """What each segment is worth, told street by street."""
    ids = [s for c in (WEST, EAST) for s in c.segment_ids]
    return {s: streets_walked(planned(), [s])[0].value for s in ids}


def test_each_broken_rule_says_where_and_by_how_much():
    score = score_trace(planned(), 1, walk_of([1, 2, 3, 4]))
    broken = {b.kind: b for b in score.broken if b.place != "Far stop"}
    assert broken["start"].place == "Column 0 Street and Row 0 Road"
    assert broken["start"].by == pytest.approx(STEP_M)
    assert broken["end"].by == pytest.approx(4 * STEP_M)
    assert {b.place for b in score.broken if b.kind == "stand"} == {"Old stop", "Far stop"}
    assert "too_long" not in broken


def test_minutes_over_the_limit_are_seconds_of_the_walk():
    there = [0, 1] * 15
    score = score_trace(planned(), 1, walk_of([*there, 0]))
    (late,) = (b for b in score.broken if b.kind == "too_long")
    assert late.limit == 1200
    assert late.by == 30 * STEP_M + score.dwell_s - 1200 == 720


def test_a_school_site_is_named_with_its_metres():
    segments = GRID.segments.copy()
    site = WEST.segment_ids[-1]
    segments.loc[site, Segments.in_school_site] = True
    guarded = Network(segments, GRID.nodes)
    case = planned_on(guarded)
    through = Trace((int(U[site]), int(V[site]), int(U[site])), (site, site))
    score = score_trace(case, 1, through)
    (broken,) = (b for b in score.broken if b.kind == "site")
    assert broken.place == str(segments[Segments.name].iloc[site])
    assert broken.by == STEP_M


def test_a_window_that_gave_way_in_the_plan_is_no_newly_broken_rule():
    # Nobody is at the start again so soon, but for who walks next to nothing of the corridor.
    stop = replace(stand("Bus", 0), kind="bus_stop", earliest_s=600, latest_s=640)
    wide = replace(
        planned().task,
        stands={"C1": (stop,), "C2": STANDS["C2"]},
        ends={"C1": (0, 0)},
        window_s=1200,
    )
    params = replace(PARAMS, floor_share=0.35, max_teams=2)
    day = route_session(wide, params, np.random.default_rng(1))
    routes, coverage = day.routes, day.coverage
    made = Planned(wide, params, routes, coverage)
    assert coverage.floor_missed == ()
    assert [off.stand for off in routes[0].off_window] == [stop]
    (late,) = score_trace(made, 1, as_trace(routes[0])).broken
    assert (late.kind, late.place, late.planned_too) == ("late", "Bus", True)
    # The other team's route has nothing of it.
    assert score_trace(made, 2, as_trace(routes[1])).broken == ()
    # Another long way round is no better than the plan; a short one keeps the window.
    back = Trace(routes[0].node_ids[::-1], routes[0].segment_ids[::-1])
    found = {b.kind: b for b in score_trace(made, 1, back).broken}
    assert found["late"].planned_too
    assert "late" not in rules(score_trace(made, 1, walk_of([0, 1, 0])))


def test_a_floor_missed_says_the_share_and_whether_the_plan_misses_it_too():
    tight = planned_on(floor_share=0.3)
    assert tight.coverage.floor_missed == ()
    score = score_trace(tight, 1, walk_of([0, 1, 0]))
    (floor,) = (b for b in score.broken if b.kind == "floor")
    assert floor.place == "C1"
    assert floor.by < floor.limit <= 0.3
    assert not floor.planned_too
    impossible = planned_on(floor_share=1.0)
    assert "C1" in impossible.coverage.floor_missed
    score = score_trace(impossible, 1, as_trace(impossible.routes[0]))
    assert all(b.planned_too for b in score.broken)
    assert rules(score) == {"floor"}


def test_streets_off_the_corridors_take_time_and_are_worth_nothing():
    score = score_trace(planned(), 1, walk_of([2, 3, 2]))
    assert score.value == 0
    assert score.walk_s == 120
    (street,) = score.streets
    assert (street.name, street.length_m, street.value) == ("Row 0 Road", 120.0, 0)


@pytest.mark.parametrize("team", [0, 3])
def test_a_team_that_is_not_there_is_refused(team):
    with pytest.raises(InputError, match=f"no team {team}.*from 1 to 2"):
        score_trace(planned(), team, walk_of([0, 1, 0]))


def test_a_junction_is_called_by_its_streets():
    assert junction_name(GRID, 0) == "Column 0 Street and Row 0 Road"


# --- the others round it ------------------------------------------------------------------------


@settings(max_examples=5)
@given(trace=walks(), team=st.sampled_from([1, 2]))
def test_the_others_planned_anew_cover_no_less_and_never_more_than_the_bound(trace, team):
    kept = keep_trace(planned(), team, trace, np.random.default_rng(2))
    assert kept.before == score_trace(planned(), team, trace).together
    assert kept.together <= kept.upper_bound <= planned().coverage.total
    ((other, walk),) = kept.teams
    assert other == 3 - team
    worth = segment_value()
    assert kept.together == sum(
        worth.get(s, 0) for s in set(trace.segment_ids) | set(walk.segment_ids)
    )
    alone = score_trace(planned(), other, walk)
    assert rules(alone) <= {"floor"}
    if not kept.floor_missed:
        assert kept.together >= kept.before or "floor" in rules(score_trace(planned(), team, trace))


def test_an_idle_route_leaves_its_streets_to_the_others():
    """East's team cannot do West's work, but it is no worse off than before."""
    kept = keep_trace(planned(), 1, walk_of([0, 1, 0]), np.random.default_rng(2))
    assert kept.together >= kept.before
    assert not kept.stopped_by_clock


def test_a_team_by_itself_has_no_others():
    alone = replace(planned(), routes=planned().routes[:1])
    with pytest.raises(InputError, match="no other team"):
        keep_trace(alone, 1, walk_of([0, 1, 0]), np.random.default_rng(2))


# --- what the plan covers and leaves ------------------------------------------------------------


@lru_cache
def told():
    return explain_session(planned(), np.random.default_rng(4))


def test_what_is_covered_and_what_is_left_out_are_all_there_is():
    story, worth = told(), segment_value()
    assert story.value == planned().coverage.value
    assert sum(c.total for c in story.corridors) == story.total
    assert sum(c.value for c in story.corridors) == story.value
    for c in story.corridors:
        assert sum(s.value for s in c.left_out) == c.total - c.value
        assert [s.value for s in c.left_out] == sorted((s.value for s in c.left_out), reverse=True)
        assert len({s.name for s in c.left_out}) == len(c.left_out)
    walked = set().union(*(r.segment_ids for r in planned().routes))
    left = sum(worth[s] for s in worth if s not in walked)
    assert left == story.total - story.value > 0


def test_more_never_brings_less_and_no_search_beats_its_bound():
    story = told()
    for what, now in [
        (story.one_more, story.value),
        (story.longer, story.value),
        *((team.longer, team.alone) for team in story.teams),
    ]:
        assert now <= what.value <= what.upper_bound <= story.total
    assert story.one_more.value > story.value
    assert story.longer.value > story.value
    assert story.one_more_on in {"C1", "C2"}


def test_each_team_says_what_it_alone_covers():
    story = told()
    routes = {r.team: r for r in planned().routes}
    worth = segment_value()
    for team in story.teams:
        own = set(routes[team.team].segment_ids)
        others = set().union(*(r.segment_ids for t, r in routes.items() if t != team.team))
        assert team.value == sum(worth[s] for s in own)
        assert team.alone == sum(worth[s] for s in own - others)
        assert team.streets == streets_walked(planned(), routes[team.team].segment_ids)
        assert {s.name for s in STANDS[team.corridor_id]} == set(team.stands)


def test_the_same_seed_tells_the_same():
    assert explain_session(planned(), np.random.default_rng(4)) == told()


def test_a_search_that_the_clock_stops_is_not_told(monkeypatch):
    """Where the clock stops it is another figure on another machine; the bound is the same."""

    def hurried(*args, **kwargs):
        return replace(solve(*args, **kwargs), stopped_by_clock=True)

    monkeypatch.setattr(explain, "solve", hurried)
    story = explain_session(planned(), np.random.default_rng(4))
    assert story.one_more.value is None
    assert story.one_more.upper_bound == told().one_more.upper_bound
    assert all(team.longer.value is None for team in story.teams)
    assert keep_trace(planned(), 1, walk_of([0, 1, 0]), np.random.default_rng(2)).stopped_by_clock
