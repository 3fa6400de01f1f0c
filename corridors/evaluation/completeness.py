"""What has to be on record before anything is published about a programme (F1-F4, F6, F8, H1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import pandas as pd

from corridors.model import EvaluationRecords
from corridors.profile import Governance
from corridors.tables import PROTECTED, Activities, Consultations, Decisions, EqualityRecord

_COUNCILS: Final = ("student_council", "youth_parliament")
_YOUNG: Final = ("young_people", "youth_organisation")
_COLUMN_WORDS: Final = {
    Consultations.group: "which group it was",
    Consultations.people: "how many people took part",
    Consultations.police_experience: "whether young people with bad experience of police took part",
    Consultations.facilitated_by: "who held it",
    Consultations.non_statutory: "whether who held it is no public authority",
    Consultations.police_present: "whether police were there",
    Consultations.feedback: "what was said",
    Consultations.use: "what became of it",
    Consultations.how_or_why: "how it was used, or why it was rejected",
    Activities.outcome: "its outcome",
    Activities.harm_reduced: "how it reduces a known harm",
    Activities.agreed_on: "when it was agreed",
    Activities.agreed_by: "who agreed",
}


def missing_records(
    records: EvaluationRecords, programme_key: str, governance: Governance, today: date
) -> tuple[str, ...]:
    """What keeps the publication pack back, a sentence each with what to do; empty if nothing.

    Parameters
    ----------
    programme_key : whose consultation, equality record and decision count.
    today : an equality record whose review was due before is overdue.
    """
    return (
        *_sharing(governance),
        *_consultation(_of(records.consultation, programme_key), programme_key),
        *_activities(records.activities),
        *_equality(_of(records.equality, programme_key), programme_key, today),
        *_decision(records.decisions, programme_key),
    )


def told_records(
    records: EvaluationRecords, programme_key: str, governance: Governance
) -> tuple[str, ...]:
    """What keeps nothing back but has to be shown with what is published, a sentence each."""
    return (
        *_reference(governance),
        *_told_consultation(_of(records.consultation, programme_key)),
        *_told_equality(_of(records.equality, programme_key)),
    )


def _sharing(governance: Governance) -> Iterator[str]:
    if not governance.data_sharing_agreement.strip():
        yield (
            "No data sharing agreement is on record. Write its reference as "
            "data_sharing_agreement under [governance]."
        )


def _reference(governance: Governance) -> Iterator[str]:
    if not governance.terms_of_reference.strip():
        yield "No reference of the terms of reference for the school-linked role is on record."


def _consultation(rows: pd.DataFrame, key: str) -> Iterator[str]:
    if rows.empty:
        yield (
            f"No consultation is on record for {key}. Add a row for each group to the "
            "consultation file."
        )
    for at, row in _rows(rows):
        gaps = _gaps(row, Consultations.columns())
        if gaps:
            name = row[Consultations.group] or f"entry {at + 1}"
            yield f"The consultation with {name} does not say {gaps}. Fill it in."


def _activities(activities: pd.DataFrame | None) -> Iterator[str]:
    if activities is None or activities.empty:
        yield (
            "No terms of reference are on record. Add each activity with its outcome to the "
            "activities file."
        )
        return
    for _, row in _rows(activities):
        gaps = _gaps(row, Activities.columns())
        if gaps:
            yield (
                f"The activity {row[Activities.activity]} does not say {gaps}. "
                "Fill it in the activities file."
            )


def _equality(rows: pd.DataFrame, key: str, today: date) -> Iterator[str]:
    found = set(rows[EqualityRecord.characteristic]) if len(rows) else set()
    lacks = [_plain(name) for name in PROTECTED if name not in found]
    if lacks:
        yield (
            f"The equality record of {key} lacks {', '.join(lacks)}. Add a row for each to the "
            "equality file."
        )
    for _, row in _rows(rows):
        name = _plain(row[EqualityRecord.characteristic])
        if not row[EqualityRecord.evidence]:
            yield f"The equality record does not say what {name} rests on. Fill in evidence."
        if row[EqualityRecord.effect] in ("negative", "unknown") and not row[EqualityRecord.action]:
            yield (
                f"The equality record calls the effect on {name} {row[EqualityRecord.effect]} and "
                "names no action. Fill in action."
            )
    late = [
        _plain(row[EqualityRecord.characteristic])
        for _, row in _rows(rows)
        if row[EqualityRecord.review_on].date() < today
    ]
    if late:
        yield (
            f"The review of the equality record is overdue for {', '.join(late)}. Look at it "
            "again and write the new dates."
        )


def _decision(decisions: pd.DataFrame | None, key: str) -> Iterator[str]:
    rows = _of(decisions, key, Decisions.about)
    if rows.empty or not (rows[Decisions.kind] == "decision").any():
        yield f"No decision on {key} is on record. Record who decided what with corridors decide."


def _told_consultation(rows: pd.DataFrame) -> Iterator[str]:
    if rows.empty:
        return
    kinds = set(rows[Consultations.kind])
    if kinds & set(_COUNCILS) and not kinds & set(_YOUNG):
        yield (
            "Of young people only a student council or youth parliament was asked. It does not "
            "stand for all."
        )
    elif not kinds & {*_COUNCILS, *_YOUNG}:
        yield "No young people were asked."
    touched = rows[rows[Consultations.police_experience] == "yes"]
    if touched.empty:
        yield "Nobody is on record who took part and had bad experience of police."
    elif not _is_apart(touched).any():
        yield (
            "Young people with bad experience of police were asked only with police there, or by "
            "a public authority."
        )
    for _, row in _rows(rows):
        name = row[Consultations.group]
        if row[Consultations.police_present] == "yes":
            yield f"Police were there when {name} was asked."
        if row[Consultations.non_statutory] == "no":
            yield f"A public authority held the consultation with {name}."


def _is_apart(rows: pd.DataFrame) -> pd.Series[bool]:
    """Held by no public authority and without police."""
    apart: pd.Series[bool] = (rows[Consultations.non_statutory] == "yes") & (
        rows[Consultations.police_present] == "no"
    )
    return apart


def _told_equality(rows: pd.DataFrame) -> Iterator[str]:
    for _, row in _rows(rows):
        effect, name = row[EqualityRecord.effect], _plain(row[EqualityRecord.characteristic])
        if effect == "negative":
            yield f"A negative effect is on record by {name}."
        if effect == "unknown":
            yield f"The effect by {name} is not known."


def _of(
    table: pd.DataFrame | None, key: str, column: str = Consultations.programme
) -> pd.DataFrame:
    """Rows of one programme, in the file's order."""
    if table is None:
        return pd.DataFrame()
    return table[table[column] == key].sort_index()


def _rows(table: pd.DataFrame) -> Iterator[tuple[int, dict[str, Any]]]:
    for at, row in zip(table.index, table.to_dict("records"), strict=True):
        yield int(at), {str(name): value for name, value in row.items()}


def _gaps(row: dict[str, Any], columns: Any) -> str:
    """What a row leaves empty, in words."""
    empty = [_COLUMN_WORDS[n] for n in columns if pd.isna(row[n]) or row[n] == ""]
    return "; nor ".join(empty)


def _plain(characteristic: str) -> str:
    return {
        "gender_reassignment": "gender reassignment",
        "marriage_civil_partnership": "marriage and civil partnership",
        "pregnancy_maternity": "pregnancy and maternity",
        "religion_belief": "religion or belief",
        "sexual_orientation": "sexual orientation",
        "care_experience": "care experience",
    }.get(characteristic, characteristic)
