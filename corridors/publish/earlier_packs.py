"""Packs that are public already, read back: what they say limits what may be said beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from corridors.errors import InputError
from corridors.evaluation.disclosure import SafeTable
from corridors.evaluation.small_numbers import PublicCell, Rule, read_cell
from corridors.labels import PUBLISHED

OF_PROGRAMMES: Final = "reports-"
_MOST_BYTES: Final = 50_000_000
_BROKEN: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Published:
    """Tables as they were published: by quarter, then by key; and the version of each quarter."""

    tables: Mapping[str, Mapping[str, SafeTable]]
    versions: Mapping[str, int]

    def before(self, quarter: str) -> dict[str, SafeTable]:
        """What stands beside a new pack of ``quarter``.

        Its own tables of an earlier version; and of all other quarters those about programmes,
        which are told of the same days again.
        """
        told_again = {
            key: table
            for other in sorted(self.tables)
            for key, table in self.tables[other].items()
            if key.startswith(OF_PROGRAMMES)
        }
        return told_again | dict(self.tables.get(quarter, {}))


def results_told(published: Published, quarter: str) -> dict[str, str]:
    """Programmes whose result stands in the pack of another quarter, and that quarter, the first.

    A result is told once: told again it would differ by what was reported late.
    """
    found: dict[str, str] = {}
    for told_in, tables in sorted(published.tables.items()):
        for key in tables:
            programme = key.removeprefix(OF_PROGRAMMES)
            if told_in != quarter and programme != key:
                found.setdefault(programme, told_in)
    return found


def read_published(root: Path) -> Published:
    """What the workspace has published so far, from ``log/published_OS.json``.

    Raises
    ------
    InputError
        If the file is damaged: without it nobody knows what two packs give away together.
    """
    path = root / PUBLISHED
    if not path.is_file():
        return Published({}, {})
    try:
        if path.is_symlink() or path.stat().st_size > _MOST_BYTES:
            raise ValueError("not ours")
        data = json.loads(path.read_bytes())
        return Published(
            {
                str(quarter): {str(key): _table(table) for key, table in tables.items()}
                for quarter, tables in data["tables"].items()
            },
            {str(quarter): int(version) for quarter, version in data["versions"].items()},
        )
    except (*_BROKEN, InputError) as error:
        raise InputError(
            "is damaged, so that nobody knows what is public already", file=PUBLISHED,
            fix="Put back the copy from your last backup, or from the last pack's machine",
        ) from error  # fmt: skip


def published_json(
    published: Published, quarter: str, version: int, made: Mapping[str, SafeTable]
) -> bytes:
    """The record with a new pack's tables in it."""
    tables = {q: dict(t) for q, t in published.tables.items()} | {quarter: dict(made)}
    data = {
        "tables": {q: {k: _plain(t) for k, t in own.items()} for q, own in tables.items()},
        "versions": {**published.versions, quarter: version},
    }
    return f"{json.dumps(data, sort_keys=True, indent=1)}\n".encode()


def _plain(table: SafeTable) -> dict[str, Any]:
    return {
        "rows": table.rows,
        "columns": table.columns,
        "cells": [[c.words for c in row] for row in table.cells],
        "row_totals": [c.words for c in table.row_totals],
        "column_totals": [c.words for c in table.column_totals],
        "total": table.total.words,
        "k": table.rule.k,
        "mark": table.rule.mark,
        "notes": table.notes,
    }


def _table(data: Mapping[str, Any]) -> SafeTable:
    rule = Rule(int(data["k"]), str(data["mark"]))

    def cells(words: Any) -> tuple[PublicCell, ...]:
        return tuple(read_cell(str(word), rule) for word in words)

    return SafeTable(
        rows=tuple(map(str, data["rows"])),
        columns=tuple(map(str, data["columns"])),
        cells=tuple(cells(row) for row in data["cells"]),
        row_totals=cells(data["row_totals"]),
        column_totals=cells(data["column_totals"]),
        total=read_cell(str(data["total"]), rule),
        rule=rule,
        notes=tuple(map(str, data["notes"])),
    )
