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
    made_on: date,
) -> tuple[str, ...]:
    """Parties to the protocol without a dated agreement in force on ``made_on``.

    The parties are every organisation in the team and every police organisation among all
    people. An agreement is in force from its date until its review date, both inclusive. Names
    are compared without regard to case and spaces.

    Parameters
    ----------
    police_level : of the mix chosen; at ``nearby_not_joint`` and above nothing is needed.
    team, people : who walks, and everybody in the people file.
    protocol : tables.ProtocolParties.
    made_on : the plan's date.

    Returns
    -------
    Party names, sorted; empty if nothing is missing or nothing is needed.
    """
    if police_level not in PROTOCOL_LEVELS:
        return ()
    police = {p.organisation for p in people if p.is_police} or {POLICE_PARTY}
    wanted = police | {p.organisation for p in team}
    in_force = _in_force(protocol, made_on)
    missing = {
        name if name.strip() else NO_ORGANISATION for name in wanted if _key(name) not in in_force
    }
    return tuple(sorted(missing))


def _in_force(protocol: pd.DataFrame, made_on: date) -> frozenset[str]:
    """Keys of parties, all of whose rows have an agreement in force."""
    today = pd.Timestamp(made_on)
    agreed = protocol[ProtocolParties.agreed_on]
    review = protocol[ProtocolParties.review_on]
    holds = (agreed.notna() & (agreed <= today) & (review.isna() | (review >= today))).tolist()
    rows = list(zip((_key(str(party)) for party in protocol.index), holds, strict=True))
    lapsed = {party for party, is_held in rows if not is_held}
    return frozenset(party for party, _ in rows if party and party not in lapsed)


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()
