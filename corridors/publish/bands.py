"""Numbers as bands, for people: what the working map colours and what its legend says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.model import Plan
from corridors.tables import Incidents, Segments


# Dark and wide is more, so both ramps also read in grey. Risk is a ribbon, pupils are dots on it.
@dataclass(frozen=True)
class Band:
    """One step of a ramp."""

    label: str
    colour: str
    width: float  # pixels


RISK_BANDS: Final = (
    Band("Upper half of streets", "#a3aed6", 5.0),
    Band("Highest fifth", "#8468b5", 7.0),
    Band("Highest twentieth", "#4d004b", 10.0),
)
RISK_SHARES: Final = (0.5, 0.8, 0.95)  # of street length
MIN_INCIDENTS: Final = 3  # near a street before it may stand in the highest band

FLOW_BANDS: Final = (
    Band("5 to 19 pupils", "#005a8c", 2.5),
    Band("20 to 49 pupils", "#005a8c", 4.5),
    Band("50 to 149 pupils", "#005a8c", 6.5),
    Band("150 pupils or more", "#005a8c", 9.0),
)
FLOW_STEPS: Final = (5.0, 20.0, 50.0, 150.0)


def risk_bands(plan: Plan, *, reach_m: float) -> IntArray:
    """Band of each segment, 0 in the lower half or without evidence, else 1 to 3.

    The bands compare the streets of the ward and of its corridors; others get 0. The highest
    needs at least 3 reports within ``reach_m`` metres, so that it never points at the place of a
    single one.

    Returns
    -------
    (n segments,) positions in ``RISK_BANDS``, counted from 1.
    """
    out: IntArray = _ranked(plan, plan.risk_per_m[:, None], reach_m)[:, 0]
    return out


def risk_bands_by_slot(plan: Plan, *, reach_m: float) -> IntArray:
    """Band of each segment in each slot of ``Plan.risk``, by the rules of ``risk_bands``.

    All streets at all slots are compared with each other, so that a street may rise and fall.

    Returns
    -------
    (n segments, slots) positions in ``RISK_BANDS``, counted from 1.
    """
    return _ranked(plan, plan.risk, reach_m)


def _ranked(plan: Plan, risk: FloatArray, reach_m: float) -> IntArray:
    """Bands of (n segments, k) risks a metre; each column counts every street's length once."""
    some = (risk > 0) & shown_segments(plan)[:, None]
    if not some.any():
        return np.zeros(risk.shape, dtype=np.int64)
    length_m = np.broadcast_to(
        plan.network.segments[Segments.length_m].to_numpy()[:, None], risk.shape
    )
    order = np.argsort(risk[some], kind="stable")
    share = np.cumsum(length_m[some][order]) / length_m[some].sum()
    places = np.minimum(np.searchsorted(share, RISK_SHARES), len(order) - 1)
    limits = risk[some][order][places]
    bands: IntArray = np.where(some, (risk[..., None] > limits).sum(axis=-1), 0)
    is_top = bands == len(RISK_BANDS)
    few = np.zeros(len(risk), dtype=bool)
    streets = is_top.any(axis=1)
    few[streets] = _near(plan, streets, reach_m) < MIN_INCIDENTS
    bands[is_top & few[:, None]] -= 1
    return bands


def pupils(plan: Plan) -> FloatArray:
    """(n segments,) expected pupils of all schools who walk each segment."""
    found = np.zeros(len(plan.network.segments))
    for flow in plan.flows:
        found = found + flow.walkers
    return found


def flow_bands(walkers: FloatArray) -> IntArray:
    """(n,) bands of expected pupils: 0 below 5, else a position in ``FLOW_BANDS`` from 1."""
    return np.searchsorted(FLOW_STEPS, walkers, side="right").astype(np.int64)


def flow_words(band: int) -> str:
    """A band of pupils in words."""
    return FLOW_BANDS[band - 1].label if band else "Fewer than 5 pupils"


def risk_words(band: int) -> str:
    """A band of risk in words."""
    return RISK_BANDS[band - 1].label if band else "Lower half of streets"


def small_count(count: float) -> str:
    """A count without small cells: ``fewer than 5`` for 1 to 4, else to the nearest 5."""
    whole = round(count)
    if whole <= 0:
        return "none" if count <= 0 else "fewer than 5"
    return "fewer than 5" if whole < 5 else f"about {5 * round(whole / 5)}"


def shown_segments(plan: Plan) -> BoolArray:
    """(n segments,) those of the ward and of its corridors, which the bands compare."""
    segments = plan.network.segments
    on_corridor = {s for c in plan.corridors for s in c.segment_ids}
    shown = segments[Segments.in_ward] | segments.index.isin(sorted(on_corridor))
    return np.asarray(shown, dtype=bool)


def _near(plan: Plan, chosen: BoolArray, reach_m: float) -> IntArray:
    incidents = plan.inputs.incidents
    kept = incidents[
        ~(incidents[Incidents.is_police_generated] | incidents[Incidents.is_school_premises])
    ]
    points = shapely.points(kept[Incidents.x_m].to_numpy(), kept[Incidents.y_m].to_numpy())
    streets = plan.network.segments.geometry.to_numpy()[chosen]
    hits = shapely.STRtree(points).query(streets, predicate="dwithin", distance=reach_m)
    return np.bincount(hits[0], minlength=len(streets)).astype(np.int64)
