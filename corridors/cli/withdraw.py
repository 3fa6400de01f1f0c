"""`corridors withdraw`: somebody cannot walk after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.batch.remits import keep_agreed
from corridors.cli.audit import Audit, audited, reason_option
from corridors.cli.options import (
    day_of,
    not_to_come,
    on_option,
    require_named,
    required_day_option,
    workspace_argument,
)
from corridors.cli.plan import How
from corridors.cli.progress import progress
from corridors.cli.written import path_words

if TYPE_CHECKING:
    from corridors.model import Plan
    from corridors.profile import Profile
    from corridors.sources import NamedFile, ToldPlan, Workspace
    from corridors.teams.changes import PatrolChange

# Those of ``tables.ABSENCE_CODES``, which would import pandas; a test holds them together.
CODES = ("abstracted", "leave", "sick", "training", "court", "left", "other")


@dataclass(frozen=True)
class _Absence:
    """Who is away, when, and a code for the class of reason."""

    person_id: str
    first: date
    last: date
    reason_code: str
    told_on: date

    @property
    def cells(self) -> dict[str, str]:
        """Its row in the absences file."""
        days = {"first": self.first, "last": self.last, "told_on": self.told_on}
        shown = {name: f"{day:%d/%m/%Y}" for name, day in days.items()}
        return {"person_id": self.person_id, "reason_code": self.reason_code, **shown}


@dataclass(frozen=True)
class _Replanned:
    """A week before and after."""

    told: ToldPlan
    plan: Plan
    changes: tuple[PatrolChange, ...]
    new_dates: dict[str, date | None]
    profile: Profile

    @property
    def is_proven(self) -> bool:
        """Whether no roster changes less."""
        from corridors.teams.changes import is_proven

        return is_proven(self.plan.roster)


@click.command()
@workspace_argument
@click.argument("person")
@required_day_option("--from", "first", "The first day away.")
@required_day_option("--to", "last", "The last day away.")
@click.option(
    "--reason-code", type=click.Choice(CODES), required=True,
    help="Class of reason. No other words are kept.",
)  # fmt: skip
@click.option("--ward", help="Re-plan this ward only (a code or name); all if not given.")
@click.option("--week", metavar="YYYY-Www", help="Re-plan this week only; all if not given.")
@reason_option
@on_option
def withdraw(  # noqa: PLR0913 - one option for each cell of the record
    workspace: Path,
    person: str,
    *,
    first: datetime,
    last: datetime,
    reason_code: str,
    ward: str | None,
    week: str | None,
    on: datetime | None,
) -> None:
    """PERSON (an id of the people file) is away: record it, and re-plan what was told.

    Every written plan with PERSON on a patrol on these days is made again with as few changes as
    possible. Patrols that lose their police need the protocol, or they are cancelled. The notice is
    corrected, messages to the schools are drafted, and the change is logged.
    """
    from corridors import files, sources

    opened = sources.open_workspace(workspace)
    absence = _Absence(person, first.date(), last.date(), reason_code, not_to_come(day_of(on)))
    lock = files.folder_inside(workspace, "maps") / ".withdraw.lock"
    with audited(opened, "withdraw") as audit, files.one_run(lock):
        named = _require(opened, absence)
        code = sources.find_ward_code(opened, ward) if ward else None
        label = sources.parse_week(week).label if week else None
        _record(opened, named, absence)
        weeks = _affected(workspace, absence, code, label)
        if not weeks:
            click.echo(f"No written plan has {person} on a patrol on these days.")
        for told in weeks:
            with progress(quiet=False) as tell:
                made = _replan(opened, told, absence, tell)
            _put(opened, made, absence, audit)


def _require(opened: Workspace, absence: _Absence) -> NamedFile:
    """The absences file, if all that was typed makes sense."""
    from corridors import sources
    from corridors.errors import InputError

    named = require_named(opened.absences, "absences", "data/people/absences.csv")
    known = sources.person_ids(opened)
    if absence.person_id not in known:
        same = [i for i in sorted(known) if i.casefold() == absence.person_id.casefold()]
        raise InputError(
            "is no person_id of the people file", column="person", value=absence.person_id,
            fix=f"Did you mean {same[0]}?" if same else "Write the id as it stands there",
        )  # fmt: skip
    if absence.last < absence.first:
        raise InputError("is before --from", column="--to", value=f"{absence.last:%d/%m/%Y}")
    if absence.first < absence.told_on:
        raise InputError(
            f"is before {absence.told_on:%d/%m/%Y}: days that are over cannot be planned again",
            column="--from", value=f"{absence.first:%d/%m/%Y}",
            fix="Begin today, or give the day on which it was known with --on",
        )  # fmt: skip
    return named


def _record(opened: Workspace, named: NamedFile, absence: _Absence) -> None:
    """Add the absence to its file, unless it stands there."""
    from corridors import sources
    from corridors.publish.logs import append_rows, held
    from corridors.tables import Absences

    with held(named.path):
        if sources.knows_absence(opened, absence.person_id, absence.first, absence.last):
            click.echo(f"{absence.person_id}: recorded in {named.file} before.")
            return
        append_rows(named.path, named.file, tuple(Absences.columns()), [absence.cells])
    click.echo(f"{absence.person_id}: recorded in {named.file}.")


def _affected(root: Path, absence: _Absence, ward: str | None, week: str | None) -> list[ToldPlan]:
    """Written plans in which the person is on a patrol on these days."""
    from corridors import sources
    from corridors.teams.changes import taken_off

    plans = (sources.read_told(root, *place) for place in sources.written_plans(root, ward, week))
    return [
        told
        for told in plans
        if told and taken_off(told.patrols, absence.person_id, absence.first, absence.last)
    ]


def _replan(opened: Workspace, told: ToldPlan, absence: _Absence, tell: Any) -> _Replanned:
    """The week again, from the same day and evidence, with as few changes as can be."""
    from dataclasses import replace

    from corridors import pipeline, sources
    from corridors.pipeline.new_dates import propose_dates
    from corridors.teams.changes import changes_of, without_protocol

    profile = How(told.made_on, days_share=told.days_share).of(opened.profile)
    inputs = sources.load_inputs(opened, told.ward, told.week, told.made_on)
    inputs = sources.with_told(inputs, opened.root, told=told)
    plan = pipeline.make_plan(inputs, profile, tell)
    kept = without_protocol(plan.patrols, told.patrols, inputs.protocol_terms)
    plan = replace(plan, patrols=kept)
    changes = changes_of(told.patrols, plan.patrols, absence.told_on)
    gone = [c.told for c in changes if c.is_cancelled]
    staffed = {p.patrol_id for p in plan.patrols if p.staffing.is_staffed}
    others = [p for p in told.patrols if p.patrol_id in staffed]
    taken = {(urn, p.day) for p in others for urn in p.urns}
    taken |= sources.patrolled_days(opened.root, told.ward, after=told.week)
    new_dates = dict(propose_dates(inputs, profile, gone, others, taken))
    return _Replanned(told, plan, changes, new_dates, profile)


def _put(opened: Workspace, made: _Replanned, absence: _Absence, audit: Audit) -> None:
    """Log first, then write: a run that is killed between them is made again, and logged twice."""
    from corridors import publish
    from corridors.publish.logs import append_lines
    from corridors.publish.spoc import spoc_messages
    from corridors.sources.rosters import CHANGES

    messages = spoc_messages(made.plan, made.profile, made.changes, made.new_dates, absence.told_on)
    keep_agreed(opened.root, made.plan)
    append_lines(opened.root, CHANGES, [_entry(made, absence)])
    paths = publish.write(
        made.plan, made.profile, opened.root, issued_on=absence.told_on, messages=messages
    )
    audit.note_read(made.plan.inputs.sources)
    audit.note_wrote(paths)
    click.echo("\n".join([*_words(made), *path_words(paths)]))


def _entry(made: _Replanned, absence: _Absence) -> dict[str, Any]:
    """The line of the log: ids and codes, no names."""
    from corridors.teams.changes import people_changed, taken_off

    before = made.plan.inputs.withdrawals
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "what": "withdraw",
        "ward": made.told.ward,
        "week": made.told.week,
        "person_id": absence.person_id,
        "first": absence.first.isoformat(),
        "last": absence.last.isoformat(),
        "reason_code": absence.reason_code,
        "told_on": absence.told_on.isoformat(),
        "planned": before[0].planned if before else len(made.told.roster),
        "taken_off": list(
            taken_off(made.told.patrols, absence.person_id, absence.first, absence.last)
        ),
        "changed": [c.told.patrol_id for c in made.changes if not c.is_cancelled],
        "cancelled": [c.told.patrol_id for c in made.changes if c.is_cancelled],
        "new_dates": {
            patrol: day.isoformat() if day else None for patrol, day in made.new_dates.items()
        },
        "people_changed": people_changed(made.changes),
        "is_proven": made.is_proven,
    }


def _words(made: _Replanned) -> list[str]:
    from corridors.publish.public import publication
    from corridors.teams.changes import people_changed

    count = people_changed(made.changes)
    proof = (
        "no roster that keeps as many patrols changes fewer: this is proven"
        if made.is_proven
        else "whether fewer would do was not proven"
    )
    gone = sum(c.is_cancelled for c in made.changes)
    head = (
        f"{made.told.ward}, week {made.told.week}: {len(made.changes)} patrols change, {gone} of "
        f"them cancelled. People are put on or taken off {count} times; {proof}."
    )
    lines = [head, *(_change_words(c, made.new_dates) for c in made.changes)]
    decided = publication(made.plan, made.profile.notice, made.profile.teams)
    lines += [f"Not on the notice: {reason}" for reason in decided.reasons]
    if decided.plan is None:
        lines.append("So nothing of this week is on the notice. One that was out says: cancelled.")
    return [*lines, *(w for w in made.plan.warnings if w.startswith("Abstraction"))]


def _change_words(change: PatrolChange, new_dates: dict[str, date | None]) -> str:
    from corridors.publish.wording import staff_words

    told = change.told
    if change.is_cancelled:
        day = new_dates.get(told.patrol_id)
        new = f"New date proposed: {day:%d/%m/%Y}." if day else "No new date was found."
        return f"  {told.patrol_id}: cancelled. {staff_words(change.reason)} {new}"
    moved = f"off {', '.join(change.off) or '-'}, on {', '.join(change.on) or '-'}"
    agree = " The schools have to agree to it again." if change.is_other_remit else ""
    return f"  {told.patrol_id}: {moved}.{agree}"
