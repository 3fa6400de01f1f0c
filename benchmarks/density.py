"""Density on 50,000 streets: seconds and memory, against the simple estimator, and how exact.

The peer is the simple network estimator, written below: shortest paths from every junction as far
as the bandwidth (scipy's Dijkstra), then the kernel of each incident at the middle of each street
in reach. It does all of the same work: every incident, none collapsed, none left out. The lattice
is the product's. Both run in one process of their own on one thread, and seconds are of the
processor, so that a neighbour on the machine does not count. ``peak`` is what the process needed
at most beyond what it held when the density began: packages, network, incidents and lattice.

``density.rms`` is against every walk, enumerated by the tests' oracle, on a small network of bent
blocks with short links: the root mean square of the error over that of the density, in all
streets of the network. ``density.simple.mass`` is what the simple estimator makes of a mass of 1.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from corridors.arrays import FloatArray, IntArray
from corridors.model import Network
from corridors.risk.density import segment_densities, segment_density
from corridors.risk.lattice import Lattice, build_lattice
from corridors.tables import Nodes, Segments

ROOT = Path(__file__).resolve().parent.parent
SIDE, MEAN_M, INCIDENTS, BANDWIDTH_M, CELL_M = 159, 65.0, 500_000, 200.0, 5.0
LIMIT_S, LIMIT_MB = 0.5, 500.0
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}

Figure = tuple[str, float, str]


@dataclass(frozen=True)
class Streets:
    """A grid of streets of uneven length, and incidents on them."""

    network: Network
    u: IntArray
    v: IntArray
    length_m: FloatArray
    segment_id: IntArray
    offset_m: FloatArray

    @classmethod
    def made(cls, side: int, incidents: int) -> Streets:
        rng = np.random.default_rng(1)
        node = np.arange(side * side).reshape(side, side)
        u = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
        v = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
        length_m = rng.gamma(3.0, MEAN_M / 3, len(u)) + 0.1
        frame = pd.DataFrame({Segments.u: u, Segments.v: v, Segments.length_m: length_m})
        nodes = pd.DataFrame({Nodes.is_clipped: np.zeros(side * side, dtype=bool)})
        segment_id = rng.integers(0, len(u), incidents)
        offset_m = rng.random(incidents) * length_m[segment_id]
        return cls(Network(frame, nodes), u, v, length_m, segment_id, offset_m)


def run() -> list[Figure]:
    """Figures as (name, value, unit)."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.density"],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | _ONE_THREAD,
    )
    return [(n, v, u) for n, v, u in json.loads(done.stdout)] + _exactness()


def _large() -> list[Figure]:
    streets = Streets.made(SIDE, INCIDENTS)
    build_s, lattice = _timed(lambda: build_lattice(streets.network, CELL_M))
    weight, held_mb = np.ones(INCIDENTS), _held_mb()
    place = (lattice, streets.segment_id, streets.offset_m, weight)
    density_s, density = _timed(lambda: segment_density(*place, bandwidth_m=BANDWIDTH_M))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - held_mb
    for _ in range(4):  # memory is of the first time, seconds are of the best
        again_s, _ = _timed(lambda: segment_density(*place, bandwidth_m=BANDWIDTH_M))
        density_s = min(density_s, again_s)
    simple_s, simple = _timed(lambda: simple_density(streets, BANDWIDTH_M))
    return [
        ("density.segments", float(len(streets.u)), "segments"),
        ("density.incidents", float(INCIDENTS), "incidents"),
        ("density.lattice_time", build_s, "s"),
        ("density.time", density_s, "s"),
        ("density.time_of_limit", density_s / LIMIT_S, "ratio"),
        ("density.peak", peak_mb, "MB"),
        ("density.peak_of_limit", peak_mb / LIMIT_MB, "ratio"),
        ("density.simple.time", simple_s, "s"),
        ("density.simple_to_lattice", simple_s / density_s, "ratio"),
        ("density.mass", float(density @ streets.length_m) / INCIDENTS, "of_1"),
        ("density.simple.mass", float(simple @ streets.length_m) / INCIDENTS, "of_1"),
        ("density.columns60.time", _columns_s(lattice), "s"),
    ]


def _columns_s(whole: Lattice) -> float:
    """60 weight columns, 400 m and 80 steps, on as many streets as make about 60,000 cells."""
    side = round(np.sqrt(60_000 * CELL_M / MEAN_M / 2))
    streets = Streets.made(side, 20_000)
    lattice = build_lattice(streets.network, whole.cell_m)
    weight = np.random.default_rng(2).random((20_000, 60))
    place = (lattice, streets.segment_id, streets.offset_m, weight)
    return _timed(lambda: segment_densities(*place, bandwidths_m=[400.0]))[0]


def _timed(work):
    started_s = time.process_time()
    made = work()
    return time.process_time() - started_s, made


def _held_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


# The simple estimator ---------------------------------------------------------------------------


def simple_density(streets: Streets, bandwidth_m: float) -> FloatArray:
    """(n) incidents per metre at the middle of each street, by shortest paths.

    Mass is not conserved: a street with many junctions near it gets too much.
    """
    n = len(streets.u)
    source, segment, middle_m = _in_reach(streets, bandwidth_m)
    first = np.searchsorted(source, np.arange(int(streets.v.max()) + 2))
    order = np.argsort(streets.segment_id, kind="stable")
    own = streets.segment_id[order]
    density = np.zeros(n)
    for begin in range(0, len(order), 20_000):
        chosen, j = order[begin : begin + 20_000], own[begin : begin + 20_000]
        at_m = streets.offset_m[chosen]
        keys, ways_m = [], []
        for node, to_node_m in (
            (streets.u[j], at_m),
            (streets.v[j], streets.length_m[j] - at_m),
        ):
            count = first[node + 1] - first[node]
            who = np.repeat(np.arange(len(j)), count)
            pair = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
            pair += first[node][who]
            near = to_node_m[who] + middle_m[pair] < bandwidth_m
            keys.append((who * n + segment[pair])[near])
            ways_m.append((to_node_m[who] + middle_m[pair])[near])
        keys.append(np.arange(len(j)) * n + j)
        ways_m.append(np.abs(at_m - streets.length_m[j] / 2))
        key, way_m = _shortest(np.concatenate(keys), np.concatenate(ways_m))
        kernel = 15 / 16 / bandwidth_m * np.maximum(1 - (way_m / bandwidth_m) ** 2, 0) ** 2
        density += np.bincount(key % n, weights=kernel, minlength=n)
    return density


def _in_reach(streets: Streets, bandwidth_m: float) -> tuple[IntArray, IntArray, FloatArray]:
    """Junction, street and metres to its middle, for all within the bandwidth, by junction."""
    n, nodes = len(streets.u), int(streets.v.max()) + 1
    graph = coo_array((streets.length_m, (streets.u, streets.v)), shape=(nodes, nodes)).tocsr()
    ends = np.concatenate([streets.u, streets.v])
    arms = np.argsort(ends, kind="stable")
    degree = np.bincount(ends, minlength=nodes)
    start = np.cumsum(degree) - degree
    found = []
    for begin in range(0, nodes, 256):
        some = np.arange(begin, min(begin + 256, nodes))
        reach_m = dijkstra(graph, directed=False, indices=some, limit=bandwidth_m)
        row, node = np.nonzero(np.isfinite(reach_m))
        count = degree[node]
        pair = np.repeat(np.arange(len(row)), count)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
        street = arms[start[node[pair]] + within] % n
        way_m = reach_m[row, node][pair] + streets.length_m[street] / 2
        key, way_m = _shortest((row[pair] + begin) * n + street, way_m)
        found.append((key // n, key % n, way_m))
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))


def _shortest(key: IntArray, way_m: FloatArray) -> tuple[IntArray, FloatArray]:
    order = np.lexsort((way_m, key))
    key, way_m = key[order], way_m[order]
    is_first = np.concatenate([[True], key[1:] != key[:-1]])
    return key[is_first], way_m[is_first]


# How exact --------------------------------------------------------------------------------------


def _exactness() -> list[Figure]:
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "risk")]
    from support_walks import mass_on_segments
    from test_density import irregular_network

    network = irregular_network()
    length_m = network.segments[Segments.length_m].to_numpy()
    rng = np.random.default_rng(1)
    segment = rng.integers(0, len(length_m), 30)
    offset_m = rng.random(30) * length_m[segment]
    places = list(zip(segment.tolist(), offset_m.tolist(), strict=True))
    figures: list[Figure] = []
    for bandwidth_m in (100.0, 200.0):
        masses = [mass_on_segments(network, place, bandwidth_m=bandwidth_m) for place in places]
        exact = np.column_stack(masses) / length_m[:, None]
        for cell_m in (5.0, 2.0):
            lattice = build_lattice(network, cell_m)
            found = segment_density(lattice, segment, offset_m, np.eye(30), bandwidth_m=bandwidth_m)
            rms = np.sqrt(((found - exact) ** 2).mean() / (exact**2).mean())
            figures.append((f"density.rms.{bandwidth_m:.0f}m.h{cell_m:.0f}", 100 * rms, "%"))
    simple = [
        mass_on_segments(network, place, bandwidth_m=200.0, estimator="simple") for place in places
    ]
    return [*figures, ("density.simple.mass.exact", float(np.sum(simple) / len(places)), "of_1")]


if __name__ == "__main__":
    print(json.dumps(_large()))
