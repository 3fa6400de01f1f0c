"""Lines, draws and splits that the town is made with."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon

from corridors.demo.draws import bell, pick, pick_weighted, shuffled, stream, whole
from corridors.demo.ground import Line
from corridors.demo.joins import join
from corridors.demo.names import StreetNames
from corridors.demo.polyline import beside, cut, dense, length_m, shifted
from corridors.demo.splits import best_split, frame

ROAD = {"highway": "residential"}
seeds = st.integers(0, 2**32)


def line(*points, level=0):
    return Line(tuple((float(x), float(y)) for x, y in points), ROAD, "local", level=level)


def test_draws_are_those_of_pcg64():
    """Known numbers: a change here changes every committed demo file."""
    assert stream(2026, "plan").random() == 0.002937091697560068
    assert stream(2026, "plan").random() != stream(2026, "infill").random()


@given(seeds)
def test_draws_stay_in_their_bounds(seed):
    rng = stream(seed, "test")
    assert whole(rng, 3, 5) in (3, 4, 5)
    assert pick(rng, "abc") in "abc"
    assert abs(bell(rng, 10.0, 1.0) - 10.0) <= 3.5
    assert pick_weighted(rng, {"never": 0.0, "always": 1.0}) == "always"
    assert sorted(shuffled(rng, range(9))) == list(range(9))


@given(seeds)
@settings(max_examples=20)
def test_no_street_name_comes_twice(seed):
    names = StreetNames(stream(seed, "names"))
    found = [names.name("local") for _ in range(1_500)]
    assert len(set(found)) == len(found)


def test_dense_and_cut_keep_length():
    bent = ((0.0, 0.0), (100.0, 0.0), (100.0, 50.0))
    assert length_m(dense(bent, 7.0)) == pytest.approx(150.0, abs=0.1)
    assert length_m(cut(bent, 20.0, 120.0)) == pytest.approx(100.0, abs=0.02)
    assert cut(bent, 150.0, 200.0) == ()


def test_left_is_left():
    east = ((0.0, 0.0), (100.0, 0.0))
    assert shifted(east, 5.0) == ((0.0, 5.0), (100.0, 5.0))
    assert beside(east, 30.0, -5.0) == (30.0, -5.0)


@given(seeds)
@settings(max_examples=25)
def test_a_split_runs_from_outline_to_outline(seed):
    block = Polygon([(0, 0), (300, 20), (280, 140), (10, 120)])
    street = best_split(block, frame(block), [], stream(seed, "split"), across=True)
    assert len(street) == 2
    assert block.buffer(0.1).contains(LineString(street))
    assert all(block.exterior.distance(LineString([p, p])) < 0.05 for p in street)
    assert abs(street[0][0] - street[1][0]) < abs(street[0][1] - street[1][1])  # across


def test_the_frame_of_a_turned_rectangle():
    turn = math.radians(30)
    corners = [(0, 0), (200, 0), (200, 60), (0, 60)]
    area = Polygon(
        [
            (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
            for x, y in corners
        ]
    )
    found = frame(area)
    assert (found.long_m, found.wide_m) == pytest.approx((200.0, 60.0))
    assert abs(found.way[0]) == pytest.approx(math.cos(turn))


def test_lines_that_cross_share_a_vertex_and_bridges_do_not():
    joined = join(
        (
            line((0, 0), (100, 0)),
            line((50, -40), (50, 40)),
            line((0, 0), (0, 60)),
            line((0, 60), (100, -60), level=1),
        )
    ).lines
    first, second, third, bridge = joined
    assert (50.0, 0.0) in first.points
    assert (50.0, 0.0) in second.points
    assert bridge.points == ((0.0, 60.0), (100.0, -60.0))
    assert third.points[-1] == bridge.points[0]


def test_an_end_that_falls_short_is_drawn_to_its_line():
    joined = join((line((0, 0), (100, 0)), line((50, 1.2), (50, 60)))).lines
    assert set(joined[0].points) & set(joined[1].points)
