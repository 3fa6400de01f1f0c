"""A county's extract is clipped to one ward in little memory, and to the same bytes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support_county import write_county

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_a_million_ways_are_clipped_within_a_gigabyte(realdata, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])
    from benchmarks.sources import COPIES, clip_alone

    newport = realdata / "newport"
    town, county = newport / "newport-2023-06-13.osm.pbf", tmp_path / "county.osm.pbf"
    assert write_county(town, county, COPIES) > 1_000_000
    wards = newport / "wards_W06000022.geojson"
    small, large = clip_alone(town, wards), clip_alone(county, wards)
    assert large["peak_mb"] < 1_000
    assert large["rows_read"] == COPIES * small["rows_read"]
    for same in ("sha256", "ways", "extract_date"):
        assert large[same] == small[same]
