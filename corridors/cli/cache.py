"""`corridors cache`: what was fetched and is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from corridors.cli.options import json_option, workspace_argument


@click.group()
def cache() -> None:
    """Show, check or clear what `corridors fetch` keeps, so that it need not ask again."""


@cache.command("list")
@workspace_argument
@json_option
def list_entries(workspace: Path, *, as_json: bool) -> None:
    """What is kept: from where, since when, how large."""
    entries = _entries(workspace)
    if as_json:
        click.echo(json.dumps(entries, indent=2, sort_keys=True))
        return
    for entry in entries:
        click.echo(_line(entry))
    if not entries:
        click.echo("Nothing is kept.")


@cache.command()
@workspace_argument
@json_option
@click.pass_context
def verify(ctx: click.Context, workspace: Path, *, as_json: bool) -> None:
    """Read everything that is kept and compare it with its SHA-256.

    Exit code 1 if anything is damaged. A damaged entry is never used: the next fetch asks anew.
    """
    entries = _entries(workspace)
    damaged = [entry for entry in entries if entry["is_damaged"]]
    if as_json:
        report = {"kept": len(entries) - len(damaged), "damaged": [e["key"] for e in damaged]}
        click.echo(json.dumps(report, indent=2, sort_keys=True))
    else:
        for entry in damaged:
            click.echo(_line(entry))
        click.echo(f"{len(entries) - len(damaged)} whole, {len(damaged)} damaged.")
    if damaged:
        ctx.exit(1)


@cache.command()
@workspace_argument
@click.option("--damaged-only", is_flag=True, help="Keep what is whole.")
def clear(workspace: Path, *, damaged_only: bool) -> None:
    """Remove what is kept, so that the next fetch asks again; fetched files stay."""
    from corridors.cli.fetch import lock_of
    from corridors.files import one_run
    from corridors.sources import open_workspace
    from corridors.sources.fetch.cache import Cache

    root = open_workspace(workspace).root
    with one_run(lock_of(root), writes="files"):
        gone = Cache(root).clear(damaged_only=damaged_only)
    click.echo(f"{gone} files removed.")


def _entries(workspace: Path) -> list[dict[str, Any]]:
    from corridors.sources import open_workspace
    from corridors.sources.fetch.cache import Cache

    told: list[dict[str, Any]] = []
    for key, entry in Cache(open_workspace(workspace).root).entries():
        about: dict[str, Any] = {"key": key, "is_damaged": entry is None}
        if entry is not None:
            about |= {"bytes": entry.size, "sha256": entry.sha256, **vars(entry.provenance)}
        told.append(about)
    return told


def _line(entry: dict[str, Any]) -> str:
    from corridors.sources.csvs import printable

    if entry["is_damaged"]:
        return f"{entry['key'][:12]}  damaged, never used; the next fetch asks anew"
    dated = f", data of {entry['dated']}" if entry["dated"] else ""
    line = (
        f"{entry['key'][:12]}  {entry['kind']}, {entry['bytes']:,} bytes, from {entry['url']} "
        f"at {entry['fetched_at']}{dated}"
    )
    return printable(line, 400)
