"""`corridors plan`: one ward's week."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from corridors.batch.remits import keep_agreed
from corridors.cli.audit import audited, reason_option
from corridors.cli.options import (
    day_of,
    json_option,
    made_on_option,
    ward_argument,
    week_option,
    workspace_argument,
)
from corridors.cli.progress import progress
from corridors.cli.written import path_words, write_dropped

if TYPE_CHECKING:
    from corridors.model import Coverage, Plan, Session
    from corridors.profile import Profile

DAYS_DIFFER: Final = (
    "Each day has routes of its own, at other times: what an earlier day of the week covered is "
    "worth less. Shares are of what there is that day."
)


@click.command()
@workspace_argument
@ward_argument
@week_option
@made_on_option
@click.option(
    "--anew",
    is_flag=True,
    help="Forget who was told to walk. Without it, a week that a school agreed to or that has a "
    "notice keeps its people as far as it can.",
)
@click.option(
    "--randomise-days",
    "share",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="SHARE",
    help="Draw by lot on which days each corridor is patrolled, such as 0.5, for a fair "
    "evaluation later. Each weekday is patrolled equally often.",
)
@reason_option
@json_option
def plan(
    workspace: Path,
    ward: str,
    week: str,
    made_on: datetime | None,
    *,
    anew: bool,
    share: float | None,
    as_json: bool,
) -> None:
    """Plan the WEEK of WARD (a ward code or name) from the files of WORKSPACE.

    Writes the working map, the roster and the plan for staff, and the notice for families, which
    holds what the schools agreed to (`corridors approve`).
    """
    how = How(day_of(made_on), anew=anew, days_share=share)
    write_plan(workspace, ward, week, how, as_json=as_json)


@dataclass(frozen=True)
class How:
    """How a plan is made: from which day, and what is done about earlier ones."""

    made_on: date
    anew: bool = False  # forget who was told
    days_share: float | None = None  # of days drawn by lot; as the profile has it if None

    def of(self, profile: Profile) -> Profile:
        """The profile that the plan is made with."""
        if self.days_share is None:
            return profile
        return replace(profile, patrols=replace(profile.patrols, days_share=self.days_share))


def write_plan(workspace: Path, ward: str, week: str, how: How, *, as_json: bool) -> None:
    """Plan, write and say what was done."""
    from corridors import pipeline, publish, sources
    from corridors.publish.public import publication
    from corridors.teams.parts import support_words

    opened = sources.open_workspace(workspace)
    dropped: list[sources.Dropped] = []
    with audited(opened, "plan") as audit, progress(quiet=as_json) as tell:
        tell("inputs", 0.0)
        inputs = sources.load_inputs(opened, ward, week, how.made_on, on_dropped=dropped.append)
        audit.note_read(inputs.sources)
        kept = write_dropped(workspace, dropped)
        inputs = sources.with_told(inputs, workspace, anew=how.anew)
        profile = how.of(opened.profile)
        made = pipeline.make_plan(
            inputs, profile, lambda stage, share: tell(stage, 0.2 + 0.7 * share)
        )
        tell("pages", 0.9)
        keep_agreed(workspace, made)
        paths = publish.write(made, profile, workspace)
        audit.note_wrote(paths)
    decided = publication(made, profile.notice, profile.teams)
    support = support_words((p.staffing for p in made.patrols), profile.teams)
    summary = _summary(made, decided.reasons, [str(p) for p in paths]) | {"police_part": support}
    if as_json:
        click.echo(json.dumps(summary, indent=2, sort_keys=True))
    else:
        told = [
            *_words(made, summary, decided.reasons),
            *_to_record(made, is_open=bool(decided.plan)),
        ]
        click.echo("\n".join([*told, *kept, *path_words(paths)]))


def _to_record(made: Plan, *, is_open: bool) -> list[str]:
    """What is still to go on record: this command knows nobody who hands a notice out (F8)."""
    from corridors.teams.agreement import entries_of

    inputs = made.inputs
    entries = entries_of(inputs.approvals, inputs.ward.code, inputs.week.label)
    if not is_open or any(e.state == "published" for e in entries):
        return []
    return ["Once the notice is handed out, record by whom: `corridors approve --state published`."]


def _summary(made: Plan, withheld: tuple[str, ...], files: list[str]) -> dict[str, object]:
    staffed = [p for p in made.patrols if p.staffing.is_staffed]
    return {
        "ward": made.inputs.ward.code,
        "week": made.inputs.week.label,
        "corridors": len(made.corridors),
        "patrols": len(made.patrols),
        "staffed": len(staffed),
        "without_police": sum(p.staffing.police_minutes == 0 for p in staffed),
        "gap": max((c.gap for *_, c in made.coverage), default=0.0),
        "met": [
            {
                "session": number + 1,
                "day": day.isoformat(),
                "share": c.met / c.met_total,
                "loose_bound": c.met_bound / c.met_total,
            }
            for number, day, c in made.coverage
            if c.met_total
        ],
        "no_patrol": [{"urn": n.urn, "reason": n.reason} for n in made.no_patrol],
        "unstaffed": [
            {"patrol": p.patrol_id, "reason": p.staffing.reason}
            for p in made.patrols
            if not p.staffing.is_staffed
        ],
        "not_on_the_notice": list(withheld),
        "hot_spots": [
            {"id": h.hot_spot_id, "streets": list(h.street_names), "p": h.p_value}
            for h in made.hot_spots
        ],
        "findings": [
            {"key": f.key, "words": f.words, "warning": f.is_warning} for f in made.findings
        ],
        "roster": _roster(made),
        "warnings": list(made.warnings),
        "files": files,
    }


def _words(made: Plan, summary: dict[str, object], withheld: tuple[str, ...]) -> list[str]:
    """What was planned, what was not, and why: a line each."""
    from corridors.publish.trust import hot_spot_rows

    count = len(made.corridors)
    head = (
        f"{made.inputs.ward.name} ({made.inputs.ward.code}), week {made.inputs.week.label}: "
        f"{count} corridor{'' if count == 1 else 's'}, {summary['staffed']} of "
        f"{summary['patrols']} patrols staffed, {summary['without_police']} of them without police."
    )
    lines = [head]
    lines += filter(None, [str(summary["police_part"])])
    by_day = sorted(made.coverage, key=lambda item: item[1::-1])
    lines += [_covered(made.sessions[i], day, c) for i, day, c in by_day]
    if len(made.coverage) > 1:
        lines.append(DAYS_DIFFER)
    names = made.inputs.schools["name"]
    lines += [f"No patrol for {names[n.urn]} ({n.urn}): {n.reason}." for n in made.no_patrol]
    unstaffed = [p.staffing.reason for p in made.patrols if not p.staffing.is_staffed]
    lines += [f"Not staffed: {reason}" for reason in dict.fromkeys(unstaffed)]
    lines += _roster_words(made)
    lines += [f"Not on the notice: {reason}" for reason in withheld]
    lines += [f"Risk: {w}" for w in made.risk_words[:1]]
    lines += [f"Hot spot {h.hot_spot_id}: {h.where}. {h.chance}." for h in hot_spot_rows(made)]
    lines += [f"Note: {w}" for w in made.warnings]
    return [*lines, *(f"Trust: {f.words}" for f in made.findings if f.is_warning)]


def _roster(made: Plan) -> dict[str, object]:
    report = made.roster
    return {
        "exposure": report.exposure,
        "repeat_share": report.repeat_share,
        "load": list(report.load),
        "wishes": [
            {"name": w.name, "value": w.value, "proven": w.is_proven} for w in report.wishes
        ],
        "unproven": list(report.unproven),
    }


def _roster_words(made: Plan) -> list[str]:
    """The roster in figures: exposure, the same people, load, changes, and what is not proven."""
    report = made.roster
    if not report.wishes:
        return []
    text = [f"exposure {report.exposure:,.0f} police person-minutes x pupils"]
    changes = [w.value for w in report.wishes if w.name == "changes"]
    text += [f"{value:.0f} changes to the roster that was told" for value in changes]
    if report.repeat_share is not None:
        text.append(f"{report.repeat_share:.0%} the same people as last week")
    if report.load:
        text.append(f"{report.load[0]} to {report.load[-1]} patrols a person")
    proof = (
        f"not proven best in: {', '.join(report.unproven)}" if report.unproven else "proven best"
    )
    return [f"Roster: {'; '.join([*text, proof])}."]


def _covered(session: Session, day: date, coverage: Coverage) -> str:
    from corridors.model import local_time
    from corridors.publish.wording import WEEKDAYS

    total = max(coverage.total, 1)
    return (
        f"{WEEKDAYS[day.weekday()][:3]} from {local_time(session.start_min)}: "
        "no plan with these teams and times can cover "
        f"more than {coverage.upper_bound / total:.1%} of the corridors; the routes cover "
        f"{coverage.value / total:.1%}.{_met(coverage)}"
    )


def _met(coverage: Coverage) -> str:
    if not coverage.met_total:
        return ""
    return (
        " Taken quarter of an hour by quarter of an hour, teams are there for "
        f"{coverage.met / coverage.met_total:.1%} of risk and pupils; no plan can be there for "
        f"more than {coverage.met_bound / coverage.met_total:.1%}, a loose limit."
    )
