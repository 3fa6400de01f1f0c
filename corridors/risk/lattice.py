"""A street network cut into cells on which a wave of density travels.

Two travelling masses a cell, one each way, so the state has 2 x cells entries: entry i goes from
u to v in cell i, entry cells + i goes from v to u. One sparse step moves every mass one cell on
and scatters it at junctions with the equal-split continuous coefficients: 2/n into each other
arm of a junction of n arms, (2 - n)/n back. Ends reflect, unless the network was cut there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from corridors.model import FloatArray, IntArray, Network
from corridors.tables import Nodes, Segments


@dataclass(frozen=True)
class Lattice:
    """Cells of all segments end to end; segment s owns ``first[s]`` to ``first[s + 1] - 1``."""

    cell_m: float  # wave step
    first: IntArray  # (n + 1)
    length_m: FloatArray  # (n) of segments
    step: csr_array  # (2 cells, 2 cells): state after = step @ state before
    node_in: csr_array  # (2 cells, 2 n): what a unit arriving at each segment's end becomes

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return int(self.first[-1])

    @property
    def cell_length_m(self) -> FloatArray:
        """(cells) length of each cell."""
        count = np.diff(self.first)
        return np.repeat(self.length_m / count, count)


def build_lattice(network: Network, cell_m: float) -> Lattice:
    """Cut every segment into max(1, floor(length / cell_m)) equal cells.

    Parameters
    ----------
    network : segments in EPSG:27700.
    cell_m : > 0, metres; the wave moves this far a step.
    """
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    count = np.maximum(1, np.floor(length_m / cell_m)).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(count)])
    node_in = _scatter(network, first)
    return Lattice(cell_m, first, length_m, _step(first, length_m, cell_m, node_in), node_in)


def _scatter(network: Network, first: IntArray) -> csr_array:
    """Column 2s: mass that leaves segment s at u; column 2s + 1: at v."""
    cells, n = int(first[-1]), len(first) - 1
    node = np.empty(2 * n, dtype=np.int64)
    node[0::2] = network.segments[Segments.u].to_numpy()
    node[1::2] = network.segments[Segments.v].to_numpy()
    # Into a segment at u goes the up-state of its first cell; at v the down-state of its last.
    entry = np.empty(2 * n, dtype=np.int64)
    entry[0::2] = first[:-1]
    entry[1::2] = cells + first[1:] - 1
    degree = np.bincount(node, minlength=len(network.nodes))
    absorbs = network.nodes[Nodes.is_clipped].to_numpy() & (degree == 1)
    order = np.argsort(node, kind="stable")
    start = np.concatenate([[0], np.cumsum(degree)])
    # Every ordered pair of arms at a node.
    arms = degree[node]
    column = np.repeat(np.arange(2 * n), arms)
    within = np.arange(len(column)) - np.repeat(np.cumsum(arms) - arms, arms)
    row_arm = order[np.repeat(start[node], arms) + within]
    share = 2.0 / arms[column] - (row_arm == column)
    share[absorbs[node[column]]] = 0.0
    return coo_array((share, (entry[row_arm], column)), shape=(2 * cells, 2 * n)).tocsr()


def _step(first: IntArray, length_m: FloatArray, cell_m: float, node_in: csr_array) -> csr_array:
    cells, count = int(first[-1]), np.diff(first)
    move = np.minimum(1.0, cell_m / np.repeat(length_m / count, count))  # NaN-free: lengths > 0
    cell = np.arange(cells)
    is_first = np.zeros(cells, dtype=bool)
    is_first[first[:-1]] = True
    is_last = np.zeros(cells, dtype=bool)
    is_last[first[1:] - 1] = True
    up, down = cell[~is_last], cell[~is_first]
    stay = np.flatnonzero(move < 1.0)
    rows = [up + 1, cells + down - 1, stay, cells + stay]
    columns = [up, cells + down, stay, cells + stay]
    values = [move[up], move[down], 1 - move[stay], 1 - move[stay]]
    inner = coo_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(2 * cells, 2 * cells),
    ).tocsr()
    # Which state leaves each segment end, and how much of it a step.
    n = len(count)
    leaving_row = np.empty(2 * n, dtype=np.int64)
    leaving_row[0::2], leaving_row[1::2] = 2 * np.arange(n), 2 * np.arange(n) + 1
    leaving_state = np.empty(2 * n, dtype=np.int64)
    leaving_state[0::2], leaving_state[1::2] = cells + first[:-1], first[1:] - 1
    leaving = coo_array(
        (move[leaving_state % cells], (leaving_row, leaving_state)), shape=(2 * n, 2 * cells)
    ).tocsr()
    return (inner + node_in @ leaving).tocsr()
