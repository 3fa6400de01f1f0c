"""Offence wordings to offence classes; the wordings are data, in ``offence_classes.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import pandas as pd

from corridors.sources.quoting import wording_quoted
from corridors.tables import OFFENCE_GROUP_OF

UNKNOWN: Final = "other"
_LISTED: Final = 10


@dataclass(frozen=True)
class _Wordings:
    exact: Mapping[str, str]
    keywords: tuple[tuple[str, re.Pattern[str]], ...]


@dataclass(frozen=True)
class Classified:
    """Offence class of each row, and the wordings (with rows) that nothing matched."""

    offence: pd.Series[Any]
    unknown: tuple[tuple[str, int], ...]

    @property
    def group(self) -> pd.Series[Any]:
        """Offence group of each row: it follows from the class."""
        return self.offence.map(OFFENCE_GROUP_OF).astype("str")


def classify_offences(wording: pd.Series[Any], own: Mapping[str, str]) -> Classified:
    """Offence class of each wording; what nothing matches is ``other`` and listed.

    Parameters
    ----------
    wording : (n,) text as the source words it.
    own : ``[incidents.offences]`` of corridors.toml: wording -> class or group; goes first. A
        group's name is also the class of wordings that say no more than the group.
    """
    mine = {_plain(text): name for text, name in own.items()}
    classes = {text: _class(text, mine) for text in wording.unique()}
    found = wording.map({text: name or UNKNOWN for text, name in classes.items()})
    lost = wording[wording.map(lambda text: classes[text] is None).astype(bool)].value_counts()
    unknown = sorted(((str(text), int(rows)) for text, rows in lost.items()), key=_most_first)
    return Classified(found.astype("str"), tuple(unknown))


def unknown_note(unknown: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """One line that lists wordings without a class, at most ten, or nothing."""
    if not unknown:
        return ()
    listed = ", ".join(f"{wording_quoted(text)} ({rows})" for text, rows in unknown[:_LISTED])
    more = f" and {len(unknown) - _LISTED} more" if len(unknown) > _LISTED else ""
    return (
        (
            f"offences without a class, taken as {UNKNOWN}: {listed}{more}; "
            "name them in [incidents.offences]"
        ),
    )


def _most_first(entry: tuple[str, int]) -> tuple[int, str]:
    return (-entry[1], entry[0])


def _class(text: str, own: Mapping[str, str]) -> str | None:
    plain, known = _plain(text), _wordings()
    if plain in own:
        return own[plain]
    if plain in known.exact:
        return known.exact[plain]
    return next((name for name, words in known.keywords if words.search(plain)), None)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


@lru_cache(maxsize=1)
def _wordings() -> _Wordings:
    text = (files("corridors.sources") / "offence_classes.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return _Wordings(
        {_plain(words): name for words, name in data["exact"].items()},
        tuple((entry["class"], re.compile("|".join(entry["any"]))) for entry in data["keywords"]),
    )
