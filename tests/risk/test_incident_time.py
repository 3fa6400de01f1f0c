"""Incident time: the numbers of evaluation.md D.7 and D.8, sums, clocks and rates by day."""

from datetime import UTC as UTC_ZONE
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.days import LONDON, days_between, slot_windows, window_intervals_us
from corridors.errors import InputError
from corridors.profile import Window
from corridors.risk.incident_time import (
    day_rates,
    known_within,
    recency,
    slot_weights,
    unknown_time_share,
    window_weights,
)
from corridors.sources.incidents import IncidentSource, read_incidents
from corridors.sources.named import NamedFile
from corridors.tables import UTC, Incidents

MONDAY = "2026-01-05"


def incidents(*spans: tuple[str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(spans, columns=[Incidents.from_utc, Incidents.to_utc])
    return frame.apply(pd.to_datetime, utc=True).astype(UTC)


def windows(*spans: tuple[str, str]):
    at = [[int(pd.Timestamp(t, tz="UTC").timestamp() * 1e6) for t in span] for span in spans]
    table = np.array(at, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


AFTER_SCHOOL = windows((f"{MONDAY} 15:00", f"{MONDAY} 16:30"))


@pytest.mark.parametrize(
    ("start", "end", "weight"),
    [
        ("15:30", "17:30", 0.5),
        ("08:00", "18:00", 0.15),
        ("15:45", "15:45", 1.0),
        ("15:00", "15:00", 1.0),
        ("16:30", "16:30", 0.0),  # the end of a window is outside
        ("03:00", "03:00", 0.0),
        ("17:00", "16:00", 0.0),  # reversed: all weight at the start
        ("15:10", "09:00", 1.0),
    ],
)
def test_worked_examples(start, end, weight):
    one = incidents((f"{MONDAY} {start}", f"{MONDAY} {end}"))
    assert window_weights(one, *AFTER_SCHOOL).tolist() == pytest.approx([weight])


def test_a_span_of_two_days_meets_two_windows():
    one = incidents((f"{MONDAY} 09:00", "2026-01-07 09:00"))
    two = windows((f"{MONDAY} 15:00", f"{MONDAY} 16:30"), ("2026-01-06 15:00", "2026-01-06 16:30"))
    assert window_weights(one, *two).tolist() == pytest.approx([0.0625])


def test_longer_than_a_week_counts_as_a_week():
    one = incidents((f"{MONDAY} 09:00", "2026-03-05 09:00"))
    assert window_weights(one, *AFTER_SCHOOL).tolist() == pytest.approx([1.5 / 168])


def test_no_time_gives_no_weight():
    assert window_weights(incidents((None, None)), *AFTER_SCHOOL).isna().all()


def test_no_windows_give_zero():
    assert window_weights(incidents((MONDAY, MONDAY)), *windows()).tolist() == [0.0]


minutes = st.integers(0, 60 * 24 * 6)


@given(st.lists(st.tuples(minutes, minutes), min_size=1, max_size=20))
def test_weights_of_a_partition_add_up_to_one(spans):
    """Windows that tile all of time: every incident weighs exactly 1 in total."""
    zero = pd.Timestamp(MONDAY, tz="UTC")
    rows = [
        (str(zero + pd.Timedelta(minutes=a)), str(zero + pd.Timedelta(minutes=b))) for a, b in spans
    ]
    frame = incidents(*rows)
    cuts = [int((zero + pd.Timedelta(hours=h)).timestamp() * 1e6) for h in range(0, 24 * 15, 60)]
    starts, ends = np.array(cuts[:-1]), np.array(cuts[1:])
    parts = [window_weights(frame, starts[i : i + 1], ends[i : i + 1]) for i in range(len(starts))]
    assert sum(parts).tolist() == pytest.approx([1.0] * len(frame))
    assert window_weights(frame, starts, ends).tolist() == pytest.approx([1.0] * len(frame))


# --- slots --------------------------------------------------------------------------------------

WINDOW = Window(lead_min=15, length_min=90, default_finish="15:15")  # 15:00 to 16:30
SHORT_DAY = date(2026, 1, 9)
TERM = [date(2026, 1, 5) + timedelta(days=i) for i in range(60)]
TERM = [day for day in TERM if day.weekday() < 5]
WHOLE_DAY = Window(lead_min=0, length_min=240, default_finish="15:15")


def local(day: date, minute: float) -> str:
    """UTC text of a London wall-clock time; seconds are kept."""
    at = datetime(day.year, day.month, day.day, tzinfo=LONDON) + timedelta(minutes=minute)
    return at.astimezone(UTC_ZONE).isoformat()


def at_clock(*spans: tuple[date, float, float]) -> pd.DataFrame:
    """Incidents from and to local minutes of a day."""
    return incidents(*((local(d, a), local(d, b)) for d, a, b in spans))


def round_the_clock(days: list[date]) -> list[dict[date, int]]:
    """Six schools whose windows together cover every minute of the days."""
    return [dict.fromkeys(days, 240 * i) for i in range(6)]


def exact(day: date, minute: float) -> pd.DataFrame:
    return at_clock((day, minute, minute))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("15:30", "17:30", [0, 0, 0.125, 0.125, 0.125, 0.125]),  # D.8: 0.5
        ("08:00", "18:00", [0.025] * 6),  # D.8: 0.15
        ("15:10", "15:20", [0.5, 0.5, 0, 0, 0, 0]),
        ("16:30", "17:00", [0] * 6),
    ],
)
def test_ranges_spread_over_slots_by_their_overlap(start, end, expected):
    one = incidents((f"{MONDAY} {start}", f"{MONDAY} {end}"))
    slots = slot_windows([{TERM[0]: 915}], WINDOW)
    found = slot_weights(one, slots, bandwidth_min=30.0)
    assert found.tolist() == [pytest.approx(expected, abs=1e-15)]


def test_a_span_of_two_days_meets_the_same_slots_twice():
    one = incidents((f"{MONDAY} 09:00", "2026-01-07 09:00"))
    slots = slot_windows([{TERM[0]: 915, TERM[1]: 915}], WINDOW)
    found = slot_weights(one, slots, bandwidth_min=30.0)[0]
    assert found.tolist() == pytest.approx([0.0625 / 6] * 6)


def test_an_exact_time_speaks_for_the_minutes_around_it():
    """15:45, radius 30: F(1/2) = 1/2 + 15/16 (1/2 - 1/12 + 1/160) = 0.896484375."""
    slots = slot_windows([{TERM[0]: 915}], WINDOW)
    found = slot_weights(exact(TERM[0], 945), slots, bandwidth_min=30.0)[0]
    tail, middle = 0.103515625, 0.396484375
    assert found.tolist() == pytest.approx([0, tail, middle, middle, tail, 0], abs=1e-15)


def test_half_of_an_exact_time_at_the_windows_end_is_inside():
    slots = slot_windows([{TERM[0]: 915}], WINDOW)
    assert slot_weights(exact(TERM[0], 990), slots, bandwidth_min=30.0).sum() == pytest.approx(0.5)
    assert slot_weights(exact(TERM[0], 1020), slots, bandwidth_min=30.0).sum() == 0.0


finish_tables = st.lists(
    st.dictionaries(st.sampled_from(TERM[:8]), st.integers(700, 1020), max_size=8),
    min_size=1,
    max_size=3,
)
clock = st.integers(0, 60 * 24 * 10 * 60)  # seconds of ten days
span_lists = st.lists(st.tuples(clock, clock), min_size=1, max_size=20)


def after_monday(spans: list[tuple[int, int]]) -> pd.DataFrame:
    zero = pd.Timestamp(MONDAY, tz="UTC")
    return incidents(
        *(
            (str(zero + pd.Timedelta(seconds=a)), str(zero + pd.Timedelta(seconds=b)))
            for a, b in spans
        )
    )


@given(finish_tables, span_lists)
def test_the_slots_of_a_range_add_up_to_its_window_weight(finishes, spans):
    frame = after_monday([(min(s), max(s) + 1) for s in spans])
    found = slot_weights(frame, slot_windows(finishes, WINDOW), bandwidth_min=30.0)
    whole = window_weights(frame, *window_intervals_us(finishes, WINDOW)).to_numpy()
    assert np.abs(found.sum(axis=1) - whole).max() <= 1e-12
    assert (found >= 0).all()


@given(
    st.sampled_from([*TERM[:5], date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 10)]),
    st.integers(0, 86_399),
    st.floats(0.5, 720),
)
def test_an_exact_time_weighs_one_over_its_whole_day_and_nothing_on_others(day, second, bandwidth):
    """Whatever goes over midnight comes in again; also on the days that clocks change."""
    frame = exact(day, second / 60)
    slots = slot_windows(round_the_clock([day]), WHOLE_DAY)
    found = slot_weights(frame, slots, bandwidth_min=bandwidth)
    assert slots.count == 96
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    next_day = slot_windows(round_the_clock([day + timedelta(days=1)]), WHOLE_DAY)
    assert slot_weights(frame, next_day, bandwidth_min=bandwidth).sum() == 0.0


@given(st.integers(0, 95), st.integers(0, 1439), st.floats(1, 720))
def test_the_kernel_goes_round_the_clock(turn, minute, bandwidth):
    """Moved by some quarters of an hour, the weights move by as many slots, over midnight too."""
    slots = slot_windows(round_the_clock([TERM[2]]), WHOLE_DAY)
    here, there = (
        slot_weights(exact(TERM[2], at % 1440), slots, bandwidth_min=bandwidth)[0]
        for at in (minute, minute + 15 * turn)
    )
    assert there == pytest.approx(np.roll(here, turn), abs=1e-12)


@given(finish_tables, st.integers(0, 86_399), st.floats(5, 720))
def test_kernel_weights_are_the_integral_of_the_kernel(finishes, second, bandwidth):
    slots = slot_windows(finishes, WINDOW)
    found = slot_weights(exact(TERM[0], second / 60), slots, bandwidth_min=bandwidth)
    summed = np.zeros(slots.count)
    here = slots.day == (TERM[0] - date(1970, 1, 1)).days
    for slot, start, end in zip(
        slots.slot[here], slots.start_min[here], slots.end_min[here], strict=True
    ):
        step = (end - start) / 400
        at = start + (np.arange(400) + 0.5) * step
        apart = np.abs(at - second / 60)
        u = np.minimum(apart, 1440 - apart) / bandwidth
        summed[slot] += (15 / 16 / bandwidth * np.where(u < 1, (1 - u**2) ** 2, 0) * step).sum()
    assert found[0] == pytest.approx(summed, abs=2e-5)


def test_late_reports_come_in_again_early_on_their_own_day():
    slots = slot_windows(round_the_clock([TERM[0], TERM[1]]), WHOLE_DAY)
    found = slot_weights(exact(TERM[0], 1430), slots, bandwidth_min=30.0)[0]
    assert found[:2].sum() == pytest.approx(0.5 - 15 / 16 * (1 / 3 - 2 / 81 + 1 / 1215))
    assert found.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    "day", [date(2026, 3, 27), date(2026, 3, 30), date(2026, 10, 23), date(2026, 10, 26)]
)
def test_weights_follow_the_london_clock_through_both_changes(day):
    slots = slot_windows([{day: 915, TERM[0]: 915}], WINDOW)
    spans = [(905.0, 905.0), (930.0, 1050.0), (800.0, 910.0)]
    moved, winter = (
        slot_weights(at_clock(*((d, a, b) for a, b in spans)), slots, bandwidth_min=30.0)
        for d in (day, TERM[0])
    )
    assert moved.tolist() == winter.tolist()
    assert moved.sum(axis=1).min() > 0


def test_an_early_close_lines_up_with_a_usual_day():
    slots = slot_windows([{TERM[0]: 915, SHORT_DAY: 780}], WINDOW)
    usual = slot_weights(
        at_clock((TERM[0], 920, 920), (TERM[0], 920, 950)), slots, bandwidth_min=20.0
    )
    early = slot_weights(
        at_clock((SHORT_DAY, 785, 785), (SHORT_DAY, 785, 815)), slots, bandwidth_min=20.0
    )
    assert usual.tolist() == early.tolist()
    assert usual.sum(axis=1).tolist() == pytest.approx([1.0, 1.0])


def test_nothing_falls_into_the_gap_between_two_schools():
    slots = slot_windows([{TERM[0]: 780}, {TERM[0]: 930}], WINDOW)  # 12:45-14:15, 15:15-16:45
    found = slot_weights(
        at_clock((TERM[0], 885, 885), (TERM[0], 860, 910), (TERM[0], 765, 1005)),
        slots,
        bandwidth_min=15.0,
    )
    assert slots.count == 16
    assert found[:2].sum() == 0.0
    assert (found[:, 6:10] == 0).all()
    assert found[2].sum() == pytest.approx(180 / 240)


def test_no_time_and_no_school_day_weigh_nothing():
    """15:20, radius 30: F(-2/3) = 0.0354938 of it lies before 15:00."""
    frame = pd.concat([incidents((None, None)), exact(date(2026, 1, 10), 920), exact(TERM[0], 920)])
    found = slot_weights(frame, slot_windows([{TERM[0]: 915}], WINDOW), bandwidth_min=30.0)
    assert not np.isnan(found).any()
    assert found.sum(axis=1).tolist() == pytest.approx([0.0, 0.0, 1 - 0.0354938], abs=1e-7)
    assert slot_weights(frame, slot_windows([], WINDOW), bandwidth_min=30.0).shape == (3, 0)


def test_an_end_before_the_start_or_missing_leaves_an_exact_time():
    slots = slot_windows([{TERM[0]: 915}], WINDOW)
    frame = incidents(
        (f"{MONDAY} 15:45", f"{MONDAY} 15:45"),
        (f"{MONDAY} 15:45", f"{MONDAY} 09:00"),
        (f"{MONDAY} 15:45", None),
    )
    found = slot_weights(frame, slots, bandwidth_min=30.0)
    assert found[0].tolist() == found[1].tolist() == found[2].tolist()
    assert known_within(frame, np.ones(3, dtype=bool)) == 1.0


@given(finish_tables, span_lists, st.randoms())
def test_shuffled_rows_give_the_same_bytes(finishes, spans, random):
    frame = after_monday(spans + [(a, a) for a, _ in spans])
    order = list(range(len(frame)))
    random.shuffle(order)
    mixed = frame.iloc[order]
    slots = slot_windows(finishes, WINDOW)
    one = slot_weights(frame, slots, bandwidth_min=30.0)
    assert one[order].tobytes() == slot_weights(mixed, slots, bandwidth_min=30.0).tobytes()
    counted = np.ones(len(frame), dtype=bool)
    period = (TERM[0], TERM[-1])
    rates = [day_rates(f, counted, finishes, WINDOW, period) for f in (frame, mixed)]
    assert repr(rates[0]) == repr(rates[1])


@pytest.mark.parametrize("bandwidth", [0.0, -5.0, 720.5, float("nan")])
def test_a_time_bandwidth_out_of_range_is_refused(bandwidth):
    with pytest.raises(InputError, match="720 minutes"):
        slot_weights(exact(TERM[0], 900), slot_windows([], WINDOW), bandwidth_min=bandwidth)


# --- age ----------------------------------------------------------------------------------------


def test_a_report_counts_half_after_each_half_life():
    assert recency([0, 90, 180, 45], 90).tolist() == pytest.approx([1, 0.5, 0.25, 0.5**0.5])


@pytest.mark.parametrize("age", [[-1.0], [3.0, float("nan")]])
def test_ages_below_zero_or_unknown_are_refused(age):
    with pytest.raises(InputError, match="later than the day"):
        recency(age, 90)


@pytest.mark.parametrize("half_life", [0, -90, float("nan")])
def test_a_half_life_must_be_positive(half_life):
    with pytest.raises(InputError, match="half-life"):
        recency([1.0], half_life)


# --- how well times are known -------------------------------------------------------------------

SUMMER = date(2026, 6, 10)
CERTAINTY = at_clock(
    (TERM[0], 930, 930),
    (TERM[0], 930, 1050),  # two hours are known
    (TERM[0], 930, 1051),
    (SUMMER, 0, 0),  # midnight in London is 23:00 UTC
    (SUMMER, 0, 1439),
    (SUMMER, 0, 60),  # an hour after midnight is a time
)


def test_markers_of_unknown_times_are_not_known_times():
    every = np.ones(6, dtype=bool)
    assert known_within(CERTAINTY, every) == pytest.approx(3 / 6)
    assert unknown_time_share(CERTAINTY, every) == pytest.approx(2 / 6)
    assert known_within(CERTAINTY, every, hours=3) == pytest.approx(4 / 6)


def test_only_counted_rows_with_times_are_asked():
    frame = pd.concat([CERTAINTY, incidents((None, None))], ignore_index=True)
    counted = np.array([True, False, True, False, False, False, True])
    assert known_within(frame, counted) == 0.5
    assert unknown_time_share(frame, counted) == 0.0
    none = np.zeros(7, dtype=bool)
    assert (known_within(frame, none), unknown_time_share(frame, none)) == (0.0, 1.0)


# --- days ---------------------------------------------------------------------------------------

YEAR = [date(2025, 1, 6) + timedelta(days=i) for i in range(364)]
WEEKDAYS = [day for day in YEAR if day.weekday() < 5]
OPEN = [day for day in WEEKDAYS if day.isocalendar().week % 4 or day == WEEKDAYS[-1]]
HOLIDAYS = [day for day in WEEKDAYS if day not in set(OPEN)]
PERIOD = (YEAR[0], YEAR[-1])
SCHOOL = [dict.fromkeys(OPEN, 915)]


def drawn(rng: np.random.Generator, a_day: float, days: list[date], start=900, end=990):
    """Exact times, Poisson a day and even over the hours given."""
    counts = rng.poisson(a_day, len(days))
    return [
        (day, float(minute), float(minute))
        for day, count in zip(days, counts, strict=True)
        for minute in rng.integers(start, end, count)
    ]


def rates(rows, school=SCHOOL, period=PERIOD, window=WINDOW):
    frame = at_clock(*rows) if rows else incidents((None, None))
    return day_rates(frame, np.ones(len(frame), dtype=bool), school, window, period)


def test_days_of_each_kind_are_counted():
    found = rates(drawn(np.random.default_rng(0), 0.1, WEEKDAYS))
    assert sum(found.school_days) == len(OPEN) == 195
    assert found.other_days == len(HOLIDAYS) == 65
    assert found.school_days == tuple(sum(d.weekday() == w for d in OPEN) for w in range(5))


def test_a_true_school_day_factor_is_found_and_lies_in_its_interval():
    covered, factors = 0, []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = rates(drawn(rng, 1.8 * 0.5, OPEN) + drawn(rng, 0.5, HOLIDAYS))
        low, high = found.school_day_interval
        covered += low <= 1.8 <= high
        factors.append(found.school_day_factor)
    assert covered >= 17  # of 20; the interval is exact, so that less has a chance below 2 %
    assert np.mean(factors) == pytest.approx(1.8, abs=0.15)


def test_a_true_weekday_factor_is_found_with_many_reports():
    rng = np.random.default_rng(3)
    fridays = [d for d in OPEN if d.weekday() == 4]
    found = rates(drawn(rng, 60, OPEN) + drawn(rng, 48, fridays))
    others = np.array(found.weekday_factor[:4])
    assert found.weekday_factor[4] / others.mean() == pytest.approx(1.8, rel=0.05)
    per_day = np.array(found.incidents) / found.school_days
    raw = per_day / (sum(found.incidents) / len(OPEN))
    assert found.weekday_factor == pytest.approx(raw, abs=0.01)


def test_weekday_factors_stay_near_one_with_few_reports():
    mondays = [d for d in OPEN if d.weekday() == 0][:3]
    found = rates([(d, 930.0, 930.0) for d in mondays])
    assert found.incidents == (3.0, 0.0, 0.0, 0.0, 0.0)  # raw: 5 and 0
    assert max(found.weekday_factor) < 1.25
    assert min(found.weekday_factor) > 0.9
    assert rates([]).weekday_factor == (1.0,) * 5


def test_chance_alone_makes_no_weekday_factor():
    drawn_towards_one, raw = [], []
    for seed in range(10):
        found = rates(drawn(np.random.default_rng(100 + seed), 0.5, OPEN))
        drawn_towards_one.append(np.abs(np.array(found.weekday_factor) - 1).mean())
        raw.append(np.abs(np.array(found.incidents) / np.mean(found.incidents) - 1).mean())
    assert np.mean(drawn_towards_one) < 0.4 * np.mean(raw)


@given(st.lists(st.tuples(st.sampled_from(OPEN), st.integers(880, 1000), st.integers(0, 300))))
def test_weekday_factors_keep_the_order_of_rates(rows):
    found = rates([(d, a, a + more) for d, a, more in rows])
    factor = np.array(found.weekday_factor)
    assert (factor > 0).all()
    per_day = np.array(found.incidents) / found.school_days
    apart = per_day.max() - per_day.min()
    if apart > 0.01:
        assert factor[per_day.argmax()] > factor[per_day.argmin()]


@given(st.lists(st.tuples(st.sampled_from(OPEN), st.integers(880, 1000), st.integers(0, 300))))
def test_weekday_factors_average_to_one_over_the_school_days(rows):
    """Also where one weekday has fewer school days than another, or none."""
    kept = {0: 5, 1: 20, 2: 39, 3: 39, 4: 0}
    uneven = [d for w in range(5) for d in [d for d in OPEN if d.weekday() == w][: kept[w]]]
    found = rates([(d, a, a + more) for d, a, more in rows], [dict.fromkeys(uneven, 915)])
    assert found.school_days == tuple(kept.values())
    mean = np.dot(found.weekday_factor, found.school_days) / len(uneven)
    assert mean == pytest.approx(1.0, abs=1e-12)
    assert found.weekday_factor[4] == 1.0


def test_sums_of_many_parts_do_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(5)
    which, start, more = (rng.integers(0, n, 3000) for n in (len(OPEN), 1000, 997))
    frame = at_clock(
        *((OPEN[d], a, a + b) for d, a, b in zip(which, start.tolist(), more.tolist(), strict=True))
    )
    counted = np.ones(len(frame), dtype=bool)
    one, other = (
        day_rates(f, counted, SCHOOL, WINDOW, PERIOD)
        for f in (frame, frame.iloc[rng.permutation(len(frame))])
    )
    assert repr(one) == repr(other)


def test_the_interval_is_that_of_r():
    """``poisson.test(c(11, 21), c(800, 3011))``: 1.971488, 0.8584264 to 4.2772659."""
    weekdays = [date(2000, 1, 3) + timedelta(days=i) for i in range(7 * 800)]
    weekdays = [d for d in weekdays if d.weekday() < 5][:3811]
    spaced = np.linspace(0, 3810, 800).astype(int).tolist()
    opened = [weekdays[i] for i in spaced]
    closed = sorted(set(weekdays) - set(opened))
    rows = [(d, 930.0, 930.0) for d in [*opened[:11], *closed[:21]]]
    found = rates(rows, [dict.fromkeys(opened, 915)], (weekdays[0], weekdays[-1]))
    assert (sum(found.school_days), found.other_days) == (800, 3011)
    assert found.school_day_factor == pytest.approx(1.971488, abs=5e-7)
    assert found.school_day_interval == pytest.approx((0.8584264, 4.2772659), abs=5e-7)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8])
def test_parts_of_a_report_widen_the_interval(part):
    """10 + part reports: the interval holds those of 10 and of 11."""
    whole = [(d, 930.0, 930.0) for d in OPEN[:10]] + [(d, 930.0, 930.0) for d in HOLIDAYS[:5]]
    torn = (OPEN[20], 900.0 - 100 * (1 - part), 900.0 + 100 * part)
    low, high = rates([*whole, torn]).school_day_interval
    ten = rates(whole).school_day_interval
    eleven = rates([*whole, (OPEN[20], 930.0, 930.0)]).school_day_interval
    assert (low, high) == pytest.approx((ten[0], eleven[1]))


def test_without_other_weekdays_there_is_no_school_day_factor():
    week = OPEN[:5]
    found = rates([(week[0], 930.0, 930.0)], [dict.fromkeys(week, 915)])
    assert found.other_days == 0
    assert found.school_day_factor is None
    assert found.school_day_interval is None


def test_without_a_report_on_other_weekdays_the_interval_has_no_top():
    found = rates([(d, 930.0, 930.0) for d in OPEN[:8]])
    assert found.school_day_factor is None
    low, high = found.school_day_interval
    assert low > 0
    assert high == float("inf")


def test_weekends_other_years_and_unwritten_calendars_do_not_count():
    """Weekdays after the last school day may be holidays, or days that nobody wrote down."""
    rows = [(d, 930.0, 930.0) for d in (OPEN[0], OPEN[0] + timedelta(days=5), HOLIDAYS[0])]
    later = [date(2026, 3, 2) + timedelta(days=i) for i in range(5)]
    rows += [(d, 930.0, 930.0) for d in later]
    usual = rates(rows, period=(YEAR[0], date(2026, 4, 30)))
    assert sum(usual.incidents) == 1.0
    assert (usual.other_days, usual.other_incidents) == (65, 1.0)
    with_later = rates(rows, [dict.fromkeys([*OPEN, *later], 915)])
    assert with_later == rates(rows)  # beyond the period


def test_other_weekdays_get_the_windows_in_the_shares_that_school_days_have_them():
    """Two thirds of the school days end at 15:15, a third at noon."""
    finishes = {d: 720 if i % 3 == 0 else 915 for i, d in enumerate(OPEN[:18])}
    closed = [d for d in HOLIDAYS if d < OPEN[17]]
    rows = [(closed[0], 720.0, 720.0), (closed[1], 930.0, 930.0), (closed[2], 850.0, 850.0)]
    found = rates(rows, [finishes])
    assert found.other_incidents == pytest.approx(1 / 3 + 2 / 3)
    assert found.other_days == len(closed) == 5


def test_only_counted_rows_are_rated():
    frame = at_clock(*[(OPEN[i], 930.0, 930.0) for i in range(6)])
    counted = np.array([True, False, True, True, False, False])
    found = day_rates(frame, counted, SCHOOL, WINDOW, PERIOD)
    assert sum(found.incidents) == 3.0


def test_even_reports_are_not_concentrated_after_school():
    rows = [(OPEN[0], float(m), float(m)) for m in range(1440)]
    found = rates(rows)
    assert found.hours_share == pytest.approx(90 / 960)
    assert found.window_share == pytest.approx(90 / 960)
    assert found.concentration == pytest.approx(1.0)


def test_concentration_counts_the_waking_day_only():
    rows = [(OPEN[0], 930.0, 930.0)] * 3 + [(OPEN[0], 600.0, 600.0)] * 5
    night = [(OPEN[0], 60.0, 60.0), (OPEN[0], 1390.0, 1390.0), (HOLIDAYS[0], 930.0, 930.0)]
    found = rates(rows + night)
    assert found.window_share == pytest.approx(3 / 8)
    assert found.concentration == pytest.approx(3 / 8 / (90 / 960))
    assert rates(night).window_share is None
    assert rates(night).concentration is None


def test_a_window_beyond_the_waking_day_counts_up_to_its_end():
    rows = [(OPEN[0], 1370.0, 1370.0), (OPEN[0], 1385.0, 1385.0), (OPEN[0], 600.0, 600.0)]
    found = rates(rows, [dict.fromkeys(OPEN, 1335)])  # 22:00 to 23:30
    assert found.hours_share == pytest.approx(60 / 960)
    assert found.window_share == pytest.approx(1 / 2)


def test_nothing_known_gives_nothing():
    found = rates([], school=[{}])
    assert found.school_days == (0,) * 5
    assert found.weekday_factor == (1.0,) * 5
    assert found.school_day_factor is None
    assert found.concentration is None


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(InputError, match="ends before it begins"):
        rates([], period=(PERIOD[1], PERIOD[0]))


# --- real places, invented times ----------------------------------------------------------------


def test_camden_export_has_its_planted_rise_after_school(realdata):
    """The times of this export are invented, with more after school: it must be seen as such."""
    file = realdata / "camden" / "force_export_synthetic_times.csv"
    source = IncidentSource((NamedFile(file, file.name, "incidents.files"),))
    frame, _ = read_incidents(source)
    terms = [(date(2017, 1, 9), date(2017, 4, 7)), (date(2017, 9, 5), date(2017, 12, 20))]
    opened = [d for a, b in terms for d in days_between(a, b) if d.weekday() < 5]
    finishes = [dict.fromkeys(opened, 915), dict.fromkeys(opened, 900)]
    slots = slot_windows(finishes, WINDOW)
    weights = slot_weights(frame, slots, bandwidth_min=30.0)
    whole = window_weights(frame, *window_intervals_us(finishes, WINDOW)).to_numpy()
    is_range = (frame[Incidents.to_utc] > frame[Incidents.from_utc]).to_numpy()
    assert np.abs(weights.sum(axis=1) - whole)[is_range].max() <= 1e-12
    # Smoothing the clock moves exact times over the window's ends, hardly any in or out of it.
    assert weights.sum() == pytest.approx(whole.sum(), rel=0.1)
    counted = np.ones(len(frame), dtype=bool)
    found = day_rates(frame, counted, finishes, WINDOW, (opened[0], opened[-1]))
    assert found.concentration > 1.1
    assert sum(found.incidents) == pytest.approx(whole.sum(), rel=1e-12)
    assert 0.2 < known_within(frame, counted) < 1
    assert 0 <= unknown_time_share(frame, counted) < 0.2
