"""A plan's routes asked about: a route of somebody's own, and what the plan leaves out.

The plan is made again from its inputs as far as its routes; people play no part, and nothing is
written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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
    streets_of,
    streets_walked,
    team_ends,
)
from corridors.patrols.trace import Sketch, trace_route, walked_line
from corridors.pipeline.chance import generator
from corridors.pipeline.danger import find_danger
from corridors.pipeline.ground import find_ground
from corridors.pipeline.piece import find_piece
from corridors.pipeline.progress import Progress
from corridors.pipeline.routes import Routed, route_all
from corridors.profile import Profile

NO_ROUTES = "no patrol is planned for this ward and week, so there is no route to look at"


@dataclass(frozen=True)
class Ask:
    """Whose route is changed, and on which day.

    ``session`` is the number in patrol ids; None: the team's first. ``day`` None: its first day.
    """

    sketch: Sketch
    team: int
    session: int | None = None
    day: date | None = None
    keep: bool = False


@dataclass(frozen=True)
class Place:
    """A session on one day; ``number`` as in patrol ids."""

    number: int
    day: date
    session: Session
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
class OtherDay:
    """A later day of the same corridors, in units of the day that is explained.

    ``fresh`` are streets that it walks and the explained day does not; ``left`` the other way
    round.
    """

    place: Place
    value: int
    upper_bound: int
    total: int
    fresh: tuple[StreetPart, ...]
    left: tuple[StreetPart, ...]


@dataclass(frozen=True)
class ExplainedSession:
    """What a day's plan covers and leaves out, and what the other days do otherwise."""

    place: Place
    story: SessionStory
    others: tuple[OtherDay, ...]


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
        key = str((chosen.session.urns, ask.team, chosen.day.isoformat()))
        kept = keep_trace(planned, ask.team, trace, generator(profile.seed, "keep", key))
    tell("done", 1.0)
    others = kept.teams if kept else ()
    return ScoredRoute(
        place=_place(chosen),
        score=score,
        kept=kept,
        kept_streets=tuple((team, streets_walked(planned, w.segment_ids)) for team, w in others),
        lines_m=tuple(
            (team, walked_line(network, walk)) for team, walk in ((ask.team, trace), *others)
        ),
        notes=ask.sketch.notes,
    )


def explain_plan(
    inputs: Inputs,
    profile: Profile,
    progress: Progress | None = None,
    *,
    day: date | None = None,
) -> tuple[ExplainedSession, ...]:
    """For each session with corridors of its own: a day's teams, and what more would bring.

    Sessions that differ only in the hour are told together, by their first day; of every other day,
    what it does otherwise.

    Parameters
    ----------
    day : explain this day in place of each session's first.

    Raises
    ------
    InputError
        If no patrol is planned, or none that day; and as ``make_plan``.
    """
    tell = progress or (lambda _stage, _share: None)
    routed = _routed(inputs, profile, tell)
    told = []
    different = _different(routed, day)
    for done, chosen in enumerate(different):
        tell("questions", 0.5 + 0.5 * done / len(different))
        rng = generator(profile.seed, "explain", str((chosen.session.urns, chosen.day.isoformat())))
        planned = _planned(chosen, profile)
        others = [r for r in routed if r.kind == chosen.kind and r is not chosen]
        told.append(
            ExplainedSession(
                place=_place(chosen),
                story=explain_session(planned, rng),
                others=tuple(_other_day(planned, r) for r in sorted(others, key=_when)),
            )
        )
    tell("done", 1.0)
    return tuple(told)


def _other_day(planned: Planned, other: Routed) -> OtherDay:
    assert other.coverage is not None  # _routed keeps no other
    here = {s for route in planned.routes for s in route.segment_ids}
    there = {s for route in other.routes for s in route.segment_ids}
    return OtherDay(
        place=_place(other),
        value=other.coverage.value,
        upper_bound=other.coverage.upper_bound,
        total=other.coverage.total,
        fresh=streets_of(planned, there - here),
        left=streets_of(planned, here - there),
    )


def _when(routed: Routed) -> tuple[date, int]:
    return routed.day, routed.number


def _routed(inputs: Inputs, profile: Profile, tell: Progress) -> tuple[Routed, ...]:
    """The sessions and days of the plan that have routes."""
    tell("streets", 0.0)
    ground = find_ground(find_piece(inputs, profile))
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
    """The first that is asked for, and of such one with the team if there is any."""
    having = routed
    if ask.session is not None:
        numbers = sorted({r.number for r in routed})
        having = tuple(r for r in having if r.number == ask.session)
        if not having:
            raise InputError(
                f"session {ask.session} has no routes",
                fix=f"Sessions with routes: {', '.join(map(str, numbers))}",
            )
    having = _on(having, ask.day)
    with_team = [r for r in having if ask.team in {route.team for route in r.routes}]
    return with_team[0] if with_team else having[0]


def _on(routed: tuple[Routed, ...], day: date | None) -> tuple[Routed, ...]:
    """Those of a day, all if none is asked for."""
    found = tuple(r for r in routed if day in (None, r.day))
    if not found:
        days = sorted({r.day for r in routed})
        raise InputError(
            f"no patrol is planned on {day:%d/%m/%Y}",
            fix=f"Days with routes: {', '.join(f'{d:%d/%m/%Y}' for d in days)}",
        )
    return found


def _different(routed: tuple[Routed, ...], day: date | None) -> list[Routed]:
    """The first day of each set of sessions that are alike."""
    first: dict[int, Routed] = {}
    for r in sorted(_on(routed, day), key=_when):
        first.setdefault(r.kind, r)
    return sorted(first.values(), key=lambda r: (r.number, r.day))


def _place(chosen: Routed) -> Place:
    return Place(chosen.number, chosen.day, chosen.session, chosen.corridors)
