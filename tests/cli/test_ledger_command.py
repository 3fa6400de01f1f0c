"""`corridors ledger`, as a person reads it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_plans import write_demo

from corridors.cli import main

TOOLKIT = "data/schools/mytoolkit.csv"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = write_demo(tmp_path / "w")
    config = folder / "corridors.toml"
    text = config.read_text("utf-8")
    at = text.find("[toolkit]")
    if at >= 0:  # the demo's own
        end = text.find("\n[", at)
        text = text[:at] + (text[end + 1 :] if end >= 0 else "")
    config.write_text(f'{text}\n[toolkit]\nfile = "{TOOLKIT}"\n', "utf-8")
    book(folder)
    return folder


def book(folder: Path, *rows: str) -> None:
    (folder / TOOLKIT).write_text("\n".join(["urn,date,item", *rows, ""]), "utf-8")


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


def test_d1_every_school_that_takes_part_has_its_points(workspace):
    book(workspace, "900001,12/01/2026,pshe", "900001,01/09/2026,pshe")
    data = json.loads(run("ledger", workspace, "--year", "2025/26", "--json").output)
    left = {s["urn"]: s["left"] for s in data["schools"]}
    assert left["900001"] == 15
    assert set(left.values()) == {15, 20}
    assert len(left) == 4
    assert "4.3.2" in data["costs"]["source"]


def test_d5_the_questions_are_asked_where_police_meet_pupils(workspace):
    book(workspace, "900001,12/01/2026,workshop", "900001,13/01/2026,SLT meeting")
    words = run("ledger", workspace, "--year", "2025/26").output
    assert "Police meet pupils in: Workshop. Ask of each:" in words
    assert words.count("?") == 3
    data = json.loads(run("ledger", workspace, "--year", "2025/26", "--json").output)
    (school,) = [s for s in data["schools"] if s["bookings"]]
    assert [len(b["questions"]) for b in school["bookings"]] == [3, 0]
    book(workspace, "900001,13/01/2026,slt_meeting")
    assert "?" not in run("ledger", workspace, "--year", "2025/26").output


def test_d1_what_goes_below_zero_is_one_message_with_the_row(workspace):
    book(workspace, *[f"900001,{d:02d}/01/2026,pshe" for d in (5, 6, 7, 8, 9)])
    (message,) = run("ledger", workspace, "--year", "2025/26", code=2).stderr.splitlines()
    assert "mytoolkit.csv, row 6" in message
    assert "0 of 20 points left" in message


@pytest.mark.parametrize("year", ["2025", "2025/27", "2025-26", "abcd/ef"])
def test_a_year_that_is_none_is_refused(workspace, year):
    assert "2025/26" in run("ledger", workspace, "--year", year, code=2).stderr


def test_d2_d4_the_note_and_an_empty_ledger(workspace):
    words = run("ledger", workspace).output
    assert "20 of 20 points left" in words
    assert "section 4.3.2, which counts here" in words
