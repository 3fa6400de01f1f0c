from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_workspace import write

from corridors.errors import ColumnError, InputError, MissingFileError
from corridors.sources.csvs import normal, read_cells

ALIASES = {"a": ("Alpha", "First (name)"), "b": ("Beta",)}


def read(path, **options):
    return read_cells(path, file="t.csv", **{"aliases": ALIASES, "required": ("a",)} | options)


def test_only_asked_columns_are_kept(tmp_path):
    path = write(tmp_path / "t.csv", "MO,first_NAME,Beta\nSECRETCANARY,1,2\n")
    table = read(path)
    assert list(table.cells) == ["a", "b"]
    assert "CANARY" not in repr(vars(table)) + table.cells.to_csv()
    assert table.headers == {"a": "first_NAME", "b": "Beta"}


def test_rows_count_as_a_spreadsheet_does(tmp_path):
    path = write(tmp_path / "t.csv", 'Alpha,Beta\n"two\nlines",1\n\n,,,\n , \nx,2\n')
    table = read(path)
    assert list(table.cells.index) == [2, 5, 6]
    assert list(table.cells["a"]) == ["two\nlines", "", "x"]


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_categories=["C"]), min_size=1)] * 2), min_size=1
    )
)
def test_what_csv_writes_is_read_back(tmp_path_factory, rows):
    text = io.StringIO()
    csv.writer(text).writerows([("Alpha", "Beta"), *rows])
    path = write(tmp_path_factory.mktemp("csv") / "t.csv", text.getvalue())
    cells = read(path).cells
    assert list(cells.itertuples(index=False, name=None)) == [
        (a.strip(), b.strip()) for a, b in rows
    ]


@pytest.mark.parametrize(
    ("content", "problem", "row"),
    [
        (b"", "is empty", None),
        (b"\n", "has no header", None),
        (b"Alpha,Beta\n", "has a header but no rows", None),
        (b"Alpha,Beta\n1,2\n1\n", "has 1 cells where the header has 2", 3),
        (b"Alpha,Beta\n1,2\n1,2,3\n", "has 3 cells where the header has 2", 3),
        (b"Alpha,Beta\n1,\x00\n", "holds a NUL byte", 2),
        (b"Alpha,Beta\n1,2\n\xe9,2\n", "is not UTF-8", 3),
        (b"Alpha,Beta\n1,\"2\n", "breaks the rules of CSV", 2),
        (b"Alpha,Beta\n1," + b"x" * 200_000 + b"\n", "breaks the rules of CSV", None),
        (b"Alpha;Beta\n1;2\n", "one column only", 1),
        (b"Alpha,Alpha,Beta\n1,2,3\n", "stands twice", 1),
        (b"PK\x03\x04rest", "is an Excel workbook", None),
        (b"\xff\xfeA\x00", "UTF-16", None),
    ],
)  # fmt: skip
def test_a_broken_file_is_one_clear_error(tmp_path, content, problem, row):
    with pytest.raises(InputError, match=problem) as caught:
        read(write(tmp_path / "t.csv", content))
    assert caught.value.file == "t.csv"
    if row is not None:
        assert caught.value.row == row


def test_a_missing_column_names_the_nearest(tmp_path):
    with pytest.raises(ColumnError, match="Is it the column 'Alhpa'"):
        read(write(tmp_path / "t.csv", "Alhpa,Beta\n1,2\n"))


def test_a_folder_and_nothing_are_told_apart(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(MissingFileError):
        read(tmp_path / "none.csv")


def test_encodings(tmp_path):
    path = write(tmp_path / "t.csv", "Alpha,Beta\nZoë,2\n".encode("cp1252"))
    assert read(path, may_be_windows=True).cells["a"].iloc[0] == "Zoë"
    path = write(tmp_path / "u.csv", "Alpha,Beta\nZoë,2\n".encode("utf-8-sig"))
    assert read(path).cells["a"].iloc[0] == "Zoë"
    path = write(tmp_path / "v.csv", b"Alpha,Beta\n\x81\xe9,2\n")
    with pytest.raises(InputError, match="neither UTF-8 nor Windows-1252"):
        read(path, may_be_windows=True)


def test_normal_ignores_spelling():
    assert normal(" Establishment-Status (NAME)\r") == "establishment status name"
