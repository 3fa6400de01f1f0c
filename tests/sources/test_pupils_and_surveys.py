"""Pupils by group, of two kinds of file, and answers of young people."""

from __future__ import annotations

import math

import pytest
from support_workspace import write

from corridors.errors import InputError
from corridors.sources.pupils import read_pupils
from corridors.sources.surveys import read_surveys
from corridors.tables import PupilGroups, SurveyAnswers

COUNTED = "number of pupils classified as"
HEADER = (
    "time_period,URN,headcount of pupils,"
    "number of pupils known to be eligible for free school meals,"
    "% of pupils known to be eligible for free school meals,"
    "number of pupils known to be eligible for free school meals (Performance Tables),"
    f"{COUNTED} white British ethnic origin,{COUNTED} Irish ethnic origin,"
    f"{COUNTED} white and Asian ethnic origin,{COUNTED} African ethnic origin,"
    f"{COUNTED} Caribbean ethnic origin,number of pupils unclassified,"
    "number of pupils whose first language is known or believed to be other than English,Head"
)
ASKED = "quarter,programme,question,group,better,same,worse,no_answer"
ANSWER = "2026-Q1,after-school,feels_safer,all,61,40,22,5"


def pupils(tmp_path, *lines):
    table, record = read_pupils(write(tmp_path / "p.csv", "\n".join([*lines, ""])), "p.csv")
    assert PupilGroups.validate(table) is table
    found = {(r.urn, r.dimension, r.group): r.pupils for r in table.itertuples()}
    return found, record


def surveys(tmp_path, *lines):
    return read_surveys(write(tmp_path / "s.csv", "\n".join([*lines, ""])), "s.csv")


def test_the_departments_file_is_read_by_the_beginnings_of_its_headers(tmp_path):
    found, record = pupils(
        tmp_path, HEADER,
        "202425,900001,1000,310,31.0,999,200,10,30,70,50,4,120,SECRETCANARY",
        "202425,,5000,1,1,1,1,1,1,1,1,1,1,SECRETCANARY",
    )  # fmt: skip
    assert found["900001", "fsm", "fsm"] == 310
    assert found["900001", "fsm", "not_fsm"] == 690
    assert found["900001", "ethnicity", "white"] == 210
    assert found["900001", "ethnicity", "mixed"] == 30
    assert found["900001", "ethnicity", "black"] == 120
    assert found["900001", "ethnicity", "not_recorded"] == 4
    assert found["900001", "language", "other"] == 120
    assert record.dropped == (("no URN", 1),)
    assert "SECRETCANARY" not in repr((found, record))


@pytest.mark.parametrize("marker", ["z", "c", "x", "low", ""])
def test_what_is_kept_back_is_never_0(tmp_path, marker):
    found, record = pupils(
        tmp_path, HEADER, f"202425,900001,1000,{marker},{marker},1,200,{marker},0,0,0,0,0,"
    )
    for key in (("fsm", "fsm"), ("fsm", "not_fsm"), ("ethnicity", "white")):
        assert math.isnan(found["900001", *key])
    assert found["900001", "ethnicity", "black"] == 0
    assert "3 counts are not known" in record.notes[0]


def test_own_columns_are_read(tmp_path):
    found, _ = pupils(
        tmp_path, "urn,dimension,group,pupils,MO", "900001,sen,sen,\"1,040\",SECRETCANARY",
        "900001,sen,not_sen,z,",
    )  # fmt: skip
    assert found["900001", "sen", "sen"] == 1040
    assert math.isnan(found["900001", "sen", "not_sen"])


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("900001,sen,sen,1", "900001,sen,sen,2"), "stands in row 2 too"),
        (("900001,sen,fsm,1",), "is not known"),
        (("../../x,sen,sen,1",), "is not a school URN"),
        (("900001,sen,sen,-1",), "is not a number of pupils"),
        (("900001,sen,sen,nan",), "is not a number of pupils"),
        (("900001,sen,sen,20001",), "is more than 20000"),
        ((f"900001,sen,sen,{'9' * 300}",), "is not a number of pupils"),
        (("900001,=sen(),sen,1",), "is not known"),
    ],
)
def test_wrong_pupils_are_refused(tmp_path, lines, words):
    with pytest.raises(InputError, match=words) as caught:
        pupils(tmp_path, "urn,dimension,group,pupils", *lines)
    assert caught.value.row == len(lines) + 1
    assert len(str(caught.value)) < 400


def test_another_file_is_not_taken_for_one_of_pupils(tmp_path):
    with pytest.raises(InputError, match="neither"):
        pupils(tmp_path, "urn,name", "900001,x")
    with pytest.raises(InputError, match="is more than the headcount"):
        pupils(tmp_path, HEADER, "202425,900001,10,31,31,9,2,1,3,7,5,4,1,")


def test_answers_are_kept_apart(tmp_path):
    table, record = surveys(
        tmp_path, f"{ASKED},MO", f"{ANSWER},SECRETCANARY",
        "2025-Q4,after-school,knows_who,girls,30,0,12,1,",
    )  # fmt: skip
    assert SurveyAnswers.validate(table) is table
    assert table["quarter"].tolist() == ["2025-Q4", "2026-Q1"]
    assert table[["better", "same", "worse"]].to_numpy().tolist() == [[30, 0, 12], [61, 40, 22]]
    assert "SECRETCANARY" not in table.to_csv() + repr(record)


@pytest.mark.parametrize("name", ["net", "Net score", "balance", "SCORE", "net_balance"])
def test_g7_a_net_figure_is_refused_with_a_sentence(tmp_path, name):
    with pytest.raises(InputError, match="hides how many said worse") as caught:
        surveys(tmp_path, f"{ASKED},{name}", f"{ANSWER},39")
    assert caught.value.column == name


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("2026-Q1", "2026-W1", "quarter"),
        ("after-school", "../after", "programme"),
        ("after-school", "=a", "programme"),
        ("feels_safer", "q" * 300, "question"),
        ("feels_safer", "knows_who", "same"),
        (",all,", ",teachers,", "group"),
        (",61,", ",-61,", "better"),
        (",22,", ",,", "worse"),
        (",5", ",1000001", "no_answer"),
    ],
)
def test_a_wrong_answer_is_named(tmp_path, old, new, column):
    with pytest.raises(InputError) as caught:
        surveys(tmp_path, ASKED, ANSWER.replace(old, new))
    assert (caught.value.row, caught.value.column) == (2, column)


def test_a_group_answers_a_question_once(tmp_path):
    with pytest.raises(InputError, match="stands in row 2 too"):
        surveys(tmp_path, ASKED, ANSWER, ANSWER)
