"""Street-crime files of data.police.uk: a month and a snapped point, never a day or a time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from corridors.errors import ColumnError, InputError
from corridors.sources.csvs import normal, read_cells
from corridors.sources.database import Query
from corridors.sources.drafts import Draft, drop_reasons, only_dropped, salted
from corridors.sources.offences import classify_offences, unknown_note
from corridors.sources.positions import Bounds, read_positions, require_mostly_good
from corridors.sources.quoting import date_quoted
from corridors.tables import DATE, POLICE_GROUPS, UTC, Incidents

# The bulk files' header, as data.police.uk writes it.
HEADER: Final = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location",
    "LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context",
)  # fmt: skip
# The columns that are read; the others (place names, outcomes, areas) stay in the file.
_ALIASES: Final = {
    "id": ("Crime ID",),
    "month": ("Month",),
    "offence": ("Crime type",),
    "lon": ("Longitude",),
    "lat": ("Latitude",),
}
_STREET: Final = {normal(alias[0]) for alias in _ALIASES.values()}
_BAD_SHARE: Final = 0.05


def is_street_file(header: tuple[str, ...]) -> bool:
    """Whether a header is that of a ``*-street.csv`` file."""
    return {normal(cell) for cell in header} >= _STREET


def refuse_siblings(header: tuple[str, ...], file: str) -> None:
    """Raise for the stop-and-search and outcome files that lie beside the street files.

    Stop and search is police activity: harm and fairness indicators only, never a weight (H4).
    """
    cells = {normal(cell) for cell in header}
    if {"object of search", "legislation"} & cells:
        raise InputError(
            "is a stop-and-search file: that is police activity and never evidence of risk (H4)",
            file=file, fix="Name only the *-street.csv files under [incidents] files",
        )  # fmt: skip
    if {"crime id", "outcome type"} <= cells:
        raise InputError(
            "is an outcomes file: it repeats the crimes of the street files",
            file=file, fix="Name only the *-street.csv files under [incidents] files",
        )  # fmt: skip


def read_street(path: Path | Query, *, file: str, near_m: Bounds | None, salt: bytes) -> Draft:
    """Read one ``*-street.csv`` file.

    Raises
    ------
    InputError
        If the file cannot be read, or its months or positions are wrong throughout.
    """
    table = read_cells(
        path, file=file, aliases=_ALIASES, required=tuple(_ALIASES), may_be_windows=True
    )
    cells = table.cells
    positions = read_positions(cells, near_m=near_m)
    if (cells["lon"] != "").any():
        require_mostly_good(positions, cells=cells, file=file, headers=table.headers)
    is_month = cells["month"].str.fullmatch(r"(?:19|20)[0-9]{2}-[0-9]{2}")
    month = pd.to_datetime(cells["month"].where(is_month), format="%Y-%m", errors="coerce").astype(
        DATE
    )
    _require_months(cells["month"], month, file)
    classified = classify_offences(cells["offence"], {})
    frame = pd.DataFrame(
        {
            Incidents.x_m: positions.x_m,
            Incidents.y_m: positions.y_m,
            Incidents.from_utc: pd.Series(pd.NaT, index=cells.index, dtype=UTC),
            Incidents.to_utc: pd.Series(pd.NaT, index=cells.index, dtype=UTC),
            Incidents.month: month,
            Incidents.offence: classified.offence,
            Incidents.group: classified.group,
            Incidents.is_police_generated: classified.group.isin(POLICE_GROUPS),
            Incidents.is_school_premises: np.zeros(len(cells), dtype=bool),
            # One crime may be followed over months; the same month twice is a repeat.
            "key": salted((cells["id"] + " " + cells["month"]).where(cells["id"] != "", ""), salt),
        },
        index=cells.index,
    )
    reason = drop_reasons(
        len(cells), [("month not understood", month.isna().to_numpy(dtype=bool))], positions
    )
    return Draft(
        file, table.sha256, len(cells), False, frame[reason == ""],
        only_dropped(reason, cells.index), unknown_note(classified.unknown),
    )  # fmt: skip


def _require_months(text: pd.Series[str], month: pd.Series[pd.Timestamp], file: str) -> None:
    bad = month.isna().to_numpy(dtype=bool)
    if bad.mean() > _BAD_SHARE:
        at = int(np.flatnonzero(bad)[0])
        raise ColumnError(
            f"{int(bad.sum())} of {len(text)} months are not YYYY-MM", file=file,
            row=int(text.index[at]), column=_ALIASES["month"][0], value=date_quoted(text.iloc[at]),
            fix="Download the file again, and do not save it from Excel",
        )  # fmt: skip
