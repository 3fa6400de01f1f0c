"""Route files: what is read, what stays behind, and what is refused in one line."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_workspace import write

from corridors.crs import to_geographic
from corridors.errors import CrsError, InputError
from corridors.sources.routes import read_route

METRES = [(530_400.0, 180_500.0), (530_460.0, 180_500.0), (530_460.0, 180_600.0)]
LON_LAT = np.round(np.column_stack(to_geographic(*zip(*METRES, strict=True))), 7).tolist()


def geojson(geometry: object, **more: object) -> str:
    feature = {"type": "Feature", "properties": {"by": "CANARY"}, "geometry": geometry}
    return json.dumps(feature | more)


def gpx(inner: str, head: str = '<?xml version="1.0"?>') -> str:
    return f'{head}<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{inner}</gpx>'


def points(tag: str) -> str:
    return "".join(
        f'<{tag} lat="{lat}" lon="{lon}"><ele>3</ele><time>2026-03-02T15:00:00Z</time></{tag}>'
        for lon, lat in LON_LAT
    )


LINE = {"type": "LineString", "coordinates": LON_LAT}
TRACK = gpx(
    f"<wpt lat='0' lon='0'/><trk><name>CANARY</name><trkseg>{points('trkpt')}</trkseg></trk>"
)
GOOD = {
    "line.geojson": geojson(LINE),
    "bare.json": json.dumps(LINE),
    "height.geojson": geojson({"type": "LineString", "coordinates": [[*p, 12.5] for p in LON_LAT]}),
    "old.geojson": json.dumps(
        {
            "type": "FeatureCollection",
            "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}},
            "features": [
                {
                    "type": "Feature",
                    "geometry": {"type": "LineString", "coordinates": METRES},
                }
            ],
        }
    ),
    "multi.geojson": geojson({"type": "MultiLineString", "coordinates": [LON_LAT]}),
    "track.gpx": TRACK,
    "route.gpx": gpx(f"<rte>{points('rtept')}</rte>"),
    "plain.gpx": f"<gpx><trk><trkseg>{points('trkpt')}</trkseg></trk></gpx>",
}


def read(folder, name: str, content: str | bytes):
    return read_route(write(folder / name, content), file=name)


@pytest.mark.parametrize("name", GOOD)
def test_lines_come_in_metres_and_in_their_order(tmp_path, name):
    sketch = read(tmp_path, name, GOOD[name])
    (line_m,) = sketch.lines_m
    assert line_m == pytest.approx(np.array(METRES), abs=0.05)
    assert not sketch.streets
    assert sketch.file == name
    assert "CANARY" not in repr(sketch)  # names and times of a track say who was where


def test_parts_keep_their_order_and_other_shapes_are_told(tmp_path):
    shapes = [
        {"type": "Point", "coordinates": LON_LAT[0]},
        {"type": "LineString", "coordinates": LON_LAT[1:]},
        {"type": "GeometryCollection", "geometries": [LINE]},
        {"type": "MultiLineString", "coordinates": [LON_LAT[:2], LON_LAT[:1]]},
    ]
    features = [{"type": "Feature", "geometry": g} for g in [*shapes, None]]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    sketch = read(tmp_path, "many.geojson", text)
    assert [len(line) for line in sketch.lines_m] == [2, 3, 2]
    assert sketch.notes == (
        "shapes that are no lines were left out: Point",
        "1 lines of a single point were left out",
    )


def test_tracks_come_before_routes(tmp_path):
    both = gpx(f"<rte>{points('rtept')}</rte><trk><trkseg>{points('trkpt')}</trkseg></trk>")
    sketch = read(tmp_path, "both.gpx", both)
    assert len(sketch.lines_m) == 1
    assert "the tracks were taken" in sketch.notes[0]


def test_streets_come_in_order_with_their_rows(tmp_path):
    text = "\ufeff# Monday's round\n\n1. High Street\n2) Mill Lane\nmill lane\n  Park Road \n"
    sketch = read(tmp_path, "streets.txt", text)
    assert [(s.name, s.row) for s in sketch.streets] == [
        ("High Street", 3), ("Mill Lane", 4), ("Park Road", 6),
    ]  # fmt: skip
    table = read(
        tmp_path, "streets.csv", "no,Street,who\n1,High Street,CANARY\n2,,x\n3,Mill Lane,\n"
    )
    assert [(s.name, s.row) for s in table.streets] == [("High Street", 2), ("Mill Lane", 4)]
    assert "CANARY" not in repr(table)
    assert not sketch.lines_m
    assert not table.lines_m


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
OUTSIDE = '<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
BAD = {
    "bomb.gpx": (gpx("<name>&i;</name>", BOMB), "defines entities"),
    "open.gpx": (gpx("<name>&x;</name>", OUTSIDE), "defines entities"),
    "parameter.gpx": (
        gpx("", '<!DOCTYPE gpx [<!ENTITY % p SYSTEM "http://192.0.2.1/x"> %p;]>'),
        "defines entities",
    ),
    "undefined.gpx": (gpx("<name>&i;</name>"), "cannot be read as GPX"),
    "cut.gpx": (TRACK[:-30], "cannot be read as GPX"),
    "deep.gpx": (gpx("<a>" * 99), "is not GPX"),
    "page.gpx": ("<html/>", "is not GPX"),
    "stray.gpx": (gpx("<trkpt lat='51' lon='0'/>"), "outside a track"),
    "nowhere.gpx": (gpx("<rte><rtept/><rtept/></rte>"), "point 1 is wrong: no coordinates"),
    "codec.gpx": ('<?xml version="1.0" encoding="shift_jis"?><gpx/>', "cannot be read as GPX"),
    "none.gpx": (gpx("<wpt lat='51' lon='0'/>"), "holds no line"),
    "deep.json": ("[" * 200_000, "cannot be read as GeoJSON"),
    "nested.geojson": (
        '{"type":"GeometryCollection","geometries":[' * 60 + "]}" * 60,
        "is not GeoJSON",
    ),
    "cut.geojson": (geojson(LINE)[:-9], "cannot be read as GeoJSON"),
    "list.json": ("[]", "is not GeoJSON"),
    "typed.json": ('{"type": 3}', "is not GeoJSON"),
    "area.geojson": (geojson({"type": "Polygon", "coordinates": [LON_LAT]}), "holds no line"),
    "point.geojson": (geojson({"type": "LineString", "coordinates": LON_LAT[:1]}), "holds no line"),
    "flat.geojson": (geojson({"type": "LineString", "coordinates": [1, 2]}), "two numbers"),
    "missing.geojson": (geojson({"type": "LineString"}), "without its list"),
    "words.geojson": (
        geojson({"type": "LineString", "coordinates": [["a", "b"], [True, None]]}),
        "point 1 is wrong: coordinates are not numbers",
    ),
    "nan.geojson": (
        '{"type":"LineString","coordinates":[[NaN,51],[0,51]]}', "cannot be read as GeoJSON",
    ),
    "huge.geojson": (
        f'{{"type":"LineString","coordinates":[[{"9" * 5000},51],[0,51]]}}',
        "cannot be read as GeoJSON",
    ),
    "swapped.geojson": (
        geojson({"type": "LineString", "coordinates": [p[::-1] for p in LON_LAT]}), "swapped",
    ),
    "metres.geojson": (geojson({"type": "LineString", "coordinates": METRES}), "metres where"),
    "abroad.geojson": (
        geojson({"type": "LineString", "coordinates": [[10.0, 51.0], [10.1, 51.0]]}), "outside",
    ),
    "mercator.geojson": (
        geojson(LINE, crs={"type": "name", "properties": {"name": "EPSG:3857"}}),
        "coordinate system",
    ),
    "odd.geojson": (geojson(LINE, crs="here"), "coordinate system"),
    "latin.txt": ("Rue de l'Église".encode("latin-1"), "row 1: is not UTF-8"),
    "wide.txt": ("High Street".encode("utf-16"), "is not UTF-8"),
    "empty.txt": ("# nothing yet\n\n", "names no street"),
    "essay.txt": ("a" * 200, "row 1: a street's name has more than 120"),
    "large.txt": ("High Street\n" * 500_000, "larger than 5 MB"),
    "large.csv": ("street\n" + "High Street\n" * 500_000, "larger than 5 MB"),
    "columns.csv": ("strasse\nHigh Street\n", "column is missing"),
    "route.kml": ("<kml/>", "cannot be read from .kml"),
    "route": ("x", "without ending"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line_that_names_it(tmp_path, name):
    content, words = BAD[name]
    with pytest.raises(InputError, match=words) as refused:
        read(tmp_path, name, content)
    message = str(refused.value)
    assert message.startswith(name)
    assert message.isprintable()


def test_too_many_points_are_refused_before_they_are_used(tmp_path):
    many = [[round(i * 1e-6, 6), 51.5] for i in range(50_001)]
    with pytest.raises(InputError, match="more than 50,000 points"):
        read(tmp_path, "long.geojson", json.dumps({"type": "LineString", "coordinates": many}))
    track = "<trkpt lat='51' lon='0'/>" * 50_001
    with pytest.raises(InputError, match="more than 50,000 points"):
        read(tmp_path, "long.gpx", gpx(f"<trk><trkseg>{track}</trkseg></trk>"))


def test_a_position_that_is_wrong_is_of_the_right_kind(tmp_path):
    with pytest.raises(CrsError):
        read(tmp_path, "abroad.geojson", BAD["abroad.geojson"][0])


PIECES = (
    b"\0", b"\xff", b'"', b",", b"<", b"&a;", b"<!DOCTYPE gpx>", b"]]>", b"[", b"{}", b"null",
    b"1e999", b"-0", b"NaN", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\n", b"x" * 200,
)  # fmt: skip
splices = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(PIECES) | st.binary(max_size=6)),
    min_size=1,
    max_size=3,
)
SPLICED = GOOD | {"streets.txt": "High Street\nMill Lane\n", "streets.csv": "street\nMill Lane\n"}


@pytest.mark.parametrize("name", SPLICED)
@settings(max_examples=40)
@given(splices=splices)
def test_mutated_files_are_read_or_refused(tmp_path_factory, name, splices):
    content = SPLICED[name].encode()
    for at, cut, piece in splices:
        start = int(at * len(content))
        content = content[:start] + piece + content[start + cut :]
    path = write(tmp_path_factory.mktemp("routes") / name, content)
    refusal = ""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            sketch = read_route(path, file=name)
        except InputError as error:
            refusal = str(error)
        else:
            assert sketch.lines_m or sketch.streets
            assert all(np.isfinite(line).all() and len(line) > 1 for line in sketch.lines_m)
    assert refusal.isprintable()


@pytest.mark.parametrize("name", SPLICED)
def test_a_folder_or_nothing_in_place_of_the_file_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="no such file"):
        read_route(tmp_path / name, file=name)
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match="is a folder"):
        read_route(tmp_path / name, file=name)
