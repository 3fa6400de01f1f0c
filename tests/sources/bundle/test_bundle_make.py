"""What goes into a bundle, what does not, and that the same inputs give the same bytes."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from pathlib import Path

import pytest
from support_workspace import make_workspace, streets_osm, write

from corridors import sources
from corridors.errors import InputError, MissingFileError
from corridors.sources.bundle import make_bundle, open_bundle

CONFIG = "corridors.toml"
NAMED = {
    CONFIG, "streets.osm", "wards.geojson", "schools.csv", "incidents/a.csv", "stops.csv",
    "people.csv", "agreements.csv", "protocol.csv", "terms.csv", "aims.csv", "starts.csv",
    "gates.csv",
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return make_workspace(tmp_path / "workspace")


def members(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def made(workspace: Path, **options) -> dict[str, bytes]:
    target = workspace.parent / "b_OS.zip"
    make_bundle(workspace, target, **options)
    return members(target)


def change(workspace: Path, old: str, new: str) -> None:
    path = workspace / CONFIG
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")


def test_it_holds_what_the_workspace_names_and_nothing_else(workspace):
    write(workspace / "incidents/notes.docx", "SECRETCANARY")
    write(workspace / ".hidden", "SECRETCANARY")
    write(workspace / "data/osm_cache/x.data", "SECRETCANARY")
    write(workspace / "maps/working/E05990001/2026-W10/plan_OS.json", "SECRETCANARY")
    found = made(workspace)
    assert set(found) == {*NAMED, "manifest.json"}
    assert found[CONFIG] == (workspace / CONFIG).read_bytes()
    manifest = json.loads(found["manifest.json"])
    assert manifest["marking"] == "OFFICIAL-SENSITIVE"
    assert [m["path"] for m in manifest["files"]] == sorted(NAMED)
    assert {m["path"]: m["size"] for m in manifest["files"]} == {n: len(found[n]) for n in NAMED}
    assert str(workspace.parent) not in found["manifest.json"].decode()


def test_what_is_read_by_its_place_comes_along(workspace):
    from importlib.resources import files

    shipped = (files("corridors.profiles") / "hackney_2024.toml").read_text(encoding="utf-8")
    assert 'languages = ["en"]' in shipped
    own = shipped.replace('languages = ["en"]', 'languages = ["en", "cy"]')
    write(workspace / "rules/own.toml", own)
    change(workspace, '"hackney_2024"', '"rules/own.toml"')
    write(workspace / "translations/cy.po", "")
    write(workspace / "translations/fr.po", "")  # the profile does not list it
    write(workspace / "log/remits_OS.jsonl", "")
    write(workspace / "log/audit_OS.jsonl", "")
    write(workspace / "schools.csv.source.json", "{}")
    plan = "maps/working/E05990001/2026-W10/plan_OS.json"
    write(workspace / plan, "{}")
    write(workspace / "maps/working/E05990001/2026-W10/map_OS.html", "")
    extra = {
        "rules/own.toml", "translations/cy.po", "log/remits_OS.jsonl", "schools.csv.source.json",
    }  # fmt: skip
    assert set(made(workspace)) == {*NAMED, *extra, "manifest.json"}
    assert set(made(workspace, with_plans=True)) == {*NAMED, *extra, plan, "manifest.json"}


def test_a_shapefile_comes_with_all_its_parts(workspace):
    for ending in ("shp", "shx", "dbf", "prj"):
        write(workspace / f"homes.{ending}", "x")
    write(workspace / "homes_old.dbf", "x")
    change(workspace, "[stops]", '[homes]\nfile = "homes.shp"\n[stops]')
    found = {name for name in made(workspace) if name.startswith("homes")}
    assert found == {"homes.shp", "homes.shx", "homes.dbf", "homes.prj"}


def test_same_inputs_same_bytes_whatever_the_clock_and_the_place(workspace, tmp_path):
    make_bundle(workspace, tmp_path / "a_OS.zip")
    other = make_workspace(tmp_path / "other" / "workspace")
    for path in other.rglob("*"):
        os.utime(path, (1, 1))
    bundle = make_bundle(other, tmp_path / "deep/er/b_OS.zip")
    data = (tmp_path / "a_OS.zip").read_bytes()
    assert data == (tmp_path / "deep/er/b_OS.zip").read_bytes()
    assert (bundle.size, len(bundle.sha256)) == (len(data), 64)
    assert stat.S_IMODE((tmp_path / "a_OS.zip").stat().st_mode) == 0o600
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a_OS.zip", "deep", "other", "workspace"]


def test_files_from_outside_are_carried_and_the_rest_of_the_toml_stays(workspace, tmp_path):
    outside = tmp_path / "shared"
    write(outside / "exports/b.csv", (workspace / "incidents/a.csv").read_bytes())
    write(outside / "exports/c.csv", (workspace / "incidents/a.csv").read_bytes())
    write(outside / "streets.osm", streets_osm())
    write(outside / "streets.osm.source.json", "{}")
    change(workspace, '"streets.osm"', f"'{outside}/streets.osm'  # \"{outside}/streets.osm\"\r")
    change(workspace, '["incidents/*.csv"]', '["incidents/*.csv", "../shared/exports/*.csv"]')
    before = (workspace / CONFIG).read_bytes().decode()
    bundle = make_bundle(workspace, tmp_path / "b_OS.zip")
    found = members(tmp_path / "b_OS.zip")
    carried = {
        "data/carried/streets/streets.osm", "data/carried/streets/streets.osm.source.json",
        "data/carried/incidents/2/b.csv", "data/carried/incidents/2/c.csv",
    }  # fmt: skip
    assert set(bundle.carried) == carried
    assert set(found) == {*NAMED - {"streets.osm"}, *carried, "manifest.json"}
    expected = before.replace(
        f"'{outside}/streets.osm'", '"data/carried/streets/streets.osm"'
    ).replace('"../shared/exports/*.csv"', '"data/carried/incidents/2/*.csv"')
    assert found[CONFIG].decode() == expected
    assert f'# "{outside}/streets.osm"' in expected  # a comment stays
    open_bundle(tmp_path / "b_OS.zip", tmp_path / "copy")
    opened = sources.open_workspace(tmp_path / "copy")
    assert [named.file for named in opened.incidents.files] == [
        "data/carried/incidents/2/b.csv", "data/carried/incidents/2/c.csv", "incidents/a.csv",
    ]  # fmt: skip


def test_what_cannot_be_rewritten_safely_is_refused(workspace, tmp_path):
    write(tmp_path / "x.csv", "")
    change(workspace, '"stops.csv"', '"../x.csv", "../x.csv"')
    with pytest.raises(InputError, match="cannot be changed safely"):
        make_bundle(workspace, tmp_path / "b_OS.zip")
    change(workspace, '"../x.csv", "../x.csv"', '"""\n../x.csv"""')
    with pytest.raises(InputError, match="cannot be changed safely"):
        make_bundle(workspace, tmp_path / "b_OS.zip")
    assert not (tmp_path / "b_OS.zip").exists()


def test_two_files_of_one_name_from_outside_are_refused(workspace, tmp_path):
    for folder in ("one", "two"):
        write(tmp_path / f"shared/{folder}/x.csv", "")
    change(workspace, '"incidents/*.csv"', '"../shared/*/x.csv"')
    with pytest.raises(InputError, match="has the name of another file"):
        make_bundle(workspace, tmp_path / "b_OS.zip")


def test_a_pattern_that_would_find_more_in_the_copy_is_refused(workspace, tmp_path):
    write(tmp_path / "shared/streets.csv.osm", streets_osm())
    write(workspace / "data/a.csv", "")
    change(workspace, '"streets.osm"', '"../shared/streets.csv.osm"')
    change(workspace, '"incidents/*.csv"', '"data/**/*.csv*"')
    with pytest.raises(InputError, match=r"the same files in the copy|is no plain file"):
        make_bundle(workspace, tmp_path / "b_OS.zip")


@pytest.mark.parametrize("link", ["schools.csv", "incidents"])
def test_a_link_is_refused_by_name(workspace, tmp_path, link):
    moved = (workspace / link).rename(tmp_path / "moved")
    (workspace / link).symlink_to(moved)
    with pytest.raises(InputError, match=f"{link}.*is a link"):
        make_bundle(workspace, tmp_path / "b_OS.zip")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (".x.csv", "it is hidden"),
        ("maps/x.csv", "among the outputs"),
        ("CON.csv", "a device"),
        ("a:b.csv", "not every system"),
        ("PEOPLE.csv", "another file, for a disk that ignores case"),
        ("a /x.csv", "ends with a space"),
    ],
)
def test_a_name_that_not_every_system_has_is_refused(workspace, tmp_path, name, words):
    write(workspace / name, "x")
    change(workspace, '"stops.csv"', f'"{name}"')
    with pytest.raises(InputError, match=words):
        make_bundle(workspace, tmp_path / "b_OS.zip")


def test_a_missing_input_and_a_wrong_ending(workspace, tmp_path):
    with pytest.raises(InputError, match=r"end in _OS\.zip"):
        make_bundle(workspace, tmp_path / "b.zip")
    (workspace / "stops.csv").unlink()
    with pytest.raises(MissingFileError, match=r"column stops\.files, value 'stops\.csv'"):
        make_bundle(workspace, tmp_path / "b_OS.zip")
    assert not (tmp_path / "b_OS.zip").exists()


def test_a_bundle_that_is_there_stays_if_the_new_one_fails(workspace, tmp_path, monkeypatch):
    target = tmp_path / "b_OS.zip"
    make_bundle(workspace, target)
    old = target.read_bytes()
    write(workspace / "stops.csv", "another")
    monkeypatch.setattr("corridors.sources.bundle.archive.MOST_BYTES", 10)
    with pytest.raises(InputError, match="more than is safe"):  # it is read back
        make_bundle(workspace, target)
    assert target.read_bytes() == old
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b_OS.zip", "workspace"]
