"""What tables of a pack have in common: columns, lists with a bar each, and ratios in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from corridors.evaluation.disclosure import Counts, SafeTable
from corridors.evaluation.report import GroupRatio
from corridors.evaluation.small_numbers import NOT_ENOUGH, STEP, Rule
from corridors.model import PublicChart, PublicColumn, PublicMark, PublicTable
from corridors.publish.pack.words import GROUP_WORDS
from corridors.publish.public_figures.door import Door

NOT_KNOWN: Final = "not known"
TOTAL: Final = "All together"
Mark = tuple[float | None, float | None, float | None]  # figure, and its interval
NO_MARK: Final[Mark] = (None, None, None)


def column(key: str, title: str, meaning: str = "", kind: str = "count") -> PublicColumn:
    """A column; of counts, unless another kind is named."""
    return PublicColumn(key, title, meaning or f"{title}.", kind)


def counted(
    door: Door, key: str, title: str, kind: str, counts: Mapping[str, int],
    words: Mapping[str, str], about: str,
) -> PublicTable:  # fmt: skip
    """A list of counts with its total and a bar each, let out by the door."""
    values = np.array(list(counts.values()), dtype=np.int64)
    safe = door.let_out(key, Counts(tuple(counts), (), values)).table
    rows = _list_rows(safe, words)
    return PublicTable(
        key=key,
        title=title,
        kind=kind,
        about=about,
        columns=(column("what", "What", kind="text"), column("count", "How often")),
        rows=rows,
        notes=safe.notes,
        charts=_bars(title, rows, "how often"),
    )


def _list_rows(safe: SafeTable, words: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Rows of a plain list, with its total."""
    rows = [
        (words.get(label, label), cells[0].words)
        for label, cells in zip(safe.rows, safe.cells, strict=True)
    ]
    return (*rows, (TOTAL, safe.total.words))


def _bars(title: str, rows: Sequence[tuple[str, ...]], unit: str) -> tuple[PublicChart, ...]:
    """Bars of a list's rows; what is not shown leaves a gap."""
    marks = tuple(
        PublicMark(row[0], float(row[1]) if row[1].isdigit() else None, None, None, row[1])
        for row in rows
        if row[0] != TOTAL
    )
    return (PublicChart("bars", title, unit, marks),) if marks else ()


def nearest_five(value: float) -> str:
    """A number to the nearest 5, as the tables round counts."""
    return f"{STEP * round(value / STEP):d}" if math.isfinite(value) else NOT_KNOWN


def group_words(key: str) -> str:
    """What a group of people is called."""
    return GROUP_WORDS.get(key, key)


def plain_words(name: str) -> str:
    """The name of a column or kind as words."""
    words = name.replace("_", " ")
    return f"{words[0].upper()}{words[1:]}" if words else words


def ratio_words(ratio: float, low: float, high: float) -> tuple[str, Mark]:
    """A ratio as words and as what a chart draws: without its interval if that has an open end."""
    middle, low, high = round(ratio, 2), round(low, 2), round(high, 2)
    if not (low > 0 and math.isfinite(high)):
        return f"{ratio:.2f}", (middle if middle > 0 else None, None, None)
    return f"{ratio:.2f} ({low:.2f} to {high:.2f})", (middle, low, high)


def group_ratio_words(each: GroupRatio, rule: Rule) -> tuple[str, Mark]:
    """A ratio with its interval, as words and as what a chart draws."""
    ratio, interval = each.disparity.ratio, each.disparity.interval
    few = min(each.group_people, each.reference_people) < rule.group
    counts = [c for c in (each.group_count, each.reference_count) if c is not None]
    if few or any(c < rule.k for c in counts) or not math.isfinite(ratio) or ratio <= 0:
        return NOT_ENOUGH, NO_MARK
    return ratio_words(ratio, *((interval.low, interval.high) if interval else (0.0, math.inf)))
