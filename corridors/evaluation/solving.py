"""What an outsider can work out: least and greatest values over all whole tables that fit.

Everything public is a range of whole numbers for a variable (a cell, a total) and linear equations
between them. A value is found out where its least and its greatest possible value are the same.
All variables are whole numbers for the solver too: with totals alone the linear program would do,
its corners being whole, but statements on sums of cells can break that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from corridors.arrays import FloatArray, IntArray

_OPTIMAL, _INFEASIBLE = 0, 2  # scipy's codes


@dataclass(frozen=True)
class System:
    """Whole numbers within ranges, and linear rows that bind them."""

    low: FloatArray  # (n) least value of each variable
    high: FloatArray  # (n) greatest, finite
    matrix: FloatArray  # (m, n)
    least: FloatArray  # (m) of each row's sum
    most: FloatArray  # (m)


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
    found = [f for s in sides if (f := _widened(system, variable, s, cost, cap)) is not None]
    return min(found, key=lambda f: (cost[list(f)].sum(), f)) if found else None


def _widened(
    system: System, variable: int, wanted: tuple[float, float], cost: FloatArray, cap: int
) -> tuple[int, ...] | None:
    n, may = len(system.low), np.flatnonzero(np.isfinite(cost))
    low, top = system.low.copy(), system.high.copy()
    low[may], top[may] = 0.0, np.maximum(cap, top[may])
    low[variable], top[variable] = max(low[variable], wanted[0]), min(top[variable], wanted[1])
    if low[variable] > top[variable]:
        return None
    # x + low * hide >= low, and x - (top - high) * hide <= high, for all that may be hidden.
    down, up = np.zeros((len(may), n + len(may))), np.zeros((len(may), n + len(may)))
    rows = np.arange(len(may))
    down[rows, may] = up[rows, may] = 1.0
    down[rows, n + rows] = system.low[may]
    up[rows, n + rows] = -(np.maximum(cap, system.high[may]) - system.high[may])
    wide = System(
        np.concatenate([low, np.zeros(len(may))]),
        np.concatenate([top, np.ones(len(may))]),
        np.vstack([np.hstack([system.matrix, np.zeros((len(system.matrix), len(may)))]), down, up]),
        np.concatenate([system.least, system.low[may], np.full(len(may), -np.inf)]),
        np.concatenate([system.most, np.full(len(may), np.inf), system.high[may]]),
    )
    found = _solved(wide, np.concatenate([np.zeros(n), cost[may]]))
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
    """The whole numbers that fit at least cost; None if none fit."""
    if np.any(system.low > system.high):
        return None
    found = milp(
        cost,
        integrality=np.ones(len(cost)),
        bounds=Bounds(system.low, system.high),
        constraints=LinearConstraint(system.matrix, system.least, system.most),
        options={"mip_rel_gap": 0.0},
    )
    if found.status == _INFEASIBLE:
        return None
    if found.status != _OPTIMAL:
        raise RuntimeError(f"the solver stopped without an answer: {found.message}")
    whole: IntArray = np.rint(found.x).astype(np.int64)
    sums = system.matrix @ whole
    if np.any(sums < system.least - 0.5) or np.any(sums > system.most + 0.5):
        raise RuntimeError("the solver's table does not add up once rounded")
    return whole
