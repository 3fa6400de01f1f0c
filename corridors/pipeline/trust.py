"""How far the risk can be trusted: every check on it, one line each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from corridors import days
from corridors.arrays import FloatArray
from corridors.model import Finding, HotSpot
from corridors.pipeline.chance import generator
from corridors.pipeline.danger import Danger, Learning
from corridors.pipeline.reports import sample_of
from corridors.risk import guards
from corridors.risk.hotspots import find_hot_spots, learned_exposure
from corridors.risk.incident_time import DayRates, day_rates, known_within, unknown_time_share
from corridors.risk.mixture import end_day
from corridors.risk.severity import effective_number, severity_words
from corridors.tables import Incidents, Segments


@dataclass(frozen=True)
class Trust:
    """How far the risk can be trusted. Routes need none of it; people and pages do."""

    hot_spots: tuple[HotSpot, ...]
    findings: tuple[Finding, ...]
    weekday_factor: tuple[float, ...]  # (5) risk on a Monday to a Friday, over the mean


def find_trust(danger: Danger) -> Trust:
    """The hot spots, and the report on trust in a fixed order."""
    learning = danger.learning
    area, placed = learning.area, learning.reports.placed
    hot_spots = _of_the_ward(danger, _hot_spots(learning))
    rates = day_rates(
        placed.incidents,
        placed.is_counted,
        area.past.values(),
        area.profile.window,
        (placed.period_start, placed.period_end),
    )
    findings = (*_findings(learning, rates, hot_spots), danger.dosage.finding)
    return Trust(hot_spots, findings, rates.weekday_factor)


def _hot_spots(learning: Learning) -> tuple[HotSpot, ...]:
    """Hot spots of the reports as told: smoothing would make neighbours of strangers."""
    area, reports, weight = learning.area, learning.reports, learning.weight
    sample = sample_of(reports, weight, reports.as_told)
    even = np.ones((len(area.network.segments), sample.slot_weight.shape[1]))
    flow = even * 0.0 if learning.baselines.flow is None else learning.baselines.flow
    even, flow = (_to_one(part, area.length_m) for part in (even, flow))
    counts = sample_of(reports, (weight > 0).astype(float), reports.as_told)
    found = find_hot_spots(
        area.network,
        sample,
        counts.weight,
        learned_exposure(even, flow, counts),
        area.profile.hot_spots,
        generator(area.profile.seed, "hot spots", area.inputs.ward.code),
    )
    return found.hot


def _of_the_ward(danger: Danger, hot_spots: tuple[HotSpot, ...]) -> tuple[HotSpot, ...]:
    """The hot spots that touch the ward or a corridor; the margin has its own plans."""
    in_ward = danger.learning.area.network.segments[Segments.in_ward].to_numpy()
    ours = set(np.flatnonzero(in_ward).tolist()).union(*(c.segment_ids for c in danger.corridors))
    kept = [h for h in hot_spots if ours & set(h.segment_ids)]
    return tuple(replace(h, hot_spot_id=f"H{i}") for i, h in enumerate(kept, start=1))


def _to_one(per_m: FloatArray, length_m: FloatArray) -> FloatArray:
    """Scaled so that it integrates to 1 over streets and slots; nothing stays nothing."""
    whole = float(length_m @ per_m.sum(axis=1))
    return per_m / whole if whole > 0 else per_m


def _findings(
    learning: Learning, rates: DayRates, hot_spots: tuple[HotSpot, ...]
) -> tuple[Finding, ...]:
    params = learning.area.profile.guards
    sample, length_m = learning.sample, learning.area.length_m
    value = learning.value((sample.segment_id, sample.offset_m))
    return (
        _precision(learning),
        _severity(learning),
        _day_rates(learning, rates),
        guards.concentration(rates.window_share, rates.hours_share),
        _placebo(learning),
        guards.split_half(value, sample.weight, sample.month, length_m, params),
        guards.ageing(
            (end_day(sample) - sample.day).astype(float),
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
            group=days.weekday(reports.day[used]),
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
