"""An entry is whole, or it is not there."""

from __future__ import annotations

import json
import stat
import subprocess
import sys

import pytest

from corridors.errors import InputError
from corridors.sources.fetch.cache import Cache, Provenance, key_of

KEY = key_of("http://host/api", {"area": [1, 2, 3, 4]})
FROM = Provenance("streets", "http://host/api", "2026-03-02T14:05:09Z", "2026-03-01T00:00:00Z")


def test_what_was_put_is_got(tmp_path):
    cache = Cache(tmp_path)
    assert cache.get(KEY) is None
    put = cache.put(KEY, b"streets", FROM)
    got = cache.get(KEY)
    assert got == put
    assert got.path.read_bytes() == b"streets"
    assert got.provenance == FROM
    assert [k for k, e in cache.entries() if e] == [KEY]
    modes = {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "data/osm_cache").iterdir()}
    assert modes == {0o600}


def test_a_question_has_one_key_and_another_has_another():
    assert key_of("a", {"x": 1, "y": 2}) == key_of("a", {"y": 2, "x": 1})
    keys = {
        key_of("a", {"x": 1}), key_of("a", {"x": 2}), key_of("b", {"x": 1}),
        key_of("a", {"x": "1"}), key_of("a", {}),
    }  # fmt: skip
    assert len(keys) == 5


def _spoil_flip(data, _):
    body = bytearray(data.read_bytes())
    body[0] ^= 1
    data.write_bytes(body)


def _spoil_short(data, _):
    data.write_bytes(data.read_bytes()[:-1])


def _spoil_gone(data, _):
    data.unlink()


def _spoil_note(_, note):
    note.write_bytes(note.read_bytes()[:40])


def _spoil_field(_, note):
    told = json.loads(note.read_bytes())
    del told["url"]
    note.write_text(json.dumps(told))


def _spoil_path(_, note):
    told = json.loads(note.read_bytes())
    note.write_text(json.dumps(told | {"sha256": "../../../etc/passwd"}))


def _spoil_link(data, _):
    body = data.read_bytes()
    other = data.with_name("elsewhere")
    other.write_bytes(body)
    data.unlink()
    data.symlink_to(other)


@pytest.mark.parametrize(
    "spoil",
    [_spoil_flip, _spoil_short, _spoil_gone, _spoil_note, _spoil_field, _spoil_path, _spoil_link],
)
def test_a_damaged_entry_is_none_and_heals(tmp_path, spoil):
    cache = Cache(tmp_path)
    put = cache.put(KEY, b"streets", FROM)
    spoil(put.path, tmp_path / f"data/osm_cache/{KEY}.note.json")
    assert cache.get(KEY) is None
    assert [e for _, e in cache.entries()] == [None]
    if spoil is not _spoil_link:
        assert cache.put(KEY, b"streets", FROM) == put
        assert cache.get(KEY) == put


def test_a_note_without_its_bytes_is_never_put_first(tmp_path, monkeypatch):
    from corridors.sources.fetch import cache as module

    written = []
    real = module.write_text_atomically
    monkeypatch.setattr(
        module, "write_text_atomically", lambda path, data: (written.append(path), real(path, data))
    )
    Cache(tmp_path).put(KEY, b"streets", FROM)
    assert [p.suffix for p in written] == [".data", ".json"]


def test_clearing(tmp_path):
    cache = Cache(tmp_path)
    cache.put(KEY, b"one", FROM)
    other = key_of("b", {})
    broken = cache.put(other, b"two", FROM)
    broken.path.write_bytes(b"twoo")
    assert cache.clear(damaged_only=True) == 1 + 0 + 1  # its note, and bytes that no note names
    assert [k for k, _ in cache.entries()] == [KEY]
    assert cache.clear() == 2
    assert list(cache.entries()) == []
    assert cache.clear() == 0


def test_only_keys_name_files(tmp_path):
    for bad in ("../x", "A" * 64, "", "0" * 63):
        with pytest.raises(ValueError, match="SHA-256"):
            Cache(tmp_path).get(bad)


def test_a_link_leads_nowhere(tmp_path):
    (tmp_path / "ws").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "ws/data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="link"):
        Cache(tmp_path / "ws")


def test_two_runs_at_once_do_not_harm_each_other(tmp_path):
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from corridors.sources.fetch.cache import Cache, Provenance, key_of\n"
        "cache = Cache(Path(sys.argv[1]))\n"
        "for turn in range(40):\n"
        "    for n in range(5):\n"
        "        key = key_of('h', {'n': n})\n"
        "        body = bytes([n]) * 50_000\n"
        "        cache.put(key, body, Provenance('streets', 'h', '2026-03-02T14:05:09Z'))\n"
        "        assert cache.get(key).path.read_bytes() == body\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in running:
        _, problem = process.communicate()
        assert process.returncode == 0, problem.decode()
    found = dict(Cache(tmp_path).entries())
    assert len(found) == 5
    assert all(found.values())
    assert not list((tmp_path / "data/osm_cache").glob(".*"))
