"""British National Grid: the published test point, round trips, and no guessing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors import crs
from corridors.errors import CrsError


def test_published_point_by_helmert_and_within_5_m_of_ostn15():
    lon, lat = crs.to_geographic(624161.0, 308459.58)
    assert (lon[0], lat[0]) == pytest.approx((1.310709885, 52.627578952), abs=1e-7)
    east, north = crs.to_metric(1.310733488, 52.627603521)  # the same place by OSTN15
    assert np.hypot(east[0] - 624161.0, north[0] - 308459.58) < 5


@given(st.lists(st.tuples(st.floats(0, 7e5), st.floats(0, 1.3e6)), max_size=5))
def test_there_and_back_is_within_a_centimetre(points):
    x, y = np.array(points).reshape(-1, 2).T
    east, north = crs.to_metric(*crs.to_geographic(x, y))
    assert np.abs(east - x).max(initial=0) < 0.01
    assert np.abs(north - y).max(initial=0) < 0.01


@pytest.mark.parametrize("bad", [None, "EPSG:4326", "EPSG:3857", ""])
def test_another_system_or_none_is_an_error(bad):
    with pytest.raises(CrsError, match="EPSG:27700"):
        crs.require_metric(bad, "Segments")
