"""Boundaries, register, incidents, people and calendar, each in its source's format."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import date, datetime

import numpy as np
import pytest
from shapely import Point
from shapely.geometry import shape

from corridors.crs import to_metric
from corridors.demo.incidents import HEADER
from corridors.demo.terms import school_days
from corridors.tables import POLICE_LEVELS, POLICE_ROLES, PROTOCOL_FIELDS, ROLES, TRAININGS


def rows(files, name, encoding="utf-8"):
    return list(csv.DictReader(io.StringIO(files[name].decode(encoding), newline="")))


@pytest.fixture(scope="module")
def incidents(demo_files):
    return rows(demo_files, "data/incidents/demo_force_export.csv")


@pytest.fixture(scope="module")
def register(demo_files):
    return rows(demo_files, "data/schools/demo_edubasealldata.csv", "cp1252")


@pytest.fixture(scope="module")
def wards(demo_files):
    return json.loads(demo_files["data/boundaries/demo_wards.geojson"])["features"]


def test_wards_are_two_that_adjoin(wards):
    assert [w["properties"]["WD25CD"] for w in wards] == ["E05999001", "E05999002"]
    assert {tuple(w["properties"]) for w in wards} == {("WD25CD", "WD25NM", "LAD25CD", "LAD25NM")}
    west, east = (shape(w["geometry"]) for w in wards)
    assert west.is_valid
    assert east.is_valid
    assert west.intersection(east).area < 1e-4 * min(west.area, east.area)
    assert west.boundary.intersection(east.boundary.buffer(1e-6)).length > 0.005  # degrees
    assert west.exterior.is_ccw
    corners = [c for w in wards for c in np.asarray(w["geometry"]["coordinates"][0]).tolist()]
    x, y = to_metric(*np.asarray(corners).T)
    assert 1_900 < np.ptp(x) < 2_800
    assert 1_500 < np.ptp(y) < 2_400


def test_extract_reaches_900_m_beyond_both_wards(wards, extract):
    lon, lat = np.asarray(list(extract.at.values())).T
    x, y = to_metric(lon, lat)
    for ward in wards:
        wx, wy = to_metric(*np.asarray(ward["geometry"]["coordinates"][0]).T)
        assert min(wx.min() - x.min(), x.max() - wx.max()) > 900
        assert min(wy.min() - y.min(), y.max() - wy.max()) > 850


def test_register_has_five_schools_as_gias_writes_them(register):
    assert len(register) == 5
    assert Counter(r["EstablishmentStatus (name)"] for r in register) == {"Open": 4, "Closed": 1}
    assert [r["PhaseOfEducation (name)"] for r in register] == [
        "Secondary", "Not applicable", "Primary", "Not applicable", "Secondary"
    ]  # fmt: skip
    assert not [r for r in register if "HeadLastName" in r]
    assert any(not r["EstablishmentName"].isascii() for r in register)
    assert all(r["Easting"].isdigit() and r["Northing"].isdigit() for r in register)
    assert all(int(r["NumberOfPupils"]) > 0 for r in register[:4])


def test_register_points_lie_near_but_not_on_the_gates(register, extract):
    gates = np.asarray([extract.at[g] for g in extract.nodes_having("entrance", "main")])
    x, y = to_metric(gates[:, 0], gates[:, 1])
    for school in register[:4]:
        gap = np.hypot(x - float(school["Easting"]), y - float(school["Northing"])).min()
        assert 10 < gap < 40


def test_each_ward_has_a_secondary(register, wards, extract):
    names = {
        t["ref:edubase"]: Point(extract.at[refs[0]])
        for refs, t in extract.having("amenity", "school").values()
    }
    for school, ward in zip(register[:2], wards, strict=True):
        assert shape(ward["geometry"]).contains(names[school["URN"]])
        assert school["AdministrativeWard (code)"] == ward["properties"]["WD25CD"]


def clock(text):
    return datetime.strptime(text, "%d/%m/%Y %H:%M")  # noqa: DTZ007 - the export has no zone


def test_every_incident_has_the_columns_of_the_force_export(incidents):
    assert 2_500 <= len(incidents) <= 3_500
    assert all(tuple(r) == HEADER for r in incidents)
    assert len({r["Occurrence No"] for r in incidents}) == len(incidents)
    for r in incidents:
        clock(r["Committed To"])
        if r["Committed From"]:
            assert date(2024, 9, 1) <= clock(r["Committed From"]).date() <= date(2026, 2, 15)


def test_incidents_cover_eighteen_months_of_offences(incidents):
    months = {clock(r["Committed To"]).strftime("%Y-%m") for r in incidents}
    assert len(months) == 18
    assert len({r["Crime Type"] for r in incidents}) >= 13


def test_incidents_have_the_faults_of_real_exports(incidents):
    lost = [r for r in incidents if (r["Easting"], r["Northing"]) == ("0", "0")]
    no_start = [r for r in incidents if not r["Committed From"]]
    timed = [r for r in incidents if r["Committed From"]]
    backwards = [r for r in timed if clock(r["Committed To"]) < clock(r["Committed From"])]
    whole_day = [
        r
        for r in timed
        if r["Committed From"].endswith("00:00") and r["Committed To"].endswith("23:59")
    ]
    assert (len(lost), len(no_start), len(backwards)) == (6, 3, 3)
    assert 30 <= len(whole_day) <= 120


def test_police_generated_and_school_premises_are_marked(incidents):
    found = [r for r in incidents if r["Source"] == "Police generated"]
    assert {r["Crime Type"] for r in found} == {"Drugs", "Possession of weapons"}
    assert len(found) > 100
    assert sum(r["Location Type"] == "School" for r in incidents) > 40
    assert sum(r["Outcome"] == "20" for r in incidents) > 20


def test_there_is_an_after_school_rise_on_school_days_only(incidents):
    days = set(school_days(date(2024, 9, 1), date(2026, 2, 15)))
    counts = Counter()
    for r in incidents:
        if not r["Committed From"] or r["Location Type"] != "Street":
            continue
        start = clock(r["Committed From"])
        if 15 <= start.hour < 17:
            counts[start.date() in days] += 1
    other = (date(2026, 2, 15) - date(2024, 9, 1)).days + 1 - len(days)
    assert counts[True] / len(days) > 3 * counts[False] / other


def test_people_fill_every_role_and_some_decline_police(demo_files):
    people = rows(demo_files, "data/people/demo_people.csv")
    assert 20 <= len(people) <= 26
    assert {p["role"] for p in people} == set(ROLES)
    assert {p["accepts_police"] for p in people} == set(POLICE_LEVELS)
    assert {p["statutory"] for p in people if p["role"] == "youth_worker"} == {"yes", "no"}
    assert {p["statutory"] for p in people if p["role"] != "youth_worker"} == {""}
    police = [p for p in people if p["role"] in POLICE_ROLES]
    assert {p["accepts_police"] for p in police} == {"joint_visible"}
    assert all(set(p["available"].split()) <= {"Mon", "Tue", "Wed", "Thu", "Fri"} for p in people)
    assert all(len(p["urns"].split()) <= 2 for p in people)


def test_every_organisation_is_party_to_the_protocol_well_before_the_week(demo_files):
    people = rows(demo_files, "data/people/demo_people.csv")
    parties = rows(demo_files, "data/people/demo_protocol.csv")
    assert {p["party"] for p in parties} == {p["organisation"] for p in people}
    agreed = [datetime.strptime(p["agreed_on"], "%d/%m/%Y") for p in parties]  # noqa: DTZ007
    assert max(agreed) < datetime(2025, 12, 1)  # noqa: DTZ001 - a date


def test_the_protocol_is_written_down_field_by_field(demo_files):
    terms = rows(demo_files, "data/people/demo_protocol_terms.csv")
    assert [t["field"] for t in terms] == list(PROTOCOL_FIELDS)
    assert all(t["value"] for t in terms)


def test_consents_and_absences_name_people_who_are_there(demo_files):
    people = rows(demo_files, "data/people/demo_people.csv")
    ids = {p["person_id"] for p in people}
    organisations = {p["organisation"] for p in people}
    consents = rows(demo_files, "data/people/demo_consents.csv")
    assert {c["party_kind"] for c in consents} == {"person", "organisation"}
    for consent in consents:
        known = ids if consent["party_kind"] == "person" else organisations
        assert consent["party"] in known
    assert {a["person_id"] for a in rows(demo_files, "data/people/demo_absences.csv")} <= ids


def test_training_and_vetting_show_one_gap_each_and_nobody_is_in_plain_clothes(demo_files):
    people = rows(demo_files, "data/people/demo_people.csv")
    assert sum(not p["vetted_on"] for p in people) == 1
    assert sum(p["stands_in"] == "yes" for p in people) == 1
    assert {t for p in people for t in p["training"].split()} <= set(TRAININGS)
    assert {p["posting"] for p in people if p["role"] in POLICE_ROLES} == {
        "schools", "neighbourhood",
    }  # fmt: skip
    assert {p["posting"] for p in people if p["role"] not in POLICE_ROLES} == {""}
    assert {p["plain_clothes_by"] for p in people} == {""}


def test_the_unit_lacks_the_approval_it_needs_and_others_have_an_aim(demo_files, register):
    agreed = {r["urn"]: r for r in rows(demo_files, "data/people/demo_agreements.csv")}
    aims = {r["urn"]: r["aim"] for r in rows(demo_files, "data/people/demo_aims.csv")}
    unit = next(
        r["URN"] for r in register if r["TypeOfEstablishment (name)"] == "Pupil referral unit"
    )
    assert agreed[unit]["special_approval"] == ""
    assert set(aims) == set(agreed) - {unit}
    assert "enforcement" in aims.values()
    assert set(aims.values()) & {"trust", "safeguarding", "early_help"}


def test_the_demo_week_has_an_inset_day_and_an_early_close(demo_files, register):
    terms = rows(demo_files, "data/calendar/demo_terms.csv")
    week = [r for r in terms if r["start"] == r["end"] and r["start"][3:] == "03/2026"]
    assert {(r["kind"], r["urn"]) for r in week} == {
        ("early_close", register[0]["URN"]),
        ("inset", register[1]["URN"]),
    }
    assert {r["academic_year"] for r in terms} == {"2024/25", "2025/26"}
    assert {r["kind"] for r in terms} == {"term", "half_term", "inset", "early_close"}
    for r in terms:
        start, end = (datetime.strptime(r[k], "%d/%m/%Y") for k in ("start", "end"))  # noqa: DTZ007
        assert start <= end
