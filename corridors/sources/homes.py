"""Where school-age children live, by small area: a census table joined to its shapes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from corridors.crs import METRIC
from corridors.errors import ColumnError
from corridors.model import SourceRecord
from corridors.sources.database import Query
from corridors.sources.polygons import metric_polygons, read_polygons
from corridors.tables import ChildAreas

COLUMN: Final = "children"


def read_homes(path: Path | Query, *, file: str) -> tuple[gpd.GeoDataFrame, SourceRecord]:
    """Read small areas with a count of children.

    Parameters
    ----------
    path : GeoJSON, GeoPackage, shapefile, GeoParquet or a query of polygons (such as LSOAs)
        with a column ``children``: residents of school age. Every other column is left behind.

    Returns
    -------
    tables.ChildAreas in an order that no row order changes; and the record.

    Raises
    ------
    ColumnError
        If the column is missing or holds something else than a count.
    InputError, CrsError
        If the shapes cannot be used.
    """
    read = read_polygons(path, file, COLUMN.__eq__)
    raw = read.frame
    if COLUMN not in raw.columns:
        raise ColumnError(
            "the column is missing", file=file, column=COLUMN,
            fix="Name the column with the number of children so",
        )  # fmt: skip
    children = pd.to_numeric(raw[COLUMN], errors="coerce").astype("float64")
    is_bad = (~np.isfinite(children) | (children < 0)).to_numpy()
    if is_bad.any():
        at = int(np.flatnonzero(is_bad)[0])
        raise ColumnError(
            "is not a number of children", file=file, row=at + 2, column=COLUMN,
            value=raw[COLUMN].iloc[at], fix="Write 0 where nobody lives",
        )  # fmt: skip
    labels = pd.Series([f"area {i + 1}" for i in range(len(raw))], dtype="str")
    areas = gpd.GeoDataFrame(
        {ChildAreas.children: children.to_numpy()},
        geometry=metric_polygons(raw, labels, file),
        crs=METRIC,
    )
    order = np.lexsort((*areas.bounds.to_numpy().T, areas[ChildAreas.children]))
    areas = areas.iloc[order].reset_index(drop=True)
    areas.index.name = ChildAreas.index
    record = SourceRecord("homes", file, read.sha256, len(raw), len(areas))
    return ChildAreas.validate(areas), record
