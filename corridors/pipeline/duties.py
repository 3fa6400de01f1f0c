"""What a partnership owes beside its plan, told with the plan: records, dates and names."""

from __future__ import annotations

from collections.abc import Iterable

from corridors.model import Corridor
from corridors.pipeline.ground import Ground
from corridors.tables import Schools
from corridors.teams.governance import (
    data_sharing_fault,
    programme_faults,
    programme_of,
    schools_without_officer,
)


def duties(ground: Ground, corridors: Iterable[Corridor]) -> tuple[str, ...]:
    """A sentence for each record that is missing, or overdue."""
    found = [*_agreements(ground)]
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
    return found


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
