from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from support_workspace import TEXTS, write

from corridors.errors import CalendarError, ColumnError, InputError
from corridors.sources.calendar import bank_holidays, parse_week, read_calendar

HEADER = "urn,academic_year,kind,start,end,finish_time\n"
TERM = ",2025/26,term,05/01/2026,27/03/2026,15:15\n"


def read(tmp_path, text):
    return read_calendar(write(tmp_path / "t.csv", text), file="t.csv", division="ENG")


def test_terms_are_read(tmp_path):
    calendar, record = read(tmp_path, TEXTS["terms.csv"])
    terms = calendar.terms
    assert terms["kind"].tolist() == ["term", "half_term", "early_close"]
    assert terms["finish_min"].tolist()[::2] == [915, 780]
    assert (record.first, record.last) == (date(2026, 1, 5), date(2026, 3, 27))
    assert date(2026, 4, 3) in calendar.bank_holidays


def test_the_order_of_rows_changes_nothing(tmp_path):
    head, *rows = TEXTS["terms.csv"].splitlines()
    first, _ = read(tmp_path, TEXTS["terms.csv"])
    second, _ = read(tmp_path, "\n".join([head, *reversed(rows)]))
    pd.testing.assert_frame_equal(first.terms, second.terms)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (",2025/26,term,01/04/2026,10/03/2026,", "end", "before the start"),
        (",2025/26,term,01/03/2026,10/04/2026,", "start", "overlaps row 2"),
        (",2025/26,trem,01/04/2026,10/04/2026,", "kind", "Did you mean term"),
        (",2025/26,inset,31/02/2026,10/04/2026,", "start", "is not a date"),
        (",2025/26,inset,,10/04/2026,", "start", "is empty"),
        (",2024/25,inset,01/04/2026,01/04/2026,", "academic_year", "does not hold"),
        (",2025,inset,01/04/2026,01/04/2026,", "academic_year", "not an academic year"),
        (",2025/27,inset,01/04/2026,01/04/2026,", "academic_year", "not an academic year"),
        (",2025/26,early_close,01/04/2026,01/04/2026,", "finish_time", "is empty"),
        (",2025/26,early_close,01/04/2026,01/04/2026,3:15", "finish_time", "15:15"),
        (",2025/26,early_close,01/04/2026,01/04/2026,12:75", "finish_time", "24-hour"),
        (",2025/26,inset,01/04/2026,01/04/2026,15:15", "finish_time", "no meaning"),
        ("9x,2025/26,inset,01/04/2026,01/04/2026,", "urn", "not a school URN"),
    ],
)
def test_wrong_cells_are_told_with_their_row(tmp_path, row, column, words):
    with pytest.raises(ColumnError, match=words) as caught:
        read(tmp_path, HEADER + TERM + row + "\n")
    assert (caught.value.row, caught.value.column) == (3, column)


def test_one_school_may_have_its_own_term(tmp_path):
    calendar, _ = read(tmp_path, HEADER + TERM + "900001" + TERM)
    assert len(calendar.terms) == 2


def test_a_calendar_without_terms(tmp_path):
    with pytest.raises(CalendarError, match="kind term"):
        read(tmp_path, HEADER + ",2025/26,inset,01/04/2026,01/04/2026,\n")


@pytest.mark.parametrize(
    ("day", "divisions"),
    [
        (date(2026, 4, 3), {"ENG", "WLS", "SCT", "NIR"}),  # Good Friday
        (date(2026, 4, 6), {"ENG", "WLS", "NIR"}),  # Easter Monday
        (date(2026, 1, 2), {"SCT"}),
        (date(2026, 3, 17), {"NIR"}),
        (date(2026, 8, 31), {"ENG", "WLS", "NIR"}),
        (date(2026, 3, 2), set()),
    ],
)
def test_bank_holidays_by_division(day, divisions):
    found = {d for d in ("ENG", "WLS", "SCT", "NIR") if day in bank_holidays(d, [2026])}
    assert found == divisions


def test_an_unknown_division():
    with pytest.raises(InputError, match="ENG, WLS, SCT, NIR"):
        bank_holidays("UK", [2026])


def test_a_week_is_monday_to_friday():
    week = parse_week("2026-w10")
    assert week.label == "2026-W10"
    assert week.days[0] == date(2026, 3, 2)
    assert week.days[-1] == date(2026, 3, 6)
    assert parse_week("2026-W53").days[0] == date(2026, 12, 28)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-W60", "2026 has no week 60.*W01 to W53"),
        ("2025-W53", "W01 to W52"),
        ("2026-W00", "no week 0"),
        ("next week", "Write it as 2026-W10"),
        ("", "is not a week"),
        ("2026-W10-1", "is not a week"),
    ],
)
def test_what_is_not_a_week(text, words):
    with pytest.raises(InputError, match=words):
        parse_week(text)
