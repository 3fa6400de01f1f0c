r"""Weighted displacement difference (WDD): how many incidents fewer, and how sure [1]_ [2]_.

T treated, C control, D near streets, K control of the near streets; 0 before, 1 after; a count is
divided by its weight w = time weight x area weight:

.. math::
    local = (T_1 - T_0) - (C_1 - C_0), \quad displacement = (D_1 - D_0) - (K_1 - K_0)

    SE^2 = \sum n / w^2, \quad Z = WDD / SE

The unit is incidents of the treated area's period after, per area weight; below 0 is fewer.
The time weight of a period is its days over those of the treated area's period after. Counts are
taken to vary as chance alone would have it (Poisson); ``dispersion`` in ``power`` mends that.

References
----------
.. [1] Wheeler & Ratcliffe (2018), Crime Science 7:11.
.. [2] ``wdd`` in the R package ptools.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from scipy.stats import norm

from corridors.evaluation.cells import Cells, NoFigure, Pair, require_count, require_share

PUBLISHED_CONFIDENCE: Final = 0.9


@dataclass(frozen=True)
class Difference:
    """A difference in incidents with its standard error, interval and two-sided p-value."""

    value: float
    se: float
    z: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Wdd:
    """``total`` is ``local`` plus ``displacement``, or ``local`` alone where that is unknown."""

    local: Difference | NoFigure
    displacement: Difference | NoFigure
    total: Difference | NoFigure


def wdd(cells: Cells, *, confidence: float = PUBLISHED_CONFIDENCE) -> Wdd:
    """The weighted displacement difference of before and after.

    Parameters
    ----------
    cells : the displacement part needs ``near`` and ``near_control``.
    confidence : of the intervals; 0.9 is the paper's.

    Raises
    ------
    InputError
        If ``confidence`` does not lie between 0 and 1.
    """
    require_share(confidence, "confidence")
    unit = cells.treated.days.after
    local = _less(_change(cells.treated, unit), _change(cells.control, unit))
    if cells.near is None or cells.near_control is None:
        found = _difference(*local, confidence)
        return Wdd(found, NoFigure("no control of the near streets was counted"), found)
    moved = _less(_change(cells.near, unit), _change(cells.near_control, unit))
    total = (local[0] + moved[0], local[1] + moved[1])
    return Wdd(*(_difference(*part, confidence) for part in (local, moved, total)))


def wdd_after_only(
    treated: int, control: int, *, confidence: float = PUBLISHED_CONFIDENCE
) -> Difference | NoFigure:
    """Treated less control where nothing was counted before: areas must have been alike by then.

    Raises
    ------
    InputError
        If a count is not a whole number of at least 0.
    """
    require_share(confidence, "confidence")
    for value, what in ((treated, "treated"), (control, "control")):
        require_count(value, what)
    return _difference(float(treated - control), float(treated + control), confidence)


def _change(pair: Pair, unit_days: float) -> tuple[float, float]:
    """After less before, and its variance."""
    before_w = pair.days.before / unit_days * pair.area_weight
    after_w = pair.days.after / unit_days * pair.area_weight
    change = pair.after / after_w - pair.before / before_w
    return change, pair.after / after_w**2 + pair.before / before_w**2


def _less(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return one[0] - other[0], one[1] + other[1]


def _difference(value: float, variance: float, confidence: float) -> Difference | NoFigure:
    if variance == 0:
        return NoFigure("no incident was reported in any of the areas")
    se = math.sqrt(variance)
    reach = float(norm.ppf(0.5 + confidence / 2)) * se
    z = value / se
    return Difference(value, se, z, value - reach, value + reach, float(2 * norm.sf(abs(z))))
