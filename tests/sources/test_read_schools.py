from __future__ import annotations

import pandas as pd
import pytest
from support_workspace import TEXTS, write

from corridors.errors import ColumnError, CrsError
from corridors.sources.schools import read_schools, schools_inside
from corridors.tables import Schools

HEADER = "URN,EstablishmentName,StatutoryHighAge,NumberOfPupils,Easting,Northing\n"


def read(tmp_path, text):
    return read_schools(write(tmp_path / "s.csv", text), file="s.csv")


def test_only_what_a_plan_needs_leaves_the_reader(tmp_path):
    table, record = read(tmp_path, TEXTS["schools.csv"])
    assert list(table) == list(Schools.columns())
    assert "CANARY" not in table.to_csv() + repr(record)
    assert "44.4" not in table.to_csv()  # free school meals never weigh (H2)


def test_free_school_meals_change_nothing(tmp_path):
    first, _ = read(tmp_path, TEXTS["schools.csv"])
    second, _ = read(tmp_path, TEXTS["schools.csv"].replace("44.4", "12.5"))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_registers_come_in_several_encodings(tmp_path, encoding):
    table, _ = read(tmp_path, TEXTS["schools.csv"].encode(encoding))
    assert table.loc["900001", "name"] == "Zoë Academy"


def test_blank_rolls_stay_blank(tmp_path):
    text = "URN,EstablishmentName,StatutoryHighAge,NumberOfPupils,SchoolCapacity,Easting,Northing\n"
    table, record = read(tmp_path, text + "900001,A,16,,700,530400,180500\n")
    assert table["pupils"].isna().all()
    assert "schools without a roll: 1" in record.notes


def test_rows_in_any_order_give_one_table(tmp_path):
    rows = [f"90000{at},A{at},16,,530{at}00,180500\n" for at in range(5)]
    first, _ = read(tmp_path, HEADER + "".join(rows))
    second, _ = read(tmp_path, HEADER + "".join(reversed(rows)))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("12A456,A,16,,530400,180500", "URN", "not a school URN"),
        ("1234567,A,16,,530400,180500", "URN", "not a school URN"),
        ("900001,A,16,,530400,180500", "URN", "stands in row 2 too"),
        ("900002,A,sixteen,,530400,180500", "StatutoryHighAge", "not a number"),
        ("900002,A,16,-5,530400,180500", "NumberOfPupils", "not a number"),
    ],
)
def test_wrong_cells_are_told_with_their_row(tmp_path, row, column, words):
    with pytest.raises(ColumnError, match=words) as caught:
        read(tmp_path, HEADER + "900001,A,16,,530400,180500\n" + row + "\n")
    assert (caught.value.row, caught.value.column) == (3, column)


def test_schools_without_position_are_counted_or_an_error(tmp_path):
    good = "900001,A,16,,530400,180500\n900002,B,16,,530500,180500\n"
    table, record = read(tmp_path, HEADER + good + "900003,C,16,,0,0\n900004,D,16,,,\n")
    assert list(table.index) == ["900001", "900002"]
    assert record.dropped == (("coordinates are 0,0", 1), ("no coordinates", 1))
    with pytest.raises(CrsError, match="0,0"):
        read(tmp_path, HEADER + "900003,C,16,,0,0\n")


def test_schools_inside_an_area(tmp_path):
    table, record = read(tmp_path, TEXTS["schools.csv"])
    kept, said = schools_inside(table, record, (530_000, 180_000, 531_000, 181_000))
    assert list(kept.index) == ["900001"]
    assert (said.rows_used, said.dropped) == (1, (("outside the area", 1),))


@pytest.mark.realdata
def test_a_real_register(realdata):
    path = realdata / "camden" / "schools_gias_columns.csv"
    table, record = read_schools(path, file=path.name)
    assert (len(table), record.rows_read) == (116, 116)
    assert table["pupils"].isna().all()
    assert table["x_m"].between(520_000, 535_000).all()


@pytest.mark.realdata
def test_a_real_list_with_other_names(realdata):
    path = realdata / "trafford" / "trafford_schools_and_colleges.csv"
    table, record = read_schools(path, file=path.name)
    assert len(table) == 103
    row = table.loc["106167"]
    assert (row["name"], row["high_age"], row["pupils"]) == ("St John Vianney School", 19, 160)
    assert (row["x_m"], row["y_m"]) == pytest.approx((381_616, 395_003), abs=20)
    assert "no roll in the file: capacity is taken" in record.notes
