"""Incidents on the network, and what each weighs in each quarter of an hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors import days
from corridors.arrays import FloatArray, IntArray
from corridors.errors import CalendarError
from corridors.network.snapping import snap
from corridors.pipeline.area import Area
from corridors.risk.evidence import Placed, place
from corridors.risk.incident_time import slot_weights, window_weights
from corridors.risk.mixture import first_day
from corridors.risk.sample import Sample
from corridors.risk.severity import severity_weights
from corridors.tables import Incidents


@dataclass(frozen=True)
class Reports:
    """All incidents, k of them, as facts and as what the estimates are made of."""

    placed: Placed
    slots: days.SlotWindows
    as_told: FloatArray  # (k, slots) how much of each falls into each slot, aoristic
    in_slot: FloatArray  # (k, slots) the same with exact times speaking for those around them
    severity: FloatArray  # (k) what a counted incident weighs, 0 for all others
    month: IntArray  # (k) months since year 0
    day: IntArray  # (k) days since 1970-01-01; the middle of the month without times

    @property
    def places(self) -> tuple[IntArray, FloatArray]:
        """Segment (-1 where no street is near) and offset of each incident."""
        return self.placed.segment_id, self.placed.offset_m


def find_reports(area: Area) -> Reports:
    """Incidents on the network with their weights in time and by severity.

    Raises
    ------
    CalendarError
        If the calendar has no school day in the time that the incidents cover.
    """
    incidents, profile = area.inputs.incidents, area.profile
    slots = days.slot_windows(area.past.values(), profile.window)
    in_window = window_weights(incidents, slots.start_us, slots.end_us)
    months = incidents[Incidents.month]
    if area.flows and in_window.notna().any() and slots.count == 0:
        raise CalendarError(
            "the calendar has no school day in the time that the incidents cover",
            value=f"{months.min():%m/%Y} to {months.max():%m/%Y}",
            fix="Add the term dates of those years to the calendar file",
        )
    snapped = snap(
        area.network,
        incidents[Incidents.x_m].to_numpy(),
        incidents[Incidents.y_m].to_numpy(),
        reach_m=profile.risk.snap_reach_m,
    )
    placed = place(incidents, snapped, in_window, school_days=len(np.unique(slots.day)))
    month = (12 * months.dt.year + months.dt.month - 1).to_numpy(dtype=np.int64)
    return Reports(
        placed=placed,
        slots=slots,
        as_told=_as_told(placed, slots),
        in_slot=_in_slots(area, placed, slots),
        severity=severity_weights(incidents, profile.severity, placed.is_counted),
        month=month,
        day=_days(placed, month),
    )


def _as_told(placed: Placed, slots: days.SlotWindows) -> FloatArray:
    if not placed.has_times:
        return np.ones((len(placed.incidents), 1))
    columns = [
        window_weights(placed.incidents, slots.start_us[here], slots.end_us[here]).fillna(0.0)
        for here in (slots.slot == slot for slot in range(max(slots.count, 1)))
    ]
    return np.column_stack(columns)


def _in_slots(area: Area, placed: Placed, slots: days.SlotWindows) -> FloatArray:
    if not placed.has_times:
        return np.ones((len(placed.incidents), 1))
    if slots.count == 0:
        return np.zeros((len(placed.incidents), 1))
    return slot_weights(placed.incidents, slots, bandwidth_min=area.profile.risk.time_bandwidth_min)


def _days(placed: Placed, month: IntArray) -> IntArray:
    """London days; of a month without days, its middle."""
    day: IntArray = first_day(month) + 14
    times = placed.incidents[Incidents.from_utc]
    known = times.notna().to_numpy()
    instants_us = times[known].dt.as_unit("us").astype("int64").to_numpy()
    day[known] = days.london_clock(instants_us)[0]
    return day


def sample_of(reports: Reports, weight: FloatArray, in_slot: FloatArray) -> Sample:
    """The incidents that carry weight, as the estimates want them.

    Parameters
    ----------
    weight : (k,) what each incident weighs whatever its time of day, 0 or more.
    in_slot : (k, slots) ``reports.in_slot`` or ``reports.as_told``.
    """
    slot_weight = in_slot * weight[:, None]
    segment_id, offset_m = reports.places
    used = (segment_id >= 0) & (slot_weight.sum(axis=1) > 0)
    return Sample(
        segment_id=segment_id[used],
        offset_m=offset_m[used],
        slot_weight=slot_weight[used],
        month=reports.month[used],
        day=reports.day[used],
    )
