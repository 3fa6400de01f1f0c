"""Routes for one session: corridors in, walks with a proof out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from corridors import days
from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.errors import CorridorsError
from corridors.model import Corridor, Coverage, Network, NoGo, OffWindow, Route, StandPoint
from corridors.patrols.access import barred, open_part, pieces
from corridors.patrols.bound import Bound, upper_bound, usual_rounds
from corridors.patrols.exact import Search, plan_rank, prepare_searches
from corridors.patrols.floors import Settled, settle_floors
from corridors.patrols.problem import (
    Edges,
    Floor,
    PatrolProblem,
    Slots,
    Solution,
    Stand,
    Team,
    Walk,
    fits,
)
from corridors.patrols.solver import solve
from corridors.patrols.style import StyleFacts, arrange, leaves_deg, walk_style
from corridors.patrols.timed_bound import timed_bound
from corridors.patrols.timeline import meetings, timeline
from corridors.patrols.timing import SWEEPS, streets_first
from corridors.patrols.vary import places_seen, vary_walks
from corridors.patrols.verify import broken, verify
from corridors.patrols.week import bound_from
from corridors.profile import Patrols
from corridors.tables import Segments

VALUE_UNITS = 100_000  # all value on the session's corridors, in solver units
_LATER_ROUNDS = 2  # for a later day, whose bound begins from the first day's cuts
_NEAR_SHARE = 0.01  # a plan this near its bound needs no more proof
_LATER_PART = 4  # of the iterations are enough for a later day


@dataclass(frozen=True)
class Task:
    """One session's routing: what is worth covering, and from where.

    ``value`` (n): risk x pupils of each segment. ``ends``: start and end node by corridor, where
    told; else a team starts and ends at its first stand point. ``no_go``: places to keep clear of.
    ``with_police``: ids of the corridors that police may walk. ``pupils`` (n): who walk each
    segment from u to v, less those who walk it the other way; None where not known.
    ``slot_value`` (n, slots): the value in each slot of ``days.SLOT_MIN`` from the session's start;
    None: time plays no part. ``whole`` (n): what each segment would be worth on its own day; None:
    its value. Floors and solver units count that; a segment of no value counts for no floor.
    """

    network: Network
    corridors: tuple[Corridor, ...]  # most evidence first
    value: FloatArray
    stands: dict[str, tuple[StandPoint, ...]]
    ends: dict[str, tuple[int, int]]
    window_s: int
    no_go: tuple[NoGo, ...] = ()
    with_police: frozenset[str] = frozenset()
    pupils: FloatArray | None = None
    slot_value: FloatArray | None = None
    whole: FloatArray | None = None

    def shut_to(self, corridor_id: str) -> BoolArray:
        """Segments that the teams of a corridor may not walk (A8, B19): (n) bool."""
        return barred(self.network, self.no_go, police=corridor_id in self.with_police)


@dataclass(frozen=True)
class Case:
    """A problem and the way back from its numbers."""

    problem: PatrolProblem
    segments: IntArray  # segment id of each edge
    nodes: IntArray  # node id of each node
    corridor_of_team: tuple[str, ...]
    stands_of_team: tuple[tuple[StandPoint, ...], ...]


@dataclass(frozen=True)
class DayPlan:
    """One day of a session: its routes by team number, and how much they cover.

    The rest is what later days of the session begin from: ``settled`` are the walks of the search
    in no particular order, ``timed`` the same at the best times; ``seen`` is ``vary.places_seen``.
    """

    routes: tuple[Route, ...]
    coverage: Coverage
    case: Case
    searches: tuple[Search | None, ...]
    bound: Bound
    settled: Settled
    timed: _Timed
    seen: BoolArray


def route_session(
    task: Task,
    params: Patrols,
    rng: np.random.Generator,
    earlier: tuple[DayPlan, ...] = (),
    progress: Callable[[int, int], None] | None = None,
) -> DayPlan:
    """Walks for the session's teams on one day, and how good they are.

    Each corridor gets one team, in order of evidence, as far as ``max_teams`` goes. While a
    corridor's floor is proven out of reach and teams are left, it gets one more. A later day has
    the teams of the first, and its search begins from the walks of the days before.

    Parameters
    ----------
    rng : the day's own randomness.
    earlier : the session's days before this one, whose tasks differ in value only.

    Raises
    ------
    CorridorsError
        If the independent check finds a broken rule: that is a bug, not bad input.
    """
    chance, whim = rng.spawn(2)
    ready = _ready_again(task, params, earlier) if earlier else _ready(task, params)
    settled = _searched(ready, params, chance, earlier, progress)
    ready = ready if earlier else _tightened(ready, settled.solution)
    facts = style_facts(ready.case, task)
    free = {k for k, key in enumerate(ready.case.corridor_of_team) if key not in task.ends}
    timed = _timed((ready.case, free), settled.solution, facts, chance, earlier)
    case = timed.case
    solution = vary_walks(
        case.problem,
        timed.solution,
        (day.seen for day in earlier),
        whim,
        give_up=params.vary_share,
        facts=facts,
    )
    if faults := broken(verify(case.problem, solution)):
        raise CorridorsError(f"the route check failed: {'; '.join(map(str, faults))}")
    return DayPlan(
        routes=tuple(_route(case, walk, task, facts, timed.first) for walk in solution.walks),
        coverage=_coverage(replace(ready, case=case), solution, settled, earlier),
        case=ready.case,
        searches=ready.searches,
        bound=ready.bound,
        settled=settled,
        timed=timed,
        seen=places_seen(case.problem, solution.walks),
    )


@dataclass(frozen=True)
class _Ready:
    """A case with what a search of it uses."""

    case: Case
    searches: tuple[Search | None, ...]
    bound: Bound


def _ready(task: Task, params: Patrols) -> _Ready:
    """The first day's case: its teams are as many as its floors need."""
    teams = [c.corridor_id for c in task.corridors[: params.max_teams]]
    while True:
        case = make_case(task, teams, params)
        searches = prepare_searches(case.problem)
        bound = upper_bound(
            case.problem, max_rounds=usual_rounds(case.problem), searches=searches, walk_looks=0
        )
        short = [key for key, _ in _out_of_reach(case.problem, bound) if teams.count(key) < 3]
        if not short or len(teams) >= params.max_teams:
            return _Ready(case, searches, bound)
        teams.append(short[0])


def _tightened(ready: _Ready, found: Solution) -> _Ready:
    """The bound held to whole walks, where it is not near what was found: it costs seconds."""
    bound, problem = ready.bound, ready.case.problem
    if found.value >= (1 - _NEAR_SHARE) * bound.value:
        return ready
    walks = upper_bound(problem, max_rounds=1, searches=ready.searches, like=bound)
    return replace(ready, bound=_at_most(bound, walks.value))


def _at_most(bound: Bound, value: int) -> Bound:
    """The bound with what is known from elsewhere: no plan covers more than ``value``."""
    value = min(bound.value, value)
    with_floors = bound.value_with_floors
    return replace(
        bound,
        value=value,
        value_with_floors=None if with_floors is None else min(value, with_floors),
    )


def _ready_again(task: Task, params: Patrols, earlier: tuple[DayPlan, ...]) -> _Ready:
    """A later day's case: most of the work is done by the days before."""
    case = make_case(task, list(earlier[0].case.corridor_of_team), params)
    edges = case.problem.edges
    alike = [day for day in earlier if _rests(day.case.problem) == _rests(case.problem)]
    if not alike:
        searches = prepare_searches(case.problem)
        bound = upper_bound(
            case.problem, max_rounds=usual_rounds(case.problem), searches=searches, walk_looks=0
        )
        return _Ready(case, searches, _lowered(bound, edges, earlier))
    before = next((day for day in alike if day.case.problem == case.problem), None)
    if before is not None:
        return _Ready(case, before.searches, before.bound)
    bound = upper_bound(
        case.problem,
        max_rounds=_LATER_ROUNDS,
        searches=alike[0].searches if len(alike[0].searches) == 1 else (),
        walk_looks=0,
        like=alike[0].bound,
    )
    return _Ready(case, alike[0].searches, _lowered(bound, edges, earlier))


def _rests(problem: PatrolProblem) -> tuple[bool, ...]:
    """Which edges are worth nothing: searches and cuts hold where these are the same."""
    return tuple(value == 0 for value in problem.edges.value)


def _lowered(bound: Bound, edges: Edges, earlier: tuple[DayPlan, ...]) -> Bound:
    """The bound with what those of earlier days say about today's values."""
    limits = [
        bound_from(day.bound.value, day.case.problem.edges.value, edges.value) for day in earlier
    ]
    return _at_most(bound, min(limits))


def _searched(
    ready: _Ready,
    params: Patrols,
    rng: np.random.Generator,
    earlier: tuple[DayPlan, ...],
    progress: Callable[[int, int], None] | None,
) -> Settled:
    """The walks that cover most, those of an equal day as they were, with what floors miss."""
    problem = ready.case.problem
    for day in earlier:
        if day.case.problem == problem:
            return day.settled
    start = max(
        (day.settled.solution.walks for day in earlier),
        key=lambda walks: plan_rank(problem, walks)[:2],
        default=(),
    )
    found = solve(
        problem,
        iterations=later_iterations(params) if start else params.iterations,
        rng=rng,
        max_seconds=params.max_seconds,
        guide=ready.bound.covered,
        searches=ready.searches,
        enough=ready.bound.value,
        start=start,
        progress=progress,
    )
    return settle_floors(problem, found, ready.searches, ready.bound.floor_limits)


def later_iterations(params: Patrols) -> int:
    """Iterations of a session's later days, which begin from good walks."""
    return max(1, params.iterations // _LATER_PART)


@dataclass(frozen=True)
class _Timed:
    """Walks at their times, and the case with the windows that they keep.

    ``first`` are the floors for which other windows gave way.
    """

    case: Case
    solution: Solution
    first: tuple[str, ...]


def _timed(
    about: tuple[Case, set[int]],
    found: Solution,
    facts: StyleFacts,
    rng: np.random.Generator,
    earlier: tuple[DayPlan, ...],
) -> _Timed:
    """The walks at the times at which they meet most; floors come before windows.

    ``about`` is the case, and the teams whose start nobody told.
    """
    case, free = about
    for day in earlier:
        if day.settled.solution is found:
            return day.timed
    solution = replace(found, walks=tuple(arrange(walk, facts) for walk in found.walks))
    sweeps = 1 if earlier else SWEEPS  # a later day is not held to the best times
    problem, timed, first = streets_first(case.problem, solution, free, rng, sweeps=sweeps)
    return _Timed(replace(case, problem=problem), timed, first)


def style_facts(case: Case, task: Task) -> StyleFacts:
    """What the case's streets look like to who walks them."""
    rows = task.network.segments.iloc[case.segments]
    names = rows[Segments.name].to_numpy(dtype=object)
    _, street = np.unique(names.astype(str), return_inverse=True)
    net = np.zeros(len(rows)) if task.pupils is None else task.pupils[case.segments]
    length_m = rows[Segments.length_m].to_numpy(dtype=float)
    return StyleFacts(
        tail=np.array(case.problem.edges.tail, dtype=np.int64),
        leaves_deg=leaves_deg(rows.geometry.to_numpy()),
        street=np.where(names == "", -1, street),
        pupil_m=np.round(net * length_m).astype(np.int64),
    )


def make_case(task: Task, teams: list[str], params: Patrols) -> Case:
    """The routing problem of these teams' corridors, and how it lies on the network."""
    served = [c for c in task.corridors if c.corridor_id in teams]
    own = sorted({s for c in served for s in c.segment_ids})
    segment_ids = sorted({*own, *_approaches(task, served)})
    rows = task.network.segments.loc[segment_ids]
    ends = rows[[Segments.u, Segments.v]].to_numpy()
    nodes = np.unique(ends)
    is_own = np.isin(segment_ids, own)
    units, duty = _units(task, np.array(segment_ids), is_own)
    edges = Edges.from_arrays(
        np.searchsorted(nodes, ends[:, 0]),
        np.searchsorted(nodes, ends[:, 1]),
        np.maximum(np.round(rows[Segments.walk_s].to_numpy(dtype=float)), 1).astype(np.int64),
        units,
        () if (units == duty).all() else duty,
    )
    position = {s: i for i, s in enumerate(segment_ids)}
    floors = []
    for corridor in served:  # of what its own teams can walk
        walked = open_part(task.network, corridor.segment_ids, task.shut_to(corridor.corridor_id))
        members = tuple(position[s] for s in walked)
        minimum = int(np.floor(params.floor_share * sum(edges.counts[i] for i in members)))
        floors.append(Floor(corridor.corridor_id, members, minimum))
    stands = _share_stands(task, teams)
    crews = tuple(
        _fitting(
            replace(
                _team(task, key, mine, nodes, params),
                forbidden=tuple(np.flatnonzero(task.shut_to(key)[segment_ids]).tolist()),
                police=key in task.with_police,
            ),
            len(nodes),
            edges,
            task.window_s,
        )
        for key, mine in zip(teams, stands, strict=True)
    )
    slots = None
    if task.slot_value is not None:
        slots = _slots(units, task.slot_value[segment_ids] * is_own[:, None], params)
        crews = tuple(_seeing(crew, edges) for crew in crews) if slots.koper else crews
    problem = PatrolProblem(
        len(nodes), edges, crews, tuple(floors), slots, task.window_s, params.apart
    )
    kept = tuple(mine[: len(crew.stands)] for mine, crew in zip(stands, crews, strict=True))
    return Case(problem, np.array(segment_ids), nodes, tuple(teams), kept)


def _units(task: Task, segment_ids: IntArray, is_own: BoolArray) -> tuple[IntArray, IntArray]:
    """What segments are worth and what they count for in floors, in solver units.

    Units are the same on all days. No rounding makes nothing of what is worth something.
    """
    worth = task.value[segment_ids] * is_own
    whole = worth if task.whole is None else task.whole[segment_ids] * is_own
    if whole.sum() <= 0:
        none = np.zeros(len(segment_ids), dtype=np.int64)
        return none, none
    duty = np.where(worth > 0, np.round(whole / whole.sum() * VALUE_UNITS), 0).astype(np.int64)
    units = np.round(worth / whole.sum() * VALUE_UNITS).astype(np.int64)
    return np.where(duty > 0, np.maximum(units, 1), 0), duty


def _slots(units: IntArray, worth: FloatArray, params: Patrols) -> Slots:
    """Each edge's units dealt over the slots by worth, (edges, slots); they add up exactly."""
    whole = worth.sum(axis=1, keepdims=True)
    exact = units[:, None] * worth / np.where(whole > 0, whole, 1.0)
    dealt = np.floor(exact).astype(np.int64)
    rank = np.argsort(np.argsort(dealt - exact, axis=1, kind="stable"), axis=1)
    dealt += rank < (units - dealt.sum(axis=1))[:, None]
    return Slots(
        length_s=days.SLOT_MIN * 60,
        value=tuple(tuple(row) for row in dealt.tolist()),
        fade_s=params.presence_half_life_min * 60,
        koper=tuple((p.dwell_min * 60, round(100 * p.share)) for p in params.koper),
    )


def _seeing(team: Team, edges: Edges) -> Team:
    """The team with the edges that meet where it stands in sight."""
    return replace(
        team,
        stands=tuple(
            replace(
                stand,
                in_sight=tuple(
                    e for e in range(len(edges)) if stand.node in (edges.tail[e], edges.head[e])
                ),
            )
            for stand in team.stands
        ),
    )


def _fitting(team: Team, node_count: int, edges: Edges, deadline_s: int) -> Team:
    """The team without the last of the stand points that its time does not allow."""
    while team.stands and not fits(node_count, edges, team, deadline_s):
        team = replace(team, stands=team.stands[:-1])
    return team


def _share_stands(task: Task, teams: list[str]) -> tuple[tuple[StandPoint, ...], ...]:
    """Deal a corridor's stand points round its teams."""
    dealt: list[tuple[StandPoint, ...]] = []
    for i, key in enumerate(teams):
        turn, of = teams[:i].count(key), teams.count(key)
        dealt.append(task.stands[key][turn::of])
    return tuple(dealt)


def _team(
    task: Task, key: str, stands: tuple[StandPoint, ...], nodes: IntArray, params: Patrols
) -> Team:
    first = task.stands[key][0].node_id
    start, end = task.ends.get(key, (first, first))
    limit_s = task.window_s if start != end else min(task.window_s, params.round_min * 60)
    return Team(
        start=int(np.searchsorted(nodes, start)),
        end=int(np.searchsorted(nodes, end)),
        time_limit_s=limit_s,
        stands=tuple(
            Stand(int(np.searchsorted(nodes, s.node_id)), s.dwell_s, s.earliest_s, s.latest_s)
            for s in stands
        ),
    )


def _approaches(task: Task, served: list[Corridor]) -> list[int]:
    """Segments of the shortest open walks to each corridor's largest piece.

    From told starts and ends, and from the pieces that a place to keep clear of cuts off.
    """
    found: set[int] = set()
    segments = task.network.segments
    for corridor in served:
        shut = task.shut_to(corridor.corridor_id)
        ids = list(open_part(task.network, corridor.segment_ids, shut))
        is_own = np.zeros(len(segments), dtype=bool)
        is_own[ids] = True
        ends = segments[[Segments.u, Segments.v]].to_numpy()[ids]
        piece = pieces(task.network, is_own)
        label, count = np.unique(piece[ends[:, 0]], return_counts=True)
        inside, *apart = (
            np.unique(ends[piece[ends[:, 0]] == label[i]])
            for i in np.lexsort((label, -count)).tolist()
        )
        told = [n for n in task.ends.get(corridor.corridor_id, ()) if n not in ends]
        sources = [*apart, *(np.array([n]) for n in told)]
        if sources:
            found |= _joining(task.network, ~shut, inside, sources)
    return sorted(found)


def _joining(
    network: Network, is_open: BoolArray, inside: IntArray, sources: list[IntArray]
) -> set[int]:
    """Segments of the shortest open walk from each set of nodes to those inside."""
    segments = network.segments
    ids = np.flatnonzero(is_open)
    u, v = segments[Segments.u].to_numpy()[ids], segments[Segments.v].to_numpy()[ids]
    cost = np.maximum(segments[Segments.walk_s].to_numpy(dtype=float)[ids], 1e-6)
    order = np.lexsort((ids, cost))
    pair = np.minimum(u, v) * len(network.nodes) + np.maximum(u, v)
    _, first = np.unique(pair[order], return_index=True)
    keep = order[first]
    shape = (len(network.nodes),) * 2
    graph = coo_array((cost[keep], (u[keep], v[keep])), shape=shape).tocsr()
    segment_of = dict(zip(pair[keep].tolist(), ids[keep].tolist(), strict=True))
    found: set[int] = set()
    for nodes in sources:
        distance, before, _ = dijkstra(
            graph, directed=False, indices=nodes, return_predecessors=True, min_only=True
        )
        at = int(inside[np.lexsort((inside, distance[inside]))[0]])
        while before[at] >= 0:
            previous = int(before[at])
            found.add(segment_of[min(at, previous) * len(network.nodes) + max(at, previous)])
            at = previous
    return found


def _out_of_reach(problem: PatrolProblem, bound: Bound) -> list[tuple[str, int]]:
    """Floors that these teams are proven unable to reach, widest shortfall first."""
    limits = dict(bound.floor_limits)
    short = [
        (f.key, f.minimum - limits[f.key]) for f in problem.floors if limits[f.key] < f.minimum
    ]
    return sorted(short, key=lambda item: (-item[1], item[0]))


def _route(case: Case, walk: Walk, task: Task, facts: StyleFacts, first: tuple[str, ...]) -> Route:
    """A walk as a route; stands outside their windows give way to the floors of ``first``."""
    problem, stands = case.problem, case.stands_of_team[walk.team]
    times = timeline(problem, walk, np.array(problem.edges.walk_s, dtype=np.int64))
    segment_ids = tuple(int(case.segments[e]) for e in walk.edges)
    return Route(
        team=walk.team + 1,
        corridor_id=case.corridor_of_team[walk.team],
        node_ids=tuple(int(case.nodes[n]) for n in walk.nodes),
        segment_ids=segment_ids,
        leave_s=tuple(times.leave_s.tolist()),
        stands=tuple(
            sorted(zip(walk.stand_at, stands, strict=True), key=lambda s: (s[0], s[1].name))
        ),
        walk_s=sum(problem.edges.walk_s[e] for e in walk.edges),
        length_m=float(task.network.segments[Segments.length_m].loc[list(segment_ids)].sum()),
        rounds=times.rounds,
        style=walk_style(walk.edges, walk.nodes, facts),
        begin_s=walk.begin_s,
        off_window=tuple(
            OffWindow(stand, begin_s, first)
            for stand, begin_s in zip(stands, times.stand_s, strict=True)
            if not stand.is_in_time(begin_s)
        ),
    )


def _met_bound(
    problem: PatrolProblem, solution: Solution, bound: Bound, earlier: tuple[DayPlan, ...]
) -> int:
    """The lower of two: a street's slots add up to its value, so no more is met than covered."""
    if problem.slots is None:
        return 0
    loose = min(_met_bounds_from(problem, earlier), default=0)
    if not earlier:
        loose = timed_bound(problem, solution.met or 0.0)
    return loose if problem.slots.koper else min(loose, bound.value)


def _met_bounds_from(problem: PatrolProblem, earlier: tuple[DayPlan, ...]) -> Iterator[int]:
    """What each earlier day's limit of what is met says about today's."""
    for day in earlier:
        assert day.case.problem.slots is not None  # a session's days have slots, or none has
        assert problem.slots is not None
        then, now = (
            tuple(chain.from_iterable(slots.value))
            for slots in (day.case.problem.slots, problem.slots)
        )
        yield bound_from(day.coverage.met_bound, then, now)


def _coverage(
    ready: _Ready, solution: Solution, settled: Settled, earlier: tuple[DayPlan, ...]
) -> Coverage:
    case, bound = ready.case, ready.bound
    counts = case.problem.edges.counts
    walked = {e for walk in solution.walks for e in walk.edges}
    shares: list[tuple[str, float]] = []
    missed: list[str] = []
    for floor in case.problem.floors:
        total = sum(counts[e] for e in floor.edges)
        covered = sum(counts[e] for e in floor.edges if e in walked)
        shares.append((floor.key, covered / total if total else 0.0))
        if covered < floor.minimum:
            missed.append(floor.key)
    impossible = {key for key, _ in _out_of_reach(case.problem, bound)} | {*settled.alone}
    return Coverage(
        value=solution.value,
        upper_bound=bound.value,
        total=sum(case.problem.edges.value),
        by_corridor=tuple(sorted(shares)),
        floor_missed=tuple(sorted(missed)),
        floor_impossible=tuple(sorted(impossible & set(missed))),
        stopped_by_clock=solution.stopped_by_clock,
        met=solution.met or 0.0,
        met_bound=_met_bound(case.problem, solution, bound, earlier),
        met_total=0 if case.problem.slots is None else sum(map(sum, case.problem.slots.value)),
        together=meetings(case.problem, solution.walks),
        floor_clashes=settled.together,
    )
