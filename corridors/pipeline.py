"""From validated inputs to a week's plan. The stages meet here and nowhere else; no I/O.

``make_plan`` goes ground (streets, schools, flow) → danger (evidence, risk, corridors) → routes →
teams. Each step is a function of the frozen results before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from corridors import __version__, days
from corridors.errors import CalendarError, CorridorsError, InputError
from corridors.model import (
    Corridor,
    Coverage,
    FloatArray,
    Inputs,
    IntArray,
    Network,
    NoPatrol,
    Patrol,
    Plan,
    Route,
    SchoolFlow,
    Session,
    Staffing,
)
from corridors.network.flow import (
    SLOT_MIN,
    departed_by,
    find_demand,
    present_by_slot,
    pupils_met,
    school_flow,
)
from corridors.network.gates import find_gates
from corridors.network.scope import schools_in_scope, takes_part_on
from corridors.network.segments import build_network
from corridors.network.snapping import snap
from corridors.patrols.session import Task, route_session
from corridors.patrols.stands import choose_stands
from corridors.profile import Profile
from corridors.risk.corridors import find_shapes
from corridors.risk.density import segment_density
from corridors.risk.evidence import (
    PLACE_ONLY,
    Placed,
    evidence_for,
    place,
    statement,
    why_not,
)
from corridors.risk.incident_time import window_weights
from corridors.risk.lattice import build_lattice
from corridors.tables import ConfirmedAims, Gates, Incidents, Segments, StartPoints
from corridors.teams.aims import choose_aim
from corridors.teams.needs import PatrolNeed
from corridors.teams.roster import solve_roster
from corridors.teams.verify import verify_roster

Progress = Callable[[str, float], None]  # stage name, share of all work done, 0-1
_NO_STREET = "no street within 150 m of its gates"
_NO_DAYS = "closed, or withdrawn, on every day of the week that is left"
_ONE_PLACE_SHARE = 0.5  # more of a corridor's evidence at one position than this is told
_TOLD_REACH_M = 200.0


def make_plan(inputs: Inputs, profile: Profile, progress: Progress | None = None) -> Plan:
    """Plan a ward's week.

    Parameters
    ----------
    inputs : validated tables in EPSG:27700, see ``model.Inputs``.
    profile : the policy profile; every number used is copied into ``Plan.parameters``.
    progress : called with a stage name and the share of all work done.

    Returns
    -------
    The plan. Schools without a patrol are in ``Plan.no_patrol`` with the reason (A3).

    Raises
    ------
    WardError, CalendarError, InputError
        If the ward has no streets, the week no school day, or the calendar does not reach the
        incidents.
    CorridorsError
        If an independent check finds a broken rule: a bug.
    """
    tell = progress or (lambda _stage, _share: None)
    tell("streets", 0.0)
    network = build_network(inputs.streets, inputs.ward, profile.streets)
    tell("schools", 0.2)
    ground = _schools(inputs, profile, network)
    tell("risk", 0.3)
    danger = _danger(ground)
    tell("routes", 0.45)
    routed = _route_all(ground, danger, tell)
    tell("teams", 0.85)
    patrols, roster_warnings = _staff(ground, routed)
    left_out = {*ground.left_out, *danger.left_out, *(n for r in routed for n in r.left_out)}
    plan = Plan(
        inputs=inputs,
        profile_name=profile.name,
        version=__version__,
        network=network,
        gates=ground.gates,
        flows=ground.flows,
        flow_slots=_flow_slots(ground),
        slot_start_min=tuple(_slots(ground.sessions).tolist()),
        risk_per_m=danger.risk_per_m,
        has_times=danger.placed.has_times,
        corridors=danger.corridors,
        no_patrol=tuple(sorted(left_out, key=lambda n: (n.urn, n.reason))),
        sessions=ground.sessions,
        patrols=patrols,
        coverage=tuple((i, r.coverage) for i, r in enumerate(routed) if r.coverage is not None),
        warnings=(
            *_warnings(ground, danger, routed),
            *_unsupported(danger, patrols),
            *roster_warnings,
        ),
        parameters=tuple(_flatten("", profile)),
    )
    tell("done", 1.0)
    return plan


# --- ground --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Ground:
    """The streets, the schools that take part, where their pupils come out, and when."""

    inputs: Inputs
    profile: Profile
    network: Network
    gates: pd.DataFrame  # tables.Gates
    flows: tuple[SchoolFlow, ...]  # by URN
    week: dict[str, dict[date, int]]  # finish by URN and day of the week planned
    past: dict[str, dict[date, int]]  # the same in the time that the incidents cover
    sessions: tuple[Session, ...]
    left_out: tuple[NoPatrol, ...]
    home_source: str

    @property
    def length_m(self) -> FloatArray:
        """(n) segment lengths."""
        out: FloatArray = self.network.segments[Segments.length_m].to_numpy(dtype=float)
        return out


def _schools(inputs: Inputs, profile: Profile, network: Network) -> _Ground:
    scope = schools_in_scope(
        inputs.schools, inputs.agreements, inputs.ward, inputs.made_on, profile.scope
    )
    places = inputs.streets.places
    gates = find_gates(network, inputs.schools, scope.urns, places, inputs.gate_overrides)
    demand = find_demand(network, places, inputs.child_areas)
    with_gate = sorted(set(gates[Gates.urn]))
    flows = tuple(
        school_flow(
            network, gates[gates[Gates.urn] == u], inputs.schools.loc[u], demand, profile.flow
        )
        for u in with_gate
    )
    week = _open_days(inputs, with_gate, profile)
    sessions = days.sessions(week, profile.window)
    if with_gate and not sessions:
        raise CalendarError(
            f"no school that takes part is open in week {inputs.week.label}",
            value=f"{inputs.week.days[0]:%d/%m/%Y} to {inputs.week.days[-1]:%d/%m/%Y}",
            fix="Choose a week in term, or add term dates to the calendar file",
        )
    return _Ground(
        inputs=inputs,
        profile=profile,
        network=network,
        gates=gates,
        flows=flows,
        week=week,
        past=days.ward_finishes(
            inputs.calendar, with_gate, _evidence_days(inputs.incidents), profile.window
        ),
        sessions=sessions,
        left_out=(
            *scope.left_out,
            *(NoPatrol(u, _NO_STREET) for u in scope.urns if u not in with_gate),
            *(NoPatrol(u, _NO_DAYS) for u in with_gate if not week[u]),
        ),
        home_source=demand.home_source,
    )


def _open_days(inputs: Inputs, urns: list[str], profile: Profile) -> dict[str, dict[date, int]]:
    """Finish times by URN on the days of the week still to come on which the school takes part."""
    to_come = [day for day in inputs.week.days if day >= inputs.made_on]
    if not to_come:
        raise CalendarError(
            f"week {inputs.week.label} is over",
            value=f"{inputs.week.days[-1]:%d/%m/%Y}",
            fix="Choose a later week; to make an old plan again, give its date with --made-on",
        )
    week = days.ward_finishes(inputs.calendar, urns, to_come, profile.window)
    return {
        urn: {d: f for d, f in by_day.items() if takes_part_on(inputs.agreements, urn, d)}
        for urn, by_day in week.items()
    }


def _evidence_days(incidents: pd.DataFrame) -> list[date]:
    if not len(incidents):
        raise InputError(
            "no incident could be used", fix="See `corridors check` for what was dropped and why"
        )
    months = incidents[Incidents.month]
    return days.days_between(months.min().date(), (months.max() + pd.offsets.MonthEnd(0)).date())


def _slots(sessions: tuple[Session, ...]) -> IntArray:
    """Starts of the 5-minute slots of the session with the most days, local minutes."""
    if not sessions:
        return np.zeros(0, dtype=np.int64)
    main = max(sessions, key=lambda s: (len(s.days), len(s.urns), -s.start_min))
    return np.arange(main.start_min, main.end_min, SLOT_MIN, dtype=np.int64)


def _flow_slots(ground: _Ground) -> FloatArray:
    """Pupils of all schools who pass each segment in each slot, on their usual finish: (n, k)."""
    slots = _slots(ground.sessions)
    total = np.zeros((len(ground.network.segments), len(slots)))
    for flow in ground.flows:
        finishes = sorted(ground.week[flow.urn].values())
        if finishes:
            usual = max(set(finishes), key=lambda f: (finishes.count(f), f))
            total += present_by_slot(flow, usual, slots, ground.profile.flow)
    return total


# --- danger --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Danger:
    """The evidence on the streets, and the corridors that it carries."""

    placed: Placed
    risk_per_m: FloatArray  # (n)
    corridors: tuple[Corridor, ...]
    left_out: tuple[NoPatrol, ...]


def _danger(ground: _Ground) -> _Danger:
    placed = _place_incidents(ground)
    risk = ground.profile.risk
    used = (placed.segment_id >= 0) & (placed.weight > 0)
    risk_per_m = segment_density(
        build_lattice(ground.network, risk.cell_m),
        placed.segment_id[used],
        placed.offset_m[used],
        placed.weight[used],
        bandwidth_m=risk.bandwidth_m,
    )
    corridors, left_out = _corridors(ground, placed, risk_per_m)
    return _Danger(placed, risk_per_m, corridors, left_out)


def _place_incidents(ground: _Ground) -> Placed:
    incidents = ground.inputs.incidents
    starts_us, ends_us = days.window_intervals_us(ground.past.values(), ground.profile.window)
    weights = window_weights(incidents, starts_us, ends_us)
    if ground.flows and weights.notna().any() and not len(starts_us):
        months = incidents[Incidents.month]
        raise CalendarError(
            "the calendar has no school day in the time that the incidents cover",
            value=f"{months.min():%m/%Y} to {months.max():%m/%Y}",
            fix="Add the term dates of those years to the calendar file",
        )
    snapped = snap(
        ground.network,
        incidents[Incidents.x_m].to_numpy(),
        incidents[Incidents.y_m].to_numpy(),
        reach_m=ground.profile.risk.snap_reach_m,
    )
    school_days = {day for by_day in ground.past.values() for day in by_day}
    return place(incidents, snapped, weights, school_days=len(school_days))


def _corridors(
    ground: _Ground, placed: Placed, risk_per_m: FloatArray
) -> tuple[tuple[Corridor, ...], tuple[NoPatrol, ...]]:
    """Corridors with enough evidence, and the schools whose corridors have not (A3)."""
    params = ground.profile.risk
    shapes = find_shapes(ground.network, risk_per_m, ground.flows, params)
    reached = {u for s in shapes for u in s.urns}
    left_out = [
        NoPatrol(f.urn, "no patrol recommended: no reported incident on its pupils' walks")
        for f in ground.flows
        if f.urn not in reached
    ]
    found: list[Corridor] = []
    for shape in shapes:
        evidence = evidence_for(placed, shape.segment_ids, _source_names(ground.inputs), params)
        reason = why_not(evidence, params)
        if reason:
            left_out += [NoPatrol(u, f"no patrol recommended: {reason}") for u in shape.urns]
            continue
        rows = ground.network.segments.loc[list(shape.segment_ids)]
        found.append(
            Corridor(
                corridor_id=f"C{len(found) + 1}",
                urns=shape.urns,
                segment_ids=shape.segment_ids,
                street_names=tuple(sorted({n for n in rows[Segments.name] if n})),
                length_m=float(rows[Segments.length_m].sum()),
                value_share=shape.value_share,
                evidence=evidence,
            )
        )
    return tuple(found), tuple(left_out)


def _source_names(inputs: Inputs) -> tuple[str, ...]:
    names = sorted(s.file_name for s in inputs.sources if s.kind == "incidents")
    return (f"{len(names)} files, {names[0]} to {names[-1]}",) if len(names) > 3 else tuple(names)


# --- routes --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Routed:
    """A session with its routes; ``coverage`` is None where it has no corridor."""

    session: Session
    routes: tuple[Route, ...] = ()
    corridors: tuple[Corridor, ...] = ()
    coverage: Coverage | None = None
    left_out: tuple[NoPatrol, ...] = ()
    number: int = 1  # of the week, in patrol ids


def _route_all(ground: _Ground, danger: _Danger, tell: Progress) -> tuple[_Routed, ...]:
    """Every session's routes. Sessions that differ only in the hour walk the same ones."""
    known: dict[tuple[tuple[str, ...], int], _Routed] = {}
    routed: list[_Routed] = []
    for number, session in enumerate(ground.sessions):
        alike = (session.urns, session.end_min - session.start_min)
        if alike not in known:
            known[alike] = _route(ground, danger, number, tell)
        routed.append(replace(known[alike], session=session, number=number + 1))
    return tuple(routed)


def _route(ground: _Ground, danger: _Danger, number: int, tell: Progress) -> _Routed:
    session = ground.sessions[number]
    params = ground.profile.patrols
    here = [c for c in danger.corridors if set(c.urns) & set(session.urns)]
    here.sort(key=lambda c: (-c.evidence.incidents_in_window, c.corridor_id))
    chosen, others = tuple(here[: params.max_teams]), here[params.max_teams :]
    if not chosen:
        return _Routed(session)
    value = _value(ground, danger.risk_per_m, session)
    gates_m = ground.gates[[Gates.x_m, Gates.y_m]].to_numpy(dtype=float)
    places = ground.inputs.streets.places
    task = Task(
        network=ground.network,
        corridors=chosen,
        value=value,
        stands={
            c.corridor_id: choose_stands(ground.network, c, value, places, gates_m, params)
            for c in chosen
        },
        ends={c.corridor_id: e for c in chosen if (e := _told_ends(ground, c)) is not None},
        window_s=(session.end_min - session.start_min) * 60,
    )
    routes, coverage = route_session(
        task,
        params,
        _rng(ground.profile.seed, "routes", str((session.urns, task.window_s))),
        lambda done, of: tell("routes", _routed_share(number + done / max(of, 1), ground)),
    )
    reason = f"all {params.max_teams} teams are on corridors with more evidence"
    left_out = tuple(NoPatrol(u, reason) for c in others for u in c.urns)
    return _Routed(session, routes, chosen, coverage, left_out)


def _routed_share(sessions_done: float, ground: _Ground) -> float:
    return min(0.45 + 0.4 * sessions_done / len(ground.sessions), 0.85)


def _value(ground: _Ground, risk_per_m: FloatArray, session: Session) -> FloatArray:
    """Risk x pupils who pass before the session ends: (n)."""
    pupils = np.zeros(len(ground.network.segments))
    after_bell_min = session.end_min - session.start_min - ground.profile.window.lead_min
    for flow in ground.flows:
        if flow.urn in session.urns:
            reached = np.isfinite(flow.arrival_s)
            delay_min = after_bell_min - flow.arrival_s[reached] / 60
            pupils[reached] += flow.walkers[reached] * departed_by(delay_min, ground.profile.flow)
    in_site = ground.network.segments[Segments.in_school_site].to_numpy()
    return np.where(in_site, 0.0, risk_per_m * ground.length_m * pupils)


def _told_ends(ground: _Ground, corridor: Corridor) -> tuple[int, int] | None:
    """Start and end nodes where the starts file names one of the corridor's schools."""
    starts = ground.inputs.starts
    told = [u for u in corridor.urns if u in starts.index]
    if not told:
        return None
    row = starts.loc[told[0]]
    at = snap(
        ground.network,
        np.array([row[StartPoints.start_x_m], row[StartPoints.end_x_m]]),
        np.array([row[StartPoints.start_y_m], row[StartPoints.end_y_m]]),
        reach_m=_TOLD_REACH_M,
    )
    if (at["segment_id"] < 0).any():
        raise InputError(
            f"the start or end is more than {_TOLD_REACH_M:g} m from any street near this ward",
            file="starts file",
            column="start_easting … end_northing",
            value=told[0],
            fix="Correct its eastings and northings",
        )
    rows = ground.network.segments.loc[at["segment_id"]]
    nearer_u = at["offset_m"].to_numpy() <= rows[Segments.length_m].to_numpy() / 2
    start, end = np.where(nearer_u, rows[Segments.u], rows[Segments.v]).tolist()
    return start, end


def _rng(seed: int, stage: str, key: str) -> np.random.Generator:
    """A generator of its own for each stage and key, whatever ran before it."""
    digest = hashlib.sha256(f"{stage}|{key}".encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


# --- teams ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Draft:
    """A patrol before its people."""

    need: PatrolNeed
    route: Route
    corridor: Corridor
    why_aim: str


def _staff(
    ground: _Ground, routed: tuple[_Routed, ...]
) -> tuple[tuple[Patrol, ...], tuple[str, ...]]:
    drafts = sorted((d for r in routed for d in _drafts(ground, r)), key=lambda d: d.need.patrol_id)
    needs = tuple(d.need for d in drafts)
    inputs, params = ground.inputs, ground.profile.teams
    roster = solve_roster(
        needs, inputs.people, inputs.protocol, inputs.made_on, params, seed=ground.profile.seed
    )
    broken = verify_roster(needs, roster.staffings, inputs.people, params)
    if broken:
        raise CorridorsError(f"the roster check failed: {'; '.join(broken)}")
    patrols = tuple(
        _patrol(draft, staffing) for draft, staffing in zip(drafts, roster.staffings, strict=True)
    )
    return patrols, roster.warnings


def _drafts(ground: _Ground, routed: _Routed) -> Iterator[_Draft]:
    """One a day and team of a session."""
    aims = ground.inputs.aims
    by_id = {c.corridor_id: c for c in routed.corridors}
    for route in routed.routes:
        corridor = by_id[route.corridor_id]
        confirmed = tuple(
            str(aims.at[u, ConfirmedAims.aim]) for u in corridor.urns if u in aims.index
        )
        aim = choose_aim(
            corridor.evidence.by_group,
            corridor.evidence.has_times,
            confirmed,
            ground.profile.teams,
        )
        met = _pupils_met(ground, routed.session, route)
        for day in routed.session.days:
            need = PatrolNeed(
                patrol_id=f"{day.isoformat()}-S{routed.number}T{route.team}",
                day=day,
                start_min=routed.session.start_min,
                end_min=routed.session.end_min,
                urns=tuple(u for u in corridor.urns if u in routed.session.urns),
                ward_code=ground.inputs.ward.code,
                aim_key=aim.key,
                aim_is_confirmed=aim.is_confirmed,
                pupils_met=met,
            )
            yield _Draft(need, route, corridor, aim.why)


def _pupils_met(ground: _Ground, session: Session, route: Route) -> float:
    walked = np.unique(np.array(route.segment_ids, dtype=np.int64))
    return sum(
        pupils_met(ground.network, flow, walked)
        for flow in ground.flows
        if flow.urn in session.urns
    )


def _patrol(draft: _Draft, staffing: Staffing) -> Patrol:
    need, evidence = draft.need, draft.corridor.evidence
    hours = len(staffing.people) * need.minutes / 60
    per_day = evidence.incidents_in_window / evidence.school_days if evidence.school_days else 0.0
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


# --- what to tell --------------------------------------------------------------------------------


def _warnings(ground: _Ground, danger: _Danger, routed: tuple[_Routed, ...]) -> tuple[str, ...]:
    found: list[str] = []
    placed = danger.placed
    if not placed.has_times:
        found.append(f"{PLACE_ONLY}. Nothing here says what happens after school.")
    assumed = [f"{f.urn}: {f.roll:g}" for f in ground.flows if f.roll_is_assumed]
    if assumed:
        found.append(
            f"The register gives no number of pupils; assumed by URN: {', '.join(assumed)}."
        )
    if ground.home_source == "street length":
        found.append("No addresses or child population: homes are spread evenly along streets.")
    for corridor in danger.corridors:
        share = corridor.evidence.one_place_share
        if corridor.evidence.has_times and share > _ONE_PLACE_SHARE:
            found.append(
                f"Corridor {corridor.corridor_id}: {share:.0%} of its evidence is recorded at one "
                "position. Check that it is no station desk before you rely on it."
            )
    closed = [r for r in routed if r.coverage is not None and r.coverage.stopped_by_clock]
    if closed:
        found.append("The clock stopped the route search: another run may differ.")
    for r in routed:
        if r.coverage is None:
            continue
        for key in r.coverage.floor_missed:
            proof = "proven impossible for" if key in r.coverage.floor_impossible else "not met by"
            found.append(
                f"Corridor {key}: the floor of {ground.profile.patrols.floor_share:.0%} is "
                f"{proof} these teams."
            )
    return tuple(dict.fromkeys(found))


def _unsupported(danger: _Danger, patrols: tuple[Patrol, ...]) -> tuple[str, ...]:
    """Police on the street although no source says when anything happened."""
    police = sum(patrol.staffing.police_minutes > 0 for patrol in patrols)
    if danger.placed.has_times or not police:
        return ()
    warning = (
        f"{police} patrols have police because a person confirmed their aim. Without times of day "
        "the evidence cannot ask for police after school."
    )
    return (warning,)


def _flatten(path: str, value: object) -> Iterator[tuple[str, str]]:
    """Every number and word of the profile with its path."""
    if is_dataclass(value):
        for field in fields(value):
            inner = f"{path}.{field.name}" if path else field.name
            yield from _flatten(inner, getattr(value, field.name))
    elif isinstance(value, tuple) and any(is_dataclass(v) for v in value):
        for i, item in enumerate(value):
            yield from _flatten(f"{path}[{i}]", item)
    else:
        shown = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield path, shown
