"""A ward cut out of its borough: what a plan is made from, and all that wards share with it.

Streets, pupils' walks and the spread of reports are worked out on the whole borough, once, and
each ward takes its part. A ward planned alone goes the same way, so it finds the same.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from corridors import days
from corridors.arrays import FloatArray, IntArray
from corridors.model import Borough, Inputs, Network
from corridors.network.cut import Cut, cut, piece_of
from corridors.network.flow import Demand, find_demand
from corridors.network.segments import build_streets
from corridors.pipeline.area import Area, area_in
from corridors.pipeline.reports import (
    Reports,
    reports_in,
    reports_on,
    require_school_days,
    sample_of,
    snapped,
)
from corridors.pipeline.visits import found_by_police
from corridors.profile import Profile
from corridors.risk.lattice import Lattice, build_lattice
from corridors.risk.mixture import Spread, spread_evidence


@dataclass(frozen=True)
class Piece:
    """A ward with everything on its streets; k incidents near it, n segments."""

    area: Area  # its inputs are the ward's, without the borough
    reports: Reports
    found_by_police: FloatArray  # (k) what discovered incidents would weigh
    spread: Spread | None  # of the borough's reports; None where the ward spreads its own

    @property
    def inputs(self) -> Inputs:
        """The ward's inputs."""
        assert isinstance(self.area.inputs, Inputs)
        return self.area.inputs


def find_piece(inputs: Inputs, profile: Profile) -> Piece:
    """One ward's piece of its borough; of itself where the inputs hold no borough.

    Raises
    ------
    WardError, CalendarError, InputError
        As ``pipeline.make_plan``.
    """
    return Shared(inputs.borough or _alone(inputs), profile).piece(inputs)


class Shared:
    """What the wards of a borough share, worked out when the first of them asks for it."""

    def __init__(self, borough: Borough, profile: Profile) -> None:
        self._borough = borough
        self._profile = profile
        self._streets: Network | None = None
        self._grounds: dict[int, _Ground] = {}
        self._evidence: dict[tuple[int, Hashable], _Evidence] = {}

    def piece(self, inputs: Inputs) -> Piece:
        """A ward's piece.

        Parameters
        ----------
        inputs : of a ward of this borough; its incidents keep the borough's index.

        Raises
        ------
        WardError, CalendarError, InputError
            As ``pipeline.make_plan``; what other wards share stays as it is.
        """
        if self._streets is None:
            self._streets = build_streets(
                self._borough.streets, self._borough.boundary, self._profile.streets
            )
        found = cut(self._streets, inputs.ward, self._profile.streets)
        ground = self._ground(self._streets, int(found.segment_ids[0]))
        part = found.within(ground.part)
        area = area_in(part, inputs, self._borough.span, ground.demand, self._profile)
        evidence = self._evidence_for(ground, area)
        require_school_days(area, evidence.reports, self._borough.span)
        rows = self._borough.incidents.index.get_indexer(inputs.incidents.index)
        reports = reports_in(evidence.reports, rows, part)
        own = replace(inputs, borough=None, incidents=reports.placed.incidents)
        return Piece(
            area=replace(area, inputs=own),
            reports=reports,
            found_by_police=evidence.found_by_police[rows],
            spread=None if evidence.spread is None else _rows(evidence.spread, part.segment_ids),
        )

    def _ground(self, streets: Network, segment_id: int) -> _Ground:
        """What can be reached from a segment. Boroughs hang together, but a file may not."""
        for ground in self._grounds.values():
            if ground.part.segments(np.array([segment_id]))[0] >= 0:
                return ground
        self._grounds[segment_id] = _ground(
            piece_of(streets, segment_id), self._borough, self._profile
        )
        return self._grounds[segment_id]

    def _evidence_for(self, ground: _Ground, area: Area) -> _Evidence:
        """Schools that close at the same times see the same reports in their windows."""
        slots = days.slot_windows(area.past.values(), self._profile.window)
        arrays = (slots.day, slots.slot, slots.start_us, slots.end_us)
        key = (int(ground.part.segment_ids[0]), tuple(a.tobytes() for a in arrays))
        if key not in self._evidence:
            self._evidence[key] = _evidence(ground, slots, self._borough, self._profile)
        return self._evidence[key]


@dataclass(frozen=True)
class _Ground:
    """A connected piece of the borough's streets."""

    part: Cut
    demand: Demand
    lattice: Lattice
    places: pd.DataFrame  # of the borough's incidents, from ``snapped``


@dataclass(frozen=True)
class _Evidence:
    """The borough's reports as schools with the same windows see them."""

    reports: Reports
    found_by_police: FloatArray
    spread: Spread | None


def _ground(part: Cut, borough: Borough, profile: Profile) -> _Ground:
    network = part.network
    return _Ground(
        part=part,
        demand=find_demand(network, borough.streets.places, borough.child_areas),
        lattice=build_lattice(network, profile.risk.cell_m),
        places=snapped(network, borough.incidents, profile),
    )


def _evidence(
    ground: _Ground, slots: days.SlotWindows, borough: Borough, profile: Profile
) -> _Evidence:
    reports = reports_on(borough.incidents, ground.places, slots, borough.span, profile)
    found = found_by_police(ground.part.network, reports.placed, borough.visits, profile)
    # What police found is weighed against the ward's own reports, so each ward spreads its own.
    spread = None
    if not profile.guards.use_discovered:
        sample = sample_of(reports, reports.severity, reports.in_slot)
        spread = spread_evidence(ground.lattice, sample, profile.risk)
    return _Evidence(reports, found, spread)


def _rows(spread: Spread, segment_ids: IntArray) -> Spread:
    # In C order, as a piece is read from a file: sums of another order differ in the last digit.
    return replace(spread, mass=np.ascontiguousarray(spread.mass[:, segment_ids]))


def _alone(inputs: Inputs) -> Borough:
    """A ward as a borough of its own."""
    return Borough(
        wards=(inputs.ward,),
        streets=inputs.streets,
        incidents=inputs.incidents,
        span=days.record_span(inputs.incidents),
        child_areas=inputs.child_areas,
        visits=inputs.visits,
    )
