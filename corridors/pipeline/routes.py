"""Every session's routes, with their value and its proof."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from corridors import days
from corridors.arrays import FloatArray
from corridors.errors import InputError
from corridors.model import Corridor, Coverage, NoPatrol, Route, Session
from corridors.network.flow import SLOT_MIN, present_by_slot
from corridors.network.snapping import snap
from corridors.patrols.session import Task, route_session
from corridors.patrols.stands import choose_stands
from corridors.pipeline.chance import generator
from corridors.pipeline.danger import Danger
from corridors.pipeline.ground import Ground
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


def route_all(ground: Ground, danger: Danger, tell: Progress) -> tuple[Routed, ...]:
    """Every session's routes. Sessions that differ only in the hour walk the same ones."""
    known: dict[tuple[tuple[str, ...], int, tuple[int, ...]], Routed] = {}
    routed: list[Routed] = []
    for number, session in enumerate(ground.sessions):
        bells_s = tuple(_bell_s(ground, session, urn) for urn in session.urns)
        alike = (session.urns, session.end_min - session.start_min, bells_s)
        if alike not in known:
            known[alike] = _route(ground, danger, number, tell)
        routed.append(replace(known[alike], session=session, number=number + 1))
    return tuple(routed)


def _route(ground: Ground, danger: Danger, number: int, tell: Progress) -> Routed:
    session = ground.sessions[number]
    params = ground.profile.patrols
    here = [c for c in danger.corridors if set(c.urns) & set(session.urns)]
    here.sort(key=lambda c: (-c.evidence.incidents_in_window, c.corridor_id))
    chosen, others = tuple(here[: params.max_teams]), here[params.max_teams :]
    if not chosen:
        return Routed(session)
    value, slot_value = _values(ground, danger, session)
    gates_m = ground.area.gates[[Gates.x_m, Gates.y_m]].to_numpy(dtype=float)
    places = ground.inputs.streets.places
    task = Task(
        network=ground.area.network,
        corridors=chosen,
        value=value,
        stands={
            c.corridor_id: choose_stands(
                ground.area.network, c, value, places, gates_m, params, _bells_s(ground, session, c)
            )
            for c in chosen
        },
        ends={c.corridor_id: e for c in chosen if (e := _told_ends(ground, c)) is not None},
        window_s=(session.end_min - session.start_min) * 60,
        slot_value=slot_value,
    )
    routes, coverage = route_session(
        task,
        params,
        generator(ground.profile.seed, "routes", str((session.urns, task.window_s))),
        lambda done, of: tell("routes", _routed_share(number + done / max(of, 1), ground)),
    )
    reason = f"all {params.max_teams} teams are on corridors with more evidence"
    left_out = tuple(NoPatrol(u, reason) for c in others for u in c.urns)
    return Routed(session, routes, chosen, coverage, left_out, task=task)


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


def _told_ends(ground: Ground, corridor: Corridor) -> tuple[int, int] | None:
    """Start and end nodes where the starts file names one of the corridor's schools."""
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
    return start, end
