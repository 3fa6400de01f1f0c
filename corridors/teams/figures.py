"""The week in figures: what it costs whom (B17), what each school gets (C10), who comes again."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from corridors.model import OrganisationCost, SchoolMinutes, Staffing
from corridors.teams.candidates import Person
from corridors.teams.needs import PatrolNeed
from corridors.teams.records import Turn

Staffed = Sequence[tuple[PatrolNeed, Staffing]]


def costs(staffed: Staffed, people: Iterable[Person]) -> tuple[OrganisationCost, ...]:
    """What patrols cost each organisation, sorted by its name (B17).

    Time at no pay is told apart from time whose pay is not recorded: the first is given by
    volunteers, the second is unknown and not in the cost.

    Parameters
    ----------
    staffed : one patrol, for its card, or all of the week.
    """
    by_id = {p.person_id: p for p in people}
    found: dict[str, OrganisationCost] = {}
    for need, staffing in staffed:
        for assignment in staffing.people:
            person = by_id[assignment.person_id]
            before = found.get(
                person.organisation, OrganisationCost(person.organisation, 0, 0, 0, 0.0)
            )
            found[person.organisation] = _add(before, person.pay_per_hour, need.minutes)
    return tuple(found[name] for name in sorted(found))


def total_cost(parts: Iterable[OrganisationCost]) -> OrganisationCost:
    """All organisations together, under the name "all"."""
    every = tuple(parts)
    return OrganisationCost(
        "all",
        sum(c.person_minutes for c in every),
        sum(c.unpaid_minutes for c in every),
        sum(c.unrecorded_minutes for c in every),
        math.fsum(c.cost_gbp for c in every),
    )


def school_minutes(staffed: Staffed, rolls: Mapping[str, float]) -> tuple[SchoolMinutes, ...]:
    """Minutes of staffed patrols at each school, in all and per 1,000 pupils (C10).

    Parameters
    ----------
    rolls : pupils by URN, of every school that is to be told, also where nobody walks.
    """
    minutes: Counter[str] = Counter()
    for need, staffing in staffed:
        if staffing.is_staffed:
            minutes.update(dict.fromkeys(set(need.urns), need.minutes))
    return tuple(
        SchoolMinutes(
            urn, minutes[urn], 1000 * minutes[urn] / rolls[urn] if rolls.get(urn) else None
        )
        for urn in sorted({*rolls, *minutes})
    )


def loads(staffed: Staffed) -> tuple[int, ...]:
    """How many patrols everybody who walks has, fewest first."""
    return tuple(sorted(Counter(a.person_id for _, s in staffed for a in s.people).values()))


def repeat_share(staffed: Staffed, last: Sequence[Turn] | None) -> float | None:
    """Share of places that are filled by somebody who was on the corridor last week (C11).

    Only corridors that were walked last week count. None if there are none.
    """
    known = {(t.urns, t.person_id) for t in last or ()}
    walked = {urns for urns, _ in known}
    places = [
        (frozenset(need.urns), a.person_id)
        for need, staffing in staffed
        for a in staffing.people
        if frozenset(need.urns) in walked
    ]
    return sum(place in known for place in places) / len(places) if places else None


def _add(before: OrganisationCost, pay: float | None, minutes: int) -> OrganisationCost:
    return replace(
        before,
        person_minutes=before.person_minutes + minutes,
        unpaid_minutes=before.unpaid_minutes + (minutes if pay == 0 else 0),
        unrecorded_minutes=before.unrecorded_minutes + (minutes if pay is None else 0),
        cost_gbp=before.cost_gbp + (pay or 0.0) * minutes / 60,
    )
