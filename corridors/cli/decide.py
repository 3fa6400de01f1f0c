"""`corridors decide` and `corridors decisions`: what was decided, by whom and when (F8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.options import (
    day_of,
    json_option,
    not_to_come,
    on_option,
    require_named,
    workspace_argument,
)

if TYPE_CHECKING:
    from corridors.model import Decision
    from corridors.sources import Workspace

_FILE = "data/people/decisions.csv"
KINDS = ("decision", "review")


@click.command()
@workspace_argument
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What was done.")
@click.option(
    "--about", required=True, metavar="KEY", help="A programme's key, or a quarter as 2026-Q1."
)
@click.option(
    "--words", required=True, metavar="TEXT",
    help="What was decided and why, in a sentence or more. It is published: no names.",
)  # fmt: skip
@click.option("--by", required=True, metavar="JOB TITLE", help="Who did it: a job title, no name.")
@click.option("--organisation", required=True, metavar="NAME", help="For whom.")
@click.option(
    "--sha256", default="", metavar="HEX",
    help="Of the figures that were reviewed, as the tool said it. New figures need a new review.",
)  # fmt: skip
@on_option
def decide(  # noqa: PLR0913 - one option for each cell of the record
    workspace: Path,
    *,
    kind: str,
    about: str,
    words: str,
    by: str,
    organisation: str,
    sha256: str,
    on: datetime | None,
) -> None:
    """Put a decision or a review on record, for scrutiny. Rows are only added, never changed."""
    from corridors import sources
    from corridors.model import Decision
    from corridors.publish.logs import plain_cell
    from corridors.sources.logs import LONGEST_WORDS
    from corridors.sources.programmes import programme_keys

    opened = sources.open_workspace(workspace)
    made = Decision(
        kind, _about(about), plain_cell(words, "--words", longest=LONGEST_WORDS),
        plain_cell(by, "--by"), plain_cell(organisation, "--organisation"), _sha256(sha256),
        not_to_come(day_of(on)),
    )  # fmt: skip
    record_decisions(opened, [made])
    click.echo(f"On record: {_line(made)}")
    if kind == "review" and not made.sha256:
        click.echo("It names no figures (--sha256), so it releases none.")
    if about not in programme_keys(opened.root) and "-Q" not in about:
        click.echo(f"Note: there is no programme {about} in data/programmes yet.")


@click.command()
@workspace_argument
@json_option
def decisions(workspace: Path, *, as_json: bool) -> None:
    """Print what was decided, fixed, reviewed, approved and published, by whom and when.

    In order of date, with the approvals of weeks between. Checks that no row was changed.
    """
    import json
    from dataclasses import asdict

    from corridors import sources
    from corridors.cli.approve import approval_line
    from corridors.sources.logs import (
        decisions_of,
        last_chain,
        read_approvals,
        read_decisions,
    )
    from corridors.tables import Approvals, Decisions
    from corridors.teams.agreement import entries_of

    opened = sources.open_workspace(workspace)
    named = require_named(opened.decisions, "decisions", _FILE)
    table, record = read_decisions(named.require(), file=named.file)
    logs = {named.file: (record.sha256, last_chain(table, Decisions.chain))}
    approved = None
    if opened.approvals is not None:
        weeks = opened.approvals
        approved, of_weeks = read_approvals(weeks.require(), file=weeks.file)
        logs[weeks.file] = of_weeks.sha256, last_chain(approved, Approvals.chain)
    made, entries = decisions_of(table), entries_of(approved)
    if as_json:
        report = {
            "chain_holds": True,
            "files": {f: {"sha256": sha, "last_chain": end} for f, (sha, end) in logs.items()},
            "decisions": [asdict(d) | {"on": d.on.isoformat()} for d in made],
            "approvals": [asdict(e) | {"on": e.on.isoformat()} for e in entries],
        }
        click.echo(json.dumps(report, indent=2, sort_keys=True))
        return
    known = dict(sources.read_remits(workspace))
    lines: list[tuple[date, str]] = [(d.on, _line(d)) for d in made]
    lines += [(e.on, approval_line(e, known.get(e.remit, ()))) for e in entries]
    for _, line in sorted(lines, key=lambda dated: dated[0]):
        click.echo(line)
    ends = "; ".join(f"{end} of {file}" for file, (_, end) in logs.items() if end)
    click.echo(
        f"{len(lines)} entries. The chains hold: no row was changed, moved or taken out before "
        f"the last.{f' The last chains are {ends}.' if ends else ''}"
    )


def record_decisions(workspace: Workspace, made: Sequence[Decision]) -> None:
    """Add rows to the log of decisions, all or none; its chain is checked first.

    Parameters
    ----------
    made : cells cleaned already (``publish.logs.plain_cell``); ``areas_fixed`` and ``pack`` with
        the SHA-256 of what they are about.

    Raises
    ------
    InputError
        If the workspace names no such log, or the log is wrong or its chain broken.
    """
    from corridors.publish.logs import append_chained_rows, held
    from corridors.sources.logs import last_chain, read_decisions
    from corridors.tables import Decisions

    named = require_named(workspace.decisions, "decisions", _FILE)
    with held(named.path):
        exists = named.path.is_file()
        table = read_decisions(named.path, file=named.file)[0] if exists else None
        last = last_chain(table, Decisions.chain)
        append_chained_rows(named.path, named.file, tuple(Decisions.columns()), made, last)


def _about(text: str) -> str:
    from corridors.errors import InputError
    from corridors.sources.logs import ABOUT

    if not ABOUT.fullmatch(text):
        raise InputError(
            "is no key of a programme and no quarter", column="--about", value=text,
            fix="Up to 60 letters, digits, - and _, as after-school or 2026-Q1",
        )  # fmt: skip
    return text


def _sha256(text: str) -> str:
    from corridors.errors import InputError
    from corridors.sources.logs import SHA256

    if text and not SHA256.fullmatch(text):
        raise InputError(
            "is no SHA-256", column="--sha256", value=text,
            fix="Copy its 64 digits from 0-9 and a-f as the tool printed them",
        )  # fmt: skip
    return text


def _line(made: Decision) -> str:
    """One row for scrutiny: when, about what, what, who, and its words."""
    from corridors.publish.wording import clean, clean_name

    done = {
        "decision": "decided", "areas_fixed": "areas fixed", "review": "reviewed",
        "pack": "pack published",
    }[made.kind]  # fmt: skip
    who = f"{clean_name(made.by)}, {clean_name(made.organisation)}"
    words = f": {clean(made.words, 1000)}" if made.words else ""
    digest = f" [SHA-256 {made.sha256}]" if made.sha256 else ""
    return f"{made.on:%d/%m/%Y}  {made.about}: {done} by {who}{words}{digest}"
