"""What young people answered, a table a programme and question (G7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from corridors.evaluation.disclosure import Counts
from corridors.evaluation.small_numbers import NOT_ENOUGH, PublicCell, Rule, share_words, shown
from corridors.model import PublicTable
from corridors.publish.pack.words import ANSWERS, QUESTION_WORDS
from corridors.publish.public_figures.door import Door, exactly
from corridors.publish.public_figures.shown import column, group_words
from corridors.publish.public_figures.told import Told
from corridors.tables import SurveyAnswers

_SPLITS: Final = {
    "all": ("all",),
    "meals": ("fsm", "not_fsm"),
    "ethnicity": ("asian", "black", "mixed", "white", "other"),
    "sex": ("girls", "boys"),
    "send": ("send",),
}
_GROUPED: Final = {
    "all": "Everybody",
    "meals": "Free school meals",
    "ethnicity": "Ethnic group",
    "sex": "Girls and boys",
    "send": "Special needs or disability",
}
_WHO: Final = {"all": "everybody"}  # "all" is the label of a total
_STORED: Final = {
    3: ((SurveyAnswers.better, ""), (SurveyAnswers.same, ""), (SurveyAnswers.worse, "")),
    2: ((SurveyAnswers.better, ""), (SurveyAnswers.worse, "")),
}


def survey_tables(told: Told, door: Door) -> Iterable[PublicTable]:
    """A table a programme and question: better and worse in columns of their own (G7)."""
    table = told.records.surveys
    if table is None:
        return
    here = table[table[SurveyAnswers.quarter] == told.quarter]
    for (programme, question), rows in here.groupby(
        [SurveyAnswers.programme, SurveyAnswers.question], sort=True
    ):
        names = ANSWERS[str(question)]
        key = f"survey-{programme}-{question}"[:60]
        made: list[tuple[str, ...]] = []
        notes: list[str] = []
        for grouped, groups in _SPLITS.items():
            mine = rows[rows[SurveyAnswers.group].isin(groups)].sort_values(SurveyAnswers.group)
            if len(mine):
                found, said = _answers(door, f"{key}-{grouped}", mine)
                made += [(_GROUPED[grouped], *row) for row in found]
                notes += said
        yield PublicTable(
            key=key,
            title=QUESTION_WORDS[str(question)],
            kind="impact",
            about=f"Answers in {told.quarter}. Each answer is shown by itself. "
            "One is never taken off another.",
            columns=(
                column("grouped_by", "Grouped by", kind="text"),
                column("group", "Who", kind="text"),
                *(column(name, title) for name, title in names),
                column("no_answer", "No answer"),
                column("total", "All asked"),
                column(f"{names[0][0]}_percent", f"{names[0][1]}, of those who answered",
                        kind="figure"),
                column(f"{names[-1][0]}_percent", f"{names[-1][1]}, of those who answered",
                        kind="figure"),
            ),
            rows=tuple(made),
            notes=tuple(dict.fromkeys(notes)),
        )  # fmt: skip


def _answers(
    door: Door, key: str, rows: pd.DataFrame
) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    question = str(rows[SurveyAnswers.question].iloc[0])
    used = [name for name, _ in _STORED[len(ANSWERS[question])]]
    counts = rows[[*used, SurveyAnswers.no_answer]].to_numpy(dtype=np.int64)
    groups = tuple(_WHO.get(g, g) for g in map(str, rows[SurveyAnswers.group]))
    columns = (*used, "no_answer")
    shares = {
        group: [exactly(group, name, n) for name, n in zip(columns, own, strict=True)]
        for group, own in zip(groups, counts.tolist(), strict=True)
        if _shares(own, [shown(n, door.rule) for n in own], door.rule) != NO_SHARES
    }
    out = door.let_out(key, Counts(groups, columns, counts), shares)
    made = []
    for group, own, cells, total in zip(
        groups, counts.tolist(), out.table.cells, out.table.row_totals, strict=True
    ):
        told = _shares(own, cells, door.rule) if group in out.told else NO_SHARES
        made.append((group_words(group), *(c.words for c in cells), total.words, *told))
    return made, out.table.notes


NO_SHARES: Final = (NOT_ENOUGH, NOT_ENOUGH)


def _shares(counts: Sequence[int], cells: Sequence[PublicCell], rule: Rule) -> tuple[str, str]:
    """The shares of the first and the last answer, of those who answered."""
    answered = sum(counts[:-1])
    return (
        share_words(counts[0], answered, rule, cells=cells),
        share_words(counts[-2], answered, rule, cells=cells),
    )
