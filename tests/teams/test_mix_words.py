import re

from support_teams import mix, shipped, teams

from corridors.tables import POLICE_LEVELS
from corridors.teams.attendance import Attendee
from corridors.teams.mixes import LEVEL_WORDS, mix_in_words, with_police, without_police

HACKNEY = shipped()
ENFORCEMENT = HACKNEY.aim("enforcement")


def youth_workers(*levels):
    return tuple(Attendee("youth_worker", "Youth First", level) for level in levels)


def test_mix_in_words_names_roles_numbers_and_level():
    text = mix_in_words(HACKNEY.aim("early_help").mixes[0], HACKNEY)
    assert text == "youth worker (2 to 3), no police"
    assert set(LEVEL_WORDS) == set(POLICE_LEVELS)


def test_b4_says_how_police_change_who_comes():
    crowd = youth_workers("joint_visible", "nearby_not_joint", "nearby_not_joint", "none")
    text = with_police(ENFORCEMENT, crowd, HACKNEY)
    assert "police walking with the others; 1 of the 4 others" in text
    assert "police nearby, not walking with the others; 3 of the 4 others" in text
    text = without_police(HACKNEY.aim("early_help"), crowd, HACKNEY)
    assert "no police; 4 of the 4 others" in text


def test_b4_says_so_where_an_aim_has_only_one_side():
    assert "asks for none" in with_police(HACKNEY.aim("early_help"), (), HACKNEY)
    assert "no such mix" in without_police(ENFORCEMENT, (), HACKNEY)


def test_b4_gives_no_figure_that_points_at_somebody():
    for crowd in (("joint_visible", "none"), ("none",), ("none", "none", "none"), ()):
        text = with_police(ENFORCEMENT, youth_workers(*crowd), HACKNEY)
        assert "too small to be told" in text
        assert not re.search(r"\d of the", text)


def test_b4_police_only_mix_has_nobody_else_to_count():
    profile = teams(mix("joint_visible", ("pcso", 2, 2)))
    assert "nobody else walks" in with_police(profile.aims[0], (), profile)
