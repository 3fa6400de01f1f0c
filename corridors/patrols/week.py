r"""How the days of a week share what there is to cover.

A street that was walked yesterday is worth less today, so that the week's walks between them reach
more streets. What is taken off comes back evenly:

.. math:: k(g) = r + (1 - r) \min(1, (g - 1) / n)

for a street last covered :math:`g \ge 1` days ago, with :math:`r` = ``patrols.repeat_worth`` and
:math:`n` = ``patrols.recovery_days``. Other days change values and nothing else, so a bound of one
day tells something of the others.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from corridors.arrays import FloatArray
from corridors.profile import Patrols


def kept_share(days_ago: npt.ArrayLike, params: Patrols) -> FloatArray:
    """The share of its worth that a street has left, 0-1.

    Parameters
    ----------
    days_ago : days since it was last covered, >= 1; infinite where it never was.
    """
    back = (np.asarray(days_ago, dtype=float) - 1) / params.recovery_days
    share: FloatArray = params.repeat_worth + (1 - params.repeat_worth) * np.clip(back, 0.0, 1.0)
    return share


def bound_from(bound: int, value: tuple[int, ...], then: tuple[int, ...]) -> int:
    r"""What no plan covers at values ``then``, from what none covers at ``value``.

    A plan is worth at most :math:`r B + \sum_e \max(0, w_e - r v_e)` for any r >= 0: the first
    part is what it covers of :math:`r v`. As a function of r this is convex and bends where
    :math:`r v_e` is :math:`w_e` alone, so these r, and 0, are all to be tried. In whole numbers.

    Parameters
    ----------
    bound : no plan with these teams and times covers more of ``value``.
    value, then : of each edge, solver units >= 0.
    """
    pairs = list(zip(value, then, strict=True))
    rates = {Fraction(w, v) for v, w in pairs if v} | {Fraction(0)}
    least = min(
        (r.numerator * bound + sum(max(0, r.denominator * w - r.numerator * v) for v, w in pairs))
        // r.denominator
        for r in rates
    )
    return min(least, sum(then))
