"""The sample plan in another week, and its notices as files."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sample_plan import with_inputs
from support_approvals import agreed

from corridors.model import Plan


def in_week(plan: Plan, weeks_later: int) -> Plan:
    """The same plan some weeks later, with its schools' agreement."""
    step = timedelta(days=7 * weeks_later)
    days = tuple(day + step for day in plan.inputs.week.days)
    year, number, _ = days[0].isocalendar()
    week = replace(plan.inputs.week, label=f"{year:04d}-W{number:02d}", days=days)
    patrols = []
    for patrol in plan.patrols:
        day = patrol.day + step
        name = f"{day.isoformat()}-T{patrol.route.team}"
        staffing = replace(patrol.staffing, patrol_id=name)
        patrols.append(replace(patrol, day=day, patrol_id=name, staffing=staffing))
    return agreed(
        replace(
            with_inputs(plan, week=week),
            patrols=tuple(patrols),
            sessions=tuple(replace(s, days=days) for s in plan.sessions),
            coverage=tuple((i, day + step, c) for i, day, c in plan.coverage),
        )
    )
