"""Which schools take part, and why the others do not (A7, C2, C3, C6, H7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
import shapely

from corridors.model import NoPatrol, Ward
from corridors.profile import Scope
from corridors.tables import Agreements, Schools

# Reasons that a partnership can do something about; the briefing asks it to.
NEEDS_APPROVAL: Final = "special school or PRU: needs an approval by name (H7)"
NO_AGREEMENT: Final = "no agreement on record: a school enters by its own agreement (A7)"

_SPECIAL = re.compile(r"\bspecial\b|pupil referral|alternative provision|\bpru\b", re.IGNORECASE)


@dataclass(frozen=True)
class InScope:
    """Schools that take part, and the ward's others with the reason."""

    urns: tuple[str, ...]  # sorted
    left_out: tuple[NoPatrol, ...]  # sorted by URN


def schools_in_scope(
    schools: pd.DataFrame, agreements: pd.DataFrame, ward: Ward, made_on: date, scope: Scope
) -> InScope:
    """Sort the ward's schools into those that take part and those that do not.

    Parameters
    ----------
    schools : tables.Schools; the register's points decide the ward (E.5), not its ward column.
    agreements : tables.Agreements in force or withdrawn.
    made_on : agreements after this day do not count yet.

    Returns
    -------
    Every open school whose point is in the ward, once: in ``urns`` or in ``left_out``.
    """
    inside = shapely.contains_xy(
        ward.boundary, schools[Schools.x_m].to_numpy(), schools[Schools.y_m].to_numpy()
    )
    urns: list[str] = []
    left_out: list[NoPatrol] = []
    for urn, school in schools[inside].sort_index().iterrows():
        status = str(school[Schools.status]).strip().lower()
        if status in ("closed", "proposed to open"):
            if urn in agreements.index:
                left_out.append(NoPatrol(str(urn), f"{status} in the register"))
            continue
        reason = _out_of_scope(school, scope) or _not_agreed(str(urn), agreements, made_on)
        if not reason and scope.special_needs_approval and _is_special(school):
            approval = str(agreements.at[urn, Agreements.special_approval]).strip()
            reason = "" if approval else NEEDS_APPROVAL
        if reason:
            left_out.append(NoPatrol(str(urn), reason))
        else:
            urns.append(str(urn))
    return InScope(tuple(urns), tuple(left_out))


def takes_part_on(agreements: pd.DataFrame, urn: str, day: date) -> bool:
    """Whether a school in scope has not withdrawn by ``day`` (C6)."""
    withdrawn: Any = agreements.loc[urn][Agreements.withdrawn_on]
    return bool(pd.isna(withdrawn) or withdrawn.date() > day)


def _out_of_scope(school: pd.Series, scope: Scope) -> str:
    high = school[Schools.high_age]
    if pd.isna(high):
        return "the register gives no ages"
    if high < scope.min_high_age:
        local = f": {scope.younger}" if scope.younger else ""
        return f"pupils leave at {high:g}; this profile covers {scope.min_high_age} and over{local}"
    return ""


def _not_agreed(urn: str, agreements: pd.DataFrame, made_on: date) -> str:
    if urn not in agreements.index:
        return NO_AGREEMENT
    row = agreements.loc[urn]
    for column, who in (
        (Agreements.head_agreed_on, "headteacher"),
        (Agreements.police_agreed_on, "police"),
    ):
        if row[column].date() > made_on:
            return f"the {who} agrees only from {row[column]:%d/%m/%Y}"
    withdrawn = row[Agreements.withdrawn_on]
    if pd.notna(withdrawn) and withdrawn.date() <= made_on:
        return f"withdrew on {withdrawn:%d/%m/%Y}"
    return ""


def _is_special(school: pd.Series) -> bool:
    return bool(_SPECIAL.search(f"{school[Schools.kind]} {school[Schools.name]}"))
