"""The briefing for a partnership meeting: a page for the week, one for each corridor.

OFFICIAL-SENSITIVE. It names no person: a meeting decides about mixes, not about people.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from corridors.arrays import IntArray
from corridors.model import Corridor, Patrol, Plan, local_time
from corridors.network.flow import pupils_met
from corridors.profile import Mix, Profile, Teams
from corridors.publish.bands import (
    FLOW_BANDS,
    RISK_BANDS,
    flow_bands,
    flow_words,
    pupils,
    risk_bands,
    risk_words,
)
from corridors.publish.cards import (
    MARKING,
    POLICE_WORDS,
    also_in_words,
    coverage_words,
    in_order,
    people_on,
    protocol_words,
    school_name,
    session_of,
    session_words,
)
from corridors.publish.corridor_rows import CorridorRow, corridor_row
from corridors.publish.costs import WEEK_STEP_GBP
from corridors.publish.decisions import Decision, corridor_decisions, ward_decisions
from corridors.publish.layers import ROUTE_LOOKS, look_of
from corridors.publish.pages import asset, render
from corridors.publish.public import Publication, attribution, patrols_told, places_near
from corridors.publish.roster_figures import (
    NOT_TOLD,
    RosterFigures,
    exposure_words,
    roster_figures,
)
from corridors.publish.small_maps import HEIGHT, WIDTH, SmallMaps, small_maps
from corridors.publish.trust import finding_rows, hot_spot_rows
from corridors.publish.wording import (
    clean,
    clean_name,
    joined,
    place_words,
    slash_date,
    some,
    staff_words,
    weekdays_words,
)
from corridors.publish.working_map import CAUTION
from corridors.tables import POLICE_ROLES, Segments
from corridors.teams.attendance import SMALLEST_TOLD
from corridors.teams.mixes import mix_in_words
from corridors.teams.parts import mix_of

FEW_REPORTS: Final = 20  # below it the briefing says that so few move by chance
ONE_PLACE_SHARE: Final = 0.5  # of the reports' weight at one position: the briefing says so


@dataclass(frozen=True)
class WalkRow:
    """Patrols that are alike but for their day."""

    days: str
    time: str
    team: str
    people: str
    police: str
    protocol: str


@dataclass(frozen=True)
class MixRow:
    """What a way to staff the corridor's patrols would mean for pupils (A6, B4)."""

    mix: str
    minutes: str
    exposure: str
    is_plan: bool = False


@dataclass(frozen=True)
class TeamKey:
    """A team's line on the map of routes, and its walk in words."""

    label: str
    colour: str
    dash: str
    words: str


@dataclass(frozen=True)
class CorridorPage:
    """One corridor for a meeting. Every text is cleaned, none is escaped."""

    number: int
    row: CorridorRow
    facts: tuple[tuple[str, str], ...]
    maps: SmallMaps
    where: str
    risk: str
    pupils: str
    teams: tuple[TeamKey, ...]
    hot_spots: tuple[str, ...]
    walks: tuple[WalkRow, ...]
    aim: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    mixes: tuple[MixRow, ...]
    compared: tuple[str, ...]  # with and without police, in words
    exposure: str
    fairness: tuple[str, ...]
    coverage: tuple[str, ...]
    uncertain: tuple[str, ...]
    decisions: tuple[Decision, ...]


def briefing(plan: Plan, profile: Profile, publication: Publication) -> str:
    """The page: the week, each corridor, and the ward's figures, without a script.

    Parameters
    ----------
    publication : what may be published, and why the rest may not.
    """
    ward, week, teams = plan.inputs.ward, plan.inputs.week, profile.teams
    figures = _figures(plan, teams)
    pages = tuple(
        _page(plan, profile, c, number, publication, figures)
        for number, c in enumerate(plan.corridors, start=1)
    )
    asked = ward_decisions(plan, publication)
    return render(
        "briefing.html",
        style=f"{asset('working_map.css')}\n{asset('briefing.css')}",
        marking=MARKING,
        ward_name=clean_name(ward.name),
        ward_code=ward.code,
        week=week.label,
        days=f"{slash_date(week.days[0])} to {slash_date(week.days[-1])}" if week.days else "",
        made_on=slash_date(plan.inputs.made_on),
        profile=profile,
        plan=plan,
        caution=CAUTION,
        facts=_week_facts(plan, publication),
        people=_people_by_role(plan, plan.patrols, teams),
        pages=pages,
        asked=asked,
        asked_in_all=len(asked) + sum(len(p.decisions) for p in pages),
        no_patrol=[
            (school_name(plan, n.urn), _without_ids(plan, staff_words(n.reason)))
            for n in sorted(plan.no_patrol, key=lambda n: n.urn)
        ],
        warnings=[_without_ids(plan, staff_words(w)) for w in plan.warnings],
        findings=[replace(f, words=_without_ids(plan, f.words)) for f in finding_rows(plan)],
        coverage=_coverage_by_day(plan),
        figures=figures,
        not_told=NOT_TOLD,
        smallest_told=SMALLEST_TOLD,
        week_step_gbp=WEEK_STEP_GBP,
        frame=(WIDTH, HEIGHT),
        attribution=attribution(plan),
    )


# --- the week -----------------------------------------------------------------------------------


def _week_facts(plan: Plan, publication: Publication) -> tuple[tuple[str, str], ...]:
    patrols = plan.patrols
    staffed = [p for p in patrols if p.staffing.is_staffed]
    urns = sorted({urn for c in plan.corridors for urn in c.urns})
    return (
        ("Schools with a corridor", joined(school_name(plan, u) for u in urns) or "none"),
        ("Corridors", f"{len(plan.corridors)}"),
        ("Days", weekdays_words([p.day for p in staffed]) or "none"),
        ("Patrols with people", f"{len(staffed)} of {len(patrols)}"),
        ("People", f"{len(_walkers(patrols))}"),
        ("Police minutes on corridors", f"{_police_minutes(patrols):,}"),
        ("Public notice", _notice_words(plan, publication)),
    )


def _figures(plan: Plan, teams: Teams) -> RosterFigures:
    """The roster in figures; its reasons are planner's sentences too."""
    found = roster_figures(plan, teams)
    rows = (replace(r, reason=_without_ids(plan, r.reason)) for r in found.schools)
    return replace(found, schools=tuple(rows))


def _notice_words(plan: Plan, publication: Publication) -> str:
    if publication.plan is None:
        return "nothing may be published yet"
    late = ", counted as unannounced" if publication.plan.is_unannounced else ""
    return f"{patrols_told(plan, publication)} of {len(plan.patrols)} patrols{late}"


def _people_by_role(
    plan: Plan, patrols: Iterable[Patrol], teams: Teams
) -> tuple[tuple[str, str, int], ...]:
    """(role, organisation, how many different people), from A to Z."""
    walking = {
        (assigned.person_id, shown.role, shown.organisation)
        for patrol in patrols
        for assigned, shown in zip(
            patrol.staffing.people, people_on(plan, patrol, teams), strict=True
        )
    }
    counted = Counter((role, organisation) for _, role, organisation in walking)
    return tuple((*key, counted[key]) for key in sorted(counted))


def _coverage_by_day(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    listed = sorted(plan.coverage, key=lambda item: item[1::-1])
    return [(session_words(plan, i, day), coverage_words(c)) for i, day, c in listed]


# --- a corridor ---------------------------------------------------------------------------------


def _page(
    plan: Plan, profile: Profile, corridor: Corridor, number: int, publication: Publication,
    figures: RosterFigures,
) -> CorridorPage:  # fmt: skip
    reach_m, teams = profile.hot_spots.reach_m, profile.teams
    patrols = in_order(p for p in plan.patrols if p.corridor_id == corridor.corridor_id)
    maps = small_maps(plan, corridor, patrols, reach_m=reach_m)
    decisions = corridor_decisions(plan, corridor, publication, teams)
    return CorridorPage(
        number=number,
        row=corridor_row(plan, corridor),
        facts=_facts(patrols),
        maps=maps,
        where=_where(plan, corridor, maps),
        risk=_by_band(plan, corridor, risk_bands(plan, reach_m=reach_m), len(RISK_BANDS), "risk"),
        pupils=_by_band(plan, corridor, flow_bands(pupils(plan)), len(FLOW_BANDS), "pupils"),
        teams=_teams(plan, patrols),
        hot_spots=_hot_spots(plan, corridor),
        walks=_walks(plan, patrols, teams),
        aim=_aim(patrols, teams),
        reasons=_reasons(plan, patrols),
        mixes=_mixes(plan, patrols, teams),
        compared=tuple(
            dict.fromkeys(
                _without_ids(plan, staff_words(words))
                for p in patrols
                for words in (p.staffing.with_police, p.staffing.without_police)
                if words
            )
        ),
        exposure=exposure_words(_exposure(patrols), _police_minutes(patrols)),
        fairness=_fairness(corridor, figures),
        coverage=_coverage(plan, patrols),
        uncertain=tuple(_without_ids(plan, w) for w in _uncertain(plan, corridor, patrols)),
        decisions=tuple(Decision(d.topic, _without_ids(plan, d.ask)) for d in decisions),
    )  # fmt: skip


def _facts(patrols: Sequence[Patrol]) -> tuple[tuple[str, str], ...]:
    staffed = [p for p in patrols if p.staffing.is_staffed]
    return (
        ("Days", weekdays_words([p.day for p in staffed]) or "none"),
        ("Patrols with people", f"{len(staffed)} of {len(patrols)}"),
        ("People", f"{len(_walkers(patrols))}"),
        ("Police minutes", f"{_police_minutes(patrols):,}"),
    )


def _where(plan: Plan, corridor: Corridor, maps: SmallMaps) -> str:
    streets = [f"{number} {clean_name(name)}" for number, name in maps.streets]
    named = {name for name in corridor.street_names if name.strip()}
    more = len(named) - len(streets)
    if more > 0:
        streets.append(f"{more} more that are not numbered")
    places = [place_words(p.kind, p.name) for p in places_near(plan, corridor)]
    near = f" Nearby: {some(places)}." if places else ""
    own = f"{corridor.length_m:.0f} m. Streets: {joined(streets) or 'unnamed paths'}.{near}"
    return " ".join((own, *also_in_words(corridor)))


def _by_band(plan: Plan, corridor: Corridor, bands: IntArray, steps: int, what: str) -> str:
    """The corridor's streets by the highest band that each has, the highest first."""
    words = {"risk": risk_words, "pupils": flow_words}[what]
    names = plan.network.segments[Segments.name]
    highest: dict[str, int] = {}
    for segment_id, place in zip(
        corridor.segment_ids, names.index.get_indexer(list(corridor.segment_ids)), strict=True
    ):
        street = clean_name(names.loc[segment_id]) or "unnamed paths"
        highest[street] = max(highest.get(street, 0), int(bands[place]))
    said = []
    for band in range(steps, -1, -1):
        own = sorted(street for street, found in highest.items() if found == band)
        if own:
            said.append(f"{words(band)}: {some(own)}.")
    return " ".join(said)


def _teams(plan: Plan, patrols: Sequence[Patrol]) -> tuple[TeamKey, ...]:
    names = plan.network.segments[Segments.name]
    found: dict[int, tuple[set[str], set[str]]] = {}
    for patrol in patrols:
        starts, stands = found.setdefault(patrol.route.team, (set(), set()))
        if patrol.route.segment_ids:
            starts.add(clean_name(names.loc[patrol.route.segment_ids[0]]) or "an unnamed path")
        stands |= {place_words(s.kind, s.name) or "a stand point" for _, s in patrol.route.stands}
    keys = []
    for team, (starts, stands) in sorted(found.items()):
        stand = f"; stands at {some(sorted(stands))}" if stands else "; has no stand point"
        words = f"starts on {some(sorted(starts))}{stand}."
        keys.append(TeamKey(f"Team {team}", *ROUTE_LOOKS[look_of(team)], words))
    return tuple(keys)


def _hot_spots(plan: Plan, corridor: Corridor) -> tuple[str, ...]:
    on_it = set(corridor.segment_ids)
    return tuple(
        f"{row.hot_spot_id}: {row.where}. Reports: {row.reports}. Times: {row.times}. "
        f"{row.chance}. It {row.stability}."
        for spot, row in zip(plan.hot_spots, hot_spot_rows(plan), strict=True)
        if on_it & set(spot.segment_ids)
    )


def _walks(plan: Plan, patrols: Sequence[Patrol], teams: Teams) -> tuple[WalkRow, ...]:
    groups: dict[tuple[str, ...], list[date]] = {}
    for patrol in patrols:
        staffing = patrol.staffing
        key = (
            f"{local_time(patrol.start_min)} to {local_time(patrol.end_min)}",
            f"Team {patrol.route.team}",
            _people_words(plan, patrol, teams),
            POLICE_WORDS[staffing.police_level] if staffing.is_staffed else "",
            protocol_words(patrol),
        )
        groups.setdefault(key, []).append(patrol.day)
    return tuple(WalkRow(weekdays_words(days), *key) for key, days in groups.items())


def _people_words(plan: Plan, patrol: Patrol, teams: Teams) -> str:
    """``2 Youth worker (Open Door) and 1 …``; never a name."""
    counted = Counter((p.role, p.organisation) for p in people_on(plan, patrol, teams))
    said = (
        f"{counted[key]} × {key[0]}{f' ({key[1]})' if key[1] else ''}" for key in sorted(counted)
    )
    return joined(said) or "Nobody"


def _aim(patrols: Sequence[Patrol], teams: Teams) -> tuple[tuple[str, str], ...]:
    """Each aim of the corridor's patrols, with its outcome and commitment (A1, A2)."""
    said: list[tuple[str, str]] = []
    for key in dict.fromkeys(p.staffing.aim for p in patrols):
        own = [p for p in patrols if p.staffing.aim == key]
        aim = teams.aim(key)
        confirmed = all(p.staffing.aim_is_confirmed for p in own)
        state = "confirmed" if confirmed else "suggested; a person has to confirm it"
        why = " ".join(dict.fromkeys(staff_words(p.why_aim) for p in own if p.why_aim))
        said.append(("Aim", f"{clean_name(aim.title)} ({state}). {why}".strip()))
        said.append(("Outcome", clean(aim.outcome)))
        said.append(("Commitment", clean(aim.commitment)))
        if any(p.staffing.police_minutes for p in own):
            said.append(("Purpose of policing", clean(aim.policing_purpose)))
    return tuple(dict.fromkeys(said))


def _reasons(plan: Plan, patrols: Sequence[Patrol]) -> tuple[str, ...]:
    """Why these mixes, and what is to be watched with them; the days before each."""
    days: dict[str, list[date]] = {}
    for patrol in patrols:
        for words in filter(None, (patrol.staffing.reason, *patrol.staffing.warnings)):
            days.setdefault(_without_ids(plan, staff_words(words)), []).append(patrol.day)
    return tuple(f"{weekdays_words(own)}: {words}" for words, own in days.items())


def _mixes(plan: Plan, patrols: Sequence[Patrol], teams: Teams) -> tuple[MixRow, ...]:
    """The plan beside the other mixes of its aims, each with as few officers as it allows.

    Every row counts the same patrols: those whose aim does not offer a mix stay as planned.
    """
    staffed = [p for p in patrols if p.staffing.is_staffed]
    if not staffed:
        return ()
    exposure = sum(p.staffing.exposure for p in staffed)
    rows = [MixRow("This plan", f"{_police_minutes(staffed):,}", f"{exposure:,.0f}", is_plan=True)]
    met = {p.patrol_id: _met(plan, p) for p in staffed}
    used = {mix_of(p.staffing, teams) for p in staffed}
    listed = dict.fromkeys(m for p in staffed for m in teams.aim(p.staffing.aim).mixes)
    for mix in listed:
        if used == {mix}:
            continue
        own = [p for p in staffed if mix in teams.aim(p.staffing.aim).mixes]
        others = [p for p in staffed if mix not in teams.aim(p.staffing.aim).mixes]
        minutes = {p.patrol_id: (p.end_min - p.start_min) * _fewest_police(mix) for p in own}
        total = sum(minutes[k] * met[k] for k in minutes) + _exposure(others)
        words = mix_in_words(mix, teams)
        part = f" (on {len(own)} of {len(staffed)} patrols, the others as planned)"
        rows.append(
            MixRow(
                f"{words[:1].upper()}{words[1:]}{part if others else ''}",
                f"{sum(minutes.values()) + _police_minutes(others):,}",
                f"{total:,.0f}",
            )
        )
    return tuple(rows)


def _fewest_police(mix: Mix) -> int:
    """Officers on the corridor if a mix has as few as it may."""
    if not mix.police_walk:
        return 0
    return max(1, sum(n.minimum for n in mix.needs if set(n.roles) <= set(POLICE_ROLES)))


def _met(plan: Plan, patrol: Patrol) -> float:
    """Pupils that a patrol meets: as the roster counted them, or worked out again."""
    staffing, position = patrol.staffing, session_of(plan, patrol)
    if staffing.police_minutes:
        return staffing.exposure / staffing.police_minutes
    urns = plan.sessions[position].urns if position is not None else ()
    walked = np.unique(np.array(patrol.route.segment_ids, dtype=np.int64))
    return sum(pupils_met(plan.network, f, walked) for f in plan.flows if f.urn in urns)


def _fairness(corridor: Corridor, figures: RosterFigures) -> tuple[str, ...]:
    said = [
        f"{row.school}: {row.minutes} minutes of patrols; for each 1,000 pupils: {row.per_1000}. "
        f"{row.reason}".strip()
        for row in figures.schools
        if row.urn in corridor.urns
    ]
    return (*said, *filter(None, [figures.ratio]))


def _coverage(plan: Plan, patrols: Sequence[Patrol]) -> tuple[str, ...]:
    """The bound in words for the day with the widest gap, and the gaps of the others."""
    walked = {(session_of(plan, p), p.day) for p in patrols}
    found = [(c.gap, day, c) for i, day, c in plan.coverage if (i, day) in walked]
    if not found:
        return ("Not computed: no patrol sets out for it.",)
    widest = max(found, key=lambda item: (item[0], -item[1].toordinal()))
    said = coverage_words(widest[2])
    least = min(gap for gap, *_ in found)
    if least == widest[0]:
        return (f"{weekdays_words([day for _, day, _ in found])}:", *said)
    return (
        f"{weekdays_words([widest[1]])}, the day with the widest gap:",
        *said,
        f"On all days the gap is {least:.1%} to {widest[0]:.1%}.",
    )


def _uncertain(plan: Plan, corridor: Corridor, patrols: Sequence[Patrol]) -> tuple[str, ...]:
    """What the meeting has to know before it relies on the page (D.7)."""
    evidence = corridor.evidence
    said = []
    if not (evidence.has_times and plan.has_times):
        said.append(
            "Place context only: the source has no times of day, so nothing here shows what "
            "happens after school."
        )
    if evidence.incidents_in_window < FEW_REPORTS:
        said.append(
            f"There are fewer than {FEW_REPORTS} reports: a number this small moves by chance "
            "from one term to the next."
        )
    if evidence.one_place_share > ONE_PLACE_SHARE:
        said.append(
            f"{evidence.one_place_share:.0%} of the reports' weight is recorded at one position, "
            "which may be where reports are filed and not where they happened."
        )
    said += _uncertain_spots(plan, corridor)
    assumed = sorted(f.urn for f in plan.flows if f.roll_is_assumed and f.urn in corridor.urns)
    if assumed:
        names = joined(school_name(plan, u) for u in assumed)
        said.append(f"The number of pupils is assumed, not known: {names}.")
    said += _uncertain_search(plan, patrols)
    said += [f"{f.title.rstrip('?')}: {f.words}" for f in finding_rows(plan) if f.is_warning]
    return tuple(said)


def _uncertain_spots(plan: Plan, corridor: Corridor) -> list[str]:
    on_it = set(corridor.segment_ids)
    return [
        f"Hot spot {clean_name(spot.hot_spot_id)} is not stable: it stays in only "
        f"{spot.stability:.0%} of re-draws and cannot by itself ask for police."
        for spot in plan.hot_spots
        if on_it & set(spot.segment_ids) and not spot.is_stable
    ]


def _uncertain_search(plan: Plan, patrols: Sequence[Patrol]) -> list[str]:
    walked = {(session_of(plan, p), p.day) for p in patrols}
    covered = [c for i, day, c in plan.coverage if (i, day) in walked]
    said = []
    widest = max((c.gap for c in covered), default=0.0)
    if widest > 0:
        said.append(
            f"Better routes may exist: the gap to the limit, within which nothing is proven, is "
            f"{widest:.1%}."
        )
    if any(c.stopped_by_clock for c in covered):
        said.append("A search of routes was stopped by the clock; another run may differ.")
    if plan.roster.unproven:
        said.append(
            "A better roster may exist: the search stopped before all its aims were proven best."
        )
    return said


# --- small things -------------------------------------------------------------------------------


def _walkers(patrols: Iterable[Patrol]) -> set[str]:
    return {a.person_id for p in patrols for a in p.staffing.people}


def _police_minutes(patrols: Iterable[Patrol]) -> int:
    return sum(p.staffing.police_minutes for p in patrols)


def _exposure(patrols: Iterable[Patrol]) -> float:
    return sum(p.staffing.exposure for p in patrols)


def _without_ids(plan: Plan, words: str) -> str:
    """A planner's sentence without the ids of people, which may be made of names."""
    known = {clean(i) for i in map(str, plan.inputs.people.index)} - {""}
    # A number or a letter is a word of its own too: only as an item of a list is it an id.
    short = {i for i in known if len(i) == 1 or i.isdigit()}
    patterns = (
        *(rf"(?<![\w-]){i}(?![\w-])" for i in _escaped(known - short)),
        *(rf"(?<=[:,] ){i}(?=[,.;]|$)" for i in _escaped(short)),
    )
    return re.sub("|".join(patterns), "a person", words) if patterns else words


def _escaped(ids: Iterable[str]) -> list[str]:
    """The longest first, so that none is taken for the beginning of another."""
    return [re.escape(i) for i in sorted(ids, key=lambda i: (-len(i), i))]
