"""School days, windows and sessions."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corridors import days
from corridors.errors import CalendarError
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


# --- slots --------------------------------------------------------------------------------------

US_PER_MIN = 60_000_000
finish_tables = st.lists(
    st.dictionaries(
        st.integers(0, 20).map(lambda d: date(2026, 3, 20) + timedelta(days=d)),
        st.integers(15, 1455),
        max_size=8,
    ),
    max_size=4,
)


@given(finish_tables)
def test_slots_are_the_windows_cut_up_and_no_more(tables):
    slots = days.slot_windows(tables, WINDOW)
    starts, ends = days.window_intervals_us(tables, WINDOW)
    low = np.searchsorted(starts, slots.start_us, side="right") - 1
    assert (slots.end_us <= ends[low]).all()  # each piece lies in one window
    assert (slots.start_us[1:] >= slots.end_us[:-1]).all()  # none overlaps the one before
    assert (slots.end_min > slots.start_min).all()
    assert (slots.end_us - slots.start_us).sum() == (ends - starts).sum()


@given(finish_tables)
def test_each_piece_lies_in_its_quarter_of_an_hour_after_the_first_start(tables):
    slots = days.slot_windows(tables, WINDOW)
    for day in np.unique(slots.day):
        here = slots.day == day
        first = slots.start_min[here].min()
        assert first == days.first_start_min(
            tables, date(1970, 1, 1) + timedelta(days=int(day)), WINDOW
        )
        assert (slots.slot[here] == (slots.start_min[here] - first) // days.SLOT_MIN).all()
        assert (slots.slot[here] == (slots.end_min[here] - 1 - first) // days.SLOT_MIN).all()
    rows = np.column_stack([slots.day, slots.slot, slots.start_us])
    assert rows.tolist() == sorted(rows.tolist())
    assert slots.count == (slots.slot.max() + 1 if len(rows) else 0)


@given(finish_tables, st.randoms())
def test_the_order_of_schools_and_days_does_not_matter(tables, random):
    mixed = [dict(random.sample(sorted(t.items()), len(t))) for t in tables]
    random.shuffle(mixed)
    one, other = days.slot_windows(tables, WINDOW), days.slot_windows(mixed, WINDOW)
    for name in ("day", "slot", "start_min", "end_min", "start_us", "end_us"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


def test_a_usual_window_has_eight_slots():
    slots = days.slot_windows([{WEEK[0]: 915}], WINDOW)
    assert slots.slot.tolist() == list(range(8))
    assert slots.start_min.tolist() == [900 + 15 * i for i in range(8)]
    assert slots.count == 8
    assert slots.start_us[0] == pd.Timestamp("2026-03-02 15:00", tz="UTC").value // 1000


def test_an_early_close_lines_up_with_a_usual_day():
    slots = days.slot_windows([{WEEK[0]: 915, WEEK[4]: 780}], WINDOW)
    usual, early = (slots.day == d for d in np.unique(slots.day))
    assert slots.slot[usual].tolist() == slots.slot[early].tolist()
    assert (slots.start_min[usual] - slots.start_min[early] == 135).all()


def test_a_gap_between_two_schools_windows_is_no_window():
    short = Window(lead_min=0, length_min=40, default_finish="15:15")
    slots = days.slot_windows([{WEEK[0]: 780}, {WEEK[0]: 850}], short)
    rows = list(zip(slots.slot, slots.start_min, slots.end_min, strict=True))
    assert rows == [
        (0, 780, 795), (1, 795, 810), (2, 810, 820),
        (4, 850, 855), (5, 855, 870), (6, 870, 885), (7, 885, 890),
    ]  # fmt: skip


def test_two_pieces_may_share_a_slot():
    short = Window(lead_min=0, length_min=35, default_finish="15:15")
    slots = days.slot_windows([{WEEK[0]: 780}, {WEEK[0]: 818}], short)
    in_third = slots.slot == 2
    assert slots.start_min[in_third].tolist() == [810, 818]
    assert slots.end_min[in_third].tolist() == [815, 825]


def test_a_window_stops_at_midnight():
    slots = days.slot_windows([{WEEK[0]: 1400}], WINDOW)
    assert slots.end_min.max() == 1440
    assert slots.count == 4


def test_no_school_day_gives_no_slot():
    slots = days.slot_windows([{}], WINDOW)
    assert slots.count == 0
    assert len(slots.start_us) == 0


def test_a_finish_that_puts_the_window_on_the_day_before_is_refused():
    with pytest.raises(CalendarError, match=r"02/03/2026.*before midnight"):
        days.slot_windows([{WEEK[0]: 10}], WINDOW)


def test_the_first_start_of_a_planned_day():
    tables = [{WEEK[0]: 915, WEEK[1]: 915}, {WEEK[0]: 780}]
    assert days.first_start_min(tables, WEEK[0], WINDOW) == 765
    assert days.first_start_min(iter(tables), WEEK[1], WINDOW) == 900
    with pytest.raises(CalendarError, match="no school"):
        days.first_start_min(tables, WEEK[2], WINDOW)


@given(st.integers(20_000, 21_500), st.integers(0, 1439))
def test_london_time_there_and_back(day, minute):
    instants = days.utc_us(np.array([day]), np.array([minute]))
    back_day, back_min = days.london_clock(instants)
    local = datetime(1970, 1, 1, tzinfo=days.LONDON) + timedelta(days=day, minutes=minute)
    assume(local.astimezone(UTC).astimezone(days.LONDON) == local)  # not in a skipped hour
    assert (back_day[0], back_min[0]) == (day, minute)
    assert instants[0] == round(local.timestamp() * 1e6)


def test_clock_changes_to_the_minute():
    spring, autumn = days.day_number(date(2026, 3, 29)), days.day_number(date(2026, 10, 25))
    day = np.array([spring] * 4 + [autumn] * 3)
    minute = np.array([59, 60, 90, 120, 59, 90, 120])
    change = pd.Timestamp("2026-03-29 01:00").value // 1000
    before = pd.Timestamp("2026-10-24 23:59").value // 1000
    found = days.utc_us(day, minute)
    # 01:00 to 02:00 does not exist in spring; in autumn its first turn is meant.
    assert ((found[:4] - change) // US_PER_MIN).tolist() == [-1, 0, 0, 0]
    assert ((found[4:] - before) // US_PER_MIN).tolist() == [0, 31, 121]
