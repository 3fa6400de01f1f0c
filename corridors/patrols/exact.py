"""One team's best walk, proven: a search over all walks by frontier states, for thin graphs.

A walk is, but for its order, how often it passes each edge: never, once or twice, since two of
three passes can be left out and an Eulerian walk remains. The nodes of the graph are taken one by
one. All that the rest needs to know of the passes so far is, for the nodes with edges to come (the
frontier): which are visited, which hang together, and which have an odd number of passes [1]_. For
each such state the best value within each whole second is kept. A corridor is long and thin, so
that its frontier is a handful of nodes, and its best walk is found in whole numbers, exactly.

References
----------
.. [1] Kawahara, Inoue, Iwashita and Minato (2017), Frontier-based search for enumerating all
   constrained subgraphs with compressed representation, IEICE Transactions E100-A(9).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from corridors.arrays import IntArray
from corridors.patrols.polish import walk_through
from corridors.patrols.problem import PatrolProblem, Walk, as_arrays, sort_edges
from corridors.patrols.reduce import reduce_streets
from corridors.patrols.shortest import UNREACHABLE, distances

# Getting ready takes some 20 microseconds a move, and each search as long again.
MOST_MOVES: Final = 20_000
_SECONDS: Final = 3600
_BEAM: Final = 10  # orders of nodes kept while looking for a thin one
# Prices are looked at so often, and over so many moves, at most: about 3 s.
_LOOKS: Final = 80
_LOOK_MOVES: Final = 150_000
_STILL: Final = 4  # looks without a better bound after which steps are halved
_TURNS: Final = 3  # of all teams, at most
_FLOOR_FIRST: Final = 20  # how much more an edge of a missed floor counts
_SPREAD: Final = 3.5  # states per further frontier node, about
_SMALL: Final = 2**30  # worths up to here need only 32 bits

# For each frontier node: 0 if not visited, else 2 x component + (1 if its passes are odd).
State = tuple[int, ...]
Values = npt.NDArray[np.int32] | npt.NDArray[np.int64]
_DONE: Final[State] = (-1,)


@dataclass(frozen=True)
class _Graph:
    """Reduced edges that one team can use: ends, time and the problem's edges of each."""

    ends: tuple[tuple[int, int], ...]
    walk_s: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]
    origin: tuple[int, ...]
    needed: frozenset[int]
    odd: frozenset[int]


@dataclass(frozen=True)
class _Step:
    """One more node: where its edges' ends stand in the frontier, and what leaves the frontier.

    ``places`` are the two positions of each of its edges. The new node is last in the frontier.
    ``leaves`` are positions to forget, ascending, ``odd`` whether each must have an odd number of
    passes. ``last`` says that no needed node comes later.
    """

    places: tuple[tuple[int, int], ...]
    needed: bool
    leaves: tuple[int, ...]
    odd: tuple[bool, ...]
    last: bool


@dataclass(frozen=True)
class _Move:
    """From one state to another by walking ``passes`` of some edges; states by number."""

    before: int
    after: int
    walk_s: int
    passes: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Search:
    """All walks of one team, whatever the edges are worth.

    ``moves`` are those of each step, ``states`` how many states there are after it. The one state
    after the last step is the finished walk.
    """

    problem: PatrolProblem
    team: int
    graph: _Graph
    moves: tuple[tuple[_Move, ...], ...]
    states: tuple[int, ...]
    budget_s: int

    @property
    def size(self) -> int:
        """Moves in all: what a search costs."""
        return sum(len(found) for found in self.moves)


def prepare_search(
    problem: PatrolProblem, team: int, *, most_moves: int = MOST_MOVES
) -> Search | None:
    """What ``best_walk`` needs of a team; None if the graph is too wide for it.

    Parameters
    ----------
    team : position in ``problem.teams``.
    most_moves : give up beyond this many moves for an hour of walking, and in proportion for
        other times: a count and not a time, so that the same case gives the same answer.
    """
    crew = problem.teams[team]
    budget_s = crew.time_limit_s - crew.dwell_s
    graph = _graph(problem, team)
    limit = int(most_moves * _SECONDS / max(budget_s, 1))
    cost, order = _thin_order(graph)
    if cost > limit:
        return None
    known: dict[tuple[_Step, State], tuple[tuple[State, tuple[int, ...]], ...]] = {}
    states: dict[State, int] = {(): 0}
    quickest = [0]
    moves: list[tuple[_Move, ...]] = []
    for step, edges in _steps(graph, order):
        found: list[_Move] = []
        place: dict[State, int] = {}
        soonest: list[int] = []
        for state, number in states.items():
            # Streets repeat themselves: most steps are like an earlier one.
            if (step, state) not in known:
                known[step, state] = tuple(_moved(step, state))
            for after, passes in known[step, state]:
                walk_s = sum(n * graph.walk_s[e] for e, n in zip(edges, passes, strict=True))
                if quickest[number] + walk_s > budget_s:
                    continue
                target = place.setdefault(after, len(place))
                if target == len(soonest):
                    soonest.append(budget_s)
                soonest[target] = min(soonest[target], quickest[number] + walk_s)
                walked = tuple((e, n) for e, n in zip(edges, passes, strict=True) if n)
                found.append(_Move(number, target, walk_s, walked))
        limit -= len(found)
        if limit < 0:
            return None
        moves.append(tuple(found))
        states, quickest = place, soonest
    return Search(problem, team, graph, tuple(moves), tuple(_counts(moves)), budget_s)


def best_walk(search: Search, worth: IntArray) -> tuple[int, Walk]:
    """The most that the team can cover, proven, and a walk that does; of such, a quickest.

    Parameters
    ----------
    worth : (edges,) what covering each edge is worth, >= 0; 0 where the problem's value is 0.
    """
    gain = _gain(search, worth)
    block = max(1, math.isqrt(len(search.moves)))
    table = _first_table(search, gain)
    tables = [table]
    for number in range(len(search.moves)):
        table = _filled(search, gain, number, table)
        if (number + 1) % block == 0:
            tables.append(table)
    value = int(table[0, -1])
    left_s = int(np.searchsorted(table[0], value))
    count: Counter[int] = Counter()
    state, goal = 0, value
    for begin in range((len(search.moves) - 1) // block * block, -1, -block):
        end = min(begin + block, len(search.moves))
        kept = [tables[begin // block]]
        for number in range(begin, end - 1):
            kept.append(_filled(search, gain, number, kept[-1]))
        for number in range(end - 1, begin - 1, -1):
            move = _reason(search, gain, number, kept[number - begin], (state, left_s, goal))
            state, left_s = move.before, left_s - move.walk_s
            goal -= sum(gain[e] for e, _ in move.passes)
            for e, times in move.passes:
                count.update(dict.fromkeys(search.graph.members[e], times))
    return value, walk_through(search.problem, search.team, count)


def most_value(search: Search, worth: IntArray) -> int:
    """The most that the team can cover, proven: ``best_walk`` without the walk."""
    gain = _gain(search, worth)
    table = _first_table(search, gain)
    for number in range(len(search.moves)):
        table = _filled(search, gain, number, table)
    return int(table[0, -1])


def walks_past(search: Search, edge: int) -> Search | None:
    """The search of those walks that pass an edge of value; None if there is no such walk."""
    own = {i for i, origin in enumerate(search.graph.origin) if origin == edge}
    (at,) = {
        number
        for number, found in enumerate(search.moves)
        if any(e in own for move in found for e, _ in move.passes)
    } or {-1}
    if at < 0:
        return None
    quickest = {0: 0}
    moves: list[tuple[_Move, ...]] = []
    for number, found in enumerate(search.moves):
        then: dict[int, int] = {}
        kept: list[_Move] = []
        for move in found:
            done_s = quickest.get(move.before, search.budget_s + 1) + move.walk_s
            if done_s <= search.budget_s and (
                number != at or any(e in own for e, _ in move.passes)
            ):
                kept.append(move)
                then[move.after] = min(then.get(move.after, done_s), done_s)
        moves.append(tuple(kept))
        quickest = then
    return replace(search, moves=tuple(moves)) if quickest else None


# --- the graph and its order ----------------------------------------------------------------


def _graph(problem: PatrolProblem, team: int) -> _Graph:
    crew = problem.teams[team]
    arrays = as_arrays(problem)
    reduced = reduce_streets(problem)
    ends = np.array([crew.start, crew.end])
    out, back = distances(arrays.streets, arrays.allowed[team], ends).astype(np.int64)
    detour = np.minimum(
        out[reduced.tail] + back[reduced.head], out[reduced.head] + back[reduced.tail]
    )
    in_time = detour + reduced.walk_s <= crew.time_limit_s - crew.dwell_s
    usable = np.flatnonzero(reduced.allowed[team] & in_time & (detour < UNREACHABLE)).tolist()
    return _Graph(
        ends=tuple((int(reduced.tail[e]), int(reduced.head[e])) for e in usable),
        walk_s=tuple(int(reduced.walk_s[e]) for e in usable),
        members=tuple(reduced.members[e] for e in usable),
        origin=tuple(int(reduced.origin[e]) for e in usable),
        needed=frozenset({crew.start, crew.end, *(stand.node for stand in crew.stands)}),
        odd=frozenset({crew.start, crew.end}) if crew.start != crew.end else frozenset(),
    )


def _thin_order(graph: _Graph) -> tuple[float, tuple[int, ...]]:
    """An order of the nodes whose frontiers are small, by beam search; first about its moves."""
    beside: dict[int, set[int]] = {node: set() for node in sorted(graph.needed)}
    for a, b in graph.ends:
        beside.setdefault(a, set()).add(b)
        beside.setdefault(b, set()).add(a)
    for node, others in beside.items():
        others.discard(node)
    # Cost, order, placed, frontier.
    beam: list[tuple[float, tuple[int, ...], frozenset[int], frozenset[int]]] = [
        (0.0, (node,), frozenset([node]), frozenset([node])) for node in sorted(beside)
    ]
    for _ in range(len(beside) - 1):
        longer: dict[
            frozenset[int], tuple[float, tuple[int, ...], frozenset[int], frozenset[int]]
        ] = {}
        for cost, order, placed, frontier in beam:
            for node in sorted(set().union(*(beside[f] for f in frontier)) - placed):
                then = placed | {node}
                edge = frozenset(f for f in (*frontier, node) if not beside[f] <= then)
                total = cost + _SPREAD ** len(edge)
                if then not in longer or (total, (*order, node)) < longer[then][:2]:
                    longer[then] = total, (*order, node), then, edge
        beam = sorted(longer.values(), key=lambda item: item[:2])[:_BEAM]
    return beam[0][0], beam[0][1]


def _steps(graph: _Graph, order: tuple[int, ...]) -> Iterator[tuple[_Step, tuple[int, ...]]]:
    """The steps in order, each with its edges."""
    rank = {node: number for number, node in enumerate(order)}
    closing: list[list[int]] = [[] for _ in order]
    last_use = list(range(len(order)))
    for e, (a, b) in enumerate(graph.ends):
        low, high = sorted((rank[a], rank[b]))
        closing[high].append(e)
        last_use[low] = max(last_use[low], high)
    last_needed = max(rank[node] for node in graph.needed)
    frontier: list[int] = []
    for number, node in enumerate(order):
        frontier.append(node)
        leaves = tuple(i for i, f in enumerate(frontier) if last_use[rank[f]] == number)
        step = _Step(
            places=tuple(
                (frontier.index(graph.ends[e][0]), frontier.index(graph.ends[e][1]))
                for e in closing[number]
            ),
            needed=node in graph.needed,
            leaves=leaves,
            odd=tuple(frontier[i] in graph.odd for i in leaves),
            last=number >= last_needed,
        )
        yield step, tuple(closing[number])
        frontier = [f for i, f in enumerate(frontier) if i not in leaves]


# --- states ---------------------------------------------------------------------------------


def _moved(step: _Step, state: State) -> Iterator[tuple[State, tuple[int, ...]]]:
    """States after a step, each with how often each of its edges is passed."""
    if state == _DONE:
        yield _DONE, (0,) * len(step.places)
        return
    fresh = 2 * (max(state, default=0) // 2 + 1)
    wider = [*state, fresh if step.needed else 0]
    # A loop is walked once or not at all.
    choices = [(0, 1) if a == b else (0, 1, 2) for a, b in step.places]
    for chosen in product(*choices):
        codes = wider
        for (a, b), times in zip(step.places, chosen, strict=True):
            if times:
                codes = _joined(codes, a, b, odd=times == 1 and a != b)
        after = _forgotten(step, codes)
        if after is not None:
            yield after, chosen


def _joined(codes: list[int], a: int, b: int, *, odd: bool) -> list[int]:
    fresh = max(codes) // 2 + 1
    first = codes[a] // 2 or fresh
    then = codes[b] // 2 or first
    joined = [2 * first + code % 2 if code and code // 2 == then else code for code in codes]
    for place in {a, b}:
        joined[place] = 2 * first + (codes[place] % 2 ^ odd)
    return joined


def _forgotten(step: _Step, codes: list[int]) -> State | None:
    """The state without the nodes that leave; None if no walk can come of it."""
    for place, odd in zip(step.leaves, step.odd, strict=True):
        if codes[place] % 2 != odd:
            return None
    kept = [code for place, code in enumerate(codes) if place not in step.leaves]
    parts = {code // 2 for code in codes if code}
    staying = {code // 2 for code in kept if code}
    if parts != staying:
        # A part that leaves whole is the finished walk, or a walk torn in two.
        return _DONE if len(parts) == 1 and step.last else None
    names: dict[int, int] = {}
    return tuple(
        2 * names.setdefault(code // 2, len(names) + 1) + code % 2 if code else 0 for code in kept
    )


def _counts(moves: list[tuple[_Move, ...]]) -> Iterator[int]:
    for found in moves:
        yield 1 + max(move.after for move in found)


# --- values ---------------------------------------------------------------------------------


def _gain(search: Search, worth: IntArray) -> list[int]:
    """What each edge of the search's graph is worth."""
    return [int(worth[e]) if e >= 0 else 0 for e in search.graph.origin]


def _first_table(search: Search, gain: list[int]) -> Values:
    shape = (1, search.budget_s + 1)
    if sum(gain) < _SMALL:
        return np.zeros(shape, dtype=np.int32)
    return np.zeros(shape, dtype=np.int64)


def _filled(search: Search, gain: list[int], number: int, table: Values) -> Values:
    """Best value of each state within each second after one more step, (states, seconds)."""
    width = search.budget_s + 1
    # Twice this, and this with all worth, still fit.
    never = np.iinfo(table.dtype).min // 2
    after = np.full((search.states[number], width), never, dtype=table.dtype)
    for move in search.moves[number]:
        worth = sum(gain[e] for e, _ in move.passes)
        row = after[move.after, move.walk_s :]
        np.maximum(row, table[move.before, : width - move.walk_s] + worth, out=row)
    return after


def _reason(
    search: Search, gain: list[int], number: int, before: Values, end: tuple[int, int, int]
) -> _Move:
    """The first move of a step that leads to a state within a time at a value."""
    state, left_s, goal = end
    return next(
        move
        for move in search.moves[number]
        if move.after == state
        and move.walk_s <= left_s
        and before[move.before, left_s - move.walk_s] + sum(gain[e] for e, _ in move.passes) == goal
    )


# --- all teams ------------------------------------------------------------------------------


def prepare_searches(problem: PatrolProblem) -> tuple[Search | None, ...]:
    """A search for each team, None where the graph is too wide, on the edges in sorted order."""
    ordered, _ = sort_edges(problem)
    return tuple(prepare_search(ordered, team) for team in range(len(problem.teams)))


def sum_of_best(searches: tuple[Search | None, ...], worth: IntArray) -> int | None:
    """What no plan exceeds: each team's best as if it were alone; None if one is not known."""
    total = 0
    for search in searches:
        if search is None:
            return None
        total += most_value(search, worth)
    return total


def shared_bound(searches: tuple[Search | None, ...], worth: IntArray) -> int | None:
    r"""What no plan exceeds, by prices for streets that several teams want [1]_; None if unknown.

    For any prices :math:`0 \le p_e \le w_e`, a plan covers at most
    :math:`\sum_e p_e + \sum_k \max_{walk\,k} \sum_{e \in walk} (w_e - p_e)`. Prices are whole
    numbers, so that the bound is exact; they rise where walks overlap and fall where none comes.

    References
    ----------
    .. [1] Held, Wolfe and Crowder (1974), Validation of subgradient optimization, Mathematical
       Programming 6.
    """
    teams = [search for search in searches if search is not None]
    if len(teams) < len(searches):
        return None
    price = np.zeros_like(worth)
    best, target, step, still = int(worth.sum()), 0, 1.0, 0
    looks = 1 + min(_LOOKS, _LOOK_MOVES // sum(1 + search.size for search in teams))
    for _ in range(looks):
        found = [best_walk(search, worth - price) for search in teams]
        total = int(price.sum()) + sum(value for value, _ in found)
        count = np.zeros(len(worth), dtype=np.int64)
        for _, walk in found:
            count[sorted(set(walk.edges))] += 1
        target = max(target, int(worth[count > 0].sum()))
        still = 0 if total < best else still + 1
        best = min(best, total)
        slope = np.where((count > 1) | (price > 0), count - 1, 0)
        norm = int((slope * slope)[worth > 0].sum())
        if norm == 0 or best == target:
            break
        if still == _STILL:
            step, still = step / 2, 0
        moved = price + np.rint(step * (total - target) / norm * slope).astype(np.int64)
        price = np.clip(moved, 0, worth)
    return best


def improved(
    problem: PatrolProblem, searches: tuple[Search | None, ...], walks: tuple[Walk, ...]
) -> tuple[Walk, ...]:
    """Walks in which no team can cover more while the others stay.

    One team after the other is given its best walk among what the others leave; it is taken if
    floors are missed by no more, then more is covered, and then police, or all, walk less.

    Parameters
    ----------
    problem : with the edges in sorted order, as in the searches.
    walks : one for each team.
    """
    best = list(walks)
    for _ in range(_TURNS):
        before = plan_rank(problem, best)
        for team, search in enumerate(searches):
            if search is None:
                continue
            for worth in _worths(problem, best, team):
                then = [*best]
                then[team] = best_walk(search, worth)[1]
                if plan_rank(problem, then) > plan_rank(problem, best):
                    best = then
        if plan_rank(problem, best) == before:
            break
    return tuple(best)


def plan_rank(problem: PatrolProblem, walks: Iterable[Walk]) -> tuple[int, int, int, int]:
    """How good walks are, higher is better.

    What floors miss, negative; value; seconds that police walk, negative (A6); seconds that all
    walk, negative.
    """
    walks = tuple(walks)
    walked = {edge for walk in walks for edge in walk.edges}
    value, counts = problem.edges.value, problem.edges.counts
    short = sum(
        max(0, floor.minimum - sum(counts[e] for e in floor.edges if e in walked))
        for floor in problem.floors
    )
    spent_s = [(walk.team, sum(problem.edges.walk_s[e] for e in walk.edges)) for walk in walks]
    police_s = sum(walk_s for team, walk_s in spent_s if problem.teams[team].police)
    return -short, sum(value[e] for e in walked), -police_s, -sum(walk_s for _, walk_s in spent_s)


def _worths(problem: PatrolProblem, walks: list[Walk], team: int) -> list[IntArray]:
    """What edges are worth to a team that the others leave; if floors are missed, those first."""
    worth = np.array(problem.edges.value, dtype=np.int64)
    counts = np.array(problem.edges.counts, dtype=np.int64)
    others = sorted({e for walk in walks if walk.team != team for e in walk.edges})
    worth[others] = 0
    if plan_rank(problem, walks)[0] == 0:
        return [worth]
    left, first = counts.copy(), worth.copy()
    left[others] = 0
    for floor in problem.floors:
        members = list(floor.edges)
        if (counts - left)[members].sum() < floor.minimum:
            first[members] = left[members] * _FLOOR_FIRST
    return [worth, first]
