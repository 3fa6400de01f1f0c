"""Planar density along streets: against the formula, and as a map of the whole plane."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_networks import grid_network, make_network

from corridors.errors import InputError
from corridors.risk.planar import POINT_STEP_M, planar_density, plane_of


def test_points_stand_at_most_a_step_apart_and_every_street_has_one():
    network = make_network([(0, 0), (3, 0), (103, 0)], [(0, 1), (1, 2)])
    plane = plane_of(network, np.array([1]), np.array([25.0]))
    assert np.diff(plane.first).tolist() == [1, 5]
    assert plane.point_xy_m[0] == pytest.approx([1.5, 0])
    assert plane.point_xy_m[1:, 0] == pytest.approx([13, 33, 53, 73, 93])
    assert np.diff(plane.point_xy_m[1:, 0]).max() <= POINT_STEP_M
    assert plane.incident_xy_m == pytest.approx(np.array([[28.0, 0.0]]))


@given(st.integers(0, 2**32 - 1), st.floats(30, 300))
def test_every_segment_is_the_mean_of_the_formula_over_its_points(seed, bandwidth_m):
    rng = np.random.default_rng(seed)
    network = grid_network(4, 3)
    segment = rng.integers(0, len(network.segments), 12)
    plane = plane_of(network, segment, rng.random(12) * 60)
    weight = rng.random((12, 2))
    made = planar_density(plane, weight, bandwidth_m=bandwidth_m)
    gap = plane.point_xy_m[:, None] - plane.incident_xy_m[None]
    t2 = (gap**2).sum(axis=2) / bandwidth_m**2
    kernel = np.where(t2 < 1, 3 / (np.pi * bandwidth_m**2) * (1 - t2) ** 2, 0.0)
    owner = np.repeat(np.arange(len(network.segments)), np.diff(plane.first))
    expected = np.array([(kernel @ weight)[owner == s].mean(axis=0) for s in range(len(made))])
    assert made == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_rows_in_another_order_change_nothing_but_the_last_bits():
    rng = np.random.default_rng(5)
    network = grid_network(4, 4)
    segment, offset = rng.integers(0, 24, 30), rng.random(30) * 60
    weight, order = rng.random((30, 1)), rng.permutation(30)
    a = planar_density(plane_of(network, segment, offset), weight, bandwidth_m=90)
    b = planar_density(
        plane_of(network, segment[order], offset[order]), weight[order], bandwidth_m=90
    )
    assert a == pytest.approx(b, rel=1e-12)


def test_a_flat_map_crosses_where_no_street_does():
    # Two parallel streets 50 m apart that do not meet: a planar map takes them for neighbours.
    network = make_network([(0, 0), (100, 0), (0, 50), (100, 50)], [(0, 1), (2, 3)])
    made = planar_density(
        plane_of(network, np.array([0]), np.array([50.0])), np.ones((1, 1)), bandwidth_m=100
    )
    assert made[0, 0] > made[1, 0] > 0


def test_without_incidents_there_is_no_density_and_a_bad_bandwidth_is_refused():
    network = grid_network(2, 2)
    plane = plane_of(network, np.zeros(0, dtype=np.int64), np.zeros(0))
    assert not planar_density(plane, np.zeros((0, 3)), bandwidth_m=100).any()
    with pytest.raises(InputError, match="positive"):
        planar_density(plane, np.zeros((0, 1)), bandwidth_m=0)
