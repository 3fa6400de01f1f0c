"""Costs by organisation (B17), minutes by school (C10), repeats and loads."""

import pytest
from support_teams import earlier, need, people, person, records

from corridors.model import Assignment, RosterReport, Staffing
from corridors.teams.candidates import people_of
from corridors.teams.figures import costs, loads, repeat_share, school_minutes, total_cost
from corridors.teams.records import turns_of

CROWD = people_of(records(people(
    person("A", "youth_worker", organisation="Youth First", pay_per_hour=18.0),
    person("B", "familiar_adult", organisation="Volunteers", pay_per_hour=0.0),
    person("C", "school_staff", organisation="School"),
    person("D", "youth_worker", organisation="Youth First", pay_per_hour=30.0),
)))  # fmt: skip


def staffing(*who):
    roles = {p.person_id: p.role for p in CROWD}
    return Staffing(
        "T1", "walk", False, "none", tuple(Assignment(i, roles[i]) for i in who), "because",
        "", "", (), 0, 0.0,
    )  # fmt: skip


STAFFED = (
    (need("T1"), staffing("A", "B")),
    (need("T2", day=1, urns=("100001", "100002")), staffing("A", "C", "D")),
    (need("T3", day=2, urns=("100003",)), staffing()),
)


def test_b17_cost_by_organisation_tells_paid_unpaid_and_unrecorded_time_apart():
    found = {c.organisation: c for c in costs(STAFFED, CROWD)}
    assert list(found) == ["School", "Volunteers", "Youth First"]
    assert found["Youth First"].cost_gbp == pytest.approx(2 * 18 + 2 * 18 + 2 * 30)
    assert (found["Youth First"].person_minutes, found["Youth First"].unpaid_minutes) == (360, 0)
    assert (found["Volunteers"].unpaid_minutes, found["Volunteers"].cost_gbp) == (120, 0.0)
    assert (found["School"].unrecorded_minutes, found["School"].unpaid_minutes) == (120, 0)


def test_b17_cost_of_one_patrol_for_its_card_and_the_parts_make_the_whole():
    parts = [total_cost(costs((one,), CROWD)) for one in STAFFED]
    assert [round(p.cost_gbp) for p in parts] == [36, 96, 0]
    assert total_cost(parts) == total_cost(costs(STAFFED, CROWD))


def test_c10_minutes_by_school_also_where_nobody_walks():
    rolls = {"100001": 1000.0, "100002": 500.0, "100003": 800.0, "100004": 300.0}
    found = {s.urn: (s.minutes, s.per_1000_pupils) for s in school_minutes(STAFFED, rolls)}
    assert found == {
        "100001": (240, 240.0), "100002": (120, 240.0), "100003": (0, 0.0), "100004": (0, 0.0),
    }  # fmt: skip


def test_c10_ratio_is_of_all_schools_or_of_none():
    both = school_minutes(STAFFED[:2], {"100001": 2000.0, "100002": 500.0})
    assert RosterReport(schools=both).minutes_ratio == pytest.approx(2.0)
    zero = school_minutes(STAFFED, {"100001": 2000.0, "100003": 500.0})
    assert RosterReport(schools=zero).minutes_ratio is None
    assert RosterReport().minutes_ratio is None


def test_c11_share_is_of_corridors_that_were_walked():
    last = turns_of(earlier((STAFFED[0][0], "A"), weeks_ago=1))
    assert repeat_share(STAFFED, last) == 0.5
    assert repeat_share(STAFFED, ()) is None
    assert repeat_share(STAFFED, None) is None


def test_load_is_of_those_who_walk():
    assert loads(STAFFED) == (1, 1, 1, 2)
