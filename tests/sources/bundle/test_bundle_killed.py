"""Kill -9 at every step of making and opening: the whole result, or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support_workspace import make_workspace

from corridors.sources.bundle import make_bundle, open_bundle

# Runs one command again and again, each time in a process that dies at the next call to the disk.
CHILD = """
import os, signal, sys
from pathlib import Path
from corridors.sources.bundle import make_bundle, open_bundle

command, source, target, most = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
run = {"make": lambda: make_bundle(source, target), "open": lambda: open_bundle(source, target)}

def dies_at(step):
    left = [step]
    def watched(real):
        def call(*args, **kwargs):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)
        return call
    for name in ("fsync", "rename", "replace", "mkdir", "chmod", "rmdir"):
        setattr(os, name, watched(getattr(os, name)))

killed = 0
for step in range(1, most):
    child = os.fork()
    if child == 0:
        dies_at(step)
        run[command]()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        break
    killed += 1
    if target.exists():
        print("THERE", step, flush=True)
        break
print("KILLED", killed, flush=True)
"""


def killed(command: str, source: Path, target: Path, most: int = 60) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, command, str(source), str(target), str(most)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")


def test_a_killed_open_leaves_nothing_half(tmp_path):
    bundle, target = tmp_path / "b_OS.zip", tmp_path / "copy"
    workspace = make_workspace(tmp_path / "workspace")
    make_bundle(workspace, bundle)
    lines = killed("open", bundle, target)
    count = int(lines[-2].removeprefix("KILLED "))
    assert count >= 15, lines  # every file is flushed, then folders, then the rename
    found = {p.relative_to(target) for p in target.rglob("*") if p.is_file()}
    assert found == {p.relative_to(workspace) for p in workspace.rglob("*") if p.is_file()}
    left = sorted(p.name for p in tmp_path.iterdir())
    if lines[0].startswith("THERE"):  # killed after the rename: whole, and a lock that bars nobody
        left.remove(".copy.lock")
    assert left == ["b_OS.zip", "copy", "workspace"]


def test_a_killed_make_leaves_no_half_bundle(tmp_path):
    bundle = tmp_path / "b_OS.zip"
    lines = killed("make", make_workspace(tmp_path / "workspace"), bundle)
    assert int(lines[-2].removeprefix("KILLED ")) >= 3, lines
    open_bundle(bundle, tmp_path / "copy")
    names = {p.name for p in tmp_path.iterdir()} - {".b_OS.zip.lock"}
    assert names == {"b_OS.zip", "copy", "workspace"}
