"""Putting a fetched file into the workspace, with a note beside it of where it came from."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from corridors.files import folder_inside, make_folders, sweep, write_text_atomically
from corridors.sources.fetch.cache import Provenance

SUFFIX: Final = ".source.json"
_FIELDS: Final = ("kind", "url", "fetched_at", "dated")
_MOST_BYTES: Final = 1 << 20
_LONGEST: Final = 200
_STAMP: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


def put_file(root: Path, file: str, body: bytes, sources: Iterable[Provenance]) -> str:
    """Write a fetched file and the note beside it; returns its SHA-256.

    A kill between the two leaves a note that does not fit its file, which counts as none.

    Parameters
    ----------
    root, file : the workspace, and the file's name in it, ours, with ``/``. No other run may be
        fetching into the same folder.
    """
    *folders, name = file.split("/")
    folder = folder_inside(root, *folders)
    make_folders(folder, is_private=True)
    sweep(folder)
    digest = hashlib.sha256(body).hexdigest()
    note = {
        "sha256": digest,
        "sources": [{f: getattr(source, f) for f in _FIELDS} for source in sources],
    }
    text = json.dumps(note, sort_keys=True, indent=1)
    write_text_atomically(folder / name, body)
    write_text_atomically(folder / f"{name}{SUFFIX}", f"{text}\n".encode())
    return digest


def notes_of(path: Path, sha256: str) -> tuple[str, ...]:
    """Where a file came from, a line for each answer that it was made from.

    Nothing if it was not fetched, or was changed since.

    Parameters
    ----------
    sha256 : of the file as it is now.
    """
    sources = _told(path.with_name(f"{path.name}{SUFFIX}"), sha256)
    lines = (_line(source) for source in sources)
    return tuple(dict.fromkeys(line for line in lines if line))


def _told(note: Path, sha256: str) -> list[Any]:
    if note.is_symlink() or not note.is_file() or note.stat().st_size > _MOST_BYTES:
        return []
    try:
        told = json.loads(note.read_bytes())
    except (ValueError, RecursionError):
        return []
    fits = isinstance(told, dict) and told.get("sha256") == sha256
    sources = told.get("sources") if fits else None
    return sources if isinstance(sources, list) else []


def _line(source: Any) -> str:
    if not isinstance(source, dict) or not all(isinstance(source.get(f), str) for f in _FIELDS):
        return ""
    url, fetched_at, dated = source["url"], source["fetched_at"], source["dated"]
    if not url.isprintable() or len(url) > _LONGEST or not _STAMP.fullmatch(fetched_at):
        return ""
    of = f", data of {dated}" if _STAMP.fullmatch(dated) else ""
    return f"fetched from {url} at {fetched_at}{of}"
