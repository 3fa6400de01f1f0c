"""The four-cell ratio, its approximate and its exact form."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, fisher_exact, hypergeom

from corridors.errors import InputError
from corridors.evaluation.cells import EQUAL_DAYS, Cells, Days, NoFigure, Pair
from corridors.evaluation.exact import four_cells, two_counts
from corridors.evaluation.ratio import four_cell_ratio
from corridors.evaluation.wdd import wdd, wdd_after_only

PUBLISHED = Cells(Pair(50, 30), Pair(60, 55))
COUNT = st.integers(1, 200)
SMALL = st.integers(0, 25)


def cells(counts, days=(EQUAL_DAYS, EQUAL_DAYS)):
    return Cells(Pair(*counts[:2], days[0]), Pair(*counts[2:], days[1]))


def test_published_example():
    found = four_cell_ratio(PUBLISHED)
    assert round(found.log_ratio, 7) == -0.4238142
    assert round(found.ratio, 7) == 0.6545455
    assert round(found.se, 5) == 0.29695
    assert (round(found.low, 3), round(found.high, 3), round(found.p, 3)) == (0.366, 1.171, 0.154)
    local = wdd(PUBLISHED).local
    assert (local.value, round(local.se, 2)) == (-15, 13.96)


def test_dispersion_and_t_widen():
    plain = four_cell_ratio(PUBLISHED)
    wide = four_cell_ratio(PUBLISHED, dispersion=4.0)
    assert wide.se == pytest.approx(2 * plain.se)
    few = four_cell_ratio(PUBLISHED, dispersion=4.0, df=3)
    assert few.low == pytest.approx(math.exp(wide.log_ratio - 3.182446 * wide.se), rel=1e-6)
    assert few.p > wide.p > plain.p


@pytest.mark.parametrize("place", range(4))
def test_no_ratio_of_0(place):
    counts = [5, 5, 5, 5]
    counts[place] = 0
    assert isinstance(four_cell_ratio(cells(counts)), NoFigure)


@pytest.mark.parametrize("wrong", [{"dispersion": 0.5}, {"confidence": 95.0}, {"df": 0.0}])
def test_settings_out_of_range(wrong):
    with pytest.raises(InputError):
        four_cell_ratio(PUBLISHED, **wrong)


@given(st.lists(COUNT, min_size=4, max_size=4), st.integers(1, 300), st.integers(1, 300))
def test_common_days_cancel_and_own_days_do_not(counts, before, after):
    plain = four_cell_ratio(cells(counts))
    common = four_cell_ratio(cells(counts, (Days(before, after),) * 2))
    assert common.log_ratio == pytest.approx(plain.log_ratio, abs=1e-9)
    own = four_cell_ratio(cells(counts, (Days(before, after), Days())))
    assert own.ratio == pytest.approx(plain.ratio * before / after)


@given(st.lists(COUNT, min_size=4, max_size=4))
def test_the_interval_and_p_say_the_same(counts):
    found = four_cell_ratio(cells(counts))
    assert found.excludes_one == (found.p < 0.05)


# Exact ------------------------------------------------------------------------------------------


def test_small_counts_exactly():
    """10 v 20: 0.0987; the normal approximation says 0.068."""
    assert round(two_counts(10, 20).p, 4) == 0.0987
    assert round(wdd_after_only(10, 20).p, 3) == 0.068


def test_two_counts_over_unequal_days():
    found = two_counts(10, 40, first_exposure=1, second_exposure=2)
    assert found.ratio == 0.5
    assert two_counts(10, 20).low < found.low < found.high < two_counts(10, 20).high


def test_two_counts_at_the_edge():
    none = two_counts(0, 8)
    assert (none.ratio, none.low) == (0.0, 0.0)
    assert none.p == pytest.approx(2 * 0.5**8)
    assert two_counts(8, 0).ratio == two_counts(8, 0).high == math.inf
    assert isinstance(two_counts(0, 0), NoFigure)
    with pytest.raises(InputError, match="whole number"):
        two_counts(-1, 3)
    with pytest.raises(InputError, match="above 0"):
        two_counts(1, 3, first_exposure=0)


@given(SMALL, SMALL, st.integers(1, 5), st.integers(1, 5))
def test_two_counts_swapped(first, second, e, f):
    if first + second == 0:
        return
    found = two_counts(first, second, first_exposure=e, second_exposure=f)
    back = two_counts(second, first, first_exposure=f, second_exposure=e)
    assert found.p == pytest.approx(back.p)
    if second and found.low:
        assert found.low == pytest.approx(1 / back.high)
    assert found.excludes_one == (found.p < 0.05)


def test_four_cells_of_the_published_example():
    found = four_cells(PUBLISHED)
    assert found.ratio == pytest.approx(0.6545455, abs=1e-7)
    assert (round(found.low, 4), round(found.high, 4)) == (0.3500, 1.2180)


@given(st.lists(SMALL, min_size=4, max_size=4))
def test_four_cells_against_fisher_tails(counts):
    before, after, control_before, control_after = counts
    found = four_cells(cells(counts))
    if isinstance(found, NoFigure):
        assert 0 in (
            before + after,
            control_before + control_after,
            before + control_before,
            after + control_after,
        )
        return
    table = [[after, before], [control_after, control_before]]
    tails = [fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
    assert found.p == pytest.approx(min(1.0, 2 * min(tails)))
    assert found.excludes_one == (found.p < 0.05)


def test_four_cells_over_unequal_days():
    """Twice the days after in the treated area alone: a doubled count is no change."""
    even = four_cells(cells((20, 40, 20, 20), (Days(1, 2), Days())))
    assert even.ratio == 1.0
    assert even.p > 0.9
    assert four_cells(cells((20, 40, 20, 20))).p < 0.2


@pytest.mark.parametrize("total", [5, 12, 40])
def test_two_counts_are_never_called_different_too_often(total):
    """Summed over all results: with equal rates at most 5 % are called different."""
    share = sum(
        binom.pmf(first, total, 0.5)
        for first in range(total + 1)
        if two_counts(first, total - first).p < 0.05
    )
    assert share <= 0.05


@pytest.mark.parametrize("margins", [(9, 11, 8), (30, 22, 25), (60, 60, 55)])
def test_four_cells_are_never_called_different_too_often(margins):
    """Summed over all tables with these margins."""
    treated, control, after = margins
    share = sum(
        hypergeom.pmf(first, treated + control, treated, after)
        for first in range(max(0, after - control), min(treated, after) + 1)
        if four_cells(
            cells((treated - first, first, control - after + first, after - first))
        ).excludes_one
    )
    assert 0 < share <= 0.05
