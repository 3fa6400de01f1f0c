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
from typing import Final

import numpy as np
import numpy.typing as npt

from corridors.arrays import BoolArray, IntArray
from corridors.errors import InputError
from corridors.patrols.shortest import UNREACHABLE, Streets, best_order, distances

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
    """

    tail: tuple[int, ...]
    head: tuple[int, ...]
    walk_s: tuple[int, ...]
    value: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.tail)

    @classmethod
    def from_arrays(
        cls,
        tail: npt.ArrayLike,
        head: npt.ArrayLike,
        walk_s: npt.ArrayLike,
        value: npt.ArrayLike,
    ) -> Edges:
        """Edges from integer arrays, each (n,)."""
        columns = [np.asarray(column) for column in (tail, head, walk_s, value)]
        if any(c.size and not np.issubdtype(c.dtype, np.integer) for c in columns):
            raise InputError("edge columns must be whole numbers", fix="Round them first")
        first, second, third, fourth = (tuple(int(x) for x in column) for column in columns)
        return cls(first, second, third, fourth)


@dataclass(frozen=True)
class Stand:
    """A node where a team stands still for ``dwell_s`` seconds."""

    node: int
    dwell_s: int


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
    """Edges of which all teams together must cover at least ``minimum`` of value."""

    key: str
    edges: tuple[int, ...]  # edge numbers, ascending
    minimum: int


@dataclass(frozen=True)
class PatrolProblem:
    """A routing problem that has checked itself.

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

    def __post_init__(self) -> None:
        _check_edges(self.node_count, self.edges)
        if not self.teams:
            raise InputError("there is no team", fix="Give at least one team")
        for number, team in enumerate(self.teams, start=1):
            _check_team(self, team, f"team {number}")
        for floor in self.floors:
            _check_floor(self.edges, floor)
        keys = [floor.key for floor in self.floors]
        if len(set(keys)) < len(keys):
            raise InputError(f"floor keys {sorted(keys)} are not unique", fix="Rename one")

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
    """

    team: int
    nodes: tuple[int, ...]
    edges: tuple[int, ...]
    stand_at: tuple[int, ...] = ()


@dataclass(frozen=True)
class Solution:
    """One walk for each team, in their order; ``walk_s`` is walking only, without dwells."""

    walks: tuple[Walk, ...]
    value: int
    walk_s: int
    stopped_by_clock: bool = False


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
    ends, time, value, floors and teams are interchangeable and keep their order.
    """
    floors = sorted(problem.floors, key=lambda floor: floor.key)
    member: list[list[int]] = [[] for _ in range(len(problem.edges))]
    for number, indices in enumerate(
        [floor.edges for floor in floors] + [team.forbidden for team in problem.teams]
    ):
        for edge in indices:
            member[edge].append(number)
    columns = problem.edges

    def rank(e: int) -> tuple[int, int, int, int, list[int]]:
        ends = sorted((columns.tail[e], columns.head[e]))
        return ends[0], ends[1], columns.walk_s[e], -columns.value[e], member[e]

    order = sorted(range(len(columns)), key=rank)
    place = {old: new for new, old in enumerate(order)}
    ordered = Edges(
        tail=tuple(min(columns.tail[e], columns.head[e]) for e in order),
        head=tuple(max(columns.tail[e], columns.head[e]) for e in order),
        walk_s=tuple(columns.walk_s[e] for e in order),
        value=tuple(columns.value[e] for e in order),
    )
    teams = tuple(
        replace(team, forbidden=tuple(sorted(place[e] for e in team.forbidden)))
        for team in problem.teams
    )
    moved = tuple(
        replace(floor, edges=tuple(sorted(place[e] for e in floor.edges)))
        for floor in problem.floors
    )
    return (
        PatrolProblem(problem.node_count, ordered, teams, moved),
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
        stands=tuple(Stand(**stand) for stand in stands),
        forbidden=tuple(forbidden),
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
    columns = (edges.tail, edges.head, edges.walk_s, edges.value)
    if len({len(column) for column in columns}) > 1:
        raise InputError(f"edge columns differ in length: {[len(column) for column in columns]}")
    _check_whole("an edge's tail", edges.tail, 0, node_count - 1)
    _check_whole("an edge's head", edges.head, 0, node_count - 1)
    _check_whole("an edge's walk_s", edges.walk_s, 0, WALK_LIMIT_S)
    _check_whole("an edge's value", edges.value, 0)


def _check_team(problem: PatrolProblem, team: Team, who: str) -> None:
    last_node, last_edge = problem.node_count - 1, len(problem.edges) - 1
    _check_whole(f"{who}: start", (team.start,), 0, last_node)
    _check_whole(f"{who}: end", (team.end,), 0, last_node)
    _check_whole(f"{who}: time_limit_s", (team.time_limit_s,), 0)
    _check_whole(f"{who}: a forbidden edge", team.forbidden, 0, last_edge)
    _check_whole(f"{who}: a stand's node", tuple(s.node for s in team.stands), 0, last_node)
    _check_whole(f"{who}: a stand's dwell_s", tuple(s.dwell_s for s in team.stands), 0)
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


def fits(node_count: int, edges: Edges, team: Team) -> bool:
    """Whether a team can go from start to end by way of its stands within its time limit."""
    walk_s = _between_stops(node_count, edges, team)
    return bool(
        walk_s[0].max() < UNREACHABLE and best_order(walk_s)[0] + team.dwell_s <= team.time_limit_s
    )


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
    "Solution",
    "Stand",
    "Team",
    "Walk",
    "as_arrays",
    "fits",
    "sort_edges",
]
