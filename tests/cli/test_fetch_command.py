"""`corridors fetch` and `corridors cache`: nothing is asked before it is agreed to."""

from __future__ import annotations

import json
import threading
from importlib import import_module

import pytest
from click.testing import CliRunner
from support_overpass import STAMP, kind_of, serve, town
from support_plans import write_demo
from support_server import TIMED_OUT

from corridors import sources
from corridors.cli import main
from corridors.files import one_run

command = import_module("corridors.cli.fetch")  # the package calls the command so
FILE = "data/streets/fetched.osm.pbf"
WAYS, PLACES = town(619_500, 470_000)


@pytest.fixture
def workspace(tmp_path, local_server):
    folder = write_demo(tmp_path / "w")
    config = folder / "corridors.toml"
    text = config.read_text("utf-8")
    config.write_text(f'{text}\n[fetch]\nstreets = "{local_server.url}/api"\n', "utf-8")
    serve(local_server, WAYS, PLACES)
    return folder


def run(*arguments: object, code: int = 0, **more):
    result = CliRunner().invoke(main, [str(a) for a in arguments], **more)
    assert result.exit_code == code, result.output
    return result


def test_without_a_terminal_and_without_yes_nothing_is_asked(workspace, local_server):
    result = run("fetch", workspace, "streets", code=2)
    assert "127.0.0.1 learns your network address, and the padded square" in result.stderr
    assert "615 to 625 km east, 465 to 475 km north" in result.stderr
    assert "no terminal to agree on" in result.stderr
    assert local_server.asked == []
    assert not (workspace / FILE).exists()


@pytest.mark.parametrize(("said", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_on_a_terminal_it_asks_first(workspace, local_server, monkeypatch, said, code):
    monkeypatch.setattr(command, "_has_terminal", lambda: True)
    result = run("fetch", workspace, "streets", code=code, input=said)
    assert "Go on? [y/N]" in result.stderr
    assert bool(local_server.asked) == (code == 0)
    assert (workspace / FILE).exists() == (code == 0)


def test_it_says_what_came_and_what_to_write(workspace):
    result = run("fetch", workspace, "streets", "--yes")
    assert f"streets: {FILE}, 6 rows, data of {STAMP}" in result.stdout
    lines = result.stdout.splitlines()
    assert lines[-2:] == ["[streets]", f'file = "{FILE}"']
    config = workspace / "corridors.toml"
    config.write_text(config.read_text().replace("data/osm_cache/demo.osm", FILE))
    again = run("fetch", workspace, "streets", "--yes")
    assert "[streets]" not in again.stdout
    assert "nothing was asked" in again.stderr
    lines, _ = sources.check(sources.open_workspace(workspace))
    (streets,) = (str(line) for line in lines if "streets" in str(line))
    assert "fetched from http://127.0.0.1" in streets


def test_an_archive_tells_no_area_and_is_asked_only_after_consent(workspace, local_server):
    result = run("fetch", workspace, "crimes", "--archive", "--force", "city-of-london", code=2)
    assert "the months; not for which area" in result.stderr
    assert "data.police.uk learns your network address" in result.stderr
    assert local_server.asked == []


def test_json_holds_results_only(workspace, local_server):
    serve(local_server, WAYS, PLACES, {"ways": [TIMED_OUT]})
    report = json.loads(run("fetch", workspace, "streets", "--yes", "--json").stdout)
    (made,) = report["fetched"]
    assert made["file"] == FILE
    assert made["sources"][0]["dated"] == STAMP
    assert report["to_name"] == ["[streets]", f'file = "{FILE}"']


def test_a_ward_narrows_the_area_and_an_unknown_one_is_told(workspace, local_server):
    run("fetch", workspace, "streets", "--yes", "--ward", "E05999001")
    local_server.asked.clear()
    run("fetch", workspace, "streets", "--yes", "--ward", "E05999009", code=2)
    assert local_server.asked == []


def test_the_area_has_to_be_known(workspace, local_server):
    for path in (workspace / "data/boundaries").iterdir():
        path.unlink()
    result = run("fetch", workspace, "streets", "--yes", code=2)
    assert "the area is not known. Fetch boundaries first" in result.stderr
    assert local_server.asked == []


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("crimes", "--from", "2026-01"), "Give both --from YYYY-MM and --to YYYY-MM"),
        (("crimes", "--from", "2026-03", "--to", "2026-01"), "is before --from"),
        (("crimes", "--from", "2010-03", "--to", "2026-01"), "120 months"),
        (("crimes", "--from", "2026-13", "--to", "2027-01"), "is not a month"),
        (("roads",), "is not one of"),
    ],
)
def test_what_is_not_said_is_asked_for_before_the_network_is(
    workspace, local_server, options, problem
):
    result = run("fetch", workspace, *options, "--yes", code=2)
    assert problem in result.stderr
    assert local_server.asked == []


def test_months_are_listed_across_a_new_year():
    assert command._months("2025-11", "2026-02", needed=True) == (
        "2025-11", "2025-12", "2026-01", "2026-02",
    )  # fmt: skip


def test_a_second_fetch_waits_and_asks_nothing_twice(workspace, local_server):
    lock = command.lock_of(workspace)
    result = []
    with one_run(lock):
        other = threading.Thread(
            target=lambda: result.append(
                CliRunner().invoke(main, ["fetch", str(workspace), "streets", "--yes"])
            )
        )
        other.start()
        other.join(1.0)
        assert other.is_alive()
        assert local_server.asked == []
    other.join()
    assert result[0].exit_code == 0
    assert "Another fetch of this workspace is running" in result[0].stderr


def test_a_fault_is_one_calm_line(workspace, local_server, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    serve(local_server, WAYS, PLACES, {"ways": [TIMED_OUT]})
    result = run("fetch", workspace, "streets", "--yes")
    told = [line for line in result.stderr.splitlines() if line.startswith("127.0.0.1: ")]
    assert told == ["127.0.0.1: it is busy (504). Trying again in 2 s"]


def test_help_says_that_only_fetch_uses_the_network():
    assert "Only `corridors fetch` uses the network" in " ".join(run("--help").stdout.split())


# --- the cache ----------------------------------------------------------------------------------


def test_the_cache_is_listed_checked_and_cleared(workspace, local_server):
    assert run("cache", "list", workspace).stdout == "Nothing is kept.\n"
    run("fetch", workspace, "streets", "--yes")
    listed = run("cache", "list", workspace).stdout
    assert (
        f"streets, {(workspace / FILE).stat().st_size:,} bytes, from {local_server.url}" in listed
    )
    assert f"data of {STAMP}" in listed
    (told,) = json.loads(run("cache", "list", workspace, "--json").stdout)
    assert told["kind"] == "streets"
    assert told["is_damaged"] is False
    assert run("cache", "verify", workspace).stdout == "1 whole, 0 damaged.\n"

    (data,) = (workspace / "data/osm_cache").glob("*.data")
    data.write_bytes(data.read_bytes()[:-1])
    assert "1 damaged" in run("cache", "verify", workspace, code=1).stdout
    report = json.loads(run("cache", "verify", workspace, "--json", code=1).stdout)
    assert report == {"kept": 0, "damaged": [told["key"]]}
    assert "damaged, never used" in run("cache", "list", workspace).stdout
    assert run("cache", "clear", workspace, "--damaged-only").stdout == "2 files removed.\n"
    assert run("cache", "verify", workspace).stdout == "0 whole, 0 damaged.\n"

    local_server.asked.clear()
    run("fetch", workspace, "streets", "--yes")
    assert [kind_of(a) for a in local_server.asked] == ["status", "ways", "status", "places"]
    (workspace / "data/osm_cache/.scratch.part-x").mkdir()
    assert run("cache", "clear", workspace, "--damaged-only").stdout == "1 files removed.\n"
    assert run("cache", "clear", workspace).stdout == "2 files removed.\n"
    assert (workspace / FILE).is_file()
    assert (workspace / "data/osm_cache/demo.osm").is_file()


def test_a_note_cannot_write_to_the_terminal(workspace):
    run("fetch", workspace, "streets", "--yes")
    (note,) = (workspace / "data/osm_cache").glob("*.note.json")
    told = json.loads(note.read_bytes())
    note.write_text(json.dumps(told | {"url": "http://host/\x1b[2J"}))
    assert "\x1b" not in run("cache", "list", workspace).stdout
