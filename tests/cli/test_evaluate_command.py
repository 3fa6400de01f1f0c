"""`corridors evaluate` as a user meets it: areas fixed once, then counted on just these."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import stat
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_plans import contents, write_demo

from corridors import files, sources
from corridors.cli import main
from corridors.cli.evaluate import decisions_on_record
from corridors.cli.publish_pack import _evaluated
from corridors.evaluation.wording import FIXED_LATE, TWO_SCALES

KEY = "autumn"
PROGRAMME = """
title = "Autumn <b>patrols</b>"
aim = "trust"
before_from = 2024-09-01
starts_on = 2025-09-01
ends_on = 2026-02-15
groups = ["violence", "robbery", "antisocial", "other", "vehicle", "burglary"]
hours = "any"
[[areas]]
key = "thistle"
ward = "E05999001"
streets = ["Thistlewick Avenue", "Vetchcombe Road"]
[[areas]]
key = "gull"
ward = "E05999002"
streets = ["gullcombe avenue", "Yarrowhurst Road", "Sablewick Lane"]
"""
FIX = ["--fix", "--by", "Analyst", "--organisation", "Council"]
BEFORE, AFTER = ["--made-on", "20/08/2025"], ["--made-on", "20/02/2026"]
AREAS = f"data/programmes/{KEY}.areas_OS.json"
DECISIONS = "data/people/decisions.csv"
OUT = f"maps/working/evaluation/{KEY}"


def with_programme(folder: Path, text: str = PROGRAMME) -> Path:
    root = write_demo(folder)
    config = root / "corridors.toml"
    own = config.read_text("utf-8")
    # The demo's own log holds decisions already: these tests begin with an empty one.
    config.write_text(own.replace("data/people/demo_decisions.csv", DECISIONS), "utf-8")
    (root / "data/programmes").mkdir(exist_ok=True)
    (root / f"data/programmes/{KEY}.toml").write_text(text, "utf-8")
    return root


def set_clock(patch: pytest.MonkeyPatch, today: date) -> None:
    """What ``corridors evaluate`` takes for today."""
    module = sys.modules["corridors.cli.evaluate"]
    patch.setattr(module, "day_of", lambda given: given.date() if given else today)


def run(root: Path, *arguments: str, code: int = 0, key: str = KEY):
    result = CliRunner().invoke(main, ["evaluate", str(root), "--programme", key, *arguments])
    assert result.exit_code == code, (result.output, result.exception)
    return result


@pytest.fixture
def unfixed(tmp_path: Path) -> Path:
    return with_programme(tmp_path / "demo")


@pytest.fixture(scope="module")
def fixed_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    root = with_programme(tmp_path_factory.mktemp("fixed") / "demo")
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, date(2025, 8, 25))
        return root, run(root, *FIX, *BEFORE).stdout


@pytest.fixture
def fixed(fixed_once: tuple[Path, str], tmp_path: Path) -> Path:
    return shutil.copytree(fixed_once[0], tmp_path / "demo")


def audit_of(root: Path) -> list[dict]:
    lines = (root / "log/audit_OS.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def decisions(root: Path) -> list[dict[str, str]]:
    with (root / DECISIONS).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def is_private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600


# --- fixing ---------------------------------------------------------------------------------------


def test_fixing_writes_the_areas_puts_their_hash_on_record_and_says_so(fixed_once):
    root, said = fixed_once
    data = (root / AREAS).read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    assert is_private(root / AREAS)
    assert f"(SHA-256 {sha256})" in said
    assert said.startswith("thistle: ")
    assert "The programme has begun" not in said
    (row,) = decisions(root)
    assert (row["kind"], row["about"], row["by"]) == ("areas_fixed", KEY, "Analyst")
    assert (row["sha256"], row["on"], row["words"]) == (sha256, "25/08/2025", "")
    assert json.loads(data)["fixed_on"] == "2025-08-20"
    begun, done = audit_of(root)
    assert (begun["state"], done["state"], done["command"]) == ("begun", "done", "evaluate")
    assert {record["kind"] for record in done["read"]} >= {"incidents", "streets", "schools"}
    assert sum(made["files"] for made in done["wrote"]) == 1
    assert "Analyst" not in json.dumps(done)
    assert not (root / "maps").exists()
    assert not list((root / "data").rglob(".*"))
    assert len(json.loads(data)["segments"]) > 1000


def test_areas_are_fixed_once(fixed):
    before = contents(fixed)
    told = run(fixed, *FIX, *BEFORE, code=2)
    assert "are fixed already" in told.stderr
    assert contents(fixed) == before
    assert audit_of(fixed)[-1]["state"] != "done"


def test_a_day_given_by_hand_does_not_make_late_areas_early(unfixed, monkeypatch):
    set_clock(monkeypatch, date(2025, 9, 2))
    said = run(unfixed, *FIX, *BEFORE).stdout
    assert "The programme has begun, on 01/09/2025: areas that are fixed on 02/09/2025" in said
    assert decisions(unfixed)[0]["on"] == "02/09/2025"
    result = json.loads(run(unfixed, *AFTER, "--json").stdout)
    assert result["verdict"]["level"]["number"] == 2
    assert FIXED_LATE in result["cautions"]
    assert result["areas_fixed_on"] == "2025-09-02"


def test_a_pack_is_told_the_later_day_too(fixed):
    opened = sources.open_workspace(fixed)
    log = decisions_on_record(opened)
    written = sources.read_programme(fixed, KEY)
    found = _evaluated(opened, written, log, lambda: pytest.fail("not over"), date(2025, 12, 1))
    assert found.areas.fixed_on == date(2025, 8, 25)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fix", "--organisation", "Council"], "--by"),
        (["--fix", "--by", "Analyst"], "--organisation"),
        (["--fix", "--by", "=1+1", "--organisation", "Council"], "--by"),
        (["--fix", "--by", "A\nB", "--organisation", "Council"], "--by"),
    ],
)
def test_who_fixes_has_to_be_said_before_anything_is_done(unfixed, options, message):
    before = contents(unfixed)
    assert message in run(unfixed, *options, *BEFORE, code=2).stderr
    assert contents(unfixed) == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"Thistlewick Avenue", "Vetchcombe Road"', '"No Such Street"', "area thistle has no"),
        ('ward = "E05999001"', 'ward = "E05999009"', "E05999009"),
        ('ward = "E05999001"', 'ward = "../x"', "../x"),
        ('"gullcombe avenue", ', '"Thistlewick Avenue", ', ""),
        ('aim = "trust"', 'aim = "more"', "more"),
        ('hours = "any"', 'hours = "all"', "hours must be one of"),
        ("2024-09-01", "2023-09-01", "From that day on they begin on 01/09/2024"),
    ],
)
def test_what_a_programme_asks_wrongly_is_told_and_nothing_is_written(unfixed, old, new, message):
    path = unfixed / f"data/programmes/{KEY}.toml"
    text = PROGRAMME.replace(old, new)
    if not message:  # the same street twice
        text, message = text.replace("E05999002", "E05999001"), "shares streets with an area"
    path.write_text(text, "utf-8")
    before = contents(unfixed)
    assert message in run(unfixed, *FIX, *BEFORE, code=2).stderr
    assert contents(unfixed) == before


def test_a_run_that_dies_between_file_and_record_has_fixed_nothing(
    unfixed, fixed_once, monkeypatch
):
    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules["corridors.cli.decide"], "record_decisions", die)
        with pytest.raises(Killed):
            CliRunner().invoke(
                main, ["evaluate", str(unfixed), "--programme", KEY, *FIX, *BEFORE],
                standalone_mode=False,
            )  # fmt: skip
    assert "not fixed" in run(unfixed, *AFTER, code=2).stderr
    run(unfixed, *FIX, *BEFORE)
    assert (unfixed / AREAS).read_bytes() == (fixed_once[0] / AREAS).read_bytes()
    assert len(decisions(unfixed)) == 1
    assert not list((unfixed / "data").rglob(".*"))


def test_a_full_disk_leaves_no_areas(unfixed, monkeypatch):
    fill = files._fill

    def full(descriptor, data, path):
        if path.name != Path(AREAS).name:
            return fill(descriptor, data, path)
        os.write(descriptor, data[:1000])
        raise OSError(28, "No space left on device", AREAS)

    before = contents(unfixed)
    with monkeypatch.context() as patch:
        patch.setattr(files, "_fill", full)
        assert run(unfixed, *FIX, *BEFORE, code=2).stderr.count("No space left") == 1
    assert contents(unfixed) == before


# --- evaluating -----------------------------------------------------------------------------------


def test_it_says_first_what_could_have_been_seen_and_writes_page_and_data(fixed):
    said = run(fixed, *AFTER).stdout.splitlines()
    assert said[0].startswith("The smallest change that could have been seen")
    assert "This may not be called an effect." in said
    assert said[-2:] == [str(fixed / OUT / n) for n in ("evaluation_OS.html", "evaluation_OS.json")]
    files = [p for p in (fixed / "maps").rglob("*") if p.is_file()]
    assert sorted(p.name for p in files) == ["evaluation_OS.html", "evaluation_OS.json"]
    assert all(is_private(p) for p in files)
    page = (fixed / OUT / "evaluation_OS.html").read_text("utf-8")
    assert "<b>patrols" not in page
    assert TWO_SCALES in page
    assert any(line.startswith(f"Caution: {TWO_SCALES}") for line in said)
    assert "OFFICIAL-SENSITIVE" in page
    done = audit_of(fixed)[-1]
    assert (done["state"], done["wrote"][0]["folder"], done["wrote"][0]["files"]) == (
        "done",
        OUT,
        2,
    )


def test_json_is_the_data_file_with_its_files(fixed):
    said = json.loads(run(fixed, *AFTER, "--json").stdout)
    files = said.pop("files")
    assert said == json.loads((fixed / OUT / "evaluation_OS.json").read_text("utf-8"))
    assert [Path(f).name for f in files] == ["evaluation_OS.html", "evaluation_OS.json"]
    assert said["areas_sha256"] == decisions(fixed)[0]["sha256"]
    assert said["areas_fixed_on"] == "2025-08-25"
    assert FIXED_LATE not in said["cautions"]
    assert said["is_interim"] is False


def test_the_same_again_is_the_same_bytes(fixed):
    run(fixed, *AFTER)
    once = contents(fixed)
    run(fixed, *AFTER)
    assert contents(fixed) == once


def test_without_fixed_areas_it_says_what_to_run(unfixed):
    before = contents(unfixed)
    told = run(unfixed, *AFTER, code=2).stderr
    assert "not fixed" in told
    assert "--fix first" in told
    assert contents(unfixed) == before


def _change_areas(root: Path) -> None:
    path = root / AREAS
    data = path.read_bytes()
    path.write_bytes(data.replace(b"Thistlewick", b"Thistlewock", 1))


def _change_programme(root: Path) -> None:
    path = root / f"data/programmes/{KEY}.toml"
    path.write_text(PROGRAMME.replace("2026-02-15", "2026-02-14"), "utf-8")


def _change_record(root: Path) -> None:
    path = root / DECISIONS
    path.write_text(path.read_text("utf-8").replace("25/08/2025", "24/08/2025"), "utf-8")


def _take_areas_away(root: Path) -> None:
    (root / AREAS).unlink()


def _link_areas(root: Path) -> None:
    (root / AREAS).rename(root / "elsewhere.json")
    (root / AREAS).symlink_to(root / "elsewhere.json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_change_areas, "is not the file whose hash is in the log of decisions"),
        (_change_programme, "has been changed since its areas were fixed"),
        (_change_record, "chain"),
        (_take_areas_away, "not fixed"),
        (_link_areas, "a link leads to it"),
    ],
)
def test_what_was_changed_after_fixing_is_refused(fixed, change, message):
    change(fixed)
    before = contents(fixed)
    assert message in run(fixed, *AFTER, code=2).stderr
    assert contents(fixed) == before


def test_before_the_start_there_is_nothing_to_say(fixed):
    told = run(fixed, "--made-on", "25/08/2025", code=2).stderr
    assert "no records from after the start" in told


def test_half_way_through_a_result_is_interim(fixed):
    said = json.loads(run(fixed, "--made-on", "01/12/2025", "--json").stdout)
    assert said["is_interim"] is True
    assert said["verdict"]["is_effect"] is False


def test_a_workspace_without_a_log_of_decisions_is_told(fixed):
    config = fixed / "corridors.toml"
    before, _, after = config.read_text("utf-8").partition("[decisions]")
    config.write_text(before + after.partition(f'"{DECISIONS}"')[2], "utf-8")
    assert "decisions" in run(fixed, *AFTER, code=2).stderr


@pytest.mark.parametrize("key", ["../x", "x" * 300, "Autumn", "none"])
def test_hostile_and_unknown_keys_are_told(unfixed, key):
    before = contents(unfixed)
    run(unfixed, *AFTER, code=2, key=key)
    assert contents(unfixed) == before
    assert not (unfixed / "maps").exists()


@pytest.mark.parametrize("where", ["maps", OUT])
def test_a_link_does_not_lead_outputs_astray(fixed, tmp_path, where):
    outside = tmp_path / "outside"
    outside.mkdir()
    path = fixed / where
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(outside)
    assert "link" in run(fixed, *AFTER, code=2).stderr
    assert not list(outside.iterdir())
