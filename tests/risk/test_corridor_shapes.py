"""Corridors are connected, bounded, follow risk x flow, and join where they overlap."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_networks import grid_network

from corridors.model import Network, SchoolFlow
from corridors.network.flow import Demand, school_flow
from corridors.profile import Flow, Risk
from corridors.risk import corridors
from corridors.tables import Gates, Schools, Segments

GRID = grid_network(9, 9, 80.0)
NO_STOPS = {"bus_stop": np.zeros(0, dtype=np.int64), "station": np.zeros(0, dtype=np.int64)}


def flow_from(segment: int, urn: str, network: Network = GRID) -> SchoolFlow:
    gate = pd.DataFrame({Gates.urn: [urn], Gates.segment_id: [segment], Gates.offset_m: [10.0]})
    demand = Demand(np.ones(len(network.segments)), "addresses", NO_STOPS)
    school = pd.Series({Schools.pupils: 800.0}, name=urn)
    return school_flow(network, gate, school, demand, Flow())


def find_shapes(network, risk_per_m, flows, params):
    """Corridors where risk does not change within the window."""
    length_m = network.segments[Segments.length_m].to_numpy()
    values = {f.urn: risk_per_m * length_m * f.walkers for f in flows}
    return corridors.find_shapes(network, values, flows, params)


def is_connected(network: Network, ids: tuple[int, ...]) -> bool:
    rows = network.segments.loc[list(ids)]
    return nx.is_connected(nx.Graph(zip(rows[Segments.u], rows[Segments.v], strict=True)))


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(0, 143), st.floats(0.1, 1.0), st.floats(300, 4000))
def test_a_corridor_is_connected_and_not_longer_than_allowed(seed, gate, share, longest):
    risk = np.random.default_rng(seed).exponential(1.0, len(GRID.segments)) ** 3
    params = replace(Risk(), corridor_share=share, corridor_max_m=longest)
    (shape,) = find_shapes(GRID, risk, (flow_from(gate, "a"),), params)
    assert is_connected(GRID, shape.segment_ids)
    own = GRID.segments[Segments.length_m].loc[list(shape.segment_ids)]
    # Links between corridor junctions come on top: each 80 m here, at most one a junction met.
    assert own.sum() <= longest + 80 + own.sum() / 2
    assert 0 < shape.value_share <= 1 + 1e-12


def test_a_corridor_goes_where_the_risk_is():
    risk = np.full(len(GRID.segments), 1e-6)
    row_0 = (GRID.segments[Segments.name] == "Row 0 Road").to_numpy()
    risk[row_0] = 1.0
    (shape,) = find_shapes(GRID, risk, (flow_from(0, "a"),), replace(Risk(), corridor_share=0.9))
    names = GRID.segments[Segments.name].loc[list(shape.segment_ids)]
    assert (names == "Row 0 Road").mean() > 0.7


def test_no_risk_no_corridor():
    assert find_shapes(GRID, np.zeros(len(GRID.segments)), (flow_from(0, "a"),), Risk()) == ()


def test_a11_schools_on_the_same_street_are_served_as_one():
    risk = np.full(len(GRID.segments), 1e-6)
    risk[(GRID.segments[Segments.name] == "Row 0 Road").to_numpy()] = 1.0
    both = (flow_from(0, "a"), flow_from(2, "b"))
    wide = replace(Risk(), corridor_share=0.9)
    assert [s.urns for s in find_shapes(GRID, risk, both, wide)] == [("a", "b")]
    apart = (flow_from(0, "a"), flow_from(140, "b"))
    far = np.zeros(len(GRID.segments))
    far[[0, 1, 2, 3, 140, 141, 142, 143]] = 1.0
    assert [s.urns for s in find_shapes(GRID, far, apart, Risk())] == [("a",), ("b",)]


def test_a8_streets_inside_a_school_site_never_belong():
    inside = GRID.segments.copy()
    inside[Segments.in_school_site] = inside.index.isin([1, 2, 3])
    network = Network(inside, GRID.nodes)
    shapes = find_shapes(network, np.ones(len(inside)), (flow_from(0, "a", network),), Risk())
    assert shapes
    assert not {1, 2, 3} & set(shapes[0].segment_ids)


def test_gates_on_two_sides_of_a_site_still_make_one_piece():
    risk = np.zeros(len(GRID.segments))
    named = GRID.segments[Segments.name]
    risk[named.isin(["Row 0 Road", "Row 4 Road"]).to_numpy()] = 1.0
    row_0, row_4 = (GRID.segments.index[named == f"Row {r} Road"] for r in (0, 4))
    gates = pd.DataFrame(
        {Gates.urn: "a", Gates.segment_id: [row_0[1], row_4[1]], Gates.offset_m: [10.0, 10.0]}
    )
    demand = Demand(np.ones(len(GRID.segments)), "addresses", NO_STOPS)
    school = pd.Series({Schools.pupils: 800.0}, name="a")
    flow = school_flow(GRID, gates, school, demand, Flow())
    (joined,) = find_shapes(GRID, risk, (flow,), Risk())
    assert is_connected(GRID, joined.segment_ids)
    assert {row_0[1], row_4[1]} <= set(joined.segment_ids)
    (short,) = find_shapes(GRID, risk, (flow,), replace(Risk(), corridor_max_m=400.0))
    assert is_connected(GRID, short.segment_ids)
    assert len({row_0[1], row_4[1]} & set(short.segment_ids)) == 1


def test_order_of_schools_changes_nothing():
    risk = np.random.default_rng(5).exponential(1.0, len(GRID.segments)) ** 3
    flows = tuple(flow_from(s, u) for s, u in ((0, "a"), (30, "b"), (90, "c"), (120, "d")))
    assert find_shapes(GRID, risk, flows, Risk()) == find_shapes(GRID, risk, flows[::-1], Risk())


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_larger_share_never_shrinks_the_corridor(share):
    risk = np.random.default_rng(7).exponential(1.0, len(GRID.segments)) ** 3
    flow = (flow_from(40, "a"),)
    small = find_shapes(GRID, risk, flow, replace(Risk(), corridor_share=share * 0.8))[0]
    large = find_shapes(GRID, risk, flow, replace(Risk(), corridor_share=share))[0]
    assert set(small.segment_ids) <= set(large.segment_ids)
