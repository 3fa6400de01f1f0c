"""Sets of nodes that are reached too little, against all sets there are."""

from __future__ import annotations

from itertools import product

import numpy as np
from support_patrols import grid_problem

from corridors.patrols.bound import upper_bound, usual_rounds
from corridors.patrols.problem import Edges, PatrolProblem, Team
from corridors.patrols.reach import short_sets
from corridors.patrols.solver import solve

_TOLERANCE = 0.01  # of a pass: what is short by less may stay unseen


def drawn(rng: np.random.Generator) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray, np.ndarray]:
    """Ends, passes and needs of a small graph."""
    nodes = int(rng.integers(2, 7))
    ends = rng.integers(nodes, size=(2, int(rng.integers(1, 12))))
    walked = rng.uniform(0, 2, ends.shape[1]) * (rng.random(ends.shape[1]) < 0.7)
    need = rng.uniform(0, 4, nodes) * (rng.random(nodes) < 0.6)
    return (ends[0], ends[1]), walked, need


def shortfall(
    ends: tuple[np.ndarray, np.ndarray], walked: np.ndarray, need: np.ndarray, inside: np.ndarray
) -> float:
    """By how much the boundary is passed less than the neediest node inside asks for."""
    crossing = inside[ends[0]] != inside[ends[1]]
    return float(need[inside].max() - walked[crossing].sum())


def test_every_set_is_short_and_one_is_found_wherever_there_is_one() -> None:
    rng = np.random.default_rng(0)
    short = 0
    for _ in range(1500):
        ends, walked, need = drawn(rng)
        roots = (0, len(need) - 1)
        found = short_sets(ends, walked, need, roots)
        assert not found[:, roots].any()
        worst = [
            shortfall(ends, walked, need, np.array(inside))
            for inside in product((False, True), repeat=len(need))
            if any(inside) and not inside[roots[0]] and not inside[roots[1]]
        ]
        if max(worst, default=0.0) > _TOLERANCE:
            short += 1
            assert max(shortfall(ends, walked, need, row) for row in found) > 0
        elif max(worst, default=0.0) <= 0:
            assert not len(found)
    assert short > 300


def test_the_same_graph_gives_the_same_sets() -> None:
    ends, walked, need = drawn(np.random.default_rng(5))
    first, again = (short_sets(ends, walked, need, (0, 0)) for _ in range(2))
    assert (first == again).all()


def test_bigger_problems_have_fewer_usual_rounds() -> None:
    def line(count: int) -> PatrolProblem:
        edges = Edges(tuple(range(count)), tuple(range(1, count + 1)), (10,) * count, (1,) * count)
        return PatrolProblem(count + 1, edges, (Team(0, 0, 100),))

    rounds = [usual_rounds(line(count)) for count in (1, 900, 2000, 20_000)]
    assert rounds == sorted(rounds, reverse=True)
    assert rounds[0] > rounds[-1] >= 1


def test_no_bound_falls_below_a_plan_on_a_grid_and_one_team_is_nearly_proven() -> None:
    for seed, teams in ((1, 1), (2, 1), (3, 2)):
        problem = grid_problem(8, teams, 1500, np.random.default_rng(seed))
        bound = upper_bound(problem, max_rounds=40, walk_looks=0)
        plan = solve(
            problem,
            iterations=40,
            rng=np.random.default_rng(seed),
            max_seconds=600.0,
            guide=bound.covered,
            enough=bound.value,
        )
        assert plan.value <= bound.value
        if teams == 1:
            assert plan.value >= 0.95 * bound.value
