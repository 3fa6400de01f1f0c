"""Typed cells of workbooks, Parquet files and databases, as the text that a CSV would hold."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final
from uuid import UUID

from corridors.errors import InputError

MAX_ROWS: Final = 5_000_000
_EXACT: Final = 1e15
_HALF_S: Final = timedelta(milliseconds=500)
_WITH_PART: Final = re.compile(r"(.+\.(?:xlsx|xlsm|gpkg))#(.+)", re.IGNORECASE | re.DOTALL)

Columns = tuple[list[int], list[list[str]]]  # row numbers as a person counts, and cells by column


@dataclass(frozen=True)
class OpenTable:
    """A table that stands open.

    ``pick`` takes positions in ``header`` and gives those columns of all rows that hold anything.
    """

    header: tuple[str, ...]
    pick: Callable[[tuple[int, ...]], Columns]


def split_part(path: Path) -> tuple[Path, str]:
    """A file and the sheet or layer named in it: ``week.xlsx#Sheet 2``, ``town.gpkg#roads``."""
    found = _WITH_PART.fullmatch(str(path))
    return (Path(found[1]), found[2]) if found else (path, "")


def cell_text(value: object) -> str:
    """What a CSV would hold: ``dd/mm/yyyy HH:MM[:SS]``, whole numbers without ``.0``, yes and no.

    Times of day come out to the second. An instant with a zone keeps it, as UTC.

    Raises
    ------
    TypeError
        For what is neither text, a number, a truth nor a time.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (str, int, UUID)):
        return str(value).strip()
    return _number(value) if isinstance(value, (float, Decimal)) else _moment(value)


def too_many_rows(file: str) -> InputError:
    """The error for a table longer than any that a plan could need, to be raised."""
    return InputError(
        f"has more than {MAX_ROWS:,} rows", file=file, fix="Export a smaller area or period"
    )


def digest_of(header: Sequence[str], columns: Sequence[Sequence[str]]) -> str:
    """SHA-256 of what was read of a table that is no file, in hexadecimal."""
    digest = hashlib.sha256("\x1f".join(header).encode())
    for row in zip(*columns, strict=True):
        digest.update(("\x1e" + "\x1f".join(row)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _number(value: float | Decimal) -> str:
    if math.isnan(value):
        return ""
    # The bound comes first: the whole number of Decimal("1e999999") is endless.
    if math.fabs(value) < _EXACT and value == int(value):
        return str(int(value))
    return repr(value) if isinstance(value, float) else str(value)


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
        whole = (value + _HALF_S).replace(microsecond=0) if value.microsecond else value
        clock = _clock(whole.hour, whole.minute, whole.second)
        return f"{_day(whole)} {clock}"
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, time):
        return _clock(value.hour, value.minute, value.second)
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return _clock(seconds // 3600, seconds // 60 % 60, seconds % 60)
    raise TypeError(type(value).__name__)


def _day(value: date) -> str:
    return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"


def _clock(hour: int, minute: int, second: int) -> str:
    return f"{hour:02d}:{minute:02d}" + (f":{second:02d}" if second else "")
