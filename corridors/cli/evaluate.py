"""`corridors evaluate`: fix a programme's areas before it starts; later, say what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.audit import Audit, audited, reason_option
from corridors.cli.options import (
    day_of,
    json_option,
    made_on_option,
    require_named,
    workspace_argument,
)
from corridors.cli.progress import progress

if TYPE_CHECKING:
    from corridors.evaluation.report import Evaluation
    from corridors.model import Decision, FixedAreas, Ward
    from corridors.pipeline import Reports
    from corridors.programme import Programme
    from corridors.sources import Workspace
    from corridors.sources.programmes import WrittenProgramme

_FIXED = "areas_fixed"


@click.command()
@workspace_argument
@click.option("--programme", "key", metavar="KEY", required=True, help="Its file's name.")
@click.option(
    "--fix", is_flag=True, help="Fix the areas now, before the start; they never change again."
)
@click.option(
    "--by", default="", metavar="JOB TITLE", help="With --fix: who does it; a job title, no name."
)
@click.option("--organisation", default="", metavar="NAME", help="With --fix: for whom.")
@made_on_option
@reason_option
@json_option
def evaluate(
    workspace: Path,
    key: str,
    *,
    fix: bool,
    by: str,
    organisation: str,
    made_on: datetime | None,
    as_json: bool,
) -> None:
    """Say what came of a programme: first what could have been seen, then what was.

    Before the start, with --fix: choose the streets that it will be compared with, write all areas
    to a file and put its hash on record. After the start, without --fix: count on just these.
    """
    from corridors import sources

    opened = sources.open_workspace(workspace)
    written = sources.read_programme(workspace, key)
    opened.profile.teams.aim(written.programme.aim)  # raises for an aim that the profile lacks
    with audited(opened, "evaluate") as audit:
        if fix:
            from corridors import files

            folder = files.folder_inside(opened.root, "data", "programmes")
            with files.one_run(folder / f".{key}.lock", writes="areas"):
                _fix(opened, written, day_of(made_on), (by, organisation), audit)
            return
        reports = reports_of(opened, day_of(made_on), audit)
        fixed = _require_fixed(decisions_on_record(opened), key)
        areas = sources.read_areas(opened.root, fixed)
        found = evaluated(opened, written, fixed, areas, reports, day_of(made_on))
        from corridors.publish.evaluation_page import write_evaluation

        paths = write_evaluation(found, workspace)
        audit.note_wrote(paths)
    _tell(found, paths, as_json=as_json)


def evaluated(
    opened: Workspace,
    written: WrittenProgramme,
    fixed: Decision,
    areas: FixedAreas,
    reports: Callable[[], Reports],
    day: date,
) -> Evaluation:
    """A programme's result on the areas that were fixed for it.

    Parameters
    ----------
    fixed, areas : the record that they were fixed, and the areas. reports : from ``reports_of``.

    Raises
    ------
    InputError
        If the programme file has been changed since, or ``pipeline.make_evaluation`` refuses.
    """
    from corridors import pipeline

    _require_same(written, areas)
    return pipeline.make_evaluation(
        written.programme, areas, fixed.sha256, reports(), opened.profile, day
    )


def reports_of(opened: Workspace, day: date, audit: Audit) -> Callable[[], Reports]:
    """What evaluations count, read when it is first asked for, and once."""
    from corridors import pipeline, sources

    @cache
    def read() -> Reports:
        incidents, calendar, records = sources.load_reports(opened, day)
        audit.note_read(records)
        return pipeline.Reports(incidents, calendar)

    return read


def decisions_on_record(opened: Workspace) -> tuple[Decision, ...]:
    """The log of decisions, if its chain holds; empty if nothing is in it yet."""
    from corridors.sources.logs import decisions_of, read_decisions

    named = require_named(opened.decisions, "decisions", "data/people/decisions.csv")
    if not named.path.is_file():
        return ()
    return decisions_of(read_decisions(named.path, file=named.file)[0])


def find_fixed(decisions: tuple[Decision, ...], key: str) -> Decision | None:
    """The first record that the areas were fixed: later ones cannot take its place."""
    return next((d for d in decisions if d.kind == _FIXED and d.about == key), None)


def _require_fixed(decisions: tuple[Decision, ...], key: str) -> Decision:
    from corridors.errors import InputError

    found = find_fixed(decisions, key)
    if found is None:
        raise InputError(
            "the areas of this programme are not fixed", column="--programme", value=key,
            fix="Run this command with --fix first. Done before the start, it says more: areas "
            "that are fixed later are told, and hold the evidence at level 2",
        )  # fmt: skip
    return found


def _require_same(written: WrittenProgramme, areas: FixedAreas) -> None:
    from corridors.errors import InputError

    if areas.programme_sha256 != written.sha256:
        raise InputError(
            "has been changed since its areas were fixed", file=written.file,
            fix="Put it back as it was, with the lines that it names. What is compared, and when, "
            "is set before the start: for anything else begin a new programme",
        )  # fmt: skip


def _fix(
    opened: Workspace, written: WrittenProgramme, day: date, by: tuple[str, str], audit: Audit
) -> None:
    from corridors import files, pipeline, sources
    from corridors.cli.decide import record_decisions
    from corridors.errors import InputError
    from corridors.model import Decision
    from corridors.publish.areas_file import areas_json
    from corridors.publish.logs import plain_cell

    programme = written.programme
    who = plain_cell(by[0], "--by"), plain_cell(by[1], "--organisation")
    if find_fixed(decisions_on_record(opened), programme.key) is not None:
        raise InputError(
            "the areas of this programme are fixed already", column="--programme",
            value=programme.key, fix="They never change. For other areas begin a new programme",
        )  # fmt: skip
    with progress(quiet=False) as tell:
        tell("inputs", 0.0)
        inputs = sources.load_area(opened, None, day)
        audit.note_read(inputs.sources)
        asked = pipeline.Asked(programme, written.sha256, written.lines, _wards(opened, programme))
        areas = pipeline.fix_areas(inputs, asked, opened.profile, day, tell)
    data = areas_json(areas)
    path = opened.root / sources.areas_file(programme.key)
    files.write_text_atomically(path, data)
    audit.note_wrote([path])
    sha256 = hashlib.sha256(data).hexdigest()
    today = day_of(None)  # a day given by hand is no proof of when it was done
    record_decisions(opened, [Decision(_FIXED, programme.key, "", *who, sha256, today)])
    for check in areas.checks:
        metres = dict(check.metres)
        click.echo(f"{check.unit}: {metres['treated']:.0f} m of street; {check.words}.")
    if (counts_on := max(day, today)) >= programme.starts_on:
        click.echo(
            f"The programme has begun, on {programme.starts_on:%d/%m/%Y}: areas that are fixed on "
            f"{counts_on:%d/%m/%Y} hold the evidence at level 2."
        )
    click.echo(f"Fixed: {path} (SHA-256 {sha256})")


def _wards(opened: Workspace, programme: Programme) -> Mapping[str, Ward]:
    from corridors import sources

    named = {w for area in programme.areas for w in (area.ward, area.control_ward) if w}
    return sources.wards_by_code(opened, named)


def _tell(found: Evaluation, paths: tuple[Path, ...], *, as_json: bool) -> None:
    from corridors.publish.evaluation_page import evaluation_json, smallest_words, verdict_words

    if as_json:
        data = json.loads(evaluation_json(found)) | {"files": [str(path) for path in paths]}
        click.echo(json.dumps(data, indent=2, sort_keys=True))
        return
    lines = [
        smallest_words(found),
        *([found.claim_caution] if found.claim_caution else []),
        found.sentence,
        verdict_words(found),
        *(f"Caution: {text}" for text in (*found.cautions, found.scales) if text),
        *map(str, paths),
    ]
    click.echo("\n".join(lines))
