"""Problems check themselves, survive a file, and sort themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_patrols import shuffled, timed_problem, tiny_problem

from corridors.errors import InputError
from corridors.patrols.problem import Edges, Floor, PatrolProblem, Slots, Stand, Team, sort_edges
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


@pytest.mark.parametrize(
    ("stand", "words"),
    [
        (
            Stand(1, 5, 0, 9),
            "cannot begin its stands within their windows .*node 1 from 0 s to 9 s",
        ),
        (Stand(1, 5, 86), "cannot begin its stands .*node 1 from 86 s.* by 100 s"),
        (Stand(1, 5, 20, 10), "has to begin by 10 s but not before 20 s"),
        (Stand(1, 5, -1), "earliest_s must be at least 0"),
        (Stand(1, 5, 0, 50, (2,)), "an edge in sight must be between 0 and 1"),
        (Stand(1, 5, 0, 50, (1, 0)), "in sight must be ascending"),
    ],
)
def test_windows_that_cannot_be_kept_are_refused(stand: Stand, words: str) -> None:
    with pytest.raises(InputError, match=words):
        PatrolProblem(3, LINE, (Team(0, 0, 50, (stand,)),), window_s=100)
    kept = Stand(1, 5, 85, 85)
    assert PatrolProblem(3, LINE, (Team(0, 0, 50, (kept,)),), window_s=100).window_s == 100


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        (Slots(0, ((1,), (2,))), "length_s must be at least 1"),
        (Slots(9, ((1,),)), "slots have 1 rows"),
        (Slots(9, ((1,), (2, 3))), "one row for each of 2 edges"),
        (Slots(9, ((1,), (-2,))), "a slot's value must be at least 0"),
        (Slots(9, ((1,), (2,)), -1), "fade_s must be at least 0"),
        (Slots(9, ((1,), (2,)), 0, ((5, 101),)), "per cent must be between 0 and 100"),
        (Slots(9, ((1,), (2,)), 0, ((5, 50), (5, 60))), "must grow in dwell"),
        (Slots(9, ((1,), (2,)), 0, ((5, 50), (6, 40))), "never fall"),
    ],
)
def test_bad_slots_are_refused(slots: Slots, words: str) -> None:
    with pytest.raises(InputError, match=words):
        PatrolProblem(3, LINE, (Team(0, 0, 50),), slots=slots)


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
    rng = np.random.default_rng(seed)
    problem = tiny_problem(rng)
    timed = timed_problem(problem, rng) if problem is not None else None
    for case in (problem, timed):
        if case is not None:
            assert PatrolProblem.from_json(case.to_json()) == case


def test_a_case_from_before_there_was_time_is_read() -> None:
    new = json.loads(PatrolProblem(3, LINE, (Team(0, 0, 50, (Stand(1, 5),)),)).to_json())
    for name in ("slots", "window_s", "apart"):
        del new[name]
    for name in ("earliest_s", "latest_s", "in_sight"):
        del new["teams"][0]["stands"][0][name]
    old = PatrolProblem.from_json(json.dumps(new))
    assert old.teams[0].stands == (Stand(1, 5),)
    assert (old.slots, old.window_s, old.apart) == (None, None, False)


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
        problem = timed_problem(problem, rng) or problem
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
