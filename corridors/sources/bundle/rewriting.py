"""corridors.toml with other paths in it, and every other byte as it stood."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from corridors.errors import InputError
from corridors.sources.workspace import FILE_NAME

Key = tuple[str | int, ...]
LISTS: Final = ("files", "stop_and_search")  # keys whose value is a list of paths and patterns
# A comment, which stays as it is, or a text on one line.
_TEXT: Final = re.compile(r"""(#[^\n]*)|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")


def written_paths(data: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    """Every path and pattern that a corridors.toml names, with the key it stands under."""
    profile = data.get("profile", "")
    if profile.endswith(".toml"):
        yield ("profile",), profile
    for kind, section in data.items():
        if not isinstance(section, Mapping):
            continue
        if "file" in section:
            yield (kind, "file"), section["file"]
        for part in LISTS:
            for at, pattern in enumerate(section.get(part, [])):
                yield (kind, part, at), pattern
        for urn, path in section.get("ical", {}).items():
            yield (kind, "ical", urn), path


def rewritten(content: bytes, moves: Mapping[Key, tuple[str, str]]) -> bytes:
    """The file with the text under each key replaced.

    What comes out is read again: it differs under these keys and nowhere else.

    Parameters
    ----------
    content : the file's bytes, UTF-8.
    moves : key -> the text that stands there, and the one to put there.

    Raises
    ------
    InputError
        If it cannot be done so, as when a text stands under several keys, or over several lines.
    """
    if not moves:
        return content
    text = content.decode("utf-8")
    expected = deepcopy(_parsed(text))
    for key, (_, new) in moves.items():
        _put(expected, key, new)
    by_old = dict(moves.values())

    def replaced(match: re.Match[str]) -> str:
        if match[1]:
            return match[0]
        new = by_old.get(_value(match[0]))
        return match[0] if new is None else json.dumps(new, ensure_ascii=False)

    made = _TEXT.sub(replaced, text)
    if not _is(made, expected):
        raise InputError(
            "names a file outside the workspace in a way that cannot be changed safely",
            file=FILE_NAME, value=min(by_old),
            fix="Put the file into the workspace, or name it once and as a plain text in quotes",
        )  # fmt: skip
    return made.encode("utf-8")


def _parsed(text: str) -> dict[str, Any]:
    return tomllib.loads(text.removeprefix("\ufeff"))


def _is(text: str, expected: Mapping[str, Any]) -> bool:
    try:
        return _parsed(text) == expected
    except tomllib.TOMLDecodeError:
        return False


def _value(token: str) -> str:
    """What a text in quotes stands for; the token itself if it is none."""
    try:
        return str(tomllib.loads(f"v = {token}")["v"])
    except tomllib.TOMLDecodeError:
        return token


def _put(data: Any, key: Key, value: str) -> None:
    for part in key[:-1]:
        data = data[part]
    data[key[-1]] = value
