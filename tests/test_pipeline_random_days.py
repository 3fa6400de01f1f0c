"""Patrol days by lot: exactly balanced, and drawn from nothing that could bias them."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from inspect import signature

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError
from corridors.model import Corridor
from corridors.pipeline.random_days import (
    LONGEST_BLOCK,
    control_words,
    drawn_weekdays,
    share_of,
    split_by_lot,
)

MONDAY = date(2026, 3, 2)
SHARES = sorted({Fraction(a, b) for b in range(1, LONGEST_BLOCK + 1) for a in range(1, b + 1)})
URNS = ("100001", "100002")


def block(share: Fraction, seed: int, urns=URNS, near: date = MONDAY) -> list[frozenset[int]]:
    """The patrol days of each week of the block that holds ``near``."""
    monday = near - timedelta(days=near.weekday())
    first = monday - timedelta(weeks=monday.toordinal() // 7 % share.denominator)
    return [
        drawn_weekdays(share, seed, urns, first + timedelta(weeks=w))
        for w in range(share.denominator)
    ]


@given(st.sampled_from(SHARES), st.integers(0, 10_000), st.integers(0, 400))
def test_every_weekday_is_patrolled_equally_often_in_every_block(share, seed, weeks):
    drawn = block(share, seed, near=MONDAY + timedelta(weeks=weeks))
    count = Counter(day for week in drawn for day in week)
    assert [count[day] for day in range(5)] == [share.numerator] * 5
    sizes = [len(week) for week in drawn]
    assert max(sizes) - min(sizes) <= 1


def test_two_weeks_of_a_half_are_complementary():
    one, other = block(Fraction(1, 2), 2024)
    assert one | other == frozenset(range(5))
    assert not one & other


def test_any_day_of_a_week_gives_the_week():
    for day in range(7):
        assert drawn_weekdays(Fraction(1, 2), 1, URNS, MONDAY + timedelta(days=day)) == (
            drawn_weekdays(Fraction(1, 2), 1, URNS, MONDAY)
        )


def test_the_lot_knows_seed_schools_and_week_and_nothing_else():
    assert list(signature(drawn_weekdays).parameters) == ["share", "seed", "urns", "day"]
    half = Fraction(1, 2)
    assert drawn_weekdays(half, 1, URNS, MONDAY) == drawn_weekdays(half, 1, URNS[::-1], MONDAY)
    draws = {
        "seed": {drawn_weekdays(half, seed, URNS, MONDAY) for seed in range(40)},
        "schools": {drawn_weekdays(half, 1, (str(urn),), MONDAY) for urn in range(40)},
        "block": {
            drawn_weekdays(half, 1, URNS, MONDAY + timedelta(weeks=2 * w)) for w in range(40)
        },
    }
    assert all(len(found) > 10 for found in draws.values())


@pytest.mark.parametrize("share", [Fraction(1, 2), Fraction(1, 3), Fraction(4, 5)])
def test_over_many_seeds_every_day_is_as_likely(share):
    n = 2000
    count = Counter(day for seed in range(n) for day in drawn_weekdays(share, seed, URNS, MONDAY))
    sd = (n * float(share * (1 - share))) ** 0.5
    assert all(abs(count[day] - n * float(share)) < 4.5 * sd for day in range(5))


@pytest.mark.parametrize(("share", "is_one"), [(0.5, True), (0.33, True), (2 / 3, True), (1, True)])
def test_shares_that_a_small_block_can_balance(share, is_one):
    assert (share_of(share).denominator <= LONGEST_BLOCK) == is_one


@pytest.mark.parametrize(("share", "near"), [(0.45, "0.4"), (0.1, "0.167"), (0.9, "0.833")])
def test_other_shares_are_refused_with_the_nearest(share, near):
    with pytest.raises(InputError, match=f"nearest that works is {near}"):
        share_of(share)


def _corridor(corridor_id: str, *urns: str) -> Corridor:
    return Corridor(corridor_id, urns, (), (), 0.0, 0.0, None)  # type: ignore[arg-type]


def test_control_days_are_all_days_that_were_not_drawn_whatever_the_order():
    one, other = _corridor("C1", "100001", "100002"), _corridor("C2", "100003")
    for weekday in range(5):
        day = MONDAY + timedelta(days=weekday)
        walked, control = split_by_lot((one, other), day, 0.5, 7)
        assert split_by_lot((other, one), day, 0.5, 7) == (walked[::-1], control[::-1])
        for corridor in (one, other):
            drawn = drawn_weekdays(Fraction(1, 2), 7, corridor.urns, MONDAY)
            assert (corridor in walked) == (weekday in drawn)
            assert (corridor in control) == (weekday not in drawn)


def test_all_days_leave_no_control_and_change_nothing():
    corridors = (_corridor("C1", "100001"),)
    assert split_by_lot(corridors, MONDAY, 1.0, 7) == (corridors, ())
    assert control_words((), 1.0) == ()
