"""Real collisions as a placebo: no programme took place, so no effect may be claimed."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from support_camden import write_camden
from support_programmes import area, programme

from corridors import pipeline, sources
from corridors.evaluation.cells import NoFigure
from corridors.model import AreaInputs, FixedAreas, Ward
from corridors.network.rings import stretches
from corridors.pipeline.area import find_area
from corridors.profile import Profile
from corridors.programme import Programme, ProgrammeArea

pytestmark = pytest.mark.realdata
EUSTON, CAMDEN_TOWN = "E05000129", "E05000130"
AREAS = (
    area("euston", ward=EUSTON, urns=(),
         streets=("Euston Road", "Gower Street", "Tottenham Court Road")),
    area("camden-town", ward=CAMDEN_TOWN, urns=(),
         streets=("Camden High Street", "Camden Road", "Chalk Farm Road", "Kentish Town Road")),
)  # fmt: skip
YEAR = {"before_from": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}
MADE_ON = date(2026, 1, 10)
COLUMNS = """[incidents.columns]
from = "date"
from_time = "time"
offence = "accident_severity"
lon = "longitude"
lat = "latitude"
id = "accident_index"
[incidents.offences]
Slight = "other"
Serious = "other"
Fatal = "other"
[stops]"""
TERMS = (
    "2024/25,term,06/01/2025,04/04/2025", "2024/25,term,22/04/2025,22/07/2025",
    "2025/26,term,01/09/2025,19/12/2025",
)  # fmt: skip


@pytest.fixture(scope="module")
def workspace(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_camden(tmp_path_factory.mktemp("camden"), realdata / "camden")
    config = root / "corridors.toml"
    text = config.read_text(encoding="utf-8")
    text = text.replace("force_export_synthetic_times.csv", "camden_collisions_2025.csv")
    config.write_text(text.replace("[stops]", COLUMNS, 1), encoding="utf-8")
    with (root / "terms.csv").open("a", encoding="utf-8") as file:
        file.writelines(f",{term},\n" for term in TERMS)
    return root


@lru_cache(maxsize=1)
def read(root: Path) -> tuple[AreaInputs, Profile]:
    """The collisions of the whole year; those after a programme's start decide nothing fixed."""
    opened = sources.open_workspace(root)
    return sources.load_area(opened, None, MADE_ON), opened.profile


def placebo(root: Path, starts_on: date, *areas: ProgrammeArea, **lines) -> tuple:
    """Fix areas and evaluate on the collisions of a year in which nothing was done."""
    inputs, profile = read(root)
    made: Programme = programme(
        **YEAR, starts_on=starts_on, groups=("other",), hours="any", areas=areas
    )
    wards: dict[str, Ward] = sources.wards_by_code(
        sources.open_workspace(root), {a.ward for a in areas if a.ward}
    )
    asked = pipeline.Asked(made, "0" * 64, lines, wards)
    fixed: FixedAreas = pipeline.fix_areas(
        inputs, asked, profile, date(2024, 12, 1), lambda *_: None
    )
    reports = pipeline.Reports(inputs.incidents, inputs.calendar)
    return fixed, pipeline.make_evaluation(made, fixed, "0" * 64, reports, profile, MADE_ON)


def check_placebo(root: Path, starts_on: date) -> None:
    fixed, found = placebo(root, starts_on, *AREAS)
    assert not found.verdict.is_effect
    assert [check.unit for check in fixed.checks] == ["euston", "camden-town"]
    assert all(dict(check.metres)["treated"] > 1000 for check in fixed.checks)
    assert not found.is_interim
    assert min(found.alone.before, found.alone.after) >= 5


def test_no_effect_is_claimed_where_nothing_was_done(workspace):
    check_placebo(workspace, date(2025, 7, 1))


@pytest.mark.slow
@pytest.mark.parametrize("starts_on", [date(2025, 4, 1), date(2025, 9, 1)])
def test_no_effect_is_claimed_whenever_nothing_began(workspace, starts_on):
    check_placebo(workspace, starts_on)


@pytest.mark.slow
def test_corridors_at_random_spots_look_changed_as_often_as_chance_has_it(workspace):
    """20 stretches of 3 km: at 5 % each, 4 or more exclude no change once in 60 (binomial)."""
    inputs, profile = read(workspace)
    network = find_area(inputs, profile, lambda *_: None).network
    everywhere = np.ones(len(network.segments), dtype=np.bool_)
    spots = list(stretches(network, everywhere, 3000.0))
    shapes = network.segments.geometry.to_numpy()
    chosen = np.random.default_rng(2025).choice(len(spots), size=20, replace=False)
    tested, changed, claimed = 0, 0, 0
    for at in chosen.tolist():
        lines = shapely.MultiLineString(list(shapes[spots[at].segment_ids]))
        own = area("spot", ward="", streets=(), urns=(), lines="a")
        _, found = placebo(workspace, date(2025, 7, 1), own, a=lines)
        claimed += found.verdict.is_effect
        if not isinstance(found.test, NoFigure):
            tested += 1
            changed += found.test.excludes_one
    assert tested >= 8
    assert changed <= 3
    assert claimed <= 1
