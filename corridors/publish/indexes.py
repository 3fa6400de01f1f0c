"""The two index pages, made anew from what stands on disk after every run."""

from __future__ import annotations

from pathlib import Path

from corridors import files
from corridors.publish.families.index import public_index
from corridors.publish.folders import INDEX_FILE
from corridors.publish.working_index import working_index


def write_indexes(root: Path) -> tuple[Path, ...]:
    """Write ``maps/working/index.html`` and, if anything was ever public, ``maps/public``'s.

    Each is made from the folders alone, under a lock that all wards share, so that the last of
    several runs lists what all of them wrote. If a run is killed before, the next one heals it.

    Returns
    -------
    The pages written.

    Raises
    ------
    StillLockedError
        If another run holds the lock too long.
    InputError
        If a link would lead out of the workspace.
    """
    maps = files.folder_inside(root, "maps")
    working = files.folder_inside(root, "maps", "working")
    public = files.folder_inside(root, "maps", "public")
    made = []
    with files.one_run(maps / ".index.lock"):
        if working.is_dir():
            made.append(_put(working / INDEX_FILE, working_index(maps), files.PRIVATE_FILE))
        if public.is_dir():
            made.append(_put(public / INDEX_FILE, public_index(public), files.PUBLIC_FILE))
    return tuple(made)


def _put(path: Path, page: str, mode: int) -> Path:
    files.remove_parts(path)
    files.write_text_atomically(path, page.encode("utf-8"), mode=mode)
    return path
