"""Who does what: roles are not blurred (B12).

School staff, youth workers and other adults enforce nothing and gather no intelligence; police
manage no behaviour, which stays with the school. The matrix says so, and a role card whose words
give a role somebody else's task is told.
"""

from __future__ import annotations

from typing import Final

from corridors.profile import Teams
from corridors.tables import POLICE_ROLES, ROLES

# Task, words on a card that give it away (as stems), and the roles that may have it.
TASKS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "enforcement": (("enforc", "arrest", "search", "detain", "fine "), POLICE_ROLES),
    "intelligence": (("intelligence", "inform on", "report names"), POLICE_ROLES),
    "behaviour": (
        ("behaviour", "behavior", "disciplin", "sanction", "detention"),
        tuple(role for role in ROLES if role not in POLICE_ROLES),
    ),
}


def may_do(role: str, task: str) -> bool:
    """Whether a role may have a task of ``TASKS``."""
    return role in TASKS[task][1]


def blurred(profile: Teams) -> tuple[str, ...]:
    """A sentence for each role card that gives its role a task of others, in order of roles."""
    found = []
    for card in profile.role_cards:
        words = card.does.casefold()
        wrong = [
            task
            for task, (stems, _) in TASKS.items()
            if not may_do(card.role, task) and any(stem in words for stem in stems)
        ]
        found += [
            f"The role card of {card.title} speaks of {task}, which is not this role's task (B12)."
            for task in wrong
        ]
    return tuple(found)
