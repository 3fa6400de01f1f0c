"""The two index pages, made anew from what stands on disk after every run."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from corridors import files
from corridors.publish.families.index import public_index
from corridors.publish.working_index import working_index

INDEX_FILE: Final = "index.html"


def write_indexes(root: Path) -> None:
    """Write ``maps/working/index.html`` and, if anything was ever public, ``maps/public``'s.

    Each is made from the folders alone, under a lock that all wards share, so that the last of
    several runs lists what all of them wrote. If a run is killed before, the next one heals it.

    Raises
    ------
    InputError
        If a link would lead out of the workspace, or another run holds the lock too long.
    """
    maps = files.folder_inside(root, "maps")
    working = files.folder_inside(root, "maps", "working")
    public = files.folder_inside(root, "maps", "public")
    with files.one_run(maps / ".index.lock"):
        if working.is_dir():
            page = working_index(maps)
            _put(working / INDEX_FILE, page, files.PRIVATE_FILE)
        if public.is_dir():
            _put(public / INDEX_FILE, public_index(public), files.PUBLIC_FILE)


def _put(path: Path, page: str, mode: int) -> None:
    for part in path.parent.glob(f".{path.name}.part-*"):  # of a run that was killed
        part.unlink(missing_ok=True)
    files.write_text_atomically(path, page.encode("utf-8"), mode=mode)
