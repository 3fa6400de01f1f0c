"""`corridors check`: every input, one line each."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("workspace", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
@click.pass_context
def check(ctx: click.Context, workspace: Path, *, as_json: bool) -> None:
    """Read every input of WORKSPACE: rows, what was dropped and why, area, dates.

    Exit code 1 if anything is wrong, with all errors at once.
    """
    from corridors import sources

    lines, errors = sources.check(sources.open_workspace(workspace))
    if as_json:
        report = {"inputs": [line.as_dict() for line in lines], "errors": [str(e) for e in errors]}
        click.echo(json.dumps(report, indent=2, sort_keys=True))
    else:
        for line in lines:
            click.echo(str(line))
        for error in errors:
            click.echo(f"error: {error}", err=True)
    if errors:
        ctx.exit(1)
