"""All that a plan is made from and that could change between two runs, by its place."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corridors.sources.bank_holidays import FILE as BANK_HOLIDAYS
from corridors.sources.bundle.rewriting import written_paths
from corridors.sources.cells import split_part
from corridors.sources.database_settings import is_database
from corridors.sources.profiles import read_toml
from corridors.sources.translations import FOLDER as TRANSLATIONS
from corridors.sources.workspace import FILE_NAME


@dataclass(frozen=True)
class Watched:
    """Places and patterns, relative to the workspace or absolute; what a pattern finds counts."""

    places: tuple[str, ...]
    patterns: tuple[str, ...]
    has_query: bool  # a database may answer otherwise each time


def watched(root: Path) -> Watched:
    """What corridors.toml names, and what is read by its place.

    Files that a plan writes itself, plans and logs, are not among it.

    Raises
    ------
    MissingFileError, ProfileError
        If corridors.toml is not there or breaks the rules of TOML.
    """
    data = read_toml(root / FILE_NAME, file=FILE_NAME)
    named = [text for _, text in written_paths(data)]
    plain = [str(split_part(Path(text))[0]) for text in named if not is_database(text)]
    return Watched(
        places=(FILE_NAME, BANK_HOLIDAYS, *(text for text in plain if not glob.has_magic(text))),
        patterns=(f"{TRANSLATIONS}/*.po", *_patterns(plain)),
        has_query=any(map(is_database, named)),
    )


def _patterns(plain: list[str]) -> Iterator[str]:
    for text in plain:
        if glob.has_magic(text):
            yield text
        elif text.lower().endswith(".shp"):
            yield f"{glob.escape(text[:-4])}.*"  # a shapefile is read with all of its parts
