"""OSM extracts: what is read, what is left out, and what is refused."""

from __future__ import annotations

import bz2
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support_streets import osm_xml

from corridors.errors import CrsError, InputError, MissingFileError
from corridors.model import StreetExtract
from corridors.sources.streets import read_streets
from corridors.tables import Places, Ways

STREET = {"highway": "residential", "name": "High Street"}
NODES = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (200.0, 0.0), 4: (100.0, 100.0), 5: (100.0, -100.0)}


def write(tmp_path: Path, text: str, name: str = "town.osm") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def read(tmp_path: Path, *args: Any, bounds_m: Any = None, **kwargs: Any) -> StreetExtract:
    path = write(tmp_path, osm_xml(*args, **kwargs))
    return read_streets(path, bounds_m=bounds_m, file="town.osm")[0]


def places(extract: StreetExtract, kind: str) -> Any:
    return extract.places[extract.places[Places.kind] == kind]


def refs(extract: StreetExtract, row: int) -> list[int]:
    way = extract.ways.iloc[row]
    start = int(way[Ways.first_ref])
    return extract.way_refs[start : start + int(way[Ways.ref_count])].tolist()


def test_way_with_tags_in_metres(tmp_path: Path) -> None:
    tags = {
        "highway": "footway",
        "name": "Path",
        "footway": "sidewalk",
        "access": "private",
        "foot": "yes",
        "bridge": "yes",
        "tunnel": "no",
    }
    extract = read(tmp_path, NODES, ways={7: ([1, 2, 3], tags)})
    way = extract.ways.loc[0]
    assert [way[c] for c in (Ways.highway, Ways.name, Ways.footway, Ways.access, Ways.foot)] == [
        "footway", "Path", "sidewalk", "private", "yes",
    ]  # fmt: skip
    assert way[Ways.is_bridge]
    assert not way[Ways.is_tunnel]
    at = extract.vertex_xy_m[refs(extract, 0)]
    np.testing.assert_allclose(
        at, [[530_000, 180_000], [530_100, 180_000], [530_200, 180_000]], atol=0.02
    )


def test_ways_meet_where_they_share_a_node_and_nowhere_else(tmp_path: Path) -> None:
    nodes = {**NODES, 6: NODES[2]}  # the bridge has a node of its own above node 2
    extract = read(
        tmp_path,
        nodes,
        ways={
            1: ([1, 2, 3], STREET),
            2: ([4, 2], STREET),
            3: ([4, 6, 5], {"highway": "primary", "bridge": "yes"}),
        },
    )
    assert refs(extract, 0)[1] == refs(extract, 1)[1]
    assert refs(extract, 2)[1] not in refs(extract, 0)
    assert refs(extract, 2)[0] == refs(extract, 1)[0]


@pytest.mark.parametrize("value", ["yes", "building_passage", "culvert"])
def test_tunnels_of_every_kind(tmp_path: Path, value: str) -> None:
    extract = read(tmp_path, NODES, ways={1: ([1, 2], {**STREET, "tunnel": value})})
    assert extract.ways[Ways.is_tunnel].all()


def test_motorroad_bans_feet(tmp_path: Path) -> None:
    extract = read(tmp_path, NODES, ways={1: ([1, 2], {"highway": "trunk", "motorroad": "yes"})})
    assert extract.ways[Ways.foot].tolist() == ["no"]


def test_school_from_way_and_from_relation_with_a_hole(tmp_path: Path) -> None:
    square = {10: (0, 0), 11: (90, 0), 12: (90, 90), 13: (0, 90)}
    hole = {20: (30, 30), 21: (60, 30), 22: (60, 60), 23: (30, 60)}
    other = {30: (200, 0), 31: (250, 0), 32: (250, 50)}
    extract = read(
        tmp_path,
        {**square, **hole, **other},
        ways={
            1: ([10, 11], STREET),
            2: ([10, 11, 12, 13, 10], {}),
            3: ([20, 21, 22, 23, 20], {}),
            4: ([30, 31, 32, 30], {"amenity": "college", "name": "Sixth Form"}),
        },
        relations={
            9: (
                [(2, "outer"), (3, "inner")],
                {"type": "multipolygon", "amenity": "school", "name": "Park School"},
            )
        },
    )
    sites = places(extract, "school_site")
    assert sites[Places.name].tolist() == ["Sixth Form", "Park School"]
    np.testing.assert_allclose(sites.area, [1250.0, 90 * 90 - 30 * 30], rtol=1e-3)


def test_area_that_crosses_itself_is_counted(tmp_path: Path) -> None:
    nodes = {1: (0, 0), 2: (50, 50), 3: (50, 0), 4: (0, 50)}
    path = write(
        tmp_path,
        osm_xml(
            nodes,
            ways={1: ([1, 2], STREET), 2: ([1, 2, 3], {"amenity": "school"})},
        ),
    )
    extract, record = read_streets(path, bounds_m=None, file="town.osm")
    assert places(extract, "school_site").empty
    assert dict(record.dropped) == {"areas that do not close or cross themselves": 1}


def test_points_beside_the_street(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        {**NODES, 6: (300, 0), 7: (310, 0), 8: (500, 0)},
        node_tags={
            2: {"entrance": "main", "addr:housenumber": "1", "addr:street": "High Street"},
            3: {"barrier": "lift_gate"},
            4: {"entrance": "no"},
            5: {"railway": "halt", "name": "Halt"},
            6: {"highway": "bus_stop", "name": "Stop A"},
            7: {"public_transport": "platform", "bus": "yes", "name": "Platform beside it"},
            8: {"public_transport": "platform", "bus": "yes", "name": "Lone platform"},
        },
        ways={1: ([1, 2], STREET)},
    )
    assert len(places(extract, "entrance")) == 2
    assert len(places(extract, "address")) == 1
    assert places(extract, "station")[Places.name].tolist() == ["Halt"]
    assert places(extract, "bus_stop")[Places.name].tolist() == ["Stop A", "Lone platform"]


def test_station_mapped_as_node_and_as_area_counts_once(tmp_path: Path) -> None:
    train = {"public_transport": "station", "train": "yes", "name": "Central"}
    extract = read(
        tmp_path,
        {**NODES, 6: (10, 10)},
        node_tags={6: {"railway": "station", "name": "Central"}},
        ways={
            1: ([1, 2], STREET),
            2: ([2, 3, 4, 2], train),
            3: ([1, 2, 5, 1], {**train, "name": "East"}),
        },
    )
    stations = places(extract, "station")
    assert sorted(stations[Places.name]) == ["Central", "East"]
    assert set(stations.geom_type) == {"Point"}


def test_areas_and_lines_beside_the_street(tmp_path: Path) -> None:
    ring = [2, 3, 4, 2]
    extract = read(
        tmp_path,
        NODES,
        ways={
            1: ([1, 2], STREET),
            2: (ring, {"leisure": "park", "name": "Green"}),
            3: (ring, {"leisure": "park", "access": "private"}),
            4: (ring, {"landuse": "recreation_ground"}),
            5: (ring, {"natural": "water"}),
            6: ([1, 3], {"railway": "rail"}),
            7: ([1, 3], {"railway": "subway", "tunnel": "yes"}),
        },
    )
    assert extract.places[Places.kind].tolist() == ["park", "park", "water", "railway"]


def test_an_address_counts_once_however_often_it_is_mapped(tmp_path: Path) -> None:
    number = {"addr:housenumber": "12", "addr:street": "High Street"}
    extract = read(
        tmp_path,
        {**NODES, 6: (105, 20), 7: (9000, 0), 8: (106, 20)},
        node_tags={6: number, 7: number, 8: {**number, "addr:unit": "B"}},
        ways={1: ([1, 2], STREET), 2: ([2, 4, 3, 2], {"building": "yes", **number})},
    )
    # The node and the building are one front door; the far one and the flat are others.
    assert len(places(extract, "address")) == 3
    assert (extract.places[Places.name] == "").all()


def test_walkable_relation_gives_its_outlines(tmp_path: Path) -> None:
    hole = {20: (110, 10), 21: (120, 10), 22: (110, 20)}
    extract = read(
        tmp_path,
        {**NODES, **hole},
        ways={1: ([2, 3, 4, 2], {}), 2: ([20, 21, 22, 20], {}), 3: ([1, 2], STREET)},
        relations={
            5: (
                [(1, "outer"), (2, "inner")],
                {"type": "multipolygon", "highway": "pedestrian", "name": "Square"},
            )
        },
    )
    outlines = extract.ways[extract.ways[Ways.area]]
    assert outlines[Ways.ref_count].tolist() == [4, 4]
    assert outlines[Ways.name].tolist() == ["Square", "Square"]
    shared = set(refs(extract, 0)) & set(refs(extract, int(outlines.index[0])))
    assert len(shared) == 1


def test_ways_before_nodes_as_overpass_writes_them(tmp_path: Path) -> None:
    ways = {1: ([1, 2, 3], STREET), 2: ([2, 3, 4, 2], {"amenity": "school"})}
    usual = read(tmp_path, NODES, ways=ways)
    other = read(tmp_path, NODES, ways=ways, ways_first=True)
    np.testing.assert_array_equal(usual.vertex_xy_m, other.vertex_xy_m)
    assert len(places(other, "school_site")) == 1


def test_order_of_nodes_changes_nothing(tmp_path: Path) -> None:
    ways = {1: ([1, 2, 3], STREET), 2: ([4, 2], {"highway": "steps"}), 3: ([2, 5], STREET)}
    usual = read(tmp_path, NODES, ways=ways)
    turned = read(tmp_path, dict(reversed(NODES.items())), ways=ways)
    np.testing.assert_array_equal(usual.vertex_xy_m, turned.vertex_xy_m)
    np.testing.assert_array_equal(usual.way_refs, turned.way_refs)
    assert usual.ways.equals(turned.ways)


def test_unsorted_ways_are_refused_with_the_remedy(tmp_path: Path) -> None:
    text = osm_xml(NODES, ways={3: ([2, 5, 4, 2], STREET), 2: ([4, 2, 1, 4], STREET)})
    with pytest.raises(InputError, match="osmium sort"):
        read_streets(write(tmp_path, text), bounds_m=None, file="town.osm")


def test_way_with_a_missing_node_is_cut_there_and_counted(tmp_path: Path) -> None:
    nodes = {**NODES, 6: (300.0, 0.0)}
    text = osm_xml(
        nodes,
        ways={
            1: ([1, 2, 99, 3, 6], STREET),
            2: ([98, 97], STREET),
            3: ([2], STREET),
            4: ([1, 98, 2], STREET),
        },
    )
    extract, record = read_streets(write(tmp_path, text), bounds_m=None, file="town.osm")
    assert extract.ways[Ways.ref_count].tolist() == [2, 2]
    assert (record.rows_read, record.rows_used) == (4, 1)
    assert dict(record.dropped) == {
        "all nodes missing from the file": 1,
        "fewer than two distinct vertices": 3,
        "parts of ways whose nodes are missing": 2,
    }


def test_bounds_keep_whole_ways_with_a_vertex_inside(tmp_path: Path) -> None:
    nodes = {**NODES, 6: (90_000.0, 0.0), 7: (90_100.0, 0.0), 8: (900.0, 900.0), 9: (990.0, 900.0)}
    text = osm_xml(
        nodes,
        node_tags={2: {"highway": "bus_stop"}, 6: {"highway": "bus_stop"}},
        ways={1: ([1, 2, 3], STREET), 2: ([6, 7], STREET), 3: ([8, 9], STREET)},
    )
    box = (529_990.0, 179_990.0, 530_110.0, 180_010.0)
    extract, record = read_streets(write(tmp_path, text), bounds_m=box, file="town.osm")
    assert extract.ways[Ways.ref_count].tolist() == [3]
    assert len(extract.vertex_xy_m) == 3
    assert len(extract.places) == 1
    assert (record.rows_read, record.rows_used) == (3, 1)
    assert dict(record.dropped) == {"outside the area asked for": 2}


HOSTILE = "<script>alert(1)</script> \"'&=HYPERLINK() ../../x \N{RIGHT-TO-LEFT OVERRIDE}"


def test_hostile_names_stay_plain_data(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        NODES,
        node_tags={4: {"highway": "bus_stop", "name": HOSTILE}},
        ways={1: ([1, 2], {"highway": HOSTILE, "name": HOSTILE, "foot": HOSTILE})},
    )
    assert extract.ways.loc[0, [Ways.highway, Ways.name, Ways.foot]].tolist() == [HOSTILE] * 3
    assert extract.places[Places.name].tolist() == [HOSTILE]


def test_record_tells_file_and_hash(tmp_path: Path) -> None:
    text = osm_xml(NODES, ways={1: ([1, 2], STREET)})
    path = write(tmp_path, text)
    _, record = read_streets(path, bounds_m=None, file="data/town.osm")
    assert record.kind == "streets"
    assert record.file == "data/town.osm"
    assert record.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert record.dropped == ()


def test_compressed_file_reads_the_same(tmp_path: Path) -> None:
    text = osm_xml(NODES, ways={1: ([1, 2], STREET)})
    plain = read_streets(write(tmp_path, text), bounds_m=None, file="a")[0]
    packed = tmp_path / "town.osm.bz2"
    packed.write_bytes(bz2.compress(text.encode()))
    np.testing.assert_array_equal(
        read_streets(packed, bounds_m=None, file="b")[0].vertex_xy_m, plain.vertex_xy_m
    )


def test_extract_date_is_that_of_the_newest_street(tmp_path: Path) -> None:
    text = osm_xml(NODES, ways={1: ([1, 2], STREET), 2: ([2, 3], STREET)})
    dated = text.replace('<way id="1"', '<way id="1" timestamp="2025-03-04T05:06:07Z"')
    assert read_streets(write(tmp_path, dated), bounds_m=None, file="x")[0].extract_date == (
        "2025-03-04"
    )
    assert read_streets(write(tmp_path, text), bounds_m=None, file="x")[0].extract_date == ""


ENTITY = '<!DOCTYPE osm [<!ENTITY lol "lol">]><osm version="0.6"><node id="&lol;"/></osm>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("town.osm", b"<html><body>Too many requests</body></html>"),
        ("town.osm", b'<osm version="0.6"><node id="1"'),
        ("town.osm", ENTITY.encode()),
        ("town.osm", b""),
        ("town.osm.pbf", b"<html>moved</html>"),
        ("town.osm.bz2", b"not packed"),
        ("town.docx", b"x"),
    ],
)
def test_unreadable_file_is_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_streets(path, bounds_m=None, file=f"data/{name}")
    assert caught.value.file == f"data/{name}"
    assert caught.value.fix
    assert str(tmp_path) not in str(caught.value)


def test_a_tag_longer_than_osm_allows_is_refused_by_name(tmp_path: Path) -> None:
    demo = Path(__file__).resolve().parents[2] / "data" / "osm_cache" / "demo.osm"
    path = tmp_path / "long.osm"
    text = demo.read_text(encoding="utf-8")
    assert 'v="' in text
    at = text.index('k="name" v="') + len('k="name" v="')
    path.write_text(text[:at] + "T" * 1100 + text[at:], encoding="utf-8")
    with pytest.raises(InputError, match=r"long\.osm: cannot be read as OSM data"):
        read_streets(path, bounds_m=None, file="long.osm")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        read_streets(tmp_path / "no.osm", bounds_m=None, file="no.osm")


def test_file_without_streets(tmp_path: Path) -> None:
    path = write(tmp_path, osm_xml(NODES, node_tags={1: {"highway": "bus_stop"}}))
    with pytest.raises(InputError, match="holds no streets"):
        read_streets(path, bounds_m=None, file="town.osm")


def test_file_without_streets_here(tmp_path: Path) -> None:
    path = write(tmp_path, osm_xml(NODES, ways={1: ([1, 2], STREET)}))
    with pytest.raises(InputError, match="no street in the area asked for"):
        read_streets(path, bounds_m=(0.0, 0.0, 10.0, 10.0), file="town.osm")


def test_another_country(tmp_path: Path) -> None:
    text = osm_xml(NODES, ways={1: ([1, 2], STREET)}).replace('lat="51.', 'lat="-33.')
    with pytest.raises(CrsError, match="Great Britain"):
        read_streets(write(tmp_path, text), bounds_m=None, file="town.osm")


def test_truncated_extract(realdata: Path, tmp_path: Path) -> None:
    whole = (realdata / "camden/camden.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[:200_000])
    with pytest.raises(InputError, match="fetch the file again"):
        read_streets(path, bounds_m=None, file="cut.osm.pbf")


def test_newport(realdata: Path) -> None:
    path = realdata / "newport/newport-2023-06-13.osm.pbf"
    extract, record = read_streets(path, bounds_m=None, file="newport.osm.pbf")
    kinds = extract.places[Places.kind].value_counts()
    assert kinds["bus_stop"] == 395
    assert 48 <= kinds["school_site"] <= 52
    assert kinds["station"] == 3
    assert extract.extract_date == "2023-06-12"
    assert record.rows_used == record.rows_read == 8968
    assert places(extract, "school_site").is_valid.all()
