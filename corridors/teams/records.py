"""The records that a roster is made from, bundled: raw tables, checked, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from corridors.tables import Absences, Consents, LastRoster, People, ProtocolParties


@dataclass(frozen=True)
class Records:
    """What a partnership keeps about its people. None: no such file.

    ``made_on`` is the plan's date: it decides which agreements are in force. ``last_roster`` is
    last week's; ``this_roster`` is what people were already told for this week.
    """

    people: pd.DataFrame  # tables.People
    protocol: pd.DataFrame  # tables.ProtocolParties
    made_on: date
    consents: pd.DataFrame | None = None  # tables.Consents
    absences: pd.DataFrame | None = None  # tables.Absences
    last_roster: pd.DataFrame | None = None  # tables.LastRoster
    this_roster: pd.DataFrame | None = None  # tables.LastRoster


@dataclass(frozen=True)
class Turn:
    """Somebody's place on a patrol of an earlier roster."""

    patrol_id: str
    person_id: str
    urns: frozenset[str]
    day: date


def require_records(records: Records) -> None:
    """Raise unless every table is what its schema says.

    Raises
    ------
    ColumnError
        Naming the table and the column.
    """
    People.validate(records.people)
    ProtocolParties.validate(records.protocol)
    if records.consents is not None:
        Consents.validate(records.consents)
    if records.absences is not None:
        Absences.validate(records.absences)
    for roster in (records.last_roster, records.this_roster):
        if roster is not None:
            LastRoster.validate(roster)


def turns_of(roster: pd.DataFrame | None) -> tuple[Turn, ...] | None:
    """An earlier roster, each turn once, sorted by day, patrol and person; None stays None."""
    if roster is None:
        return None
    found = {
        Turn(
            patrol_id=str(row[LastRoster.patrol_id]),
            person_id=str(row[LastRoster.person_id]),
            urns=frozenset(str(row[LastRoster.urns]).split()),
            day=row[LastRoster.day].date(),
        )
        for row in rows_of(roster)
    }
    return tuple(sorted(found, key=lambda t: (t.day, t.patrol_id, t.person_id)))


def rows_of(frame: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    """Rows as mappings from column to value; none where there is no table."""
    if frame is not None:
        yield from ({str(k): v for k, v in row.items()} for row in frame.to_dict("records"))
