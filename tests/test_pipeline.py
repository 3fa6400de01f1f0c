"""The whole line on the demo ward: what must hold of every plan, and what must change it."""

import re
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from support_plans import (
    AIMS,
    INCIDENTS,
    OTHER_WARD,
    PEOPLE,
    SCHOOLS,
    TERMS,
    WARD,
    change_rows,
    copy_demo,
    load,
    plan,
    planned,
    shuffle_rows,
    write_demo,
)

from corridors import pipeline, publish
from corridors.errors import CalendarError, InputError, WardError
from corridors.model import Coverage, OffWindow, Plan, StandPoint
from corridors.pipeline import telling
from corridors.remit import remit_of, remits_of
from corridors.tables import UTC, Gates, Incidents, Places, Segments
from corridors.teams.agreement import entries_of

HASHES = re.compile(rb"[0-9a-f]{12,64}")  # the pages name the files by hash, and those differ


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("demo"))


def written(made: Plan, workspace: Path) -> dict[str, bytes]:
    """Every output file's bytes, by path in the workspace."""
    _, profile = load(workspace, made.inputs.ward.code)
    return {
        str(p.relative_to(workspace)): p.read_bytes()
        for p in publish.write(made, profile, workspace)
        if p.name != "index.html"  # it lists other wards too
    }


@lru_cache(maxsize=2)
def written_once(workspace: Path, ward: str = WARD) -> dict[str, bytes]:
    """The files of the plan that is kept, written once."""
    return written(planned(workspace, ward), workspace)


@pytest.mark.parametrize("ward", ["E05999001", OTHER_WARD])
def test_the_demo_wards_get_staffed_patrols_and_notices(demo, ward):
    made = planned(demo, ward)
    assert made.corridors
    assert made.patrols
    assert all(p.staffing.is_staffed for p in made.patrols)
    names = {Path(n).name for n in written_once(demo, ward)}
    assert names >= {"map_OS.html", "notice.html", "plan_OS.json", "roster_OS.csv"}


@pytest.mark.parametrize("ward", ["E05999001", OTHER_WARD])
def test_b17_costs_of_the_patrols_add_up_to_those_of_the_week(demo, ward):
    made = planned(demo, ward)
    week = {c.organisation: c for c in made.roster.costs}
    assert {c.organisation for p in made.patrols for c in p.costs} == set(week)
    for name, whole in week.items():
        parts = [c for p in made.patrols for c in p.costs if c.organisation == name]
        assert sum(c.person_minutes for c in parts) == whole.person_minutes
        assert sum(c.unpaid_minutes for c in parts) == whole.unpaid_minutes
        assert sum(c.unrecorded_minutes for c in parts) == whole.unrecorded_minutes
        assert sum(c.cost_gbp for c in parts) == pytest.approx(whole.cost_gbp)


@pytest.mark.parametrize("ward", ["E05999001", OTHER_WARD])
def test_c9_the_demos_schools_agreed_to_just_this_plan(demo, ward):
    made = planned(demo, ward)
    entries = entries_of(made.inputs.approvals, ward, made.inputs.week.label)
    agreed = {e.urn: e.remit for e in entries if e.state == "agreed"}
    assert agreed == {urn: remit_of(patrols) for urn, patrols in remits_of(made).items()}, (
        "the demo's plan changed in what its schools agreed to; if that is right, run "
        "`python scripts/renew_approvals.py` and commit what it writes"
    )


@pytest.mark.parametrize("ward", ["E05999001", OTHER_WARD])
def test_routes_are_walks_on_corridor_streets_within_the_window(demo, ward):
    made = planned(demo, ward)
    u, v = (made.network.segments[c].to_numpy() for c in (Segments.u, Segments.v))
    allowed = {s for c in made.corridors for s in c.segment_ids}
    for patrol in made.patrols:
        route = patrol.route
        assert set(route.segment_ids) <= allowed
        for (a, b), s in zip(pairwise(route.node_ids), route.segment_ids, strict=True):
            assert {a, b} == {u[s], v[s]}
        assert list(route.leave_s) == sorted(route.leave_s)
        round_s = route.leave_s[-1] - route.begin_s
        assert route.begin_s + route.rounds * round_s <= (patrol.end_min - patrol.start_min) * 60


@pytest.mark.parametrize("ward", ["E05999001", OTHER_WARD])
def test_a8_a9_nobody_stands_in_a_school_site_or_at_its_gate(demo, ward):
    made = planned(demo, ward)
    places = made.inputs.streets.places
    sites = shapely.union_all(places.geometry[places[Places.kind] == "school_site"].to_numpy())
    gates = made.gates[[Gates.x_m, Gates.y_m]].to_numpy()
    in_site = made.network.segments[Segments.in_school_site].to_numpy()
    for patrol in made.patrols:
        assert patrol.route.stands
        assert not in_site[list(patrol.route.segment_ids)].any()
        for _, stand in patrol.route.stands:
            assert not shapely.contains_xy(sites, stand.x_m, stand.y_m)
            assert np.hypot(*(gates - [stand.x_m, stand.y_m]).T).min() >= 50


def test_coverage_meets_the_floor_and_never_passes_the_bound(demo):
    for ward in ("E05999001", OTHER_WARD):
        for *_, coverage in planned(demo, ward).coverage:
            assert 0 < coverage.value <= coverage.upper_bound <= coverage.total
            assert not coverage.floor_missed
            assert all(share >= 0.6 for _, share in coverage.by_corridor)
            assert not coverage.stopped_by_clock


def test_what_is_met_is_below_its_bound_and_bus_stops_have_their_time(demo):
    for ward in ("E05999001", OTHER_WARD):
        made = planned(demo, ward)
        for *_, coverage in made.coverage:
            assert 0 < coverage.met <= coverage.met_bound <= coverage.met_total
            assert coverage.together == ()
        for patrol in made.patrols:
            for position, stand in patrol.route.stands:
                assert (stand.latest_s is None) == (stand.kind != "bus_stop")
                others = sum(s.dwell_s for p, s in patrol.route.stands if p == position)
                assert patrol.route.leave_s[position] - others <= (stand.latest_s or 7200)
                assert patrol.route.leave_s[position] >= stand.earliest_s + stand.dwell_s


def test_teams_that_cannot_be_kept_apart_are_told():
    coverage = Coverage(5, 5, 5, (), (), (), False, together=((1, 2, 40),))
    (words,) = telling._not_apart(coverage)
    assert words.startswith("Teams 1 and 2 could not be kept apart: for 40 seconds")


def test_a_floor_is_told_with_the_floors_that_it_clashes_with():
    coverage = Coverage(
        5, 5, 5, (), ("C1", "C2", "C3"), ("C1",), False, floor_clashes=(("C2", "C4", "C5"),)
    )
    assert telling._proof(coverage, "C1") == "proven impossible for these teams"
    assert telling._proof(coverage, "C2") == (
        "proven impossible for these teams together with those of corridors C4 and C5"
    )
    assert telling._proof(coverage, "C3") == "not met by these teams"


def test_a_bus_stop_whose_minutes_gave_way_is_told_without_its_name(demo):
    route = planned(demo).patrols[0].route
    assert telling._off_window((route,)) == []
    stop = StandPoint("A name", "bus_stop", 0, 0.0, 0.0, 600, earliest_s=600, latest_s=1800)
    off = replace(route, off_window=(OffWindow(stop, 0, ("C1",)),))
    (words,) = telling._off_window((off,))
    assert words.startswith(f"Team {route.team} stands at a bus stop outside its minutes")
    assert "the floor of corridor C1 could not be covered" in words
    assert "A name" not in words


def test_a10_inset_and_early_close_shape_the_week(demo):
    first, other = planned(demo), planned(demo, OTHER_WARD)
    starts = {p.day: p.start_min for p in first.patrols}
    assert starts[date(2026, 3, 4)] == 14 * 60 + 10 - 15  # early close of 900001
    assert starts[date(2026, 3, 3)] == 15 * 60 + 10 - 15
    closed = {u for s in other.sessions if date(2026, 3, 6) in s.days for u in s.urns}
    assert "900002" not in closed  # INSET day


def test_h7_the_pupil_referral_unit_is_left_out_with_a_reason(demo):
    reasons = {
        n.urn: n.reason for w in ("E05999001", OTHER_WARD) for n in planned(demo, w).no_patrol
    }
    assert "approval" in reasons["900004"]


def test_same_inputs_give_the_same_bytes(demo, tmp_path):
    again = copy_demo(demo, tmp_path / "again")
    assert written(plan(again), again) == written_once(demo)


def test_shuffled_rows_give_the_same_plan(demo, tmp_path):
    mixed = copy_demo(demo, tmp_path / "mixed")
    for name, encoding in (
        (INCIDENTS, "utf-8-sig"), (PEOPLE, "utf-8-sig"), (TERMS, "utf-8-sig"),
        (AIMS, "utf-8-sig"), (SCHOOLS, "cp1252"),
    ):  # fmt: skip
        shuffle_rows(mixed / name, 7, encoding)
    same, shuffled = written_once(demo), written(plan(mixed), mixed)
    assert shuffled.keys() == same.keys()
    for name in same:
        assert HASHES.sub(b"", shuffled[name]) == HASHES.sub(b"", same[name]), name


def test_a4_the_same_incidents_at_three_in_the_morning_are_no_reason(demo, tmp_path):
    night = copy_demo(demo, tmp_path / "night")

    def to_night(rows):
        for row in rows:
            row["Committed From"] = re.sub(r"\d\d:\d\d$", "03:00", row["Committed From"])
            row["Committed To"] = row["Committed From"]
        return rows

    change_rows(night / INCIDENTS, to_night)
    made = plan(night)
    assert not made.patrols
    assert made.risk_per_m.max() == 0
    assert any("no patrol recommended" in n.reason for n in made.no_patrol)


def test_a3_below_the_floor_nothing_is_planned(demo):
    inputs, profile = load(demo)
    strict = replace(profile, risk=replace(profile.risk, floor_incidents=1e6))
    made = pipeline.make_plan(inputs, strict)
    assert not made.patrols
    assert any("below the floor" in n.reason for n in made.no_patrol)


@pytest.mark.parametrize(
    ("aim", "police"), [("enforcement", True), ("trust", False), ("early_help", False)]
)
def test_b1_changing_only_the_aim_changes_the_mix(demo, tmp_path, aim, police):
    other = copy_demo(demo, tmp_path / "aim")
    change_rows(other / AIMS, lambda rows: [row | {"aim": aim} for row in rows])
    made = plan(other)
    assert {p.staffing.aim for p in made.patrols} == {aim}
    assert [p.staffing.police_minutes > 0 for p in made.patrols] == [police] * len(made.patrols)


def test_without_times_the_plan_is_place_context_only_and_claims_nothing(demo):
    inputs, profile = load(demo)
    never = pd.Series(pd.NaT, index=inputs.incidents.index, dtype=UTC)
    no_times = inputs.incidents.assign(**{Incidents.from_utc: never, Incidents.to_utc: never})
    low = replace(profile, risk=replace(profile.risk, floor_place_only=1.0))
    made = pipeline.make_plan(replace(inputs, incidents=no_times, borough=None), low)
    assert made.patrols
    assert not made.has_times
    assert any(w.startswith("Place context only") for w in made.warnings)
    assert any("cannot ask for police" in w for w in made.warnings)  # the demo's confirmed aim
    for patrol in made.patrols:
        assert patrol.statement.startswith("Place context only: this source has no times")
        assert patrol.person_hours_per_incident is None


def test_h2_who_the_pupils_are_changes_nothing(demo, tmp_path):
    made = []
    for turn in (1, -1):
        other = copy_demo(demo, tmp_path / str(turn))
        for column in ("PercentageFSM", "PercentageEthnicMinority"):
            add_column(other / SCHOOLS, column, turn)
        made.append(written(plan(other), other))
    for name, content in made[0].items():
        assert HASHES.sub(b"", made[1][name]) == HASHES.sub(b"", content), name


def add_column(path: Path, column: str, turn: int) -> None:
    """A column with a figure for each school, or with the same figures the other way round."""
    lines = path.read_text(encoding="cp1252").splitlines()
    figures = [f"{7 * i % 61}.5" for i in range(1, len(lines))][::turn]
    with_column = [f"{line},{value}" for line, value in zip(lines, [column, *figures], strict=True)]
    path.write_text("\n".join(with_column) + "\n", encoding="cp1252")


def test_c3_free_text_reaches_no_output(demo):
    canary = b"CANARY-NEVER-IN-OUTPUT"
    assert canary in (demo / INCIDENTS).read_bytes()
    for content in written_once(demo).values():
        assert canary not in content


def test_a_school_that_withdraws_leaves_the_next_plan(demo, tmp_path):
    left = copy_demo(demo, tmp_path / "left")
    change_rows(
        left / "data/people/demo_agreements.csv",
        lambda rows: [row | {"withdrawn_on": "19/02/2026"} for row in rows],
    )
    made = plan(left)
    assert not made.patrols
    assert any("withdrew on 19/02/2026" in n.reason for n in made.no_patrol)


def test_c6_a_school_that_withdraws_in_the_week_is_not_walked_from_that_day(demo, tmp_path):
    left = copy_demo(demo, tmp_path / "left")
    change_rows(
        left / "data/people/demo_agreements.csv",
        lambda rows: [row | {"withdrawn_on": "04/03/2026"} for row in rows],
    )
    assert {p.day for p in plan(left).patrols} == {date(2026, 3, 2), date(2026, 3, 3)}


def test_days_that_are_over_are_not_planned(demo):
    inputs, profile = load(demo)
    made = pipeline.make_plan(replace(inputs, made_on=date(2026, 3, 5)), profile)
    assert {p.day for p in made.patrols} == {date(2026, 3, 5), date(2026, 3, 6)}
    with pytest.raises(CalendarError, match=r"2026-W10 is over.*--made-on"):
        pipeline.make_plan(replace(inputs, made_on=date(2026, 3, 7)), profile)


def test_nobody_in_the_demo_is_in_both_wards_at_once(demo):
    booked = [
        {(p.day, a.person_id) for p in planned(demo, w).patrols for a in p.staffing.people}
        for w in ("E05999001", OTHER_WARD)
    ]
    assert not booked[0] & booked[1]


def test_evidence_that_stands_on_one_spot_is_told(demo):
    inputs, profile = load(demo)
    assert not any("one position" in w for w in planned(demo).warnings)
    at = planned(demo).corridors[0].segment_ids[0]
    middle = planned(demo).network.segments.geometry[at].interpolate(0.5, normalized=True)
    piled = inputs.incidents.assign(**{Incidents.x_m: middle.x, Incidents.y_m: middle.y})
    made = pipeline.make_plan(replace(inputs, incidents=piled, borough=None), profile)
    assert any("100% of its evidence is recorded at one position" in w for w in made.warnings)


def test_b2_without_the_protocol_nothing_without_police_is_published(demo, tmp_path):
    unsigned = copy_demo(demo, tmp_path / "unsigned")
    change_rows(
        unsigned / "data/people/demo_protocol.csv",
        lambda rows: [row | {"agreed_on": "", "review_on": ""} for row in rows],
    )
    change_rows(unsigned / AIMS, lambda rows: [row | {"aim": "trust"} for row in rows])
    made = plan(unsigned)
    assert all(p.staffing.protocol_missing for p in made.patrols)
    assert not any("public" in name for name in written(made, unsigned))


def test_told_starts_are_where_patrols_start_and_end(demo, tmp_path):
    told = copy_demo(demo, tmp_path / "told")
    at = planned(demo).patrols[0].route.stands[0][1]
    (told / "starts.csv").write_text(
        "urn,start_easting,start_northing,end_easting,end_northing\n"
        f"900001,{at.x_m + 250:.0f},{at.y_m:.0f},{at.x_m:.0f},{at.y_m:.0f}\n",
        encoding="utf-8",
    )
    config = told / "corridors.toml"
    config.write_text(
        config.read_text(encoding="utf-8") + '\n[starts]\nfile = "starts.csv"\n', "utf-8"
    )
    made = plan(told)
    nodes = made.network.nodes
    for patrol in made.patrols:
        first = nodes.loc[patrol.route.node_ids[0]]
        assert np.hypot(first.x_m - at.x_m - 250, first.y_m - at.y_m) < 250
        assert patrol.route.node_ids[0] != patrol.route.node_ids[-1]
        assert patrol.route.rounds == 1


def test_a_week_in_the_holidays_is_one_clear_error(demo):
    with pytest.raises(CalendarError, match=r"16/02/2026.*open in week 2026-W08"):
        plan(demo, week="2026-W08")


def test_an_unknown_ward_names_its_neighbours(demo):
    with pytest.raises(WardError, match="E05999001"):
        plan(demo, ward="E05999009")


def test_a_calendar_that_does_not_reach_the_incidents_says_which_years(demo, tmp_path):
    short = copy_demo(demo, tmp_path / "short")
    change_rows(
        short / TERMS,
        lambda rows: [r for r in rows if r["kind"] == "term" and r["start"].endswith("01/2026")],
    )
    change_rows(short / INCIDENTS, lambda rows: [r for r in rows if "/2024" in r["Committed From"]])
    with pytest.raises(CalendarError, match=r"09/2024 to 12/2024.*term dates"):
        plan(short)


def test_no_usable_incident_is_an_error_not_a_quiet_plan(demo):
    inputs, profile = load(demo)
    none = replace(inputs, incidents=inputs.incidents.iloc[:0], borough=None)
    with pytest.raises(InputError, match="no incident could be used"):
        pipeline.make_plan(none, profile)


def test_progress_only_rises_and_ends_at_one(demo):
    told: list[tuple[str, float]] = []
    inputs, profile = load(demo)
    pipeline.make_plan(inputs, profile, lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[-1] == ("done", 1.0)
