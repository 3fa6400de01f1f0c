"""What both kinds of incident file are read into before they are put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.arrays import BoolArray
from corridors.sources.positions import Positions


@dataclass(frozen=True)
class Draft:
    """One incident file: columns of ``tables.Incidents`` and ``key``, which names a repeat.

    ``key`` is empty where a row cannot be a repeat of another; it is forgotten once repeats are
    out.
    """

    file: str
    sha256: str
    rows_read: int
    has_times: bool
    frame: pd.DataFrame
    dropped: Mapping[str, int]
    notes: tuple[str, ...]


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


def kept_reasons(reason: npt.NDArray[np.object_]) -> dict[str, int]:
    """Dropped rows by reason, sorted by reason."""
    return dict(sorted(Counter(str(text) for text in reason if text).items()))
