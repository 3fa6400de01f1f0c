"""Records beside a programme: who was consulted, what each role does, and equality (F1-F4, H1).

Gaps are read as gaps: a partnership fills these in bit by bit, and ``evaluation.completeness`` says
what keeps a pack back. What is written but cannot be so is told with its row.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.model import SourceRecord
from corridors.programme import KEY
from corridors.sources.records import (
    Row,
    choice_of,
    date_of,
    frame_of,
    read_record,
    record_of,
    require_unique,
    required_date_of,
    rows_of,
    text_of,
)  # fmt: skip
from corridors.tables import (
    CHARACTERISTICS,
    CONSULTED,
    EFFECTS,
    FEEDBACK_USES,
    ROLES,
    YES_NO,
    Activities,
    Consultations,
    EqualityRecord,
    Table,
)

LONGEST: Final = 1000
MOST_PEOPLE: Final = 100_000
_Read = tuple[pd.DataFrame, SourceRecord]


def read_consultation(path: Path, *, file: str) -> _Read:
    """Read ``tables.Consultations``, in the file's order.

    Raises
    ------
    InputError
        For a programme's key, a count or a choice that is none, or words that are too long.
    """
    table = read_record(path, file, tuple(Consultations.columns()), may_be_empty=True)
    made = [
        {
            Consultations.programme: _programme(row),
            Consultations.kind: choice_of(row, Consultations.kind, CONSULTED),
            Consultations.group: text_of(row, Consultations.group),
            Consultations.people: _people(row),
            Consultations.police_experience: choice_of(
                row, Consultations.police_experience, ("yes", "no", "not_asked", "")
            ),
            Consultations.facilitated_by: text_of(row, Consultations.facilitated_by),
            Consultations.non_statutory: choice_of(row, Consultations.non_statutory, YES_NO),
            Consultations.police_present: choice_of(row, Consultations.police_present, YES_NO),
            Consultations.feedback: text_of(row, Consultations.feedback, longest=LONGEST),
            Consultations.use: choice_of(row, Consultations.use, (*FEEDBACK_USES, "")),
            Consultations.how_or_why: text_of(row, Consultations.how_or_why, longest=LONGEST),
        }
        for row in rows_of(table)
    ]
    frame = _numbered(Consultations, made)
    return frame, record_of("consultation", table, frame)


def read_activities(path: Path, *, file: str) -> _Read:
    """Read ``tables.Activities``: the terms of reference, in the file's order.

    Raises
    ------
    InputError
        For a role or date that is none, or words that are too long.
    """
    table = read_record(path, file, tuple(Activities.columns()), may_be_empty=True)
    made = [
        {
            Activities.role: choice_of(row, Activities.role, ROLES),
            Activities.activity: text_of(row, Activities.activity, required=True),
            Activities.outcome: text_of(row, Activities.outcome, longest=LONGEST),
            Activities.harm_reduced: text_of(row, Activities.harm_reduced, longest=LONGEST),
            Activities.agreed_on: date_of(row, Activities.agreed_on),
            Activities.agreed_by: text_of(row, Activities.agreed_by),
        }
        for row in rows_of(table)
    ]
    frame = _numbered(Activities, made)
    return frame, record_of("activities", table, frame, (Activities.agreed_on,))


def read_equality(path: Path, *, file: str) -> _Read:
    """Read ``tables.EqualityRecord``, in the file's order.

    Raises
    ------
    InputError
        For a key, choice or date that is none, words that are too long, a review before the
        assessment, or a characteristic that stands twice for a programme.
    """
    table = read_record(path, file, tuple(EqualityRecord.columns()), may_be_empty=True)
    rows = list(rows_of(table))
    made = [_equality(row) for row in rows]
    keys = [f"{e[EqualityRecord.programme]} {e[EqualityRecord.characteristic]}" for e in made]
    require_unique(list(zip(rows, keys, strict=True)), EqualityRecord.characteristic)
    frame = _numbered(EqualityRecord, made)
    return frame, record_of("equality", table, frame, (EqualityRecord.assessed_on,))


def _equality(row: Row) -> dict[str, Any]:
    assessed = required_date_of(row, EqualityRecord.assessed_on, "Give the day as dd/mm/yyyy")
    review = required_date_of(row, EqualityRecord.review_on, "Say when it is looked at again")
    if review <= assessed:
        raise row.wrong(
            EqualityRecord.review_on, "is not after assessed_on", "Give a later day for the review"
        )
    return {
        EqualityRecord.programme: _programme(row),
        EqualityRecord.characteristic: choice_of(
            row, EqualityRecord.characteristic, CHARACTERISTICS
        ),
        EqualityRecord.effect: choice_of(row, EqualityRecord.effect, EFFECTS),
        EqualityRecord.evidence: text_of(row, EqualityRecord.evidence, longest=LONGEST),
        EqualityRecord.action: text_of(row, EqualityRecord.action, longest=LONGEST),
        EqualityRecord.assessed_by: text_of(row, EqualityRecord.assessed_by, required=True),
        EqualityRecord.assessed_on: assessed,
        EqualityRecord.review_on: review,
    }


def _programme(row: Row) -> str:
    text = row.values.get("programme", "")
    if not KEY.fullmatch(text):
        raise row.wrong(
            "programme", "is no key of a programme" if text else "is empty",
            "It is the name of the programme's file without .toml, as after-school",
        )  # fmt: skip
    return text


def _people(row: Row) -> float:
    text = row.values.get(Consultations.people, "")
    if not text:
        return float("nan")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_PEOPLE):
        raise row.wrong(
            Consultations.people, "is no number of people",
            f"Give a whole number from 1 to {MOST_PEOPLE}, or leave it empty if it is not known",
        )  # fmt: skip
    return float(text)


def _numbered(schema: type[Table], made: Sequence[dict[str, Any]]) -> pd.DataFrame:
    return frame_of(schema, [{schema.index: at, **entry} for at, entry in enumerate(made)])
