"""What a re-planned week changes against the roster that people were told (C7, C8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import pandas as pd

from corridors.model import Patrol, PatrolRemit, RosterReport
from corridors.remit import patrol_remit
from corridors.teams.protocol_terms import terms_fault
from corridors.teams.wishes import CHANGES, COVERAGE

NO_PROTOCOL: Final = "Cancelled: its police are away"  # how the reason of such a change begins
_POLICE_WALK = ("nearby_not_joint", "joint_visible")


@dataclass(frozen=True)
class ToldPatrol:
    """A patrol as it was written down."""

    patrol_id: str
    day: date
    start_min: int
    end_min: int
    urns: tuple[str, ...]
    corridor_id: str
    aim: str
    police_level: str
    people: tuple[tuple[str, str], ...]  # (person id, role), sorted

    @property
    def person_ids(self) -> tuple[str, ...]:
        """Who was to walk."""
        return tuple(person_id for person_id, _ in self.people)

    @property
    def remit(self) -> PatrolRemit:
        """What the schools were told of it."""
        return PatrolRemit(
            day=self.day,
            start_min=self.start_min,
            end_min=self.end_min,
            aim=self.aim,
            police_level=self.police_level,
            roles=tuple(sorted(role for _, role in self.people)),
        )


@dataclass(frozen=True)
class PatrolChange:
    """One patrol that is no longer as it was told."""

    told: ToldPatrol
    off: tuple[str, ...]  # person ids taken off
    on: tuple[str, ...]  # person ids put on
    is_cancelled: bool
    is_other_remit: bool  # what the school agreed to has changed
    roles: tuple[str, ...]  # now, sorted; empty if cancelled
    police_level: str  # now
    reason: str  # why nobody walks; empty unless cancelled


def changes_of(
    told: Iterable[ToldPatrol], patrols: Iterable[Patrol], since: date
) -> tuple[PatrolChange, ...]:
    """Patrols from ``since`` on whose people changed, by day and id."""
    now = {p.patrol_id: p for p in patrols}
    found = []
    for old in sorted(told, key=lambda p: (p.day, p.patrol_id)):
        new = now.get(old.patrol_id)
        before = set(old.person_ids)
        after = {a.person_id for a in new.staffing.people} if new else set()
        if old.day >= since and before != after:
            found.append(_change(old, new, before, after))
    return tuple(found)


def people_changed(changes: Iterable[PatrolChange]) -> int:
    """How often somebody is put on or taken off: what the roster makes as small as it can."""
    return sum(len(c.on) + len(c.off) for c in changes)


def is_proven(report: RosterReport) -> bool:
    """Whether no other roster keeps as many patrols with fewer changes: proven by the solver."""
    return not {COVERAGE, CHANGES} & set(report.unproven)


def without_protocol(
    patrols: Sequence[Patrol], told: Iterable[ToldPatrol], terms: pd.DataFrame | None
) -> tuple[Patrol, ...]:
    """Cancel patrols that lost their police and have no agreed protocol (C8, B2).

    Parameters
    ----------
    told : the patrols as they were told.
    terms : tables.ProtocolTerms, or None if nothing is written down.
    """
    with_police = {p.patrol_id for p in told if p.police_level in _POLICE_WALK}
    return tuple(
        _cancelled(p, fault)
        if p.patrol_id in with_police and p.staffing.is_staffed and (fault := _fault(p, terms))
        else p
        for p in patrols
    )


def _fault(patrol: Patrol, terms: pd.DataFrame | None) -> str:
    """What the protocol lacks for a patrol; empty if nothing, or if police are still there."""
    staffing = patrol.staffing
    if staffing.police_level in _POLICE_WALK:
        return ""
    missing = ", ".join(staffing.protocol_missing)
    parties = f"the protocol is not agreed by {missing}" if missing else ""
    return "; ".join(filter(None, (parties, terms_fault(staffing.police_level, terms, patrol.day))))


def taken_off(
    told: Iterable[ToldPatrol], person_id: str, first: date, last: date
) -> tuple[str, ...]:
    """Patrols that a person was to walk on these days, sorted."""
    return tuple(
        sorted(p.patrol_id for p in told if person_id in p.person_ids and first <= p.day <= last)
    )


def by_school(changes: Iterable[PatrolChange]) -> Mapping[str, tuple[PatrolChange, ...]]:
    """The changes that concern each school, by URN."""
    found: dict[str, list[PatrolChange]] = {}
    for change in changes:
        for urn in change.told.urns:
            found.setdefault(urn, []).append(change)
    return {urn: tuple(found[urn]) for urn in sorted(found)}


def _change(old: ToldPatrol, new: Patrol | None, before: set[str], after: set[str]) -> PatrolChange:
    staffing = None if new is None else new.staffing
    roles = tuple(sorted(a.role for a in staffing.people)) if staffing else ()
    level = staffing.police_level if staffing and after else "none"
    is_other = new is not None and bool(after) and patrol_remit(new) != old.remit
    return PatrolChange(
        told=old,
        off=tuple(sorted(before - after)),
        on=tuple(sorted(after - before)),
        is_cancelled=not after,
        is_other_remit=is_other,
        roles=roles,
        police_level=level,
        reason="" if after else (staffing.reason if staffing else "It is no longer planned."),
    )


def _cancelled(patrol: Patrol, fault: str) -> Patrol:
    staffing = replace(
        patrol.staffing,
        people=(),
        police_level="none",
        police_minutes=0,
        exposure=0.0,
        warnings=(),
        protocol_missing=(),
        reason=f"{NO_PROTOCOL}, and {fault} (C8).",
    )
    return replace(patrol, staffing=staffing, person_hours_per_incident=None)
