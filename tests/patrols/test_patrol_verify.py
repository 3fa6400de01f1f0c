"""Every kind of tampering is found, and each by its own words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corridors.patrols.problem import Edges, Floor, PatrolProblem, Solution, Stand, Team, Walk
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
