"""Tables as they come: found columns only, as text, with the row number that a person sees.

CSV is read here; workbooks, Parquet and databases by modules of their own, to the same text. Only
the columns that were asked for are kept; every other cell is let go as it is parsed, so that
names, free text and telephone numbers never enter a table (data protection by design, H6).
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import pandas as pd

from corridors import files
from corridors.errors import ColumnError, InputError, MissingFileError
from corridors.sources.cells import (
    MAX_ROWS,
    Columns,
    OpenTable,
    digest_of,
    split_part,
    too_many_rows,
)
from corridors.sources.database import Query, open_query
from corridors.sources.parquets import is_parquet, open_parquet
from corridors.sources.workbooks import is_workbook, open_sheet

_CHUNK: Final = 1 << 20
_UTF8: Final = "utf-8-sig"
_WINDOWS: Final = "cp1252"
# What a first glance at the bytes gives away, with the words that help.
_SIGNATURES: Final = (
    (
        b"PK\x03\x04",
        "is an Excel workbook or a zip file, not CSV",
        "Save it as CSV UTF-8; a workbook is read if its name ends in .xlsx",
    ),
    (b"PAR1", "is a Parquet file, not CSV", "Let its name end in .parquet"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook, not CSV", "Save it as CSV UTF-8"),
    (b"\x1f\x8b", "is compressed, not CSV", "Unpack it first"),
    (b"\xff\xfe", "is Unicode text (UTF-16), not UTF-8", "Save it as CSV UTF-8"),
    (b"\xfe\xff", "is Unicode text (UTF-16), not UTF-8", "Save it as CSV UTF-8"),
)


@dataclass(frozen=True)
class CsvTable:
    """The wanted cells of a table.

    ``cells`` holds stripped text, one column per own name found; its index ``row`` counts as a
    spreadsheet does (the header is row 1). ``headers`` gives each own name's header in the file.
    """

    file: str
    sha256: str
    encoding: str
    cells: pd.DataFrame
    headers: Mapping[str, str]


def normal(header: str) -> str:
    """Letters and digits of a header, in lower case, single-spaced."""
    return re.sub(r"[^a-z0-9]+", " ", header.casefold()).strip()


def printable(text: str, limit: int = 40) -> str:
    """A header or name from a file, fit for a message: one line, no control characters."""
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal; of the whole file, also where a sheet is named."""
    return files.sha256_of(split_part(path)[0])


def require_file(path: Path, file: str) -> None:
    """Raise unless ``path``, without any ``#part``, is a readable, non-empty file."""
    path = split_part(path)[0]
    try:
        if not path.exists():
            raise MissingFileError(
                "there is no such file", file=file, fix="Put it there, or correct corridors.toml"
            )
        if path.is_dir():
            raise InputError("is a folder, not a file", file=file, fix="Name the file itself")
        if path.stat().st_size == 0:
            raise InputError("is empty", file=file, fix="Export it again")
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"cannot be opened ({error})", file=file) from error


def read_header(path: Path | Query, *, file: str, may_be_windows: bool = False) -> tuple[str, ...]:
    """The header cells of a table, stripped."""
    with _open_table(path, file, may_be_windows) as (opened, _, _):
        return opened.header


def read_cells(
    path: Path | Query,
    *,
    file: str,
    aliases: Mapping[str, Sequence[str]],
    required: Collection[str] = (),
    may_be_windows: bool = False,
    may_be_empty: bool = False,
) -> CsvTable:
    """Read the columns in ``aliases`` and nothing else.

    Parameters
    ----------
    path : a CSV, .xlsx (``#Sheet name`` for another than the first), .parquet, or a query.
    file : what messages call it.
    aliases : own name -> headers that mean it, best first; spelling and case do not matter.
    required : own names that must be found.
    may_be_windows : accept Windows-1252, as government registers come; else UTF-8 only.
    may_be_empty : accept a file that holds a header only.

    Raises
    ------
    MissingFileError, InputError, ColumnError
        If it cannot be read as what its name says, or lacks a required column.
    """
    with _open_table(path, file, may_be_windows) as (opened, sha256, encoding):
        header = opened.header
        positions = _find(header, aliases, required, file)
        numbers, columns = opened.pick(tuple(positions.values()))
    if not numbers and not may_be_empty:
        raise InputError("has a header but no rows", file=file, fix="Fill it in or export it again")
    found = {name: header[position] for name, position in positions.items()}
    sha256 = sha256 or digest_of(tuple(found), columns)
    cells = pd.DataFrame(
        {
            name: pd.Series(column, dtype="str")
            for name, column in zip(positions, columns, strict=True)
        }
    )
    cells.index = pd.Index(numbers, dtype="int64", name="row")
    return CsvTable(file, sha256, encoding, cells, found)


@contextmanager
def _open_table(
    path: Path | Query, file: str, may_be_windows: bool
) -> Iterator[tuple[OpenTable, str, str]]:
    """A table, the hash of its file (empty for a query), and its encoding."""
    if isinstance(path, Query):
        with open_query(path, file) as opened:
            yield opened, "", _UTF8
    elif is_workbook(path) or is_parquet(path):
        require_file(path, file)
        sha256 = sha256_of(path)
        with (open_parquet if is_parquet(path) else open_sheet)(path, file) as opened:
            yield opened, sha256, _UTF8
    else:
        sha256, encoding = _look_through(path, file, may_be_windows)
        with _open_csv(path, file, encoding) as rows:
            header = _header(rows, file)
            yield (
                OpenTable(header, lambda wanted: _pick(rows, header, wanted, file)),
                sha256,
                encoding,
            )


def _look_through(path: Path, file: str, may_be_windows: bool) -> tuple[str, str]:
    """Hash the file, find its encoding and refuse what is not text at all."""
    require_file(path, file)
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = _UTF8
    line = 1
    try:
        with path.open("rb") as handle:
            first = handle.read(_CHUNK)
            _refuse_signature(first, file)
            chunk = first
            while chunk:
                digest.update(chunk)
                if b"\0" in chunk:
                    row = line + chunk[: chunk.index(b"\0")].count(b"\n")
                    raise InputError(
                        "holds a NUL byte, so it is not CSV text", file=file, row=row,
                        fix="Export it again as CSV UTF-8",
                    )  # fmt: skip
                following = handle.read(_CHUNK)
                if encoding == _UTF8 and not _is_utf8(decoder, chunk, final=not following):
                    encoding = _WINDOWS
                    if not may_be_windows:
                        raise InputError(
                            "is not UTF-8 text", file=file, row=_undecodable_row(path),
                            fix="In Excel, save it as `CSV UTF-8 (comma delimited)`",
                        )  # fmt: skip
                line += chunk.count(b"\n")
                chunk = following
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=file) from error
    return digest.hexdigest(), encoding


def _refuse_signature(first: bytes, file: str) -> None:
    for signature, problem, fix in _SIGNATURES:
        if first.startswith(signature):
            raise InputError(problem, file=file, fix=fix)


def _is_utf8(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> bool:
    try:
        decoder.decode(chunk, final=final)
    except UnicodeDecodeError:
        return False
    return True


def _undecodable_row(path: Path) -> int | None:
    with path.open("rb") as handle:
        for number, line in enumerate(handle, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return None


@contextmanager
def _open_csv(path: Path, file: str, encoding: str) -> Iterator[Iterator[list[str]]]:
    with path.open(encoding=encoding, newline="") as handle:
        rows = csv.reader(handle, strict=True)
        try:
            yield rows
        except csv.Error as error:
            raise InputError(
                f"breaks the rules of CSV ({error})", file=file, row=rows.line_num,
                fix="Look for a stray or missing double quote there, or export it again",
            ) from error  # fmt: skip
        except UnicodeDecodeError as error:
            raise InputError(
                "is neither UTF-8 nor Windows-1252 text", file=file, fix="Save it as CSV UTF-8"
            ) from error


def _header(rows: Iterator[list[str]], file: str) -> tuple[str, ...]:
    header = tuple(cell.strip() for cell in next(rows, []))
    if not any(header):
        raise InputError("has no header in row 1", file=file, fix="Begin with the column names")
    if len(header) == 1 and re.search(r"[;\t|]", header[0]):
        raise InputError(
            "has one column only; it seems to be separated by something other than commas",
            file=file, row=1, fix="Save it as comma-separated CSV",
        )  # fmt: skip
    return header


def _find(
    header: tuple[str, ...],
    aliases: Mapping[str, Sequence[str]],
    required: Collection[str],
    file: str,
) -> dict[str, int]:
    """Position of each own name whose header is there."""
    spelled = [normal(cell) for cell in header]
    found: dict[str, int] = {}
    for name, words in aliases.items():
        for word in map(normal, words):
            if spelled.count(word) > 1:
                raise ColumnError(
                    "stands twice in the header", file=file, row=1,
                    column=header[spelled.index(word)], fix="Remove or rename one",
                )  # fmt: skip
            if word in spelled:
                found[name] = spelled.index(word)
                break
    for name in required:
        if name not in found:
            raise ColumnError(
                "the column is missing", file=file, row=1, column=aliases[name][0],
                fix=_nearest_header(header, aliases[name][0]),
            )  # fmt: skip
    return found


def _nearest_header(header: tuple[str, ...], wanted: str) -> str:
    near = get_close_matches(normal(wanted), [normal(cell) for cell in header], n=1)
    if near:
        cell = next(cell for cell in header if normal(cell) == near[0])
        return f"Is it the column {printable(cell)!r}?"
    return "Add it to the header"


def _pick(
    rows: Iterator[list[str]], header: tuple[str, ...], wanted: tuple[int, ...], file: str
) -> Columns:
    """Row numbers and, by column, the wanted cells of all rows that hold anything."""
    width = len(header)
    numbers: list[int] = []
    columns: list[list[str]] = [[] for _ in wanted]
    keep = [(column.append, position) for column, position in zip(columns, wanted, strict=True)]
    for number, record in enumerate(rows, start=2):
        if not any(record):
            continue
        if len(record) != width and (len(record) < width or any(record[width:])):
            raise InputError(
                f"has {len(record)} cells where the header has {width}",
                file=file,
                row=number,
                fix="Quote cells that contain commas, or export it again",
            )
        if len(numbers) == MAX_ROWS:
            raise too_many_rows(file)
        numbers.append(number)
        for append, position in keep:
            append(record[position].strip())
    return numbers, columns
