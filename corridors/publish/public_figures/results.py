"""Counts of a programme whose end has come, and the ratios made from them.

A ratio with its interval says what its counts were. So none stands beside a count that is hidden,
and the counts of those that are told are reckoned with as known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from corridors.evaluation.cells import NoFigure, Pair
from corridors.evaluation.disclosure import Counts, Statement
from corridors.evaluation.place_days import LotResult
from corridors.evaluation.report import Elsewhere, Evaluation, NamedTest
from corridors.evaluation.small_numbers import NOT_ENOUGH, Rule
from corridors.model import PublicChart, PublicMark, PublicTable
from corridors.publish.earlier_packs import OF_PROGRAMMES
from corridors.publish.evaluation_page import LOOKS, PARTS
from corridors.publish.public_figures.door import Door, exactly
from corridors.publish.public_figures.shown import NO_MARK, Mark, column, ratio_words
from corridors.publish.wording import clean_name

DECIDES: Final = "decides"
OF_LOOK: Final = {"near": ("near", "near_control"), "far": ("control",)}  # parts in the table


def result_tables(door: Door, found: Evaluation) -> tuple[PublicTable, ...]:
    """Counts before and after; those of days by lot, if days were drawn; and the ratios."""
    return (_reports(door, found), *_by_lot(door, found), _ratios(door, found))


def is_told(door: Door, found: Evaluation) -> bool:
    """Whether the ratio that decides may be told: no count of it is small or would uncover one.

    Ask after ``result_tables``.
    """
    keys = [_key(found), *([_lot_key(found)] if isinstance(found.lot, LotResult) else [])]
    is_enough = min(_deciding_counts(found), default=0) >= door.rule.k
    has_ratio = is_enough and not isinstance(found.test, NoFigure)
    return has_ratio and all(DECIDES in door.told[key] for key in keys)


def _key(found: Evaluation) -> str:
    return f"{OF_PROGRAMMES}{found.programme}"


def _lot_key(found: Evaluation) -> str:
    return f"{_key(found)}_by_lot"


def _deciding_counts(found: Evaluation) -> tuple[int, ...]:
    """All counts that the named test rests on; none if there is no test."""
    if found.lot is not None:
        return () if isinstance(found.lot, NoFigure) else (found.lot.on_count, found.lot.off_count)
    return () if found.cells is None else found.cells.four


def _reports(door: Door, found: Evaluation) -> PublicTable:
    named = _parts(found)
    counts = np.array([[pair.before, pair.after] for pair in named.values()], dtype=np.int64)
    safe = door.let_out(
        _key(found), Counts(tuple(named), ("before", "after"), counts), _follows(found, door.rule)
    ).table
    return PublicTable(
        key=_key(found),
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
        rows=tuple(
            (PARTS[name], *(c.words for c in cells), *_days(pair))
            for (name, pair), cells in zip(named.items(), safe.cells, strict=True)
        ),
        notes=safe.notes,
    )


def _days(pair: Pair) -> tuple[str, str]:
    return f"{pair.days.before:g}", f"{pair.days.after:g}"


def _parts(found: Evaluation) -> dict[str, Pair]:
    """Pairs by part, of the areas with a control; without any, of the patrolled streets alone."""
    if found.cells is None:
        return {"treated": found.alone}
    pairs = {name: getattr(found.cells, name, None) for name in PARTS}
    return {name: pair for name, pair in pairs.items() if pair is not None}


def _follows(found: Evaluation, rule: Rule) -> dict[str, list[Statement]]:
    """Counts before and after that follow from each ratio, where none of them is small."""
    pairs, told = _parts(found), dict[str, list[tuple[str, str]]]()
    if min(_deciding_counts(found), default=0) >= rule.k:
        of_test = ("treated", "control") if found.lot is None else ()
        # Days with and without a patrol are together all days after the start.
        told[DECIDES] = [*_sides(of_test), *([] if of_test else [("treated", "after")])]
    for look in found.elsewhere:
        if look.key in OF_LOOK and min(look.cells.four) >= rule.k:
            told[look.key] = _sides(OF_LOOK[look.key])
    return {
        name: [exactly(part, side, getattr(pairs[part], side)) for part, side in cells]
        for name, cells in told.items()
        if all(part in pairs for part, _ in cells)
    }


def _sides(parts: Sequence[str]) -> list[tuple[str, str]]:
    return [(part, side) for part in parts for side in ("before", "after")]


def _by_lot(door: Door, found: Evaluation) -> tuple[PublicTable, ...]:
    """Counts of days drawn for a patrol and of those drawn for none."""
    lot = found.lot
    if not isinstance(lot, LotResult):
        return ()
    counts = {"on": lot.on_count, "off": lot.off_count}
    safe = door.let_out(
        _lot_key(found),
        Counts(tuple(counts), (), np.array(list(counts.values()), dtype=np.int64)),
        {DECIDES: [exactly(arm, "", count) for arm, count in counts.items()]}
        if min(counts.values()) >= door.rule.k
        else {},
    ).table
    arms = ("Days drawn for a patrol", lot.on_days), ("Days drawn for none", lot.off_days)
    return (
        PublicTable(
            key=_lot_key(found),
            title=f"Reports by days drawn by lot: {clean_name(found.title)}",
            kind="impact",
            about=f"Reports by the public of {found.counted}, {found.where}, on the programme's "
            "streets. A day of one place counts once. Days count as they were drawn, whoever came.",
            columns=(
                column("days_drawn", "Days", kind="text"),
                column("reports", "Reports"),
                column("days", "How many days", kind="figure"),
            ),
            rows=tuple(
                (words, cells[0].words, f"{days}")
                for (words, days), cells in zip(arms, safe.cells, strict=True)
            ),
            notes=safe.notes,
        ),
    )


def _ratios(door: Door, found: Evaluation) -> PublicTable:
    tested = [("What decides: " + found.named, found.test, is_told(door, found))]
    tested += [
        (LOOKS[look.key], look.ratio, _look_is_told(door, found, look)) for look in found.elsewhere
    ]
    shown = [(label, *result_words(test, is_shown=is_shown)) for label, test, is_shown in tested]
    return PublicTable(
        key=f"results-{found.programme}",
        title=f"Change beside other streets: {clean_name(found.title)}"
        if found.lot is None
        else f"Days with a patrol beside days without: {clean_name(found.title)}",
        kind="impact",
        about="Below 1: fewer reports than what they are compared with would lead to expect. "
        "Only the first decides. The others show where trouble may have gone.",
        columns=(
            column("comparison", "Comparison", kind="text"),
            column("ratio", "Ratio (95 % interval)", "With its 95 % interval.", "figure"),
        ),
        rows=tuple((label, words) for label, words, _ in shown),
        charts=(
            PublicChart(
                "intervals", "Ratios with intervals", "ratio; 1 is no change",
                tuple(PublicMark(label, *mark, words) for label, words, mark in shown),
                reference=1.0, is_log=True,
            ),
        ),
    )  # fmt: skip


def _look_is_told(door: Door, found: Evaluation, look: Elsewhere) -> bool:
    is_enough = min(look.cells.four) >= door.rule.k
    return is_enough and (look.key not in OF_LOOK or look.key in door.told[_key(found)])


def result_words(test: NamedTest, *, is_shown: bool) -> tuple[str, Mark]:
    """A ratio with its interval, as words and as what a chart draws."""
    if isinstance(test, NoFigure) or not is_shown:
        return NOT_ENOUGH, NO_MARK
    return ratio_words(test.ratio, test.low, test.high)
