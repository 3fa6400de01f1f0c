"""How far the risk can be trusted: every check on it, one line each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.arrays import FloatArray, IntArray
from corridors.model import Finding, HotSpot
from corridors.pipeline.area import Area
from corridors.pipeline.chance import generator
from corridors.pipeline.reports import Reports
from corridors.risk import guards
from corridors.risk.incident_time import DayRates, known_within, unknown_time_share
from corridors.risk.lattice import Lattice
from corridors.risk.mixture import Baselines, Learned, first_day, mix
from corridors.risk.sample import Sample
from corridors.risk.severity import effective_number, severity_words
from corridors.tables import Incidents


@dataclass(frozen=True)
class Learning:
    """The learned risk and what it was learned from; k incidents, n segments."""

    area: Area
    reports: Reports
    sample: Sample
    weight: FloatArray  # (k) whatever the time of day
    found_by_police: FloatArray  # (k) what discovered incidents would weigh
    lattice: Lattice
    baselines: Baselines
    learned: Learned

    def risk(self, places: tuple[IntArray, FloatArray]) -> guards.Mapper:
        """Weights of incidents at these places -> risk per metre, the mixture as learned."""
        params, weights = self.area.profile.risk, self.learned.weights
        return lambda weight: mix(self.lattice, places, weight, self.baselines, weights, params)

    def value(self, places: tuple[IntArray, FloatArray]) -> guards.Mapper:
        """The same times pupils: what corridors and routes are made from."""
        flow = self.baselines.flow
        pupils = np.ones(len(self.lattice.length_m)) if flow is None else flow.sum(axis=1)
        risk = self.risk(places)
        return lambda weight: risk(weight) * pupils[:, None]


def find_findings(
    learning: Learning, rates: DayRates, hot_spots: tuple[HotSpot, ...]
) -> tuple[Finding, ...]:
    """The report on trust, in a fixed order."""
    params = learning.area.profile.guards
    sample, length_m = learning.sample, learning.area.length_m
    value = learning.value((sample.segment_id, sample.offset_m))
    end = int(first_day(int(sample.month.max(initial=0)) + 1))
    return (
        _precision(learning),
        _severity(learning),
        _day_rates(learning, rates),
        guards.concentration(rates.window_share, rates.hours_share),
        _placebo(learning),
        guards.split_half(value, sample.weight, sample.month, length_m, params),
        guards.ageing(
            (end - sample.day).astype(float),
            sample.weight,
            sample.month,
            learning.area.profile.risk.half_life_days,
        ),
        guards.stability(hot_spots),
        _discovered(learning),
    )


def _precision(learning: Learning) -> Finding:
    placed = learning.reports.placed
    if not placed.has_times:
        return guards.precision(None, None)
    return guards.precision(
        known_within(placed.incidents, placed.is_counted),
        unknown_time_share(placed.incidents, placed.is_counted),
    )


def _severity(learning: Learning) -> Finding:
    count = effective_number(learning.sample.weight)
    when = "in the after-school window" if learning.reports.placed.has_times else "at any hour"
    words = (
        f"{severity_words(learning.area.profile.severity)} "
        f"The reports {when} weigh like {count:.0f} that weigh the same."
    )
    return Finding("severity", "How much an offence weighs", words, count)


def _day_rates(learning: Learning, rates: DayRates) -> Finding:
    low, high = rates.school_day_interval or (None, None)
    if not learning.reports.placed.has_times:
        return guards.day_rate_finding(None, None, None, ())
    return guards.day_rate_finding(rates.school_day_factor, low, high, rates.weekday_factor)


def _placebo(learning: Learning) -> Finding:
    """Times dealt out among all counted reports of school days.

    On the risk alone: pupil flow is the same in every map and would make them alike.
    """
    reports, area = learning.reports, learning.area
    timed = None
    segment_id, offset_m = reports.places
    used = (segment_id >= 0) & (learning.weight > 0)
    if reports.placed.has_times:
        used &= np.isin(reports.day, reports.slots.day)
        used &= reports.placed.incidents[Incidents.from_utc].notna().to_numpy()
        timed = guards.TimedReports(
            segment_id=segment_id[used],
            offset_m=offset_m[used],
            weight=learning.weight[used],
            window_share=reports.in_slot[used].sum(axis=1),
            group=(reports.day[used] + 3) % 7,
        )
    return guards.placebo(
        learning.risk((segment_id[used], offset_m[used])),
        timed,
        area.length_m,
        area.profile.guards,
        generator(area.profile.seed, "placebo", area.inputs.ward.code),
    )


def _discovered(learning: Learning) -> Finding:
    """With and without what police found, whatever the profile says."""
    reports = learning.reports
    segment_id, offset_m = reports.places
    share = reports.in_slot.sum(axis=1)
    used = (segment_id >= 0) & ((reports.severity + learning.found_by_police) * share > 0)
    return guards.discovered(
        learning.value((segment_id[used], offset_m[used])),
        (reports.severity * share)[used],
        (learning.found_by_police * share)[used],
        learning.area.length_m,
        learning.area.profile.guards,
    )
