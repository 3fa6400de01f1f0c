"""`corridors bundle`: a workspace's inputs, carried to a machine without network."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from corridors.cli.audit import audited, reason_option
from corridors.cli.options import workspace_argument

_PHONE: Final = (
    "Read the SHA-256 out on the telephone: if both machines say the same, the file arrived whole "
    "and is the one that was made."
)


@click.group()
def bundle() -> None:
    """Carry the inputs of one workspace to a machine without network, as one file."""


@bundle.command()
@workspace_argument
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--with-plans", is_flag=True, help="Also the plans written so far, for their rosters."
)
@reason_option
def make(workspace: Path, file: Path, *, with_plans: bool) -> None:
    """Write all that WORKSPACE reads into FILE, whose name ends in _OS.zip.

    OFFICIAL-SENSITIVE: it holds people and incidents. Carry it as you would carry these.
    """
    from corridors import sources
    from corridors.sources.bundle import make_bundle

    with audited(sources.open_workspace(workspace), "bundle") as audit:
        made = make_bundle(workspace, file, with_plans=with_plans)
        audit.note_table(
            "bundle", len(made.manifest.members), len(made.manifest.members), made.sha256
        )
    click.echo(
        f"{file}: {len(made.manifest.members)} files, {made.size:,} bytes, OFFICIAL-SENSITIVE"
    )
    if made.carried:
        click.echo(f"From outside the workspace: {', '.join(made.carried)}")
    click.echo(f"SHA-256 {made.sha256}\n{_PHONE}")


@bundle.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
def open_(file: Path, folder: Path) -> None:
    """Unpack FILE into FOLDER, which is not there yet or empty; all of it, or nothing."""
    from corridors import __version__
    from corridors.sources.bundle import open_bundle

    opened = open_bundle(file, folder)
    made_with = opened.manifest.made_with
    click.echo(f"{folder}: {len(opened.manifest.members)} files")
    click.echo(f"SHA-256 {opened.sha256}\n{_PHONE}")
    if made_with != __version__:
        click.echo(
            f"Made with corridors {made_with}; this is {__version__}: plans may differ a little."
        )
    click.echo(f"Next: corridors check {folder}")
