"""The null of hot spots: what it expects, how surprising a map is, how high chance goes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from support_networks import grid_network, make_network

from corridors.days import SLOT_MIN
from corridors.errors import InputError
from corridors.risk import scan
from corridors.risk.clusters import countable
from corridors.risk.scan import (
    cut_sites,
    log_likelihood_ratio,
    make_null,
    null_maxima,
    surprise,
)
from corridors.tables import Segments

REACH_M, REACH_MIN, LEVEL = 100.0, 30.0, 0.05


@pytest.fixture(scope="module")
def sites():
    return cut_sites(grid_network(7, 6), REACH_M)


def uneven(sites, slots, seed=0):
    rng = np.random.default_rng(seed)
    return rng.gamma(0.5, 1.0, (len(sites.length_m), slots)) + 0.02


def draw_maps(sites, null, exposure, maps, rng):
    """Maps of pure noise by another way than the code's: street, then metre, then site."""
    mass = exposure * sites.length_m[:, None]
    mass /= mass.sum(axis=0)
    segment = np.empty((maps, len(null.slot_weight)), dtype=np.int64)
    for i, weight in enumerate(null.slot_weight):
        blend = mass @ (weight / weight.sum())
        segment[:, i] = rng.choice(len(mass), maps, p=blend / blend.sum())
    site = sites.at(segment, rng.random(segment.shape) * sites.length_m[segment])
    for places in site:
        held = np.zeros(null.site_share.shape)
        np.add.at(held, places, null.slot_weight)
        yield held


def test_sites_are_short_and_make_up_the_streets():
    network = make_network([(0, 0), (50, 0), (53, 0)], [(0, 1), (1, 2)])
    sites = cut_sites(network, REACH_M)
    assert np.diff(sites.first).tolist() == [3, 1]
    assert sites.piece_m == pytest.approx([50 / 3] * 3 + [3])
    assert sites.segment_id.tolist() == [0, 0, 0, 1]
    # Middles are at 8.33, 25, 41.67 and 51.5 m.
    assert sites.distance_m.toarray()[0] == pytest.approx([0, 50 / 3, 100 / 3, 51.5 - 25 / 3])


def test_sites_are_finer_for_a_shorter_reach():
    assert cut_sites(grid_network(2, 2), 20.0).piece_m.max() <= 4.0


def test_every_place_of_a_street_has_its_site(sites):
    length = sites.length_m
    for segment in (0, len(length) - 1):
        first, last = sites.first[segment], sites.first[segment + 1] - 1
        at = sites.at(np.full(4, segment), np.array([-1.0, 0.0, length[segment], 1e6]))
        assert at.tolist() == [first, first, last, last]
    middle = sites.at(np.array([0]), np.array([length[0] / 2]))
    assert sites.first[0] < middle[0] < sites.first[1] - 1


def test_a_street_of_no_length_has_a_site():
    network = make_network([(0, 0), (10, 0), (10, 0)], [(0, 1), (1, 2)], lengths_m=[10.0, 0.0])
    sites = cut_sites(network, REACH_M)
    assert sites.at(np.array([1]), np.array([0.0])).tolist() == [1]
    null = make_null(sites, np.ones((2, 1)), np.ones((3, 1)), REACH_MIN, LEVEL)
    assert null.expected[1, 0] == 0.0


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_expected_weight_is_all_weight(seed, slots):
    rng = np.random.default_rng(seed)
    sites = cut_sites(grid_network(3, 3), REACH_M)
    weight = rng.random((12, slots)) * (rng.random((12, slots)) < 0.6)
    exposure = rng.random((len(sites.length_m), slots)) * (rng.random(slots) < 0.7)
    exposure[0, 0] += 0.1
    null = make_null(sites, exposure, weight, REACH_MIN, LEVEL)
    assert null.expected.sum() * null.unit == pytest.approx(weight.sum(), rel=1e-7, abs=1e-7)
    assert null.site_share.sum(axis=0) == pytest.approx(np.ones(slots), rel=1e-12)
    assert null.total == pytest.approx(null.expected.sum(), rel=1e-12, abs=1e-12)


def test_expected_is_the_mean_of_simulated_maps(sites):
    rng = np.random.default_rng(8)
    exposure = uneven(sites, 3)
    weight = rng.dirichlet(np.ones(3), 6)
    null = make_null(sites, exposure, weight, REACH_MIN, LEVEL)
    mean = sum(draw_maps(sites, null, exposure, 4000, rng)) / 4000
    by_street = np.add.reduceat(mean, sites.first[:-1], axis=0)
    wanted = np.add.reduceat(null.expected, sites.first[:-1], axis=0)
    assert np.abs(by_street - wanted).max() < 0.03
    assert np.corrcoef(by_street.ravel(), wanted.ravel())[0, 1] > 0.98


def test_even_exposure_puts_weight_by_length_and_only_within_a_slot():
    sites = cut_sites(make_network([(0, 0), (60, 0), (60, 30)], [(0, 1), (1, 2)]), REACH_M)
    null = make_null(
        sites, np.array([[1.0, 5.0], [1.0, 5.0]]), np.eye(2)[[0, 0, 0, 1]], 10.0, LEVEL
    )
    assert null.expected == pytest.approx(np.outer([2 / 9, 2 / 9, 2 / 9, 1 / 6, 1 / 6], [3, 1]))


def test_log_likelihood_ratio_known_numbers():
    # 5 ln(5/2) + 5 ln(5/8) = 4.58145 - 2.35002
    count, expected = np.array([5.0, 2.0, 1.0, 10.0, 3.0]), np.array([2.0, 2.0, 2.0, 2.0, 0.0])
    found = log_likelihood_ratio(count, expected, 10.0)
    assert found[0] == pytest.approx(5 * np.log(2.5) + 5 * np.log(0.625), rel=1e-14)
    assert found[1:3].tolist() == [0.0, 0.0]
    assert found[3] == pytest.approx(10 * np.log(5), rel=1e-14)
    assert found[4] == np.inf


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_surprise_is_that_of_the_definition(seed, slots):
    rng = np.random.default_rng(seed)
    sites = cut_sites(grid_network(4, 3), REACH_M)
    weight = countable(
        rng.choice([0.25, 0.5, 1.0], (25, slots)) * np.eye(slots)[rng.integers(0, slots, 25)]
    )
    null = make_null(sites, uneven(sites, slots, seed), weight, REACH_MIN, LEVEL)
    held = np.zeros(null.site_share.shape)
    np.add.at(held, rng.integers(0, 12, 25), null.slot_weight)
    found = surprise(null, held)
    near = {(int(a), int(b)) for a, b in zip(*sites.distance_m.tocoo().coords, strict=True)}
    for s, t in np.argwhere(held > 0)[:5]:
        cells = [
            (a, b)
            for a in range(held.shape[0])
            for b in range(slots)
            if (int(s), a) in near and SLOT_MIN * abs(t - b) <= REACH_MIN
        ]
        c, e = (sum(part[cell] for cell in cells) for part in (held, null.expected))
        w = held.sum()
        wanted = 0.0
        if c > e and c >= null.min_samples:
            wanted = c * np.log(c / e) + ((w - c) * np.log((w - c) / (w - e)) if w > c else 0)
        assert found[s, t] == pytest.approx(wanted, rel=1e-6, abs=1e-9)
    assert (found[held == 0] == 0).all()


@pytest.mark.parametrize(("incidents", "slots"), [(40, 4), (400, 1)])
def test_maxima_are_those_of_noise_drawn_another_way(sites, incidents, slots):
    # Few incidents over slots are counted pair by pair, many in one slot over all sites.
    rng = np.random.default_rng(5)
    weight = np.eye(slots)[rng.integers(0, slots, incidents)]
    exposure = uneven(sites, slots)
    null = make_null(sites, exposure, weight, REACH_MIN, LEVEL)
    maxima = null_maxima(null, 600, rng)
    other = [surprise(null, held).max() for held in draw_maps(sites, null, exposure, 150, rng)]
    assert ks_2samp(maxima, other).pvalue > 0.01


@pytest.mark.parametrize("slots", [1, 4])
def test_both_ways_of_counting_agree_to_the_last_bit(sites, slots):
    rng = np.random.default_rng(6)
    weight = rng.random((120, slots)) * (rng.random((120, slots)) < 0.5)
    null = make_null(sites, uneven(sites, slots), weight, REACH_MIN, LEVEL)
    site = rng.integers(0, sites.first[-1] // 3, (20, len(null.slot_weight)))
    sparse, dense = scan._highest_sparse(null, site), scan._highest_dense(null, site)
    assert (sparse > 0).any()
    assert np.array_equal(sparse, dense)
    held = np.zeros(null.site_share.shape)
    np.add.at(held, site[0], null.slot_weight)
    assert surprise(null, held).max() == sparse[0]


def test_blocks_of_maps_change_nothing(sites, monkeypatch):
    rng = np.random.default_rng(7)
    weight = np.eye(3)[rng.integers(0, 3, 50)]
    null = make_null(sites, uneven(sites, 3), weight, REACH_MIN, LEVEL)
    whole = null_maxima(null, 30, np.random.default_rng(1))
    monkeypatch.setattr("corridors.risk.scan._BLOCK_ENTRIES", 20_000)
    assert np.array_equal(null_maxima(null, 30, np.random.default_rng(1)), whole)


def test_incidents_never_fall_where_the_exposure_is_zero(sites):
    exposure = np.zeros((len(sites.length_m), 2))
    exposure[[3, 20]] = 1.0
    weight = np.eye(2)[np.arange(30) % 2]
    null = make_null(sites, exposure, weight, REACH_MIN, LEVEL)
    cumulative = np.cumsum(null.site_share, axis=0)
    site = scan._draw_sites(
        null.slot_weight, cumulative / cumulative[-1], 200, np.random.default_rng(1)
    )
    assert set(sites.segment_id[site.ravel()]) == {3, 20}


def test_no_incidents_surprise_nobody(sites):
    null = make_null(sites, uneven(sites, 2), np.zeros((0, 2)), REACH_MIN, LEVEL)
    assert null_maxima(null, 19, np.random.default_rng(1)).tolist() == [0.0] * 19


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda e: e[:-1], "slots make"),
        (lambda e: -e, "below 0"),
        (lambda e: e * np.nan, "finite"),
        (lambda e: e * 0, "no exposure"),
    ],
)
def test_exposures_that_cannot_be_are_named(sites, change, words):
    with pytest.raises(InputError, match=words):
        make_null(sites, change(uneven(sites, 2)), np.ones((3, 2)) / 2, REACH_MIN, LEVEL)


@pytest.mark.parametrize("reach_m", [0.0, -5.0, float("nan")])
def test_a_reach_that_cannot_be_is_named(reach_m):
    with pytest.raises(InputError, match="reach"):
        cut_sites(grid_network(2, 2), reach_m)


def test_lengths_are_those_of_the_network(sites):
    network = grid_network(7, 6)
    assert sites.length_m.tolist() == network.segments[Segments.length_m].tolist()
    assert sites.piece_m.sum() == pytest.approx(sites.length_m.sum())
