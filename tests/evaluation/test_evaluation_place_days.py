"""Days drawn by lot."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError
from corridors.evaluation.cells import NoFigure
from corridors.evaluation.place_days import (
    LotResult,
    PlaceDays,
    carry_over,
    lot_detectable,
    lot_ratio,
)


def rng():
    return np.random.default_rng(7)


def season(seed=1, places=3, weeks=10, rate=2.0, effect=1.0, carried=1.0):
    """Five of ten weeks each weekday; ``carried``: on a day off after a day on."""
    draw = np.random.default_rng(seed)
    place, week, weekday = (a.ravel() for a in np.indices((places, weeks, 5)))
    is_on = (draw.random((places, weeks, 5)).argsort(axis=1) < weeks // 2).ravel()
    before = np.roll(is_on, 1)
    before[(week == 0) & (weekday == 0)] = False
    mean = rate * np.where(is_on, effect, np.where(before, carried, 1.0))
    return PlaceDays(draw.poisson(mean), is_on, place, weekday, 5 * week + weekday)


def one_stratum(counts, is_on):
    n = len(counts)
    same = np.zeros(n, dtype=int)
    return PlaceDays(np.array(counts), np.array(is_on, dtype=bool), same, same, np.arange(n))


def test_one_stratum_is_the_ratio_of_rates():
    """6 incidents on 2 days against 4 on 4: 3.0; SE of the logarithm sqrt(1/6 + 1/4) x root phi."""
    days = one_stratum([4, 2, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0])
    found = lot_ratio(days, rng())
    assert found.ratio.ratio == pytest.approx(3.0)
    assert found.ratio.se == pytest.approx(np.sqrt(1 / 6 + 1 / 4))
    assert (found.on_count, found.off_count, found.on_days, found.off_days) == (6, 4, 2, 4)


def test_strata_by_hand():
    """Mantel and Haenszel: (3·2/4 + 8·3/4) / (5·2/4 + 4·1/4) = 7.5 / 3.5."""
    place = np.repeat([0, 1], 4)
    is_on = np.array([1, 1, 0, 0, 1, 0, 0, 0], dtype=bool)
    counts = np.array([2, 1, 3, 2, 8, 2, 1, 1])
    days = PlaceDays(counts, is_on, place, np.zeros(8, dtype=int), np.tile(np.arange(4), 2))
    found = lot_ratio(days, rng())
    assert found.ratio.ratio == pytest.approx(7.5 / 3.5)
    shared = 8 * 2 * 2 / 16 + 12 * 1 * 3 / 16
    phi = found.ratio.dispersion
    assert found.ratio.se**2 == pytest.approx(phi * shared / (7.5 * 3.5))


def test_p_is_that_of_all_draws():
    """Six days, two on: all fifteen lots can be listed."""
    counts = [4, 2, 1, 0, 2, 1]
    days = one_stratum(counts, [1, 1, 0, 0, 0, 0])
    mean = 2 * sum(counts) / 6
    away = [abs(counts[a] + counts[b] - mean) for a, b in combinations(range(6), 2)]
    exact = np.mean(np.array(away) >= away[0] - 1e-9)
    found = lot_ratio(days, rng(), draws=20_000)
    assert found.ratio.p == pytest.approx(exact, abs=0.012)


def test_a_lot_that_is_passed_in_is_used():
    """A lot that could only have fallen as it did proves nothing."""
    days = season(effect=0.3)
    assert lot_ratio(days, rng()).ratio.p < 0.01
    assert lot_ratio(days, rng(), draw=lambda _: days.is_on).ratio.p == 1.0
    with pytest.raises(InputError, match="lot gave"):
        lot_ratio(days, rng(), draw=lambda _: days.is_on[1:])


def test_drawing_again_keeps_each_stratum():
    days = season(places=1, effect=0.7)
    seen = []

    def spy(generator):
        seen.append(True)
        again = days.is_on.copy()
        for s in range(days.stratum.max() + 1):
            at = days.stratum == s
            again[at] = generator.permutation(again[at])
        return again

    by_hand = lot_ratio(days, rng(), draw=spy, draws=1000).ratio.p
    assert len(seen) == 1000
    assert lot_ratio(days, rng(), draws=1000).ratio.p == pytest.approx(by_hand, abs=0.06)


def test_same_generator_same_result_and_order_does_not_matter():
    days = season()
    assert lot_ratio(days, rng()) == lot_ratio(days, rng())
    order = np.random.default_rng(0).permutation(len(days.counts))
    moved = lot_ratio(days.of(order), rng())
    assert moved.ratio.log_ratio == pytest.approx(lot_ratio(days, rng()).ratio.log_ratio)
    assert carry_over(days.of(order), rng()).on_count == carry_over(days, rng()).on_count


def test_places_that_differ_do_not_disturb():
    """A place with ten times the incidents and more days on: within places nothing differs."""
    place = np.repeat([0, 1], 40)
    is_on = np.concatenate([np.arange(40) % 4 > 0, np.arange(40) % 4 == 0])
    counts = np.where(place == 0, 10, 1)
    days = PlaceDays(counts, is_on, place, np.zeros(80, dtype=int), np.tile(np.arange(40), 2))
    assert lot_ratio(days, rng()).ratio.ratio == pytest.approx(1.0)


def test_carry_over_is_seen_and_is_not_imagined():
    felt = carry_over(season(places=8, weeks=20, carried=0.4), rng())
    assert felt.ratio.excludes_one
    assert felt.ratio.p < 0.01
    assert felt.ratio.ratio < 0.7
    assert not carry_over(season(places=8, weeks=20, effect=0.4), rng()).ratio.excludes_one


def test_carry_over_by_hand():
    """Days 0 to 6, day 4 unknown: off after on are 1 and 3; off after off is 6 alone."""
    counts = np.array([5, 1, 5, 2, 9, 4])
    is_on = np.array([1, 0, 1, 0, 0, 0], dtype=bool)
    zero = np.zeros(6, dtype=int)
    found = carry_over(PlaceDays(counts, is_on, zero, zero, np.array([0, 1, 2, 3, 5, 6])), rng())
    assert (found.on_count, found.on_days, found.off_count, found.off_days) == (3, 2, 4, 1)


@pytest.mark.parametrize(
    ("counts", "is_on", "why"),
    [
        ([0, 0, 0, 0], [1, 0, 1, 0], "no place and weekday"),
        ([3, 2, 1, 0], [1, 1, 1, 1], "no place and weekday"),
        ([0, 2, 0, 1], [1, 0, 1, 0], "days with"),
        ([1, 0, 2, 0], [1, 0, 1, 0], "days without"),
    ],
)
def test_no_ratio_where_there_is_none(counts, is_on, why):
    found = lot_ratio(one_stratum(counts, is_on), rng())
    assert isinstance(found, NoFigure)
    assert why in found.because


def test_the_smallest_change_of_a_lot():
    """400 on as many days as 400: as two counts, 2.80 x root 800 of 400."""
    days = one_stratum(np.full(200, 4), np.arange(200) % 2)
    found = lot_detectable(lot_ratio(days, rng()))
    assert found.share == pytest.approx(2.8016 * np.sqrt(800) / 400, abs=1e-4)


@given(st.integers(0, 5000))
def test_sparse_days_never_break_it(seed):
    draw = np.random.default_rng(seed)
    n = int(draw.integers(1, 40))
    order = draw.permutation(60)[:n]
    days = PlaceDays(
        draw.poisson(draw.choice([0.05, 0.5, 3.0]), n),
        draw.random(n) < draw.choice([0.1, 0.5]),
        order // 20,
        order % 5,
        order % 20,
    )
    for found in (lot_ratio(days, rng(), draws=9), carry_over(days, rng(), draws=9)):
        if isinstance(found, LotResult):
            ratio = found.ratio
            assert np.isfinite([ratio.low, ratio.high, ratio.se]).all()
            assert 0.1 <= ratio.p <= 1
            assert ratio.dispersion >= 1


def test_place_days_check_themselves():
    days = season()
    for wrong in (
        (days.counts[1:], days.is_on, days.place, days.weekday, days.day),
        (days.counts - 9, days.is_on, days.place, days.weekday, days.day),
        (days.counts, days.is_on.astype(int), days.place, days.weekday, days.day),
        (days.counts * 1.0, days.is_on, days.place, days.weekday, days.day),
        (days.counts, days.is_on, days.place, days.weekday, days.day * 0),
    ):
        with pytest.raises(InputError, match="place-days"):
            PlaceDays(*wrong)
    with pytest.raises(InputError, match="at least once"):
        lot_ratio(days, rng(), draws=0)
