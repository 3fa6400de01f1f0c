"""Term dates, bank holidays and weeks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import holidays
import pandas as pd

from corridors.errors import CalendarError, InputError
from corridors.model import Calendar, SourceRecord, Week
from corridors.sources.bank_holidays import Published, disagreements
from corridors.sources.csvs import read_cells
from corridors.sources.records import (
    Row,
    choice_of,
    clock_min,
    frame_of,
    required_date_of,
    rows_of,
    urn_of,
)  # fmt: skip
from corridors.tables import TermDates

DIVISIONS: Final = ("ENG", "WLS", "SCT", "NIR")
_KINDS: Final = ("term", "half_term", "inset", "early_close")
_COLUMNS: Final = ("urn", "academic_year", "kind", "start", "end", "finish_time")
# A finish before 10:00 or after 18:30 is a slip, most often 3:15 for 15:15.
_FINISH_MIN: Final = (600, 1110)


def read_calendar(
    path: Path, *, file: str, division: str, more: Sequence[tuple[Row, dict[str, Any]]] = (),
    published: Published | None = None,
) -> tuple[Calendar, SourceRecord]:  # fmt: skip
    """Read term dates and add the bank holidays of ``division`` for their years.

    Parameters
    ----------
    more : rows from elsewhere, such as a school's own calendar; they are held to the same rules,
        and the file may then hold a header only.
    published : see ``bank_holidays``.

    Raises
    ------
    InputError
        For a date, kind or time that is not one; an end before its start; an entry outside its
        academic year; two entries of one kind that overlap for one school.
    CalendarError
        If no term is given.
    """
    table = read_cells(
        path, file=file, aliases={name: (name,) for name in _COLUMNS},
        required=[name for name in _COLUMNS if name != "academic_year"], may_be_empty=bool(more),
    )  # fmt: skip
    own = [(row, _entry(row)) for row in rows_of(table)]
    entries = [*own, *more]
    _refuse_overlaps(entries)
    if not any(entry[TermDates.kind] == "term" for _, entry in entries):
        raise CalendarError(
            "no row is of kind term", file=file, column="kind", fix="Add the terms of the year"
        )
    ordered = sorted((entry for _, entry in entries), key=_entry_order)
    frame = frame_of(TermDates, [entry | {"entry_id": at} for at, entry in enumerate(ordered)])
    years = range(frame[TermDates.start].min().year, frame[TermDates.end].max().year + 1)
    days = [entry[name] for _, entry in own for name in (TermDates.start, TermDates.end)]
    record = SourceRecord(
        "calendar", table.file, table.sha256, len(own), len(own),
        first=min(days, default=None), last=max(days, default=None),
    )  # fmt: skip
    return Calendar(frame, bank_holidays(division, years, published)), record


def bank_holidays(
    division: str, years: Iterable[int], published: Published | None = None
) -> frozenset[date]:
    """Bank holidays of a division of the United Kingdom (ENG, WLS, SCT or NIR).

    Parameters
    ----------
    published : GOV.UK's own list of the division; counts for the years that it holds whole. The
        package `holidays` knows the others.
    """
    days: set[date] = set()
    for year in years:
        own = published.of(year) if published is not None else None
        days |= _usual(division, year) if own is None else own
    return frozenset(days)


def published_record(published: Published, division: str, terms: pd.DataFrame) -> SourceRecord:
    """The record of GOV.UK's list; notes the years of the terms in which `holidays` differs."""
    first, last = terms[TermDates.start].min().year, terms[TermDates.end].max().year
    usual = {year: _usual(division, year) for year in range(first, last + 1)}
    return SourceRecord(
        "calendar", published.file, published.sha256, published.rows, published.rows,
        notes=disagreements(published, usual),
        first=min(published.days), last=max(published.days),
    )  # fmt: skip


def _usual(division: str, year: int) -> frozenset[date]:
    if division not in DIVISIONS:
        raise InputError(
            f"there is no division {division}", file="corridors.toml", column="bank_holidays",
            fix=f"Use one of {', '.join(DIVISIONS)}",
        )  # fmt: skip
    return frozenset(holidays.country_holidays("GB", subdiv=division, years=[year]))


def parse_week(text: str) -> Week:
    """The ISO week written as ``2026-W10``, with its Monday to Friday.

    Raises
    ------
    InputError
        If the text is not such a week, or the year has no week of that number.
    """
    match = re.fullmatch(r"(20[0-9]{2})-?W([0-9]{1,2})", text.strip(), re.IGNORECASE)
    if match is None:
        raise InputError("is not a week", value=text, fix="Write it as 2026-W10 (ISO week)")
    year, number = int(match[1]), int(match[2])
    last = date(year, 12, 28).isocalendar().week  # 28 December is always in the last week
    if not 1 <= number <= last:
        raise InputError(
            f"{year} has no week {number}", value=text, fix=f"Its weeks run from W01 to W{last}"
        )
    monday = date.fromisocalendar(year, number, 1)
    return Week(f"{year}-W{number:02d}", tuple(monday + timedelta(days=day) for day in range(5)))


def _entry(row: Row) -> dict[str, Any]:
    kind = choice_of(row, "kind", _KINDS)
    start = required_date_of(row, "start", "Give the first day")
    end = required_date_of(row, "end", "Give the last day; for one day repeat the first")
    if end < start:
        raise row.wrong("end", f"is before the start {start:%d/%m/%Y}", "Swap or correct them")
    _require_academic_year(row, start, end)
    return {
        TermDates.urn: urn_of(row) if row.values["urn"] else "",
        TermDates.kind: kind,
        TermDates.start: start,
        TermDates.end: end,
        TermDates.finish_min: _finish_min(row, kind),
    }


def _require_academic_year(row: Row, start: date, end: date) -> None:
    text = row.values.get("academic_year", "")
    if not text:
        return
    match = re.fullmatch(r"(20[0-9]{2})[/-](?:20)?([0-9]{2})", text)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
        raise row.wrong("academic_year", "is not an academic year", "Write it as 2025/26")
    year = int(match[1])
    # Scottish terms begin in August.
    if not (date(year, 8, 1) <= start and end <= date(year + 1, 8, 31)):
        raise row.wrong(
            "academic_year", f"does not hold {start:%d/%m/%Y} to {end:%d/%m/%Y}",
            "Correct the year or the dates",
        )  # fmt: skip


def _finish_min(row: Row, kind: str) -> float:
    text = row.values["finish_time"]
    if not text:
        if kind == "early_close":
            raise row.wrong("finish_time", "is empty for early_close", "Give the time as HH:MM")
        return float("nan")
    if kind not in ("term", "early_close"):
        raise row.wrong("finish_time", f"has no meaning for {kind}", "Leave it empty")
    minutes = clock_min(text)
    if minutes is None or not _FINISH_MIN[0] <= minutes <= _FINISH_MIN[1]:
        raise row.wrong(
            "finish_time", "is not a finish time between 10:00 and 18:30",
            "Write it on the 24-hour clock, as 15:15",
        )  # fmt: skip
    return float(minutes)


def _refuse_overlaps(entries: list[tuple[Row, dict[str, Any]]]) -> None:
    ordered = sorted(entries, key=lambda pair: (_group_of(pair[1]), pair[1][TermDates.start]))
    for (before, first), (row, second) in pairwise(ordered):
        if (
            _group_of(first) == _group_of(second)
            and second[TermDates.start] <= first[TermDates.end]
        ):
            raise row.wrong(
                "start", f"overlaps row {before.number}{_elsewhere(before, row)}, also "
                f"{second[TermDates.kind]}",
                "Correct the dates or remove one row",
            )  # fmt: skip


def _elsewhere(before: Row, row: Row) -> str:
    return "" if before.file == row.file else f" of {before.file}"


def _group_of(entry: dict[str, Any]) -> tuple[str, str]:
    return entry[TermDates.urn], entry[TermDates.kind]


def _entry_order(entry: dict[str, Any]) -> tuple[str, date, str]:
    return entry[TermDates.urn], entry[TermDates.start], entry[TermDates.kind]
