"""Whom the police presence touched, and whether that was even (D.6).

Made after plans, from tables that no plan reads: nothing here weighs a street, and no module that
does can import this one. Ratios compare a group with a named reference group; none says why they
differ. A ratio outside the limits stops the pack until a named person has reviewed *those* figures,
which ``figures_hash`` stands for.

Below the limits is read as above them: 0.8 is 1 / 1.25, and who is called the reference is a
choice of names. A ratio under 1 / 1.5 therefore asks for a review as one over 1.5 does.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from scipy.stats import norm

from corridors.arrays import FloatArray, IntArray
from corridors.errors import InputError, ProfileError

Reading = Literal["within limits", "explain", "review before publication", "not enough data"]

_PER: Final = 1000.0
_DIGITS: Final = 6  # significant, of figures under a hash: beyond them is rounding
_DEFINED: Final = 0.95  # of the bootstrap's draws that must have a ratio, for an interval


@dataclass(frozen=True)
class Limits:
    """When a ratio must be explained or reviewed.

    Raises
    ------
    ProfileError
        If the limits are not in order.
    """

    explain_low: float = 0.8
    explain_high: float = 1.25
    review: float = 1.5  # above it, or below 1 / it
    not_recorded_share: float = 0.10  # above it a ratio is unreliable
    top_share: float = 0.10  # of areas, for the concentration
    level: float = 0.95  # of intervals

    def __post_init__(self) -> None:
        is_ordered = 1 / self.review <= self.explain_low <= 1 <= self.explain_high <= self.review
        shares = (self.not_recorded_share, self.top_share, self.level)
        if not is_ordered or not all(0 < share < 1 for share in shares):
            raise ProfileError(
                "limits of fairness are out of order",
                fix="1/review <= explain_low <= 1 <= explain_high <= review, and shares in (0, 1)",
            )


@dataclass(frozen=True)
class Interval:
    """A confidence interval of a ratio."""

    low: float
    high: float


@dataclass(frozen=True)
class Disparity:
    """One ratio of a group to the reference, with everything that belongs beside it."""

    measure: str  # "exposure" or "encounters"
    group: str
    reference: str
    ratio: float  # raw; NaN if neither group has any
    interval: Interval | None
    adjusted: float | None  # by need; stands beside the raw ratio, never instead
    reading: Reading  # of the raw ratio
    is_reliable: bool  # few enough are not recorded


@dataclass(frozen=True)
class Service:
    """Patrol minutes of each school (C10)."""

    minutes: pd.Series[Any]
    minutes_per_1000: pd.Series[Any]  # pupils; NaN for a school without any
    most_to_least: float  # minutes, among schools that had any; NaN without one
    most_to_least_per_1000: float
    without: tuple[str, ...]  # schools without a minute: each needs a reason


# --- exposure -------------------------------------------------------------------------------------


def school_minutes(minutes: pd.DataFrame, walker_share: pd.DataFrame) -> pd.DataFrame:
    """Police minutes that the walkers of each school met, by week.

    Parameters
    ----------
    minutes : (weeks, corridors) police minutes.
    walker_share : (corridors, schools) share of the school's walkers on the corridor, 0 to 1.

    Returns
    -------
    (weeks, schools) minutes, in order of labels.

    Raises
    ------
    InputError
        If a value is negative or not a number, a share is over 1, or corridors differ.
    """
    share = _checked(walker_share, "shares of walkers")
    if (share > 1).to_numpy().any():
        raise InputError("a share of walkers is over 1")
    return _checked(minutes, "minutes").dot(_aligned(share, minutes.columns, "corridors"))


def exposure(pupils: pd.DataFrame, minutes: pd.DataFrame) -> pd.Series[Any]:
    r"""Mean police minutes met by a pupil of each group.

    .. math:: E_g = \sum_s n_{gs} m_s / \sum_s n_{gs}

    Parameters
    ----------
    pupils : (schools, groups) pupils of the census.
    minutes : (weeks, schools) as of ``school_minutes``; added up over the weeks.

    Returns
    -------
    (groups,) minutes; NaN for a group without pupils.

    Raises
    ------
    InputError
        If a value is negative or not a number, or schools differ.
    """
    people, met = _by_school(pupils, minutes)
    found = _mean_by_group(people.to_numpy(float), met.to_numpy(float).sum(axis=0)[None, :])
    return pd.Series(found[0], index=people.columns)


def exposure_ratio(
    pupils: pd.DataFrame, minutes: pd.DataFrame, group: str, reference: str
) -> float:
    """Ratio D of two groups' exposure; infinite if the reference has none, NaN if neither has."""
    found = exposure(pupils, minutes)
    return _ratio(float(found[group]), float(found[reference]))


def need_ratio(pupils: pd.DataFrame, need: pd.Series[Any], group: str, reference: str) -> float:
    """The same ratio with public-reported in-window weight in place of minutes.

    Parameters
    ----------
    need : (schools,) weight. Shaped by policing itself, which is why what is divided by it never
        stands alone.
    """
    return exposure_ratio(pupils, need.to_frame().T, group, reference)


def exposure_interval(
    pupils: pd.DataFrame,
    minutes: pd.DataFrame,
    groups: tuple[str, str],
    rng: np.random.Generator,
    *,
    draws: int = 2000,
    level: float = 0.95,
) -> Interval | None:
    """Percentile interval of D, drawing weeks and schools anew, each with replacement.

    Patrol minutes come in blocks of weeks and schools, so they are not Poisson. With few schools
    the interval is rough: all that two schools can tell is one, the other, or both.

    Parameters
    ----------
    groups : the group and the reference.

    Returns
    -------
    None with fewer than two weeks or schools, or if one draw in twenty has no ratio.
    """
    people, met = _by_school(pupils, minutes)
    weeks, schools = met.shape
    if weeks < 2 or schools < 2:
        return None
    week_count = rng.multinomial(weeks, np.full(weeks, 1 / weeks), size=draws)
    school_count = rng.multinomial(schools, np.full(schools, 1 / schools), size=draws)
    pair = people[list(groups)].to_numpy(float)
    mean = _mean_by_group(pair, week_count @ met.to_numpy(float), school_count)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = mean[:, 0] / mean[:, 1]
    known = ratios[np.isfinite(ratios)]
    if len(known) < _DEFINED * draws:
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def exposure_disparity(
    pupils: pd.DataFrame,
    minutes: pd.DataFrame,
    groups: tuple[str, str],
    rng: np.random.Generator,
    *,
    need: pd.Series[Any] | None = None,
    not_recorded_share: float = 0.0,
    limits: Limits | None = None,
) -> Disparity:
    """Exposure of a group beside the reference's, with its interval, its need and its reading."""
    limits = limits or Limits()
    ratio = exposure_ratio(pupils, minutes, *groups)
    interval = exposure_interval(pupils, minutes, groups, rng, level=limits.level)
    adjusted = None
    if need is not None:
        needed = need_ratio(pupils, need, *groups)
        adjusted = ratio / needed if needed > 0 and math.isfinite(needed) else None
    return Disparity(
        "exposure",
        *groups,
        ratio,
        interval,
        adjusted,
        read_ratio(ratio, interval, limits),
        is_reliable(not_recorded_share, limits),
    )


# --- encounters -----------------------------------------------------------------------------------


def rate_ratio(a: int, n1: int, b: int, n2: int) -> float:
    """Relative rate index (a/n1) / (b/n2): infinite if b is 0, NaN if a is 0 too.

    Raises
    ------
    InputError
        If there are more encounters than people, or no people.
    """
    for count, people in ((a, n1), (b, n2)):
        if not 0 <= count <= people or people < 1:
            raise InputError(
                f"{count} of {people} people met: the first is to be part of the second"
            )
    return _ratio(a / n1, b / n2)


def rate_ratio_interval(
    a: int, n1: int, b: int, n2: int, *, level: float = 0.95
) -> Interval | None:
    r"""Interval of ``rate_ratio`` on the log scale; None if a or b is 0.

    .. math:: SE = \sqrt{1/a - 1/n_1 + 1/b - 1/n_2}
    """
    ratio = rate_ratio(a, n1, b, n2)
    if a == 0 or b == 0:
        return None
    half = float(norm.ppf((1 + level) / 2)) * math.sqrt(1 / a - 1 / n1 + 1 / b - 1 / n2)
    return Interval(ratio * math.exp(-half), ratio * math.exp(half))


def encounter_disparity(
    groups: tuple[str, str],
    of: tuple[int, int],
    to: tuple[int, int],
    *,
    not_recorded_share: float = 0.0,
    limits: Limits | None = None,
) -> Disparity:
    """Encounters of a group per person beside the reference's.

    Parameters
    ----------
    groups : the group and the reference.
    of, to : encounters and people, of the group and of the reference.
    """
    limits = limits or Limits()
    ratio = rate_ratio(*of, *to)
    interval = rate_ratio_interval(*of, *to, level=limits.level)
    reading = read_ratio(ratio, interval, limits)
    reliable = is_reliable(not_recorded_share, limits)
    return Disparity("encounters", *groups, ratio, interval, None, reading, reliable)


# --- areas and schools ----------------------------------------------------------------------------


def minutes_per_1000(minutes: pd.Series[Any], residents: pd.Series[Any]) -> pd.Series[Any]:
    """Minutes per 1,000 people by area or school, in order of labels; NaN where nobody lives.

    Parameters
    ----------
    minutes : police minutes by small area; an area without any may be absent.
    residents : aged 10 to 17, by small area; all areas of the place.

    Raises
    ------
    InputError
        If a value is negative or not a number, or minutes lie in an area that is not listed.
    """
    people = _checked(residents.to_frame(), "people").iloc[:, 0]
    spent = _checked(minutes.to_frame(), "minutes").iloc[:, 0]
    if not spent.index.isin(people.index).all():
        raise InputError("minutes lie in an area that the table of people does not have")
    return _PER * spent.reindex(people.index, fill_value=0.0) / people.where(people > 0)


def concentration(minutes: pd.Series[Any], top_share: float = 0.10) -> float:
    """Share of all police minutes in the tenth of areas that had most; NaN without minutes.

    A tenth of the areas is rarely whole: of 25, it is two and half of the third. So even minutes
    always give 0.1, with few areas too, and the order of equal areas does not matter.

    Parameters
    ----------
    minutes : by area, those without any included.
    """
    spent = np.sort(_checked(minutes.to_frame(), "minutes").iloc[:, 0].to_numpy(float))[::-1]
    total = float(spent.sum())
    counted = np.clip(top_share * len(spent) - np.arange(len(spent)), 0.0, 1.0)
    return float(counted @ spent) / total if total > 0 else math.nan


def service(minutes: pd.Series[Any], pupils: pd.Series[Any]) -> Service:
    """Patrol minutes per school and per 1,000 pupils, and how far apart schools are (C10).

    Parameters
    ----------
    minutes : patrol minutes by school; a school without any may be absent.
    pupils : by school, 0 where not known; all schools of the plans, those without a patrol too.
    """
    rate = minutes_per_1000(minutes, pupils)
    spent = _checked(minutes.to_frame(), "minutes").iloc[:, 0].reindex(rate.index, fill_value=0.0)
    return Service(
        minutes=spent,
        minutes_per_1000=rate,
        most_to_least=_spread(spent),
        most_to_least_per_1000=_spread(rate),
        without=tuple(map(str, spent.index[spent == 0])),
    )


# --- reading --------------------------------------------------------------------------------------


def read_ratio(ratio: float, interval: Interval | None, limits: Limits) -> Reading:
    """What a ratio asks for: nothing, an explanation, or a review by a named person."""
    if math.isnan(ratio):
        return "not enough data"
    excludes_1 = interval is not None and not interval.low <= 1 <= interval.high
    if excludes_1 or ratio > limits.review or ratio < 1 / limits.review:
        return "review before publication"
    is_within = limits.explain_low <= ratio <= limits.explain_high
    return "within limits" if is_within else "explain"


def share_not_recorded(counts: Mapping[str, int], not_recorded: Iterable[str]) -> float:
    """Share of people whose group nobody wrote down; NaN without people.

    Parameters
    ----------
    counts : people by group, as recorded.
    not_recorded : the groups that say so: "not recorded", "refused", …
    """
    if any(count < 0 for count in counts.values()):
        raise InputError("a group has fewer people than none")
    total = sum(counts.values())
    missing = sum(counts.get(group, 0) for group in set(not_recorded))
    return missing / total if total else math.nan


def is_reliable(not_recorded_share: float, limits: Limits) -> bool:
    """Whether few enough are not recorded: exactly 10 % is, and NaN is not."""
    return not_recorded_share <= limits.not_recorded_share


def figures_hash(disparities: Iterable[Disparity]) -> str:
    """SHA-256 of the figures that a person reviewed, whatever order they come in.

    Figures count to six significant digits. Any that changes in them asks for a new review.
    """
    rows = sorted(
        [d.measure, d.group, d.reference, _written(d.ratio), *_ends(d.interval),
         _written(d.adjusted), d.reading, d.is_reliable]
        for d in disparities
    )  # fmt: skip
    return hashlib.sha256(json.dumps(rows, ensure_ascii=True).encode("ascii")).hexdigest()


def _ends(interval: Interval | None) -> tuple[str, str]:
    return (_written(interval.low), _written(interval.high)) if interval else ("", "")


def _written(value: float | None) -> str:
    return "" if value is None else format(value + 0.0, f".{_DIGITS}g")  # + 0.0: no minus zero


# --- tables ---------------------------------------------------------------------------------------


def _by_school(pupils: pd.DataFrame, minutes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    met = _checked(minutes, "minutes")
    return _aligned(_checked(pupils, "pupils"), met.columns, "schools"), met


def _checked(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """In order of labels, so that a sum does not depend on the file's."""
    values = table.to_numpy(float)
    if not np.isfinite(values).all() or (values < 0).any():
        raise InputError(f"the table of {what} has a value that is no number from 0 on")
    if not (table.index.is_unique and table.columns.is_unique):
        raise InputError(f"the table of {what} has a label twice")
    return table.sort_index(axis=0).sort_index(axis=1)


def _aligned(table: pd.DataFrame, labels: pd.Index[Any], what: str) -> pd.DataFrame:
    if set(table.index) != set(labels):
        raise InputError(f"two tables do not have the same {what}")
    return table.loc[labels.sort_values()]


def _mean_by_group(
    pupils: FloatArray, minutes: FloatArray, school_count: IntArray | None = None
) -> FloatArray:
    """(draws, groups) of pupils (schools, groups) and minutes (draws, schools)."""
    times = np.ones_like(minutes) if school_count is None else school_count
    with np.errstate(divide="ignore", invalid="ignore"):
        found: FloatArray = ((times * minutes) @ pupils) / (times @ pupils)
    return found


def _ratio(value: float, reference: float) -> float:
    if math.isnan(value) or math.isnan(reference) or value == reference == 0:
        return math.nan
    return math.inf if reference == 0 else value / reference


def _spread(values: pd.Series[Any]) -> float:
    some = values[values > 0]
    return float(some.max() / some.min()) if len(some) else math.nan
