"""Counts and days check themselves."""

import numpy as np
import pytest

from corridors.errors import InputError
from corridors.evaluation.cells import Cells, Days, Pair


@pytest.mark.parametrize("count", [-1, 1.5, True, "3", float("nan")])
def test_a_count_is_a_whole_number(count):
    with pytest.raises(InputError, match="whole number"):
        Pair(count, 1)
    with pytest.raises(InputError, match="whole number"):
        Pair(1, count)


def test_counts_of_numpy_are_counts():
    assert Pair(np.int64(3), np.int32(0)).even_before == 3.0


@pytest.mark.parametrize("days", [0.0, -1.0, float("inf"), float("nan")])
def test_days_and_weights_are_above_0(days):
    with pytest.raises(InputError, match="above 0"):
        Days(days, 1)
    with pytest.raises(InputError, match="above 0"):
        Pair(1, 1, area_weight=days)


def test_before_is_brought_to_the_length_of_after():
    assert Pair(120, 84, Days(190, 95)).even_before == 60.0


def test_areas_add_up_over_the_same_days_only():
    assert Pair(1, 2) + Pair(3, 4) == Pair(4, 6, area_weight=2.0)
    with pytest.raises(InputError, match="different days"):
        Pair(1, 2) + Pair(3, 4, Days(2, 1))


def test_a_control_of_near_streets_needs_near_streets():
    with pytest.raises(InputError, match="near streets"):
        Cells(Pair(1, 1), Pair(1, 1), near_control=Pair(1, 1))
