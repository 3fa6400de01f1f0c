"""Copies past their date, and their removal (C.1): never notices or approvals, nor
logs that are to last.

What counts as the date: of a week's working folder and of its batch, the week's last day; of other
files, the day on which they were last written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from corridors import files
from corridors.labels import WARD
from corridors.profile import Retention
from corridors.publish.indexes import write_indexes
from corridors.publish.quarantine import FILE as QUARANTINE

INCIDENTS: Final = ("data", "incidents")
# Also what a killed run left beside it (``files.stage_folder``).
_WEEK: Final = re.compile(r"(?:\.(?=.*\.))?([0-9]{4})-W([0-9]{2})(?:\.(?:old|part-\w+))?")
_BY_WRITING: Final = {"backtest": "back-test", "evaluation": "evaluation"}  # folder and kind
_BATCHES: Final = ("maps/working/batch", "log/batch")


@dataclass(frozen=True)
class Stale:
    """A file or folder past its date; ``place`` is relative to the workspace."""

    kind: str  # "incidents", "quarantine", "week", "batch", "back-test" or "evaluation"
    place: str
    dated: date
    files: int


def is_past(dated: date, days: int, on: date) -> bool:
    """Whether what is of ``dated`` may have stayed ``days`` days and ``on`` is past that."""
    return on - dated >= timedelta(days=days)


def stale(
    root: Path, named: Iterable[Path], retention: Retention, on: date
) -> tuple[tuple[Stale, ...], tuple[str, ...]]:
    """What is past its date on a day.

    Parameters
    ----------
    named : incident files that corridors.toml names, beside those in ``data/incidents``.

    Returns
    -------
    What is to go, in order of place; and sentences about what is left alone: links, and files
    that lie elsewhere.
    """
    home = root.resolve()
    kept: list[str] = []
    found: list[Stale] = []
    folder = home.joinpath(*INCIDENTS)
    inside = [path for path in _files(folder) if not path.name.startswith(".")]
    for path in {*inside, *(Path(os.path.abspath(path)) for path in named)}:  # noqa: PTH100
        place = _place(root, path)
        problem = _why_not(home, place)
        if problem:
            kept.append(f"{place or path.name}: {problem}")
        elif (home / place).is_file():
            found.append(Stale("incidents", place, _written_on(home / place), 1))
    quarantine = home / QUARANTINE
    if quarantine.is_file() and not _why_not(home, QUARANTINE):
        found.append(Stale("quarantine", QUARANTINE, _written_on(quarantine), 1))
    found = [one for one in found if is_past(one.dated, retention.incidents_days, on)]
    derived = (*_weeks(home, kept), *_batches(home, kept), *_by_writing(home, kept))
    found += [one for one in derived if is_past(one.dated, retention.derived_days, on)]
    return tuple(sorted(found, key=lambda one: one.place)), tuple(sorted(set(kept)))


def remove(root: Path, gone: Iterable[Stale]) -> Iterator[Stale]:
    """Remove what ``stale`` found, each folder in one step, and list the rest anew.

    Yields each once it is gone.

    Raises
    ------
    InputError
        If a link has come in the way, or another run is writing there.
    """
    home = root.resolve()
    has_folder = False
    for one in gone:
        *above, name = one.place.split("/")
        if one.kind in ("incidents", "quarantine"):
            parent = files.folder_inside(home, *above) if above else home
            (parent / name).unlink(missing_ok=True)
            yield one
            continue
        has_folder = True
        target = files.folder_inside(home, *above, name)
        lock = files.folder_inside(home, "maps") / f".{above[-1]}-{name}.lock"
        with files.one_run(lock):
            files.take_away(target)
        if not any(target.parent.iterdir()):
            target.parent.rmdir()
        yield one
    if has_folder:
        write_indexes(home)


def _weeks(home: Path, kept: list[str]) -> Iterator[Stale]:
    for ward in _folders(home, "maps/working", kept):
        if not WARD.fullmatch(ward.name):
            continue
        yield from _dated(home, f"maps/working/{ward.name}", "week", kept)


def _batches(home: Path, kept: list[str]) -> Iterator[Stale]:
    """Summaries of batches, and their states and logs, which may hold a killed run's pieces."""
    for folder in _BATCHES:
        yield from _dated(home, folder, "batch", kept)


def _dated(home: Path, folder: str, kind: str, kept: list[str]) -> Iterator[Stale]:
    """Folders of weeks in a folder."""
    for week in _folders(home, folder, kept):
        last = _last_day(week.name)
        if last is not None:
            place = week.relative_to(home).as_posix()
            yield Stale(kind, place, last, len(_files(week)))


def _by_writing(home: Path, kept: list[str]) -> Iterator[Stale]:
    """Back-tests and evaluations, dated by their last file."""
    for above, kind in _BY_WRITING.items():
        for folder in _folders(home, f"maps/working/{above}", kept):
            inside = _files(folder)
            if inside and not folder.name.startswith("."):
                last = max(_written_on(path) for path in inside)
                place = folder.relative_to(home).as_posix()
                yield Stale(kind, place, last, len(inside))


def _last_day(label: str) -> date | None:
    match = _WEEK.fullmatch(label)
    if match is None:
        return None
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 7)
    except ValueError:
        return None


def _folders(home: Path, place: str, kept: list[str]) -> list[Path]:
    """Folders in a folder of the workspace, sorted; links are told of and left."""
    folder = home / place
    if not folder.is_dir() or _why_not(home, place):
        return []
    links = [entry for entry in folder.iterdir() if entry.is_symlink()]
    kept += [f"{link.relative_to(home).as_posix()}: is a link and was left" for link in links]
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink())


def _files(folder: Path) -> list[Path]:
    """Files under a folder, and links in their place; no link is followed."""
    walk = os.walk(folder, followlinks=False)
    return sorted(Path(above) / name for above, _, names in walk for name in names)


def _place(root: Path, path: Path) -> str:
    """Where a file lies in the workspace as written; empty if elsewhere."""
    for base in (root.absolute(), root.resolve()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return ""


def _why_not(home: Path, place: str) -> str:
    if not place:
        return "lies outside the workspace and was left: remove it where it is kept"
    if (home / place).resolve() != home / place:
        return "is a link, or behind one, and was left"
    return ""


def _written_on(path: Path) -> date:
    return datetime.fromtimestamp(path.stat(follow_symlinks=False).st_mtime, UTC).date()
