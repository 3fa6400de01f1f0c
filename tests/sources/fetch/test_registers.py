"""Registers come cut to the area and to what readers know; a fault changes no byte."""

from __future__ import annotations

import json
import tracemalloc
from datetime import date, timedelta

import geopandas as gpd
import pytest
from support_fetching import (
    AREA_M,
    FAULTS,
    NOW,
    REGISTER,
    TODAY,
    files_of,
    holidays,
    limits_against,
    make_job,
    serve,
    table,
    with_fault,
)  # fmt: skip
from support_server import Reply

from corridors.crs import to_geographic
from corridors.errors import FetchError, InputError
from corridors.sources.bank_holidays import FILE, read_published
from corridors.sources.boundaries import read_wards
from corridors.sources.fetch.registers import (
    BOUNDARIES,
    SCHOOLS,
    STOPS,
    fetch_boundaries,
    fetch_holidays,
    fetch_schools,
    fetch_stops,
)
from corridors.sources.schools import read_schools
from corridors.sources.stops import read_stops

NAPTAN = (
    "ATCOCode", "CommonName", "Street", "Easting", "Northing", "Longitude", "Latitude", "StopType",
    "Notes", "Status",
)  # fmt: skip


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_schools_are_cut_to_the_area_and_to_known_columns(tmp_path, local_server, encoding):
    local_server.answer = serve({TODAY: REGISTER.encode(encoding)})
    desk = make_job(tmp_path / "ws", local_server)
    (made,) = fetch_schools(desk.job)
    assert made.file == SCHOOLS
    assert made.notes == ("rows outside the area, left out: 1", "rows without a place, left out: 1")
    schools, record = read_schools(tmp_path / "ws" / SCHOOLS, file=SCHOOLS)
    assert schools["name"].to_dict() == {"900001": "Made Up School", "900003": "Zoë's Academy"}
    assert schools["pupils"].tolist() == [850, 850]
    assert record.sha256 == made.sha256
    for path in (tmp_path / "ws").rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8")
            for word in ("SECRETCANARY", "HeadLast", "Telephone", "PercentageFSM", "44.4", "Far"):
                assert word not in text, path
    note = json.loads((tmp_path / "ws" / f"{SCHOOLS}.source.json").read_bytes())
    assert note["sources"][0]["dated"] == "2026-04-03"
    assert desk.said == []


def test_names_of_heads_never_reach_the_disk(tmp_path, local_server, monkeypatch):
    monkeypatch.setattr("tempfile.mkdtemp", None)  # no temporary folder for the whole register
    local_server.answer = serve({TODAY: REGISTER.encode()})
    fetch_schools(make_job(tmp_path / "ws", local_server).job)


def test_the_newest_of_ten_days_is_taken(tmp_path, local_server):
    day = NOW - timedelta(days=10)
    local_server.answer = serve({f"/edubase{day:%Y%m%d}.csv": REGISTER.encode()})
    (made,) = fetch_schools(make_job(tmp_path / "ws", local_server).job)
    assert len(local_server.asked) == 11
    assert made.sources[0].dated == "2026-03-24"
    local_server.answer = serve({})
    local_server.asked.clear()
    with pytest.raises(FetchError, match="no school register of the last 10 days"):
        fetch_schools(make_job(tmp_path / "other", local_server).job)
    assert len(local_server.asked) == 11
    assert not list((tmp_path / "other").rglob("*.csv"))


def test_the_same_day_is_not_asked_for_again(tmp_path, local_server):
    local_server.answer = serve({TODAY: REGISTER.encode()})
    first = fetch_schools(make_job(tmp_path / "ws", local_server).job)
    assert fetch_schools(make_job(tmp_path / "ws", local_server).job) == first
    assert len(local_server.asked) == 1
    path = tmp_path / "ws" / SCHOOLS
    path.write_bytes(path.read_bytes()[:-5])
    assert fetch_schools(make_job(tmp_path / "ws", local_server).job) == first
    assert len(local_server.asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        REGISTER.replace("StatutoryHighAge", "HighAge").encode(),
        REGISTER.encode()[:-30],
        b"URN,EstablishmentName\n",
        REGISTER.replace("Made Up School", 'Made "Up').encode()[:-4] + b'"x',
        b"",
    ],
)
def test_what_is_no_register_is_refused(tmp_path, local_server, body):
    local_server.answer = serve({TODAY: Reply(body)})
    with pytest.raises(FetchError, match="the answer"):
        fetch_schools(make_job(tmp_path / "ws", local_server).job)
    assert files_of(tmp_path / "ws") == {}


def test_an_area_without_schools_changes_nothing(tmp_path, local_server):
    local_server.answer = serve({TODAY: REGISTER.encode()})
    desk = make_job(tmp_path / "ws", local_server, area_m=(0.0, 0.0, 5_000.0, 5_000.0))
    with pytest.raises(FetchError, match="none of 4 rows lies in the area"):
        fetch_schools(desk.job)
    assert files_of(tmp_path / "ws") == {}


# Wards ------------------------------------------------------------------------------------------


def ward(code, name, west, year="24"):
    ring = [(west, 181_000), (west + 900, 181_000), (west + 900, 182_000), (west, 182_000),
            (west, 181_000)]  # fmt: skip
    degrees = [[float(v[0]) for v in to_geographic(x, y)] for x, y in ring]
    return {
        "type": "Feature",
        "id": 7,
        "properties": {
            "FID": 7, f"WD{year}CD": code, f"WD{year}NM": name, f"LAD{year}CD": "E09999999",
            "BNG_E": 1, "GlobalID": "x",
        },
        "geometry": {"type": "Polygon", "coordinates": [degrees]},
    }  # fmt: skip


def page(*features, more=False, inside=False):
    told = {"type": "FeatureCollection", "features": features}
    if more:
        told |= (
            {"properties": {"exceededTransferLimit": True}}
            if inside
            else {"exceededTransferLimit": True}
        )
    return json.dumps(told).encode()


ONE, TWO, THREE = (ward(f"E0599000{n}", f"Ward {n}", 525_000 + 1_000 * n) for n in (1, 2, 3))
PAGES = {
    "/wards/query?0": page(TWO, ONE, more=True),
    "/wards/query?2": page(THREE, more=True, inside=True),
    "/wards/query?3": page(),
}


def test_wards_come_page_by_page(tmp_path, local_server):
    local_server.answer = serve(PAGES)
    desk = make_job(tmp_path / "ws", local_server)
    # An empty last page has nothing more to say.
    (made,) = fetch_boundaries(desk.job)
    assert (made.file, made.rows) == (BOUNDARIES, 3)
    wards, record = read_wards(tmp_path / "ws" / BOUNDARIES, file=BOUNDARIES)
    assert wards["name"].to_dict() == {f"E0599000{n}": f"Ward {n}" for n in (1, 2, 3)}
    assert wards.area.round(-2).tolist() == [900_000] * 3
    assert record.sha256 == made.sha256
    raw = gpd.read_file(tmp_path / "ws" / BOUNDARIES)
    assert list(raw.columns) == ["WD24CD", "WD24NM", "LAD24CD", "geometry"]
    asked = local_server.asked[0].query
    assert asked["geometry"] == ["525000,180000,530000,185000"]
    assert asked["inSR"] == ["27700"]
    assert asked["f"] == ["geojson"]
    assert fetch_boundaries(make_job(tmp_path / "ws", local_server).job) == (made,)
    assert len(local_server.asked) == 3


def test_pages_of_another_size_give_the_same_bytes(tmp_path, local_server):
    local_server.answer = serve(PAGES)
    fetch_boundaries(make_job(tmp_path / "ws", local_server).job)
    local_server.answer = serve({"/wards/query?0": page(THREE, ONE, TWO)})
    fetch_boundaries(make_job(tmp_path / "other", local_server).job)
    assert files_of(tmp_path / "ws") == files_of(tmp_path / "other")


@pytest.mark.parametrize("year", ["13", "23", "25"])
def test_any_vintage_is_read(tmp_path, local_server, year):
    local_server.answer = serve({"/wards/query?0": page(ward("E05990001", "One", 526_000, year))})
    fetch_boundaries(make_job(tmp_path / "ws", local_server).job)
    _, record = read_wards(tmp_path / "ws" / BOUNDARIES, file=BOUNDARIES)
    assert record.notes == (f"boundaries of 20{year} (WD{year}CD)",)


def test_a_service_that_goes_round_in_circles_is_left(tmp_path, local_server):
    local_server.answer = lambda _: Reply(page(ONE, more=True))
    with pytest.raises(FetchError, match="again and again"):
        fetch_boundaries(make_job(tmp_path / "ws", local_server).job)
    local_server.answer = lambda _: Reply(page())
    with pytest.raises(FetchError, match="no ward in the area"):
        fetch_boundaries(make_job(tmp_path / "ws", local_server).job)
    assert files_of(tmp_path / "ws") == {}


@pytest.mark.parametrize(
    "feature",
    [
        ONE | {"properties": {"LAD24CD": "E09999999"}},
        ONE | {"properties": None},
        ONE | {"geometry": None},
        ONE | {"geometry": {"type": "Point", "coordinates": [0, 51]}},
        ONE | {"geometry": {"type": "Polygon", "coordinates": [[[float("nan"), 51]]]}},
        [],
    ],
)
def test_what_is_no_ward_is_refused(tmp_path, local_server, feature):
    local_server.answer = lambda _: Reply(page(TWO, feature))
    with pytest.raises(FetchError, match="the answer"):
        fetch_boundaries(make_job(tmp_path / "ws", local_server).job)
    assert files_of(tmp_path / "ws") == {}


# Stops ------------------------------------------------------------------------------------------


def stop(code, name, x, y, kind="BCT", **more):
    return {
        "ATCOCode": code, "CommonName": name, "Easting": x, "Northing": y, "StopType": kind,
        "Status": "active", "Notes": "SECRETCANARY",
    } | more  # fmt: skip


LON, LAT = (f"{value[0]:.6f}" for value in to_geographic(527_500, 182_500))
STOPLIST = table(
    NAPTAN,
    [
        stop("4902", "Market Street", 527_000, 182_000),
        stop("4901", "Church, The", "", "", Longitude=LON, Latitude=LAT),
        stop("1001", "Far Lane", 400_000, 300_000),
        stop("1002", "No Place", "", ""),
    ],
)


def test_stops_are_cut_to_the_area(tmp_path, local_server):
    local_server.answer = serve({"/access-nodes": STOPLIST.encode("utf-8-sig")})
    desk = make_job(tmp_path / "ws", local_server, areas=("490", "210"))
    (made,) = fetch_stops(desk.job)
    assert (made.file, made.rows) == (STOPS, 2)
    assert local_server.asked[0].query == {"dataFormat": ["csv"], "atcoAreaCodes": ["210,490"]}
    places, _ = read_stops(tmp_path / "ws" / STOPS, file=STOPS)
    assert sorted(places["name"]) == ["Church, The", "Market Street"]
    assert "SECRETCANARY" not in (tmp_path / "ws" / STOPS).read_text("utf-8")


def test_without_area_codes_the_whole_country_is_asked_for(tmp_path, local_server):
    local_server.answer = serve({"/access-nodes": STOPLIST.encode()})
    fetch_stops(make_job(tmp_path / "ws", local_server).job)
    assert local_server.asked[0].query == {"dataFormat": ["csv"]}


def test_the_order_of_rows_changes_nothing(tmp_path, local_server):
    head, *rows = STOPLIST.splitlines(keepends=True)
    for name, body in (("one", STOPLIST), ("two", head + "".join(reversed(rows)))):
        local_server.answer = serve({"/access-nodes": body.encode()})
        fetch_stops(make_job(tmp_path / name, local_server).job)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


@pytest.mark.parametrize("area", ["49", "4900", "abc", "49\n", ""])
def test_what_is_no_area_code_is_refused(tmp_path, local_server, area):
    with pytest.raises(InputError, match="not an ATCO area code"):
        fetch_stops(make_job(tmp_path / "ws", local_server, areas=(area,)).job)
    assert local_server.asked == []


def test_the_national_file_takes_no_memory(tmp_path, local_server):
    far = [stop(str(n), "Far Lane " * 8, 400_000, 300_000) for n in range(60_000)]
    body = table(NAPTAN, [*far, stop("4901", "Near", 527_000, 182_000)]).encode()
    assert len(body) > 6_000_000
    local_server.answer = serve({"/access-nodes": body})
    del far
    desk = make_job(tmp_path / "ws", local_server)
    fetch_stops(desk.job)  # imports and the like
    (tmp_path / "ws" / STOPS).unlink()
    tracemalloc.start()
    fetch_stops(desk.job)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(body) / 3


# Bank holidays ----------------------------------------------------------------------------------


def test_years_that_gov_uk_lets_go_of_stay(tmp_path, local_server):
    root = tmp_path / "ws"
    local_server.answer = lambda _: Reply(
        holidays(2019, 2026, [("Moved later", "2026-05-04"), ("Old", "2019-04-19")])
    )
    fetch_holidays(make_job(root, local_server).job)
    local_server.answer = lambda _: Reply(holidays(2025, 2028, [("Moved", "2026-05-08")]))
    (made,) = fetch_holidays(make_job(root, local_server).job)
    assert made.file == FILE
    published = read_published(root, "SCT")
    years = {day.year for day in published.days}
    assert years == set(range(2019, 2029))
    assert date(2019, 4, 19) in published.days
    assert date(2026, 5, 8) in published.days
    assert date(2026, 5, 4) not in published.days
    before = files_of(root)
    fetch_holidays(make_job(root, local_server).job)
    assert files_of(root) == before


def test_a_carried_in_list_is_merged_and_a_strange_one_told(tmp_path, local_server):
    root = tmp_path / "ws"
    (root / "data/calendar").mkdir(parents=True)
    (root / FILE).write_bytes(holidays(2017, 2020))
    local_server.answer = lambda _: Reply(holidays(2025, 2028))
    fetch_holidays(make_job(root, local_server).job)
    assert min(read_published(root, "ENG").days) == date(2017, 1, 1)
    (root / FILE).write_bytes(b"{}")
    with pytest.raises(InputError, match="no list of bank holidays"):
        fetch_holidays(make_job(root, local_server).job)
    assert (root / FILE).read_bytes() == b"{}"


# All of them ------------------------------------------------------------------------------------

FETCHERS = {
    "schools": (fetch_schools, {TODAY: REGISTER.encode()}),
    "boundaries": (fetch_boundaries, PAGES),
    "stops": (fetch_stops, {"/access-nodes": STOPLIST.encode()}),
    "holidays": (fetch_holidays, {"/bank-holidays.json": holidays(2024, 2027)}),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("kind", "at"), [(k, 0) for k in FETCHERS] + [("boundaries", 1)])
def test_a_fault_changes_no_byte(tmp_path, local_server, kind, at, fault):
    fetch, pages = FETCHERS[kind]
    local_server.answer = serve(pages)
    fetch(make_job(tmp_path / "whole", local_server).job)
    local_server.answer = with_fault(serve(pages), FAULTS[fault], at=at)
    desk = make_job(tmp_path / "ws", local_server, limits=limits_against(fault))
    fetch(desk.job)
    assert files_of(tmp_path / "ws") == files_of(tmp_path / "whole")
    assert len(desk.said) == 1
    assert "Trying again in" in desk.said[0]
    assert "\n" not in desk.said[0]


@pytest.mark.parametrize("kind", FETCHERS)
def test_a_server_that_never_answers_changes_nothing(tmp_path, local_server, kind):
    fetch, pages = FETCHERS[kind]
    root = tmp_path / "ws"
    local_server.answer = serve(pages)
    fetch(make_job(root, local_server).job)
    before = files_of(root)
    local_server.answer = lambda _: FAULTS["504"]
    later = make_job(root, local_server, now=NOW + timedelta(days=1), area_m=(*AREA_M[:3], 190e3))
    with pytest.raises(FetchError, match="busy"):
        fetch(later.job)
    assert files_of(root) == before


@pytest.mark.parametrize(
    ("kind", "file"), [("schools", SCHOOLS), ("boundaries", BOUNDARIES), ("stops", STOPS)]
)
def test_what_was_carried_in_stays(tmp_path, local_server, kind, file):
    root = tmp_path / "ws"
    (root / file).parent.mkdir(parents=True)
    (root / file).write_bytes(b"carried in")
    desk = make_job(root, local_server)
    assert FETCHERS[kind][0](desk.job) == ()
    assert local_server.asked == []
    assert (root / file).read_bytes() == b"carried in"
    assert desk.said == [
        f"{file} stands there and was not fetched, so it stays. Move it away to fetch it"
    ]
