"""The roster of a borough: 40 schools, 120 people, 60 patrols of a week, made up by seed.

For each seed: the first week, without any earlier roster; the week after, with last week's; and
the re-plan after one in ten people withdrew, against the roster that was told. A figure of 1 for
`proven` means that every wish was proven best. `changes_of_minimum` is 1 where the re-plan changes
exactly as many places as the least that another program, with a variable for every place and no
wish but coverage and changes, finds possible.
"""

from __future__ import annotations

import time
import tomllib
from collections import defaultdict
from dataclasses import replace
from importlib.resources import files

import numpy as np
from ortools.sat.python import cp_model

from benchmarks._borough import borough, roster_table, without
from corridors import profile
from corridors.profile import Teams, TrainingNeed
from corridors.teams.candidates import candidates, people_of
from corridors.teams.needs import PatrolNeed, cannot_both
from corridors.teams.records import Records
from corridors.teams.roster import Effort, Roster, solve_roster
from corridors.teams.verify import verify_report, verify_roster

SEEDS = (1, 2, 3, 4, 5)
LIMIT_S = 30.0  # on 2 cores
ADULTS = ("youth_worker", "camhs")

Figure = tuple[str, float, str]


def run() -> list[Figure]:
    """Figures of five boroughs, and how each stands to its limit."""
    kinds: dict[str, list[tuple[float, float, bool]]] = defaultdict(list)
    ratios = []
    for seed in SEEDS:
        needs, records, teams = borough(seed, _profile())
        first = _timed("first_week", kinds, needs, records, teams, seed)
        last = roster_table(_turns(needs, first), weeks_ago=1)
        after = replace(records, absences=None, last_roster=last)
        told = _timed("next_week", kinds, needs, after, teams, seed)
        rng = np.random.default_rng(seed)
        gone = rng.choice(sorted(map(str, records.people.index)), 12, replace=False).tolist()
        this = roster_table(_turns(needs, told))
        short = replace(without(after, gone), this_roster=this)
        again = _timed("replan", kinds, needs, short, teams, seed)
        changes = next(w.value for w in again.report.wishes if w.name == "changes")
        least = _least_changes(
            needs, short, teams, {(n.patrol_id, p) for n, p in _turns(needs, told)}
        )
        ratios.append(changes / least if least else 1.0 + changes)
    figures = [(f"roster.replan.changes_of_minimum_{w}", f(ratios), "ratio")
               for w, f in (("least", min), ("most", max))]  # fmt: skip
    for kind, rows in kinds.items():
        figures += _spread(f"roster.{kind}", rows)
    return figures


def _spread(name: str, rows: list[tuple[float, float, bool]]) -> list[Figure]:
    walls, cpus = [r[0] for r in rows], [r[1] for r in rows]
    return [
        (f"{name}.proven", sum(r[2] for r in rows) / len(rows), "share"),
        (f"{name}.time_median", float(np.median(walls)), "s"),
        (f"{name}.time_most", max(walls), "s"),
        (f"{name}.processor_median", float(np.median(cpus)), "s"),
        (f"{name}.processor_most", max(cpus), "s"),
        (f"{name}.processor_of_limit", max(cpus) / LIMIT_S, "ratio"),
    ]


def _timed(
    kind: str,
    kinds: dict[str, list[tuple[float, float, bool]]],
    needs: tuple[PatrolNeed, ...],
    records: Records,
    teams: Teams,
    seed: int,
) -> Roster:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    roster = solve_roster(needs, records, teams, Effort(seed))
    took = time.perf_counter() - wall_s, time.process_time() - cpu_s
    kinds[kind].append((*took, roster.is_optimal))
    broken = verify_roster(needs, roster.staffings, records, teams)
    broken += verify_report(needs, roster.staffings, roster.report, records, teams)
    if broken:
        raise ValueError("; ".join(broken))
    return roster


def _turns(needs: tuple[PatrolNeed, ...], roster: Roster) -> list[tuple[PatrolNeed, str]]:
    return [
        (need, a.person_id)
        for need, staffing in zip(needs, roster.staffings, strict=True)
        for a in staffing.people
    ]


def _profile() -> Teams:
    text = files("corridors.profiles").joinpath("hackney_2024.toml").read_text(encoding="utf-8")
    rule = TrainingNeed(ADULTS, ("safeguarding", "trauma"), is_rule=True)
    teams = profile.from_mapping(tomllib.loads(text)).teams
    return replace(teams, training=(rule,), max_days_per_person=4)


def _least_changes(
    needs: tuple[PatrolNeed, ...], records: Records, teams: Teams, told: set[tuple[str, str]]
) -> int:
    """The fewest changes with as many patrols staffed as can be, by a plainer program."""
    model, staffed, walks = cp_model.CpModel(), [], {}
    people = people_of(records)
    for need in needs:
        places = defaultdict(list)
        options = []
        for mix in teams.aim(need.aim_key).mixes:
            chosen = model.new_bool_var("")
            options.append(chosen)
            team, police = [], []
            able = candidates(need, mix, people, teams)
            for role_need in mix.needs:
                here = []
                for person in (p for p in able if p.role in role_need.roles):
                    place = model.new_bool_var("")
                    here.append(place)
                    places[person.person_id].append(place)
                    if person.is_police:
                        police.append(place)
                model.add(sum(here) >= role_need.minimum * chosen)
                model.add(sum(here) <= role_need.maximum * chosen)
                team += here
            model.add(sum(team) >= max(1, teams.min_adults) * chosen)
            if mix.police_walk:
                model.add(sum(police) >= chosen)
        model.add(sum(options) <= 1)
        staffed += options
        for person_id, filled in places.items():
            walks[need.patrol_id, person_id] = walk = model.new_bool_var("")
            model.add(walk == sum(filled))
    _limit(model, walks, needs, {p.person_id: p.role for p in people}, teams)
    model.maximize(sum(staffed))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    _solved(solver, model)
    model.add(sum(staffed) >= round(solver.objective_value))
    stay = [walks[key] for key in told if key in walks]
    model.minimize(sum(walks.values()) - 2 * sum(stay) + len(told))
    _solved(solver, model)
    return round(solver.objective_value)


def _limit(
    model: cp_model.CpModel,
    walks: dict[tuple[str, str], object],
    needs: tuple[PatrolNeed, ...],
    roles: dict[str, str],
    teams: Teams,
) -> None:
    for who, role in roles.items():
        mine = [n for n in needs if (n.patrol_id, who) in walks]
        model.add(sum(walks[n.patrol_id, who] for n in mine) <= teams.max_patrols_per_person)
        for i, one in enumerate(mine):
            for other in mine[:i]:
                if cannot_both(one, other, teams.travel_min):
                    model.add(walks[one.patrol_id, who] + walks[other.patrol_id, who] <= 1)
        days = {n.day: model.new_bool_var("") for n in mine}
        schools = {u: model.new_bool_var("") for n in mine for u in n.urns}
        for n in mine:
            model.add(walks[n.patrol_id, who] <= days[n.day])
            for u in n.urns:
                model.add(walks[n.patrol_id, who] <= schools[u])
        model.add(sum(days.values()) <= teams.max_days_per_person)
        if role == "school_linked_officer":
            model.add(sum(schools.values()) <= teams.schools_per_officer)


def _solved(solver: cp_model.CpSolver, model: cp_model.CpModel) -> None:
    if solver.solve(model) != cp_model.OPTIMAL:
        raise ValueError("the plainer program was not solved")
