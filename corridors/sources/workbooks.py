"""Excel workbooks (.xlsx, .xlsm) by python-calamine [1]_: cells only, no macros and no links.

calamine unpacks in memory and lays a sheet out as a full rectangle. So the zip is read through
first, piece by piece: it must be as large as it says, and no cell may lie far out.

References
----------
.. [1] https://github.com/dimastbk/python-calamine
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import python_calamine as calamine

from corridors.errors import ColumnError, InputError
from corridors.sources.cells import Columns, OpenTable, cell_text, split_part

SUFFIXES: Final = (".xlsx", ".xlsm")
MAX_UNPACKED_BYTES: Final = 1 << 30
MAX_CELLS: Final = 30_000_000
_CHUNK: Final = 1 << 20
_LAP: Final = 64  # bytes kept of the chunk before: a reference may lie across the edge
_OLE: Final = b"\xd0\xcf\x11\xe0"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
# Only references beyond column Z or row 99,999 are looked at: the others cannot make it large.
_FAR_COLUMN: Final = re.compile(rb"\sr\s*=\s*[\"']\$?([A-Za-z]{2,9})")
_FAR_ROW: Final = re.compile(rb"\sr\s*=\s*[\"']\$?[A-Za-z]*\$?([0-9]{6,20})")


@dataclass
class _Extent:
    columns: set[bytes] = field(default_factory=set)
    rows: set[bytes] = field(default_factory=set)

    def cells(self) -> int:
        """At most so many cells does the sheet's rectangle have."""
        return max(map(_column, self.columns), default=26) * max(
            map(int, self.rows), default=99_999
        )


def is_workbook(path: Path) -> bool:
    """Whether the ending is that of a workbook, with or without ``#Sheet``."""
    return split_part(path)[0].suffix.lower() in SUFFIXES


@contextmanager
def open_sheet(path: Path, file: str) -> Iterator[OpenTable]:
    """Open the first sheet that shows, or that of ``path#Sheet name``; its header is row 1.

    Raises
    ------
    InputError
        If it is locked, damaged, of an older kind, too large, or lacks the sheet or a header.
    """
    book, name = split_part(path)
    _refuse_others(book, file)
    _look_through(book, file)
    sheet = _calamine(lambda: _sheet(book, name, file), file)
    rows = _rows(sheet, file)
    header = tuple(_text(cell, file, 1, "") for cell in next(rows, ()))
    _refuse_title(sheet, header, file)
    yield OpenTable(header, lambda wanted: _pick(rows, header, wanted, file))


def _refuse_others(path: Path, file: str) -> None:
    content = path.read_bytes() if _begins(path, _OLE) else b""
    if _LOCKED in content:
        raise InputError(
            "is locked with a password", file=file, fix="Save it without one, or as CSV UTF-8"
        )
    if content:
        raise InputError("is an old Excel workbook (.xls)", file=file, fix="Save it as .xlsx")


def _begins(path: Path, signature: bytes) -> bool:
    with path.open("rb") as handle:
        return handle.read(len(signature)) == signature


def _look_through(path: Path, file: str) -> None:
    """Refuse a zip that is damaged, larger than it says, or has a cell far out."""
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
            if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
                raise _too_large("unpacks to more than a gigabyte", file)
            if any(member.flag_bits & 1 for member in members):
                raise InputError("is locked with a password", file=file, fix="Save it without one")
            for member in members:
                extent = _Extent()
                with packed.open(member) as handle:  # reads the declared size, then checks the sum
                    _measure(handle.read, extent)
                if extent.cells() > MAX_CELLS:
                    raise _too_large("has a sheet of too many rows and columns", file)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as problem:
        raise _damaged(file) from problem


def _measure(read: Callable[[int], bytes], extent: _Extent) -> None:
    before = b""
    while chunk := read(_CHUNK):
        window = before + chunk
        extent.columns.update(_FAR_COLUMN.findall(window))
        extent.rows.update(_FAR_ROW.findall(window))
        before = chunk[-_LAP:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _sheet(path: Path, name: str, file: str) -> Any:
    book = calamine.CalamineWorkbook.from_path(path)
    sheets = [s for s in book.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
    if name and name not in [sheet.name for sheet in sheets]:
        raise InputError(
            "has no such sheet", file=file, value=name,
            fix=f"It has: {', '.join(sheet.name for sheet in sheets[:8])}",
        )  # fmt: skip
    shown = [s for s in sheets if s.visible == calamine.SheetVisibleEnum.Visible]
    if not shown and not name:
        raise InputError("has no sheet that shows", file=file, fix="Export it again")
    return book.get_sheet_by_name(name or shown[0].name)


def _calamine(work: Callable[[], Any], file: str) -> Any:
    """``work``, with whatever calamine raises turned into one clear error."""
    try:
        return work()
    except InputError:
        raise
    except calamine.PasswordError as problem:
        raise InputError("is locked with a password", file=file, fix="Save it without one") from (
            problem
        )
    except BaseException as problem:
        # A panic in Rust is no Exception: it derives from BaseException alone.
        if isinstance(problem, Exception) or type(problem).__name__ == "PanicException":
            raise _damaged(file) from problem
        raise


def _rows(sheet: Any, file: str) -> Iterator[Sequence[object]]:
    cells = _calamine(sheet.iter_rows, file)
    while True:
        row = _calamine(lambda: next(cells, None), file)
        if row is None:
            return
        yield row


def _refuse_title(sheet: Any, header: tuple[str, ...], file: str) -> None:
    merged = [end for start, end in sheet.merged_cell_ranges or () if start[0] == 0 != end[1]]
    filled = [cell for cell in header if cell]
    alone = len(filled) == 1 and (sheet.width > 1 or bool(merged))
    if alone or (merged and len(filled) < len(header)):
        below = max((end[0] for end in merged), default=0) + 2
        raise InputError(
            "row 1 is a title above the table, not its column names", file=file, row=1,
            fix=f"Delete the rows above the column names (they may stand in row {below})",
        )  # fmt: skip
    if not filled:
        raise InputError("has no header in row 1", file=file, fix="Begin with the column names")


def _pick(
    rows: Iterator[Sequence[object]], header: tuple[str, ...], wanted: tuple[int, ...], file: str
) -> Columns:
    numbers: list[int] = []
    columns: list[list[str]] = [[] for _ in wanted]
    keep = [(column.append, at) for column, at in zip(columns, wanted, strict=True)]
    for number, row in enumerate(rows, start=2):
        if any(cell not in ("", None) for cell in row):
            numbers.append(number)
            for append, at in keep:
                cell = row[at]
                append(cell.strip() if type(cell) is str else _text(cell, file, number, header[at]))
    return numbers, columns


def _text(cell: object, file: str, row: int, column: str) -> str:
    try:
        return cell_text(cell)
    except (TypeError, OverflowError) as problem:
        raise ColumnError(
            "is neither text, a number nor a date", file=file, row=row, column=column
        ) from problem


def _damaged(file: str) -> InputError:
    return InputError(
        "cannot be read as an Excel workbook", file=file, fix="Save it again as .xlsx"
    )


def _too_large(problem: str, file: str) -> InputError:
    return InputError(
        problem, file=file, fix="Delete what lies beside and below the table, or export it as CSV"
    )
