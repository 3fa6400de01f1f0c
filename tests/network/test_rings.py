"""Walking distances from a programme's streets, and stretches to compare with."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from support_networks import grid_network, make_network

from corridors.network.rings import on_lines, on_streets, stretches, walk_from
from corridors.tables import Segments

STEP_M = 60.0


def named(network, *names):
    return on_streets(network, names, np.ones(len(network.segments), dtype=bool))


def test_streets_are_found_by_name_whatever_case_and_spaces():
    grid = grid_network(3, 3)
    found = named(grid, "  row 1   ROAD ")
    assert set(grid.segments[Segments.name][found]) == {"Row 1 Road"}
    assert found.sum() == 2
    within = np.zeros(len(found), dtype=bool)
    assert not on_streets(grid, ("Row 1 Road",), within).any()
    assert not named(grid, "Row 9 Road").any()


def test_distances_by_hand_on_a_grid():
    """From the bottom row: its own streets 0, the columns half a step, and so on upwards."""
    grid = grid_network(4, 4, STEP_M)
    found = walk_from(grid, named(grid, "Row 0 Road"))
    middle_y = shapely.get_y(shapely.centroid(grid.segments.geometry.to_numpy()))
    is_column = grid.segments[Segments.name].str.startswith("Column").to_numpy()
    # A row's middle lies half a step beyond its nearest junction, a column's own middle too.
    wanted = np.where(is_column, middle_y, np.where(middle_y == 0, 0.0, middle_y + STEP_M / 2))
    np.testing.assert_allclose(found, wanted)


def test_what_cannot_be_walked_to_is_infinitely_far():
    xy = [(0, 0), (100, 0), (0, 500), (100, 500)]
    network = make_network(xy, [(0, 1), (2, 3)])
    assert walk_from(network, np.array([True, False])).tolist() == [0.0, np.inf]
    assert walk_from(network, np.array([False, False])).tolist() == [np.inf, np.inf]


def test_walks_take_the_shorter_of_two_streets_between_the_same_corners():
    network = make_network(
        [(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2), (1, 2), (2, 2)],
        lengths_m=[100, 300, 80, 10],
    )  # fmt: skip
    start = np.array([True, False, False, False])
    assert walk_from(network, start).tolist() == [0.0, 150.0, 40.0, 85.0]


def test_a_segment_is_on_lines_if_most_of_it_lies_beside_them():
    xy = [(0, 0), (100, 0), (200, 0), (200, 100)]
    network = make_network(xy, [(0, 1), (1, 2), (2, 3)])
    beside = shapely.MultiLineString([[(0, 5), (140, 5)]])  # 5 m away; 40 % of the second
    assert on_lines(network, beside).tolist() == [True, False, False]
    longer = shapely.MultiLineString([[(0, 5), (170, 5)]])
    assert on_lines(network, longer).tolist() == [True, True, False]
    across = shapely.MultiLineString([[(50, -50), (50, 50)]])
    assert not on_lines(network, across).any()


# --- stretches ------------------------------------------------------------------------------------


def is_connected(network, segment_ids) -> bool:
    ends = network.segments[[Segments.u, Segments.v]].to_numpy()[segment_ids]
    reached = {ends[0][0]}
    for _ in segment_ids:
        reached |= {n for pair in ends.tolist() if reached & set(pair) for n in pair}
    return reached == set(ends.ravel().tolist())


@pytest.fixture(scope="module")
def checked():
    """A grid with a wall: the third row's roads and all of column 2 are not allowed."""
    grid = grid_network(8, 6, STEP_M)
    names = grid.segments[Segments.name]
    allowed = (~names.isin(["Row 2 Road", "Column 2 Street"])).to_numpy()
    return grid, allowed, tuple(stretches(grid, allowed, 600.0))


def test_stretches_are_connected_long_enough_and_of_allowed_streets_alone(checked):
    grid, allowed, found = checked
    assert len(found) > 10
    length_m = grid.segments[Segments.length_m].to_numpy()
    for each in found:
        assert allowed[each.segment_ids].all()
        assert is_connected(grid, each.segment_ids)
        assert 600.0 <= length_m[each.segment_ids].sum() < 600.0 + length_m.max()
        assert (np.diff(each.segment_ids) > 0).all()


def test_stretches_come_in_order_of_node_and_the_same_again(checked):
    grid, allowed, found = checked
    nodes = [each.node_id for each in found]
    assert nodes == sorted(set(nodes))
    again = tuple(stretches(grid, allowed, 600.0))
    assert [e.node_id for e in again] == nodes
    for one, other in zip(found, again, strict=True):
        np.testing.assert_array_equal(one.segment_ids, other.segment_ids)


def test_a_stretch_holds_the_streets_nearest_to_its_node():
    grid = grid_network(5, 5, STEP_M)
    everywhere = np.ones(len(grid.segments), dtype=bool)
    centre = {e.node_id: e for e in stretches(grid, everywhere, 4 * STEP_M)}[12]
    ends = grid.segments[[Segments.u, Segments.v]].to_numpy()[centre.segment_ids]
    assert len(ends) == 4
    assert (ends == 12).any(axis=1).all()


def test_without_enough_streets_there_are_no_stretches():
    grid = grid_network(2, 2, STEP_M)
    everywhere = np.ones(len(grid.segments), dtype=bool)
    assert not tuple(stretches(grid, everywhere, 1000.0))
    assert not tuple(stretches(grid, ~everywhere, 10.0))


def test_stretches_of_many_nodes_do_not_depend_on_how_many_are_searched_at_once(monkeypatch):
    grid = grid_network(6, 6, STEP_M)
    everywhere = np.ones(len(grid.segments), dtype=bool)
    whole = [e.segment_ids.tolist() for e in stretches(grid, everywhere, 300.0)]
    monkeypatch.setattr("corridors.network.rings._BLOCK", 5)
    assert [e.segment_ids.tolist() for e in stretches(grid, everywhere, 300.0)] == whole
