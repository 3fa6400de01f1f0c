"""Why a patrol cannot be staffed, as the smallest clash per mix, in plain words.

A clash is a group of places of the mix that together want more people than could fill them
(Hall's condition [1]_). The groups are tried from the smallest up, after each filter of
``candidates.filters`` in turn, so the first clash found is the earliest and smallest. Consent
is only ever told together with availability, never alone, and never with a name.

References
----------
.. [1] Hall (1935), On representatives of subsets. Journal of the London Mathematical Society.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, combinations, product
from typing import Final

from corridors.profile import Aim, Mix, RoleNeed, Teams
from corridors.teams.candidates import Person, filters
from corridors.teams.mixes import LEVEL_WORDS, roles_in_words
from corridors.teams.needs import PatrolNeed

ACCEPT_WORDS: Final = {
    "none": "",
    "on_call": " who accepts police on call",
    "nearby_not_joint": " who accepts police nearby",
    "joint_visible": " who accepts joint patrols",
}
DAY_NAMES: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


def clash(need: PatrolNeed, mix: Mix, people: Iterable[Person], profile: Teams) -> str | None:
    """The smallest clash that keeps ``mix`` from ``need``, or None if people alone would do.

    None means that the patrol could be staffed if it were the only one of the week.
    """
    pool = tuple(people)
    for step, passes in filters(need, mix, profile):
        pool = tuple(p for p in pool if passes(p))
        for group in _groups_of(mix.needs):
            wanted = sum(n.minimum for n in group)
            roles = tuple(dict.fromkeys(r for n in group for r in n.roles))
            able = sum(p.role in roles for p in pool)
            if able < wanted:
                return _sentence(step, able, wanted, _places(need, mix, roles, profile))
    return _team_clash(need, mix, pool, profile)


def why_unstaffed(
    need: PatrolNeed, aim: Aim, people: tuple[Person, ...], profile: Teams, *, is_proven: bool
) -> str:
    """A sentence per mix of the aim: what stands in its way.

    Parameters
    ----------
    need, aim : the patrol and its aim.
    people : everybody in the people file.
    profile : limits and role titles.
    is_proven : whether no roster staffs more patrols; if unknown, the words say so.
    """
    sentences = (
        f"{_capital(LEVEL_WORDS[mix.police_level])}: "
        f"{clash(need, mix, people, profile) or needed_elsewhere(profile, is_proven=is_proven)}"
        for mix in aim.mixes
    )
    return "Nobody can be sent. " + " ".join(dict.fromkeys(sentences))


def needed_elsewhere(profile: Teams, *, is_proven: bool) -> str:
    """What is said where the people exist but other patrols have them."""
    limit = profile.max_patrols_per_person
    text = (
        "Those who could walk are on other patrols then, or at their limit for the week "
        f"({limit} {'patrol' if limit == 1 else 'patrols'}; for a school-linked officer "
        f"{profile.schools_per_officer} schools)"
    )
    return f"{text}." if is_proven else f"{text}, or the search stopped before it found a way."


def most_people(mix: Mix, pool: Iterable[Person]) -> int:
    """The largest team that ``pool`` and the maxima of ``mix`` allow (König's theorem)."""
    people = tuple(pool)
    sizes = []
    for is_full in product((False, True), repeat=len(mix.needs)):
        full = sum(n.maximum for n, yes in zip(mix.needs, is_full, strict=True) if yes)
        still = {r for n, yes in zip(mix.needs, is_full, strict=True) if not yes for r in n.roles}
        sizes.append(full + sum(p.role in still for p in people))
    return min(sizes)


@dataclass(frozen=True)
class _Places:
    """What a sentence needs to know about the places it speaks of."""

    day: str
    accepts: str
    roles: str
    schools: int
    schools_limit: int


def _places(need: PatrolNeed, mix: Mix, roles: tuple[str, ...], profile: Teams) -> _Places:
    return _Places(
        day=DAY_NAMES[need.day.weekday()],
        accepts=ACCEPT_WORDS[mix.police_level],
        roles=roles_in_words(roles, profile),
        schools=len(set(need.urns)),
        schools_limit=profile.schools_per_officer,
    )


def _sentence(step: str, able: int, wanted: int, place: _Places) -> str:
    if able == 0:
        return f"No {place.roles}{_tail(step, place, is_one=True)}."
    heads = f"Only {able} {'person' if able == 1 else 'people'} ({place.roles})"
    return f"{heads}{_tail(step, place, is_one=able == 1)}; {wanted} are needed."


def _tail(step: str, place: _Places, *, is_one: bool) -> str:
    be = "is" if is_one else "are"
    accepts = place.accepts if is_one else place.accepts.replace(" accepts ", " accept ")
    tails = {
        "role": f" {be} in the people file",
        "place": f" {'works' if is_one else 'work'} in this ward and with these schools",
        "schools": (
            f" may take a patrol of {place.schools} schools "
            f"(a school-linked officer has at most {place.schools_limit})"
        ),
        "posting": " may stand in: response and public order do not",
        "training": f" {'holds' if is_one else 'hold'} the training that the profile demands",
        "vetting": f" {'has' if is_one else 'have'} a vetting date, as the profile demands",
        "day": f" {be} free on {place.day}",
        "consent": f"{accepts} {be} free on {place.day}",
    }
    return tails[step]


def _team_clash(need: PatrolNeed, mix: Mix, pool: tuple[Person, ...], profile: Teams) -> str | None:
    """Clashes of the team as a whole: too few adults, or no police where police walk."""
    adults = max(1, profile.min_adults)
    size = most_people(mix, pool)
    if size < adults:
        roles = tuple(dict.fromkeys(r for n in mix.needs for r in n.roles))
        return _sentence("consent", size, adults, _places(need, mix, roles, profile))
    if mix.police_walk and not any(p.is_police for p in pool):
        return f"No police officer is free on {DAY_NAMES[need.day.weekday()]}."
    return None


def _groups_of(needs: Iterable[RoleNeed]) -> Iterable[tuple[RoleNeed, ...]]:
    """Every non-empty group of ``needs``, smallest first."""
    every = tuple(needs)
    return chain.from_iterable(combinations(every, size) for size in range(1, len(every) + 1))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
