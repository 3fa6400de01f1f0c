"""``[incidents.columns]`` put into corridors.toml, with every other byte of it left as it is."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from corridors import files
from corridors.errors import InputError

_HEAD: Final = re.compile(r"\s*\[\s*incidents\s*\.\s*columns\s*\]\s*(?:#.*)?")
_KEY: Final = re.compile(r"\s*[A-Za-z_\"']")
_UNKNOWN: Final = "# Offences without a class. Under [incidents.offences] write, for instance:"
_WORDING: Final = re.compile(r'# ".*" = "other"  # [0-9]+ rows')
_OTHER: Final = re.compile(r"\s*\[")


def columns_section(mapping: Mapping[str, str], unknown: Sequence[tuple[str, int]]) -> str:
    """The section as TOML; wordings without a class stand in it as comments.

    Parameters
    ----------
    mapping : own name -> header.
    unknown : wordings and their rows.
    """
    lines = ["[incidents.columns]"]
    if unknown:
        lines.append(_UNKNOWN)
        lines += [f'# {_quoted(text)} = "other"  # {rows} rows' for text, rows in unknown]
    lines += [f"{name} = {_quoted(header)}" for name, header in mapping.items()]
    return "\n".join(lines) + "\n"


def with_columns(text: str, section: str) -> str:
    """The text of a corridors.toml with the section in place of its own, or at its end.

    Raises
    ------
    InputError
        If the file writes its columns in a way that cannot be replaced without touching more.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    new = section.replace("\n", end)
    heads = [at for at, line in enumerate(lines) if _HEAD.fullmatch(line.rstrip("\r\n"))]
    if heads:
        first, last = heads[0] + 1, heads[0]
        for at in range(first, len(lines)):
            if _OTHER.match(lines[at]):
                break
            if _KEY.match(lines[at]):
                last = at
        comments = [line for line in lines[first : last + 1] if _is_their_comment(line)]
        body = new.partition(end)[2]
        made = "".join([*lines[:first], *comments, body, *lines[last + 1 :]])
    else:
        gap = "" if text.endswith("\n") or not text else end
        made = f"{text}{gap}{end}{new}"
    _require_only_columns(text, made, section)
    return made


def write_columns(path: Path, section: str) -> None:
    """Put the section into the corridors.toml at ``path``, whole or not at all.

    Raises
    ------
    InputError
        As ``with_columns``; or if the file is a link.
    """
    if path.is_symlink():
        raise InputError("is a link, which is not written through", file=path.name)
    old = path.read_bytes()
    made = with_columns(old.decode("utf-8"), section)
    mode = path.stat().st_mode & 0o777
    files.write_text_atomically(path, made.encode("utf-8"), mode=mode)


def _require_only_columns(old: str, made: str, section: str) -> None:
    """Parse both: all must be as it was but the columns, which must be the section's."""
    wanted = tomllib.loads(old)
    wanted.setdefault("incidents", {})["columns"] = tomllib.loads(section)["incidents"]["columns"]
    try:
        is_so = tomllib.loads(made) == wanted
    except tomllib.TOMLDecodeError:
        is_so = False
    if not is_so:
        raise InputError(
            "writes its columns in a way that cannot be replaced", file="corridors.toml",
            column="incidents.columns", fix="Put the printed section there by hand",
        )  # fmt: skip


def _is_their_comment(line: str) -> bool:
    """Whether a line of the section is a comment that this module did not write."""
    text = line.strip()
    return text.startswith("#") and text != _UNKNOWN and not _WORDING.fullmatch(text)


def _quoted(text: str) -> str:
    """A TOML string; JSON's are, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
