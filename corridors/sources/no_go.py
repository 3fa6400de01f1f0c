"""Places that police, or all teams, keep clear of: youth club doors, pupil referral units (B19)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from corridors.errors import ColumnError
from corridors.model import SourceRecord
from corridors.sources.csvs import read_cells
from corridors.sources.positions import read_positions
from corridors.sources.records import Row, choice_of, frame_of, record_of, rows_of, text_of
from corridors.tables import NO_GO_FOR, NoGoPlaces

_COLUMNS: Final = {
    **{name: (name,) for name in ("name", "easting", "northing", "reach_m", "holds_for")},
    "lon": ("lon", "longitude", "lng"),
    "lat": ("lat", "latitude"),
}


def read_no_go(path: Path, *, file: str) -> tuple[pd.DataFrame, SourceRecord]:
    """Read ``tables.NoGoPlaces``: a position in metres or degrees, and a reach in metres.

    ``holds_for`` is ``police`` where it is empty or there is no such column. A place may have
    several rows, one a door.

    Parameters
    ----------
    path, file : where the file is, and what messages call it.

    Returns
    -------
    The places by name and position, in an order that the file's rows do not decide; and where
    they came from.

    Raises
    ------
    InputError
        For a missing column, or a cell that is no name, position, reach or one of police and all:
        a place that is left out for a slip would not be kept clear of.
    """
    table = read_cells(
        path, file=file, aliases=_COLUMNS, required=("name", "reach_m"), may_be_empty=True
    )
    pair = (
        ("easting", "northing") if {"easting", "northing"} <= set(table.cells) else ("lon", "lat")
    )
    if not set(pair) <= set(table.cells):
        raise ColumnError(
            "no position", file=file, row=1, column="easting",
            fix="Add easting and northing, or lon and lat",
        )  # fmt: skip
    at = read_positions(table.cells)
    made = []
    for row, x_m, y_m, problem in zip(rows_of(table), at.x_m, at.y_m, at.problem, strict=True):
        if problem:
            raise row.wrong(pair[0], str(problem), "Give British National Grid metres, or lon, lat")
        holds_for = (
            choice_of(row, "holds_for", NO_GO_FOR) if row.values.get("holds_for") else "police"
        )
        name = text_of(row, "name", required=True)
        made.append((name, float(x_m), float(y_m), _reach_m(row), holds_for))
    names = list(NoGoPlaces.columns())
    frame = frame_of(
        NoGoPlaces,
        [
            {NoGoPlaces.index: number, **dict(zip(names, place, strict=True))}
            for number, place in enumerate(sorted(made))
        ],
    )
    return frame, record_of("no_go", table, frame)


def _reach_m(row: Row) -> float:
    low, high = NoGoPlaces.columns()["reach_m"].low, NoGoPlaces.columns()["reach_m"].high
    try:
        reach_m = float(row.values.get("reach_m", ""))
    except ValueError:
        raise row.wrong("reach_m", "is not a number", "Give metres, as 50") from None
    if not (low or 0) <= reach_m <= (high or 0):
        raise row.wrong(
            "reach_m", "is too short or too long a reach", f"Give {low:g} to {high:g} metres"
        )
    return reach_m
