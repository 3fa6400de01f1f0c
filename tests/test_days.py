"""School days, windows and sessions."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors import days
from corridors.model import Calendar
from corridors.profile import Window
from corridors.tables import DATE, TermDates

WINDOW = Window(lead_min=15, length_min=120, default_finish="15:15")
DEFAULT = WINDOW.default_finish_min


def calendar(*rows: tuple[str, str, str, str, float | None], holidays=()) -> Calendar:
    frame = pd.DataFrame(
        rows,
        columns=[
            TermDates.urn,
            TermDates.kind,
            TermDates.start,
            TermDates.end,
            TermDates.finish_min,
        ],
    )
    frame = frame.astype(
        {
            TermDates.urn: "str",
            TermDates.kind: "str",
            TermDates.start: DATE,
            TermDates.end: DATE,
            TermDates.finish_min: "float64",
        }
    )
    frame.index.name = TermDates.index
    return Calendar(TermDates.validate(frame), frozenset(holidays))


SPRING = ("", "term", "2026-01-05", "2026-03-27", None)
WEEK = [date(2026, 3, 2) + timedelta(days=i) for i in range(7)]


def test_weekdays_of_term_count_and_weekends_do_not():
    found = days.finish_times(calendar(SPRING), "900001", WEEK, DEFAULT)
    assert list(found) == WEEK[:5]
    assert set(found.values()) == {15 * 60 + 15}


@pytest.mark.parametrize("kind", ["inset", "half_term"])
def test_a10_inset_and_half_term_are_no_school_days(kind):
    rows = calendar(SPRING, ("900001", kind, "2026-03-03", "2026-03-04", None))
    assert list(days.finish_times(rows, "900001", WEEK, DEFAULT)) == [WEEK[0], WEEK[3], WEEK[4]]
    assert len(days.finish_times(rows, "900002", WEEK, DEFAULT)) == 5


def test_a10_bank_holiday_is_no_school_day():
    rows = calendar(SPRING, holidays=[WEEK[0]])
    assert WEEK[0] not in days.finish_times(rows, "900001", WEEK, DEFAULT)


def test_early_close_beats_the_schools_own_finish_which_beats_the_default():
    rows = calendar(
        SPRING,
        ("900001", "term", "2026-01-05", "2026-03-27", 930.0),
        ("900001", "early_close", "2026-03-06", "2026-03-06", 780.0),
    )
    found = days.finish_times(rows, "900001", WEEK, DEFAULT)
    assert [found[d] for d in WEEK[:5]] == [930, 930, 930, 930, 780]
    assert set(days.finish_times(rows, "900002", WEEK, DEFAULT).values()) == {DEFAULT}


def test_own_terms_replace_the_common_ones_only_while_they_run():
    rows = calendar(
        ("", "term", "2025-09-01", "2026-03-27", None),
        ("900001", "term", "2026-01-12", "2026-03-04", None),
    )
    span = days.days_between(date(2026, 1, 5), date(2026, 3, 6))
    found = days.finish_times(rows, "900001", span, DEFAULT)
    assert date(2026, 1, 8) in found  # before its first own day the common terms hold
    assert date(2026, 1, 12) in found
    assert date(2026, 3, 5) in found


def test_a_gap_between_own_terms_is_no_school():
    rows = calendar(
        ("", "term", "2025-09-01", "2026-03-27", None),
        ("900001", "term", "2026-01-12", "2026-02-06", None),
        ("900001", "term", "2026-03-02", "2026-03-20", None),
    )
    found = days.finish_times(rows, "900001", [date(2026, 2, 18), date(2026, 3, 2)], DEFAULT)
    assert list(found) == [date(2026, 3, 2)]


def test_schools_that_finish_together_share_a_session_and_others_do_not():
    day = WEEK[0]
    made = days.sessions({"a": {day: 900}, "b": {day: 930}, "c": {day: 780}}, WINDOW)
    assert [(s.urns, s.start_min, s.end_min) for s in made] == [
        (("c",), 765, 885),
        (("a", "b"), 885, 1035),
    ]


def test_equal_days_are_one_session():
    week = {"a": dict.fromkeys(WEEK[:5], 915)}
    week["a"][WEEK[4]] = 780
    made = days.sessions(week, WINDOW)
    assert [s.days for s in made] == [tuple(WEEK[:4]), (WEEK[4],)]


@pytest.mark.parametrize(
    ("day", "offset_h"),
    [
        (date(2026, 3, 27), 0),
        (date(2026, 3, 30), 1),
        (date(2026, 10, 23), 1),
        (date(2026, 10, 26), 0),
    ],
)
def test_windows_follow_london_through_both_clock_changes(day, offset_h):
    starts, ends = days.window_intervals_us([{day: 915}], WINDOW)
    start = pd.Timestamp(int(starts[0]), unit="us")
    assert start == pd.Timestamp(day) + pd.Timedelta(hours=15 - offset_h)
    assert ends[0] - starts[0] == 120 * 60 * 1_000_000


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(700, 1000)), max_size=30))
def test_intervals_are_sorted_apart_and_cover_each_minute_of_each_window(rows):
    tables = [{date(2026, 1, 1) + timedelta(days=d): finish} for d, finish in rows]
    starts, ends = days.window_intervals_us(tables, WINDOW)
    assert (starts[1:] > ends[:-1]).all()
    minutes = {(d, m) for d, f in rows for m in range(f - 15, f + 105)}
    assert (ends - starts).sum() == len(minutes) * 60_000_000
