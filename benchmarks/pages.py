"""Pages of the demo and of a large ward in Chromium: bytes, and the time to the first paint.

Time depends on the machine and on what else it does, so each page is opened in turn with an empty
one, and the ratio of their medians is told beside the seconds. The large ward has 11,000 segments;
it is the one whose size `tests/publish/test_working_map.py` holds under 5 MB.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import Final

from corridors.publish.files import write_text_atomically
from playwright.sync_api import Browser, sync_playwright

from corridors import demo, pipeline, publish, sources
from corridors.publish.cards import make_cards
from corridors.publish.public import notice_states, publication
from corridors.publish.working_map import working_map

ROOT: Final = Path(__file__).resolve().parent.parent
WARD: Final = "E05999002"
WEEK: Final = "2026-W10"
MADE_ON: Final = date(2026, 2, 20)
OPENED: Final = 7  # times each page is opened
LOOKS: Final = 600
ARGUMENTS: Final = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
EMPTY: Final = "<!DOCTYPE html><html lang='en'><title>Empty</title><p>Empty</p></html>"
PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"

Figure = tuple[str, float, str]


def run() -> list[Figure]:
    """Bytes, seconds to the first contentful paint, and that as a ratio to an empty page's."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        pages = dict(_pages(Path(folder)))
        empty = Path(folder) / "empty.html"
        empty.write_text(EMPTY, encoding="utf-8")
        with sync_playwright() as playwright:
            named = os.environ.get("CORRIDORS_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=named, args=ARGUMENTS)
            for name, page in pages.items():
                figures += _measured(browser, name, page, empty)
            browser.close()
    return figures


def _measured(browser: Browser, name: str, page: Path, empty: Path) -> list[Figure]:
    _painted_s(browser, page)  # the first reads from the disk
    turns = [(_painted_s(browser, page), _painted_s(browser, empty)) for _ in range(OPENED)]
    own_s, empty_s = (median(times) for times in zip(*turns, strict=True))
    return [
        (f"pages.{name}.bytes", float(page.stat().st_size), "B"),
        (f"pages.{name}.first_paint", own_s, "s"),
        (f"pages.{name}.first_paint_of_empty", own_s / empty_s, "ratio"),
    ]


def _painted_s(browser: Browser, path: Path) -> float:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(path.as_uri())
    for _ in range(LOOKS):  # the pages' policy forbids Playwright's own way to wait
        milliseconds = page.evaluate(PAINT)
        if milliseconds:
            context.close()
            return float(milliseconds) / 1000
        page.wait_for_timeout(50)
    raise ValueError(f"{path.name} was not painted")


def _pages(folder: Path) -> Iterator[tuple[str, Path]]:
    """(name, file) of every page that people open."""
    home = folder / "demo"
    for name, content in demo.files().items():
        write_text_atomically(home / name, content)
    opened = sources.open_workspace(home)
    inputs = sources.load_inputs(opened, WARD, WEEK, MADE_ON)
    plan = pipeline.make_plan(inputs, opened.profile, _quiet)
    for path in publish.opened_first(publish.write(plan, opened.profile, home)):
        if path.suffix == ".html":
            side = "public_" if "public" in path.parts and path.stem == "index" else ""
            yield f"demo.{side}{path.stem}", path
    yield "large.map_OS", _large(folder)


def _large(folder: Path) -> Path:
    """The working map of a ward with 11,000 segments."""
    sys.path.insert(0, str(ROOT / "tests" / "publish"))
    sys.path.insert(0, str(ROOT / "tests"))
    from sample_plan import large_plan, sample_profile

    plan, profile = large_plan(), sample_profile()
    made = publication(plan, profile.notice, profile.teams)
    cards = make_cards(plan, profile.teams, notice_states(plan, made))
    path = folder / "large.html"
    path.write_text(working_map(plan, profile, cards, made), encoding="utf-8")
    return path


def _quiet(_stage: str, _share: float) -> None:
    """Nobody watches."""
