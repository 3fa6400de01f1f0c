"""How often police and schools acted on whom: kept by the partnership, or from data.police.uk.

For harm and fairness alone. None of it is evidence of risk: no plan, batch or back-test opens
these files (H4).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridors.errors import InputError
from corridors.model import SourceRecord
from corridors.sources.csvs import read_cells
from corridors.sources.named import NamedFile
from corridors.sources.positions import Positions, read_positions
from corridors.sources.records import (
    Row,
    choice_of,
    count_of,
    frame_of,
    known_count_of,
    quarter_of,
    read_record,
    record_of,
    require_unique,
    rows_of,
    ward_of,
)
from corridors.tables import AGE_BANDS, ENCOUNTERS, ETHNIC_GROUPS, SEND_STATES, Encounters

_COLUMNS: Final = tuple(Encounters.columns())
_KEY: Final = _COLUMNS[:6]
_MOST: Final = 1_000_000
_OPTIONAL: Final = (Encounters.send, Encounters.no_further_action, Encounters.repeat)
# The columns of a stop-and-search file that are read; laws, objects and operations stay in it.
_POLICE_UK: Final = {
    "type": ("Type",),
    "date": ("Date",),
    "lat": ("Latitude",),
    "lon": ("Longitude",),
    "age": ("Age range",),
    "self": ("Self-defined ethnicity",),
    "officer": ("Officer-defined ethnicity",),
    "outcome": ("Outcome",),
}
_LONDON: Final = "Europe/London"
_BAD_SHARE: Final = 0.05
_CODE: Final = re.compile(r"([wmabo])[0-9]{1,2}(?![a-z0-9])")
_LETTERS: Final = {"a": "asian", "b": "black", "m": "mixed", "w": "white", "o": "other"}
_SEARCHED: Final = Encounters.kind, "stop_search"


@dataclass(frozen=True)
class Stops:
    """Stops and searches of one file, counted. ``counts`` has the columns of ``_KEY`` and more."""

    entries: tuple[dict[str, Any], ...]
    record: SourceRecord


def read_encounters(path: Path, file: str) -> tuple[pd.DataFrame, SourceRecord]:
    """Read ``tables.Encounters`` from the partnership's own file, by its first six columns.

    Raises
    ------
    InputError
        For a missing column, a cell that is wrong, or two rows of the same group.
    """
    table = read_record(path, file, _COLUMNS, optional=_OPTIONAL, may_be_empty=True)
    made = [(row, _entry(row)) for row in rows_of(table)]
    require_unique([(row, " ".join(entry[n] for n in _KEY)) for row, entry in made], "kind")
    frame = _frame([entry for _, entry in made])
    return frame, record_of("encounters", table, frame)


def read_stops_and_searches(
    named: Sequence[NamedFile], wards: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, tuple[SourceRecord, ...]]:
    """Count the stop-and-search files of data.police.uk by quarter, ward, age and ethnicity.

    Parameters
    ----------
    wards : as ``boundaries.read_wards`` gives them. Points outside them are left out.

    Returns
    -------
    ``tables.Encounters``, all ``stop_search``; and one record for each file, which tells what was
    left out and whose word the ethnic groups are. Two rows of a file that are alike both count:
    no column tells two people apart.

    Raises
    ------
    InputError
        If a file cannot be read, is another kind of file, or stands there twice.
    """
    seen: dict[str, str] = {}
    counted: dict[tuple[str, ...], list[float]] = {}
    records = []
    for one in named:
        found = _read_stops(one.require(), one.file, wards)
        before = seen.setdefault(found.record.sha256, one.file)
        if before != one.file:
            raise InputError(
                f"holds the same as {before}", file=one.file, fix="Name each file once"
            )
        records.append(found.record)
        for entry in found.entries:
            both = counted.setdefault(tuple(entry[name] for name in _KEY), [0, 0])
            both[0] += entry[Encounters.count]
            both[1] += entry[Encounters.no_further_action]
    rows = [
        {
            **dict(zip(_KEY, key, strict=True)), Encounters.count: int(count),
            Encounters.no_further_action: nothing, Encounters.repeat: nan,
        }
        for key, (count, nothing) in counted.items()
    ]  # fmt: skip
    return _frame(rows), tuple(records)


def together(own: pd.DataFrame | None, police: pd.DataFrame, file: str) -> pd.DataFrame:
    """The partnership's own rows and those of data.police.uk, none counted twice.

    Raises
    ------
    InputError
        If both tell of stops and searches in the same ward and quarter.
    """
    if own is None:
        return police
    column, kind = _SEARCHED
    where = [Encounters.quarter, Encounters.ward]
    ours = own.loc[own[column] == kind, where].drop_duplicates()
    both = ours.merge(police[where].drop_duplicates())
    if len(both):
        quarter, ward = both.sort_values(where).iloc[0]
        raise InputError(
            f"tells of stop_search in {ward} in {quarter}, and so do the stop-and-search files",
            file=file, column=column, fix="Take one of them out, or they count twice",
        )  # fmt: skip
    return _frame(
        [
            {str(name): value for name, value in entry.items()}
            for frame in (own, police)
            for entry in frame.to_dict("records")
        ]
    )


def ethnic_group(text: str) -> str:
    """One of ``ETHNIC_GROUPS`` for an 18+1 code or its words; ``not_recorded`` if none is said.

    Chinese counts as Asian, as in the census since 2011.
    """
    plain = " ".join(text.casefold().split())
    code = _CODE.match(plain) or re.search(rf"\({_CODE.pattern}\)$", plain)
    if re.search(r"not stated|not known|unknown|refused|prefer not", plain):
        return "not_recorded"
    if plain.endswith("chinese") or (code and code[0].strip("()") == "o1"):
        return "asian"
    if code:
        return _LETTERS[code[1]]
    first = re.match(r"[a-z]+", plain)
    if first and first[0] in ETHNIC_GROUPS:
        return first[0]
    return "other" if plain.startswith("chinese or other") else "not_recorded"


def _entry(row: Row) -> dict[str, Any]:
    count = count_of(row, "count", _MOST)
    parts = {n: known_count_of(row, n, _MOST) for n in (_OPTIONAL[1], _OPTIONAL[2])}
    for name, part in parts.items():
        if part > count:
            raise row.wrong(name, f"is more than the count, {count}", "Correct one of them")
    send = row.values.get(Encounters.send, "")
    return {
        Encounters.quarter: quarter_of(row),
        Encounters.ward: ward_of(row),
        Encounters.kind: choice_of(row, "kind", ENCOUNTERS),
        Encounters.age_band: choice_of(row, "age_band", AGE_BANDS),
        Encounters.ethnicity: choice_of(row, "ethnicity", ETHNIC_GROUPS),
        Encounters.send: choice_of(row, "send", SEND_STATES) if send else "not_recorded",
        Encounters.count: count,
        **parts,
    }


def _frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    ordered = sorted(rows, key=lambda entry: tuple(entry[name] for name in _KEY))
    return frame_of(
        Encounters, [{**entry, Encounters.index: at} for at, entry in enumerate(ordered)]
    )


def _read_stops(path: Path, file: str, wards: gpd.GeoDataFrame) -> Stops:
    table = read_cells(
        path, file=file, aliases=_POLICE_UK, required=tuple(_POLICE_UK), may_be_windows=True,
        may_be_empty=True,
    )  # fmt: skip
    cells = table.cells
    moments = pd.to_datetime(cells["date"], format="ISO8601", utc=True, errors="coerce")
    _require_dates(cells["date"], moments, file)
    positions = read_positions(cells)
    ward = _wards_at(positions, wards)
    reason = np.select(
        [
            ~cells["type"].str.casefold().str.contains("person", regex=False).to_numpy(dtype=bool),
            moments.isna().to_numpy(dtype=bool),
            positions.problem.astype(str) != "",
            ward == "",
        ],
        ["no person was searched", "date not understood", "no position", "outside the wards"],
        default="",
    )
    used = reason == ""
    kept = cells[used].assign(ward=ward[used], quarter=_quarters(moments[used]))
    entries, notes = _counted(kept)
    dropped = sorted(Counter(reason[~used].tolist()).items())
    days = moments[used].dt.tz_convert(_LONDON).dt.date
    return Stops(
        entries,
        SourceRecord(
            "encounters", file, table.sha256, len(cells), len(kept), tuple(dropped), notes,
            first=min(days, default=None), last=max(days, default=None),
        ),
    )  # fmt: skip


def _require_dates(text: pd.Series[str], moments: pd.Series[Any], file: str) -> None:
    bad = moments.isna().to_numpy(dtype=bool)
    if len(bad) and bad.mean() > _BAD_SHARE:
        raise InputError(
            f"{int(bad.sum())} of {len(text)} dates are not as data.police.uk writes them",
            file=file, row=int(text.index[int(np.flatnonzero(bad)[0])]), column="Date",
            fix="Download the file again, and do not save it from Excel",
        )  # fmt: skip


def _wards_at(positions: Positions, wards: gpd.GeoDataFrame) -> Any:
    """(n,) ward code of each position; empty if it has none. On a border the first code counts."""
    found = np.full(len(positions.x_m), "", dtype=object)
    good = np.flatnonzero(positions.is_good)
    points = shapely.points(positions.x_m[good], positions.y_m[good])
    at, ward = shapely.STRtree(wards.geometry.to_numpy()).query(points, predicate="intersects")
    for point, code in sorted(zip(at.tolist(), wards.index[ward], strict=True), reverse=True):
        found[good[point]] = code
    return found


def _quarters(moments: pd.Series[Any]) -> pd.Series[str]:
    local = moments.dt.tz_convert(_LONDON).dt
    quarters: pd.Series[str] = local.year.astype("str") + "-Q" + local.quarter.astype("str")
    return quarters


def _counted(kept: pd.DataFrame) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...]]:
    own, officer = (kept[name].map(ethnic_group) for name in ("self", "officer"))
    group = own.where(own != "not_recorded", officer)
    age = kept["age"].str.casefold().str.replace(r"[ -]+", "_", regex=True)
    outcome = kept["outcome"].str.casefold()
    rows = pd.DataFrame(
        {
            Encounters.quarter: kept["quarter"],
            Encounters.ward: kept["ward"],
            Encounters.kind: _SEARCHED[1],
            Encounters.age_band: age.where(age.isin(AGE_BANDS), "not_recorded"),
            Encounters.ethnicity: group,
            Encounters.send: "not_recorded",
            "nothing": outcome.str.contains("no further action", regex=False).astype("int64"),
        }
    )
    counted = rows.groupby(list(_KEY), sort=True)["nothing"].agg(["size", "sum"])
    entries = tuple(
        {
            **dict(zip(_KEY, key, strict=True)), Encounters.count: int(size),
            Encounters.no_further_action: int(nothing),
        }
        for key, size, nothing in counted.itertuples(name=None)
    )  # fmt: skip
    by_self = int((own != "not_recorded").sum())
    by_none = int((group == "not_recorded").sum())
    said = f"{by_self} as people said, {len(kept) - by_self - by_none} as officers saw it"
    notes = [f"ethnic group: {said}, {by_none} not recorded"]
    unknown = int((outcome == "").sum())
    notes += [f"{unknown} without an outcome do not count as no further action"] if unknown else []
    return entries, tuple(notes)
