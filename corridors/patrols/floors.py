r"""Whether floors can be met together: a plan that does, or a proof that none can.

A team's *mix* of walks, half of this one and half of that one, can meet floors that no whole walk
meets; prices for streets cannot tell them apart. So streets are decided one after the other: this
street counts for that team, which then has to walk it and for which alone it counts, or it does
not. Both ways are looked at, and what remains is priced anew, until no mix is left or a plan is
found [1]_.

**Proof.** Let floor :math:`f` ask for :math:`m_f` of values :math:`v_e`. For any weights
:math:`\mu_f \ge 0`, with :math:`w_e = v_e \sum_{f \ni e} \mu_f`, and for any prices
:math:`0 \le \pi_e \le w_e`, all teams together collect at most

.. math:: \sum_e (w_e - \pi_e) + \sum_k \max_{walk\,k} \sum_{e \in walk} \pi_e

of the least that is needed, :math:`\sum_f \mu_f m_f`. Weights and prices are suggested by a linear
program over the walks found so far, made whole numbers, and judged by each team's exact best walk:
whatever the program's accuracy, what is called proven is.

References
----------
.. [1] Barnhart, Johnson, Nemhauser, Savelsbergh and Vance (1998), Branch-and-price: column
   generation for solving huge integer programs, Operations Research 46(3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import linprog

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.patrols.exact import Search, best_walk, improved, plan_rank, walks_past
from corridors.patrols.polish import polish
from corridors.patrols.problem import Floor, PatrolProblem, Solution, Walk, sort_edges

# About microseconds on a quiet machine, but counted, so that the same case gives the same answer.
MOST_WORK: Final = 1_500_000
_LOOK_WORK: Final = 1_300  # a unit is so many moves x (seconds of walking + _MOVE_S)
_MOVE_S: Final = 4_000
_PROGRAM_WORK: Final = 2_500
_WHOLE: Final = 2**27  # of what all floors ask for, in weights; most sums then need only 32 bits
_NEAR: Final = 1e-6


@dataclass(frozen=True)
class Verdict:
    """What is known of some floors.

    Parameters
    ----------
    impossible : keys of floors that no plan meets together, proven; empty if that is not known.
    walks : one for each team, which meet all floors asked for; empty if none were found.
    work : what it took, in units of about a microsecond.
    """

    impossible: tuple[str, ...]
    walks: tuple[Walk, ...]
    work: int


@dataclass(frozen=True)
class Settled:
    """A solution, and what is proven of the floors that it misses.

    ``alone`` are floors that no plan meets, each by itself; ``together`` are sets of floors, each
    sorted, that no plan meets at once.
    """

    solution: Solution
    alone: tuple[str, ...]
    together: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class _Asked:
    """The floors asked for, and the streets that count for them.

    ``streets`` are edge numbers, (n). ``value`` is (floors, n), 0 outside a floor.
    """

    floors: tuple[Floor, ...]
    streets: IntArray
    value: IntArray
    minimum: IntArray  # (floors)

    @property
    def part(self) -> FloatArray:
        """What each street is of each floor's minimum, (floors, n)."""
        return self.value / self.minimum[:, None]


@dataclass(frozen=True)
class _Node:
    """What is decided: ``must`` and ``off``, both (teams, n), say what counts for whom, or not."""

    searches: tuple[Search, ...]  # of the walks past all that a team must walk
    must: BoolArray
    off: BoolArray


@dataclass(frozen=True)
class _Mix:
    """The best mix of known walks: how much of each street each team walks, (teams, n).

    ``reached`` says that it meets all floors. ``weight`` (floors) and ``price`` (n) are what the
    floors' shares and the streets are worth to it.
    """

    walked: FloatArray
    reached: bool
    weight: FloatArray
    price: FloatArray


@dataclass
class _Known:
    """Walks found so far, by team, with what they pass, (walks, n); the work it took."""

    walks: tuple[list[Walk], ...]
    passes: tuple[list[BoolArray], ...]
    work: int = 0
    met: tuple[Walk, ...] = ()


def decide_floors(
    problem: PatrolProblem,
    searches: tuple[Search | None, ...],
    keys: Iterable[str],
    *,
    most_work: int = MOST_WORK,
) -> Verdict:
    """Whether some plan meets all of these floors, as far as so much work can tell.

    Parameters
    ----------
    problem : with the edges in sorted order, as in the searches.
    searches : of all teams; where one is None, nothing is known.
    keys : of the floors.
    """
    wanted = set(keys)
    by_key = sorted(problem.floors, key=lambda floor: floor.key)
    floors = tuple(f for f in by_key if f.key in wanted and f.minimum > 0)
    teams = tuple(search for search in searches if search is not None)
    if len(teams) < len(searches) or not floors:
        return Verdict((), (), 0)
    asked = _asked(problem, floors)
    known = _Known(tuple([] for _ in teams), tuple([] for _ in teams))
    shape = len(teams), len(asked.streets)
    waiting = [_Node(teams, np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool))]
    blamed = np.zeros(len(floors), dtype=bool)
    while waiting and not known.met:
        node = waiting.pop()
        mix, blame = _looked(asked, known, node, most_work)
        if known.work > most_work:
            return Verdict((), known.met, known.work)
        if blame is not None:
            blamed |= blame
        elif not known.met:
            children = _branched(asked, node, mix)
            if children is None:
                return Verdict((), (), known.work)
            waiting += children
    proven = () if known.met else tuple(floors[i].key for i in np.flatnonzero(blamed))
    return Verdict(proven, known.met, known.work)


def settle_floors(
    problem: PatrolProblem,
    solution: Solution,
    searches: tuple[Search | None, ...],
    limits: Iterable[tuple[str, int]],
    *,
    most_work: int = MOST_WORK,
) -> Settled:
    """What is proven of the floors that a solution misses, or a solution that meets them.

    Parameters
    ----------
    limits : (key, the most that any plan covers of the floor), as in ``Bound.floor_limits``.
    most_work : for all questions together; beyond it nothing more is proven.
    """
    most = dict(limits)
    alone = {f.key for f in problem.floors if most.get(f.key, f.minimum) < f.minimum}
    together: list[tuple[str, ...]] = []
    unproven = missed = _missed(problem, solution.walks) - alone
    asked = {floor.key for floor in problem.floors} - alone
    ordered, order = sort_edges(problem)
    while unproven:
        verdict = decide_floors(ordered, searches, asked, most_work=most_work)
        if verdict.walks:
            better = improved(ordered, searches, verdict.walks)
            solution = _better(problem, solution, polish(ordered, better), order.tolist())
        if not verdict.impossible:
            break
        clash, work = _fewest(ordered, searches, verdict, most_work)
        most_work -= work
        alone |= set(clash) if len(clash) == 1 else set()
        together += [clash] if len(clash) > 1 else []
        # Of what is missed and proven, others are free.
        unproven, asked = unproven - set(clash), asked - (missed & set(clash))
    alone &= _missed(problem, solution.walks)
    return Settled(solution, tuple(sorted(alone)), tuple(together))


def _missed(problem: PatrolProblem, walks: Iterable[Walk]) -> set[str]:
    """Keys of the floors that walks do not meet."""
    walked = {edge for walk in walks for edge in walk.edges}
    counts = problem.edges.counts
    return {
        f.key for f in problem.floors if sum(counts[e] for e in walked & {*f.edges}) < f.minimum
    }


def _better(
    problem: PatrolProblem, solution: Solution, walks: tuple[Walk, ...], order: list[int]
) -> Solution:
    """The better of a solution and of walks on sorted edges."""
    found = tuple(replace(walk, edges=tuple(order[e] for e in walk.edges)) for walk in walks)
    if plan_rank(problem, found) <= plan_rank(problem, solution.walks):
        return solution
    edges = problem.edges
    return replace(
        solution,
        walks=found,
        value=sum(edges.value[e] for e in {e for walk in found for e in walk.edges}),
        walk_s=sum(edges.walk_s[e] for walk in found for e in walk.edges),
    )


def _fewest(
    problem: PatrolProblem,
    searches: tuple[Search | None, ...],
    verdict: Verdict,
    most_work: int,
) -> tuple[tuple[str, ...], int]:
    """Of floors that are impossible together, those that are so without the rest; all work."""
    kept, work = verdict.impossible, verdict.work
    for key in verdict.impossible:
        if len(kept) > 1 and key in kept:
            fewer = decide_floors(problem, searches, set(kept) - {key}, most_work=most_work - work)
            kept, work = fewer.impossible or kept, work + fewer.work
    return kept, work


def _asked(problem: PatrolProblem, floors: tuple[Floor, ...]) -> _Asked:
    worth = np.array(problem.edges.counts, dtype=np.int64)
    value = np.zeros((len(floors), len(worth)), dtype=np.int64)
    for row, floor in enumerate(floors):
        value[row, list(floor.edges)] = worth[list(floor.edges)]
    streets = np.flatnonzero(value.any(axis=0))
    minimum = np.array([floor.minimum for floor in floors], dtype=np.int64)
    return _Asked(floors, streets, value[:, streets], minimum)


# --- one node -----------------------------------------------------------------------------------


def _looked(
    asked: _Asked, known: _Known, node: _Node, most_work: int
) -> tuple[_Mix, BoolArray | None]:
    """The best mix that is left, and the floors that a proof against it rests on; None if open."""
    cost = sum(s.size * (s.budget_s + _MOVE_S) // _LOOK_WORK for s in node.searches)
    while True:
        mix = _best_mix(asked, known, node)
        known.work += _PROGRAM_WORK
        if mix.reached:
            known.met = _nearest(asked, known, mix)
            return mix, None
        known.work += cost
        if known.work > most_work:
            return mix, None
        weight = np.rint(mix.weight * _WHOLE / asked.minimum).astype(np.int64)
        most, fresh = _priced(asked, known, node, (weight, mix.price))
        if most < int(weight @ asked.minimum):
            return mix, weight > 0
        if known.met or not fresh:
            return mix, None


def _priced(
    asked: _Asked, known: _Known, node: _Node, suggested: tuple[IntArray, FloatArray]
) -> tuple[int, bool]:
    """What no plan below the node collects more than, and whether walks came up that are new."""
    weight, price = suggested
    worth = np.where(node.off.all(axis=0), 0, weight @ asked.value)
    price = np.clip(np.rint(price * _WHOLE).astype(np.int64), 0, worth)
    most, fresh = int((worth - price).sum()), False
    for team, search in enumerate(node.searches):
        gain = np.zeros(len(search.problem.edges), dtype=np.int64)
        gain[asked.streets] = np.where(node.off[team], 0, price)
        value, walk = best_walk(search, gain)
        most += value
        passes = np.isin(asked.streets, walk.edges)
        if not any(np.array_equal(passes, old) for old in known.passes[team]):
            known.walks[team].append(walk)
            known.passes[team].append(passes)
            known.met = known.met or _completed(asked, known, team)
            fresh = True
    return most, fresh


def _completed(asked: _Asked, known: _Known, team: int) -> tuple[Walk, ...]:
    """A plan that meets all floors with a team's newest walk, each other taking its best in turn.

    Of two teams, none is overlooked.
    """
    chosen = {team: len(known.walks[team]) - 1}
    done = known.passes[team][-1]
    for other in range(len(known.walks)):
        if other == team:
            continue
        if not known.walks[other]:
            return ()
        walked = np.array(known.passes[other]) | done
        short = np.maximum(0, asked.minimum - walked @ asked.value.T) / asked.minimum
        chosen[other] = int(short.sum(axis=1).argmin())
        done = walked[chosen[other]]
    if (asked.value @ done < asked.minimum).any():
        return ()
    return tuple(known.walks[k][chosen[k]] for k in range(len(known.walks)))


def _nearest(asked: _Asked, known: _Known, mix: _Mix) -> tuple[Walk, ...]:
    """The walks nearest to a mix, if they meet all floors."""
    if not all(known.walks):
        return ()
    near = [
        int(np.abs(np.array(passes) - share).sum(axis=1).argmin())
        for passes, share in zip(known.passes, mix.walked, strict=True)
    ]
    done = np.any([known.passes[k][i] for k, i in enumerate(near)], axis=0)
    if (asked.value @ done < asked.minimum).any():
        return ()
    return tuple(known.walks[k][i] for k, i in enumerate(near))


def _best_mix(asked: _Asked, known: _Known, node: _Node) -> _Mix:
    """The most of every floor's minimum that a mix of known walks covers, by a linear program."""
    teams, count = node.off.shape
    fitting = [
        (team, passes & ~node.off[team])
        for team in range(teams)
        for passes in known.passes[team]
        if not (node.must[team] & ~passes).any()
    ]
    owner = np.array([team for team, _ in fitting], dtype=np.int64)
    walks = np.array([counted for _, counted in fitting], dtype=float).reshape(-1, count)
    result = _solved(asked.part, walks, owner, teams)
    if result is None:  # no guidance, and nothing is wrong with deciding any street
        nothing = np.zeros(count)
        return _Mix(np.zeros(node.off.shape), True, np.zeros(len(asked.floors)), nothing)
    columns, worth = result
    walked = np.zeros((teams, count))
    np.add.at(walked, owner, columns[: len(owner), None] * walks)
    return _Mix(walked, bool(columns[-1] > -_NEAR), worth[count + teams :], worth[:count])


def _solved(
    part: FloatArray, walks: FloatArray, owner: IntArray, teams: int
) -> tuple[FloatArray, FloatArray] | None:
    r"""Columns and worth of rows; None if the solver gives up.

    Columns: each walk's share, the covered share of each street, and what the worst floor lacks,
    :math:`-1 \le t \le 0`. Rows: a street is covered as far as walks pass it, a team's shares are
    at most 1, each floor lacks no more than t.
    """
    (size, count), floors = walks.shape, len(part)
    shared = np.zeros((teams, size + count + 1))
    shared[owner, np.arange(size)] = 1.0
    rows = np.vstack(
        [
            np.hstack([-walks.T, np.eye(count), np.zeros((count, 1))]),
            shared,
            np.hstack([np.zeros((floors, size)), -part, np.ones((floors, 1))]),
        ]
    )
    result = linprog(
        np.append(np.zeros(size + count), -1.0),
        A_ub=rows,
        b_ub=np.concatenate([np.zeros(count), np.ones(teams), -np.ones(floors)]),
        bounds=[(0.0, None)] * size + [(0.0, 1.0)] * count + [(-1.0, 0.0)],
        method="highs-ds",
    )
    if result.x is None:
        return None
    return np.asarray(result.x), np.maximum(0.0, -np.asarray(result.ineqlin.marginals))


# --- branching ----------------------------------------------------------------------------------


def _branched(asked: _Asked, node: _Node, mix: _Mix) -> list[_Node] | None:
    """The street that a team walks most by halves, decided both ways; None if nothing is left."""
    open_ = ~(node.must | node.off)
    if not open_.any():
        return None
    halves = np.minimum(mix.walked, 1.0 - mix.walked) + _NEAR
    score = np.where(open_, halves * asked.part.sum(axis=0), -1.0)
    team, street = np.unravel_index(int(score.argmax()), score.shape)
    without = replace(node, off=_with(node.off, team, street))
    past = walks_past(node.searches[team], int(asked.streets[street]))
    if past is None:
        return [without]
    must, off = _with(node.must, team, street), node.off.copy()
    off[:, street] = True
    off[team, street] = False
    searches = (*node.searches[:team], past, *node.searches[team + 1 :])
    return [without, _Node(searches, must, off)]


def _with(decided: BoolArray, team: np.intp, street: np.intp) -> BoolArray:
    more = decided.copy()
    more[team, street] = True
    return more
