"""What a patrol asks of people: the day, the time, the schools and the aim."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from corridors.errors import InputError, ProfileError
from corridors.profile import Teams


class Outing(Protocol):
    """A time on a day, in local minutes after midnight, half open."""

    @property
    def day(self) -> date:
        """The day."""

    @property
    def start_min(self) -> int:
        """When it begins."""

    @property
    def end_min(self) -> int:
        """When it is over."""


@dataclass(frozen=True)
class PatrolNeed:
    """One patrol that wants people.

    ``start_min`` and ``end_min`` are local minutes after midnight, half open. ``pupils_met`` is
    the expected number of pupils on its route in the window.
    """

    patrol_id: str
    day: date
    start_min: int
    end_min: int
    urns: tuple[str, ...]
    ward_code: str
    aim_key: str
    aim_is_confirmed: bool
    pupils_met: float

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return self.end_min - self.start_min


def require_needs(needs: tuple[PatrolNeed, ...], profile: Teams) -> None:
    """Raise unless every patrol has its own id, a time, a pupil count and a known aim (A1).

    Raises
    ------
    InputError
        Naming the patrol and what is wrong with it.
    """
    seen: set[str] = set()
    for need in needs:
        if need.patrol_id in seen:
            raise InputError("two patrols have the same id", value=need.patrol_id)
        seen.add(need.patrol_id)
        if not need.start_min < need.end_min:
            raise InputError("a patrol ends before it starts", value=need.patrol_id)
        if not (math.isfinite(need.pupils_met) and need.pupils_met >= 0):
            raise InputError(
                f"a patrol meets {need.pupils_met} pupils, not a number from 0 up",
                value=need.patrol_id,
            )
        _require_aim(need, profile)


def overlap(one: Outing, other: Outing) -> bool:
    """Whether both are out at one moment."""
    return one.day == other.day and _gap_min(one, other) < 0


def cannot_both(one: PatrolNeed, other: PatrolNeed, travel_min: int) -> bool:
    """Whether nobody can walk both: they overlap, or are too far apart for the time between.

    Two patrols that share neither school nor ward need ``travel_min`` minutes between them.
    """
    if one.day != other.day:
        return False
    if overlap(one, other):
        return True
    is_close_by = one.ward_code == other.ward_code or bool(set(one.urns) & set(other.urns))
    return _gap_min(one, other) < travel_min and not is_close_by


def _gap_min(one: Outing, other: Outing) -> int:
    """Minutes between the two on one day, below 0 if they overlap."""
    return max(one.start_min, other.start_min) - min(one.end_min, other.end_min)


def _require_aim(need: PatrolNeed, profile: Teams) -> None:
    if not need.aim_key:
        raise InputError("a patrol has no aim (A1)", value=need.patrol_id, fix="Give it one aim")
    try:
        profile.aim(need.aim_key)
    except ProfileError as error:
        raise InputError(
            f"a patrol has an aim that the profile lacks (A1): {error.problem}",
            value=need.patrol_id,
            fix=error.fix,
        ) from error
