"""Equal-split continuous density on the lattice: invariants, then published numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_networks import grid_network, make_network

from corridors.errors import InputError
from corridors.risk.density import kernel_steps, segment_density, spread
from corridors.risk.lattice import build_lattice


def quartic(d: float, b: float) -> float:
    return 15 / 16 * (1 - (d / b) ** 2) ** 2 / b if d < b else 0.0


@st.composite
def networks(draw):
    n = draw(st.integers(2, 8))
    xy = [(draw(st.floats(0, 500)), draw(st.floats(0, 500))) for _ in range(n)]
    pairs = [(draw(st.integers(0, i - 1)), i) for i in range(1, n)]  # a tree keeps it connected
    pairs += draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=6))
    lengths = [draw(st.floats(0.5, 300)) for _ in pairs]
    return make_network(xy, pairs, lengths_m=lengths)


@given(networks(), st.floats(10, 400), st.integers(0, 2**32 - 1))
def test_mass_is_conserved_where_ends_reflect(network, bandwidth_m, seed):
    rng = np.random.default_rng(seed)
    lattice = build_lattice(network, 5.0)
    segment = rng.integers(0, len(network.segments), 20)
    offset = rng.random(20) * lattice.length_m[segment]
    weight = rng.random(20)
    mass = spread(lattice, segment, offset, weight, bandwidth_m=bandwidth_m)
    assert mass.sum() == pytest.approx(weight.sum(), rel=1e-12)


def test_uniform_mass_stays_uniform_on_a_grid_of_whole_cells():
    # 60 m blocks are 12 cells of 5 m: one unit a cell must come back as one unit a cell.
    lattice = build_lattice(grid_network(5, 4), 5.0)
    cell = np.arange(lattice.cells)
    segment = np.searchsorted(lattice.first, cell, side="right") - 1
    offset = (cell - lattice.first[segment] + 0.5) * 5.0
    mass = spread(lattice, segment, offset, np.ones(len(cell)), bandwidth_m=200)
    assert np.abs(mass - 1).max() < 1e-12


def test_density_is_linear_in_weights_and_columns_are_independent():
    lattice = build_lattice(grid_network(4, 4), 5.0)
    segment, offset = np.array([0, 7, 11]), np.array([3.0, 40.0, 60.0])
    a, b = np.array([1.0, 2.0, 0.0]), np.array([0.5, 0.0, 3.0])
    both = segment_density(lattice, segment, offset, np.column_stack([a, b]), bandwidth_m=100)
    alone = [segment_density(lattice, segment, offset, w, bandwidth_m=100) for w in (a, b, a + b)]
    assert both == pytest.approx(np.column_stack(alone[:2]), abs=1e-15)
    assert alone[2] == pytest.approx(alone[0] + alone[1], abs=1e-15)


def test_a_junction_incident_belongs_to_no_arm():
    arms = [(0, 0), (100, 0), (-100, 0), (0, 100), (0, -100)]
    network = make_network(arms, [(0, 1), (2, 0), (0, 3), (0, 4)])
    lattice = build_lattice(network, 5.0)
    at_centre = [(0, 0.0), (1, 100.0), (2, 0.0), (3, 0.0)]
    maps = [
        segment_density(lattice, np.array([s]), np.array([x]), np.ones(1), bandwidth_m=60)
        for s, x in at_centre
    ]
    for other in maps[1:]:
        assert other == pytest.approx(maps[0], rel=1e-12)
    assert maps[0] == pytest.approx(maps[0][0])


def test_a_node_of_degree_two_changes_nothing():
    whole = build_lattice(make_network([(0, 0), (300, 0)], [(0, 1)]), 5.0)
    halves = build_lattice(make_network([(0, 0), (150, 0), (300, 0)], [(0, 1), (1, 2)]), 5.0)
    for x in (20.0, 148.0, 150.0):
        a = spread(whole, np.array([0]), np.array([x]), np.ones(1), bandwidth_m=100)
        b = spread(halves, np.array([0]), np.array([x]), np.ones(1), bandwidth_m=100)
        assert a == pytest.approx(b, abs=1e-14)


def test_density_is_symmetric_between_places():
    lattice = build_lattice(grid_network(3, 3), 5.0)

    def at(source: int, target: int) -> float:
        mass = spread(lattice, np.array([source]), np.array([32.5]), np.ones(1), bandwidth_m=150)
        return float(mass[lattice.first[target] + 6, 0])

    assert at(0, 9) == pytest.approx(at(9, 0), rel=1e-12)


def test_case_b1_of_spnetwork_to_one_part_in_a_thousand():
    # Star of four 10 m arms, incident 3 m up one of them, density 1 m up the same arm.
    network = make_network(
        [(0, 0), (0, 10), (10, 0), (0, -10), (-10, 0)], [(0, i) for i in (1, 2, 3, 4)]
    )
    lattice = build_lattice(network, 0.02)
    mass = spread(lattice, np.array([0]), np.array([3.0]), np.ones(1), bandwidth_m=5)
    exact = quartic(2, 5) - 0.5 * quartic(4, 5)
    assert exact == pytest.approx(0.12015)
    cells = [lattice.first[0] + 49, lattice.first[0] + 50]  # either side of 1 m
    assert mass[cells, 0].mean() / 0.02 == pytest.approx(exact, rel=1e-3)


def test_mass_leaves_only_where_the_network_was_cut():
    xy, edges = [(0, 0), (50, 0)], [(0, 1)]
    place = (np.array([0]), np.array([40.0]), np.ones(1))
    whole = spread(build_lattice(make_network(xy, edges), 5.0), *place, bandwidth_m=100)
    cut = spread(build_lattice(make_network(xy, edges, clipped=[1]), 5.0), *place, bandwidth_m=100)
    assert whole.sum() == pytest.approx(1)
    assert 0.4 < cut.sum() < 0.75


@pytest.mark.parametrize("kernel", ["quartic", "epanechnikov"])
@pytest.mark.parametrize("bandwidth_m", [7.0, 100.0, 402.5])
def test_kernel_steps_sum_to_one_and_never_rise(kernel, bandwidth_m):
    steps = kernel_steps(bandwidth_m, 5.0, kernel)
    assert steps.sum() == pytest.approx(1)
    assert (np.diff(steps[1:]) <= 1e-15).all()
    assert (len(steps) - 1) * 5.0 <= bandwidth_m + 5.0


def test_no_incident_is_no_density():
    lattice = build_lattice(grid_network(2, 2), 5.0)
    nothing = np.zeros(0)
    density = segment_density(lattice, nothing.astype(int), nothing, nothing, bandwidth_m=50)
    assert density.tolist() == [0.0] * 4


def test_bad_bandwidth_and_kernel_are_refused():
    with pytest.raises(InputError, match="positive"):
        kernel_steps(0.0, 5.0, "quartic")
    with pytest.raises(InputError, match="quartic, epanechnikov"):
        kernel_steps(100.0, 5.0, "gaussian")
