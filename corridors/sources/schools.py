"""The school register (GIAS), or a list that says the same under other names.

Only the columns that a plan needs are read. Names of heads, telephone numbers and the share of
pupils with free school meals stay in the file: the last must never weigh (H2).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from corridors.errors import ColumnError
from corridors.model import SourceRecord
from corridors.sources.csvs import CsvTable, read_cells
from corridors.sources.database import Query
from corridors.sources.positions import Bounds, counted, read_positions, require_mostly_good
from corridors.tables import Schools

ALIASES: Final = {
    "urn": ("URN", "unique_reference_number", "School URN"),
    "name": ("EstablishmentName", "name", "School name", "Establishment name"),
    "phase": ("PhaseOfEducation (name)", "PhaseOfEducation", "phase"),
    "kind": ("TypeOfEstablishment (name)", "TypeOfEstablishment", "type"),
    "status": ("EstablishmentStatus (name)", "EstablishmentStatus", "status"),
    "low_age": ("StatutoryLowAge", "lowest_admission_age", "low_age"),
    "high_age": ("StatutoryHighAge", "highest_admission_age", "high_age"),
    "pupils": ("NumberOfPupils", "pupils", "roll"),
    "capacity": ("SchoolCapacity", "capacity"),
    "easting": ("Easting",),
    "northing": ("Northing",),
    "lon": ("lon", "longitude"),
    "lat": ("lat", "latitude"),
}
_EMPTY: Final = ("", "NA", "N/A", "z", "c", "x", "-")


def read_schools(path: Path | Query, *, file: str) -> tuple[pd.DataFrame, SourceRecord]:
    """Read ``tables.Schools``, sorted by URN; the whole register.

    Parameters
    ----------
    path, file : where the file is, and what messages call it.

    Raises
    ------
    InputError
        If a needed column is missing, a URN is wrong or repeated, an age or roll is not a number,
        or most positions are wrong.
    """
    table = read_cells(
        path, file=file, aliases=ALIASES, required=("urn", "name", "high_age"),
        may_be_windows=True,
    )  # fmt: skip
    cells = table.cells
    if not ({"easting", "northing"} <= set(cells) or {"lon", "lat"} <= set(cells)):
        raise ColumnError(
            "no position", file=file, row=1, column="Easting", fix="Add Easting and Northing"
        )
    _require_urns(table)
    positions = read_positions(cells)
    require_mostly_good(positions, cells=cells, file=file, headers=table.headers)
    frame, notes = _frame(table)
    frame = frame.assign(**{Schools.x_m: positions.x_m, Schools.y_m: positions.y_m})
    dropped = counted(positions.problem)
    frame = frame[positions.is_good]
    frame = frame[list(Schools.columns())].sort_index()
    record = SourceRecord(
        "schools", file, table.sha256, len(cells), len(frame), tuple(sorted(dropped.items())), notes
    )
    return Schools.validate(frame), record


def schools_inside(
    schools: pd.DataFrame, record: SourceRecord, bounds_m: Bounds
) -> tuple[pd.DataFrame, SourceRecord]:
    """The schools inside (west, south, east, north), metres, and the record that says so."""
    west, south, east, north = bounds_m
    inside = schools[Schools.x_m].between(west, east) & schools[Schools.y_m].between(south, north)
    outside = int((~inside).sum())
    dropped = dict(record.dropped) | ({"outside the area": outside} if outside else {})
    kept = schools[inside]
    return kept, replace(record, rows_used=len(kept), dropped=tuple(sorted(dropped.items())))


def _frame(table: CsvTable) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """All columns but the positions, indexed by URN, and what had to be assumed."""
    cells, notes = table.cells, []
    roll = "pupils"
    if "pupils" not in cells and "capacity" in cells:
        roll = "capacity"
        notes.append("no roll in the file: capacity is taken")
    if "status" not in cells:
        notes.append("no status in the file: every school is taken as open")
    frame = pd.DataFrame(
        {
            Schools.name: _text(cells, "name", ""),
            Schools.phase: _text(cells, "phase", ""),
            Schools.kind: _text(cells, "kind", ""),
            Schools.status: _text(cells, "status", "Open"),
            Schools.low_age: _number(table, "low_age", 99),
            Schools.high_age: _number(table, "high_age", 99),
            Schools.pupils: _number(table, roll, 20_000),
        }
    )
    frame.index = pd.Index(cells["urn"].to_numpy(), name=Schools.index)
    blank = int(frame[Schools.pupils].isna().sum())
    if blank:
        notes.append(f"schools without a roll: {blank}")
    return frame, tuple(notes)


def _require_urns(table: CsvTable) -> None:
    urns = table.cells["urn"]
    is_bad = ~urns.str.fullmatch(r"[0-9]{5,6}")
    if is_bad.any():
        at = _first(is_bad)
        raise ColumnError(
            "is not a school URN", file=table.file, row=at, column=table.headers["urn"],
            value=urns[at], fix="A URN has 5 or 6 digits",
        )  # fmt: skip
    repeated = urns[urns.duplicated()]
    if len(repeated):
        at, urn = int(repeated.index[0]), repeated.iloc[0]
        raise ColumnError(
            f"stands in row {urns.index[urns == urn][0]} too", file=table.file, row=at,
            column=table.headers["urn"], value=urn, fix="Keep one row for each school",
        )  # fmt: skip


def _text(cells: pd.DataFrame, name: str, default: str) -> pd.Series[Any]:
    if name not in cells:
        return pd.Series(default, index=cells.index, dtype="str")
    return cells[name].str.split().str.join(" ").astype("str")


def _number(table: CsvTable, name: str, most: float) -> pd.Series[Any]:
    if name not in table.cells:
        return pd.Series(np.nan, index=table.cells.index, dtype="float64")
    text = table.cells[name]
    found = pd.to_numeric(text, errors="coerce").astype("float64")
    is_bad = (found.isna() & ~text.isin(_EMPTY)) | (found < 0) | (found > most)
    if is_bad.any():
        at = _first(is_bad)
        raise ColumnError(
            f"is not a number from 0 to {most:g}", file=table.file, row=at,
            column=table.headers[name], value=text[at], fix="Correct it, or leave it empty",
        )  # fmt: skip
    return found


def _first(is_bad: pd.Series[Any]) -> int:
    """Spreadsheet row of the first bad cell."""
    return int(is_bad.index[np.flatnonzero(is_bad)[0]])
