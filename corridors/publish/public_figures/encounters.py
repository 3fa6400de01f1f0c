"""Encounters of young people with police and school, and what may be told beside the counts."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from corridors.evaluation.disclosure import Counts
from corridors.evaluation.report import GroupRatio
from corridors.evaluation.small_numbers import NOT_ENOUGH, share_words
from corridors.model import PublicTable
from corridors.publish.pack.words import ENCOUNTER_WORDS
from corridors.publish.public_figures.door import Door, exactly
from corridors.publish.public_figures.shown import (
    NO_MARK,
    TOTAL,
    Mark,
    column,
    group_ratio_words,
    group_words,
)
from corridors.publish.public_figures.told import Told

ENCOUNTERS: Final = "encounters"
NOT_RECORDED: Final = "not_recorded"
RATED: Final = "stop_search"  # the encounters of which ratios are made


def encounter_table(told: Told, wide: pd.DataFrame, door: Door) -> PublicTable:
    """(kind, ethnic group) encounters of young people, and of how many no group was recorded."""
    kinds, groups = tuple(map(str, wide.index)), tuple(map(str, wide.columns))
    counts = wide.to_numpy(dtype=np.int64)
    beside = {
        _name(each): [
            exactly(RATED, group, count)
            for group, count in (
                (each.disparity.group, each.group_count),
                (each.disparity.reference, each.reference_count),
            )
            if count is not None
        ]
        for each in told.touched.ratios
        if each.group_count is not None and group_ratio_words(each, door.rule)[0] != NOT_ENOUGH
    }
    missing = [
        (int(n), int(total))
        for n, total in zip(wide[NOT_RECORDED], counts.sum(axis=1), strict=True)
    ]
    beside |= {
        kind: [exactly(kind, NOT_RECORDED, people[0])]
        for kind, people in zip(kinds, missing, strict=True)
        if share_words(*people, door.rule) != NOT_ENOUGH
    }
    out = door.let_out(ENCOUNTERS, Counts(kinds, groups, counts), beside)
    rows = []
    for at, kind in enumerate(kinds):
        nothing = told.touched.no_further_action.get(kind, (0, 0))
        again = told.touched.repeats.get(kind, (0, 0))
        rows.append((
            ENCOUNTER_WORDS.get(kind, kind), *(c.words for c in out.table.cells[at]),
            out.table.row_totals[at].words, share_words(*nothing, door.rule),
            share_words(*again, door.rule),
            not_recorded_words(door, kind, missing[at]),
        ))  # fmt: skip
    rows.append(
        (TOTAL, *(c.words for c in out.table.column_totals), out.table.total.words, "", "", "")
    )
    return PublicTable(
        key=ENCOUNTERS,
        title="Police and school action towards young people",
        kind="harm",
        about=f"People aged 10 to 17, in the wards of this pack, in {told.quarter}. "
        "Not all of it came from patrols.",
        columns=(
            column("kind", "What happened", kind="text"),
            *(column(group, group_words(group)) for group in groups),
            column("total", TOTAL),
            column("no_further_action", "Led to no further action",
                    "Share of those of which it is known.", "figure"),
            column("repeat", "Of somebody counted before",
                   "Share of those of which it is known.", "figure"),
            column("not_recorded_share", "Ethnic group not recorded", kind="figure"),
        ),
        rows=tuple(rows),
        notes=out.table.notes,
    )  # fmt: skip


def told_ratio(door: Door, each: GroupRatio) -> tuple[str, Mark]:
    """A ratio as words and mark; none if its counts would uncover others in the table."""
    is_kept_back = ENCOUNTERS in door.told and _name(each) not in door.told[ENCOUNTERS]
    if each.group_count is not None and is_kept_back:
        return NOT_ENOUGH, NO_MARK
    return group_ratio_words(each, door.rule)


def not_recorded_words(door: Door, kind: str, people: tuple[int, int]) -> str:
    """Of how many encounters no group was recorded, of so many: a share, or as the table has it."""
    if ENCOUNTERS not in door.made or kind not in door.made[ENCOUNTERS].table.rows:
        return NOT_ENOUGH
    table = door.made[ENCOUNTERS].table
    cells = table.cells[table.rows.index(kind)]
    own = cells[table.columns.index(NOT_RECORDED)]
    if own.kind in ("zero", "few"):
        return "0 %" if own.kind == "zero" else own.words
    if kind not in door.told[ENCOUNTERS]:
        return NOT_ENOUGH
    return share_words(*people, door.rule, cells=cells)


def _name(each: GroupRatio) -> str:
    return f"{each.disparity.group} beside {each.disparity.reference}"
