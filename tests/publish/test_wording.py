"""Words for people, and hostile text made safe."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.model import WalkStyle
from corridors.publish import wording


def test_times_are_said_as_families_say_them():
    said = {m: wording.time_words(m) for m in (0, 30, 720, 750, 900, 930, 1020, 1439, 1440)}
    assert said == {
        0: "midnight", 30: "12:30am", 720: "midday", 750: "12:30pm", 900: "3pm", 930: "3:30pm",
        1020: "5pm", 1439: "11:59pm", 1440: "midnight",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x http://evil.example/", "x evil.example/"),
        ("HTTPS://evil.example", "evil.example"),
        ("htthttp://p://evil.example", "evil.example"),
        ("h\u200bttp:\u200b//evil.example", "evil.example"),
        ("http:////evil.example", "evil.example"),
        ("a http:// b", "a b"),
        ("://", ""),
        ("Road: north/south", "Road: north/south"),
    ],
)
def test_no_name_is_a_web_address(name, shown):
    assert wording.clean_name(name) == wording.clean(name) == shown


@given(st.text("htps:/ ab.\u200b", max_size=60), st.integers(2, 50))
def test_no_web_address_is_left(text, limit):
    cleaned = wording.clean(text, limit)
    assert "://" not in cleaned
    assert wording.clean(cleaned, limit) == cleaned


def test_staff_read_no_requirement_numbers():
    said = wording.staff_words("No adult (B7). Ward (C1, C4)! Since (2024), so (H) and (A6).")
    assert said == "No adult. Ward! Since (2024), so (H) and."


def test_dates():
    day = date(2026, 3, 2)
    assert wording.day_words(day) == "Monday 2 March"
    assert wording.long_date(day) == "2 March 2026"
    assert wording.slash_date(day) == "02/03/2026"


def test_weekdays_in_a_row_are_a_range():
    days = [date(2026, 3, 2) + timedelta(days=d) for d in range(5)]
    assert wording.weekdays_words(days) == "Monday to Friday"
    assert wording.weekdays_words([days[2], days[0]]) == "Monday and Wednesday"
    assert wording.weekdays_words(days[:2]) == "Monday and Tuesday"
    assert wording.weekdays_words([days[0], days[1], days[3]]) == "Monday, Tuesday and Thursday"


@given(st.text(), st.integers(2, 50))
def test_cleaned_text_is_one_short_printable_line(text, limit):
    cleaned = wording.clean(text, limit)
    assert len(cleaned) <= limit
    assert cleaned.isprintable()
    assert cleaned == cleaned.strip()
    assert wording.clean(cleaned, limit) == cleaned
    cleaned.encode("utf-8")


@given(st.text("abc é'(-)&<ŵ", max_size=40))
def test_ordinary_names_stay_as_they_are(text):
    assert wording.clean_name(text) == " ".join(text.split())


def test_a_bus_stop_is_not_taken_for_its_street():
    assert wording.place_words("bus_stop", "Mill Lane") == "Mill Lane bus stop"
    assert wording.place_words("station", "Mill Lane Station") == "Mill Lane Station"
    assert wording.place_words("park", "Mill Park") == "Mill Park"
    assert wording.place_words("bus_stop", " ") == ""


def test_marks_that_turn_the_writing_go():
    assert wording.clean("Abc\u202egnp.exe\u2066\u200b") == "Abcgnp.exe"
    assert wording.clean("\x00a\x1bb\ud800") == "\ufffda\ufffdb\ufffd"


def test_the_style_of_a_walk_is_said_in_plain_words():
    assert wording.style_words(WalkStyle(1, 0, 0.8)) == (
        "1 about-turn, no zigzags, walked the pupils' way on 80% of its length"
    )
    assert wording.style_words(WalkStyle(0, 2, None)) == "no about-turns, 2 zigzags"
