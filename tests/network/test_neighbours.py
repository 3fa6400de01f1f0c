"""Which other wards a corridor's streets run into."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, box

from corridors.model import AlsoIn, Ward
from corridors.network.neighbours import LEAST_M, also_in
from corridors.tables import Segments

EAST = Ward("E05999002", "East", box(1000, 0, 2000, 1000))
NORTH = Ward("E05999003", "North", box(0, 1000, 2000, 2000))


def streets(*rows: tuple[str, tuple[float, float], tuple[float, float]]) -> gpd.GeoDataFrame:
    """Straight streets, by name and ends."""
    lines = [LineString([a, b]) for _, a, b in rows]
    frame = gpd.GeoDataFrame(
        {
            Segments.name: [name for name, *_ in rows],
            Segments.length_m: np.array([line.length for line in lines]),
        },
        geometry=lines,
        crs="EPSG:27700",
    )
    frame.index.name = Segments.index
    return frame


ACROSS = streets(
    ("High Street", (500, 500), (990, 500)),
    ("High Street", (990, 500), (1100, 500)),
    ("Bell Lane", (1100, 500), (1100, 600)),
    ("", (1100, 600), (1150, 600)),
    ("Hill Road", (500, 500), (500, 990)),
    ("Hill Road", (500, 990), (500, 1030)),
)


def test_whole_segments_count_where_their_midpoint_is():
    assert also_in(ACROSS, (EAST, NORTH)) == (
        AlsoIn("E05999002", "East", 260.0, ("Bell Lane", "High Street")),
        AlsoIn("E05999003", "North", 40.0, ("Hill Road",)),
    )


def test_order_of_streets_and_wards_does_not_matter():
    assert also_in(ACROSS.iloc[::-1], (NORTH, EAST)) == also_in(ACROSS, (EAST, NORTH))


@pytest.mark.parametrize(("length_m", "is_told"), [(LEAST_M - 0.1, False), (LEAST_M, True)])
def test_less_than_the_least_is_not_told(length_m, is_told):
    found = also_in(streets(("High Street", (1100, 500), (1100 + length_m, 500))), (EAST,))
    assert bool(found) == is_told


def test_a_street_along_the_border_is_in_both():
    border = streets(("Border Road", (1200, 1000), (1300, 1000)))
    assert [there.code for there in also_in(border, (EAST, NORTH))] == ["E05999002", "E05999003"]


def test_no_neighbour_no_street_and_no_name():
    assert also_in(ACROSS, ()) == ()
    assert also_in(ACROSS.iloc[:0], (EAST,)) == ()
    (there,) = also_in(ACROSS.iloc[3:4], (EAST,))
    assert there.street_names == ()
