"""The search: CP-SAT makes one wish after another as good as it can be, and holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ortools.sat.python import cp_model

from corridors.teams.linear import best
from corridors.teams.program import Asked, Choice, build, choices, shuffled
from corridors.teams.wishes import EVEN_LOAD, SAME_FACES, Terms, Wish, new_face_weight, wishes_of

# The solver's deterministic second takes about one of a processor on these programs (measured:
# 1.05 to 1.5); this leaves some room.
_DETERMINISTIC_PER_S: Final = 0.8
# Wishes whose proof may be short for cutting planes and long for CP-SAT.
_HARD: Final = (SAME_FACES, EVEN_LOAD)
_FIRST_S: Final = 1.0  # deterministic


@dataclass(frozen=True)
class Effort:
    """How long the solver may work, in seconds by its deterministic count, and how."""

    seed: int
    max_seconds: float = 30.0
    workers: int = 1


@dataclass(frozen=True)
class Reached:
    """How good one wish became: its sum, the bound that no roster can beat, and if they meet."""

    name: str
    value: int
    is_proven: bool


@dataclass(frozen=True)
class Solution:
    """Choices in the order of the needs asked for, and what each wish reached, in order."""

    choices: tuple[Choice, ...]
    reached: tuple[Reached, ...]
    new_face: int  # what one new face weighs in continuity


def solve(asked: Asked, effort: Effort) -> Solution:
    """Choose a mix and people for each patrol."""
    drawn = shuffled(asked, effort.seed)
    program = build(drawn)
    values = [0] * len(program.model.proto.variables)
    left_s, reached = effort.max_seconds * _DETERMINISTIC_PER_S, []
    for wish in wishes_of(program, drawn):
        # Half of what is left, so that one hard wish leaves something for those after it.
        limit_s = left_s if wish.name == EVEN_LOAD else left_s / 2
        values, spent_s, is_proven = _minimise(program.model, wish, values, limit_s, effort)
        left_s = max(left_s - spent_s, 0.0)
        reached.append(Reached(wish.name, _sum(wish, values), is_proven))
    by_id = dict(
        zip((n.patrol_id for n in drawn.needs), choices(program, values, drawn), strict=True)
    )
    chosen = tuple(by_id[n.patrol_id] for n in asked.needs)
    return Solution(chosen, tuple(reached), new_face_weight(program))


def _minimise(
    model: Any, wish: Wish, values: list[int], limit_s: float, effort: Effort
) -> tuple[list[int], float, bool]:
    """Make one wish as good as possible, then hold it: values, time spent, whether proven."""
    if not wish.terms:
        return values, 0.0, True
    total = cp_model.LinearExpr.weighted_sum([v for _, v in wish.terms], [c for c, _ in wish.terms])
    values = list(values)
    for worth in wish.extra:
        values.append(worth(values))
    ideal = sum(min(c, 0) for c, _ in wish.terms)
    spent_s, is_proven = 0.0, _reached(wish.terms, values) == ideal
    for part_s in _rounds(wish, limit_s) if not is_proven else ():
        values, took_s, is_proven = _search(model, total, values, part_s, effort)
        spent_s += took_s
        if not is_proven and wish.name in _HARD and part_s == _FIRST_S:
            values, is_proven = _second_opinion(model, wish, values)
        if is_proven:
            break
    model.add(total <= _reached(wish.terms, values))
    return values, spent_s, is_proven


def _rounds(wish: Wish, limit_s: float) -> tuple[float, ...]:
    """A hard wish is first tried for a short while, so that the second opinion is soon asked."""
    first_s = min(_FIRST_S, limit_s / 2)
    return (first_s, limit_s - first_s) if wish.name in _HARD else (limit_s,)


def _search(
    model: Any, total: Any, values: list[int], limit_s: float, effort: Effort
) -> tuple[list[int], float, bool]:
    """One search from ``values``: the best values found, time spent, whether proven."""
    model.minimize(total)
    model.clear_hints()
    for index, value in enumerate(values):
        model.add_hint(model.get_int_var_from_proto_index(index), value)
    solver = solver_for(limit_s, effort)
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        values = [int(v) for v in solver.response_proto.solution]
    return values, float(solver.response_proto.deterministic_time), status == cp_model.OPTIMAL


def _second_opinion(model: Any, wish: Wish, values: list[int]) -> tuple[list[int], bool]:
    """What another solver finds, if it is no worse; a proof counts for the roster it is about."""
    found = best(model, wish.terms)
    if found is None or _reached(wish.terms, found[0]) > _reached(wish.terms, values):
        return values, False
    return found


def _sum(wish: Wish, values: Sequence[int]) -> int:
    return wish.constant + _reached(wish.terms, values)


def _reached(terms: Terms, values: Sequence[int]) -> int:
    return sum(coefficient * values[variable.index] for coefficient, variable in terms)


def solver_for(limit_s: float, effort: Effort) -> Any:
    """A solver that stops after so many deterministic seconds and repeats itself."""
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = limit_s
    solver.parameters.num_workers = effort.workers
    solver.parameters.interleave_search = effort.workers > 1  # parallel, yet repeatable
    solver.parameters.random_seed = effort.seed
    # Counting arguments (five patrols, two officers) need the full linear relaxation: without it
    # clause learning alone took minutes for ten patrols and 25 people.
    solver.parameters.linearization_level = 2
    return solver
