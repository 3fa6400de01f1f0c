"""Other days for patrols that are cancelled: the next on which they could be staffed (C7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from corridors import days
from corridors.model import Inputs
from corridors.pipeline.random_days import drawn_weekdays, share_of
from corridors.pipeline.staffing import records_of
from corridors.profile import Profile
from corridors.teams.changes import ToldPatrol
from corridors.teams.needs import PatrolNeed
from corridors.teams.roster import Effort, solve_roster

HORIZON_DAYS = 42
Taken = Collection[tuple[str, date]]  # (URN, day) that have a patrol already


def propose_dates(
    inputs: Inputs,
    profile: Profile,
    cancelled: Sequence[ToldPatrol],
    others: Sequence[ToldPatrol],
    taken: Taken,
) -> Mapping[str, date | None]:
    """For each cancelled patrol the next school day that could take it, each day once.

    A day counts if all the patrol's schools are open, none of them has a patrol then, and the
    roster can staff it beside what else is walked on that weekday.

    Parameters
    ----------
    inputs : with the absences as they are known now.
    cancelled : in the order in which they choose.
    others : staffed patrols of the week, which are taken to be walked in later weeks too.
    taken : days of the schools that have a patrol in a written plan.

    Returns
    -------
    By patrol id; None if no day of the next six weeks will do.
    """
    used = set(taken)
    found: dict[str, date | None] = {}
    for patrol in cancelled:
        day = next(
            (
                day
                for day in _open_days(inputs, profile, patrol)
                if not any((urn, day) in used for urn in patrol.urns)
                and _can_staff(inputs, profile, patrol, others, day)
            ),
            None,
        )
        found[patrol.patrol_id] = day
        if day is not None:
            used |= {(urn, day) for urn in patrol.urns}
    return found


def _open_days(inputs: Inputs, profile: Profile, patrol: ToldPatrol) -> list[date]:
    """Days after the patrol's on which all its schools are open, control days left out."""
    first = patrol.day + timedelta(days=1)
    listed = days.days_between(first, patrol.day + timedelta(days=HORIZON_DAYS))
    default_min = profile.window.default_finish_min
    opened = [
        set(days.finish_times(inputs.calendar, urn, listed, default_min)) for urn in patrol.urns
    ]
    share = share_of(profile.patrols.days_share)
    return [
        day
        for day in sorted(set.intersection(*opened))
        if day.weekday() in drawn_weekdays(share, profile.seed, patrol.urns, day)
    ]


def _can_staff(
    inputs: Inputs,
    profile: Profile,
    patrol: ToldPatrol,
    others: Sequence[ToldPatrol],
    day: date,
) -> bool:
    beside = [
        _need(inputs, p, day)
        for p in others
        if p.day.weekday() == day.weekday() and not set(p.urns) & set(patrol.urns)
    ]
    needs = (_need(inputs, patrol, day), *beside)
    records = replace(records_of(inputs), last_roster=None, this_roster=None)
    roster = solve_roster(needs, records, profile.teams, Effort(profile.seed))
    first = roster.staffings[0]
    return all(s.is_staffed for s in roster.staffings) and not first.protocol_missing


def _need(inputs: Inputs, patrol: ToldPatrol, day: date) -> PatrolNeed:
    need = PatrolNeed(
        patrol_id=patrol.patrol_id,
        day=patrol.day,
        start_min=patrol.start_min,
        end_min=patrol.end_min,
        urns=patrol.urns,
        ward_code=inputs.ward.code,
        aim_key=patrol.aim,
        aim_is_confirmed=True,
        pupils_met=0.0,
    )
    return replace(need, day=day)
