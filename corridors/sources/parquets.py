"""Parquet files by pyarrow, which the extra ``corridors[parquet]`` brings: wanted columns only."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import geopandas as gpd

from corridors.errors import ColumnError, InputError
from corridors.sources.cells import MAX_ROWS, Columns, OpenTable, cell_text, too_many_rows

SUFFIXES: Final = (".parquet",)
MAX_UNPACKED_BYTES: Final = 4 << 30
_BATCH_ROWS: Final = 16_384


def is_parquet(path: Path) -> bool:
    """Whether the ending is that of a Parquet file."""
    return path.suffix.lower() in SUFFIXES


@contextmanager
def open_parquet(path: Path, file: str) -> Iterator[OpenTable]:
    """Open a Parquet file as a table; its first row counts as row 2, as in the CSV.

    Raises
    ------
    InputError
        If pyarrow is not installed, or the file is damaged or too large.
    """
    with _opened(path, file) as parquet:
        schema = parquet.schema_arrow
        header = tuple(str(name) for name in schema.names)
        is_nested = _pyarrow(file).types.is_nested

        def pick(wanted: tuple[int, ...]) -> Columns:
            for at in wanted:
                if is_nested(schema.types[at]):
                    raise _no_cell(file, header[at])
            return _pick(path, [header[at] for at in wanted], file)

        yield OpenTable(header, pick)


def read_shapes(path: Path, file: str) -> gpd.GeoDataFrame:
    """Read GeoParquet as it stands.

    Raises
    ------
    InputError
        As ``open_parquet``, and if it holds no shapes.
    """
    pyarrow = _pyarrow(file)
    with _opened(path, file) as parquet:
        if b"geo" not in (parquet.schema_arrow.metadata or {}):
            raise InputError(
                "holds no shapes, only a table", file=file, fix="Save it as GeoParquet"
            )
    try:
        return gpd.read_parquet(path)
    except _problems(pyarrow) as problem:
        raise _damaged(file) from problem


@contextmanager
def _opened(path: Path, file: str) -> Iterator[Any]:
    """The file, after its own account of its size."""
    pyarrow = _pyarrow(file)
    try:
        with pyarrow.parquet.ParquetFile(path, memory_map=False) as opened:
            _refuse_large(opened.metadata, file)
            yield opened
    except _problems(pyarrow) as problem:
        raise _damaged(file) from problem


def _refuse_large(metadata: Any, file: str) -> None:
    if metadata.num_rows > MAX_ROWS:
        raise too_many_rows(file)
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    if sum(group.total_byte_size for group in groups) > MAX_UNPACKED_BYTES:
        raise InputError(
            "unpacks to more than four gigabytes", file=file,
            fix="Export a smaller area or period",
        )  # fmt: skip


def _pick(path: Path, names: list[str], file: str) -> Columns:
    """Columns by name; text stays packed by value until each value was made text once."""
    pyarrow = _pyarrow(file)
    columns: list[list[str]] = [[] for _ in names]
    try:
        with pyarrow.parquet.ParquetFile(path, read_dictionary=names) as opened:
            for batch in opened.iter_batches(batch_size=_BATCH_ROWS, columns=names):
                for column, name in zip(columns, names, strict=True):
                    column.extend(_texts(pyarrow, batch.column(name), file, name))
    except _problems(pyarrow) as problem:
        raise _damaged(file) from problem
    return list(range(2, len(columns[0]) + 2)) if columns else [], columns


def _texts(pyarrow: ModuleType, values: Any, file: str, column: str) -> list[str]:
    try:
        packed = values if pyarrow.types.is_dictionary(values.type) else values.dictionary_encode()
        known = [cell_text(value) for value in packed.dictionary.to_pylist()]
    except (TypeError, OverflowError) as problem:
        raise _no_cell(file, column) from problem
    return ["" if at is None else known[at] for at in packed.indices.to_pylist()]


def _pyarrow(file: str) -> ModuleType:
    try:
        importlib.import_module("pyarrow.parquet")
        return importlib.import_module("pyarrow")
    except ImportError as problem:
        raise InputError(
            "is a Parquet file, and pyarrow is not installed", file=file,
            fix="Install corridors[parquet], or export it as CSV UTF-8",
        ) from problem  # fmt: skip


def _problems(pyarrow: ModuleType) -> tuple[type[Exception], ...]:
    return (pyarrow.ArrowException, OSError, KeyError, UnicodeDecodeError)


def _no_cell(file: str, column: str) -> ColumnError:
    return ColumnError(
        "is neither text, a number nor a date", file=file, column=column, fix="Export it as text"
    )


def _damaged(file: str) -> InputError:
    return InputError("cannot be read as Parquet", file=file, fix="Export it again")
