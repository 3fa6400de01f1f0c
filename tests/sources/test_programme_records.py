"""Consultation, terms of reference and the equality record as they are read (F1-F4, H1)."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from support_workspace import TOML, make_workspace, write

from corridors import sources
from corridors.errors import InputError
from corridors.sources.evaluation_records import load_records
from corridors.sources.programme_records import (
    read_activities,
    read_consultation,
    read_equality,
)
from corridors.tables import CHARACTERISTICS, Activities, Consultations, EqualityRecord

CONSULTED = {
    "programme": "after-school", "kind": "young_people", "group": "Year 9 after school",
    "people": "14", "police_experience": "yes", "facilitated_by": "Open Door",
    "non_statutory": "yes", "police_present": "no", "feedback": "Fewer officers at the stop",
    "use": "partly", "how_or_why": "One team fewer on Fridays",
}  # fmt: skip
ACTIVITY = {
    "role": "youth_worker", "activity": "Walk the corridor", "outcome": "More know who is there",
    "harm_reduced": "Help comes before police do", "agreed_on": "01/12/2025",
    "agreed_by": "Open Door, Test School",
}  # fmt: skip
EQUALITY = {
    "programme": "after-school", "characteristic": "race", "effect": "negative",
    "evidence": "Stop and search 2025", "action": "Looked at each quarter",
    "assessed_by": "Equality lead", "assessed_on": "01/12/2025", "review_on": "01/06/2026",
}  # fmt: skip
FAMILIES = {
    "consultation": (read_consultation, CONSULTED, Consultations),
    "activities": (read_activities, ACTIVITY, Activities),
    "equality": (read_equality, EQUALITY, EqualityRecord),
}
EACH = pytest.mark.parametrize("family", sorted(FAMILIES))


def text(*rows: dict[str, str]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def read(folder: Path, family: str, *changes: dict[str, str]):
    reader, good, _ = FAMILIES[family]
    rows = [{**good, **change} for change in changes] or [good]
    return reader(write(folder / "a.csv", text(*rows)), file="a.csv")


@EACH
def test_a_good_file_is_read_as_it_stands(tmp_path, family):
    frame, record = read(tmp_path, family)
    schema = FAMILIES[family][2]
    schema.validate(frame)
    assert record.kind == family
    assert (record.rows_read, record.rows_used) == (1, 1)


@EACH
def test_a_header_alone_is_an_empty_record(tmp_path, family):
    reader, good, schema = FAMILIES[family]
    path = write(tmp_path / "a.csv", ",".join(good) + "\n")
    frame, _ = reader(path, file="a.csv")
    assert frame.empty
    schema.validate(frame)


def test_f1_gaps_are_read_as_gaps(tmp_path):
    gaps = dict.fromkeys(set(CONSULTED) - {"programme", "kind"}, "")
    frame, _ = read(tmp_path, "consultation", gaps)
    assert frame["people"].isna().all()
    assert (frame[["use", "how_or_why", "police_experience"]] == "").all(axis=None)
    frame, _ = read(tmp_path, "activities", {"agreed_on": "", "outcome": "", "agreed_by": ""})
    assert frame["agreed_on"].isna().all()


def test_rows_keep_the_files_order(tmp_path):
    frame, _ = read(tmp_path, "consultation", {"group": "Z"}, {"group": "A"}, {"group": "M"})
    assert frame["group"].tolist() == ["Z", "A", "M"]


@pytest.mark.parametrize(
    ("family", "column", "value"),
    [
        ("consultation", "programme", ""),
        ("consultation", "programme", "../x"),
        ("consultation", "programme", "=A1"),
        ("consultation", "kind", "pupil"),
        ("consultation", "people", "0"),
        ("consultation", "people", "-3"),
        ("consultation", "people", "2.5"),
        ("consultation", "people", "²"),
        ("consultation", "people", "9" * 300),
        ("consultation", "people", "about 20"),
        ("consultation", "police_experience", "maybe"),
        ("consultation", "police_present", "x"),
        ("consultation", "use", "thrown away"),
        ("consultation", "group", "x" * 300),
        ("consultation", "feedback", "x" * 1001),
        ("consultation", "how_or_why", "bell\x07"),
        ("activities", "role", "mayor"),
        ("activities", "activity", ""),
        ("activities", "activity", "x" * 300),
        ("activities", "agreed_on", "31/02/2026"),
        ("equality", "programme", "After School"),
        ("equality", "characteristic", "height"),
        ("equality", "effect", ""),
        ("equality", "assessed_by", ""),
        ("equality", "assessed_on", ""),
        ("equality", "review_on", "30/11/2025"),
        ("equality", "review_on", ""),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_told_with_its_row_and_column(tmp_path, family, column, value):
    other = {"characteristic": "sex"} if family == "equality" else {}
    with pytest.raises(InputError) as caught:
        read(tmp_path, family, other, {column: value})
    assert (caught.value.file, caught.value.row, caught.value.column) == ("a.csv", 3, column)
    assert caught.value.fix
    assert len(str(caught.value)) < 2500


@EACH
def test_a_nul_byte_is_refused_with_its_row(tmp_path, family):
    reader, good, _ = FAMILIES[family]
    spoilt = text(good).replace("\n", "\n\0", 1)
    with pytest.raises(InputError, match="NUL"):
        reader(write(tmp_path / "a.csv", spoilt), file="a.csv")


@EACH
def test_a_missing_column_is_named(tmp_path, family):
    reader, good, _ = FAMILIES[family]
    for name in good:
        rest = {key: value for key, value in good.items() if key != name}
        with pytest.raises(InputError) as caught:
            reader(write(tmp_path / "a.csv", text(rest)), file="a.csv")
        assert name in str(caught.value)


@pytest.mark.parametrize("words", ["=HYPERLINK(1)", "<script>alert(1)</script>", "- fewer, please"])
def test_words_are_kept_as_words(tmp_path, words):
    frame, _ = read(tmp_path, "consultation", {"feedback": words, "how_or_why": words})
    assert frame["feedback"].tolist() == [words]
    frame, _ = read(tmp_path, "equality", {"evidence": words})
    assert frame["evidence"].tolist() == [words]


def test_columns_that_are_not_ours_stay_in_the_file(tmp_path):
    path = write(tmp_path / "a.csv", text({**CONSULTED, "names": "CANARY CHILD"}))
    frame, record = read_consultation(path, file="a.csv")
    assert "CANARY" not in frame.to_csv()
    assert "CANARY" not in repr(record)


def test_a_characteristic_stands_once_for_a_programme(tmp_path):
    with pytest.raises(InputError, match="row 2 too") as caught:
        read(tmp_path, "equality", {}, {})
    assert caught.value.row == 3
    frame, _ = read(tmp_path, "equality", {}, {"programme": "breakfast"})
    assert len(frame) == 2
    frame, _ = read(tmp_path, "equality", *({"characteristic": name} for name in CHARACTERISTICS))
    assert len(frame) == 11


def test_check_tells_the_mistakes_of_all_of_them_at_once(tmp_path):
    root = make_workspace(tmp_path)
    wrong = {"consultation": "people", "activities": "role", "equality": "effect"}
    config = "".join(f'[{family}]\nfile = "{family}.csv"\n' for family in wrong)
    write(root / "corridors.toml", f'{TOML}{config}[decisions]\nfile = "decisions.csv"\n')
    for family, column in wrong.items():
        write(root / f"{family}.csv", text({**FAMILIES[family][1], column: "CANARY"}))
    header = "kind,about,words,by,organisation,sha256,on,chain"
    write(root / "decisions.csv", f"{header}\ndecision,after-school,Yes,Head,Town,,01/12/2025,00\n")
    _, errors = sources.check(sources.open_workspace(root))
    assert {(e.file, e.row, e.column) for e in errors} == {
        ("decisions.csv", 2, "chain"),
        *((f"{family}.csv", 2, column) for family, column in wrong.items()),
    }


def test_load_records_gives_each_table_and_its_source(tmp_path):
    root = make_workspace(tmp_path)
    config = "".join(f'[{family}]\nfile = "{family}.csv"\n' for family in FAMILIES)
    write(root / "corridors.toml", f"{TOML}{config}")
    for family, (_, good, _) in FAMILIES.items():
        write(root / f"{family}.csv", text(good))
    records = load_records(sources.open_workspace(root))
    assert [len(getattr(records, family)) for family in FAMILIES] == [1, 1, 1]
    assert {source.kind for source in records.sources} == set(FAMILIES)
    assert records.decisions is None
