from datetime import date

import pytest
from support_teams import MADE_ON, people, person, protocol, records

from corridors.teams.candidates import people_of
from corridors.teams.protocol import NO_ORGANISATION, missing_parties

EVERYBODY = people_of(
    records(
        people(
            person("A", "youth_worker", organisation="Youth First"),
            person("B", "familiar_adult", organisation="Local Trust"),
            person("C", "familiar_adult", organisation="Not in the team"),
            person("P", "pcso", organisation="Met Police"),
        )
    )
)
TEAM = EVERYBODY[:2]
SIGNED = {"Youth_First": "2026-01-01", "Local_Trust": "2026-01-01", "Met_Police": "2026-01-01"}


def missing(level="on_call", team=TEAM, everybody=EVERYBODY, made_on=MADE_ON, **changes):
    parties = {k: v for k, v in (SIGNED | changes).items() if v != "absent"}
    return missing_parties(level, team, everybody, protocol(**parties), (made_on, made_on))


@pytest.mark.parametrize("level", ["none", "on_call"])
def test_b2_every_party_must_have_agreed(level):
    assert missing(level) == ()
    assert missing(level, Met_Police="absent") == ("Met Police",)
    assert missing(level, Youth_First=None, Local_Trust="absent") == ("Local Trust", "Youth First")


@pytest.mark.parametrize("level", ["nearby_not_joint", "joint_visible"])
def test_b2_is_about_patrols_without_police_beside_them(level):
    assert missing(level, Met_Police="absent", Youth_First="absent") == ()


@pytest.mark.parametrize(
    ("dates", "is_missing"),
    [
        ("2026-02-20", False),  # agreed on the day
        ("2026-02-21", True),  # agreed the day after
        (("2026-01-01", "2026-02-20"), False),  # reviewed on the day
        (("2026-01-01", "2026-02-19"), True),  # lapsed
        ((None, "2027-01-01"), True),
    ],
)
def test_b2_agreement_is_in_force_from_its_date_to_its_review(dates, is_missing):
    found = missing(Youth_First=dates)
    assert len(found) == is_missing
    assert all(name.startswith("Youth First") for name in found)


def test_b2_an_agreement_must_still_hold_on_the_day_of_the_patrol():
    signed = protocol(**SIGNED | {"Youth_First": ("2026-01-01", "2026-03-03")})
    days = {d: (MADE_ON, date(2026, 3, d)) for d in (3, 4)}
    assert missing_parties("on_call", TEAM, EVERYBODY, signed, days[3]) == ()
    lapsed = missing_parties("on_call", TEAM, EVERYBODY, signed, days[4])
    assert lapsed == ("Youth First (review was due on 03/03/2026)",)


def test_b2_every_party_that_the_file_names_must_have_agreed():
    assert missing(School="2026-01-01") == ()
    assert missing(School=None) == ("School",)


def test_b2_other_organisations_need_not_agree():
    assert "Not in the team" not in missing()


def test_b2_without_police_in_the_file_the_police_are_a_party_all_the_same():
    assert missing(everybody=TEAM, Met_Police="absent") == ("Police",)
    assert missing(everybody=TEAM, Police="2026-01-01") == ()


def test_b2_volunteer_without_an_organisation_is_told():
    alone = people_of(records(people(person("A", "youth_worker", organisation=""))))
    assert missing(team=alone) == (NO_ORGANISATION,)


def test_b2_names_are_compared_without_case_and_spaces_and_the_stricter_row_counts():
    same = people_of(records(people(person("A", "youth_worker", organisation="YOUTH  first "))))
    assert missing(team=same) == ()
    signed_twice = protocol(Youth_First="2026-01-01", youth_first=None, Met_Police="2026-01-01")
    assert missing_parties("none", TEAM[:1], EVERYBODY, signed_twice, (MADE_ON, MADE_ON)) == (
        "Youth First",
    )


def test_b2_date_decides_not_the_clock():
    assert missing(made_on=date(2025, 12, 31)) == ("Local Trust", "Met Police", "Youth First")
