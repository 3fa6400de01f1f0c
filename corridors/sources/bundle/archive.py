"""A zip file from elsewhere, trusted in nothing: all is checked before a byte is put anywhere."""

from __future__ import annotations

import hashlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from corridors.errors import InputError
from corridors.sources.bundle.manifest import (
    LARGEST_MANIFEST,
    MARKING,
    MOST_BYTES,
    MOST_FILES,
    NAME,
    Manifest,
    Member,
    read_manifest,
)
from corridors.sources.bundle.names import first_clash, name_problem
from corridors.sources.workspace import FILE_NAME

_CHUNK: Final = 1 << 20
_MOST_TIMES: Final = 200  # that files may be as large as the bundle that holds them
_SMALL: Final = 50_000_000  # bytes that need no such limit
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 0x1
_PLAIN: Final = (0, stat.S_IFREG)
_AGAIN: Final = "Carry it over again, and compare the SHA-256"
# What zipfile raises for files that are damaged or made to harm; NotImplementedError is
# a RuntimeError.
_BROKEN: Final = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, OSError,
    RuntimeError, ValueError, OverflowError, IndexError, KeyError,
)  # fmt: skip


@contextmanager
def checked_archive(handle: BinaryIO, *, file: str) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The archive and its manifest, once all but the files' own bytes is known to be right.

    Parameters
    ----------
    handle : open for reading, at its start.
    file : what messages call it.

    Raises
    ------
    InputError
        If it is no zip file, or damaged; if a name could lead out of a folder, is not fit for
        every system, is there twice or clashes with another; for a link, a folder, a password, a
        way of packing that is not deflate; if it is too large, or grows too much; if files and
        manifest do not agree.
    """
    size = handle.seek(0, 2)
    handle.seek(0)
    try:
        archive = zipfile.ZipFile(handle)
    except _BROKEN as error:
        raise _damaged(file, "is no zip file, or a damaged one") from error
    with archive:
        if archive.comment != MARKING.encode("ascii"):
            raise _damaged(file, f"is no bundle: it is not marked {MARKING} at its end")
        entries = archive.infolist()
        _require_bounds(entries, size, file)
        for entry in entries:
            _require_plain(entry, file)
        clash = first_clash(entry.filename for entry in entries)
        if clash:
            raise _wrong(file, clash, "there twice, or clashes with another name")
        manifest = read_manifest(_manifest_bytes(archive, entries, file), file=file)
        _require_agreement(entries, manifest, file)
        yield archive, manifest


def chunks(archive: zipfile.ZipFile, member: Member, *, file: str) -> Iterator[bytes]:
    """The bytes of one file; its size and hash are checked as they are read.

    Raises
    ------
    InputError
        At the latest with the last byte, if they are not those of the manifest.
    """
    digest, left = hashlib.sha256(), member.size
    try:
        with archive.open(member.path) as content:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
                left -= len(chunk)
                if left < 0:
                    break
                yield chunk
    except _BROKEN as error:
        raise _wrong(file, member.path, "damaged") from error
    if left or digest.hexdigest() != member.sha256:
        raise _wrong(file, member.path, "not what the manifest says: size or SHA-256 differ")


def sha256_of_open(handle: BinaryIO) -> str:
    """SHA-256 of an open file, which is then at its end."""
    handle.seek(0)
    return hashlib.file_digest(handle, "sha256").hexdigest()  # type: ignore[arg-type]


def _require_bounds(entries: list[zipfile.ZipInfo], size: int, file: str) -> None:
    if len(entries) > MOST_FILES:
        raise _damaged(file, f"holds more than {MOST_FILES:,} files")
    total = sum(entry.file_size for entry in entries)
    if total > MOST_BYTES or total > max(_SMALL, _MOST_TIMES * size):
        raise _damaged(
            file, f"would grow from {size:,} to {total:,} bytes, which is more than is safe"
        )


def _require_plain(entry: zipfile.ZipInfo, file: str) -> None:
    name = entry.orig_filename
    problem = name_problem(name)
    if problem:
        raise _wrong(file, name, f"refused: {problem}")
    if entry.filename != name:
        raise _wrong(file, name, "refused: its name changes as it is read")
    if stat.S_IFMT(entry.external_attr >> 16) not in _PLAIN:
        raise _wrong(file, name, "refused: it is a link, or no plain file")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        raise _wrong(file, name, "refused: it is packed in a way that a bundle is not")


def _manifest_bytes(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], file: str) -> bytes:
    sizes = {entry.filename: entry.file_size for entry in entries}
    if NAME not in sizes:
        raise _damaged(file, f"is no bundle: it holds no {NAME}")
    if sizes[NAME] > LARGEST_MANIFEST:
        raise _damaged(file, f"is no bundle: its {NAME} is too large")
    try:
        return archive.read(NAME)
    except _BROKEN as error:
        raise _wrong(file, NAME, "damaged") from error


def _require_agreement(entries: list[zipfile.ZipInfo], manifest: Manifest, file: str) -> None:
    sizes = {entry.filename: entry.file_size for entry in entries if entry.filename != NAME}
    listed = {member.path: member.size for member in manifest.members}
    if len(listed) != len(manifest.members) or NAME in listed:
        raise _damaged(file, f"is no bundle: its {NAME} names a file twice, or itself")
    for place in sorted(set(listed) - set(sizes)):
        raise _wrong(file, place, f"missing, though {NAME} names it")
    for place in sorted(set(sizes) - set(listed)):
        raise _wrong(file, place, f"there, though {NAME} does not name it")
    for place in sorted(listed):
        if listed[place] != sizes[place]:
            raise _wrong(file, place, f"not of the size that {NAME} says")
    if FILE_NAME not in listed:
        raise _damaged(file, f"holds no {FILE_NAME}")


def _wrong(file: str, place: str, problem: str) -> InputError:
    return InputError(f"a file in it is {problem}", file=file, value=place, fix=_AGAIN)


def _damaged(file: str, problem: str) -> InputError:
    return InputError(problem, file=file, fix=_AGAIN)
