"""What a back-test reads: the same tables as a plan, without the files about people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from support_camden import write_camden
from support_workspace import SIDE_M, SOUTH_M, TEXTS, TOML, WEST_M, make_workspace, write

from corridors import sources
from corridors.errors import InputError, WardError
from corridors.model import AreaInputs, Inputs
from corridors.sources.loading import load_area
from corridors.tables import Agreements, GateOverrides, Incidents, Schools, TermDates, Ways

MADE_ON = date(2026, 2, 20)
WEST, EAST = "E05990001", "E05990002"
OF_PATROLS = ("people.csv", "protocol.csv", "aims.csv", "starts.csv")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_workspace(tmp_path)


def area(root: Path, ward: str | None = None, made_on: date = MADE_ON) -> AreaInputs:
    return load_area(sources.open_workspace(root), ward, made_on)


def same(one: AreaInputs | Inputs, other: AreaInputs | Inputs) -> None:
    """The tables that both kinds of inputs have are equal."""
    for name in ("schools", "incidents", "agreements", "gate_overrides"):
        pd.testing.assert_frame_equal(
            pd.DataFrame(getattr(one, name)), pd.DataFrame(getattr(other, name))
        )
    pd.testing.assert_frame_equal(one.calendar.terms, other.calendar.terms)
    pd.testing.assert_frame_equal(one.streets.ways, other.streets.ways)
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.streets.places), pd.DataFrame(other.streets.places)
    )
    assert (one.streets.vertex_xy_m == other.streets.vertex_xy_m).all()
    assert (one.child_areas is None) == (other.child_areas is None)


def test_one_ward_is_what_a_plan_of_it_reads(root):
    plan = sources.load_inputs(sources.open_workspace(root), WEST, "2026-W10", MADE_ON)
    found = area(root, WEST)
    same(found, plan)
    assert (found.ward.code, found.ward.name) == (plan.ward.code, plan.ward.name)
    assert found.ward.boundary.equals(plan.ward.boundary)
    left_out = {"people", "protocol", "aims", "starts"}
    assert found.sources == tuple(s for s in plan.sources if s.kind not in left_out)


def test_all_wards_together_bear_the_workspace_s_name(root):
    found = area(root)
    assert (found.ward.code, found.ward.name) == ("all", "Test borough")
    both = shapely.box(WEST_M, SOUTH_M, WEST_M + 2 * SIDE_M, SOUTH_M + SIDE_M)
    assert found.ward.boundary.symmetric_difference(both).area < 0.01 * both.area
    assert found.ward.boundary.area == pytest.approx(
        area(root, WEST).ward.boundary.area + area(root, EAST).ward.boundary.area, rel=1e-6
    )


def test_all_wards_reach_as_far_as_each(root):
    whole = area(root).streets.vertex_xy_m
    for ward in (WEST, EAST):
        part = area(root, ward).streets.vertex_xy_m
        assert {tuple(p) for p in part} <= {tuple(p) for p in whole}


def test_tables_are_valid_and_sources_in_order(root):
    found = area(root)
    for schema, frame in (
        (Ways, found.streets.ways),
        (Schools, found.schools),
        (Incidents, found.incidents),
        (Agreements, found.agreements),
        (GateOverrides, found.gate_overrides),
        (TermDates, found.calendar.terms),
    ):
        schema.validate(frame)
    assert [record.kind for record in found.sources] == [
        "streets", "boundaries", "schools", "incidents", "stops", "agreements", "gates", "calendar",
    ]  # fmt: skip
    assert found.streets.places["kind"].tolist() == ["bus_stop", "station"]


@pytest.mark.parametrize("name", OF_PATROLS)
def test_files_of_people_and_patrols_stay_closed(root, name):
    (root / name).write_bytes(b"\xff\xfe not a table")
    area(root)
    (root / name).unlink()
    area(root)
    with pytest.raises(InputError, match=name):
        sources.load_inputs(sources.open_workspace(root), WEST, "2026-W10", MADE_ON)


def test_no_person_comes_in(root):
    assert "Ann Ode" in TEXTS["people.csv"]
    found = area(root)
    text = repr(found) + "".join(
        frame.to_csv() for frame in (found.incidents, found.schools, found.agreements)
    )
    for word in ("Ann Ode", "Ben Ame", "CANARY"):
        assert word not in text


@pytest.mark.parametrize(
    "name",
    ["streets.osm", "wards.geojson", "schools.csv", "agreements.csv", "terms.csv", "gates.csv"],
)
def test_a_missing_file_is_told(root, name):
    (root / name).unlink()
    with pytest.raises(InputError, match=name.split(".")[0]):
        area(root)


def test_bank_holidays_of_the_incidents_years(root):
    old = TEXTS["incidents/a.csv"].replace("02/02/2026", "02/02/2023")
    write(root / "incidents/a.csv", old)
    found = area(root)
    assert date(2023, 5, 8) in found.calendar.bank_holidays  # the coronation, in that year only
    assert date(2026, 4, 3) in found.calendar.bank_holidays
    assert date(2022, 6, 3) not in found.calendar.bank_holidays


def test_later_incidents_are_left_out(root):
    assert len(area(root).incidents) == 4
    early = area(root, made_on=date(2026, 2, 3))
    assert len(early.incidents) == 2
    (record,) = [s for s in early.sources if s.kind == "incidents"]
    assert (record.rows_used, sum(n for _, n in record.dropped)) == (2, 2)


def test_an_unknown_ward_is_told_with_what_is_near(root):
    with pytest.raises(WardError, match="West End"):
        area(root, "Wset End")
    for word in ("", "all"):
        with pytest.raises(WardError):
            area(root, word)


def test_homes_are_read_where_named(root):
    square = shapely.box(WEST_M, SOUTH_M, WEST_M + 500, SOUTH_M + 500)
    homes = gpd.GeoDataFrame(
        {"LSOA21CD": ["E01000001"], "children": [120]}, geometry=[square], crs="EPSG:27700"
    ).to_crs("EPSG:4326")
    write(root / "homes.geojson", homes.to_json())
    write(root / "corridors.toml", f'{TOML}[homes]\nfile = "homes.geojson"\n')
    found = area(root)
    assert found.child_areas is not None
    assert found.child_areas["children"].sum() == 120
    assert found.sources[-1].kind == "homes"


def test_shuffled_rows_load_the_same_area(root):
    before = area(root)
    for name in ("incidents/a.csv", "schools.csv", "terms.csv", "gates.csv", "stops.csv"):
        head, *rows = TEXTS[name].splitlines()
        write(root / name, "\n".join([head, *reversed(rows)]) + "\n")
    same(before, area(root))


@pytest.mark.realdata
def test_all_of_a_real_borough(tmp_path, realdata):
    folder = write_camden(tmp_path / "w", realdata / "camden", timed=False)
    found = load_area(sources.open_workspace(folder), None, date(2018, 2, 19))
    assert found.ward.boundary.area == pytest.approx(21.8e6, rel=0.01)  # Camden has 21.8 km2
    assert found.ward.boundary.geom_type == "Polygon"  # no sliver between its wards
    assert len(found.incidents) > 60_000
    assert found.incidents["month"].max() == pd.Timestamp("2018-02-01")
    assert {2016, 2017, 2018} <= {day.year for day in found.calendar.bank_holidays}
