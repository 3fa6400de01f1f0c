"""`corridors backtest` as a user meets it; the scores are made, all else is real."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_plans import (
    INCIDENTS,
    OTHER_WARD,
    PEOPLE,
    SCHOOLS,
    WARD,
    copy_demo,
    shuffle_rows,
    write_demo,
)

from corridors import pipeline, sources
from corridors.cli import main
from corridors.errors import InputError
from corridors.model import AreaInputs, BacktestReport, BacktestScore, LearnedWeight
from corridors.sources import loading

SHARES = (0.01, 0.02, 0.05, 0.10)
MONTHS = tuple(date(2025, m, 1) for m in range(9, 13))
MADE_ON = ["--made-on", "20/02/2026"]


def score(key: str, title: str, hits: tuple[float, ...], gain: float) -> BacktestScore:
    return BacktestScore(
        estimator=key,
        title=title,
        hit_rate=hits,
        pai=tuple(h / s for h, s in zip(hits, SHARES, strict=True)),
        pei=tuple(h / 0.8 for h in hits),
        log_likelihood=gain,
        hit_rate_by_month=(hits,) * len(MONTHS),
    )


def report_of(inputs: AreaInputs, kept_share: float, **changes: object) -> BacktestReport:
    values: dict[str, object] = {
        "area": inputs.ward.name,
        "has_times": True,
        "is_snapped": False,
        "length_km": 61.4,
        "half_life_days": 365.0,
        "length_shares": SHARES,
        "months": MONTHS,
        "incidents_a_month": (31.0, 3.2, 27.0, 44.5),
        "training_incidents": 410.0,
        "kept_share": kept_share,
        "scores": (
            score("mixture", "Learned mixture", (0.31, 0.42, 0.553, 0.67), 1.36),
            score("counts", "Counts per metre of street", (0.32, 0.43, 0.556, 0.66), -1.16),
            score("last_year", f"A way whose title is {'far ' * 6}too long", (0.1,) * 4, 0.0),
        ),
        "weights": (
            LearnedWeight("counts", 0.7, "the very streets where reports were"),
            LearnedWeight("uniform", 0.3, "all streets alike"),
        ),
    }  # fmt: skip
    return BacktestReport(**(values | changes))


class Asked:
    """Stands in for the pipeline's back-test and keeps what it was asked."""

    def __init__(self) -> None:
        self.changes: dict[str, object] = {}
        self.inputs: AreaInputs
        self.seed = -1

    def __call__(self, inputs, profile, *, keep_share, progress) -> BacktestReport:
        self.inputs, self.seed = inputs, profile.seed
        progress("streets", 0.0)
        progress("months", 0.5)
        return report_of(inputs, keep_share, **self.changes)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked()
    monkeypatch.setattr(pipeline, "make_backtest", made)
    return made


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return write_demo(tmp_path)


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch, loaded: AreaInputs) -> None:
    """For tests of what comes after reading: the demo's inputs, read once for all of them."""
    monkeypatch.setattr(loading, "load_area", lambda *_: loaded)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> AreaInputs:
    folder = write_demo(tmp_path_factory.mktemp("loaded"))
    return loading.load_area(sources.open_workspace(folder), None, date(2026, 2, 20))


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, ["backtest", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def outputs(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.glob("maps/**/*") if p.is_file())


def test_it_writes_three_files_and_says_what_it_found(demo, asked):
    result = run(demo, *MADE_ON)
    folder = "maps/working/backtest/all"
    assert outputs(demo) == [
        f"{folder}/backtest.json", f"{folder}/backtest_OS.html", f"{folder}/backtest_OS.svg",
    ]  # fmt: skip
    assert result.stdout.splitlines()[-3:] == [
        str(demo / folder / name)
        for name in ("backtest_OS.html", "backtest_OS.svg", "backtest.json")
    ]
    for part in ("55 of every 100 reports", "70 of 100: the very streets", "after-school window"):
        assert part in " ".join(result.stdout.split()), part
    assert asked.inputs.ward.code == "all"
    assert result.stderr.splitlines() == ["inputs", "streets", "months", "pages"]


@pytest.mark.usefixtures("asked", "read_once")
def test_the_tables_fit_a_terminal(demo):
    lines = run(demo, *MADE_ON).stdout.splitlines()[:-3]
    assert max(map(len, lines)) <= 80
    (hits,) = [i for i, line in enumerate(lines) if line.startswith("Hit rate:")]
    assert lines[hits + 1].split() == ["1", "%", "2", "%", "5", "%", "10", "%"]
    assert lines[hits + 2].split()[-4:] == ["32.0", "43.0", "55.6", "66.0"]
    assert lines[hits + 3].split()[-4:] == ["31.0", "42.0", "55.3", "67.0"]
    gain = next(i for i, line in enumerate(lines) if line.endswith(" nats"))
    assert lines[gain + 1].split()[-1] == "-1.16"
    assert lines[gain + 2].split()[-1] == "+1.36"


def test_one_ward_by_code_or_name(demo, asked):
    run(demo, "--ward", OTHER_WARD, *MADE_ON)
    assert asked.inputs.ward.code == OTHER_WARD
    name = asked.inputs.ward.name
    assert f"Back-test of {name}." in run(demo, "--ward", name, *MADE_ON).stdout
    assert {p.split("/")[3] for p in outputs(demo)} == {OTHER_WARD}


@pytest.mark.usefixtures("asked")
def test_json_is_json_and_nothing_else(demo):
    result = run(demo, "--ward", WARD, "--keep-share", "0.1", "--json", *MADE_ON)
    data = json.loads(result.stdout)
    assert (data["code"], data["kept_share"]) == (WARD, 0.1)
    assert [s["estimator"] for s in data["scores"]] == ["mixture", "counts", "last_year"]
    assert [m["reports"] for m in data["months"]] == [
        "about 30", "fewer than 5", "about 25", "about 45",
    ]  # fmt: skip
    assert all(Path(f).is_file() for f in data["files"])
    assert not result.stderr
    on_disk = json.loads(Path(data["files"][2]).read_bytes())
    assert on_disk == {key: value for key, value in data.items() if key != "files"}


@pytest.mark.usefixtures("read_once")
def test_the_seed_is_the_profile_s_unless_given(demo, asked):
    run(demo, *MADE_ON)
    assert asked.seed == 2024
    run(demo, "--seed", "7", *MADE_ON)
    assert asked.seed == 7


def test_later_incidents_are_left_out(demo, asked):
    run(demo, "--made-on", "2025-03-31")
    assert asked.inputs.made_on == date(2025, 3, 31)
    assert asked.inputs.incidents["from_utc"].max().date() <= date(2025, 3, 31)
    assert len(asked.inputs.incidents) > 100


@pytest.mark.usefixtures("read_once")
@pytest.mark.parametrize("is_snapped", [True, False])
def test_the_caution_for_snapped_points(demo, asked, is_snapped):
    asked.changes = {"is_snapped": is_snapped}
    text = " ".join(run(demo, *MADE_ON).stdout.split())
    assert ("Counts look better here than they would on true locations" in text) == is_snapped


@pytest.mark.usefixtures("read_once")
def test_place_only_is_said_first_of_all_cautions(demo, asked):
    asked.changes = {"has_times": False}
    text = run(demo, *MADE_ON).stdout
    assert "Caution: Place context only." in text
    assert "after-school window" not in text


@pytest.mark.usefixtures("asked")
def test_no_person_s_file_is_opened(demo):
    (demo / PEOPLE).write_text("not a table of people", encoding="utf-8")
    run(demo, *MADE_ON)
    assert len(outputs(demo)) == 3


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--ward", "E05999009"], WARD),
        (["--ward", "../../etc"], "ward"),
        (["--ward", ""], "ward"),
        (["--keep-share", "0"], "--keep-share"),
        (["--keep-share", "1.1"], "--keep-share"),
        (["--keep-share", "nan"], "--keep-share"),
        (["--seed", "-1"], "--seed"),
        (["--made-on", "2026-02-30"], "--made-on"),
    ],
)
def test_bad_arguments_are_told_with_exit_code_2(demo, arguments, words):
    result = run(demo, *arguments, "--json", code=2)
    assert words in result.stderr.splitlines()[-1]
    assert not outputs(demo)


@pytest.mark.usefixtures("asked")
def test_a_bad_file_is_one_message_and_nothing_written(demo):
    (demo / INCIDENTS).write_text("Crime Type\nRobbery\n", encoding="utf-8")
    result = run(demo, "--json", *MADE_ON, code=2)
    (message,) = result.stderr.splitlines()
    assert "demo_force_export.csv" in message
    assert not outputs(demo)


@pytest.mark.usefixtures("read_once")
def test_what_cannot_be_scored_is_one_message(demo, monkeypatch):
    def too_few(*_args, **_kwargs):
        raise InputError("a back-test needs more than 12 months", fix="Add earlier months")

    monkeypatch.setattr(pipeline, "make_backtest", too_few)
    result = run(demo, "--json", *MADE_ON, code=2)
    assert result.stderr == "corridors: a back-test needs more than 12 months. Add earlier months\n"
    assert not outputs(demo)


# Nothing made: the whole chain -------------------------------------------------------------------


def test_a_real_back_test_of_the_demo(demo):
    data = json.loads(run(demo, "--json", *MADE_ON).stdout)
    assert (data["has_times"], data["is_snapped"]) == (True, False)
    assert not data["cautions"]
    assert data["scores"][0]["estimator"] == "mixture"
    scores = {s["estimator"]: s for s in data["scores"]}
    assert {"counts", "uniform", "flow", "last_year", "planar_100", "esc_100"} <= set(scores)
    for found in scores.values():
        assert found["hit_rate"] == sorted(found["hit_rate"])
        for rate, pai, share in zip(
            found["hit_rate"], found["pai"], data["length_shares"], strict=True
        ):
            assert pai == pytest.approx(rate / share, abs=1e-4)
    assert scores["mixture"]["log_likelihood"] > scores["uniform"]["log_likelihood"] == 0
    assert sum(w["weight"] for w in data["weights"]) == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
def test_shuffled_files_give_the_same_bytes(demo, tmp_path):
    arguments = ("--ward", WARD, "--keep-share", "0.8", "--seed", "5", "--json", *MADE_ON)
    written = json.loads(run(demo, *arguments).stdout)["files"]
    before = [Path(f).read_bytes() for f in written]
    other = copy_demo(demo, tmp_path / "shuffled")
    shuffle_rows(other / INCIDENTS, 3)
    shuffle_rows(other / SCHOOLS, 4, "cp1252")
    again = json.loads(run(other, *arguments).stdout)["files"]
    assert [Path(f).read_bytes() for f in again] == before
    changed = [*arguments[:5], "6", *arguments[6:]]
    third = json.loads(run(other, *changed).stdout)["files"]
    assert Path(third[2]).read_bytes() != before[2]
