"""B4 as totals that cannot be taken from each other until they point at one person."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from support_teams import consent, consents, need, people, person, records

from corridors.teams.attendance import (
    SMALLEST_TOLD,
    Attendee,
    attendance,
    attendees,
    count_coming,
    groups,
)
from corridors.teams.candidates import people_of

ROLES = ("camhs", "familiar_adult", "school_staff", "youth_worker")
CROWDS = st.lists(
    st.builds(
        Attendee,
        st.sampled_from(ROLES),
        st.sampled_from(("One", "one ", "Two", "Three")),
        st.sampled_from(("none", "on_call", "joint_visible")),
    ),
    max_size=14,
).map(tuple)


@given(CROWDS)
def test_b4_no_group_is_smaller_than_the_smallest_told(crowd):
    made = groups(crowd)
    assert sorted(key for g in made for key in g) == sorted({a.key for a in crowd})
    sizes = [sum(a.key in g for a in crowd) for g in made]
    assert all(size >= SMALLEST_TOLD for size in sizes) or len(made) <= 1


@given(CROWDS)
def test_b4_no_two_figures_differ_by_fewer_people_than_may_be_told(crowd):
    # Every figure is about a set of people; the difference of two nested sets is a figure too.
    told = [set()]
    told += [
        {i for i, a in enumerate(crowd) if a.role in roles}
        for size in range(1, len(ROLES) + 1)
        for roles in combinations(ROLES, size)
        if count_coming(crowd, roles, "on_call") is not None
    ]
    for row in attendance(crowd, ("on_call",)):
        if row.people is not None:
            name = " ".join(row.name.split()).casefold()
            told.append(
                {
                    i
                    for i, a in enumerate(crowd)
                    if name in (a.role, a.organisation.strip().casefold())
                }
            )
    for one, other in combinations(told, 2):
        for rest in (one - other, other - one, one & other):
            assert not rest or len(rest) >= SMALLEST_TOLD


def test_b4_small_roles_are_told_together_only():
    crowd = (*(Attendee("youth_worker", "One", "on_call"),) * 4, Attendee("camhs", "Two", "none"))
    assert count_coming(crowd, ("youth_worker",), "on_call") is None
    assert count_coming(crowd, ("youth_worker", "camhs"), "on_call") == (4, 5)


def test_b4_rows_by_role_and_organisation():
    crowd = (
        *(Attendee("youth_worker", "One", "on_call"),) * 3,
        *(Attendee("school_staff", "Two", "joint_visible"),) * 3,
    )
    rows = {(r.kind, r.name): r.coming for r in attendance(crowd, ("on_call",))}
    assert rows == {
        ("role", "youth_worker"): 3, ("role", "school_staff"): 3,
        ("organisation", "One"): 3, ("organisation", "Two"): 3,
    }  # fmt: skip
    joint = {(r.kind, r.name): r.coming for r in attendance(crowd, ("joint_visible",))}
    assert joint["role", "youth_worker"] is None  # nobody left: not told
    assert joint["role", "school_staff"] == 3


def test_b4_consent_for_some_patrols_counts_for_all_of_them_and_absences_count():
    frame = people(*(person(f"Y{i}", "youth_worker") for i in range(4)), person("P", "pcso"))
    kept = records(frame, consents=consents(consent("Y0", "none", urns="100002")))
    week = (need("T1"), need("T2", day=1, urns=("100002",)))
    found = attendees(people_of(kept), week, "E05999001")
    assert sorted(a.level for a in found) == ["joint_visible"] * 3 + ["none"]
    assert attendees(people_of(kept), week, "E05999002") == ()
