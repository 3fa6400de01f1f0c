"""The spreadsheet for GOV.UK Notify: whole rows, no formula, room for whom to send it to."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sample_plan import HOSTILE, sample_plan
from support_notices import LANGUAGES, cancelled, every_kind, hostile, public_plan

from corridors.publish.cells import FORMULA
from corridors.publish.families.notify import COLUMNS, notify_csv
from corridors.publish.families.short_text import LIMIT

DOCS = Path(__file__).resolve().parents[2] / "docs" / "notices.md"


def _rows(public, language=LANGUAGES[0]) -> list[dict[str, str]]:
    """As Notify reads it: commas, quotes where needed, spaces after a comma skipped."""
    text = notify_csv(public, language).decode("utf-8-sig")
    assert "\n\n" not in text.replace("\r\n", "\n")
    return list(csv.DictReader(io.StringIO(text), skipinitialspace=True))


def test_one_row_for_each_school_and_time():
    one = public_plan().corridors[0]
    early = replace(one, days=one.days[1:], start_min=750, end_min=840)
    two = replace(one, schools=("Ash School", "Oak School"))
    rows = _rows(replace(public_plan(), corridors=(one, early, two)))
    assert [(r["school"], r["times"], r["days"]) for r in rows] == [
        ("Northfield Academy", "3pm to 5pm", "Monday 2 March and Wednesday 4 March"),
        ("Northfield Academy", "12:30pm to 2pm", "Wednesday 4 March"),
        ("Ash School", "3pm to 5pm", "Monday 2 March and Wednesday 4 March"),
        ("Oak School", "3pm to 5pm", "Monday 2 March and Wednesday 4 March"),
    ]
    assert "Oak School" not in rows[2]["text message"]
    assert "near Ash School after school. 3pm to 5pm on" in rows[2]["text message"]


def test_recipients_are_left_for_the_school_and_lead_the_row():
    assert COLUMNS[:2] == ("email address", "phone number")
    (row,) = _rows(public_plan())
    assert (row["email address"], row["phone number"]) == ("", "")


@pytest.mark.parametrize("language", LANGUAGES, ids=("en", "cy", "ar"))
@pytest.mark.parametrize("public", every_kind(), ids=range(10))
def test_no_other_cell_is_empty_for_notify_takes_none(public, language):
    for row in _rows(replace(public, services=()), language):
        assert set(row) == set(COLUMNS)
        assert all(row[name].strip() for name in COLUMNS[2:])
        assert len(row["text message"]) <= LIMIT
        assert {row["unannounced"], row["cancelled"]} <= {"yes", "no"}


def test_states_are_told():
    (row,) = _rows(cancelled())
    assert row["cancelled"] == "yes"
    assert row["school"] == "all schools in Fictional Green"
    assert row["version"] == "2"
    assert row["text message"].startswith("Cancelled:")
    (row,) = _rows(replace(public_plan(), is_unannounced=True))
    assert row["unannounced"] == "yes"
    assert row["text message"].startswith("Unannounced:")


@pytest.mark.parametrize("payload", HOSTILE)
def test_no_cell_is_a_formula(payload):
    rows = _rows(hostile(payload))
    assert len(rows) == 1
    for name, cell in rows[0].items():
        assert not cell.startswith(FORMULA), name
        assert "\n" not in cell
        assert "://" not in cell
    assert None not in rows[0]  # no cell spilt over


def test_the_docs_name_every_column_and_no_other():
    told = re.findall(r"\(\(([a-z ]+)(?:\?\?[^)]*)?\)\)", DOCS.read_text("utf-8"))
    assert set(told) == set(COLUMNS[2:])


def test_only_a_public_plan_becomes_a_spreadsheet():
    with pytest.raises(TypeError, match="made from a PublicPlan"):
        notify_csv(sample_plan())
