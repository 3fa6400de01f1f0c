"""Numbers and days as they stand in words: a chart may show those, and no digit more."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

_MINUS: Final = "\N{MINUS SIGN}"
_NUMBER: Final = re.compile(
    r"(?<![\w.,])([-−]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(\s?%)?(?!\w|[.,]\d)"
)
_PLAIN: Final = re.compile(r"[-−]?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Figure:
    """A number as printed; ``step`` is the value of its last digit."""

    value: float
    step: float


def figures(text: str) -> tuple[Figure, ...]:
    """The numbers of a text; a percentage stands both for itself and for a share of 1."""
    found = []
    for sign, whole, decimals, percent in _NUMBER.findall(text):
        digits = whole.replace(",", "")
        value = float(f"{'-' if sign else ''}{digits}{'.' + decimals if decimals else ''}")
        step = 10.0 ** -len(decimals)
        found.append(Figure(value, step))
        if percent:
            found.append(Figure(value / 100, step / 100))
    return tuple(found)


def as_printed(value: float, texts: Iterable[str]) -> float | None:
    """The number in ``texts`` that ``value`` was rounded to; None if none is."""
    fitting = [
        (abs(figure.value - value), figure.value)
        for text in texts
        for figure in figures(text)
        if abs(figure.value - value) <= figure.step / 2 + 1e-9
    ]
    return min(fitting)[1] if fitting and math.isfinite(value) else None


def plain_number(cell: str) -> str | None:
    """A cell that is one number, as a machine reads it; None for anything else."""
    text = cell.strip()
    return text.replace(_MINUS, "-") if _PLAIN.fullmatch(text) else None


def plain_day(cell: str) -> date | None:
    """A cell that is one day, such as ``2026-03-02``; None for anything else."""
    try:
        day = date.fromisoformat(cell)
    except ValueError:
        return None
    return day if day.isoformat() == cell else None
