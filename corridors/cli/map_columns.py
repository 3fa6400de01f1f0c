"""`corridors map-columns`: which column of a force export is which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.audit import Audit, audited, reason_option

if TYPE_CHECKING:
    from corridors.sources import Workspace
    from corridors.sources.mapping import Column, Suggestion

_CAREFUL = (
    "Check that it is right: the examples are what was understood, and no column but these is read."
)


@click.command(name="map-columns")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--workspace", "root", type=click.Path(path_type=Path), metavar="DIR",
    help="Its ward boundaries tell swapped axes and other vintages; its log says who looked.",
)  # fmt: skip
@click.option("--write", is_flag=True, help="Put the mapping into the workspace's corridors.toml.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@reason_option
def map_columns(file: Path, root: Path | None, *, write: bool, yes: bool) -> None:
    """Suggest which column of a force export is which, with what would be read from each.

    Says how many rows each rule leaves out or changes. Shows dates, points and classes as they
    were understood; never a reference, free text, or a cell of another column.
    """
    from corridors import sources
    from corridors.errors import InputError

    if root is None:
        if write:
            raise InputError(
                "is needed to write the mapping", column="--workspace", fix="Name the folder"
            )
        click.echo("No workspace is given, so nobody logs that this file was read.", err=True)
        _tell(file, None, None)
        return
    opened = sources.open_workspace(root)
    with audited(opened, "map-columns") as audit:
        section = _tell(file, opened, audit)
        if write:
            _write(root, section, yes=yes)


def _tell(file: Path, opened: Workspace | None, audit: Audit | None) -> str:
    """Print the suggestion; returns the section of corridors.toml."""
    from corridors.publish.columns import columns_section
    from corridors.sources.mapping import suggest_mapping

    found = suggest_mapping(
        file,
        file=file.name,
        offences=opened.incidents.offences if opened else None,
        boundaries=opened.boundaries if opened and opened.boundaries.path.is_file() else None,
    )
    if audit is not None:
        audit.note_table("incidents", found.rows, found.used, found.sha256)
    section = columns_section(found.mapping, found.unknown)
    click.echo("\n".join([*_words(found), "", section, _CAREFUL]))
    return section


def _write(root: Path, section: str, *, yes: bool) -> None:
    from corridors.publish.columns import write_columns
    from corridors.sources.workspace import FILE_NAME

    if not yes:
        click.confirm(f"Write this into {root / FILE_NAME}?", abort=True)
    write_columns(root / FILE_NAME, section)
    click.echo(f"Written to {root / FILE_NAME}.")


def _words(found: Suggestion) -> list[str]:
    from corridors.sources.csvs import printable

    head = (
        f"{printable(found.file, 80)}: {found.rows} rows, {found.used} of them can be used; "
        f"{found.unread} other columns are not read."
    )
    lines = [head]
    lines += [line for column in found.columns for line in _column(column)]
    lines += [f"Not as its name says: {words}." for words in found.changes]
    lines += [f"This mapping does not work: {found.problem}"] if found.problem else []
    lines += [f"Left out: {rows} rows ({reason})." for reason, rows in found.dropped]
    lines += [f"Note: {note}." for note in found.notes]
    lines += [f"Wards: {words}." for words in found.wards]
    if found.piles:
        lines.append("The points that occur most often; a station desk is no place:")
        lines += [
            f"  {rank}. {pile.rows} rows ({pile.share:.1%}) on one point in square {pile.square}"
            for rank, pile in enumerate(found.piles, start=1)
        ]
    return lines


def _column(column: Column) -> list[str]:
    from corridors.sources.csvs import printable

    shown = f": {', '.join(column.examples)}" if column.examples else ""
    lines = [f"  {column.name:<13} {printable(column.header)}, {column.filled} filled{shown}"]
    if column.others:
        others = ", ".join(map(printable, column.others))
        lines.append(f"  {'':<13} or, if that is wrong: {others}")
    return lines
