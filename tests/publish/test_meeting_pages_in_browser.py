"""The briefing and both indexes in Chromium: quiet, accessible, narrow, and marked on paper."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from sample_plan import (
    confirmed_aims,
    hostile_names,
    sample_plan,
    sample_profile,
    with_inputs,
    with_staffing,
)
from support_approvals import agreed
from support_pdf import marks, page_count
from support_weeks import in_week

from corridors import publish

pytestmark = pytest.mark.browser

AXE = Path(find_spec("axe_playwright_python").origin).with_name("axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
KEYS = [
    f"{kind} {page}" for kind in ("calm", "hostile") for page in ("briefing", "public", "working")
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory) -> dict[str, Path]:
    made = {}
    for kind, plan in (("calm", sample_plan()), ("hostile", sample_plan(hostile_names()))):
        root = tmp_path_factory.mktemp(kind)
        publish.write(plan, sample_profile(), root)
        # A second week with much to decide: no aim confirmed, nobody there, no dates.
        open_week = with_staffing(in_week(plan, 1), aim_is_confirmed=False)
        open_week = agreed(with_inputs(open_week, aims=confirmed_aims()))
        paths = {p.name: p for p in publish.write(open_week, sample_profile(), root)}
        made |= {
            f"{kind} briefing": paths["briefing_OS.html"],
            f"{kind} public": root / "maps/public/index.html",
            f"{kind} working": root / "maps/working/index.html",
        }
    return made


@pytest.mark.parametrize("key", KEYS)
def test_pages_open_without_a_word(browser_page, outputs, key):
    opened = browser_page()
    dialogs = []
    opened.page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    opened.page.goto(outputs[key].as_uri())
    opened.page.wait_for_timeout(100)
    assert dialogs == []
    assert opened.requests == [opened.page.url]
    assert opened.console == []
    assert opened.errors == []


@pytest.mark.parametrize(
    ("key", "width"), [*((key, 1280) for key in KEYS), *((key, 320) for key in KEYS[:3])]
)
def test_axe_finds_no_violation(browser_page, outputs, key, width):
    page = browser_page(
        outputs[key], bypass_csp=True, viewport={"width": width, "height": 720}
    ).page
    page.add_script_tag(content=AXE.read_text("utf-8"))
    found = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
    assert len(found["passes"]) > 10
    told = [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found["violations"]]
    assert told == []


@pytest.mark.parametrize("key", KEYS)
def test_no_sideways_scrolling_at_320_pixels(browser_page, outputs, key):
    page = browser_page(outputs[key], viewport={"width": 320, "height": 640}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_maps_show_their_ground_and_fit_a_projector(browser_page, outputs):
    page = browser_page(outputs["calm briefing"], viewport={"width": 1280, "height": 720}).page
    maps = page.locator(".small-map")
    assert maps.count() == 4
    boxes = [maps.nth(i).bounding_box() for i in range(4)]
    top = page.locator("#corridor-1").bounding_box()["y"]
    assert max(b["y"] + b["height"] for b in boxes) - top < 720
    # The ground is drawn once and used again: its streets have to be painted there too.
    shots = [maps.nth(3).screenshot()]
    page.evaluate("document.querySelectorAll('.small-map use').forEach(u => u.remove())")
    shots.append(maps.nth(3).screenshot())
    assert shots[0] != shots[1]


@pytest.mark.parametrize("page_name", ["briefing", "working"])
def test_paper_has_the_marking_on_every_page(browser_page, outputs, page_name):
    page = browser_page(outputs[f"calm {page_name}"]).page
    pdf = page.pdf(prefer_css_page_size=True)
    found = marks(pdf, "OFFICIAL-SENSITIVE")
    assert len(found) == page_count(pdf)
    assert min(found) >= 2  # at the top and at the bottom of every page
    assert b"/MediaBox [0 0 594.95996 841.91998]" in pdf  # A4


def test_a_corridor_takes_at_most_two_sheets(browser_page, outputs):
    page = browser_page(outputs["calm briefing"]).page
    whole = _sheets(page)
    page.evaluate("document.querySelector('.sheet.corridor').remove()")
    assert 1 <= whole - _sheets(page) <= 2


def _sheets(page) -> int:
    return page_count(page.pdf(prefer_css_page_size=True))


def test_the_two_indexes_are_told_apart_at_a_glance(browser_page, outputs):
    colours = []
    for key in ("calm public", "calm working"):
        page = browser_page(outputs[key]).page
        colours.append(
            page.locator(".marking").first.evaluate("e => getComputedStyle(e).backgroundColor")
        )
    assert colours == ["rgba(0, 0, 0, 0)", "rgb(122, 16, 32)"]
