"""How much of an incident falls into the after-school window."""

from __future__ import annotations

import numpy as np
import pandas as pd

from corridors.model import FloatArray, IntArray
from corridors.tables import Incidents

_LONGEST_US = 168 * 3600 * 1_000_000  # longer spans count as a week, as R's aoristic does [1]


def window_weights(incidents: pd.DataFrame, starts_us: IntArray, ends_us: IntArray) -> pd.Series:
    r"""Aoristic weight of each incident in a set of time windows [1]_.

    .. math:: w = |[from, to] \cap windows| / (to - from)

    An exact time weighs 1 inside a window and 0 outside; the end of a window is outside.

    Parameters
    ----------
    incidents : tables.Incidents, n rows.
    starts_us, ends_us : (k,) microseconds since 1970 UTC, ascending, not overlapping.

    Returns
    -------
    (n,) dimensionless, 0 to 1, on the incidents' index; NaN where the source has no times.

    References
    ----------
    .. [1] Ashby & Bowers (2013), Crime Science 2:1; Ratcliffe (2000), IJGIS 14(7).
    """
    known = incidents[Incidents.from_utc].notna().to_numpy()
    begin = _microseconds(incidents.loc[known, Incidents.from_utc])
    finish = np.minimum(_microseconds(incidents.loc[known, Incidents.to_utc]), begin + _LONGEST_US)
    exact = finish <= begin
    inside = _time_before(begin + 1, starts_us, ends_us) - _time_before(begin, starts_us, ends_us)
    overlap = _time_before(finish, starts_us, ends_us) - _time_before(begin, starts_us, ends_us)
    weight = np.full(len(incidents), np.nan)
    weight[known] = np.where(exact, inside, overlap / np.where(exact, 1, finish - begin))
    return pd.Series(weight, index=incidents.index, name="window_weight")


def _microseconds(times: pd.Series) -> IntArray:
    out: IntArray = times.dt.as_unit("us").astype("int64").to_numpy()
    return out


def _time_before(at_us: IntArray, starts_us: IntArray, ends_us: IntArray) -> FloatArray:
    """Microseconds of window time before each instant."""
    if len(starts_us) == 0:
        return np.zeros(len(at_us))
    full = np.concatenate([[0], np.cumsum(ends_us - starts_us)])
    begun = np.searchsorted(starts_us, at_us, side="right")
    last = np.maximum(begun - 1, 0)
    beyond = np.where(begun > 0, np.maximum(ends_us[last] - at_us, 0), 0)
    return (full[begun] - beyond).astype(float)
