"""What a school agrees to: the remit of its patrols, and a short hash of it (C9).

The remit is days, times, aim, police level and roles. Streets and people are not in it: a
colleague of the same role may stand in without asking the school again, a police officer in place
of a youth worker may not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any, Final

import pandas as pd

from corridors.model import Patrol, PatrolRemit, Plan, local_time
from corridors.tables import DATE, LastRoster

LENGTH: Final = 12  # hexadecimal digits kept
TOLD: Final = "told_roster"  # kinds of source: this week's roster as it was told,
LAST: Final = "last_roster"  # and last week's


def remits_of(plan: Plan) -> dict[str, tuple[PatrolRemit, ...]]:
    """The remit of each school by URN: its staffed patrols of the week, in a fixed order."""
    found: dict[str, list[PatrolRemit]] = {}
    for patrol in plan.patrols:
        if patrol.staffing.is_staffed:
            for urn in patrol_urns(plan, patrol):
                found.setdefault(urn, []).append(patrol_remit(patrol))
    return {urn: in_order(found[urn]) for urn in sorted(found)}


def patrol_remit(patrol: Patrol) -> PatrolRemit:
    """The part of one patrol that a school agrees to."""
    staffing = patrol.staffing
    return PatrolRemit(
        day=patrol.day,
        start_min=patrol.start_min,
        end_min=patrol.end_min,
        aim=staffing.aim,
        police_level=staffing.police_level,
        roles=tuple(sorted(a.role for a in staffing.people)),
    )


def patrol_urns(plan: Plan, patrol: Patrol) -> tuple[str, ...]:
    """Schools that a patrol is for: those of its corridor whose pupils come out in its session."""
    corridor = next((c for c in plan.corridors if c.corridor_id == patrol.corridor_id), None)
    if corridor is None:
        return ()
    out = {
        urn
        for session in plan.sessions
        if patrol.day in session.days and session.start_min <= patrol.start_min <= session.end_min
        for urn in session.urns
    }
    return tuple(u for u in corridor.urns if u in out) or corridor.urns


def remit_of(patrols: Iterable[PatrolRemit]) -> str:
    """First 12 hexadecimal digits of the SHA-256 of the remit as canonical JSON."""
    data = [as_data(patrol) for patrol in in_order(patrols)]
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:LENGTH]


def in_order(patrols: Iterable[PatrolRemit]) -> tuple[PatrolRemit, ...]:
    """Patrols in the order that their hash is taken in."""
    return tuple(sorted(patrols, key=lambda p: tuple(asdict(p).values())))


def as_data(patrol: PatrolRemit) -> dict[str, Any]:
    """One patrol as plain data."""
    return {**asdict(patrol), "day": patrol.day.isoformat(), "roles": list(patrol.roles)}


def from_data(data: dict[str, Any]) -> PatrolRemit:
    """The patrol that ``as_data`` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it did not write it.
    """
    return PatrolRemit(
        day=date.fromisoformat(data["day"]),
        start_min=int(data["start_min"]),
        end_min=int(data["end_min"]),
        aim=str(data["aim"]),
        police_level=str(data["police_level"]),
        roles=tuple(sorted(str(role) for role in data["roles"])),
    )


def remit_words(patrols: Iterable[PatrolRemit]) -> str:
    """A remit for people to read: ``02/03/2026 15:00 to 17:00, aim trust, …``."""
    return "; ".join(
        f"{p.day:%d/%m/%Y} {local_time(p.start_min)} to {local_time(p.end_min)}, aim {p.aim}, "
        f"police {p.police_level}, {', '.join(p.roles)}"
        for p in patrols
    )


def roster_of(plan: Plan) -> pd.DataFrame:
    """The plan's roster as tables.LastRoster: one row for each person on a patrol."""
    return roster_frame(
        (p.patrol_id, a.person_id, " ".join(patrol_urns(plan, p)), p.day)
        for p in plan.patrols
        for a in p.staffing.people
    )


def roster_frame(rows: Iterable[tuple[str, str, str, date]]) -> pd.DataFrame:
    """tables.LastRoster of (patrol, person, URNs, day), in a fixed order."""
    listed = sorted(set(rows))
    patrols, people, urns, days = zip(*listed, strict=True) if listed else ((), (), (), ())
    frame = pd.DataFrame(
        {
            LastRoster.patrol_id: pd.Series(patrols, dtype="str"),
            LastRoster.person_id: pd.Series(people, dtype="str"),
            LastRoster.urns: pd.Series(urns, dtype="str"),
            LastRoster.day: pd.Series([pd.Timestamp(d) for d in days], dtype=DATE),
        }
    )
    frame.index.name = LastRoster.index
    return LastRoster.validate(frame)


def roster_hash(roster: pd.DataFrame) -> str:
    """SHA-256 of who is on which patrol, whatever file it stood in."""
    pairs = sorted(zip(roster[LastRoster.patrol_id], roster[LastRoster.person_id], strict=True))
    return hashlib.sha256(json.dumps(pairs, ensure_ascii=True).encode("ascii")).hexdigest()
