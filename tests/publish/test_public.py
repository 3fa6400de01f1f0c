"""The wall: what may go through it, and what makes it shut."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, timedelta

import pandas as pd
import pytest
from sample_plan import (
    WALK,
    WEEK,
    confirmed_aims,
    protocol_terms,
    sample_plan,
    sample_profile,
    with_inputs,
    with_staffing,
)
from support_approvals import agreed

from corridors import model, profile
from corridors.publish.cards import school_name
from corridors.publish.public import notice_states, publication, school_days_before, to_public

PROFILE = sample_profile()


def _published(plan: model.Plan, notice: profile.Notice = PROFILE.notice):
    return publication(agreed(plan), notice, PROFILE.teams)


def test_what_families_see():
    made = _published(sample_plan())
    (corridor,) = made.plan.corridors
    assert made.withheld == made.refused == ()
    assert corridor.schools == ("Northfield Academy",)
    assert corridor.streets == ("Cedar Road", "Fifth Lane", "Second Lane")
    assert [(p.name, p.kind) for p in corridor.places] == [
        ("Cedar Road shops", "bus_stop"), ("Fictional Green station", "station"),
    ]  # fmt: skip
    assert corridor.days == (WEEK.days[0], WEEK.days[2])
    assert (corridor.start_min, corridor.end_min) == (900, 1020)
    assert [r.title for r in corridor.roles] == [
        "Local adult you may know", "School-linked police officer", "Youth worker",
    ]  # fmt: skip
    assert made.plan.attribution == "© OpenStreetMap contributors, map data of 15 January 2026"


def test_police_roles_are_marked():
    corridor = _published(sample_plan()).plan.corridors[0]
    assert [r.title for r in corridor.roles if r.is_police] == ["School-linked police officer"]


def test_only_officers_who_agreed_are_named():
    plan = sample_plan()
    people = plan.inputs.people
    assert people.loc["P1", "print_name"]  # a youth worker who agreed is still not named
    assert people.loc["P4", "role"] == "school_linked_officer"  # walks, and did not agree
    assert _published(plan).plan.corridors[0].officer_names == ("Cara Specimen",)


@pytest.mark.parametrize(
    ("urns", "named"), [("", ()), ("100002", ()), ("100002 100001", ("Cara Specimen",))]
)
def test_only_officers_tied_to_a_school_of_the_corridor_are_named(urns, named):
    """E3: an officer of another school, or of any, is not "linked to your school"."""
    people = sample_plan().inputs.people.copy()
    people.loc["P3", "urns"] = urns
    plan = with_inputs(sample_plan(), people=people)
    assert _published(plan).plan.corridors[0].officer_names == named


@pytest.mark.parametrize("who", ["P1", "P3", "P4"])
def test_b15_police_out_of_uniform_are_told_of_by_role_and_never_by_number(who):
    people = sample_plan().inputs.people.copy()
    people.loc[who, "plain_clothes_by"] = "Chief inspector"
    (corridor,) = _published(with_inputs(sample_plan(), people=people)).plan.corridors
    told = [r.title for r in corridor.roles if r.some_out_of_uniform]
    assert told == ([] if who == "P1" else ["School-linked police officer"])


@pytest.mark.parametrize("name", ["", " ", "\u200b", "http://"])
def test_a_school_without_a_name_is_told_by_its_number(name):
    schools = sample_plan().inputs.schools.copy()
    schools.loc["100001", "name"] = name
    plan = with_inputs(sample_plan(), schools=schools)
    assert _published(plan).plan.corridors[0].schools == ("School 100001",)
    assert school_name(plan, "100001") == "School 100001"


def _no_spoc(plan: model.Plan) -> model.Plan:
    return with_inputs(plan, agreements=plan.inputs.agreements.assign(spoc=" "))


def _no_agreement(plan: model.Plan) -> model.Plan:
    return with_inputs(plan, agreements=plan.inputs.agreements.iloc[:0])


def _withdrawn(plan: model.Plan) -> model.Plan:
    day = pd.Series([pd.Timestamp(WEEK.days[0])], dtype="datetime64[us]").to_numpy()
    return with_inputs(plan, agreements=plan.inputs.agreements.assign(withdrawn_on=day))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda p: with_staffing(p, people=(), reason="Nobody is free."), "Nobody is free."),
        (lambda p: with_staffing(p, aim_is_confirmed=False), "not yet confirmed its aim"),
        (lambda p: with_staffing(p, protocol_missing=("Tenants",)), "not agreed by Tenants"),
        (_no_spoc, "named no single point of contact"),
        (_no_agreement, "no agreement on record"),
        (_withdrawn, "has withdrawn"),
        (lambda p: replace(p, corridors=()), "is not in the plan"),
    ],
)
def test_what_may_not_be_published(spoil, reason):
    plan = spoil(sample_plan())
    made = _published(plan)
    assert made.plan is None
    assert to_public(plan, PROFILE.notice, PROFILE.teams) is None
    assert len(made.refused) == 2
    assert reason in made.refused[0][1]
    states = notice_states(plan, made)
    assert all(s.startswith("Not published: ") and reason in s for s in states.values())


def _reason(plan: model.Plan) -> str:
    made = _published(plan)
    return "" if made.plan is not None else made.refused[0][1]


def test_f6_without_a_data_sharing_agreement_nothing_is_published():
    plan = with_inputs(sample_plan(), data_sharing=" ")
    assert "no data sharing agreement" in _reason(plan)
    assert "[governance]" in _reason(plan)
    # One organisation's people and a public file are nobody else's data.
    people = plan.inputs.people.assign(organisation="Police")
    times = plan.inputs.incidents["from_utc"]
    public = plan.inputs.incidents.assign(from_utc=times.where(times.isna()))
    alone = with_inputs(plan, people=people, incidents=public)
    assert _reason(alone) == ""
    assert "no data sharing" in _reason(with_inputs(alone, people=plan.inputs.people))
    assert "no data sharing" in _reason(with_inputs(alone, incidents=plan.inputs.incidents))


@pytest.mark.parametrize("level", ["none", "on_call"])
def test_b2_without_every_field_of_the_protocol_a_patrol_is_not_published(level):
    plan = with_staffing(sample_plan(), police_level=level)
    assert "is not written down" in _reason(plan)
    assert _reason(with_inputs(plan, protocol_terms=protocol_terms())) == ""
    gaps = protocol_terms(call_999="", stand_down=" ")
    assert _reason(with_inputs(plan, protocol_terms=gaps)) == (
        "the protocol does not say yet: when the team calls 999; when the patrol stands down"
    )
    late = protocol_terms(review_on="2026-03-01")
    assert "by 01/03/2026" in _reason(with_inputs(plan, protocol_terms=late))
    due = protocol_terms(review_on=WEEK.days[2].isoformat())
    assert _reason(with_inputs(plan, protocol_terms=due)) == ""


def test_b2_the_refusal_names_who_has_to_agree_and_what_is_not_said():
    plan = with_staffing(sample_plan(), police_level="none", protocol_missing=("Tenants", "Police"))
    plan = with_inputs(plan, protocol_terms=protocol_terms(channel=""))
    assert _reason(plan) == (
        "the protocol is not agreed by Tenants and Police; the protocol does not say yet: "
        "how they are reached: telephone or radio"
    )


@pytest.mark.parametrize("level", ["nearby_not_joint", "joint_visible"])
def test_b2_with_police_on_the_corridor_no_protocol_is_needed(level):
    assert _reason(with_staffing(sample_plan(), police_level=level)) == ""


def test_b8_police_alone_are_not_published_without_a_written_reason():
    team = (model.Assignment("P3", "school_linked_officer"), model.Assignment("P4", "ward_officer"))
    plan = with_staffing(sample_plan(), police_level="joint_visible", people=team)
    assert "only police walk it" in _reason(plan)
    bare = with_inputs(plan, aims=confirmed_aims())
    assert "only police walk it" in _reason(bare)
    told = with_inputs(plan, aims=confirmed_aims(police_alone_reason="Two stabbings in a week"))
    assert _reason(told) == ""
    assert _published(told).plan is not None


def test_c5_a_school_without_a_contact_is_not_published():
    assert "named no single point of contact" in _reason(_no_spoc(sample_plan()))


def test_c6_a_school_that_withdrew_is_not_published():
    assert "has withdrawn" in _reason(_withdrawn(sample_plan()))


def test_b6_a_role_without_its_card_is_not_published():
    cards = tuple(
        replace(c, does=" ") if c.role == "youth_worker" else c for c in PROFILE.teams.role_cards
    )
    made = publication(sample_plan(), PROFILE.notice, replace(PROFILE.teams, role_cards=cards))
    assert made.plan is None
    assert "no role card text for youth_worker" in made.refused[0][1]


@pytest.mark.parametrize(
    ("names", "length_m", "is_out"),
    [
        (("A", "B", "C"), 100.0, True),
        (("A", "B"), 399.9, False),
        (("A", "B"), 400.0, True),
        (("", "B", "C"), 120.0, False),
        (("",), 900.0, False),
    ],
)
def test_short_corridors_are_withheld(names, length_m, is_out):
    plan = sample_plan()
    small = replace(plan.corridors[0], street_names=names, length_m=length_m)
    plan = replace(plan, corridors=(small,))
    made = _published(plan)
    assert (made.plan is not None) == is_out
    assert [c for c, _ in made.withheld] == ([] if is_out else ["C1"])
    assert all(("On the" in s) == is_out for s in notice_states(plan, made).values())


def test_bands_are_floored_ceiled_and_never_narrow():
    def band(start: int, end: int, band_min: int = 30) -> tuple[int, int]:
        plan = sample_plan()
        patrols = tuple(replace(p, start_min=start, end_min=end) for p in plan.patrols)
        notice = replace(PROFILE.notice, band_min=band_min)
        (corridor,) = _published(replace(plan, patrols=patrols), notice).plan.corridors
        return corridor.start_min, corridor.end_min

    assert band(905, 1001) == (900, 1020)
    assert band(900, 1020) == (900, 1020)
    assert band(914, 915) == (900, 930)
    assert band(905, 1001, band_min=60) == (900, 1020)
    assert band(1425, 1440) == (1410, 1440)


def test_an_early_close_day_has_its_own_entry_with_the_same_roles():
    plan = sample_plan()
    early = replace(plan.patrols[1], start_min=765, end_min=840)
    made = _published(replace(plan, patrols=(plan.patrols[0], early))).plan
    assert [(c.days, c.start_min, c.end_min) for c in made.corridors] == [
        ((WEEK.days[0],), 900, 1020),
        ((WEEK.days[2],), 750, 840),
    ]
    assert made.corridors[0].roles == made.corridors[1].roles


def test_two_teams_on_a_day_look_like_one():
    plan = sample_plan()
    second = replace(plan.patrols[0], patrol_id="2026-03-02-T2", start_min=950, end_min=1045)
    made = _published(replace(plan, patrols=(plan.patrols[0], second))).plan
    assert [(c.days, c.start_min, c.end_min) for c in made.corridors] == [
        ((WEEK.days[0],), 900, 1050)
    ]


def test_drawn_lines_do_not_tell_direction_or_order():
    plan = sample_plan()
    lines = _published(plan).plan.corridors[0].lines_lon_lat
    assert list(lines) == sorted(lines)
    assert all(line <= line[::-1] for line in lines)
    assert all(round(x, 5) == x for line in lines for pair in line for x in pair)
    segments = plan.network.segments
    turned = segments.set_geometry(segments.geometry.reverse())
    turned = replace(plan, network=replace(plan.network, segments=turned))
    assert _published(turned).plan == _published(plan).plan


def test_routes_stands_and_weights_do_not_show():
    """What families see depends on the corridor and the patrol days, not on how it is walked."""
    plan = sample_plan()
    route = plan.patrols[0].route
    other = replace(route, node_ids=WALK[::-1], segment_ids=route.segment_ids[::-1], stands=())
    walked = replace(plan, patrols=tuple(replace(p, route=other) for p in plan.patrols))
    assert _published(walked).plan == _published(plan).plan
    assert _published(sample_plan(weight_seed=7)).plan == _published(plan).plan


def test_a_second_corridor_that_is_mostly_walked_is_told_too():
    plan = sample_plan()
    first = plan.corridors[0]
    walked = replace(first, corridor_id="C2", segment_ids=first.segment_ids[:4])
    elsewhere = replace(first, corridor_id="C3", segment_ids=(0, 1, 2, 3))
    made = _published(replace(plan, corridors=(first, walked, elsewhere)))
    assert len(made.plan.corridors) == 2
    assert made.withheld == ()


@pytest.mark.parametrize(
    ("made_on", "lead"),
    [
        (date(2026, 2, 28), 0),
        (date(2026, 2, 27), 1),
        (date(2026, 2, 24), 4),
        (date(2026, 2, 23), 4),  # INSET
        (date(2026, 2, 16), 4),  # half-term
        (date(2026, 2, 13), 5),
        (date(2026, 3, 2), 0),
        (date(2026, 3, 9), 0),
    ],
)
def test_lead_time_counts_school_days_only(made_on, lead):
    plan = with_inputs(sample_plan(), made_on=made_on)
    assert school_days_before(plan.inputs, ["100001"], WEEK.days[0]) == lead
    made = _published(plan).plan
    assert made.is_unannounced == (lead < 5)
    assert made.issued_on == made_on


def test_lead_time_skips_bank_holidays():
    plan = with_inputs(sample_plan(), made_on=date(2026, 2, 24))
    calendar = replace(plan.inputs.calendar, bank_holidays=frozenset({date(2026, 2, 25)}))
    plan = with_inputs(plan, calendar=calendar)
    assert school_days_before(plan.inputs, ["100001"], WEEK.days[0]) == 3


@pytest.mark.parametrize("text", ["", "soon", "2026-13-40", "20260115", "2026-01-15123"])
def test_a_strange_extract_date_is_not_printed(text):
    plan = sample_plan()
    plan = with_inputs(plan, streets=replace(plan.inputs.streets, extract_date=text))
    assert _published(plan).plan.attribution == "© OpenStreetMap contributors"


def test_the_public_plan_holds_no_field_of_the_plan():
    text = repr(asdict(_published(sample_plan()).plan))
    for token in ("P1", "Ada", "Ben", "Dev", "robbery", "violence", "100001", "C1", "Tenants"):
        assert token not in text


def test_order_of_patrols_and_corridors_changes_nothing():
    plan = sample_plan()
    extra = replace(plan.corridors[0], corridor_id="C2", segment_ids=(0, 1, 2, 3, 4))
    patrol = replace(
        plan.patrols[1], corridor_id="C2", patrol_id="x", day=WEEK.days[0] + timedelta(days=1)
    )
    a = replace(plan, corridors=(plan.corridors[0], extra), patrols=(*plan.patrols, patrol))
    b = replace(a, corridors=a.corridors[::-1], patrols=a.patrols[::-1])
    assert _published(a).plan == _published(b).plan
