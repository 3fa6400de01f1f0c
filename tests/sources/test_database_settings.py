"""[database] of corridors.toml, and what stands in place of a path."""

from __future__ import annotations

import sys

import pytest
from support_workspace import TOML, make_workspace, write

from corridors import sources
from corridors.errors import InputError, ProfileError
from corridors.sources.database import Query
from corridors.sources.database_settings import query_of
from corridors.sources.schools import read_schools

SECTION = {"url_env": "CORRIDORS_DB", "queries": {"schools": "select * from s;"}}
PLAIN = "postgresql://ann@db.example:5433/gis?table=crime.incidents"


def made(written, section=SECTION):
    return query_of(written, section, file="corridors.toml", key="schools.file")


def test_a_named_query_takes_its_address_from_the_environment():
    assert made("database:schools") == Query(
        "database:schools", url_env="CORRIDORS_DB", statement="select * from s"
    )


def test_an_address_names_a_table_and_is_called_by_host_and_table():
    query = made(PLAIN, {"timeout_s": 5})
    assert query.url == "postgresql://ann@db.example:5433/gis"
    assert (query.table, query.timeout_s) == ("crime.incidents", 5)
    assert query.label == "postgresql://db.example/gis?table=crime.incidents"
    assert "ann" not in repr(query)
    assert made(f"{PLAIN}&sslmode=require", {}).url.endswith("/gis?sslmode=require")


@pytest.mark.parametrize(
    ("written", "section", "problem"),
    [
        ("database:scools", SECTION, "Did you mean database:schools"),
        ("database:x", {}, r"Add it under \[database.queries\]"),
        ("database:x", {"queries": {"x": "select 1"}}, "database.url_env"),
        ("database:x", {"url": "postgresql://a:canary@b/c"}, "must be a section of"),
        ("database:x", {"url_env": "postgresql://a:canary@b/c"}, "name of an environment"),
        ("database:x", {"timeout_s": 0}, "seconds from 1"),
        ("database:x", {"timeout_s": True}, "seconds from 1"),
        ("database:x", {"queries": {"x": 1}}, "section of texts"),
        ("database:x", "canary", "must be a section of"),
        ("database:x", SECTION | {"queries": {"x": "select 1; drop table s"}}, "one SELECT"),
        ("database:x", SECTION | {"queries": {"x": "drop table s"}}, "one SELECT"),
        ("database:x", SECTION | {"queries": {"x": "select 1) as q --"}}, "one SELECT"),
        ("postgresql://ann:canary@host/db?table=s", {}, "holds a password"),
        ("postgresql://ann@host/db?table=s&password=canary", {}, "holds a password"),
        ("postgresql://ann@host/db", {}, "names no table"),
        ("postgresql://ann@host/db?table=a;b", {}, "names no table"),
        ("postgresql://ann@[host/db?table=s", {}, "no address"),
        ("postgresql://ann@host/db?canary", {}, "no address"),
    ],
)
def test_what_breaks_the_rules_is_told_without_secrets(written, section, problem):
    with pytest.raises(ProfileError, match=problem) as caught:
        made(written, section)
    assert "canary" not in str(caught.value)
    assert caught.value.file == "corridors.toml"


def test_a_workspace_knows_which_inputs_may_be_queries(tmp_path):
    root = make_workspace(tmp_path)
    toml = TOML.replace('"people.csv"', '"database:people"').replace(
        '"incidents/*.csv"', f'"{PLAIN}", "incidents/*.csv"'
    )
    section = '[database]\nurl_env = "NOT_SET"\n[database.queries]\npeople = "select 1"\n'
    write(root / "corridors.toml", toml + section)
    workspace = sources.open_workspace(root)
    assert [named.query is None for named in workspace.incidents.files] == [True, False]
    with pytest.raises(ProfileError, match="from a file, not from a database"):
        workspace.people.require()


def test_sheets_by_pattern(tmp_path):
    root = make_workspace(tmp_path)
    write(root / "incidents/b.xlsx", b"x")
    toml = TOML.replace('"incidents/*.csv"', '"incidents/*.xlsx#Week 1"')
    write(root / "corridors.toml", toml)
    (named,) = sources.open_workspace(root).incidents.files
    assert named.file == "incidents/b.xlsx#Week 1"
    assert named.require() == root / "incidents/b.xlsx#Week 1"


def test_without_the_extra_the_fix_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "corridors.sources.postgis", None)
    with pytest.raises(InputError, match=r"Install corridors\[postgis\]"):
        read_schools(made("database:schools"), file="database:schools")
