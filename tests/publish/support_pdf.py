"""What a printed page says, read from Chromium's PDF without a library for it.

Fonts are embedded in part, so that glyphs have numbers of their own: a text is known by the pattern
in which they come again.
"""

from __future__ import annotations

import re
import zlib


def _shape(units) -> tuple[int, ...]:
    """For each unit where it stood first: the same for a text and for its glyphs in any font."""
    seen: dict[object, int] = {}
    return tuple(seen.setdefault(unit, len(seen)) for unit in units)


def marks(pdf: bytes, marking: str) -> list[int]:
    """How often the marking stands on each page, as a block of text of its own."""
    wanted = _shape(marking)
    counts = []
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            content = zlib.decompress(found.group(1))
        except zlib.error:
            continue
        blocks = [
            re.findall(rb"[0-9A-F]{4}", b"".join(re.findall(rb"<([0-9A-F]+)>", block)))
            for block in re.findall(rb"\bBT\b(.*?)\bET\b", content, re.DOTALL)
        ]
        if blocks:
            counts.append(sum(_shape(glyphs) == wanted for glyphs in blocks))
    return counts


def page_count(pdf: bytes) -> int:
    """Pages of a PDF."""
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))
