"""How much of an incident falls into the after-school window, and on which days they happen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaincinv, gammaln

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.days import SlotWindows, day_number, london_clock, slot_windows, utc_us, weekday
from corridors.errors import InputError
from corridors.profile import Window
from corridors.tables import Incidents

_HOUR_US: Final = 3600 * 1_000_000
_LONGEST_US: Final = 168 * _HOUR_US  # longer spans count as a week, as R's aoristic does [1]
_DAY_MIN: Final = 24 * 60
_WAKING_MIN: Final = (7 * 60, 23 * 60)  # local hours that the concentration is measured against
_USUAL_SPREAD: Final = 0.25  # weekdays that differ by a quarter surprise nobody
_SPREADS: Final = np.linspace(0.01, 1.5, 150)  # standard deviations of the weekday factor tried
_OUTSIDE: Final = 0.05  # of a 95 % interval


# --- weights ------------------------------------------------------------------------------------


def window_weights(incidents: pd.DataFrame, starts_us: IntArray, ends_us: IntArray) -> pd.Series:
    r"""Aoristic weight of each incident in a set of time windows [1]_.

    .. math:: w = |[from, to] \cap windows| / (to - from)

    An exact time weighs 1 inside a window and 0 outside; the end of a window is outside.

    Parameters
    ----------
    incidents : tables.Incidents, n rows.
    starts_us, ends_us : (k,) microseconds since 1970 UTC, ascending, not overlapping.

    Returns
    -------
    (n,) dimensionless, 0 to 1, on the incidents' index; NaN where the source has no times.

    References
    ----------
    .. [1] Ashby & Bowers (2013), Crime Science 2:1; Ratcliffe (2000), IJGIS 14(7).
    """
    spans = _spans(incidents)
    label = np.zeros(len(starts_us), dtype=np.int64)
    weight = np.full(len(incidents), np.nan)
    weight[spans.row] = _aoristic(spans, _Pieces(starts_us, ends_us, label, 1))[:, 0]
    return pd.Series(weight, index=incidents.index, name="window_weight")


def slot_weights(
    incidents: pd.DataFrame, slots: SlotWindows, *, bandwidth_min: float
) -> FloatArray:
    r"""How much of each incident falls into each slot of the after-school window.

    A range weighs aoristically, as in ``window_weights``, of which this is the sum cut up. An exact
    time is not that exact: it speaks for the minutes around it, by a quartic kernel that goes
    round the clock of its own local day [1]_,

    .. math:: w_s = \int_s \sum_m \frac{15}{16 b} \left(1 - \frac{(t - t_i + 1440 m)^2}{b^2}
        \right)^2 dt

    over the terms with :math:`|t - t_i + 1440 m| < b`, integrated exactly. Its weight over a whole
    day is 1, and 0 on a day without school.

    Parameters
    ----------
    incidents : tables.Incidents, k rows.
    slots : from ``days.slot_windows``, for the days that the incidents cover.
    bandwidth_min : kernel radius :math:`b`, minutes, over 0 and up to 720.

    Returns
    -------
    (k, ``slots.count``) dimensionless, 0 to 1; 0 where the source has no times.

    Raises
    ------
    InputError
        If the bandwidth is out of range.

    References
    ----------
    .. [1] Brunsdon & Corcoran (2006), Computers, Environment and Urban Systems 30(3).
    """
    if not 0 < bandwidth_min <= _DAY_MIN / 2:
        raise InputError(
            "the time bandwidth must be over 0 and up to 720 minutes",
            value=bandwidth_min,
            fix="Set risk.time_bandwidth_min in the profile",
        )
    weight = np.zeros((len(incidents), slots.count))
    if slots.count == 0:
        return weight
    spans = _spans(incidents)
    ranges, exact = _only(spans, ~spans.is_exact), _only(spans, spans.is_exact)
    pieces = _Pieces(slots.start_us, slots.end_us, slots.slot, slots.count)
    weight[ranges.row] = _aoristic(ranges, pieces)
    weight[exact.row] = _kernel_weights(exact, slots, bandwidth_min)
    return weight


def recency(age_days: npt.ArrayLike, half_life_days: float) -> FloatArray:
    r"""Weight of a report by its age, :math:`0.5^{age / half\text{-}life}`.

    Parameters
    ----------
    age_days : any shape, days, 0 or more.
    half_life_days : days after which a report counts half, > 0.

    Returns
    -------
    Dimensionless, 0 to 1, in the shape of ``age_days``.

    Raises
    ------
    InputError
        For an age below 0 or unknown, or a half-life that is not positive.
    """
    age = np.asarray(age_days, dtype=float)
    if not half_life_days > 0:
        raise InputError(
            "the half-life must be positive",
            value=half_life_days,
            fix="Set risk.half_life_days in the profile",
        )
    if not (age >= 0).all():
        raise InputError(
            "a report has an unknown age, or is later than the day it is weighed on",
            value=f"{age[~(age >= 0)][0]:g} days",
            fix="Leave out reports after that day",
        )
    out: FloatArray = np.asarray(0.5 ** (age / half_life_days))
    return out


# --- how well times are known -------------------------------------------------------------------


def known_within(incidents: pd.DataFrame, counted: BoolArray, hours: float = 2.0) -> float:
    """Share of the counted incidents whose time is known to within some hours.

    The markers of ``unknown_time_share`` are not known, though one of them looks exact. A range
    that ends before it starts counts as exact, as in ``window_weights``.

    Parameters
    ----------
    incidents : tables.Incidents, k rows. counted : (k,) which of them count.
    hours : longest range from earliest to latest time that counts as known.

    Returns
    -------
    0 to 1, of the counted rows with times; 0 if there are none.
    """
    spans = _spans(incidents[counted])
    known = (spans.finish_us - spans.begin_us <= hours * _HOUR_US) & ~_is_marker(spans)
    return float(known.mean()) if len(known) else 0.0


def unknown_time_share(incidents: pd.DataFrame, counted: BoolArray) -> float:
    """Share of the counted incidents whose times only say "some time that day".

    Records systems write it as 00:00 to 23:59, or as 00:00 to 00:00, of one local day.

    Parameters
    ----------
    incidents : tables.Incidents, k rows. counted : (k,) which of them count.

    Returns
    -------
    0 to 1, of the counted rows with times; 1 if there are none.
    """
    marker = _is_marker(_spans(incidents[counted]))
    return float(marker.mean()) if len(marker) else 1.0


# --- days ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DayRates:
    """In-window reports by kind of day. Counts are aoristic sums, before severity and ageing."""

    school_days: tuple[int, ...]  # (5) Monday to Friday
    incidents: tuple[float, ...]  # (5) in the window
    weekday_factor: tuple[float, ...]  # (5) to the mean school day, drawn towards 1
    other_days: int  # weekdays without school
    other_incidents: float  # on them, in the same clock hours
    school_day_factor: float | None  # rate on school days / on other weekdays; None if unknown
    school_day_interval: tuple[float, float] | None  # 95 %, 0 to infinity
    window_share: float | None  # of the reports from 07:00 to 23:00 on school days, 0-1
    hours_share: float  # of those hours that are window, 0-1

    @property
    def concentration(self) -> float | None:
        """How many times its share of the hours the window holds; 1 if it is like any hour."""
        if self.window_share is None or self.hours_share <= 0:
            return None
        return self.window_share / self.hours_share


def day_rates(
    incidents: pd.DataFrame,
    counted: BoolArray,
    finishes: Iterable[Mapping[date, int]],
    window: Window,
    period: tuple[date, date],
) -> DayRates:
    r"""How much more happens on some days than on others, in the after-school window.

    *Weekdays.* With N reports on a weekday and E expected if all school days were alike, the factor
    has a Gamma(a, a) prior of mean 1, so that its posterior mean is (a + N) / (a + E) [1]_. Its
    spread :math:`1/\sqrt{a}` is learned from the five weekdays: averaged over its posterior, with a
    half-normal prior of 0.25. Few reports stay near 1, many reach N / E. The factors' mean over the
    school days is 1.

    *School days.* Rate on school days over the rate on other weekdays (holidays, INSET and bank
    holidays, not weekends) in the same clock hours: each other weekday is given the windows of the
    school days in the shares in which those have them. The interval is the exact one of two
    Poisson counts given their sum [2]_. Aoristic sums are no whole numbers: each limit takes the
    rounding that makes the interval wider.

    Days count within the period, and other weekdays only between the first and the last school
    day: beyond them a calendar that nobody wrote on would pass for a holiday.

    Parameters
    ----------
    incidents : tables.Incidents, k rows. counted : (k,) which of them count.
    finishes : finish in local minutes by day, one mapping a school.
    period : first and last day that the incidents cover.

    Raises
    ------
    InputError
        If the period ends before it begins.

    References
    ----------
    .. [1] Clayton & Kaldor (1987), Biometrics 43(3).
    .. [2] Clopper & Pearson (1934), Biometrika 26(4); Przyborowski & Wilenski (1940), Biometrika
       31(3/4).
    """
    if period[1] < period[0]:
        raise InputError(
            "the period of the incidents ends before it begins",
            value=f"{period[0]:%d/%m/%Y} to {period[1]:%d/%m/%Y}",
            fix="Give its first day, then its last",
        )
    spans = _spans(incidents[counted])
    windows = _on_weekdays(slot_windows(finishes, window), period)
    school = np.unique(windows.day)
    other = _other_weekdays(school)
    by_weekday = _mass(spans, _pieces_of(windows, weekday(windows.day), 5))
    days_of = np.bincount(weekday(school), minlength=5)
    other_mass = _other_mass(spans, windows, other)
    factor, interval = _rate_ratio(math.fsum(by_weekday), len(school), other_mass, len(other))
    window_share, hours_share = _waking_shares(spans, windows, school)
    return DayRates(
        school_days=tuple(days_of.tolist()),
        incidents=tuple(by_weekday.tolist()),
        weekday_factor=tuple(_weekday_factor(by_weekday, days_of).tolist()),
        other_days=len(other),
        other_incidents=other_mass,
        school_day_factor=factor,
        school_day_interval=interval,
        window_share=window_share,
        hours_share=hours_share,
    )


def _on_weekdays(windows: SlotWindows, period: tuple[date, date]) -> SlotWindows:
    first, last = (day_number(day) for day in period)
    kept = (windows.day >= first) & (windows.day <= last) & (weekday(windows.day) < 5)
    return SlotWindows(
        day=windows.day[kept],
        slot=windows.slot[kept],
        start_min=windows.start_min[kept],
        end_min=windows.end_min[kept],
        start_us=windows.start_us[kept],
        end_us=windows.end_us[kept],
    )


def _other_weekdays(school: IntArray) -> IntArray:
    """Weekdays without school between the first and the last school day."""
    if len(school) == 0:
        return school
    between = np.arange(school[0], school[-1] + 1)
    return np.setdiff1d(between[weekday(between) < 5], school)


def _other_mass(spans: _Spans, windows: SlotWindows, other: IntArray) -> float:
    """Mass on other weekdays, each minute of the day weighed by how many school days have it."""
    if len(other) == 0:
        return 0.0
    turns = np.zeros(_DAY_MIN + 1)
    np.add.at(turns, windows.start_min, 1.0)
    np.add.at(turns, windows.end_min, -1.0)
    edges = np.flatnonzero(turns)
    share = np.cumsum(turns)[edges[:-1]] / len(np.unique(windows.day))
    start, end = edges[:-1], edges[1:]
    day = np.repeat(other, len(start))
    pieces = _Pieces(
        starts_us=utc_us(day, np.tile(start, len(other))),
        ends_us=utc_us(day, np.tile(end, len(other))),
        label=np.tile(np.arange(len(start)), len(other)),
        count=len(start),
    )
    return math.fsum(share * _mass(spans, pieces))


def _weekday_factor(mass: FloatArray, days_of: IntArray) -> FloatArray:
    """(5) posterior mean factors by the Gamma-Poisson model of ``day_rates``."""
    total, days = math.fsum(mass), int(days_of.sum())
    if total <= 0:
        return np.ones(len(mass))
    expected = total * days_of / days
    shape = _SPREADS[:, None] ** -2
    log_likelihood = (
        gammaln(shape + mass)
        - gammaln(shape)
        - shape * np.log1p(expected / shape)
        - mass * np.log(shape + expected)
    ).sum(axis=1)
    log_posterior = log_likelihood - 0.5 * (_SPREADS / _USUAL_SPREAD) ** 2
    weight = np.exp(log_posterior - log_posterior.max())
    factor = (weight[:, None] * (shape + mass) / (shape + expected)).sum(axis=0) / weight.sum()
    mean = (factor * days_of).sum() / days
    return np.where(days_of > 0, factor / mean, 1.0)


def _rate_ratio(
    mass: float, days: int, other_mass: float, other_days: int
) -> tuple[float | None, tuple[float, float] | None]:
    """Ratio of two Poisson rates with its exact conditional interval."""
    if days == 0 or other_days == 0:
        return None, None
    exposure = other_days / days
    # Dust of the sums must not turn 10 into 9: it is cleared before rounding.
    few, many = math.floor(round(mass, 9)), math.ceil(round(mass, 9))
    few_other, many_other = math.floor(round(other_mass, 9)), math.ceil(round(other_mass, 9))
    low = betaincinv(few, many_other + 1, _OUTSIDE / 2) if few else 0.0
    high = betaincinv(many + 1, few_other, 1 - _OUTSIDE / 2) if few_other else 1.0
    interval = (
        float(low / (1 - low) * exposure),
        float(high / (1 - high) * exposure) if high < 1 else math.inf,
    )
    return (mass / other_mass * exposure if other_mass > 0 else None), interval


def _waking_shares(
    spans: _Spans, windows: SlotWindows, school: IntArray
) -> tuple[float | None, float]:
    """The window's share of the reports, and of the hours, from 07:00 to 23:00 on school days."""
    first, last = _WAKING_MIN
    if len(school) == 0:
        return None, 0.0
    start = np.clip(windows.start_min, first, last)
    end = np.clip(windows.end_min, first, last)
    label = np.zeros(len(start), dtype=np.int64)
    inside = _Pieces(utc_us(windows.day, start), utc_us(windows.day, end), label, 1)
    whole = _Pieces(
        utc_us(school, np.full(len(school), first)),
        utc_us(school, np.full(len(school), last)),
        np.zeros(len(school), dtype=np.int64),
        1,
    )
    hours_share = float((end - start).sum() / (len(school) * (last - first)))
    mass = float(_mass(spans, whole)[0])
    return (float(_mass(spans, inside)[0]) / mass if mass > 0 else None), hours_share


# --- shared -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Spans:
    """Incidents with times."""

    row: IntArray  # (k) position in the table
    begin_us: IntArray  # (k) microseconds since 1970 UTC
    finish_us: IntArray  # (k) not before ``begin_us``

    @property
    def is_exact(self) -> BoolArray:
        """(k) the record gives an instant, not a range."""
        out: BoolArray = self.finish_us == self.begin_us
        return out


@dataclass(frozen=True)
class _Pieces:
    """Stretches of time, ascending, not overlapping, each with a label from 0 to ``count`` - 1."""

    starts_us: IntArray  # (p)
    ends_us: IntArray  # (p)
    label: IntArray  # (p)
    count: int


def _spans(incidents: pd.DataFrame) -> _Spans:
    """Rows with times. An end that is missing or before the start leaves an exact time."""
    known = incidents[Incidents.from_utc].notna().to_numpy()
    begin_us = _microseconds(incidents.loc[known, Incidents.from_utc])
    finish_us = _microseconds(incidents.loc[known, Incidents.to_utc])  # NaT: before all times
    return _Spans(np.flatnonzero(known), begin_us, np.maximum(finish_us, begin_us))


def _microseconds(times: pd.Series) -> IntArray:
    out: IntArray = times.dt.as_unit("us").astype("int64").to_numpy()
    return out


def _only(spans: _Spans, kept: BoolArray) -> _Spans:
    return _Spans(spans.row[kept], spans.begin_us[kept], spans.finish_us[kept])


def _is_marker(spans: _Spans) -> BoolArray:
    """Midnight to the same or the last minute of its local day."""
    day, clock_min = london_clock(spans.begin_us)
    last_day, last_min = london_clock(spans.finish_us)
    last_minute = np.floor(last_min)
    out: BoolArray = (
        (np.floor(clock_min) == 0)
        & (day == last_day)
        & ((last_minute == 0) | (last_minute == _DAY_MIN - 1))
    )
    return out


def _pieces_of(windows: SlotWindows, label: IntArray, count: int) -> _Pieces:
    return _Pieces(windows.start_us, windows.end_us, label, count)


def _aoristic(spans: _Spans, pieces: _Pieces) -> FloatArray:
    """(k, count) share of each incident in the pieces of each label."""
    exact, begin = spans.is_exact, spans.begin_us
    finish = np.where(exact, begin + 1, np.minimum(spans.finish_us, begin + _LONGEST_US))
    overlap_us = _time_before(finish, pieces) - _time_before(begin, pieces)
    out: FloatArray = overlap_us / (finish - begin)[:, None]
    return out


def _time_before(at_us: IntArray, pieces: _Pieces) -> IntArray:
    """(k, count) microseconds of each label before each instant."""
    size = len(pieces.starts_us)
    if size == 0:
        return np.zeros((len(at_us), pieces.count), dtype=np.int64)
    full = np.zeros((size + 1, pieces.count), dtype=np.int64)
    full[np.arange(1, size + 1), pieces.label] = pieces.ends_us - pieces.starts_us
    full = full.cumsum(axis=0)
    begun = np.searchsorted(pieces.starts_us, at_us, side="right")
    last = np.maximum(begun - 1, 0)
    beyond = np.where(begun > 0, np.maximum(pieces.ends_us[last] - at_us, 0), 0)
    before = full[begun]
    before[np.arange(len(at_us)), pieces.label[last]] -= beyond
    return before


def _mass(spans: _Spans, pieces: _Pieces) -> FloatArray:
    """(count) sum of all incidents by label; the order of rows does not change a bit of it."""
    return np.array([math.fsum(column) for column in _aoristic(spans, pieces).T])


def _kernel_weights(spans: _Spans, slots: SlotWindows, bandwidth_min: float) -> FloatArray:
    """(k, count) kernel mass of exact times in the slots of their own local day."""
    day, clock_min = london_clock(spans.begin_us)
    days, first = np.unique(slots.day, return_index=True)
    stop = np.append(first[1:], len(slots.day))
    at = np.minimum(np.searchsorted(days, day), len(days) - 1)
    who = np.flatnonzero(days[at] == day)
    piece, end = first[at[who]], stop[at[who]]
    weight = np.zeros((len(day), slots.count))
    while len(who):
        low = _mass_up_to(slots.start_min[piece] - clock_min[who], bandwidth_min)
        high = _mass_up_to(slots.end_min[piece] - clock_min[who], bandwidth_min)
        weight[who, slots.slot[piece]] += np.maximum(high - low, 0.0)
        more = piece + 1 < end
        who, piece, end = who[more], piece[more] + 1, end[more]
    return weight


def _mass_up_to(after_min: FloatArray, bandwidth_min: float) -> FloatArray:
    """Kernel mass up to so many minutes after its centre, whole days before it left out.

    The kernel is repeated each day and no wider than one, so that only the nearest one counts.
    """
    turns = np.floor(after_min / _DAY_MIN + 0.5)
    u = np.clip((after_min - turns * _DAY_MIN) / bandwidth_min, -1.0, 1.0)
    uu = u * u
    out: FloatArray = turns + 0.5 + 15 / 16 * u * (1 + uu * (uu / 5 - 2 / 3))
    return out
