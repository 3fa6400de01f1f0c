"""GOV.UK's own list counts where there is one, and a disagreement is told."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_workspace import make_workspace

from corridors import sources
from corridors.errors import InputError
from corridors.sources.bank_holidays import FILE, body_of, events_of, merged, read_published
from corridors.sources.calendar import bank_holidays
from corridors.sources.loading import load_area, read_terms

MADE_ON = date(2026, 2, 20)
ENGLISH = (
    "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31",
    "2026-12-25", "2026-12-28",
)  # fmt: skip


def put_list(root, english, others=ENGLISH):
    days = {"england-and-wales": english, "scotland": others, "northern-ireland": others}
    told = {
        name: {"division": name, "events": [{"title": "A day", "date": d, "notes": ""} for d in ds]}
        for name, ds in days.items()
    }
    path = root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told))
    return path


def calendar_of(root):
    return load_area(sources.open_workspace(root), None, MADE_ON)


def test_without_a_list_all_is_as_before(tmp_path):
    found = calendar_of(make_workspace(tmp_path))
    assert found.calendar.bank_holidays == bank_holidays("ENG", [2026])
    assert not [s for s in found.sources if s.file == FILE]


def test_the_same_list_changes_nothing_and_is_on_record(tmp_path):
    root = make_workspace(tmp_path)
    without = calendar_of(root).calendar.bank_holidays
    put_list(root, ENGLISH)
    found = calendar_of(root)
    # The package has a Saturday beside its Monday.
    assert without - found.calendar.bank_holidays == {date(2026, 12, 26)}
    assert found.calendar.bank_holidays <= without
    (record,) = [s for s in found.sources if s.file == FILE]
    assert (record.kind, record.rows_read, record.rows_used, record.notes) == ("calendar", 8, 8, ())
    assert (record.first, record.last) == (date(2026, 1, 1), date(2026, 12, 28))


def test_a_moved_day_counts_and_is_noted(tmp_path):
    root = make_workspace(tmp_path)
    put_list(root, [d.replace("05-04", "05-08") for d in ENGLISH])
    found = calendar_of(root)
    assert date(2026, 5, 8) in found.calendar.bank_holidays
    assert date(2026, 5, 4) not in found.calendar.bank_holidays
    (record,) = [s for s in found.sources if s.file == FILE]
    words = "only here: 08/05/2026; only in the usual calendar: 04/05/2026"
    assert record.notes == (f"bank holidays of 2026 differ, this file counts: {words}",)
    lines, _ = sources.check(sources.open_workspace(root))
    assert [line.notes for line in lines if line.file == FILE] == [record.notes]


def test_the_division_of_the_workspace_counts(tmp_path):
    root = make_workspace(tmp_path)
    put_list(root, ENGLISH, others=("2026-01-01", "2026-11-30", "2026-12-25"))
    toml = (root / "corridors.toml").read_text().replace('"ENG"', '"SCT"')
    (root / "corridors.toml").write_text(toml)
    calendar, _ = read_terms(sources.open_workspace(root))
    days = {d for d in calendar.bank_holidays if d.year == 2026}
    assert days == {date(2026, 1, 1), date(2026, 11, 30), date(2026, 12, 25)}


def test_a_year_that_the_list_holds_in_part_is_the_package_s(tmp_path):
    root = make_workspace(tmp_path)
    put_list(root, ("2025-12-25", *ENGLISH[:4]))
    published = read_published(root, "ENG")
    assert published.of(2025) is None
    assert published.of(2026) is None
    assert bank_holidays("ENG", [2025, 2026], published) == bank_holidays("ENG", [2025, 2026])


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b"null", b"<html>", b"[" * 100_000, b'{"england-and-wales": []}',
        json.dumps({n: {"events": []} for n in
                    ("england-and-wales", "scotland", "northern-ireland")}).encode(),
        json.dumps({n: {"events": [{"title": "x", "date": "2026-02-30"}]} for n in
                    ("england-and-wales", "scotland", "northern-ireland")}).encode(),
        json.dumps({n: {"events": [{"title": 1, "date": "2026-02-20"}]} for n in
                    ("england-and-wales", "scotland", "northern-ireland")}).encode(),
        b"\xff\xfe",
    ],
)  # fmt: skip
def test_what_is_no_list_is_told(tmp_path, body):
    root = make_workspace(tmp_path)
    put_list(root, ENGLISH).write_bytes(body)
    with pytest.raises(InputError, match=r"bank-holidays\.json"):
        calendar_of(root)
    _, errors = sources.check(sources.open_workspace(root))
    assert len(errors) == 1


DAYS = st.sets(st.dates(date(2018, 1, 1), date(2030, 12, 31)), min_size=1, max_size=12)
NAMES = ("england-and-wales", "scotland", "northern-ireland")


def as_events(days):
    return dict.fromkeys(NAMES, tuple((day, "A day") for day in sorted(days)))


@given(DAYS, DAYS)
def test_merging_keeps_what_lies_outside_the_new_list(old, new):
    made = merged(as_events(old), as_events(new))
    kept = {day for day in old if not min(new) <= day <= max(new)}
    assert {day for day, _ in made["scotland"]} == new | kept
    assert merged(made, as_events(new)) == made
    assert events_of(json.loads(body_of(made))) == made
