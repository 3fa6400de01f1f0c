"""Small networks for tests, made from coordinates and pairs of nodes."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString

from corridors.crs import METRIC
from corridors.model import Network
from corridors.tables import Nodes, Segments

WALK_M_PER_S = 1.0


def make_network(
    xy_m: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    *,
    clipped: Sequence[int] = (),
    lengths_m: Sequence[float] | None = None,
    names: Sequence[str] | None = None,
) -> Network:
    """A network with straight segments; walking speed 1 m/s. A loop becomes a small triangle."""
    at = np.asarray(xy_m, dtype=float)
    lines = []
    for u, v in edges:
        if u == v:
            x, y = at[u]
            lines.append(LineString([(x, y), (x + 10, y), (x, y + 10), (x, y)]))
        else:
            lines.append(LineString([at[u], at[v]]))
    length = np.array(lengths_m if lengths_m is not None else [line.length for line in lines])
    frame = gpd.GeoDataFrame(
        {
            Segments.u: np.array([e[0] for e in edges], dtype=np.int64),
            Segments.v: np.array([e[1] for e in edges], dtype=np.int64),
            Segments.length_m: length.astype(float),
            Segments.walk_s: length.astype(float) / WALK_M_PER_S,
            Segments.name: pd.array(
                list(names) if names else [f"Street {i}" for i in range(len(edges))], dtype="str"
            ),
            Segments.highway: pd.array(["residential"] * len(edges), dtype="str"),
            Segments.is_bridge: False,
            Segments.is_tunnel: False,
            Segments.in_ward: True,
            Segments.in_school_site: False,
        },
        geometry=lines,
        crs=METRIC,
    )
    frame.index.name = Segments.index
    nodes = pd.DataFrame(
        {
            Nodes.x_m: at[:, 0],
            Nodes.y_m: at[:, 1],
            Nodes.is_clipped: [i in set(clipped) for i in range(len(at))],
        }
    )
    nodes.index.name = Nodes.index
    return Network(Segments.validate(frame), Nodes.validate(nodes))


def grid_network(columns: int, rows: int, step_m: float = 60.0) -> Network:
    """A grid of streets, named by row and column, in metres."""
    xy = [(c * step_m, r * step_m) for r in range(rows) for c in range(columns)]
    edges, names = [], []
    for r in range(rows):
        for c in range(columns):
            at = r * columns + c
            if c + 1 < columns:
                edges.append((at, at + 1))
                names.append(f"Row {r} Road")
            if r + 1 < rows:
                edges.append((at, at + columns))
                names.append(f"Column {c} Street")
    return make_network(xy, edges, names=names)
