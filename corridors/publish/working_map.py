"""The working map: one self-contained page for the partnership. OFFICIAL-SENSITIVE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corridors.model import Plan, SourceRecord
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
from corridors.publish.layers import ROUTE_LOOKS, look_of, make_map
from corridors.publish.pages import asset, render
from corridors.publish.public import Publication, attribution
from corridors.publish.roster_figures import NOT_TOLD, roster_figures
from corridors.publish.trust import finding_rows, hot_spot_rows
from corridors.publish.wording import (
    STYLE_MEANING,
    clean,
    clean_name,
    joined,
    long_date,
    slash_date,
    staff_words,
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
    contact: str
    state: str


@dataclass(frozen=True)
class StreetRow:
    """A street of a corridor: the map in words."""

    street: str
    corridor: str
    risk: str
    pupils: str
    teams: str


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
    colour: str
    dash: str


def working_map(
    plan: Plan, profile: Profile, cards: Sequence[Card], publication: Publication
) -> str:
    """The page: map, patrol cards, schools, evidence, streets and sources.

    It asks no other machine for anything, and says in words all that the map shows.
    """
    reach_m = profile.hot_spots.reach_m
    parts = make_map(plan, risk_reach_m=reach_m)
    ward, week = plan.inputs.ward, plan.inputs.week
    return render(
        "working_map.html",
        style=f"{leaflet.style()}\n{asset('working_map.css')}",
        scripts=(leaflet.script(), parts.script),
        marking=MARKING,
        map_id=parts.element_id,
        map_data=parts.data,
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
            (session_words(plan, i, day), coverage_words(c))
            for i, day, c in sorted(plan.coverage, key=lambda item: item[1::-1])
        ],
        days_differ=len(plan.coverage) > 1,
        publication=publication,
        unannounced=publication.plan is not None and publication.plan.is_unannounced,
        published=sum(c.notice.startswith("On the public notice") for c in cards),
        figures=roster_figures(plan, profile.teams),
        not_told=NOT_TOLD,
        smallest_told=SMALLEST_TOLD,
        week_step_gbp=WEEK_STEP_GBP,
        schools=_schools(plan),
        corridors=[corridor_row(plan, c) for c in plan.corridors],
        streets=_streets(plan, reach_m),
        hot_spots=hot_spot_rows(plan),
        findings=finding_rows(plan),
        risk_words=[clean(w) for w in plan.risk_words],
        sources=[_source(s) for s in plan.inputs.sources],
        parameters=plan.parameters,
        routes=_routes(plan),
        risk_key=RISK_BANDS,
        flow_key=FLOW_BANDS,
        min_incidents=MIN_INCIDENTS,
        reach_m=f"{reach_m:.0f}",
        attribution=attribution(plan),
    )


def _routes(plan: Plan) -> list[RouteKey]:
    """One line a team; with its days if it has one route only."""
    labels: dict[int, list[str]] = {}
    for group in route_groups(plan):
        labels.setdefault(group.route.team, []).append(group.label)
    return [
        RouteKey(own[0] if len(own) == 1 else f"Team {team}", *ROUTE_LOOKS[look_of(team)])
        for team, own in sorted(labels.items())
    ]


def _schools(plan: Plan) -> list[SchoolRow]:
    corridor_of = {u: clean_name(c.corridor_id) for c in plan.corridors for u in c.urns}
    reasons = {n.urn: staff_words(n.reason) for n in plan.no_patrol}
    agreements = plan.inputs.agreements
    patrolled = {p.corridor_id for p in plan.patrols if p.staffing.is_staffed}
    rows = []
    for urn in sorted({*corridor_of, *reasons}):
        corridor = corridor_of.get(urn, "")
        has_contact = urn in agreements.index
        staffed = "Patrol" if corridor in patrolled else "No staffed patrol starts on its corridor"
        rows.append(
            SchoolRow(
                name=school_name(plan, urn),
                urn=urn,
                corridor=corridor,
                contact=clean_name(agreements.loc[urn, Agreements.spoc]) if has_contact else "",
                state=f"No patrol: {reasons[urn]}" if urn in reasons else staffed,
            )
        )
    return rows


def _streets(plan: Plan, reach_m: float) -> list[StreetRow]:
    names = plan.network.segments[Segments.name]
    risk = risk_bands(plan, reach_m=reach_m)
    flow = flow_bands(pupils(plan))
    teams: dict[int, set[int]] = {}
    for patrol in plan.patrols:
        for segment_id in patrol.route.segment_ids:
            teams.setdefault(segment_id, set()).add(patrol.route.team)
    rows = []
    for corridor in plan.corridors:
        by_street: dict[str, list[int]] = {}
        for segment_id in corridor.segment_ids:
            by_street.setdefault(clean_name(names.loc[segment_id]), []).append(segment_id)
        for street, ids in sorted(by_street.items()):
            places = names.index.get_indexer(ids)
            walked = sorted({t for i in ids for t in teams.get(i, ())})
            rows.append(
                StreetRow(
                    street=street or "Unnamed paths",
                    corridor=clean_name(corridor.corridor_id),
                    risk=risk_words(int(risk[places].max())),
                    pupils=flow_words(int(flow[places].max())),
                    teams=joined(f"Team {t}" for t in walked) or "None",
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
