"""Columns outside the allow-list go no further than the reader; references are salted."""

from __future__ import annotations

import csv
import gc
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_workspace import named, write

from corridors.sources import IncidentSource, incidents, read_incidents
from corridors.sources.csvs import read_cells, read_header
from corridors.sources.incidents import read_draft

HEADER = ("Occurrence No", "Crime Type", "Committed From", "Easting", "Northing", "Suspect", "MO")
STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
CANARY = "SECRETCANARY"
SALT = bytes(32)


def force_csv(rows):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([HEADER, *rows])
    return text.getvalue()


def force_rows(count):
    return [
        [f"REF{n // 2}", "Robbery" if n % 3 else "Drugs", "02/02/2026 15:40", "530400", "180500",
         f"{CANARY} suspect {n}", f"{CANARY} story {n}"]
        for n in range(count)
    ]  # fmt: skip


def street_csv(count):
    row = f"REF%d,2026-01,{CANARY},{CANARY},-0.12,51.51,{CANARY},,,Robbery,{CANARY},{CANARY}"
    return "\n".join([STREET, *(row % n for n in range(count))]) + "\n"


def held_in_memory(word):
    """Containers that the collector knows and that hold a text with ``word`` in it."""
    gc.collect()
    return [
        found
        for box in gc.get_objects()
        if isinstance(box, (list, tuple, dict, set)) and type(box).__module__ == "builtins"
        for found in (box.values() if isinstance(box, dict) else box)
        if isinstance(found, str) and word in found
    ]


@pytest.mark.parametrize("kind", ["force", "street"])
def test_other_columns_are_not_in_memory_past_the_reader(tmp_path, kind):
    word = CANARY + "_IN_MEMORY"
    text = force_csv(force_rows(50)) if kind == "force" else street_csv(50)
    path = write(tmp_path / "a.csv", text.replace(CANARY, word))
    draft = read_draft(named(path), IncidentSource((named(path),)), None, SALT)
    known = [text for text in held_in_memory(word) if text != word]
    assert known == []
    assert CANARY not in draft.frame.to_csv() + repr(draft)


def test_the_search_of_memory_finds_what_is_kept():
    word = "".join(reversed("KCABDLEH"))
    kept = [f"xxx{word}"]
    assert held_in_memory(word) == kept


def test_only_asked_cells_are_kept_whatever_the_quoting(tmp_path):
    rows = [["A1", "Robbery", "02/02/2026", "530400", "180500", 'a,"b"\nc', f"{CANARY},\n{CANARY}"]]
    path = write(tmp_path / "a.csv", force_csv(rows))
    table = read_cells(path, file="a.csv", aliases={"offence": ("Crime Type",)})
    assert table.cells.to_dict("list") == {"offence": ["Robbery"]}
    assert dict(table.headers) == {"offence": "Crime Type"}
    assert len(read_header(path, file="a.csv")) == len(HEADER)


@pytest.mark.parametrize("kind", ["force", "street"])
def test_no_reference_is_in_a_draft_and_salts_differ(tmp_path, kind):
    text = force_csv(force_rows(9)) if kind == "force" else street_csv(9)
    path = write(tmp_path / "a.csv", text)
    source = IncidentSource((named(path),))
    one, two = (read_draft(named(path), source, None, bytes([n]) * 32) for n in (1, 2))
    assert "REF" not in one.frame.to_csv()
    assert set(one.frame["key"]).isdisjoint(two.frame["key"])
    assert one.frame.drop(columns="key").equals(two.frame.drop(columns="key"))


@settings(max_examples=20)
@given(salt=st.binary(min_size=16, max_size=64), other=st.binary(min_size=16, max_size=64))
def test_results_are_the_same_for_any_salt(tmp_path_factory, salt, other):
    folder = tmp_path_factory.mktemp("salt")
    rows = [*force_rows(7), ["", "Drugs", "", "530400", "180500", "", ""]]
    paths = [write(folder / f"{n}.csv", force_csv(rows)) for n in range(2)]
    results = []
    with pytest.MonkeyPatch.context() as patch:
        for drawn in (salt, other):
            patch.setattr(incidents.secrets, "token_bytes", lambda _, drawn=drawn: drawn)
            dropped = []
            table, records = read_incidents(
                IncidentSource(tuple(map(named, paths))), on_dropped=dropped.append
            )
            results.append((table.to_csv(), records, dropped))
    assert results[0] == results[1]


def test_every_dropped_row_is_told_with_its_number(tmp_path):
    rows = force_rows(4)
    rows[1][2] = ""
    rows[3][3] = rows[3][4] = "0"
    path = write(tmp_path / "a.csv", force_csv([*rows, ["", *rows[0][1:]], rows[0]]))
    dropped = []
    table, (record,) = read_incidents(IncidentSource((named(path),)), on_dropped=dropped.append)
    assert [(d.file, d.row, d.reason) for d in dropped] == [
        ("a.csv", 3, "no date"),
        ("a.csv", 5, "coordinates are 0,0"),
        ("a.csv", 7, "the same incident again"),
    ]
    assert sum(count for _, count in record.dropped) == len(dropped)
    assert record.rows_read - len(dropped) == len(table)
