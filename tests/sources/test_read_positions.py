from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corridors.crs import to_geographic
from corridors.errors import CrsError, InputError
from corridors.sources import positions
from corridors.sources.positions import counted, read_positions, require_mostly_good

NEAR_M = (530_000.0, 180_000.0, 532_000.0, 181_000.0)


def cells(first, second, names=("easting", "northing")):
    frame = pd.DataFrame({names[0]: first, names[1]: second}, dtype="str")
    frame.index = pd.Index(range(2, len(frame) + 2), name="row")
    return frame


@pytest.mark.parametrize(
    ("east", "north", "problem"),
    [
        ("530400", "180500", ""),
        ("530400.5", "180500", ""),
        ("", "180500", positions.NONE_GIVEN),
        ("x", "180500", positions.NOT_NUMBERS),
        ("inf", "180500", positions.NOT_NUMBERS),
        ("0", "0", positions.ZERO),
        ("-0.1", "51.5", positions.DEGREES),
        ("180500", "530400", positions.SWAPPED),  # in the Irish Sea, but here when swapped
        ("200000", "1250000.0", ""),
        ("1250000", "200000", positions.SWAPPED),
        ("900000", "800000", positions.OUTSIDE),
        ("-5", "180500", positions.OUTSIDE),
    ],
)
def test_what_is_wrong_with_metres(east, north, problem):
    found = read_positions(cells(["530500", east], ["180500", north]), near_m=NEAR_M)
    assert found.problem.tolist() == ["", problem]


@pytest.mark.parametrize(
    ("lon", "lat", "problem"),
    [
        ("-0.12", "51.5", ""),
        ("51.5", "-0.12", positions.SWAPPED),
        ("0", "0", positions.ZERO),
        ("530400", "180500", positions.METRES),
        ("-74", "40.7", positions.OUTSIDE),
        ("", "", positions.NONE_GIVEN),
    ],
)
def test_what_is_wrong_with_degrees(lon, lat, problem):
    found = read_positions(cells([lon], [lat], ("lon", "lat")))
    assert found.problem.tolist() == [problem]


def test_degrees_become_metres():
    lon, lat = to_geographic([530_400.0], [180_500.0])
    found = read_positions(cells(lon.astype(str), lat.astype(str), ("lon", "lat")))
    assert found.x_m[0] == pytest.approx(530_400, abs=0.01)
    assert found.y_m[0] == pytest.approx(180_500, abs=0.01)


def test_degrees_fill_in_for_empty_metres():
    lon, lat = to_geographic([530_400.0] * 2, [180_500.0] * 2)
    both = cells(["", "530500"], ["", "180600"]).assign(lon=lon.astype(str), lat=lat.astype(str))
    found = read_positions(both)
    assert found.is_good.all()
    assert found.x_m.tolist() == pytest.approx([530_400, 530_500], abs=0.01)


@pytest.mark.parametrize(
    ("first", "second", "names", "words"),
    [
        (["180500"] * 9, ["530400"] * 9, ("easting", "northing"), "swapped"),
        (["-0.12"] * 9, ["51.5"] * 9, ("easting", "northing"), "degrees where metres belong"),
        (["0"] * 9, ["0"] * 9, ("easting", "northing"), "0,0"),
        (["51.5"] * 9, ["-0.12"] * 9, ("lon", "lat"), "swapped"),
        (["530400"] * 9, ["180500"] * 9, ("lon", "lat"), "metres where degrees belong"),
        (["abc"] * 9, ["def"] * 9, ("easting", "northing"), "not numbers"),
    ],
)
def test_wrong_columns_are_an_error_that_says_which(first, second, names, words):
    frame = cells(first, second, names)
    found = read_positions(frame, near_m=NEAR_M)
    with pytest.raises(CrsError, match=words) as caught:
        require_mostly_good(
            found, cells=frame, file="f.csv", headers={name: name.upper() for name in names}
        )
    assert caught.value.row == 2
    assert caught.value.column == f"{names[0].upper()} and {names[1].upper()}"


def test_a_force_wide_file_with_swapped_columns_is_seen_by_the_few_rows_here():
    east, north = ["410000"] * 95 + ["530400"] * 5, ["250000"] * 95 + ["180500"] * 5
    right, wrong = cells(east, north), cells(north, east)
    assert read_positions(right, near_m=NEAR_M).is_good.all()
    assert not read_positions(wrong, near_m=NEAR_M).is_good.any()


def test_single_bad_rows_are_counted_not_fatal():
    frame = cells(["530400"] * 8 + ["0", ""], ["180500"] * 8 + ["0", ""])
    found = read_positions(frame, near_m=NEAR_M)
    require_mostly_good(found, cells=frame, file="f", headers={"easting": "E", "northing": "N"})
    assert counted(found.problem) == {positions.ZERO: 1, positions.NONE_GIVEN: 1}
    assert np.isfinite(found.x_m[found.is_good]).all()


def test_no_position_at_all_is_an_error():
    frame = cells([""], [""])
    with pytest.raises(InputError, match="no row has a position"):
        require_mostly_good(read_positions(frame), cells=frame, file="f", headers={})
