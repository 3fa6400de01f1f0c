"""What a batch leaves, redoes and survives. Its units plan nothing; pieces are real."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support_batch import (
    FAR,
    FAR_NEXT,
    FAR_REPORTS,
    HERE,
    NEXT,
    WEEK,
    begin,
    outputs,
    states,
)
from support_units import KILL, failing_unit, writing_unit

from corridors.batch import state
from corridors.batch.engines import local_processes
from corridors.batch.outcome import BEGUN, DONE, FAILED, exit_code_of

PROGRAM = Path(__file__).with_name("support_killed_batch.py")
PAGE = f"maps/working/{{}}/{WEEK}/map_OS.html"


def _times(root: Path) -> dict[str, int]:
    paths = [p for p in root.rglob("*") if p.is_file()]
    return {p.relative_to(root).as_posix(): p.stat().st_mtime_ns for p in paths}


def _planned(report) -> set[str]:
    return {o.ward for o in report.planned}


def test_a_second_run_touches_nothing(batched, copy):
    root = copy(batched)
    before = _times(root)
    report = begin(root)
    assert report.left == 4
    assert report.planned == []
    assert _times(root) == before


def test_no_piece_outlives_a_batch(batched):
    assert list((state.batch_folder(batched, WEEK) / state.PIECES).iterdir()) == []


def test_processes_write_the_same_bytes(towns, batched, copy):
    root = copy(towns)
    begin(root, engine=local_processes(2))
    assert outputs(root) == outputs(batched)


def test_a_changed_file_redoes_only_the_wards_that_it_touches(batched, copy):
    root = copy(batched)
    before = _times(root)
    reports = root / FAR_REPORTS
    reports.write_bytes(b"".join(reports.read_bytes().splitlines(keepends=True)[:-40]))
    report = begin(root)
    assert _planned(report) == {FAR, FAR_NEXT}
    assert report.left == 2
    now = _times(root)
    same = [PAGE.format(ward) for ward in (HERE, NEXT)]
    assert [now[name] for name in same] == [before[name] for name in same]
    assert begin(root).left == 4  # all are known to be made from what now stands there


def test_another_day_is_another_plan(batched, copy):
    from datetime import date

    report = begin(copy(batched), day=date(2026, 2, 21), wanted=(FAR,))
    assert _planned(report) == {FAR}


def test_wards_that_fail_stop_no_other_and_are_tried_again(batched, copy):
    root = copy(batched)
    report = begin(root, failing_unit, redo=True)
    assert states(root) == {HERE: DONE, NEXT: FAILED, FAR: FAILED, FAR_NEXT: DONE}
    assert exit_code_of(report.outcomes) == 1
    folder = state.batch_folder(root, WEEK)
    assert state.read_state(folder, NEXT).outcome.reason == (
        "no walkable street lies in ward. Check the files",
    )
    log = (folder / f"{FAR}.log").read_text("utf-8")
    assert "KeyError: 95" in log
    assert "KeyError" not in (root / f"maps/working/batch/{WEEK}/summary_OS.html").read_text()
    mended = begin(root)
    assert _planned(mended) == {NEXT, FAR}
    assert mended.left == 2
    assert exit_code_of(mended.outcomes) == 0
    assert outputs(root) == outputs(batched)


def test_killed_after_its_pages_a_ward_is_planned_from_the_same_piece(
    towns, batched, copy, tmp_path
):
    root, deaths = copy(towns), tmp_path / "deaths"
    deaths.mkdir()
    killed = subprocess.run(
        [sys.executable, str(PROGRAM), str(root)],
        env=os.environ | {KILL: f"{FAR} 1 {deaths}"}, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    assert states(root) == {HERE: DONE, NEXT: DONE, FAR: BEGUN}
    folder = state.batch_folder(root, WEEK)
    piece = folder / state.PIECES / state.read_state(folder, FAR).piece
    cut_ns = piece.stat().st_mtime_ns
    (piece.parent / "stale.piece").touch()

    def unit(order):
        if order.ward == FAR:
            assert Path(order.piece).stat().st_mtime_ns == cut_ns
        return writing_unit(order)

    report = begin(root, unit)
    assert (report.left, _planned(report)) == (2, {FAR, FAR_NEXT})
    assert set(states(root).values()) == {DONE}
    assert list(piece.parent.iterdir()) == []
    assert outputs(root) == outputs(batched)


def test_damaged_states_and_pages_count_as_not_done(batched, copy):
    root = copy(batched)
    folder = state.batch_folder(root, WEEK)
    (folder / f"{HERE}.json").write_text('{"format": 1, "ward": []}')
    (root / PAGE.format(NEXT)).write_text("changed by hand")
    last = root / f"maps/working/{FAR}/2026-W09/plan_OS.json"
    last.parent.mkdir()
    last.write_text("{}")
    report = begin(root)
    assert _planned(report) == {HERE, NEXT, FAR}
    assert report.left == 1
    told = {o.ward: o for o in report.outcomes}
    assert told[FAR].status == FAILED
    assert "2026-W09/plan_OS.json: is damaged" in told[FAR].reason[0]
    assert {told[w].status for w in (HERE, NEXT, FAR_NEXT)} == {DONE}


def test_a_state_that_cannot_be_written_stops_the_batch_and_loses_nothing(
    towns, batched, copy, monkeypatch
):
    root = copy(towns)
    real, written = state.write_state, []

    def full(folder, new):
        written.append(new)
        if len(written) == 4:
            raise OSError(errno.ENOSPC, "No space left on device", str(folder))
        real(folder, new)

    monkeypatch.setattr(state, "write_state", full)
    with pytest.raises(OSError, match="No space left"):
        begin(root, wanted=(HERE, NEXT))
    monkeypatch.undo()
    assert states(root) == {HERE: DONE, NEXT: BEGUN}
    assert begin(root).left == 1
    assert outputs(root) == outputs(batched)
