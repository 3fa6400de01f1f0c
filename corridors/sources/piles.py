"""Points that many incidents share: often a station desk or a headquarters, not a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from corridors.tables import Incidents

FEWEST: Final = 5  # fewer rows on one point are no pile, and could point at somebody's home
_LETTERS: Final = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # of the National Grid: no I


@dataclass(frozen=True)
class Pile:
    """Rows on one point; of the point only its square kilometre is told."""

    rows: int
    share: float  # of all rows, 0-1
    square: str  # such as TQ2982


def piles(frame: pd.DataFrame, *, most: int = 10) -> tuple[Pile, ...]:
    """The points that occur most often, those with most rows first.

    Parameters
    ----------
    frame : with ``x_m`` and ``y_m``, EPSG:27700 metres.
    """
    if frame.empty:
        return ()
    points = frame.groupby([Incidents.x_m, Incidents.y_m], as_index=False).size()
    points = points[points["size"] >= FEWEST].sort_values(
        ["size", Incidents.x_m, Incidents.y_m], ascending=[False, True, True]
    )
    top = points.head(most)
    cells = zip(top["size"], top[Incidents.x_m], top[Incidents.y_m], strict=True)
    return tuple(Pile(int(rows), int(rows) / len(frame), square_name(x, y)) for rows, x, y in cells)


def square_name(x_m: float, y_m: float) -> str:
    """The square kilometre of the National Grid that holds a point (EPSG:27700 metres)."""
    east, north = int(x_m // 100_000), 19 - int(y_m // 100_000)
    first = north - north % 5 + (east + 10) // 5
    second = north * 5 % 25 + east % 5
    return (
        f"{_LETTERS[first]}{_LETTERS[second]}"
        f"{int(x_m % 100_000 // 1000):02d}{int(y_m % 100_000 // 1000):02d}"
    )
