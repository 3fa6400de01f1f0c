"""Capacitated arc routing on public sets: a check that a street as a pair of visits is right.

Every required street has to be served once, in either direction, by vehicles with a capacity that
start and end at the depot; whatever is walked costs its length. The model is that of PyVRP in
``_rivals`` (each street a group of two directed clients), with demands in place of prizes. The best
known costs are public, so that a wrong model would show.
"""

from __future__ import annotations

import csv
import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks._rivals import visit_pairs
from corridors.arrays import IntArray
from corridors.errors import InputError
from corridors.patrols.problem import Edges
from corridors.patrols.shortest import UNREACHABLE, Streets, distances

_ROW = re.compile(r"\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*coste\s+(\d+)(?:\s+demanda\s+(\d+))?")

# (edge, 0 from tail to head or 1 the other way), in order of service
Route = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class CarpCase:
    """``edges.walk_s`` is the cost of passing, ``edges.value`` the demand; 0 is not required.

    ``service`` is what serving all streets costs, without passing any street else.
    """

    name: str
    node_count: int
    edges: Edges
    depot: int
    capacity: int
    service: int

    @property
    def required(self) -> list[int]:
        """Edges that have to be served."""
        return [e for e, demand in enumerate(self.edges.value) if demand]


def read_carp(path: Path) -> CarpCase:
    """An instance in the CARPLIB format.

    Serving a street costs as much as passing it, but for the set val: there only the header's
    total is known. In the other sets that total is not read, since one is wrong.

    Raises
    ------
    InputError
        If the file is not in that format.
    """
    text = path.read_text(encoding="latin-1")
    rows = [[int(part or 0) for part in row] for row in _ROW.findall(text)]
    try:
        name = _header(text, "NOMBRE")
        nodes, required, others, capacity, depot, service = (
            int(_header(text, key))
            for key in (
                "VERTICES", "ARISTAS_REQ", "ARISTAS_NOREQ", "CAPACIDAD", "DEPOSITO",
                "COSTE_TOTAL_REQ",
            )
        )  # fmt: skip
        if len(rows) != required + others or sum(row[3] > 0 for row in rows) != required:
            raise ValueError(f"it has not {required} streets with and {others} without demand")
        if not name.startswith("val"):
            service = sum(cost for _, _, cost, demand in rows if demand)
        tail, head, cost, demand = np.array(rows, dtype=np.int64).T
        edges = Edges.from_arrays(tail - 1, head - 1, cost, demand)
        return CarpCase(name, nodes, edges, depot - 1, capacity, service)
    except ValueError as error:
        raise InputError(f"no CARPLIB instance: {error}", file=path.name) from error


def best_known(folder: Path) -> dict[str, int]:
    """The lowest known cost of each instance by its name."""
    with (folder / "carp" / "bks.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: int(row["BUB"]) for row in csv.DictReader(file)}


def solve_carp(case: CarpCase, seconds: float, seed: int) -> tuple[Route, ...]:
    """Routes by PyVRP within so many seconds of the processor; none if it found none."""
    import pyvrp

    began = time.process_time()
    required = np.array(case.required)
    tail, head = (np.array(ends)[required] for ends in (case.edges.tail, case.edges.head))
    enter = np.concatenate([[case.depot], np.column_stack([tail, head]).ravel()])
    leave = np.concatenate([[case.depot], np.column_stack([head, tail]).ravel()])
    between = _apart(case)[np.ix_(leave, enter)].astype(np.int64)
    np.fill_diagonal(between, 0)
    demand = np.array(case.edges.value)[required].tolist()
    clients, groups = visit_pairs(1, demand=demand)
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(enter))],
        clients=clients,
        depots=[pyvrp.Depot(location=0)],
        vehicle_types=[pyvrp.VehicleType(len(required), capacity=[case.capacity])],
        distance_matrices=[between],
        duration_matrices=[np.zeros_like(between)],
        groups=groups,
    )
    result = pyvrp.solve(
        data,
        lambda _cost: time.process_time() - began > seconds,
        seed=seed,
        collect_stats=False,
        display=False,
    )
    if not result.best.is_feasible():
        return ()
    visits = [
        [act.idx for act in route if act.type == pyvrp.ActivityType.CLIENT]
        for route in result.best.routes()
    ]
    return tuple(
        tuple((int(required[visit // 2]), visit % 2) for visit in route) for route in visits
    )


def carp_cost(case: CarpCase, routes: tuple[Route, ...]) -> int:
    """What routes cost, found anew from the streets alone.

    Raises
    ------
    InputError
        If a required street is not served once, or a vehicle carries too much.
    """
    served = sorted(edge for route in routes for edge, _ in route)
    if served != case.required:
        raise InputError(f"{case.name}: {served} are served, not {case.required}")
    apart = np.full((case.node_count, case.node_count), np.iinfo(np.int64).max // 4)
    np.fill_diagonal(apart, 0)
    edges = case.edges
    for a, b, cost in zip(edges.tail, edges.head, edges.walk_s, strict=True):
        apart[a, b] = apart[b, a] = min(apart[a, b], cost)
    for node in range(case.node_count):
        apart = np.minimum(apart, apart[:, [node]] + apart[[node]])
    total = case.service
    for route in routes:
        if sum(edges.value[edge] for edge, _ in route) > case.capacity:
            raise InputError(f"{case.name}: a vehicle carries too much", value=route)
        here = case.depot
        for edge, way in route:
            ends = (edges.tail[edge], edges.head[edge])
            total += int(apart[here, ends[way]])
            here = ends[1 - way]
        total += int(apart[here, case.depot])
    return total


def _header(text: str, key: str) -> str:
    found = re.search(rf"^\s*{key}\s*:\s*(\S+)", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"{key} is missing")
    return found[1]


def _apart(case: CarpCase) -> IntArray:
    edges = case.edges
    columns = (np.array(column, dtype=np.int64) for column in (edges.tail, edges.head))
    cost = np.array(edges.walk_s, dtype=np.int64)
    streets = Streets(case.node_count, *columns, cost, np.zeros_like(cost))
    every = np.ones(len(edges), dtype=bool)
    apart = distances(streets, every, np.arange(case.node_count)).astype(np.int64)
    if apart.max() >= UNREACHABLE:
        raise InputError("the streets do not hang together", file=case.name)
    return apart
