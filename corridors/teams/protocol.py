"""The protocol without which no patrol goes out where police do not walk (B2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import pandas as pd

from corridors.tables import ProtocolParties
from corridors.teams.candidates import Person

# Stands for the police where no police officer is in the people file.
POLICE_PARTY: Final = "Police"
# A volunteer without an organisation has nobody to agree for them: told, never passed over.
NO_ORGANISATION: Final = "(a person without an organisation)"

PROTOCOL_LEVELS: Final = ("none", "on_call")


def missing_parties(
    police_level: str,
    team: Iterable[Person],
    people: Iterable[Person],
    protocol: pd.DataFrame,
    dates: tuple[date, date],
) -> tuple[str, ...]:
    """Parties to the protocol without a dated agreement that holds for a patrol (B2).

    The parties are every organisation in the team, every police organisation among all people,
    and every party that the protocol file names. An agreement holds if it was given by the day
    of the plan and its review is not due before the day of the patrol. Names are compared
    without regard to case and spaces.

    Parameters
    ----------
    police_level : of the mix chosen; at ``nearby_not_joint`` and above nothing is needed.
    team, people : who walks, and everybody in the people file.
    protocol : tables.ProtocolParties.
    dates : the plan's day and the patrol's day.

    Returns
    -------
    Party names, sorted, with the review date where that is what is wrong; empty if nothing is
    missing or nothing is needed.
    """
    if police_level not in PROTOCOL_LEVELS:
        return ()
    police = {p.organisation for p in people if p.is_police} or {POLICE_PARTY}
    wanted = police | {p.organisation for p in team} | set(map(str, protocol.index))
    faults = _faults(protocol, *dates)
    missing: dict[str, str] = {}
    for name in sorted(wanted):
        fault = faults.get(_key(name), "")
        if fault is not None:
            missing.setdefault(_key(name), f"{name if name.strip() else NO_ORGANISATION}{fault}")
    return tuple(sorted(missing.values()))


def _faults(protocol: pd.DataFrame, made_on: date, day: date) -> dict[str, str | None]:
    """For each party None if its agreement holds, else what to add to its name."""
    found: dict[str, str | None] = {}
    for party, agreed, review in zip(
        protocol.index,
        protocol[ProtocolParties.agreed_on],
        protocol[ProtocolParties.review_on],
        strict=True,
    ):
        key, fault = _key(str(party)), None
        if pd.isna(agreed) or agreed.date() > made_on:
            fault = ""
        elif pd.notna(review) and review.date() < day:
            fault = f" (review was due on {review:%d/%m/%Y})"
        found[key] = fault if found.get(key) is None else found[key]
    return found


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()
