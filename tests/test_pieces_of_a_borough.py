"""A ward cut out of its borough is the same whether it is planned alone or with all others."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry.base import BaseGeometry
from support_camden import MADE_ON as CAMDEN_MADE_ON
from support_camden import WEEK as CAMDEN_WEEK
from support_camden import write_camden
from support_plans import MADE_ON, OTHER_WARD, WARD, WEEK, write_demo

from corridors import pipeline, sources
from corridors.model import Inputs
from corridors.pipeline import Piece, Shared, find_piece
from corridors.tables import Incidents, Segments


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    return write_demo(tmp_path_factory.mktemp("demo"))


def same(one: object, other: object, where: str = "piece") -> None:
    """Raise unless two pieces are equal to the bit, whatever they hold."""
    assert type(one) is type(other), where
    if isinstance(one, gpd.GeoDataFrame):
        assert one.to_wkb().equals(other.to_wkb()), where
        assert one.crs == other.crs, where
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True, obj=where)
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other, err_msg=where)
    elif isinstance(one, BaseGeometry):
        assert one.wkb == other.wkb, where
    elif is_dataclass(one):
        for field in fields(one):
            same(getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}")
    elif isinstance(one, tuple):
        assert len(one) == len(other), where
        for number, pair in enumerate(zip(one, other, strict=True)):
            same(*pair, f"{where}[{number}]")
    else:
        assert one == other, where


def loaded(root: Path, week: str, made_on: date, wards: tuple[str, ...] = ()) -> list[Inputs]:
    opened = sources.open_workspace(root)
    return list(sources.load_wards(opened, wards or sources.ward_codes(opened), week, made_on))


def pieces(root: Path, week: str, made_on: date, wards: tuple[str, ...] = ()) -> dict[str, Piece]:
    inputs = loaded(root, week, made_on, wards)
    shared = Shared(inputs[0].borough, sources.open_workspace(root).profile)
    return {i.ward.code: shared.piece(i) for i in inputs}


def test_a_ward_alone_is_the_ward_of_the_batch(demo):
    together = pieces(demo, WEEK, MADE_ON)
    assert list(together) == [WARD, OTHER_WARD]
    for ward, piece in together.items():
        same(pieces(demo, WEEK, MADE_ON, (ward,))[ward], piece)


@pytest.mark.realdata
def test_a_ward_of_camden_alone_is_the_ward_of_the_batch(tmp_path, realdata):
    root = write_camden(tmp_path / "camden", realdata / "camden")
    made_on = date.fromisoformat(CAMDEN_MADE_ON)
    ward = "E05000140"
    together = pieces(root, CAMDEN_WEEK, made_on, (ward, "E05000144"))
    same(pieces(root, CAMDEN_WEEK, made_on, (ward,))[ward], together[ward])


def test_wards_share_what_is_read_once(demo):
    west, east = loaded(demo, WEEK, MADE_ON)
    assert west.borough is east.borough
    assert [w.code for w in west.borough.wards] == [WARD, OTHER_WARD]
    assert [w.code for w in west.neighbours] == [OTHER_WARD]
    assert [w.code for w in east.neighbours] == [WARD]


def test_an_incident_far_away_changes_nothing_here(demo):
    """Reports beyond the margin and the widest bandwidth: every number stays as it was."""
    profile = sources.open_workspace(demo).profile
    streets, risk = replace(profile.streets, margin_m=800.0), profile.risk
    profile = replace(profile, streets=streets, risk=replace(risk, bandwidths_m=(25.0, 50.0)))
    inputs = loaded(demo, WEEK, MADE_ON, (WARD,))[0]
    borough = inputs.borough
    before = Shared(borough, profile).piece(inputs)
    far = borough.incidents.index.difference(inputs.incidents.index)
    assert len(far) > 10, "the demo must reach farther than what touches one ward"
    moved = borough.incidents.copy()
    moved.loc[far, Incidents.y_m] += 40.0
    changed = replace(inputs, borough=replace(borough, incidents=moved))
    after = Shared(changed.borough, profile).piece(changed)
    same(after, before)


def test_an_incident_here_does(demo):
    opened = sources.open_workspace(demo)
    inputs = loaded(demo, WEEK, MADE_ON, (WARD,))[0]
    before = Shared(inputs.borough, opened.profile).piece(inputs)
    first = before.reports.placed.is_counted.nonzero()[0][0]
    row = inputs.incidents.index[first]
    moved = inputs.borough.incidents.copy()
    moved.loc[row, Incidents.y_m] += 40.0
    changed = replace(
        inputs,
        incidents=moved.loc[inputs.incidents.index],
        borough=replace(inputs.borough, incidents=moved),
    )
    after = Shared(changed.borough, opened.profile).piece(changed)
    with pytest.raises(AssertionError):
        same(after, before)


def test_walks_go_beyond_a_wards_margin(demo):
    """Pupils who live beyond the margin still walk: their walks are cut, not bent back."""
    opened = sources.open_workspace(demo)
    inputs = loaded(demo, WEEK, MADE_ON, (WARD,))[0]
    piece = find_piece(inputs, opened.profile)
    alone = find_piece(replace(inputs, borough=None), opened.profile)
    assert len(alone.area.network.segments) > 0
    flow = piece.area.flows[0]
    own = flow.walkers @ piece.area.network.segments[Segments.length_m].to_numpy()
    short = alone.area.flows[0].walkers @ alone.area.network.segments[Segments.length_m].to_numpy()
    assert own != pytest.approx(short, rel=1e-9)


def test_a_plan_of_a_piece_is_the_plan_of_the_ward(demo):
    opened = sources.open_workspace(demo)
    quick = replace(
        opened.profile, patrols=replace(opened.profile.patrols, iterations=2, max_seconds=600.0)
    )
    inputs = loaded(demo, WEEK, MADE_ON)
    shared = Shared(inputs[0].borough, quick)
    for one in inputs:
        plan = pipeline.plan_piece(shared.piece(one))
        again = pipeline.make_plan(sources.load_inputs(opened, one.ward.code, WEEK, MADE_ON), quick)
        assert plan.patrols == again.patrols
        assert plan.corridors == again.corridors
        assert plan.coverage == again.coverage
