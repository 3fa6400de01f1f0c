"""Positions from files: what can be wrong with them, row by row and column by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from corridors.arrays import BoolArray, FloatArray
from corridors.crs import EAST_LIMIT_M, NORTH_LIMIT_M, to_metric
from corridors.errors import CrsError, InputError
from corridors.sources.quoting import number_quoted

Bounds = tuple[float, float, float, float]  # west, south, east, north in metres, EPSG:27700

# Great Britain in degrees, generously.
_WEST, _SOUTH, _EAST, _NORTH = -9.0, 49.0, 2.5, 61.5
NEAR_M: Final = 5_000.0  # what lies so near to the wards may be theirs

NONE_GIVEN: Final = "no coordinates"
NOT_NUMBERS: Final = "coordinates are not numbers"
ZERO: Final = "coordinates are 0,0"
DEGREES: Final = "degrees where metres belong"
METRES: Final = "metres where degrees belong"
SWAPPED: Final = "coordinates swapped"
OUTSIDE: Final = "outside Great Britain"

_ADVICE: Final = {
    NOT_NUMBERS: "Check which columns hold the position",
    ZERO: "The export left the positions out: export it again with them",
    DEGREES: "Name them lon and lat instead of easting and northing",
    METRES: "Name them easting and northing instead of lon and lat",
    SWAPPED: "The two columns look swapped: name them the other way round",
    OUTSIDE: "Positions must be British National Grid metres, or lon and lat in degrees",
}


@dataclass(frozen=True)
class Positions:
    """Eastings and northings (n,), metres; ``problem`` (n,) is empty where they are good."""

    x_m: FloatArray
    y_m: FloatArray
    problem: npt.NDArray[np.object_]

    @property
    def is_good(self) -> BoolArray:
        """(n,) rows with a usable position."""
        return np.asarray(self.problem == "", dtype=bool)


def read_positions(cells: pd.DataFrame, *, near_m: Bounds | None = None) -> Positions:
    """Positions of rows with ``easting`` and ``northing``, else ``lon`` and ``lat``, as text.

    Parameters
    ----------
    cells : text columns by those names; degrees fill in where metres are empty.
    near_m : where positions are expected; tells swapped columns that would otherwise pass, as
        London's do: they land in the Irish Sea.
    """
    has_metres = {"easting", "northing"} <= set(cells)
    has_degrees = {"lon", "lat"} <= set(cells)
    if not (has_metres and has_degrees):
        return _metres(cells, near_m) if has_metres else _degrees(cells, near_m)
    metres, degrees = _metres(cells, near_m), _degrees(cells, near_m)
    fill = np.isin(metres.problem.astype(str), (NONE_GIVEN, ZERO)) & degrees.is_good
    return Positions(
        np.where(fill, degrees.x_m, metres.x_m),
        np.where(fill, degrees.y_m, metres.y_m),
        np.where(fill, degrees.problem, metres.problem),
    )


def require_mostly_good(
    positions: Positions, *, cells: pd.DataFrame, file: str, headers: Mapping[str, str]
) -> None:
    """Raise if most rows that have a position have a wrong one: then the columns are wrong.

    Raises
    ------
    CrsError
        With the first bad row, its value and what the columns look like.
    InputError
        If no row has a position at all.
    """
    problem = positions.problem.astype(str)
    given = problem != NONE_GIVEN
    pair = [name for name in ("easting", "northing", "lon", "lat") if name in headers][:2]
    columns = " and ".join(headers[name] for name in pair)
    if not given.any():
        raise InputError("no row has a position", file=file, column=columns)
    bad = given & (problem != "")
    if 2 * bad.sum() <= given.sum():
        return
    names, counts = np.unique(problem[bad], return_counts=True)
    worst = str(names[np.argmax(counts)])
    at = int(np.flatnonzero(problem == worst)[0])
    raise CrsError(
        f"{int(bad.sum())} of {int(given.sum())} positions are wrong: {worst}",
        file=file, row=int(cells.index[at]), column=columns,
        value=", ".join(number_quoted(str(cells[name].iloc[at])) for name in pair),
        fix=_ADVICE[worst],
    )  # fmt: skip


def counted(problem: npt.NDArray[np.object_]) -> dict[str, int]:
    """Rows by reason, without the good ones, sorted by reason."""
    names, counts = np.unique(problem[problem != ""].astype(str), return_counts=True)
    return {str(name): int(count) for name, count in zip(names, counts, strict=True)}


def _numbers(text: pd.Series[Any]) -> FloatArray:
    return pd.to_numeric(text, errors="coerce").to_numpy(dtype=float)


def _metres(cells: pd.DataFrame, near_m: Bounds | None) -> Positions:
    x, y = _numbers(cells["easting"]), _numbers(cells["northing"])
    is_degrees = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    is_swapped = _is_inside(y, x) & (~_is_inside(x, y) | _swapped_here(x, y, near_m))
    problem = np.select(
        [
            ((cells["easting"] == "") | (cells["northing"] == "")).to_numpy(dtype=bool),
            ~(np.isfinite(x) & np.isfinite(y)),
            (x == 0) & (y == 0),
            is_degrees,
            is_swapped,
            ~_is_inside(x, y),
        ],
        [NONE_GIVEN, NOT_NUMBERS, ZERO, DEGREES, SWAPPED, OUTSIDE],
        default="",
    )
    return Positions(x, y, problem.astype(object))


def _degrees(cells: pd.DataFrame, near_m: Bounds | None) -> Positions:
    lon, lat = _numbers(cells["lon"]), _numbers(cells["lat"])
    is_inside = (lon > _WEST) & (lon < _EAST) & (lat > _SOUTH) & (lat < _NORTH)
    is_swapped = (lat > _WEST) & (lat < _EAST) & (lon > _SOUTH) & (lon < _NORTH)
    problem = np.select(
        [
            ((cells["lon"] == "") | (cells["lat"] == "")).to_numpy(dtype=bool),
            ~(np.isfinite(lon) & np.isfinite(lat)),
            (lon == 0) & (lat == 0),
            (np.abs(lon) > 180) | (np.abs(lat) > 90),
            is_swapped,
            ~is_inside,
        ],
        [NONE_GIVEN, NOT_NUMBERS, ZERO, METRES, SWAPPED, OUTSIDE],
        default="",
    ).astype(object)
    del near_m  # degrees cannot be swapped unseen: the two ranges do not meet
    good = problem == ""
    x, y = np.full(len(lon), np.nan), np.full(len(lon), np.nan)
    x[good], y[good] = to_metric(lon[good], lat[good])
    return Positions(x, y, problem)


def _is_inside(x: FloatArray, y: FloatArray) -> BoolArray:
    return (x > 0) & (x <= EAST_LIMIT_M) & (y > 0) & (y <= NORTH_LIMIT_M)


def _swapped_here(x: FloatArray, y: FloatArray, near_m: Bounds | None) -> BoolArray:
    """Rows that lie in the expected area only when their coordinates change places.

    If no row at all lies in the area as written but some do when swapped, all are swapped: a
    force export reaches far beyond one ward.
    """
    if near_m is None:
        return np.zeros(len(x), dtype=bool)
    west, south, east, north = near_m
    here = _is_near(x, y, (west, south, east, north))
    there = _is_near(y, x, (west, south, east, north))
    if there.any() and not here.any():
        return np.ones(len(x), dtype=bool)
    return there & ~here


def _is_near(x: FloatArray, y: FloatArray, near_m: Bounds) -> BoolArray:
    west, south, east, north = near_m
    return (
        (x >= west - NEAR_M) & (x <= east + NEAR_M)
        & (y >= south - NEAR_M) & (y <= north + NEAR_M)
    )  # fmt: skip
