"""Every reader with a small file that it reads well: one line each, so that a new one is added.

``READERS`` is what the fuzz and the tests of hostile bytes go through.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import osmium
import pandas as pd
import xlsxwriter
from shapely import LineString, box
from support_workspace import TEXTS, TOML, make_workspace, named, square, streets_osm, wards_json

from corridors.chain import chain_of
from corridors.errors import InputError
from corridors.model import PatrolRemit
from corridors.publish.families.languages import CatalogueError, read_language
from corridors.remit import as_data, remit_of
from corridors.sources import (
    IncidentSource,
    open_workspace,
    people,
    read_costs,
    read_incidents,
    read_profile,
    read_remits,
    read_streets,
    read_told,
)
from corridors.sources.boundaries import read_wards
from corridors.sources.bundle import make_bundle, open_bundle
from corridors.sources.calendar import read_calendar
from corridors.sources.consents import known_people, read_absences, read_consents
from corridors.sources.debriefs import COLUMNS as COLUMNS_OF_DEBRIEFS
from corridors.sources.debriefs import read_debriefs
from corridors.sources.encounters import read_encounters, read_stops_and_searches
from corridors.sources.homes import read_homes
from corridors.sources.logs import read_approvals, read_decisions, read_toolkit
from corridors.sources.no_go import read_no_go
from corridors.sources.programme_records import (
    read_activities,
    read_consultation,
    read_equality,
)
from corridors.sources.protocol_terms import read_protocol_terms
from corridors.sources.pupils import read_pupils
from corridors.sources.rosters import CHANGES, REMITS, read_withdrawals
from corridors.sources.routes import read_route
from corridors.sources.schools import read_schools
from corridors.sources.stops import read_stops
from corridors.sources.surveys import read_surveys
from corridors.sources.term_ical import read_term_ical
from corridors.sources.translations import read_translations
from corridors.sources.visits import read_visits
from corridors.tables import (
    Absences,
    Activities,
    Approvals,
    ChildAreas,
    Consents,
    Consultations,
    Debriefs,
    Decisions,
    Encounters,
    EqualityRecord,
    Incidents,
    NoGoPlaces,
    People,
    ProtocolTerms,
    PupilGroups,
    Schools,
    SurveyAnswers,
    TermDates,
    ToolkitEntries,
    Visits,
)

WARD, WEEK = "E05990001", "2026-W10"
NOTHING: Mapping[str, bytes] = {}
NEAR_M = (530e3, 180e3, 532e3, 181e3)


@dataclass(frozen=True)
class Reader:
    """A reader and a file that it reads well.

    ``read`` gets the path; ``beside`` are files that have to stand with it, and are damaged as
    well if ``are_parts``. Where ``has_rows``, a refusal most often names its row.
    """

    name: str  # the file's, with its ending
    content: bytes
    read: Callable[[Path], object]
    has_rows: bool = False
    beside: Mapping[str, bytes] = field(default_factory=dict)
    are_parts: bool = False

    @property
    def files(self) -> dict[str, bytes]:
        return {self.name: self.content, **self.beside}


def table(
    name: str,
    text: str,
    read: Callable[..., Any],
    schema: Any = None,
    *,
    beside: Mapping[str, bytes] = NOTHING,
    **options: Any,
) -> Reader:
    """A reader of rows; what it returns has to keep to ``schema``."""

    def reading(path: Path) -> object:
        result = read(path, file=path.name, **options)
        return schema.validate(result[0]) if schema else result

    return Reader(name, text.encode(), reading, has_rows=True, beside=beside)


def binary(name: str, content: bytes, read: Callable[..., Any], schema: Any) -> Reader:
    """The same for files that are no text."""
    return replace(table(name, "", read, schema), content=content, has_rows=False)


# --- what is read -------------------------------------------------------------------------------

STREET = (
    "Crime ID,Month,Longitude,Latitude,Crime type\r\n"
    "i1,2025-01,-0.12,51.51,Robbery\r\n"
    ",2025-02,-0.13,51.52,Anti-social behaviour\r\n"
)
COLUMNS = {
    "from": "Committed From", "offence": "Crime Type", "easting": "Easting", "northing": "Northing",
}  # fmt: skip
CONSENTS = (
    "party_kind,party,level,urns,aims,given_by,given_on,expires_on\n"
    "person,P2,none,900001,trust,Ben Ame,05/01/2026,\n"
    "organisation,Youth First,on_call,,,Manager,05/01/2026,31/12/2026\n"
)
ABSENCES = (
    "person_id,first,last,reason_code,told_on\n"
    "P1,02/03/2026,02/03/2026,leave,27/02/2026\n"
)  # fmt: skip
VISITS = "date,easting,northing,minutes\n02/02/2026,530410,180500,45\n03/02/2026,530420,180500,\n"
NO_GO = (
    "name,easting,northing,reach_m,holds_for\n"
    "The Shed,530410,180500,50,police\nOld Mill,530510,180500,150,all\n"
)
TERMS = "field,value\nlead_organisation,Youth First\nreview_on,06/10/2026\n"
CONSULTATION = (
    "programme,kind,group,people,police_experience,facilitated_by,non_statutory,police_present,"
    "feedback,use,how_or_why\n"
    "after-school,young_people,Year 9,14,yes,Youth First,yes,no,Fewer officers,partly,One less\n"
    "after-school,parents,Parents,,,,,,,,\n"
)
ACTIVITIES = (
    "role,activity,outcome,harm_reduced,agreed_on,agreed_by\n"
    "youth_worker,Walks,More know who is there,Help before police,01/12/2025,Youth First\n"
    "pcso,Stands at the stop,,,,\n"
)
DEBRIEFS = ",".join(COLUMNS_OF_DEBRIEFS) + (
    "\nE05990001,2026-W10,2026-03-02-S1T1,02/03/2026,done,,15:10,16:25,"
    "0,0,0,1,2,0,0,none,12,1,2,0,0,0,0,0,03/03/2026\n"
    "E05990001,2026-W10,2026-03-03-S1T1,03/03/2026,cancelled,weather,,,"
    ",,,,,,,,,,,,,,,,03/03/2026\n"
)
ENCOUNTERS = (
    "quarter,ward,kind,age_band,ethnicity,send,count,no_further_action,repeat\n"
    "2026-Q1,E05990001,stop_search,10_17,black,no,12,8,3\n"
    "2026-Q1,E05990001,exclusion,10_17,white,,2,,\n"
)
SEARCHES = (
    "Type,Date,Latitude,Longitude,Age range,Self-defined ethnicity,Officer-defined ethnicity,"
    "Outcome\n"
    "Person search,2026-01-31T15:10:00+00:00,51.5095,-0.1270,10-17,White - Irish,White,Arrest\n"
    "Person search,2026-03-31T23:30:00+00:00,51.5095,-0.1270,,,Black,A no further action disposal\n"
)
PUPILS = "urn,dimension,group,pupils\n900001,fsm,fsm,310\n900001,fsm,not_fsm,z\n"
SCHOOL_LEVEL = (
    "urn,headcount of pupils,number of pupils known to be eligible for free school meals,"
    "number of pupils classified as Indian ethnic origin\n"
    "900001,1000,310,12\n900002,400,c,z\n"
)
SURVEYS = (
    "quarter,programme,question,group,better,same,worse,no_answer\n"
    "2026-Q1,after-school,feels_safer,all,61,40,22,5\n"
    "2026-Q1,after-school,knows_who,all,61,0,22,5\n"
)
EQUALITY = (
    "programme,characteristic,effect,evidence,action,assessed_by,assessed_on,review_on\n"
    "after-school,race,negative,Stops,Reviewed,Lead,01/12/2025,01/06/2026\n"
    "after-school,sex,none_expected,,,Lead,01/12/2025,01/06/2026\n"
)
TOOLKIT = "urn,date,item\n900001,02/03/2026,assembly\n900001,03/03/2026,knife_arch\n"
ICAL = "\r\n".join([
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN",
    "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", "DTSTART;VALUE=DATE:20260105",
    "DTEND;VALUE=DATE:20260328", "SUMMARY:Spring term", "END:VEVENT",
    "BEGIN:VEVENT", "UID:2", "DTSTAMP:20260101T000000Z",
    "DTSTART;TZID=Europe/London:20260327T130000", "DURATION:PT1H", "CATEGORIES:School",
    "SUMMARY:School closes early", "END:VEVENT",
    "END:VCALENDAR", "",
])  # fmt: skip
GPX = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>\n'
    '<trkpt lon="-0.12" lat="51.51"><time>2026-03-02T15:00:00Z</time></trkpt>\n'
    '<trkpt lon="-0.13" lat="51.52"/></trkseg></trk></gpx>\n'
)
PO = (
    'msgid ""\nmsgstr ""\n"Language: cy\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    '"X-Checked-By: A. Speaker, 02/03/2026\\n"\n\n'
    'msgid "Version {version}"\nmsgstr "Fersiwn {version}"\n\n'
    '#, fuzzy\nmsgid "Cancelled."\nmsgstr "Wedi’i ganslo."\n'
)
SEVERITY = '[severity]\ntable = "custom"\nversion = "b"\n' + "".join(
    f'[[severity.weights]]\noffence = "{group}"\nweight = {at + 1}\n'
    for at, group in enumerate(
        ("violence", "robbery", "theft_person", "antisocial", "public_order", "damage")
    )
)
_PATROL = PatrolRemit(date(2026, 3, 2), 900, 990, "trust", "none", ("youth_worker",) * 2)


def approvals() -> str:
    """A log of three rows whose chain holds."""
    out, previous = io.StringIO(newline=""), ""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(Approvals.columns())
    for state, day in (("proposed", 9), ("agreed", 10), ("withdrawn", 12)):
        cells = (WARD, WEEK, "900001", state, "0123abcd", "Deputy head", "Zoë Academy")
        previous = chain_of(previous, (*cells, f"2026-02-{day:02d}"))
        writer.writerow([*cells, f"{day:02d}/02/2026", previous])
    return out.getvalue()


def decisions() -> str:
    """A log of two rows whose chain holds."""
    out, previous = io.StringIO(newline=""), ""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(Decisions.columns())
    for kind, words, sha256 in (("decision", "It starts.", ""), ("pack", "", "0a" * 32)):
        cells = (kind, "after-school", words, "Head of safety", "Zoë Council", sha256)
        previous = chain_of(previous, (*cells, "2026-02-09"))
        writer.writerow([*cells, "09/02/2026", previous])
    return out.getvalue()


def plan_json() -> bytes:
    """As much of a plan file as is read back."""
    patrol = {
        "patrol_id": "S1T1D1", "day": "2026-03-02", "start_min": 900, "end_min": 990,
        "urns": ["900001"], "corridor_id": "C1",
        "staffing": {
            "aim": "trust", "police_level": "none",
            "people": [{"person_id": "P1", "role": "youth_worker"}],
        },
    }  # fmt: skip
    return json.dumps({
        "format": 3, "ward": {"code": WARD}, "week": {"label": WEEK}, "made_on": "2026-02-20",
        "patrols": [patrol, patrol | {"patrol_id": "S1T2D1"}], "parameters": {},
        "remits": {"900001": {"patrols": [as_data(_PATROL)]}},
    }, indent=1).encode()  # fmt: skip


def remits() -> bytes:
    line = json.dumps({"remit": remit_of([_PATROL]), "patrols": [as_data(_PATROL)]})
    return f"{line}\n{line}\n".encode()


def changes() -> bytes:
    line = {
        "ward": WARD, "week": WEEK, "person_id": "P1", "reason_code": "leave",
        "taken_off": ["S1T1D1"], "planned": 2,
    }  # fmt: skip
    return (json.dumps(line) + "\n").encode() * 2


def osm() -> str:
    """The workspace's street with a crossing one, a school site, a stop and an address."""
    nodes = "".join(
        f'<node id="{100 + n}" version="1" timestamp="2026-01-0{n}T00:00:00Z" '
        f'lon="{lon:.7f}" lat="{lat:.7f}"/>\n'
        for n, (lon, lat) in enumerate(square(530_400.0, 180_400.0, 80.0)[:4], start=1)
    )
    ring = "".join(f'<nd ref="{100 + n}"/>' for n in (1, 2, 3, 4, 1))
    stop = (
        '<node id="110" version="1" lon="-0.1200000" lat="51.5050000">'
        '<tag k="highway" v="bus_stop"/><tag k="addr:housenumber" v="7"/></node>\n'
    )
    site = f'<way id="50" version="1">{ring}<tag k="amenity" v="school"/></way>\n'
    relation = (
        '<relation id="9" version="1"><member type="way" ref="50" role="outer"/>'
        '<tag k="type" v="multipolygon"/><tag k="leisure" v="park"/></relation>\n'
    )
    text = streets_osm().replace("/>", "/>\n")
    first, _, last = text.partition("<way ")
    return f"{first}{nodes}{stop}<way {last.removesuffix('</osm>')}{site}{relation}</osm>"


@cache
def osm_as(suffix: str, kind: str) -> bytes:
    """The same extract in another format of OSM files."""
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "a.osm"), Path(folder, f"b{suffix}")
        source.write_text(osm(), encoding="utf-8")
        writer = osmium.SimpleWriter(osmium.io.File(str(target), kind))
        for thing in osmium.FileProcessor(str(source)):
            writer.add(thing)
        writer.close()
        return target.read_bytes()


def street_lines() -> gpd.GeoDataFrame:
    lines = [
        LineString([(530_000 + 100 * n, 180_500), (530_100 + 100 * n, 180_520)]) for n in (0, 1)
    ]
    return gpd.GeoDataFrame(
        {"fclass": ["residential"] * 2, "name": ["Mill Lane", None], "layer": [0, 1],
         "bridge": ["F", "T"]},
        geometry=lines, crs="EPSG:27700",
    )  # fmt: skip


def areas() -> gpd.GeoDataFrame:
    shapes = [box(530_000 + 100 * n, 180_000, 530_100 + 100 * n, 180_100) for n in (0, 1)]
    return gpd.GeoDataFrame({"children": [12, 30]}, geometry=shapes, crs="EPSG:27700")


def wards() -> gpd.GeoDataFrame:
    return gpd.read_file(wards_json(), engine="pyogrio")


@cache
def shapes_as(make: Callable[[], gpd.GeoDataFrame], ending: str) -> dict[str, bytes]:
    """The files that GDAL writes for a table of shapes, by their endings."""
    with TemporaryDirectory() as folder:
        place = Path(folder, f"a{ending}")
        frame = make()
        if ending == ".parquet":
            frame.to_parquet(place)
        else:
            (frame.to_crs("EPSG:4326") if ending == ".geojson" else frame).to_file(place)
        return {path.suffix: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def shapes(
    stem: str, make: Callable[[], gpd.GeoDataFrame], ending: str, read: Callable[[Path], object]
) -> Reader:
    """A reader of shapes; of a shapefile every part is damaged in turn."""
    made = dict(shapes_as(make, ending))
    content = made.pop(ending)
    beside = {f"{stem}{suffix}": data for suffix, data in made.items()}
    return Reader(f"{stem}{ending}", content, read, beside=beside, are_parts=True)


# --- reading ------------------------------------------------------------------------------------


def _incidents(path: Path, *, file: str, **options: Any) -> tuple[Any, ...]:
    del file  # a source names its files itself
    return read_incidents(IncidentSource((named(path),), **options), near_m=NEAR_M)


def _streets(path: Path) -> object:
    return read_streets(path, bounds_m=NEAR_M, file=path.name)


def _all_streets(path: Path) -> object:
    return read_streets(path, bounds_m=None, file=path.name)


def _homes(path: Path) -> object:
    return ChildAreas.validate(read_homes(path, file=path.name)[0])


def _wards(path: Path) -> object:
    return read_wards(path, file=path.name)


def _route(path: Path) -> object:
    return read_route(path, file=path.name)


def _terms(path: Path, *, file: str) -> tuple[Any, ...]:
    return (read_calendar(path, file=file, division="ENG")[0].terms,)


def _searches(path: Path, *, file: str) -> object:
    shapes_m = [box(529e3, 179e3, 532e3, 182e3)]
    ward = gpd.GeoDataFrame(
        {"name": ["A"]}, geometry=shapes_m, index=["E05990001"], crs="EPSG:27700"
    )
    del file
    return read_stops_and_searches([named(path)], ward)


def _known_consents(path: Path, *, file: str) -> tuple[Any, ...]:
    known = known_people(people.read_people(path.with_name("people.csv"), file="people.csv")[0])
    return read_consents(path, file=file, aims=("trust",), known=known)


def _catalogue(path: Path) -> object:
    texts, _ = read_translations(path.parent.parent, ("cy",))
    try:
        return [read_language(*text) for text in texts]
    except CatalogueError as error:  # stops its language and nothing else; the notice says so
        return error


@cache
def workbook(text: str) -> bytes:
    """The cells of a CSV as a workbook."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(csv.reader(io.StringIO(text))):
            sheet.write_row(number, 0, row)
    return out.getvalue()


@cache
def parquet(text: str) -> bytes:
    """The cells of a CSV as Parquet."""
    out = io.BytesIO()
    pd.read_csv(io.StringIO(text), dtype=str).to_parquet(out, index=False)
    return out.getvalue()


def archive() -> bytes:
    """A monthly archive of data.police.uk with one force."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for month in ("2025-01", "2025-02"):
            made.writestr(zipfile.ZipInfo(f"{month}/{month}-city-street.csv"), STREET)
    return out.getvalue()


@cache
def bundle() -> bytes:
    """A bundle of the small workspace."""
    with TemporaryDirectory() as folder:
        made = Path(folder, "b_OS.zip")
        make_bundle(make_workspace(Path(folder, "workspace")), made)
        return made.read_bytes()


def _bundle(path: Path) -> object:
    target = path.with_name("opened")
    try:
        return open_bundle(path, target)
    except InputError:
        left = [p.name for p in path.parent.iterdir() if p != path]
        assert not left, f"a refused bundle left {left}"
        raise


PEOPLE = {"people.csv": TEXTS["people.csv"].encode()}
_PROFILE = files("corridors.profiles") / "hackney_2024.toml"
_BEFORE, _, _AFTER = _PROFILE.read_text(encoding="utf-8").partition("[severity]")
SEVERITY_PROFILE = f"{_BEFORE}{SEVERITY}{_AFTER[_AFTER.index('[teams]') :]}"
_COSTS = files("corridors.profiles") / "toolkit" / "toolkit_2024.toml"
_PLAN = f"maps/working/{WARD}/{WEEK}/plan_OS.json"

READERS = {reader.name: reader for reader in (
    table("force.csv", TEXTS["incidents/a.csv"], _incidents, Incidents),
    table("mapped_force.csv", TEXTS["incidents/a.csv"], _incidents, Incidents, kind="force",
          columns=COLUMNS),
    table("police_uk_street.csv", STREET, _incidents, Incidents),
    table("schools.csv", TEXTS["schools.csv"], read_schools, Schools),
    table("stops.csv", TEXTS["stops.csv"], read_stops),
    table("people.csv", TEXTS["people.csv"], people.read_people, People),
    table("agreements.csv", TEXTS["agreements.csv"], people.read_agreements),
    table("protocol.csv", TEXTS["protocol.csv"], people.read_protocol),
    table("protocol_terms.csv", TERMS, read_protocol_terms, ProtocolTerms),
    table("starts.csv", TEXTS["starts.csv"], people.read_starts),
    table("gates.csv", TEXTS["gates.csv"], people.read_gates),
    table("aims.csv", TEXTS["aims.csv"], people.read_aims, known=("trust",)),
    table("terms.csv", TEXTS["terms.csv"], _terms, TermDates),
    table("visits.csv", VISITS, read_visits, Visits),
    table("no_go.csv", NO_GO, read_no_go, NoGoPlaces),
    table("consents.csv", CONSENTS, read_consents, Consents, aims=("trust",)),
    table("known_consents.csv", CONSENTS, _known_consents, Consents, beside=PEOPLE),
    table("absences.csv", ABSENCES, read_absences, Absences),
    table("approvals.csv", approvals(), read_approvals, Approvals),
    table("decisions.csv", decisions(), read_decisions, Decisions),
    table("consultation.csv", CONSULTATION, read_consultation, Consultations),
    table("activities.csv", ACTIVITIES, read_activities, Activities),
    table("equality.csv", EQUALITY, read_equality, EqualityRecord),
    table("debriefs.csv", DEBRIEFS, read_debriefs, Debriefs),
    table("encounters.csv", ENCOUNTERS, read_encounters, Encounters),
    table("stop-and-search.csv", SEARCHES, _searches, Encounters),
    table("pupils.csv", PUPILS, read_pupils, PupilGroups),
    table("school_level.csv", SCHOOL_LEVEL, read_pupils, PupilGroups),
    table("surveys.csv", SURVEYS, read_surveys, SurveyAnswers),
    table("toolkit.csv", TOOLKIT, read_toolkit, ToolkitEntries),
    table("route.csv", "order,street\n1,Mill Lane\n2,High Street\n", read_route),
    table("route.txt", "1. Mill Lane\n# by the park\n2. High Street\n", read_route),
    Reader("route.gpx", GPX.encode(), _route),
    shapes("route", street_lines, ".geojson", _route),
    Reader("streets.osm", osm().encode(), _streets),
    Reader("all.osm", osm().encode(), _all_streets),
    Reader("streets.osm.pbf", osm_as(".osm.pbf", "pbf,pbf_compression=none"), _streets),
    Reader("zlib.osm.pbf", osm_as(".osm.pbf", "pbf"), _streets),
    Reader("streets.osm.gz", osm_as(".osm.gz", "osm.gz"), _streets),
    Reader("streets.osm.bz2", osm_as(".osm.bz2", "osm.bz2"), _streets),
    shapes("streets", street_lines, ".geojson", _streets),
    shapes("streets", street_lines, ".gpkg", _streets),
    shapes("streets", street_lines, ".shp", _streets),
    Reader("wards.geojson", wards_json().encode(), _wards),
    shapes("wards", wards, ".gpkg", _wards),
    shapes("wards", wards, ".shp", _wards),
    shapes("homes", areas, ".geojson", _homes),
    shapes("homes", areas, ".gpkg", _homes),
    Reader("school.ics", ICAL.encode(), lambda p: read_term_ical(p, "900001", file=p.name)),
    Reader("corridors.toml", TOML.encode(), lambda p: open_workspace(p.parent)),
    Reader("profile.toml", _PROFILE.read_bytes(), lambda p: read_profile(p.name, p.parent)),
    Reader("severity.toml", SEVERITY_PROFILE.encode(), lambda p: read_profile(p.name, p.parent)),
    Reader("costs.toml", _COSTS.read_bytes(), read_costs),
    Reader(_PLAN, plan_json(), lambda p: read_told(p.parents[4], WARD, WEEK)),
    Reader(REMITS, remits(), lambda p: read_remits(p.parent.parent), has_rows=True),
    Reader(CHANGES, changes(), lambda p: read_withdrawals(p.parent.parent, WARD, WEEK),
           has_rows=True),
    # Damage most often breaks the container, so that no row can be named.
    binary("schools.xlsx", workbook(TEXTS["schools.csv"]), read_schools, Schools),
    binary("people.xlsx", workbook(TEXTS["people.csv"]), people.read_people, People),
    binary("force.xlsx", workbook(TEXTS["incidents/a.csv"]), _incidents, Incidents),
    binary("force.parquet", parquet(TEXTS["incidents/a.csv"]), _incidents, Incidents),
    binary("schools.parquet", parquet(TEXTS["schools.csv"]), read_schools, Schools),
    binary("archive.zip", archive(), _incidents, Incidents),
    shapes("streets", street_lines, ".parquet", _streets),
    shapes("wards", wards, ".parquet", _wards),
    Reader("translations/cy.po", PO.encode(), _catalogue),
    Reader("bundle_OS.zip", bundle(), _bundle),
)}  # fmt: skip
