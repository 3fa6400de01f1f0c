"""What a partnership owes beside its plan is told with the plan."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from support_plans import load, write_demo

from corridors.pipeline.duties import duties

CORRIDORS = (SimpleNamespace(corridor_id="C1", urns=("900001",)),)


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    inputs, profile = load(write_demo(tmp_path_factory.mktemp("duties")))
    return SimpleNamespace(inputs=inputs, profile=profile)


def told(ground, **changes):
    made = SimpleNamespace(inputs=replace(ground.inputs, **changes), profile=ground.profile)
    return duties(made, CORRIDORS)


def test_the_demo_owes_nothing(ground):
    assert told(ground) == ()


def test_f6_a_plan_from_partners_data_without_an_agreement_says_so(ground):
    (said,) = told(ground, data_sharing="")
    assert said.startswith("Nothing is published: no data sharing agreement")
    assert said.endswith("(F6).")


@pytest.mark.parametrize(
    ("key", "words"),
    [("terms_of_reference", "No terms of reference"), ("education_authority", "was told which")],
)
def test_f4_c6_missing_terms_of_reference_and_an_untold_authority_are_told(ground, key, words):
    own = replace(ground.profile.governance, **{key: ""})
    profile = replace(ground.profile, governance=own)
    (said,) = duties(SimpleNamespace(inputs=ground.inputs, profile=profile), ())
    assert words in said


def test_c2_schools_without_a_named_officer_are_told_where_the_profile_asks(ground):
    people = ground.inputs.people.assign(urns="")
    assert told(ground, people=people) == ()  # the Hackney profile does not ask
    teams = replace(ground.profile.teams, officer_for_every_school=True)
    asking = SimpleNamespace(
        inputs=replace(ground.inputs, people=people), profile=replace(ground.profile, teams=teams)
    )
    found = duties(asking, ())
    names = ground.inputs.schools["name"]
    assert [said for said in found if f"{names['900001']} (900001) has no named" in said]
    assert all(said.endswith("(C2).") for said in found)
    named = SimpleNamespace(
        inputs=replace(ground.inputs, people=people.assign(urns=" ".join(names.index))),
        profile=asking.profile,
    )
    assert duties(named, ()) == ()


def test_c13_an_overdue_review_is_told_with_its_corridor(ground):
    aims = ground.inputs.aims
    early = aims.assign(review_on=aims["review_on"].mask(aims["review_on"].notna(), "2026-02-01"))
    (said,) = told(ground, aims=early.astype({"review_on": "datetime64[us]"}))
    assert said == "Corridor C1: its review was due on 01/02/2026 and is overdue (C13)."


def test_days_that_get_dark_before_the_last_patrol_ends_are_told(ground):
    def patrol(day, end_min):
        return SimpleNamespace(day=day, end_min=end_min)

    november = (
        patrol(date(2026, 11, 30), 930),
        patrol(date(2026, 11, 30), 1020),
        patrol(date(2026, 12, 1), 900),
    )
    (said,) = duties(ground, (), november)
    assert re.fullmatch(
        r"It gets dark before the last patrol ends: on 30/11/2026 at 15:\d\d\.", said
    )
    assert duties(ground, (), [patrol(date(2026, 3, 2), 1020)]) == ()
