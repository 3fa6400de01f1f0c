"""Aoristic weights: the numbers of evaluation.md D.8, and bounds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.risk.incident_time import window_weights
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
