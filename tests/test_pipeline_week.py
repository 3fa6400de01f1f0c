"""A week's days together: what they share, what rests, what they may not show."""

from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from support_plans import OTHER_WARD, WARD, load, planned, write_demo

from corridors.errors import CorridorsError
from corridors.model import Plan, Route
from corridors.pipeline import make_plan, routes, week
from corridors.pipeline.danger import Danger, find_danger
from corridors.pipeline.ground import Ground, find_ground
from corridors.pipeline.piece import find_piece
from corridors.pipeline.routes import Routed
from corridors.pipeline.week import Past, Walked, check_week, route_minutes
from corridors.profile import Profile
from corridors.publish.families.notice import render_notice
from corridors.publish.public import to_public
from corridors.tables import Segments

MONDAY = date(2026, 3, 2)


def quiet(_stage: str, _share: float) -> None:
    """No progress is shown."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("week"))


@pytest.fixture(scope="module")
def made(demo) -> tuple[Ground, Danger]:
    return ground_of(demo, WARD)


def ground_of(demo: Path, ward: str) -> tuple[Ground, Danger]:
    inputs, profile = load(demo, ward)
    short = replace(profile, patrols=replace(profile.patrols, iterations=3))
    ground = find_ground(find_piece(inputs, short))
    return ground, find_danger(ground)


def with_profile(ground: Ground, profile: Profile) -> Ground:
    area = replace(ground.area, profile=profile)
    return replace(ground, piece=replace(ground.piece, area=area))


def capped(ground: Ground, **caps: float) -> Ground:
    profile = ground.profile
    return with_profile(ground, replace(profile, guards=replace(profile.guards, **caps)))


def as_walked(routed: tuple[Routed, ...]) -> list[Walked]:
    return [
        Walked(r.day, r.task.value, r.task.whole, r.routes) for r in routed if r.task is not None
    ]


def patrolled(routed: tuple[Routed, ...]) -> dict[int, set[date]]:
    """The days on which each segment was walked while it was worth something."""
    found: dict[int, set[date]] = {}
    for r in routed:
        for segment in {s for route in r.routes for s in route.segment_ids}:
            if r.task.value[segment] > 0:
                found.setdefault(segment, set()).add(r.day)
    return found


# --- worth --------------------------------------------------------------------------------------


def test_each_day_is_worth_what_the_days_before_leave(made):
    routed = routes.route_all(*made, quiet)
    by_day = sorted(routed, key=lambda r: r.day)
    assert len({r.day for r in by_day}) == 5
    for before, after in combinations(by_day, 2):
        assert (after.task.value <= after.task.whole).all()
        walked = sorted({s for route in before.routes for s in route.segment_ids})
        if (after.day - before.day).days == 1:
            assert after.task.value[walked] == pytest.approx(0.7 * after.task.whole[walked])
    first = by_day[0]
    assert (first.task.value == first.task.whole).all()
    assert check_week(as_walked(routed), made[1].dosage.visited, *network_of(made[0])) == ()


def network_of(ground: Ground):
    return ground.area.network, ground.profile


def test_sessions_at_other_hours_are_of_the_same_week(made):
    """The early close of Wednesday is a session of its own; its day follows Tuesday's."""
    routed = routes.route_all(*made, quiet)
    wednesday = next(r for r in routed if r.number == 2)
    assert wednesday.day == date(2026, 3, 4)
    assert {r.kind for r in routed} == {0}
    assert wednesday.coverage.total < routed[0].coverage.total


def test_stands_corridors_and_teams_stay_all_week(demo):
    for ward in (WARD, OTHER_WARD):
        plan = planned(demo, ward)
        for number in range(len(plan.sessions)):
            mine = [p for p in plan.patrols if f"-S{number + 1}T" in p.patrol_id]
            teams = {}
            for patrol in mine:
                stood = sorted(stand.name for _, stand in patrol.route.stands)
                teams.setdefault(patrol.day, {})[patrol.route.team] = (patrol.corridor_id, stood)
            assert len({str(sorted(of.items())) for of in teams.values()}) == 1


def test_no_two_days_of_a_team_are_the_same_timetable(demo):
    plan = planned(demo, OTHER_WARD)
    for team in (1, 2):
        mine = [p.route for p in plan.patrols if p.route.team == team and "-S1T" in p.patrol_id]
        assert len(mine) == 4
        assert len({(r.node_ids, r.begin_s, r.leave_s) for r in mine}) == 4


# --- dosage -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cap", [1, 2, 4])
def test_the_weeks_own_days_count_towards_the_cap(made, cap):
    ground, danger = made
    routed = routes.route_all(capped(ground, dosage_days=cap), danger, quiet)
    assert max(map(len, patrolled(routed).values())) == cap
    late = [r for r in routed if (r.day - MONDAY).days >= cap]
    # All streets of its one corridor were walked each day, so that all of it rests from then on.
    assert all(r.coverage is None and not r.routes for r in late)
    assert all(any("has no patrol on" in note for note in r.notes) for r in late)
    assert all(r.routes for r in routed if r not in late)


def test_the_record_counts_with_the_weeks_days(made):
    ground, danger = made
    record = danger.dosage.visited
    street = max(patrolled(routes.route_all(*made, quiet)))
    days = record.days.copy()
    days[street] = 13  # of 15: two more are allowed
    dosage = replace(danger.dosage, visited=replace(record, days=days))
    routed = routes.route_all(ground, replace(danger, dosage=dosage), quiet)
    when = patrolled(routed)
    assert when[street] <= {MONDAY, date(2026, 3, 3)}
    resting = [r for r in routed if r.day > date(2026, 3, 3)]
    assert all(r.task.value[street] == 0 for r in resting)
    assert all(any("patrols rest on all or part of" in n for n in r.notes) for r in resting)
    assert max(map(len, (d for s, d in when.items() if s != street))) == 5


def test_minutes_of_the_week_count_too(made):
    ground, danger = made
    (monday, *_) = routes.route_all(*made, quiet)
    busiest = sum(route_minutes(r, ground.area.network) for r in monday.routes)
    few = float(np.sort(busiest[busiest > 0])[0])
    routed = routes.route_all(capped(ground, dosage_minutes=few), danger, quiet)
    assert max(map(len, patrolled(routed).values())) == 1


def test_minutes_are_walks_and_stands_in_all_rounds(made):
    network = made[0].area.network
    (monday, *_) = routes.route_all(*made, quiet)
    (route,) = monday.routes
    minutes = route_minutes(route, network)
    walk_s = network.segments[Segments.walk_s]
    alone = replace(route, stands=(), rounds=1)
    assert route_minutes(alone, network).sum() * 60 == pytest.approx(
        walk_s.loc[list(route.segment_ids)].clip(lower=1).sum()
    )
    assert (minutes > 0).sum() == len(set(route.segment_ids))
    assert (minutes >= route.rounds * route_minutes(alone, network) - 1e-9).all()
    assert minutes.sum() > route.rounds * route_minutes(alone, network).sum()


def test_the_past_forgets_nothing(made):
    ground = made[0]
    network = ground.area.network
    (monday, tuesday, *_) = routes.route_all(*made, quiet)
    past = Past.none(len(network.segments))
    params = ground.profile.patrols
    assert (past.kept(MONDAY, params) == 1).all()
    past = past.after(monday.day, monday.routes, network)
    past = past.after(tuesday.day, (), network)  # nobody walked
    walked = sorted({s for route in monday.routes for s in route.segment_ids})
    kept = past.kept(date(2026, 3, 4), params)
    assert kept[walked] == pytest.approx(0.85)
    assert (np.delete(kept, walked) == 1).all()
    assert past.walked.days[walked].tolist() == [1] * len(walked)


# --- the check ----------------------------------------------------------------------------------


def test_the_check_finds_what_it_is_there_for(made, monkeypatch):
    ground, danger = made
    routed = routes.route_all(*made, quiet)
    record, (network, profile) = danger.dosage.visited, network_of(ground)
    walked = as_walked(routed)
    tight = replace(profile, guards=replace(profile.guards, dosage_days=4))
    faults = check_week(walked, record, network, tight)
    assert any("is patrolled on 2026-03-06 after 4 days" in f for f in faults)
    brief = replace(profile, guards=replace(profile.guards, dosage_minutes=1e-6))
    assert any("is patrolled on 2026-03-03 after 1 days" in f for f in check_week(
        walked, record, network, brief))  # fmt: skip
    had = replace(record, days=record.days + 15)
    assert any("on 2026-03-02 after 15 days" in f for f in check_week(
        walked, had, network, profile))  # fmt: skip
    # A day whose worths were not reduced, and one that has more than there is.
    naive = [replace(walked[1], value=walked[1].whole), walked[0]]
    assert any("is worth" in f for f in check_week(naive, record, network, profile))
    more = [replace(walked[0], value=2 * walked[0].whole)]
    assert any("is worth" in f for f in check_week(more, record, network, profile))
    monkeypatch.setattr(Past, "kept", lambda self, *_: np.ones(len(self.last_day)))
    with pytest.raises(CorridorsError, match="the check of the week failed"):
        routes.route_all(*made, quiet)


def test_a_cap_that_is_not_kept_stops_the_plan(made, monkeypatch):
    ground, danger = made
    monkeypatch.setattr(week, "had_enough", lambda visited, _: visited.days > 99)
    with pytest.raises(CorridorsError, match="is patrolled on"):
        routes.route_all(capped(ground, dosage_days=2), danger, quiet)


# --- what the clock and the public see -----------------------------------------------------------


def test_a_search_stopped_by_the_clock_says_so(demo):
    inputs, profile = load(demo, OTHER_WARD)
    quick = replace(profile.patrols, max_seconds=1e-9, stands_per_corridor=1, round_min=20)
    stopped = make_plan(inputs, replace(profile, patrols=quick))
    assert any(c.stopped_by_clock for *_, c in stopped.coverage)
    assert any("The clock stopped the route search" in w for w in stopped.warnings)
    enough = make_plan(
        inputs, replace(profile, patrols=replace(quick, max_seconds=600.0, iterations=2))
    )
    assert not any(c.stopped_by_clock for *_, c in enough.coverage)
    assert not any("The clock" in w for w in enough.warnings)


def test_the_seconds_of_a_ward_are_dealt_over_its_days(made):
    ground = made[0]
    short = replace(ground.profile.patrols, max_seconds=20.0, iterations=200)
    ground = with_profile(ground, replace(ground.profile, patrols=short))
    shared = routes._shared_out(ground, 5)
    # One first day and four later ones of a quarter of the iterations each.
    assert shared.max_seconds == pytest.approx(20.0 / (1 + 4 * 50 / 200))
    assert replace(shared, max_seconds=20.0) == short


def with_routes(plan: Plan, moved: dict[str, Route]) -> Plan:
    patrols = tuple(replace(p, route=moved.get(p.patrol_id, p.route)) for p in plan.patrols)
    return replace(plan, patrols=patrols)


def test_the_notice_does_not_show_which_day_walks_which_street(demo):
    """The routes of a team's days, dealt to other days, leave every byte as it is."""
    profile = load(demo, WARD)[1]
    plan = planned(demo, WARD)
    mine = [p for p in plan.patrols if p.route.team == 1]
    short = replace(mine[0].route, segment_ids=(), node_ids=mine[0].route.node_ids[:1])
    plan = with_routes(plan, {mine[1].patrol_id: short})  # a day that walks hardly anything
    public = to_public(plan, profile.notice, profile.teams)
    assert public is not None
    page = render_notice(public)
    assert len({d for c in public.corridors for d in c.days}) == len({p.day for p in mine})
    for shift in range(1, len(mine)):
        dealt = {
            p.patrol_id: with_routes(plan, {}).patrols[plan.patrols.index(q)].route
            for p, q in zip(
                (p for p in plan.patrols if p.route.team == 1),
                np.roll([q for q in plan.patrols if q.route.team == 1], shift).tolist(),
                strict=True,
            )
        }
        other = to_public(with_routes(plan, dealt), profile.notice, profile.teams)
        assert render_notice(other) == page
