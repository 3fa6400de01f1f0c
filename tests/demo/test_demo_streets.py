"""The street extract holds what was promised, and behaves as mapped streets do."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import osmium
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely import LineString, Polygon, STRtree
from support_demo import read_extract

from corridors.crs import to_metric

CLOSED = ("motorway", "construction")


@pytest.fixture(scope="module")
def metric(extract):
    ids = list(extract.at)
    x, y = to_metric(*np.asarray([extract.at[i] for i in ids]).T)
    return dict(zip(ids, zip(x.tolist(), y.tolist(), strict=True), strict=True))


def shape(metric, refs):
    return LineString([metric[r] for r in refs])


def walkable(extract):
    return {i: w for i, w in extract.having("highway").items() if w[1]["highway"] not in CLOSED}


def labels(ways):
    """Component of each node, and lengths' weight as number of node pairs."""
    number: dict[int, int] = {}
    for refs, _ in ways.values():
        for ref in refs:
            number.setdefault(ref, len(number))
    pairs = [
        (number[a], number[b]) for refs, _ in ways.values() for a, b in itertools.pairwise(refs)
    ]
    u, v = np.asarray(pairs).T
    graph = coo_matrix((np.ones(len(u)), (u, v)), shape=(len(number), len(number)))
    label = connected_components(graph, directed=False)[1]
    return {ref: int(label[i]) for ref, i in number.items()}


def test_header_bounds_and_order(extract, demo_files, tmp_path):
    path = tmp_path / "a.osm"
    path.write_bytes(demo_files["data/osm_cache/demo.osm"])
    header = osmium.FileProcessor(str(path)).header
    assert header.get("generator") == "corridors demo"
    box = header.box()
    lon, lat = np.asarray(list(extract.at.values())).T
    assert (box.bottom_left.lon, box.bottom_left.lat) == pytest.approx((lon.min(), lat.min()))
    assert (box.top_right.lon, box.top_right.lat) == pytest.approx((lon.max(), lat.max()))
    assert list(extract.at) == sorted(extract.at)
    assert list(extract.ways) == sorted(extract.ways)
    assert b' timestamp="2026-' in demo_files["data/osm_cache/demo.osm"][:300]


@pytest.mark.parametrize(
    ("key", "value", "least"),
    [
        ("highway", "secondary", 1), ("highway", "tertiary", 20), ("highway", "residential", 900),
        ("highway", "motorway", 2), ("highway", "construction", 1), ("highway", "service", 8),
        ("highway", "steps", 6), ("highway", "path", 8), ("footway", "sidewalk", 60),
        ("footway", "crossing", 60), ("access", "private", 15), ("leisure", "park", 3),
        ("natural", "water", 1), ("amenity", "school", 4), ("railway", "rail", 6),
        ("building", "house", 400), ("tunnel", "yes", 1), ("bridge", "yes", 4),
    ],
)  # fmt: skip
def test_ways_that_were_promised(extract, key, value, least):
    assert len(extract.having(key, value)) >= least


@pytest.mark.parametrize(
    ("key", "value", "least"),
    [
        ("highway", "bus_stop", 60), ("railway", "station", 1), ("barrier", "gate", 7),
        ("entrance", "main", 4), ("highway", "crossing", 20), ("amenity", "pub", 4),
    ],
)  # fmt: skip
def test_nodes_that_were_promised(extract, key, value, least):
    assert len(extract.nodes_having(key, value)) >= least


def test_addresses(extract):
    count = len(extract.nodes_having("addr:housenumber")) + len(extract.having("addr:housenumber"))
    assert 2_500 <= count <= 4_500
    named = {t["name"] for _, t in extract.having("highway").values() if "name" in t}
    told = {t["addr:street"] for t in extract.node_tags.values() if "addr:street" in t}
    assert told <= named


def test_sidewalks_and_most_crossings_have_no_name(extract):
    assert not [
        t for _, t in extract.having("footway", "sidewalk", "crossing").values() if "name" in t
    ]


def test_street_names_are_the_streets_own(extract):
    by_name = Counter(
        t["name"] for _, t in extract.having("highway", "residential").values() if "access" not in t
    )
    assert max(by_name.values()) <= 3
    assert len(by_name) > 700


def test_the_main_road_is_two_oneway_carriageways_of_one_name(extract):
    lanes = [t for _, t in extract.having("oneway", "yes").values() if t["highway"] == "primary"]
    assert len(lanes) == 2
    assert lanes[0]["name"] == lanes[1]["name"]


def test_walkable_streets_are_one_piece(extract):
    label = labels(walkable(extract))
    share = Counter(label.values()).most_common(1)[0][1] / len(label)
    assert share >= 0.97


def test_streets_that_meet_at_ground_level_share_a_node(extract, metric):
    ways = [
        refs
        for refs, t in extract.having("highway").values()
        if "bridge" not in t and "tunnel" not in t
    ]
    shapes = [shape(metric, refs) for refs in ways]
    left, right = STRtree(shapes).query(shapes, predicate="crosses")
    apart = [(i, j) for i, j in zip(left, right, strict=True) if not set(ways[i]) & set(ways[j])]
    assert not apart


def test_nothing_shares_a_node_with_the_railway(extract):
    rails = {r for refs, _ in extract.having("railway", "rail").values() for r in refs}
    streets = {r for refs, _ in extract.having("highway").values() for r in refs}
    assert rails
    assert not rails & streets


def crossings_of_the_railway(extract, metric):
    rails = {i: shape(metric, w[0]) for i, w in extract.having("railway", "rail").items()}
    found = {}
    for i, (refs, _) in extract.having("highway").items():
        over = [r for r, line in rails.items() if line.intersects(shape(metric, refs))]
        if over:
            found[i] = over
    return found


def test_one_road_bridge_one_underpass_and_one_arch_cross_the_railway(extract, metric):
    kinds = Counter()
    for i, over in crossings_of_the_railway(extract, metric).items():
        tags = extract.ways[i][1]
        assert len(over) == 2  # both tracks
        if tags.get("bridge") == "yes":
            assert (tags["highway"], tags["layer"]) == ("tertiary", "1")
            kinds["bridge"] += 1
        elif tags.get("tunnel") == "yes":
            assert (tags["highway"], tags["layer"]) == ("footway", "-1")
            kinds["underpass"] += 1
        else:
            assert all(extract.ways[r][1].get("bridge") == "yes" for r in over)
            kinds["arch"] += 1
    assert kinds == {"bridge": 1, "underpass": 1, "arch": 1}
    road_bridges = [
        t for _, t in extract.having("bridge").values() if t.get("highway", "footway") != "footway"
    ]
    assert len(road_bridges) == 1


def test_without_those_three_the_railway_splits_the_town(extract, metric):
    ways = walkable(extract)
    for i in crossings_of_the_railway(extract, metric):
        del ways[i]
    label = labels(ways)
    south = min(label, key=lambda r: metric[r][1])
    north = max(label, key=lambda r: metric[r][1])
    assert label[south] != label[north]
    sizes = Counter(label.values())
    assert (sizes[label[south]] + sizes[label[north]]) / len(label) >= 0.97


def test_gates_join_a_school_outline_a_street_and_a_path_inside(extract):
    outlines = dict(extract.having("amenity", "school").items())
    for gate in extract.nodes_having("barrier", "gate"):
        holders = [i for i, (refs, _) in extract.ways.items() if gate in refs]
        assert sum(i in outlines for i in holders) == 1
        paths = [extract.ways[i][1] for i in holders if i not in outlines]
        assert sorted(t.get("access", "") for t in paths) == ["", "private"]


def test_schools_are_closed_outlines_with_a_reference(extract):
    for refs, tags in extract.having("amenity", "school").values():
        assert refs[0] == refs[-1]
        assert tags["ref:edubase"].startswith("900")
        assert tags["name"]


def test_no_house_stands_on_a_street_or_in_another_house(extract, metric):
    houses = [
        Polygon([metric[r] for r in w[0]]) for w in extract.having("building", "house").values()
    ]
    streets = [shape(metric, w[0]) for w in extract.having("highway").values()]
    assert STRtree(streets).query(houses, predicate="intersects").size == 0
    left, right = STRtree(houses).query([h.buffer(-0.8) for h in houses], predicate="intersects")
    assert (left == right).all()


def test_bus_stops_come_in_pairs_across_a_street(extract, metric):
    stops = extract.nodes_having("highway", "bus_stop")
    assert all(extract.node_tags[s]["name"] for s in stops)
    places = np.asarray([metric[s] for s in stops])
    for i, stop in enumerate(stops):
        gap = np.hypot(*(places - places[i]).T)
        near = {extract.node_tags[stops[j]]["name"] for j in np.flatnonzero(gap < 60) if j != i}
        assert extract.node_tags[stop]["name"] in near


def test_other_seeds_keep_the_promises(moved_files, tmp_path):
    other = read_extract(moved_files["data/osm_cache/demo.osm"], tmp_path)
    label = labels(walkable(other))
    assert Counter(label.values()).most_common(1)[0][1] / len(label) >= 0.97
    assert len(other.having("amenity", "school")) == 4
    assert len(other.having("tunnel", "yes")) == 1
