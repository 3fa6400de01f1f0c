from __future__ import annotations

import pandas as pd
import pytest
from support_workspace import TEXTS, write

from corridors.errors import ColumnError, InputError
from corridors.sources.people import (
    empty,
    read_agreements,
    read_aims,
    read_gates,
    read_people,
    read_protocol,
    read_starts,
    require_known_schools,
)
from corridors.tables import ROLES, GateOverrides, ProtocolParties

PEOPLE = TEXTS["people.csv"]


def people(tmp_path, text=PEOPLE):
    return read_people(write(tmp_path / "p.csv", text), file="p.csv")


def test_people_are_read(tmp_path):
    table, record = people(tmp_path)
    known = table.loc["P1"].dropna().to_dict()  # without a vetting date and pay
    assert known == {
        "name": "Ann Ode",
        "organisation": "Borough police",
        "role": "school_linked_officer",
        "statutory": "",
        "accepts_police": "joint_visible",
        "available": "Mon Tue Wed",
        "urns": "900001",
        "wards": "",
        "print_name": True,
        "posting": "",
        "stands_in": False,
        "training": "",
        "languages": "",
        "plain_clothes_by": "",
    }
    assert table.loc["P2", "available"] == "Mon Fri"
    assert (record.rows_read, record.rows_used) == (2, 2)


def test_the_order_of_people_changes_nothing(tmp_path):
    head, *rows = PEOPLE.splitlines()
    first, _ = people(tmp_path)
    second, _ = people(tmp_path, "\n".join([head, *reversed(rows)]) + "\n")
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize(
    ("old", "new", "column", "words"),
    [
        ("youth_worker,no", "youth_wroker,no", "role", "Did you mean youth_worker"),
        ("youth_worker,no", "youth_worker,", "statutory", "empty for a youth worker"),
        ("youth_worker,no", "youth_worker,perhaps", "statutory", "is not known"),
        ("no,none,", "no,,", "accepts_police", "is empty"),
        ("no,none,", "no,nearby,", "accepts_police", "nearby_not_joint"),
        (",,joint_visible", ",,none", "accepts_police", "does not fit the role"),
        ("Monday Fri", "Sat", "available", "not a school weekday"),
        ("Monday Fri", "Monsun", "available", "not a school weekday"),
        ("E05990001", "Hackney", "wards", "ward codes"),
        ("P2,Ben Ame", "P1,Ben Ame", "person_id", "stands in row 2 too"),
        ("P2,Ben Ame", "P2,", "name", "is empty"),
        ("P2,Ben Ame", "P2,Ben\x07Ame", "name", "cannot be printed"),
        ("P2,Ben Ame", "P2," + "B" * 300, "name", "longer than"),
        ("E05990001,no", "E05990001,maybe", "print_name", "is not known"),
    ],
)
def test_wrong_cells_are_told_with_their_row(tmp_path, old, new, column, words):
    assert old in PEOPLE
    with pytest.raises(ColumnError, match=words) as caught:
        people(tmp_path, PEOPLE.replace(old, new))
    assert (caught.value.file, caught.value.column) == ("p.csv", column)
    assert caught.value.row == (2 if ",,none" in new else 3)


def test_no_people_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no rows"):
        people(tmp_path, PEOPLE.splitlines()[0] + "\n")


def test_people_files_are_utf8_or_say_so(tmp_path):
    with pytest.raises(InputError, match="CSV UTF-8") as caught:
        read_people(
            write(tmp_path / "p.csv", PEOPLE.replace("Ben", "Zoë").encode("cp1252")), file="p.csv"
        )
    assert caught.value.row == 3


STANDING = ",posting,stands_in,training,vetted_on,languages,plain_clothes_by,pay_per_hour"


def with_standing(cells: str) -> str:
    """The people file with the columns that may be left out; ``cells`` are those of P1."""
    head, first, second = PEOPLE.splitlines()
    return f"{head}{STANDING}\n{first},{cells}\n{second},,,,,,,17.50\n"


def test_b13_b14_b15_b16_b17_b18_what_people_hold_is_read(tmp_path):
    cells = "response,yes,Trauma child_centred,03/02/2025,ur EN,Inspector,"
    table, _ = people(tmp_path, with_standing(cells))
    known = table.loc["P1"].to_dict()
    assert known["posting"] == "response"
    assert known["stands_in"]
    assert known["training"] == "child_centred trauma"
    assert known["vetted_on"] == pd.Timestamp("2025-02-03")
    assert known["languages"] == "en ur"
    assert known["plain_clothes_by"] == "Inspector"
    assert pd.isna(known["pay_per_hour"])
    assert table.loc["P2", "pay_per_hour"] == 17.5
    assert table.loc["P2", "training"] == ""


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ("respons,,,,,,", "posting", "Did you mean response"),
        (",,truama,,,,", "training", "Did you mean trauma"),
        (",,,yes,,,", "vetted_on", "is not a date"),
        (",,,,english,,", "languages", "no language code"),
        (",,,,,,lots", "pay_per_hour", "no amount in pounds"),
        (",perhaps,,,,,", "stands_in", "is not known"),
    ],
)
def test_wrong_cells_about_what_people_hold_are_told(tmp_path, cells, column, words):
    with pytest.raises(ColumnError, match=words) as caught:
        people(tmp_path, with_standing(cells))
    assert (caught.value.row, caught.value.column) == (2, column)


def test_b5_every_role_is_read_and_youth_workers_say_whether_they_are_statutory(tmp_path):
    head = PEOPLE.splitlines()[0]
    rows = [
        f"R{i},Name,Org,{role},{'yes' if role == 'youth_worker' else ''},joint_visible,Mon,,,no"
        for i, role in enumerate(ROLES)
    ]
    table, _ = people(tmp_path, "\n".join([head, *rows]) + "\n")
    assert set(table["role"]) == set(ROLES)
    assert table.loc[table["role"] == "youth_worker", "statutory"].tolist() == ["yes"]
    silent = "\n".join([head, *rows]).replace("youth_worker,yes", "youth_worker,") + "\n"
    with pytest.raises(ColumnError, match=r"empty for a youth worker \(B5\)"):
        people(tmp_path, silent)


def test_agreements(tmp_path):
    def read(text):
        return read_agreements(write(tmp_path / "a.csv", text), file="a.csv")

    text = TEXTS["agreements.csv"]
    table, record = read(text)
    assert table.loc["900001", "head_agreed_on"] == pd.Timestamp("2026-01-05")
    assert table["withdrawn_on"].isna().all()
    assert record.kind == "agreements"
    with pytest.raises(ColumnError, match="leave its row out"):
        read(text.replace("2026-01-06", ""))
    with pytest.raises(ColumnError, match="dd/mm/yyyy"):
        read(text.replace("2026-01-06", "06/13/2026"))
    with pytest.raises(ColumnError, match="before the agreement"):
        read(text.replace("head,,", "head,01/01/2026,"))
    with pytest.raises(ColumnError, match="row 2 too"):
        read(text + text.splitlines()[1] + "\n")


def test_protocol(tmp_path):
    def read(text):
        return read_protocol(write(tmp_path / "p.csv", text), file="p.csv")

    table, _ = read(TEXTS["protocol.csv"])
    assert table["agreed_on"].isna().to_dict() == {"Borough police": True, "Youth First": False}
    assert read("party,agreed_on,review_on\n")[0].empty
    with pytest.raises(ColumnError, match="before the agreement"):
        read("party,agreed_on,review_on\nX,02/01/2026,01/01/2026\n")


def test_aims_are_those_of_the_profile(tmp_path):
    def read(text):
        return read_aims(
            write(tmp_path / "a.csv", text), file="a.csv", known=("trust", "early_help")
        )

    assert read(TEXTS["aims.csv"])[0].loc["900001", "aim"] == "trust"
    with pytest.raises(ColumnError, match="Did you mean early_help"):
        read("urn,aim,confirmed_by\n900001,early_hlep,Inspector\n")
    with pytest.raises(ColumnError, match="is empty") as caught:
        read("urn,aim,confirmed_by\n900001,trust,\n")
    assert caught.value.column == "confirmed_by"


def test_c13_b8_an_aim_has_its_programme_and_may_have_a_reason_for_police_alone(tmp_path):
    head = "urn,aim,confirmed_by,police_alone_reason,starts_on,ends_on,review_on\n"
    row = "900001,trust,Inspector,Two stabbings,05/01/2026,27/03/2026,01/03/2026\n"

    def read(text):
        return read_aims(write(tmp_path / "a.csv", text), file="a.csv", known=("trust",))[0]

    found = read(head + row).loc["900001"]
    assert found["police_alone_reason"] == "Two stabbings"
    assert [found[c].isoformat()[:10] for c in ("starts_on", "ends_on", "review_on")] == [
        "2026-01-05", "2026-03-27", "2026-03-01",
    ]  # fmt: skip
    assert pd.isna(read(TEXTS["aims.csv"]).loc["900001", "review_on"])
    with pytest.raises(ColumnError, match="before the start 05/01/2026"):
        read(head + row.replace("27/03/2026", "04/01/2026"))


def test_starts_and_gates(tmp_path):
    starts, _ = read_starts(write(tmp_path / "s.csv", TEXTS["starts.csv"]), file="s.csv")
    assert starts.loc["900001"].tolist() == [530_400, 180_500, 530_600, 180_500]
    gates, _ = read_gates(write(tmp_path / "g.csv", TEXTS["gates.csv"]), file="g.csv")
    assert gates.index.tolist() == [0, 1]
    assert gates["x_m"].tolist() == [530_395, 530_405]
    for bad, words in (
        ("0,0", "not a position"),
        ("51.5,-0.1", "not a position"),
        ("x,1", "number"),
    ):
        text = f"urn,easting,northing\n900001,{bad}\n"
        with pytest.raises(ColumnError, match=words) as caught:
            read_gates(write(tmp_path / "b.csv", text), file="b.csv")
        assert caught.value.row == 2


def test_optional_tables_may_be_absent():
    assert ProtocolParties.validate(empty("protocol")).empty
    assert GateOverrides.validate(empty("gates")).empty
    assert empty("aims").empty
    assert empty("starts").empty


def test_a_mistyped_school_is_told_with_the_nearest(tmp_path):
    table, _ = read_agreements(write(tmp_path / "a.csv", TEXTS["agreements.csv"]), file="a.csv")
    require_known_schools(table, {"900001"}, file="a.csv")
    with pytest.raises(ColumnError, match="Did you mean 900011"):
        require_known_schools(table, {"900011"}, file="a.csv")
