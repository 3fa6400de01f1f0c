"""A profile in words that a youth worker understands."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sample_plan import sample_profile

from corridors import sources
from corridors.profile import MapTiles
from corridors.publish.profile_words import as_text, profile_words

NAMES = sources.shipped_profiles()
LONGEST = 26  # words in a sentence, lists of roles and tasks counted


def text(name: str) -> str:
    return as_text(profile_words(sources.read_profile(name)))


@pytest.mark.parametrize("name", NAMES)
def test_sentences_are_short_and_have_no_keys_or_requirement_numbers(name):
    for section in profile_words(sources.read_profile(name)):
        for line in section.lines:
            assert "_" not in line
            assert not re.search(r"\([A-H]\d+\)", line)
            assert "  " not in line
            assert ".." not in line
            assert line.endswith("."), line
            for sentence in re.split(r"[.:;] ", line):
                assert len(sentence.split()) <= LONGEST, sentence


@pytest.mark.parametrize("name", NAMES)
def test_each_aim_says_what_it_is_for_who_walks_how_near_police_are_and_what_else_will_do(name):
    profile = sources.read_profile(name)
    by_title = {s.title: " ".join(s.lines) for s in profile_words(profile)}
    for aim in profile.teams.aims:
        said = by_title[f"Aim: {aim.title}"]
        assert aim.outcome[1:] in said
        assert aim.commitment[1:] in said
        assert said.count("First choice:") == 1
        assert said.count("If that cannot be done:") == len(aim.mixes) - 1
        assert ("it is to" in said) == any(m.police_walk for m in aim.mixes)


def test_b1_the_words_tell_aims_with_police_from_aims_without():
    said = {s.title: " ".join(s.lines) for s in profile_words(sample_profile())}
    diversion = said["Aim: Early intervention and diversion"]
    assert "2 to 3 people (youth worker)." in diversion
    assert "No police are part of it." in diversion
    assert "Police walk" not in diversion
    assert "Police walk with the others" in said["Aim: Disrupt victimisation and offending"]
    assert "for such patrols" in diversion


def test_profiles_say_where_they_differ():
    hackney, trust, tvp = (text(n) for n in ("hackney_2024", "trust_policy", "tvp_2025"))
    assert "at most 2 schools." in hackney
    assert "at most 1 school." in trust
    assert "Younger schools have local policing arrangements." in tvp
    assert "Every school from Key Stage 3 up has a named officer." in tvp
    assert "named officer." not in hackney
    assert "Here police may walk alone." in trust
    assert "walk alone" not in hackney
    assert "every two weeks" in trust


def test_g1_g6_what_is_looked_at_afterwards_is_said_harm_too():
    profile = sources.read_profile("hackney_2024")
    said = {s.title: s.lines for s in profile_words(profile)}["What is looked at afterwards"]
    assert len([line for line in said if ": " in line]) == len(profile.evaluation.indicators)
    assert any(line.startswith("Whether it helped, every 3 months: ") for line in said)
    assert "Whether it did harm, every 3 months: Young people stopped and searched." in said
    assert "What was done is never counted as a success." in said
    none = replace(profile, evaluation=replace(profile.evaluation, indicators=()))
    assert "- Nothing is set yet." in as_text(profile_words(none))


def test_b12_the_words_say_that_roles_are_not_blurred():
    said = text("hackney_2024")
    assert "Only police enforce the law." in said
    assert "Police never deal with pupils' behaviour." in said


def test_f6_what_is_not_on_record_is_said():
    profile = sample_profile()
    assert "Data sharing agreement: none on record" in as_text(profile_words(profile))
    own = replace(profile.governance, data_sharing_agreement="ISA-7, 12/01/2026")
    said = as_text(profile_words(replace(profile, governance=own)))
    assert "Data sharing agreement: ISA-7, 12/01/2026." in said


def test_limits_follow_the_numbers():
    profile = sample_profile()
    teams = replace(
        profile.teams, min_adults=3, max_days_per_person=2, vetting="rule", barred_postings=()
    )
    said = as_text(profile_words(replace(profile, teams=teams)))
    assert "At least 3 adults" in said
    assert "more than 2 days" in said
    assert "Without a vetting date nobody walks." in said
    assert "Never sent as stand-ins" not in said


def test_hostile_words_of_a_profile_stay_on_their_line():
    profile = replace(sample_profile(), source="A\x1b[31m\nB\u202e")
    first = profile_words(profile)[0].lines[0]
    assert "\x1b" not in first
    assert "\n" not in first
    assert "\u202e" not in first


def test_the_languages_of_the_notice_are_named():
    profile = sample_profile()
    many = replace(profile, notice=replace(profile.notice, languages=("en", "cy", "xx")))
    assert "The notice is written in English, Welsh and xx." in as_text(profile_words(many))


def test_a_tile_server_is_told_with_what_it_learns():
    profile = sample_profile()
    assert "It asks no other machine for anything." in as_text(profile_words(profile))
    own = replace(profile, map=MapTiles("https://maps.example/{z}/{x}/{y}.png"))
    assert "It asks maps.example for pictures of the ground." in as_text(profile_words(own))
