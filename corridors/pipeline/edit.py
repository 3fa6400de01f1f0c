"""A plan's routes asked about: a route of somebody's own, and what the plan leaves out.

The plan is made again from its inputs as far as its routes; people play no part, and nothing is
written.
"""

from __future__ import annotations

from dataclasses import dataclass

from corridors.arrays import FloatArray
from corridors.errors import InputError
from corridors.model import Corridor, Inputs, Session
from corridors.patrols.explain import (
    Kept,
    Planned,
    RouteScore,
    SessionStory,
    StreetPart,
    explain_session,
    keep_trace,
    score_trace,
    streets_walked,
    team_ends,
)
from corridors.patrols.trace import Sketch, trace_route, walked_line
from corridors.pipeline.area import find_area
from corridors.pipeline.chance import generator
from corridors.pipeline.danger import find_danger
from corridors.pipeline.ground import find_ground
from corridors.pipeline.progress import Progress
from corridors.pipeline.routes import Routed, route_all
from corridors.profile import Profile

NO_ROUTES = "no patrol is planned for this ward and week, so there is no route to look at"


@dataclass(frozen=True)
class Ask:
    """Whose route is changed. ``session`` is the number in patrol ids; None: the team's first."""

    sketch: Sketch
    team: int
    session: int | None = None
    keep: bool = False


@dataclass(frozen=True)
class Place:
    """Sessions that walk the same routes: ``numbers`` as in patrol ids."""

    numbers: tuple[int, ...]
    sessions: tuple[Session, ...]
    corridors: tuple[Corridor, ...]


@dataclass(frozen=True)
class ScoredRoute:
    """A route of somebody's own beside the plan's; ``kept`` where the others were planned anew."""

    place: Place
    score: RouteScore
    kept: Kept | None
    kept_streets: tuple[tuple[int, tuple[StreetPart, ...]], ...]
    lines_m: tuple[tuple[int, FloatArray], ...]  # by team, the asked one first: (k, 2) EPSG:27700
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ExplainedSession:
    """What a session's plan covers and leaves out."""

    place: Place
    story: SessionStory


def score_route(
    inputs: Inputs, profile: Profile, ask: Ask, progress: Progress | None = None
) -> ScoredRoute:
    """Match a route to the streets and put it beside the planned one.

    Parameters
    ----------
    inputs, profile : as for ``make_plan``; the same plan is made again.
    ask : the route, and for whom.

    Raises
    ------
    InputError
        If there is no such session or team, or the route cannot be matched; and as ``make_plan``.
    """
    tell = progress or (lambda _stage, _share: None)
    routed = _routed(inputs, profile, tell)
    chosen = _session_of(routed, ask)
    planned = _planned(chosen, profile)
    tell("route", 0.8)
    network = planned.task.network
    ends = team_ends(planned, ask.team)
    shut = planned.task.shut_to(planned.routes[ask.team - 1].corridor_id)
    trace = trace_route(network, ask.sketch, ends, shut)
    score = score_trace(planned, ask.team, trace)
    kept = None
    if ask.keep:
        tell("others", 0.85)
        key = str((chosen.session.urns, ask.team))
        kept = keep_trace(planned, ask.team, trace, generator(profile.seed, "keep", key))
    tell("done", 1.0)
    others = kept.teams if kept else ()
    return ScoredRoute(
        place=_place(routed, chosen),
        score=score,
        kept=kept,
        kept_streets=tuple((team, streets_walked(planned, w.segment_ids)) for team, w in others),
        lines_m=tuple(
            (team, walked_line(network, walk)) for team, walk in ((ask.team, trace), *others)
        ),
        notes=ask.sketch.notes,
    )


def explain_plan(
    inputs: Inputs, profile: Profile, progress: Progress | None = None
) -> tuple[ExplainedSession, ...]:
    """For each session that walks its own routes: its teams, and what more would bring.

    Raises
    ------
    InputError
        If no patrol is planned; and as ``make_plan``.
    """
    tell = progress or (lambda _stage, _share: None)
    routed = _routed(inputs, profile, tell)
    told = []
    different = _different(routed)
    for done, chosen in enumerate(different):
        tell("questions", 0.5 + 0.5 * done / len(different))
        rng = generator(profile.seed, "explain", str(chosen.session.urns))
        story = explain_session(_planned(chosen, profile), rng)
        told.append(ExplainedSession(_place(routed, chosen), story))
    tell("done", 1.0)
    return tuple(told)


def _routed(inputs: Inputs, profile: Profile, tell: Progress) -> tuple[Routed, ...]:
    """The sessions of the plan that have routes."""
    tell("streets", 0.0)
    ground = find_ground(find_area(inputs, profile, tell), inputs)
    tell("risk", 0.3)
    danger = find_danger(ground)
    tell("routes", 0.45)
    found = tuple(r for r in route_all(ground, danger, tell) if r.task is not None)
    if not found:
        raise InputError(NO_ROUTES, fix="`corridors plan` says why")
    return found


def _planned(routed: Routed, profile: Profile) -> Planned:
    assert routed.task is not None  # _routed keeps no other
    assert routed.coverage is not None
    return Planned(routed.task, profile.patrols, routed.routes, routed.coverage)


def _session_of(routed: tuple[Routed, ...], ask: Ask) -> Routed:
    numbers = [r.number for r in routed]
    if ask.session is not None:
        if ask.session not in numbers:
            raise InputError(
                f"session {ask.session} has no routes",
                fix=f"Sessions with routes: {', '.join(map(str, numbers))}",
            )
        return routed[numbers.index(ask.session)]
    having = [r for r in routed if ask.team in {route.team for route in r.routes}]
    return having[0] if having else routed[0]


def _different(routed: tuple[Routed, ...]) -> list[Routed]:
    """The first of each set of sessions that walk the same routes."""
    first: dict[int, Routed] = {}
    for r in routed:
        first.setdefault(id(r.task), r)
    return list(first.values())


def _place(routed: tuple[Routed, ...], chosen: Routed) -> Place:
    alike = [r for r in routed if r.task is chosen.task]
    return Place(
        numbers=tuple(r.number for r in alike),
        sessions=tuple(r.session for r in alike),
        corridors=chosen.corridors,
    )
