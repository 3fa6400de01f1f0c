"""Floors against an exact model that shares nothing with bound and solver: met, or proven."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks._graphs import floored_grid
from benchmarks._rivals import exact_value
from benchmarks.routing import try_floors
from corridors.patrols.exact import prepare_searches
from corridors.patrols.floors import MOST_WORK, decide_floors
from corridors.patrols.problem import Solution, sort_edges
from corridors.patrols.verify import verify


def _check(seeds: range) -> None:
    kinds = set()
    for seed in seeds:
        trial = try_floors(floored_grid(2, np.random.default_rng(seed)), seed)
        kinds.add(trial.most is None)
        if trial.most is None:
            assert trial.missed, seed
            assert trial.proven, seed
        else:
            assert not trial.missed, seed
            assert not trial.proven, seed
            assert trial.answer.value <= trial.most, seed
    assert kinds == {True, False}


def test_floors_are_met_or_proven_out_of_reach() -> None:
    _check(range(6))


@pytest.mark.slow
def test_a_hundred_floors_are_met_or_proven_out_of_reach() -> None:
    _check(range(100))


def _decided(seeds: range, teams: int, floors: int) -> Counter[bool]:
    """How often floors are out of reach, by the exact model, where the decision agrees each time.

    It has no solver's plan to begin with.
    """
    kinds: Counter[bool] = Counter()
    for seed in seeds:
        problem = floored_grid(teams, np.random.default_rng(seed), floors=floors)
        ordered, _ = sort_edges(problem)
        keys = [floor.key for floor in problem.floors]
        # Another version of the solver of linear programs may need more.
        searches = prepare_searches(problem)
        verdict = decide_floors(ordered, searches, keys, most_work=10 * MOST_WORK)
        impossible = exact_value(problem) is None
        kinds[impossible] += 1
        assert bool(verdict.impossible) == impossible, (seed, verdict)
        assert bool(verdict.walks) == (not impossible), (seed, verdict)
        if verdict.walks:
            edges = ordered.edges
            value = sum(edges.value[e] for e in {e for w in verdict.walks for e in w.edges})
            walk_s = sum(edges.walk_s[e] for w in verdict.walks for e in w.edges)
            assert verify(ordered, Solution(verdict.walks, value, walk_s)) == (), seed
    return kinds


# Mixes of walks meet the floors of these, whole walks do not.
@pytest.mark.parametrize("seed", [4, 30, 38, 61, 62])
def test_floors_that_mixes_of_walks_meet_are_decided(seed: int) -> None:
    assert _decided(range(seed, seed + 1), teams=2, floors=2)[True] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seeds", "teams", "floors"),
    [
        (range(100, 400), 2, 2),
        (range(150), 3, 2),
        (range(150), 2, 3),
        (range(150), 3, 3),
    ],
)
def test_hundreds_of_floors_are_decided(seeds: range, teams: int, floors: int) -> None:
    kinds = _decided(seeds, teams, floors)
    assert min(kinds[True], kinds[False]) > 20, kinds
