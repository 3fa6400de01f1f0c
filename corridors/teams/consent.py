"""How near police a person accepts, on one patrol (B3, A.12). A level, never a reason.

The standing answer in the people file is the ceiling. A row of the consent file, the person's own
or their organisation's, can only lower it where it applies, and of all that apply the lowest
counts, so nobody is talked up by a second row. That makes every row safe to follow at once: it
counts on each patrol from ``given_on`` to ``expires_on``, whenever the plan was made. Once it has
run out, the standing answer counts again, but never above what other rows still allow. Who wants
to take a refusal back ends the row and, if need be, changes the standing answer: two deliberate
acts, both the person's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from corridors.tables import POLICE_LEVELS, Consents
from corridors.teams.records import rows_of

PERSON: Final = "person"
ORGANISATION: Final = "organisation"


@dataclass(frozen=True)
class Consent:
    """One row of ``tables.Consents``, its lists taken apart. Empty ``urns`` or ``aims``: all."""

    party_kind: str
    party: str
    level: str
    urns: frozenset[str]
    aims: frozenset[str]
    given_on: date
    expires_on: date | None

    def concerns(self, person_id: str, organisation: str) -> bool:
        """Whether it is this person's or their organisation's."""
        if self.party_kind == PERSON:
            return self.party == person_id
        return organisation_key(self.party) == organisation_key(organisation)

    def holds(self, urns: Iterable[str], aim: str, day: date) -> bool:
        """Whether it applies to a patrol at these schools, with this aim, on this day."""
        in_time = self.given_on <= day and (self.expires_on is None or day <= self.expires_on)
        in_scope = (not self.urns or bool(self.urns & set(urns))) and (
            not self.aims or aim in self.aims
        )
        return in_time and in_scope


def consents_of(frame: pd.DataFrame | None) -> tuple[Consent, ...]:
    """Rows of ``tables.Consents``; none where there is no file."""
    return tuple(
        Consent(
            party_kind=str(row[Consents.party_kind]),
            party=str(row[Consents.party]),
            level=str(row[Consents.level]),
            urns=frozenset(str(row[Consents.urns]).split()),
            aims=frozenset(str(row[Consents.aims]).split()),
            given_on=_day(row[Consents.given_on]),
            expires_on=_day_or_none(row[Consents.expires_on]),
        )
        for row in rows_of(frame)
    )


def lowest(levels: Iterable[str]) -> str:
    """The level that keeps police farthest away."""
    return min(levels, key=POLICE_LEVELS.index)


def reaches(accepted: str, police_level: str) -> bool:
    """Whether somebody who accepts ``accepted`` may walk at ``police_level``."""
    return POLICE_LEVELS.index(accepted) >= POLICE_LEVELS.index(police_level)


def organisation_key(name: str) -> str:
    """An organisation's name without case and surplus space, for comparing."""
    return " ".join(name.split()).casefold()


def _day(value: pd.Timestamp) -> date:
    return value.date()


def _day_or_none(value: pd.Timestamp) -> date | None:
    return None if pd.isna(value) else value.date()
