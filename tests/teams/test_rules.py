"""Every rule has code that keeps it and a test that is named after it."""

import importlib
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from support_teams import absences, mix, need, people, person, protocol, records, shipped, teams
from test_solve_roster import ids, solve

from corridors.publish.cards import CARD_RULES
from corridors.teams.rules import RULES

TESTS = Path(__file__).resolve().parents[1]
NAMES = [
    name
    for file in sorted(TESTS.rglob("test_*.py"))
    for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule_id)
def test_rule_is_kept_by_code_that_is_there_and_has_a_test(rule):
    module, _, name = rule.enforced_by.partition(":")
    assert callable(getattr(importlib.import_module(module), name))
    tested = re.compile(rf"test_(\w+_)?{rule.rule_id.lower()}_")
    assert any(tested.match(name) for name in NAMES)
    assert rule.words.endswith(".")


def test_no_rule_is_listed_twice():
    assert max(Counter(rule.rule_id for rule in RULES).values()) == 1


def test_b6_a_role_without_a_card_makes_no_profile():
    profile = shipped()
    with pytest.raises(ValueError, match=r"no role card for camhs \(B6\)"):
        replace(profile, role_cards=tuple(c for c in profile.role_cards if c.role != "camhs"))


def test_c8_after_abstraction_the_mix_without_police_needs_the_protocol():
    nearby = mix("nearby_not_joint", ("pcso", 1, 1), ("youth_worker", 1, 1))
    calm = mix("on_call", ("youth_worker", 2, 2))
    frame = people(person("P", "pcso"), person("Y", "youth_worker"), person("Z", "youth_worker"))
    short = frame.assign(available=["Mon", "Mon", "Tue"])  # only one youth worker on a Monday
    profile = teams(nearby, calm)
    before = solve((need(),), records(short), profile).staffings[0]
    assert (ids(before), before.protocol_missing) == (["P", "Y"], ())
    away = absences(("P", "2026-03-02", "2026-03-02"))
    gone = solve((need(),), records(short, absences=away), profile).staffings[0]
    assert not gone.is_staffed
    unsigned = records(frame, absences=away, protocol=protocol(Police="2026-01-01"))
    after = solve((need(),), unsigned, profile).staffings[0]
    assert (ids(after), after.police_level) == (["Y", "Z"], "on_call")
    assert after.protocol_missing == ("Youth First",)  # so no notice speaks of it


def test_c14_every_card_says_whom_to_call_and_who_is_there():
    text = " ".join(CARD_RULES)
    for words in ("999", "101", "personally", "parent or guardian", "MASH", "DSL"):
        assert words in text
