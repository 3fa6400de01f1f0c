"""Risk, hot spots and guards on the whole line of the demo ward."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree
from support_plans import (
    INCIDENTS,
    MADE_ON,
    ROOT,
    change_rows,
    copy_demo,
    load,
    plan,
    planned,
    write_demo,
)

from corridors import pipeline, sources
from corridors.days import finish_times
from corridors.model import Plan
from corridors.tables import Incidents, Segments

PLANTED = 14


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("demo"))


def quiet_street(made: Plan) -> int:
    """The street of the ward that pupils walk and that is farthest from any report."""
    segments = made.network.segments
    walkers = np.sum([f.walkers for f in made.flows], axis=0)
    middle = segments.geometry.interpolate(0.5, normalized=True)
    reports = cKDTree(made.inputs.incidents[[Incidents.x_m, Incidents.y_m]].to_numpy())
    away_m, _ = reports.query(np.column_stack([middle.x, middle.y]))
    fits = segments[Segments.in_ward] & (segments[Segments.name] != "") & (walkers > 1)
    found = int(np.argmax(np.where(fits, away_m, 0.0)))
    assert away_m[found] > 50
    return found


def plant(workspace: Path, made: Plan, segment: int, clock: str) -> None:
    """Reports in the middle of a street, on school days of different weeks."""
    at = made.network.segments.geometry.loc[segment].interpolate(0.5, normalized=True)
    span = pd.date_range("2025-01-06", "2026-02-06", freq="15D").date
    open_on = finish_times(made.inputs.calendar, "900001", span, 915)
    days = list(open_on)[:PLANTED]
    assert len(days) == PLANTED

    def added(rows):
        like = next(r for r in rows if r["Crime Type"] == "Robbery" and r["Easting"])
        new = [
            like
            | {
                "Occurrence No": f"PLANTED-{i}",
                "Committed From": f"{day:%d/%m/%Y} {clock}",
                "Committed To": f"{day:%d/%m/%Y} {clock}",
                "Easting": f"{at.x:.0f}",
                "Northing": f"{at.y:.0f}",
                "Location Type": "Street",
                "Source": "Public report",
            }
            for i, day in enumerate(days)
        ]
        return [*rows, *new]

    change_rows(workspace / INCIDENTS, added)


def test_a_planted_after_school_cluster_is_found_and_at_three_in_the_morning_it_is_gone(
    demo, tmp_path
):
    before = planned(demo)
    segment = quiet_street(before)
    made = {}
    for clock in ("15:35", "03:00"):
        other = copy_demo(demo, tmp_path / clock.replace(":", ""))
        plant(other, before, segment, clock)
        made[clock] = plan(other)
    day, night = made["15:35"], made["03:00"]
    (found,) = [h for h in day.hot_spots if segment in h.segment_ids]
    assert found.p_value <= 0.01
    assert found.is_stable
    assert before.network.segments[Segments.name][segment] in found.street_names
    assert found.incidents >= PLANTED - 1
    assert day.risk_per_m[segment] > 20 * before.risk_per_m[segment]
    assert not [h for h in night.hot_spots if segment in h.segment_ids]
    assert night.risk_per_m == pytest.approx(before.risk_per_m, rel=1e-9)
    assert night.patrols == before.patrols


def test_risk_is_by_quarter_of_an_hour_and_sums_to_the_reports(demo):
    made = planned(demo)
    length_m = made.network.segments[Segments.length_m].to_numpy()
    in_slot = length_m @ made.risk
    assert len(in_slot) >= 8  # two hours
    assert (in_slot > 0).all()
    assert in_slot.max() > 2 * in_slot.min()  # the demo's rise has its hour
    assert sum(w.weight for w in made.risk_weights) == pytest.approx(1)
    assert made.risk_words
    assert {f.key for f in made.findings} >= {
        "precision", "severity", "school_days", "concentration", "placebo", "split_half",
        "ageing", "stability", "discovered", "dosage",
    }  # fmt: skip


def test_the_demo_s_rise_after_school_is_seen_by_the_guards(demo):
    found = {f.key: f for f in planned(demo).findings}
    for key in ("school_days", "concentration", "placebo"):
        assert not found[key].is_warning, found[key].words
    assert found["school_days"].figure > 1.5
    assert found["concentration"].figure > 1.5


def test_severity_changes_the_map_but_no_count(demo, tmp_path):
    harmful = copy_demo(demo, tmp_path / "harm")
    text = (ROOT / "corridors/profiles/hackney_2024.toml").read_text(encoding="utf-8")
    assert 'table = "none"' in text
    (harmful / "own.toml").write_text(
        text.replace('table = "none"', 'table = "cambridge_chi"'), "utf-8"
    )
    config = harmful / "corridors.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace('"hackney_2024"', '"own.toml"'), "utf-8"
    )
    made, same = plan(harmful), planned(demo)
    assert not np.allclose(made.risk, same.risk)
    # Hot spots and floors count reports; harm only says how many they weigh like.
    for spot, plain in zip(made.hot_spots, same.hot_spots, strict=True):
        assert replace(spot, effective_incidents=0.0) == replace(plain, effective_incidents=0.0)
    assert any(
        spot.effective_incidents < 0.95 * plain.effective_incidents
        for spot, plain in zip(made.hot_spots, same.hot_spots, strict=True)
    )
    (line,) = [f for f in made.findings if f.key == "severity"]
    assert "Cambridge Crime Harm Index" in line.words


def test_streets_that_had_their_share_rest(demo, tmp_path):
    inputs, profile = load(demo)
    walked = planned(demo)
    segments = walked.network.segments.loc[list(walked.corridors[0].segment_ids)]
    middle = segments.geometry.interpolate(0.5, normalized=True)
    days = [MADE_ON - timedelta(days=i) for i in range(1, 20)]
    other = copy_demo(demo, tmp_path / "rest")
    rows = [f"{d:%d/%m/%Y},{p.x:.0f},{p.y:.0f},20" for d in days for p in middle]
    (other / "visits.csv").write_text(
        "date,easting,northing,minutes\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )
    config = other / "corridors.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(f'{text}\n[visits]\nfile = "visits.csv"\n', encoding="utf-8")
    rested = load(other)[0]

    def planned_with(**caps: float) -> Plan:
        return pipeline.make_plan(rested, replace(profile, guards=replace(profile.guards, **caps)))

    assert walked.patrols
    # Thirteen days lie in the four weeks that end with the planned one: no fourteenth is allowed.
    made = planned_with(dosage_days=13)
    assert not made.patrols
    assert any("rest this week" in n.reason for n in made.no_patrol)
    (dosage,) = [f for f in made.findings if f.key == "dosage"]
    assert dosage.figure > 0
    assert "visits" in {s.kind for s in made.inputs.sources}
    # Two more are: Monday and Tuesday.
    made = planned_with(dosage_days=15)
    assert {p.day for p in made.patrols} == {date(2026, 3, 2), date(2026, 3, 3)}
    assert any("has no patrol on 05/03/2026" in w for w in made.warnings)
    # A cap that nothing reaches changes nothing.
    again = planned_with(dosage_days=1000, dosage_minutes=1e9)
    assert again.patrols == walked.patrols
    assert inputs.visits is None


def test_what_police_found_counts_only_if_the_profile_says_so(demo):
    inputs, profile = load(demo)
    let_in = replace(profile, guards=replace(profile.guards, use_discovered=True))
    made, same = pipeline.make_plan(inputs, let_in), planned(demo)
    length_m = made.network.segments[Segments.length_m].to_numpy()
    assert (length_m @ made.risk).sum() > (length_m @ same.risk).sum()
    (finding,) = [f for f in made.findings if f.key == "discovered"]
    assert "lets them in" in finding.words
    assert finding.figure < 1


def test_a_back_test_of_the_demo_scores_unseen_months(demo):
    opened = sources.open_workspace(demo)
    area = sources.load_area(opened, None, MADE_ON)
    told: list[float] = []
    report = pipeline.make_backtest(
        area, opened.profile, progress=lambda _stage, share: told.append(share)
    )
    assert report.has_times
    assert not report.is_snapped
    assert min(report.months) >= date(2025, 9, 1)  # twelve months before it
    by_key = {s.estimator: s for s in report.scores}
    assert report.scores[0].estimator == "mixture"
    singles = [s for key, s in by_key.items() if key != "mixture"]
    assert by_key["mixture"].log_likelihood > max(s.log_likelihood for s in singles)
    assert by_key["uniform"].hit_rate == pytest.approx(report.length_shares)
    assert told == sorted(told)
    fewer = pipeline.make_backtest(area, opened.profile, keep_share=0.5)
    assert sum(fewer.incidents_a_month) < sum(report.incidents_a_month)
    assert fewer.kept_share == 0.5
