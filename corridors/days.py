"""School days, finish times and after-school windows: the rules of the calendar, without files.

Local times are minutes after Europe/London midnight. A window is [start, end): its end is outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from corridors.arrays import FloatArray, IntArray
from corridors.errors import CalendarError, InputError
from corridors.model import Calendar, RecordSpan, Session, local_time
from corridors.profile import Window
from corridors.tables import Incidents, TermDates

LONDON = ZoneInfo("Europe/London")
SLOT_MIN: Final = 15  # minutes of a slot of the after-school window
_DAY_US: Final = 24 * 3600 * 1_000_000
_EPOCH: Final = date(1970, 1, 1)
_JOIN_MIN = 30  # schools that finish within this of each other are walked as one session


def finish_times(
    calendar: Calendar, urn: str, days: Iterable[date], default_min: int
) -> dict[date, int]:
    """School days of ``urn`` among ``days``, each with its finish time.

    A day counts if it is a weekday inside a term and no half-term, INSET day or bank holiday (A10).
    A school's own term rows replace the rows for all schools between its first and last own day.

    Parameters
    ----------
    days : any days, in any order.
    default_min : finish, local minutes, where no row gives one.

    Returns
    -------
    Finish in local minutes by school day, in order of the days given.
    """
    rules = _rules_of(calendar.terms, urn)
    found: dict[date, int] = {}
    for day in days:
        if day.weekday() >= 5 or day in calendar.bank_holidays:
            continue
        finish = _finish(rules, day, default_min)
        if finish is not None:
            found[day] = finish
    return found


_Rule = tuple[str, bool, date, date, float]  # kind, own, start, end, finish_min


def _rules_of(terms: pd.DataFrame, urn: str) -> list[_Rule]:
    mine = terms[terms[TermDates.urn].isin(["", urn])]
    rules = [
        (str(kind), bool(own), start.date(), end.date(), float(finish))
        for kind, own, start, end, finish in zip(
            mine[TermDates.kind],
            mine[TermDates.urn] == urn,
            mine[TermDates.start],
            mine[TermDates.end],
            mine[TermDates.finish_min],
            strict=True,
        )
    ]
    own_terms = [r for r in rules if r[0] == "term" and r[1]]
    if not own_terms:
        return rules
    first, last = min(r[2] for r in own_terms), max(r[3] for r in own_terms)
    kept: list[_Rule] = []
    for rule in rules:
        if rule[0] == "term" and not rule[1]:
            kind, own, start, end, finish = rule
            if start < first:
                kept.append((kind, own, start, min(end, first - timedelta(days=1)), finish))
            if end > last:
                kept.append((kind, own, max(start, last + timedelta(days=1)), end, finish))
        else:
            kept.append(rule)
    return kept


def _finish(rules: list[_Rule], day: date, default_min: int) -> int | None:
    today = sorted((r for r in rules if r[2] <= day <= r[3]), key=lambda r: (not r[1], r))
    kinds = {r[0] for r in today}
    if "term" not in kinds or kinds & {"half_term", "inset"}:
        return None
    for kind in ("early_close", "term"):
        for rule in today:
            if rule[0] == kind and not np.isnan(rule[4]):
                return int(rule[4])
    return default_min


def days_between(first: date, last: date) -> list[date]:
    """Every day from ``first`` to ``last``, both included."""
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def window_of(finish_min: int, window: Window) -> tuple[int, int]:
    """The after-school window [start, end) in local minutes for a finish time."""
    start = finish_min - window.lead_min
    return start, min(start + window.length_min, 24 * 60)


def sessions(finishes: Mapping[str, Mapping[date, int]], window: Window) -> tuple[Session, ...]:
    """Group schools that finish close together, and days that look the same.

    Parameters
    ----------
    finishes : finish in local minutes by day, by URN.

    Returns
    -------
    Sessions in order of first day and start. Schools whose windows start within 30 minutes of
    each other share one, from the first start to the last end.
    """
    grouped: dict[tuple[tuple[str, ...], int, int], list[date]] = {}
    for day in sorted({d for by_day in finishes.values() for d in by_day}):
        todays = sorted(
            (*window_of(by_day[day], window), urn)
            for urn, by_day in finishes.items()
            if day in by_day
        )
        while todays:
            first = todays[0][0]
            together = [t for t in todays if t[0] - first <= _JOIN_MIN]
            todays = [t for t in todays if t[0] - first > _JOIN_MIN]
            key = (tuple(sorted(t[2] for t in together)), first, max(t[1] for t in together))
            grouped.setdefault(key, []).append(day)
    made = [Session(tuple(days), urns, start, end) for (urns, start, end), days in grouped.items()]
    return tuple(sorted(made, key=lambda s: (s.days, s.start_min, s.urns)))


def window_intervals_us(
    finishes: Iterable[Mapping[date, int]], window: Window
) -> tuple[IntArray, IntArray]:
    """The union of all schools' windows as UTC intervals.

    Returns
    -------
    starts, ends : (k,) and (k,) microseconds since 1970 UTC, ascending, not overlapping.
    """
    spans = [
        (day_number(day), *window_of(finish, window))
        for by_day in finishes
        for day, finish in by_day.items()
    ]
    day, start_min, end_min = np.array(spans, dtype=np.int64).reshape(-1, 3).T
    return joined_us(utc_us(day, start_min), utc_us(day, end_min))


def joined_us(starts_us: IntArray, ends_us: IntArray) -> tuple[IntArray, IntArray]:
    """UTC intervals in any order as ascending ones that do not overlap: (k,) and (k,)."""
    merged = _joined(sorted(zip(starts_us.tolist(), ends_us.tolist(), strict=True)))
    table = np.array(merged, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


@dataclass(frozen=True)
class SlotWindows:
    """The after-school windows of school days, cut into slots of ``SLOT_MIN`` minutes.

    One row a piece: a stretch of window inside one slot, in order of day, slot and start. Slots
    count from the first window start of their day: slot 0 of a day that ends at noon is what
    slot 0 is on any other. Pieces do not overlap; where no school has a window, there is none.
    """

    day: IntArray  # (p) local day, days since 1970-01-01
    slot: IntArray  # (p) 0, 1, …
    start_min: IntArray  # (p) local minutes
    end_min: IntArray  # (p) local minutes, outside
    start_us: IntArray  # (p) microseconds since 1970 UTC
    end_us: IntArray  # (p) the same, outside

    @property
    def count(self) -> int:
        """Number of slots of the longest day."""
        return int(self.slot.max()) + 1 if len(self.slot) else 0


def slot_windows(finishes: Iterable[Mapping[date, int]], window: Window) -> SlotWindows:
    """The union of all schools' windows, cut into slots that count from each day's first start.

    Parameters
    ----------
    finishes : finish in local minutes by day, one mapping a school, in any order.

    Returns
    -------
    Pieces whose union is that of ``window_intervals_us``.

    Raises
    ------
    CalendarError
        If a window would begin before midnight.
    """
    rows: list[tuple[int, int, int, int]] = []
    for day, spans in sorted(_spans_by_day(finishes, window).items()):
        first = spans[0][0]
        for start, end in spans:
            for slot in range((start - first) // SLOT_MIN, -((first - end) // SLOT_MIN)):
                low = first + slot * SLOT_MIN
                piece = (max(start, low), min(end, low + SLOT_MIN))
                rows.append((day_number(day), slot, *piece))
    table = np.array(sorted(rows), dtype=np.int64).reshape(-1, 4)
    numbers, slots, start_min, end_min = table.T.copy()
    return SlotWindows(
        day=numbers,
        slot=slots,
        start_min=start_min,
        end_min=end_min,
        start_us=utc_us(numbers, start_min),
        end_us=utc_us(numbers, end_min),
    )


def first_start_min(finishes: Iterable[Mapping[date, int]], day: date, window: Window) -> int:
    """Where slot 0 of ``day`` begins: the first window start of all schools, local minutes.

    A session that starts at ``m`` begins in slot ``(m - first_start_min) // SLOT_MIN``.

    Raises
    ------
    CalendarError
        If no school has a window on the day, or one would begin before midnight.
    """
    todays = [{day: by_day[day]} for by_day in finishes if day in by_day]
    spans = _spans_by_day(todays, window)
    if day not in spans:
        raise CalendarError(
            "no school has an after-school window on this day",
            value=f"{day:%d/%m/%Y}",
            fix="Choose a school day, or correct the calendar file",
        )
    return spans[day][0][0]


def _spans_by_day(
    finishes: Iterable[Mapping[date, int]], window: Window
) -> dict[date, list[tuple[int, int]]]:
    """Windows of each day in local minutes, joined where they touch, in order of start."""
    found: dict[date, set[tuple[int, int]]] = {}
    for by_day in finishes:
        for day, finish in by_day.items():
            start, end = window_of(finish, window)
            if start < 0:
                raise CalendarError(
                    f"the after-school window of {day:%d/%m/%Y} would begin before midnight",
                    value=local_time(finish),
                    fix="Correct the finish time in the calendar file",
                )
            if start < end:
                found.setdefault(day, set()).add((start, end))
    return {day: _joined(sorted(spans)) for day, spans in found.items()}


def weekday(day: IntArray) -> IntArray:
    """Monday 0 to Sunday 6 of days since 1970-01-01, which was a Thursday."""
    return (day + 3) % 7


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order of start, those that touch or overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def utc_us(day: IntArray, minute: IntArray) -> IntArray:
    """UTC instants of London wall-clock times.

    A time that the spring change skips is the instant of the change; of a time that the autumn
    change repeats, the first is meant.

    Parameters
    ----------
    day : (k,) days since 1970-01-01. minute : (k,) local minutes, also beyond the day.

    Returns
    -------
    (k,) microseconds since 1970 UTC.
    """
    wall = pd.DatetimeIndex((day * _DAY_US + minute * 60_000_000).astype("datetime64[us]"))
    zoned = wall.tz_localize(
        LONDON, nonexistent="shift_forward", ambiguous=np.ones(len(wall), dtype=bool)
    )
    return zoned.tz_convert("UTC").tz_localize(None).to_numpy("datetime64[us]").astype(np.int64)


def london_clock(instants_us: IntArray) -> tuple[IntArray, FloatArray]:
    """London day and time of day of UTC instants.

    Parameters
    ----------
    instants_us : (k,) microseconds since 1970 UTC.

    Returns
    -------
    day, clock_min : (k,) days since 1970-01-01, and local minutes after midnight, 0 to 1440.
    """
    utc = pd.DatetimeIndex(instants_us.astype("datetime64[us]")).tz_localize("UTC")
    wall_us = utc.tz_convert(LONDON).tz_localize(None).to_numpy("datetime64[us]").astype(np.int64)
    return wall_us // _DAY_US, wall_us % _DAY_US / 60_000_000


def ward_finishes(
    calendar: Calendar, urns: Iterable[str], days: Iterable[date], window: Window
) -> dict[str, dict[date, int]]:
    """``finish_times`` for several schools: by URN, sorted."""
    listed = list(days)
    return {
        urn: finish_times(calendar, urn, listed, window.default_finish_min)
        for urn in sorted(set(urns))
    }


def record_span(incidents: pd.DataFrame) -> RecordSpan:
    """The time that incidents cover.

    Parameters
    ----------
    incidents : tables.Incidents.

    Raises
    ------
    InputError
        If there is none.
    """
    if not len(incidents):
        raise InputError(
            "no incident could be used", fix="See `corridors check` for what was dropped and why"
        )
    months = incidents[Incidents.month]
    times = incidents[Incidents.from_utc].dropna().dt.tz_convert(LONDON)
    return RecordSpan(
        first_month=months.min().date(),
        last_month=months.max().date(),
        months=int(months.nunique()),
        first_day=times.min().date() if len(times) else None,
        last_day=times.max().date() if len(times) else None,
    )


def days_of_span(span: RecordSpan) -> list[date]:
    """Every day of the months that records cover."""
    return days_between(span.first_month, month_end(span.last_month))


def month_end(day: date) -> date:
    """The last day of its month."""
    return (pd.Timestamp(day) + pd.offsets.MonthEnd(0)).date()
