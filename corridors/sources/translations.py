"""Catalogues of a workspace's own: ``translations/<language>.po`` for the notices."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from corridors.errors import InputError
from corridors.model import SourceRecord

FOLDER: Final = "translations"
LONGEST_BYTES: Final = 1_000_000
_MESSAGE: Final = re.compile(r"^msgid ", re.MULTILINE)


def read_translations(
    root: Path, languages: Iterable[str]
) -> tuple[tuple[tuple[str, str], ...], tuple[SourceRecord, ...]]:
    """The catalogues that the workspace has for ``languages``, as text, and where they came from.

    What is wrong within one stops its language when the notice is made, and nothing else.

    Parameters
    ----------
    languages : codes that the profile has checked, so each may name a file.

    Raises
    ------
    InputError
        If a catalogue is larger than 1 MB or not UTF-8.
    """
    texts, records = [], []
    for code in languages:
        path = root / FOLDER / f"{code}.po"
        if not path.is_file():
            continue
        file = f"{FOLDER}/{code}.po"
        text, sha256 = _read(path, file)
        texts.append((code, text))
        count = len(_MESSAGE.findall(text))
        records.append(SourceRecord("translations", file, sha256, count, count))
    return tuple(texts), tuple(records)


def _read(path: Path, file: str) -> tuple[str, str]:
    if path.stat().st_size > LONGEST_BYTES:
        raise InputError("is too large for a catalogue", file=file, fix="Keep it under 1 MB")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8", file=file, fix="Save it as UTF-8") from error
    return text.replace("\r\n", "\n"), hashlib.sha256(data).hexdigest()
