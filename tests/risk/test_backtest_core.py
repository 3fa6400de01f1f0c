"""The rolling back-test: nothing of a month is in what it is scored on."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_networks import grid_network

from corridors.errors import InputError
from corridors.model import BacktestReport
from corridors.profile import Risk
from corridors.risk.backtest import LENGTH_SHARES, About, run_backtest, thin
from corridors.risk.lattice import build_lattice
from corridors.risk.mixture import Baselines, first_day
from corridors.risk.sample import Sample

NETWORK = grid_network(8, 7)
LATTICE = build_lattice(NETWORK, 5.0)
N = len(LATTICE.length_m)
PARAMS = Risk(bandwidths_m=(25.0, 100.0, 300.0))
ABOUT = About("Grid", has_times=False, is_snapped=False)
START = 12 * 2022
ESTIMATORS = [
    "mixture", "counts", "esc_25", "esc_100", "esc_300", "uniform", "planar_100", "planar_200",
    "planar_300", "last_year",
]  # fmt: skip


def drawn(rng: np.random.Generator, count: int = 500, months: int = 16) -> Sample:
    """Half of all incidents on five streets, the others anywhere."""
    month = np.concatenate([START + np.arange(months), START + rng.integers(0, months, count)])
    k = len(month)
    segment = np.where(rng.random(k) < 0.5, rng.integers(0, 5, k), rng.integers(0, N, k))
    return Sample(
        segment, rng.random(k) * LATTICE.length_m[segment], np.ones((k, 1)), month,
        first_day(month) + 14,
    )  # fmt: skip


def run(
    sample: Sample, params: Risk = PARAMS, baselines: Baselines | None = None
) -> BacktestReport:
    return run_backtest(NETWORK, LATTICE, sample, baselines or Baselines(), params, ABOUT)


def reordered(sample: Sample, order: np.ndarray) -> Sample:
    return Sample(
        sample.segment_id[order], sample.offset_m[order], sample.slot_weight[order],
        sample.month[order], sample.day[order],
    )  # fmt: skip


SAMPLE = drawn(np.random.default_rng(1))
REPORT = run(SAMPLE)


def test_the_first_scored_month_has_twelve_before_it():
    assert REPORT.months == (date(2023, 1, 1), date(2023, 2, 1), date(2023, 3, 1), date(2023, 4, 1))
    assert REPORT.length_shares == LENGTH_SHARES
    assert [s.estimator for s in REPORT.scores] == ESTIMATORS
    assert sum(w.weight for w in REPORT.weights) == pytest.approx(1)
    assert REPORT.length_km == pytest.approx(N * 0.06)
    in_month = [int((SAMPLE.month == START + m).sum()) for m in range(12, 16)]
    assert REPORT.incidents_a_month == pytest.approx(in_month)


def test_months_to_come_change_no_score_of_an_earlier_month():
    rng = np.random.default_rng(2)
    late = SAMPLE.month >= START + 14
    other = replace(
        SAMPLE, segment_id=np.where(late, rng.integers(0, N, len(late)), SAMPLE.segment_id)
    )
    changed = run(other)
    cut = run(reordered(SAMPLE, np.flatnonzero(~late)))
    for a, b, c in zip(REPORT.scores, changed.scores, cut.scores, strict=True):
        assert a.hit_rate_by_month[:2] == b.hit_rate_by_month[:2] == c.hit_rate_by_month
        if a.estimator not in {"uniform"}:
            assert a.hit_rate_by_month[2:] != b.hit_rate_by_month[2:]


def test_a_months_own_incidents_are_never_in_its_map():
    # Every month elsewhere: whoever sees a month before it is scored hits all of it.
    months = np.repeat(np.arange(16), 12)
    segment = (months * 5) % 80
    sample = Sample(
        segment, np.full(len(months), 30.0), np.ones((len(months), 1)), START + months,
        first_day(START + months) + 14,
    )  # fmt: skip
    report = run(sample)
    for score in report.scores:
        if score.estimator in {"mixture", "counts", "last_year"}:
            assert score.hit_rate[1] < 0.05


def test_rows_in_another_order_give_the_same_report():
    order = np.random.default_rng(3).permutation(len(SAMPLE.day))
    assert run(reordered(SAMPLE, order)) == REPORT


def test_scores_are_what_their_names_say():
    for score in REPORT.scores:
        hits = np.array(score.hit_rate)
        assert (np.diff(hits) >= 0).all()
        assert score.pai == pytest.approx(hits / np.array(LENGTH_SHARES))
        assert 0 <= min(score.pei) <= max(score.pei) <= 1 + 1e-12
        weight = np.array(REPORT.incidents_a_month)
        by_month = np.array(score.hit_rate_by_month)
        assert by_month.shape == (len(REPORT.months), len(LENGTH_SHARES))
        assert weight @ by_month / weight.sum() == pytest.approx(hits)
    even = next(s for s in REPORT.scores if s.estimator == "uniform")
    assert even.log_likelihood == pytest.approx(0, abs=1e-12)


def test_the_mixture_is_at_least_as_likely_as_each_of_its_parts():
    best = max(s.log_likelihood for s in REPORT.scores[1:])
    assert REPORT.scores[0].log_likelihood > best
    assert REPORT.scores[0].hit_rate[2] > 0.2


def test_last_year_is_the_same_month_or_the_year_where_that_is_missing():
    # December 2022 only on street 3; the other months' incidents lie on 7.
    months = np.repeat(np.arange(1, 25), 3)
    segment = np.where(months == 11, 3, 7)
    sample = Sample(
        segment, np.full(len(months), 30.0), np.ones((len(months), 1)), START + months,
        first_day(START + months) + 14,
    )  # fmt: skip
    report = run(sample)
    last = next(s for s in report.scores if s.estimator == "last_year")
    by_month = dict(zip(report.months, last.hit_rate_by_month, strict=True))
    assert by_month[date(2023, 12, 1)][1] < 0.01  # says 3, and 7 it was: no more than even streets
    assert by_month[date(2023, 11, 1)][1] == 1.0
    without = run(reordered(sample, np.flatnonzero(months != 2)))  # March 2022 is missing
    last = next(s for s in without.scores if s.estimator == "last_year")
    assert without.months[0] == date(2023, 3, 1)
    assert last.hit_rate_by_month[0][1] == 1.0  # from the year before, which knows street 7


def test_streets_outside_the_area_are_neither_map_nor_score():
    within = np.arange(N) < 60
    report = run(SAMPLE, baselines=Baselines(None, within))
    inner = reordered(SAMPLE, np.flatnonzero(SAMPLE.segment_id < 60))
    assert report == run(inner, baselines=Baselines(None, within))
    assert report.length_km == pytest.approx(60 * 0.06)
    assert sum(report.incidents_a_month) == (inner.month >= START + 12).sum()


def test_flow_is_an_estimator_where_it_is_given():
    report = run(SAMPLE, baselines=Baselines((np.arange(N) < 5) * 1.0 + 0.01))
    assert [s.estimator for s in report.scores][5:7] == ["flow", "uniform"]
    scores = {s.estimator: s for s in report.scores}
    assert scores["flow"].hit_rate[2] > 0.3
    assert "flow" in {w.key for w in report.weights}


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 1))
def test_thinning_draws_by_incident_and_not_by_row(seed, share):
    order = np.random.default_rng(seed).permutation(len(SAMPLE.day))
    kept = [thin(s, share, np.random.default_rng(seed)) for s in (SAMPLE, reordered(SAMPLE, order))]
    for name in ("segment_id", "offset_m", "slot_weight", "month", "day"):
        assert getattr(kept[0], name).tobytes() == getattr(kept[1], name).tobytes()
    assert abs(len(kept[0].day) - share * len(order)) < 6 * np.sqrt(len(order) / 4)


def test_too_few_months_and_a_wrong_share_are_refused():
    with pytest.raises(InputError, match="more than 12 months"):
        run(reordered(SAMPLE, np.flatnonzero(SAMPLE.month < START + 12)))
    with pytest.raises(InputError, match="over 0"):
        thin(SAMPLE, 0.0, np.random.default_rng(1))
    assert len(thin(SAMPLE, 1.0, np.random.default_rng(1)).day) == len(SAMPLE.day)
