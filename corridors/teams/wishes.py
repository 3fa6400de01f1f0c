"""What a roster is wished to be, in order. Each wish is made as good as it can be and then kept.

1. ``coverage``: as many patrols staffed as possible.
2. ``changes``: as few people as possible put on or taken off a patrol against the roster that
   people were already told, if there is one (C7).
3. ``exposure``: the least exposure of pupils to police, in police person-minutes x pupils (A6).
4. ``order of mixes``: the profile's.
5. ``stand-ins``: as few as possible (B14).
6. ``continuity``: the fewest new faces against last week's roster, then the fewest on another
   weekday than last week, where a corridor is known by its schools (C11).
7. ``small teams``: nobody beyond what the mix needs.
8. ``same faces``: the fewest different people on each corridor over the week.
9. ``even load``: the lowest sum of squared numbers of patrols.

Because exposure stands before the order of mixes, a mix with police is chosen over one without
only where it staffs more patrols. Continuity counts new faces rather than known ones, so that it
never asks for a larger team. What then is still equal, is broken by lot: see ``program.shuffled``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from corridors.teams.faces import Face, add_fewest, faces_of
from corridors.teams.program import Asked, Program

COVERAGE: Final = "coverage"
CHANGES: Final = "changes"
EXPOSURE: Final = "exposure"
ORDER: Final = "order of mixes"
STAND_INS: Final = "stand-ins"
CONTINUITY: Final = "continuity"
SMALL_TEAMS: Final = "small teams"
SAME_FACES: Final = "same faces"
EVEN_LOAD: Final = "even load"

# Exposure is counted in whole tenths of a pupil, because the solver counts in integers.
PUPIL_PARTS: Final = 10

Terms = list[tuple[int, Any]]  # (coefficient, variable)


@dataclass(frozen=True)
class Wish:
    """What to minimise: the sum of ``terms`` and ``constant``.

    ``extra`` says what each variable that was added for the wish is worth, given the values of
    those before it, in order of their making: so that a roster is a start for the next search.
    """

    name: str
    terms: Terms
    constant: int = 0
    extra: tuple[Callable[[Sequence[int]], int], ...] = ()


def wishes_of(program: Program, asked: Asked) -> Iterator[Wish]:
    """The wishes in order; those about earlier rosters only where there is one.

    Each adds what it needs to the model only when it is its turn: earlier wishes are proven
    faster without it.
    """
    yield Wish(COVERAGE, [(-1, m) for m in program.mixes.values()])
    if asked.told is not None:
        yield _changes(program, asked)
    yield _exposure(program, asked)
    yield Wish(ORDER, [(i, m) for (_, i), m in program.mixes.items() if i])
    yield Wish(STAND_INS, [(1, w) for (_, p), w in _walks(program) if asked.people[p].stands_in])
    if asked.last is not None:
        yield _continuity(program, asked)
    yield Wish(SMALL_TEAMS, [(1, walk) for _, walk in _walks(program)])
    faces = faces_of(program, asked)
    add_fewest(program, asked, faces)
    extra = tuple(partial(_any, face.walks) for face in faces if len(face.walks) > 1)
    yield Wish(SAME_FACES, [(1, face.comes) for face in faces], extra=extra)
    yield _loads(program, asked, faces)


def new_face_weight(program: Program) -> int:
    """More than all known faces on other weekdays together."""
    return 1 + len(program.walks)


def _walks(program: Program) -> list[tuple[tuple[int, int], Any]]:
    return list(program.walks.items())


def _changes(program: Program, asked: Asked) -> Wish:
    """One for everybody put on, or taken off, a patrol of this week. Who cannot stay counts too."""
    position = {person.person_id: p for p, person in enumerate(asked.people)}
    patrols = {need.patrol_id: k for k, need in enumerate(asked.needs)}
    told = {
        (patrols[t.patrol_id], position.get(t.person_id, -1), t.person_id)
        for t in asked.told or ()
        if t.patrol_id in patrols
    }
    stays = {(k, p) for k, p, _ in told}
    terms = [(-1 if key in stays else 1, walk) for key, walk in _walks(program)]
    return Wish(CHANGES, terms, constant=len(told))


def _exposure(program: Program, asked: Asked) -> Wish:
    met = [need.minutes * round(need.pupils_met * PUPIL_PARTS) for need in asked.needs]
    terms = [
        (met[k], walk) for (k, p), walk in _walks(program) if asked.people[p].is_police and met[k]
    ]
    return Wish(EXPOSURE, terms)


def _continuity(program: Program, asked: Asked) -> Wish:
    """A new face weighs more than all known faces on other weekdays together."""
    last = asked.last or ()
    known = {(t.urns, t.person_id) for t in last}
    same_day = {(t.urns, t.person_id, t.day.weekday()) for t in last}
    walked = {t.urns for t in last}
    new_face = new_face_weight(program)
    terms: Terms = []
    for (k, p), walk in _walks(program):
        need, person_id = asked.needs[k], asked.people[p].person_id
        urns = frozenset(need.urns)
        if urns not in walked:
            continue
        if (urns, person_id) not in known:
            terms.append((new_face, walk))
        elif (urns, person_id, need.day.weekday()) not in same_day:
            terms.append((1, walk))
    return Wish(CONTINUITY, terms)


def _loads(program: Program, asked: Asked, faces: tuple[Face, ...]) -> Wish:
    """A load of n costs 1 + 3 + ... + (2n - 1) = n squared."""
    model, limit = program.model, asked.profile.max_patrols_per_person
    mine: dict[int, list[Face]] = defaultdict(list)
    for face in faces:
        mine[face.p].append(face)
    terms: Terms = []
    extra: list[Callable[[Sequence[int]], int]] = []
    for p in sorted(mine):
        walks = tuple(walk for face in mine[p] for walk in face.walks)
        steps = [(2 * n + 1, model.new_bool_var("")) for n in range(min(limit, len(walks)))]
        extra += [partial(_above, walks, n) for n in range(len(steps))]
        model.add(sum(walks) == sum(step for _, step in steps))
        extra += _tighten(model, sum(cost * step for cost, step in steps), mine[p])
        terms += steps
    return Wish(EVEN_LOAD, terms, extra=tuple(extra))


def _tighten(model: Any, cost: Any, faces: list[Face]) -> list[Callable[[Sequence[int]], int]]:
    """What is true of every roster, but not of every fraction of one: it makes proofs short.

    n squared is n and twice the pairs among n. n walks on one corridor have n (n - 1) / 2 pairs,
    and that is at least t n - t (t + 1) / 2 for every whole t. Because the person comes or does
    not come, the constant may be multiplied by that: half a person who comes half the time then
    costs half, where squares alone would say a quarter. Another corridor makes a pair or more.
    """
    pairs: list[Any] = []
    extra: list[Callable[[Sequence[int]], int]] = []
    for face in faces:
        count = len(face.walks)
        if count > 1:
            here = model.new_int_var(0, count * (count - 1) // 2, "")
            for t in range(1, count):
                model.add(here >= t * sum(face.walks) - t * (t + 1) // 2 * face.comes)
            pairs.append(here)
            extra.append(partial(_pairs, face.walks))
    load = sum(walk for face in faces for walk in face.walks)
    model.add(cost >= load + 2 * sum(pairs))
    model.add(cost >= load + 2 * sum(pairs) + 2 * (sum(face.comes for face in faces) - 1))
    return extra


def _count(walks: Sequence[Any], values: Sequence[int]) -> int:
    return sum(values[walk.index] for walk in walks)


def _any(walks: Sequence[Any], values: Sequence[int]) -> int:
    return int(_count(walks, values) > 0)


def _above(walks: Sequence[Any], number: int, values: Sequence[int]) -> int:
    return int(_count(walks, values) > number)


def _pairs(walks: Sequence[Any], values: Sequence[int]) -> int:
    count = _count(walks, values)
    return count * (count - 1) // 2
