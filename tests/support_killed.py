"""Runs commands and kills them on the way: run as a program of its own, which forks.

    python support_killed.py JOB.json

The imports are paid for once; each run is a child. What the children said goes to stderr; how long
a whole run took, and what was found wrong, to stdout as JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

AUDIT = "audit_OS.jsonl"  # two lines a run, with the hour: no two runs leave it alike
NOW = datetime(2026, 3, 2, 14, 5, 9, tzinfo=UTC)


def main(job: dict[str, Any]) -> dict[str, Any]:
    """Kill a command at ``moments`` random moments, each in a fresh copy of a workspace.

    ``job`` holds ``start`` (a workspace), ``work`` (an empty folder), ``command`` (with WORKSPACE
    for the folder), ``moments`` and ``seed``. ``outputs`` are the folders that are compared.
    """
    start, work = Path(job["start"]), Path(job["work"])
    whole = shutil.copytree(start, work / "whole")
    _warm(job, shutil.copytree(start, work / "warm"))
    began = time.monotonic()
    assert _run(job, whole) == 0
    took_s = time.monotonic() - began
    good = _files(whole, job["outputs"])
    draw = random.Random(job["seed"])
    wrong, killed = [], 0
    for number in range(job["moments"]):
        place = shutil.copytree(start, work / f"killed_{number}")
        code = _run(job, place, kill_after_s=draw.uniform(0.0, took_s))
        killed += code != 0
        for name, digest in _files(place, job["outputs"]).items():
            if not _is_part(name) and name in good and digest != good[name]:
                wrong.append([number, name, "is there and not whole"])
        if _run(job, place) != 0:
            wrong.append([number, "", "the next run failed"])
        found = _files(place, job["outputs"])
        wrong += [
            [number, name, "differs after the next run"]
            for name in sorted(found.keys() | good.keys())
            if found.get(name) != good.get(name)
        ]
        shutil.rmtree(place)
    return {"took_s": took_s, "killed": killed, "files": sorted(good), "wrong": wrong}


def _warm(job: dict[str, Any], place: Path) -> None:
    """One run in this process, so that its children need not import and compile."""
    _command(job, place)()


def _run(job: dict[str, Any], place: Path, *, kill_after_s: float | None = None) -> int:
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)
        code = 70
        try:
            code = _command(job, place)()
        finally:
            os._exit(code)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _command(job: dict[str, Any], place: Path) -> Callable[[], int]:
    cli = import_module("corridors.cli")
    import_module("corridors.cli.fetch").now = lambda: NOW  # type: ignore[attr-defined]
    words = [str(place) if word == "WORKSPACE" else word for word in job["command"]]

    def run() -> int:
        try:
            cli.main(words, standalone_mode=False)
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return run


def _files(place: Path, outputs: list[str]) -> dict[str, str]:
    return {
        path.relative_to(place).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for output in outputs
        for path in sorted((place / output).rglob("*"))
        if path.is_file() and path.name != AUDIT
    }


def _is_part(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


if __name__ == "__main__":
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text("utf-8")))))
