"""The mapper recognises every trap of a force export, counts it, and shows no cell."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from support_workspace import make_workspace, named, write

from corridors.crs import to_geographic
from corridors.errors import InputError
from corridors.sources.mapping import suggest_mapping
from corridors.sources.piles import square_name
from corridors.sources.quoting import date_quoted, header_quoted, number_quoted, wording_quoted

HEADER = ("Crime Ref", "Crime Type", "Committed From", "Committed To", "Easting", "Northing", "MO")
CANARY = "SECRETCANARY"


def export(tmp_path, rows, header=HEADER):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([header, *rows])
    return write(tmp_path / "export.csv", text.getvalue())


def row(number=1, **changes):
    cells = {
        "Crime Ref": f"{CANARY}{number}", "Crime Type": "Robbery",
        "Committed From": "02/03/2026 15:10", "Committed To": "02/03/2026 15:20",
        "Easting": str(530_100 + number), "Northing": "180500", "MO": f"{CANARY} Ann Other",
    }  # fmt: skip
    return list((cells | changes).values())


def suggest(tmp_path, rows, header=HEADER, **options):
    made = suggest_mapping(export(tmp_path, rows, header), file="export.csv", **options)
    assert CANARY not in repr(made)
    return made


def degrees():
    lon, lat = to_geographic(np.array([530_400.0]), np.array([180_500.0]))
    return str(float(lon[0])), str(float(lat[0]))


def boundaries(tmp_path):
    root = make_workspace(tmp_path / "w")
    return named(root / "wards.geojson")


def test_columns_filled_rows_and_examples_as_read(tmp_path):
    rows = [row(1), row(2, **{"Committed To": ""}), row(3)]
    made = suggest(tmp_path, rows)
    assert made.mapping == {
        "id": "Crime Ref", "from": "Committed From", "to": "Committed To", "offence": "Crime Type",
        "easting": "Easting", "northing": "Northing",
    }  # fmt: skip
    by_name = {column.name: column for column in made.columns}
    assert (by_name["id"].filled, by_name["id"].examples) == (3, ())
    assert by_name["from"].examples == ("02/03/2026 15:10",)
    assert by_name["to"].filled == 2
    assert by_name["easting"].examples[0] == "E 530101 N 180500"
    assert by_name["offence"].examples == ("robbery (3)",)
    assert (made.rows, made.used, made.unread, made.problem) == (3, 3, 1, "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Committed From": "46083.632"}, "Excel day numbers: 1 rows"),
        ({"Committed From": "01/03/2026 24:00"}, "24:00, taken as the next midnight: 1 rows"),
        ({"Committed From": "02/03/2026"}, "a date without a time, taken as 00:00: 1 rows"),
        ({"Committed To": "01/03/2026 10:00"}, "end before start, taken as exact at the start: 1"),
        ({"Committed To": ""}, "without an end, taken as exact: 1 rows"),
        (
            {"Committed From": "02/03/2026 00:00", "Committed To": "02/03/2026 23:59"},
            "from 00:00 to 00:00 or 23:59, so time unknown: 1 rows",
        ),
    ],
)
def test_times_that_are_changed_are_counted(tmp_path, changes, words):
    made = suggest(tmp_path, [row(1), row(2), row(3, **changes)])
    assert [note for note in made.notes if note.startswith(words)]
    assert made.used == 3


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Committed From": "03/13/2026 15:10"}, "date has the month first"),
        ({"Committed From": "yesterday"}, "date not understood"),
        ({"Committed From": ""}, "no date"),
        ({"Easting": "0", "Northing": "0"}, "coordinates are 0,0"),
        ({"Easting": "51.5", "Northing": "-0.1"}, "degrees where metres belong"),
        ({"Easting": "900000", "Northing": "1500000"}, "outside Great Britain"),
        ({"Easting": "", "Northing": ""}, "no coordinates"),
        ({"Easting": "here"}, "coordinates are not numbers"),
    ],
)
def test_rows_that_are_left_out_are_counted_by_reason(tmp_path, changes, reason):
    rows = [row(number) for number in range(30)]
    made = suggest(tmp_path, [*rows, row(99, **changes)])
    assert made.dropped == ((reason, 1),)
    assert made.used == 30


def test_times_in_columns_of_their_own(tmp_path):
    header = ("Crime Type", "Start Date", "Start Time", "Easting", "Northing")
    made = suggest(tmp_path, [["Robbery", "02/03/2026", "15:10", "530101", "180500"]], header)
    assert made.mapping["from_time"] == "Start Time"
    assert made.columns[0].examples == ("02/03/2026 15:10",)


def test_other_columns_that_could_be_meant_are_told(tmp_path):
    header = (*HEADER, "Offence Description", "Date")
    made = suggest(tmp_path, [[*row(1), CANARY, CANARY]], header)
    by_name = {column.name: column for column in made.columns}
    assert by_name["offence"].others == ("Offence Description",)
    assert by_name["from"].others == ("Date",)


def test_swapped_axes_are_put_right(tmp_path):
    rows = [row(n, Easting="180500", Northing=str(530_100 + n)) for n in range(9)]
    made = suggest(tmp_path, rows, boundaries=boundaries(tmp_path))
    assert (made.mapping["easting"], made.mapping["northing"]) == ("Northing", "Easting")
    assert made.changes == ("the two columns of the position hold each other's numbers: 9 rows",)
    assert (made.used, made.problem) == (9, "")


@pytest.mark.parametrize("is_swapped", [False, True])
def test_degrees_in_columns_of_metres(tmp_path, is_swapped):
    lon, lat = degrees()
    pair = (lat, lon) if is_swapped else (lon, lat)
    made = suggest(tmp_path, [row(n, Easting=pair[0], Northing=pair[1]) for n in range(9)])
    assert made.mapping["lon"] == ("Northing" if is_swapped else "Easting")
    assert made.mapping["lat"] == ("Easting" if is_swapped else "Northing")
    assert len(made.changes) == 1 + is_swapped
    assert made.used == 9
    assert "easting" not in made.mapping


@pytest.mark.parametrize("is_swapped", [False, True])
def test_metres_in_columns_of_degrees(tmp_path, is_swapped):
    header = ("Crime Type", "Committed From", "Longitude", "Latitude")
    pair = ("180500", "530400") if is_swapped else ("530400", "180500")
    rows = [["Robbery", "02/03/2026 15:10", *pair]] * 9
    made = suggest(tmp_path, rows, header, boundaries=boundaries(tmp_path))
    assert made.mapping["easting"] == ("Latitude" if is_swapped else "Longitude")
    assert made.used == 9


def test_a_pair_that_is_wrong_throughout_gives_way_to_the_other(tmp_path):
    header = ("Crime Type", "Committed From", "Easting", "Northing", "Longitude", "Latitude")
    lon, lat = degrees()
    rows = [["Robbery", "02/03/2026 15:10", "900000", "9", lon, lat]] * 9
    made = suggest(tmp_path, rows, header)
    assert {"lon", "lat"} <= set(made.mapping)
    assert "easting" not in made.mapping
    assert made.changes == ("easting and northing are wrong in 9 rows and are left out",)
    assert made.used == 9


def test_the_points_that_occur_most_are_told_by_their_square(tmp_path):
    rows = [row(n, Easting="530101") for n in range(7)] + [row(50 + n) for n in range(5)]
    rows += [row(n, Easting="530999") for n in range(6)]
    made = suggest(tmp_path, rows)
    assert [(pile.rows, pile.square) for pile in made.piles] == [(7, "TQ3080"), (6, "TQ3080")]
    assert made.piles[0].share == 7 / 18


@pytest.mark.parametrize(
    ("point", "square"),
    [
        ((651_409, 313_177), "TG5113"),
        ((216_600, 771_200), "NN1671"),
        ((438_700, 114_800), "SU3814"),
    ],
)
def test_squares_have_their_published_names(point, square):
    assert square_name(*point) == square


def test_wards_of_another_vintage_are_counted(tmp_path):
    header = (*HEADER, "WD22CD")
    wards = ["E05990001"] * 4 + ["E05990002"] * 3 + ["E05000001"] * 2 + [""]
    rows = [[*row(n), ward] for n, ward in enumerate(wards)]
    made = suggest(tmp_path, rows, header, boundaries=boundaries(tmp_path))
    assert made.wards == (
        "4 rows name the ward that they lie in",
        "3 rows name another ward than they lie in",
        "2 rows lie in a ward here but name one that the boundaries do not have: another vintage?",
    )
    named_wards = [[*row(1), "west end"], [*row(2, Easting="560000"), "Other"]]
    made = suggest(tmp_path, named_wards, (*HEADER, "Ward"), boundaries=boundaries(tmp_path))
    assert made.wards == (
        "1 rows name the ward that they lie in",
        "1 rows lie in, and name, wards elsewhere",
    )


def test_wordings_without_a_class_are_listed_unless_they_look_like_free_text(tmp_path):
    story = "He then went on to " + "walk and walk " * 10
    rows = [row(n) for n in range(5)] + [row(n, **{"Crime Type": "Zzz odd"}) for n in (7, 8)]
    made = suggest(tmp_path, [*rows, row(9, **{"Crime Type": story})])
    assert made.unknown == (("Zzz odd", 2),)
    assert "He then" not in repr(made)


def test_free_text_as_offence_is_a_problem_and_quotes_nothing(tmp_path):
    rows = [row(n, **{"Crime Type": f"{CANARY} {n}"}) for n in range(150)]
    made = suggest(tmp_path, rows)
    assert "free text" in made.problem
    assert made.unknown == ()


def test_a_file_without_column_names_is_not_quoted(tmp_path):
    header = (f"{CANARY} Ann Other", "02/03/2026 15:10", "530101", "180500")
    with pytest.raises(InputError, match="looks like data") as caught:
        suggest_mapping(export(tmp_path, [header], header), file="export.csv")
    assert CANARY not in str(caught.value)


def test_a_police_uk_file_needs_no_mapping(tmp_path):
    header = ("Crime ID", "Month", "Longitude", "Latitude", "Crime type")
    with pytest.raises(InputError, match="no mapping"):
        suggest(tmp_path, [["", "2026-01", "", "", "Robbery"]], header)


@pytest.mark.parametrize(
    ("quoted", "good", "bad"),
    [
        (number_quoted, ["", "530400.5", "-0.12", "1,000"], ["Ann Other", "5 High Street"]),
        (
            date_quoted,
            ["31/02/2026 15:10", "2026-03-02T15:10:00Z", "3 March 2026", "02-Mar-26"],
            ["Ann Other", "12/03 met Ann", "1" * 60],
        ),
        (wording_quoted, ["Robbery", "ABH on the bus"], ["Ann " * 13, "x" * 61]),
    ],
)
def test_what_messages_quote(quoted, good, bad):
    assert [quoted(text) for text in good] == good
    assert all(quoted(text) == f"(text of {len(text)} characters)" for text in bad)


def test_a_header_is_quoted_and_a_row_of_data_is_not():
    assert header_quoted(["Crime Ref", "MO"]) == "Crime Ref, MO"
    assert "Ann" not in header_quoted(["Ann Other", "530400"])
    assert "Ann" not in header_quoted(["Ann Other " * 9, "x"])
