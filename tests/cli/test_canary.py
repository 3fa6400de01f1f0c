"""The free text of an export appears nowhere: no page, cache, log, quarantine, audit or message."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_camden import MADE_ON, write_camden
from support_camden import WEEK as CAMDEN_WEEK
from support_plans import INCIDENTS, OTHER_WARD, WEEK, contents
from support_quick import quick_demo

from corridors.cli import main

CANARY = "SECRETCANARY"
STORY = f"{CANARY} Ann Other of 5 High Street was seen by her neighbour, who then rang us"
CAMDEN_WARD = "E05000131"


def run(*arguments):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code in (0, 1, 2), result.output
    assert not result.exception or isinstance(result.exception, SystemExit), result.exception
    return result


def holding(folder: Path, word: str, ours: Path) -> list[Path]:
    """Files in whose bytes, packed or not, the word stands; all but the export itself."""
    found = []
    for path, data in contents(folder).items() | {
        (p, p.read_bytes()) for p in folder.rglob("audit_OS.jsonl")
    }:
        if path == ours:
            continue
        texts = [data]
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                texts += [archive.read(name) for name in archive.namelist()]
        needles = (word.encode(), word.encode("utf-16-le"))
        if any(needle in text for text in texts for needle in needles):
            found.append(path)
    return found


@pytest.fixture
def workspace(tmp_path):
    """The demo with the canary in every cell that is not read."""
    folder = quick_demo(tmp_path / "w")
    change(folder / INCIDENTS, lambda rows: [with_cell(rows[0], "MO", r, STORY) for r in rows])
    return folder


def change(path, how):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    header = rows[0]
    if "MO" not in header:
        rows = [[*header, "MO"], *([*row, STORY] for row in rows[1:])]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(how(rows))


def with_cell(header, name, row, text):
    if row == header:
        return row
    return [text if h == name else c for h, c in zip(header, row, strict=True)]


def test_the_search_finds_the_canary_also_in_workbooks(tmp_path):
    export = tmp_path / "export.csv"
    export.write_text(CANARY)
    (tmp_path / "leak.txt").write_text(f"x {CANARY} y")
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("sheet1.xml", CANARY * 50)
    assert {p.name for p in holding(tmp_path, CANARY, export)} == {"leak.txt", "book.xlsx"}


def test_no_command_lets_free_text_out(workspace):
    export = workspace / INCIDENTS
    said = [
        run("map-columns", export, "--workspace", workspace, "--write", "--yes"),
        run("check", workspace),
        run("check", workspace, "--json"),
        run("plan", workspace, OTHER_WARD, "--week", WEEK, "--made-on", "2026-02-20"),
        run("audit", workspace),
        run("purge", workspace, "--dry-run"),
    ]
    assert [result.exit_code for result in said] == [0] * 6
    assert not [result for result in said if CANARY in result.output]
    assert (workspace / "log/quarantine_OS.csv").is_file()
    assert (workspace / "maps/working" / OTHER_WARD / WEEK / "plan_OS.json").is_file()
    assert holding(workspace, CANARY, export) == []


def headerless(rows):
    return [[STORY if c == "MO" else d for c, d in zip(rows[0], rows[1], strict=True)], *rows[1:]]


def canary_headers(rows):
    return [[STORY if c == "Crime Type" else c for c in rows[0]], *rows[1:]]


def short_headers(rows):
    return [["x" if c == "Crime Type" else c for c in rows[0]], *rows[1:]]


def slipped(rows):
    """Every row turned by one: free text stands where the reference should, and so on."""
    return [rows[0], *([row[-1], *row[:-1]] for row in rows[1:])]


def in_column(name):
    return lambda rows: [with_cell(rows[0], name, row, STORY) for row in rows]


def in_one_row(name):
    return lambda rows: [rows[0], with_cell(rows[0], name, rows[1], STORY), *rows[2:]]


def broken_row(rows):
    return [*rows[:5], [*rows[5], STORY], *rows[6:]]


def short_row(rows):
    return [*rows[:5], [STORY], *rows[6:]]


@pytest.mark.parametrize(
    "how",
    [
        headerless, canary_headers, short_headers, slipped, broken_row, short_row,
        *map(in_column, ("Committed From", "Committed To", "Easting", "Northing", "Crime Type",
                         "Location Type", "Source", "Outcome", "Occurrence No")),
        *map(in_one_row, ("Committed From", "Committed To", "Easting", "Northing", "Crime Type")),
    ],
)  # fmt: skip
def test_spoilt_exports_are_told_without_their_text(workspace, how):
    export = workspace / INCIDENTS
    change(export, how)
    for result in (
        run("check", workspace),
        run("map-columns", export, "--workspace", workspace, "--write", "--yes"),
    ):
        assert "Ann Other" not in result.output
        if how is not canary_headers:  # a column's name may be quoted, cut short
            assert CANARY not in result.output
    assert holding(workspace, "Ann Other", export) == []


def test_an_unclosed_quote_is_told_without_its_text(workspace):
    export = workspace / INCIDENTS
    data = export.read_text(encoding="utf-8")
    export.write_text(data + f'x,"{STORY}', encoding="utf-8")
    told = run("check", workspace)
    assert told.exit_code == 1
    assert CANARY not in told.output


def test_the_canary_of_camden_is_nowhere_after_check_and_map_columns(realdata, tmp_path):
    data = realdata / "camden"
    workspace = write_camden(tmp_path / "w", data)
    export = data / "force_export_synthetic_times.csv"
    assert CANARY.encode() in export.read_bytes()[:2000]
    said = [
        run("check", workspace),
        run("map-columns", export, "--workspace", workspace, "--write", "--yes"),
        run("audit", workspace),
    ]
    assert [result.exit_code for result in said] == [0, 0, 0]
    assert not [result for result in said if CANARY in result.output]
    assert holding(workspace, CANARY, export) == []


@pytest.mark.slow
def test_the_canary_of_camden_is_nowhere_after_a_plan(realdata, tmp_path):
    data = realdata / "camden"
    workspace = write_camden(tmp_path / "w", data)
    told = run("plan", workspace, CAMDEN_WARD, "--week", CAMDEN_WEEK, "--made-on", MADE_ON)
    assert told.exit_code == 0
    assert CANARY not in told.output
    assert (workspace / "maps/working" / CAMDEN_WARD / CAMDEN_WEEK / "plan_OS.json").is_file()
    assert holding(workspace, CANARY, data / "force_export_synthetic_times.csv") == []
