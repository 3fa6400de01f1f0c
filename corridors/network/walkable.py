"""Which ways a pupil may walk, by OSM tags or by the classes of plain lines."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np
import pandas as pd

from corridors.arrays import BoolArray
from corridors.tables import Ways

_LINKED: Final = ("trunk", "primary", "secondary", "tertiary")
STREETS: Final = frozenset(
    {*_LINKED, *(f"{kind}_link" for kind in _LINKED), "unclassified", "residential",
     "living_street", "service", "pedestrian", "road", "unknown"}
)  # fmt: skip
PATHS: Final = frozenset(
    {"footway", "path", "steps", "cycleway", "track", "bridleway", "corridor", "crossing",
     *(f"track_grade{grade}" for grade in range(1, 6))}
)  # fmt: skip
SIDEWALK: Final = "sidewalk"
CROSSING: Final = "crossing"

_MAY: Final = ("yes", "designated", "permissive")
_MOTORWAYS: Final = ("motorway", "motorway_link")
_NOT_YET: Final = ("construction", "proposed", "planned")


def walkable(ways: pd.DataFrame) -> tuple[BoolArray, Counter[str]]:
    """Which ways are walked, and how many are not, by reason.

    Trunk roads in towns have pavements: they are walked unless ``foot=no``. ``access=private``
    or ``no`` shuts a way unless ``foot`` opens it. A class that is not a street or a path is not
    walked, whatever its other tags say.

    Parameters
    ----------
    ways : ``tables.Ways``, n rows.

    Returns
    -------
    (n,) truth values, and the counts.
    """
    highway, foot, access = ways[Ways.highway], ways[Ways.foot], ways[Ways.access]
    tests: tuple[tuple[str, pd.Series[Any]], ...] = (
        ("ways that are motorways", highway.isin(_MOTORWAYS)),
        ("ways not built yet", highway.isin(_NOT_YET)),
        ("ways that are neither street nor path", ~highway.isin(STREETS | PATHS)),
        ("ways closed to people on foot", foot.isin(("no", "private"))),
        ("private ways", access.isin(("private", "no")) & ~foot.isin(_MAY)),
    )
    out = np.zeros(len(ways), dtype=bool)
    dropped: Counter[str] = Counter()
    for reason, applies in tests:
        fresh = applies.to_numpy(dtype=bool) & ~out
        dropped[reason] = int(fresh.sum())
        out |= fresh
    return ~out, dropped


def is_street(ways: pd.DataFrame) -> BoolArray:
    """(n,) whether each way is a street that can have a pavement, walkable or not."""
    classes = ways[Ways.highway].isin(STREETS | set(_MOTORWAYS))
    return np.asarray(classes & ~ways[Ways.area], dtype=bool)


def is_sidewalk(ways: pd.DataFrame) -> BoolArray:
    """(n,) whether each way is a pavement that is drawn apart from its street."""
    drawn = ways[Ways.footway].eq(SIDEWALK) & ways[Ways.highway].isin(PATHS)
    return drawn.to_numpy(dtype=bool)


def is_crossing(ways: pd.DataFrame) -> BoolArray:
    """(n,) whether each way leads across a street."""
    across = ways[Ways.footway].eq(CROSSING) | ways[Ways.highway].eq(CROSSING)
    return across.to_numpy(dtype=bool)
