"""The evidence on the streets, and the corridors that it carries."""

from __future__ import annotations

from dataclasses import dataclass

from corridors import days
from corridors.errors import CalendarError
from corridors.model import Corridor, FloatArray, Inputs, NoPatrol
from corridors.network.snapping import snap
from corridors.pipeline.ground import Ground
from corridors.risk.corridors import find_shapes
from corridors.risk.density import segment_density
from corridors.risk.evidence import Placed, evidence_for, place, why_not
from corridors.risk.incident_time import window_weights
from corridors.risk.lattice import build_lattice
from corridors.tables import Incidents, Segments


@dataclass(frozen=True)
class Danger:
    """The evidence on the streets, and the corridors that it carries."""

    placed: Placed
    risk_per_m: FloatArray  # (n)
    corridors: tuple[Corridor, ...]
    left_out: tuple[NoPatrol, ...]


def find_danger(ground: Ground) -> Danger:
    """Risk of each segment, and the corridors with enough evidence (A3)."""
    placed = _place_incidents(ground)
    risk = ground.profile.risk
    used = (placed.segment_id >= 0) & (placed.weight > 0)
    risk_per_m = segment_density(
        build_lattice(ground.network, risk.cell_m),
        placed.segment_id[used],
        placed.offset_m[used],
        placed.weight[used],
        bandwidth_m=risk.bandwidth_m,
    )
    corridors, left_out = _corridors(ground, placed, risk_per_m)
    return Danger(placed, risk_per_m, corridors, left_out)


def _place_incidents(ground: Ground) -> Placed:
    incidents = ground.inputs.incidents
    starts_us, ends_us = days.window_intervals_us(ground.past.values(), ground.profile.window)
    weights = window_weights(incidents, starts_us, ends_us)
    if ground.flows and weights.notna().any() and not len(starts_us):
        months = incidents[Incidents.month]
        raise CalendarError(
            "the calendar has no school day in the time that the incidents cover",
            value=f"{months.min():%m/%Y} to {months.max():%m/%Y}",
            fix="Add the term dates of those years to the calendar file",
        )
    snapped = snap(
        ground.network,
        incidents[Incidents.x_m].to_numpy(),
        incidents[Incidents.y_m].to_numpy(),
        reach_m=ground.profile.risk.snap_reach_m,
    )
    school_days = {day for by_day in ground.past.values() for day in by_day}
    return place(incidents, snapped, weights, school_days=len(school_days))


def _corridors(
    ground: Ground, placed: Placed, risk_per_m: FloatArray
) -> tuple[tuple[Corridor, ...], tuple[NoPatrol, ...]]:
    """Corridors with enough evidence, and the schools whose corridors have not (A3)."""
    params = ground.profile.risk
    shapes = find_shapes(ground.network, risk_per_m, ground.flows, params)
    reached = {u for s in shapes for u in s.urns}
    left_out = [
        NoPatrol(f.urn, "no patrol recommended: no reported incident on its pupils' walks")
        for f in ground.flows
        if f.urn not in reached
    ]
    found: list[Corridor] = []
    for shape in shapes:
        evidence = evidence_for(placed, shape.segment_ids, _source_names(ground.inputs), params)
        reason = why_not(evidence, params)
        if reason:
            left_out += [NoPatrol(u, f"no patrol recommended: {reason}") for u in shape.urns]
            continue
        rows = ground.network.segments.loc[list(shape.segment_ids)]
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


def _source_names(inputs: Inputs) -> tuple[str, ...]:
    names = sorted(s.file_name for s in inputs.sources if s.kind == "incidents")
    return (f"{len(names)} files, {names[0]} to {names[-1]}",) if len(names) > 3 else tuple(names)
