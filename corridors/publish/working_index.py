"""The page that lists every plan for staff, made from the plan files on disk. OFFICIAL-SENSITIVE.

It counts people and never names one: not by id either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from corridors.publish import calendars, route_files
from corridors.publish.cards import MARKING
from corridors.publish.families.bundle import NOTICE_FILE
from corridors.publish.families.index import read_notice
from corridors.publish.folders import (
    BRIEFING_FILE,
    BROKEN,
    GEOJSON_FILE,
    GEOPACKAGE_FILE,
    MAP_FILE,
    MESSAGES_FILE,
    PLAN_FILE,
    ROSTER_BOOK,
    ROSTER_FILE,
    SUMMARY_FILE,
    monday_of,
    ward_folders,
    week_folders,
)
from corridors.publish.pages import asset, render
from corridors.publish.plan_json import FORMAT
from corridors.publish.wording import clean_name, joined, long_date, slash_date, some

WEEKS_TOLD: Final = 12  # of each ward; of older ones only the files are listed
FILES: Final = (
    (MAP_FILE, "Working map"),
    (BRIEFING_FILE, "Briefing for a meeting"),
    (ROSTER_FILE, "Roster (CSV)"),
    (ROSTER_BOOK, "Roster (Excel)"),
    (calendars.FOLDER, "Calendars, one a person (ICS)"),
    (route_files.FOLDER, "Routes for a phone (GPX)"),
    (MESSAGES_FILE, "Drafts for the schools"),
    (PLAN_FILE, "Plan as data (JSON)"),
    (GEOJSON_FILE, "Plan for maps (GeoJSON)"),
    (GEOPACKAGE_FILE, "Plan for maps (GeoPackage)"),
)
_OF_CORRIDORS: Final = ("corridor_id", "urns", "street_names")
_OF_STAFFINGS: Final = ("aim", "people", "police_minutes", "exposure")
_FIRST_FORMAT: Final = 2
_MOST_BYTES: Final = 200_000_000
_SUMMARY_BYTES: Final = 5_000_000
_MOST: Final = 10**12


@dataclass(frozen=True)
class CorridorWeek:
    """A corridor of a plan file."""

    corridor_id: str
    streets: frozenset[str]
    aims: frozenset[str]  # of its patrols


@dataclass(frozen=True)
class PlanWeek:
    """What the page needs to know of a plan file."""

    ward_name: str
    made_on: date
    corridors: Mapping[tuple[str, ...], CorridorWeek]  # by URNs: ids are new each week
    patrols: int
    staffed: int
    widest_gap: float | None
    police_minutes: int
    exposure: float
    person_ids: frozenset[str]


@dataclass(frozen=True)
class WeekEntry:
    """One week on the page."""

    label: str
    monday: str
    problem: str
    facts: tuple[tuple[str, str], ...]
    changes_title: str
    changes: tuple[str, ...]
    links: tuple[tuple[str, str], ...]  # (address, what it is)


@dataclass(frozen=True)
class WardEntry:
    """One ward with its weeks, newest first."""

    code: str
    name: str
    weeks: tuple[WeekEntry, ...]


def working_index(maps: Path) -> str:
    """The page for staff.

    Parameters
    ----------
    maps : the folder ``maps`` of a workspace; of the public side only notices are looked at.
    """
    wards = [_ward(code, folder, maps) for code, folder in ward_folders(maps / "working")]
    return render(
        "working_index.html",
        style=f"{asset('index.css')}\n{asset('working_index.css')}",
        marking=MARKING,
        wards=sorted((w for w in wards if w.weeks), key=lambda w: (w.name.casefold(), w.code)),
        has_notices=(maps / "public").is_dir(),
    )


def read_plan(folder: Path) -> PlanWeek | None:
    """The plan in ``maps/working/<ward>/<week>``; None if it is missing, damaged or foreign.

    Its summary tells the same and is a thousand times smaller. The plan file itself is read where
    there is none, as in folders of earlier versions, or where it is damaged.
    """
    return _read(folder, SUMMARY_FILE, _SUMMARY_BYTES) or _read(folder, PLAN_FILE, _MOST_BYTES)


def summary_json(plan_file: bytes) -> bytes:
    """Of a plan file, what this page needs, in the same words: a plan file with most left out."""
    data = json.loads(plan_file)
    kept = {key: data[key] for key in ("marking", "format", "ward", "week", "made_on")}
    kept["corridors"] = [_only(c, _OF_CORRIDORS) for c in data["corridors"]]
    kept["coverage"] = [_only(c, ("gap",)) for c in data["coverage"]]
    kept["patrols"] = [
        _only(p, ("corridor_id",)) | {"staffing": _only(p["staffing"], _OF_STAFFINGS)}
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


def changes(now: PlanWeek, before: PlanWeek) -> tuple[str, ...]:
    """What is different from the plan before, a sentence each."""
    said = []
    for urns in sorted(now.corridors.keys() | before.corridors.keys()):
        said += _corridor_changes(urns, now.corridors.get(urns), before.corridors.get(urns))
    new, gone = (
        len(now.person_ids - before.person_ids), len(before.person_ids - now.person_ids)
    )  # fmt: skip
    if new or gone:
        said.append(f"People on patrols: {new} new, {gone} no longer.")
    pairs = (
        ("Patrols with people", now.staffed, before.staffed),
        ("Police minutes", now.police_minutes, before.police_minutes),
    )
    said += [f"{what}: {a:,}, before {b:,}." for what, a, b in pairs if a != b]
    return tuple(said) or ("Nothing: the same corridors, aims, people and police minutes.",)


def _corridor_changes(
    urns: tuple[str, ...], now: CorridorWeek | None, before: CorridorWeek | None
) -> list[str]:
    shown = now or before
    if shown is None:
        return []
    schools = f"{'school' if len(urns) == 1 else 'schools'} {joined(urns)}"
    name = f"Corridor {shown.corridor_id} ({schools})"
    if before is None:
        return [f"{name} is new: {some(sorted(shown.streets)) or 'unnamed paths'}."]
    if now is None:
        return [f"{name} is no longer there: {some(sorted(shown.streets)) or 'unnamed paths'}."]
    said = []
    for word, names in (
        ("new streets", now.streets - before.streets),
        ("no longer", before.streets - now.streets),
    ):
        if names:
            said.append(f"{word}: {some(sorted(names))}")
    if now.aims != before.aims:
        said.append(f"aim: {_aims(now.aims)}, before {_aims(before.aims)}")
    return [f"{name}: {'; '.join(said)}."] if said else []


def _aims(aims: Iterable[str]) -> str:
    return joined(aim.replace("_", " ") for aim in sorted(aims)) or "none"


# --- the page -----------------------------------------------------------------------------------


def _ward(code: str, folder: Path, maps: Path) -> WardEntry:
    weeks = week_folders(folder)
    read = [read_plan(path) for _, path in weeks[: WEEKS_TOLD + 1]]
    name = next((plan.ward_name for plan in read if plan), code)
    made = []
    for place, (_, path) in enumerate(weeks):
        if place < WEEKS_TOLD:
            earlier = list(zip(weeks, read, strict=False))[place + 1 : place + 2]
            made.append(_week(path, read[place], earlier, maps))
        else:
            made.append(_entry(path, maps))
    return WardEntry(code, name, tuple(made))


def _week(
    folder: Path, plan: PlanWeek | None,
    earlier: Sequence[tuple[tuple[str, Path], PlanWeek | None]], maps: Path,
) -> WeekEntry:  # fmt: skip
    if plan is None:
        return _entry(folder, maps, problem=f"{PLAN_FILE} of this week cannot be read.")
    gap = plan.widest_gap
    facts = (
        ("Made", slash_date(plan.made_on)),
        ("Corridors", f"{len(plan.corridors)}"),
        ("Patrols with people", f"{plan.staffed} of {plan.patrols}"),
        ("Widest gap to the bound", "none" if gap is None else f"{gap:.1%}"),
        ("Police minutes", f"{plan.police_minutes:,}"),
        ("Exposure", f"{plan.exposure:,.0f}"),
        ("Public notice", _notice_words(maps / "public" / folder.parent.name / folder.name)),
    )  # fmt: skip
    if not earlier:
        return _entry(folder, maps, facts=facts)
    (label, _), before = earlier[0]
    told = (
        changes(plan, before)
        if before
        else ("This cannot be said: the plan before cannot be read.",)
    )
    return _entry(folder, maps, facts=facts, changes_title=f"Changed since {label}", told=told)


def _entry(
    folder: Path, maps: Path, *, problem: str = "", facts: tuple[tuple[str, str], ...] = (),
    changes_title: str = "", told: tuple[str, ...] = (),
) -> WeekEntry:  # fmt: skip
    monday = monday_of(folder.name)
    return WeekEntry(
        label=folder.name,
        monday=f"from {long_date(monday)}" if monday else "",
        problem=problem,
        facts=facts,
        changes_title=changes_title,
        changes=told,
        links=_links(folder, maps),
    )


def _links(folder: Path, maps: Path) -> tuple[tuple[str, str], ...]:
    place = f"{folder.parent.name}/{folder.name}"
    made = []
    for name, words in FILES:
        path = folder / name
        if path.exists() and not path.is_symlink():
            made.append((f"{place}/{name}{'/' if path.is_dir() else ''}", words))
    if (maps / "public" / folder.parent.name / folder.name / NOTICE_FILE).is_file():
        made.append((f"../public/{place}/{NOTICE_FILE}", "Public notice"))
    return tuple(made)


def _notice_words(folder: Path) -> str:
    if not folder.is_dir():
        return "none"
    notice = read_notice(folder)
    if notice is None:
        return "cannot be read"
    state = "cancelled" if notice.is_cancelled else "published"
    late = ", unannounced" if notice.is_unannounced else ""
    return f"{state}{late}, version {notice.version}"


# --- reading ------------------------------------------------------------------------------------


def _plan(data: Mapping[str, Any]) -> PlanWeek:
    patrols = list(data["patrols"])
    staffings = [p["staffing"] for p in patrols]
    return PlanWeek(
        ward_name=clean_name(data["ward"]["name"]),
        made_on=date.fromisoformat(data["made_on"]),
        corridors={_urns(c): _corridor(c, patrols) for c in data["corridors"]},
        patrols=len(patrols),
        staffed=sum(bool(s["people"]) for s in staffings),
        widest_gap=max((_amount(c["gap"]) for c in data["coverage"]), default=None),
        police_minutes=sum(_count(s["police_minutes"]) for s in staffings),
        exposure=sum(_amount(s["exposure"]) for s in staffings),
        person_ids=frozenset(str(a["person_id"]) for s in staffings for a in s["people"]),
    )


def _urns(corridor: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(clean_name(urn) for urn in corridor["urns"])


def _corridor(corridor: Mapping[str, Any], patrols: Sequence[Mapping[str, Any]]) -> CorridorWeek:
    own = [p for p in patrols if p["corridor_id"] == corridor["corridor_id"]]
    return CorridorWeek(
        corridor_id=clean_name(corridor["corridor_id"]),
        streets=frozenset(filter(None, map(clean_name, corridor["street_names"]))),
        aims=frozenset(clean_name(p["staffing"]["aim"]) for p in own),
    )


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _MOST:
        raise ValueError("not a count")
    return value


def _amount(value: Any) -> float:
    number = float(value)
    if not 0 <= number <= _MOST:
        raise ValueError("not an amount")
    return number
