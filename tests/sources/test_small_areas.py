"""Small areas: codes and residents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from corridors.errors import InputError
from corridors.sources.small_areas import read_small_areas


def square(at: int, **about: Any) -> dict[str, Any]:
    west, south = -0.1 + 0.01 * at, 51.5
    ring = [(west, south), (west + 0.01, south), (west + 0.01, south + 0.01), (west, south)]
    return {
        "type": "Feature",
        "properties": about,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def read(tmp_path):
    def made(*features: dict[str, Any]) -> Any:
        path = tmp_path / "homes.geojson"
        path.write_text(
            json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
        )
        return read_small_areas(path, file="homes.geojson")

    return made


def test_residents_of_10_to_17_count_where_the_file_has_them(read):
    found = read(
        square(0, LSOA21CD="E01000002", children=300, aged_10_17=120),
        square(1, LSOA21CD="E01000001", children=200, aged_10_17=80),
    )
    assert found.index.tolist() == ["E01000001", "E01000002"]
    assert found["residents"].tolist() == [80.0, 120.0]
    assert found.crs.to_epsg() == 27700
    assert (found.area > 100_000).all()


def test_children_stand_in_where_it_has_not(read):
    found = read(square(0, LSOA21CD="E01000001", children=200))
    assert found["residents"].tolist() == [200.0]


@pytest.mark.parametrize("codes", [(None, None), ("=1+1", "=1+1"), ("<b>", "x" * 40)])
def test_areas_without_a_usable_code_are_numbered(read, codes):
    found = read(*(square(at, code=code, children=9) for at, code in enumerate(codes)))
    assert found.index.tolist() == ["area 1", "area 2"]


def test_the_second_of_two_areas_with_one_code_is_numbered(read):
    found = read(*(square(at, LSOA21CD="E01000001", children=9) for at in range(2)))
    assert found.index.tolist() == ["E01000001", "area 2"]


def test_a_file_without_children_is_told(read):
    with pytest.raises(InputError, match=r"homes\.geojson"):
        read(square(0, LSOA21CD="E01000001"))
