"""The made-up country of the national benchmark: many demo towns in one workspace."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from shapely import box
from shapely.geometry import shape

from benchmarks import _country
from benchmarks._country import Country, ward_codes, write_country
from corridors import pipeline, sources
from corridors.crs import EAST_LIMIT_M, NORTH_LIMIT_M, to_geographic
from corridors.demo.setting import HALF_HEIGHT_M, HALF_WIDTH_M

WARDS = 4
MADE_ON = date.fromisoformat(_country.MADE_ON)


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two towns; a borough takes one of them, so that there are two boroughs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_country, "TOWNS_A_BOROUGH", 1)
        patch.setattr(_country, "KINDS", 1)
        return write_country(tmp_path_factory.mktemp("country"), Country(WARDS, is_quick=True))


def test_the_readers_accept_all_of_it(country: Path) -> None:
    lines, errors = sources.check(sources.open_workspace(country))
    assert errors == ()
    rows = {
        line.kind: (line.rows_read, line.rows_used) for line in lines if line.kind != "incidents"
    }
    assert rows["boundaries"] == (WARDS, WARDS)
    assert rows["schools"] == (10, 10)
    assert rows["people"] == (46, 46)
    assert rows["agreements"] == (8, 8)
    kinds = [line for line in lines if line.kind == "incidents"]
    assert [line.file for line in kinds] == [f"data/incidents/borough_00{n}.csv" for n in (1, 2)]
    assert all(not any("twice" in why for why, _ in line.dropped) for line in kinds)
    # One kind of town in two places: each row of one must stand in the other.
    assert kinds[0].rows_used == kinds[1].rows_used > 3000


def test_every_ward_is_its_towns_and_its_boroughs(country: Path) -> None:
    found = json.loads((country / _country.BOUNDARIES).read_bytes())["features"]
    named = [feature["properties"] for feature in found]
    assert [p["WD25CD"] for p in named] == ward_codes(WARDS)
    assert len({p["WD25NM"] for p in named}) == WARDS
    assert [p["LAD25CD"] for p in named] == ["E08900001"] * 2 + ["E08900002"] * 2
    towns = [
        shape(a["geometry"]).union(shape(b["geometry"]))
        for a, b in zip(*[iter(found)] * 2, strict=True)
    ]
    degree_a_km = 1 / 111
    assert towns[0].distance(towns[1]) > 1.5 * degree_a_km


def test_people_walk_in_their_own_town_alone(country: Path) -> None:
    workspace = sources.open_workspace(country)
    inputs = sources.load_inputs(workspace, ward_codes(WARDS)[2], _country.WEEK, MADE_ON)
    assert inputs.people["wards"]["T0002-P01"] == "E05900003"
    # The other town is another borough: its people and what they agreed to are not read here.
    assert len(inputs.people) == 23
    assert {index[:5] for index in inputs.people.index} == {"T0002"}
    assert inputs.consents is not None
    parties = set(inputs.consents["party"])
    assert "T0002-P15" in parties
    assert "T0001-P15" not in parties
    assert set(inputs.schools.index) <= {str(900_006 + n) for n in range(5)}


def test_every_ward_is_planned(country: Path) -> None:
    workspace = sources.open_workspace(country)
    quick = workspace.profile  # in which no ward has enough evidence
    real = sources.read_profile("hackney_2024", country)
    short = replace(real, patrols=replace(real.patrols, iterations=2, max_seconds=600.0))
    for code in ward_codes(WARDS)[:2]:
        inputs = sources.load_inputs(workspace, code, _country.WEEK, MADE_ON)
        assert pipeline.make_plan(inputs, short).patrols, code
        assert not pipeline.make_plan(inputs, quick).patrols, code


def test_the_same_seed_gives_the_same_bytes_from_any_number_of_processes(
    country: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_country, "TOWNS_A_BOROUGH", 1)
    monkeypatch.setattr(_country, "KINDS", 1)
    write_country(tmp_path, Country(WARDS, is_quick=True), processes=2)
    assert _contents(tmp_path) == _contents(country)


def test_the_largest_country_lies_where_readers_take_positions_and_no_towns_meet() -> None:
    settings = [_country.setting_of(n, 1) for n in range(_country.MOST_WARDS // 2)]
    assert len({s.ward_codes for s in settings}) == len(settings)
    assert len({(s.east_m, s.north_m) for s in settings}) == len(settings)
    assert 2 * max(HALF_WIDTH_M, HALF_HEIGHT_M) < _country.STEP_M
    east = [s.east_m for s in settings]
    north = [s.north_m for s in settings]
    frame = box(min(east) - HALF_WIDTH_M, min(north), max(east) + HALF_WIDTH_M, max(north))
    west_m, south_m, east_m, north_m = frame.bounds
    assert east_m < EAST_LIMIT_M
    assert north_m + HALF_HEIGHT_M < NORTH_LIMIT_M
    lon, lat = to_geographic([east_m, west_m], [north_m + HALF_HEIGHT_M, south_m])
    assert lon.max() < 2.5
    assert lat.max() < 61.5


@pytest.mark.parametrize("wards", [0, 3, _country.MOST_WARDS + 2])
def test_wards_that_towns_cannot_make_are_refused(wards: int) -> None:
    with pytest.raises(ValueError, match="must be even"):
        Country(wards)


def _contents(folder: Path) -> dict[Path, bytes]:
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
