"""Least change against what was told (C7), continuity with last week (C11), and their proof."""

from dataclasses import replace
from itertools import chain, combinations, product

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support_teams import (
    absences,
    consent,
    consents,
    earlier,
    mix,
    need,
    people,
    person,
    records,
    teams,
)
from test_solve_roster import TWO_YOUTH, _teams_of, ids, persons, profiles, solve, weeks

from corridors.teams.verify import verify_report, verify_roster

WEEK = tuple(need(f"T{d}", day=d) for d in range(5))
SIX = people(*(person(f"Y{i}", "youth_worker") for i in range(6)))
PROFILE = teams(TWO_YOUTH)


def value(roster, name):
    return next(w.value for w in roster.report.wishes if w.name == name)


def turns(needs, roster):
    return [(n, i) for n, s in zip(needs, roster.staffings, strict=True) for i in ids(s)]


def test_c7_nothing_changes_where_nothing_must():
    told = solve(WEEK, SIX, PROFILE, seed=1)
    again = solve(WEEK, records(SIX, this_roster=earlier(*turns(WEEK, told))), PROFILE, seed=99)
    assert [ids(s) for s in again.staffings] == [ids(s) for s in told.staffings]
    assert value(again, "changes") == 0


def test_c7_abstraction_changes_the_one_place_and_no_other():
    told = turns(WEEK, solve(WEEK, SIX, PROFILE, seed=1))
    gone = next(who for one, who in told if one.patrol_id == "T2")
    away = absences((gone, "2026-03-04", "2026-03-04"))
    again = solve(WEEK, records(SIX, this_roster=earlier(*told), absences=away), PROFILE, seed=5)
    assert value(again, "changes") == 2  # off the patrol, and somebody on
    assert all(s.is_staffed for s in again.staffings)
    moved = set(turns(WEEK, again)) ^ set(told)
    assert {one.patrol_id for one, _ in moved} == {"T2"}


def test_c7_somebody_who_left_the_file_is_one_change_on_each_of_their_patrols():
    told = turns(WEEK, solve(WEEK, SIX, PROFILE, seed=1))
    gone = told[0][1]
    count = sum(who == gone for _, who in told)
    left = SIX.drop(index=gone)
    again = solve(WEEK, records(left, this_roster=earlier(*told)), PROFILE)
    assert value(again, "changes") == 2 * count


def test_c7_patrols_that_are_no_more_are_no_changes():
    told = turns(WEEK, solve(WEEK, SIX, PROFILE, seed=1))
    again = solve(WEEK[:2], records(SIX, this_roster=earlier(*told)), PROFILE)
    assert value(again, "changes") == 0


def test_c7_coverage_comes_before_least_change():
    pair = people(*(person(f"Y{i}", "youth_worker") for i in range(4)))
    told = earlier(*((WEEK[0], f"Y{i}") for i in range(4)))
    both = (WEEK[0], replace(WEEK[0], patrol_id="N"))
    again = solve(both, records(pair, this_roster=told), PROFILE)
    assert all(s.is_staffed for s in again.staffings)


def test_c7_least_change_comes_before_exposure_but_never_before_consent():
    joint = mix("joint_visible", ("pcso", 1, 1), ("youth_worker", 1, 1))
    calm = mix("none", ("youth_worker", 2, 2))
    profile = teams(calm, joint)
    frame = people(person("P", "pcso"), person("Y", "youth_worker"), person("Z", "youth_worker"))
    told = earlier((WEEK[0], "P"), (WEEK[0], "Y"))
    kept = solve(WEEK[:1], records(frame, this_roster=told), profile)
    assert ids(kept.staffings[0]) == ["P", "Y"]
    withdrawn = consents(consent("Y", "on_call", given_on="2026-03-01"))
    changed = solve(WEEK[:1], records(frame, this_roster=told, consents=withdrawn), profile)
    assert ids(changed.staffings[0]) in (["P", "Z"], ["Y", "Z"])
    assert value(changed, "changes") == 2


def test_c11_same_people_come_to_the_corridor_week_after_week():
    first = solve(WEEK, SIX, PROFILE, seed=1)
    last = earlier(*turns(WEEK, first), weeks_ago=1)
    for seed in range(4):
        again = solve(WEEK, records(SIX, last_roster=last), PROFILE, seed=seed)
        assert [ids(s) for s in again.staffings] == [ids(s) for s in first.staffings]
        assert again.report.repeat_share == 1.0
        assert value(again, "continuity") == 0
    assert first.report.repeat_share is None


def test_c11_known_people_on_their_weekday_before_known_people_on_another():
    last = earlier((WEEK[0], "Y1"), (WEEK[0], "Y2"), (WEEK[1], "Y3"), (WEEK[1], "Y4"), weeks_ago=1)
    for seed in range(4):
        again = solve(WEEK[:2], records(SIX, last_roster=last), PROFILE, seed=seed)
        assert [ids(s) for s in again.staffings] == [["Y1", "Y2"], ["Y3", "Y4"]]


def test_c11_share_of_repeats_is_told():
    last = earlier((WEEK[0], "Y1"), weeks_ago=1)
    roster = solve(WEEK[:1], records(SIX, last_roster=last), PROFILE)
    assert "Y1" in ids(roster.staffings[0])
    assert roster.report.repeat_share == 0.5
    other = solve((need(urns=("100009",)),), records(SIX, last_roster=last), PROFILE)
    assert other.report.repeat_share is None


def test_c11_continuity_never_asks_for_a_larger_team():
    last = earlier(*((WEEK[0], f"Y{i}") for i in range(3)), weeks_ago=1)
    large = teams(mix("none", ("youth_worker", 2, 3)))
    assert len(ids(solve(WEEK[:1], records(SIX, last_roster=last), large).staffings[0])) == 2


def test_reported_figures_that_are_not_true_are_caught():
    told = solve(WEEK, records(SIX, last_roster=earlier((WEEK[0], "Y1"), weeks_ago=1)), PROFILE)
    kept = records(SIX, last_roster=earlier((WEEK[0], "Y1"), weeks_ago=1))
    report = told.report
    wrong = [
        *(replace(report, wishes=tuple(replace(w, value=w.value + 1) if w is one else w
                                       for w in report.wishes)) for one in report.wishes),
        replace(report, exposure=1.0),
        replace(report, repeat_share=None),
        replace(report, load=report.load[1:]),
        replace(report, costs=()),
    ]  # fmt: skip
    for bad in wrong:
        assert verify_report(WEEK, told.staffings, bad, kept, PROFILE) != ()


PLACES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=5, unique=True
)  # (patrol, person)


@given(weeks(3), persons(5), profiles(), PLACES, PLACES)
@settings(max_examples=40)
def test_c7_changes_are_the_proven_minimum_by_brute_force(needs, frame, profile, told, last):
    levels = [m.police_level for m in profile.aim("walk").mixes]
    assume(len(set(levels)) == len(levels))
    told = [(needs[k], f"P{p}") for k, p in told if k < len(needs)]
    last = [(needs[k], f"P{p}") for k, p in last if k < len(needs)]
    kept = records(frame, this_roster=earlier(*told), last_roster=earlier(*last, weeks_ago=1))
    options = [_teams_of(n, frame, profile) for n in needs]
    assume(len(options[0]) * len(options[-1]) <= 600)
    rosters = [c for c in product(*options) if not verify_roster(needs, c, kept, profile)]
    found = solve(needs, kept, profile)
    assert found.is_optimal
    assert _score(needs, found.staffings, told, last, profile) == min(
        _score(needs, one, told, last, profile) for one in rosters
    )


def _score(needs, staffings, told, last, profile):
    """Coverage, changes, exposure, order, new faces and known faces on another weekday."""
    levels = [m.police_level for m in profile.aim("walk").mixes]
    staffed = [s for s in staffings if s.is_staffed]
    here = list(chain.from_iterable(
        [(n, a.person_id) for a in s.people] for n, s in zip(needs, staffings, strict=True)
    ))  # fmt: skip
    walked = {frozenset(n.urns) for n, _ in last}
    known = {(frozenset(n.urns), who) for n, who in last}
    same_day = {(frozenset(n.urns), who, n.day.weekday()) for n, who in last}
    on_known = [(n, w) for n, w in here if frozenset(n.urns) in walked]
    again = [(n, w) for n, w in on_known if (frozenset(n.urns), w) in known]
    return (
        -len(staffed),
        len(set(here) ^ set(told)),
        sum(s.exposure for s in staffed),
        sum(levels.index(s.police_level) for s in staffed),
        len(on_known) - len(again),
        sum((frozenset(n.urns), w, n.day.weekday()) not in same_day for n, w in again),
    )


def test_pairs_of_people_and_patrols_are_compared_in_both_directions():
    told = earlier(*((WEEK[0], who) for who in ("Y0", "Y1")))
    swapped = {frozenset(pair) for pair in combinations(("Y2", "Y3", "Y4", "Y5"), 2)}
    away = absences(*((who, "2026-03-02", "2026-03-02") for who in ("Y0", "Y1")))
    again = solve(WEEK[:1], records(SIX, this_roster=told, absences=away), PROFILE)
    assert frozenset(ids(again.staffings[0])) in swapped
    assert value(again, "changes") == 4
