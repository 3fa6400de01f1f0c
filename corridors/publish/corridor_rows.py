"""A corridor with its evidence, in bands and words: for the working map and the briefing."""

from __future__ import annotations

from dataclasses import dataclass

from corridors.model import Corridor, Plan
from corridors.publish.bands import small_count
from corridors.publish.cards import school_name
from corridors.publish.wording import clean_name, joined, slash_date
from corridors.teams.governance import programme_of


@dataclass(frozen=True)
class CorridorRow:
    """A corridor with its evidence, in bands."""

    corridor_id: str
    schools: str
    length: str
    share: str
    covered: str
    reports: str
    groups: str
    period: str
    set_apart: str
    programme: str  # start, end and review


def corridor_row(plan: Plan, corridor: Corridor) -> CorridorRow:
    """The row of one of the plan's corridors."""
    evidence = corridor.evidence
    shares = sorted(
        share
        for *_, coverage in plan.coverage
        for name, share in coverage.by_corridor
        if name == corridor.corridor_id
    )
    covered = list(dict.fromkeys(f"{share:.0%}" for share in (*shares[:1], *shares[-1:])))
    when = "in the window" if evidence.has_times else "at any hour (no times known)"
    return CorridorRow(
        corridor_id=clean_name(corridor.corridor_id),
        schools=joined(school_name(plan, u) for u in corridor.urns),
        length=f"{corridor.length_m:.0f} m",
        share=f"{corridor.value_share:.0%}",
        covered=" to ".join(covered) or "none",
        reports=f"{small_count(evidence.incidents_in_window)} {when}; "
        f"{small_count(evidence.incidents_all_day)} all day; floor {evidence.floor:g}",
        groups="; ".join(f"{plain_key(g)}: {small_count(n)}" for g, n in evidence.by_group),
        period=f"{slash_date(evidence.period_start)} to {slash_date(evidence.period_end)}, "
        f"{evidence.months} months",
        set_apart="; ".join(f"{plain_key(r)}: {small_count(n)}" for r, n in evidence.set_apart),
        programme=_programme(plan, corridor),
    )


def _programme(plan: Plan, corridor: Corridor) -> str:
    """Start, end and review of a corridor's programme (C13)."""
    programme = programme_of(plan.inputs.aims, corridor.urns)
    days = (
        ("from", programme.starts_on), ("to", programme.ends_on), ("review", programme.review_on)
    )  # fmt: skip
    said = [f"{word} {slash_date(day)}" for word, day in days if day is not None]
    return ", ".join(said) or "no dates on record"


def plain_key(key: str) -> str:
    """A key in words: ``police_generated`` is ``police generated``."""
    return clean_name(key).replace("_", " ")
