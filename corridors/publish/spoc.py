"""Messages to the schools' single points of contact, drafted for a person to send (C7).

They go to a role, not to a name, and say what changes on which day. Who is away, and why, is not
in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from corridors.model import Plan
from corridors.profile import Profile
from corridors.publish.cards import MARKING, POLICE_WORDS
from corridors.publish.wording import (
    clean_name,
    day_words,
    joined,
    long_date,
    school_name,
    time_words,
)
from corridors.tables import Agreements
from corridors.teams.changes import NO_PROTOCOL, PatrolChange, by_school

_SEND: Final = "Read it, then send it at the earliest convenience."
# What the planner says of a patrol that nobody walks tells who accepts police, and is for staff.
_TOO_FEW: Final = "There are not enough people to walk."
_NO_POLICE: Final = (
    "The police cannot come, and not everything that is needed to walk without them is agreed."
)
_NOTICE: Final = (
    "The notice for families is corrected where it no longer holds; please pass it on through "
    "your own channels."
)


def spoc_messages(
    plan: Plan,
    profile: Profile,
    changes: Sequence[PatrolChange],
    new_dates: Mapping[str, date | None],
    drafted_on: date,
) -> str:
    """One message for each school that a change concerns; empty if there is none.

    Parameters
    ----------
    plan : the plan after the change.
    new_dates : by patrol id, the day proposed for each patrol that is cancelled.
    drafted_on : the day of the message.
    """
    made = []
    for urn, mine in by_school(changes).items():
        lines = [
            f"{MARKING}. Draft of {long_date(drafted_on)}. {_SEND}",
            f"To: {_contact(plan, urn)}",
            f"Subject: After-school patrols, week {plan.inputs.week.label}: what changes",
            "",
            "Somebody who was to walk with your pupils cannot. This is what changes:",
            "",
            *(f"* {_words(c, profile, new_dates.get(c.told.patrol_id))}" for c in mine),
            "",
            *_asks(mine),
            _NOTICE,
            "",
            clean_name(profile.notice.partnership),
            "",
            "-" * 72,
            "",
        ]
        made.append("\n".join(lines))
    return "".join(made)


def _contact(plan: Plan, urn: str) -> str:
    agreements, schools = plan.inputs.agreements, plan.inputs.schools
    role = ""
    if urn in agreements.index:
        role = clean_name(agreements.loc[urn, Agreements.spoc])
    name = school_name(schools, urn)
    return f"{role or 'NO CONTACT NAMED'} (single point of contact), {name}"


def _words(change: PatrolChange, profile: Profile, new_date: date | None) -> str:
    told = change.told
    when = (
        f"{day_words(told.day)}, {time_words(told.start_min)} to {time_words(told.end_min)} "
        f"(patrol {clean_name(told.patrol_id)})"
    )
    if change.is_cancelled:
        instead = (
            f"We propose {day_words(new_date)} instead; is that right for you?"
            if new_date
            else "We have no other day to propose yet."
        )
        why = _NO_POLICE if change.reason.startswith(NO_PROTOCOL) else _TOO_FEW
        return f"{when}: cancelled. {why} {instead}"
    if not change.is_other_remit:
        return f"{when}: it takes place, with somebody else of the same role."
    titles = joined(sorted(clean_name(profile.teams.card(r).title) for r in set(change.roles)))
    return (
        f"{when}: it takes place with others: {titles}. {POLICE_WORDS[change.police_level]}. You "
        "have not agreed to this yet."
    )


def _asks(changes: Sequence[PatrolChange]) -> list[str]:
    if not any(c.is_other_remit for c in changes):
        return []
    return ["What you have not agreed to is not on the notice. Please say whether you agree.", ""]
