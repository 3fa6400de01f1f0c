"""The text message: short, never cut, and what has to stay in it stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_plan import HOSTILE, sample_plan
from support_notices import (
    LANGUAGES,
    cancelled,
    every_kind,
    hostile,
    huge,
    public_plan,
    without_police,
)

from corridors.model import PublicPlan
from corridors.publish.families.short_text import LIMIT, TARGET, short_text

CODES = ("en", "cy", "ar")
GSM7 = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€") | set(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)


def test_an_ordinary_one_fits_two_parts_and_says_all_that_matters():
    text = short_text(public_plan())
    assert text == (
        "Adults, including police officers, will walk near Northfield Academy after school. "
        "3pm to 5pm on Monday 2 March and Wednesday 4 March. Streets: Cedar Road, Fifth Lane and "
        "Second Lane. Ask or complain: your school office, or the neighbourhood policing team on "
        "101. Version 1, 6 February 2026."
    )
    assert len(text) <= TARGET
    assert set(text) <= GSM7
    assert "police officers" not in short_text(without_police(public_plan()))


@pytest.mark.parametrize("language", LANGUAGES, ids=CODES)
@pytest.mark.parametrize("public", every_kind(), ids=range(10))
def test_it_is_never_too_long(public, language):
    text = short_text(replace(public, services=()), language)
    assert 60 < len(text) <= LIMIT
    assert text == " ".join(text.split())


@pytest.mark.parametrize("payload", [*HOSTILE, "word " * 500, "x" * 2000, "🙂" * 400])
def test_hostile_names_make_it_no_longer_and_no_link(payload):
    for public in (hostile(payload), replace(cancelled(), ward_name=payload, contact=payload)):
        text = short_text(public)
        assert len(text) <= LIMIT
        assert "://" not in text
        assert "Version " in text


def test_a_huge_one_drops_whole_things_and_keeps_when_where_and_whom_to_ask():
    text = short_text(huge())
    assert text.startswith(
        "Unannounced: we are sorry that this comes late. Cancelled: the walks after school near "
        "some schools in Fictional Green, week of Monday 2 March 2026. Adults, including"
    )
    for words in (
        "after school.",
        "3pm",
        "Monday 2 March",
        "To ask",
        "Version 12",
        "takes the place",
    ):
        assert words in text, words
    assert "Street number" not in text


def _with_streets(count: int) -> PublicPlan:
    calm = public_plan()
    streets = tuple(f"Street {n:03d} of the mill" for n in range(count))
    return replace(calm, corridors=tuple(replace(c, streets=streets) for c in calm.corridors))


def test_things_go_in_the_order_that_is_told():
    """Fewer things the longer the streets are; nothing comes back, and nothing else goes first."""
    marks = ("Nobody has to", "Or talk to", "Streets:")
    seen = [tuple(m in short_text(_with_streets(n)) for m in marks) for n in range(1, 60)]
    assert seen[0] == (False, False, True)
    assert (True, True, True) in seen  # beyond two parts there is room for all again
    assert seen[-1] == (False, False, False)
    assert (True, True, False) not in seen
    short = replace(public_plan(), contact="", youth_contact="us")
    assert "Nobody has to" in short_text(short)
    longer = replace(
        public_plan(), contact="the school", youth_contact="the youth club in Mill Park"
    )
    assert "Nobody has to" not in short_text(longer)
    assert "Or talk to the youth club" in short_text(longer)
    assert "Who:" not in short_text(short)
    roomy = next(t for n in range(60) if len(t := short_text(_with_streets(n))) > TARGET)
    assert "Who: Local adult you may know, School-linked police officer and Youth worker." in roomy


def test_a_contact_that_is_too_long_is_left_out_whole():
    text = short_text(replace(public_plan(), contact="ask " * 400))
    assert "To ask or complain, talk to your school." in text
    assert "ask ask" not in text


def test_many_schools_become_the_schools_of_the_ward():
    calm = public_plan()
    names = tuple(f"School number {n} of the north of the town" for n in range(40))
    text = short_text(
        replace(calm, corridors=tuple(replace(c, schools=names) for c in calm.corridors))
    )
    assert "near schools in Fictional Green after school" in text
    assert "Some days from Monday 2 March to Wednesday 4 March, between 3pm and 5pm." in text


def test_days_in_a_row_are_told_by_the_first_and_the_last():
    calm = public_plan()
    week = sample_plan().inputs.week.days
    text = short_text(replace(calm, corridors=(replace(calm.corridors[0], days=week),)))
    assert "3pm to 5pm on Monday 2 March to Friday 6 March." in text


def test_schools_with_streets_of_their_own_are_told_apart():
    one = public_plan().corridors[0]
    other = replace(one, schools=("Southbrook School",), streets=("Elm Road",), start_min=930)
    text = short_text(replace(public_plan(), corridors=(one, other)))
    assert "near Northfield Academy and Southbrook School after school." in text
    assert "Southbrook School: 3:30pm to 5pm on Monday 2 March" in text
    assert (
        text.index("Streets: Cedar Road")
        < text.index("Southbrook School:")
        < text.index("Elm Road")
    )


def test_police_are_told_of_where_they_walk_only():
    one = public_plan().corridors[0]
    no_police = tuple(r for r in one.roles if not r.is_police)
    other = replace(one, schools=("Oak School",), roles=no_police)
    text = short_text(replace(public_plan(), corridors=(one, other)))
    assert text.startswith(
        "Adults, including police officers, will walk near Northfield Academy after school. "
        "Adults will walk near Oak School after school. "
    )


def test_a_dropped_school_is_told_beside_the_others():
    text = short_text(replace(public_plan(), cancelled_schools=("Gone School",)))
    assert text.startswith(
        "Cancelled: the walks after school near Gone School, week of Monday 2 March 2026. Adults"
    )


def test_a_cancellation_says_so_first():
    text = short_text(cancelled())
    assert text.startswith(
        "Cancelled: the walks after school near schools in Fictional Green, week of Monday 2 March"
    )
    assert "Ask or complain" in text
    assert "It takes the place of what you got before." in text
    assert "will walk" not in text


def test_typographic_marks_are_made_plain_and_letters_stay():
    public = replace(public_plan(), contact="St Mary’s – the “office”…")
    assert """Ask or complain: St Mary's - the "office"....""" in short_text(public)
    assert "Ysgol Tŷ" in short_text(
        replace(public, corridors=(replace(public.corridors[0], schools=("Ysgol Tŷ",)),))
    )


@given(st.lists(st.text(max_size=130), min_size=1, max_size=60), st.text(max_size=2000))
def test_any_names_whatever_fit(names, contact):
    one = replace(public_plan().corridors[0], schools=tuple(names), streets=tuple(names))
    public = replace(public_plan(), corridors=(one,), ward_name=names[0][:120], contact=contact)
    assert len(short_text(public)) <= LIMIT


def test_only_a_public_plan_becomes_a_text():
    with pytest.raises(TypeError, match="made from a PublicPlan"):
        short_text(sample_plan())
