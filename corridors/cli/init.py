"""`corridors init`: a new workspace."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("workspace", type=click.Path(file_okay=False, path_type=Path))
def init(workspace: Path) -> None:
    """Make a new workspace with a commented corridors.toml and file templates.

    Files that are there already are kept.
    """
    from corridors import sources
    from corridors.files import write_text_atomically

    for name, content in sources.init_files().items():
        path = workspace / name
        if path.exists():
            click.echo(f"kept     {path}")
            continue
        write_text_atomically(path, content)
        click.echo(f"written  {path}")
    click.echo(f"Next: fill in {workspace / 'corridors.toml'}, then: corridors check {workspace}")
