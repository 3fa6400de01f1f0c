"""Plans written earlier, read back: who was told to walk where, and what schools agreed to.

Only what a new plan has to know is read: person ids, days, times and roles. The files are this
tool's own, marked OFFICIAL-SENSITIVE, and stay in the workspace.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.errors import InputError
from corridors.labels import WARD, WEEK
from corridors.model import Inputs, PatrolRemit, SourceRecord, Withdrawal
from corridors.remit import LAST, TOLD, from_data, remit_of, roster_frame, roster_hash
from corridors.sources.calendar import parse_week
from corridors.teams.agreement import entries_of, standing
from corridors.teams.changes import ToldPatrol

PLAN_FILE: Final = "plan_OS.json"
NOTICE_FILE: Final = "notice.html"
FORMATS: Final = (2, 3, 4, 5)  # of plan files that hold remits
REMITS: Final = "log/remits_OS.jsonl"
CHANGES: Final = "log/changes_OS.jsonl"

_MOST_BYTES: Final = 200_000_000
# What comes of reading data that this tool did not write: OverflowError of int(Infinity).
NOT_OURS: Final = (
    AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True)
class ToldPlan:
    """A plan as it was written down."""

    ward: str
    week: str
    made_on: date
    patrols: tuple[ToldPatrol, ...]
    remits: Mapping[str, tuple[PatrolRemit, ...]]  # by URN
    days_share: float = 1.0  # of days drawn by lot that it was made with

    @property
    def roster(self) -> pd.DataFrame:
        """tables.LastRoster."""
        return roster_frame(
            (p.patrol_id, person, " ".join(p.urns), p.day)
            for p in self.patrols
            for person in p.person_ids
        )


def read_told(root: Path, ward: str, week: str) -> ToldPlan | None:
    """The plan that stands in ``maps/working`` of the workspace ``root``.

    Returns
    -------
    None if there is none, or another version of this tool wrote it in another format.

    Raises
    ------
    InputError
        If it is damaged, or a link leads to it.
    """
    if not (WARD.fullmatch(ward) and WEEK.fullmatch(week)):
        return None
    file = plan_place(ward, week)
    if not (root / file).is_file():
        return None
    data = read_plan_file(root, file)
    try:
        if data["format"] not in FORMATS:
            return None
        told = _plan(data)
    except NOT_OURS as error:
        raise damaged(file) from error
    if (told.ward, told.week) != (ward, week):
        raise InputError(
            "is the plan of another ward or week", file=file, fix="Put it back where it was written"
        )
    return told


def read_plan_file(root: Path, file: str) -> Any:
    """The content of a JSON file that a plan wrote; ``file`` counts from the workspace ``root``.

    Raises
    ------
    InputError
        If a link leads to it, or it is too big or damaged.
    """
    path = root / file
    if path.resolve() != root.resolve() / file:
        raise InputError("a link leads to it", file=file, fix="Remove the link")
    if path.stat().st_size > _MOST_BYTES:
        raise InputError("is too big to be a plan", file=file, fix="Move it away, then plan again")
    try:
        return json.loads(path.read_bytes())
    except NOT_OURS as error:
        raise damaged(file) from error


def damaged(file: str) -> InputError:
    """That a file of a plan is not as a plan writes it."""
    return InputError(
        "is damaged", file=file, fix="Move it away, then plan its week again with --anew"
    )


def plan_place(ward: str, week: str) -> str:
    """Where a plan is written, relative to the workspace."""
    return f"maps/working/{ward}/{week}/{PLAN_FILE}"


def written_plans(root: Path, ward: str | None, week: str | None) -> tuple[tuple[str, str], ...]:
    """Wards and weeks that have a written plan, sorted; of one ward or week where asked for."""
    places = sorted((root / "maps" / "working").glob(f"*/*/{PLAN_FILE}"))
    found = [(path.parent.parent.name, path.parent.name) for path in places]
    return tuple(
        (w, k)
        for w, k in found
        if WARD.fullmatch(w) and WEEK.fullmatch(k) and ward in (None, w) and week in (None, k)
    )


def patrolled_days(root: Path, ward: str, *, after: str) -> set[tuple[str, date]]:
    """(URN, day) that have a staffed patrol in a written plan of a week after ``after``.

    Raises
    ------
    InputError
        If one of these plans is damaged.
    """
    weeks = [week for _, week in written_plans(root, ward, None) if week > after]
    plans = (read_told(root, ward, week) for week in weeks)
    return {
        (urn, p.day) for plan in plans if plan for p in plan.patrols if p.people for urn in p.urns
    }


def with_told(
    inputs: Inputs, root: Path, *, anew: bool = False, told: ToldPlan | None = None
) -> Inputs:
    """The inputs with what was written, agreed and logged before.

    Last week's roster is for continuity (C11). This week's is added once it was told to somebody:
    a school agreed to it, or a notice was given out. Then a new plan changes as few places as it
    can. Rosters are recorded among the sources by the hash of who is on which patrol, not of the
    file, so that a plan that changes nothing stays as it is.

    Parameters
    ----------
    inputs : from ``load_inputs``.
    root : the workspace.
    anew : leave out this week's roster, as if nobody had been told.
    told : this week's written plan, where it counts whether or not it was told.

    Raises
    ------
    InputError
        If a file that is needed is damaged.
    """
    ward, week = inputs.ward.code, inputs.week.label
    last = read_told(root, ward, week_before(week))
    if told is None and not anew and _is_told(inputs, root):
        told = read_told(root, ward, week)
    records = [_record(kind, plan) for kind, plan in ((LAST, last), (TOLD, told)) if plan]
    return replace(
        inputs,
        last_roster=None if last is None else last.roster,
        this_roster=None if told is None else told.roster,
        remits=_known_remits(root, told),
        withdrawals=read_withdrawals(root, ward, week),
        sources=(*inputs.sources, *records),
    )


def read_remits(root: Path) -> tuple[tuple[str, tuple[PatrolRemit, ...]], ...]:
    """What the hashes of approvals stand for: (remit, its patrols), sorted.

    Raises
    ------
    InputError
        If a line is not what its hash says.
    """
    found: dict[str, tuple[PatrolRemit, ...]] = {}
    for number, data in _lines(root, REMITS):
        try:
            patrols = tuple(from_data(p) for p in data["patrols"])
            remit = str(data["remit"])
        except NOT_OURS as error:
            raise _bad_line(REMITS, number) from error
        if remit_of(patrols) != remit:
            raise _bad_line(REMITS, number)
        found[remit] = patrols
    return tuple(sorted(found.items()))


def read_withdrawals(root: Path, ward: str, week: str) -> tuple[Withdrawal, ...]:
    """The log of changes of a ward and week, in its order (C7).

    Raises
    ------
    InputError
        If a line is damaged.
    """
    found = []
    for number, data in _lines(root, CHANGES):
        try:
            if (data["ward"], data["week"]) == (ward, week):
                found.append(
                    Withdrawal(
                        person_id=str(data["person_id"]),
                        reason_code=str(data["reason_code"]),
                        patrol_ids=tuple(str(p) for p in data["taken_off"]),
                        planned=int(data["planned"]),
                    )
                )
        except NOT_OURS as error:
            raise _bad_line(CHANGES, number) from error
    return tuple(found)


def _known_remits(
    root: Path, told: ToldPlan | None
) -> tuple[tuple[str, tuple[PatrolRemit, ...]], ...]:
    """The remits of the log, and of the plan that was told: the log may not have come along."""
    written = () if told is None else told.remits.values()
    known = dict(read_remits(root)) | {remit_of(patrols): patrols for patrols in written}
    return tuple(sorted(known.items()))


def _plan(data: Mapping[str, Any]) -> ToldPlan:
    return ToldPlan(
        ward=str(data["ward"]["code"]),
        week=str(data["week"]["label"]),
        made_on=date.fromisoformat(data["made_on"]),
        patrols=tuple(_patrol(p) for p in data["patrols"]),
        remits={
            str(urn): tuple(from_data(p) for p in entry["patrols"])
            for urn, entry in data["remits"].items()
        },
        days_share=float(data["parameters"].get("patrols.days_share", 1)),
    )


def _patrol(data: Mapping[str, Any]) -> ToldPatrol:
    staffing = data["staffing"]
    return ToldPatrol(
        patrol_id=str(data["patrol_id"]),
        day=date.fromisoformat(data["day"]),
        start_min=int(data["start_min"]),
        end_min=int(data["end_min"]),
        urns=tuple(str(urn) for urn in data["urns"]),
        corridor_id=str(data["corridor_id"]),
        aim=str(staffing["aim"]),
        police_level=str(staffing["police_level"]),
        people=tuple(sorted((str(a["person_id"]), str(a["role"])) for a in staffing["people"])),
    )


def _is_told(inputs: Inputs, root: Path) -> bool:
    ward, week = inputs.ward.code, inputs.week.label
    logged = standing(entries_of(inputs.approvals, ward, week))
    if any(e.state in ("agreed", "published") for rows in logged.values() for e in rows):
        return True
    return (root / "maps" / "public" / ward / week / NOTICE_FILE).is_file()


def _record(kind: str, plan: ToldPlan) -> SourceRecord:
    roster = plan.roster
    days = [p.day for p in plan.patrols]
    return SourceRecord(
        kind, plan_place(plan.ward, plan.week), roster_hash(roster),
        len(roster), len(roster), notes=("the hash is of who is on which patrol",),
        first=min(days, default=None), last=max(days, default=None),
    )  # fmt: skip


def week_before(week: str) -> str:
    """Label of the week before."""
    year, number, _ = (parse_week(week).days[0] - timedelta(days=7)).isocalendar()
    return f"{year:04d}-W{number:02d}"


def _lines(root: Path, file: str) -> list[tuple[int, dict[str, Any]]]:
    """The rows of a log of JSON lines, with their numbers."""
    path = root / file
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            data = json.loads(line)
        except NOT_OURS as error:
            raise _bad_line(file, number) from error
        if not isinstance(data, dict):
            raise _bad_line(file, number)
        found.append((number, data))
    return found


def _bad_line(file: str, number: int) -> InputError:
    return InputError(
        "is not as this tool wrote it", file=file, row=number,
        fix="Put the file back from a copy; it only ever grows",
    )  # fmt: skip
