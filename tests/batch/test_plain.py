"""Plain data: what goes in comes out, and nothing but plain data comes in."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from corridors import tables
from corridors.arrays import BoolArray, FloatArray, IntArray
from corridors.batch import plain
from corridors.crs import METRIC
from corridors.errors import CrsError, InputError
from corridors.tables import Table

SCHEMAS = [
    kind
    for kind in vars(tables).values()
    if isinstance(kind, type) and issubclass(kind, Table) and kind is not Table
]
SHAPES = [
    shapely.Point(530000.1, 180000.2),
    shapely.LineString([(0.1, 0.2), (3, 4), (5, 6)]),
    shapely.Polygon([(0, 0), (9, 0), (9, 9)], holes=[[(5, 1), (6, 1), (6, 2)]]),
    shapely.MultiPoint([(1, 2), (3, 4)]),
    shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 5)]]),
    shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
    shapely.Point(1, 2, 3),
    shapely.MultiPoint(),
    shapely.Point(),
    None,
]
VALUES = {
    tables.INT: [-(2**63), 0, 2**63 - 1],
    tables.FLOAT: [0.1, float("nan"), float("-inf")],
    tables.BOOL: [True, False, True],
    tables.TEXT: ["", "<b>ﬀ\u202e\0'=1+1", "x" * 500],
    tables.UTC: ["2026-03-29T00:59:59.999999Z", None, "1912-01-01T00:00:00Z"],
    tables.DATE: ["2026-03-29", None, "9999-12-31"],
}


@dataclass(frozen=True)
class Held:
    frame: pd.DataFrame


@dataclass(frozen=True)
class Everything:
    frame: pd.DataFrame
    shaped: gpd.GeoDataFrame | None
    shape: shapely.geometry.base.BaseGeometry
    numbers: FloatArray
    places: IntArray
    truths: BoolArray
    by_day: dict[str, dict[date, int]]


def again(frame: pd.DataFrame) -> pd.DataFrame:
    data = plain.encode({"frame": frame})
    back = plain.decode(data, Held).frame
    assert plain.encode({"frame": back}) == data
    return back


def must_be_same(back: pd.DataFrame, frame: pd.DataFrame) -> None:
    assert_frame_equal(back, frame, check_exact=True, check_index_type="exact", check_freq=True)
    assert type(back) is type(frame)
    assert type(back.index) is type(frame.index)
    assert list(map(str, back.dtypes)) == list(map(str, frame.dtypes))
    assert back.index.name == frame.index.name
    assert back.index.dtype == frame.index.dtype


def table(schema: type[Table], rows: int, index: pd.Index) -> pd.DataFrame:
    made = {}
    for name, column in schema.columns().items():
        dtype = "str" if column.dtype == tables.TEXT else column.dtype
        made[name] = pd.Series(VALUES[column.dtype][:rows], dtype=dtype).array
    frame = pd.DataFrame(made, index=index.rename(schema.index))
    if schema.geometry is None:
        return frame
    shapes = gpd.GeoSeries(SHAPES[1 : rows + 1], crs=METRIC, index=frame.index)
    frame.insert(1, "geometry", shapes)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=METRIC)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.__name__)
@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(3),
        pd.RangeIndex(9, 3, -2),
        pd.Index([7, 3, 5]),
        pd.Index(["b", "", "a"], dtype="str"),
        pd.RangeIndex(0),
        pd.Index([], dtype="str"),
    ],
    ids=["range", "range-back", "numbers", "text", "empty", "empty-text"],
)
def test_every_table_comes_back_with_its_dtypes_and_its_index(schema, index):
    frame = table(schema, len(index), index)
    must_be_same(again(frame), frame)


@pytest.mark.parametrize("dtype", ["str", "string", "object"])
def test_missing_text_stays_missing(dtype):
    missing = np.nan if dtype == "object" else None
    column = pd.Series(["a", None, missing, ""], dtype=dtype)
    back = again(pd.DataFrame({"text": column}))["text"]
    assert back.dtype == column.dtype
    assert back.isna().tolist() == [False, True, True, False]
    assert list(map(type, back)) == list(map(type, column))


@pytest.mark.parametrize(
    "dtype", ["int8", "uint16", "int32", "float32", "datetime64[s]", "datetime64[ns]"]
)
def test_other_plain_columns_come_back(dtype):
    frame = pd.DataFrame({"a": np.array([1, 2, 3]).astype(dtype)})
    must_be_same(again(frame), frame)


def test_shapes_come_back_as_they_were():
    frame = gpd.GeoDataFrame({"a": range(len(SHAPES))}, geometry=SHAPES, crs=METRIC)
    back = again(frame)
    assert back.crs == METRIC
    wkb = [shapely.to_wkb([*f.geometry]).tolist() for f in (back, frame)]
    assert wkb[0] == wkb[1]


@given(
    st.lists(st.floats(width=64), max_size=5),
    st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5),
)
def test_any_numbers_and_any_texts_come_back(numbers, texts):
    for frame in (
        pd.DataFrame({"a": np.array(numbers, dtype=float)}),
        pd.DataFrame({"a": pd.Series(texts, dtype="str")}),
    ):
        must_be_same(again(frame), frame)


def test_what_is_read_can_be_written_to_and_is_in_c_order():
    back = plain.decode(plain.encode(everything()), Everything)
    for values in (back.numbers, back.places, back.truths):
        assert values.flags.writeable
        assert values.flags.c_contiguous
    assert back.numbers.tolist() == [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]


@pytest.mark.parametrize(
    "value",
    [
        np.array([object()]),
        np.array([1 + 2j]),
        np.array(["text"]),
        np.array([1], dtype=">i8"),
        pd.DataFrame({"a": pd.Categorical(["x"])}),
        pd.DataFrame({"a": [{"x": 1}]}),
        pd.DataFrame({"a": [pd.NaT, "x"]}, dtype=object),
        pd.DataFrame({"a": pd.to_datetime(["2026-01-01"]).tz_localize("Europe/London")}),
        shapely.GeometryCollection([shapely.Point(1, 2)]),
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_plain_is_not_written(value):
    with pytest.raises(TypeError, match="a piece cannot hold"):
        plain.encode({"frame": value})


def test_shapes_in_degrees_are_not_written():
    with pytest.raises(CrsError):
        plain.encode(gpd.GeoDataFrame(geometry=[shapely.Point(0, 51)], crs="EPSG:4326"))


def test_half_a_character_is_told():
    with pytest.raises(InputError, match="half a character"):
        plain.encode({"frame": pd.DataFrame({"a": pd.Series(["\ud800"], dtype=object)})})


# Damage -----------------------------------------------------------------------------------------


def everything() -> Everything:
    return Everything(
        frame=pd.DataFrame(
            {
                "x_m": [1.5, 2.5],
                "at": pd.to_datetime(["2026-01-01", None], utc=True),
                "name": pd.Series(["a", None], dtype="str"),
                "old": pd.Series(["a", None], dtype=object),
                "is_it": [True, False],
            },
            index=pd.Index(["u", "v"], name="urn"),
        ),
        shaped=gpd.GeoDataFrame({"n": [1, 2]}, geometry=[SHAPES[2], SHAPES[5]], crs=METRIC),
        shape=SHAPES[4],
        numbers=np.arange(6.0).reshape(2, 3).T,
        places=np.array([3, -1]),
        truths=np.array([True, False]),
        by_day={"u": {date(2026, 3, 2): 915}},
    )


def read(data: bytes) -> None:
    """Read what may be damaged: either it is something, or it is told."""
    try:
        plain.decode(data, Everything)
    except InputError as error:
        assert plain.FIX in str(error)  # noqa: PT017 - not every damage shows


NEW = (0x00, 0x01, 0x7F, 0x80, 0xC1, 0xDD, 0xFF)


@pytest.mark.parametrize("turn", range(3))
def test_a_damaged_byte_anywhere_is_told(turn):
    data = plain.encode(everything())
    for at in range(turn, len(data), 3):
        read(data[:at] + bytes([NEW[at % len(NEW)]]) + data[at + 1 :])


def test_a_cut_anywhere_is_told():
    data = plain.encode(everything())
    plain.decode(data, Everything)
    for at in range(0, len(data), 5):
        with pytest.raises(InputError):
            plain.decode(data[:at], Everything)
        with pytest.raises(InputError):
            plain.decode(data + data[: at + 1], Everything)


def changed(**fields: object) -> bytes:
    """The plain data of ``everything``, with other things in their place."""
    return msgspec.msgpack.encode(msgspec.msgpack.decode(plain.encode(everything())) | fields)


def nested(type_id: int, depth: int) -> list:
    """A shape in a shape in a shape: GEOS ends the process on it."""
    code = {4: 4, 5: 5, 6: 6}.get(type_id, 7)
    return ["shape", type_id, [(b"\1" + struct.pack("<II", code, 1)) * depth]]


FLOATS = "<f8"
RANGE3 = ["range", 0, 3, 1]
ONES = ["array", FLOATS, [3], b"\0" * 24]


@pytest.mark.parametrize(
    "fields",
    [
        {"numbers": ["array", "|O", [1], b"\0" * 8]},
        {"numbers": ["array", "<i8", [3, 2], b"\0" * 48]},
        {"numbers": ["array", FLOATS, [2**62, 2**62], b"\0" * 8]},
        {"numbers": ["array", FLOATS, [0, 2**62], b""]},
        {"numbers": ["array", FLOATS, [0, 2**64 - 1], b""]},
        {"numbers": ["array", FLOATS, [-1, -1], b"\0" * 8]},
        {"numbers": ["array", FLOATS, [1] * 100, b"\0" * 8]},
        {"numbers": ["array", FLOATS, [2], b"\0" * 15]},
        {"numbers": ["array", "f8,f8", [1], b"\0" * 16]},
        {"numbers": [1.0, 2.0]},
        {"truths": ["array", "|b1", [2], b"\1\2"]},
        {"by_day": {"u": {"someday": 3}}},
        {"by_day": {"u": {"2026-03-02": "915"}}},
        {"shape": nested(7, 1)},
        {"shape": nested(4, 1_000_000)},
        {"shape": nested(6, 1_000_000)},
        {"shape": ["shape", 0, []]},
        {"shape": ["shape", 2, [shapely.to_wkb(SHAPES[1])]]},
        {"shape": ["shape", 6, [shapely.to_wkb(SHAPES[0])]]},
        {"shape": ["shape", 1, [b"\1" + struct.pack("<II", 2, 2**32 - 1)]]},
        {"shape": ["shape", 3, [b"\1" + struct.pack("<II", 3, 2**32 - 1)]]},
        {"shape": ["shape", 0, [b"\0" + struct.pack(">Idd", 1, 1, 2)]]},
        {"shape": ["shape", 0, [b""]]},
        {"shaped": ["table", None, RANGE3, ["a"], [ONES], None]},
        {"frame": ["table", None, ["range", 0, 2**63 - 1, 1], ["a"], [ONES], None]},
        {"frame": ["table", None, ["range", 0, 2**64 - 1, 1], ["a"], [ONES], None]},
        {"frame": ["table", None, ["range", 0, 3, 0], ["a"], [ONES], None]},
        {"frame": ["table", None, ["range", 0, 2**62, 1], [], [], None]},
        {"frame": ["table", None, RANGE3, ["a", "a"], [ONES, ONES], None]},
        {"frame": ["table", None, RANGE3, ["a", "b"], [ONES], None]},
        {"frame": ["table", None, RANGE3, ["a"], [ONES], "a"]},
        {"frame": ["table", None, RANGE3, ["a"], [["shapes", [None] * 3]], None]},
        {"frame": ["table", None, RANGE3, ["a"], [["array", FLOATS, [3, 1], b"\0" * 24]], None]},
        {"frame": ["table", None, RANGE3, ["a"], [["array", FLOATS, [], b"\0" * 8]], None]},
        {"frame": ["table", None, RANGE3, ["a"], [["utc", ONES]], None]},
        {"frame": ["table", None, RANGE3, ["a"], [["text", "str", ["a", "b", 3]]], None]},
        {"frame": ["table", None, RANGE3, ["a"], [["text", "object", ["a", "b", 3.5]]], None]},
        {"frame": ["table", None, RANGE3, ["a"], [["text", "category", ["a"] * 3]], None]},
        {"frame": ["table", None, ["array", FLOATS, [1, 3], b"\0" * 24], ["a"], [ONES], None]},
        {"frame": ["table", None, ["table"], ["a"], [ONES], None]},
        {"frame": None},
    ],
    ids=lambda fields: repr(fields)[:60],
)
def test_wrong_data_is_told(fields):
    with pytest.raises(InputError, match="Run the batch again"):
        plain.decode(changed(**fields), Everything)


class Bomb:
    """Would say so if it were ever unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("code was run",))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc0",
        pickle.dumps(Bomb()),
        b"\x91" * 1_000_000,
        b"\x81\xa5frame" * 200_000,
        b"\x87\xa5frame" + b"\x91" * 1_000_000,
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\x87\xa5frame\xdd\xff\xff\xff\xff",
        b"\x87\xa5frame\xc6\xff\xff\xff\xff",
        b"\x87\xa5frame" + b"\xdd\xff\xff\xff\xff" * 300,
        b"\x87\xa5other" + b"\x91" * 1_000_000,
    ],
    ids=range(12),
)
def test_foreign_bytes_are_told(data):
    with pytest.raises(InputError, match="Run the batch again"):
        plain.decode(data, Everything)


@given(st.binary(max_size=200))
def test_any_bytes_are_told(data):
    read(data)
    read(plain.encode(everything())[:300] + data)
