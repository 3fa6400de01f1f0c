"""The two index pages: true to the folders, deaf to damage, never half, never each other's."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sample_plan import (
    COLUMNS,
    HOSTILE,
    ROWS,
    WARD,
    Names,
    fresh_plan,
    hostile_names,
    sample_plan,
    sample_profile,
    with_inputs,
    with_staffing,
)
from support_approvals import agreed
from support_weeks import in_week

from corridors import files, model, publish
from corridors.errors import InputError
from corridors.publish.families.index import public_index, read_notice
from corridors.publish.indexes import write_indexes
from corridors.publish.working_index import WEEKS_TOLD, working_index

PROFILE = sample_profile()
PUBLIC = Path("maps/public/index.html")
WORKING = Path("maps/working/index.html")
OTHER = "E05999009"


class _Page(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._hidden = False
        self.feed(page)
        self.text = " ".join(" ".join(self.words).split())
        self.links = [a["href"] for tag, a in self.tags if tag == "a"]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag in {"script", "style"}

    def handle_endtag(self, _tag):
        self._hidden = False

    def handle_data(self, data):
        if not self._hidden:
            self.words.append(data)


def _changed_plan() -> model.Plan:
    """A week later, with another street, another day and time, and one person less."""
    streets = ("Alder Road", "Birch Road", "Cedar Street", *ROWS[3:], *COLUMNS)
    plan = in_week(fresh_plan(Names(streets=streets)), 1)
    first, second = plan.patrols
    alone = first.staffing.people[:2]
    staffing = replace(first.staffing, people=alone, police_minutes=0, exposure=0.0)
    thursday = replace(second, day=second.day + timedelta(days=1), start_min=870)
    return agreed(replace(plan, patrols=(replace(first, staffing=staffing), thursday)))


def _other_ward(plan: model.Plan, name: str = "Other Ward") -> model.Plan:
    return agreed(with_inputs(plan, ward=replace(plan.inputs.ward, code=OTHER, name=name)))


def _pages(root: Path) -> tuple[_Page, _Page]:
    return tuple(_Page((root / page).read_text("utf-8")) for page in (PUBLIC, WORKING))


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """Do not write there."""
    root = tmp_path_factory.mktemp("written")
    publish.write(sample_plan(), PROFILE, root)
    return root


@pytest.fixture
def one_week(written, tmp_path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(written, tmp_path, symlinks=True, dirs_exist_ok=True))


# --- what stands there --------------------------------------------------------------------------


def test_both_are_written_with_their_marking_and_permissions(one_week):
    public, working = _pages(one_week)
    assert stat.S_IMODE((one_week / PUBLIC).stat().st_mode) == 0o644
    assert stat.S_IMODE((one_week / WORKING).stat().st_mode) == 0o600
    assert public.text.count("OFFICIAL – for publication") == 2
    assert "SENSITIVE" not in (one_week / PUBLIC).read_text("utf-8")
    assert working.text.count("OFFICIAL-SENSITIVE") == 3  # title, top, bottom
    assert "for publication" not in working.text
    marking = {"name": "protective-marking", "content": "OFFICIAL-SENSITIVE"}
    assert ("meta", marking) in working.tags
    assert '@bottom-center { content: "OFFICIAL-SENSITIVE"' in (one_week / WORKING).read_text()
    for page in (one_week / PUBLIC, one_week / WORKING):
        text = page.read_text("utf-8")
        assert "<script" not in text
        assert not re.search(r"https?://", text)
        assert "default-src &#39;none&#39;" in text


def test_links_lead_to_files_that_are_there(one_week):
    folder = one_week / f"maps/public/{WARD}/2026-W10"
    for name in (
        "notice.cy.html", "notice-young-people.ur.html", "text-message.txt", "notify.csv",
        "notice.pt-BR.html", "notice-young-people.zh-Hans.html",
    ):  # fmt: skip
        (folder / name).write_text("x", "utf-8")
    for name in ("notice.js", "notice.CY.html", "other.html", "notice.html.bak", "map_OS.html"):
        (folder / name).write_text("x", "utf-8")
    (folder / "notice.fr.html").symlink_to(one_week / "corridors.toml")
    write_indexes(one_week)
    for page, where in zip(_pages(one_week), (PUBLIC, WORKING), strict=True):
        targets = [link for link in page.links if not link.startswith("#")]
        assert targets
        for target in targets:
            assert ((one_week / where).parent / target).exists(), target
    public, working = _pages(one_week)
    place = f"{WARD}/2026-W10/"
    assert {t for t in public.links if not t.startswith("#")} == {
        place + name for name in (
            "notice.html", "notice.cy.html", "notice.pt-BR.html", "notice-young-people.html",
            "notice-young-people.ur.html", "notice-young-people.zh-Hans.html", "text-message.txt",
            "notify.csv",
        )
    }  # fmt: skip
    assert "Cymraeg" in public.text
    assert "اردو" in public.text
    assert "português (Brasil)" in public.text
    assert "简体" in public.text
    tools = public.text.index("For schools and youth organisations:")
    assert public.text.index("اردو") < tools < public.text.index("GOV.UK Notify")
    assert tools < public.text.index("Text message")
    rtl = [a for tag, a in public.tags if tag == "a" and a.get("lang") == "ur"]
    assert rtl[0]["dir"] == "rtl"
    assert f"{place}briefing_OS.html" in working.links
    assert f"../public/{place}notice.html" in working.links


def test_the_public_page_is_made_from_public_files_alone(one_week, tmp_path_factory):
    alone = tmp_path_factory.mktemp("website")
    (one_week / "maps/public").rename(alone / "public")
    assert public_index(alone / "public").encode() == (alone / "public/index.html").read_bytes()


def test_newest_week_first_and_wards_by_name(one_week):
    publish.write(in_week(sample_plan(), 1), PROFILE, one_week)
    publish.write(_other_ward(sample_plan(), "Aardvark"), PROFILE, one_week)
    public, working = _pages(one_week)
    assert public.text.index("Week of 9 March 2026") < public.text.rindex("Week of 2 March 2026")
    assert working.text.index("2026-W11") < working.text.rindex("2026-W10")
    for page in (public, working):
        assert page.text.index("Aardvark") < page.text.index("Fictional Green")
        order = [a["id"] for tag, a in page.tags if tag == "h2"]
        assert order == [OTHER, WARD]


def test_what_changed_between_two_weeks(one_week):
    publish.write(_changed_plan(), PROFILE, one_week)
    public, working = _pages(one_week)
    assert "New since the week before:" in public.text
    for words in (
        "new street Cedar Street", "new day Thursday", "new time 2:30pm to 5pm",
        "Some streets, days, times or adults changed: read the notice.",
    ):  # fmt: skip
        assert words in public.text, words
    for words in ("no longer", "Cedar Road", "Wednesday", "before 3pm"):
        assert words not in public.text, words  # where and when nobody walks any more (C.5)
    for words in (
        "Changed since 2026-W10", "new streets: Cedar Street; no longer: Cedar Road",
        "People on patrols: 0 new, 1 no longer.", "Police minutes: 120, before 240.",
    ):  # fmt: skip
        assert words in working.text, words


def test_a_week_like_the_one_before_says_so(one_week):
    publish.write(in_week(sample_plan(), 1), PROFILE, one_week)
    public, working = _pages(one_week)
    assert "Nothing. Schools, streets, days, times and adults are the same." in public.text
    assert "Nothing: the same corridors, aims, people and police minutes." in working.text


def test_a_gap_of_weeks_is_no_week_before_and_another_aim_is_told(one_week):
    aims = [a.key for a in PROFILE.teams.aims if a.key != "trust"]
    plan = in_week(with_staffing(sample_plan(), aim=aims[0]), 3)
    publish.write(plan, PROFILE, one_week)
    public, working = _pages(one_week)
    assert "New since" not in public.text
    assert f"aim: {aims[0].replace('_', ' ')}, before trust" in working.text


def test_new_and_dropped_schools_and_corridors(one_week):
    plan = in_week(sample_plan(), 1)
    corridor = replace(plan.corridors[0], urns=("100002",))
    agreements = plan.inputs.agreements.rename(index={"100001": "100002"})
    agreements.index.name = "urn"
    plan = replace(
        with_inputs(plan, agreements=agreements),
        corridors=(corridor,),
        sessions=tuple(replace(s, urns=("100002",)) for s in plan.sessions),
    )
    publish.write(agreed(plan), PROFILE, one_week)
    public, working = _pages(one_week)
    assert "New school: Southbrook School." in public.text
    assert "No longer: Northfield Academy." in public.text
    assert "Corridor C1 (school 100002) is new:" in working.text
    assert "Corridor C1 (school 100001) is no longer there:" in working.text


def test_a_cancelled_week_and_the_one_after(one_week):
    publish.write(with_staffing(sample_plan(), people=()), PROFILE, one_week)
    publish.write(in_week(sample_plan(), 1), PROFILE, one_week)
    public, working = _pages(one_week)
    assert "Week of 2 March 2026: cancelled" in public.text
    assert "The walks of this week are cancelled." in public.text
    assert "Version 2, given out on 6 February 2026. It takes the place of every" in public.text
    assert "The walks of the week before were cancelled. These are not." in public.text
    assert "cancelled, version 2" in working.text


def test_nothing_public_no_public_index(tmp_path):
    publish.write(with_staffing(sample_plan(), people=()), PROFILE, tmp_path)
    assert not (tmp_path / PUBLIC).exists()
    assert "Public notice none" in _Page((tmp_path / WORKING).read_text("utf-8")).text


def test_old_weeks_are_listed_with_their_files_only(one_week):
    working = one_week / f"maps/working/{WARD}"
    for number in range(20, 20 + WEEKS_TOLD):
        folder = working / f"2026-W{number}"
        folder.mkdir()
        (folder / "plan_OS.json").write_text("{", "utf-8")
    write_indexes(one_week)
    page = _pages(one_week)[1]
    assert page.text.count("cannot be read") == WEEKS_TOLD
    assert f"{WARD}/2026-W10/map_OS.html" in page.links
    assert "Exposure" not in page.text


def test_people_are_counted_and_never_named(one_week):
    publish.write(_changed_plan(), PROFILE, one_week)
    for page in _pages(one_week):
        for name in (*Names().people, "P1", "P2", "P3", "P4"):
            assert not re.search(rf"\b{name}\b", page.text), name


# --- damage -------------------------------------------------------------------------------------


def _with(data: dict, **changes: object) -> bytes:
    return json.dumps(data | changes).encode()


def _corridor(data: dict, **changes: object) -> bytes:
    return _with(data, corridors=[data["corridors"][0] | changes])


DAMAGE = {
    "empty": lambda _: b"",
    "cut": lambda d: json.dumps(d).encode()[:-40],
    "not utf-8": lambda _: b"\xff\xfe{}",
    "a list": lambda d: json.dumps([d]).encode(),
    "a number": lambda _: b"7",
    "deep": lambda _: b"[" * 100_000,
    "other format": lambda d: _with(d, format=99),
    "format as text": lambda d: _with(d, format="1"),
    "other ward": lambda d: _with(d, ward_code="E05999003"),
    "other week": lambda d: _with(d, week_label="2026-W11"),
    "no version": lambda d: _with({k: v for k, v in d.items() if k != "notice_version"}),
    "huge version": lambda d: _with(d, notice_version=10**30),
    "true as version": lambda d: _with(d, notice_version=True),
    "endless version": lambda d: _with(d).replace(b'_version": 1', b'_version": 1e999'),
    "bad date": lambda d: _with(d, issued_on="2026-02-31"),
    "name as list": lambda d: _with(d, ward_name=["x"]),
    "cancelled as text": lambda d: _with(d, is_cancelled="no"),
    "corridors as text": lambda d: _with(d, corridors="abc"),
    "streets as text": lambda d: _corridor(d, streets="abc"),
    "a day of another year": lambda d: _corridor(d, days=["2025-03-03"]),
    "time beyond the day": lambda d: _corridor(d, end_min=99_999),
    "roles as numbers": lambda d: _corridor(d, roles=[1]),
    "too big": lambda d: _with(d, padding="x" * 5_000_001),
}  # fmt: skip


@pytest.mark.parametrize("key", sorted(DAMAGE))
def test_a_damaged_notice_is_told_and_the_others_stay(one_week, key):
    publish.write(in_week(sample_plan(), 1), PROFILE, one_week)
    path = one_week / f"maps/public/{WARD}/2026-W10/notice.json"
    path.write_bytes(DAMAGE[key](json.loads(path.read_bytes())))
    assert read_notice(path.parent) is None
    write_indexes(one_week)
    public, working = _pages(one_week)
    assert public.text.count("What this notice says cannot be read here.") == 1
    assert "This cannot be said: the notice before cannot be read." in public.text
    assert f"{WARD}/2026-W10/notice.html" in public.links
    assert "Version 1, given out on 6 February 2026." in public.text
    assert "Public notice cannot be read" in working.text


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b'{"format": 3}', b"[" * 100_000, b'{"ward": {"code": "x"}}'],
)
def test_a_damaged_plan_is_told_and_the_others_stay(one_week, damage):
    publish.write(in_week(sample_plan(), 1), PROFILE, one_week)
    for name in ("plan_OS.json", "summary_OS.json"):
        (one_week / f"maps/working/{WARD}/2026-W10" / name).write_bytes(damage)
    write_indexes(one_week)
    text = _pages(one_week)[1].text
    assert text.count("plan_OS.json of this week cannot be read.") == 1
    assert "This cannot be said: the plan before cannot be read." in text
    assert "2026-W11" in text


@pytest.mark.parametrize("value", ["1e999", "-5", '"9"', "9" * 5000, "NaN", "true", "[1]"])
def test_wild_numbers_in_a_plan_are_damage(one_week, value):
    for name in ("plan_OS.json", "summary_OS.json"):
        path = one_week / f"maps/working/{WARD}/2026-W10" / name
        text = path.read_text("utf-8")
        wild = re.sub(r'"police_minutes": \d+', f'"police_minutes": {value}', text)
        path.write_text(wild, "utf-8")
    write_indexes(one_week)
    assert "plan_OS.json of this week cannot be read." in _pages(one_week)[1].text


def test_the_summary_is_all_that_is_read_of_a_plan(one_week):
    publish.write(_changed_plan(), PROFILE, one_week)
    first = (one_week / WORKING).read_bytes()
    for path in one_week.rglob("plan_OS.json"):
        assert path.stat().st_size > 10 * path.with_name("summary_OS.json").stat().st_size
        path.write_bytes(b"{")
    write_indexes(one_week)
    assert (one_week / WORKING).read_bytes() == first
    assert "summary_OS.json" not in first.decode()  # it is for this page, not for people


@pytest.mark.parametrize("summary", [None, b"{", b"[]", b"x" * 5_000_001])
def test_a_folder_without_a_good_summary_is_read_from_its_plan(one_week, summary):
    first = (one_week / WORKING).read_bytes()
    path = one_week / f"maps/working/{WARD}/2026-W10/summary_OS.json"
    path.unlink()
    if summary is not None:
        path.write_bytes(summary)
    write_indexes(one_week)
    assert (one_week / WORKING).read_bytes() == first


def test_a_linked_summary_is_not_read(one_week, tmp_path_factory):
    path = one_week / f"maps/working/{WARD}/2026-W10/summary_OS.json"
    text = path.read_text("utf-8")
    other = tmp_path_factory.mktemp("other") / "summary_OS.json"
    other.write_text(re.sub(r'"police_minutes": \d+', '"police_minutes": 7', text), "utf-8")
    path.unlink()
    path.symlink_to(other)
    first = (one_week / WORKING).read_bytes()
    write_indexes(one_week)
    assert (one_week / WORKING).read_bytes() == first


def test_foreign_folders_links_and_missing_files_do_no_harm(one_week, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    publish.write(_other_ward(sample_plan()), PROFILE, elsewhere)
    for side in ("public", "working"):
        home = one_week / "maps" / side
        for name in ("<script>alert(1)</script>", "E0599900", "CON", "E05999001x", "Ⅷ05999001"):
            (home / name / "2026-W10").mkdir(parents=True)
        for name in ("2026-W99", "2026-W1", "..W10", ".2026-W12.part-x", "2021-W53"):
            (home / WARD / name).mkdir()
        (home / WARD / "2026-W20").mkdir()
        (home / WARD / "2026-W21").write_text("a file", "utf-8")
        (home / OTHER).symlink_to(elsewhere / "maps" / side / OTHER)
        (home / WARD / "2026-W30").symlink_to(elsewhere / "maps" / side / OTHER / "2026-W10")
    notice = one_week / f"maps/public/{WARD}/2026-W20/notice.json"
    notice.symlink_to(one_week / f"maps/public/{WARD}/2026-W10/notice.json")
    write_indexes(one_week)
    for page in _pages(one_week):
        assert "Other Ward" not in page.text
        assert not any(word in page.text for word in ("alert", "CON", "W99", "W30", "part-x"))
        assert page.text.count("cannot be read") >= 1
    assert "Week of 11 May 2026" in _pages(one_week)[0].text


def test_hostile_names_are_text_only(one_week):
    publish.write(in_week(sample_plan(hostile_names()), 1), PROFILE, one_week)
    for where in (PUBLIC, WORKING):
        page = (one_week / where).read_text("utf-8")
        assert "<script" not in page
        assert "<img" not in page
        assert "\u202e" not in page
        assert len(page) < 30_000
        assert HOSTILE[0] in _Page(page).text
        assert not any(name.startswith("on") for _, a in _Page(page).tags for name in a)


def test_a_link_in_place_of_the_index_is_not_followed(one_week):
    precious = one_week / "precious.txt"
    precious.write_text("mine", "utf-8")
    (one_week / PUBLIC).unlink()
    (one_week / PUBLIC).symlink_to(precious)
    write_indexes(one_week)
    assert precious.read_text("utf-8") == "mine"
    assert not (one_week / PUBLIC).is_symlink()


# --- again and together -------------------------------------------------------------------------


def test_same_folders_same_bytes(one_week):
    publish.write(_changed_plan(), PROFILE, one_week)
    first = [(one_week / page).read_bytes() for page in (PUBLIC, WORKING)]
    write_indexes(one_week)
    assert [(one_week / page).read_bytes() for page in (PUBLIC, WORKING)] == first
    assert public_index(one_week / "maps/public").encode() == first[0]
    assert working_index(one_week / "maps").encode() == first[1]


def test_a_run_killed_before_the_indexes_is_healed_by_the_next(one_week, monkeypatch):
    def killed(_root: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(publish, "write_indexes", killed)
    with pytest.raises(KeyboardInterrupt):
        publish.write(in_week(sample_plan(), 1), PROFILE, one_week)
    monkeypatch.undo()
    assert "2026-W11" not in _pages(one_week)[1].text
    (one_week / "maps/public/.index.html.part-abc").write_text("half", "utf-8")
    publish.write(_other_ward(sample_plan()), PROFILE, one_week)
    public, working = _pages(one_week)
    assert "2026-W11" in working.text
    assert "Week of 9 March 2026" in public.text
    assert not list((one_week / "maps").rglob("*.part-*"))
    assert not (one_week / "maps/.index.lock").exists()


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from sample_plan import sample_plan, sample_profile, with_inputs
from support_approvals import agreed
from corridors import publish

root, code = sys.argv[1:]
plan = sample_plan()
plan = agreed(with_inputs(plan, ward=replace(plan.inputs.ward, code=code, name=code)))
print("ready", flush=True)
sys.stdin.readline()
publish.write(plan, sample_profile(), Path(root))
"""


def test_two_processes_at_once_lose_no_line(tmp_path):
    codes = ("E05999011", "E05999012")
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), code],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        for code in codes
    ]  # fmt: skip
    assert [run.stdout.readline() for run in runs] == ["ready\n"] * 2
    for run in runs:  # both go on at the same moment
        run.stdin.write("go\n")
        run.stdin.flush()
    for run in runs:
        run.communicate()
    assert [run.returncode for run in runs] == [0, 0]
    for page in _pages(tmp_path):
        for code in codes:
            assert f"Ward code {code}" in page.text


def test_a_week_is_written_though_others_hold_the_indexes(one_week, monkeypatch):
    before = (one_week / WORKING).read_bytes()
    waits = files.one_run
    monkeypatch.setattr(files, "one_run", lambda lock: waits(lock, wait_s=0.0))
    with waits(one_week / "maps/.index.lock"):
        written = publish.write(in_week(sample_plan(), 1), PROFILE, one_week)
    assert (one_week / f"maps/working/{WARD}/2026-W11/map_OS.html") in written
    assert "index.html" not in {path.name for path in written}
    assert (one_week / WORKING).read_bytes() == before
    write_indexes(one_week)
    assert "2026-W11" in _pages(one_week)[1].text


def test_a_link_in_place_of_the_lock_is_told(one_week):
    (one_week / "maps/.index.lock").symlink_to(one_week / "elsewhere")
    with pytest.raises(InputError, match="a link stands where a lock file"):
        publish.write(sample_plan(), PROFILE, one_week)


def test_the_indexes_are_among_the_files_that_people_open(one_week):
    written = publish.write(sample_plan(), PROFILE, one_week)
    assert written[-2:] == (one_week / WORKING, one_week / PUBLIC)
    assert {one_week / WORKING, one_week / PUBLIC} <= set(publish.opened_first(written))


def test_a_run_waits_for_the_other_and_then_reads_what_it_wrote(one_week):
    plan_file = one_week / f"maps/working/{WARD}/2026-W10/plan_OS.json"
    waiting = threading.Thread(target=write_indexes, args=(one_week,))
    with files.one_run(one_week / "maps/.index.lock"):
        before = (one_week / WORKING).read_bytes()
        plan_file.write_text("{", "utf-8")
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        assert (one_week / WORKING).read_bytes() == before
        plan_file.unlink()
        plan_file.with_name("summary_OS.json").unlink()
        plan_file.parent.rename(plan_file.parent.with_name("2026-W12"))
    waiting.join()
    assert "2026-W12" in _pages(one_week)[1].text
