"""Everything or nothing, in the right place, with the right version."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sample_plan import (
    MADE_ON,
    WARD,
    Names,
    fresh_plan,
    sample_plan,
    sample_profile,
    with_inputs,
    with_staffing,
)

from corridors import files, model, publish
from corridors.errors import InputError, WardError

PROFILE = sample_profile()
WORKING = f"maps/working/{WARD}/2026-W10"
PUBLIC = f"maps/public/{WARD}/2026-W10"


def _tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_files_in_two_places(tmp_path):
    written = publish.write(sample_plan(), PROFILE, tmp_path)
    names = [p.relative_to(tmp_path.resolve()).as_posix() for p in written]
    assert [p.name for p in publish.opened_first(written)] == [
        "map_OS.html", "briefing_OS.html", "roster_OS.xlsx", "notice.html",
        "notice-young-people.html", "index.html", "index.html",
    ]  # fmt: skip
    assert names[-2:] == ["maps/working/index.html", "maps/public/index.html"]
    assert set(_tree(tmp_path / WORKING) | _tree(tmp_path / PUBLIC)) == {
        n.split("2026-W10/")[1] for n in names[:-2]
    }
    for name in names:
        mode = stat.S_IMODE((tmp_path / name).stat().st_mode)
        is_private = name.startswith("maps/working/")
        assert mode == (0o600 if is_private else 0o644), name
        assert ("_OS." in name) == (is_private and not name.endswith("/index.html")), name


def test_same_plan_same_bytes_also_over_older_files(tmp_path):
    publish.write(sample_plan(), PROFILE, tmp_path / "a")
    publish.write(sample_plan(), PROFILE, tmp_path / "b")
    publish.write(sample_plan(), PROFILE, tmp_path / "b")
    assert _tree(tmp_path / "a") == _tree(tmp_path / "b")


LATER = date(2026, 2, 27)  # one school day before the week
FEWER = replace(sample_plan(), patrols=sample_plan().patrols[:1])


def _write(root: Path, plan: model.Plan, made_on: date = MADE_ON) -> str:
    """The notice's page after writing ``plan``, made on that day; empty if there is none."""
    publish.write(with_inputs(plan, made_on=made_on), PROFILE, root)
    notice = root / PUBLIC / "notice.html"
    return notice.read_text("utf-8") if notice.exists() else ""


def _nobody(plan: model.Plan) -> model.Plan:
    return with_staffing(plan, people=())


def test_the_same_content_on_a_later_day_keeps_the_notice(tmp_path):
    first = _write(tmp_path, sample_plan())
    assert _write(tmp_path, sample_plan(weight_seed=3), LATER) == first
    assert "Version 1 of this notice, given out on 6 February 2026" in first
    assert "Unannounced" not in first
    roster = (tmp_path / WORKING / "roster_OS.csv").read_text("utf-8-sig")
    assert "On the public notice" in roster
    assert "counted as unannounced" not in roster


def test_a_late_notice_stays_late(tmp_path):
    first = _write(tmp_path, sample_plan(), LATER)
    assert "Unannounced" in first
    assert _write(tmp_path, sample_plan(), MADE_ON) == first
    assert "counted as unannounced" in (tmp_path / WORKING / "roster_OS.csv").read_text("utf-8-sig")


def test_a_changed_notice_has_the_next_version_date_and_lead_check(tmp_path):
    _write(tmp_path, FEWER)
    second = _write(tmp_path, sample_plan(), LATER)
    assert "Version 2 of this notice, given out on 27 February 2026" in second
    assert "Unannounced" in second
    assert _write(tmp_path, sample_plan(), LATER) == second
    third = _write(tmp_path, FEWER, date(2026, 2, 9))
    assert "Version 3 of this notice, given out on 9 February 2026" in third
    assert "Unannounced" not in third


def test_an_untrue_notice_is_cancelled_and_versions_go_on(tmp_path):
    first = _write(tmp_path, sample_plan())
    cancelled = _write(tmp_path, _nobody(sample_plan()), LATER)
    assert "are cancelled" in cancelled
    assert "Version 2 of this notice, given out on 27 February 2026" in cancelled
    assert _write(tmp_path, _nobody(sample_plan()), date(2026, 3, 1)) == cancelled
    again = _write(tmp_path, sample_plan())
    assert "Version 3 of this notice" in again
    assert again.count("\n") == first.count("\n")
    assert "are cancelled" not in again


def test_a_week_that_was_never_told_is_not_cancelled(tmp_path):
    written = publish.write(_nobody(sample_plan()), PROFILE, tmp_path)
    assert all("maps/working/" in p.as_posix() for p in written)
    assert not (tmp_path / PUBLIC).exists()


def test_a_damaged_notice_was_given_out_all_the_same(tmp_path):
    notice = tmp_path / PUBLIC / "notice.html"
    _write(tmp_path, sample_plan())
    notice.write_bytes(b"\xff half a page")
    assert "Version 2 of this notice" in _write(tmp_path, sample_plan())
    notice.write_bytes(b"")
    assert "are cancelled" in _write(tmp_path, _nobody(sample_plan()))


def test_versions_go_on_after_a_kill_between_two_renames(tmp_path):
    first = _write(tmp_path, sample_plan())
    public = tmp_path / PUBLIC
    public.rename(public.with_name(".2026-W10.old"))
    assert _write(tmp_path, sample_plan(), LATER) == first


def test_a_second_run_is_told_to_try_again(tmp_path, monkeypatch):
    before = _write(tmp_path, sample_plan())
    real = files.one_run
    monkeypatch.setattr(files, "one_run", lambda lock: real(lock, wait_s=0.1))
    with (
        real(tmp_path / "maps" / f".{WARD}-2026-W10.lock"),
        pytest.raises(InputError, match="another run is writing the same pages; try again"),
    ):
        _write(tmp_path, FEWER)
    assert (tmp_path / PUBLIC / "notice.html").read_text("utf-8") == before
    assert "Version 2" in _write(tmp_path, FEWER)


def test_no_page_holds_a_web_address_of_a_name(tmp_path):
    name = "x http://evil.example/"
    plan = fresh_plan(
        Names(
            ward=name, schools=(name, name), streets=(name, *Names().streets[1:]),
            places=(name, name, name), people=(name,) * 4, organisation=name, spoc=name,
        )
    )  # fmt: skip
    publish.write(plan, PROFILE, tmp_path)
    for path in (f"{WORKING}/map_OS.html", f"{WORKING}/roster_OS.csv", f"{PUBLIC}/notice.html"):
        page = (tmp_path / path).read_text("utf-8")
        assert "evil.example" in page
        assert "://evil" not in page
    assert "://" not in (tmp_path / PUBLIC / "notice.html").read_text("utf-8")


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


CHANGED = with_inputs(
    replace(sample_plan(weight_seed=5), patrols=sample_plan().patrols[:1]), made_on=date(2026, 2, 9)
)
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
        ("emptied", "put_in_place", 1),
        ("emptied", "put_in_place", 2),
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
    assert not [p for p in tmp_path.rglob("*") if p.name.startswith(".")]
    # Staff know before the public does.
    if now[f"{PUBLIC}/notice.html"] != before[f"{PUBLIC}/notice.html"]:
        assert now[f"{WORKING}/plan_OS.json"] != before[f"{WORKING}/plan_OS.json"]
    if (step, call) == ("put_in_place", 2):
        assert now[f"{WORKING}/plan_OS.json"] != before[f"{WORKING}/plan_OS.json"]
        assert now[f"{PUBLIC}/notice.html"] == before[f"{PUBLIC}/notice.html"]


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
