"""What is compared: counts of reported incidents in areas, before and after, and for how long."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral

from corridors.errors import InputError


def require_count(value: object, what: str) -> None:
    """Refuse what is not a whole number of at least 0.

    Raises
    ------
    InputError
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < 0:
        raise InputError(
            f"the count {what} must be a whole number, 0 or more",
            value=value,
            fix="Count incidents, each as one",
        )


def require_positive(value: float, what: str) -> None:
    """Refuse what is not a finite number above 0.

    Raises
    ------
    InputError
    """
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{what} must be a number above 0", value=value)


def require_share(value: float, what: str) -> None:
    """Refuse what does not lie between 0 and 1, both left out.

    Raises
    ------
    InputError
    """
    if not 0.0 < value < 1.0:
        raise InputError(f"{what} must lie between 0 and 1", value=value)


@dataclass(frozen=True)
class NoFigure:
    """In place of a figure that the counts do not give; ``because`` says why, in plain words."""

    because: str


@dataclass(frozen=True)
class Days:
    """School days that the two counts of a ``Pair`` were made over; only their sizes relative to
    each other and to those of other pairs matter."""

    before: float = 1.0
    after: float = 1.0

    def __post_init__(self) -> None:
        for name, value in (("before", self.before), ("after", self.after)):
            require_positive(value, f"days {name}")


EQUAL_DAYS = Days()


@dataclass(frozen=True)
class Pair:
    """Reported incidents in one area before and after the start.

    ``area_weight`` is the size of the area (say, metres of street) relative to that of the others;
    only the weighted difference (``wdd``) uses it.

    Raises
    ------
    InputError
        If a count is not a whole number of at least 0, or days or weight are not positive.
    """

    before: int
    after: int
    days: Days = EQUAL_DAYS
    area_weight: float = 1.0

    def __post_init__(self) -> None:
        for name, value in (("before", self.before), ("after", self.after)):
            require_count(value, name)
        require_positive(self.area_weight, "area weight")

    @property
    def even_before(self) -> float:
        """Incidents before, as if that period had been as long as the one after."""
        return self.before * (self.days.after / self.days.before)

    def __add__(self, other: Pair) -> Pair:
        """Both areas as one.

        Raises
        ------
        InputError
            If they were counted over other days: their counts then do not add up.
        """
        if self.days != other.days:
            raise InputError(
                "areas that were counted over different days cannot be added up",
                value=f"{self.days} and {other.days}",
                fix="Use the panel, which knows the days of each area",
            )
        return Pair(
            self.before + other.before,
            self.after + other.after,
            self.days,
            self.area_weight + other.area_weight,
        )


@dataclass(frozen=True)
class Cells:
    """One comparison: the treated streets and their control, and what lies around each of them.

    ``near`` is where displacement would show (the buffer); ``near_control`` is what that is
    compared with in ``wdd``. ``displacement`` compares ``near`` with ``control``, as published.
    """

    treated: Pair
    control: Pair
    near: Pair | None = None
    near_control: Pair | None = None

    def __post_init__(self) -> None:
        if self.near is None and self.near_control is not None:
            raise InputError("there is a control of the near streets, but no near streets")

    @property
    def four(self) -> tuple[int, int, int, int]:
        """Treated before and after, control before and after."""
        return (self.treated.before, self.treated.after, self.control.before, self.control.after)
