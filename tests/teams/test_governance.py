from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
import shapely
from support_teams import people, person

from corridors.model import Ward
from corridors.tables import Schools
from corridors.teams.governance import (
    Programme,
    police_alone_reason,
    programme_faults,
    programme_of,
    schools_without_officer,
)

WARD = Ward("E05999001", "West", shapely.box(0, 0, 1000, 1000))
MADE_ON, LAST = date(2026, 2, 20), date(2026, 3, 6)


def schools(*rows):
    """``("100001", high age, status, easting)``."""
    frame = pd.DataFrame(
        {
            Schools.name: [f"School {row[0]}" for row in rows],
            Schools.phase: "Secondary",
            Schools.kind: "",
            Schools.status: [row[2] for row in rows],
            Schools.low_age: 5.0,
            Schools.high_age: [float(row[1]) for row in rows],
            Schools.pupils: 100.0,
            Schools.x_m: [float(row[3]) for row in rows],
            Schools.y_m: 500.0,
        },
        index=pd.Index([row[0] for row in rows], name="urn"),
    )
    return Schools.validate(frame)


def aims(**by_urn):
    """``aims(u1={"review_on": "2026-03-01"})``."""
    blank = {"aim": "trust", "confirmed_by": "Head", "police_alone_reason": ""}
    days = dict.fromkeys(("starts_on", "ends_on", "review_on"), pd.NaT)
    rows = [blank | days | row for row in by_urn.values()]
    frame = pd.DataFrame(rows, index=pd.Index([u[1:] for u in by_urn], name="urn"))
    return frame.astype(dict.fromkeys(days, "datetime64[us]"))


def test_c2_every_open_ks3_school_of_the_ward_without_an_officer_is_listed():
    table = schools(
        ("100005", 16, "Open", 500),
        ("100001", 18, "Open", 500),
        ("100002", 11, "Open", 500),  # primary
        ("100003", 18, "Closed", 500),
        ("100004", 18, "Open", 2000),  # another ward
        ("100006", 13, "Open, but proposed to close", 500),  # a middle school
    )
    staff = people(
        person("P1", "school_linked_officer", urns="100001 100009"),
        person("P2", "ward_officer", urns="100005"),  # not the schools' own officer
        person("P3", "youth_worker", urns="100006"),
    )
    assert schools_without_officer(table, staff, WARD) == ("100005", "100006")
    named = people(person("P1", "school_linked_officer", urns="100001 100005 100006"))
    assert schools_without_officer(table, named, WARD) == ()


def test_c2_the_order_of_rows_changes_nothing():
    rows = [(f"10000{i}", 18, "Open", 500) for i in range(1, 5)]
    staff = people(person("P1", "school_linked_officer", urns="100002"))
    one = schools_without_officer(schools(*rows), staff, WARD)
    assert one == schools_without_officer(schools(*reversed(rows)), staff, WARD)


def test_b8_every_school_of_a_shared_corridor_has_to_give_a_reason():
    said = {"police_alone_reason": "Two stabbings"}
    table = aims(u100001=said, u100002={}, u100003=said)
    assert police_alone_reason(table, ("100001", "100003")) == "Two stabbings"
    assert police_alone_reason(table, ("100001", "100002")) == ""
    assert police_alone_reason(table, ("100001", "100009")) == ""
    assert police_alone_reason(table, ()) == ""


@pytest.mark.parametrize(
    ("start", "end", "review", "words"),
    [
        ("2026-01-05", "2026-07-21", "2026-05-01", []),
        ("2026-01-05", "2026-03-06", "2026-02-20", []),
        ("2026-01-05", "2026-07-21", None, ["no end or review date is on record"]),
        (None, None, None, ["no end or review date is on record"]),
        ("2026-01-05", "2026-03-05", "2026-05-01", ["its programme ends on 05/03/2026"]),
        ("2026-01-05", "2026-02-19", "2026-05-01", ["its programme ended on 19/02/2026"]),
        ("2026-03-07", "2026-07-21", "2026-05-01", ["only starts on 07/03/2026"]),
        ("2026-01-05", "2026-07-21", "2026-02-19", ["was due on 19/02/2026 and is overdue"]),
    ],
)
def test_c13_no_programme_ends_or_goes_unreviewed_in_silence(start, end, review, words):
    made = Programme(*(d and date.fromisoformat(d) for d in (start, end, review)))
    found = programme_faults(made, MADE_ON, LAST)
    assert len(found) == len(words)
    for sentence, part in zip(found, words, strict=True):
        assert part in sentence


def test_c13_a_shared_corridor_has_the_earliest_dates_of_its_schools():
    def row(*days):
        return dict(
            zip(("starts_on", "ends_on", "review_on"), map(pd.Timestamp, days), strict=True)
        )

    table = aims(
        u100001=row("2026-01-05", "2026-07-21", "2026-06-01"),
        u100002=row("2026-02-02", "2026-03-27", None),
    )
    assert programme_of(table, ("100001", "100002", "100003")) == Programme(
        date(2026, 1, 5), date(2026, 3, 27), date(2026, 6, 1)
    )
    assert programme_of(table, ("100003",)) == Programme(None, None, None)
