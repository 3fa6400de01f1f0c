"""National tables cut to an area, row by row, so that the rest never reaches the disk."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from corridors.sources.csvs import normal
from corridors.sources.fetch.squares import square_of
from corridors.sources.positions import Bounds

_DAMAGED: Final = "breaks the rules of CSV"


@dataclass(frozen=True)
class Cut:
    """The wanted cells of the rows inside; how many rows there were, and how many had no place."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    read: int
    nowhere: int


def cut_csv(
    lines: Iterable[str], aliases: Mapping[str, Sequence[str]], required: Sequence[str],
    area_m: Bounds,
) -> Cut:  # fmt: skip
    """Cut a CSV to the columns that a reader knows and to the rows inside an area.

    Parameters
    ----------
    lines : the text, with its line ends.
    aliases : own name -> headers, as the reader of the file has them; ``easting`` and
        ``northing``, or ``lon`` and ``lat``, say where a row is.
    required : headers that must be there.
    area_m : west, south, east, north in EPSG:27700 metres, edges included; by degrees it is the
        rectangle around it.

    Raises
    ------
    ValueError
        If it is no such CSV, or ends in the middle of a row.
    """
    rows = csv.reader(lines, strict=True)
    try:
        header = [cell.strip().removeprefix("\ufeff") for cell in next(rows, [])]
        missing = [name for name in required if name not in header]
        if missing:
            raise ValueError(f"has no column {missing[0]}, so it is not the table asked for")
        known = {normal(word) for words in aliases.values() for word in words}
        picked = [at for at, cell in enumerate(header) if normal(cell) in known]
        where = _Where(header, aliases, area_m)
        return _cut(rows, header, picked, where)
    except csv.Error as error:
        raise ValueError(_DAMAGED) from error
    except UnicodeDecodeError as error:
        raise ValueError("is not text of one kind throughout") from error


def _cut(
    rows: Iterator[list[str]], header: Sequence[str], picked: Sequence[int], where: _Where
) -> Cut:
    inside: list[tuple[str, ...]] = []
    read = nowhere = 0
    for row in rows:
        if not row or not any(row):
            continue
        if len(row) != len(header):
            raise ValueError(_DAMAGED)
        read += 1
        is_inside = where.holds(row)
        nowhere += is_inside is None
        if is_inside:
            cells = tuple(row[at] for at in picked)
            if any("\0" in cell for cell in cells):
                raise ValueError(_DAMAGED)
            inside.append(cells)
    return Cut(tuple(header[at] for at in picked), inside, read, nowhere)


class _Where:
    """Tells whether a row lies inside, by metres if it has them, else by degrees."""

    def __init__(
        self, header: Sequence[str], aliases: Mapping[str, Sequence[str]], area_m: Bounds
    ) -> None:
        spelled = [normal(cell) for cell in header]

        def column(name: str) -> int | None:
            words = [normal(word) for word in aliases.get(name, ())]
            return next((spelled.index(word) for word in words if word in spelled), None)

        self._metres = (column("easting"), column("northing"))
        self._degrees = (column("lon"), column("lat"))
        self._area_m = area_m
        self._square = square_of(area_m)

    def holds(self, row: Sequence[str]) -> bool | None:
        """None for a row without a place."""
        metres = _pair(row, *self._metres)
        if metres is not None:
            west, south, east, north = self._area_m
            return west <= metres[0] <= east and south <= metres[1] <= north
        degrees = _pair(row, *self._degrees)
        return None if degrees is None else self._square.holds(*degrees)


def _pair(row: Sequence[str], first: int | None, second: int | None) -> tuple[float, float] | None:
    if first is None or second is None:
        return None
    try:
        one, other = float(row[first]), float(row[second])
    except ValueError:
        return None
    is_usable = abs(one) < 1e7 and abs(other) < 1e7 and (one, other) != (0.0, 0.0)  # NaN is not
    return (one, other) if is_usable else None
