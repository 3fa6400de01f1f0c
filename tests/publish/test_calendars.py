"""A calendar a person: stable events, changes that programs take, and nothing but our own words."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event
from sample_plan import MADE_ON, sample_plan, sample_profile, with_staffing
from support_hostile import with_person_ids
from support_made import calendars_of

from corridors import publish
from corridors.model import Assignment, Plan
from corridors.publish.calendars import LARGEST_BYTES, file_names, read_calendars

PROFILE = sample_profile()
LATER = date(2026, 2, 20)


def _made(
    plan: Plan, earlier: dict[str, bytes] | None = None, told_on: date = MADE_ON
) -> dict[str, bytes]:
    return calendars_of(plan, PROFILE, earlier, told_on)


def _events(data: bytes) -> list[Event]:
    return list(Calendar.from_ical(data).walk("VEVENT"))


def _facts(data: bytes) -> list[tuple[str, int, str]]:
    """Status, sequence and day of the stamp, by event."""
    return [
        (str(e["STATUS"]), int(e["SEQUENCE"]), e["DTSTAMP"].dt.date().isoformat())
        for e in _events(data)
    ]


def _without(plan: Plan, person_id: str) -> Plan:
    patrols = tuple(
        replace(
            p,
            staffing=replace(
                p.staffing,
                people=tuple(a for a in p.staffing.people if a.person_id != person_id),
            ),
        )
        for p in plan.patrols
    )
    return replace(plan, patrols=patrols)


def _moved(plan: Plan, minutes: int) -> Plan:
    """The first patrol starts later."""
    first, *others = plan.patrols
    return replace(plan, patrols=(replace(first, start_min=first.start_min + minutes), *others))


def test_everybody_who_walks_has_a_file():
    made = _made(sample_plan())
    assert list(made) == ["P1_OS.ics", "P2_OS.ics", "P3_OS.ics", "P4_OS.ics"]
    assert [len(_events(data)) for data in made.values()] == [2, 2, 1, 1]


def test_what_an_event_says():
    first = _events(_made(sample_plan())["P1_OS.ics"])[0]
    assert first["SUMMARY"] == "Safer Corridors patrol, Team 1"
    assert first["LOCATION"] == "Second Lane"
    assert first["CLASS"] == "CONFIDENTIAL"
    assert first["STATUS"] == "CONFIRMED"
    assert first["DTSTART"].dt.isoformat() == "2026-03-02T15:05:00+00:00"
    assert first["DTEND"].dt.isoformat() == "2026-03-02T16:45:00+00:00"
    assert first["DTSTART"].params["TZID"] == "Europe/London"
    said = str(first["DESCRIPTION"]).split("\n")
    assert said[0] == said[-1] == "OFFICIAL-SENSITIVE"
    assert "Start on Second Lane." in said
    assert "You walk as: Youth worker." in said
    assert "With: Ben Sample, Local adult you may know, Tenants" in said
    assert "15:05 to 15:15: Stand at Cedar Road shops bus stop" in said
    assert "Police take no part in managing behaviour." in said
    assert not [line for line in said if "Ada Example" in line]


def test_supervisors_warnings_are_not_for_those_who_walk():
    warned = with_staffing(sample_plan(), warnings=("Out of uniform: P3.",))
    first = warned.patrols[0]
    late = replace(warned, patrols=(replace(first, day=date(2026, 11, 30)),))
    for data in _made(late).values():
        assert b"uniform" not in data
        assert "It gets dark at 15:" in str(_events(data)[0]["DESCRIPTION"])


def test_a_round_is_told_without_pointing_at_a_table():
    plan = sample_plan()
    patrols = tuple(replace(p, route=replace(p.route, rounds=2)) for p in plan.patrols)
    for data in _made(replace(plan, patrols=patrols)).values():
        said = str(_events(data)[0]["DESCRIPTION"])
        assert "Walked 2 times, from 15:00 and 15:21." in said
        assert "below" not in said


def test_a_calendar_is_published_and_asks_nobody_to_answer():
    made = Calendar.from_ical(_made(sample_plan())["P1_OS.ics"])
    assert made["METHOD"] == "PUBLISH"
    assert "ATTENDEE" not in str(made.to_ical())


def test_a_calendar_is_marked_and_knows_its_zone():
    made = Calendar.from_ical(_made(sample_plan())["P1_OS.ics"])
    assert str(made["X-WR-CALNAME"]).startswith("OFFICIAL-SENSITIVE")
    [zone] = made.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/London"
    assert {str(part["TZNAME"]) for part in zone.subcomponents} == {"BST", "GMT"}


def test_in_summer_a_patrol_is_at_its_local_time():
    plan = sample_plan()
    days = {p.day: p.day + timedelta(weeks=10) for p in plan.patrols}
    moved = replace(
        plan,
        patrols=tuple(replace(p, day=days[p.day]) for p in plan.patrols),
        sessions=(replace(plan.sessions[0], days=tuple(days.values())),),
    )
    first = _events(_made(moved)["P1_OS.ics"])[0]
    assert first["DTSTART"].dt.isoformat() == "2026-05-11T15:05:00+01:00"


def test_what_is_not_settled_is_tentative():
    for change in ({"aim_is_confirmed": False}, {"protocol_missing": ("Tenants",)}):
        made = _made(with_staffing(sample_plan(), **change))
        assert {f[0] for f in _facts(made["P1_OS.ics"])} == {"TENTATIVE"}


def test_uids_say_nothing_and_differ():
    uids = [str(e["UID"]) for data in _made(sample_plan()).values() for e in _events(data)]
    assert len(set(uids)) == 6
    assert all(re.fullmatch(r"[0-9a-f-]{36}", uid) for uid in uids)


def test_the_same_plan_over_its_own_files_gives_the_same_bytes():
    first = _made(sample_plan())
    assert _made(sample_plan(), first) == first
    assert _made(sample_plan(), first, LATER) == first  # nothing new is told on the later day


def test_a_change_raises_the_sequence_of_its_event_only():
    first = _made(sample_plan())
    second = _made(_moved(sample_plan(), 10), first, LATER)
    assert _facts(second["P1_OS.ics"]) == [
        ("CONFIRMED", 1, "2026-02-20"), ("CONFIRMED", 0, "2026-02-06"),
    ]  # fmt: skip
    uids = [[e["UID"] for e in _events(made["P1_OS.ics"])] for made in (first, second)]
    assert uids[0] == uids[1]
    assert second["P4_OS.ics"] == first["P4_OS.ics"]
    back = _made(sample_plan(), second, LATER)
    assert [f[1] for f in _facts(back["P1_OS.ics"])] == [2, 0]


def test_who_no_longer_walks_keeps_a_file_of_cancellations():
    first = _made(sample_plan())
    second = _made(_without(sample_plan(), "P3"), first, LATER)
    assert _facts(second["P3_OS.ics"]) == [("CANCELLED", 1, "2026-02-20")]
    [event] = _events(second["P3_OS.ics"])
    assert event["UID"] == _events(first["P3_OS.ics"])[0]["UID"]
    assert event["DTSTART"].dt == _events(first["P3_OS.ics"])[0]["DTSTART"].dt
    assert "Ada Example" not in event["DESCRIPTION"]
    assert _made(_without(sample_plan(), "P3"), second, date(2026, 2, 23)) == second
    third = _made(sample_plan(), second, LATER)
    assert _facts(third["P3_OS.ics"]) == [("CONFIRMED", 2, "2026-02-20")]


def test_a_patrol_that_falls_away_is_cancelled_beside_the_one_that_stays():
    first = _made(sample_plan())
    one = replace(sample_plan(), patrols=sample_plan().patrols[1:])
    second = _made(one, first, LATER)
    assert [f[:2] for f in _facts(second["P1_OS.ics"])] == [("CANCELLED", 1), ("CONFIRMED", 0)]


def test_partners_hear_of_a_change():
    first = _made(sample_plan())
    second = _made(_without(sample_plan(), "P3"), first, LATER)
    assert [f[1] for f in _facts(second["P1_OS.ics"])] == [1, 0]


# --- what stands there may be damaged, or hostile -----------------------------------------------


def test_a_damaged_file_starts_again_above_what_may_have_been_told():
    damaged = {"P1_OS.ics": b"\xff\xfe not a calendar", "P9_OS.ics": b""}
    made = _made(sample_plan(), damaged)
    assert [f[1] for f in _facts(made["P1_OS.ics"])] == [1, 1]
    assert [f[1] for f in _facts(made["P2_OS.ics"])] == [0, 0]
    assert "P9_OS.ics" not in made
    assert _made(sample_plan(), made) == made


def _forged(body: str) -> dict[str, bytes]:
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}\nEND:VCALENDAR\n"
    return {"P3_OS.ics": text.replace("\n", "\r\n").encode("utf-8", "surrogatepass")}


UID = "0d50b926-e433-5ed2-b229-67f4571cdca2"
GOOD = f"UID:{UID}\nDTSTART:20260302T150500Z\nDTEND:20260302T164500Z\nDTSTAMP:20260206T000000Z"


@pytest.mark.parametrize(
    "lines",
    [
        f"{GOOD}\nSEQUENCE:99999999999999999999",
        f"{GOOD}\nSEQUENCE:-5",
        f"{GOOD}\nSEQUENCE:many",
        f"{GOOD}\nSEQUENCE:1\nSEQUENCE:2",
        f"{GOOD}\nUID:{UID}",
        f"{GOOD}\nRRULE:FREQ=SECONDLY",
        "DTSTART:20260302T150500Z",
        f"UID:{UID}",
        f"UID:{UID}\nDTSTART:20260302\nDTEND:20260303",
        f"UID:{UID}\nDTSTART:00010101T000000Z\nDTEND:99991231T235959Z",
        f"UID:{UID}\nDTSTART:20260302T160500Z\nDTEND:20260302T150500Z",
        f"UID:{UID}\nDTSTART;TZID=Nowhere/At all:20260302T160500\nDTEND:20260302T170500Z",
        f"UID:{UID}\nDTSTART:20260302T250000Z\nDTEND:x",
        "UID:<script>alert(1)</script>\nDTSTART:20260302T150500Z\nDTEND:20260302T160500Z",
        f"{GOOD}\nDTSTAMP:18000101T000000Z",
        f"{GOOD}\nATTACH:file:///etc/passwd\nX-EVIL:1\nBEGIN:VALARM\nACTION:AUDIO\nEND:VALARM",
    ],
)
def test_a_forged_event_brings_in_nothing(lines):
    body = f"BEGIN:VEVENT\nSUMMARY:=1+1 evil\nDESCRIPTION:evil\n{lines}\nEND:VEVENT"
    made = _made(sample_plan(), _forged(body))
    for data in made.values():
        assert b"evil" not in data.lower()
        for event in _events(data):
            assert set(event) <= ALLOWED
            assert 0 <= int(event["SEQUENCE"]) < 2**31
    assert _made(sample_plan(), made) == made


ALLOWED = {
    "UID", "DTSTART", "DTEND", "DTSTAMP", "SEQUENCE", "CLASS", "SUMMARY", "LOCATION",
    "DESCRIPTION", "STATUS", "TRANSP",
}  # fmt: skip


def test_a_file_full_of_events_is_held_within_bounds():
    event = "BEGIN:VEVENT\nUID:{0:08x}-e433-5ed2-b229-67f4571cdca2\n" + GOOD.split("\n", 1)[1]
    body = "\n".join(f"{event.format(i)}\nEND:VEVENT" for i in range(400))
    assert len(_events(_made(sample_plan(), _forged(body))["P3_OS.ics"])) == 201


@settings(max_examples=40)
@given(st.binary(max_size=300))
@example(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n")
@example(b"END:VCALENDAR")
def test_no_bytes_stop_a_run(data):
    made = _made(sample_plan(), {"P1_OS.ics": data})
    assert [f[1] for f in _facts(made["P1_OS.ics"])] in ([0, 0], [1, 1])


@settings(max_examples=40)
@given(st.data())
def test_no_damage_to_a_good_file_stops_a_run(data):
    good = bytearray(_made(sample_plan())["P1_OS.ics"])
    for _ in range(data.draw(st.integers(1, 8))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    made = _made(sample_plan(), {"P1_OS.ics": bytes(good)})
    assert len([f for f in _facts(made["P1_OS.ics"]) if f[0] == "CONFIRMED"]) == 2


# --- names of files -----------------------------------------------------------------------------


def _name(person_id: str) -> str:
    return file_names([person_id])[person_id]


@pytest.mark.parametrize("person_id", ["P1", "a-b_C", "x" * 32, "7"])
def test_a_harmless_id_names_its_file(person_id):
    assert _name(person_id) == f"{person_id}_OS.ics"


@pytest.mark.parametrize(
    "person_id",
    [
        "", "x" * 33, "a b", "../x", "a/b", "a\\b", "P1\n", "ada@x.example", "Ünal", "CON", "nul",
        "Com1", "lpt9", "a.b", "\x00", "\ud800", "person-0123456789ab", "PERSON-1", "=1",
    ],
)  # fmt: skip
def test_any_other_id_is_hidden(person_id):
    assert re.fullmatch(r"person-[0-9a-f]{12}_OS\.ics", _name(person_id))


def test_ids_that_differ_in_capitals_only_are_hidden_both():
    names = file_names(["p1", "P1", "p2"])
    assert names["p2"] == "p2_OS.ics"
    assert len({name.casefold() for name in names.values()}) == 3
    assert all(names[i].startswith("person-") for i in ("p1", "P1"))


@given(st.sets(st.text(max_size=40), max_size=8))
@example({"CON", "con", "Con"})
def test_names_are_harmless_and_each_its_own(ids):
    names = file_names(ids)
    assert len({name.casefold() for name in names.values()}) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,32}_OS\.ics", name) for name in names.values())


def test_a_new_neighbour_in_capitals_moves_a_file_without_cancelling():
    plan = with_person_ids(sample_plan(), ("p1", "P2", "P3", "P4"))
    first = _made(plan)
    second = _made(with_person_ids(sample_plan(), ("p1", "P2", "P1", "P4")), first, LATER)
    mine = file_names(["p1", "P1"])["p1"]
    assert [e["UID"] for e in _events(second[mine])] == [
        e["UID"] for e in _events(first["p1_OS.ics"])
    ]
    assert "p1_OS.ics" not in second


def test_a_leftover_that_differs_in_capitals_only_gets_a_name_of_its_own():
    first = _made(with_person_ids(sample_plan(), ("gone", "P2", "P3", "P4")))
    second = _made(with_person_ids(sample_plan(), ("Gone", "P2", "P3", "P4")), first, LATER)
    assert len({name.casefold() for name in second}) == len(second) == 5
    assert {f[0] for f in _facts(second["Gone_OS.ics"])} == {"CONFIRMED"}
    again = with_person_ids(sample_plan(), ("Gone", "P2", "P3", "P4"))
    assert _made(again, second, LATER) == second


# --- on disk ------------------------------------------------------------------------------------


def test_links_and_other_files_are_not_read(tmp_path):
    folder = tmp_path / "calendars"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "P1_OS.ics").symlink_to(tmp_path / "secret")
    (folder / "P2_OS.ics").write_bytes(b"two")
    (folder / "P3_OS.ics").write_bytes(b"x" * (LARGEST_BYTES + 1))
    (folder / "notes.txt").write_bytes(b"other")
    (folder / "P4_OS.ics").mkdir()
    os.mkfifo(folder / "P5_OS.ics")
    assert read_calendars(folder) == {"P2_OS.ics": b"two", "P3_OS.ics": b""}
    (tmp_path / "link").symlink_to(folder)
    assert read_calendars(tmp_path / "link") == read_calendars(tmp_path / "none") == {}


def test_a_second_run_reads_what_stands_there(tmp_path):
    publish.write(sample_plan(), PROFILE, tmp_path)
    [path] = tmp_path.glob("maps/working/*/*/calendars/P3_OS.ics")
    assert [f[:2] for f in _facts(path.read_bytes())] == [("CONFIRMED", 0)]
    changed = _without(sample_plan(), "P3")
    publish.write(changed, PROFILE, tmp_path, issued_on=LATER)
    assert _facts(path.read_bytes()) == [("CANCELLED", 1, "2026-02-20")]


def test_somebody_new_on_a_patrol_gets_a_new_event():
    first = _made(_without(sample_plan(), "P3"))
    second = _made(sample_plan(), first, LATER)
    assert _facts(second["P3_OS.ics"]) == [("CONFIRMED", 0, "2026-02-20")]
    people = sample_plan().patrols[0].staffing.people
    assert Assignment("P3", "school_linked_officer") in people
