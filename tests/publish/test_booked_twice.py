"""People on patrols of two wards at one time: found whoever was planned first, once each."""

from datetime import date
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.publish.neighbours import (
    Booking,
    DoubleBooking,
    across_wards,
    booked_twice,
    clash_words,
)
from corridors.publish.plan_weeks import PlanWeek, Walk

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
A, B, C = "E05999001", "E05999002", "E05999003"
WEEK = "2026-W10"


def plan(*walks: Walk, name: str = "Green") -> PlanWeek:
    return PlanWeek(name, date(2026, 2, 20), {}, len(walks), len(walks), None, 0, 0.0,
                    frozenset(p for w in walks for p in w.person_ids), walks)  # fmt: skip


def walk(start_min: int, end_min: int, *people: str, day: date = MONDAY) -> Walk:
    return Walk(day, start_min, end_min, people)


def places(**plans: PlanWeek) -> dict[tuple[str, str], PlanWeek]:
    codes = {"a": A, "b": B, "c": C}
    return {(codes[key], WEEK): made for key, made in plans.items()}


def test_one_person_in_two_wards_at_one_time():
    found = booked_twice(
        places(
            b=plan(walk(910, 970, "P7", "P8"), name="Brook"),
            a=plan(walk(900, 960, "P7"), walk(900, 960, "P8", day=TUESDAY)),
        )
    )
    assert found == (
        DoubleBooking(
            MONDAY, "P7",
            Booking(MONDAY, 900, 960, A, "Green"), Booking(MONDAY, 910, 970, B, "Brook"),
        ),
    )  # fmt: skip
    words = clash_words(found)
    (told,) = words[A]
    assert told == (
        "P7 is also on a patrol of Brook (E05999002) on Monday from 15:10 to 16:10: "
        "one of the two rosters has to change."
    )
    assert "of Green (E05999001) on Monday from 15:00 to 16:00" in words[B][0]


def test_many_wards_at_one_time_are_one_sentence():
    plans = {code: plan(walk(900, 960, "P7")) for code in "abcdefghij"}
    found = clash_words(
        booked_twice({(f"E0599900{i}", WEEK): p for i, p in enumerate(plans.values())})
    )
    (words,) = found["E05999000"]
    assert words == (
        "P7 is also on patrols of Green (E05999001), Green (E05999002), Green (E05999003), "
        "Green (E05999004), Green (E05999005), Green (E05999006) and 3 more on Monday from 15:00 "
        "to 16:00: all of these rosters but one have to change."
    )
    assert all(len(words) == 1 for words in found.values())


def test_days_that_are_alike_are_one_sentence():
    days = [walk(900, 960, "P7"), walk(900, 960, "P7", day=TUESDAY)]
    (words,) = clash_words(booked_twice(places(a=plan(*days), b=plan(*days))))[A]
    assert "P7 is also on patrols of Green (E05999002) on Monday and Tuesday from" in words


@pytest.mark.parametrize(
    "other",
    [
        walk(960, 1000, "P7"),  # begins when the first ends
        walk(840, 900, "P7"),
        walk(900, 960, "P7", day=TUESDAY),
        walk(900, 960, "p7"),  # ids are what they are
        walk(900, 960),
    ],
)
def test_one_after_the_other_or_somebody_else_is_no_clash(other):
    assert booked_twice(places(a=plan(walk(900, 960, "P7")), b=plan(other))) == ()


def test_two_patrols_of_one_ward_are_its_own_affair():
    both = plan(walk(900, 960, "P7"), walk(910, 970, "P7"))
    assert booked_twice(places(a=both)) == ()
    (found,) = booked_twice(places(a=both, b=plan(walk(965, 980, "P7"))))
    assert (found.one.start_min, found.one.end_min) == (900, 970)


def test_three_wards_are_three_pairs_in_order_whatever_was_read_first():
    plans = places(
        a=plan(walk(900, 960, "P2", "P1")),
        b=plan(walk(905, 930, "P1")),
        c=plan(walk(900, 910, "P1")),
    )
    found = booked_twice(plans)
    assert [(f.one.ward_code, f.other.ward_code) for f in found] == [(A, C), (A, B), (B, C)]
    for order in permutations(plans):
        assert booked_twice({place: plans[place] for place in order}) == found


TIMES = st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.integers(1, 6), st.booleans())


@given(st.lists(TIMES, max_size=12))
def test_every_pair_of_wards_that_clashes_is_named_and_no_other(times):
    walks = [(key, walk(a, a + n, "P", day=MONDAY if m else TUESDAY)) for key, a, n, m in times]
    plans = places(**{k: plan(*(w for key, w in walks if key == k)) for k in "abc"})
    codes = {"a": A, "b": B, "c": C}
    expected = {
        (one.day, *sorted((codes[i], codes[j])))
        for (i, one), (j, other) in combinations(walks, 2)
        if i != j
        and one.day == other.day
        and set(range(one.start_min, one.end_min)) & set(range(other.start_min, other.end_min))
    }
    found = booked_twice(plans)
    assert {(f.day, f.one.ward_code, f.other.ward_code) for f in found} == expected
    assert list(found) == sorted(found)


def test_weeks_are_looked_at_one_by_one_and_each_ward_is_told_of_the_other():
    plans = {
        (A, WEEK): plan(walk(900, 960, "P7")),
        (B, WEEK): plan(walk(900, 960, "P7"), name="Brook"),
        (C, "2026-W11"): plan(walk(900, 960, "P7", day=date(2026, 3, 9)), name="Cross"),
    }
    across = across_wards(plans)
    assert set(across) == {(A, WEEK), (B, WEEK)}
    assert "of Brook" in across[A, WEEK].booked_twice[0]
    assert "of Green" in across[B, WEEK].booked_twice[0]


def test_many_patrols_of_one_person_at_one_time_cost_no_pair_each():
    crowd = [walk(900, 901 + n % 500, "P7") for n in range(3000)]
    (found,) = booked_twice(places(a=plan(*crowd), b=plan(*crowd)))
    assert (found.one.end_min, found.other.end_min) == (1400, 1400)


def test_a_hostile_id_is_shown_clean():
    name = "\u202e<b>\x00" + "P" * 5000
    (found,) = booked_twice(places(a=plan(walk(900, 960, name)), b=plan(walk(900, 960, name))))
    assert found.person_id == name
    (words,) = clash_words([found])[A]
    assert "\u202e" not in words
    assert "\x00" not in words
    assert len(words) < 400
