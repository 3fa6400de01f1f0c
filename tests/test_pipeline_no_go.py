"""Places to keep clear of, from the workspace's file to what staff and the public read (B19)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from support_approvals import agreed
from support_plans import AIMS, OTHER_WARD, change_rows, copy_demo, load, write_demo

from corridors import publish
from corridors.errors import InputError
from corridors.model import Corridor, Inputs
from corridors.pipeline import make_plan, routes
from corridors.pipeline.aims import police_may_walk
from corridors.pipeline.danger import find_danger
from corridors.pipeline.ground import Ground, find_ground
from corridors.pipeline.piece import find_piece
from corridors.pipeline.routes import Routed
from corridors.tables import NoGoPlaces, StartPoints

NAME = "Zzz Shed <b>&amp;"
POLICE, OTHERS = "C1", "C2"  # of the demo's other ward: 900002 for trust, 900003 for safeguarding


def quiet(_stage: str, _share: float) -> None:
    """No progress is shown."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("no_go"))


@pytest.fixture(scope="module")
def made(demo):
    """The demo ward as far as its corridors, and its inputs."""
    inputs, profile = load(demo, OTHER_WARD)
    short = replace(profile, patrols=replace(profile.patrols, iterations=3))
    ground = find_ground(find_piece(inputs, short))
    return ground, find_danger(ground)


@pytest.fixture(scope="module")
def as_it_is(made) -> Routed:
    return routes.route_all(*made, quiet)[0]


def table(*rows: tuple[float, float, float, str]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            NoGoPlaces.name: pd.array([NAME] * len(rows), dtype="str"),
            NoGoPlaces.x_m: [float(r[0]) for r in rows],
            NoGoPlaces.y_m: [float(r[1]) for r in rows],
            NoGoPlaces.reach_m: [float(r[2]) for r in rows],
            NoGoPlaces.holds_for: pd.array([r[3] for r in rows], dtype="str"),
        },
        index=pd.RangeIndex(len(rows), name=NoGoPlaces.index),
    )
    return NoGoPlaces.validate(frame)


def with_inputs(ground: Ground, inputs: Inputs) -> Ground:
    area = replace(ground.area, inputs=inputs)
    return replace(ground, piece=replace(ground.piece, area=area))


def marked(made, *rows: tuple[float, float, float, str], **changes: object) -> Routed:
    """The first session's routes with places marked."""
    ground, danger = made
    inputs: Inputs = replace(ground.inputs, no_go=table(*rows), **changes)
    return routes.route_all(with_inputs(ground, inputs), danger, quiet)[0]


def door(made, routed: Routed, corridor_id: str) -> tuple[float, float]:
    """Half-way along the segment with the most value that the corridor's team walks."""
    network = made[0].area.network
    walked = {s for r in routed.routes if r.corridor_id == corridor_id for s in r.segment_ids}
    best = max(walked, key=lambda s: (routed.task.value[s], s))
    at = network.segments.geometry.iloc[best].interpolate(0.5, normalized=True)
    return at.x, at.y


def nearest_m(made, routed: Routed, corridor_id: str, at: tuple[float, float]) -> float:
    """How near a corridor's teams come to a point."""
    lines = made[0].area.network.segments.geometry
    walked = {s for r in routed.routes if r.corridor_id == corridor_id for s in r.segment_ids}
    return float(lines.iloc[sorted(walked)].distance(shapely.Point(at)).min())


# --- who counts as police -----------------------------------------------------------------------


def test_b19_the_aim_says_before_the_roster_whether_police_may_walk(made, as_it_is):
    assert as_it_is.task.with_police == {POLICE}
    ground, danger = made
    corridor = next(c for c in danger.corridors if c.corridor_id == POLICE)

    def may(aim: str | None) -> bool:
        kept = ground.inputs.aims.loc[[]] if aim is None else ground.inputs.aims.assign(aim=aim)
        return police_may_walk(with_inputs(ground, replace(ground.inputs, aims=kept)), corridor)

    assert {a: may(a) for a in ("enforcement", "trust", "safeguarding", "early_help")} == {
        "enforcement": True,
        "trust": True,  # its second mix has police nearby
        "safeguarding": False,
        "early_help": False,
    }
    violent = replace(corridor, evidence=replace(corridor.evidence, by_group=(("violence", 9.0),)))
    assert police_may_walk(without_aims(ground), violent)  # if a hot spot were found


def without_aims(ground):
    return with_inputs(ground, replace(ground.inputs, aims=ground.inputs.aims.loc[[]]))


# --- routes -------------------------------------------------------------------------------------


def test_b19_without_a_mark_near_by_nothing_changes(made, as_it_is):
    far = marked(made, (1000.0, 1000.0, 50.0, "police"))
    assert far == replace(as_it_is, task=far.task)
    assert far.notes == ()


def test_b19_police_keep_clear_of_a_marked_place_and_others_pass(made, as_it_is):
    at = door(made, as_it_is, POLICE)
    found = marked(made, (*at, 30.0, "police"))
    assert nearest_m(made, as_it_is, POLICE, at) < 1
    assert nearest_m(made, found, POLICE, at) > 30
    for stand in found.task.stands[POLICE]:
        assert np.hypot(stand.x_m - at[0], stand.y_m - at[1]) > 30
    assert any(f"keep clear of {NAME}, where police should not go" in n for n in found.notes)
    door_of_others = door(made, as_it_is, OTHERS)
    passing = marked(made, (*door_of_others, 30.0, "police"))
    assert nearest_m(made, passing, OTHERS, door_of_others) < 1
    assert not any(f"Corridor {OTHERS}" in n for n in passing.notes)
    nobody = marked(made, (*door_of_others, 30.0, "all"))
    assert nearest_m(made, nobody, OTHERS, door_of_others) > 30
    assert any("where teams should not go" in n for n in nobody.notes)


def test_b19_a_stand_point_within_reach_is_not_used(made, as_it_is):
    for corridor_id in (POLICE, OTHERS):
        stand = as_it_is.task.stands[corridor_id][0]
        found = marked(made, (stand.x_m, stand.y_m, 40.0, "all"))
        for other in found.task.stands[corridor_id]:
            assert np.hypot(other.x_m - stand.x_m, other.y_m - stand.y_m) > 40


def test_b19_a_corridor_of_which_nothing_is_left_has_no_patrol_and_says_why(made, as_it_is):
    corridor = next(c for c in as_it_is.corridors if c.corridor_id == POLICE)
    lines = made[0].area.network.segments.geometry.loc[list(corridor.segment_ids)]
    middles = [line.interpolate(0.5, normalized=True) for line in lines]
    found = marked(made, *((p.x, p.y, 5.0, "police") for p in middles))
    assert {r.corridor_id for r in found.routes} == {OTHERS}
    (why,) = (n.reason for n in found.left_out if n.urn in corridor.urns)
    assert (
        why == f"all streets of its corridor are within reach of {NAME}, where police should not go"
    )


def test_b19_a_start_that_only_a_marked_place_leads_to_is_one_error(made, as_it_is):
    corridor: Corridor = next(c for c in as_it_is.corridors if c.corridor_id == POLICE)
    stand = as_it_is.task.stands[POLICE][0]
    starts = pd.DataFrame(
        {
            StartPoints.start_x_m: [stand.x_m], StartPoints.start_y_m: [stand.y_m],
            StartPoints.end_x_m: [stand.x_m], StartPoints.end_y_m: [stand.y_m],
        },
        index=pd.Index([corridor.urns[0]], name="urn"),
    )  # fmt: skip
    with pytest.raises(InputError, match=r"without passing Zzz Shed.*police should not go") as told:
        marked(made, (stand.x_m, stand.y_m, 30.0, "police"), starts=starts)
    assert told.value.value == corridor.urns[0]
    assert told.value.fix


def test_b19_a_mark_without_a_street_is_told(made):
    network = made[0].area.network
    x_m, y_m = network.nodes[["x_m", "y_m"]].mean()
    lines = network.segments.geometry
    for step in range(0, 400, 10):
        if lines.distance(shapely.Point(x_m + step, y_m)).min() > 2:
            found = marked(made, (x_m + step, y_m, 1.0, "police"))
            assert any("no street is within its reach" in n for n in found.notes)
            return
    raise AssertionError("the demo has streets everywhere")


# --- what is written ----------------------------------------------------------------------------


def test_b19_staff_read_of_a_marked_place_and_the_public_never(made, as_it_is, demo, tmp_path):
    at = door(made, as_it_is, POLICE)
    folder = copy_demo(demo, tmp_path / "w")
    (folder / "no_go.csv").write_text(
        f'name,easting,northing,reach_m\n"{NAME}",{at[0]:.1f},{at[1]:.1f},30\n', "utf-8"
    )
    change_rows(folder / AIMS, lambda rows: [row | {"aim": "enforcement"} for row in rows])
    config = folder / "corridors.toml"
    config.write_text(
        config.read_text(encoding="utf-8") + '\n[no_go]\nfile = "no_go.csv"\n', "utf-8"
    )
    inputs, profile = load(folder, OTHER_WARD)
    plan = make_plan(inputs, profile)
    shut = shapely.Point(at).buffer(29.9)
    assert any(p.staffing.police_minutes for p in plan.patrols)
    for patrol in plan.patrols:
        if patrol.staffing.police_minutes:
            walked = plan.network.segments.geometry.loc[list(patrol.route.segment_ids)]
            assert not walked.intersects(shut).any()
    written = {p.name: p.read_bytes() for p in publish.write(agreed(plan), profile, folder)}
    escaped = b"Zzz Shed"
    assert escaped in written["map_OS.html"]
    assert b"Police keep clear" in written["map_OS.html"]  # on the map, with the note above it
    assert NAME.encode() not in written["map_OS.html"]
    assert escaped in written["plan_OS.json"]
    assert "notice.html" in written
    assert escaped not in written["notice.html"]
    assert str(round(at[0])).encode() not in written["notice.html"]
