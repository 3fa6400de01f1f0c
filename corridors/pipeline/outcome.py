"""Which reports are a programme's outcome, on which day and in which hours.

Counts have to be whole for exact tests. A report counts in some hours if at least half of its
possible time lies in them (aoristic weight of 0.5 or more).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from corridors import days
from corridors.arrays import BoolArray, IntArray
from corridors.errors import CalendarError, InputError
from corridors.model import Calendar
from corridors.profile import Window
from corridors.programme import Programme, ProgrammeArea
from corridors.risk.incident_time import window_weights
from corridors.tables import Incidents

HOUR_MIN: Final = 60
EVENING: Final = (18 * 60, 20 * 60)
# In the window, in the hour before it, in the hour after it, from 18:00 to 20:00 (D.5).
SPANS: Final = ("window", "hour_before", "hour_after", "evening")
_HALF: Final = 0.5
_LONGEST_WITHOUT: Final = timedelta(days=31)  # any record, after before_from


@dataclass(frozen=True)
class Piece:
    """A stretch of time within one month, on one side of the start, and its counted days."""

    first: date
    last: date
    is_after: bool
    days: int  # school days, or all days of programmes at any hour

    @property
    def label(self) -> str:
        """``2026-03``, with ``+`` for the part of a month after the start."""
        return f"{self.first:%Y-%m}{'+' if self.is_after else ''}"


@dataclass(frozen=True)
class Outcome:
    """A programme's outcome for the hours and days of one area, on k reports."""

    pieces: tuple[Piece, ...]
    piece: IntArray  # (k) position in pieces; -1 where the report is not of the outcome
    day: IntArray  # (k) days since 1970-01-01; 0 where only a month is known
    in_span: dict[str, BoolArray]  # (k) by SPANS; of programmes at any hour the window alone
    is_partly: BoolArray  # (k) of the outcome, with times that lie partly in the window
    school_days: tuple[date, ...]  # sorted; all days at any hour


def find_outcome(
    programme: Programme,
    area: ProgrammeArea,
    incidents: pd.DataFrame,
    calendar: Calendar,
    window: Window,
    until: date,
) -> Outcome:
    """Which reports count for one area, in which month and hours.

    Parameters
    ----------
    incidents : tables.Incidents, k rows.
    until : last day that the records cover; what is later is not counted, nor are its days.

    Raises
    ------
    CalendarError
        If a side of the start has no school day.
    InputError
        If the programme counts after school, but no report has a time of day.
    """
    is_wanted = (
        incidents[Incidents.group].isin(programme.groups)
        & ~incidents[Incidents.is_police_generated]
        & ~incidents[Incidents.is_school_premises]
    ).to_numpy(dtype=np.bool_)
    has_time = incidents[Incidents.from_utc].notna().to_numpy(dtype=np.bool_)
    if programme.hours == "any":
        return _at_any_hour(programme, incidents, is_wanted, has_time, until)
    if not has_time.any():
        raise InputError(
            "no report has a time of day, so nothing can be counted after school",
            fix='Use a records export with times, or write hours = "any" in the programme',
        )
    listed = _days(programme, until)
    finishes = days.ward_finishes(calendar, area.urns, listed, window)
    opened = tuple(sorted({day for by_day in finishes.values() for day in by_day}))
    pieces = _pieces(opened, programme)
    weights = {
        name: window_weights(incidents, *_union(spans)).fillna(0.0).to_numpy()
        for name, spans in _spans(finishes.values(), window).items()
    }
    day = _day_of(incidents, has_time)
    of_day = {days.day_number(d): at for at, p in enumerate(pieces) for d in opened if _has(p, d)}
    piece = np.array([of_day.get(int(d), -1) for d in day], dtype=np.int64)
    piece[~(is_wanted & has_time)] = -1
    partly = weights["window"]
    return Outcome(
        pieces=pieces,
        piece=piece,
        day=day,
        in_span={name: weight >= _HALF for name, weight in weights.items()},
        is_partly=(partly > 0) & (partly < 1) & (piece >= 0),
        school_days=opened,
    )


def _at_any_hour(
    programme: Programme,
    incidents: pd.DataFrame,
    is_wanted: BoolArray,
    has_time: BoolArray,
    until: date,
) -> Outcome:
    """Counts of all hours; where only months are known, of whole months on one side."""
    listed = _days(programme, until)
    if not has_time.all():
        listed = [d for d in listed if _month_is_whole(d, programme, until)]
    pieces = _pieces(listed, programme)
    day = _day_of(incidents, has_time)
    months = incidents[Incidents.month].dt.date.to_numpy()
    of_day = {days.day_number(d): at for at, p in enumerate(pieces) for d in listed if _has(p, d)}
    of_month = {p.first.replace(day=1): at for at, p in enumerate(pieces)}
    piece = np.array(
        [
            of_day.get(int(d), -1) if timed else of_month.get(month, -1)
            for d, month, timed in zip(day, months, has_time, strict=True)
        ],
        dtype=np.int64,
    )
    piece[~is_wanted] = -1
    everything = np.ones(len(incidents), dtype=np.bool_)
    return Outcome(pieces, piece, day, {"window": everything}, ~everything, tuple(listed))


def _days(programme: Programme, until: date) -> list[date]:
    return days.days_between(programme.before_from, min(programme.ends_on, until))


def _month_is_whole(day: date, programme: Programme, until: date) -> bool:
    first, last = day.replace(day=1), days.month_end(day)
    if first < programme.before_from or last > min(programme.ends_on, until):
        return False
    return not first < programme.starts_on <= last


def _pieces(listed: Iterable[date], programme: Programme) -> tuple[Piece, ...]:
    grouped: dict[tuple[bool, int, int], list[date]] = {}
    for day in sorted(listed):
        grouped.setdefault((day >= programme.starts_on, day.year, day.month), []).append(day)
    made = tuple(
        Piece(mine[0], mine[-1], is_after, len(mine)) for (is_after, _, _), mine in grouped.items()
    )
    for is_after, side in ((False, "before"), (True, "after")):
        if not any(p.is_after == is_after for p in made):
            raise CalendarError(
                f"there is no day to count {side} the start",
                value=f"{programme.starts_on:%d/%m/%Y}",
                fix="Add the term dates of the whole time to the calendar file, correct the dates "
                "of the programme, or wait until records reach beyond its start",
            )
    return made


def _has(piece: Piece, day: date) -> bool:
    return piece.first <= day <= piece.last


def _spans(
    finishes: Iterable[dict[date, int]], window: Window
) -> dict[str, list[tuple[date, int, int]]]:
    """Day, start and end in local minutes of each span, by name."""
    found: dict[str, list[tuple[date, int, int]]] = {name: [] for name in SPANS}
    by_day: dict[date, list[tuple[int, int]]] = {}
    for school in finishes:
        for day, finish in school.items():
            by_day.setdefault(day, []).append(days.window_of(finish, window))
    for day, windows in sorted(by_day.items()):
        first, last = min(a for a, _ in windows), max(b for _, b in windows)
        found["window"] += [(day, a, b) for a, b in windows]
        found["hour_before"].append((day, max(first - HOUR_MIN, 0), first))
        found["hour_after"].append((day, last, min(last + HOUR_MIN, 24 * 60)))
        found["evening"].append((day, max(EVENING[0], min(last, EVENING[1])), EVENING[1]))
    return found


def _union(spans: list[tuple[date, int, int]]) -> tuple[IntArray, IntArray]:
    rows = [(days.day_number(day), a, b) for day, a, b in spans if a < b]
    number, first, last = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3).T.copy()
    return days.joined_us(days.utc_us(number, first), days.utc_us(number, last))


def _day_of(incidents: pd.DataFrame, has_time: BoolArray) -> IntArray:
    """London day of the middle of each report's time; 0 where it has none."""
    known = incidents[has_time]
    start = known[Incidents.from_utc].dt.tz_localize(None).to_numpy("datetime64[us]")
    end = known[Incidents.to_utc].dt.tz_localize(None).to_numpy("datetime64[us]")
    middle = (start.astype(np.int64) + np.maximum(end, start).astype(np.int64)) // 2
    out = np.zeros(len(incidents), dtype=np.int64)
    out[has_time] = days.london_clock(middle)[0]
    return out


def last_day(incidents: pd.DataFrame) -> date:
    """The last day that records cover: the last report's, or the end of its month."""
    span = days.record_span(incidents)
    return span.last_day or days.month_end(span.last_month)


def first_day_from(incidents: pd.DataFrame, day: date) -> date | None:
    """The first day with a record from ``day`` on, whatever was reported; None without any.

    A record without a time of day stands for its month from the first on. What happened long
    before and was reported late says nothing of when records begin, so no earlier day counts.
    """
    has_time = incidents[Incidents.from_utc].notna().to_numpy(dtype=np.bool_)
    months = incidents[Incidents.month].to_numpy("datetime64[D]").astype(np.int64)
    number = np.where(has_time, _day_of(incidents, has_time), months)
    least = np.where(has_time, days.day_number(day), days.day_number(day.replace(day=1)))
    later = number[number >= least]
    if not len(later):
        return None
    return day + timedelta(days=int(later.min()) - days.day_number(day))


def require_records(programme: Programme, incidents: pd.DataFrame) -> None:
    """See that records begin with the time before the start, within a month.

    Raises
    ------
    InputError
        If they do not: days before the first record would count as days without incidents.
    """
    first = first_day_from(incidents, programme.before_from)
    if first is not None and first - programme.before_from <= _LONGEST_WITHOUT:
        return
    known = "There are none from that day on"
    if first is not None:
        known = f"From that day on they begin on {first:%d/%m/%Y}"
    raise InputError(
        f"the records of programme {programme.key} begin too late: days before them would count "
        "as days without incidents",
        column="before_from", value=f"{programme.before_from:%d/%m/%Y}",
        fix=f"{known}. Before the areas are fixed, set before_from to a later "
        "day; or hand over the records from that day on, with those that were removed since",
    )  # fmt: skip


def blocks_of(outcome: Outcome, programme: Programme, count: int, until: date) -> IntArray:
    """(k) which of ``count`` equal parts of the time before a report lies in; -1 for none.

    Parameters
    ----------
    until : last day of that time with records: a part without any would look alike everywhere.
    """
    first = days.day_number(programme.before_from)
    length = max(days.day_number(until) + 1 - first, 1)
    middles = np.array(
        [days.day_number(p.first + timedelta(days=(p.last - p.first).days // 2))
         for p in outcome.pieces]
    )  # fmt: skip
    day = np.where(outcome.day > 0, outcome.day, middles[np.maximum(outcome.piece, 0)])
    is_before = np.array([not p.is_after for p in outcome.pieces])[np.maximum(outcome.piece, 0)]
    counts = (outcome.piece >= 0) & is_before & outcome.in_span["window"]
    return np.where(counts, np.clip((day - first) * count // length, 0, count - 1), -1)
