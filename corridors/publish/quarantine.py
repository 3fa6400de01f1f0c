"""Which rows were left out and why, for those who mend the file; never what stands in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from corridors import files
from corridors.errors import InputError
from corridors.publish.cells import safe_cell

FILE: Final = "log/quarantine_OS.csv"
MOST: Final = 10_000  # rows listed; a file with more is wrong as a whole
_COLUMNS: Final = ("file", "row", "reason")


def write_quarantine(root: Path, dropped: Iterable[tuple[str, int, str]]) -> Path | None:
    """Write the rows that this run left out in place of those of the run before.

    Parameters
    ----------
    dropped : file, row as a spreadsheet counts (the header is row 1), and reason of each.

    Returns
    -------
    The file; None if no row was left out, and then there is none.

    Raises
    ------
    InputError
        If a link leads out of the workspace.
    """
    folder, _, name = FILE.rpartition("/")
    path = files.folder_inside(root, folder) / name
    if path.is_symlink():
        raise InputError("a link stands where a file has to be", file=FILE, fix="Remove the link")
    rows = sorted((_name(file), row, reason) for file, row, reason in dropped)
    if not rows:
        path.unlink(missing_ok=True)
        return None
    files.make_folders(path.parent, is_private=True)
    files.write_text_atomically(path, _encoded(rows))
    return path


def _name(file: str) -> str:
    """The file without its folders: where a machine keeps it is nobody's."""
    return file.replace("\\", "/").rsplit("/", 1)[-1]


def _encoded(rows: list[tuple[str, int, str]]) -> bytes:
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(_COLUMNS)
    out.writerows((safe_cell(file), row, safe_cell(reason)) for file, row, reason in rows[:MOST])
    if len(rows) > MOST:
        out.writerow(("", "", f"{len(rows) - MOST} more rows"))
    return text.getvalue().encode("utf-8-sig")
