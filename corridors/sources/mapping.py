"""`corridors map-columns`: which column of a force export is which, and what is read from it.

Nothing that is told holds a cell: examples are dates, points and classes as they were understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from corridors.arrays import BoolArray
from corridors.crs import METRIC
from corridors.errors import InputError
from corridors.labels import WARD
from corridors.sources.boundaries import read_wards
from corridors.sources.csvs import CsvTable, read_cells, read_header
from corridors.sources.dates import LONDON
from corridors.sources.drafts import Draft
from corridors.sources.force_export import (
    COMPARED_ONLY,
    candidate_columns,
    read_force_export,
    suggest_columns,
)
from corridors.sources.incidents import new_salt
from corridors.sources.loading import near_wards
from corridors.sources.named import NamedFile
from corridors.sources.offences import classify_offences
from corridors.sources.piles import Pile, piles
from corridors.sources.police_uk import is_street_file, refuse_siblings
from corridors.sources.positions import (
    DEGREES,
    METRES,
    NONE_GIVEN,
    SWAPPED,
    Bounds,
    read_positions,
)
from corridors.sources.quoting import wording_quoted
from corridors.tables import Incidents

_METRES: Final = ("easting", "northing")
_DEGREES: Final = ("lon", "lat")
_EXAMPLES: Final = 3
_MOST_WORDINGS: Final = 50


@dataclass(frozen=True)
class Column:
    """One own name: its header, rows that are filled, and what was read from some of them."""

    name: str
    header: str
    filled: int
    examples: tuple[str, ...]
    others: tuple[str, ...]  # headers that could be meant instead


@dataclass(frozen=True)
class Suggestion:
    """A mapping, and what it does with the file's rows."""

    file: str
    sha256: str
    rows: int
    used: int
    columns: tuple[Column, ...]
    changes: tuple[str, ...]  # where the names of columns say otherwise than what they hold
    dropped: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]
    piles: tuple[Pile, ...]
    wards: tuple[str, ...]
    unknown: tuple[tuple[str, int], ...]  # wordings without a class, fit to be shown
    unread: int  # columns of the file that are not read
    problem: str = ""  # why the file could not be read by this mapping

    @property
    def mapping(self) -> dict[str, str]:
        """``[incidents.columns]``: own name -> header."""
        return {column.name: column.header for column in self.columns}


def suggest_mapping(
    path: Path,
    *,
    file: str,
    offences: Mapping[str, str] | None = None,
    boundaries: NamedFile | None = None,
) -> Suggestion:
    """Read a force export by the names of its columns and by what they hold.

    Parameters
    ----------
    path, file : where it is, and what messages call it.
    offences : ``[incidents.offences]``.
    boundaries : wards, to tell swapped axes and to compare a ward column with.

    Raises
    ------
    InputError
        If the file is none, or a needed column is neither named nor recognised.
    """
    header = read_header(path, file=file, may_be_windows=True)
    refuse_siblings(header, file)
    if is_street_file(header):
        raise InputError(
            "is a street file of data.police.uk, whose columns are known", file=file,
            fix="It needs no mapping; name it under [incidents] files",
        )  # fmt: skip
    wards = None if boundaries is None else _wards(boundaries)
    near_m = None if wards is None else near_wards(wards)
    table = _read(path, file, suggest_columns(header))
    chosen, changes = _corrected(table, near_m)
    draft, problem = _draft(path, file, chosen, header, offences or {}, near_m)
    return Suggestion(
        file=file,
        sha256=table.sha256,
        rows=len(table.cells),
        used=0 if draft is None else len(draft.frame),
        columns=_columns(table, chosen, candidate_columns(header), draft),
        changes=changes,
        dropped=() if draft is None else tuple(draft.dropped.items()),
        notes=() if draft is None else _without_wordings(draft.notes),
        piles=() if draft is None else piles(draft.frame),
        wards=() if draft is None or wards is None else _ward_words(table, draft, wards),
        unknown=() if draft is None else _unknown(table, offences or {}),
        unread=len(header) - len(set(table.headers.values())),
        problem=problem,
    )


def _read(path: Path, file: str, columns: Mapping[str, str]) -> CsvTable:
    return read_cells(
        path, file=file, aliases={name: (cell,) for name, cell in columns.items()},
        may_be_windows=True,
    )  # fmt: skip


def _wards(boundaries: NamedFile) -> gpd.GeoDataFrame:
    wards, _ = read_wards(boundaries.require(), file=boundaries.file)
    return wards


# --- what columns hold --------------------------------------------------------------------------


def _corrected(table: CsvTable, near_m: Bounds | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """The columns by what they hold, where most rows show that their names mislead."""
    chosen = dict(table.headers)
    changes: list[str] = []
    if {*_METRES, *_DEGREES} <= set(chosen):
        chosen = _better_pair(table, chosen, near_m, changes)
    for _ in range(2):  # degrees or metres first, then their order
        renamed = _renamed(table, chosen, near_m, changes)
        if renamed == chosen:
            break
        chosen = renamed
    return chosen, tuple(changes)


def _better_pair(
    table: CsvTable, chosen: dict[str, str], near_m: Bounds | None, changes: list[str]
) -> dict[str, str]:
    """Without the pair of columns that is wrong throughout, if the other is not."""
    bad = {
        pair: _worst(table, {name: chosen[name] for name in pair}, near_m)[1]
        for pair in (_METRES, _DEGREES)
    }
    for pair, other in ((_METRES, _DEGREES), (_DEGREES, _METRES)):
        if bad[pair] and not bad[other]:
            changes.append(f"{' and '.join(pair)} are wrong in {bad[pair]} rows and are left out")
            return {name: cell for name, cell in chosen.items() if name not in pair}
    return chosen


def _renamed(
    table: CsvTable, chosen: dict[str, str], near_m: Bounds | None, changes: list[str]
) -> dict[str, str]:
    pair = _METRES if set(_METRES) <= set(chosen) else _DEGREES
    if not set(pair) <= set(chosen):
        return chosen
    problem, rows = _worst(table, {name: chosen[name] for name in pair}, near_m)
    one, two = (chosen[name] for name in pair)
    rest = {name: cell for name, cell in chosen.items() if name not in pair}
    if problem == SWAPPED:
        changes.append(f"the two columns of the position hold each other's numbers: {rows} rows")
        return {**rest, pair[0]: two, pair[1]: one}
    other = {DEGREES: _DEGREES, METRES: _METRES}.get(problem)
    if other is None or other == pair:
        return chosen
    held = "degrees" if other == _DEGREES else "metres"
    changes.append(f"{' and '.join(pair)} hold {held}, so are {' and '.join(other)}: {rows} rows")
    return {**rest, other[0]: one, other[1]: two}


def _worst(table: CsvTable, pair: Mapping[str, str], near_m: Bounds | None) -> tuple[str, int]:
    """What is wrong in most rows that have a position, and in how many; nothing if few."""
    own = {header: name for name, header in table.headers.items()}
    cells = pd.DataFrame({name: table.cells[own[header]] for name, header in pair.items()})
    problem = read_positions(cells, near_m=near_m).problem.astype(str)
    given = problem[problem != NONE_GIVEN]
    names, counts = np.unique(given[given != ""], return_counts=True)
    if 2 * int(counts.sum()) <= len(given):
        return "", 0
    at = int(np.argmax(counts))
    return str(names[at]), int(counts[at])


def _draft(
    path: Path,
    file: str,
    chosen: Mapping[str, str],
    header: tuple[str, ...],
    offences: Mapping[str, str],
    near_m: Bounds | None,
) -> tuple[Draft | None, str]:
    """What the reader makes of the file, or why it cannot."""
    try:
        draft = read_force_export(
            path, file=file, columns=chosen, header=header, offences=offences, near_m=near_m,
            salt=new_salt(),
        )  # fmt: skip
    except InputError as error:
        if not {"from", "offence"} <= set(chosen):
            raise
        return None, str(error)
    return draft, ""


# --- what is told -------------------------------------------------------------------------------


def _columns(
    table: CsvTable,
    chosen: Mapping[str, str],
    candidates: Mapping[str, tuple[str, ...]],
    draft: Draft | None,
) -> tuple[Column, ...]:
    own = {header: name for name, header in table.headers.items()}
    taken = set(chosen.values())
    return tuple(
        Column(
            name,
            cell,
            int((table.cells[own[cell]] != "").sum()),
            () if draft is None else _examples(name, draft.frame),
            tuple(other for other in candidates.get(name, ()) if other not in taken),
        )
        for name, cell in chosen.items()
    )


def _examples(name: str, frame: pd.DataFrame) -> tuple[str, ...]:
    """What was read from a column; of references, and of what may be free text, nothing."""
    if name in ("from", "to"):
        instants = frame[f"{name}_utc"].drop_duplicates().head(_EXAMPLES)
        return tuple(f"{at:%d/%m/%Y %H:%M}" for at in instants.dt.tz_convert(LONDON).dropna())
    if name in ("easting", "lon"):
        points = frame[[Incidents.x_m, Incidents.y_m]].drop_duplicates().head(_EXAMPLES)
        return tuple(f"E {x:.0f} N {y:.0f}" for x, y in points.itertuples(index=False))
    if name == "offence":
        return tuple(_most(frame[Incidents.offence]))
    flags = {
        "location_type": (Incidents.is_school_premises, "school premises"),
        "source": (Incidents.is_police_generated, "made by police activity"),
    }
    if name in flags:
        column, words = flags[name]
        return (f"{words}: {int(frame[column].sum())} rows",)
    return ()


def _most(words: pd.Series[Any]) -> list[str]:
    counts = sorted((-int(rows), str(text)) for text, rows in words.value_counts().items())
    return [f"{text} ({-rows})" for rows, text in counts[:_EXAMPLES]]


def _without_wordings(notes: tuple[str, ...]) -> tuple[str, ...]:
    """The notes but the one that lists wordings, which are listed by themselves."""
    return tuple(note for note in notes if not note.startswith("offences without a class"))


def _unknown(table: CsvTable, offences: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    found = classify_offences(table.cells["offence"], offences).unknown
    shown = [(text, rows) for text, rows in found if text and wording_quoted(text) == text]
    return tuple(shown[:_MOST_WORDINGS])


# --- wards --------------------------------------------------------------------------------------


def _ward_words(table: CsvTable, draft: Draft, wards: gpd.GeoDataFrame) -> tuple[str, ...]:
    """How the export's wards agree with the boundaries; boundaries are redrawn (E.5)."""
    if COMPARED_ONLY not in table.headers:
        return ()
    said = table.cells[COMPARED_ONLY].loc[draft.frame.index]
    lies_in = _lies_in(draft.frame, wards)
    is_code = said.str.fullmatch(WARD.pattern)
    name_of = wards["name"].str.casefold()
    known = said.isin(wards.index) | (~is_code & said.str.casefold().isin(set(name_of)))
    same = (said == lies_in) | (said.str.casefold() == lies_in.map(name_of))
    inside, given = lies_in.notna(), said != ""
    counts = (
        (_rows(given & same), "name the ward that they lie in"),
        (_rows(given & inside & known & ~same), "name another ward than they lie in"),
        (
            _rows(given & inside & ~known),
            "lie in a ward here but name one that the boundaries do not have: another vintage?",
        ),
        (
            _rows(given & ~inside & known),
            "name a ward of the boundaries but lie outside all of them",
        ),
        (_rows(given & ~inside & ~known), "lie in, and name, wards elsewhere"),
    )
    return tuple(f"{rows} rows {words}" for rows, words in counts if rows)


def _lies_in(frame: pd.DataFrame, wards: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Code of the ward that each row lies in; missing where it lies in none."""
    spots = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(frame[Incidents.x_m], frame[Incidents.y_m]),
        index=frame.index, crs=METRIC,
    )  # fmt: skip
    joined = gpd.sjoin(spots, wards[["geometry"]], predicate="intersects", how="left")
    code: pd.Series[Any] = joined[wards.index.name]
    return code[~code.index.duplicated()]


def _rows(mask: pd.Series[Any] | BoolArray) -> int:
    return int(mask.sum())
