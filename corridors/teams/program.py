"""The roster as an integer program, solved exactly by CP-SAT, one wish after another.

Variables say which mix a patrol has and who fills which place of it. Each wish is made as good
as it can be and then kept while the next one is looked at, so no later wish can cost an earlier
one anything:

1. as many patrols staffed as possible;
2. the least exposure of pupils to police, in police person-minutes x pupils met (A6);
3. the profile's order of mixes;
4. the smallest teams: nobody beyond what the mix needs;
5. the fewest different people on each corridor over the week;
6. an even load: the lowest maximum, then the lowest sum of squares;
7. by lot, so that no name's place in the alphabet decides who works.

Because exposure stands before the order of mixes, a mix with police is chosen over one without
only where it staffs more patrols. Consent, places, times and limits are constraints; no wish can
trade them. The lots are fixed by seed, patrol and person alone, so a proven roster does not
depend on the order of rows or on how the solver searches, but for a tie between sums of lots
(by the isolation lemma, below one roster in a thousand up to a thousand variables), which the
repeatable search breaks.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import networkx as nx
from ortools.sat.python import cp_model

from corridors.profile import Mix, Teams
from corridors.teams.candidates import Person, candidates
from corridors.teams.clashes import clash
from corridors.teams.needs import PatrolNeed, cannot_both

COVERAGE: Final = "coverage"
# Exposure is counted in whole tenths of a pupil, because the solver counts in integers.
PUPIL_PARTS: Final = 10
# Lots are drawn from 1 to this.
_LOTS: Final = 2**20
# The solver's deterministic second takes about four by the clock on these programs (measured on
# a shared machine with two cores).
_DETERMINISTIC_PER_S: Final = 0.25

Vars = dict[tuple[int, int], Any]  # Any: the solver's own variables
Terms = list[tuple[int, Any]]  # (coefficient, variable)


@dataclass(frozen=True)
class Effort:
    """How long the solver may work, in seconds by its deterministic count, and how."""

    max_seconds: float
    workers: int
    seed: int


@dataclass(frozen=True)
class Choice:
    """What was decided for one patrol: position of its mix (None: not staffed) and ids, sorted."""

    mix: int | None
    person_ids: tuple[str, ...]


@dataclass(frozen=True)
class _Program:
    """The model, its variables by position (patrol, mix) and (patrol, person), and the wishes."""

    model: Any
    mixes: Vars
    walks: Vars
    wishes: tuple[tuple[str, Terms], ...]  # name, and what to minimise; in order


def solve(
    needs: Sequence[PatrolNeed], people: Sequence[Person], profile: Teams, effort: Effort
) -> tuple[tuple[Choice, ...], tuple[str, ...]]:
    """Choose a mix and people for each patrol.

    Parameters
    ----------
    needs, people : sorted, so that the same input makes the same program.
    profile : mixes by aim, and limits on people.
    effort : limit over all wishes together, and the seed of the lots.

    Returns
    -------
    Choices in the order of ``needs``, and the names of wishes that were not proven best.
    """
    program = _build(needs, people, profile, effort.seed)
    values = [0] * len(program.model.proto.variables)
    left_s, unproven = effort.max_seconds * _DETERMINISTIC_PER_S, []
    for name, terms in program.wishes:
        values, spent_s, is_proven = _minimise(program.model, terms, values, left_s, effort)
        left_s = max(left_s - spent_s, 0.0)
        if not is_proven:
            unproven.append(name)
    return _choices(program, values, needs, people), tuple(unproven)


# --- the model ----------------------------------------------------------------------------------


def _build(
    needs: Sequence[PatrolNeed], people: Sequence[Person], profile: Teams, seed: int
) -> _Program:
    model = cp_model.CpModel()
    mixes, walks = _patrols(model, needs, people, profile)
    _add_times(model, walks, needs)
    _add_officers_schools(model, walks, needs, people, profile.schools_per_officer)
    wishes = (
        (COVERAGE, [(-1, m) for m in mixes.values()]),
        ("exposure to police", _exposure(walks, needs, people)),
        ("order of mixes", [(i, m) for (_, i), m in mixes.items() if i]),
        ("small teams", [(1, w) for w in walks.values()]),
        ("same faces", _faces(model, walks, needs)),
        ("even load", _loads(model, walks, profile.max_patrols_per_person)),
        ("lots", _lots(mixes, walks, needs, people, seed)),
    )
    return _Program(model, mixes, walks, wishes)


def _patrols(
    model: Any, needs: Sequence[PatrolNeed], people: Sequence[Person], profile: Teams
) -> tuple[Vars, Vars]:
    """Variables of every patrol: at most one mix each, a person in one place of it at most."""
    mixes: Vars = {}
    walks: Vars = {}
    adults = max(1, profile.min_adults)
    for k, need in enumerate(needs):
        places: dict[int, list[Any]] = defaultdict(list)
        options = {}
        for i, mix in enumerate(profile.aim(need.aim_key).mixes):
            if clash(need, mix, people, profile) is None:
                able = set(candidates(need, mix, people, profile))
                pool = [(p, person) for p, person in enumerate(people) if person in able]
                options[k, i] = model.new_bool_var("")
                _add_mix(model, options[k, i], mix, pool, adults, places)
        model.add_at_most_one(options.values())
        mixes |= options
        walks |= {(k, p): _one_of(model, places[p]) for p in sorted(places)}
    return mixes, walks


def _add_mix(
    model: Any,
    chosen: Any,
    mix: Mix,
    pool: Sequence[tuple[int, Person]],
    adults: int,
    places: dict[int, list[Any]],
) -> None:
    """Fill the places of ``mix`` from ``pool`` exactly if it is chosen."""
    every, police = [], []
    for role_need in mix.needs:
        filled = []
        for p, person in pool:
            if person.role in role_need.roles:
                place = model.new_bool_var("")
                filled.append(place)
                places[p].append(place)
                if person.is_police:
                    police.append(place)
        model.add(sum(filled) >= role_need.minimum * chosen)
        model.add(sum(filled) <= role_need.maximum * chosen)
        every += filled
    model.add(sum(every) >= adults * chosen)
    if mix.police_walk:
        model.add(sum(police) >= chosen)


def _one_of(model: Any, places: list[Any]) -> Any:
    """One variable that is true if any of ``places`` is filled; never two of them."""
    if len(places) == 1:
        return places[0]
    walks = model.new_bool_var("")
    model.add(sum(places) == walks)
    return walks


def _add_times(model: Any, walks: Vars, needs: Sequence[PatrolNeed]) -> None:
    """One place at a time, with time to get there: at most one patrol of each clique."""
    graph = nx.Graph()
    graph.add_edges_from(
        (one, other)
        for one, other in combinations(range(len(needs)), 2)
        if cannot_both(needs[one], needs[other])
    )
    cliques = sorted(tuple(sorted(clique)) for clique in nx.find_cliques(graph))
    for p in sorted({p for _, p in walks}):
        for clique in cliques:
            model.add_at_most_one(walks[k, p] for k in clique if (k, p) in walks)


def _add_officers_schools(
    model: Any, walks: Vars, needs: Sequence[PatrolNeed], people: Sequence[Person], limit: int
) -> None:
    """A school-linked officer covers at most ``limit`` different schools in the week (C1)."""
    for p, person in enumerate(people):
        if person.role != "school_linked_officer":
            continue
        mine = [k for k in range(len(needs)) if (k, p) in walks]
        covered = {
            u: model.new_bool_var("") for u in sorted({u for k in mine for u in needs[k].urns})
        }
        for k in mine:
            for urn in sorted(set(needs[k].urns)):
                model.add_implication(walks[k, p], covered[urn])
        model.add(sum(covered.values()) <= limit)


# --- the wishes ---------------------------------------------------------------------------------


def _exposure(walks: Vars, needs: Sequence[PatrolNeed], people: Sequence[Person]) -> Terms:
    met = [need.minutes * round(need.pupils_met * PUPIL_PARTS) for need in needs]
    return [(met[k], walk) for (k, p), walk in walks.items() if people[p].is_police and met[k]]


def _faces(model: Any, walks: Vars, needs: Sequence[PatrolNeed]) -> Terms:
    """One per person and set of schools that they come to in the week."""
    corridors = [tuple(sorted(set(need.urns))) for need in needs]
    faces: dict[tuple[tuple[str, ...], int], Any] = {}
    for (k, p), walk in walks.items():
        key = corridors[k], p
        if key not in faces:
            faces[key] = model.new_bool_var("")
        model.add_implication(walk, faces[key])
    return [(1, face) for face in faces.values()]


def _loads(model: Any, walks: Vars, limit: int) -> Terms:
    """The highest load, before the sum of squared loads, of people with at most ``limit``.

    A load of n costs 1 + 3 + ... + (2n - 1) = n squared. One weighted wish instead of two: the
    weight of the maximum is above any difference that the squares can make.
    """
    highest = model.new_int_var(0, limit, "")
    squares: Terms = []
    mine: dict[int, list[Any]] = defaultdict(list)
    for (_, p), walk in walks.items():
        mine[p].append(walk)
    for p in sorted(mine):
        steps = [model.new_bool_var("") for _ in range(min(limit, len(mine[p])))]
        model.add(sum(mine[p]) == sum(steps))
        model.add(sum(mine[p]) <= highest)
        squares += [(2 * n + 1, step) for n, step in enumerate(steps)]
    above = 1 + sum(cost for cost, _ in squares)
    return [(above, highest), *squares]


def _lots(
    mixes: Vars, walks: Vars, needs: Sequence[PatrolNeed], people: Sequence[Person], seed: int
) -> Terms:
    """A number drawn for each mix and each person of each patrol; the lowest sum wins."""
    named = [((needs[k].patrol_id, "mix", str(i)), m) for (k, i), m in mixes.items()]
    named += [
        ((needs[k].patrol_id, "person", people[p].person_id), w) for (k, p), w in walks.items()
    ]
    return [(_lot(seed, key), variable) for key, variable in named]


def _lot(seed: int, key: tuple[str, ...]) -> int:
    """A whole number from 1 to ``_LOTS`` that depends on nothing but ``seed`` and ``key``."""
    digest = hashlib.blake2b(repr((seed, key)).encode("utf-8", "surrogatepass"), digest_size=8)
    return 1 + int.from_bytes(digest.digest(), "big") % _LOTS


# --- the search ---------------------------------------------------------------------------------


def _minimise(
    model: Any, terms: Terms, values: list[int], left_s: float, effort: Effort
) -> tuple[list[int], float, bool]:
    """Make one wish as good as possible, then hold it: values, time spent, whether proven."""
    if not terms:
        return values, 0.0, True
    wish = cp_model.LinearExpr.weighted_sum([v for _, v in terms], [c for c, _ in terms])
    spent_s, is_proven = 0.0, _reached(terms, values) == sum(min(c, 0) for c, _ in terms)
    if not is_proven:
        model.minimize(wish)
        model.clear_hints()
        for index, value in enumerate(values):
            model.add_hint(model.get_int_var_from_proto_index(index), value)
        solver = _solver(left_s, effort)
        status = solver.solve(model)
        spent_s, is_proven = solver.response_proto.deterministic_time, status == cp_model.OPTIMAL
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            values = [int(v) for v in solver.response_proto.solution]
    model.add(wish <= _reached(terms, values))
    return values, float(spent_s), is_proven


def _reached(terms: Terms, values: list[int]) -> int:
    return sum(coefficient * values[variable.index] for coefficient, variable in terms)


def _solver(left_s: float, effort: Effort) -> Any:
    solver = cp_model.CpSolver()
    # A third of what is left, so that one hard wish leaves something for those after it.
    solver.parameters.max_deterministic_time = left_s / 3
    solver.parameters.num_workers = effort.workers
    solver.parameters.interleave_search = effort.workers > 1  # parallel, yet repeatable
    solver.parameters.random_seed = effort.seed
    # Counting arguments (five patrols, two officers) need the full linear relaxation: without it
    # clause learning alone took minutes for ten patrols and 25 people.
    solver.parameters.linearization_level = 2
    return solver


def _choices(
    program: _Program, values: list[int], needs: Sequence[PatrolNeed], people: Sequence[Person]
) -> tuple[Choice, ...]:
    chosen = {k: i for (k, i), m in program.mixes.items() if values[m.index]}
    teams: dict[int, list[str]] = defaultdict(list)
    for (k, p), walk in program.walks.items():
        if values[walk.index]:
            teams[k].append(people[p].person_id)
    return tuple(Choice(chosen.get(k), tuple(sorted(teams[k]))) for k in range(len(needs)))
