"""Records that only grow: nothing that stands there changes, whatever happens half-way."""

from __future__ import annotations

import csv
import stat
import threading

import pytest

from corridors import files
from corridors.errors import InputError
from corridors.publish.logs import append_lines, append_rows, held, plain_cell

COLUMNS = ("person_id", "first", "reason_code")
ROW = {"person_id": "P1", "first": "02/03/2026", "reason_code": "sick"}


def _append(path, *rows):
    append_rows(path, "absences.csv", COLUMNS, rows or [ROW])


def _read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_f8_a_new_file_is_private_and_opens_in_a_spreadsheet(tmp_path):
    path = tmp_path / "absences.csv"
    _append(path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfperson_id,first,reason_code\n")
    assert _read(path) == [ROW]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "old",
    [
        b"person_id,first,reason_code\nP9,1/3/26,sick\n",
        b'\xef\xbb\xbfreason_code,Person ID,first,extra\r\nsick,P9,1/3/26,"a, b"\r\n',
        b"person_id,first,reason_code\nP9,1/3/26,sick",
        b"person_id,first,reason_code\n",
        b'person_id,first,reason_code\n\n\nP9, 1/3/26 ,"si""ck"\n',
    ],
)
def test_c7_the_other_rows_stay_byte_for_byte(tmp_path, old):
    path = tmp_path / "absences.csv"
    path.write_bytes(old)
    path.chmod(0o640)
    _append(path)
    new = path.read_bytes()
    assert new.startswith(old)
    assert new.count(b"\r\n") == (3 if b"\r\n" in old else 0)
    row = {k.casefold().replace(" ", "_"): v for k, v in _read(path)[-1].items()}
    assert {k: row[k] for k in ROW} == ROW
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    "old", [b"person_id,first\nP9,1/3/26\n", b"first,first,person_id,reason_code\n", b"\xff\xfe"]
)
def test_a_file_that_is_no_such_record_is_left_alone(tmp_path, old):
    path = tmp_path / "absences.csv"
    path.write_bytes(old)
    with pytest.raises(InputError, match=r"absences\.csv"):
        _append(path)
    assert path.read_bytes() == old


def test_c7_killed_half_way_the_old_file_stands(tmp_path, monkeypatch):
    path = tmp_path / "absences.csv"
    _append(path)
    old = path.read_bytes()

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "_fill", killed)
    with pytest.raises(KeyboardInterrupt):
        _append(path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_c7_two_runs_at_once_lose_no_row(tmp_path):
    path = tmp_path / "absences.csv"

    def many(person):
        for _ in range(10):
            with held(path):
                _append(path, ROW | {"person_id": person})

    threads = [threading.Thread(target=many, args=(p,)) for p in ("P1", "P2", "P3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(r["person_id"] for r in _read(path)) == ["P1"] * 10 + ["P2"] * 10 + ["P3"] * 10


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    real, link = tmp_path / "real.csv", tmp_path / "absences.csv"
    real.write_bytes(b"person_id,first,reason_code\n")
    link.symlink_to(real)
    _append(link)
    assert link.is_symlink()
    assert _read(real) == [ROW]


def test_f8_a_log_only_grows_and_is_its_owners(tmp_path):
    append_lines(tmp_path, "log/changes_OS.jsonl", [{"b": 1, "a": "\u2028é"}])
    path = tmp_path / "log/changes_OS.jsonl"
    first = path.read_bytes()
    assert first == b'{"a": "\\u2028\\u00e9", "b": 1}\n'
    append_lines(tmp_path, "log/changes_OS.jsonl", [{}, {}])
    assert path.read_bytes() == first + b"{}\n{}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_f8_a_log_is_never_written_through_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "w").mkdir()
    (tmp_path / "w/log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="link"):
        append_lines(tmp_path / "w", "log/changes_OS.jsonl", [{}])
    (tmp_path / "v/log").mkdir(parents=True)
    (tmp_path / "v/log/changes_OS.jsonl").symlink_to(tmp_path / "elsewhere/x")
    with pytest.raises(InputError, match="link"):
        append_lines(tmp_path / "v", "log/changes_OS.jsonl", [{}])
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("text", ["Deputy head", "Zoë's  Trust", 'Head, "acting"'])
def test_plain_words_pass(text):
    assert plain_cell(text, "--by") == " ".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "=1",
        "+1",
        "-1",
        "@A1",
        "%x",
        "|x",
        "＝1",
        "a\nb",
        "a\tb",
        "a\0",
        "\u2028",
        "x" * 201,
    ],
)
def test_f8_a_hostile_cell_is_refused_by_its_option(text):
    with pytest.raises(InputError, match="--by"):
        plain_cell(text, "--by")
