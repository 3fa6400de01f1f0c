"""Pupil flow: nobody appears or vanishes, and everybody walks the shortest way."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box
from support_networks import grid_network, make_network

from corridors.crs import METRIC
from corridors.network.flow import (
    Demand,
    departed_by,
    find_demand,
    net_pupils,
    present_by_slot,
    pupils_met,
    school_flow,
)
from corridors.profile import Flow
from corridors.tables import ChildAreas, Gates, Places, Schools, Segments

PARAMS = Flow(share_home=0.5, share_bus=0.3, share_rail=0.0, home_decay_m=400.0, stop_decay_m=300.0)
NO_STOPS = {"bus_stop": np.zeros(0, dtype=np.int64), "station": np.zeros(0, dtype=np.int64)}


def gate(segment_id: int, offset_m: float) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            Gates.urn: pd.array(["900001"], dtype="str"),
            Gates.segment_id: np.array([segment_id]),
            Gates.offset_m: [offset_m],
            Gates.x_m: [0.0],
            Gates.y_m: [0.0],
            Gates.source: pd.array(["mapped"], dtype="str"),
        }
    )
    frame.index.name = Gates.index
    return Gates.validate(frame)


def school(pupils: float = 1000.0, high_age: float = 18.0) -> pd.Series:
    return pd.Series({Schools.pupils: pupils, Schools.high_age: high_age}, name="900001")


def places(*rows: tuple[str, float, float]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            Places.kind: pd.array([r[0] for r in rows], dtype="str"),
            Places.name: pd.array([""] * len(rows), dtype="str"),
        },
        geometry=[Point(x, y) for _, x, y in rows],
        crs=METRIC,
    )
    frame.index.name = Places.index
    return Places.validate(frame)


def test_on_a_line_everyone_bound_for_the_end_walks_all_of_it():
    line = make_network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)])
    demand = Demand(np.zeros(2), "addresses", NO_STOPS | {"bus_stop": np.array([1])})
    flow = school_flow(line, gate(0, 0.0), school(), demand, PARAMS)
    assert flow.walkers == pytest.approx([300.0, 150.0])  # 30 %; half of the last on average
    assert flow.arrival_s == pytest.approx([50.0, 150.0])
    assert flow.parent_segment.tolist()[2] == 1


@given(st.integers(0, 30), st.integers(2, 6), st.integers(2, 6))
def test_pupils_who_leave_equal_pupils_who_arrive(segment, columns, rows):
    grid = grid_network(columns, rows)
    segment %= len(grid.segments)
    demand = Demand(np.ones(len(grid.segments)), "addresses", NO_STOPS)
    flow = school_flow(grid, gate(segment, 20.0), school(), demand, PARAMS)
    met = pupils_met(grid, flow, np.arange(len(grid.segments)))
    # Everybody meets some street; who lives on the gate's walks half of it, so counts half.
    own = 2 * (500 - met)
    assert 0 <= own <= 2 * flow.walkers[segment] + 1e-9
    assert flow.walkers[segment] == pytest.approx(met)
    assert (flow.walkers >= 0).all()
    assert flow.walkers.max() <= 500 + 1e-9


def test_flow_decays_with_distance_and_stops_at_the_reach():
    n = 60
    line = make_network([(i * 60.0, 0) for i in range(n + 1)], [(i, i + 1) for i in range(n)])
    demand = Demand(np.ones(n), "addresses", NO_STOPS)
    flow = school_flow(line, gate(0, 0.0), school(), demand, PARAMS)
    assert (np.diff(flow.walkers[1:]) <= 1e-9).all()
    beyond = flow.arrival_s > PARAMS.home_reach_m / 1.0
    assert beyond.any()
    assert flow.walkers[beyond] == pytest.approx(0)


def test_unreachable_streets_get_nobody():
    apart = make_network([(0, 0), (100, 0), (500, 500), (600, 500)], [(0, 1), (2, 3)])
    demand = Demand(np.ones(2), "addresses", NO_STOPS)
    flow = school_flow(apart, gate(0, 50.0), school(), demand, PARAMS)
    assert flow.walkers[1] == 0
    assert np.isinf(flow.arrival_s[1])


def test_a_missing_roll_is_assumed_and_said():
    line = make_network([(0, 0), (100, 0)], [(0, 1)])
    demand = Demand(np.ones(1), "addresses", NO_STOPS)
    flow = school_flow(line, gate(0, 0.0), school(np.nan), demand, PARAMS)
    assert flow.roll_is_assumed
    assert flow.roll == PARAMS.default_roll
    primary = school_flow(line, gate(0, 0.0), school(np.nan, 11.0), demand, PARAMS)
    assert primary.roll == PARAMS.default_roll_primary


def test_the_fastest_of_parallel_streets_is_walked():
    twice = make_network(
        [(0, 0), (100, 0), (200, 0)], [(0, 1), (0, 1), (1, 2)], lengths_m=[140.0, 100.0, 100.0]
    )
    demand = Demand(np.array([0.0, 0.0, 1.0]), "addresses", NO_STOPS)
    flow = school_flow(twice, gate(2, 100.0), school(), demand, PARAMS)
    assert flow.parent_segment[0] == 1


def test_slots_sum_to_all_walkers_and_later_streets_fill_later():
    line = make_network([(0, 0), (300, 0), (900, 0)], [(0, 1), (1, 2)])
    demand = Demand(np.array([0.0, 1.0]), "addresses", NO_STOPS)
    flow = school_flow(line, gate(0, 0.0), school(), demand, PARAMS)
    slots = np.arange(900, 1020, 5)
    present = present_by_slot(flow, 915, slots, PARAMS)
    assert present.sum(axis=1) == pytest.approx(flow.walkers, rel=1e-4)
    mean = (present * slots).sum(axis=1) / present.sum(axis=1)
    assert mean[1] - mean[0] == pytest.approx((flow.arrival_s[1] - flow.arrival_s[0]) / 60, abs=0.5)
    assert present[:, slots < 915].sum() == 0


def test_departures_rise_from_none_to_all():
    at = departed_by(np.array([-1.0, 0.0, 6.0, 60.0]), PARAMS)
    assert at[:2].tolist() == [0, 0]
    assert 0.4 < at[2] < 0.75
    assert at[3] == pytest.approx(1, abs=1e-4)


def test_homes_come_from_children_then_addresses_then_length():
    grid = grid_network(3, 2)
    some = places(("address", 30.0, 5.0), ("address", 31.0, 5.0), ("bus_stop", 90.0, 62.0))
    by_address = find_demand(grid, some, None)
    assert by_address.home_source == "addresses"
    assert by_address.home.sum() == 2
    assert len(by_address.stop_segment["bus_stop"]) == 1
    assert find_demand(grid, places(), None).home_source == "street length"
    areas = gpd.GeoDataFrame(
        {ChildAreas.children: [120.0]}, geometry=[box(-10, -10, 65, 100)], crs=METRIC
    )
    areas.index.name = ChildAreas.index
    by_child = find_demand(grid, some, ChildAreas.validate(areas))
    assert by_child.home_source == "children"
    assert by_child.home.sum() == pytest.approx(120)
    middle_x = grid.segments.geometry.interpolate(0.5, normalized=True).x
    assert (by_child.home[(middle_x > 65).to_numpy()] == 0).all()


def test_pupils_met_counts_each_pupil_once():
    line = make_network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)])
    demand = Demand(np.zeros(2), "addresses", NO_STOPS | {"bus_stop": np.array([1])})
    flow = school_flow(line, gate(0, 0.0), school(), demand, PARAMS)
    both = pupils_met(line, flow, np.array([0, 1]))
    assert both == pupils_met(line, flow, np.array([0])) == pytest.approx(300)
    assert pupils_met(line, flow, np.array([], dtype=np.int64)) == 0


def test_segments_inside_a_school_site_have_no_homes():
    grid = grid_network(2, 2)
    inside = grid.segments.copy()
    inside[Segments.in_school_site] = [True, False, False, False]
    network = type(grid)(inside, grid.nodes)
    snapped = find_demand(network, places(("address", 30.0, 1.0)), None)
    assert snapped.home[0] == 0


def test_net_pupils_walk_away_from_the_gate_and_cancel_where_schools_face_each_other():
    line = make_network([(i * 100.0, 0) for i in range(5)], [(0, 1), (2, 1), (2, 3), (3, 4)])
    demand = Demand(np.ones(4), "addresses", NO_STOPS)
    west, east = (
        school_flow(line, gate(segment, offset_m), school(), demand, PARAMS)
        for segment, offset_m in ((0, 0.0), (3, 100.0))
    )
    away = net_pupils(line, [west])
    assert away[1:].tolist() == (west.walkers * [1, -1, 1, 1])[1:].tolist()
    both = net_pupils(line, [west, east])
    assert both == pytest.approx(away + net_pupils(line, [east]))
    assert both[1] == pytest.approx(east.walkers[1] - west.walkers[1])  # drawn from 2 to 1
    assert net_pupils(line, []).tolist() == [0.0] * 4


def test_nobody_is_counted_where_nobody_can_come():
    apart = make_network([(0, 0), (100, 0), (500, 0), (600, 0)], [(0, 1), (2, 3)])
    flow = school_flow(
        apart, gate(0, 0.0), school(), Demand(np.ones(2), "addresses", NO_STOPS), PARAMS
    )
    assert net_pupils(apart, [flow])[1] == 0
