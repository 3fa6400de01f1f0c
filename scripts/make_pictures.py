"""Photograph the demo's pages for the README and docs. `make pictures` runs it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures"
MAP = ROOT / "maps/working/E05999001/2026-W10/map_OS.html"
NOTICE = ROOT / "maps/public/E05999002/2026-W10/notice.html"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Name, page, width and height in pixels.
SHOTS = (
    ("map", MAP, 1280, 1150),
    ("notice", NOTICE, 820, 1150),
    ("map-phone", MAP, 390, 844),
    ("notice-phone", NOTICE, 390, 844),
)


def main() -> None:
    """Take every picture."""
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        named = os.environ.get("CORRIDORS_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=named, args=ARGUMENTS)
        for name, page, width, height in SHOTS:
            _shoot(browser, page, OUT / f"{name}.png", width, height)
        browser.close()


def _shoot(browser: Browser, source: Path, out: Path, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(source.as_uri())
    page.wait_for_load_state("networkidle")
    page.screenshot(path=out)
    page.close()
    print(out.relative_to(ROOT))


if __name__ == "__main__":
    main()
