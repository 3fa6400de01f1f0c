"""WDD: every row that was published or worked out, to the digits given."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError
from corridors.evaluation.cells import Cells, Days, NoFigure, Pair
from corridors.evaluation.wdd import wdd, wdd_after_only

FIRST = Cells(Pair(20, 10), Pair(20, 20))
SECOND = Cells(Pair(20, 10), Pair(20, 20), Pair(30, 20), Pair(30, 30))
LONGER = Days(2, 1)
COUNTS = st.lists(st.integers(0, 300), min_size=8, max_size=8).filter(any)


def numbers(difference):
    return (
        round(difference.value, 4),
        round(difference.se, 4),
        round(difference.z, 4),
        round(difference.low, 2),
        round(difference.high, 2),
    )


def test_first_row():
    result = wdd(FIRST)
    assert numbers(result.local) == (-10, 8.3666, -1.1952, -23.76, 3.76)
    assert result.total == result.local
    assert isinstance(result.displacement, NoFigure)


def test_second_row():
    result = wdd(SECOND)
    assert numbers(result.local)[:2] == (-10, 8.3666)
    assert numbers(result.displacement)[:2] == (-10, 10.4881)
    assert numbers(result.total) == (-20, 13.4164, -1.4907, -42.07, 2.07)


def test_time_weights():
    cells = Cells(Pair(20, 10, LONGER), Pair(20, 20, LONGER))
    assert numbers(wdd(cells).local) == (-10, 6.3246, -1.5811, -20.40, 0.40)


def test_area_weights():
    result = wdd(
        Cells(
            Pair(20, 10, area_weight=1.5),
            Pair(20, 20, area_weight=2.0),
            Pair(30, 20, area_weight=3.2),
            Pair(30, 30, area_weight=3.0),
        )
    )
    assert numbers(result.local)[:2] == (-6.6667, 4.8305)
    assert numbers(result.displacement)[:2] == (-3.125, 3.3985)
    assert numbers(result.total) == (-9.7917, 5.9062, -1.6579, -19.51, -0.08)


def test_a_row_with_a_published_error_of_19():
    assert numbers(wdd(Cells(Pair(100, 80), Pair(100, 90))).local) == (
        -10,
        19.2354,
        -0.5199,
        -41.64,
        21.64,
    )


def test_published_example_with_area_weights():
    """Wheeler: -91.9 (31.5)."""
    local = wdd(Cells(Pair(207, 110, area_weight=1.2), Pair(308, 318, area_weight=0.9))).local
    assert round(local.value, 1) == -91.9
    assert round(local.se, 1) == 31.5


def test_after_only():
    result = wdd_after_only(10, 20)
    assert numbers(result)[:3] == (-10, 5.4772, -1.8257)
    assert round(result.p, 3) == 0.068


def test_no_incident_at_all_is_no_figure():
    result = wdd(Cells(Pair(0, 0), Pair(0, 0), Pair(0, 0), Pair(0, 0)))
    assert all(isinstance(f, NoFigure) for f in (result.local, result.displacement, result.total))
    assert isinstance(wdd_after_only(0, 0), NoFigure)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95, float("nan")])
def test_confidence_is_a_share(confidence):
    with pytest.raises(InputError, match="confidence"):
        wdd(FIRST, confidence=confidence)


@given(COUNTS)
def test_swapping_treated_and_control_turns_the_sign(counts):
    t, c, d, k = (Pair(counts[2 * i], counts[2 * i + 1]) for i in range(4))
    there, back = wdd(Cells(t, c, d, k)).total, wdd(Cells(c, t, k, d)).total
    assert there.value == -back.value
    assert there.se == back.se == pytest.approx(math.sqrt(sum(counts)))
    assert there.low == pytest.approx(-back.high)


@given(COUNTS, st.integers(2, 9))
def test_only_the_size_of_days_relative_to_each_other_counts(counts, times):
    def total(days):
        return wdd(Cells(*(Pair(counts[2 * i], counts[2 * i + 1], days) for i in range(4)))).total

    assert total(Days(3, 2)).value == pytest.approx(total(Days(3 * times, 2 * times)).value)
