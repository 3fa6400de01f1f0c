"""Every text of the hostile corpus in every role: files for tools stay files of their kind."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pyogrio
import pytest
from icalendar import Calendar
from support_hostile import (
    CORPUS,
    ROLES,
    ROTATIONS,
    HostileCase,
    hostile_case,
    texts_by_role,
    with_person_ids,
)
from support_made import calendars_of, cards_of
from test_route_files import check_structure

from corridors import files, publish
from corridors.publish.cells import FORMULA
from corridors.publish.geo_files import geo_layers, plan_geojson, plan_geopackage
from corridors.publish.roster import roster_csv
from corridors.publish.roster_book import roster_book
from corridors.publish.route_files import route_files
from corridors.publish.wording import clean, clean_name

# Roles of texts that a file shows; streets of the corridor are 1, 2, 6 and 9 in order of `Names`.
ON_CORRIDOR = ("street 2", "street 6", "street 9")
IN_ROSTER = (
    "school", "contact", "organisation", "volunteers", "aim", "stand point", "street 6",
    "warning", *(f"person {n}" for n in range(4)),
)  # fmt: skip
IN_CALENDARS = (
    "organisation", "volunteers", "stand point", "street 6",
    *(f"person {n}" for n in range(4)),
)  # fmt: skip
IN_GEO = ("ward", "school", "other school", "stand point", *ON_CORRIDOR)
IN_ROUTES = ("ward", "stand point", *ON_CORRIDOR)

EVENT = {
    "UID", "DTSTART", "DTEND", "DTSTAMP", "SEQUENCE", "CLASS", "SUMMARY", "LOCATION",
    "DESCRIPTION", "STATUS",
}  # fmt: skip
CALENDAR = {"VERSION", "PRODID", "CALSCALE", "X-WR-CALNAME", "METHOD"}
ZONE = {"TZID", "DTSTART", "RRULE", "TZNAME", "TZOFFSETFROM", "TZOFFSETTO"}

every_rotation = pytest.mark.parametrize("rotation", ROTATIONS)


def _shown(case: HostileCase, roles: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Role and cleaned text of each role; a text with nothing to show is left out."""
    for role in roles:
        long = role in ("warning", "outcome")
        text = clean(case.texts[role]) if long else clean_name(case.texts[role])
        if text:
            yield role, text


def _assert_shown(case: HostileCase, roles: tuple[str, ...], found: str) -> None:
    for role, text in _shown(case, roles):
        assert text in found, (role, text)


def _assert_harmless(text: str) -> None:
    """One line, as it is printed: nothing that turns, hides or ends it, and no address."""
    assert text.isprintable(), text
    assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert "://" not in text


def test_the_corpus_is_large_and_each_text_stands_in_each_role():
    assert len(CORPUS) >= 60
    assert len(set(CORPUS.values())) == len(CORPUS)
    for role in ROLES:
        assert {texts_by_role(r)[role] for r in ROTATIONS} == set(CORPUS.values())


@every_rotation
def test_rosters_hold_no_formula_and_the_text_shows(rotation):
    case = hostile_case(rotation)
    cards = cards_of(case.plan, case.profile)
    data = roster_csv(case.plan, cards).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(data, newline=""), strict=True))
    assert {len(row) for row in rows} == {21}
    assert len(rows) == 7
    cells = [cell for row in rows[1:] for cell in row]
    _assert_shown(case, IN_ROSTER, "\n".join(cells))
    book = openpyxl.load_workbook(io.BytesIO(roster_book(case.plan, cards)))
    typed = [cell for page in book for row in page.iter_rows(min_row=4) for cell in row]
    texts = [cell.value for cell in typed if cell.data_type == "s"]
    _assert_shown(case, IN_ROSTER, "\n".join(texts))
    assert {cell.data_type for cell in typed} <= {"s", "n", "d"}
    assert not [cell for cell in typed if cell.hyperlink]
    for text in (*cells, *texts):
        assert not text.startswith(FORMULA)
        for line in text.split("\n"):
            _assert_harmless(line)


def _values(data: bytes, name: str) -> Iterator[str]:
    """Lines of a property's texts, by RFC 5545 (icalendar 6.0 undoes backslashes twice)."""
    for line in data.decode("utf-8").replace("\r\n ", "").split("\r\n"):
        if line.startswith(f"{name}:"):
            text = line.partition(":")[2]
            yield from re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), text).split("\n")


@every_rotation
def test_calendars_have_no_property_of_anothers(rotation):
    case = hostile_case(rotation)
    made = calendars_of(case.plan, case.profile)
    assert len(made) == 4
    said = []
    for data in made.values():
        for line in data.decode("utf-8").split("\r\n"):
            assert len(line.encode()) <= 75
            assert "\n" not in line
        calendar = Calendar.from_ical(data)
        assert set(calendar) == CALENDAR
        for part in calendar.walk():
            assert not part.errors
            allowed = {"VCALENDAR": CALENDAR, "VEVENT": EVENT}.get(part.name, ZONE)
            assert set(part) <= allowed
        for event in calendar.walk("VEVENT"):
            assert event.subcomponents == []
            assert all(not event[n].params for n in ("LOCATION", "DESCRIPTION", "SUMMARY"))
        said += [*_values(data, "LOCATION"), *_values(data, "DESCRIPTION")]
    for line in said:
        _assert_harmless(line)
    assert sum(len(Calendar.from_ical(d).walk("VEVENT")) for d in made.values()) == 6
    _assert_shown(case, IN_CALENDARS, "\n".join(said))
    assert calendars_of(case.plan, case.profile, made) == made  # read back as they were meant


@every_rotation
def test_routes_are_well_formed(rotation):
    case = hostile_case(rotation)
    [(name, data)] = route_files(case.plan).items()
    assert re.fullmatch(r"[a-z0-9_-]+_OS\.gpx", name)
    root = ElementTree.fromstring(data)
    check_structure(root)
    assert b"<!DOCTYPE" not in data
    texts = [t for t in root.itertext() if t.strip()]
    for text in texts:
        _assert_harmless(text)
    _assert_shown(case, IN_ROUTES, "\n".join(texts))


@every_rotation
def test_geojson_holds_texts_as_texts(rotation):
    case = hostile_case(rotation)
    data = json.loads(plan_geojson(case.plan, case.profile, _layers(rotation)))
    assert set(data) == {"type", "marking", "about", "features"}
    told = [f["properties"] for f in data["features"]] + [data["about"]]
    texts = [value for each in told for value in each.values() if isinstance(value, str)]
    for text in texts:
        _assert_harmless(text)
    _assert_shown(case, IN_GEO, "\n".join(texts))


@pytest.mark.parametrize("rotation", ROTATIONS[::9])  # twelve streets: each text is in one
def test_geopackages_hold_texts_as_texts(rotation, tmp_path):
    case = hostile_case(rotation)
    path = tmp_path / "plan_OS.gpkg"
    path.write_bytes(plan_geopackage(case.plan, case.profile, _layers(rotation)))
    assert len(pyogrio.list_layers(path)) == 8
    texts = []
    for name in pyogrio.list_layers(path)[:, 0]:
        frame = pyogrio.read_dataframe(path, layer=name)
        texts += [value for column in frame for value in frame[column] if isinstance(value, str)]
    for text in texts:
        _assert_harmless(text)
    _assert_shown(case, IN_GEO, "\n".join(texts))


@cache
def _layers(rotation):
    case = hostile_case(rotation)
    return geo_layers(case.plan, risk_reach_m=case.profile.hot_spots.reach_m)


IDS = tuple(CORPUS.values())


@pytest.mark.parametrize("first", range(0, len(IDS), 4))
def test_an_id_of_a_person_names_no_file_outside_the_folder(first, tmp_path):
    ids = tuple(IDS[(first + n) % len(IDS)] for n in range(4))
    case = hostile_case(first)
    home = tmp_path / "workspace"
    made = calendars_of(with_person_ids(case.plan, ids), case.profile)
    assert len({name.casefold() for name in made}) == 4
    files.stage_folder(
        home / "week", {f"calendars/{n}": d for n, d in made.items()}, is_private=True
    )
    assert {p.name for p in tmp_path.iterdir()} == {"workspace"}
    assert {p.name for p in home.rglob("*.ics")} == set(made)


@pytest.mark.parametrize("rotation", ROTATIONS[::15])
def test_a_whole_week_stays_in_its_folders(rotation, tmp_path):
    case = hostile_case(rotation)
    home = tmp_path / "workspace"
    written = publish.write(case.plan, case.profile, home)
    found = {p for p in tmp_path.rglob("*") if p.is_file()}
    indexes = {home / "maps" / side / "index.html" for side in ("working", "public")}
    assert found == set(written) | indexes
    working = home / "maps/working/E05999001/2026-W10"
    for path in found - indexes - set((home / "maps/public").rglob("*")):
        assert path.is_relative_to(working)
        assert re.fullmatch(r"[A-Za-z0-9_-]+_OS\.[a-z]+", path.name), path.name
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {p.parent for p in found if p.suffix in (".ics", ".gpx")} == {
        Path(working / "calendars"), Path(working / "routes"),
    }  # fmt: skip
