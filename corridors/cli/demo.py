"""`corridors demo`: the fictional ward, anywhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from corridors.cli.plan import How, write_plan

WARDS = ("E05999001", "E05999002")
WEEK = "2026-W10"
MADE_ON = date(2026, 2, 20)


@click.command()
@click.argument("workspace", type=click.Path(file_okay=False, path_type=Path))
@click.option("--plan/--no-plan", "and_plan", default=True, help="Plan both demo wards too.")
def demo(workspace: Path, *, and_plan: bool) -> None:
    """Write the fictional demo workspace to WORKSPACE and plan its two wards.

    Files that are there already and differ are kept, and nothing is planned.
    """
    from corridors import demo as generator
    from corridors.errors import InputError
    from corridors.files import write_text_atomically

    files = {workspace / name: content for name, content in generator.files().items()}
    changed = [p for p, content in files.items() if p.exists() and p.read_bytes() != content]
    if changed:
        raise InputError(
            "is there already and is not the demo's",
            file=str(changed[0]),
            fix="Choose a new folder",
        )
    for path, content in files.items():
        write_text_atomically(path, content)
    click.echo(f"Demo workspace: {workspace}")
    for ward in WARDS if and_plan else ():
        write_plan(workspace, ward, WEEK, How(MADE_ON), as_json=False)
