"""Who may walk where: school sites (A8) and places to keep clear of (B19)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from corridors.arrays import BoolArray, IntArray
from corridors.model import Network, NoGo
from corridors.tables import Segments


def in_force(no_go: Iterable[NoGo], *, police: bool) -> tuple[NoGo, ...]:
    """The places that hold for a team with, or without, police."""
    return tuple(place for place in no_go if police or place.holds_for == "all")


def barred(network: Network, no_go: Iterable[NoGo], *, police: bool) -> BoolArray:
    """Segments that a team may not walk: (n) bool.

    Parameters
    ----------
    police : whether police may be with it; only then do places that hold for police count.
    """
    shut: BoolArray = network.segments[Segments.in_school_site].to_numpy(dtype=bool).copy()
    for place in in_force(no_go, police=police):
        shut[list(place.segment_ids)] = True
    return shut


def pieces(network: Network, is_open: BoolArray) -> IntArray:
    """Number of the piece of open streets that each node is on: (m); alike where a walk leads."""
    ends = network.segments.loc[is_open, [Segments.u, Segments.v]].to_numpy()
    shape = (len(network.nodes),) * 2
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=shape)
    found: IntArray = connected_components(graph, directed=False)[1].astype(np.int64)
    return found


def open_part(network: Network, segment_ids: Iterable[int], shut: BoolArray) -> tuple[int, ...]:
    """Those of some segments that one team can walk: the longest part that open streets join.

    Parameters
    ----------
    segment_ids : of a corridor. shut : (n) segments that may not be walked, in it or elsewhere.

    Returns
    -------
    Segment ids, ascending; empty if all are shut.
    """
    ids = np.array(sorted(s for s in segment_ids if not shut[s]), dtype=np.int64)
    if not len(ids):
        return ()
    rows = network.segments.iloc[ids]
    piece = pieces(network, ~shut)[rows[Segments.u].to_numpy()]
    length_m = np.bincount(piece, weights=rows[Segments.length_m].to_numpy(dtype=float))
    return tuple(ids[piece == int(np.argmax(length_m))].tolist())
