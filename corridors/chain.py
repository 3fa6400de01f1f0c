"""Chained hashes: a log whose rows cannot be changed or taken out without it showing (F8)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, Protocol

LENGTH: Final = 16  # hexadecimal digits kept
CHAIN: Final = "chain"  # the field of a log entry that holds its chain
_BETWEEN: Final = "\x1f"  # unit separator: stands in no cell that a person types


class Chained(Protocol):
    """A row of a chained table, its date last."""

    @property
    def cells(self) -> tuple[str, ...]:
        """What its chain is taken over, in the order of the table; the date as ``2026-03-02``."""

    @property
    def on(self) -> date:
        """The date."""


def chained(rows: Iterable[Chained], last: str) -> Iterator[tuple[str, ...]]:
    """The cells of each row as a file holds them, with its chain; ``last`` is the log's last one.

    The date is written as ``02/03/2026``.
    """
    for row in rows:
        last = chain_of(last, row.cells)
        *cells, _ = row.cells
        yield (*cells, f"{row.on:%d/%m/%Y}", last)


def chain_of(previous: str, cells: Sequence[str]) -> str:
    """The chain of a row: a short hash of the row and, through ``previous``, of all before it.

    Parameters
    ----------
    previous : chain of the row before; empty for the first row.
    cells : the row's other cells, in the order of their table and without spaces round them. Of
        ``tables.Approvals``: ward, week, urn, state, remit, by, organisation, on. A date is
        written as ``2026-03-02``, however the file writes it.

    Returns
    -------
    The first 16 hexadecimal digits of the SHA-256 of ``previous`` and ``cells``, joined by U+001F,
    in UTF-8.
    """
    text = _BETWEEN.join((previous, *cells))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:LENGTH]


def chain_of_entry(previous: str, entry: Mapping[str, Any]) -> str:
    """The chain of an entry of a JSON log: of all its fields but ``chain``, whatever their order.

    Parameters
    ----------
    previous : chain of the entry before; empty for the first.
    """
    rest = {key: value for key, value in entry.items() if key != CHAIN}
    return chain_of(previous, (json.dumps(rest, sort_keys=True, ensure_ascii=True),))
