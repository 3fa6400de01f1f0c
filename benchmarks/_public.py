"""Public routing instances, read into our own model. The data stays where it is.

The folder is ``CORRIDORS_ROUTING_DATA``, or ``../shared/reference/routing-benchmarks`` beside the
repository; its ``INDEX.md`` says where each set comes from.
"""

from __future__ import annotations

import json
import math
import os
from collections import defaultdict
from pathlib import Path
from typing import Final

import numpy as np

from corridors.errors import InputError
from corridors.patrols.problem import WALK_LIMIT_S, Edges, PatrolProblem, Team
from corridors.patrols.shortest import UNREACHABLE, Streets, distances

ROOT: Final = Path(__file__).resolve().parent.parent
PATROL_S: Final = 90 * 60
_UNITS: Final = 1000  # at most so many whole units of time for one of Chao's
_WORTH: Final = 1000  # of 1 of soarp's profit, which is a fraction


def data_folder() -> Path | None:
    """Where the public sets are, or None if they are not."""
    told = os.environ.get("CORRIDORS_ROUTING_DATA")
    folder = Path(told) if told else ROOT.parent / "shared" / "reference" / "routing-benchmarks"
    return folder if folder.is_dir() else None


def reference_values(folder: Path) -> dict[str, int]:
    """The reference value of each of Chao's instances, by its name (``p4.2.a``)."""
    lines = (folder / "top_chao" / "reference_results.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split() for line in lines if line.strip()]
    return {name.removesuffix(".txt"): int(value) for name, value in pairs}


def read_chao(path: Path) -> PatrolProblem:
    """A team orienteering instance as one of edges.

    A point's score is a loop of 0 s at its node, so that who comes by collects it, once. Between
    all points that fit into the time limit together there is a travel edge without value. Times
    are whole units, as fine as ``WALK_LIMIT_S`` allows: edges are rounded up and the limit down,
    so that a plan within whole units is also within the true limit. The other way round it can
    fail: a reference that uses its limit to the last 0.1 % may be out of our reach.

    Raises
    ------
    InputError
        If the file is not in Chao's format, or the end cannot be reached in time.
    """
    try:
        words = path.read_text(encoding="utf-8").split()
        count, teams, limit = int(words[1]), int(words[3]), float(words[5])
        if words[0:5:2] != ["n", "m", "tmax"]:
            raise ValueError("the header is not n, m, tmax")
        table = np.array(words[6:], dtype=float).reshape(count, 3)
    except (IndexError, ValueError) as error:
        raise InputError(f"no team orienteering instance: {error}", file=path.name) from error
    apart = np.hypot(*(table[:, None, :2] - table[None, :, :2]).transpose(2, 0, 1))
    low, high = np.triu_indices(count, 1)
    out, back = apart[0], apart[-1]
    around = apart[low, high] + np.minimum(out[low] + back[high], out[high] + back[low])
    usable = around <= limit
    low, high = low[usable], high[usable]
    longest = float(apart[low, high].max(initial=1.0))
    units = min(_UNITS, math.floor(WALK_LIMIT_S / longest))
    walk = np.ceil(apart[low, high] * units).astype(np.int64)
    scored = np.flatnonzero(table[:, 2] > 0)
    edges = Edges.from_arrays(
        np.concatenate([scored, low]),
        np.concatenate([scored, high]),
        np.concatenate([np.zeros(len(scored), dtype=np.int64), walk]),
        np.concatenate([table[scored, 2].astype(np.int64), np.zeros(len(low), dtype=np.int64)]),
    )
    team = Team(0, count - 1, math.floor(limit * units))
    return PatrolProblem(count, edges, (team,) * teams)


def read_soarp(path: Path, teams: int) -> PatrolProblem:
    """An instance of orienteering on real streets, each of which is walked in both directions.

    A street is worth the present profits of both of its arcs; it takes as long as the slower one,
    rounded up to a second. All teams start and end at the node from which all others are nearest
    on average, and have 90 minutes.

    Raises
    ------
    InputError
        If the file is not in the set's format, or the streets do not hang together.
    """
    try:
        graph = json.loads(path.read_text(encoding="utf-8"))["graph"]
        place = {node["id"]: number for number, node in enumerate(graph["nodes"])}
        slowest_s: dict[tuple[int, int], float] = defaultdict(float)
        worth: dict[tuple[int, int], float] = defaultdict(float)
        for arc in graph["arcs"]:
            a, b = sorted((place[arc["source"]], place[arc["target"]]))
            slowest_s[a, b] = max(slowest_s[a, b], float(arc["time"]))
            worth[a, b] += float(arc["profits"][0])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InputError(f"no soarp instance: {error!r}", file=path.name) from error
    ends = np.array(sorted(worth), dtype=np.int64).reshape(-1, 2)
    keys = [(int(a), int(b)) for a, b in ends]
    walk_s = np.ceil([slowest_s[key] for key in keys]).astype(np.int64)
    value = np.rint(np.array([worth[key] for key in keys]) * _WORTH).astype(np.int64)
    streets = Streets(len(place), ends[:, 0], ends[:, 1], walk_s, value)
    every = np.ones(len(ends), dtype=bool)
    apart_s = distances(streets, every, np.arange(len(place))).astype(np.int64)
    if apart_s.max() >= UNREACHABLE:
        raise InputError("the streets do not hang together", file=path.name)
    depot = int(apart_s.sum(axis=1).argmin())
    edges = Edges.from_arrays(ends[:, 0], ends[:, 1], walk_s, value)
    return PatrolProblem(len(place), edges, (Team(depot, depot, PATROL_S),) * teams)
