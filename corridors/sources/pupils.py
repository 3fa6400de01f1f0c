"""Pupils of schools by group: the Department for Education's school file, or our own columns.

Only fairness figures use them. No plan opens the file, and no street weighs more or less for the
pupils who live or walk there (H2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isnan, nan
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.errors import ColumnError
from corridors.model import SourceRecord
from corridors.sources.csvs import CsvTable, normal, read_cells, read_header
from corridors.sources.records import (
    Row,
    choice_of,
    frame_of,
    require_unique,
    rows_of,
    urn_of,
)
from corridors.tables import PUPIL_GROUPS, PupilGroups

_OWN: Final = tuple(PupilGroups.columns())
_MOST: Final = 20_000
# Not applicable, suppressed, not available, too few to say: never 0.
_NOT_SAID: Final = ("", "z", "c", "x", "low", ":", "..", "na", "n/a", "supp", "ne", "np")
_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:\.0+)?")
_CLASSIFIED: Final = "number of pupils classified as "
_LANGUAGE: Final = "number of pupils whose first language is "
_ALL: Final = "headcount of pupils"
_FSM: Final = "number of pupils known to be eligible for free school meals"
# Group -> beginnings of the headers whose counts make it up; spelling differs between years.
_ETHNICITY: Final[dict[str, tuple[str, ...]]] = {
    "asian": ("indian", "pakistani", "bangladeshi", "chinese", "any other asian"),
    "black": ("caribbean", "african", "any other black"),
    "mixed": (
        "white and black caribbean", "white and black african", "white and asian",
        "any other mixed",
    ),
    "white": (
        "white british", "irish", "traveller of irish", "gypsy", "any other white",
    ),
    "other": ("any other ethnic",),
}  # fmt: skip
_PARTS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("fsm", "fsm"): (_FSM,),
    **{
        ("ethnicity", group): tuple(_CLASSIFIED + part for part in parts)
        for group, parts in _ETHNICITY.items()
    },
    ("ethnicity", "not_recorded"): ("number of pupils unclassified",),
    ("language", "english"): (
        f"{_LANGUAGE}known or believed to be english",
    ),
    ("language", "other"): (
        f"{_LANGUAGE}known or believed to be other than english",
    ),
    ("language", "not_recorded"): (f"{_LANGUAGE}unclassified",),
}  # fmt: skip


def read_pupils(path: Path, file: str) -> tuple[pd.DataFrame, SourceRecord]:
    """Read ``tables.PupilGroups``, by school, dimension and group.

    A count that the source keeps back (``z``, ``c``, ``x``, ``low`` or empty) is NaN, and so is
    a group that has such a part: what is not known is never 0. Of the Department's file, only the
    columns that a year has are used, and rows without a URN (totals) are left out.

    Raises
    ------
    InputError
        If the columns are neither the Department's nor ours, a cell is wrong, or a school or
        group stands twice.
    """
    header = [normal(cell) for cell in read_header(path, file=file, may_be_windows=True)]
    is_own = set(_OWN) <= set(header)
    table, made = _read_own(path, file) if is_own else _read_school_file(path, file, header)
    made.sort(key=lambda entry: tuple(entry[name] for name in _OWN[:3]))
    frame = frame_of(PupilGroups, [{PupilGroups.index: at, **e} for at, e in enumerate(made)])
    rows = len(table.cells)
    used = rows if is_own else len({entry[PupilGroups.urn] for entry in made})
    unknown = int(frame[PupilGroups.pupils].isna().sum())
    return frame, SourceRecord(
        "pupils", table.file, table.sha256, rows, used,
        dropped=(("no URN", rows - used),) if rows > used else (),
        notes=(f"{unknown} counts are not known: they are not 0",) if unknown else (),
    )  # fmt: skip


def _read_own(path: Path, file: str) -> tuple[CsvTable, list[dict[str, Any]]]:
    table = read_cells(
        path, file=file, aliases={name: (name,) for name in _OWN}, required=_OWN,
        may_be_windows=True, may_be_empty=True,
    )  # fmt: skip
    made = [(row, _own(row)) for row in rows_of(table)]
    require_unique([(row, " ".join(entry[n] for n in _OWN[:3])) for row, entry in made], "group")
    return table, [entry for _, entry in made]


def _own(row: Row) -> dict[str, Any]:
    dimension = choice_of(row, "dimension", tuple(PUPIL_GROUPS))
    group = choice_of(row, "group", PUPIL_GROUPS[dimension])
    return _entry(urn_of(row), dimension, group, _pupils(row, "pupils"))


def _read_school_file(
    path: Path, file: str, header: Sequence[str]
) -> tuple[CsvTable, list[dict[str, Any]]]:
    wanted = {_ALL, *(part for parts in _PARTS.values() for part in parts)}
    found = {part: cell for part in sorted(wanted) if (cell := _beginning(header, part))}
    if "urn" not in header or len(found) < 2:
        raise ColumnError(
            "has neither the columns of the Department for Education's school file nor "
            f"{','.join(_OWN)}", file=file, row=1, fix="Download the school level file again",
        )  # fmt: skip
    table = read_cells(
        path, file=file, aliases={"urn": ("urn",), **{p: (cell,) for p, cell in found.items()}},
        required=("urn",), may_be_windows=True,
    )  # fmt: skip
    rows = [row for row in rows_of(table) if row.values["urn"].casefold() not in _NOT_SAID]
    require_unique([(row, urn_of(row)) for row in rows], "urn")
    return table, [entry for row in rows for entry in _school(row, found)]


def _school(row: Row, found: Mapping[str, str]) -> list[dict[str, Any]]:
    urn = urn_of(row)
    made = [
        _entry(urn, dimension, group, sum(_pupils(row, part) for part in parts if part in found))
        for (dimension, group), parts in _PARTS.items()
        if any(part in found for part in parts)
    ]
    if _ALL in found and _FSM in found:
        rest = _pupils(row, _ALL) - _pupils(row, _FSM)
        if rest < 0:
            raise row.wrong(_FSM, "is more than the headcount of pupils", "Download it again")
        made.append(_entry(urn, "fsm", "not_fsm", rest))
    return made


def _beginning(header: Iterable[str], part: str) -> str:
    """The shortest header that begins so: longer ones are variants of the same count."""
    return min(
        (cell for cell in header if cell == part or cell.startswith(f"{part} ")),
        key=lambda cell: (len(cell), cell), default="",
    )  # fmt: skip


def _entry(urn: str, dimension: str, group: str, pupils: float) -> dict[str, Any]:
    return dict(zip(_OWN, (urn, dimension, group, pupils), strict=True))


def _pupils(row: Row, name: str) -> float:
    text = row.values.get(name, "").replace(",", "")
    if text.casefold() in _NOT_SAID:
        return nan
    pupils = float(text) if _NUMBER.fullmatch(text) else nan
    if isnan(pupils):
        raise row.wrong(name, "is not a number of pupils", "Give digits, or z where not known")
    if pupils > _MOST:
        raise row.wrong(name, f"is more than {_MOST}", "Correct the count")
    return pupils
