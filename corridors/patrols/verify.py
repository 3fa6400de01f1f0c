"""An independent check of patrol walks: it shares nothing with the solver but the data classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from corridors.patrols.problem import PatrolProblem, Solution, Team, Walk

Kind = Literal[
    "teams", "shape", "start", "end", "edge", "join", "forbidden", "time", "stand", "total", "floor"
]


@dataclass(frozen=True)
class Fault:
    """A rule that a solution breaks; ``str`` says it with its team.

    Parameters
    ----------
    kind : ``floor`` may be the best there is, see ``broken``; all others are faults. ``total`` is
        a figure of the solution that its walks do not add up to.
    text : in words.
    team : position in ``PatrolProblem.teams``; None if it is of no team alone.
    found, wanted : what there is and what should be: seconds (``time``), nodes (``start``, ``end``,
        ``stand``), an edge (``edge``, ``join``, ``forbidden``) or value (``floor``); -1 for none.
    key : of the floor.
    """

    kind: Kind
    text: str
    team: int | None = None
    found: int = -1
    wanted: int = -1
    key: str = ""

    def __str__(self) -> str:
        return self.text if self.team is None else f"team {self.team + 1}: {self.text}"


def broken(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults without missed floors, which no plan may be able to meet."""
    return tuple(fault for fault in faults if fault.kind != "floor")


def verify(problem: PatrolProblem, solution: Solution) -> tuple[Fault, ...]:
    """Every rule that a solution breaks; empty if none.

    Walking times, coverage and value are recomputed from the edges.
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
        reached = sum(problem.edges.value[edge] for edge in set(walked) & set(floor.edges))
        if reached < floor.minimum:
            text = f"floor missed: {floor.key}: {reached} of {floor.minimum}"
            faults.append(Fault("floor", text, found=reached, wanted=floor.minimum, key=floor.key))
    return tuple(faults)


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
