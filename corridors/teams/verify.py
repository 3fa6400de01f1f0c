"""Every hard rule of a roster, and every figure told of it, worked out again from the raw tables.

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
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Final

import pandas as pd

from corridors.model import RosterReport, Staffing
from corridors.profile import Aim, Mix, Teams
from corridors.tables import Absences, Consents, LastRoster, People
from corridors.teams.needs import PatrolNeed
from corridors.teams.records import Records

_OFFICERS: Final = frozenset({"school_linked_officer", "ward_officer", "pcso"})
_NEARNESS: Final = {"none": 0, "on_call": 1, "nearby_not_joint": 2, "joint_visible": 3}
_WEEK: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# (what is broken) for one staffed patrol.
_Rule = Callable[["_Walk"], Iterator[str]]


@dataclass(frozen=True)
class _Walk:
    """One staffed patrol with the raw rows of its people."""

    need: PatrolNeed
    staffing: Staffing
    rows: tuple[tuple[str, dict[str, Any]], ...]  # (person id, row of tables.People)
    aim: Aim
    profile: Teams
    records: Records

    @property
    def roles(self) -> Counter[str]:
        return Counter(str(row[People.role]) for _, row in self.rows)

    @property
    def officers(self) -> int:
        return sum(n for role, n in self.roles.items() if role in _OFFICERS)


def verify_roster(
    needs: tuple[PatrolNeed, ...],
    staffings: tuple[Staffing, ...],
    records: Records,
    profile: Teams,
) -> tuple[str, ...]:
    """What is wrong with a roster; empty if every hard rule holds.

    Parameters
    ----------
    needs, staffings : the same patrols in the same order.
    records : the raw tables, any order of rows.
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
        for key, row in zip(records.people.index, _rows(records.people), strict=True)
    }
    found: list[str] = []
    walks: list[_Walk] = []
    for need, staffing in zip(needs, staffings, strict=True):
        found += [f"{need.patrol_id}: {text}" for text in _broken_record(need, staffing, table)]
        if staffing.police_level not in _NEARNESS:
            found.append(f"{need.patrol_id}: {staffing.police_level!r} is no police level")
        elif staffing.people and all(a.person_id in table for a in staffing.people):
            rows = tuple((a.person_id, table[a.person_id]) for a in staffing.people)
            walks.append(_Walk(need, staffing, rows, profile.aim(need.aim_key), profile, records))
    for walk in walks:
        found += [f"{walk.need.patrol_id}: {text}" for rule in _RULES for text in rule(walk)]
    return (*found, *_broken_weeks(walks, profile))


# --- one patrol ---------------------------------------------------------------------------------


def _broken_record(
    need: PatrolNeed, staffing: Staffing, table: dict[str, dict[str, Any]]
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
    against = 0
    for person_id, row in walk.rows:
        if row[People.role] not in _OFFICERS:
            levels = {str(row[People.accepts_police])} | {
                str(consent[Consents.level])
                for consent in _rows(walk.records.consents)
                if _is_by(consent, person_id, str(row[People.organisation]))
                and _is_about(consent, walk.need)
            }
            against += any(_NEARNESS[level] < nearness for level in levels)
    if against:
        yield f"{against} of its people did not agree to {walk.staffing.police_level} (B3)"


def _is_by(consent: dict[str, Any], person_id: str, organisation: str) -> bool:
    party = str(consent[Consents.party])
    if consent[Consents.party_kind] == "organisation":
        return party.split() == organisation.split() or (
            party.casefold().split() == organisation.casefold().split()
        )
    return party == person_id


def _is_about(consent: dict[str, Any], need: PatrolNeed) -> bool:
    schools, aims = str(consent[Consents.urns]).split(), str(consent[Consents.aims]).split()
    if (schools and not any(u in schools for u in need.urns)) or (
        aims and need.aim_key not in aims
    ):
        return False
    day = pd.Timestamp(need.day)
    given, expires = consent[Consents.given_on], consent[Consents.expires_on]
    return not (given > day or expires < day)  # NaT is never smaller


def _broken_training_and_vetting(walk: _Walk) -> Iterator[str]:
    day = pd.Timestamp(walk.need.day)
    for person_id, row in walk.rows:
        held = str(row[People.training]).split()
        for one in walk.profile.training:
            lacking = [t for t in one.training if t not in held]
            if one.is_rule and row[People.role] in one.roles and lacking:
                yield f"{person_id} lacks training: {', '.join(lacking)} (B13)"
        vetted = row[People.vetted_on]
        if walk.profile.vetting == "rule" and not vetted <= day:
            yield f"{person_id} is not vetted by then (B18)"
        if row[People.stands_in] and row[People.posting] in walk.profile.barred_postings:
            yield f"{person_id} stands in from a posting that may not (B14)"


def _broken_place_and_day(walk: _Walk) -> Iterator[str]:
    day, date_ = _WEEK[walk.need.day.isoweekday() - 1], pd.Timestamp(walk.need.day)
    away = {
        str(a[Absences.person_id])
        for a in _rows(walk.records.absences)
        if not (a[Absences.first] > date_ or a[Absences.last] < date_)
    }
    for person_id, row in walk.rows:
        if person_id in away:
            yield f"{person_id} is away on {walk.need.day:%d/%m/%Y} (C7)"
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
    _broken_training_and_vetting,
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
        days = len({need.day for need in week})
        if days > profile.max_days_per_person:
            yield f"{person_id} walks on {days} days, more than {profile.max_days_per_person}"
        schools = {urn for need in week for urn in need.urns}
        if person_id in officers and len(schools) > profile.schools_per_officer:
            yield (
                f"{person_id} covers {len(schools)} schools, more than "
                f"{profile.schools_per_officer} (C1)"
            )
        for one, other in combinations(week, 2):
            yield from _broken_pair(person_id, one, other, profile.travel_min)


def _broken_pair(
    person_id: str, one: PatrolNeed, other: PatrolNeed, travel_min: int
) -> Iterator[str]:
    first, second = sorted((one, other), key=lambda n: (n.day, n.start_min, n.end_min))
    if first.day != second.day:
        return
    pair = f"{first.patrol_id} and {second.patrol_id}"
    if second.start_min < first.end_min:
        yield f"{person_id} is on {pair} at one time"
    elif second.start_min - first.end_min < travel_min and not (
        first.ward_code == second.ward_code or not set(first.urns).isdisjoint(second.urns)
    ):
        yield f"{person_id} cannot get from one to the other of {pair} in time"


# --- figures ------------------------------------------------------------------------------------


def verify_report(
    needs: tuple[PatrolNeed, ...],
    staffings: tuple[Staffing, ...],
    report: RosterReport,
    records: Records,
    profile: Teams,
) -> tuple[str, ...]:
    """Which figures of the report do not follow from the roster and the raw tables; empty if none.

    Parameters
    ----------
    needs, staffings : as for ``verify_roster``, which finds nothing wrong with them.
    """
    table = {str(k): r for k, r in zip(records.people.index, _rows(records.people), strict=True)}
    pairs = [(n, s) for n, s in zip(needs, staffings, strict=True) if s.people]
    turns = [(n, a.person_id) for n, s in pairs for a in s.people]
    load = Counter(person_id for _, person_id in turns)
    true: dict[str, float] = {
        "coverage": len(pairs),
        "exposure": math.fsum(s.exposure for _, s in pairs),
        "order of mixes": sum(_position(n, s, table, profile) for n, s in pairs),
        "stand-ins": sum(bool(table[person_id][People.stands_in]) for _, person_id in turns),
        "small teams": len(turns),
        "same faces": len({(" ".join(sorted(set(n.urns))), who) for n, who in turns}),
        "even load": sum(n * n for n in load.values()),
    }
    if records.this_roster is not None:
        true["changes"] = _changed(needs, turns, records.this_roster)
    repeats = None
    if records.last_roster is not None:
        again, places = _again(turns, records.last_roster)
        true["continuity"] = places - again
        repeats = again / places if places else None
    told = {w.name: w.value for w in report.wishes}
    found = [
        f"{name} is told as {told.get(name)}, it is {value:g}"
        for name, value in true.items()
        if not math.isclose(told.get(name, -1.0), value, rel_tol=1e-9)
    ]
    if not math.isclose(report.exposure, true["exposure"], rel_tol=1e-9):
        found.append(f"an exposure of {report.exposure:g} is told (A6)")
    if (report.repeat_share is None) != (repeats is None) or not math.isclose(
        report.repeat_share or 0.0, repeats or 0.0
    ):
        found.append(f"a share of {report.repeat_share} of the same people is told (C11)")
    if sorted(report.load) != sorted(load.values()):
        found.append("the loads told are not those of the roster")
    return (*found, *_broken_costs(turns, report, table))


def _position(
    need: PatrolNeed, staffing: Staffing, table: dict[str, dict[str, Any]], profile: Teams
) -> int:
    """The first place in the aim's order that the team has."""
    roles = Counter(str(table[a.person_id][People.role]) for a in staffing.people)
    return min(
        i
        for i, mix in enumerate(profile.aim(need.aim_key).mixes)
        if mix.police_level == staffing.police_level and _fits(mix, roles)
    )


def _changed(
    needs: tuple[PatrolNeed, ...], turns: list[tuple[PatrolNeed, str]], told: pd.DataFrame
) -> int:
    asked = {need.patrol_id for need in needs}
    rows = zip(told[LastRoster.patrol_id], told[LastRoster.person_id], strict=True)
    before = {(str(p), str(who)) for p, who in rows if p in asked}
    return len(before ^ {(need.patrol_id, who) for need, who in turns})


def _again(turns: list[tuple[PatrolNeed, str]], last: pd.DataFrame) -> tuple[int, int]:
    """(places filled by who was there last week, all places) on corridors walked last week."""
    before: dict[tuple[str, ...], set[str]] = {}
    for urns, who in zip(last[LastRoster.urns], last[LastRoster.person_id], strict=True):
        before.setdefault(tuple(sorted(set(str(urns).split()))), set()).add(str(who))
    places = [(tuple(sorted(set(need.urns))), who) for need, who in turns]
    places = [(corridor, who) for corridor, who in places if corridor in before]
    return sum(who in before[corridor] for corridor, who in places), len(places)


def _broken_costs(
    turns: list[tuple[PatrolNeed, str]],
    report: RosterReport,
    table: dict[str, dict[str, Any]],
) -> Iterator[str]:
    minutes: Counter[str] = Counter()
    cost: defaultdict[str, float] = defaultdict(float)
    for need, who in turns:
        organisation, pay = str(table[who][People.organisation]), table[who][People.pay_per_hour]
        minutes[organisation] += need.end_min - need.start_min
        cost[organisation] += 0.0 if pd.isna(pay) else pay * (need.end_min - need.start_min) / 60
    told = {c.organisation: c for c in report.costs}
    for organisation in sorted({*minutes, *told}):
        one = told.get(organisation)
        if (
            one is None
            or one.person_minutes != minutes[organisation]
            or not math.isclose(one.cost_gbp, cost[organisation], abs_tol=1e-6)
        ):
            yield f"the cost told for {organisation} is not that of its people (B17)"


def _rows(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    if frame is None:
        return []
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
