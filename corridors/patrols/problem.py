"""The patrol routing problem, its answer, and a file format to keep both a case and its replay.

Team orienteering on the edges of an undirected multigraph with shared coverage [1]_: every edge
has a walking time and a value; a team's walk is continuous from its start to its end; the value
of an edge is collected once, whoever walks it and however often.

References
----------
.. [1] Archetti, Speranza, Corberán, Sanchis and Plana (2013), The Team Orienteering Arc Routing
   Problem, Transportation Science 48(3).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from corridors.arrays import BoolArray, IntArray
from corridors.errors import InputError
from corridors.patrols.shortest import UNREACHABLE, Streets, best_order, distances
from corridors.patrols.windows import NO_END_S, Stop, window_order

FORMAT: Final = "corridors-patrols-1"
# The order of stands is solved exactly, so that an impossible one is an error and not a bad plan.
STANDS_LIMIT: Final = 10
WALK_LIMIT_S: Final = 86_400


@dataclass(frozen=True)
class Edges:
    """Undirected street edges, column by column; loops and parallel edges are allowed.

    Parameters
    ----------
    tail, head : node numbers.
    walk_s : walking time in either direction, seconds >= 0.
    value : what covering the edge is worth, solver units >= 0.
    duty : what the edge counts for in floors, where that is not its value: 0 exactly where the
        value is 0; empty: the value.
    """

    tail: tuple[int, ...]
    head: tuple[int, ...]
    walk_s: tuple[int, ...]
    value: tuple[int, ...]
    duty: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.tail)

    @property
    def counts(self) -> tuple[int, ...]:
        """What each edge counts for in floors."""
        return self.duty or self.value

    @classmethod
    def from_arrays(
        cls,
        tail: npt.ArrayLike,
        head: npt.ArrayLike,
        walk_s: npt.ArrayLike,
        value: npt.ArrayLike,
        duty: npt.ArrayLike = (),
    ) -> Edges:
        """Edges from integer arrays, each (n,)."""
        columns = [np.asarray(column) for column in (tail, head, walk_s, value, duty)]
        if any(c.size and not np.issubdtype(c.dtype, np.integer) for c in columns):
            raise InputError("edge columns must be whole numbers", fix="Round them first")
        return cls(*(tuple(int(x) for x in column) for column in columns))


@dataclass(frozen=True)
class Stand:
    """A node where a team stands still for ``dwell_s`` seconds.

    It begins between ``earliest_s`` and ``latest_s`` after the session's start, in the first
    round; who comes early waits. ``in_sight`` are the edges that can be seen from it.
    """

    node: int
    dwell_s: int
    earliest_s: int = 0
    latest_s: int | None = None  # None: at any time
    in_sight: tuple[int, ...] = ()  # edge numbers, ascending

    @property
    def end_s(self) -> int:
        """The last second at which it may begin."""
        return NO_END_S if self.latest_s is None else self.latest_s


@dataclass(frozen=True)
class Team:
    """A team: where it starts and ends, its time, its stands, the edges it may not walk.

    ``police``: police may be with it, so that its minutes among pupils are to be few (A6).
    """

    start: int
    end: int
    time_limit_s: int
    stands: tuple[Stand, ...] = ()
    forbidden: tuple[int, ...] = ()  # edge numbers, ascending
    police: bool = False

    @property
    def dwell_s(self) -> int:
        """Seconds that the team stands still."""
        return sum(stand.dwell_s for stand in self.stands)


@dataclass(frozen=True)
class Floor:
    """Edges of which all teams together must cover at least ``minimum`` of ``Edges.counts``."""

    key: str
    edges: tuple[int, ...]  # edge numbers, ascending
    minimum: int


@dataclass(frozen=True)
class Slots:
    """What each edge is worth in each slot of the session, and how long presence lasts.

    Parameters
    ----------
    length_s : of a slot; slot ``s`` is [s x length_s, (s + 1) x length_s) from the session's start.
    value : by edge, by slot, solver units >= 0.
    fade_s : half-life of presence after a team has gone; 0: it ends at once.
    koper : (dwell_s, per cent) points of the curve that says how much of the value in sight a
        stand of that length counts for, ascending in both; empty: standing counts for nothing.
        Straight between the points and from (0, 0), level after the last.
    """

    length_s: int
    value: tuple[tuple[int, ...], ...]
    fade_s: int = 0
    koper: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class PatrolProblem:
    """A routing problem that has checked itself.

    Parameters
    ----------
    slots : what edges are worth at what time; None: time is worth nothing.
    window_s : the session's length. A team that ends where it starts walks its round again and
        again until then. None: everybody walks once, within the team's time limit.
    apart : two teams may not be on one edge at the same time.

    Raises
    ------
    InputError
        If a number is out of range, or a team cannot go from start to end by way of its stands
        within its time limit. A floor that no plan can reach is not an error:
        ``bound.upper_bound`` proves it.
    """

    node_count: int
    edges: Edges
    teams: tuple[Team, ...]
    floors: tuple[Floor, ...] = ()
    slots: Slots | None = None
    window_s: int | None = None
    apart: bool = False

    def __post_init__(self) -> None:
        _check_edges(self.node_count, self.edges)
        if self.slots is not None:
            _check_slots(self.slots, len(self.edges))
        if self.window_s is not None:
            _check_whole("window_s", (self.window_s,), 0)
        if not self.teams:
            raise InputError("there is no team", fix="Give at least one team")
        for number, team in enumerate(self.teams, start=1):
            _check_team(self, team, f"team {number}")
        for floor in self.floors:
            _check_floor(self.edges, floor)
        keys = [floor.key for floor in self.floors]
        if len(set(keys)) < len(keys):
            raise InputError(f"floor keys {sorted(keys)} are not unique", fix="Rename one")

    def deadline_s(self, team: Team) -> int:
        """When a team must be at its end, seconds from the session's start."""
        return team.time_limit_s if self.window_s is None else self.window_s

    def to_json(self) -> str:
        """The whole case as text; ``from_json`` gives it back."""
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> PatrolProblem:
        """Read what ``to_json`` wrote.

        Raises
        ------
        InputError
            If the text is not such a case, or the case breaks its own rules.
        """
        try:
            data = json.loads(text)
            if data["format"] != FORMAT:
                raise InputError(f"the case has format {data['format']!r}", fix=f"Use {FORMAT}")
            return cls(
                node_count=data["node_count"],
                edges=Edges(**{name: tuple(column) for name, column in data["edges"].items()}),
                teams=tuple(_team_from(team) for team in data["teams"]),
                floors=tuple(
                    Floor(floor["key"], tuple(floor["edges"]), floor["minimum"])
                    for floor in data["floors"]
                ),
                slots=_slots_from(data.get("slots")),
                window_s=data.get("window_s"),
                apart=data.get("apart", False),
            )
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
            raise InputError(f"this is no patrol case: {error!r}") from error


@dataclass(frozen=True)
class Walk:
    """One team's walk.

    Parameters
    ----------
    team : position in ``PatrolProblem.teams``.
    nodes, edges : k + 1 nodes and the k edges between them, in walking order.
    stand_at : for each of the team's stands, the position in ``nodes`` where it is stood at.
    begin_s : when it sets off, seconds from the session's start.
    waits : (position in ``nodes``, seconds) of waiting before standing or going on, by position.
    """

    team: int
    nodes: tuple[int, ...]
    edges: tuple[int, ...]
    stand_at: tuple[int, ...] = ()
    begin_s: int = 0
    waits: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Solution:
    """One walk for each team, in their order; ``walk_s`` is walking only, without dwells.

    ``met`` is what the teams meet of ``Slots.value``; None where nobody has worked it out.
    """

    walks: tuple[Walk, ...]
    value: int
    walk_s: int
    stopped_by_clock: bool = False
    met: float | None = None


@dataclass(frozen=True)
class Arrays:
    """A problem's edges as arrays, with what each team may walk.

    ``allowed`` is (teams, edges), True where the team may walk the edge.
    """

    streets: Streets
    value: IntArray
    allowed: BoolArray


def as_arrays(problem: PatrolProblem) -> Arrays:
    """The problem's columns as arrays."""
    edges = problem.edges
    return Arrays(
        streets=_streets(problem.node_count, edges),
        value=np.array(edges.value, dtype=np.int64),
        allowed=np.array([_allowed(len(edges), team) for team in problem.teams], dtype=bool),
    )


def sort_edges(problem: PatrolProblem) -> tuple[PatrolProblem, IntArray]:
    """The same problem with its edges in an order that no input order changes.

    Returns
    -------
    The sorted problem, and for each of its edges the number it had before. Edges that agree in
    ends, time, value, slots, floors, teams and stands are interchangeable and keep their order.
    Value comes last but for slots: problems that differ in nothing else, and have a duty, are
    sorted alike but for edges that nothing else tells apart.
    """
    floors = sorted(problem.floors, key=lambda floor: floor.key)
    member: list[list[int]] = [[] for _ in range(len(problem.edges))]
    for number, indices in enumerate(
        [floor.edges for floor in floors]
        + [team.forbidden for team in problem.teams]
        + [stand.in_sight for team in problem.teams for stand in team.stands]
    ):
        for edge in indices:
            member[edge].append(number)
    columns = problem.edges
    by_slot = problem.slots.value if problem.slots else ((),) * len(columns)

    def rank(e: int) -> tuple[object, ...]:
        ends = sorted((columns.tail[e], columns.head[e]))
        alike = ends[0], ends[1], columns.walk_s[e], -columns.counts[e], member[e]
        return *alike, -columns.value[e], by_slot[e]

    order = sorted(range(len(columns)), key=rank)
    place = {old: new for new, old in enumerate(order)}

    def moved(edges: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(place[e] for e in edges))

    ordered = Edges(
        tail=tuple(min(columns.tail[e], columns.head[e]) for e in order),
        head=tuple(max(columns.tail[e], columns.head[e]) for e in order),
        walk_s=tuple(columns.walk_s[e] for e in order),
        value=tuple(columns.value[e] for e in order),
        duty=tuple(columns.duty[e] for e in order) if columns.duty else (),
    )
    teams = tuple(
        replace(
            team,
            forbidden=moved(team.forbidden),
            stands=tuple(replace(s, in_sight=moved(s.in_sight)) for s in team.stands),
        )
        for team in problem.teams
    )
    kept = tuple(replace(floor, edges=moved(floor.edges)) for floor in problem.floors)
    slots = problem.slots
    if slots is not None:
        slots = replace(slots, value=tuple(slots.value[e] for e in order))
    return (
        replace(problem, edges=ordered, teams=teams, floors=kept, slots=slots),
        np.array(order, dtype=np.int64),
    )


def _streets(node_count: int, edges: Edges) -> Streets:
    return Streets(
        node_count=node_count,
        tail=np.array(edges.tail, dtype=np.int64),
        head=np.array(edges.head, dtype=np.int64),
        walk_s=np.array(edges.walk_s, dtype=np.int64),
        favour=np.array(edges.value, dtype=np.int64),
    )


def _allowed(edge_count: int, team: Team) -> BoolArray:
    allowed = np.ones(edge_count, dtype=bool)
    allowed[list(team.forbidden)] = False
    return allowed


def _team_from(data: dict[str, object]) -> Team:
    fields: dict[str, object] = dict(data)
    stands, forbidden = fields.pop("stands"), fields.pop("forbidden")
    if not isinstance(stands, list) or not isinstance(forbidden, list):
        raise TypeError("stands and forbidden must be lists")
    return Team(
        **fields,  # type: ignore[arg-type]  # _check_team looks at every value
        stands=tuple(
            Stand(**{**stand, "in_sight": tuple(stand.get("in_sight", ()))}) for stand in stands
        ),
        forbidden=tuple(forbidden),
    )


def _slots_from(data: dict[str, object] | None) -> Slots | None:
    if data is None:
        return None
    fields: dict[str, object] = dict(data)
    value, koper = fields.pop("value"), fields.pop("koper", [])
    if not isinstance(value, list) or not isinstance(koper, list):
        raise TypeError("slots' value and koper must be lists")
    if any(len(point) != 2 for point in koper):
        raise TypeError("koper's points must be pairs")
    return Slots(
        **fields,  # type: ignore[arg-type]  # _check_slots looks at every value
        value=tuple(tuple(row) for row in value),
        koper=tuple((dwell_s, percent) for dwell_s, percent in koper),
    )


def _check_whole(what: str, values: tuple[int, ...], low: int, high: int | None = None) -> None:
    for value in values:
        if type(value) is not int:
            raise InputError(f"{what} must be a whole number", value=value)
        if value < low or (high is not None and value > high):
            span = f"at least {low}" if high is None else f"between {low} and {high}"
            raise InputError(f"{what} must be {span}", value=value)


def _check_edges(node_count: int, edges: Edges) -> None:
    _check_whole("node_count", (node_count,), 1)
    columns = (edges.tail, edges.head, edges.walk_s, edges.value, edges.counts)
    if len({len(column) for column in columns}) > 1:
        raise InputError(f"edge columns differ in length: {[len(column) for column in columns]}")
    _check_whole("an edge's tail", edges.tail, 0, node_count - 1)
    _check_whole("an edge's head", edges.head, 0, node_count - 1)
    _check_whole("an edge's walk_s", edges.walk_s, 0, WALK_LIMIT_S)
    _check_whole("an edge's value", edges.value, 0)
    _check_whole("an edge's duty", edges.counts, 0)
    for value, duty in zip(edges.value, edges.counts, strict=True):
        if (value == 0) != (duty == 0):
            raise InputError(f"an edge is worth {value} and its duty is {duty}")


def _check_slots(slots: Slots, edge_count: int) -> None:
    _check_whole("slots: length_s", (slots.length_s,), 1)
    _check_whole("slots: fade_s", (slots.fade_s,), 0)
    if len(slots.value) != edge_count or len({len(row) for row in slots.value}) > 1:
        raise InputError(
            f"slots have {len(slots.value)} rows of lengths {sorted(set(map(len, slots.value)))}",
            fix=f"Give one row for each of {edge_count} edges, all of the same length",
        )
    for row in slots.value:
        _check_whole("a slot's value", row, 0)
    _check_whole("koper: dwell_s", tuple(dwell_s for dwell_s, _ in slots.koper), 1)
    _check_whole("koper: per cent", tuple(percent for _, percent in slots.koper), 0, 100)
    for (dwell_s, percent), (longer_s, more) in pairwise(slots.koper):
        if longer_s <= dwell_s or more < percent:
            raise InputError(
                "koper's points must grow in dwell and never fall", value=(longer_s, more)
            )


def _check_stand(stand: Stand, who: str, last_edge: int) -> None:
    _check_whole(f"{who}: a stand's dwell_s", (stand.dwell_s,), 0)
    _check_whole(f"{who}: a stand's earliest_s", (stand.earliest_s,), 0)
    _check_whole(f"{who}: a stand's latest_s", (stand.end_s,), 0)
    _check_whole(f"{who}: an edge in sight", stand.in_sight, 0, last_edge)
    if stand.end_s < stand.earliest_s:
        raise InputError(
            f"{who}: the stand at node {stand.node} has to begin by {stand.end_s} s "
            f"but not before {stand.earliest_s} s",
            fix="Let its window end after it begins",
        )
    if list(stand.in_sight) != sorted(set(stand.in_sight)):
        raise InputError(f"{who}: edges in sight must be ascending, each once")


def _check_team(problem: PatrolProblem, team: Team, who: str) -> None:
    last_node, last_edge = problem.node_count - 1, len(problem.edges) - 1
    _check_whole(f"{who}: start", (team.start,), 0, last_node)
    _check_whole(f"{who}: end", (team.end,), 0, last_node)
    _check_whole(f"{who}: time_limit_s", (team.time_limit_s,), 0)
    _check_whole(f"{who}: a forbidden edge", team.forbidden, 0, last_edge)
    _check_whole(f"{who}: a stand's node", tuple(s.node for s in team.stands), 0, last_node)
    for stand in team.stands:
        _check_stand(stand, who, last_edge)
    if list(team.forbidden) != sorted(set(team.forbidden)):
        raise InputError(f"{who}: forbidden edges must be ascending, each once")
    if len(team.stands) > STANDS_LIMIT:
        raise InputError(f"{who} has {len(team.stands)} stands", fix=f"Give at most {STANDS_LIMIT}")
    if type(team.police) is not bool:
        raise InputError(f"{who}: police must be true or false", value=team.police)
    if team.dwell_s > team.time_limit_s:
        raise InputError(
            f"{who} stands for {team.dwell_s} s but has only {team.time_limit_s} s",
            fix="Shorten the dwells or lengthen the patrol",
        )
    _check_reach(problem, team, who)


def fits(node_count: int, edges: Edges, team: Team, deadline_s: int) -> bool:
    """Whether a team can go from start to end by way of its stands, in their windows.

    Parameters
    ----------
    deadline_s : when it must be at its end; ``time_limit_s`` limits walking and standing.
    """
    walk_s = _between_stops(node_count, edges, team)
    return bool(walk_s[0].max() < UNREACHABLE) and stand_order(walk_s, team, deadline_s) is not None


def stand_order(
    walk_s: npt.NDArray[np.integer], team: Team, deadline_s: int
) -> tuple[int, ...] | None:
    """An order of the team's stands, from 1, that keeps its time and all windows, or None.

    Parameters
    ----------
    walk_s : (k + 2, k + 2) seconds between start, k stands and end.
    """
    stops = tuple(Stop(s.dwell_s, s.earliest_s, s.end_s) for s in team.stands)
    if all(stop == Stop(stop.dwell_s) for stop in stops):
        least_s, order = best_order(walk_s)
        return order if least_s + team.dwell_s <= min(team.time_limit_s, deadline_s) else None
    return window_order(walk_s, stops, team.time_limit_s - team.dwell_s, deadline_s)


def _between_stops(node_count: int, edges: Edges, team: Team) -> npt.NDArray[np.int32]:
    """Seconds between start, stands and end, each to each."""
    stops = [team.start, *(stand.node for stand in team.stands), team.end]
    allowed = _allowed(len(edges), team)
    return distances(_streets(node_count, edges), allowed, np.array(stops))[:, stops]


def _check_reach(problem: PatrolProblem, team: Team, who: str) -> None:
    stops = [team.start, *(stand.node for stand in team.stands), team.end]
    walk_s = _between_stops(problem.node_count, problem.edges, team)
    for position, node in enumerate(stops):
        if walk_s[0, position] >= UNREACHABLE:
            what = "end" if position == len(stops) - 1 else "stand"
            raise InputError(
                f"{who}: the {what} at node {node} cannot be reached from node {team.start}",
                fix="Join the streets or move it",
            )
    least_s = best_order(walk_s)[0] + team.dwell_s
    if least_s > team.time_limit_s:
        raise InputError(
            f"{who} needs {least_s} s from start to end with its stands "
            f"but has only {team.time_limit_s} s",
            fix="Raise patrols.round_min, lower patrols.stand_dwell_min, or move its start or end",
        )
    if stand_order(walk_s, team, problem.deadline_s(team)) is None:
        windows = ", ".join(
            f"node {s.node} from {s.earliest_s} s"
            + ("" if s.latest_s is None else f" to {s.latest_s} s")
            for s in team.stands
        )
        raise InputError(
            f"{who} cannot begin its stands within their windows ({windows}) and be at its end "
            f"by {problem.deadline_s(team)} s",
            fix="Widen patrols.bus_stop_from_min to bus_stop_to_min, or lower "
            "patrols.stand_dwell_min",
        )


def _check_floor(edges: Edges, floor: Floor) -> None:
    who = f"floor {floor.key!r}"
    _check_whole(f"{who}: an edge", floor.edges, 0, len(edges) - 1)
    _check_whole(f"{who}: minimum", (floor.minimum,), 0)
    if list(floor.edges) != sorted(set(floor.edges)):
        raise InputError(f"{who}: edges must be ascending, each once")


__all__ = [
    "Arrays",
    "Edges",
    "Floor",
    "IntArray",
    "PatrolProblem",
    "Slots",
    "Solution",
    "Stand",
    "Team",
    "Walk",
    "as_arrays",
    "fits",
    "sort_edges",
    "stand_order",
]
