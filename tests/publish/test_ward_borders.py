"""Corridors that cross a ward's border: what the plan, its pages and the index for staff say."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sample_plan import (
    HOSTILE,
    WARD,
    hostile_names,
    sample_plan,
    sample_profile,
    with_inputs,
    with_staffing,
)
from support_approvals import agreed
from support_weeks import in_week

from corridors import publish
from corridors.model import AlsoIn, Plan
from corridors.publish import plan_weeks, working_index
from corridors.publish.indexes import write_indexes

PROFILE = sample_profile()
OTHER = "E05999009"
INDEX = Path("maps/working/index.html")
TOLD = (
    "Fictional Green (E05999001), corridor C1 for Northfield Academy: Cedar Road and Fifth Lane, "
    "310 m here. Patrols on Monday and Wednesday, 15:05 to 16:45."
)
INTO = (
    "Corridor C1 for Northfield Academy also runs in Other Ward (E05999009): "
    "Cedar Road and Fifth Lane, 310 m."
)


class _Sections(HTMLParser):
    """Text of each ward's part of the index, and every tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._words: dict[str, list[str]] = {}
        self._ward = ""
        self.feed(page)
        self.of = {ward: " ".join(" ".join(w).split()) for ward, w in self._words.items()}

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "section":
            self._ward = str(dict(attrs)["aria-labelledby"])

    def handle_endtag(self, tag):
        self._ward = "" if tag == "section" else self._ward

    def handle_data(self, data):
        self._words.setdefault(self._ward, []).append(data)


def _crossing(plan: Plan, *there: AlsoIn) -> Plan:
    listed = there or (AlsoIn(OTHER, "Other Ward", 314.2, ("Cedar Road", "Fifth Lane")),)
    return replace(plan, corridors=tuple(replace(c, also_in=listed) for c in plan.corridors))


def _other_ward(plan: Plan, name: str = "Other Ward", person: str = "Q") -> Plan:
    """The plan in another ward, with other people on its patrols."""
    people = {p.person_id for patrol in plan.patrols for p in patrol.staffing.people}
    new = {old: old.replace("P", person) for old in people}
    patrols = tuple(
        replace(
            p,
            staffing=replace(
                p.staffing,
                people=tuple(replace(a, person_id=new[a.person_id]) for a in p.staffing.people),
            ),
        )
        for p in plan.patrols
    )
    made = with_inputs(plan, ward=replace(plan.inputs.ward, code=OTHER, name=name))
    known = made.inputs.people.rename(index=new)
    known.index.name = made.inputs.people.index.name
    return agreed(with_inputs(replace(made, patrols=patrols), people=known))


def _index(root: Path) -> _Sections:
    return _Sections((root / INDEX).read_text("utf-8"))


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("written")
    publish.write(_other_ward(sample_plan()), PROFILE, root)
    publish.write(_crossing(sample_plan()), PROFILE, root)
    return root


@pytest.fixture
def two_wards(written, tmp_path) -> Path:
    """A copy to change."""
    return shutil.copytree(written, tmp_path / "copy")


# --- the plan and its pages -----------------------------------------------------------------------


def test_the_plan_file_and_its_summary_say_where_a_corridor_crosses(two_wards):
    for name in ("plan_OS.json", "summary_OS.json"):
        data = json.loads((two_wards / f"maps/working/{WARD}/2026-W10" / name).read_bytes())
        (corridor,) = data["corridors"]
        assert corridor["also_in"] == [
            {"code": OTHER, "metres": 314.2, "name": "Other Ward",
             "street_names": ["Cedar Road", "Fifth Lane"]}
        ]  # fmt: skip
        assert corridor["school_names"] == ["Northfield Academy"]
        assert data["patrols"][0]["day"] == "2026-03-02"
        assert (data["patrols"][0]["start_min"], data["patrols"][0]["end_min"]) == (905, 1005)
        other = json.loads((two_wards / f"maps/working/{OTHER}/2026-W10" / name).read_bytes())
        assert other["corridors"][0]["also_in"] == []


def test_briefing_and_popup_say_it_and_families_are_not_told(two_wards):
    working = two_wards / f"maps/working/{WARD}/2026-W10"
    words = "Also in Other Ward: Cedar Road and Fifth Lane."
    assert words in (working / "briefing_OS.html").read_text("utf-8")
    assert words in (working / "map_OS.html").read_text("utf-8")
    public = sorted((two_wards / f"maps/public/{WARD}/2026-W10").iterdir())
    assert public
    assert not any("Other Ward" in path.read_text("utf-8") for path in public)
    other = two_wards / f"maps/working/{OTHER}/2026-W10"
    for name in ("briefing_OS.html", "map_OS.html"):
        assert "Also in" not in (other / name).read_text("utf-8")


def test_hostile_neighbours_stay_text_on_every_page(tmp_path):
    there = tuple(AlsoIn(f"E0599901{n}", h, 30.0, HOSTILE[n:]) for n, h in enumerate(HOSTILE[:6]))
    paths = publish.write(_crossing(sample_plan(hostile_names()), *there), PROFILE, tmp_path)
    pages = [p for p in paths if p.suffix == ".html" and "public" not in p.parts]
    assert {p.name for p in pages} == {"map_OS.html", "briefing_OS.html", "index.html"}
    for path in pages:
        page = path.read_text("utf-8")
        assert not re.search(r"<script>alert|<img src=x|\u202e|A{200}", page), path.name
        assert not any(n.startswith("on") for _, a in _Sections(page).tags for n in a), path.name


# --- the index ------------------------------------------------------------------------------------


def test_the_border_is_told_on_both_sides(two_wards):
    sections = _index(two_wards).of
    assert f"From other wards: {TOLD}" in sections[OTHER]
    assert f"Into other wards: {INTO}" in sections[WARD]
    assert "From other wards" not in sections[WARD]
    assert "Into other wards" not in sections[OTHER]


def test_it_does_not_matter_which_ward_was_planned_first(two_wards, tmp_path_factory):
    root = tmp_path_factory.mktemp("the other way round")
    publish.write(_crossing(sample_plan()), PROFILE, root)
    publish.write(_other_ward(sample_plan()), PROFILE, root)
    assert (root / INDEX).read_bytes() == (two_wards / INDEX).read_bytes()
    write_indexes(root)
    assert (root / INDEX).read_bytes() == (two_wards / INDEX).read_bytes()


def test_only_the_same_week_is_told(two_wards):
    publish.write(in_week(_other_ward(sample_plan()), 1), PROFILE, two_wards)
    own = _index(two_wards).of[OTHER]
    assert own.index("2026-W11") < own.index("2026-W10") < own.index("From other wards")
    assert own.count("From other wards") == 1


def test_a_corridor_that_nobody_walks_says_so(two_wards):
    publish.write(_crossing(with_staffing(sample_plan(), people=())), PROFILE, two_wards)
    assert "310 m here. No patrol on it has people." in _index(two_wards).of[OTHER]


def test_a_ward_whose_folder_is_gone_is_told_no_more(two_wards):
    shutil.rmtree(two_wards / "maps/working" / WARD)
    write_indexes(two_wards)
    page = (two_wards / INDEX).read_text("utf-8")
    assert "From other wards" not in page
    assert WARD not in page


def test_a_week_planned_anew_without_the_crossing_is_told_no_more(two_wards):
    publish.write(sample_plan(), PROFILE, two_wards)
    assert "other wards" not in (two_wards / INDEX).read_text("utf-8")


def test_a_ward_that_cannot_be_read_is_still_told_of_its_neighbour(two_wards):
    for name in ("plan_OS.json", "summary_OS.json"):
        (two_wards / f"maps/working/{OTHER}/2026-W10" / name).write_bytes(b"{")
    write_indexes(two_wards)
    section = _index(two_wards).of[OTHER]
    assert "plan_OS.json of this week cannot be read." in section
    assert TOLD in section


def test_a_summary_of_the_format_before_tells_what_it_knows(two_wards):
    path = two_wards / f"maps/working/{WARD}/2026-W10/summary_OS.json"
    data = json.loads(path.read_bytes()) | {"format": 3}
    for corridor in data["corridors"]:
        del corridor["also_in"], corridor["school_names"]
    for patrol in data["patrols"]:
        del patrol["day"], patrol["start_min"], patrol["end_min"]
    path.write_text(json.dumps(data), "utf-8")
    write_indexes(two_wards)
    sections = _index(two_wards).of
    assert "Patrols with people 2 of 2" in sections[WARD]
    assert "other wards" not in sections[WARD] + sections[OTHER]


def _of(part: str, **changes: object):
    def spoil(data: dict) -> dict:
        return data | {part: [row | changes for row in data[part]]}

    return spoil


def _there(**changes: object):
    good = {"code": OTHER, "name": "Other Ward", "metres": 30.0, "street_names": []}
    return _of("corridors", also_in=[good | changes])


DAMAGE = {
    "also_in as text": _of("corridors", also_in="abc"),
    "also_in as number": _of("corridors", also_in=7),
    "no code": _of("corridors", also_in=[{"name": "x", "metres": 1, "street_names": []}]),
    "a path as code": _there(code="../../etc"),
    "a code as list": _there(code=[OTHER]),
    "its own code": _there(code=WARD),
    "endless metres": _there(metres=float("inf")),
    "no metres": _there(metres=None),
    "metres below nothing": _there(metres=-5),
    "streets as number": _there(street_names=5),
    "one ward twice": _of(
        "corridors",
        also_in=[{"code": OTHER, "name": "", "metres": 30, "street_names": []}] * 2,
    ),
    "a school too many": _of("corridors", school_names=["a", "b"]),
    "a day of another week": _of("patrols", day="2026-03-09"),
    "a day that is none": _of("patrols", day="2026-02-31"),
    "a day as number": _of("patrols", day=7),
    "ends before it starts": _of("patrols", start_min=960, end_min=900),
    "a time as text": _of("patrols", start_min="900"),
    "a time beyond the day": _of("patrols", end_min=1441),
}


@pytest.mark.parametrize("key", sorted(DAMAGE))
def test_damaged_neighbours_are_left_out_and_the_others_stay(two_wards, key):
    home = two_wards / "maps/working"
    text = (home / WARD / "2026-W10/summary_OS.json").read_text("utf-8")
    (home / WARD / "2026-W10/plan_OS.json").unlink()
    spoilt = DAMAGE[key](json.loads(text))
    assert spoilt != json.loads(text)
    (home / WARD / "2026-W10/summary_OS.json").write_text(json.dumps(spoilt), "utf-8")
    write_indexes(two_wards)
    sections = _index(two_wards).of
    assert "plan_OS.json of this week cannot be read." in sections[WARD]
    assert "From other wards" not in sections[OTHER]
    assert "Patrols with people 2 of 2" in sections[OTHER]


def test_hostile_words_of_a_neighbour_are_text_only(two_wards):
    path = two_wards / f"maps/working/{WARD}/2026-W10/summary_OS.json"
    data = json.loads(path.read_bytes())
    data["ward"]["name"] = HOSTILE[0]
    data["corridors"][0] |= {
        "corridor_id": HOSTILE[2], "school_names": [HOSTILE[4]],
        "also_in": [
            {"code": OTHER, "name": HOSTILE[13], "metres": 30.0, "street_names": list(HOSTILE)}
        ],
    }  # fmt: skip
    for patrol in data["patrols"]:
        patrol["corridor_id"] = HOSTILE[2]
    path.write_text(json.dumps(data), "utf-8")
    write_indexes(two_wards)
    page = (two_wards / INDEX).read_text("utf-8")
    assert not re.search(r"<script|<img|\u202e|A{200}", page)
    sections = _index(two_wards)
    assert f"{HOSTILE[0]} ({WARD}), corridor" in sections.of[OTHER]
    assert "10 more" in sections.of[OTHER]
    assert not any(name.startswith("on") for _, a in sections.tags for name in a)


def test_double_bookings_are_told_under_both_wards_and_by_id_only(two_wards):
    publish.write(_other_ward(sample_plan(), person="P"), PROFILE, two_wards)
    page = _index(two_wards)
    for ward, other in ((WARD, "Other Ward (E05999009)"), (OTHER, f"Fictional Green ({WARD})")):
        words = f"P1 is also on patrols of {other} on Monday and Wednesday from 15:05 to 16:45: one"
        assert words in page.of[ward]
        assert "Example" not in page.of[ward]  # P1's name
    alerts = [a for tag, a in page.tags if tag == "p" and a.get("class") == "alert"]
    assert len(alerts) == 8  # four people, under each ward


def test_each_file_is_read_once_however_many_wards_there_are(two_wards, monkeypatch):
    home = two_wards / "maps/working"
    text = (home / WARD / "2026-W10/summary_OS.json").read_text("utf-8")
    for number in range(30):
        folder = home / f"E059991{number:02d}" / "2026-W10"
        folder.mkdir(parents=True, exist_ok=True)
        new = text.replace(f'"code": "{WARD}"', f'"code": "{folder.parent.name}"')
        (folder / "summary_OS.json").write_text(new, "utf-8")
    reads: Counter[Path] = Counter()
    read = Path.read_bytes

    def counted(path: Path) -> bytes:
        reads[path] += 1
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    page = working_index.working_index(two_wards / "maps")
    monkeypatch.undo()
    wanted = sorted(home.glob("*/*/summary_OS.json"))
    assert len(wanted) == 32
    assert {p: n for p, n in reads.items() if "working" in p.parts} == dict.fromkeys(wanted, 1)
    assert page.count("also runs in") == page.count("m here.") == len(wanted) - 1


def test_the_summary_reads_as_the_plan_does(two_wards):
    folder = two_wards / f"maps/working/{WARD}/2026-W10"
    summary = plan_weeks.read_plan(folder)
    (folder / "summary_OS.json").unlink()
    assert plan_weeks.read_plan(folder) == summary
    assert summary.walks
