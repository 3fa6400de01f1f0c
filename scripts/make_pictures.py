"""Photograph the demo's pages for the README and docs, on screen and on paper.

`make pictures` runs it. Paper is printed to PDF by Chromium and drawn by pdftoppm (Debian:
poppler-utils).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures"
WORKING = ROOT / "maps/working/E05999002/2026-W10"
PUBLIC = ROOT / "maps/public/E05999002/2026-W10"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Name, page, width and height in pixels.
SHOTS = (
    ("map", WORKING / "map_OS.html", 1280, 1400),
    ("briefing", WORKING / "briefing_OS.html", 1280, 1400),
    ("notice", PUBLIC / "notice.html", 820, 1150),
    ("map-phone", WORKING / "map_OS.html", 390, 844),
    ("notice-phone", PUBLIC / "notice-young-people.html", 390, 844),
)
# Name, page, and the sheet that is drawn.
SHEETS = (
    ("map-paper", WORKING / "map_OS.html", 1),
    ("briefing-paper", WORKING / "briefing_OS.html", 2),
    ("notice-paper", PUBLIC / "notice.html", 1),
)


def main() -> None:
    """Take every picture."""
    if shutil.which("pdftoppm") is None:
        sys.exit("pdftoppm is not here; install poppler-utils")
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        named = os.environ.get("CORRIDORS_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=named, args=ARGUMENTS)
        for name, page, width, height in SHOTS:
            _shoot(browser, page, OUT / f"{name}.png", width, height)
        for name, page, sheet in SHEETS:
            _print(browser, page, OUT / f"{name}.png", sheet)
        browser.close()


def _shoot(browser: Browser, source: Path, out: Path, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(source.as_uri())
    page.wait_for_load_state("networkidle")
    page.screenshot(path=out)
    page.close()
    print(out.relative_to(ROOT))


def _print(browser: Browser, source: Path, out: Path, sheet: int) -> None:
    page = browser.new_page()
    page.goto(source.as_uri())
    page.wait_for_load_state("networkidle")
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "page.pdf"
        page.pdf(path=pdf, prefer_css_page_size=True)
        stem = out.with_suffix("")
        command = ["pdftoppm", "-png", "-r", "70", "-singlefile", "-f", str(sheet), pdf, stem]
        subprocess.run(command, check=True)
    page.close()
    print(out.relative_to(ROOT))


if __name__ == "__main__":
    main()
