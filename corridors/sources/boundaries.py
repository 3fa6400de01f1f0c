"""Ward boundaries as the Office for National Statistics publishes them, and the ward asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from corridors.crs import METRIC
from corridors.errors import ColumnError, InputError, WardError
from corridors.labels import WARD
from corridors.model import SourceRecord, Ward
from corridors.sources.csvs import printable
from corridors.sources.database import Query
from corridors.sources.polygons import metric_polygons, read_polygons
from corridors.sources.positions import Bounds

_COLUMN: Final = re.compile(r"WD([0-9]{2})(CD|NM)", re.IGNORECASE)
_BOROUGH: Final = re.compile(r"LAD([0-9]{2})CD", re.IGNORECASE)


def read_wards(path: Path | Query, *, file: str) -> tuple[gpd.GeoDataFrame, SourceRecord]:
    """Read ward boundaries.

    Parameters
    ----------
    path : GeoJSON, GeoPackage, shapefile, GeoParquet or a query with columns such as
        ``WD24CD`` and ``WD24NM``, and ``LAD24CD`` if it holds several boroughs; of several
        vintages the newest counts.

    Returns
    -------
    Index ``code`` (sorted), ``name``, ``borough`` (the newest code of the local authority, empty
    where the file has none) and valid polygons in EPSG:27700; and the record.

    Raises
    ------
    InputError
        If the file cannot be read, lacks the columns, or a code is wrong or repeated.
    CrsError
        If its coordinate system is missing, or positions lie outside Great Britain.
    """
    read = read_polygons(
        path, file, lambda name: bool(_COLUMN.fullmatch(name) or _BOROUGH.fullmatch(name))
    )
    raw = read.frame
    code_column, name_column = _columns(read.header, file)
    if raw.empty:
        raise InputError("holds no ward", file=file, fix="Download it again")
    codes = raw[code_column].astype("str").str.strip()
    _require_codes(codes, code_column, file)
    wards = gpd.GeoDataFrame(
        {"name": [_line(name) for name in raw[name_column]], "borough": _boroughs(raw)},
        geometry=metric_polygons(raw, codes, file),
        index=pd.Index(codes.to_numpy(), name="code"),
        crs=METRIC,
    ).sort_index()
    notes = (f"boundaries of 20{code_column[2:4]} ({code_column})",)
    return wards, SourceRecord("boundaries", file, read.sha256, len(raw), len(wards), notes=notes)


def find_ward(wards: gpd.GeoDataFrame, wanted: str, *, file: str) -> Ward:
    """The ward with this code, or with this name if only one has it.

    Raises
    ------
    WardError
        If there is none or more than one; lists what is near.
    """
    text = wanted.strip()
    if text in wards.index:
        return ward_of(wards, text)
    named = wards.index[wards["name"].str.casefold() == text.casefold()]
    if len(named) == 1:
        return find_ward(wards, str(named[0]), file=file)
    if len(named) > 1:
        raise WardError(
            f"{len(named)} wards have this name", file=file, value=wanted,
            fix=f"Give the code: {', '.join(named)}",
        )  # fmt: skip
    near = _nearest(wards, text)
    fix = f"Did you mean {near}?" if near else f"It holds {_some(wards)}"
    problem = "is not in the boundary file" if WARD.fullmatch(text) else "is not a ward code here"
    raise WardError(problem, file=file, column="ward", value=wanted, fix=fix)


def ward_of(wards: gpd.GeoDataFrame, code: str) -> Ward:
    """A ward that the table has."""
    return Ward(code, str(wards.at[code, "name"]), wards.at[code, "geometry"])


def bounds_of(geometry: BaseGeometry, margin_m: float) -> Bounds:
    """Bounds of ``geometry`` (metres), ``margin_m`` wider on each side."""
    west, south, east, north = geometry.bounds
    return west - margin_m, south - margin_m, east + margin_m, north + margin_m


def _columns(columns: Sequence[str], file: str) -> tuple[str, str]:
    found: dict[str, dict[str, str]] = {}
    for column in columns:
        match = _COLUMN.fullmatch(column)
        if match:
            found.setdefault(match[1], {})[match[2].upper()] = column
    both = [pair for _, pair in sorted(found.items()) if len(pair) == 2]
    if not both:
        raise ColumnError(
            "no pair of columns like WD24CD and WD24NM", file=file,
            fix=f"Use ONS ward boundaries; the file has {', '.join(map(printable, columns[:12]))}",
        )  # fmt: skip
    return both[-1]["CD"], both[-1]["NM"]


def _boroughs(raw: gpd.GeoDataFrame) -> list[str]:
    columns = sorted(str(name) for name in raw.columns if _BOROUGH.fullmatch(str(name)))
    return [_line(code) for code in raw[columns[-1]]] if columns else [""] * len(raw)


def _require_codes(codes: pd.Series[Any], column: str, file: str) -> None:
    is_bad = ~codes.str.fullmatch(WARD.pattern)
    if is_bad.any():
        raise ColumnError(
            "is not a ward code", file=file, row=int(np.flatnonzero(is_bad)[0]) + 2, column=column,
            value=codes[is_bad].iloc[0], fix="A ward code is like E05009302",
        )  # fmt: skip
    repeated = codes[codes.duplicated()]
    if len(repeated):
        raise ColumnError(
            "the ward stands in the file twice", file=file, column=column, value=repeated.iloc[0],
            fix="Keep one shape for each ward",
        )  # fmt: skip


def _line(name: object) -> str:
    text = " ".join(str(name).split()) if isinstance(name, str) else ""
    return "".join(c for c in text if c.isprintable())


def _nearest(wards: gpd.GeoDataFrame, text: str) -> str:
    codes = get_close_matches(text.upper(), list(wards.index), n=3, cutoff=0.75)
    names = {name.casefold(): code for code, name in wards["name"].items()}
    codes += [names[n] for n in get_close_matches(text.casefold(), list(names), n=3)]
    return " or ".join(f"{code} ({wards['name'][code]})" for code in dict.fromkeys(codes))


def _some(wards: gpd.GeoDataFrame, limit: int = 8) -> str:
    shown = [f"{code} ({name})" for code, name in wards["name"].head(limit).items()]
    more = f" and {len(wards) - limit} more" if len(wards) > limit else ""
    return ", ".join(shown) + more
