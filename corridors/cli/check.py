"""`corridors check`: every input, one line each."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corridors.cli.audit import audited, reason_option


@click.command()
@click.argument("workspace", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
@reason_option
@click.pass_context
def check(ctx: click.Context, workspace: Path, *, as_json: bool) -> None:
    """Read every input of WORKSPACE: rows, what was dropped and why, area, dates.

    Exit code 1 if anything is wrong, with all errors at once. Incident rows that were left out
    are listed in log/quarantine_OS.csv: row numbers and reasons, no contents.
    """
    from corridors import sources
    from corridors.cli.written import write_dropped

    opened = sources.open_workspace(workspace)
    dropped: list[sources.Dropped] = []
    with audited(opened, "check") as audit:
        lines, errors = sources.check(opened, on_dropped=dropped.append)
        audit.note_read(lines)
        kept = write_dropped(workspace, dropped)
    if as_json:
        report = {"inputs": [line.as_dict() for line in lines], "errors": [str(e) for e in errors]}
        click.echo(json.dumps(report, indent=2, sort_keys=True))
    else:
        for line in lines:
            click.echo(str(line))
        for words in kept:
            click.echo(words, err=True)
        for error in errors:
            click.echo(f"error: {error}", err=True)
    if errors:
        ctx.exit(1)
