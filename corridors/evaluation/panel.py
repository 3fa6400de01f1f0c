r"""Many corridors and their controls at once: a rate for each place, one for each period.

.. math:: E[y_{it}] = \exp(a_i + g_t + b \cdot treated_i \cdot post_t + \ln days_{it})

exp(b) is the ratio of rates. It is intent-to-treat: places count as treated from the start date on,
whatever was patrolled. With even days it equals the four-cell ratio of the sums.

How sure it is depends on how many places there are, because standard errors that are clustered by
place and read off t with G - 1 degrees of freedom call far too much an effect where one arm has few
(with 1 treated of 10 half of all programmes without any; ``docs/evaluation.md``). So:

* ``corridors``: four places or more in both arms. Clustered by place, each arm's part times
  G_arm / (G_arm - 1), and t with the smaller arm's places less one. Where Pearson chi2/df is above
  1.5 the model is a negative binomial (NB2, variance mu + alpha mu^2); alpha is by moments: the
  value at which Pearson chi2 equals its degrees of freedom [1]_, in turns with the fit. Where
  sparse counts have no such value the model stays Poisson: these errors do not rest on it.
* ``dispersion``: fewer in an arm, six or more in all. The Poisson error times the root of
  the larger of phi_places and phi_periods, or that of ``corridors`` if it is larger still (and
  both arms have two places), with t of G - 2. phi_places is Pearson chi2/df of places x
  (before, after), phi_periods that of arms x periods.
* ``periods``: fewer than that. The larger of the Poisson error times the root of
  phi_periods and one that is clustered by period, with t of T - 2. It takes what else
  happens in a place to come and go by itself from period to period. If something else lasted,
  one place cannot show what it was.

By whichever rule, the 95 % interval is never narrower than the Poisson one: crime does not come
more evenly than chance, so a smaller error is luck.

References
----------
.. [1] Breslow (1984), Applied Statistics 33(1), 38-44.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import brentq
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.errors import InputError
from corridors.evaluation.cells import NoFigure
from corridors.evaluation.ratio import CONFIDENCE, Ratio, quantile, wald_ratio

OVERDISPERSED: Final = 1.5
LEAST_CLUSTERS: Final = 4  # places in each arm
LEAST_PLACES: Final = 6  # in all, to tell how places differ
LEAST_PERIODS: Final = 3  # before and after, to tell how periods differ
_LARGEST_ALPHA: Final = 1e3
_TURNS: Final = 50
_CLOSE: Final = 1e-4  # of alpha, relative


@dataclass(frozen=True)
class Panel:
    """Counts of ``n`` places in ``m`` periods.

    Parameters
    ----------
    counts : (n, m) incidents.
    days : (n, m) school days; 0 where a place was not counted in that period.
    treated : (n) places with patrols. post : (m) periods after the start.

    Raises
    ------
    InputError
        If shapes differ, a number is below 0, or incidents were counted on no days.
    """

    counts: IntArray
    days: FloatArray
    treated: BoolArray
    post: BoolArray

    def __post_init__(self) -> None:
        shape = (len(self.treated), len(self.post))
        if self.counts.shape != shape or self.days.shape != shape:
            raise InputError(
                f"counts {self.counts.shape} and days {self.days.shape} do not fit "
                f"{shape[0]} places and {shape[1]} periods"
            )
        if self.treated.dtype != np.bool_ or self.post.dtype != np.bool_:
            raise InputError("treated and post must be true or false")
        if not np.issubdtype(self.counts.dtype, np.integer) or (self.counts < 0).any():
            raise InputError("counts must be whole numbers, 0 or more")
        if not np.isfinite(self.days).all() or (self.days < 0).any():
            raise InputError("days must be numbers, 0 or more")
        if (self.counts[self.days == 0] > 0).any():
            raise InputError("incidents were counted in a period without days")

    @property
    def informative(self) -> Panel:
        """Without places and periods that have no incident: they say nothing about a ratio."""
        places, periods = self.counts.any(axis=1), self.counts.any(axis=0)
        return Panel(
            self.counts[np.ix_(places, periods)],
            self.days[np.ix_(places, periods)],
            self.treated[places],
            self.post[periods],
        )


@dataclass(frozen=True)
class PanelFit:
    """``ratio.dispersion`` is the squared error over that of chance alone, at least 1.

    ``model`` is "Poisson" or "negative binomial", ``alpha`` its NB2 parameter (0 for Poisson).
    ``pearson`` is chi2/df of the Poisson model. ``rule`` is the rule above. ``empty_places`` had no
    incident in any period and were left out.
    """

    ratio: Ratio
    model: str
    alpha: float
    pearson: float
    rule: str
    treated_places: int
    control_places: int
    empty_places: int


def fit_panel(panel: Panel, *, confidence: float = CONFIDENCE) -> PanelFit | NoFigure:
    """The ratio of the treated places' change to the controls', over all of them.

    Returns
    -------
    PanelFit or NoFigure
        The latter, with the reason, where the counts do not determine a ratio, where there are too
        few places and periods to say how sure it is, or where no fit was found.

    Raises
    ------
    InputError
        If ``confidence`` does not lie between 0 and 1.
    """
    used = panel.informative
    problem = _why_not(used)
    if problem:
        return NoFigure(f"not fitted, because {problem}")
    design = _Design.of(used)
    poisson = _fit(design, 0.0)
    if poisson is None:
        return NoFigure("not fitted, because no rates were found that fit the counts")
    rule, fit = _rule(used), poisson
    if rule == "corridors" and poisson.pearson_per_df > OVERDISPERSED:
        fit = _negative_binomial(design, poisson) or poisson
    df, variance = _variance(used, rule, design, fit)
    chance = _Pull.of(design, poisson).chance
    upper = 0.5 + CONFIDENCE / 2
    least = math.sqrt(chance) * quantile(upper) / quantile(upper, df)
    se = max(math.sqrt(variance), least)
    if not (math.isfinite(se) and se > 0):
        return NoFigure("not fitted, because nothing says how sure the ratio is")
    wide = max(1.0, variance / chance)
    return PanelFit(
        ratio=wald_ratio(fit.b, se, confidence=confidence, dispersion=wide, df=df),
        model="negative binomial" if fit.alpha > 0 else "Poisson",
        alpha=fit.alpha,
        pearson=poisson.pearson_per_df,
        rule=rule,
        treated_places=int(used.treated.sum()),
        control_places=int((~used.treated).sum()),
        empty_places=int((~panel.counts.any(axis=1)).sum()),
    )


def pre_trend(panel: Panel, *, leads: int | None = None) -> PanelFit | NoFigure:
    """Whether treated and control had parted already in the last periods before the start.

    The same fit as ``fit_panel``, on the periods before alone, as if the start had been ``leads``
    periods earlier (half of those before, if not given). A ratio that is not 1 speaks against the
    control. One that may be 1 does not prove it: with few incidents little would be seen.

    Raises
    ------
    InputError
        If ``leads`` is not a number of periods that leaves some before them.
    """
    before = int((~panel.post).sum())
    leads = before // 2 if leads is None else leads
    if leads < 1 or leads >= before:
        if before < 2:
            return NoFigure("not tested, because there is only one period before the start")
        raise InputError(f"leads must be from 1 to {before - 1}", value=leads)
    return fit_panel(
        Panel(
            panel.counts[:, ~panel.post],
            panel.days[:, ~panel.post],
            panel.treated,
            np.arange(before) >= before - leads,
        )
    )


# The model --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Design:
    """Rows are cells that were counted; the last column is that of b."""

    y: FloatArray
    x: FloatArray
    log_days: FloatArray
    place: IntArray
    period: IntArray

    @classmethod
    def of(cls, panel: Panel) -> _Design:
        """Columns of places, of periods but the first, and of treated x post."""
        place, period = np.nonzero(panel.days > 0)
        places, periods = panel.counts.shape
        x = np.column_stack(
            [
                np.eye(places)[place],
                np.eye(periods)[period][:, 1:],
                (panel.treated[place] & panel.post[period]).astype(float),
            ]
        )
        y = panel.counts[place, period].astype(float)
        return cls(y, x, np.log(panel.days[place, period]), place, period)

    @property
    def is_determined(self) -> bool:
        """Whether no column follows from the others."""
        return bool(np.linalg.matrix_rank(self.x) == self.x.shape[1])


@dataclass(frozen=True)
class _Fit:
    params: FloatArray
    mu: FloatArray
    alpha: float
    pearson_per_df: float

    @property
    def b(self) -> float:
        return float(self.params[-1])


def _fit(design: _Design, alpha: float, start: FloatArray | None = None) -> _Fit | None:
    """None if it did not converge. Warnings are turned into that, and into nothing else."""
    family: Any = families.NegativeBinomial(alpha=alpha) if alpha > 0 else families.Poisson()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = GLM(design.y, design.x, family=family, offset=design.log_days).fit(
                maxiter=200, start_params=start
            )
        except (np.linalg.LinAlgError, ValueError, FloatingPointError):
            return None
        mu = np.asarray(found.mu, dtype=float)
        df = max(len(design.y) - design.x.shape[1], 1)
        fit = _Fit(
            np.asarray(found.params, dtype=float),
            mu,
            alpha,
            _pearson(design, mu, alpha) / df,
        )
    is_sound = np.isfinite([*mu, *fit.params, fit.pearson_per_df]).all()
    return fit if found.converged and is_sound else None


def _pearson(design: _Design, mu: FloatArray, alpha: float) -> float:
    return float(((design.y - mu) ** 2 / (mu + alpha * mu**2)).sum())


def _negative_binomial(design: _Design, poisson: _Fit) -> _Fit | None:
    """Fit and moment estimate of alpha in turns, until alpha stays where it is."""
    df, fit = float(len(design.y) - design.x.shape[1]), poisson
    for _ in range(_TURNS):
        mu = fit.mu

        def too_wide(alpha: float, mu: FloatArray = mu) -> float:
            return _pearson(design, mu, alpha) - df

        if too_wide(0.0) <= 0 or too_wide(_LARGEST_ALPHA) >= 0:
            return None
        alpha = float(brentq(too_wide, 0.0, _LARGEST_ALPHA))
        found = _fit(design, alpha, fit.params)
        if found is None:
            return None
        if abs(alpha - fit.alpha) <= _CLOSE * alpha:
            return found
        fit = found
    return None


# How sure ---------------------------------------------------------------------------------------


def _rule(panel: Panel) -> str:
    treated, control = int(panel.treated.sum()), int((~panel.treated).sum())
    if min(treated, control) >= LEAST_CLUSTERS:
        return "corridors"
    return "dispersion" if treated + control >= LEAST_PLACES else "periods"


def _why_not(panel: Panel) -> str:
    """Why a ratio is not determined, or an empty string."""
    for arm, is_arm in (("treated place", panel.treated), ("control", ~panel.treated)):
        for when, is_when in (("before", ~panel.post), ("after", panel.post)):
            if not panel.counts[np.ix_(is_arm, is_when)].any():
                return f"no incident was reported in any {arm} {when} the start"
    before, after = int((~panel.post).sum()), int(panel.post.sum())
    if _rule(panel) != "corridors" and min(before, after) < LEAST_PERIODS:
        return (
            f"with so few places at least {LEAST_PERIODS} periods with incidents before and after "
            f"are needed; there are {before} and {after}"
        )
    if not _Design.of(panel).is_determined:
        return "places and periods that were counted do not overlap enough"
    return ""


@dataclass(frozen=True)
class _Pull:
    """How far each cell's residual moves b, and the variance of b by the model alone."""

    by_cell: FloatArray
    chance: float

    @classmethod
    def of(cls, design: _Design, fit: _Fit) -> _Pull:
        shrunk = 1.0 + fit.alpha * fit.mu
        bread = np.linalg.pinv(design.x.T @ (design.x * (fit.mu / shrunk)[:, None]))
        return cls((design.x @ bread[-1]) * (design.y - fit.mu) / shrunk, float(bread[-1, -1]))


def _variance(panel: Panel, rule: str, design: _Design, fit: _Fit) -> tuple[float, float]:
    """Degrees of freedom, and the variance of b, before it is held against that of chance."""
    pull = _Pull.of(design, fit)
    places, periods = panel.counts.shape
    if rule == "corridors":
        treated = int(panel.treated.sum())
        df = float(min(treated, places - treated) - 1)
        return df, _clustered(pull.by_cell, design.place, panel.treated)
    phase, arm = panel.post[design.period], panel.treated[design.place]
    by_period = pull.chance * _pearson_of_sums(design, fit, 2 * design.period + arm) / (periods - 2)
    if rule == "dispersion":
        by_place = pull.chance * _pearson_of_sums(design, fit, 2 * design.place + phase)
        clustered = _clustered(pull.by_cell, design.place, panel.treated)
        return places - 2.0, max(by_period, by_place / (places - 2), clustered)
    return periods - 2.0, max(by_period, _clustered(pull.by_cell, design.period, panel.post))


def _clustered(pull: FloatArray, cluster: IntArray, side: BoolArray) -> float:
    """Clusters are of two sides; each side's sum of squares is of its clusters less one.

    0 where a side has only one cluster: its own pull is then 0, and nothing tells its spread.
    """
    count = np.where(side, side.sum(), (~side).sum())
    if count.min() < 2:
        return 0.0
    square = np.bincount(cluster, pull, len(side)) ** 2
    return float((square * count / (count - 1)).sum())


def _pearson_of_sums(design: _Design, fit: _Fit, cell: IntArray) -> float:
    y, mu = np.bincount(cell, design.y), np.bincount(cell, fit.mu)
    return float(((y - mu)[mu > 0] ** 2 / mu[mu > 0]).sum())
