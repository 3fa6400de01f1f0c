"""`corridors score` and `corridors explain` as a sergeant meets them."""

import json
import stat
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from support_plans import OTHER_WARD, WEEK, contents, write_demo

from corridors import sources
from corridors.cli import main
from corridors.model import Session
from corridors.pipeline import edit

WARD_WEEK = [OTHER_WARD, "--week", WEEK, "--made-on", "2026-02-20"]
CLAIMS = ("safer", "prevent crime", "reduce", "protect", "deter")
PLACE = edit.Place(1, date(2026, 3, 2), Session((date(2026, 3, 2),), (), 900, 1020), ())
QUICK = "\n[patrols]\niterations = 5\n"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo workspace, with short searches."""
    from importlib.resources import files

    folder = write_demo(tmp_path_factory.mktemp("routes"))
    shipped = (files("corridors.profiles") / "hackney_2024.toml").read_text(encoding="utf-8")
    (folder / "quick.toml").write_text(shipped + QUICK, encoding="utf-8")
    config = folder / "corridors.toml"
    text = config.read_text(encoding="utf-8").replace('"hackney_2024"', '"quick.toml"')
    config.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made() -> dict:
    return {}


@pytest.fixture(autouse=True)
def once(monkeypatch, made):
    """The files and the plan are the same for every command: read and made once."""

    def kept(name, really):
        def remembered(*args):
            if name not in made:
                made[name] = really(*args)
            return made[name]

        return remembered

    monkeypatch.setattr(sources, "load_inputs", kept("inputs", sources.load_inputs))
    monkeypatch.setattr(edit, "_routed", kept("routed", edit._routed))


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


def streets(folder: Path, *names: str) -> Path:
    path = folder / "mine.txt"
    path.write_text("\n".join(names), encoding="utf-8")
    return path


def test_a_route_is_put_beside_the_plan_in_words(demo, tmp_path):
    before = contents(demo)
    mine = streets(tmp_path, "Mallowmere High St", "Dunlinmead Street")
    result = run("score", demo, *WARD_WEEK, mine, "--team", 2, "--keep")
    for words in (
        "Session 1, Mon 2 Mar from 15:00, team 2, corridor C1",
        "Your route as understood: Mallowmere High Street",
        "Filled in by the shortest walk, to the team's end",
        "Your route covers ",
        " about-turn",
        "The plan's: ",
        "A zigzag is a turn off or onto a street that goes on",
        "; together with the other teams ",
        "With your route kept and the other teams planned anew: ",
        "Team 1 would walk ",
        "does not say what a patrol would prevent",
    ):
        assert words in result.stdout
    told = result.stdout.lower().replace("does not say what a patrol would prevent", "")
    assert not [claim for claim in CLAIMS if claim in told]
    assert "Broken rule" in result.stdout or "keeps all hard rules" in result.stdout
    assert contents(demo) == before  # nothing is written that nobody asked for


def test_the_json_draws_a_line_that_scores_the_same(demo, tmp_path):
    out = tmp_path / "score.json"
    mine = streets(tmp_path, "Dunlinmead Street", "Tansystow Street")
    result = run("score", demo, *WARD_WEEK, mine, "--team", 2, "--json", "--out", out)
    data = json.loads(result.stdout)
    assert json.loads(out.read_text(encoding="utf-8")) == data
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert data["marking"].startswith("OFFICIAL")
    assert data["value"] <= data["together"] <= data["total"]
    assert data["kept"] is None
    again = tmp_path / "again.geojson"
    again.write_text(json.dumps(data["lines"]), encoding="utf-8")
    second = json.loads(run("score", demo, *WARD_WEEK, again, "--team", 2, "--json").stdout)
    for key in ("value", "together", "walk_s", "broken", "planned_value"):
        assert second[key] == data[key]


def test_broken_rules_are_said_in_words(demo, tmp_path):
    away = streets(tmp_path, *["Ropebeck Avenue", "Marramfold Road"] * 8)
    result = run("score", demo, *WARD_WEEK, away, "--team", 2)
    assert "minutes too long" in result.stdout
    data = json.loads(run("score", demo, *WARD_WEEK, away, "--team", 2, "--json").stdout)
    late = next(b for b in data["broken"] if b["rule"] == "too_long")
    assert late["by"] == data["walk_s"] + data["dwell_s"] - data["limit_s"] > 0
    assert late["words"] in result.stdout


@pytest.mark.parametrize(
    ("kind", "who"), [("police_no_go", "police"), ("no_go", "teams")], ids=["police", "all"]
)
def test_b19_a_place_to_keep_clear_of_is_named(kind, who):
    from corridors.cli.score import _rule
    from corridors.patrols.explain import Broken

    words = _rule(Broken(kind, "The\x1b[2J Shed", 69.0), PLACE)
    assert (
        words == f"it passes The\N{REPLACEMENT CHARACTER}[2J Shed, where {who} should not go: 69 m"
    )


def test_a_window_that_gave_way_in_the_plan_is_not_called_broken():
    from corridors.cli.score import _rule, _rule_head
    from corridors.patrols.explain import Broken

    nowhere = edit.Place((), (), (), ())
    planned_too = Broken("late", "Mill", planned_too=True)
    assert _rule_head(planned_too) == "As in the plan"
    assert "because otherwise a corridor's floor could not be covered" in _rule(
        planned_too, nowhere
    )
    fresh = Broken("late", "Mill")
    assert _rule_head(fresh) == "Broken rule"
    assert _rule(fresh, nowhere).startswith("whenever it sets off")
    assert _rule_head(Broken("floor", "C1", planned_too=True)) == "Broken rule"


def test_the_plan_is_explained_team_by_team(demo):
    result = run("explain", demo, *WARD_WEEK)
    for words in (
        "Session 1, Mon 2 Mar from 15:00: the teams cover ",
        "Session 1, Tue 3 Mar from 15:00: the teams cover ",
        "Session 2, Fri 6 Mar from 15:00: the teams cover ",
        "Team 1, corridor C",
        "Team 2, corridor C",
        "With one more team, on corridor C",
        "With 15 more minutes a round for every team",
        "On the way: ",
        "(bound)",
        "does not say what a patrol would prevent",
    ):
        assert words in result.stdout
    told = result.stdout.lower().replace("does not say what a patrol would prevent", "")
    assert not [claim for claim in CLAIMS if claim in told]
    assert result.stderr.splitlines()[0] == "inputs"


def test_another_day_is_asked_for_by_its_date(demo, tmp_path):
    on_tuesday = [*WARD_WEEK, "--day", "03/03/2026"]
    result = run("explain", demo, *on_tuesday)
    assert "Session 1, Tue 3 Mar from 15:00: the teams cover " in result.stdout
    assert "Session 2" not in result.stdout
    mine = streets(tmp_path, "Dunlinmead Street", "Tansystow Street")
    data = json.loads(run("score", demo, *on_tuesday, mine, "--team", 2, "--json").stdout)
    assert (data["session"], data["day"]) == (1, "2026-03-03")
    monday = json.loads(run("score", demo, *WARD_WEEK, mine, "--team", 2, "--json").stdout)
    assert data["value"] < monday["value"]  # walked on Monday, so worth less on Tuesday


def test_the_explanation_as_json_holds_what_the_words_hold(demo, tmp_path):
    out = tmp_path / "why.json"
    result = run("explain", demo, *WARD_WEEK, "--json", "--out", out)
    data = json.loads(result.stdout)
    assert not result.stderr
    assert out.read_text(encoding="utf-8") == result.stdout
    first, second = data["explained"]
    assert (first["session"], second["session"]) == (1, 2)
    assert (first["day"], second["day"]) == ("2026-03-02", "2026-03-06")
    assert [d["day"] for d in first["other_days"]] == ["2026-03-03", "2026-03-04", "2026-03-05"]
    assert all(d["total"] < first["total"] for d in first["other_days"])
    assert not second["other_days"]
    assert len(first["teams"]) == 2
    for session in (first, second):
        assert session["value"] <= session["upper_bound"] <= session["total"]
        for more in (session["one_more_team"], session["fifteen_more_minutes"]):
            assert more["now"] == session["value"] <= more["by_bound"]
    assert run("explain", demo, *WARD_WEEK, "--json").stdout == result.stdout


def test_names_from_files_cannot_move_the_terminals_cursor(demo, tmp_path, made):
    """A street may be called anything; what is printed is one plain line of it."""
    run("explain", demo, *WARD_WEEK)
    segments = made["routed"][0].task.network.segments
    kept = segments["name"].copy()
    evil = "\x1b[2J<b>High</b>\u202e Street\r\nTeam 9"
    try:
        segments["name"] = segments["name"].mask(segments["name"] == "Dunlinmead Street", evil)
        mine = streets(tmp_path, "Bobbindale Avenue", "Tansystow Street")
        for result in (
            run("explain", demo, *WARD_WEEK),
            run("score", demo, *WARD_WEEK, mine, "--team", 2),
            run("score", demo, *WARD_WEEK, mine, "--team", 2, "--json"),
        ):
            assert "\x1b" not in result.output
            assert "\u202e" not in result.output
            assert not [line for line in result.output.splitlines() if line.startswith("Team 9")]
    finally:
        segments["name"] = kept


@pytest.mark.parametrize(
    ("name", "content", "options", "words"),
    [
        ("none.gpx", None, ["--team", 1], ["none.gpx", "no such file"]),
        ("mine.kml", "<kml/>", ["--team", 1], ["mine.kml", ".geojson, .json, .gpx"]),
        ("bomb.gpx", '<!DOCTYPE x [<!ENTITY a "b">]><gpx/>', ["--team", 1], ["entities"]),
        ("mine.txt", "No Such Street", ["--team", 1], ["row 1", "No Such Street"]),
        ("mine.txt", "Dunlinmead Street", ["--team", 9], ["no team 9", "from 1 to 2"]),
        ("mine.txt", "Dunlinmead Street", ["--team", 1, "--session", 5], ["session 5", "1, 2"]),
        ("mine.txt", "Dunlinmead Street", ["--team", 1, "--session", 2, "--keep"], ["no other"]),
        ("mine.txt", "Dunlinmead Street", ["--team", 1, "--day", "07/03/2026"], ["on 07/03/2026"]),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(demo, tmp_path, name, content, options, words):
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    out = tmp_path / "out.json"
    result = run("score", demo, *WARD_WEEK, path, *options, "--json", "--out", out, code=2)
    (message,) = result.stderr.splitlines()
    for word in words:
        assert word in message
    assert not out.exists()
    assert not result.stdout


def test_the_route_file_is_never_written_over(demo, tmp_path):
    mine = streets(tmp_path, "Dunlinmead Street")
    result = run("score", demo, *WARD_WEEK, mine, "--team", 1, "--out", mine, code=2)
    assert "names the route file itself" in result.stderr
    assert mine.read_text(encoding="utf-8") == "Dunlinmead Street"
