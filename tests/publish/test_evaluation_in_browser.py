"""The staff page of an evaluation in Chromium: quiet, accessible, on a phone and on paper."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from support_pdf import marks, page_count
from support_publication import CELLS, by_lot, evaluation

from corridors.publish.evaluation_page import evaluation_page

pytestmark = pytest.mark.browser

AXE = Path(find_spec("axe_playwright_python").origin).with_name("axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
HOSTILE = '<img src=x onerror=alert(1)> "=1+1" ' + "x" * 90
FOUND = {
    "calm": evaluation(CELLS),
    "by_lot": by_lot(61, 98),
    "hostile": replace(evaluation(CELLS), title=HOSTILE, cautions=(HOSTILE,), sentence=HOSTILE),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("evaluations")
    for name, found in FOUND.items():
        (root / f"{name}.html").write_text(evaluation_page(found), encoding="utf-8")
    return root


@pytest.mark.parametrize("name", FOUND)
def test_it_is_quiet_accessible_and_fits_a_phone(browser_page, home, name):
    opened = browser_page(bypass_csp=True)
    page, dialogs = opened.page, []
    page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    page.context.set_offline(True)
    page.goto((home / f"{name}.html").as_uri())
    assert (dialogs, opened.requests, opened.console, opened.errors) == ([], [page.url], [], [])
    page.add_script_tag(content=AXE.read_text("utf-8"))
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
        assert len(found["passes"]) > 10
        assert [v["id"] for v in found["violations"]] == []


def test_on_a_phone_every_column_is_in_sight(browser_page, home):
    page = browser_page(home / "calm.html", viewport={"width": 390, "height": 800}).page
    for table in page.locator("table").all():
        box = table.bounding_box()
        assert box["x"] + box["width"] <= 390


def test_paper_is_marked_once_at_the_head_and_foot_of_every_page_and_none_is_empty(
    browser_page, home
):
    page = browser_page(home / "calm.html").page
    pdf = page.pdf(prefer_css_page_size=True)
    assert marks(pdf, "OFFICIAL-SENSITIVE") == [2] * page_count(pdf)
    assert page_count(pdf) <= 3
