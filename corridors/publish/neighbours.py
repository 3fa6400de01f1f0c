"""What the plans of several wards have to do with each other. OFFICIAL-SENSITIVE.

A school is planned once, in the ward it stands in, and people are rostered ward by ward. So here it
is told whose corridors run into another ward, and who was put on two wards' patrols at one time.
Each plan is looked at once, and none is compared with all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from corridors.model import AlsoIn, local_time
from corridors.publish.plan_weeks import CorridorWeek, PlanWeek, Walk
from corridors.publish.wording import clean_name, some, streets_words, weekdays_words
from corridors.teams.needs import overlap

Place = tuple[str, str]  # ward code, week label


@dataclass(frozen=True, order=True)
class Booking:
    """A time that somebody walks for a ward, in local minutes; a ``teams.needs.Outing``."""

    day: date
    start_min: int
    end_min: int
    ward_code: str
    ward_name: str


@dataclass(frozen=True, order=True)
class DoubleBooking:
    """A person on patrols of two wards that overlap."""

    day: date
    person_id: str  # as the files have it: hostile
    one: Booking  # of the ward whose code comes first
    other: Booking


@dataclass(frozen=True)
class Across:
    """What a ward's week has to do with other wards, a sentence each."""

    from_others: tuple[str, ...] = ()
    into_others: tuple[str, ...] = ()
    booked_twice: tuple[str, ...] = ()


def booked_twice(plans: Mapping[Place, PlanWeek]) -> tuple[DoubleBooking, ...]:
    """Who is on patrols of two wards at overlapping times, by day, person and time.

    Parameters
    ----------
    plans : by ward code and week label.
    """
    walks: dict[str, list[Booking]] = {}
    for (code, _), plan in sorted(plans.items()):
        of_person: dict[str, list[Walk]] = {}
        for walk in plan.walks:
            for person_id in walk.person_ids:
                of_person.setdefault(person_id, []).append(walk)
        for person_id, own in of_person.items():
            walks.setdefault(person_id, []).extend(_bookings(own, code, plan.ward_name or code))
    return tuple(
        sorted(
            DoubleBooking(one.day, person_id, *sorted((one, other), key=lambda b: b.ward_code))
            for person_id, own in walks.items()
            for one, other in _overlapping(sorted(own))
        )
    )


def across_wards(plans: Mapping[Place, PlanWeek]) -> dict[Place, Across]:
    """What each ward's week has to do with other wards, by ward code and week label.

    Wards that have no plan themselves are among them, where others' corridors run into them.
    """
    from_others: dict[Place, list[str]] = {}
    into_others: dict[Place, list[str]] = {}
    twice: dict[Place, tuple[str, ...]] = {}
    of_week: dict[str, dict[Place, PlanWeek]] = {}
    for (code, label), plan in sorted(plans.items()):
        of_week.setdefault(label, {})[code, label] = plan
        for _, corridor in sorted(plan.corridors.items()):
            for there in corridor.also_in:
                words = _from_words(plan.ward_name or code, code, corridor, there)
                from_others.setdefault((there.code, label), []).append(words)
                into_others.setdefault((code, label), []).append(_into_words(corridor, there))
    for label, of_wards in of_week.items():
        for code, said in clash_words(booked_twice(of_wards)).items():
            twice[code, label] = said
    return {
        place: Across(
            tuple(from_others.get(place, ())),
            tuple(into_others.get(place, ())),
            twice.get(place, ()),
        )
        for place in from_others.keys() | into_others.keys() | twice.keys()
    }


def _bookings(walks: Iterable[Walk], ward_code: str, ward_name: str) -> list[Booking]:
    """A person's times in one ward; those that overlap there as one, so that few are left."""
    made: list[Booking] = []
    for walk in sorted(walks, key=lambda w: (w.day, w.start_min, w.end_min)):
        start_min, end_min = walk.start_min, walk.end_min
        if made and overlap(made[-1], walk):
            before = made.pop()
            start_min, end_min = before.start_min, max(before.end_min, end_min)
        made.append(Booking(walk.day, start_min, end_min, ward_code, ward_name))
    return made


def _overlapping(bookings: Sequence[Booking]) -> Iterable[tuple[Booking, Booking]]:
    """Pairs of one person's times, sorted, that overlap; of one ward none do."""
    for place, one in enumerate(bookings):
        for later in range(place + 1, len(bookings)):
            if not overlap(one, bookings[later]):
                break  # all after it begin later still
            yield one, bookings[later]


# --- words --------------------------------------------------------------------------------------


def clash_words(found: Iterable[DoubleBooking]) -> dict[str, tuple[str, ...]]:
    """What double bookings of a week mean for each ward, by code; what is alike as one sentence."""
    days: dict[tuple[str, str, str, str, int, int], list[date]] = {}
    for twice in found:
        for here, there in ((twice.one, twice.other), (twice.other, twice.one)):
            shown = (there.ward_name, there.ward_code, there.start_min, there.end_min)
            days.setdefault((here.ward_code, twice.person_id, *shown), []).append(twice.day)
    wards: dict[tuple[str, str, tuple[date, ...], int, int], list[str]] = {}
    for (code, person_id, name, other, start_min, end_min), own in sorted(days.items()):
        alike = (code, person_id, tuple(own), start_min, end_min)
        wards.setdefault(alike, []).append(f"{name} ({other})")
    said: dict[str, list[str]] = {}
    for (code, person_id, alike_days, start_min, end_min), others in wards.items():
        is_one, is_pair = len(alike_days) == len(others) == 1, len(others) == 1
        change = "one of the two rosters has" if is_pair else "all of these rosters but one have"
        said.setdefault(code, []).append(
            f"{clean_name(person_id)} is also on {'a patrol' if is_one else 'patrols'} of "
            f"{some(others)} on {weekdays_words(alike_days)} from {local_time(start_min)} to "
            f"{local_time(end_min)}: {change} to change."
        )
    return {code: tuple(words) for code, words in said.items()}


def _from_words(ward: str, code: str, corridor: CorridorWeek, there: AlsoIn) -> str:
    return (
        f"{ward} ({code}), corridor {corridor.corridor_id} for {some(corridor.schools)}: "
        f"{_here(there)} here. {_when(corridor.walks)}"
    )


def _into_words(corridor: CorridorWeek, there: AlsoIn) -> str:
    return (
        f"Corridor {corridor.corridor_id} for {some(corridor.schools)} also runs in "
        f"{f'{there.name} ({there.code})'.strip()}: {_here(there)}."
    )


def _here(there: AlsoIn) -> str:
    return f"{streets_words(there.street_names)}, {10 * int(there.metres / 10 + 0.5)} m"


def _when(walks: Sequence[Walk]) -> str:
    if not walks:
        return "No patrol on it has people."
    start_min, end_min = min(w.start_min for w in walks), max(w.end_min for w in walks)
    days = weekdays_words([w.day for w in walks])
    return f"Patrols on {days}, {local_time(start_min)} to {local_time(end_min)}."
