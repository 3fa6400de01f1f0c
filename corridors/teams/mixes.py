"""Mixes in plain words, and what police presence does to who comes (B4).

Refusals are told only as totals over the whole week and all non-police places of a mix. A figure
that would point at somebody (a small group, or nobody left) is not given; see ``attendance``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from corridors.profile import Aim, Mix, RoleNeed, Teams
from corridors.tables import POLICE_ROLES
from corridors.teams.attendance import Attendee, count_coming

LEVEL_WORDS: Final = {
    "none": "no police",
    "on_call": "police on call, not on the corridor",
    "nearby_not_joint": "police nearby, not walking with the others",
    "joint_visible": "police walking with the others",
}


def roles_in_words(roles: Iterable[str], profile: Teams) -> str:
    """Role titles joined by "or", first letter lowered: ``youth worker or school staff``."""
    titles = [profile.card(role).title for role in dict.fromkeys(roles)]
    lowered = [t if t[:2].isupper() else t[:1].lower() + t[1:] for t in titles]
    return " or ".join(lowered)


def mix_in_words(mix: Mix, profile: Teams) -> str:
    """A mix as a planner would say it: ``youth worker (2 to 3), no police``."""
    places = " and ".join(
        f"{roles_in_words(n.roles, profile)} ({_count(n)})" for n in mix.needs if n.maximum
    )
    return f"{places}, {LEVEL_WORDS[mix.police_level]}"


def with_police(aim: Aim, people: tuple[Attendee, ...], profile: Teams) -> str:
    """What the aim's mixes with police are, and how many would come to each (B4).

    Parameters
    ----------
    aim : the patrol's aim.
    people : everybody but police who is free for a patrol this week.
    profile : titles of roles.
    """
    mixes = [m for m in aim.mixes if m.police_walk]
    if not mixes:
        return "With police on the corridor: this aim asks for none."
    return "With police on the corridor: " + " Or ".join(_told(m, people, profile) for m in mixes)


def without_police(aim: Aim, people: tuple[Attendee, ...], profile: Teams) -> str:
    """What the aim's mixes without police on the corridor are; see ``with_police`` (B4)."""
    mixes = [m for m in aim.mixes if not m.police_walk]
    if not mixes:
        return "Without police on the corridor: this aim has no such mix."
    return "Without police on the corridor: " + " Or ".join(
        _told(m, people, profile) for m in mixes
    )


def _told(mix: Mix, people: tuple[Attendee, ...], profile: Teams) -> str:
    roles = {r for n in mix.needs for r in n.roles} - set(POLICE_ROLES)
    if not roles:
        return f"{mix_in_words(mix, profile)}; nobody else walks."
    told = count_coming(people, roles, mix.police_level)
    if told is None:
        heads = "the number who would attend is too small to be told"
    else:
        heads = f"{told[0]} of the {told[1]} others free this week would attend"
    return f"{mix_in_words(mix, profile)}; {heads}."


def _count(need: RoleNeed) -> str:
    low, high = need.minimum, need.maximum
    return str(low) if low == high else f"{low} to {high}"
