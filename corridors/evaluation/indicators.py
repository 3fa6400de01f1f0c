"""What is looked at after the patrols, for which outcome, and what is overdue (G1-G3)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date

from corridors.profile import ALL_AIMS, Aim, Indicator

NO_INDICATORS = "No indicators are set. Name them in the profile, under [evaluation]."


def indicators_of(indicators: Iterable[Indicator], aim: str) -> tuple[Indicator, ...]:
    """Those of one aim and those about all aims, in the profile's order."""
    return tuple(i for i in indicators if i.aim in (aim, ALL_AIMS))


def outcome_of(indicator: Indicator, aims: Iterable[Aim]) -> str:
    """The outcome that an indicator is drawn from (G2); empty if it is about all aims."""
    return next((aim.outcome for aim in aims if aim.key == indicator.aim), "")


def due_on(indicator: Indicator, last_evaluated: date) -> date:
    """The day by which it has to be evaluated again.

    The same day of the month, or the month's last where it has no such day.
    """
    years, month = divmod(last_evaluated.month - 1 + indicator.every_months, 12)
    year, month = last_evaluated.year + years, month + 1
    return date(year, month, min(last_evaluated.day, monthrange(year, month)[1]))


def due_words(
    indicators: Sequence[Indicator], last_evaluated: date | None, today: date
) -> tuple[str, ...]:
    """What is overdue, a sentence each; empty if nothing is (G3).

    Parameters
    ----------
    last_evaluated : when the indicators were last looked at. None: never, so that all are overdue;
        give the day on which patrols began instead to count from there.
    """
    if not indicators:
        return (NO_INDICATORS,)
    return tuple(
        words for indicator in indicators if (words := _overdue(indicator, last_evaluated, today))
    )


def _overdue(indicator: Indicator, last_evaluated: date | None, today: date) -> str:
    months = indicator.every_months
    every = "every month" if months == 1 else f"every {months} months"
    if last_evaluated is None:
        return f"Overdue: {indicator.title}. It is evaluated {every}, and has not been yet."
    due = due_on(indicator, last_evaluated)
    if due >= today:
        return ""
    return f"Overdue since {due:%d/%m/%Y}: {indicator.title}. It is evaluated {every}."
