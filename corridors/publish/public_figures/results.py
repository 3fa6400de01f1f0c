"""Counts of a programme whose end has come, and the ratios made from them."""

from __future__ import annotations

from typing import Any

import numpy as np

from corridors.evaluation.cells import Cells, NoFigure
from corridors.evaluation.disclosure import Counts, Statement
from corridors.evaluation.exact import ExactRatio
from corridors.evaluation.ratio import Ratio
from corridors.evaluation.report import Evaluation
from corridors.evaluation.small_numbers import NOT_ENOUGH, Rule
from corridors.model import PublicChart, PublicMark, PublicTable
from corridors.publish.earlier_packs import OF_PROGRAMMES
from corridors.publish.evaluation_page import LOOKS, PARTS
from corridors.publish.public_figures.door import Door, exactly
from corridors.publish.public_figures.shown import NO_MARK, Mark, column, ratio_words
from corridors.publish.public_figures.told import Evaluated
from corridors.publish.wording import clean_name


def result_tables(door: Door, each: Evaluated) -> tuple[PublicTable, ...]:
    """One table of each."""
    found = each.found
    assert found is not None
    assert found.cells is not None
    key = f"{OF_PROGRAMMES}{found.programme}"
    named = [(n, p) for n in PARTS if (p := _part(found.cells, n)) is not None]
    counts = np.array([[p.before, p.after] for _, p in named], dtype=np.int64)
    parts = tuple(name for name, _ in named)
    safe = door.let_out(key, Counts(parts, ("before", "after"), counts), _said(found, door.rule))
    rows = tuple(
        (PARTS[name], *(c.words for c in cells), f"{pair.days.before:g}", f"{pair.days.after:g}")
        for (name, pair), cells in zip(named, safe.cells, strict=True)
    )
    tested = [("What decides: " + found.named, found.test, found.cells)]
    tested += [(LOOKS[look.key], look.ratio, look.cells) for look in found.elsewhere]
    shown = [(label, *result_words(test, cells, door.rule)) for label, test, cells in tested]
    return (
        PublicTable(
            key=key,
            title=f"Reports: {clean_name(found.title)}",
            kind="impact",
            about=f"Reports by the public of {found.counted}, {found.where}.",
            columns=(
                column("streets", "Streets", kind="text"),
                column("before", "Before"),
                column("after", "After"),
                column("days_before", "Days before", kind="figure"),
                column("days_after", "Days after", kind="figure"),
            ),
            rows=rows,
            notes=safe.notes,
        ),
        PublicTable(
            key=f"results-{found.programme}",
            title=f"Change beside other streets: {clean_name(found.title)}",
            kind="impact",
            about="Below 1: fewer reports than the streets compared with would lead to expect. "
            "Only the first decides. The others show where trouble may have gone.",
            columns=(
                column("comparison", "Comparison", kind="text"),
                column("ratio", "Ratio (95 % interval)", "With its 95 % interval.", "figure"),
            ),
            rows=tuple((label, words) for label, words, _ in shown),
            charts=(
                PublicChart(
                    "intervals", "Change beside other streets", "ratio; 1 is no change",
                    tuple(PublicMark(label, *mark, words) for label, words, mark in shown),
                    reference=1.0, is_log=True,
                ),
            ),
        ),
    )  # fmt: skip


def _said(found: Evaluation, rule: Rule) -> list[Statement]:
    """Counts that follow from the ratios that are told beside them."""
    assert found.cells is not None
    shown = {"treated", "control"} if min(found.cells.four) >= rule.k else set()
    for look in found.elsewhere:
        if look.key == "near" and min(look.cells.four) >= rule.k:
            shown |= {"near", "near_control"}
    pairs = [(name, _part(found.cells, name)) for name in sorted(shown)]
    return [
        exactly(name, side, count)
        for name, pair in pairs
        if pair is not None
        for side, count in (("before", pair.before), ("after", pair.after))
    ]


def _part(cells: Cells, name: str) -> Any:
    return getattr(cells, name, None)


def result_words(test: Ratio | ExactRatio | NoFigure, cells: Cells, rule: Rule) -> tuple[str, Mark]:
    """A ratio with its interval, as words and as what a chart draws."""
    if isinstance(test, NoFigure) or min(cells.four) < rule.k:
        return NOT_ENOUGH, NO_MARK
    return ratio_words(test.ratio, test.low, test.high)
