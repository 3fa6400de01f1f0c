"""Logs that commands write and people read: approvals and the toolkit."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.chain import chain_of
from corridors.errors import InputError
from corridors.model import SourceRecord
from corridors.sources.calendar import parse_week
from corridors.sources.records import (
    Row,
    choice_of,
    frame_of,
    read_record,
    record_of,
    required_date_of,
    rows_of,
    text_of,
    urn_of,
    ward_of,
)  # fmt: skip
from corridors.tables import APPROVAL_STATES, Approvals, ToolkitEntries

_Read = tuple[pd.DataFrame, SourceRecord]
_ITEM: Final = re.compile(r"[a-z][a-z0-9_]{1,60}")
_REMIT: Final = re.compile(r"[0-9a-f]{8,64}")


def read_approvals(path: Path, *, file: str) -> _Read:
    """Read ``tables.Approvals`` and check its chain (B9, C9, F8).

    Rows keep their order: they are numbered as they stand.

    Raises
    ------
    InputError
        For a cell that is wrong; or where the chain breaks, naming the first row that does not
        follow from those before it.
    """
    table = read_record(path, file, tuple(Approvals.columns()), may_be_empty=True)
    made: list[dict[str, Any]] = []
    previous = ""
    for number, row in enumerate(rows_of(table)):
        entry = _approval(row)
        chain = chain_of(previous, approval_cells(entry))
        if row.values.get(Approvals.chain, "") != chain:
            raise row.wrong(
                Approvals.chain, "does not follow from the rows before it",
                "This row or one before it was changed, moved or taken out: put the file back as "
                "`corridors approve` wrote it",
            )  # fmt: skip
        made.append({Approvals.index: number, **entry, Approvals.chain: chain})
        previous = chain
    frame = frame_of(Approvals, made)
    return frame, record_of("approvals", table, frame, (Approvals.on,))


def approval_cells(entry: dict[str, Any]) -> tuple[str, ...]:
    """The cells of a row that its chain covers, in order; the date as ``2026-03-02``."""
    names = [name for name in Approvals.columns() if name not in (Approvals.on, Approvals.chain)]
    return (*(str(entry[name]) for name in names), f"{entry[Approvals.on]:%Y-%m-%d}")


def read_toolkit(path: Path, *, file: str) -> _Read:
    """Read ``tables.ToolkitEntries`` (D1): what a school booked, and for which day.

    Whether an item is in the toolkit, and what it costs, is not known here.

    Raises
    ------
    InputError
        For a URN, date or key that is not one.
    """
    columns = tuple(ToolkitEntries.columns())
    table = read_record(path, file, columns, may_be_empty=True)
    made = sorted(booking_of(row) for row in rows_of(table))
    rows = [
        {ToolkitEntries.index: at, **dict(zip(columns, entry, strict=True))}
        for at, entry in enumerate(made)
    ]
    frame = frame_of(ToolkitEntries, rows)
    return frame, record_of("toolkit", table, frame, (ToolkitEntries.date,))


def _approval(row: Row) -> dict[str, Any]:
    return {
        Approvals.ward: ward_of(row),
        Approvals.week: week_of(row),
        Approvals.urn: urn_of(row),
        Approvals.state: choice_of(row, "state", APPROVAL_STATES),
        Approvals.remit: _remit(row),
        Approvals.by: text_of(row, "by", required=True),
        Approvals.organisation: text_of(row, "organisation", required=True),
        Approvals.on: required_date_of(row, "on", "Give the day as dd/mm/yyyy"),
    }


def week_of(row: Row) -> str:
    """The label of an ISO week."""
    try:
        return parse_week(row.values.get("week", "")).label
    except InputError as error:
        raise row.wrong("week", error.problem, error.fix or "Write it as 2026-W10") from error


def _remit(row: Row) -> str:
    text = row.values.get("remit", "")
    is_needed = row.values.get("state", "").casefold() != "withdrawn"
    if (text or is_needed) and not _REMIT.fullmatch(text):
        raise row.wrong(
            "remit", "is empty" if not text else "is no remit", "Copy it as `corridors plan` says"
        )
    return text


def booking_of(row: Row) -> tuple[str, date, str]:
    """School, day and item of one row of the ledger."""
    item = re.sub(r"[\s-]+", "_", row.values.get("item", "").casefold())
    if not _ITEM.fullmatch(item):
        raise row.wrong("item", "is no key of the toolkit", "Write it as assembly or knife_arch")
    return urn_of(row), required_date_of(row, "date", "Give the day of the activity"), item
