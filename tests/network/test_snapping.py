"""Snapping: nearest, within reach, the same on ties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from support_networks import make_network

from corridors.errors import InputError
from corridors.network.snapping import snap

NETWORK = make_network(
    [(0, 0), (100, 0), (100, 100), (0, 100), (50, 50)],
    [(0, 1), (1, 2), (2, 3), (3, 0), (0, 4), (4, 2)],
)


def test_offset_and_distance_from_the_u_end() -> None:
    found = snap(NETWORK, [30.0, 104.0], [-5.0, 60.0], reach_m=10.0)
    assert found["segment_id"].tolist() == [0, 1]
    assert found["offset_m"].tolist() == [30.0, 60.0]
    assert found["distance_m"].tolist() == [5.0, 4.0]


def test_reach_is_inclusive_and_beyond_it_is_nothing() -> None:
    found = snap(NETWORK, [30.0, 30.0], [-10.0, -10.001], reach_m=10.0)
    assert found["segment_id"].tolist() == [0, -1]
    assert found[["offset_m", "distance_m"]].iloc[1].isna().all()


def test_lowest_segment_on_ties() -> None:
    found = snap(NETWORK, [0.0, 50.0, 100.0], [0.0, 50.0, 110.0], reach_m=20.0)
    assert found["segment_id"].tolist() == [0, 4, 1]


def test_only_among_allowed_segments() -> None:
    among = np.array([False, True, True, True, True, True])
    found = snap(NETWORK, [30.0], [-5.0], reach_m=100.0, among=among)
    assert found["segment_id"].tolist() == [4]
    nothing = snap(NETWORK, [30.0], [-5.0], reach_m=100.0, among=np.zeros(6, dtype=bool))
    assert nothing["segment_id"].tolist() == [-1]


def test_index_of_a_series_is_kept_and_no_points_are_fine() -> None:
    x = pd.Series([30.0, np.nan], index=["b", "a"])
    found = snap(NETWORK, x, pd.Series([0.0, 0.0], index=["b", "a"]), reach_m=5.0)
    assert found.index.tolist() == ["b", "a"]
    assert found["segment_id"].tolist() == [0, -1]
    assert snap(NETWORK, [], [], reach_m=5.0).empty
    assert str(snap(NETWORK, [], [], reach_m=5.0)["segment_id"].dtype) == "int64"


@pytest.mark.parametrize("reach_m", [0.0, -1.0, float("nan")])
def test_reach_must_be_positive(reach_m: float) -> None:
    with pytest.raises(InputError, match="reach_m"):
        snap(NETWORK, [0.0], [0.0], reach_m=reach_m)


POINTS = st.lists(st.tuples(st.floats(-200, 300), st.floats(-200, 300)), min_size=1, max_size=20)


@given(POINTS, st.floats(1.0, 200.0))
def test_agrees_with_measuring_every_segment(
    points: list[tuple[float, float]], reach_m: float
) -> None:
    x, y = np.array(points).T
    found = snap(NETWORK, x, y, reach_m=reach_m)
    lines = NETWORK.segments.geometry.to_numpy()
    every = shapely.distance(shapely.points(x, y)[:, None], lines[None, :])
    np.testing.assert_array_equal(found["segment_id"] >= 0, every.min(axis=1) <= reach_m)
    hit = (found["segment_id"] >= 0).to_numpy()
    np.testing.assert_allclose(found["distance_m"][hit], every.min(axis=1)[hit])
    at = shapely.line_interpolate_point(lines[found["segment_id"][hit]], found["offset_m"][hit])
    np.testing.assert_allclose(
        shapely.distance(at, shapely.points(x, y)[hit]), found["distance_m"][hit], atol=1e-9
    )
