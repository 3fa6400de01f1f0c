"""Whom patrols and encounters touched in a quarter: from written plans, debriefs and counts (D.6).

Made after plans, from tables that no plan reads (H2, H4).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridors.evaluation.fairness import (
    Limits,
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
) -> Touched:
    """Presence and encounters of a quarter, by group, school and small area.

    A patrol without a debrief counts as it was planned, and is told.

    Parameters
    ----------
    planned : written plans, cut to the quarter.
    areas : small areas by code with ``residents`` (aged 10 to 17), EPSG:27700; None if not given.
    quarter : ``2026-Q1``, whose encounters count.
    """
    walked = _walked(planned, records.debriefs)
    groups = _pupils(records.pupils)
    ratios = (
        *_exposures(walked, groups, profile, quarter),
        *_encounter_ratios(records.encounters, groups, profile, quarter),
    )
    spent = None if areas is None else _by_area(walked, planned, areas)
    rows = _of_patrols(records.debriefs, planned)
    return Touched(
        ratios=ratios,
        figures_sha256=figures_hash(r.disparity for r in ratios),
        schools=_service(walked, groups),
        area_minutes=None
        if spent is None or areas is None
        else minutes_per_1000(spent, areas["residents"]),
        area_residents=None if areas is None else areas["residents"],
        top_share=None if spent is None or not spent.sum() else concentration(spent),
        encounters=_encounters(records.encounters, quarter),
        no_further_action=_led_to_nothing(records.encounters, quarter),
        patrols=_states(walked),
        contacts={name: int(rows[name].sum()) for name in CONTACTS} if len(rows) else {},
        hours_by_role=_hours(rows),
        police_minutes=sum(w.police_minutes for w in walked),
        abstraction=(planned.lost, planned.told),
        repeat_share=float(np.mean(planned.repeat_shares)) if planned.repeat_shares else None,
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


def _of_patrols(debriefs: pd.DataFrame | None, planned: Planned) -> pd.DataFrame:
    """Debriefs of the patrols that were planned."""
    if debriefs is None:
        return pd.DataFrame(columns=list(Debriefs.columns()))
    known = {(p.ward, p.week, p.patrol_id) for p in planned.patrols}
    keys = zip(
        debriefs[Debriefs.ward], debriefs[Debriefs.week], debriefs[Debriefs.patrol_id], strict=True
    )
    return debriefs[np.array([key in known for key in keys], dtype=np.bool_)]


def _walked(planned: Planned, debriefs: pd.DataFrame | None) -> tuple[_Walked, ...]:
    rows = _of_patrols(debriefs, planned)
    told = {
        (row[Debriefs.ward], row[Debriefs.week], row[Debriefs.patrol_id]): row
        for _, row in rows.iterrows()
    }
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


def _pupils(table: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """(schools, groups) by dimension; schools of which a group is not known are left out."""
    if table is None:
        return {}
    found = {}
    for dimension in PUPIL_GROUPS:
        rows = table[table[PupilGroups.dimension] == dimension]
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


def _service(walked: tuple[_Walked, ...], groups: Mapping[str, pd.DataFrame]) -> Any:
    if not walked or not groups:
        return None
    wide = next(iter(groups.values()))
    pupils = wide.sum(axis=1)
    minutes: dict[str, float] = {}
    for each in walked:
        for urn in each.patrol.urns:
            minutes[urn] = minutes.get(urn, 0.0) + each.minutes
    known = {urn: total for urn, total in sorted(minutes.items()) if urn in pupils.index}
    return service(pd.Series(known, dtype=float), pupils)


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


def _led_to_nothing(table: pd.DataFrame | None, quarter: str) -> dict[str, tuple[int, int]]:
    rows = _young(table, quarter)
    if rows is None:
        return {}
    known = rows[rows[Encounters.no_further_action].notna()]
    return {
        str(kind): (
            int(mine[Encounters.no_further_action].sum()),
            int(mine[Encounters.count].sum()),
        )
        for kind, mine in known.groupby(Encounters.kind, sort=True)
    }


def _encounter_ratios(
    table: pd.DataFrame | None,
    groups: Mapping[str, pd.DataFrame],
    profile: Profile,
    quarter: str,
) -> list[GroupRatio]:
    """Searches of young people per pupil of a group, beside white pupils'."""
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
        of = int(counts[group]), int(pupils[group].sum())
        to = int(counts[reference]), int(pupils[reference].sum())
        if min(of[1], to[1]) < 1 or of[0] > of[1] or to[0] > to[1]:
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
