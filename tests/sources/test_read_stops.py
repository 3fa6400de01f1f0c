from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point
from support_workspace import TEXTS, write

from corridors.crs import METRIC
from corridors.errors import ColumnError
from corridors.model import StreetExtract
from corridors.sources.stops import add_stops, read_stops
from corridors.tables import Places


def places(*rows):
    frame = gpd.GeoDataFrame(
        {
            "kind": pd.Series([kind for kind, *_ in rows], dtype="str"),
            "name": pd.Series([name for _, name, *_ in rows], dtype="str"),
        },
        geometry=[Point(x, y) for *_, x, y in rows],
        index=pd.RangeIndex(len(rows), name="place_id"),
        crs=METRIC,
    )
    return Places.validate(frame)


def extract(*rows):
    nothing = np.zeros(0, dtype=np.int64)
    return StreetExtract(np.zeros((0, 2)), nothing, pd.DataFrame(), places(*rows))


def listed(streets):
    frame = streets.places
    return list(zip(frame["kind"], frame["name"], frame.geometry.x, strict=True))


def test_naptan_types_and_status(tmp_path):
    found, record = read_stops(write(tmp_path / "s.csv", TEXTS["stops.csv"]), file="s.csv")
    assert list(zip(found["kind"], found["name"], strict=True)) == [
        ("bus_stop", "Market Street"),
        ("station", "Central"),
    ]
    assert dict(record.dropped) == {
        "neither a bus stop nor a station": 1,
        "no longer in use": 1,
    }


def test_only_the_area_asked_for(tmp_path):
    path = write(tmp_path / "s.csv", TEXTS["stops.csv"])
    found, record = read_stops(path, file="s.csv", bounds_m=(530_650, 0, 531_000, 200_000))
    assert found["name"].tolist() == ["Central"]
    assert ("outside the area", 1) in record.dropped


def test_a_list_must_say_what_it_lists(tmp_path):
    text = "name,lon,lat\nA,-0.12,51.51\n"
    with pytest.raises(ColumnError, match="bus stops or stations"):
        read_stops(write(tmp_path / "s.csv", text), file="s.csv")
    found, _ = read_stops(
        write(
            tmp_path / "t.csv", text.replace("name,", "Bus stop name,name,").replace("A,", "x,A,")
        ),
        file="t.csv",
    )
    assert found["kind"].tolist() == ["bus_stop"]


def test_stops_are_added_unless_one_of_the_kind_is_near():
    streets = extract(("bus_stop", "Mapped", 0, 0), ("park", "Green", 200, 0))
    stops = places(
        ("bus_stop", "Near", 25, 0),
        ("bus_stop", "Far", 26, 0),
        ("station", "Near too", 1, 0),
        ("bus_stop", "Twin A", 500, 0),
        ("bus_stop", "Twin B", 520, 0),
    )
    found = add_stops(streets, [stops])
    assert listed(found) == [
        ("bus_stop", "Mapped", 0),
        ("park", "Green", 200),
        ("bus_stop", "Far", 26),
        ("bus_stop", "Twin A", 500),
        ("station", "Near too", 1),
    ]
    assert found.places.index.is_unique
    assert len(streets.places) == 2  # the input is untouched


def test_the_order_of_stops_and_files_changes_nothing():
    rng = np.random.default_rng(7)
    rows = [("bus_stop", f"S{at % 9}", *xy) for at, xy in enumerate(rng.uniform(0, 300, (60, 2)))]
    first = add_stops(extract(), [places(*rows)])
    mixed = [rows[at] for at in rng.permutation(60)]
    second = add_stops(extract(), [places(*mixed[:20]), places(*mixed[20:])])
    pd.testing.assert_frame_equal(pd.DataFrame(first.places), pd.DataFrame(second.places))
    xy = np.column_stack([first.places.geometry.x, first.places.geometry.y])
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    assert apart[~np.eye(len(xy), dtype=bool)].min() > 25


def test_no_stops_no_change():
    streets = extract(("bus_stop", "Mapped", 0, 0))
    assert add_stops(streets, []) is streets
    assert listed(add_stops(streets, [places()])) == listed(streets)


@pytest.mark.realdata
def test_real_stops(realdata):
    bus, _ = read_stops(realdata / "camden" / "camden_bus_stops.csv", file="b")
    rail, record = read_stops(realdata / "camden" / "camden_stations.csv", file="r")
    assert (len(bus), set(bus["kind"])) == (742, {"bus_stop"})
    assert (len(rail), set(rail["kind"])) == (48, {"station"})
    assert record.dropped == (("neither a bus stop nor a station", 2),)
    assert not bus["name"].str.contains("<>").any()
    assert "Queen's Grove" in set(bus["name"])
