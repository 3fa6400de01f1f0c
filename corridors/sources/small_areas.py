"""Small areas with their codes and residents: what police minutes are held against."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from corridors.crs import METRIC
from corridors.sources.database import Query
from corridors.sources.homes import read_homes
from corridors.sources.polygons import metric_polygons, read_polygons

AGED_10_17: Final = "aged_10_17"
_CODE: Final = re.compile(r"(?i)LSOA\d{2}CD|lsoa_code|code")
_LIKE_A_CODE: Final = re.compile(r"[A-Z][A-Za-z0-9]{2,14}")


def read_small_areas(path: Path | Query, *, file: str) -> gpd.GeoDataFrame:
    """The areas of the homes file with codes: columns ``residents`` and geometry, EPSG:27700.

    ``residents`` are those aged 10 to 17 where the file has the column ``aged_10_17``, else
    ``children``. Areas without a code are numbered.

    Returns
    -------
    Indexed by code, sorted.

    Raises
    ------
    InputError
        As ``homes.read_homes``.
    """
    read_homes(path, file=file)  # tells what is wrong with it
    raw = read_polygons(path, file, lambda name: bool(_CODE.fullmatch(name)) or name in _COUNTS)
    frame = raw.frame
    named = [str(name) for name in frame.columns if _CODE.fullmatch(str(name))]
    numbers = pd.Series([f"area {i + 1}" for i in range(len(frame))], dtype="str")
    codes = frame[named[0]].astype("str").reset_index(drop=True) if named else numbers
    codes = codes.where(codes.str.fullmatch(_LIKE_A_CODE.pattern) & ~codes.duplicated(), numbers)
    counted = AGED_10_17 if AGED_10_17 in frame else "children"
    areas = gpd.GeoDataFrame(
        {"residents": pd.to_numeric(frame[counted], errors="coerce").fillna(0.0).to_numpy()},
        geometry=metric_polygons(frame, numbers, file),
        index=pd.Index(codes, name="code"),
        crs=METRIC,
    )
    return areas.sort_index()


_COUNTS: Final = (AGED_10_17, "children")
