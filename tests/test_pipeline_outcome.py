"""Which reports are a programme's outcome: whose, where, on which days and in which hours."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from support_programmes import URN, area, calendar, programme, reports

from corridors.errors import CalendarError, InputError
from corridors.pipeline.outcome import (
    SPANS,
    blocks_of,
    find_outcome,
    first_day_from,
    last_day,
    require_records,
)
from corridors.profile import Window
from corridors.tables import Incidents

WINDOW = Window(lead_min=15, length_min=90, default_finish="15:15")  # 15:00 to 16:30
TERM = ("", "term", "2025-01-06", "2025-07-18", "15:15")
END = date(2025, 6, 30)


def outcome(times, *, terms=None, until=END, made=None, **more):
    made = made or programme()
    frame = times if isinstance(times, pd.DataFrame) else reports(times, **more)
    return find_outcome(made, made.areas[0], frame, terms or calendar(TERM), WINDOW, until)


def counted(found, span="window"):
    return (found.in_span[span] & (found.piece >= 0)).tolist()


# --- whose and where ------------------------------------------------------------------------------


def test_only_the_groups_that_were_named_count():
    offences = ("violence", "robbery", "antisocial", "theft_person", "other", "drugs")
    found = outcome(["2025-03-03 15:30"] * 6, offence=offences)
    assert counted(found) == [True, True, True, False, False, False]
    other = outcome(["2025-03-03 15:30"] * 6, offence=offences, made=programme(groups=("drugs",)))
    assert counted(other) == [False] * 5 + [True]


@pytest.mark.parametrize("flag", ["is_police_generated", "is_school_premises"])
@pytest.mark.parametrize("hours", ["any", "after_school"])
def test_what_police_found_and_what_was_in_school_never_counts(flag, hours):
    made = programme(hours=hours)
    frame = pd.concat(
        [reports(["2025-03-03 15:30"]), reports(["2025-03-03 15:30"], **{flag: True})],
        ignore_index=True,
    ).rename_axis(Incidents.index)
    assert counted(outcome(frame, made=made)) == [True, False]


# --- hours ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "is_in"),
    [
        (("2025-03-03 15:30", "2025-03-03 17:30"), True),  # exactly half
        (("2025-03-03 15:30", "2025-03-03 17:31"), False),
        (("2025-03-03 14:00", "2025-03-03 16:00"), True),  # exactly half
        (("2025-03-03 13:59", "2025-03-03 16:00"), False),
        (("2025-03-03 08:00", "2025-03-03 18:00"), False),  # 0.15
        ("2025-03-03 15:45", True),
        ("2025-03-03 15:00", True),
        ("2025-03-03 14:59", False),
        ("2025-03-03 16:29", True),
        ("2025-03-03 16:30", False),  # the end is outside
        (("2025-03-03 15:45", "2025-03-03 15:00"), True),  # an end before the start: an instant
    ],
)
def test_a_report_counts_if_half_of_its_time_lies_in_the_window(times, is_in):
    assert counted(outcome([times])) == [is_in]


def test_times_partly_in_the_window_are_told():
    times = [
        ("2025-03-03 15:30", "2025-03-03 17:30"), ("2025-03-03 08:00", "2025-03-03 18:00"),
        "2025-03-03 15:30", "2025-03-03 20:00",
    ]  # fmt: skip
    assert outcome(times).is_partly.tolist() == [True, True, False, False]
    assert not outcome(times, offence="other").is_partly.any()


def test_spans_lie_around_the_window_and_do_not_overlap():
    times = [f"2025-03-03 {t}" for t in
             ("13:59", "14:00", "14:59", "15:00", "16:29", "16:30", "17:29", "17:30", "18:00",
              "19:59", "20:00")]  # fmt: skip
    found = outcome(times)
    which = [[name for name in SPANS if counted(found, name)[row]] for row in range(len(times))]
    before, window, after, evening = ["hour_before"], ["window"], ["hour_after"], ["evening"]
    assert which == [
        [], before, before, window, window, after, after, [], evening, evening, [],
    ]  # fmt: skip


def test_schools_of_an_area_share_their_windows_and_spans_lie_around_both():
    terms = calendar(TERM, ("100002", "term", "2025-01-06", "2025-07-18", "16:00"))
    made = programme(areas=(area(urns=(URN, "100002")),))  # 15:00-16:30 and 15:45-17:15
    times = [f"2025-03-03 {t}" for t in ("14:30", "15:00", "16:45", "17:14", "17:15", "18:14")]
    found = outcome(times, terms=terms, made=made)
    assert counted(found) == [False, True, True, True, False, False]
    assert counted(found, "hour_before") == [True, False, False, False, False, False]
    assert counted(found, "hour_after") == [False, False, False, False, True, True]


@pytest.mark.parametrize("day", ["2025-03-28", "2025-03-31", "2025-10-24", "2025-10-27"])
def test_hours_are_local_in_both_weeks_in_which_the_clock_changes(day):
    """Last school days before and first after 30/03/2025 and 26/10/2025."""
    made = programme(
        before_from=date(2025, 3, 1), starts_on=date(2025, 5, 1), ends_on=date(2025, 11, 30)
    )
    terms = calendar(("", "term", "2025-01-06", "2025-12-18", "15:15"))
    times = [f"{day} {t}" for t in ("14:59", "15:00", "16:29", "16:30")]
    found = outcome(times, terms=terms, made=made, until=date(2025, 11, 30))
    assert counted(found) == [False, True, True, False]
    assert counted(found, "hour_before") == [True, False, False, False]
    assert counted(found, "hour_after") == [False, False, False, True]


# --- days -----------------------------------------------------------------------------------------


def test_only_school_days_count():
    terms = calendar(
        TERM,
        ("", "half_term", "2025-02-17", "2025-02-21", ""),
        (URN, "inset", "2025-03-03", "2025-03-03", ""),
        ("100002", "inset", "2025-03-04", "2025-03-04", ""),  # of another school
        bank_holidays=[date(2025, 5, 5)],
    )
    times = {
        "2025-02-18 15:30": False, "2025-03-03 15:30": False, "2025-03-04 15:30": True,
        "2025-05-05 15:30": False, "2025-05-06 15:30": True, "2025-03-08 15:30": False,
        "2025-01-03 15:30": False, "2025-01-06 15:30": True,
    }  # fmt: skip
    found = outcome(list(times), terms=terms)
    assert counted(found) == list(times.values())
    assert date(2025, 3, 3) not in found.school_days
    assert found.school_days == tuple(sorted(found.school_days))


def test_pieces_hold_every_counted_day_once_by_side_and_month():
    made = programme(starts_on=date(2025, 3, 17))
    found = outcome(["2025-03-14 15:30", "2025-03-17 15:30"], made=made)
    labels = [p.label for p in found.pieces]
    assert labels == ["2025-01", "2025-02", "2025-03", "2025-03+", "2025-04+", "2025-05+",
                      "2025-06+"]  # fmt: skip
    assert sum(p.days for p in found.pieces) == len(found.school_days)
    assert [labels[p] for p in found.piece] == ["2025-03", "2025-03+"]
    assert sum(p.days for p in found.pieces if not p.is_after) == 20 + 20 + 10


def test_an_early_close_moves_the_window_of_its_day():
    terms = calendar(TERM, ("", "early_close", "2025-03-03", "2025-03-03", "12:15"))
    times = ["2025-03-03 12:30", "2025-03-03 15:30", "2025-03-04 12:30", "2025-03-04 15:30"]
    assert counted(outcome(times, terms=terms)) == [True, False, False, True]


def test_nothing_counts_outside_the_programme_or_after_the_last_day_with_records():
    made = programme(before_from=date(2025, 2, 3))
    times = ["2025-01-31 15:30", "2025-02-03 15:30", "2025-05-30 15:30", "2025-06-02 15:30",
             "2025-07-01 15:30"]  # fmt: skip
    found = outcome(times, made=made, until=date(2025, 5, 31))
    assert counted(found) == [False, True, True, False, False]
    assert max(found.school_days) == date(2025, 5, 30)
    assert counted(outcome(times, made=made)) == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("first", "last", "side"), [("2025-04-22", "2025-07-18", "before"),
                                ("2025-01-06", "2025-03-28", "after")]
)  # fmt: skip
def test_a_side_without_a_school_day_is_told(first, last, side):
    terms = calendar(("", "term", first, last, "15:15"))
    with pytest.raises(CalendarError, match=f"no day to count {side} the start"):
        outcome(["2025-03-03 15:30"], terms=terms)


# --- without times --------------------------------------------------------------------------------


def test_months_alone_are_refused_after_school():
    with pytest.raises(InputError, match="no report has a time of day") as told:
        outcome(["2025-03", "2025-05"])
    assert 'hours = "any"' in str(told.value)


def test_at_any_hour_every_hour_of_every_day_counts():
    made = programme(hours="any")
    found = outcome(["2025-01-01 00:00", "2025-03-08 23:59", "2025-04-01 03:00"], made=made)
    assert counted(found) == [True] * 3
    assert set(found.in_span) == {"window"}
    assert [p.is_after for p in found.pieces] == [False] * 3 + [True] * 3
    assert sum(p.days for p in found.pieces) == 31 + 28 + 31 + 30 + 31 + 30


def test_of_months_alone_only_whole_months_on_one_side_count():
    made = programme(
        hours="any", before_from=date(2025, 1, 15), starts_on=date(2025, 4, 10),
        ends_on=date(2025, 6, 20),
    )  # fmt: skip
    months = ["2024-12", "2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"]
    found = outcome(months, made=made)
    assert counted(found) == [False, False, True, True, False, True, False]
    assert [p.label for p in found.pieces] == ["2025-02", "2025-03", "2025-05+"]
    assert [p.days for p in found.pieces] == [28, 31, 31]


def test_beside_months_alone_reports_with_times_count_in_whole_months_too():
    made = programme(hours="any", starts_on=date(2025, 4, 10))
    found = outcome(["2025-04-05 10:00", "2025-03-05 10:00", "2025-03"], made=made)
    assert counted(found) == [False, True, True]


def test_months_that_the_records_do_not_finish_are_left_out():
    found = outcome(["2025-03", "2025-05"], made=programme(hours="any"), until=date(2025, 5, 30))
    assert [p.label for p in found.pieces][-1] == "2025-04+"
    assert counted(found) == [True, False]


# --- parts of the time before ---------------------------------------------------------------------


def test_the_time_before_is_cut_into_equal_parts():
    made = programme(hours="any", before_from=date(2025, 1, 1), starts_on=date(2025, 4, 11))
    times = ["2025-01-01 10:00", "2025-01-25 10:00", "2025-01-26 10:00", "2025-04-10 10:00",
             "2025-04-11 10:00"]  # fmt: skip
    found = outcome(times, made=made)
    assert blocks_of(found, made, 4, made.before_to).tolist() == [0, 0, 1, 3, -1]


def test_parts_end_where_the_records_do():
    made = programme(hours="any", before_from=date(2025, 1, 1), starts_on=date(2025, 4, 11))
    times = ["2025-01-10 10:00", "2025-01-11 10:00", "2025-01-31 10:00", "2025-02-09 10:00"]
    found = outcome(times, made=made)
    assert blocks_of(found, made, 4, date(2025, 2, 9)).tolist() == [0, 1, 3, 3]
    assert blocks_of(found, made, 4, date(2024, 12, 1)).max() <= 3


def test_months_lie_in_the_part_that_holds_their_middle():
    made = programme(hours="any", before_from=date(2024, 1, 1), starts_on=date(2025, 1, 1))
    months = [f"2024-{m:02d}" for m in range(1, 13)]
    found = outcome([*months, "2025-02"], made=made)
    wanted = np.repeat([0, 1, 2, 3], 3).tolist()
    assert blocks_of(found, made, 4, made.before_to).tolist() == [*wanted, -1]


def test_the_last_day_of_records():
    assert last_day(reports(["2025-03-03 23:30", "2025-02-01 10:00"])) == date(2025, 3, 3)
    assert last_day(reports(["2025-02", "2025-01"])) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("times", "first"),
    [
        (["2025-03-03 23:30", "2025-02-01 10:00"], date(2025, 2, 1)),
        (["1998-02-01 10:00", "2025-03-03 00:10"], date(2025, 3, 3)),  # reported late
        ([("2024-12-20 10:00", "2025-01-30 10:00")], date(2025, 1, 9)),
        (["2025-02", "2025-01"], date(2025, 1, 1)),
        (["2024-12", "2025-02"], date(2025, 2, 1)),
        (["2025-02", "2025-02-20 10:00"], date(2025, 2, 1)),
        (["2024-12", "2024-12-31 23:59"], None),
    ],
)
def test_the_first_day_of_records_from_a_day_on(times, first):
    assert first_day_from(reports(times, offence="drugs"), date(2025, 1, 1)) == first


def test_a_month_that_has_begun_before_reaches_into_the_time():
    assert first_day_from(reports(["2025-01"]), date(2025, 1, 15)) == date(2025, 1, 1)


def test_records_have_to_begin_within_a_month_of_the_time_before():
    made = programme(before_from=date(2025, 1, 1))
    require_records(made, reports(["2025-02-01 10:00"], offence="drugs"))
    with pytest.raises(InputError, match="From that day on they begin on 02/02/2025"):
        require_records(made, reports(["2025-02-02 10:00"]))
    with pytest.raises(InputError, match="There are none from that day on"):
        require_records(made, reports(["2024-02-02 10:00"]))


def test_the_order_of_reports_changes_nothing():
    times = ["2025-03-03 15:30", ("2025-03-04 15:30", "2025-03-04 18:00"), "2025-05-06 16:29"]
    one, other = outcome(times), outcome(times[::-1])
    assert one.pieces == other.pieces
    assert one.piece.tolist() == other.piece[::-1].tolist()
    for span in SPANS:
        assert counted(one, span) == counted(other, span)[::-1]
