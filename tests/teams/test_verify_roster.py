"""``verify_roster`` must catch each rule's breach; each case spoils one thing of a good roster."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_teams import mix, need, people, person, records, teams

from corridors.model import Assignment, Staffing
from corridors.profile import Mix, RoleNeed
from corridors.tables import People
from corridors.teams.verify import _fits, verify_roster

JOINT = mix("joint_visible", ("school_linked_officer", 1, 1), ("youth_worker", 1, 2))
CALM = mix("on_call", ("youth_worker", 1, 2), ("familiar_adult", 1, 2))
PROFILE = teams(JOINT, CALM, max_patrols_per_person=2)
NEED = need()
CROWD = (
    person("O", "school_linked_officer"),
    person("Y", "youth_worker"),
    person("F", "familiar_adult", accepts_police="on_call"),
)
GOOD = Staffing(
    patrol_id="T1",
    aim="walk",
    aim_is_confirmed=False,
    police_level="joint_visible",
    people=(Assignment("O", "school_linked_officer"), Assignment("Y", "youth_worker")),
    reason="Because.",
    with_police="",
    without_police="",
    protocol_missing=(),
    police_minutes=120,
    exposure=12000.0,
)


def check(staffing=GOOD, one=NEED, profile=PROFILE, **changes):
    rows = (row | changes.get(str(row["person_id"]), {}) for row in CROWD)
    return verify_roster((one,), (staffing,), records(people(*rows)), profile)


def test_good_roster_has_no_fault():
    assert check() == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"aim": "other"}, "(A1)"),
        ({"aim_is_confirmed": True}, "(A1)"),
        ({"reason": " "}, "no reason"),
        ({"police_level": "on_call"}, "(B1)"),
        ({"police_level": "on_call"}, "police walk where the mix has none"),
        ({"police_level": "lots"}, "no police level"),
        ({"police_minutes": 60}, "60 police minutes are told, 120 are worked"),
        ({"exposure": 11000.0}, "(A6)"),
        ({"people": GOOD.people[::-1]}, "not in order"),
        ({"people": (*GOOD.people, GOOD.people[1])}, "twice"),
        ({"people": (Assignment("O", "pcso"), GOOD.people[1])}, "does not have the role pcso"),
        ({"people": (Assignment("N", "pcso"),)}, "N is not in the people file"),
        ({"people": GOOD.people[:1]}, "1 adults, fewer than 2"),
        ({"people": GOOD.people[1:]}, "the mix says that police walk, but none do"),
        ({"people": ()}, "nobody walks, yet it counts police"),
        (
            {"people": (Assignment("F", "familiar_adult"), *GOOD.people)},
            "no mix of the aim walk at joint_visible (B1)",
        ),
        (
            {"people": (Assignment("F", "familiar_adult"), *GOOD.people)},
            "1 of its people did not agree to joint_visible (B3)",
        ),
    ],
)
def test_tampered_staffing_is_caught(change, fault):
    faults = check(replace(GOOD, **change))
    assert any(fault in f for f in faults), faults
    assert all("T1" in f for f in faults)


@pytest.mark.parametrize(
    ("who", "change", "fault"),
    [
        ("Y", {People.accepts_police: "nearby_not_joint"}, "(B3)"),
        ("Y", {People.available: "Tue Wed"}, "Y is not free on Mon"),
        ("O", {People.wards: "E05999002"}, "O does not work in ward E05999001 (C4)"),
        ("O", {People.urns: "100002 100003"}, "O is not tied to a school of this patrol (C1)"),
        ("O", {People.role: "ward_officer"}, "does not have the role"),
    ],
)
def test_person_who_may_not_walk_is_caught(who, change, fault):
    faults = check(**{who: change})
    assert any(fault in f for f in faults), faults


def test_b3_fault_names_nobody():
    faults = check(Y={People.accepts_police: "none"})
    assert faults == ("T1: 1 of its people did not agree to joint_visible (B3)",)


def test_b11_missing_purpose_is_caught():
    aim = replace(PROFILE.aims[0], policing_purpose=" ")
    assert check(profile=replace(PROFILE, aims=(aim,))) == (
        "T1: police walk without a policing purpose (B11)",
    )


@pytest.mark.parametrize(
    ("others", "fault"),
    [
        ([need("T2", day=1), need("T3", day=2)], "on 3 patrols, more than 2"),
        ([need("T2", start_min=1019)], "is on T1 and T2 at one time"),
        (
            [need("T2", start_min=1034, urns=("100002",), ward_code="E05999002")],
            "cannot get from one to the other of T1 and T2 in time",
        ),
        ([need("T2", day=1, urns=("100002", "100003"))], "O covers 3 schools, more than 2 (C1)"),
    ],
)
def test_week_that_is_too_much_is_caught(others, fault):
    needs = (NEED, *others)
    staffings = tuple(replace(GOOD, patrol_id=n.patrol_id) for n in needs)
    faults = verify_roster(needs, staffings, records(people(*CROWD)), PROFILE)
    assert any(fault in f for f in faults), faults
    assert (
        verify_roster(needs[::-1], staffings[::-1], records(people(*CROWD[::-1])), PROFILE)[-2:]
        == (faults[-2:])
    )


def test_roster_of_other_patrols_is_caught():
    assert verify_roster((NEED, need("T2")), (GOOD,), records(people(*CROWD)), PROFILE)
    assert verify_roster((need("T2"),), (GOOD,), records(people(*CROWD)), PROFILE)


ROLES = ("youth_worker", "familiar_adult", "camhs")
PLACES = st.builds(
    lambda roles, low, more: RoleNeed(tuple(sorted(roles)), low, low + more),
    st.sets(st.sampled_from(ROLES), min_size=1),
    st.integers(0, 2),
    st.integers(0, 2),
)


def _placed(needs, team):
    """Whether ``team`` can be placed, by trying every place for everybody."""
    if not team:
        return all(n.minimum <= 0 for n in needs)
    return any(
        _placed(
            [one_filled(n) if j == i else n for j, n in enumerate(needs)],
            team[1:],
        )
        for i, n in enumerate(needs)
        if team[0] in n.roles and n.maximum > 0
    )


def one_filled(place):
    return RoleNeed(place.roles, max(place.minimum - 1, 0), place.maximum - 1)


@given(st.lists(PLACES, min_size=1, max_size=3), st.lists(st.sampled_from(ROLES), max_size=5))
def test_fit_of_a_team_agrees_with_trying_every_place(places, team):
    counted = {role: team.count(role) for role in ROLES}
    assert _fits(Mix("none", tuple(places)), Counter(counted)) == _placed(places, team)
