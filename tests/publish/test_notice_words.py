"""Words of what families get: none that gives something away, plain ones, the same facts twice."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sample_plan import sample_plan
from support_notices import (
    LANGUAGES,
    PROFILE,
    READERS,
    cancelled,
    every_kind,
    huge,
    not_all_in_uniform,
    public_plan,
    without_police,
)
from support_words import grade, shown_text

from corridors import sources
from corridors.publish.families.bundle import family_files, own_texts, sentences
from corridors.publish.families.languages import said
from corridors.publish.families.notice import read_issue, render_notice
from corridors.publish.families.short_text import short_text

NAMES = {
    "cancelled": cancelled(),
    "calm": public_plan(),
    "late": replace(public_plan(), is_unannounced=True, notice_version=2),
    "without police": without_police(public_plan()),
}
ABBREVIATIONS = {"OFFICIAL", "UK", "NHS", "A", "Z"}  # marking, and what everybody says in short

LEAKS = (
    "hot spot", "hotspot", "gang", "knife", "weapon", "violence", "robbery", "risk", "high crime",
    "intelligence", "incident", "weight", "score", "kde", "density", "cluster", "patrol",
    "corridor_id", "sensitive", "map_OS", "Ada E", "Ben Sample", "Dev P", "100001", "hackney",
    "enforce", "trust", "safer streets", "make the streets safe", "keep you safe", "reduce",
    "15:15",
)  # fmt: skip


@pytest.mark.parametrize("public", every_kind(), ids=range(10))
def test_no_file_in_any_language_holds_a_word_that_gives_something_away(public):
    for name, data in family_files(replace(public, services=()), LANGUAGES).items():
        text = data.decode("utf-8-sig").lower().replace("corridors partnership", "")
        found = [leak for leak in LEAKS if leak.lower() in text]
        assert found == [], name
    assert len(family_files(public_plan(), LANGUAGES)) == 4 * len(LANGUAGES) + 1


def test_other_weights_give_the_same_files():
    """C.5 leak test: other incidents and weights, same corridors, same bytes."""
    one, other = sample_plan(weight_seed=1), sample_plan(weight_seed=9)
    assert not one.inputs.incidents.equals(other.inputs.incidents)
    assert (one.risk_per_m != other.risk_per_m).any()
    first, second = (family_files(public_plan(plan), LANGUAGES) for plan in (one, other))
    assert first == second


def test_crime_stands_only_in_what_a_role_does():
    public = public_plan()
    silent = tuple(
        replace(c, roles=tuple(replace(r, does="School staff") for r in c.roles))
        for c in public.corridors
    )
    for data in family_files(replace(public, corridors=silent), LANGUAGES).values():
        assert "crime" not in data.decode("utf-8-sig").lower()


# Plain words --------------------------------------------------------------------------------


def test_the_grade_of_known_texts():
    assert grade("The cat sat on the mat. It was a big red cat.") < 1
    hard = "Considerable organisational deliberation precedes interdepartmental coordination."
    assert grade(hard) > 15


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("key", NAMES)
def test_a_child_of_ten_can_read_it(key, reader):
    text = shown_text(render_notice(NAMES[key], reader=reader)).replace(
        "Northfield Academy", "Oak School"
    )
    assert grade(text) <= 6
    prose = "\n".join(line for line in text.split("\n") if re.search(r"[.?!]$", line))
    assert grade(prose) <= 6


@pytest.mark.parametrize("sentence", sentences())
def test_each_sentence_is_short(sentence):
    for part in re.split(r"(?<=[.?!])\s", sentence):
        assert len(part.split()) <= 25


def test_the_shipped_profiles_own_sentences_are_short():
    for name in sources.shipped_profiles():
        profile = sources.read_profile(name)
        public = replace(public_plan(), about=profile.notice.about, contact=profile.notice.contact)
        assert public.about
        for text in own_texts(public):
            for part in re.split(r"(?<=[.?!])\s", text):
                assert len(part.split()) <= 25, part
            assert grade(public.about) <= 8


@pytest.mark.parametrize("reader", READERS)
def test_no_abbreviation_that_is_not_said_in_full(reader):
    for public in (*NAMES.values(), huge()):
        found = set(re.findall(r"\b[A-Z]{2,}\b", shown_text(render_notice(public, reader=reader))))
        assert found <= ABBREVIATIONS


# Two voices ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES, ids=["en", "cy", "ar"])
@pytest.mark.parametrize("key", NAMES)
def test_both_pages_tell_the_same_facts(key, language):
    parents, young = (render_notice(NAMES[key], language, reader) for reader in READERS)
    assert parents != young
    assert read_issue(parents.encode()) == read_issue(young.encode())
    sections = r'<section class="corridor".*?</section>'
    both = [re.findall(sections, page, re.DOTALL) for page in (parents, young)]
    assert both[0] == both[1]
    assert len(both[0]) == len(NAMES[key].corridors)
    assert re.findall(r"<footer>.*</footer>", parents, re.DOTALL) == re.findall(
        r"<footer>.*</footer>", young, re.DOTALL
    )


def test_each_speaks_to_its_own_reader():
    parents, young = (shown_text(render_notice(public_plan(), reader=reader)) for reader in READERS)
    assert "This page is for parents and carers." in parents
    assert "You can plan another way home together." in parents
    assert "You can make a complaint at any time." in parents
    assert "This page is for young people." in young
    assert "You can say no to a talk. You do not have to say why. You can just walk on." in young
    assert "Your child" not in young
    assert "your child" not in young
    assert young.index("youth organisation, which") < young.index("your school office")


def test_a_stop_by_law_is_told_of_where_police_walk():
    words = "If a police officer has to stop you by law, they must tell you why."
    assert words in shown_text(render_notice(public_plan(), reader="young people"))
    bare = without_police(public_plan())
    assert words not in shown_text(render_notice(bare, reader="young people"))


@pytest.mark.parametrize("reader", READERS)
def test_police_are_told_of_at_their_schools_only(reader):
    one = public_plan().corridors[0]
    other = without_police(public_plan()).corridors[0]
    oak = replace(other, schools=("Oak School",))
    both = replace(other, streets=("Elm Road",))  # of the school that police walk near elsewhere
    text = shown_text(
        render_notice(replace(public_plan(), corridors=(one, oak, both)), reader=reader)
    )
    verb = "be" if reader == "young people" else "walk"
    assert (
        f"Some adults, including police officers, will {verb} on streets near Northfield Academy "
        f"after school. Some adults will {verb} on streets near Oak School after school." in text
    )


@pytest.mark.parametrize("reader", READERS)
def test_dropped_schools_are_named(reader):
    public = replace(public_plan(), cancelled_schools=("Elm School", "Oak School"))
    text = shown_text(render_notice(public, reader=reader))
    assert "Cancelled. The walks near Elm School and Oak School in this week are cancelled." in text
    assert "cancelled" not in shown_text(render_notice(public_plan(), reader=reader))


@pytest.mark.parametrize("language", LANGUAGES, ids=["en", "cy", "ar"])
def test_officers_out_of_uniform_are_told_of_without_a_number(language):
    calm = public_plan()
    one = calm.corridors[0]
    plain = replace(calm, corridors=(replace(one, roles=not_all_in_uniform(one)),))
    words = said(language, "Some may not be in uniform. They show a police card.")
    assert render_notice(plain, language).count(words) == 1
    assert words not in render_notice(calm, language)


@pytest.mark.parametrize("reader", READERS)
def test_who_they_are_and_where_else_to_go(reader):
    public = replace(public_plan(), services=("Art room, Mill Park",))
    text = shown_text(render_notice(public, reader=reader))
    assert "Schools, youth organisations and the police work together here." in text
    assert "Things to do after school\nArt room, Mill Park" in text
    assert "Things to do" not in shown_text(render_notice(public_plan(), reader=reader))
    bare = replace(public, about="", contact="", youth_contact="")
    assert "()" not in shown_text(render_notice(bare, reader=reader))


@pytest.mark.parametrize("language", LANGUAGES, ids=["en", "cy", "ar"])
def test_late_is_said_in_every_file(language):
    files = family_files(NAMES["late"], [language])
    calm = family_files(NAMES["calm"], [language])
    word = {"en": "Unannounced", "cy": "Heb rybudd", "ar": "دون إعلان مسبق"}[language.code]
    for name, data in files.items():
        if name != "notice.json":
            assert word in data.decode("utf-8-sig"), name
            assert word not in calm[name].decode("utf-8-sig"), name
    assert b'"is_unannounced": true' in files["notice.json"]


def test_the_door_brings_what_the_profile_says_of_the_partnership():
    assert public_plan().about == PROFILE.notice.about
    assert cancelled().about == PROFILE.notice.about
    assert short_text(public_plan()).count(PROFILE.notice.about) == 0
