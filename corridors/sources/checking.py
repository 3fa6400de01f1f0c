"""`corridors check`: every input, one line each, and every error at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from typing import Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from corridors.errors import InputError
from corridors.model import SourceRecord, StreetExtract
from corridors.sources.boundaries import bounds_of, read_wards
from corridors.sources.csvs import printable
from corridors.sources.drafts import Draft, OnDropped
from corridors.sources.evaluation_records import read_kind
from corridors.sources.homes import read_homes
from corridors.sources.incidents import combine, new_salt, read_draft
from corridors.sources.loading import (
    EXTRA_M,
    OF_SCHOOLS,
    RecordFile,
    near_wards,
    read_terms,
    record_files,
)
from corridors.sources.named import NamedFile
from corridors.sources.people import require_known_schools
from corridors.sources.positions import Bounds
from corridors.sources.schools import read_schools
from corridors.sources.stops import read_stops
from corridors.sources.streets import read_streets
from corridors.sources.translations import read_translations
from corridors.sources.visits import read_visits
from corridors.sources.workspace import EVALUATION_RECORDS, FILE_NAME, Workspace
from corridors.tables import Incidents, People, Schools, Visits

MadeT = TypeVar("MadeT")
_NO_AGREEMENT: Final = (
    "NO DATA SHARING AGREEMENT is on record for partners' data, so nothing will be published: "
    "write its reference as data_sharing_agreement under [governance]"
)


@dataclass(frozen=True)
class CheckLine:
    """What was found in one input file."""

    kind: str
    file: str
    rows_read: int
    rows_used: int
    dropped: tuple[tuple[str, int], ...]
    area: str  # extent in whole kilometres, British National Grid; empty if it has none
    first: date | None
    last: date | None
    notes: tuple[str, ...]
    sha256: str

    def __str__(self) -> str:
        rows = f"{self.rows_used} of {self.rows_read} rows used"
        parts = [f"{self.kind}: {printable(self.file, 200)}: {rows}"]
        parts += [f"{count} dropped ({reason})" for reason, count in self.dropped]
        parts += [self.area] if self.area else []
        if self.first and self.last:
            parts.append(f"{self.first:%d/%m/%Y} to {self.last:%d/%m/%Y}")
        return "; ".join([*parts, *self.notes])

    def as_dict(self) -> dict[str, object]:
        """The same for JSON: dates as ISO text, dropped rows by reason."""
        return asdict(self) | {
            "dropped": dict(self.dropped),
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "notes": list(self.notes),
        }


class _Collector:
    """Lines and errors, as they come."""

    def __init__(self) -> None:
        self.lines: list[CheckLine] = []
        self.errors: list[InputError] = []

    def attempt(self, read: Callable[[], MadeT]) -> MadeT | None:
        """What ``read`` returns, or None with its error kept."""
        try:
            return read()
        except InputError as error:
            self.errors.append(error)
            return None

    def add(
        self, record: SourceRecord, bounds_m: Bounds | None = None, notes: tuple[str, ...] = ()
    ) -> None:
        """One line for ``record``, with ``notes`` beside its own."""
        self.lines.append(
            CheckLine(
                record.kind, record.file, record.rows_read, record.rows_used, record.dropped,
                _area(bounds_m), record.first, record.last, (*record.notes, *notes), record.sha256,
            )
        )  # fmt: skip


def check(
    workspace: Workspace, *, on_dropped: OnDropped | None = None
) -> tuple[tuple[CheckLine, ...], tuple[InputError, ...]]:
    """Read every input of ``workspace``; one line per file, and all errors.

    Parameters
    ----------
    on_dropped : told of every incident row that is left out.

    Returns
    -------
    Lines in the order of corridors.toml, for the files that could be read; the first error of
    every file that could not, and of records that name unknown schools.
    """
    found = _Collector()
    wards = _check_wards(workspace, found)
    _check_streets(workspace, wards, found)
    register = _check_schools(workspace, found)
    _check_incidents(workspace, wards, found, on_dropped)
    _check_homes(workspace, found)
    _check_stops(workspace, found)
    _check_records(workspace, register, found)
    calendar = found.attempt(lambda: read_terms(workspace))
    for record in calendar[1] if calendar is not None else ():
        found.add(record)
    _check_calendar_schools(workspace, register, found)
    _check_visits(workspace, found)
    _check_translations(workspace, found)
    _check_evaluation_records(workspace, found)
    return tuple(found.lines), tuple(found.errors)


def _check_wards(workspace: Workspace, found: _Collector) -> gpd.GeoDataFrame | None:
    named = workspace.boundaries
    read = found.attempt(lambda: read_wards(named.locate(), file=named.file))
    if read is None:
        return None
    found.add(read[1], near_wards(read[0]))
    return read[0]


def _check_streets(workspace: Workspace, wards: gpd.GeoDataFrame | None, found: _Collector) -> None:
    named, margin_m = workspace.streets, workspace.profile.streets.margin_m + EXTRA_M
    area_m = None if wards is None else bounds_of(wards.union_all(), margin_m)
    read = found.attempt(lambda: read_streets(named.locate(), bounds_m=area_m, file=named.file))
    if read is not None:
        found.add(read[1], _street_bounds(read[0]))


def _check_schools(workspace: Workspace, found: _Collector) -> pd.DataFrame | None:
    named = workspace.schools
    read = found.attempt(lambda: read_schools(named.locate(), file=named.file))
    if read is None:
        return None
    found.add(read[1], _point_bounds(read[0], Schools.x_m, Schools.y_m))
    return read[0]


def _check_incidents(
    workspace: Workspace,
    wards: gpd.GeoDataFrame | None,
    found: _Collector,
    on_dropped: OnDropped | None,
) -> None:
    source, salt = workspace.incidents, new_salt()
    near_m = None if wards is None else near_wards(wards)

    def reader(named: NamedFile) -> Callable[[], Draft]:
        return lambda: read_draft(named, source, near_m, salt)

    drafts = [draft for named in source.files if (draft := found.attempt(reader(named)))]
    combined = found.attempt(lambda: combine(drafts, on_dropped=on_dropped)) if drafts else None
    if combined is not None:
        for draft, record in zip(drafts, combined[1], strict=True):
            is_partners = bool(draft.frame[Incidents.from_utc].notna().any())
            found.add(
                record, _point_bounds(draft.frame, Incidents.x_m, Incidents.y_m),
                _unshared(workspace, is_partners=is_partners),
            )  # fmt: skip


def _check_homes(workspace: Workspace, found: _Collector) -> None:
    named = workspace.homes
    if named is None:
        return
    read = found.attempt(lambda: read_homes(named.locate(), file=named.file))
    if read is not None:
        found.add(read[1], near_wards(read[0]))


def _check_stops(workspace: Workspace, found: _Collector) -> None:
    for named in workspace.stops:
        try:
            places, record = read_stops(named.locate(), file=named.file)
        except InputError as error:
            found.errors.append(error)
            continue
        points = pd.DataFrame({"x_m": places.geometry.x, "y_m": places.geometry.y})
        found.add(record, _point_bounds(points, "x_m", "y_m"))


def _check_records(workspace: Workspace, register: pd.DataFrame | None, found: _Collector) -> None:
    tables: dict[str, pd.DataFrame] = {}

    def reader(entry: RecordFile) -> Callable[[], tuple[pd.DataFrame, SourceRecord | None]]:
        return lambda: entry.read(tables)

    for entry in record_files(workspace):
        read = found.attempt(reader(entry))
        if read is None or read[1] is None:
            continue
        table, record = read[0], read[1]
        tables[entry.kind] = table
        is_partners = entry.kind == "people" and table[People.organisation].nunique() > 1
        found.add(record, notes=_unshared(workspace, is_partners=is_partners))
        if register is not None and entry.kind in OF_SCHOOLS:
            known = set(register.index)
            try:
                require_known_schools(table, known, file=record.file)
            except InputError as error:
                found.errors.append(error)


def _unshared(workspace: Workspace, *, is_partners: bool) -> tuple[str, ...]:
    """The note for partners' data that no data sharing agreement covers yet (F6)."""
    if not is_partners or workspace.profile.governance.data_sharing_agreement.strip():
        return ()
    return (_NO_AGREEMENT,)


def _check_calendar_schools(
    workspace: Workspace, register: pd.DataFrame | None, found: _Collector
) -> None:
    """Schools whose own calendars corridors.toml names have to be in the register."""
    if register is None:
        return
    urns = pd.DataFrame({"urn": [urn for urn, _ in workspace.term_icals if urn]}, dtype="str")
    found.attempt(lambda: require_known_schools(urns, set(register.index), file=FILE_NAME))


def _check_visits(workspace: Workspace, found: _Collector) -> None:
    named = workspace.visits
    if named is None:
        return
    read = found.attempt(lambda: read_visits(named.require(), file=named.file))
    if read is not None:
        found.add(read[1], _point_bounds(read[0], Visits.x_m, Visits.y_m))


def _check_translations(workspace: Workspace, found: _Collector) -> None:
    codes = workspace.profile.notice.languages
    read = found.attempt(lambda: read_translations(workspace.root, codes))
    for record in read[1] if read is not None else ():
        found.add(record)


def _check_evaluation_records(workspace: Workspace, found: _Collector) -> None:
    for kind in EVALUATION_RECORDS:
        read = found.attempt(partial(read_kind, workspace, kind))
        for record in read[1] if read is not None else ():
            found.add(record)


def _point_bounds(frame: pd.DataFrame, x_m: str, y_m: str) -> Bounds | None:
    if frame.empty:
        return None
    x, y = frame[x_m], frame[y_m]
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _street_bounds(streets: StreetExtract) -> Bounds | None:
    xy_m = streets.vertex_xy_m
    if not len(xy_m):
        return None
    (west, south), (east, north) = np.min(xy_m, axis=0), np.max(xy_m, axis=0)
    return float(west), float(south), float(east), float(north)


def _area(bounds_m: Bounds | None) -> str:
    """Whole kilometres outwards: an extent must not give single points away."""
    if bounds_m is None:
        return ""
    west, south = (int(np.floor(edge / 1000)) for edge in bounds_m[:2])
    east, north = (int(np.ceil(edge / 1000)) for edge in bounds_m[2:])
    return f"E {west} to {east} km, N {south} to {north} km"
