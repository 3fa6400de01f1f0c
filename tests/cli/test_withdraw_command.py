"""Somebody cannot walk after all: as a sergeant meets it (C7, C8, E7)."""

import csv
import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_plans import OTHER_WARD, PEOPLE, WEEK, contents
from support_quick import quick_demo

from corridors.cli import main
from corridors.cli.withdraw import CODES
from corridors.publish.families.notice import read_issue
from corridors.tables import ABSENCE_CODES

PLAN = ["--week", WEEK, "--made-on", "2026-02-20"]
ABSENCES = "data/people/absences.csv"
FOLDER = Path("maps/working") / OTHER_WARD / WEEK
MONDAY = "02/03/2026"
OLD_ROW = "P23,01/06/2026,02/06/2026,leave,01/02/2026\r\n"


@dataclass(frozen=True)
class Gone:
    """A workspace after somebody withdrew, and what was said."""

    folder: Path
    patrol: str
    person: str
    said: str


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def agreed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quick demo with a plan that its schools agreed to, and its notice."""
    folder = quick_demo(tmp_path_factory.mktemp("withdraw"))
    header = "person_id,first,last,reason_code,told_on\r\n"
    (folder / ABSENCES).write_bytes(f"{header}{OLD_ROW}".encode())
    run("plan", folder, OTHER_WARD, *PLAN, "--json")
    who = ["--by", "Deputy head", "--organisation", "School", "--on", "03/02/2025"]
    for state in ("designed", "proposed", "agreed"):
        run("approve", folder, OTHER_WARD, "--week", WEEK, "--state", state, *who)
    run("plan", folder, OTHER_WARD, *PLAN, "--json")
    return folder


@pytest.fixture
def workspace(agreed: Path, tmp_path: Path) -> Path:
    shutil.copytree(agreed, tmp_path / "w")
    return tmp_path / "w"


@pytest.fixture(scope="module")
def gone(agreed: Path, tmp_path_factory: pytest.TempPathFactory) -> Gone:
    """The first person of Monday's first patrol, withdrawn; do not write there."""
    folder = tmp_path_factory.mktemp("gone") / "w"
    shutil.copytree(agreed, folder)
    patrol, team = on_monday(folder)
    return Gone(folder, patrol, team[0], withdraw(folder, team[0]).stdout)


@pytest.fixture
def after(gone: Gone, tmp_path: Path) -> Path:
    """A copy of that workspace to change."""
    shutil.copytree(gone.folder, tmp_path / "w")
    return tmp_path / "w"


def withdraw(workspace: Path, person: str, *more: object, code: int = 0):
    days = ["--from", MONDAY, "--to", MONDAY, "--reason-code", "abstracted", "--on", "24/02/2026"]
    return run("withdraw", workspace, person, *days, *more, code=code)


def plan_of(workspace: Path) -> dict:
    return json.loads((workspace / FOLDER / "plan_OS.json").read_bytes())


def teams(workspace: Path) -> dict[str, set[str]]:
    return {
        p["patrol_id"]: {a["person_id"] for a in p["staffing"]["people"]}
        for p in plan_of(workspace)["patrols"]
    }


def on_monday(workspace: Path) -> tuple[str, list[str]]:
    """The first patrol of Monday and who walks it."""
    found = {p: t for p, t in teams(workspace).items() if p.startswith("2026-03-02")}
    patrol = min(found)
    return patrol, sorted(found[patrol])


def log(workspace: Path) -> list[dict]:
    return [json.loads(x) for x in (workspace / "log/changes_OS.jsonl").read_text().splitlines()]


def notice(workspace: Path) -> Path:
    return workspace / "maps/public" / OTHER_WARD / WEEK / "notice.html"


def people(workspace: Path) -> list[dict[str, str]]:
    with (workspace / PEOPLE).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def everybody_else_is_away(workspace: Path, patrol: str) -> None:
    """Nobody is left on Monday to stand in on this patrol."""
    on = teams(workspace)[patrol]
    rows = [
        f"{p['person_id']},{MONDAY},{MONDAY},leave,01/02/2026\n"
        for p in people(workspace)
        if p["person_id"] not in on
    ]
    with (workspace / ABSENCES).open("a", encoding="utf-8", newline="") as file:
        file.writelines(rows)


def test_the_reason_codes_are_those_of_the_table():
    assert CODES == ABSENCE_CODES


def test_c7_the_person_is_off_and_little_else_changes(agreed, gone):
    old, new = teams(agreed), teams(gone.folder)
    assert all(gone.person not in t for p, t in new.items() if p.startswith("2026-03-02"))
    assert {p for p in old if old[p] != new[p]} == {gone.patrol}
    count = sum(len(old[p] ^ new[p]) for p in old)
    assert f"put on or taken off {count} times" in gone.said
    assert "this is proven" in gone.said
    assert count <= 2  # one off, and one on at most


def test_c7_the_absence_is_added_and_the_other_rows_stay(agreed, gone, after):
    old, new = ((w / ABSENCES).read_bytes() for w in (agreed, after))
    assert new == old + f"{gone.person},{MONDAY},{MONDAY},abstracted,24/02/2026\r\n".encode()
    again = withdraw(after, gone.person)
    assert (after / ABSENCES).read_bytes() == new
    assert "recorded in data/people/absences.csv before" in again.stdout
    assert "No written plan has" in again.stdout


def test_c7_the_log_has_codes_and_ids_and_no_names(gone):
    (entry,) = log(gone.folder)
    assert entry["person_id"] == gone.person
    assert entry["reason_code"] == "abstracted"
    assert entry["taken_off"] == [gone.patrol]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", entry["at"])
    text = (gone.folder / "log/changes_OS.jsonl").read_text()
    assert not [p["name"] for p in people(gone.folder) if p["name"] in text]


def test_c7_the_rate_is_the_same_now_and_on_the_next_run(agreed, gone, after):
    places = sum(map(len, teams(agreed).values()))
    assert f"1 of {places} planned person-patrols" in gone.said
    rate = plan_of(after)["abstraction"]
    assert rate["by_reason"] == [["abstracted", 1]]
    assert rate["planned"] == places
    told = teams(after)
    run("plan", after, OTHER_WARD, *PLAN, "--json")
    assert plan_of(after)["abstraction"] == rate
    assert teams(after) == told  # nobody is shuffled for it
    page = (after / FOLDER / "plan_OS.json").read_bytes()
    run("plan", after, OTHER_WARD, *PLAN, "--json")
    assert (after / FOLDER / "plan_OS.json").read_bytes() == page


def test_c8_e7_a_patrol_that_cannot_be_staffed_is_cancelled_on_a_corrected_notice(workspace):
    patrol, team = on_monday(workspace)
    everybody_else_is_away(workspace, patrol)
    assert read_issue(notice(workspace).read_bytes()).version == 1
    assert "Monday 2 March" in notice(workspace).read_text("utf-8")
    result = withdraw(workspace, team[0])
    assert f"{patrol}: cancelled." in result.stdout
    issue = read_issue(notice(workspace).read_bytes())
    assert (issue.version, issue.issued_on) == (2, date(2026, 2, 24))
    times = re.findall(r"<li>(.*? March)</li>", notice(workspace).read_text("utf-8"))
    assert times
    assert Counter(times)["Monday 2 March"] == 0
    (entry,) = log(workspace)
    assert patrol in entry["cancelled"]
    new = date.fromisoformat(entry["new_dates"][patrol])
    assert new > date(2026, 3, 2)
    assert new.weekday() < 5
    messages = (workspace / FOLDER / "spoc_messages_OS.txt").read_text("utf-8")
    assert "cancelled." in messages
    assert f"We propose {new:%A} {new.day} March instead" in messages
    for person in people(workspace):
        assert person["name"] not in messages
        assert person["person_id"] not in messages
    assert "abstracted" not in messages


def test_c8_e7_without_the_log_of_remits_the_days_that_stay_are_still_agreed(workspace):
    (workspace / "log/remits_OS.jsonl").unlink()  # the record files were copied without it
    patrol, team = on_monday(workspace)
    everybody_else_is_away(workspace, patrol)
    result = withdraw(workspace, team[0])
    assert "Not on the notice: nobody walks it" in result.stdout
    assert "agree again" not in result.stdout
    page = notice(workspace).read_text("utf-8")
    assert "are cancelled" not in page
    assert "Tuesday 3 March" in page
    run("plan", workspace, OTHER_WARD, *PLAN, "--json")  # it is kept for later runs
    assert notice(workspace).read_text("utf-8") == page


def test_e7_a_notice_that_is_cancelled_as_a_whole_is_told_to_the_sergeant(workspace):
    person = on_monday(workspace)[1][0]
    who = ["--by", "Deputy head", "--organisation", "School", "--on", "04/02/2026"]
    run("approve", workspace, OTHER_WARD, "--week", WEEK, "--state", "withdrawn", *who)
    result = withdraw(workspace, person)
    assert "Not on the notice: not yet agreed" in result.stdout
    assert "One that was out says: cancelled." in result.stdout
    assert "are cancelled" in notice(workspace).read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["P99"], "P99"),
        (["p08"], "Did you mean P08?"),  # ids are told apart by their case: never guessed
        (["../../etc"], "no person_id"),
        (["=HYPERLINK(1)"], "no person_id"),
        (["P01\nP02"], "no person_id"),
        (["P08", "--to", "01/03/2026"], "--from"),
        (["P08", "--on", "03/03/2026"], "days that are over"),
        (["P08", "--to", "02/03/3026"], "'02/03/3026' is not a date. Write it as dd/mm/yyyy"),
        (["P08", "--from", "2/3/26"], "'2/3/26' is not a date"),
        (["P08", "--on", "01/01/1066"], "'01/01/1066' is not a date"),
        (["P08", "--on", "01/01/2098"], "is still to come"),
        (["P08", "--reason-code", "=1"], "Invalid value"),
        (["P08", "--reason-code", "because of a\nhearing"], "Invalid value"),
        (["P08", "--ward", "../.."], "ward"),
        (["P08", "--week", "2026-W99"], "2026-W99"),
    ],
)
def test_c7_what_makes_no_sense_is_refused_and_nothing_is_written(workspace, arguments, words):
    before = contents(workspace)
    assert words in withdraw(workspace, *arguments, code=2).stderr
    assert contents(workspace) == before


def test_c7_without_an_absences_section_the_two_lines_are_told(workspace):
    config = workspace / "corridors.toml"
    text = config.read_text("utf-8").replace(f'[absences]\nfile = "{ABSENCES}"\n', "")
    config.write_text(text, "utf-8")
    message = withdraw(workspace, "P08", code=2).stderr
    assert '[absences] and file = "data/people/absences.csv"' in message
    assert config.read_text("utf-8") == text


def test_c7_killed_before_the_pages_the_next_run_finishes_the_work(workspace, monkeypatch):
    from corridors import publish

    patrol, team = on_monday(workspace)
    old = {p: p.read_bytes() for p in (workspace / "maps").rglob("*") if p.is_file()}

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publish, "write", killed)
        withdraw(workspace, team[0], code=1)
    assert {p: p.read_bytes() for p in (workspace / "maps").rglob("*") if p.is_file()} == old
    withdraw(workspace, team[0])
    assert team[0] not in teams(workspace)[patrol]
    assert plan_of(workspace)["abstraction"]["lost"] == 1  # logged twice, counted once
