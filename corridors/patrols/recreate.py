"""Ruin and recreate: take neighbouring tasks out, put the best ones back.

Strings of tasks near one place are removed together [1]_; the uncovered edge with most value per
extra second goes back in first, until nothing fits.

References
----------
.. [1] Christiaens and Vanden Berghe (2020), Slack Induction by String Removals for Vehicle Routing
   Problems, Transportation Science 54(2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.patrols.construct import Ground
from corridors.patrols.shortest import TimeTable

_BOOST: Final = 1e6
# Seconds added to every cost: an edge that costs nothing wins, but not over everything by far.
_GRACE_S: Final = 2.0
_SPARE_ROWS: Final = 24


@dataclass
class Plan:
    """A plan under work. Lists are per team and replaced, never shared, when changed.

    Parameters
    ----------
    tasks : each team's tasks in walking order.
    slack_s : each team's time left.
    cost_s : (slots or more, c) extra seconds of putting each candidate into each slot.
    served : (c,) which candidates are tasks of some team.
    """

    tasks: list[list[int]]
    slack_s: list[int]
    cost_s: list[TimeTable]
    served: BoolArray

    def copy(self) -> Plan:
        """A plan to change; cost tables are shared until they change."""
        return Plan(list(self.tasks), list(self.slack_s), list(self.cost_s), self.served.copy())


def first_plan(ground: Ground) -> Plan:
    """Only the stands, in their quickest order."""
    plan = Plan([], [], [], np.zeros(len(ground.edge), dtype=bool))
    for team, crew in enumerate(ground.crews):
        plan.tasks.append(list(crew.stands))
        plan.slack_s.append(0)
        plan.cost_s.append(np.empty((0, 0), dtype=np.int32))
        refresh(ground, plan, team)
    return plan


def moved_plan(before: Ground, plan: Plan, after: Ground) -> Plan:
    """The same walks among other candidates; tasks that are no candidates there fall away."""
    place = {edge: number for number, edge in enumerate(after.edge.tolist())}
    first, then = 2 * len(before.edge), 2 * len(after.edge)
    moved = first_plan(after)
    for team, tasks in enumerate(plan.tasks):
        kept = []
        for task in tasks:
            if task >= first:
                kept.append(task - first + then)
            elif (edge := int(before.edge[task // 2])) in place:
                kept.append(2 * place[edge] + task % 2)
                moved.served[place[edge]] = True
        moved.tasks[team] = kept
        refresh(after, moved, team)
    return moved


def refresh(ground: Ground, plan: Plan, team: int) -> None:
    """Recompute one team's slack and costs after its tasks changed."""
    crew = ground.crews[team]
    kind = ground.kinds[crew.kind]
    left, entered = slots(ground, team, plan.tasks[team])
    walking = kind.between[left, entered]
    rows = len(left)
    table = np.empty((rows + _SPARE_ROWS, len(ground.edge)), dtype=np.int32)
    forward = kind.to_tail[left] + kind.to_head[entered]
    np.minimum(forward, kind.to_head[left] + kind.to_tail[entered], out=forward)
    np.subtract(forward, walking[:, None], out=table[:rows])
    plan.cost_s[team] = table
    used = int(walking.sum()) + int(ground.task_s[plan.tasks[team]].sum())
    plan.slack_s[team] = crew.time_s - used


def slots(ground: Ground, team: int, tasks: list[int]) -> tuple[IntArray, IntArray]:
    """Places before and after each gap between tasks, (k + 1,) each."""
    crew = ground.crews[team]
    left = np.empty(len(tasks) + 1, dtype=np.int64)
    entered = np.empty(len(tasks) + 1, dtype=np.int64)
    left[0], entered[-1] = crew.start, crew.end
    left[1:] = ground.leave[tasks]
    entered[:-1] = ground.enter[tasks]
    return left, entered


def missing_value(ground: Ground, served: BoolArray) -> IntArray:
    """How far each floor is from its minimum, (floors,)."""
    reached = ground.in_floor @ np.where(served, ground.value, 0)
    return np.maximum(0, ground.floor_minimum - reached)


def recreate(ground: Ground, plan: Plan, weight: FloatArray) -> None:
    """Insert, in place, the candidate of most weight per extra second until nothing fits.

    Parameters
    ----------
    weight : (c,) what each candidate is worth this time, > 0. Floors that are missed come first.
    """
    owned = [False] * len(plan.tasks)
    walk_s = ground.walk_s.astype(np.int32)
    best_s = [_best(plan, team) + walk_s for team in range(len(plan.tasks))]
    score = np.empty((len(plan.tasks), len(ground.edge)))
    short = _short_candidates(ground, plan.served)
    now = weight * np.where(short, _BOOST, 1.0)
    for team in range(len(plan.tasks)):
        _score(score[team], now, best_s[team], plan.slack_s[team], plan.served)
    while score.size:
        team, chosen = divmod(int(score.argmax()), len(ground.edge))
        if score[team, chosen] <= 0:
            return
        if not owned[team]:
            plan.tasks[team] = list(plan.tasks[team])
            plan.cost_s[team] = plan.cost_s[team].copy()
            owned[team] = True
        _insert(ground, plan, team, chosen)
        plan.served[chosen] = True
        if short[chosen]:
            short = _short_candidates(ground, plan.served)
            now = weight * np.where(short, _BOOST, 1.0)
            for other in range(len(plan.tasks)):
                _score(score[other], now, best_s[other], plan.slack_s[other], plan.served)
        score[:, chosen] = 0
        best_s[team] = _best(plan, team) + walk_s
        _score(score[team], now, best_s[team], plan.slack_s[team], plan.served)


def ruin(ground: Ground, plan: Plan, seed: int, size: int, draws: FloatArray) -> list[int]:
    """Remove, in place, strings of tasks near one candidate; the teams that lost some.

    Parameters
    ----------
    seed : the candidate in the middle.
    size : how many tasks to remove in each team, about.
    draws : (1 + teams,) uniform numbers.
    """
    where = {
        task // 2: (team, position)
        for team, tasks in enumerate(plan.tasks)
        for position, task in enumerate(tasks)
        if task < 2 * len(ground.edge)
    }
    most = 1 + int(draws[0] * min(3, len(plan.tasks)))
    touched: list[int] = []
    for candidate in ground.near[seed].tolist():
        if candidate not in where:
            continue
        team, position = where[candidate]
        if team in touched:
            continue
        tasks = plan.tasks[team]
        length = min(len(tasks), size)
        begin = position - int(draws[1 + team] * length)
        begin = max(0, min(begin, len(tasks) - length))
        _remove(ground, plan, team, begin, begin + length)
        touched.append(team)
        if len(touched) == most:
            break
    return touched


def straighten(ground: Ground, plan: Plan, team: int) -> bool:
    """Reverse parts of one team's sequence while that saves time; whether it did [1]_.

    References
    ----------
    .. [1] Croes (1958), A method for solving traveling-salesman problems (2-opt), for arcs that
       turn round with the part.
    """
    between = ground.kinds[ground.crews[team].kind].between
    changed = False
    tasks = plan.tasks[team]
    while len(tasks) > 0:
        left, entered = slots(ground, team, tasks)
        # Reversing tasks i .. j - 1 replaces the legs i and j.
        legs = between[left, entered]
        new = between[left[:, None], left[None, :]] + between[entered[:, None], entered[None, :]]
        gain = legs[:, None] + legs[None, :]
        saving = np.triu(gain - new, 1)
        best = int(saving.argmax())
        first, last = divmod(best, len(left))
        if saving[first, last] <= 0:
            break
        part = [_turned(ground, task) for task in reversed(tasks[first:last])]
        tasks = tasks[:first] + part + tasks[last:]
        changed = True
    if changed:
        plan.tasks[team] = tasks
        refresh(ground, plan, team)
    return changed


def _turned(ground: Ground, task: int) -> int:
    return task ^ 1 if task < 2 * len(ground.edge) else task


def _remove(ground: Ground, plan: Plan, team: int, begin: int, end: int) -> None:
    first_stand = 2 * len(ground.edge)
    tasks = plan.tasks[team]
    out = tasks[begin:end]
    kept = [task for task in out if task >= first_stand]
    plan.tasks[team] = tasks[:begin] + kept + tasks[end:]
    plan.served[[task // 2 for task in out if task < first_stand]] = False
    refresh(ground, plan, team)


def _short_candidates(ground: Ground, served: BoolArray) -> BoolArray:
    if not len(ground.floor_minimum):
        return np.zeros(len(ground.edge), dtype=bool)
    short = missing_value(ground, served) > 0
    return np.asarray(ground.in_floor[short].any(axis=0))


def _best(plan: Plan, team: int) -> TimeTable:
    table: TimeTable = plan.cost_s[team][: len(plan.tasks[team]) + 1].min(axis=0)
    return table


def _score(
    out: FloatArray, weight: FloatArray, cost_s: TimeTable, slack_s: int, served: BoolArray
) -> None:
    np.divide(weight, cost_s + _GRACE_S, out=out)
    out[(cost_s > slack_s) | served] = 0


def _insert(ground: Ground, plan: Plan, team: int, chosen: int) -> None:
    crew = ground.crews[team]
    kind = ground.kinds[crew.kind]
    tasks, table = plan.tasks[team], plan.cost_s[team]
    rows = len(tasks) + 1
    slot = int(table[:rows, chosen].argmin())
    left = crew.start if slot == 0 else int(ground.leave[tasks[slot - 1]])
    entered = crew.end if slot == len(tasks) else int(ground.enter[tasks[slot]])
    forward = kind.to_tail[left, chosen] + kind.to_head[entered, chosen]
    backward = kind.to_head[left, chosen] + kind.to_tail[entered, chosen]
    task = 2 * chosen + int(backward < forward)
    plan.slack_s[team] -= int(table[slot, chosen]) + int(ground.walk_s[chosen])
    tasks.insert(slot, task)
    if rows + 1 > len(table):
        table = np.concatenate([table, np.empty((_SPARE_ROWS, table.shape[1]), dtype=np.int32)])
        plan.cost_s[team] = table
    table[slot + 2 : rows + 1] = table[slot + 1 : rows]
    into, out = int(ground.enter[task]), int(ground.leave[task])
    for row, (a, b) in ((slot, (left, into)), (slot + 1, (out, entered))):
        np.minimum(
            kind.to_tail[a] + kind.to_head[b], kind.to_head[a] + kind.to_tail[b], out=table[row]
        )
        table[row] -= kind.between[a, b]
