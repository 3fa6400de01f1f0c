"""Equal-split continuous kernel density on a street network.

A wave leaves every incident, half each way. Its mass after i steps, times the kernel's share of
step i, summed over the steps, is the density (see ``lattice``). Only the ends of segments are
worked on: what travels within a segment waits in a ring for its turn to leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss

from corridors.arrays import FloatArray, IntArray
from corridors.errors import InputError
from corridors.risk.lattice import Lattice

_KERNELS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "quartic": lambda t: 15 / 16 * (1 - t**2) ** 2,
    "epanechnikov": lambda t: 3 / 4 * (1 - t**2),
}


@dataclass(frozen=True)
class _Front:
    """The wave after some steps; its arrays are worked on in place and must not be kept."""

    step: int
    segment_mass: FloatArray  # (n,) or (n, c)
    up: FloatArray  # (cells, ...) towards v, turned by `step` within each segment's whole cells
    down: FloatArray  # (cells, ...) towards u, turned the other way
    rest: FloatArray  # (n, ...) in the rest, both ways


@dataclass(frozen=True)
class _Deposit:
    """Where the wave starts, both ways alike."""

    cells: FloatArray  # (cells,) or (cells, c)
    outer: FloatArray  # (outer, ...) one cell beyond the nodes that absorb


def segment_densities(
    lattice: Lattice,
    segment_id: IntArray,
    offset_m: FloatArray,
    weight: FloatArray,
    *,
    bandwidths_m: Sequence[float],
    kernel: str = "quartic",
) -> FloatArray:
    r"""Mean density of weighted incidents on each segment, at several bandwidths at once.

    The density is :math:`f(x) = \sum_i w_i \sum_{walks} c(walk) K_h(|walk|)` over all walks from
    incident i to x, with :math:`K_h(d) = \frac{15}{16 h}(1 - d^2/h^2)^2` and c the product of the
    equal-split continuous coefficients at the junctions passed [1]_. It conserves mass and does
    not change when an incident at a junction is put on another arm. Reflections are signed: next
    to junctions of many arms it can fall below zero, and is left there, for mass is conserved.

    Parameters
    ----------
    segment_id, offset_m : (k,) place of each incident; metres from the u end.
    weight : (k,) or (k, c) dimensionless, several columns at once.
    bandwidths_m : (b,) kernel radii, metres, > 0.
    kernel : ``quartic`` or ``epanechnikov``.

    Returns
    -------
    (b, n) or (b, n, c) weight per metre. The last bits depend on the order of incidents.

    Raises
    ------
    InputError
        For a bandwidth that is not positive, an unknown kernel, or incidents whose arrays do not
        match or that lie on no segment.

    References
    ----------
    .. [1] Okabe & Sugihara (2012), Spatial Analysis along Networks, chapter 9; McSwiggan,
       Baddeley & Nair (2017), Scandinavian Journal of Statistics 44(2).
    """
    shares = [kernel_steps(b, lattice.cell_m, kernel) for b in bandwidths_m]
    deposit = _deposit(lattice, segment_id, offset_m, weight)
    mass = np.zeros((len(shares), len(lattice.length_m), *deposit.cells.shape[1:]))
    longest = max((len(share) for share in shares), default=0)
    for front in _wave(lattice, deposit, longest):
        for i, share in enumerate(shares):
            if front.step < len(share):
                mass[i] += share[front.step] * front.segment_mass
    mass /= _beside(lattice.length_m, deposit.cells)
    return mass


def segment_density(
    lattice: Lattice,
    segment_id: IntArray,
    offset_m: FloatArray,
    weight: FloatArray,
    *,
    bandwidth_m: float,
    kernel: str = "quartic",
) -> FloatArray:
    """Mean density on each segment at one bandwidth: see ``segment_densities``.

    Returns
    -------
    (n,) or (n, c) weight per metre.
    """
    found: FloatArray = segment_densities(
        lattice, segment_id, offset_m, weight, bandwidths_m=[bandwidth_m], kernel=kernel
    )[0]
    return found


def spread(
    lattice: Lattice,
    segment_id: IntArray,
    offset_m: FloatArray,
    weight: FloatArray,
    *,
    bandwidth_m: float,
    kernel: str = "quartic",
) -> FloatArray:
    """Smoothed mass in each cell: (cells, c). Its sum is the sum of weights if no end absorbs."""
    columns = np.asarray(weight, dtype=float).reshape(len(weight), -1)
    deposit = _deposit(lattice, segment_id, offset_m, columns)
    return _cells(lattice, deposit, kernel_steps(bandwidth_m, lattice.cell_m, kernel))


def spread_cells(
    lattice: Lattice, cell_mass: FloatArray, *, bandwidth_m: float, kernel: str = "quartic"
) -> FloatArray:
    """Smooth masses that lie evenly in cells: (cells,) or (cells, c), and so returned.

    Masses of ``lattice.cell_length_m`` come back as they went in, if no end absorbs.
    """
    outer = np.zeros((lattice.outer, *cell_mass.shape[1:]))
    share = kernel_steps(bandwidth_m, lattice.cell_m, kernel)
    return _cells(lattice, _Deposit(cell_mass, outer), share)


def _cells(lattice: Lattice, deposit: _Deposit, share: FloatArray) -> FloatArray:
    count = np.diff(lattice.first)
    own = np.repeat(np.arange(len(count)), count)
    within = np.arange(lattice.cells) - lattice.first[own]
    ring = np.maximum(lattice.whole[own], 1)
    is_rest = within == lattice.whole[own]
    total = np.zeros(deposit.cells.shape)
    for front in _wave(lattice, deposit, len(share)):
        slot = lattice.first[own] + (within - front.step) % ring
        mass = front.up[slot] + front.down[lattice.first[own] + (within + front.step) % ring]
        mass[is_rest] = front.rest[own[is_rest]]
        total += share[front.step] * mass
    return total


def kernel_steps(bandwidth_m: float, cell_m: float, kernel: str) -> FloatArray:
    """Share of the kernel's mass in each step of the wave, both ways together; sums to 1."""
    if not 0 < bandwidth_m < np.inf:
        raise InputError("the bandwidth must be positive", value=bandwidth_m)
    if kernel not in _KERNELS:
        raise InputError(f"unknown kernel; known: {', '.join(_KERNELS)}", value=kernel)
    shape = _KERNELS[kernel]
    count = int(np.ceil(bandwidth_m / cell_m - 0.5)) + 1
    low = np.maximum((np.arange(count) - 0.5) * cell_m, 0.0)
    high = np.minimum((np.arange(count) + 0.5) * cell_m, bandwidth_m)
    nodes, weights = leggauss(8)
    half = np.maximum(high - low, 0.0) / 2
    at = (low + half)[:, None] + half[:, None] * nodes
    share = (shape(np.minimum(at / bandwidth_m, 1.0)) * weights).sum(axis=1) * half
    out: FloatArray = share / share.sum()
    return out


def _wave(lattice: Lattice, deposit: _Deposit, count: int) -> Iterator[_Front]:
    """The wave that leaves a deposit, half each way, at ``count`` steps from 0 on."""
    cell_mass, n = deposit.cells, len(lattice.whole)
    start, end = lattice.first[:-1], lattice.first[1:]
    short, rest = np.flatnonzero(lattice.whole == 0), np.flatnonzero(lattice.rest_share)
    pass_on = _beside(lattice.through, cell_mass)
    give, keep = 1 + pass_on, _beside(lattice.kept, cell_mass)
    mass = np.add.reduceat(cell_mass, start, axis=0)
    up, rest_up = cell_mass / 2, np.zeros_like(mass)
    rest_up[rest] = up[end[rest] - 1]
    up[end[rest] - 1] = 0.0  # a short segment's one cell stays empty in the ring
    down, rest_down = up.copy(), rest_up.copy()
    # The cells from which mass leaves next.
    final = start + np.maximum(lattice.whole, 1) - 1
    at_up, at_down = final.copy(), start.copy()
    arriving = np.concatenate([np.zeros((2 * n, *cell_mass.shape[1:])), deposit.outer / 2])
    at_u, at_v = arriving[:n], arriving[n : 2 * n]
    for step in range(count):
        yield _Front(step, mass, up, down, rest_up + rest_down)
        enters_rest = up.take(at_up, axis=0)
        rest_gives = give * rest_down
        at_u[:] = down.take(at_down, axis=0)
        at_u[short] = rest_gives[short]
        np.multiply(give, rest_up, out=at_v)
        at_v += pass_on * enters_rest
        entering = lattice.junction @ arriving
        arriving[2 * n :] = 0.0  # nothing follows from outside
        into_u, into_v = entering[:n], entering[n : 2 * n]
        mass += into_u
        mass += into_v
        mass -= at_u
        mass -= at_v
        up[at_up] = into_u
        down[at_down] = rest_gives + pass_on * into_v
        up[start[short]] = down[start[short]] = 0.0
        enters_rest[short] = into_u[short]
        rest_up = keep * enters_rest - pass_on * rest_up
        rest_down = keep * into_v - pass_on * rest_down
        mass[short] = rest_up[short] + rest_down[short]
        at_up = np.where(at_up == start, final, at_up - 1)
        at_down = np.where(at_down == final, start, at_down + 1)


def _beside(values: FloatArray, columns: FloatArray) -> FloatArray:
    """(n,) values shaped to be multiplied with (n,) or (n, c) ``columns``."""
    return values.reshape(-1, *(1,) * (columns.ndim - 1))


def _deposit(
    lattice: Lattice, segment_id: IntArray, offset_m: FloatArray, weight: FloatArray
) -> _Deposit:
    """Each incident shared between its cell's centre and nearer edge.

    An edge gives what it has to both its sides, a junction to all its arms alike.
    """
    columns = _checked(lattice, segment_id, offset_m, weight)
    first, whole = lattice.first[segment_id], lattice.whole[segment_id]
    at = np.clip(offset_m / lattice.cell_m, 0.0, whole + lattice.rest_share[segment_id])
    cell = np.minimum(np.floor(at).astype(np.int64), lattice.first[segment_id + 1] - first - 1)
    size = np.where(cell < whole, 1.0, lattice.rest_share[segment_id])
    aside = np.clip(2 * (at - cell) / size - 1, -1.0, 1.0)  # -1 and 1 at the edges, 0 at the centre
    edge = cell + (aside > 0)
    to_edge = np.abs(aside)
    centre = _tally(first + cell, 1 - to_edge, columns, lattice.cells)
    edges = _tally(first + segment_id + edge, to_edge, columns, lattice.cells + len(lattice.whole))
    beside, outside = _from_edges(lattice, edges)
    return _Deposit(centre + beside, outside)


def _checked(
    lattice: Lattice, segment_id: IntArray, offset_m: FloatArray, weight: FloatArray
) -> FloatArray:
    columns = np.asarray(weight, dtype=float)
    if np.shape(segment_id) != np.shape(offset_m) or len(columns) != len(segment_id):
        raise InputError("incidents need one segment, one offset and one weight each")
    bad = np.flatnonzero((segment_id < 0) | (segment_id >= len(lattice.length_m)))
    if len(bad):
        raise InputError("an incident lies on no segment", row=int(bad[0]) + 2)
    if not (np.isfinite(offset_m).all() and np.isfinite(columns).all()):
        raise InputError("an incident's offset or weight is not a number")
    return columns


def _tally(at: IntArray, share: FloatArray, columns: FloatArray, count: int) -> FloatArray:
    if columns.ndim == 1:
        return np.bincount(at, weights=share * columns, minlength=count).astype(float)
    out = np.empty((count, columns.shape[1]))
    for i, column in enumerate(columns.T):
        out[:, i] = np.bincount(at, weights=share * column, minlength=count)
    return out


def _from_edges(lattice: Lattice, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Masses on edges as masses in cells and on outer arms.

    Segment s owns the edges ``first[s] + s`` to ``first[s + 1] + s``. Mass on an edge is as likely
    to have just crossed it, either way, as to be about to.
    """
    n, first, last = len(lattice.whole), lattice.first[:-1], lattice.first[1:] - 1
    cell = np.arange(lattice.cells) + np.repeat(np.arange(n), last - first + 1)
    pass_on, keep = _beside(lattice.through, edges), _beside(lattice.kept, edges)
    has_rest, is_long = np.flatnonzero(lattice.rest_share), lattice.whole > 0
    ends = np.concatenate([edges[cell[first]], edges[cell[last] + 1]])
    at_node = np.zeros((int(lattice.arm_node.max()) + 1, *edges.shape[1:]))
    np.add.at(at_node, lattice.arm_node[: 2 * n], ends)
    arriving = _beside(lattice.arm_share, edges) * at_node[lattice.arm_node]
    # Inner edges: what crossed towards v is in the cell after, towards u in the cell before.
    after, before = edges[cell], edges[cell + 1]
    after[first] = before[last] = 0.0
    arriving[n + has_rest] += (pass_on * after[last])[has_rest]
    after[last[has_rest]] *= keep[has_rest]
    entering = lattice.junction @ arriving
    at_u, at_v = entering[:n], entering[n : 2 * n]
    crossed = after + before
    crossed[first[is_long]] += at_u[is_long]
    crossed[first[~is_long]] += (keep * at_u)[~is_long]
    crossed[last[has_rest]] += (keep * at_v)[has_rest]
    crossed[(first + lattice.whole - 1)[is_long]] += (pass_on * at_v)[is_long]
    return crossed / 2, entering[2 * n :] / 2
