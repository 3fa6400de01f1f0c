"""Who may walk where: school sites (A8) and places to keep clear of (B19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_networks import grid_network, make_network

from corridors.model import Corridor, Evidence, Network, NoGo, StandPoint
from corridors.patrols.access import barred, in_force, open_part, pieces
from corridors.patrols.explain import Broken, Planned, score_trace
from corridors.patrols.problem import Solution, Walk
from corridors.patrols.session import Task, make_case, route_session, style_facts
from corridors.patrols.style import walk_style
from corridors.patrols.trace import Trace
from corridors.patrols.verify import verify
from corridors.profile import Patrols
from corridors.tables import Segments

GRID = grid_network(5, 4)
ENDS = GRID.segments[[Segments.u, Segments.v]].to_numpy()
EVIDENCE = Evidence(
    has_times=True, period_start=date(2025, 1, 1), period_end=date(2025, 12, 31), months=12,
    incidents_in_window=20.0, incidents_all_day=50, by_group=(), set_apart=(), sources=("x",),
    floor=6.0,
)  # fmt: skip
PARAMS = replace(Patrols(), iterations=4, max_seconds=600.0, floor_share=0.3, max_teams=2)


def between(a: int, b: int) -> int:
    return int(np.flatnonzero((np.sort(ENDS) == sorted((a, b))).all(axis=1))[0])


def corridor(key: str, segment_ids: range | tuple[int, ...]) -> Corridor:
    return Corridor(key, (f"90000{key[1]}",), tuple(segment_ids), (), 1.0, 0.6, EVIDENCE)


def stand(network: Network, node: int) -> StandPoint:
    return StandPoint(f"Stop {node}", "bus_stop", node, network.nodes.x_m[node], 0.0, 60)


def task(network: Network = GRID, **changes: object) -> Task:
    made = Task(
        network=network,
        corridors=(corridor("C1", range(len(network.segments))),),
        value=np.ones(len(network.segments)),
        stands={"C1": (stand(network, 0),)},
        ends={},
        window_s=7200,
    )
    return replace(made, **changes)


SHED = NoGo("The Shed", "police", (between(0, 1), between(1, 2)))
QUIET = NoGo("Quiet House", "all", (between(5, 6),))


# --- who may walk what --------------------------------------------------------------------------


def test_b19_places_hold_for_police_or_for_all() -> None:
    assert in_force((SHED, QUIET), police=True) == (SHED, QUIET)
    assert in_force((SHED, QUIET), police=False) == (QUIET,)


@pytest.mark.parametrize("police", [True, False])
def test_a8_a_school_site_is_shut_to_everybody(police: bool) -> None:
    sites = GRID.segments.assign(in_school_site=np.arange(len(ENDS)) == 7)
    shut = barred(replace(GRID, segments=sites), (SHED, QUIET), police=police)
    assert set(np.flatnonzero(shut)) == {7, *QUIET.segment_ids, *(SHED.segment_ids * police)}
    assert not barred(GRID, (), police=police).any()


@settings(max_examples=60)
@given(st.sets(st.integers(0, len(ENDS) - 1)))
def test_the_open_part_hangs_together_and_nothing_longer_does(shut_ids: set[int]) -> None:
    shut = np.zeros(len(ENDS), dtype=bool)
    shut[list(shut_ids)] = True
    part = open_part(GRID, range(len(ENDS)), shut)
    assert not set(part) & shut_ids
    piece = pieces(GRID, ~shut)[ENDS[:, 0]]
    sizes = np.bincount(piece[~shut]) if not shut.all() else np.zeros(1)
    assert len(part) == sizes.max()  # all segments are 60 m long
    assert len(set(piece[list(part)])) <= 1


# --- routes -------------------------------------------------------------------------------------


def walked(given: Task) -> tuple[set[int], ...]:
    routes = route_session(given, PARAMS, np.random.default_rng(1)).routes
    return tuple(set(route.segment_ids) for route in routes)


def test_b19_teams_with_police_keep_clear_and_others_pass() -> None:
    rich = np.ones(len(ENDS))
    rich[list(SHED.segment_ids)] = 50.0  # nothing is worth more
    base = task(value=rich, no_go=(SHED, QUIET))
    (free,) = walked(base)
    assert set(SHED.segment_ids) <= free
    assert not set(QUIET.segment_ids) & free
    (police,) = walked(replace(base, with_police=frozenset({"C1"})))
    assert not police & {*SHED.segment_ids, *QUIET.segment_ids}
    assert len(police) > 5


@settings(max_examples=10, deadline=None)
@given(st.sets(st.integers(0, len(ENDS) - 1), max_size=len(ENDS) - 1), st.booleans())
def test_b19_wherever_places_are_marked_a_walk_is_found_that_keeps_clear(
    shut_ids: set[int], has_far_end: bool
) -> None:
    places = (NoGo("The Shed", "police", tuple(sorted(shut_ids))),)
    base = task(no_go=places, with_police=frozenset({"C1"}))
    part = open_part(GRID, range(len(ENDS)), base.shut_to("C1"))
    first, last = int(ENDS[part[0]][0]), int(ENDS[part[-1]][1])
    given = replace(base, stands={"C1": (stand(GRID, first),)})
    if has_far_end:
        given = replace(given, ends={"C1": (first, last)})
    for route in walked(given):
        assert route <= set(part)


def test_b19_verify_finds_police_in_a_place_to_keep_clear_of() -> None:
    given = task(no_go=(SHED,), with_police=frozenset({"C1"}))
    case = make_case(given, ["C1"], PARAMS)
    assert case.problem.teams[0].police
    edge = int(np.searchsorted(case.segments, SHED.segment_ids[0]))
    walk = Walk(0, (0, 1, 0), (edge, edge), (0,))
    found = verify(case.problem, Solution((walk,), 1, 2))
    assert f"team 1: edge {edge} is forbidden" in map(str, found)
    again = make_case(replace(given, with_police=frozenset()), ["C1"], PARAMS)
    assert not any(f.kind == "forbidden" for f in verify(again.problem, Solution((walk,), 1, 2)))


def test_b19_the_floor_is_of_what_the_teams_can_walk() -> None:
    rich = np.ones(len(ENDS))
    rich[list(SHED.segment_ids)] = 1000.0
    given = task(value=rich, no_go=(SHED,), with_police=frozenset({"C1"}))
    day = route_session(given, PARAMS, np.random.default_rng(1))
    routes, coverage = day.routes, day.coverage
    assert coverage.floor_missed == ()
    assert len(routes) == 1  # another team could not go there either
    assert coverage.total > 5 * coverage.value  # the loss is not hidden


LINE = make_network(
    [(i * 100.0, 0.0) for i in range(6)] + [(100.0, 80.0), (200.0, 80.0)],
    [(i, i + 1) for i in range(5)] + [(1, 6), (6, 7), (7, 2)],
)


def test_b19_other_streets_lead_round_a_place_that_cuts_a_corridor() -> None:
    along = corridor("C1", range(5))
    given = task(
        LINE, corridors=(along,), no_go=(NoGo("The Shed", "police", (1,)),),
        with_police=frozenset({"C1"}),
    )  # fmt: skip
    (route,) = walked(given)
    assert route == {0, 2, 3, 4, 5, 6, 7}
    behind = replace(given, no_go=(NoGo("The Shed", "police", (3,)),))
    (route,) = walked(behind)
    assert route == {0, 1, 2}  # no way round: what lies behind is left out


def test_b19_only_the_corridor_s_own_kind_counts() -> None:
    two = (corridor("C1", range(5)), corridor("C2", range(5, 8)))
    given = task(
        LINE, corridors=two, stands={"C1": (stand(LINE, 0),), "C2": (stand(LINE, 1),)},
        no_go=(NoGo("The Shed", "police", (1,)),), with_police=frozenset({"C2"}),
        value=np.array([9.0, 9, 9, 9, 9, 1, 1, 1]),
    )  # fmt: skip
    first, second = walked(given)
    assert 1 in first
    assert 1 not in second


# --- a route of somebody's own ------------------------------------------------------------------


def planned(given: Task) -> Planned:
    day = route_session(given, PARAMS, np.random.default_rng(1))
    routes, coverage = day.routes, day.coverage
    return Planned(given, PARAMS, routes, coverage)


def drawn(*nodes: int) -> Trace:
    ids = tuple(between(a, b) for a, b in pairwise(nodes))
    return Trace(nodes, ids)


@pytest.mark.parametrize(
    ("police", "expected"),
    [
        (True, [Broken("police_no_go", "The Shed", 60.0), Broken("no_go", "Quiet House", 60.0)]),
        (False, [Broken("no_go", "Quiet House", 60.0)]),
    ],
)
def test_b19_score_names_the_place_that_a_route_passes(
    police: bool, expected: list[Broken]
) -> None:
    kinds = frozenset({"C1"}) if police else frozenset[str]()
    given = planned(task(no_go=(SHED, QUIET), with_police=kinds))
    found = score_trace(given, 1, drawn(0, 1, 6, 5, 0))
    named = [b for b in found.broken if b.kind in ("police_no_go", "no_go", "site")]
    assert named == expected
    clear = score_trace(given, 1, drawn(0, 5, 0))
    assert not {b.kind for b in clear.broken} & {"police_no_go", "no_go"}


def test_a8_a_route_through_a_school_site_is_told_by_its_street() -> None:
    sites = GRID.segments.assign(in_school_site=np.arange(len(ENDS)) == between(0, 1))
    given = planned(task(replace(GRID, segments=sites), no_go=(QUIET,)))
    found = score_trace(given, 1, drawn(0, 1, 0))
    assert [b.kind for b in found.broken if b.kind != "floor"] == ["site"]


def test_the_planned_walk_is_the_one_with_the_best_style() -> None:
    """But for its direction, in which days differ."""
    rng = np.random.default_rng(4)
    given = task(pupils=rng.normal(0, 50, len(ENDS)))
    day = route_session(given, PARAMS, np.random.default_rng(1))
    route, walk = day.routes[0], day.timed.solution.walks[0]
    assert route.style is not None
    score = score_trace(planned(given), 1, Trace(route.node_ids, route.segment_ids))
    assert score.style == score.planned_style == route.style
    facts = style_facts(day.case, given)
    best = walk_style(walk.edges, walk.nodes, facts)
    back = walk_style(walk.edges[::-1], walk.nodes[::-1], facts)
    assert route.style.about_turns <= best.about_turns
    assert route.style.zigzags <= best.zigzags == back.zigzags
    assert back.with_pupils_share <= best.with_pupils_share
