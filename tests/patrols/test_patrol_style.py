"""Walks that a person would accept: measured, and put in order without changing what is walked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from support_patrols import grid_problem

from corridors.patrols.polish import euler_walk
from corridors.patrols.problem import Edges, PatrolProblem, Solution, Stand, Team, Walk
from corridors.patrols.style import (
    ABOUT_TURN_COST,
    ZIGZAG_COST,
    StyleFacts,
    arrange,
    leaves_deg,
    style_cost,
    turn_costs,
    walk_style,
)
from corridors.patrols.verify import verify


def facts_at(problem: PatrolProblem, xy_m: np.ndarray, pupil_m: np.ndarray) -> StyleFacts:
    """Straight streets between points."""
    tail, head = np.array(problem.edges.tail), np.array(problem.edges.head)
    lines = shapely.linestrings(np.stack([xy_m[tail], xy_m[head]], axis=1))
    return StyleFacts(tail, leaves_deg(lines), np.full(len(tail), -1), pupil_m.astype(np.int64))


def street_like(seed: int, side: int, steps: int) -> tuple[PatrolProblem, Walk, StyleFacts]:
    """A perturbed grid, a closed walk on it that stands where it turns back, pupils from a corner.

    The walk goes where it likes, and home on every street that it has walked an odd number of
    times, by the doubled streets of its way out.
    """
    rng = np.random.default_rng(seed)
    problem = grid_problem(side, 1, 100_000, rng)
    start = problem.teams[0].start
    node, count = start, Counter[int]()
    for _ in range(steps):
        ways = [
            e
            for e in range(len(problem.edges))
            if node in (problem.edges.tail[e], problem.edges.head[e])
        ]
        edge = int(rng.choice(ways))
        count[edge] += 1
        node = problem.edges.tail[edge] + problem.edges.head[edge] - node
    team = replace(problem.teams[0], end=node, stands=(Stand(node, 60),))
    problem = replace(problem, teams=(team,))
    slim = Counter({e: 2 - n % 2 for e, n in count.items()})
    nodes, edges = euler_walk(problem, team, slim)
    xy_m = 100.0 * np.array([(i % side, i // side) for i in range(side * side)])
    xy_m += rng.normal(0, 8, xy_m.shape)
    tail, head = np.array(problem.edges.tail), np.array(problem.edges.head)
    away_m = np.hypot(*(xy_m - xy_m[0]).T)
    pupils = rng.lognormal(3, 1, len(tail)) * np.sign(away_m[head] - away_m[tail])
    walk = Walk(0, tuple(nodes), tuple(edges), (nodes.index(node),))
    return problem, walk, facts_at(problem, xy_m, np.round(100 * pupils))


def value(problem: PatrolProblem, walk: Walk) -> Solution:
    walked = set(walk.edges)
    return Solution(
        (walk,),
        sum(problem.edges.value[e] for e in walked),
        sum(problem.edges.walk_s[e] for e in walk.edges),
    )


# --- what must hold of every walk ---------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 40))
def test_the_same_edges_are_walked_and_the_style_is_no_worse(seed: int, steps: int) -> None:
    problem, before, facts = street_like(seed, 5, steps)
    after = arrange(before, facts)
    assert Counter(after.edges) == Counter(before.edges)
    assert verify(problem, value(problem, after)) == ()  # starts, ends, stands, joins
    costs = [style_cost(w.edges, w.nodes, facts) for w in (before, after)]
    assert costs[1] <= costs[0]
    styles = [walk_style(w.edges, w.nodes, facts) for w in (before, after)]
    assert styles[1].about_turns <= styles[0].about_turns
    assert arrange(after, facts) == after
    assert arrange(before, facts) == after


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31))
def test_backwards_a_walk_has_the_same_turns(seed: int) -> None:
    _, walk, facts = street_like(seed, 5, 25)
    there = walk_style(walk.edges, walk.nodes, facts)
    back = walk_style(walk.edges[::-1], walk.nodes[::-1], facts)
    assert (there.about_turns, there.zigzags) == (back.about_turns, back.zigzags)


def orders(walk: Walk) -> list[Walk]:
    """Every walk of the same edges from the same start to the same end."""
    ends = dict(zip(walk.edges, pairwise(walk.nodes), strict=True))
    found: list[Walk] = []

    def go(nodes: list[int], edges: list[int], left: Counter[int]) -> None:
        if not left and nodes[-1] == walk.nodes[-1]:
            found.append(Walk(0, tuple(nodes), tuple(edges)))
        for edge in sorted(left):
            if nodes[-1] in ends[edge]:
                other = sum(ends[edge]) - nodes[-1]
                go([*nodes, other], [*edges, edge], left - Counter((edge,)))

    go([walk.nodes[0]], [], Counter(walk.edges))
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 9))
def test_a_small_walk_is_the_best_of_all_orders(seed: int, steps: int) -> None:
    _, walk, facts = street_like(seed, 4, steps)
    least = min(style_cost(w.edges, w.nodes, facts) for w in orders(walk))
    found = arrange(walk, facts)
    assert style_cost(found.edges, found.nodes, facts) == least


def no_order_is_below(walk: Walk, facts: StyleFacts) -> int:
    """A bound: at every node, the cheapest way to pair its edges, whatever comes of the walk."""
    costs = turn_costs(walk.edges, walk.nodes, facts)
    at: dict[int, list[int]] = {walk.nodes[0]: [-1]}
    at.setdefault(walk.nodes[-1], []).append(-1)  # where the walk begins and ends
    for edge, (a, b) in zip(walk.edges, pairwise(walk.nodes), strict=True):
        at.setdefault(a, []).append(edge)
        at.setdefault(b, []).append(edge)

    def paired(node: int, left: tuple[int, ...]) -> int:
        if not left:
            return 0
        return min(
            (0 if -1 in (left[0], left[i]) else costs[node, left[0], left[i]])
            + paired(node, (*left[1:i], *left[i + 1 :]))
            for i in range(1, len(left))
        )

    return sum(paired(node, tuple(sorted(ends))) for node, ends in at.items())


def test_on_street_like_graphs_most_walks_have_turns_that_no_order_can_beat() -> None:
    saved, proven = [], 0
    for seed in range(30):
        _, before, facts = street_like(seed, 7, 45)
        after = arrange(before, facts)
        styles = [walk_style(w.edges, w.nodes, facts) for w in (before, after)]
        least = no_order_is_below(before, facts)
        turns = styles[1].about_turns * ABOUT_TURN_COST + styles[1].zigzags * ZIGZAG_COST
        assert turns >= least
        proven += turns == least
        saved.append(styles[0].about_turns - styles[1].about_turns)
    assert proven >= 24
    assert np.median(saved) >= 1


# --- known walks --------------------------------------------------------------------------------

# A straight street 0-1-2 with a block 1-3-4-2 beside it.
BLOCK = Edges((0, 1, 1, 3, 4), (1, 2, 3, 4, 2), (10,) * 5, (1,) * 5)
BLOCK_XY_M = np.array([(0, 0), (100, 0), (200, 0), (100, 100), (200, 100)], dtype=float)


def block(end: int, pupil_m: tuple[int, ...] = (0,) * 5) -> tuple[PatrolProblem, StyleFacts]:
    problem = PatrolProblem(5, BLOCK, (Team(0, end, 1000),))
    return problem, facts_at(problem, BLOCK_XY_M, np.array(pupil_m))


def test_leaving_a_street_that_goes_on_is_a_zigzag_and_an_about_turn_is_none() -> None:
    _, facts = block(0)
    off = walk_style((0, 2, 3, 4, 1, 0), (0, 1, 3, 4, 2, 1, 0), facts)
    assert (off.about_turns, off.zigzags) == (0, 1)  # into the block; out of it is straight on
    plain = walk_style((0, 2, 3), (0, 1, 3, 4), facts)
    assert plain.zigzags == 0  # it never walks the street beyond
    back = walk_style((0, 1, 1, 0), (0, 1, 2, 1, 0), facts)
    assert (back.about_turns, back.zigzags) == (1, 0)


def test_without_bearings_a_street_goes_on_under_its_name() -> None:
    facts = replace(StyleFacts.unknown(BLOCK.tail), street=np.array([0, 0, 1, 2, -1]))
    assert walk_style((0, 2, 3, 4, 1, 0), (0, 1, 3, 4, 2, 1, 0), facts).zigzags == 1
    nameless = StyleFacts.unknown(BLOCK.tail)
    assert walk_style((0, 2, 3, 4, 1, 0), (0, 1, 3, 4, 2, 1, 0), nameless).zigzags == 0


def test_of_two_ways_round_the_one_with_most_pupils_is_walked() -> None:
    # Pupils walk 0-1-2 in hundreds, and 1-3-4-2 in tens.
    _, facts = block(0, (500, 400, 30, 30, 30))
    against = Walk(0, (0, 1, 3, 4, 2, 1, 0), (0, 2, 3, 4, 1, 0), ())
    after = arrange(against, facts)
    assert after.nodes == (0, 1, 2, 4, 3, 1, 0)
    shares = [walk_style(w.edges, w.nodes, facts).with_pupils_share for w in (against, after)]
    assert shares == pytest.approx([590 / 990, 900 / 990])


def test_where_nobody_is_known_to_walk_there_is_no_share() -> None:
    _, facts = block(0)
    assert walk_style((0, 0), (0, 1, 0), facts).with_pupils_share is None
    empty = Walk(0, (0,), (), (0, 0))
    assert arrange(empty, facts) == empty


def test_a_bearing_is_that_of_the_first_metres() -> None:
    line = shapely.LineString([(0, 0), (0, 100), (100, 100)])
    np.testing.assert_allclose(leaves_deg(np.array([line])), [[0.0, 270.0]])
