"""The pages in Chromium, from file://, with nobody to ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sample_plan import hostile_names, sample_plan, sample_profile

from corridors import publish

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def outputs(tmp_path_factory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("pages")
    made = {}
    for key, plan in (("calm", sample_plan()), ("hostile", sample_plan(hostile_names()))):
        paths = {p.name: p for p in publish.write(plan, sample_profile(), root / key)}
        made |= {f"{key} map": paths["map_OS.html"], f"{key} notice": paths["notice.html"]}
    return made


def _quiet(opened) -> None:
    assert opened.outside_requests == []
    assert opened.requests == [opened.page.url]
    assert opened.console == []
    assert opened.errors == []


@pytest.mark.parametrize("key", ["calm map", "hostile map", "calm notice", "hostile notice"])
def test_pages_open_without_a_word(browser_page, outputs, key):
    opened = browser_page()
    dialogs = []
    opened.page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    opened.page.goto(outputs[key].as_uri())
    opened.page.wait_for_timeout(150)
    assert dialogs == []
    _quiet(opened)


def test_the_map_is_drawn_and_layers_switch(browser_page, outputs):
    opened = browser_page(outputs["calm map"])
    page = opened.page
    assert page.locator(".leaflet-overlay-pane path").count() > 30
    labels = page.locator(".leaflet-control-layers-overlays label").all_inner_texts()
    assert [text.strip() for text in labels] == [
        "Pupils on the way home", "Corridors", "Risk in the window", "Hot spots",
        "Team 1: Monday and Wednesday", "Schools and gates", "Street names",
    ]  # fmt: skip
    shown = page.locator(".leaflet-overlay-pane path").count()
    page.get_by_label("Pupils on the way home").check()
    assert page.locator(".leaflet-overlay-pane path").count() > shown
    page.get_by_label("Street names").uncheck()
    assert page.locator(".mark.street").count() == 0
    _quiet(opened)


@pytest.mark.parametrize("key", ["calm map", "hostile map"])
def test_popups_show_names_as_text(browser_page, outputs, key):
    opened = browser_page(outputs[key])
    page = opened.page
    page.locator(".mark.school span").first.click()
    page.wait_for_selector(".leaflet-popup-content")
    popup = page.locator(".leaflet-popup-content")
    expected = (
        "</script><script>alert(2)</script>" if key == "hostile map" else "Northfield Academy"
    )
    assert expected in popup.inner_text()
    assert popup.locator("script, img").count() == 0
    _quiet(opened)


def test_marks_can_be_opened_by_keyboard(browser_page, outputs):
    page = browser_page(outputs["calm map"]).page
    page.locator(".mark.step").first.focus()
    page.keyboard.press("Enter")
    assert "Start on Second Lane" in page.locator(".leaflet-popup-content").inner_text()


@pytest.mark.parametrize("key", ["calm notice", "hostile notice", "calm map", "hostile map"])
def test_nothing_sticks_out_at_the_side(browser_page, outputs, key):
    """Reflow down to 320 pixels (WCAG 1.4.10)."""
    page = browser_page(outputs[key]).page
    for width in (1400, 390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("key", ["calm map", "hostile map"])
def test_the_figures_need_no_scrolling_to_the_side_on_a_phone(browser_page, outputs, key):
    page = browser_page(outputs[key], viewport={"width": 320, "height": 800}).page
    wide = page.evaluate(
        "[...document.querySelectorAll('.figures .scroll')]"
        ".filter(e => e.scrollWidth > e.clientWidth).map(e => e.getAttribute('aria-labelledby'))"
    )
    assert wide == []
    first = page.locator(".figures tbody td").first
    assert page.locator(".figures table").first.get_attribute("role") == "table"
    assert first.evaluate("e => getComputedStyle(e, '::before').content") != "none"


def test_on_a_phone_the_layer_box_is_folded(browser_page, outputs):
    page = browser_page(
        outputs["calm map"], viewport={"width": 390, "height": 800}, has_touch=True
    ).page
    assert page.locator(".leaflet-control-layers-list").is_hidden()
    page.locator(".leaflet-control-layers-toggle").tap()
    assert page.locator(".leaflet-control-layers-list").is_visible()


def test_without_scripts_the_page_says_where_the_facts_are(browser_page, outputs):
    page = browser_page(outputs["calm map"], java_script_enabled=False).page
    assert "All its facts are in the tables below" in page.locator("main").inner_text()


def test_skip_link_leads_to_the_content(browser_page, outputs):
    page = browser_page(outputs["calm notice"]).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("key", ["calm map", "calm notice"])
def test_text_has_enough_contrast(browser_page, outputs, key):
    """4.5 to 1 for every visible text on the nearest solid background (WCAG 1.4.3)."""
    page = browser_page(outputs[key]).page
    low = page.evaluate(
        """() => {
          const parse = c => c.match(/[\\d.]+/g).map(Number);
          const lum = ([r, g, b]) => [r, g, b].map(v => v / 255).map(
            v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
          const back = el => { for (; el; el = el.parentElement) {
            const c = parse(getComputedStyle(el).backgroundColor);
            if (c.length === 3 || c[3] > 0.85) return c; } return [255, 255, 255]; };
          const low = [];
          for (const el of document.querySelectorAll("body *:not(script):not(style)")) {
            if (el.closest(".leaflet-marker-pane, svg, noscript")) continue;
            const own = [...el.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
            if (!own || !el.getClientRects().length) continue;
            const [a, b] = [lum(parse(getComputedStyle(el).color)), lum(back(el))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < 4.5) low.push(`${el.tagName} ${el.className} ${ratio.toFixed(2)}`);
          }
          return low;
        }"""
    )
    assert low == []


@pytest.mark.parametrize("key", ["calm map", "calm notice"])
def test_they_print_on_a4(browser_page, outputs, key):
    page = browser_page(outputs[key]).page
    before = page.evaluate("document.querySelector('.folium-map')?.clientWidth ?? 0")
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF-")
    assert 20_000 < len(pdf) < 2_000_000
    assert 1 <= len(re.findall(rb"/Type /Page\b(?!s)", pdf)) <= 7
    assert page.evaluate("document.querySelector('.folium-map')?.clientWidth ?? 0") == before
