"""What a partnership has to have on record beside its people: agreements, reasons, dates, names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd
import shapely

from corridors.model import Inputs, Staffing, Ward
from corridors.tables import (
    POLICE_ROLES,
    ConfirmedAims,
    Incidents,
    People,
    Schools,
)

KS3_HIGH_AGE: Final = 12  # statutory high age from which a school teaches Key Stage 3
_CLOSED: Final = ("closed", "proposed to open")


def shares_partner_data(people: pd.DataFrame, incidents: pd.DataFrame) -> bool:
    """Whether data of one partner was loaded for others (F6).

    People of more than one organisation are; so is a force's export, which alone has times of day.
    Public files of data.police.uk have a month and are nobody's to share.
    """
    has_times = bool(incidents[Incidents.from_utc].notna().any())
    return has_times or people[People.organisation].nunique() > 1


def data_sharing_fault(inputs: Inputs) -> str:
    """Why nothing may be published for want of a data sharing agreement (F6); empty if it may."""
    if inputs.data_sharing.strip() or not shares_partner_data(inputs.people, inputs.incidents):
        return ""
    return (
        "no data sharing agreement is on record for partners' data; write its reference as "
        "data_sharing_agreement under [governance] in corridors.toml"
    )


def is_police_alone(staffing: Staffing) -> bool:
    """Whether nobody but police walks a patrol (B8)."""
    return staffing.is_staffed and all(a.role in POLICE_ROLES for a in staffing.people)


def police_alone_reason(aims: pd.DataFrame, urns: Iterable[str]) -> str:
    """The written reason for police alone, if every school of the corridor has one (B8)."""
    said = [
        str(aims.at[urn, ConfirmedAims.police_alone_reason]).strip() if urn in aims.index else ""
        for urn in urns
    ]
    return "; ".join(dict.fromkeys(said)) if said and all(said) else ""


@dataclass(frozen=True)
class Programme:
    """When a corridor's patrols begin, end and are looked at again; None where not on record."""

    starts_on: date | None
    ends_on: date | None
    review_on: date | None


def programme_of(aims: pd.DataFrame, urns: Iterable[str]) -> Programme:
    """The programme of a corridor: of its schools' dates the first start, end and review (C13)."""
    rows = aims.loc[[urn for urn in urns if urn in aims.index]]

    def first(column: str) -> date | None:
        days = rows[column].dropna()
        return None if days.empty else days.min().date()

    return Programme(
        first(ConfirmedAims.starts_on), first(ConfirmedAims.ends_on), first(ConfirmedAims.review_on)
    )


def programme_faults(programme: Programme, made_on: date, last_day: date) -> tuple[str, ...]:
    """What is overdue or not on record about a programme, a clause each (C13).

    Parameters
    ----------
    made_on : day of the plan.
    last_day : last day of the week that is planned: nothing is to end in silence.
    """
    start, end, review = programme.starts_on, programme.ends_on, programme.review_on
    found = []
    if end is None or review is None:
        found.append("no end or review date is on record")
    if start is not None and start > last_day:
        found.append(f"its programme only starts on {start:%d/%m/%Y}")
    if end is not None and end < last_day:
        told = "ended" if end < made_on else "ends"
        found.append(
            f"its programme {told} on {end:%d/%m/%Y}: agree on a new one, or tell families"
        )
    if review is not None and review < made_on:
        found.append(f"its review was due on {review:%d/%m/%Y} and is overdue")
    return tuple(found)


def schools_without_officer(
    schools: pd.DataFrame, people: pd.DataFrame, ward: Ward
) -> tuple[str, ...]:
    """Open schools of the ward from Key Stage 3 up that no school-linked officer is named for (C2).

    Parameters
    ----------
    schools : tables.Schools.
    people : tables.People; an officer is named for the schools in ``urns``.

    Returns
    -------
    URNs, sorted.
    """
    inside = shapely.contains_xy(
        ward.boundary, schools[Schools.x_m].to_numpy(), schools[Schools.y_m].to_numpy()
    )
    is_open = ~schools[Schools.status].str.strip().str.lower().isin(_CLOSED)
    is_ks3 = schools[Schools.high_age] >= KS3_HIGH_AGE
    wanted = set(map(str, schools.index[inside & is_open & is_ks3]))
    officers = people[people[People.role] == "school_linked_officer"]
    named = {urn for cell in officers[People.urns] for urn in str(cell).split()}
    return tuple(sorted(wanted - named))
