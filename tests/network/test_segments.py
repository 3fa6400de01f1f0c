"""The walking network: what is in it, how it is cut, and that order changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from support_streets import Way, make_extract, square_ward, way

from corridors.crs import METRIC
from corridors.errors import InputError, WardError
from corridors.model import Network, StreetExtract, Ward
from corridors.network.links import components
from corridors.network.segments import STEPS_PACE, build_network
from corridors.network.walkable import walkable
from corridors.profile import Streets
from corridors.sources.streets import read_streets
from corridors.tables import Nodes, Segments, Ways

WARD = square_ward()
CROSS = {
    "w": (-100.0, 0.0),
    "c": (0.0, 0.0),
    "e": (100.0, 0.0),
    "n": (0.0, 100.0),
    "s": (0.0, -80.0),
}


def build(extract: StreetExtract, ward: Ward = WARD, **params: float) -> Network:
    return build_network(extract, ward, Streets(**params))


def length_m(network: Network) -> float:
    return float(network.segments[Segments.length_m].sum())


# --- shape --------------------------------------------------------------------------------------


def test_cross_has_four_segments_and_five_nodes() -> None:
    network = build(
        make_extract(CROSS, [way("w", "c", "e", name="A"), way("n", "c", "s", name="B")])
    )
    assert len(network.segments) == 4
    assert network.nodes[[Nodes.x_m, Nodes.y_m]].to_numpy().tolist() == [
        [-100, 0], [0, -80], [0, 0], [0, 100], [100, 0],
    ]  # fmt: skip
    assert network.segments[[Segments.u, Segments.v]].to_numpy().tolist() == [
        [0, 2], [1, 2], [2, 3], [2, 4],
    ]  # fmt: skip
    assert network.segments[Segments.name].tolist() == ["A", "B", "B", "A"]
    assert network.segments[Segments.length_m].tolist() == [100, 80, 100, 100]
    assert not network.nodes[Nodes.is_clipped].any()


def test_line_is_split_where_another_shares_a_vertex_and_joined_elsewhere() -> None:
    xy = {0: (0.0, 0.0), 1: (50.0, 0.0), 2: (100.0, 0.0), 3: (150.0, 0.0), 4: (100.0, 50.0)}
    network = build(make_extract(xy, [way(0, 1, 2, name="A"), way(2, 3, name="A"), way(2, 4)]))
    assert sorted(network.segments[Segments.length_m]) == [50, 50, 100]


@pytest.mark.parametrize(
    "other",
    [
        {"name": "B"},
        {"highway": "steps"},
        {"is_bridge": True},
        {"is_tunnel": True},
    ],
)
def test_node_stays_where_something_changes(other: dict[str, object]) -> None:
    tags = {"name": "A", "highway": "footway"}
    ways = [way("w", "c", **tags), way("c", "e", **{**tags, **other})]
    assert len(build(make_extract(CROSS, ways)).segments) == 2
    assert len(build(make_extract(CROSS, [ways[0], way("c", "e", **tags)])).segments) == 1


def test_node_stays_at_the_edge_of_a_school_site() -> None:
    extract = make_extract(CROSS, [way("w", "c", "e")], sites=[box(0, -50, 200, 50)])
    network = build(extract)
    assert network.segments[Segments.in_school_site].tolist() == [False, True]


def test_bridge_does_not_join_the_road_below() -> None:
    xy = {**CROSS, "above": CROSS["c"], "far": (100.0, 100.0)}
    network = build(
        make_extract(
            xy,
            [
                way("w", "c", "e", name="Road"),
                way("n", "above", "s", name="Bridge", is_bridge=True),
                way("n", "far", "e", name="Ramp"),
            ],
        )
    )
    assert len(network.segments) == 3
    assert network.segments[Segments.is_bridge].sum() == 1
    assert not ((network.nodes[Nodes.x_m] == 0) & (network.nodes[Nodes.y_m] == 0)).any()


def test_parallel_streets_and_loops_stay() -> None:
    xy = {**CROSS, "l": (150.0, 40.0), "r": (150.0, -40.0)}
    network = build(
        make_extract(
            xy,
            [
                way("w", "c", name="X"),
                way("c", "n", "e", name="A"),
                way("c", "s", "e", name="B"),
                way("e", "l", "r", "e", name="Loop"),
            ],
        )
    )
    pairs = network.segments[[Segments.u, Segments.v]].to_numpy().tolist()
    assert len(pairs) == 4
    assert len({tuple(pair) for pair in pairs}) == 3
    loop = network.segments[network.segments[Segments.u] == network.segments[Segments.v]]
    assert loop[Segments.name].tolist() == ["Loop"]
    assert loop.geometry.iloc[0].is_closed


def test_ring_without_a_junction_is_one_loop() -> None:
    network = build(make_extract(CROSS, [way("w", "n", "e", "s", "w", name="Ring")]))
    assert len(network.segments) == len(network.nodes) == 1
    assert network.segments[[Segments.u, Segments.v]].to_numpy().tolist() == [[0, 0]]


def test_outline_of_an_area_is_walked_once_where_a_path_runs_along_it() -> None:
    xy = {0: (0.0, 0.0), 1: (40.0, 0.0), 2: (40.0, 40.0), 3: (0.0, 40.0), 4: (-50.0, 0.0)}
    square = {"highway": "pedestrian", "area": True}
    network = build(
        make_extract(
            xy, [way(4, 0, name="In"), way(0, 1, 2, 3, 0, **square), way(0, 1, name="Side")]
        )
    )
    assert length_m(network) == pytest.approx(50 + 4 * 40)
    assert dict(network.dropped) == {"links drawn twice": 1}
    assert "Side" in network.segments[Segments.name].tolist()


def test_vertices_at_one_place_that_a_line_joins_are_one() -> None:
    xy = {0: (0.0, 0.0), 1: (50.0, 0.0), 2: (50.0, 0.0), 3: (90.0, 0.0)}
    network = build(make_extract(xy, [way(0, 1, 2, 3)]))
    assert network.segments[Segments.length_m].tolist() == [90.0]


def test_walking_time_and_steps() -> None:
    ways = [way("w", "c"), way("c", "e", highway="steps")]
    walk_s = build(make_extract(CROSS, ways), walk_m_per_s=2.0).segments[Segments.walk_s]
    assert walk_s.tolist() == [50.0, 50.0 / STEPS_PACE]


# --- who may walk -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "is_walked"),
    [
        ({"highway": "trunk"}, True),
        ({"highway": "trunk", "foot": "no"}, False),
        ({"highway": "motorway"}, False),
        ({"highway": "motorway_link", "foot": "yes"}, False),
        ({"highway": "construction", "foot": "yes"}, False),
        ({"highway": "proposed"}, False),
        ({"highway": "raceway"}, False),
        ({"highway": "bus_guideway", "foot": "yes"}, False),
        ({"highway": "service"}, True),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "private", "foot": "permissive"}, True),
        ({"highway": "path", "access": "no", "foot": "designated"}, True),
        ({"highway": "path", "foot": "private"}, False),
        ({"highway": "cycleway"}, True),
        ({"highway": "cycleway", "foot": "no"}, False),
        ({"highway": "residential", "foot": "use_sidepath"}, True),
        ({"highway": "steps"}, True),
        ({"highway": "track_grade3"}, True),
        ({"highway": "living_street"}, True),
        ({"highway": "bridleway"}, True),
        ({"highway": "primary_link"}, True),
        ({"highway": "unknown"}, True),
        ({"highway": "<b>residential</b>"}, False),
        ({"highway": ""}, False),
    ],
)
def test_walkable(tags: dict[str, str], is_walked: bool) -> None:
    ways = make_extract(CROSS, [way("w", "c", **tags)]).ways
    may, dropped = walkable(ways)
    assert may.tolist() == [is_walked]
    assert sum(dropped.values()) == (not is_walked)


def test_private_way_over_a_public_path_does_not_hide_it() -> None:
    network = build(
        make_extract(CROSS, [way("w", "c", access="private", name="Drive"), way("w", "c", "e")])
    )
    assert length_m(network) == 200.0
    assert dict(network.dropped) == {"private ways": 1}


# --- the edge -----------------------------------------------------------------------------------


def test_lines_are_cut_at_the_margin() -> None:
    xy = {0: (0.0, 0.0), 1: (1500.0, 0.0), 2: (3000.0, 0.0), 3: (0.0, 10.0), 4: (0.0, -500.0)}
    network = build(make_extract(xy, [way(0, 1, 2), way(4, 0, 3)]), margin_m=800.0)
    cut = network.nodes[network.nodes[Nodes.is_clipped]]
    assert cut[[Nodes.x_m, Nodes.y_m]].to_numpy().tolist() == [[1800.0, 0.0]]
    assert length_m(network) == pytest.approx(1800 + 510)
    assert network.segments[Segments.in_ward].sum() == 3


def test_vertex_on_the_margin_is_cut_too() -> None:
    xy = {0: (0.0, 0.0), 1: (1800.0, 0.0), 2: (3000.0, 0.0)}
    network = build(make_extract(xy, [way(0, 1, 2)]), margin_m=800.0)
    assert network.nodes[Nodes.is_clipped].tolist() == [False, True]
    ends_there = build(make_extract(xy, [way(0, 1)]), margin_m=800.0)
    assert ends_there.nodes[Nodes.is_clipped].tolist() == [False, False]


def test_line_that_leaves_and_comes_back() -> None:
    xy = {0: (0.0, 0.0), 1: (1700.0, 0.0), 2: (2500.0, 50.0), 3: (1700.0, 100.0), 4: (0.0, 100.0)}
    network = build(make_extract(xy, [way(0, 1, 2, 3, 4), way(0, 4)]), margin_m=800.0)
    assert network.nodes[Nodes.is_clipped].sum() == 2
    inside = shapely.intersection(
        shapely.LineString(list(xy.values())), box(-1800, -1800, 1800, 1800)
    )
    assert length_m(network) == pytest.approx(inside.length + 100, abs=0.1)


def test_midpoint_decides_whether_a_segment_is_in_the_ward() -> None:
    xy = {0: (900.0, 0.0), 1: (1080.0, 0.0), 2: (900.0, 500.0), 3: (1200.0, 0.0)}
    network = build(make_extract(xy, [way(0, 1, name="A"), way(0, 2, name="B"), way(1, 3)]))
    in_ward = network.segments.set_index(Segments.name)[Segments.in_ward]
    assert in_ward.to_dict() == {"A": True, "B": True, "": False}


# --- pieces -------------------------------------------------------------------------------------


def test_islands_leave_and_are_counted() -> None:
    xy = {**CROSS, "i": (300.0, 300.0), "j": (330.0, 300.0), "x": (1500.0, 0.0), "y": (1900.0, 0.0)}
    network = build(make_extract(xy, [way("w", "c", "e"), way("i", "j"), way("x", "y")]))
    assert length_m(network) == 200.0
    assert dict(network.dropped) == {
        "metres of islands in the ward": 30,
        "metres of pieces outside the ward": 400,
        "segments of islands in the ward": 1,
        "segments of pieces outside the ward": 1,
    }


def test_lines_that_hang_together_with_nothing_are_refused() -> None:
    xy = {i: (i * 10.0, 0.0) for i in range(20)}
    ways = [way(i, i + 1) for i in range(0, 20, 2)]
    with pytest.raises(InputError, match="may not be noded"):
        build(make_extract(xy, ways))


def test_ward_without_a_street() -> None:
    with pytest.raises(WardError, match="E05999001"):
        build(make_extract({0: (1500.0, 0.0), 1: (1600.0, 0.0)}, [way(0, 1)]))
    with pytest.raises(WardError):
        build(make_extract({0: (90_000.0, 0.0), 1: (90_100.0, 0.0)}, [way(0, 1)]))
    with pytest.raises(WardError):
        build(make_extract(CROSS, [way("w", "c", access="private")]))


# --- order changes nothing ----------------------------------------------------------------------


@st.composite
def towns(draw: st.DrawFn) -> tuple[dict[int, tuple[float, float]], list[Way]]:
    """Lines over a bent grid, with bridges, areas, sidewalks, private ways and doubles."""
    size = 5
    xy = {
        i: (90.0 * (i % size) + (i * 7) % 11, 70.0 * (i // size) + (i * 5) % 13)
        for i in range(size * size)
    }
    xy |= {100 + i: (x + 6.0, y + 5.0) for i, (x, y) in list(xy.items())}
    ways = [way(*range(row * size, (row + 1) * size), name="Base") for row in range(0, size, 2)]
    steps = st.lists(st.integers(0, size * size - 1), min_size=2, max_size=5, unique=True)
    tags = st.fixed_dictionaries(
        {
            "name": st.sampled_from(["", "A", "B"]),
            "highway": st.sampled_from(["residential", "footway", "steps", "motorway"]),
            "access": st.sampled_from(["", "", "", "private"]),
            "is_bridge": st.booleans(),
        }
    )
    for refs, values in draw(st.lists(st.tuples(steps, tags), min_size=1, max_size=8)):
        ways.append(way(*refs, **values))
    for row in draw(st.lists(st.integers(0, size - 1), unique=True, max_size=3)):
        beside = [100 + row * size + i for i in range(size)]
        ways.append(way(*beside, highway="footway", footway="sidewalk"))
        ways.append(way(beside[1], row * size + 1, highway="footway", footway="crossing"))
    return xy, ways


def shuffled(xy: dict[int, tuple[float, float]], ways: list[Way], random: Random) -> StreetExtract:
    """The same town with ways, directions and vertex numbers changed."""
    keys = list(xy)
    random.shuffle(keys)
    turned = [replace(w, at=list(w.at)[::-1]) if random.random() < 0.5 else w for w in ways]
    random.shuffle(turned)
    return make_extract({key: xy[key] for key in keys}, turned)


@settings(max_examples=25)
@given(towns(), st.randoms(use_true_random=False))
def test_order_of_ways_and_vertices_changes_nothing(
    town: tuple[dict[int, tuple[float, float]], list[Way]], random: Random
) -> None:
    params = Streets(island_max_share=1.0)
    a = build_network(make_extract(*town), WARD, params)
    b = build_network(shuffled(*town, random), WARD, params)
    pd.testing.assert_frame_equal(a.nodes, b.nodes)
    pd.testing.assert_frame_equal(
        pd.DataFrame(a.segments.drop(columns="geometry")),
        pd.DataFrame(b.segments.drop(columns="geometry")),
    )
    assert shapely.to_wkb(a.segments.geometry.to_numpy()).tolist() == (
        shapely.to_wkb(b.segments.geometry.to_numpy()).tolist()
    )
    assert a.dropped == b.dropped


@settings(max_examples=25)
@given(towns())
def test_network_is_whole_and_fits_its_nodes(
    town: tuple[dict[int, tuple[float, float]], list[Way]],
) -> None:
    network = build(make_extract(*town), island_max_share=1.0)
    segments, nodes = network.segments, network.nodes
    ends = segments[[Segments.u, Segments.v]].to_numpy()
    assert len(np.unique(components(ends, len(nodes)))) == 1
    assert (segments[Segments.length_m] > 0).all()
    np.testing.assert_allclose(segments[Segments.length_m], segments.length)
    at = nodes[[Nodes.x_m, Nodes.y_m]].to_numpy()
    lines = segments.geometry.to_numpy()
    for side, place in ((0, 0), (1, -1)):
        points = shapely.get_coordinates(shapely.get_point(lines, place))
        np.testing.assert_array_equal(points, at[ends[:, side]])


def test_inputs_are_not_changed() -> None:
    extract = make_extract(CROSS, [way("w", "c", "e", name="A"), way("n", "c", "s")])
    ways, xy = extract.ways.copy(deep=True), extract.vertex_xy_m.copy()
    build(extract)
    assert extract.ways.equals(ways)
    np.testing.assert_array_equal(extract.vertex_xy_m, xy)


def test_hostile_names_stay_plain_data() -> None:
    name = "</script><img src=x onerror=alert(1)>\"'\n=1+1"
    network = build(make_extract(CROSS, [way("w", "c", "e", name=name)]))
    assert network.segments[Segments.name].tolist() == [name]


# --- real streets -------------------------------------------------------------------------------


def wards_of(path: Path) -> list[Ward]:
    frame = gpd.read_file(path).to_crs(METRIC).sort_values("WD13CD")
    return [
        Ward(code, name, shape)
        for code, name, shape in zip(frame["WD13CD"], frame["WD13NM"], frame.geometry, strict=True)
    ]


@pytest.fixture(scope="module")
def camden(realdata: Path) -> dict[str, StreetExtract]:
    files = ("camden.osm.pbf", "camden_osm_streets.geojson")
    return {f: read_streets(realdata / "camden" / f, bounds_m=None, file=f)[0] for f in files}


@pytest.fixture(scope="module")
def camden_wards(realdata: Path) -> list[Ward]:
    return wards_of(realdata / "camden/wards_E09000007.geojson")


@pytest.mark.realdata
@pytest.mark.parametrize("file", ["camden.osm.pbf", "camden_osm_streets.geojson"])
def test_camden_is_one_piece(
    camden: dict[str, StreetExtract], camden_wards: list[Ward], file: str
) -> None:
    borough = Ward("E09000007", "Camden", shapely.union_all([w.boundary for w in camden_wards]))
    network = build(camden[file], borough)
    lost = dict(network.dropped)["metres of islands in the ward"]
    assert 0.92 <= 1 - lost / (lost + length_m(network)) <= 1.0
    # The lines of the borough are 762 km; doubles and lines outside its margin leave.
    assert 735_000 < length_m(network) < 762_000


@pytest.mark.realdata
def test_every_ward_of_camden_builds(
    camden: dict[str, StreetExtract], camden_wards: list[Ward]
) -> None:
    assert len(camden_wards) == 18
    for ward in camden_wards:
        network = build(camden["camden.osm.pbf"], ward)
        in_ward = network.segments[network.segments[Segments.in_ward]]
        assert in_ward[Segments.length_m].sum() > 15_000
        assert network.nodes[Nodes.is_clipped].any()
        assert in_ward[Segments.name].nunique() > 20


@pytest.mark.realdata
def test_sidewalks_of_newport_become_their_streets(realdata: Path) -> None:
    path = realdata / "newport/newport-2023-06-13.osm.pbf"
    extract, _ = read_streets(path, bounds_m=None, file="newport")
    drawn = extract.ways[Ways.footway].eq("sidewalk")
    assert drawn.sum() == 98
    low, high = extract.vertex_xy_m.min(axis=0), extract.vertex_xy_m.max(axis=0)
    everywhere = Ward("W06000022", "Newport", box(*low, *high))
    network = build(extract, everywhere)
    bare = replace(extract, ways=extract.ways.assign(**{Ways.footway: ""}))
    before = build(bare, everywhere)
    gone_m = dict(network.dropped)["metres of sidewalk beside its street"]
    assert 8_000 < gone_m < 10_000
    assert length_m(before) - length_m(network) == pytest.approx(gone_m, rel=0.25)
    islands = "metres of islands in the ward"
    assert dict(network.dropped)[islands] <= dict(before.dropped)[islands] + 100
    assert network.segments[Segments.in_school_site].any()
