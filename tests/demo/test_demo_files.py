"""The demo as a whole: same seed same bytes, the canary in one place, every parameter used."""

from __future__ import annotations

import csv
import io
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pytest

from corridors import demo
from corridors.crs import to_metric
from corridors.demo.incidents import CANARY
from corridors.errors import InputError
from corridors.tables import OFFENCE_GROUPS

ROOT = Path(__file__).resolve().parents[2]
EXPORT = "data/incidents/demo_force_export.csv"


def test_the_committed_files_are_what_the_generator_makes(demo_files):
    stale = [name for name, content in demo_files.items() if (ROOT / name).read_bytes() != content]
    assert not stale, "run `python scripts/make_demo.py`"


def test_another_seed_makes_another_town(demo_files, moved_files):
    assert moved_files.keys() == demo_files.keys()
    for name in ("data/osm_cache/demo.osm", "data/boundaries/demo_wards.geojson", EXPORT):
        assert moved_files[name] != demo_files[name]


def test_origin_and_codes_are_parameters(moved_files):
    wards = moved_files["data/boundaries/demo_wards.geojson"].decode()
    assert '"E05999101"' in wards
    assert '"E05999102"' in wards
    schools = moved_files["data/schools/demo_edubasealldata.csv"].decode("cp1252")
    rows = list(csv.DictReader(io.StringIO(schools)))
    assert [r["URN"] for r in rows] == [str(900_501 + i) for i in range(5)]
    assert all(abs(float(r["Easting"]) - 640_000) < 1_300 for r in rows)
    assert b'<node id="1000000" ' in moved_files["data/osm_cache/demo.osm"]
    assert b'<node id="1" ' not in moved_files["data/osm_cache/demo.osm"]


def test_no_file_is_large_and_all_lines_end_alike(demo_files):
    for name, content in demo_files.items():
        assert len(content) < (2_500_000 if name.endswith(".osm") else 1_000_000)
        if "edubase" not in name:  # the register itself has CRLF
            assert b"\r" not in content
            content.decode("utf-8")


def test_the_canary_is_in_every_incident_and_nowhere_else(demo_files):
    rows = demo_files[EXPORT].count(b"\n") - 1
    assert demo_files[EXPORT].count(CANARY.encode()) == rows > 2_500
    others = [name for name in demo_files if name != EXPORT]
    assert not [name for name in others if CANARY.encode() in demo_files[name]]


def test_the_workspace_file_names_files_that_are_there(demo_files):
    workspace = tomllib.loads(demo_files["corridors.toml"].decode())
    tables = [t for t in workspace.values() if isinstance(t, dict)]
    named = [t["file"] for t in tables if "file" in t] + workspace["incidents"]["files"]
    assert len(named) == 21
    for pattern in named:
        assert any(fnmatch(name, pattern) for name in demo_files), pattern
    assert set(workspace["incidents"]["offences"].values()) <= set(OFFENCE_GROUPS)
    header = demo_files[EXPORT].decode().splitlines()[0].split(",")
    assert set(workspace["incidents"]["columns"].values()) == set(header) - {"Street", "MO"}


def test_the_town_lies_at_sea(extract):
    lon, lat = np.asarray(list(extract.at.values())).T
    x, y = to_metric(lon, lat)
    assert 617_500 < x.min() < x.max() < 622_500
    assert 467_500 < y.min() < y.max() < 472_500


@pytest.mark.parametrize(
    "wrong",
    [
        {"east_m": 699_000.0},
        {"north_m": 10.0},
        {"ward_number": 1},
        {"first_urn": 100_000},
        {"first_osm_id": 0},
        {"seed": -1},
    ],
)
def test_a_place_outside_the_grid_or_a_bad_code_is_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        demo.files(**wrong)
