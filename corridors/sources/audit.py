"""The audit log read back: who read or wrote what, when and why, and whether a line is missing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from corridors.chain import CHAIN, chain_of_entry
from corridors.errors import InputError

FILE: Final = "log/audit_OS.jsonl"
_TEXTS: Final = ("at", "run", "who", "why", "command", "action", "state")
_LISTS: Final = ("read", "wrote")


@dataclass(frozen=True)
class AuditEntry:
    """One line of the log. A run has one when it begins and one when it ends."""

    at: str  # UTC, ISO 8601
    run: str  # the same for both lines of a run
    who: str
    why: str
    command: str
    action: str  # of s.62 DPA 2018: collection, consultation, combination, …
    state: str  # begun, done or failed
    chain: str
    read: tuple[dict[str, Any], ...] = field(default=())  # kind, rows, SHA-256
    wrote: tuple[dict[str, Any], ...] = field(default=())  # folder, files, SHA-256


def read_audit(root: Path) -> tuple[AuditEntry, ...]:
    """The entries as they stand, once their chain is checked.

    A chain cannot show that lines at the end were cut off: whoever keeps the last chain
    elsewhere can.

    Raises
    ------
    InputError
        For the first line that is damaged or does not follow from those before it.
    """
    path = root / FILE
    if not path.is_file():
        return ()
    entries: list[AuditEntry] = []
    previous = ""
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        data = _entry(line, number)
        if data[CHAIN] != chain_of_entry(previous, data):
            raise InputError(
                "does not follow from the lines before it", file=FILE, row=number,
                fix="This line or one before it was changed, moved or taken out: restore the log "
                "from a backup, and find out who did it",
            )  # fmt: skip
        previous = data[CHAIN]
        texts = {name: data[name] for name in _TEXTS}
        read, wrote = (tuple(data[name]) for name in _LISTS)
        entries.append(AuditEntry(**texts, chain=previous, read=read, wrote=wrote))
    return tuple(entries)


def _entry(line: bytes, number: int) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        data = None
    is_whole = (
        isinstance(data, dict)
        and all(isinstance(data.get(name), str) for name in (*_TEXTS, CHAIN))
        and all(
            isinstance(data.get(name), list) and all(isinstance(d, dict) for d in data[name])
            for name in _LISTS
        )
    )
    if not is_whole:
        raise InputError(
            "is no entry of the audit log", file=FILE, row=number,
            fix="Restore the log from a backup",
        )  # fmt: skip
    return dict(data)
