"""Children by small area."""

import geopandas as gpd
import pytest
from shapely.geometry import box

from corridors.errors import ColumnError, CrsError, InputError
from corridors.sources.homes import read_homes


def write(path, children, crs="EPSG:27700", shapes=None):
    shapes = shapes or [box(530000 + 100 * i, 180000, 530100 + 100 * i, 180100) for i in (0, 1)]
    frame = gpd.GeoDataFrame(
        {"LSOA21CD": ["E01000001", "E01000002"], "children": children, "note": ["CANARY"] * 2},
        geometry=shapes, crs=crs,
    )  # fmt: skip
    frame.to_file(path, driver="GPKG")
    return path


def test_areas_keep_only_their_count_and_no_row_order(tmp_path):
    areas, record = read_homes(write(tmp_path / "a.gpkg", [12, 30]), file="a.gpkg")
    assert sorted(areas.columns) == ["children", "geometry"]
    assert areas["children"].tolist() == [12.0, 30.0]
    assert (record.kind, record.rows_used) == ("homes", 2)
    shapes = [box(530100, 180000, 530200, 180100), box(530000, 180000, 530100, 180100)]
    swapped, _ = read_homes(write(tmp_path / "b.gpkg", [30, 12], shapes=shapes), file="b.gpkg")
    assert swapped.to_wkb().equals(areas.to_wkb())


@pytest.mark.parametrize(("children", "value"), [(["12", "many"], "many"), ([3.0, -1.0], "-1.0")])
def test_a_wrong_count_names_its_row(tmp_path, children, value):
    with pytest.raises(ColumnError, match=f"row 3, column children, value '{value}'"):
        read_homes(write(tmp_path / "a.gpkg", children), file="a.gpkg")


def test_no_coordinate_system_missing_file_and_missing_column(tmp_path):
    with pytest.warns(UserWarning, match="crs"):
        write(tmp_path / "a.gpkg", [1, 2], crs=None)
    with pytest.raises(CrsError, match="no coordinate system"):
        read_homes(tmp_path / "a.gpkg", file="a.gpkg")
    with pytest.raises(InputError, match=r"b\.gpkg"):
        read_homes(tmp_path / "b.gpkg", file="b.gpkg")
    gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)], crs="EPSG:27700").to_file(tmp_path / "c.gpkg")
    with pytest.raises(ColumnError, match="column children"):
        read_homes(tmp_path / "c.gpkg", file="c.gpkg")
