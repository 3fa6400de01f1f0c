"""Tables, arrays and shapes as plain data in MessagePack, and back without running anything.

What is read may have been changed by anybody. So arrays are a dtype of a closed list, a shape and
bytes of just that length; text is text; and shapes are points, lines and polygons in WKB, each on
its own. GEOS reads shapes within shapes by calling itself, and a file that nests a million of them
would end the process, so parts are put together here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from typing import Any, Final, TypeVar, get_args, get_origin

import geopandas as gpd
import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from corridors.crs import METRIC, require_metric
from corridors.errors import InputError

FIX: Final = "Run the batch again; pieces are made anew"

KindT = TypeVar("KindT")

_DTYPES: Final = frozenset(
    ["|b1", "|i1", "|u1"]
    + [f"<{kind}{size}" for kind in "iu" for size in (2, 4, 8)]
    + ["<f4", "<f8"]
    + [f"<M8[{unit}]" for unit in ("s", "ms", "us", "ns")]
)
_TEXT: Final = ("str", "string", "object")
_SINGLE: Final = (0, 1, 3)  # shapely's type ids of Point, LineString, Polygon
_MULTI: Final = {  # type id: the parts', and what puts them together
    4: (0, shapely.multipoints),
    5: (1, shapely.multilinestrings),
    6: (3, shapely.multipolygons),
}
_FLAT_WKB: Final = {z + code for z in (0, 1000, 2000, 3000) for code in (1, 2, 3)}
_HEADER_BYTES: Final = 5  # of WKB: byte order and type


class _Array(msgspec.Struct, frozen=True, array_like=True, tag="array"):
    dtype: str
    shape: tuple[int, ...]
    data: bytes  # in C order


class _Utc(msgspec.Struct, frozen=True, array_like=True, tag="utc"):
    instants: _Array


class _Texts(msgspec.Struct, frozen=True, array_like=True, tag="text"):
    dtype: str  # of _TEXT
    values: list[str | float | None]  # a float is a NaN among objects


class _Range(msgspec.Struct, frozen=True, array_like=True, tag="range"):
    start: int
    stop: int
    step: int


class _Shape(msgspec.Struct, frozen=True, array_like=True, tag="shape"):
    type_id: int
    parts: list[bytes]  # WKB; one, unless it is of many


class _Shapes(msgspec.Struct, frozen=True, array_like=True, tag="shapes"):
    shapes: list[_Shape | None]


class _Table(msgspec.Struct, frozen=True, array_like=True, tag="table"):
    index_name: str | None
    index: _Array | _Utc | _Texts | _Range
    names: tuple[str, ...]
    columns: tuple[_Array | _Utc | _Texts | _Shapes, ...]
    geometry: str | None  # name of the column of shapes; EPSG:27700


def encode(value: object) -> bytes:
    """A value as MessagePack: the same value, the same bytes.

    Parameters
    ----------
    value : of dataclasses, mappings, tuples, text, numbers, dates, and of arrays, (Geo)DataFrames
        and shapes. No set: it has no order.

    Raises
    ------
    InputError
        If a text holds half a character.
    TypeError
        If there is anything else in it: a bug.
    """
    try:
        return msgspec.msgpack.encode(value, enc_hook=_plain)
    except UnicodeEncodeError as error:
        raise InputError(
            "a text holds half a character (a lone surrogate)",
            value=error.object,
            fix="Write it anew in the file that it comes from",
        ) from error


def decode(data: bytes | memoryview, kind: type[KindT]) -> KindT:
    """A value of a dataclass from ``encode``'s bytes.

    Arrays have the dtype that ``kind`` names, can be written to, and are in C order.

    Raises
    ------
    InputError
        If the bytes are anything else.
    """
    try:
        return msgspec.msgpack.decode(data, type=kind, dec_hook=_made)
    except (
        msgspec.MsgspecError,
        shapely.errors.ShapelyError,
        ValueError,
        TypeError,
        OverflowError,
        RecursionError,
        MemoryError,
    ) as error:
        raise InputError("this piece is damaged or was made by something else", fix=FIX) from error


# --- to plain data ------------------------------------------------------------------------------


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, pd.DataFrame):
        return _plain_table(value)
    if isinstance(value, BaseGeometry):
        return _plain_shapes(np.array([value], dtype=object)).shapes[0]
    raise TypeError(f"a piece cannot hold {type(value).__name__}")


def _plain_array(values: npt.NDArray[Any]) -> _Array:
    if values.dtype.str not in _DTYPES:
        raise TypeError(f"a piece cannot hold arrays of {values.dtype}")
    return _Array(values.dtype.str, values.shape, values.tobytes())


def _plain_table(frame: pd.DataFrame) -> _Table:
    geometry = None
    if isinstance(frame, gpd.GeoDataFrame):
        require_metric(frame.crs, "a piece")
        geometry = str(frame.geometry.name)
    return _Table(
        index_name=None if frame.index.name is None else str(frame.index.name),
        index=_plain_index(frame.index),
        names=tuple(frame.columns),
        columns=tuple(
            _plain_shapes(frame.geometry.to_numpy())
            if name == geometry
            else _plain_column(frame[name])
            for name in frame.columns
        ),
        geometry=geometry,
    )


def _plain_index(index: pd.Index[Any]) -> _Array | _Utc | _Texts | _Range:
    if isinstance(index, pd.RangeIndex):
        return _Range(index.start, index.stop, index.step)
    return _plain_column(index.to_series())


def _plain_column(values: pd.Series[Any]) -> _Array | _Utc | _Texts:
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        return _plain_array(values.to_numpy())
    if isinstance(dtype, pd.DatetimeTZDtype) and str(dtype.tz) == "UTC":
        return _Utc(_plain_array(values.dt.tz_localize(None).to_numpy()))
    if str(dtype) not in _TEXT:
        raise TypeError(f"a piece cannot hold the column {values.name} of {dtype}")
    listed = values.tolist()
    if str(dtype) != "object":
        listed = [None if gone else text for text, gone in zip(listed, values.isna(), strict=True)]
    if not all(_is_text(value) for value in listed):
        raise TypeError(f"a piece cannot hold the column {values.name}: it is not all text")
    return _Texts(str(dtype), listed)


def _is_text(value: object) -> bool:
    return value is None or (math.isnan(value) if type(value) is float else type(value) is str)


def _plain_shapes(shapes: npt.NDArray[Any]) -> _Shapes:
    type_ids = shapely.get_type_id(shapes)  # -1 for None
    unknown = set(type_ids.tolist()) - {-1, *_SINGLE, *_MULTI}
    if unknown:
        raise TypeError(f"a piece cannot hold shapes of type {sorted(unknown)}")
    parts = iter(shapely.to_wkb(shapely.get_parts(shapes), byte_order=1, flavor="iso"))
    counts = shapely.get_num_geometries(shapes)
    return _Shapes(
        [
            None if type_id < 0 else _Shape(type_id, list(islice(parts, count)))
            for type_id, count in zip(type_ids.tolist(), counts.tolist(), strict=True)
        ]
    )


# --- from plain data ----------------------------------------------------------------------------


def _made(kind: Any, plain: object) -> object:
    """What ``kind`` names, of data that nobody has looked at."""
    whole = get_origin(kind) or kind
    if whole is np.ndarray:
        values = _made_array(msgspec.convert(plain, _Array))
        asked = get_args(get_args(kind)[1])[0] if get_args(kind) else values.dtype
        if values.dtype != asked:
            raise ValueError(f"an array is {values.dtype}, not {asked}")
        return values
    if isinstance(whole, type) and issubclass(whole, pd.DataFrame):
        return _made_table(msgspec.convert(plain, _Table))
    if whole is BaseGeometry:
        return _made_shapes([msgspec.convert(plain, _Shape)])[0]
    raise TypeError(f"a piece cannot hold {kind}")


def _made_array(plain: _Array) -> npt.NDArray[Any]:
    if plain.dtype not in _DTYPES or min(plain.shape, default=0) < 0:
        raise ValueError("no such array")
    dtype = np.dtype(plain.dtype)
    if math.prod(plain.shape) * dtype.itemsize != len(plain.data):
        raise ValueError("an array is longer or shorter than it says")
    if dtype.kind == "b" and plain.data.translate(None, b"\0\1"):
        raise ValueError("a truth is neither 0 nor 1")
    return np.frombuffer(plain.data, dtype=dtype).reshape(plain.shape).copy()


def _made_table(plain: _Table) -> pd.DataFrame:
    index = _made_index(plain.index, plain.index_name)
    if not plain.names or len(set(plain.names)) != len(plain.names):
        raise ValueError("a table has no columns, or two of the same name")
    columns = dict(zip(plain.names, map(_made_column, plain.columns), strict=True))
    if any(len(column) != len(index) for column in columns.values()):
        raise ValueError("a column is longer or shorter than its table")
    shaped = [n for n, c in zip(plain.names, plain.columns, strict=True) if isinstance(c, _Shapes)]
    if shaped != [name for name in (plain.geometry,) if name is not None]:
        raise ValueError("a table does not say which column holds its shapes")
    frame = pd.DataFrame({name: column.set_axis(index) for name, column in columns.items()})
    return gpd.GeoDataFrame(frame, geometry=plain.geometry, crs=METRIC) if shaped else frame


def _made_index(plain: _Array | _Utc | _Texts | _Range, name: str | None) -> pd.Index[Any]:
    if isinstance(plain, _Range):
        return pd.RangeIndex(plain.start, plain.stop, plain.step, name=name)
    values = _made_column(plain)
    index: pd.Index[Any] = pd.Index(values, dtype=values.dtype, name=name)
    return index


def _made_column(plain: _Array | _Utc | _Texts | _Shapes) -> pd.Series[Any]:
    if isinstance(plain, _Array):
        values = _made_array(plain)
        if values.ndim != 1:
            raise ValueError("a column has more than one value in a row, or no rows")
        return pd.Series(values)
    if isinstance(plain, _Utc):
        instants = _made_column(plain.instants)
        if instants.dtype.kind != "M":
            raise ValueError("instants are no times")
        return pd.Series(instants.dt.tz_localize("UTC"))
    if isinstance(plain, _Shapes):
        return pd.Series(gpd.array.GeometryArray(_made_shapes(plain.shapes), crs=METRIC))
    if plain.dtype not in _TEXT or not all(_is_text(value) for value in plain.values):
        raise ValueError("a column of text holds something else")
    column = pd.Series(plain.values, dtype=plain.dtype)
    if str(column.dtype) != plain.dtype:
        raise ValueError(f"this pandas knows no text as {plain.dtype}")
    return column


def _made_shapes(plain: Sequence[_Shape | None]) -> npt.NDArray[Any]:
    parts = _made_parts([part for shape in plain if shape is not None for part in shape.parts])
    found = np.full(len(plain), None, dtype=object)
    first = 0
    for position, shape in enumerate(plain):
        if shape is None:
            continue
        own = parts[first : first + len(shape.parts)]
        first += len(own)
        found[position] = _together(shape.type_id, own)
    return found


def _made_parts(wkb: list[bytes]) -> npt.NDArray[Any]:
    """Points, lines and polygons: the types that GEOS reads without calling itself."""
    for part in wkb:
        code = int.from_bytes(part[1:_HEADER_BYTES], "little")
        if part[:1] != b"\1" or code not in _FLAT_WKB:
            raise ValueError("a shape is no point, line or polygon")
    return np.asarray(shapely.from_wkb(np.array(wkb, dtype=object)), dtype=object)


def _together(type_id: int, parts: npt.NDArray[Any]) -> BaseGeometry:
    single, join = _MULTI.get(type_id, (type_id, None))
    if single not in _SINGLE or (shapely.get_type_id(parts) != single).any():
        raise ValueError("a shape is made of others than it says")
    whole: BaseGeometry
    if join is None:
        (whole,) = parts
    else:
        whole = join(parts)
    return whole
