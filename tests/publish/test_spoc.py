"""Messages to schools: to a role, about days, without who is away and why (C7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sample_plan import (
    HOSTILE,
    WARD,
    hostile_names,
    sample_plan,
    sample_profile,
    with_inputs,
    with_staffing,
)
from support_approvals import agreed

from corridors import publish, sources
from corridors.model import Assignment
from corridors.publish.spoc import spoc_messages
from corridors.teams.changes import changes_of, without_protocol

PROFILE = sample_profile()
DRAFTED = date(2026, 2, 24)
OTHERS = (Assignment("P1", "youth_worker"), Assignment("P2", "familiar_adult"))


def _messages(plan, new_dates=None, names=None) -> str:
    told = _told(sample_plan(names))
    changes = changes_of(told, plan.patrols, DRAFTED)
    return spoc_messages(plan, PROFILE, changes, new_dates or {}, DRAFTED)


def _told(plan):
    from corridors.remit import patrol_urns
    from corridors.teams.changes import ToldPatrol

    return [
        ToldPatrol(
            p.patrol_id, p.day, p.start_min, p.end_min, patrol_urns(plan, p), p.corridor_id,
            p.staffing.aim, p.staffing.police_level,
            tuple((a.person_id, a.role) for a in p.staffing.people),
        )
        for p in plan.patrols
    ]  # fmt: skip


def test_c7_a_cancelled_patrol_comes_with_a_new_date_and_why():
    plan = with_staffing(
        sample_plan(), people=(), reason="No youth worker who accepts police is free."
    )
    text = _messages(plan, {"2026-03-02-T1": date(2026, 3, 9), "2026-03-04-T1": None})
    assert "To: Deputy head, pastoral (single point of contact), Northfield Academy" in text
    assert "at the earliest convenience" in text
    assert "Monday 2 March, 3:05pm to 4:45pm" in text
    assert "cancelled. There are not enough people to walk. We propose Monday 9 March" in text
    assert "accepts police" not in text  # what others agreed to is not for the school
    assert "We have no other day to propose yet." in text
    assert text.startswith("OFFICIAL-SENSITIVE. Draft of 24 February 2026.")


def test_c8_a_patrol_without_a_protocol_is_cancelled_in_words_for_a_school():
    told = sample_plan()
    level = with_staffing(told, police_level="on_call", protocol_missing=("Youth First",))
    patrols = without_protocol(level.patrols, _told(told), None)
    text = _messages(replace(level, patrols=patrols))
    assert "cancelled. The police cannot come, and not everything that is needed" in text
    assert "Youth First" not in text
    assert "Cancelled:" not in text


def test_c7_other_roles_have_to_be_agreed_again():
    text = _messages(with_staffing(sample_plan(), people=OTHERS, police_level="on_call"))
    assert "it takes place with others: Local adult you may know and Youth worker" in text
    assert "Please say whether you agree." in text


def test_c7_the_same_role_is_no_question():
    people = (*OTHERS, Assignment("P5", "school_linked_officer"))
    text = _messages(with_staffing(sample_plan(), people=people))
    assert text.count("somebody else of the same role") == 2
    assert "Please say whether you agree." not in text


def test_c7_nobodys_name_id_or_reason_is_in_a_message():
    for people in ((), OTHERS, (*OTHERS, Assignment("P4", "school_linked_officer"))):
        text = _messages(with_staffing(sample_plan(), people=people, reason="Nobody is free."))
        assert text
        for word in ("Ada", "Ben", "Cara", "Dev", "P1", "P3", "P4", "sick", "abstract"):
            assert word not in text


def test_c7_no_change_no_message():
    assert _messages(sample_plan()) == ""


def test_c7_hostile_names_stay_on_their_line():
    names = hostile_names()
    plan = with_staffing(sample_plan(names), people=(), reason="Nobody is free.")
    text = _messages(plan, names=names)
    calm = _messages(with_staffing(sample_plan(), people=(), reason="Nobody is free."))
    assert len(text.splitlines()) == len(calm.splitlines())
    assert not any(c in text for c in "\x00\u2028\u2029\u202e\r")
    assert HOSTILE[15] not in text  # a name without end


def test_c7_drafts_are_kept_newest_first_and_a_plain_run_adds_none(tmp_path):
    plan = sample_plan()
    publish.write(plan, PROFILE, tmp_path, messages="one\n")
    publish.write(plan, PROFILE, tmp_path, messages="two\n")
    written = publish.write(plan, PROFILE, tmp_path)
    (path,) = [p for p in written if p.name == "spoc_messages_OS.txt"]
    assert path.read_text("utf-8") == "two\none\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_e7_a_change_is_given_out_on_its_own_day_with_the_next_version(tmp_path):
    plan = sample_plan()
    publish.write(plan, PROFILE, tmp_path)
    fewer = replace(plan, patrols=plan.patrols[:1])
    publish.write(fewer, PROFILE, tmp_path, issued_on=date(2026, 2, 24))
    (notice,) = tmp_path.glob(f"maps/public/{WARD}/*/notice.html")
    assert "Version 2 of this notice, given out on 24 February 2026" in notice.read_text("utf-8")
    assert "Unannounced" not in notice.read_text("utf-8")  # what stays was told in time
    gone = with_staffing(plan, people=())
    publish.write(gone, PROFILE, tmp_path, issued_on=date(2026, 2, 25))
    assert "given out on 25 February 2026" in notice.read_text("utf-8")
    assert "are cancelled" in notice.read_text("utf-8")


@pytest.mark.parametrize("spoc", ["", "Head"])
def test_c5_a_school_without_a_contact_is_told_to_staff(spoc):
    plan = with_staffing(sample_plan(), people=(), reason="Nobody is free.")
    plan = with_inputs(plan, agreements=plan.inputs.agreements.assign(spoc=spoc))
    assert f"To: {spoc or 'NO CONTACT NAMED'} (single" in _messages(plan)


def test_reading_back_what_was_told_gives_the_same_patrols(tmp_path):
    publish.write(sample_plan(), PROFILE, tmp_path)
    told = sources.read_told(tmp_path, WARD, "2026-W10")
    assert list(told.patrols) == _told(sample_plan())


def test_e7_a_late_day_that_was_not_told_before_is_unannounced(tmp_path):
    plan = sample_plan()
    publish.write(replace(plan, patrols=plan.patrols[1:]), PROFILE, tmp_path)
    publish.write(plan, PROFILE, tmp_path, issued_on=date(2026, 3, 1))
    (notice,) = tmp_path.glob(f"maps/public/{WARD}/*/notice.html")
    assert "Unannounced" in notice.read_text("utf-8")
    publish.write(replace(plan, patrols=plan.patrols[:1]), PROFILE, tmp_path)
    assert "Version 3" in notice.read_text("utf-8")


def test_e7_a_day_that_is_dropped_late_makes_nothing_unannounced(tmp_path):
    plan = sample_plan()
    publish.write(plan, PROFILE, tmp_path)
    publish.write(replace(plan, patrols=plan.patrols[:1]), PROFILE, tmp_path,
                  issued_on=date(2026, 3, 1))  # fmt: skip
    (notice,) = tmp_path.glob(f"maps/public/{WARD}/*/notice.html")
    assert "Version 2" in notice.read_text("utf-8")
    assert "Unannounced" not in notice.read_text("utf-8")


def test_e7_dropping_the_only_day_of_a_time_is_no_news_and_another_time_is(tmp_path):
    both = sample_plan()
    early = replace(both.patrols[0], start_min=780, end_min=880)
    mixed = agreed(replace(both, patrols=(early, *both.patrols[1:])))
    publish.write(mixed, PROFILE, tmp_path)
    (notice,) = tmp_path.glob(f"maps/public/{WARD}/*/notice.html")
    assert notice.read_text("utf-8").count('class="time"') == 2
    late = {"issued_on": date(2026, 3, 1)}
    publish.write(replace(mixed, patrols=mixed.patrols[1:]), PROFILE, tmp_path, **late)
    assert "Version 2" in notice.read_text("utf-8")
    assert "Unannounced" not in notice.read_text("utf-8")
    publish.write(both, PROFILE, tmp_path, **late)  # Monday is back, at another time
    assert "Unannounced" in notice.read_text("utf-8")
