"""What is past its date goes, whole; nothing else does, and no link leads anywhere."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

import pytest

from corridors.errors import InputError
from corridors.profile import Retention
from corridors.publish.purging import remove, stale

ON = date(2026, 6, 1)
WARD = "E05999001"


def put(root, name, on=date(2026, 5, 1)):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC).timestamp()
    os.utime(path, (at, at))
    return path


@pytest.fixture
def root(tmp_path):
    home = tmp_path / "w"
    put(home, "data/incidents/export.csv")
    put(home, "data/incidents/2026-04/x-street.csv", on=date(2026, 5, 30))
    put(home, "data/people/people.csv", on=date(2020, 1, 1))
    put(home, "log/quarantine_OS.csv")
    put(home, "log/audit_OS.jsonl", on=date(2020, 1, 1))
    for place in ("working", "public"):
        put(home, f"maps/{place}/{WARD}/2025-W22/a_OS.json")  # ends on 01/06/2025
        put(home, f"maps/{place}/{WARD}/2025-W22/routes/b.gpx")
        put(home, f"maps/{place}/{WARD}/2025-W23/a_OS.json")
    put(home, f"maps/working/{WARD}/.2025-W20.part-abc/plan_OS.json")
    put(home, "maps/working/batch/2025-W22/summary_OS.html")
    put(home, "maps/working/batch/2025-W23/summary_OS.html")
    put(home, "log/batch/2025-W22/pieces/abc.piece")
    put(home, "log/batch/2025-W23/inputs.json")
    put(home, "maps/working/backtest/all/backtest_OS.html", on=date(2025, 5, 1))
    put(home, "maps/working/backtest/E05999002/backtest_OS.html")
    return home


def places(root, **days):
    return {one.place: one.files for one in stale(root, [], Retention(**days), ON)[0]}


def test_incident_files_go_after_the_run_unless_told(root):
    assert places(root) == {
        "data/incidents/2026-04/x-street.csv": 1,
        "data/incidents/export.csv": 1,
        "log/batch/2025-W22": 1,
        "log/quarantine_OS.csv": 1,
        "maps/working/batch/2025-W22": 1,
        f"maps/working/{WARD}/.2025-W20.part-abc": 1,
        f"maps/working/{WARD}/2025-W22": 2,
        "maps/working/backtest/all": 1,
    }
    assert set(places(root, incidents_days=31, derived_days=3650)) == {
        "data/incidents/export.csv",
        "log/quarantine_OS.csv",
    }
    assert places(root, incidents_days=32, derived_days=3650) == {}


def test_what_is_removed_is_gone_and_the_rest_stays_byte_for_byte(root):
    before = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    gone, left = stale(root, [], Retention(), ON)
    assert left == ()
    assert list(remove(root, gone)) == list(gone)
    after = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    removed = before - after
    assert {name for name in removed if not name.startswith(tuple(g.place for g in gone))} == set()
    assert after - before == {"maps/working/index.html", "maps/public/index.html"}
    assert f"maps/public/{WARD}/2025-W22/a_OS.json" in after
    assert f"maps/working/{WARD}/2025-W23/a_OS.json" in after
    assert {"data/people/people.csv", "log/audit_OS.jsonl"} <= after
    assert stale(root, [], Retention(), ON)[0] == ()


def test_an_empty_ward_folder_goes_too(tmp_path):
    put(tmp_path, f"maps/working/{WARD}/2020-W01/plan_OS.json")
    list(remove(tmp_path, stale(tmp_path, [], Retention(), ON)[0]))
    assert not (tmp_path / "maps/working" / WARD).exists()


def test_files_named_elsewhere_in_the_workspace_count_and_others_are_told(root, tmp_path):
    here, there = put(root, "exports/mine.csv"), put(tmp_path, "share/theirs.csv")
    gone, left = stale(root, [here, there, root / "missing.csv"], Retention(), ON)
    assert "exports/mine.csv" in {one.place for one in gone}
    assert len(left) == 1
    assert "theirs.csv" in left[0]
    assert "outside" in left[0]
    assert str(tmp_path) not in left[0]
    list(remove(root, gone))
    assert there.exists()
    assert not here.exists()


def test_no_link_is_followed(root, tmp_path):
    outside = put(tmp_path, "outside/2020-W01/plan_OS.json").parent
    secret = put(tmp_path, "outside/secret.csv")
    (root / "maps/working" / WARD / "2020-W01").symlink_to(outside)
    (root / "maps/working/E05999009").symlink_to(tmp_path / "outside")
    (root / "data/incidents/link.csv").symlink_to(secret)
    (root / "data/incidents/folder").symlink_to(tmp_path / "outside")
    gone, left = stale(root, [root / "data/incidents/folder/secret.csv"], Retention(), ON)
    assert not [one for one in gone if "link" in one.place or "2020-W01" in one.place]
    assert len(left) == 4
    list(remove(root, gone))
    assert secret.exists()
    assert (outside / "plan_OS.json").exists()


def test_a_link_that_came_in_the_way_stops_the_removal(root, tmp_path):
    gone, _ = stale(root, [], Retention(), ON)
    (root / "data/incidents").rename(tmp_path / "moved")
    (root / "data/incidents").symlink_to(tmp_path / "moved")
    with pytest.raises(InputError, match="link"):
        list(remove(root, gone))
    assert (tmp_path / "moved/export.csv").exists()
