"""`corridors bundle open`: the whole workspace, or nothing."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corridors.errors import InputError
from corridors.files import PRIVATE_FILE, errors_name, make_folders, new_folder
from corridors.sources.bundle.archive import checked_archive, chunks, sha256_of_open
from corridors.sources.bundle.contents import Contents, contents_of
from corridors.sources.bundle.manifest import Manifest, Member
from corridors.sources.csvs import require_file
from corridors.sources.workspace import FILE_NAME

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL


@dataclass(frozen=True)
class OpenedBundle:
    """A bundle that was unpacked."""

    sha256: str  # of the bundle
    manifest: Manifest


def open_bundle(path: Path, target: Path) -> OpenedBundle:
    """Unpack a bundle into a folder that is not there yet, or empty.

    It is unpacked beside ``target``, checked to the last byte, and takes its place in one step.

    Parameters
    ----------
    path : the bundle.
    target : the folder, which becomes a workspace that only its owner may read.

    Raises
    ------
    InputError
        If the folder is in use; if the bundle is damaged, unsafe, or not what its manifest says;
        if its corridors.toml is wrong or reads other files than the bundle holds.
    """
    file = path.name
    require_file(path, file)
    _require_free(target)
    with path.open("rb") as handle:
        sha256 = sha256_of_open(handle)
        with checked_archive(handle, file=file) as (archive, manifest), new_folder(target) as home:
            for member in manifest.members:
                _unpack(archive, member, home, file)
            _require_same(contents_of(home, with_plans=True), manifest)
    return OpenedBundle(sha256, manifest)


def _require_free(target: Path) -> None:
    problem = ""
    if target.is_symlink():
        problem = "is a link"
    elif target.exists() and not target.is_dir():
        problem = "is a file"
    elif target.exists() and any(target.iterdir()):
        problem = "is not empty"
    if problem:
        raise InputError(problem, file=str(target), fix="Name a folder that is not there yet")


def _require_same(found: Contents, manifest: Manifest) -> None:
    """Raise unless the workspace reads just the files that were in the bundle."""
    odd = sorted(found.places ^ {member.path for member in manifest.members})
    if found.carried or odd:
        raise InputError(
            "reads other files than the bundle holds", file=FILE_NAME, value=next(iter(odd), None),
            fix="Do not use this bundle: `corridors bundle make` does not write such",
        )  # fmt: skip


def _unpack(archive: zipfile.ZipFile, member: Member, home: Path, file: str) -> None:
    place = home / member.path
    make_folders(place.parent, is_private=True)
    with os.fdopen(os.open(place, _NEW, PRIVATE_FILE), "wb") as out:
        for chunk in chunks(archive, member, file=file):
            with errors_name(place):
                out.write(chunk)
        with errors_name(place):
            out.flush()
            os.fsync(out.fileno())
