"""`corridors profile`, as a user meets it."""

from __future__ import annotations

import json
from importlib.resources import files

from click.testing import CliRunner
from support_plans import ROOT

from corridors.cli import main


def run(*arguments: object, code: int = 0):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == code, result.output
    return result


def test_list_names_the_shipped_profiles():
    lines = run("profile", "list").output.splitlines()
    assert [line.split(":")[0] for line in lines] == ["hackney_2024", "trust_policy", "tvp_2025"]
    assert set(json.loads(run("profile", "list", "--json").output)) == {
        "hackney_2024", "trust_policy", "tvp_2025",
    }  # fmt: skip


def test_show_takes_a_name_a_file_or_a_workspace(tmp_path, monkeypatch):
    by_name = run("profile", "show", "tvp_2025").output
    assert by_name.startswith("Profile tvp_2025\n----------------\n- It follows: Thames Valley")
    path = tmp_path / "mine.toml"
    path.write_bytes((files("corridors.profiles") / "tvp_2025.toml").read_bytes())
    assert run("profile", "show", path).output == by_name
    by_folder = run("profile", "show", ROOT).output
    assert "Profile hackney_2024" in by_folder
    assert "DEMO-ISA-01" in by_folder  # what the workspace says of itself
    assert "none on record" in run("profile", "show", "hackney_2024").output
    monkeypatch.chdir(ROOT)
    assert run("profile", "show").output == by_folder


def test_show_json_has_the_words_and_the_numbers():
    data = json.loads(run("profile", "show", "hackney_2024", "--json").output)
    assert data["profile"]["teams"]["schools_per_officer"] == 2
    assert data["words"][0]["title"] == "Profile hackney_2024"


def test_an_unknown_profile_is_one_message():
    assert "Did you mean hackney_2024" in run("profile", "show", "hackny_2024", code=2).stderr
