"""What a report weighs by its offence: a table of harm, capped so that one event is not the map.

Harm indices span four orders of magnitude: under the Cambridge index one rape weighs as much as
1,277 thefts. Uncapped, a map of a ward's few hundred reports would be a map of its gravest one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from corridors.arrays import BoolArray, FloatArray
from corridors.errors import InputError
from corridors.profile import Severity
from corridors.tables import POLICE_GROUPS, Incidents

_TITLES = {
    "ons_css": "the Crime Severity Score of the Office for National Statistics",
    "cambridge_chi": "the Cambridge Crime Harm Index",
    "custom": "this partnership's own table of harm",
}


def severity_weights(incidents: pd.DataFrame, severity: Severity, counted: BoolArray) -> FloatArray:
    r"""Weight of each incident by the harm of its offence class.

    .. math:: w_i = \frac{\min(s_i, c \, m)}{\frac{1}{k} \sum_j \min(s_j, c \, m)}

    :math:`s` are the table's weights, :math:`c` is ``severity.cap``, and :math:`m` the median of
    the positive :math:`s_i` of the :math:`k` incidents that count. With the table ``none`` each
    that counts weighs 1. What police found weighs 0 whatever the table, by its row or its class.

    At least half of the :math:`n` incidents of positive weight weigh :math:`m` or more. So one
    incident holds at most :math:`c / (c + \lceil n / 2 \rceil - 1)` of the whole weight, never
    more than :math:`2 c / n`; it weighs at most as much as :math:`c`
    median ones (the heavier of two middle ones); and the
    effective number is at least :math:`n / (2 c)`.

    Parameters
    ----------
    incidents : tables.Incidents, k rows.
    severity : ``Profile.severity``.
    counted : (k,) rows that may carry weight; the others weigh 0.

    Returns
    -------
    (k,) in incidents, >= 0; the mean over those that count is 1, so a sum stays a number of
    incidents. All 0 if the table gives nothing that counts a weight.

    Raises
    ------
    InputError
        If ``counted`` is not one value per row, or the table has no weight for a class that counts.

    References
    ----------
    .. [1] Sherman, Neyroud and Neyroud (2016), The Cambridge Crime Harm Index, Policing 10(3).
    .. [2] Ashby (2018), Comparing methods for measuring crime harm/severity, Policing 12(4).
    """
    if counted.shape != (len(incidents),):
        raise InputError(
            f"counted has shape {counted.shape}, not one value for each of {len(incidents)} rows"
        )
    discovered = incidents[Incidents.is_police_generated] | incidents[Incidents.group].isin(
        POLICE_GROUPS
    )
    counts = counted & ~discovered.to_numpy(dtype=bool)
    weight = np.zeros(len(incidents))
    if counts.any():
        weight[counts] = _capped(
            _harm(incidents.loc[counts, Incidents.offence], severity), severity.cap
        )
    return weight


def to_mean_one(weight: FloatArray, counted: BoolArray) -> FloatArray:
    """Weights of part of the incidents, scaled so that those of them that count have mean 1.

    Parameters
    ----------
    weight : (k,) from ``severity_weights``, of some of its rows. counted : (k,) the same rows.
    """
    whole = float(np.sort(weight[counted]).sum())
    return weight if whole <= 0 else weight * (float(np.count_nonzero(counted)) / whole)


def _harm(offence: pd.Series[str], severity: Severity) -> FloatArray:
    """(n,) the table's weight of each offence class."""
    if severity.table == "none":
        return np.ones(len(offence))
    harm = offence.map(severity.weight_of)
    lacks = sorted(set(offence[harm.isna()].astype(str)))
    if lacks:
        raise InputError(
            f"the severity table {severity.table} has no weight for {', '.join(lacks)}",
            fix="Name it under [[severity.weights]] in the profile",
        )
    return np.asarray(harm, dtype=np.float64)


def _capped(harm: FloatArray, cap: float) -> FloatArray:
    """(n,) capped at ``cap`` medians of what is positive, and scaled to mean 1."""
    positive = harm[harm > 0]
    if positive.size == 0:
        return np.zeros(harm.size)
    median = float(np.median(positive))
    capped: FloatArray = np.minimum(harm, cap * median) / median
    # Sorted before the sum: the order of rows must not touch the last bit.
    out: FloatArray = capped / (np.sort(capped).sum() / capped.size)
    return out


def effective_number(weight: FloatArray) -> float:
    r"""How many equal incidents carry as much information as these [1]_.

    .. math:: n_\mathrm{eff} = \frac{(\sum_i w_i)^2}{\sum_i w_i^2}

    Parameters
    ----------
    weight : (k,), >= 0, in any unit.

    Returns
    -------
    0 if nothing weighs anything; else from 1 (one event is all) to k (all weigh the same).

    References
    ----------
    .. [1] Kish (1965), Survey Sampling, section 8.2.
    """
    largest = float(weight.max(initial=0.0))
    if largest <= 0:
        return 0.0
    unit = np.sort(weight / largest)
    return float(unit.sum() ** 2 / (unit**2).sum())


def severity_words(severity: Severity) -> str:
    """One plain sentence for the map: which table, which version, which cap."""
    if severity.table == "none":
        return "Every report weighs the same, whatever the offence."
    version = f" (version {severity.version})" if severity.version else ""
    return (
        f"Reports weigh by harm, after {_TITLES[severity.table]}{version}; "
        f"none weighs more than {severity.cap:g} times the median report."
    )
