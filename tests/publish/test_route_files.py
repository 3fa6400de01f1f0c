"""GPX that devices, GDAL and our own reader take, with all that a team needs to walk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyogrio
import pytest
from sample_plan import sample_plan, sample_profile

from corridors.crs import to_metric
from corridors.model import Plan
from corridors.patrols.trace import trace_route
from corridors.publish.route_files import route_files, route_line
from corridors.sources.routes import read_route

PROFILE = sample_profile()
NS = "{http://www.topografix.com/GPX/1/1}"
# Children in the order of the schema (gpx.xsd), of the elements that are written.
ORDER = {
    "gpx": ("metadata", "wpt", "rte", "trk", "extensions"),
    "metadata": ("name", "desc", "author", "copyright", "link", "time", "keywords", "bounds"),
    "copyright": ("year", "license"),
    "wpt": ("ele", "time", "name", "cmt", "desc", "src", "link", "sym", "type"),
    "rte": ("name", "cmt", "desc", "src", "link", "number", "type", "extensions", "rtept"),
    "trk": ("name", "cmt", "desc", "src", "link", "number", "type", "extensions", "trkseg"),
    "trkseg": ("trkpt", "extensions"),
}  # fmt: skip
ORDER |= {"rtept": ORDER["wpt"], "trkpt": ORDER["wpt"]}
MANY = {"wpt", "rte", "trk", "rtept", "trkpt", "trkseg"}


def _only(plan: Plan) -> ElementTree.Element:
    [data] = route_files(plan).values()
    return ElementTree.fromstring(data)


def _written(plan: Plan, folder: Path) -> Path:
    [(name, data)] = route_files(plan).items()
    (folder / name).write_bytes(data)
    return folder / name


def check_structure(root: ElementTree.Element) -> None:
    """Every element has the children, in the order, that GPX 1.1 wants."""
    for element in root.iter():
        tag = element.tag.removeprefix(NS)
        names = [child.tag.removeprefix(NS) for child in element]
        allowed = ORDER.get(tag, ())
        places = [allowed.index(name) for name in names]
        assert places == sorted(places), tag
        assert all(names.count(n) == 1 for n in set(names) - MANY), tag
        if tag in ("wpt", "rtept", "trkpt"):
            assert set(element.attrib) == {"lat", "lon"}
            for value in element.attrib.values():
                assert len(value.split(".")[1]) == 6


def test_one_file_for_a_route_that_is_walked_on_two_days():
    assert list(route_files(sample_plan())) == ["mon-wed_team_1_OS.gpx"]


def test_two_routes_of_a_team_on_the_same_days_have_names_of_their_own():
    plan = sample_plan()
    first, second = plan.patrols
    longer = replace(second.route, rounds=2)
    other = replace(second, day=first.day, start_min=1000, route=longer)
    names = list(route_files(replace(plan, patrols=(first, other))))
    assert names == ["mon_team_1_OS.gpx", "mon_team_1_no_2_OS.gpx"]


def test_days_that_follow_each_other_are_named_by_the_first_and_last():
    plan = sample_plan()
    days = plan.inputs.week.days
    patrols = tuple(replace(plan.patrols[0], day=d, patrol_id=f"{d}-T1") for d in days)
    assert list(route_files(replace(plan, patrols=patrols))) == ["mon-to-fri_team_1_OS.gpx"]


def test_structure_and_marking():
    root = _only(sample_plan())
    assert root.tag == f"{NS}gpx"
    assert (root.get("version"), root.get("creator")) == ("1.1", "corridors")
    check_structure(root)
    for part in ("metadata", "rte", "trk"):
        element = root.find(f"{NS}{part}")
        assert element is not None
        for child in ("name", "desc"):
            assert str(element.findtext(f"{NS}{child}")).startswith("OFFICIAL-SENSITIVE")


def test_points_turns_and_line():
    root = _only(sample_plan())
    assert [
        (w.findtext(f"{NS}type"), w.findtext(f"{NS}name"), w.findtext(f"{NS}desc"))
        for w in root.iterfind(f"{NS}wpt")
    ] == [
        ("start", "1. Start on Second Lane", "15:00"),
        ("stand", "3. Stand at Cedar Road shops bus stop", "15:05 to 15:15"),
        ("end", "6. End on Fifth Lane", "15:21"),
    ]
    turns = [e.findtext(f"{NS}name") for e in root.iter(f"{NS}rtept")]
    assert turns[1:2] + turns[3:5] == [
        "2. Go into Cedar Road", "4. Go into Fifth Lane", "5. Turn back along Fifth Lane",
    ]  # fmt: skip
    track = [(float(e.attrib["lon"]), float(e.attrib["lat"])) for e in root.iter(f"{NS}trkpt")]
    x_m, y_m = to_metric(*np.array(track).T)
    line_m = np.array(route_line(sample_plan(), sample_plan().patrols[0].route).coords)
    assert np.abs(np.column_stack([x_m, y_m]) - line_m).max() < 0.2


def test_times_that_differ_by_day_are_told_by_day():
    plan = sample_plan()
    first, second = plan.patrols
    day_one, day_two = (replace(plan.sessions[0], days=(p.day,)) for p in plan.patrols)
    sessions = (day_one, replace(day_two, start_min=890))
    root = _only(replace(plan, sessions=sessions, patrols=(first, second)))
    assert next(w.findtext(f"{NS}desc") for w in root.iterfind(f"{NS}wpt")) == (
        "Monday 15:00; Wednesday 14:50"
    )


def test_rounds_are_told():
    plan = sample_plan()
    patrols = tuple(replace(p, route=replace(p.route, rounds=2)) for p in plan.patrols)
    root = _only(replace(plan, patrols=patrols))
    assert "Walked 2 times, from 15:00 and 15:21." in str(root.findtext(f"{NS}trk/{NS}desc"))


def test_our_own_reader_finds_the_same_walk(tmp_path):
    plan = sample_plan()
    route = plan.patrols[0].route
    sketch = read_route(_written(plan, tmp_path), file="route.gpx")
    trace = trace_route(plan.network, sketch, (route.node_ids[0], route.node_ids[-1]))
    assert trace.segment_ids == route.segment_ids
    assert trace.node_ids == route.node_ids
    assert trace.gaps == ()


@pytest.mark.parametrize(("layer", "rows"), [("waypoints", 3), ("routes", 1), ("tracks", 1)])
def test_gdal_reads_every_layer(tmp_path, layer, rows):
    found = pyogrio.read_dataframe(_written(sample_plan(), tmp_path), layer=layer)
    assert len(found) == rows
    assert str(found.crs) == "EPSG:4326"
    assert found.geometry.is_valid.all()
    west, south, east, north = found.total_bounds
    assert 0.21 < west <= east < 0.23
    assert 51.72 < south <= north < 51.73


def test_a_week_without_patrols_has_no_routes():
    assert route_files(replace(sample_plan(), patrols=())) == {}
