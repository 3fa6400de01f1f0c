"""Term dates of the two school years that the demo covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from corridors.demo.schools import EAST, PRIMARY, PRU, WEST

# All schools: year, kind, first day, last day.
_SHARED: Final = (
    ("2024/25", "term", date(2024, 9, 3), date(2024, 12, 20)),
    ("2024/25", "half_term", date(2024, 10, 28), date(2024, 11, 1)),
    ("2024/25", "term", date(2025, 1, 6), date(2025, 4, 4)),
    ("2024/25", "half_term", date(2025, 2, 17), date(2025, 2, 21)),
    ("2024/25", "term", date(2025, 4, 22), date(2025, 7, 22)),
    ("2024/25", "half_term", date(2025, 5, 26), date(2025, 5, 30)),
    ("2025/26", "term", date(2025, 9, 2), date(2025, 12, 19)),
    ("2025/26", "half_term", date(2025, 10, 27), date(2025, 10, 31)),
    ("2025/26", "term", date(2026, 1, 5), date(2026, 3, 27)),
    ("2025/26", "half_term", date(2026, 2, 16), date(2026, 2, 20)),
    ("2025/26", "term", date(2026, 4, 13), date(2026, 7, 21)),
    ("2025/26", "half_term", date(2026, 5, 25), date(2026, 5, 29)),
)
_FINISH: Final = {WEST: "15:10", EAST: "15:20", PRIMARY: "15:15", PRU: "14:45"}
# One school: which, year, kind, day, finish. Week 2026-W10 has two of them.
_OWN: Final = (
    (WEST, "2024/25", "inset", date(2024, 11, 29), ""),
    (EAST, "2024/25", "inset", date(2025, 6, 27), ""),
    (WEST, "2025/26", "inset", date(2025, 11, 28), ""),
    (PRIMARY, "2025/26", "inset", date(2026, 2, 13), ""),
    (EAST, "2025/26", "early_close", date(2025, 12, 19), "13:00"),
    (WEST, "2025/26", "early_close", date(2026, 3, 4), "14:10"),
    (EAST, "2025/26", "inset", date(2026, 3, 6), ""),
)


@dataclass(frozen=True)
class Entry:
    """A row of the term calendar; an empty ``key`` means all schools."""

    key: str
    year: str
    kind: str
    start: date
    end: date
    finish: str = ""


def entries() -> tuple[Entry, ...]:
    """Shared rows, each school's terms with its own finish time, then single days."""
    shared = [Entry("", *row) for row in _SHARED]
    own = [
        Entry(key, year, kind, start, end, finish)
        for key, finish in _FINISH.items()
        for year, kind, start, end in _SHARED
        if kind == "term"
    ]
    days = [Entry(key, year, kind, day, day, finish) for key, year, kind, day, finish in _OWN]
    return (*shared, *own, *days)


def school_days(first: date, last: date) -> list[date]:
    """Weekdays in term and not in a half-term, first to last; bank holidays are few and stay."""
    return [day for day in _days(first, last) if day.weekday() < 5 and _in_term(day)]


def _in_term(day: date) -> bool:
    kinds = {kind for _, kind, start, end in _SHARED if start <= day <= end}
    return kinds == {"term"}


def _days(first: date, last: date) -> Iterator[date]:
    for i in range((last - first).days + 1):
        yield first + timedelta(days=i)
