"""Every session's routes, with their value and its proof."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from corridors import days
from corridors.arrays import FloatArray
from corridors.errors import InputError
from corridors.model import (
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
from corridors.patrols.session import Task, route_session
from corridors.patrols.stands import choose_stands
from corridors.pipeline.chance import generator
from corridors.pipeline.danger import Danger
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
from corridors.tables import Gates, Segments, StartPoints

_TOLD_REACH_M = 200.0


@dataclass(frozen=True)
class Routed:
    """A session with its routes; ``task`` and ``coverage`` are None where it has no corridor."""

    session: Session
    routes: tuple[Route, ...] = ()
    corridors: tuple[Corridor, ...] = ()
    coverage: Coverage | None = None
    left_out: tuple[NoPatrol, ...] = ()
    number: int = 1  # of the week, in patrol ids
    task: Task | None = None
    notes: tuple[str, ...] = ()  # what staff have to know of places kept clear of


def route_all(ground: Ground, danger: Danger, tell: Progress) -> tuple[Routed, ...]:
    """Every session's routes. Sessions that differ only in the hour walk the same ones."""
    no_go = find_no_go(ground)
    known: dict[tuple[tuple[str, ...], int, tuple[int, ...]], Routed] = {}
    routed: list[Routed] = []
    for number, session in enumerate(ground.sessions):
        bells_s = tuple(_bell_s(ground, session, urn) for urn in session.urns)
        alike = (session.urns, session.end_min - session.start_min, bells_s)
        if alike not in known:
            known[alike] = _route(ground, danger, number, no_go, tell)
        routed.append(replace(known[alike], session=session, number=number + 1))
    return tuple(routed)


def _route(
    ground: Ground, danger: Danger, number: int, no_go: tuple[NoGo, ...], tell: Progress
) -> Routed:
    session = ground.sessions[number]
    params = ground.profile.patrols
    here = [c for c in danger.corridors if set(c.urns) & set(session.urns)]
    here.sort(key=lambda c: (-c.evidence.incidents_in_window, c.corridor_id))
    limits = {c.corridor_id: limits_of(ground, c, no_go) for c in here}
    shut = [c for c in here if not walkable(limits[c.corridor_id], c).segment_ids]
    left_out = [NoPatrol(u, why_shut(limits[c.corridor_id], c)) for c in shut for u in c.urns]
    here = [c for c in here if c not in shut]
    chosen, others = tuple(here[: params.max_teams]), here[params.max_teams :]
    if not chosen:
        return Routed(session, left_out=tuple(left_out))
    task = _task(ground, chosen, session, limits, _values(ground, danger, session))
    routes, coverage = route_session(
        task,
        params,
        generator(ground.profile.seed, "routes", str((session.urns, task.window_s))),
        lambda done, of: tell("routes", _routed_share(number + done / max(of, 1), ground)),
    )
    reason = f"all {params.max_teams} teams are on corridors with more evidence"
    left_out += [NoPatrol(u, reason) for c in others for u in c.urns]
    notes = (n for c in chosen for n in no_go_notes(limits[c.corridor_id], c, task.value))
    return Routed(session, routes, chosen, coverage, tuple(left_out), task=task, notes=tuple(notes))


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


def _routed_share(sessions_done: float, ground: Ground) -> float:
    return min(0.45 + 0.4 * sessions_done / len(ground.sessions), 0.85)


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
