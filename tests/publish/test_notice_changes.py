"""What a new notice leaves out of the one before: not news, and cancelled where a school goes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sample_plan import WARD, sample_plan, sample_profile, with_inputs
from support_approvals import agreed
from support_notices import not_all_in_uniform, public_plan

from corridors import model, publish
from corridors.publish.families.changes import cancelled_schools, only_drops
from corridors.publish.families.data import notice_json, read_notice_json

PROFILE = sample_profile()
PUBLIC = f"maps/public/{WARD}/2026-W10"
LATE = date(2026, 3, 1)


def _with(**changes: object) -> model.PublicPlan:
    calm = public_plan()
    return replace(calm, corridors=(replace(calm.corridors[0], **changes),))


OLD = public_plan()
ONE = OLD.corridors[0]
OTHER = replace(ONE, schools=("Southbrook School",), streets=("Elm Road",))
SHARED = _with(schools=(*ONE.schools, "Southbrook School"))
DROPS = {
    "nothing": OLD,
    "everything": replace(OLD, corridors=()),
    "a role": _with(roles=ONE.roles[1:]),
    "a day": _with(days=ONE.days[:1]),
    "an officer": _with(officer_names=()),
    "one of two schools": OLD,
    "words beside": replace(OLD, contact="somebody else", services=("Art room",)),
}
NEWS = {
    "a role": _with(roles=(*ONE.roles, model.PublicRole("Nurse", "Helps.", "Card."))),
    "words of a role": _with(roles=(replace(ONE.roles[0], looks="Red hat."), *ONE.roles[1:])),
    "out of uniform": _with(roles=not_all_in_uniform(ONE)),
    "a day": _with(days=(*ONE.days, date(2026, 3, 6))),
    "a later end": _with(end_min=ONE.end_min + 30),
    "a street": _with(streets=(*ONE.streets, "Elm Road")),
    "a place": _with(places=(*ONE.places, model.PublicPlace("Mill", "park"))),
    "a line": _with(lines_lon_lat=ONE.lines_lon_lat[1:]),
    "an officer": _with(officer_names=(*ONE.officer_names, "Z")),
    "a corridor": replace(OLD, corridors=(ONE, OTHER)),
    "a school": SHARED,
}


@pytest.mark.parametrize("key", DROPS)
def test_what_goes_is_no_news(key):
    assert only_drops(DROPS[key], SHARED if key == "one of two schools" else OLD)


@pytest.mark.parametrize("key", NEWS)
def test_what_comes_is_news(key):
    assert not only_drops(NEWS[key], OLD)


def test_everybody_in_uniform_again_is_no_news():
    assert only_drops(OLD, _with(roles=not_all_in_uniform(ONE)))


def test_schools_that_go_stay_cancelled_until_they_are_back():
    both = replace(OLD, corridors=(ONE, OTHER))
    known = {"Southbrook School", *ONE.schools}
    assert cancelled_schools(OLD, both, known) == ("Southbrook School",)
    third = replace(OLD, cancelled_schools=("Southbrook School", "Not ours"))
    assert cancelled_schools(OLD, third, known) == ("Southbrook School",)
    assert cancelled_schools(both, third, known) == ()


def test_what_is_written_is_read_back(tmp_path):
    folder = tmp_path / WARD / "2026-W10"
    folder.mkdir(parents=True)
    plain = _with(roles=not_all_in_uniform(ONE))
    for public in (OLD, replace(plain, cancelled_schools=("Oak School",), is_unannounced=True)):
        (folder / "notice.json").write_bytes(notice_json(public))
        assert read_notice_json(folder) == public


# Written to disk ----------------------------------------------------------------------------


def _write(root: Path, plan: model.Plan, **when: date) -> str:
    publish.write(plan, PROFILE, root, **when)
    return (root / PUBLIC / "notice.html").read_text("utf-8")


def _without_a_role() -> model.Plan:
    plan = sample_plan()
    patrols = tuple(
        replace(p, staffing=replace(p.staffing, people=p.staffing.people[1:])) for p in plan.patrols
    )
    return agreed(replace(plan, patrols=patrols))


def _damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _of_another_version(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('_version": 1', '_version": 2'), "utf-8")


def test_a_role_that_goes_late_makes_nothing_unannounced(tmp_path):
    first = _write(tmp_path, sample_plan())
    second = _write(tmp_path, _without_a_role(), issued_on=LATE)
    assert first.count('role="rowheader"') == second.count('role="rowheader"') + 1
    assert "Version 2" in second
    assert "Unannounced" not in second


@pytest.mark.parametrize("harm", [Path.unlink, _damaged, _of_another_version])
def test_without_the_facts_told_before_all_counts_as_new_and_versions_go_on(tmp_path, harm):
    _write(tmp_path, sample_plan())
    harm(tmp_path / PUBLIC / "notice.json")
    second = _write(tmp_path, _without_a_role(), issued_on=LATE)
    assert "Version 2 of this notice, given out on 1 March 2026" in second
    assert "Unannounced" in second


def test_a_missing_file_of_facts_alone_makes_no_new_version(tmp_path):
    first = _write(tmp_path, sample_plan())
    (tmp_path / PUBLIC / "notice.json").unlink()
    assert _write(tmp_path, sample_plan(), issued_on=LATE) == first


def test_a_dropped_school_is_cancelled_by_name_in_every_file(tmp_path):
    """E7. A name that the plan does not know is not taken from a public file."""
    _write(tmp_path, sample_plan())
    path = tmp_path / PUBLIC / "notice.json"
    data = json.loads(path.read_bytes())
    schools = ["Southbrook School", "Call this number"]
    data["corridors"].append(data["corridors"][0] | {"schools": schools})
    path.write_text(json.dumps(data), "utf-8")
    page = _write(tmp_path, sample_plan(), issued_on=LATE)
    words = "The walks near <bdi>Southbrook School</bdi> in this week are cancelled."
    assert words in page
    assert "Version 2" in page
    assert "Unannounced" not in page
    files = {p.name: p.read_text("utf-8-sig") for p in (tmp_path / PUBLIC).iterdir()}
    assert words in files["notice-young-people.html"]
    assert "Cancelled: the walks after school near Southbrook" in files["text-message.txt"]
    assert "Southbrook School,week of Monday 2 March 2026,none" in files["notify.csv"]
    assert json.loads(files["notice.json"])["cancelled_schools"] == ["Southbrook School"]
    assert not [name for name, text in files.items() if "Call this number" in text]
    index = (tmp_path / "maps/public/index.html").read_text("utf-8")
    assert "The walks near Southbrook School in this week are cancelled." in index
    assert _write(tmp_path, sample_plan(), issued_on=LATE) == page  # and nothing changes again
    none = with_inputs(sample_plan(), approvals=None)
    _write(tmp_path, none, issued_on=LATE)
    told = read_notice_json(tmp_path / PUBLIC)
    assert told.is_cancelled
    assert told.cancelled_schools == ("Northfield Academy", "Southbrook School")
