"""Sidewalks become their street, and nothing is cut off by that."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_streets import Way, make_extract, square_ward, way

from corridors.model import Network
from corridors.network.links import components
from corridors.network.segments import build_network
from corridors.profile import Streets
from corridors.tables import Nodes, Segments

SIDE = {"highway": "footway", "footway": "sidewalk"}
CROSSING = {"highway": "footway", "footway": "crossing"}
PATH = {"highway": "path"}
XY = {
    "a": (0.0, 0.0), "m": (100.0, 0.0), "b": (200.0, 0.0),
    "na": (0.0, 6.0), "n60": (60.0, 6.0), "nm": (100.0, 6.0), "nb": (200.0, 6.0),
    "sa": (0.0, -6.0), "sm": (100.0, -6.0), "sb": (200.0, -6.0),
    "p60": (60.0, 86.0), "pm": (100.0, 86.0),
}  # fmt: skip
STREET = way("a", "m", "b", name="High Street")


def build(ways: list[Way], xy: dict[Any, tuple[float, float]] | None = None) -> Network:
    extract = make_extract({**XY, **(xy or {})}, ways)
    return build_network(extract, square_ward(), Streets(island_max_share=1.0))


def length_m(network: Network, **where: str) -> float:
    rows = np.ones(len(network.segments), dtype=bool)
    for column, value in where.items():
        rows &= (network.segments[column] == value).to_numpy()
    return float(network.segments[Segments.length_m][rows].sum())


def test_sidewalk_and_its_crossing_become_the_street() -> None:
    network = build(
        [
            STREET,
            way("na", "n60", "nm", "nb", **SIDE),
            way("sa", "sm", "sb", **SIDE),
            way("nm", "m", "sm", **CROSSING),
            way("nm", "pm", **PATH),
        ]
    )
    assert length_m(network, name="High Street") == 200.0
    # The path met the sidewalk; now it meets the street where the crossing does.
    assert length_m(network) == 200.0 + 86.0
    assert network.nodes[[Nodes.x_m, Nodes.y_m]].to_numpy().tolist() == [
        [0, 0], [100, 0], [100, 86], [200, 0],
    ]  # fmt: skip
    assert dict(network.dropped) == {"metres of sidewalk beside its street": 400}


def test_path_without_a_crossing_meets_the_nearest_point_of_the_street() -> None:
    network = build([STREET, way("na", "n60", "nb", **SIDE), way("n60", "p60", **PATH)])
    assert length_m(network) == pytest.approx(200.0 + 86.0)
    assert [60.0, 0.0] in network.nodes[[Nodes.x_m, Nodes.y_m]].to_numpy().tolist()


def test_paths_that_meet_the_street_at_one_place_share_a_node() -> None:
    xy = {"s60": (60.4, -6.0), "q": (60.4, -90.0)}
    network = build(
        [
            STREET,
            way("na", "n60", "nb", **SIDE),
            way("sa", "s60", "sb", **SIDE),
            way("n60", "p60", **PATH),
            way("s60", "q", **PATH),
        ],
        xy,
    )
    assert len(network.nodes) == 5


def test_crossing_that_shares_no_node_with_the_street_leaves() -> None:
    network = build(
        [
            way("a", "b", name="High Street"),
            way("na", "nm", "nb", **SIDE),
            way("sa", "sm", "sb", **SIDE),
            way("nm", "sm", **CROSSING),
        ]
    )
    assert length_m(network) == 200.0
    assert len(network.segments) == 1


def test_slanting_crossing_and_its_kerbs_leave() -> None:
    xy = {"s112": (112.0, -6.0), "kerb": (100.0, 3.0), "end": (180.0, 3.0), "n180": (180.0, 6.0)}
    network = build(
        [
            STREET,
            way("na", "nm", "n180", "nb", **SIDE),
            way("sa", "s112", "sb", **SIDE),
            way("nm", "s112", **CROSSING),
            way("nm", "kerb", "m", **CROSSING),
            way("n180", "end", **CROSSING),
        ],
        xy,
    )
    assert length_m(network) == 200.0
    assert len(network.segments) == 1


@pytest.mark.parametrize(
    ("street", "name"),
    [
        (way("a", "m", "b", name="Ring Road", highway="trunk", foot="no"), "Ring Road"),
        (way("a", "m", "b", name="Private Way", access="private"), "Private Way"),
        (way("a", "m", "b"), ""),
        (way("a", "m", "b", name="Alley", highway="footway"), ""),
        (way("a", "m", "b", name="Flyover", is_bridge=True), ""),
        (way("a", "m", "b", name="Later Road", highway="construction"), ""),
    ],
)
def test_sidewalk_without_a_walkable_named_street_stays(street: Way, name: str) -> None:
    network = build([street, way("na", "nb", **SIDE), way("nb", "pm", "na", **PATH)])
    assert length_m(network, highway="footway", name=name) >= 200.0
    assert length_m(network, highway="path", name="") > 0


@pytest.mark.parametrize(
    ("away_m", "turn_m", "leaves"), [(19.0, 0.0, True), (21.0, 0.0, False), (6.0, 90.0, False)]
)
def test_reach_and_bearing(away_m: float, turn_m: float, leaves: bool) -> None:
    xy = {"x": (0.0, away_m), "y": (200.0, away_m + turn_m)}
    network = build([STREET, way("x", "y", **SIDE), way("a", "x", **PATH)], xy)
    assert (length_m(network, highway="footway") == 0) == leaves


def test_nearest_of_two_parallel_streets_gives_the_name() -> None:
    xy = {"x": (0.0, 14.0), "y": (200.0, 14.0)}
    back = way("x", "y", name="Back Lane", highway="service")
    path = way("n60", "p60", **PATH)
    network = build([STREET, back, way("a", "x"), way("na", "n60", "nb", **SIDE), path], xy)
    assert [60.0, 0.0] in network.nodes[[Nodes.x_m, Nodes.y_m]].to_numpy().tolist()


def test_sidewalk_round_a_corner_leaves_with_its_corner() -> None:
    xy = {
        "up": (0.0, 150.0), "c1": (12.0, 6.0), "c2": (7.0, 8.0), "c3": (6.0, 12.0),
        "cu": (6.0, 150.0), "out": (60.0, 60.0),
    }  # fmt: skip
    network = build(
        [
            STREET,
            way("a", "up", name="Side Street"),
            way("nb", "nm", "c1", "c2", "c3", "cu", **SIDE),
            way("c2", "out", **PATH),
        ],
        xy,
    )
    assert length_m(network, highway="footway") == 0
    assert length_m(network, highway="residential") == pytest.approx(350.0)
    assert length_m(network, highway="path") > 50


def test_stretch_through_a_park_stays() -> None:
    xy = {"t1": (200.0, 90.0), "t2": (350.0, 200.0)}
    network = build([STREET, way("na", "nm", "nb", "t1", "t2", **SIDE), way("b", "t2", **PATH)], xy)
    gone = dict(network.dropped)["metres of sidewalk beside its street"]
    assert gone == 200
    stays = network.segments[network.segments[Segments.highway] == "footway"]
    assert stays[Segments.length_m].sum() == pytest.approx(90 + np.hypot(150, 110))


def test_only_link_between_two_parts_of_a_street_stays() -> None:
    xy = {"c": (260.0, 0.0), "d": (400.0, 0.0), "nd": (400.0, 6.0)}
    ways = [
        STREET,
        way("c", "d", name="High Street"),
        way("nm", "nb", "nd", **SIDE),
        way("nm", "m", **CROSSING),
        way("nd", "d", **CROSSING),
    ]
    network = build(ways, xy)
    assert length_m(network, name="High Street") > 200 + 140 + 60
    assert "segments of islands in the ward" not in dict(network.dropped)


def test_sidewalk_that_saves_a_long_way_round_stays() -> None:
    xy = {
        "c": (260.0, 0.0), "d": (400.0, 0.0), "nd": (400.0, 6.0),
        "r1": (200.0, 500.0), "r2": (260.0, 500.0),
    }  # fmt: skip
    ways = [
        STREET,
        way("c", "d", name="High Street"),
        way("b", "r1", "r2", "c", name="Round"),
        way("nm", "nb", "nd", **SIDE),
        way("nm", "m", **CROSSING),
        way("nd", "d", **CROSSING),
    ]
    assert length_m(build(ways, xy), highway="footway") > 250


def test_driveway_across_a_sidewalk_is_not_moved() -> None:
    drive = {"highway": "service"}
    network = build([STREET, way("na", "nm", "nb", **SIDE), way("m", "nm", "pm", **drive)])
    assert length_m(network) == 200.0 + 86.0


SIZE = 3
JUNCTIONS = [(row, column) for row in range(SIZE) for column in range(SIZE)]
CORNERS = [(6, 5), (-6, 5), (-6, -5), (6, -5)]
BLOCKS: dict[Any, tuple[float, float]] = {
    **{(r, c): (120.0 * c, 90.0 * r) for r, c in JUNCTIONS},
    **{
        (r, c, corner): (120.0 * c + dx, 90.0 * r + dy)
        for r, c in JUNCTIONS
        for corner, (dx, dy) in enumerate(CORNERS)
    },
}


def possible_ways() -> list[Way]:
    """A grid of streets with sidewalks on both sides, crossings and corners."""
    ways: list[Way] = []
    for r, c in JUNCTIONS:
        if c + 1 < SIZE:
            ways.append(way((r, c), (r, c + 1), name=f"Row {r}"))
            ways.append(way((r, c, 0), (r, c + 1, 1), **SIDE))
            ways.append(way((r, c, 3), (r, c + 1, 2), **SIDE))
        if r + 1 < SIZE:
            ways.append(way((r, c), (r + 1, c), name=f"Column {c}"))
            ways.append(way((r, c, 0), (r + 1, c, 3), **SIDE))
        for corner in range(4):
            ways.append(way((r, c, corner), (r, c), **CROSSING))
            ways.append(way((r, c, corner), (r, c, (corner + 1) % 4), **CROSSING))
    return ways


POSSIBLE = possible_ways()


@settings(max_examples=20)
@given(st.lists(st.sampled_from(range(len(POSSIBLE))), min_size=8, max_size=60, unique=True))
def test_no_street_is_cut_off_because_a_sidewalk_left(chosen: list[int]) -> None:
    # All streets are there, so that the network is one piece with and without its sidewalks.
    ways = [w for i, w in enumerate(POSSIBLE) if i in set(chosen) or "highway" not in w.tags]
    bare = [way(*w.at, **{**w.tags, "footway": ""}) for w in ways]
    all_drawn, attached = build(bare, BLOCKS), build(ways, BLOCKS)
    assert places(attached) >= places(all_drawn) & streets(ways, BLOCKS)
    ends = attached.segments[[Segments.u, Segments.v]].to_numpy()
    assert len(np.unique(components(ends, len(attached.nodes)))) == 1


def places(network: Network) -> set[tuple[float, float]]:
    """All vertices of the network's lines."""
    return {at for line in network.segments.geometry for at in line.coords}


def streets(ways: list[Way], xy: dict[Any, tuple[float, float]]) -> set[tuple[float, float]]:
    return {xy[key] for w in ways if w.tags.get("highway") is None for key in w.at}
