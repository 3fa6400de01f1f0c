"""Bus stops and stations from NaPTAN's Stops.csv, or any list with a name and a position."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from string import capwords
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from corridors.arrays import BoolArray
from corridors.crs import METRIC
from corridors.errors import ColumnError
from corridors.model import SourceRecord, StreetExtract
from corridors.sources.csvs import CsvTable, normal, read_cells, read_header
from corridors.sources.database import Query
from corridors.sources.positions import Bounds, counted, read_positions, require_mostly_good
from corridors.tables import Places

SAME_M: Final = 25.0  # nearer than this, two of one kind are one place
ALIASES: Final = {
    "name": ("CommonName", "Stop_Name", "name", "Station", "Station name"),
    "kind": ("kind", "StopType", "railway", "Stop Type"),
    "status": ("Status",),
    "easting": ("Easting", "Location_Easting"),
    "northing": ("Northing", "Location_Northing"),
    "lon": ("Longitude", "lon", "lng"),
    "lat": ("Latitude", "lat"),
}
# NaPTAN stop types (schema guide, table of stop types), and OSM's words for railways.
_KINDS: Final = {
    "bus_stop": ("bus_stop", "bct", "bcs", "bce", "bcq", "bst"),
    "station": (
        "station", "rse", "rly", "rpl", "tmu", "met", "plt", "halt", "tram_stop", "subway_entrance",
    ),
}  # fmt: skip
_KIND_OF: Final = {word: kind for kind, words in _KINDS.items() for word in words}
_ACTIVE: Final = ("", "active", "act", "new", "rev")
_OTHER: Final = "neither a bus stop nor a station"


def read_stops(
    path: Path | Query, *, file: str, bounds_m: Bounds | None = None
) -> tuple[gpd.GeoDataFrame, SourceRecord]:
    """Read stops and stations as rows of ``tables.Places``.

    Parameters
    ----------
    path : a CSV with a name and a position. Its ``StopType`` (NaPTAN), ``railway`` or ``kind``
        says what each row is; without one the header must speak of bus stops or of stations.
    bounds_m : keep what lies inside (west, south, east, north), metres; all if None.

    Raises
    ------
    InputError
        If the file cannot be read, does not say what it holds, or has wrong positions.
    """
    header = read_header(path, file=file, may_be_windows=True)
    table = read_cells(path, file=file, aliases=ALIASES, required=("name",), may_be_windows=True)
    cells = table.cells
    if not ({"easting", "northing"} <= set(cells) or {"lon", "lat"} <= set(cells)):
        raise ColumnError(
            "no position", file=file, row=1, column="Easting", fix="Add Easting and Northing"
        )
    positions = read_positions(cells)
    require_mostly_good(positions, cells=cells, file=file, headers=table.headers)
    kind = _kinds(table, header)
    status = cells["status"].str.casefold() if "status" in cells else None
    reason = positions.problem.copy()
    reason[(reason == "") & kind.isna().to_numpy()] = _OTHER
    if status is not None:
        reason[(reason == "") & ~status.isin(_ACTIVE).to_numpy()] = "no longer in use"
    if bounds_m is not None:
        west, south, east, north = bounds_m
        is_outside = ~(
            (positions.x_m >= west) & (positions.x_m <= east)
            & (positions.y_m >= south) & (positions.y_m <= north)
        )  # fmt: skip
        reason[(reason == "") & is_outside] = "outside the area"
    good = reason == ""
    places = _places(
        kind[good].to_numpy(), [_tidy(text) for text in cells["name"][good]],
        positions.x_m[good], positions.y_m[good],
    )  # fmt: skip
    record = SourceRecord(
        "stops", file, table.sha256, len(cells), len(places), tuple(sorted(counted(reason).items()))
    )
    return places, record


def add_stops(streets: StreetExtract, stops: Sequence[gpd.GeoDataFrame]) -> StreetExtract:
    """``streets`` with the stops that its places do not hold yet.

    A stop within 25 m of a place of its kind, or of a stop added before it in order of name and
    position, is that place. Existing places keep their rows; the order of files changes nothing.
    """
    if not stops:
        return streets
    joined = pd.concat([frame.reset_index(drop=True) for frame in stops], ignore_index=True)
    joined = joined.assign(x_m=joined.geometry.x, y_m=joined.geometry.y)
    joined = joined.sort_values([Places.kind, Places.name, "x_m", "y_m"], ignore_index=True)
    is_new = np.zeros(len(joined), dtype=bool)
    for kind in sorted(set(joined[Places.kind])):
        rows = np.flatnonzero(joined[Places.kind] == kind)
        there = streets.places[streets.places[Places.kind] == kind]
        is_new[rows] = _is_new(
            joined.loc[rows, ["x_m", "y_m"]].to_numpy(dtype=float), there.geometry
        )
    added = joined[is_new]
    # A column of its own type: positions of old rows are not touched.
    first = int(streets.places.index.max()) + 1 if len(streets.places) else 0
    new = gpd.GeoDataFrame(
        {Places.kind: added[Places.kind].to_numpy(), Places.name: added[Places.name].to_numpy()},
        geometry=added.geometry.to_numpy(),
        index=pd.RangeIndex(first, first + len(added), name=Places.index),
        crs=METRIC,
    )
    places = gpd.GeoDataFrame(pd.concat([streets.places, new]), crs=METRIC)
    places.index.name = Places.index
    return replace(streets, places=Places.validate(places))


def _kinds(table: CsvTable, header: Sequence[str]) -> pd.Series[Any]:
    """Kind of each row, NA where it is neither."""
    if "kind" in table.cells:
        return table.cells["kind"].str.casefold().map(_KIND_OF)
    words = normal(" ".join(header))
    is_bus, is_station = "bus" in words.split(), "station" in words.split()
    if is_bus == is_station:
        raise ColumnError(
            "does not say whether its rows are bus stops or stations", file=table.file, row=1,
            fix="Add a column kind with bus_stop or station",
        )  # fmt: skip
    kind = "bus_stop" if is_bus else "station"
    return pd.Series(kind, index=table.cells.index)


def _places(
    kind: npt.NDArray[Any], names: list[str], x_m: npt.NDArray[Any], y_m: npt.NDArray[Any]
) -> gpd.GeoDataFrame:
    return Places.validate(
        gpd.GeoDataFrame(
            {
                Places.kind: pd.Series(kind, dtype="str"),
                Places.name: pd.Series(names, dtype="str"),
            },
            geometry=gpd.points_from_xy(x_m, y_m),
            index=pd.RangeIndex(len(names), name=Places.index),
            crs=METRIC,
        )
    )


def _tidy(name: str) -> str:
    """A stop's name without the signs that stand for interchanges, and not in capitals only."""
    plain = re.sub(r"<>|>[A-Z]<|#|\[[A-Z]+\]", " ", name)
    plain = " ".join("".join(c for c in plain if c.isprintable()).split())
    return capwords(plain) if plain.isupper() else plain


def _is_new(xy_m: npt.NDArray[np.float64], there: gpd.GeoSeries) -> BoolArray:
    """Rows of ``xy_m`` farther than 25 m from all of ``there`` and from earlier new rows."""
    is_new = np.ones(len(xy_m), dtype=bool)
    if len(there):
        points = gpd.GeoSeries(gpd.points_from_xy(xy_m[:, 0], xy_m[:, 1]), crs=METRIC)
        near, _ = there.sindex.query(points, predicate="dwithin", distance=SAME_M)
        is_new[np.unique(near)] = False
    for row, others in enumerate(cKDTree(xy_m).query_ball_point(xy_m, SAME_M)):
        if any(other < row and is_new[other] for other in others):
            is_new[row] = False
    return is_new
