"""Streets, the schools that take part, and the ways of their pupils: what a plan and a back-test
both stand on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from corridors import days
from corridors.arrays import FloatArray
from corridors.model import AreaInputs, Inputs, Network, NoPatrol, RecordSpan, SchoolFlow
from corridors.network.cut import Cut
from corridors.network.flow import Demand, find_demand, present_by_slot, school_flow
from corridors.network.gates import find_gates
from corridors.network.scope import schools_in_scope
from corridors.network.segments import build_network
from corridors.pipeline.progress import Progress
from corridors.profile import Profile
from corridors.tables import Gates, Segments

_NO_STREET = "no street within 150 m of its gates"


@dataclass(frozen=True)
class Area:
    """Streets, schools and pupils. ``past``: finish by URN and day in the incidents' time."""

    inputs: Inputs | AreaInputs
    profile: Profile
    network: Network
    gates: pd.DataFrame  # tables.Gates
    flows: tuple[SchoolFlow, ...]  # by URN
    past: dict[str, dict[date, int]]
    left_out: tuple[NoPatrol, ...]
    home_source: str

    @property
    def length_m(self) -> FloatArray:
        """(n) segment lengths."""
        out: FloatArray = self.network.segments[Segments.length_m].to_numpy(dtype=float)
        return out


def find_area(inputs: AreaInputs, profile: Profile, tell: Progress) -> Area:
    """An area on its own, as a back-test has it: its network, schools, gates and flows."""
    network = build_network(inputs.streets, inputs.ward, profile.streets)
    tell("schools", 0.2)
    demand = find_demand(network, inputs.streets.places, inputs.child_areas)
    span = inputs.span or days.record_span(inputs.incidents)
    return area_in(Cut.all_of(network), inputs, span, demand, profile)


def area_in(
    part: Cut,
    inputs: Inputs | AreaInputs,
    span: RecordSpan,
    demand: Demand,
    profile: Profile,
) -> Area:
    """The schools in scope with their gates and flows, worked out on the whole and cut.

    Parameters
    ----------
    part : the area's streets as a part of a whole. demand : on the whole.
    span : the time that the incident files cover.
    """
    scope = schools_in_scope(
        inputs.schools, inputs.agreements, inputs.ward, inputs.made_on, profile.scope
    )
    places, whole = inputs.streets.places, part.whole
    gates = find_gates(whole, inputs.schools, scope.urns, places, inputs.gate_overrides)
    with_gate = sorted(set(gates[Gates.urn]))
    flows = (
        school_flow(
            whole, gates[gates[Gates.urn] == u], inputs.schools.loc[u], demand, profile.flow
        )
        for u in with_gate
    )
    return Area(
        inputs=inputs,
        profile=profile,
        network=part.network,
        gates=part.gates(gates),
        flows=tuple(part.flow(flow) for flow in flows),
        past=days.ward_finishes(
            inputs.calendar, with_gate, days.days_of_span(span), profile.window
        ),
        left_out=(
            *scope.left_out,
            *(NoPatrol(u, _NO_STREET) for u in scope.urns if u not in with_gate),
        ),
        home_source=demand.home_source,
    )


def usual_finish(finishes: Mapping[date, int]) -> int | None:
    """The finish of most days, the later of two as frequent; None without days."""
    listed = sorted(finishes.values())
    return max(set(listed), key=lambda f: (listed.count(f), f)) if listed else None


def pupils_by_school(area: Area, count: int, *, has_times: bool) -> dict[str, FloatArray]:
    """Pupils of each school who pass each segment in each risk slot of a usual day: (n, count).

    Slots are those of ``days.slot_windows``: 15 minutes, from the first window of the day. Without
    times there is one slot, and all who walk the segment are in it.
    """
    if not has_times:
        return {f.urn: f.walkers[:, None] for f in area.flows}
    default_min = area.profile.window.default_finish_min  # a school that opened since
    finishes = {f.urn: usual_finish(area.past[f.urn]) or default_min for f in area.flows}
    first_min = min(finishes.values(), default=0) - area.profile.window.lead_min
    starts_min = first_min + days.SLOT_MIN * np.arange(count, dtype=np.int64)
    return {
        flow.urn: present_by_slot(
            flow, finishes[flow.urn], starts_min, area.profile.flow, days.SLOT_MIN
        )
        for flow in area.flows
    }


def all_pupils(by_school: Mapping[str, FloatArray]) -> FloatArray | None:
    """Pupils of all schools, added in order of URN; None without schools."""
    return np.sum([by_school[urn] for urn in sorted(by_school)], axis=0) if by_school else None
