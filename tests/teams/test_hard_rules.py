"""Rules about absence, training, vetting, postings, rest and travel: kept, and caught if broken."""

from dataclasses import replace

import pandas as pd
import pytest
from support_teams import (
    absences,
    consent,
    consents,
    mix,
    need,
    people,
    person,
    records,
    teams,
)
from test_solve_roster import JOINT, ids, solve, solve_one

from corridors.profile import TrainingNeed
from corridors.teams.verify import verify_roster

LONE = mix("none", ("youth_worker", 1, 1))
ALONE = teams(LONE, min_adults=1)
ONE = people(person("A", "youth_worker"))


def faults_under(records_, profile, staffed_by=None):
    """What verify says of a roster that was made under looser records or a looser profile."""
    loose_records, loose_profile = staffed_by or (records(ONE), ALONE)
    roster = solve((need(),), loose_records, loose_profile)
    assert roster.staffings[0].is_staffed
    return verify_roster((need(),), roster.staffings, records_, profile)


@pytest.mark.parametrize(
    ("first", "last", "is_away"),
    [
        ("2026-03-02", "2026-03-02", True),
        ("2026-02-20", "2026-03-06", True),
        ("2026-03-03", "2026-03-06", False),
        ("2026-02-20", "2026-03-01", False),
    ],
)
def test_c7_nobody_walks_on_a_day_of_absence(first, last, is_away):
    away = records(ONE, absences=absences(("A", first, last)))
    staffing = solve_one(away, ALONE)
    assert staffing.is_staffed is not is_away
    assert ("No youth worker is free on Monday." in staffing.reason) is is_away
    assert any("(C7)" in f for f in faults_under(away, ALONE)) is is_away


def test_c7_absence_of_somebody_else_changes_nothing():
    away = records(ONE, absences=absences(("B", "2026-03-02", "2026-03-02")))
    assert solve_one(away, ALONE).is_staffed


def test_b13_training_is_a_rule_only_where_the_profile_says_so():
    wanted = TrainingNeed(("youth_worker",), ("trauma", "send"))
    rule = replace(ALONE, training=(replace(wanted, is_rule=True),))
    half = people(person("A", "youth_worker", training="trauma"))
    assert not solve_one(half, rule).is_staffed
    assert "holds the training that the profile demands" in solve_one(half, rule).reason
    assert solve_one(people(person("A", "youth_worker", training="send trauma")), rule).is_staffed
    assert any("lacks training: send (B13)" in f for f in faults_under(records(half), rule))
    told = solve((need(),), half, replace(ALONE, training=(wanted,)))
    assert told.staffings[0].is_staffed
    assert "1 of those who walk lack training that the profile wants (B13)." in told.warnings
    other = replace(ALONE, training=(replace(wanted, roles=("camhs",), is_rule=True),))
    assert solve_one(half, other).is_staffed


@pytest.mark.parametrize(
    ("vetted_on", "is_vetted"),
    [(pd.NaT, False), (pd.Timestamp("2026-03-02"), True), (pd.Timestamp("2026-03-03"), False)],
)
def test_b18_vetting_by_the_day_is_off_told_or_a_rule(vetted_on, is_vetted):
    frame = people(person("A", "youth_worker", vetted_on=vetted_on))
    by = {v: solve((need(),), frame, replace(ALONE, vetting=v)) for v in ("off", "told", "rule")}
    assert by["off"].staffings[0].is_staffed
    assert by["off"].warnings == ()
    assert any("(B18)" in w for w in by["told"].warnings) is not is_vetted
    assert by["rule"].staffings[0].is_staffed is is_vetted
    faults = faults_under(records(frame), replace(ALONE, vetting="rule"))
    assert any("(B18)" in f for f in faults) is not is_vetted


def test_b14_stand_ins_walk_only_where_nobody_else_can():
    pair = people(person("A", "youth_worker", stands_in=True), person("B", "youth_worker"))
    for seed in range(6):
        roster = solve((need(),), pair, ALONE, seed=seed)
        assert ids(roster.staffings[0]) == ["B"]
    both = solve((need("T1"), need("T2")), pair, ALONE)
    assert all(s.is_staffed for s in both.staffings)
    assert {w.name: w.value for w in both.report.wishes}["stand-ins"] == 1


@pytest.mark.parametrize("posting", ["response", "public_order"])
def test_b14_response_and_public_order_never_stand_in(posting):
    profile = teams(mix("joint_visible", ("ward_officer", 1, 1)), min_adults=1)
    barred = people(person("W", "ward_officer", posting=posting, stands_in=True))
    staffing = solve_one(barred, profile)
    assert not staffing.is_staffed
    assert "may stand in" in staffing.reason
    assert solve_one(people(person("W", "ward_officer", posting=posting)), profile).is_staffed
    allowed = replace(profile, barred_postings=())
    assert solve_one(barred, allowed).is_staffed
    faults = faults_under(records(barred), profile, (records(barred), allowed))
    assert any("(B14)" in f for f in faults)


def test_b14_stand_ins_need_the_same_training():
    rule = replace(ALONE, training=(TrainingNeed(("youth_worker",), ("trauma",), is_rule=True),))
    frame = people(person("A", "youth_worker", stands_in=True))
    assert not solve_one(frame, rule).is_staffed


def test_b15_who_walks_out_of_uniform_is_told_without_naming_who_approved_it():
    frame = people(
        person("P", "pcso", plain_clothes_by="Sergeant"),
        person("Y", "youth_worker", plain_clothes_by="nobody asked"),
    )
    warned = solve_one(frame, teams(JOINT)).warnings
    assert [w for w in warned if "(B15)" in w] == [
        "Out of uniform (B15): P. The notice must say so."
    ]
    blank = people(person("P", "pcso", plain_clothes_by=" "), person("Y", "youth_worker"))
    assert not any("(B15)" in w for w in solve_one(blank, teams(JOINT)).warnings)


def test_nobody_walks_on_more_days_than_the_profile_allows():
    needs = tuple(need(f"T{d}{t}", day=d, start_min=t) for d in range(4) for t in (700, 900))
    tired = replace(ALONE, max_days_per_person=2, max_patrols_per_person=5)
    roster = solve(needs, ONE, tired)
    days = {n.day for n, s in zip(needs, roster.staffings, strict=True) if s.is_staffed}
    assert sum(s.is_staffed for s in roster.staffings) == 4
    assert len(days) == 2
    free = solve(needs, ONE, replace(tired, max_days_per_person=4))
    faults = verify_roster(needs, free.staffings, records(ONE), tired)
    assert any("days, more than 2" in f for f in faults)


@pytest.mark.parametrize(("travel_min", "both"), [(0, True), (30, True), (31, False)])
def test_time_to_travel_is_the_profiles(travel_min, both):
    far = need("T2", start_min=1050, urns=("100002",), ward_code="E05999002")
    roster = solve((need("T1"), far), ONE, replace(ALONE, travel_min=travel_min))
    assert all(s.is_staffed for s in roster.staffings) is both
    loose = solve((need("T1"), far), ONE, replace(ALONE, travel_min=0))
    strict = replace(ALONE, travel_min=travel_min)
    faults = verify_roster((need("T1"), far), loose.staffings, records(ONE), strict)
    assert any("in time" in f for f in faults) is not both


@pytest.mark.parametrize("party", ["Y", "youth first"])
def test_b3_withdrawal_counts_at_once_and_is_caught(party):
    kind = "person" if party == "Y" else "organisation"
    frame = people(person("P", "pcso"), person("Y", "youth_worker"))
    withdrawn = records(
        frame, consents=consents(consent(party, "on_call", party_kind=kind, given_on="2026-03-02"))
    )
    assert not solve_one(withdrawn, teams(JOINT)).is_staffed
    faults = faults_under(withdrawn, teams(JOINT), (records(frame), teams(JOINT)))
    assert faults == ("T1: 1 of its people did not agree to joint_visible (B3)",)


def test_consent_that_ran_out_is_told_without_a_name_or_number():
    frame = people(*(person(f"Y{i}", "youth_worker") for i in range(2)))
    ended = records(frame, consents=consents(consent("Y0", "none", expires_on="2026-02-27")))
    warned = solve((need(),), ended, ALONE).warnings
    assert len([w for w in warned if "ran out" in w]) == 1
    assert "Y0" not in " ".join(warned)
    assert solve((need(),), records(frame), ALONE).warnings != warned
