"""Street extracts for tests, made from named vertices and ways, and OSM files as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box
from shapely.geometry.base import BaseGeometry

from corridors.crs import METRIC, to_geographic
from corridors.model import StreetExtract, Ward
from corridors.tables import Places, Ways

DEFAULTS: dict[str, Any] = {
    "highway": "residential",
    "name": "",
    "footway": "",
    "access": "",
    "foot": "",
    "area": False,
    "is_bridge": False,
    "is_tunnel": False,
}


@dataclass(frozen=True)
class Way:
    """Vertices by key, and tags that differ from an unnamed residential street."""

    at: Sequence[Any]
    tags: Mapping[str, Any] = field(default_factory=dict)


def way(*at: Any, **tags: Any) -> Way:
    return Way(at, tags)


def make_extract(
    xy_m: Mapping[Any, tuple[float, float]],
    ways: Sequence[Way],
    *,
    sites: Sequence[BaseGeometry] = (),
) -> StreetExtract:
    """An extract whose vertices stand in the order of ``xy_m``."""
    position = {key: i for i, key in enumerate(xy_m)}
    count = np.array([len(w.at) for w in ways], dtype=np.int64)
    table = pd.DataFrame([{**DEFAULTS, **w.tags} for w in ways], columns=list(DEFAULTS))
    for name, value in DEFAULTS.items():
        table[name] = table[name].astype("bool" if isinstance(value, bool) else "str")
    table[Ways.first_ref] = np.cumsum(count) - count
    table[Ways.ref_count] = count
    table.index.name = Ways.index
    places = gpd.GeoDataFrame(
        {
            Places.kind: pd.Series(["school_site"] * len(sites), dtype="str"),
            Places.name: pd.Series([""] * len(sites), dtype="str"),
        },
        geometry=gpd.GeoSeries(list(sites), crs=METRIC),
        crs=METRIC,
    )
    places.index.name = Places.index
    return StreetExtract(
        vertex_xy_m=np.array(list(xy_m.values()), dtype=float).reshape(-1, 2),
        way_refs=np.array([position[key] for w in ways for key in w.at], dtype=np.int64),
        ways=Ways.validate(table),
        places=places,
    )


def square_ward(low_m: float = -1000.0, high_m: float = 1000.0) -> Ward:
    """A square ward; code and name are fictional."""
    return Ward("E05999001", "Square", box(low_m, low_m, high_m, high_m))


def osm_xml(
    nodes: Mapping[int, tuple[float, float]],
    *,
    node_tags: Mapping[int, Mapping[str, str]] | None = None,
    ways: Mapping[int, tuple[Sequence[int], Mapping[str, str]]] | None = None,
    relations: Mapping[int, tuple[Sequence[tuple[int, str]], Mapping[str, str]]] | None = None,
    ways_first: bool = False,
) -> str:
    """OSM XML; node positions are metres east and north of (530 km, 180 km), EPSG:27700."""
    at = np.array(list(nodes.values()), dtype=float) + np.array([530_000.0, 180_000.0])
    lon, lat = to_geographic(at[:, 0], at[:, 1])
    node_text = [
        f'<node id="{i}" version="1" lat="{y:.7f}" lon="{x:.7f}">'
        f"{_tags((node_tags or {}).get(i, {}))}</node>"
        for i, x, y in zip(nodes, lon, lat, strict=True)
    ]
    way_text = [
        f'<way id="{i}" version="1">'
        + "".join(f'<nd ref="{ref}"/>' for ref in refs)
        + f"{_tags(tags)}</way>"
        for i, (refs, tags) in (ways or {}).items()
    ]
    relation_text = [
        f'<relation id="{i}" version="1">'
        + "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
        + f"{_tags(tags)}</relation>"
        for i, (members, tags) in (relations or {}).items()
    ]
    body = [*way_text, *node_text] if ways_first else [*node_text, *way_text]
    return f'<osm version="0.6">{"".join([*body, *relation_text])}</osm>'


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())
