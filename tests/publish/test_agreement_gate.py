"""What a school did not agree to never comes through the wall (C9, C8)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_plan import sample_plan, sample_profile, with_inputs, with_staffing
from support_approvals import agreed, approvals_for, approvals_of

from corridors import publish
from corridors.model import Assignment
from corridors.publish.public import NO_APPROVALS, publication
from corridors.teams.agreement import entries_of

PROFILE = sample_profile()


def _reasons(plan) -> set[str]:
    made = publication(plan, PROFILE.notice, PROFILE.teams)
    assert (made.plan is None) == (len(made.refused) == len(plan.patrols))
    return {reason for _, reason in made.refused}


def test_c9_without_a_log_nothing_is_agreed_and_the_way_to_begin_is_told():
    assert _reasons(with_inputs(sample_plan(), approvals=None)) == {NO_APPROVALS}
    assert "corridors approve" in NO_APPROVALS


@pytest.mark.parametrize("state", ["designed", "proposed"])
def test_c9_proposed_is_not_agreed(state):
    plan = sample_plan()
    plan = with_inputs(plan, approvals=approvals_for(plan, state))
    assert _reasons(plan) == {
        "not yet agreed with the Deputy head, pastoral (SPOC) of Northfield Academy"
    }


@pytest.mark.parametrize("column", ["ward", "week", "urn"])
def test_c9_an_agreement_about_something_else_does_not_count(column):
    plan = sample_plan()
    rows = [
        replace(e, **{column: {"ward": "E05999002", "week": "2026-W11", "urn": "100002"}[column]})
        for e in entries_of(plan.inputs.approvals)
    ]
    assert "not yet agreed" in _reasons(with_inputs(plan, approvals=approvals_of(rows))).pop()


@pytest.mark.parametrize(
    "change",
    [
        lambda p: with_staffing(p, police_level="joint_visible"),
        lambda p: with_staffing(p, people=(Assignment("P1", "youth_worker"),)),
        lambda p: replace(p, patrols=tuple(replace(q, start_min=906) for q in p.patrols)),
    ],
)
def test_c9_what_changed_has_to_be_agreed_again(change):
    plan = change(sample_plan())
    assert _reasons(plan) == {"changed since Northfield Academy agreed on 03/02/2026: agree again"}
    assert not _reasons(agreed(plan))


def test_c9_a_colleague_of_the_same_role_needs_no_new_agreement():
    plan = sample_plan()
    people = tuple(
        replace(a, person_id="P4") if a.person_id == "P3" else a
        for a in plan.patrols[0].staffing.people
    )
    assert not _reasons(with_staffing(plan, people=people))


def test_c8_a_cancelled_patrol_leaves_the_others_on_the_notice(tmp_path):
    plan = sample_plan()
    publish.write(plan, PROFILE, tmp_path)
    fewer = replace(plan, patrols=plan.patrols[:1])
    assert not _reasons(fewer)
    publish.write(fewer, PROFILE, tmp_path)
    (notice,) = tmp_path.glob("maps/public/*/*/notice.html")
    assert "Version 2 of this notice" in notice.read_text("utf-8")
    unknown = with_inputs(fewer, remits=())
    assert "agree again" in _reasons(unknown).pop()


def test_c9_a_corridor_that_others_walk_is_not_named_before_its_school_agreed():
    plan = sample_plan()
    second = replace(plan.corridors[0], corridor_id="C2", urns=("100002",))
    agreements = plan.inputs.agreements
    both = agreements.reindex(["100001", "100002"]).ffill()
    both.index.name = "urn"
    made = publication(
        with_inputs(replace(plan, corridors=(*plan.corridors, second)), agreements=both),
        PROFILE.notice,
        PROFILE.teams,
    )
    assert made.plan is not None
    assert all(c.schools == ("Northfield Academy",) for c in made.plan.corridors)
    assert made.withheld == (("C2", "Southbrook School has not agreed to any patrol of this week"),)
