"""Whole or not at all, inside the workspace, private where it must be."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from corridors import files
from corridors.errors import InputError


def _names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=["in one step", "in two steps"])
def way(request, monkeypatch):
    if request.param == "in two steps":
        monkeypatch.setattr(files, "_exchange", lambda *_: False)


def _put(target: Path, data: bytes, *, is_private: bool = True) -> None:
    files.put_in_place(
        files.stage_folder(target, {"a": data, "b": data}, is_private=is_private), target
    )


@pytest.mark.usefixtures("way")
def test_a_folder_is_replaced_whole(tmp_path):
    target = tmp_path / "week"
    _put(target, b"old")
    (target / "left over").write_bytes(b"x")
    _put(target, b"new")
    assert _names(tmp_path) == ["week"]
    assert {n: (target / n).read_bytes() for n in _names(target)} == {"a": b"new", "b": b"new"}


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("call", [1, 2])
def test_a_failed_rename_leaves_the_old(tmp_path, monkeypatch, call):
    target = tmp_path / "week"
    _put(target, b"old")
    calls = []
    real = Path.rename

    def failing(self, other):
        calls.append(self)
        if len(calls) == call:
            raise OSError("disk gone")
        return real(self, other)

    staged = files.stage_folder(target, {"a": b"new"}, is_private=True)
    monkeypatch.setattr(Path, "rename", failing)
    if files._exchange.__name__ == "_exchange":
        files.put_in_place(staged, target)  # needs no rename at all
        assert (target / "a").read_bytes() == b"new"
    else:
        with pytest.raises(OSError, match="disk gone"):
            files.put_in_place(staged, target)
        assert (target / "a").read_bytes() == b"old"


def test_a_disk_that_fills_up_leaves_the_old(tmp_path, monkeypatch):
    target = tmp_path / "week"
    _put(target, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        files.stage_folder(target, {"a": b"new"}, is_private=True)
    assert _names(tmp_path) == ["week"]
    assert (target / "a").read_bytes() == b"old"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_an_error_of_the_disk_names_the_file_that_was_to_be_written(tmp_path, monkeypatch, number):
    def failing(*_):
        raise OSError(number, "no")  # as os.write says it: without a name

    monkeypatch.setattr(files.os, "write", failing)
    with pytest.raises(OSError, match="no") as caught:
        files.write_text_atomically(tmp_path / "people.csv", b"x")
    assert (caught.value.errno, caught.value.filename) == (number, str(tmp_path / "people.csv"))
    with pytest.raises(OSError, match="no") as caught:
        files.stage_folder(tmp_path / "week", {"a.html": b"x"}, is_private=True)
    assert caught.value.filename == str(tmp_path / "week" / "a.html")
    assert not list(tmp_path.iterdir())


def test_leftovers_of_a_killed_run_go_and_the_old_comes_back(tmp_path):
    target = tmp_path / "week"
    _put(target, b"old")
    target.rename(tmp_path / ".week.old")
    half = tmp_path / ".week.part-abc"
    half.mkdir()
    (half / "a").write_bytes(b"ha")
    neighbour = tmp_path / ".other.part-abc"
    neighbour.mkdir()

    files.recover(target)

    assert _names(tmp_path) == [".other.part-abc", "week"]
    assert (target / "a").read_bytes() == b"old"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux swaps folders in one step")
def test_a_run_killed_at_any_time_leaves_a_whole_folder(tmp_path):
    writer = textwrap.dedent(
        """
        import importlib.util, itertools, sys
        from pathlib import Path
        # The module alone: the whole package takes seconds to import.
        spec = importlib.util.spec_from_file_location("files", sys.argv[2])
        files = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(files)
        target = Path(sys.argv[1])
        for n in itertools.count():
            data = str(n).encode() * 2000
            staged = files.stage_folder(target, {"a": data, "b": data}, is_private=True)
            files.put_in_place(staged, target)
            if n == 0:
                print("ready", flush=True)
        """
    )
    target = tmp_path / "week"
    for delay_s in (0.0, 0.003, 0.007, 0.013):
        run = subprocess.Popen(
            [sys.executable, "-c", writer, str(target), files.__file__],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert run.stdout.readline() == "ready\n"
        time.sleep(delay_s)
        run.send_signal(signal.SIGKILL)
        run.wait()
        run.stdout.close()
        assert (target / "a").read_bytes() == (target / "b").read_bytes() != b""
        assert _names(target) == ["a", "b"]
    files.recover(target)
    assert _names(tmp_path) == ["week"]


def test_private_folders_and_files_open_to_their_owner_only(tmp_path):
    old = os.umask(0)
    try:
        _put(tmp_path / "maps" / "working" / "week", b"x")
        _put(tmp_path / "maps" / "public" / "week", b"x", is_private=False)
    finally:
        os.umask(old)
    assert _mode(tmp_path / "maps" / "working") == 0o700
    assert _mode(tmp_path / "maps" / "working" / "week") == 0o700
    assert _mode(tmp_path / "maps" / "working" / "week" / "a") == 0o600
    assert _mode(tmp_path / "maps" / "public" / "week") == 0o755
    assert _mode(tmp_path / "maps" / "public" / "week" / "a") == 0o644


def test_public_files_are_readable_whatever_the_umask(tmp_path):
    old = os.umask(0o077)
    try:
        _put(tmp_path / "week", b"x", is_private=False)
    finally:
        os.umask(old)
    assert _mode(tmp_path / "week" / "a") == 0o644


def test_take_away(tmp_path):
    _put(tmp_path / "week", b"x")
    files.take_away(tmp_path / "week")
    files.take_away(tmp_path / "week")
    files.take_away(tmp_path / "no" / "such")
    assert _names(tmp_path) == []


@pytest.mark.parametrize("level", ["maps", "maps/working", "maps/working/E05999001"])
def test_links_are_not_followed(tmp_path, level):
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    outside.mkdir()
    link = root / level
    link.parent.mkdir(parents=True)
    link.symlink_to(outside, target_is_directory=True)
    with pytest.raises(InputError, match="is a link or lies outside"):
        files.folder_inside(root, "maps", "working", "E05999001", "2026-W10")


@pytest.mark.parametrize("parts", [("..",), ("a", "..", ".."), (".",), ("/etc",)])
def test_nothing_outside_the_root(tmp_path, parts):
    with pytest.raises(InputError, match="is a link or lies outside"):
        files.folder_inside(tmp_path, *parts)


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "maps").write_text("x")
    with pytest.raises(InputError, match="maps: a file stands where"):
        files.folder_inside(tmp_path, "maps", "working")


def test_one_file_atomically(tmp_path, monkeypatch):
    path = tmp_path / "sub" / "status.json"
    files.write_text_atomically(path, b"old")
    files.write_text_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert _mode(path) == 0o600

    def failing(*_):
        raise OSError("disk gone")

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="disk gone"):
        files.write_text_atomically(path, b"newer")
    assert path.read_bytes() == b"new"
    assert _names(path.parent) == ["status.json"]


HOLDER = textwrap.dedent(
    """
    import importlib.util, sys, time
    from pathlib import Path
    spec = importlib.util.spec_from_file_location("files", sys.argv[2])
    files = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(files)
    with files.one_run(Path(sys.argv[1])):
        print("held", flush=True)
        time.sleep(60)
    """
)

needs_locks = pytest.mark.skipif(sys.platform == "win32", reason="no advisory locks here")


@needs_locks
def test_one_run_at_a_time_and_a_killed_one_bars_nobody(tmp_path):
    lock = tmp_path / "maps" / ".week.lock"
    run = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock), files.__file__], stdout=subprocess.PIPE, text=True
    )
    try:
        assert run.stdout.readline() == "held\n"
        with (
            pytest.raises(InputError, match="another run is writing the same pages; try again"),
            files.one_run(lock, wait_s=0.2),
        ):
            pytest.fail("two runs at once")
        assert lock.exists()
    finally:
        run.kill()
        run.wait()
        run.stdout.close()
    with files.one_run(lock, wait_s=0.2):
        assert lock.exists()
    assert _names(lock.parent) == []


@needs_locks
def test_runs_that_wait_take_turns(tmp_path):
    lock, inside, seen = tmp_path / ".week.lock", [], []

    def work() -> None:
        for _ in range(3):
            with files.one_run(lock, wait_s=20.0):
                inside.append(1)
                seen.append(len(inside))
                time.sleep(0.01)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1] * 12
    assert _names(tmp_path) == []


@needs_locks
def test_a_link_is_no_lock(tmp_path):
    (tmp_path / "other").write_bytes(b"kept")
    (tmp_path / ".week.lock").symlink_to(tmp_path / "other")
    with (
        pytest.raises(InputError, match="a link stands where"),
        files.one_run(tmp_path / ".week.lock"),
    ):
        pytest.fail("followed the link")
    assert (tmp_path / "other").read_bytes() == b"kept"


def test_nothing_is_held_where_there_are_no_locks(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with files.one_run(tmp_path / ".week.lock"), files.one_run(tmp_path / ".week.lock", wait_s=0.0):
        assert _names(tmp_path) == []


@needs_locks
def test_nothing_is_held_on_a_disk_without_locks(tmp_path, monkeypatch):
    def without(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(files.fcntl, "flock", without)
    with files.one_run(tmp_path / ".week.lock", wait_s=0.0):
        assert _names(tmp_path) == [".week.lock"]


@needs_locks
def test_a_lock_on_a_file_that_another_run_removed_does_not_count(tmp_path, monkeypatch):
    lock, real, calls = tmp_path / ".week.lock", files._take, []

    def late(descriptor):
        calls.append(1)
        if len(calls) == 1:
            lock.unlink()  # the run before this one has just ended
        return real(descriptor)

    monkeypatch.setattr(files, "_take", late)
    with files.one_run(lock, wait_s=5.0):
        assert lock.exists()
    assert len(calls) == 2
