"""The evidence on the streets, the risk learned from it, and the corridors that it carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.model import Corridor, Finding, Inputs, NoPatrol
from corridors.network.snapping import snap
from corridors.pipeline.area import Area, all_pupils, pupils_by_school
from corridors.pipeline.chance import generator
from corridors.pipeline.ground import Ground
from corridors.pipeline.reports import Reports, find_reports, sample_of
from corridors.pipeline.trust import Learning, find_findings
from corridors.risk import guards
from corridors.risk.corridors import Shape, find_shapes
from corridors.risk.evidence import Placed, discovered, evidence_for, why_not
from corridors.risk.hotspots import HotSpotReport, find_hot_spots, learned_exposure
from corridors.risk.incident_time import day_rates
from corridors.risk.lattice import build_lattice
from corridors.risk.mixture import Baselines, Learned, learn
from corridors.tables import Segments, Visits

_EPOCH = date(1970, 1, 1)
_MOSTLY = 0.5  # a corridor of which more than this value rests has no patrol this week


@dataclass(frozen=True)
class Danger:
    """The evidence on the streets, the risk, and the corridors that it carries."""

    placed: Placed
    learned: Learned
    weekday_factor: tuple[float, ...]  # (5) risk on a Monday to a Friday, over the mean
    rests: BoolArray  # (n) had their share of patrols lately
    hot_spots: HotSpotReport
    findings: tuple[Finding, ...]
    corridors: tuple[Corridor, ...]
    left_out: tuple[NoPatrol, ...]

    @property
    def risk(self) -> FloatArray:
        """(n, slots) incidents a metre a slot."""
        return self.learned.risk


def find_danger(ground: Ground) -> Danger:
    """Risk of each segment and slot, hot spots, and the corridors with enough evidence (A3)."""
    area, profile = ground.area, ground.profile
    reports = find_reports(area)
    visits = _visits(ground)
    found_by_police = _discovered_weight(area, reports, visits)
    let_in = found_by_police if profile.guards.use_discovered else 0.0
    weight = reports.severity + let_in
    sample = sample_of(reports, weight, reports.in_slot)
    lattice = build_lattice(area.network, profile.risk.cell_m)
    slots = sample.slot_weight.shape[1]
    pupils = pupils_by_school(area, slots, has_times=reports.placed.has_times)
    baselines = Baselines(flow=all_pupils(pupils))
    learned = learn(lattice, sample, baselines, profile.risk)
    found = _hot_spots(area, reports, weight, baselines)
    dose = _dosage(ground, visits)
    rates = day_rates(
        area.inputs.incidents,
        reports.placed.is_counted,
        area.past.values(),
        profile.window,
        (reports.placed.period_start, reports.placed.period_end),
    )
    values = {
        urn: (learned.risk * there).sum(axis=1) * area.length_m for urn, there in pupils.items()
    }
    corridors, left_out = _corridors(ground, reports.placed, values, dose.rests)
    hot = _of_the_ward(area, found, corridors)
    learning = Learning(area, reports, sample, weight, found_by_police, lattice, baselines, learned)
    return Danger(
        placed=reports.placed,
        learned=learned,
        weekday_factor=rates.weekday_factor,
        rests=dose.rests,
        hot_spots=hot,
        findings=(*find_findings(learning, rates, hot.hot), dose.finding),
        corridors=corridors,
        left_out=left_out,
    )


def _hot_spots(
    area: Area, reports: Reports, weight: FloatArray, baselines: Baselines
) -> HotSpotReport:
    """Hot spots of the reports as told: smoothing would make neighbours of strangers."""
    sample = sample_of(reports, weight, reports.as_told)
    even = np.ones((len(area.network.segments), sample.slot_weight.shape[1]))
    flow = even * 0.0 if baselines.flow is None else baselines.flow
    even, flow = (_to_one(part, area.length_m) for part in (even, flow))
    counts = sample_of(reports, (weight > 0).astype(float), reports.as_told)
    return find_hot_spots(
        area.network,
        sample,
        counts.weight,
        learned_exposure(even, flow, counts),
        area.profile.hot_spots,
        generator(area.profile.seed, "hot spots", area.inputs.ward.code),
    )


def _of_the_ward(
    area: Area, found: HotSpotReport, corridors: tuple[Corridor, ...]
) -> HotSpotReport:
    """The hot spots that touch the ward or a corridor; the margin has its own plans."""
    in_ward = area.network.segments[Segments.in_ward].to_numpy()
    ours = set(np.flatnonzero(in_ward).tolist()).union(*(c.segment_ids for c in corridors))
    hot = [h for h in found.hot if ours & set(h.segment_ids)]
    numbered = (replace(h, hot_spot_id=f"H{i}") for i, h in enumerate(hot, start=1))
    return replace(found, hot=tuple(numbered))


def _to_one(per_m: FloatArray, length_m: FloatArray) -> FloatArray:
    """Scaled so that it integrates to 1 over streets and slots; nothing stays nothing."""
    whole = float(length_m @ per_m.sum(axis=1))
    return per_m / whole if whole > 0 else per_m


# --- past patrols --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Visits:
    """Visits on the network."""

    segment_id: IntArray  # (v) -1 where no street is near
    day: IntArray  # (v) days since 1970-01-01
    minutes: FloatArray  # (v) NaN where not written down

    def between(self, n: int, first: date, last: date) -> guards.Visited:
        """Days and minutes of each of n segments in a period."""
        return guards.patrol_days(
            self.segment_id, self.day, self.minutes, n,
            first_day=(first - _EPOCH).days, last_day=(last - _EPOCH).days,
        )  # fmt: skip


def _visits(ground: Ground) -> _Visits | None:
    visits = ground.inputs.visits
    if visits is None:
        return None
    snapped = snap(
        ground.area.network,
        visits[Visits.x_m].to_numpy(),
        visits[Visits.y_m].to_numpy(),
        reach_m=ground.profile.risk.snap_reach_m,
    )
    return _Visits(
        segment_id=snapped["segment_id"].to_numpy(dtype=np.int64),
        day=visits[Visits.date].to_numpy().astype("datetime64[D]").astype(np.int64),
        minutes=visits[Visits.minutes].to_numpy(dtype=float),
    )


def _discovered_weight(area: Area, reports: Reports, visits: _Visits | None) -> FloatArray:
    """(k) what each incident that police found would weigh, by inverse visits (D.7)."""
    placed = reports.placed
    weight = discovered(placed.incidents).astype(float)
    if visits is not None and placed.school_days:
        n = len(area.network.segments)
        visited = visits.between(n, placed.period_start, placed.period_end)
        share = visited.days / placed.school_days
        by_segment = guards.inverse_visits(share, area.profile.guards.visit_reference_share)
        weight *= by_segment[placed.segment_id]  # those on no street (-1) are never used
    return weight


def _dosage(ground: Ground, visits: _Visits | None) -> guards.Dosage:
    """Streets that rest: with the planned days they would pass the cap of so many weeks."""
    params = ground.profile.guards
    segments = ground.area.network.segments
    last = ground.inputs.week.days[-1]
    first = last - timedelta(days=7 * params.dosage_weeks - 1)
    before = ground.inputs.made_on - timedelta(days=1)  # from then on, days are planned
    visited = visits.between(len(segments), first, before) if visits is not None else None
    planned = len({day for s in ground.sessions for day in s.days})
    names = segments[Segments.name].astype(str).tolist()
    return guards.dosage(visited, names, params, planned_days=planned)


# --- corridors -----------------------------------------------------------------------------------


def _corridors(
    ground: Ground,
    placed: Placed,
    values: Mapping[str, FloatArray],
    rests: BoolArray,
) -> tuple[tuple[Corridor, ...], tuple[NoPatrol, ...]]:
    """Corridors with enough evidence, and the schools whose corridors have not (A3)."""
    params = ground.profile.risk
    shapes = find_shapes(ground.area.network, values, ground.area.flows, params)
    reached = {u for s in shapes for u in s.urns}
    left_out = [
        NoPatrol(f.urn, "no patrol recommended: no reported incident on its pupils' walks")
        for f in ground.area.flows
        if f.urn not in reached
    ]
    found: list[Corridor] = []
    for shape in shapes:
        evidence = evidence_for(placed, shape.segment_ids, _source_names(ground.inputs), params)
        reason = why_not(evidence, params) or _why_rest(shape, values, rests)
        if reason:
            left_out += [NoPatrol(u, f"no patrol recommended: {reason}") for u in shape.urns]
            continue
        rows = ground.area.network.segments.loc[list(shape.segment_ids)]
        found.append(
            Corridor(
                corridor_id=f"C{len(found) + 1}",
                urns=shape.urns,
                segment_ids=shape.segment_ids,
                street_names=tuple(sorted({n for n in rows[Segments.name] if n})),
                length_m=float(rows[Segments.length_m].sum()),
                value_share=shape.value_share,
                evidence=evidence,
            )
        )
    return tuple(found), tuple(left_out)


def _why_rest(shape: Shape, values: Mapping[str, FloatArray], rests: BoolArray) -> str:
    """Why a corridor has no patrol this week although its evidence is enough, or nothing."""
    ids = list(shape.segment_ids)
    value = np.sum([values[u][ids] for u in shape.urns], axis=0)
    if value[rests[ids]].sum() <= _MOSTLY * value.sum():
        return ""
    return "most of its streets have had their share of patrols lately and rest this week"


def _source_names(inputs: Inputs) -> tuple[str, ...]:
    names = sorted(s.file_name for s in inputs.sources if s.kind == "incidents")
    return (f"{len(names)} files, {names[0]} to {names[-1]}",) if len(names) > 3 else tuple(names)
