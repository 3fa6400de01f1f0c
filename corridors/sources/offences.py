"""Offence wordings to offence groups; the wordings are data, in ``offence_groups.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import pandas as pd

UNKNOWN: Final = "other"
_LISTED: Final = 10
_LONGEST: Final = 60


@dataclass(frozen=True)
class _Wordings:
    exact: Mapping[str, str]
    keywords: tuple[tuple[str, re.Pattern[str]], ...]


@dataclass(frozen=True)
class Grouped:
    """Offence group of each row, and the wordings (with rows) that nothing matched."""

    group: pd.Series[Any]
    unknown: tuple[tuple[str, int], ...]


def group_offences(wording: pd.Series[Any], own: Mapping[str, str]) -> Grouped:
    """Offence group of each wording; what nothing matches is ``other`` and listed.

    Parameters
    ----------
    wording : (n,) text as the source words it.
    own : ``[incidents.offences]`` of corridors.toml: wording -> group; goes first.
    """
    mine = {_plain(text): group for text, group in own.items()}
    groups = {text: _group(text, mine) for text in wording.unique()}
    found = wording.map({text: group or UNKNOWN for text, group in groups.items()})
    lost = wording[wording.map(lambda text: groups[text] is None).astype(bool)].value_counts()
    unknown = sorted(((str(text), int(rows)) for text, rows in lost.items()), key=_most_first)
    return Grouped(found.astype("str"), tuple(unknown))


def unknown_note(unknown: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """One line that lists wordings without a group, at most ten, or nothing."""
    if not unknown:
        return ()
    listed = ", ".join(f"{_short(text)} ({rows})" for text, rows in unknown[:_LISTED])
    more = f" and {len(unknown) - _LISTED} more" if len(unknown) > _LISTED else ""
    return (
        (
            f"offences without a group, taken as {UNKNOWN}: {listed}{more}; "
            "name them in [incidents.offences]"
        ),
    )


def _most_first(entry: tuple[str, int]) -> tuple[int, str]:
    return (-entry[1], entry[0])


def _short(text: str) -> str:
    line = "".join(c for c in text if c.isprintable())
    return (line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…") or "(empty)"


def _group(text: str, own: Mapping[str, str]) -> str | None:
    plain, known = _plain(text), _wordings()
    if plain in own:
        return own[plain]
    if plain in known.exact:
        return known.exact[plain]
    return next((group for group, words in known.keywords if words.search(plain)), None)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


@lru_cache(maxsize=1)
def _wordings() -> _Wordings:
    text = (files("corridors.sources") / "offence_groups.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return _Wordings(
        {_plain(words): group for words, group in data["exact"].items()},
        tuple((entry["group"], re.compile("|".join(entry["any"]))) for entry in data["keywords"]),
    )
