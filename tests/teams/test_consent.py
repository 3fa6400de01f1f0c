"""How near police a person accepts: the lowest of all that applies, at once, without a reason."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_teams import consent, consents, need, people, person, records

from corridors.tables import POLICE_LEVELS, Consents, People
from corridors.teams.candidates import accepted_level, accepts, people_of

FRAME = people(person("A", "youth_worker", organisation="Youth First"))


def level(*rows, standing="joint_visible", **changes):
    frame = FRAME.assign(**{People.accepts_police: standing})
    one = people_of(records(frame, consents=consents(*rows)))[0]
    return accepted_level(one, need(**changes))


def test_b3_without_a_row_the_standing_answer_counts():
    assert level(standing="on_call") == "on_call"
    alone = people_of(records(FRAME))[0]
    assert accepted_level(alone, need()) == "joint_visible"


def test_b3_lowest_row_counts_and_none_lifts_the_standing_answer():
    rows = (consent("A", "joint_visible"), consent("A", "on_call"), consent("A", "none"))
    assert level(*rows) == "none"
    assert level(*rows[:2]) == "on_call"
    assert level(rows[0], standing="nearby_not_joint") == "nearby_not_joint"


@pytest.mark.parametrize("party", ["Youth First", "  youth   FIRST "])
def test_b3_organisation_binds_its_people_whatever_the_spelling(party):
    row = consent(party, "none", party_kind="organisation")
    assert level(row) == "none"
    assert level(row | {Consents.party: "Another"}) == "joint_visible"


def test_b3_person_is_compared_exactly():
    assert level(consent("a", "none")) == "joint_visible"


@pytest.mark.parametrize(
    ("scope", "applies"),
    [
        ({Consents.urns: "100009"}, False),
        ({Consents.urns: "100009 100001"}, True),
        ({Consents.aims: "other"}, False),
        ({Consents.aims: "other walk"}, True),
        ({Consents.urns: "100001", Consents.aims: "other"}, False),
    ],
)
def test_b3_row_is_about_its_schools_and_aims_only(scope, applies):
    assert level(consent("A", "none", **scope)) == ("none" if applies else "joint_visible")


@pytest.mark.parametrize(
    ("given_on", "expires_on", "applies"),
    [
        ("2026-03-02", None, True),  # given on the patrol's day, after the plan was made
        ("2026-03-03", None, False),  # from the day after
        ("2026-01-01", "2026-03-02", True),  # the last day
        ("2026-01-01", "2026-03-01", False),  # ran out: the standing answer counts again
    ],
)
def test_b3_row_counts_from_its_day_to_its_last_whenever_the_plan_was_made(
    given_on, expires_on, applies
):
    row = consent("A", "none", given_on=given_on, expires_on=expires_on)
    assert level(row) == ("none" if applies else "joint_visible")


def test_b3_when_a_row_runs_out_the_others_still_hold():
    ended = consent("A", "none", expires_on="2026-02-28")
    assert level(ended, consent("A", "on_call")) == "on_call"
    assert level(ended, standing="nearby_not_joint") == "nearby_not_joint"


def test_b3_police_need_not_agree_to_police():
    frame = people(person("P", "pcso", accepts_police="none"))
    one = people_of(records(frame, consents=consents(consent("P", "none"))))[0]
    assert accepts(one, need(), "joint_visible")


ROWS = st.builds(
    consent,
    st.sampled_from(["A", "B"]),
    st.sampled_from(POLICE_LEVELS),
    urns=st.sampled_from(["", "100001", "100002"]),
    aims=st.sampled_from(["", "walk", "other"]),
    given_on=st.dates(date(2026, 2, 25), date(2026, 3, 6)),
    expires_on=st.none() | st.dates(date(2026, 2, 25), date(2026, 3, 6)),
)


@given(st.lists(ROWS, max_size=5), st.sampled_from(POLICE_LEVELS), ROWS)
def test_b3_another_row_never_brings_police_nearer(rows, standing, another):
    before, after = level(*rows, standing=standing), level(*rows, another, standing=standing)
    assert POLICE_LEVELS.index(after) <= POLICE_LEVELS.index(before)
    assert POLICE_LEVELS.index(before) <= POLICE_LEVELS.index(standing)


def test_no_reason_is_stored():
    assert not [c for c in Consents.columns() if "reason" in c or "why" in c or "note" in c]
