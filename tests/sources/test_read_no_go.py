"""Places to keep clear of: read, refused and checked (B19)."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_workspace import TOML, make_workspace, write

from corridors import sources
from corridors.errors import ColumnError, ProfileError
from corridors.sources.no_go import read_no_go
from corridors.tables import NoGoPlaces

TEXT = """\
name,easting,northing,reach_m,holds_for,asked_by
The Shed,530410,180500,50,police,CANARY
Quiet House,530500.5,180520,30,all,CANARY
The Shed,530400,180480,50,,
"""
WITH_NO_GO = TOML + '[no_go]\nfile = "no_go.csv"\n'


def read(tmp_path, text=TEXT):
    return read_no_go(write(tmp_path / "n.csv", text), file="n.csv")


def test_places_are_read_by_name_and_position(tmp_path):
    table, record = read(tmp_path)
    assert NoGoPlaces.validate(table) is table
    assert table["name"].tolist() == ["Quiet House", "The Shed", "The Shed"]
    assert table["x_m"].tolist() == [530_500.5, 530_400, 530_410]
    assert table["holds_for"].tolist() == ["all", "police", "police"]  # police if not said
    assert (record.kind, record.rows_read, record.rows_used) == ("no_go", 3, 3)
    assert "CANARY" not in table.to_csv() + repr(record)


def test_degrees_are_read_too(tmp_path):
    text = "name,lon,lat,reach_m\nThe Shed,-0.121,51.508,50\n"
    table, _ = read(tmp_path, text)
    assert abs(table["x_m"].iloc[0] - 530_500) < 500
    assert abs(table["y_m"].iloc[0] - 180_500) < 500


rows = st.lists(
    st.tuples(
        st.sampled_from(["The Shed", "Zoë's", "=1+1"]),
        st.sampled_from(["530400", "530410.5"]),
        st.sampled_from(["180500", "180510"]),
        st.sampled_from(["1", "50", "500"]),
        st.sampled_from(["police", "all", ""]),
    ),
    max_size=6,
)


@given(made=rows, seed=st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(tmp_path_factory, made, seed):
    folder = tmp_path_factory.mktemp("no_go")
    shuffled = [made[i] for i in np.random.default_rng(seed).permutation(len(made))]
    head = "name,easting,northing,reach_m,holds_for"
    first, second = (
        read(folder, "\n".join([head, *map(",".join, lines)]) + "\n")[0]
        for lines in (made, shuffled)
    )
    assert len(first) == len(made)
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize(
    ("old", "new", "column", "words"),
    [
        ("The Shed,530410", ",530410", "name", "is empty"),
        ("530410,180500", "51.5,-0.1", "easting", "degrees where metres belong"),
        ("530410,180500", "530410,", "easting", "no coordinates"),
        ("530410,180500", "nan,180500", "easting", "not numbers"),
        ("500,50,police", "500,,police", "reach_m", "Give metres, as 50"),
        ("500,50,police", "500,0,police", "reach_m", "Give 1 to 500 metres"),
        ("500,50,police", "500,501,police", "reach_m", "Give 1 to 500 metres"),
        ("500,50,police", "500,nan,police", "reach_m", "Give 1 to 500 metres"),
        ("500,50,police", "500,50,polce", "holds_for", "Did you mean police"),
    ],
)
def test_wrong_cells_are_told_with_their_row(tmp_path, old, new, column, words):
    assert old in TEXT
    with pytest.raises(ColumnError, match=words) as caught:
        read(tmp_path, TEXT.replace(old, new, 1))
    assert (caught.value.file, caught.value.row, caught.value.column) == ("n.csv", 2, column)
    assert caught.value.fix


@pytest.mark.parametrize("header", ["name,reach_m", "name,easting,reach_m", "easting,northing"])
def test_a_missing_column_is_told(tmp_path, header):
    with pytest.raises(ColumnError):
        read(tmp_path, f"{header}\n")


# In a workspace ---------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path):
    make_workspace(tmp_path)
    write(tmp_path / "corridors.toml", WITH_NO_GO)
    write(tmp_path / "no_go.csv", TEXT)
    return tmp_path


def test_check_shows_that_places_are_marked_and_names_none(root):
    lines, errors = sources.check(sources.open_workspace(root))
    assert errors == ()
    (line,) = (line for line in lines if line.kind == "no_go")
    assert str(line) == "no_go: no_go.csv: 3 of 3 rows used"


def test_check_tells_what_is_wrong_with_them(root):
    write(root / "no_go.csv", TEXT.replace("530410", "0", 1))
    _, errors = sources.check(sources.open_workspace(root))
    assert [error.file for error in errors] == ["no_go.csv"]
    (root / "no_go.csv").unlink()
    _, errors = sources.check(sources.open_workspace(root))
    assert [error.column for error in errors] == ["no_go.file"]


def test_a_mistyped_section_is_told(root):
    write(root / "corridors.toml", WITH_NO_GO.replace("[no_go]", "[nogo]"))
    with pytest.raises(ProfileError, match="Did you mean no_go"):
        sources.open_workspace(root)


def test_a_new_workspace_offers_them(tmp_path):
    files = sources.init_files()
    lines = files["corridors.toml"].decode().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("# [no_go]"))
    offered = [line.removeprefix("# ") for line in lines[at : at + 2]]
    write(tmp_path / "corridors.toml", "\n".join([*lines[:at], *offered]))
    opened = sources.open_workspace(tmp_path)
    assert opened.no_go is not None
    header = lines[at + 1].rpartition("# ")[2]
    text = f"{header}\nThe Shed,530410,180500,50,police\n"
    assert len(read_no_go(write(tmp_path / "n.csv", text), file="n.csv")[0]) == 1
    readme = files["README.txt"].decode()
    assert all(name in readme for name in itertools.chain(header.split(","), [opened.no_go.file]))
