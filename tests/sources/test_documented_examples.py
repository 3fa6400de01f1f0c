"""Every example of a record file in docs/data-files.md can be read as it stands there."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from support_workspace import TOML, make_workspace, write

from corridors import sources
from corridors.sources import (
    debriefs,
    encounters,
    logs,
    parquets,
    people,
    programme_records,
    pupils,
    surveys,
    workbooks,
)
from corridors.sources.calendar import read_calendar
from corridors.sources.consents import known_people, read_absences, read_consents
from corridors.sources.no_go import read_no_go
from corridors.sources.protocol_terms import read_protocol_terms
from corridors.sources.streets import LINE_SUFFIXES, OSM_SUFFIXES
from corridors.sources.visits import read_visits
from corridors.tables import PROTOCOL_FIELDS

TEXT = (Path(__file__).resolve().parents[2] / "docs/data-files.md").read_text(encoding="utf-8")
AIMS = ("trust", "early_help")
READERS = {
    "person_id,name": people.read_people,
    "urn,head_agreed_on": people.read_agreements,
    "party,agreed_on": people.read_protocol,
    "field,value": read_protocol_terms,
    "party_kind,party": partial(read_consents, aims=AIMS),
    "person_id,first": read_absences,
    "urn,academic_year": partial(read_calendar, division="ENG"),
    "urn,aim": partial(people.read_aims, known=AIMS),
    "urn,start_easting": people.read_starts,
    "urn,easting": people.read_gates,
    "name,easting": read_no_go,
    "date,easting": read_visits,
    "ward,week,urn": logs.read_approvals,
    "urn,date": logs.read_toolkit,
    "ward,week,patrol_id": debriefs.read_debriefs,
    "quarter,ward": encounters.read_encounters,
    "urn,dimension": pupils.read_pupils,
    "quarter,programme": surveys.read_surveys,
    "kind,about": logs.read_decisions,
    "programme,kind": programme_records.read_consultation,
    "role,activity": programme_records.read_activities,
    "programme,characteristic": programme_records.read_equality,
}


def example(start: str) -> str:
    (found,) = re.findall(rf"^```\n({re.escape(start)}.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    return found


@pytest.mark.parametrize("start", READERS)
def test_an_example_is_read(tmp_path, start):
    path = write(tmp_path / "x.csv", example(start))
    _, record = READERS[start](path, file="x.csv")
    assert record.rows_used == len(example(start).splitlines()) - 1 > 0


def test_the_examples_name_each_other(tmp_path):
    table, _ = people.read_people(write(tmp_path / "p.csv", example("person_id,name")), file="p")
    known = known_people(table)
    for start, reader in (
        ("party_kind,party", partial(read_consents, aims=AIMS, known=known)),
        ("person_id,first", partial(read_absences, known=known)),
    ):
        reader(write(tmp_path / "x.csv", example(start)), file="x.csv")


def test_every_field_of_the_protocol_is_explained():
    (section,) = re.findall(r"^### protocol_terms$(.*?)^### ", TEXT, re.DOTALL | re.MULTILINE)
    for field in PROTOCOL_FIELDS:
        assert f"`{field}`" in section


def test_the_governance_example_is_understood(tmp_path):
    (section,) = re.findall(r"^```toml\n(\[governance\].*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    root = make_workspace(tmp_path)
    write(root / "corridors.toml", f"{TOML}\n{section}")
    own = sources.open_workspace(root).profile.governance
    assert own.data_sharing_agreement.startswith("ISA-")
    assert own.terms_of_reference
    assert own.education_authority


def test_the_examples_of_formats_and_databases_are_understood(tmp_path):
    formats, database = re.findall(
        r"^```toml\n(\[(?:incidents|database)\]\n(?:files|url_env).*?)^```$", TEXT, re.DOTALL | re.M
    )
    root = make_workspace(tmp_path)
    plain = re.sub(r"^\[(?:streets|incidents)\]\n.*\n", "", TOML, flags=re.MULTILINE)
    write(root / "data/incidents/a.csv", "x")
    write(root / "corridors.toml", f"{plain}\n{formats}")
    opened = sources.open_workspace(root)
    files = [named.file for named in opened.incidents.files]
    assert files == [
        "data/incidents/a.csv", "data/incidents/february.xlsx#Week 6", "data/incidents/old.parquet",
    ]  # fmt: skip
    write(root / "corridors.toml", f"{plain}\n{database}")
    opened = sources.open_workspace(root)
    (named,) = opened.incidents.files
    assert named.query.statement.startswith("select ref")
    assert named.query.url_env == "CORRIDORS_DB"
    assert opened.streets.query.table == "public.roads"


def test_every_ending_that_is_read_is_listed():
    (section,) = re.findall(r"^## Formats$(.*?)^## ", TEXT, re.DOTALL | re.MULTILINE)
    endings = {*OSM_SUFFIXES, *LINE_SUFFIXES, *workbooks.SUFFIXES, *parquets.SUFFIXES}
    for ending in endings - {".json", ".pbf"}:  # other names of .geojson and .osm.pbf
        assert f"`{ending}`" in section
