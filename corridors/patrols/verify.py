"""An independent check of patrol walks: it shares nothing with the solver but the data classes."""

from __future__ import annotations

from typing import Final

from corridors.patrols.problem import PatrolProblem, Solution, Team, Walk

# What the caller looks for to tell a missed floor from a broken walk.
FLOOR_MISSED: Final = "floor missed: "


def verify(problem: PatrolProblem, solution: Solution) -> tuple[str, ...]:
    """Every rule that a solution breaks, in words; empty if none.

    Walking times, coverage and value are recomputed from the edges. A floor that is not met
    starts with ``FLOOR_MISSED``: that may be the best there is, while anything else is a fault.
    """
    faults = []
    teams = [walk.team for walk in solution.walks]
    if teams != list(range(len(problem.teams))):
        faults.append(f"walks are for teams {teams}, not for each of {len(problem.teams)} teams")
    for walk in solution.walks:
        if 0 <= walk.team < len(problem.teams):
            who = f"team {walk.team + 1}: "
            faults += [who + fault for fault in _walk_faults(problem, walk)]
    walked = [
        edge
        for walk in solution.walks
        for edge in walk.edges
        if _is_position(edge, len(problem.edges))
    ]
    walk_s = sum(problem.edges.walk_s[edge] for edge in walked)
    if solution.walk_s != walk_s:
        faults.append(f"walking takes {walk_s} s, not {solution.walk_s} s")
    value = sum(problem.edges.value[edge] for edge in set(walked))
    if solution.value != value:
        faults.append(f"the walks cover {value}, not {solution.value}")
    for floor in problem.floors:
        reached = sum(problem.edges.value[edge] for edge in set(walked) & set(floor.edges))
        if reached < floor.minimum:
            faults.append(f"{FLOOR_MISSED}{floor.key}: {reached} of {floor.minimum}")
    return tuple(faults)


def _walk_faults(problem: PatrolProblem, walk: Walk) -> list[str]:
    team = problem.teams[walk.team]
    if len(walk.nodes) != len(walk.edges) + 1:
        return [f"{len(walk.nodes)} nodes do not go with {len(walk.edges)} edges"]
    faults = []
    if walk.nodes[0] != team.start:
        faults.append(f"starts at node {walk.nodes[0]}, not {team.start}")
    if walk.nodes[-1] != team.end:
        faults.append(f"ends at node {walk.nodes[-1]}, not {team.end}")
    walk_s = 0
    for step, edge in enumerate(walk.edges):
        if not _is_position(edge, len(problem.edges)):
            faults.append(f"step {step} walks edge {edge}, which does not exist")
            continue
        walk_s += problem.edges.walk_s[edge]
        here = {walk.nodes[step], walk.nodes[step + 1]}
        if here != {problem.edges.tail[edge], problem.edges.head[edge]}:
            faults.append(f"edge {edge} does not join the nodes {sorted(here)} of step {step}")
        if edge in team.forbidden:
            faults.append(f"edge {edge} is forbidden")
    needed_s = walk_s + sum(stand.dwell_s for stand in team.stands)
    if needed_s > team.time_limit_s:
        faults.append(f"takes {needed_s} s of {team.time_limit_s} s")
    return faults + _stand_faults(team, walk)


def _stand_faults(team: Team, walk: Walk) -> list[str]:
    if len(walk.stand_at) != len(team.stands):
        return [f"stands {len(walk.stand_at)} times, not {len(team.stands)} times"]
    return [
        f"does not stand at node {stand.node}"
        for stand, at in zip(team.stands, walk.stand_at, strict=True)
        if not _is_position(at, len(walk.nodes)) or walk.nodes[at] != stand.node
    ]


def _is_position(index: int, count: int) -> bool:
    return 0 <= index < count
