from __future__ import annotations

import pytest
from support_demo import Extract, read_extract

from corridors import demo


@pytest.fixture(scope="session")
def demo_files() -> dict[str, bytes]:
    return demo.files()


@pytest.fixture(scope="session")
def moved_files() -> dict[str, bytes]:
    """Another seed, place and codes."""
    return demo.files(
        7,
        east_m=640_000.0,
        north_m=500_000.0,
        ward_number=999_101,
        first_urn=900_501,
        first_osm_id=10**6,
    )


@pytest.fixture(scope="session")
def extract(demo_files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Extract:
    return read_extract(demo_files["data/osm_cache/demo.osm"], tmp_path_factory.mktemp("osm"))
