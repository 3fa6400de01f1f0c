"""`corridors bundle make`: a plain zip; the same inputs give the same bytes."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from corridors import __version__
from corridors.errors import InputError
from corridors.files import PRIVATE_FILE, one_run, remove_parts, written_whole
from corridors.sources.bundle.archive import checked_archive, chunks, sha256_of_open
from corridors.sources.bundle.contents import Contents, contents_of
from corridors.sources.bundle.manifest import MARKING, NAME, Manifest, Member
from corridors.sources.workspace import FILE_NAME

ENDING: Final = "_OS.zip"
_LEVEL: Final = 6
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class MadeBundle:
    """A bundle that was written."""

    sha256: str
    size: int  # bytes
    manifest: Manifest
    carried: tuple[str, ...]  # files from outside the workspace, as the copy names them


def make_bundle(root: Path, target: Path, *, with_plans: bool = False) -> MadeBundle:
    """Write a workspace's inputs into one file, and read it back.

    Parameters
    ----------
    root : the workspace.
    target : the file, which ends in ``_OS.zip``; one that is there is replaced in one step.
    with_plans : also carry the plans that were written, for the rosters in them.

    Raises
    ------
    InputError
        If an input is missing or may not be carried, or ``target`` has another ending.
    """
    if not target.name.endswith(ENDING) or target.name == ENDING:
        raise InputError(
            "has not the name of a bundle", file=target.name,
            fix=f"It is {MARKING}: let its name end in {ENDING}",
        )  # fmt: skip
    found = contents_of(root, with_plans=with_plans)
    _require_same_in_copy(found, with_plans=with_plans)
    with one_run(target.with_name(f".{target.name}.lock")):
        remove_parts(target)
        with written_whole(target) as out:
            _fill(out, found)
            out.seek(0)
            with checked_archive(out, file=target.name) as (archive, manifest):
                for member in manifest.members:
                    for _ in chunks(archive, member, file=target.name):
                        pass  # reading checks sizes and hashes
            return MadeBundle(sha256_of_open(out), out.tell(), manifest, found.carried)


def _require_same_in_copy(found: Contents, *, with_plans: bool) -> None:
    """Raise unless the copy's corridors.toml finds just the files that are carried."""
    with TemporaryDirectory() as folder:
        copy = Path(folder).resolve()
        for source in found.sources:
            place = copy / source.place
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(source.path.read_bytes() if source.kind == "profile" else b"")
        (copy / FILE_NAME).write_bytes(found.config)
        odd = sorted(contents_of(copy, with_plans=with_plans).reads ^ found.reads)
    if odd:
        raise InputError(
            "would not find the same files in the copy", file=FILE_NAME, value=odd[0][1],
            fix="Write patterns that find the workspace's own files only",
        )  # fmt: skip


def _fill(out: BinaryIO, found: Contents) -> None:
    """All files in order of their places, and the manifest behind them."""
    members: list[Member] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        archive.comment = MARKING.encode("ascii")
        by_place = {source.place: source for source in found.sources}
        for place in sorted(found.places):
            source = by_place.get(place)
            if source is None:
                members.append(_add(archive, place, "workspace", iter([found.config])))
            else:
                members.append(_add(archive, place, source.kind, _read(source.path)))
        made = Manifest(__version__, tuple(members))
        _add(archive, NAME, "manifest", iter([made.as_bytes()]))


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk


def _add(archive: zipfile.ZipFile, place: str, kind: str, content: Iterator[bytes]) -> Member:
    """Write one file; its hash is of the bytes that were written."""
    entry = zipfile.ZipInfo(place, _EPOCH)
    entry.create_system = _UNIX
    entry.external_attr = (stat.S_IFREG | PRIVATE_FILE) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    digest, size = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as out:
        for chunk in content:
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    return Member(place, kind, size, digest.hexdigest())
