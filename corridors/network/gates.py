"""Where pupils leave their school: mapped gates, gates set by hand, or the nearest street."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from corridors.errors import InputError
from corridors.model import Network
from corridors.network.snapping import snap
from corridors.tables import GateOverrides, Gates, Places, Schools, Segments

_SITE_REACH_M = 80.0  # a register's point is often the postcode's, beside the site
_ON_BOUNDARY_M = 5.0  # entrances farther from the site's edge are doors of buildings
_GATE_REACH_M = 150.0
_HAND_REACH_M = 1000.0  # a gate set by hand farther off is a slip of the pen


def find_gates(
    network: Network,
    schools: pd.DataFrame,
    urns: Iterable[str],
    places: gpd.GeoDataFrame,
    overrides: pd.DataFrame,
) -> pd.DataFrame:
    """Gates of the schools ``urns`` on the network.

    Gates set by hand win; then entrances and gates mapped on the edge of the school's site; then
    the street point nearest to the register's point. Streets inside a school site never count.

    Parameters
    ----------
    schools : tables.Schools. places : tables.Places. overrides : tables.GateOverrides.

    Returns
    -------
    tables.Gates; a school with no street within 150 m has none.

    Raises
    ------
    InputError
        If a gate set by hand is more than 1 km from its school.
    """
    sites = places[places[Places.kind] == "school_site"]
    entrances = places[places[Places.kind] == "entrance"]
    found: list[tuple[str, float, float, str]] = []
    for urn in sorted(urns):
        at = Point(schools.at[urn, Schools.x_m], schools.at[urn, Schools.y_m])
        by_hand = overrides[overrides[GateOverrides.urn] == urn]
        if len(by_hand):
            found += [(urn, x, y, "override") for x, y in _set_by_hand(by_hand, at)]
            continue
        mapped = _mapped_gates(at, sites, entrances)
        found += [(urn, x, y, "mapped") for x, y in mapped] or [(urn, at.x, at.y, "nearest")]
    return _on_network(network, found)


def _set_by_hand(gates: pd.DataFrame, at: Point) -> list[tuple[float, float]]:
    found = sorted(
        (float(x), float(y))
        for x, y in zip(gates[GateOverrides.x_m], gates[GateOverrides.y_m], strict=True)
    )
    for x, y in found:
        if np.hypot(x - at.x, y - at.y) > _HAND_REACH_M:
            raise InputError(
                f"the gate is more than {_HAND_REACH_M:g} m from its school in the register",
                file="gates file",
                column="easting, northing",
                value=f"{x:.0f}, {y:.0f}",
                fix="Correct the gate's easting and northing, or the school's in the register",
            )
    return found


def _mapped_gates(
    at: Point, sites: gpd.GeoDataFrame, entrances: gpd.GeoDataFrame
) -> list[tuple[float, float]]:
    site = _site_of(at, sites)
    if site is None or not len(entrances):
        return []
    near = shapely.distance(entrances.geometry.to_numpy(), site.boundary) <= _ON_BOUNDARY_M
    points = entrances.geometry.to_numpy()[near]
    return sorted({(round(float(p.x), 2), round(float(p.y), 2)) for p in points})


def _site_of(at: Point, sites: gpd.GeoDataFrame) -> BaseGeometry | None:
    if not len(sites):
        return None
    shapes = sites.geometry.to_numpy()
    distance_m = shapely.distance(shapes, at)
    best = np.lexsort((shapely.area(shapes), distance_m))[0]
    site: BaseGeometry = shapes[best]
    return site if distance_m[best] <= _SITE_REACH_M else None


def _on_network(network: Network, found: list[tuple[str, float, float, str]]) -> pd.DataFrame:
    x_m = np.array([f[1] for f in found], dtype=float)
    y_m = np.array([f[2] for f in found], dtype=float)
    outside = ~network.segments[Segments.in_school_site].to_numpy()
    snapped = snap(network, x_m, y_m, reach_m=_GATE_REACH_M, among=outside)
    frame = pd.DataFrame(
        {
            Gates.urn: pd.array([f[0] for f in found], dtype="str"),
            Gates.segment_id: snapped["segment_id"].to_numpy(dtype=np.int64),
            Gates.offset_m: snapped["offset_m"].to_numpy(dtype=float),
            Gates.x_m: x_m,
            Gates.y_m: y_m,
            Gates.source: pd.array([f[3] for f in found], dtype="str"),
        }
    )
    frame = frame[frame[Gates.segment_id] >= 0].reset_index(drop=True)
    frame.index.name = Gates.index
    return Gates.validate(frame)
