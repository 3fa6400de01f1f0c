"""Streets and the places beside them, from an OSM extract or from plain lines."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from corridors.errors import CrsError, InputError
from corridors.model import SourceRecord, StreetExtract
from corridors.sources.cells import split_part
from corridors.sources.csvs import require_file, sha256_of
from corridors.sources.database import Query
from corridors.sources.extract import OUTSIDE_BOX, OUTSIDE_BRITAIN, Bounds, ReadStreets
from corridors.sources.fetch.notes import notes_of
from corridors.sources.lines import read_lines
from corridors.sources.osm import read_osm

OSM_SUFFIXES: Final = (".osm", ".osm.pbf", ".osm.bz2", ".osm.gz", ".pbf")
LINE_SUFFIXES: Final = (".geojson", ".json", ".gpkg", ".shp", ".parquet")


def read_streets(
    path: Path | Query, *, bounds_m: Bounds | None, file: str
) -> tuple[StreetExtract, SourceRecord]:
    """Read street lines; the suffix says of what kind the file is.

    Parameters
    ----------
    path : an OSM extract (.osm, .osm.pbf, .osm.bz2, .osm.gz) or plain lines (.geojson, .json,
        .gpkg, .shp, .parquet, or a query) with a column ``highway`` or ``fclass``.
    bounds_m : west, south, east, north in EPSG:27700; ways with a vertex inside are kept whole,
        and places whose bounding box meets it. None keeps everything.
    file : the name to show in messages and in the record.

    Returns
    -------
    The extract in EPSG:27700, and where it came from. Plain lines have no places.

    Raises
    ------
    MissingFileError
        If there is no such file.
    CrsError
        If plain lines lack a coordinate system, or nothing lies in Great Britain.
    InputError
        If the file cannot be read as what its name says, or holds no street.
    """
    if isinstance(path, Query):
        return _told(read_lines(path, bounds_m=bounds_m, file=file), file, "", ())
    require_file(path, file)
    lowered = split_part(path)[0].name.lower()
    if lowered.endswith(OSM_SUFFIXES):
        found = read_osm(path, bounds_m=bounds_m, file=file)
    elif lowered.endswith(LINE_SUFFIXES):
        found = read_lines(path, bounds_m=bounds_m, file=file)
    else:
        raise InputError(
            "is neither an OSM extract nor plain lines, by its name",
            file=file,
            fix=f"Use one of {', '.join(OSM_SUFFIXES + LINE_SUFFIXES)}",
        )
    sha256 = sha256_of(path)
    return _told(found, file, sha256, notes_of(path, sha256))


def _told(
    found: ReadStreets, file: str, sha256: str, notes: tuple[str, ...]
) -> tuple[StreetExtract, SourceRecord]:
    if found.extract.ways.empty:
        raise _nothing_left(found.rows_read, found.dropped, file)
    record = SourceRecord(
        kind="streets",
        file=file,
        sha256=found.sha256 or sha256,
        rows_read=found.rows_read,
        rows_used=found.rows_used,
        dropped=tuple(sorted((why, n) for why, n in found.dropped.items() if n)),
        notes=(*found.notes, *notes),
    )
    return found.extract, record


def _nothing_left(rows_read: int, dropped: Counter[str], file: str) -> InputError:
    if rows_read == 0:
        return InputError(
            "holds no streets",
            file=file,
            fix="Use an extract that has ways with `highway`, not only places or boundaries",
        )
    if dropped[OUTSIDE_BRITAIN] == rows_read:
        return CrsError(
            "no street lies in Great Britain",
            file=file,
            fix="Use an extract of your area, and check its coordinate system",
        )
    if dropped[OUTSIDE_BOX]:
        return InputError(
            "has no street in the area asked for",
            file=file,
            fix="Use an extract that covers the ward and 1 km round it",
        )
    reasons = ", ".join(f"{n} {why}" for why, n in sorted(dropped.items()) if n)
    return InputError(
        f"has no usable street among {rows_read}: {reasons}",
        file=file,
        fix="Export it again with complete ways",
    )
