"""Patrols that families were told of in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sample_plan import WARD
from support_notices import public_plan

from corridors.model import Planned, PlannedPatrol
from corridors.publish.announced import told_in_time
from corridors.publish.families.data import notice_json

OLD = public_plan()
DAY = OLD.corridors[0].days[0]


def patrol(day: date = DAY, *, week: str = "2026-W10", adults: int = 2) -> PlannedPatrol:
    return PlannedPatrol(
        ward=WARD, week=week, patrol_id=f"{day}-{adults}", day=day, minutes=60, adults=adults,
        police=0, police_level="none", corridor="C1", urns=("900001",), walker_share={}, need=0.0,
    )  # fmt: skip


def planned(*patrols: PlannedPatrol) -> Planned:
    return Planned(patrols, {}, (), 0, 0, (), frozenset(), frozenset())


@pytest.fixture
def publish(tmp_path):
    def made(**changes: object) -> None:
        folder = tmp_path / "maps" / "public" / WARD / "2026-W10"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "notice.json").write_bytes(notice_json(replace(OLD, **changes)))

    return made


def test_a_patrol_whose_day_stands_on_a_notice_in_time_counts(tmp_path, publish):
    publish(is_unannounced=False)
    other = DAY + timedelta(days=20)
    found = planned(patrol(), patrol(other), patrol(week="2026-W11"), patrol(adults=0))
    assert told_in_time(found, tmp_path) == (1, 3)


def test_a_notice_that_came_late_or_is_damaged_tells_nobody_in_time(tmp_path, publish):
    publish(is_unannounced=True)
    assert told_in_time(planned(patrol()), tmp_path) == (0, 1)
    publish(is_unannounced=False)
    assert told_in_time(planned(patrol()), tmp_path) == (1, 1)
    (tmp_path / "maps/public" / WARD / "2026-W10/notice.json").write_bytes(b"{")
    assert told_in_time(planned(patrol()), tmp_path) == (0, 1)


def test_without_patrols_there_is_nothing_to_tell(tmp_path):
    assert told_in_time(planned(), tmp_path) == (0, 0)
