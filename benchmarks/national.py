"""A made-up country, all wards in one week: how time, memory and pages grow with wards.

``corridors batch`` runs on countries of 10 to 1,000 wards (see ``_country``) with two processes, as
a command of its own. Each country is new, so that nothing is resumed. Other sizes, for instance all
of England in some hours: ``CORRIDORS_NATIONAL=10,100,1000,7000``. Countries lie in the folder for
temporary files (``TMPDIR``).

Growth is measured with the quick profile, in which no ward has enough evidence for a patrol: the
search of routes takes as long in a country as in a village. ``national.real.*`` are wards with the
real one.

``time`` is on the clock, ``processor`` the seconds of all processes together. ``parent_peak`` and
``worker_peak`` are the most memory that the command itself held, and the largest of its processes
(``VmHWM``, so Linux only). ``written`` is what the folder grew by. Ratios and exponents are the
figures to compare between machines, and only within one run.
"""

from __future__ import annotations

import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks._country import MADE_ON, WARDS_A_BOROUGH, WEEK, Country, write_country
from benchmarks.ward import ROOT

Figure = tuple[str, float, str]
WARDS = (10, 30, 100, 300, 1000)
REAL_WARDS = (10, 100)
PROCESSES = 2
LOOK_EVERY_S = 0.25
_COMMAND = "import sys; from corridors.cli import main; main(sys.argv[1:])"
_MB = 1024.0**2


@dataclass(frozen=True)
class Run:
    """What one run of the command took."""

    wards: int
    time_s: float
    processor_s: float
    parent_peak_mb: float
    worker_peak_mb: float
    written_mb: float

    def figures(self, name: str) -> list[Figure]:
        return [
            (f"{name}.time", self.time_s, "s"),
            (f"{name}.time_a_ward", self.time_s / self.wards, "s"),
            (f"{name}.processor_a_ward", self.processor_s / self.wards, "s"),
            (f"{name}.parent_peak", self.parent_peak_mb, "MB"),
            (f"{name}.worker_peak", self.worker_peak_mb, "MB"),
            (f"{name}.written_a_ward", self.written_mb / self.wards, "MB"),
        ]


def run() -> list[Figure]:
    """Growth with the quick profile; the real profile; two processes against one."""
    with tempfile.TemporaryDirectory(prefix="country-") as folder:
        home = Path(folder)
        _measured(home, Country(2, is_quick=True), PROCESSES)  # compiles what is kept compiled
        figures: list[Figure] = []
        quick = {}
        for wards in asked_for():
            started_s = time.perf_counter()
            made = _made(home, Country(wards, is_quick=True))
            figures.append((f"national.{wards}.made", time.perf_counter() - started_s, "s"))
            quick[wards] = batch(made, wards, PROCESSES)
            shutil.rmtree(made)
            figures += quick[wards].figures(f"national.{wards}")
        figures += growth(quick)
        for wards in REAL_WARDS:
            real = _measured(home, Country(wards), PROCESSES)
            figures += real.figures(f"national.real.{wards}")
        return [*figures, *_processes(home)]


def asked_for() -> tuple[int, ...]:
    """Numbers of wards, ascending."""
    text = os.environ.get("CORRIDORS_NATIONAL", "")
    return tuple(sorted({int(part) for part in text.split(",")})) if text else WARDS


def growth(runs: dict[int, Run]) -> list[Figure]:
    """Exponents of time over wards: 1 is a straight line; by all sizes, and by first and last.

    ``growth.ends`` is of 10 to 1,000 wards where both were measured.
    """
    if len(runs) < 2:
        return []
    log_wards = np.log(list(runs))
    figures = [
        (f"national.growth.{kind}", float(np.polyfit(log_wards, np.log(seconds), 1)[0]), "exponent")
        for kind, seconds in (
            ("time", [r.time_s for r in runs.values()]),
            ("processor", [r.processor_s for r in runs.values()]),
        )
    ]
    first, last = (10, 1000) if {10, 1000} <= set(runs) else (min(runs), max(runs))
    rise = math.log(runs[last].time_s / runs[first].time_s) / math.log(last / first)
    return [*figures, ("national.growth.ends", rise, "exponent")]


def _processes(home: Path) -> list[Figure]:
    """A borough with one process and with two, with the real profile, one after the other."""
    country = Country(WARDS_A_BOROUGH)
    one, two = (_measured(home, country, processes) for processes in (1, 2))
    return [
        *one.figures("national.one_process"),
        *two.figures("national.two_processes"),
        ("national.two_against_one", one.time_s / two.time_s, "times"),
    ]


def _measured(home: Path, country: Country, processes: int) -> Run:
    made = _made(home, country)
    try:
        return batch(made, country.wards, processes)
    finally:
        shutil.rmtree(made)


def _made(home: Path, country: Country) -> Path:
    quick = "quick" if country.is_quick else "real"
    return write_country(home / f"{quick}-{country.wards}", country, processes=os.cpu_count() or 1)


# The command -------------------------------------------------------------------------------------


def batch(workspace: Path, wards: int, processes: int) -> Run:
    """Run ``corridors batch`` on a new workspace and watch it."""
    before = _bytes_in(workspace)
    used_s = _children_s()
    command = [
        sys.executable, "-c", _COMMAND, "batch", str(workspace),
        "--week", WEEK, "--made-on", MADE_ON, "--processes", str(processes),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as said:
        started_s = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=said, stderr=said
        )
        watch = _Watch(process.pid)
        watch.start()
        code = process.wait()
        time_s = time.perf_counter() - started_s
        watch.join()
        if code:
            said.seek(max(0, said.tell() - 2000))
            words = said.read().decode(errors="replace")
            raise RuntimeError(f"corridors batch ended with {code}:\n{words}")
    others = (mb for pid, mb in watch.peaks_mb.items() if pid != process.pid)
    return Run(
        wards=wards,
        time_s=time_s,
        processor_s=_children_s() - used_s,
        parent_peak_mb=watch.peaks_mb.get(process.pid, 0.0),
        worker_peak_mb=max(others, default=0.0),
        written_mb=(_bytes_in(workspace) - before) / _MB,
    )


class _Watch(threading.Thread):
    """Looks now and then at a process and all that it started, until it ends."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.peaks_mb: dict[int, float] = {}

    def run(self) -> None:
        while found := _family(self._pid):
            self.peaks_mb.update({pid: mb for pid, mb in found.items() if mb})
            time.sleep(LOOK_EVERY_S)


def _family(pid: int) -> dict[int, float]:
    """Peak memory in MB of a process and its descendants; empty if it has ended."""
    told = {}
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:  # it has just ended
            continue
        told[int(path.parent.name)] = dict(line.split(":", 1) for line in lines if ":" in line)
    if pid not in told or told[pid]["State"].split()[0] == "Z":
        return {}
    parents = {p: int(status["PPid"]) for p, status in told.items()}
    family = {pid}
    while more := {p for p, parent in parents.items() if parent in family} - family:
        family |= more
    return {p: int(told[p].get("VmHWM", "0 kB").split()[0]) / 1024 for p in family}


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
