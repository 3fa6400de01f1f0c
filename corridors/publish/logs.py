"""Logs and records that only grow: rows are added, and what stands there stays byte for byte.

A new row is written with the old ones into a file beside, which then takes the old one's place in
one step: a run that is killed leaves the old file. A lock keeps two runs apart.
"""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from corridors import files
from corridors.chain import CHAIN, Chained, chain_of_entry, chained
from corridors.errors import ColumnError, InputError
from corridors.publish.cells import FORMULA

LONGEST: Final = 200
_BOM: Final = b"\xef\xbb\xbf"


def plain_cell(
    text: str, option: str, fix: str = "Type it again in plain words", *, longest: int = LONGEST
) -> str:
    """One line for a record that people open in a spreadsheet, single-spaced.

    Raises
    ------
    InputError
        If it is empty, too long, of several lines, holds what cannot be printed, or begins as a
        formula does (CWE-1236).
    """
    line = " ".join(text.split(" ")).strip()
    problem = ""
    if not line:
        problem = "is empty"
    elif len(line) > longest:
        problem = f"is longer than {longest} characters"
    elif not line.isprintable():
        problem = "holds a line break or a character that cannot be printed"
    elif line.startswith(FORMULA):
        problem = "begins as a formula does"
    if problem:
        raise InputError(problem, column=option, value=text, fix=fix)
    return re.sub(r" +", " ", line)


def held(path: Path) -> AbstractContextManager[None]:
    """Hold a record file, so that another run waits before it reads and adds to it."""
    real = path.resolve()
    return files.one_run(real.with_name(f".{real.name}.lock"))


def append_rows(
    path: Path, file: str, columns: Sequence[str], rows: Iterable[Mapping[str, str]]
) -> None:
    """Add rows to a CSV record, which is made if it is not there. Hold it first (``held``).

    Parameters
    ----------
    path, file : where it is, and what messages call it. A link is followed, not replaced.
    columns : of a new file. An old one keeps its own order and its other columns.
    rows : cells by column, cleaned already (``plain_cell``).

    Raises
    ------
    InputError
        If the file is not UTF-8 CSV, or lacks a column.
    """
    if path.suffix.lower() != ".csv":
        raise InputError("rows are added to CSV only", file=file, fix="Save it as CSV UTF-8")
    real = path.resolve()
    old = real.read_bytes() if real.is_file() else b""
    if not old.removeprefix(_BOM).strip():
        old = _BOM + _encoded([list(columns)], "\n")
    text = _decoded(old, file)
    end = "\r\n" if "\r\n" in text.partition("\n")[0] + "\n" else "\n"
    order = _order(text, file, columns)
    new = _encoded([[row.get(name, "") for name in order] for row in rows], end)
    gap = b"" if old.endswith((b"\n", b"\r")) else end.encode()
    mode = stat.S_IMODE(real.stat().st_mode) if real.is_file() else files.PRIVATE_FILE
    files.write_text_atomically(real, old + gap + new, mode=mode)


def append_chained_rows(
    path: Path, file: str, columns: Sequence[str], rows: Iterable[Chained], last: str
) -> None:
    """Add rows to a CSV record whose rows are chained; otherwise as ``append_rows``.

    Parameters
    ----------
    columns : in the order of ``Chained.cells``, then the chain.
    last : chain of the file's last row, as its reader found it while the file is held.
    """
    cells = (dict(zip(columns, row, strict=True)) for row in chained(rows, last))
    append_rows(path, file, columns, cells)


def append_lines(root: Path, file: str, entries: Iterable[Mapping[str, Any]]) -> None:
    """Add entries to a log of JSON lines in the workspace; only its owner may read it.

    Raises
    ------
    InputError
        If a link leads elsewhere, or another run holds the log.
    """
    _append(root, file, lambda _: entries)


def append_chained(root: Path, file: str, entry: Mapping[str, Any]) -> None:
    """Add an entry to a log of JSON lines whose entries are chained (``chain.chain_of_entry``).

    Raises
    ------
    InputError
        As ``append_lines``; also if the log's last line is damaged, so that nothing can follow it.
    """
    _append(
        root, file, lambda old: [{**entry, CHAIN: chain_of_entry(_last_chain(old, file), entry)}]
    )


def _last_chain(old: bytes, file: str) -> str:
    """Chain of the last line of a log; empty if it has none yet."""
    lines = old.splitlines()
    if not lines:
        return ""
    try:
        chain = json.loads(lines[-1])[CHAIN]
        if isinstance(chain, str):
            return chain
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise InputError(
        "the last line is damaged, so nothing can be added after it", file=file, row=len(lines),
        fix="Restore the log from a backup, or move it away: what happened then shows",
    )  # fmt: skip


def _append(root: Path, file: str, make: Callable[[bytes], Iterable[Mapping[str, Any]]]) -> None:
    """Add what ``make`` gives for the log's old bytes, while the log is held."""
    folder, _, name = file.rpartition("/")
    files.make_folders(files.folder_inside(root, folder), is_private=True)
    path = files.folder_inside(root, folder) / name
    if path.is_symlink():
        raise InputError("a link stands where a log has to be", file=file, fix="Remove the link")
    with held(path):
        old = path.read_bytes() if path.is_file() else b""
        if old and not old.endswith(b"\n"):
            old += b"\n"
        new = "".join(json.dumps(e, sort_keys=True, ensure_ascii=True) + "\n" for e in make(old))
        files.write_text_atomically(path, old + new.encode("ascii"))


def csv_rows(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A CSV file of rows, cleaned already, for a spreadsheet; cells that a row lacks are empty."""
    cells = [[row.get(name, "") for name in columns] for row in rows]
    return _BOM + _encoded([list(columns), *cells], "\n")


def _decoded(data: bytes, file: str) -> str:
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            "is not UTF-8 text", file=file, fix="In Excel, save it as `CSV UTF-8`"
        ) from error


def _order(text: str, file: str, columns: Sequence[str]) -> list[str]:
    """The file's own columns by our names; others as they are."""
    header = next(csv.reader(io.StringIO(text, newline="")), [])
    spelled = [re.sub(r"[^a-z0-9]+", "_", cell.casefold()).strip("_") for cell in header]
    for name in columns:
        if spelled.count(name) != 1:
            raise ColumnError(
                "the column is missing or stands twice", file=file, row=1, column=name,
                fix=f"The header has to hold {','.join(columns)}",
            )  # fmt: skip
    return spelled


def _encoded(rows: Iterable[Sequence[str]], end: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue().encode("utf-8")
