"""Crimes come whole, once each, month by month, whatever the server does meanwhile."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from support_fetching import (
    AREA_M,
    FAULTS,
    MONTHS,
    NOW,
    QUICK,
    PoliceStub,
    crime,
    crime_at,
    files_of,
    limits_against,
    make_job,
    with_fault,
)  # fmt: skip
from support_server import TIMED_OUT, TOO_MUCH, Reply

from corridors.errors import FetchError, InputError
from corridors.sources.fetch.client import BusyError, Client, Limits
from corridors.sources.fetch.crimes import CATEGORY_WORDS, fetch_crimes
from corridors.sources.fetch.limits import limits_for
from corridors.sources.fetch.months import version_of
from corridors.sources.fetch.squares import Square, square_of
from corridors.sources.offences import classify_offences
from corridors.sources.police_uk import HEADER, read_street

FOLDER = "data/incidents/police_uk"


def crimes(per_month=40, months=MONTHS, seed=7):
    """Made-up crimes in and around the area; among them true repeats without a reference."""
    rng = np.random.default_rng(seed)
    made = []
    for month in months:
        for number in range(per_month):
            x, y = rng.uniform(524_000, 531_000), rng.uniform(179_000, 186_000)
            slug = sorted(CATEGORY_WORDS)[number % len(CATEGORY_WORDS)]
            reference = "" if slug == "anti-social-behaviour" else f"{rng.integers(1 << 60):064x}"
            made.append(crime(x, y, month, category=slug, reference=reference, number=len(made)))
        made += [
            crime(527_000, 182_000, month, category="anti-social-behaviour", number=9_000 + n)
            for n in range(3)
        ]
    return made


def inside(everything):
    square = square_of(AREA_M)
    return [
        c
        for c in everything
        if square.holds(float(c["location"]["longitude"]), float(c["location"]["latitude"]))
    ]


def rows_of(root, month):
    body = (root / f"{FOLDER}/{month}-api-street.csv").read_bytes()
    return list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline="")))


def alike(everything, month):
    """What the file of a month has to hold, as a bag of the cells that tell crimes apart."""
    return Counter(
        (c["persistent_id"], c["location"]["longitude"], c["location"]["latitude"],
         CATEGORY_WORDS[c["category"]])
        for c in inside(everything) if c["month"] == month
    )  # fmt: skip


def bag(rows):
    return Counter(
        (row["Crime ID"], row["Longitude"], row["Latitude"], row["Crime type"]) for row in rows
    )


def test_a_month_is_the_bulk_file_that_the_reader_reads(tmp_path, local_server):
    everything = crimes()
    local_server.answer = PoliceStub(everything)
    desk = make_job(tmp_path / "ws", local_server)
    made = fetch_crimes(desk.job)
    assert [f.file for f in made] == [f"{FOLDER}/{m}-api-street.csv" for m in MONTHS]
    for month, fetched in zip(MONTHS, made, strict=True):
        path = tmp_path / "ws" / fetched.file
        assert path.read_bytes().split(b"\r\n")[0].decode() == ",".join(HEADER)
        assert bag(rows_of(tmp_path / "ws", month)) == alike(everything, month)
        draft = read_street(path, file=fetched.file, near_m=AREA_M, salt=b"")
        assert draft.rows_read == fetched.rows == len(draft.frame) > 20
        assert draft.notes == ()
        assert draft.sha256 == fetched.sha256
        assert {s.dated for s in fetched.sources} == {version_of(month, MONTHS)}
    assert desk.said == []


def test_what_the_api_does_not_give_is_empty(tmp_path, local_server):
    one = crime(527_000, 182_000, "2026-02", category="violent-crime", reference="ab" * 32)
    one["location"]["street"]["name"] = "On or near\n Bad\x1b[2J\u202e Lane"
    local_server.answer = PoliceStub([one])
    desk = make_job(tmp_path / "ws", local_server, months=("2026-02",))
    fetch_crimes(desk.job)
    (row,) = rows_of(tmp_path / "ws", "2026-02")
    assert row == {
        "Crime ID": "ab" * 32, "Month": "2026-02", "Reported by": "", "Falls within": "",
        "Longitude": one["location"]["longitude"], "Latitude": one["location"]["latitude"],
        "Location": "On or near Bad[2J Lane", "LSOA code": "", "LSOA name": "",
        "Crime type": "Violence and sexual offences",
        "Last outcome category": "Under investigation", "Context": "",
    }  # fmt: skip


def test_the_real_limit_of_10_000_is_met_by_quarters(tmp_path, local_server):
    everything = crimes(per_month=21_000, months=("2026-02",))
    stub = PoliceStub(everything, months=("2026-02",))
    local_server.answer = stub
    desk = make_job(tmp_path / "ws", local_server)
    fetch_crimes(desk.job)
    assert len(inside(everything)) > 10_000
    assert len(stub.refused) == 1
    assert bag(rows_of(tmp_path / "ws", "2026-02")) == alike(everything, "2026-02")
    assert len(desk.said) == 1
    assert "too much at once for 2026-02 (503). Asking in quarters" in desk.said[0]


@pytest.mark.parametrize("most", [3, 10, 30])
def test_pieces_of_any_depth_give_the_bytes_of_the_whole(tmp_path, local_server, most):
    square = square_of(AREA_M)
    edges = [q for piece in (square, *square.quarters()) for q in piece.quarters()]
    on_edges = [
        crime_at(f"{q.west / 1e5:.6f}", f"{q.south / 1e5:.6f}", "2026-02", number=n)
        for n, q in enumerate(edges)
    ]
    # One on every corner of pieces two levels deep, no more than `most` of them at one place.
    at_once = list({c["location"]["longitude"] + c["location"]["latitude"]: c for c in on_edges}
                   .values())  # fmt: skip
    everything = crimes(months=("2026-02",)) + at_once
    states = []
    for limit in (10_000, most):
        stub = PoliceStub(everything, months=("2026-02",), most=limit)
        local_server.answer = stub
        root = tmp_path / f"ws{limit}"
        fetch_crimes(make_job(root, local_server).job)
        states.append(files_of(root, with_cache=False))
        assert bool(stub.refused) == (limit == most)
    assert states[0] == states[1]
    assert bag(rows_of(root, "2026-02")) == alike(everything, "2026-02")


def test_too_many_at_one_point_ends_in_a_clear_line(tmp_path, local_server):
    many = [crime(527_000, 182_000, "2026-02", number=n) for n in range(20)]
    stub = PoliceStub(many, months=("2026-02",), most=10)
    local_server.answer = stub
    desk = make_job(tmp_path / "ws", local_server)
    with pytest.raises(BusyError, match="busy"):
        fetch_crimes(desk.job)
    assert len({*stub.refused}) == 7  # the whole, and six times smaller
    assert not list((tmp_path / "ws").rglob("*.csv"))


@pytest.mark.parametrize("at", [0, 3])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_changes_no_byte(tmp_path, local_server, fault, at):
    stub = PoliceStub(crimes())
    local_server.answer = stub
    whole = tmp_path / "whole"
    fetch_crimes(make_job(whole, local_server).job)
    local_server.answer = with_fault(stub, FAULTS[fault], at=at)
    desk = make_job(tmp_path / "ws", local_server, limits=limits_against(fault))
    fetch_crimes(desk.job)
    is_split = fault == "503" and at > 0  # the pieces are in the cache too
    assert files_of(tmp_path / "ws", with_cache=not is_split) == files_of(
        whole, with_cache=not is_split
    )
    assert len(desk.said) == 1
    assert "\n" not in desk.said[0]
    assert "Trying again in" in desk.said[0] or "Asking in quarters" in desk.said[0]


def test_each_kind_of_fault_in_one_run(tmp_path, local_server):
    stub = PoliceStub(crimes(), most=8)
    local_server.answer = stub
    fetch_crimes(make_job(tmp_path / "whole", local_server).job)
    left = list(FAULTS.values())
    turn = [0]

    def answer(asked):
        turn[0] += 1
        return left.pop() if left and turn[0] % 2 else stub(asked)

    local_server.answer = answer
    desk = make_job(tmp_path / "ws", local_server, limits=QUICK)
    fetch_crimes(desk.job)
    assert not left
    again = [line for line in desk.said if "Trying again in" in line]
    assert len(again) == len(FAULTS) - 1  # 503: in quarters instead
    assert len(desk.said) - len(again) == len(MONTHS)
    assert files_of(tmp_path / "ws", with_cache=False) == files_of(
        tmp_path / "whole", with_cache=False
    )


@pytest.mark.parametrize("stop_at", range(len(MONTHS)))
def test_after_a_stop_the_rest_comes_and_whole_months_are_not_asked_again(
    tmp_path, local_server, stop_at
):
    stub = PoliceStub(crimes())
    local_server.answer = stub
    fetch_crimes(make_job(tmp_path / "whole", local_server).job)
    local_server.answer = lambda asked: (
        TIMED_OUT if asked.form.get("date") == [MONTHS[stop_at]] else stub(asked)
    )
    desk = make_job(tmp_path / "ws", local_server)
    with pytest.raises(FetchError, match="busy"):
        fetch_crimes(desk.job)
    there = sorted(p.name[:7] for p in (tmp_path / "ws" / FOLDER).glob("*.csv"))
    assert there == list(MONTHS[:stop_at])
    local_server.asked.clear()
    local_server.answer = stub
    made = fetch_crimes(make_job(tmp_path / "ws", local_server).job)
    assert [a.form["date"] for a in local_server.asked[1:]] == [[m] for m in MONTHS[stop_at:]]
    assert len(made) == len(MONTHS)
    assert files_of(tmp_path / "ws") == files_of(tmp_path / "whole")


@pytest.mark.parametrize("spoil", ["file", "note", "file gone", "note gone"])
def test_a_month_that_is_not_whole_is_made_again(tmp_path, local_server, spoil):
    local_server.answer = PoliceStub(crimes())
    root = tmp_path / "ws"
    fetch_crimes(make_job(root, local_server).job)
    before = files_of(root)
    path = root / f"{FOLDER}/2025-12-api-street.csv"
    note = path.with_name(f"{path.name}.source.json")
    if spoil == "file":
        path.write_bytes(path.read_bytes()[:-30])
    elif spoil == "note":
        note.write_bytes(note.read_bytes()[:-30])
    else:
        (path if spoil == "file gone" else note).unlink()
    desk = make_job(root, local_server)
    fetch_crimes(desk.job)
    if spoil == "note gone":  # then nobody knows that we fetched it
        assert len(desk.said) == 1
        assert "was not fetched, so it stays" in desk.said[0]
    else:
        assert files_of(root) == before
        assert desk.said == []


def test_a_damaged_piece_in_the_cache_is_asked_again(tmp_path, local_server):
    local_server.answer = PoliceStub(crimes())
    root = tmp_path / "ws"
    fetch_crimes(make_job(root, local_server).job)
    before = files_of(root)
    for path in (root / FOLDER).iterdir():
        path.unlink()
    for path in (root / "data/osm_cache").glob("*.data"):
        path.write_bytes(path.read_bytes()[:-1])
    local_server.asked.clear()
    fetch_crimes(make_job(root, local_server).job)
    assert files_of(root) == before
    assert len(local_server.asked) == 1 + len(MONTHS)


def test_the_newest_months_come_again_when_a_newer_one_is_published(tmp_path, local_server):
    root = tmp_path / "ws"
    asked_for = []
    for latest in ("2026-02", "2026-03", "2026-04", "2026-05"):
        months = (*MONTHS, "2026-03", "2026-04", "2026-05")
        months = months[: months.index(latest) + 1]
        stub = PoliceStub(crimes(months=months, seed=len(months)), months=months)
        local_server.answer = stub
        local_server.asked.clear()
        for _ in range(2):  # the second time there is nothing new to ask for
            fetch_crimes(make_job(root, local_server, months=MONTHS).job)
        asked_for.append([a.form["date"][0] for a in local_server.asked if a.form])
        for month in asked_for[-1]:
            assert bag(rows_of(root, month)) == alike(stub.crimes, month)
    assert asked_for == [list(MONTHS), ["2026-01", "2026-02"], ["2026-02"], []]


def test_editions_over_the_turn_of_the_year():
    assert version_of("2025-11", ("2025-11",)) == "2025-11"
    assert version_of("2025-11", ("2025-11", "2025-12")) == "2025-12"
    assert version_of("2025-11", ("2025-11", "2026-09")) == "2026-01"
    assert version_of("2025-10", ("2025-10", "2026-09")) == "2025-12"


def test_the_last_24_months_unless_told_otherwise(tmp_path, local_server):
    months = [f"{year}-{month:02d}" for year in (2023, 2024, 2025) for month in range(1, 13)]
    local_server.answer = PoliceStub(crimes(per_month=1, months=months), months=months)
    made = fetch_crimes(make_job(tmp_path / "ws", local_server).job)
    assert [f.file[-22:-15] for f in made] == months[-24:]
    assert local_server.asked[0].path == "/api/crimes-street-dates"


def test_a_month_that_is_not_published_is_told_and_left_out(tmp_path, local_server):
    stub = PoliceStub(crimes())
    local_server.answer = stub
    desk = make_job(tmp_path / "ws", local_server, months=("2026-02", "2026-09"))
    assert [f.file[-22:-15] for f in fetch_crimes(desk.job)] == ["2026-02"]
    assert desk.said == ["2026-09: not published by data.police.uk; left out"]
    # Listed, but not there yet.
    local_server.answer = lambda asked: Reply(status=404) if asked.form else stub(asked)
    desk = make_job(tmp_path / "other", local_server, months=("2026-02",))
    assert fetch_crimes(desk.job) == ()
    assert desk.said == ["2026-02: not published by data.police.uk; left out"]


def test_a_piece_without_crimes_may_be_404(tmp_path, local_server):
    everything = [crime(525_500 + 50 * n, 180_500, "2026-02", number=n) for n in range(12)]
    stub = PoliceStub(everything, months=("2026-02",), most=10)

    def answer(asked):
        reply = stub(asked)
        return Reply(status=404) if reply.body == b"[]" else reply

    local_server.answer = answer
    (made,) = fetch_crimes(make_job(tmp_path / "ws", local_server).job)
    assert made.rows == 12


def test_an_area_without_crimes_leaves_no_file(tmp_path, local_server):
    local_server.answer = PoliceStub([])
    desk = make_job(tmp_path / "ws", local_server, months=("2026-02",))
    assert fetch_crimes(desk.job) == ()
    assert desk.said == ["2026-02: no crime published in this area; left out"]
    assert not list((tmp_path / "ws").rglob("*.csv"))


def test_a_month_that_is_there_from_elsewhere_stays(tmp_path, local_server):
    folder = tmp_path / "ws" / FOLDER
    folder.mkdir(parents=True)
    (folder / "2026-02-some-force-street.csv").write_text("theirs")
    (folder / "2026-01-api-street.csv").write_text("theirs too")
    local_server.answer = PoliceStub(crimes())
    desk = make_job(tmp_path / "ws", local_server, months=("2025-12", "2026-01", "2026-02"))
    assert [f.file[-22:-15] for f in fetch_crimes(desk.job)] == ["2025-12"]
    assert (folder / "2026-01-api-street.csv").read_text() == "theirs too"
    assert len(desk.said) == 2
    assert "2026-02-some-force-street.csv has it already" in desk.said[1]


def test_other_months_and_places_are_not_believed(tmp_path, local_server):
    good = crime(527_000, 182_000, "2026-02")
    spoiled = [
        good | {"month": "2026-01"},
        good | {"persistent_id": "../../x"},
        good | {"location": None},
        good | {"location": good["location"] | {"latitude": "nan"}},
        good | {"location": good["location"] | {"latitude": 51.5}},
        good | {"category": None},
        {k: v for k, v in good.items() if k != "month"},
        [],
    ]
    for number, bad in enumerate(spoiled):
        stub = PoliceStub([good], months=("2026-02",), change=lambda rows, bad=bad: [*rows, bad])
        local_server.answer = stub
        with pytest.raises(FetchError, match=r"the answer .* after 4 attempts"):
            fetch_crimes(make_job(tmp_path / f"ws{number}", local_server).job)
        assert not list((tmp_path / f"ws{number}").rglob("*.csv"))


def test_no_list_of_months_is_no_answer(tmp_path, local_server):
    for number, body in enumerate((b"[]", b"{}", b'[{"date": "x"}]', b'[{"date": null}]', b"[1]")):
        local_server.answer = lambda _, body=body: Reply(body)
        with pytest.raises(FetchError, match="no list of months"):
            fetch_crimes(make_job(tmp_path / f"ws{number}", local_server).job)


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "../../x", "2026-01\n", ""])
def test_what_is_no_month_is_refused_before_it_names_a_file(tmp_path, local_server, month):
    local_server.answer = PoliceStub(crimes())
    with pytest.raises(InputError, match="is not a month"):
        fetch_crimes(make_job(tmp_path / "ws", local_server, months=(month,)).job)


def test_never_more_than_15_requests_in_any_second(tmp_path, local_server):
    assert limits_for("crimes").between_s >= 1 / 15
    now, at = [0.0], []

    def sleep(seconds):
        now[0] += seconds

    stub = PoliceStub(crimes(), most=4)  # splits deeply

    def answer(asked):
        at.append(now[0])
        now[0] += 0.001
        return stub(asked)

    local_server.answer = answer
    limits = replace(limits_for("crimes"), silence_s=30.0)
    desk = make_job(tmp_path / "ws", local_server)
    client = Client(desk.said.append, limits, sleep=sleep, now=lambda: now[0])
    fetch_crimes(replace(desk.job, client=client))
    assert len(at) > 50
    assert all(sum(t <= other < t + 1.0 for other in at) <= 15 for t in at)


def test_the_same_run_later_asks_nothing_and_says_nothing(tmp_path, local_server):
    local_server.answer = PoliceStub(crimes())
    root = tmp_path / "ws"
    first = fetch_crimes(make_job(root, local_server).job)
    before = files_of(root)
    local_server.asked.clear()
    later = make_job(root, local_server, now=datetime(2026, 4, 20, tzinfo=UTC))
    assert fetch_crimes(later.job) == first
    assert [a.path for a in local_server.asked] == ["/api/crimes-street-dates"]
    assert files_of(root) == before


def test_another_area_is_another_question(tmp_path, local_server):
    local_server.answer = PoliceStub(crimes())
    root = tmp_path / "ws"
    fetch_crimes(make_job(root, local_server, months=("2026-02",)).job)
    wide = (520_000.0, 175_000.0, 535_000.0, 190_000.0)
    (made,) = fetch_crimes(make_job(root, local_server, months=("2026-02",), area_m=wide).job)
    assert made.rows == 43


def test_the_note_says_whence(tmp_path, local_server):
    local_server.answer = PoliceStub(crimes())
    root = tmp_path / "ws"
    (made,) = fetch_crimes(make_job(root, local_server, months=("2026-02",)).job)
    note = json.loads((root / f"{made.file}.source.json").read_bytes())
    assert note["sha256"] == made.sha256
    assert note["licence"] == "Open Government Licence v3.0"
    assert note["sources"] == [
        {"kind": "crimes", "url": f"{local_server.url}/api/crimes-street/all-crime",
         "fetched_at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "dated": "2026-02"}
    ]  # fmt: skip


def test_only_the_padded_square_is_told(tmp_path, local_server):
    local_server.answer = PoliceStub(crimes())
    fetch_crimes(make_job(tmp_path / "ws", local_server, months=("2026-02",)).job)
    (asked,) = [a for a in local_server.asked if a.form]
    assert set(asked.form) == {"poly", "date"}
    assert asked.form["poly"] == [square_of(AREA_M).lat_lng(10)]
    assert all(
        len(number.split(".")[1]) == 5
        for pair in asked.form["poly"][0].split(":")
        for number in pair.split(",")
    )


def test_categories_and_wordings_mean_the_same_both_ways():
    text = (files("corridors.sources") / "offence_classes.toml").read_text("utf-8")
    exact = tomllib.loads(text)["exact"]
    assert {words for words in exact if words == words.lower()} <= set(CATEGORY_WORDS)
    today = {words for words in exact if words != words.lower()} - {
        "Violent crime", "Public disorder and weapons",  # until 2013
    }  # fmt: skip
    assert set(CATEGORY_WORDS.values()) == today
    assert len(set(CATEGORY_WORDS.values())) == len(CATEGORY_WORDS)
    for slug, words in CATEGORY_WORDS.items():
        both = classify_offences(pd.Series([slug, words]), {})
        assert both.offence.nunique() == 1
        assert both.unknown == ()


def test_quarters_hold_every_place_once():
    square = Square(-3, 5, 8, 10)
    places = [(x / 1e6, y / 1e6) for x in range(-40, 90) for y in range(40, 110)]
    for lon, lat in places:
        in_parts = sum(part.holds(lon, lat) for part in square.quarters())
        assert in_parts == square.holds(lon, lat)
    assert sum(square.holds(*place) for place in places) == 110 * 50


def test_the_limits_are_the_usual_ones_without_own():
    assert limits_for("streets") == Limits()
    assert TOO_MUCH.status == 503
