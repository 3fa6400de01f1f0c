from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.sources.dates import LONDON, is_month_first, joined, utc_instants
from corridors.written_days import day_of


def instant(text: str) -> str:
    found = utc_instants(pd.Series([text], dtype="str")).iloc[0]
    return "" if pd.isna(found) else found.strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("02/03/2026 15:40", "2026-03-02 15:40:00"),  # 2 March, not 3 February
        ("2/3/2026 9:05", "2026-03-02 09:05:00"),
        ("02/07/2026 15:40:30", "2026-07-02 14:40:30"),  # summer time
        ("2026-07-02T15:40", "2026-07-02 14:40:00"),
        ("2026-07-02 15:40:30.250", "2026-07-02 14:40:30"),
        ("2026-07-02T15:40:00Z", "2026-07-02 15:40:00"),
        ("2026-07-02T15:40:00+01:00", "2026-07-02 14:40:00"),
        ("02-03-2026 15:40", "2026-03-02 15:40:00"),
        ("02/03/2026", "2026-03-02 00:00:00"),
        ("02/03/2026 24:00", "2026-03-03 00:00:00"),
        ("31/12/2025 24:00:00", "2026-01-01 00:00:00"),
        ("46083", "2026-03-02 00:00:00"),  # Excel: 46083 = 2 March 2026
        ("46083.652777777777", "2026-03-02 15:40:00"),
        ("29/03/2026 00:59", "2026-03-29 00:59:00"),
        ("29/03/2026 01:30", "2026-03-29 01:00:00"),  # no such time: forward to 02:00 BST
        ("29/03/2026 02:00", "2026-03-29 01:00:00"),
        ("25/10/2026 01:30", "2026-10-25 00:30:00"),  # twice: the first
        ("25/10/2026 02:00", "2026-10-25 02:00:00"),
        ("28/03/2026 24:00", "2026-03-29 00:00:00"),
        ("", ""),
        ("03/13/2026 15:40", ""),
        ("31/02/2026", ""),
        ("02/03/0206 15:40", ""),
        ("02/03/2206 15:40", ""),
        ("tea time", ""),
        ("15:40", ""),
        ("02/03/2026 25:00", ""),
        ("123456", ""),
    ],
)
def test_known_writings(text, utc):
    assert instant(text) == utc


@given(st.integers(0, 56_000_000))
def test_every_local_minute_goes_to_utc_and_back(minutes):
    moment = pd.Timestamp("1991-01-01") + pd.Timedelta(minutes=minutes)
    found = utc_instants(pd.Series([moment.strftime("%d/%m/%Y %H:%M")], dtype="str")).iloc[0]
    back = found.tz_convert(LONDON).tz_localize(None)
    # Equal but for the hour that the spring change skips.
    assert back == moment or (0 < (back - moment).total_seconds() <= 3600 and moment.hour == 1)


def test_alone_or_among_others_a_text_means_the_same():
    texts = ["02/03/2026 15:40", "46083", "2026-03-02T15:40:00Z", "", "x", "02/03/2026 24:00"]
    together = utc_instants(pd.Series(texts * 2, index=range(5, 17), dtype="str"))
    alone = [utc_instants(pd.Series([t], dtype="str")).iloc[0] for t in texts * 2]
    assert list(together.index) == list(range(5, 17))
    assert [str(t) for t in together] == [str(t) for t in alone]


def test_date_and_time_columns_are_joined():
    day = pd.Series(["02/03/2026", "02/03/2026 00:00:00", "46083", "02/03/2026", ""], dtype="str")
    clock = pd.Series(["15:40", "15:40", "0.652777777777", "", "15:40"], dtype="str")
    found = utc_instants(joined(day, clock)).dt.strftime("%d %H:%M").tolist()
    assert found[:4] == ["02 15:40", "02 15:40", "02 15:40", "02 00:00"]
    assert pd.isna(found[4])


def test_month_first_is_seen():
    assert is_month_first(pd.Series(["03/02/2026 1:00", "03/13/2026"], dtype="str"))
    assert not is_month_first(pd.Series(["03/02/2026", "13/03/2026"], dtype="str"))
    assert not is_month_first(pd.Series(["x"], dtype="str"))


def test_day_of_one_cell():
    assert day_of("02/03/2026") == day_of("2026-03-02") == date(2026, 3, 2)
    assert day_of("2026-03-02T00:00:00") == date(2026, 3, 2)
    assert day_of("30/02/2026") is None
    assert day_of("02/03/26") is None
