"""Every session's routes, with their value and its proof."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from corridors.errors import InputError
from corridors.model import Corridor, Coverage, FloatArray, NoPatrol, Route, Session
from corridors.network.flow import departed_by
from corridors.network.snapping import snap
from corridors.patrols.session import Task, route_session
from corridors.patrols.stands import choose_stands
from corridors.pipeline.danger import Danger
from corridors.pipeline.ground import Ground
from corridors.pipeline.progress import Progress
from corridors.tables import Gates, Segments, StartPoints

_TOLD_REACH_M = 200.0


@dataclass(frozen=True)
class Routed:
    """A session with its routes; ``coverage`` is None where it has no corridor."""

    session: Session
    routes: tuple[Route, ...] = ()
    corridors: tuple[Corridor, ...] = ()
    coverage: Coverage | None = None
    left_out: tuple[NoPatrol, ...] = ()
    number: int = 1  # of the week, in patrol ids


def route_all(ground: Ground, danger: Danger, tell: Progress) -> tuple[Routed, ...]:
    """Every session's routes. Sessions that differ only in the hour walk the same ones."""
    known: dict[tuple[tuple[str, ...], int], Routed] = {}
    routed: list[Routed] = []
    for number, session in enumerate(ground.sessions):
        alike = (session.urns, session.end_min - session.start_min)
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
    value = _value(ground, danger.risk_per_m, session)
    gates_m = ground.gates[[Gates.x_m, Gates.y_m]].to_numpy(dtype=float)
    places = ground.inputs.streets.places
    task = Task(
        network=ground.network,
        corridors=chosen,
        value=value,
        stands={
            c.corridor_id: choose_stands(ground.network, c, value, places, gates_m, params)
            for c in chosen
        },
        ends={c.corridor_id: e for c in chosen if (e := _told_ends(ground, c)) is not None},
        window_s=(session.end_min - session.start_min) * 60,
    )
    routes, coverage = route_session(
        task,
        params,
        _rng(ground.profile.seed, "routes", str((session.urns, task.window_s))),
        lambda done, of: tell("routes", _routed_share(number + done / max(of, 1), ground)),
    )
    reason = f"all {params.max_teams} teams are on corridors with more evidence"
    left_out = tuple(NoPatrol(u, reason) for c in others for u in c.urns)
    return Routed(session, routes, chosen, coverage, left_out)


def _routed_share(sessions_done: float, ground: Ground) -> float:
    return min(0.45 + 0.4 * sessions_done / len(ground.sessions), 0.85)


def _value(ground: Ground, risk_per_m: FloatArray, session: Session) -> FloatArray:
    """Risk x pupils who pass before the session ends: (n)."""
    pupils = np.zeros(len(ground.network.segments))
    after_bell_min = session.end_min - session.start_min - ground.profile.window.lead_min
    for flow in ground.flows:
        if flow.urn in session.urns:
            reached = np.isfinite(flow.arrival_s)
            delay_min = after_bell_min - flow.arrival_s[reached] / 60
            pupils[reached] += flow.walkers[reached] * departed_by(delay_min, ground.profile.flow)
    in_site = ground.network.segments[Segments.in_school_site].to_numpy()
    return np.where(in_site, 0.0, risk_per_m * ground.length_m * pupils)


def _told_ends(ground: Ground, corridor: Corridor) -> tuple[int, int] | None:
    """Start and end nodes where the starts file names one of the corridor's schools."""
    starts = ground.inputs.starts
    told = [u for u in corridor.urns if u in starts.index]
    if not told:
        return None
    row = starts.loc[told[0]]
    at = snap(
        ground.network,
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
    rows = ground.network.segments.loc[at["segment_id"]]
    nearer_u = at["offset_m"].to_numpy() <= rows[Segments.length_m].to_numpy() / 2
    start, end = np.where(nearer_u, rows[Segments.u], rows[Segments.v]).tolist()
    return start, end


def _rng(seed: int, stage: str, key: str) -> np.random.Generator:
    """A generator of its own for each stage and key, whatever ran before it."""
    digest = hashlib.sha256(f"{stage}|{key}".encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])
