"""Past patrols on the network, and what incidents that they found weigh."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from corridors import days
from corridors.arrays import FloatArray, IntArray
from corridors.model import Network
from corridors.network.snapping import snap
from corridors.profile import Profile
from corridors.risk import guards
from corridors.risk.evidence import Placed, discovered
from corridors.tables import Visits


@dataclass(frozen=True)
class PlacedVisits:
    """Visits on the network."""

    segment_id: IntArray  # (v) -1 where no street is near
    day: IntArray  # (v) days since 1970-01-01
    minutes: FloatArray  # (v) NaN where not written down

    def between(self, n: int, first: date, last: date) -> guards.Visited:
        """Days and minutes of each of n segments in a period."""
        return guards.patrol_days(
            self.segment_id, self.day, self.minutes, n,
            first_day=days.day_number(first), last_day=days.day_number(last),
        )  # fmt: skip


def placed_visits(
    network: Network, visits: pd.DataFrame | None, profile: Profile
) -> PlacedVisits | None:
    """The record of patrols on the network; None where none is kept. ``visits``: tables.Visits."""
    if visits is None:
        return None
    snapped = snap(
        network,
        visits[Visits.x_m].to_numpy(),
        visits[Visits.y_m].to_numpy(),
        reach_m=profile.risk.snap_reach_m,
    )
    return PlacedVisits(
        segment_id=snapped["segment_id"].to_numpy(dtype=np.int64),
        day=visits[Visits.date].to_numpy().astype("datetime64[D]").astype(np.int64),
        minutes=visits[Visits.minutes].to_numpy(dtype=float),
    )


def found_by_police(
    network: Network, placed: Placed, visits: pd.DataFrame | None, profile: Profile
) -> FloatArray:
    """(k) what each incident that police found would weigh, by inverse visits (D.7)."""
    weight = discovered(placed.incidents).astype(float)
    on_streets = placed_visits(network, visits, profile)
    if on_streets is not None and placed.school_days:
        n = len(network.segments)
        visited = on_streets.between(n, placed.period_start, placed.period_end)
        share = visited.days / placed.school_days
        by_segment = guards.inverse_visits(share, profile.guards.visit_reference_share)
        weight *= by_segment[placed.segment_id]  # those on no street (-1) are never used
    return weight
