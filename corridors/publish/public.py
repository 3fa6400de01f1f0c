"""The wall between a plan and the public: the only place that makes a ``PublicPlan``.

What goes through is streets, places, days, bands of time and roles. Streets and places come from
the corridor alone, never from stand points or weights, so that two plans with the same corridors
and the same patrols say the same. Which day walks which street does not come through: a team counts
with all that it walks in the week.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date
from typing import Final

import pandas as pd
import shapely

from corridors.days import days_between, finish_times
from corridors.model import (
    Assignment,
    Corridor,
    Inputs,
    Patrol,
    PatrolRemit,
    Plan,
    PublicCorridor,
    PublicPlace,
    PublicPlan,
    PublicRole,
)
from corridors.profile import Notice, Teams
from corridors.publish.families.bundle import ready, unchecked
from corridors.publish.lonlat import PUBLIC_DECIMALS, LonLat, lines
from corridors.publish.wording import (
    clean,
    clean_name,
    joined,
    long_date,
    school_name,
    slash_date,
    staff_words,
)
from corridors.remit import patrol_remit, patrol_urns, remits_of
from corridors.tables import POLICE_ROLES, Agreements, People, Places, Segments
from corridors.teams.agreement import Entry, covers, entries_of, last_agreed, standing
from corridors.teams.governance import data_sharing_fault, is_police_alone, police_alone_reason
from corridors.teams.protocol_terms import terms_fault

MIN_STREETS: Final = 3
MIN_LENGTH_M: Final = 400.0
PLACE_REACH_M: Final = 60.0
PLACE_KINDS: Final = ("bus_stop", "station", "park")

NO_APPROVALS: Final = (
    "nothing is agreed with the schools, for the workspace keeps no approvals: name a file in "
    "corridors.toml under [approvals], then record who agreed with `corridors approve`"
)

# A corridor is named on a patrol's notice if its team walks this much of it in the week.
SERVED_SHARE: Final = 0.5


@dataclass(frozen=True)
class Publication:
    """What may be published, and for the working page what may not and why."""

    plan: PublicPlan | None
    withheld: tuple[tuple[str, str], ...]  # (corridor id, reason)
    refused: tuple[tuple[str, str], ...]  # (patrol id, reason)
    stopped: tuple[str, ...] = ()  # languages with the reason why they are left out
    unchecked: tuple[str, ...] = ()  # translations that no speaker has read

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why something is not on the notice, each reason once."""
        left_out = (reason for _, reason in (*self.withheld, *self.refused))
        return (*dict.fromkeys(left_out), *self.stopped)


@dataclass(frozen=True)
class _Agreed:
    """What the schools agreed to, beside what the plan has now (C9)."""

    now: Mapping[str, Sequence[PatrolRemit]]  # by URN
    last: Mapping[str, Entry]  # by URN: the agreement that counts
    known: Mapping[str, Sequence[PatrolRemit]]  # by remit: what its hash stands for


def to_public(
    plan: Plan, notice: Notice, teams: Teams, *, notice_version: int = 1
) -> PublicPlan | None:
    """The part of ``plan`` that families may see, or None if nothing may be published."""
    return publication(plan, notice, teams, notice_version=notice_version).plan


def publication(
    plan: Plan,
    notice: Notice,
    teams: Teams,
    *,
    notice_version: int = 1,
    issued_on: date | None = None,
) -> Publication:
    """Decide what may be published.

    A patrol may if a data sharing agreement covers partners' data (F6), it is staffed, its aim is
    confirmed by a person (A1), no party's agreement to the protocol and no field of it is missing
    (B2), there is a written reason if police walk alone (B8), its schools have a single point of
    contact (C5) and agreed to just this patrol (C9), and every role in it has a role card (B6). A
    corridor may if it has at least 3 named streets or 400 m.

    Parameters
    ----------
    notice_version : number printed on the notice; a later one supersedes an earlier (E7).
    issued_on : the day it is given out; the day the plan was made if not told.

    Returns
    -------
    The public plan with the reasons for all that was left out.
    """
    agreed = _agreed(plan)
    refused = tuple(
        (p.patrol_id, r) for p in plan.patrols if (r := _refusal(plan, p, teams, agreed))
    )
    barred = {patrol_id for patrol_id, _ in refused}
    open_patrols = [p for p in plan.patrols if p.patrol_id not in barred]
    corridors: list[PublicCorridor] = []
    withheld: list[tuple[str, str]] = []
    days: list[date] = []
    urns: set[str] = set()
    for corridor in plan.corridors:
        patrols = [p for p in open_patrols if _serves(p, corridor, plan)]
        if not patrols:
            continue
        reason = (
            _too_small(corridor)
            or _no_contact(plan.inputs, corridor, patrols)
            or _not_asked(plan, corridor, agreed)
        )
        if reason:
            withheld.append((corridor.corridor_id, reason))
            continue
        corridors += _public_corridors(plan, corridor, patrols, notice, teams)
        days += [p.day for p in patrols]
        urns |= set(corridor.urns)
    issued_on = issued_on or plan.inputs.made_on
    lead_days = school_days_before(plan.inputs, urns, min(days), issued_on) if days else 0
    made = _public_plan(plan, notice, corridors, notice_version, lead_days)
    made = replace(made, issued_on=issued_on)
    if not corridors:
        return Publication(None, tuple(withheld), refused)
    languages, stopped = ready(made, notice.languages, dict(plan.inputs.translations))
    return Publication(made, tuple(withheld), refused, stopped, unchecked(languages, made))


def cancellation(plan: Plan, notice: Notice, issued_on: date | None = None) -> PublicPlan:
    """What takes the place of an earlier notice when nothing may be published any more (E7)."""
    bare = _public_plan(plan, notice, [], 1, notice.lead_school_days)
    return replace(  # it draws no map
        bare, attribution="", is_cancelled=True, issued_on=issued_on or plan.inputs.made_on
    )


def school_days_before(
    inputs: Inputs, urns: Iterable[str], day: date, issued_on: date | None = None
) -> int:
    """School days of all of ``urns`` from the day of issue until the eve of ``day``.

    The day of issue is the day the plan was made if not told.
    """
    listed = days_between(issued_on or inputs.made_on, day)[:-1]
    open_days = [set(finish_times(inputs.calendar, urn, listed, 0)) for urn in sorted(set(urns))]
    return len(set.intersection(*open_days)) if open_days else 0


def _public_plan(
    plan: Plan, notice: Notice, corridors: list[PublicCorridor], version: int, lead_days: int
) -> PublicPlan:
    return PublicPlan(
        ward_code=plan.inputs.ward.code,
        ward_name=clean_name(plan.inputs.ward.name),
        week_label=plan.inputs.week.label,
        partnership=clean_name(notice.partnership),
        issued_on=plan.inputs.made_on,
        notice_version=version,
        is_unannounced=lead_days < notice.lead_school_days,
        corridors=tuple(
            sorted(corridors, key=lambda c: (c.days, c.start_min, c.schools, c.streets))
        ),
        contact=clean(notice.contact),
        youth_contact=clean(notice.youth_contact),
        services=tuple(clean(s) for s in notice.services),
        attribution=attribution(plan),
        about=clean(notice.about),
    )


def attribution(plan: Plan) -> str:
    """Who made the street data and, if the file says so, when."""
    credit = "© OpenStreetMap contributors"
    found = re.match(r"(\d{4}-\d{2}-\d{2})(?!\d)", plan.inputs.streets.extract_date)
    try:
        when = date.fromisoformat(found.group(1)) if found else None
    except ValueError:
        when = None
    return f"{credit}, map data of {long_date(when)}" if when else credit


def _refusal(plan: Plan, patrol: Patrol, teams: Teams, agreed: _Agreed) -> str | None:
    staffing = patrol.staffing
    if not staffing.is_staffed:
        return f"nobody walks it: {staff_words(staffing.reason)}"
    return next(filter(None, _faults(plan, patrol, teams, agreed)), None)


def _faults(plan: Plan, patrol: Patrol, teams: Teams, agreed: _Agreed) -> Iterator[str | None]:
    """What keeps a staffed patrol off the notice, the first to be mended first."""
    staffing = patrol.staffing
    yield data_sharing_fault(plan.inputs)
    if not staffing.aim_is_confirmed:
        yield "a person has not yet confirmed its aim"
    yield _protocol_fault(plan, patrol)
    cards = [teams.card(role) for role in sorted({a.role for a in staffing.people})]
    blank = [c.role for c in cards if not (c.title.strip() and c.does.strip() and c.looks.strip())]
    if blank:
        yield f"no role card text for {', '.join(blank)}"
    corridor = next((c for c in plan.corridors if c.corridor_id == patrol.corridor_id), None)
    if corridor is None:
        yield f"corridor {clean_name(patrol.corridor_id)} is not in the plan"
        return
    if is_police_alone(staffing) and not police_alone_reason(plan.inputs.aims, corridor.urns):
        yield "only police walk it, and no reason for that is written down with its aim"
    yield _no_contact(plan.inputs, corridor, [patrol])
    yield from _not_agreed(plan, patrol, agreed)


def _protocol_fault(plan: Plan, patrol: Patrol) -> str:
    """Who still has to agree to the protocol, and what it does not say yet (B2)."""
    missing = patrol.staffing.protocol_missing
    parties = f"the protocol is not agreed by {joined(map(clean_name, missing))}" if missing else ""
    level = patrol.staffing.police_level
    terms = terms_fault(level, plan.inputs.protocol_terms, patrol.day)
    return "; ".join(filter(None, (parties, terms)))


def _agreed(plan: Plan) -> _Agreed:
    inputs = plan.inputs
    logged = standing(entries_of(inputs.approvals, inputs.ward.code, inputs.week.label))
    last = {urn: found for urn, rows in logged.items() if (found := last_agreed(rows))}
    return _Agreed(remits_of(plan), last, dict(inputs.remits))


def open_agreements(plan: Plan, patrols: Iterable[Patrol]) -> tuple[str, ...]:
    """What the schools of these patrols have not agreed to yet (C5, C9), each clause once."""
    agreed = _agreed(plan)
    found: list[str] = []
    for patrol in patrols:
        corridor = next((c for c in plan.corridors if c.corridor_id == patrol.corridor_id), None)
        if corridor is None or not patrol.staffing.is_staffed:
            continue
        missing = _no_contact(plan.inputs, corridor, [patrol])
        found += [missing] if missing else _not_agreed(plan, patrol, agreed)
    return tuple(dict.fromkeys(found))


def _not_agreed(plan: Plan, patrol: Patrol, agreed: _Agreed) -> Iterator[str]:
    """Why schools' agreements do not cover the patrol (C9), a clause each."""
    if plan.inputs.approvals is None:
        yield NO_APPROVALS
        return
    for urn in patrol_urns(plan, patrol):
        name = school_name(plan.inputs.schools, urn)
        entry = agreed.last.get(urn)
        if entry is None:
            spoc = clean_name(plan.inputs.agreements.loc[urn, Agreements.spoc])
            yield f"not yet agreed with the {spoc} (SPOC) of {name}"
        elif not covers(entry, patrol_remit(patrol), agreed.now.get(urn, ()), agreed.known):
            yield f"changed since {name} agreed on {slash_date(entry.on)}: agree again"


def _no_contact(inputs: Inputs, corridor: Corridor, patrols: list[Patrol]) -> str | None:
    for urn in corridor.urns:
        if urn not in inputs.agreements.index:
            return f"school {urn} has no agreement on record"
        row = inputs.agreements.loc[urn]
        if not str(row[Agreements.spoc]).strip():
            return f"school {urn} has named no single point of contact"
        withdrawn = row[Agreements.withdrawn_on]
        if pd.notna(withdrawn) and any(p.day >= withdrawn.date() for p in patrols):
            return f"school {urn} has withdrawn"
    return None


def _not_asked(plan: Plan, corridor: Corridor, agreed: _Agreed) -> str | None:
    """A corridor that another one's patrols walk is not named before its own schools agreed."""
    for urn in corridor.urns:
        if urn not in agreed.last:
            name = school_name(plan.inputs.schools, urn)
            return f"{name} has not agreed to any patrol of this week"
    return None


def _too_small(corridor: Corridor) -> str | None:
    named = {name for name in corridor.street_names if name.strip()}
    if len(named) >= MIN_STREETS or (named and corridor.length_m >= MIN_LENGTH_M):
        return None
    return (
        f"it has {len(named)} named streets and {corridor.length_m:.0f} m; so short a stretch "
        f"would point at a place (at least {MIN_STREETS} streets or {MIN_LENGTH_M:.0f} m)"
    )


def _serves(patrol: Patrol, corridor: Corridor, plan: Plan) -> bool:
    if patrol.corridor_id == corridor.corridor_id:
        return True
    ids = list(corridor.segment_ids)
    length_m = plan.network.segments.loc[ids, Segments.length_m]
    walked_m = float(length_m[length_m.index.isin(_week_streets(patrol, plan))].sum())
    return walked_m >= SERVED_SHARE * float(length_m.sum()) > 0


def _week_streets(patrol: Patrol, plan: Plan) -> set[int]:
    """Segments that the patrol's team walks on its corridor on any day of the week."""
    team = patrol.corridor_id, patrol.route.team
    same = (p for p in plan.patrols if (p.corridor_id, p.route.team) == team)
    return {segment_id for p in same for segment_id in p.route.segment_ids}


def _public_corridors(
    plan: Plan, corridor: Corridor, patrols: list[Patrol], notice: Notice, teams: Teams
) -> list[PublicCorridor]:
    """One entry for each band of time. Roles are the whole week's, so that no shift shows."""
    schools = _school_names(plan.inputs, corridor)
    people = [a for p in patrols for a in p.staffing.people]
    return [
        PublicCorridor(
            schools=schools,
            streets=tuple(sorted({clean_name(n) for n in corridor.street_names if n.strip()})),
            places=places_near(plan, corridor),
            days=tuple(days),
            start_min=start_min,
            end_min=end_min,
            roles=_roles(plan.inputs, people, teams),
            officer_names=_officer_names(plan.inputs, people, corridor),
            lines_lon_lat=_drawing(plan, corridor),
        )
        for (start_min, end_min), days in sorted(_bands(patrols, notice.band_min).items())
    ]


def _bands(patrols: list[Patrol], band_min: int) -> dict[tuple[int, int], list[date]]:
    by_day: dict[date, list[tuple[int, int]]] = {}
    for patrol in patrols:
        start = patrol.start_min // band_min * band_min
        end = max(-(-patrol.end_min // band_min) * band_min, start + band_min)
        by_day.setdefault(patrol.day, []).append((start, min(end, 1440)))
    bands: dict[tuple[int, int], list[date]] = {}
    for day, spans in sorted(by_day.items()):
        for band in _merged(spans):
            bands.setdefault(band, []).append(day)
    return bands


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined_up: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined_up and start <= joined_up[-1][1]:
            joined_up[-1] = (joined_up[-1][0], max(end, joined_up[-1][1]))
        else:
            joined_up.append((start, end))
    return joined_up


def _roles(inputs: Inputs, assigned: Sequence[Assignment], teams: Teams) -> tuple[PublicRole, ...]:
    approved = inputs.people[People.plain_clothes_by].str.strip() != ""
    plain = set(inputs.people.index[approved])
    out_of_uniform = {a.role for a in assigned if a.person_id in plain} & set(POLICE_ROLES)
    made = {
        PublicRole(
            clean_name(c.title),
            clean(c.does),
            clean(c.looks),
            c.role in POLICE_ROLES,
            c.role in out_of_uniform,
        )
        for c in map(teams.card, {a.role for a in assigned})
    }
    return tuple(sorted(made, key=astuple))


def _officer_names(
    inputs: Inputs, assigned: Sequence[Assignment], corridor: Corridor
) -> tuple[str, ...]:
    """Officers who are tied to a school of the corridor and agreed to be named (E3)."""
    ids = {a.person_id for a in assigned if a.role == "school_linked_officer"}
    people = inputs.people.loc[sorted(ids & set(inputs.people.index))]
    agreed = people[people[People.print_name]]
    named = zip(agreed[People.name], agreed[People.urns], strict=True)
    return tuple(
        sorted(
            {clean_name(n) for n, urns in named if not set(corridor.urns).isdisjoint(urns.split())}
        )
    )


def _school_names(inputs: Inputs, corridor: Corridor) -> tuple[str, ...]:
    return tuple(sorted({school_name(inputs.schools, urn) for urn in corridor.urns}))


def places_near(plan: Plan, corridor: Corridor) -> tuple[PublicPlace, ...]:
    """Named stops, stations and parks within 60 m of a corridor, from A to Z."""
    places = plan.inputs.streets.places
    open_places = places[places[Places.kind].isin(PLACE_KINDS)]
    if open_places.empty:
        return ()
    streets = shapely.union_all(_shapes(plan, corridor))
    near = open_places[open_places.geometry.distance(streets) <= PLACE_REACH_M]
    named = zip(near[Places.kind], near[Places.name], strict=True)
    return tuple(sorted({PublicPlace(clean_name(n), kind) for kind, n in named if n.strip()}))


def _drawing(plan: Plan, corridor: Corridor) -> tuple[tuple[LonLat, ...], ...]:
    drawn = lines(_shapes(plan, corridor), PUBLIC_DECIMALS)
    return tuple(sorted({min(line, line[::-1]) for line in drawn if len(line) > 1}))


def _shapes(plan: Plan, corridor: Corridor) -> list[shapely.geometry.base.BaseGeometry]:
    return list(plan.network.segments.geometry.loc[list(corridor.segment_ids)])


def notice_states(plan: Plan, made: Publication) -> dict[str, str]:
    """What the public notice says of each patrol, by patrol id, in words for staff."""
    refused, withheld = dict(made.refused), dict(made.withheld)
    late = made.plan is not None and made.plan.is_unannounced
    states = {}
    for patrol in plan.patrols:
        if patrol.patrol_id in refused:
            state = f"Not published: {refused[patrol.patrol_id]}"
        elif patrol.corridor_id in withheld:
            state = f"Not published: corridor {patrol.corridor_id}: {withheld[patrol.corridor_id]}"
        else:
            state = f"On the public notice{', counted as unannounced' if late else ''}"
        states[patrol.patrol_id] = state
    return states


def patrols_told(plan: Plan, made: Publication) -> int:
    """How many of the plan's patrols are on the public notice."""
    refused, withheld = dict(made.refused), dict(made.withheld)
    return sum(
        p.patrol_id not in refused and p.corridor_id not in withheld
        for p in plan.patrols
        if made.plan is not None
    )
