"""Shorten finished walks at equal coverage, and walk them with few about-turns.

The order in which a team walks its edges changes neither coverage nor time: what counts is how
often it walks each. So an edge that it walks twice for nothing is dropped if the rest hangs
together, and the rest is walked anew as an Eulerian walk.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

from corridors.patrols.problem import PatrolProblem, Team, Walk


def polish(problem: PatrolProblem, walks: tuple[Walk, ...]) -> tuple[Walk, ...]:
    """Walks that cover the same edges in no more time, with no more about-turns."""
    counts = [Counter(walk.edges) for walk in walks]
    shares = Counter(edge for count in counts for edge in count)
    done = []
    for walk, count in zip(walks, counts, strict=True):
        team = problem.teams[walk.team]
        slim = _slim(problem, team, count, shares)
        shares.subtract(edge for edge in count if edge not in slim)
        anew = _quieter(*euler_walk(problem, team, slim))
        if slim == count and about_turns(walk.edges) <= about_turns(tuple(anew[1])):
            done.append(walk)
            continue
        nodes, edges = anew
        stand_at = tuple(nodes.index(stand.node) for stand in team.stands)
        done.append(Walk(walk.team, tuple(nodes), tuple(edges), stand_at))
    return tuple(done)


def about_turns(edges: tuple[int, ...]) -> int:
    """How often a walk goes straight back where it came from."""
    return sum(a == b for a, b in pairwise(edges))


def _slim(
    problem: PatrolProblem, team: Team, count: Counter[int], shares: Counter[int]
) -> Counter[int]:
    """Take out, in pairs, what is walked for nothing; the longest first."""
    edges = problem.edges
    slim = Counter({edge: 2 - times % 2 for edge, times in count.items()})
    for edge in sorted(slim, key=lambda e: (-edges.walk_s[e], e)):
        wanted = edges.value[edge] > 0 and shares[edge] == 1
        if slim[edge] == 2 and not wanted:
            rest = Counter(slim)
            del rest[edge]
            if hangs_together(problem, team, rest):
                slim = rest
    return slim


def hangs_together(problem: PatrolProblem, team: Team, count: Counter[int]) -> bool:
    """Whether these edges join the team's start with all of them, its stands and its end."""
    beside: dict[int, set[int]] = defaultdict(set)
    for edge in count:
        beside[problem.edges.tail[edge]].add(problem.edges.head[edge])
        beside[problem.edges.head[edge]].add(problem.edges.tail[edge])
    reached, waiting = {team.start}, [team.start]
    while waiting:
        fresh = beside[waiting.pop()] - reached
        reached |= fresh
        waiting += fresh
    needed = set(beside) | {team.end} | {stand.node for stand in team.stands}
    return needed <= reached


def euler_walk(
    problem: PatrolProblem, team: Team, count: Counter[int]
) -> tuple[list[int], list[int]]:
    """An Eulerian walk from start to end, by Hierholzer's algorithm; straight on where it can."""
    left = Counter(count)
    beside: dict[int, list[int]] = defaultdict(list)
    for edge in sorted(count):
        for node in {problem.edges.tail[edge], problem.edges.head[edge]}:
            beside[node].append(edge)
    stack: list[tuple[int, int]] = [(team.start, -1)]
    nodes: list[int] = []
    edges: list[int] = []
    while stack:
        node, came_by = stack[-1]
        open_edges = [edge for edge in beside[node] if left[edge]]
        if not open_edges:
            stack.pop()
            nodes.append(node)
            edges.append(came_by)
            continue
        edge = min(open_edges, key=lambda e: (e == came_by, e))
        left[edge] -= 1
        other = problem.edges.tail[edge] + problem.edges.head[edge] - node
        stack.append((other, edge))
    # Collected backwards; the start has no edge before it.
    return nodes[::-1], edges[::-1][1:]


def _quieter(nodes: list[int], edges: list[int]) -> tuple[list[int], list[int]]:
    """Reverse closed parts between two visits of a node while that removes about-turns."""
    improved = True
    while improved:
        improved = False
        turns = [i for i in range(1, len(edges)) if edges[i - 1] == edges[i]]
        for at in turns:
            for other in (i for i, node in enumerate(nodes) if node == nodes[at] and i != at):
                first, last = min(at, other), max(at, other)
                if _turns_at(edges, first, last, turned=True) < _turns_at(
                    edges, first, last, turned=False
                ):
                    edges = edges[:first] + edges[first:last][::-1] + edges[last:]
                    nodes = nodes[:first] + nodes[first : last + 1][::-1] + nodes[last + 1 :]
                    improved = True
                    break
            if improved:
                break
    return nodes, edges


def _turns_at(edges: list[int], first: int, last: int, *, turned: bool) -> int:
    """About-turns at both ends of the closed part ``edges[first:last]``."""
    opening, closing = edges[first], edges[last - 1]
    if turned:
        opening, closing = closing, opening
    before = first > 0 and edges[first - 1] == opening
    after = last < len(edges) and edges[last] == closing
    return int(before) + int(after)
