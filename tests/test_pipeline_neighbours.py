"""A school is planned once; its corridor says which other wards it runs into, and is the same."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from support_plans import load, write_demo

from corridors.model import Corridor, Ward
from corridors.pipeline.danger import find_danger
from corridors.pipeline.ground import Ground, find_ground
from corridors.pipeline.piece import find_piece
from corridors.tables import Segments


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    inputs, profile = load(write_demo(tmp_path_factory.mktemp("neighbours")))
    return find_ground(find_piece(replace(inputs, neighbours=()), profile))


def corridors_beside(ground: Ground, *neighbours: Ward) -> tuple[Corridor, ...]:
    area = replace(ground.area, inputs=replace(ground.inputs, neighbours=neighbours))
    return find_danger(replace(ground, piece=replace(ground.piece, area=area))).corridors


def test_a_corridor_over_the_border_names_the_ward_and_stays_the_same(ground):
    alone = corridors_beside(ground)
    assert alone
    assert all(c.also_in == () for c in alone)
    lines = ground.area.network.segments.loc[list(alone[0].segment_ids)]
    x_m = np.median(shapely.get_coordinates(lines.geometry.centroid)[:, 0])
    west_m, south_m, east_m, north_m = lines.total_bounds
    beside = Ward("E05999008", "Beside", shapely.box(x_m, south_m - 1, east_m + 1, north_m + 1))
    far = Ward("E05999009", "Far", shapely.box(west_m - 9000, south_m, west_m - 8000, north_m))
    crossing = corridors_beside(ground, beside, far)
    (there,) = crossing[0].also_in
    assert (there.code, there.name) == ("E05999008", "Beside")
    assert 25 <= there.metres < alone[0].length_m
    assert set(there.street_names) <= set(alone[0].street_names)
    assert there.street_names == tuple(sorted(there.street_names))
    assert set(there.street_names) <= set(lines[Segments.name])
    assert [replace(c, also_in=()) for c in crossing] == list(alone)
