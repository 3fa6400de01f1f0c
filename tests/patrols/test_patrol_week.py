"""What a week's days share: worths that come back, floors that stay, bounds that carry over."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_patrols import grid_problem, optimum, tiny_problem

from corridors.patrols.bound import upper_bound
from corridors.patrols.exact import plan_rank, prepare_searches
from corridors.patrols.problem import Edges, Floor, PatrolProblem, Team, sort_edges
from corridors.patrols.solver import solve
from corridors.patrols.verify import broken, verify
from corridors.patrols.week import bound_from, kept_share
from corridors.profile import Patrols

shares = st.floats(0.01, 1.0)
units = st.integers(0, 50)


# --- what is left of a street's worth ------------------------------------------------------------


@given(worth=shares, days=st.integers(1, 30), gap=st.integers(1, 60))
def test_worth_comes_back_evenly_and_never_passes_what_it_was(worth, days, gap):
    params = Patrols(repeat_worth=worth, recovery_days=days)
    now, later = kept_share([gap, gap + 1], params)
    assert worth <= now <= later <= 1
    assert kept_share(1, params) == worth
    assert kept_share(1 + days, params) == kept_share(np.inf, params) == 1
    if gap < days:
        assert later - now == pytest.approx((1 - worth) / days)


def test_the_default_week():
    found = kept_share([1, 2, 3, 4], Patrols())
    assert found.tolist() == pytest.approx([0.7, 0.85, 1.0, 1.0])


# --- bounds at other values ----------------------------------------------------------------------


@given(
    value=st.lists(units, min_size=6, max_size=6),
    then=st.lists(units, min_size=6, max_size=6),
    plans=st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=8),
)
def test_a_bound_carried_over_is_a_bound(value, then, plans):
    """Any family of plans: what the best of them covers at one value bounds it at another."""
    best = max(sum(value[e] for e in plan) for plan in plans)
    limit = bound_from(best, tuple(value), tuple(then))
    assert max(sum(then[e] for e in plan) for plan in plans) <= limit <= sum(then)


def test_a_bound_carried_to_the_same_values_is_as_tight():
    assert bound_from(70, (50, 30, 20), (50, 30, 20)) == 70
    assert bound_from(70, (50, 30, 20), (100, 60, 40)) == 140
    # Half of what was covered, and no more than all of what was not.
    assert bound_from(80, (50, 30, 20), (25, 15, 20)) == 50


# --- floors count duty ---------------------------------------------------------------------------


def star(value: tuple[int, ...], duty: tuple[int, ...], minimum: int, limit_s: int = 40):
    """A centre with four streets of 10 s: two can be walked there and back in 40 s."""
    edges = Edges((0, 0, 0, 0), (1, 2, 3, 4), (10, 10, 10, 10), value, duty)
    floor = Floor("C1", (0, 1, 2, 3), minimum)
    return PatrolProblem(5, edges, (Team(0, 0, limit_s),), (floor,))


def answered(problem: PatrolProblem):
    searches = prepare_searches(problem)
    bound = upper_bound(problem, max_rounds=8, searches=searches)
    found = solve(
        problem,
        iterations=3,
        rng=np.random.default_rng(1),
        max_seconds=600.0,
        searches=searches,
        guide=bound.covered,
        enough=bound.value,
    )
    assert not broken(verify(problem, found))
    return bound, found


def test_a_floor_holds_whatever_a_street_is_worth_today():
    """The streets of most value are not those of most duty: the floor comes first."""
    free = star((9, 9, 5, 5), (10, 10, 40, 40), 0)
    _, found = answered(free)
    assert found.value == 18
    held = star((9, 9, 5, 5), (10, 10, 40, 40), 50)
    bound, found = answered(held)
    assert found.value == 14  # one of each
    assert dict(bound.floor_limits) == {"C1": 80}
    assert bound.value >= 18
    assert bound.value_with_floors >= 14
    assert verify(held, found) == ()
    bound, found = answered(star((9, 9, 5, 5), (10, 10, 40, 40), 81))
    assert bound.value_with_floors is None
    (fault,) = verify(star((9, 9, 5, 5), (10, 10, 40, 40), 81), found)
    assert (fault.kind, fault.found) == ("floor", 80)


def later_day(problem: PatrolProblem, rng: np.random.Generator) -> PatrolProblem:
    """The problem after days on which some of its edges were covered."""
    value = np.array(problem.edges.value)
    left = np.maximum(np.round(value * rng.choice([0.4, 0.7, 1.0], len(value))), value > 0)
    now = tuple(left.astype(int).tolist())
    return replace(problem, edges=replace(problem.edges, value=now, duty=problem.edges.value))


def drawn(seeds: range) -> Iterator[tuple[np.random.Generator, PatrolProblem]]:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        problem = tiny_problem(rng)
        if problem is not None and any(problem.edges.value):
            yield rng, problem


def test_a_later_day_against_all_its_plans():
    """Bounds from the first day's cuts and values, and the searches, against exhaustion."""
    tried = floors = 0
    for rng, problem in drawn(range(120)):
        first = upper_bound(problem, max_rounds=6)
        later = later_day(problem, rng)
        best = optimum(later)
        searches = prepare_searches(problem)  # of the first day: only values have changed
        alone = searches if len(searches) == 1 else ()
        for bound in (
            upper_bound(later, max_rounds=3, searches=alone, walk_looks=0, like=first),
            upper_bound(later, max_rounds=6, searches=prepare_searches(later), walk_looks=0),
        ):
            assert bound.value >= best.value
            if best.with_floors is not None:
                assert bound.value_with_floors is not None
                assert bound.value_with_floors >= best.with_floors
            for key, limit in bound.floor_limits:
                assert limit >= best.floor_limits[key]
        assert bound_from(first.value, problem.edges.value, later.edges.value) >= best.value
        found = solve(
            later,
            iterations=1,
            rng=rng,
            max_seconds=600.0,
            searches=searches,
        )
        assert not broken(verify(later, found))
        assert found.value <= best.value
        if len(searches) == 1 and not later.floors:
            assert found.value == best.value
        tried, floors = tried + 1, floors + bool(later.floors)
    assert tried > 60
    assert floors > 15


def test_order_of_edges_is_the_same_at_other_values():
    """Cuts and searches are told by the number of an edge in sorted order."""
    for rng, problem in drawn(range(60)):
        orders = set()
        for _ in range(4):
            ordered = sort_edges(later_day(problem, rng))[0]
            columns = replace(ordered.edges, value=())
            teams = tuple(team.forbidden for team in ordered.teams)
            orders.add((columns, teams, tuple((f.key, f.edges) for f in ordered.floors)))
        assert len(orders) == 1


def test_walks_to_begin_from_are_only_ever_bettered():
    bettered = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        problem = grid_problem(7, 2, 900, rng)
        later = later_day(problem, rng)
        first = solve(problem, iterations=2, rng=rng, max_seconds=600.0)
        again = solve(later, iterations=4, rng=rng, max_seconds=600.0, start=first.walks)
        assert not broken(verify(later, again))
        ranks = [plan_rank(later, one.walks)[:2] for one in (first, again)]
        assert ranks[0] <= ranks[1]
        bettered += ranks[0] < ranks[1]
    assert bettered >= 3
