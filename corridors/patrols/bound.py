"""How much value no plan can exceed: a linear relaxation with cuts, and a safe rounding."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from corridors.arrays import FloatArray, IntArray
from corridors.patrols.cuts import (
    Cut,
    TeamClass,
    broken_cuts,
    broken_reach_cuts,
    broken_time_cuts,
)
from corridors.patrols.exact import Search, shared_bound, sum_of_best
from corridors.patrols.problem import Floor, PatrolProblem, as_arrays, sort_edges
from corridors.patrols.reduce import Reduced, reduce_streets
from corridors.patrols.shortest import UNREACHABLE, distances
from corridors.patrols.walks import USUAL, Effort, walk_bound

_STILL: Final = 1e-5  # relative movement at which cutting stops
_STILL_ROUNDS: Final = 3  # so many times in a row: a round may only move between equal optima
_NEAR: Final = 0.02  # passes by which a cut that is kept may be slack
_FLOOR_ROUNDS: Final = 4
# Rounds times columns of the program, and rounds, that take 3 to 8 s.
_USUAL_COLUMNS, _FEWEST_ROUNDS, _USUAL_ROUNDS = 40_000, 8, 40
WALK_LOOKS: Final = 150  # prices tried: 3 to 8 s on a ward of several teams
_FLOOR_MOVES: Final = 150_000  # so many moves of exact searches for all floors, about 1 s


@dataclass(frozen=True)
class Bound:
    """What no plan can exceed.

    Parameters
    ----------
    value : no plan with these teams and times covers more, whether it meets the floors or not.
    value_with_floors : the same for plans that meet every floor; None proves that there is none.
    covered : for each edge, how much of it the relaxation covers, 0-1; 0 without value.
    floor_limits : (key, the most that any plan covers of the floor's edges, as floors count).
    rounds : linear programs solved for the first figure.
    converged : whether it stopped because cutting no longer helped.
    cuts : what the relaxation was cut with; whatever edges are worth, they hold.
    """

    value: int
    value_with_floors: int | None
    covered: tuple[float, ...]
    floor_limits: tuple[tuple[str, int], ...]
    rounds: int
    converged: bool
    cuts: tuple[tuple[int, Cut], ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class _Model:
    """Columns: for each class its covers y, then its dead-heading r = x - y.

    ``cover`` and ``spare`` are, per class, the column of each of the class's edges (-1: none).
    """

    groups: tuple[TeamClass, ...]
    cover: tuple[IntArray, ...]
    spare: tuple[IntArray, ...]
    columns: int
    upper: FloatArray
    fixed: csr_array  # fixed @ z <= fixed_limit
    fixed_limit: FloatArray
    node_count: int


@dataclass(frozen=True)
class _Answer:
    """A solved relaxation; ``safe`` is a bound by weak duality whatever the solver's accuracy.

    ``price`` is what each row is worth.
    """

    safe: float
    columns: FloatArray
    price: FloatArray
    feasible: bool


@dataclass(frozen=True)
class _Search:
    answer: _Answer
    cuts: tuple[tuple[int, Cut], ...]
    rounds: int
    converged: bool


def usual_rounds(problem: PatrolProblem) -> int:
    """Rounds of cuts that take some seconds: more on small graphs, where each takes less.

    A count that depends on the problem alone, for ``upper_bound``.
    """
    classes = {(team.start, team.end, team.forbidden) for team in problem.teams}
    valued = sum(value > 0 for value in problem.edges.value)
    columns = (len(problem.edges) + valued) * len(classes)
    return min(max(_USUAL_COLUMNS // max(columns, 1), _FEWEST_ROUNDS), _USUAL_ROUNDS)


def upper_bound(
    problem: PatrolProblem,
    *,
    max_rounds: int,
    searches: tuple[Search | None, ...] = (),
    walk_looks: int = WALK_LOOKS,
    like: Bound | None = None,
    effort: Effort = USUAL,
) -> Bound:
    """An upper bound on the value of every plan.

    Teams with equal start, end and forbidden edges walk as one flow with their summed time.
    Connectivity, parity and time cuts are added until the value moves by less than 1e-5 or
    ``max_rounds`` linear programs were solved: any number leaves the bound valid.

    Parameters
    ----------
    max_rounds : >= 1. A count and not a time, so that the same case gives the same bound.
    searches : what ``prepare_searches`` made of the problem. The bound is then no more than
        ``shared_bound`` of the teams: for one team, its optimum, whatever
        ``max_rounds``.
    walk_looks : prices tried by ``walks.walk_bound`` at most, 0 for none; it holds each team to
        its own time. None are tried where exact searches know all teams, or on big graphs.
    like : the bound of a problem that differs in values only, and has the same duty: cutting
        starts from its cuts, and its limits of floors are taken over.
    effort : how hard whole walks are looked at. ``walks.THOROUGH`` takes minutes on wide graphs.

    Notes
    -----
    The figure is taken from the dual solution and the bounds of the columns (weak duality [1]_),
    so that a tolerance of the solver cannot make it too low.

    References
    ----------
    .. [1] Neumaier and Shcherbina (2004), Safe bounds in linear and mixed-integer linear
       programming, Mathematical Programming 99.
    """
    ordered, order = sort_edges(problem)
    reduced = reduce_streets(ordered)
    model = _model(ordered, reduced)
    if len(searches) == 1 and searches[0] is not None:
        max_rounds = 1  # the search says it all
    goal = _goal(model, reduced.value.astype(float))
    floors, floor_limit = _floor_rows(ordered, model, reduced)
    known = like.cuts if like else ()
    search = _cutting(model, goal, (floors, floor_limit), known, max_rounds)
    possible = search.answer.feasible
    free = search
    if len(floor_limit):
        rounds = 1 if possible else max_rounds
        free = _cutting(model, goal, _no_rows(model), search.cuts, rounds)
    covered = np.zeros(len(problem.edges))
    guide = search if possible else free
    covered[order] = _covered(model, guide.answer.columns, reduced, len(problem.edges))
    looks = 0 if searches and None not in searches else walk_looks
    worth = _walk_limit(model, free, reduced, looks, effort)
    limits = (
        like.floor_limits
        if like
        else tuple(
            (
                floor.key,
                min(
                    sum(ordered.edges.counts[e] for e in floor.edges),
                    _whole(_floor_search(model, reduced, floor, ordered, free.cuts)),
                ),
            )
            for floor in ordered.floors
        )
    )
    loose = Bound(
        value=min(worth, _whole(free.answer.safe)),
        value_with_floors=min(worth, _whole(search.answer.safe)) if possible else None,
        covered=tuple(covered.tolist()),
        floor_limits=limits,
        rounds=search.rounds,
        converged=search.converged,
        cuts=free.cuts,
    )
    return _proven(ordered, loose, searches, like)


def _walk_limit(
    model: _Model, search: _Search, reduced: Reduced, looks: int, effort: Effort
) -> int:
    """What whole walks can cover at most; all value if that is not looked at."""
    worth = int(reduced.value.sum())
    price, classes = search.answer.price, len(model.groups)
    found = walk_bound(
        model.groups,
        search.cuts,
        (price[:classes], price[len(model.fixed_limit) :]),
        edge_count=len(reduced.value),
        looks=looks,
        effort=effort,
    )
    return worth if found is None else min(worth, found)


def _proven(
    problem: PatrolProblem,
    bound: Bound,
    searches: tuple[Search | None, ...],
    like: Bound | None,
) -> Bound:
    """The bound with what exact searches can add at little cost."""
    if not searches:
        return bound
    value = np.array(problem.edges.value, dtype=np.int64)
    total = shared_bound(searches, value)
    if total is None:
        return bound
    limits = dict(bound.floor_limits)
    moves = sum(search.size for search in searches if search is not None)
    counts = np.array(problem.edges.counts, dtype=np.int64)
    for floor in problem.floors if not like else ():
        worth = np.zeros_like(value)
        worth[list(floor.edges)] = counts[list(floor.edges)]
        most = total if (counts == value).all() else int(counts.sum())
        if (worth != value).any() and moves * len(problem.floors) <= _FLOOR_MOVES:
            most = min(most, sum_of_best(searches, worth) or 0)
        limits[floor.key] = min(limits[floor.key], most)
    possible = all(limits[floor.key] >= floor.minimum for floor in problem.floors)
    with_floors = bound.value_with_floors if possible else None
    return replace(
        bound,
        value=min(bound.value, total),
        value_with_floors=None if with_floors is None else min(with_floors, total),
        floor_limits=tuple((key, limits[key]) for key, _ in bound.floor_limits),
    )


def _whole(value: float) -> int:
    return int(np.floor(value + 1e-7 * max(1.0, abs(value))))


# --- the model ------------------------------------------------------------------------------


def _model(problem: PatrolProblem, reduced: Reduced) -> _Model:
    groups = tuple(_classes(problem, reduced))
    cover, spare, upper = [], [], []
    count = 0
    for group in groups:
        has_value = group.value > 0
        column = np.full(len(group.edges), -1)
        column[has_value] = count + np.arange(int(has_value.sum()))
        count += int(has_value.sum())
        cover.append(column)
        spare.append(count + np.arange(len(group.edges)))
        count += len(group.edges)
        upper += [np.ones(int(has_value.sum())), np.full(len(group.edges), 2.0 * group.teams)]
    rows = [_budget_row(g, c, s, count) for g, c, s in zip(groups, cover, spare, strict=True)]
    limits = [float(group.budget_s) for group in groups]
    if len(groups) > 1:
        shared = _shared_rows(groups, cover, count, len(reduced.value))
        rows.append(shared)
        limits += [1.0] * shared.shape[0]
    return _Model(
        groups=groups,
        cover=tuple(cover),
        spare=tuple(spare),
        columns=count,
        upper=np.concatenate(upper),
        fixed=csr_array(vstack(rows)),
        fixed_limit=np.array(limits),
        node_count=problem.node_count,
    )


def _classes(problem: PatrolProblem, reduced: Reduced) -> list[TeamClass]:
    together: dict[tuple[int, int, tuple[int, ...]], list[int]] = {}
    for number, team in enumerate(problem.teams):
        together.setdefault((team.start, team.end, team.forbidden), []).append(number)
    streets = as_arrays(problem).streets
    allowed = as_arrays(problem).allowed
    groups = []
    for (start, end, _), numbers in together.items():
        teams = [problem.teams[number] for number in numbers]
        near = distances(streets, allowed[numbers[0]], np.array([start, end])).astype(np.int64)
        out, back = near[0], near[1]
        detour = np.minimum(
            out[reduced.tail] + back[reduced.head], out[reduced.head] + back[reduced.tail]
        )
        time_s = max(team.time_limit_s - team.dwell_s for team in teams)
        usable = reduced.allowed[numbers[0]] & (detour + reduced.walk_s <= time_s)
        edges = np.flatnonzero(usable & (detour < UNREACHABLE))
        groups.append(
            TeamClass(
                start=start,
                end=end,
                teams=len(teams),
                budget_s=sum(team.time_limit_s - team.dwell_s for team in teams),
                edges=edges,
                tail=reduced.tail[edges],
                head=reduced.head[edges],
                walk_s=reduced.walk_s[edges],
                value=reduced.value[edges],
                longest_s=time_s,
                near_s=np.minimum(out, back).astype(float),
                stands=tuple(tuple(stand.node for stand in team.stands) for team in teams),
                time_s=tuple(team.time_limit_s - team.dwell_s for team in teams),
            )
        )
    return groups


def _budget_row(group: TeamClass, cover: IntArray, spare: IntArray, columns: int) -> csr_array:
    has_value = cover >= 0
    at = np.concatenate([cover[has_value], spare])
    times = np.concatenate([group.walk_s[has_value], group.walk_s]).astype(float)
    return csr_array((times, (np.zeros(len(at), dtype=np.int64), at)), shape=(1, columns))


def _shared_rows(
    groups: tuple[TeamClass, ...], cover: list[IntArray], columns: int, edge_count: int
) -> csr_array:
    """Each edge is covered once in all."""
    edge = np.concatenate([g.edges[c >= 0] for g, c in zip(groups, cover, strict=True)])
    column = np.concatenate([c[c >= 0] for c in cover])
    rows = csr_array((np.ones(len(edge)), (edge, column)), shape=(edge_count, columns))
    return rows[np.flatnonzero(np.bincount(edge, minlength=edge_count) > 1)]


def _goal(model: _Model, worth: FloatArray) -> FloatArray:
    """Worth of each column, from the worth of each reduced edge."""
    goal = np.zeros(model.columns)
    for group, cover in zip(model.groups, model.cover, strict=True):
        goal[cover[cover >= 0]] = worth[group.edges[cover >= 0]]
    return goal


def _floor_worth(reduced: Reduced, floor: Floor, counts: tuple[int, ...]) -> FloatArray:
    worth = np.zeros(len(counts) + 1)
    worth[list(floor.edges)] = np.array(counts, dtype=float)[list(floor.edges)]
    return worth[reduced.origin]


def _floor_rows(
    problem: PatrolProblem, model: _Model, reduced: Reduced
) -> tuple[csr_array, FloatArray]:
    worths = [
        _goal(model, _floor_worth(reduced, floor, problem.edges.counts)) for floor in problem.floors
    ]
    if not worths:
        return _no_rows(model)
    return csr_array(-np.array(worths)), np.array([-float(f.minimum) for f in problem.floors])


def _no_rows(model: _Model) -> tuple[csr_array, FloatArray]:
    return csr_array((0, model.columns)), np.zeros(0)


def _cut_rows(model: _Model, cuts: list[tuple[int, Cut]]) -> tuple[csr_array, FloatArray]:
    """Cuts as rows: -weights x(edges) + 2 y(twice) <= -constant."""
    row: list[int] = []
    column: list[int] = []
    data: list[float] = []
    for number, (which, cut) in enumerate(cuts):
        cover, spare = model.cover[which], model.spare[which]
        entries = dict(zip(spare[list(cut.edges)].tolist(), (-w for w in cut.weights), strict=True))
        both = zip(cover[list(cut.edges)].tolist(), cut.weights, strict=True)
        entries |= {c: -w for c, w in both if c >= 0}
        for c in cover[list(cut.twice)].tolist():
            entries[c] = entries.get(c, 0.0) + 2.0
        row += [number] * len(entries)
        column += list(entries)
        data += list(entries.values())
    rows = csr_array((data, (row, column)), shape=(len(cuts), model.columns))
    return rows, np.array([-float(cut.constant) for _, cut in cuts])


# --- cutting planes -------------------------------------------------------------------------


def _cutting(
    model: _Model,
    goal: FloatArray,
    extra: tuple[csr_array, FloatArray],
    known: tuple[tuple[int, Cut], ...],
    max_rounds: int,
) -> _Search:
    cuts = list(known)
    answer = _solve(model, goal, extra, cuts)
    best, still = answer.safe, 0
    rounds = 1
    while answer.feasible and rounds < max_rounds:
        fresh = _separate(model, answer.columns, set(cuts))
        if not fresh or still >= _STILL_ROUNDS:
            return _Search(replace(answer, safe=best), tuple(cuts), rounds, converged=True)
        cuts = _binding(model, cuts, answer.columns) + fresh
        answer = _solve(model, goal, extra, cuts)
        rounds += 1
        still = still + 1 if best - answer.safe < _STILL * max(1.0, abs(best)) else 0
        best = min(best, answer.safe)
    return _Search(replace(answer, safe=best), tuple(cuts), rounds, converged=not answer.feasible)


def _solve(
    model: _Model,
    goal: FloatArray,
    extra: tuple[csr_array, FloatArray],
    cuts: list[tuple[int, Cut]],
) -> _Answer:
    cut_rows, cut_limit = _cut_rows(model, cuts)
    matrix = csr_array(vstack([model.fixed, extra[0], cut_rows]))
    limit = np.concatenate([model.fixed_limit, extra[1], cut_limit])
    if not model.columns:
        return _Answer(0.0, np.zeros(0), np.zeros(len(limit)), feasible=bool((limit >= 0).all()))
    bounds = np.column_stack([np.zeros(model.columns), model.upper])
    result = linprog(-goal, A_ub=matrix, b_ub=limit, bounds=bounds, method="highs-ds")
    if result.status == 2:
        return _Answer(np.inf, np.zeros(model.columns), np.zeros(len(limit)), feasible=False)
    if result.x is None:  # no dual solution: nothing is proven but the sum of all
        none = np.zeros(len(limit))
        return _Answer(float(goal @ model.upper), np.zeros(model.columns), none, feasible=True)
    price = np.maximum(0.0, -np.asarray(result.ineqlin.marginals))
    left = goal - price @ matrix
    safe = float(price @ limit + np.maximum(0.0, left) @ model.upper)
    return _Answer(safe, np.asarray(result.x), price, feasible=True)


def _walked(model: _Model, which: int, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    cover = model.cover[which]
    covered = np.zeros(len(cover))
    covered[cover >= 0] = columns[cover[cover >= 0]]
    return columns[model.spare[which]] + covered, covered


def _separate(
    model: _Model, columns: FloatArray, known: set[tuple[int, Cut]]
) -> list[tuple[int, Cut]]:
    fresh = []
    for which, group in enumerate(model.groups):
        walked, covered = _walked(model, which, columns)
        found = broken_cuts(group, walked, covered, model.node_count)
        found |= broken_reach_cuts(group, walked, covered, model.node_count)
        found |= broken_time_cuts(group, walked, model.node_count)
        fresh += [(which, cut) for cut in found]
    return sorted((c for c in fresh if c not in known), key=_rank)


def _rank(named: tuple[int, Cut]) -> tuple[int, tuple[int, ...], tuple[int, ...], int]:
    return named[0], named[1].edges, named[1].twice, named[1].constant


def _binding(
    model: _Model, cuts: list[tuple[int, Cut]], columns: FloatArray
) -> list[tuple[int, Cut]]:
    """Cuts that hold tightly; the others slow the next program, and are found again if need be."""
    rows, limit = _cut_rows(model, cuts)
    slack = limit - rows @ columns
    return [cut for cut, spare in zip(cuts, slack.tolist(), strict=True) if spare < _NEAR]


def _covered(model: _Model, columns: FloatArray, reduced: Reduced, edge_count: int) -> FloatArray:
    total = np.zeros(len(reduced.value))
    for which, group in enumerate(model.groups):
        total[group.edges] += _walked(model, which, columns)[1]
    covered = np.zeros(edge_count)
    real = reduced.origin >= 0
    covered[reduced.origin[real]] = np.clip(total[real], 0.0, 1.0)
    return np.round(covered, 6)


def _floor_search(
    model: _Model,
    reduced: Reduced,
    floor: Floor,
    problem: PatrolProblem,
    cuts: tuple[tuple[int, Cut], ...],
) -> float:
    goal = _goal(model, _floor_worth(reduced, floor, problem.edges.counts))
    return _cutting(model, goal, _no_rows(model), cuts, _FLOOR_ROUNDS).answer.safe
