"""Flagged length, hits, PAI, PEI and likelihood: invariants, then the numbers of D.8."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError
from corridors.risk.scores import (
    FLOOR_SHARE,
    best_hit_rate,
    flag,
    floored,
    hit_rate,
    log_gain,
    pai,
    pei,
)


@st.composite
def streets(draw):
    n = draw(st.integers(1, 30))
    few = st.sampled_from([0.0, 0.5, 1.0, 2.0])  # ties on purpose
    density = np.array(draw(st.lists(few, min_size=n, max_size=n)))
    length_m = np.array(draw(st.lists(st.floats(0.5, 300), min_size=n, max_size=n)))
    incidents = np.array(draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)), dtype=float)
    incidents[draw(st.integers(0, n - 1))] += 1
    return density, length_m, incidents


@given(streets(), st.floats(0, 1))
def test_the_flagged_length_is_the_share_asked_for(found, share):
    density, length_m, _ = found
    flagged = flag(density, length_m, share)
    assert flagged @ length_m == pytest.approx(share * length_m.sum(), abs=1e-9)
    in_part = (flagged > 1e-9) & (flagged < 1 - 1e-9)
    assert len(np.unique(density[in_part])) <= 1
    assert flagged.min() >= 0
    assert flagged.max() <= 1


@given(streets(), st.floats(0, 1))
def test_no_street_is_flagged_before_a_denser_one(found, share):
    density, length_m, _ = found
    flagged = flag(density, length_m, share)
    least_in = density[flagged > 0].min(initial=np.inf)
    assert (flagged[density > least_in] == 1).all()


@given(streets(), st.floats(0.01, 1))
def test_nothing_beats_the_months_own_densest_streets(found, share):
    density, length_m, incidents = found
    hit = hit_rate(flag(density, length_m, share), incidents)
    best = best_hit_rate(incidents, length_m, share)
    assert 0 <= hit <= best + 1e-12
    assert 0 <= pei(hit, best) <= 1 + 1e-12


@given(streets(), st.floats(0, 1), st.floats(0, 1))
def test_more_length_never_hits_less(found, a, b):
    density, length_m, incidents = found
    less, more = (hit_rate(flag(density, length_m, s), incidents) for s in sorted([a, b]))
    assert less <= more + 1e-12


@given(streets())
def test_no_density_is_likelier_than_the_incidents_own(found):
    density, length_m, incidents = found
    own = incidents / length_m / incidents.sum()
    best = log_gain(own, incidents, length_m)
    mass = density @ length_m
    if mass > 0:
        other = floored(density / mass, length_m)
        assert log_gain(other, incidents, length_m) <= best + 1e-12
    even = np.full(len(length_m), 1 / length_m.sum())
    assert log_gain(even, incidents, length_m) == pytest.approx(0, abs=1e-12)


def test_ties_are_flagged_alike_and_the_last_counts_by_what_fits():
    length_m = np.array([10.0, 20.0, 30.0, 40.0])
    assert flag(np.ones(4), length_m, 0.2) == pytest.approx(0.2)
    flagged = flag(np.array([1.0, 3.0, 2.0, 2.0]), length_m, 0.34)
    assert flagged == pytest.approx([0, 1, 0.2, 0.2])
    assert hit_rate(flagged, np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(0.34)


def test_thirty_of_a_hundred_on_a_twentieth_of_length_is_six():
    assert pai(0.30, 0.05) == pytest.approx(6.0)


def test_pei_is_pai_over_the_best_possible():
    # 1,000 m in 20 streets of 50 m; the best single street holds 50 of 100, the map's holds 30.
    length_m, incidents = np.full(20, 50.0), np.zeros(20)
    incidents[[3, 8, 9]] = [50, 30, 20]
    density = np.zeros(20)
    density[8] = 1.0
    hit = hit_rate(flag(density, length_m, 0.05), incidents)
    best = best_hit_rate(incidents, length_m, 0.05)
    assert (hit, best) == pytest.approx((0.30, 0.50))
    assert pai(hit, 0.05) == pytest.approx(6.0)
    assert pei(hit, best) == pytest.approx(0.60)


def test_gain_of_a_map_that_puts_all_on_a_tenth_is_the_logarithm_of_ten():
    length_m, incidents = np.full(10, 50.0), np.zeros(10)
    incidents[4] = 7
    density = np.zeros(10)
    density[4] = 1 / 50
    assert log_gain(density, incidents, length_m) == pytest.approx(np.log(10))


def test_the_floor_is_a_thousandth_of_even_streets():
    length_m = np.array([100.0, 300.0])
    made = floored(np.array([0.01, 0.0]), length_m)
    assert made @ length_m == pytest.approx(1)
    assert made[1] * 400 == pytest.approx(FLOOR_SHARE)


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(InputError, match="0 to 1"):
        flag(np.ones(2), np.ones(2), 1.5)
    with pytest.raises(InputError, match="not a number"):
        flag(np.array([1.0, np.nan]), np.ones(2), 0.5)
    with pytest.raises(InputError, match="no incidents"):
        hit_rate(np.ones(2), np.zeros(2))
    with pytest.raises(InputError, match="no incidents"):
        log_gain(np.ones(2), np.zeros(2), np.ones(2))
    with pytest.raises(InputError, match="Floor the map"):
        log_gain(np.array([1.0, 0.0]), np.ones(2), np.ones(2))
