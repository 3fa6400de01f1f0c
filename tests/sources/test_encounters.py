"""Encounters: the partnership's own counts, and stop-and-search files of data.police.uk."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
from shapely import box
from support_workspace import named, write

from corridors.crs import to_geographic
from corridors.errors import InputError
from corridors.sources.encounters import (
    ethnic_group,
    read_encounters,
    read_stops_and_searches,
    together,
)
from corridors.tables import Encounters

HEADER = "quarter,ward,kind,age_band,ethnicity,send,count,no_further_action,repeat"
ROW = "2026-Q1,E05000001,stop_search,10_17,black,no,12,8,3"
WARDS = gpd.GeoDataFrame(
    {"name": ["West", "East"]},
    geometry=[box(530e3, 180e3, 531e3, 181e3), box(531e3, 180e3, 532e3, 181e3)],
    index=["E05000001", "E05000002"],
    crs="EPSG:27700",
)
POLICE = (
    "Type,Date,Latitude,Longitude,Age range,Self-defined ethnicity,Officer-defined ethnicity,"
    "Object of search,Outcome,MO"
)


def read(tmp_path, *rows, header=HEADER):
    return read_encounters(write(tmp_path / "e.csv", "\n".join([header, *rows, ""])), "e.csv")


def search(
    east=530_500, moment="2026-02-01T15:00:00+00:00", kind="Person search", age="10-17",
    self_said="", officer="", outcome="Arrest",
):  # fmt: skip
    lon, lat = (float(a[0]) for a in to_geographic(np.array([east * 1.0]), np.array([180_500.0])))
    return ",".join(
        [kind, moment, f"{lat:.6f}", f"{lon:.6f}", age, self_said, officer, "Drugs", outcome,
         "SECRETCANARY"]
    )  # fmt: skip


def count(tmp_path, *rows, name="s.csv"):
    path = write(tmp_path / name, "\n".join([POLICE, *rows, ""]))
    return read_stops_and_searches([named(path)], WARDS)


def test_counts_are_read_and_what_is_not_known_is_not_0(tmp_path):
    table, record = read(
        tmp_path, "2026-q1,E05000001,Exclusion,10_17,white,,2,,", ROW,
    )  # fmt: skip
    assert Encounters.validate(table) is table
    assert table["kind"].tolist() == ["exclusion", "stop_search"]
    assert table["send"].tolist() == ["not_recorded", "no"]
    assert math.isnan(table["no_further_action"][0])
    assert (record.rows_read, record.rows_used) == (2, 2)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (ROW.replace("2026-Q1", "2026-Q5"), "quarter"),
        (ROW.replace("2026-Q1", "=2026-Q1"), "quarter"),
        (ROW.replace("E05000001", "../E05"), "ward"),
        (ROW.replace("stop_search", "patrol"), "kind"),
        (ROW.replace("10_17", "17"), "age_band"),
        (ROW.replace("black", "b" * 300), "ethnicity"),
        (ROW.replace(",12,", ",-12,"), "count"),
        (ROW.replace(",12,", f",{'9' * 300},"), "count"),
        (ROW.replace(",12,", ",,"), "count"),
        (ROW.replace(",8,", ",13,"), "no_further_action"),
        (ROW.replace(",3", ",13"), "repeat"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path, row, column):
    with pytest.raises(InputError) as caught:
        read(tmp_path, row)
    assert (caught.value.row, caught.value.column) == (2, column)
    assert len(str(caught.value)) < 400


def test_a_doubled_row_is_refused(tmp_path):
    with pytest.raises(InputError, match="stands in row 2 too"):
        read(tmp_path, ROW, ROW.replace(",12,8,3", ",1,1,1"))


def test_stops_and_searches_are_counted_by_ward_quarter_age_and_group(tmp_path):
    table, (record,) = count(
        tmp_path,
        search(self_said="White - Irish", officer="Black"),
        search(self_said="White - Irish", outcome="A no further action disposal"),
        search(self_said="Other ethnic group - Not stated", officer="Black", age=""),
        search(east=531_500, moment="2026-03-31T23:30:00+00:00", outcome=""),
        search(kind="Vehicle search"),
        search(east=540_000),
        "Person search,2026-02-01T15:00:00+00:00,,,10-17,,,Drugs,Arrest,SECRETCANARY",
    )
    assert Encounters.validate(table) is table
    columns = ["quarter", "ward", "age_band", "ethnicity", "count", "no_further_action"]
    assert table[columns].to_numpy().tolist() == [
        ["2026-Q1", "E05000001", "10_17", "white", 2, 1],
        ["2026-Q1", "E05000001", "not_recorded", "black", 1, 0],
        ["2026-Q2", "E05000002", "10_17", "not_recorded", 1, 0],  # half past midnight in London
    ]
    assert dict(record.dropped) == {
        "no person was searched": 1, "no position": 1, "outside the wards": 1,
    }  # fmt: skip
    notes = " ".join(record.notes)
    assert "2 as people said, 1 as officers saw it, 1 not recorded" in notes
    assert "1 without an outcome" in notes
    assert "SECRETCANARY" not in table.to_csv() + repr(record)


@pytest.mark.parametrize(
    ("said", "group"),
    [
        ("Asian/Asian British - Any other Asian background", "asian"),
        ("Asian/Asian British - Chinese", "asian"),
        ("Chinese or other ethnic group - Chinese", "asian"),
        ("O1", "asian"),
        ("A1 - Indian", "asian"),
        ("Black or Black British - African (B2)", "black"),
        ("B9", "black"),
        ("Mixed/Multiple ethnic groups - White and Asian", "mixed"),
        ("White - Any other White background", "white"),
        ("Other ethnic group - Any other ethnic group", "other"),
        ("Chinese or other ethnic group - Any other ethnic group", "other"),
        ("Other ethnic group - Not stated", "not_recorded"),
        ("Not Stated (NS)", "not_recorded"),
        ("N1", "not_recorded"),
        ("", "not_recorded"),
        ("=HYPERLINK(1)", "not_recorded"),
        ("B" * 300, "not_recorded"),
    ],
)
def test_ethnic_groups(said, group):
    assert ethnic_group(said) == group


def test_a_file_counts_once_and_dates_have_to_be_the_sites(tmp_path):
    path = write(tmp_path / "a.csv", f"{POLICE}\n{search()}\n")
    copy = write(tmp_path / "b.csv", path.read_text())
    with pytest.raises(InputError, match="holds the same as"):
        read_stops_and_searches([named(path), named(copy)], WARDS)
    with pytest.raises(InputError, match="dates are not as"):
        count(tmp_path, search(moment="01/02/2026 15:00"))


def test_both_kinds_of_file_count_once(tmp_path):
    police, _ = count(tmp_path, search(officer="Black"))
    own, _ = read(tmp_path, ROW.replace("Q1", "Q2"), ROW.replace("stop_search", "arrest"))
    both = together(own, police, "e.csv")
    assert Encounters.validate(both) is both
    assert both["count"].tolist() == [12, 1, 12]
    with pytest.raises(InputError, match="count twice"):
        together(read(tmp_path, ROW)[0], police, "e.csv")
