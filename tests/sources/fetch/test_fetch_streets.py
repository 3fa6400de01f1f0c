"""Streets by the real OSMnx from a server on this machine: whole, the same each time, or told."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime

import numpy as np
import osmnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_overpass import STAMP, answer, element, kind_of, node, serve, town
from support_server import BROKEN_JSON, PAGE, TIMED_OUT, TOO_MANY, TOO_MUCH, Reply

from corridors.crs import to_geographic, to_metric
from corridors.errors import FetchError
from corridors.sources import read_streets
from corridors.sources.fetch.cache import Cache
from corridors.sources.fetch.client import BusyError, Client, Limits
from corridors.sources.fetch.endpoints import endpoints_of
from corridors.sources.fetch.jobs import Job
from corridors.sources.fetch.streets import FILE, fetch_streets
from corridors.sources.osm_places import PLACE_TAGS, area_kinds, line_kinds, node_kinds
from corridors.tables import Places, Ways

AREA_M = (525_000.0, 180_000.0, 535_000.0, 185_000.0)
NOW = datetime(2026, 3, 2, 14, 5, 9, tzinfo=UTC)
QUICK = Limits(attempts=4, connect_s=2.0, silence_s=0.6, whole_s=1.0, first_wait_s=0.01)
WAYS, PLACES = town(532_000, 181_000)


def _fetch(root, server, *, area_m=AREA_M, limits=QUICK, slept=None):
    said = []
    sleep = slept.append if slept is not None else (lambda _: None)
    job = Job(
        root=root,
        endpoints=endpoints_of({"streets": f"{server.url}/api"}),
        client=Client(said.append, limits, sleep=sleep),
        cache=Cache(root),
        area_m=area_m,
        now=NOW,
        tell=said.append,
    )
    return fetch_streets(job), said


def _files(root):
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def _kinds(server):
    return [kind_of(asked) for asked in server.asked]


def test_the_town_is_read_as_the_server_tells_it(tmp_path, local_server):
    serve(local_server, WAYS, PLACES)
    (made,), said = _fetch(tmp_path, local_server)
    assert said == []
    assert _kinds(local_server) == ["status", "ways", "status", "places"]
    assert (made.file, made.rows) == (FILE, 6)
    extract, record = read_streets(tmp_path / made.file, bounds_m=None, file=made.file)
    ways = extract.ways
    assert list(ways[Ways.highway]) == ["residential"] * 4 + ["steps", "pedestrian"]
    assert ways[Ways.name][0] == "Row 0 <Road>"
    assert list(ways[Ways.area]) == [False] * 5 + [True]
    assert len(extract.vertex_xy_m) == 16  # ways meet where they share a node
    refs = extract.way_refs[ways[Ways.first_ref][4] :][:4]
    assert np.allclose(extract.vertex_xy_m[refs, 1], [181_000, 181_100, 181_200, 181_300], atol=0.1)
    places = extract.places.set_index(Places.kind)
    assert list(places.index) == ["bus_stop", "entrance", "school_site", "park"]
    assert places.geometry["park"].area == pytest.approx(60**2 - 20**2, rel=1e-3)  # with its hole
    assert places.geometry["school_site"].area == pytest.approx(40**2, rel=1e-3)
    assert extract.extract_date == STAMP[:10]
    assert record.sha256 == made.sha256
    url = f"{local_server.url}/api/interpreter"
    assert record.notes == (f"fetched from {url} at 2026-03-02T14:05:09Z, data of {STAMP}",)


FAULTS = {
    "429": TOO_MANY,
    "503": TOO_MUCH,
    "504": TIMED_OUT,
    "500": Reply(status=500),
    "cut": Reply(WAYS, cut_after=500),
    "cut at once": Reply(WAYS, cut_after=0),
    "drip": Reply(WAYS, drip_s=0.02),
    "silence": Reply(WAYS, silent_s=1.3),
    "broken": BROKEN_JSON,
    "page": PAGE,
    "nothing": Reply(b""),
    "half": Reply(answer(*json.loads(WAYS)["elements"][:3], remark="runtime error: out of time")),
    "no nodes": Reply(answer(*json.loads(WAYS)["elements"][3:])),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_after_any_fault_the_files_are_the_same(tmp_path, local_server, fault):
    serve(local_server, WAYS, PLACES)
    _fetch(tmp_path / "calm", local_server)
    local_server.asked.clear()
    kinds = ("status", "ways", "places")
    serve(local_server, WAYS, PLACES, {kind: [FAULTS[fault]] for kind in kinds})
    _, said = _fetch(tmp_path / "faulty", local_server)
    assert _files(tmp_path / "faulty") == _files(tmp_path / "calm")
    assert len(_files(tmp_path / "calm")) == 4
    assert _kinds(local_server) == ["status"] * 2 + ["ways"] * 2 + ["status"] + ["places"] * 2
    assert len(said) == 3
    for line in said:
        assert line.startswith("127.0.0.1: ")
        assert "Trying again in" in line
        assert line.isprintable()


@pytest.mark.realdata
def test_a_real_answer_has_the_segments_of_osmnx_own_graph(
    tmp_path, local_server, realdata, monkeypatch
):
    real = (realdata / "city_shoreditch/overpass_city_shoreditch_drive.json").read_bytes()
    faults = {
        "status": [TOO_MANY, PAGE],
        "ways": [
            TOO_MANY, TOO_MUCH, TIMED_OUT, BROKEN_JSON, PAGE, Reply(real, cut_after=1_000_000),
            Reply(real[:1000], drip_s=0.01), Reply(real, silent_s=2.3),
        ],
        "places": [TIMED_OUT],
    }  # fmt: skip
    patient = Limits(attempts=9, connect_s=2.0, silence_s=2.0, whole_s=4.0, first_wait_s=0.01)
    serve(local_server, real, answer())
    _fetch(tmp_path / "calm", local_server, limits=patient)
    serve(local_server, real, answer(), faults)
    (made,), said = _fetch(tmp_path / "faulty", local_server, limits=patient)
    assert _files(tmp_path / "faulty") == _files(tmp_path / "calm")
    assert len(said) == sum(map(len, faults.values()))

    extract, record = read_streets(tmp_path / "calm" / FILE, bounds_m=None, file=FILE)
    assert made.rows == record.rows_used == 3418
    assert extract.extract_date == "2024-02-17"
    for name, value in {
        "overpass_url": f"{local_server.url}/api", "use_cache": False, "doh_url_template": None,
    }.items():  # fmt: skip
        monkeypatch.setattr(osmnx.settings, name, value)
    monkeypatch.setattr(socket, "getaddrinfo", socket.getaddrinfo)
    lon, lat = to_geographic([525_000, 535_000], [180_000, 185_000])
    square = osmnx.utils_geo.bbox_to_poly((lon[0], lat[0] - 0.01, lon[1], lat[1] + 0.01))
    graph = osmnx.graph.graph_from_polygon(
        square, custom_filter='["highway"]', simplify=False, retain_all=True, truncate_by_edge=True
    )
    theirs = {
        (min(u, v), max(u, v), data["osmid"]): data.get("name", "")
        for u, v, data in graph.edges(data=True)
    }
    ends = np.array([[(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in key[:2]]
                     for key in theirs])  # fmt: skip
    xy_m = np.stack(to_metric(ends[..., 0].ravel(), ends[..., 1].ravel()), axis=1)
    their_m = np.hypot(*np.diff(xy_m.reshape(-1, 2, 2), axis=1)[:, 0].T)

    starts, counts = extract.ways[Ways.first_ref], extract.ways[Ways.ref_count]
    ours = {
        (min(u, v), max(u, v), way): extract.ways[Ways.name][way]
        for way, (start, count) in enumerate(zip(starts, counts, strict=True))
        for u, v in zip(
            extract.way_refs[start : start + count - 1],
            extract.way_refs[start + 1 : start + count],
            strict=True,
        )
    }
    pairs = np.array([key[:2] for key in ours])
    our_m = np.hypot(*(extract.vertex_xy_m[pairs[:, 0]] - extract.vertex_xy_m[pairs[:, 1]]).T)
    assert len(ours) == len(theirs)
    assert our_m.sum() == pytest.approx(their_m.sum(), rel=1e-9)
    assert sorted(ours.values()) == sorted(theirs.values())
    assert np.allclose(np.sort(our_m), np.sort(their_m), atol=1e-6)


def test_a_large_area_is_asked_for_in_parts_and_none_twice(tmp_path, local_server, monkeypatch):
    serve(local_server, WAYS, PLACES)
    _fetch(tmp_path / "whole", local_server)
    monkeypatch.setattr(osmnx.settings, "max_query_area_size", 20_000_000.0)
    local_server.asked.clear()
    serve(local_server, WAYS, PLACES, {"ways": [Reply(WAYS), TIMED_OUT], "places": [TOO_MANY]})
    _, said = _fetch(tmp_path / "parts", local_server)
    assert _files(tmp_path / "parts") == _files(tmp_path / "whole")
    assert len(said) == 2
    kinds = _kinds(local_server)
    questions = [a.form["data"][0] for a in local_server.asked if kind_of(a) != "status"]
    assert kinds.count("ways") > 3
    assert kinds.count("places") > 3
    assert len(questions) == len(set(questions)) + 2  # only those that failed were asked again


def test_what_is_kept_is_not_asked_for_and_what_is_damaged_is(tmp_path, local_server):
    serve(local_server, WAYS, PLACES)
    _fetch(tmp_path, local_server)
    files = _files(tmp_path)
    local_server.asked.clear()
    _, said = _fetch(tmp_path, local_server)
    assert local_server.asked == []
    assert said == ["streets: kept since 2026-03-02T14:05:09Z; nothing was asked"]
    assert _files(tmp_path) == files
    (data,) = (tmp_path / "data/osm_cache").glob("*.data")
    data.write_bytes(data.read_bytes()[:-7])
    (tmp_path / FILE).write_bytes(b"half")
    _fetch(tmp_path, local_server)
    assert len(local_server.asked) == 4
    assert _files(tmp_path) == files
    _fetch(tmp_path, local_server, area_m=(525_000, 180_000, 530_000, 185_000))
    assert len(local_server.asked) == 8  # another question


@pytest.mark.parametrize("is_down", [False, True])
def test_osmnx_is_left_as_it_was(tmp_path, local_server, is_down):
    serve(local_server, WAYS, PLACES)
    if is_down:
        local_server.answer = lambda _: Reply(status=500)
    names = [name for name in dir(osmnx.settings) if not name.startswith("_")]
    before = {name: getattr(osmnx.settings, name) for name in names}
    resolver = socket.getaddrinfo
    if is_down:
        with pytest.raises(FetchError):
            _fetch(tmp_path, local_server)
    else:
        _fetch(tmp_path, local_server)
    assert {name: getattr(osmnx.settings, name) for name in names} == before
    assert socket.getaddrinfo is resolver


def test_a_server_that_is_down_leaves_everything_as_it_was(tmp_path, local_server):
    serve(local_server, WAYS, PLACES, {"places": [TIMED_OUT] * 9})
    with pytest.raises(BusyError, match="after 4 attempts"):
        _fetch(tmp_path, local_server)
    assert _files(tmp_path) == {}
    assert list((tmp_path / "data/osm_cache").iterdir()) == []


def _status(*lines):
    return Reply("\n".join(["Connected as: 1", "Announced endpoint: none", *lines]).encode())


@pytest.mark.parametrize(
    "status",
    [
        _status("Rate limit: 0", "Currently running queries (pid, space limit):"),
        _status("Rate limit: 2", "1 slots available now.", "Slot available after: x, in 9 s."),
        Reply(status=404),
    ],
)  # fmt: skip
def test_a_server_with_a_place_free_or_without_limits_is_asked_at_once(
    tmp_path, local_server, status
):
    serve(local_server, WAYS, PLACES, {"status": [status] * 2})
    _, said = _fetch(tmp_path, local_server)
    assert said == []


def test_a_place_is_waited_for(tmp_path, local_server):
    busy = _status(
        "Rate limit: 2",
        "Slot available after: 2026-03-02T14:05:19Z, in 10 seconds.",
        "Slot available after: 2026-03-02T14:05:16Z, in 7 seconds.",
    )
    both = _status("Rate limit: 2", "Currently running queries (pid, space limit):")
    serve(local_server, WAYS, PLACES, {"status": [busy, both]})
    slept = []
    _, said = _fetch(tmp_path, local_server, slept=slept)
    assert slept == [7.0, 5.0]
    assert said[0] == "127.0.0.1: all our places are taken. Trying again in 7 s"


WRONG = [
    [],
    {"elements": {}},
    {"elements": ["x"]},
    {"elements": [{"type": "node", "id": "1", "lat": 51, "lon": 0}]},
    {"elements": [{"type": "node", "id": True, "lat": 51, "lon": 0}]},
    {"elements": [{"type": "node", "id": -1, "lat": 51, "lon": 0}]},
    {"elements": [{"type": "node", "id": 1 << 70, "lat": 51, "lon": 0}]},
    {"elements": [{"type": "node", "id": 1, "lat": 91, "lon": 0}]},
    {"elements": [{"type": "node", "id": 1, "lat": float("nan"), "lon": 0}]},
    {"elements": [{"type": "node", "id": 1, "lat": "north", "lon": 0}]},
    {"elements": [{"type": "node", "id": 1, "lat": 51, "lon": 0, "tags": {"a": 1}}]},
    {"elements": [{"type": "node", "id": 1, "lat": 51, "lon": 0, "tags": ["a"]}]},
    {"elements": [{"type": "node", "id": 1, "lat": 51, "lon": 0, "tags": {"a": "x" * 256}}]},
    {"elements": [{"type": "node", "id": 1, "lat": 51, "lon": 0, "tags": {"a": ["b"]}}]},
    {"elements": [{"type": "way", "id": 1, "nodes": 5}]},
    {"elements": [{"type": "way", "id": 1}]},
    {"elements": [{"type": "way", "id": 1, "nodes": [2, 3]}]},
    {"elements": [{"type": "relation", "id": 1, "members": [{"type": "x", "ref": 1}]}]},
    {"elements": [{"type": "relation", "id": 1, "members": [{"type": ["x"], "ref": 1}]}]},
    {"elements": [{"type": "relation", "id": 1, "members": None}]},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_osm_data_is_told_and_never_written(tmp_path, local_server, wrong):
    serve(local_server, json.dumps(wrong).encode(), PLACES)
    with pytest.raises(FetchError, match=r"the answer (is no|holds what is no|is only half)"):
        _fetch(tmp_path, local_server)
    assert _files(tmp_path) == {}


@pytest.mark.parametrize("tag", ["\ud800", "\x00", "\n", "é" * 255, "\U0001f6b6" * 255])
def test_any_text_in_a_tag_is_kept_or_told(tmp_path, local_server, tag):
    nodes = [node(1, 532_000, 181_000), node(2, 532_100, 181_000)]
    way = element("way", 3, nodes=[1, 2], tags={"highway": "residential", "name": tag})
    serve(local_server, answer(*nodes, way), answer())
    try:
        _fetch(tmp_path, local_server)
    except FetchError:
        assert _files(tmp_path) == {}
    else:
        extract, _ = read_streets(tmp_path / FILE, bounds_m=None, file=FILE)
        assert list(extract.ways[Ways.name]) == [tag]


def test_an_area_without_streets_is_told(tmp_path, local_server):
    serve(local_server, answer(), PLACES)
    with pytest.raises(FetchError, match=r"knows no street in this area.*\[fetch\]"):
        _fetch(tmp_path, local_server)


def test_unknown_elements_and_dates_are_left_out(tmp_path, local_server):
    body = json.loads(WAYS)
    body["elements"].append({"type": "area", "id": 5})
    body["osm3s"] = {"timestamp_osm_base": "<script>"}
    places = json.loads(PLACES)
    places["osm3s"] = "yesterday"
    serve(local_server, json.dumps(body).encode(), json.dumps(places).encode())
    (made,), _ = _fetch(tmp_path, local_server)
    assert made.sources[0].dated == ""
    extract, _ = read_streets(tmp_path / FILE, bounds_m=None, file=FILE)
    assert extract.extract_date == ""


@given(
    st.dictionaries(
        st.sampled_from([*PLACE_TAGS, "bus", "train", "name", "access"]),
        st.sampled_from(
            ["yes", "no", *(v for vs in PLACE_TAGS.values() if vs is not True for v in vs)]
        ),
        max_size=4,
    )
)  # fmt: skip
def test_all_that_is_a_place_is_asked_for(tags):
    asked = any(
        PLACE_TAGS[key] is True or value in PLACE_TAGS[key]
        for key, value in tags.items()
        if key in PLACE_TAGS
    )
    if node_kinds(tags) or line_kinds(tags) or area_kinds(tags):
        assert asked
