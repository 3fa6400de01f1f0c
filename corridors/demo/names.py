"""Names of a place that is not there.

Street roots join a first and a second half: "Lanternfold", "Pewterwick". British by ear, and no
real cluster of streets carries them, so no real street is called risky.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from corridors.demo.draws import pick_weighted, shuffled

_FIRST: Final = (
    "Lantern", "Pewter", "Copper", "Gannet", "Thistle", "Marram", "Bell", "Cable", "Drift",
    "Ember", "Fallow", "Gull", "Heron", "Ink", "Juniper", "Kelp", "Lark", "Mallow", "Nettle",
    "Otter", "Plover", "Quill", "Rope", "Sable", "Tansy", "Umber", "Vetch", "Wherry", "Yarrow",
    "Saffron", "Tiller", "Whimbrel", "Amber", "Bramble", "Candle", "Dunlin", "Elder", "Flint",
    "Gorse", "Hazel", "Ivory", "Kestrel", "Linnet", "Madder", "Oyster", "Pebble", "Reed",
    "Sorrel", "Teasel", "Tern", "Walnut", "Bobbin", "Cockle", "Anchor", "Fennel", "Ochre",
)  # fmt: skip
_SECOND: Final = (
    "fold", "garth", "mere", "wick", "stow", "holm", "croft", "well", "moor", "ford", "ness",
    "toft", "dale", "hythe", "combe", "shaw", "leigh", "worth", "bourne", "stead", "field", "gate",
    "hurst", "mead", "cote", "down", "beck",
)  # fmt: skip
_ENDINGS: Final[dict[str, dict[str, float]]] = {
    "collector": {"Road": 6, "Lane": 2, "Avenue": 1, "Hill": 1},
    "local": {"Street": 8, "Road": 8, "Avenue": 3, "Terrace": 2, "Grove": 2, "Gardens": 1},
    "close": {"Close": 5, "Mews": 2, "Court": 1, "Place": 2},
    "crescent": {"Crescent": 1},
    "alley": {"Passage": 3, "Alley": 1},
}


class StreetNames:
    """Hands out street names; no root comes twice."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._roots = _roots(rng)

    def root(self) -> str:
        """A root without an ending."""
        return next(self._roots)

    def name(self, kind: str) -> str:
        """A street name: kind is collector, local, close, crescent or alley."""
        return f"{next(self._roots)} {pick_weighted(self._rng, _ENDINGS[kind])}"


def _roots(rng: np.random.Generator) -> Iterator[str]:
    """Every root once, then every root again as "Upper …", "Lower …", "New …"."""
    halves = [f"{a}{b}" for a in _FIRST for b in _SECOND if a[-1] != b[0]]
    for before in ("", "Upper ", "Lower ", "New ", "Old ", "Far "):
        for root in shuffled(rng, halves):
            yield before + root
