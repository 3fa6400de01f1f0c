"""Decide and read what was decided: as a person at the command line does it (F8)."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from corridors import sources
from corridors.chain import chain_of
from corridors.cli import main
from corridors.cli.decide import record_decisions
from corridors.errors import ColumnError, MissingFileError
from corridors.model import Decision
from corridors.sources.evaluation_records import load_records
from corridors.sources.logs import decisions_of, read_decisions
from corridors.tables import Decisions

FILE = "decisions.csv"
NAMES = ("streets", "boundaries", "schools", "people", "agreements", "protocol", "calendar")
TOML = "\n".join(
    ['name = "Test"', 'profile = "hackney_2024"', '[incidents]\nfiles = ["i.csv"]']
    + [f'[{name}]\nfile = "{name}.csv"' for name in NAMES]
)
WHO = {"by": "Head of community safety", "organisation": "Test borough"}
SHA = "0123456789abcdef" * 4


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "corridors.toml").write_text(f'{TOML}\n[decisions]\nfile = "{FILE}"\n')
    (tmp_path / "i.csv").write_text("x\n")
    return tmp_path


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result.output


def decide(workspace: Path, *, code: int = 0, **changes: str) -> str:
    options = {
        "kind": "decision", "about": "after-school", "words": "It goes on for a term.",
        **WHO, "on": "03/02/2026", **changes,
    }  # fmt: skip
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    return run("decide", workspace, *given, code=code)


def rows(workspace: Path) -> list[dict[str, str]]:
    with (workspace / FILE).open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_f8_who_what_and_when_are_kept_in_order_and_chained(workspace):
    decide(workspace)
    decide(workspace, kind="review", words="We looked at why.", on="01/02/2026", sha256=SHA)
    first, second = rows(workspace)
    cells = ("decision", "after-school", "It goes on for a term.", *WHO.values(), "", "2026-02-03")
    assert first["chain"] == chain_of("", cells)
    assert second["chain"] == chain_of(
        first["chain"],
        ("review", "after-school", "We looked at why.", *WHO.values(), SHA, "2026-02-01"),
    )
    said = run("decisions", workspace).splitlines()
    assert said[0].startswith("01/02/2026  after-school: reviewed by Head of community safety, ")
    assert said[0].endswith(f"We looked at why. [SHA-256 {SHA}]")
    assert said[1].startswith("03/02/2026  after-school: decided by")
    assert "The chains hold" in said[2]
    assert second["chain"] in said[2]


def test_f8_approvals_of_weeks_stand_between(workspace):
    with (workspace / "corridors.toml").open("a") as handle:
        handle.write('[approvals]\nfile = "approvals.csv"\n')
    cells = ("E05990001", "2026-W10", "900001", "designed", "0123abcd", "Manager", "Youth First")
    chain = chain_of("", (*cells, "2026-02-04"))
    text = "ward,week,urn,state,remit,by,organisation,on,chain\n"
    (workspace / "approvals.csv").write_text(f"{text}{','.join(cells)},04/02/2026,{chain}\n")
    decide(workspace)
    decide(workspace, on="05/02/2026")
    said = run("decisions", workspace).splitlines()
    assert [line[:10] for line in said[:3]] == ["03/02/2026", "04/02/2026", "05/02/2026"]
    assert "school 900001: designed by Manager" in said[1]
    report = json.loads(run("decisions", workspace, "--json"))
    assert report["files"]["approvals.csv"]["last_chain"] == chain
    assert [d["on"] for d in report["decisions"]] == ["2026-02-03", "2026-02-05"]
    assert len(report["approvals"]) == 1


def test_f8_what_stood_there_stays_byte_for_byte(workspace):
    decide(workspace)
    before = (workspace / FILE).read_bytes()
    decide(workspace)
    assert (workspace / FILE).read_bytes().startswith(before)


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize(
    ("column", "spoilt"),
    [("words", "It ends."), ("by", "Somebody"), ("on", "04/02/2026"), ("about", "other")],
)
def test_f8_a_changed_row_is_named_and_nothing_is_added_after_it(workspace, at, column, spoilt):
    decide(workspace)
    decide(workspace)
    made = rows(workspace)
    made[at][column] = spoilt
    with (workspace / FILE).open("w", newline="") as handle:
        writer = csv.DictWriter(handle, made[0])
        writer.writeheader()
        writer.writerows(made)
    before = (workspace / FILE).read_bytes()
    for said in (run("decisions", workspace, code=2), decide(workspace, code=2)):
        assert f"row {at + 2}" in said
        assert "does not follow from the rows before it" in said
        assert "`corridors decide`" in said
    assert (workspace / FILE).read_bytes() == before


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("words", "=HYPERLINK(1)", "begins as a formula does"),
        ("words", "+44 20", "begins as a formula does"),
        ("words", "", "is empty"),
        ("words", "  ", "is empty"),
        ("words", "two\nlines", "line break"),
        ("words", "nul\x00", "cannot be printed"),
        ("words", "x" * 1001, "longer than 1000 characters"),
        ("by", "x" * 300, "longer than 200 characters"),
        ("by", "@cmd", "begins as a formula does"),
        ("organisation", "-1+1", "begins as a formula does"),
        ("about", "../../etc", "no key of a programme"),
        ("about", "=a", "no key of a programme"),
        ("about", "x" * 61, "no key of a programme"),
        ("about", "", "no key of a programme"),
        ("sha256", "abc", "is no SHA-256"),
        ("sha256", SHA.upper(), "is no SHA-256"),
        ("on", "01/01/2099", "still to come"),
        ("on", "yesterday", "is not a date"),
        ("kind", "pack", "is not one of"),
        ("kind", "areas_fixed", "is not one of"),
    ],
)  # fmt: skip
def test_bad_input_is_told_and_nothing_is_written(workspace, option, value, told):
    said = decide(workspace, **{option: value}, code=2)
    assert told in " ".join(said.replace("│", " ").split())
    assert not (workspace / FILE).exists()


def test_markup_is_kept_as_words_and_never_run(workspace):
    words = "<script>alert(1)</script> & 300: " + "y" * 267
    decide(workspace, words=words)
    assert rows(workspace)[0]["words"] == words
    assert "<script>" in run("decisions", workspace)


def test_a_workspace_that_names_no_file_is_told_what_to_add(workspace):
    (workspace / "corridors.toml").write_text(TOML)
    assert "[decisions] and file" in decide(workspace, code=2)
    with pytest.raises(MissingFileError):
        record_decisions(sources.open_workspace(workspace), [])


def test_an_unknown_programme_and_a_review_of_nothing_are_told(workspace):
    said = decide(workspace, kind="review")
    assert "there is no programme after-school" in said
    assert "names no figures" in said
    (workspace / "data/programmes").mkdir(parents=True)
    (workspace / "data/programmes/after-school.toml").write_text("")
    assert "Note" not in decide(workspace)
    assert "Note" not in decide(workspace, about="2026-Q1")


def test_fixed_areas_and_packs_are_recorded_by_the_tool_with_their_hash(workspace):
    opened = sources.open_workspace(workspace)
    made = [
        Decision(kind, "after-school", "", *WHO.values(), SHA, date(2026, 2, day))
        for day, kind in enumerate(("areas_fixed", "pack"), start=1)
    ]
    record_decisions(opened, made[:1])
    record_decisions(opened, made[1:])
    read = load_records(opened)
    assert decisions_of(read.decisions) == tuple(made)
    assert [(s.kind, s.rows_used) for s in read.sources] == [("decisions", 2)]
    assert decisions_of(None) == ()
    assert "pack published by" in run("decisions", workspace)


def test_a_pack_without_hash_and_a_decision_without_words_are_refused(tmp_path):
    columns = list(Decisions.columns())
    for kind, words, sha256, column in (
        ("pack", "", "", "sha256"),
        ("areas_fixed", "", "x" * 64, "sha256"),
        ("decision", "", "", "words"),
        ("review", " ", SHA, "words"),
    ):
        cells = [kind, "after-school", words.strip(), *WHO.values(), sha256]
        chain = chain_of("", (*cells, "2026-02-03"))
        path = tmp_path / FILE
        path.write_text(f"{','.join(columns)}\n{','.join([*cells, '03/02/2026', chain])}\n")
        with pytest.raises(ColumnError) as caught:
            read_decisions(path, file=FILE)
        assert (caught.value.row, caught.value.column) == (2, column)
