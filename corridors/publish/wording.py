"""Words for people: dates, times, lists, and hostile text made safe to show.

Escaping is the templates' work. What stands here is what escaping cannot do: control characters,
characters that turn the direction of writing, web addresses, and names without end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import pandas as pd

from corridors.labels import QUARTER
from corridors.model import WalkStyle
from corridors.tables import Schools

NAME_LIMIT: Final = 120
TEXT_LIMIT: Final = 2000

# Bounded, so that a long word costs no time.
_SCHEME: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{0,15})?:/{2,}")
_REQUIREMENT: Final = re.compile(r"\s*\([A-H]\d+(?:, ?[A-H]\d+)*\)")

# Our own lists: strftime follows the machine's locale.
WEEKDAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


# Unseen characters that text of our own may hold: letters' joiners in the spelling of Persian and
# other languages, and the isolates that keep a name's direction of writing to itself.
JOINERS: Final = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
ISOLATES: Final = "\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}"


def clean(value: object, limit: int = TEXT_LIMIT, *, keep: str = "") -> str:
    """One line of ``value``, at most ``limit`` characters.

    White space becomes a plain space; marks that turn the direction of writing and other unseen
    format characters go; control characters and half characters become U+FFFD. ``http://`` and
    its like go too, so that no reader or program takes a name for a link.

    Parameters
    ----------
    keep : unseen format characters that stay.
    """
    kept: list[str] = []
    for char in str(value)[: 4 * limit]:
        if char.isspace():
            kept.append(" ")
        elif char.isprintable() or char in keep:
            kept.append(char)
        elif unicodedata.category(char) != "Cf":
            kept.append("\N{REPLACEMENT CHARACTER}")
    line = " ".join("".join(kept).split())
    while "://" in line:  # taking one out may join another
        line = " ".join(_SCHEME.sub("", line).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def clean_name(value: object) -> str:
    """A name as one short line."""
    return clean(value, NAME_LIMIT)


def school_name(schools: pd.DataFrame, urn: str) -> str:
    """Name in the register (tables.Schools), or the URN where it has none that can be shown."""
    return clean_name(schools[Schools.name].get(urn, "")) or f"School {clean_name(urn)}"


def staff_words(value: object) -> str:
    """A sentence of the planner without its requirement numbers, such as ``(B7)``.

    Not for text that may hold the name of a street: roads have such numbers too.
    """
    return clean(_REQUIREMENT.sub("", str(value)[: 4 * TEXT_LIMIT]))


def place_words(kind: str, name: str) -> str:
    """A place's name; bus stops and stations say so, as they often bear a street's name."""
    shown = clean_name(name)
    word = {"bus_stop": "bus stop", "station": "station"}.get(kind, "")
    return shown if not word or not shown or word in shown.lower() else f"{shown} {word}"


STYLE_MEANING: Final = (
    "A zigzag is a turn off or onto a street that goes on. A street counts if it is walked the "
    "pupils' way at least once, and for more the more pupils walk it."
)


def style_words(style: WalkStyle) -> str:
    """``1 about-turn, no zigzags, walked the pupils' way on 80% of its length``."""
    said = [_count(style.about_turns, "about-turn"), _count(style.zigzags, "zigzag")]
    if style.with_pupils_share is not None:
        said.append(f"walked the pupils' way on {style.with_pupils_share:.0%} of its length")
    return ", ".join(said)


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"


def joined(words: Iterable[str]) -> str:
    """``a, b and c``."""
    listed = list(words)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} and {listed[-1]}"


def some(names: Sequence[str], most: int = 6) -> str:
    """A list that no page runs over from: ``a, b and 3 more``."""
    more = len(names) - most
    return joined([*names[:most], *([f"{more} more"] if more > 0 else [])])


def streets_words(names: Iterable[str]) -> str:
    """Streets from a file, from A to Z, as a list that no page runs over from."""
    return some(sorted(filter(None, map(clean_name, names)))) or "unnamed paths"


def slash_date(day: date) -> str:
    """For staff: ``02/03/2026``."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def day_words(day: date) -> str:
    """For families: ``Monday 2 March``."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def long_date(day: date) -> str:
    """``2 March 2026``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def quarter_words(label: str) -> str:
    """``2026-Q1`` as ``January to March 2026``; any other label as it is, cleaned."""
    found = QUARTER.fullmatch(label)
    if found is None:
        return clean_name(label)
    first = 3 * (int(found[2]) - 1)
    return f"{MONTHS[first]} to {MONTHS[first + 2]} {found[1]}"


def time_words(minutes: int) -> str:
    """For families: ``3pm``, ``3:30pm``, ``midday``, ``midnight``."""
    hour, minute = divmod(minutes % 1440, 60)
    if minute == 0 and hour in (0, 12):
        return "midday" if hour else "midnight"
    half = "am" if hour < 12 else "pm"
    return f"{(hour - 1) % 12 + 1}{f':{minute:02d}' if minute else ''}{half}"


def weekdays_words(days: Sequence[date]) -> str:
    """``Monday to Friday`` where the days follow each other, else ``Monday and Wednesday``."""
    ordered = sorted(set(days))
    names = [WEEKDAYS[d.weekday()] for d in ordered]
    if len(ordered) > 2 and (ordered[-1] - ordered[0]).days == len(ordered) - 1:
        return f"{names[0]} to {names[-1]}"
    return joined(names)
