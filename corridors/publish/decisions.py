"""What a plan asks a partnership meeting to decide, from what the plan lacks. Staff only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corridors.model import Corridor, NoPatrol, Patrol, Plan
from corridors.network.scope import NEEDS_APPROVAL, NO_AGREEMENT
from corridors.profile import Teams
from corridors.publish.cards import school_name
from corridors.publish.public import Publication, open_agreements
from corridors.publish.wording import clean_name, joined, staff_words, weekdays_words
from corridors.teams.governance import (
    data_sharing_fault,
    is_police_alone,
    police_alone_reason,
    programme_faults,
    programme_of,
)
from corridors.teams.protocol_terms import terms_fault


@dataclass(frozen=True)
class Decision:
    """One line of the list, with room beside it for what was decided."""

    topic: str
    ask: str


def ward_decisions(plan: Plan, publication: Publication) -> tuple[Decision, ...]:
    """What is asked for the whole ward: records, schools that are left out, a late notice."""
    found = []
    fault = data_sharing_fault(plan.inputs)
    if fault:
        found.append(Decision("Data sharing", f"{_sentence(fault)} Until then nothing goes out."))
    found += [_school(plan, n) for n in plan.no_patrol if _is_ours(n)]
    if publication.plan is not None and publication.plan.is_unannounced:
        found.append(
            Decision(
                "Notice",
                "Families hear of these days later than the policy profile promises, so the notice "
                "says “unannounced”. Give it out like that, or begin on a later day?",
            )
        )
    return tuple(found)


def corridor_decisions(
    plan: Plan, corridor: Corridor, publication: Publication, teams: Teams
) -> tuple[Decision, ...]:
    """What is asked for one corridor and the patrols that set out for it."""
    patrols = [p for p in plan.patrols if p.corridor_id == corridor.corridor_id]
    staffed = [p for p in patrols if p.staffing.is_staffed]
    unasked = open_agreements(plan, staffed)
    withheld = [
        reason
        for name, reason in publication.withheld
        if name == corridor.corridor_id and not unasked
    ]
    return (
        *_aims(patrols, teams),
        *_protocol(plan, staffed),
        *_police_alone(plan, corridor, staffed),
        *(Decision("Schools", _sentence(words)) for words in unasked),
        *_unstaffed(patrols),
        *_programme(plan, corridor),
        *(Decision("Notice", f"Kept off the notice: {staff_words(r)}.") for r in withheld),
    )


def _is_ours(left_out: NoPatrol) -> bool:
    return any(reason in left_out.reason for reason in (NEEDS_APPROVAL, NO_AGREEMENT))


def _school(plan: Plan, left_out: NoPatrol) -> Decision:
    name = school_name(plan, left_out.urn)
    if NEEDS_APPROVAL in left_out.reason:
        return Decision(
            "Special needs",
            f"{name} is a special school, a PRU or alternative provision. Does it take part, and "
            "who approves that by name?",
        )
    return Decision(
        "Schools", f"{name} has no agreement on record. Is it to be asked whether it takes part?"
    )


def _aims(patrols: Sequence[Patrol], teams: Teams) -> list[Decision]:
    open_aims = {p.staffing.aim for p in patrols if not p.staffing.aim_is_confirmed}
    return [
        Decision(
            "Aim",
            f"“{clean_name(teams.aim(key).title)}” is only suggested. Confirm it, or choose "
            "another aim.",
        )
        for key in sorted(open_aims)
    ]


def _protocol(plan: Plan, staffed: Sequence[Patrol]) -> list[Decision]:
    parties = sorted({party for p in staffed for party in p.staffing.protocol_missing})
    found = []
    if parties:
        found.append(
            Decision(
                "Protocol",
                f"Not agreed yet by {joined(map(clean_name, parties))}. Without it no patrol of "
                "this corridor goes on the notice where police do not walk.",
            )
        )
    faults = (
        terms_fault(p.staffing.police_level, plan.inputs.protocol_terms, p.day) for p in staffed
    )
    return [
        *found,
        *(Decision("Protocol", _sentence(f)) for f in dict.fromkeys(filter(None, faults))),
    ]


def _police_alone(plan: Plan, corridor: Corridor, staffed: Sequence[Patrol]) -> list[Decision]:
    alone = [p for p in staffed if is_police_alone(p.staffing)]
    if not alone or police_alone_reason(plan.inputs.aims, corridor.urns):
        return []
    return [
        Decision(
            "Police alone",
            f"Nobody but police walks on {weekdays_words([p.day for p in alone])}, and no reason "
            "for that is written down. Write one, or choose another mix.",
        )
    ]


def _unstaffed(patrols: Iterable[Patrol]) -> list[Decision]:
    """Patrols that nobody walks, by team and reason."""
    groups: dict[tuple[int, str], list[Patrol]] = {}
    for patrol in sorted(patrols, key=lambda p: (p.day, p.start_min, p.patrol_id)):
        if not patrol.staffing.is_staffed:
            key = patrol.route.team, patrol.staffing.reason
            groups.setdefault(key, []).append(patrol)
    return [
        Decision(
            "No people",
            f"Nobody walks with Team {team} on {weekdays_words([p.day for p in own])}. "
            f"{staff_words(reason)} Find people, change the aim, or leave these patrols out?",
        )
        for (team, reason), own in groups.items()
    ]


def _programme(plan: Plan, corridor: Corridor) -> list[Decision]:
    programme = programme_of(plan.inputs.aims, corridor.urns)
    faults = programme_faults(programme, plan.inputs.made_on, plan.inputs.week.days[-1])
    return [Decision("Programme", _sentence(fault)) for fault in faults]


def _sentence(clause: str) -> str:
    said = staff_words(clause).rstrip(".")
    return f"{said[:1].upper()}{said[1:]}."
