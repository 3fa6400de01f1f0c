"""A ward cut out of the streets of its borough, with everything that was worked out on them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from corridors.arrays import BoolArray, IntArray
from corridors.errors import InputError, WardError
from corridors.model import Network, SchoolFlow, Ward
from corridors.network.links import components
from corridors.profile import Streets
from corridors.tables import Gates, Nodes, Segments


@dataclass(frozen=True)
class Cut:
    """Part of a network: its n segments and m nodes in the order of the whole, numbered from 0."""

    whole: Network
    network: Network
    segment_ids: IntArray  # (n) in the whole, ascending
    node_ids: IntArray  # (m) in the whole, ascending

    @classmethod
    def all_of(cls, network: Network) -> Cut:
        """The part that is the whole."""
        n, m = len(network.segments), len(network.nodes)
        return cls(network, network, np.arange(n), np.arange(m))

    def within(self, part: Cut) -> Cut:
        """This part of a whole as a part of another part that holds it."""
        return Cut(
            part.network,
            self.network,
            part.segments(self.segment_ids),
            _position(part.node_ids, self.node_ids),
        )

    def segments(self, whole_ids: IntArray) -> IntArray:
        """Segment numbers of the whole as numbers of the part; -1 for those not in it."""
        return _position(self.segment_ids, whole_ids)

    def flow(self, flow: SchoolFlow) -> SchoolFlow:
        """A school's walks as far as they lie in the part. A walk that comes back begins anew."""
        parent_node = _position(self.node_ids, flow.parent_node[self.node_ids])
        parent_segment = self.segments(flow.parent_segment[self.node_ids])
        is_whole = (parent_node >= 0) & (parent_segment >= 0)
        roots = _position(self.node_ids, np.array(flow.roots, dtype=np.int64))
        return replace(
            flow,
            walkers=flow.walkers[self.segment_ids],
            arrival_s=flow.arrival_s[self.segment_ids],
            node_walk_s=flow.node_walk_s[self.node_ids],
            parent_node=np.where(is_whole, parent_node, -1),
            parent_segment=np.where(is_whole, parent_segment, -1),
            roots=tuple(roots[roots >= 0].tolist()),
        )

    def gates(self, gates: pd.DataFrame) -> pd.DataFrame:
        """tables.Gates with the part's segment numbers; gates outside it are left out."""
        segment_id = self.segments(gates[Gates.segment_id].to_numpy(dtype=np.int64))
        found = gates.assign(**{Gates.segment_id: segment_id})[segment_id >= 0]
        return Gates.validate(found)


def take(network: Network, wanted: BoolArray) -> Cut:
    """The wanted segments and their nodes; where a node loses a segment, the network goes on.

    Parameters
    ----------
    wanted : (n) truth values.
    """
    segment_ids = np.flatnonzero(wanted)
    rows = network.segments.iloc[segment_ids]
    ends = rows[[Segments.u, Segments.v]].to_numpy(dtype=np.int64)
    node_ids = np.unique(ends)
    u, v = _position(node_ids, ends[:, 0]), _position(node_ids, ends[:, 1])
    lost = network.segments.loc[~wanted, [Segments.u, Segments.v]].to_numpy()
    nodes = network.nodes.iloc[node_ids]
    is_clipped = nodes[Nodes.is_clipped].to_numpy() | np.isin(node_ids, lost)
    segments = rows.assign(**{Segments.u: u, Segments.v: v}).reset_index(drop=True)
    segments.index.name = Segments.index
    nodes = nodes.assign(**{Nodes.is_clipped: is_clipped}).reset_index(drop=True)
    nodes.index.name = Nodes.index
    part = replace(network, segments=segments, nodes=nodes)
    return Cut(network, part, segment_ids, node_ids)


def cut(whole: Network, ward: Ward, params: Streets) -> Cut:
    """The segments that touch the ward and ``params.margin_m`` round it, in one piece.

    Of the pieces that touch the ward the longest is kept.

    Parameters
    ----------
    whole : from ``build_streets``, of the ward alone or of its borough.
    ward : its boundary decides ``in_ward`` by a segment's midpoint.

    Raises
    ------
    WardError
        If no walkable street lies in the ward.
    InputError
        If more of the ward's streets than ``params.island_max_share`` hang together with nothing.
    """
    area = ward.boundary.buffer(params.margin_m)
    shapely.prepare(area)
    near = take(whole, np.asarray(shapely.intersects(area, whole.segments.geometry.to_numpy())))
    segments = near.network.segments
    in_ward = midpoints_inside(segments.geometry, ward.boundary)
    segments = segments.assign(**{Segments.in_ward: in_ward})
    dropped = Counter(dict(whole.dropped))
    kept = _connected(segments, ward, params, dropped)
    part = take(replace(near.network, segments=segments), kept)
    network = replace(part.network, dropped=tuple(sorted((w, n) for w, n in dropped.items() if n)))
    Segments.validate(network.segments)
    return Cut(whole, network, near.segment_ids[part.segment_ids], near.node_ids[part.node_ids])


def piece_of(whole: Network, segment_id: int) -> Cut:
    """All that can be reached from a segment."""
    ends = whole.segments[[Segments.u, Segments.v]].to_numpy()
    piece = components(ends, len(whole.nodes))[ends[:, 0]]
    return take(whole, np.asarray(piece == piece[segment_id]))


def midpoints(lines: gpd.GeoSeries) -> npt.NDArray[Any]:
    """(n) points halfway along each line."""
    middle: npt.NDArray[Any] = shapely.line_interpolate_point(
        lines.to_numpy(), 0.5, normalized=True
    )
    return middle


def midpoints_inside(lines: gpd.GeoSeries, boundary: BaseGeometry) -> BoolArray:
    """(n) which lines have their midpoint in ``boundary``."""
    at = shapely.get_coordinates(midpoints(lines))
    shapely.prepare(boundary)
    inside: BoolArray = shapely.intersects_xy(boundary, at[:, 0], at[:, 1])
    return inside


def _position(ids: IntArray, wanted: IntArray) -> IntArray:
    """Where each wanted number stands among ascending ``ids``; -1 where it does not."""
    if not len(ids):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[at] == wanted, at, -1).astype(np.int64)


def _connected(
    segments: gpd.GeoDataFrame, ward: Ward, params: Streets, dropped: Counter[str]
) -> BoolArray:
    """Which segments belong to the longest piece that touches the ward."""
    in_ward = segments[Segments.in_ward].to_numpy()
    if not in_ward.any():
        raise WardError(
            f"no walkable street lies in ward {ward.code}",
            fix="Check that the street file covers the ward and that both are of the same area",
        )
    ends = segments[[Segments.u, Segments.v]].to_numpy()
    piece = components(ends, int(ends.max()) + 1)[ends[:, 0]]
    length_m = segments[Segments.length_m].to_numpy()
    total_m = np.bincount(piece, length_m)
    ward_m = np.bincount(piece, length_m * in_ward)
    touches = np.bincount(piece, in_ward) > 0
    kept = int(np.argmax(np.where(touches, total_m, -1.0)))
    share = 1.0 - ward_m[kept] / ward_m.sum()
    if share > params.island_max_share:
        raise InputError(
            f"{share:.0%} of the street length in ward {ward.code} hangs together with nothing "
            f"else, more than streets.island_max_share ({params.island_max_share:.0%})",
            fix=(
                "The street lines may not be noded (lines must share a vertex where they meet), "
                "or the file may stop inside the ward. Use a complete OSM extract. If the ward "
                "truly lies in pieces, raise streets.island_max_share"
            ),
        )
    for reason, rows in (
        ("islands in the ward", touches[piece] & (piece != kept)),
        ("pieces outside the ward", ~touches[piece]),
    ):
        dropped[f"segments of {reason}"] += int(rows.sum())
        dropped[f"metres of {reason}"] += round(float(length_m[rows].sum()))
    return np.asarray(piece == kept)
