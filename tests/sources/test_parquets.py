"""Parquet and GeoParquet, GeoPackage layers, and shapefiles that lack a part."""

from __future__ import annotations

import csv
import io
import sys
from datetime import UTC, datetime
from decimal import Decimal

import geopandas as gpd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from shapely import LineString, box
from support_workspace import TEXTS, named, write

from corridors.errors import ColumnError, CrsError, InputError
from corridors.sources import IncidentSource, cells, parquets, read_incidents
from corridors.sources.boundaries import read_wards
from corridors.sources.csvs import read_cells, read_header
from corridors.sources.homes import read_homes
from corridors.sources.schools import read_schools
from corridors.sources.streets import read_streets
from corridors.tables import Ways

ALIASES = {"a": ("Alpha no.",), "b": ("Beta",)}


def table_file(path, **columns):
    parquet.write_table(pa.table({name.replace("_", " "): c for name, c in columns.items()}), path)
    return path


def read(path, **options):
    return read_cells(path, file="t.parquet", **{"aliases": ALIASES, "required": ("a",)} | options)


def test_typed_cells_become_text_and_other_columns_stay(tmp_path):
    path = table_file(
        tmp_path / "t.parquet",
        **{
            "Alpha no.": [datetime(2026, 2, 2, 15, 40), None],  # noqa: DTZ001
            "Canary": ["SECRETCANARY", "SECRETCANARY"],
            "Beta": pa.array([Decimal("530410.0"), Decimal("1.5")]),
        },
    )
    table = read(path)
    assert table.cells["a"].to_dict() == {2: "02/02/2026 15:40", 3: ""}
    assert table.cells["b"].tolist() == ["530410", "1.5"]
    assert "CANARY" not in repr(vars(table)) + table.cells.to_csv()
    assert read_header(path, file="t") == ("Alpha no.", "Canary", "Beta")


def test_instants_keep_their_zone(tmp_path):
    when = pa.array([datetime(2026, 7, 1, 14, 40, tzinfo=UTC)], pa.timestamp("us", "Europe/London"))
    path = table_file(tmp_path / "t.parquet", **{"Alpha no.": when})
    assert read(path).cells["a"].tolist() == ["2026-07-01T14:40:00+00:00"]


def test_readers_give_the_same_from_csv_and_parquet(tmp_path):
    for key, reader in (
        ("schools.csv", lambda p: read_schools(p, file="f")),
        ("incidents/a.csv", lambda p: read_incidents(IncidentSource((named(p),)))),
    ):
        header, *rows = csv.reader(io.StringIO(TEXTS[key]))
        columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
        parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
        a, _ = reader(write(tmp_path / "t.csv", TEXTS[key]))
        assert a.equals(reader(tmp_path / "t.parquet")[0])


def test_a_list_in_a_cell_is_refused(tmp_path):
    with pytest.raises(ColumnError, match="neither text"):
        read(table_file(tmp_path / "t.parquet", **{"Alpha no.": [[1], [2]]}))


def test_too_many_rows_and_bytes_are_refused(tmp_path, monkeypatch):
    path = table_file(tmp_path / "t.parquet", **{"Alpha no.": ["x"] * 9})
    monkeypatch.setattr(parquets, "MAX_UNPACKED_BYTES", 10)
    with pytest.raises(InputError, match="unpacks to more"):
        read(path)
    monkeypatch.setattr(parquets, "MAX_ROWS", 8)
    with pytest.raises(InputError, match="more than"):
        read(path)
    assert cells.MAX_ROWS == 5_000_000


def test_without_pyarrow_the_fix_is_told(tmp_path, monkeypatch):
    path = table_file(tmp_path / "t.parquet", **{"Alpha no.": ["x"]})
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InputError, match=r"Install corridors\[parquet\]"):
        read(path)


def refusal(path):
    """The words of the refusal, or nothing if the file was read."""
    try:
        read(path)
    except InputError as error:
        return str(error)
    return ""


@settings(max_examples=80)
@given(at=st.floats(0, 1), cut=st.integers(0, 20), piece=st.binary(max_size=8))
def test_mutated_files_are_read_or_refused(tmp_path_factory, at, cut, piece):
    path = table_file(
        tmp_path_factory.mktemp("p") / "t.parquet", **{"Alpha no.": ["x", "y"], "Beta": [1, 2]}
    )
    content = path.read_bytes()
    start = int(at * len(content))
    path.write_bytes(content[:start] + piece + content[start + cut :])
    assert refusal(path).isprintable()


# Shapes -------------------------------------------------------------------------------------------


def wards(crs=27700):
    return gpd.GeoDataFrame(
        {"WD24CD": ["E05990001"], "WD24NM": ["West End"], "canary": ["SECRETCANARY"]},
        geometry=[box(530_000, 180_000, 531_000, 181_000)],
        crs=crs,
    )


def roads(name="Mill Lane"):
    return gpd.GeoDataFrame(
        {"fclass": ["residential"], "Name": [name]},
        geometry=[LineString([(530_000, 180_500), (530_400, 180_500)])],
        crs=27700,
    )


def test_geoparquet_of_every_kind(tmp_path):
    wards().to_parquet(tmp_path / "w.parquet")
    read, record = read_wards(tmp_path / "w.parquet", file="w")
    assert read.loc["E05990001", "geometry"].area == 1e6
    assert len(record.sha256) == 64
    wards().assign(children=7).to_parquet(tmp_path / "h.parquet")
    assert read_homes(tmp_path / "h.parquet", file="h")[0]["children"].tolist() == [7]
    roads().to_crs(4326).rename_geometry("Shape").to_parquet(tmp_path / "r.parquet")
    for bounds_m in (None, (530_000.0, 180_000.0, 531_000.0, 181_000.0)):
        extract, _ = read_streets(tmp_path / "r.parquet", bounds_m=bounds_m, file="r")
        assert extract.ways[Ways.name].tolist() == ["Mill Lane"]
    with pytest.raises(InputError, match="no street in the area"):
        read_streets(tmp_path / "r.parquet", bounds_m=(0.0, 0.0, 9.0, 9.0), file="r")


def test_geoparquet_that_lacks_something(tmp_path):
    wards(None).to_parquet(tmp_path / "w.parquet")
    with pytest.raises(CrsError, match="no coordinate system"):
        read_wards(tmp_path / "w.parquet", file="w")
    table_file(tmp_path / "t.parquet", WD24CD=["E05990001"])
    with pytest.raises(InputError, match="only a table"):
        read_wards(tmp_path / "t.parquet", file="t")


def test_a_layer_is_chosen_by_name(tmp_path):
    path = tmp_path / "town.gpkg"
    roads("Old Lane").to_file(path, layer="old", driver="GPKG")
    roads("New Lane").to_file(path, layer="new", driver="GPKG")
    wards().to_file(path, layer="wards", driver="GPKG")
    extract, record = read_streets(tmp_path / "town.gpkg#new", bounds_m=None, file="town.gpkg#new")
    assert extract.ways[Ways.name].tolist() == ["New Lane"]
    assert len(record.sha256) == 64
    assert read_wards(path, file="town.gpkg")[0].index.tolist() == ["E05990001"]
    with pytest.raises(InputError, match=r"2 layers that may be meant.*FILE#LAYER"):
        read_streets(path, bounds_m=None, file="town.gpkg")
    with pytest.raises(InputError, match=r"no such layer.*old, new, wards"):
        read_streets(tmp_path / "town.gpkg#roads", bounds_m=None, file="town.gpkg")


@pytest.mark.parametrize(
    ("gone", "problem"),
    [(".dbf", "lacks its .dbf"), (".shx", "lacks its .shx"), (".prj", "oordina")],
)
def test_a_shapefile_that_lacks_a_part_is_told(tmp_path, gone, problem):
    wards().to_file(tmp_path / "w.shp")
    roads().to_file(tmp_path / "r.shp")
    for name in ("w", "r"):
        (tmp_path / name).with_suffix(gone).unlink()
    with pytest.raises(InputError, match=problem):
        read_wards(tmp_path / "w.shp", file="w.shp")
    with pytest.raises(InputError, match=problem):
        read_streets(tmp_path / "r.shp", bounds_m=None, file="r.shp")
