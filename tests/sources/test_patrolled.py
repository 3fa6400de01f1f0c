"""Written plans, read back for what came of them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
import shapely

from corridors.crs import to_geographic
from corridors.errors import InputError
from corridors.sources.patrolled import read_planned

QUARTER = date(2026, 1, 1), date(2026, 3, 31)
WARD = "E05999001"


def plan(week: str, **changes: Any) -> dict[str, Any]:
    """A plan's file with a patrol a weekday, as far as it is read."""
    monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    people = [{"role": "youth_worker"}, {"role": "ward_officer"}]
    patrols = [
        {
            "patrol_id": f"{monday + timedelta(days=day)}-S1T1",
            "corridor_id": "C1",
            "day": str(monday + timedelta(days=day)),
            "start_min": 910,
            "end_min": 985,
            "urns": ["900001"],
            "staffing": {
                "people": people,
                "police_level": "joint_visible",
                "protocol_missing": ["Youth project"] if day == 4 else [],
            },
        }
        for day in range(5)
    ]
    return {
        "format": 5,
        "ward": {"code": WARD},
        "week": {"label": week},
        "corridors": [
            {
                "corridor_id": "C1",
                "urns": ["900001"],
                "walker_share": {"900001": 0.25},
                "evidence": {"incidents_in_window": 12.5},
            }
        ],
        "patrols": patrols,
        "no_patrol": [{"urn": "900003", "reason": "no reported incident"}],
        "roster": {"repeat_share": 0.5, "schools": [{"urn": "900001"}, {"urn": "900002"}]},
        "abstraction": {"lost": 2, "planned": 10},
    } | changes


@pytest.fixture
def write(tmp_path):
    def made(week: str, data: Any) -> None:
        folder = tmp_path / "maps" / "working" / WARD / week
        folder.mkdir(parents=True, exist_ok=True)
        text = data if isinstance(data, str) else json.dumps(data)
        (folder / "plan_OS.json").write_text(text, encoding="utf-8")

    return made


def test_a_patrol_is_read_with_who_walks_and_how_long(tmp_path, write):
    write("2026-W10", plan("2026-W10"))
    found = read_planned(tmp_path, *QUARTER)
    first, *others = found.patrols
    assert len(others) == 4
    assert (first.ward, first.week, first.patrol_id) == (WARD, "2026-W10", "2026-03-02-S1T1")
    assert (first.minutes, first.adults, first.police) == (75, 2, 1)
    assert (first.urns, first.walker_share, first.need) == (("900001",), {"900001": 0.25}, 12.5)
    assert (found.lost, found.told) == (2, 10)
    assert found.repeat_shares == (0.5,)
    assert [p.lacks_protocol for p in found.patrols] == [False] * 4 + [True]


def test_c10_every_school_that_plans_speak_of_is_known_with_a_patrol_or_without(tmp_path, write):
    near = {"corridor_id": "C2", "urns": ["900004"], "walker_share": {"900005": 0.1},
            "evidence": {"incidents_in_window": 1.0}}  # fmt: skip
    write("2026-W10", plan("2026-W10", corridors=[*plan("2026-W10")["corridors"], near]))
    no_patrol = [{"urn": urn, "reason": ""} for urn in ("900006", "900004")]
    other = plan("2026-W11", no_patrol=no_patrol)
    write("2026-W11", other)
    write("2026-W12", plan("2026-W12", format=4, no_patrol=[{"urn": "900007", "reason": ""}]))
    found = read_planned(tmp_path, *QUARTER)
    assert found.urns == {f"90000{n}" for n in (1, 2, 4, 5)}
    assert found.without == {"900003", "900006"}


def test_a_week_over_the_end_of_a_quarter_counts_in_one_of_them(tmp_path, write):
    write("2026-W14", plan("2026-W14"))  # Monday is 30 March
    first = read_planned(tmp_path, *QUARTER)
    second = read_planned(tmp_path, date(2026, 4, 1), date(2026, 6, 30))
    assert [len(found.patrols) for found in (first, second)] == [2, 3]
    assert [found.told for found in (first, second)] == [10, 0]
    assert [found.repeat_shares for found in (first, second)] == [(0.5,), ()]


def test_weeks_outside_are_left_alone_and_older_formats_are_named(tmp_path, write):
    write("2025-W40", "damaged, but not asked for")
    write("2026-W09", plan("2026-W09", format=4))
    found = read_planned(tmp_path, *QUARTER)
    assert found.patrols == ()
    assert found.unreadable == (f"{WARD} 2026-W09",)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "[1, 2]",
        json.dumps(plan("2026-W11")),
        json.dumps(plan("2026-W10", ward={"code": "E05999002"})),
        json.dumps(plan("2026-W10", patrols=[{"day": "2026-03-02"}])),
        json.dumps(plan("2026-W10", abstraction={"lost": None, "planned": 1})),
        json.dumps(plan("2026-W10", no_patrol=[{"reason": "whose?"}])),
    ],
)
def test_a_damaged_plan_is_named(tmp_path, write, data):
    write("2026-W10", data)
    with pytest.raises(InputError, match="damaged") as told:
        read_planned(tmp_path, *QUARTER)
    assert "2026-W10/plan_OS.json" in str(told.value)


def test_a_plan_behind_a_link_is_not_read(tmp_path, write):
    write("2026-W10", plan("2026-W10"))
    path = tmp_path / "maps" / "working" / WARD / "2026-W10" / "plan_OS.json"
    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(InputError, match="link"):
        read_planned(tmp_path, *QUARTER)


def test_lines_of_corridors_are_read_in_metres(tmp_path, write):
    write("2026-W10", plan("2026-W10"))
    line = shapely.LineString([(530000.0, 180000.0), (530100.0, 180000.0)])
    whole = shapely.transform(line, lambda xy: list(zip(*to_geographic(*xy.T), strict=True)))
    features = [
        {
            "type": "Feature",
            "properties": {"layer": layer, "corridor_id": "C1"},
            "geometry": shapely.geometry.mapping(whole),
        }
        for layer in ("corridors", "gates")
    ]
    path = tmp_path / "maps" / "working" / WARD / "2026-W10" / "plan_OS.geojson"
    path.write_text(json.dumps({"features": features}), encoding="utf-8")
    found = read_planned(tmp_path, *QUARTER).lines
    assert list(found) == [f"{WARD} 2026-W10 C1"]
    assert found[f"{WARD} 2026-W10 C1"].length == pytest.approx(100.0, abs=0.05)
