"""`corridors log`: what became of the patrols that were planned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.audit import audited, reason_option
from corridors.cli.options import (
    day_of,
    not_to_come,
    on_option,
    require_named,
    workspace_argument,
)

if TYPE_CHECKING:
    import pandas as pd

    from corridors.cli.audit import Audit
    from corridors.errors import InputError
    from corridors.sources import NamedFile, Workspace
    from corridors.sources.debriefs import Logged

_MOST_ERRORS = 50
_MOST_MISSING = 40


@click.command(name="log")
@workspace_argument
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--template", "week", metavar="YYYY-Www",
    help="Give a CSV with a row for each patrol of this week, to be filled in: printed, or "
    "written to FILE, which must not be there yet.",
)  # fmt: skip
@on_option
@reason_option
@click.pass_context
def log(
    ctx: click.Context, workspace: Path, file: Path | None, *, week: str | None, on: datetime | None
) -> None:
    """Add the debriefs in FILE to the record of WORKSPACE, all of them or none.

    A debrief says in counts and codes what became of a planned patrol: no names, no free text.
    Each row is held against the written plans. A later debrief of a patrol replaces an earlier
    one; both stay in the record. Without FILE: how many patrols have a debrief, and which do not.
    """
    from corridors import sources

    opened = sources.open_workspace(workspace)
    day = not_to_come(day_of(on))
    with audited(opened, "log") as audit:
        if week is not None:
            _template(opened, file, week)
            return
        named = require_named(opened.debriefs, "debriefs", "data/patrols/debriefs.csv")
        if file is None:
            _tell(opened.root, _read(named, audit), day)
            return
        errors = _add(opened.root, named, file, day, audit)
    for error in errors[:_MOST_ERRORS]:
        click.echo(f"error: {error}", err=True)
    if errors:
        more = len(errors) - _MOST_ERRORS
        also = f" The first {_MOST_ERRORS} are above." if more > 0 else ""
        click.echo(f"{len(errors)} rows are wrong, so nothing was added.{also}", err=True)
        ctx.exit(2)


def _read(named: NamedFile, audit: Audit) -> pd.DataFrame | None:
    """The debriefs so far; None if there is no file yet."""
    from corridors.sources.debriefs import read_debriefs

    if not named.path.is_file() or not named.path.stat().st_size:
        return None
    table, record = read_debriefs(named.require(), named.file)
    audit.note_read([record])
    return table


def _add(root: Path, named: NamedFile, file: Path, day: date, audit: Audit) -> Sequence[InputError]:
    """Add the rows of ``file``, or return what is wrong with them."""
    from corridors.publish.logs import append_rows, held
    from corridors.sources.debriefs import COLUMNS, debrief_cells, new_to, read_new_debriefs

    found = read_new_debriefs(file, root, day)
    audit.note_read([found.record])
    if found.errors:
        return found.errors
    with held(named.path):
        new = new_to(_read(named, audit), found.entries)
        if new:
            append_rows(named.path, named.file, COLUMNS, map(debrief_cells, new))
            audit.note_wrote([named.path])
    click.echo(f"{len(new)} debriefs added to {named.file}.")
    same = len(found.entries) - len(new)
    if same:
        click.echo(f"{same} stand there already and were not added again.")
    if found.not_filled:
        click.echo(f"{found.not_filled} rows are not filled in and were left out.")
    return ()


def _template(opened: Workspace, file: Path | None, week: str) -> None:
    from corridors import sources
    from corridors.errors import InputError
    from corridors.files import write_text_atomically
    from corridors.publish.logs import csv_rows
    from corridors.sources.debriefs import COLUMNS, template_rows

    label = sources.parse_week(week).label
    rows = template_rows(opened.root, label)
    if not rows:
        raise InputError(
            "no written plan has a patrol with a team in this week", column="--template",
            value=label, fix="Run `corridors plan` first, or correct the week",
        )  # fmt: skip
    columns = [name for name in COLUMNS if name != "logged_on"]
    made = csv_rows(columns, rows)
    if file is None:
        click.echo(made.decode(), nl=False)
        return
    if file.exists() or file.is_symlink():
        raise InputError("is there already", file=str(file), fix="Name a new file")
    write_text_atomically(file, made)
    click.echo(f"{len(rows)} patrols to fill in: {file}")


def _tell(root: Path, table: pd.DataFrame | None, day: date) -> None:
    from corridors.sources.debriefs import logged

    for line in _lines(logged(root, table, day), day):
        click.echo(line)


def _lines(found: Logged, day: date) -> Iterable[str]:
    have = sum(found.states.values())
    states = ", ".join(f"{count} {state}" for state, count in found.states.items())
    yield (
        f"Up to {day:%d/%m/%Y} {found.planned} patrols with a team were planned; {have} have a "
        f"debrief: {states}."
    )
    if found.elsewhere:
        yield f"{found.elsewhere} debriefs are of patrols that no written plan has with a team."
    if found.missing:
        yield f"{len(found.missing)} have none yet:"
    for ward, week, patrol, on in found.missing[:_MOST_MISSING]:
        yield f"  {on:%d/%m/%Y}  {ward} {week}  {patrol}"
    if len(found.missing) > _MOST_MISSING:
        yield f"  and {len(found.missing) - _MOST_MISSING} more"
