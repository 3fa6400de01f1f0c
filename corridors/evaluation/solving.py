"""What an outsider can work out: least and greatest values over all whole tables that fit.

Everything public is a range of whole numbers for a variable (a cell, a total) and linear equations
between them. A value is found out where its least and its greatest possible value are the same.
With totals alone the corners of the linear program are whole, so that it does; where statements on
sums of cells break that, the program is solved again in whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import block_diag
from scipy.optimize import Bounds, LinearConstraint, milp

from corridors.arrays import FloatArray, IntArray

_OPTIMAL, _INFEASIBLE = 0, 2  # scipy's codes
# How far a hidden value is looked for at first. Little keeps the program exact, and with totals
# alone a step of 1 is enough.
_REACH = 25.0
_WHOLE = 1e-5  # nearer than this to a whole number is the solver's rounding


@dataclass(frozen=True)
class System:
    """Whole numbers within ranges, and linear rows that bind them."""

    low: FloatArray  # (n) least value of each variable
    high: FloatArray  # (n) greatest, finite
    matrix: FloatArray  # (m, n)
    least: FloatArray  # (m) of each row's sum
    most: FloatArray  # (m)


def with_sums(system: System, rows: FloatArray, least: float = 0.0, most: float = 0.0) -> System:
    """With more sums, each of which lies between two numbers. ``rows``: (sums, n)."""
    return replace(
        system,
        matrix=np.vstack([system.matrix, rows]),
        least=np.append(system.least, np.full(len(rows), least)),
        most=np.append(system.most, np.full(len(rows), most)),
    )


def side_by_side(parts: Sequence[System]) -> System:
    """Systems of different variables as one, in this order."""
    return System(
        np.concatenate([p.low for p in parts]),
        np.concatenate([p.high for p in parts]),
        block_diag(*(p.matrix for p in parts)),
        np.concatenate([p.least for p in parts]),
        np.concatenate([p.most for p in parts]),
    )


def is_possible(system: System) -> bool:
    """Whether any whole table fits."""
    return _solved(system, np.zeros(len(system.low))) is not None


def value_range(system: System, variable: int) -> tuple[int, int]:
    """Least and greatest value of one variable, over all whole tables that fit.

    Raises
    ------
    ValueError
        If no table fits: the system is built from true counts, so that is a bug.
    """
    low, high = (_extreme(system, _at(system, variable), sign)[variable] for sign in (1, -1))
    return int(low), int(high)


def fixed_values(system: System, wanted: Mapping[int, tuple[float, float]]) -> dict[int, int]:
    """Of the variables ``wanted``, those with one possible value only, and that value.

    Every table found on the way shows for many variables at once that they have a second value,
    so that few are solved for one by one. Those that are returned were: least equals greatest.

    Parameters
    ----------
    wanted : variables, each with the least and greatest value that matter. One that is found out
        to be something else is not returned.

    Raises
    ------
    ValueError
        If no table fits.
    """
    if not wanted:
        return {}
    asked, by_turns = np.zeros(len(system.low)), np.zeros(len(system.low))
    asked[list(wanted)] = 1.0
    by_turns[list(wanted)] = np.resize([1.0, -1.0], len(wanted))
    first = _extreme(system, asked, 1)
    is_open = _extreme(system, asked, -1) != first
    for sign in (1, -1):
        is_open |= _extreme(system, by_turns, sign) != first
    fixed = {}
    for variable, (least, most) in wanted.items():
        if not least <= first[variable] <= most:
            continue
        for sign in (1, -1):
            if not is_open[variable]:
                is_open |= _extreme(system, _at(system, variable), sign) != first
        if not is_open[variable]:
            fixed[variable] = int(first[variable])
    return fixed


def cheapest_widening(
    system: System, variable: int, value: int, cost: FloatArray, cap: int
) -> tuple[int, ...] | None:
    """The cheapest variables to hide so that ``variable`` may also be other than ``value``.

    A table is sought in which it is other, and which leaves the ranges of as little as possible.
    What it leaves has two values too once hidden: the true one, and this table's.

    Parameters
    ----------
    cost : (n) > 0 of hiding each variable; infinite where it may not be hidden.
    cap : the greatest value of a variable once it is hidden; the least is 0.

    Returns
    -------
    Variables in order, none if another value is possible already; or None: whatever is hidden, no
    other value is.
    """
    sides = ((-np.inf, value - 1.0), (value + 1.0, np.inf))
    for reach in (_REACH, float(cap)):
        seek = _Seek(system, variable, cost, np.minimum(system.high + reach, cap), reach)
        found = [f for side in sides if (f := _widened(seek, side)) is not None]
        if found:
            return min(found, key=lambda f: (cost[list(f)].sum(), f))
    return None


@dataclass(frozen=True)
class _Seek:
    """What ``cheapest_widening`` looks for, and how far outside its range a variable may go."""

    system: System
    variable: int
    cost: FloatArray
    top: FloatArray
    reach: float


def _widened(seek: _Seek, wanted: tuple[float, float]) -> tuple[int, ...] | None:
    system, n, v = seek.system, len(seek.system.low), seek.variable
    may = np.flatnonzero(np.isfinite(seek.cost))
    extra, rows = len(may), np.arange(len(may))
    low, high = system.low.copy(), system.high.copy()
    low[may] = np.maximum(low[may] - seek.reach, 0.0)
    high[may] = np.maximum(seek.top[may], high[may])
    # x + (range low - low) hide >= range low, and x - (high - range high) hide <= range high.
    down, up = np.zeros((extra, n + extra)), np.zeros((extra, n + extra))
    down[rows, may] = up[rows, may] = 1.0
    down[rows, n + rows] = system.low[may] - low[may]
    up[rows, n + rows] = system.high[may] - high[may]
    low[v], high[v] = max(low[v], wanted[0]), min(high[v], wanted[1])
    wide = System(
        np.concatenate([low, np.zeros(extra)]),
        np.concatenate([high, np.ones(extra)]),
        np.vstack([np.hstack([system.matrix, np.zeros((len(system.matrix), extra))]), down, up]),
        np.concatenate([system.least, system.low[may], np.full(extra, -np.inf)]),
        np.concatenate([system.most, np.full(extra, np.inf), system.high[may]]),
    )
    found = _solved(wide, np.concatenate([np.zeros(n), seek.cost[may]]))
    if found is None:
        return None
    outside = (found[:n] < system.low) | (found[:n] > system.high)
    return tuple(map(int, np.flatnonzero(outside)))


def _at(system: System, variable: int) -> FloatArray:
    asked = np.zeros(len(system.low))
    asked[variable] = 1.0
    return asked


def _extreme(system: System, asked: FloatArray, sign: int) -> IntArray:
    found = _solved(system, sign * asked)
    if found is None:
        raise ValueError("no table fits what is public")
    return found


def _solved(system: System, cost: FloatArray) -> IntArray | None:
    """The whole numbers that fit at least cost; None if none fit.

    Whole numbers are asked for only where the best of all numbers are not whole by themselves.
    """
    if np.any(system.low > system.high):
        return None
    for whole in (0.0, 1.0):
        found = milp(
            cost,
            integrality=np.full(len(cost), whole),
            bounds=Bounds(system.low, system.high),
            constraints=LinearConstraint(system.matrix, system.least, system.most),
            options={"mip_rel_gap": 0.0, "presolve": whole > 0},
        )
        if found.status == _INFEASIBLE:
            return None
        if found.status != _OPTIMAL:
            raise RuntimeError(f"the solver stopped without an answer: {found.message}")
        values: IntArray = np.rint(found.x).astype(np.int64)
        if np.abs(found.x - values).max() < _WHOLE and _fits(system, values):
            return values
    raise RuntimeError("the solver's table does not add up in whole numbers")


def _fits(system: System, values: IntArray) -> bool:
    sums = system.matrix @ values
    return bool(
        np.all((system.low <= values) & (values <= system.high))
        and np.all((system.least <= sums) & (sums <= system.most))
    )
