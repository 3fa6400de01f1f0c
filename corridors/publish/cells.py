"""Cells that no spreadsheet runs as a formula (CWE-1236, ASVS 1.2.10)."""

from __future__ import annotations

from typing import Final

from corridors.publish.wording import ISOLATES, clean

# What a spreadsheet may take for the start of a formula, also in full width.
FORMULA: Final = tuple("=+-@\t\r\n\0|%＝＋－＠")


def safe_cell(value: str) -> str:
    """Text that no spreadsheet runs: cleaned, and quoted if it, or what it was, looks like one."""
    text = clean(value)
    return f"'{text}" if value.startswith(FORMULA) else quoted(text)


def quoted(text: str) -> str:
    """Text that is clean already, quoted if it looks like a formula."""
    return f"'{text}" if text.lstrip(ISOLATES).startswith(FORMULA) else text
