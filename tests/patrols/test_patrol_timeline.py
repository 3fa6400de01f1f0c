"""When a team is where, in numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from corridors.patrols.problem import Edges, PatrolProblem, Slots, Stand, Team, Walk
from corridors.patrols.timeline import koper_share, meetings, met_value, presence, shares, timeline

# A street 0-1-2 of 40 s and 60 s, walked there and back; a stand of 30 s at node 1.
STREET = Edges((0, 1), (1, 2), (40, 60), (5, 7))
VALUE = ((100, 200, 400, 800), (1000, 2000, 4000, 8000))
PROBLEM = PatrolProblem(
    3,
    STREET,
    (Team(0, 0, 300, (Stand(1, 30, 90, 120, (0, 1)),)),),
    slots=Slots(100, VALUE),
    window_s=400,
)
WALK = Walk(0, (0, 1, 2, 1, 0), (0, 1, 1, 0), (1,), begin_s=10)
WALK_S = np.array(STREET.walk_s)


def test_who_comes_early_waits_and_rounds_repeat_the_wait() -> None:
    times = timeline(PROBLEM, WALK, WALK_S)
    assert times.arrive_s.tolist() == [10, 50, 180, 240, 280]
    assert times.leave_s.tolist() == [10, 120, 180, 240, 280]
    assert times.stand_s == (90,)
    assert (times.rounds, times.round_s) == (1, 270)
    longer = timeline(replace(PROBLEM, window_s=550), WALK, WALK_S)
    assert longer.rounds == 2
    there = presence(PROBLEM, WALK, longer)
    assert there.edge.tolist() == [0, 1, 1, 0] * 2
    assert there.from_s.tolist() == [10, 120, 180, 240, 280, 390, 450, 510]
    assert there.to_s.tolist() == [50, 180, 240, 280, 320, 450, 510, 550]


def test_waits_come_before_standing() -> None:
    times = timeline(PROBLEM, replace(WALK, waits=((1, 45),)), WALK_S)
    assert times.stand_s == (95,)
    assert times.leave_s.tolist() == [10, 125, 185, 245, 285]


def test_being_there_meets_a_slot_once() -> None:
    # Edge 0 in slots 0 and 2; edge 1 in slots 1 and 2.
    assert met_value(PROBLEM, [WALK]) == 100 + 400 + 2000 + 4000
    assert met_value(PROBLEM, [WALK, WALK]) == met_value(PROBLEM, [WALK])


def test_who_leaves_at_the_start_of_a_slot_is_not_in_it() -> None:
    there = presence(PROBLEM, replace(WALK, begin_s=0), timeline(PROBLEM, WALK, WALK_S))
    assert PROBLEM.slots is not None
    edge_1 = replace(there, from_s=there.from_s * 0 + 40, to_s=there.to_s * 0 + 100)
    assert shares(PROBLEM.slots, edge_1)[1].tolist() == [1, 0, 0, 0]


def test_presence_fades_from_leaving_to_the_middle_of_the_slot() -> None:
    slots = Slots(100, VALUE, fade_s=50)
    fading = replace(PROBLEM, slots=slots)
    # Edge 0: left at 50 s, then from 240 s to 280 s; edge 1: from 120 s to 240 s.
    expected = 100 + 200 * 0.5**2 + 400 + 800 * 0.5 ** (70 / 50) + 2000 + 4000
    expected += 8000 * 0.5 ** (110 / 50)
    assert met_value(fading, [WALK]) == pytest.approx(expected, rel=1e-12)


def test_a_stand_counts_for_its_share_of_what_is_in_sight() -> None:
    slots = Slots(100, VALUE, koper=((20, 40), (40, 60)))
    assert [koper_share(slots, s) for s in (0, 10, 20, 30, 40, 99)] == [0, 0.2, 0.4, 0.5, 0.6, 0.6]
    # It stands from 90 s to 120 s: half of edge 1 in slot 0 and of edge 0 in slot 1.
    more = 0.5 * (1000 + 200)
    met = met_value(replace(PROBLEM, slots=slots), [WALK])
    assert met == pytest.approx(100 + 400 + 2000 + 4000 + more)


def test_meetings_count_both_ways_and_only_where_they_are_forbidden() -> None:
    pair = replace(PROBLEM, teams=(Team(0, 0, 300), Team(2, 0, 300)), window_s=300)
    walks = (Walk(0, (0, 1, 2, 1, 0), (0, 1, 1, 0)), Walk(1, (2, 1, 0), (1, 0), (), 30))
    # On edge 1 from 40 s to 100 s and from 30 s to 90 s; on edge 0 to 40 s and from 90 s.
    assert meetings(replace(pair, apart=True), walks) == ((1, 2, 50),)
    assert meetings(pair, walks) == ()


def test_without_slots_nothing_is_met() -> None:
    assert met_value(replace(PROBLEM, slots=None), [WALK]) == 0
