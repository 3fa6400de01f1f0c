"""Other ways to route, on the same problem: what the product's solver has to beat.

All of them see the same streets, times and values. PyVRP and OR-Tools start from the greedy plan,
since both do better so. None of them knows the bound, stands, floors or streets that a team may not
walk. Seconds are of the processor, so that a neighbour on the machine does not count; setting up
counts.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from corridors.arrays import IntArray
from corridors.errors import InputError
from corridors.patrols.anneal import anneal, copy_of, field_of, state_of, tasks_of
from corridors.patrols.construct import Ground, prepare, stands_only, to_walk
from corridors.patrols.problem import PatrolProblem, Solution, Team

Rival = Callable[[PatrolProblem, float, int], Solution]

EXACT_EDGES: Final = 18
_NEVER_S: Final = 10**9
_HANGS_S: Final = 3600  # by the wall clock, to be on the safe side
_STEPS: Final = 200  # between two looks at the clock
# PyVRP and OR-Tools weigh prizes against seconds: a mean street is worth so many.
_MEAN_PRIZE: Final = 10_000
_HIGHEST_PENALTY: Final = 2_000.0  # of a second too many, which is some ten times what one earns


def greedy(problem: PatrolProblem, _seconds: float = 0.0, _seed: int = 0) -> Solution:
    """Most value per extra second first, until nothing fits."""
    ground = _ground(problem)
    return _solution(problem, ground, _greedy(ground))


def ruin_recreate(problem: PatrolProblem, seconds: float, seed: int) -> Solution:
    """Ruin and recreate with annealing, alone: no bound to guide it, nothing after it."""
    began = time.process_time()
    ground = _ground(problem)
    field = field_of(ground)
    now = state_of(field, stands_only(ground), seed)
    best = copy_of(now)
    while (spent := (time.process_time() - began) / seconds) < 1 and len(ground.edge):
        anneal(field, now, best, _STEPS, (spent, spent))
    return _solution(problem, ground, tasks_of(best))


def pyvrp_alone(problem: PatrolProblem, seconds: float, seed: int) -> Solution:
    """PyVRP: each street is a group of two clients, one a direction, of which one may be visited.

    Its penalty on time is capped, since the default drives it to short routes.
    """
    import pyvrp

    began = time.process_time()
    jobs = _jobs(problem)
    data = _pyvrp_data(jobs)
    warm = pyvrp.Solution(
        data,
        [
            pyvrp.Route(data, tasks, vehicle_type=team)
            for team, tasks in enumerate(_greedy(jobs.ground))
            if tasks
        ],
    )
    penalty = pyvrp.PenaltyParams(max_penalty=_HIGHEST_PENALTY)
    with warnings.catch_warnings():
        # It tells when it meets the ceiling, which is what the ceiling is for.
        warnings.simplefilter("ignore")
        result = pyvrp.solve(
            data,
            lambda _cost: time.process_time() - began > seconds,
            seed=seed,
            collect_stats=False,
            params=pyvrp.SolveParams(penalty=penalty),
            initial_solution=warm,
        )
    tasks: list[list[int]] = [[] for _ in problem.teams]
    if result.best.is_feasible():
        for route in result.best.routes():
            visits = [act.idx for act in route if act.type == pyvrp.ActivityType.CLIENT]
            tasks[route.vehicle_type()] = visits
    return _solution(problem, jobs.ground, tasks)


def ortools_alone(problem: PatrolProblem, seconds: float, _seed: int = 0) -> Solution:
    """OR-Tools routing: prize collecting by disjunctions, guided local search.

    Its search has no seed: it is the same each time but for the clock.
    """
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    began = time.process_time()
    jobs = _jobs(problem)
    first = jobs.depots
    manager = pywrapcp.RoutingIndexManager(
        len(jobs.seconds), len(problem.teams), jobs.starts, jobs.ends
    )
    routing = pywrapcp.RoutingModel(manager)
    seconds_of = routing.RegisterTransitMatrix(jobs.seconds.tolist())
    routing.SetArcCostEvaluatorOfAllVehicles(seconds_of)
    routing.AddDimensionWithVehicleCapacity(seconds_of, 0, jobs.limits_s, True, "time")
    for candidate, prize in enumerate(jobs.prize.tolist()):
        both = [manager.NodeToIndex(first + 2 * candidate + way) for way in (0, 1)]
        routing.AddDisjunction(both, prize, 1)
    search = pywrapcp.DefaultRoutingSearchParameters()
    meta = routing_enums_pb2.LocalSearchMetaheuristic
    search.local_search_metaheuristic = meta.GUIDED_LOCAL_SEARCH

    def look() -> None:
        # At solutions only: a look at every neighbour would slow it down.
        if time.process_time() - began > seconds:
            routing.solver().FinishCurrentSearch()

    routing.AddAtSolutionCallback(look)
    search.time_limit.FromSeconds(_HANGS_S)
    routing.CloseModelWithParameters(search)
    warm = [[first + task for task in tasks] for tasks in _greedy(jobs.ground)]
    start = routing.ReadAssignmentFromRoutes(warm, ignore_inactive_indices=True)
    found = routing.SolveFromAssignmentWithParameters(start, search)
    tasks: list[list[int]] = [[] for _ in problem.teams]
    for team in range(len(problem.teams) if found else 0):
        index = found.Value(routing.NextVar(routing.Start(team)))
        while not routing.IsEnd(index):
            tasks[team].append(manager.IndexToNode(index) - first)
            index = found.Value(routing.NextVar(index))
    return _solution(problem, jobs.ground, tasks)


RIVALS: Final[dict[str, Rival]] = {
    "ruin_recreate": ruin_recreate,
    "pyvrp": pyvrp_alone,
    "ortools": ortools_alone,
}


# What they share --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Jobs:
    """A problem as visits: depots first, then each candidate street forth and back.

    ``seconds`` (d + 2 c, d + 2 c) is from one visit's end to the next one's start, and
    ``served_s`` (d + 2 c) a visit's own time, which ``seconds`` holds as well.
    """

    ground: Ground
    depots: int
    starts: list[int]
    ends: list[int]
    limits_s: list[int]
    seconds: IntArray
    served_s: IntArray
    prize: IntArray


def _ground(problem: PatrolProblem) -> Ground:
    if problem.floors or any(team.stands or team.forbidden for team in problem.teams):
        raise InputError("the rivals know no floors, stands or forbidden streets")
    return prepare(problem, np.zeros(len(problem.edges)))


def _jobs(problem: PatrolProblem) -> _Jobs:
    ground = _ground(problem)
    places = sorted({place for crew in ground.crews for place in (crew.start, crew.end)})
    depot = {place: number for number, place in enumerate(places)}
    at = np.array(places, dtype=np.int64)
    streets = slice(0, 2 * len(ground.edge))
    enter = np.concatenate([at, ground.enter[streets]])
    leave = np.concatenate([at, ground.leave[streets]])
    served_s = np.concatenate([np.zeros(len(at), dtype=np.int64), ground.task_s[streets]])
    between_s = ground.kinds[0].between[np.ix_(leave, enter)].astype(np.int64)
    mean = max(1.0, float(ground.value.mean())) if len(ground.value) else 1.0
    return _Jobs(
        ground=ground,
        depots=len(at),
        starts=[depot[crew.start] for crew in ground.crews],
        ends=[depot[crew.end] for crew in ground.crews],
        limits_s=[crew.time_s for crew in ground.crews],
        seconds=between_s + served_s[:, None],
        served_s=served_s,
        prize=np.maximum(1, np.rint(ground.value / mean * _MEAN_PRIZE)).astype(np.int64),
    )


def _pyvrp_data(jobs: _Jobs) -> Any:
    import pyvrp

    between = jobs.seconds - jobs.served_s[:, None]
    np.fill_diagonal(between, 0)
    clients, groups = visit_pairs(
        jobs.depots,
        service_s=jobs.served_s[jobs.depots :: 2].tolist(),
        prize=jobs.prize.tolist(),
    )
    teams = zip(jobs.starts, jobs.ends, jobs.limits_s, strict=True)
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(jobs.seconds))],
        clients=clients,
        depots=[pyvrp.Depot(location=number) for number in range(jobs.depots)],
        vehicle_types=[
            pyvrp.VehicleType(start_depot=start, end_depot=end, shift_duration=limit_s)
            for start, end, limit_s in teams
        ],
        distance_matrices=[between],
        duration_matrices=[between],
        groups=groups,
    )


def visit_pairs(
    depots: int,
    *,
    service_s: Sequence[int] = (),
    prize: Sequence[int] = (),
    demand: Sequence[int] = (),
) -> tuple[list[Any], list[Any]]:
    """PyVRP's clients and groups: each street forth and back, of which one may be visited.

    With ``demand``, one must be. Locations are the depots, then the streets in that order.
    """
    import pyvrp

    count = max(len(prize), len(demand))
    clients = [
        pyvrp.Client(
            location=depots + 2 * street + way,
            delivery=[demand[street]] if demand else [],
            service_duration=service_s[street] if service_s else 0,
            prize=prize[street] if prize else 0,
            required=False,
            group=street,
        )
        for street in range(count)
        for way in (0, 1)
    ]
    groups = [
        pyvrp.ClientGroup([2 * street, 2 * street + 1], required=bool(demand))
        for street in range(count)
    ]
    return clients, groups


def _greedy(ground: Ground) -> list[list[int]]:
    return tasks_of(state_of(field_of(ground), stands_only(ground), 0))


def _solution(problem: PatrolProblem, ground: Ground, tasks: list[list[int]]) -> Solution:
    """Walks on the streets, so that what is only passed counts as well."""
    walks = tuple(
        to_walk(ground, number, team, tasks[number]) for number, team in enumerate(problem.teams)
    )
    edges = problem.edges
    return Solution(
        walks=walks,
        value=sum(edges.value[e] for e in {e for walk in walks for e in walk.edges}),
        walk_s=sum(edges.walk_s[e] for walk in walks for e in walk.edges),
        stopped_by_clock=True,
    )


# An exact model ---------------------------------------------------------------------------------


def exact_value(problem: PatrolProblem) -> int | None:
    """The most that a plan meeting all floors covers, or None if there is none: by exhaustion.

    It shares nothing with the bound or the solver. For each team, the quickest way to have
    walked exactly each set of streets; then which sets all teams can have walked together.

    Raises
    ------
    InputError
        If there are more than ``EXACT_EDGES`` streets, or a team has stands.
    """
    count = len(problem.edges)
    if count > EXACT_EDGES or any(team.stands for team in problem.teams):
        raise InputError(f"the exact model knows at most {EXACT_EDGES} streets and no stands")
    together = np.zeros(1 << count, dtype=np.int64)
    together[0] = 1
    for team in problem.teams:
        alone = (_quickest_s(problem, team) <= team.time_limit_s).astype(np.int64)
        together = (_unions(together, alone) > 0).astype(np.int64)
    sets = np.flatnonzero(together)
    walked = (sets[:, None] >> np.arange(count)) & 1
    value = np.array(problem.edges.value, dtype=np.int64)
    met = np.ones(len(sets), dtype=bool)
    for floor in problem.floors:
        members = list(floor.edges)
        met &= walked[:, members] @ value[members] >= floor.minimum
    return int((walked[met] @ value).max()) if met.any() else None


def _quickest_s(problem: PatrolProblem, team: Team) -> IntArray:
    """Seconds in which the team can walk exactly each set of streets, (2 ** edges,).

    Of sets that it cannot walk in time, any figure beyond its limit.
    """
    edges = problem.edges
    count = len(edges)
    every = np.arange(1 << count)
    size = np.array([((every >> e) & 1) for e in range(count)]).sum(axis=0)
    soonest_s = np.full((1 << count, problem.node_count), _NEVER_S, dtype=np.int64)
    soonest_s[0, team.start] = 0
    open_edges = [e for e in range(count) if e not in team.forbidden]
    ways = [(e, *ends) for e in open_edges for ends in _both(edges.tail[e], edges.head[e])]
    for level in range(count + 1):
        # Most sets do not hang together, or take too long.
        sets = every[size == level]
        sets = sets[soonest_s[sets].min(axis=1) <= team.time_limit_s]
        # Streets of the set may be walked again, to get about; then a new one is added.
        now, before = soonest_s[sets], np.zeros((0, 0), dtype=np.int64)
        while not np.array_equal(now, before):
            before = now.copy()
            for e, a, b in ways:
                has = (sets >> e & 1).astype(bool)
                now[has, b] = np.minimum(now[has, b], now[has, a] + edges.walk_s[e])
        soonest_s[sets] = now
        for e, a, b in ways:
            lacks = (sets >> e & 1) == 0
            wider = sets[lacks] | 1 << e
            soonest_s[wider, b] = np.minimum(soonest_s[wider, b], now[lacks, a] + edges.walk_s[e])
    return soonest_s[:, team.end]


def _both(tail: int, head: int) -> tuple[tuple[int, int], ...]:
    return ((tail, head), (head, tail))


def _unions(first: IntArray, then: IntArray) -> IntArray:
    """How many pairs, one of each, have each set as their union (OR-convolution)."""
    product = _sums(first, 1) * _sums(then, 1)
    return _sums(product, -1)


def _sums(counts: IntArray, sign: int) -> IntArray:
    """Sums over all subsets, or with sign -1 the way back."""
    total = counts.copy()
    for bit in range(len(counts).bit_length() - 1):
        pairs = total.reshape(-1, 2, 1 << bit)
        pairs[:, 1] += sign * pairs[:, 0]
    return total
