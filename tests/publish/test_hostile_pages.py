"""Every page in Chromium with hostile texts in every role: no alert, and the text still shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from support_hostile import CORPUS, ROTATIONS, hostile_case, texts_by_role

from corridors import publish
from corridors.publish.wording import clean_name

pytestmark = pytest.mark.browser

# Thirty roles a plan: each text is in one of every 22nd plan at least, and those are opened each
# time. The plans between them are for `make test-all`.
DAILY = ROTATIONS[::22]
EVERY = [
    pytest.param(r, marks=() if r in DAILY else pytest.mark.slow, id=str(r))
    for r in ROTATIONS[::11]
]
LANGUAGES = ("en", "cy", "ar")
STAFF = ("map_OS.html", "briefing_OS.html")


@pytest.fixture(scope="module")
def home_of(tmp_path_factory) -> Callable[[int], Path]:
    """The folder of a plan's pages; written when they are first asked for."""

    @cache
    def written(rotation: int) -> Path:
        case = hostile_case(rotation)
        notice = replace(
            case.profile.notice, languages=LANGUAGES, partnership=case.texts["school"] or "x",
            contact=case.texts["contact"], services=(case.texts["street 0"],),
        )  # fmt: skip
        home = tmp_path_factory.mktemp("hostile")
        publish.write(case.plan, replace(case.profile, notice=notice), home)
        return home

    return written


def test_the_corpus_is_large_enough():
    assert len(CORPUS) >= 60
    assert len(set(CORPUS.values())) == len(CORPUS)


def test_every_text_is_opened_each_time():
    assert {t for r in DAILY for t in texts_by_role(r).values()} == set(CORPUS.values())


def test_most_of_them_reach_families_too(home_of):
    """A few texts, such as an empty name of a contact, rightly keep a week off the notice."""
    told = [r for r in DAILY if list(home_of(r).rglob("notice.html"))]
    assert len(told) > len(DAILY) / 2


@pytest.mark.parametrize("rotation", EVERY)
def test_no_page_runs_or_asks_for_anything(browser_page, home_of, rotation):
    pages = sorted(home_of(rotation).rglob("*.html"))
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


@pytest.mark.parametrize("rotation", EVERY)
def test_every_mark_of_the_map_opens_and_runs_nothing(browser_page, home_of, rotation):
    path = home_of(rotation) / "maps/working/E05999001/2026-W10/map_OS.html"
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


@pytest.mark.parametrize("rotation", EVERY)
def test_the_text_still_shows(browser_page, home_of, rotation):
    case = hostile_case(rotation)
    working = home_of(rotation) / "maps/working/E05999001/2026-W10"
    wanted = [case.texts[role] for role in ("ward", "school", "organisation", "contact")]
    page = browser_page(working / "map_OS.html").page
    shown = " ".join(page.locator("body").inner_text().split())
    for text in wanted:
        assert " ".join(clean_name(text).split()) in shown


@pytest.mark.parametrize("rotation", EVERY)
def test_no_file_stands_outside_its_folder(home_of, rotation):
    home = home_of(rotation)
    assert {p.name for p in home.iterdir()} == {"maps"}
    for path in home.rglob("*"):
        assert path.resolve().is_relative_to(home.resolve())
        assert not path.is_symlink()
