"""Network kernel densities by enumerating every walk: exact, slow, and the tests' oracle only.

It shares nothing with ``corridors.risk``: no cells, no steps, kernels and their integrals in
closed form. Walks that come to the same arm after the same distance go on as one.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence

import networkx as nx
import numpy as np

from corridors.model import Network
from corridors.tables import Nodes, Segments

Place = tuple[int, float]  # segment, metres from its u end

# Kernel and its integral from 0, for t = distance / bandwidth in [0, 1], times the bandwidth.
KERNELS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "quartic": (
        lambda t: 15 / 16 * (1 - t * t) ** 2,
        lambda t: 15 / 16 * (t - 2 * t**3 / 3 + t**5 / 5),
    ),
    "epanechnikov": (lambda t: 3 / 4 * (1 - t * t), lambda t: 3 / 4 * (t - t**3 / 3)),
    "triangle": (lambda t: 1 - t, lambda t: t - t * t / 2),
    "uniform": (lambda _: 0.5, lambda t: t / 2),
    "cosine": (
        lambda t: math.pi / 4 * math.cos(math.pi * t / 2),
        lambda t: math.sin(math.pi * t / 2) / 2,
    ),
}


def kernel_at(distance_m: float, bandwidth_m: float, kernel: str = "quartic") -> float:
    """Per metre; integrates to 1 from -bandwidth to bandwidth."""
    t = distance_m / bandwidth_m
    return KERNELS[kernel][0](t) / bandwidth_m if t < 1 else 0.0


def kernel_between(low_m: float, high_m: float, bandwidth_m: float, kernel: str) -> float:
    """The kernel's integral between two distances, 0 <= low <= high."""
    total = KERNELS[kernel][1]
    return total(min(high_m / bandwidth_m, 1.0)) - total(min(low_m / bandwidth_m, 1.0))


def density_at(
    network: Network,
    source: Place,
    samples: Sequence[Place],
    *,
    bandwidth_m: float,
    kernel: str = "quartic",
    estimator: str = "esc",
    dead_end: str = "reflect",
) -> np.ndarray:
    """Density per metre at each sample of one incident of weight 1.

    ``estimator``: ``simple`` (shortest path), ``esd`` or ``esc``. ``dead_end``: ``reflect`` (but
    clipped nodes absorb) or ``absorb``.
    """
    found = np.zeros(len(samples))
    if estimator == "simple":
        for i, d in enumerate(_shortest(network, source, samples)):
            found[i] = kernel_at(d, bandwidth_m, kernel)
        return found
    on: dict[int, list[int]] = {}
    for i, (segment, _) in enumerate(samples):
        on.setdefault(segment, []).append(i)
    for segment, start_m, end_m, d, share in _stretches(
        network, source, bandwidth_m, estimator, dead_end
    ):
        for i in on.get(segment, []):
            at_m = samples[i][1]
            ahead_m = at_m - start_m if end_m > start_m else start_m - at_m
            # The incident's own place belongs to the walk towards v only.
            if ahead_m > 0 or (ahead_m == 0 and (d > 0 or end_m > start_m)):
                found[i] += share * kernel_at(d + ahead_m, bandwidth_m, kernel)
    return found


def mass_on_segments(
    network: Network,
    source: Place,
    *,
    bandwidth_m: float,
    kernel: str = "quartic",
    estimator: str = "esc",
    dead_end: str = "reflect",
) -> np.ndarray:
    """The integral over each segment of the density of one incident of weight 1."""
    mass = np.zeros(len(network.segments))
    if estimator == "simple":
        for segment, low_m, high_m in _shortest_stretches(network, source):
            mass[segment] += kernel_between(low_m, high_m, bandwidth_m, kernel)
        return mass
    for segment, start_m, end_m, d, share in _stretches(
        network, source, bandwidth_m, estimator, dead_end
    ):
        mass[segment] += share * kernel_between(d, d + abs(end_m - start_m), bandwidth_m, kernel)
    return mass


def _stretches(
    network: Network, source: Place, bandwidth_m: float, estimator: str, dead_end: str
) -> Iterator[tuple[int, float, float, float, float]]:
    """(segment, from, to, distance at from, coefficient) of every stretch of every walk."""
    length_m = network.segments[Segments.length_m].tolist()
    node = network.segments[[Segments.u, Segments.v]].to_numpy().tolist()
    clipped = network.nodes[Nodes.is_clipped].tolist()
    arms: dict[int, list[tuple[int, int]]] = {}
    for segment, ends in enumerate(node):
        for end in (0, 1):
            arms.setdefault(ends[end], []).append((segment, end))
    # A walk leaves `end` of a segment; the key merges walks whose distances differ by rounding.
    waiting: dict[tuple[int, int, int], list[float]] = {}
    order: list[tuple[float, tuple[int, int, int]]] = []

    def arrive(segment: int, end: int, d: float, share: float) -> None:
        key = (segment, end, round(d * 1e9))
        if key in waiting:
            waiting[key][1] += share
        elif d < bandwidth_m:
            waiting[key] = [d, share]
            heapq.heappush(order, (d, key))

    segment, at_m = source
    yield segment, at_m, length_m[segment], 0.0, 1.0
    yield segment, at_m, 0.0, 0.0, 1.0
    arrive(segment, 1, length_m[segment] - at_m, 1.0)
    arrive(segment, 0, at_m, 1.0)
    while order:
        _, key = heapq.heappop(order)
        d, share = waiting.pop(key)
        here = node[key[0]][key[1]]
        for arm in arms[here]:
            part = share * _coefficient(
                estimator, len(arms[here]), arm == key[:2], clipped[here] or dead_end == "absorb"
            )
            if part:
                start_m, end_m = (0.0, length_m[arm[0]]) if arm[1] == 0 else (length_m[arm[0]], 0.0)
                yield arm[0], start_m, end_m, d, part
                arrive(arm[0], 1 - arm[1], d + length_m[arm[0]], part)


def _coefficient(estimator: str, degree: int, is_back: bool, absorbs: bool) -> float:
    if degree == 1:
        return 0.0 if absorbs else 1.0
    if estimator == "esd":
        return 0.0 if is_back else 1 / (degree - 1)
    return 2 / degree - is_back


def _distances(network: Network, source: Place) -> dict[int, float]:
    graph = nx.Graph()
    graph.add_nodes_from(range(len(network.nodes)))
    columns = network.segments[[Segments.u, Segments.v, Segments.length_m]]
    for u, v, length_m in columns.itertuples(index=False):
        if u != v and length_m < graph.get_edge_data(u, v, {"m": math.inf})["m"]:
            graph.add_edge(u, v, m=length_m)
    u, v, length_m = columns.iloc[source[0]]
    graph.add_edge("here", int(u), m=source[1])
    if int(v) == int(u):
        graph.add_edge("here", int(u), m=min(source[1], length_m - source[1]))
    else:
        graph.add_edge("here", int(v), m=length_m - source[1])
    return nx.single_source_dijkstra_path_length(graph, "here", weight="m")


def _shortest(network: Network, source: Place, samples: Sequence[Place]) -> Iterator[float]:
    to_node = _distances(network, source)
    for segment, at_m in samples:
        row = network.segments.iloc[segment]
        ways = [
            to_node.get(row[Segments.u], math.inf) + at_m,
            to_node.get(row[Segments.v], math.inf) + row[Segments.length_m] - at_m,
        ]
        yield min([*ways, abs(at_m - source[1])] if segment == source[0] else ways)


def _shortest_stretches(network: Network, source: Place) -> Iterator[tuple[int, float, float]]:
    """(segment, distance at its near end, at its far end) of stretches walked one way only."""
    to_node = _distances(network, source)
    for segment, row in enumerate(network.segments.itertuples()):
        u_m, v_m = to_node.get(row.u, math.inf), to_node.get(row.v, math.inf)
        if math.isinf(u_m):
            continue
        pieces = [(u_m, v_m, row.length_m)]
        if segment == source[0]:
            pieces = [(u_m, 0.0, source[1]), (0.0, v_m, row.length_m - source[1])]
        for near_m, far_m, length_m in pieces:
            meet_m = min(max((far_m + length_m - near_m) / 2, 0.0), length_m)
            yield segment, near_m, near_m + meet_m
            yield segment, far_m, far_m + length_m - meet_m
