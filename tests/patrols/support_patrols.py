"""Tiny random cases, their exact optimum, and a street-like grid."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import numpy as np

from corridors.errors import InputError
from corridors.patrols.problem import Edges, Floor, PatrolProblem, Slots, Stand, Team


@dataclass(frozen=True)
class Optimum:
    """Exact figures: best value of any plan, of plans that meet the floors, and of each floor."""

    value: int
    with_floors: int | None
    floor_limits: dict[str, int]


def tiny_problem(rng: np.random.Generator, *, extras: bool = True) -> PatrolProblem | None:
    """At most 6 nodes, 8 edges and 2 teams; None if the draw is impossible to walk."""
    nodes = int(rng.integers(2, 7))
    count = int(rng.integers(1, 9))
    tail = rng.integers(nodes, size=count)
    head = rng.integers(nodes, size=count)
    walk_s = rng.integers(0, 8, size=count)
    value = rng.integers(0, 10, size=count) * (rng.random(count) < 0.8)
    teams = []
    for _ in range(int(rng.integers(1, 3))):
        start = int(rng.integers(nodes))
        end = start if rng.random() < 0.6 else int(rng.integers(nodes))
        stands: tuple[Stand, ...] = ()
        forbidden: tuple[int, ...] = ()
        if extras and rng.random() < 0.4:
            stands = (Stand(int(rng.integers(nodes)), int(rng.integers(4))),)
        if extras and rng.random() < 0.3:
            forbidden = (int(rng.integers(count)),)
        teams.append(Team(start, end, int(rng.integers(0, 30)), stands, forbidden))
    if rng.random() < 0.4:
        teams = [teams[0]] * len(teams)
    floors = []
    if extras and rng.random() < 0.5:
        for key in ("a", "b")[: int(rng.integers(1, 3))]:
            edges = tuple(e for e in range(count) if rng.random() < 0.4)
            floors.append(Floor(key, edges, int(rng.integers(0, 15))))
    try:
        return PatrolProblem(
            nodes, Edges.from_arrays(tail, head, walk_s, value), tuple(teams), tuple(floors)
        )
    except InputError:
        return None


def optimum(problem: PatrolProblem) -> Optimum:
    """By exhaustion: which sets of edges each team can cover in time, then all combinations."""
    possible = np.zeros(1 << len(problem.edges), dtype=bool)
    possible[0] = True
    for team in problem.teams:
        sets = _coverable(problem, team)
        joined = np.zeros_like(possible)
        for mask in np.flatnonzero(possible):
            joined[sets | mask] = True
        possible = joined
    masks = np.flatnonzero(possible)
    member = (masks[:, None] >> np.arange(len(problem.edges))) & 1
    value = np.array(problem.edges.value, dtype=np.int64)
    counts = np.array(problem.edges.counts, dtype=np.int64)
    reached = {f.key: member[:, list(f.edges)] @ counts[list(f.edges)] for f in problem.floors}
    met = np.ones(len(masks), dtype=bool)
    for floor in problem.floors:
        met &= reached[floor.key] >= floor.minimum
    worth = member @ value
    return Optimum(
        value=int(worth.max()),
        with_floors=int(worth[met].max()) if met.any() else None,
        floor_limits={key: int(values.max()) for key, values in reached.items()},
    )


def _coverable(problem: PatrolProblem, team: Team) -> np.ndarray:
    """Sets of edges, as bits, that a walk of the team covers exactly; by Dijkstra on states."""
    edges = problem.edges
    ways: dict[int, list[tuple[int, int]]] = {}
    for e in range(len(edges)):
        if e not in team.forbidden:
            ways.setdefault(edges.tail[e], []).append((e, edges.head[e]))
            ways.setdefault(edges.head[e], []).append((e, edges.tail[e]))
    stands = {stand.node for stand in team.stands}
    budget_s = team.time_limit_s - team.dwell_s
    best: dict[tuple[int, int, frozenset[int]], int] = {}
    heap = [(0, team.start, 0, tuple(sorted(stands & {team.start})))]
    found = set()
    while heap:
        spent, node, mask, stood = heapq.heappop(heap)
        state = (node, mask, frozenset(stood))
        if best.get(state, budget_s + 1) <= spent:
            continue
        best[state] = spent
        if node == team.end and set(stood) == stands:
            found.add(mask)
        for e, other in ways.get(node, []):
            if spent + edges.walk_s[e] <= budget_s:
                after = tuple(sorted(set(stood) | (stands & {other})))
                heapq.heappush(heap, (spent + edges.walk_s[e], other, mask | 1 << e, after))
    return np.array(sorted(found), dtype=np.int64)


def grid_problem(side: int, teams: int, limit_s: int, rng: np.random.Generator) -> PatrolProblem:
    """A perturbed grid with skewed values on two edges in three; all teams start in the middle."""
    node = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    walk_s = rng.integers(50, 100, size=len(tail))
    value = np.rint(rng.lognormal(4.0, 1.2, size=len(tail))).astype(np.int64)
    value[rng.random(len(tail)) < 0.33] = 0
    middle = int(node[side // 2, side // 2])
    return PatrolProblem(
        side * side,
        Edges.from_arrays(tail, head, walk_s, value),
        tuple(Team(middle, middle, limit_s) for _ in range(teams)),
    )


def shuffled(problem: PatrolProblem, rng: np.random.Generator) -> tuple[PatrolProblem, list[int]]:
    """The same streets in another order, some the other way round; and the old edge numbers."""
    order = rng.permutation(len(problem.edges)).tolist()
    place = {old: new for new, old in enumerate(order)}
    turned = rng.random(len(order)) < 0.5
    edges = problem.edges
    tail = [edges.head[e] if t else edges.tail[e] for e, t in zip(order, turned, strict=True)]
    head = [edges.tail[e] if t else edges.head[e] for e, t in zip(order, turned, strict=True)]

    def moved(numbers: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(place[e] for e in numbers))

    slots = problem.slots
    again = replace(
        problem,
        edges=Edges(
            tuple(tail),
            tuple(head),
            tuple(edges.walk_s[e] for e in order),
            tuple(edges.value[e] for e in order),
        ),
        teams=tuple(
            replace(
                t,
                forbidden=moved(t.forbidden),
                stands=tuple(replace(s, in_sight=moved(s.in_sight)) for s in t.stands),
            )
            for t in problem.teams
        ),
        floors=tuple(replace(f, edges=moved(f.edges)) for f in problem.floors),
        slots=slots and replace(slots, value=tuple(slots.value[e] for e in order)),
    )
    return again, order


def timed_problem(problem: PatrolProblem, rng: np.random.Generator) -> PatrolProblem | None:
    """The same streets with slots, windows of stands and a session's end; None if impossible."""
    length_s, count = int(rng.integers(1, 13)), int(rng.integers(1, 5))
    value = rng.integers(0, 9, size=(len(problem.edges), count))
    value[:, 0] *= rng.random() < 0.6
    longest_s = max(team.time_limit_s for team in problem.teams)
    koper = ((1, 40), (3, 90)) if rng.random() < 0.5 else ()

    def windowed(stand: Stand) -> Stand:
        seen = tuple(e for e in range(len(problem.edges)) if rng.random() < 0.5)
        earliest_s = int(rng.integers(0, 12))
        latest_s = None if rng.random() < 0.3 else earliest_s + int(rng.integers(0, 10))
        return Stand(stand.node, stand.dwell_s, earliest_s, latest_s, seen)

    try:
        return replace(
            problem,
            teams=tuple(replace(t, stands=tuple(map(windowed, t.stands))) for t in problem.teams),
            slots=Slots(
                length_s,
                tuple(map(tuple, value.tolist())),
                int(rng.integers(0, 20)) * int(rng.random() < 0.5),
                koper,
            ),
            window_s=longest_s + int(rng.integers(0, 30)),
            apart=bool(rng.random() < 0.5),
        )
    except InputError:
        return None
