"""Named people for the week's patrols, by an exact solver, with consent as a wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from corridors.model import Assignment, Staffing
from corridors.profile import Aim, Mix, Teams
from corridors.tables import ProtocolParties
from corridors.teams import mixes
from corridors.teams.candidates import WEEKDAYS, Person, people_of
from corridors.teams.clashes import clash, needed_elsewhere, why_unstaffed
from corridors.teams.needs import PatrolNeed, overlap, require_needs
from corridors.teams.program import COVERAGE, Choice, Effort, solve
from corridors.teams.protocol import missing_parties

__all__ = ["PatrolNeed", "Roster", "solve_roster"]

POLICE_ALONE: Final = (
    "Police in isolation: nobody but police walks. Write down why before it is published (B8)."
)
NOBODY_FAMILIAR: Final = (
    "No familiar adult: apart from police, nobody here is a local adult or tied to one of these "
    "schools (B7)."
)


@dataclass(frozen=True)
class Roster:
    """Staffings in the order of the needs; ``is_optimal`` if every wish was proven best."""

    staffings: tuple[Staffing, ...]
    is_optimal: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Week:
    """What every staffing of the week is written from."""

    needs: tuple[PatrolNeed, ...]
    people: tuple[Person, ...]
    protocol: pd.DataFrame
    made_on: date
    profile: Teams
    unproven: tuple[str, ...]


def solve_roster(  # noqa: PLR0913 - the pipeline's contract: five tables and three limits
    needs: tuple[PatrolNeed, ...],
    people: pd.DataFrame,
    protocol: pd.DataFrame,
    made_on: date,
    profile: Teams,
    *,
    max_seconds: float = 30.0,
    workers: int = 1,
    seed: int,
) -> Roster:
    """Staff one week's patrols.

    Hard rules, never traded: availability, one place at a time, the roles of the mix, the
    least number of adults, consent to police (B3), schools and wards (C1, C4), patrols per
    person. The wishes and their order are in ``program``: coverage, then least exposure of
    pupils to police (A6), then the profile's order of mixes. So where a mix without police
    covers as much, it wins, even if the profile lists one with police first.

    Parameters
    ----------
    needs : the patrols of one week, each with its aim.
    people : tables.People.
    protocol : tables.ProtocolParties. It decides what may be published, not who walks.
    made_on : the plan's date, which decides what agreements are in force.
    profile : aims, mixes and limits.
    max_seconds : limit in the solver's deterministic seconds, not by the clock, so that the
        same input always stops at the same place.
    workers : threads of the solver; the answer is repeatable with any number.
    seed : of the lots that decide between equals, and of the solver.

    Raises
    ------
    InputError
        For a patrol without a known aim (A1), a double id, or a bad time or pupil count.
    ColumnError
        If a table is not what its schema says.
    """
    require_needs(needs, profile)
    ProtocolParties.validate(protocol)
    everybody = people_of(people)
    ordered = sorted(needs, key=lambda n: (n.day, n.start_min, n.patrol_id))
    choices, unproven = solve(ordered, everybody, profile, Effort(max_seconds, workers, seed))
    by_id = {need.patrol_id: choice for need, choice in zip(ordered, choices, strict=True)}
    week = _Week(needs, everybody, protocol, made_on, profile, unproven)
    chosen = tuple(by_id[need.patrol_id] for need in needs)
    staffings = tuple(
        _staffing(week, need, choice, _beside(week, need, chosen))
        for need, choice in zip(needs, chosen, strict=True)
    )
    return Roster(staffings, not unproven, _roster_warnings(week))


def _staffing(week: _Week, need: PatrolNeed, choice: Choice, beside: tuple[str, ...]) -> Staffing:
    aim = week.profile.aim(need.aim_key)
    mix = None if choice.mix is None else aim.mixes[choice.mix]
    level = "none" if mix is None else mix.police_level
    team = tuple(p for p in week.people if p.person_id in choice.person_ids)
    police_minutes = need.minutes * sum(p.is_police for p in team)
    if mix is None:
        reason = why_unstaffed(need, aim, week.people, week.profile, is_proven=_is_proven(week))
    else:
        reason = _why(week, need, aim, mix)
    around = _around(week, need.ward_code)
    return Staffing(
        patrol_id=need.patrol_id,
        aim=need.aim_key,
        aim_is_confirmed=need.aim_is_confirmed,
        police_level=level,
        people=tuple(Assignment(p.person_id, p.role) for p in team),
        reason=reason,
        with_police=mixes.with_police(aim, around, week.profile),
        without_police=mixes.without_police(aim, around, week.profile),
        protocol_missing=()
        if mix is None
        else missing_parties(level, team, week.people, week.protocol, (week.made_on, need.day)),
        police_minutes=police_minutes,
        exposure=police_minutes * need.pupils_met,
        warnings=_warnings(week, need, mix, team, beside) if mix is not None else (),
    )


def _why(week: _Week, need: PatrolNeed, aim: Aim, mix: Mix) -> str:
    """Why this mix: its place in the aim's order, and what stood against each one before it."""
    text = [f"{aim.title}: {mixes.mix_in_words(mix, week.profile)}."]
    position = aim.mixes.index(mix)
    for earlier in aim.mixes[:position]:
        level = mixes.LEVEL_WORDS[earlier.police_level]
        against = clash(need, earlier, week.people, week.profile)
        if against is None and earlier.police_walk and not mix.police_walk:
            against = "It would put more police before pupils and cover no more (A6)."
        against = against or needed_elsewhere(week.profile, is_proven=_is_proven(week))
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
    if beside and not mix.police_walk:
        found.append(
            "No police are in this team, but they are in another at the same schools and time: "
            f"{', '.join(beside)}."
        )
    return tuple(found)


def _is_proven(week: _Week) -> bool:
    """Whether no other roster staffs more patrols."""
    return COVERAGE not in week.unproven


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


def _around(week: _Week, ward_code: str) -> tuple[Person, ...]:
    """People of the ward who are free on any day of the week's patrols there.

    By week and ward, not by patrol: figures that differ from patrol to patrol could be taken
    from each other until they point at one person's refusal.
    """
    days = {WEEKDAYS[n.day.weekday()] for n in week.needs if n.ward_code == ward_code}
    return tuple(p for p in week.people if p.days & days and (not p.wards or ward_code in p.wards))


def _roster_warnings(week: _Week) -> tuple[str, ...]:
    found = []
    if week.unproven:
        found.append(
            "The roster keeps every rule, but the search stopped before it was proven best in: "
            f"{', '.join(week.unproven)}."
        )
    limit = week.profile.schools_per_officer
    too_many = [
        p.person_id
        for p in week.people
        if p.role == "school_linked_officer" and len(p.urns) > limit
    ]
    if too_many:
        found.append(
            f"Tied to more than the {limit} schools that a school-linked officer may have (C1): "
            f"{', '.join(too_many)}."
        )
    unrecorded = sum(p.role == "youth_worker" and not p.statutory for p in week.people)
    if unrecorded:
        found.append(f"Statutory or not is unrecorded for {unrecorded} of the youth workers (B5).")
    return tuple(found)
