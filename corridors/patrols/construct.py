"""What the solver knows before it starts, and walks as sequences of tasks.

A task is an edge in one direction, or a stand. Between tasks a team takes the shortest walk, so
that a sequence of tasks is a walk. Valued edges on such a leg are tasks too: putting one there
costs nothing, and insertion takes what costs nothing first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.patrols.problem import (
    Arrays,
    PatrolProblem,
    Team,
    Walk,
    as_arrays,
)
from corridors.patrols.shortest import (
    UNREACHABLE,
    Legs,
    TimeTable,
    best_order,
    leg_edges,
    shortest_legs,
)

# Bounds the memory: a full table of times between these is 9 MB.
PLACES_LIMIT: Final = 1500
_NEAR: Final = 60


@dataclass(frozen=True)
class Kind:
    """Times for teams that may walk the same edges, in seconds.

    ``between`` is (places, places); ``allowed`` (candidates,) says which may be walked.
    """

    legs: Legs
    between: TimeTable
    allowed: BoolArray


@dataclass(frozen=True)
class Crew:
    """A team in the solver's numbers: places, not nodes. ``stands`` are tasks in best order."""

    kind: int
    start: int
    end: int
    time_s: int  # limit without dwells
    stands: tuple[int, ...]


@dataclass(frozen=True)
class Ground:
    """Everything that stays fixed during a search.

    Parameters
    ----------
    edge : (c,) edge number of each candidate.
    walk_s, value, duty, promise : (c,) its time, its value, what it counts for in floors, and how
        much the bound covers it (0-1).
    enter, leave, task_s : (t,) place where each task begins and ends, and its walking time. Task
        2 c walks candidate c from tail to head, 2 c + 1 back; stands come after.
    near : (c, k) candidates close to each, nearest first.
    in_floor : (floors, c); ``floor_minimum`` (floors,).
    """

    edge: IntArray
    walk_s: IntArray
    value: IntArray
    duty: IntArray
    promise: FloatArray
    enter: IntArray
    leave: IntArray
    task_s: IntArray
    near: IntArray
    in_floor: BoolArray
    floor_minimum: IntArray
    kinds: tuple[Kind, ...]
    crews: tuple[Crew, ...]


def prepare(problem: PatrolProblem, promise: FloatArray, *, least: float = 0.0) -> Ground:
    """Candidates, times between them, and teams.

    Parameters
    ----------
    promise : (edges,) how much the bound covers each edge, 0-1.
    least : leave out edges that promise less.
    """
    arrays = as_arrays(problem)
    terminals = _terminals(problem)
    wanted = arrays.value * (promise >= least)
    candidates = _candidates(problem, replace(arrays, value=wanted), promise, terminals)
    streets = arrays.streets
    tail, head = streets.tail[candidates], streets.head[candidates]
    places = np.unique(np.concatenate([tail, head, terminals]))
    ends = np.column_stack([np.searchsorted(places, tail), np.searchsorted(places, head)])
    names, which = np.unique(arrays.allowed, axis=0, return_inverse=True)
    which = which.reshape(-1)
    kinds = tuple(
        _kind(shortest_legs(streets, allowed, places), allowed[candidates]) for allowed in names
    )
    stands = [stand for team in problem.teams for stand in team.stands]
    stand_places = np.searchsorted(places, [stand.node for stand in stands]).astype(np.int64)
    walk_s = streets.walk_s[candidates]
    in_floor = np.array(
        [np.isin(candidates, floor.edges) for floor in problem.floors], dtype=bool
    ).reshape(len(problem.floors), len(candidates))
    return Ground(
        edge=candidates,
        walk_s=walk_s,
        value=arrays.value[candidates],
        duty=np.array(problem.edges.counts, dtype=np.int64)[candidates],
        promise=promise[candidates],
        enter=np.concatenate([ends.reshape(-1), stand_places]),
        leave=np.concatenate([ends[:, ::-1].reshape(-1), stand_places]),
        task_s=np.concatenate([np.repeat(walk_s, 2), np.zeros(len(stands), dtype=np.int64)]),
        near=_near(ends, kinds),
        in_floor=in_floor,
        floor_minimum=np.array([floor.minimum for floor in problem.floors], dtype=np.int64),
        kinds=kinds,
        crews=_crews(problem, places, which.tolist(), kinds, 2 * len(candidates)),
    )


def to_walk(ground: Ground, number: int, team: Team, tasks: list[int]) -> Walk:
    """A sequence of tasks as a walk, street by street."""
    crew = ground.crews[number]
    legs = ground.kinds[crew.kind].legs
    first_stand = 2 * len(ground.edge)
    own = sorted(crew.stands)
    nodes, edges = [team.start], list[int]()
    place, stood = crew.start, [0] * len(own)
    for task in tasks:
        way = leg_edges(legs, place, int(legs.sources[ground.enter[task]]))
        nodes += way[0]
        edges += way[1]
        place = int(ground.leave[task])
        if task >= first_stand:
            stood[own.index(task)] = len(nodes) - 1
        else:
            nodes.append(int(legs.sources[place]))
            edges.append(int(ground.edge[task // 2]))
    way = leg_edges(legs, place, team.end)
    return Walk(number, (*nodes, *way[0]), (*edges, *way[1]), tuple(stood))


def stands_only(ground: Ground) -> list[list[int]]:
    """Each team's stands, in their quickest order."""
    return [list(crew.stands) for crew in ground.crews]


def moved_tasks(before: Ground, tasks: list[list[int]], after: Ground) -> list[list[int]]:
    """The same tasks among other candidates; those that are no candidates there fall away."""
    place = {edge: number for number, edge in enumerate(after.edge.tolist())}
    first, then = 2 * len(before.edge), 2 * len(after.edge)
    moved = []
    for own in tasks:
        kept = []
        for task in own:
            if task >= first:
                kept.append(task - first + then)
            elif (edge := int(before.edge[task // 2])) in place:
                kept.append(2 * place[edge] + task % 2)
        moved.append(kept)
    return moved


def tasks_along(ground: Ground, walks: Iterable[Walk]) -> list[list[int]]:
    """What one walk for each team does on its way: each candidate once, by whoever is first."""
    place = {edge: number for number, edge in enumerate(ground.edge.tolist())}
    made = []
    for walk, crew in zip(walks, ground.crews, strict=True):
        sources = ground.kinds[crew.kind].legs.sources
        stood = list(zip(walk.stand_at, sorted(crew.stands), strict=True))
        own: list[int] = []
        for position, node in enumerate(walk.nodes):
            own += [task for at, task in stood if at == position]
            one = place.pop(walk.edges[position], None) if position < len(walk.edges) else None
            if one is not None:
                own.append(2 * one + int(sources[ground.enter[2 * one]] != node))
        made.append(own)
    return made


def _terminals(problem: PatrolProblem) -> IntArray:
    nodes = [n for team in problem.teams for n in (team.start, team.end)]
    nodes += [stand.node for team in problem.teams for stand in team.stands]
    return np.unique(np.array(nodes, dtype=np.int64))


def _candidates(
    problem: PatrolProblem, arrays: Arrays, promise: FloatArray, terminals: IntArray
) -> IntArray:
    """Valued edges that some team can walk in time, the most promising if there are too many."""
    streets = arrays.streets
    reachable = np.zeros(len(streets.tail), dtype=bool)
    for team, allowed in zip(problem.teams, arrays.allowed, strict=True):
        legs = shortest_legs(streets, allowed, np.array([team.start, team.end]))
        out, back = legs.walk_s.astype(np.int64)
        detour = np.minimum(
            out[streets.tail] + back[streets.head], out[streets.head] + back[streets.tail]
        )
        reachable |= allowed & (detour + streets.walk_s + team.dwell_s <= team.time_limit_s)
    valued = np.flatnonzero(reachable & (arrays.value > 0))
    in_floor = np.isin(valued, [e for floor in problem.floors for e in floor.edges])
    density = arrays.value[valued] / (streets.walk_s[valued] + 1)
    best = valued[np.lexsort((valued, -density, -promise[valued], ~in_floor))]
    ends = np.column_stack([streets.tail[best], streets.head[best]]).reshape(-1)
    known = set(terminals.tolist())
    for count, node in enumerate(ends.tolist()):
        known.add(node)
        if len(known) > PLACES_LIMIT:
            return np.sort(best[: count // 2])
    return valued


def _kind(legs: Legs, allowed: BoolArray) -> Kind:
    return Kind(legs, np.ascontiguousarray(legs.walk_s[:, legs.sources]), allowed)


def _near(ends: IntArray, kinds: tuple[Kind, ...]) -> IntArray:
    count = len(ends)
    apart = np.full((count, count), np.iinfo(np.int32).max, dtype=np.int32)
    for kind in kinds:
        for end in (0, 1):
            from_end = kind.between[ends[:, end]]
            to_ends = np.minimum(from_end[:, ends[:, 0]], from_end[:, ends[:, 1]])
            np.minimum(apart, np.where(kind.allowed, to_ends, UNREACHABLE), out=apart)
    apart[np.arange(count), np.arange(count)] = -1
    return np.argsort(apart, axis=1, kind="stable")[:, : _NEAR + 1].astype(np.int64)


def _crews(
    problem: PatrolProblem,
    places: IntArray,
    which: list[int],
    kinds: tuple[Kind, ...],
    first_stand: int,
) -> tuple[Crew, ...]:
    crews = []
    for team, kind in zip(problem.teams, which, strict=True):
        stops = [team.start, *(stand.node for stand in team.stands), team.end]
        at = np.searchsorted(places, stops)
        order = best_order(kinds[kind].between[np.ix_(at, at)])[1]
        stands = tuple(first_stand + stop - 1 for stop in order)
        crews.append(Crew(kind, int(at[0]), int(at[-1]), team.time_limit_s - team.dwell_s, stands))
        first_stand += len(team.stands)
    return tuple(crews)
