r"""Did the corridor change more than its control, as a ratio: the four-cell log rate ratio [1]_.

.. math::
    \ln IRR = \ln \frac{T_1 / d_{T1}}{T_0 / d_{T0}} - \ln \frac{C_1 / d_{C1}}{C_0 / d_{C0}}, \quad
    SE = \sqrt{\phi (1/T_0 + 1/T_1 + 1/C_0 + 1/C_1)}

T treated, C control; 0 before, 1 after; d school days, which cancel where they are the same. phi is
the dispersion: how many times as much the counts vary as chance alone would have it.

References
----------
.. [1] Wilson (2021), Journal of Quantitative Criminology.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from corridors.errors import InputError
from corridors.evaluation.cells import Cells, NoFigure, Pair, require_share

CONFIDENCE: Final = 0.95
_FURTHEST: Final = 700.0  # exp() of more is not a float


@dataclass(frozen=True)
class Ratio:
    """A ratio of rates with its interval and two-sided p-value; 1 is no change.

    ``se`` is of ``log_ratio``. ``dispersion`` is what the variance was multiplied by beside that of
    chance alone (1 or more). ``df`` are the degrees of freedom of t, or None for the normal.
    """

    ratio: float
    low: float
    high: float
    p: float
    log_ratio: float
    se: float
    confidence: float
    dispersion: float = 1.0
    df: float | None = None

    @property
    def excludes_one(self) -> bool:
        """Whether no change lies outside the interval."""
        return self.low > 1.0 or self.high < 1.0


def four_cell_ratio(
    cells: Cells,
    *,
    confidence: float = CONFIDENCE,
    dispersion: float = 1.0,
    df: float | None = None,
) -> Ratio | NoFigure:
    """The ratio of the treated area's change to the control's.

    Parameters
    ----------
    cells : all four counts must be above 0, or there is no figure.
    dispersion : phi, at least 1.
    df : what phi was estimated with, so that the interval uses t; None for the normal.

    Raises
    ------
    InputError
        If ``confidence``, ``dispersion`` or ``df`` is out of range.
    """
    if not dispersion >= 1.0:
        raise InputError("dispersion must be at least 1", value=dispersion)
    if not all(cells.four):
        return NoFigure("one of the four counts is 0")
    log_ratio = _log_change(cells.treated) - _log_change(cells.control)
    se = math.sqrt(dispersion * sum(1 / count for count in cells.four))
    return wald_ratio(log_ratio, se, confidence=confidence, dispersion=dispersion, df=df)


def wald_ratio(
    log_ratio: float,
    se: float,
    *,
    confidence: float = CONFIDENCE,
    dispersion: float = 1.0,
    df: float | None = None,
) -> Ratio:
    """A ratio from its logarithm and the standard error of that.

    Raises
    ------
    InputError
        If ``confidence`` does not lie between 0 and 1, or ``df`` is not above 0.
    """
    require_share(confidence, "confidence")
    if df is not None and not df > 0:
        raise InputError("degrees of freedom must be above 0", value=df)
    reach = quantile(0.5 + confidence / 2, df) * se
    away = -abs(log_ratio) / se
    return Ratio(
        ratio=_exp(log_ratio),
        low=_exp(log_ratio - reach),
        high=_exp(log_ratio + reach),
        p=2 * float(ndtr(away) if df is None else stdtr(df, away)),
        log_ratio=log_ratio,
        se=se,
        confidence=confidence,
        dispersion=dispersion,
        df=df,
    )


def quantile(share: float, df: float | None = None) -> float:
    """Of t with ``df`` degrees of freedom, or of the normal."""
    return float(ndtri(share) if df is None else stdtrit(df, share))


def _log_change(pair: Pair) -> float:
    return math.log(pair.after / pair.even_before)


def _exp(value: float) -> float:
    return math.exp(max(-_FURTHEST, min(_FURTHEST, value)))
