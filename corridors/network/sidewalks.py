"""Pavements that are drawn apart from their street.

A sidewalk beside a street that is itself walked doubles it: density, coverage and the list of
streets would count the street twice, once without its name. So such sidewalks leave, and what met
them meets the street instead. Nothing may become an island by that: where it would, the sidewalk
stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.network.contract import chains
from corridors.network.links import Links, components, together, without_doubles
from corridors.network.walkable import is_crossing, is_sidewalk, is_street
from corridors.profile import Streets
from corridors.tables import Ways

_SAMPLE_M = 10.0  # a sidewalk is compared with its street this often
_DETOUR_M = 60.0  # a sidewalk stays if the walk without it is so much longer
_BATCH = 64  # origins per search, so that memory stays small
_END_M = 1.0  # a foot nearer than this to a vertex of the street is that vertex


@dataclass(frozen=True)
class Parents:
    """Per link of sidewalk: the street beside it, a row of the links, or -1; is it walked?"""

    row: IntArray
    walked: BoolArray


def attach(
    links: Links, walked: BoolArray, ways: pd.DataFrame, params: Streets
) -> tuple[Links, int]:
    """Replace sidewalks by their streets.

    Parameters
    ----------
    links : all links near the ward, walkable or not.
    walked : (k,) which of them are walked.
    ways : ``tables.Ways``, the rows that ``links.way`` counts.
    params : reach and bearing within which a street is beside a sidewalk.

    Returns
    -------
    The walkable links without the sidewalks that double a street, and how many metres of them
    left, rounded. Other sidewalks go by the name of the nearest parallel named street, if any.
    """
    side = np.flatnonzero(walked & is_sidewalk(ways)[links.way])
    if not len(side):
        return links.only(walked), 0
    parent = _smooth(links, side, _parents(links, walked, ways, side, params), params)
    named = np.array(links.name)
    has_name = parent.row >= 0
    named[side[has_name]] = links.name[parent.row[has_name]]
    links = replace(links, name=named)
    gone = np.zeros(len(links.ends), dtype=bool)
    gone[side[parent.walked]] = True
    streets = np.unique(parent.row[parent.walked])
    joined, moved = _rejoin(links, walked & ~gone, gone, streets, ways, params)
    restored = moved.only(_needed(joined, moved))
    everything = _without_stubs(together(joined, restored), ways, params)
    metres = round(float(links.length_m[gone].sum() - restored.length_m.sum()))
    return everything, max(metres, 0)


# --- which street is beside a sidewalk ----------------------------------------------------------


def _parents(
    links: Links, walked: BoolArray, ways: pd.DataFrame, side: IntArray, params: Streets
) -> Parents:
    """The named street that most of a link has beside it; none if it is less than half."""
    is_named = np.array([name != "" for name in links.names], dtype=bool)[links.name]
    streets = np.flatnonzero(is_named & is_street(ways)[links.way])
    owner, points = _samples(links, side)
    found = _beside(links, ways, streets, (side[owner], points), params)
    votes = pd.DataFrame(
        {
            "side": owner[found["point"]],
            "name": links.name[found["street"]],
            "street": found["street"],
            "distance_m": found["distance_m"],
        }
    )
    by_name = votes.groupby(["side", "name"], as_index=False).agg(count=("street", "size"))
    best = by_name.sort_values(["side", "count", "name"], ascending=[True, False, True])
    best = best.drop_duplicates("side")[["side", "name"]]
    nearest = votes.merge(best).sort_values(["side", "distance_m", "street"])
    nearest = nearest.drop_duplicates("side")
    share = votes.groupby("side").size().reindex(nearest["side"]).to_numpy()
    most = nearest[2 * share >= np.bincount(owner, minlength=len(side))[nearest["side"]]]
    row = np.full(len(side), -1, dtype=np.int64)
    row[most["side"]] = most["street"]
    return Parents(row, (row >= 0) & walked[row])


def _samples(links: Links, side: IntArray) -> tuple[IntArray, FloatArray]:
    """Points along sidewalks, in the middle of equal parts, and the sidewalk of each."""
    parts = np.maximum(1, np.ceil(links.length_m[side] / _SAMPLE_M)).astype(np.int64)
    owner = np.repeat(np.arange(len(side)), parts)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(parts) - parts, parts)
    share = ((number + 0.5) / parts[owner])[:, None]
    start = links.xy_m[links.ends[side[owner], 0]]
    return owner, start + share * links.vector_m[side[owner]]


def _beside(
    links: Links,
    ways: pd.DataFrame,
    streets: IntArray,
    samples: tuple[IntArray, FloatArray],
    params: Streets,
) -> pd.DataFrame:
    """The nearest parallel street of each point that has one, on the same level."""
    of_point, xy_m = samples
    points, lines = shapely.points(xy_m), links.only(streets).lines()
    tree = shapely.STRtree(lines)
    point, at = tree.query(points, predicate="dwithin", distance=params.sidewalk_reach_m)
    a, b = links.vector_m[of_point[point]], links.vector_m[streets[at]]
    cosine = np.abs((a * b).sum(axis=1)) / (np.hypot(*a.T) * np.hypot(*b.T))
    parallel = cosine >= np.cos(np.radians(params.sidewalk_bearing_degree))
    flags = ways[[Ways.is_bridge, Ways.is_tunnel]].to_numpy()
    level = flags[links.way[of_point[point]]] == flags[links.way[streets[at]]]
    good = parallel & level.all(axis=1)
    frame = pd.DataFrame({"point": point[good], "street": streets[at[good]]})
    frame["distance_m"] = shapely.distance(points[point[good]], lines[at[good]])
    frame = frame.sort_values(["point", "distance_m", "street"])
    return frame.drop_duplicates("point")


def _smooth(links: Links, side: IntArray, parent: Parents, params: Streets) -> Parents:
    """Count a short stretch without a street, such as a corner, with the sidewalks it joins."""
    loose = np.flatnonzero(parent.row < 0)
    piece = components(links.ends[side[loose]], len(links.xy_m))
    of_link = piece[links.ends[side[loose], 0]]
    length = np.bincount(of_link, links.length_m[side[loose]], minlength=len(links.xy_m))
    doubled = links.ends[side[parent.walked]]
    touching = np.intersect1d(doubled, links.ends[side[loose]])
    touches = np.bincount(piece[touching], minlength=len(links.xy_m))
    joins = (length[of_link] <= params.sidewalk_reach_m) & (touches[of_link] >= 2)
    beside = np.full(len(links.xy_m), -1, dtype=np.int64)
    rows = np.repeat(parent.row[parent.walked], 2)
    np.maximum.at(beside, piece[doubled.ravel()], rows)
    row, walked = parent.row.copy(), parent.walked.copy()
    row[loose[joins]] = beside[of_link[joins]]
    walked[loose[joins]] = True
    return Parents(row, walked)


# --- what met the sidewalk meets the street -----------------------------------------------------


def _rejoin(
    links: Links,
    remains: BoolArray,
    gone: BoolArray,
    streets: IntArray,
    ways: pd.DataFrame,
    params: Streets,
) -> tuple[Links, Links]:
    """The remaining links and the sidewalks, with what met a sidewalk moved to its street."""
    on_street = np.zeros(len(links.xy_m), dtype=bool)
    of_street = remains & is_street(ways)[links.way]
    on_street[links.ends[of_street]] = True
    meets = np.intersect1d(links.ends[gone], links.ends[remains])
    target = np.arange(len(links.xy_m))
    loose = meets[~on_street[meets]]
    across = _across(links, remains, on_street, params.sidewalk_reach_m)
    target[loose] = across[loose]
    loose = loose[across[loose] == loose]
    beside = np.flatnonzero(of_street & np.isin(links.name, links.name[streets]))
    feet = _feet(links, beside, loose, 2 * params.sidewalk_reach_m)
    xy_m, split, vertex = _split(links, feet)
    target[feet["vertex"]] = vertex
    whole = remains.copy()
    whole[feet["street"]] = False
    kept = links.only(whole)
    return (
        together(kept.moved(target[kept.ends], xy_m), replace(split, xy_m=xy_m)),
        links.only(gone).moved(target[links.ends[gone]], xy_m),
    )


def _across(links: Links, remains: BoolArray, on_street: BoolArray, reach_m: float) -> IntArray:
    """(n,) the vertex of a street that one short link leads to from each vertex; else itself."""
    to = np.arange(len(links.xy_m))
    near = remains & (links.length_m <= reach_m)
    pairs = np.vstack([links.ends[near], links.ends[near][:, ::-1]])
    length = np.tile(links.length_m[near], 2)
    leads = on_street[pairs[:, 1]] & ~on_street[pairs[:, 0]]
    pairs, length = pairs[leads], length[leads]
    order = np.lexsort([pairs[:, 1], length, pairs[:, 0]])[::-1]
    to[pairs[order, 0]] = pairs[order, 1]  # the last one written is the shortest
    return to


def _feet(links: Links, streets: IntArray, loose: IntArray, reach_m: float) -> pd.DataFrame:
    """Where vertices meet their street: columns vertex, street (row), along_m, sorted."""
    columns = {"vertex": np.int64, "street": np.int64, "along_m": np.float64}
    if not len(loose) or not len(streets):
        return pd.DataFrame({name: np.empty(0, dtype) for name, dtype in columns.items()})
    lines, points = links.only(streets).lines(), shapely.points(links.xy_m[loose])
    point, at = shapely.STRtree(lines).query_nearest(
        points, max_distance=reach_m, return_distance=False, all_matches=True
    )
    frame = pd.DataFrame({"vertex": loose[point], "street": streets[at]})
    frame["along_m"] = shapely.line_locate_point(lines[at], points[point])
    frame = frame.sort_values(["vertex", "street"]).drop_duplicates("vertex")
    return frame.sort_values(["street", "along_m", "vertex"]).reset_index(drop=True)


def _split(links: Links, feet: pd.DataFrame) -> tuple[FloatArray, Links, IntArray]:
    """Split streets at feet.

    Returns
    -------
    Vertices with the new ones at the end, the parts of the streets, and each foot's vertex.
    """
    length = links.length_m
    extra: list[FloatArray] = []
    parts: list[tuple[int, int, int]] = []
    vertex = np.empty(len(feet), dtype=np.int64)
    for row in np.unique(feet["street"]).tolist():
        group = feet[feet["street"] == row]
        first, last = (int(end) for end in links.ends[row])
        here, here_m = first, 0.0
        for at, along_m in zip(group.index.tolist(), group["along_m"].tolist(), strict=True):
            if length[row] - along_m < _END_M:
                vertex[at] = last
            else:
                if along_m - here_m >= _END_M:
                    share = along_m / length[row]
                    extra.append(links.xy_m[first] + share * links.vector_m[row])
                    parts.append((here, len(links.xy_m) + len(extra) - 1, row))
                    here, here_m = parts[-1][1], along_m
                vertex[at] = here
        parts.append((here, last, row))
    table = np.array(parts, dtype=np.int64).reshape(-1, 3)
    xy_m = np.vstack([links.xy_m, *extra])
    return xy_m, replace(links.only(table[:, 2]), ends=table[:, :2]), vertex


# --- nothing doubled, nothing cut off -----------------------------------------------------------


def _without_stubs(links: Links, ways: pd.DataFrame, params: Streets) -> Links:
    """Leave out crossings that now begin and end on the same way, or lead nowhere."""
    links = without_doubles(links, ways)
    rows = np.flatnonzero(is_crossing(ways)[links.way])
    others = np.delete(np.arange(len(links.ends)), rows)
    elsewhere = np.bincount(links.ends[others].ravel(), minlength=len(links.xy_m)) > 0
    found = chains(links.ends[rows], np.zeros(len(rows), np.int64), elsewhere, links.xy_m)
    length = np.bincount(found.of_link, links.length_m[rows], minlength=len(found.ends))
    degree = np.bincount(links.ends.ravel(), minlength=len(links.xy_m))
    of_street = others[is_street(ways)[links.way[others]]]
    dead = (degree[found.ends] == 1).any(axis=1)
    short = length <= 2 * params.sidewalk_reach_m
    out = short & (dead | _on_one_way(found.ends, links.only(of_street)))
    return links.only(np.setdiff1d(np.arange(len(links.ends)), rows[out[found.of_link]]))


def _on_one_way(ends: IntArray, streets: Links) -> BoolArray:
    """(c,) whether both of two vertices lie on the same way."""
    met: dict[int, set[int]] = {int(vertex): set() for vertex in ends.ravel()}
    near = np.isin(streets.ends, ends).any(axis=1)
    for pair, way in zip(streets.ends[near].tolist(), streets.way[near].tolist(), strict=True):
        for vertex in pair:
            if vertex in met:
                met[vertex].add(way)
    return np.array([bool(met[int(u)] & met[int(v)]) for u, v in ends], dtype=bool)


def _needed(kept: Links, gone: Links) -> BoolArray:
    """Which of the sidewalks have to stay, so that nothing is cut off or far round.

    Sidewalks that meet only each other form a group. A group stays if the walk between two
    vertices that it joins would else be more than ``_DETOUR_M`` longer than the whole group.
    Of groups that join separate pieces, the shortest stay until all is joined.
    """
    if not len(gone.ends):
        return np.zeros(0, dtype=bool)
    vertices = len(kept.xy_m)
    attached = np.zeros(vertices, dtype=bool)
    attached[kept.ends] = True
    # An attached vertex does not join sidewalks to a group: the network does that already.
    own = vertices + np.arange(2 * len(gone.ends)).reshape(-1, 2)
    inner = np.where(attached[gone.ends], own, gone.ends)
    label = components(inner, vertices + 2 * len(gone.ends))[inner[:, 0]]
    group = np.unique(label, return_inverse=True)[1]
    joins = pd.DataFrame({"group": np.repeat(group, 2), "vertex": gone.ends.ravel()})
    joins = joins[attached[joins["vertex"]]].drop_duplicates().sort_values(["group", "vertex"])
    length_m = np.bincount(group, gone.length_m).astype(np.float64)
    needed = _far_round(kept, joins, length_m)
    piece = components(np.vstack([kept.ends, gone.ends[needed[group]]]), vertices)
    return np.asarray((needed | _joining(piece, joins, length_m))[group])


def _far_round(kept: Links, joins: pd.DataFrame, length_m: FloatArray) -> BoolArray:
    """(groups,) whether the way round is too long, where there is one at all."""
    first = joins.groupby("group")["vertex"].transform("first")
    pairs = joins.assign(first=first)[joins["vertex"] != first]
    limit = length_m[pairs["group"]] + _DETOUR_M
    pairs = pairs.assign(limit_m=limit).sort_values(["limit_m", "group", "vertex"])
    weight = np.tile(kept.length_m, 2)
    both = np.vstack([kept.ends, kept.ends[:, ::-1]])
    size = len(kept.xy_m)
    graph = coo_array((weight, (both[:, 0], both[:, 1])), shape=(size, size)).tocsr()
    piece = components(kept.ends, size)
    far = np.zeros(len(length_m), dtype=bool)
    for start in range(0, len(pairs), _BATCH):
        part = pairs.iloc[start : start + _BATCH]
        origin, at = np.unique(part["first"], return_inverse=True)
        target = part["vertex"].to_numpy()
        walk_m = dijkstra(graph, indices=origin, limit=part["limit_m"].max())[at, target]
        same = piece[origin[at]] == piece[target]
        far[part["group"][same & (walk_m > part["limit_m"])]] = True
    return far


def _joining(piece: IntArray, joins: pd.DataFrame, length_m: FloatArray) -> BoolArray:
    """(groups,) the shortest groups that join all pieces that any group joins."""
    met = joins.assign(piece=piece[joins["vertex"]])[["group", "piece"]].drop_duplicates()
    several = met[met["group"].duplicated(keep=False)]
    members: dict[int, list[int]] = {}
    for at, label in zip(several["group"].tolist(), several["piece"].tolist(), strict=True):
        members.setdefault(at, []).append(label)
    root = {label: label for labels in members.values() for label in labels}
    needed = np.zeros(len(length_m), dtype=bool)
    for at in sorted(members, key=lambda g: (length_m[g], g)):
        tops = {_top(root, label) for label in members[at]}
        needed[at] = len(tops) > 1
        for top in tops:
            root[top] = min(tops)
    return needed


def _top(root: dict[int, int], piece: int) -> int:
    while root[piece] != piece:
        piece = root[piece]
    return piece
