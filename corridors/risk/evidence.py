"""What the records say about a corridor, in numbers and in words (A3, A5, H4, H5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from corridors.arrays import BoolArray, IntArray
from corridors.days import month_end
from corridors.model import Evidence, RecordSpan
from corridors.profile import Risk
from corridors.tables import OFFENCE_WORDS, STREET_GROUPS, Incidents

PLACE_ONLY = "Place context only: this source has no times"
_BANDS = (1, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 2000, 5000)


@dataclass(frozen=True)
class Placed:
    """Incidents on the network, as far as they can carry a weight.

    ``weight`` (k): in the after-school window where times are known, else 1 or 0. ``segment_id``
    is -1 for those too far from any street. ``is_counted``: reports by the public of what a walk
    home can meet, off school premises.
    """

    incidents: pd.DataFrame
    segment_id: IntArray
    offset_m: np.ndarray
    weight: np.ndarray
    is_counted: BoolArray
    has_times: bool
    period_start: date
    period_end: date
    months: int
    school_days: int


def place(
    incidents: pd.DataFrame,
    snapped: pd.DataFrame,
    window_weight: pd.Series,
    *,
    school_days: int,
    span: RecordSpan,
) -> Placed:
    """Join incidents, their streets and their window weights.

    Police-generated and school-premises records weigh 0 (H4, H5), and so do offences that a walk
    home does not meet. If any record has a time, records without one weigh 0 too: a month cannot
    say "after school". If none has, each counts 1 and the plan is place context only.

    Parameters
    ----------
    incidents : tables.Incidents, k rows. snapped : (k) ``segment_id``, ``offset_m``.
    window_weight : (k) from ``incident_time.window_weights``.
    school_days : how many school days the windows are of.
    span : the time that the records cover, whether or not of this place.
    """
    has_times = bool(window_weight.notna().any())
    counted = (_on_the_street(incidents) & ~incidents[Incidents.is_police_generated]).to_numpy()
    weight = window_weight.fillna(0.0).to_numpy() if has_times else np.ones(len(incidents))
    first, last = span.first_month, month_end(span.last_month)
    if has_times and span.first_day is not None and span.last_day is not None:
        first, last = span.first_day, span.last_day
    return Placed(
        incidents=incidents,
        segment_id=snapped["segment_id"].to_numpy(dtype=np.int64),
        offset_m=snapped["offset_m"].to_numpy(dtype=float),
        weight=np.where(counted, weight, 0.0),
        is_counted=counted,
        has_times=has_times,
        period_start=first,
        period_end=last,
        months=span.months,
        school_days=school_days,
    )


def discovered(incidents: pd.DataFrame) -> BoolArray:
    """(k) which incidents police activity found and would count if the public had reported them."""
    found = _on_the_street(incidents) & incidents[Incidents.is_police_generated]
    return found.to_numpy(dtype=bool)


def _on_the_street(incidents: pd.DataFrame) -> pd.Series[bool]:
    """What a walk home can meet, off school premises, whoever found it."""
    return incidents[Incidents.group].isin(STREET_GROUPS) & ~incidents[Incidents.is_school_premises]


def evidence_for(
    placed: Placed, segment_ids: tuple[int, ...], sources: tuple[str, ...], params: Risk
) -> Evidence:
    """The evidence on some streets.

    Parameters
    ----------
    segment_ids : the corridor. sources : names of the incident files.
    """
    here = np.isin(placed.segment_id, np.array(segment_ids, dtype=np.int64))
    rows = placed.incidents[here]
    weight = pd.Series(placed.weight[here], index=rows.index)
    by_group = weight.groupby(rows[Incidents.group].astype(str)).sum()
    return Evidence(
        has_times=placed.has_times,
        period_start=placed.period_start,
        period_end=placed.period_end,
        months=placed.months,
        incidents_in_window=float(weight.sum()),
        incidents_all_day=int(rows[Incidents.group].isin(STREET_GROUPS).sum()),
        by_group=tuple((str(g), float(w)) for g, w in sorted(by_group.items()) if w > 0),
        set_apart=(
            ("police-generated", int(rows[Incidents.is_police_generated].sum())),
            ("on school premises", int(rows[Incidents.is_school_premises].sum())),
        ),
        sources=sources,
        floor=params.floor_incidents if placed.has_times else params.floor_place_only,
        school_days=placed.school_days,
        one_place_share=_one_place_share(rows, weight),
    )


def _one_place_share(rows: pd.DataFrame, weight: pd.Series) -> float:
    """The most weight at one position, as a share: high where a station desk was geocoded."""
    total = float(weight.sum())
    if total <= 0:
        return 0.0
    return float(weight.groupby([rows[Incidents.x_m], rows[Incidents.y_m]]).sum().max() / total)


def why_not(evidence: Evidence, params: Risk) -> str:
    """Why the evidence does not carry a patrol, or an empty string (A3)."""
    if evidence.months < params.min_months:
        return (
            f"the records cover {evidence.months} months; a plan needs {params.min_months} "
            "so that one bad month does not decide"
        )
    if not evidence.is_enough:
        when = "in the after-school window" if evidence.has_times else "at any time of day"
        return (
            f"{band(evidence.incidents_in_window)} reported incidents {when} in "
            f"{evidence.months} months: below the floor of {evidence.floor:g}"
        )
    return ""


def statement(evidence: Evidence, street_names: tuple[str, ...]) -> str:
    """The specific risk that a patrol answers, with period, band and sources (A3)."""
    leading = sorted(evidence.by_group, key=lambda g: (-g[1], g[0]))[:3]
    kinds = ", ".join(OFFENCE_WORDS[g] for g, _ in leading) or "incidents"
    when = "in the after-school window" if evidence.has_times else "at any time of day"
    where = ", ".join(street_names[:4]) or "unnamed streets"
    text = (
        f"{band(evidence.incidents_in_window)} incidents reported by the public {when} "
        f"({kinds}) on {where}, from {evidence.period_start:%d/%m/%Y} to "
        f"{evidence.period_end:%d/%m/%Y}. Source: {', '.join(evidence.sources)}."
    )
    return text if evidence.has_times else f"{PLACE_ONLY}. {text}"


def band(count: float) -> str:
    """A count as a band: partners see ``20 to 29``, never a figure that points at one event."""
    if count < 5:
        return "fewer than 5"
    low = max(b for b in _BANDS if b <= count)
    higher = [b for b in _BANDS if b > count]
    return f"{low} to {higher[0] - 1}" if higher else f"{low} or more"
