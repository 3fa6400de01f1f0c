"""Debriefs: counts and codes of planned patrols, and nothing else."""

from __future__ import annotations

import json
from datetime import date

import pytest
from support_readers import WARD, WEEK, plan_json
from support_workspace import write

from corridors.errors import ColumnError, InputError
from corridors.sources.debriefs import (
    COLUMNS,
    debrief_cells,
    logged,
    new_to,
    read_debriefs,
    read_new_debriefs,
    template_rows,
)
from corridors.tables import CONTACTS, ROLES, Debriefs

DAY = date(2026, 3, 5)
BLANK = dict.fromkeys(COLUMNS, "")
PLANNED = {"ward": WARD, "week": WEEK, "patrol_id": "S1T1D1", "date": "02/03/2026"}
DONE = {
    **BLANK, **dict.fromkeys((*ROLES, *CONTACTS), "0"), **PLANNED, "state": "done",
    "from": "15:10", "to": "16:25", "youth_worker": "2", "police_level": "none",
    "logged_on": "03/03/2026",
}  # fmt: skip
CANCELLED = {
    **BLANK, **PLANNED, "patrol_id": "S1T2D1", "state": "cancelled", "reason_code": "weather",
    "logged_on": "03/03/2026",
}  # fmt: skip
HUGE = "9" * 300


def text_of(*rows, columns=COLUMNS):
    return "\n".join([",".join(columns), *(",".join(row[c] for c in columns) for row in rows), ""])


def read(tmp_path, *rows):
    return read_debriefs(write(tmp_path / "d.csv", text_of(*rows)), "d.csv")


@pytest.fixture
def root(tmp_path):
    write(tmp_path / "w" / "maps/working" / WARD / WEEK / "plan_OS.json", plan_json())
    return tmp_path / "w"


def hand_in(root, text, day=DAY):
    return read_new_debriefs(write(root / "new.csv", text), root, day)


def test_a_later_row_of_a_patrol_replaces_an_earlier_one(tmp_path):
    table, record = read(tmp_path, DONE, CANCELLED, DONE | {"talks": "7"})
    assert Debriefs.validate(table) is table
    assert table["patrol_id"].tolist() == ["S1T1D1", "S1T2D1"]
    assert table["talks"].tolist() == [7, 0]
    assert (table["start_min"][0], table["end_min"][0]) == (910, 985)
    assert table["start_min"].isna().tolist() == [False, True]
    assert (record.rows_read, record.rows_used) == (3, 2)


def test_what_is_written_is_read_again(tmp_path):
    table, _ = read(tmp_path, DONE, CANCELLED)
    cells = [debrief_cells(entry) for entry in table.to_dict("records")]
    again, _ = read(tmp_path, *cells)
    assert again.equals(table)
    assert new_to(table, again.to_dict("records")) == ()


@pytest.mark.parametrize(
    ("base", "change", "column"),
    [
        (DONE, {"patrol_id": "../../etc/passwd"}, "patrol_id"),
        (DONE, {"patrol_id": "=1+1"}, "patrol_id"),
        (DONE, {"patrol_id": "A" * 300}, "patrol_id"),
        (DONE, {"ward": "E0/.."}, "ward"),
        (DONE, {"week": "2026-W11"}, "date"),
        (DONE, {"date": "07/03/2026"}, "date"),
        (DONE, {"logged_on": "01/03/2026"}, "date"),
        (DONE, {"state": "=cmd()"}, "state"),
        (DONE, {"reason_code": "weather"}, "reason_code"),
        (DONE, {"state": "shortened"}, "reason_code"),
        (DONE, {"state": "shortened", "reason_code": "Abdul was stopped"}, "reason_code"),
        (DONE, {"from": "15:60"}, "from"),
        (DONE, {"to": ""}, "to"),
        (DONE, {"to": "15:10"}, "to"),
        (DONE, {"talks": ""}, "talks"),
        (DONE, {"talks": "-1"}, "talks"),
        (DONE, {"talks": "1001"}, "talks"),
        (DONE, {"talks": HUGE}, "talks"),
        (DONE, {"talks": "1e3"}, "talks"),
        (DONE, {"talks": "²"}, "talks"),
        (DONE, {"pcso": "51"}, "pcso"),
        (DONE, {"youth_worker": "0"}, "state"),
        (DONE, {"police_level": "joint_visible"}, "police_level"),
        (DONE, {"pcso": "1", "police_level": "on_call"}, "police_level"),
        (CANCELLED, {"reason_code": ""}, "reason_code"),
        (CANCELLED, {"from": "15:10"}, "from"),
        (CANCELLED, {"youth_worker": "1"}, "youth_worker"),
        (CANCELLED, {"complaints": "1"}, "complaints"),
        (CANCELLED, {"police_level": "joint_visible"}, "police_level"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path, base, change, column):
    with pytest.raises(InputError) as caught:
        read(tmp_path, base | change)
    assert (caught.value.file, caught.value.row, caught.value.column) == ("d.csv", 2, column)
    assert caught.value.fix
    assert len(str(caught.value)) < 400


def test_a_nul_is_refused(tmp_path):
    with pytest.raises(InputError, match="NUL"):
        read(tmp_path, DONE | {"state": "do\0ne"})


@pytest.mark.parametrize("state", ["done", "shortened"])
@pytest.mark.parametrize("level", ["nearby_not_joint", "joint_visible"])
def test_police_who_came_are_near(tmp_path, state, level):
    reason = "" if state == "done" else "incident"
    row = DONE | {"state": state, "reason_code": reason, "pcso": "1", "police_level": level}
    assert read(tmp_path, row)[0]["police_level"].tolist() == [level]


def test_other_columns_of_the_record_stay_in_it(tmp_path):
    text = text_of(DONE | {"MO": "SECRETCANARY"}, columns=(*COLUMNS, "MO"))
    table, record = read_debriefs(write(tmp_path / "d.csv", text), "d.csv")
    assert "SECRETCANARY" not in table.to_csv() + repr(record)


def test_what_is_handed_in_has_no_other_column(root):
    text = text_of(DONE | {"MO": "SECRETCANARY"}, columns=(*COLUMNS, "MO"))
    with pytest.raises(ColumnError) as caught:
        hand_in(root, text)
    assert caught.value.column == "MO"
    assert "SECRETCANARY" not in str(caught.value)


def test_every_row_is_held_against_the_plans_and_all_errors_are_told(root):
    found = hand_in(
        root,
        text_of(
            DONE,
            CANCELLED | {"ward": "E05990002"},
            CANCELLED | {"patrol_id": "S9T9"},
            CANCELLED | {"date": "03/03/2026"},
            DONE,
            CANCELLED | {"state": "", "reason_code": ""},
            CANCELLED | {"logged_on": "06/03/2026"},
        ),
    )
    told = [(e.row, e.column) for e in found.errors]
    assert told == [
        (3, "week"), (4, "patrol_id"), (5, "date"), (6, "patrol_id"), (8, "logged_on"),
    ]  # fmt: skip
    assert found.not_filled == 1


def test_a_day_to_come_cannot_be_debriefed(root):
    found = hand_in(root, text_of(DONE | {"logged_on": ""}), date(2026, 3, 1))
    assert [e.column for e in found.errors] == ["date"]


def test_the_template_has_a_row_for_each_patrol_and_nothing_filled_in(root):
    rows = template_rows(root, WEEK)
    assert [row["patrol_id"] for row in rows] == ["S1T1D1", "S1T2D1"]
    found = hand_in(root, text_of(*(BLANK | row for row in rows)))
    assert (found.not_filled, found.entries, found.errors) == (2, (), ())


def test_a_hostile_id_of_a_plan_file_comes_into_no_template(root):
    data = json.loads(plan_json())
    data["patrols"][0]["patrol_id"] = "=HYPERLINK(1)"
    write(root / "maps/working" / WARD / WEEK / "plan_OS.json", json.dumps(data))
    assert [row["patrol_id"] for row in template_rows(root, WEEK)] == ["S1T2D1"]


def test_patrols_without_a_debrief_are_told(tmp_path, root):
    table, _ = read(tmp_path, DONE, CANCELLED | {"patrol_id": "S7T7D1"})
    found = logged(root, table, DAY)
    assert (found.planned, found.states) == (2, {"done": 1, "shortened": 0, "cancelled": 0})
    assert found.missing == ((WARD, WEEK, "S1T2D1", date(2026, 3, 2)),)
    assert found.elsewhere == 1
    assert logged(root, None, date(2026, 3, 1)).planned == 0
