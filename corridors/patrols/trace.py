"""From a drawn line, or streets in order, to a connected walk on the street network.

A line is matched as a whole: every few metres it may be on any street near by, and the walk is
the sequence of places that stays near the line while it is about as long as the line is [1]_. A
list of streets is the shortest walk that is on each of them in turn. What the line or the list
leaves open is filled by the shortest walk, and kept as a ``Gap`` so that it can be said.

References
----------
.. [1] Newson and Krumm (2009), Hidden Markov Map Matching Through Noise and Sparseness, ACM GIS.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.errors import InputError
from corridors.model import Network
from corridors.patrols.shortest import UNREACHABLE, Legs, Streets, leg_edges, shortest_legs
from corridors.tables import Nodes, Segments

REACH_M: Final = 35.0  # a street farther from the line than this is not meant
JOIN_M: Final = 150.0  # a line that begins this near the team's start is joined to it
LONGEST_M: Final = 40_000.0
MOST_STREETS: Final = 60

_STEP_M: Final = 15.0  # the line is looked at so often
_STILL_M: Final = 2.0  # points nearer to the last one say nothing new
_MOST_CHOICES: Final = 8
_BESIDE_M: Final = 10.0  # usual distance between a line and its street
_DETOUR_M: Final = 8.0  # usual difference between the walk and the line from look to look ...
_WANDER_M: Final = 40.0  # ... where the line is the longer one
_LEAP_M: Final = 60.0  # a walk longer than the line by more than this fills a gap
_PER_M: Final = 10  # shortest walks are counted in whole decimetres
_GAP_COST: Final = 3  # a metre off the named streets, in metres on them
_SHORT_WORDS: Final = {
    "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane", "cl": "close", "cres": "crescent",
    "gdns": "gardens", "pl": "place", "sq": "square", "ter": "terrace", "st": "street",
    "gro": "grove", "dr": "drive", "ct": "court",
}  # fmt: skip


@dataclass(frozen=True)
class NamedStreet:
    """A street in a list, and the row of the file that names it."""

    name: str
    row: int


@dataclass(frozen=True)
class Sketch:
    """A route as a person gave it: lines, or streets in order.

    Parameters
    ----------
    file : what messages call it.
    lines_m : each (k, 2) metres, EPSG:27700, in walking order; empty for a list of streets.
    streets : in walking order; empty for lines.
    notes : what its reader left out, in words.
    """

    file: str
    lines_m: tuple[FloatArray, ...] = ()
    streets: tuple[NamedStreet, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """A stretch that the sketch leaves open. ``where``: ``start``, ``between`` or ``end``."""

    where: str
    segment_ids: tuple[int, ...]
    length_m: float


@dataclass(frozen=True)
class Trace:
    """A connected walk on the network: k + 1 nodes and k segments, in walking order.

    ``unmatched_m`` is how much of a line is farther than ``REACH_M`` from every street.
    """

    node_ids: tuple[int, ...]
    segment_ids: tuple[int, ...]
    gaps: tuple[Gap, ...] = ()
    unmatched_m: float = 0.0


def trace_route(
    network: Network, sketch: Sketch, ends: tuple[int, int], shut: BoolArray | None = None
) -> Trace:
    """The walk that a sketch means.

    Parameters
    ----------
    network : walks may use all of it; gaps are filled without what is shut.
    ends : node ids where the team starts and ends. A list of streets is walked between them. A
        line that begins or ends within ``JOIN_M`` of walking is joined to them; farther ones stay
        as drawn.
    shut : (n) segments that the team may not walk; school sites if None.

    Raises
    ------
    InputError
        If the line is not near any street or too long, a street is not in the network, or two
        stretches cannot be joined.
    """
    is_open = ~(network.segments[Segments.in_school_site].to_numpy() if shut is None else shut)
    if sketch.streets:
        return _listed(network, sketch, ends, is_open)
    return _joined(network, _drawn(network, sketch, is_open), ends, is_open)


def walked_line(network: Network, trace: Trace) -> FloatArray:
    """The walk as one line: (k, 2) metres, EPSG:27700, in walking order."""
    lines = network.segments.geometry.iloc[list(trace.segment_ids)].to_numpy()
    first = network.segments[Segments.u].to_numpy()[list(trace.segment_ids)]
    parts = [
        shapely.get_coordinates(line if u == node else line.reverse())
        for line, u, node in zip(lines, first, trace.node_ids[:-1], strict=True)
    ]
    if not parts:  # a team that stays where it is
        at_m = network.nodes.loc[trace.node_ids[0], [Nodes.x_m, Nodes.y_m]].to_numpy(dtype=float)
        return np.array([at_m, at_m])
    xy_m: FloatArray = np.concatenate(parts)
    again = np.r_[False, (np.diff(xy_m, axis=0) == 0).all(axis=1)]
    once: FloatArray = xy_m[~again]
    return once


# --- a drawn line -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Looks:
    """Places along the line, each (k): ``gone_m`` metres from the last one, ``breaks`` a new part.

    ``xy_m`` is (k, 2).
    """

    xy_m: FloatArray
    gone_m: FloatArray
    breaks: BoolArray


@dataclass(frozen=True)
class _Choices:
    """Where each look may be: by look, positions on segments, nearest first.

    ``at`` is the share of the segment from its u end, 0-1.
    """

    segment: tuple[IntArray, ...]
    at: tuple[FloatArray, ...]
    away_m: tuple[FloatArray, ...]


@dataclass(frozen=True)
class _Ground:
    """The network's columns, and shortest walks between the ends of segments that may be meant."""

    u: IntArray
    v: IntArray
    length_m: FloatArray
    legs: Legs
    row: dict[int, int]  # row of ``legs`` by node

    def apart_m(self, nodes: IntArray, others: IntArray) -> FloatArray:
        """Metres from each of ``nodes`` to each of ``others``."""
        rows = np.array([self.row[n] for n in nodes.tolist()], dtype=np.int64)
        out: FloatArray = self.legs.walk_s[rows[:, None], others[None, :]] / _PER_M
        return out


def _drawn(network: Network, sketch: Sketch, is_open: BoolArray) -> Trace:
    looks = _looks(sketch)
    choices = _choices(network, looks)
    seen = np.flatnonzero([len(c) > 0 for c in choices.segment])
    if not len(seen):
        raise InputError(
            f"no part of the line is within {REACH_M:g} m of a street near this ward",
            file=sketch.file,
            fix="Draw it along the streets of the ward that you name",
        )
    unmatched_m = float(looks.gone_m[~np.isin(np.arange(len(looks.gone_m)), seen)].sum())
    ground = _ground(network, choices, is_open)
    steps = [_step(ground, looks, choices, pair) for pair in pairwise(seen.tolist())]
    picked = _best_sequence(steps, [choices.away_m[i] for i in seen.tolist()], sketch.file)
    stays = _stays(ground, choices, steps, (seen.tolist(), picked))
    return _assembled(ground, stays, unmatched_m, sketch.file)


def _looks(sketch: Sketch) -> _Looks:
    parts = []
    for line_m in sketch.lines_m:
        line = shapely.LineString(_thinned(line_m))
        parts.append(shapely.get_coordinates(shapely.segmentize(line, _STEP_M)))
    xy_m = np.concatenate(parts)
    breaks = np.zeros(len(xy_m), dtype=bool)
    breaks[np.cumsum([0, *(len(part) for part in parts[:-1])])] = True
    gone_m = np.r_[0.0, np.hypot(*np.diff(xy_m, axis=0).T)]
    drawn_m = float(gone_m[~breaks].sum())
    if drawn_m > LONGEST_M:
        raise InputError(
            f"the line is {drawn_m / 1000:,.0f} km long, more than {LONGEST_M / 1000:g} km",
            file=sketch.file,
            fix="Give the walk of one round",
        )
    return _Looks(xy_m, gone_m, breaks)


def _thinned(line_m: FloatArray) -> FloatArray:
    """Without points nearer than ``_STILL_M`` to the one before, but for the last.

    A simpler line would lose the way there and back of a walk that turns round.
    """
    kept = [0]
    for i in range(1, len(line_m)):
        if np.hypot(*(line_m[i] - line_m[kept[-1]])) >= _STILL_M:
            kept.append(i)
    thin: FloatArray = line_m[kept if len(kept) > 1 else [0, len(line_m) - 1]]
    return thin


def _choices(network: Network, looks: _Looks) -> _Choices:
    lines = network.segments.geometry.to_numpy()
    points = shapely.points(looks.xy_m)
    look, segment = shapely.STRtree(lines).query(points, predicate="dwithin", distance=REACH_M)
    away_m = shapely.distance(points[look], lines[segment])
    order = np.lexsort((segment, away_m, look))
    look, segment, away_m = look[order], segment[order].astype(np.int64), away_m[order]
    at = shapely.line_locate_point(lines[segment], points[look], normalized=True)
    first = np.searchsorted(look, np.arange(len(points)))
    last = np.minimum(
        np.searchsorted(look, np.arange(len(points)), side="right"), first + _MOST_CHOICES
    )
    spans = [slice(a, b) for a, b in zip(first.tolist(), last.tolist(), strict=True)]
    return _Choices(
        segment=tuple(segment[s] for s in spans),
        at=tuple(at[s] for s in spans),
        away_m=tuple(away_m[s] for s in spans),
    )


def _ground(network: Network, choices: _Choices, is_open: BoolArray) -> _Ground:
    near = np.unique(np.concatenate(choices.segment))
    streets = _streets(network)
    allowed = is_open.copy()
    allowed[near] = True  # the line may well go where nobody may: then that is said
    nodes = np.unique(np.concatenate([streets.tail[near], streets.head[near]]))
    return _Ground(
        u=streets.tail,
        v=streets.head,
        length_m=network.segments[Segments.length_m].to_numpy(dtype=float),
        legs=shortest_legs(streets, allowed, nodes),
        row={node: row for row, node in enumerate(nodes.tolist())},
    )


def _streets(network: Network) -> Streets:
    """The network for shortest walks, in decimetres in place of seconds."""
    segments = network.segments
    length_m = segments[Segments.length_m].to_numpy(dtype=float)
    return Streets(
        node_count=len(network.nodes),
        tail=segments[Segments.u].to_numpy(dtype=np.int64),
        head=segments[Segments.v].to_numpy(dtype=np.int64),
        walk_s=np.maximum(np.round(length_m * _PER_M), 1).astype(np.int64),
        favour=np.zeros(len(segments), dtype=np.int64),
    )


@dataclass(frozen=True)
class _Step:
    """From one look to the next that is near a street.

    ``walk_m`` and ``way`` are (choices, choices): how far it is, and how: 4 stays on the segment,
    else 2 out + in, where 0 is the u end and 1 the v end. ``line_m`` is how far the line goes.
    """

    walk_m: FloatArray
    way: IntArray
    line_m: float
    is_open: bool  # the line leaves the streets, or a part of it ends


def _best_sequence(steps: list[_Step], away_m: list[FloatArray], file: str) -> list[int]:
    """The choice of each look that together cost least (Viterbi)."""
    cost = _beside(away_m[0])
    back: list[IntArray] = []
    for step, beside_m in zip(steps, away_m[1:], strict=True):
        whole = cost[:, None] + _detour(step.walk_m - step.line_m)
        back.append(np.argmin(whole, axis=0))
        cost = whole.min(axis=0) + _beside(beside_m)
    if not np.isfinite(cost).any():
        raise InputError(
            "parts of the line lie on streets that nothing joins",
            file=file,
            fix="Draw the walk as one line along streets",
        )
    picked = [int(np.argmin(cost))]
    for link in reversed(back):
        picked.append(int(link[picked[-1]]))
    return picked[::-1]


def _beside(away_m: FloatArray) -> FloatArray:
    out: FloatArray = (away_m / _BESIDE_M) ** 2 / 2
    return out


def _detour(longer_m: FloatArray) -> FloatArray:
    """What it costs that the walk is longer than the line, or, less so, shorter: lines wander."""
    out: FloatArray = np.maximum(longer_m, 0) / _DETOUR_M + np.maximum(-longer_m, 0) / _WANDER_M
    return out


def _line_m(looks: _Looks, before: int, now: int) -> float:
    """Metres from look to look: along the line, straight over a break."""
    if looks.breaks[before + 1 : now + 1].any():
        return float(np.hypot(*(looks.xy_m[now] - looks.xy_m[before])))
    return float(looks.gone_m[before + 1 : now + 1].sum())


def _step(ground: _Ground, looks: _Looks, choices: _Choices, pair: tuple[int, int]) -> _Step:
    before, now = pair
    s, t = choices.segment[before], choices.segment[now]
    here, there = choices.at[before], choices.at[now]
    stay_m = np.abs(here[:, None] - there[None, :]) * ground.length_m[s][:, None]
    # Staying comes first where it is as short: leaving by an end and coming back is no walk.
    ways = [np.where(s[:, None] == t[None, :], stay_m, np.inf)]
    for out, leaving in ((ground.u, here), (ground.v, 1 - here)):
        for end, entering in ((ground.u, there), (ground.v, 1 - there)):
            apart_m = ground.apart_m(out[s], end[t])
            walk_m = (leaving * ground.length_m[s])[:, None] + apart_m
            walk_m = walk_m + (entering * ground.length_m[t])[None, :]
            ways.append(np.where(apart_m < UNREACHABLE / _PER_M, walk_m, np.inf))
    stacked = np.stack(ways)
    best = np.argmin(stacked, axis=0)
    return _Step(
        walk_m=stacked.min(axis=0),
        way=np.where(best == 0, 4, best - 1),
        line_m=_line_m(looks, before, now),
        is_open=now - before > 1 or bool(looks.breaks[now]),
    )


@dataclass(frozen=True)
class _Stay:
    """A time on one segment: where on it, as shares from its u end, from coming in to leaving.

    ``link`` is the way to the next stay, segments in walking order, and ``is_gap`` says that the
    line does not show it.
    """

    segment: int
    path: tuple[float, ...]
    link: tuple[int, ...] = ()
    is_gap: bool = False


def _stays(
    ground: _Ground,
    choices: _Choices,
    steps: list[_Step],
    matched: tuple[list[int], list[int]],
) -> list[_Stay]:
    """The matched sequence, (looks, choices), as stays on segments with the ways between them."""
    ends = (ground.u, ground.v)
    places = [
        (int(choices.segment[look][i]), float(choices.at[look][i]))
        for look, i in zip(*matched, strict=True)
    ]
    now = _Stay(places[0][0], (places[0][1],))
    stays: list[_Stay] = []
    for step, pair, (segment, at) in zip(steps, pairwise(matched[1]), places[1:], strict=True):
        way = int(step.way[pair])
        if way == 4:
            now = replace(now, path=(*now.path, at))
            continue
        out, into = divmod(way, 2)
        row = ground.row[int(ends[out][now.segment])]
        link = leg_edges(ground.legs, row, int(ends[into][segment]))[1]
        leaps = bool(step.walk_m[pair] > step.line_m + _LEAP_M)
        path = (*now.path, float(out))
        stays.append(_Stay(now.segment, path, tuple(link), is_gap=leaps or step.is_open))
        now = _Stay(segment, (float(into), at))
    return [*stays, now]


def _passes(stay: _Stay, length_m: float) -> tuple[int, int]:
    """Which end the stay is walked from, 0 (u) or 1 (v), and how often it is walked.

    A segment counts as walked if more than half of it was: a line that turns round half-way walks
    it there and back, or not at all. Wandering about its middle is no walk.
    """
    margin = min(0.25, _BESIDE_M / max(length_m, 1e-9))
    first = 0 if stay.path[0] <= 0.5 else 1
    side, count = first, 0
    for at in stay.path[1:]:
        if (at > 0.5 + margin) if side == 0 else (at < 0.5 - margin):
            side, count = 1 - side, count + 1
    return first, count


def _assembled(ground: _Ground, stays: list[_Stay], unmatched_m: float, file: str) -> Trace:
    """The stays and the ways between them as one walk of whole segments."""
    ends = (ground.u, ground.v)
    start, _ = _passes(stays[0], float(ground.length_m[stays[0].segment]))
    nodes = [int(ends[start][stays[0].segment])]
    edges: list[int] = []
    gaps: list[Gap] = []
    for stay in stays:
        edges += [stay.segment] * _passes(stay, float(ground.length_m[stay.segment]))[1]
        edges += stay.link
        if stay.is_gap and stay.link:
            gaps.append(_gap(ground.length_m, "between", stay.link))
    if not edges:
        raise InputError(
            "the line is shorter than half a street between two junctions",
            file=file,
            fix="Draw the whole walk",
        )
    for edge in edges:
        nodes.append(int(ground.u[edge] + ground.v[edge] - nodes[-1]))
    return Trace(tuple(nodes), tuple(edges), tuple(gaps), unmatched_m)


def _gap(length_m: FloatArray, where: str, segment_ids: tuple[int, ...]) -> Gap:
    return Gap(where, segment_ids, float(length_m[list(segment_ids)].sum()))


def _joined(network: Network, trace: Trace, ends: tuple[int, int], is_open: BoolArray) -> Trace:
    """The walk with its two ends joined to the team's, where they are near."""
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    legs = shortest_legs(_streets(network), is_open, np.array(ends))
    nodes, edges, gaps = list(trace.node_ids), list(trace.segment_ids), list(trace.gaps)
    if 0 < legs.walk_s[0, nodes[0]] <= JOIN_M * _PER_M:
        after, way = leg_edges(legs, 0, nodes[0])
        nodes, edges = [ends[0], *after[:-1], *nodes], [*way, *edges]
        gaps.insert(0, _gap(length_m, "start", tuple(way)))
    if 0 < legs.walk_s[1, nodes[-1]] <= JOIN_M * _PER_M:
        after, way = leg_edges(legs, 1, nodes[-1])
        back = [ends[1], *after][::-1]
        nodes, edges = [*nodes, *back[1:]], [*edges, *way[::-1]]
        gaps.append(_gap(length_m, "end", tuple(way[::-1])))
    return replace(trace, node_ids=tuple(nodes), segment_ids=tuple(edges), gaps=tuple(gaps))


# --- a list of streets --------------------------------------------------------------------------


def _listed(network: Network, sketch: Sketch, ends: tuple[int, int], is_open: BoolArray) -> Trace:
    """Shortest walk from the start over at least one segment of each street to the end.

    Floors of one building: on floor 2 k the walk looks for street k, on floor 2 k + 1 it is on it.
    """
    members = _members(network, sketch)
    streets = _streets(network)
    count = streets.node_count
    links: list[_Links] = []
    for k, member in enumerate(members):
        looking = _quickest(streets, is_open)
        on = _quickest(streets, member)
        links += [
            _links(streets, looking, (2 * k, 2 * k), _GAP_COST if k else 1),
            _links(streets, on, (2 * k, 2 * k + 1), 1),
            _links(streets, on, (2 * k + 1, 2 * k + 1), 1),
            _stairs(count, 2 * k + 1),
        ]
    top = 2 * len(members)
    links.append(_links(streets, _quickest(streets, is_open), (top, top), 1))
    nodes, edges, floors = _cheapest(links, count, ends, top)
    if not edges:
        raise InputError(
            "these streets cannot be walked in this order from the team's start to its end",
            file=sketch.file,
            fix="Leave out the street that does not join the others",
        )
    length_m = network.segments[Segments.length_m].to_numpy(dtype=float)
    return Trace(nodes, edges, _floor_gaps(length_m, edges, floors, top))


@dataclass(frozen=True)
class _Links:
    """One-way links between numbered places: floor x nodes + node. ``edge`` -1 climbs a floor."""

    tail: IntArray
    head: IntArray
    cost: IntArray
    edge: IntArray


def _links(streets: Streets, edges: IntArray, floors: tuple[int, int], cost: int) -> _Links:
    low, high = floors[0] * streets.node_count, floors[1] * streets.node_count
    tail, head, walk = streets.tail[edges], streets.head[edges], streets.walk_s[edges] * cost
    return _Links(
        np.concatenate([tail, head]) + low,
        np.concatenate([head, tail]) + high,
        np.concatenate([walk, walk]),
        np.concatenate([edges, edges]),
    )


def _stairs(count: int, floor: int) -> _Links:
    nodes = np.arange(count, dtype=np.int64)
    # One decimetre: a sparse matrix cannot tell a free way from none.
    ones = np.ones(count, dtype=np.int64)
    return _Links(nodes + floor * count, nodes + (floor + 1) * count, ones, -ones)


def _quickest(streets: Streets, allowed: BoolArray) -> IntArray:
    """Of each pair of nodes, the shortest allowed segment; loops lead nowhere."""
    usable = np.flatnonzero(allowed & (streets.tail != streets.head))
    low = np.minimum(streets.tail, streets.head)[usable]
    high = np.maximum(streets.tail, streets.head)[usable]
    order = np.lexsort((usable, streets.walk_s[usable], high, low))
    first = np.r_[True, (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)]
    chosen: IntArray = usable[order][first[: len(order)]]
    return chosen


def _cheapest(
    links: list[_Links], count: int, ends: tuple[int, int], top: int
) -> tuple[tuple[int, ...], tuple[int, ...], list[int]]:
    """Nodes, segments and the floor of each segment, or nothing if there is no way."""
    tail, head, cost, edge = (
        np.concatenate([getattr(part, name) for part in links])
        for name in ("tail", "head", "cost", "edge")
    )
    size = (top + 1) * count
    graph = coo_array((cost.astype(float), (tail, head)), shape=(size, size)).tocsr()
    spent, before = dijkstra(graph, indices=ends[0], return_predecessors=True)
    place = top * count + ends[1]
    if not np.isfinite(spent[place]):
        return (), (), []
    used = dict(zip(zip(tail.tolist(), head.tolist(), strict=True), edge.tolist(), strict=True))
    places = [place]
    while places[-1] != ends[0]:
        places.append(int(before[places[-1]]))
    places.reverse()
    steps = [(b, used[a, b]) for a, b in pairwise(places)]
    walked = [(to, e) for to, e in steps if e >= 0]
    nodes = (ends[0], *(to % count for to, _ in walked))
    return nodes, tuple(e for _, e in walked), [to // count for to, _ in walked]


def _floor_gaps(
    length_m: FloatArray, edges: tuple[int, ...], floors: list[int], top: int
) -> tuple[Gap, ...]:
    gaps = []
    for floor in sorted({f for f in floors if f % 2 == 0}):
        where = "start" if floor == 0 else "end" if floor == top else "between"
        gaps.append(
            _gap(
                length_m, where, tuple(e for e, f in zip(edges, floors, strict=True) if f == floor)
            )
        )
    return tuple(gaps)


def _members(network: Network, sketch: Sketch) -> list[BoolArray]:
    """For each street of the list, which segments bear its name: (n)."""
    if len(sketch.streets) > MOST_STREETS:
        raise InputError(
            f"lists {len(sketch.streets)} streets, more than {MOST_STREETS}",
            file=sketch.file,
            fix="Give the walk of one round",
        )
    names = network.segments[Segments.name].astype(str)
    plain = names.map(plain_name).to_numpy(dtype=object)
    shown = dict(sorted(zip(plain.tolist(), names.tolist(), strict=True), reverse=True))
    found = []
    for street in sketch.streets:
        wanted = plain_name(street.name)
        member = np.asarray(plain == wanted, dtype=bool)
        if not wanted or not member.any():
            near = get_close_matches(wanted, [name for name in shown if name], n=3)
            likely = ", ".join(repr(shown[name]) for name in near)
            raise InputError(
                "no street near this ward has this name",
                file=sketch.file,
                row=street.row,
                value=street.name,
                fix=f"Is it {likely}?" if near else "Spell it as the map does, or draw the line",
            )
        found.append(member)
    return found


def plain_name(name: str) -> str:
    """A street's name for comparing: letters and digits in lower case, its last word in full.

    >>> plain_name("St. Mary's Rd")
    'st marys road'
    """
    words = re.sub(r"[^\w\s]", "", name.casefold()).replace("_", " ").split()
    return " ".join([*words[:-1], _SHORT_WORDS.get(words[-1], words[-1])]) if words else ""
