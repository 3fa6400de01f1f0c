"""A drawn line becomes the walk that was meant, and a list of streets the shortest one."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_networks import grid_network, make_network

from corridors.errors import InputError
from corridors.model import Network
from corridors.patrols.trace import NamedStreet, Sketch, plain_name, trace_route, walked_line
from corridors.tables import Segments

COLUMNS, ROWS, STEP_M = 6, 5, 60.0
GRID = grid_network(COLUMNS, ROWS, STEP_M)
ENDS = [(int(u), int(v)) for u, v in GRID.segments[[Segments.u, Segments.v]].to_numpy()]
BETWEEN = {frozenset(ends): s for s, ends in enumerate(ENDS)}


def at_m(node: int) -> tuple[float, float]:
    return float(GRID.nodes.x_m[node]), float(GRID.nodes.y_m[node])


def line_of(nodes) -> np.ndarray:
    return np.array([at_m(n) for n in nodes])


def drawn(*lines) -> Sketch:
    return Sketch("mine.gpx", lines_m=tuple(np.array(line, dtype=float) for line in lines))


def listed(*names: str) -> Sketch:
    streets = tuple(NamedStreet(name, row) for row, name in enumerate(names, start=1))
    return Sketch("mine.txt", streets=streets)


def neighbours(node: int) -> list[int]:
    return sorted(sum(ends) - node for ends in ENDS if node in ends)


@st.composite
def walks(draw) -> list[int]:
    nodes = [draw(st.integers(0, COLUMNS * ROWS - 1))]
    for _ in range(draw(st.integers(1, 12))):
        nodes.append(draw(st.sampled_from(neighbours(nodes[-1]))))
    return nodes


def require_connected(network: Network, trace) -> None:
    u, v = (network.segments[c].to_numpy() for c in (Segments.u, Segments.v))
    assert len(trace.node_ids) == len(trace.segment_ids) + 1
    for (a, b), s in zip(pairwise(trace.node_ids), trace.segment_ids, strict=True):
        assert {a, b} == {u[s], v[s]}


@given(nodes=walks(), seed=st.integers(0, 2**32 - 1))
def test_a_line_along_streets_is_the_walk_along_them(nodes, seed):
    shaken = line_of(nodes) + np.random.default_rng(seed).uniform(-4, 4, (len(nodes), 2))
    trace = trace_route(GRID, drawn(shaken), (nodes[0], nodes[-1]))
    assert trace.node_ids == tuple(nodes)
    assert trace.segment_ids == tuple(BETWEEN[frozenset(pair)] for pair in pairwise(nodes))
    assert not trace.gaps
    assert trace.unmatched_m == 0


@given(
    points=st.lists(
        st.tuples(st.floats(-60, 400), st.floats(-60, 300)), min_size=2, max_size=8, unique=True
    ),
    cut=st.integers(0, 6),
)
def test_any_line_is_a_connected_walk_or_refused_in_words(points, cut):
    parts = [p for p in (points[:cut], points[cut:]) if len(p) > 1] or [points]
    refusal = ""
    try:
        trace = trace_route(GRID, drawn(*parts), (0, 29))
    except InputError as error:
        refusal = str(error)
    if refusal:
        assert "mine.gpx" in refusal
        return
    require_connected(GRID, trace)
    for gap in trace.gaps:
        assert gap.length_m == pytest.approx(STEP_M * len(gap.segment_ids))
    line = walked_line(GRID, trace)
    assert tuple(line[0]) == at_m(trace.node_ids[0])
    assert tuple(line[-1]) == at_m(trace.node_ids[-1])


def test_the_order_of_segments_in_the_table_decides_nothing():
    """The same streets under other numbers give the same walk on the ground."""
    order = np.random.default_rng(5).permutation(len(ENDS))
    names = GRID.segments[Segments.name].to_numpy()
    xy = [at_m(n) for n in range(COLUMNS * ROWS)]
    other = make_network(xy, [ENDS[i] for i in order], names=[names[i] for i in order])
    nodes = [0, 1, 2, 8, 14, 13, 12, 18]
    shaken = line_of(nodes) + np.random.default_rng(1).uniform(-4, 4, (len(nodes), 2))
    one, two = (trace_route(net, drawn(shaken), (0, 18)) for net in (GRID, other))
    assert one.node_ids == two.node_ids
    one, two = (
        trace_route(net, listed("Row 1 Road", "Column 4 Street"), (0, 18)) for net in (GRID, other)
    )
    assert one.node_ids[0] == two.node_ids[0] == 0
    assert sum(g.length_m for g in one.gaps) == sum(g.length_m for g in two.gaps)


def test_a_line_that_turns_round_early_leaves_the_street_out_and_late_walks_it_both_ways():
    early = trace_route(GRID, drawn([(0, 0), (60, 0), (60, 20), (60, 0), (120, 0)]), (0, 2))
    assert early.node_ids == (0, 1, 2)
    late = trace_route(GRID, drawn([(0, 0), (60, 0), (60, 45), (60, 0), (120, 0)]), (0, 2))
    assert late.node_ids == (0, 1, 7, 1, 2)


def test_a_hole_is_filled_by_the_shortest_walk_and_told():
    trace = trace_route(GRID, drawn([(0, 0), (120, 0)], [(120, 180), (300, 180)]), (0, 23))
    require_connected(GRID, trace)
    (gap,) = trace.gaps
    assert (gap.where, gap.length_m) == ("between", 180.0 - STEP_M)
    # The line's own ends lie on the street between: its first third counts as walked.
    assert trace.node_ids[-4:] == (20, 21, 22, 23)


def test_a_line_across_a_block_is_walked_round_it():
    trace = trace_route(GRID, drawn([(0, 0), (120, 0), (240, 120)]), (0, 16))
    require_connected(GRID, trace)
    assert trace.node_ids[0] == 0
    assert trace.node_ids[-1] == 16


def test_ends_are_joined_to_the_teams_where_they_are_near_and_left_where_they_are_far():
    near = trace_route(GRID, drawn([(60, 0), (180, 0)]), (0, 4))
    assert near.node_ids == (0, 1, 2, 3, 4)
    assert [(g.where, g.length_m) for g in near.gaps] == [("start", 60.0), ("end", 60.0)]
    far = trace_route(GRID, drawn([(60, 0), (180, 0)]), (29, 29))
    assert far.node_ids == (1, 2, 3)
    assert not far.gaps


def test_a_line_away_from_streets_is_measured():
    trace = trace_route(GRID, drawn([(-200, 0), (120, 0)]), (0, 2))
    assert trace.node_ids == (0, 1, 2)
    assert trace.unmatched_m == pytest.approx(165, abs=20)


def test_gaps_keep_out_of_school_sites_but_a_line_through_one_is_kept():
    segments = GRID.segments.copy()
    segments.loc[BETWEEN[frozenset((1, 2))], Segments.in_school_site] = True
    guarded = Network(segments, GRID.nodes)
    through = trace_route(guarded, drawn([(0, 0), (180, 0)]), (0, 3))
    assert through.node_ids == (0, 1, 2, 3)
    round_it = trace_route(guarded, listed("Row 0 Road", "Column 3 Street"), (0, 9))
    assert BETWEEN[frozenset((1, 2))] in round_it.segment_ids  # the street itself was asked for
    joined = trace_route(guarded, drawn([(120, 0), (240, 0)]), (1, 4))
    assert joined.node_ids == (2, 3, 4)  # 180 m round the site: too far to join
    shut = segments[Segments.in_school_site].to_numpy()  # as might any streets be
    assert trace_route(GRID, drawn([(120, 0), (240, 0)]), (1, 4), shut) == joined
    assert trace_route(GRID, drawn([(120, 0), (240, 0)]), (1, 4)).node_ids == (1, 2, 3, 4)


def test_streets_in_order_are_the_shortest_walk_over_each():
    trace = trace_route(GRID, listed("row 0 Rd.", "Column 3 St", "Row 2 Road"), (0, 15))
    require_connected(GRID, trace)
    names = [GRID.segments[Segments.name].iloc[s] for s in trace.segment_ids]
    assert list(dict.fromkeys(names[:-1])) == ["Row 0 Road", "Column 3 Street", "Row 2 Road"]
    assert len(trace.segment_ids) == 3 + 2 + 1 + len(trace.gaps[0].segment_ids)
    assert [g.where for g in trace.gaps] == ["end"]


@given(
    picked=st.lists(
        st.sampled_from([f"Row {r} Road" for r in range(ROWS)]
                        + [f"Column {c} Street" for c in range(COLUMNS)]),
        min_size=1, max_size=4,
    ),
    ends=st.tuples(st.integers(0, 29), st.integers(0, 29)),
)  # fmt: skip
def test_a_list_visits_every_street_in_its_order_between_the_teams_ends(picked, ends):
    trace = trace_route(GRID, listed(*picked), ends)
    require_connected(GRID, trace)
    assert (trace.node_ids[0], trace.node_ids[-1]) == ends
    names = iter(GRID.segments[Segments.name].iloc[list(trace.segment_ids)])
    assert all(any(name == street for name in names) for street in picked)


def test_an_unknown_street_is_named_with_the_likely_ones():
    with pytest.raises(InputError, match=r"mine.txt, row 2, value 'Rowe 1 Road'.*'Row 1 Road'"):
        trace_route(GRID, listed("Row 0 Road", "Rowe 1 Road"), (0, 0))


def test_streets_that_nothing_joins_are_refused():
    apart = make_network([(0, 0), (60, 0), (600, 0), (660, 0)], [(0, 1), (2, 3)], names=["A", "B"])
    with pytest.raises(InputError, match="cannot be walked in this order"):
        trace_route(apart, listed("A", "B"), (0, 0))
    with pytest.raises(InputError, match="nothing joins"):
        trace_route(apart, drawn([(0, 0), (60, 0)], [(600, 0), (660, 0)]), (0, 0))


@pytest.mark.parametrize(
    ("sketch", "words"),
    [
        (drawn([(5000, 5000), (5100, 5000)]), "no part of the line"),
        (drawn([(0, 0), (300, 0)] * 200), "km long"),
        (drawn([(0, 0), (5, 0)]), "shorter than half a street"),
        (listed(*["Row 0 Road", "Row 1 Road"] * 40), "lists 80 streets"),
        (listed("..."), "no street near this ward"),
    ],
)
def test_what_cannot_be_matched_is_refused_with_its_file(sketch, words):
    with pytest.raises(InputError, match=words) as refused:
        trace_route(GRID, sketch, (0, 0))
    assert sketch.file in str(refused.value)


def test_names_are_compared_by_their_words():
    assert plain_name("St. Mary's Rd") == plain_name("ST MARYS ROAD") == "st marys road"
    assert plain_name("High St") == "high street"
    assert plain_name(" ") == ""
