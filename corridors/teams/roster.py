"""Named people for the week's patrols, by an exact solver, with consent as a wall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from corridors.model import Assignment, RosterReport, Staffing, WishReached
from corridors.profile import Aim, Mix, Teams
from corridors.tables import POLICE_LEVELS
from corridors.teams import figures, mixes
from corridors.teams.attendance import attendance, attendees
from corridors.teams.candidates import Person, is_vetted, missing_training, people_of
from corridors.teams.clashes import clash, needed_elsewhere, why_unstaffed
from corridors.teams.conflict import Crowded, crowded_out
from corridors.teams.needs import PatrolNeed, overlap, require_needs
from corridors.teams.program import Asked, Choice
from corridors.teams.protocol import missing_parties
from corridors.teams.records import Records, turns_of
from corridors.teams.search import Effort, Reached, Solution, solve
from corridors.teams.wishes import CONTINUITY, COVERAGE, EXPOSURE

__all__ = ["Effort", "PatrolNeed", "Records", "Roster", "solve_roster"]

POLICE_ALONE: Final = (
    "Police in isolation: nobody but police walks. Write down why before it is published (B8)."
)
CONSENT_ENDED: Final = (
    "Some dated consents ran out before this week's last patrol; the standing answers in the "
    "people file count again. Ask whether they still hold."
)
NOBODY_FAMILIAR: Final = (
    "No familiar adult: apart from police, nobody here is a local adult or tied to one of these "
    "schools (B7)."
)


@dataclass(frozen=True)
class Roster:
    """Staffings in the order of the needs, the week in figures, and what to know beforehand."""

    staffings: tuple[Staffing, ...]
    report: RosterReport
    warnings: tuple[str, ...]

    @property
    def is_optimal(self) -> bool:
        """Whether every wish was proven best."""
        return not self.report.unproven


@dataclass(frozen=True)
class _Week:
    """What every staffing of the week is written from."""

    asked: Asked
    records: Records
    solution: Solution
    crowded: dict[str, Crowded]  # by patrol: why not all patrols can be staffed

    @property
    def needs(self) -> tuple[PatrolNeed, ...]:
        return self.asked.needs

    @property
    def people(self) -> tuple[Person, ...]:
        return self.asked.people

    @property
    def profile(self) -> Teams:
        return self.asked.profile

    @property
    def is_proven(self) -> bool:
        """Whether no other roster staffs more patrols."""
        return all(r.is_proven for r in self.solution.reached if r.name == COVERAGE)


def solve_roster(
    needs: tuple[PatrolNeed, ...], records: Records, profile: Teams, effort: Effort
) -> Roster:
    """Staff one week's patrols.

    Hard rules, never traded: availability and absences, one place at a time and time to travel,
    the roles of the mix, the least number of adults, consent to police (B3), schools and wards
    (C1, C4), training and vetting where the profile makes them rules, postings that may not stand
    in, patrols and days per person. The wishes and their order are in ``wishes``.

    Parameters
    ----------
    needs : the patrols of one week, each with its aim.
    records : tables about people. The protocol decides what may be published, not who walks. With
        ``this_roster`` the roster changes no more of it than coverage makes necessary.
    profile : aims, mixes and limits.
    effort : ``max_seconds`` is a limit in the solver's deterministic seconds, not by the clock,
        so that the same input always stops at the same place; the answer is repeatable with any
        number of workers.

    Raises
    ------
    InputError
        For a patrol without a known aim (A1), a double id, or a bad time or pupil count.
    ColumnError
        If a table is not what its schema says.
    """
    require_needs(needs, profile)
    last, told = turns_of(records.last_roster), turns_of(records.this_roster)
    asked = Asked(needs, people_of(records), profile, last=last, told=told)
    solution = solve(asked, effort)
    week = _Week(asked, records, solution, crowded_out(asked, solution.choices, effort.seed))
    staffings = tuple(
        _staffing(week, need, choice, _beside(week, need, solution.choices))
        for need, choice in zip(needs, solution.choices, strict=True)
    )
    return Roster(staffings, _report(week, staffings), _roster_warnings(week, staffings))


def _report(week: _Week, staffings: tuple[Staffing, ...]) -> RosterReport:
    staffed = tuple(zip(week.needs, staffings, strict=True))
    wards = {n.ward_code for n in week.needs}
    told = attendees(week.people, week.needs, *wards) if len(wards) == 1 else ()
    exposure = sum(s.exposure for s in staffings)
    return RosterReport(
        wishes=tuple(
            WishReached(r.name, _figure(r, exposure, week.solution), r.is_proven)
            for r in week.solution.reached
        ),
        exposure=exposure,
        repeat_share=figures.repeat_share(staffed, week.asked.last),
        load=figures.loads(staffed),
        costs=figures.costs(staffed, week.people),
        attendance=attendance(told, POLICE_LEVELS[1:]),
    )


def _figure(reached: Reached, exposure: float, solution: Solution) -> float:
    """What a wish reached, as it is told: the solver minimises, and in whole numbers."""
    if reached.name == COVERAGE:
        return -reached.value
    if reached.name == EXPOSURE:
        return exposure
    return reached.value // solution.new_face if reached.name == CONTINUITY else reached.value


def _staffing(week: _Week, need: PatrolNeed, choice: Choice, beside: tuple[str, ...]) -> Staffing:
    aim = week.profile.aim(need.aim_key)
    mix = None if choice.mix is None else aim.mixes[choice.mix]
    level = "none" if mix is None else mix.police_level
    team = tuple(p for p in week.people if p.person_id in choice.person_ids)
    police_minutes = need.minutes * sum(p.is_police for p in team)
    reason = _why_not(week, need, aim) if mix is None else _why(week, need, aim, mix)
    around = attendees(week.people, week.needs, need.ward_code, need.aim_key)
    return Staffing(
        patrol_id=need.patrol_id,
        aim=need.aim_key,
        aim_is_confirmed=need.aim_is_confirmed,
        police_level=level,
        people=tuple(Assignment(p.person_id, p.role) for p in team),
        reason=reason,
        with_police=mixes.with_police(aim, around, week.profile),
        without_police=mixes.without_police(aim, around, week.profile),
        protocol_missing=() if mix is None else _missing(week, need, level, team),
        police_minutes=police_minutes,
        exposure=police_minutes * need.pupils_met,
        warnings=_warnings(week, need, mix, team, beside) if mix is not None else (),
    )


def _missing(
    week: _Week, need: PatrolNeed, level: str, team: tuple[Person, ...]
) -> tuple[str, ...]:
    dates = (week.records.made_on, need.day)
    return missing_parties(level, team, week.people, week.records.protocol, dates)


def _why_not(week: _Week, need: PatrolNeed, aim: Aim) -> str:
    """The smallest clash of rules that leaves the patrol without people."""
    text = why_unstaffed(need, aim, week.people, week.profile, is_proven=week.is_proven)
    crowded = week.crowded.get(need.patrol_id)
    return text if crowded is None else f"{text} {crowded.words}"


def _why(week: _Week, need: PatrolNeed, aim: Aim, mix: Mix) -> str:
    """Why this mix: its place in the aim's order, and what stood against each one before it."""
    text = [f"{aim.title}: {mixes.mix_in_words(mix, week.profile)}."]
    position = aim.mixes.index(mix)
    for earlier in aim.mixes[:position]:
        level = mixes.LEVEL_WORDS[earlier.police_level]
        against = clash(need, earlier, week.people, week.profile)
        if against is None and earlier.police_walk and not mix.police_walk:
            against = "It would put more police before pupils and cover no more (A6)."
        against = against or needed_elsewhere(week.profile, is_proven=week.is_proven)
        text.append(f"The profile's choice before it was {level}. {against}")
    text.append(f"Intended outcome: {aim.outcome}.")
    if mix.police_walk:
        text.append(f"Policing purpose: {aim.policing_purpose}.")
    return " ".join(text)


def _warnings(
    week: _Week, need: PatrolNeed, mix: Mix, team: tuple[Person, ...], beside: tuple[str, ...]
) -> tuple[str, ...]:
    others = [p for p in team if not p.is_police]
    found = []
    if not others:
        found.append(POLICE_ALONE)
    if not any(p.role == "familiar_adult" or p.urns & set(need.urns) for p in others):
        found.append(NOBODY_FAMILIAR)
    if mix.police_level == "nearby_not_joint" and 0 < len(others) < week.profile.min_adults:
        found.append(f"Apart from the police only {len(others)} adult walks here.")
    plain = [p.person_id for p in team if p.is_police and p.plain_clothes_by]
    if plain:
        found.append(f"Out of uniform (B15): {', '.join(plain)}. The notice must say so.")
    if beside and not mix.police_walk:
        found.append(
            "No police are in this team, but they are in another at the same schools and time: "
            f"{', '.join(beside)}."
        )
    return tuple(found)


def _beside(week: _Week, need: PatrolNeed, chosen: tuple[Choice, ...]) -> tuple[str, ...]:
    """Other patrols with police at one of the same schools at the same time."""
    found = []
    for other, choice in zip(week.needs, chosen, strict=True):
        if other is need or choice.mix is None or not set(other.urns) & set(need.urns):
            continue
        mix = week.profile.aim(other.aim_key).mixes[choice.mix]
        if mix.police_walk and overlap(need, other):
            found.append(other.patrol_id)
    return tuple(sorted(found))


def _roster_warnings(week: _Week, staffings: tuple[Staffing, ...]) -> tuple[str, ...]:
    found = []
    unproven = [r.name for r in week.solution.reached if not r.is_proven]
    if unproven:
        found.append(
            "The roster keeps every rule, but the search stopped before it was proven best in: "
            f"{', '.join(unproven)}."
        )
    return (*found, *_officer_warnings(week), *_record_warnings(week, staffings))


def _officer_warnings(week: _Week) -> list[str]:
    """School-linked officers with too many schools (C1)."""
    found = []
    limit = week.profile.schools_per_officer
    officers = [p for p in week.people if p.role == "school_linked_officer"]
    too_many = [p.person_id for p in officers if len(p.urns) > limit]
    if too_many:
        found.append(
            f"Tied to more than the {limit} schools that a school-linked officer may have (C1): "
            f"{', '.join(too_many)}."
        )
    return found


def _record_warnings(week: _Week, staffings: tuple[Staffing, ...]) -> list[str]:
    """What is not recorded about youth workers (B5), training (B13), vetting (B18), consent."""
    found = []
    unrecorded = sum(p.role == "youth_worker" and not p.statutory for p in week.people)
    if unrecorded:
        found.append(f"Statutory or not is unrecorded for {unrecorded} of the youth workers (B5).")
    days: dict[str, list[PatrolNeed]] = {}
    for need, staffing in zip(week.needs, staffings, strict=True):
        for assignment in staffing.people:
            days.setdefault(assignment.person_id, []).append(need)
    walking = [p for p in week.people if p.person_id in days]
    untrained = sum(bool(missing_training(p, week.profile, is_rule=False)) for p in walking)
    if untrained:
        found.append(f"{untrained} of those who walk lack training that the profile wants (B13).")
    unvetted = sum(any(not is_vetted(p, n.day) for n in days[p.person_id]) for p in walking)
    if unvetted and week.profile.vetting == "told":
        found.append(f"{unvetted} of those who walk have no vetting date by then (B18).")
    end = max((n.day for n in week.needs), default=None)
    ended = (c.expires_on for p in week.people for c in p.consents if c.expires_on is not None)
    if end is not None and any(day < end for day in ended):
        found.append(CONSENT_ENDED)
    return found
