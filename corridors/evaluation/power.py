r"""What could have been seen at all: the smallest change that the counts can show.

Minimum detectable effect at two-sided 5 % and 80 % power, on the scale of ``wdd``:

.. math:: MDE = (z_{0.975} + z_{0.8}) \cdot SE_{WDD} = 2.80 \cdot SE_{WDD}

and as a share of the treated area's count before. Power of the four-cell test for a true drop:

.. math:: \Phi(|\ln(1 - drop)| / SE - z_{0.975}) + \Phi(-|\ln(1 - drop)| / SE - z_{0.975})

with SE of ``ratio.four_cell_ratio`` at the counts expected then. Both scale SE by the root
of the dispersion, where counts vary more than chance alone would have it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from scipy.optimize import brentq
from scipy.stats import norm

from corridors.errors import InputError
from corridors.evaluation.cells import Cells, NoFigure, require_share
from corridors.evaluation.wdd import wdd

CLAIM_SHARE: Final = 0.5
CANNOT_SHOW: Final = (
    "this corridor alone cannot show an effect of realistic size; pool or randomise days"
)
CANNOT_SHOW_TOGETHER: Final = (
    "these corridors together cannot show an effect of realistic size; pool more or randomise days"
)


@dataclass(frozen=True)
class Detectable:
    """The smallest change that would have been seen with the power asked for.

    ``crimes`` in incidents of the period after; ``share`` of the treated area's count before.
    """

    crimes: float
    share: float
    dispersion: float

    def at(self, dispersion: float) -> Detectable:
        """The same at another dispersion."""
        factor = math.sqrt(dispersion / self.dispersion)
        return Detectable(self.crimes * factor, self.share * factor, dispersion)


def detectable(
    cells: Cells, *, dispersion: float = 1.0, significance: float = 0.05, power: float = 0.8
) -> Detectable | NoFigure:
    """The minimum detectable effect of the local WDD.

    Parameters
    ----------
    cells : observed counts, or those that are expected when planning.
    dispersion : at least 1.
    significance, power : shares; the first is two-sided.

    Raises
    ------
    InputError
        If a share or the dispersion is out of range.
    """
    _require(dispersion, significance, power)
    local = wdd(cells).local
    if isinstance(local, NoFigure):
        return local
    if cells.treated.before == 0:
        return NoFigure("no incident was reported in the corridor before the start")
    base = cells.treated.even_before / cells.treated.area_weight
    se = local.se * math.sqrt(dispersion)
    return seen_with(se, base, dispersion=dispersion, significance=significance, power=power)


def seen_with(
    se: float,
    base: float,
    *,
    dispersion: float = 1.0,
    significance: float = 0.05,
    power: float = 0.8,
) -> Detectable:
    """The smallest change that a standard error shows, in incidents and as a share of ``base``.

    ``se`` has the dispersion in it already.
    """
    quantiles = float(norm.ppf(1 - significance / 2) + norm.ppf(power))
    return Detectable(quantiles * se, quantiles * se / base, dispersion)


def cannot_show(
    found: Detectable | NoFigure, *, claim_share: float = CLAIM_SHARE, corridors: int = 1
) -> str:
    """The sentence to print where no effect of realistic size could have been seen, or nothing."""
    if not isinstance(found, NoFigure) and found.share <= claim_share:
        return ""
    return CANNOT_SHOW if corridors == 1 else CANNOT_SHOW_TOGETHER


def ratio_power(
    cells: Cells, drop: float, *, dispersion: float = 1.0, significance: float = 0.05
) -> float | NoFigure:
    """How often the four-cell ratio test finds a true drop.

    Parameters
    ----------
    cells : the treated count after is not used; it follows from the other three and ``drop``.
    drop : share by which the treated rate falls beside the control's, 0 to less than 1.

    Raises
    ------
    InputError
        If a share or the dispersion is out of range.
    """
    _require(dispersion, significance, 0.8)
    if not 0.0 <= drop < 1.0:
        raise InputError("the drop must be from 0 to less than 1", value=drop)
    needed = (cells.treated.before, cells.control.before, cells.control.after)
    if not all(needed):
        return NoFigure("one of the counts is 0")
    control = cells.control
    expected = cells.treated.even_before * control.after / control.even_before * (1 - drop)
    se = math.sqrt(dispersion * (sum(1 / count for count in needed) + 1 / expected))
    away, limit = abs(math.log1p(-drop)) / se, float(norm.ppf(1 - significance / 2))
    return float(norm.cdf(away - limit) + norm.cdf(-away - limit))


def smallest_drop(
    cells: Cells, *, dispersion: float = 1.0, significance: float = 0.05, power: float = 0.8
) -> float | NoFigure:
    """The smallest true drop that the four-cell ratio test finds with ``power``.

    Raises
    ------
    InputError
        If a share or the dispersion is out of range.
    """
    _require(dispersion, significance, power)

    def short_of(drop: float) -> float:
        found = ratio_power(cells, drop, dispersion=dispersion, significance=significance)
        return -power if isinstance(found, NoFigure) else found - power

    enough = next((step / 100 for step in range(1, 100) if short_of(step / 100) >= 0), None)
    if enough is None:
        return NoFigure("no drop of any size would be found that often")
    return float(brentq(short_of, enough - 0.01, enough))


def _require(dispersion: float, significance: float, power: float) -> None:
    if not (math.isfinite(dispersion) and dispersion >= 1.0):
        raise InputError("dispersion must be at least 1", value=dispersion)
    require_share(significance, "significance")
    require_share(power, "power")
