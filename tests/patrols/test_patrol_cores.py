"""Same case, seed and iterations: same bytes, however many cores and threads there are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from corridors.patrols.problem import PatrolProblem

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks._camden import ward_problem
from benchmarks._graphs import street_grid

# Reads a case, routes it as the pipeline does, and writes all that it found.
_ROUTE = """
import json, os, sys
from dataclasses import asdict
import numpy as np
if sys.argv[1] == "one":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from corridors.patrols.bound import upper_bound
from corridors.patrols.exact import prepare_searches
from corridors.patrols.problem import PatrolProblem
from corridors.patrols.solver import solve
problem = PatrolProblem.from_json(sys.stdin.read())
searches = prepare_searches(problem) if len(problem.edges) <= 400 else ()
bound = upper_bound(problem, max_rounds=4, searches=searches)
found = solve(problem, iterations=10, rng=np.random.default_rng(3), max_seconds=1e6,
              guide=bound.covered, searches=searches, enough=bound.value)
print(json.dumps([asdict(bound), asdict(found)], sort_keys=True))
"""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def _routed(problem: PatrolProblem, cores: str, threads: int) -> bytes:
    told = {name: str(threads) for name in _THREADS}
    done = subprocess.run(
        [sys.executable, "-c", _ROUTE, cores],
        input=problem.to_json().encode(),
        capture_output=True,
        check=True,
        env={**os.environ, **told},
    )
    return done.stdout


def _check(problem: PatrolProblem) -> None:
    runs = [("all", 1), ("all", 2), *([("one", 2)] if hasattr(os, "sched_setaffinity") else [])]
    found = {run: _routed(problem, *run) for run in runs}
    assert len(set(found.values())) == 1, {run: hash(text) for run, text in found.items()}
    assert b'"stopped_by_clock": false' in found["all", 1]


def test_a_grid_is_routed_alike_on_any_number_of_cores() -> None:
    _check(street_grid(16, 300, 2, 2400, np.random.default_rng(1)))


@pytest.mark.slow
@pytest.mark.realdata
def test_a_camden_ward_is_routed_alike_on_any_number_of_cores(realdata: Path) -> None:
    problem = ward_problem(realdata / "camden", "E05000138")
    assert problem is not None
    _check(problem)
