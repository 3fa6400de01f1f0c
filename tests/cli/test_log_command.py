"""`corridors log` and `corridors check` of evaluation records; and that no plan opens them."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner
from support_plans import MADE_ON, WARD, WEEK, write_demo
from support_quick import quick_demo

from corridors import sources
from corridors.cli import main
from corridors.errors import InputError
from corridors.sources.evaluation_records import load_records
from corridors.sources.workspace import EVALUATION_RECORDS
from corridors.tables import CONTACTS, ROLES

DEBRIEFS = "data/patrols/demo_debriefs.csv"
PATROLS = ("2026-03-02-S1T1", "2026-03-03-S1T1")


def run(*arguments, code=0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def workspace(tmp_path):
    """The demo with a written plan of two patrols: as much of it as is read back."""
    folder = write_demo(tmp_path / "w")
    staffing = {
        "aim": "trust", "police_level": "none",
        "people": [{"person_id": "P1", "role": "youth_worker"}],
    }  # fmt: skip
    patrols = [
        {"patrol_id": name, "day": name[:10], "start_min": 900, "end_min": 990,
         "urns": ["900001"], "corridor_id": "C1", "staffing": staffing}
        for name in PATROLS
    ]  # fmt: skip
    plan = {
        "format": 4, "ward": {"code": WARD}, "week": {"label": WEEK}, "made_on": "2026-02-20",
        "patrols": patrols, "parameters": {}, "remits": {},
    }  # fmt: skip
    place = folder / f"maps/working/{WARD}/{WEEK}"
    place.mkdir(parents=True)
    (place / "plan_OS.json").write_text(json.dumps(plan), "utf-8")
    return folder


def template(workspace):
    text = run("log", workspace, "--template", WEEK).output
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def filled(row):
    counts = dict.fromkeys((*ROLES, *CONTACTS), "0")
    return row | counts | {
        "state": "done", "from": "15:10", "to": "16:20", "youth_worker": "2",
        "police_level": "none",
    }  # fmt: skip


def hand_in(folder, rows, **more):
    path = folder / "new.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, [*rows[0], *more])
        writer.writeheader()
        writer.writerows([row | more for row in rows])
    return path


def test_a_template_is_filled_in_and_added_once(workspace):
    first, second = template(workspace)
    assert [first["patrol_id"], second["patrol_id"]] == list(PATROLS)
    new = hand_in(workspace, [filled(first), second])
    told = run("log", workspace, new).output
    assert "1 debriefs added" in told
    assert "1 rows are not filled in" in told
    bytes_before = (workspace / DEBRIEFS).read_bytes()
    assert "0 debriefs added" in run("log", workspace, new).output
    assert (workspace / DEBRIEFS).read_bytes() == bytes_before
    told = run("log", workspace).output
    assert "2 patrols with a team were planned; 1 have a debrief: 1 done" in told
    assert PATROLS[1] in told
    assert PATROLS[0] not in told


def test_a_correction_is_added_and_the_old_row_stays(workspace):
    first, _ = template(workspace)
    run("log", workspace, hand_in(workspace, [filled(first)]))
    before = (workspace / DEBRIEFS).read_bytes()
    run("log", workspace, hand_in(workspace, [filled(first) | {"talks": "9"}]))
    after = (workspace / DEBRIEFS).read_bytes()
    assert after.startswith(before)
    assert len(after.splitlines()) == 3
    assert "1 have a debrief" in run("log", workspace).output


def test_one_wrong_row_and_nothing_is_added(workspace):
    before = (workspace / DEBRIEFS).read_bytes()
    first, second = template(workspace)
    rows = [
        filled(first),
        filled(second) | {"patrol_id": "../../x"},
        {**filled(second), "pcso": "-1"},
    ]
    result = run("log", workspace, hand_in(workspace, rows), code=2)
    assert result.stderr.count("error: ") == 2
    assert "nothing was added" in result.stderr
    assert (workspace / DEBRIEFS).read_bytes() == before


def test_free_text_is_refused_unread(workspace):
    first, _ = template(workspace)
    new = hand_in(workspace, [filled(first)], MO="SECRETCANARY")
    result = run("log", workspace, new, code=2)
    assert "column MO" in result.stderr
    logs = [p.read_text("utf-8") for p in (workspace / "log").rglob("*") if p.is_file()]
    assert "SECRETCANARY" not in "".join([result.output, *logs, (workspace / DEBRIEFS).read_text()])


def test_a_day_to_come_and_a_week_without_a_plan_are_refused(workspace):
    first, _ = template(workspace)
    new = hand_in(workspace, [filled(first)])
    assert "is after 01/03/2026" in run("log", workspace, new, "--on", "01/03/2026", code=2).stderr
    assert "Run `corridors plan`" in run("log", workspace, "--template", "2026-W11", code=2).stderr


def test_the_template_file_is_new(workspace, tmp_path):
    out = tmp_path / "t.csv"
    run("log", workspace, out, "--template", WEEK)
    assert out.read_bytes().startswith(b"\xef\xbb\xbfward,week,patrol_id")
    assert "is there already" in run("log", workspace, out, "--template", WEEK, code=2).stderr


def test_without_a_section_it_says_what_to_write(workspace):
    config = workspace / "corridors.toml"
    config.write_text(config.read_text("utf-8").replace(DEBRIEFS, "data/new/d.csv"), "utf-8")
    first, _ = template(workspace)
    run("log", workspace, hand_in(workspace, [filled(first)]))
    assert (workspace / "data/new/d.csv").is_file()
    text = config.read_text("utf-8").replace("[debriefs]", "[visits]")
    config.write_text(text, "utf-8")
    assert "[debriefs]" in run("log", workspace, code=2).stderr


def test_it_stands_in_the_audit_log(workspace):
    first, _ = template(workspace)
    run("log", workspace, hand_in(workspace, [filled(first)]), "--reason", "Weekly debrief")
    last = json.loads(run("audit", workspace, "--json").output)["entries"][-1]
    assert (last["command"], last["action"], last["state"]) == ("log", "collection", "done")
    assert last["wrote"]


def test_check_tells_all_errors_of_evaluation_records(workspace):
    result = run("check", workspace)
    for kind in EVALUATION_RECORDS:
        assert f"{kind}: " in result.output
    for kind in ("encounters", "pupils", "surveys"):
        path = workspace / f"data/evaluation/demo_{kind}.csv"
        path.write_bytes(path.read_bytes() + b"\0")
    assert run("check", workspace, code=1).stderr.count("NUL byte") == 3


@pytest.mark.parametrize("more", [(), pytest.param(("backtest", "batch"), marks=pytest.mark.slow)])
def test_h2_h4_no_plan_batch_or_backtest_opens_evaluation_records(tmp_path, more):
    folder = quick_demo(tmp_path / "w")
    plan = ("plan", folder, WARD, "--week", WEEK, "--made-on", f"{MADE_ON:%d/%m/%Y}")
    written = folder / f"maps/working/{WARD}/{WEEK}/plan_OS.json"
    run(*plan)
    before = written.read_bytes()
    opened = sources.open_workspace(folder)
    hidden = [getattr(opened, kind).path for kind in EVALUATION_RECORDS]
    for path in hidden:  # a folder in the file's place: whoever opens it fails
        path.unlink()
        path.mkdir()
    with pytest.raises((InputError, OSError)):
        load_records(opened)
    run(*plan, "--anew")
    assert written.read_bytes() == before
    which = {"backtest": ("--ward", WARD), "batch": ("--week", WEEK)}
    for command in more:
        run(command, folder, *which[command], "--made-on", f"{MADE_ON:%d/%m/%Y}")
    assert written.read_bytes() == before
