"""The week that is planned: which schools are open when, and the sessions that they share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from corridors import days
from corridors.arrays import FloatArray, IntArray
from corridors.errors import CalendarError
from corridors.model import Inputs, NoPatrol, Session
from corridors.network.flow import SLOT_MIN, present_by_slot
from corridors.network.scope import takes_part_on
from corridors.pipeline.area import Area, usual_finish
from corridors.pipeline.piece import Piece
from corridors.profile import Profile

_NO_DAYS = "closed, or withdrawn, on every day of the week that is left"


@dataclass(frozen=True)
class Ground:
    """An area in the week that is planned."""

    piece: Piece
    week: dict[str, dict[date, int]]  # finish by URN and day of the week planned
    sessions: tuple[Session, ...]
    left_out: tuple[NoPatrol, ...]

    @property
    def area(self) -> Area:
        """Streets, schools and pupils."""
        return self.piece.area

    @property
    def inputs(self) -> Inputs:
        """What the plan is made from."""
        return self.piece.inputs

    @property
    def profile(self) -> Profile:
        """The policy profile."""
        return self.area.profile


def find_ground(piece: Piece) -> Ground:
    """The week's open days and sessions.

    Raises
    ------
    CalendarError
        If the week is over, or no school that takes part is open in it.
    """
    area, inputs = piece.area, piece.inputs
    urns = [f.urn for f in area.flows]
    week = _open_days(inputs, urns, area.profile)
    sessions = days.sessions(week, area.profile.window)
    if urns and not sessions:
        raise CalendarError(
            f"no school that takes part is open in week {inputs.week.label}",
            value=f"{inputs.week.days[0]:%d/%m/%Y} to {inputs.week.days[-1]:%d/%m/%Y}",
            fix="Choose a week in term, or add term dates to the calendar file",
        )
    closed = (NoPatrol(u, _NO_DAYS) for u in urns if not week[u])
    return Ground(piece, week, sessions, (*area.left_out, *closed))


def _open_days(inputs: Inputs, urns: list[str], profile: Profile) -> dict[str, dict[date, int]]:
    """Finish times by URN on the days of the week still to come on which the school takes part."""
    to_come = [day for day in inputs.week.days if day >= inputs.made_on]
    if not to_come:
        raise CalendarError(
            f"week {inputs.week.label} is over",
            value=f"{inputs.week.days[-1]:%d/%m/%Y}",
            fix="Choose a later week; to make an old plan again, give its date with --made-on",
        )
    week = days.ward_finishes(inputs.calendar, urns, to_come, profile.window)
    return {
        urn: {d: f for d, f in by_day.items() if takes_part_on(inputs.agreements, urn, d)}
        for urn, by_day in week.items()
    }


def slot_starts_min(sessions: tuple[Session, ...]) -> IntArray:
    """Starts of the 5-minute slots of the session with the most days, local minutes."""
    if not sessions:
        return np.zeros(0, dtype=np.int64)
    main = max(sessions, key=lambda s: (len(s.days), len(s.urns), -s.start_min))
    return np.arange(main.start_min, main.end_min, SLOT_MIN, dtype=np.int64)


def flow_slots(ground: Ground) -> FloatArray:
    """Pupils of all schools who pass each segment in each slot, on their usual finish: (n, k)."""
    slots = slot_starts_min(ground.sessions)
    total = np.zeros((len(ground.area.network.segments), len(slots)))
    for flow in ground.area.flows:
        usual = usual_finish(ground.week[flow.urn])
        if usual is not None:
            total += present_by_slot(flow, usual, slots, ground.profile.flow)
    return total


def risk_start_min(ground: Ground) -> int:
    """Local minutes at which the first risk slot begins on the first day that is planned."""
    if not ground.sessions:
        return 0
    return days.first_start_min(
        ground.week.values(), ground.sessions[0].days[0], ground.profile.window
    )
