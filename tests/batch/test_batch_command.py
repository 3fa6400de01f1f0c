"""`corridors batch` from the command line: exit codes, words, files of wards, and real plans."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_batch import FAR, FAR_NEXT, HERE, MADE_ON, NEXT, WEEK, outputs, states
from support_units import failing_unit, writing_unit

from corridors.batch import state, units
from corridors.cli import main
from corridors.cli.batch import _rate_words
from corridors.sources.audit import read_audit

DASK = Path(__file__).with_name("support_dask.py")
KILLER = Path(__file__).parents[1] / "support_killed.py"
HOSTILE = "<script>alert(1)</script>\x1b[31m"


def _run(root: Path, *words: str, day: str | None = MADE_ON):
    dated = ["--made-on", day] if day else []
    return CliRunner().invoke(main, ["batch", str(root), "--week", WEEK, *dated, *words])


@pytest.fixture
def quick(monkeypatch):
    """Units that plan nothing."""
    monkeypatch.setattr(units, "run_unit", writing_unit)


@pytest.mark.usefixtures("quick")
def test_all_done_and_a_second_run_that_leaves_all(batched, copy):
    root = copy(batched)
    done = _run(root)
    assert done.exit_code == 0, done.output
    assert "4 wards: 4 done." in done.stdout
    assert "Of them, 4 left as they stood" in done.stdout
    assert done.stderr == ""
    told = json.loads(_run(root, "--json").stdout)
    assert (told["exit_code"], told["left_as_they_stood"]) == (0, 4)
    assert [w["ward"] for w in told["wards"]] == [HERE, NEXT, FAR, FAR_NEXT]


@pytest.mark.usefixtures("quick")
def test_a_file_of_wards_with_names_comments_and_what_is_no_ward(batched, copy):
    root = copy(batched)
    wards = root / "wards.txt"
    wards.write_text(f"\ufeff# ours\n\n{FAR}  # far\nploverwell green\n{FAR}\n{HOSTILE}\n", "utf-8")
    done = _run(root, "--processes", "1", "--wards", str(wards))
    assert done.exit_code == 2
    assert "3 wards: 1 failed, 2 done." in done.stdout
    assert "is not a ward code here" in done.stdout
    assert "\x1b" not in done.output
    page = (root / f"maps/working/batch/{WEEK}/summary_OS.html").read_text("utf-8")
    assert "<script" not in page
    assert "Ward E05999012" in page or "Linnetness" in page  # those of before are still told


def test_failures_are_told_and_the_next_day_goes_on_with_the_batch(batched, copy, monkeypatch):
    root = copy(batched)
    monkeypatch.setattr(units, "run_unit", failing_unit)
    done = _run(root, "--processes", "1", "--force")
    assert done.exit_code == 1
    assert "4 wards: 2 failed, 2 done." in done.stdout
    assert "failed: no walkable street lies in ward. Check the files" in done.stdout
    assert "Traceback" not in done.output
    entry = read_audit(root)[-1]
    assert (entry.command, entry.action, entry.state) == ("batch", "combination", "done")
    assert {"incidents", "people"} <= {read["kind"] for read in entry.read}
    assert f"maps/working/{HERE}/{WEEK}" in {wrote["folder"] for wrote in entry.wrote}
    monkeypatch.setattr(units, "run_unit", writing_unit)
    mended = _run(root, "--processes", "1", day=None)
    assert mended.exit_code == 0, mended.output
    assert "Going on with the batch of 20/02/2026" in mended.stderr
    assert "Of them, 2 left as they stood" in mended.stdout
    assert outputs(root) == outputs(batched)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_takes_nothing_more_is_one_line(batched, copy, monkeypatch, number):
    root = copy(batched)
    whole = outputs(root)

    def full(path, *_, **__):
        raise OSError(number, "No room" if number == errno.ENOSPC else "Read-only", str(path))

    monkeypatch.setattr("corridors.batch.state.files.write_text_atomically", full)
    done = _run(root, "--processes", "1", "--force")
    assert done.exit_code == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("corridors: ")
    assert ("Make room on the disk" if number == errno.ENOSPC else "Check who may write") in line
    assert outputs(root) == whole


def test_bad_options_make_nothing(tmp_path, batched, copy):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert _run(empty).exit_code == 2
    assert list(empty.iterdir()) == []
    root = copy(batched)
    for words in (["--wards", str(empty / "none.txt")], ["--processes", "0"],
                  ["--processes", "2", "--scheduler", "tcp://127.0.0.1:1", "--force"],
                  ["--week", "2026-W99"]):  # fmt: skip
        done = _run(root, *words)
        assert done.exit_code == 2, words
        assert len(done.stderr.splitlines()) <= 4
    (root / "wards.txt").write_text("# none\n")
    assert "names no ward" in _run(root, "--wards", str(root / "wards.txt")).stderr
    assert set(states(root).values()) == {"done"}


def test_a_second_batch_of_the_week_is_kept_out(batched, copy):
    root = copy(batched)
    with state.only_one(root, WEEK):
        done = _run(root)
    assert done.exit_code == 2
    assert "another run is writing the same batch of 2026-W10" in done.stderr


def test_a_run_with_nothing_to_do_imports_nothing_heavy(batched, copy):
    code = (
        "import sys; from corridors.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as e: print(e.code, {'numpy', 'pandas', 'jinja2'} & set(sys.modules))"
    )
    words = ["batch", str(copy(batched)), "--week", WEEK, "--made-on", MADE_ON]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 set()"


def test_the_rate_and_the_time_left():
    assert _rate_words(0, 10, 0, 5.0) == "0 of 10 wards"
    assert _rate_words(4, 10, 2, 60.0) == "4 of 10 wards, 2.0 a minute, about 3 minutes left"
    assert _rate_words(9, 10, 9, 90.0) == "9 of 10 wards, 6.0 a minute, under a minute left"
    assert _rate_words(10, 10, 9, 90.0) == "10 of 10 wards"


def _two(root: Path) -> str:
    path = root.with_name("two.txt")
    path.write_text(f"{HERE}\n{FAR}\n", "utf-8")
    return str(path)


@pytest.mark.slow
def test_real_plans_are_the_same_from_this_process_and_from_others(towns, tmp_path, copy):
    import shutil

    here, there = copy(towns), Path(shutil.copytree(towns, tmp_path / "there"))
    one = _run(here, "--processes", "1", "--wards", _two(here))
    two = _run(there, "--processes", "2", "--wards", _two(there))
    assert (one.exit_code, two.exit_code) == (0, 0), one.output + two.output
    assert outputs(here) == outputs(there)
    assert f"maps/working/{FAR}/{WEEK}/plan_OS.json" in outputs(here)
    before = {p: p.stat().st_mtime_ns for p in here.rglob("*") if p.is_file()}
    assert _run(here, "--wards", _two(here)).exit_code == 0
    assert {p: p.stat().st_mtime_ns for p in here.rglob("*") if p.is_file()} == before


@pytest.mark.slow
def test_a_cluster_whose_workers_are_killed_writes_the_same_bytes(towns, tmp_path, copy):
    import shutil

    here, there = copy(towns), Path(shutil.copytree(towns, tmp_path / "there"))
    assert _run(here, "--processes", "1").exit_code == 0
    done = subprocess.run(
        [sys.executable, str(DASK), "batch", str(there), "8", "16", "24"],
        capture_output=True, text=True, check=True, timeout=900,
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {"code": 0, "killed": 3}
    assert outputs(there) == outputs(here)


@pytest.mark.slow
def test_a_batch_killed_at_any_moment_goes_on_and_ends_with_the_same_bytes(towns, tmp_path):
    (tmp_path / "work").mkdir()
    job = {
        "start": str(towns), "work": str(tmp_path / "work"), "moments": 5, "seed": 9,
        "outputs": ["maps", "data"],
        "command": ["batch", "WORKSPACE", "--week", WEEK, "--made-on", MADE_ON,
                    "--processes", "1", "--wards", _two(tmp_path / "ws")],
    }  # fmt: skip
    (tmp_path / "job.json").write_text(json.dumps(job), "utf-8")
    done = subprocess.run(
        [sys.executable, str(KILLER), str(tmp_path / "job.json")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["wrong"] == []
    assert found["killed"] >= 4
