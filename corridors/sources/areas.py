"""Fixed areas read back: whole, and just as they were fixed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from corridors.errors import InputError, MissingFileError
from corridors.model import AREA_PARTS, AREAS_FORMAT, AreaCheck, Decision, FixedAreas
from corridors.sources.programmes import FOLDER

_MOST_BYTES: Final = 500_000_000
_BROKEN: Final = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError,
    shapely.GEOSException,
)  # fmt: skip


def areas_file(key: str) -> str:
    """Where a programme's fixed areas are, from the workspace folder."""
    return f"{FOLDER}/{key}.areas_OS.json"


def read_areas(root: Path, record: Decision) -> FixedAreas:
    """The areas of a programme, if the file is the one that was put on record.

    They count as fixed on the later of the file's own day, which may have been given by hand, and
    the day of the record.

    Parameters
    ----------
    record : row of the log of decisions that says that they were fixed.

    Raises
    ------
    MissingFileError
        If there is no file.
    InputError
        If it is not the file that was fixed, or is damaged.
    """
    key, wanted_sha256 = record.about, record.sha256
    file = areas_file(key)
    path = root / file
    if path.resolve() != root.resolve() / file:
        raise InputError("a link leads to it", file=file, fix="Put the file itself back")
    if not path.is_file():
        raise MissingFileError(
            "the programme's areas are not fixed", file=file,
            fix=f"Run `corridors evaluate WORKSPACE --programme {key} --fix` before it starts",
        )  # fmt: skip
    if path.stat().st_size > _MOST_BYTES:
        raise InputError("is too large to be what `corridors evaluate --fix` wrote", file=file)
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != wanted_sha256:
        raise InputError(
            "is not the file whose hash is in the log of decisions", file=file, value=found,
            fix=f"Put back the file that was fixed ({wanted_sha256[:12]}…). Areas are fixed once: "
            "to change them, begin a new programme",
        )  # fmt: skip
    try:
        content = json.loads(data)
        areas = _areas(content) if content["format"] == AREAS_FORMAT else None
    except _BROKEN as error:
        raise InputError("is damaged", file=file, fix="Put back the file that was fixed") from error
    if areas is None:
        raise InputError(
            "is of another format than this version reads", file=file, value=content["format"],
            fix="Areas are fixed once, and with them the settings that decide. Begin a new "
            "programme and fix its areas, or use the version that fixed these",
        )  # fmt: skip
    return replace(areas, fixed_on=max(areas.fixed_on, record.on))


def _areas(data: dict[str, Any]) -> FixedAreas:
    if tuple(data["parts"]) != AREA_PARTS:
        raise ValueError("other parts")
    rows = data["segments"]
    made = FixedAreas(
        programme=str(data["programme"]),
        programme_sha256=str(data["programme_sha256"]),
        fixed_on=date.fromisoformat(data["fixed_on"]),
        units=tuple(map(str, data["units"])),
        part=np.array([row[0] for row in rows], dtype=np.int64),
        unit=np.array([row[1] for row in rows], dtype=np.int64),
        names=tuple(str(row[2]) for row in rows),
        lines=_lines(rows),
        checks=tuple(_check(check) for check in data["checks"]),
        settings=tuple(sorted((name, str(text)) for name, text in data["settings"].items())),
    )
    is_known = (made.part >= 0) & (made.part < len(AREA_PARTS))
    if not len(made.lines) == len(made.names) == len(rows):
        raise ValueError("a street without a line")
    if not is_known.all() or not ((made.unit >= -1) & (made.unit < len(made.units))).all():
        raise ValueError("an unknown part or unit")
    return made


def _lines(rows: list[Any]) -> Any:
    lengths = [len(row[3]) // 2 for row in rows]
    flat = np.array([cm for row in rows for cm in row[3]], dtype=np.int64).reshape(-1, 2)
    owner = np.repeat(np.arange(len(rows)), lengths)
    return shapely.linestrings(flat / 100, indices=owner)


def _check(data: dict[str, Any]) -> AreaCheck:
    return AreaCheck(
        unit=str(data["unit"]),
        metres=tuple((str(name), float(m)) for name, m in data["metres"]),
        has_control=bool(data["has_control"]),
        is_comparable=bool(data["is_comparable"]),
        words=str(data["words"]),
    )
