"""Whom patrols and encounters touched: D.6 from written plans and debriefs on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from corridors.crs import METRIC
from corridors.model import EvaluationRecords, Planned, PlannedPatrol
from corridors.pipeline.touched import NO_DEBRIEF, find_touched
from corridors.sources import read_profile
from corridors.tables import CONTACTS, ROLES, Debriefs, Encounters, PupilGroups

QUARTER = "2026-Q1"
PROFILE = read_profile("hackney_2024")
WARD, WEEKS = "E05000001", ("2026-W05", "2026-W06")
SCHOOLS = ("100001", "100002")  # A and B of D.6


def patrol(school: int, week: str, minutes: int, *, need: float = 0.0, **changes) -> PlannedPatrol:
    """One officer and one youth worker past one school, all of whose walkers are on the way."""
    urn = SCHOOLS[school]
    made = PlannedPatrol(
        ward=WARD, week=week, patrol_id=f"P{school}", day=date.fromisocalendar(2026, 5, 1),
        minutes=minutes, adults=2, police=1, police_level="joint_visible",
        corridor=f"{WARD} {week} C{school}", urns=(urn,), walker_share={urn: 1.0}, need=need,
    )  # fmt: skip
    return replace(made, **changes)


# Per school 100 and 20 police minutes in two weeks; needs of 9 and 3 reports.
PATROLS = (
    patrol(0, WEEKS[0], 60, need=9.0), patrol(1, WEEKS[0], 15, need=3.0),
    patrol(0, WEEKS[1], 40, need=9.0), patrol(1, WEEKS[1], 5, need=3.0),
)  # fmt: skip


def planned(patrols=PATROLS, **changes) -> Planned:
    values = {"lines": {}, "repeat_shares": (), "lost": 0, "told": 0, "unreadable": (),
              "urns": frozenset(SCHOOLS), "without": frozenset()}  # fmt: skip
    return Planned(patrols=patrols, **values | changes)


def pupils(rows) -> pd.DataFrame:
    table = pd.DataFrame(
        rows, columns=[PupilGroups.urn, PupilGroups.dimension, PupilGroups.group,
                       PupilGroups.pupils],
    ).astype({PupilGroups.pupils: float})  # fmt: skip
    text = [PupilGroups.urn, PupilGroups.dimension, PupilGroups.group]
    table = table.astype(dict.fromkeys(text, "str"))
    table.index.name = PupilGroups.index
    return PupilGroups.validate(table)


D6 = [
    (SCHOOLS[0], "fsm", "fsm", 50), (SCHOOLS[0], "fsm", "not_fsm", 150),
    (SCHOOLS[1], "fsm", "fsm", 30), (SCHOOLS[1], "fsm", "not_fsm", 270),
]  # fmt: skip


def debriefs(*rows: dict) -> pd.DataFrame:
    blank = {
        Debriefs.ward: WARD, Debriefs.week: WEEKS[0], Debriefs.patrol_id: "P0",
        Debriefs.date: pd.Timestamp("2026-01-26"), Debriefs.state: "done",
        Debriefs.reason_code: "", Debriefs.start_min: 900.0, Debriefs.end_min: 960.0,
        Debriefs.police_level: "joint_visible",
        **dict.fromkeys(ROLES, 0), **dict.fromkeys(CONTACTS, 0),
    }  # fmt: skip
    return pd.DataFrame([blank | row for row in rows])


def encounters(rows) -> pd.DataFrame:
    names = [Encounters.quarter, Encounters.kind, Encounters.age_band, Encounters.ethnicity,
             Encounters.count, Encounters.no_further_action]  # fmt: skip
    return pd.DataFrame(rows, columns=names).assign(**{Encounters.repeat: np.nan})


def touched(patrols=PATROLS, areas=None, *, quarter=QUARTER, plans=None, others=(), **records):
    return find_touched(
        plans or planned(patrols), EvaluationRecords(**records), areas, quarter, PROFILE, others
    )


# --- D.6 ------------------------------------------------------------------------------------------


def test_the_example_of_d6_from_plans_to_ratio():
    found = touched(pupils=pupils(D6))
    (ratio,) = found.ratios
    assert ratio.dimension == "fsm"
    assert ratio.disparity.ratio == pytest.approx(1.4412, abs=5e-5)
    assert ratio.disparity.adjusted == pytest.approx(1.0980, abs=5e-5)
    assert (ratio.group_people, ratio.reference_people) == (80, 420)
    assert found.police_minutes == 120
    assert found.schools is not None


def test_minutes_count_by_the_share_of_walkers_on_the_corridor():
    """All of B's minutes, and half of A's, are met: E_fsm and E_other of 50 and 20 minutes."""
    half = tuple(
        replace(p, walker_share={p.urns[0]: 0.5}) if p.patrol_id == "P0" else p for p in PATROLS
    )
    (ratio,) = touched(half, pupils=pupils(D6)).ratios
    fsm, other = (50 * 50 + 30 * 20) / 80, (150 * 50 + 270 * 20) / 420
    assert ratio.disparity.ratio == pytest.approx(fsm / other)


def test_the_same_records_give_the_same_figures_and_hash():
    one, other = touched(pupils=pupils(D6)), touched(pupils=pupils(D6[::-1]))
    assert one.figures_sha256 == other.figures_sha256
    assert one.ratios == other.ratios
    changed = touched(pupils=pupils([*D6[:3], (SCHOOLS[1], "fsm", "not_fsm", 271)]))
    assert changed.figures_sha256 != one.figures_sha256


# --- debriefs -------------------------------------------------------------------------------------


def test_what_was_debriefed_goes_before_what_was_planned():
    told = debriefs(
        {Debriefs.state: "shortened", Debriefs.end_min: 930.0, "pcso": 2, "youth_worker": 1,
         "talks": 4},
        {Debriefs.patrol_id: "P1", Debriefs.state: "cancelled", Debriefs.start_min: np.nan,
         Debriefs.end_min: np.nan},
    )  # fmt: skip
    found = touched(pupils=pupils(D6), debriefs=told)
    assert found.police_minutes == 2 * 30 + 0 + 40 + 5
    assert found.patrols == {"done": 0, "shortened": 1, "cancelled": 1, NO_DEBRIEF: 2}
    assert found.contacts["talks"] == 4
    assert found.hours_by_role["pcso"] == pytest.approx(1.0)
    assert found.hours_by_role["youth_worker"] == pytest.approx(0.5)
    fsm, other = (50 * 100 + 30 * 5) / 80, (150 * 100 + 270 * 5) / 420
    assert found.ratios[0].disparity.ratio == pytest.approx(fsm / other)


def test_a_debrief_whose_plan_was_remade_keeps_its_harm_and_hours_and_is_told():
    told = debriefs(
        {Debriefs.patrol_id: "gone", "pcso": 2, "stop_search": 3, "arrests": 1, "complaints": 1},
        {Debriefs.patrol_id: "P1", Debriefs.end_min: 915.0, "pcso": 1, "stop_search": 2},
    )
    found = touched(pupils=pupils(D6), debriefs=told)
    assert found.contacts["stop_search"] == 5
    assert (found.contacts["arrests"], found.contacts["complaints"]) == (1, 1)
    assert found.hours_by_role["pcso"] == pytest.approx(2.25)
    assert found.without_plan == 1
    assert found.patrols == {"done": 1, "shortened": 0, "cancelled": 0, NO_DEBRIEF: 3}
    assert found.police_minutes == 120  # where it walked is in no plan


def test_debriefs_of_other_quarters_do_not_count():
    old = {Debriefs.date: pd.Timestamp("2025-12-31"), Debriefs.patrol_id: "gone", "talks": 9}
    new = old | {Debriefs.date: pd.Timestamp("2026-04-01")}
    found = touched(debriefs=debriefs(old, new))
    assert found.contacts == found.hours_by_role == {}
    assert found.without_plan == 0


def test_plans_of_older_formats_are_passed_on_by_name():
    older = ("E05000001 2026-W07",)
    assert touched(plans=planned(unreadable=older)).unreadable == older
    assert touched().unreadable == ()


def test_b2_patrols_without_an_agreed_protocol_count_if_they_took_place():
    lacking = tuple(replace(p, lacks_protocol=p.patrol_id == "P0") for p in PATROLS)
    assert touched(lacking).without_protocol == 2
    away = debriefs({Debriefs.state: "cancelled", Debriefs.start_min: np.nan,
                     Debriefs.end_min: np.nan})  # fmt: skip
    assert touched(lacking, debriefs=away).without_protocol == 1
    assert touched().without_protocol == 0


def test_patrols_that_nobody_was_to_walk_count_only_if_somebody_did():
    empty = (replace(PATROLS[0], adults=0, police=0), *PATROLS[1:])
    assert touched(empty).patrols[NO_DEBRIEF] == 3
    told = debriefs({"ward_officer": 1})
    assert touched(empty, debriefs=told).police_minutes == 60 + 15 + 40 + 5


# --- schools --------------------------------------------------------------------------------------

ELSEWHERE = [
    ("999999", "fsm", "fsm", 19_000), ("999999", "fsm", "not_fsm", 1_000),
    ("999999", "ethnicity", "black", 19_000), ("999999", "ethnicity", "white", 1_000),
]  # fmt: skip


def test_of_a_national_file_of_pupils_only_schools_that_plans_speak_of_count():
    rows = [*D6, *ETHNICITY]
    ours = touched(pupils=pupils(rows), encounters=encounters(SEARCHED))
    all_of_england = touched(pupils=pupils([*rows, *ELSEWHERE]), encounters=encounters(SEARCHED))
    assert {r.disparity.measure for r in ours.ratios} == {"exposure", "encounters"}
    assert all_of_england.ratios == ours.ratios
    assert list(all_of_england.schools.minutes.index) == list(SCHOOLS)
    assert all_of_england.left_out == ours.left_out


def test_schools_whose_groups_are_not_known_are_counted():
    third = frozenset((*SCHOOLS, "100003"))
    rows = [*D6, (SCHOOLS[1], "ethnicity", "black", np.nan), (SCHOOLS[0], "ethnicity", "black", 9)]
    found = touched(plans=planned(urns=third), pupils=pupils([*rows, *ELSEWHERE]))
    assert found.left_out == {"fsm": 1, "ethnicity": 2}
    alone = touched((), plans=planned((), urns=frozenset()), others=SCHOOLS, pupils=pupils(rows))
    assert alone.left_out == {"fsm": 0, "ethnicity": 1}


def test_c10_schools_without_minutes_stand_beside_the_others_and_say_why():
    away = debriefs(
        {Debriefs.patrol_id: "P1", Debriefs.state: "cancelled", Debriefs.start_min: np.nan,
         Debriefs.end_min: np.nan},
    )  # fmt: skip
    plans = planned(PATROLS[:3], without=frozenset({"100003"}))
    found = touched(plans=plans, others=["100004"], pupils=pupils(D6), debriefs=away)
    assert found.schools.minutes.tolist() == [100, 0, 0, 0]
    assert found.schools.minutes_per_1000[SCHOOLS[0]] == pytest.approx(500)
    assert np.isnan(found.schools.minutes_per_1000["100003"])
    assert found.why_none == {
        SCHOOLS[1]: "not_walked", "100003": "not_planned", "100004": "no_plan",
    }  # fmt: skip


def test_d6_pupils_of_a_school_that_plans_leave_out_are_in_no_ratio():
    """A primary school: plans say why it has no patrol, and model no way home of its pupils."""
    primary = [("100003", "fsm", "fsm", 90), ("100003", "fsm", "not_fsm", 10)]
    with_it = touched(plans=planned(without=frozenset({"100003"})), pupils=pupils([*D6, *primary]))
    assert with_it.ratios == touched(pupils=pupils(D6)).ratios
    assert with_it.schools.minutes_per_1000["100003"] == 0
    assert with_it.left_out["fsm"] == 0


def test_c10_pupils_come_from_the_first_grouping_that_knows_them():
    rows = [*D6[:2], (SCHOOLS[0], "sen", "sen", 7), (SCHOOLS[0], "sen", "not_sen", 13),
            (SCHOOLS[1], "fsm", "fsm", np.nan), (SCHOOLS[1], "sen", "sen", 20),
            (SCHOOLS[1], "sen", "not_sen", 180)]  # fmt: skip
    rate = touched(pupils=pupils(rows)).schools.minutes_per_1000
    assert rate.tolist() == pytest.approx([100 / 0.2, 20 / 0.2])
    assert touched().schools.minutes.tolist() == [100, 20]  # no file of pupils at all


# --- encounters -----------------------------------------------------------------------------------

ETHNICITY = [(SCHOOLS[0], "ethnicity", "black", 172), (SCHOOLS[0], "ethnicity", "white", 1652)]
SEARCHED = [
    (QUARTER, "stop_search", "10_17", "black", 38, 20.0),
    (QUARTER, "stop_search", "10_17", "white", 182, np.nan),
    (QUARTER, "stop_search", "18_plus", "black", 999, 999.0),
    ("2025-Q4", "stop_search", "10_17", "black", 999, 999.0),
    (QUARTER, "arrest", "10_17", "white", 7, 3.0),
]


def test_h1_more_searches_than_pupils_ask_for_a_review_all_the_same():
    few = [(SCHOOLS[0], "ethnicity", "black", 30), (SCHOOLS[0], "ethnicity", "white", 900)]
    rows = [("2026-Q1", "stop_search", "10_17", name, n, np.nan)
            for name, n in (("black", 38), ("white", 9))]  # fmt: skip
    (ratio,) = touched((), pupils=pupils(few), encounters=encounters(rows)).ratios
    assert (ratio.group_count, ratio.group_people) == (38, 38)
    assert ratio.disparity.ratio == pytest.approx(100.0)
    assert ratio.needs_review


def test_only_encounters_of_the_quarter_with_those_of_10_to_17_count():
    found = touched((), pupils=pupils(ETHNICITY), encounters=encounters(SEARCHED))
    assert found.encounters.loc["stop_search"].to_dict() == {
        "asian": 0, "black": 38, "mixed": 0, "white": 182, "other": 0, "not_recorded": 0,
    }  # fmt: skip
    (ratio,) = found.ratios
    assert ratio.disparity.ratio == pytest.approx(2.005, abs=5e-4)
    assert ratio.disparity.reading == "review before publication"
    assert ratio.disparity.is_reliable
    assert found.no_further_action == {"arrest": (3, 7), "stop_search": (20, 38)}
    nothing = touched((), encounters=encounters(SEARCHED), quarter="2024-Q1")
    assert nothing.encounters.empty
    assert touched(()).encounters is None


@pytest.mark.parametrize(("missing", "is_reliable"), [(24, True), (25, False)])
def test_over_a_tenth_not_recorded_is_told_as_unreliable(missing, is_reliable):
    rows = [*SEARCHED, (QUARTER, "stop_search", "10_17", "not_recorded", missing, np.nan)]
    (ratio,) = touched((), pupils=pupils(ETHNICITY), encounters=encounters(rows)).ratios
    assert ratio.not_recorded == (missing, 220 + missing)
    assert ratio.disparity.is_reliable is is_reliable


@pytest.mark.parametrize(("missing", "is_reliable"), [(20, True), (21, False)])
def test_pupils_not_recorded_count_in_the_share_and_in_no_ratio(missing, is_reliable):
    rows = [
        (SCHOOLS[0], "ethnicity", "black", 100), (SCHOOLS[0], "ethnicity", "white", 80),
        (SCHOOLS[0], "ethnicity", "not_recorded", missing),
    ]  # fmt: skip
    (ratio,) = touched(pupils=pupils(rows)).ratios
    assert ratio.disparity.is_reliable is is_reliable


def test_a_group_that_a_school_does_not_tell_leaves_that_school_out():
    rows = [*D6[:2], (SCHOOLS[1], "fsm", "fsm", np.nan), (SCHOOLS[1], "fsm", "not_fsm", 270)]
    (ratio,) = touched(pupils=pupils(rows)).ratios
    assert (ratio.group_people, ratio.reference_people) == (50, 150)
    assert ratio.disparity.ratio == pytest.approx(1.0)


# --- small areas ----------------------------------------------------------------------------------


def test_police_minutes_go_to_areas_by_the_corridors_length_in_each():
    """A's corridor lies a quarter in the west; B's lies wholly in the east."""
    areas = gpd.GeoDataFrame(
        {"residents": [500.0, 1000.0, 0.0]},
        geometry=[shapely.box(0, 0, 100, 100), shapely.box(100, 0, 1000, 100),
                  shapely.box(0, 500, 100, 600)],
        index=pd.Index(["E01000001", "E01000002", "E01000003"], name="code"), crs=METRIC,
    )  # fmt: skip
    lines = {}
    for week in WEEKS:
        lines[f"{WARD} {week} C0"] = shapely.MultiLineString([[(50, 50), (250, 50)]])
        lines[f"{WARD} {week} C1"] = shapely.MultiLineString([[(300, 50), (400, 50)]])
    found = touched(areas=areas, plans=planned(lines=lines))
    assert found.area_minutes["E01000001"] == pytest.approx(1000 * 25 / 500)
    assert found.area_minutes["E01000002"] == pytest.approx(1000 * 95 / 1000)
    assert found.area_residents.tolist() == [500.0, 1000.0, 0.0]


def test_g6_repeats_count_where_they_are_known():
    rows = encounters(SEARCHED)
    rows[Encounters.repeat] = [5.0, np.nan, 900.0, 900.0, 0.0]
    assert touched((), encounters=rows).repeats == {"arrest": (0, 7), "stop_search": (5, 38)}
    assert touched(()).repeats == {}


def test_nothing_walked_is_no_error():
    found = touched((), pupils=pupils(D6))
    assert found.ratios == ()
    assert found.police_minutes == 0
    assert found.top_share is None


def test_what_plans_say_of_losses_and_repeats_is_passed_on():
    found = touched(plans=planned(lost=2, told=40, repeat_shares=(0.5, 1.0)))
    assert found.abstraction == (2, 40)
    assert found.repeat_share == pytest.approx(0.75)
