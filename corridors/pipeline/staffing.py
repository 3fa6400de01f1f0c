"""Who walks each route, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from corridors.errors import CorridorsError
from corridors.model import Corridor, Inputs, Patrol, RosterReport, Route, Session, Staffing
from corridors.network.flow import pupils_met
from corridors.pipeline.aims import corridor_aim
from corridors.pipeline.ground import Ground
from corridors.pipeline.routes import Routed
from corridors.pipeline.trust import Trust
from corridors.risk.evidence import statement
from corridors.teams.candidates import people_of
from corridors.teams.figures import costs, school_minutes
from corridors.teams.needs import PatrolNeed
from corridors.teams.records import Records
from corridors.teams.roster import Effort, solve_roster
from corridors.teams.verify import verify_report, verify_roster


@dataclass(frozen=True)
class _Draft:
    """A patrol before its people."""

    need: PatrolNeed
    route: Route
    corridor: Corridor
    why_aim: str


def staff(
    ground: Ground, trust: Trust, routed: tuple[Routed, ...]
) -> tuple[tuple[Patrol, ...], RosterReport, tuple[str, ...]]:
    """A patrol for each day and team with its people, the week in figures, and warnings."""
    drafts = sorted(
        (d for r in routed for d in _drafts(ground, trust, r)), key=lambda d: d.need.patrol_id
    )
    needs = tuple(d.need for d in drafts)
    records, params = records_of(ground.inputs), ground.profile.teams
    roster = solve_roster(needs, records, params, Effort(ground.profile.seed))
    broken = verify_roster(needs, roster.staffings, records, params)
    broken += verify_report(needs, roster.staffings, roster.report, records, params)
    if broken:
        raise CorridorsError(f"the roster check failed: {'; '.join(broken)}")
    staffed = tuple(zip(needs, roster.staffings, strict=True))
    people = people_of(records)
    patrols = tuple(
        replace(_patrol(draft, staffing, trust), costs=costs(((draft.need, staffing),), people))
        for draft, staffing in zip(drafts, roster.staffings, strict=True)
    )
    rolls = {flow.urn: flow.roll for flow in ground.area.flows}
    report = replace(roster.report, schools=school_minutes(staffed, rolls))
    return patrols, report, roster.warnings


def records_of(inputs: Inputs) -> Records:
    """The tables about people."""
    return Records(
        people=inputs.people,
        protocol=inputs.protocol,
        made_on=inputs.made_on,
        consents=inputs.consents,
        absences=inputs.absences,
        last_roster=inputs.last_roster,
        this_roster=inputs.this_roster,
    )


def _drafts(ground: Ground, trust: Trust, routed: Routed) -> Iterator[_Draft]:
    """One a team of a session's day."""
    by_id = {c.corridor_id: c for c in routed.corridors}
    for route in routed.routes:
        corridor = by_id[route.corridor_id]
        on_corridor = set(corridor.segment_ids)
        is_hot = any(h.is_stable and on_corridor & set(h.segment_ids) for h in trust.hot_spots)
        aim = corridor_aim(ground, corridor, has_stable_hot_spot=is_hot)
        met = _pupils_met(ground, routed.session, route)
        need = PatrolNeed(
            patrol_id=f"{routed.day.isoformat()}-S{routed.number}T{route.team}",
            day=routed.day,
            start_min=routed.session.start_min,
            end_min=routed.session.end_min,
            urns=tuple(u for u in corridor.urns if u in routed.session.urns),
            ward_code=ground.inputs.ward.code,
            aim_key=aim.key,
            aim_is_confirmed=aim.is_confirmed,
            pupils_met=met,
        )
        yield _Draft(need, route, corridor, aim.why)


def _pupils_met(ground: Ground, session: Session, route: Route) -> float:
    walked = np.unique(np.array(route.segment_ids, dtype=np.int64))
    return sum(
        pupils_met(ground.area.network, flow, walked)
        for flow in ground.area.flows
        if flow.urn in session.urns
    )


def _patrol(draft: _Draft, staffing: Staffing, trust: Trust) -> Patrol:
    need, evidence = draft.need, draft.corridor.evidence
    hours = len(staffing.people) * need.minutes / 60
    mean_day = evidence.incidents_in_window / evidence.school_days if evidence.school_days else 0.0
    per_day = mean_day * trust.weekday_factor[need.day.weekday()]
    return Patrol(
        patrol_id=need.patrol_id,
        day=need.day,
        start_min=need.start_min,
        end_min=need.end_min,
        corridor_id=draft.corridor.corridor_id,
        route=draft.route,
        statement=statement(evidence, draft.corridor.street_names),
        why_aim=draft.why_aim,
        person_hours_per_incident=(
            hours / per_day if evidence.has_times and hours and per_day else None
        ),
        staffing=staffing,
    )
