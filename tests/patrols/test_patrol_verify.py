"""Every kind of tampering is found, and each by its own words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corridors.patrols.problem import (
    Edges,
    Floor,
    PatrolProblem,
    Slots,
    Solution,
    Stand,
    Team,
    Walk,
)
from corridors.patrols.verify import Fault, broken, verify

# A square 0-1-2-3 with a diagonal 0-2 that is forbidden; a stand at node 1.
PROBLEM = PatrolProblem(
    4,
    Edges((0, 1, 2, 3, 0), (1, 2, 3, 0, 2), (10, 10, 10, 10, 10), (1, 2, 3, 4, 5)),
    (Team(0, 0, 60, (Stand(1, 20),), (4,)),),
    (Floor("a", (0, 1), 3),),
)
GOOD = Solution((Walk(0, (0, 1, 2, 3, 0), (0, 1, 2, 3), (1,)),), 10, 40)


def with_walk(**changes: object) -> Solution:
    return replace(GOOD, walks=(replace(GOOD.walks[0], **changes),))  # type: ignore[arg-type]


def test_a_good_solution_has_no_fault() -> None:
    assert verify(PROBLEM, GOOD) == ()


@pytest.mark.parametrize(
    ("tampered", "words"),
    [
        (replace(GOOD, value=11), "cover 10, not 11"),
        (replace(GOOD, walk_s=39), "takes 40 s, not 39 s"),
        (replace(GOOD, walks=()), "not for each of 1 teams"),
        (replace(GOOD, walks=GOOD.walks * 2), "not for each of 1 teams"),
        (with_walk(nodes=(0, 1, 3, 2, 0)), "does not join"),
        (with_walk(nodes=(0, 1, 2, 3)), "do not go with"),
        (with_walk(nodes=(1, 2, 3, 0), edges=(1, 2, 3), stand_at=(0,)), "starts at node 1"),
        (with_walk(nodes=(0, 1, 2, 3), edges=(0, 1, 2)), "ends at node 3"),
        (with_walk(stand_at=()), "stands 0 times"),
        (with_walk(stand_at=(2,)), "does not stand at node 1"),
        (with_walk(stand_at=(-4,)), "does not stand at node 1"),
        (with_walk(stand_at=(9,)), "does not stand at node 1"),
        (with_walk(nodes=(0, 1, 2, 0), edges=(0, 1, 4)), "edge 4 is forbidden"),
        (with_walk(nodes=(0, 1, 2, 3, 0), edges=(0, 1, 2, -2)), "does not exist"),
        (with_walk(nodes=(0, 1, 0, 1, 0, 1, 0), edges=(0,) * 6), "takes 80 s of 60 s"),
    ],
)
def test_tampering_is_found(tampered: Solution, words: str) -> None:
    assert any(words in str(fault) for fault in verify(PROBLEM, tampered))


# The same square in a session of 150 s: two rounds of 60 s; the stand begins by 20 s.
TIMED = replace(
    PROBLEM,
    teams=(replace(PROBLEM.teams[0], stands=(Stand(1, 20, 5, 20, (1,)),)),),
    slots=Slots(50, ((1, 0, 0), (0, 2, 0), (0, 4, 0), (0, 0, 8), (9, 9, 9)), 0, ((20, 50),)),
    window_s=150,
)


def test_what_is_met_is_worked_out_anew() -> None:
    # Round 1: edge 0 from 0 s, 1 from 30 s, 2 from 40 s to 50 s, 3 from 50 s. Round 2: 60 s later.
    good = replace(GOOD, met=1 + 2 + 8)  # edge 0 in slot 0, 1 in slot 1, 3 in slot 2
    assert verify(TIMED, good) == ()
    # 10 s later: edge 2 in slot 1, and edge 1 only seen there, from 80 s to 100 s.
    later = replace(good, walks=(replace(GOOD.walks[0], begin_s=10),), met=1 + 1 + 4 + 8)
    assert verify(TIMED, later) == ()
    assert verify(TIMED, replace(good, met=11.001)) == (
        Fault("total", "the walks meet 11.0, not 11.001"),
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"begin_s": 11}, "stands at node 1 from 21 s, not between 5 s and 20 s"),
        ({"waits": ((1, 11),)}, "stands at node 1 from 21 s"),
        ({"waits": ((2, 91),)}, "is at its end at 151 s of 150 s"),
        ({"begin_s": -1}, "less than no time"),
        ({"waits": ((0, -1),)}, "less than no time"),
    ],
)
def test_walks_out_of_their_time_are_found(changes: dict[str, object], words: str) -> None:
    assert any(words in fault.text for fault in verify(TIMED, with_walk(**changes)))


def test_teams_on_one_street_at_once_are_found_whichever_way_they_walk() -> None:
    pair = replace(PROBLEM, teams=(Team(0, 0, 60),) * 2, window_s=60, apart=True)
    one, other = Walk(0, (0, 1, 0), (0, 0)), Walk(1, (0, 1, 0), (0, 0), (), 5)
    found = verify(pair, Solution((one, other), 1, 40))
    assert [str(f) for f in found if f.kind == "apart"] == [
        "not kept apart: teams 1 and 2 for 40 s"
    ]
    rounds = replace(pair, window_s=40)  # each of them walks twice: 0-20-40, 20-40
    later = replace(other, begin_s=20)
    assert any(f.kind == "apart" for f in verify(rounds, Solution((one, later), 1, 40)))
    once = replace(one, waits=((2, 20),))  # the first one stays at home instead
    assert not any(f.kind == "apart" for f in verify(rounds, Solution((once, later), 1, 40)))


def test_a_missed_floor_can_be_told_from_a_fault() -> None:
    short = Solution((Walk(0, (0, 1, 0), (0, 0), (1,)),), 1, 20)
    missed = Fault("floor", "floor missed: a: 1 of 3", found=1, wanted=3, key="a")
    assert verify(PROBLEM, short) == (missed,)
    assert broken(verify(PROBLEM, short)) == ()


def test_dwells_count_as_time() -> None:
    team = PROBLEM.teams[0]
    enough, short = (
        replace(PROBLEM, teams=(replace(team, time_limit_s=limit_s),)) for limit_s in (60, 59)
    )
    assert verify(enough, GOOD) == ()
    late = Fault("time", "takes 60 s of 59 s", 0, found=60, wanted=59)
    assert verify(short, GOOD) == (late,)
    assert str(late) == "team 1: takes 60 s of 59 s"
