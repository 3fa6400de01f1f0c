"""What a message may quote of an incident file: what looks like what belongs there, and no more.

A column that was named wrongly, or rows that slipped, put free text where a date should be, and
free text names people. It is told by its length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from corridors.sources.csvs import printable

_NUMBER: Final = re.compile(r"[0-9 .,+-]{0,40}")
_MONTHS: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DATE: Final = re.compile(rf"(?:[0-9TZ /:.,+-]|{_MONTHS}){{0,32}}", re.IGNORECASE)
_LONGEST: Final = 60
_MOST_WORDS: Final = 12
_HEADERS: Final = 40


def number_quoted(text: str) -> str:
    """A cell of a column of numbers."""
    return text if _NUMBER.fullmatch(text) else _told(text)


def date_quoted(text: str) -> str:
    """A cell of a column of dates or times."""
    return text if len(text) <= 40 and _DATE.fullmatch(text) else _told(text)


def wording_quoted(text: str) -> str:
    """A cell of a column of classes, such as offences: a few words, as lists of classes have."""
    is_class = len(text) <= _LONGEST and len(text.split()) <= _MOST_WORDS
    return (printable(text, _LONGEST) or "(empty)") if is_class else _told(text)


def header_quoted(header: Sequence[str]) -> str:
    """The column names of a file; not what stands in row 1 of a file that has none."""
    is_data = any(
        len(cell) > _LONGEST or (re.search(r"[0-9]{4}", cell) and _DATE.fullmatch(cell))
        for cell in header
    )
    if is_data:
        return "row 1, which looks like data and not like column names"
    more = f" and {len(header) - _HEADERS} more" if len(header) > _HEADERS else ""
    return ", ".join(printable(cell) for cell in header[:_HEADERS]) + more


def _told(text: str) -> str:
    return f"(text of {len(text)} characters)"
