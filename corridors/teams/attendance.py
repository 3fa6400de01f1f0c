"""How police presence changes who comes, by role and organisation, as totals only (B4).

Figures about one group and about a part of it can be taken from each other until they point at
one person. So people are first put into groups of one role and one organisation, small ones
together, until no group has fewer than ``SMALLEST_TOLD``. Every figure is a sum over whole groups:
then so is every difference of figures, and none is about fewer people than that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from corridors.model import Attendance
from corridors.teams.candidates import Person, accepted_level, is_free
from corridors.teams.consent import lowest, organisation_key, reaches
from corridors.teams.needs import PatrolNeed

# The smallest group about which a number is told.
SMALLEST_TOLD: Final = 3

_Key = tuple[str, str]  # (role, organisation without case and space)


@dataclass(frozen=True)
class Attendee:
    """Somebody who is no police officer and is free for a patrol of the week."""

    role: str
    organisation: str
    level: str  # the nearest that police may be on all of these patrols

    @property
    def key(self) -> _Key:
        """What they are grouped by."""
        return self.role, organisation_key(self.organisation)


def attendees(
    people: Iterable[Person],
    needs: Iterable[PatrolNeed],
    ward_code: str,
    aim_key: str | None = None,
) -> tuple[Attendee, ...]:
    """Everybody but police who is free on a day of the ward's patrols.

    By week and ward, never by patrol, so that figures of two patrols cannot be taken from each
    other. A consent that is about some patrols only counts as if it were about all of them.

    Parameters
    ----------
    aim_key : only consent to patrols with this aim counts; None: to any.
    """
    in_ward = [n for n in needs if n.ward_code == ward_code]
    about = [n for n in in_ward if aim_key is None or n.aim_key == aim_key] or in_ward
    return tuple(
        Attendee(p.role, p.organisation, lowest(accepted_level(p, n) for n in about))
        for p in people
        if not p.is_police
        and (not p.wards or ward_code in p.wards)
        and any(is_free(p, n) for n in in_ward)
    )


def count_coming(
    crowd: tuple[Attendee, ...], roles: Iterable[str], police_level: str
) -> tuple[int, int] | None:
    """(who would attend, of how many) among ``roles``; None where it may not be told."""
    wanted = set(roles)
    return _told(crowd, {a.key for a in crowd if a.role in wanted}, police_level)


def attendance(crowd: tuple[Attendee, ...], police_levels: Iterable[str]) -> tuple[Attendance, ...]:
    """A row per role, per organisation and police level."""
    names: dict[tuple[str, str], set[_Key]] = {}
    titles: dict[str, str] = {}
    for one in sorted(crowd, key=lambda a: a.organisation):
        titles.setdefault(one.key[1], one.organisation)
        names.setdefault(("role", one.role), set()).add(one.key)
        names.setdefault(("organisation", one.key[1]), set()).add(one.key)
    found = []
    levels = tuple(police_levels)
    for (kind, name), keys in sorted(names.items()):
        for level in levels:
            told = _told(crowd, keys, level)
            coming, people = told if told is not None else (None, None)
            title = titles[name] if kind == "organisation" else name
            found.append(Attendance(kind, title, level, people, coming))
    return tuple(found)


def groups(crowd: Iterable[Attendee]) -> tuple[frozenset[_Key], ...]:
    """Roles and organisations put together until every group is large enough, or all are one."""
    sizes = Counter(a.key for a in crowd)
    made: list[frozenset[_Key]] = []
    rest: list[frozenset[_Key]] = []
    for role in sorted({role for role, _ in sizes}):
        large = _merged([frozenset({key}) for key in sorted(sizes) if key[0] == role], sizes)
        (made if _size(large[0], sizes) >= SMALLEST_TOLD else rest).extend(large)
    return tuple(_merged([*made, *rest], sizes))


def _merged(parts: list[frozenset[_Key]], sizes: Counter[_Key]) -> list[frozenset[_Key]]:
    """Small parts together; if they are still small, with the smallest of the others."""
    small = [p for p in parts if _size(p, sizes) < SMALLEST_TOLD]
    large = [p for p in parts if _size(p, sizes) >= SMALLEST_TOLD]
    if not small:
        return large
    together = frozenset().union(*small)
    if _size(together, sizes) < SMALLEST_TOLD and large:
        nearest = min(large, key=lambda p: (_size(p, sizes), sorted(p)))
        large.remove(nearest)
        together |= nearest
    return [*large, together]


def _size(part: frozenset[_Key], sizes: Counter[_Key]) -> int:
    return sum(sizes[key] for key in part)


def _told(
    crowd: tuple[Attendee, ...], keys: set[_Key], police_level: str
) -> tuple[int, int] | None:
    inside = [group for group in groups(crowd) if group <= keys]
    able = [a for a in crowd if a.key in keys]
    coming = sum(reaches(a.level, police_level) for a in able)
    is_whole = set().union(*inside) == keys
    if not is_whole or len(able) < SMALLEST_TOLD or coming == 0:
        return None
    return coming, len(able)
