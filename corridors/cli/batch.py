"""`corridors batch`: every ward's week, each a unit of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.batch.outcome import STATUSES, Outcome, exit_code_of
from corridors.cli.audit import Audit, audited, reason_option
from corridors.cli.options import (
    day_of,
    json_option,
    made_on_option,
    week_option,
    workspace_argument,
)
from corridors.cli.progress import progress

if TYPE_CHECKING:
    from datetime import date

    from corridors.batch.run import Job, Report


@dataclass(frozen=True)
class _Where:
    """What plans the wards."""

    processes: int | None
    scheduler: str | None


@click.command()
@workspace_argument
@week_option
@click.option(
    "--wards",
    default="all",
    metavar="FILE|all",
    help="A text file of ward codes or names, one a line, # begins a comment; or all wards of the "
    "boundary file, which is what is done if this is not given.",
)
@made_on_option
@click.option(
    "--processes",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="How many wards to plan at a time on this machine; as many as it has processors if not "
    "given. Each takes up to 1 GB of memory.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="A Dask scheduler, such as tcp://10.0.0.5:8786, whose workers plan the wards. They need "
    "the workspace under the same path.",
)
@click.option("--force", is_flag=True, help="Plan again also what is finished and unchanged.")
@reason_option
@json_option
def batch(
    workspace: Path,
    week: str,
    wards: str,
    made_on: datetime | None,
    *,
    force: bool,
    as_json: bool,
    **where: Any,
) -> None:
    """Plan the WEEK of every ward from the files of WORKSPACE.

    What is finished and unchanged is left as it is, so a run that was stopped goes on when it is
    started again. One ward that fails stops no other. Exit code 0 only if all are done; 2 if a
    ward failed by its input, 1 if one by a fault of this tool.
    """
    from corridors.batch import state
    from corridors.batch.run import ALL, Job, begun_on, unchanged, wanted_in

    label = _week(week)
    wanted = None if wards == ALL else wanted_in(Path(wards))
    _require_workspace(workspace)
    with state.only_one(workspace, label):
        known = state.read_known(state.batch_folder(workspace, label))
        day = _day(made_on, begun_on(known))
        job = Job(workspace, label, day, wanted, force)
        report = unchanged(job, known)
        if report is None:
            report = _run(job, _Where(**where), quiet=as_json)
    if as_json:
        click.echo(json.dumps(_data(report), indent=2, sort_keys=True))
    else:
        click.echo("\n".join(_words(report)))
    raise click.exceptions.Exit(exit_code_of(report.outcomes))


def _week(text: str) -> str:
    from corridors.batch.state import is_week

    if is_week(text):
        return text
    from corridors import sources

    return sources.parse_week(text).label


def _require_workspace(root: Path) -> None:
    """Nothing is made in a folder that is no workspace."""
    if not (root / "corridors.toml").is_file():
        from corridors import sources

        sources.open_workspace(root)


def _day(made_on: datetime | None, begun: date | None) -> date:
    """The day that is given, or that of a batch which was not finished, or today."""
    if made_on is None and begun is not None:
        if begun != day_of(None):
            click.echo(
                f"Going on with the batch of {begun:%d/%m/%Y}, which is not finished. For another "
                "day give --made-on.",
                err=True,
            )
        return begun
    return day_of(made_on)


def _run(job: Job, where: _Where, *, quiet: bool) -> Report:
    """Open the workspace, plan what is to be planned, and say so in the audit log."""
    from corridors import sources
    from corridors.batch.engines import engine_of
    from corridors.batch.run import run
    from corridors.batch.units import run_unit
    from corridors.cli.written import write_dropped

    sources.parse_week(job.week)
    opened = sources.open_workspace(job.root)
    engine = engine_of(where.processes, where.scheduler)
    dropped: list[sources.Dropped] = []
    with audited(opened, "batch") as audit, _progress(quiet=quiet) as tell:
        report = run(opened, job, engine, run_unit, tell=tell, on_dropped=dropped.append)
        _note(audit, job, report)
        kept = write_dropped(job.root, dropped) if report.read else []
    if kept and not quiet:
        click.echo("\n".join(kept), err=True)
    return report


def _note(audit: Audit, job: Job, report: Report) -> None:
    audit.note_read(report.read.values())
    audit.note_hashes({job.root / w.place: w.sha256 for o in report.planned for w in o.files})
    audit.note_wrote(report.pages)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Wards that are finished and all, with the rate and the time left."""
    begun_s = time.monotonic()
    before: list[int] = []  # finished before this run began

    with progress(quiet=quiet) as tell:

        def told(count: int, total: int) -> None:
            before.append(count)
            words = _rate_words(count, total, count - before[0], time.monotonic() - begun_s)
            tell(words, count / max(total, 1))

        yield told


def _rate_words(count: int, total: int, new: int, took_s: float) -> str:
    """How far it is: ``12 of 18 wards, 5.1 a minute, about 2 minutes left``."""
    said = f"{count} of {total} wards"
    if not new or count == total or took_s <= 0:
        return said
    left_min = round((total - count) / (new / took_s) / 60)
    left = (
        f"about {left_min} minute{'' if left_min == 1 else 's'}" if left_min else "under a minute"
    )
    return f"{said}, {60 * new / took_s:.1f} a minute, {left} left"


def _data(report: Report) -> dict[str, object]:
    """The summary for scripts: as the file has it, of the wards that were asked for."""

    return {
        "week": report.week,
        "exit_code": exit_code_of(report.outcomes),
        "left_as_they_stood": report.left,
        "counts": _counts(report.outcomes),
        "wards": [
            {k: v for k, v in vars(o).items() if k not in ("files", "log")} for o in report.outcomes
        ],
        "files": [str(path) for path in report.pages],
    }


def _counts(outcomes: list[Outcome]) -> dict[str, int]:
    return {status: sum(o.status == status for o in outcomes) for status in STATUSES}


def _words(report: Report) -> list[str]:
    """A table of the wards, then the counts and where more stands."""
    rows = [_row(o) for o in report.outcomes]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    lines = ["  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[3]]).rstrip()
             for row in rows]  # fmt: skip
    said = [f"{n} {STATUSES[s]}" for s, n in _counts(report.outcomes).items() if n]
    total = len(report.outcomes)
    lines.append(f"{total} ward{'' if total == 1 else 's'}: {', '.join(said) or 'none'}.")
    if report.left:
        lines.append(f"Of them, {report.left} left as they stood: nothing has changed.")
    return [*lines, *(str(path) for path in report.pages)]


def _row(outcome: Outcome) -> tuple[str, str, str, str]:
    """Code, name, patrols, and how it ended, a cell each; names are hostile to a terminal too."""
    from corridors.errors import printable_line

    patrols = f"{outcome.staffed} of {outcome.patrols} patrols" if outcome.patrols else ""
    why = f": {outcome.reason[0]}" if outcome.status == "failed" and outcome.reason else ""
    name = "" if outcome.name == outcome.ward else printable_line(outcome.name)
    return printable_line(outcome.ward), name, patrols, f"{STATUSES[outcome.status]}{why}"
