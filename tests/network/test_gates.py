"""Gates: by hand, mapped on the edge of the site, or the nearest street."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, box
from support_networks import make_network

from corridors.crs import METRIC
from corridors.errors import InputError
from corridors.model import Network
from corridors.network.gates import find_gates
from corridors.tables import GateOverrides, Gates, Places, Schools, Segments

STREETS = make_network([(0, 0), (200, 0), (200, 200)], [(0, 1), (1, 2)])


def schools(x_m: float, y_m: float) -> pd.DataFrame:
    return pd.DataFrame({Schools.x_m: [x_m], Schools.y_m: [y_m]}, index=["900001"])


def places(*rows: tuple[str, object]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            Places.kind: pd.array([k for k, _ in rows], dtype="str"),
            Places.name: pd.array([""] * len(rows), dtype="str"),
        },
        geometry=[g for _, g in rows],
        crs=METRIC,
    )
    frame.index.name = Places.index
    return frame


def by_hand(*points: tuple[float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            GateOverrides.urn: pd.array(["900001"] * len(points), dtype="str"),
            GateOverrides.x_m: np.array([p[0] for p in points], dtype=float),
            GateOverrides.y_m: np.array([p[1] for p in points], dtype=float),
        }
    )
    frame.index.name = GateOverrides.index
    return GateOverrides.validate(frame)


SITE = ("school_site", box(40, 10, 120, 60))


def test_mapped_gates_on_the_edge_count_and_doors_inside_do_not():
    mapped = places(
        SITE,
        ("entrance", Point(80, 10)),
        ("entrance", Point(80, 40)),  # a door of a building
        ("entrance", Point(300, 300)),
    )
    gates = find_gates(STREETS, schools(80, 30), ["900001"], mapped, by_hand())
    assert gates[Gates.source].tolist() == ["mapped"]
    assert gates[Gates.offset_m].tolist() == [80.0]
    assert gates[Gates.segment_id].tolist() == [0]


def test_a_register_point_beside_the_site_still_finds_it():
    mapped = places(SITE, ("entrance", Point(60, 10)))
    gates = find_gates(STREETS, schools(150, 70), ["900001"], mapped, by_hand())
    assert gates[Gates.source].tolist() == ["mapped"]


def test_without_a_map_the_nearest_street_point_stands_in():
    gates = find_gates(STREETS, schools(150, 70), ["900001"], places(), by_hand())
    assert gates[[Gates.source, Gates.segment_id]].to_numpy().tolist() == [["nearest", 1]]
    assert gates[Gates.offset_m].tolist() == [70.0]


def test_a_gate_set_by_hand_wins():
    mapped = places(SITE, ("entrance", Point(80, 10)))
    gates = find_gates(STREETS, schools(80, 30), ["900001"], mapped, by_hand((10, 2), (190, 5)))
    assert gates[Gates.source].tolist() == ["override", "override"]
    assert gates[Gates.offset_m].tolist() == [10.0, 190.0]


def test_a_gate_set_by_hand_far_from_its_school_is_a_slip():
    with pytest.raises(InputError, match=r"more than 1000 m from its school.*Correct"):
        find_gates(STREETS, schools(80, 30), ["900001"], places(), by_hand((80, 1100)))


def test_a8_a_gate_never_opens_on_a_path_inside_the_site():
    inside = STREETS.segments.copy()
    inside[Segments.in_school_site] = [True, False]
    network = Network(inside, STREETS.nodes)
    gates = find_gates(network, schools(150, 10), ["900001"], places(), by_hand())
    assert gates[Gates.segment_id].tolist() == [1]


def test_a_school_far_from_any_street_has_no_gate():
    assert len(find_gates(STREETS, schools(900, 900), ["900001"], places(), by_hand())) == 0


@pytest.mark.parametrize("order", [1, -1])
def test_order_of_places_changes_nothing(order):
    rows = [SITE, ("entrance", Point(60, 10)), ("entrance", Point(100, 10))][::order]
    gates = find_gates(STREETS, schools(80, 30), ["900001"], places(*rows), by_hand())
    assert gates[Gates.offset_m].tolist() == [60.0, 100.0]
