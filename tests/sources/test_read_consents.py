from __future__ import annotations

import pandas as pd
import pytest
from support_workspace import TEXTS, write

from corridors.errors import ColumnError
from corridors.sources.consents import known_people, read_absences, read_consents
from corridors.sources.people import read_people
from corridors.tables import Absences, Consents

CONSENTS = """\
party_kind,party,level,urns,aims,given_by,given_on,expires_on
person,P2,on_call,900001,early_help trust,Ben Ame,05/01/2026,
organisation,youth  first,none,,,Project manager,01/02/2026,31/07/2026
"""
ABSENCES = """\
person_id,first,last,reason_code,told_on
P1,02/03/2026,04/03/2026,abstracted,27/02/2026
"""
AIMS = ("trust", "early_help")


@pytest.fixture
def known(tmp_path):
    table, _ = read_people(write(tmp_path / "people.csv", TEXTS["people.csv"]), file="people.csv")
    return known_people(table)


@pytest.fixture
def consents(tmp_path, known):
    def read(text=CONSENTS, whom=known):
        path = write(tmp_path / "c.csv", text)
        return read_consents(path, file="c.csv", aims=AIMS, known=whom)

    return read


@pytest.fixture
def absences(tmp_path, known):
    def read(text=ABSENCES, whom=known):
        return read_absences(write(tmp_path / "a.csv", text), file="a.csv", known=whom)

    return read


def test_b3_consents_are_read_with_their_scope(consents):
    table, record = consents()
    rows = table.set_index("party").to_dict("index")
    assert rows["P2"] == {
        "party_kind": "person",
        "level": "on_call",
        "urns": "900001",
        "aims": "trust early_help",
        "given_by": "Ben Ame",
        "given_on": pd.Timestamp("2026-01-05"),
        "expires_on": pd.NaT,
    }
    assert rows["Youth First"]["expires_on"] == pd.Timestamp("2026-07-31")
    assert (record.kind, record.rows_used, record.notes) == ("consents", 2, ())
    assert Consents.validate(table) is table


def test_the_order_of_rows_changes_nothing(consents):
    head, *rows = CONSENTS.splitlines()
    again, _ = consents("\n".join([head, *reversed(rows)]) + "\n")
    pd.testing.assert_frame_equal(consents()[0], again)


@pytest.mark.parametrize(
    ("old", "new", "column", "words"),
    [
        ("person,P2", "person,P3", "party", "no person_id of the people file. Did you mean P"),
        ("person,P2", "person,", "party", "is empty"),
        ("person,P2", "persn,P2", "party_kind", "Did you mean person"),
        ("youth  first", "Youth Frist", "party", "Did you mean Youth First"),
        ("youth  first", "P2", "party", "no organisation"),
        ("on_call,900001", "oncall,900001", "level", "Did you mean on_call"),
        ("on_call,900001", ",900001", "level", "is empty"),
        ("early_help trust", "early_hlep", "aims", "Did you mean early_help"),
        ("900001", "9000", "urns", "school URNs"),
        (",Ben Ame,", ",,", "given_by", "is empty"),
        ("05/01/2026", "01/13/2026", "given_on", "dd/mm/yyyy"),
        ("05/01/2026", "", "given_on", "from which it holds"),
        ("31/07/2026", "31/01/2026", "expires_on", "before it was given, 01/02/2026"),
        ("person,P2", "person,P1", "level", "does not fit police"),
        ("youth  first,none", "Borough police,none", "level", "does not fit police"),
    ],
)
def test_a_wrong_consent_is_told_with_its_row(consents, old, new, column, words):
    assert old in CONSENTS
    with pytest.raises(ColumnError, match=words) as caught:
        consents(CONSENTS.replace(old, new))
    row = 2 if old in CONSENTS.splitlines()[1] else 3
    assert (caught.value.file, caught.value.row, caught.value.column) == ("c.csv", row, column)


def test_two_answers_to_one_question_are_refused_and_a_later_one_is_not(consents):
    row = CONSENTS.splitlines()[1]
    with pytest.raises(ColumnError, match="row 2 too"):
        consents(CONSENTS + row.replace("on_call", "joint_visible") + "\n")
    later, _ = consents(CONSENTS + row.replace("05/01/2026", "06/02/2026") + "\n")
    assert len(later) == 3


def test_a12_no_reason_is_read_and_a_column_for_one_is_told(consents):
    head, *rows = CONSENTS.splitlines()
    text = "\n".join([f"{head},Reason,notes", *(f"{r},SECRETCANARY,x" for r in rows)]) + "\n"
    table, record = consents(text)
    assert "CANARY" not in table.to_csv() + repr(record)
    assert list(table) == list(Consents.columns())
    (note,) = record.notes
    assert note.startswith("never read: Reason, notes.")


def test_without_a_people_file_the_rest_is_still_checked(consents, absences):
    assert len(consents(CONSENTS.replace("P2", "P9"), None)[0]) == 2
    assert len(absences(ABSENCES.replace("P1", "P9"), None)[0]) == 1
    with pytest.raises(ColumnError, match="Did you mean on_call"):
        consents(CONSENTS.replace("on_call", "on_cal"), None)


def test_c7_absences_are_read(absences):
    table, record = absences()
    assert table.loc[0].to_dict() == {
        "person_id": "P1",
        "first": pd.Timestamp("2026-03-02"),
        "last": pd.Timestamp("2026-03-04"),
        "reason_code": "abstracted",
        "told_on": pd.Timestamp("2026-02-27"),
    }
    assert (record.first.isoformat(), record.last.isoformat()) == ("2026-03-02", "2026-03-04")
    assert Absences.validate(table) is table
    assert absences(ABSENCES.splitlines()[0] + "\n")[0].empty


@pytest.mark.parametrize(
    ("old", "new", "column", "words"),
    [
        ("P1,", "P11,", "person_id", "Did you mean P1"),
        ("abstracted", "abstractd", "reason_code", "Did you mean abstracted"),
        ("abstracted", "has flu", "reason_code", "is not known"),
        ("04/03/2026", "01/03/2026", "last", "before the first day 02/03/2026"),
        ("04/03/2026", "", "last", "repeat the first"),
        ("27/02/2026", "", "told_on", "is empty"),
    ],
)
def test_a_wrong_absence_is_told_with_its_row(absences, old, new, column, words):
    assert old in ABSENCES
    with pytest.raises(ColumnError, match=words) as caught:
        absences(ABSENCES.replace(old, new))
    assert (caught.value.file, caught.value.row, caught.value.column) == ("a.csv", 2, column)


def test_one_absence_does_not_stand_twice_under_two_reasons(absences):
    row = ABSENCES.splitlines()[1].replace("abstracted", "leave")
    with pytest.raises(ColumnError, match="row 2 too"):
        absences(ABSENCES + row + "\n")
