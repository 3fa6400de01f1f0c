"""`corridors purge`: remove working copies past their date, and log it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.audit import audited, reason_option
from corridors.cli.options import day_of, not_to_come, on_option, workspace_argument

if TYPE_CHECKING:
    from corridors.profile import Retention
    from corridors.publish.purging import Stale
    from corridors.sources.fetch.cache import Cache


@click.command()
@workspace_argument
@on_option
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@reason_option
def purge(workspace: Path, on: datetime | None, *, dry_run: bool, yes: bool) -> None:
    """Remove what is past its date: incident files, cached crimes, weeks planned long ago.

    [retention] in corridors.toml says after how many days: incidents_days (0 if not given: they go
    once the plan is made) and derived_days (365). Notices, approvals, records of people and logs
    stay. No link is followed, and nothing outside WORKSPACE is touched.
    """
    from corridors import sources
    from corridors.publish.purging import remove, stale
    from corridors.sources.fetch.cache import Cache

    opened = sources.open_workspace(workspace)
    day = day_of(on) if dry_run else not_to_come(day_of(on))
    kept_for = opened.profile.retention
    with audited(opened, "purge") as audit:
        named = [file.path for file in opened.incidents.files]
        gone, left = stale(workspace, named, kept_for, day)
        cache = Cache(workspace)
        crimes = _old_crimes(cache, kept_for, day)
        for line in _words(gone, len(crimes), left):
            click.echo(line)
        if dry_run or not (gone or crimes):
            click.echo("Nothing was removed.")
            return
        if not yes:
            click.confirm("Remove all this for good?", abort=True)
        for one in remove(workspace, gone):
            audit.note_removed(one.kind, one.files)
        if crimes:
            cache.forget(crimes)
            audit.note_removed("cached crimes", len(crimes))
    click.echo("Removed, and logged by number.")


def _old_crimes(cache: Cache, kept_for: Retention, day: date) -> list[str]:
    """Keys of cached answers about crimes that are past their date."""
    from corridors.publish.purging import is_past

    return [
        key
        for key, entry in cache.entries()
        if entry is not None
        and entry.provenance.kind == "crimes"
        and is_past(_fetched_on(entry.provenance.fetched_at), kept_for.incidents_days, day)
    ]


def _fetched_on(text: str) -> date:
    """The day of a note; one that cannot be read counts as long ago, so that it does not stay."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).date()
    except ValueError:
        return date.min


def _words(gone: tuple[Stale, ...], crimes: int, left: tuple[str, ...]) -> list[str]:
    from corridors.publish.wording import clean

    lines = [
        clean(f"{one.place}: {one.kind} of {one.dated:%d/%m/%Y}, {one.files} files") for one in gone
    ]
    lines += [f"data/osm_cache: {crimes} cached answers about crimes"] if crimes else []
    return [*lines, *(f"Left alone: {clean(words)}" for words in left)]
