"""`corridors bundle`: what a user sees, and that the copy plans as the original does."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_plans import WARD, WEEK
from support_quick import quick_demo

from corridors.cli import main

PLAN = ["--week", WEEK, "--made-on", "2026-02-20"]


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The demo with short searches, and its copy by way of a bundle."""
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "workspace").mkdir()
    workspace = quick_demo(folder / "workspace")
    made = run("bundle", "make", workspace, folder / "b_OS.zip").output
    opened = run("bundle", "open", folder / "b_OS.zip", folder / "copy").output
    sha256 = hashlib.sha256((folder / "b_OS.zip").read_bytes()).hexdigest()
    for said in (made, opened):
        assert f"SHA-256 {sha256}" in said
        assert "telephone" in said
    assert "24 files" in made
    assert "OFFICIAL-SENSITIVE" in made
    assert f"corridors check {folder / 'copy'}" in opened
    return workspace, folder / "copy"


def test_the_copy_checks_as_the_original_does(carried):
    workspace, copy = carried
    assert run("check", copy, "--json").output == run("check", workspace, "--json").output


@pytest.mark.slow
def test_the_copy_plans_the_same_bytes(carried):
    def planned(folder: Path) -> dict[str, bytes]:
        run("plan", folder, WARD, *PLAN)
        maps = folder / "maps"
        return {
            p.relative_to(maps).as_posix(): p.read_bytes() for p in maps.rglob("*") if p.is_file()
        }

    workspace, copy = carried
    one, other = planned(workspace), planned(copy)
    assert one == other
    assert any(name.endswith("plan_OS.json") for name in one)


def test_what_is_wrong_is_told_in_one_line(carried, tmp_path):
    _, copy = carried
    failed = run("bundle", "make", copy, tmp_path / "b.zip", code=2)
    assert failed.output.startswith("corridors: b.zip: has not the name of a bundle")
    failed = run("bundle", "open", tmp_path / "none_OS.zip", tmp_path / "x", code=2)
    assert "there is no such file" in failed.output
    (tmp_path / "bad_OS.zip").write_bytes(b"PK\x03\x04")
    failed = run("bundle", "open", tmp_path / "bad_OS.zip", tmp_path / "x", code=2)
    assert failed.output.count("\n") == 1
    assert not (tmp_path / "x").exists()
