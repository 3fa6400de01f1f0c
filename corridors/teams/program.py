"""The roster as an integer program: who could walk where, and every hard rule.

Variables say which mix a patrol has, who walks it, and how many of each role fill each place of
the mix. People of one role are not told apart within a place, so the solver never tries the same
team in another order. Availability, consent, schools, wards, posting, training and vetting decide
which variables exist at all; times, travel, rest and limits are constraints. No wish can trade
any of them. What is wished for, and in which order, is in ``wishes``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

import networkx as nx
from ortools.sat.python import cp_model

from corridors.profile import Mix, Teams
from corridors.tables import POLICE_ROLES
from corridors.teams.candidates import Person, candidates
from corridors.teams.clashes import clash
from corridors.teams.needs import PatrolNeed, cannot_both
from corridors.teams.records import Turn

Vars = dict[tuple[int, int], Any]  # Any: the solver's own variables


@dataclass(frozen=True)
class Asked:
    """One week's question: its patrols, its people, and earlier rosters (None: there is none)."""

    needs: tuple[PatrolNeed, ...]
    people: tuple[Person, ...]
    profile: Teams
    last: tuple[Turn, ...] | None = None
    told: tuple[Turn, ...] | None = None


@dataclass(frozen=True)
class Choice:
    """What was decided for one patrol: position of its mix (None: not staffed) and ids, sorted."""

    mix: int | None
    person_ids: tuple[str, ...]


@dataclass(frozen=True)
class Program:
    """The model and its variables by position: (patrol, mix) and (patrol, person)."""

    model: Any
    mixes: Vars
    walks: Vars


def shuffled(asked: Asked, seed: int) -> Asked:
    """The same question with patrols and people in an order drawn by lot.

    The search breaks the last ties by the order it is given. A lot that depends on nothing but
    the seed and the name makes that fair: neither the order of rows nor the alphabet decides who
    works.
    """
    return Asked(
        needs=tuple(sorted(asked.needs, key=lambda n: _lot(seed, "patrol", n.patrol_id))),
        people=tuple(sorted(asked.people, key=lambda p: _lot(seed, "person", p.person_id))),
        profile=asked.profile,
        last=asked.last,
        told=asked.told,
    )


@dataclass(frozen=True)
class Switches:
    """Variables that switch rules of the week on, by rule, for finding out which of them clash."""

    times: dict[date, Any]  # one place at a time, with time to get there, on a day
    patrols: Any  # most patrols a person
    days: Any  # most days a person
    schools: Any  # most schools an officer


def build(asked: Asked) -> Program:
    """The program of every roster that keeps every hard rule."""
    model = cp_model.CpModel()
    mixes, walks = _patrols(model, asked)
    _add_times(model, walks, asked, None)
    _add_limits(model, walks, asked, None)
    _add_officers_schools(model, walks, asked, None)
    return Program(model, mixes, walks)


def build_switched(asked: Asked) -> tuple[Program, Switches]:
    """The same with a switch for each rule of the week; those of one patrol always hold."""
    model = cp_model.CpModel()
    mixes, walks = _patrols(model, asked)
    days = sorted({need.day for need in asked.needs})
    switches = Switches(
        {day: model.new_bool_var("") for day in days}, *(model.new_bool_var("") for _ in range(3))
    )
    _add_times(model, walks, asked, switches)
    _add_limits(model, walks, asked, switches)
    _add_officers_schools(model, walks, asked, switches)
    return Program(model, mixes, walks), switches


def choices(program: Program, values: Sequence[int], asked: Asked) -> tuple[Choice, ...]:
    """What the variables' values say, in the order of ``asked.needs``."""
    chosen = {k: i for (k, i), m in program.mixes.items() if values[m.index]}
    teams: dict[int, list[str]] = defaultdict(list)
    for (k, p), walk in program.walks.items():
        if values[walk.index]:
            teams[k].append(asked.people[p].person_id)
    return tuple(Choice(chosen.get(k), tuple(sorted(teams[k]))) for k in range(len(asked.needs)))


# --- one patrol ---------------------------------------------------------------------------------


def _patrols(model: Any, asked: Asked) -> tuple[Vars, Vars]:
    """Variables of every patrol: at most one mix, and a team that fills it exactly."""
    mixes: Vars = {}
    walks: Vars = {}
    position = {person.person_id: p for p, person in enumerate(asked.people)}
    for k, need in enumerate(asked.needs):
        able: dict[int, list[int]] = {}  # people who could walk it, by mix
        for i, mix in enumerate(asked.profile.aim(need.aim_key).mixes):
            if clash(need, mix, asked.people, asked.profile) is None:
                found = candidates(need, mix, asked.people, asked.profile)
                able[i] = sorted(position[p.person_id] for p in found)
                mixes[k, i] = model.new_bool_var("")
        model.add_at_most_one(mixes[k, i] for i in able)
        mine = {p: model.new_bool_var("") for p in sorted({p for ps in able.values() for p in ps})}
        for p, walk in mine.items():
            fits = [mixes[k, i] for i, people in able.items() if p in set(people)]
            if len(fits) < len(able):
                model.add_bool_or([walk.negated(), *fits])
        _add_team(model, mine, [(mixes[k, i], i) for i in able], need, asked)
        walks |= {(k, p): walk for p, walk in mine.items()}
    return mixes, walks


def _add_team(
    model: Any,
    mine: dict[int, Any],
    options: list[tuple[Any, int]],
    need: PatrolNeed,
    asked: Asked,
) -> None:
    """Everybody on the patrol fills a place of the chosen mix, by role."""
    by_role: dict[str, list[Any]] = defaultdict(list)
    for p, walk in mine.items():
        by_role[asked.people[p].role].append(walk)
    filled: dict[str, list[Any]] = {role: [] for role in by_role}
    adults = max(1, asked.profile.min_adults)
    for chosen, i in options:
        mix = asked.profile.aim(need.aim_key).mixes[i]
        for role, count in _places(model, chosen, mix, by_role, adults):
            filled[role].append(count)
    for role in sorted(by_role):
        model.add(sum(by_role[role]) == sum(filled[role]))


def _places(
    model: Any, chosen: Any, mix: Mix, by_role: dict[str, list[Any]], adults: int
) -> Iterator[tuple[str, Any]]:
    """(role, how many of it fill one place of ``mix``); all 0 unless it is chosen."""
    every, police = [], []
    for role_need in mix.needs:
        here = []
        for role in sorted(set(role_need.roles) & set(by_role)):
            count = model.new_int_var(0, min(role_need.maximum, len(by_role[role])), "")
            here.append(count)
            if role in POLICE_ROLES:
                police.append(count)
            yield role, count
        model.add(sum(here) >= role_need.minimum * chosen)
        model.add(sum(here) <= role_need.maximum * chosen)
        every += here
    model.add(sum(every) >= adults * chosen)
    if mix.police_walk:
        model.add(sum(police) >= chosen)


# --- one person's week --------------------------------------------------------------------------


def _add_times(model: Any, walks: Vars, asked: Asked, switches: Switches | None) -> None:
    """One place at a time, with time to get there: at most one patrol of each clique."""
    graph = nx.Graph()
    travel_min = asked.profile.travel_min
    graph.add_edges_from(
        (one, other)
        for one, other in combinations(range(len(asked.needs)), 2)
        if cannot_both(asked.needs[one], asked.needs[other], travel_min)
    )
    for mine in _by_person(walks).values():
        cliques = nx.find_cliques(graph.subgraph(mine))
        for clique in sorted(tuple(sorted(found)) for found in cliques if len(found) > 1):
            if switches is None:
                model.add_at_most_one(mine[k] for k in clique)
            else:
                is_on = switches.times[asked.needs[clique[0]].day]
                model.add(sum(mine[k] for k in clique) <= 1).only_enforce_if(is_on)


def _add_limits(model: Any, walks: Vars, asked: Asked, switches: Switches | None) -> None:
    """Nobody has too many patrols or too many days; whoever has a day off, rests."""
    profile = asked.profile
    for mine in _by_person(walks).values():
        if len(mine) > profile.max_patrols_per_person:
            rule = model.add(sum(mine.values()) <= profile.max_patrols_per_person)
            if switches is not None:
                rule.only_enforce_if(switches.patrols)
        days: dict[date, list[Any]] = defaultdict(list)
        for k, walk in mine.items():
            days[asked.needs[k].day].append(walk)
        if len(days) <= profile.max_days_per_person:
            continue
        works = {day: model.new_bool_var("") for day in sorted(days)}
        for day, on_day in days.items():
            for walk in on_day:
                model.add_implication(walk, works[day])
        rule = model.add(sum(works.values()) <= profile.max_days_per_person)
        if switches is not None:
            rule.only_enforce_if(switches.days)


def _add_officers_schools(model: Any, walks: Vars, asked: Asked, switches: Switches | None) -> None:
    """A school-linked officer covers only so many different schools in the week (C1)."""
    limit = asked.profile.schools_per_officer
    for p, mine in _by_person(walks).items():
        urns = sorted({u for k in mine for u in asked.needs[k].urns})
        if asked.people[p].role != "school_linked_officer" or len(urns) <= limit:
            continue
        covered = {u: model.new_bool_var("") for u in urns}
        for k, walk in mine.items():
            for urn in sorted(set(asked.needs[k].urns)):
                model.add_implication(walk, covered[urn])
        rule = model.add(sum(covered.values()) <= limit)
        if switches is not None:
            rule.only_enforce_if(switches.schools)


def _by_person(walks: Vars) -> dict[int, dict[int, Any]]:
    """Variables by person, then by patrol, both in order."""
    found: dict[int, dict[int, Any]] = {}
    for (k, p), walk in sorted(walks.items(), key=lambda item: item[0]):
        found.setdefault(p, {})[k] = walk
    return dict(sorted(found.items()))


def _lot(seed: int, kind: str, name: str) -> bytes:
    """Depends on nothing but what is given; ends in the name, so that no two are equal."""
    key = repr((seed, kind, name)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(key, digest_size=8).digest() + key
