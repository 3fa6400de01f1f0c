"""Who could walk a patrol: role, place, posting, training, vetting, day and consent, in that order.

The order matters for words, not for the answer: the first filter that leaves too few people is
the one that a planner hears about, and consent comes last so that nobody learns who declined
where another reason would do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd

from corridors.profile import Mix, Teams
from corridors.tables import POLICE_ROLES, Absences, People
from corridors.teams.consent import Consent, consents_of, lowest, reaches
from corridors.teams.needs import PatrolNeed
from corridors.teams.records import Records, require_records, rows_of

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Person:
    """One row of ``tables.People``, its lists taken apart, with what other records say of them."""

    person_id: str
    organisation: str
    role: str
    statutory: str
    accepts_police: str  # the standing answer; see ``consent``
    days: frozenset[str]
    urns: frozenset[str]
    wards: frozenset[str]
    posting: str
    stands_in: bool
    training: frozenset[str]
    vetted_on: date | None
    plain_clothes_by: str
    pay_per_hour: float | None  # GBP
    consents: tuple[Consent, ...]  # their own and their organisation's
    away: tuple[tuple[date, date], ...]  # first and last day

    @property
    def is_police(self) -> bool:
        """Whether the role is a police role."""
        return self.role in POLICE_ROLES


def people_of(records: Records) -> tuple[Person, ...]:
    """People sorted by id, whatever the order of the rows.

    Raises
    ------
    ColumnError
        If a table is not what its schema says.
    """
    require_records(records)
    consents = consents_of(records.consents)
    away: dict[str, list[tuple[date, date]]] = {}
    for row in rows_of(records.absences):
        days = (row[Absences.first].date(), row[Absences.last].date())
        away.setdefault(str(row[Absences.person_id]), []).append(days)
    ids = map(str, records.people.index)
    made = [
        _person(person_id, row, consents, tuple(sorted(away.get(person_id, ()))))
        for person_id, row in zip(ids, rows_of(records.people), strict=True)
    ]
    return tuple(sorted(made, key=lambda p: p.person_id))


def _person(
    person_id: str,
    row: dict[str, Any],
    consents: tuple[Consent, ...],
    away: tuple[tuple[date, date], ...],
) -> Person:
    organisation = str(row[People.organisation])
    vetted_on, pay = row[People.vetted_on], row[People.pay_per_hour]
    return Person(
        person_id=person_id,
        organisation=organisation,
        role=str(row[People.role]),
        statutory=str(row[People.statutory]),
        accepts_police=str(row[People.accepts_police]),
        days=frozenset(str(row[People.available]).split()),
        urns=frozenset(str(row[People.urns]).split()),
        wards=frozenset(str(row[People.wards]).split()),
        posting=str(row[People.posting]),
        stands_in=bool(row[People.stands_in]),
        training=frozenset(str(row[People.training]).split()),
        vetted_on=None if pd.isna(vetted_on) else vetted_on.date(),
        plain_clothes_by=str(row[People.plain_clothes_by]).strip(),
        pay_per_hour=None if pd.isna(pay) else float(pay),
        consents=tuple(c for c in consents if c.concerns(person_id, organisation)),
        away=away,
    )


def works_here(person: Person, need: PatrolNeed) -> bool:
    """Whether the patrol is in the person's wards and serves one of their schools (C4)."""
    in_ward = not person.wards or need.ward_code in person.wards
    return in_ward and (not person.urns or bool(person.urns & set(need.urns)))


def within_schools(person: Person, need: PatrolNeed, profile: Teams) -> bool:
    """Whether this patrol alone stays within the schools of a school-linked officer (C1)."""
    if person.role != "school_linked_officer":
        return True
    return len(set(need.urns)) <= profile.schools_per_officer


def may_stand_in(person: Person, profile: Teams) -> bool:
    """Whether the person is no stand-in, or one from a posting that may stand in (B14)."""
    return not (person.stands_in and person.posting in profile.barred_postings)


def is_trained(person: Person, profile: Teams) -> bool:
    """Whether the person holds all training that the profile demands of their role (B13)."""
    return not missing_training(person, profile, is_rule=True)


def missing_training(person: Person, profile: Teams, *, is_rule: bool) -> frozenset[str]:
    """Training that the profile demands of (``is_rule``), or only wants from, their role (B13)."""
    wanted = {
        key
        for one in profile.training
        if one.is_rule == is_rule and person.role in one.roles
        for key in one.training
    }
    return frozenset(wanted - person.training)


def is_vetted(person: Person, day: date) -> bool:
    """Whether vetting was passed by then (B18)."""
    return person.vetted_on is not None and person.vetted_on <= day


def is_free(person: Person, need: PatrolNeed) -> bool:
    """Whether the person works on the patrol's weekday and is not away then (C7)."""
    is_away = any(first <= need.day <= last for first, last in person.away)
    return WEEKDAYS[need.day.weekday()] in person.days and not is_away


def accepted_level(person: Person, need: PatrolNeed) -> str:
    """How near police the person accepts on this patrol: the lowest of all that applies (B3)."""
    rows = (c.level for c in person.consents if c.holds(need.urns, need.aim_key, need.day))
    return lowest((person.accepts_police, *rows))


def accepts(person: Person, need: PatrolNeed, police_level: str) -> bool:
    """Whether the person agreed to police this near (B3); police need not agree to police."""
    return person.is_police or reaches(accepted_level(person, need), police_level)


def filters(
    need: PatrolNeed, mix: Mix, profile: Teams
) -> tuple[tuple[str, Callable[[Person], bool]], ...]:
    """Named rules that a person must pass to walk ``need`` in ``mix``, in the order told."""
    roles = {role for role_need in mix.needs for role in role_need.roles}
    return (
        ("role", lambda p: p.role in roles),
        ("place", lambda p: works_here(p, need)),
        ("schools", lambda p: within_schools(p, need, profile)),
        ("posting", lambda p: may_stand_in(p, profile)),
        ("training", lambda p: is_trained(p, profile)),
        ("vetting", lambda p: profile.vetting != "rule" or is_vetted(p, need.day)),
        ("day", lambda p: is_free(p, need)),
        ("consent", lambda p: accepts(p, need, mix.police_level)),
    )


def candidates(
    need: PatrolNeed, mix: Mix, people: Iterable[Person], profile: Teams
) -> tuple[Person, ...]:
    """People who pass every filter, in the order given."""
    rules = [rule for _, rule in filters(need, mix, profile)]
    return tuple(p for p in people if all(rule(p) for rule in rules))
