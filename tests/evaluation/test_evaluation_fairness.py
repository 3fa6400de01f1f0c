"""Exposure, encounters, areas: invariants, then the numbers of D.6."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError, ProfileError
from corridors.evaluation.fairness import (
    Interval,
    Limits,
    concentration,
    encounter_disparity,
    exposure,
    exposure_disparity,
    exposure_interval,
    exposure_ratio,
    figures_hash,
    is_reliable,
    minutes_per_1000,
    need_ratio,
    rate_ratio,
    rate_ratio_interval,
    read_ratio,
    school_minutes,
    service,
    share_not_recorded,
)

PUPILS = pd.DataFrame({"fsm": [50, 30], "other": [150, 270]}, index=["A", "B"])
MINUTES = pd.DataFrame([[60.0, 15.0], [40.0, 5.0]], index=["W1", "W2"], columns=["A", "B"])
NEED = pd.Series([9.0, 3.0], index=["A", "B"])
PAIR = ("fsm", "other")
LIMITS = Limits()


def rng():
    return np.random.default_rng(20)


# --- D.6 ------------------------------------------------------------------------------------------


def test_exposure_of_the_worked_example():
    found = exposure(PUPILS, MINUTES)
    assert found["fsm"] == 70.0
    assert found["other"] == pytest.approx(48.5714, abs=5e-5)
    assert exposure_ratio(PUPILS, MINUTES, *PAIR) == pytest.approx(1.4412, abs=5e-5)


def test_need_of_the_worked_example_stands_beside_the_raw_ratio():
    needed = exposure(PUPILS, NEED.to_frame().T)
    assert needed["fsm"] == 6.75
    assert needed["other"] == pytest.approx(5.142857, abs=5e-7)
    assert need_ratio(PUPILS, NEED, *PAIR) == pytest.approx(1.3125, abs=1e-12)
    found = exposure_disparity(PUPILS, MINUTES, PAIR, rng(), need=NEED)
    assert found.adjusted == pytest.approx(1.0980, abs=5e-5)
    assert found.ratio == pytest.approx(1.4412, abs=5e-5)
    assert found.reading == "explain"  # of the raw ratio: 1.098 would be within limits


@pytest.mark.parametrize(
    ("counts", "ratio", "low", "high"),
    [((12, 400, 9, 900), 3.000, 1.274, 7.063), ((38, 172, 182, 1652), 2.005, 1.467, 2.740)],
)
def test_rate_ratios_of_the_worked_examples(counts, ratio, low, high):
    assert rate_ratio(*counts) == pytest.approx(ratio, abs=5e-4)
    found = rate_ratio_interval(*counts)
    assert found.low == pytest.approx(low, abs=5e-4)
    assert found.high == pytest.approx(high, abs=5e-4)
    assert encounter_disparity(PAIR, counts[:2], counts[2:]).reading == "review before publication"


# --- exposure -------------------------------------------------------------------------------------

counts = st.integers(0, 400)
minutes = st.floats(0, 500).map(lambda m: round(m, 2))


@st.composite
def places(draw):
    schools, weeks = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    names = [f"s{i}" for i in range(schools)]
    people = draw(st.lists(st.tuples(counts, counts, counts), min_size=schools, max_size=schools))
    spent = draw(
        st.lists(
            st.lists(minutes, min_size=schools, max_size=schools), min_size=weeks, max_size=weeks
        )
    )
    return (
        pd.DataFrame(people, index=names, columns=["a", "b", "c"]),
        pd.DataFrame(spent, index=[f"w{i}" for i in range(weeks)], columns=names),
    )


@given(places(), st.randoms(use_true_random=False))
def test_the_order_of_schools_weeks_and_groups_changes_no_bit(place, random):
    pupils, spent = place
    rows, weeks, groups = list(pupils.index), list(spent.index), list(pupils.columns)
    for labels in (rows, weeks, groups):
        random.shuffle(labels)
    turned = pupils.loc[rows, groups], spent.loc[weeks, sorted(rows, reverse=True)]
    pd.testing.assert_series_equal(exposure(pupils, spent), exposure(*turned), check_exact=True)
    one = exposure_interval(pupils, spent, ("a", "b"), rng(), draws=50)
    assert one == exposure_interval(*turned, ("a", "b"), rng(), draws=50)


@given(places(), st.floats(0.01, 100))
def test_more_minutes_everywhere_leave_the_ratio(place, factor):
    pupils, spent = place
    before = exposure_ratio(pupils, spent, "a", "b")
    after = exposure_ratio(pupils, spent * factor, "a", "b")
    assert after == pytest.approx(before, rel=1e-9, nan_ok=True)


@given(places())
def test_the_same_minutes_for_every_school_are_even(place):
    pupils, spent = place
    flat = spent * 0 + 7.0
    ratio = exposure_ratio(pupils, flat, "a", "b")
    assert math.isnan(ratio) or ratio == pytest.approx(1)


@given(places())
def test_the_groups_together_meet_what_the_schools_do(place):
    pupils, spent = place
    found = exposure(pupils, spent)
    total = (found.fillna(0) * pupils.sum().sort_index()).sum()
    assert total == pytest.approx((pupils.sum(axis=1) * spent.sum()).sum())


def test_a_group_without_minutes_or_pupils():
    only_b = pd.DataFrame([[0.0, 10.0]], columns=["A", "B"])
    split = pd.DataFrame({"x": [5, 0], "y": [0, 5], "z": [0, 0]}, index=["A", "B"])
    assert exposure_ratio(split, only_b, "y", "x") == math.inf
    assert exposure_ratio(split, only_b, "x", "y") == 0
    assert math.isnan(exposure_ratio(split, only_b, "z", "y"))
    assert math.isnan(exposure_ratio(split, only_b * 0, "x", "y"))


def test_minutes_reach_a_school_by_the_share_of_its_walkers():
    patrols = pd.DataFrame([[60.0, 30.0]], index=["W1"], columns=["north", "south"])
    share = pd.DataFrame({"A": [0.5, 0.0], "B": [0.25, 1.0]}, index=["north", "south"])
    assert school_minutes(patrols, share).loc["W1"].to_dict() == {"A": 30.0, "B": 45.0}
    with pytest.raises(InputError, match="over 1"):
        school_minutes(patrols, share * 3)
    with pytest.raises(InputError, match="same corridors"):
        school_minutes(patrols, share.iloc[:1])


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_minutes_that_are_none_are_refused(value):
    broken = MINUTES.copy()
    broken.loc["W1", "A"] = value
    with pytest.raises(InputError, match="no number from 0 on"):
        exposure(PUPILS, broken)
    with pytest.raises(InputError, match="same schools"):
        exposure(PUPILS, MINUTES.rename(columns={"B": "C"}))


def test_the_interval_holds_the_ratio_and_comes_again_with_the_seed():
    random = np.random.default_rng(3)
    pupils = pd.DataFrame(random.integers(20, 200, (12, 2)), columns=list(PAIR))
    spent = pd.DataFrame(random.gamma(2.0, 30.0, (10, 12)))
    found = exposure_interval(pupils, spent, PAIR, rng())
    assert found == exposure_interval(pupils, spent, PAIR, rng())
    assert found.low < exposure_ratio(pupils, spent, *PAIR) < found.high
    wider = exposure_interval(pupils, spent, PAIR, rng(), level=0.99)
    assert wider.low < found.low < found.high < wider.high


def test_the_interval_covers_the_true_ratio_about_as_often_as_it_says():
    """40 schools of a place that is even on average: 1 is outside in about one place of 20."""
    outside = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        pupils = pd.DataFrame(random.integers(20, 200, (40, 2)), columns=list(PAIR))
        spent = pd.DataFrame(random.gamma(2.0, 30.0, (12, 40)) * random.gamma(4.0, 0.25, 40))
        found = exposure_interval(pupils, spent, PAIR, random, draws=300)
        outside += not found.low <= 1 <= found.high
    assert 0 < outside <= 14


def test_one_week_or_one_school_has_no_interval():
    assert exposure_interval(PUPILS, MINUTES.iloc[:1], PAIR, rng()) is None
    assert exposure_interval(PUPILS.iloc[:1], MINUTES[["A"]], PAIR, rng()) is None


def test_a_group_of_one_school_in_many_has_no_interval():
    pupils = pd.DataFrame({"x": [9, 0, 0, 0], "y": [9, 9, 9, 9]}, index=list("ABCD"))
    spent = pd.DataFrame(np.full((3, 4), 10.0), columns=list("ABCD"))
    assert exposure_interval(pupils, spent, ("x", "y"), rng()) is None


# --- encounters -----------------------------------------------------------------------------------


@given(st.integers(1, 50), st.integers(50, 500), st.integers(1, 50), st.integers(50, 500))
def test_changing_sides_turns_the_ratio_round(a, n1, b, n2):
    assert rate_ratio(b, n2, a, n1) == pytest.approx(1 / rate_ratio(a, n1, b, n2))
    one, other = rate_ratio_interval(a, n1, b, n2), rate_ratio_interval(b, n2, a, n1)
    assert one.low == pytest.approx(1 / other.high)


def test_no_encounters_on_a_side():
    assert rate_ratio(5, 100, 0, 100) == math.inf
    assert rate_ratio(0, 100, 5, 100) == 0
    assert math.isnan(rate_ratio(0, 100, 0, 100))
    assert rate_ratio_interval(5, 100, 0, 100) is None
    with pytest.raises(InputError, match="part of the second"):
        rate_ratio(5, 4, 1, 10)
    with pytest.raises(InputError, match="part of the second"):
        rate_ratio(0, 0, 1, 10)


# --- areas and schools ----------------------------------------------------------------------------


def test_minutes_per_thousand_residents():
    found = minutes_per_1000(pd.Series({"L2": 30.0}), pd.Series({"L2": 150, "L1": 90, "L3": 0}))
    assert found["L2"] == 200.0
    assert found["L1"] == 0.0
    assert math.isnan(found["L3"])
    with pytest.raises(InputError, match="does not have"):
        minutes_per_1000(pd.Series({"L9": 30.0}), pd.Series({"L2": 150}))


@pytest.mark.parametrize(
    ("spent", "share"),
    [
        ([100.0] + [0.0] * 9, 1.0),
        ([10.0] * 20, 0.1),
        ([10.0] * 3, 0.1),  # few areas: a part of one
        ([60.0, 20.0, 20.0], 0.18),  # 0.3 of the first
        ([50.0, 30.0, 10.0, 10.0] + [0.0] * 11, 0.65),  # 1.5 of 15
        ([7.0], 0.1),
    ],
)
def test_concentration_in_the_top_tenth(spent, share):
    assert concentration(pd.Series(spent)) == pytest.approx(share)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_equal_areas_may_stand_in_any_order(spent, random):
    found = concentration(pd.Series(spent, dtype=float))
    random.shuffle(spent)
    again = concentration(pd.Series(spent, dtype=float))
    assert found == again or (math.isnan(found) and math.isnan(again) and not any(spent))
    assert math.isnan(found) or 0.1 - 1e-12 <= found <= 1


def test_service_to_schools_and_those_without():
    found = service(
        pd.Series({"A": 120.0, "B": 30.0}), pd.Series({"A": 600, "B": 300, "C": 200, "D": 0})
    )
    assert found.minutes.to_dict() == {"A": 120.0, "B": 30.0, "C": 0.0, "D": 0.0}
    assert found.minutes_per_1000[["A", "B", "C"]].tolist() == [200.0, 100.0, 0.0]
    assert found.most_to_least == 4.0
    assert found.most_to_least_per_1000 == 2.0
    assert found.without == ("C", "D")


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "reading"),
    [
        (1.0, "within limits"),
        (0.8, "within limits"),
        (1.25, "within limits"),
        (0.79, "explain"),
        (1.26, "explain"),
        (1.5, "explain"),
        (1.51, "review before publication"),
        (0.67, "explain"),
        (0.66, "review before publication"),
        (0.0, "review before publication"),
        (math.inf, "review before publication"),
        (math.nan, "not enough data"),
    ],
)
def test_what_a_ratio_asks_for(ratio, reading):
    assert read_ratio(ratio, None, LIMITS) == reading


def test_an_interval_without_1_asks_for_a_review_however_near_the_ratio():
    assert read_ratio(1.1, Interval(1.01, 1.2), LIMITS) == "review before publication"
    assert read_ratio(0.9, Interval(0.85, 0.99), LIMITS) == "review before publication"
    assert read_ratio(1.1, Interval(1.0, 1.2), LIMITS) == "within limits"
    assert read_ratio(1.4, Interval(0.9, 2.2), LIMITS) == "explain"


@given(st.floats(0.05, 20))
def test_who_is_called_the_reference_does_not_matter(ratio):
    readings = {read_ratio(r, None, LIMITS) for r in (ratio, 1 / ratio)}
    near = any(abs(ratio - e) < 1e-9 or abs(1 / ratio - e) < 1e-9 for e in (0.8, 1.25, 1.5))
    assert len(readings) == 1 or near


def test_too_many_not_recorded_make_a_ratio_unreliable():
    recorded = {"a": 60, "b": 30, "not recorded": 8, "refused": 2}
    share = share_not_recorded(recorded, ["not recorded", "refused", "unknown"])
    assert share == 0.10
    assert is_reliable(share, LIMITS)
    assert not is_reliable(0.101, LIMITS)
    assert not is_reliable(share_not_recorded({}, ["not recorded"]), LIMITS)
    assert not encounter_disparity(PAIR, (12, 400), (9, 900), not_recorded_share=0.2).is_reliable


@pytest.mark.parametrize(
    "change", [{"explain_low": 1.1}, {"review": 1.2}, {"level": 1.0}, {"explain_low": 0.5}]
)
def test_limits_out_of_order_are_refused(change):
    with pytest.raises(ProfileError, match="out of order"):
        Limits(**change)


def test_the_hash_stands_for_the_figures():
    one = exposure_disparity(PUPILS, MINUTES, PAIR, rng(), need=NEED)
    other = encounter_disparity(PAIR, (12, 400), (9, 900))
    found = figures_hash([one, other])
    assert found == figures_hash([other, one])
    assert len(found) == 64
    assert found == figures_hash([replace(one, ratio=one.ratio * (1 + 1e-12)), other])
    for changed in (
        replace(other, ratio=3.001),
        replace(other, interval=None),
        replace(other, adjusted=0.0),
        replace(other, group="x"),
        replace(other, is_reliable=False),
        replace(other, reading="explain"),
    ):
        assert figures_hash([one, changed]) != found


def test_the_hash_is_the_same_on_every_machine():
    other = encounter_disparity(PAIR, (12, 400), (9, 900))
    assert figures_hash([other]) == (
        "ed173d5fb6bf019c19db628b74540dcd2632734fafba4feb3e4b808332ba2364"
    )
