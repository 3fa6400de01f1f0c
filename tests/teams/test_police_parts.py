from __future__ import annotations

from dataclasses import replace

import pytest
from support_teams import mix, teams

from corridors.model import Assignment, Staffing
from corridors.teams.parts import Part, part_of, quadrant_words, support_words

LEAD = replace(mix("joint_visible", ("ward_officer", 2, 2)), police_part="lead")
SUPPORT = replace(
    mix("joint_visible", ("ward_officer", 1, 1), ("youth_worker", 1, 2)),
    police_part="support",
    leaning="community_support",
)
ALONE = mix("on_call", ("youth_worker", 2, 3))
PROFILE = teams(LEAD, SUPPORT, ALONE)


def staffing(level: str, *roles: str) -> Staffing:
    people = tuple(Assignment(f"P{i}", role) for i, role in enumerate(roles))
    police = sum(role == "ward_officer" for role in roles)
    return Staffing("T1", "walk", True, level, people, "", "", "", (), 60 * police, 0.0)


def test_b10_the_part_is_that_of_the_mix_that_was_staffed():
    assert part_of(staffing("joint_visible", "ward_officer", "ward_officer"), PROFILE) == Part(
        "lead", ""
    )
    team = ("ward_officer", "youth_worker")
    assert part_of(staffing("joint_visible", *team), PROFILE) == Part(
        "support", "community_support"
    )
    assert part_of(staffing("on_call", "youth_worker", "youth_worker"), PROFILE) == Part("", "")
    assert part_of(staffing("joint_visible"), PROFILE) == Part("", "")


def test_b10_police_alone_are_not_taken_for_a_team_with_others():
    alone = replace(mix("joint_visible", ("ward_officer", 1, 2)), police_part="lead")
    profile = teams(SUPPORT, alone)
    assert part_of(staffing("joint_visible", "ward_officer"), profile).police == "lead"


def test_b10_the_share_of_patrols_on_which_police_support_is_told():
    week = [
        staffing("joint_visible", "ward_officer", "ward_officer"),
        *[staffing("joint_visible", "ward_officer", "youth_worker")] * 3,
        *[staffing("on_call", "youth_worker", "youth_worker")] * 4,
    ]
    assert support_words(week, PROFILE) == (
        "Police are on 4 patrols: they support on 3 (75%) and lead on 1."
    )
    assert support_words(week[:1], PROFILE).startswith("Police are on 1 patrol: ")
    assert support_words(week[4:], PROFILE) == ""
    silent = teams(replace(LEAD, police_part=""))
    assert "Not recorded: 1." in support_words(week[:1], silent)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (Part("support", "community_support"), "police support, community support"),
        (Part("", "enforcement"), "enforcement"),
        (Part("", ""), ""),
    ],
)
def test_quadrant_words(part, words):
    assert quadrant_words(part) == words
