"""Incident exports of police records systems: no two alike, so their columns are named or guessed.

Only place, time and class enter (H6). The reference is used to find repeats and then forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from corridors.arrays import BoolArray
from corridors.errors import ColumnError, InputError
from corridors.sources.csvs import CsvTable, normal, read_cells
from corridors.sources.database import Query
from corridors.sources.dates import (
    LONDON,
    is_month_first,
    joined,
    month_first_rows,
    unusual_forms,
    utc_instants,
)
from corridors.sources.drafts import Draft, drop_reasons, only_dropped, salted
from corridors.sources.offences import Classified, classify_offences, unknown_note
from corridors.sources.piles import piles
from corridors.sources.positions import Bounds, Positions, read_positions, require_mostly_good
from corridors.sources.quoting import date_quoted, header_quoted
from corridors.tables import DATE, POLICE_GROUPS, Incidents

# Names that records systems give to what is needed. `URN` is a crime reference there, not a school.
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": (
        "Occurrence No", "Occurrence Number", "Occurrence Ref", "Crime Ref", "Crime Reference",
        "Crime Number", "Crime No", "Incident Ref", "Incident Reference", "Incident Number",
        "Incident No", "Reference", "URN", "CAD", "CRIS Ref", "ID",
    ),
    "from": (
        "Committed From", "Committed From Date/Time", "Committed From Date", "Date/Time From",
        "Occurrence From", "Occurred From", "Offence From", "From Date/Time", "From Date",
        "Date From", "Earliest Date", "Earliest", "Start Date/Time", "Start Date", "Date/Time",
        "Incident Date/Time", "Incident Date", "Offence Date", "Date",
    ),
    "from_time": (
        "Committed From Time", "Occurrence From Time", "From Time", "Time From", "Start Time",
        "Incident Time", "Offence Time", "Time",
    ),
    "to": (
        "Committed To", "Committed To Date/Time", "Committed To Date", "Date/Time To",
        "Occurrence To", "Occurred To", "Offence To", "To Date/Time", "To Date", "Date To",
        "Latest Date", "Latest", "End Date/Time", "End Date",
    ),
    "to_time": ("Committed To Time", "Occurrence To Time", "To Time", "Time To", "End Time"),
    "offence": (
        "Crime Type", "Offence", "Offence Type", "Offence Description", "Offence Class", "HO Class",
        "HO Classification", "HO Code", "Classification", "NICL Closing Code", "NSIR Closing Code",
        "Closing Code", "Incident Type", "Category", "Major Category",
    ),
    "easting": ("Easting", "Eastings", "X", "X Coord", "X Coordinate", "OS X", "Grid X"),
    "northing": (
        "Northing", "Northings", "Y", "Y Coord", "Y Coordinate", "OS Y", "Grid Y",
    ),
    "lon": ("Longitude", "Lon", "Long", "Lng"),
    "lat": ("Latitude", "Lat"),
    "location_type": (
        "Location Type", "Premises Type", "Premise Type", "Venue Type", "Location Category",
    ),
    "outcome": ("Outcome", "Outcome Type", "Outcome Code", "Crime Outcome"),
    "source": (
        "Source", "How Reported", "Reported By Method", "Method of Report", "Report Source",
        "Origin", "Source of Report",
    ),
    "ward": (
        "Ward Code", "Ward", "Ward Name", "Beat/Ward", "Beat Code/Ward", "Electoral Ward",
    ),
}  # fmt: skip
# Only `corridors map-columns` compares it with the boundaries: a plan goes by place.
COMPARED_ONLY: Final = "ward"
_WARD_VINTAGE: Final = re.compile(r"wd[0-9]{2}(cd|nm)")

_BAD_SHARE: Final = 0.05
_PILE_ROWS: Final = 50
_PILE_SHARE: Final = 0.01
_WORDING_LIMIT: Final = 100  # more wordings than this, most of them once, are free text
_POLICE_SOURCE: Final = (
    r"police[ -]?generated|stop (?:and|&|n) search|\bofficers?\b|self[ -]?(?:generated|initiated)"
    r"|pro-?active|\bpatrol|\bintelligence\b"
)
_SCHOOL: Final = r"\bschools?\b|\bcolleges?\b|\beducation|\bacademy\b|\bsixth form\b|pupil referral"
_NOT_PREMISES: Final = r"\b(?:outside|near|nr|adjacent|opposite|bus|crossing|way to|route)\b"


@dataclass(frozen=True)
class _Times:
    """Instants per row, with what was found out about them."""

    start: pd.Series[Any]
    end: pd.Series[Any]
    is_missing: BoolArray
    is_unreadable: BoolArray
    is_month_first: BoolArray
    notes: tuple[str, ...]


def suggest_columns(header: Sequence[str]) -> dict[str, str]:
    """Columns of a records export by the names they usually have.

    Parameters
    ----------
    header : the file's header cells.

    Returns
    -------
    Own name (``from``, ``offence``, …; see ``ALIASES``) -> header cell, for those found. The date
    of a record's entry is never taken for the date of the incident.
    """
    spelled = {normal(cell): cell for cell in reversed(header)}
    return {name: spelled[words[0]] for name, words in _matching(spelled).items() if words}


def candidate_columns(header: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Every column whose name may mean what is needed, by own name, the likeliest first."""
    spelled = {normal(cell): cell for cell in reversed(header)}
    return {
        name: tuple(spelled[word] for word in words)
        for name, words in _matching(spelled).items()
        if words
    }


def _matching(spelled: Collection[str]) -> dict[str, list[str]]:
    """Header words that are an alias, by own name, in the order of the aliases."""
    found = {
        name: [word for word in dict.fromkeys(map(normal, words)) if word in spelled]
        for name, words in ALIASES.items()
    }
    vintages = sorted((w for w in spelled if _WARD_VINTAGE.fullmatch(w)), reverse=True)
    return found | {COMPARED_ONLY: [*vintages, *found[COMPARED_ONLY]]}


def read_force_export(
    path: Path | Query,
    *,
    file: str,
    columns: Mapping[str, str],
    header: Sequence[str],
    offences: Mapping[str, str],
    near_m: Bounds | None,
    salt: bytes,
) -> Draft:
    """Read one export.

    Parameters
    ----------
    path, file : where it is, and what messages call it.
    columns : ``[incidents.columns]``: own name -> header; empty to have it suggested.
    header : the file's header.
    offences : ``[incidents.offences]``.
    near_m : where incidents are expected, metres; tells swapped columns.
    salt : this run's, for references.

    Raises
    ------
    InputError
        If a needed column is missing, or its values are wrong throughout.
    """
    chosen = dict(columns) or suggest_columns(header)
    chosen.pop(COMPARED_ONLY, None)
    _require_columns(chosen, header, file)
    table = read_cells(
        path, file=file, aliases={name: (cell,) for name, cell in chosen.items()},
        required=tuple(chosen), may_be_windows=True,
    )  # fmt: skip
    cells = table.cells
    _refuse_free_text(cells["offence"], table)
    positions = read_positions(cells, near_m=near_m)
    require_mostly_good(positions, cells=cells, file=file, headers=table.headers)
    times = _times(table)
    classified = classify_offences(cells["offence"], offences)
    reason = drop_reasons(
        len(cells),
        [
            ("no date", times.is_missing),
            ("date has the month first", times.is_unreadable & times.is_month_first),
            ("date not understood", times.is_unreadable),
        ],
        positions,
    )
    frame = _frame(cells, positions, times, classified, salt)[reason == ""]
    notes = (
        *unknown_note(classified.unknown), *times.notes, *_outcome_note(cells), *_pile_note(frame),
    )  # fmt: skip
    return Draft(
        file, table.sha256, len(cells), True, frame, only_dropped(reason, cells.index), notes
    )


def _require_columns(chosen: Mapping[str, str], header: Sequence[str], file: str) -> None:
    has_place = {"easting", "northing"} <= set(chosen) or {"lon", "lat"} <= set(chosen)
    missing = [name for name in ("from", "offence") if name not in chosen]
    missing += [] if has_place else ["easting", "northing"]
    if missing:
        raise ColumnError(
            f"no column for {', '.join(missing)} was named or recognised", file=file, row=1,
            fix=(
                "Name it under [incidents.columns] in corridors.toml; the header has: "
                + header_quoted(header)
            ),
        )  # fmt: skip


def _refuse_free_text(wording: pd.Series[Any], table: CsvTable) -> None:
    """Free text could name people: it must not be read as an offence, nor be listed anywhere."""
    distinct = wording.nunique()
    is_long = bool(wording.str.len().median() > 120)
    if is_long or (distinct > _WORDING_LIMIT and 2 * distinct > len(wording)):
        raise InputError(
            f"holds {distinct} different texts in {len(wording)} rows: free text, not offences",
            file=table.file, column=table.headers["offence"],
            fix="Name the column of offence classes under [incidents.columns] offence",
        )  # fmt: skip


def _times(table: CsvTable) -> _Times:
    cells = table.cells
    start_text, end_text = _written(cells, "from"), _written(cells, "to")
    start, end = utc_instants(start_text), utc_instants(end_text)
    is_missing = (start_text == "").to_numpy(dtype=bool)
    is_unreadable = (
        (start.isna() & (start_text != "")) | (end.isna() & (end_text != ""))
    ).to_numpy(dtype=bool)
    _require_dates(table, start_text, start)
    if "to" in cells:
        _require_dates(table, end_text, end, name="to")
    is_reversed = (end < start).to_numpy(dtype=bool)
    # The rule of R's aoristic package: without an end after the start, all weight is at the start.
    end = start.where(end.isna() | is_reversed, end)
    notes = [
        f"{text}: {rows} rows"
        for rows, text in (
            (int((end_text == "").sum()), "without an end, taken as exact"),
            (int(is_reversed.sum()), "end before start, taken as exact at the start"),
            (_unknown_times(start, end), "from 00:00 to 00:00 or 23:59, so time unknown"),
        )
        if rows
    ]
    notes += [f"{form}: {rows} rows" for form, rows in unusual_forms(start_text).items()]
    is_month_first = month_first_rows(start_text) | month_first_rows(end_text)
    return _Times(start, end, is_missing, is_unreadable, is_month_first, tuple(notes))


def _written(cells: pd.DataFrame, name: str) -> pd.Series[Any]:
    day = cells[name] if name in cells else pd.Series("", index=cells.index, dtype="str")
    clock = f"{name}_time"
    return joined(day, cells[clock]) if clock in cells else day


def _require_dates(
    table: CsvTable, text: pd.Series[Any], found: pd.Series[Any], name: str = "from"
) -> None:
    given = text != ""
    bad = (found.isna() & given).to_numpy(dtype=bool)
    if not given.any() and name == "from":
        raise InputError("no row has a date", file=table.file, column=table.headers[name])
    if bad.sum() <= _BAD_SHARE * given.sum():
        return
    at = int(np.flatnonzero(bad)[0])
    fix = "Write dates as dd/mm/yyyy HH:MM"
    if is_month_first(text[given]):
        fix = "They look like mm/dd/yyyy: export them as dd/mm/yyyy"
    raise ColumnError(
        f"{int(bad.sum())} of {int(given.sum())} dates are not understood", file=table.file,
        row=int(text.index[at]), column=table.headers[name],
        value=date_quoted(text.iloc[at]), fix=fix,
    )  # fmt: skip


def _unknown_times(start: pd.Series[Any], end: pd.Series[Any]) -> int:
    """Rows from midnight to the same or the last minute of that day: a way of writing `unknown`."""
    first, last = start.dt.tz_convert(LONDON), end.dt.tz_convert(LONDON)
    minute = last.dt.hour * 60 + last.dt.minute
    is_midnight = (first.dt.hour == 0) & (first.dt.minute == 0)
    same_day = first.dt.normalize() == last.dt.normalize()
    return int((is_midnight & same_day & minute.isin((0, 1439))).sum())


def _frame(
    cells: pd.DataFrame, positions: Positions, times: _Times, classified: Classified, salt: bytes
) -> pd.DataFrame:
    local = times.start.dt.tz_convert(LONDON).dt.tz_localize(None)
    month = local.dt.to_period("M").dt.to_timestamp().astype(DATE)
    return pd.DataFrame(
        {
            Incidents.x_m: positions.x_m,
            Incidents.y_m: positions.y_m,
            Incidents.from_utc: times.start,
            Incidents.to_utc: times.end,
            Incidents.month: month,
            Incidents.offence: classified.offence,
            Incidents.group: classified.group,
            Incidents.is_police_generated: (
                classified.group.isin(POLICE_GROUPS) | _says(cells, "source", _POLICE_SOURCE)
            ),
            Incidents.is_school_premises: (
                _says(cells, "location_type", _SCHOOL)
                & ~_says(cells, "location_type", _NOT_PREMISES)
            ),
            "key": salted(cells["id"], salt) if "id" in cells else "",
        },
        index=cells.index,
    )


def _says(cells: pd.DataFrame, name: str, pattern: str) -> pd.Series[Any]:
    """Rows whose cell matches; looked up once per wording."""
    if name not in cells:
        return pd.Series(data=False, index=cells.index)
    words = pd.Series(cells[name].unique(), dtype="str")
    says = words[words.str.contains(pattern, case=False, regex=True)]
    return cells[name].isin(says)


def _outcome_note(cells: pd.DataFrame) -> tuple[str, ...]:
    """Outcome 20 (another body acts) may also cover the way to or from school: noted only (H5)."""
    rows = int(_says(cells, "outcome", r"^(?:outcome\s*)?20\b").sum())
    return (f"outcome 20: {rows} rows",) if rows else ()


def _pile_note(frame: pd.DataFrame) -> tuple[str, ...]:
    """Many rows on one point are often a station desk, not a place; the point is not told."""
    top = next(iter(piles(frame, most=1)), None)
    if top is None or top.rows < _PILE_ROWS or top.share < _PILE_SHARE:
        return ()
    return (f"on one position, perhaps a station desk: {top.rows} rows ({top.share:.0%})",)
