"""How a walk looks to those who walk it: about-turns, zigzags, and whether it goes with the pupils.

The order in which a team walks its edges, and the direction, change neither coverage nor time. So
they are free for a walk that a person would accept: first few about-turns, then few zigzags, then
in the direction in which pupils walk home, where most of them do.

A *zigzag* is a turn of more than 45 degrees at a junction where the walk's own streets would have
allowed to go straight on, out of the street it leaves or into the one it enters. Both are the same
forwards and backwards, so direction is for the pupils alone to decide.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, permutations, product
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from corridors.arrays import FloatArray, IntArray
from corridors.model import WalkStyle
from corridors.patrols.problem import Walk

TURN_DEG: Final = 45.0  # a bend of more is a turn
STRAIGHT_DEG: Final = 30.0  # one of no more is straight on
# One number whose order is that of the three in turn; no walk has a thousand zigzags.
ZIGZAG_COST: Final = 1_001
ABOUT_TURN_COST: Final = 1_000 * ZIGZAG_COST
_LOOK_M: Final = 15.0
_MOST_ARRANGED: Final = 400  # ways to order and turn the closed parts at one junction
_MOST_EDGES: Final = 20  # of a walk whose orders are all looked at ...
_MOST_STEPS: Final = 5_000  # ... as far as these steps go

Pair = tuple[int, int, int]  # node, edge in, edge out
_Way = tuple[tuple[int, bool], ...]  # closed parts by number, each as it is or turned round


@dataclass(frozen=True)
class StyleFacts:
    """What the streets of one problem look like, edge by edge.

    Parameters
    ----------
    tail : (n) node where each edge begins.
    leaves_deg : (n, 2) bearing in which it leaves its tail and its head, degrees; NaN: not known.
    street : (n) number of its street, -1 without a name; says what is straight on where a bearing
        is not known.
    pupil_m : (n) pupils times metres from tail to head, less those the other way; 0: not known.
    """

    tail: IntArray
    leaves_deg: FloatArray
    street: IntArray
    pupil_m: IntArray

    @classmethod
    def unknown(cls, tail: Iterable[int]) -> StyleFacts:
        """Facts that know only which edge is which: about-turns are all that counts."""
        tails = np.array(list(tail), dtype=np.int64)
        none = np.zeros(len(tails), dtype=np.int64)
        return cls(tails, np.full((len(tails), 2), np.nan), none - 1, none)


def leaves_deg(lines: npt.NDArray[np.object_]) -> FloatArray:
    """Bearing in which each line leaves its first and its last point: (n, 2) degrees.

    Parameters
    ----------
    lines : (n) shapely lines, metres. The first 15 m tell: a kerb's wiggle is no bend.
    """
    near = np.minimum(_LOOK_M, shapely.length(lines) / 2)
    ends = [
        (shapely.line_interpolate_point(lines, 0.0), shapely.line_interpolate_point(lines, near)),
        (shapely.line_interpolate_point(lines, shapely.length(lines)),
         shapely.line_interpolate_point(lines, shapely.length(lines) - near)),
    ]  # fmt: skip
    found = [
        np.degrees(
            np.arctan2(shapely.get_x(b) - shapely.get_x(a), shapely.get_y(b) - shapely.get_y(a))
        )
        for a, b in ends
    ]
    bearing: FloatArray = np.stack(found, axis=1) % 360
    return bearing


def walk_style(edges: tuple[int, ...], nodes: tuple[int, ...], facts: StyleFacts) -> WalkStyle:
    """About-turns, zigzags and the share walked with the pupils.

    Parameters
    ----------
    edges, nodes : of the walk; k edges, k + 1 nodes.

    Notes
    -----
    A street counts as walked with the pupils if the walk goes their way along it at least once.
    """
    costs = turn_costs(edges, nodes, facts)
    met = [costs[pair] for pair in zip(nodes[1:], edges, edges[1:], strict=False)]
    total = int(np.abs(facts.pupil_m[list(set(edges))]).sum())
    ahead = _ahead(_Piece(nodes, edges), facts)
    return WalkStyle(
        about_turns=met.count(ABOUT_TURN_COST),
        zigzags=met.count(ZIGZAG_COST),
        with_pupils_share=_pupil_m(ahead, facts) / total if total else None,
    )


def style_cost(edges: tuple[int, ...], nodes: tuple[int, ...], facts: StyleFacts) -> int:
    """The style of a walk as one number, less being better: see ``walk_style``.

    About-turns, then zigzags, then the parts of 1,000 not walked with the pupils. Between orders
    of the same edges; another set of edges has other zigzags.
    """
    style = walk_style(edges, nodes, facts)
    share = 1.0 if style.with_pupils_share is None else style.with_pupils_share
    return (
        style.about_turns * ABOUT_TURN_COST
        + style.zigzags * ZIGZAG_COST
        + round(1000 * (1 - share))
    )


def turn_costs(
    edges: tuple[int, ...], nodes: tuple[int, ...], facts: StyleFacts
) -> dict[Pair, int]:
    """What it costs to go from one edge to another at a node, for all edges of a walk.

    It depends on which edges are walked, not on their order: a search over orders needs it once.
    """
    beside: dict[int, set[int]] = defaultdict(set)
    for edge, (a, b) in zip(edges, pairwise(nodes), strict=True):
        beside[a].add(edge)
        beside[b].add(edge)
    costs: dict[Pair, int] = {}
    for node, here in beside.items():
        bend = {(e, f): _bend_deg(facts, node, e, f) for e in here for f in here if e != f}
        goes_on = {e for (e, _), degrees in bend.items() if degrees <= STRAIGHT_DEG}
        for e in here:
            costs[node, e, e] = ABOUT_TURN_COST
        for (e, f), degrees in bend.items():
            needless = degrees > TURN_DEG and (e in goes_on or f in goes_on)
            costs[node, e, f] = ZIGZAG_COST if needless else 0
    return costs


def arrange(walk: Walk, facts: StyleFacts) -> Walk:
    """The same edges from the same start to the same end, in the best order that was found.

    Junction by junction, the closed parts between its visits are put in the best order and
    direction, until no junction is better; a walk with few orders is searched through. The walk
    itself comes back if no order beats it.
    """
    search = _Search(facts, turn_costs(walk.edges, walk.nodes, facts))
    given = _Piece(walk.nodes, walk.edges)
    best = _best_of_few(search, _settled(search, given))
    if _rank(search, best) >= _rank(search, given):
        return walk
    stood = tuple(best.nodes.index(walk.nodes[at]) for at in walk.stand_at)
    return replace(walk, nodes=best.nodes, edges=best.edges, stand_at=stood)


@dataclass(frozen=True)
class _Piece:
    """A walk or a part of one: k + 1 nodes and k edges."""

    nodes: tuple[int, ...]
    edges: tuple[int, ...]

    def between(self, first: int, last: int) -> _Piece:
        """From one position in ``nodes`` to another."""
        return _Piece(self.nodes[first : last + 1], self.edges[first:last])

    @property
    def turned(self) -> _Piece:
        """The same walked backwards."""
        return _Piece(self.nodes[::-1], self.edges[::-1])


@dataclass(frozen=True)
class _Search:
    facts: StyleFacts
    costs: dict[Pair, int]


def _rank(search: _Search, piece: _Piece) -> tuple[int, int]:
    """Cost of turns, then pupil-metres with the pupils, the most first: less is better."""
    pairs = zip(piece.nodes[1:], piece.edges, piece.edges[1:], strict=False)
    turns = sum(search.costs[pair] for pair in pairs)
    return turns, -_pupil_m(_ahead(piece, search.facts), search.facts)


def _ahead(piece: _Piece, facts: StyleFacts) -> set[int]:
    """Edges that are walked with the pupils."""
    return {
        edge
        for node, edge in zip(piece.nodes, piece.edges, strict=False)
        if facts.pupil_m[edge] and (facts.pupil_m[edge] > 0) == (facts.tail[edge] == node)
    }


def _pupil_m(edges: Iterable[int], facts: StyleFacts) -> int:
    return sum(abs(int(facts.pupil_m[edge])) for edge in edges)


def _bend_deg(facts: StyleFacts, node: int, one: int, other: int) -> float:
    """How far going from one edge to another at a node bends, 0 to 180 degrees."""
    ends = [facts.leaves_deg[e, 0 if facts.tail[e] == node else 1] for e in (one, other)]
    between = abs(float(ends[0] - ends[1])) % 360
    if np.isnan(between):
        return 0.0 if facts.street[one] == facts.street[other] >= 0 else 90.0
    return abs(180.0 - between)


# --- junction by junction -----------------------------------------------------------------------


def _settled(search: _Search, piece: _Piece) -> _Piece:
    """The best order at every junction, given the others."""
    improved = True
    while improved:
        improved = False
        for node in sorted(set(piece.nodes)):
            then = _best_at(search, piece, node)
            improved |= then is not piece
            piece = then
    return piece


def _best_at(search: _Search, piece: _Piece, node: int) -> _Piece:
    """The closed parts at a node in their best order; the piece itself if that is the present."""
    at = [i for i, here in enumerate(piece.nodes) if here == node]
    parts = [piece.between(a, b) for a, b in pairwise(at)]
    sides = [(part, part.turned) for part in parts]
    opening, closing = piece.between(0, at[0]), piece.between(at[-1], len(piece.edges))

    def pieces(way: _Way) -> list[_Piece]:
        return [opening, *(sides[i][turned] for i, turned in way), closing]

    def turns(way: _Way) -> int:
        joined = pairwise(p.edges for p in pieces(way) if p.edges)
        return sum(search.costs[node, one[-1], other[0]] for one, other in joined)

    now, *others = _ways(len(parts))
    costs = [turns(way) for way in others]
    least = min(costs, default=turns(now) + 1)
    if least > turns(now):
        return piece
    ahead = {p: _ahead(p, search.facts) for p in (*pieces(now), *(s[1] for s in sides))}

    def rank(way: _Way) -> tuple[int, int]:
        met = set().union(*(ahead[p] for p in pieces(way)))
        return turns(way), -_pupil_m(met, search.facts)

    best = min((w for w, cost in zip(others, costs, strict=True) if cost == least), key=rank)
    return _joined(pieces(best)) if rank(best) < rank(now) else piece


def _ways(count: int) -> Iterator[_Way]:
    """Orders and directions of closed parts, the present one first: all, or else its neighbours.

    A neighbour turns a run of parts round as a whole, or lets two parts change places.
    """
    parts = tuple((i, False) for i in range(count))
    if math.factorial(count) << count <= _MOST_ARRANGED:
        for order in permutations(range(count)):
            for turned in product((False, True), repeat=count):
                yield tuple(zip(order, turned, strict=True))
        return
    yield parts
    for a, b in combinations(range(count + 1), 2):
        yield (*parts[:a], *((i, True) for i, _ in parts[a:b][::-1]), *parts[b:])
    for a, b in combinations(range(count), 2):
        yield (*parts[:a], parts[b], *parts[a + 1 : b], parts[a], *parts[b + 1 :])


def _joined(pieces: list[_Piece]) -> _Piece:
    nodes = [n for p in pieces for n in p.nodes[:-1]] + [pieces[-1].nodes[-1]]
    return _Piece(tuple(nodes), tuple(e for p in pieces for e in p.edges))


# --- all orders ---------------------------------------------------------------------------------


def _best_of_few(search: _Search, best: _Piece) -> _Piece:
    """The best of all orders, if the walk is short enough to look at them; else the best so far."""
    if len(best.edges) > _MOST_EDGES:
        return best
    least, far_end = _rank(search, best), best.nodes[-1]
    beside: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for edge, (a, b) in zip(best.edges, pairwise(best.nodes), strict=True):
        beside[a].add((edge, b))
        beside[b].add((edge, a))
    waiting = [(0, best.between(0, 0), Counter(best.edges))]
    for _ in range(_MOST_STEPS):
        if not waiting:
            break
        turns, piece, rest = waiting.pop()
        here = piece.nodes[-1]
        if not rest and here == far_end and _rank(search, piece) < least:
            best, least = piece, _rank(search, piece)
        for edge, node in sorted(beside[here], reverse=True):
            turn = search.costs[here, piece.edges[-1], edge] if piece.edges else 0
            if rest[edge] and turns + turn <= least[0]:
                longer = _Piece((*piece.nodes, node), (*piece.edges, edge))
                waiting.append((turns + turn, longer, rest - Counter((edge,))))
    return best
