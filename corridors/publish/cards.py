"""What staff read about a patrol: times, stand points, people and reasons, put into words.

Used by the working map and the roster, so that both say the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from corridors.daylight import sunset_min
from corridors.model import Corridor, Coverage, Patrol, Plan, Route, local_time
from corridors.profile import Teams
from corridors.publish import wording
from corridors.publish.costs import CostRow, patrol_costs
from corridors.publish.wording import (
    MONTHS,
    WEEKDAYS,
    clean,
    clean_name,
    joined,
    place_words,
    slash_date,
    staff_words,
    streets_words,
    style_words,
    weekdays_words,
)
from corridors.tables import POLICE_ROLES, PROTOCOL_FIELDS, People, Segments
from corridors.teams.parts import part_of, quadrant_words
from corridors.teams.protocol import PROTOCOL_LEVELS
from corridors.teams.protocol_terms import REVIEW, term_of

MARKING: Final = "OFFICIAL-SENSITIVE"

POLICE_WORDS: Final = {
    "none": "No police",
    "on_call": "Police on call, not on the corridor",
    "nearby_not_joint": "Police nearby, not walking with the team",
    "joint_visible": "Police walk with the team",
}

# C14, C.7: the same on every card.
CARD_RULES: Final = (
    "Call 999 when life is in danger, serious injury is likely or a serious crime is happening.",
    "Otherwise report on 101 or online.",
    "Do not contact an officer personally to report a crime.",
    (
        "An officer talks to an individual pupil about a matter only with a parent or guardian "
        "there, or the school adult who was agreed on."
    ),
    "Take a safeguarding concern to the school's lead (DSL) or the multi-agency hub (MASH).",
    "Police take no part in managing behaviour.",
    "School staff and youth workers take no part in enforcement or in gathering intelligence.",
    "Nobody pursues, searches or photographs anyone because of this card.",
    "Stand down in bad weather or when police ask for it.",
)


@dataclass(frozen=True)
class Step:
    """One numbered point of a route."""

    number: int
    kind: str  # "start", "turn", "stand" or "end"
    time: str  # "15:20", or for a stand point all its times: "15:20 to 15:30, 16:20 to 16:30"
    words: str
    node_id: int


@dataclass(frozen=True)
class Person:
    """A person on a card."""

    name: str
    role: str
    organisation: str


@dataclass(frozen=True)
class Card:
    """One patrol in words. Every text is cleaned, none is escaped."""

    patrol_id: str
    team: int
    date: str
    day: str
    start: str
    end: str
    corridor_id: str
    start_street: str
    schools: str
    aim: str
    aim_state: str
    outcome: str
    commitment: str
    purpose: str  # of policing; empty where no police walk
    part: str  # "police support, community support", as the profile records it
    statement: str
    police: str  # empty if nobody walks
    people: tuple[Person, ...]
    reason: str
    with_police: str
    without_police: str
    protocol: str
    terms: tuple[tuple[str, str], ...]  # of the protocol, where the patrol needs it
    steps: tuple[Step, ...]
    rounds: str
    walk: str  # how it looks to those who walk it; empty if not known
    why_aim: str
    coverage: tuple[str, ...]
    effort: str
    costs: tuple[CostRow, ...]
    notice: str
    conditions: tuple[str, ...]  # of the walk, for everybody on it
    warnings: tuple[str, ...]  # for who supervises; not in what walkers get

    @property
    def stands(self) -> str:
        """Stand points with times, for one cell."""
        return "; ".join(f"{s.time} {s.words}" for s in self.steps if s.kind == "stand")


@dataclass(frozen=True)
class RouteGroup:
    """Patrols that walk the same route. ``parts``: those that start together, by local minute."""

    route: Route
    parts: tuple[tuple[int, tuple[Patrol, ...]], ...]

    @property
    def first_day(self) -> date:
        """The first day on which it is walked."""
        return self.parts[0][1][0].day

    @property
    def label(self) -> str:
        """``Team 1: Monday to Friday``."""
        days = [p.day for _, patrols in self.parts for p in patrols]
        return f"Team {self.route.team}: {weekdays_words(days)}"


def make_cards(plan: Plan, teams: Teams, states: dict[str, str]) -> tuple[Card, ...]:
    """One card for each patrol, in order of day, start and team.

    Parameters
    ----------
    states : what the public notice says of each patrol, by patrol id.
    """
    return tuple(_card(plan, p, teams, states[p.patrol_id]) for p in in_order(plan.patrols))


def in_order(patrols: Iterable[Patrol]) -> list[Patrol]:
    """Patrols by day, start and team."""
    return sorted(patrols, key=lambda p: (p.day, p.start_min, p.route.team, p.patrol_id))


def route_groups(plan: Plan) -> tuple[RouteGroup, ...]:
    """Distinct routes with the patrols that walk them, by first day and team."""
    groups: dict[tuple[object, ...], dict[int, list[Patrol]]] = {}
    for patrol in in_order(plan.patrols):
        route = patrol.route
        key = (
            route.team, route.node_ids, route.segment_ids, route.leave_s, route.stands,
            route.rounds,
        )  # fmt: skip
        parts = groups.setdefault(key, {})
        parts.setdefault(session_start_min(plan, patrol), []).append(patrol)
    made = []
    for parts in groups.values():
        listed = sorted(parts.items(), key=lambda part: (part[1][0].day, part[0]))
        made.append(RouteGroup(listed[0][1][0].route, tuple((m, tuple(p)) for m, p in listed)))
    return tuple(sorted(made, key=lambda g: (g.first_day, g.route.team)))


def session_of(plan: Plan, patrol: Patrol) -> int | None:
    """Position in ``plan.sessions`` of the session that the patrol belongs to."""
    corridor = corridor_of(plan, patrol.corridor_id)
    urns = set(corridor.urns) if corridor else set()
    todays = [i for i, s in enumerate(plan.sessions) if patrol.day in s.days]
    served = [i for i in todays if urns & set(plan.sessions[i].urns)]
    holding = [
        i
        for i in served or todays
        if plan.sessions[i].start_min <= patrol.start_min <= plan.sessions[i].end_min
    ]
    return next(iter(holding or served), None)


def session_words(plan: Plan, position: int, day: date) -> str:
    """A session's day and schools: ``Monday, Northfield Academy``."""
    names = joined(school_name(plan, u) for u in plan.sessions[position].urns)
    return f"{weekdays_words([day])}, {names}"


def session_start_min(plan: Plan, patrol: Patrol) -> int:
    """Local minutes that a route's seconds count from."""
    position = session_of(plan, patrol)
    return patrol.start_min if position is None else plan.sessions[position].start_min


def corridor_of(plan: Plan, corridor_id: str) -> Corridor | None:
    """The corridor with this id, or None."""
    return next((c for c in plan.corridors if c.corridor_id == corridor_id), None)


def also_in_words(corridor: Corridor) -> tuple[str, ...]:
    """Where a corridor crosses the ward's border: ``Also in Other Ward: Cedar Road.``"""
    return tuple(
        f"Also in {clean_name(there.name) or there.code}: {streets_words(there.street_names)}."
        for there in corridor.also_in
    )


def school_name(plan: Plan, urn: str) -> str:
    """Name in the register, or the URN."""
    return wording.school_name(plan.inputs.schools, urn)


def steps(plan: Plan, route: Route, start_min: int) -> tuple[Step, ...]:
    """The route's start, turns into other streets, stand points and end, numbered from 1.

    Times are those of the first round; stand points have their times in every round.
    """
    names = plan.network.segments[Segments.name]
    streets = [clean_name(names.loc[s]) for s in route.segment_ids]
    stands: dict[int, list[tuple[str, int]]] = {}
    for position, stand in route.stands:
        stands.setdefault(position, []).append((place_words(stand.kind, stand.name), stand.dwell_s))
    found: list[Step] = []

    def add(kind: str, time: str, words: str, position: int) -> None:
        found.append(Step(len(found) + 1, kind, time, words, route.node_ids[position]))

    last = len(route.node_ids) - 1
    for position, leave_s in enumerate(route.leave_s):
        arrive_s = leave_s - sum(dwell_s for _, dwell_s in stands.get(position, ()))
        if position == 0:
            add(
                "start",
                _clock(start_min, route.begin_s),
                f"Start on {_street(streets, 0)}",
                position,
            )
        for name, dwell_s in stands.get(position, ()):
            until_s = arrive_s + dwell_s
            time = ", ".join(
                f"{_clock(start_min, arrive_s + s)} to {_clock(start_min, until_s + s)}"
                for s in _round_shifts_s(route)
            )
            add("stand", time, f"Stand at {name or _street(streets, position)}", position)
            arrive_s = until_s
        if position == last:
            end = f"End on {_street(streets, last - 1)}"
            add("end", _clock(start_min, leave_s), end, position)
        elif position and _turns(route, streets, position):
            turn = _turn(route, streets, position)
            add("turn", _clock(start_min, leave_s), turn, position)
    return tuple(found)


def rounds_words(route: Route, start_min: int) -> str:
    """When each round of a route starts, or nothing if it is walked once."""
    if route.rounds < 2:
        return ""
    starts = joined(_clock(start_min, s) for s in route.round_starts_s)
    return f"Walked {route.rounds} times, from {starts}."


def walk_words(route: Route) -> str:
    """How a route looks to those who walk it, in a sentence; empty if not known."""
    if route.style is None:
        return ""
    said = style_words(route.style)
    return f"{said[0].upper()}{said[1:]}."


def window_words(plan: Plan, route: Route, start_min: int) -> tuple[str, ...]:
    """Stands that begin outside their minutes after the bell, and why; a sentence each."""
    asked = dict(plan.parameters)
    keys = ("patrols.bus_stop_from_min", "patrols.bus_stop_to_min")
    minutes = " to ".join(asked[key] for key in keys if key in asked)
    return tuple(
        f"The team stands at {place_words(off.stand.kind, off.stand.name) or 'a stand point'} at "
        f"{_clock(start_min, off.begin_s)}, outside {minutes} minutes after the bell, because "
        f"otherwise the floor of {'corridors' if len(off.corridor_ids) > 1 else 'corridor'} "
        f"{joined(map(clean_name, off.corridor_ids))} could not be covered."
        for off in route.off_window
    )


def coverage_words(coverage: Coverage) -> tuple[str, ...]:
    """Coverage and its bound, in sentences."""
    per_total = 1000 / max(coverage.total, 1)
    most = math.ceil(coverage.upper_bound * per_total - 1e-9)
    value = math.floor(coverage.value * per_total + 1e-9)
    said = [
        "Call all risk and pupils on the corridors that day 1,000.",
        f"No plan with these people and times can cover more than {most:,}; this covers {value:,}.",
        f"The gap is {coverage.gap:.1%}.",
    ]
    if coverage.met_total:
        said.append(_met_words(coverage))
    possible = [c for c in coverage.floor_missed if c not in coverage.floor_impossible]
    if possible:
        said.append(f"Below the floor that was asked for: {joined(map(clean_name, possible))}.")
    if coverage.floor_impossible:
        names = joined(map(clean_name, coverage.floor_impossible))
        said.append(f"These teams cannot reach the floor on {names}: this is proven.")
    said += [
        f"These teams cannot reach the floors on {joined(map(clean_name, clash))} in one plan: "
        "this is proven."
        for clash in coverage.floor_clashes
    ]
    if coverage.stopped_by_clock:
        said.append("The search was stopped by the clock; another run may differ.")
    return tuple(said)


def _met_words(coverage: Coverage) -> str:
    """What teams meet at its time, with the bound that is called loose wherever it stands."""
    met = math.floor(1000 * coverage.met / coverage.met_total + 1e-9)
    most = math.ceil(1000 * coverage.met_bound / coverage.met_total - 1e-9)
    return (
        "Pupils move on: taken quarter of an hour by quarter of an hour, teams are there for "
        f"{met:,} of 1,000. No plan with these people can be there for more than {most:,}; "
        "that limit is loose, the best plan may be far below it."
    )


def protocol_words(patrol: Patrol) -> str:
    """Whether a patrol without police beside it has its protocol; empty if nobody walks it."""
    staffing = patrol.staffing
    if not staffing.is_staffed:
        return ""
    if staffing.protocol_missing:
        return f"Not agreed yet by {joined(clean_name(p) for p in staffing.protocol_missing)}"
    if staffing.police_level in PROTOCOL_LEVELS:
        return "Agreed by all parties"
    return "Not needed: police are on the corridor"


def protocol_terms(plan: Plan, patrol: Patrol) -> tuple[tuple[str, str], ...]:
    """What the protocol says, for a patrol that goes out without police beside it (B2, C14).

    A field that nobody has filled in yet is told as such: a team must not think that it is settled.
    """
    staffing, terms = patrol.staffing, plan.inputs.protocol_terms
    if not staffing.is_staffed or staffing.police_level not in PROTOCOL_LEVELS or terms is None:
        return ()
    said = []
    for field, label in PROTOCOL_FIELDS.items():
        words = term_of(terms, field)
        if field == REVIEW and words:
            words = slash_date(date.fromisoformat(words))
        said.append((f"{label[0].upper()}{label[1:]}", clean(words) or "Not agreed yet"))
    return tuple(said)


def dark_words(plan: Plan, patrol: Patrol) -> tuple[str, ...]:
    """A sentence if the sun sets before the patrol ends."""
    middle = plan.inputs.ward.boundary.centroid
    dark_min = sunset_min(patrol.day, middle.x, middle.y)
    if dark_min is None or dark_min >= patrol.end_min:
        return ()
    day = f"{patrol.day.day} {MONTHS[patrol.day.month - 1]}"
    return (f"It gets dark at {local_time(dark_min)} on {day}, before this patrol ends.",)


def people_on(plan: Plan, patrol: Patrol, teams: Teams) -> tuple[Person, ...]:
    """Names, roles and organisations, in the plan's order."""
    people = plan.inputs.people
    made = []
    for assigned in patrol.staffing.people:
        known = assigned.person_id in people.index
        row = people.loc[assigned.person_id] if known else None
        made.append(
            Person(
                name=clean_name(row[People.name] if row is not None else assigned.person_id),
                role=clean_name(teams.card(assigned.role).title),
                organisation=clean_name(row[People.organisation]) if row is not None else "",
            )
        )
    return tuple(made)


def _card(plan: Plan, patrol: Patrol, teams: Teams, state: str) -> Card:
    staffing = patrol.staffing
    aim = teams.aim(staffing.aim)
    corridor = corridor_of(plan, patrol.corridor_id)
    position = session_of(plan, patrol)
    start_min = session_start_min(plan, patrol)
    police_walk = staffing.police_level in ("nearby_not_joint", "joint_visible")
    names = plan.network.segments[Segments.name]
    return Card(
        patrol_id=clean_name(patrol.patrol_id),
        team=patrol.route.team,
        date=slash_date(patrol.day),
        day=WEEKDAYS[patrol.day.weekday()],
        start=local_time(patrol.start_min),
        end=local_time(patrol.end_min),
        corridor_id=clean_name(patrol.corridor_id),
        start_street=_street([clean_name(names.loc[s]) for s in patrol.route.segment_ids], 0),
        schools=joined(school_name(plan, u) for u in corridor.urns) if corridor else "",
        aim=clean_name(aim.title),
        aim_state="confirmed"
        if staffing.aim_is_confirmed
        else "suggested; a person has to confirm it",
        outcome=clean(aim.outcome),
        commitment=clean(aim.commitment),
        purpose=clean(aim.policing_purpose) if police_walk else "",
        part=quadrant_words(part_of(staffing, teams)),
        statement=clean(patrol.statement),
        police=POLICE_WORDS[staffing.police_level] if staffing.is_staffed else "",
        people=people_on(plan, patrol, teams),
        reason=staff_words(staffing.reason),
        with_police=staff_words(staffing.with_police),
        without_police=staff_words(staffing.without_police),
        protocol=protocol_words(patrol),
        terms=protocol_terms(plan, patrol),
        steps=steps(plan, patrol.route, start_min),
        rounds=rounds_words(patrol.route, start_min),
        walk=walk_words(patrol.route),
        why_aim=staff_words(patrol.why_aim),
        coverage=tuple(
            words
            for i, day, coverage in plan.coverage
            if (i, day) == (position, patrol.day)
            for words in coverage_words(coverage)
        ),
        effort=_effort(patrol),
        costs=patrol_costs(plan, patrol),
        notice=state,
        conditions=(*window_words(plan, patrol.route, start_min), *dark_words(plan, patrol)),
        warnings=(
            *(staff_words(w) for w in staffing.warnings),
            *_plain_clothes(plan, patrol),
        ),
    )


def _plain_clothes(plan: Plan, patrol: Patrol) -> tuple[str, ...]:
    """Who approved that an officer walks out of uniform (B15), a sentence each."""
    people = plan.inputs.people
    said = []
    for assigned in patrol.staffing.people:
        if assigned.role in POLICE_ROLES and assigned.person_id in people.index:
            row = people.loc[assigned.person_id]
            by = clean_name(row[People.plain_clothes_by])
            if by:
                said.append(f"{clean_name(row[People.name])} is out of uniform: approved by {by}.")
    return tuple(said)


def _effort(patrol: Patrol) -> str:
    police = f"{patrol.staffing.police_minutes} police person-minutes on the corridor."
    if patrol.person_hours_per_incident is None:
        return f"Hours per incident cannot be worked out from these data. {police}"
    return f"{patrol.person_hours_per_incident:.1f} person-hours for each incident. {police}"


def _round_shifts_s(route: Route) -> list[int]:
    """How much later than the first each round is walked."""
    return [begin_s - route.begin_s for begin_s in route.round_starts_s]


def _clock(start_min: int, seconds: int) -> str:
    return local_time(start_min + seconds // 60)


def _street(streets: list[str], position: int) -> str:
    known = streets[position] if 0 <= position < len(streets) else ""
    return known or "an unnamed path"


def _turns(route: Route, streets: list[str], position: int) -> bool:
    back = route.segment_ids[position] == route.segment_ids[position - 1]
    return back or streets[position] != streets[position - 1]


def _turn(route: Route, streets: list[str], position: int) -> str:
    back = route.segment_ids[position] == route.segment_ids[position - 1]
    return f"{'Turn back along' if back else 'Go into'} {_street(streets, position)}"
