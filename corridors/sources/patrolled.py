"""What written plans say of patrols, read back for an evaluation: when, who by role, past whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from corridors.crs import to_metric
from corridors.labels import WARD, WEEK
from corridors.model import Planned, PlannedPatrol
from corridors.sources.rosters import (
    NOT_OURS,
    damaged,
    plan_place,
    read_plan_file,
    written_plans,
)
from corridors.tables import POLICE_ROLES

LINES_FILE: Final = "plan_OS.geojson"
_FIRST_FORMAT: Final = 5


def read_planned(root: Path, first: date, last: date) -> Planned:
    """Every written plan with a day from ``first`` to ``last``, cut to these days.

    Figures of a whole week belong to the time that its Monday lies in.

    Raises
    ------
    InputError
        If a plan is damaged or a link leads to it.
    """
    patrols: list[PlannedPatrol] = []
    lines: dict[str, shapely.MultiLineString] = {}
    repeats: list[float] = []
    unreadable: list[str] = []
    urns, without = set[str](), set[str]()
    lost = told = 0
    for ward, week in written_plans(root, None, None):
        monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
        if monday > last or (first - monday).days > 6:
            continue
        data = read_plan_file(root, plan_place(ward, week))
        try:
            if data["format"] < _FIRST_FORMAT:
                unreadable.append(f"{ward} {week}")
                continue
            patrols += [p for p in _patrols(data, ward, week) if first <= p.day <= last]
            lines.update(_lines(root, ward, week))
            urns |= _urns(data)
            without.update(str(row["urn"]) for row in data["no_patrol"])
            if not first <= monday <= last:
                continue  # what is known of whole weeks counts where its Monday lies, and once
            if data["roster"]["repeat_share"] is not None:
                repeats.append(float(data["roster"]["repeat_share"]))
            lost += int(data["abstraction"]["lost"])
            told += int(data["abstraction"]["planned"])
        except (*NOT_OURS, shapely.GEOSException) as error:
            raise damaged(plan_place(ward, week)) from error
    patrols.sort(key=lambda p: (p.ward, p.week, p.patrol_id))
    return Planned(
        tuple(patrols), lines, tuple(repeats), lost, told, tuple(unreadable), frozenset(urns),
        frozenset(without - urns),
    )  # fmt: skip


def _patrols(data: Mapping[str, Any], ward: str, week: str) -> list[PlannedPatrol]:
    if (data["ward"]["code"], data["week"]["label"]) != (ward, week):
        raise ValueError("the plan of another ward or week")
    corridors = {c["corridor_id"]: c for c in data["corridors"]}
    made = []
    for row in data["patrols"]:
        corridor = corridors[row["corridor_id"]]
        roles = [str(person["role"]) for person in row["staffing"]["people"]]
        made.append(
            PlannedPatrol(
                ward=ward,
                week=week,
                patrol_id=str(row["patrol_id"]),
                day=date.fromisoformat(row["day"]),
                minutes=int(row["end_min"]) - int(row["start_min"]),
                adults=len(roles),
                police=sum(role in POLICE_ROLES for role in roles),
                police_level=str(row["staffing"]["police_level"]),
                corridor=f"{ward} {week} {row['corridor_id']}",
                urns=tuple(map(str, row["urns"])),
                walker_share={
                    str(u): float(share) for u, share in corridor["walker_share"].items()
                },
                need=float(corridor["evidence"]["incidents_in_window"]),
                lacks_protocol=bool(row["staffing"]["protocol_missing"]),
            )
        )
    return made


def _urns(data: Mapping[str, Any]) -> set[str]:
    """Schools that take part, and whose pupils a patrol is for or meets."""
    listed = {str(row["urn"]) for row in data["roster"]["schools"]}
    for row in (*data["corridors"], *data["patrols"]):
        listed.update(map(str, (*row["urns"], *row.get("walker_share", ()))))
    return listed


def _lines(root: Path, ward: str, week: str) -> dict[str, shapely.MultiLineString]:
    """The corridors of the plan's GeoJSON, in EPSG:27700."""
    if not (WARD.fullmatch(ward) and WEEK.fullmatch(week)):
        return {}
    file = plan_place(ward, week).rsplit("/", 1)[0] + f"/{LINES_FILE}"
    if not (root / file).is_file():
        return {}
    found = {}
    for feature in read_plan_file(root, file)["features"]:
        about = feature["properties"]
        if about["layer"] == "corridors":
            shape = shapely.geometry.shape(feature["geometry"])
            found[f"{ward} {week} {about['corridor_id']}"] = shapely.transform(
                shape, lambda xy: np.column_stack(to_metric(xy[:, 0], xy[:, 1]))
            )
    return found
