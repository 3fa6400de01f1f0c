"""A run may end at any write: the next one ends with the same bytes as one that ran through."""

from __future__ import annotations

from pathlib import Path

import pytest
from support_fetching import (
    MONTHS,
    REGISTER,
    TODAY,
    PoliceStub,
    crime,
    files_of,
    holidays,
    make_job,
    serve,
)  # fmt: skip

from corridors.sources.fetch.crimes import fetch_crimes
from corridors.sources.fetch.notes import read_note
from corridors.sources.fetch.registers import fetch_holidays, fetch_schools


class Stopped(BaseException):
    """As if the power went."""


def stop_at_rename(monkeypatch, number, *, after):
    """Stop at the rename of that number, before or after it is done."""
    count = [0]
    real = Path.replace

    def replace(self, target):
        count[0] += 1
        if count[0] != number:
            return real(self, target)
        if after:
            real(self, target)
        raise Stopped

    monkeypatch.setattr(Path, "replace", replace)
    return count


def police(_):
    places = [(527_000 + n, month, n) for month in MONTHS[:2] for n in range(5)]
    crimes = [crime(x, 182_000, month, number=n) for x, month, n in places]
    return PoliceStub(crimes, months=MONTHS[:2])


CASES = {
    "crimes": (fetch_crimes, police, 8),  # bytes and note in the cache, note and file, a month
    "schools": (fetch_schools, lambda _: serve({TODAY: REGISTER.encode()}), 2),
    "holidays": (
        fetch_holidays, lambda _: serve({"/bank-holidays.json": holidays(2024, 2027)}), 2
    ),
}  # fmt: skip


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", CASES)
def test_a_stop_at_any_write(tmp_path, local_server, monkeypatch, kind, after):
    fetch, make_answer, writes = CASES[kind]
    local_server.answer = make_answer(None)
    with monkeypatch.context() as patch:
        count = stop_at_rename(patch, -1, after=after)
        fetch(make_job(tmp_path / "whole", local_server).job)
        assert count[0] == writes
    for number in range(1, writes + 1):
        root = tmp_path / f"ws{number}"
        with monkeypatch.context() as patch:
            stop_at_rename(patch, number, after=after)
            with pytest.raises(Stopped):
                fetch(make_job(root, local_server).job)
        for path in [p for p in root.rglob("*.csv") if p.is_file()]:
            whole = tmp_path / "whole" / path.relative_to(root)
            assert path.read_bytes() == whole.read_bytes()
        desk = make_job(root, local_server)
        fetch(desk.job)
        assert files_of(root) == files_of(tmp_path / "whole")
        assert desk.said == []


def test_a_note_counts_only_with_its_file(tmp_path, local_server):
    local_server.answer = serve({TODAY: REGISTER.encode()})
    root = tmp_path / "ws"
    (made,) = fetch_schools(make_job(root, local_server).job)
    assert read_note(root, made.file).fetched == made
    note = root / f"{made.file}.source.json"
    good = note.read_bytes()
    for bad in (
        b"", b"null", b"{}", b"[" * 100_000, good[:-9], good.replace(b'"rows": 2', b'"rows": "2"'),
        good.replace(b'"kind"', b'"king"'), good.replace(made.sha256.encode(), b"0" * 64),
        good.replace(b"edubasealldata.csv", b"../../etc/passwd"),
    ):  # fmt: skip
        assert bad != good
        note.write_bytes(bad)
        assert read_note(root, made.file) is None
    note.write_bytes(good)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes((root / made.file).read_bytes())
    (root / made.file).unlink()
    (root / made.file).symlink_to(elsewhere)
    assert read_note(root, made.file) is None
