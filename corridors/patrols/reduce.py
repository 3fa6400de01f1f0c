"""Make a street graph smaller without changing the value of its best plan."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from corridors.arrays import BoolArray, IntArray
from corridors.patrols.problem import PatrolProblem, as_arrays


@dataclass(frozen=True)
class Reduced:
    """Edges left after reduction, each (n,).

    ``origin`` is the edge of the problem that it stands for, -1 for edges without value, of which
    it may join several: ``members`` are the edges of the problem that it goes over.
    ``allowed`` is (teams, n).
    """

    node_count: int
    tail: IntArray
    head: IntArray
    walk_s: IntArray
    value: IntArray
    origin: IntArray
    members: tuple[tuple[int, ...], ...]
    allowed: BoolArray


@dataclass(frozen=True)
class _Link:
    ends: tuple[int, int]
    walk_s: int
    who: tuple[bool, ...]
    edges: tuple[int, ...]


def reduce_streets(problem: PatrolProblem) -> Reduced:
    """Drop dead ends without value, and join chains without value into one edge each.

    A best plan needs neither to turn within a stretch that is worth nothing, nor to enter a dead
    end that is worth nothing; of such parallel edges it needs only the quickest. Nodes where a
    team starts, ends or stands are kept.
    """
    arrays = as_arrays(problem)
    streets, value = arrays.streets, arrays.value
    ends = list(zip(streets.tail.tolist(), streets.head.tolist(), strict=True))
    fixed = {team.start for team in problem.teams} | {team.end for team in problem.teams}
    fixed |= {stand.node for team in problem.teams for stand in team.stands}
    valued = np.flatnonzero(value > 0)
    for e in valued.tolist():
        fixed |= set(ends[e])
    links = {
        e: _Link(ends[e], int(streets.walk_s[e]), tuple(arrays.allowed[:, e].tolist()), (e,))
        for e in np.flatnonzero(value == 0).tolist()
    }
    left = _contract(links, fixed)
    joined = len(left)
    return Reduced(
        node_count=problem.node_count,
        tail=_concatenate(streets.tail[valued], [link.ends[0] for link in left]),
        head=_concatenate(streets.head[valued], [link.ends[1] for link in left]),
        walk_s=_concatenate(streets.walk_s[valued], [link.walk_s for link in left]),
        value=_concatenate(value[valued], [0] * joined),
        origin=_concatenate(valued, [-1] * joined),
        members=(*((e,) for e in valued.tolist()), *(link.edges for link in left)),
        allowed=np.concatenate(
            [
                arrays.allowed[:, valued],
                np.array([link.who for link in left], dtype=bool)
                .reshape(joined, len(problem.teams))
                .T,
            ],
            axis=1,
        ),
    )


def _concatenate(first: IntArray, then: list[int]) -> IntArray:
    return np.concatenate([first, np.array(then, dtype=np.int64)])


def _contract(links: dict[int, _Link], fixed: set[int]) -> list[_Link]:
    """Remove free nodes with one link, join the links of free nodes with two."""
    at: dict[int, set[int]] = defaultdict(set)
    for name, link in links.items():
        if link.ends[0] != link.ends[1]:
            at[link.ends[0]].add(name)
            at[link.ends[1]].add(name)
    alive = {name: link for name, link in links.items() if link.ends[0] != link.ends[1]}
    waiting = sorted(at, reverse=True)
    fresh = max(links, default=0) + 1
    while waiting:
        node = waiting.pop()
        names = sorted(at[node])
        if node in fixed or len(names) not in (1, 2):
            continue
        pair = [alive[name] for name in names]
        if len(pair) == 2 and pair[0].who != pair[1].who:
            continue
        others = [sum(link.ends) - node for link in pair]
        for name, other in zip(names, others, strict=True):
            del alive[name]
            at[other].discard(name)
        at[node].clear()
        if len(pair) == 2 and others[0] != others[1]:
            alive[fresh] = _Link(
                (min(others), max(others)),
                sum(link.walk_s for link in pair),
                pair[0].who,
                pair[0].edges + pair[1].edges,
            )
            at[others[0]].add(fresh)
            at[others[1]].add(fresh)
            fresh += 1
        waiting += others
    best: dict[tuple[tuple[int, int], tuple[bool, ...]], _Link] = {}
    for name in sorted(alive):
        link = alive[name]
        key = (min(link.ends), max(link.ends)), link.who
        if key not in best or link.walk_s < best[key].walk_s:
            best[key] = link
    return [best[key] for key in sorted(best)]
