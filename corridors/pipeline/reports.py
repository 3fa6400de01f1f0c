"""Incidents on the network, and what each weighs in each quarter of an hour."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from corridors import days
from corridors.arrays import FloatArray, IntArray
from corridors.errors import CalendarError
from corridors.model import Network, RecordSpan
from corridors.network.cut import Cut
from corridors.network.snapping import snap
from corridors.pipeline.area import Area
from corridors.profile import Profile
from corridors.risk.evidence import Placed, place
from corridors.risk.incident_time import slot_weights, window_weights
from corridors.risk.mixture import first_day
from corridors.risk.sample import Sample
from corridors.risk.severity import severity_weights, to_mean_one
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
    """An area's incidents on its network with their weights in time and by severity.

    Raises
    ------
    CalendarError
        If the calendar has no school day in the time that the incidents cover.
    """
    incidents, profile = area.inputs.incidents, area.profile
    span = days.record_span(incidents)
    slots = days.slot_windows(area.past.values(), profile.window)
    reports = reports_on(incidents, snapped(area.network, incidents, profile), slots, span, profile)
    require_school_days(area, reports, span)
    return reports


def snapped(network: Network, incidents: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """(k) the segment and the offset of each incident, as ``snap`` gives them."""
    return snap(
        network,
        incidents[Incidents.x_m].to_numpy(),
        incidents[Incidents.y_m].to_numpy(),
        reach_m=profile.risk.snap_reach_m,
    )


def reports_on(
    incidents: pd.DataFrame,
    places: pd.DataFrame,
    slots: days.SlotWindows,
    span: RecordSpan,
    profile: Profile,
) -> Reports:
    """What each incident weighs in the windows of some schools.

    Parameters
    ----------
    incidents : tables.Incidents, k rows. places : (k) from ``snapped``.
    slots : the schools' windows. span : the time that the incident files cover.
    """
    in_window = window_weights(incidents, slots.start_us, slots.end_us)
    months = incidents[Incidents.month]
    placed = place(incidents, places, in_window, school_days=len(np.unique(slots.day)), span=span)
    month = (12 * months.dt.year + months.dt.month - 1).to_numpy(dtype=np.int64)
    return Reports(
        placed=placed,
        slots=slots,
        as_told=_as_told(placed, slots),
        in_slot=_in_slots(profile, placed, slots),
        severity=severity_weights(incidents, profile.severity, placed.is_counted),
        month=month,
        day=_days(placed, month),
    )


def require_school_days(area: Area, reports: Reports, span: RecordSpan) -> None:
    """Raise ``CalendarError`` if schools have no day in the time that the incidents cover."""
    if area.flows and reports.placed.has_times and reports.slots.count == 0:
        raise CalendarError(
            "the calendar has no school day in the time that the incidents cover",
            value=f"{span.first_month:%m/%Y} to {span.last_month:%m/%Y}",
            fix="Add the term dates of those years to the calendar file",
        )


def reports_in(reports: Reports, rows: IntArray, part: Cut) -> Reports:
    """Some of the incidents, on part of the network.

    Parameters
    ----------
    rows : which, ascending. part : those beside it are on no street (-1).
    """
    placed = reports.placed
    segment_id = part.segments(placed.segment_id[rows])
    incidents = placed.incidents.iloc[rows].reset_index(drop=True)
    incidents.index.name = Incidents.index
    is_counted = placed.is_counted[rows]
    return replace(
        reports,
        placed=replace(
            placed,
            incidents=incidents,
            segment_id=segment_id,
            offset_m=np.where(segment_id >= 0, placed.offset_m[rows], np.nan),
            weight=placed.weight[rows],
            is_counted=is_counted,
        ),
        as_told=reports.as_told[rows],
        in_slot=reports.in_slot[rows],
        severity=to_mean_one(reports.severity[rows], is_counted),
        month=reports.month[rows],
        day=reports.day[rows],
    )


def _as_told(placed: Placed, slots: days.SlotWindows) -> FloatArray:
    if not placed.has_times:
        return np.ones((len(placed.incidents), 1))
    columns = [
        window_weights(placed.incidents, slots.start_us[here], slots.end_us[here]).fillna(0.0)
        for here in (slots.slot == slot for slot in range(max(slots.count, 1)))
    ]
    return np.column_stack(columns)


def _in_slots(profile: Profile, placed: Placed, slots: days.SlotWindows) -> FloatArray:
    if not placed.has_times:
        return np.ones((len(placed.incidents), 1))
    if slots.count == 0:
        return np.zeros((len(placed.incidents), 1))
    return slot_weights(placed.incidents, slots, bandwidth_min=profile.risk.time_bandwidth_min)


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
