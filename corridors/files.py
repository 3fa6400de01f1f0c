"""Writing without halves: a killed run leaves the old files or the new ones.

Every file is written whole into a temporary neighbour, flushed to the disk, and then put in place
by one rename. `one_run` keeps a second run out of the same folders meanwhile.
"""

from __future__ import annotations

import ctypes
import errno
import glob
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from corridors.errors import InputError

if sys.platform != "win32":
    import fcntl

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
PUBLIC_FILE: Final = 0o644
PUBLIC_FOLDER: Final = 0o755

_FULL: Final = "Make room on the disk, then run it again"
_BARRED: Final = "Check who may write there, or copy the workspace to where you may"
_FIXES: Final = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _BARRED,
    errno.EACCES: _BARRED,
    errno.EPERM: _BARRED,
}
_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2
_LOCK_WAIT_S: Final = 20.0  # a working map takes a few seconds
_LOCK_POLL_S: Final = 0.05
_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # some network disks


def folder_inside(root: Path, *parts: str) -> Path:
    """``root / parts`` if no link on the way leads elsewhere.

    Raises
    ------
    InputError
        If a part is a link or leaves ``root``, or if something else than a folder is in the way.
    """
    home = root.resolve()
    target = home.joinpath(*parts)
    if target.resolve() != target or not target.is_relative_to(home) or target == home:
        raise InputError(
            "the output folder is a link or lies outside the workspace",
            file="/".join(parts),
            fix="Remove the link; outputs are only written inside the workspace",
        )
    for place in (target, *target.parents):
        if place == home:
            break
        if place.exists() and not place.is_dir():
            raise InputError(
                "a file stands where an output folder has to be",
                file=place.relative_to(home).as_posix(),
                fix="Move it away",
            )
    return target


class StillLockedError(InputError):
    """Another run holds a lock for longer than is waited for."""


@contextmanager
def one_run(lock: Path, *, wait_s: float = _LOCK_WAIT_S, writes: str = "pages") -> Iterator[None]:
    """Hold the lock file ``lock`` (advisory), so that other runs wait or give up.

    The system lets go of the lock when a run ends or is killed; a file that is left over bars
    nobody. Where the system or the disk has no such locks, nothing is held.

    Parameters
    ----------
    writes : what the other run writes, for the message.

    Raises
    ------
    StillLockedError
        If another run still holds it after ``wait_s`` seconds.
    InputError
        If it is a link.
    """
    if sys.platform == "win32":
        yield
        return
    make_folders(lock.parent, is_private=True)
    descriptor = _locked(lock, time.monotonic() + wait_s, writes)
    try:
        yield
    finally:
        # Removed while held: a run that waits sees that its file is gone, and makes a new one.
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def write_text_atomically(path: Path, data: bytes, *, mode: int = PRIVATE_FILE) -> None:
    """Write one file, whole or not at all.

    Parameters
    ----------
    path : an existing one is replaced; its folder is made if need be.
    data : encoded text.
    mode : permissions of the file; only its owner may read it unless told otherwise.
    """
    with written_whole(path, mode=mode) as out:
        _fill(out.fileno(), data, path)


@contextmanager
def written_whole(path: Path, *, mode: int = PRIVATE_FILE) -> Iterator[BinaryIO]:
    """An empty file to fill and read back; at the end it takes the place of ``path`` in one step.

    If anything fails before, ``path`` stays as it was.

    Parameters
    ----------
    path, mode : as for ``write_text_atomically``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=_part_prefix(path), dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "w+b") as out, errors_name(path):
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.chmod(mode)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def remove_parts(path: Path) -> None:
    """Remove what killed runs of ``written_whole`` left beside ``path``; hold a lock meanwhile."""
    for stale in _parts(path):
        if not stale.is_dir():
            stale.unlink()


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A private folder to fill, which takes the place of ``target`` in one step at the end.

    ``target`` is not there yet, or empty. If anything fails before, it stays so. What runs that
    were killed left beside it is removed first.

    Raises
    ------
    InputError
        If another run fills it, or a link stands in the way.
    """
    make_folders(target.parent, is_private=True)
    with one_run(target.with_name(f".{target.name}.lock")):
        recover(target)
        staged = Path(tempfile.mkdtemp(prefix=_part_prefix(target), dir=target.parent))
        try:
            yield staged
            for folder in (staged, *filter(Path.is_dir, staged.rglob("*"))):
                _flush_folder(folder)
            if target.exists():
                target.rmdir()  # fails if it has been filled meanwhile
            staged.rename(target)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        _flush_folder(target.parent)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def words_of(error: OSError) -> str:
    """One line for an error of the disk that names its file: what went wrong, and what to do."""
    fix = _FIXES.get(error.errno or 0, "")
    return f"{error.filename}: {error.strerror}" + (f". {fix}" if fix else "")


@contextmanager
def errors_name(path: Path) -> Iterator[None]:
    """Let an error, such as a full disk, name the file that it is about."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def stage_folder(target: Path, files: Mapping[str, bytes], *, is_private: bool) -> Path:
    """Write ``files`` into a new folder beside ``target`` and return that folder.

    Leftovers of earlier runs that were killed are removed first.

    Parameters
    ----------
    files : contents by name, such as ``map_OS.html`` or ``routes/team_1_OS.gpx``. Names are ours,
        never a file's.
    """
    make_folders(target.parent, is_private=is_private)
    recover(target)
    staged = Path(tempfile.mkdtemp(prefix=_part_prefix(target), dir=target.parent))
    try:
        for name, data in sorted(files.items()):
            place = staged / name
            make_folders(place.parent, is_private=is_private)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(place, flags, PRIVATE_FILE), "wb") as out:
                _fill(out.fileno(), data, target / name)
            place.chmod(PRIVATE_FILE if is_private else PUBLIC_FILE)
        staged.chmod(PRIVATE_FOLDER if is_private else PUBLIC_FOLDER)
        for folder in (staged, *filter(Path.is_dir, staged.rglob("*"))):
            _flush_folder(folder)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return staged


def put_in_place(staged: Path, target: Path) -> None:
    """Make ``staged`` the folder ``target``; what stood there before is removed.

    On Linux the two change places in one step. Elsewhere it takes two renames: if the second
    fails the first is undone, and after a kill between them `recover` undoes it in the next run.
    """
    if not target.exists():
        staged.rename(target)
    elif _exchange(staged, target):
        shutil.rmtree(staged)
    else:
        old = target.with_name(f".{target.name}.old")
        target.rename(old)
        try:
            staged.rename(target)
        except BaseException:
            old.rename(target)
            raise
        shutil.rmtree(old)
    _flush_folder(target.parent)


def replace_folder(
    target: Path, files: Mapping[str, bytes], lock: Path, *, is_private: bool
) -> None:
    """Make ``target`` a folder of just these ``files``, in one step: all of them or none.

    Parameters
    ----------
    files : as for ``stage_folder``. lock : held meanwhile, so that runs do not meet.
    """
    with one_run(lock):
        staged = stage_folder(target, files, is_private=is_private)
        try:
            put_in_place(staged, target)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise


def take_away(target: Path) -> None:
    """Remove the folder ``target``, if it is there, in one step."""
    if not target.parent.is_dir():
        return
    recover(target)
    if target.exists():
        gone = Path(tempfile.mkdtemp(prefix=_part_prefix(target), dir=target.parent))
        target.rename(gone / "old")
        _flush_folder(target.parent)
        shutil.rmtree(gone)


def recover(target: Path) -> None:
    """Finish or undo what a killed run left beside ``target``."""
    old = target.with_name(f".{target.name}.old")
    if old.is_dir():
        if target.exists():
            shutil.rmtree(old)
        else:
            old.rename(target)
    for stale in _parts(target):
        if not stale.is_symlink():
            shutil.rmtree(stale)


def sweep(folder: Path) -> int:
    """Remove what killed runs left half-written in ``folder``; returns how many went.

    No other run may be writing there meanwhile.
    """
    stale = [path for path in sorted(folder.glob(".*.part-*")) if not path.is_symlink()]
    for path in stale:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return len(stale)


def make_folders(folder: Path, *, is_private: bool) -> None:
    """Make ``folder`` and its missing parents; private ones can be entered by their owner only."""
    if folder.is_dir():
        return
    make_folders(folder.parent, is_private=is_private)
    folder.mkdir(exist_ok=True)
    folder.chmod(PRIVATE_FOLDER if is_private else PUBLIC_FOLDER)


def _locked(lock: Path, until_s: float, writes: str) -> int:
    """Descriptor of ``lock`` once this run holds it; ``until_s`` is of the monotonic clock."""
    while True:
        if lock.is_symlink():
            raise InputError("a link stands where a lock file has to be", file=lock.name)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(lock, flags, PRIVATE_FILE)
        if _take(descriptor) and _is_still(lock, descriptor):
            return descriptor
        os.close(descriptor)
        if time.monotonic() >= until_s:
            raise StillLockedError(f"another run is writing the same {writes}; try again")
        time.sleep(_LOCK_POLL_S)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            os.close(descriptor)
            raise
    return True


def _is_still(lock: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(lock.stat(follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _part_prefix(target: Path) -> str:
    return f".{target.name}.part-"


def _parts(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{glob.escape(_part_prefix(path))}*"))


def _fill(descriptor: int, data: bytes, path: Path) -> None:
    """Write all of ``data``; an error names ``path``, which it is for."""
    view = memoryview(data)
    with errors_name(path):
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    # Windows cannot open a folder to flush it.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system cannot."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    args = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(rename(*args) == 0)
