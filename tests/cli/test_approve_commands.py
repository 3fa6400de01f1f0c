"""Propose, agree, publish: as a person at the command line does it (B9, C9, F8)."""

import csv
import html
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_plans import OTHER_WARD, SCHOOLS, WEEK, contents, copy_demo
from support_quick import quick_demo

from corridors.chain import chain_of
from corridors.cli import main
from corridors.publish.families.notice import read_issue

PLAN = ["--week", WEEK, "--made-on", "2026-02-20"]
APPROVALS = "data/people/approvals.csv"
WHO = ["--by", "Deputy head", "--organisation", "Shellgate School", "--on", "03/02/2025"]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quick demo, planned, with nothing agreed."""
    folder = quick_demo(tmp_path_factory.mktemp("approve"))
    run("plan", folder, OTHER_WARD, *PLAN, "--json")
    return folder


@pytest.fixture
def workspace(planned: Path, tmp_path: Path) -> Path:
    shutil.copytree(planned, tmp_path / "w")
    return tmp_path / "w"


@pytest.fixture(scope="module")
def all_agreed(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after every school agreed, planned again; do not write there."""
    folder = tmp_path_factory.mktemp("agreed") / "w"
    shutil.copytree(planned, folder)
    agree(folder)
    run("plan", folder, OTHER_WARD, *PLAN, "--json")
    return folder


@pytest.fixture
def agreed(all_agreed: Path, tmp_path: Path) -> Path:
    """A copy of that workspace to change."""
    shutil.copytree(all_agreed, tmp_path / "w")
    return tmp_path / "w"


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


def approve(workspace: Path, state: str, *more: object, code: int = 0, who=WHO):
    return run("approve", workspace, OTHER_WARD, "--week", WEEK, "--state", state, *who, *more,
               code=code)  # fmt: skip


def notice(workspace: Path) -> Path:
    return workspace / "maps/public" / OTHER_WARD / WEEK / "notice.html"


def agree(workspace: Path, *more: object) -> None:
    for state in ("designed", "proposed", "agreed"):
        approve(workspace, state, *more)


def test_c9_nothing_is_published_before_a_school_agreed_and_all_after(workspace):
    before = run("plan", workspace, OTHER_WARD, *PLAN)
    assert not notice(workspace).exists()
    assert "Not on the notice: not yet agreed with the Deputy head" in before.output
    agree(workspace)
    after = run("plan", workspace, OTHER_WARD, *PLAN)
    assert notice(workspace).exists()
    assert "Not on the notice" not in after.output


def test_c9_only_the_school_that_agreed_is_on_the_notice(workspace):
    plan = json.loads((notice_plan(workspace)).read_bytes())
    one, other = sorted(plan["remits"])
    agree(workspace, "--school", one)
    result = run("plan", workspace, OTHER_WARD, *PLAN)
    assert "not yet agreed with" in result.output
    page = html.unescape(notice(workspace).read_text("utf-8"))
    names = {one: school(workspace, one), other: school(workspace, other)}
    assert names[one] in page
    assert names[other] not in page


def notice_plan(workspace: Path) -> Path:
    return workspace / "maps/working" / OTHER_WARD / WEEK / "plan_OS.json"


def school(workspace: Path, urn: str) -> str:
    with (workspace / SCHOOLS).open(encoding="cp1252", newline="") as file:
        return next(r["EstablishmentName"] for r in csv.DictReader(file) if r["URN"] == urn)


def test_c9_a_workspace_without_approvals_is_told_how_to_begin(planned, tmp_path):
    folder = copy_demo(planned, tmp_path / "w")
    config = folder / "corridors.toml"
    text = config.read_text("utf-8").replace(f'[approvals]\nfile = "{APPROVALS}"\n', "")
    config.write_text(text, "utf-8")
    result = run("plan", folder, OTHER_WARD, *PLAN)
    assert "[approvals]" in result.output
    assert "corridors approve" in result.output
    assert not notice(folder).exists()
    told = approve(folder, "designed", code=2)
    assert "Add these two lines" in told.stderr
    assert config.read_text("utf-8") == text  # never rewritten


def test_b9_states_only_go_forward_and_each_needs_the_one_before(workspace):
    assert "cannot be agreed before it is proposed" in approve(workspace, "agreed", code=2).stderr
    approve(workspace, "designed")
    assert "designed already" in approve(workspace, "designed", code=2).stderr
    approve(workspace, "proposed")
    assert "proposed already" in approve(workspace, "designed", code=2).stderr
    earlier = ["--by", "Head", "--organisation", "School", "--on", "02/02/2025"]
    assert "is dated before" in approve(workspace, "agreed", code=2, who=earlier).stderr
    approve(workspace, "agreed")
    approve(workspace, "published")
    approve(workspace, "withdrawn")
    assert "before it is proposed" in approve(workspace, "agreed", code=2).stderr


def test_b9_a_refusal_names_every_school_and_writes_nothing(workspace):
    old = (workspace / APPROVALS).read_bytes()
    (message,) = approve(workspace, "agreed", code=2).stderr.splitlines()
    for urn in json.loads(notice_plan(workspace).read_bytes())["remits"]:
        assert urn in message
    assert (workspace / APPROVALS).read_bytes() == old
    assert not (workspace / "log/remits_OS.jsonl").exists()


def test_f8_the_log_is_chained_and_readable(workspace):
    agree(workspace)
    shown = run("approvals", workspace).output
    assert "agreed by Deputy head, Shellgate School" in shown
    assert "02/03/2026" in shown  # what was agreed, not a hash alone
    assert "The chain holds" in shown
    lines = (workspace / APPROVALS).read_text("utf-8-sig").splitlines()
    cells = lines[1].split(",")
    assert cells[-1] == chain_of("", [*cells[:7], "2025-02-03"])
    entries = json.loads(run("approvals", workspace, OTHER_WARD, "--json").output)["entries"]
    assert len(entries) == len(lines) - 1
    assert run("approvals", workspace, "E05999001").output.startswith("0 entries")


def test_f8_a_changed_row_is_found(workspace):
    agree(workspace)
    path = workspace / APPROVALS
    path.write_text(path.read_text("utf-8-sig").replace("Deputy head", "Head", 1), "utf-8")
    for command in (["approvals", workspace], ["plan", workspace, OTHER_WARD, *PLAN]):
        message = run(*command, code=2).stderr
        assert "does not follow from the rows before it" in message
    assert "does not follow" in approve(workspace, "published", code=2).stderr


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://x","y")', "-2+3", "@SUM(A1)", "+1", "two\nlines", "two\rlines",
        "\x00", "a\x1fb", " ", "x" * 201, "\u202eevil",
    ],
)  # fmt: skip
def test_f8_hostile_cells_are_refused_and_nothing_is_written(workspace, text):
    old = (workspace / APPROVALS).read_bytes()
    for who in (
        ["--by", text, "--organisation", "School"],
        ["--by", "Head", "--organisation", text],
    ):
        result = approve(workspace, "designed", code=2, who=[*who, "--on", "03/02/2025"])
        assert len(result.stderr.splitlines()) == 1
    assert (workspace / APPROVALS).read_bytes() == old


@pytest.mark.parametrize("ward", ["../../etc", "E05999009", "E05999002/../E05999001"])
def test_f8_a_ward_that_is_none_is_refused(workspace, ward):
    result = run("approve", workspace, ward, "--week", WEEK, "--state", "designed", *WHO, code=2)
    assert "ward" in result.stderr


def test_f8_commas_and_quotes_come_back_as_they_were(workspace):
    who = ["--by", 'Head, "acting"', "--organisation", "Zoë's Trust", "--on", "03/02/2025"]
    approve(workspace, "designed", who=who)
    entries = json.loads(run("approvals", workspace, "--json").output)["entries"]
    assert {(e["by"], e["organisation"]) for e in entries} == {('Head, "acting"', "Zoë's Trust")}


def test_c9_a_school_without_a_patrol_cannot_agree(workspace):
    message = approve(workspace, "designed", "--school", "900004", code=2).stderr
    assert "has no patrol in this week's plan" in message
    assert (
        "Run `corridors plan` first"
        in run(
            "approve",
            workspace,
            OTHER_WARD,
            "--week",
            "2026-W11",
            "--state",
            "designed",
            *WHO,
            code=2,
        ).stderr
    )


def test_c9_what_changed_since_it_was_agreed_is_held_back(agreed):
    assert read_issue(notice(agreed).read_bytes()).version == 1
    quick = agreed / "quick.toml"
    text = quick.read_text("utf-8")
    quick.write_text(text.replace("length_min = 120", "length_min = 90"), "utf-8")
    result = run("plan", agreed, OTHER_WARD, *PLAN)
    assert "agreed on 03/02/2025: agree again" in result.output
    assert "are cancelled" in notice(agreed).read_text("utf-8")
    quick.write_text(text, "utf-8")
    run("plan", agreed, OTHER_WARD, *PLAN)
    assert read_issue(notice(agreed).read_bytes()).version == 3


def test_c9_a_second_run_changes_nothing(agreed):
    files = contents(agreed)
    run("plan", agreed, OTHER_WARD, *PLAN, "--json")
    assert contents(agreed) == files
    run("plan", agreed, OTHER_WARD, *PLAN, "--json", "--anew")
    assert contents(agreed) == files
