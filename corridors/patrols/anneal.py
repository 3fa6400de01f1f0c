"""Ruin and recreate, compiled: a few strings of tasks are taken out and the gaps filled anew.

A plan is a sequence of tasks for each team (see ``construct``). One step takes strings of tasks
near one place out of some teams [1]_, fills the gaps with what earns most beyond a price of time
that is drawn anew each step, reverses parts while that saves time [2]_, and keeps the outcome by
simulated annealing. Some ten thousand steps a second on a ward; numba compiles them once.

References
----------
.. [1] Christiaens and Vanden Berghe (2020), Slack Induction by String Removals for Vehicle Routing
   Problems, Transportation Science 54(2).
.. [2] Croes (1958), A method for solving traveling-salesman problems (2-opt), for arcs that turn
   round with the part.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.patrols.compiled import compiled, inner
from corridors.patrols.construct import Ground

Words = npt.NDArray[np.uint64]

_NEVER: Final = 1 << 40
_BOOST: Final = 20.0  # how much more a candidate of a missed floor weighs
_HOT, _COLD = 0.002, 0.0001  # accepted loss per step, as a share of the value
_NOISE: Final = 0.8  # of the logarithm of a weight, about twice its standard deviation
_GUIDED, _UNGUIDED = 0.6, 0.3  # how often the bound guides; weight of an edge that it leaves out
_LONGEST: Final = 17  # tasks in a string, at most
_TEAMS: Final = 3  # that lose a string, at most
_SPLIT: Final = 0.3  # how often a string leaves its middle
_FORCED: Final = 0.5  # how often the place in the middle must come in
_FAVOURED, _FAVOUR, _PATCH = 0.5, 3.0, 15  # how often, how much, and how many neighbours at most
_BLINK: Final = 0.01  # of the best insertions are overlooked
_PRICE: Final = 1.5  # the highest price of a second, in what a second earns on average
_SLACK_WORTH: Final = 0.3  # of what a second earns on average
_GRACE_S: Final = 2.0


class Field(NamedTuple):
    """What stays fixed, as arrays: the numbers of a ``construct.Ground``.

    ``between`` is (kinds, places, places), ``allowed`` (kinds, candidates), ``near`` (candidates,
    k); ``kind``, ``start``, ``end`` and ``time_s`` are (teams,). ``lure`` is the running sum of
    how much each candidate draws the search.
    """

    between: npt.NDArray[np.int32]
    allowed: BoolArray
    enter: IntArray
    leave: IntArray
    task_s: IntArray
    value: IntArray
    duty: IntArray
    promise: FloatArray
    lure: FloatArray
    near: IntArray
    in_floor: BoolArray
    floor_minimum: IntArray
    kind: IntArray
    start: IntArray
    end: IntArray
    time_s: IntArray


class State(NamedTuple):
    """A plan under work; all arrays are changed in place.

    ``tasks`` (teams, most tasks) and ``length`` (teams,) are the sequences, ``slack_s`` (teams,)
    the time left, ``owner`` (candidates,) the team that covers each or -1, ``reached`` (floors,).
    ``score`` is what floors miss, value and time left; ``draws`` the state of the random numbers.
    """

    tasks: IntArray
    length: IntArray
    slack_s: IntArray
    owner: IntArray
    reached: IntArray
    score: IntArray
    draws: Words


class _Work(NamedTuple):
    """Room for one step: candidates at hand, their cheapest gap in each team, what to restore."""

    pick: IntArray
    weight: FloatArray
    mark: IntArray
    extra_s: IntArray
    gap: IntArray
    turn: IntArray
    team: IntArray
    was_tasks: IntArray
    was_count: IntArray
    was_slack_s: IntArray


def field_of(ground: Ground) -> Field:
    """A ground as arrays."""
    crews = ground.crews
    return Field(
        between=np.stack([kind.between for kind in ground.kinds]),
        allowed=np.stack([kind.allowed for kind in ground.kinds]),
        enter=ground.enter,
        leave=ground.leave,
        task_s=ground.task_s,
        value=ground.value,
        duty=ground.duty,
        promise=ground.promise,
        lure=np.cumsum(ground.value * (ground.promise + 0.1)),
        near=ground.near,
        in_floor=ground.in_floor,
        floor_minimum=ground.floor_minimum,
        kind=np.array([crew.kind for crew in crews], dtype=np.int64),
        start=np.array([crew.start for crew in crews], dtype=np.int64),
        end=np.array([crew.end for crew in crews], dtype=np.int64),
        time_s=np.array([crew.time_s for crew in crews], dtype=np.int64),
    )


def state_of(field: Field, tasks: list[list[int]], seed: int) -> State:
    """A plan with these tasks, filled up as far as time goes.

    Parameters
    ----------
    tasks : each team's tasks in walking order; each candidate at most once.
    seed : of the random numbers, >= 0.
    """
    candidates, teams = len(field.value), len(tasks)
    longest = candidates + max(len(own) for own in tasks) + 1
    state = State(
        tasks=np.zeros((teams, longest), dtype=np.int64),
        length=np.array([len(own) for own in tasks], dtype=np.int64),
        slack_s=np.zeros(teams, dtype=np.int64),
        owner=np.full(candidates, -1, dtype=np.int64),
        reached=np.zeros(len(field.floor_minimum), dtype=np.int64),
        score=np.zeros(3, dtype=np.int64),
        draws=np.array([2 * seed + 1], dtype=np.uint64),
    )
    for team, own in enumerate(tasks):
        state.tasks[team, : len(own)] = own
        covered = [task // 2 for task in own if task < 2 * candidates]
        state.owner[covered] = team
    _filled(field, state, _work_of(field, state))
    return state


def copy_of(state: State) -> State:
    """A plan that can be changed on its own."""
    return State(
        tasks=state.tasks.copy(),
        length=state.length.copy(),
        slack_s=state.slack_s.copy(),
        owner=state.owner.copy(),
        reached=state.reached.copy(),
        score=state.score.copy(),
        draws=state.draws.copy(),
    )


def tasks_of(state: State) -> list[list[int]]:
    """Each team's tasks in walking order."""
    return [state.tasks[team, :count].tolist() for team, count in enumerate(state.length.tolist())]


def anneal(field: Field, now: State, best: State, steps: int, cooling: tuple[float, float]) -> None:
    """So many steps from ``now``, in place; ``best`` takes over every better plan.

    Parameters
    ----------
    cooling : how far the whole search is before and after these steps, 0-1.
    """
    if len(field.value):
        _anneal(field, now, best, _work_of(field, now), steps, cooling)


def _work_of(field: Field, state: State) -> _Work:
    candidates, teams = len(field.value), len(state.length)
    return _Work(
        pick=np.zeros(candidates, dtype=np.int64),
        weight=np.zeros(candidates),
        mark=np.zeros(candidates, dtype=np.int64),
        extra_s=np.zeros((teams, candidates), dtype=np.int64),
        gap=np.zeros((teams, candidates), dtype=np.int64),
        turn=np.zeros((teams, candidates), dtype=np.int64),
        team=np.zeros(teams, dtype=np.int64),
        was_tasks=np.zeros_like(state.tasks),
        was_count=np.zeros_like(state.length),
        was_slack_s=np.zeros_like(state.slack_s),
    )


# --- compiled -------------------------------------------------------------------------------


@inner
def _drawn(draws: Words) -> float:
    """A uniform number, by xorshift."""
    word = draws[0]
    word ^= word << np.uint64(13)
    word ^= word >> np.uint64(7)
    word ^= word << np.uint64(17)
    draws[0] = word
    return float(word >> np.uint64(11)) / 9007199254740992.0


class _Line(NamedTuple):
    """What one team's sequence is made of: few arrays, since each is counted at every call."""

    between: npt.NDArray[np.int32]
    enter: IntArray
    leave: IntArray
    task_s: IntArray
    start: int
    end: int


@inner
def _line(field: Field, team: int) -> _Line:
    return _Line(
        field.between[field.kind[team]],
        field.enter,
        field.leave,
        field.task_s,
        field.start[team],
        field.end[team],
    )


@inner
def _used_s(line: _Line, tasks: IntArray, count: int) -> int:
    between, enter, leave = line.between, line.enter, line.leave
    used_s = 0
    here = line.start
    for task in tasks[:count]:
        used_s += between[here, enter[task]] + line.task_s[task]
        here = leave[task]
    return used_s + between[here, line.end]


@inner
def _cheapest(line: _Line, tasks: IntArray, count: int, one: int) -> tuple[int, int, int]:
    """Extra seconds, gap and direction of the cheapest way to take in candidate ``one``."""
    between, enter, leave = line.between, line.enter, line.leave
    tail, head = enter[2 * one], leave[2 * one]
    least_s, gap, turn = _NEVER, 0, 0
    here = line.start
    for position in range(count + 1):
        then = line.end if position == count else enter[tasks[position]]
        direct_s = between[here, then]
        onward_s = between[here, tail] + between[head, then] - direct_s
        turned_s = between[here, head] + between[tail, then] - direct_s
        if onward_s < least_s:
            least_s, gap, turn = onward_s, position, 0
        if turned_s < least_s:
            least_s, gap, turn = turned_s, position, 1
        if position < count:
            here = leave[tasks[position]]
    return least_s + line.task_s[2 * one], gap, turn


@inner
def _straighten(line: _Line, tasks: IntArray, count: int, first_stand: int) -> int:
    """Reverse parts while that saves time; seconds saved."""
    between, enter, leave = line.between, line.enter, line.leave
    saved_s = 0
    changed = True
    while changed:
        changed = False
        for first in range(count):
            here = line.start if first == 0 else leave[tasks[first - 1]]
            into = enter[tasks[first]]
            begin_s = between[here, into]
            best_s, last = 0, -1
            for end in range(first + 1, count + 1):
                out = leave[tasks[end - 1]]
                then = line.end if end == count else enter[tasks[end]]
                gain_s = begin_s + between[out, then] - between[here, out] - between[into, then]
                if gain_s > best_s:
                    best_s, last = gain_s, end
            if last >= 0:
                tasks[first:last] = tasks[first:last][::-1].copy()
                for position in range(first, last):
                    if tasks[position] < first_stand:
                        tasks[position] ^= 1
                saved_s += best_s
                changed = True
    return saved_s


@inner
def _put(state: State, work: _Work, chosen: int, slot: int) -> None:
    """Put the picked candidate into its cheapest gap of a team."""
    team, one, gap = work.team[slot], work.pick[chosen], work.gap[slot, chosen]
    count = state.length[team]
    tasks = state.tasks[team]
    for position in range(count, gap, -1):
        tasks[position] = tasks[position - 1]
    tasks[gap] = 2 * one + work.turn[slot, chosen]
    state.length[team] = count + 1
    state.slack_s[team] -= work.extra_s[slot, chosen]
    state.owner[one] = team


@inner
def _renew(field: Field, state: State, work: _Work, picked: int, slot: int, gap: int) -> None:
    """Cheapest gaps of a team after a task came into ``gap``."""
    team = work.team[slot]
    line, allowed = _line(field, team), field.allowed[field.kind[team]]
    tasks, count, owner, pick = state.tasks[team], state.length[team], state.owner, work.pick
    extra_s, gaps, turns = work.extra_s[slot], work.gap[slot], work.turn[slot]
    between, enter, leave = line.between, line.enter, line.leave
    here = line.start if gap == 0 else leave[tasks[gap - 1]]
    then = line.end if gap + 1 == count else enter[tasks[gap + 1]]
    into, out = enter[tasks[gap]], leave[tasks[gap]]
    before_s, after_s = between[here, into], between[out, then]
    for row in range(picked):
        one = pick[row]
        if owner[one] >= 0 or not allowed[one]:
            continue
        if gaps[row] == gap:
            extra_s[row], gaps[row], turns[row] = _cheapest(line, tasks, count, one)
            continue
        if gaps[row] > gap:
            gaps[row] += 1
        walk_s = line.task_s[2 * one]
        for turn in range(2):
            near, far = enter[2 * one + turn], leave[2 * one + turn]
            first_s = between[here, near] + between[far, into] - before_s + walk_s
            if first_s < extra_s[row]:
                extra_s[row], gaps[row], turns[row] = first_s, gap, turn
            second_s = between[out, near] + between[far, then] - after_s + walk_s
            if second_s < extra_s[row]:
                extra_s[row], gaps[row], turns[row] = second_s, gap + 1, turn


@inner
def _look(field: Field, state: State, work: _Work, picked: int, slot: int) -> None:
    """Cheapest gaps of a team for all that is picked."""
    team = work.team[slot]
    line, allowed = _line(field, team), field.allowed[field.kind[team]]
    tasks, count = state.tasks[team], state.length[team]
    extra_s, gaps, turns = work.extra_s[slot], work.gap[slot], work.turn[slot]
    for row in range(picked):
        one = work.pick[row]
        if allowed[one] and state.owner[one] < 0:
            extra_s[row], gaps[row], turns[row] = _cheapest(line, tasks, count, one)
        else:
            extra_s[row] = _NEVER


@inner
def _best_put(
    state: State, work: _Work, picked: int, teams: int, price: float, blink: float
) -> tuple[int, int]:
    """The candidate that earns most, and the team that takes it in; -1 if nothing fits."""
    owner, pick, weight, draws = state.owner, work.pick, work.weight, state.draws
    most, chosen, where = 0.0, -1, -1
    for slot in range(teams):
        extra_s, slack_s = work.extra_s[slot], state.slack_s[work.team[slot]]
        for row in range(picked):
            if extra_s[row] > slack_s or owner[pick[row]] >= 0:
                continue
            earns = 1e-6 * weight[row] / (extra_s[row] + _GRACE_S)
            if price >= 0:
                earns = max(earns, weight[row] - price * extra_s[row])
            if earns > most and (blink == 0.0 or _drawn(draws) >= blink):
                most, chosen, where = earns, row, slot
    return chosen, where


@inner
def _recreate(
    field: Field, state: State, work: _Work, picked: int, teams: int, price: float, blink: float
) -> None:
    """Take in picked candidates, the one that earns most first, until nothing fits.

    ``price`` is of a second; where it is negative, or nothing earns its time, most weight a second
    counts.
    """
    for slot in range(teams):
        _look(field, state, work, picked, slot)
    while True:
        chosen, where = _best_put(state, work, picked, teams, price, blink)
        if chosen < 0:
            return
        gap = work.gap[where, chosen]
        _put(state, work, chosen, where)
        _renew(field, state, work, picked, where, gap)


@inner
def _straightened(field: Field, state: State, work: _Work, teams: int) -> bool:
    saved_s = 0
    for slot in range(teams):
        team = work.team[slot]
        own_s = _straighten(
            _line(field, team), state.tasks[team], state.length[team], 2 * len(field.value)
        )
        state.slack_s[team] += own_s
        saved_s += own_s
    return saved_s > 0


@inner
def _scored(field: Field, state: State) -> None:
    """Work out ``reached`` and ``score`` from who covers what."""
    owner, worth, in_floor, reached = state.owner, field.value, field.in_floor, state.reached
    value = 0
    reached[:] = 0
    for one in range(len(worth)):
        if owner[one] >= 0:
            value += worth[one]
            for floor in range(len(reached)):
                if in_floor[floor, one]:
                    reached[floor] += field.duty[one]
    short = 0
    for floor in range(len(reached)):
        short += max(0, field.floor_minimum[floor] - reached[floor])
    state.score[0], state.score[1], state.score[2] = short, value, state.slack_s.sum()


@compiled
def _filled(field: Field, state: State, work: _Work) -> None:
    """Most value per extra second, then shorter orders, until neither helps."""
    teams = len(state.length)
    for team in range(teams):
        work.team[team] = team
        used_s = _used_s(_line(field, team), state.tasks[team], state.length[team])
        state.slack_s[team] = field.time_s[team] - used_s
    while True:
        _scored(field, state)
        picked = 0
        for one in range(len(field.value)):
            if state.owner[one] < 0:
                work.pick[picked], work.weight[picked] = one, field.value[one]
                work.weight[picked] *= _boost(field, state, one)
                picked += 1
        _recreate(field, state, work, picked, teams, -1.0, 0.0)
        if not _straightened(field, state, work, teams):
            break
    _scored(field, state)


@inner
def _boost(field: Field, state: State, one: int) -> float:
    for floor in range(len(state.reached)):
        if field.in_floor[floor, one] and state.reached[floor] < field.floor_minimum[floor]:
            return _BOOST
    return 1.0


@inner
def _ruin(field: Field, state: State, work: _Work, middle: int) -> tuple[int, int]:
    """Take strings near a candidate out; how many teams lost some, and how many are picked."""
    draws = state.draws
    most = 1 + int(_drawn(draws) * min(_TEAMS, len(state.length)))
    size = 2 + int(_drawn(draws) * (_LONGEST - 1))
    first_stand = 2 * len(field.value)
    teams = picked = 0
    owner, near = state.owner, field.near[middle]
    for one in near:
        team = owner[one]
        if team < 0 or (work.team[:teams] == team).any():
            continue
        tasks, count = state.tasks[team], state.length[team]
        work.team[teams] = team
        work.was_count[team], work.was_slack_s[team] = count, state.slack_s[team]
        work.was_tasks[team, :count] = tasks[:count]
        teams += 1
        at = 0
        while tasks[at] // 2 != one or tasks[at] >= first_stand:
            at += 1
        length = min(count, size)
        begin = max(0, min(at - int(_drawn(draws) * length), count - length))
        stay = stop = -1
        if _drawn(draws) < _SPLIT and length > 3:
            kept = 1 + int(_drawn(draws) * (length - 2))
            stay = begin + int(_drawn(draws) * (length - kept))
            stop = stay + kept
        left = begin
        for position in range(begin, count):
            task = tasks[position]
            if position >= begin + length or task >= first_stand or stay <= position < stop:
                tasks[left] = task
                left += 1
            else:
                state.owner[task // 2] = -1
                work.pick[picked] = task // 2
                picked += 1
        state.length[team] = left
        state.slack_s[team] = field.time_s[team] - _used_s(_line(field, team), tasks, left)
        if teams == most:
            break
    return teams, picked


@inner
def _pick(field: Field, state: State, work: _Work, middle: int, gone: int, stamp: int) -> int:
    """Add what lies near to what was taken out, and weigh all; how many are picked."""
    draws, owner, mark, pick, weights = state.draws, state.owner, work.mark, work.pick, work.weight
    picked = gone
    for row in range(gone):
        mark[pick[row]] = stamp
    for one in field.near[middle]:
        if owner[one] < 0 and mark[one] != stamp:
            mark[one] = stamp
            pick[picked] = one
            picked += 1
    is_guided = _drawn(draws) < _GUIDED
    forced = middle if _drawn(draws) < _FORCED else -1
    is_short = state.score[0] > 0
    value, promise = field.value, field.promise
    for row in range(picked):
        one = pick[row]
        bend = _drawn(draws) + _drawn(draws) + _drawn(draws) - 1.5
        weight = value[one] * np.exp(_NOISE * bend)
        if is_guided:
            weight *= _UNGUIDED + promise[one]
        if one == forced:
            weight *= 1000.0
        if is_short:
            weight *= _boost(field, state, one)
        weights[row] = weight
    if _drawn(draws) < _FAVOURED:
        patch = field.near[pick[int(_drawn(draws) * picked)]]
        for one in patch[: 3 + int(_drawn(draws) * (_PATCH - 3))]:
            mark[one] = -stamp
        for row in range(picked):
            if mark[pick[row]] == -stamp:
                weights[row] *= _FAVOUR
    return picked


@inner
def _restore(field: Field, state: State, work: _Work, teams: int, picked: int) -> None:
    first_stand = 2 * len(field.value)
    for row in range(picked):
        state.owner[work.pick[row]] = -1
    for slot in range(teams):
        team = work.team[slot]
        count = work.was_count[team]
        state.length[team], state.slack_s[team] = count, work.was_slack_s[team]
        state.tasks[team, :count] = work.was_tasks[team, :count]
        for position in range(count):
            task = state.tasks[team, position]
            if task < first_stand:
                state.owner[task // 2] = team


@inner
def _step(field: Field, state: State, work: _Work, middle: int, stamp: int) -> tuple[int, int]:
    """One ruin and recreate around a candidate; how many teams changed, how many were picked."""
    teams, gone = _ruin(field, state, work, middle)
    if teams == 0:
        return 0, 0
    picked = _pick(field, state, work, middle, gone, stamp)
    earned = state.score[1] / max(1, field.time_s.sum())
    price = _PRICE * _drawn(state.draws) * earned
    _recreate(field, state, work, picked, teams, price, _BLINK)
    if _straightened(field, state, work, teams):
        _recreate(field, state, work, picked, teams, price, 0.0)
    return teams, picked


@compiled
def _anneal(
    field: Field,
    now: State,
    best: State,
    work: _Work,
    steps: int,
    cooling: tuple[float, float],
) -> None:
    """Annealing on value and a little on time left; floors are never given up."""
    candidates = len(field.value)
    was = np.empty_like(now.score)
    reached = np.empty_like(now.reached)
    for step in range(steps):
        share = cooling[0] + (cooling[1] - cooling[0]) * step / steps
        if _drawn(now.draws) < 0.5:
            middle = int(_drawn(now.draws) * candidates)
        else:
            aim = _drawn(now.draws) * field.lure[-1]
            middle = min(candidates - 1, np.searchsorted(field.lure, aim, side="right"))
        was[:], reached[:] = now.score, now.reached
        teams, picked = _step(field, now, work, middle, step + 1)
        if teams == 0:
            continue
        _scored(field, now)
        loss = _HOT * (_COLD / _HOT) ** share * max(1, best.score[1])
        if _is_accepted(field, now, was, loss):
            if _is_better(now.score, best.score):
                _take(best, now)
        else:
            _restore(field, now, work, teams, picked)
            now.score[:], now.reached[:] = was, reached


@inner
def _is_accepted(field: Field, now: State, was: IntArray, loss: float) -> bool:
    if now.score[0] != was[0]:
        return now.score[0] < was[0]
    second = _SLACK_WORTH * was[1] / max(1, field.time_s.sum())
    gain = now.score[1] - was[1] + second * (now.score[2] - was[2])
    return gain >= loss * np.log(max(_drawn(now.draws), 1e-300))


@inner
def _is_better(one: IntArray, other: IntArray) -> bool:
    if one[0] != other[0]:
        return one[0] < other[0]
    if one[1] != other[1]:
        return one[1] > other[1]
    return one[2] > other[2]


@inner
def _take(best: State, now: State) -> None:
    best.tasks[:] = now.tasks
    best.length[:] = now.length
    best.slack_s[:] = now.slack_s
    best.owner[:] = now.owner
    best.reached[:] = now.reached
    best.score[:] = now.score
