"""School days, finish times and after-school windows: the rules of the calendar, without files.

Local times are minutes after Europe/London midnight. A window is [start, end): its end is outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from corridors.model import Calendar, IntArray, Session
from corridors.profile import Window
from corridors.tables import TermDates

LONDON = ZoneInfo("Europe/London")
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
    spans: list[tuple[int, int]] = []
    for by_day in finishes:
        for day, finish in by_day.items():
            start, end = window_of(finish, window)
            spans.append((_utc_us(day, start), _utc_us(day, end)))
    merged: list[list[int]] = []
    for start_us, end_us in sorted(spans):
        if merged and start_us <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end_us)
        else:
            merged.append([start_us, end_us])
    table = np.array(merged, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _utc_us(day: date, minutes: int) -> int:
    # Wall-clock arithmetic first, then the zone: an hour is an hour on clock-change days too.
    local = datetime.combine(day, time(), tzinfo=LONDON) + timedelta(minutes=minutes)
    return round(local.timestamp() * 1_000_000)


def ward_finishes(
    calendar: Calendar, urns: Iterable[str], days: Iterable[date], window: Window
) -> dict[str, dict[date, int]]:
    """``finish_times`` for several schools: by URN, sorted."""
    listed = list(days)
    return {
        urn: finish_times(calendar, urn, listed, window.default_finish_min)
        for urn in sorted(set(urns))
    }
