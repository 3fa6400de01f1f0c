"""A made-up country: many of the demo's towns in one workspace, two wards each.

It lies in the North Sea, as the demo does, so that no real street is called risky. Towns stand
5 km apart: no street, school or walk of one is near another. Ten towns are a borough.

A town takes seconds to build and a tenth of that to write. So there are ``KINDS`` different ones,
each in many places, moved by whole metres and with codes, ids and positions of its own.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import osmium

from corridors import demo
from corridors.crs import EAST_LIMIT_M
from corridors.demo import town as towns
from corridors.demo.osm_xml import EXTRACT_TIME
from corridors.demo.setting import Setting
from corridors.demo.town import Town

KINDS = 30
TOWNS_A_BOROUGH = 10
WARDS_A_BOROUGH = 2 * TOWNS_A_BOROUGH
STEP_M = 5_000.0
# A borough is a block of 5 by 2 towns; six blocks lie side by side.
BLOCK_EAST, BLOCK_NORTH, BLOCKS_ACROSS, BLOCKS_UP = 5, 2, 6, 72
MOST_WARDS = BLOCKS_ACROSS * BLOCKS_UP * WARDS_A_BOROUGH
FIRST_EAST_M, FIRST_NORTH_M = 485_000.0, 560_000.0
FIRST_NUMBER = 900_001  # of wards, schools and boroughs
IDS_A_TOWN = 20_000  # of OSM's nodes and ways; readers keep a place for each id up to the last
WEEK, MADE_ON = "2026-W10", "2026-02-20"

STREETS = "data/osm_cache/country.osm.pbf"
BOUNDARIES = "data/boundaries/demo_wards.geojson"
INCIDENTS = "data/incidents/demo_force_export.csv"
REGISTER = "data/schools/demo_edubasealldata.csv"
DEMO_STREETS = "data/osm_cache/demo.osm"
# Records of people and terms: how many columns, from the left, tell that a row is there already.
# All towns have the same police, charity and terms.
RECORDS = {
    "data/calendar/demo_terms.csv": 6,
    "data/people/demo_absences.csv": 5,
    "data/people/demo_agreements.csv": 1,
    "data/people/demo_aims.csv": 1,
    "data/people/demo_consents.csv": 5,
    "data/people/demo_people.csv": 1,
    "data/people/demo_protocol.csv": 1,
    "data/people/demo_protocol_terms.csv": 1,
}
# What was done and what came of it: a country of plans to be made has no records of it yet.
NOT_WRITTEN = (
    "activities",
    "approvals",
    "consultation",
    "debriefs",
    "decisions",
    "encounters",
    "equality",
    "pupils",
    "surveys",
)
# Searches that stop early: what grows with wards is measured, not how well routes are searched.
# No search of routes: no ward has that much evidence. Nothing else is left out.
QUICK = """
[risk]
floor_incidents = 1000000
[hot_spots]
simulations = 19
bootstraps = 1
[guards]
permutations = 1
"""

Rows = list[list[str]]


@dataclass(frozen=True)
class Country:
    """What to make."""

    wards: int
    seed: int = 2026
    is_quick: bool = False  # with the quick profile

    def __post_init__(self) -> None:
        if self.wards % 2 or not 2 <= self.wards <= MOST_WARDS:
            raise ValueError(f"{self.wards} wards: must be even, 2 to {MOST_WARDS}")


def ward_codes(wards: int) -> list[str]:
    """Codes of all wards, sorted."""
    return [f"E05{FIRST_NUMBER + number}" for number in range(wards)]


def setting_of(number: int, seed: int) -> Setting:
    """Where a town stands, and its codes; towns are numbered from 0."""
    block, place = divmod(number, TOWNS_A_BOROUGH)
    column = block % BLOCKS_ACROSS * BLOCK_EAST + place % BLOCK_EAST
    row = block // BLOCKS_ACROSS * BLOCK_NORTH + place // BLOCK_EAST
    return Setting(
        seed=seed + number % KINDS,
        east_m=FIRST_EAST_M + STEP_M * column,
        north_m=FIRST_NORTH_M + STEP_M * row,
        ward_number=FIRST_NUMBER + 2 * number,
        first_urn=FIRST_NUMBER + 5 * number,
        first_osm_id=1 + IDS_A_TOWN * number,
    )


def write_country(folder: Path, country: Country, *, processes: int = 1) -> Path:
    """Write the workspace into a new ``folder``, a borough at a time; the folder.

    The bytes are the same however many ``processes`` make them.
    """
    count = country.wards // 2
    for name in (STREETS, BOUNDARIES, INCIDENTS, REGISTER, *RECORDS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    _write_settings(folder, country)
    records = {name: _Record(width) for name, width in RECORDS.items()}
    features: list[Any] = []
    register: list[str] = []
    streets = _Streets(folder / STREETS)
    pool = ProcessPoolExecutor(processes) if processes > 1 else nullcontext()
    with pool as executor:
        kinds = list(_map(executor, _built, range(country.seed, country.seed + min(KINDS, count))))
        for first in range(0, count, TOWNS_A_BOROUGH):
            jobs = [
                _Job(number, country.seed, kinds[number % KINDS])
                for number in range(first, min(first + TOWNS_A_BOROUGH, count))
            ]
            incidents = b""
            for made in _map(executor, _town, jobs):
                streets.add(made[DEMO_STREETS])
                features += json.loads(made[BOUNDARIES])["features"]
                register += _without_header(made[REGISTER], register)
                incidents += made[INCIDENTS][_header_end(made[INCIDENTS]) if incidents else 0 :]
                for name, record in records.items():
                    record.add(made[name])
            borough = f"borough_{_borough(first) + 1:03d}.csv"
            (folder / INCIDENTS).with_name(borough).write_bytes(incidents)
    streets.close()
    whole = {"type": "FeatureCollection", "name": "country_wards", "features": features}
    (folder / BOUNDARIES).write_text(json.dumps(whole), encoding="utf-8")
    (folder / REGISTER).write_bytes("".join(register).encode("cp1252"))
    for name, record in records.items():
        (folder / name).write_bytes(_csv(record.rows))
    return folder


def _map(executor: Executor | None, function: Any, items: Sequence[Any]) -> Iterator[Any]:
    return map(function, items) if executor is None else executor.map(function, items)


# A town ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Job:
    """A town to write."""

    number: int
    seed: int
    kind: Town


def _built(seed: int) -> Town:
    """A town that may stand anywhere: only its seed counts."""
    return towns.build(Setting(seed, EAST_LIMIT_M / 2, EAST_LIMIT_M / 2, FIRST_NUMBER, 900_001, 1))


def _town(job: _Job) -> dict[str, bytes]:
    """A town's files, with codes and ids that no other town has."""
    setting = setting_of(job.number, job.seed)
    own = (replace(s, urn=str(setting.first_urn + i)) for i, s in enumerate(job.kind.schools))
    made = demo.files_of(replace(job.kind, schools=tuple(own)), setting)
    return made | {
        BOUNDARIES: _wards_named(made[BOUNDARIES], job.number),
        INCIDENTS: made[INCIDENTS].replace(b"\nD", f"\nD{job.number:04d}-".encode()),
        REGISTER: _in_borough(made[REGISTER], job.number),
        **{name: _people_named(made[name], job.number) for name in RECORDS},
    }


def _borough(town: int) -> int:
    return town // TOWNS_A_BOROUGH


def _borough_code(town: int) -> str:
    return f"E08{FIRST_NUMBER + _borough(town)}"


def _wards_named(content: bytes, town: int) -> bytes:
    whole = json.loads(content)
    for feature in whole["features"]:
        named = feature["properties"]
        named["WD25NM"] += f" {town + 1}"
        named["LAD25CD"] = _borough_code(town)
        named["LAD25NM"] = f"Borough {_borough(town) + 1}"
    return json.dumps(whole).encode()


def _in_borough(content: bytes, town: int) -> bytes:
    header, *rows = csv.reader(io.StringIO(content.decode("cp1252"), newline=""))
    told = {
        "GSSLACode (name)": _borough_code(town),
        "DistrictAdministrative (code)": _borough_code(town),
        "LA (name)": f"Borough {_borough(town) + 1}",
    }
    for row in rows:
        for column, value in told.items():
            row[header.index(column)] = value
    return _csv([header, *rows], end="\r\n", encoding="cp1252")


def _people_named(content: bytes, town: int) -> bytes:
    """A record with its people's ids made the town's own: P01 is T0001-P01."""
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    for row in rows:
        for at, column in enumerate(header):
            is_person = column == "person_id" or (column == "party" and row[0] == "person")
            if is_person:
                row[at] = f"T{town + 1:04d}-{row[at]}"
    return _csv([header, *rows])


def _csv(rows: Rows, *, end: str = "\n", encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue().encode(encoding)


def _header_end(content: bytes) -> int:
    return content.index(b"\n") + 1


def _without_header(content: bytes, before: list[str]) -> list[str]:
    lines = content.decode("cp1252").splitlines(keepends=True)
    return lines[1:] if before else lines


# Files of the whole country ----------------------------------------------------------------------


@dataclass
class _Record:
    """A record file, to which towns add the rows that are not there yet."""

    width: int
    rows: Rows = field(default_factory=list)
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, content: bytes) -> None:
        for row in csv.reader(io.StringIO(content.decode(), newline="")):
            key = tuple(row[: self.width])
            if key not in self.seen:
                self.seen.add(key)
                self.rows.append(row)


class _Streets:
    """The country's extract: nodes as they come; ways wait, as they stand behind all nodes."""

    def __init__(self, path: Path) -> None:
        header = osmium.io.Header()
        header.set("generator", "corridors benchmarks")
        header.set("osmosis_replication_timestamp", EXTRACT_TIME)
        self._waiting = path.with_name("ways.osm.pbf")
        self._nodes = osmium.SimpleWriter(str(path), header=header)
        self._ways = osmium.SimpleWriter(str(self._waiting))

    def add(self, xml: bytes) -> None:
        for thing in osmium.FileProcessor(osmium.io.FileBuffer(xml, "osm")):
            (self._nodes if thing.is_node() else self._ways).add(thing)

    def close(self) -> None:
        self._ways.close()
        for way in osmium.FileProcessor(str(self._waiting)):
            self._nodes.add(way)
        self._nodes.close()
        self._waiting.unlink()


def _write_settings(folder: Path, country: Country) -> None:
    """The demo's corridors.toml over the country's files, without the records it has none of."""
    text = demo.workspace.TOML.replace(DEMO_STREETS, STREETS)
    text = re.sub(rf"(?ms)^\[({'|'.join(NOT_WRITTEN)})\].*?(?=^\[)", "", text)
    if country.is_quick:
        text = text.replace('profile = "hackney_2024"', 'profile = "quick.toml"')
        shipped = (files("corridors.profiles") / "hackney_2024.toml").read_text(encoding="utf-8")
        (folder / "quick.toml").write_text(shipped + QUICK, encoding="utf-8")
    (folder / "corridors.toml").write_text(text, encoding="utf-8")
