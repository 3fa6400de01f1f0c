"""A patrol as a plan would have it, made from what was told of it."""

from __future__ import annotations

from corridors.model import Assignment, Patrol, Route, Staffing
from corridors.teams.changes import ToldPatrol


def patrol(told: ToldPatrol, people=None, level: str | None = None, missing=()) -> Patrol:
    people = told.people if people is None else people
    staffing = Staffing(
        patrol_id=told.patrol_id, aim=told.aim, aim_is_confirmed=True,
        police_level=(level or told.police_level) if people else "none",
        people=tuple(Assignment(*person) for person in people),
        reason="Because." if people else "Nobody is free.", with_police="", without_police="",
        protocol_missing=tuple(missing), police_minutes=0, exposure=0.0,
    )  # fmt: skip
    route = Route(
        team=1, corridor_id=told.corridor_id, node_ids=(1, 2), segment_ids=(1,), leave_s=(0, 60),
        stands=(), walk_s=60, length_m=80.0,
    )  # fmt: skip
    return Patrol(
        told.patrol_id, told.day, told.start_min, told.end_min, told.corridor_id, route, "", None,
        staffing,
    )  # fmt: skip
