"""The summary of a batch: how each ward's week ended, as a page and as data. OFFICIAL-SENSITIVE.

It holds no time and no duration: the same states give the same bytes, and files whose bytes would
be the same are not touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from corridors import files
from corridors.labels import WARD
from corridors.publish.cards import MARKING
from corridors.publish.folders import MAP_FILE, monday_of
from corridors.publish.neighbours import booked_twice, clash_words
from corridors.publish.pages import asset, render
from corridors.publish.plan_weeks import PlanWeek, read_plan
from corridors.publish.wording import clean, clean_name, long_date

PAGE_FILE: Final = "summary_OS.html"
DATA_FILE: Final = "summary_OS.json"
FORMAT: Final = 1
FOLDER: Final = ("maps", "working", "batch")


@dataclass(frozen=True)
class WardRow:
    """One ward of a batch; names and reasons are as files have them."""

    ward: str  # its code, or what was asked for if there is no such ward
    name: str
    status: str
    reason: tuple[str, ...]
    exit_code: int
    made_on: str  # ISO date
    corridors: int = 0
    patrols: int = 0
    staffed: int = 0
    warnings: int = 0


def write_summary(
    root: Path, week: str, rows: Iterable[WardRow], statuses: Mapping[str, str]
) -> tuple[Path, ...]:
    """Write a week's summary for staff, if it says anything new.

    Parameters
    ----------
    root : the workspace; files go to ``maps/working/batch/<week>`` under it, for their owner only.
    week : as ``2026-W10``.
    rows : in any order.
    statuses : each status in words, in the order in which they are told.

    Returns
    -------
    The page and the data, also where they stood as they are.

    Raises
    ------
    InputError
        If a link would lead the files out of the workspace.
    """
    order = list(statuses)
    shown = sorted(
        map(_cleaned, rows), key=lambda r: (order.index(r.status), r.name.casefold(), r.ward)
    )
    folder = files.folder_inside(root, *FOLDER, week)
    twice = _booked_twice(root, week, shown)
    files.make_folders(folder, is_private=True)
    made = {
        folder / PAGE_FILE: batch_page(root, week, shown, statuses, twice).encode("utf-8"),
        folder / DATA_FILE: _json(batch_data(week, shown, statuses, twice)),
    }
    for path, data in made.items():
        files.remove_parts(path)
        if path.is_symlink() or not path.is_file() or path.read_bytes() != data:
            files.write_text_atomically(path, data)
    return tuple(made)


def batch_data(
    week: str,
    rows: Sequence[WardRow],
    statuses: Mapping[str, str],
    twice: Mapping[str, Sequence[str]],
) -> dict[str, object]:
    """The summary as JSON types; ``twice`` is by ward code."""
    return {
        "marking": MARKING,
        "format": FORMAT,
        "week": week,
        "counts": {status: _count(rows, status) for status in statuses},
        "booked_twice": {code: list(words) for code, words in sorted(twice.items())},
        "wards": [{**vars(row), "reason": list(row.reason)} for row in rows],
    }


def batch_page(
    root: Path,
    week: str,
    rows: Sequence[WardRow],
    statuses: Mapping[str, str],
    twice: Mapping[str, Sequence[str]],
) -> str:
    """The page; a ward's name leads to its map where there is one."""
    monday = monday_of(week)
    return render(
        "batch.html",
        style=f"{asset('index.css')}\n{asset('working_index.css')}\n{asset('batch.css')}",
        marking=MARKING,
        week=week,
        monday=f"from {long_date(monday)}" if monday else "",
        counts=[(words, _count(rows, status)) for status, words in statuses.items()],
        rows=[(row, statuses[row.status], _map(root, week, row)) for row in rows],
        total=len(rows),
        twice=[(row.name, line) for row in rows for line in twice.get(row.ward, ())],
    )


def _cleaned(row: WardRow) -> WardRow:
    return replace(
        row,
        ward=clean_name(row.ward),
        name=clean_name(row.name),
        reason=tuple(map(clean, row.reason)),
    )


def _booked_twice(root: Path, week: str, rows: Sequence[WardRow]) -> Mapping[str, tuple[str, ...]]:
    """Who was put on two wards' patrols at one time, from the plans as they stand, by ward."""
    folder = root.joinpath(*FOLDER[:2])
    found = {(row.ward, week): _plan_of(folder, week, row) for row in rows}
    return clash_words(booked_twice({place: plan for place, plan in found.items() if plan}))


def _plan_of(folder: Path, week: str, row: WardRow) -> PlanWeek | None:
    return read_plan(folder / row.ward / week) if WARD.fullmatch(row.ward) else None


def _count(rows: Sequence[WardRow], status: str) -> int:
    return sum(row.status == status for row in rows)


def _map(root: Path, week: str, row: WardRow) -> str:
    """Address of the ward's map from the page; empty if it was not written."""
    if row.status not in ("done", "no_patrol") or not WARD.fullmatch(row.ward):
        return ""
    place = f"{row.ward}/{week}/{MAP_FILE}"
    return f"../../{place}" if root.joinpath(*FOLDER[:2], place).is_file() else ""


def _json(data: object) -> bytes:
    return f"{json.dumps(data, sort_keys=True, indent=1)}\n".encode()
