"""What the week's days have to know of each other: where patrols have been since Monday."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from corridors import days
from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.errors import CorridorsError
from corridors.model import Network, Route
from corridors.patrols.week import kept_share
from corridors.profile import Guards, Patrols, Profile
from corridors.risk.guards import Dosage, Visited, had_enough
from corridors.tables import Segments


@dataclass(frozen=True)
class Past:
    """Where the week's patrols have been on the days before one.

    Parameters
    ----------
    last_day : (n) day on which each segment was last walked, days since 1970-01-01; -1: not yet.
    walked : (n) days and minutes of each segment in the week.
    """

    last_day: IntArray
    walked: Visited

    @classmethod
    def none(cls, n: int) -> Past:
        """The past of the week's first day."""
        zero = np.zeros(n, dtype=np.int64)
        return cls(zero - 1, Visited(zero, zero.astype(float), zero))

    def after(self, day: date, routes: Iterable[Route], network: Network) -> Past:
        """The past once all routes of a day have been walked."""
        minutes = sum((route_minutes(r, network) for r in routes), np.zeros(len(self.last_day)))
        here = minutes > 0
        walked = replace(
            self.walked, days=self.walked.days + here, minutes=self.walked.minutes + minutes
        )
        return Past(np.where(here, days.day_number(day), self.last_day), walked)

    def kept(self, day: date, params: Patrols) -> FloatArray:
        """The share of its worth that each segment has left on a day, 0-1: (n)."""
        ago = np.where(self.last_day < 0, np.inf, days.day_number(day) - self.last_day)
        return kept_share(ago, params)

    def rests(self, dosage: Dosage, params: Guards) -> BoolArray:
        """Segments to which the record and the week's own patrols allow no further day: (n)."""
        record = dosage.visited
        together = replace(
            record,
            days=record.days + self.walked.days,
            minutes=record.minutes + self.walked.minutes,
        )
        return dosage.rests | had_enough(together, params)


def route_minutes(route: Route, network: Network) -> FloatArray:
    """For how long a team is on each segment, all rounds together: (n) minutes.

    A stand counts for every segment that meets there: cautious, since a record of visits would
    place it on one of them.
    """
    segments = network.segments
    passes = np.bincount(np.array(route.segment_ids, dtype=np.int64), minlength=len(segments))
    spent_s = passes * np.maximum(segments[Segments.walk_s].to_numpy(dtype=float), 1.0)
    for _, stand in route.stands:
        meets = (segments[Segments.u] == stand.node_id) | (segments[Segments.v] == stand.node_id)
        spent_s += stand.dwell_s * (meets.to_numpy() & (passes > 0))
    minutes: FloatArray = spent_s * max(route.rounds, 1) / 60
    return minutes


# --- the check ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Walked:
    """A session on one day: what its segments were worth, and where its teams walked.

    ``value`` and ``whole`` are (n): that day, and on a day of its own.
    """

    day: date
    value: FloatArray
    whole: FloatArray
    routes: tuple[Route, ...]


def check_week(
    walked: Iterable[Walked], record: Visited, network: Network, profile: Profile
) -> tuple[str, ...]:
    """Rules of the week that a plan breaks; empty if none.

    It goes over the days and segments one by one and shares nothing with what made the plan: no
    segment is worth anything once the record and the week's days before allow no further one, and
    what was walked on an earlier day is worth as little less as the profile says.
    """
    faults: list[str] = []
    by_day: dict[date, list[Walked]] = {}
    for one in walked:
        by_day.setdefault(one.day, []).append(one)
    seconds = network.segments[Segments.walk_s].tolist()
    ends = list(zip(network.segments[Segments.u], network.segments[Segments.v], strict=True))
    been: dict[int, list[date]] = {}
    spent_s: dict[int, float] = {}
    for day in sorted(by_day):
        for one in by_day[day]:
            for segment in sorted({s for route in one.routes for s in route.segment_ids}):
                had = (
                    int(record.days[segment]) + len(been.get(segment, [])),
                    float(record.minutes[segment]) + spent_s.get(segment, 0.0) / 60,
                )
                faults += _over_the_cap(one, segment, had, profile.guards)
            faults += _misjudged(one, been, profile.patrols)
        for route in (route for one in by_day[day] for route in one.routes):
            for segment in set(route.segment_ids):
                if been.setdefault(segment, [])[-1:] != [day]:
                    been[segment].append(day)
                stood_s = sum(s.dwell_s for _, s in route.stands if s.node_id in ends[segment])
                once_s = route.segment_ids.count(segment) * max(seconds[segment], 1.0) + stood_s
                spent_s[segment] = spent_s.get(segment, 0.0) + once_s * max(route.rounds, 1)
    return tuple(faults)


def _over_the_cap(
    one: Walked, segment: int, had: tuple[int, float], params: Guards
) -> Iterator[str]:
    days_had, minutes_had = had
    too_much = days_had >= params.dosage_days or minutes_had >= params.dosage_minutes
    # One that is worth nothing rests; a team may still pass it on its way.
    if too_much and one.value[segment] > 0:
        after = f"after {days_had} days and {minutes_had:.0f} minutes"
        yield f"segment {segment} is patrolled on {one.day} {after}"


def _misjudged(one: Walked, been: dict[int, list[date]], params: Patrols) -> list[str]:
    faults = []
    for segment in range(len(one.value)):
        worth, share = float(one.whole[segment]), 1.0
        if segment in been:
            extra = (one.day - been[segment][-1]).days - 1
            lost = (1 - params.repeat_worth) * max(0.0, 1 - extra / params.recovery_days)
            share = 1 - lost
        now = float(one.value[segment])
        if now and abs(now - worth * share) > 1e-9 * max(1.0, worth):
            faults.append(f"segment {segment} is worth {now:g} on {one.day}, not {worth * share:g}")
    return faults


def require_week(
    walked: Iterable[Walked], record: Visited, network: Network, profile: Profile
) -> None:
    """Stop where ``check_week`` finds anything: that is a bug, not bad input."""
    if faults := check_week(walked, record, network, profile):
        raise CorridorsError(f"the check of the week failed: {'; '.join(faults[:5])}")
