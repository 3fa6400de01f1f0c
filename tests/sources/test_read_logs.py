from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_workspace import write

from corridors.chain import chain_of
from corridors.errors import ColumnError
from corridors.sources.logs import read_approvals, read_toolkit
from corridors.tables import Approvals, ToolkitEntries

HEAD = tuple(Approvals.columns())
ROWS = (
    ("E05990001", "2026-W10", "900001", "proposed", "0123abcd", "Sergeant", "Borough police"),
    ("E05990001", "2026-W10", "900001", "agreed", "0123abcd", "Deputy head", "Zoë Academy"),
    ("E05990001", "2026-W10", "900001", "withdrawn", "", "Deputy head", "Zoë Academy"),
)
DAYS = (date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 12))


def log(rows=ROWS, days=DAYS, shown="%d/%m/%Y"):
    """The rows with their chains, as a list of cells."""
    made, previous = [], ""
    for row, day in zip(rows, days, strict=True):
        previous = chain_of(previous, (*row, day.isoformat()))
        made.append([*row, day.strftime(shown), previous])
    return made


def text(rows):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([HEAD, *rows])
    return out.getvalue()


def read(tmp_path, rows):
    return read_approvals(write(tmp_path / "l.csv", text(rows)), file="l.csv")


def test_f8_b9_the_log_is_read_in_its_order(tmp_path):
    table, record = read(tmp_path, log())
    assert table["state"].tolist() == ["proposed", "agreed", "withdrawn"]
    assert table["on"].dt.date.tolist() == list(DAYS)
    assert table.index.tolist() == [0, 1, 2]
    assert (record.kind, record.first, record.last) == ("approvals", DAYS[0], DAYS[2])
    assert read(tmp_path, [])[0].empty


def test_f8_the_chain_does_not_depend_on_how_a_spreadsheet_writes_dates(tmp_path):
    one, _ = read(tmp_path, log())
    other, _ = read(tmp_path, log(shown="%Y-%m-%d"))
    assert one.equals(other)


@given(row=st.integers(0, 2), column=st.integers(0, 8), data=st.data())
def test_f8_any_change_of_any_cell_is_told(tmp_path_factory, row, column, data):
    rows = log()
    others = ["E05990002", "2026-W11", "900002", "published", "0123abce", "Head", "Other", "x" * 16]
    spoilt = others[column] if column < 7 else "11/02/2026" if column == 7 else others[7]
    if data.draw(st.booleans()) and column in (5, 6):
        spoilt = rows[row][column] + "."
    rows[row][column] = spoilt
    with pytest.raises(ColumnError) as caught:
        read(tmp_path_factory.mktemp("log"), rows)
    assert caught.value.row == row + 2


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2), (1, 2)])
def test_f8_rows_that_were_moved_or_taken_out_are_told(tmp_path, order):
    rows = log()
    with pytest.raises(ColumnError, match="does not follow from the rows before it") as caught:
        read(tmp_path, [rows[i] for i in order])
    assert caught.value.column == "chain"


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        (0, "Hackney", "no?t a ward code"),
        (1, "2026-W60", "has no week 60"),
        (2, "x", "not a school URN"),
        (3, "agred", "Did you mean agreed"),
        (4, "", "is empty"),
        (5, "", "is empty"),
        (7, "", "is empty"),
    ],
)
def test_a_wrong_cell_is_told_before_the_chain(tmp_path, column, value, words):
    rows = log()
    rows[1][column] = value
    with pytest.raises(ColumnError, match=words) as caught:
        read(tmp_path, rows)
    assert (caught.value.row, caught.value.column) == (3, HEAD[column])


def test_d1_bookings_are_read(tmp_path):
    def toolkit(lines):
        path = write(tmp_path / "t.csv", "urn,date,item\n" + lines)
        return read_toolkit(path, file="t.csv")[0]

    table = toolkit("900002,05/03/2026,Knife arch\n900001,02/03/2026,assembly\n")
    assert table["item"].tolist() == ["assembly", "knife_arch"]
    assert ToolkitEntries.validate(table) is table
    assert len(toolkit("900001,02/03/2026,assembly\n" * 2)) == 2  # booked twice is paid twice
    with pytest.raises(ColumnError, match="no key of the toolkit"):
        toolkit("900001,02/03/2026,=1+1\n")
    with pytest.raises(ColumnError, match="day of the activity"):
        toolkit("900001,,assembly\n")
