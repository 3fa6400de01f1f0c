"""Every session's routes, with their value and its proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import groupby

import numpy as np

from corridors import days
from corridors.arrays import FloatArray
from corridors.errors import InputError
from corridors.model import (
    ControlDay,
    Corridor,
    Coverage,
    NoGo,
    NoPatrol,
    Route,
    Session,
    StandPoint,
)
from corridors.network.flow import SLOT_MIN, net_pupils, present_by_slot
from corridors.network.snapping import snap
from corridors.patrols.session import DayPlan, Task, later_iterations, route_session
from corridors.patrols.stands import choose_stands
from corridors.pipeline.chance import generator
from corridors.pipeline.danger import MOSTLY, Danger
from corridors.pipeline.ground import Ground
from corridors.pipeline.no_go import (
    Limits,
    clear_places,
    find_no_go,
    limits_of,
    no_go_notes,
    require_reach,
    walkable,
    why_shut,
)
from corridors.pipeline.progress import Progress
from corridors.pipeline.random_days import split_by_lot
from corridors.pipeline.week import Past, Walked, require_week
from corridors.profile import Patrols
from corridors.risk.guards import street_list
from corridors.tables import Gates, Segments, StartPoints

_TOLD_REACH_M = 200.0


@dataclass(frozen=True)
class Routed:
    """A session on one day, with its routes; ``task`` and ``coverage`` are None where it has none.

    Sessions that differ in nothing but the hour are of one ``kind``: their days share corridors,
    teams and stand points.
    """

    session: Session
    day: date
    routes: tuple[Route, ...] = ()
    corridors: tuple[Corridor, ...] = ()
    coverage: Coverage | None = None
    left_out: tuple[NoPatrol, ...] = ()
    number: int = 1  # of the session in the week, in patrol ids
    kind: int = 0
    task: Task | None = None
    notes: tuple[str, ...] = ()  # what staff have to know of places kept clear of
    control: tuple[ControlDay, ...] = ()  # corridors that the lot leaves without a patrol


@dataclass(frozen=True)
class _Kind:
    """What days of sessions that are alike share, and the ``plans`` of those days made so far.

    ``task`` is that of a day on its own; None: no corridor has a patrol.
    """

    number: int
    session: Session
    task: Task | None
    left_out: tuple[NoPatrol, ...]
    notes: tuple[str, ...] = ()
    plans: tuple[DayPlan, ...] = ()


def route_all(ground: Ground, danger: Danger, tell: Progress) -> tuple[Routed, ...]:
    """Every session's routes, day by day: what one day walks is worth less on the next.

    Returns
    -------
    One for each session and day, by session and then by day.

    Raises
    ------
    CorridorsError
        If an independent check finds a broken rule of the routes or of the week: a bug.
    """
    no_go = find_no_go(ground)
    network = ground.area.network
    kinds: dict[tuple[tuple[str, ...], int, tuple[int, ...]], _Kind] = {}
    past = Past.none(len(network.segments))
    routed: list[Routed] = []
    todo = sorted((day, number) for number, s in enumerate(ground.sessions) for day in s.days)
    params = _shared_out(ground, len(todo))
    for day, todays in groupby(todo, key=lambda item: item[0]):
        before = len(routed)
        for _, number in todays:
            session = ground.sessions[number]
            key = _kind_key(ground, session)
            if key not in kinds:
                kinds[key] = _kind(ground, danger, session, no_go, len(kinds))
            worth = past.kept(day, params) * ~past.rests(danger.dosage, ground.profile.guards)
            step = partial(_tell_share, tell, len(routed), len(todo))
            kinds[key], found = _route(ground, kinds[key], (day, worth), params, step)
            routed.append(replace(found, session=session, number=number + 1))
        walked = (route for one in routed[before:] for route in one.routes)
        past = past.after(day, walked, network)
    _check(ground, danger, routed)
    return tuple(sorted(routed, key=lambda r: (r.number, r.day)))


def _kind_key(ground: Ground, session: Session) -> tuple[tuple[str, ...], int, tuple[int, ...]]:
    bells_s = tuple(_bell_s(ground, session, urn) for urn in session.urns)
    return session.urns, session.end_min - session.start_min, bells_s


def _shared_out(ground: Ground, days_in_all: int) -> Patrols:
    """The profile's limits with the ward's seconds dealt over its searches.

    A first day counts for as many later ones as its search has more iterations.
    """
    params = ground.profile.patrols
    first = len({_kind_key(ground, session) for session in ground.sessions})
    part = later_iterations(params) / params.iterations
    return replace(
        params, max_seconds=params.max_seconds / max(1.0, first + (days_in_all - first) * part)
    )


def _tell_share(tell: Progress, before: int, in_all: int, done: int, of: int) -> None:
    tell("routes", min(0.45 + 0.4 * (before + done / max(of, 1)) / in_all, 0.85))


def _kind(
    ground: Ground, danger: Danger, session: Session, no_go: tuple[NoGo, ...], number: int
) -> _Kind:
    """Corridors, stand points and worths of sessions like this one."""
    params = ground.profile.patrols
    here = [c for c in danger.corridors if set(c.urns) & set(session.urns)]
    here.sort(key=lambda c: (-c.evidence.incidents_in_window, c.corridor_id))
    limits = {c.corridor_id: limits_of(ground, c, no_go) for c in here}
    shut = [c for c in here if not walkable(limits[c.corridor_id], c).segment_ids]
    left_out = [NoPatrol(u, why_shut(limits[c.corridor_id], c)) for c in shut for u in c.urns]
    here = [c for c in here if c not in shut]
    chosen, others = tuple(here[: params.max_teams]), here[params.max_teams :]
    if not chosen:
        return _Kind(number, session, None, tuple(left_out))
    task = _task(ground, chosen, session, limits, _values(ground, danger, session))
    reason = f"all {params.max_teams} teams are on corridors with more evidence"
    left_out += [NoPatrol(u, reason) for c in others for u in c.urns]
    notes = (n for c in chosen for n in no_go_notes(limits[c.corridor_id], c, task.value))
    return _Kind(number, session, task, tuple(left_out), tuple(notes))


def _route(
    ground: Ground,
    kind: _Kind,
    today: tuple[date, FloatArray],
    params: Patrols,
    tell: Callable[[int, int], None],
) -> tuple[_Kind, Routed]:
    """One day of a session; the kind with the day among its plans."""
    (day, kept), whole = today, kind.task
    bare = Routed(kind.session, day, left_out=kind.left_out, kind=kind.number)
    if whole is None:
        return kind, bare
    open_today, notes = _not_resting(whole, kept, day)
    open_today, control = split_by_lot(open_today, day, params.days_share, ground.profile.seed)
    bare = replace(
        bare,
        notes=(*kind.notes, *notes),
        control=tuple(_control_day(c, kind.session, day) for c in control),
    )
    if not open_today:
        return kind, bare
    task = replace(whole, corridors=open_today, value=whole.value * kept, whole=whole.value)
    names = {c.corridor_id for c in open_today}
    made = route_session(
        task,
        params,
        generator(ground.profile.seed, "routes", str((kind.session.urns, day.isoformat()))),
        tuple(p for p in kind.plans if {*p.case.corridor_of_team} == names),
        tell,
    )
    found = replace(
        bare, routes=made.routes, corridors=open_today, coverage=made.coverage, task=task
    )
    return replace(kind, plans=(*kind.plans, made)), found


def _control_day(corridor: Corridor, session: Session, day: date) -> ControlDay:
    urns = tuple(u for u in corridor.urns if u in session.urns)
    return ControlDay(corridor.corridor_id, urns, day)


def _not_resting(
    whole: Task, kept: FloatArray, day: date
) -> tuple[tuple[Corridor, ...], tuple[str, ...]]:
    """Corridors that are patrolled on a day, and a note on each of those that rest."""
    walked, notes = [], []
    for corridor in whole.corridors:
        ids = np.array(corridor.segment_ids)
        rests = ids[(kept[ids] == 0) & (whole.value[ids] > 0)]
        had = "more would pass the cap of guards.dosage_days or dosage_minutes"
        if whole.value[rests].sum() > MOSTLY * whole.value[ids].sum():
            notes.append(
                f"Corridor {corridor.corridor_id} has no patrol on {day:%d/%m/%Y}: most of its "
                f"streets rest by then, since {had}."
            )
            continue
        walked.append(corridor)
        if len(rests):
            names = street_list(whole.network.segments[Segments.name].loc[rests].tolist())
            notes.append(f"On {day:%d/%m/%Y} patrols rest on all or part of {names}: {had}.")
    return tuple(walked), tuple(notes)


def _check(ground: Ground, danger: Danger, routed: list[Routed]) -> None:
    walked = [
        Walked(
            r.day, r.task.value, r.task.value if r.task.whole is None else r.task.whole, r.routes
        )
        for r in routed
        if r.task is not None
    ]
    require_week(walked, danger.dosage.visited, ground.area.network, ground.profile)


def _task(
    ground: Ground,
    corridors: tuple[Corridor, ...],
    session: Session,
    limits: dict[str, Limits],
    values: tuple[FloatArray, FloatArray],
) -> Task:
    (value, slot_value), params = values, ground.profile.patrols
    network, flows = ground.area.network, ground.area.flows
    gates_m = ground.area.gates[[Gates.x_m, Gates.y_m]].to_numpy(dtype=float)
    stands: dict[str, tuple[StandPoint, ...]] = {}
    ends: dict[str, tuple[int, int]] = {}
    for corridor in corridors:
        mine = limits[corridor.corridor_id]
        walked, places = walkable(mine, corridor), clear_places(ground, police=mine.police)
        stands[corridor.corridor_id] = choose_stands(
            network, walked, value, places, gates_m, params, _bells_s(ground, session, corridor)
        )
        told = _told_ends(ground, corridor)
        if told is not None:
            require_reach(mine, walked, told[0], told[1])
            ends[corridor.corridor_id] = told[1]
    return Task(
        network=network,
        corridors=corridors,
        value=value,
        stands=stands,
        ends=ends,
        window_s=(session.end_min - session.start_min) * 60,
        no_go=limits[corridors[0].corridor_id].no_go,
        with_police=frozenset(c.corridor_id for c in corridors if limits[c.corridor_id].police),
        slot_value=slot_value,
        pupils=net_pupils(network, [f for f in flows if f.urn in session.urns]),
    )


def _bell_s(ground: Ground, session: Session, urn: str) -> int:
    """When a school finishes, seconds from the session's start."""
    return 60 * (ground.week[urn][session.days[0]] - session.start_min)


def _bells_s(ground: Ground, session: Session, corridor: Corridor) -> tuple[int, int]:
    """When the first and the last of the corridor's schools finish."""
    bells_s = [_bell_s(ground, session, u) for u in corridor.urns if u in session.urns]
    return min(bells_s), max(bells_s)


def _values(ground: Ground, danger: Danger, session: Session) -> tuple[FloatArray, FloatArray]:
    """Risk x pupils there in the same quarter of an hour: over the session (n), and by slot.

    The second is (n, slots of ``days.SLOT_MIN`` from the session's start). Nothing on school
    sites (A8) and on streets that rest (D.7).
    """
    area = ground.area
    starts_min = np.arange(session.start_min, session.end_min, SLOT_MIN, dtype=np.int64)
    first_min = days.first_start_min(ground.week.values(), session.days[0], ground.profile.window)
    pupils = np.zeros((len(area.network.segments), len(starts_min)))
    for flow in area.flows:
        if flow.urn in session.urns:
            finish = ground.week[flow.urn][session.days[0]]
            pupils += present_by_slot(flow, finish, starts_min, ground.profile.flow)
    slot = np.clip((starts_min - first_min) // days.SLOT_MIN, 0, danger.risk.shape[1] - 1)
    in_site = area.network.segments[Segments.in_school_site].to_numpy()
    worth = danger.risk[:, slot] * pupils
    counts = ~(in_site | danger.dosage.rests)
    quarters = np.arange(0, len(starts_min), days.SLOT_MIN // SLOT_MIN)
    return (
        np.where(counts, worth.sum(axis=1) * area.length_m, 0.0),
        np.add.reduceat(worth, quarters, axis=1) * (area.length_m * counts)[:, None],
    )


def _told_ends(ground: Ground, corridor: Corridor) -> tuple[str, tuple[int, int]] | None:
    """URN, and start and end node, where the starts file names one of the corridor's schools."""
    starts = ground.inputs.starts
    told = [u for u in corridor.urns if u in starts.index]
    if not told:
        return None
    row = starts.loc[told[0]]
    at = snap(
        ground.area.network,
        np.array([row[StartPoints.start_x_m], row[StartPoints.end_x_m]]),
        np.array([row[StartPoints.start_y_m], row[StartPoints.end_y_m]]),
        reach_m=_TOLD_REACH_M,
    )
    if (at["segment_id"] < 0).any():
        raise InputError(
            f"the start or end is more than {_TOLD_REACH_M:g} m from any street near this ward",
            file="starts file",
            column="start_easting … end_northing",
            value=told[0],
            fix="Correct its eastings and northings",
        )
    rows = ground.area.network.segments.loc[at["segment_id"]]
    nearer_u = at["offset_m"].to_numpy() <= rows[Segments.length_m].to_numpy() / 2
    start, end = np.where(nearer_u, rows[Segments.u], rows[Segments.v]).tolist()
    return told[0], (start, end)
