"""A thousand random plans: none that keeps the rules is blamed, none that breaks one gets by.

Nothing here is the solver's: walks are drawn at random, and what is true of them is found anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise, permutations

import numpy as np
import pytest

from corridors.errors import InputError
from corridors.patrols.problem import Edges, Floor, PatrolProblem, Solution, Stand, Team, Walk
from corridors.patrols.solver import solve
from corridors.patrols.verify import Kind, broken, verify

PLANS = 1000
_FAR_S = 10**9

# Problems and plans -----------------------------------------------------------------------------


def _problem(rng: np.random.Generator) -> PatrolProblem:
    """Up to 9 junctions, 18 streets (loops and parallel ones too), 3 teams and 3 floors."""
    while True:
        nodes = int(rng.integers(2, 10))
        count = int(rng.integers(nodes, 2 * nodes + 1))
        edges = Edges.from_arrays(
            rng.integers(nodes, size=count),
            rng.integers(nodes, size=count),
            rng.integers(0, 60, size=count),
            rng.integers(0, 10**6, size=count) * (rng.random(count) < 0.8),
        )
        teams = tuple(_team(nodes, count, rng) for _ in range(int(rng.integers(1, 4))))
        floors = tuple(_floor(key, edges, rng) for key in "abc"[: int(rng.integers(0, 4))])
        try:
            return PatrolProblem(nodes, edges, teams, floors)
        except InputError:  # a team cannot go where it must
            continue


def _team(nodes: int, count: int, rng: np.random.Generator) -> Team:
    stands = tuple(
        Stand(int(rng.integers(nodes)), int(rng.integers(0, 100)))
        for _ in range(int(rng.integers(0, 3)))
    )
    forbidden = np.flatnonzero(rng.random(count) < 0.1).tolist()
    limit_s = int(rng.integers(200, 900))
    start, end = rng.integers(nodes, size=2).tolist()
    return Team(start, end, limit_s, stands, tuple(forbidden))


def _floor(key: str, edges: Edges, rng: np.random.Generator) -> Floor:
    members = np.flatnonzero(rng.random(len(edges)) < 0.5).tolist()
    most = sum(edges.value[e] for e in members)
    return Floor(key, tuple(members), int(rng.uniform(0.0, 1.1) * most))


def _wander(problem: PatrolProblem, team: int, rng: np.random.Generator) -> Walk:
    """A walk by the rules: at random for as long as it can, then home by way of its stands."""
    crew = problem.teams[team]
    ways = _ways(problem, crew)
    away_s = _apart_s(problem.node_count, ways)
    nodes, edges, todo = [crew.start], [], list(range(len(crew.stands)))
    stand_at = [0] * len(todo)
    left_s = crew.time_limit_s - crew.dwell_s
    while True:
        here = nodes[-1]
        for stand in [s for s in todo if crew.stands[s].node == here]:
            stand_at[stand] = len(nodes) - 1
            todo.remove(stand)
        fitting = [
            way for way in ways[here] if way[2] + _home_s(crew, way[1], todo, away_s) <= left_s
        ]
        is_home = here == crew.end and not todo
        if not fitting or (is_home and rng.random() < 0.1):
            break
        if rng.random() < 0.3:  # so that walks of 0 s come to an end
            fitting = [min(fitting, key=lambda way: _home_s(crew, way[1], todo, away_s) + way[2])]
        edge, there, walk_s = fitting[int(rng.integers(len(fitting)))]
        nodes.append(there)
        edges.append(edge)
        left_s -= walk_s
    return Walk(team, tuple(nodes), tuple(edges), tuple(stand_at))


Ways = dict[int, list[tuple[int, int, int]]]


def _ways(problem: PatrolProblem, team: Team) -> Ways:
    """(edge, other end, seconds) from each junction."""
    ways: Ways = {node: [] for node in range(problem.node_count)}
    edges = problem.edges
    for e in set(range(len(edges))) - set(team.forbidden):
        for a, b in ((edges.tail[e], edges.head[e]), (edges.head[e], edges.tail[e])):
            ways[a].append((e, b, edges.walk_s[e]))
    return {node: sorted(found) for node, found in ways.items()}


def _apart_s(count: int, ways: Ways) -> np.ndarray:
    apart_s = np.where(np.eye(count, dtype=bool), 0, _FAR_S)
    for a, found in ways.items():
        for _, b, walk_s in found:
            apart_s[a, b] = min(apart_s[a, b], walk_s)
    for node in range(count):
        apart_s = np.minimum(apart_s, apart_s[:, [node]] + apart_s[[node]])
    return apart_s


def _home_s(team: Team, here: int, todo: list[int], away_s: np.ndarray) -> int:
    orders = permutations([team.stands[s].node for s in todo])
    stops = ([here, *order, team.end] for order in orders)
    return min(int(sum(away_s[a, b] for a, b in pairwise(way))) for way in stops)


def _solution(problem: PatrolProblem, walks: tuple[Walk, ...]) -> Solution:
    """With figures that are true of the walks, also where these are not by the rules."""
    known = range(len(problem.edges))
    walked = [e for walk in walks for e in walk.edges if e in known]
    value = np.array(problem.edges.value)[np.unique(np.array(walked, dtype=np.int64))].sum()
    walk_s = np.array(problem.edges.walk_s)[np.array(walked, dtype=np.int64)].sum()
    return Solution(walks, int(value), int(walk_s))


@cache
def _plan(seed: int) -> tuple[PatrolProblem, Solution]:
    """A problem and a plan by the rules."""
    rng = np.random.default_rng(seed)
    problem = _problem(rng)
    walks = tuple(_wander(problem, team, rng) for team in range(len(problem.teams)))
    return problem, _solution(problem, walks)


def _missed(problem: PatrolProblem, solution: Solution) -> set[str]:
    walked = {e for walk in solution.walks for e in walk.edges}
    value = problem.edges.value
    return {
        floor.key
        for floor in problem.floors
        if sum(value[e] for e in walked.intersection(floor.edges)) < floor.minimum
    }


def _check(problem: PatrolProblem, solution: Solution) -> None:
    faults = verify(problem, solution)
    assert broken(faults) == ()
    assert {fault.key for fault in faults} == _missed(problem, solution)
    assert solution.value == pytest.approx(_solution(problem, solution.walks).value, rel=1e-9)


def test_no_random_plan_by_the_rules_is_blamed() -> None:
    seen = Counter[str]()
    for seed in range(PLANS):
        problem, plan = _plan(seed)
        _check(problem, plan)
        ends = list(zip(problem.edges.tail, problem.edges.head, strict=True))
        seen["loop"] += any(a == b for a, b in ends)
        seen["parallel"] += len({tuple(sorted(pair)) for pair in ends}) < len(ends)
        seen["stand"] += any(team.stands for team in problem.teams)
        seen["forbidden"] += any(team.forbidden for team in problem.teams)
        seen["floor"] += bool(problem.floors)
        seen["several teams"] += len(problem.teams) > 1
    assert min(seen.values()) > PLANS / 4, seen
    assert len(seen) == 6


@pytest.mark.slow
def test_no_answer_of_the_solver_breaks_a_rule() -> None:
    for seed in range(PLANS):
        _check_answer(seed)


def test_few_answers_of_the_solver_break_no_rule_either() -> None:
    for seed in range(PLANS, PLANS + 60):
        _check_answer(seed)


def _check_answer(seed: int) -> None:
    rng = np.random.default_rng([seed, 1])
    problem = _problem(np.random.default_rng(seed))
    _check(problem, solve(problem, iterations=1, rng=rng, max_seconds=60.0))


# Tampering --------------------------------------------------------------------------------------

Tamper = Callable[[PatrolProblem, Walk, np.random.Generator], Walk | None]


def _ends(problem: PatrolProblem, edge: int) -> set[int]:
    return {problem.edges.tail[edge], problem.edges.head[edge]}


def _swap_edge(problem: PatrolProblem, walk: Walk, rng: np.random.Generator) -> Walk | None:
    """Another edge in place of one, between other junctions."""
    if not walk.edges:
        return None
    step = int(rng.integers(len(walk.edges)))
    here = {walk.nodes[step], walk.nodes[step + 1]}
    others = [e for e in range(len(problem.edges)) if _ends(problem, e) != here]
    if not others:
        return None
    edges = list(walk.edges)
    edges[step] = others[int(rng.integers(len(others)))]
    return replace(walk, edges=tuple(edges))


def _drop_junction(problem: PatrolProblem, walk: Walk, rng: np.random.Generator) -> Walk | None:
    """A junction and the edge before it are left out, so that the walk jumps."""
    steps = [
        step
        for step in range(1, len(walk.edges))
        if {walk.nodes[step - 1], walk.nodes[step + 1]} != _ends(problem, walk.edges[step])
    ]
    if not steps:
        return None
    at = steps[int(rng.integers(len(steps)))]
    return replace(
        walk,
        nodes=walk.nodes[:at] + walk.nodes[at + 1 :],
        edges=walk.edges[: at - 1] + walk.edges[at:],
        stand_at=tuple(k - (k >= at) for k in walk.stand_at),
    )


def _drop_node(_problem: PatrolProblem, walk: Walk, rng: np.random.Generator) -> Walk:
    at = int(rng.integers(len(walk.nodes)))
    return replace(walk, nodes=walk.nodes[:at] + walk.nodes[at + 1 :])


def _other_start(problem: PatrolProblem, walk: Walk, rng: np.random.Generator) -> Walk | None:
    """The first edge is left out: begun too late."""
    del rng
    if not walk.edges or walk.nodes[1] == problem.teams[walk.team].start:
        return None
    earlier = tuple(max(0, at - 1) for at in walk.stand_at)
    return replace(walk, nodes=walk.nodes[1:], edges=walk.edges[1:], stand_at=earlier)


def _other_end(problem: PatrolProblem, walk: Walk, rng: np.random.Generator) -> Walk | None:
    """The last edge is left out: it stops too early."""
    del rng
    if not walk.edges or walk.nodes[-2] == problem.teams[walk.team].end:
        return None
    last = len(walk.nodes) - 2
    stand_at = tuple(min(at, last) for at in walk.stand_at)
    return replace(walk, nodes=walk.nodes[:-1], edges=walk.edges[:-1], stand_at=stand_at)


def _drop_stand(_problem: PatrolProblem, walk: Walk, rng: np.random.Generator) -> Walk | None:
    del rng
    return replace(walk, stand_at=walk.stand_at[1:]) if walk.stand_at else None


def _move_stand(problem: PatrolProblem, walk: Walk, rng: np.random.Generator) -> Walk | None:
    """It stands at another junction of its walk, or at none at all."""
    if not walk.stand_at:
        return None
    place = problem.teams[walk.team].stands[0].node
    others = [at for at, node in enumerate(walk.nodes) if node != place]
    others += [-1, len(walk.nodes)]
    return replace(walk, stand_at=(others[int(rng.integers(len(others)))], *walk.stand_at[1:]))


def _dawdle(problem: PatrolProblem, walk: Walk, rng: np.random.Generator) -> Walk | None:
    """There and back over a street at the end until time is over."""
    team = problem.teams[walk.team]
    slow = [way for way in _ways(problem, team)[team.end] if way[2] > 0]
    if not slow:
        return None
    edge, there, walk_s = slow[int(rng.integers(len(slow)))]
    spent_s = team.dwell_s + sum(problem.edges.walk_s[e] for e in walk.edges)
    turns = (team.time_limit_s - spent_s) // (2 * walk_s) + 1
    return replace(
        walk,
        nodes=walk.nodes + (there, team.end) * turns,
        edges=walk.edges + (edge, edge) * turns,
    )


def _trespass(problem: PatrolProblem, walk: Walk, rng: np.random.Generator) -> Walk | None:
    """There and back over an edge that is forbidden, at any junction that it touches."""
    spots = [
        (at, e)
        for at, node in enumerate(walk.nodes)
        for e in problem.teams[walk.team].forbidden
        if node in _ends(problem, e)
    ]
    if not spots:
        return None
    at, edge = spots[int(rng.integers(len(spots)))]
    here = walk.nodes[at]
    there = sum((problem.edges.tail[edge], problem.edges.head[edge])) - here
    return replace(
        walk,
        nodes=(*walk.nodes[: at + 1], there, here, *walk.nodes[at + 1 :]),
        edges=(*walk.edges[:at], edge, edge, *walk.edges[at:]),
        stand_at=tuple(k + 2 * (k > at) for k in walk.stand_at),
    )


def _invent(problem: PatrolProblem, walk: Walk, rng: np.random.Generator) -> Walk | None:
    """An edge that the problem has not; counting from the end must not make it one."""
    if not walk.edges:
        return None
    edges, step = list(walk.edges), int(rng.integers(len(walk.edges)))
    edges[step] = edges[step] - len(problem.edges) if rng.random() < 0.5 else len(problem.edges)
    return replace(walk, edges=tuple(edges))


TAMPERS: dict[Tamper, Kind] = {
    _swap_edge: "join",
    _drop_junction: "join",
    _drop_node: "shape",
    _other_start: "start",
    _other_end: "end",
    _drop_stand: "shape",
    _move_stand: "stand",
    _dawdle: "time",
    _trespass: "forbidden",
    _invent: "edge",
}


@pytest.mark.parametrize(("tamper", "kind"), TAMPERS.items())
def test_every_tampered_walk_is_caught_and_named(tamper: Tamper, kind: Kind) -> None:
    caught = 0
    for seed in range(PLANS):
        rng = np.random.default_rng([seed, 1])
        problem, plan = _plan(seed)
        walks = list(plan.walks)
        team = int(rng.integers(len(walks)))
        worse = tamper(problem, walks[team], rng)
        if worse is None:
            continue
        walks[team] = worse
        faults = verify(problem, _solution(problem, tuple(walks)))
        # The figures are true: it is the walk that is at fault, and its team is named.
        assert (kind, team) in {(fault.kind, fault.team) for fault in faults}, seed
        assert "total" not in {fault.kind for fault in faults}, seed
        assert {fault.team for fault in faults if fault.kind != "floor"} == {team}, seed
        caught += 1
    assert caught > PLANS / 4


def test_wrong_figures_and_teams_are_caught() -> None:
    for seed in range(PLANS):
        rng = np.random.default_rng([seed, 1])
        problem, good = _plan(seed)
        more, less = int(rng.integers(1, 9)), -int(rng.integers(1, 9))
        for worse, kind in (
            (replace(good, value=good.value + more), "total"),
            (replace(good, value=good.value + less), "total"),
            (replace(good, walk_s=good.walk_s + more), "total"),
            (replace(good, walk_s=good.walk_s + less), "total"),
            (_solution(problem, good.walks[1:]), "teams"),
            (_solution(problem, (*good.walks, good.walks[0])), "teams"),
            (_solution(problem, (replace(good.walks[0], team=-1), *good.walks[1:])), "teams"),
        ):
            assert [fault.kind for fault in broken(verify(problem, worse))] == [kind], seed
