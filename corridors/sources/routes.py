"""A route that somebody drew or wrote down: GeoJSON, GPX, or streets in order.

Only lines and names of streets are kept. Times, heights, remarks and names of devices in a track
say where a person was, and when; they stay in the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn
from xml.parsers import expat

import numpy as np
import pandas as pd

from corridors.arrays import FloatArray
from corridors.crs import METRIC
from corridors.errors import CrsError, InputError
from corridors.patrols.trace import NamedStreet, Sketch
from corridors.sources.csvs import read_cells, require_file
from corridors.sources.positions import read_positions

MAX_BYTES: Final = 5_000_000
MAX_POINTS: Final = 50_000
_MAX_DEPTH: Final = 50
_NAME_LIMIT: Final = 120
_DEGREES: Final = re.compile(r"(?:urn:ogc:def:crs:)?(?:OGC:1\.3:CRS84|OGC::CRS84|EPSG:{1,2}4326)")
_METRES: Final = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:{1,2}27700")
_NUMBERED: Final = re.compile(r"^\d{1,3}[.)]\s+")
_STREET: Final = ("street", "street name", "name", "road")

_Point = tuple[object, object]
_Lines = list[list[_Point]]


def read_route(path: Path, *, file: str) -> Sketch:
    """Read a route file by its ending.

    Parameters
    ----------
    path, file : where the file is, and what messages call it.

    Returns
    -------
    Lines in EPSG:27700 metres from ``.geojson``, ``.json`` and ``.gpx``; streets in order from
    ``.txt`` (one a line) and ``.csv`` (a column ``street``).

    Raises
    ------
    InputError
        If the file is missing, damaged, too large, of another kind, or holds no route.
    CrsError
        If a position is outside Great Britain, or in another system than the file claims.
    """
    require_file(path, file)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return _csv_streets(path, file)
    if suffix not in (".geojson", ".json", ".gpx", ".txt"):
        raise InputError(
            f"a route cannot be read from {suffix or 'a file without ending'}",
            file=file,
            fix="Use .geojson, .json, .gpx, .txt or .csv",
        )
    content = _bytes(path, file)
    if suffix == ".txt":
        return _text_streets(_decoded(content, file), file)
    if suffix == ".gpx":
        return _sketch(*_gpx_lines(content, file), file)
    lines, notes, is_metric = _geojson_lines(_decoded(content, file), file)
    return _sketch(lines, notes, file, is_metric=is_metric)


def _bytes(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as handle:
            content = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=file) from error
    if len(content) > MAX_BYTES:
        raise InputError(
            f"is larger than {MAX_BYTES / 1e6:g} MB", file=file, fix="Save the one route only"
        )
    if b"\0" in content:
        raise InputError("is not UTF-8 text", file=file, fix="Save it again as UTF-8")
    return content


def _decoded(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise InputError(
            "is not UTF-8 text", file=file, row=row, fix="Save it again as UTF-8"
        ) from error


# --- lines --------------------------------------------------------------------------------------


def _sketch(lines: _Lines, notes: list[str], file: str, *, is_metric: bool = False) -> Sketch:
    """Lines with at least two points, in metres."""
    points = [point for line in lines for point in line]
    if len(points) > MAX_POINTS:
        raise InputError(
            f"has more than {MAX_POINTS:,} points", file=file, fix="Save it with fewer points"
        )
    if not any(len(line) > 1 for line in lines):
        raise InputError(
            "holds no line of two points or more", file=file, fix="Draw the walk as a line"
        )
    xy_m = _metric(points, file, is_metric=is_metric)
    ends = np.cumsum([len(line) for line in lines])[:-1]
    kept = tuple(part for part in np.split(xy_m, ends) if len(part) > 1)
    short = len(lines) - len(kept)
    told = [*notes, f"{short} lines of a single point were left out"] if short else notes
    return Sketch(file, lines_m=kept, notes=tuple(told))


def _metric(points: list[_Point], file: str, *, is_metric: bool) -> FloatArray:
    names = ("easting", "northing") if is_metric else ("lon", "lat")
    cells = pd.DataFrame(
        {name: [_number(p[i]) for p in points] for i, name in enumerate(names)}, dtype="str"
    )
    positions = read_positions(cells)
    bad = np.flatnonzero(~positions.is_good)
    if len(bad):
        first = int(bad[0])
        raise CrsError(
            f"point {first + 1} is wrong: {positions.problem[first]}",
            file=file,
            value=", ".join(str(cells[name].iloc[first]) for name in names),
            fix="GeoJSON is lon, lat in degrees; save it as EPSG:4326",
        )
    return np.column_stack([positions.x_m, positions.y_m])


def _number(value: object) -> str:
    """The text of a number; of anything else, something that is none."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "?"
    return repr(value)


# --- GeoJSON ------------------------------------------------------------------------------------


def _geojson_lines(text: str, file: str) -> tuple[_Lines, list[str], bool]:
    """Lines, notes, and whether they are in British National Grid metres."""
    try:
        data = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:  # ValueError: bad JSON, or a number without end
        row = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise InputError(
            "cannot be read as GeoJSON", file=file, row=row, fix="Save it again as GeoJSON"
        ) from error
    if not isinstance(data, dict):
        raise InputError("is not GeoJSON", file=file, fix="Save the line as GeoJSON")
    lines: _Lines = []
    others: set[str] = set()
    for geometry in _geometries(data, file):
        kind, coordinates = geometry.get("type"), geometry.get("coordinates")
        if kind == "LineString":
            lines.append(_points(coordinates, file))
        elif kind == "MultiLineString":
            lines += [_points(line, file) for line in _listed(coordinates, file)]
        else:
            others.add(str(kind))
    notes = [f"shapes that are no lines were left out: {', '.join(sorted(others))}"]
    return lines, notes if others else [], _is_metric(data.get("crs"), file)


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _geometries(data: dict[str, Any], file: str) -> Iterator[dict[str, Any]]:
    """Every geometry, in the order of the file."""
    waiting: list[tuple[object, int]] = [(data, 0)]
    while waiting:
        thing, depth = waiting.pop()
        if not isinstance(thing, dict) or depth > _MAX_DEPTH:
            raise InputError("is not GeoJSON", file=file, fix="Save the line as GeoJSON")
        kind = thing.get("type")
        if kind in ("FeatureCollection", "GeometryCollection"):
            inner = _listed(thing.get("features" if kind[0] == "F" else "geometries"), file)
            waiting += [(part, depth + 1) for part in reversed(inner)]
        elif kind == "Feature":
            if thing.get("geometry") is not None:
                waiting.append((thing["geometry"], depth + 1))
        elif isinstance(kind, str):
            yield thing
        else:
            raise InputError("is not GeoJSON", file=file, fix="Save the line as GeoJSON")


def _listed(value: object, file: str) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(
            "has a shape without its list of points", file=file, fix="Save the line as GeoJSON"
        )
    return value


def _points(coordinates: object, file: str) -> list[_Point]:
    points = _listed(coordinates, file)
    if any(not isinstance(p, list) or len(p) < 2 for p in points):
        raise InputError(
            "has a point without two numbers", file=file, fix="Save the line as GeoJSON"
        )
    return [(p[0], p[1]) for p in points]


def _is_metric(crs: object, file: str) -> bool:
    """GeoJSON is in degrees unless it says otherwise, as older programs still do."""
    if crs is None:
        return False
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    known = name if isinstance(name, str) else ""
    if _DEGREES.fullmatch(known):
        return False
    if _METRES.fullmatch(known):
        return True
    raise CrsError(
        "has a coordinate system that is not known here",
        file=file,
        value=name,
        fix=f"Save it as EPSG:4326 or {METRIC}",
    )


# --- GPX ----------------------------------------------------------------------------------------


@dataclass
class _Gpx:
    """What the parser has met so far: lines of tracks and of routes."""

    file: str
    lines: dict[str, _Lines] = field(default_factory=lambda: {"trkpt": [], "rtept": []})
    count: int = 0
    depth: int = 0
    is_gpx: bool = False


def _opened(found: _Gpx, name: str, attributes: dict[str, str]) -> None:
    found.depth += 1
    local = name.rpartition(" ")[2]
    if found.depth == 1:
        found.is_gpx = local == "gpx"
    if not found.is_gpx or found.depth > _MAX_DEPTH:
        raise InputError("is not GPX", file=found.file, fix="Save the route as GPX 1.1")
    if local in ("trkseg", "rte"):
        found.lines["trkpt" if local == "trkseg" else "rtept"].append([])
    elif local in found.lines:
        _add_point(found, local, attributes)


def _add_point(found: _Gpx, local: str, attributes: dict[str, str]) -> None:
    found.count += 1
    if found.count > MAX_POINTS:
        raise InputError(
            f"has more than {MAX_POINTS:,} points",
            file=found.file,
            fix="Save it with fewer points",
        )
    if not found.lines[local]:
        raise InputError(
            "has a point outside a track or route", file=found.file, fix="Save it again as GPX"
        )
    found.lines[local][-1].append((attributes.get("lon", ""), attributes.get("lat", "")))


def _closed(found: _Gpx, _name: str) -> None:
    found.depth -= 1


def _refused(found: _Gpx, *_: object) -> NoReturn:
    """Entities can open other files, and a few lines of them can fill the memory."""
    raise InputError(
        "defines entities or a document type, which GPX has no use for",
        file=found.file,
        fix="Export it again from the program that drew it",
    )


def _gpx_lines(content: bytes, file: str) -> tuple[_Lines, list[str]]:
    """Tracks; routes where there is no track."""
    found = _Gpx(file)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = partial(_opened, found)
    parser.EndElementHandler = partial(_closed, found)
    parser.StartDoctypeDeclHandler = partial(_refused, found)
    parser.EntityDeclHandler = partial(_refused, found)
    parser.ExternalEntityRefHandler = partial(_refused, found)
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: odd encodings
        if isinstance(error, InputError):
            raise
        row = error.lineno if isinstance(error, expat.ExpatError) else None
        raise InputError(
            "cannot be read as GPX", file=file, row=row, fix="Export it again"
        ) from error
    tracks, routes = found.lines["trkpt"], found.lines["rtept"]
    if any(tracks):
        lines, left = tracks, routes
    else:
        lines, left = routes, []
    notes = ["the file has tracks and routes; the tracks were taken"] if any(left) else []
    return [line for line in lines if line], notes


# --- streets ------------------------------------------------------------------------------------


def _text_streets(text: str, file: str) -> Sketch:
    rows = []
    for row, line in enumerate(text.splitlines(), start=1):
        name = _NUMBERED.sub("", line.strip())
        if name and not name.startswith("#"):
            rows.append((row, name))
    return _streets(rows, file)


def _csv_streets(path: Path, file: str) -> Sketch:
    if path.stat().st_size > MAX_BYTES:
        raise InputError(
            f"is larger than {MAX_BYTES / 1e6:g} MB", file=file, fix="Save the one route only"
        )
    cells = read_cells(path, file=file, aliases={"street": _STREET}, required=("street",)).cells
    rows = zip(cells.index.tolist(), cells["street"].tolist(), strict=True)
    return _streets([(row, name) for row, name in rows if name], file)


def _streets(rows: list[tuple[int, str]], file: str) -> Sketch:
    """Streets in order; the same one in rows that follow each other is one street."""
    for row, name in rows:
        if len(name) > _NAME_LIMIT:
            raise InputError(
                f"a street's name has more than {_NAME_LIMIT} characters",
                file=file,
                row=row,
                fix="Put one street on each line",
            )
    once = [
        NamedStreet(name, row)
        for i, (row, name) in enumerate(rows)
        if i == 0 or name.casefold() != rows[i - 1][1].casefold()
    ]
    if not once:
        raise InputError("names no street", file=file, fix="Put one street on each line, in order")
    return Sketch(file, streets=tuple(once))
