"""Plain street lines: where they meet, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, MultiLineString, Point

from corridors.errors import ColumnError, CrsError, InputError
from corridors.model import StreetExtract
from corridors.sources.streets import read_streets
from corridors.tables import Ways

BASE = np.array([530_000.0, 180_000.0])


def line(*at: tuple[float, float]) -> LineString:
    return LineString(np.array(at, dtype=float) + BASE)


def write(
    path: Path, shapes: Sequence[Any], crs: str | None = "EPSG:27700", **columns: Any
) -> Path:
    frame = gpd.GeoDataFrame(
        {"fclass": ["residential"] * len(shapes), **columns}, geometry=shapes, crs=crs
    )
    frame.to_file(path)
    return path


def read(path: Path, **kwargs: Any) -> StreetExtract:
    return read_streets(path, bounds_m=kwargs.get("bounds_m"), file=path.name)[0]


def vertices(extract: StreetExtract, row: int) -> list[int]:
    way = extract.ways.iloc[row]
    start = int(way[Ways.first_ref])
    return extract.way_refs[start : start + int(way[Ways.ref_count])].tolist()


def meet(extract: StreetExtract, a: int, b: int) -> bool:
    return bool(set(vertices(extract, a)) & set(vertices(extract, b)))


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".gpkg", ".shp"])
def test_every_format_in_every_system_gives_the_same_metres(tmp_path: Path, suffix: str) -> None:
    shapes = [line((0, 0), (100, 0)), line((100, 0), (100, 50))]
    crs = "EPSG:4326" if "json" in suffix else "EPSG:27700"
    frame = gpd.GeoDataFrame(
        {"fclass": ["footway", "steps"], "name": ["A", None]}, geometry=shapes, crs="EPSG:27700"
    )
    path = tmp_path / f"lines{suffix}"
    frame.to_crs(crs).to_file(path, driver="GeoJSON" if suffix == ".json" else None)
    extract = read(path)
    assert extract.ways[Ways.highway].tolist() == ["footway", "steps"]
    assert extract.ways[Ways.name].tolist() == ["A", ""]
    # The package's shift and PROJ's own choice differ by a few metres, never by more.
    at = extract.vertex_xy_m[vertices(extract, 0)]
    np.testing.assert_allclose(at, BASE + np.array([[0, 0], [100, 0]]), atol=5.0)
    np.testing.assert_allclose(np.diff(at, axis=0), [[100, 0]], atol=0.05)
    assert meet(extract, 0, 1)


def test_metric_lines_are_kept_to_the_centimetre(tmp_path: Path) -> None:
    extract = read(write(tmp_path / "l.gpkg", [line((0.123, 0), (10.456, 0.789))]))
    np.testing.assert_allclose(
        extract.vertex_xy_m[vertices(extract, 0)],
        BASE + np.array([[0.12, 0], [10.46, 0.79]]),
        atol=1e-6,
    )


def test_lines_meet_at_shared_vertices_along_them(tmp_path: Path) -> None:
    extract = read(
        write(tmp_path / "l.gpkg", [line((0, 0), (50, 0), (100, 0)), line((50, 0), (50, 9))])
    )
    assert meet(extract, 0, 1)


OVER = line((50, -50), (50, 0), (50, 50))
UNDER = line((0, 0), (50, 0), (100, 0))


@pytest.mark.parametrize(
    "columns",
    [
        {"bridge": ["T", "F"], "layer": [1, 0]},
        {"bridge": ["yes", "no"]},
        {"bridge": [True, False]},
        {"tunnel": [1, 0]},
        {"tunnel": ["F", "F"], "layer": [-1, 0]},
        {"bridge": ["viaduct", None]},
    ],
)
def test_bridge_does_not_join_what_it_crosses(tmp_path: Path, columns: dict[str, Any]) -> None:
    extract = read(write(tmp_path / "l.gpkg", [OVER, UNDER], **columns))
    assert not meet(extract, 0, 1)
    same = read(write(tmp_path / "same.gpkg", [OVER, UNDER]))
    assert meet(same, 0, 1)


def test_ends_of_a_bridge_join_the_street_also_under_another_bridge(tmp_path: Path) -> None:
    shapes = [line((0, 0), (50, 0)), line((50, 0), (100, 0)), line((50, -50), (50, 0), (50, 50))]
    extract = read(write(tmp_path / "a.gpkg", shapes, bridge=["T", "F", "F"], layer=[1, 0, 0]))
    assert meet(extract, 0, 1)
    assert meet(extract, 0, 2)
    extract = read(write(tmp_path / "b.gpkg", [*shapes[:2], UNDER, OVER], layer=[0, 0, 0, 2]))
    assert meet(extract, 0, 2)
    assert not meet(extract, 3, 2)


def test_steps_join_the_bridge_that_they_lead_up_to(tmp_path: Path) -> None:
    shapes = [OVER, line((0, 0), (50, 0))]
    extract = read(write(tmp_path / "l.gpkg", shapes, bridge=["T", "F"], layer=[1, 0]))
    assert meet(extract, 0, 1)


def test_several_lines_in_one_feature_and_features_that_are_no_lines(tmp_path: Path) -> None:
    both = MultiLineString([line((0, 0), (10, 0)), line((20, 0), (30, 0))])
    path = tmp_path / "l.geojson"
    shapes = [both, Point(BASE), None, line((5, 5), (5, 5.001)), line((0, 0), (0, 9))]
    gpd.GeoDataFrame({"highway": ["path"] * 5}, geometry=shapes, crs="EPSG:27700").to_file(path)
    extract, record = read_streets(path, bounds_m=None, file="l.geojson")
    assert extract.ways[Ways.ref_count].tolist() == [2, 2, 2]
    assert (record.rows_read, record.rows_used) == (5, 2)
    assert dict(record.dropped) == {
        "features that are not lines": 1,
        "features without a geometry": 1,
        "fewer than two distinct vertices": 1,
    }
    assert extract.places.empty


def test_bounds(tmp_path: Path) -> None:
    path = write(tmp_path / "l.gpkg", [line((0, 0), (900, 0)), line((5000, 0), (5100, 0))])
    west, south = BASE - 1
    extract, record = read_streets(
        path, bounds_m=(west, south, west + 10, south + 10), file="l.gpkg"
    )
    assert extract.ways[Ways.ref_count].tolist() == [2]
    assert len(extract.vertex_xy_m) == 2
    assert dict(record.dropped) == {"outside the area asked for": 1}
    with pytest.raises(InputError, match="no street in the area asked for"):
        read_streets(path, bounds_m=(0.0, 0.0, 9.0, 9.0), file="l.gpkg")


def test_columns_in_capitals_and_hostile_names(tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>\"'\u202e=cmd()"
    frame = gpd.GeoDataFrame(
        {"FCLASS": ["service"], "NAME": [name]}, geometry=[UNDER], crs="EPSG:27700"
    )
    path = tmp_path / "l.gpkg"
    frame.to_file(path)
    assert read(path).ways.loc[0, [Ways.highway, Ways.name]].tolist() == ["service", name]


def test_missing_system_is_never_guessed(tmp_path: Path) -> None:
    path = write(tmp_path / "l.shp", [UNDER])
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match=r"does not say its coordinate system.*\.prj"):
        read(path)


@pytest.mark.parametrize(
    ("crs", "shape"), [("EPSG:4326", UNDER), ("EPSG:27700", LineString([(-0.1, 51), (-0.2, 51)]))]
)
def test_coordinates_that_contradict_the_system(tmp_path: Path, crs: str, shape: Any) -> None:
    with pytest.raises(CrsError, match="look like"):
        read(write(tmp_path / "l.gpkg", [shape], crs=crs))


def test_no_class_column(tmp_path: Path) -> None:
    path = tmp_path / "l.gpkg"
    gpd.GeoDataFrame({"road": ["x"]}, geometry=[UNDER], crs="EPSG:27700").to_file(path)
    with pytest.raises(ColumnError, match=r"highway or fclass.*road"):
        read(path)


def test_several_layers_of_lines(tmp_path: Path) -> None:
    path = tmp_path / "l.gpkg"
    frame = gpd.GeoDataFrame({"fclass": ["path"]}, geometry=[UNDER], crs="EPSG:27700")
    frame.to_file(path, layer="first")
    frame.to_file(path, layer="second")
    with pytest.raises(InputError, match="first, second"):
        read(path)


@pytest.mark.parametrize(
    "text",
    ["{}", "<html>", '{"type":"FeatureCollection","features":[{"type":"Feature"', "\x00\x01"],
)
def test_unreadable_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "l.geojson"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(tmp_path) not in str(caught.value)


def test_file_without_features(tmp_path: Path) -> None:
    path = tmp_path / "l.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    with pytest.raises(InputError, match="holds no streets"):
        read(path)


def test_camden_lines_have_the_vertices_of_the_extract(realdata: Path) -> None:
    lines = read(realdata / "camden/camden_osm_streets.geojson")
    extract = read(realdata / "camden/camden.osm.pbf")
    assert len(lines.ways) == len(extract.ways)
    assert abs(len(lines.vertex_xy_m) - len(extract.vertex_xy_m)) < 0.003 * len(extract.vertex_xy_m)
