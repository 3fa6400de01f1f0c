"""What pages over many wards need to know of a plan, read from the plan files on disk.

Whatever stands there is taken as hostile: a file that is not as this tool writes it is no plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from sys import intern
from typing import Any, Final

from corridors.labels import WARD
from corridors.model import AlsoIn
from corridors.publish.folders import BROKEN, PLAN_FILE, SUMMARY_FILE, monday_of
from corridors.publish.plan_json import FORMAT
from corridors.publish.wording import clean_name

_OF_CORRIDORS: Final = ("corridor_id", "urns", "school_names", "street_names", "also_in")
_OF_PATROLS: Final = ("corridor_id", "day", "start_min", "end_min")
_OF_STAFFINGS: Final = ("aim", "people", "police_minutes", "exposure")
_FIRST_FORMAT: Final = 2
_MOST_BYTES: Final = 200_000_000
_SUMMARY_BYTES: Final = 5_000_000
_MOST: Final = 10**12
_DAY_MIN: Final = 1440


@dataclass(frozen=True, slots=True)
class Walk:
    """A patrol that somebody walks, in local minutes; a ``teams.needs.Outing``."""

    day: date
    start_min: int
    end_min: int
    person_ids: tuple[str, ...]  # sorted


@dataclass(frozen=True, slots=True)
class CorridorWeek:
    """A corridor of a plan file."""

    corridor_id: str
    schools: tuple[str, ...]  # names
    streets: frozenset[str]
    aims: frozenset[str]  # of its patrols
    also_in: tuple[AlsoIn, ...]  # by ward code; names are cleaned
    walks: tuple[Walk, ...]  # of its patrols


@dataclass(frozen=True, slots=True)
class PlanWeek:
    """What pages need to know of a plan file.

    Summaries that versions before format 4 wrote have neither ``walks`` nor ``also_in``.
    """

    ward_name: str
    made_on: date
    corridors: Mapping[tuple[str, ...], CorridorWeek]  # by URNs: ids are new each week
    patrols: int
    staffed: int
    widest_gap: float | None
    police_minutes: int
    exposure: float
    person_ids: frozenset[str]
    walks: tuple[Walk, ...] = ()


def read_plan(folder: Path) -> PlanWeek | None:
    """The plan in ``maps/working/<ward>/<week>``; None if it is missing, damaged or foreign.

    Its summary tells the same and is a thousand times smaller. The plan file itself is read where
    there is none, as in folders of earlier versions, or where it is damaged.
    """
    return _read(folder, SUMMARY_FILE, _SUMMARY_BYTES) or _read(folder, PLAN_FILE, _MOST_BYTES)


def summary_json(plan_file: bytes) -> bytes:
    """Of a plan file, what ``read_plan`` needs, in the same words: one with most left out."""
    data = json.loads(plan_file)
    kept = {key: data[key] for key in ("marking", "format", "ward", "week", "made_on")}
    kept["corridors"] = [_only(c, _OF_CORRIDORS) for c in data["corridors"]]
    kept["coverage"] = [_only(c, ("gap",)) for c in data["coverage"]]
    kept["patrols"] = [
        _only(p, _OF_PATROLS) | {"staffing": _only(p["staffing"], _OF_STAFFINGS)}
        for p in data["patrols"]
    ]
    return f"{json.dumps(kept, sort_keys=True, indent=1)}\n".encode()


def _only(data: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: data[key] for key in keys}


def _read(folder: Path, name: str, most_bytes: int) -> PlanWeek | None:
    path = folder / name
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > most_bytes:
            return None
        data = json.loads(path.read_bytes())
        if (data["ward"]["code"], data["week"]["label"]) != (folder.parent.name, folder.name):
            return None
        if not _FIRST_FORMAT <= _count(data["format"]) <= FORMAT:
            return None
        return _plan(data)
    except BROKEN:
        return None


def _plan(data: Mapping[str, Any]) -> PlanWeek:
    patrols = list(data["patrols"])
    staffings = [p["staffing"] for p in patrols]
    monday = monday_of(data["week"]["label"])
    walks = [_walk(p, monday) for p in patrols]
    of_corridor: dict[str, list[tuple[str, Walk | None]]] = {}
    for patrol, walk in zip(patrols, walks, strict=True):
        aim = intern(clean_name(patrol["staffing"]["aim"]))
        of_corridor.setdefault(patrol["corridor_id"], []).append((aim, walk))
    corridors = {}
    for corridor in data["corridors"]:
        own = of_corridor.get(corridor["corridor_id"], [])
        corridors[_urns(corridor)] = _corridor(corridor, own, data["ward"]["code"])
    return PlanWeek(
        ward_name=clean_name(data["ward"]["name"]),
        made_on=date.fromisoformat(data["made_on"]),
        corridors=corridors,
        patrols=len(patrols),
        staffed=sum(bool(s["people"]) for s in staffings),
        widest_gap=max((_amount(c["gap"]) for c in data["coverage"]), default=None),
        police_minutes=sum(_count(s["police_minutes"]) for s in staffings),
        exposure=sum(_amount(s["exposure"]) for s in staffings),
        person_ids=frozenset(intern(str(a["person_id"])) for s in staffings for a in s["people"]),
        walks=tuple(filter(None, walks)),
    )


def _urns(corridor: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(clean_name(urn) for urn in corridor["urns"])


def _corridor(
    corridor: Mapping[str, Any], patrols: Sequence[tuple[str, Walk | None]], ward_code: str
) -> CorridorWeek:
    """A corridor of the file; ``patrols`` are its own, each as aim and walk."""
    urns = _urns(corridor)
    names = corridor.get("school_names", ("",) * len(urns))
    return CorridorWeek(
        corridor_id=clean_name(corridor["corridor_id"]),
        schools=tuple(
            clean_name(name) or f"School {urn}" for name, urn in zip(names, urns, strict=True)
        ),
        streets=frozenset(filter(None, map(clean_name, corridor["street_names"]))),
        aims=frozenset(aim for aim, _ in patrols),
        also_in=_also_in(corridor.get("also_in", ()), ward_code),
        walks=tuple(walk for _, walk in patrols if walk),
    )


def _also_in(listed: Iterable[Mapping[str, Any]], ward_code: str) -> tuple[AlsoIn, ...]:
    found: list[AlsoIn] = []
    for there in listed:
        code = there["code"]
        if not WARD.fullmatch(code) or code == ward_code or (found and code <= found[-1].code):
            raise ValueError("not the code of another ward, or not in order")
        streets = tuple(filter(None, map(clean_name, there["street_names"])))
        found.append(AlsoIn(code, clean_name(there["name"]), _amount(there["metres"]), streets))
    return tuple(found)


def _walk(patrol: Mapping[str, Any], monday: date | None) -> Walk | None:
    """None if nobody walks it, or the file does not say when."""
    if "day" not in patrol or not patrol["staffing"]["people"]:
        return None
    day = date.fromisoformat(patrol["day"])
    start_min, end_min = _count(patrol["start_min"]), _count(patrol["end_min"])
    if monday is None or not timedelta() <= day - monday < timedelta(days=7):
        raise ValueError("not a day of the week")
    if not start_min < end_min <= _DAY_MIN:
        raise ValueError("not a time of the day")
    people = {intern(str(a["person_id"])) for a in patrol["staffing"]["people"]}
    return Walk(day, start_min, end_min, tuple(sorted(people)))


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _MOST:
        raise ValueError("not a count")
    return value


def _amount(value: Any) -> float:
    number = float(value)
    if not 0 <= number <= _MOST:
        raise ValueError("not an amount")
    return number
