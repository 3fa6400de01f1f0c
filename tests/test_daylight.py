"""Sunset against the times that HM Nautical Almanac Office and others print, to two minutes."""

from __future__ import annotations

from datetime import date

import pytest

from corridors.crs import to_metric
from corridors.daylight import sunset_min

LONDON = (-0.1276, 51.5072)
LERWICK = (-1.1440, 60.1550)


def minute(day: date, place=LONDON) -> int | None:
    x_m, y_m = to_metric(*place)
    return sunset_min(day, float(x_m[0]), float(y_m[0]))


@pytest.mark.parametrize(
    ("day", "place", "clock"),
    [
        (date(2026, 11, 30), LONDON, (15, 55)),
        (date(2026, 12, 21), LONDON, (15, 53)),
        (date(2026, 6, 21), LONDON, (21, 21)),
        (date(2026, 3, 20), LONDON, (18, 14)),
        (date(2026, 12, 21), LERWICK, (14, 58)),
    ],
)
def test_sunset_is_what_almanacs_say(day, place, clock):
    assert abs(minute(day, place) - (60 * clock[0] + clock[1])) <= 2


@pytest.mark.parametrize(
    ("before", "after", "hour"),
    [
        (date(2026, 3, 28), date(2026, 3, 29), 60),  # last Sunday of March
        (date(2026, 10, 24), date(2026, 10, 25), -60),  # last Sunday of October
        (date(2027, 3, 27), date(2027, 3, 28), 60),
        (date(2027, 10, 30), date(2027, 10, 31), -60),
    ],
)
def test_sunset_moves_by_the_hour_with_the_clocks(before, after, hour):
    assert abs(minute(after) - minute(before) - hour) <= 3


def test_days_draw_in_from_week_to_week():
    autumn = [minute(date(2026, 11, day)) for day in range(1, 30, 7)]
    assert autumn == sorted(autumn, reverse=True)
