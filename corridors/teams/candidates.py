"""Who could walk a patrol: role, place, weekday and consent, in that order.

The order matters for words, not for the answer: the first filter that leaves too few people is
the one that a planner hears about, and consent comes last so that nobody learns who declined
where another reason would do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from corridors.profile import Mix, Teams
from corridors.tables import POLICE_LEVELS, POLICE_ROLES, People
from corridors.teams.needs import PatrolNeed

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Person:
    """One row of ``tables.People``, with its lists taken apart."""

    person_id: str
    organisation: str
    role: str
    statutory: str
    accepts_police: str
    days: frozenset[str]
    urns: frozenset[str]
    wards: frozenset[str]

    @property
    def is_police(self) -> bool:
        """Whether the role is a police role."""
        return self.role in POLICE_ROLES


def people_of(frame: pd.DataFrame) -> tuple[Person, ...]:
    """People sorted by id, whatever the order of the rows.

    Raises
    ------
    ColumnError
        If ``frame`` is not a ``tables.People``.
    """
    People.validate(frame)
    made = [
        Person(
            person_id=str(person_id),
            organisation=str(row[People.organisation]),
            role=str(row[People.role]),
            statutory=str(row[People.statutory]),
            accepts_police=str(row[People.accepts_police]),
            days=frozenset(str(row[People.available]).split()),
            urns=frozenset(str(row[People.urns]).split()),
            wards=frozenset(str(row[People.wards]).split()),
        )
        for person_id, row in zip(frame.index, frame.to_dict("records"), strict=True)
    ]
    return tuple(sorted(made, key=lambda p: p.person_id))


def works_here(person: Person, need: PatrolNeed) -> bool:
    """Whether the patrol is in the person's wards and serves one of their schools (C4)."""
    in_ward = not person.wards or need.ward_code in person.wards
    return in_ward and (not person.urns or bool(person.urns & set(need.urns)))


def within_schools(person: Person, need: PatrolNeed, profile: Teams) -> bool:
    """Whether this patrol alone stays within the schools of a school-linked officer (C1)."""
    if person.role != "school_linked_officer":
        return True
    return len(set(need.urns)) <= profile.schools_per_officer


def is_free(person: Person, need: PatrolNeed) -> bool:
    """Whether the person works on the patrol's weekday."""
    return WEEKDAYS[need.day.weekday()] in person.days


def accepts(person: Person, police_level: str) -> bool:
    """Whether the person agreed to police this near (B3); police need not agree to police."""
    if person.is_police:
        return True
    return POLICE_LEVELS.index(person.accepts_police) >= POLICE_LEVELS.index(police_level)


def filters(
    need: PatrolNeed, mix: Mix, profile: Teams
) -> tuple[tuple[str, Callable[[Person], bool]], ...]:
    """Named rules that a person must pass to walk ``need`` in ``mix``, in the order told."""
    roles = {role for role_need in mix.needs for role in role_need.roles}
    return (
        ("role", lambda p: p.role in roles),
        ("place", lambda p: works_here(p, need)),
        ("schools", lambda p: within_schools(p, need, profile)),
        ("day", lambda p: is_free(p, need)),
        ("consent", lambda p: accepts(p, mix.police_level)),
    )


def candidates(
    need: PatrolNeed, mix: Mix, people: Iterable[Person], profile: Teams
) -> tuple[Person, ...]:
    """People who pass every filter, in the order given."""
    rules = [rule for _, rule in filters(need, mix, profile)]
    return tuple(p for p in people if all(rule(p) for rule in rules))
