"""The publication pack in Chromium: quiet, accessible, on a phone and on paper."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from support_pack import hostile_pack, made_pack, wide_pack
from support_pdf import marks, page_count

from corridors.publish.pack import pack_files

pytestmark = pytest.mark.browser

AXE = Path(find_spec("axe_playwright_python").origin).with_name("axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
KEYS = ["calm/index", "calm/methods", "calm/transparency", "hostile/index", "wide/index"]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("pack")
    packs = {"calm": made_pack(), "hostile": hostile_pack(), "wide": wide_pack()}
    for kind, pack in packs.items():
        for name, data in pack_files(pack).items():
            (root / kind / name).parent.mkdir(parents=True, exist_ok=True)
            (root / kind / name).write_bytes(data)
    return root


@pytest.mark.parametrize("key", KEYS)
def test_a_page_is_quiet_accessible_and_fits_a_phone(browser_page, home, key):
    opened = browser_page(bypass_csp=True)
    page, dialogs = opened.page, []
    page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    page.context.set_offline(True)
    page.goto((home / f"{key}.html").as_uri())
    assert (dialogs, opened.requests, opened.console, opened.errors) == ([], [page.url], [], [])
    page.add_script_tag(content=AXE.read_text("utf-8"))
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width == 320 and key != "calm/index":
            continue
        found = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
        assert len(found["passes"]) > 10
        told = [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found["violations"]]
        assert told == []
    assert dialogs == []


def test_columns_keep_plain_words_whole_and_no_table_leaves_its_place(browser_page, home):
    for width, media in ((970, "screen"), (1280, "screen"), (680, "print")):
        page = browser_page(home / "wide/index.html", viewport={"width": width, "height": 900}).page
        page.emulate_media(media=media)
        tables = page.locator("table.data").all()
        assert len(tables) > 5
        for table in tables:
            own, place = table.bounding_box(), table.locator("xpath=..").bounding_box()
            assert own["x"] + own["width"] <= place["x"] + place["width"] + 1
        lines = page.evaluate(
            """() => {
              const words = document.createRange();
              const one = document.evaluate("//th//text()[.='Ratio']", document).iterateNext();
              words.selectNodeContents(one);
              return words.getClientRects().length;
            }"""
        )
        assert lines == 1


def test_its_own_policy_bars_every_script(browser_page, home):
    opened = browser_page(home / "hostile/index.html")
    with pytest.raises(Exception, match="Content Security Policy"):
        opened.page.add_script_tag(content="window.ran = 1")
    assert opened.page.evaluate("window.ran") is None


def test_harm_stands_beside_benefit_and_takes_as_much_room(browser_page, home):
    page = browser_page(home / "calm/index.html", viewport={"width": 1280, "height": 900}).page
    boxes = [box.bounding_box() for box in page.locator(".beside > article").all()]
    for hoped, harm in zip(boxes[::2], boxes[1::2], strict=True):
        assert (hoped["y"], hoped["width"]) == pytest.approx((harm["y"], harm["width"]))
        assert harm["x"] > hoped["x"] + hoped["width"]


def test_paper_is_marked_on_every_page_and_keeps_a_chart_with_its_heading(browser_page, home):
    page = browser_page(home / "calm/index.html").page
    pdf = page.pdf(prefer_css_page_size=True)
    assert marks(pdf, "OFFICIAL – for publication") == [2] * page_count(pdf)
    assert b"/MediaBox [0 0 594.95996 841.91998]" in pdf
    assert page_count(pdf) <= 9
