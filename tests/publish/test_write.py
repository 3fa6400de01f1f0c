"""Everything or nothing, in the right place, with the right version."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sample_plan import WARD, sample_plan, sample_profile, with_inputs, with_staffing

from corridors import publish
from corridors.errors import InputError, WardError
from corridors.publish import files

PROFILE = sample_profile()
WORKING = f"maps/working/{WARD}/2026-W10"
PUBLIC = f"maps/public/{WARD}/2026-W10"


def _tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_four_files_in_two_places(tmp_path):
    written = publish.write(sample_plan(), PROFILE, tmp_path)
    names = [p.relative_to(tmp_path.resolve()).as_posix() for p in written]
    assert names == [
        f"{WORKING}/map_OS.html", f"{WORKING}/roster_OS.csv", f"{WORKING}/plan_OS.json",
        f"{PUBLIC}/notice.html",
    ]  # fmt: skip
    assert set(_tree(tmp_path)) == set(names)
    modes = [stat.S_IMODE(p.stat().st_mode) for p in written]
    assert modes == [0o600, 0o600, 0o600, 0o644]


def test_same_plan_same_bytes_also_over_older_files(tmp_path):
    publish.write(sample_plan(), PROFILE, tmp_path / "a")
    publish.write(sample_plan(), PROFILE, tmp_path / "b")
    publish.write(sample_plan(), PROFILE, tmp_path / "b")
    assert _tree(tmp_path / "a") == _tree(tmp_path / "b")


def test_an_untrue_notice_is_removed(tmp_path):
    publish.write(sample_plan(), PROFILE, tmp_path)
    written = publish.write(with_staffing(sample_plan(), people=()), PROFILE, tmp_path)
    assert len(written) == 3
    assert not (tmp_path / PUBLIC).exists()
    assert (tmp_path / WORKING).exists()


def test_a_changed_notice_has_the_next_version(tmp_path):
    notice = tmp_path / PUBLIC / "notice.html"
    changed = with_inputs(sample_plan(), made_on=date(2026, 2, 9))
    for plan, version in ((sample_plan(), 1), (sample_plan(), 1), (changed, 2), (changed, 2)):
        publish.write(plan, PROFILE, tmp_path)
        assert f"<p>Version {version} of this notice" in notice.read_text("utf-8")
    publish.write(sample_plan(), PROFILE, tmp_path)
    assert "<p>Version 3 of this notice" in notice.read_text("utf-8")


@pytest.mark.parametrize(
    "code", ["../../etc", "CON", "E0500000", "E05000001\n", "a/b", "E" * 300, "", "E0500000１"]
)
def test_only_a_ward_code_names_a_folder(tmp_path, code):
    plan = sample_plan()
    plan = with_inputs(plan, ward=replace(plan.inputs.ward, code=code))
    with pytest.raises(WardError, match="may not name a folder"):
        publish.write(plan, PROFILE, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("label", ["../x", "2026-W1", "2026-W10/..", "2026-W10\n", "2026-10"])
def test_only_a_week_names_a_folder(tmp_path, label):
    plan = sample_plan()
    plan = with_inputs(plan, week=replace(plan.inputs.week, label=label))
    with pytest.raises(WardError, match="may not name a folder"):
        publish.write(plan, PROFILE, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_link_out_of_the_workspace_is_refused(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (root / "maps").mkdir(parents=True)
    (root / "maps" / "public").symlink_to(outside, target_is_directory=True)
    with pytest.raises(InputError, match="is a link"):
        publish.write(sample_plan(), PROFILE, root)
    assert not list(outside.iterdir())
    assert not (root / "maps" / "working").exists()


CHANGED = with_inputs(sample_plan(weight_seed=5), made_on=date(2026, 2, 9))
EMPTIED = with_staffing(CHANGED, people=())


@pytest.fixture(scope="module")
def old_and_new(tmp_path_factory) -> dict[str, list[dict[str, bytes]]]:
    """What may stand on disk after a failed run: all the old, or all the new, folder by folder."""
    made = {}
    for name, plan in (("changed", CHANGED), ("emptied", EMPTIED)):
        root = tmp_path_factory.mktemp(name)
        publish.write(sample_plan(), PROFILE, root)
        before = _tree(root)
        publish.write(plan, PROFILE, root)
        made[name] = [before, _tree(root)]
    return made


@pytest.mark.parametrize(
    ("name", "step", "call"),
    [
        ("changed", "stage_folder", 1),
        ("changed", "stage_folder", 2),
        ("changed", "put_in_place", 1),
        ("changed", "put_in_place", 2),
        ("emptied", "take_away", 1),
        ("emptied", "put_in_place", 1),
    ],
)
def test_a_failure_at_any_step_leaves_whole_folders(
    tmp_path, monkeypatch, old_and_new, name, step, call
):
    before = old_and_new[name][0]
    for path, data in before.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    real, calls = getattr(files, step), []

    def failing(*args, **kwargs):
        calls.append(1)
        if len(calls) == call:
            raise OSError("disk gone")
        return real(*args, **kwargs)

    monkeypatch.setattr(files, step, failing)
    with pytest.raises(OSError, match="disk gone"):
        publish.write(CHANGED if name == "changed" else EMPTIED, PROFILE, tmp_path)

    now = _tree(tmp_path)
    for folder in (WORKING, PUBLIC):
        part, *whole = (
            {k: v for k, v in tree.items() if k.startswith(folder)}
            for tree in (now, *old_and_new[name])
        )
        assert part in whole
    assert not [p for p in tmp_path.rglob("*") if ".part-" in p.name]


def test_a_page_that_cannot_be_made_touches_nothing(tmp_path, monkeypatch):
    publish.write(sample_plan(), PROFILE, tmp_path)
    before = _tree(tmp_path)

    def broken(*_):
        raise RuntimeError("no map today")

    monkeypatch.setattr(publish, "working_map", broken)
    with pytest.raises(RuntimeError, match="no map today"):
        publish.write(sample_plan(weight_seed=3), PROFILE, tmp_path)
    assert _tree(tmp_path) == before


def test_outputs_hold_no_path_of_this_machine(tmp_path):
    publish.write(sample_plan(), PROFILE, tmp_path)
    for data in _tree(tmp_path).values():
        assert os.fsencode(tmp_path) not in data
        assert os.fsencode(Path(publish.__file__).parent) not in data
