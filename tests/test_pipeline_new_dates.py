"""Other days for cancelled patrols: the next that are free, open and can be staffed (C7)."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from support_plans import OTHER_WARD, load, write_demo

from corridors.model import Inputs
from corridors.pipeline.new_dates import propose_dates
from corridors.pipeline.random_days import drawn_weekdays, share_of
from corridors.profile import Profile
from corridors.tables import People
from corridors.teams.changes import ToldPatrol

MONDAY = date(2026, 3, 2)
EAST, PRIMARY = "900002", "900003"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Inputs, Profile]:
    return load(write_demo(tmp_path_factory.mktemp("demo")), OTHER_WARD)


def told(day: date = MONDAY, urn: str = EAST, team: int = 1) -> ToldPatrol:
    return ToldPatrol(f"{day}-S1T{team}", day, 900, 1020, (urn,), "C1", "trust", "on_call", ())


def propose(demo, *cancelled: ToldPatrol, others=(), taken=(), **changes):
    inputs, profile = demo
    inputs = replace(inputs, **changes)
    return list(propose_dates(inputs, profile, cancelled, others, set(taken)).values())


def test_c7_the_next_school_day_that_is_free_is_proposed(demo):
    (first,) = propose(demo, told())
    assert first > MONDAY
    (second,) = propose(demo, told(), taken=[(EAST, first)])
    assert second > first
    (same,) = propose(demo, told(), taken=[("another", first)])
    assert same == first


def test_c7_two_patrols_of_one_school_get_two_days(demo):
    days = propose(demo, told(), told(team=2))
    assert len(set(days)) == 2


def test_c7_days_on_which_nobody_can_walk_are_not_proposed(demo):
    inputs, _ = demo
    only = inputs.people.assign(**{People.available: "Thu"})
    (day,) = propose(demo, told(), people=only)
    assert day.weekday() == 3
    assert propose(demo, told(), people=inputs.people.iloc[:1]) == [None]


def test_c7_who_walks_elsewhere_that_weekday_cannot_be_counted_on(demo):
    (day,) = propose(demo, told())
    beside = [
        replace(told(MONDAY + timedelta(days=d), PRIMARY), patrol_id=f"other-{d}-{n}")
        for d in range(5)
        for n in range(20)
    ]
    assert day is not None
    assert propose(demo, told(), others=beside) == [None]


def test_c7_holidays_and_inset_days_are_never_proposed(demo):
    inputs, _ = demo
    terms = inputs.calendar.terms
    row = terms.iloc[[0]].assign(
        urn="", kind="half_term", start=pd.Timestamp(MONDAY), end=pd.Timestamp(2026, 3, 20)
    )
    row["start"], row["end"] = (
        row["start"].astype("datetime64[us]"),
        row["end"].astype("datetime64[us]"),
    )
    shut = pd.concat([terms, row], ignore_index=True).rename_axis("entry_id")
    (day,) = propose(demo, told(), calendar=replace(inputs.calendar, terms=shut))
    assert day is None or day > date(2026, 3, 20)


def test_c7_control_days_are_never_proposed(demo):
    inputs, profile = demo
    half = replace(profile, patrols=replace(profile.patrols, days_share=0.5))
    taken: set[tuple[str, date]] = set()
    for _ in range(4):
        (day,) = propose((inputs, half), told(), taken=taken)
        assert day.weekday() in drawn_weekdays(share_of(0.5), half.seed, (EAST,), day)
        taken.add((EAST, day))
