"""The working map: one self-contained page for the partnership. OFFICIAL-SENSITIVE."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

import numpy as np
import pandas as pd

from corridors.arrays import IntArray
from corridors.days import SLOT_MIN, finish_times
from corridors.model import Plan, SourceRecord, local_time
from corridors.profile import Profile
from corridors.publish import leaflet
from corridors.publish.bands import (
    FLOW_BANDS,
    MIN_INCIDENTS,
    RISK_BANDS,
    flow_bands,
    flow_words,
    pupils,
    risk_bands,
    risk_words,
)
from corridors.publish.cards import (
    CARD_RULES,
    MARKING,
    Card,
    coverage_words,
    route_groups,
    school_name,
    session_words,
)
from corridors.publish.corridor_rows import corridor_row, plain_key
from corridors.publish.costs import WEEK_STEP_GBP
from corridors.publish.layers import TeamLayer, look_of, look_rules, make_map
from corridors.publish.pages import asset, render
from corridors.publish.public import Publication, attribution, patrols_told
from corridors.publish.quarters import (
    flow_by_quarter,
    place_at,
    quarter_starts,
    risk_by_quarter,
)
from corridors.publish.roster_figures import NOT_TOLD, roster_figures
from corridors.publish.trust import finding_rows, hot_spot_rows
from corridors.publish.wording import (
    STYLE_MEANING,
    WEEKDAYS,
    clean,
    clean_name,
    joined,
    long_date,
    slash_date,
    staff_words,
    weekdays_words,
)
from corridors.tables import Agreements, Segments
from corridors.teams.attendance import SMALLEST_TOLD

CAUTION = (
    "There is no reliable evidence that policing of schools, or patrols like these, make schools "
    "safer. This tool does not claim it. Judge by local evaluation, harm as well as benefit."
)


@dataclass(frozen=True)
class SchoolRow:
    """A school and what the plan has for it."""

    name: str
    urn: str
    corridor: str
    finish: str
    contact: str
    agreed: str
    state: str

    @property
    def words(self) -> tuple[str, ...]:
        """The row as the map says it."""
        return (
            self.name,
            f"URN {self.urn}",
            f"School ends: {self.finish}",
            f"Contact: {self.contact or 'none on record'}",
            self.agreed,
            self.state,
        )


@dataclass(frozen=True)
class StreetRow:
    """A street of a corridor: the map in words."""

    street: str
    corridor: str
    risk: str
    pupils: str
    teams: str


@dataclass(frozen=True)
class QuarterRow:
    """A street of a corridor through the window."""

    street: str
    corridor: str
    pupils: str
    risk: str  # empty if the source has no times


@dataclass(frozen=True)
class WhereRow:
    """A team through the window."""

    team: str
    corridor: str
    where: str


@dataclass(frozen=True)
class DayChoice:
    """A day that the map can show."""

    day: str  # ISO date
    words: str
    is_first: bool


@dataclass(frozen=True)
class SourceRow:
    """A source and what was left out of it."""

    kind: str
    file: str
    rows: str
    dropped: str
    dates: str
    notes: str
    digest: str


@dataclass(frozen=True)
class RouteKey:
    """A line of the legend."""

    label: str
    look: int
    layers: str  # keys of its layers


def working_map(
    plan: Plan, profile: Profile, cards: Sequence[Card], publication: Publication
) -> str:
    """The page: map, patrol cards, schools, evidence, streets and sources.

    It asks no other machine for anything, and says in words all that the map shows.
    """
    reach_m = profile.hot_spots.reach_m
    schools = _schools(plan, profile.window.default_finish_min)
    known = plan.inputs.schools.index
    parts = make_map(
        plan,
        cards,
        {row.urn: row.words for row in schools if row.urn in known},
        risk_reach_m=reach_m,
        tiles=profile.map,
    )
    ward, week = plan.inputs.ward, plan.inputs.week
    return render(
        "working_map.html",
        style=f"{leaflet.style()}\n{asset('working_map.css')}\n{look_rules()}",
        scripts=(leaflet.script(), parts.script),
        pictures_from=profile.map.origin,
        marking=MARKING,
        map_id=parts.element_id,
        map_data=parts.data,
        layers=parts.layers,
        teams=parts.teams,
        slider=parts.quarters,
        day_choices=_day_choices(plan),
        ward_name=clean_name(ward.name),
        ward_code=ward.code,
        week=week.label,
        days=f"{slash_date(week.days[0])} to {slash_date(week.days[-1])}" if week.days else "",
        plan=plan,
        warnings=[staff_words(w) for w in plan.warnings],
        profile=profile,
        cards=cards,
        rules=CARD_RULES,
        style_meaning=STYLE_MEANING,
        caution=CAUTION,
        made_on=slash_date(plan.inputs.made_on),
        coverage=[
            (day.isoformat(), session_words(plan, i, day), coverage_words(c))
            for i, day, c in sorted(plan.coverage, key=lambda item: item[1::-1])
        ],
        days_differ=len(plan.coverage) > 1,
        publication=publication,
        unannounced=publication.plan is not None and publication.plan.is_unannounced,
        published=patrols_told(plan, publication),
        figures=roster_figures(plan, profile.teams),
        not_told=NOT_TOLD,
        smallest_told=SMALLEST_TOLD,
        week_step_gbp=WEEK_STEP_GBP,
        schools=schools,
        corridors=[corridor_row(plan, c) for c in plan.corridors],
        streets=_streets(plan, reach_m),
        elsewhere=_elsewhere(plan, reach_m),
        quarters=_quarters(plan, reach_m),
        where=_where(plan),
        hot_spots=hot_spot_rows(plan),
        findings=finding_rows(plan),
        risk_words=[clean(w) for w in plan.risk_words],
        sources=[_source(s) for s in plan.inputs.sources],
        parameters=plan.parameters,
        routes=_routes(plan, parts.teams),
        risk_key=RISK_BANDS,
        flow_key=FLOW_BANDS,
        min_incidents=MIN_INCIDENTS,
        reach_m=f"{reach_m:.0f}",
        attribution=attribution(plan),
        tiles_credit=clean_name(profile.map.tiles_credit),
    )


def _day_choices(plan: Plan) -> list[DayChoice]:
    walked = {p.day for p in plan.patrols}
    days = sorted({*plan.inputs.week.days, *walked})
    first = min(walked, default=days[0] if days else None)
    return [
        DayChoice(day.isoformat(), f"{WEEKDAYS[day.weekday()]} {slash_date(day)}", day == first)
        for day in days
    ]


def _routes(plan: Plan, layers: Sequence[TeamLayer]) -> list[RouteKey]:
    """One line a team; with its days if it has one route only."""
    own: dict[int, list[TeamLayer]] = {}
    for group, layer in zip(route_groups(plan), layers, strict=True):
        own.setdefault(group.route.team, []).append(layer)
    return [
        RouteKey(
            listed[0].label if len(listed) == 1 else f"Team {team}",
            look_of(team),
            " ".join(layer.key for layer in listed),
        )
        for team, listed in sorted(own.items())
    ]


def _schools(plan: Plan, default_finish_min: int) -> list[SchoolRow]:
    corridor_of = {u: clean_name(c.corridor_id) for c in plan.corridors for u in c.urns}
    reasons = {n.urn: staff_words(n.reason) for n in plan.no_patrol}
    agreements = plan.inputs.agreements
    patrolled = {p.corridor_id for p in plan.patrols if p.staffing.is_staffed}
    rows = []
    for urn in sorted({*corridor_of, *reasons, *(f.urn for f in plan.flows)}):
        corridor = corridor_of.get(urn, "")
        has_contact = urn in agreements.index
        staffed = "Patrol" if corridor in patrolled else "No staffed patrol starts on its corridor"
        rows.append(
            SchoolRow(
                name=school_name(plan, urn),
                urn=urn,
                corridor=corridor,
                finish=_finish(plan, urn, default_finish_min),
                contact=clean_name(agreements.loc[urn, Agreements.spoc]) if has_contact else "",
                agreed=_agreed(plan, urn),
                state=f"No patrol: {reasons[urn]}" if urn in reasons else staffed,
            )
        )
    return rows


def _finish(plan: Plan, urn: str, default_min: int) -> str:
    """``15:15``, or each time with its days where they differ."""
    by_time: dict[int, list[date]] = {}
    week = plan.inputs.week
    for day, minutes in finish_times(plan.inputs.calendar, urn, week.days, default_min).items():
        by_time.setdefault(minutes, []).append(day)
    if not by_time:
        return "no school day this week"
    if len(by_time) == 1 and len(*by_time.values()) == len(week.days):
        return local_time(*by_time)
    return "; ".join(f"{weekdays_words(d)} {local_time(m)}" for m, d in sorted(by_time.items()))


def _agreed(plan: Plan, urn: str) -> str:
    """Whether school and police have agreed, and since when (A7, C9)."""
    if urn not in plan.inputs.agreements.index:
        return "No agreement on record"
    row = plan.inputs.agreements.loc[[urn]].iloc[0]
    withdrawn = row[Agreements.withdrawn_on]
    if pd.notna(withdrawn) and withdrawn.date() <= plan.inputs.made_on:
        return f"Agreement withdrawn on {slash_date(withdrawn.date())}"
    head, police = row[Agreements.head_agreed_on].date(), row[Agreements.police_agreed_on].date()
    return f"Agreed: head on {slash_date(head)}, police on {slash_date(police)}"


def _by_street(plan: Plan) -> list[tuple[str, str, list[int]]]:
    """Name, corridor and segment ids of each street of each corridor."""
    names = plan.network.segments[Segments.name]
    found = []
    for corridor in plan.corridors:
        by_street: dict[str, list[int]] = {}
        for segment_id in corridor.segment_ids:
            by_street.setdefault(clean_name(names.loc[segment_id]), []).append(segment_id)
        found += [
            (street or "Unnamed paths", clean_name(corridor.corridor_id), ids)
            for street, ids in sorted(by_street.items())
        ]
    return found


def _streets(plan: Plan, reach_m: float) -> list[StreetRow]:
    risk = risk_bands(plan, reach_m=reach_m)
    flow = flow_bands(pupils(plan))
    teams: dict[int, set[int]] = {}
    for patrol in plan.patrols:
        for segment_id in patrol.route.segment_ids:
            teams.setdefault(segment_id, set()).add(patrol.route.team)
    rows = []
    for street, corridor, ids in _by_street(plan):
        places = plan.network.segments.index.get_indexer(ids)
        walked = sorted({t for i in ids for t in teams.get(i, ())})
        rows.append(
            StreetRow(
                street=street,
                corridor=corridor,
                risk=risk_words(int(risk[places].max())),
                pupils=flow_words(int(flow[places].max())),
                teams=joined(f"Team {t}" for t in walked) or "None",
            )
        )
    return rows


def _elsewhere(plan: Plan, reach_m: float) -> list[tuple[str, str]]:
    """Each band of risk and pupils with the streets on no corridor that reach it."""
    segments = plan.network.segments
    away = ~segments.index.isin([s for c in plan.corridors for s in c.segment_ids])
    names = np.array([clean_name(name) or "unnamed paths" for name in segments[Segments.name]])
    rows = []
    for title, bands, words, steps in (
        ("Risk", risk_bands(plan, reach_m=reach_m), risk_words, len(RISK_BANDS)),
        ("Pupils", flow_bands(pupils(plan)), flow_words, len(FLOW_BANDS)),
    ):
        told: set[str] = set()
        for band in range(steps, 0, -1):
            here = sorted(set(names[away & (bands == band)].tolist()) - told)
            told |= set(here)
            if here:
                rows.append((f"{title}: {words(band)}", "; ".join(here)))
    return rows


def _quarters(plan: Plan, reach_m: float) -> list[QuarterRow]:
    """The highest band on each street of a corridor in each quarter of an hour."""
    starts = quarter_starts(plan)
    if not starts:
        return []
    flow = flow_by_quarter(plan, starts)
    risk = risk_by_quarter(plan, starts, reach_m=reach_m) if plan.has_times else None
    rows = []
    for street, corridor, ids in _by_street(plan):
        places = plan.network.segments.index.get_indexer(ids)
        rows.append(
            QuarterRow(
                street,
                corridor,
                _runs(starts, flow[places].max(axis=0), flow_words),
                "" if risk is None else _runs(starts, risk[places].max(axis=0), risk_words),
            )
        )
    return rows


def _runs(starts: tuple[int, ...], bands: IntArray, words: Callable[[int], str]) -> str:
    """``15:15 to 15:45 50 to 149 pupils; …``: quarters in a row with the same band as one."""
    said = []
    for band, run in groupby(zip(starts, bands.tolist(), strict=True), key=itemgetter(1)):
        minutes = [start for start, _ in run]
        said.append(
            f"{local_time(minutes[0])} to {local_time(minutes[-1] + SLOT_MIN)}: {words(band)}"
        )
    return "; ".join(said)


def _where(plan: Plan) -> list[WhereRow]:
    """Where each team is as each quarter of an hour begins."""
    rows = []
    for group in route_groups(plan):
        for start_min, patrols in group.parts:
            found = [
                (m, place_at(plan, group.route, 60 * (m - start_min))) for m in quarter_starts(plan)
            ]
            rows.append(
                WhereRow(
                    f"Team {group.route.team}: {weekdays_words([p.day for p in patrols])}",
                    clean_name(group.route.corridor_id),
                    "; ".join(f"{local_time(m)} {place.words}" for m, place in found if place),
                )
            )
    return rows


def _source(source: SourceRecord) -> SourceRow:
    first, last = source.first, source.last
    return SourceRow(
        kind=plain_key(source.kind),
        file=clean(source.file_name, 200),
        rows=f"{source.rows_used:,} of {source.rows_read:,}",
        dropped="; ".join(f"{clean_name(reason)}: {n:,}" for reason, n in source.dropped),
        dates=f"{long_date(first)} to {long_date(last)}" if first and last else "",
        notes="; ".join(clean(n) for n in source.notes),
        digest=source.sha256[:12],
    )
