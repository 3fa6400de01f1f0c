"""A street network cut into cells on which a wave of density travels.

Every segment is floor(length / h) whole cells of the wave step h, counted from its u end, and a
rest that is shorter than a step. In whole cells mass moves one cell a step, one half each way, and
nothing is smeared. At junctions it scatters with the equal-split continuous coefficients: 2/n into
each other arm of a junction of n arms, (2 - n)/n back [1]_.

The rest of q = rest / h of a step delays what enters by q steps on average, as a first-order
all-pass filter does [2]_. With a = (1 - q) / (1 + q), x entering, y leaving and m kept,

.. math:: y = a x + (1 + a) m, \\qquad m' = (1 - a) x - a m

Mass is conserved, a uniform density keeps q h in the rest, the spread of arrival times is nil, and
both ways are alike. A segment shorter than a step is nothing but such a rest: a share of what
enters leaves in the same step and scatters on, perhaps through more of them. ``build_lattice``
solves that once.

References
----------
.. [1] Okabe & Sugihara (2012), Spatial Analysis along Networks, chapter 9.
.. [2] Laakso, Välimäki, Karjalainen & Laine (1996), Splitting the unit delay, IEEE Signal
   Processing Magazine 13(1); Thiran's filter of order one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array, csr_array, eye_array
from scipy.sparse.csgraph import connected_components

from corridors.arrays import FloatArray, IntArray
from corridors.errors import InputError
from corridors.model import Network
from corridors.tables import Nodes, Segments

DEAD_ENDS = ("reflect", "absorb")
_SAME = 1e-12  # relative: a length this close to whole steps is whole steps
_DUST = 1e-18  # shares of a unit that are not worth keeping


@dataclass(frozen=True)
class Lattice:
    """Cells of all segments end to end; segment s owns ``first[s]`` to ``first[s + 1] - 1``.

    Arms of nodes are numbered s for the u end of segment s, n + s for its v end, and from 2 n on
    for the ``outer`` arms: a node that absorbs has one, and what enters it never comes back.
    """

    cell_m: float  # wave step
    first: IntArray  # (n + 1)
    length_m: FloatArray  # (n) of segments
    whole: IntArray  # (n) whole cells; a rest, if any, is the last cell
    rest_share: FloatArray  # (n) rest / cell_m, in [0, 1)
    arm_node: IntArray  # (2 n + outer) node of each arm
    arm_share: FloatArray  # (2 n + outer) 2 / arms of that node
    junction: csr_array  # square: what enters each arm of a unit that arrives by another

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return int(self.first[-1])

    @property
    def outer(self) -> int:
        """How many nodes absorb."""
        return len(self.arm_node) - 2 * len(self.whole)

    @property
    def cell_length_m(self) -> FloatArray:
        """(cells) length of each cell."""
        length_m = np.full(self.cells, self.cell_m)
        rest = self.rest_share > 0
        length_m[self.first[1:][rest] - 1] = self.rest_share[rest] * self.cell_m
        return length_m

    @property
    def through(self) -> FloatArray:
        """(n) share of what enters a segment's rest that leaves it in the same step."""
        out: FloatArray = (1 - self.rest_share) / (1 + self.rest_share)
        return out

    @property
    def kept(self) -> FloatArray:
        """(n) share of what enters a segment's rest that stays there: 1 - through, to the bit."""
        out: FloatArray = 2 * self.rest_share / (1 + self.rest_share)
        return out


def build_lattice(network: Network, cell_m: float, *, dead_end: str = "reflect") -> Lattice:
    """Cut every segment into whole cells of ``cell_m`` and a rest.

    Parameters
    ----------
    network : segments in EPSG:27700, longer than 0 m.
    cell_m : > 0, metres; the wave moves this far a step.
    dead_end : ``reflect``: mass turns round at true dead ends and leaves where the network was
        clipped. ``absorb``: it leaves at every node of one arm.

    Raises
    ------
    InputError
        For a cell or a segment without length, or an unknown ``dead_end``.
    """
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    _check(length_m, cell_m, dead_end)
    steps = length_m / cell_m
    nearest = np.rint(steps)
    is_whole = (np.abs(steps - nearest) <= _SAME * nearest) & (nearest > 0)
    whole = np.where(is_whole, nearest, np.floor(steps)).astype(np.int64)
    rest_share = np.where(is_whole, 0.0, steps - whole)
    arm_node = _arms(network, dead_end)
    arm_share = 2.0 / np.bincount(arm_node)[arm_node]
    through = np.where(whole == 0, (1 - rest_share) / (1 + rest_share), 0.0)
    return Lattice(
        cell_m=cell_m,
        first=np.concatenate([[0], np.cumsum(whole + (rest_share > 0))]),
        length_m=length_m,
        whole=whole,
        rest_share=rest_share,
        arm_node=arm_node,
        arm_share=arm_share,
        junction=_through_short(_scatter(arm_node, arm_share), through),
    )


def _check(length_m: FloatArray, cell_m: float, dead_end: str) -> None:
    if dead_end not in DEAD_ENDS:
        raise InputError(f"dead_end is one of {', '.join(DEAD_ENDS)}", value=dead_end)
    if not 0 < cell_m < np.inf:
        raise InputError("the cell must be longer than 0 m", value=cell_m)
    bad = np.flatnonzero(~((length_m > 0) & (length_m < np.inf)))
    if len(bad):
        raise InputError(
            f"segment {bad[0]} has no length on which density could lie",
            column=Segments.length_m,
            value=length_m[bad[0]],
            fix="Drop it and join its ends",
        )


def _arms(network: Network, dead_end: str) -> IntArray:
    ends = network.segments[[Segments.u, Segments.v]].to_numpy(dtype=np.int64).T.ravel()
    is_end = np.bincount(ends, minlength=len(network.nodes)) == 1
    is_clipped = network.nodes[Nodes.is_clipped].to_numpy(dtype=bool)
    absorbs = is_end & (is_clipped | (dead_end == "absorb"))
    # A street that goes on for ever takes all and returns nothing: two arms do not reflect.
    return np.concatenate([ends, np.flatnonzero(absorbs)])


def _scatter(node: IntArray, share: FloatArray) -> csr_array:
    """(arms, arms): column i is what enters each arm of a unit that arrives by arm i."""
    order = np.argsort(node, kind="stable")
    degree = np.bincount(node)
    start = np.cumsum(degree) - degree
    arms = degree[node]
    # Every ordered pair of arms at a node.
    column = np.repeat(np.arange(len(node)), arms)
    within = np.arange(len(column)) - np.repeat(np.cumsum(arms) - arms, arms)
    row = order[np.repeat(start[node], arms) + within]
    value = share[column] - (row == column)
    return coo_array((value, (row, column)), shape=(len(node), len(node))).tocsr()


def _through_short(scatter: csr_array, through: FloatArray) -> csr_array:
    r"""``scatter``, and on through every segment that is shorter than a step.

    With T the scattering, Q the passage from one end of a short segment to its other end, and
    b what arrives out of cells, the arrivals are a = b + Q T a, and T a enters. T is a reflection
    and the norm of Q is below 1, so that I - Q T can be inverted on every network.
    """
    short = np.flatnonzero(through)
    if not len(short):
        return scatter
    n = len(through)
    ends = np.concatenate([short, n + short])
    others = np.concatenate([n + short, short])
    passed = scatter[others].multiply(np.tile(through[short], 2)[:, None]).tocsc()
    own = passed[:, ends]
    # Ends that are not of short segments arrive as they are; those of short ones add up.
    sources = np.union1d(ends, np.flatnonzero(np.diff(passed.indptr)))
    position = np.searchsorted(sources, ends)
    is_end = np.zeros(len(sources), dtype=bool)
    is_end[position] = True
    others_pass = passed[:, sources].multiply(~is_end)
    itself = coo_array(
        (np.ones(len(ends)), (np.arange(len(ends)), position)), shape=others_pass.shape
    )
    outside = (others_pass + itself).tocsc()
    rows, columns, values = _solve(csr_array(eye_array(len(ends)) - own), outside.tocsr())
    is_short = np.zeros(scatter.shape[0], dtype=bool)
    is_short[ends] = True
    long = np.flatnonzero(~is_short)
    arrivals = coo_array(
        (
            np.concatenate([np.ones(len(long)), values]),
            (np.concatenate([long, ends[rows]]), np.concatenate([long, sources[columns]])),
        ),
        shape=scatter.shape,
    ).tocsr()
    return (scatter @ arrivals).tocsr()


def _solve(left: csr_array, right: csr_array) -> tuple[IntArray, IntArray, FloatArray]:
    """Rows, columns and values of left^-1 right, one cluster of short segments after another."""
    count, cluster = connected_components(left, directed=False)
    order = np.argsort(cluster, kind="stable")
    bounds = np.searchsorted(cluster[order], np.arange(count + 1))
    left, right = left[order][:, order].tocsr(), right[order].tocsr()
    rows, columns, values = [], [], []
    for begin, end in pairwise(bounds.tolist()):
        own = left[begin:end, begin:end].toarray()
        beside = right[begin:end].tocoo()
        used, at = np.unique(beside.col, return_inverse=True)
        given = np.zeros((end - begin, len(used)))
        given[beside.row, at] = beside.data
        found = np.linalg.solve(own, given)
        found += np.linalg.solve(own, given - own @ found)  # refined, for very short segments
        row, column = np.nonzero(np.abs(found) > _DUST)
        rows.append(order[begin + row])
        columns.append(used[column])
        values.append(found[row, column])
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
