"""Every hard rule of a roster, worked out again from the raw tables.

Shares nothing with the solver but the shape of a patrol's need: another reading of the tables,
another test of the mix (subsets of roles and places, by the theorem of Mendelsohn and Dulmage
[1]_, where the solver fills places one by one), so that one mistake cannot hide in both.

References
----------
.. [1] Mendelsohn and Dulmage (1958), Some generalizations of the problem of distinct
   representatives. Canadian Journal of Mathematics.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final

import pandas as pd

from corridors.model import Staffing
from corridors.profile import Aim, Mix, Teams
from corridors.tables import People
from corridors.teams.needs import PatrolNeed

_OFFICERS: Final = frozenset({"school_linked_officer", "ward_officer", "pcso"})
_NEARNESS: Final = {"none": 0, "on_call": 1, "nearby_not_joint": 2, "joint_visible": 3}
_GAP_MIN: Final = 15

# (what is broken) for one staffed patrol: need, staffing, rows of people by id, profile.
_Rule = Callable[["_Walk"], Iterator[str]]


@dataclass(frozen=True)
class _Walk:
    """One staffed patrol with the raw rows of its people."""

    need: PatrolNeed
    staffing: Staffing
    rows: tuple[tuple[str, dict[str, object]], ...]  # (person id, row of tables.People)
    aim: Aim
    profile: Teams

    @property
    def roles(self) -> Counter[str]:
        return Counter(str(row[People.role]) for _, row in self.rows)

    @property
    def officers(self) -> int:
        return sum(n for role, n in self.roles.items() if role in _OFFICERS)


def verify_roster(
    needs: tuple[PatrolNeed, ...],
    staffings: tuple[Staffing, ...],
    people: pd.DataFrame,
    profile: Teams,
) -> tuple[str, ...]:
    """What is wrong with a roster; empty if every hard rule holds.

    Parameters
    ----------
    needs, staffings : the same patrols in the same order.
    people : tables.People, any order of rows.
    profile : mixes by aim, and limits on people.

    Returns
    -------
    One sentence for each broken rule, naming the patrol or the person. Consent is told by patrol
    and number, never by name.
    """
    if [n.patrol_id for n in needs] != [s.patrol_id for s in staffings]:
        return ("The roster does not list the patrols asked for, in their order.",)
    table = {
        str(key): {str(name): value for name, value in row.items()}
        for key, row in zip(people.index, people.to_dict("records"), strict=True)
    }
    found: list[str] = []
    walks: list[_Walk] = []
    for need, staffing in zip(needs, staffings, strict=True):
        found += [f"{need.patrol_id}: {text}" for text in _broken_record(need, staffing, table)]
        if staffing.police_level not in _NEARNESS:
            found.append(f"{need.patrol_id}: {staffing.police_level!r} is no police level")
        elif staffing.people and all(a.person_id in table for a in staffing.people):
            rows = tuple((a.person_id, table[a.person_id]) for a in staffing.people)
            walks.append(_Walk(need, staffing, rows, profile.aim(need.aim_key), profile))
    for walk in walks:
        found += [f"{walk.need.patrol_id}: {text}" for rule in _RULES for text in rule(walk)]
    return (*found, *_broken_weeks(walks, profile))


# --- one patrol ---------------------------------------------------------------------------------


def _broken_record(
    need: PatrolNeed, staffing: Staffing, table: dict[str, dict[str, object]]
) -> Iterator[str]:
    if (staffing.aim, staffing.aim_is_confirmed) != (need.aim_key, need.aim_is_confirmed):
        yield "its aim is not the one asked for (A1)"
    if not staffing.reason.strip():
        yield "it gives no reason"
    ids = [a.person_id for a in staffing.people]
    if len(set(ids)) != len(ids):
        yield "somebody is on it twice"
    if ids != sorted(ids):
        yield "its people are not in order"
    for assignment in staffing.people:
        if assignment.person_id not in table:
            yield f"{assignment.person_id} is not in the people file"
        elif table[assignment.person_id][People.role] != assignment.role:
            yield f"{assignment.person_id} does not have the role {assignment.role}"
    nothing = (staffing.police_minutes, staffing.exposure, staffing.police_level)
    if not ids and nothing != (0, 0.0, "none"):
        yield "nobody walks, yet it counts police"


def _broken_mix(walk: _Walk) -> Iterator[str]:
    level, adults = walk.staffing.police_level, sum(walk.roles.values())
    if adults < walk.profile.min_adults:
        yield f"{adults} adults, fewer than {walk.profile.min_adults}"
    if not any(m.police_level == level and _fits(m, walk.roles) for m in walk.aim.mixes):
        yield f"its team is no mix of the aim {walk.need.aim_key} at {level} (B1)"


def _broken_police(walk: _Walk) -> Iterator[str]:
    nearness = _NEARNESS[walk.staffing.police_level]
    if walk.officers and nearness < 2:
        yield "police walk where the mix has none"
    if not walk.officers and nearness >= 2:
        yield "the mix says that police walk, but none do"
    if walk.officers and not walk.aim.policing_purpose.strip():
        yield "police walk without a policing purpose (B11)"
    minutes = walk.officers * (walk.need.end_min - walk.need.start_min)
    if walk.staffing.police_minutes != minutes:
        yield f"{walk.staffing.police_minutes} police minutes are told, {minutes} are worked"
    exposure = minutes * walk.need.pupils_met
    if not math.isclose(walk.staffing.exposure, exposure, rel_tol=1e-9):
        yield f"an exposure of {walk.staffing.exposure:g} is told, it is {exposure:g} (A6)"


def _broken_consent(walk: _Walk) -> Iterator[str]:
    nearness = _NEARNESS[walk.staffing.police_level]
    against = sum(
        row[People.role] not in _OFFICERS and _NEARNESS[str(row[People.accepts_police])] < nearness
        for _, row in walk.rows
    )
    if against:
        yield f"{against} of its people did not agree to {walk.staffing.police_level} (B3)"


def _broken_place_and_day(walk: _Walk) -> Iterator[str]:
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[walk.need.day.isoweekday() - 1]
    for person_id, row in walk.rows:
        if day not in str(row[People.available]).split():
            yield f"{person_id} is not free on {day}"
        wards, schools = str(row[People.wards]).split(), str(row[People.urns]).split()
        if wards and walk.need.ward_code not in wards:
            yield f"{person_id} does not work in ward {walk.need.ward_code} (C4)"
        if schools and not any(urn in schools for urn in walk.need.urns):
            yield f"{person_id} is not tied to a school of this patrol (C1)"


_RULES: Final[tuple[_Rule, ...]] = (
    _broken_mix,
    _broken_police,
    _broken_consent,
    _broken_place_and_day,
)


def _fits(mix: Mix, roles: Counter[str]) -> bool:
    """Whether a team can take the places of ``mix``, everybody one and every minimum met.

    Minima alone can be met, and everybody alone can be placed, if no subset of places wants more
    people than it can have, and no subset of roles brings more people than its places hold. By
    Mendelsohn and Dulmage both then hold at once.
    """
    for chosen in product((False, True), repeat=len(mix.needs)):
        places = [n for n, is_in in zip(mix.needs, chosen, strict=True) if is_in]
        open_to = {role for n in places for role in n.roles}
        if sum(n.minimum for n in places) > sum(roles[role] for role in open_to):
            return False
    present = sorted(role for role, count in roles.items() if count)
    for size in range(1, len(present) + 1):
        for group in combinations(present, size):
            held = sum(n.maximum for n in mix.needs if set(n.roles) & set(group))
            if sum(roles[role] for role in group) > held:
                return False
    return True


# --- one person's week --------------------------------------------------------------------------


def _broken_weeks(walks: list[_Walk], profile: Teams) -> Iterator[str]:
    weeks: dict[str, list[PatrolNeed]] = {}
    officers: set[str] = set()
    for walk in walks:
        for person_id, row in walk.rows:
            weeks.setdefault(person_id, []).append(walk.need)
            if row[People.role] == "school_linked_officer":
                officers.add(person_id)
    for person_id in sorted(weeks):
        week = weeks[person_id]
        if len(week) > profile.max_patrols_per_person:
            yield (
                f"{person_id} is on {len(week)} patrols, more than {profile.max_patrols_per_person}"
            )
        schools = {urn for need in week for urn in need.urns}
        if person_id in officers and len(schools) > profile.schools_per_officer:
            yield (
                f"{person_id} covers {len(schools)} schools, more than "
                f"{profile.schools_per_officer} (C1)"
            )
        for one, other in combinations(week, 2):
            yield from _broken_pair(person_id, one, other)


def _broken_pair(person_id: str, one: PatrolNeed, other: PatrolNeed) -> Iterator[str]:
    first, second = sorted((one, other), key=lambda n: (n.day, n.start_min, n.end_min))
    if first.day != second.day:
        return
    pair = f"{first.patrol_id} and {second.patrol_id}"
    if second.start_min < first.end_min:
        yield f"{person_id} is on {pair} at one time"
    elif second.start_min - first.end_min < _GAP_MIN and not (
        first.ward_code == second.ward_code or not set(first.urns).isdisjoint(second.urns)
    ):
        yield f"{person_id} cannot get from one to the other of {pair} in time"
