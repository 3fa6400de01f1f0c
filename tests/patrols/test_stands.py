"""Stand points: stops, stations and parks with the most value, clear of the gates (A9)."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, box
from support_networks import make_network

from corridors.crs import METRIC
from corridors.model import Corridor, Evidence
from corridors.patrols.stands import choose_stands
from corridors.profile import Patrols
from corridors.tables import Places

LINE = make_network([(i * 200.0, 0) for i in range(6)], [(i, i + 1) for i in range(5)])
VALUE = np.array([9.0, 5.0, 4.0, 3.0, 1.0])
EVIDENCE = Evidence(
    has_times=True, period_start=date(2025, 1, 1), period_end=date(2025, 12, 31), months=12,
    incidents_in_window=20.0, incidents_all_day=50, by_group=(), set_apart=(), sources=("x",),
    floor=6.0,
)  # fmt: skip
CORRIDOR = Corridor("C1", ("900001",), (0, 1, 2, 3, 4), ("Street 0",), 1000.0, 0.6, EVIDENCE)
NO_GATE = np.zeros((0, 2))


def places(*rows: tuple[str, str, object]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            Places.kind: np.array([k for k, _, _ in rows], dtype=object),
            Places.name: np.array([n for _, n, _ in rows], dtype=object),
        },
        geometry=[g for _, _, g in rows],
        crs=METRIC,
    )
    frame.index.name = Places.index
    return frame


STOPS = (
    ("bus_stop", "Gate Stop", Point(100, 5)),
    ("bus_stop", "Middle Stop", Point(300, -5)),
    ("station", "Far Station", Point(700, 10)),
    ("bus_stop", "Away Stop", Point(300, 400)),
    ("park", "", box(850, 20, 950, 80)),
)


def chosen(*rows, gates=NO_GATE, **changes) -> list[str]:
    params = replace(Patrols(), **changes)
    found = choose_stands(LINE, CORRIDOR, VALUE, places(*rows), gates, params)
    assert all(s.dwell_s == params.stand_dwell_min * 60 for s in found)
    return [s.name for s in found]


def test_the_stops_with_the_most_value_come_first():
    assert chosen(*STOPS) == ["Gate Stop", "Middle Stop"]
    assert chosen(*STOPS, stands_per_corridor=9) == [
        "Gate Stop", "Middle Stop", "Far Station", "Park on Street 4",
    ]  # fmt: skip


def test_bus_stops_are_stood_at_some_minutes_after_the_bells():
    params = replace(Patrols(), stands_per_corridor=9)
    found = choose_stands(LINE, CORRIDOR, VALUE, places(*STOPS), NO_GATE, params, (900, 1200))
    windows = {s.name: (s.earliest_s, s.latest_s) for s in found}
    assert windows["Gate Stop"] == windows["Middle Stop"] == (900 + 600, 1200 + 1800)
    assert windows["Far Station"] == windows["Park on Street 4"] == (0, None)
    at_any_time = choose_stands(LINE, CORRIDOR, VALUE, places(*STOPS), NO_GATE, params)
    assert {(s.earliest_s, s.latest_s) for s in at_any_time} == {(0, None)}


def test_a9_a_stop_at_the_gate_is_not_chosen_even_with_the_most_value():
    assert chosen(*STOPS, gates=np.array([[110.0, 0.0]])) == ["Middle Stop", "Far Station"]


def test_two_sides_of_a_stop_are_one():
    twins = (("bus_stop", "Hill", Point(300, 5)), ("bus_stop", "Hill", Point(480, -5)))
    assert chosen(*twins) == ["Hill"]
    near = (("bus_stop", "Hill", Point(300, 5)), ("bus_stop", "Opposite Hill", Point(320, -5)))
    assert len(chosen(*near)) == 1


def test_where_value_ties_a_station_beats_a_stop():
    both = (("bus_stop", "A", Point(300, 5)), ("station", "Z", Point(310, 5)))
    assert chosen(*both) == ["Z"]


@pytest.mark.parametrize("gates", [NO_GATE, np.array([[200.0, 0.0]])])
def test_without_any_stop_a_junction_clear_of_the_gates_stands_in(gates):
    (found,) = choose_stands(LINE, CORRIDOR, VALUE, places(), gates, Patrols())
    assert found.kind == "street"
    assert found.x_m == (200.0 if not len(gates) else 0.0)
    assert found.name == ("Street 0 and Street 1" if not len(gates) else "Street 0")


def test_order_of_places_changes_nothing():
    assert chosen(*STOPS[::-1]) == chosen(*STOPS)
