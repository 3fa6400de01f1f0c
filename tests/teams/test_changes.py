"""What a changed week changes, and what the law of the protocol cancels."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from sample_staffing import patrol

from corridors.model import RosterReport, WishReached, Withdrawal
from corridors.remit import roster_frame
from corridors.tables import DATE, PROTOCOL_FIELDS, Absences, ProtocolTerms
from corridors.teams.abstraction import abstraction_of, abstraction_words
from corridors.teams.changes import (
    ToldPatrol,
    by_school,
    changes_of,
    is_proven,
    people_changed,
    taken_off,
    without_protocol,
)

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
TERMS = pd.DataFrame(
    {ProtocolTerms.value: ["as agreed"] * len(PROTOCOL_FIELDS)},
    index=pd.Index(PROTOCOL_FIELDS, name=ProtocolTerms.index),
)
TERMS.loc["review_on"] = "2026-10-06"
TEAM = (("P1", "youth_worker"), ("P2", "pcso"))


def told(day: date = MONDAY, people=TEAM, level: str = "nearby_not_joint") -> ToldPatrol:
    return ToldPatrol(
        f"{day}-S1T1", day, 900, 1020, ("100001", "100002"), "C1", "trust", level, tuple(people)
    )


def test_c7_a_colleague_of_the_same_role_leaves_the_remit():
    now = patrol(told(), people=(("P1", "youth_worker"), ("P3", "pcso")))
    (change,) = changes_of([told()], [now], MONDAY)
    assert (change.off, change.on) == (("P2",), ("P3",))
    assert not change.is_other_remit
    assert not change.is_cancelled
    assert people_changed([change]) == 2


@pytest.mark.parametrize(
    ("people", "level"),
    [
        ((("P1", "youth_worker"), ("P3", "ward_officer")), "nearby_not_joint"),
        ((("P1", "youth_worker"), ("P3", "pcso")), "joint_visible"),
        ((("P1", "youth_worker"),), "on_call"),
    ],
)
def test_c7_another_role_or_level_is_another_remit(people, level):
    (change,) = changes_of([told()], [patrol(told(), people=people, level=level)], MONDAY)
    assert change.is_other_remit


def test_c7_what_stays_and_what_is_over_is_no_change():
    assert changes_of([told()], [patrol(told())], MONDAY) == ()
    assert changes_of([told()], [patrol(told(), people=())], TUESDAY) == ()


def test_c7_a_patrol_that_nobody_walks_any_more_is_cancelled():
    for now in ([patrol(told(), people=())], []):
        (change,) = changes_of([told()], now, MONDAY)
        assert change.is_cancelled
        assert change.reason
        assert set(by_school([change])) == {"100001", "100002"}


def test_c7_only_patrols_of_the_days_away_are_taken_off():
    plans = [told(), told(TUESDAY), told(TUESDAY, people=TEAM[:1])]
    assert taken_off(plans[:2], "P2", TUESDAY, TUESDAY) == ("2026-03-03-S1T1",)
    assert taken_off(plans, "P9", MONDAY, TUESDAY) == ()


def test_c8_without_police_and_protocol_a_patrol_is_cancelled():
    lost = patrol(told(), people=TEAM[:1], level="on_call", missing=("Tenants",))
    (now,) = without_protocol([lost], [told()], TERMS)
    assert not now.staffing.is_staffed
    assert (now.staffing.police_level, now.staffing.police_minutes) == ("none", 0)
    assert "Tenants" in now.staffing.reason


@pytest.mark.parametrize(
    ("level", "missing", "before"),
    [
        ("on_call", (), "nearby_not_joint"),  # the protocol is there
        ("nearby_not_joint", ("Tenants",), "joint_visible"),  # police are still there
        ("on_call", ("Tenants",), "on_call"),  # it never had police: as it was told
    ],
)
def test_c8_other_patrols_stand(level, missing, before):
    now = patrol(told(), level=level, missing=missing)
    assert without_protocol([now], [told(level=before)], TERMS) == (now,)


@pytest.mark.parametrize("terms", [None, "blank"])
def test_c8_a_protocol_of_which_a_field_is_blank_is_none(terms):
    blank = None if terms is None else TERMS.assign(value=["", *TERMS.value[1:]])
    lost = patrol(told(), people=TEAM[:1], level="on_call")
    (now,) = without_protocol([lost], [told()], blank)
    assert not now.staffing.is_staffed
    assert without_protocol([lost], [told()], TERMS) == (lost,)


@pytest.mark.parametrize(
    ("wish", "value"), [("coverage", False), ("changes", False), ("lots", True)]
)
def test_c7_the_fewest_changes_are_proven_only_if_the_solver_says_so(wish, value):
    wishes = [WishReached(n, 0.0, n != wish) for n in ("coverage", "changes", "lots")]
    assert is_proven(RosterReport(tuple(wishes))) == value
    assert is_proven(RosterReport())


# --- the rate -----------------------------------------------------------------------------------

ROSTER = roster_frame(
    (f"{day}-S1T1", person, "100001", day) for day in (MONDAY, TUESDAY) for person in ("P1", "P2")
)


def absences(*rows: tuple[str, date, date, str]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            Absences.person_id: pd.Series([r[0] for r in rows], dtype="str"),
            Absences.first: pd.Series([pd.Timestamp(r[1]) for r in rows], dtype=DATE),
            Absences.last: pd.Series([pd.Timestamp(r[2]) for r in rows], dtype=DATE),
            Absences.reason_code: pd.Series([r[3] for r in rows], dtype="str"),
            Absences.told_on: pd.Series([pd.Timestamp(r[1]) for r in rows], dtype=DATE),
        }
    )
    frame.index.name = Absences.index
    return Absences.validate(frame)


def test_c7_the_rate_is_lost_places_over_told_places_by_reason():
    away = absences(("P1", MONDAY, TUESDAY, "abstracted"), ("P2", TUESDAY, TUESDAY, "sick"))
    found = abstraction_of((), ROSTER, away, planned=99)
    assert (found.planned, found.lost, found.rate) == (4, 3, 0.75)
    assert found.by_reason == (("abstracted", 2), ("sick", 1))
    (words,) = abstraction_words(found)
    assert "3 of 4 planned person-patrols (75%)" in words
    assert "abstracted 2, sick 1" in words


def test_c7_the_rate_is_the_same_from_the_log_as_when_the_change_was_made():
    away = absences(("P1", MONDAY, MONDAY, "abstracted"))
    during = abstraction_of((), ROSTER, away, planned=4)
    logged = Withdrawal("P1", "abstracted", ("2026-03-02-S1T1",), 4)
    replaced = ROSTER[ROSTER.person_id != "P1"].reset_index(drop=True).rename_axis("entry_id")
    assert abstraction_of((logged,), replaced, away, planned=3) == during
    assert abstraction_of((logged, logged), replaced, None, planned=3) == during  # logged twice


def test_c7_a_second_change_counts_against_what_was_told_first():
    first = Withdrawal("P1", "abstracted", ("2026-03-02-S1T1",), 4)
    second = replace(first, person_id="P2", reason_code="sick", planned=4)
    found = abstraction_of((first, second), None, None, planned=2)
    assert (found.planned, found.lost) == (4, 2)


def test_c7_nobody_away_is_no_abstraction():
    found = abstraction_of((), None, None, planned=10)
    assert (found.planned, found.lost, found.rate) == (10, 0, 0.0)
    assert abstraction_words(found) == ()
    assert abstraction_of((), ROSTER, absences(), planned=0).lost == 0
    assert abstraction_of((), None, None, planned=0).rate == 0.0
