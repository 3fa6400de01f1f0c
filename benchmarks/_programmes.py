"""Simulated programmes: what is called an effect where there is none, and where there is one.

Every study is seeded and gives (times, runs). Counts are Poisson about a rate, or negative binomial
with ``spread`` times the variance of Poisson at the mean rate. Places differ in their rate (gamma,
coefficient of variation 0.5) and periods share ups and downs. ``lasting`` is the standard deviation
of what else changes in a place at the start and stays, on the log scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import binomtest, norm, t

from corridors.arrays import BoolArray, IntArray
from corridors.evaluation.cells import Cells, NoFigure, Pair
from corridors.evaluation.exact import two_counts
from corridors.evaluation.panel import Panel, PanelFit, fit_panel
from corridors.evaluation.place_days import LotResult, PlaceDays, lot_ratio
from corridors.evaluation.power import detectable
from corridors.evaluation.ratio import Ratio, four_cell_ratio
from corridors.evaluation.verdict import Design, decide, level

Tally = tuple[int, int]


@dataclass(frozen=True)
class Programme:
    """What is simulated. ``mean`` is incidents of a place in a period; ``drop`` the true effect."""

    places: int
    treated: int
    before: int
    after: int
    mean: float
    spread: float = 1.0
    lasting: float = 0.0
    drop: float = 0.0

    @property
    def post(self) -> BoolArray:
        return np.arange(self.before + self.after) >= self.before

    @property
    def is_treated(self) -> BoolArray:
        return np.arange(self.places) < self.treated

    def counts(self, rng: np.random.Generator, runs: int) -> IntArray:
        """(runs, places, periods)"""
        place = rng.gamma(4.0, 0.25, (runs, self.places, 1))
        rate = self.mean * place * np.exp(rng.normal(0, 0.2, (runs, 1, len(self.post))))
        lasting = rng.normal(0, self.lasting, (runs, self.places, 1))
        rate = rate * np.exp(lasting * self.post)
        rate = rate * (1 - self.drop * np.outer(self.is_treated, self.post))
        if self.spread > 1:
            alpha = (self.spread - 1) / self.mean
            rate = rate * rng.gamma(1 / alpha, alpha, rate.shape)
        return rng.poisson(rate)

    def panels(self, rng: np.random.Generator, runs: int) -> Iterator[Panel]:
        days = np.full((self.places, len(self.post)), 20.0)
        for counts in self.counts(rng, runs):
            yield Panel(counts, days, self.is_treated, self.post)


SINGLE = Programme(places=2, treated=1, before=12, after=12, mean=40)
POOLED = Programme(places=10, treated=5, before=3, after=3, mean=25)
FEW = Programme(places=8, treated=2, before=4, after=4, mean=40)
NO_EFFECT = {
    "single.poisson": SINGLE,
    "single.spread": replace(SINGLE, spread=2.0),
    "pooled.poisson": POOLED,
    "pooled.spread": replace(POOLED, spread=3.0),
    "few.poisson": FEW,
    "few.spread": replace(FEW, spread=2.0),
}
DESIGN = Design(
    has_before=True,
    has_control=True,
    is_comparable=True,
    treated_places=1,
    control_places=1,
    is_randomised=False,
    fixed_before=True,
)


def interval(tally: Tally, confidence: float = 0.99) -> tuple[float, float]:
    """Of the share, exact."""
    within = binomtest(*tally).proportion_ci(confidence)
    return float(within.low), float(within.high)


def called_effect(programme: Programme, runs: int, seed: int) -> tuple[Tally, Tally]:
    """How often ``verdict`` says effect, and how often the panel's test alone leaves out 1."""
    evidence = level(DESIGN)
    effects = tests = 0
    for panel in programme.panels(np.random.default_rng(seed), runs):
        fit = fit_panel(panel)
        test = fit.ratio if isinstance(fit, PanelFit) else fit
        cells = pooled(panel)
        told = decide(cells.four, detectable(cells), test, evidence, corridors=programme.treated)
        effects += told.is_effect
        tests += isinstance(test, Ratio) and test.excludes_one
    return (effects, runs), (tests, runs)


def pooled(panel: Panel) -> Cells:
    """The four sums of a panel with even days."""
    sums = {
        (arm, when): int(panel.counts[np.ix_(panel.treated == arm, panel.post == when)].sum())
        for arm in (True, False)
        for when in (True, False)
    }
    return Cells(
        Pair(sums[True, False], sums[True, True]), Pair(sums[False, False], sums[False, True])
    )


def panel_covers(programme: Programme, runs: int, seed: int) -> Tally:
    """How often the panel's interval holds the true ratio."""
    true, held = 1 - programme.drop, 0
    for panel in programme.panels(np.random.default_rng(seed), runs):
        fit = fit_panel(panel)
        held += isinstance(fit, PanelFit) and fit.ratio.low <= true <= fit.ratio.high
    return held, runs


def four_cell_study(count: float, drop: float, runs: int, seed: int) -> tuple[Tally, Tally]:
    """Four Poisson cells of ``count``, the treated after less ``drop``: (found, covered)."""
    rng = np.random.default_rng(seed)
    found = held = 0
    for cells in rng.poisson([count, count * (1 - drop), count, count], (runs, 4)).tolist():
        test = four_cell_ratio(Cells(Pair(cells[0], cells[1]), Pair(cells[2], cells[3])))
        if not isinstance(test, NoFigure):
            found += test.excludes_one
            held += test.low <= 1 - drop <= test.high
    return (found, runs), (held, runs)


def chosen_for_a_bad_year(runs: int, seed: int) -> tuple[Tally, Tally, Tally]:
    """Of 200 places the 20 worst are paired by rank, and a coin treats one of each; no effect.

    (naive before/after test, four cells with controls as bad, four cells with average controls):
    how often each leaves out 1.
    """
    rng = np.random.default_rng(seed)
    naive = matched = average = 0
    for _ in range(runs):
        rate = rng.gamma(25.0, 1.6, 200)  # 40 a year, standard deviation 8
        counts = np.column_stack(rng.poisson(rate, (2, 200)))
        ranked = counts[np.argsort(-counts[:, 0], kind="stable")]
        pairs, coin = ranked[:20].reshape(10, 2, 2), rng.integers(0, 2, 10)
        worst = _sum(pairs[np.arange(10), coin])
        naive += _leaves_out_one(two_counts(worst.after, worst.before))
        as_bad = Cells(worst, _sum(pairs[np.arange(10), 1 - coin]))
        matched += _leaves_out_one(four_cell_ratio(as_bad))
        average += _leaves_out_one(four_cell_ratio(Cells(worst, _sum(ranked[95:105]))))
    return (naive, runs), (matched, runs), (average, runs)


def _sum(counts: IntArray) -> Pair:
    before, after = counts.sum(axis=0).tolist()
    return Pair(before, after)


def _leaves_out_one(test: object) -> bool:
    return bool(getattr(test, "excludes_one", False))


def lot_study(
    runs: int, seed: int, *, drop: float, spread: float, draws: int
) -> tuple[Tally, Tally]:
    """Four places, 12 weeks, half of the days by lot: (p at most 5 %, interval holds the truth)."""
    rng = np.random.default_rng(seed)
    place, week, weekday = (a.ravel() for a in np.indices((4, 12, 5)))
    found = held = 0
    for _ in range(runs):
        order = rng.random((4, 12, 5)).argsort(axis=1).ravel()
        is_on = order < 6
        rate = np.array([0.5, 1.0, 1.5, 2.0])[place] * np.where(is_on, 1 - drop, 1.0)
        if spread > 1:
            rate = rate * rng.gamma(1 / (spread - 1), spread - 1, rate.shape)
        days = PlaceDays(rng.poisson(rate), is_on, place, weekday, 5 * week + weekday)
        result = lot_ratio(days, rng, draws=draws)
        if isinstance(result, LotResult):
            found += result.ratio.p <= 0.05
            held += result.ratio.low <= 1 - drop <= result.ratio.high
    return (found, runs), (held, runs)


# Which test keeps its level where there are few places ------------------------------------------


@dataclass(frozen=True)
class Sums:
    """Even days: everything that the candidates need, for all runs at once, without a fit."""

    log_ratio: np.ndarray
    chance: np.ndarray
    by_place: np.ndarray
    by_place_plain: np.ndarray
    by_period: np.ndarray
    phi_places: np.ndarray
    phi_periods: np.ndarray

    @classmethod
    def of(cls, y: IntArray, treated: BoolArray, post: BoolArray) -> Sums:
        places, periods = len(treated), len(post)
        after, before = y[:, :, post].sum(2), y[:, :, ~post].sum(2)
        both = after + before
        t1, t0 = after[:, treated].sum(1), before[:, treated].sum(1)
        c1, c0 = after[:, ~treated].sum(1), before[:, ~treated].sum(1)
        share = np.where(treated, (t1 / (t1 + t0))[:, None], (c1 / (c1 + c0))[:, None])
        size = np.where(treated, (t1 + t0)[:, None], (c1 + c0)[:, None])
        square = ((after - share * both) / (size * share * (1 - share))) ** 2
        arm = np.where(treated, treated.sum(), (~treated).sum())
        own, whole = y[:, treated].sum(1), y.sum(1)
        part = np.where(post, (t1 / (t1 + c1))[:, None], (t0 / (t0 + c0))[:, None])
        mass = np.where(post, (t1 + c1)[:, None], (t0 + c0)[:, None])
        phase = np.where(post, post.sum(), (~post).sum())
        off = (own - part * whole) ** 2
        cells, rank = places * periods, places + periods
        return cls(
            log_ratio=np.log(t1 / t0 * c0 / c1),
            chance=1 / t0 + 1 / t1 + 1 / c0 + 1 / c1,
            by_place=(square * arm / np.maximum(arm - 1, 1)).sum(1),
            by_place_plain=square.sum(1) * places / (places - 1) * (cells - 1) / (cells - rank),
            by_period=(off / (mass * part * (1 - part)) ** 2 * phase / (phase - 1)).sum(1),
            phi_places=_pearson((after - share * both) ** 2, both * share * (1 - share))
            / max(places - 2, 1),
            phi_periods=_pearson(off, whole * part * (1 - part)) / (periods - 2),
        )


def _pearson(square: np.ndarray, variance: np.ndarray) -> np.ndarray:
    return np.divide(square, variance, out=np.zeros_like(square), where=variance > 0).sum(1)


def candidates(programme: Programme, runs: int, seed: int) -> dict[str, float]:
    """Share of runs in which each candidate test leaves out 1, in %."""
    rng = np.random.default_rng(seed)
    y = programme.counts(rng, runs)
    treated, post = programme.is_treated, programme.post
    places, periods = programme.places, len(post)
    smaller = min(programme.treated, places - programme.treated)
    s = Sums.of(y, treated, post)
    shown = {
        "four_cells": (s.chance, np.inf),
        "clustered_G-1": (s.by_place_plain, places - 1),
        "by_period": (np.maximum(s.by_period, s.chance * s.phi_periods), periods - 2),
        "by_lot_of_places": (_null_variance(y, treated, post, rng), np.inf),
    }
    if places > 3:
        worse = s.chance * np.maximum(s.phi_places, s.phi_periods)
        both = np.maximum(worse, s.by_place) if smaller > 1 else worse
        shown["dispersion"] = (both, places - 2)
    if smaller > 1:
        shown["clustered_by_arm"] = (s.by_place, smaller - 1)
    return {
        name: 100 * float(_rejects(s, variance, df, name).mean())
        for name, (variance, df) in shown.items()
    }


def _rejects(s: Sums, variance: np.ndarray, df: float, name: str) -> np.ndarray:
    limit = norm.ppf(0.975) if np.isinf(df) else t.ppf(0.975, df)
    away = np.abs(s.log_ratio)
    floor = norm.ppf(0.975) * np.sqrt(s.chance) if name in _FLOORED else 0.0
    return away > np.maximum(limit * np.sqrt(variance), floor)


_FLOORED = ("by_period", "dispersion", "clustered_by_arm")


def _null_variance(
    y: IntArray, treated: BoolArray, post: BoolArray, rng: np.random.Generator, draws: int = 199
) -> np.ndarray:
    """Randomisation over places, as the variance at which z is just 1.96 where p is just 5 %."""
    after, before = y[:, :, post].sum(2), y[:, :, ~post].sum(2)

    def statistic(arm: BoolArray) -> np.ndarray:
        t1, t0 = after[:, arm].sum(1) + 0.5, before[:, arm].sum(1) + 0.5
        c1, c0 = after[:, ~arm].sum(1) + 0.5, before[:, ~arm].sum(1) + 0.5
        return np.abs(np.log(t1 / t0 * c0 / c1))

    seen = statistic(treated)
    as_large = np.ones(len(y))
    for _ in range(draws):
        as_large += statistic(rng.permutation(treated)) >= seen - 1e-12
    return np.where(as_large / (draws + 1) <= 0.05, 0.0, np.inf)
