"""Rows left out: numbers and reasons, never contents."""

from __future__ import annotations

import csv
import stat

import pytest

from corridors.errors import InputError
from corridors.publish import quarantine
from corridors.publish.quarantine import FILE, write_quarantine


def _read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_rows_are_sorted_and_named_by_file_without_folders(tmp_path):
    rows = [("/share/x/b.csv", 10, "no date"), ("x\\a.csv", 9, "no date"), ("b.csv", 2, "0,0")]
    path = write_quarantine(tmp_path, rows)
    assert path == tmp_path / FILE
    assert _read(path) == [
        ["file", "row", "reason"],
        ["a.csv", "9", "no date"],
        ["b.csv", "2", "0,0"],
        ["b.csv", "10", "no date"],
    ]
    first = path.read_bytes()
    write_quarantine(tmp_path, reversed(rows))
    assert path.read_bytes() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_run_without_dropped_rows_leaves_none_of_the_run_before(tmp_path):
    assert write_quarantine(tmp_path, []) is None
    assert not (tmp_path / FILE).exists()
    write_quarantine(tmp_path, [("a.csv", 2, "no date")])
    assert write_quarantine(tmp_path, []) is None
    assert not (tmp_path / FILE).exists()


def test_a_long_list_is_cut_and_says_by_how_much(tmp_path, monkeypatch):
    monkeypatch.setattr(quarantine, "MOST", 3)
    path = write_quarantine(tmp_path, [("a.csv", row, "no date") for row in range(2, 9)])
    rows = _read(path)
    assert [row[1] for row in rows[1:4]] == ["2", "3", "4"]
    assert rows[4:] == [["", "", "4 more rows"]]


def test_a_file_name_is_no_formula(tmp_path):
    path = write_quarantine(tmp_path, [("=1+1.csv", 2, "no date")])
    assert _read(path)[1][0] == "'=1+1.csv"


def test_no_link_is_written_through(tmp_path):
    (tmp_path / "w/log").mkdir(parents=True)
    (tmp_path / "w" / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="link"):
        write_quarantine(tmp_path / "w", [("a.csv", 2, "no date")])
    assert not (tmp_path / "elsewhere").exists()
