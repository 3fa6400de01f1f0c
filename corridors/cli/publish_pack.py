"""`corridors publish-pack`: what patrols did, whom they touched, what came of it, for all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.audit import Audit, audited, reason_option
from corridors.cli.evaluate import evaluated, find_fixed, reports_of
from corridors.cli.options import day_of, made_on_option, workspace_argument
from corridors.errors import InputError

if TYPE_CHECKING:
    from corridors.evaluation.report import Touched
    from corridors.model import Decision
    from corridors.pipeline import Reports
    from corridors.programme import Programme
    from corridors.publish.earlier_packs import Published
    from corridors.publish.public_figures import Evaluated, Made, Told
    from corridors.sources import Workspace
    from corridors.sources.programmes import WrittenProgramme


@click.command("publish-pack")
@workspace_argument
@click.option("--quarter", metavar="YYYY-Qn", required=True, help="Such as 2026-Q1; it is over.")
@click.option("--by", required=True, metavar="JOB TITLE", help="Who publishes it; no name.")
@click.option("--organisation", required=True, metavar="NAME", help="For whom.")
@click.option(
    "--correction", "corrections", multiple=True, metavar="TEXT",
    help="What is corrected, where this quarter's pack is out already; may be given several times.",
)  # fmt: skip
@click.option("--check", is_flag=True, help="Only say what keeps the pack back.")
@made_on_option
@reason_option
def publish_pack(
    workspace: Path,
    *,
    quarter: str,
    by: str,
    organisation: str,
    corrections: tuple[str, ...],
    check: bool,
    made_on: datetime | None,
) -> None:
    """Write the publication pack of a quarter to maps/public/pack: pages, tables, records.

    Small counts are hidden so that nobody can work them out. Nothing is written while a record is
    missing, or a ratio waits for a named person's review: what is missing is listed.
    """
    from corridors import files, sources
    from corridors.labels import PUBLISHED
    from corridors.publish.earlier_packs import published_json, read_published
    from corridors.publish.indexes import write_indexes
    from corridors.publish.logs import plain_cell
    from corridors.publish.pack import write_pack
    from corridors.publish.public_figures import blocked, make_public

    opened = sources.open_workspace(workspace)
    who = plain_cell(by, "--by"), plain_cell(organisation, "--organisation")
    said = tuple(plain_cell(text, "--correction", longest=1000) for text in corrections)
    with audited(opened, "publish-pack") as audit:
        published = read_published(workspace)
        told = _told(opened, _over(quarter, day_of(made_on)), published, said, made_on, audit)
        for line in _not_counted(told.touched):
            click.echo(line)
        lacks = blocked(told)
        if lacks or check:
            _refuse(lacks)
            return
        made = make_public(told)
        data = published_json(published, quarter, made.pack.version, made.tables)
        log, name = PUBLISHED.split("/")
        with _known_before(files.folder_inside(workspace, log) / name, data):
            paths = write_pack(made.pack, workspace)
        write_indexes(workspace)
        audit.note_wrote(paths)
        _record(opened, told, made, who, paths)
    for path in paths:
        click.echo(path)


@contextmanager
def _known_before(path: Path, data: bytes) -> Iterator[None]:
    """Put on record what a pack says before it is written; take it back if it is not.

    A run that is killed between leaves a record of what may be public, never a pack without one.
    """
    from corridors import files

    before = path.read_bytes() if path.is_file() else None
    files.write_text_atomically(path, data)
    try:
        yield
    except BaseException:
        if before is None:
            path.unlink()
        else:
            files.write_text_atomically(path, before)
        raise


def _over(quarter: str, today: date) -> str:
    from corridors.labels import QUARTER
    from corridors.publish.public_figures import quarter_days

    if not QUARTER.fullmatch(quarter):
        raise InputError("is no quarter", column="--quarter", value=quarter,
                         fix="Write it as 2026-Q1")  # fmt: skip
    last = quarter_days(quarter)[1]
    if last >= today:
        raise InputError(
            "is not over yet", column="--quarter", value=quarter,
            fix=f"Its last day is {last:%d/%m/%Y}. Only whole quarters are published: two packs "
            "that overlap could be taken off each other",
        )  # fmt: skip
    return quarter


def _told(
    opened: Workspace,
    quarter: str,
    published: Published,
    corrections: tuple[str, ...],
    made_on: datetime | None,
    audit: Audit,
) -> Told:
    from corridors import pipeline, sources
    from corridors.publish.announced import told_in_time
    from corridors.publish.earlier_packs import results_told
    from corridors.publish.public_figures import Told, quarter_days
    from corridors.sources.logs import decisions_of
    from corridors.sources.small_areas import read_small_areas

    version = published.versions.get(quarter, 0) + 1
    if (version > 1) != bool(corrections):
        raise InputError(
            "is published already: say with --correction what is corrected"
            if version > 1 else "has no pack yet that could be corrected",
            column="--quarter", value=quarter,
        )  # fmt: skip
    today = day_of(made_on)
    records = sources.load_records(opened)
    audit.note_read(records.sources)
    homes = opened.homes
    decisions = decisions_of(records.decisions)
    reports = reports_of(opened, today, audit)
    told_before = results_told(published, quarter)
    written = [
        sources.read_programme(opened.root, key) for key in sources.programme_keys(opened.root)
    ]
    programmes = tuple(
        _evaluated(opened, one, decisions, reports, today)
        for one in written
        if one.programme.key not in told_before
    )
    finished = tuple(
        (one.programme.title, told_before[one.programme.key])
        for one in written
        if one.programme.key in told_before
    )
    first, last = quarter_days(quarter)
    planned = sources.read_planned(opened.root, first, last)
    touched = pipeline.find_touched(
        planned,
        records,
        None if homes is None else read_small_areas(homes.locate(), file=homes.file),
        quarter,
        opened.profile,
        _schools([one.programme for one in written], first, last),
    )
    return Told(
        quarter=quarter,
        issued_on=today,
        version=version,
        area=opened.name,
        programmes=programmes,
        finished=finished,
        touched=touched,
        in_time=told_in_time(planned, opened.root),
        records=records,
        decisions=decisions,
        sources=records.sources,
        profile=opened.profile,
        earlier=published.before(quarter),
        corrections=corrections,
    )


def _schools(programmes: Iterable[Programme], first: date, last: date) -> set[str]:
    """Schools of the programmes that these days are part of, as far back as they are compared."""
    return {
        urn
        for each in programmes
        if each.before_from <= last and first <= each.ends_on
        for urn in each.urns
    }


def _not_counted(touched: Touched) -> Iterator[str]:
    """What is on record, but not in all figures, a sentence each."""
    if touched.without_plan:
        yield (
            f"Debriefs of patrols that no plan has any more: {touched.without_plan}. Their "
            "contacts and hours count, their minutes at schools and in areas do not."
        )
    if touched.unreadable:
        yield (
            "Plans of an older version, whose patrols are not counted: "
            f"{', '.join(touched.unreadable)}."
        )


def _evaluated(
    opened: Workspace,
    written: WrittenProgramme,
    decisions: tuple[Decision, ...],
    reports: Callable[[], Reports],
    today: date,
) -> Evaluated:
    """A programme with its result, as far as there is one."""
    from corridors import sources
    from corridors.publish.public_figures import Evaluated

    fixed = find_fixed(decisions, written.programme.key)
    if fixed is None:
        return Evaluated(written.programme, None, None)
    areas = sources.read_areas(opened.root, fixed)
    if today <= written.programme.ends_on:
        return Evaluated(written.programme, areas, None)
    found = evaluated(opened, written, fixed, areas, reports, today)
    return Evaluated(written.programme, areas, found)


def _refuse(lacks: tuple[str, ...]) -> None:
    if not lacks:
        click.echo("Nothing keeps the pack back.")
        return
    raise InputError(
        "the pack is kept back. " + " ".join(f"({n}) {line}" for n, line in enumerate(lacks, 1))
    )


def _record(
    opened: Workspace, told: Told, made: Made, who: tuple[str, str], paths: tuple[Path, ...]
) -> None:
    """Put the pack's hash on record: of its list of hashes, which names every file."""
    from corridors.cli.decide import record_decisions
    from corridors.model import Decision

    sums = next(path for path in paths if path.name == "SHA256SUMS")
    sha256 = hashlib.sha256(sums.read_bytes()).hexdigest()
    record_decisions(
        opened, [Decision("pack", told.quarter, "", *who, sha256, made.pack.issued_on)]
    )
