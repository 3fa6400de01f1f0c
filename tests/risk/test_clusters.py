"""Clusters in space and time: against the definition, then cases known by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import poisson
from support_networks import grid_network, make_network

from corridors.days import SLOT_MIN
from corridors.errors import InputError
from corridors.risk.clusters import (
    countable,
    find_clusters,
    least_incidents,
    near_slots,
    typical_weight,
)
from corridors.risk.distances import place_distances
from corridors.tables import Segments


def street(offsets, reach_m=100.0):
    """Distances between places on one straight street."""
    network = make_network([(0, 0), (5000, 0)], [(0, 1)])
    return place_distances(network, np.zeros(len(offsets), dtype=int), np.array(offsets), reach_m)


def by_definition(distance, weight, min_samples, reach_m, reach_min):
    """Core points, and which points a cluster of them holds, by trying every pair."""
    metres = np.full(distance.shape, np.inf)
    row, column = distance.tocoo().coords
    metres[row, column] = distance.tocoo().data
    points = [(int(p), int(t)) for p, t in np.argwhere(weight > 0)]
    near = {
        a: {
            b
            for b in points
            if metres[a[0], b[0]] <= reach_m and SLOT_MIN * abs(a[1] - b[1]) <= reach_min
        }
        for a in points
    }
    core = {a for a in points if sum(weight[b] for b in near[a]) >= min_samples - 1e-7}
    clusters, left = [], set(core)
    while left:
        group, edge = set(), {min(left)}
        while edge:
            group |= edge
            edge = {b for a in edge for b in near[a] & core} - group
        clusters.append(group)
        left -= group
    return points, near, core, clusters


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(2, 6))
def test_clusters_are_those_of_the_definition(seed, slots, min_samples):
    rng = np.random.default_rng(seed)
    network = grid_network(4, 4)
    length = network.segments[Segments.length_m].to_numpy()
    segment = rng.integers(0, len(length), 30)
    distance = place_distances(network, segment, rng.random(30) * length[segment], 80.0)
    weight = rng.choice([0.0, 1 / 3, 0.5, 1.0], (30, slots))
    reach_min = float(rng.choice([10, 15, 30]))
    label = find_clusters(
        distance, weight, min_samples=min_samples, reach_m=80.0, reach_min=reach_min
    )
    points, near, core, clusters = by_definition(distance, weight, min_samples, 80.0, reach_min)
    assert (label[weight == 0] == -1).all()
    assert label.max(initial=-1) + 1 == len(clusters)
    for group in clusters:
        assert len({int(label[a]) for a in group}) == 1
    for a in set(points) - core:
        allowed = {int(label[b]) for b in near[a] & core} or {-1}
        assert int(label[a]) in allowed


def test_duplicates_at_one_place_are_one_row_with_their_sum():
    apart = find_clusters(
        street([10.0] * 5 + [900.0]), np.ones((6, 1)), min_samples=5, reach_m=100, reach_min=30
    )
    summed = find_clusters(
        street([10.0, 900.0]), np.array([[5.0], [1.0]]), min_samples=5, reach_m=100, reach_min=30
    )
    assert apart[:, 0].tolist() == [0] * 5 + [-1]
    assert summed[:, 0].tolist() == [0, -1]


def test_near_in_space_but_not_in_time_is_no_cluster():
    weight = np.zeros((6, 8))
    weight[np.arange(6), [0, 0, 0, 7, 7, 7]] = 1
    distance = street([10.0] * 6)
    ask = {"reach_m": 100.0, "reach_min": 30.0}
    assert (find_clusters(distance, weight, min_samples=4, **ask) == -1).all()
    label = find_clusters(distance, weight, min_samples=3, **ask)
    assert label[np.arange(6), [0, 0, 0, 7, 7, 7]].tolist() == [0, 0, 0, 1, 1, 1]


def test_shares_of_an_incident_count_where_they_fall():
    # Three reports, each a third in each of three slots: at 30 minutes they add up to 3.
    weight = np.full((3, 3), 1 / 3)
    distance = street([0.0, 40.0, 80.0])
    label = find_clusters(distance, weight, min_samples=3, reach_m=100, reach_min=30)
    assert (label == 0).all()
    assert (find_clusters(distance, weight, min_samples=3, reach_m=100, reach_min=14) == -1).all()


def test_a_cluster_may_be_longer_than_the_reach():
    offsets = list(np.arange(0, 1000, 50.0))
    label = find_clusters(
        street(offsets), np.ones((20, 1)), min_samples=3, reach_m=100, reach_min=30
    )
    assert (label == 0).all()


def test_nothing_in_nothing_out():
    label = find_clusters(street([]), np.zeros((0, 4)), min_samples=2, reach_m=100, reach_min=30)
    assert label.shape == (0, 4)


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_weights_that_cannot_be_are_named(weight):
    with pytest.raises(InputError, match="weight"):
        find_clusters(street([1.0]), np.array([[weight]]), min_samples=2, reach_m=100, reach_min=30)


def test_shapes_have_to_match():
    with pytest.raises(InputError, match="distances"):
        find_clusters(csr_array((3, 3)), np.ones((2, 1)), min_samples=2, reach_m=100, reach_min=30)


@given(st.floats(0, 300), st.integers(1, 50_000), st.sampled_from([0.01, 0.05, 0.2]))
def test_the_threshold_is_the_smallest_that_the_tail_allows(mean, incidents, level):
    k = least_incidents(mean, level, incidents)
    assert poisson.sf(k - 1, mean) <= level / incidents
    assert k == 2 or poisson.sf(k - 2, mean) > level / incidents


def test_thresholds_known_by_hand():
    # P(Poisson(1) >= 7) = 8.3e-5 <= 0.05 / 300 = 1.7e-4 < P(Poisson(1) >= 6) = 5.9e-4
    assert least_incidents(1.0, 0.05, 300) == 7
    assert least_incidents(0.0, 0.05, 1) == 2


def test_slots_are_near_by_their_middles():
    assert near_slots(4, 15.0).tolist() == [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]]
    assert near_slots(3, 14.9).tolist() == np.eye(3).tolist()


@given(st.lists(st.floats(0, 5), min_size=1, max_size=40), st.integers(0, 2**32 - 1))
def test_countable_sums_do_not_hang_on_order(weights, seed):
    held = countable(np.array(weights))
    order = np.random.default_rng(seed).permutation(len(held))
    assert held.sum() == held[order].sum() == sum(held.tolist())
    assert (held >= weights).all()
    assert np.abs(held - weights).max() <= 2.0**-30
    assert np.array_equal(countable(held), held)


def test_a_typical_incident_weighs_what_it_adds():
    assert typical_weight(np.eye(8)[[0, 3, 3, 7]], 30.0) == 1.0
    assert typical_weight(np.full((5, 1), 0.15), 30.0) == pytest.approx(0.15)
    # One whole and one tenth: the whole one is felt.
    assert typical_weight(np.array([[1.0], [0.1]]), 30.0) == pytest.approx(1.01 / 1.1)
    assert typical_weight(np.zeros((0, 3)), 30.0) == 1.0


def test_in_typical_units_sums_vary_as_counts_do():
    rng = np.random.default_rng(4)
    weight = rng.random(200)
    unit = typical_weight(weight[:, None], 30.0)
    sums = ((rng.random((20_000, 200)) < 0.02) * weight).sum(axis=1) / unit
    assert sums.var() / sums.mean() == pytest.approx(0.98, abs=0.04)  # binomial: 1 - 0.02
