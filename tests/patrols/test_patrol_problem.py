"""Problems check themselves, survive a file, and sort themselves."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_patrols import shuffled, tiny_problem

from corridors.errors import InputError
from corridors.patrols.problem import Edges, Floor, PatrolProblem, Stand, Team, sort_edges
from corridors.patrols.shortest import best_order

LINE = Edges((0, 1), (1, 2), (10, 10), (4, 9))


@pytest.mark.parametrize(
    ("edges", "team", "words"),
    [
        (LINE, Team(0, 3, 50), "end at node 3 cannot be reached"),
        (LINE, Team(0, 0, 50, (Stand(3, 0),)), "stand at node 3 cannot be reached"),
        (LINE, Team(0, 2, 50, (), (1,)), "end at node 2 cannot be reached"),
        (LINE, Team(0, 0, 50, (Stand(1, 51),)), "stands for 51 s but has only 50 s"),
        (LINE, Team(0, 0, 39, (Stand(2, 0),)), "needs 40 s .* has only 39 s"),
        (LINE, Team(0, 2, 19), "needs 20 s .* has only 19 s"),
        (LINE, Team(0, 4, 50), "end must be between 0 and 3"),
        (LINE, Team(0, 0, -1), "time_limit_s must be at least 0"),
        (LINE, Team(0, 0, 50, (), (1, 0)), "ascending"),
        (LINE, Team(0, 0, 50, (Stand(0, 0),) * 11), "11 stands"),
        (Edges((0,), (1, 2), (10,), (4,)), Team(0, 0, 50), "differ in length"),
        (Edges((0,), (1,), (-1,), (4,)), Team(0, 0, 50), "walk_s must be between"),
        (Edges((0,), (1,), (1,), (-4,)), Team(0, 0, 50), "value must be at least 0"),
        (Edges((0,), (1,), (1.5,), (4,)), Team(0, 0, 50), "whole number"),  # type: ignore[arg-type]
        (Edges((True,), (1,), (1,), (4,)), Team(0, 0, 50), "whole number"),
    ],
)
def test_bad_input_is_refused_in_words(edges: Edges, team: Team, words: str) -> None:
    with pytest.raises(InputError, match=words):
        PatrolProblem(4, edges, (team,))


def test_no_team_and_bad_floors_are_refused() -> None:
    team = (Team(0, 0, 50),)
    with pytest.raises(InputError, match="no team"):
        PatrolProblem(3, LINE, ())
    with pytest.raises(InputError, match="between 0 and 1"):
        PatrolProblem(3, LINE, team, (Floor("a", (2,), 1),))
    with pytest.raises(InputError, match="not unique"):
        PatrolProblem(3, LINE, team, (Floor("a", (0,), 1), Floor("a", (1,), 1)))
    with pytest.raises(InputError, match="whole numbers"):
        Edges.from_arrays([0], [1], [1.5], [1])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31))
def test_a_case_survives_json(seed: int) -> None:
    problem = tiny_problem(np.random.default_rng(seed))
    if problem is not None:
        assert PatrolProblem.from_json(problem.to_json()) == problem


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "corridors-patrols-1"}', '{"format": "other"}', "null"]
)
def test_other_text_is_no_case(text: str) -> None:
    with pytest.raises(InputError):
        PatrolProblem.from_json(text)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31))
def test_sorting_forgets_the_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = tiny_problem(rng)
    if problem is not None:
        assert sort_edges(problem)[0] == sort_edges(shuffled(problem, rng)[0])[0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 4), st.integers(0, 2**31))
def test_stops_are_put_in_the_best_order(stops: int, seed: int) -> None:
    walk_s = np.random.default_rng(seed).integers(0, 50, size=(stops + 2, stops + 2))
    least, order = best_order(walk_s)

    def length(way: tuple[int, ...]) -> int:
        whole = (0, *way, stops + 1)
        return sum(int(walk_s[a, b]) for a, b in pairwise(whole))

    assert least == length(order) == min(map(length, permutations(range(1, stops + 1))))


@pytest.mark.parametrize("ortools_first", [True, False])
def test_highs_and_ortools_live_in_one_process(ortools_first: bool) -> None:
    # Decision 0001: SciPy's HiGHS does not clash with the one in ortools.
    lines = [
        "from ortools.sat.python import cp_model; cp_model.CpSolver()",
        "from scipy.optimize import linprog; assert linprog([-1.0], bounds=[(0, 3)]).fun == -3",
    ]
    code = "\n".join(lines if ortools_first else lines[::-1])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
