"""Words for one count, and what they tell: C.4 cell by cell."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError, ProfileError
from corridors.evaluation.small_numbers import (
    HEALTH,
    NOT_SHOWN,
    Rule,
    meaning,
    rate_ratio_words,
    read_cell,
    share_words,
    shown,
)

rules = st.builds(Rule, st.integers(5, 30)) | st.just(HEALTH)


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (7, "5"), (8, "10"), (12, "10"),
     (13, "15"), (1203, "1205")],
)  # fmt: skip
def test_counts_are_shown_by_the_rule_of_the_pack(count, words):
    assert shown(count, Rule()).words == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0"), (1, "*"), (7, "*"), (8, "10"), (12, "10"), (13, "15")]
)
def test_health_data_has_a_star_up_to_seven(count, words):
    assert shown(count, HEALTH).words == words


def test_a_profile_may_raise_the_limit_but_not_lower_it():
    assert shown(9, Rule(10)).words == "fewer than 10"
    with pytest.raises(ProfileError, match="never lower"):
        Rule(4)


@given(st.integers(0, 10_000), rules)
def test_words_mean_a_range_that_holds_the_count_and_no_other_words_do(count, rule):
    low, high = meaning(shown(count, rule), rule)
    assert low <= count <= high
    assert {shown(c, rule) for c in range(low, int(high) + 1)} == {shown(count, rule)}
    if low > 0:
        assert shown(low - 1, rule) != shown(count, rule)
    assert shown(int(high) + 1, rule) != shown(count, rule)


@given(st.integers(1, 10_000), rules)
def test_no_words_stand_for_one_count_only_and_none_contradict_fewer_than(count, rule):
    cell = shown(count, rule)
    low, high = meaning(cell, rule)
    assert high > low
    assert cell.kind == "few" or int(cell.words) >= rule.k


def test_a_hidden_cell_may_be_anything():
    assert meaning(NOT_SHOWN, Rule()) == (0, math.inf)


@given(st.integers(0, 10_000), rules)
def test_a_cell_is_read_back_as_it_was_written(count, rule):
    cell = shown(count, rule)
    assert read_cell(cell.words, rule) == cell
    assert read_cell("not shown", rule) == NOT_SHOWN


@pytest.mark.parametrize("words", ["7", "-5", "05", "5.0", "", "fewer than 4", "*", "1e5", "٥"])
def test_words_that_no_pack_wrote_are_refused(words):
    with pytest.raises(InputError, match="reads as no count"):
        read_cell(words, Rule())


@pytest.mark.parametrize(
    ("numerator", "denominator", "words"),
    [
        (5, 30, "17 %"),
        (4, 30, "not enough data"),
        (5, 29, "not enough data"),
        (0, 100, "not enough data"),
        (48, 50, "not enough data"),  # two were not
        (50, 50, "100 %"),
        (45, 50, "90 %"),
    ],
)
def test_shares_need_five_of_thirty_and_leave_no_few_over(numerator, denominator, words):
    assert share_words(numerator, denominator, Rule()) == words


def test_a_share_of_a_hidden_cell_is_not_shown():
    assert share_words(20, 60, Rule(), cells=[shown(20, Rule()), NOT_SHOWN]) == "not enough data"


def test_rate_ratios_need_enough_on_both_sides():
    assert rate_ratio_words(3.0, (12, 400), (9, 900), Rule()) == "3.00"
    assert rate_ratio_words(3.0, (12, 400), (4, 900), Rule()) == "not enough data"
    assert rate_ratio_words(3.0, (12, 29), (9, 900), Rule()) == "not enough data"
    assert rate_ratio_words(3.0, (9, 400), (9, 900), HEALTH) == "3.00"
    assert rate_ratio_words(3.0, (7, 400), (9, 900), HEALTH) == "not enough data"
