"""Programmes of a workspace and the lines that they name: ``data/programmes/<key>.toml``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from corridors.crs import to_metric
from corridors.errors import CrsError, InputError, MissingFileError, ProfileError
from corridors.programme import KEY, Programme, programme_from
from corridors.sources.polygons import read_polygons
from corridors.sources.profiles import read_toml

FOLDER: Final = "data/programmes"
_CORRIDOR: Final = "corridor_id"


@dataclass(frozen=True)
class WrittenProgramme:
    """A programme as it stands on disk."""

    programme: Programme
    file: str
    sha256: str  # of its file and of the lines that it names
    lines: Mapping[str, shapely.MultiLineString]  # EPSG:27700, by lines_key or file


def programme_keys(root: Path) -> tuple[str, ...]:
    """Keys of the workspace's programmes, sorted."""
    return tuple(sorted(p.stem for p in (root / FOLDER).glob("*.toml") if KEY.fullmatch(p.stem)))


def read_programme(root: Path, key: str) -> WrittenProgramme:
    """A programme by its key.

    Raises
    ------
    InputError
        If the key is none, there is no such file, it breaks its own rules, or lines that it names
        cannot be read.
    """
    if not KEY.fullmatch(key):
        raise InputError(
            "is not the key of a programme", column="--programme", value=key,
            fix=f"It is the name of a file in {FOLDER} without .toml",
        )  # fmt: skip
    file = f"{FOLDER}/{key}.toml"
    path = root / file
    if not path.is_file():
        known = ", ".join(programme_keys(root)) or "none yet"
        raise MissingFileError(
            "there is no such programme", file=file, fix=f"Programmes here: {known}"
        )
    try:
        programme = programme_from(read_toml(path, file=file), key)
    except ProfileError as error:
        if error.file is not None:
            raise
        raise ProfileError(
            error.problem, file=file, column=error.column, value=error.value, fix=error.fix
        ) from error
    digest = hashlib.sha256(path.read_bytes())
    lines: dict[str, shapely.MultiLineString] = {}
    for area in programme.areas:
        for called, name, corridor in (
            (area.lines_key, area.lines, area.corridor),
            (area.control_lines, area.control_lines, ""),
        ):
            if called and called not in lines:
                lines[called], found = _lines(root / name, name, corridor)
                digest.update(found.encode())
    return WrittenProgramme(programme, file, digest.hexdigest(), lines)


def _lines(path: Path, file: str, corridor: str) -> tuple[shapely.MultiLineString, str]:
    """The lines of a file, or of one corridor in it, in EPSG:27700; and the file's SHA-256."""
    read = read_polygons(path, file, _CORRIDOR.__eq__, kind="LineString")
    frame = read.frame
    if corridor:
        frame = frame[_matching(frame, corridor, file)]
    moved = [_metric(shape, frame, file) for shape in frame.geometry if shape is not None]
    parts = [
        part
        for part in shapely.get_parts(np.array(moved, dtype=object))
        if part.geom_type == "LineString" and part.length > 0
    ]
    if not parts:
        raise InputError(
            "holds no lines", file=file, value=corridor or None,
            fix="Draw the streets of the area as lines",
        )  # fmt: skip
    return shapely.normalize(shapely.MultiLineString(parts)), read.sha256


def _matching(frame: gpd.GeoDataFrame, corridor: str, file: str) -> Any:
    if _CORRIDOR not in frame:
        raise InputError(
            "has no such column", file=file, column=_CORRIDOR,
            fix="Take `corridor` out of the programme, or name a plan's GeoJSON",
        )  # fmt: skip
    return (frame[_CORRIDOR].astype("str") == corridor).to_numpy()


def _metric(shape: Any, frame: gpd.GeoDataFrame, file: str) -> Any:
    if frame.crs is None:
        raise CrsError(
            "does not say its coordinate system", file=file, fix="Save it with its .prj or CRS"
        )
    code = frame.crs.to_epsg()
    if code == 27700:
        return shapely.force_2d(shape)
    if code != 4326 and not frame.crs.is_geographic:
        raise CrsError("is in neither EPSG:27700 nor degrees", file=file, value=code)
    return shapely.transform(
        shapely.force_2d(shape), lambda xy: np.column_stack(to_metric(xy[:, 0], xy[:, 1]))
    )
