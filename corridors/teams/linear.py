"""A second way to prove a wish: the same program, as HiGHS [1]_ sees it.

CP-SAT finds good rosters at once, but its proof of the most even load can take minutes where
cutting planes at the root would do. Every constraint of the program is linear or a clause, so it
can be handed over as it is. HiGHS counts in floating point: its roster is rounded and checked in
whole numbers against every constraint, and what it says about the bound is believed only if the
bound is nearer to the roster than one whole step. It stops by a number of nodes, not by a clock.

References
----------
.. [1] Huangfu and Hall (2018), Parallelizing the dual revised simplex method. Mathematical
   Programming Computation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

_NODES: Final = 400
_NEAR: Final = 1e-5  # bounds this near to a whole number are that number
_FAR: Final = 2**60  # the solver's infinity begins here

_Row = tuple[dict[int, int], int, int]  # coefficients by variable, lower and upper limit


def best(model: Any, terms: Sequence[tuple[int, Any]]) -> tuple[list[int], bool] | None:
    """Values of all variables that make the sum of ``terms`` least, and whether that is proven.

    Returns
    -------
    None if nothing was found that keeps every constraint, counted in whole numbers.
    """
    proto = model.proto
    domains = [list(v.domain) for v in proto.variables]
    low, high = [d[0] for d in domains], [d[-1] for d in domains]
    rows = [row for constraint in proto.constraints for row in _rows(constraint)]
    cost = np.zeros(len(low))
    for coefficient, variable in terms:
        cost[variable.index] += coefficient
    result = milp(
        cost,
        constraints=_constraints(rows, len(low)),
        integrality=np.ones(len(low)),
        bounds=Bounds(low, high),
        options={"node_limit": _NODES, "mip_rel_gap": 0.0},
    )
    if result.x is None:
        return None
    values = [round(float(x)) for x in result.x]
    if not _holds(rows, values) or any(
        not a <= v <= b for a, v, b in zip(low, values, high, strict=True)
    ):
        return None
    reached = sum(c * values[v.index] for c, v in terms)
    return values, bool(result.mip_dual_bound > reached - 1 + _NEAR)


def _constraints(rows: list[_Row], width: int) -> LinearConstraint:
    ends = np.cumsum([0, *(len(row) for row, _, _ in rows)])
    columns = [i for row, _, _ in rows for i in row]
    matrix = csr_array(
        (np.array([c for row, _, _ in rows for c in row.values()], dtype=float), columns, ends),
        shape=(len(rows), width),
    )
    low = np.array([-np.inf if a <= -_FAR else a for _, a, _ in rows])
    high = np.array([np.inf if b >= _FAR else b for _, _, b in rows])
    return LinearConstraint(matrix, low, high)


def _holds(rows: list[_Row], values: list[int]) -> bool:
    return all(a <= sum(c * values[i] for i, c in row.items()) <= b for row, a, b in rows)


def _rows(constraint: Any) -> list[_Row]:
    """One constraint as rows; a condition ("only if") turns a clause into a longer one."""
    kind = _kind(constraint)
    unless = [-literal - 1 for literal in constraint.enforcement_literal]
    if kind == "linear" and not unless:
        domain = list(constraint.linear.domain)
        pairs = zip(constraint.linear.vars, constraint.linear.coeffs, strict=True)
        return [_row(list(pairs), domain[0], domain[-1])]
    if kind == "bool_or":
        return [_clause([*constraint.bool_or.literals, *unless])]
    if kind == "bool_and":
        return [_clause([literal, *unless]) for literal in constraint.bool_and.literals]
    if kind == "at_most_one" and not unless:
        return [_row([(i, 1) for i in constraint.at_most_one.literals], -_FAR, 1)]
    raise ValueError(f"a constraint of the roster is not linear: {kind}")


def _clause(literals: list[int]) -> _Row:
    return _row([(literal, 1) for literal in literals], 1, _FAR)


def _row(pairs: list[tuple[int, int]], low: int, high: int) -> _Row:
    """Coefficients of variables; a negative literal stands for 1 less the variable."""
    row: dict[int, int] = {}
    shift = 0
    for literal, coefficient in pairs:
        if literal >= 0:
            row[literal] = row.get(literal, 0) + coefficient
        else:
            row[-literal - 1] = row.get(-literal - 1, 0) - coefficient
            shift += coefficient
    return row, (low if low <= -_FAR else low - shift), (high if high >= _FAR else high - shift)


def _kind(constraint: Any) -> str:
    """Which constraint it is, in the words of either version of the solver's interface."""
    if hasattr(constraint, "WhichOneof"):
        return str(constraint.WhichOneof("constraint"))
    kinds = ("linear", "bool_or", "bool_and", "at_most_one")
    return next((k for k in kinds if getattr(constraint, f"has_{k}")()), "unknown")
