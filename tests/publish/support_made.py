"""A plan's cards and files, made without writing them."""

from __future__ import annotations

from datetime import date

from corridors.model import Plan
from corridors.profile import Profile
from corridors.publish import calendars
from corridors.publish.cards import Card, make_cards
from corridors.publish.public import notice_states, publication


def cards_of(plan: Plan, profile: Profile) -> tuple[Card, ...]:
    states = notice_states(plan, publication(plan, profile.notice, profile.teams))
    return make_cards(plan, profile.teams, states)


def calendars_of(
    plan: Plan,
    profile: Profile,
    earlier: dict[str, bytes] | None = None,
    told_on: date | None = None,
) -> dict[str, bytes]:
    on = told_on or plan.inputs.made_on
    return calendars.calendar_files(plan, cards_of(plan, profile), earlier or {}, on)
