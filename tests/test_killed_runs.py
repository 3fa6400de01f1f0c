"""Kill -9 at any moment: the next run ends with the same bytes, and no half is read as whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support_overpass import serve, town
from support_plans import MADE_ON, WARD, WEEK, write_demo
from support_quick import quick_demo

KILLER = Path(__file__).with_name("support_killed.py")
DAILY, NIGHTLY = 3, 20


def _killed(folder: Path, **job: object) -> dict[str, object]:
    (folder / "work").mkdir()
    file = folder / "job.json"
    file.write_text(json.dumps({"work": str(folder / "work"), **job}), "utf-8")
    done = subprocess.run(
        [sys.executable, str(KILLER), str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def _fetch_killed(tmp_path, local_server, moments):
    serve(local_server, *town(619_500, 470_000))
    start = write_demo(tmp_path / "start")
    config = start / "corridors.toml"
    text = config.read_text("utf-8")
    config.write_text(f'{text}\n[fetch]\nstreets = "{local_server.url}/api"\n', "utf-8")
    found = _killed(
        tmp_path, start=str(start), command=["fetch", "WORKSPACE", "streets", "--yes"],
        outputs=["data/streets", "data/osm_cache"], moments=moments, seed=7,
    )  # fmt: skip
    assert found["wrong"] == []
    assert found["killed"] >= moments * 3 // 4
    assert "data/streets/fetched.osm.pbf" in found["files"]
    assert len(found["files"]) == 5  # the cached entry, its note, the demo's own extract


def test_a_killed_fetch_leaves_nothing_half(tmp_path, local_server):
    _fetch_killed(tmp_path, local_server, DAILY)


@pytest.mark.slow
def test_a_fetch_killed_at_twenty_moments_leaves_nothing_half(tmp_path, local_server):
    _fetch_killed(tmp_path, local_server, NIGHTLY)


@pytest.mark.slow
def test_a_plan_killed_at_twenty_moments_leaves_nothing_half(tmp_path):
    start = quick_demo(tmp_path / "start")
    found = _killed(
        tmp_path, start=str(start), outputs=["maps", "data", "log"], moments=NIGHTLY, seed=8,
        command=["plan", "WORKSPACE", WARD, "--week", WEEK, "--made-on", f"{MADE_ON:%d/%m/%Y}"],
    )  # fmt: skip
    assert found["wrong"] == []
    assert found["killed"] >= NIGHTLY * 3 // 4
    assert any(name.startswith("maps/working/") for name in found["files"])


def test_two_fetches_at_once_end_with_the_same_bytes(tmp_path, local_server):
    serve(local_server, *town(619_500, 470_000))
    start = write_demo(tmp_path / "ws")
    config = start / "corridors.toml"
    text = config.read_text("utf-8")
    config.write_text(f'{text}\n[fetch]\nstreets = "{local_server.url}/api"\n', "utf-8")
    program = "from corridors.cli import main; main()"
    words = [sys.executable, "-c", program, "fetch", str(start), "streets", "--yes"]
    running = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    told = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    assert len(local_server.asked) == 4  # the second found what the first had kept
    body = (start / "data/streets/fetched.osm.pbf").read_bytes()
    (kept,) = (start / "data/osm_cache").glob("*.data")
    assert body == kept.read_bytes()
    assert not list(start.rglob("*.part-*"))
