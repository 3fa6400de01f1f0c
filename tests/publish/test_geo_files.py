"""GeoJSON and GeoPackage: the same layers, the right systems, bands only, the same bytes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from sample_plan import sample_plan, sample_profile, with_inputs
from shapely.geometry import MultiPolygon, shape

from corridors.crs import to_geographic
from corridors.model import Plan
from corridors.publish.bands import risk_bands
from corridors.publish.geo_files import geo_layers, plan_geojson, plan_geopackage

PROFILE = sample_profile()
REACH_M = PROFILE.hot_spots.reach_m
LAYERS = {
    "segments": 58, "corridors": 1, "routes": 1, "stand_points": 1, "gates": 1, "schools": 2,
    "ward": 1,
}  # fmt: skip


def _layers(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    return geo_layers(plan, risk_reach_m=REACH_M)


def _json(plan: Plan) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(plan_geojson(plan, PROFILE, _layers(plan)))
    return made


@cache
def _package() -> bytes:
    return plan_geopackage(sample_plan(), PROFILE, _layers(sample_plan()))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "plan_OS.gpkg"
    path.write_bytes(_package())
    return path


def _of(data: dict[str, Any], layer: str) -> list[dict[str, Any]]:
    return [f for f in data["features"] if f["properties"]["layer"] == layer]


# --- GeoJSON ------------------------------------------------------------------------------------


def test_geojson_is_marked_and_says_what_it_was_made_from():
    data = _json(sample_plan())
    assert data["type"] == "FeatureCollection"
    assert data["marking"] == data["about"]["marking"] == "OFFICIAL-SENSITIVE"
    assert data["about"]["version of corridors"] == "0.1.0"
    assert data["about"]["source 1: incidents"] == f"demo.csv SHA-256 {'ab' * 32}"
    assert "crs" not in data


def test_geojson_has_every_layer_and_of_the_segments_those_of_corridors():
    data = _json(sample_plan())
    counts = {name: len(_of(data, name)) for name in LAYERS}
    on_corridor = len(sample_plan().corridors[0].segment_ids)
    assert counts == {**LAYERS, "segments": on_corridor}


def test_geojson_positions_are_wgs84_with_six_decimals():
    text = plan_geojson(sample_plan(), PROFILE, _layers(sample_plan())).decode("ascii")
    assert not re.search(r"\d\.\d{7}", text)
    for feature in json.loads(text)["features"]:
        west, south, east, north = shape(feature["geometry"]).bounds
        assert 0.21 < west <= east < 0.24
        assert 51.7 < south <= north < 51.8


def test_geojson_outlines_follow_the_right_hand_rule():
    island = shapely.box(553_100, 205_100, 553_200, 205_200)
    ward = sample_plan().inputs.ward
    clockwise = shapely.difference(ward.boundary, island).reverse()
    far = shapely.box(555_000, 205_000, 555_100, 205_100, ccw=False)
    plan = with_inputs(sample_plan(), ward=replace(ward, boundary=MultiPolygon([clockwise, far])))
    [feature] = _of(_json(plan), "ward")
    rings = [ring for polygon in feature["geometry"]["coordinates"] for ring in polygon]
    assert [shapely.LinearRing(ring).is_ccw for ring in rings] == [True, False, True]


def test_bands_are_those_of_the_map_in_words_and_numbers():
    plan = sample_plan()
    bands = risk_bands(plan, reach_m=REACH_M)
    assert len(set(bands)) > 2
    for feature in _of(_json(plan), "segments"):
        said = feature["properties"]
        assert said["risk_band"] == bands[said["segment_id"]]
        assert said["risk"] == (
            "Lower half of streets", "Upper half of streets", "Highest fifth", "Highest twentieth",
        )[said["risk_band"]]  # fmt: skip
        assert said["corridors"] == "C1"
    assert {f["properties"]["pupils"] for f in _of(_json(plan), "segments")} <= {
        "Fewer than 5 pupils", "5 to 19 pupils", "20 to 49 pupils", "50 to 149 pupils",
        "150 pupils or more",
    }  # fmt: skip


def test_the_route_is_one_line_in_walking_order_with_its_times():
    [feature] = _of(_json(sample_plan()), "routes")
    said = feature["properties"]
    route = sample_plan().patrols[0].route
    nodes = sample_plan().network.nodes.loc[[route.node_ids[0], route.node_ids[-1]]]
    lon, lat = to_geographic(nodes["x_m"], nodes["y_m"])
    ends = np.array(feature["geometry"]["coordinates"])[[0, -1]]
    assert np.abs(ends - np.column_stack([lon, lat])).max() < 1e-6
    assert (said["team"], said["days"]) == (1, "Monday and Wednesday")
    assert (said["starts"], said["ends"]) == ("15:00", "15:21")
    assert said["route"] == "mon-wed_team_1"
    [stand] = _of(_json(sample_plan()), "stand_points")
    assert stand["properties"]["place"] == "Cedar Road shops bus stop"
    assert stand["properties"]["times"] == "15:05 to 15:15"


def test_each_stand_point_has_its_own_times():
    plan = sample_plan()
    route = plan.patrols[0].route
    [(position, stand)] = route.stands
    late = replace(stand, name="Late stop", dwell_s=60)
    early = replace(stand, name="Early stop", dwell_s=60)
    both = replace(route, stands=((5, late), (position, stand), (1, early)))
    patrols = tuple(replace(p, route=both) for p in plan.patrols)
    found = _layers(replace(plan, patrols=patrols))["stand_points"]
    told = dict(zip(found["place"], found["times"], strict=True))
    assert list(told) == ["Early stop bus stop", "Cedar Road shops bus stop", "Late stop bus stop"]
    assert list(told.values()) == sorted(told.values())


def test_no_name_of_a_person_no_report_and_no_count_of_one():
    one, other = (plan_geojson(p, PROFILE, _layers(p)).decode() for p in _same_bands())
    for text in (one, other):
        for word in ("Ada", "Ben", "Cara", "Dev", "violence", "robbery", "Deputy"):
            assert word not in text
    assert one == other


def _same_bands() -> tuple[Plan, Plan]:
    """Two plans whose incidents differ, but no band does."""
    plan = sample_plan()
    evidence = replace(plan.corridors[0].evidence, incidents_in_window=15.4, incidents_all_day=70)
    corridor = replace(plan.corridors[0], evidence=evidence)
    incidents = plan.inputs.incidents.copy()
    incidents["offence"] = incidents["group"] = "robbery"
    return plan, replace(
        with_inputs(plan, incidents=incidents), corridors=(corridor,), risk=plan.risk * 1.01
    )


# --- GeoPackage ---------------------------------------------------------------------------------


def test_the_package_has_the_layers_in_metres(package):
    listed = dict(pyogrio.list_layers(package).tolist())
    assert set(listed) == {*LAYERS, "about"}
    assert listed["about"] is None
    for name, rows in LAYERS.items():
        found = pyogrio.read_dataframe(package, layer=name)
        assert len(found) == rows, name
        assert str(found.crs) == "EPSG:27700", name
        assert found.geometry.is_valid.all(), name


def test_the_package_says_the_same_as_the_json(package):
    found = pyogrio.read_dataframe(package, layer="segments")
    by_id = found.set_index("segment_id")
    for feature in _of(_json(sample_plan()), "segments"):
        said = feature["properties"]
        row = by_id.loc[said["segment_id"]]
        assert {k: row[k] for k in ("risk_band", "risk", "pupil_band", "pupils", "name")} == {
            k: said[k] for k in ("risk_band", "risk", "pupil_band", "pupils", "name")
        }
    assert found["in_ward"].dtype == bool


def test_the_package_is_marked(package):
    about = pyogrio.read_dataframe(package, layer="about")
    told = dict(zip(about["key"], about["value"], strict=True))
    assert told["marking"] == "OFFICIAL-SENSITIVE"
    assert told["source 2: streets"].endswith("cd" * 32)
    assert told["version of shapely"] == shapely.__version__
    contents = pyogrio.read_dataframe(
        package, sql="SELECT description, last_change FROM gpkg_contents", sql_dialect="SQLITE"
    )
    assert set(contents["description"]) == {"OFFICIAL-SENSITIVE"}
    assert {str(day)[:10] for day in contents["last_change"]} == {"2026-02-06"}


def test_gdal_has_its_own_options_back_and_no_file_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    name = "OGR_CURRENT_DATE"
    before = pyogrio.get_gdal_config_option(name)
    try:
        for value in ("2001-02-03T04:05:06.000Z", None):
            pyogrio.set_gdal_config_options({name: value})
            made = plan_geopackage(sample_plan(), PROFILE, _layers(sample_plan()))
            assert pyogrio.get_gdal_config_option(name) == value
            assert made == _package()
    finally:
        pyogrio.set_gdal_config_options({name: before})
    assert list(tmp_path.iterdir()) == []


def test_options_come_back_when_writing_fails():
    broken = _layers(sample_plan()) | {"routes": "not a table"}
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    with pytest.raises(ValueError, match="must be a DataFrame"):
        plan_geopackage(sample_plan(), PROFILE, broken)
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == before


def test_a_week_without_corridors_has_every_layer_all_the_same(tmp_path):
    plan = replace(
        sample_plan(), corridors=(), patrols=(), coverage=(), gates=sample_plan().gates.iloc[:0]
    )
    path = tmp_path / "empty.gpkg"
    path.write_bytes(plan_geopackage(plan, PROFILE, _layers(plan)))
    assert set(pyogrio.list_layers(path)[:, 0]) == {*LAYERS, "about"}
    assert len(pyogrio.read_dataframe(path, layer="routes")) == 0
    assert len(_of(_json(plan), "ward")) == 1
