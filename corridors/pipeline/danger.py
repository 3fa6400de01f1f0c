"""The evidence on the streets, the risk learned from it, and the corridors that it carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.model import Corridor, Inputs, NoPatrol
from corridors.network.neighbours import also_in
from corridors.pipeline.area import Area, all_pupils, pupils_by_school
from corridors.pipeline.ground import Ground
from corridors.pipeline.reports import Reports, sample_of
from corridors.pipeline.visits import placed_visits
from corridors.risk import guards
from corridors.risk.corridors import Shape, find_shapes
from corridors.risk.evidence import Placed, evidence_for, why_not
from corridors.risk.lattice import Lattice, build_lattice
from corridors.risk.mixture import Baselines, Learned, learn, mix
from corridors.risk.sample import Sample
from corridors.tables import Segments

MOSTLY = 0.5  # a corridor of which more than this value rests has no patrol this week


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


@dataclass(frozen=True)
class Danger:
    """The evidence on the streets, the risk, and the corridors that it carries."""

    learning: Learning
    dosage: guards.Dosage  # which streets had their share of patrols lately
    corridors: tuple[Corridor, ...]
    left_out: tuple[NoPatrol, ...]

    @property
    def placed(self) -> Placed:
        """The incidents, as facts."""
        return self.learning.reports.placed

    @property
    def risk(self) -> FloatArray:
        """(n, slots) incidents a metre a slot."""
        return self.learning.learned.risk


def find_danger(ground: Ground) -> Danger:
    """Risk of each segment and slot, and the corridors with enough evidence (A3)."""
    area, profile, piece = ground.area, ground.profile, ground.piece
    reports = piece.reports
    let_in = piece.found_by_police if profile.guards.use_discovered else 0.0
    weight = reports.severity + let_in
    sample = sample_of(reports, weight, reports.in_slot)
    lattice = build_lattice(area.network, profile.risk.cell_m)
    slots = sample.slot_weight.shape[1]
    pupils = pupils_by_school(area, slots, has_times=reports.placed.has_times)
    baselines = Baselines(flow=all_pupils(pupils))
    learned = learn(lattice, sample, baselines, profile.risk, piece.spread)
    dosage = _dosage(ground)
    values = {
        urn: (learned.risk * there).sum(axis=1) * area.length_m for urn, there in pupils.items()
    }
    corridors, left_out = _corridors(ground, reports.placed, values, dosage.rests)
    learning = Learning(
        area, reports, sample, weight, piece.found_by_police, lattice, baselines, learned
    )
    return Danger(learning, dosage, corridors, left_out)


# --- past patrols --------------------------------------------------------------------------------


def _dosage(ground: Ground) -> guards.Dosage:
    """Streets that rest: with one more day they would pass the cap of so many weeks."""
    params = ground.profile.guards
    visits = placed_visits(ground.area.network, ground.inputs.visits, ground.profile)
    segments = ground.area.network.segments
    last = ground.inputs.week.days[-1]
    first = last - timedelta(days=7 * params.dosage_weeks - 1)
    before = ground.inputs.made_on - timedelta(days=1)  # from then on, days are planned
    visited = visits.between(len(segments), first, before) if visits is not None else None
    names = segments[Segments.name].astype(str).tolist()
    return guards.dosage(visited, names, params)


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
                also_in=also_in(rows, ground.inputs.neighbours),
            )
        )
    return tuple(found), tuple(left_out)


def _why_rest(shape: Shape, values: Mapping[str, FloatArray], rests: BoolArray) -> str:
    """Why a corridor has no patrol this week although its evidence is enough, or nothing."""
    ids = list(shape.segment_ids)
    value = np.sum([values[u][ids] for u in shape.urns], axis=0)
    if value[rests[ids]].sum() <= MOSTLY * value.sum():
        return ""
    return "most of its streets have had their share of patrols lately and rest this week"


def _source_names(inputs: Inputs) -> tuple[str, ...]:
    names = sorted(s.file_name for s in inputs.sources if s.kind == "incidents")
    return (f"{len(names)} files, {names[0]} to {names[-1]}",) if len(names) > 3 else tuple(names)
