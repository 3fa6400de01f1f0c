"""From street lines to a walking network: the ward and what lies round it."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.crs import METRIC
from corridors.model import Network, StreetExtract, Ward
from corridors.network.clip import clip
from corridors.network.contract import Chains, chains
from corridors.network.cut import cut, midpoints, midpoints_inside
from corridors.network.links import (
    Links,
    links_of,
    together,
    ways_near,
    without_doubles,
)
from corridors.network.sidewalks import attach
from corridors.network.walkable import walkable
from corridors.profile import Streets
from corridors.tables import Nodes, Places, Segments, Ways

# Along the slope of stairs people under 30 make 0.55 m/s up and 0.76 m/s down on the level
# (Fruin 1971, Pedestrian Planning and Design): about half of the level pace.
STEPS_PACE: Final = 0.5

_EDGE_M: Final = 100.0  # streets this far beyond the margin still name the sidewalks inside it
_LABEL: Final = (Ways.highway, Ways.is_bridge, Ways.is_tunnel)


def build_network(streets: StreetExtract, ward: Ward, params: Streets) -> Network:
    """Build the walking network of a ward and ``params.margin_m`` round it.

    Parameters
    ----------
    streets : the extract, EPSG:27700.
    ward : its boundary decides ``in_ward`` by the midpoint of a segment.
    params : the profile's ``streets``.

    Returns
    -------
    What ``build_streets`` makes of the ward alone, without the pieces that cannot be reached.

    Raises
    ------
    WardError
        If no walkable street lies in the ward.
    InputError
        If more of the ward's streets than ``params.island_max_share`` hang together with nothing.
    """
    return cut(build_streets(streets, ward.boundary, params), ward, params).network


def build_streets(streets: StreetExtract, boundary: BaseGeometry, params: Streets) -> Network:
    """The walking network of a boundary and ``params.margin_m`` round it, in all its pieces.

    Ways that nobody may walk leave; sidewalks that double a street become that street; lines are
    cut at the margin, split where they share a vertex and joined where nothing changes. The result
    does not depend on the order or the direction of the ways.

    Parameters
    ----------
    streets : the extract, EPSG:27700.
    boundary : Polygon or MultiPolygon, EPSG:27700; decides ``in_ward`` by a segment's midpoint.
    params : the profile's ``streets``.

    Returns
    -------
    Segments sorted from west to east, each from its more western node to the other, and nodes
    sorted the same way; none, where there is no walkable street. ``dropped`` counts what was left
    out, sorted.
    """
    area = boundary.buffer(params.margin_m)
    west, south, east, north = area.buffer(_EDGE_M).bounds
    ways, runs = ways_near(streets, (west, south, east, north))
    may_walk, dropped = walkable(ways)
    every = links_of(streets, ways, runs)
    walked = may_walk[every.way]
    once = without_doubles(every.only(walked), ways)
    dropped["links drawn twice"] = int(walked.sum()) - len(once.ends)
    links = together(once, every.only(~walked))
    is_walked = np.arange(len(links.ends)) < len(once.ends)
    links, beside_m = attach(links, is_walked, ways, params)
    dropped["metres of sidewalk beside its street"] = beside_m
    links, clipped = clip(links, area)
    sites = _school_sites(streets.places)
    found = chains(links.ends, _labels(links, ways, sites), clipped, links.xy_m)
    segments = _segments(found, links, ways, params)
    segments[Segments.in_ward] = midpoints_inside(segments.geometry, boundary)
    segments[Segments.in_school_site] = _in_any(midpoints(segments.geometry), sites)
    return _numbered(segments, links.xy_m, clipped, dropped)


# --- segments -----------------------------------------------------------------------------------


def _school_sites(places: gpd.GeoDataFrame) -> npt.NDArray[Any]:
    """Polygons of school grounds."""
    shapes = places.loc[places[Places.kind] == "school_site"].geometry.to_numpy()
    return np.asarray(shapes[np.isin(shapely.get_type_id(shapes), (3, 6))], dtype=object)


def _labels(links: Links, ways: pd.DataFrame, sites: npt.NDArray[Any]) -> IntArray:
    """(k,) a number for each combination that must not change along a segment."""
    tags = ways[list(_LABEL)].iloc[links.way].reset_index(drop=True)
    tags = tags.assign(name=links.name, in_site=_in_any(shapely.points(links.middle_m), sites))
    label = tags.groupby(list(tags.columns), sort=True).ngroup()
    return np.asarray(label, dtype=np.int64)


def _segments(found: Chains, links: Links, ways: pd.DataFrame, params: Streets) -> gpd.GeoDataFrame:
    first = found.link[found.first[:-1]]
    tags = ways[list(_LABEL)].iloc[links.way[first]].reset_index(drop=True)
    size = np.diff(found.first) + 1
    lines = shapely.linestrings(
        links.xy_m[found.vertex], indices=np.repeat(np.arange(len(size)), size)
    )
    length_m = shapely.length(lines)
    pace = np.where(tags[Ways.highway] == "steps", STEPS_PACE, 1.0) * params.walk_m_per_s
    names = np.array(links.names, dtype=object)[links.name[first]]
    return gpd.GeoDataFrame(
        {
            Segments.u: found.ends[:, 0],
            Segments.v: found.ends[:, 1],
            Segments.length_m: length_m,
            Segments.walk_s: length_m / pace,
            Segments.name: pd.Series(names, dtype="str"),
            Segments.highway: tags[Ways.highway],
            Segments.is_bridge: tags[Ways.is_bridge],
            Segments.is_tunnel: tags[Ways.is_tunnel],
        },
        geometry=lines,
        crs=METRIC,
    )


def _in_any(points: npt.NDArray[Any], areas: npt.NDArray[Any]) -> BoolArray:
    inside = np.zeros(len(points), dtype=bool)
    inside[shapely.STRtree(areas).query(points, predicate="intersects")[0]] = True
    return inside


def _numbered(
    segments: gpd.GeoDataFrame, xy_m: FloatArray, clipped: BoolArray, dropped: Counter[str]
) -> Network:
    """Sort segments and nodes by place and number them from 0."""
    used = np.unique(segments[[Segments.u, Segments.v]].to_numpy())
    used = used[np.lexsort([used, xy_m[used, 1], xy_m[used, 0]])]
    number = np.full(len(xy_m), -1, dtype=np.int64)
    number[used] = np.arange(len(used))
    u, v = number[segments[Segments.u]], number[segments[Segments.v]]
    lines = segments.geometry.to_numpy()
    second = shapely.get_coordinates(shapely.get_point(lines, 1))
    texts = segments[[Segments.highway, Segments.name]].apply(lambda c: c.rank(method="dense"))
    order = np.lexsort(
        [*texts.to_numpy().T, segments[Segments.length_m], second[:, 1], second[:, 0], v, u]
    )
    frame = segments.assign(**{Segments.u: u, Segments.v: v}).iloc[order].reset_index(drop=True)
    frame.index.name = Segments.index
    nodes = pd.DataFrame(
        {
            Nodes.x_m: xy_m[used, 0],
            Nodes.y_m: xy_m[used, 1],
            Nodes.is_clipped: clipped[used],
        }
    )
    nodes.index.name = Nodes.index
    return Network(
        segments=Segments.validate(frame),
        nodes=Nodes.validate(nodes),
        dropped=tuple(sorted((why, n) for why, n in dropped.items() if n)),
    )
