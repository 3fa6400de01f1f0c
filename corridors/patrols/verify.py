"""An independent check of patrol walks: it shares nothing with the solver but the data classes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from corridors.patrols.problem import PatrolProblem, Slots, Solution, Team, Walk

Kind = Literal[
    "teams",
    "shape",
    "start",
    "end",
    "edge",
    "join",
    "forbidden",
    "time",
    "stand",
    "total",
    "floor",
    "begin",
    "over",
    "late",
    "apart",
]


@dataclass(frozen=True)
class _Stay:
    """On an edge, or in sight of it, which counts for ``percent`` of its value."""

    edge: int
    from_s: int
    to_s: int
    percent: float = 100.0
    on_it: bool = True


@dataclass(frozen=True)
class Fault:
    """A rule that a solution breaks; ``str`` says it with its team.

    Parameters
    ----------
    kind : ``floor`` and ``apart`` may be the best there is, see ``broken``; all others are faults.
        ``total`` is a figure of the solution that its walks do not add up to.
    text : in words.
    team : position in ``PatrolProblem.teams``; None if it is of no team alone.
    found, wanted : what there is and what should be: seconds (``time``, ``over``, ``apart``), nodes
        (``start``, ``end``, ``stand``, ``late``), an edge (``edge``, ``join``, ``forbidden``) or
        value (``floor``); -1 for none.
    key : of the floor.
    teams : the numbers, from 1, of two that are on one edge at once.
    """

    kind: Kind
    text: str
    team: int | None = None
    found: int = -1
    wanted: int = -1
    key: str = ""
    teams: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.text if self.team is None else f"team {self.team + 1}: {self.text}"


def broken(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults without what no plan may be able to keep: floors, and teams apart."""
    return tuple(fault for fault in faults if fault.kind not in ("floor", "apart"))


def verify(problem: PatrolProblem, solution: Solution) -> tuple[Fault, ...]:
    """Every rule that a solution breaks; empty if none.

    Walking times, coverage, value, times of day and what is met are recomputed second by second
    from the edges.
    """
    faults: list[Fault] = []
    teams = [walk.team for walk in solution.walks]
    if teams != list(range(len(problem.teams))):
        text = f"walks are for teams {teams}, not for each of {len(problem.teams)} teams"
        faults.append(Fault("teams", text))
    for walk in solution.walks:
        if 0 <= walk.team < len(problem.teams):
            faults += [replace(fault, team=walk.team) for fault in _walk_faults(problem, walk)]
    walked = [
        edge
        for walk in solution.walks
        for edge in walk.edges
        if _is_position(edge, len(problem.edges))
    ]
    walk_s = sum(problem.edges.walk_s[edge] for edge in walked)
    if solution.walk_s != walk_s:
        faults.append(Fault("total", f"walking takes {walk_s} s, not {solution.walk_s} s"))
    value = sum(problem.edges.value[edge] for edge in set(walked))
    if solution.value != value:
        faults.append(Fault("total", f"the walks cover {value}, not {solution.value}"))
    for floor in problem.floors:
        counts = problem.edges.duty or problem.edges.value
        reached = sum(counts[edge] for edge in set(walked) & set(floor.edges))
        if reached < floor.minimum:
            text = f"floor missed: {floor.key}: {reached} of {floor.minimum}"
            faults.append(Fault("floor", text, found=reached, wanted=floor.minimum, key=floor.key))
    # Times mean nothing for a walk that is none.
    return (
        tuple(faults) if _is_broken(problem, solution) else (*faults, *_timing(problem, solution))
    )


def _is_broken(problem: PatrolProblem, solution: Solution) -> bool:
    return any(
        not 0 <= walk.team < len(problem.teams)
        or len(walk.nodes) != len(walk.edges) + 1
        or not all(_is_position(edge, len(problem.edges)) for edge in walk.edges)
        for walk in solution.walks
    )


def _timing(problem: PatrolProblem, solution: Solution) -> list[Fault]:
    """Windows, the end of the session, teams that meet, and the value met."""
    faults: list[Fault] = []
    stays: list[list[_Stay]] = []
    for walk in solution.walks:
        begun, over_s, once = _round(problem, walk)
        team = problem.teams[walk.team]
        limit_s = team.time_limit_s if problem.window_s is None else problem.window_s
        needed_s = sum(problem.edges.walk_s[edge] for edge in walk.edges) + team.dwell_s
        if walk.begin_s < 0 or any(wait_s < 0 for _, wait_s in walk.waits):
            faults.append(Fault("begin", "begins or waits for less than no time", walk.team))
        if over_s > limit_s and needed_s <= team.time_limit_s:  # else that is already told
            text = f"is at its end at {over_s} s of {limit_s} s"
            faults.append(Fault("over", text, walk.team, over_s, limit_s))
        faults += [replace(fault, team=walk.team) for fault in _late(team, begun)]
        stays.append(_all_rounds(once, walk.begin_s, over_s, _repeats_until(problem, walk)))
    if problem.apart:
        faults += _meetings(solution, stays)
    if problem.slots is not None and solution.met is not None:
        met = _met(problem.slots, [stay for own in stays for stay in own])
        if abs(met - solution.met) > 1e-9 * max(1.0, met):
            faults.append(Fault("total", f"the walks meet {met}, not {solution.met}"))
    return faults


def _late(team: Team, begun: dict[int, int]) -> list[Fault]:
    """Stands that begin outside their window."""
    faults = []
    for number, at_s in sorted(begun.items()):
        stand = team.stands[number]
        until_s = math.inf if stand.latest_s is None else stand.latest_s
        if not stand.earliest_s <= at_s <= until_s:
            text = (
                f"stands at node {stand.node} from {at_s} s, "
                f"not between {stand.earliest_s} s and {until_s} s"
            )
            faults.append(Fault("late", text, found=at_s, wanted=stand.node))
    return faults


def _round(problem: PatrolProblem, walk: Walk) -> tuple[dict[int, int], int, list[_Stay]]:
    """When each stand begins, when the round is over, and where the team is in it."""
    team, slots = problem.teams[walk.team], problem.slots
    now_s = walk.begin_s
    begun: dict[int, int] = {}
    stays: list[_Stay] = []
    for position in range(len(walk.nodes)):
        now_s += sum(wait_s for at, wait_s in walk.waits if at == position)
        here = [i for i in range(len(team.stands)) if walk.stand_at[i : i + 1] == (position,)]
        here.sort(key=lambda i: math.inf if (at := team.stands[i].latest_s) is None else at)
        for number in here:
            stand = team.stands[number]
            begun[number] = max(now_s, stand.earliest_s)
            now_s = begun[number] + stand.dwell_s
            if slots is not None and slots.koper and stand.dwell_s > 0:
                percent = _percent(slots, stand.dwell_s)
                stays += [
                    _Stay(edge, begun[number], now_s, percent, on_it=False)
                    for edge in stand.in_sight
                ]
        if position < len(walk.edges):
            edge = walk.edges[position]
            stays.append(_Stay(edge, now_s, now_s + problem.edges.walk_s[edge]))
            now_s += problem.edges.walk_s[edge]
    return begun, now_s, stays


def _percent(slots: Slots, dwell_s: int) -> float:
    before = (0, 0)
    for point in slots.koper:
        if dwell_s <= point[0]:
            part = (dwell_s - before[0]) / (point[0] - before[0])
            return before[1] + part * (point[1] - before[1])
        before = point
    return float(before[1])


def _repeats_until(problem: PatrolProblem, walk: Walk) -> int:
    """When the last round must be over; 0 where there is only one."""
    team = problem.teams[walk.team]
    return problem.window_s or 0 if team.start == team.end else 0


def _all_rounds(once: list[_Stay], begin_s: int, over_s: int, until_s: int) -> list[_Stay]:
    stays, shift_s = list(once), over_s - begin_s
    while over_s > begin_s and over_s + shift_s <= until_s:
        stays += [
            replace(stay, from_s=stay.from_s + shift_s, to_s=stay.to_s + shift_s) for stay in once
        ]
        shift_s += over_s - begin_s
    return stays


def _by_edge(stays: Iterable[_Stay]) -> dict[int, list[_Stay]]:
    found: dict[int, list[_Stay]] = defaultdict(list)
    for stay in stays:
        found[stay.edge].append(stay)
    return found


def _meetings(solution: Solution, stays: list[list[_Stay]]) -> list[Fault]:
    faults = []
    walked = [_by_edge(stay for stay in own if stay.on_it) for own in stays]
    for one, other in combinations(range(len(stays)), 2):
        together_s = sum(
            max(0, min(a.to_s, b.to_s) - max(a.from_s, b.from_s))
            for edge, mine in walked[one].items()
            for a in mine
            for b in walked[other].get(edge, ())
        )
        if together_s:
            low, high = sorted((solution.walks[one].team + 1, solution.walks[other].team + 1))
            text = f"not kept apart: teams {low} and {high} for {together_s} s"
            faults.append(Fault("apart", text, found=together_s, teams=(low, high)))
    return faults


def _met(slots: Slots, stays: Iterable[_Stay]) -> float:
    """Slot by slot, the best share that any stay meets, now or from before."""
    parts = []
    here = _by_edge(stays)
    for edge, row in enumerate(slots.value):
        for slot, value in enumerate(row):
            span_s = slot * slots.length_s, (slot + 1) * slots.length_s
            best = max((_share(slots, stay, span_s) for stay in here.get(edge, ())), default=0.0)
            parts.append(value * best)
    return math.fsum(parts)


def _share(slots: Slots, stay: _Stay, span_s: tuple[int, int]) -> float:
    """What a stay counts for in the slot from ``span_s[0]`` to ``span_s[1]``, 0-1."""
    last_s = max(stay.to_s - 1, stay.from_s)
    if stay.from_s < span_s[1] and last_s >= span_s[0]:
        return stay.percent / 100
    if last_s >= span_s[0] or not slots.fade_s:
        return 0.0
    gap_s = max(0.0, sum(span_s) / 2 - stay.to_s)
    return stay.percent / 100 * float(0.5 ** (gap_s / slots.fade_s))


def _walk_faults(problem: PatrolProblem, walk: Walk) -> list[Fault]:
    team = problem.teams[walk.team]
    if len(walk.nodes) != len(walk.edges) + 1:
        text = f"{len(walk.nodes)} nodes do not go with {len(walk.edges)} edges"
        return [Fault("shape", text)]
    faults: list[Fault] = []
    first, last = walk.nodes[0], walk.nodes[-1]
    if first != team.start:
        text = f"starts at node {first}, not {team.start}"
        faults.append(Fault("start", text, found=first, wanted=team.start))
    if last != team.end:
        text = f"ends at node {last}, not {team.end}"
        faults.append(Fault("end", text, found=last, wanted=team.end))
    walk_s = 0
    for step, edge in enumerate(walk.edges):
        if not _is_position(edge, len(problem.edges)):
            text = f"step {step} walks edge {edge}, which does not exist"
            faults.append(Fault("edge", text, found=edge))
            continue
        walk_s += problem.edges.walk_s[edge]
        here = {walk.nodes[step], walk.nodes[step + 1]}
        if here != {problem.edges.tail[edge], problem.edges.head[edge]}:
            text = f"edge {edge} does not join the nodes {sorted(here)} of step {step}"
            faults.append(Fault("join", text, found=edge))
        if edge in team.forbidden:
            faults.append(Fault("forbidden", f"edge {edge} is forbidden", found=edge))
    needed_s = walk_s + sum(stand.dwell_s for stand in team.stands)
    limit_s = team.time_limit_s
    if needed_s > limit_s:
        text = f"takes {needed_s} s of {limit_s} s"
        faults.append(Fault("time", text, found=needed_s, wanted=limit_s))
    return faults + _stand_faults(team, walk)


def _stand_faults(team: Team, walk: Walk) -> list[Fault]:
    if len(walk.stand_at) != len(team.stands):
        text = f"stands {len(walk.stand_at)} times, not {len(team.stands)} times"
        return [Fault("shape", text)]
    return [
        Fault("stand", f"does not stand at node {stand.node}", wanted=stand.node)
        for stand, at in zip(team.stands, walk.stand_at, strict=True)
        if not _is_position(at, len(walk.nodes)) or walk.nodes[at] != stand.node
    ]


def _is_position(index: int, count: int) -> bool:
    return 0 <= index < count
