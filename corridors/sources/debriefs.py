"""What became of planned patrols: counts and codes, never names or free text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import nan
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.errors import ColumnError, InputError
from corridors.model import SourceRecord, local_time
from corridors.sources.calendar import parse_week
from corridors.sources.csvs import normal, printable, read_header
from corridors.sources.logs import week_of
from corridors.sources.records import (
    Row,
    choice_of,
    clock_min,
    count_of,
    date_of,
    frame_of,
    read_record,
    record_of,
    required_date_of,
    rows_of,
    ward_of,
)
from corridors.sources.rosters import read_told, written_plans
from corridors.tables import (
    CONTACTS,
    DEBRIEF_REASONS,
    DEBRIEF_STATES,
    POLICE_LEVELS,
    POLICE_ROLES,
    ROLES,
    Debriefs,
)
from corridors.teams.changes import ToldPatrol

# The file's columns in their order; two have other names in the table.
COLUMNS: Final = (
    "ward", "week", "patrol_id", "date", "state", "reason_code", "from", "to", *ROLES,
    "police_level", *CONTACTS, "logged_on",
)  # fmt: skip
PATROL: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,39}")
_PLANNED: Final = ("ward", "week", "patrol_id", "date")
_FILLED: Final = tuple(name for name in COLUMNS if name not in (*_PLANNED, "logged_on"))
_COUNTS: Final = (*ROLES, *CONTACTS)
_WITH_POLICE: Final = ("nearby_not_joint", "joint_visible")

Place = tuple[str, str, str]  # ward, week, patrol
Entry = dict[str, Any]  # cells of ``Debriefs`` by column


@dataclass(frozen=True)
class NewDebriefs:
    """Debriefs that somebody hands in."""

    entries: tuple[Entry, ...]
    not_filled: int  # rows of a template with nothing in them
    errors: tuple[InputError, ...]  # by row; if there is one, nothing is to be written
    record: SourceRecord


@dataclass(frozen=True)
class Logged:
    """How far the debriefs of a workspace have come."""

    planned: int  # patrols with a team, up to the day
    states: Mapping[str, int]  # of those with a debrief
    missing: tuple[tuple[str, str, str, date], ...]  # ward, week, patrol, day; by day
    elsewhere: int  # debriefs of patrols that no written plan has, or has without a team


def read_debriefs(path: Path, file: str) -> tuple[pd.DataFrame, SourceRecord]:
    """Read ``tables.Debriefs``: of each patrol the last row, by ward, week and patrol.

    Other columns stay in the file. A file with a header only is good.

    Raises
    ------
    InputError
        For a missing column, or the first cell that is wrong.
    """
    table = read_record(path, file, COLUMNS, may_be_empty=True)
    last: dict[Place, Entry] = {}
    for row in rows_of(table):
        entry = _entry(row, required_date_of(row, "logged_on", "Give the day as dd/mm/yyyy"))
        last[place_of(entry)] = entry
    frame = frame_of(
        Debriefs,
        [{Debriefs.index: at, **last[place]} for at, place in enumerate(sorted(last))],
    )
    return frame, record_of("debriefs", table, frame, (Debriefs.date,))


def read_new_debriefs(path: Path, root: Path, logged_on: date) -> NewDebriefs:
    """Read what is to be added, and hold each row against the written plans of ``root``.

    Parameters
    ----------
    path : the file that is handed in. Its columns are ``COLUMNS``, ``logged_on`` may be left out.
    logged_on : of rows that do not say it; no patrol may be after it.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, or has one that is not of a debrief: what
        people write beside debriefs is not read at all.
    """
    file = path.name
    _refuse_others(path, file)
    table = read_record(path, file, COLUMNS, optional=("logged_on",))
    plans = _Plans(root)
    entries: list[Entry] = []
    errors: list[InputError] = []
    seen: dict[Place, int] = {}
    not_filled = 0
    for row in rows_of(table):
        if not any(row.values.get(name) for name in _FILLED):
            not_filled += 1
            continue
        try:
            entry = _entry(row, date_of(row, "logged_on") or logged_on)
            if entry[Debriefs.logged_on] > logged_on:
                raise row.wrong("logged_on", "is still to come", "Give the day, or leave it empty")
            plans.require(row, entry)
            before = seen.setdefault(place_of(entry), row.number)
            if before != row.number:
                raise row.wrong("patrol_id", f"stands in row {before} too", "Keep one row for each")
        except InputError as error:
            errors.append(error)
        else:
            entries.append(entry)
    record = SourceRecord("debriefs", file, table.sha256, len(table.cells), len(entries))
    return NewDebriefs(tuple(entries), not_filled, tuple(errors), record)


def new_to(table: pd.DataFrame | None, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries that say something else than what ``table`` has of their patrol, in their order."""
    told = {place_of(entry): _said(entry) for entry in _entries(table)}
    return tuple(e for e in entries if told.get(place_of(e)) != _said(e))


def debrief_cells(entry: Entry) -> dict[str, str]:
    """The cells of a debrief as its file holds them."""
    cells = {name: str(entry[name]) for name in (*_COUNTS, "ward", "week", "patrol_id")}
    cells |= {name: entry[name] for name in ("state", "reason_code", "police_level")}
    cells |= {name: f"{entry[name]:%d/%m/%Y}" for name in (Debriefs.date, Debriefs.logged_on)}
    for name, minutes in (("from", entry[Debriefs.start_min]), ("to", entry[Debriefs.end_min])):
        cells[name] = "" if pd.isna(minutes) else local_time(int(minutes))
    return cells


def template_rows(root: Path, week: str) -> tuple[dict[str, str], ...]:
    """One row for each patrol with a team in the written plans of a week, to be filled in."""
    found = [
        (patrol.day, ward, patrol.patrol_id)
        for ward, _ in written_plans(root, None, week)
        for patrol in _walked(root, ward, week)
    ]
    return tuple(
        {"ward": ward, "week": week, "patrol_id": patrol, "date": f"{day:%d/%m/%Y}"}
        for day, ward, patrol in sorted(found)
    )


def logged(root: Path, table: pd.DataFrame | None, until: date) -> Logged:
    """Hold the debriefs against the written plans: which patrols up to a day have one."""
    states = {place_of(entry): str(entry[Debriefs.state]) for entry in _entries(table)}
    planned = {
        (ward, week, patrol.patrol_id): patrol.day
        for ward, week in written_plans(root, None, None)
        for patrol in _walked(root, ward, week)
        if patrol.day <= until
    }
    have = [states[place] for place in planned if place in states]
    missing = sorted((day, place) for place, day in planned.items() if place not in states)
    return Logged(
        planned=len(planned),
        states={state: have.count(state) for state in DEBRIEF_STATES},
        missing=tuple((*place, day) for day, place in missing),
        elsewhere=sum(place not in planned for place in states),
    )


def place_of(entry: Mapping[str, Any]) -> Place:
    """Which patrol a debrief is about."""
    return entry[Debriefs.ward], entry[Debriefs.week], entry[Debriefs.patrol_id]


class _Plans:
    """The patrols of written plans, each plan read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._days: dict[tuple[str, str], dict[str, date] | None] = {}

    def require(self, row: Row, entry: Entry) -> None:
        """Raise unless the entry's ward, week, patrol and day are those of a written plan."""
        ward, week, patrol = place_of(entry)
        if (ward, week) not in self._days:
            told = read_told(self._root, ward, week)
            found = None if told is None else {p.patrol_id: p.day for p in told.patrols}
            self._days[ward, week] = found
        days = self._days[ward, week]
        if days is None:
            fix = "Correct ward and week, or plan that week first"
            raise row.wrong("week", "has no written plan in this ward", fix)
        if patrol not in days:
            fix = f"Copy the ids from `corridors log --template {week}`"
            raise row.wrong("patrol_id", "is no patrol of that plan", fix)
        if days[patrol] != entry[Debriefs.date]:
            raise row.wrong(
                "date", "is not the day of this patrol", f"It is {days[patrol]:%d/%m/%Y}"
            )


def _walked(root: Path, ward: str, week: str) -> Sequence[ToldPatrol]:
    """Patrols of a written plan that have a team; an id that is none of ours is left out."""
    told = read_told(root, ward, week)
    patrols = () if told is None else told.patrols
    return [p for p in patrols if p.people and PATROL.fullmatch(p.patrol_id)]


def _refuse_others(path: Path, file: str) -> None:
    known = {normal(name) for name in COLUMNS}
    for cell in read_header(path, file=file):
        if normal(cell) not in known:
            raise ColumnError(
                "is no column of a debrief, so nothing was read", file=file, row=1,
                column=printable(cell) or "(empty)",
                fix="Take it out: debriefs hold counts and codes, no names and no free text",
            )  # fmt: skip


def _entry(row: Row, logged_on: date) -> Entry:
    day = required_date_of(row, "date", "Give the day of the patrol as dd/mm/yyyy")
    week = week_of(row)
    if day not in parse_week(week).days:
        raise row.wrong("date", f"is no school day of week {week}", "Correct the date or the week")
    if logged_on < day:
        problem = f"is after {logged_on:%d/%m/%Y}, the day of the debrief"
        raise row.wrong("date", problem, "Write debriefs once the patrol is over")
    state = choice_of(row, "state", DEBRIEF_STATES)
    start_min, end_min = _times(row, state)
    counts = _counts(row, state)
    return {
        Debriefs.ward: ward_of(row),
        Debriefs.week: week,
        Debriefs.patrol_id: _patrol_id(row),
        Debriefs.date: day,
        Debriefs.state: state,
        Debriefs.reason_code: _reason(row, state),
        Debriefs.start_min: start_min,
        Debriefs.end_min: end_min,
        **counts,
        Debriefs.police_level: _police_level(row, state, counts),
        Debriefs.logged_on: logged_on,
    }


def _patrol_id(row: Row) -> str:
    text = row.values.get("patrol_id", "")
    if not PATROL.fullmatch(text):
        raise row.wrong(
            "patrol_id", "is empty" if not text else "is no patrol", "It is like 2026-03-02-S1T2"
        )
    return text


def _reason(row: Row, state: str) -> str:
    if state == "done":
        if row.values.get("reason_code", ""):
            raise row.wrong("reason_code", "has no meaning for a patrol that was done", "Empty it")
        return ""
    return choice_of(row, "reason_code", DEBRIEF_REASONS[1:])


def _times(row: Row, state: str) -> tuple[float, float]:
    found = []
    for name in ("from", "to"):
        text = row.values.get(name, "")
        minutes = clock_min(text)
        if state == "cancelled":
            if text:
                raise row.wrong(name, "has no meaning for a cancelled patrol", "Leave it empty")
            found.append(nan)
        elif minutes is None:
            problem = "is not a time of day" if text else "is empty"
            raise row.wrong(name, problem, "Write it on the 24-hour clock, as 15:15")
        else:
            found.append(float(minutes))
    if found[1] <= found[0]:
        raise row.wrong("to", "is not after `from`", "Correct the times")
    return found[0], found[1]


def _counts(row: Row, state: str) -> dict[str, int]:
    most = {name: int(column.high or 0) for name, column in Debriefs.columns().items()}
    if state != "cancelled":
        counts = {name: count_of(row, name, most[name]) for name in _COUNTS}
        if not any(counts[role] for role in ROLES):
            fix = "Count who came; if nobody did it was cancelled"
            raise row.wrong("state", "is a patrol on which nobody came", fix)
        return counts
    for name in _COUNTS:
        if row.values.get(name, "") and count_of(row, name, most[name]):
            raise row.wrong(name, "is a count of a cancelled patrol", "Write 0 or nothing")
    return dict.fromkeys(_COUNTS, 0)


def _police_level(row: Row, state: str, counts: Mapping[str, int]) -> str:
    if state == "cancelled" and not row.values.get("police_level", ""):
        return "none"
    level = choice_of(row, "police_level", POLICE_LEVELS)
    if state == "cancelled":
        if level != "none":
            raise row.wrong("police_level", "has no meaning for a cancelled patrol", "Empty it")
        return level
    came = any(counts[role] for role in POLICE_ROLES)
    if came != (level in _WITH_POLICE):
        problem = "does not fit: police came" if came else "does not fit: no police came"
        fix = "Police came if, and only if, it is nearby_not_joint or joint_visible"
        raise row.wrong("police_level", problem, fix)
    return level


def _said(entry: Entry) -> dict[str, str]:
    cells = debrief_cells(entry)
    del cells["logged_on"]
    return cells


def _entries(table: pd.DataFrame | None) -> list[Entry]:
    if table is None:
        return []
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
