"""Packs that are public already, read back: what they say limits what may be said beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from corridors.errors import InputError
from corridors.evaluation.disclosure import Earlier, SafeTable, Statement
from corridors.evaluation.small_numbers import PublicCell, Rule, read_cell
from corridors.labels import PUBLISHED

OF_PROGRAMMES: Final = "reports-"
_MOST_BYTES: Final = 50_000_000
_BROKEN: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Published:
    """All tables that were ever published: by quarter, then by key, oldest first; and the version
    of each quarter."""

    tables: Mapping[str, Mapping[str, tuple[Earlier, ...]]]
    versions: Mapping[str, int]

    def before(self, quarter: str) -> dict[str, tuple[Earlier, ...]]:
        """What stands beside a new pack of ``quarter``: whoever has seen a version keeps it.

        Its own tables of all earlier versions; and of all quarters those about programmes, which
        are told of the same days again.
        """
        found: dict[str, tuple[Earlier, ...]] = {}
        for told_in, tables in sorted(self.tables.items()):
            for key, told in tables.items():
                if told_in == quarter or key.startswith(OF_PROGRAMMES):
                    found[key] = tuple(dict.fromkeys((*found.get(key, ()), *told)))
        return found


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
                str(quarter): {str(key): _tables(told) for key, told in tables.items()}
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
    published: Published, quarter: str, version: int, made: Mapping[str, Earlier]
) -> bytes:
    """The record with a new pack's tables after all earlier ones; none is there twice."""
    tables = {
        told_in: {key: [_plain(table) for table in told] for key, told in own.items()}
        for told_in, own in published.tables.items()
    }
    own = tables.setdefault(quarter, {})
    for key, table in made.items():
        told = own.setdefault(key, [])
        if (plain := _plain(table)) not in told:
            told.append(plain)
    data = {"tables": tables, "versions": {**published.versions, quarter: version}}
    return f"{json.dumps(data, sort_keys=True, indent=1)}\n".encode()


def _plain(told: Earlier) -> dict[str, Any]:
    table = told.table
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
        "said": [{"cells": each.cells, "low": each.low, "high": each.high} for each in told.said],
    }


def _tables(data: Any) -> tuple[Earlier, ...]:
    """A key's tables; older programs kept the last alone, without a list or what was said."""
    told = tuple(
        Earlier(_table(each), said=tuple(map(_statement, each.get("said", ()))))
        for each in (data if isinstance(data, list) else [data])
    )
    if not told:
        raise ValueError("a table without a version")
    return told


def _statement(data: Mapping[str, Any]) -> Statement:
    cells = tuple((str(row), str(column)) for row, column in data["cells"])
    return Statement(cells, int(data["low"]), int(data["high"]))


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
