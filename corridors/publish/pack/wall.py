"""What a pack has to be before a byte of it is made."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from corridors.errors import InputError
from corridors.labels import QUARTER
from corridors.model import (
    PublicChart,
    PublicColumn,
    PublicMark,
    PublicPack,
    PublicProgramme,
    PublicRecord,
    PublicTable,
    TransparencyField,
)
from corridors.publish.pack.figures import as_printed, figures

TABLE_KINDS: Final = ("impact", "harm", "fairness", "process", "activity")
COLUMN_KINDS: Final = ("text", "count", "figure", "date")
CHART_KINDS: Final = ("bars", "intervals")
_FILE_KEY: Final = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_COLUMN_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
# Windows takes these names for devices, whatever their ending.
_DEVICES: Final = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")


def rows_of(pack: PublicPack) -> tuple[PublicTable | PublicRecord, ...]:
    """All that becomes a CSV: tables, then records."""
    return (*pack.tables, *pack.records)


def check_pack(pack: PublicPack) -> None:
    """Nothing if files may be made from ``pack``.

    Raises
    ------
    TypeError
        If it is not exactly a ``PublicPack``, made of public parts only.
    InputError
        If its quarter, or the key of a table or record, may not name a file.
    ValueError
        If a table is not whole; if a chart says what its table does not; if "safer" stands
        without "less safe" (G7), or a ratio without the share not recorded (G8).
    """
    _only_public(pack)
    if not QUARTER.fullmatch(pack.quarter):
        raise InputError(
            "not a quarter, so it may not name a folder",
            column="quarter",
            value=pack.quarter,
            fix="Quarters look like 2026-Q1",
        )
    _check_keys([one.key for one in rows_of(pack)])
    for table in pack.tables:
        _check_table(table)
    for record in pack.records:
        _check_rows(record)


def _only_public(pack: object) -> None:
    if type(pack) is not PublicPack:
        raise TypeError(f"a publication pack is made from a PublicPack, not from {type(pack)}")
    charts = [chart for table in pack.tables for chart in table.charts]
    parts: tuple[tuple[type, list[object]], ...] = (
        (PublicProgramme, [*pack.programmes]),
        (PublicTable, [*pack.tables]),
        (PublicRecord, [*pack.records]),
        (TransparencyField, [*pack.transparency]),
        (PublicColumn, [c for one in rows_of(pack) for c in one.columns]),
        (PublicChart, [*charts]),
        (PublicMark, [mark for chart in charts for mark in chart.marks]),
    )
    for wanted, found in parts:
        if any(type(one) is not wanted for one in found):
            raise TypeError(f"a publication pack holds something else than a {wanted.__name__}")


def _check_keys(keys: list[str]) -> None:
    for key, number in Counter(keys).items():
        if not _FILE_KEY.fullmatch(key) or _DEVICES.fullmatch(key):
            raise InputError(
                "not a key that may name a file",
                column="key",
                value=key,
                fix="Use small letters, digits, - and _, at most 60, a letter first",
            )
        if number > 1:
            raise InputError(
                "two tables or records of the pack have the same key",
                column="key",
                value=key,
                fix="Give each programme a key of its own",
            )


def _check_rows(one: PublicTable | PublicRecord) -> None:
    keys = [column.key for column in one.columns]
    if not keys or len(set(keys)) < len(keys):
        raise ValueError(f"{one.key}: columns are missing or named twice")
    for column in one.columns:
        if column.kind not in COLUMN_KINDS or not _COLUMN_KEY.fullmatch(column.key):
            raise ValueError(f"{one.key}: {column.key!r} of kind {column.kind!r} is no column")
    if any(len(row) != len(keys) for row in one.rows):
        raise ValueError(f"{one.key}: a row has not one cell for each column")


def _check_table(table: PublicTable) -> None:
    _check_rows(table)
    if table.kind not in TABLE_KINDS:
        raise ValueError(f"{table.key}: there is no kind of table {table.kind!r}")
    keys = [column.key for column in table.columns]
    if counts_safer(table) and not any("less_safe" in key for key in keys):
        raise ValueError(f"{table.key}: 'safer' may not stand without 'less safe' (G7)")
    if (
        table.kind == "fairness"
        and any("ratio" in key for key in keys)
        and not any("not_recorded" in key for key in keys)
    ):
        raise ValueError(f"{table.key}: a ratio may not stand without the share not recorded (G8)")
    for chart in table.charts:
        _check_chart(table, chart)


def counts_safer(table: PublicTable) -> bool:
    """Whether a table has a column of people who felt safer."""
    return any("safer" in column.key for column in table.columns)


def _check_chart(table: PublicTable, chart: PublicChart) -> None:
    if chart.kind not in CHART_KINDS:
        raise ValueError(f"{table.key}: there is no kind of chart {chart.kind!r}")
    told = {figure.value for row in table.rows for cell in row for figure in figures(cell)}
    for mark in chart.marks:
        if any(figure.value not in told for figure in figures(mark.words)):
            raise ValueError(f"{table.key}: the chart says {mark.words!r}, the table does not")
        for value, drawn in zip(
            (mark.value, mark.low, mark.high), printed(table, mark), strict=True
        ):
            if value is not None and drawn is None:
                raise ValueError(f"{table.key}: the chart draws {value}, the table does not say it")


def printed(table: PublicTable, mark: PublicMark) -> tuple[float | None, ...]:
    """Value, low and high of a mark as its words and, for the interval, its row print them."""
    rows = [row for row in table.rows if mark.words in row or mark.label in row]
    texts = (mark.words, *(cell for row in rows for cell in row))
    return (
        None if mark.value is None else as_printed(mark.value, (mark.words,)),
        None if mark.low is None else as_printed(mark.low, texts),
        None if mark.high is None else as_printed(mark.high, texts),
    )
