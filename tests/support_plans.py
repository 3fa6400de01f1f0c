"""Demo workspaces for tests: written once, changed in copies, planned on request."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from corridors import pipeline, sources
from corridors.model import Inputs, Plan
from corridors.profile import Profile

ROOT = Path(__file__).resolve().parent.parent
WARD, OTHER_WARD, WEEK, MADE_ON = "E05999001", "E05999002", "2026-W10", date(2026, 2, 20)
INCIDENTS = "data/incidents/demo_force_export.csv"
SCHOOLS = "data/schools/demo_edubasealldata.csv"
PEOPLE = "data/people/demo_people.csv"
AIMS = "data/people/demo_aims.csv"
TERMS = "data/calendar/demo_terms.csv"


def write_demo(folder: Path) -> Path:
    """The demo workspace, as it stands in the repository (tests/demo holds the two together)."""
    shutil.copytree(ROOT / "data", folder / "data")
    shutil.copy(ROOT / "corridors.toml", folder)
    return folder


def copy_demo(demo: Path, folder: Path) -> Path:
    """A copy to change."""
    shutil.copytree(demo, folder, ignore=shutil.ignore_patterns("maps"))
    return folder


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file but the audit log, which every run adds to."""
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != "audit_OS.jsonl")
    return {p: p.read_bytes() for p in files}


def load(workspace: Path, ward: str = WARD, week: str = WEEK) -> tuple[Inputs, Profile]:
    """Inputs and a profile whose searches are short."""
    opened = sources.open_workspace(workspace)
    inputs = sources.load_inputs(opened, ward, week, MADE_ON)
    quick = replace(opened.profile.patrols, iterations=20, max_seconds=600.0)
    return inputs, replace(opened.profile, patrols=quick)


def plan(workspace: Path, ward: str = WARD, week: str = WEEK) -> Plan:
    """Plan a ward with short searches."""
    return pipeline.make_plan(*load(workspace, ward, week))


@lru_cache(maxsize=4)
def planned(workspace: Path, ward: str = WARD) -> Plan:
    """The same, kept: for tests that only look."""
    return plan(workspace, ward)


Row = dict[str, str]


def change_rows(
    path: Path, change: Callable[[list[Row]], list[Row]], encoding: str = "utf-8-sig"
) -> None:
    """Rewrite a CSV with its rows changed."""
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.DictReader(file)
        header, rows = list(reader.fieldnames or []), list(reader)
    with path.open("w", encoding=encoding.removesuffix("-sig"), newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(rows))


def shuffle_rows(path: Path, seed: int, encoding: str = "utf-8-sig") -> None:
    """The same rows in another order."""

    def shuffled(rows: list[Row]) -> list[Row]:
        return random.Random(seed).sample(rows, len(rows))

    change_rows(path, shuffled, encoding)
