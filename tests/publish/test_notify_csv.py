"""The spreadsheet for GOV.UK Notify: whole rows, no formula, room for whom to send it to."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sample_plan import HOSTILE, sample_plan
from support_notices import ARABIC, LANGUAGES, cancelled, every_kind, hostile, public_plan

from corridors.model import PublicPlace
from corridors.publish.cells import FORMULA
from corridors.publish.families.notify import COLUMNS, notify_csv
from corridors.publish.families.short_text import LIMIT

DOCS = Path(__file__).resolve().parents[2] / "docs" / "notices.md"


def _rows(public, language=LANGUAGES[0]) -> list[dict[str, str]]:
    """As Notify reads it: commas, quotes where needed, spaces after a comma skipped."""
    text = notify_csv(public, language).decode("utf-8-sig")
    assert "\n\n" not in text.replace("\r\n", "\n")
    return list(csv.DictReader(io.StringIO(text), skipinitialspace=True))


def test_one_row_for_each_school_with_all_its_times():
    one = public_plan().corridors[0]
    early = replace(one, days=one.days[1:], start_min=750, end_min=840)
    two = replace(one, schools=("Ash School", "Oak School"))
    rows = _rows(replace(public_plan(), corridors=(one, early, two)))
    afternoon = "3pm to 5pm on Monday 2 March and Wednesday 4 March."
    both = f"{afternoon} 12:30pm to 2pm on Wednesday 4 March."
    assert [(r["school"], r["when"]) for r in rows] == [
        ("Ash School", afternoon), ("Northfield Academy", both), ("Oak School", afternoon),
    ]  # fmt: skip
    assert both in rows[1]["text message"]
    assert "Oak School" not in rows[0]["text message"]
    assert "near Ash School after school. 3pm to 5pm on" in rows[0]["text message"]


def test_a_row_joins_what_its_schools_entries_tell():
    one = public_plan().corridors[0]
    no_police = tuple(r for r in one.roles if not r.is_police)
    places = (PublicPlace("Mill Park", "park"),)
    other = replace(one, streets=("Elm Road",), roles=no_police, places=places, start_min=930)
    (row,) = _rows(replace(public_plan(), corridors=(other, replace(one, places=()))))
    assert row["streets"] == "Cedar Road, Elm Road, Fifth Lane and Second Lane"
    assert row["places"] == "Mill Park"
    assert row["who"] == "Local adult you may know, School-linked police officer and Youth worker"


def test_a_dropped_school_has_a_cancelled_row_and_the_others_are_not_told_of_it():
    public = replace(public_plan(), cancelled_schools=("Gone School",), is_unannounced=True)
    kept, gone = _rows(public)
    assert (kept["school"], kept["cancelled"]) == ("Northfield Academy", "no")
    assert "Gone School" not in kept["text message"]
    assert (gone["school"], gone["cancelled"], gone["unannounced"]) == ("Gone School", "yes", "no")
    assert (gone["when"], gone["streets"], gone["who"]) == ("none", "none", "none")
    assert gone["text message"].startswith(
        "Cancelled: the walks after school near Gone School, week of Monday 2 March 2026."
    )
    assert "will walk" not in gone["text message"]


def test_names_in_arabic_keep_their_isolates_and_hostile_ones_get_none():
    one = replace(public_plan().corridors[0], schools=("Ash\u2069 School",))
    (row,) = _rows(replace(public_plan(), corridors=(one,)), ARABIC)
    assert "\u2068Cedar Road\u2069" in row["streets"]
    assert row["school"] == "Ash School"
    for cell in row.values():
        assert cell.count("\u2068") == cell.count("\u2069")
    one = replace(one, streets=("=1+1",))
    (row,) = _rows(replace(public_plan(), corridors=(one,)), ARABIC)
    assert row["streets"] == "'\u2068=1+1\u2069"


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
    assert len(rows) == 2
    for name, cell in (pair for row in rows for pair in row.items()):
        assert not cell.startswith(FORMULA), name
        assert "\n" not in cell
        assert "://" not in cell
    assert not [row for row in rows if None in row]  # no cell spilt over


def test_the_docs_name_every_column_and_no_other():
    told = re.findall(r"\(\(([a-z ]+)(?:\?\?[^)]*)?\)\)", DOCS.read_text("utf-8"))
    assert set(told) == set(COLUMNS[2:])


def test_only_a_public_plan_becomes_a_spreadsheet():
    with pytest.raises(TypeError, match="made from a PublicPlan"):
        notify_csv(sample_plan())
