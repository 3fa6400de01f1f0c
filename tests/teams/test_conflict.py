"""Patrols that could each be staffed, but not all: a smallest set of clashing rules, in words."""

from dataclasses import replace

from hypothesis import given, settings
from support_teams import mix, need, people, person, records, teams
from test_solve_roster import TWO_YOUTH, persons, profiles, solve, weeks, youth

from corridors.teams.candidates import people_of
from corridors.teams.conflict import crowded_out
from corridors.teams.program import Asked
from corridors.teams.search import Effort
from corridors.teams.search import solve as search


def clashes(needs, frame, profile, seed=7):
    asked = Asked(tuple(needs), people_of(records(frame)), profile)
    return crowded_out(asked, search(asked, Effort(seed)).choices, seed)


def test_two_patrols_at_one_time_clash_over_the_same_two_people():
    needs = (need("T1"), need("T2"), need("T3", day=1))
    ((left, found),) = clashes(needs, youth({}, {}), teams(TWO_YOUTH)).items()
    assert {left, *found.patrol_ids} == {"T1", "T2"}
    assert found.rules == ("nobody is in two places at one time on Monday",)
    reason = next(
        s.reason
        for s in solve(needs, youth({}, {}), teams(TWO_YOUTH)).staffings
        if not s.is_staffed
    )
    assert "The smallest clash: this patrol cannot go out together with T" in reason
    assert "two places at one time on Monday. They want a youth worker." in reason


def test_limit_of_the_week_clashes_with_all_patrols_at_it():
    needs = tuple(need(f"T{d}", day=d) for d in range(3))
    profile = teams(TWO_YOUTH, max_patrols_per_person=2)
    ((left, found),) = clashes(needs, youth({}, {}), profile).items()
    assert {left, *found.patrol_ids} == {"T0", "T1", "T2"}
    assert found.rules == ("nobody has more than 2 patrols in the week",)


def test_rest_and_officers_schools_are_told_by_name():
    needs = tuple(need(f"T{d}", day=d) for d in range(3))
    ((_, found),) = clashes(needs, youth({}, {}), teams(TWO_YOUTH, max_days_per_person=2)).items()
    assert found.rules == ("nobody walks on more than 2 days",)
    frame = people(person("O", "school_linked_officer"))
    profile = teams(mix("joint_visible", ("school_linked_officer", 1, 1)), min_adults=1)
    apart = tuple(replace(n, urns=(n.patrol_id,)) for n in needs)
    ((_, found),) = clashes(apart, frame, profile).items()
    assert found.rules == ("no school-linked officer has more than 2 schools",)


def test_clash_of_one_patrol_alone_is_not_told_twice():
    assert clashes((need(),), youth({}), teams(TWO_YOUTH)) == {}


def test_b3_clash_of_the_week_names_nobody():
    names = ("secret-0", "secret-1", "secret-2")
    frame = people(
        *(person(n, "youth_worker", accepts_police="none") for n in names), person("P", "pcso")
    )
    needs = (need("T1"), need("T2"), need("T3"))
    joined = teams(mix("none", ("youth_worker", 2, 2)))
    texts = [s.reason for s in solve(needs, frame, joined).staffings if not s.is_staffed]
    assert texts
    assert all("smallest clash" in text and "secret" not in text for text in texts)


@given(weeks(5), persons(6), profiles())
@settings(max_examples=30)
def test_every_rule_of_a_smallest_clash_is_needed(needs, frame, profile):
    for left, found in clashes(needs, frame, profile).items():
        group = tuple(n for n in needs if n.patrol_id in (left, *found.patrol_ids))
        assert not _all_staffed(group, frame, profile)  # they clash ...
        for one in found.patrol_ids:  # ... and without any one of them they do not
            rest = tuple(n for n in group if n.patrol_id != one)
            assert _all_staffed(rest, frame, _only(found.rules, profile, rest))


def _all_staffed(group, frame, profile):
    return all(s.is_staffed for s in solve(group, frame, profile).staffings)


def _only(rules, profile, group):
    """The profile with only the week's rules that the clash names; times hold all the same."""
    schools = len({u for n in group for u in n.urns})
    is_kept = " ".join(rules)
    return replace(
        profile,
        max_patrols_per_person=(
            profile.max_patrols_per_person if "patrols in the week" in is_kept else len(group)
        ),
        max_days_per_person=profile.max_days_per_person if "days" in is_kept else 5,
        schools_per_officer=(
            profile.schools_per_officer if "officer has more" in is_kept
            else max(schools, profile.schools_per_officer)
        ),
    )  # fmt: skip
