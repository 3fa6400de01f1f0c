"""Guards: each is shown to fire, and not to fire, on data made for it (D.7)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError
from corridors.model import Finding, HotSpot
from corridors.profile import Guards
from corridors.risk import guards
from corridors.risk.guards import TimedReports, Visited

PARAMS = Guards(
    dosage_days=12,
    dosage_minutes=720.0,
    dosage_weeks=4,
    top_share=0.05,
    agreement=0.7,
    permutations=19,
)
STREETS = 300
LENGTH_M = np.full(STREETS, 60.0)


def ring_mapper(segment_id):
    """Streets on a ring: reports spread over the next few, over an even base, times pupil flow."""
    apart = np.abs(np.arange(STREETS)[:, None] - np.asarray(segment_id)[None, :])
    kernel = np.clip(1 - (np.minimum(apart, STREETS - apart) / 4) ** 2, 0, None) ** 2
    flow = 1 + 3 * np.exp(-(((np.arange(STREETS) - 150) / 40.0) ** 2))

    def mapper(weight):
        density = kernel @ weight
        total = density.sum(axis=0)
        share = np.divide(density, total, out=np.zeros_like(density), where=total > 0)
        return (0.9 * share + 0.1 / STREETS) * flow[:, None]

    return mapper


def timed(segment_id, window_share, *, weight=None, group=None):
    k = len(segment_id)
    return TimedReports(
        segment_id=np.asarray(segment_id, dtype=np.int64),
        offset_m=np.zeros(k),
        weight=np.ones(k) if weight is None else weight,
        window_share=np.asarray(window_share, dtype=float),
        group=np.zeros(k, dtype=np.int64) if group is None else group,
    )


def planted(rng, share_moved, k=600):
    """Reports all over; ``share_moved`` of those after school lie on ten streets."""
    where = rng.integers(0, STREETS, k)
    after_school = rng.random(k) < 0.25
    moved = after_school & (rng.random(k) < share_moved)
    return np.where(moved, rng.integers(100, 110, k), where), after_school.astype(float)


def placebo(where, window_share, seed=5, params=PARAMS, **more):
    return guards.placebo(
        ring_mapper(where),
        timed(where, window_share, **more),
        LENGTH_M,
        params,
        np.random.default_rng(seed),
    )


# Past patrols -----------------------------------------------------------------------------------


def patrol_days(rows, n=4, first_day=0, last_day=27):
    segment_id, day, minutes = (np.array(column) for column in zip(*rows, strict=True))
    return guards.patrol_days(
        segment_id, day, minutes.astype(float), n, first_day=first_day, last_day=last_day
    )


def test_days_are_distinct_and_minutes_are_added():
    found = patrol_days(
        [(1, 3, 20), (1, 3, 10), (1, 4, np.nan), (2, 28, 99), (0, -1, 99), (-1, 3, 99), (3, 27, 5)]
    )
    assert found.days.tolist() == [0, 2, 0, 1]
    assert found.minutes.tolist() == [0, 30, 0, 5]
    assert found.untimed.tolist() == [0, 1, 0, 0]


visits = st.lists(
    st.tuples(st.integers(-1, 3), st.integers(-3, 30), st.floats(0, 1440) | st.just(float("nan"))),
    min_size=1,
    max_size=30,
)


@given(rows=visits, seed=st.integers(0, 99))
def test_visits_in_any_order_give_the_same_bytes(rows, seed):
    shuffled = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
    first, second = patrol_days(rows), patrol_days(shuffled)
    for name in ("days", "minutes", "untimed"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes()


@given(rows=visits)
def test_days_never_exceed_the_period_nor_the_visits(rows):
    found = patrol_days(rows)
    inside = [row for row in rows if row[0] >= 0 and 0 <= row[1] <= 27]
    assert found.days.max() <= 28
    assert found.days.sum() <= len(inside)
    assert found.minutes.sum() == pytest.approx(np.nansum([row[2] for row in inside]))


def test_no_visits_are_no_days():
    none = np.zeros(0, dtype=np.int64)
    found = guards.patrol_days(none, none, np.zeros(0), 3, first_day=0, last_day=27)
    assert found.days.tolist() == [0, 0, 0]
    assert found.minutes.dtype == float


def test_visits_of_another_network_are_refused():
    with pytest.raises(InputError, match="segment 4 of a network of 4"):
        patrol_days([(4, 3, 20)])


def test_d7_eighty_per_cent_against_twenty_weighs_a_quarter():
    weight = guards.inverse_visits(np.array([0.8, 0.2, 0.1, 0.0, 1.0]), 0.2)
    np.testing.assert_allclose(weight, [0.25, 1.0, 1.0, 1.0, 0.2], rtol=1e-15)


@given(share=st.lists(st.floats(0, 1), min_size=2, max_size=9), reference=st.floats(0.01, 1))
def test_more_visits_never_weigh_more(share, reference):
    visited = np.sort(np.array(share))
    weight = guards.inverse_visits(visited, reference)
    assert ((weight > 0) & (weight <= 1)).all()
    assert (np.diff(weight) <= 0).all()
    # Where more than the reference, all places count as if they had been visited alike.
    often = visited > reference
    np.testing.assert_allclose((weight * visited)[often], reference)


@pytest.mark.parametrize("reference", [0.0, -0.1, 1.1, float("nan")])
def test_a_reference_that_is_no_share_is_refused(reference):
    with pytest.raises(InputError, match="visit_reference_share"):
        guards.inverse_visits(np.array([0.5]), reference)


NAMES = ("Mill Lane", "High Street", "High Street", "", "Elm Road")


def visited(days, minutes=None, untimed=None):
    n = len(days)
    return Visited(
        np.array(days),
        np.zeros(n) if minutes is None else np.array(minutes, dtype=float),
        np.zeros(n, dtype=np.int64) if untimed is None else np.array(untimed),
    )


def test_streets_over_the_cap_rest_and_are_named_in_order():
    found = guards.dosage(visited([12, 11, 13, 20, 0], [0, 0, 0, 0, 719.9]), NAMES, PARAMS)
    assert found.rests.tolist() == [True, False, True, True, False]
    assert "High Street, Mill Lane and 1 unnamed street" in found.finding.words
    assert "12 patrol days or 720 minutes in 4 weeks" in found.finding.words
    assert (found.finding.figure, found.finding.is_warning) == (3.0, False)


def test_minutes_alone_make_a_street_rest():
    found = guards.dosage(visited([1] * 5, [720, 0, 0, 0, 0], [0, 2, 0, 1, 0]), NAMES, PARAMS)
    assert found.rests.tolist() == [True, False, False, False, False]
    assert "3 visits had no minutes" in found.finding.words


@given(days=st.lists(st.integers(0, 20), min_size=5, max_size=5))
def test_one_more_day_takes_no_street_over_the_cap(days):
    found = guards.dosage(visited(days), NAMES, PARAMS)
    assert (np.array(days)[~found.rests] + 1 <= PARAMS.dosage_days).all()
    assert (np.array(days)[found.rests] + 1 > PARAMS.dosage_days).all()
    assert found.visited.days.tolist() == days


def test_nobody_rests_below_the_cap():
    found = guards.dosage(visited([11] * 5), NAMES, PARAMS)
    assert not found.rests.any()
    assert found.finding.figure == 0.0
    assert "No street has to rest" in found.finding.words


def test_without_a_record_of_visits_nothing_is_claimed():
    found = guards.dosage(None, NAMES, PARAMS)
    assert found.rests.tolist() == [False] * 5
    assert "no record of past patrols" in found.finding.words
    assert (found.finding.figure, found.finding.is_warning) == (None, False)


def test_many_resting_streets_are_cut_short():
    names = [f"{i:02d} Street" for i in range(20)]
    words = guards.dosage(visited([20] * 20), names, PARAMS).finding.words
    assert "07 Street and 12 more streets" in words


# Two maps ---------------------------------------------------------------------------------------

densities = st.lists(st.floats(0, 1e6), min_size=12, max_size=12).map(np.array)
lengths = st.lists(st.floats(1, 500), min_size=12, max_size=12).map(np.array)
shares = st.floats(0.01, 1)


@given(a=densities, b=densities, length_m=lengths, share=shares)
def test_agreement_is_a_share_alike_both_ways(a, b, length_m, share):
    found = guards.agreement(a, b, length_m, share)
    assert 0 <= found <= 1
    assert found == guards.agreement(b, a, length_m, share)
    assert guards.agreement(a, a, length_m, share) == 1.0
    assert guards.agreement(a, 8 * a, length_m, share) == 1.0


@given(a=densities, length_m=lengths, share=shares)
def test_the_densest_streets_are_as_long_as_asked(a, length_m, share):
    taken_m = guards._densest_m(a, length_m, share)
    assert (taken_m <= length_m).all()
    there_m = length_m[a > 0].sum()
    assert taken_m.sum() == pytest.approx(min(share * length_m.sum(), there_m))
    if taken_m.any() and (taken_m < length_m).any():
        relative = a / a.max()
        assert relative[taken_m > 0].min() >= relative[taken_m < length_m].max() - 1e-11


def test_agreement_of_known_maps():
    length_m = np.array([100.0, 100.0, 100.0, 100.0])
    first, second = np.array([4.0, 3, 2, 1]), np.array([4.0, 1, 2, 3])
    assert guards.agreement(first, second, length_m, 0.5) == pytest.approx(1 / 3)
    assert guards.agreement(first, first[::-1], length_m, 0.5) == 0.0
    # 150 m each: the densest in full, half of the next; 100 in common of 200.
    assert guards.agreement(first, second, length_m, 0.375) == pytest.approx(0.5)


def test_streets_without_risk_are_never_chosen_by_their_id():
    length_m = np.full(10, 50.0)
    first, second = np.zeros(10), np.zeros(10)
    first[8], second[9] = 1.0, 1.0
    assert guards.agreement(first, second, length_m, 0.5) == 0.0
    assert guards.agreement(np.zeros(10), np.zeros(10), length_m, 0.5) == 1.0


def test_rounding_does_not_break_ties():
    length_m = np.full(10, 50.0)
    even = np.full(10, 0.1)
    noisy = even * (1 + 1e-15 * np.arange(10))
    assert guards.agreement(even, noisy, length_m, 0.2) == 1.0


@pytest.mark.parametrize("share", [0.0, 1.5, float("nan")])
def test_a_share_of_streets_that_is_none_is_refused(share):
    with pytest.raises(InputError, match="top_share"):
        guards.agreement(np.ones(2), np.ones(2), np.ones(2), share)


# Placebo ----------------------------------------------------------------------------------------


def test_a_planted_after_school_rise_stands_out():
    where, after_school = planted(np.random.default_rng(1), 0.5)
    found = placebo(where, after_school)
    assert not found.is_warning
    assert found.figure is not None
    assert found.figure < 0.5
    assert "1 in 20" in found.words


def test_places_alike_at_all_hours_are_told():
    where, after_school = planted(np.random.default_rng(1), 0.0)
    found = placebo(where, after_school)
    assert found.is_warning
    assert "no more than chance allows" in found.words


def test_a_plan_that_hardly_changes_is_told_even_where_the_change_is_no_chance():
    """One place takes nearly everything at all hours; the rest has its own time of day."""
    rng = np.random.default_rng(3)
    where, after_school = planted(rng, 0.6)
    crowd = np.full(6000, 20)
    where = np.concatenate([where, crowd])
    window_share = np.concatenate([after_school, (rng.random(6000) < 0.25).astype(float)])
    params = replace(PARAMS, top_share=0.01)
    found = placebo(where, window_share, params=params)
    assert found.figure == pytest.approx(1.0)
    assert found.is_warning
    assert "hardly changes" in found.words
    assert "more than chance (1 in 20)" in found.words


def test_false_alarms_stay_at_the_level():
    """Exact under its null: of maps whose times mean nothing, 1 in 20 passes for after-school."""
    rng = np.random.default_rng(11)
    runs = 200
    passed = sum(
        not placebo(*planted(rng, 0.0, k=120), seed=seed).is_warning for seed in range(runs)
    )
    assert passed <= 18  # binomial(200, 0.05): 99 % of the time at most 18


def test_times_stay_within_their_group():
    """Mornings at the north, afternoons at the south: within each there is nothing to deal."""
    where = np.repeat([10, 200], 50)
    group = np.repeat([0, 1], 50)
    window_share = np.repeat([0.0, 1.0], 50)
    assert placebo(where, window_share, group=group).figure is None
    assert not placebo(where, window_share).is_warning


@pytest.mark.parametrize(
    ("window_share", "words"),
    [
        (np.zeros(40), "No report falls into the time after school"),
        (np.ones(40), "no other hours to compare"),
    ],
)
def test_nothing_to_deal_is_no_figure_and_no_warning(window_share, words):
    found = placebo(np.arange(40), window_share)
    assert words in found.words
    assert (found.figure, found.is_warning) == (None, False)


def test_without_times_the_placebo_says_so():
    found = guards.placebo(ring_mapper([1]), None, LENGTH_M, PARAMS, np.random.default_rng(0))
    assert "no times of day" in found.words
    assert (found.figure, found.is_warning) == (None, False)


@pytest.mark.parametrize("share_moved", [0.0, 0.5])
def test_shuffled_reports_give_the_same_placebo(share_moved):
    rng = np.random.default_rng(8)
    where, after_school = planted(rng, share_moved, k=200)
    weight = rng.integers(1, 4, 200).astype(float)
    group = rng.integers(0, 5, 200)
    first = placebo(where, after_school, weight=weight, group=group)
    order = rng.permutation(200)
    second = placebo(where[order], after_school[order], weight=weight[order], group=group[order])
    assert first == second


def test_dealing_keeps_the_times_of_each_group():
    rng = np.random.default_rng(2)
    group = rng.integers(0, 3, 90)
    reports = timed(rng.integers(0, STREETS, 90), rng.random(90), group=group)
    dealt = guards._dealt(reports, 5, rng)
    for column in dealt.T:
        assert not np.array_equal(column, reports.window_share)
        for g in range(3):
            np.testing.assert_array_equal(
                np.sort(column[group == g]), np.sort(reports.window_share[group == g])
            )


@given(seed=st.integers(0, 99), maps=st.integers(2, 6))
def test_mean_overlaps_are_those_of_all_pairs(seed, maps):
    rng = np.random.default_rng(seed)
    mass = rng.integers(0, 4, (15, maps)) * rng.random((15, 1))
    mass[0] += 1.0
    placed = mass / mass.sum(axis=0)
    pairs = np.minimum(placed[:, :, None], placed[:, None, :]).sum(axis=0)
    expected = (pairs.sum(axis=0) - 1) / (maps - 1)
    np.testing.assert_allclose(guards._mean_overlaps(mass), expected, rtol=1e-12)


# Halves of the records --------------------------------------------------------------------------


def split_half(where, month, weight=None, params=PARAMS):
    k = len(where)
    return guards.split_half(
        ring_mapper(where), np.ones(k) if weight is None else weight, month, LENGTH_M, params
    )


def test_two_identical_halves_agree_fully():
    where = np.tile(np.random.default_rng(0).integers(0, STREETS, 50), 4)
    month = np.repeat([24_300, 24_301, 24_302, 24_303], 50)
    found = split_half(where, month)
    assert found.figure == pytest.approx(1.0)
    assert "agree to 1.00" in found.words
    assert not found.is_warning


def test_halves_with_nothing_in_common_are_told():
    where = np.concatenate([np.full(30, 20), np.full(30, 280)])
    found = split_half(
        where, np.repeat([24_300, 24_301], 30), params=replace(PARAMS, top_share=0.01)
    )
    assert found.figure == 0.0
    assert found.is_warning


def test_few_reports_disagree_and_many_agree():
    rng = np.random.default_rng(4)
    usual = rng.dirichlet(np.full(STREETS, 0.05))
    few, many = (
        split_half(rng.choice(STREETS, k, p=usual), rng.integers(24_300, 24_324, k))
        for k in (40, 20_000)
    )
    assert few.is_warning
    assert not many.is_warning
    assert few.figure < many.figure


def test_months_without_reports_do_not_make_a_half_empty():
    """Every other month only: the halves are of the months that there are."""
    where = np.tile(np.arange(0, 300, 7), 4)
    month = np.repeat([24_300, 24_302, 24_304, 24_306], len(where) // 4)
    assert split_half(where, month).figure == pytest.approx(1.0)


def test_each_half_holds_early_and_late_months():
    """What moved house half-way through is in both halves alike."""
    where = np.repeat([20, 20, 20, 20, 280, 280, 280, 280], 30)
    found = split_half(where, np.repeat(np.arange(24_300, 24_308), 30))
    assert found.figure == pytest.approx(1.0)


def test_one_month_cannot_be_halved():
    found = split_half(np.arange(20), np.full(20, 24_300))
    assert (found.figure, found.is_warning) == (None, False)
    assert "1 month" in found.words


def test_a_map_that_is_the_same_everywhere_has_no_order_to_agree_on():
    found = guards.split_half(
        lambda weight: np.ones((STREETS, weight.shape[1])),
        np.ones(4),
        np.array([1, 2, 3, 4]),
        LENGTH_M,
        PARAMS,
    )
    assert found.is_warning


def test_spearman_brown_known_numbers():
    a = np.array([1.0, 2, 3, 4, 5])
    b = np.array([2.0, 1, 4, 3, 5])  # Spearman 0.8
    assert guards._corrected_rank_correlation(a, b) == pytest.approx(1.6 / 1.8)
    assert guards._corrected_rank_correlation(a, a[::-1]) == pytest.approx(-1.0)


@given(seed=st.integers(0, 200))
def test_shuffled_reports_give_the_same_halves(seed):
    rng = np.random.default_rng(seed)
    where, month = rng.integers(0, STREETS, 60), rng.integers(24_300, 24_306, 60)
    order = rng.permutation(60)
    assert split_half(where, month) == split_half(where[order], month[order])


# Discovered incidents ---------------------------------------------------------------------------


def discovered(extra, params=PARAMS):
    where = np.concatenate([np.arange(0, 300, 5), np.full(60, 250)])
    weight = np.repeat([1.0, 0.0], 60)
    return guards.discovered(
        ring_mapper(where), weight, np.where(weight > 0, 0.0, extra), LENGTH_M, params
    )


def test_discovered_incidents_that_would_move_the_plan_are_told():
    found = discovered(5.0)
    assert found.is_warning
    assert found.figure is not None
    assert found.figure < 0.7
    assert "weigh 0 in this plan" in found.words
    assert "let" in discovered(5.0, replace(PARAMS, use_discovered=True)).words


def test_discovered_incidents_that_change_nothing_are_not():
    found = discovered(1e-6)
    assert found.figure == pytest.approx(1.0)
    assert not found.is_warning


def test_without_discovered_incidents_there_is_nothing_to_compare():
    found = discovered(0.0)
    assert (found.figure, found.is_warning) == (None, False)


# One number -------------------------------------------------------------------------------------

YEAR = np.arange(24_300, 24_312)


def test_d7_ageing_at_ninety_days():
    found = guards.ageing(np.array([90.0]), np.ones(1), np.array([24_300]), 90.0)
    assert "50 % of the weight of 1 month" in found.words
    found = guards.ageing(np.array([180.0, 180.0]), np.ones(2), np.array([24_300] * 2), 90.0)
    assert "25 % of the weight" in found.words


def test_even_months_warn_of_nothing():
    found = guards.ageing(30.0 * (24_312 - YEAR), np.ones(12), YEAR, 365.0)
    assert not found.is_warning
    assert found.figure == pytest.approx(
        0.5 ** (30 / 365) / sum(0.5 ** (30 * k / 365) for k in range(1, 13))
    )
    assert "12 months" in found.words


@pytest.mark.parametrize(
    ("peak", "words"), [(11, "One recent month decides"), (5, "One (06/2025) month decides")]
)
def test_one_peak_month_is_told_and_named(peak, words):
    weight = np.ones(12)
    weight[peak] = 40.0
    found = guards.ageing(30.0 * (24_312 - YEAR), weight, YEAR, 365.0)
    assert found.is_warning
    assert words in found.words


def test_a_short_half_life_lets_the_latest_month_decide():
    ages = 30.0 * (24_312 - YEAR)
    assert guards.ageing(ages, np.ones(12), YEAR, 20.0).is_warning
    assert not guards.ageing(ages, np.ones(12), YEAR, 90.0).is_warning


def test_nothing_to_age_and_nothing_left():
    nothing = guards.ageing(np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64), 90.0)
    assert (nothing.figure, nothing.is_warning) == (None, False)
    gone = guards.ageing(np.array([1e6]), np.ones(1), np.array([24_300]), 1.0)
    assert (gone.figure, gone.is_warning) == (None, True)


@pytest.mark.parametrize(("age", "half_life"), [(-1.0, 90.0), (1.0, 0.0)])
def test_ages_before_the_last_report_are_refused(age, half_life):
    with pytest.raises(InputError, match="half-life"):
        guards.ageing(np.array([age]), np.ones(1), np.array([24_300]), half_life)


@given(seed=st.integers(0, 200))
def test_shuffled_reports_age_the_same(seed):
    rng = np.random.default_rng(seed)
    month = rng.integers(24_300, 24_306, 50)
    ages, weight = 30.4 * (24_306 - month), rng.random(50)
    order = rng.permutation(50)
    assert guards.ageing(ages, weight, month, 90.0) == guards.ageing(
        ages[order], weight[order], month[order], 90.0
    )


def hot_spot(name, stability):
    return HotSpot(
        hot_spot_id=name,
        street_names=("High Street", "Mill Lane"),
        segment_ids=(1, 2),
        incidents=9.0,
        effective_incidents=8.0,
        expected=1.0,
        p_value=0.001,
        stability=stability,
        slots=(1,),
        is_stable=stability >= 0.8,
    )


def test_hot_spots_that_come_and_go_are_named():
    found = guards.stability((hot_spot("H1", 0.95), hot_spot("H2", 0.6)))
    assert (found.figure, found.is_warning) == (0.5, True)
    assert "60 %" in found.words
    assert "H2 (High Street and Mill Lane)" in found.words
    assert "H1" not in found.words
    steady = guards.stability((hot_spot("H1", 0.95),))
    assert (steady.figure, steady.is_warning) == (1.0, False)
    assert guards.stability(()).figure is None


def test_how_well_times_are_known():
    found = guards.precision(0.83, 0.06)
    assert "The time of 83 % of the reports is known to within two hours" in found.words
    assert "6 % have no time at all" in found.words
    assert (found.figure, found.is_warning) == (0.83, False)
    assert guards.precision(0.3, 0.0).is_warning
    assert guards.precision(None, None).figure is None


WEEKDAYS = (0.9, 1.0, 1.0, 1.0, 1.3)


@pytest.mark.parametrize(
    ("factor", "low", "high", "warns", "words"),
    [
        (1.8, 1.2, 2.7, False, "1.8 times as many reports as another weekday"),
        (1.2, 0.7, 2.0, True, "may be chance"),
        (0.5, 0.3, 0.8, True, "speak against"),
        (float("inf"), 1.4, float("inf"), False, "many times"),
    ],
)
def test_school_days_against_other_weekdays(factor, low, high, warns, words):
    found = guards.day_rate_finding(factor, low, high, WEEKDAYS)
    assert found.is_warning == warns
    assert words in found.words
    assert "Fridays see most (1.3 times a mean school day), Mondays least (0.9)" in found.words


def test_without_other_weekdays_only_the_weekdays_are_told():
    found = guards.day_rate_finding(None, None, None, (1.0, 1.06, 1.0, 0.94, 1.0))
    assert (found.figure, found.is_warning) == (None, False)
    assert "no other weekdays" in found.words
    assert "No weekday stands out" in found.words


def test_without_times_no_day_is_compared():
    found = guards.day_rate_finding(None, None, None, ())
    assert (found.figure, found.is_warning) == (None, False)
    assert "no times of day" in found.words


# Words ------------------------------------------------------------------------------------------


def every_finding() -> list[Finding]:
    where, after_school = planted(np.random.default_rng(1), 0.5)
    calm, flat = planted(np.random.default_rng(1), 0.0)
    month = np.random.default_rng(1).integers(24_300, 24_324, 600)
    return [
        guards.dosage(None, NAMES, PARAMS).finding,
        guards.dosage(visited([20] * 5), NAMES, PARAMS).finding,
        placebo(where, after_school),
        placebo(calm, flat),
        split_half(where, month),
        discovered(5.0),
        guards.ageing(np.array([9.0]), np.ones(1), np.array([24_300]), 90.0),
        guards.stability((hot_spot("H2", 0.6),)),
        guards.precision(0.83, 0.06),
        guards.day_rate_finding(1.8, 1.2, 2.7, WEEKDAYS),
    ]


def test_words_are_plain_sentences_with_numbers():
    findings = every_finding()
    assert len({f.key for f in findings}) == 8
    for finding in findings:
        assert finding.words.endswith(".")
        assert not any(
            jargon in finding.words.lower()
            for jargon in ("jaccard", "spearman", "p-value", "permut", "aoristic", "bootstrap")
        )
        assert (finding.figure is None) or any(c.isdigit() for c in finding.words)
        assert len(finding.title) < 45


# Real places ------------------------------------------------------------------------------------


@pytest.mark.realdata
def test_on_real_places_only_times_that_belong_to_places_stand_out(realdata):
    """Camden's map points are the streets; times are made, at random or by place."""
    files = sorted((realdata / "camden" / "police_monthly").glob("2016-*.csv"))[:6]
    table = pd.concat([pd.read_csv(f, usecols=["Longitude", "Latitude"]) for f in files]).dropna()
    point, _ = pd.factorize(pd.MultiIndex.from_frame(table), sort=True)
    rng = np.random.default_rng(9)
    point = rng.choice(point, 3000, replace=False)
    n = int(point.max()) + 1

    def counts(weight):
        return np.column_stack([np.bincount(point, column, n) for column in weight.T])

    def run(chance):
        return guards.placebo(
            counts,
            timed(point, rng.random(3000) < chance),
            np.ones(n),
            PARAMS,
            np.random.default_rng(1),
        )

    assert run(0.2).is_warning
    assert not run(np.where(point % 3 == 0, 0.4, 0.1)).is_warning


def test_a_rise_after_school_is_told_from_its_share_of_the_hours():
    risen = guards.concentration(0.3, 0.125)
    assert (risen.figure, risen.is_warning) == (pytest.approx(2.4), False)
    assert "30 % of the reports" in risen.words
    assert "12 % of those hours" in risen.words
    flat = guards.concentration(0.1, 0.125)
    assert flat.is_warning
    assert "no rise after school" in flat.words
    assert guards.concentration(None, 0.125).figure is None
