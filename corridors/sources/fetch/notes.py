"""Where a fetched file came from: ``<file>.source.json`` beside it.

The note is written before its file. So a file that we fetched is never without one, and a note
counts only if the file's bytes match it: after a power cut between the two, the file is fetched
again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from corridors.files import folder_inside, make_folders, sweep, write_text_atomically
from corridors.sources.csvs import sha256_of
from corridors.sources.fetch.cache import Provenance
from corridors.sources.fetch.jobs import Fetched, Job

SUFFIX: Final = ".source.json"
_TEXTS: Final = ("file", "sha256", "question", "licence")
_SOURCE: Final = ("kind", "url", "fetched_at", "dated")
_MOST_BYTES: Final = 1 << 20
_LONGEST: Final = 200
_STAMP: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


@dataclass(frozen=True)
class Note:
    """What is known of a fetched file.

    ``question`` is the key of all that shaped it; one who asks the same has it already.
    """

    fetched: Fetched
    licence: str
    question: str = ""


def is_foreign(job: Job, file: str) -> bool:
    """Whether a file stands there that was not fetched; tells that it stays as it is."""
    is_so = (job.root / file).exists() and not _beside(job.root, file).exists()
    if is_so:
        job.tell(f"{file} stands there and was not fetched, so it stays. Move it away to fetch it")
    return is_so


def put(root: Path, body: bytes, note: Note) -> Fetched:
    """Write a fetched file and its note; what stood there is replaced.

    Leftovers of killed runs go; no other run may be fetching into the same folder.

    Parameters
    ----------
    note : its ``fetched`` names the file (relative to the workspace, with ``/``) and the hash of
        ``body``.

    Raises
    ------
    InputError
        If a link leads out of the workspace.
    """
    *folders, name = note.fetched.file.split("/")
    folder = folder_inside(root, *folders)
    make_folders(folder, is_private=True)
    sweep(folder)
    write_note(root, note)
    write_text_atomically(folder / name, body)
    return note.fetched


def fetched_as(
    file: str, body: bytes, rows: int, sources: Iterable[Provenance], notes: tuple[str, ...] = ()
) -> Fetched:
    """The record of a file with these bytes; equal sources are told once, in order."""
    told = sorted(set(sources), key=lambda source: tuple(asdict(source).values()))
    return Fetched(file, hashlib.sha256(body).hexdigest(), rows, tuple(told), notes)


def write_note(root: Path, note: Note) -> None:
    """Put a note in place, whole or not at all."""
    made = note.fetched
    told = {
        "file": made.file,
        "sha256": made.sha256,
        "rows": made.rows,
        "question": note.question,
        "licence": note.licence,
        "notes": list(made.notes),
        "sources": [asdict(source) for source in made.sources],
    }
    text = json.dumps(told, sort_keys=True, indent=1)
    write_text_atomically(_beside(root, made.file), f"{text}\n".encode())


def kept(job: Job, file: str, question: str) -> Fetched | None:
    """The file, if it is there, whole, and answers the same question."""
    note = read_note(job.root, file)
    return note.fetched if note is not None and note.question == question else None


def read_note(root: Path, file: str) -> Note | None:
    """The note of a file, if both are there and the file's bytes match it."""
    path, beside = root / file, _beside(root, file)
    if path.is_symlink() or beside.is_symlink() or not (path.is_file() and beside.is_file()):
        return None
    try:
        told = json.loads(beside.read_bytes())
        note = _note_of(told)
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    is_its = note.fetched.file == file and note.fetched.sha256 == sha256_of(path)
    return note if is_its else None


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


def _beside(root: Path, file: str) -> Path:
    return root / f"{file}{SUFFIX}"


def _note_of(told: Any) -> Note:
    if not all(isinstance(told[name], str) for name in _TEXTS) or type(told["rows"]) is not int:
        raise TypeError("not a note")
    sources = tuple(
        Provenance(*(str(source[name]) for name in _SOURCE)) for source in told["sources"]
    )
    notes = tuple(str(line) for line in told["notes"])
    fetched = Fetched(told["file"], told["sha256"], told["rows"], sources, notes)
    return Note(fetched, told["licence"], told["question"])


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
    if not isinstance(source, dict) or not all(isinstance(source.get(f), str) for f in _SOURCE):
        return ""
    url, fetched_at, dated = source["url"], source["fetched_at"], source["dated"]
    if not url.isprintable() or len(url) > _LONGEST or not _STAMP.fullmatch(fetched_at):
        return ""
    of = f", data of {dated}" if _STAMP.fullmatch(dated) else ""
    return f"fetched from {url} at {fetched_at}{of}"
