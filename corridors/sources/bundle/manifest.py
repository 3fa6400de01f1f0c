"""What a bundle says of itself: which files, of what kind, size and hash. Not who made it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from corridors.errors import InputError

NAME: Final = "manifest.json"
MARKING: Final = "OFFICIAL-SENSITIVE"
MOST_FILES: Final = 20_000
MOST_BYTES: Final = 20_000_000_000  # of all files together, unpacked
LARGEST_MANIFEST: Final = 20_000_000  # bytes
_FORMAT: Final = "corridors bundle"
_VERSION: Final = 1
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_KIND: Final = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Member:
    """One file of a bundle."""

    path: str  # within the workspace, with / between its parts
    kind: str  # "streets", "profile", "provenance", …
    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """All files of a bundle, in order of their paths, and the version that made it."""

    made_with: str
    members: tuple[Member, ...]

    def as_bytes(self) -> bytes:
        """The manifest as it is written."""
        data = {
            "format": _FORMAT,
            "format_version": _VERSION,
            "marking": MARKING,
            "corridors": self.made_with,
            "files": [asdict(member) for member in self.members],
        }
        return (json.dumps(data, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def read_manifest(content: bytes, *, file: str) -> Manifest:
    """A manifest from its bytes; whether the files are there and safe is not checked here.

    Raises
    ------
    InputError
        If it is no manifest, or of a format that this version does not know.
    """
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _damaged(file) from error
    if not isinstance(data, dict) or data.get("format") != _FORMAT:
        raise _damaged(file)
    if data.get("format_version") != _VERSION:
        raise InputError(
            "is a bundle of a format that is not known here", file=file,
            value=data.get("format_version"), fix="Install the version of corridors that made it",
        )  # fmt: skip
    made_with, listed = data.get("corridors"), data.get("files")
    if not isinstance(made_with, str) or not isinstance(listed, list):
        raise _damaged(file)
    return Manifest(made_with, tuple(_member(entry, file) for entry in listed))


def _member(entry: object, file: str) -> Member:
    if not isinstance(entry, Mapping) or set(entry) != {"path", "kind", "size", "sha256"}:
        raise _damaged(file)
    path, kind, size, sha256 = (entry[name] for name in ("path", "kind", "size", "sha256"))
    if not (_fits(_KIND, kind) and _fits(_SHA256, sha256) and isinstance(path, str)):
        raise _damaged(file)
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise _damaged(file)
    return Member(path, kind, size, sha256)


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _damaged(file: str) -> InputError:
    return InputError(
        f"is no bundle: its {NAME} is not as `corridors bundle make` writes it", file=file,
        fix="Make it again, and carry it over again",
    )  # fmt: skip
