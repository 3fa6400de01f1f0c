"""Schemas validate and never coerce."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point
from support_networks import grid_network

from corridors.errors import ColumnError, CrsError
from corridors.tables import Nodes, Places, Segments

GRID = grid_network(2, 2)


def test_a_column_is_its_own_name():
    assert Segments.length_m == "length_m"
    assert list(Nodes.columns()) == ["x_m", "y_m", "is_clipped"]
    assert all(c.meaning for c in Segments.columns().values())


def test_a_good_table_comes_back_as_it_went_in():
    assert Segments.validate(GRID.segments) is GRID.segments


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.drop(columns="walk_s"), "walk_s is missing"),
        (lambda s: s.assign(length_m=s["length_m"].astype("float32")), "is float32, not float64"),
        (lambda s: s.assign(length_m=-1.0), "below 0 m"),
        (lambda s: s.assign(length_m=np.nan), "has empty values"),
        (lambda s: s.rename_axis("id"), "unique index segment_id"),
        (lambda s: pd.concat([s, s]), "unique index"),
        (lambda s: s.set_geometry(s.geometry.centroid), "holds Point"),
    ],
)
def test_a_wrong_table_names_the_column_and_the_rule(change, words):
    with pytest.raises(ColumnError, match=words):
        Segments.validate(change(GRID.segments))


def test_a_missing_or_other_coordinate_system_is_never_guessed():
    for crs in (None, "EPSG:3857"):
        other = GRID.segments.set_crs(crs, allow_override=True)
        with pytest.raises(CrsError, match="EPSG:27700"):
            Segments.validate(other)


def test_a_value_outside_the_list_is_refused():
    frame = gpd.GeoDataFrame(
        {"kind": pd.array(["pub"], dtype="str"), "name": pd.array([""], dtype="str")},
        geometry=[Point(0, 0)],
        crs="EPSG:27700",
    ).rename_axis("place_id")
    with pytest.raises(ColumnError, match="values other than bus_stop"):
        Places.validate(frame)
