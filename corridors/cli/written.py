"""What was written, told without a list of thirty files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corridors.sources import Dropped


def path_words(paths: Sequence[Path]) -> list[str]:
    """The files that people open, and how many more stand beside them."""
    from corridors.publish import opened_first

    shown = opened_first(paths)
    more = len(paths) - len(shown)
    said = [str(path) for path in shown]
    return [*said, f"{more} more files beside them"] if more else said


def write_dropped(root: Path, dropped: Sequence[Dropped]) -> list[str]:
    """Write the quarantine of a run, and say where it is if it holds anything."""
    from corridors.publish.quarantine import write_quarantine

    path = write_quarantine(root, ((d.file, d.row, d.reason) for d in dropped))
    return [f"Incident rows left out, by number and reason: {path}"] if path else []
