"""Chains: nothing lost, nothing longer, nothing dependent on order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from corridors.network.contract import Chains, chains

SIZE = 12


@st.composite
def graphs(draw: st.DrawFn) -> tuple[npt.NDArray[np.int64], ...]:
    """Links without doubles between vertices of a grid, their labels, and vertices to keep."""
    pairs = draw(
        st.sets(
            st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(
                lambda p: p[0] < p[1]
            ),
            min_size=1,
            max_size=16,
        )
    )
    flips = draw(st.lists(st.booleans(), min_size=len(pairs), max_size=len(pairs)))
    ends = [p[::-1] if flip else p for p, flip in zip(sorted(pairs), flips, strict=True)]
    label = draw(st.lists(st.integers(0, 1), min_size=len(pairs), max_size=len(pairs)))
    keep = draw(st.lists(st.booleans(), min_size=SIZE, max_size=SIZE))
    return np.array(ends), np.array(label), np.array(keep)


XY = np.array([(37.0 * (i % 4), 41.0 * (i // 4) + (i * i) % 7) for i in range(SIZE)])


def lengths(ends: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.hypot(*(XY[ends[:, 1]] - XY[ends[:, 0]]).T)


def distances(
    ends: npt.NDArray[np.int64], length: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    # Parallel chains: the shorter one counts; coo_array would add them up.
    best: dict[tuple[int, int], float] = {}
    for (u, v), metres in zip(np.sort(ends, axis=1).tolist(), length.tolist(), strict=True):
        if u != v:
            best[u, v] = min(best.get((u, v), np.inf), metres)
    u, v = np.array(list(best) or np.empty((0, 2)), dtype=int).reshape(-1, 2).T
    graph = coo_array((list(best.values()), (u, v)), shape=(SIZE, SIZE))
    return dijkstra(graph.tocsr(), directed=False)


def chain_lengths(found: Chains, ends: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.bincount(found.of_link, lengths(ends), minlength=len(found.ends))


@given(graphs())
def test_every_link_is_in_one_chain_and_vertices_follow_it(
    graph: tuple[npt.NDArray[np.int64], ...],
) -> None:
    ends, label, keep = graph
    found = chains(ends, label, keep.astype(bool), XY)
    assert sorted(found.link.tolist()) == list(range(len(ends)))
    assert len(found.vertex) == len(ends) + len(found.ends)
    for i in range(len(found.ends)):
        a, b = found.first[i], found.first[i + 1]
        walk = found.vertex[a + i : b + i + 1]
        np.testing.assert_array_equal(
            np.sort(np.column_stack([walk[:-1], walk[1:]]), axis=1),
            np.sort(ends[found.link[a:b]], axis=1),
        )
        assert len(set(label[found.link[a:b]].tolist())) == 1
        assert not keep[walk[1:-1]].any()


@given(graphs())
def test_joining_never_changes_a_shortest_distance(
    graph: tuple[npt.NDArray[np.int64], ...],
) -> None:
    ends, label, keep = graph
    found = chains(ends, label, keep.astype(bool), XY)
    kept = np.unique(found.ends)
    before = distances(ends, lengths(ends))[np.ix_(kept, kept)]
    after = distances(found.ends, chain_lengths(found, ends))[np.ix_(kept, kept)]
    np.testing.assert_allclose(after, before)


@given(graphs())
def test_only_vertices_that_matter_stop_a_chain(graph: tuple[npt.NDArray[np.int64], ...]) -> None:
    ends, label, keep = graph
    found = chains(ends, label, keep.astype(bool), XY)
    degree = np.bincount(ends.ravel(), minlength=SIZE)
    loops = found.ends[:, 0] == found.ends[:, 1]
    for vertex in np.unique(found.ends[~loops]):
        labels = label[(ends == vertex).any(axis=1)]
        assert keep[vertex] or degree[vertex] != 2 or len(set(labels.tolist())) == 2


@given(graphs(), st.randoms(use_true_random=False))
def test_order_and_direction_of_links_change_nothing(
    graph: tuple[npt.NDArray[np.int64], ...], random: object
) -> None:
    ends, label, keep = graph
    order = list(range(len(ends)))
    random.shuffle(order)  # type: ignore[attr-defined]
    flipped = [ends[i][::-1] if i % 2 else ends[i] for i in order]
    a = chains(ends, label, keep.astype(bool), XY)
    b = chains(np.array(flipped), label[order], keep.astype(bool), XY)
    assert walks(a) == walks(b)


def walks(found: Chains) -> list[tuple[int, ...]]:
    at = range(len(found.ends))
    return sorted(
        tuple(found.vertex[found.first[i] + i : found.first[i + 1] + i + 1].tolist()) for i in at
    )


def test_ring_without_a_junction_is_one_loop_from_its_western_vertex() -> None:
    ends = np.array([[1, 2], [3, 2], [1, 3]])
    found = chains(ends, np.zeros(3, int), np.zeros(SIZE, bool), XY)
    assert found.ends.tolist() == [[1, 1]]
    assert walks(found) == [(1, 2, 3, 1)]


def test_nothing_to_join() -> None:
    none = np.empty((0, 2), dtype=np.int64)
    found = chains(none, np.empty(0, np.int64), np.zeros(SIZE, bool), XY)
    assert len(found.ends) == len(found.link) == len(found.vertex) == 0
