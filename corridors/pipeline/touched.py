"""Whom patrols and encounters touched in a quarter: from written plans, debriefs and counts (D.6).

Made after plans, from tables that no plan reads (H2, H4).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridors.arrays import BoolArray
from corridors.evaluation.fairness import (
    Limits,
    Service,
    concentration,
    encounter_disparity,
    exposure_disparity,
    figures_hash,
    minutes_per_1000,
    service,
)
from corridors.evaluation.report import GroupRatio, Touched
from corridors.model import EvaluationRecords, Planned, PlannedPatrol
from corridors.pipeline.chance import generator
from corridors.profile import Profile
from corridors.tables import (
    CONTACTS,
    DEBRIEF_STATES,
    ETHNIC_GROUPS,
    POLICE_ROLES,
    PUPIL_GROUPS,
    ROLES,
    Debriefs,
    Encounters,
    PupilGroups,
)

NOT_RECORDED: Final = "not_recorded"
NO_DEBRIEF: Final = "not_debriefed"
CANCELLED: Final = "cancelled"
REFERENCES: Final = {"fsm": "not_fsm", "ethnicity": "white", "sen": "not_sen",
                     "language": "english"}  # fmt: skip
_YOUNG: Final = "10_17"
_RATED: Final = "stop_search"


@dataclass(frozen=True)
class _Walked:
    """A patrol as far as is known: debriefed, or else as planned."""

    patrol: PlannedPatrol
    state: str
    minutes: float
    police_minutes: float


def find_touched(
    planned: Planned,
    records: EvaluationRecords,
    areas: gpd.GeoDataFrame | None,
    quarter: str,
    profile: Profile,
    others: Iterable[str] = (),
) -> Touched:
    """Presence and encounters of a quarter, by group, school and small area.

    A patrol without a debrief counts as it was planned, and is told. Contacts and hours count every
    debrief of the quarter, also one whose patrol no plan has any more; minutes cannot.

    Parameters
    ----------
    planned : written plans, cut to the quarter.
    areas : small areas by code with ``residents`` (aged 10 to 17), EPSG:27700; None if not given.
    quarter : ``2026-Q1``, whose encounters and debriefs count.
    others : URNs of schools that count beside those that take part: a programme's. Pupils of no
        other school count, such as of primary schools that plans leave out.
    """
    urns = planned.urns.union(others)
    everywhere = urns | planned.without
    walked = _walked(planned, records.debriefs)
    pupils = _pupils(records.pupils, everywhere)
    groups = {key: own for key, wide in pupils.items() if len(own := wide[wide.index.isin(urns)])}
    ratios = (
        *_exposures(walked, groups, profile, quarter),
        *_encounter_ratios(records.encounters, groups, profile, quarter),
    )
    spent = None if areas is None else _by_area(walked, planned, areas)
    schools = _service(walked, pupils, everywhere)
    rows = _of_quarter(records.debriefs, quarter)
    return Touched(
        ratios=ratios,
        figures_sha256=figures_hash(r.disparity for r in ratios),
        schools=schools,
        area_minutes=None
        if spent is None or areas is None
        else minutes_per_1000(spent, areas["residents"]),
        area_residents=None if areas is None else areas["residents"],
        top_share=None if spent is None or not spent.sum() else concentration(spent),
        encounters=_encounters(records.encounters, quarter),
        no_further_action=_of_known(records.encounters, quarter, Encounters.no_further_action),
        patrols=_states(walked),
        contacts={name: int(rows[name].sum()) for name in CONTACTS} if len(rows) else {},
        hours_by_role=_hours(rows),
        police_minutes=sum(w.police_minutes for w in walked),
        abstraction=(planned.lost, planned.told),
        repeat_share=float(np.mean(planned.repeat_shares)) if planned.repeat_shares else None,
        repeats=_of_known(records.encounters, quarter, Encounters.repeat),
        left_out={key: len(urns) - len(wide) for key, wide in groups.items()},
        why_none=_why_none(planned, () if schools is None else schools.without),
        without_plan=int((~_is_planned(rows, planned)).sum()),
        unreadable=planned.unreadable,
        without_protocol=sum(w.patrol.lacks_protocol for w in walked if w.state != CANCELLED),
    )


def limits_of(profile: Profile) -> Limits:
    """The profile's limits of fairness."""
    own = profile.evaluation
    return Limits(
        explain_low=own.explain_low,
        explain_high=own.explain_high,
        review=own.review_ratio,
        not_recorded_share=own.not_recorded_share,
    )


# --- patrols ------------------------------------------------------------------------------------


def _of_quarter(debriefs: pd.DataFrame | None, quarter: str) -> pd.DataFrame:
    """Debriefs of patrols with their day in the quarter, whatever plans say now."""
    if debriefs is None:
        return pd.DataFrame(columns=list(Debriefs.columns()))
    day = debriefs[Debriefs.date].dt
    is_in = (day.year == int(quarter[:4])) & (day.quarter == int(quarter[-1]))
    found: pd.DataFrame = debriefs[is_in]
    return found


def _is_planned(debriefs: pd.DataFrame, planned: Planned) -> BoolArray:
    known = {(p.ward, p.week, p.patrol_id) for p in planned.patrols}
    return np.array([key in known for key in _keys(debriefs)], dtype=np.bool_)


def _keys(debriefs: pd.DataFrame) -> list[tuple[str, str, str]]:
    names = [Debriefs.ward, Debriefs.week, Debriefs.patrol_id]
    return list(debriefs[names].itertuples(index=False, name=None))


def _walked(planned: Planned, debriefs: pd.DataFrame | None) -> tuple[_Walked, ...]:
    told = {}
    if debriefs is not None:
        rows = (row for _, row in debriefs.iterrows())
        told = dict(zip(_keys(debriefs), rows, strict=True))
    made = []
    for patrol in planned.patrols:
        row = told.get((patrol.ward, patrol.week, patrol.patrol_id))
        if row is not None:
            minutes = _minutes(row)
            police = sum(int(row[role]) for role in POLICE_ROLES)
            made.append(_Walked(patrol, str(row[Debriefs.state]), minutes, police * minutes))
        elif patrol.is_staffed:
            made.append(_Walked(patrol, NO_DEBRIEF, patrol.minutes, patrol.police_minutes))
    return tuple(made)


def _minutes(row: pd.Series[Any]) -> float:
    start, end = row[Debriefs.start_min], row[Debriefs.end_min]
    return 0.0 if pd.isna(start) or pd.isna(end) else float(end - start)


def _states(walked: tuple[_Walked, ...]) -> dict[str, int]:
    counts = Counter(w.state for w in walked)
    return {state: counts[state] for state in (*DEBRIEF_STATES, NO_DEBRIEF)}


def _hours(rows: pd.DataFrame) -> dict[str, float]:
    if not len(rows):
        return {}
    minutes = rows.apply(_minutes, axis=1)
    return {role: float((rows[role] * minutes).sum()) / 60 for role in ROLES}


# --- pupils -------------------------------------------------------------------------------------


def _pupils(table: pd.DataFrame | None, urns: frozenset[str]) -> dict[str, pd.DataFrame]:
    """(schools, groups) by dimension, of these schools; where a group is not known, left out.

    The table may hold every school in England.
    """
    if table is None:
        return {}
    ours = table[table[PupilGroups.urn].isin(urns)]
    found = {}
    for dimension in PUPIL_GROUPS:
        rows = ours[ours[PupilGroups.dimension] == dimension]
        wide = rows.pivot_table(
            index=PupilGroups.urn, columns=PupilGroups.group, values=PupilGroups.pupils,
            aggfunc="sum", min_count=1, dropna=False,
        )  # fmt: skip
        known = wide.dropna(how="all", axis=1).dropna()
        if len(known):
            found[dimension] = known.sort_index().sort_index(axis=1)
    return found


def _missing(wide: pd.DataFrame) -> tuple[int, int]:
    """Pupils of whom the group is not recorded, of how many."""
    missing = wide[NOT_RECORDED].to_numpy().sum() if NOT_RECORDED in wide else 0
    return int(missing), int(wide.to_numpy().sum())


def _share(part: tuple[int, int]) -> float:
    return part[0] / part[1] if part[1] else math.nan


def _exposures(
    walked: tuple[_Walked, ...], groups: Mapping[str, pd.DataFrame], profile: Profile, quarter: str
) -> list[GroupRatio]:
    """Minutes of police met, of each group beside its reference, with its interval and need."""
    found = []
    for dimension, wide in groups.items():
        reference = REFERENCES[dimension]
        minutes, need = _met(walked, wide.index)
        if reference not in wide or not minutes.to_numpy().sum():
            continue
        missing = _missing(wide)
        for group in wide.columns:
            if group in (reference, NOT_RECORDED) or not wide[group].sum():
                continue
            rng = generator(profile.seed, "exposure", f"{quarter} {dimension} {group}")
            disparity = exposure_disparity(
                wide, minutes, (str(group), reference), rng, need=need,
                not_recorded_share=_share(missing), limits=limits_of(profile),
            )  # fmt: skip
            people = int(wide[group].sum()), int(wide[reference].sum())
            found.append(GroupRatio(dimension, disparity, *people, None, None, missing))
    return found


def _met(walked: tuple[_Walked, ...], urns: pd.Index[Any]) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """(weeks, schools) police minutes met by a school's walkers; and each school's need."""
    weeks = sorted({w.patrol.week for w in walked})
    column = {str(urn): at for at, urn in enumerate(urns)}
    minutes, need = np.zeros((len(weeks), len(urns))), np.zeros(len(urns))
    seen: set[str] = set()
    for each in walked:
        row, patrol = weeks.index(each.patrol.week), each.patrol
        for urn, share in sorted(patrol.walker_share.items()):
            if urn in column:
                minutes[row, column[urn]] += each.police_minutes * share
                if patrol.corridor not in seen:
                    need[column[urn]] += patrol.need * share / len(weeks)
        seen.add(patrol.corridor)
    return pd.DataFrame(minutes, index=pd.Index(weeks), columns=urns), pd.Series(need, index=urns)


def _service(
    walked: tuple[_Walked, ...], groups: Mapping[str, pd.DataFrame], urns: frozenset[str]
) -> Service | None:
    """Patrol minutes of every school, also of those whose pupils are not known (C10)."""
    if not walked:
        return None
    minutes, pupils = (pd.Series(0.0, index=sorted(urns)) for _ in range(2))
    for each in walked:
        minutes[list(each.patrol.urns)] += each.minutes
    for dimension in reversed(PUPIL_GROUPS):  # the first that knows a school's pupils counts
        if dimension in groups:
            pupils.update(groups[dimension].sum(axis=1))
    return service(minutes, pupils)


def _why_none(planned: Planned, without: Iterable[str]) -> dict[str, str]:
    """Why schools had no minutes, by URN.

    The plan's own reasons stay with staff: they may hold counts, and names of places.
    """
    had = {urn for patrol in planned.patrols for urn in patrol.urns}
    planned_for = planned.urns | planned.without
    reasons = {**dict.fromkeys(planned_for, "not_planned"), **dict.fromkeys(had, "not_walked")}
    return {urn: reasons.get(urn, "no_plan") for urn in without}


# --- encounters ---------------------------------------------------------------------------------


def _young(table: pd.DataFrame | None, quarter: str) -> pd.DataFrame | None:
    if table is None:
        return None
    return table[(table[Encounters.quarter] == quarter) & (table[Encounters.age_band] == _YOUNG)]


def _encounters(table: pd.DataFrame | None, quarter: str) -> pd.DataFrame | None:
    """(kind, ethnic group) counts of those aged 10 to 17; None if no file is kept."""
    rows = _young(table, quarter)
    if rows is None:
        return None
    wide = rows.pivot_table(
        index=Encounters.kind, columns=Encounters.ethnicity, values=Encounters.count,
        aggfunc="sum", fill_value=0,
    )  # fmt: skip
    return wide.reindex(columns=list(ETHNIC_GROUPS), fill_value=0).astype("int64").sort_index()


def _of_known(table: pd.DataFrame | None, quarter: str, column: str) -> dict[str, tuple[int, int]]:
    """By kind: encounters that ``column`` counts, of all for which it is known."""
    rows = _young(table, quarter)
    if rows is None:
        return {}
    known = rows[rows[column].notna()]
    return {
        str(kind): (int(mine[column].sum()), int(mine[Encounters.count].sum()))
        for kind, mine in known.groupby(Encounters.kind, sort=True)
    }


def _encounter_ratios(
    table: pd.DataFrame | None,
    groups: Mapping[str, pd.DataFrame],
    profile: Profile,
    quarter: str,
) -> list[GroupRatio]:
    """Searches of young people per pupil of a group, beside white pupils'.

    Where a group has fewer pupils here than searches, as many as searches: some were searched
    twice, or go to school elsewhere. Left out, the largest disparity would ask for no review.
    """
    wide = _encounters(table, quarter)
    pupils = groups.get("ethnicity")
    if wide is None or pupils is None or _RATED not in wide.index:
        return []
    counts: Any = wide.loc[_RATED]
    missing = int(counts[NOT_RECORDED]), int(counts.sum())
    reference = REFERENCES["ethnicity"]
    found = []
    for group in ETHNIC_GROUPS:
        if group in (reference, NOT_RECORDED) or group not in pupils or reference not in pupils:
            continue
        of, to = (
            (int(counts[name]), max(int(counts[name]), int(pupils[name].sum())))
            for name in (group, reference)
        )
        if min(of[1], to[1]) < 1:
            continue
        disparity = encounter_disparity(
            (group, reference),
            of,
            to,
            not_recorded_share=_share(missing),
            limits=limits_of(profile),
        )
        found.append(GroupRatio("ethnicity", disparity, of[1], to[1], of[0], to[0], missing))
    return found


# --- small areas --------------------------------------------------------------------------------


def _by_area(
    walked: tuple[_Walked, ...], planned: Planned, areas: gpd.GeoDataFrame
) -> pd.Series[Any]:
    """Police minutes by small area: those of a patrol by its corridor's length in each."""
    shapes = areas.geometry.to_numpy()
    spent = np.zeros(len(areas))
    shares: dict[str, Any] = {}
    for each in walked:
        key = each.patrol.corridor
        if key not in planned.lines or not each.police_minutes:
            continue
        if key not in shares:
            length_m = shapely.length(shapely.intersection(shapes, planned.lines[key]))
            shares[key] = length_m / length_m.sum() if length_m.sum() else length_m
        spent += each.police_minutes * shares[key]
    return pd.Series(spent, index=areas.index)
