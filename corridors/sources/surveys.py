"""Answers of young people to a few fixed questions, as counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.errors import ColumnError
from corridors.model import SourceRecord
from corridors.programme import KEY
from corridors.sources.csvs import normal, printable, read_header
from corridors.sources.records import (
    Row,
    choice_of,
    count_of,
    frame_of,
    quarter_of,
    read_record,
    record_of,
    require_unique,
    rows_of,
)
from corridors.tables import SURVEY_GROUPS, SURVEY_QUESTIONS, YES_NO_QUESTIONS, SurveyAnswers

_NET: Final = {"net", "score", "balance"}
_KEY: Final = tuple(SurveyAnswers.columns())[:4]
_ANSWERS: Final = tuple(SurveyAnswers.columns())[4:]
_MOST: Final = 1_000_000


def read_surveys(path: Path, file: str) -> tuple[pd.DataFrame, SourceRecord]:
    """Read ``tables.SurveyAnswers``, by quarter, programme, question and group.

    Raises
    ------
    InputError
        For a missing column or a cell that is wrong; two rows of the same group; or a column for
        a net figure: better less worse hides how many said worse (G7).
    """
    for cell in read_header(path, file=file):
        if _NET & set(normal(cell).split()):
            raise ColumnError(
                "is a net figure, which hides how many said worse", file=file, row=1,
                column=printable(cell), fix="Take it out, and give better, same and worse apart",
            )  # fmt: skip
    table = read_record(path, file, tuple(SurveyAnswers.columns()), may_be_empty=True)
    made = [(row, _answers(row)) for row in rows_of(table)]
    require_unique([(row, " ".join(entry[name] for name in _KEY)) for row, entry in made], "group")
    made.sort(key=lambda pair: tuple(pair[1][name] for name in _KEY))
    frame = frame_of(
        SurveyAnswers, [{SurveyAnswers.index: at, **entry} for at, (_, entry) in enumerate(made)]
    )
    return frame, record_of("surveys", table, frame)


def _answers(row: Row) -> dict[str, Any]:
    programme = row.values.get("programme", "")
    if not KEY.fullmatch(programme):
        raise row.wrong(
            "programme", "is empty" if not programme else "is not the key of a programme",
            "It is the name of a file in data/programmes without .toml",
        )  # fmt: skip
    question = choice_of(row, "question", SURVEY_QUESTIONS)
    counts = {name: count_of(row, name, _MOST) for name in _ANSWERS}
    if question in YES_NO_QUESTIONS and counts[SurveyAnswers.same]:
        fix = "Yes is better, no is worse, and the same is 0"
        raise row.wrong("same", "has no meaning for a question of yes or no", fix)
    return {
        SurveyAnswers.quarter: quarter_of(row),
        SurveyAnswers.programme: programme,
        SurveyAnswers.question: question,
        SurveyAnswers.group: choice_of(row, "group", SURVEY_GROUPS),
        **counts,
    }
