"""How many pupils walk each street, and when.

Pupils leave by the gate that is nearest to where they go, on shortest walks, to homes, bus stops
and stations. Destinations are drawn by exponential distance decay. Model and parameters with
their sources: docs/flow.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.stats import gamma

from corridors.arrays import FloatArray, IntArray
from corridors.model import Network, SchoolFlow
from corridors.network.snapping import snap
from corridors.profile import Flow
from corridors.tables import ChildAreas, Gates, Places, Schools, Segments

SLOT_MIN = 5
_HOME_REACH_M = 60.0
_STOP_REACH_M = 60.0


@dataclass(frozen=True)
class Demand:
    """Where pupils may go. ``home`` (n segments): weight of homes. ``stops``: snapped places."""

    home: FloatArray
    home_source: str  # "addresses", "children" or "street length"
    stop_segment: dict[str, IntArray]  # by kind: bus_stop, station


def find_demand(
    network: Network, places: gpd.GeoDataFrame, child_areas: gpd.GeoDataFrame | None
) -> Demand:
    """Homes and stops on the network.

    Homes: children by area where given, spread over the area's streets by length; else addresses;
    else every street by its length.

    Parameters
    ----------
    places : tables.Places. child_areas : tables.ChildAreas or None.
    """
    addresses = places[places[Places.kind] == "address"]
    if child_areas is not None and len(child_areas):
        home, source = _homes_from_areas(network, child_areas), "children"
    elif len(addresses):
        home, source = _count_on_segments(network, addresses), "addresses"
    else:
        home, source = network.segments[Segments.length_m].to_numpy(dtype=float), "street length"
    stops = {
        kind: _snap_points(network, places[places[Places.kind] == kind], _STOP_REACH_M)
        for kind in ("bus_stop", "station")
    }
    return Demand(home, source, stops)


def _snap_points(network: Network, points: gpd.GeoDataFrame, reach_m: float) -> IntArray:
    xy = shapely.get_coordinates(shapely.centroid(points.geometry.to_numpy()))
    outside = ~network.segments[Segments.in_school_site].to_numpy()
    snapped = snap(network, xy[:, 0], xy[:, 1], reach_m=reach_m, among=outside)
    ids = snapped["segment_id"].to_numpy(dtype=np.int64)
    return np.sort(ids[ids >= 0])


def _count_on_segments(network: Network, points: gpd.GeoDataFrame) -> FloatArray:
    ids = _snap_points(network, points, _HOME_REACH_M)
    return np.bincount(ids, minlength=len(network.segments)).astype(float)


def _homes_from_areas(network: Network, areas: gpd.GeoDataFrame) -> FloatArray:
    middle = shapely.line_interpolate_point(
        network.segments.geometry.to_numpy(), 0.5, normalized=True
    )
    tree = shapely.STRtree(areas.geometry.to_numpy())
    which, area = tree.query(middle, predicate="intersects")
    first = pd.Series(area).groupby(which).min()  # a point on a border belongs to one area
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    home = np.zeros(len(length_m))
    in_area_m = np.bincount(first, weights=length_m[first.index], minlength=len(areas))
    children = areas[ChildAreas.children].to_numpy(dtype=float)
    per_m = np.divide(children, in_area_m, out=np.zeros(len(areas)), where=in_area_m > 0)
    home[first.index] = per_m[first.to_numpy()] * length_m[first.index]
    return home


def school_flow(
    network: Network, gates: pd.DataFrame, school: pd.Series, demand: Demand, params: Flow
) -> SchoolFlow:
    """Spread one school's pupils over the network.

    Parameters
    ----------
    gates : tables.Gates of this school, at least one.
    school : its row of tables.Schools; the index label is the URN.
    """
    tree = _shortest_walks(network, gates)
    roll, assumed = _roll(school, params)
    own = _pupils_to_segments(network, tree.near_s, demand, params) * roll
    through = _through_traffic(network, tree, own)
    return SchoolFlow(
        urn=str(school.name),
        walkers=through + own / 2,  # who lives on a street walks half of it on average
        arrival_s=tree.near_s + network.segments[Segments.walk_s].to_numpy(dtype=float) / 2,
        node_walk_s=tree.node_s,
        parent_node=tree.parent_node,
        parent_segment=tree.parent_segment,
        roots=tree.roots,
        roll=roll,
        roll_is_assumed=assumed,
    )


@dataclass(frozen=True)
class _Tree:
    node_s: FloatArray  # (m) from the nearest gate
    near_s: FloatArray  # (n) to the nearer end of each segment
    near_node: IntArray  # (n) that end
    parent_node: IntArray
    parent_segment: IntArray
    roots: tuple[int, ...]
    gate_segment: IntArray  # (m) the gate's segment for roots, else -1


def _shortest_walks(network: Network, gates: pd.DataFrame) -> _Tree:
    segments = network.segments
    u, v = segments[Segments.u].to_numpy(), segments[Segments.v].to_numpy()
    walk_s = segments[Segments.walk_s].to_numpy(dtype=float)
    tail, head, cost_s, segment = _fastest_links(u, v, walk_s)
    gate_node, gate_s, gate_segment = _gate_links(network, gates)
    m = len(network.nodes)
    # One more node stands for "a gate": its links lead to the ends of the gates' segments.
    graph = coo_array(
        (
            np.concatenate([cost_s, cost_s, gate_s]),
            (
                np.concatenate([tail, head, np.full(len(gate_node), m)]),
                np.concatenate([head, tail, gate_node]),
            ),
        ),
        shape=(m + 1, m + 1),
    ).tocsr()
    node_s, before = dijkstra(graph, indices=m, return_predecessors=True)
    parent = before[:m].astype(np.int64)
    is_root = parent == m
    keys = tail * m + head
    wanted = np.minimum(parent, np.arange(m)) * m + np.maximum(parent, np.arange(m))
    position = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    has_parent = (parent >= 0) & ~is_root
    of_root = np.full(m, -1, dtype=np.int64)
    of_root[gate_node] = gate_segment
    nearer_u = node_s[:m][u] <= node_s[:m][v]
    return _Tree(
        node_s=node_s[:m],
        near_s=np.minimum(node_s[:m][u], node_s[:m][v]),
        near_node=np.where(nearer_u, u, v),
        parent_node=np.where(has_parent, parent, -1),
        parent_segment=np.where(has_parent, segment[position], -1),
        roots=tuple(int(i) for i in np.flatnonzero(is_root)),
        gate_segment=np.where(is_root, of_root, -1),
    )


def _fastest_links(
    u: IntArray, v: IntArray, walk_s: FloatArray
) -> tuple[IntArray, IntArray, FloatArray, IntArray]:
    """One link a pair of nodes, sorted by pair: the fastest, then the lowest segment id."""
    low, high = np.minimum(u, v), np.maximum(u, v)
    order = np.lexsort((np.arange(len(u)), walk_s, high, low))
    order = order[low[order] != high[order]]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (low[order][1:] != low[order][:-1]) | (high[order][1:] != high[order][:-1])
    kept = order[first]
    return low[kept], high[kept], np.maximum(walk_s[kept], 1e-6), kept.astype(np.int64)


def _gate_links(network: Network, gates: pd.DataFrame) -> tuple[IntArray, FloatArray, IntArray]:
    rows = network.segments.loc[gates[Gates.segment_id]]
    walk_s = rows[Segments.walk_s].to_numpy(dtype=float)
    length_m = np.maximum(rows[Segments.length_m].to_numpy(dtype=float), 1e-9)
    share = np.clip(gates[Gates.offset_m].to_numpy(dtype=float) / length_m, 0, 1)
    links = pd.DataFrame(
        {
            "node": np.concatenate([rows[Segments.u], rows[Segments.v]]),
            "cost_s": np.maximum(np.concatenate([walk_s * share, walk_s * (1 - share)]), 1e-6),
            "segment": np.tile(gates[Gates.segment_id].to_numpy(), 2),
        }
    )
    links = links.sort_values(["node", "cost_s", "segment"]).drop_duplicates("node")
    return links["node"].to_numpy(), links["cost_s"].to_numpy(), links["segment"].to_numpy()


def _roll(school: pd.Series, params: Flow) -> tuple[float, bool]:
    pupils = school[Schools.pupils]
    if not pd.isna(pupils):
        return float(pupils), False
    is_primary = school[Schools.high_age] <= 11
    return (params.default_roll_primary if is_primary else params.default_roll), True


def _pupils_to_segments(
    network: Network, near_s: FloatArray, demand: Demand, params: Flow
) -> FloatArray:
    """Share of the roll that ends its walk on each segment."""
    speed = _walking_speed(network)
    distance_m = (near_s + network.segments[Segments.walk_s].to_numpy(dtype=float) / 2) * speed
    ends = params.share_home * _decayed(
        demand.home, distance_m, params.home_decay_m, params.home_reach_m
    )
    for kind, share in (("bus_stop", params.share_bus), ("station", params.share_rail)):
        count = np.bincount(demand.stop_segment[kind], minlength=len(ends)).astype(float)
        ends += share * _decayed(count, distance_m, params.stop_decay_m, params.stop_reach_m)
    return ends


def _walking_speed(network: Network) -> float:
    """Metres a second on plain streets: steps are slower, so the fastest segment tells."""
    walk_s = network.segments[Segments.walk_s].to_numpy(dtype=float)
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    moving = walk_s > 0
    return float(np.max(length_m[moving] / walk_s[moving])) if moving.any() else 1.0


def _decayed(
    weight: FloatArray, distance_m: FloatArray, decay_m: float, reach_m: float
) -> FloatArray:
    drawn = np.where(distance_m <= reach_m, weight * np.exp(-distance_m / decay_m), 0.0)
    total = drawn.sum()
    return drawn / total if total > 0 else drawn


def _through_traffic(network: Network, tree: _Tree, own: FloatArray) -> FloatArray:
    """Pupils who walk each segment from end to end on their way to somewhere else."""
    passing = own.copy()
    passing[tree.gate_segment[list(tree.roots)]] = 0.0  # who lives on the gate's street stays on it
    load = np.bincount(tree.near_node, weights=passing, minlength=len(network.nodes))
    through = np.zeros(len(network.segments))
    order = np.lexsort((np.arange(len(load)), tree.node_s))[::-1]
    for node in order[np.isfinite(tree.node_s[order])]:
        parent = tree.parent_node[node]
        if parent >= 0:
            load[parent] += load[node]
            through[tree.parent_segment[node]] += load[node]
        elif tree.gate_segment[node] >= 0:
            through[tree.gate_segment[node]] += load[node]
    return through


def present_by_slot(
    flow: SchoolFlow,
    finish_min: int,
    slot_start_min: IntArray,
    params: Flow,
    slot_min: int = SLOT_MIN,
) -> FloatArray:
    """Expected pupils of one school who pass each segment in each slot.

    Delays after the bell are gamma distributed; the walk to the segment's middle is added.

    Parameters
    ----------
    finish_min : the bell, local minutes. slot_start_min : (k,) starts of the slots.
    slot_min : their length; each slot begins where the one before it ends.

    Returns
    -------
    (n, k) pupils; a row's sum over all time is ``flow.walkers``.
    """
    edges = np.append(slot_start_min, slot_start_min[-1] + slot_min).astype(float)
    reached = np.isfinite(flow.arrival_s)
    share = np.zeros((len(flow.walkers), len(slot_start_min)))
    delay_min = edges[None, :] - finish_min - flow.arrival_s[reached, None] / 60
    share[reached] = np.diff(departed_by(delay_min, params), axis=1)
    return flow.walkers[:, None] * share


def net_pupils(network: Network, flows: Iterable[SchoolFlow]) -> FloatArray:
    """Pupils who walk each segment from u to v, less those who walk it from v to u: (n).

    On the shortest walks from their gate pupils come to the nearer end first; a segment whose
    ends are equally far, or out of reach, has none.
    """
    u, v = (network.segments[c].to_numpy() for c in (Segments.u, Segments.v))
    net = np.zeros(len(u))
    for flow in flows:
        walk_s = np.where(np.isfinite(flow.node_walk_s), flow.node_walk_s, 0.0)
        net += flow.walkers * np.sign(walk_s[v] - walk_s[u])
    return net


def departed_by(delay_min: FloatArray, params: Flow) -> FloatArray:
    """Share of pupils who have left the gate ``delay_min`` minutes after the bell."""
    shape = (params.departure_mean_min / params.departure_sd_min) ** 2
    scale = params.departure_sd_min**2 / params.departure_mean_min
    out: FloatArray = gamma.cdf(delay_min, shape, scale=scale)
    return out


def pupils_met(network: Network, flow: SchoolFlow, segment_ids: IntArray) -> float:
    """Expected pupils of one school who walk at least one of these segments.

    Each is counted where the walk from the gate first meets one.
    """
    covered = np.zeros(len(flow.walkers), dtype=bool)
    covered[segment_ids] = True
    met = np.zeros(len(flow.node_walk_s), dtype=bool)
    total = 0.0
    for segment in np.flatnonzero(covered):
        ends = [int(network.segments[c].iloc[segment]) for c in (Segments.u, Segments.v)]
        if set(ends) <= set(flow.roots):  # the gate's own street: everybody who leaves along it
            met[ends] = True
            total += float(flow.walkers[segment])
    order = np.lexsort((np.arange(len(met)), flow.node_walk_s))
    for node in order[flow.parent_node[order] >= 0]:
        parent, segment = flow.parent_node[node], flow.parent_segment[node]
        if covered[segment] and not met[parent]:
            total += float(flow.walkers[segment])
        met[node] = met[parent] or covered[segment]
    return total
