"""The after-school window in quarters of an hour: pupils, risk, and where each team is."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

import numpy as np

from corridors.arrays import IntArray
from corridors.days import SLOT_MIN
from corridors.model import Plan, Route, local_time
from corridors.publish.bands import flow_bands, risk_bands_by_slot
from corridors.publish.wording import clean_name, place_words
from corridors.tables import Nodes, Segments

_FLOW_SLOT_MIN: Final = 5


@dataclass(frozen=True)
class Place:
    """Where a team is at a moment, EPSG:27700 metres."""

    x_m: float
    y_m: float
    words: str  # "on Cedar Road", "at Mill Park"


def quarter_starts(plan: Plan) -> tuple[int, ...]:
    """Local minutes at which the quarters of the window begin; none if nothing happens in it.

    They are the slots of ``Plan.risk``, with more before and after where a session or the way home
    is longer.
    """
    spans = [(s.start_min, s.end_min) for s in plan.sessions]
    spans += [(m, m + _FLOW_SLOT_MIN) for m in plan.slot_start_min]
    if not spans:
        return ()
    if plan.has_times:
        spans.append((plan.risk_start_min, plan.risk_start_min + SLOT_MIN * plan.risk.shape[1]))
    first = (min(a for a, _ in spans) - plan.risk_start_min) // SLOT_MIN
    last = -((plan.risk_start_min - max(b for _, b in spans)) // SLOT_MIN)
    return tuple(plan.risk_start_min + SLOT_MIN * k for k in range(first, last))


def quarter_words(start_min: int) -> str:
    """``15:30 to 15:45``."""
    return f"{local_time(start_min)} to {local_time(start_min + SLOT_MIN)}"


def flow_by_quarter(plan: Plan, starts: tuple[int, ...]) -> IntArray:
    """(n segments, quarters) bands of the pupils expected to walk by in each quarter."""
    walkers = np.zeros((len(plan.network.segments), len(starts)))
    for slot, start_min in enumerate(plan.slot_start_min):
        walkers[:, (start_min - starts[0]) // SLOT_MIN] += plan.flow_slots[:, slot]
    return flow_bands(walkers)


def risk_by_quarter(plan: Plan, starts: tuple[int, ...], *, reach_m: float) -> IntArray:
    """(n segments, quarters) bands of risk; 0 in quarters that ``Plan.risk`` does not reach."""
    found = np.zeros((len(plan.network.segments), len(starts)), dtype=np.int64)
    first = (plan.risk_start_min - starts[0]) // SLOT_MIN
    found[:, first : first + plan.risk.shape[1]] = risk_bands_by_slot(plan, reach_m=reach_m)
    return found


def place_at(plan: Plan, route: Route, at_s: int) -> Place | None:
    """Where the team is ``at_s`` seconds after the session's start; None if it does not walk then.

    It walks a street in that street's own time, then stands or waits at its end.
    """
    begins = route.round_starts_s
    round_s = begins.step
    if not begins.start <= at_s < begins.stop:
        return None
    now_s = route.begin_s + (at_s - route.begin_s) % round_s
    position = bisect_right(route.leave_s, now_s) - 1  # the last node that it has left
    if 0 <= position < len(route.segment_ids):
        segment = plan.network.segments.loc[route.segment_ids[position]]
        done = (now_s - route.leave_s[position]) / max(segment[Segments.walk_s], 1.0)
        if done < 1:
            is_forward = segment[Segments.u] == route.node_ids[position]
            line = segment.geometry if is_forward else segment.geometry.reverse()
            at = line.interpolate(done, normalized=True)
            return Place(at.x, at.y, f"on {_street(plan, route, position)}")
    return _standing(plan, route, min(position + 1, len(route.node_ids) - 1))


def _standing(plan: Plan, route: Route, position: int) -> Place:
    node = plan.network.nodes.loc[[route.node_ids[position]]]
    x_m, y_m = node[[Nodes.x_m, Nodes.y_m]].to_numpy()[0].tolist()
    names = [place_words(s.kind, s.name) for at, s in route.stands if at == position]
    where = f"at {names[0]}" if names and names[0] else ""
    street = f"on {_street(plan, route, max(position - 1, 0))}"
    return Place(x_m, y_m, where or street)


def _street(plan: Plan, route: Route, position: int) -> str:
    if position >= len(route.segment_ids):
        return "its street"
    name = plan.network.segments[Segments.name].loc[route.segment_ids[position]]
    return clean_name(name) or "an unnamed path"
