"""The page that lists every plan for staff, made from the plan files on disk. OFFICIAL-SENSITIVE.

It counts people and names none. An id stands there only if two wards' rosters clash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from corridors.publish import calendars, route_files
from corridors.publish.cards import MARKING
from corridors.publish.families.bundle import NOTICE_FILE
from corridors.publish.families.index import read_notice
from corridors.publish.folders import (
    BRIEFING_FILE,
    GEOJSON_FILE,
    GEOPACKAGE_FILE,
    MAP_FILE,
    MESSAGES_FILE,
    PLAN_FILE,
    ROSTER_BOOK,
    ROSTER_FILE,
    monday_of,
    ward_folders,
    week_folders,
)
from corridors.publish.neighbours import Across, Place, across_wards
from corridors.publish.pages import asset, render
from corridors.publish.plan_weeks import CorridorWeek, PlanWeek, read_plan
from corridors.publish.wording import joined, long_date, slash_date, some

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
    across: Across


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
    weeks = {code: week_folders(folder) for code, folder in ward_folders(maps / "working")}
    plans = {
        (code, label): read_plan(path)
        for code, listed in weeks.items()
        for label, path in listed[: WEEKS_TOLD + 1]
    }
    across = across_wards({place: plan for place, plan in plans.items() if plan})
    wards = [_ward(code, listed, plans, across, maps) for code, listed in weeks.items()]
    return render(
        "working_index.html",
        style=f"{asset('index.css')}\n{asset('working_index.css')}",
        marking=MARKING,
        wards=sorted((w for w in wards if w.weeks), key=lambda w: (w.name.casefold(), w.code)),
        has_notices=(maps / "public").is_dir(),
    )


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


def _ward(
    code: str, weeks: Sequence[tuple[str, Path]], plans: Mapping[Place, PlanWeek | None],
    across: Mapping[Place, Across], maps: Path,
) -> WardEntry:  # fmt: skip
    read = [plans[code, label] for label, _ in weeks[: WEEKS_TOLD + 1]]
    name = next((plan.ward_name for plan in read if plan), code)
    made = []
    for place, (label, path) in enumerate(weeks):
        if place < WEEKS_TOLD:
            earlier = list(zip(weeks, read, strict=False))[place + 1 : place + 2]
            week = _week(path, read[place], earlier, maps)
            made.append(replace(week, across=across.get((code, label), Across())))
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
        across=Across(),
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
