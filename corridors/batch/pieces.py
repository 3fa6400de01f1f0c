"""Pieces as files: one for each ward, named by the SHA-256 of its bytes (decision 9)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, make_dataclass, replace
from pathlib import Path
from typing import Any, Final, get_type_hints

import geopandas as gpd
import numpy as np
import pandas as pd

from corridors import __version__, days, files, tables
from corridors.batch import plain
from corridors.errors import InputError, MissingFileError
from corridors.model import Inputs, SchoolFlow, StreetExtract
from corridors.pipeline.area import Area
from corridors.pipeline.piece import Piece
from corridors.pipeline.reports import Reports
from corridors.risk.evidence import Placed
from corridors.sources.records import frame_of
from corridors.tables import Gates, Nodes, Segments, Table, Ways

SUFFIX: Final = ".piece"
FORMAT: Final = 1
_MAGIC: Final = b"corridors piece %d\n" % FORMAT

_SCHEMAS: Final[dict[str, type[Table]]] = {
    "schools": tables.Schools,
    "gate_overrides": tables.GateOverrides,
    "incidents": tables.Incidents,
    "people": tables.People,
    "agreements": tables.Agreements,
    "protocol": tables.ProtocolParties,
    "aims": tables.ConfirmedAims,
    "starts": tables.StartPoints,
    "child_areas": tables.ChildAreas,
    "visits": tables.Visits,
    "no_go": tables.NoGoPlaces,
    "consents": tables.Consents,
    "absences": tables.Absences,
    "protocol_terms": tables.ProtocolTerms,
    "approvals": tables.Approvals,
    "toolkit": tables.ToolkitEntries,
    "last_roster": tables.LastRoster,
    "this_roster": tables.LastRoster,
}


def pack(piece: Piece) -> bytes:
    """A piece as plain data: the same piece, the same bytes.

    Incidents are in it once. Of the street extract only what is looked at after a piece is made:
    places and the date of the extract.

    Raises
    ------
    InputError
        If a text holds half a character.
    """
    inputs, reports = piece.inputs, piece.reports
    assert inputs.borough is None
    assert reports.placed.incidents is inputs.incidents
    stored = {
        "area": _fields(piece.area)
        | {
            "inputs": _fields(inputs, without="borough")
            | {
                "streets": {
                    "places": inputs.streets.places,
                    "extract_date": inputs.streets.extract_date,
                },
                "calendar": {
                    "terms": inputs.calendar.terms,
                    "bank_holidays": sorted(inputs.calendar.bank_holidays),
                },
            }
        },
        "reports": _fields(reports) | {"placed": _fields(reports.placed, without="incidents")},
        "found_by_police": piece.found_by_police,
        "spread": piece.spread,
    }
    return _MAGIC + plain.encode(stored)


def unpack(data: bytes) -> Piece:
    """The piece of ``pack``'s bytes; its street extract has places and a date only.

    Types, lengths and numbers of segments and nodes are looked at, since the compiled search
    trusts them. Nothing in it is run.

    Raises
    ------
    InputError
        If the bytes are damaged, or no piece of this version.
    """
    if not data.startswith(_MAGIC):
        raise InputError("this is no piece, or one of another version", fix=plain.FIX)
    stored = plain.decode(memoryview(data)[len(_MAGIC) :], _Piece)
    inputs = Inputs(
        **_fields(stored.area.inputs)
        | {
            "streets": _streets(**_fields(stored.area.inputs.streets)),
        }
    )
    placed = Placed(**_fields(stored.reports.placed), incidents=inputs.incidents)
    piece = Piece(
        area=Area(**_fields(stored.area) | {"inputs": inputs}),
        reports=Reports(**_fields(stored.reports) | {"placed": placed}),
        found_by_police=stored.found_by_police,
        spread=stored.spread,
    )
    flaw = next(_flaws(piece), None)
    if flaw is not None:
        raise InputError(f"this piece is damaged: {flaw}", fix=plain.FIX)
    return piece


def write_piece(folder: Path, piece: Piece) -> Path:
    """Write a piece into ``folder``, whole or not at all; only its owner may read it.

    Returns
    -------
    Its path. One of the same bytes that stands there is replaced: it may be damaged.
    """
    data = pack(piece)
    path = folder / f"{hashlib.sha256(data).hexdigest()}{SUFFIX}"
    files.make_folders(folder, is_private=True)
    files.write_text_atomically(path, data)
    return path


def read_piece(path: Path) -> Piece:
    """The piece of a file of ``write_piece``.

    Raises
    ------
    InputError
        If the file is not there, or does not hold what its name says.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise MissingFileError("a piece is not there", file=path.name, fix=plain.FIX) from error
    if path.name != f"{hashlib.sha256(data).hexdigest()}{SUFFIX}":
        raise InputError("a piece is not what its name says", file=path.name, fix=plain.FIX)
    return unpack(data)


def key_of(piece: Piece) -> str:
    """What a ward's plan depends on, as a hash: if it stays, the plan may stay.

    A change travels as far as it matters (decision 9). Left out is what changes beside it:
    names and hashes of files, since a file that gains a report at the other end of the borough
    changes nothing here; and what the ward's own plan was told as, its roster and the remits
    that approvals' hashes stand for, since else each plan would be stale once it was told.
    """
    inputs = replace(piece.inputs, sources=(), this_roster=None, remits=())
    digest = hashlib.sha256(f"{FORMAT} {__version__}\n".encode())
    digest.update(pack(replace(piece, area=replace(piece.area, inputs=inputs))))
    return digest.hexdigest()


# --- what stands in a file ----------------------------------------------------------------------


def _fields(value: Any, *, without: str = "") -> dict[str, Any]:
    """A dataclass's fields as they are, by name."""
    return {f.name: getattr(value, f.name) for f in fields(value) if f.name != without}


def _stored(kind: type, *, without: str = "", **other: Any) -> Any:
    """A dataclass like ``kind`` for reading, with ``other`` types where msgspec cannot choose."""
    hints = get_type_hints(kind) | other
    hints.pop(without, None)
    return make_dataclass(f"Stored{kind.__name__}", list(hints.items()), frozen=True)


@dataclass(frozen=True)
class _Streets:
    places: gpd.GeoDataFrame
    extract_date: str


_Inputs: Final = _stored(
    Inputs,
    without="borough",
    streets=_Streets,
    schools=pd.DataFrame,
)
_Piece: Final = _stored(
    Piece,
    area=_stored(Area, inputs=_Inputs),
    reports=_stored(Reports, placed=_stored(Placed, without="incidents")),
)


def _streets(places: gpd.GeoDataFrame, extract_date: str) -> StreetExtract:
    """An extract without ways."""
    return StreetExtract(
        vertex_xy_m=np.empty((0, 2)),
        way_refs=np.empty(0, dtype=np.int64),
        ways=frame_of(Ways, []),
        places=places,
        extract_date=extract_date,
    )


# --- whether it fits together -------------------------------------------------------------------


def _flaws(piece: Piece) -> Iterator[str]:
    """What does not fit together in a piece."""
    inputs, network = piece.inputs, piece.area.network
    given = {name: getattr(inputs, name) for name in _SCHEMAS}
    checked: list[tuple[type[Table], pd.DataFrame]] = [
        (Segments, network.segments),
        (Nodes, network.nodes),
        (Gates, piece.area.gates),
        (tables.Places, inputs.streets.places),
        (tables.TermDates, inputs.calendar.terms),
        *((_SCHEMAS[name], frame) for name, frame in given.items() if frame is not None),
    ]
    for schema, frame in checked:
        try:
            schema.validate(frame)
        except InputError as error:
            yield str(error)
    n, m = len(network.segments), len(network.nodes)
    if not (_counts(network.segments) and _counts(network.nodes)):
        yield "segments or nodes are not numbered from 0"
    ends = network.segments[[Segments.u, Segments.v]].to_numpy()
    if not (_within(ends, 0, m) and _within(piece.area.gates[Gates.segment_id], 0, n)):
        yield "a segment or a gate leads nowhere"
    if not all(_flow_fits(flow, n, m) for flow in piece.area.flows):
        yield "a school's pupils walk other streets"
    if not _reports_fit(piece, n):
        yield "its reports are not of one length"
    if piece.spread is not None and np.shape(piece.spread.mass)[1:2] != (n,):
        yield "its reports are spread over other streets"


def _counts(frame: pd.DataFrame) -> bool:
    return bool(np.array_equal(frame.index, np.arange(len(frame))))


def _within(numbers: Any, low: int, end: int) -> bool:
    """Whether all are at least ``low`` and below ``end``."""
    found = np.asarray(numbers)
    return not len(found) or bool(found.min() >= low and found.max() < end)


def _flow_fits(flow: SchoolFlow, n: int, m: int) -> bool:
    return (
        flow.walkers.shape == flow.arrival_s.shape == (n,)
        and flow.node_walk_s.shape == flow.parent_node.shape == flow.parent_segment.shape == (m,)
        and _within(flow.parent_node, -1, m)
        and _within(flow.parent_segment, -1, n)
        and _within(flow.roots, 0, m)
    )


def _reports_fit(piece: Piece, n: int) -> bool:
    reports, placed, slots = piece.reports, piece.reports.placed, piece.reports.slots
    k = len(placed.incidents)
    one_each = (
        placed.segment_id, placed.offset_m, placed.weight, placed.is_counted,
        reports.severity, reports.month, reports.day, piece.found_by_police,
    )  # fmt: skip
    stretches = tuple(_fields(slots).values())
    return (
        all(values.shape == (k,) for values in one_each)
        and all(values.shape == slots.day.shape and values.ndim == 1 for values in stretches)
        and _within(placed.segment_id, -1, n)
        and _within(slots.slot, 0, 24 * 60 // days.SLOT_MIN)
        and reports.as_told.shape == reports.in_slot.shape
        and reports.in_slot.shape[:1] == (k,)
    )
