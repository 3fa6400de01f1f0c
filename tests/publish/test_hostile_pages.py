"""Every page in Chromium with hostile texts in every role: no alert, and the text still shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support_hostile import CORPUS, ROTATIONS, hostile_case

from corridors import publish
from corridors.publish.wording import clean_name

pytestmark = pytest.mark.browser

# Twelve streets and fourteen other roles a plan: each text is on several of these.
SOME = ROTATIONS[::11]
LANGUAGES = ("en", "cy", "ar")
STAFF = ("map_OS.html", "briefing_OS.html")


@pytest.fixture(scope="module")
def homes(tmp_path_factory) -> dict[int, Path]:
    made = {}
    for rotation in SOME:
        case = hostile_case(rotation)
        notice = replace(
            case.profile.notice, languages=LANGUAGES, partnership=case.texts["school"] or "x",
            contact=case.texts["contact"], services=(case.texts["street 0"],),
        )  # fmt: skip
        made[rotation] = tmp_path_factory.mktemp("hostile")
        publish.write(case.plan, replace(case.profile, notice=notice), made[rotation])
    return made


def test_the_corpus_is_large_enough():
    assert len(CORPUS) >= 60
    assert len(set(CORPUS.values())) == len(CORPUS)


def test_most_of_them_reach_families_too(homes):
    """A few texts, such as an empty name of a contact, rightly keep a week off the notice."""
    told = [home for home in homes.values() if list(home.rglob("notice.html"))]
    assert len(told) > len(SOME) / 2


@pytest.mark.parametrize("rotation", SOME)
def test_no_page_runs_or_asks_for_anything(browser_page, homes, rotation):
    pages = sorted(homes[rotation].rglob("*.html"))
    assert {p.name for p in pages} >= {*STAFF, "index.html"}
    for path in pages:
        opened = browser_page()
        dialogs: list[str] = []
        opened.page.on("dialog", lambda d, seen=dialogs: (seen.append(d.message), d.dismiss()))
        opened.page.goto(path.as_uri())
        opened.page.wait_for_timeout(60)
        assert dialogs == [], path.name
        assert opened.requests == [opened.page.url], path.name
        assert opened.console == [], path.name
        assert opened.errors == [], path.name


@pytest.mark.parametrize("rotation", SOME)
def test_every_mark_of_the_map_opens_and_runs_nothing(browser_page, homes, rotation):
    path = homes[rotation] / "maps/working/E05999001/2026-W10/map_OS.html"
    opened = browser_page(path)
    page = opened.page
    dialogs: list[str] = []
    page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    for mark in page.locator(".leaflet-marker-icon[tabindex='0']").all()[:12]:
        mark.evaluate("e => e.focus()")
        page.keyboard.press("Enter")
        inside = page.locator(".leaflet-popup-content")
        assert inside.locator("script, img").count() == 0
        page.keyboard.press("Escape")
    assert dialogs == []
    assert opened.errors == []
    assert opened.console == []


@pytest.mark.parametrize("rotation", SOME)
def test_the_text_still_shows(browser_page, homes, rotation):
    case = hostile_case(rotation)
    working = homes[rotation] / "maps/working/E05999001/2026-W10"
    wanted = [case.texts[role] for role in ("ward", "school", "organisation", "contact")]
    page = browser_page(working / "map_OS.html").page
    shown = " ".join(page.locator("body").inner_text().split())
    for text in wanted:
        assert " ".join(clean_name(text).split()) in shown


def test_no_file_stands_outside_its_folder(homes):
    for home in homes.values():
        assert {p.name for p in home.iterdir()} == {"maps"}
        for path in home.rglob("*"):
            assert path.resolve().is_relative_to(home.resolve())
            assert not path.is_symlink()
