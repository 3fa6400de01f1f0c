"""Where teams stand: stops, stations and parks on the corridor, not the gate (A9)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely

from corridors.arrays import FloatArray
from corridors.model import Corridor, Network, StandPoint
from corridors.profile import Patrols
from corridors.tables import Nodes, Places, Segments

_KINDS = ("station", "bus_stop", "park")  # in order of preference where value ties
_APART_M = 120.0
_KIND_WORDS = {"station": "Station", "bus_stop": "Bus stop", "park": "Park"}


@dataclass(frozen=True)
class _Candidate:
    value: float
    kind: str
    name: str
    node: int
    x_m: float
    y_m: float


def choose_stands(
    network: Network,
    corridor: Corridor,
    value: FloatArray,
    places: gpd.GeoDataFrame,
    gate_xy_m: FloatArray,
    params: Patrols,
    bell_s: tuple[int, int] | None = None,
) -> tuple[StandPoint, ...]:
    """The corridor's best stand points, most value first.

    Candidates are stops, stations and parks within ``stand_reach_m`` of the corridor and farther
    than ``gate_clear_m`` from every gate; they are at least 120 m apart. If there is none, the
    junction of the corridor with the most value around it that is clear of the gates stands in.

    Parameters
    ----------
    value : (n) what covering each segment is worth. gate_xy_m : (g, 2) metres.
    bell_s : when the first and the last of the corridor's schools finish, seconds from the
        session's start. Bus stops are stood at some minutes later; None: at any time.
    """
    found = _candidates(network, corridor, value, places, params.stand_reach_m)
    found = [c for c in found if _clear((c.x_m, c.y_m), gate_xy_m, params.gate_clear_m)]
    found.sort(key=lambda c: (-c.value, _KINDS.index(c.kind), c.name, c.x_m, c.y_m))
    chosen: list[_Candidate] = []
    for candidate in found:
        if len(chosen) == params.stands_per_corridor:
            break
        taken = np.array([[c.x_m, c.y_m] for c in chosen]).reshape(-1, 2)
        known = {c.name for c in chosen}
        if candidate.name not in known and _clear((candidate.x_m, candidate.y_m), taken, _APART_M):
            chosen.append(candidate)
    if not chosen:
        return _street_stand(network, corridor, value, gate_xy_m, params)
    return tuple(_stand(c, params, bell_s) for c in chosen)


def _stand(candidate: _Candidate, params: Patrols, bell_s: tuple[int, int] | None) -> StandPoint:
    stand = StandPoint(
        candidate.name,
        candidate.kind,
        candidate.node,
        candidate.x_m,
        candidate.y_m,
        params.stand_dwell_min * 60,
    )
    if bell_s is None or candidate.kind != "bus_stop":
        return stand
    return replace(
        stand,
        earliest_s=max(0, bell_s[0] + params.bus_stop_from_min * 60),
        latest_s=max(0, bell_s[1] + params.bus_stop_to_min * 60),
    )


def _clear(at: tuple[float, float], others: FloatArray, distance_m: float) -> bool:
    if not len(others):
        return True
    return bool(np.hypot(others[:, 0] - at[0], others[:, 1] - at[1]).min() >= distance_m)


def _candidates(
    network: Network,
    corridor: Corridor,
    value: FloatArray,
    places: gpd.GeoDataFrame,
    reach_m: float,
) -> list[_Candidate]:
    ids = np.array(corridor.segment_ids, dtype=np.int64)
    lines = network.segments.geometry.to_numpy()[ids]
    wanted = places[places[Places.kind].isin(_KINDS)]
    if not len(ids) or not len(wanted):
        return []
    shapes = wanted.geometry.to_numpy()
    tree = shapely.STRtree(lines)
    near = tree.query_nearest(shapes, max_distance=reach_m, all_matches=True)
    nearest: dict[int, int] = {}
    for place, line in sorted(zip(near[0].tolist(), near[1].tolist(), strict=True)):
        nearest.setdefault(place, line)
    kinds, names = wanted[Places.kind].tolist(), wanted[Places.name].tolist()
    return [
        _candidate(network, int(ids[line]), float(value[ids[line]]), shapes[i], kinds[i], names[i])
        for i, line in sorted(nearest.items())
    ]


def _candidate(
    network: Network,
    segment_id: int,
    value: float,
    shape: shapely.Geometry,
    kind: str,
    name: str,
) -> _Candidate:
    line = network.segments.geometry.iloc[segment_id]
    offset_m = line.project(shapely.shortest_line(line, shape).interpolate(0))
    at = line.interpolate(offset_m)
    first_half = offset_m <= line.length / 2
    end = Segments.u if first_half else Segments.v
    node = int(network.segments[end].iloc[segment_id])
    street = str(network.segments[Segments.name].iloc[segment_id])
    fallback = f"{_KIND_WORDS[kind]} on {street}" if street else _KIND_WORDS[kind]
    return _Candidate(value, kind, name or fallback, node, float(at.x), float(at.y))


def _street_stand(
    network: Network,
    corridor: Corridor,
    value: FloatArray,
    gate_xy_m: FloatArray,
    params: Patrols,
) -> tuple[StandPoint, ...]:
    ids = list(corridor.segment_ids)
    rows = network.segments.loc[ids]
    around = np.zeros(len(network.nodes))
    for end in (Segments.u, Segments.v):
        np.add.at(around, rows[end].to_numpy(), value[ids])
    nodes = np.unique(rows[[Segments.u, Segments.v]].to_numpy())
    x_m = network.nodes[Nodes.x_m].to_numpy()
    y_m = network.nodes[Nodes.y_m].to_numpy()
    clear = [n for n in nodes.tolist() if _clear((x_m[n], y_m[n]), gate_xy_m, params.gate_clear_m)]
    best = max(clear or nodes.tolist(), key=lambda n: (around[n], -n))
    met = (rows[Segments.u] == best) | (rows[Segments.v] == best)
    streets = sorted({str(s) for s in rows.loc[met, Segments.name] if s})
    name = " and ".join(streets[:2]) or "Corridor junction"
    return (
        StandPoint(
            name,
            "street",
            int(best),
            float(x_m[best]),
            float(y_m[best]),
            params.stand_dwell_min * 60,
        ),
    )
