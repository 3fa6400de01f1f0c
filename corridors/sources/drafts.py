"""What both kinds of incident file are read into before they are put together."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.arrays import BoolArray
from corridors.sources.positions import Positions

PART_ROWS: Final = 10_000_000  # more than a file may have


@dataclass(frozen=True)
class Draft:
    """One incident file: columns of ``tables.Incidents`` and ``key``, which names a repeat.

    ``key`` is salted (``salted``), and empty where a row cannot be a repeat of another; it is
    forgotten once repeats are out. ``reasons`` says why rows are left out, by the row's number as
    a spreadsheet counts; never what stands in them.
    """

    file: str
    sha256: str
    rows_read: int
    has_times: bool
    frame: pd.DataFrame
    reasons: pd.Series[Any]
    notes: tuple[str, ...]
    parts: tuple[str, ...] = ()  # of an archive: the files in it

    def place(self, row: int) -> tuple[str, int]:
        """The file and the row in it that a row's number stands for.

        In an archive, rows of part p are numbered from ``p * PART_ROWS``.
        """
        if not self.parts:
            return self.file, row
        part, row = divmod(row, PART_ROWS)
        return f"{self.file}/{self.parts[part]}", row

    @property
    def dropped(self) -> dict[str, int]:
        """Dropped rows by reason, sorted by reason."""
        return dict(sorted(Counter(map(str, self.reasons)).items()))


@dataclass(frozen=True)
class Dropped:
    """A row that is left out: the file, its row as a spreadsheet counts, and why."""

    file: str
    row: int
    reason: str


OnDropped = Callable[[Dropped], None]


def drop_reasons(
    rows: int, first: Sequence[tuple[str, BoolArray]], positions: Positions
) -> npt.NDArray[np.object_]:
    """(n,) the first reason to drop each row, else its position's problem, else empty."""
    reason = np.full(rows, "", dtype=object)
    for text, mask in first:
        reason[(reason == "") & mask] = text
    rest = reason == ""
    reason[rest] = positions.problem[rest]
    return reason


def only_dropped(reason: npt.NDArray[np.object_], rows: pd.Index[Any]) -> pd.Series[Any]:
    """The reasons of rows that have one, by row number."""
    has_one = np.asarray(reason != "", dtype=bool)
    return pd.Series(reason[has_one].astype(str), index=rows[has_one], dtype="str")


def salted(ids: pd.Series[Any], salt: bytes) -> pd.Series[Any]:
    """References as hashes that nothing outside this run can be compared with.

    Parameters
    ----------
    ids : (n,) text; empty stays empty.
    salt : up to 64 bytes, drawn for this run and kept nowhere.
    """
    hashed = [
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=salt, digest_size=16).hexdigest()
        if text
        else ""
        for text in ids
    ]
    return pd.Series(hashed, index=ids.index, dtype="str")
