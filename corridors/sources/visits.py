"""Where patrols have been: days and places, never who walked."""

from __future__ import annotations

from datetime import date
from math import nan
from pathlib import Path
from typing import Final

import pandas as pd

from corridors.model import SourceRecord
from corridors.sources.csvs import read_cells
from corridors.sources.records import (
    Row,
    frame_of,
    metres_of,
    record_of,
    required_date_of,
    rows_of,
)
from corridors.tables import Visits

_COLUMNS: Final = ("date", "easting", "northing", "minutes")
_DAY_MIN: Final = 24 * 60


def read_visits(path: Path, *, file: str) -> tuple[pd.DataFrame, SourceRecord]:
    """Read ``tables.Visits``, British National Grid metres.

    No other column is read. A place may have several rows on one day. A file with a header only
    says that there were no patrols, which is more than no file says.

    Parameters
    ----------
    path, file : where the file is, and what messages call it.

    Returns
    -------
    The visits by day, place and minutes, in an order that the file's rows do not decide; and
    where they came from.

    Raises
    ------
    InputError
        For a missing column, or a cell that is no date, position or number of minutes.
    """
    table = read_cells(
        path, file=file, aliases={name: (name,) for name in _COLUMNS},
        required=_COLUMNS[:3], may_be_empty=True,
    )  # fmt: skip
    made = sorted(_visit(row) for row in rows_of(table))
    names = (Visits.date, Visits.x_m, Visits.y_m, Visits.minutes)
    frame = frame_of(
        Visits,
        [
            {Visits.index: at, **dict(zip(names, (day, x_m, y_m, minutes), strict=True))}
            for at, (day, x_m, y_m, _, minutes) in enumerate(made)
        ],
    )
    return frame, record_of("visits", table, frame, (Visits.date,))


def _visit(row: Row) -> tuple[date, float, float, bool, float]:
    """Day, easting, northing, whether the minutes are written down, and the minutes.

    The fourth part keeps a missing number out of comparisons, where it has no order.
    """
    day = required_date_of(row, "date", "Give the day of the patrol as dd/mm/yyyy")
    x_m, y_m = metres_of(row, "easting", "northing")
    text = row.values.get("minutes", "")
    return day, x_m, y_m, bool(text), _minutes(row, text)


def _minutes(row: Row, text: str) -> float:
    if not text:
        return nan
    try:
        minutes = float(text)
    except ValueError:
        raise row.wrong("minutes", "is not a number", "Give minutes, as 45, or nothing") from None
    if not 0 <= minutes <= _DAY_MIN:
        fix = f"Give 0 to {_DAY_MIN} minutes, or nothing if they are not known"
        raise row.wrong("minutes", "is not a number of minutes of one day", fix)
    return minutes
