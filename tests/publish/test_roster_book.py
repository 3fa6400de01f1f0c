"""The workbook: real dates and times, no formula, marked, and the same bytes each time."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from zipfile import ZipFile

import openpyxl
from sample_plan import Names, fresh_plan, sample_plan, sample_profile, with_staffing
from support_made import cards_of

from corridors.model import Plan
from corridors.publish.roster import COLUMNS, roster_csv
from corridors.publish.roster_book import roster_book

PROFILE = sample_profile()
MARKING = "OFFICIAL-SENSITIVE"


def _bytes(plan: Plan) -> bytes:
    return roster_book(plan, cards_of(plan, PROFILE))


def _book(plan: Plan) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(_bytes(plan)))


def _rows(plan: Plan, sheet: str) -> list[dict[str, object]]:
    rows = list(_book(plan)[sheet].iter_rows(min_row=3, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_the_same_rows_as_the_csv_with_real_dates_and_times():
    plan = sample_plan()
    data = roster_csv(plan, cards_of(plan, PROFILE)).decode("utf-8-sig")
    texts = list(csv.DictReader(io.StringIO(data, newline="")))
    rows = _rows(plan, "Roster")
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(texts) == 6
    for row, text in zip(rows, texts, strict=True):
        assert f"{row['date']:%d/%m/%Y %H:%M}" == f"{text['date']} 00:00"
        assert row["start"] == time.fromisoformat(text["start"])
        assert row["end"] == time.fromisoformat(text["end"])
        assert row["team"] == int(text["team"])
        for name in set(COLUMNS) - {"date", "start", "end", "team"}:
            assert (row[name] or "") == text[name], name


def test_the_grid_says_who_walks_where_on_each_day():
    [row] = _rows(sample_plan(), "By day")
    assert list(row) == [
        "Team", "Monday 02/03/2026", "Tuesday 03/03/2026", "Wednesday 04/03/2026",
        "Thursday 05/03/2026", "Friday 06/03/2026",
    ]  # fmt: skip
    assert str(row["Monday 02/03/2026"]).split("\n") == [
        "15:05 to 16:45",
        "From Second Lane, corridor C1",
        "15:05 to 15:15 Stand at Cedar Road shops bus stop",
        "Ada Example (Youth worker)",
        "Ben Sample (Local adult you may know)",
        "Cara Specimen (School-linked police officer)",
    ]
    assert row["Tuesday 03/03/2026"] == ""


def test_two_patrols_of_a_team_on_one_day_stand_below_each_other():
    plan = sample_plan()
    first, second = plan.patrols
    later = replace(second, day=first.day, start_min=1010, end_min=1040)
    rows = _rows(replace(plan, patrols=(first, later)), "By day")
    assert [r["Team"] for r in rows] == ["Team 1", "Team 1, patrol 2 of the day"]
    assert str(rows[1]["Monday 02/03/2026"]).startswith("16:50 to 17:20")


def test_a_persons_week_stands_together_with_the_partners():
    rows = _rows(sample_plan(), "By person")
    assert [(r["Name"], r["Day"]) for r in rows] == [
        ("Ada Example", "Monday"), ("Ada Example", "Wednesday"),
        ("Ben Sample", "Monday"), ("Ben Sample", "Wednesday"),
        ("Cara Specimen", "Monday"), ("Dev Pattern", "Wednesday"),
    ]  # fmt: skip
    assert rows[0]["Partners"] == (
        "Ben Sample (Local adult you may know) and Cara Specimen (School-linked police officer)"
    )
    assert rows[0]["Stand points"] == "15:05 to 15:15 Stand at Cedar Road shops bus stop"


def test_two_people_of_one_name_have_a_week_each():
    plan = fresh_plan(Names(people=("Ada Example", "Ada Example", "Cara", "Dev")))
    rows = _rows(plan, "By person")
    ada = [(r["Role"], r["Day"]) for r in rows if r["Name"] == "Ada Example"]
    assert ada == [
        ("Youth worker", "Monday"), ("Youth worker", "Wednesday"),
        ("Local adult you may know", "Monday"), ("Local adult you may know", "Wednesday"),
    ]  # fmt: skip
    assert "Ada Example" in str(rows[0]["Partners"])


def test_stand_points_have_their_times_and_people():
    rows = _rows(sample_plan(), "Stand points")
    assert [(r["Day"], r["Times"], r["Stand point"]) for r in rows] == [
        (day, "15:05 to 15:15", "Stand at Cedar Road shops bus stop")
        for day in ("Monday", "Wednesday")
    ]
    assert rows[1]["People"] == "Ada Example, Ben Sample and Dev Pattern"


def test_a_patrol_that_nobody_walks_is_told_in_every_sheet():
    plan = with_staffing(sample_plan(), people=(), reason="No youth worker is free (B7).")
    assert {r["role"] for r in _rows(plan, "Roster")} == {"not staffed"}
    [row] = _rows(plan, "By day")
    assert row["Monday 02/03/2026"] == ("15:05 to 16:45\nNot staffed. No youth worker is free.")
    assert _rows(plan, "By person") == []
    assert {r["People"] for r in _rows(plan, "Stand points")} == {"Not staffed"}


def test_a_week_without_patrols_opens():
    book = _book(replace(sample_plan(), patrols=()))
    assert [page.max_row for page in book] == [3, 3, 3, 3]


def test_every_sheet_is_marked_and_prints_on_a4():
    book = _book(sample_plan())
    assert book.sheetnames == ["Roster", "By day", "By person", "Stand points"]
    for page in book:
        assert page["A1"].value == MARKING
        assert page.oddHeader.center.text == page.oddFooter.center.text == MARKING
        assert page.oddHeader.left.text == "E05999001 2026-W10"
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        assert page.print_title_rows == "$1:$3"
        assert page.freeze_panes == ("B4" if page.title == "By day" else "A4")
        assert (page.auto_filter.ref is None) == (page.title == "By day")
    facts = book.properties
    assert MARKING in str(facts.title)
    assert facts.subject == facts.category == facts.keywords == MARKING
    assert str(facts.created) == str(facts.modified) == "2026-02-06 00:00:00"


def test_nothing_in_it_is_a_formula_a_link_or_a_macro():
    with ZipFile(io.BytesIO(_bytes(sample_plan()))) as packed:
        names = packed.namelist()
        pages = b"".join(packed.read(n) for n in names if n.startswith("xl/worksheets/"))
    assert b"<f>" not in pages
    assert b"hyperlink" not in pages
    assert not [n for n in names if "vba" in n or "external" in n]


_SCRIPT = """
import hashlib, sys
sys.path[:0] = {paths!r}
from sample_plan import sample_plan, sample_profile
from support_made import calendars_of, cards_of
from corridors.publish.geo_files import geo_layers, plan_geojson, plan_geopackage
from corridors.publish.roster_book import roster_book
from corridors.publish.route_files import route_files
plan, profile = sample_plan(), sample_profile()
layers = geo_layers(plan, risk_reach_m=profile.hot_spots.reach_m)
made = {{
    "xlsx": roster_book(plan, cards_of(plan, profile)),
    "geojson": plan_geojson(plan, profile, layers),
    "gpkg": plan_geopackage(plan, profile, layers),
    **route_files(plan), **calendars_of(plan, profile),
}}
for name in sorted(made):
    print(name, hashlib.sha256(made[name]).hexdigest())
"""


def test_every_file_is_the_same_in_another_process_zone_and_hash_seed():
    said = []
    here = Path(__file__).parent
    script = _SCRIPT.format(paths=[str(here), str(here.parent)])
    for zone, seed in (("Asia/Tokyo", "1"), ("America/Lima", "2")):
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True,
            env={**os.environ, "TZ": zone, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        said.append(done.stdout)
    assert said[0].count("\n") == 8
    assert said[0] == said[1]


def test_the_day_it_was_made_is_its_only_date():
    plan = sample_plan()
    other = replace(plan, inputs=replace(plan.inputs, made_on=date(2026, 2, 7)))
    assert _bytes(plan) != _bytes(other)
    assert _bytes(plan) == _bytes(plan)
