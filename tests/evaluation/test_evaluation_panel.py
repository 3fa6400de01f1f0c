"""The panel: against closed forms and statsmodels' own errors, and where nothing can be said."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from benchmarks._programmes import Programme, Sums, pooled
from corridors.errors import InputError
from corridors.evaluation.cells import NoFigure
from corridors.evaluation.panel import Panel, PanelFit, fit_panel, pre_trend
from corridors.evaluation.ratio import four_cell_ratio, quantile

WIDE = Programme(places=10, treated=5, before=4, after=3, mean=12, spread=3.0)
PLAIN = Programme(places=12, treated=6, before=4, after=4, mean=12)
FEW = Programme(places=8, treated=2, before=5, after=4, mean=20, spread=3.0)
PAIR = Programme(places=2, treated=1, before=12, after=6, mean=20, spread=3.0)


def first(programme, seed=1):
    return next(programme.panels(np.random.default_rng(seed), 1))


def changed(panel, **change):
    parts = {name: getattr(panel, name) for name in ("counts", "days", "treated", "post")}
    return Panel(**parts | change)


@pytest.mark.parametrize("programme", [PLAIN, FEW, PAIR])
@pytest.mark.parametrize("seed", range(5))
def test_with_even_days_it_is_the_four_cell_ratio(programme, seed):
    panel = first(programme, seed)
    assert fit_panel(panel).ratio.ratio == pytest.approx(four_cell_ratio(pooled(panel)).ratio)


@pytest.mark.parametrize(("programme", "rule"), [(PLAIN, 0), (FEW, 1), (PAIR, 2)])
@pytest.mark.parametrize("seed", range(5))
def test_errors_are_those_of_the_closed_form(programme, rule, seed):
    panel = first(programme, seed)
    fit = fit_panel(panel)
    sums = Sums.of(panel.counts[None], panel.treated, panel.post)
    chance = sums.chance[0]
    variance = [
        sums.by_place[0],
        max(chance * sums.phi_places[0], chance * sums.phi_periods[0], sums.by_place[0]),
        max(sums.by_period[0], chance * sums.phi_periods[0]),
    ][rule]
    assert fit.rule == ("corridors", "dispersion", "periods")[rule]
    assert fit.model == "Poisson"
    df = fit.ratio.df
    assert df == (5, 6, 16)[rule]
    least = chance * (quantile(0.975) / quantile(0.975, df)) ** 2
    assert fit.ratio.se**2 == pytest.approx(max(variance, least), rel=1e-6)
    assert fit.ratio.dispersion == pytest.approx(max(1.0, variance / chance), rel=1e-6)


def reference(panel, alpha):
    """The same model as estimating equations, whose errors are clustered by place."""
    place, period = np.nonzero(panel.days > 0)
    design = np.column_stack(
        [
            np.eye(len(panel.treated))[place],
            np.eye(len(panel.post))[period][:, 1:],
            panel.treated[place] & panel.post[period],
        ]
    )
    family = sm.families.NegativeBinomial(alpha=alpha) if alpha else sm.families.Poisson()
    y, days = panel.counts[place, period], panel.days[place, period]
    return sm.GEE(y, design, groups=place, family=family, exposure=days).fit(
        ctol=1e-12, maxiter=500, scale=1.0
    )


@pytest.mark.parametrize("seed", range(6))
def test_negative_binomial_against_statsmodels(seed):
    """Arms of equal size: each arm's factor is 5 / 4 on the plain sandwich."""
    panel = first(WIDE, seed)
    rng = np.random.default_rng(seed)
    panel = changed(panel, days=rng.integers(15, 23, panel.counts.shape).astype(float))
    fit = fit_panel(panel)
    own = reference(panel, fit.alpha)
    assert fit.model == "negative binomial"
    assert fit.pearson > 1.5
    assert fit.ratio.log_ratio == pytest.approx(own.params[-1], abs=1e-4)
    chance = reference(panel, 0.0).standard_errors("naive")[-1]
    least = chance * quantile(0.975) / quantile(0.975, 4)
    by_place = own.standard_errors("robust")[-1] * np.sqrt(5 / 4)
    assert fit.ratio.se == pytest.approx(max(by_place, least), rel=1e-3)
    mu = own.fittedvalues
    pearson = ((own.model.endog - mu) ** 2 / (mu + fit.alpha * mu**2)).sum()
    assert pearson / (70 - 17) == pytest.approx(1.0, abs=1e-3)  # what alpha is chosen by


def test_days_of_a_place_are_its_own():
    """Half of the days and half of the incidents in one place after the start: no change."""
    counts = np.full((8, 6), 40)
    days = np.full((8, 6), 20.0)
    counts[:3, 3:], days[:3, 3:] = 20, 10.0
    panel = Panel(counts, days, np.arange(8) < 4, np.arange(6) >= 3)
    assert fit_panel(panel).ratio.ratio == pytest.approx(1.0, abs=1e-9)


def test_what_was_not_counted_is_left_out():
    panel = first(PLAIN)
    counts, days = panel.counts.copy(), panel.days.copy()
    counts[:, -1], days[:, -1] = 0, 0.0
    shorter = Panel(panel.counts[:, :-1], panel.days[:, :-1], panel.treated, panel.post[:-1])
    assert fit_panel(changed(panel, counts=counts, days=days)) == fit_panel(shorter)


def test_a_place_without_incidents_is_left_out_and_told():
    panel = first(PLAIN)
    more = Panel(
        np.vstack([panel.counts, np.zeros((2, 8), dtype=int)]),
        np.vstack([panel.days, panel.days[:2]]),
        np.append(panel.treated, [True, False]),
        panel.post,
    )
    fit, without = fit_panel(more), fit_panel(panel)
    assert fit.ratio == without.ratio
    assert (fit.empty_places, fit.treated_places, fit.control_places) == (2, 6, 6)


@pytest.mark.parametrize("arm", [True, False])
@pytest.mark.parametrize("when", [True, False])
def test_an_arm_without_incidents_is_not_fitted(arm, when):
    panel = first(PLAIN)
    counts = panel.counts.copy()
    counts[np.ix_(panel.treated == arm, panel.post == when)] = 0
    found = fit_panel(changed(panel, counts=counts))
    assert isinstance(found, NoFigure)
    assert found.because.startswith("not fitted, because no incident was reported in any ")


def test_nothing_at_all_is_not_fitted():
    panel = first(PLAIN)
    for found in (
        fit_panel(changed(panel, counts=np.zeros_like(panel.counts))),
        fit_panel(changed(panel, treated=np.ones(12, dtype=bool))),
        fit_panel(changed(panel, post=np.zeros(8, dtype=bool))),
    ):
        assert isinstance(found, NoFigure)


def test_too_few_places_and_periods_are_not_fitted():
    panel = first(Programme(places=2, treated=1, before=2, after=2, mean=50))
    found = fit_panel(panel)
    assert isinstance(found, NoFigure)
    assert "at least 3 periods" in found.because


def test_places_that_do_not_overlap_are_not_fitted():
    """Treated and control were never counted at the same time."""
    days = np.zeros((8, 8))
    days[:4, ::2] = days[4:, 1::2] = 20.0
    counts = np.where(days > 0, 5, 0)
    found = fit_panel(Panel(counts, days, np.arange(8) < 4, np.arange(8) >= 4))
    assert isinstance(found, NoFigure)
    assert "overlap" in found.because


def test_counts_without_any_spread_give_no_narrow_interval():
    """All places alike: the error by place is 0; chance alone still has its share."""
    panel = Panel(np.full((8, 6), 3), np.ones((8, 6)), np.arange(8) < 4, np.arange(6) >= 3)
    ratio = fit_panel(panel).ratio
    plain = four_cell_ratio(pooled(panel))
    assert (ratio.low, ratio.high) == pytest.approx((plain.low, plain.high))


def test_sparse_spread_counts_stay_poisson_where_no_alpha_fits():
    """Half an incident in a period, many with none: every programme still gets its ratio."""
    sparse = Programme(places=10, treated=5, before=6, after=6, mean=0.5, spread=3.0)
    fits = [fit_panel(panel) for panel in sparse.panels(np.random.default_rng(3), 40)]
    assert all(isinstance(fit, PanelFit) for fit in fits)
    assert any(fit.model == "Poisson" and fit.pearson > 1.5 for fit in fits)


@given(st.integers(0, 10_000), st.sampled_from([(2, 1), (3, 1), (6, 1), (8, 4), (9, 5)]))
def test_sparse_counts_never_break_it(seed, sizes):
    """Mostly zeros: a finite result or a reason, and no warning."""
    places, treated = sizes
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.choice([0.02, 0.2, 1.0]), (places, 8))
    counts = counts * rng.choice([1, 1, 60], counts.shape)
    days = rng.choice([0.0, 1.0, 20.0], counts.shape, p=[0.1, 0.45, 0.45])
    panel = Panel(
        np.where(days > 0, counts, 0), days, np.arange(places) < treated, np.arange(8) >= 4
    )
    for found in (fit_panel(panel), pre_trend(panel)):
        if isinstance(found, PanelFit):
            ratio = found.ratio
            assert np.isfinite([ratio.ratio, ratio.low, ratio.high, ratio.se, ratio.p]).all()
            assert ratio.low <= ratio.ratio <= ratio.high
            assert ratio.dispersion >= 1
        else:
            assert found.because.startswith("not ")


def test_order_of_places_does_not_matter():
    panel = first(WIDE)
    order = np.random.default_rng(0).permutation(10)
    moved = Panel(panel.counts[order], panel.days[order], panel.treated[order], panel.post)
    assert fit_panel(moved).ratio.low == pytest.approx(fit_panel(panel).ratio.low)


def test_pre_trend_sees_what_parted_before():
    """The treated fell by half in the last four periods before the start."""
    programme = Programme(places=12, treated=6, before=8, after=4, mean=40)
    panel = first(programme)
    counts = panel.counts.copy()
    counts[:6, 4:8] //= 2
    assert pre_trend(changed(panel, counts=counts)).ratio.excludes_one
    assert not pre_trend(panel).ratio.excludes_one
    assert pre_trend(changed(panel, counts=counts), leads=4).ratio.ratio < 0.7


def test_pre_trend_knows_no_future():
    panel = first(WIDE)
    counts = panel.counts.copy()
    counts[:, panel.post] += 100
    assert pre_trend(changed(panel, counts=counts)) == pre_trend(panel)


def test_pre_trend_without_periods():
    panel = first(Programme(places=12, treated=6, before=1, after=4, mean=40))
    assert isinstance(pre_trend(panel), NoFigure)
    with pytest.raises(InputError, match="leads"):
        pre_trend(first(PLAIN), leads=4)


@pytest.mark.parametrize(
    "change",
    [
        {"counts": np.ones((12, 7), dtype=int)},
        {"counts": np.ones((12, 8))},
        {"counts": np.full((12, 8), -1)},
        {"days": np.full((12, 8), -1.0)},
        {"days": np.full((12, 8), np.nan)},
        {"days": np.zeros((12, 8))},
        {"post": np.arange(8)},
        {"treated": np.arange(12) % 2},
    ],
)
def test_a_panel_checks_itself(change):
    with pytest.raises(InputError):
        changed(first(PLAIN), **change)
