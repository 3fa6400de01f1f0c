"""A bound from whole walks: at any prices of coverage, no team earns more than its best walk.

The flow relaxation (``bound``) allows half a walk of twice the time. Here teams are held to whole
walks within their own time, by way of their stands (column generation [1]_, [2]_, in its dual
form). Each class of teams pays a price p_e for the first pass of an edge and m_k for each crossing
of a cut k (``cuts``): :math:`x(\\delta_k) \\ge 2 y(F_k) + c_k`. For any such prices >= 0, weak
duality says that no plan is worth more than

.. math:: \\sum_e \\max_c (v_e - p_{ce} - 2 \\sum_{k: e \\in F_k} m_k)^+ - \\sum_k m_k c_k
          + \\sum_t \\max_{w} \\sum_{e \\in w} (p_e [e\\ \\text{not remembered}] + m(e)).

The best walk of a team t is found for each whole second by dynamic programming over states: a node,
the stands seen, and which of the edges that the node *remembers* have been passed (the ng-routes
of [3]_). An edge that is not remembered may be paid twice, which only loosens the bound; what best
walks are paid for twice is remembered next time. Prices are moved by a linear program over all
walks found so far, within a box round the best prices [4]_. All figures are whole numbers, so that
the bound is exact whatever the linear program says.

One walk for each crew and look says little of wide graphs. A closed walk is two halves that meet,
so that one table also holds the best walk past each node: a thorough search (``THOROUGH``) takes
many of these, and forgets walks that the linear program has not used for a while.

References
----------
.. [1] Desaulniers, Desrosiers and Solomon (2005), Column Generation.
.. [2] Boussier, Feillet and Gendreau (2007), An exact algorithm for team orienteering problems,
   4OR 5(3).
.. [3] Baldacci, Mingozzi and Roberti (2011), New route relaxation and pricing strategies for the
   vehicle routing problem, Operations Research 59(5).
.. [4] Marsten, Hogan and Blankenship (1975), The Boxstep method for large-scale optimization,
   Operations Research 23(3).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, vstack
from scipy.sparse.csgraph import dijkstra

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.patrols.compiled import compiled
from corridors.patrols.cuts import Cut, TeamClass

# Steps between states, times seconds, in so many looks or fewer: 1e9 take about 2 s. More looks may
# take more in proportion.
_USUAL_STEPS, _THOROUGH_STEPS = 2_500_000_000, 40_000_000_000
_USUAL_LOOKS: Final = 150
_ALONE: Final = 10  # one team's relaxation is nearly tight by itself: so much less may be taken
_FEWEST_LOOKS: Final = 100  # with fewer, prices have not settled and nothing is gained
_MOST_CELLS: Final = 20_000_000  # states x seconds of one table, 8 bytes each
_SCALE: Final = 1000  # prices in a unit of value
_PRICE_LIMIT: Final = 2**40
_NEVER: Final = -(2**60)
_GROW_EVERY: Final = 10  # looks
_FREE_STATES: Final = 1000  # so many there may be in any case
_SHRINK, _GROW = 0.97, 1.3
_WIDEN, _WIDEST = 4.0, 64.0  # once prices in the box are settled
_BOX_UNIT: Final = 0.3  # of an edge's value and of the mean value: half of a box of size 1
_SERIOUS: Final = 0.3  # of the hoped-for gain, that widens the box
_DONE: Final = 1e-4  # relative distance to what these walks can still bring
_USED: Final = 1e-9  # of a walk, by the linear program

Memory = tuple[tuple[int, ...], ...]
# What each (crew, edge, nodes that forgot it) was paid for again.
Repeats = Counter[tuple[int, int, frozenset[int]]]


@dataclass(frozen=True)
class Effort:
    """How prices are searched for: by counts, so that the same case gives the same bound.

    Parameters
    ----------
    most_steps : steps between states, times seconds, in ``_USUAL_LOOKS`` looks.
    walks : found at a look by all crews together, about; each finds its best in any case.
    box : size of the first box.
    grow_from : looks before memory grows: while prices are far off it does not pay.
    remembered : edges by one node, at most.
    widest : times as many states as without memory, at most.
    wider : the same, added at each look: what is remembered later, at better prices, pays more.
    kept : looks for which a walk is kept without being used.
    """

    most_steps: int
    walks: int
    box: float
    grow_from: int
    remembered: int
    widest: int
    wider: float
    kept: int

    def states(self, look: int, nodes: int) -> int:
        """How many there may be after so many looks."""
        return max(_FREE_STATES, int(min(self.widest, 1 + self.wider * look) * nodes))


# What the product does in some seconds, and a proof that may take minutes of wide graphs.
USUAL: Final = Effort(
    _USUAL_STEPS,
    walks=1,
    box=0.5,
    grow_from=60,
    remembered=8,
    widest=4,
    wider=math.inf,
    kept=2**40,
)
THOROUGH: Final = Effort(
    _THOROUGH_STEPS,
    walks=60,
    box=0.03,
    grow_from=10,
    remembered=10,
    widest=8,
    wider=0.04,
    kept=8,
)


@dataclass(frozen=True)
class _Crew:
    """Teams of one class with the same stands and time; nodes are numbered within the class.

    ``memory`` lists for each node the edges it remembers; ``len(group.edges) + i`` is stand i.
    """

    which: int
    group: TeamClass
    teams: int
    time_s: int
    tail: IntArray
    head: IntArray
    start: int
    end: int
    stands: IntArray
    memory: Memory


@dataclass(frozen=True)
class _States:
    """Steps into state s are ``first[s]`` to ``first[s + 1]``; ``fresh``: the pass is paid.

    ``node``, ``early_s`` and ``late_s`` are (states,): where it is, when a walk can be there.
    """

    first: IntArray
    source: IntArray
    edge: IntArray
    fresh: BoolArray
    walk_s: IntArray
    node: IntArray
    early_s: IntArray
    late_s: IntArray
    start: int
    ends: IntArray


@dataclass(frozen=True)
class _Walk:
    """A crew's walk: its edges, the nodes before each and after the last, and what is paid.

    ``used`` is the last look at which it was found, or the linear program used it.
    """

    crew: int
    edges: IntArray
    nodes: IntArray
    fresh: BoolArray
    used: int = 0


@dataclass(frozen=True)
class _Table:
    """The most that a crew's team has ``earned`` by each second in each state, after ``pad`` rows.

    ``ways`` are the steps: where those into each state begin, their sources, seconds, and pay.
    """

    crew: _Crew
    states: _States
    ways: tuple[IntArray, IntArray, IntArray, IntArray]
    earned: IntArray
    pad: int

    def walk_to(self, second: int, state: int) -> tuple[IntArray, IntArray, BoolArray]:
        """A walk that earns that: its edges, the node before each, and what is paid."""
        states = self.states
        taken = _traced(self.ways, self.earned, self.pad, (second, state))
        return states.edge[taken], states.node[states.source[taken]], states.fresh[taken]


@dataclass(frozen=True)
class _Market:
    """Prices are one array: for each class those of its edges (from ``at``), then of the cuts.

    ``value`` is what edges are worth in price units; ``crossed`` and ``twice`` are, per class,
    (cuts, edges).
    """

    groups: tuple[TeamClass, ...]
    edge_count: int
    at: IntArray
    value: tuple[IntArray, ...]
    crossed: tuple[csr_array, ...]
    twice: tuple[csr_array, ...]
    constant: IntArray


@dataclass(frozen=True)
class _Known:
    """The crews with their memories, their states, and all walks found so far."""

    crews: tuple[_Crew, ...]
    states: tuple[_States, ...]
    walks: tuple[_Walk, ...]


def walk_bound(
    groups: tuple[TeamClass, ...],
    cuts: tuple[tuple[int, Cut], ...],
    first: tuple[FloatArray, FloatArray],
    *,
    edge_count: int,
    looks: int,
    effort: Effort = USUAL,
) -> int | None:
    """An upper bound on the value of every plan; None if it is too much work, or none is done.

    A street that takes no time is also too much: a walk could pass it for ever.

    Parameters
    ----------
    groups : all classes of teams.
    cuts : (class, cut): valid for the class's passes and coverage. Those with other weights than 1
        are left out.
    first : a price of a second for each class, and one of each cut: where the search for prices
        starts, such as the dual solution of the flow relaxation.
    edge_count : how many edges ``TeamClass.edges`` counts among.
    looks : prices tried, at most; a count, so that the same case gives the same bound.
    effort : what else there is to spend.
    """
    plain = [k for k, (_, cut) in enumerate(cuts) if set(cut.weights) <= {1.0} and first[1][k] > 0]
    if (
        looks < 1
        or not any(len(g.edges) for g in groups)
        or any((g.walk_s == 0).any() for g in groups)
    ):
        return None
    crews = _crews(groups)
    market = _market(groups, [cuts[k] for k in plain], edge_count)
    prices = _first_prices(market, first[0], first[1][plain])
    if max(map(_cells, crews)) > _MOST_CELLS:
        return None
    known = _Known(crews, tuple(_states(crew) for crew in crews), ())
    most_steps = _most_steps(known, looks, effort)
    if _FEWEST_LOOKS * _steps(known) > most_steps:
        return None
    return _lowered(market, known, prices, (looks, most_steps), effort) // _SCALE


def _lowered(
    market: _Market, known: _Known, prices: IntArray, most: tuple[int, int], effort: Effort
) -> int:
    """The lowest figure met while prices are moved; ``most``: looks, and steps times seconds."""
    repeats: Repeats = Counter()
    best, steps = sum(int(value.sum()) for value in market.value), 0
    lowest, middle, size, hoped = math.inf, prices, effort.box, 0.0
    for look in range(1, most[0] + 1):
        steps += _steps(known)
        if steps > most[1]:
            break
        figure, found = _look(market, known, prices, effort.walks)
        known = replace(known, walks=known.walks + tuple(replace(w, used=look) for w in found))
        for walk in found:
            repeats += _repeats(market, known.crews[walk.crew], walk, prices)
        best = min(best, figure)
        if figure < lowest:
            wide = lowest - figure > _SERIOUS * (lowest - hoped)
            lowest, middle, size = figure, prices, size * (_GROW if wide else 1.0)
        else:
            size *= _SHRINK
        settled = lowest - hoped < _DONE * lowest
        if settled or (look >= effort.grow_from and look % _GROW_EVERY == 0):
            grown, repeats = _grown(known, repeats, effort, look), Counter()
            if grown is not known:
                known = grown
                lowest, prices = math.inf, middle  # what it says there with the new memory
                continue
        if settled and size > _WIDEST:
            break
        size *= _WIDEN if settled else 1.0
        answer = _moved(market, known, (middle, size))
        if answer is None:
            break
        hoped, prices, used = answer
        known = replace(known, walks=_still_used(known.walks, used, (look, effort.kept)))
    return best


def _still_used(
    walks: tuple[_Walk, ...], used: BoolArray, now: tuple[int, int]
) -> tuple[_Walk, ...]:
    """Walks used of late; ``now``: the look, and for how many looks walks are kept unused."""
    look, kept = now
    both = zip(walks, used.tolist(), strict=True)
    again = (replace(walk, used=look) if is_used else walk for walk, is_used in both)
    return tuple(walk for walk in again if walk.used >= look - kept)


# --- prices ---------------------------------------------------------------------------------


def _market(groups: tuple[TeamClass, ...], cuts: list[tuple[int, Cut]], edge_count: int) -> _Market:
    crossed, twice = [], []
    for which, group in enumerate(groups):
        mine = [(k, cut) for k, (of, cut) in enumerate(cuts) if of == which]
        shape = (len(cuts), len(group.edges))
        over = [(k, e) for k, cut in mine for e in cut.edges]
        again = [(k, e) for k, cut in mine for e in cut.twice]
        crossed.append(_counts(over, shape))
        twice.append(2 * _counts(again, shape))
    return _Market(
        groups=groups,
        edge_count=edge_count,
        at=np.cumsum([0, *(len(group.edges) for group in groups)]),
        value=tuple(group.value * _SCALE for group in groups),
        crossed=tuple(crossed),
        twice=tuple(twice),
        constant=np.array([cut.constant for _, cut in cuts], dtype=np.int64),
    )


def _counts(cells: list[tuple[int, int]], shape: tuple[int, int]) -> csr_array:
    places = np.array(cells, dtype=np.int64).reshape(-1, 2).T
    return csr_array((np.ones(len(cells), dtype=np.int64), (places[0], places[1])), shape=shape)


def _first_prices(market: _Market, second: FloatArray, cut: FloatArray) -> IntArray:
    """Prices at which each edge is worth what its time is, as in the flow relaxation."""
    cut_price = np.rint(cut * _SCALE).astype(np.int64)
    edges = [
        np.clip(
            np.rint(second[which] * _SCALE * group.walk_s).astype(np.int64)
            - market.crossed[which].T @ cut_price,
            0,
            market.value[which],
        )
        for which, group in enumerate(market.groups)
    ]
    return np.concatenate([*edges, cut_price])


def _share(market: _Market, crew: _Crew, prices: IntArray) -> IntArray:
    """The prices of a crew's edges."""
    return prices[market.at[crew.which] : market.at[crew.which + 1]]


def _look(
    market: _Market, known: _Known, prices: IntArray, walks: int
) -> tuple[int, tuple[_Walk, ...]]:
    """What no plan exceeds at these prices, and good walks of each crew, its best among them."""
    cut_price = prices[market.at[-1] :]
    gain = np.zeros(market.edge_count, dtype=np.int64)
    for which, group in enumerate(market.groups):
        paid = prices[market.at[which] : market.at[which + 1]] + market.twice[which].T @ cut_price
        gain[group.edges] = np.maximum(gain[group.edges], market.value[which] - paid)
    total = int(gain.sum()) - int(cut_price @ market.constant)
    found: list[_Walk] = []
    for number, (crew, state) in enumerate(zip(known.crews, known.states, strict=True)):
        crossing = market.crossed[crew.which].T @ cut_price
        table = _table(crew, state, (_share(market, crew, prices), crossing))
        most, walk = _best_walk(table, number)
        total += crew.teams * most
        found += [walk, *_walks_past(table, walk, walks // len(known.crews) - 1)]
    return total, tuple(found)


def _moved(
    market: _Market, known: _Known, box: tuple[IntArray, float]
) -> tuple[float, IntArray, BoolArray] | None:
    """What the bound would be at the best prices in a box, these, and which walks they rest on.

    Only the walks known so far count. Columns: the prices, what each edge gains, what each crew's
    best walk earns.
    """
    middle, size = box
    crews, walks = known.crews, known.walks
    gains, limits = _gain_rows(market)
    wide = csr_array(hstack([gains, csr_array((gains.shape[0], len(crews)))]))
    matrix = csr_array(vstack([wide, _walk_rows(market, known)]))
    value = np.concatenate(market.value)
    cuts = len(market.constant)
    cost = [np.zeros(len(value)), -market.constant, np.ones(market.edge_count)]
    unit = _BOX_UNIT * (value.mean() + np.concatenate([value, np.zeros(cuts)]))
    highest = np.concatenate([value, np.full(cuts, _PRICE_LIMIT)])
    count = market.edge_count + len(crews)
    low = np.concatenate([np.maximum(0, middle - size * unit), np.zeros(count)])
    high = np.concatenate([np.minimum(highest, middle + size * unit), np.full(count, np.inf)])
    result = linprog(
        np.concatenate([*cost, [crew.teams for crew in crews]]) / _SCALE,
        A_ub=matrix,
        b_ub=np.concatenate([limits, np.zeros(len(walks))]),
        bounds=np.column_stack([low, high]),
        method="highs-ds",
    )
    if result.x is None:
        return None
    prices = np.rint(result.x[: len(middle)]).astype(np.int64)
    used = -np.asarray(result.ineqlin.marginals)[wide.shape[0] :] > _USED
    return float(result.fun) * _SCALE, np.maximum(0, prices), used


def _gain_rows(market: _Market) -> tuple[csr_array, FloatArray]:
    """An edge gains at least its value less what coverage costs: rows <= limits."""
    rows = []
    for which, group in enumerate(market.groups):
        count = len(group.edges)
        place = np.arange(count)
        ones = np.ones(count)
        own = csr_array((ones, (place, market.at[which] + place)), (count, int(market.at[-1])))
        gain = csr_array((ones, (place, group.edges)), (count, market.edge_count))
        rows.append(hstack([-own, -market.twice[which].T, -gain]))
    value = np.concatenate(market.value)
    some = np.flatnonzero(value > 0)
    return csr_array(vstack(rows))[some], -value[some].astype(float)


def _walk_rows(market: _Market, known: _Known) -> csr_array:
    """A crew's best walk earns at least what each of its walks is paid: rows <= 0."""
    crews, walks = known.crews, known.walks
    width = int(market.at[-1]) + len(market.constant) + market.edge_count + len(crews)
    own = width - len(crews)
    columns, counts = [], []
    for walk in walks:
        which = crews[walk.crew].which
        begin, end = int(market.at[which]), int(market.at[which + 1])
        paid = np.bincount(walk.edges[walk.fresh], minlength=end - begin)
        passes = np.bincount(walk.edges, minlength=end - begin)
        crossed = market.crossed[which] @ passes
        some, over = np.flatnonzero(paid), np.flatnonzero(crossed)
        columns.append(np.concatenate([begin + some, market.at[-1] + over, [own + walk.crew]]))
        counts.append(np.concatenate([paid[some], crossed[over], [-1]]).astype(float))
    first = np.cumsum([0, *map(len, columns)])
    return csr_array(
        (np.concatenate(counts), np.concatenate(columns), first), shape=(len(walks), width)
    )


# --- states ---------------------------------------------------------------------------------


def _crews(groups: tuple[TeamClass, ...]) -> tuple[_Crew, ...]:
    crews = []
    for which, group in enumerate(groups):
        nodes = np.unique(np.concatenate([group.tail, group.head, [group.start, group.end]]))
        ends = {group.start, group.end}
        alike = Counter(
            (tuple(sorted(set(stands) - ends)), time_s)
            for stands, time_s in zip(group.stands, group.time_s, strict=True)
        )
        for (stands, time_s), teams in sorted(alike.items()):
            marks = tuple(range(len(group.edges), len(group.edges) + len(stands)))
            crews.append(
                _Crew(
                    which=which,
                    group=group,
                    teams=teams,
                    time_s=time_s,
                    tail=np.searchsorted(nodes, group.tail),
                    head=np.searchsorted(nodes, group.head),
                    start=int(np.searchsorted(nodes, group.start)),
                    end=int(np.searchsorted(nodes, group.end)),
                    stands=np.searchsorted(nodes, np.array(stands, dtype=np.int64)),
                    memory=(marks,) * len(nodes),
                )
            )
    return tuple(crews)


def _states(crew: _Crew) -> _States:
    """All states that a walk in time can be in, and the steps between them."""
    size = np.array([len(items) for items in crew.memory])
    begin = np.concatenate([[0], np.cumsum(1 << size)])
    source, target, edge, fresh = _all_steps(
        crew.tail, crew.head, begin, size, _memory_table(crew), crew.stands
    )
    seen = sum(1 << i for i, x in enumerate(crew.memory[crew.end]) if x >= len(crew.group.edges))
    masks = np.arange(1 << size[crew.end])
    ends = begin[crew.end] + masks[(masks & seen) == seen]
    start = int(begin[crew.start])
    walk_s = crew.group.walk_s[edge]
    early_s, left_s = _reach(walk_s, (source, target), (start, ends), int(begin[-1]))
    late_s = crew.time_s - left_s
    alive = early_s <= late_s
    number = np.cumsum(alive) - 1
    use = np.flatnonzero(alive[source] & alive[target])
    use = use[np.lexsort((use, target[use]))]
    return _States(
        first=np.searchsorted(number[target[use]], np.arange(int(alive.sum()) + 1)),
        source=number[source[use]],
        edge=edge[use],
        fresh=fresh[use],
        walk_s=walk_s[use],
        node=np.repeat(np.arange(len(size)), 1 << size)[alive],
        early_s=early_s[alive].astype(np.int64),
        late_s=late_s[alive].astype(np.int64),
        start=int(number[start]),
        ends=number[ends[alive[ends]]],
    )


def _memory_table(crew: _Crew) -> IntArray:
    """What each node remembers, (nodes, most), filled up with -1."""
    table = np.full((len(crew.memory), max(1, *map(len, crew.memory))), -1, dtype=np.int64)
    for node, items in enumerate(crew.memory):
        table[node, : len(items)] = items
    return table


def _reach(
    walk_s: IntArray, steps: tuple[IntArray, IntArray], ends: tuple[int, IntArray], count: int
) -> tuple[FloatArray, FloatArray]:
    """Seconds from the start to each state, and from each state to the nearest end state."""
    source, target = steps
    order = np.lexsort((walk_s, target, source))
    quickest = np.ones(len(order), dtype=bool)
    quickest[1:] = (np.diff(source[order]) != 0) | (np.diff(target[order]) != 0)
    use = order[quickest]
    graph = csr_array((walk_s[use].astype(float), (source[use], target[use])), (count, count))
    out = dijkstra(graph, indices=ends[0])
    back = dijkstra(csr_array(graph.T), indices=ends[1], min_only=True)
    return out, back


def _most_steps(known: _Known, looks: int, effort: Effort) -> int:
    """Steps times seconds of all looks together, at most."""
    most = effort.most_steps * max(looks, _USUAL_LOOKS) // _USUAL_LOOKS
    return most // _ALONE if sum(crew.teams for crew in known.crews) == 1 else most


def _steps(known: _Known) -> int:
    """Steps times seconds of one look: what it costs."""
    both = zip(known.crews, known.states, strict=True)
    return sum(len(states.source) * (crew.time_s + 1) for crew, states in both)


def _cells(crew: _Crew) -> int:
    return sum(1 << len(items) for items in crew.memory) * (crew.time_s + 1)


def _table(crew: _Crew, states: _States, paid: tuple[IntArray, IntArray]) -> _Table:
    """What can be earned; ``paid``: for first and for all passes of each edge."""
    first, every = paid
    gain = every[states.edge] + np.where(states.fresh, first[states.edge], 0)
    pad = int(states.walk_s.max(initial=0))
    ways = states.first, states.source, states.walk_s, gain
    window_s = states.early_s, states.late_s
    earned = _filled(ways, window_s, states.start, crew.time_s, pad)
    return _Table(crew, states, ways, earned, pad)


def _best_walk(table: _Table, number: int) -> tuple[int, _Walk]:
    """The most that a team earns, and a walk that does."""
    states = table.states
    finished = table.earned[table.pad :, states.ends]
    second, end = divmod(int(finished.argmax()), len(states.ends))
    edges, nodes, fresh = table.walk_to(second, int(states.ends[end]))
    return int(finished.max()), _Walk(number, edges, np.append(nodes, table.crew.end), fresh)


def _walks_past(table: _Table, best: _Walk, most: int) -> list[_Walk]:
    """Closed walks in time, each the best past a node that none before it passes; the best first.

    Two walks from the start to the node, of which one is walked back. What the second of them
    remembers does not count, so that "best" is only about right.
    """
    crew, states, pad = table.crew, table.states, table.pad
    found: list[_Walk] = []
    if most < 1 or crew.start != crew.end or len(crew.stands):
        return found
    both, half_s = _joined(table.earned[pad:], states.node, len(crew.memory))
    passed = np.zeros(len(crew.memory), dtype=bool)
    passed[best.nodes] = True
    for node in np.argsort(-both, kind="stable").tolist():
        if len(found) == most or both[node] < 0:
            break
        if passed[node]:
            continue
        here = np.flatnonzero(states.node == node)
        halves = []
        for second in (int(half_s[node]), crew.time_s - int(half_s[node])):
            state = int(here[table.earned[pad + second, here].argmax()])
            halves.append(table.walk_to(second, state))
        (out, before, _), (back, after, _) = halves
        edges = np.concatenate([out, back[::-1]])
        nodes = np.concatenate([before, [node], after[::-1]])
        found.append(_replayed(crew, _Walk(best.crew, edges, nodes, np.ones(len(edges), bool))))
        passed[nodes] = True
    return found


# --- memory ---------------------------------------------------------------------------------


def _repeats(market: _Market, crew: _Crew, walk: _Walk, prices: IntArray) -> Repeats:
    """Edges paid again, each with the nodes that forgot it, and what that paid.

    Edges of value count even while their price is 0: the next prices may differ.
    """
    price = _share(market, crew, prices) + (market.value[crew.which] > 0)
    found: Repeats = Counter()
    last: dict[int, int] = {}
    for step in np.flatnonzero(walk.fresh).tolist():
        edge = int(walk.edges[step])
        if edge in last and price[edge] > 0:
            between = frozenset(walk.nodes[last[edge] + 1 : step + 1].tolist())
            found[walk.crew, edge, between] += int(price[edge])
        last[edge] = step
    return found


def _grown(known: _Known, repeats: Repeats, effort: Effort, look: int) -> _Known:
    """With memory for what was paid twice; the same object if there is no room for any."""
    crews = tuple(
        _with_memory(
            crew,
            {key[1:]: pay for key, pay in repeats.items() if key[0] == number},
            (effort.states(look, len(crew.memory)), effort.remembered),
        )
        for number, crew in enumerate(known.crews)
    )
    if all(new is old for new, old in zip(crews, known.crews, strict=True)):
        return known
    walks = tuple(_replayed(crews[walk.crew], walk) for walk in known.walks)
    return _Known(crews, tuple(_states(crew) for crew in crews), walks)


def _with_memory(
    crew: _Crew, repeats: dict[tuple[int, frozenset[int]], int], room: tuple[int, int]
) -> _Crew:
    """The crew remembering what was paid twice, most pay first, while there is room.

    ``room``: states, stands apart, and edges by one node.
    """
    memory = [list(items) for items in crew.memory]
    marks = len(crew.stands)
    limit = room[0] << marks
    count = sum(1 << len(items) for items in memory)

    def rank(named: tuple[tuple[int, frozenset[int]], int]) -> tuple[float, int, list[int]]:
        (edge, nodes), pay = named
        return -pay / len(nodes), edge, sorted(nodes)

    for (edge, nodes), _ in sorted(repeats.items(), key=rank):
        fresh = [node for node in nodes if edge not in memory[node]]
        more = sum(1 << len(memory[node]) for node in fresh)
        full = any(len(memory[node]) >= room[1] + marks for node in fresh)
        if full or count + more > limit:
            continue
        count += more
        for node in fresh:
            memory[node].append(edge)
    grown = tuple(tuple(sorted(items)) for items in memory)
    return crew if grown == crew.memory else replace(crew, memory=grown)


def _replayed(crew: _Crew, walk: _Walk) -> _Walk:
    """The walk with what it is paid under the crew's memory."""
    known: set[int] = set()
    fresh = np.zeros(len(walk.edges), dtype=bool)
    for step, (edge, node) in enumerate(
        zip(walk.edges.tolist(), walk.nodes[1:].tolist(), strict=True)
    ):
        fresh[step] = edge not in known
        known = (known | {edge}) & set(crew.memory[node])
    return replace(walk, fresh=fresh)


# --- compiled -------------------------------------------------------------------------------


@compiled
def _all_steps(
    tail: IntArray,
    head: IntArray,
    begin: IntArray,
    size: IntArray,
    memory: IntArray,
    stands: IntArray,
) -> tuple[IntArray, IntArray, IntArray, BoolArray]:
    """Steps between states: source, target, edge, and whether the pass is paid."""
    edges = len(tail)
    count = 0
    for e in range(edges):
        count += (1 << size[tail[e]]) + (1 << size[head[e]])
    source = np.empty(count, np.int64)
    target = np.empty(count, np.int64)
    edge = np.empty(count, np.int64)
    fresh = np.empty(count, np.bool_)
    row = 0
    for way in range(2 * edges):
        e = way // 2
        u, v = (tail[e], head[e]) if way % 2 == 0 else (head[e], tail[e])
        here = 0  # the bit of e at u
        reached = 0  # bits at v that the step itself sets
        kept = np.zeros(size[u], np.int64)  # the bit at v of what each bit at u stands for
        for j in range(size[v]):
            item = memory[v, j]
            if item == e or (item >= edges and stands[item - edges] == v):
                reached |= 1 << j
            for i in range(size[u]):
                if memory[u, i] == item:
                    kept[i] = 1 << j
        for i in range(size[u]):
            if memory[u, i] == e:
                here = 1 << i
        for mask in range(1 << size[u]):
            after = reached
            for i in range(size[u]):
                if mask >> i & 1:
                    after |= kept[i]
            source[row], target[row], edge[row] = begin[u] + mask, begin[v] + after, e
            fresh[row] = mask & here == 0
            row += 1
    return source, target, edge, fresh


@compiled
def _filled(
    ways: tuple[IntArray, IntArray, IntArray, IntArray],
    window_s: tuple[IntArray, IntArray],
    start: int,
    time_s: int,
    pad: int,
) -> IntArray:
    """The most earned by each second in each state, (pad + seconds, states)."""
    first, source, walk_s, gain = ways
    early_s, late_s = window_s
    states = len(early_s)
    table = np.full((pad + time_s + 1, states), _NEVER, np.int64)
    table[pad, start] = 0
    for second in range(1, time_s + 1):
        for state in range(states):
            if early_s[state] <= second <= late_s[state]:
                best = _NEVER
                for k in range(first[state], first[state + 1]):
                    earned = table[pad + second - walk_s[k], source[k]] + gain[k]
                    best = max(best, earned)
                table[pad + second, state] = best
    return table


@compiled
def _traced(
    ways: tuple[IntArray, IntArray, IntArray, IntArray],
    table: IntArray,
    pad: int,
    end: tuple[int, int],
) -> IntArray:
    """The steps of a walk that earns what the table says, in order."""
    first, source, walk_s, gain = ways
    second, state = end
    taken = np.empty(second, np.int64)
    count = 0
    while second > 0:
        for k in range(first[state], first[state + 1]):
            if table[pad + second - walk_s[k], source[k]] + gain[k] == table[pad + second, state]:
                taken[count] = k
                count += 1
                second -= walk_s[k]
                state = source[k]
                break
    return taken[:count][::-1].copy()


@compiled
def _joined(earned: IntArray, node: IntArray, nodes: int) -> tuple[IntArray, IntArray]:
    """The most earned by two walks to each node that take all the time, and one's seconds."""
    seconds, states = earned.shape
    most = np.full((seconds, nodes), _NEVER, np.int64)
    for second in range(seconds):
        for state in range(states):
            most[second, node[state]] = max(most[second, node[state]], earned[second, state])
    both = np.full(nodes, _NEVER, np.int64)
    half_s = np.zeros(nodes, np.int64)
    for second in range((seconds + 1) // 2):
        for at in range(nodes):
            sums = most[second, at] + most[seconds - 1 - second, at]
            if sums > both[at]:
                both[at] = sums
                half_s[at] = second
    return both, half_s
