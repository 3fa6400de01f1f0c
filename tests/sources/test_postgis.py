"""Queries in place of files, asked of a real PostgreSQL with PostGIS."""

from __future__ import annotations

import socket

import numpy as np
import psycopg
import pytest
from support_workspace import TOML, make_workspace, write

from corridors import sources
from corridors.errors import CrsError, InputError
from corridors.sources import IncidentSource, read_incidents
from corridors.sources.boundaries import read_wards
from corridors.sources.database import Query
from corridors.sources.homes import read_homes
from corridors.sources.named import NamedFile
from corridors.sources.schools import read_schools
from corridors.sources.stops import read_stops
from corridors.sources.streets import read_streets
from corridors.tables import Incidents, Schools, Ways

INCIDENTS = """
CREATE TABLE crime.incidents (ref text, class text, "from" timestamp, "to" timestamptz,
    mo text, at geometry(Point, 4326));
INSERT INTO crime.incidents SELECT n, CASE n % 2 WHEN 0 THEN 'Robbery' ELSE 'Drugs' END,
    timestamp '2026-02-02 15:40' + n * interval '1 day',
    timestamptz '2026-02-02 15:50+00' + n * interval '1 day', 'SECRETCANARY',
    ST_Transform(ST_SetSRID(ST_MakePoint(530400 + n, 180500), 27700), 4326)
FROM generate_series(1, 40) AS n;
"""
STREETS = """
CREATE TABLE roads (highway text, name text, "Owner" text, way geometry);
INSERT INTO roads VALUES
    ('residential', 'Market Street', 'SECRETCANARY',
     ST_Transform(ST_GeomFromText('LINESTRING(530000 180500, 530400 180500)', 27700), 3857)),
    ('footway', 'The Path', 'SECRETCANARY',
     ST_Transform(ST_GeomFromText('LINESTRING(530400 180500, 530400 180900)', 27700), 3857)),
    ('primary', 'Far Road', 'SECRETCANARY',
     ST_Transform(ST_GeomFromText('LINESTRING(560000 180500, 560400 180500)', 27700), 3857));
"""
TABLES = """
CREATE TABLE wards ("WD24CD" text, "WD24NM" text, canary text, geom geometry);
INSERT INTO wards VALUES ('E05990001', 'West End', 'SECRETCANARY',
    ST_GeomFromText('POLYGON((530000 180000,531000 180000,531000 181000,530000 180000))', 27700));
CREATE TABLE homes (children int, geom geography);
INSERT INTO homes VALUES (12,
    ST_GeogFromText('POLYGON((-0.1 51.5,-0.09 51.5,-0.09 51.51,-0.1 51.5))'));
CREATE TABLE schools ("URN" int, "EstablishmentName" text, "StatutoryHighAge" numeric,
    "HeadLastName" text, geom geometry(Point, 27700));
INSERT INTO schools VALUES (900001, 'Zoë Academy', 18, 'CANARYHEAD',
    ST_SetSRID(ST_MakePoint(530400, 180500), 27700));
CREATE TABLE stops (name text, kind text, geom geometry);
INSERT INTO stops VALUES ('Pier', 'bus_stop', ST_SetSRID(ST_MakePoint(530300, 180500), 27700)),
    ('Nowhere', 'bus_stop', NULL);
CREATE TABLE homeless (name text, kind text, geom geometry);
INSERT INTO homeless VALUES ('Pier', 'bus_stop', ST_MakePoint(530300, 180500));
CREATE FUNCTION write_it() RETURNS int LANGUAGE sql AS 'DELETE FROM schools; SELECT 1';
CREATE ROLE guest LOGIN PASSWORD 's3cret-canary';
"""

SCHOOL = '"URN", "EstablishmentName" as name, 18 as high_age'


@pytest.fixture(scope="session")
def filled(postgis):
    """The server with tables in it."""
    with psycopg.connect(postgis, autocommit=True) as session:
        try:
            session.execute("CREATE EXTENSION postgis")
        except psycopg.errors.FeatureNotSupported:
            pytest.skip("this PostgreSQL has no PostGIS; run `make postgis`")
        session.execute("CREATE DATABASE bare")
        session.execute("CREATE SCHEMA crime")
        for script in (INCIDENTS, STREETS, TABLES):
            session.execute(script)
    return postgis


@pytest.fixture
def ask(filled, monkeypatch):
    monkeypatch.setenv("CORRIDORS_DB", filled)

    def made(statement="", *, table="", timeout_s=20):
        return Query(
            "database:x",
            url_env="CORRIDORS_DB",
            table=table,
            statement=statement,
            timeout_s=timeout_s,
        )

    return made


def incidents_of(query, **columns):
    named = NamedFile(None, "database:x", "incidents.files", query)
    return read_incidents(IncidentSource((named,), columns=columns))


def test_incidents_by_points_and_instants(ask):
    columns = {"id": "ref", "offence": "class", "from": "from", "to": "to",
               "easting": "Easting", "northing": "Northing"}  # fmt: skip
    table, (record,) = incidents_of(ask(table="crime.incidents"), **columns)
    Incidents.validate(table)
    assert len(table) == record.rows_read == 40
    assert table[Incidents.x_m].between(530_400.9, 530_440.1).all()
    first = table.sort_values(Incidents.from_utc).iloc[0]
    assert first[Incidents.to_utc] - first[Incidents.from_utc] == np.timedelta64(10, "m")
    assert "CANARY" not in table.to_csv() + repr(record)


def test_a_statement_may_cast_and_hold_colons_and_percent_signs(ask):
    statement = (
        "select ref as id, 'Robbery' as offence, \"from\"::text as date, "
        "ST_X(p) as x, ST_Y(p) as y "
        "from (select *, ST_Transform(at, 27700) as p from crime.incidents) as i "
        "where class like 'R%' and mo <> ':x' and ref::int % 4 = 0"
    )
    table, (record,) = incidents_of(ask(statement))
    assert len(table) == record.rows_read == 10


def test_the_same_rows_give_the_same_hash_in_any_order(ask):
    base = "select * from crime.incidents order by ref"
    columns = {"offence": "class", "from": "from", "easting": "Easting", "northing": "Northing"}
    up, (first,) = incidents_of(ask(base), **columns)
    down, (second,) = incidents_of(ask(f"{base} desc"), **columns)
    assert first.sha256 == second.sha256
    assert up.equals(down)
    _, (other,) = incidents_of(ask(f"{base} limit 39"), **columns)
    assert other.sha256 != first.sha256


@pytest.mark.parametrize(("bounds_m", "names"), [
    (None, ["Far Road", "Market Street", "The Path"]),
    ((529_900.0, 180_000.0, 531_000.0, 181_000.0), ["Market Street", "The Path"]),
])  # fmt: skip
def test_streets_in_another_system(ask, bounds_m, names):
    extract, record = read_streets(ask(table="roads"), bounds_m=bounds_m, file="database:x")
    assert sorted(extract.ways[Ways.name]) == names
    assert record.rows_read == 3
    assert record.rows_used == len(names)
    assert len(record.sha256) == 64
    ends = extract.vertex_xy_m[:, 0]
    np.testing.assert_allclose(ends.min(), 530_000, atol=0.02)
    if bounds_m:
        assert len(extract.vertex_xy_m) == 3  # the two meet at one vertex


def test_boundaries_homes_schools_and_stops(ask):
    wards, record = read_wards(ask(table="wards"), file="w")
    assert wards.loc["E05990001", "name"] == "West End"
    assert record.rows_read == 1
    homes, _ = read_homes(ask(table="homes"), file="h")
    assert homes["children"].tolist() == [12]
    schools, _ = read_schools(ask(table="schools"), file="s")
    assert schools.loc["900001", [Schools.x_m, Schools.high_age]].tolist() == [530_400, 18]
    assert "CANARY" not in schools.to_csv()
    stops, record = read_stops(ask(table="stops"), file="t")
    assert [p.coords[0] for p in stops.geometry] == [(530_300, 180_500)]
    assert dict(record.dropped) == {"no coordinates": 1}


def schools_of(query):
    return read_schools(query, file="database:x")


def streets_of(query):
    return read_streets(query, bounds_m=None, file="database:x")


def stops_of(query):
    return read_stops(query, file="database:x")


@pytest.mark.parametrize(
    ("reader", "statement", "problem"),
    [
        (schools_of, "select * from nowhere", "no such table"),
        (schools_of, "select * from no_schema.schools", "no such"),
        (schools_of, "select nothing from schools", "no such column"),
        (schools_of, "select from where", "does not understand"),
        (schools_of, "select st_nothing(geom) from schools", "lacks a function"),
        (schools_of, "select 1 / 0 as \"URN\"", "SQLSTATE 22012"),
        (schools_of, "with g as (delete from schools returning *) select * from g", "SQLSTATE"),
        (schools_of, "select *, write_it() as it from schools", "was asked to write"),
        (schools_of, "select *, pg_sleep(9) as name from schools", "took too long"),
        (schools_of, f"select {SCHOOL}, array[1] as lat, 1 as lon from schools", "neither text"),
        (streets_of, "select 1 as highway", "no column of shapes"),
        (stops_of, "select name, 'bus_stop' as kind, way from roads", "other than points"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_clear_error(ask, reader, statement, problem):
    with pytest.raises(InputError, match=problem) as caught:
        reader(ask(statement, timeout_s=1))
    assert caught.value.file == "database:x"
    assert "canary" not in str(caught.value).lower()
    assert caught.value.__cause__ is None or "canary" not in str(caught.value.__cause__)


def test_nothing_was_written(ask):
    assert len(schools_of(ask(table="schools"))[0]) == 1


def test_shapes_without_a_system_are_refused(ask):
    with pytest.raises(CrsError, match="does not say the coordinate system"):
        stops_of(ask(table="homeless"))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("s3cret-canary", "wr0ng-canary"), "user or the password"),
        (("/postgres", "/canary"), "no database of this name"),
        (("ann:", "guest:"), "right to SELECT"),
        (("postgresql:", "mysql:"), "not understood"),
        (("postgresql://", "canary "), "not understood"),
    ],
)
def test_a_refused_user_is_told_without_the_password(ask, monkeypatch, filled, change, problem):
    monkeypatch.setenv("CORRIDORS_DB", filled.replace(*change))
    with pytest.raises(InputError, match=problem) as caught:
        schools_of(ask(table="schools"))
    shown = repr(caught.value) + str(caught.value.__cause__)
    assert "canary" not in shown
    assert caught.value.__suppress_context__


def test_no_server_and_no_address(ask, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("CORRIDORS_DB", f"postgresql://ann:canary@127.0.0.1:{port}/x")
    with pytest.raises(InputError, match="does not answer") as caught:
        schools_of(ask(table="schools"))
    assert "canary" not in str(caught.value)
    monkeypatch.delenv("CORRIDORS_DB")
    with pytest.raises(InputError, match="CORRIDORS_DB"):
        schools_of(ask(table="schools"))


def test_a_database_without_postgis(ask, monkeypatch, filled):
    monkeypatch.setenv("CORRIDORS_DB", filled.replace("/postgres", "/bare"))
    with pytest.raises(InputError, match="no column of shapes"):
        streets_of(ask("select 'x' as highway"))
    table, _ = schools_of(
        ask("select 900001 as \"URN\", 'A' as name, 18 as high_age, 0.1 as lon, 51.5 as lat")
    )
    assert len(table) == 1  # plain tables need no PostGIS


def test_a_workspace_from_the_database(ask, monkeypatch, tmp_path, filled):
    ask()
    host = filled.rpartition("@")[2]
    toml = (
        TOML.replace('"incidents/*.csv"', '"database:incidents"')
        .replace('file = "streets.osm"', 'file = "database:streets"')
        .replace('file = "schools.csv"', f'file = "postgresql://ann@{host}?table=schools"')
        + '[database]\nurl_env = "CORRIDORS_DB"\n[database.queries]\n'
        'streets = "select highway, name, way from roads;"\n'
        'incidents = \'select ref as id, class as offence, "from" as date, at '
        "from crime.incidents'\n"
    )
    root = make_workspace(tmp_path)
    write(root / "corridors.toml", toml)
    monkeypatch.setenv("PGPASSWORD", "s3cret-canary")
    lines, errors = sources.check(sources.open_workspace(root))
    assert not errors
    shown = "\n".join(map(str, lines))
    assert "incidents: database:incidents: 40 of 40 rows used" in shown
    assert "schools: postgresql://127.0.0.1/postgres?table=schools: 1 of 1" in shown
    assert "canary" not in shown.lower()
    assert "ann" not in shown
