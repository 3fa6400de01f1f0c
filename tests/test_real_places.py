"""Whole plans on real streets and real places of incidents. Times in the export are invented."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support_approvals import agreed
from support_camden import MADE_ON, WEEK, write_camden

from corridors import pipeline, publish, sources
from corridors.model import Plan
from corridors.tables import Places

pytestmark = pytest.mark.realdata

WARDS = [f"E050001{number}" for number in range(28, 46)]
QUICK = ["E05000131", "E05000138", "E05000143"]
CANARY = b"SECRETCANARY"


def planned(workspace: Path, ward: str, iterations: int = 5) -> Plan:
    opened = sources.open_workspace(workspace)
    patrols = replace(opened.profile.patrols, iterations=iterations, max_seconds=900.0)
    profile = replace(opened.profile, patrols=patrols)
    inputs = sources.load_inputs(opened, ward, WEEK, date.fromisoformat(MADE_ON))
    made = agreed(pipeline.make_plan(inputs, profile))
    for path in publish.write(made, profile, workspace):
        assert CANARY not in path.read_bytes()
    return made


def must_hold(made: Plan) -> None:
    """Every school of the ward has a patrol or a reason, and every route a proof beside it."""
    assert made.flows or made.no_patrol
    answered = {u for c in made.corridors for u in c.urns} | {n.urn for n in made.no_patrol}
    assert {f.urn for f in made.flows} <= answered
    for *_, coverage in made.coverage:
        assert 0 < coverage.value <= coverage.upper_bound
        assert 0 < coverage.met <= coverage.met_bound <= coverage.met_total
        assert set(coverage.floor_missed) <= set(coverage.floor_impossible)
        assert not coverage.stopped_by_clock
    for patrol in made.patrols:
        assert patrol.statement
        assert patrol.staffing.is_staffed or patrol.staffing.reason


def _plan_all(realdata: Path, folder: Path, wards: list[str], *, timed: bool, lines: bool) -> None:
    workspace = write_camden(folder, realdata / "camden", timed=timed, lines=lines)
    patrols = 0
    for ward in wards:
        made = planned(workspace, ward)
        must_hold(made)
        assert made.has_times is timed
        patrols += len(made.patrols)
        page = (workspace / "maps/working" / ward / WEEK / "map_OS.html").read_text("utf-8")
        assert ("Place context only: this source has no times" in page) is not timed
    assert patrols > 0


@pytest.mark.parametrize(
    ("timed", "lines"),
    [
        pytest.param(True, False, id="export", marks=pytest.mark.slow),
        pytest.param(False, False, id="monthly", marks=pytest.mark.slow),
        pytest.param(True, True, id="lines", marks=pytest.mark.slow),
    ],
)
def test_camden_wards_plan(realdata, tmp_path, timed, lines):
    _plan_all(realdata, tmp_path / "w", [QUICK[2 if timed else 1]], timed=timed, lines=lines)


@pytest.mark.slow
@pytest.mark.parametrize("timed", [True, False], ids=["export", "monthly"])
def test_every_ward_of_camden_plans(realdata, tmp_path, timed):
    _plan_all(realdata, tmp_path / "w", WARDS, timed=timed, lines=False)


def test_camden_plans_to_the_same_bytes_twice(realdata, tmp_path):
    written = []
    for folder in ("a", "b"):
        workspace = write_camden(tmp_path / folder, realdata / "camden")
        must_hold(planned(workspace, QUICK[0]))
        files = sorted(p for p in (workspace / "maps").rglob("*") if p.is_file())
        written.append({p.relative_to(workspace): p.read_bytes() for p in files})
    assert written[0] == written[1]
    names = {path.name for path in written[0]}
    assert names >= {
        "map_OS.html",
        "briefing_OS.html",
        "roster_OS.xlsx",
        "notice.html",
        "notify.csv",
    }


def test_without_times_nothing_public_or_private_claims_after_school(realdata, tmp_path):
    workspace = write_camden(tmp_path / "w", realdata / "camden", timed=False)
    made = planned(workspace, QUICK[1])
    must_hold(made)
    plan = json.loads((workspace / "maps/working" / QUICK[1] / WEEK / "plan_OS.json").read_text())
    assert plan["has_times"] is False
    for patrol in made.patrols:
        assert "after-school" not in patrol.statement
        assert patrol.person_hours_per_incident is None


@pytest.mark.slow
def test_tvp_leaves_primaries_to_local_arrangements(realdata, tmp_path):
    workspace = write_camden(tmp_path / "w", realdata / "camden", profile="tvp_2025")
    made = planned(workspace, "E05000131")
    ages = made.inputs.schools["high_age"]
    assert all(ages[f.urn] > 11 for f in made.flows)
    assert any("pupils leave at 11" in n.reason for n in made.no_patrol)


def test_newport_reads_whole_and_gives_its_schools_and_bus_stops(realdata):
    path = realdata / "newport" / "newport-2023-06-13.osm.pbf"
    streets, record = sources.read_streets(path, bounds_m=None, file=path.name)
    kinds = streets.places[Places.kind].value_counts()
    assert kinds["bus_stop"] == 395
    assert kinds["school_site"] >= 48
    assert len(streets.ways) > 8000
    assert record.rows_used > 8000
