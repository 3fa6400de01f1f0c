"""Who read what, when and why: begun before anything is read, chained, and without contents."""

from __future__ import annotations

import errno
import json
import os
import re

import pytest
from click.testing import CliRunner
from support_plans import INCIDENTS, copy_demo, write_demo

from corridors import sources
from corridors.cli import main
from corridors.sources.audit import FILE, read_audit

CHECK = ("check",)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("audit"))


@pytest.fixture
def workspace(demo, tmp_path):
    return copy_demo(demo, tmp_path / "w")


def run(*arguments, code=0, **options):
    result = CliRunner().invoke(main, [str(a) for a in arguments], **options)
    assert result.exit_code == code, result.output
    return result


def entries(workspace):
    return read_audit(workspace)


def config(workspace, old, new):
    path = workspace / "corridors.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_run_has_a_line_when_it_begins_and_one_when_it_ends(workspace):
    run("check", workspace, "--reason", "weekly  look")
    begun, done = entries(workspace)
    assert (begun.state, done.state) == ("begun", "done")
    assert begun.run == done.run
    assert (begun.command, begun.action, begun.why) == ("check", "consultation", "weekly look")
    assert begun.who not in ("", "unknown")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", begun.at)
    assert begun.read == ()
    by_kind = {read["kind"]: read for read in done.read}
    assert by_kind["incidents"]["rows_read"] == 3087
    assert re.fullmatch(r"[0-9a-f]{64}", by_kind["incidents"]["sha256"])
    assert set(by_kind["incidents"]) == {"kind", "rows_read", "rows_used", "sha256"}
    line = run("audit", workspace).stdout.splitlines()[0]
    assert "check (consultation), why: weekly look; done" in line


def test_the_reason_may_come_from_the_environment_and_may_be_missing(workspace):
    run("check", workspace, env={"CORRIDORS_REASON": "from outside"})
    run("check", workspace)
    assert [entry.why for entry in entries(workspace)][::2] == ["from outside", "not given"]


def test_a_required_reason_stops_the_command_before_anything_is_read(workspace, monkeypatch):
    config(workspace, "[governance]", "[governance]\nrequire_reason = true")
    monkeypatch.setattr(sources, "check", lambda *_, **__: pytest.fail("it was read"))
    message = run("check", workspace, code=2).stderr
    assert "--reason" in message
    assert not (workspace / "log").exists()


def test_a_reason_that_is_no_plain_line_is_refused(workspace):
    assert "line break" in run("check", workspace, "--reason", "a\nb", code=2).stderr
    assert not (workspace / "log").exists()


def test_a_log_that_cannot_be_written_stops_the_command(workspace, monkeypatch):
    from corridors import files

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sources, "check", lambda *_, **__: pytest.fail("it was read"))
    monkeypatch.setattr(files.os, "write", full)
    (message,) = run("check", workspace, code=2).stderr.splitlines()
    assert "audit_OS.jsonl" in message
    assert "Make room on the disk" in message


def test_a_run_that_fails_says_so(workspace):
    (workspace / INCIDENTS).unlink()
    run("plan", workspace, "E05999001", "--week", "2026-W10", code=2)
    assert [entry.state for entry in entries(workspace)] == ["begun", "failed"]


@pytest.mark.parametrize("kind", ["changed", "taken out", "swapped"])
def test_a_line_that_was_tampered_with_shows(workspace, kind):
    for _ in range(2):
        run("check", workspace)
    path = workspace / FILE
    lines = path.read_text().splitlines(keepends=True)
    if kind == "changed":
        lines[1] = lines[1].replace("not given", "not-given")
    elif kind == "taken out":
        del lines[1]
    else:
        lines[1:3] = lines[2:0:-1]
    path.write_text("".join(lines))
    message = run("audit", workspace, code=2).stderr
    assert f"{FILE}, row 2" in message
    assert "does not follow" in message


@pytest.mark.parametrize("line", ["{", "[]", '{"chain": 1}', "[" * 100_000])
def test_a_damaged_last_line_stops_what_would_follow_it(workspace, line):
    run("check", workspace)
    path = workspace / FILE
    old = path.read_text() + line + "\n"
    path.write_text(old)
    assert "row 3" in run("check", workspace, code=2).stderr
    assert "row 3" in run("audit", workspace, code=2).stderr
    assert path.read_text() == old


def test_audit_json_has_all_and_says_that_the_chain_holds(workspace):
    assert "0 runs" in run("audit", workspace).stdout
    run("check", workspace)
    told = json.loads(run("audit", workspace, "--json").stdout)
    assert told["chain_holds"] is True
    assert [entry["state"] for entry in told["entries"]] == ["begun", "done"]


def test_the_quarantine_lists_what_check_left_out(workspace):
    told = run("check", workspace)
    text = (workspace / "log/quarantine_OS.csv").read_text(encoding="utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == "file,row,reason"
    assert len(lines) == 1 + 9
    assert sum("no date" in line for line in lines) == 3
    assert "quarantine_OS.csv" in told.stderr
    first = text
    run("check", workspace)
    assert (workspace / "log/quarantine_OS.csv").read_text(encoding="utf-8-sig") == first


# --- map-columns --------------------------------------------------------------------------------


def test_map_columns_writes_only_when_asked(workspace):
    path = workspace / "corridors.toml"
    old = path.read_bytes()
    export = workspace / INCIDENTS
    told = run("map-columns", export, "--workspace", workspace)
    assert "[incidents.columns]" in told.stdout
    assert "Left out: 3 rows (no date)." in told.stdout
    assert path.read_bytes() == old
    run("map-columns", export, "--workspace", workspace, "--write", input="n\n", code=1)
    assert path.read_bytes() == old
    run("map-columns", export, "--workspace", workspace, "--write", "--yes")
    kept, now = old.decode().splitlines(), path.read_text(encoding="utf-8").splitlines()
    assert set(kept) - set(now) <= {line for line in kept if " = " in line}
    columns = sources.open_workspace(workspace).incidents.columns
    assert columns["from"] == "Committed From"
    assert [e.state for e in entries(workspace)] == [
        "begun", "done", "begun", "failed", "begun", "done",
    ]  # fmt: skip
    assert entries(workspace)[1].read[0]["rows_read"] == 3087


def test_map_columns_without_a_workspace_says_that_nobody_logs_it(workspace):
    told = run("map-columns", workspace / INCIDENTS)
    assert "nobody logs" in told.stderr
    assert "--workspace" in run("map-columns", workspace / INCIDENTS, "--write", code=2).stderr
    assert not (workspace / "log").exists()


# --- purge --------------------------------------------------------------------------------------


def test_purge_lists_asks_removes_and_logs_numbers_only(workspace):
    export = workspace / INCIDENTS
    told = run("purge", workspace, "--dry-run").stdout
    assert INCIDENTS in told
    assert export.exists()
    run("purge", workspace, input="n\n", code=1)
    assert export.exists()
    run("purge", workspace, "--yes", "--reason", "week is over")
    assert not export.exists()
    last = entries(workspace)[-1]
    assert (last.action, last.state, last.why) == ("erasure", "done", "week is over")
    assert last.wrote == ({"removed": "incidents", "files": 1},)
    assert "demo_force_export" not in (workspace / FILE).read_text()
    assert "1 files removed" in run("audit", workspace).stdout


def test_purge_keeps_what_retention_keeps(workspace):
    config(workspace, "[streets]", "[retention]\nincidents_days = 30\n[streets]")
    assert "Nothing was removed" in run("purge", workspace, "--yes").stdout
    assert (workspace / INCIDENTS).exists()


def test_purge_cannot_be_dated_ahead_of_today(workspace):
    assert "still to come" in run("purge", workspace, "--on", "01/01/2098", code=2).stderr
    assert (workspace / INCIDENTS).exists()


@pytest.mark.parametrize("days", ["-1", "true", '"30"', "99999", "1.5"])
def test_retention_is_a_number_of_days(workspace, days):
    config(workspace, "[streets]", f"[retention]\nderived_days = {days}\n[streets]")
    assert "retention.derived_days" in run("purge", workspace, "--yes", code=2).stderr


def test_purge_forgets_cached_crimes_and_no_other_answer(workspace):
    from corridors.sources.fetch.cache import Cache, Provenance, key_of

    cache = Cache(workspace)
    keys = {}
    for kind, at, body in (
        ("crimes", "2020-01-01T00:00:00Z", b"old"),
        ("crimes", "2098-01-01T00:00:00Z", b"new"),
        ("streets", "2020-01-01T00:00:00Z", b"streets"),
    ):
        key = key_of("https://example.org", {"kind": kind, "at": at})
        keys[body] = key
        cache.put(key, body, Provenance(kind, "https://example.org", at))
    run("purge", workspace, "--yes")
    assert cache.get(keys[b"old"]) is None
    assert cache.get(keys[b"new"]) is not None
    assert cache.get(keys[b"streets"]) is not None
    assert b"old" not in {p.read_bytes() for p in (workspace / "data/osm_cache").iterdir()}
