"""What keeps a pack back, and what is shown with it (F1-F4, F6, F8, H1)."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from corridors.evaluation.completeness import missing_records, told_records
from corridors.model import EvaluationRecords
from corridors.profile import Governance
from corridors.tables import (
    PROTECTED,
    Activities,
    Consultations,
    Decisions,
    EqualityRecord,
)

KEY, TODAY = "after-school", date(2026, 3, 2)
GOVERNANCE = Governance("ISA-1, agreed 01/12/2025", "TOR-1, agreed 01/12/2025")
CONSULTED = {
    "programme": KEY, "kind": "young_people", "group": "Year 9", "people": 14.0,
    "police_experience": "yes", "facilitated_by": "Open Door", "non_statutory": "yes",
    "police_present": "no", "feedback": "Fewer officers", "use": "rejected",
    "how_or_why": "The inspector wants two",
}  # fmt: skip
ACTIVITY = {
    "role": "youth_worker", "activity": "Walk the corridor", "outcome": "More know who is there",
    "harm_reduced": "Help before police", "agreed_on": pd.Timestamp("2025-12-01"),
    "agreed_by": "Open Door",
}  # fmt: skip
EQUAL = {
    "programme": KEY, "effect": "none_expected", "evidence": "Census", "action": "",
    "assessed_by": "Equality lead", "assessed_on": pd.Timestamp("2025-12-01"),
    "review_on": pd.Timestamp("2026-06-01"),
}  # fmt: skip
DECIDED = {
    "kind": "decision", "about": KEY, "words": "It starts.", "by": "Head", "organisation": "Town",
    "sha256": "", "on": pd.Timestamp("2025-12-05"), "chain": "x",
}  # fmt: skip


def table(schema, *rows):
    frame = pd.DataFrame(list(rows), columns=list(schema.columns()))
    frame.index.name = schema.index
    for name, column in schema.columns().items():
        if column.dtype.startswith("datetime"):
            frame[name] = frame[name].astype(column.dtype)
    return schema.validate(frame)


def equality(**changes):
    """A whole record; ``race={"effect": "negative"}`` changes one row, ``race=None`` drops it."""
    rows = [
        {**EQUAL, "characteristic": name, **(changes.get(name) or {})}
        for name in PROTECTED
        if changes.get(name, {}) is not None
    ]
    return table(EqualityRecord, *rows)


def consulted(*changes):
    return table(Consultations, *({**CONSULTED, **change} for change in changes))


WHOLE = EvaluationRecords(
    consultation=consulted({}),
    activities=table(Activities, ACTIVITY),
    equality=equality(),
    decisions=table(Decisions, DECIDED),
)


def missing(governance=GOVERNANCE, today=TODAY, **changes):
    return missing_records(replace(WHOLE, **changes), KEY, governance, today)


def told(governance=GOVERNANCE, **changes):
    return told_records(replace(WHOLE, **changes), KEY, governance)


def test_a_whole_record_keeps_nothing_back_and_tells_nothing():
    assert missing() == ()
    assert told() == ()


def test_an_empty_workspace_is_told_everything_at_once():
    found = missing_records(EvaluationRecords(), KEY, Governance(), TODAY)
    for part in (
        "data sharing agreement", "No consultation", "No terms of reference", "equality record",
        "No decision",
    ):  # fmt: skip
        assert sum(part in words for words in found) == 1
    assert len(found) == 5
    assert told_records(EvaluationRecords(), KEY, Governance()) != ()


def test_records_of_another_programme_do_not_count():
    found = missing_records(WHOLE, "breakfast", GOVERNANCE, TODAY)
    assert len(found) == 3
    assert all("breakfast" in words for words in found)


@pytest.mark.parametrize(
    ("column", "gap", "said"),
    [
        ("people", float("nan"), "how many people"),
        ("group", "", "entry 1 does not say which group"),
        ("police_experience", "", "bad experience of police"),
        ("facilitated_by", "", "who held it"),
        ("non_statutory", "", "no public authority"),
        ("police_present", "", "whether police were there"),
        ("feedback", "", "what was said"),
        ("use", "", "what became of it"),
        ("how_or_why", "", "how it was used, or why it was rejected"),
    ],
)
def test_f1_every_gap_of_a_consultation_keeps_the_pack_back(column, gap, said):
    (words,) = missing(consultation=consulted({column: gap}))
    assert said in words
    assert words.endswith("Fill it in.")


def test_f1_each_row_is_looked_at():
    found = missing(consultation=consulted({}, {"how_or_why": "", "group": "Parents"}))
    assert [w for w in found if "Parents" in w] == list(found)


@pytest.mark.parametrize("column", ["outcome", "harm_reduced", "agreed_by", "agreed_on"])
def test_f4_a2_h8_an_activity_says_its_outcome_the_harm_it_reduces_and_who_agreed(column):
    gap = pd.NaT if column == "agreed_on" else ""
    (words,) = missing(activities=table(Activities, {**ACTIVITY, column: gap}))
    assert "The activity Walk the corridor does not say" in words


@pytest.mark.parametrize("name", PROTECTED)
def test_h1_each_of_the_nine_has_to_be_there(name):
    (words,) = missing(equality=equality(**{name: None}))
    assert f"lacks {name.split('_')[0]}" in words


@pytest.mark.parametrize("effect", ["negative", "unknown"])
def test_h1_a_negative_or_unknown_effect_needs_an_action(effect):
    (words,) = missing(equality=equality(race={"effect": effect}))
    assert f"on race {effect} and names no action" in words
    done = equality(race={"effect": effect, "action": "Looked at each quarter"})
    assert missing(equality=done) == ()
    assert len(told(equality=done)) == 1


def test_h1_an_effect_needs_evidence():
    (words,) = missing(equality=equality(sex={"evidence": ""}))
    assert "what sex rests on" in words


def test_h1_a_review_that_is_overdue_keeps_the_pack_back_from_the_next_day():
    assert missing(today=date(2026, 6, 1)) == ()
    (words,) = missing(today=date(2026, 6, 2))
    assert "overdue for age, disability" in words


def test_f6_without_a_data_sharing_agreement_nothing_goes_out():
    (words,) = missing(governance=replace(GOVERNANCE, data_sharing_agreement="  "))
    assert "data_sharing_agreement" in words


@pytest.mark.parametrize(
    "change", [{"kind": "review"}, {"kind": "areas_fixed"}, {"about": "2026-Q1"}]
)
def test_f8_a_decision_on_the_programme_has_to_be_on_record(change):
    (words,) = missing(decisions=table(Decisions, {**DECIDED, **change}))
    assert "corridors decide" in words


@pytest.mark.parametrize("kind", ["student_council", "youth_parliament"])
def test_f3_a_council_alone_is_told(kind):
    alone = consulted({"kind": kind})
    assert any("does not stand for all" in words for words in told(consultation=alone))
    assert missing(consultation=alone) == ()
    assert told(consultation=consulted({"kind": kind}, {})) == ()


def test_f3_parents_are_no_young_people():
    assert "No young people were asked." in told(consultation=consulted({"kind": "parents"}))


@pytest.mark.parametrize("answer", ["no", "not_asked"])
def test_f2_nobody_with_bad_experience_of_police_is_told(answer):
    (words,) = told(consultation=consulted({"police_experience": answer}))
    assert "bad experience of police" in words


def test_f2_police_in_the_room_and_a_public_authority_are_told():
    there = told(consultation=consulted({"police_present": "yes"}))
    assert "Police were there when Year 9 was asked." in there
    assert any("only with police there" in words for words in there)
    held = told(consultation=consulted({"non_statutory": "no"}))
    assert "A public authority held the consultation with Year 9." in held
    assert len(told(consultation=consulted({"non_statutory": "no"}, {}))) == 1
