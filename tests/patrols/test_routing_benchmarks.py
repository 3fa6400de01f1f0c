"""The routing benchmark's own parts: graphs, readers of public files, rivals, the exact model."""

from __future__ import annotations

import json
import math
import pickle
import sys
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_patrols import optimum, tiny_problem

from corridors.errors import InputError
from corridors.patrols.bound import upper_bound
from corridors.patrols.problem import WALK_LIMIT_S, Edges, Floor, PatrolProblem, Team
from corridors.patrols.verify import verify

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks import routing
from benchmarks._carp import best_known, carp_cost, read_carp, solve_carp
from benchmarks._graphs import Family, floored_grid, street_grid
from benchmarks._public import data_folder, read_chao, read_soarp, reference_values
from benchmarks._rivals import EXACT_EDGES, RIVALS, exact_value, greedy

# Graphs -----------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(
    st.integers(0, 2**31), st.integers(4, 9), st.integers(1, 5), st.sampled_from(get_args(Family))
)
def test_a_grid_hangs_together_and_is_the_same_again(
    seed: int, side: int, teams: int, family: Family
) -> None:
    first, again = (
        street_grid(side, 2 * side, teams, 1800, np.random.default_rng(seed), family)
        for _ in range(2)
    )
    assert first == again
    assert sum(value > 0 for value in first.edges.value) == 2 * side
    assert len(first.teams) == teams
    assert _reached(first) == set(range(side * side))
    assert min(first.edges.walk_s) > 0


def test_skewed_grids_are_as_concentrated_as_real_corridors() -> None:
    # The median of Camden's wards is 0.76 and 0.92; see docs/routing.md.
    shares = []
    for seed in range(30):
        problem = street_grid(25, 800, 1, 1800, np.random.default_rng(seed))
        value = np.sort(problem.edges.value)[::-1]
        shares.append([value[:80].sum() / value.sum(), value[:200].sum() / value.sum()])
    assert np.median(shares, axis=0) == pytest.approx([0.76, 0.92], abs=0.05)


def test_small_grids_have_both_kinds_of_floor() -> None:
    values = [exact_value(floored_grid(2, np.random.default_rng(seed))) for seed in range(4)]
    assert {value is None for value in values} == {True, False}


def _reached(problem: PatrolProblem) -> set[int]:
    found, waiting = {problem.teams[0].start}, [problem.teams[0].start]
    while waiting:
        node = waiting.pop()
        for tail, head in zip(problem.edges.tail, problem.edges.head, strict=True):
            fresh = {tail, head} - found if node in (tail, head) else set()
            found |= fresh
            waiting += fresh
    return found


# The exact model --------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.integers(0, 2**31))
def test_the_exact_model_agrees_with_the_tests_own(seed: int) -> None:
    problem = tiny_problem(np.random.default_rng(seed))
    if problem is None or any(team.stands for team in problem.teams):
        return
    assert exact_value(problem) == optimum(problem).with_floors


def test_no_floor_is_proven_impossible_that_can_be_met() -> None:
    for seed in (1, 2):
        problem = floored_grid(2, np.random.default_rng(seed))
        bound, most = upper_bound(problem, max_rounds=15), exact_value(problem)
        if most is not None:
            assert bound.value_with_floors is not None
            assert most <= bound.value_with_floors


def test_the_exact_model_refuses_what_it_cannot_exhaust() -> None:
    count = EXACT_EDGES + 1
    edges = Edges(tuple(range(count)), tuple(range(1, count + 1)), (1,) * count, (1,) * count)
    with pytest.raises(InputError, match="at most"):
        exact_value(PatrolProblem(count + 1, edges, (Team(0, 0, 9),)))


# Rivals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(RIVALS))
def test_rivals_walk_by_the_rules_and_beat_no_bound(name: str) -> None:
    problem = street_grid(7, 40, 2, 1500, np.random.default_rng(2))
    answer = RIVALS[name](problem, 0.4, 1)
    assert verify(problem, answer) == ()
    assert greedy(problem).value <= answer.value <= upper_bound(problem, max_rounds=15).value


def test_rivals_reach_what_is_best_where_all_fits() -> None:
    # Not a skewed one: PyVRP and OR-Tools leave out what is worth less than its seconds.
    problem = street_grid(4, 12, 2, 7200, np.random.default_rng(0), "spread")
    for rival in (greedy, *RIVALS.values()):
        assert rival(problem, 0.1, 1).value == sum(problem.edges.value)


def test_rivals_start_and_end_where_told() -> None:
    line = Edges((0, 1, 2), (1, 2, 3), (10, 10, 10), (5, 6, 7))
    problem = PatrolProblem(4, line, (Team(0, 3, 30), Team(3, 1, 20)))
    for rival in (greedy, *RIVALS.values()):
        answer = rival(problem, 0.1, 1)
        assert verify(problem, answer) == ()
        assert answer.value == 18


def test_rivals_refuse_what_they_do_not_know() -> None:
    edges = Edges((0,), (1,), (10,), (5,))
    problem = PatrolProblem(2, edges, (Team(0, 0, 20),), (Floor("all", (0,), 5),))
    with pytest.raises(InputError, match="floors"):
        greedy(problem)


# Public files -----------------------------------------------------------------------------------

_TOUR = "n 4\nm 2\ntmax 6.5\n0 0 0\n0.1 3.0 7\n1.3 0.9 5\n2.0 0.0 0\n"


def _chao(folder: Path, text: str) -> PatrolProblem:
    file = folder / "p.txt"
    file.write_text(text, encoding="utf-8")
    return read_chao(file)


def test_a_score_is_a_loop_and_teams_go_from_first_to_last(tmp_path: Path) -> None:
    problem = _chao(tmp_path, _TOUR)
    edges = problem.edges
    scored = [e for e, value in enumerate(edges.value) if value]
    assert [(edges.tail[e], edges.head[e], edges.walk_s[e]) for e in scored] == [
        (1, 1, 0),
        (2, 2, 0),
    ]
    assert [(team.start, team.end) for team in problem.teams] == [(0, 3)] * 2
    # There and back is 3.002 + 3.551: the far point is 0.05 too far, the near one is not.
    assert exact_value(problem) == 5
    assert exact_value(_chao(tmp_path, _TOUR.replace("6.5", "6.56"))) == 12


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=3, max_size=6),
    st.integers(200, 4000),
)
def test_no_tour_in_whole_units_is_longer_than_allowed(
    tmp_path_factory: pytest.TempPathFactory, spots: list[tuple[int, int]], limit: int
) -> None:
    rows = [f"{x / 10} {y / 10} {3 * (0 < i < len(spots) - 1)}" for i, (x, y) in enumerate(spots)]
    text = "\n".join([f"n {len(spots)}", "m 1", f"tmax {limit / 10}", *rows])
    try:
        problem = _chao(tmp_path_factory.mktemp("chao"), text)
    except InputError:  # the end is out of reach
        return
    answer = greedy(problem)
    assert verify(problem, answer) == ()
    nodes = answer.walks[0].nodes
    far = sum(math.dist(spots[a], spots[b]) / 10 for a, b in pairwise(nodes))
    assert far <= limit / 10 + 1e-9
    assert max(problem.edges.walk_s) <= WALK_LIMIT_S


@pytest.mark.parametrize("text", ["", "n 2\nm 1\ntmax x\n0 0 0\n1 1 0", "n 3\nm 1\ntmax 2\n0 0 0"])
def test_what_is_no_instance_is_an_input_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="no team orienteering instance"):
        _chao(tmp_path, text)


def _soarp(folder: Path, arcs: list[tuple[str, str, float, float]], nodes: str = "abc") -> Path:
    graph = {
        "nodes": [{"id": name, "latitude": 0.0, "longitude": 0.0} for name in nodes],
        "arcs": [
            {"source": a, "target": b, "time": time, "profits": [profit, 9.0]}
            for a, b, time, profit in arcs
        ],
    }
    file = folder / "s.json"
    file.write_text(json.dumps({"graph": graph}), encoding="utf-8")
    return file


def test_both_directions_of_a_street_are_one_segment(tmp_path: Path) -> None:
    arcs = [("a", "b", 3.2, 0.25), ("b", "a", 3.9, 0.5), ("c", "b", 7.0, 1.0)]
    problem = read_soarp(_soarp(tmp_path, arcs), 2)
    assert problem.edges == Edges((0, 1), (1, 2), (4, 7), (750, 1000))
    assert problem.teams == (Team(1, 1, 5400),) * 2


def test_streets_in_two_pieces_are_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="hang together"):
        read_soarp(_soarp(tmp_path, [("a", "b", 3.0, 1.0)]), 1)
    with pytest.raises(InputError, match="no soarp instance"):
        read_soarp(_soarp(tmp_path, [("a", "z", 3.0, 1.0)]), 1)


@pytest.fixture(scope="module")
def sets() -> Path:
    folder = data_folder()
    if folder is None:
        pytest.skip("no public instances; set CORRIDORS_ROUTING_DATA")
    return folder


def test_public_team_orienteering_is_read_whole(sets: Path) -> None:
    reference = reference_values(sets)
    assert len(reference) == 387
    for name in ("p4.2.a", "p7.4.t"):
        problem = read_chao(sets / "top_chao" / f"Set{name[1]}" / f"{name}.txt")
        assert len(problem.teams) == int(name[3])
        assert greedy(problem).value <= reference[name] <= sum(problem.edges.value)


def test_no_bound_is_below_a_reference_plan(sets: Path) -> None:
    # References leave room to their limit or not: one per thousand of rounding is allowed for.
    reference = reference_values(sets)
    for name in ("p4.2.c", "p5.2.h", "p7.2.f"):
        problem = read_chao(sets / "top_chao" / f"Set{name[1]}" / f"{name}.txt")
        assert upper_bound(problem, max_rounds=4).value >= reference[name]


def test_public_streets_are_read_whole(sets: Path) -> None:
    problem = read_soarp(sets / "soarp" / "as-117-336-1-3scenarios.json", 2)
    assert (problem.node_count, len(problem.edges)) == (117, 168)
    assert sum(problem.edges.value) == pytest.approx(60_000, abs=168)


# The run ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_our_own_answer_is_a_plan_however_short_the_time(seconds: float) -> None:
    problem = street_grid(4, 14, 1, 700, np.random.default_rng(5))
    answer, used_s = routing.planned(problem, seconds, 1)
    assert used_s > 0
    assert verify(problem, answer) == ()
    assert greedy(problem).value <= answer.value <= upper_bound(problem, max_rounds=15).value


@given(st.integers(1, 90), st.integers(1, 90))
def test_a_subset_is_spread_over_all_and_names_each_once(have: int, want: int) -> None:
    files = [Path(f"{number:02d}") for number in range(have)]
    chosen = routing._spaced(files, want)
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(have, want)
    if want == 1:
        assert chosen == [files[have // 2]]


def test_without_public_sets_the_run_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CORRIDORS_ROUTING_DATA", str(tmp_path / "nowhere"))
    monkeypatch.delenv("BENCH_FULL", raising=False)
    small = routing.Extent(
        grids=(routing.Grid(15, 2, 1, (0,)),),
        chao=((4, 1, 1),),
        soarp=(("as-", 1, 2),),
        soarp_s=(1,),
        carp=(("gdb", 1, 1),),
        wards=(),
        floors=1,
    )
    monkeypatch.setattr(routing, "QUICK", small)
    monkeypatch.setattr(routing, "_SIDES", {15: 4})
    monkeypatch.setattr(routing, "_FLOOR_ITERATIONS", 3)
    figures = {name: (value, unit) for name, value, unit in routing.run()}
    said = capsys.readouterr().err
    assert "subset" in said
    assert "no public instances" in said
    assert figures["routing.faults"] == (0.0, "rules")
    assert figures["routing.floors.wrongly_proven"] == (0.0, "instances")
    assert figures["routing.faults.goal"] == (0.0, "rules_at_most:met")
    assert 0 <= figures["routing.grid.15x2.ours.gap_0s.worst"][0] < 50
    share = figures["routing.grid.15x2.ours.share_0s.median"][0]
    assert 0 < share <= figures["routing.grid.15x2.bound.share.median"][0] <= 1


def test_a_figure_with_a_goal_says_whether_it_was_met() -> None:
    name = "routing.camden.gap_20s.worst"
    told = list(routing._with_goals([(name, 3.0, "%"), ("routing.load", 9.0, "processes")]))
    goal = (f"{name}.goal", 3.0, "%_at_most:met")
    assert told == [(name, 3.0, "%"), goal, ("routing.load", 9.0, "processes")]
    ((_, _, unit),) = list(routing._with_goals([(name, 3.1, "%")]))[1:]
    assert unit == "%_at_most:missed"


def test_jobs_can_be_handed_to_other_processes() -> None:
    jobs = list(routing._jobs(routing.FULL))
    assert len(pickle.loads(pickle.dumps(jobs))) == len(jobs)
    assert (
        len({grid.stem for grid in routing.FULL.grids if grid.stem.startswith("routing.grid.")})
        == 9
    )


# Arc routing ------------------------------------------------------------------------------------

_SQUARE = """ NOMBRE : sq
 VERTICES : 4
 ARISTAS_REQ : 3
 ARISTAS_NOREQ : 1
 CAPACIDAD : 5
 COSTE_TOTAL_REQ : 99
 LISTA_ARISTAS_REQ :
 ( 1, 2)  coste 3 demanda 2
 ( 2, 3)  coste 4 demanda 3
 ( 3, 4)  coste 5 demanda 4
 LISTA_ARISTAS_NOREQ :
 ( 4, 1)  coste 6
 DEPOSITO :   1
"""


def test_arc_routing_serves_each_street_once_at_the_least_cost(tmp_path: Path) -> None:
    file = tmp_path / "sq.dat"
    file.write_text(_SQUARE, encoding="utf-8")
    case = read_carp(file)
    assert (case.required, case.service, case.depot) == ([0, 1, 2], 12, 0)
    # Two vehicles: 1-2-3 and back by 7; out by 6 to 4, to 3 and home over 7.
    best = (((0, 0), (1, 0)), ((2, 1),))
    assert carp_cost(case, best) == 12 + 7 + (6 + 7)
    assert carp_cost(case, solve_carp(case, 0.2, 1)) == 32
    with pytest.raises(InputError, match="carries too much"):
        carp_cost(case, (((0, 0), (1, 0), (2, 0)),))
    with pytest.raises(InputError, match="are served"):
        carp_cost(case, best[:1])
    file.write_text(_SQUARE.replace("REQ : 3", "REQ : 4"), encoding="utf-8")
    with pytest.raises(InputError, match="no CARPLIB instance"):
        read_carp(file)


def test_public_arc_routing_agrees_with_the_best_known_costs(sets: Path) -> None:
    best = best_known(sets)
    files = {file.stem: file for file in sorted((sets / "carp").glob("*/*.dat"))}
    assert set(files) == set(best)
    # gdb12's header is wrong, val1C's streets cost other than their service.
    for name in ("gdb12", "gdb15", "val1C"):
        case = read_carp(files[name])
        assert carp_cost(case, solve_carp(case, 1.0, 1)) == pytest.approx(best[name], rel=0.03)
        assert carp_cost(case, solve_carp(case, 0.1, 1)) >= best[name]
