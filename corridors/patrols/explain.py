"""A session's plan asked about: a route of somebody's own, and what the plan leaves out.

All values are in solver units (``Coverage.total`` is all there is). They weigh reports of the past
by pupils on the street. They do not say that a patrol prevents anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from corridors.arrays import IntArray
from corridors.errors import CorridorsError, InputError
from corridors.model import Corridor, Coverage, Network, Route, WalkStyle
from corridors.patrols.access import in_force
from corridors.patrols.bound import upper_bound
from corridors.patrols.exact import plan_rank, prepare_searches
from corridors.patrols.problem import (
    Edges,
    PatrolProblem,
    Slots,
    Solution,
    Walk,
)
from corridors.patrols.session import Case, Task, make_case, style_facts
from corridors.patrols.solver import solve
from corridors.patrols.style import walk_style
from corridors.patrols.timing import keep_windows, set_off
from corridors.patrols.trace import Gap, Trace
from corridors.patrols.verify import Fault, broken, verify
from corridors.profile import Patrols
from corridors.tables import Nodes, Segments

LONGER_MIN: Final = 15  # what `corridors explain` offers every team
_ROUNDS: Final = 15  # of the bound, as for a plan
_SECONDS: Final = 20.0  # a question that takes longer is answered by the bound alone


@dataclass(frozen=True)
class Planned:
    """A session's routing with its routes."""

    task: Task
    params: Patrols
    routes: tuple[Route, ...]
    coverage: Coverage


@dataclass(frozen=True)
class StreetPart:
    """Segments of one street: their name (empty if none), length and value."""

    name: str
    length_m: float
    value: int


@dataclass(frozen=True)
class Broken:
    """A hard rule that a route breaks.

    Parameters
    ----------
    kind : ``too_long``, ``start``, ``end``, ``stand``, ``late``, ``apart``, ``site``,
        ``police_no_go`` (police keep clear of a place), ``no_go`` (all do), ``floor`` or ``other``.
    place : the street, junction, place, stand point or corridor, as its source names it.
    by : seconds too many, metres where nobody may go, or the share of the floor's corridor covered.
    limit : the seconds there are, or the share that the floor asks for.
    planned_too : the plan itself breaks it.
    """

    kind: str
    place: str
    by: float = 0.0
    limit: float = 0.0
    planned_too: bool = False


@dataclass(frozen=True)
class RouteScore:
    """Somebody's route for one team beside the planned one."""

    team: int  # 1, 2, …
    corridor_id: str
    value: int  # what the route covers by itself
    planned_value: int
    together: int  # with the other teams as planned
    planned_together: int
    total: int
    walk_s: int
    dwell_s: int
    limit_s: int
    length_m: float
    style: WalkStyle
    planned_style: WalkStyle
    broken: tuple[Broken, ...]
    streets: tuple[StreetPart, ...]  # in walking order
    gaps: tuple[tuple[Gap, tuple[StreetPart, ...]], ...]
    unmatched_m: float


@dataclass(frozen=True)
class Kept:
    """The other teams, planned anew round a route that stays."""

    together: int  # what all teams cover now
    before: int  # with the other teams as they were planned
    upper_bound: int  # nothing round this route can cover more
    teams: tuple[tuple[int, Trace], ...]  # the other teams' walks
    floor_missed: tuple[str, ...]
    stopped_by_clock: bool


@dataclass(frozen=True)
class WhatIf:
    """What a plan with more teams or time covers.

    ``value`` is what a new search found, None if it would have taken too long; no plan covers more
    than ``upper_bound``.
    """

    value: int | None
    upper_bound: int


@dataclass(frozen=True)
class TeamStory:
    """What one team does."""

    team: int
    corridor_id: str
    streets: tuple[StreetPart, ...]  # in walking order
    stands: tuple[str, ...]  # in walking order
    value: int
    alone: int  # of it, what no other team covers
    walk_s: int
    dwell_s: int
    limit_s: int
    rounds: int
    style: WalkStyle
    longer: WhatIf  # of what the others leave, with LONGER_MIN more for this team alone


@dataclass(frozen=True)
class CorridorStory:
    """What of a corridor is left out: streets by value, most first."""

    corridor_id: str
    total: int
    value: int
    left_out: tuple[StreetPart, ...]


@dataclass(frozen=True)
class SessionStory:
    """A session's plan in figures, and what more would bring."""

    value: int
    upper_bound: int
    total: int
    teams: tuple[TeamStory, ...]
    corridors: tuple[CorridorStory, ...]
    one_more: WhatIf
    one_more_on: str  # the corridor that the extra team would walk
    longer: WhatIf  # every team with LONGER_MIN more


# --- somebody's own route -----------------------------------------------------------------------


def team_ends(planned: Planned, team: int) -> tuple[int, int]:
    """Node ids where a team (1, 2, …) starts and ends.

    Raises
    ------
    InputError
        If there is no such team.
    """
    nodes = _route_of(planned, team).node_ids
    return nodes[0], nodes[-1]


def score_trace(planned: Planned, team: int, trace: Trace) -> RouteScore:
    """A route beside the one that is planned for a team, the other teams as planned.

    Streets that are on no corridor take time and are worth nothing. Rules are judged by ``verify``.

    Raises
    ------
    InputError
        If there is no such team.
    """
    route = _route_of(planned, team)
    case = _widened(planned, trace.segment_ids)
    walks = [_planned_walk(case, r) for r in planned.routes]
    drawn = _walk(case, team - 1, trace.node_ids, trace.segment_ids)
    changed = [*walks[: team - 1], drawn, *walks[team:]]
    # A drawn route says nothing of when: it sets off when it does best, or as planned.
    same = (drawn.nodes, drawn.edges) == (walks[team - 1].nodes, walks[team - 1].edges)
    case = _as_planned(case, planned.routes, other=None if same else team)
    drawn = walks[team - 1] if same else set_off(case.problem, changed, team - 1)
    changed[team - 1] = drawn
    crew = case.problem.teams[team - 1]
    network, facts = planned.task.network, style_facts(case, planned.task)
    return RouteScore(
        team=team,
        corridor_id=route.corridor_id,
        value=_value(case.problem, [drawn]),
        planned_value=_value(case.problem, [walks[team - 1]]),
        together=_value(case.problem, changed),
        planned_together=_value(case.problem, walks),
        total=sum(case.problem.edges.value),
        walk_s=_walk_s(case.problem, [drawn]),
        dwell_s=crew.dwell_s,
        limit_s=crew.time_limit_s,
        length_m=_length_m(network, trace.segment_ids),
        style=walk_style(drawn.edges, drawn.nodes, facts),
        planned_style=walk_style(walks[team - 1].edges, walks[team - 1].nodes, facts),
        broken=_off_window(case, route, _broken(planned, case, changed, team), same=same),
        streets=_in_order(case, network, trace.segment_ids),
        gaps=tuple((gap, _in_order(case, network, gap.segment_ids)) for gap in trace.gaps),
        unmatched_m=trace.unmatched_m,
    )


def keep_trace(planned: Planned, team: int, trace: Trace, rng: np.random.Generator) -> Kept:
    """The other teams planned anew round a route that one team keeps.

    What the route covers is worth nothing to the others, and counts for the floors.

    Raises
    ------
    InputError
        If there is no such team, or no other.
    CorridorsError
        If the independent check finds a broken rule in a new walk: that is a bug.
    """
    _route_of(planned, team)
    if len(planned.routes) < 2:
        raise InputError("there is no other team to plan anew", fix="Leave out --keep")
    case = _widened(planned, trace.segment_ids)
    drawn = _walk(case, team - 1, trace.node_ids, trace.segment_ids)
    old = [_planned_walk(case, r) for r in planned.routes if r.team != team]
    rest = _without(case.problem, {team - 1}, set(drawn.edges))
    numbers = [i for i in range(len(case.problem.teams)) if i != team - 1]
    found, upper = _solved(rest, planned.params, rng, planned.params.max_seconds)
    before = tuple(replace(w, team=i) for i, w in enumerate(old))
    # The clock may stop the search anywhere; the planned walks stand where nothing covers more.
    best = max((before, found.walks), key=lambda walks: plan_rank(rest, walks)[:2])
    new = [replace(w, team=numbers[w.team]) for w in best]
    everyone = [drawn, *new]
    base = _value(case.problem, [drawn])
    return Kept(
        together=_value(case.problem, everyone),
        before=_value(case.problem, [drawn, *old]),
        upper_bound=base + upper,
        teams=tuple((w.team + 1, _trace(case, w)) for w in new),
        floor_missed=_floors_missed(case.problem, everyone),
        stopped_by_clock=found.stopped_by_clock,
    )


def streets_walked(planned: Planned, segment_ids: Sequence[int]) -> tuple[StreetPart, ...]:
    """Streets of a walk, in walking order; a street met again is told again."""
    return _in_order(_widened(planned, segment_ids), planned.task.network, segment_ids)


def streets_of(planned: Planned, segment_ids: Iterable[int]) -> tuple[StreetPart, ...]:
    """Streets of some segments, most value first."""
    segments = sorted(segment_ids)
    parts = _by_street(_widened(planned, segments), planned.task.network, segments)
    return tuple(sorted(parts, key=lambda p: (-p.value, p.name)))


# --- what the plan covers and leaves ------------------------------------------------------------


def explain_session(planned: Planned, rng: np.random.Generator) -> SessionStory:
    """What each team covers, what is left out, and what more teams or time would bring.

    Bounds hold for every plan. What a search finds is reported only if it ended by itself, so that
    the same inputs give the same figures.
    """
    case = _widened(planned, ())
    walks = [_planned_walk(case, r) for r in planned.routes]
    corridors = tuple(_left_out(planned, case, walks, c.corridor_id) for c in _served(planned))
    most = max(corridors, key=lambda c: c.total - c.value).corridor_id
    present = (case.problem, tuple(walks))
    # One each, so that a search that the clock stops changes no other.
    more, longer, *own = rng.spawn(2 + len(walks))
    return SessionStory(
        value=planned.coverage.value,
        upper_bound=planned.coverage.upper_bound,
        total=planned.coverage.total,
        teams=tuple(
            _team_story(planned, case, walks, route, chance)
            for route, chance in zip(planned.routes, own, strict=True)
        ),
        corridors=corridors,
        one_more=_what_if(_one_more(case, most), present, planned.params, more),
        one_more_on=most,
        longer=_what_if(_longer(case.problem), present, planned.params, longer),
    )


def _team_story(
    planned: Planned, case: Case, walks: list[Walk], route: Route, rng: np.random.Generator
) -> TeamStory:
    number = route.team - 1
    others = {e for walk in walks if walk.team != number for e in walk.edges}
    alone = _without(case.problem, set(range(len(walks))) - {number}, others)
    mine = replace(walks[number], team=0)
    crew = case.problem.teams[number]
    return TeamStory(
        team=route.team,
        corridor_id=route.corridor_id,
        streets=_in_order(case, planned.task.network, route.segment_ids),
        stands=tuple(stand.name for _, stand in route.stands),
        value=_value(case.problem, [walks[number]]),
        alone=_value(alone, [mine]),
        walk_s=route.walk_s,
        dwell_s=crew.dwell_s,
        limit_s=crew.time_limit_s,
        rounds=route.rounds,
        style=walk_style(mine.edges, mine.nodes, style_facts(case, planned.task)),
        longer=_what_if(_longer(alone), (alone, (mine,)), planned.params, rng),
    )


def _left_out(planned: Planned, case: Case, walks: list[Walk], key: str) -> CorridorStory:
    floor = next(f for f in case.problem.floors if f.key == key)
    value = case.problem.edges.value
    walked = {e for walk in walks for e in walk.edges}
    left = [int(case.segments[e]) for e in floor.edges if e not in walked and value[e] > 0]
    parts = _by_street(case, planned.task.network, left)
    return CorridorStory(
        corridor_id=key,
        total=sum(value[e] for e in floor.edges),
        value=sum(value[e] for e in floor.edges if e in walked),
        left_out=tuple(sorted(parts, key=lambda p: (-p.value, p.name))),
    )


def _longer(problem: PatrolProblem) -> PatrolProblem:
    teams = tuple(replace(t, time_limit_s=t.time_limit_s + 60 * LONGER_MIN) for t in problem.teams)
    return replace(problem, teams=teams)


def _one_more(case: Case, key: str) -> PatrolProblem:
    """One more team on a corridor, like its first one, that stands nowhere."""
    first = case.problem.teams[case.corridor_of_team.index(key)]
    return replace(case.problem, teams=(*case.problem.teams, replace(first, stands=())))


def _what_if(
    problem: PatrolProblem,
    present: tuple[PatrolProblem, tuple[Walk, ...]],
    params: Patrols,
    rng: np.random.Generator,
) -> WhatIf:
    """The present plan is one of the new problem's, so that nothing found can be worse."""
    least = _value(*present)
    if least == sum(problem.edges.value):
        return WhatIf(least, least)
    found, upper = _solved(problem, params, rng, min(_SECONDS, params.max_seconds))
    value = None if found.stopped_by_clock else max(found.value, least)
    return WhatIf(value, max(upper, least))


def _solved(
    problem: PatrolProblem, params: Patrols, rng: np.random.Generator, seconds: float
) -> tuple[Solution, int]:
    """Walks and a bound, searched as a plan is; every walk is checked."""
    searches = prepare_searches(problem)
    bound = upper_bound(problem, max_rounds=_ROUNDS, searches=searches, walk_looks=0)
    found = solve(
        problem,
        iterations=params.iterations,
        rng=rng,
        max_seconds=seconds,
        guide=bound.covered,
        searches=searches,
        enough=bound.value,
    )
    found = keep_windows(problem, found, rng)
    if faults := broken(verify(problem, found)):
        raise CorridorsError(f"the route check failed: {'; '.join(map(str, faults))}")
    return found, bound.value


# --- from the network to a problem and back -----------------------------------------------------


def _route_of(planned: Planned, team: int) -> Route:
    for route in planned.routes:
        if route.team == team:
            return route
    count = len(planned.routes)
    raise InputError(
        f"there is no team {team}",
        fix=f"The session has {count} team{'' if count == 1 else 's'}, from 1 to {count}",
    )


def _widened(planned: Planned, segment_ids: Sequence[int]) -> Case:
    """The plan's problem with more streets, worth nothing; what is shut to a team stays shut."""
    case = make_case(planned.task, [r.corridor_id for r in planned.routes], planned.params)
    network = planned.task.network.segments
    segments = np.union1d(case.segments, np.array(segment_ids, dtype=np.int64))
    rows = network.loc[segments]
    ends = rows[[Segments.u, Segments.v]].to_numpy(dtype=np.int64)
    nodes = np.unique(ends)
    place = np.searchsorted(segments, case.segments)
    old = case.problem
    value = np.zeros(len(segments), dtype=np.int64)
    duty = value.copy()
    value[place], duty[place] = old.edges.value, old.edges.counts
    walk_s = np.maximum(np.round(rows[Segments.walk_s].to_numpy(dtype=float)), 1).astype(np.int64)
    walk_s[place] = old.edges.walk_s
    at = np.searchsorted(nodes, case.nodes).tolist()
    told = planned.task.ends
    teams = tuple(
        replace(
            team,
            # Where nobody told a start, a team begins where its planned route does.
            start=at[team.start] if key in told else int(np.searchsorted(nodes, route.node_ids[0])),
            end=at[team.end] if key in told else int(np.searchsorted(nodes, route.node_ids[-1])),
            stands=tuple(
                replace(s, node=at[s.node], in_sight=tuple(place[list(s.in_sight)].tolist()))
                for s in team.stands
            ),
            forbidden=tuple(np.flatnonzero(planned.task.shut_to(key)[segments]).tolist()),
        )
        for key, team, route in zip(case.corridor_of_team, old.teams, planned.routes, strict=True)
    )
    floors = tuple(replace(f, edges=tuple(place[list(f.edges)].tolist())) for f in old.floors)
    tail, head = np.searchsorted(nodes, ends).T
    problem = replace(
        old,
        node_count=len(nodes),
        edges=Edges.from_arrays(tail, head, walk_s, value, duty if old.edges.duty else ()),
        teams=teams,
        floors=floors,
        slots=_widened_slots(old.slots, place, len(segments)),
    )
    return replace(case, problem=problem, segments=segments, nodes=nodes)


def _widened_slots(slots: Slots | None, place: IntArray, count: int) -> Slots | None:
    """The slots with rows of nothing for the streets that came in."""
    if slots is None:
        return None
    value = np.zeros((count, len(slots.value[0]) if slots.value else 0), dtype=np.int64)
    value[place] = slots.value
    return replace(slots, value=tuple(tuple(row) for row in value.tolist()))


def _without(problem: PatrolProblem, teams: set[int], covered: set[int]) -> PatrolProblem:
    """The problem that some teams, gone, leave to the others: what they cover is worth nothing."""
    counts = problem.edges.counts
    floors = tuple(
        replace(f, minimum=max(0, f.minimum - sum(counts[e] for e in set(f.edges) & covered)))
        for f in problem.floors
    )
    value, duty = (
        tuple(0 if e in covered else worth for e, worth in enumerate(column))
        for column in (problem.edges.value, problem.edges.duty)
    )
    edges = replace(problem.edges, value=value, duty=duty)
    crews = tuple(t for i, t in enumerate(problem.teams) if i not in teams)
    return replace(problem, edges=edges, teams=crews, floors=floors)


def _walk(case: Case, number: int, node_ids: Sequence[int], segment_ids: Sequence[int]) -> Walk:
    """A walk that stands wherever it first passes a stand point; -1 where it never does."""
    nodes = np.searchsorted(case.nodes, node_ids).tolist()
    return Walk(
        team=number,
        nodes=tuple(nodes),
        edges=tuple(np.searchsorted(case.segments, segment_ids).tolist()),
        stand_at=tuple(
            nodes.index(stand.node) if stand.node in nodes else -1
            for stand in case.problem.teams[number].stands
        ),
    )


def _as_planned(case: Case, routes: Sequence[Route], *, other: int | None) -> Case:
    """The case without the windows that gave way in the plan, for all teams but one."""
    away = {(r.team, off.stand) for r in routes if r.team != other for off in r.off_window}
    teams = tuple(
        replace(
            team,
            stands=tuple(
                replace(stand, earliest_s=0, latest_s=None) if (number, point) in away else stand
                for stand, point in zip(team.stands, points, strict=True)
            ),
        )
        for number, (team, points) in enumerate(
            zip(case.problem.teams, case.stands_of_team, strict=True), start=1
        )
    )
    return replace(case, problem=replace(case.problem, teams=teams))


def _trace(case: Case, walk: Walk) -> Trace:
    return Trace(
        node_ids=tuple(int(case.nodes[n]) for n in walk.nodes),
        segment_ids=tuple(int(case.segments[e]) for e in walk.edges),
    )


def _planned_walk(case: Case, route: Route) -> Walk:
    """The walk as planned, with its times."""
    walk = _walk(case, route.team - 1, route.node_ids, route.segment_ids)
    at = {stand: position for position, stand in route.stands}
    walk_s = case.problem.edges.walk_s
    held_s = [route.leave_s[0] - route.begin_s] + [
        after - before - walk_s[edge]
        for (before, after), edge in zip(pairwise(route.leave_s), walk.edges, strict=True)
    ]
    for position, stand in route.stands:
        held_s[position] -= stand.dwell_s
    return replace(
        walk,
        stand_at=tuple(at[stand] for stand in case.stands_of_team[walk.team]),
        begin_s=route.begin_s,
        waits=tuple((position, wait_s) for position, wait_s in enumerate(held_s) if wait_s),
    )


def _served(planned: Planned) -> list[Corridor]:
    with_team = {route.corridor_id for route in planned.routes}
    return [c for c in planned.task.corridors if c.corridor_id in with_team]


# --- rules in words -----------------------------------------------------------------------------


def _broken(planned: Planned, case: Case, walks: Sequence[Walk], team: int) -> tuple[Broken, ...]:
    """What ``verify`` finds, with places in place of numbers."""
    solution = Solution(tuple(walks), _value(case.problem, walks), _walk_s(case.problem, walks))
    found: list[Broken] = []
    forbidden: list[int] = []
    for fault in verify(case.problem, solution):
        if fault.kind == "floor":
            found.append(_floor_broken(planned, case, fault))
        elif fault.kind == "apart":
            found += _not_apart(planned, fault, team)
        elif fault.kind == "forbidden":
            forbidden.append(int(case.segments[fault.found]))
        else:
            found.append(_walk_broken(planned.task.network, case, team, fault))
    found += _shut_passed(planned, case, set(forbidden), police=case.problem.teams[team - 1].police)
    return tuple(dict.fromkeys(found))


def _off_window(
    case: Case, route: Route, broken: tuple[Broken, ...], *, same: bool
) -> tuple[Broken, ...]:
    """What is broken, with stands that the plan itself begins outside their windows told as that.

    ``same``: the route is the planned one.
    """
    nodes = [int(np.searchsorted(case.nodes, off.stand.node_id)) for off in route.off_window]
    names = dict.fromkeys(_stand_name(case, route.team, node) for node in nodes)
    told = tuple(
        replace(b, planned_too=True) if b.kind == "late" and b.place in names else b for b in broken
    )
    return told + tuple(Broken("late", name, planned_too=True) for name in names if same)


def _not_apart(planned: Planned, fault: Fault, team: int) -> list[Broken]:
    """Of teams that are on one street at once, those that meet this one."""
    if team not in fault.teams:
        return []
    planned_too = (*fault.teams, fault.found) in planned.coverage.together
    place = f"team {sum(fault.teams) - team}"
    return [Broken("apart", place, float(fault.found), planned_too=planned_too)]


def _shut_passed(planned: Planned, case: Case, passed: set[int], *, police: bool) -> list[Broken]:
    """School sites by street, and places to keep clear of by name."""
    network = planned.task.network
    in_site = network.segments[Segments.in_school_site].to_numpy()
    sites = _by_street(case, network, sorted(s for s in passed if in_site[s]))
    found = [Broken("site", part.name, part.length_m) for part in sites]
    for place in in_force(planned.task.no_go, police=police):
        if here := sorted(passed & set(place.segment_ids)):
            kind = "police_no_go" if place.holds_for == "police" else "no_go"
            found.append(Broken(kind, place.name, _length_m(network, here)))
    return found


def _floor_broken(planned: Planned, case: Case, fault: Fault) -> Broken:
    floor = next(f for f in case.problem.floors if f.key == fault.key)
    total = max(1, sum(case.problem.edges.counts[e] for e in floor.edges))
    missed = fault.key in planned.coverage.floor_missed
    return Broken("floor", fault.key, fault.found / total, fault.wanted / total, planned_too=missed)


def _walk_broken(network: Network, case: Case, team: int, fault: Fault) -> Broken:
    if fault.kind == "time":
        return Broken("too_long", "", float(fault.found - fault.wanted), float(fault.wanted))
    if fault.kind in ("start", "end"):
        here, there = int(case.nodes[fault.found]), int(case.nodes[fault.wanted])
        return Broken(fault.kind, junction_name(network, there), _apart_m(network, here, there))
    if fault.kind in ("stand", "late"):
        return Broken(fault.kind, _stand_name(case, team, fault.wanted))
    return Broken("other", fault.text)


def _stand_name(case: Case, team: int, node: int) -> str:
    stands = zip(case.problem.teams[team - 1].stands, case.stands_of_team[team - 1], strict=True)
    return " and ".join(dict.fromkeys(p.name for stand, p in stands if stand.node == node))


def junction_name(network: Network, node_id: int) -> str:
    """The streets that meet at a node, up to two, in order of the alphabet; empty without names."""
    segments = network.segments
    meets = (segments[Segments.u] == node_id) | (segments[Segments.v] == node_id)
    names = sorted({str(name) for name in segments.loc[meets, Segments.name] if name})
    return " and ".join(names[:2])


def _apart_m(network: Network, one: int, other: int) -> float:
    at = network.nodes.loc[[one, other], [Nodes.x_m, Nodes.y_m]].to_numpy(dtype=float)
    return float(np.hypot(*(at[1] - at[0])))


def _floors_missed(problem: PatrolProblem, walks: Iterable[Walk]) -> tuple[str, ...]:
    walked = {e for walk in walks for e in walk.edges}
    counts = problem.edges.counts
    return tuple(
        sorted(
            f.key
            for f in problem.floors
            if sum(counts[e] for e in f.edges if e in walked) < f.minimum
        )
    )


# --- sums ---------------------------------------------------------------------------------------


def _value(problem: PatrolProblem, walks: Iterable[Walk]) -> int:
    return sum(problem.edges.value[e] for e in {e for walk in walks for e in walk.edges})


def _walk_s(problem: PatrolProblem, walks: Iterable[Walk]) -> int:
    return sum(problem.edges.walk_s[e] for walk in walks for e in walk.edges)


def _length_m(network: Network, segment_ids: Sequence[int]) -> float:
    return float(network.segments[Segments.length_m].loc[list(segment_ids)].sum())


def _in_order(case: Case, network: Network, segment_ids: Sequence[int]) -> tuple[StreetPart, ...]:
    """Streets in walking order; each segment's value counts where it is first walked."""
    parts: list[StreetPart] = []
    seen: set[int] = set()
    for segment in segment_ids:
        part = _part(case, network, segment)
        if segment in seen:
            part = replace(part, value=0)
        seen.add(segment)
        if parts and parts[-1].name == part.name:
            parts[-1] = _added(parts[-1], part)
        else:
            parts.append(part)
    return tuple(parts)


def _by_street(case: Case, network: Network, segment_ids: Iterable[int]) -> tuple[StreetPart, ...]:
    """One part a street, in order of name."""
    found: dict[str, StreetPart] = {}
    for segment in segment_ids:
        part = _part(case, network, segment)
        found[part.name] = _added(found[part.name], part) if part.name in found else part
    return tuple(found[name] for name in sorted(found))


def _part(case: Case, network: Network, segment: int) -> StreetPart:
    row = int(np.searchsorted(case.segments, segment))
    return StreetPart(
        name=str(network.segments[Segments.name].iloc[segment]),
        length_m=float(network.segments[Segments.length_m].iloc[segment]),
        value=case.problem.edges.value[row],
    )


def _added(one: StreetPart, other: StreetPart) -> StreetPart:
    return StreetPart(one.name, one.length_m + other.length_m, one.value + other.value)
