import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_teams import shipped

from corridors.errors import ProfileError
from corridors.tables import OFFENCE_GROUPS
from corridors.teams.aims import AimEvidence, choose_aim

HACKNEY = shipped()
SERIOUS = AimEvidence((("violence", 9.0),), has_times=True, has_stable_hot_spot=True)
EVIDENCE = st.dictionaries(
    st.sampled_from(OFFENCE_GROUPS), st.floats(0, 1e4, allow_nan=False, allow_subnormal=False)
).map(lambda d: tuple(sorted(d.items())))


def suggested(by_group, *, has_times=True, has_hot_spot=True):
    return choose_aim(AimEvidence(by_group, has_times, has_hot_spot), (), HACKNEY)


def test_confirmed_aim_wins_over_evidence():
    choice = choose_aim(SERIOUS, ("early_help", "early_help"), HACKNEY)
    assert (choice.key, choice.is_confirmed) == ("early_help", True)
    assert "Confirmed" in choice.why


def test_schools_that_disagree_leave_the_aim_unconfirmed():
    choice = choose_aim(SERIOUS, ("trust", "early_help"), HACKNEY)
    assert (choice.key, choice.is_confirmed) == ("trust", False)
    assert "Build trust and confidence; Early intervention and diversion" in choice.why


def test_unknown_confirmed_aim_is_refused_with_the_known_ones():
    with pytest.raises(ProfileError, match=r"no aim 'patrolling'.*Known aims: trust"):
        choose_aim(SERIOUS, ("patrolling",), HACKNEY)


@pytest.mark.parametrize(
    ("evidence", "aim"),
    [
        ((("robbery", 1.0), ("violence", 4.0), ("vehicle", 5.0)), "enforcement"),  # 50 %
        ((("robbery", 4.0), ("other", 6.0)), "safeguarding"),  # 40 %
        ((("antisocial", 3.0), ("damage", 3.0), ("other", 4.0)), "early_help"),
        ((("other", 1.0),), "trust"),
        ((), "trust"),
        ((("violence", 0.0),), "trust"),
    ],
)
def test_first_rule_whose_share_is_reached_suggests_the_aim(evidence, aim):
    choice = suggested(evidence)
    assert (choice.key, choice.is_confirmed) == (aim, False)


def test_share_that_floats_keep_just_below_its_limit_counts():
    tenths = (("robbery", 0.1), ("violence", 0.7), ("vehicle", 0.8))
    assert math.fsum([0.1, 0.7]) / math.fsum([0.1, 0.7, 0.8]) < 0.5
    assert suggested(tenths).key == "enforcement"


def test_share_is_told_in_words():
    why = suggested((("violence", 62.0), ("vehicle", 38.0))).why
    assert "Violence, robbery and weapons make up 62% of the incidents counted" in why
    assert "(the profile asks for 50%)" in why


def test_source_without_times_cannot_ask_for_police():
    choice = suggested((("violence", 9.0), ("vehicle", 1.0)), has_times=False)
    assert choice.key == "safeguarding"
    assert "no times of day, so it cannot suggest: Disrupt victimisation" in choice.why


def test_reports_that_chance_explains_cannot_ask_for_police():
    choice = suggested((("violence", 9.0), ("vehicle", 1.0)), has_hot_spot=False)
    assert choice.key == "safeguarding"
    assert "no stable hot spot lies on the corridor, so it cannot suggest" in choice.why


@given(EVIDENCE, st.booleans(), st.booleans())
def test_aim_is_known_and_ignores_order_and_scale(evidence, has_times, has_hot_spot):
    known = {"has_times": has_times, "has_hot_spot": has_hot_spot}
    choice = suggested(evidence, **known)
    assert choice.key in {a.key for a in HACKNEY.aims}
    assert not choice.is_confirmed
    assert suggested(evidence[::-1], **known) == choice
    doubled = tuple((group, 2 * weight) for group, weight in evidence)
    assert suggested(doubled, **known) == choice
