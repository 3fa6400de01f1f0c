"""Whatever the bytes, a reader returns a valid table or raises one InputError."""

from __future__ import annotations

import warnings
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_workspace import TEXTS, TOML, named, wards_json, write

from corridors.errors import InputError
from corridors.sources import IncidentSource, open_workspace, people, read_incidents
from corridors.sources.boundaries import read_wards
from corridors.sources.calendar import read_calendar
from corridors.sources.consents import read_absences, read_consents
from corridors.sources.logs import read_approvals, read_toolkit
from corridors.sources.no_go import read_no_go
from corridors.sources.protocol_terms import read_protocol_terms
from corridors.sources.schools import read_schools
from corridors.sources.stops import read_stops
from corridors.sources.visits import read_visits
from corridors.tables import (
    Absences,
    Approvals,
    Consents,
    Incidents,
    NoGoPlaces,
    People,
    ProtocolTerms,
    Schools,
    TermDates,
    ToolkitEntries,
    Visits,
)

STREET = (
    "Crime ID,Month,Longitude,Latitude,Crime type\r\n"
    "i1,2025-01,-0.12,51.51,Robbery\r\n"
    ",2025-02,-0.13,51.52,Anti-social behaviour\r\n"
)

CONSENTS = (
    "party_kind,party,level,urns,aims,given_by,given_on,expires_on\n"
    "person,P2,none,900001,trust,Ben Ame,05/01/2026,\n"
)


def refused(reader, path):
    """The words of the refusal, or nothing if the file was read."""
    try:
        reader(path, file=path.name)
    except InputError as error:
        return str(error)
    return ""


def incidents(path, **_):
    table, _ = read_incidents(IncidentSource((named(path),)), near_m=(530e3, 180e3, 532e3, 181e3))
    Incidents.validate(table)


def workspace(path, **_):
    open_workspace(path.parent)


def checked(reader, schema):
    return lambda path, *, file: schema.validate(reader(path, file=file)[0])


READERS = {
    "force.csv": (TEXTS["incidents/a.csv"], incidents),
    "street.csv": (STREET, incidents),
    "schools.csv": (TEXTS["schools.csv"], checked(read_schools, Schools)),
    "stops.csv": (TEXTS["stops.csv"], read_stops),
    "people.csv": (TEXTS["people.csv"], checked(people.read_people, People)),
    "agreements.csv": (TEXTS["agreements.csv"], people.read_agreements),
    "protocol.csv": (TEXTS["protocol.csv"], people.read_protocol),
    "starts.csv": (TEXTS["starts.csv"], people.read_starts),
    "gates.csv": (TEXTS["gates.csv"], people.read_gates),
    "aims.csv": (TEXTS["aims.csv"], partial(people.read_aims, known=("trust",))),
    "terms.csv": (
        TEXTS["terms.csv"],
        lambda path, *, file: TermDates.validate(
            read_calendar(path, file=file, division="ENG")[0].terms
        ),
    ),
    "visits.csv": (
        "date,easting,northing,minutes\n02/02/2026,530410,180500,45\n",
        checked(read_visits, Visits),
    ),
    "no_go.csv": (
        "name,easting,northing,reach_m,holds_for\nThe Shed,530410,180500,50,police\n",
        checked(read_no_go, NoGoPlaces),
    ),
    "consents.csv": (
        CONSENTS,
        checked(partial(read_consents, aims=("trust",)), Consents),
    ),
    "absences.csv": (
        "person_id,first,last,reason_code,told_on\nP1,02/03/2026,02/03/2026,leave,27/02/2026\n",
        checked(read_absences, Absences),
    ),
    "protocol_terms.csv": (
        "field,value\nlead_organisation,Youth First\nreview_on,06/10/2026\n",
        checked(read_protocol_terms, ProtocolTerms),
    ),
    "approvals.csv": (
        "ward,week,urn,state,remit,by,organisation,on,chain\n",
        checked(read_approvals, Approvals),
    ),
    "toolkit.csv": (
        "urn,date,item\n900001,02/03/2026,assembly\n",
        checked(read_toolkit, ToolkitEntries),
    ),
    "wards.geojson": (wards_json(), read_wards),
    "corridors.toml": (TOML, workspace),
}

# A splice puts these, or random bytes, somewhere in the file.
PIECES = (
    b"\0", b"\xff", b'"', b",", b"\r", b"\n", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"-1", b"1e999",
    b"NaN", b"inf", b"99999999999999999999", b"0,0", b"31/02/2026", b"24:00", b"99:99",
    b"\xd9\xa3", b"=1+1", b"../", b"null", b"[]", b"{}", b"[[", b"x" * 200,
)  # fmt: skip
splices = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(PIECES) | st.binary(max_size=6)),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40)
@given(splices=splices)
def test_mutated_files_are_read_or_refused(tmp_path_factory, name, splices):
    text, reader = READERS[name]
    content = text.encode()
    for at, cut, piece in splices:
        start = int(at * len(content))
        content = content[:start] + piece + content[start + cut :]
    path = write(tmp_path_factory.mktemp("bytes") / name, content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refusal = refused(reader, path)
    assert refusal.isprintable()  # one line, nothing that moves a terminal's cursor


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"\0" * 99, b"x", b"PK\x03\x04"])
def test_nonsense_is_refused(tmp_path, name, content):
    _, reader = READERS[name]
    with pytest.raises(InputError):
        reader(write(tmp_path / name, content), file=name)


@pytest.mark.parametrize("name", READERS)
def test_a_folder_in_place_of_the_file_is_refused(tmp_path, name):
    _, reader = READERS[name]
    (tmp_path / name).mkdir()
    with pytest.raises(InputError):
        reader(tmp_path / name, file=name)


@pytest.mark.parametrize("name", READERS)
def test_the_good_file_is_good(tmp_path, name):
    text, reader = READERS[name]
    reader(write(tmp_path / name, text), file=name)
