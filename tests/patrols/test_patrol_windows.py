"""Stops in their windows: the order that is found is as good as trying all of them."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corridors.patrols.windows import Stop, window_order


def ends(walk_s: np.ndarray, stops: tuple[Stop, ...], order: tuple[int, ...]):
    """When the end is reached and how much is walked, or None if a window is missed."""
    now_s = walked_s = 0
    way = (0, *order, len(stops) + 1)
    for before, stop in pairwise(way):
        now_s += int(walk_s[before, stop])
        walked_s += int(walk_s[before, stop])
        if stop <= len(stops):
            now_s = max(now_s, stops[stop - 1].earliest_s)
            if now_s > stops[stop - 1].latest_s:
                return None
            now_s += stops[stop - 1].dwell_s
    return now_s, walked_s


@given(st.integers(0, 4), st.integers(0, 2**31))
def test_an_order_is_found_if_and_only_if_there_is_one(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    walk_s = rng.integers(0, 20, size=(count + 2, count + 2))
    stops = tuple(
        Stop(int(rng.integers(0, 5)), early := int(rng.integers(0, 30)), early + int(late))
        for late in rng.integers(0, 25, size=count)
    )
    limit_s, deadline_s = int(rng.integers(0, 80)), int(rng.integers(0, 120))
    tried = [ends(walk_s, stops, order) for order in permutations(range(1, count + 1))]
    kept = [t for t in tried if t is not None and t[0] <= deadline_s and t[1] <= limit_s]
    found = window_order(walk_s, stops, limit_s, deadline_s)
    assert (found is not None) == bool(kept)
    if found is not None:
        assert ends(walk_s, stops, found) == min(kept)
