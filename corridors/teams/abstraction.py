"""How many told places people were taken off, by class of reason (C7)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from corridors.model import Inputs, Patrol, Withdrawal
from corridors.tables import Absences, LastRoster


@dataclass(frozen=True)
class Abstraction:
    """Person-patrols of a week that were told and then lost."""

    planned: int  # person-patrols as first told
    by_reason: tuple[tuple[str, int], ...]  # lost, by reason code, sorted

    @property
    def lost(self) -> int:
        """All that were lost."""
        return sum(count for _, count in self.by_reason)

    @property
    def rate(self) -> float:
        """Lost / planned, 0-1."""
        return self.lost / self.planned if self.planned else 0.0


def abstraction_of(
    withdrawals: tuple[Withdrawal, ...],
    told: pd.DataFrame | None,
    absences: pd.DataFrame | None,
    planned: int,
) -> Abstraction:
    """The abstraction rate of one ward's week.

    A place counts once, with the reason that took the person off it first: from the log of
    changes, or, for a change that is being made now, from who of the told roster is absent.

    Parameters
    ----------
    withdrawals : of this ward and week, in the order they were logged.
    told : tables.LastRoster, what was told before this plan; None if nothing was.
    absences : tables.Absences.
    planned : person-patrols of the plan itself; counts where nothing was told before.
    """
    lost: dict[tuple[str, str], str] = {}
    for entry in withdrawals:
        for patrol_id in entry.patrol_ids:
            lost.setdefault((patrol_id, entry.person_id), entry.reason_code)
    for place, reason in _absent(told, absences).items():
        lost.setdefault(place, reason)
    if withdrawals:
        planned = withdrawals[0].planned
    elif told is not None and not told.empty:
        planned = len(told)
    return Abstraction(planned, tuple(sorted(Counter(lost.values()).items())))


def plan_abstraction(inputs: Inputs, patrols: tuple[Patrol, ...]) -> Abstraction:
    """The abstraction rate of a plan."""
    planned = sum(len(p.staffing.people) for p in patrols)
    return abstraction_of(inputs.withdrawals, inputs.this_roster, inputs.absences, planned)


def abstraction_words(abstraction: Abstraction) -> tuple[str, ...]:
    """One sentence for staff; nothing if nobody was taken off."""
    if not abstraction.lost:
        return ()
    parts = ", ".join(f"{reason} {count}" for reason, count in abstraction.by_reason)
    words = (
        f"Abstraction: {abstraction.lost} of {abstraction.planned} planned person-patrols "
        f"({abstraction.rate:.0%}) were lost after they were told: {parts}."
    )
    return (words,)


def _absent(told: pd.DataFrame | None, absences: pd.DataFrame | None) -> dict[tuple[str, str], str]:
    """Places of the told roster whose person is away on the day, with the reason code."""
    if told is None or absences is None or told.empty or absences.empty:
        return {}
    columns = [LastRoster.patrol_id, LastRoster.person_id, LastRoster.day]
    both = told[columns].merge(absences, on=LastRoster.person_id)
    away = both[
        (both[Absences.first] <= both[LastRoster.day])
        & (both[LastRoster.day] <= both[Absences.last])
    ]
    away = away.sort_values([Absences.told_on, Absences.first, Absences.reason_code])
    found: dict[tuple[str, str], str] = {}
    for patrol_id, person_id, reason in zip(
        away[LastRoster.patrol_id], away[LastRoster.person_id], away[Absences.reason_code],
        strict=True,
    ):  # fmt: skip
        found.setdefault((str(patrol_id), str(person_id)), str(reason))
    return found
