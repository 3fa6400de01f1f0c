r"""Days drawn by lot: days with a patrol against days without, in the same place and weekday.

A day counts by what was drawn, whatever then took place (intention to treat). Strata s are place x
weekday; a, b incidents on the n1 days drawn "on" and the n0 drawn "off", n = n1 + n0 [1]_:

.. math::
    RR = \frac{\sum_s a n_0 / n}{\sum_s b n_1 / n}, \quad
    SE^2_{\ln RR} = \phi \frac{\sum_s (a + b) n_1 n_0 / n^2}
                              {(\sum_s a n_0 / n) (\sum_s b n_1 / n)}

phi is the variance of days about the mean of their stratum and arm over that mean, both summed over
all days, and at least 1: busy places count for as much in it as they do in RR. The p-value is not
from SE: the lot is drawn again many times, and p is the share of draws (the true one among them) in
which :math:`|\sum_s (a n_0 - b n_1) / n|` is as large. That holds at any size, whatever the spread.

References
----------
.. [1] Greenland & Robins (1985), Biometrics 41(1), 55-68.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.errors import InputError
from corridors.evaluation.cells import NoFigure
from corridors.evaluation.power import Detectable, seen_with
from corridors.evaluation.ratio import CONFIDENCE, Ratio, wald_ratio

DRAWS: Final = 1999
_SAME: Final = 1e-9  # sums in another order are not another result

Draw = Callable[[np.random.Generator], BoolArray]


@dataclass(frozen=True)
class PlaceDays:
    """``n`` school days of places that took part in the lot.

    Parameters
    ----------
    counts : (n) incidents in the window. is_on : (n) whether a patrol was drawn.
    place, weekday : (n) codes from 0. day : (n) the school day's number; the next school day has
        the next number.

    Raises
    ------
    InputError
        If lengths differ, a count is below 0, or a place has the same day twice.
    """

    counts: IntArray
    is_on: BoolArray
    place: IntArray
    weekday: IntArray
    day: IntArray

    def __post_init__(self) -> None:
        n = len(self.counts)
        if any(len(a) != n for a in (self.is_on, self.place, self.weekday, self.day)):
            raise InputError("place-days: the columns are not equally long")
        if self.is_on.dtype != np.bool_:
            raise InputError("place-days: is_on must be true or false")
        if not np.issubdtype(self.counts.dtype, np.integer) or (self.counts < 0).any():
            raise InputError("place-days: counts must be whole numbers, 0 or more")
        if len(np.unique(np.column_stack([self.place, self.day]), axis=0)) < n:
            raise InputError("place-days: a place has the same day twice")

    @property
    def stratum(self) -> IntArray:
        """(n) place x weekday, from 0."""
        pairs = np.column_stack([self.place, self.weekday])
        return np.asarray(np.unique(pairs, axis=0, return_inverse=True)[1], dtype=np.int64).ravel()

    def of(self, rows: BoolArray) -> PlaceDays:
        """Some of the days."""
        return PlaceDays(
            self.counts[rows],
            self.is_on[rows],
            self.place[rows],
            self.weekday[rows],
            self.day[rows],
        )


@dataclass(frozen=True)
class LotResult:
    """``ratio.p`` is from drawing again. Counts and days of both arms are beside it."""

    ratio: Ratio
    on_count: int
    off_count: int
    on_days: int
    off_days: int
    draws: int


def lot_ratio(
    days: PlaceDays,
    rng: np.random.Generator,
    *,
    draw: Draw | None = None,
    draws: int = DRAWS,
    confidence: float = CONFIDENCE,
) -> LotResult | NoFigure:
    """Incidents per day drawn "on" over those per day drawn "off".

    Parameters
    ----------
    days : all place-days of the lot.
    rng : for drawing again.
    draw : gives another (n) ``is_on`` as the lot itself would have; without it days change places
        within place and weekday, which is right if each stratum had a fixed number of days "on".
    draws : how often.

    Raises
    ------
    InputError
        If ``draws`` is below 1, or ``draw`` gives other than n.
    """
    if draws < 1:
        raise InputError("the lot must be drawn again at least once", value=draws)
    strata = _Strata.of(days)
    upper, lower, shared = strata.sums(days.is_on)
    if upper + lower == 0:
        return NoFigure("no place and weekday has incidents and days of both kinds")
    if upper == 0 or lower == 0:
        return NoFigure(f"no incident was reported on days {'with' if upper == 0 else 'without'}")
    phi = strata.dispersion(days.is_on)
    ratio = wald_ratio(
        math.log(upper / lower),
        math.sqrt(phi * shared / (upper * lower)),
        confidence=confidence,
        dispersion=phi,
    )
    p = _share_as_large(strata, days.is_on, rng, draw or strata.shuffled(days.is_on), draws)
    return LotResult(
        ratio=replace(ratio, p=p),
        on_count=int(days.counts[days.is_on].sum()),
        off_count=int(days.counts[~days.is_on].sum()),
        on_days=int(days.is_on.sum()),
        off_days=int((~days.is_on).sum()),
        draws=draws,
    )


def lot_detectable(result: LotResult) -> Detectable | NoFigure:
    """The smallest change that the lot would have shown: as ``power.detectable``, of on v off days.

    Incidents are of the days "on"; the share is of what those would have had at the rate of "off".
    """
    longer = result.on_days / result.off_days
    base = result.off_count * longer
    if base == 0:
        return NoFigure("no incident was reported on days without")
    variance = result.ratio.dispersion * (result.on_count + result.off_count * longer**2)
    return seen_with(math.sqrt(variance), base, dispersion=result.ratio.dispersion)


def carry_over(
    days: PlaceDays,
    rng: np.random.Generator,
    *,
    draws: int = DRAWS,
    confidence: float = CONFIDENCE,
) -> LotResult | NoFigure:
    """Whether a patrol is still felt on the next school day without one.

    Days "off" after a day "on" (as ``on`` of the result) against days "off" after a day "off", in
    the same place and weekday; only where the school day before is known. If they differ, days
    "off" are not what there would be without patrols, and ``lot_ratio`` is too near to 1.
    """
    order = np.lexsort((days.day, days.place))
    place, day = days.place[order], days.day[order]
    follows = np.zeros(len(order), dtype=bool)
    follows[1:] = (place[1:] == place[:-1]) & (day[1:] == day[:-1] + 1)
    was_on = np.zeros(len(order), dtype=bool)
    was_on[1:] = days.is_on[order][:-1]
    rows = np.zeros(len(order), dtype=bool)
    after_on = np.zeros(len(order), dtype=bool)
    rows[order], after_on[order] = follows & ~days.is_on[order], was_on
    return lot_ratio(
        replace(days, is_on=after_on).of(rows), rng, draws=draws, confidence=confidence
    )


@dataclass(frozen=True)
class _Strata:
    """Counts by place x weekday, ready to be split by a lot."""

    counts: FloatArray
    stratum: IntArray
    days: FloatArray  # (strata)
    total: FloatArray  # (strata)

    @classmethod
    def of(cls, days: PlaceDays) -> _Strata:
        counts, stratum = days.counts.astype(float), days.stratum
        ones = np.ones(len(counts))
        return cls(counts, stratum, _sums(stratum, ones), _sums(stratum, counts))

    def sums(self, is_on: BoolArray) -> tuple[float, float, float]:
        """Sums over strata of a n0 / n, b n1 / n and (a + b) n1 n0 / n^2."""
        on_days, on = self._on(is_on)
        off_days = self.days - on_days
        upper = on * off_days / self.days
        lower = (self.total - on) * on_days / self.days
        shared = self.total * on_days * off_days / self.days**2
        return float(upper.sum()), float(lower.sum()), float(shared.sum())

    def away(self, is_on: BoolArray) -> float:
        """What is compared between draws: 0 if days of both kinds were alike."""
        on_days, on = self._on(is_on)
        return abs(float((on - self.total * on_days / self.days).sum()))

    def dispersion(self, is_on: BoolArray) -> float:
        cell = 2 * self.stratum + is_on
        days, total = _sums(cell, np.ones(len(cell))), _sums(cell, self.counts)
        known = days > 1
        if not total[known].any():
            return 1.0
        square = _sums(cell, (self.counts - (total / np.maximum(days, 1))[cell]) ** 2)
        variance = square[known] * days[known] / (days[known] - 1)
        return max(1.0, float(variance.sum() / total[known].sum()))

    def shuffled(self, is_on: BoolArray) -> Draw:
        """Draws again within strata: the same number of days "on" in each."""
        by_stratum = np.argsort(self.stratum, kind="stable")
        sorted_on = is_on[by_stratum]

        def draw(rng: np.random.Generator) -> BoolArray:
            again = np.empty_like(is_on)
            again[np.lexsort((rng.random(len(is_on)), self.stratum))] = sorted_on
            return again

        return draw

    def _on(self, is_on: BoolArray) -> tuple[FloatArray, FloatArray]:
        size = len(self.days)
        on = _sums(self.stratum, is_on * self.counts, size)
        return _sums(self.stratum, is_on.astype(float), size), on


def _sums(stratum: IntArray, values: FloatArray, size: int = 0) -> FloatArray:
    return np.asarray(np.bincount(stratum, values, size), dtype=float)


def _share_as_large(
    strata: _Strata, is_on: BoolArray, rng: np.random.Generator, draw: Draw, draws: int
) -> float:
    seen, as_large = strata.away(is_on), 1
    for _ in range(draws):
        again = draw(rng)
        if again.shape != is_on.shape:
            raise InputError(f"the lot gave {again.shape}, not {is_on.shape}")
        as_large += strata.away(again) >= seen - _SAME
    return as_large / (draws + 1)
