from __future__ import annotations

import json

import geopandas as gpd
import pytest
from support_workspace import SIDE_M, SOUTH_M, WEST_M, wards_json, write

from corridors.crs import METRIC
from corridors.errors import ColumnError, CrsError, InputError, WardError
from corridors.sources.boundaries import bounds_of, find_ward, read_wards


def read(tmp_path, text, name="w.geojson"):
    return read_wards(write(tmp_path / name, text), file=name)


@pytest.fixture
def wards(tmp_path):
    return read(tmp_path, wards_json())[0]


@pytest.mark.parametrize("year", ["13", "23", "24"])
def test_any_vintage(tmp_path, year):
    wards, record = read(tmp_path, wards_json(year))
    assert list(wards.index) == ["E05990001", "E05990002"]
    assert wards.crs == METRIC
    assert wards.area.tolist() == pytest.approx([SIDE_M**2] * 2, rel=1e-3)
    assert record.notes == (f"boundaries of 20{year} (WD{year}CD)",)


@pytest.mark.parametrize("name", ["w.gpkg", "w.shp"])
@pytest.mark.parametrize("crs", ["EPSG:27700", "EPSG:4326", "EPSG:3857"])
def test_other_formats_and_systems_say_the_same(tmp_path, wards, name, crs):
    path = tmp_path / name
    columns = wards.reset_index().rename(columns={"code": "WD24CD", "name": "WD24NM"})
    columns.to_crs(crs).to_file(path)
    again, _ = read_wards(path, file=name)
    assert list(again["name"]) == list(wards["name"])
    # Other software moves between the systems by another shift: within 5 m.
    distance = again.boundary.hausdorff_distance(wards.boundary)
    assert (distance < (0.01 if crs == METRIC else 5)).all()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("E05990002", "E05990002"),
        ("east end", "E05990002"),
        (" West End ", "E05990001"),
    ],
)
def test_by_code_or_name(wards, wanted, code):
    ward = find_ward(wards, wanted, file="w")
    assert ward.code == code
    assert ward.boundary.is_valid


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("E05990003", "E05990001"),
        ("Eest End", r"E05990002 \(East End\)"),
        ("../../etc/passwd", "It holds E05990001"),
        ("", "It holds"),
        ("E05990001\n/x", "E05990001"),
    ],
)
def test_an_unknown_ward_lists_near_ones(wards, wanted, words):
    with pytest.raises(WardError, match=words):
        find_ward(wards, wanted, file="w")


def test_two_wards_of_one_name_need_the_code(tmp_path):
    wards, _ = read(tmp_path, wards_json().replace("West End", "East End"))
    with pytest.raises(WardError, match="E05990001, E05990002"):
        find_ward(wards, "East End", file="w")


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("WD24CD", "code", ColumnError, "no pair of columns"),
        ("E05990002", "E0599", ColumnError, "is not a ward code"),
        ("E05990002", "E05990001", ColumnError, "twice"),
        ("E05990002", "E05990002x", ColumnError, "is not a ward code"),
        ("Polygon", "LineString", InputError, "cannot be read|has no area"),
        ('{"type": "FeatureCollection"', "[1, 2", InputError, "not what its ending"),
        ('"features"', '"fixtures"', InputError, "cannot be read|holds no"),
    ],
)
def test_wrong_boundaries(tmp_path, old, new, error, words):
    with pytest.raises(error, match=words):
        read(tmp_path, wards_json().replace(old, new))


def test_metres_that_claim_to_be_degrees(tmp_path):
    data = json.loads(wards_json())
    for feature in data["features"]:
        feature["geometry"]["coordinates"] = [
            [[WEST_M, SOUTH_M], [WEST_M + 9, SOUTH_M], [WEST_M, SOUTH_M + 9], [WEST_M, SOUTH_M]]
        ]
    with pytest.raises((CrsError, InputError), match=r"outside Great Britain|cannot be drawn"):
        read(tmp_path, json.dumps(data))


def test_a_shapefile_without_its_system_is_not_guessed(tmp_path, wards):
    columns = wards.reset_index().rename(columns={"code": "WD24CD", "name": "WD24NM"})
    columns.to_file(tmp_path / "w.shp")
    (tmp_path / "w.prj").unlink()
    with pytest.raises(CrsError, match="no coordinate system"):
        read_wards(tmp_path / "w.shp", file="w.shp")


def test_a_bow_tie_becomes_valid(tmp_path):
    data = json.loads(wards_json())
    ring = data["features"][0]["geometry"]["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]
    wards, _ = read(tmp_path, json.dumps(data))
    assert wards.is_valid.all()
    assert 0 < wards.area.iloc[0] < SIDE_M**2


def test_a_file_is_only_what_its_ending_says(tmp_path):
    vrt = b'<OGRVRTDataSource><OGRVRTLayer name="x"></OGRVRTLayer></OGRVRTDataSource>'
    with pytest.raises(InputError, match="not what its ending"):
        read(tmp_path, vrt)
    with pytest.raises(InputError, match=r"cannot be read from \.csv"):
        read(tmp_path, vrt, "w.csv")


def test_bounds_are_wider_by_the_margin(wards):
    west, south, east, north = bounds_of(wards.loc["E05990001", "geometry"], 1_200)
    assert (west, south) == pytest.approx((WEST_M - 1_200, SOUTH_M - 1_200), abs=0.01)
    assert (east - west, north - south) == pytest.approx((SIDE_M + 2_400,) * 2, abs=0.1)


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("path", "count", "km2"),
    [
        ("camden/wards_E09000007.geojson", 18, 21.8),
        ("newport/wards_W06000022.geojson", 20, 190.5),
    ],
)
def test_real_wards(realdata, path, count, km2):
    wards, _ = read_wards(realdata / path, file=path)
    assert isinstance(wards, gpd.GeoDataFrame)
    assert len(wards) == count
    assert wards.area.sum() / 1e6 == pytest.approx(km2, rel=0.2)
    # Wards of one borough do not overlap.
    assert wards.union_all().area == pytest.approx(wards.area.sum(), rel=1e-3)
