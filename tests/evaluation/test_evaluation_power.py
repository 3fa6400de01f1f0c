"""What could have been seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError
from corridors.evaluation.cells import EQUAL_DAYS, Cells, Days, NoFigure, Pair
from corridors.evaluation.power import (
    CANNOT_SHOW,
    cannot_show,
    detectable,
    ratio_power,
    smallest_drop,
)
from corridors.evaluation.wdd import wdd


def even(count, days=EQUAL_DAYS):
    return Cells(Pair(count, count, days), Pair(count, count, days))


@pytest.mark.parametrize(
    ("count", "se", "crimes", "percent"),
    [
        (10, 6.32, 17.7, 177),
        (25, 10.0, 28.0, 112),
        (50, 14.1, 39.6, 79),
        (100, 20.0, 56.0, 56),
        (400, 40.0, 112, 28),
    ],
)
def test_table(count, se, crimes, percent):
    assert wdd(even(count)).local.se == pytest.approx(se, abs=0.05)
    found = detectable(even(count))
    assert found.crimes == pytest.approx(crimes, abs=0.07)
    assert round(100 * found.share) == percent


@pytest.mark.parametrize(("count", "says"), [(10, True), (100, True), (126, False), (400, False)])
def test_the_rule_says_its_sentence_over_half(count, says):
    text = cannot_show(detectable(even(count)))
    assert text == (
        "this corridor alone cannot show an effect of realistic size; pool or randomise days"
        if says
        else ""
    )


def test_the_rule_where_nothing_is_known_and_with_another_share():
    assert cannot_show(detectable(even(0))) == CANNOT_SHOW
    assert isinstance(detectable(Cells(Pair(0, 9), Pair(9, 9))), NoFigure)
    assert cannot_show(detectable(even(400)), claim_share=0.25) == CANNOT_SHOW
    assert "these corridors together" in cannot_show(detectable(even(10)), corridors=4)


def test_dispersion_scales_by_its_root():
    once, four = detectable(even(100)), detectable(even(100), dispersion=4.0)
    assert four.crimes == pytest.approx(2 * once.crimes)
    assert once.at(4.0) == four


def test_area_weights_do_not_change_the_share():
    plain = detectable(even(100))
    metres = detectable(Cells(Pair(100, 100, area_weight=3), Pair(100, 100, area_weight=3)))
    assert metres.share == pytest.approx(plain.share)


def test_twice_the_days_before_help():
    longer = Cells(Pair(200, 100, Days(2, 1)), Pair(200, 100, Days(2, 1)))
    assert detectable(longer).share < detectable(even(100)).share


def test_power_at_no_drop_is_the_level():
    assert ratio_power(even(100), 0.0) == pytest.approx(0.05)


def test_power_by_hand():
    """400 in each cell, a drop of 30 %: |ln 0.7| / sqrt(3 / 400 + 1 / 280) = 3.390; less 1.960."""
    assert ratio_power(even(400), 0.3) == pytest.approx(0.9236, abs=5e-5)


@given(st.integers(60, 2000), st.floats(1.0, 3.0))
def test_the_smallest_drop_has_just_the_power(count, dispersion):
    drop = smallest_drop(even(count), dispersion=dispersion)
    if isinstance(drop, NoFigure):
        assert ratio_power(even(count), 0.6, dispersion=dispersion) < 0.8
        return
    assert ratio_power(even(count), drop, dispersion=dispersion) == pytest.approx(0.8, abs=1e-6)
    assert ratio_power(even(count), drop / 2, dispersion=dispersion) < 0.8


def test_no_drop_is_large_enough_for_ten():
    assert isinstance(smallest_drop(even(10)), NoFigure)
    assert isinstance(ratio_power(even(0), 0.3), NoFigure)


@pytest.mark.parametrize("wrong", [{"dispersion": 0.9}, {"significance": 5.0}])
def test_settings_out_of_range(wrong):
    with pytest.raises(InputError):
        detectable(even(10), **wrong)
    with pytest.raises(InputError):
        ratio_power(even(10), 0.3, **wrong)
    with pytest.raises(InputError):
        ratio_power(even(10), 1.0)
