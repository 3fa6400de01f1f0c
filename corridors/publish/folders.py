"""Folders and file names under ``maps``, the same for both sides of the wall.

What stands there is taken as hostile: links are left out, and so is what has no name of ours.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from corridors.labels import QUARTER, WARD, WEEK

MAP_FILE: Final = "map_OS.html"
BRIEFING_FILE: Final = "briefing_OS.html"
ROSTER_FILE: Final = "roster_OS.csv"
ROSTER_BOOK: Final = "roster_OS.xlsx"
PLAN_FILE: Final = "plan_OS.json"
SUMMARY_FILE: Final = "summary_OS.json"
GEOJSON_FILE: Final = "plan_OS.geojson"
GEOPACKAGE_FILE: Final = "plan_OS.gpkg"
MESSAGES_FILE: Final = "spoc_messages_OS.txt"  # drafts for the schools, newest first
INDEX_FILE: Final = "index.html"
PACK_FOLDER: Final = "pack"  # in maps/public; holds a folder for each quarter


# What reading a file by another hand may raise.
BROKEN: Final = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


def ward_folders(folder: Path) -> list[tuple[str, Path]]:
    """(ward code, its folder) of what stands in a folder of maps, sorted; links are left out."""
    return [(p.name, p) for p in _folders(folder) if WARD.fullmatch(p.name)]


def week_folders(ward: Path) -> list[tuple[str, Path]]:
    """(week label, its folder) of a ward, newest first; links are left out."""
    return [(p.name, p) for p in reversed(_folders(ward)) if monday_of(p.name)]


def quarter_folders(public: Path) -> list[tuple[str, Path]]:
    """(quarter, its publication pack's folder) in ``maps/public``, newest first; no links."""
    home = public / PACK_FOLDER
    found = [] if home.is_symlink() else _folders(home)
    return [(p.name, p) for p in reversed(found) if QUARTER.fullmatch(p.name)]


def monday_of(label: str) -> date | None:
    """First day of a week such as ``2026-W10``; None if there is no such week."""
    found = WEEK.fullmatch(label)
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None


def inside(folder: Path) -> list[Path]:
    """What stands in a folder but links; nothing if it is not there, or another run took it."""
    try:
        return sorted(p for p in folder.iterdir() if not p.is_symlink())
    except OSError:
        return []


def _folders(folder: Path) -> list[Path]:
    return [p for p in inside(folder) if p.is_dir()]
