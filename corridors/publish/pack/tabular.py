"""The pack for tools: a CSV for each table, described as a Frictionless Data Package."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from corridors.model import PublicColumn, PublicPack, PublicRecord, PublicTable
from corridors.publish.cells import safe_cell
from corridors.publish.pack.figures import plain_day, plain_number
from corridors.publish.pack.wall import rows_of
from corridors.publish.wording import clean, clean_name, long_date

DESCRIPTOR_FILE: Final = "datapackage.json"
LICENCE: Final = "OGL-UK-3.0"
LICENCE_TITLE: Final = "Open Government Licence v3.0"
_DIALECT: Final = {
    "delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\r\n",
    "skipInitialSpace": False, "header": True,
}  # fmt: skip


def csv_name(key: str) -> str:
    """Where in the pack the CSV of a table or record stands."""
    return f"data/{key}.csv"


def csv_bytes(one: PublicTable | PublicRecord) -> bytes:
    """A table as CSV: UTF-8 with a byte order mark, which spreadsheets need; lines end in CR LF.

    No cell runs as a formula. Only plain numbers of a column of figures stand as they are.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.key for column in one.columns])
    for row in one.rows:
        writer.writerow([_cell(c, cell) for c, cell in zip(one.columns, row, strict=True)])
    return out.getvalue().encode("utf-8-sig")


def descriptor(pack: PublicPack, made: Mapping[str, bytes]) -> bytes:
    """``datapackage.json``: what each CSV holds, with its size and SHA-256.

    Parameters
    ----------
    made : the CSVs by name.
    """
    data: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": f"safer-corridors-{pack.quarter.lower()}",
        "title": f"Safer Corridors, {clean_name(pack.area)}, {pack.quarter}",
        "description": clean(
            f"Figures of {pack.partnership} for {pack.area}, {long_date(pack.first_day)} to "
            f"{long_date(pack.last_day)}. {' '.join(pack.rules)}"
        ),
        "version": str(pack.version),
        "created": f"{pack.issued_on.isoformat()}T00:00:00Z",
        "licenses": [{"name": LICENCE, "title": LICENCE_TITLE}],
        "contributors": [{"title": clean_name(pack.partnership), "role": "publisher"}],
        "sources": [{"title": clean(f"{name}: {value}")} for name, value in pack.provenance],
        "resources": [_resource(one, made[csv_name(one.key)], pack.rules) for one in rows_of(pack)],
    }
    if not data["sources"]:
        del data["sources"]  # the specification takes no empty list
    return json_bytes(data)


def json_bytes(data: object) -> bytes:
    """UTF-8 JSON for people and tools; keys stay in their order."""
    return f"{json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)}\n".encode()


def _resource(one: PublicTable | PublicRecord, data: bytes, rules: Sequence[str]) -> dict[str, Any]:
    notes = one.notes if isinstance(one, PublicTable) else one.missing
    return {
        "profile": "tabular-data-resource",
        "name": one.key,
        "path": csv_name(one.key),
        "title": clean_name(one.title),
        "description": clean(" ".join((one.about, *notes))),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "dialect": _DIALECT,
        "schema": {
            "fields": [
                _field(column, [row[at] for row in one.rows], rules)
                for at, column in enumerate(one.columns)
            ],
            "missingValues": [""],
        },
    }


def _field(column: PublicColumn, cells: Sequence[str], rules: Sequence[str]) -> dict[str, Any]:
    """A column's type: a number or date only where every cell is one, or says that none is there.

    A count is text, since it may be "fewer than 5".
    """
    meaning = clean(column.meaning)
    if column.kind == "count":
        meaning = clean(f"{meaning} Text, not a number: {' '.join(rules)}")
    field: dict[str, Any] = {
        "name": column.key,
        "title": clean_name(column.title),
        "description": meaning,
        "type": "string",
    }
    if column.unit:
        field["unit"] = clean_name(column.unit)
    if column.kind == "figure":
        words = {_cell(column, cell) for cell in cells if plain_number(cell) is None}
        if not any(char.isdigit() for word in words for char in word):
            field |= {"type": "number", "missingValues": sorted({"", *words})}
    elif column.kind == "date" and all(map(plain_day, filter(None, cells))):
        field["type"] = "date"
    return field


def _cell(column: PublicColumn, cell: str) -> str:
    number = plain_number(cell) if column.kind == "figure" else None
    return safe_cell(cell) if number is None else number
