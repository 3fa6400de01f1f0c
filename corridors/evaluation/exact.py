r"""Tests for small counts that hold at any size: no approximation by a normal.

Two counts: given their sum n, the first is binomial with share
:math:`r e_1 / (r e_1 + e_2)`, r the ratio of rates and e the exposure [1]_.

Four cells: given all margins, the treated count after is non-central hypergeometric (Fisher), odds
ratio :math:`IRR \cdot (d_{T1} / d_{T0}) / (d_{C1} / d_{C0})` [2]_, d school days.

Both intervals are central (Clopper-Pearson): 2.5 % outside on either side. The p-value is twice the
smaller tail, not scipy's default that adds up all results as unlikely: only so does p < 5 % mean
just that the interval leaves out 1. Mid-p is not used: it is sharper, but its error exceeds 5 %
for some counts, and what is promised here is at most 5 %.

References
----------
.. [1] Przyborowski & Wilenski (1940), Biometrika 31, 313-323.
.. [2] Agresti (2013), Categorical Data Analysis, section 16.6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import binomtest, nchypergeom_fisher
from scipy.stats.contingency import odds_ratio

from corridors.evaluation.cells import (
    Cells,
    NoFigure,
    Pair,
    require_count,
    require_positive,
    require_share,
)


@dataclass(frozen=True)
class ExactRatio:
    """A ratio of rates. It is ``inf``, and so is ``high``, where what it divides by was 0."""

    ratio: float
    low: float
    high: float
    p: float
    confidence: float

    @property
    def excludes_one(self) -> bool:
        """Whether no change lies outside the interval."""
        return self.low > 1.0 or self.high < 1.0


def two_counts(
    first: int,
    second: int,
    *,
    first_exposure: float = 1.0,
    second_exposure: float = 1.0,
    confidence: float = 0.95,
) -> ExactRatio | NoFigure:
    """The rate of ``first`` over that of ``second``, exactly.

    Parameters
    ----------
    first, second : counts.
    first_exposure, second_exposure : what they were counted over, such as school days.

    Raises
    ------
    InputError
        If a count is not a whole number of at least 0, or an exposure is not above 0.
    """
    require_share(confidence, "confidence")
    for value, what in ((first, "first"), (second, "second")):
        require_count(value, what)
    for exposure in (first_exposure, second_exposure):
        require_positive(exposure, "exposure")
    total = first + second
    if total == 0:
        return NoFigure("both counts are 0")
    share = first_exposure / (first_exposure + second_exposure)
    tails = [binomtest(first, total, share, side).pvalue for side in ("less", "greater")]
    within = binomtest(first, total, share).proportion_ci(confidence, method="exact")
    odds = first_exposure / second_exposure
    return ExactRatio(
        ratio=_odds(first, second) / odds,
        low=_odds(within.low, 1 - within.low) / odds,
        high=_odds(within.high, 1 - within.high) / odds,
        p=min(1.0, 2 * float(min(tails))),
        confidence=confidence,
    )


def four_cells(cells: Cells, *, confidence: float = 0.95) -> ExactRatio | NoFigure:
    """The treated area's change over the control's, exactly.

    ``ratio`` is that of the counts, as in ``ratio.four_cell_ratio``; the rest is exact.

    Raises
    ------
    InputError
        If ``confidence`` does not lie between 0 and 1.
    """
    require_share(confidence, "confidence")
    before, after, control_before, control_after = cells.four
    margins = (
        before + after,
        control_before + control_after,
        before + control_before,
        after + control_after,
    )
    if not all(margins):
        return NoFigure("an area or a period has no incident at all")
    offset = _length_ratio(cells.treated) / _length_ratio(cells.control)
    table = [[after, before], [control_after, control_before]]
    within = odds_ratio(table, kind="conditional").confidence_interval(confidence)
    spread = nchypergeom_fisher(sum(margins[:2]), margins[0], margins[3], offset)
    tails = (float(spread.cdf(after)), float(spread.sf(after - 1)))
    return ExactRatio(
        ratio=_odds(after * control_before, before * control_after) / offset,
        low=float(within.low) / offset,
        high=float(within.high) / offset,
        p=min(1.0, 2 * min(tails)),
        confidence=confidence,
    )


def _length_ratio(pair: Pair) -> float:
    return pair.days.after / pair.days.before


def _odds(part: float, rest: float) -> float:
    return math.inf if rest <= 0 else part / rest
