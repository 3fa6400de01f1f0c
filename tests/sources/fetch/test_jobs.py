"""Areas are padded so that a request is about no school."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corridors.sources.fetch.jobs import SQUARE_M, padded

METRES = st.floats(0, 700_000, allow_nan=False)


@given(METRES, METRES, st.floats(0, 9_000), st.floats(0, 9_000), st.floats(0, 2_000))
def test_whole_squares_hold_the_area_and_its_margin(west, south, wide, high, margin):
    made = padded((west, south, west + wide, south + high), margin)
    assert all(edge % SQUARE_M == 0 for edge in made)
    assert made[0] <= west - margin
    assert made[1] <= south - margin
    assert made[2] >= west + wide + margin
    assert made[3] >= south + high + margin
    assert made[2] - made[0] < wide + 2 * margin + 2 * SQUARE_M


def test_two_wards_of_one_square_ask_the_same():
    assert padded((526_100, 184_100, 527_000, 184_900), 900) == padded(
        (527_400, 183_000, 528_000, 184_500), 900
    )
