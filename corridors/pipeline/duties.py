"""What a partnership owes beside its plan, told with the plan: records, dates and names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from corridors.daylight import sunset_min
from corridors.model import Corridor, Patrol, local_time
from corridors.pipeline.ground import Ground
from corridors.tables import Schools
from corridors.teams.governance import (
    data_sharing_fault,
    programme_faults,
    programme_of,
    schools_without_officer,
)


def duties(
    ground: Ground, corridors: Iterable[Corridor], patrols: Iterable[Patrol] = ()
) -> tuple[str, ...]:
    """A sentence for each record that is missing or overdue, and for days that get dark."""
    found = [*_agreements(ground), *_dark(ground, patrols)]
    for corridor in corridors:
        programme = programme_of(ground.inputs.aims, corridor.urns)
        faults = programme_faults(programme, ground.inputs.made_on, ground.inputs.week.days[-1])
        found += [f"Corridor {corridor.corridor_id}: {fault} (C13)." for fault in faults]
    return (*found, *_unassigned(ground))


def _agreements(ground: Ground) -> list[str]:
    found = []
    fault = data_sharing_fault(ground.inputs)
    if fault:
        found.append(f"Nothing is published: {fault} (F6).")
    if not ground.profile.governance.terms_of_reference:
        found.append(
            "No terms of reference of the school-linked role are on record: write where they "
            "are under [governance] in corridors.toml (F4)."
        )
    if not ground.profile.governance.education_authority:
        found.append(
            "Nothing on record says that the education authority was told which schools take part: "
            "write whom you told, and when, under [governance] in corridors.toml (C6)."
        )
    return found


def _dark(ground: Ground, patrols: Iterable[Patrol]) -> list[str]:
    """The days on which a patrol ends after sunset."""
    middle = ground.inputs.ward.boundary.centroid
    ends: dict[date, int] = {}
    for patrol in patrols:
        ends[patrol.day] = max(patrol.end_min, ends.get(patrol.day, 0))
    said = []
    for day, end_min in sorted(ends.items()):
        dark_min = sunset_min(day, middle.x, middle.y)
        if dark_min is not None and dark_min < end_min:
            said.append(f"{day:%d/%m/%Y} at {local_time(dark_min)}")
    if not said:
        return []
    return [f"It gets dark before the last patrol ends: on {', '.join(said)}."]


def _unassigned(ground: Ground) -> list[str]:
    """Where the profile wants a named officer for every school: those that have none."""
    if not ground.profile.teams.officer_for_every_school:
        return []
    inputs = ground.inputs
    names = inputs.schools[Schools.name]
    return [
        f"{names[urn]} ({urn}) has no named school-linked officer, as the profile asks for every "
        "school from Key Stage 3 up (C2)."
        for urn in schools_without_officer(inputs.schools, inputs.people, inputs.ward)
    ]
