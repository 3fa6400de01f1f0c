"""What a reader sees of a page, and how hard it is to read."""

from __future__ import annotations

import re


def shown_text(page: str) -> str:
    """What a page shows, a line for each element."""
    body = page[page.index("<body") :]
    svg = re.sub(r"<svg.*?</svg>", "", body, flags=re.DOTALL)
    inline = re.sub(r"</?(?:bdi|strong|a)\b[^>]*>", "", svg)
    lines = re.sub(r"<[^>]*>", "\n", inline).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def _syllables(word: str) -> int:
    """Groups of vowels; a silent e at the end does not count."""
    bare = re.sub(r"(?<=[^aeiouyl])e[sd]?$", "", word.lower())
    return max(len(re.findall(r"[aeiouy]+", bare)), 1)


def grade(text: str) -> float:
    """Flesch-Kincaid: the school grade that a text asks for."""
    found = [s for s in re.split(r"[.!?:\n]+", text) if re.search("[A-Za-z]", s)]
    words = re.findall(r"[A-Za-z’']+", text)
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / len(found) + 11.8 * syllables / len(words) - 15.59
