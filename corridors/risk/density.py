"""Equal-split continuous kernel density on a street network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy.sparse import coo_array

from corridors.errors import InputError
from corridors.model import FloatArray, IntArray
from corridors.risk.lattice import Lattice

_KERNELS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "quartic": lambda t: 15 / 16 * (1 - t**2) ** 2,
    "epanechnikov": lambda t: 3 / 4 * (1 - t**2),
}


def segment_density(
    lattice: Lattice,
    segment_id: IntArray,
    offset_m: FloatArray,
    weight: FloatArray,
    *,
    bandwidth_m: float,
    kernel: str = "quartic",
) -> FloatArray:
    r"""Mean density of weighted incidents on each segment.

    The density is :math:`f(x) = \sum_i w_i \sum_{walks} c(walk) K_h(|walk|)` over all walks from
    incident i to x, with :math:`K_h(d) = \frac{15}{16 h}(1 - d^2/h^2)^2` and c the product of the
    equal-split continuous coefficients at the junctions passed [1]_. It conserves mass and does
    not change when an incident at a junction is put on another arm.

    Parameters
    ----------
    segment_id, offset_m : (k,) place of each incident; metres from the u end.
    weight : (k,) or (k, c) dimensionless, several columns at once.
    bandwidth_m : kernel radius, metres, > 0.
    kernel : ``quartic`` or ``epanechnikov``.

    Returns
    -------
    (n,) or (n, c) weight per metre.

    Raises
    ------
    InputError
        For a bandwidth that is not positive or an unknown kernel.

    References
    ----------
    .. [1] Okabe & Sugihara (2012), Spatial Analysis along Networks, chapter 9; McSwiggan,
       Baddeley & Nair (2017), Scandinavian Journal of Statistics 44(2).
    """
    cell_mass = spread(
        lattice, segment_id, offset_m, weight, bandwidth_m=bandwidth_m, kernel=kernel
    )
    per_m = cell_mass / np.maximum(lattice.cell_length_m, lattice.cell_m)[:, None]
    count = np.diff(lattice.first)
    mean = np.add.reduceat(per_m, lattice.first[:-1], axis=0) / count[:, None]
    # Masses are sums of signed reflections: clear the rounding dust below zero.
    mean = np.maximum(mean, 0.0)
    return mean if np.ndim(weight) == 2 else mean[:, 0]


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
    steps = kernel_steps(bandwidth_m, lattice.cell_m, kernel)
    columns = np.asarray(weight, dtype=float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    state = _deposit(lattice, segment_id, offset_m) @ columns
    total = steps[0] * state
    for share in steps[1:]:
        state = lattice.step @ state
        total += share * state
    mass: FloatArray = total[: lattice.cells] + total[lattice.cells :]
    return mass


def kernel_steps(bandwidth_m: float, cell_m: float, kernel: str) -> FloatArray:
    """Share of the kernel's mass in each step of the wave, both ways together; sums to 1."""
    if not bandwidth_m > 0:
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


def _deposit(lattice: Lattice, segment_id: IntArray, offset_m: FloatArray) -> coo_array:
    """(2 cells, k): each incident on its two nearest cell centres, half each way.

    Beyond a segment's end the second centre lies across the junction; its share is scattered as
    a wave would be, in both directions, so that an incident on a junction is nobody's own.
    """
    first, count = lattice.first[segment_id], np.diff(lattice.first)[segment_id]
    at = np.clip(offset_m / lattice.length_m[segment_id], 0, 1) * count - 0.5
    left = np.floor(at).astype(np.int64)
    fraction = at - left
    incident = np.arange(len(segment_id))
    rows: list[IntArray] = []
    columns: list[IntArray] = []
    values: list[FloatArray] = []
    for position, share in ((left, 1 - fraction), (left + 1, fraction)):
        inside = (position >= 0) & (position < count)
        cell = (first + position)[inside]
        rows += [cell, lattice.cells + cell]
        columns += [incident[inside]] * 2
        values += [share[inside] / 2] * 2
    inner = coo_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(2 * lattice.cells, len(segment_id)),
    ).tocsr()
    ends = np.concatenate([2 * segment_id[left < 0], 2 * segment_id[left + 1 >= count] + 1])
    who = np.concatenate([incident[left < 0], incident[left + 1 >= count]])
    share = np.concatenate([1 - fraction[left < 0], fraction[left + 1 >= count]])
    over = coo_array(
        (share / 2, (ends, who)), shape=(2 * (len(lattice.first) - 1), len(segment_id))
    ).tocsr()
    outgoing = lattice.node_in @ over
    return inner + outgoing + _reversed(lattice, outgoing)


def _reversed(lattice: Lattice, states: coo_array) -> coo_array:
    """The same masses, going the other way."""
    flipped = states.tocoo()
    rows = (flipped.row + lattice.cells) % (2 * lattice.cells)
    return coo_array((flipped.data, (rows, flipped.col)), shape=states.shape).tocsr()
