"""Parts of a study area: each street is its nearest area's, near before far, once."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from support_networks import grid_network
from support_programmes import area, programme, reports

from corridors.errors import InputError
from corridors.model import AREA_PARTS
from corridors.network.rings import on_streets, walk_from
from corridors.pipeline.fix_areas import (
    Asked,
    _by_hand_first,
    _require_apart,
    _rings,
    fix_areas,
    settings_of,
)
from corridors.sources import read_profile

PROFILE = read_profile("hackney_2024")
PROFILE = replace(PROFILE, evaluation=replace(PROFILE.evaluation, near_m=100.0, far_m=250.0))
GRID = grid_network(4, 14, 60.0)


def row(number: int):
    everywhere = np.ones(len(GRID.segments), dtype=bool)
    return on_streets(GRID, (f"Row {number} Road",), everywhere)


@pytest.fixture(scope="module")
def parted():
    treated = [row(2), row(9)]
    part, unit = _rings(SimpleNamespace(network=GRID), treated, PROFILE)
    return treated, np.array([walk_from(GRID, mine) for mine in treated]), part, unit


def test_near_and_far_part_the_streets_by_their_walk(parted):
    treated, metres, part, _ = parted
    least = metres.min(axis=0)
    names = np.array(AREA_PARTS)[part]
    own = treated[0] | treated[1]
    np.testing.assert_array_equal(names == "treated", own)
    np.testing.assert_array_equal(names == "near", ~own & (least <= 100.0))
    np.testing.assert_array_equal(names == "far", (least > 100.0) & (least <= 250.0))
    np.testing.assert_array_equal(names == "other", least > 250.0)
    assert set(names) == {"treated", "near", "far", "other"}


def test_a_street_belongs_to_its_nearest_area_and_to_the_first_of_equals(parted):
    treated, metres, part, unit = parted
    is_other = part == AREA_PARTS.index("other")
    assert (unit[is_other] == -1).all()
    for at, mine in enumerate(treated):
        assert (unit[mine] == at).all()
    near_first = metres[0] <= metres[1]
    np.testing.assert_array_equal(unit[~is_other], np.where(near_first, 0, 1)[~is_other])
    between = (metres[0] == metres[1]) & ~is_other
    assert between.any()


def test_areas_that_share_a_street_are_refused():
    made = programme(areas=(area("one"), area("two")))
    _require_apart(made, [row(2), row(9)])
    with pytest.raises(InputError, match="area two shares streets with an area before it"):
        _require_apart(made, [row(2), row(2) | row(9)])


def test_areas_are_not_fixed_on_records_that_begin_late():
    late = SimpleNamespace(incidents=reports(["2025-03-03 15:30"]))
    asked = Asked(programme(), "0" * 64, {}, {})
    with pytest.raises(InputError, match="From that day on they begin on 03/03/2025"):
        fix_areas(late, asked, PROFILE, programme().before_to, lambda *_: None)


def test_what_decides_is_told_as_text_in_the_order_of_its_names():
    assert settings_of(PROFILE) == (
        ("evaluation.claim_share", "0.5"), ("evaluation.far_m", "250"),
        ("evaluation.near_m", "100"), ("risk.snap_reach_m", "60"),
        ("window.default_finish", "15:15"), ("window.lead_min", "15"),
        ("window.length_min", "120"),
    )  # fmt: skip


def test_controls_chosen_by_hand_are_taken_before_the_tool_chooses():
    by_hand = area("two", control_streets=("Low Street",))
    assert _by_hand_first(programme(areas=(area("one"), by_hand, area("three")))) == [1, 0, 2]
