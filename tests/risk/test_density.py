"""Equal-split continuous density on the lattice: invariants, then walks, then what is refused.

Published numbers are in ``test_nkde_cases``.
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support_networks import grid_network, make_network
from support_walks import density_at, kernel_between, mass_on_segments

from corridors.errors import InputError
from corridors.risk.density import (
    kernel_steps,
    segment_densities,
    segment_density,
    spread,
    spread_cells,
)
from corridors.risk.lattice import build_lattice
from corridors.tables import Segments

EXACT = 1e-12
KERNELS = ["quartic", "epanechnikov"]
FEWER = settings(max_examples=max(1, settings().max_examples // 3))  # where networks are many
# From a hundredth of the step to many steps, and whole steps.
LENGTHS_M = st.one_of(st.floats(0.05, 5), st.floats(5, 300), st.sampled_from([2.5, 5.0, 60.0]))


@st.composite
def networks(draw, lengths_m=LENGTHS_M):
    """Connected; with loops, several edges between two nodes, and dead ends."""
    n = draw(st.integers(2, 8))
    xy = [(60.0 * i, 45.0 * (i % 3)) for i in range(n)]
    pairs = [(draw(st.integers(0, i - 1)), i) for i in range(1, n)]
    pairs += draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=6))
    return make_network(xy, pairs, lengths_m=[draw(lengths_m) for _ in pairs])


def incidents(network, seed: int, count: int = 20):
    rng = np.random.default_rng(seed)
    length_m = network.segments[Segments.length_m].to_numpy()
    segment = rng.integers(0, len(length_m), count)
    at = rng.choice([0.0, 1.0, 0.5, rng.random()], count)  # on junctions too
    return segment, at * length_m[segment], rng.random(count)


def split(network, segment: int, at_m: float):
    """The same network with a node of two arms ``at_m`` along ``segment``; its rest comes last."""
    frame = network.segments
    edges = [tuple(pair) for pair in frame[[Segments.u, Segments.v]].to_numpy().tolist()]
    lengths_m = frame[Segments.length_m].tolist()
    xy = [*network.nodes[["x_m", "y_m"]].itertuples(index=False, name=None), (7.0, 7.0)]
    u, v = edges[segment]
    edges[segment] = (u, len(xy) - 1)
    edges.append((len(xy) - 1, v))
    lengths_m.append(lengths_m[segment] - at_m)
    lengths_m[segment] = at_m
    return make_network(xy, edges, lengths_m=lengths_m)


# What must hold on every network ----------------------------------------------------------------


@given(networks(), st.floats(10, 400), st.sampled_from(KERNELS), st.integers(0, 2**32 - 1))
def test_mass_is_conserved_where_ends_reflect(network, bandwidth_m, kernel, seed):
    lattice = build_lattice(network, 5.0)
    segment, offset_m, weight = incidents(network, seed)
    options = {"bandwidth_m": bandwidth_m, "kernel": kernel}
    cells = spread(lattice, segment, offset_m, weight, **options)[:, 0]
    density = segment_density(lattice, segment, offset_m, weight, **options)
    assert cells.sum() == pytest.approx(weight.sum(), rel=EXACT)
    assert density @ lattice.length_m == pytest.approx(weight.sum(), rel=EXACT)
    by_segment = np.add.reduceat(cells, lattice.first[:-1]) / lattice.length_m
    assert density == pytest.approx(by_segment, abs=EXACT)


@given(networks(), st.floats(10, 400), st.floats(1, 80))
def test_a_uniform_density_stays_what_it_is(network, bandwidth_m, cell_m):
    lattice = build_lattice(network, cell_m)
    assert lattice.cell_length_m.sum() == pytest.approx(lattice.length_m.sum(), rel=EXACT)
    mass = spread_cells(lattice, lattice.cell_length_m, bandwidth_m=bandwidth_m)
    assert np.abs(mass / lattice.cell_length_m - 1).max() < EXACT


@given(networks(), st.floats(10, 400), st.integers(0, 2**32 - 1))
def test_density_is_symmetric_between_cells(network, bandwidth_m, seed):
    lattice = build_lattice(network, 5.0)
    some = np.unique(np.random.default_rng(seed).integers(0, lattice.cells, 12))
    ones = np.zeros((lattice.cells, len(some)))
    ones[some, np.arange(len(some))] = 1.0
    mass = spread_cells(lattice, ones, bandwidth_m=bandwidth_m)
    between = mass[some] / lattice.cell_length_m[some][:, None]
    assert between == pytest.approx(between.T, abs=EXACT)


@FEWER
@given(networks(), st.integers(0, 2**32 - 1), st.floats(-3, 3))
def test_density_is_linear_in_weights(network, seed, factor):
    lattice = build_lattice(network, 5.0)
    segment, offset_m, a = incidents(network, seed)
    b = a[::-1] ** 2

    def of(weight):
        return segment_density(lattice, segment, offset_m, weight, bandwidth_m=100)

    assert of(a + factor * b) == pytest.approx(of(a) + factor * of(b), abs=EXACT)


@FEWER
@given(networks(), st.integers(0, 2**32 - 1))
def test_one_pass_for_all_bandwidths_and_columns_is_what_each_is_alone(network, seed):
    lattice = build_lattice(network, 5.0)
    segment, offset_m, weight = incidents(network, seed)
    columns, bandwidths_m = np.column_stack([weight, weight**2, weight < 0.5]), [200, 25, 60.5]
    together = segment_densities(lattice, segment, offset_m, columns, bandwidths_m=bandwidths_m)
    assert together.shape == (3, len(lattice.length_m), 3)
    for i, bandwidth_m in enumerate(bandwidths_m):
        for j, column in enumerate(columns.T):
            alone = segment_density(lattice, segment, offset_m, column, bandwidth_m=bandwidth_m)
            assert together[i, :, j] == pytest.approx(alone, abs=1e-14)


@given(networks(), st.integers(0, 2**32 - 1), st.floats(10, 300))
def test_a_junction_incident_belongs_to_no_arm(network, seed, bandwidth_m):
    lattice = build_lattice(network, 5.0)
    node = np.random.default_rng(seed).integers(0, len(network.nodes))
    arms = np.flatnonzero(lattice.arm_node == node)
    segment = arms % len(lattice.length_m)
    offset_m = np.where(arms >= len(lattice.length_m), lattice.length_m[segment], 0.0)
    maps = segment_density(lattice, segment, offset_m, np.eye(len(arms)), bandwidth_m=bandwidth_m)
    assert maps == pytest.approx(np.repeat(maps[:, :1], len(arms), axis=1), abs=EXACT)


@FEWER
@given(networks(), st.integers(0, 2**32 - 1), st.data())
def test_a_node_of_two_arms_between_cells_changes_nothing(network, seed, data):
    lengths_m = network.segments[Segments.length_m].to_numpy()
    long = np.flatnonzero(lengths_m >= 10.0)
    assume(len(long) > 0)
    cut = int(data.draw(st.sampled_from(long.tolist())))
    at_m = 5.0 * data.draw(st.integers(1, int((lengths_m[cut] - 5.0) // 5)))
    halves = build_lattice(split(network, cut, at_m), 5.0)
    segment, offset_m, weight = incidents(network, seed)
    beyond = (segment == cut) & (offset_m > at_m)
    whole = spread(build_lattice(network, 5.0), segment, offset_m, weight, bandwidth_m=100)
    segment, offset_m = np.where(beyond, len(lengths_m), segment), offset_m - beyond * at_m
    apart = spread(halves, segment, offset_m, weight, bandwidth_m=100)
    # The second half's cells come last: put them back behind the first half's.
    first = halves.first
    order = np.insert(np.arange(first[-2]), first[cut + 1], np.arange(first[-2], first[-1]))
    assert apart[order] == pytest.approx(whole, abs=EXACT)


# 5 m cells move by up to half a cell when a segment is cut anywhere: a second-order difference.
@FEWER
@given(networks(st.floats(15, 150)), st.integers(0, 2**32 - 1), st.floats(0.05, 0.95))
def test_a_node_of_two_arms_anywhere_changes_little(network, seed, share):
    cut = seed % len(network.segments)
    at_m = share * network.segments[Segments.length_m].to_numpy()[cut]
    other = split(network, cut, at_m)
    segment, offset_m, weight = incidents(network, seed)
    whole = build_lattice(network, 5.0)
    before = segment_density(whole, segment, offset_m, weight, bandwidth_m=100)
    beyond = (segment == cut) & (offset_m > at_m)
    segment, offset_m = np.where(beyond, len(before), segment), offset_m - beyond * at_m
    halves = build_lattice(other, 5.0)
    after = segment_density(halves, segment, offset_m, weight, bandwidth_m=100)
    mass = after * halves.length_m
    mass[cut] += mass[-1]
    assert np.abs(mass[:-1] / whole.length_m - before).max() < 0.01 * before.max()


def test_an_order_of_rows_changes_rounding_only():
    lattice = build_lattice(grid_network(4, 4, 47.0), 5.0)
    segment, offset_m, weight = incidents(grid_network(4, 4, 47.0), 3, 500)
    order = np.random.default_rng(1).permutation(500)
    place = {"bandwidths_m": [50, 150]}
    a = segment_densities(lattice, segment, offset_m, weight, **place)
    b = segment_densities(lattice, segment[order], offset_m[order], weight[order], **place)
    assert a == pytest.approx(b, rel=EXACT)


# The walks --------------------------------------------------------------------------------------


def irregular_network():
    """Bent blocks, staggered junctions 1.5 to 4.5 m apart, dead ends, a loop, a double street."""
    rng = np.random.default_rng(7)
    xy = [(c * 67.0, r * 71.0) for r in range(5) for c in range(5)]
    xy = [(x + rng.normal(0, 12), y + rng.normal(0, 12)) for x, y in xy]
    edges = [(r * 5 + c, r * 5 + c + 1) for r in range(5) for c in range(4)]
    edges += [(r * 5 + c, r * 5 + 5 + c) for r in range(4) for c in range(5)]
    lengths_m = [
        float(np.hypot(*np.subtract(xy[u], xy[v])) * rng.uniform(1, 1.2)) for u, v in edges
    ]
    for i in (3, 9, 14, 22):
        u, v = edges[i]
        stagger = len(xy)
        xy += [(xy[u][0] + 2, xy[u][1] + 2), (xy[u][0] + 30, xy[u][1] + 5)]
        edges[i] = (stagger, v)
        edges += [(u, stagger), (stagger, stagger + 1)]
        lengths_m += [float(rng.uniform(1.5, 4.5)), float(rng.uniform(6, 40))]
    edges += [(12, 12), (6, 7)]
    lengths_m += [37.7, 3.3]
    return make_network(xy, edges, lengths_m=lengths_m)


@pytest.mark.parametrize("network", [grid_network(5, 5, 67.3), irregular_network()])
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("bandwidth_m", [100, 200])
@pytest.mark.parametrize("dead_end", ["reflect", "absorb"])
def test_the_lattice_agrees_with_the_walks(network, kernel, bandwidth_m, dead_end):
    length_m = network.segments[Segments.length_m].to_numpy()
    rng = np.random.default_rng(1)
    segment = rng.integers(0, len(length_m), 8)
    offset_m = rng.random(8) * length_m[segment]
    options = {"bandwidth_m": bandwidth_m, "kernel": kernel}
    places = zip(segment.tolist(), offset_m.tolist(), strict=True)
    exact = [mass_on_segments(network, p, dead_end=dead_end, **options) for p in places]
    exact = np.column_stack(exact) / length_m[:, None]
    for cell_m, limit in ((5.0, 0.01), (2.0, 0.002)):
        lattice = build_lattice(network, cell_m, dead_end=dead_end)
        found = segment_density(lattice, segment, offset_m, np.eye(8), **options)
        assert np.sqrt(((found - exact) ** 2).mean() / (exact**2).mean()) < limit
        if dead_end == "absorb" and len(network.nodes) > 25:
            assert found.T @ length_m == pytest.approx(exact.T @ length_m, abs=0.005)


@FEWER
@given(networks(st.floats(15, 120)), st.integers(0, 2**32 - 1), st.floats(0.1, 0.9))
def test_the_walks_conserve_mass_and_know_no_nodes_of_two_arms(network, seed, share):
    length_m = network.segments[Segments.length_m].to_numpy()
    segment, offset_m, _ = (a[0] for a in incidents(network, seed, 1))
    cut = seed % len(length_m)
    at_m = share * length_m[cut]
    mass = mass_on_segments(network, (segment, offset_m), bandwidth_m=60)
    assert mass.sum() == pytest.approx(1, rel=EXACT)
    place = (segment, offset_m)
    if segment == cut and offset_m > at_m:
        place = (len(length_m), offset_m - at_m)
    apart = mass_on_segments(split(network, cut, at_m), place, bandwidth_m=60)
    apart[cut] += apart[-1]
    assert apart[:-1] == pytest.approx(mass, abs=EXACT)


def test_the_walks_give_what_a_fine_sum_of_their_density_gives():
    network = irregular_network()
    length_m = network.segments[Segments.length_m].to_numpy()
    for estimator in ("simple", "esd", "esc"):
        options = {"bandwidth_m": 90, "estimator": estimator}
        mass = mass_on_segments(network, (12, 20.0), **options)
        for segment in (12, 13, 40, 48, 49):
            at_m = (np.arange(400) + 0.5) / 400 * length_m[segment]
            density = density_at(network, (12, 20.0), [(segment, x) for x in at_m], **options)
            assert density.mean() * length_m[segment] == pytest.approx(mass[segment], abs=2e-6)


@pytest.mark.parametrize("kernel", KERNELS)
def test_one_long_street_is_a_kernel_on_a_line(kernel):
    lattice = build_lattice(make_network([(0, 0), (1000, 0)], [(0, 1)]), 5.0)
    options = {"bandwidth_m": 92.0, "kernel": kernel}
    place = (np.array([0]), np.array([502.5]), np.ones(1))  # a cell's centre
    mass = spread(lattice, *place, **options)[:, 0]
    near = 5.0 * np.abs(np.arange(200) - 100) - 2.5
    between = [kernel_between(max(d, 0), d + 5, 92.0, kernel) for d in near]
    exact = np.where(near < 0, 2 * np.array(between), between)
    exact[100] = 2 * kernel_between(0, 2.5, 92.0, kernel)
    assert mass == pytest.approx(exact, abs=1e-15)


def test_reflections_can_pull_the_exact_density_below_zero_and_it_is_left_there():
    # Two junctions of 40 arms, 90 m apart, reflect nearly everything with its sign turned.
    ends = [(-300.0, 9.0 * i) for i in range(39)], [(390.0, 9.0 * i) for i in range(39)]
    edges = [(0, 1), *((0, 2 + i) for i in range(39)), *((1, 41 + i) for i in range(39))]
    network = make_network(
        [(0, 0), (90, 0), *ends[0], *ends[1]], edges, lengths_m=[90.0] + [300.0] * 78
    )
    lattice = build_lattice(network, 5.0)
    exact = mass_on_segments(network, (0, 45.0), bandwidth_m=200) / lattice.length_m
    found = segment_density(lattice, np.array([0]), np.array([45.0]), np.ones(1), bandwidth_m=200)
    assert exact[0] < -1e-5  # of a peak of 5e-3
    assert found == pytest.approx(exact, abs=3e-6)
    assert found @ lattice.length_m == pytest.approx(1, rel=EXACT)


# Ends -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clipped", "dead_end", "left_m"),
    [([], "reflect", (60, 60)), ([1], "reflect", (60, 7.5)), ([], "absorb", (42.5, 7.5))],
)
def test_mass_leaves_only_where_ends_absorb(clipped, dead_end, left_m):
    network = make_network([(0, 0), (50, 0)], [(0, 1)], clipped=clipped)
    lattice = build_lattice(network, 5.0, dead_end=dead_end)
    place = (np.array([0]), np.array([42.5]), np.ones(1))  # a cell's centre
    found = segment_density(lattice, *place, bandwidth_m=60)[0] * 50
    walked = sum(kernel_between(0, way_m, 60, "quartic") for way_m in left_m)
    assert found == pytest.approx(walked, rel=EXACT)


def test_an_incident_by_a_cut_keeps_the_half_that_walks_away():
    network = make_network([(0, 0), (300, 0)], [(0, 1)], clipped=[1])
    lattice = build_lattice(network, 5.0)
    for at_m in (297.6, 299.0, 300.0):
        place = (np.array([0]), np.array([at_m]), np.ones(1))
        found = segment_density(lattice, *place, bandwidth_m=100)[0] * 300
        exact = mass_on_segments(network, (0, at_m), bandwidth_m=100)[0]
        assert found == pytest.approx(exact, abs=0.002)


def test_a_street_shorter_than_a_step_between_cut_ends_loses_its_mass():
    network = make_network([(0, 0), (2, 0)], [(0, 1)])
    kept = build_lattice(network, 5.0)
    lost = build_lattice(network, 5.0, dead_end="absorb")
    place = (np.array([0]), np.array([1.0]), np.ones(1))
    assert segment_density(kept, *place, bandwidth_m=50)[0] == pytest.approx(0.5, rel=EXACT)
    exact = mass_on_segments(network, (0, 1.0), bandwidth_m=50, dead_end="absorb")[0] / 2
    assert segment_density(lost, *place, bandwidth_m=50)[0] == pytest.approx(exact, abs=0.02)


# Kernels, nothing, and what is refused ----------------------------------------------------------


@pytest.mark.parametrize("kernel", KERNELS)
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


def test_streets_out_of_reach_have_no_density_at_all():
    lattice = build_lattice(make_network([(0, 0), (500, 0), (900, 0)], [(0, 1), (1, 2)]), 5.0)
    place = (np.array([0]), np.array([100.0]), np.ones(1))
    assert segment_density(lattice, *place, bandwidth_m=100)[1] == 0.0


def test_inputs_are_not_changed():
    network = irregular_network()
    lattice = build_lattice(network, 5.0)
    segment, offset_m, weight = incidents(network, 5)
    before = [a.copy() for a in (segment, offset_m, weight)]
    spread_cells(lattice, cells := np.ones(lattice.cells), bandwidth_m=50)
    segment_density(lattice, segment, offset_m, weight, bandwidth_m=50)
    assert (cells == 1).all()
    assert all((a == b).all() for a, b in zip(before, (segment, offset_m, weight), strict=True))


@pytest.mark.parametrize("bandwidth_m", [0.0, -1.0, np.nan, np.inf])
def test_a_bandwidth_must_be_positive(bandwidth_m):
    with pytest.raises(InputError, match="positive"):
        kernel_steps(bandwidth_m, 5.0, "quartic")


def test_an_unknown_kernel_is_refused():
    with pytest.raises(InputError, match="quartic, epanechnikov"):
        kernel_steps(100.0, 5.0, "gaussian")


def test_a_lattice_that_cannot_be_is_refused():
    network = grid_network(2, 2)
    with pytest.raises(InputError, match="reflect, absorb"):
        build_lattice(network, 5.0, dead_end="bounce")
    for cell_m in (0.0, -5.0, np.nan, np.inf):
        with pytest.raises(InputError, match="cell"):
            build_lattice(network, cell_m)
    with pytest.raises(InputError, match="segment 1 has no length"):
        build_lattice(make_network([(0, 0), (9, 0)], [(0, 1)] * 2, lengths_m=[9.0, 0.0]), 5.0)


@pytest.mark.parametrize(
    ("segment", "offset_m", "weight", "says"),
    [
        ([0, 4], [1.0, 1.0], [1.0, 1.0], "row 3.*no segment"),
        ([0, -1], [1.0, 1.0], [1.0, 1.0], "row 3.*no segment"),
        ([0, 1], [1.0, np.nan], [1.0, 1.0], "not a number"),
        ([0, 1], [1.0, 1.0], [1.0, np.inf], "not a number"),
        ([0, 1], [1.0], [1.0, 1.0], "one segment, one offset and one weight"),
        ([0, 1], [1.0, 1.0], [1.0], "one segment, one offset and one weight"),
    ],
)
def test_incidents_that_make_no_sense_are_refused(segment, offset_m, weight, says):
    lattice = build_lattice(grid_network(2, 2), 5.0)
    place = (np.array(segment), np.array(offset_m), np.array(weight))
    with pytest.raises(InputError, match=says):
        segment_density(lattice, *place, bandwidth_m=50)
