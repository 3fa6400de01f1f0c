"""`corridors plan --randomise-days`: staff know the control days, families only the patrols."""

import html
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_plans import OTHER_WARD, WEEK, contents
from support_quick import quick_demo

from corridors.cli import main
from corridors.publish.wording import day_words

PLAN = ["--week", WEEK, "--made-on", "2026-02-20"]


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quick demo on half its days, agreed to."""
    folder = quick_demo(tmp_path_factory.mktemp("half"))
    run("plan", folder, OTHER_WARD, *PLAN, "--randomise-days", "0.5", "--json")
    who = ["--by", "Deputy head", "--organisation", "School", "--on", "03/02/2025"]
    for state in ("designed", "proposed", "agreed"):
        run("approve", folder, OTHER_WARD, "--week", WEEK, "--state", state, *who)
    run("plan", folder, OTHER_WARD, *PLAN, "--randomise-days", "0.5", "--json")
    return folder


def test_every_day_of_a_corridor_is_a_patrol_day_or_a_control_day(half):
    plan = json.loads((half / "maps/working" / OTHER_WARD / WEEK / "plan_OS.json").read_bytes())
    assert plan["parameters"]["patrols.days_share"] == "0.5"
    patrolled = {(p["corridor_id"], p["day"]) for p in plan["patrols"]}
    control = {(c["corridor_id"], c["day"]) for c in plan["control_days"]}
    assert patrolled
    assert control
    assert not patrolled & control
    for corridor in plan["corridors"]:
        days = [d for c, d in patrolled | control if c == corridor["corridor_id"]]
        assert 4 <= len(days) <= 5  # one school has an INSET day
    (words,) = [w for w in plan["warnings"] if w.startswith("Days are drawn by lot")]
    assert all(f"{c} on {date.fromisoformat(d):%d/%m/%Y}" in words for c, d in control)


def test_the_notice_lists_patrolled_days_only_and_says_nothing_of_a_lot(half):
    plan = json.loads((half / "maps/working" / OTHER_WARD / WEEK / "plan_OS.json").read_bytes())
    page = html.unescape((half / f"maps/public/{OTHER_WARD}/{WEEK}/notice.html").read_text("utf-8"))
    patrolled = {p["day"] for p in plan["patrols"]}
    for day in plan["week"]["days"]:
        assert (f"<li>{day_words(date.fromisoformat(day))}</li>" in page) == (day in patrolled)
    for word in ("control", "by lot", "random", "evaluat"):
        assert word not in page.casefold()


def test_a_share_that_no_block_balances_is_refused(half):
    before = contents(half)
    result = run("plan", half, OTHER_WARD, *PLAN, "--randomise-days", "0.45", "--json", code=2)
    assert "The nearest that works is 0.4" in result.stderr
    assert (
        "Invalid value"
        in run("plan", half, OTHER_WARD, *PLAN, "--randomise-days", "0", code=2).stderr
    )
    assert contents(half) == before
