"""Where a file came from is told only of that very file."""

from __future__ import annotations

import hashlib
import json

import pytest

from corridors.errors import InputError
from corridors.sources.fetch.cache import Provenance
from corridors.sources.fetch.notes import SUFFIX, Note, fetched_as, notes_of, put

FILE = "data/streets/fetched.osm.pbf"
FROM = Provenance("streets", "http://host/api", "2026-03-02T14:05:09Z", "2026-03-01T00:00:00Z")
LINE = "fetched from http://host/api at 2026-03-02T14:05:09Z, data of 2026-03-01T00:00:00Z"


def put_file(root, file, body, sources):
    return put(root, body, Note(fetched_as(file, body, 1, sources), "ODbL")).sha256


def _note(root):
    return root / f"{FILE}{SUFFIX}"


def test_a_file_tells_where_it_came_from_until_it_changes(tmp_path):
    sha256 = put_file(tmp_path, FILE, b"streets", [FROM, FROM])
    path = tmp_path / FILE
    assert path.read_bytes() == b"streets"
    assert notes_of(path, sha256) == (LINE,)
    assert notes_of(path, hashlib.sha256(b"changed").hexdigest()) == ()
    assert {p.stat().st_mode & 0o777 for p in path.parent.iterdir()} == {0o600}
    _note(tmp_path).unlink()
    assert notes_of(path, sha256) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://host/\x1b[2J"},
        {"url": "http://" + "h" * 300},
        {"url": 5},
        {"fetched_at": "yesterday"},
        {"fetched_at": None},
        {"kind": ["streets"]},
    ],
)
def test_a_note_that_is_not_ours_says_nothing(tmp_path, change):
    sha256 = put_file(tmp_path, FILE, b"streets", [FROM])
    told = json.loads(_note(tmp_path).read_bytes())
    told["sources"][0] |= change
    _note(tmp_path).write_text(json.dumps(told))
    assert notes_of(tmp_path / FILE, sha256) == ()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"[" * 100_000, b'"x"', b"\xff", b" " * 2_000_000]
)
def test_a_broken_note_says_nothing(tmp_path, body):
    sha256 = put_file(tmp_path, FILE, b"streets", [FROM])
    _note(tmp_path).write_bytes(body)
    assert notes_of(tmp_path / FILE, sha256) == ()


def test_a_date_that_is_none_is_left_out(tmp_path):
    odd = Provenance(FROM.kind, FROM.url, FROM.fetched_at, "<b>today</b>")
    sha256 = put_file(tmp_path, FILE, b"streets", [odd])
    assert notes_of(tmp_path / FILE, sha256) == (LINE.split(", data", maxsplit=1)[0],)


def test_no_link_leads_out_and_leftovers_go(tmp_path):
    (tmp_path / "data/streets").mkdir(parents=True)
    stale = tmp_path / "data/streets/.fetched.osm.pbf.part-abc"
    stale.write_bytes(b"half")
    put_file(tmp_path, FILE, b"streets", [FROM])
    assert not stale.exists()
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "ws/data").mkdir(parents=True)
    (tmp_path / "ws/data/streets").symlink_to(other)
    with pytest.raises(InputError, match="link"):
        put_file(tmp_path / "ws", FILE, b"streets", [FROM])
    assert list(other.iterdir()) == []
