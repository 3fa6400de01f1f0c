"""Programme files, and the lines that they name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from corridors.crs import to_geographic
from corridors.errors import InputError, MissingFileError
from corridors.sources.programmes import programme_keys, read_programme

HEAD = """
title = "A trial"
aim = "trust"
before_from = 2025-01-01
starts_on = 2025-04-01
ends_on = 2025-06-30
hours = "any"
[[areas]]
key = "one"
"""
NAMED = f'{HEAD}ward = "E05000001"\nstreets = ["High Street"]\n'
LINE = [(530_000.0, 180_000.0), (530_300.0, 180_400.0)]  # 500 m
OTHER = [(531_000.0, 180_000.0), (531_000.0, 180_100.0)]
METRIC = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}


def write(root: Path, text: str = NAMED, key: str = "trial") -> Path:
    folder = root / "data/programmes"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{key}.toml").write_text(text, encoding="utf-8")
    return root


def write_lines(root: Path, *, metric: bool, columns: str = "corridor_id") -> Path:
    """Two lines, C1 of 500 m and C2 of 100 m."""
    features = []
    for name, line in (("C1", LINE), ("C2", OTHER)):
        xy = line if metric else _degrees(line)
        features.append(
            {
                "type": "Feature",
                "properties": {columns: name},
                "geometry": {"type": "LineString", "coordinates": xy},
            }
        )
    data = {"type": "FeatureCollection", "features": features}
    if metric:
        data["crs"] = METRIC
    (root / "a.geojson").write_text(json.dumps(data))
    return root


def _degrees(line):
    x, y = np.array(line).T
    return np.column_stack(to_geographic(x, y)).tolist()


def test_a_programme_is_read_with_its_hash(tmp_path):
    found = read_programme(write(tmp_path), "trial")
    assert found.file == "data/programmes/trial.toml"
    assert found.programme.areas[0].streets == ("High Street",)
    assert len(found.sha256) == 64
    changed = read_programme(write(tmp_path, f"{NAMED}# a word\n"), "trial")
    assert changed.programme == found.programme
    assert changed.sha256 != found.sha256


@pytest.mark.parametrize(
    "key", ["../x", "x" * 300, "a\0b", "", "Trial", "trial\n", "-x", "trial.toml", "/etc/passwd"]
)
def test_hostile_keys_are_refused_before_any_file_is_looked_for(tmp_path, key):
    write(tmp_path)
    with pytest.raises(InputError, match="is not the key of a programme"):
        read_programme(tmp_path, key)


def test_an_unknown_programme_names_those_that_there_are(tmp_path):
    write(write(tmp_path), key="another")
    (tmp_path / "data/programmes/Not a key.toml").write_text("")
    assert programme_keys(tmp_path) == ("another", "trial")
    with pytest.raises(MissingFileError, match="Programmes here: another, trial"):
        read_programme(tmp_path, "trail")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (NAMED.replace("aim", "aims"), "aims"),
        (NAMED.replace('hours = "any"', 'hours = "noon"'), "hours"),
        (NAMED.replace("2025-04-01", '"2025-04-01"'), "starts_on"),
        (f'{NAMED}lines = "a.geojson"\n', "area one must name either"),
        (f'{NAMED}corridor = "C1"\n', "names a corridor"),
        ("title = ", ""),
        ("\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), ""),
    ],
)
def test_what_is_wrong_names_file_and_key(tmp_path, text, key):
    with pytest.raises(InputError) as told:
        read_programme(write(tmp_path, text), "trial")
    assert "data/programmes/trial.toml" in str(told.value)
    assert key in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("metric", [True, False], ids=["27700", "4326"])
def test_lines_are_read_in_metres_from_both_systems(tmp_path, metric):
    write_lines(write(tmp_path, f'{HEAD}lines = "a.geojson"\n'), metric=metric)
    found = read_programme(tmp_path, "trial")
    shape = found.lines[found.programme.areas[0].lines_key]
    assert shape.length == pytest.approx(600, abs=0.05)
    wanted = shapely.MultiLineString([LINE, OTHER])
    assert shapely.hausdorff_distance(shape, wanted) < 0.05


def test_of_a_corridor_only_its_own_lines_count(tmp_path):
    write_lines(write(tmp_path, f'{HEAD}lines = "a.geojson"\ncorridor = "C1"\n'), metric=True)
    found = read_programme(tmp_path, "trial")
    assert found.lines["a.geojson#C1"].length == pytest.approx(500)
    assert found.programme.areas[0].lines_key == "a.geojson#C1"


def test_the_hash_is_of_the_lines_too(tmp_path):
    write(tmp_path, f'{HEAD}lines = "a.geojson"\n')
    before = read_programme(write_lines(tmp_path, metric=True), "trial").sha256
    path = tmp_path / "a.geojson"
    path.write_text(path.read_text().replace("180100.0", "180101.0"))
    assert read_programme(tmp_path, "trial").sha256 != before


@pytest.mark.parametrize(
    ("extra", "columns", "message"),
    [
        ('corridor = "C9"', "corridor_id", "holds no lines"),
        ('corridor = "C1"', "name", "has no such column"),
    ],
)
def test_a_corridor_that_is_not_there_is_told(tmp_path, extra, columns, message):
    write(tmp_path, f'{HEAD}lines = "a.geojson"\n{extra}\n')
    with pytest.raises(InputError, match=message) as told:
        read_programme(write_lines(tmp_path, metric=True, columns=columns), "trial")
    assert "a.geojson" in str(told.value)


def test_lines_without_a_coordinate_system_are_refused(tmp_path):
    import geopandas as gpd

    write(tmp_path, f'{HEAD}lines = "a.shp"\n')
    gpd.GeoDataFrame(geometry=[shapely.LineString(LINE)], crs=27700).to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(InputError, match="coordinate system") as told:
        read_programme(tmp_path, "trial")
    assert "a.shp" in str(told.value)


@pytest.mark.parametrize("name", ["none.geojson", "a\\u0000b.geojson", "x.txt", "x" * 300])
def test_lines_that_cannot_be_read_are_told(tmp_path, name):
    write(tmp_path, f'{HEAD}lines = "{name}"\n')
    with pytest.raises(InputError):
        read_programme(tmp_path, "trial")


def test_points_are_no_lines(tmp_path):
    write(tmp_path, f'{HEAD}lines = "a.geojson"\n')
    point = {"type": "Point", "coordinates": LINE[0]}
    feature = {"type": "Feature", "properties": {}, "geometry": point}
    data = {"type": "FeatureCollection", "crs": METRIC, "features": [feature]}
    (tmp_path / "a.geojson").write_text(json.dumps(data))
    with pytest.raises(InputError):
        read_programme(tmp_path, "trial")
