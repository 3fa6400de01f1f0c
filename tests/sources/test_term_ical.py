"""Term dates from published calendars. Every calendar here is made up."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_workspace import TOML, make_workspace, write

from corridors import sources
from corridors.days import finish_times
from corridors.errors import CalendarError, InputError, ProfileError
from corridors.sources.term_ical import read_term_ical

FULL = (
    ("DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260328", "SUMMARY:Spring term"),
    ("DTSTART;VALUE=DATE:20260216", "DTEND;VALUE=DATE:20260221", "SUMMARY:Half-term"),
    ("DTSTART;VALUE=DATE:20260302", "SUMMARY:INSET day (no pupils in school)"),
    ("DTSTART;TZID=Europe/London:20260327T130000", "SUMMARY:School closes early"),
    ("DTSTART;VALUE=DATE:20260310", "SUMMARY:Year 9 trip SECRETCANARY"),
)


def ics(*events):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN"]
    for n, event in enumerate(events):
        lines += ["BEGIN:VEVENT", f"UID:{n}", "DTSTAMP:20260101T000000Z", *event, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def read(tmp_path, *events, urn="900001"):
    return read_term_ical(write(tmp_path / "s.ics", ics(*events)), urn, file="s.ics")


def facts(entries):
    return sorted(
        (e["kind"], e["start"].isoformat(), e["end"].isoformat(), str(e["finish_min"]))
        for _, e in entries
    )


def test_a_school_calendar_gives_terms_half_terms_inset_and_early_closes(tmp_path):
    entries, record = read(tmp_path, *FULL)
    assert facts(entries) == [
        ("early_close", "2026-03-27", "2026-03-27", "780.0"),
        ("half_term", "2026-02-16", "2026-02-20", "nan"),
        ("inset", "2026-03-02", "2026-03-02", "nan"),
        ("term", "2026-01-05", "2026-03-27", "nan"),
    ]
    assert {e["urn"] for _, e in entries} == {"900001"}
    assert (record.rows_read, record.rows_used) == (5, 4)
    assert record.dropped == (("not about school days", 1),)
    assert (record.first, record.last) == (date(2026, 1, 5), date(2026, 3, 27))
    assert "CANARY" not in repr(entries) + repr(record)


def test_the_order_of_events_changes_nothing(tmp_path):
    assert facts(read(tmp_path, *FULL)[0]) == facts(read(tmp_path, *reversed(FULL))[0])


def test_a_term_may_be_told_by_its_first_and_last_day(tmp_path):
    entries, record = read(
        tmp_path,
        ("DTSTART;VALUE=DATE:20260327", "SUMMARY:Last day of term, school closes at 1.30pm"),
        ("DTSTART;VALUE=DATE:20260105", "SUMMARY:Spring term begins"),
        ("DTSTART;VALUE=DATE:20260223", "SUMMARY:Back to school after half term"),
    )
    assert facts(entries) == [
        ("early_close", "2026-03-27", "2026-03-27", "810.0"),
        ("term", "2026-01-05", "2026-03-27", "nan"),
    ]
    assert record.rows_used == 2


def test_a_category_counts_as_much_as_a_title(tmp_path):
    day = "DTSTART;VALUE=DATE:20260302"
    one, _ = read(tmp_path, (day, "SUMMARY:Planning", "CATEGORIES:School,INSET"))
    two, _ = read(tmp_path, (day, "SUMMARY:Planning", "CATEGORIES:INSET", "CATEGORIES:School"))
    assert facts(one) == facts(two) == [("inset", "2026-03-02", "2026-03-02", "nan")]


@pytest.mark.parametrize(
    ("start", "minutes"),
    [
        ("DTSTART:20260326T130000Z", 780),  # the last Thursday in winter time
        ("DTSTART:20260330T120000Z", 780),  # the clocks have gone forward
        ("DTSTART:20261022T120000Z", 780),
        ("DTSTART:20261026T130000Z", 780),  # and back again
        ("DTSTART:20261026T130000", 780),  # no zone: local
        ("DTSTART;TZID=Europe/London:20260330T130000", 780),
        ("DTSTART;TZID=Europe/Paris:20260330T140000", 780),
        ("DTSTART;TZID=GMT Standard Time:20260330T130000", 780),  # as Outlook says London
        ("DTSTART;VALUE=DATE:20260330\r\nDESCRIPTION:x", None),
    ],
)
def test_times_are_london_time_through_both_clock_changes(tmp_path, start, minutes):
    event = (start, "SUMMARY:Early closing" + ("" if minutes else " 1pm"))
    ((_, entry),), _ = read(tmp_path, event)
    assert entry["finish_min"] == 780
    assert entry["start"] == entry["end"]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (("DTSTART;VALUE=DATE:20260302", "RRULE:FREQ=DAILY", "SUMMARY:INSET"), "repeats"),
        (("SUMMARY:INSET",), "has no day"),
        (("DTSTART;VALUE=DATE:20260302", "SUMMARY:Early close"), "without a finish time"),
        (("DTSTART;VALUE=DATE:20260302", "SUMMARY:Closes at 1:30"), "without a finish time"),
        (("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260227", "SUMMARY:INSET"), "before"),
        (("DTSTART:00010101T000000Z", "SUMMARY:INSET"), "is in the year 1"),
        (("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:29990304", "SUMMARY:INSET"), "2999"),
        (("DTSTART;VALUE=DATE:20260302", "DTEND:99991231T235959Z", "SUMMARY:INSET"), "9999"),
        (("DTSTART;VALUE=DATE:20260302", "DURATION:P99999999D", "SUMMARY:INSET"), "DURATION"),
        (("DTSTART;TZID=Mars/One:20260302T130000", "SUMMARY:Closes early"), "'Mars/One'"),
        (("DTSTART;TZID=../../x:20260302T130000", "SUMMARY:Closes early"), "time zone"),
        (("DTSTART;VALUE=DATE:20260302", "SUMMARY:Spring term starts"), "no later event ends"),
        (("DTSTART;VALUE=DATE:20260302", "SUMMARY:Spring term ends"), "no event starts"),
    ],
)
def test_an_event_that_cannot_be_used_is_told(tmp_path, event, words):
    with pytest.raises(CalendarError, match=words) as caught:
        read(tmp_path, ("DTSTART;VALUE=DATE:20260310", "SUMMARY:Trip"), event)
    assert (caught.value.file, caught.value.row, caught.value.column) == ("s.ics", 2, "event")


@pytest.mark.parametrize(
    "words", ["INSET cancelled", "Parents evening", "Early years fair", "Termly newsletter"]
)
def test_other_events_are_no_school_days(tmp_path, words):
    assert read(tmp_path, ("DTSTART;VALUE=DATE:20260302", f"SUMMARY:{words}"))[0] == []


@pytest.mark.parametrize("text", ["junk", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT", "\xff\xfe", ""])
def test_what_is_no_calendar_is_refused(tmp_path, text):
    path = write(tmp_path / "s.ics", text.encode("latin-1"))
    with pytest.raises(InputError) as caught:
        read_term_ical(path, "", file="s.ics")
    assert caught.value.file == "s.ics"


@settings(max_examples=60)
@given(data=st.data())
def test_whatever_the_bytes_a_calendar_is_read_or_refused(tmp_path_factory, data):
    whole = bytearray(ics(*FULL).encode())
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = write(tmp_path_factory.mktemp("ics") / "s.ics", bytes(whole))
    try:
        entries, _ = read_term_ical(path, "", file="s.ics")
    except InputError:
        return
    assert all(e["start"] <= e["end"] for _, e in entries)


# In a workspace ---------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path):
    root = make_workspace(tmp_path)
    write(root / "school.ics", ics(FULL[2]))
    write(root / "corridors.toml", TOML + '[calendar.ical]\n"900001" = "school.ics"\n')
    return root


def test_a_school_calendar_adds_to_the_file_of_term_dates(root):
    found = sources.load_inputs(
        sources.open_workspace(root), "E05990001", "2026-W10", date(2026, 2, 20)
    )
    week = [date(2026, 3, day) for day in range(2, 7)]
    assert list(finish_times(found.calendar, "900001", week, 915)) == week[1:]
    assert list(finish_times(found.calendar, "900002", week, 915)) == week
    assert [r.file_name for r in found.sources if r.kind == "calendar"] == [
        "terms.csv",
        "school.ics",
    ]


def test_check_has_a_line_for_it_and_knows_its_school(root):
    lines, errors = sources.check(sources.open_workspace(root))
    assert errors == ()
    assert [line.file for line in lines if line.kind == "calendar"] == ["terms.csv", "school.ics"]
    assert json.loads(json.dumps([line.as_dict() for line in lines]))
    write(root / "corridors.toml", TOML + '[calendar.ical]\n"900003" = "school.ics"\n')
    (error,) = sources.check(sources.open_workspace(root))[1]
    assert "not in the school register" in str(error)


def test_a_term_that_stands_in_both_files_is_told(root):
    write(root / "school.ics", ics(FULL[0]))
    write(root / "corridors.toml", TOML + '[calendar.ical]\nall = "school.ics"\n')
    with pytest.raises(InputError, match=r"overlaps row 2 of terms\.csv, also term"):
        sources.load_inputs(
            sources.open_workspace(root), "E05990001", "2026-W10", date(2026, 2, 20)
        )


def test_a_calendar_alone_will_do(root):
    write(root / "terms.csv", "urn,academic_year,kind,start,end,finish_time\n")
    write(root / "school.ics", ics(*FULL))
    lines, errors = sources.check(sources.open_workspace(root))
    assert errors == ()
    assert [line.rows_used for line in lines if line.kind == "calendar"] == [0, 4]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ('[calendar.ical]\n"9x" = "a.ics"\n', "not a school URN"),
        ("[calendar.ical]\nall = 3\n", "section of texts"),
    ],
)
def test_a_wrong_section_is_told(root, section, words):
    write(root / "corridors.toml", TOML + section)
    with pytest.raises(ProfileError, match=words):
        sources.open_workspace(root)
