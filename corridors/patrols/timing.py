"""Order, direction and start of finished walks, so that teams are where pupils are.

In what order a team walks its edges changes neither what it covers nor how long it walks. So the
search for coverage comes first, with its proof, and here each walk keeps its edges. Any order of
them is reached by turning parts between two visits of a node round [1]_; simulated annealing does
so, exchanges neighbouring parts, moves the start, and measures each walk exactly.

Rules come before value: stands begin in their windows and everybody is back in time, then teams
are kept apart, then more is met, with few about-turns. Where no order keeps the windows, edges
are left out, the least worth first; the direct way keeps them, or the problem would not exist.

References
----------
.. [1] Kotzig (1968), Moves without forbidden transitions in a graph, Matematický časopis 18.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise, product
from typing import Final

import numpy as np

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.patrols.exact import plan_rank
from corridors.patrols.polish import about_turns, hangs_together, walk_through
from corridors.patrols.problem import (
    PatrolProblem,
    Solution,
    Walk,
    as_arrays,
    fits,
    sort_edges,
    stand_order,
)
from corridors.patrols.shortest import leg_edges, shortest_legs
from corridors.patrols.timeline import (
    Presence,
    joined,
    meetings_s,
    met_value,
    presence,
    shares,
    timeline,
    walked_on,
)

STEPS: Final = 800  # tries a team a sweep
_BRANCHES: Final = 3  # starts that they are shared by, with the walk as it is
SWEEPS: Final = 2
_FIT_STEPS: Final = 300
_START_STEP_S: Final = 60  # teams set off on the minute ...
_START_LOOK_S: Final = 300  # ... and every so often is looked at first
_STAND_LOOKS: Final = 16  # choices of where to stand that are looked at first
_EVERY_LOOK: Final = 256  # the same where nothing is tried after it
_WAIT_STEP_S: Final = 10
# An about-turn or a wait more has to bring this share of all there is to meet.
_TURN_SHARE: Final = 0.001
_RULE_S: Final = 900  # of a broken rule weigh as much as all there is
_HOT, _COLD = 0.004, 0.0001  # accepted loss, as a share of all there is to meet


@dataclass(frozen=True)
class Scene:
    """What one team's walk is measured against: ``value`` and ``others`` are (edges, slots)."""

    problem: PatrolProblem
    walk_s: IntArray
    value: FloatArray
    others: FloatArray  # share that the other teams meet
    shared: BoolArray  # (edges) that another team walks too, if they have to be kept apart ...
    busy: Presence  # ... and when
    turn_cost: float

    @property
    def apart(self) -> bool:
        """Whether the team can meet another one at all."""
        return bool(len(self.busy.edge))


@dataclass(frozen=True)
class Standing:
    """How good a walk is: seconds late, seconds with another team, and what it is worth."""

    late_s: int
    together_s: int
    worth: float

    @property
    def rank(self) -> tuple[int, int, float]:
        """Higher is better."""
        return -self.late_s, -self.together_s, self.worth

    def cost(self, whole: float) -> float:
        """One number to anneal, in which a rule may be broken for a while on the way."""
        return whole * (self.late_s + self.together_s) / _RULE_S - self.worth


def time_walks(
    problem: PatrolProblem,
    solution: Solution,
    rng: np.random.Generator,
    *,
    steps: int = STEPS,
    sweeps: int = SWEEPS,
) -> Solution:
    """The same walks in the order, direction and time in which they meet most.

    Parameters
    ----------
    solution : a solver's; its walks keep their edges unless a window cannot be kept.
    rng : the randomness of the search.
    steps, sweeps : tries for each team, and how often it is each team's turn. They end the search.

    Returns
    -------
    The walks with their times, and ``met`` worked out.
    """
    ordered, order = sort_edges(problem)
    place = np.argsort(order).tolist()
    walks = [renumbered(walk, place) for walk in solution.walks]
    walks = [_fitted(ordered, walk, rng) for walk in walks]
    for _ in range(sweeps):
        for number in range(len(walks)):
            scene = scene_of(ordered, walks, number)
            walks[number] = _timed(scene, walks[number], rng, steps)
    return finished(problem, solution, [renumbered(walk, order.tolist()) for walk in walks])


def floors_first(
    problem: PatrolProblem, solution: Solution, rng: np.random.Generator, *, sweeps: int = SWEEPS
) -> tuple[PatrolProblem, Solution, tuple[str, ...]]:
    """The walks in time; where windows would cost a floor, they give way.

    First those of the teams that would have to leave streets out, then, if need be, all.

    Returns
    -------
    The problem with the windows that are left, its timed walks, and the keys, sorted, of the floors
    that would have been covered less.
    """
    timed = time_walks(problem, solution, rng, sweeps=sweeps)
    lost = _floors_lost(problem, solution.walks, timed.walks)
    slower = {
        walk.team
        for walk, fitted in zip(solution.walks, timed.walks, strict=True)
        if not set(walk.edges) <= set(fitted.edges)
    }
    for teams in (slower, set(range(len(problem.teams)))):
        if plan_rank(problem, timed.walks)[0] < plan_rank(problem, solution.walks)[0]:
            problem = _at_any_time(problem, teams)
            timed = time_walks(problem, solution, rng, sweeps=sweeps)
    return problem, timed, lost


def streets_first(
    problem: PatrolProblem,
    solution: Solution,
    free: Container[int],
    rng: np.random.Generator,
    *,
    sweeps: int = SWEEPS,
) -> tuple[PatrolProblem, Solution, tuple[str, ...]]:
    """``floors_first``; where windows cost streets or give way, round walks may begin elsewhere.

    A round walk past a place is worth the same wherever it begins: so is every bound.

    Parameters
    ----------
    free : numbers of the teams that may start and end anywhere on their walk.
    """
    made = floors_first(problem, solution, rng, sweeps=sweeps)
    if made[1].value >= solution.value and not made[2]:
        return made
    other = floors_first(*_begun_elsewhere(problem, solution, free), rng, sweeps=sweeps)
    ranks = [(plan_rank(case, timed.walks)[:2], not lost) for case, timed, lost in (made, other)]
    return other if ranks[1] > ranks[0] else made


def _begun_elsewhere(
    problem: PatrolProblem, solution: Solution, free: Container[int]
) -> tuple[PatrolProblem, Solution]:
    """Walks begun so that stands come in their windows, and the problem with these starts."""
    crews, made = list(problem.teams), []
    for walk in solution.walks:
        team = crews[walk.team]
        shift = _shift(problem, walk) if walk.team in free and team.start == team.end else 0
        moved = replace(team, start=walk.nodes[shift], end=walk.nodes[shift]) if shift else team
        if not fits(problem.node_count, problem.edges, moved, problem.deadline_s(moved)):
            moved, shift = team, 0
        crews[walk.team] = moved
        made.append(_begun_at(walk, shift))
    return replace(problem, teams=tuple(crews)), replace(solution, walks=tuple(made))


def _shift(problem: PatrolProblem, walk: Walk) -> int:
    """How many streets later a round walk has to begin for its first windowed stand to be in time.

    The stand is to come as its window opens, or as late as the walk allows.
    """
    windows = [
        (stand.earliest_s, position)
        for stand, position in zip(problem.teams[walk.team].stands, walk.stand_at, strict=True)
        if stand.latest_s is not None
    ]
    if not windows or not walk.edges:
        return 0
    earliest_s, position = min(windows)
    reached_s = np.cumsum([0, *(problem.edges.walk_s[e] for e in walk.edges)])
    before_s = (reached_s[position] - reached_s[:-1]) % max(int(reached_s[-1]), 1)
    return int(np.abs(before_s - earliest_s).argmin())


def _begun_at(walk: Walk, shift: int) -> Walk:
    """A round walk that begins so many streets later."""
    if not shift:
        return walk
    count = len(walk.edges)
    return replace(
        walk,
        nodes=(*walk.nodes[shift:-1], *walk.nodes[: shift + 1]),
        edges=(*walk.edges[shift:], *walk.edges[:shift]),
        stand_at=tuple((position - shift) % count for position in walk.stand_at),
    )


def _at_any_time(problem: PatrolProblem, teams: set[int]) -> PatrolProblem:
    """The same problem with stands of these teams that may begin at any time."""
    crews = tuple(
        replace(team, stands=tuple(replace(s, earliest_s=0, latest_s=None) for s in team.stands))
        if number in teams
        else team
        for number, team in enumerate(problem.teams)
    )
    return replace(problem, teams=crews)


def _floors_lost(
    problem: PatrolProblem, walks: tuple[Walk, ...], fitted: tuple[Walk, ...]
) -> tuple[str, ...]:
    """Floors that fitted walks miss by more than the walks themselves."""
    value = problem.edges.counts
    before, after = ({e for walk in some for e in walk.edges} for some in (walks, fitted))
    return tuple(
        sorted(
            floor.key
            for floor in problem.floors
            if sum(value[e] for e in after & {*floor.edges})
            < min(floor.minimum, sum(value[e] for e in before & {*floor.edges}))
        )
    )


def keep_windows(problem: PatrolProblem, solution: Solution, rng: np.random.Generator) -> Solution:
    """The same walks with every stand in its window; nothing else is looked for."""
    walks = [_fitted(problem, walk, rng) for walk in solution.walks]
    return finished(problem, solution, walks)


def set_off(problem: PatrolProblem, walks: list[Walk], number: int) -> Walk:
    """One of the walks, as it is walked, with its start and its stands at the best times."""
    scene, walk = scene_of(problem, walks, number), walks[number]
    looks = [look for looks in _choices(scene, walk, _EVERY_LOOK) for look in looks]
    best = max([walk, *looks], key=lambda look: standing_of(scene, look).rank)
    starts_s = range(0, _slack_s(scene, walk) + 1, _START_STEP_S)
    minutes = [replace(best, begin_s=begin_s) for begin_s in starts_s]
    return max([best, *minutes], key=lambda look: standing_of(scene, look).rank)


def finished(problem: PatrolProblem, solution: Solution, walks: list[Walk]) -> Solution:
    """The solution with these walks, its sums worked out."""
    edges = problem.edges
    return replace(
        solution,
        walks=tuple(walks),
        value=sum(edges.value[e] for e in {e for walk in walks for e in walk.edges}),
        walk_s=sum(edges.walk_s[e] for walk in walks for e in walk.edges),
        met=None if problem.slots is None else met_value(problem, walks),
    )


def renumbered(walk: Walk, name: list[int]) -> Walk:
    """The same walk on edges of other numbers: ``name`` of each."""
    return replace(walk, edges=tuple(name[e] for e in walk.edges))


# --- how good a walk is -------------------------------------------------------------------------


def scene_of(problem: PatrolProblem, walks: list[Walk], number: int) -> Scene:
    """What one of the walks is measured against: the others as they are."""
    walk_s = np.array(problem.edges.walk_s, dtype=np.int64)
    rows = problem.slots.value if problem.slots else ((),) * len(walk_s)
    value = np.array(rows, dtype=float).reshape(len(walk_s), -1)
    there = [presence(problem, walk, timeline(problem, walk, walk_s)) for walk in walks]
    del there[number]
    others = np.zeros(value.shape)
    if problem.slots is not None:
        others = np.max([others, *(shares(problem.slots, p) for p in there)], axis=0)
    shared = np.zeros(len(walk_s), dtype=bool)
    if problem.apart:
        own = set(walks[number].edges)
        shared[[e for i, w in enumerate(walks) if i != number for e in own & {*w.edges}]] = True
    busy = joined(walked_on(p, shared) for p in there)
    whole = max(1.0, float(value.sum()))
    return Scene(problem, walk_s, value, others, shared, busy, whole * _TURN_SHARE)


def standing_of(scene: Scene, walk: Walk) -> Standing:
    """How good a walk of the scene's team is."""
    problem, team = scene.problem, scene.problem.teams[walk.team]
    times = timeline(problem, walk, scene.walk_s)
    there = presence(problem, walk, times)
    stood = zip(team.stands, times.stand_s, strict=True)
    late_s = sum(max(0, at_s - stand.end_s) for stand, at_s in stood)
    late_s += max(0, int(times.leave_s[-1]) - problem.deadline_s(team))
    worth = -scene.turn_cost * (about_turns(walk.edges) + len(walk.waits))
    if problem.slots is not None:
        met = np.maximum(scene.others, shares(problem.slots, there))
        worth += float((scene.value * met).sum())
    meets_s = meetings_s(walked_on(there, scene.shared), scene.busy).sum() if scene.apart else 0
    return Standing(late_s, int(meets_s), worth)


# --- search -------------------------------------------------------------------------------------


def _timed(scene: Scene, walk: Walk, rng: np.random.Generator, steps: int) -> Walk:
    """The best walk that is found from the walk itself and from its most promising starts."""
    whole = scene.turn_cost / _TURN_SHARE
    ways = [walk]
    if walk.nodes[0] == walk.nodes[-1]:
        ways.append(turned(walk, 0, len(walk.edges)))
    starts = [
        min(choices, key=lambda choice: standing_of(scene, choice).cost(whole))
        for way in ways
        for choices in _choices(scene, way)
    ]
    starts.sort(key=lambda start: standing_of(scene, start).cost(whole))
    tries = [walk, *starts[:_BRANCHES]]
    found = [_annealed(scene, start, rng, steps // len(tries)) for start in tries]
    return max(found, key=lambda w: standing_of(scene, w).rank)


def _best_start(scene: Scene, walk: Walk) -> Walk:
    """The walk set off, and standing, at the best of a few times."""
    choices = [choice for choices in _choices(scene, walk) for choice in choices]
    return max([walk, *choices], key=lambda choice: standing_of(scene, choice).rank)


def _choices(scene: Scene, walk: Walk, most: int = _STAND_LOOKS) -> list[list[Walk]]:
    """The walk as it is, for so many ways to stand, set off every so often."""
    starts_s = range(0, _slack_s(scene, walk) + 1, _START_LOOK_S)
    return [
        [replace(walk, begin_s=begin_s, stand_at=stand_at) for begin_s in starts_s]
        for stand_at in _stand_choices(walk, most)
    ]


def _stand_choices(walk: Walk, most: int) -> list[tuple[int, ...]]:
    """Where to stand: each stand at the first, the last or any other visit of its node."""
    visits = _visits(walk)
    places = [visits[walk.nodes[at]] if at >= 0 else [at] for at in walk.stand_at]
    if math.prod(map(len, places)) > most:
        places = [sorted({own[0], own[-1]}) for own in places]
    return list(islice(product(*places), most))


def _slack_s(scene: Scene, walk: Walk) -> int:
    """How late a walk may set off, waits and windows apart."""
    team = scene.problem.teams[walk.team]
    busy_s = int(scene.walk_s[list(walk.edges)].sum()) + team.dwell_s
    return max(0, scene.problem.deadline_s(team) - busy_s)


def _annealed(scene: Scene, walk: Walk, rng: np.random.Generator, steps: int) -> Walk:
    whole = scene.turn_cost / _TURN_SHARE
    now = best = walk
    here = top = standing_of(scene, walk)
    for step in range(steps):
        heat = whole * _HOT * (_COLD / _HOT) ** (step / steps)
        fresh = small_change(scene, now, rng, meets=here.together_s > 0)
        if fresh is None:
            continue
        there = standing_of(scene, fresh)
        if there.cost(whole) <= here.cost(whole) + heat * rng.exponential():
            now, here = fresh, there
            if here.rank > top.rank:
                best, top = now, here
    return best


def small_change(scene: Scene, walk: Walk, rng: np.random.Generator, *, meets: bool) -> Walk | None:
    """One small change, drawn at random; None if the draw leads nowhere."""
    kind = rng.random()
    if kind < 0.25:
        later = _later(scene, walk, rng)
        return _stood(later, rng) if kind < 0.1 else later
    if kind < 0.35 and (meets or walk.waits):
        return _waited(scene, walk, rng)
    return _reordered(walk, rng, three=kind > 0.7)


def _reordered(walk: Walk, rng: np.random.Generator, *, three: bool) -> Walk | None:
    """Turn the part between two visits of a node round, or exchange the two between three."""
    visits = _visits(walk)[walk.nodes[int(rng.integers(len(walk.nodes)))]]
    if len(visits) < 2:
        return None
    if three and len(visits) > 2:
        i, j, k = sorted(rng.choice(visits, 3, replace=False).tolist())
        return _exchanged(walk, i, j, k)
    i, j = sorted(rng.choice(visits, 2, replace=False).tolist())
    return turned(walk, i, j)


def _visits(walk: Walk) -> dict[int, list[int]]:
    """Positions of each node."""
    found: dict[int, list[int]] = defaultdict(list)
    for position, node in enumerate(walk.nodes):
        found[node].append(position)
    return found


def _later(scene: Scene, walk: Walk, rng: np.random.Generator) -> Walk:
    """Set off at another minute: any, or one near by."""
    last = _slack_s(scene, walk) // _START_STEP_S
    minute = walk.begin_s // _START_STEP_S + int(rng.integers(-5, 6))
    if rng.random() < 0.5:
        minute = int(rng.integers(last + 1))
    return replace(walk, begin_s=min(max(minute, 0), last) * _START_STEP_S)


def _stood(walk: Walk, rng: np.random.Generator) -> Walk:
    """Stand at another visit of one of the nodes to stand at."""
    stand_at = list(walk.stand_at)
    if stand_at:
        number = int(rng.integers(len(stand_at)))
        visits = _visits(walk)[walk.nodes[stand_at[number]]]
        stand_at[number] = visits[int(rng.integers(len(visits)))]
    return replace(walk, stand_at=tuple(stand_at))


def _waited(scene: Scene, walk: Walk, rng: np.random.Generator) -> Walk | None:
    """Let another team pass before a street that both walk at once, or wait no more."""
    if walk.waits and rng.random() < 0.5:
        drop = int(rng.integers(len(walk.waits)))
        return replace(walk, waits=walk.waits[:drop] + walk.waits[drop + 1 :])
    times = timeline(scene.problem, walk, scene.walk_s)
    mine = presence(scene.problem, walk, times)
    steps = np.flatnonzero(mine.on_it & scene.shared[mine.edge])
    pairs = np.argwhere(meetings_s(walked_on(mine, scene.shared), scene.busy))
    if not len(pairs):
        return None
    row, theirs = pairs[int(rng.integers(len(pairs)))].tolist()
    need_s = int(scene.busy.to_s[theirs] - mine.from_s[steps[row]])
    step = int(steps[row]) % (len(mine.edge) // times.rounds)
    waits = Counter(dict(walk.waits))
    # At the street itself, or anywhere on the way to it.
    waits[int(rng.integers(step + 1))] += -(-need_s // _WAIT_STEP_S) * _WAIT_STEP_S
    return replace(walk, waits=tuple(sorted(waits.items())))


def turned(walk: Walk, i: int, j: int) -> Walk:
    """The part between two visits of a node, walked the other way round."""
    order = [*range(i), *range(j - 1, i - 1, -1), *range(j, len(walk.edges))]
    return _rearranged(walk, order, lambda p: i + j - p if i < p < j else p)


def _exchanged(walk: Walk, i: int, j: int, k: int) -> Walk:
    """Two parts between three visits of a node, the second one walked first."""
    order = [*range(i), *range(j, k), *range(i, j), *range(k, len(walk.edges))]

    def moved(p: int) -> int:
        return p + k - j if i < p <= j else p - (j - i) if j < p <= k else p

    return _rearranged(walk, order, moved)


def _rearranged(walk: Walk, order: list[int], moved: Callable[[int], int]) -> Walk:
    """Edges in another order; ``moved`` says where each position, and so its node, goes."""
    nodes = [0] * len(walk.nodes)
    for position, node in enumerate(walk.nodes):
        nodes[moved(position)] = node
    waits: Counter[int] = Counter()
    for position, wait_s in walk.waits:
        waits[moved(position)] += wait_s
    return replace(
        walk,
        nodes=tuple(nodes),
        edges=tuple(walk.edges[position] for position in order),
        stand_at=tuple(moved(at) for at in walk.stand_at),
        waits=tuple(sorted(waits.items())),
    )


# --- windows ------------------------------------------------------------------------------------


def _fitted(problem: PatrolProblem, walk: Walk, rng: np.random.Generator) -> Walk:
    """The walk with every stand in its window; with fewer edges where nothing else does it."""
    timeless = replace(problem, slots=None, apart=False)
    for lighter in _lighter(problem, walk):
        scene = scene_of(timeless, [lighter], 0)
        if not standing_of(scene, lighter).late_s:
            return lighter
        found = _annealed(scene, _best_start(scene, lighter), rng, _FIT_STEPS)
        if not standing_of(scene, found).late_s:
            return found
    return walk  # it is no walk of this problem: verify will say so


def _lighter(problem: PatrolProblem, walk: Walk) -> Iterator[Walk]:
    """The walk, then with 1, 2, 4, ... fewer edges there and back, and last the direct way."""
    yield walk
    team, edges = problem.teams[walk.team], problem.edges
    count = Counter(walk.edges)
    dropped, wanted = 0, 1
    for edge in sorted(count, key=lambda e: (edges.value[e], -edges.walk_s[e], e)):
        rest = Counter({e: times for e, times in count.items() if e != edge})
        if count[edge] % 2 == 0 and hangs_together(problem, team, rest):
            count, dropped = rest, dropped + 1
            if dropped == wanted:
                wanted *= 2
                yield walk_through(problem, walk.team, count)
    yield _direct(problem, walk.team)


def _direct(problem: PatrolProblem, number: int) -> Walk:
    """From the start by way of the stands to the end; the problem's check found that it fits."""
    team, arrays = problem.teams[number], as_arrays(problem)
    stops = [team.start, *(stand.node for stand in team.stands), team.end]
    legs = shortest_legs(arrays.streets, arrays.allowed[number], np.array(stops))
    order = stand_order(legs.walk_s[:, stops], team, problem.deadline_s(team))
    assert order is not None  # the problem has checked itself
    nodes, edges, stand_at = [team.start], list[int](), [0] * len(team.stands)
    for before, stop in pairwise((0, *order, len(stops) - 1)):
        after, way = leg_edges(legs, before, stops[stop])
        nodes, edges = [*nodes, *after], [*edges, *way]
        if stop < len(stops) - 1:
            stand_at[stop - 1] = len(nodes) - 1
    return Walk(number, tuple(nodes), tuple(edges), tuple(stand_at))
