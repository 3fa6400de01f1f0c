"""The pages in Chromium, from file://, with nobody to ask."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import axe_playwright_python
import pytest
from sample_plan import hostile_names, sample_plan, sample_profile
from support_pdf import marks, page_count

from corridors import publish
from corridors.profile import MapTiles

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


def _tab_to(page, selector: str, limit: int = 60) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def test_the_map_is_drawn_and_layers_switch_by_keyboard(browser_page, outputs):
    opened = browser_page(outputs["calm map"])
    page = opened.page
    assert page.locator(".leaflet-ground-pane path").count() > 5
    labels = page.locator("#more-layers label").all_inner_texts()
    assert [text.strip() for text in labels] == [
        "Corridors", "Risk in the window", "Pupils on the way home", "Hot spots",
        "Schools and gates", "Street names",
    ]  # fmt: skip
    legend = page.locator(".legend h3", has_text="Pupils on the way home")
    assert legend.is_hidden()
    assert page.locator(".leaflet-flow-pane path").count() == 0
    for key, what in (("flow", ".leaflet-flow-pane path"), ("labels", ".street-name")):
        was = page.locator(what).count()
        _tab_to(page, f"[data-layer={key}]")
        page.keyboard.press("Space")
        assert (page.locator(what).count() > was) == (key == "flow")
    assert page.locator(".street-name").count() == 0
    assert legend.is_visible()
    _quiet(opened)


def test_a_day_shows_its_teams_by_keyboard(browser_page, outputs):
    opened = browser_page(outputs["calm map"])
    page = opened.page
    team = page.locator("#teams label")
    routes = page.locator(".leaflet-route-pane path")
    assert team.is_visible()
    assert routes.count() == 1
    _tab_to(page, "#days input")
    page.keyboard.press("ArrowDown")
    assert page.locator("#days").get_by_label("Tuesday").is_checked()
    assert team.is_hidden()
    assert page.get_by_text("No team walks that day.").is_visible()
    assert routes.count() == 0
    assert page.locator(".mark.step").count() == 0
    page.keyboard.press("ArrowDown")
    assert routes.count() == 1
    assert page.locator(".coverage p[data-days]:visible").count() == 1
    assert "Wednesday" in page.locator(".coverage p[data-days]:visible").inner_text()
    _tab_to(page, "#teams input")
    page.keyboard.press("Space")
    assert routes.count() == 0
    _quiet(opened)


def test_the_slider_works_by_keyboard(browser_page, outputs):
    opened = browser_page(outputs["calm map"])
    page = opened.page
    said = page.locator("#time-words")
    assert said.inner_text() == "Whole window."
    _tab_to(page, "#time", 80)
    page.keyboard.press("ArrowRight")
    assert page.locator("#time").get_attribute("aria-valuetext") == "15:00 to 15:15"
    assert said.inner_text() == "15:00 to 15:15. At 15:00: Team 1 is on Second Lane."
    assert page.locator(".mark.place").inner_text() == "Team 1 at 15:00"
    assert page.locator(".leaflet-flow-pane path").count() > 0
    page.keyboard.press("ArrowRight")
    assert "Team 1 is at Cedar Road shops bus stop." in said.inner_text()
    assert page.locator(".leaflet-flow-pane path").count() == 0  # the sample's pupils are home
    page.keyboard.press("End")
    assert said.inner_text() == "16:45 to 17:00. At 16:45: Team 1 is not walking."
    assert page.locator(".mark.place").count() == 0
    _tab_to(page, "#whole")
    page.keyboard.press("Enter")
    assert said.inner_text() == "Whole window."
    _quiet(opened)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("elm road", "Elm Road is marked. Risk: "),
        ("Sevent", "Seventh Lane is marked."),
        ("road", "Which one? Alder Road; Birch Road; Cedar Road; Damson Road; Elm Road."),
        ("<b>Nowhere", "No street of that name is on this map."),
        ("", "Type the name of a street."),
    ],
)
def test_a_street_is_found_by_keyboard(browser_page, outputs, typed, said):
    opened = browser_page(outputs["calm map"])
    page = opened.page
    _tab_to(page, "#find-street")
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    assert page.locator("#find-words").get_attribute("role") == "status"
    assert page.locator("#find-words").inner_text().startswith(said)
    marked = 2 if "marked" in said else 0
    assert page.locator(".leaflet-found-pane path").count() == marked
    _quiet(opened)


def test_a_press_on_a_street_tells_its_bands(browser_page, outputs):
    page = browser_page(outputs["calm map"]).page
    page.locator(".leaflet-risk-pane path.risk-1").dispatch_event("click")
    assert "Upper half of streets" in page.locator(".leaflet-popup-content").inner_text()


def test_a_route_leads_to_its_card(browser_page, outputs):
    page = browser_page(outputs["calm map"]).page
    page.locator("#days").get_by_label("Wednesday").check()
    page.locator(".leaflet-route-pane path").dispatch_event("click")
    popup = page.locator(".leaflet-popup-content")
    assert "School-linked police officer: Dev Pattern" in popup.inner_text()
    popup.locator("a").click()
    assert page.url.endswith("#card-2")
    assert "Wednesday" in page.locator("#card-2").inner_text()


def test_marks_of_steps_do_not_overlap_at_any_zoom(browser_page, outputs):
    page = browser_page(outputs["calm map"]).page
    for zoom in (14, 15, 16.5, 18):
        page.evaluate("z => { map.setZoom(z, { animate: false }); }", zoom)
        boxes = [m.bounding_box() for m in page.locator(".mark.step").all()]
        boxes = [b for b in boxes if b]
        assert boxes
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                apart = (
                    a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
                    or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
                )  # fmt: skip
                assert apart, (zoom, a, b)


def test_the_facts_stay_when_the_map_is_taken_away(browser_page, outputs):
    page = browser_page(outputs["calm map"]).page
    shown = page.evaluate(
        """() => {
          const said = [];
          plan.schools.concat(plan.gates).forEach(s => said.push(...s.words.slice(0, 1)));
          plan.schools.forEach(s => said.push(s.words.at(-1), s.words.at(-2)));
          plan.spots.forEach(s => said.push(s.words[2], s.words[3]));
          plan.teams.forEach(t => {
            t.steps.forEach(s => s.words.forEach(w => said.push(w.replace(/^\\d+\\. \\S+ /, ""))));
            t.parts.forEach(p => p.at.filter(Boolean).forEach(a => said.push(a[1])));
            Object.values(t.cards).forEach(c => c.words.slice(0, 1).forEach(w => said.push(w)));
          });
          plan.corridors.forEach(c => c.on.forEach(i => said.push(nameOf(i))));
          document.querySelector(".map-page").remove();
          return said;
        }"""
    )
    text = " ".join(page.locator("main").inner_text().split())
    assert len(shown) > 20
    missing = [w for w in shown if w.removeprefix("Gate of ") not in text and "to 15:" not in w]
    assert missing == []


def test_motion_is_off_where_the_reader_wants_none(browser_page, outputs):
    moving = "() => [map.options.zoomAnimation, map.options.fadeAnimation, map.options.inertia]"
    page = browser_page(outputs["calm map"], reduced_motion="reduce").page
    assert page.evaluate(moving) == [False, False, False]
    assert browser_page(outputs["calm map"]).page.evaluate(moving) == [True, True, True]


@pytest.mark.parametrize("key", ["calm map", "hostile map"])
def test_axe_finds_nothing_against_the_map(browser_page, outputs, key):
    script = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
    page = browser_page(outputs[key], bypass_csp=True).page
    page.evaluate(
        "() => { const s = byId('time'); s.value = 1; s.dispatchEvent(new Event('input')); }"
    )
    page.locator(".mark.school").first.click()
    page.evaluate(script)
    found = page.evaluate(
        """() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })"""
    )
    assert found["passes"]
    broken = [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found["violations"]]
    assert broken == []


def test_a_tile_server_is_the_only_one_asked(browser_page, tmp_path):
    own = replace(sample_profile(), map=MapTiles("https://tiles.example/{z}/{x}/{y}.png"))
    (page_path,) = [
        p for p in publish.write(sample_plan(), own, tmp_path) if p.name == "map_OS.html"
    ]
    opened = browser_page(page_path)
    opened.page.wait_for_timeout(150)
    assert opened.outside_requests
    assert all(a.startswith("https://tiles.example/1") for a in opened.outside_requests)
    assert opened.page.locator(".leaflet-ground-pane .street").first.is_hidden()
    opened.page.get_by_label("Pictures of the ground").uncheck()
    assert opened.page.locator(".leaflet-ground-pane .street").first.is_visible()


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


def test_on_a_phone_the_other_layers_are_folded(browser_page, outputs):
    page = browser_page(
        outputs["calm map"], viewport={"width": 390, "height": 800}, has_touch=True
    ).page
    assert page.get_by_label("Street names").is_hidden()
    assert page.get_by_label("Team 1: Monday and Wednesday").is_visible()
    page.locator("#more-layers summary").tap()
    assert page.get_by_label("Street names").is_visible()


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
    assert 1 <= page_count(pdf) <= 7
    marking = "OFFICIAL-SENSITIVE" if key.endswith("map") else "OFFICIAL – for publication"
    found = marks(pdf, marking)
    assert len(found) == page_count(pdf)
    assert min(found) >= 2  # at the top and at the bottom of every page
    assert page.evaluate("document.querySelector('.folium-map')?.clientWidth ?? 0") == before
