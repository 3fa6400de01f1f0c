"""The roster: one row a person, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_plan import hostile_names, sample_plan, sample_profile, with_staffing

from corridors import model
from corridors.publish.cards import make_cards
from corridors.publish.public import notice_states, publication
from corridors.publish.roster import COLUMNS, roster_csv, safe_cell

PROFILE = sample_profile()


def _rows(plan: model.Plan) -> list[dict[str, str]]:
    states = notice_states(plan, publication(plan, PROFILE.notice, PROFILE.teams))
    data = roster_csv(plan, make_cards(plan, PROFILE.teams, states))
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_one_row_for_each_person_on_each_patrol():
    rows = _rows(sample_plan())
    assert len(rows) == 6
    assert tuple(rows[0]) == COLUMNS
    assert {r["marking"] for r in rows} == {"OFFICIAL-SENSITIVE"}
    assert [r["name"] for r in rows[:3]] == ["Ada Example", "Ben Sample", "Cara Specimen"]
    first = rows[0]
    assert (first["date"], first["day"], first["start"], first["end"]) == (
        "02/03/2026", "Monday", "15:05", "16:45",
    )  # fmt: skip
    assert first["schools"] == "Northfield Academy"
    assert first["school_contact"] == "Deputy head, pastoral"
    assert first["start_street"] == "Second Lane"
    assert first["stand_points"] == "15:05 to 15:15 Stand at Cedar Road shops bus stop"
    assert first["police_level"] == "Police nearby, not walking with the team"
    assert first["protocol"] == "Not needed: police are on the corridor"
    assert first["public_notice"] == "On the public notice"


def test_a_patrol_that_nobody_walks_has_a_row_with_the_reason():
    plan = with_staffing(
        sample_plan(), people=(), reason="No youth worker is free (B7).", police_level="on_call",
        protocol_missing=("Tenants",),
    )  # fmt: skip
    rows = _rows(plan)
    assert [(r["role"], r["name"], r["notes"]) for r in rows] == [
        ("not staffed", "", "No youth worker is free.")
    ] * 2
    assert {(r["police_level"], r["protocol"]) for r in rows} == {("", "")}


def test_a_missing_agreement_is_named():
    rows = _rows(with_staffing(sample_plan(), protocol_missing=("Tenants",)))
    assert rows[0]["protocol"] == "Not agreed yet by Tenants"


def test_notes_bear_no_requirement_numbers():
    rows = _rows(with_staffing(sample_plan(), warnings=("No familiar adult (B7).",)))
    assert rows[0]["notes"] == "No familiar adult."


def test_hostile_names_are_no_formulas():
    rows = _rows(sample_plan(hostile_names()))
    assert {r["name"] for r in rows} == {
        '\'=HYPERLINK("x","y")', "\ufffdNUL first", "Abcgnp.exe", "A" * 119 + "…",
    }  # fmt: skip
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(tuple("=+-@\t\r\0"))


@pytest.mark.parametrize("start", list("=+-@\t\r\n\0|%＝＋－＠"))
def test_every_start_of_a_formula_is_quoted(start):
    assert safe_cell(f"{start}1+1").startswith("'")


@given(st.text())
def test_no_cell_starts_a_formula(text):
    cell = safe_cell(text)
    assert cell.isprintable()
    assert cell[:1] not in tuple("=+-@|%＝＋－＠")
    if text and text[0] in "=+-@\t\r\n\0":
        assert cell.startswith("'")
