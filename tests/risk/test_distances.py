"""Walking distances between places: invariants, brute force, then published cases."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box
from support_networks import grid_network, make_network

from corridors.errors import InputError
from corridors.model import Ward
from corridors.network.segments import build_network
from corridors.profile import Streets
from corridors.risk.distances import place_distances
from corridors.sources import read_streets
from corridors.sources.boundaries import bounds_of
from corridors.tables import Segments

EVERYWHERE_M = 1e5


@st.composite
def networks(draw):
    """Trees with loops, double streets, separate pieces and streets of 0 m on top."""
    n = draw(st.integers(2, 8))
    xy = [(60.0 * i, 10.0 * (i % 3)) for i in range(n)]
    pairs = [(draw(st.integers(0, i - 1)), i) for i in range(1, n)]
    pairs = pairs[draw(st.integers(0, len(pairs) - 1)) :]
    pairs += draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=6))
    lengths = [draw(st.one_of(st.just(0.0), st.floats(0.5, 300))) for _ in pairs]
    return make_network(xy, pairs, lengths_m=lengths)


def some_places(network, count, seed):
    rng = np.random.default_rng(seed)
    segment = rng.integers(0, len(network.segments), count)
    at = rng.choice([0.0, 0.25, 0.5, 1.0, rng.random()], count)
    return segment, at * network.segments[Segments.length_m].to_numpy()[segment]


def brute_force(network, segment, offset, beyond_m=None):
    """Distances by cutting every street at its places and searching the graph, all of it or far."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(("node", i) for i in network.nodes.index)
    rows = network.segments[[Segments.u, Segments.v, Segments.length_m]].itertuples()
    for s, u, v, length in rows:
        here = sorted((offset[i], ("place", i)) for i in np.flatnonzero(segment == s))
        stops = [(0.0, ("node", u)), *here, (length, ("node", v))]
        for (a_m, a), (b_m, b) in itertools.pairwise(stops):
            graph.add_edge(a, b, weight=b_m - a_m)
    found = np.full((len(segment), len(segment)), np.inf)
    for i in range(len(segment)):
        all_m = nx.single_source_dijkstra_path_length(graph, ("place", i), cutoff=beyond_m)
        for place, metres in all_m.items():
            if place[0] == "place":
                found[i, place[1]] = metres
    return found


def with_gaps(distance):
    """Dense, with infinity where there is no entry."""
    out = np.full(distance.shape, np.inf)
    row, column = distance.tocoo().coords
    out[row, column] = distance.tocoo().data
    return out


@settings(max_examples=30)
@given(networks(), st.floats(0, 500), st.integers(0, 2**32 - 1))
def test_distances_are_those_of_a_search_of_the_whole_graph(network, reach_m, seed):
    segment, offset = some_places(network, 12, seed)
    wanted = brute_force(network, segment, offset)
    found = with_gaps(place_distances(network, segment, offset, reach_m))
    clear = np.abs(wanted - reach_m) > 1e-6  # at the very reach both answers are right
    assert np.isfinite(found[clear]).tolist() == (wanted[clear] <= reach_m).tolist()
    both = np.isfinite(found)
    assert found[both] == pytest.approx(wanted[both], abs=1e-9)


@settings(max_examples=30)
@given(networks(), st.floats(0, 500), st.integers(0, 2**32 - 1))
def test_distances_are_symmetric_to_the_last_bit_and_order_is_nothing(network, reach_m, seed):
    segment, offset = some_places(network, 15, seed)
    found = with_gaps(place_distances(network, segment, offset, reach_m))
    assert np.array_equal(found, found.T)
    assert (np.diag(found) == 0).all()
    order = np.random.default_rng(seed).permutation(15)
    again = with_gaps(place_distances(network, segment[order], offset[order], reach_m))
    assert np.array_equal(again, found[np.ix_(order, order)])


def test_places_that_coincide_have_an_entry_of_zero():
    network = make_network([(0, 0), (50, 0), (100, 0)], [(0, 1), (1, 2)])
    # Twice the same place, and once the same junction seen from the next street.
    found = place_distances(network, np.array([0, 0, 1]), np.array([50.0, 50.0, 0.0]), 10.0)
    assert found.nnz == 9
    assert (found.data == 0).all()


def test_a_loop_is_walked_the_shorter_way_round():
    network = make_network([(0, 0), (10, 0)], [(0, 0), (0, 1)], lengths_m=[100.0, 10.0])
    found = with_gaps(place_distances(network, np.array([0, 0]), np.array([5.0, 90.0]), 50.0))
    assert found[0, 1] == 15.0


def test_the_shorter_of_two_streets_between_junctions_is_taken():
    network = make_network(
        [(0, 0), (100, 0)], [(0, 1), (0, 1), (1, 0)], lengths_m=[400.0, 100.0, 130.0]
    )
    found = with_gaps(place_distances(network, np.array([0, 0]), np.array([20.0, 390.0]), 500.0))
    assert found[0, 1] == 20.0 + 100.0 + 10.0


def test_the_reach_is_inside():
    network = make_network([(0, 0), (300, 0)], [(0, 1)])
    place = (np.zeros(3, dtype=np.int64), np.array([0.0, 100.0, 200.5]))
    found = with_gaps(place_distances(network, *place, 100.0))
    assert np.isfinite(found).tolist() == [[True, True, False], [True, True, False], [0, 0, 1]]


def test_no_places_make_an_empty_matrix():
    none = np.zeros(0)
    assert place_distances(grid_network(2, 2), none.astype(int), none, 100.0).shape == (0, 0)


def test_blocks_of_the_search_change_nothing(monkeypatch):
    network = grid_network(6, 5)
    segment, offset = some_places(network, 60, 3)
    whole = place_distances(network, segment, offset, 200.0)
    monkeypatch.setattr("corridors.risk.distances._BLOCK_ENTRIES", 64)
    parts = place_distances(network, segment, offset, 200.0)
    assert np.array_equal(with_gaps(parts), with_gaps(whole))


@pytest.mark.parametrize(
    ("segment", "offset", "reach_m", "words"),
    [
        ([0], [1.0], -1.0, "reach"),
        ([0], [1.0], float("inf"), "reach"),
        ([99], [1.0], 10.0, "not there"),
        ([-1], [1.0], 10.0, "not there"),
        ([0], [float("nan")], 10.0, "offset"),
        ([0, 1], [1.0], 10.0, "offset"),
    ],
)
def test_places_that_cannot_be_are_named(segment, offset, reach_m, words):
    with pytest.raises(InputError, match=words):
        place_distances(grid_network(2, 2), np.array(segment), np.array(offset), reach_m)


# Case H of spNetwork's test suite: a star of four arms of 5 m; events N 3, E 3, E 1, N 1.
LENGTH_M = 20.0


@pytest.fixture
def star():
    network = make_network(
        [(0, 0), (0, 5), (5, 0), (0, -5), (-5, 0)], [(0, 1), (0, 2), (0, 3), (0, 4)]
    )
    place = (np.array([0, 1, 1, 0]), np.array([3.0, 3.0, 1.0, 1.0]))
    return with_gaps(place_distances(network, *place, EVERYWHERE_M))


def test_network_k_and_g(star):
    other = ~np.eye(4, dtype=bool)
    scale = LENGTH_M / (4 * 3)
    assert scale * (other & (star <= 3)).sum() == pytest.approx(10.0, abs=1e-12)
    ring = other & (star >= 2) & (star <= 4)
    assert scale * ring.sum() == pytest.approx(50 / 3, abs=1e-12)


def test_cross_k_and_g(star):
    across = star[:2, 2:]
    scale = LENGTH_M / (2 * 2)
    assert scale * (across <= 3).sum() == pytest.approx(10.0, abs=1e-12)
    assert scale * ((across >= 2) & (across <= 4)).sum() == pytest.approx(20.0, abs=1e-12)


def test_space_time_k_and_g(star):
    time = np.array([1.0, 1.0, 3.0, 2.0])
    apart = np.abs(time[:, None] - time)
    other = ~np.eye(4, dtype=bool)
    scale = LENGTH_M * (time.max() - time.min()) / (4 * 3)
    near = other & (star <= 3) & (apart <= 1)
    assert scale * near.sum() == pytest.approx(40 / 3, abs=1e-12)
    ring = other & (star >= 2) & (star <= 4) & (apart >= 0) & (apart <= 2)
    assert scale * ring.sum() == pytest.approx(100 / 3, abs=1e-12)


def test_on_real_streets_distances_are_those_of_the_whole_graph(realdata):
    file = realdata / "camden" / "camden.osm.pbf"
    x_m, y_m = 530_200.0, 182_900.0  # King's Cross: bridges, one-way pairs, footways, loops
    around = box(x_m - 300, y_m - 300, x_m + 300, y_m + 300)
    streets, _ = read_streets(file, bounds_m=bounds_of(around, Streets().margin_m), file=file.name)
    network = build_network(streets, Ward("E05000000", "here", around), Streets())
    inside = np.flatnonzero(network.segments[Segments.in_ward])
    assert len(inside) > 200
    rng = np.random.default_rng(2)
    segment = rng.choice(inside, 150)
    offset = rng.random(150) * network.segments[Segments.length_m].to_numpy()[segment]
    found = with_gaps(place_distances(network, segment, offset, 200.0))
    wanted = brute_force(network, segment, offset, beyond_m=400.0)
    clear = np.abs(wanted - 200.0) > 1e-6
    assert np.isfinite(found[clear]).tolist() == (wanted[clear] <= 200.0).tolist()
    assert np.isfinite(found).sum() > 1000
    assert found[np.isfinite(found)] == pytest.approx(wanted[np.isfinite(found)], abs=1e-9)
