"""Who comes to which corridor in the week, and how many people each corridor needs at least."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any, Final

from ortools.sat.python import cp_model

from corridors.teams.program import Asked, Program, build

_LIMIT_S: Final = 0.5  # deterministic, for one corridor

Corridor = frozenset[str]  # a corridor is known by its schools


@dataclass(frozen=True)
class Face:
    """Whether person ``p`` comes to a corridor in the week, and their walks there."""

    p: int
    corridor: Corridor
    comes: Any
    walks: tuple[Any, ...]


def faces_of(program: Program, asked: Asked) -> tuple[Face, ...]:
    """One per person and set of schools that they could come to in the week."""
    model = program.model
    groups: dict[tuple[Corridor, int], list[Any]] = defaultdict(list)
    for (k, p), walk in program.walks.items():
        groups[frozenset(asked.needs[k].urns), p].append(walk)
    found = []
    for (corridor, p), walks in groups.items():
        comes = walks[0]
        if len(walks) > 1:
            comes = model.new_bool_var("")
            for walk in walks:
                model.add_implication(walk, comes)
            model.add(sum(walks) >= comes)
        found.append(Face(p, corridor, comes, tuple(walks)))
    return tuple(found)


def add_fewest(program: Program, asked: Asked, faces: tuple[Face, ...]) -> None:
    """Tell the model how many people each corridor needs if all its patrols go out.

    That follows from the rules, but only by looking at the corridor's whole week: two people who
    are there on half of the days each are, to the linear relaxation, as good as one. The number
    is proven on the corridor alone; what other corridors take away can only raise it.
    """
    patrols: dict[Corridor, list[int]] = defaultdict(list)
    for k in sorted({k for k, _ in program.mixes}):
        patrols[frozenset(asked.needs[k].urns)].append(k)
    for corridor, mine in patrols.items():
        if len(mine) == 1:
            continue
        fewest = _fewest(asked, mine)
        out = sum(m for (k, _), m in program.mixes.items() if k in set(mine))
        here = sum(face.comes for face in faces if face.corridor == corridor)
        program.model.add(here >= fewest - fewest * (len(mine) - out))


def _fewest(asked: Asked, patrols: list[int]) -> int:
    """The fewest people who can walk all of these patrols, or a bound below it."""
    alone = replace(asked, needs=tuple(asked.needs[k] for k in patrols))
    program = build(alone)
    for k in range(len(alone.needs)):
        program.model.add_bool_or(m for (j, _), m in program.mixes.items() if j == k)
    program.model.minimize(sum(face.comes for face in faces_of(program, alone)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = _LIMIT_S
    if solver.solve(program.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return 0
    return max(round(solver.best_objective_bound), 0)
