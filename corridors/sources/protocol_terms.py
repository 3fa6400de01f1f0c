"""What the parties to the protocol agreed, field by field (A.11)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.model import SourceRecord
from corridors.sources.records import (
    Row,
    choice_of,
    date_of,
    frame_of,
    read_record,
    record_of,
    require_unique,
    rows_of,
    text_of,
)  # fmt: skip
from corridors.tables import PROTOCOL_FIELDS, ProtocolTerms

LONGEST: Final = 500
_DATES: Final = ("review_on",)


def read_protocol_terms(path: Path, *, file: str) -> tuple[pd.DataFrame, SourceRecord]:
    """Read ``tables.ProtocolTerms``; a field without words, or without a row, is not agreed yet.

    Returns
    -------
    Every field of ``tables.PROTOCOL_FIELDS``, in order of name; a date as ``2026-10-06``.

    Raises
    ------
    InputError
        For an unknown field (with the nearest known one), a field that stands twice, words that
        are too long, or a review date that is not one.
    """
    table = read_record(path, file, ("field", "value"), may_be_empty=True)
    rows = list(rows_of(table))
    made = [(choice_of(row, "field", tuple(PROTOCOL_FIELDS)), row) for row in rows]
    require_unique([(row, field) for field, row in made], "field")
    frame = terms_frame({field: _words(field, row) for field, row in made})
    record = record_of("protocol_terms", table, frame.loc[sorted(field for field, _ in made)])
    return frame, record


def terms_frame(words: Mapping[str, str]) -> pd.DataFrame:
    """``tables.ProtocolTerms`` with every field; those without ``words`` are empty."""
    rows: list[dict[str, Any]] = [
        {ProtocolTerms.index: field, ProtocolTerms.value: words.get(field, "")}
        for field in PROTOCOL_FIELDS
    ]
    return frame_of(ProtocolTerms, rows)


def _words(field: str, row: Row) -> str:
    if field in _DATES:
        day = date_of(row, "value")
        return day.isoformat() if day else ""
    return text_of(row, "value", longest=LONGEST)
