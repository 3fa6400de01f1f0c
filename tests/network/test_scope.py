"""Who takes part: by the profile, by agreement, and with a reason for everybody else."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from corridors.model import Ward
from corridors.network.scope import schools_in_scope
from corridors.profile import Scope
from corridors.tables import DATE, Agreements, Schools

WARD = Ward("E05999001", "Ward", box(0, 0, 1000, 1000))
MADE_ON = date(2026, 2, 20)
KS3 = Scope(min_high_age=12)


def schools(**changes: object) -> pd.DataFrame:
    row: dict[str, object] = {
        Schools.name: "Hill School",
        Schools.phase: "Secondary",
        Schools.kind: "Academy",
        Schools.status: "Open",
        Schools.low_age: 11.0,
        Schools.high_age: 18.0,
        Schools.pupils: 900.0,
        Schools.x_m: 500.0,
        Schools.y_m: 500.0,
    } | changes
    frame = pd.DataFrame([row], index=pd.Index(["900001"], name="urn", dtype="str"))
    text = [Schools.name, Schools.phase, Schools.kind, Schools.status]
    return Schools.validate(frame.astype(dict.fromkeys(text, "str")))


def agreements(**changes: object) -> pd.DataFrame:
    row: dict[str, object] = {
        Agreements.head_agreed_on: "2026-01-05",
        Agreements.police_agreed_on: "2026-01-06",
        Agreements.spoc: "Deputy head",
        Agreements.withdrawn_on: None,
        Agreements.special_approval: "",
    } | changes
    frame = pd.DataFrame([row], index=pd.Index(["900001"], name="urn", dtype="str"))
    dates = [Agreements.head_agreed_on, Agreements.police_agreed_on, Agreements.withdrawn_on]
    types = dict.fromkeys(dates, DATE) | dict.fromkeys([Agreements.spoc, "special_approval"], "str")
    return Agreements.validate(frame.astype(types))


def reason(school: pd.DataFrame, agreed: pd.DataFrame, scope: Scope = KS3) -> str:
    found = schools_in_scope(school, agreed, WARD, MADE_ON, scope)
    assert len(found.urns) + len(found.left_out) <= 1
    return found.left_out[0].reason if found.left_out else "" if found.urns else "not there"


def test_an_open_agreed_secondary_in_the_ward_takes_part():
    assert reason(schools(), agreements()) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phase": "Not applicable", "low_age": 7.0}, ""),  # KS3+ goes by age, not by phase
        ({"high_age": 11.0}, "pupils leave at 11"),
        ({"high_age": 12.0}, ""),
        ({"high_age": np.nan}, "no ages"),
        ({"status": "Closed"}, "closed in the register"),
        ({"status": "Proposed to open"}, "proposed to open in the register"),
        ({"status": "Open, but proposed to close"}, ""),
        ({"x_m": 1500.0}, "not there"),
        ({"kind": "Pupil referral unit"}, "needs an approval"),
        ({"name": "Camden Centre for Learning (Ccfl) PRU"}, "needs an approval"),
        ({"kind": "Foundation special school"}, "needs an approval"),
        ({"name": "Spruce Academy"}, ""),
    ],
)
def test_c3_h7_scope_by_age_status_place_and_kind(changes, words):
    found = reason(schools(**changes), agreements())
    assert found.startswith(words) if not words else words in found
    assert bool(found) == bool(words)


def test_h7_special_school_with_an_approval_by_name_takes_part():
    approved = agreements(special_approval="Head of service")
    assert reason(schools(kind="Pupil referral unit"), approved) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"head_agreed_on": "2026-02-21"}, "headteacher agrees only from 21/02/2026"),
        ({"police_agreed_on": "2026-03-01"}, "police agrees only from"),
        ({"withdrawn_on": "2026-02-20"}, "withdrew on 20/02/2026"),
        ({"withdrawn_on": "2026-02-21"}, ""),
    ],
)
def test_a7_c6_agreement_is_dated_and_can_be_withdrawn(changes, words):
    assert words in reason(schools(), agreements(**changes)) if words else True
    assert bool(reason(schools(), agreements(**changes))) == bool(words)


def test_a7_no_agreement_on_record_means_no_part():
    none = agreements().iloc[:0]
    assert "no agreement on record" in reason(schools(), none)


def test_a_closed_school_without_an_agreement_is_nobodys_business():
    assert reason(schools(status="Closed"), agreements().iloc[:0]) == "not there"


def test_h2_free_school_meals_cannot_matter_there_is_no_such_column():
    assert not any("fsm" in c.lower() or "ethnic" in c.lower() for c in Schools.columns())


def test_c3_younger_schools_are_called_what_the_profile_calls_them():
    scope = Scope(min_high_age=12, younger="local policing arrangements")
    found = reason(schools(high_age=11.0), agreements(), scope)
    assert found.endswith("this profile covers 12 and over: local policing arrangements")
    assert reason(schools(high_age=11.0), agreements(), Scope(min_high_age=11)) == ""


def test_a7_no_school_enters_without_its_own_agreement():
    two = pd.concat([schools(), schools().rename(index={"900001": "900002"})])
    found = schools_in_scope(two, agreements(), WARD, MADE_ON, KS3)
    assert found.urns == ("900001",)
    (left,) = found.left_out
    assert left.urn == "900002"
    assert "a school enters by its own agreement" in left.reason


def test_h7_a_special_school_takes_part_once_somebody_approved_it_by_name():
    special = schools(kind="Pupil referral unit")
    assert "needs an approval" in reason(special, agreements())
    assert reason(special, agreements(special_approval="Head of inclusion")) == ""
