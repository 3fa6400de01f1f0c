"""Fixed areas as a file: the same areas, the same bytes. OFFICIAL-SENSITIVE."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import shapely

from corridors.model import AREA_PARTS, AREAS_FORMAT, FixedAreas
from corridors.publish.cards import MARKING


def areas_json(areas: FixedAreas) -> bytes:
    """UTF-8 JSON; positions are whole centimetres of EPSG:27700, each line's end to end."""
    data = {
        "marking": MARKING,
        "format": AREAS_FORMAT,
        "programme": areas.programme,
        "programme_sha256": areas.programme_sha256,
        "fixed_on": areas.fixed_on.isoformat(),
        "crs": "EPSG:27700",
        "unit_of_positions": "cm",
        "parts": AREA_PARTS,
        "units": areas.units,
        "checks": [asdict(check) for check in areas.checks],
        "settings": dict(areas.settings),
        "segments": [
            [part, unit, name, _centimetres(line)]
            for part, unit, name, line in zip(
                areas.part.tolist(), areas.unit.tolist(), areas.names, areas.lines, strict=True
            )
        ],
    }  # fmt: skip
    return f"{json.dumps(data, separators=(',', ':'), sort_keys=True)}\n".encode()


def _centimetres(line: shapely.LineString) -> list[int]:
    whole = np.rint(shapely.get_coordinates(line) * 100).astype(np.int64)
    found: list[int] = whole.ravel().tolist()
    return found
