"""Incidents on the network, as the estimates of risk see them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class Sample:
    """Incidents that carry weight, in one order that does not depend on the order of rows.

    ``slot_weight`` is 0 or more: how much of an incident falls into each quarter of an hour of
    the after-school window, times what it weighs. Without times it has one column. Ageing is not
    in it: how old a report is depends on when it is asked.
    """

    segment_id: IntArray  # (k)
    offset_m: FloatArray  # (k) from the u end
    slot_weight: FloatArray  # (k, slots)
    month: IntArray  # (k) months since year 0: 12 * year + month - 1
    day: IntArray  # (k) days since 1970-01-01; the middle of the month without times

    @property
    def weight(self) -> FloatArray:
        """(k) weight in the whole window."""
        out: FloatArray = np.asarray(self.slot_weight.sum(axis=1))
        return out
