"""What was written, told without a list of thirty files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def path_words(paths: Sequence[Path]) -> list[str]:
    """The files that people open, and how many more stand beside them."""
    from corridors.publish import opened_first

    shown = opened_first(paths)
    more = len(paths) - len(shown)
    said = [str(path) for path in shown]
    return [*said, f"{more} more files beside them"] if more else said
