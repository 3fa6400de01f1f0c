"""Term dates from the calendar that a school or council publishes (iCalendar, RFC 5545).

No calendar says in a field what an event means, so its words decide. What is read is the kind of
day, the days and a finish time; the words themselves, and every other event, stay in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from corridors.errors import CalendarError, InputError
from corridors.model import SourceRecord
from corridors.sources.csvs import printable, require_file, sha256_of
from corridors.sources.dates import LONDON
from corridors.sources.records import Row
from corridors.tables import TermDates
from corridors.written_days import FIRST_YEAR, LAST_YEAR

LARGEST_BYTES: Final = 5_000_000
_TERM_DAYS: Final = 14  # an event called a term that is shorter is its first or last day
_EARLY_MIN: Final = (600, 1110)

_VOID: Final = re.compile(r"\bcancell?ed\b|\bpostponed\b")
_INSET: Final = re.compile(r"\binset\b|\b(staff|teacher) training\b|\bnon[- ]pupil\b")
_HALF_TERM: Final = re.compile(r"\bhalf[- ]?term\b")
_AFTER: Final = re.compile(r"\b(return\w*|back|after|before|re-?opens?|resumes?|first day)\b")
_EARLY: Final = re.compile(
    r"\bearly (clos\w+|finish|dismissal)\b|\b(closes?|finish\w*|ends?) (early|at)\b"
)
_TERM: Final = re.compile(r"\bterm\b")
_BEGINS: Final = re.compile(r"\b(starts?|begins?|beginning|opens?|first day)\b")
_ENDS: Final = re.compile(r"\b(ends?|finish(es)?|closes?|last day)\b")
_CLOCK: Final = re.compile(r"\b([0-9]{1,2})(?:[:.]([0-9]{2}))? ?(am|pm|noon)?\b")

# What icalendar raises for damaged files; OSError for a time zone that is the name of a folder.
_BROKEN: Final = (ValueError, KeyError, IndexError, TypeError, AttributeError, OSError)

Entry = tuple[Row, dict[str, Any]]


@dataclass(frozen=True)
class _Event:
    """One event: its place in the file, its words in lower case, and its days."""

    row: Row
    words: str
    start: date
    end: date
    start_min: int | None  # local minutes, if it has a time


def read_term_ical(path: Path, urn: str, *, file: str) -> tuple[list[Entry], SourceRecord]:
    """Rows of ``tables.TermDates`` from an ``.ics`` file.

    Parameters
    ----------
    path, file : where the file is, and what messages call it.
    urn : the school whose calendar it is; empty for all schools.

    Returns
    -------
    The rows, each with its event, counted from 1 as the row; and the record. Events that say
    nothing about school days are counted in it as left out.

    Raises
    ------
    InputError
        If it is no iCalendar file or too large.
    CalendarError
        For an event about school days that repeats, ends before it starts, or is an early close
        without a time; for the end of a term without its start.
    """
    events, count = _events(path, file)
    entries: list[Entry] = []
    used: set[int] = set()
    for event in events:
        for kind in set(_kinds(event.words)) - {"term"}:
            entries.append((event.row, _entry(event, kind, urn)))
            used.add(event.row.number)
    for first, last in _terms([e for e in events if "term" in _kinds(e.words)]):
        whole = replace(first, end=last.end)
        entries.append((first.row, _entry(whole, "term", urn)))
        used |= {first.row.number, last.row.number}
    days = [day for _, e in entries for day in (e[TermDates.start], e[TermDates.end])]
    record = SourceRecord(
        "calendar", file, sha256_of(path), count, len(used),
        (("not about school days", count - len(used)),) if count > len(used) else (),
        first=min(days, default=None), last=max(days, default=None),
    )  # fmt: skip
    return entries, record


def _terms(events: list[_Event]) -> Iterator[tuple[_Event, _Event]]:
    """First and last event of each term: one long event is both; short ones come in pairs."""
    opened: _Event | None = None
    for event in sorted(events, key=lambda e: (e.start, e.row.number)):
        if (event.end - event.start).days >= _TERM_DAYS:
            yield event, event
        elif _BEGINS.search(event.words):
            if opened is not None:
                raise _wrong(event, "starts a term before the one before it ends", "Add that end")
            opened = event
        elif _ENDS.search(event.words):
            if opened is None:
                raise _wrong(event, "ends a term that no event starts", "Add the start to the file")
            yield opened, event
            opened = None
    if opened is not None:
        raise _wrong(opened, "starts a term that no later event ends", "Add the end to the file")


def _events(path: Path, file: str) -> tuple[list[_Event], int]:
    """Events that speak of school days, and how many there are in all."""
    # Only those who give a calendar need the parser.
    from icalendar import Calendar  # noqa: PLC0415

    require_file(path, file)
    if path.stat().st_size > LARGEST_BYTES:
        raise InputError(
            f"is larger than {LARGEST_BYTES // 1_000_000} MB", file=file,
            fix="Export the school year only",
        )  # fmt: skip
    content = path.read_bytes()
    try:
        found = list(Calendar.from_ical(content).walk("VEVENT"))
    except _BROKEN as error:
        raise InputError(
            "is not an iCalendar file, or breaks its rules", file=file,
            fix="Export the calendar again as .ics",
        ) from error  # fmt: skip
    return [e for n, raw in enumerate(found, start=1) for e in _event(raw, n, file)], len(found)


def _event(raw: Any, number: int, file: str) -> Iterator[_Event]:
    words = _words(raw)
    if not _kinds(words):
        return
    row = Row(file, number, {"event": ""}, {})
    began = _when(raw, "DTSTART", row)
    if not isinstance(began, date):
        raise _told(row, "has no day on which it starts", "Give it a start")
    start, start_min = _local(began, row)
    row = Row(file, number, {"event": f"{start:%d/%m/%Y}"}, {})
    if raw.get("RRULE") or raw.get("RDATE"):
        raise _told(row, "repeats", "Write each of its days as an event of its own")
    end = _last_day(raw, began, row)
    if end < start:
        raise _told(row, "ends before it starts", "Correct the event")
    if end.year > LAST_YEAR:
        raise _told(row, f"ends in the year {end.year}", "Correct the event")
    yield _Event(row, words, start, end, start_min)


def _words(raw: Any) -> str:
    """Title and categories of an event, in lower case."""
    found = raw.get("CATEGORIES", [])
    listed = found if isinstance(found, list) else [found]
    categories = (part.to_ical().decode("utf-8", "replace") for part in listed)
    return " ".join((str(raw.get("SUMMARY", "")), *categories)).casefold()


def _last_day(raw: Any, began: date, row: Row) -> date:
    """The last day of an event: an end without a time is the day after it."""
    start = _local(began, row)[0]
    finish, lasts = _when(raw, "DTEND", row), _when(raw, "DURATION", row)
    if not isinstance(finish, date):
        try:
            finish = began + lasts if isinstance(lasts, timedelta) else None
        except OverflowError as error:
            raise _told(row, "has a DURATION without end", "Correct the event") from error
    if finish is None:
        return start
    if isinstance(finish, datetime):
        return _local(finish, row)[0]
    return max(finish - timedelta(days=1), start) if finish >= start else finish


def _when(raw: Any, key: str, row: Row) -> date | timedelta | None:
    """A property's day, time or length; None if the event has none."""
    if raw.get(key) is None:
        return None
    try:
        value = raw[key].dt
    except _BROKEN as error:  # broken, or there twice
        raise _told(row, f"has a {key} that cannot be read", "Correct the event") from error
    zone = raw[key].params.get("TZID")
    if zone and isinstance(value, datetime) and value.tzinfo is None:
        raise _told(
            row, f"is in a time zone that is not known: {printable(str(zone))!r}",
            "Give its time in London time",
        )  # fmt: skip
    return value if isinstance(value, (date, timedelta)) else None


def _local(at: date | datetime, row: Row) -> tuple[date, int | None]:
    """The London day, and the local minutes if there is a time. A time without a zone is local."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR + 1:  # a day's end is the next day
        raise _told(row, f"is in the year {at.year}", "Correct the event")
    if not isinstance(at, datetime):
        return at, None
    local = at.astimezone(LONDON) if at.tzinfo is not None else at
    return local.date(), 60 * local.hour + local.minute


def _kinds(words: str) -> tuple[str, ...]:
    """What an event says about school days. The last day of a term may also be an early close."""
    if _VOID.search(words):
        return ()
    if _INSET.search(words):
        return ("inset",)
    if _HALF_TERM.search(words):
        return () if _AFTER.search(words) else ("half_term",)
    early = ("early_close",) if _EARLY.search(words) else ()
    return (*early, "term") if _TERM.search(words) else early


def _entry(event: _Event, kind: str, urn: str) -> dict[str, Any]:
    return {
        TermDates.urn: urn,
        TermDates.kind: kind,
        TermDates.start: event.start,
        TermDates.end: event.end,
        TermDates.finish_min: _finish_min(event) if kind == "early_close" else float("nan"),
    }


def _finish_min(event: _Event) -> float:
    """When school finishes on an early-close day: the event's time, or one in its words."""
    minutes = event.start_min if event.start_min else _clock_in(event.words)
    if minutes is None or not _EARLY_MIN[0] <= minutes <= _EARLY_MIN[1]:
        raise _wrong(
            event, "is an early close without a finish time between 10:00 and 18:30",
            "Give the event that time, or write it in its title, as 13:00",
        )  # fmt: skip
    return float(minutes)


def _clock_in(words: str) -> int | None:
    for hour_text, minute_text, half in _CLOCK.findall(words):
        if not (minute_text or half):
            continue
        hour, minute = int(hour_text), int(minute_text or 0)
        if half in ("am", "pm") and not 1 <= hour <= 12:
            continue
        if half == "pm" and hour < 12:
            hour += 12
        if hour < 24 and minute < 60:
            return 60 * hour + minute
    return None


def _wrong(event: _Event, problem: str, fix: str) -> CalendarError:
    return _told(event.row, problem, fix)


def _told(row: Row, problem: str, fix: str) -> CalendarError:
    return CalendarError(
        problem, file=row.file, row=row.number, column="event",
        value=row.values["event"] or None, fix=fix,
    )  # fmt: skip
