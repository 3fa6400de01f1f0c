"""A written plan read back: who was told, what was agreed, and nothing that should not be."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sample_plan import MADE_ON, WARD, WEEK, sample_plan, sample_profile, with_inputs

from corridors import model, publish, sources
from corridors.errors import InputError
from corridors.pipeline.told import settled
from corridors.publish.logs import append_lines
from corridors.remit import LAST, TOLD, as_data, remit_of, remits_of, roster_hash, roster_of
from corridors.sources.rosters import CHANGES, REMITS, patrolled_days, read_withdrawals

PROFILE = sample_profile()
PLAN = f"maps/working/{WARD}/{WEEK.label}/plan_OS.json"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    publish.write(sample_plan(), PROFILE, tmp_path)
    return tmp_path


def _bare(**changes: object) -> model.Inputs:
    plan = with_inputs(sample_plan(), remits=(), **changes)
    return plan.inputs


def test_c7_what_was_written_comes_back(root):
    told, plan = sources.read_told(root, WARD, WEEK.label), sample_plan()
    assert told.made_on == MADE_ON
    assert dict(told.remits) == remits_of(plan)
    assert told.roster.equals(roster_of(plan))
    assert [p.person_ids for p in told.patrols] == [("P1", "P2", "P3"), ("P1", "P2", "P4")]
    assert [p.remit for p in told.patrols] == list(remits_of(plan)["100001"])
    assert sources.written_plans(root, None, None) == ((WARD, WEEK.label),)
    assert sources.written_plans(root, "E05999002", None) == ()


@pytest.mark.parametrize(
    ("ward", "week"),
    [(WARD, "2026-W11"), ("../..", WEEK.label), (WARD, "../2026-W10"), ("E05999002", WEEK.label)],
)
def test_there_is_no_plan_elsewhere(root, ward, week):
    assert sources.read_told(root, ward, week) is None


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text[:-40], "damaged"),
        (lambda text: text.replace('"person_id"', '"who"'), "damaged"),
        (lambda _: "[]", "damaged"),
        (lambda _: "\x00", "damaged"),
        (lambda text: text.replace(WARD, "E05999002"), "another ward"),
    ],
)
def test_a_plan_that_cannot_be_read_is_told_with_the_way_out(root, spoil, words):
    path = root / PLAN
    path.write_text(spoil(path.read_text("utf-8")), "utf-8")
    with pytest.raises(InputError, match=words) as told:
        sources.read_told(root, WARD, WEEK.label)
    assert told.value.file == PLAN
    assert told.value.fix


def test_a_plan_of_another_format_counts_for_nothing(root):
    path = root / PLAN
    path.write_text(path.read_text("utf-8").replace('"format": 5', '"format": 1'), "utf-8")
    assert sources.read_told(root, WARD, WEEK.label) is None
    assert sources.with_told(_bare(), root).this_roster is None


def test_a_plan_of_the_format_before_is_still_told(root):
    path = root / PLAN
    path.write_text(path.read_text("utf-8").replace('"format": 5', '"format": 2'), "utf-8")
    assert sources.read_told(root, WARD, WEEK.label) is not None


def test_a_plan_behind_a_link_is_not_read(root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "plan_OS.json"
    (root / PLAN).rename(elsewhere)
    (root / PLAN).symlink_to(elsewhere)
    with pytest.raises(InputError, match="link"):
        sources.read_told(root, WARD, WEEK.label)


def test_c11_last_weeks_roster_is_read_for_continuity(root):
    week = model.Week("2026-W11", tuple(date(2026, 3, 9 + d) for d in range(5)))
    inputs = sources.with_told(_bare(week=week), root)
    assert inputs.last_roster.equals(roster_of(sample_plan()))
    assert inputs.this_roster is None
    (record,) = [s for s in inputs.sources if s.kind == LAST]
    assert record.sha256 == roster_hash(roster_of(sample_plan()))


def test_c7_this_weeks_roster_counts_once_somebody_was_told(root):
    (notice,) = root.glob("maps/public/*/*/notice.html")
    assert sources.with_told(_bare(), root).this_roster is not None  # agreed, and a notice
    notice.unlink()
    assert sources.with_told(_bare(), root).this_roster is not None  # agreed
    assert sources.with_told(_bare(approvals=None), root).this_roster is None
    told = sources.with_told(_bare(), root)
    assert [s.kind for s in told.sources][-1] == TOLD
    anew = sources.with_told(_bare(), root, anew=True)
    assert anew.this_roster is None
    assert TOLD not in {s.kind for s in anew.sources}


def test_c7_a_plan_that_changes_nothing_writes_the_same_bytes(root):
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    plan = sample_plan()
    again = sources.with_told(replace(plan.inputs, remits=()), root)
    publish.write(settled(replace(plan, inputs=replace(again, remits=plan.inputs.remits))),
                  PROFILE, root)  # fmt: skip
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before
    fewer = settled(replace(plan, inputs=again, patrols=plan.patrols[:1]))
    assert TOLD in {s.kind for s in fewer.inputs.sources}


def test_c9_what_hashes_stand_for_is_checked_line_by_line(root):
    patrols = remits_of(sample_plan())["100001"]
    line = {"remit": remit_of(patrols), "patrols": [as_data(p) for p in patrols]}
    append_lines(root, REMITS, [line])
    assert sources.with_told(_bare(), root).remits == ((remit_of(patrols), patrols),)
    append_lines(root, REMITS, [{**line, "remit": "0" * 12}])
    with pytest.raises(InputError) as told:
        sources.read_remits(root)
    assert (told.value.file, told.value.row) == (REMITS, 2)


def test_c7_the_log_of_changes_is_read_for_this_ward_and_week(root):
    line = {
        "ward": WARD, "week": WEEK.label, "person_id": "P1", "reason_code": "sick",
        "taken_off": ["2026-03-02-T1"], "planned": 6,
    }  # fmt: skip
    append_lines(root, CHANGES, [line, {**line, "week": "2026-W11"}])
    (found,) = read_withdrawals(root, WARD, WEEK.label)
    assert found == model.Withdrawal("P1", "sick", ("2026-03-02-T1",), 6)
    data = json.loads(publish_json(with_inputs(sample_plan(), withdrawals=(found,))))
    assert data["abstraction"] == {
        "planned": 6, "lost": 1, "by_reason": [["sick", 1]], "rate": 0.166667,
    }  # fmt: skip
    (root / CHANGES).write_text("{}\n", "utf-8")
    with pytest.raises(InputError, match="row 1"):
        read_withdrawals(root, WARD, WEEK.label)


def publish_json(plan: model.Plan) -> bytes:
    from corridors.publish.plan_json import plan_json

    return plan_json(plan, PROFILE)


def test_c7_days_with_a_patrol_in_a_later_plan_are_known(root):
    days = {("100001", WEEK.days[0]), ("100001", WEEK.days[2])}
    assert patrolled_days(root, WARD, after="2026-W09") == days
    assert patrolled_days(root, WARD, after=WEEK.label) == set()
