"""`corridors publish-pack` on the demo: kept back, reviewed, published once, corrected."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_plans import write_demo

from corridors.cli import main
from corridors.publish.pack import bundle

QUARTER = "2025-Q4"
WHO = ["--by", "Analyst", "--organisation", "Council", "--made-on", "20/02/2026"]
PACK = f"maps/public/pack/{QUARTER}"
KNOWN = "log/published_OS.json"


def publish(root: Path, *more: str, quarter: str = QUARTER, code: int = 0):
    result = CliRunner().invoke(
        main, ["publish-pack", str(root), "--quarter", quarter, *WHO, *more]
    )
    assert result.exit_code == code, (result.output, result.exception)
    return result


def review(root: Path, sha256: str) -> None:
    result = CliRunner().invoke(
        main,
        ["decide", str(root), "--kind", "review", "--about", QUARTER, "--sha256", sha256,
         "--words", "We asked pupils, and changed where officers stand.", "--by", "Head",
         "--organisation", "Council", "--on", "19/02/2026"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    root = write_demo(tmp_path_factory.mktemp("pack") / "demo")
    refused = publish(root, code=2).stderr
    review(root, re.search(r"--sha256 ([0-9a-f]{64})", refused)[1])
    publish(root)
    return root, refused


@pytest.fixture
def published(published_once: tuple[Path, str], tmp_path: Path) -> Path:
    return shutil.copytree(published_once[0], tmp_path / "demo")


def test_h1_it_is_kept_back_until_a_named_person_has_reviewed_the_figures(published_once):
    root, refused = published_once
    assert "Ratios to be reviewed by a named person" in refused
    assert (root / PACK / "index.html").is_file()


def test_its_hash_is_on_record_and_the_page_of_notices_names_it(published):
    sums = (published / PACK / "SHA256SUMS").read_bytes()
    log = (published / "data/people/demo_decisions.csv").read_text("utf-8-sig")
    assert f"pack,{QUARTER}" in log
    assert hashlib.sha256(sums).hexdigest() in log
    assert QUARTER in (published / "maps/public/index.html").read_text("utf-8")
    audit = (published / "log/audit_OS.jsonl").read_text("utf-8").splitlines()
    assert json.loads(audit[-1])["action"] == "disclosure"


def test_no_exact_count_of_the_demo_is_in_it(published):
    rows = (published / "data/evaluation/demo_encounters.csv").read_text("utf-8").splitlines()
    counts = {row.split(",")[6] for row in rows[1:] if row.startswith(f"{QUARTER},")}
    small = {count for count in counts if 0 < int(count) < 5}
    assert small
    page = (published / PACK / "data/encounters.csv").read_text("utf-8-sig").splitlines()[1:]
    cells = {cell for row in page for cell in row.split(",")[1:8]}
    assert not cells & {c for c in counts if int(c) % 5}


def test_the_second_time_needs_to_say_what_is_corrected(published):
    assert "say with --correction" in publish(published, code=2).stderr
    publish(published, "--correction", "A word on the page.")
    assert json.loads((published / KNOWN).read_bytes())["versions"] == {QUARTER: 2}
    assert "A word on the page." in (published / PACK / "index.html").read_text("utf-8")


def test_a_correction_without_a_pack_is_refused(tmp_path):
    root = write_demo(tmp_path / "demo")
    said = publish(root, "--correction", "Nothing.", code=2).stderr
    assert "has no pack yet" in said


@pytest.mark.parametrize(
    ("quarter", "problem"),
    [("2026-Q1", "is not over yet"), ("2025-Q5", "is no quarter"), ("../../etc", "is no quarter")],
)
def test_a_quarter_is_whole_and_over(published, quarter, problem):
    assert problem in publish(published, quarter=quarter, code=2).stderr


def test_check_writes_nothing(published):
    before = {path: path.read_bytes() for path in (published / "maps").rglob("*") if path.is_file()}
    said = publish(published, "--check", "--correction", "A word.")
    assert "Nothing keeps the pack back." in said.output
    after = {path: path.read_bytes() for path in (published / "maps").rglob("*") if path.is_file()}
    assert after == before


def test_what_does_not_count_in_all_figures_is_told(published):
    old = published / "maps/working/E05999001/2025-W46"
    old.mkdir(parents=True)
    (old / "plan_OS.json").write_text('{"format": 4}', "utf-8")
    record = published / "data/patrols/demo_debriefs.csv"
    fields = record.read_text("utf-8-sig").strip().split(",")
    about = {"ward": "E05999001", "week": "2025-W46", "patrol_id": "2025-11-10-S1T1",
             "date": "10/11/2025", "state": "done", "reason_code": "", "from": "15:10",
             "to": "16:10", "police_level": "none", "youth_worker": "2",
             "logged_on": "11/11/2025"}  # fmt: skip
    row = ",".join(about.get(field, "0") for field in fields)
    record.write_text(f"{','.join(fields)}\n{row}\n", "utf-8")
    said = publish(published, "--correction", "A debrief.").output
    assert "Debriefs of patrols that no plan has any more: 1." in said
    assert "Plans of an older version, whose patrols are not counted: E05999001 2025-W46." in said
    process = (published / PACK / "data/process.csv").read_text("utf-8-sig")
    assert "Plans of an older version that are not counted,fewer than 5" in process
    hours = (published / PACK / "data/hours.csv").read_text("utf-8-sig")
    assert "Youth worker,0" in hours  # two hours, to the nearest 5


def test_f1_a_missing_record_keeps_it_back(published):
    path = published / "data/programmes/demo_consultation.csv"
    path.write_text(path.read_text("utf-8-sig").splitlines()[0] + "\n", "utf-8")
    said = publish(published, "--check", "--correction", "A word.", code=2).stderr
    assert "No consultation is on record for after-school" in said


def test_a_pack_that_cannot_be_written_is_not_on_record_as_public(published, monkeypatch):
    before = (published / KNOWN).read_bytes()

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device", "index.html")

    monkeypatch.setattr(bundle.files, "put_in_place", no_room)
    said = publish(published, "--correction", "A word.", code=2).stderr
    assert "No space left" in said
    assert (published / KNOWN).read_bytes() == before
    assert not list((published / "maps/public/pack").glob(".*"))
