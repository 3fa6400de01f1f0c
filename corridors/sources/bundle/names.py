"""Names that every system can hold, and that lead nowhere but into the folder they are put in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 200
_DEVICE: Final = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\..*)?",
    re.IGNORECASE,
)
_FORBIDDEN: Final = re.compile(r'[\\<>:"|?*]')


def name_problem(place: str) -> str:
    """What is wrong with a path within a bundle; empty if nothing is.

    Parameters
    ----------
    place : with ``/`` between its parts.
    """
    parts = place.split("/")
    faults = (
        (
            len(place.encode("utf-8", "replace")) > _LONGEST,
            f"its name is longer than {_LONGEST} bytes",
        ),
        (not place.isprintable(), "its name holds a character that cannot be printed"),
        (
            _FORBIDDEN.search(place),
            r'its name holds one of \ < > : " | ? *, which not every system can write',
        ),
        (
            any(part in ("", ".", "..") for part in parts),
            "its name leads out of the folder, or is no plain path",
        ),
        (any(part.startswith(".") for part in parts), "it is hidden"),
        (
            any(part != part.strip() or part.endswith(".") for part in parts),
            "a part of its name begins or ends with a space, or ends with a full stop",
        ),
        (
            any(_DEVICE.fullmatch(part) for part in parts),
            "its name is that of a device under Windows",
        ),
    )
    return next((words for is_so, words in faults if is_so), "")


def first_clash(places: Iterable[str]) -> str:
    """The first path that is another's, or its folder, on a disk that ignores case."""
    files: set[str] = set()
    folders: set[str] = set()
    for place in places:
        parts = _plain(place).split("/")
        above = {"/".join(parts[:count]) for count in range(1, len(parts))}
        whole = "/".join(parts)
        if whole in files or whole in folders or above & files:
            return place
        files.add(whole)
        folders |= above
    return ""


def _plain(place: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", place).casefold())
