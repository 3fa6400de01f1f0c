"""Excel workbooks: the text that a CSV would hold, and what is refused."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from support_workspace import TEXTS, named, write

from corridors.errors import ColumnError, InputError
from corridors.sources import IncidentSource, people, read_incidents, workbooks
from corridors.sources.cells import cell_text, split_part
from corridors.sources.csvs import read_cells
from corridors.sources.schools import read_schools

ALIASES = {"a": ("Alpha",), "b": ("Beta",)}


def workbook(path, rows, *, sheets=(), merged=(), hidden=False):
    """Rows on a first sheet, each of ``sheets`` (name -> rows) after it."""
    with xlsxwriter.Workbook(path) as book:
        formats = {
            datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}),
            date: book.add_format({"num_format": "dd/mm/yyyy"}),
            time: book.add_format({"num_format": "hh:mm"}),
        }
        for name, table in (("Week", rows), *sheets):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(table):
                for column, value in enumerate(row):
                    if value is not None:
                        sheet.write(at, column, value, formats.get(type(value)))
            for area in merged:
                sheet.merge_range(area, "Incidents of the week")
            if hidden and name == "Week":
                sheet.hide()
        if hidden:
            book.worksheets()[-1].activate()
    return path


def read(path, **options):
    return read_cells(path, file="t.xlsx", **{"aliases": ALIASES, "required": ("a",)} | options)


def test_cells_are_what_a_csv_would_hold(tmp_path):
    rows = [
        ("Alpha", "Canary", "Beta"),
        (datetime(2026, 2, 2, 15, 40), "SECRETCANARY", 530410.0),  # noqa: DTZ001
        (datetime(2026, 2, 2, 15, 40, 7), "SECRETCANARY", 51.5125),  # noqa: DTZ001
        (date(2026, 2, 2), "SECRETCANARY", True),
        (None, None, None),
        (time(9, 5), "SECRETCANARY", " text "),
    ]
    table = read(workbook(tmp_path / "t.xlsx", rows))
    assert table.cells["a"].to_dict() == {
        2: "02/02/2026 15:40", 3: "02/02/2026 15:40:07", 4: "02/02/2026", 6: "09:05",
    }  # fmt: skip
    assert table.cells["b"].tolist() == ["530410", "51.5125", "yes", "text"]
    assert "CANARY" not in repr(vars(table)) + table.cells.to_csv()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (False, "no"),
        (float("nan"), ""),
        (1e300, "1e+300"),
        (Decimal("12.00"), "12"),
        (Decimal("1e999999"), "1E+999999"),
        (Decimal("0.10"), "0.10"),
        (timedelta(hours=24), "24:00"),
        (datetime(2026, 7, 1, 12, tzinfo=UTC), "2026-07-01T12:00:00+00:00"),
        (datetime(2026, 2, 2, 15, 39, 59, 999_900), "02/02/2026 15:40"),  # noqa: DTZ001
        (date(999, 1, 2), "02/01/0999"),
    ],
)
def test_text_of_a_cell(value, text):
    assert cell_text(value) == text


def test_a_list_is_no_cell():
    with pytest.raises(TypeError):
        cell_text([1])


@pytest.mark.parametrize("suffix", ["", "#People"])
def test_a_sheet_by_its_name_or_the_first(tmp_path, suffix):
    other = [("Alpha", "Beta"), ("second", 2)]
    workbook(tmp_path / "t.xlsx", [("Alpha",), ("first",)], sheets=[("People", other)])
    table = read(tmp_path / f"t.xlsx{suffix}")
    assert table.cells["a"].tolist() == ["second" if suffix else "first"]


def test_a_sheet_that_does_not_show_is_not_the_first(tmp_path):
    other = [("Alpha", "Beta"), ("second", 2)]
    path = workbook(tmp_path / "t.xlsx", [("Alpha",)], sheets=[("Two", other)], hidden=True)
    assert read(path).cells["a"].tolist() == ["second"]


def test_a_sheet_that_is_not_there_names_those_that_are(tmp_path):
    workbook(tmp_path / "t.xlsx", [("Alpha",), ("x",)])
    with pytest.raises(InputError, match=r"no such sheet.*It has: Week"):
        read(tmp_path / "t.xlsx#Weak")


@pytest.mark.parametrize(
    ("rows", "merged", "problem"),
    [
        ([("",), ("Alpha", "Beta"), ("x", 1)], ["A1:B1"], "title.*row 2"),
        ([("Incidents",), ("Alpha", "Beta"), ("x", 1)], [], "title"),
        ([(), ("Alpha", "Beta"), ("x", 1)], [], "no header in row 1"),
    ],
)
def test_a_title_above_the_header_is_told(tmp_path, rows, merged, problem):
    with pytest.raises(InputError, match=problem) as caught:
        read(workbook(tmp_path / "t.xlsx", rows, merged=merged))
    assert caught.value.file == "t.xlsx"


def test_an_error_names_the_row_that_the_spreadsheet_shows(tmp_path):
    text = list(csv.reader(io.StringIO(TEXTS["people.csv"])))
    text[2][3] = "youth_wroker"
    path = workbook(tmp_path / "people.xlsx", [text[0], (), text[1], text[2]])
    with pytest.raises(ColumnError, match="Did you mean youth_worker") as caught:
        people.read_people(path, file="people.xlsx")
    assert caught.value.row == 4


def test_readers_give_the_same_from_csv_and_workbook(tmp_path):
    for key, reader in (
        ("schools.csv", lambda p: read_schools(p, file="f")),
        ("incidents/a.csv", lambda p: read_incidents(IncidentSource((named(p),)))),
    ):
        rows = list(csv.reader(io.StringIO(TEXTS[key])))
        typed = [[int(c) if c.isdigit() and c[0] != "0" else c for c in row] for row in rows]
        a, _ = reader(write(tmp_path / "t.csv", TEXTS[key]))
        b, _ = reader(workbook(tmp_path / "t.xlsx", typed))
        assert a.equals(b)


def refusal(path):
    """The words of the refusal, or nothing if the file was read."""
    try:
        read(path)
    except InputError as error:
        return str(error)
    return ""


def packed(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def changed(path, old, new):
    """The workbook with a text in its first sheet replaced."""
    with zipfile.ZipFile(path) as book:
        members = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in members[sheet]
    members[sheet] = members[sheet].replace(old, new)
    return packed(path, members)


@pytest.mark.parametrize("far", [b"XFD1048576", b"A4294967295", b"ZZ999999", b"AAAAAAA1"])
def test_a_cell_far_out_is_refused_before_it_takes_memory(tmp_path, far):
    path = workbook(tmp_path / "t.xlsx", [("Alpha", "Beta"), ("x", 1)])
    with pytest.raises(InputError, match="too many rows and columns"):
        read(changed(path, b'r="B2"', b'r="%s"' % far))


def test_a_bomb_is_refused_by_the_size_that_it_tells(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 2_000)
    with pytest.raises(InputError, match="unpacks to more"):
        read(packed(tmp_path / "t.xlsx", {"xl/a.xml": b" " * 3_000}))


def test_a_bomb_that_tells_a_smaller_size_is_refused(tmp_path):
    path = workbook(tmp_path / "t.xlsx", [("Alpha", "Beta"), *[("x", 1)] * 2_000])
    content = path.read_bytes()
    with zipfile.ZipFile(path) as book:
        size = book.getinfo("xl/worksheets/sheet1.xml").file_size
    lied = content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lied != content
    path.write_bytes(lied)
    with pytest.raises(InputError, match="cannot be read as an Excel workbook"):
        read(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"Alpha,Beta\n1,2\n", "cannot be read as an Excel"),
        (b"", "is empty"),
        (b"PK\x03\x04rest", "cannot be read as an Excel"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path, content, problem):
    with pytest.raises(InputError, match=problem):
        read(write(tmp_path / "t.xlsx", content))


def test_a_zip_without_a_workbook_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read as an Excel"):
        read(packed(tmp_path / "t.xlsx", {"readme.txt": b"x"}))


@settings(max_examples=80)
@given(at=st.floats(0, 1), cut=st.integers(0, 40), piece=st.binary(max_size=8))
def test_mutated_workbooks_are_read_or_refused(tmp_path_factory, at, cut, piece):
    path = workbook(tmp_path_factory.mktemp("x") / "t.xlsx", [("Alpha", "Beta"), ("x", 1)])
    with zipfile.ZipFile(path) as book:
        members = {name: book.read(name) for name in book.namelist()}
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"):
        start = int(at * len(members[name]))
        spoilt = members[name][:start] + piece + members[name][start + cut :]
        assert refusal(packed(path, members | {name: spoilt})).isprintable()


def test_rows_are_added_to_csv_only(tmp_path):
    from corridors.publish.logs import append_rows

    with pytest.raises(InputError, match="CSV only"):
        append_rows(tmp_path / "a.xlsx#Sheet", "a.xlsx", ("x",), [{"x": "1"}])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("a/b.xlsx#Sheet 1", ("a/b.xlsx", "Sheet 1")),
        ("b.XLSX#a#b", ("b.XLSX", "a#b")),
        ("b.gpkg#roads", ("b.gpkg", "roads")),
        ("b#1.csv", ("b#1.csv", "")),
        ("b.xlsx", ("b.xlsx", "")),
    ],
)
def test_a_part_is_named_after_a_hash(written, parts):
    from pathlib import Path

    assert split_part(Path(written)) == (Path(parts[0]), parts[1])
