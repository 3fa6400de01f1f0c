"""The streets, the schools that take part, where their pupils come out, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from corridors import days
from corridors.errors import CalendarError, InputError
from corridors.model import (
    FloatArray,
    Inputs,
    IntArray,
    Network,
    NoPatrol,
    SchoolFlow,
    Session,
)
from corridors.network.flow import SLOT_MIN, find_demand, present_by_slot, school_flow
from corridors.network.gates import find_gates
from corridors.network.scope import schools_in_scope, takes_part_on
from corridors.network.segments import build_network
from corridors.pipeline.progress import Progress
from corridors.profile import Profile
from corridors.tables import Gates, Incidents, Segments

_NO_STREET = "no street within 150 m of its gates"
_NO_DAYS = "closed, or withdrawn, on every day of the week that is left"


@dataclass(frozen=True)
class Ground:
    """The streets, the schools that take part, where their pupils come out, and when."""

    inputs: Inputs
    profile: Profile
    network: Network
    gates: pd.DataFrame  # tables.Gates
    flows: tuple[SchoolFlow, ...]  # by URN
    week: dict[str, dict[date, int]]  # finish by URN and day of the week planned
    past: dict[str, dict[date, int]]  # the same in the time that the incidents cover
    sessions: tuple[Session, ...]
    left_out: tuple[NoPatrol, ...]
    home_source: str

    @property
    def length_m(self) -> FloatArray:
        """(n) segment lengths."""
        out: FloatArray = self.network.segments[Segments.length_m].to_numpy(dtype=float)
        return out


def find_ground(inputs: Inputs, profile: Profile, tell: Progress) -> Ground:
    """The network, the schools in scope with their gates and flows, and the week's sessions."""
    network = build_network(inputs.streets, inputs.ward, profile.streets)
    tell("schools", 0.2)
    scope = schools_in_scope(
        inputs.schools, inputs.agreements, inputs.ward, inputs.made_on, profile.scope
    )
    places = inputs.streets.places
    gates = find_gates(network, inputs.schools, scope.urns, places, inputs.gate_overrides)
    demand = find_demand(network, places, inputs.child_areas)
    with_gate = sorted(set(gates[Gates.urn]))
    flows = tuple(
        school_flow(
            network, gates[gates[Gates.urn] == u], inputs.schools.loc[u], demand, profile.flow
        )
        for u in with_gate
    )
    week = _open_days(inputs, with_gate, profile)
    sessions = days.sessions(week, profile.window)
    if with_gate and not sessions:
        raise CalendarError(
            f"no school that takes part is open in week {inputs.week.label}",
            value=f"{inputs.week.days[0]:%d/%m/%Y} to {inputs.week.days[-1]:%d/%m/%Y}",
            fix="Choose a week in term, or add term dates to the calendar file",
        )
    return Ground(
        inputs=inputs,
        profile=profile,
        network=network,
        gates=gates,
        flows=flows,
        week=week,
        past=days.ward_finishes(
            inputs.calendar, with_gate, _evidence_days(inputs.incidents), profile.window
        ),
        sessions=sessions,
        left_out=(
            *scope.left_out,
            *(NoPatrol(u, _NO_STREET) for u in scope.urns if u not in with_gate),
            *(NoPatrol(u, _NO_DAYS) for u in with_gate if not week[u]),
        ),
        home_source=demand.home_source,
    )


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


def _evidence_days(incidents: pd.DataFrame) -> list[date]:
    if not len(incidents):
        raise InputError(
            "no incident could be used", fix="See `corridors check` for what was dropped and why"
        )
    months = incidents[Incidents.month]
    return days.days_between(months.min().date(), (months.max() + pd.offsets.MonthEnd(0)).date())


def slot_starts_min(sessions: tuple[Session, ...]) -> IntArray:
    """Starts of the 5-minute slots of the session with the most days, local minutes."""
    if not sessions:
        return np.zeros(0, dtype=np.int64)
    main = max(sessions, key=lambda s: (len(s.days), len(s.urns), -s.start_min))
    return np.arange(main.start_min, main.end_min, SLOT_MIN, dtype=np.int64)


def flow_slots(ground: Ground) -> FloatArray:
    """Pupils of all schools who pass each segment in each slot, on their usual finish: (n, k)."""
    slots = slot_starts_min(ground.sessions)
    total = np.zeros((len(ground.network.segments), len(slots)))
    for flow in ground.flows:
        finishes = sorted(ground.week[flow.urn].values())
        if finishes:
            usual = max(set(finishes), key=lambda f: (finishes.count(f), f))
            total += present_by_slot(flow, usual, slots, ground.profile.flow)
    return total
