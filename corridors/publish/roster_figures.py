"""The week's roster in figures and plain words, for the working map. OFFICIAL-SENSITIVE.

Totals only: no figure here is about a person by name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from corridors.model import Attendance, Plan, SchoolMinutes, WishReached
from corridors.profile import Teams
from corridors.publish.cards import school_name
from corridors.publish.costs import CostRow, week_costs
from corridors.publish.wording import clean_name, joined, slash_date, staff_words
from corridors.remit import patrol_urns, remit_of, remits_of
from corridors.teams import wishes
from corridors.teams.agreement import WITHDRAWN, entries_of
from corridors.teams.parts import part_of, quadrant_words, support_words

# By wish: what it is for, and what its figure counts.
WISH_WORDS: Final = {
    wishes.COVERAGE: ("Staff as many patrols as possible", "patrols that have people"),
    wishes.CHANGES: (
        "Change little of what people were already told",
        "people put on a patrol or taken off it",
    ),
    wishes.EXPOSURE: ("Keep pupils’ contact with police low", "police minutes times pupils met"),
    wishes.ORDER: (
        "Use the kinds of team that the policy profile puts first",
        "steps down from its first choice, all patrols added up",
    ),
    wishes.STAND_INS: (
        "Use few people who stand in for others",
        "places filled by somebody who stands in",
    ),
    wishes.CONTINUITY: (
        "Bring back those who walked there last week",
        "places filled by somebody new to the corridor",
    ),
    wishes.SMALL_TEAMS: ("Ask nobody to come who is not needed", "places on all patrols"),
    wishes.SAME_FACES: (
        "Let pupils see the same people all week",
        "people, counted once for each corridor that they walk",
    ),
    wishes.EVEN_LOAD: (
        "Share the patrols out evenly",
        "each person’s number of patrols, squared and added up",
    ),
}

LEVEL_WORDS: Final = {
    "on_call": "if police are on call",
    "nearby_not_joint": "if police are nearby",
    "joint_visible": "if police walk with the team",
}

STATE_WORDS: Final = {
    "designed": "Designed",
    "proposed": "Proposed",
    "agreed": "Agreed",
    "published": "Published",
    WITHDRAWN: "Taken back",
}

NOT_TOLD: Final = "not told"


@dataclass(frozen=True)
class WishRow:
    """One wish of the roster, in order."""

    aim: str
    counted: str
    figure: str
    proven: str


@dataclass(frozen=True)
class SchoolMinutesRow:
    """Patrol time at one school."""

    urn: str
    school: str
    minutes: str
    per_1000: str
    reason: str  # why it has none


@dataclass(frozen=True)
class AttendanceRow:
    """How many of a group would come, by police level; totals only."""

    group: str
    people: str
    coming: tuple[tuple[str, str], ...]  # (police level in words, how many)


@dataclass(frozen=True)
class AttendanceTable:
    """The rows of one kind of group."""

    kind: str  # "role" or "organisation"
    levels: tuple[str, ...]
    rows: tuple[AttendanceRow, ...]
    untold: str  # groups of which nothing may be told


@dataclass(frozen=True)
class ApprovalRow:
    """Who did what with a school's patrols."""

    school: str
    state: str
    by: str
    organisation: str
    on: str
    about: str


@dataclass(frozen=True)
class RosterFigures:
    """All of the section. Every text is cleaned, none is escaped."""

    wishes: tuple[WishRow, ...]
    facts: tuple[tuple[str, str], ...]
    schools: tuple[SchoolMinutesRow, ...]
    ratio: str
    costs: tuple[CostRow, ...]
    attendance: tuple[AttendanceTable, ...]
    approvals: tuple[ApprovalRow, ...]

    @property
    def has_none(self) -> bool:
        """Whether a school has no patrol time, so that the reason needs a column."""
        return any(row.reason for row in self.schools)


def roster_figures(plan: Plan, teams: Teams) -> RosterFigures:
    """The report of the plan's roster, put into words.

    Parameters
    ----------
    teams : the profile's, for titles of roles and for who leads.
    """
    report = plan.roster
    schools = _schools(plan)
    return RosterFigures(
        wishes=tuple(_wish(w, len(plan.patrols)) for w in report.wishes),
        facts=_facts(plan, teams) if plan.patrols else (),
        schools=tuple(_school(plan, s) for s in schools),
        ratio=ratio_words(schools),
        costs=week_costs(plan),
        attendance=_attendance(report.attendance, teams),
        approvals=_approvals(plan),
    )


def exposure_words(exposure: float, police_minutes: int) -> str:
    """What the exposure of pupils to police is, and what the number means (A6)."""
    if not police_minutes:
        return "0: no officer is on a corridor, so no pupil meets one on a patrol."
    return (
        f"{exposure:,.0f}. This is not a number of children. For each patrol, the officers’ "
        "minutes on the corridor are multiplied by the pupils expected on its streets, and all "
        f"patrols are added up. It is as much as if {exposure:,.0f} pupils each met one officer "
        f"for one minute. Less is better. Officers spend {police_minutes:,} minutes on corridors "
        "in all."
    )


def repeat_words(share: float | None) -> str:
    """How many come again (C11)."""
    if share is None:
        return "Cannot be said: there is no roster of last week for these corridors."
    return (
        f"{share:.0%} of the places, on corridors that were walked last week too, go to somebody "
        "who walked there last week."
    )


def load_words(load: tuple[int, ...]) -> str:
    """How patrols are spread over those who walk."""
    if not load:
        return "Nobody walks."
    each = f"{load[0]}" if load[0] == load[-1] else f"{load[0]} to {load[-1]}"
    unit = "patrol" if each == "1" else "patrols"
    return f"{each} {unit} for each person who walks."


def ratio_words(schools: tuple[SchoolMinutes, ...]) -> str:
    """Most to least patrol time per 1,000 pupils, and how many schools have none (C10)."""
    known = [s.per_1000_pupils for s in schools if s.per_1000_pupils]
    none = sum(not s.minutes for s in schools)
    unknown = sum(s.minutes > 0 and not s.per_1000_pupils for s in schools)
    said = []
    if len(known) > 1:
        said.append(
            f"{'Of the schools with patrols, the' if none or unknown else 'The'} one with most "
            f"time for each pupil has {max(known) / min(known):.1f} times as much as the one with "
            "least."
        )
    elif known:
        said.append("Only one school has patrol time, so there is nothing to compare it with.")
    if none:
        said.append(f"{_schools_have(none)} none: the table says why.")
    if unknown:
        said.append(f"{_schools_have(unknown)} no number of pupils on record.")
    return " ".join(said)


def _schools_have(number: int) -> str:
    return "1 school has" if number == 1 else f"{number} schools have"


def _wish(wish: WishReached, patrols: int) -> WishRow:
    aim, counted = WISH_WORDS.get(wish.name, (clean_name(wish.name).capitalize(), "its own count"))
    figure = f"{wish.value:,.0f}"
    return WishRow(
        aim=aim,
        counted=counted,
        figure=f"{figure} of {patrols:,}" if wish.name == wishes.COVERAGE else figure,
        proven="yes" if wish.is_proven else "no",
    )


def _facts(plan: Plan, teams: Teams) -> tuple[tuple[str, str], ...]:
    report = plan.roster
    staffings = [p.staffing for p in plan.patrols]
    police_minutes = sum(s.police_minutes for s in staffings)
    kinds = Counter(filter(None, (quadrant_words(part_of(s, teams)) for s in staffings)))
    kinds_said = "; ".join(f"{n} of {len(staffings)}: {kind}" for kind, n in sorted(kinds.items()))
    return (
        ("Pupils’ contact with police", exposure_words(report.exposure, police_minutes)),
        (
            "Do police lead or support?",
            support_words(staffings, teams) or "Police are on no corridor this week.",
        ),
        ("Patrols by kind", f"{kinds_said}." if kinds else "The policy profile records none."),
        ("People who come again", repeat_words(report.repeat_share)),
        ("Patrols a person", load_words(report.load)),
    )


def _schools(plan: Plan) -> tuple[SchoolMinutes, ...]:
    """Schools of the report, and those that the plan leaves out before it."""
    told = {s.urn: s for s in plan.roster.schools}
    left_out = {n.urn: SchoolMinutes(n.urn, 0, None) for n in plan.no_patrol}
    return tuple(school for _, school in sorted({**left_out, **told}.items()))


def _school(plan: Plan, school: SchoolMinutes) -> SchoolMinutesRow:
    per_1000 = school.per_1000_pupils
    if per_1000 is None:
        said = "0" if not school.minutes else "number of pupils not known"
    else:
        said = f"{per_1000:,.0f}"
    return SchoolMinutesRow(
        urn=school.urn,
        school=school_name(plan, school.urn),
        minutes=f"{school.minutes:,}",
        per_1000=said,
        reason="" if school.minutes else _why_none(plan, school.urn),
    )


def _why_none(plan: Plan, urn: str) -> str:
    reasons = sorted({n.reason for n in plan.no_patrol if n.urn == urn})
    if reasons:
        return staff_words("; ".join(reasons))
    mine = [p for p in plan.patrols if urn in patrol_urns(plan, p)]
    if mine:
        return f"Nobody can walk: {staff_words(mine[0].staffing.reason)}"
    if any(urn in c.urns for c in plan.control_days):
        return "Its days were drawn by lot to go without a patrol."
    if any(urn in c.urns for c in plan.corridors):
        return "It has a corridor, but no team sets out on it this week."
    return "It has no corridor this week."


def _attendance(told: tuple[Attendance, ...], teams: Teams) -> tuple[AttendanceTable, ...]:
    """A table for roles and one for organisations, in the groups that the report has."""
    titles = {c.role: c.title for c in teams.role_cards}
    made = []
    for kind in ("role", "organisation"):
        mine = [a for a in told if a.kind == kind]
        rows, untold = [], []
        for name in dict.fromkeys(a.name for a in mine):
            title = titles.get(name, name.replace("_", " ")) if kind == "role" else name
            group = clean_name(title) or "No organisation"
            own = [a for a in mine if a.name == name]
            people = {a.people for a in own} - {None}
            if people:
                coming = tuple((_level(a.police_level), _count(a.coming)) for a in own)
                rows.append(AttendanceRow(group, _count(max(filter(None, people))), coming))
            else:
                untold.append(group)
        if rows or untold:
            levels = tuple(dict.fromkeys(_level(a.police_level) for a in mine))
            made.append(AttendanceTable(kind, levels, tuple(rows), joined(untold)))
    return tuple(made)


def _level(police_level: str) -> str:
    return LEVEL_WORDS.get(police_level, clean_name(police_level).replace("_", " "))


def _count(number: int | None) -> str:
    return NOT_TOLD if number is None else f"{number:,}"


def _approvals(plan: Plan) -> tuple[ApprovalRow, ...]:
    """The week's log, oldest first (B9). It holds job titles, not names."""
    remits = {urn: remit_of(patrols) for urn, patrols in remits_of(plan).items()}
    inputs = plan.inputs
    return tuple(
        ApprovalRow(
            school=school_name(plan, entry.urn),
            state=STATE_WORDS.get(entry.state, clean_name(entry.state)),
            by=clean_name(entry.by),
            organisation=clean_name(entry.organisation),
            on=slash_date(entry.on),
            about="this plan" if entry.remit == remits.get(entry.urn) else "an earlier plan",
        )
        for entry in entries_of(inputs.approvals, inputs.ward.code, inputs.week.label)
    )
