"""Logs that commands write and people read: approvals, decisions and the toolkit."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.chain import chain_of
from corridors.errors import InputError
from corridors.model import Decision, SourceRecord
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
from corridors.tables import (
    APPROVAL_STATES,
    DECISION_KINDS,
    Approvals,
    Decisions,
    Table,
    ToolkitEntries,
)

_Read = tuple[pd.DataFrame, SourceRecord]
_ITEM: Final = re.compile(r"[a-z][a-z0-9_]{1,60}")
_REMIT: Final = re.compile(r"[0-9a-f]{8,64}")
SHA256: Final = re.compile(r"[0-9a-f]{64}")
ABOUT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
LONGEST_WORDS: Final = 1000
# By a person, in words for the public; the others are about a file and so need its hash.
IN_WORDS: Final = ("decision", "review")


def read_approvals(path: Path, *, file: str) -> _Read:
    """Read ``tables.Approvals`` and check its chain (B9, C9, F8).

    Rows keep their order: they are numbered as they stand.

    Raises
    ------
    InputError
        For a cell that is wrong; or where the chain breaks, naming the first row that does not
        follow from those before it.
    """
    return _read_chained(path, file, "approvals", Approvals, _approval, "corridors approve")


def read_decisions(path: Path, *, file: str) -> _Read:
    """Read ``tables.Decisions`` and check its chain (F8). Rows keep their order.

    Raises
    ------
    InputError
        For a cell that is wrong, or where the chain breaks, as ``read_approvals``.
    """
    return _read_chained(path, file, "decisions", Decisions, _decision, "corridors decide")


def last_chain(log: pd.DataFrame | None, column: str) -> str:
    """The chain of a log's last row, which the next one goes on from; empty if there is none."""
    return "" if log is None or log.empty else str(log[column].iloc[-1])


def decisions_of(decisions: pd.DataFrame | None) -> tuple[Decision, ...]:
    """The rows of ``tables.Decisions`` in their order."""
    if decisions is None:
        return ()
    columns = [name for name in Decisions.columns() if name != Decisions.chain]
    rows = decisions.sort_index()[columns].itertuples(index=False, name=None)
    return tuple(
        Decision(str(kind), str(about), str(words), str(by), str(whom), str(sha256), on.date())
        for kind, about, words, by, whom, sha256, on in rows
    )


def _read_chained(
    path: Path,
    file: str,
    kind: str,
    schema: type[Table],
    entry_of: Callable[[Row], dict[str, Any]],
    command: str,
) -> _Read:
    """A table whose columns end in ``on`` and ``chain``; its chain is checked row by row."""
    *names, on, last = schema.columns()
    table = read_record(path, file, (*names, on, last), may_be_empty=True)
    made: list[dict[str, Any]] = []
    previous = ""
    for number, row in enumerate(rows_of(table)):
        entry = entry_of(row)
        cells = (*(str(entry[name]) for name in names), f"{entry[on]:%Y-%m-%d}")
        previous = chain_of(previous, cells)
        if row.values.get(last, "") != previous:
            raise row.wrong(
                last, "does not follow from the rows before it",
                "This row or one before it was changed, moved or taken out: put the file back as "
                f"`{command}` wrote it",
            )  # fmt: skip
        made.append({schema.index: number, **entry, last: previous})
    frame = frame_of(schema, made)
    return frame, record_of(kind, table, frame, (on,))


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


def _decision(row: Row) -> dict[str, Any]:
    kind = choice_of(row, Decisions.kind, DECISION_KINDS)
    about = row.values.get(Decisions.about, "")
    if not ABOUT.fullmatch(about):
        raise row.wrong(
            Decisions.about, "is no key of a programme and no quarter" if about else "is empty",
            "Up to 60 letters, digits, - and _, as after-school or 2026-Q1",
        )  # fmt: skip
    sha256 = row.values.get(Decisions.sha256, "")
    if (sha256 or kind not in IN_WORDS) and not SHA256.fullmatch(sha256):
        raise row.wrong(
            Decisions.sha256, "is no SHA-256" if sha256 else "is empty",
            "It has 64 digits from 0-9 and a-f",
        )  # fmt: skip
    return {
        Decisions.kind: kind,
        Decisions.about: about,
        Decisions.words: text_of(
            row, Decisions.words, required=kind in IN_WORDS, longest=LONGEST_WORDS
        ),
        Decisions.by: text_of(row, Decisions.by, required=True),
        Decisions.organisation: text_of(row, Decisions.organisation, required=True),
        Decisions.sha256: sha256,
        Decisions.on: required_date_of(row, Decisions.on, "Give the day as dd/mm/yyyy"),
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
