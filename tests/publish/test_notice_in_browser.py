"""What families get, in Chromium: every language and voice, on a phone and on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sample_plan import hostile_names, sample_plan
from support_notices import LANGUAGES, cancelled, huge, public_plan
from support_pdf import marks, page_count

from corridors.publish.families.bundle import family_files

pytestmark = pytest.mark.browser

PAGES = [
    f"{stem}{code}.html"
    for stem in ("notice", "notice-young-people")
    for code in ("", ".cy", ".ar")
]
MARKING = "OFFICIAL – for publication"
AXE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    """Every page of four weeks."""
    weeks = {
        "calm": replace(public_plan(), is_unannounced=True, notice_version=2),
        "huge": huge(),
        "cancelled": cancelled(),
        "hostile": public_plan(sample_plan(hostile_names())),
    }
    made = {}
    for key, public in weeks.items():
        made[key] = tmp_path_factory.mktemp(key)
        for name, data in family_files(public, LANGUAGES).items():
            (made[key] / name).write_bytes(data)
    return made


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_without_a_word_and_fit_a_phone(browser_page, folders, name):
    for key in ("calm", "cancelled", "hostile"):
        opened = browser_page(folders[key] / name, viewport={"width": 320, "height": 700})
        assert opened.requests == [opened.page.url]
        assert opened.console == []
        assert opened.errors == []
        for width in (320, 390, 1280):
            opened.page.set_viewport_size({"width": width, "height": 700})
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
            outside = opened.page.evaluate(
                "[...document.querySelectorAll('main *:not(svg *)')].filter(e => {"
                "const r = e.getBoundingClientRect();"
                f"return r.width && (r.left < -0.5 || r.right > {width} + 0.5)}}).length"
            )
            assert outside == 0


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(browser_page, folders, name):
    import axe_playwright_python

    script = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
    for key in ("calm", "cancelled"):
        page = browser_page(folders[key] / name, bypass_csp=True).page
        page.evaluate(script)
        found = page.evaluate("tags => axe.run({runOnly: tags})", AXE)
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []
        assert len(found["passes"]) > 10


def test_a_page_from_right_to_left_begins_at_the_right(browser_page, folders):
    page = browser_page(folders["calm"] / "notice.ar.html").page
    for selector in ("h1", "h2 bdi", "th bdi", ".time"):
        first = page.locator(selector).first
        assert first.evaluate("e => getComputedStyle(e.closest('body')).direction") == "rtl"
    column = page.locator(".where table").bounding_box()
    drawing = page.locator(".where figure").bounding_box()
    assert column["x"] > drawing["x"]
    bullets = page.locator("ul").first.evaluate("e => getComputedStyle(e).paddingRight")
    assert float(bullets.removesuffix("px")) > 10


def test_the_skip_link_works_from_the_keyboard(browser_page, folders):
    page = browser_page(folders["calm"] / "notice-young-people.ar.html").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["height"] > 24
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("name", PAGES)
def test_they_print_on_a4_with_the_marking_on_every_page(browser_page, folders, name):
    for key, most in (("calm", 3), ("huge", 14), ("cancelled", 1)):
        pdf = browser_page(folders[key] / name).page.pdf(prefer_css_page_size=True)
        assert marks(pdf, MARKING) == [2] * page_count(pdf), key
        assert page_count(pdf) <= most
        assert set(re.findall(rb"/MediaBox \[([^\]]*)\]", pdf)) == {b"0 0 594.95996 841.91998"}


def test_the_count_of_markings_can_fail(browser_page, folders):
    page = browser_page(folders["calm"] / "notice.html", bypass_csp=True).page
    page.add_style_tag(content="@page { @top-center { content: none } }")
    pdf = page.pdf(prefer_css_page_size=True)
    assert marks(pdf, MARKING) == [1] * page_count(pdf)


def test_one_school_a_page(browser_page, folders):
    page = browser_page(folders["huge"] / "notice.html").page
    page.emulate_media(media="print")
    breaks = page.evaluate(
        "[...document.querySelectorAll('.corridor')].map(e => getComputedStyle(e).breakBefore)"
    )
    assert breaks == ["auto", "page", "page", "page"]


def test_paper_is_black_and_white_and_large_enough(browser_page, folders):
    page = browser_page(folders["calm"] / "notice.html").page
    page.emulate_media(media="print")
    coloured = page.evaluate(
        """() => [...document.querySelectorAll('body, body *')].flatMap(e => {
          const s = getComputedStyle(e);
          return [s.color, s.stroke, s.borderTopColor].map(c => c.match(/[0-9.]+/g)).filter(Boolean)
            .map(c => c.slice(0, 3).map(Number)).filter(c => Math.max(...c) - Math.min(...c) > 12)
        }).length"""
    )
    assert coloured == 0
    sizes = page.evaluate(
        "[...document.querySelectorAll('main p, main li, main td, main th, footer p')]"
        ".filter(e => e.getClientRects().length)"
        ".map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 10.5 / 0.75 - 0.01
