"""Record files kept by hand: one cell at a time, so that every mistake is told with its row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from math import nan
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.crs import EAST_LIMIT_M, NORTH_LIMIT_M
from corridors.errors import ColumnError
from corridors.labels import WARD
from corridors.model import SourceRecord
from corridors.sources.csvs import CsvTable, read_cells
from corridors.tables import BOOL, DATE, FLOAT, INT, TEXT, UTC, Table
from corridors.written_days import day_of

LONGEST: Final = 200
_PANDAS: Final = {TEXT: "str", BOOL: BOOL, INT: INT, FLOAT: FLOAT, DATE: DATE, UTC: UTC}
_URN: Final = re.compile(r"[0-9]{5,6}")
_LIST: Final = re.compile(r"[\s,;]+")
_QUARTER: Final = re.compile(r"(?:199|20[0-9])[0-9]-Q[1-4]")
_WHOLE: Final = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Row:
    """One row of a record file."""

    file: str
    number: int  # as a spreadsheet counts
    values: Mapping[str, str]
    headers: Mapping[str, str]

    def wrong(self, name: str, problem: str, fix: str) -> ColumnError:
        """The error for one cell, to be raised."""
        return ColumnError(
            problem, file=self.file, row=self.number, column=self.headers.get(name, name),
            value=self.values.get(name) or None, fix=fix,
        )  # fmt: skip


def read_record(
    path: Path,
    file: str,
    columns: Sequence[str],
    *,
    optional: Sequence[str] = (),
    may_be_empty: bool = False,
) -> CsvTable:
    """Read a record file whose headers are our own names; other columns stay in the file."""
    return read_cells(
        path, file=file, aliases={name: (name,) for name in columns},
        required=[name for name in columns if name not in optional], may_be_empty=may_be_empty,
    )  # fmt: skip


def rows_of(table: CsvTable) -> Iterator[Row]:
    """The rows of ``table``, in file order."""
    names = [str(name) for name in table.cells]
    for number, *values in table.cells.itertuples(name=None):
        yield Row(table.file, number, dict(zip(names, values, strict=True)), table.headers)


def text_of(row: Row, name: str, *, required: bool = False, longest: int = LONGEST) -> str:
    """One line of text, single-spaced."""
    text = " ".join(row.values.get(name, "").split())
    if required and not text:
        raise row.wrong(name, "is empty", "Fill it in")
    if not text.isprintable():
        raise row.wrong(name, "holds a character that cannot be printed", "Type it again")
    if len(text) > longest:
        raise row.wrong(name, f"is longer than {longest} characters", "Shorten it")
    return text


def choice_of(row: Row, name: str, choices: Sequence[str]) -> str:
    """One of ``choices``, whatever its case and with spaces or underscores."""
    text = row.values.get(name, "")
    plain = re.sub(r"[\s-]+", "_", text.casefold())
    if plain in choices:
        return plain
    near = get_close_matches(plain, [choice for choice in choices if choice], n=1)
    known = f"Use one of {', '.join(choice or '(empty)' for choice in choices)}"
    fix = f"Did you mean {near[0]}?" if near else known
    raise row.wrong(name, "is empty" if not text else "is not known", fix)


def yes_of(row: Row, name: str) -> bool:
    """Yes or no; empty is no."""
    return choice_of(row, name, ("yes", "no", "")) == "yes"


def date_of(row: Row, name: str) -> date | None:
    """A date, or None if the cell is empty."""
    text = row.values.get(name, "")
    if not text:
        return None
    found = day_of(text)
    if found is None:
        raise row.wrong(name, "is not a date", "Write it as dd/mm/yyyy")
    return found


def required_date_of(row: Row, name: str, fix: str) -> date:
    """A date that must be there."""
    found = date_of(row, name)
    if found is None:
        raise row.wrong(name, "is empty", fix)
    return found


def count_of(row: Row, name: str, most: int) -> int:
    """A whole number from 0 to ``most``. An empty cell is refused: not known is not 0."""
    text = row.values.get(name, "")
    if not text:
        raise row.wrong(name, "is empty", "Write 0 if there were none")
    if not _WHOLE.fullmatch(text):
        raise row.wrong(name, "is not a whole number of 0 or more", "Write it in digits, as 12")
    if int(text) > most:
        raise row.wrong(name, f"is more than {most}", "Correct the count")
    return int(text)


def known_count_of(row: Row, name: str, most: int) -> float:
    """The same where it may be unknown: NaN if the cell is empty."""
    return count_of(row, name, most) if row.values.get(name, "") else nan


def quarter_of(row: Row, name: str = "quarter") -> str:
    """A calendar quarter, such as 2026-Q1."""
    text = row.values.get(name, "").upper()
    if not _QUARTER.fullmatch(text):
        raise row.wrong(name, "is empty" if not text else "is not a quarter", "Write it as 2026-Q1")
    return text


def clock_min(text: str) -> int | None:
    """Minutes after midnight of a time such as 15:15, or None if it is none."""
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::00)?", text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return 60 * int(match[1]) + int(match[2])


def urn_of(row: Row, name: str = "urn") -> str:
    """A school's unique reference number."""
    text = row.values.get(name, "")
    if not _URN.fullmatch(text):
        raise row.wrong(
            name, "is empty" if not text else "is not a school URN", "A URN has 5 or 6 digits"
        )
    return text


def list_of(row: Row, name: str) -> list[str]:
    """The entries of a cell, separated by spaces, commas or semicolons."""
    return [part for part in _LIST.split(row.values.get(name, "")) if part]


def known_list_of(row: Row, name: str, known: Sequence[str]) -> str:
    """Known words of a list, whatever their case, in their known order, single-spaced."""
    found = {entry.casefold() for entry in list_of(row, name)}
    for entry in sorted(found - set(known)):
        near = get_close_matches(entry, known, n=1)
        fix = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}"
        raise row.wrong(name, f"holds {entry[:30]!r}, which is not known", fix)
    return " ".join(word for word in known if word in found)


def urns_of(row: Row, name: str) -> str:
    """School URNs, sorted, single-spaced."""
    return _checked_list(row, name, _URN, "is not a list of school URNs", "A URN has 5 or 6 digits")


def ward_of(row: Row, name: str = "ward") -> str:
    """One ward code."""
    text = row.values.get(name, "")
    if not WARD.fullmatch(text):
        raise row.wrong(
            name, "is empty" if not text else "is not a ward code", "A ward code is like E05009302"
        )
    return text


def wards_of(row: Row, name: str) -> str:
    """Ward codes, sorted, single-spaced."""
    return _checked_list(
        row, name, WARD, "is not a list of ward codes", "A ward code is like E05009302"
    )


def metres_of(row: Row, easting: str, northing: str) -> tuple[float, float]:
    """A British National Grid position, metres."""
    found = []
    for name, limit in ((easting, EAST_LIMIT_M), (northing, NORTH_LIMIT_M)):
        try:
            value = float(row.values.get(name, ""))
        except ValueError:
            raise row.wrong(name, "is not a number", "Give metres, as 530123") from None
        if not 180 < value <= limit:
            fix = f"British National Grid metres lie between 180 and {limit:.0f}"
            raise row.wrong(name, "is not a position in Great Britain", fix)
        found.append(value)
    return found[0], found[1]


def frame_of(schema: type[Table], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A table of ``schema`` from its rows, sorted by its index.

    Parameters
    ----------
    rows : one mapping each, with the index and every column; dates as ``date`` or None.
    """
    index = pd.Index([row[schema.index] for row in rows], name=schema.index)
    made = {
        name: pd.Series(
            [_stamp(row[name]) if column.dtype == DATE else row[name] for row in rows],
            dtype=_PANDAS[column.dtype],
        )
        for name, column in schema.columns().items()
    }
    frame = pd.DataFrame(made)
    frame.index = index if len(rows) else pd.Index([], dtype="str", name=schema.index)
    return schema.validate(frame.sort_index())


def require_unique(rows: Sequence[tuple[Row, str]], name: str) -> None:
    """Raise if two rows have the same key."""
    seen: dict[str, int] = {}
    for row, key in rows:
        if key in seen:
            raise row.wrong(name, f"stands in row {seen[key]} too", "Keep one row for each")
        seen[key] = row.number


def record_of(
    kind: str, table: CsvTable, frame: pd.DataFrame, dates: Sequence[str] = ()
) -> SourceRecord:
    """The record of a file whose every row was used; ``dates`` are columns that span its time."""
    days = [day.date() for name in dates for day in frame[name].dropna()]
    return SourceRecord(
        kind, table.file, table.sha256, len(table.cells), len(frame),
        first=min(days, default=None), last=max(days, default=None),
    )  # fmt: skip


def _stamp(day: date | None) -> Any:
    return pd.NaT if day is None else pd.Timestamp(day)


def _checked_list(row: Row, name: str, pattern: re.Pattern[str], problem: str, fix: str) -> str:
    entries = list_of(row, name)
    if not all(pattern.fullmatch(entry) for entry in entries):
        raise row.wrong(name, problem, fix)
    return " ".join(sorted(set(entries)))
