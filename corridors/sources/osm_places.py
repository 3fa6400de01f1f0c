"""Which OSM objects are places beside the streets, and how doubles are told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from corridors.arrays import BoolArray, FloatArray

KEYS: Final = (
    "addr:housenumber", "amenity", "barrier", "entrance", "highway", "landuse", "leisure",
    "natural", "public_transport", "railway",
)  # fmt: skip
PLATFORM: Final = "platform"  # becomes a bus stop unless one is mapped beside it
DOUBLE_ADDRESS: Final = "addresses mapped twice"
DOUBLE_STATION: Final = "stations mapped twice"
DOUBLE_STOP: Final = "platforms beside a bus stop"

_GATES: Final = frozenset(
    {"gate", "lift_gate", "swing_gate", "kissing_gate", "sliding_gate", "hampshire_gate",
     "full-height_turnstile", "turnstile", "wicket_gate"}
)  # fmt: skip
_PARKS: Final = frozenset(
    {("leisure", "park"), ("leisure", "recreation_ground"), ("leisure", "playground"),
     ("leisure", "common"), ("landuse", "recreation_ground"), ("landuse", "village_green")}
)  # fmt: skip
_RAILWAYS: Final = ("rail", "light_rail", "subway")
_STATIONS: Final = ("station", "halt")
_SCHOOLS: Final = ("school", "college")
# What to ask a server for, as OSMnx takes it: all that may be a place here, and pedestrian areas
# that are relations, which a query for ways does not find.
PLACE_TAGS: Final[Mapping[str, bool | list[str]]] = {
    "addr:housenumber": True,
    "amenity": list(_SCHOOLS),
    "barrier": sorted(_GATES),
    "entrance": True,
    "highway": ["bus_stop", "pedestrian"],
    "landuse": sorted(value for key, value in _PARKS if key == "landuse"),
    "leisure": sorted(value for key, value in _PARKS if key == "leisure"),
    "natural": ["water"],
    "public_transport": ["platform", "station"],
    "railway": [*_RAILWAYS, *_STATIONS],
}
_ADDRESS_PARTS: Final = (
    "addr:housenumber", "addr:unit", "addr:flats", "addr:street", "addr:place", "addr:postcode",
)  # fmt: skip
_PLATFORM_REACH_M: Final = 30.0
_STATION_REACH_M: Final = 200.0
_ADDRESS_REACH_M: Final = 100.0


def node_kinds(tags: Mapping[str, str]) -> list[str]:
    """Kinds of place that an OSM node is."""
    kinds = []
    if tags.get("highway") == "bus_stop":
        kinds.append("bus_stop")
    elif _is_bus_platform(tags):
        kinds.append(PLATFORM)
    if _is_station(tags):
        kinds.append("station")
    if tags.get("entrance", "no") != "no" or tags.get("barrier") in _GATES:
        kinds.append("entrance")
    if "addr:housenumber" in tags:
        kinds.append("address")
    return kinds


def line_kinds(tags: Mapping[str, str]) -> list[str]:
    """Kinds that an OSM way is by its line alone; addresses and platforms become points."""
    kinds = []
    if tags.get("railway") in _RAILWAYS and tags.get("tunnel", "no") == "no":
        kinds.append("railway")
    if _is_bus_platform(tags):
        kinds.append(PLATFORM)
    if "addr:housenumber" in tags:
        kinds.append("address")
    return kinds


def area_kinds(tags: Mapping[str, str]) -> list[str]:
    """Kinds that a closed way or a multipolygon is."""
    kinds = []
    if tags.get("amenity") in _SCHOOLS:
        kinds.append("school_site")
    if any((key, tags.get(key)) in _PARKS for key in ("leisure", "landuse")) and tags.get(
        "access"
    ) not in {"private", "no"}:
        kinds.append("park")
    if tags.get("natural") == "water":
        kinds.append("water")
    if _is_station(tags):
        kinds.append("station")
    return kinds


def address_text(tags: Mapping[str, str]) -> str:
    """The address as one line in lower case: the same text means the same front door."""
    return "|".join(tags.get(key, "") for key in _ADDRESS_PARTS).lower()


def without_doubles(places: pd.DataFrame) -> tuple[pd.DataFrame, Counter[str]]:
    """Leave out what is mapped twice, and turn lone platforms into bus stops.

    Parameters
    ----------
    places : columns ``kind``, ``name``, ``address``, ``rank`` (0 node, 1 way, 2 relation) and
        ``geometry`` (EPSG:27700), sorted.

    Returns
    -------
    The rows that stay, in order, and how many left, by reason.
    """
    kind = places["kind"].to_numpy()
    xy = shapely.get_coordinates(shapely.centroid(places["geometry"].to_numpy()))
    gone = {
        DOUBLE_STOP: _beside(kind == PLATFORM, kind == "bus_stop", xy, _PLATFORM_REACH_M),
        DOUBLE_STATION: _same_station(places, xy),
        DOUBLE_ADDRESS: _same_address(places, xy),
    }
    stays = ~np.logical_or.reduce(list(gone.values()))
    kept = places[stays].assign(kind=np.where(kind == PLATFORM, "bus_stop", kind)[stays])
    return kept, Counter({why: int(rows.sum()) for why, rows in gone.items()})


def _is_station(tags: Mapping[str, str]) -> bool:
    if tags.get("disused") == "yes" or tags.get("abandoned") == "yes":
        return False
    return tags.get("railway") in _STATIONS or (
        tags.get("public_transport") == "station"
        and any(tags.get(key) == "yes" for key in ("train", "subway", "light_rail"))
    )


def _is_bus_platform(tags: Mapping[str, str]) -> bool:
    return tags.get("public_transport") == "platform" and tags.get("bus") == "yes"


def _beside(rows: BoolArray, others: BoolArray, xy_m: FloatArray, reach_m: float) -> BoolArray:
    beside = np.zeros(len(rows), dtype=bool)
    if rows.any() and others.any():
        distance, _ = cKDTree(xy_m[others]).query(xy_m[rows])
        beside[rows] = distance <= reach_m
    return beside


def _same_station(places: pd.DataFrame, xy_m: FloatArray) -> BoolArray:
    """Outlines of stations that a node of the same name already stands for."""
    station = (places["kind"] == "station").to_numpy() & (places["name"] != "").to_numpy()
    is_node = (places["rank"] == 0).to_numpy()
    gone = np.zeros(len(places), dtype=bool)
    for name in places.loc[station & ~is_node, "name"].unique():
        named = station & (places["name"] == name).to_numpy()
        gone |= _beside(named & ~is_node, named & is_node, xy_m, _STATION_REACH_M)
    return gone


def _same_address(places: pd.DataFrame, xy_m: FloatArray) -> BoolArray:
    """Later rows with the text of an earlier address near by.

    A building and the node inside it often carry the same address. Counting it twice would make
    a place look less identifiable than it is.
    """
    rows = np.flatnonzero(places["kind"] == "address")
    text = places["address"].iloc[rows]
    gone = np.zeros(len(places), dtype=bool)
    doubles = text.duplicated(keep=False).to_numpy()
    for at in text[doubles].groupby(text[doubles].to_numpy()).indices.values():
        group = rows[doubles][at]
        kept: list[int] = []
        for row in group:
            far = np.hypot(*(xy_m[kept] - xy_m[row]).T) > _ADDRESS_REACH_M
            if far.all():
                kept.append(row)
            else:
                gone[row] = True
    return gone
