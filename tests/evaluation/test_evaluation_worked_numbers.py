"""Worked numbers of D.8 that no other test holds.

The others: aoristic weights in `tests/risk/test_incident_time.py`, PAI and PEI in
`tests/risk/test_scores.py`, weight 0.25 by visits in `tests/risk/test_guards.py`.
"""

import math

import numpy as np
import pytest

from benchmarks._graphs import street_grid
from corridors import model
from corridors.patrols.bound import upper_bound
from corridors.patrols.solver import solve
from corridors.risk.density import kernel_steps


def test_the_quartic_kernel_at_the_middle_half_way_and_at_its_end():
    """Steps of 0.1 m hold the mass of both sides, so half of a step over its length is K(d)."""
    cell_m = 0.1
    share = kernel_steps(100.0, cell_m, "quartic")
    per_m = share / cell_m / np.where(np.arange(len(share)) == 0, 1, 2)
    assert per_m[0] == pytest.approx(0.009375, abs=5e-7)
    assert per_m[500] == pytest.approx(0.00527344, abs=5e-9)
    assert per_m[1000] == pytest.approx(0.0, abs=5e-9)
    assert share.sum() == pytest.approx(1.0, abs=1e-12)


def test_the_gap_of_the_coverage_certificate():
    coverage = model.Coverage(118, 124, 200, (), (), (), stopped_by_clock=False)
    assert f"{coverage.gap:.2%}" == "4.84%"


def test_plans_keep_what_greedy_coverage_guarantees():
    """1 - 1/e, 63.2 %, of the most that any plan can cover; here held against the bound."""
    guarantee = 1 - 1 / math.e
    assert f"{guarantee:.1%}" == "63.2%"
    for seed in range(3):
        problem = street_grid(6, 20, 2, 900, np.random.default_rng(seed))
        bound = upper_bound(problem, max_rounds=20).value
        rng = np.random.default_rng(seed)
        found = solve(problem, iterations=300, rng=rng, max_seconds=60.0)
        assert 0 < guarantee * bound <= found.value <= bound
