"""Where patrols have been: read, refused and checked."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_workspace import TOML, make_workspace, write

from corridors import sources
from corridors.errors import ColumnError, InputError, ProfileError
from corridors.sources.visits import read_visits
from corridors.tables import Visits

TEXT = """\
date,easting,northing,minutes,officer,notes
03/02/2026,530410,180500,45,CANARY PC,saw CANARY
02/02/2026,530410,180500,,CANARY PC,
02/02/2026,530400.5,180500,20,,
"""
WITH_VISITS = TOML + '[visits]\nfile = "visits.csv"\n'


def read(tmp_path, text=TEXT):
    return read_visits(write(tmp_path / "v.csv", text), file="v.csv")


def test_visits_are_read_by_day_and_place(tmp_path):
    table, record = read(tmp_path)
    assert Visits.validate(table) is table
    assert table["date"].dt.day.tolist() == [2, 2, 3]
    assert table["x_m"].tolist() == [530_400.5, 530_410, 530_410]
    np.testing.assert_array_equal(table["minutes"], [20, np.nan, 45])
    assert (record.kind, record.rows_read, record.rows_used) == ("visits", 3, 3)
    assert (f"{record.first:%d/%m}", f"{record.last:%d/%m}") == ("02/02", "03/02")


def test_no_other_column_is_read(tmp_path):
    table, record = read(tmp_path)
    assert "CANARY" not in table.to_csv() + repr(record)
    assert list(table) == list(Visits.columns())


rows = st.lists(
    st.tuples(
        st.sampled_from(["02/02/2026", "2026-02-03", "04/02/2026"]),
        st.sampled_from(["530400", "530410.5"]),
        st.sampled_from(["180500", "180510"]),
        st.sampled_from(["", "0", "20", "45.5"]),
    ),
    max_size=8,
)


@given(made=rows, seed=st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(tmp_path_factory, made, seed):
    folder = tmp_path_factory.mktemp("visits")
    shuffled = [made[i] for i in np.random.default_rng(seed).permutation(len(made))]
    head = "date,easting,northing,minutes"
    first, second = (
        read(folder, "\n".join([head, *map(",".join, lines)]) + "\n")[0]
        for lines in (made, shuffled)
    )
    assert len(first) == len(made)
    pd.testing.assert_frame_equal(first, second)


def test_minutes_may_be_left_out_altogether(tmp_path):
    table, _ = read(tmp_path, "Date,Easting,Northing\n02/02/2026,530410,180500\n")
    assert table["minutes"].isna().all()
    assert str(table["minutes"].dtype) == "float64"


def test_a_header_only_says_that_there_were_no_patrols(tmp_path):
    table, record = read(tmp_path, TEXT.splitlines()[0] + "\n")
    assert table.empty
    assert (record.rows_read, record.first) == (0, None)


@pytest.mark.parametrize(
    ("old", "new", "column", "words"),
    [
        ("03/02/2026", "", "date", "is empty"),
        ("03/02/2026", "02/13/2026", "date", "dd/mm/yyyy"),
        ("03/02/2026", "03/02/2026 15:40", "date", "is not a date"),
        ("530410,180500,45", "51.5,-0.1,45", "easting", "not a position"),
        ("530410,180500,45", "530410,,45", "northing", "is not a number"),
        ("530410,180500,45", "530410,nan,45", "northing", "not a position"),
        (",45,", ",3/4 h,", "minutes", "Give minutes, as 45"),
        (",45,", ",-1,", "minutes", "0 to 1440"),
        (",45,", ",1441,", "minutes", "0 to 1440"),
        (",45,", ",nan,", "minutes", "0 to 1440"),
        (",45,", ",inf,", "minutes", "0 to 1440"),
    ],
)
def test_wrong_cells_are_told_with_their_row(tmp_path, old, new, column, words):
    assert old in TEXT
    with pytest.raises(ColumnError, match=words) as caught:
        read(tmp_path, TEXT.replace(old, new, 1))
    assert (caught.value.file, caught.value.row, caught.value.column) == ("v.csv", 2, column)
    assert caught.value.fix


def test_a_missing_column_is_told(tmp_path):
    with pytest.raises(ColumnError, match="'eastings'"):
        read(tmp_path, "date,eastings,northing\n")


def refusal(path):
    """The words of the refusal, or nothing if the file was read."""
    try:
        Visits.validate(read_visits(path, file=path.name)[0])
    except InputError as error:
        return str(error)
    return ""


@given(data=st.data())
def test_mutated_files_are_read_or_refused(tmp_path_factory, data):
    content = bytearray(TEXT.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b'"', b",", b"\n", b"1e999", b"\xd9\xa3"])
        )
    path = write(tmp_path_factory.mktemp("bytes") / "v.csv", bytes(content))
    assert refusal(path).isprintable()  # one line, nothing that moves a terminal's cursor


# In a workspace ---------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path):
    make_workspace(tmp_path)
    write(tmp_path / "corridors.toml", WITH_VISITS)
    write(tmp_path / "visits.csv", TEXT)
    return tmp_path


def test_check_shows_visits_with_area_and_days(root):
    lines, errors = sources.check(sources.open_workspace(root))
    assert errors == ()
    line = lines[-1]
    assert line.kind == "visits"
    assert str(line) == (
        "visits: visits.csv: 3 of 3 rows used; E 530 to 531 km, N 180 to 181 km; "
        "02/02/2026 to 03/02/2026"
    )


def test_check_tells_what_is_wrong_with_visits(root):
    write(root / "visits.csv", TEXT.replace("530410", "0", 1))
    lines, errors = sources.check(sources.open_workspace(root))
    assert [error.file for error in errors] == ["visits.csv"]
    assert "visits" not in {line.kind for line in lines}
    (root / "visits.csv").unlink()
    _, errors = sources.check(sources.open_workspace(root))
    assert [error.column for error in errors] == ["visits.file"]


def test_a_workspace_without_visits_has_none(root):
    write(root / "corridors.toml", TOML)
    opened = sources.open_workspace(root)
    assert opened.visits is None
    assert "visits" not in {line.kind for line in sources.check(opened)[0]}


def test_a_mistyped_section_is_told(root):
    write(root / "corridors.toml", WITH_VISITS.replace("[visits]", "[vists]"))
    with pytest.raises(ProfileError, match="Did you mean visits"):
        sources.open_workspace(root)


def test_a_new_workspace_offers_visits(tmp_path):
    files = sources.init_files()
    lines = files["corridors.toml"].decode().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("# [visits]"))
    offered = [line.removeprefix("# ") for line in lines[at : at + 2]]
    write(tmp_path / "corridors.toml", "\n".join([*lines[:at], *offered]))
    opened = sources.open_workspace(tmp_path)
    assert opened.visits is not None
    assert opened.visits.file == "data/visits.csv"
    header = lines[at + 1].rpartition("# ")[2]
    text = f"{header}\n02/02/2026,530410,180500,45\n"
    assert len(read_visits(write(tmp_path / "v.csv", text), file="v.csv")[0]) == 1
    readme = files["README.txt"].decode()
    assert all(name in readme for name in itertools.chain(header.split(","), ["data/visits.csv"]))
