"""Shorten finished walks at equal coverage, and walk them with few about-turns.

The order in which a team walks its edges changes neither coverage nor time: what counts is how
often it walks each. So an edge that it walks twice for nothing, or a ring that it walks round for
nothing, is dropped if the rest hangs together, and the rest is walked anew as an Eulerian walk.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import accumulate, combinations, pairwise

from corridors.patrols.problem import PatrolProblem, Team, Walk
from corridors.patrols.style import StyleFacts, arrange


def polish(problem: PatrolProblem, walks: tuple[Walk, ...]) -> tuple[Walk, ...]:
    """Walks that cover the same edges in no more time, with no more about-turns.

    Of a street that two teams walk, one may let go. Teams with police go first, so that police
    spend fewer minutes among pupils where coverage is the same (A6).
    """
    counts = {walk.team: Counter(walk.edges) for walk in walks}
    shares = Counter(edge for count in counts.values() for edge in count)
    slim: dict[int, Counter[int]] = {}
    for number in sorted(counts, key=lambda n: (not problem.teams[n].police, n)):
        slim[number] = _slim(problem, problem.teams[number], counts[number], shares)
        shares.subtract(edge for edge in counts[number] if edge not in slim[number])
    return tuple(_walked(problem, walk, slim[walk.team]) for walk in walks)


def _walked(problem: PatrolProblem, walk: Walk, count: Counter[int]) -> Walk:
    """The edges of ``count`` as a walk with few about-turns; the old walk if nothing is better."""
    facts = StyleFacts.unknown(problem.edges.tail)
    anew = arrange(walk_through(problem, walk.team, count), facts)
    same = Counter(walk.edges) == count
    return walk if same and about_turns(walk.edges) <= about_turns(anew.edges) else anew


def about_turns(edges: tuple[int, ...]) -> int:
    """How often a walk goes straight back where it came from."""
    return sum(a == b for a, b in pairwise(edges))


def _slim(
    problem: PatrolProblem, team: Team, count: Counter[int], shares: Counter[int]
) -> Counter[int]:
    """Take out what is walked for nothing: pairs, the longest first, then closed parts."""
    edges = problem.edges
    needed = {e for e in count if edges.value[e] > 0 and shares[e] == 1}
    slim = Counter({edge: 2 - times % 2 for edge, times in count.items()})
    for edge in sorted(slim, key=lambda e: (-edges.walk_s[e], e)):
        if slim[edge] == 2 and edge not in needed:
            rest = Counter(slim)
            del rest[edge]
            if hangs_together(problem, team, rest):
                slim = rest
    while (less := _without_a_ring(problem, team, slim, needed)) is not None:
        slim = less
    return slim


def _without_a_ring(
    problem: PatrolProblem, team: Team, count: Counter[int], needed: set[int]
) -> Counter[int] | None:
    """Without the longest closed part that nothing needs, or None if there is none."""
    nodes, edges = euler_walk(problem, team, count)
    at: dict[int, list[int]] = defaultdict(list)
    for position, node in enumerate(nodes):
        at[node].append(position)
    rings = [(a, b) for visits in at.values() for a, b in combinations(visits, 2)]
    spent_s = [0, *accumulate(problem.edges.walk_s[e] for e in edges)]
    for a, b in sorted(rings, key=lambda ring: (spent_s[ring[0]] - spent_s[ring[1]], ring)):
        rest = count - Counter(edges[a:b])
        if needed <= set(rest) and hangs_together(problem, team, rest):
            return rest
    return None


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


def walk_through(problem: PatrolProblem, number: int, count: Counter[int]) -> Walk:
    """One team's ``euler_walk``; it stands where it first passes each of its stands."""
    team = problem.teams[number]
    nodes, edges = euler_walk(problem, team, count)
    stand_at = tuple(nodes.index(stand.node) for stand in team.stands)
    return Walk(number, tuple(nodes), tuple(edges), stand_at)


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
