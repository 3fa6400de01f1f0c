"""The command line as a user meets it: output, exit codes, and nothing half-written."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_plans import (
    INCIDENTS,
    PEOPLE,
    WARD,
    WEEK,
    change_rows,
    contents,
    copy_demo,
    write_demo,
)

from corridors.cli import main

PLAN = ["--week", WEEK, "--made-on", "2026-02-20"]
QUICK = "\n[patrols]\niterations = 5\n"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo workspace with a profile of its own whose searches are short."""
    from importlib.resources import files

    folder = write_demo(tmp_path_factory.mktemp("cli"))
    shipped = (files("corridors.profiles") / "hackney_2024.toml").read_text(encoding="utf-8")
    (folder / "quick.toml").write_text(shipped + QUICK, encoding="utf-8")
    config = folder / "corridors.toml"
    text = config.read_text(encoding="utf-8")
    assert '"hackney_2024"' in text
    config.write_text(text.replace('"hackney_2024"', '"quick.toml"'), encoding="utf-8")
    return folder


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


def test_plan_writes_its_files_and_says_what_it_did(demo, tmp_path):
    workspace = copy_demo(demo, tmp_path / "w")
    result = run("plan", workspace, WARD, *PLAN)
    for part in (
        "patrols staffed",
        "no plan with these teams",
        "a loose limit",
        "map_OS.html",
        "notice.html",
    ):
        assert part in result.output
    found = {p.name for p in (workspace / "maps").rglob("*") if p.is_file()}
    assert {"map_OS.html", "notice.html", "plan_OS.json", "roster_OS.csv"} <= found
    stages = result.stderr.splitlines()
    assert stages[:2] == ["inputs", "streets"]
    assert stages[-1] == "pages"


def test_plan_json_is_json_and_nothing_else(demo, tmp_path):
    workspace = copy_demo(demo, tmp_path / "w")
    result = run("plan", workspace, WARD, *PLAN, "--json")
    summary = json.loads(result.stdout)
    assert summary["ward"] == WARD
    assert summary["staffed"] == summary["patrols"] > 0
    assert 0 <= summary["gap"] < 1
    assert all(Path(f).is_file() for f in summary["files"])
    assert not result.stderr


def test_check_gives_a_line_for_each_input(demo):
    result = run("check", demo)
    for kind in ("streets", "boundaries", "schools", "incidents", "people", "calendar"):
        assert any(line.startswith(kind) for line in result.stdout.splitlines()), kind
    assert "dropped" in result.stdout
    as_json = json.loads(run("check", demo, "--json").stdout)
    assert as_json["errors"] == []
    assert len(as_json["inputs"]) == len(result.stdout.splitlines())


def test_check_tells_all_errors_at_once_with_exit_code_1(demo, tmp_path):
    broken = copy_demo(demo, tmp_path / "w")
    (broken / PEOPLE).unlink()
    change_rows(
        broken / "data/people/demo_agreements.csv",
        lambda rows: [row | {"head_agreed_on": "31/02/2025"} for row in rows],
    )
    result = run("check", broken, code=1)
    assert "demo_people.csv" in result.stderr
    assert "row 2, column head_agreed_on, value '31/02/2025'" in result.stderr


def test_init_makes_a_workspace_that_check_can_read_and_keeps_what_is_there(tmp_path):
    folder = tmp_path / "mine"
    assert "written" in run("init", folder).output
    config = folder / "corridors.toml"
    config.write_text(config.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    assert f"kept     {config}" in run("init", folder).output
    assert config.read_text(encoding="utf-8").endswith("# mine\n")
    result = run("check", folder, code=1)
    assert "corridors.toml" in result.stderr


def no_people(folder: Path) -> None:
    change_rows(folder / PEOPLE, lambda _rows: [])


def wrong_column(folder: Path) -> None:
    path = folder / PEOPLE
    path.write_text(
        path.read_text(encoding="utf-8").replace("accepts_police", "accepts", 1), "utf-8"
    )


def null_island(folder: Path) -> None:
    change_rows(
        folder / INCIDENTS, lambda rows: [r | {"Easting": "0", "Northing": "0"} for r in rows]
    )


def swapped(folder: Path) -> None:
    change_rows(
        folder / INCIDENTS,
        lambda rows: [r | {"Easting": r["Northing"], "Northing": r["Easting"]} for r in rows],
    )


def no_file(folder: Path) -> None:
    (folder / PEOPLE).unlink()


def unknown_key(folder: Path) -> None:
    config = folder / "corridors.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("[people]", "[poeple]"), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (no_people, ["demo_people.csv"]),
        (wrong_column, ["demo_people.csv", "column accepts_police"]),
        (null_island, ["demo_force_export.csv", "Easting"]),
        (swapped, ["demo_force_export.csv", "swapped"]),
        (no_file, ["demo_people.csv", "corridors.toml"]),
        (unknown_key, ["corridors.toml", "poeple", "people"]),
    ],
)
def test_bad_input_is_one_message_exit_code_2_and_nothing_written(demo, tmp_path, spoil, words):
    workspace = copy_demo(demo, tmp_path / "w")
    spoil(workspace)
    before = contents(workspace)
    result = run("plan", workspace, WARD, *PLAN, "--json", code=2)
    (message,) = result.stderr.splitlines()
    for word in words:
        assert word in message
    assert contents(workspace) == before


@pytest.mark.parametrize(
    ("ward", "week", "words"),
    [
        ("E05999009", WEEK, "E05999001"),
        ("../../etc/passwd", WEEK, "ward"),
        (WARD, "2026-W08", "Choose a week in term"),
        (WARD, "2026-W60", "2026-W60"),
        (WARD, "next week", "next week"),
    ],
)
def test_bad_arguments_are_one_message_and_exit_code_2(demo, ward, week, words):
    result = run("plan", demo, ward, "--week", week, "--made-on", "2026-02-10", "--json", code=2)
    (message,) = result.stderr.splitlines()
    assert words in message


def test_a_run_that_fails_late_leaves_the_old_plan_as_it_was(demo, tmp_path):
    workspace = copy_demo(demo, tmp_path / "w")
    run("plan", workspace, WARD, *PLAN, "--json")
    before = {p: p.read_bytes() for p in (workspace / "maps").rglob("*") if p.is_file()}
    no_people(workspace)
    run("plan", workspace, WARD, *PLAN, "--json", code=2)
    assert {p: p.read_bytes() for p in (workspace / "maps").rglob("*") if p.is_file()} == before


def test_help_imports_no_heavy_library():
    """What makes `corridors --help` quick: it imports click and little else."""
    code = (
        "import sys\nfrom corridors.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'pandas', 'geopandas', 'shapely', 'ortools', 'folium', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    env = {**os.environ, "PYTHONWARNINGS": "error"}
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
    )
    assert "plan" in out.stdout
    assert out.stdout.splitlines()[-1] == "[]"


def test_every_command_has_help():
    for name in main.commands:
        assert "Usage" in run(name, "--help").output


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "Make room on the disk"), (errno.EROFS, "may write there")]
)
def test_a_disk_that_cannot_be_written_is_one_message(tmp_path, monkeypatch, number, words):
    from corridors import files

    def failing(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files.os, "write", failing)
    result = CliRunner().invoke(main, ["init", str(tmp_path / "w")])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"corridors: {tmp_path}/w/corridors.toml: ")
    assert words in result.stderr
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]
