"""What may have done harm, on patrols and beside them (G6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from corridors.evaluation.disclosure import Counts
from corridors.evaluation.small_numbers import NOT_ENOUGH, share_words
from corridors.model import PublicTable
from corridors.publish.pack.words import CONTACT_WORDS, ENCOUNTER_WORDS
from corridors.publish.public_figures.door import Door, exactly
from corridors.publish.public_figures.fairness import group_ratio_words
from corridors.publish.public_figures.shown import TOTAL, column, counted, group_words
from corridors.publish.public_figures.told import Told

RATED: Final = "stop_search"  # the encounters of which ratios are made
HARM: Final = ("stop_search", "arrests", "crimes_recorded", "complaints")


def harm_tables(told: Told, door: Door) -> Iterable[PublicTable]:
    """Encounters of young people, and what debriefs say of harm, next to benefit (G6)."""
    wide = told.touched.encounters
    if wide is not None and len(wide):
        yield _encounters(told, wide, door)
    harm = {k: v for k, v in told.touched.contacts.items() if k in HARM}
    if harm:
        yield counted(
            door, "patrol-harm", "What may have done harm on patrols", "harm", harm,
            CONTACT_WORDS, "Counts from the debriefs of patrols.",
        )  # fmt: skip


def _encounters(told: Told, wide: pd.DataFrame, door: Door) -> PublicTable:
    kinds, groups = tuple(map(str, wide.index)), tuple(map(str, wide.columns))
    counts = wide.to_numpy(dtype=np.int64)
    said = {
        (RATED, group): count
        for each in told.touched.ratios
        if group_ratio_words(each, door.rule)[0] != NOT_ENOUGH
        for group, count in (
            (each.disparity.group, each.group_count),
            (each.disparity.reference, each.reference_count),
        )
        if count is not None
    }
    safe = door.let_out(
        "encounters",
        Counts(kinds, groups, counts),
        [exactly(*cell, count) for cell, count in sorted(said.items())],
    )
    rows = []
    for at, kind in enumerate(kinds):
        none, known = told.touched.no_further_action.get(kind, (0, 0))
        cells = safe.cells[at]
        rows.append((
            ENCOUNTER_WORDS.get(kind, kind), *(c.words for c in cells),
            safe.row_totals[at].words, share_words(none, known, door.rule),
            share_words(int(wide.iloc[at]["not_recorded"]), int(counts[at].sum()), door.rule,
                        cells=cells),
        ))  # fmt: skip
    rows.append((TOTAL, *(c.words for c in safe.column_totals), safe.total.words, "", ""))
    return PublicTable(
        key="encounters",
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
            column("not_recorded_share", "Ethnic group not recorded", kind="figure"),
        ),
        rows=tuple(rows),
        notes=safe.notes,
    )  # fmt: skip
