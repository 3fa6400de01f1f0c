"""What was fetched, kept so that it can be trusted.

An entry is a file of bytes, named by their SHA-256, and a note named by the question's key. The
note is put in place last, in one step. So an entry is whole or not there: bytes that do not match
their note count as none, and are fetched again. Two runs that fetch the same write the same bytes
under the same names.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from corridors.files import folder_inside, make_folders, sweep, write_text_atomically
from corridors.sources.csvs import sha256_of

FOLDER: Final = ("data", "osm_cache")
_NOTE: Final = re.compile(r"[0-9a-f]{64}\.note\.json")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_FIELDS: Final = ("kind", "url", "fetched_at", "sha256", "bytes", "dated")


@dataclass(frozen=True)
class Provenance:
    """Where bytes came from."""

    kind: str  # "streets", "crimes", …
    url: str
    fetched_at: str  # UTC, ISO 8601, to the second
    dated: str = ""  # what the data says of its own date, such as the OSM timestamp


@dataclass(frozen=True)
class Entry:
    """A whole entry: its bytes match its note."""

    key: str
    path: Path
    sha256: str
    size: int
    provenance: Provenance


def key_of(endpoint: str, query: Mapping[str, Any]) -> str:
    """SHA-256 of a question: the same question has the same key on every machine.

    Parameters
    ----------
    endpoint : address asked.
    query : all that shapes the answer, JSON-like.
    """
    text = json.dumps([endpoint, query], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


class Cache:
    """The entries in a workspace."""

    def __init__(self, root: Path) -> None:
        self._folder = folder_inside(root, *FOLDER)

    def get(self, key: str) -> Entry | None:
        """The entry, if it is there and whole."""
        return self._read(self._note(key))

    def put(self, key: str, body: bytes, provenance: Provenance) -> Entry:
        """Keep bytes under a key; what stood there is replaced in one step."""
        make_folders(self._folder, is_private=True)
        digest = hashlib.sha256(body).hexdigest()
        path = self._folder / f"{digest}.data"
        if _digest_of(path) != digest:
            write_text_atomically(path, body)
        note = {
            "kind": provenance.kind,
            "url": provenance.url,
            "fetched_at": provenance.fetched_at,
            "dated": provenance.dated,
            "sha256": digest,
            "bytes": len(body),
        }
        text = json.dumps(note, sort_keys=True, indent=1)
        write_text_atomically(self._note(key), f"{text}\n".encode())
        return Entry(key, path, digest, len(body), provenance)

    def entries(self) -> Iterator[tuple[str, Entry | None]]:
        """Every key with its entry, or None where that is damaged; in order of the keys."""
        for note in self._notes():
            yield note.name.removesuffix(".note.json"), self._read(note)

    def clear(self, *, damaged_only: bool = False) -> int:
        """Remove entries, and bytes that no note names; returns how many files went."""
        gone = 0
        kept = set()
        for note in self._notes():
            entry = self._read(note)
            if entry is not None and damaged_only:
                kept.add(entry.path.name)
            else:
                note.unlink()
                gone += 1
        for path in sorted(self._folder.glob("*.data")):
            if path.name not in kept and not path.is_symlink():
                path.unlink()
                gone += 1
        return gone + self.sweep()

    def sweep(self) -> int:
        """Remove what killed runs left half-written; no other run may be writing meanwhile."""
        return sweep(self._folder)

    def scratch(self) -> tempfile.TemporaryDirectory[str]:
        """A folder for one run that only its owner can enter; `sweep` finds it after a kill."""
        make_folders(self._folder, is_private=True)
        return tempfile.TemporaryDirectory(prefix=".scratch.part-", dir=self._folder)

    def forget(self, keys: Iterable[str]) -> None:
        """Remove entries; bytes that another entry names too stay."""
        for key in keys:
            self._note(key).unlink(missing_ok=True)
        self.clear(damaged_only=True)

    def _note(self, key: str) -> Path:
        if not _DIGEST.fullmatch(key):
            raise ValueError("a key is a SHA-256 in hexadecimal")
        return self._folder / f"{key}.note.json"

    def _notes(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(p for p in self._folder.iterdir() if _NOTE.fullmatch(p.name))

    def _read(self, note: Path) -> Entry | None:
        told = _told(note)
        if told is None:
            return None
        path = self._folder / f"{told['sha256']}.data"
        if _digest_of(path) != told["sha256"] or path.stat().st_size != told["bytes"]:
            return None
        provenance = Provenance(
            *(told[name] for name in ("kind", "url", "fetched_at", "dated"))
        )  # fmt: skip
        key = note.name.removesuffix(".note.json")
        return Entry(key, path, told["sha256"], told["bytes"], provenance)


def seconds_utc(when: datetime) -> str:
    """An instant as notes and logs write it: ``2026-03-02T14:05:09Z``."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _told(note: Path) -> dict[str, Any] | None:
    if note.is_symlink() or not note.is_file():
        return None
    try:
        told = json.loads(note.read_bytes())
    except (ValueError, RecursionError):
        return None
    is_whole = (
        isinstance(told, dict)
        and set(told) == set(_FIELDS)
        and all(isinstance(told[name], str) for name in _FIELDS if name != "bytes")
        and isinstance(told["bytes"], int)
        and _DIGEST.fullmatch(told["sha256"])
    )
    return told if is_whole else None


def _digest_of(path: Path) -> str:
    """SHA-256 of a file; empty if there is none, or a link in its place."""
    if path.is_symlink() or not path.is_file():
        return ""
    return sha256_of(path)
