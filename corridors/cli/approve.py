"""`corridors approve`: put on record who designed, proposed, agreed or published a week."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.options import (
    day_of,
    not_to_come,
    on_option,
    require_named,
    ward_argument,
    week_option,
    workspace_argument,
)

if TYPE_CHECKING:
    from corridors.model import PatrolRemit
    from corridors.sources import NamedFile
    from corridors.teams.agreement import Entry

_NEXT = {
    "designed": "Next: show it to the schools, then record --state proposed.",
    "proposed": "Next: once a school says yes, record --state agreed.",
    "agreed": "Next: run `corridors plan` again; what is agreed comes on the notice.",
    "published": "On record as given out. Changes need the schools' agreement again.",
    "withdrawn": "Next: run `corridors plan` again; the notice will say what no longer holds.",
}
_FILE = "data/people/approvals.csv"
STATES = ("designed", "proposed", "agreed", "published", "withdrawn")


@click.command()
@workspace_argument
@ward_argument
@week_option
@click.option("--state", type=click.Choice(STATES), required=True, help="What was done.")
@click.option(
    "--school", "urns", multiple=True, metavar="URN",
    help="A school it is about; may be given several times. All schools of the plan if not given.",
)  # fmt: skip
@click.option("--by", required=True, metavar="JOB TITLE", help="Who did it: a job title, no name.")
@click.option("--organisation", required=True, metavar="NAME", help="For whom.")
@on_option
def approve(  # noqa: PLR0913 - one option for each cell of the record
    workspace: Path,
    ward: str,
    week: str,
    *,
    state: str,
    urns: tuple[str, ...],
    by: str,
    organisation: str,
    on: datetime | None,
) -> None:
    """Record a step of WARD's written plan: designed, proposed, agreed, published or withdrawn.

    Each step needs the one before. An agreement is about the days, times, aim, police level and
    roles of the plan as it is written now; if one of these changes, the school has to agree again.
    """
    from corridors import sources
    from corridors.publish.logs import plain_cell
    from corridors.remit import remit_of
    from corridors.teams.agreement import Entry

    opened = sources.open_workspace(workspace)
    named = require_named(opened.approvals, "approvals", _FILE)
    step = (state, plain_cell(by, "--by"), plain_cell(organisation, "--organisation"))
    day = not_to_come(day_of(on))
    place = sources.find_ward_code(opened, ward), sources.parse_week(week).label
    told = sources.read_told(workspace, *place)
    remits = _chosen(dict(told.remits) if told else {}, urns)
    entries = [
        Entry(*place, urn, step[0], remit_of(patrols), step[1], step[2], day)
        for urn, patrols in remits.items()
    ]
    _record(workspace, named, entries, remits)
    for entry in entries:
        click.echo(f"{entry.urn}: {entry.state} on {entry.on:%d/%m/%Y} by {entry.by}.")
    click.echo(_NEXT[state])


@click.command()
@workspace_argument
@click.argument("ward", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def approvals(workspace: Path, ward: str | None, *, as_json: bool) -> None:
    """Print who approved what and when, for scrutiny, and check that no row was changed.

    Of all wards, or of one WARD (a code or name).
    """
    import json
    from dataclasses import asdict

    from corridors import sources
    from corridors.sources.logs import read_approvals
    from corridors.teams.agreement import entries_of

    opened = sources.open_workspace(workspace)
    named = require_named(opened.approvals, "approvals", _FILE)
    table, record = read_approvals(named.require(), file=named.file)
    code = None if ward is None else sources.find_ward_code(opened, ward)
    rows = entries_of(table, code)
    known = dict(sources.read_remits(workspace))
    if as_json:
        listed = [asdict(e) | {"on": e.on.isoformat()} for e in rows]
        report = {"file": record.file_name, "sha256": record.sha256, "chain_holds": True}
        click.echo(json.dumps(report | {"entries": listed}, indent=2, sort_keys=True))
        return
    for entry in rows:
        click.echo(approval_line(entry, known.get(entry.remit, ())))
    click.echo(f"{len(rows)} entries. The chain holds: no row was changed, moved or taken out.")


def _chosen(
    planned: dict[str, tuple[PatrolRemit, ...]], urns: tuple[str, ...]
) -> dict[str, tuple[PatrolRemit, ...]]:
    """The remits of the schools asked for; of all if none is."""
    from corridors.errors import InputError

    if not planned:
        raise InputError(
            "there is no written plan with patrols for this ward and week",
            fix="Run `corridors plan` first",
        )
    for urn in urns:
        if urn not in planned:
            raise InputError(
                "has no patrol in this week's plan", column="--school", value=urn,
                fix=f"Schools with patrols: {', '.join(sorted(planned))}",
            )  # fmt: skip
    return {urn: planned[urn] for urn in sorted(set(urns) or planned)}


def _record(
    root: Path,
    named: NamedFile,
    entries: list[Entry],
    remits: dict[str, tuple[PatrolRemit, ...]],
) -> None:
    """Add the entries, all or none: what they stand for first, then the chained rows."""
    from corridors.batch.remits import keep_remits
    from corridors.publish.logs import append_chained_rows, held
    from corridors.remit import remit_of
    from corridors.sources.logs import last_chain, read_approvals
    from corridors.tables import Approvals
    from corridors.teams.agreement import entries_of, require_all

    with held(named.path):
        exists = named.path.is_file()
        table = read_approvals(named.path, file=named.file)[0] if exists else None
        require_all(entries, entries_of(table))
        keep_remits(root, {remit_of(patrols): patrols for patrols in remits.values()})
        last = last_chain(table, Approvals.chain)
        append_chained_rows(named.path, named.file, tuple(Approvals.columns()), entries, last)


def approval_line(entry: Entry, patrols: tuple[PatrolRemit, ...]) -> str:
    """One entry for scrutiny: when, what, who, and what it was about as far as is known."""
    from corridors.publish.wording import clean_name
    from corridors.remit import remit_words

    about = remit_words(patrols) if patrols else f"remit {entry.remit}"
    return (
        f"{entry.on:%d/%m/%Y}  {entry.ward} {entry.week}  school {entry.urn}: {entry.state} by "
        f"{clean_name(entry.by)}, {clean_name(entry.organisation)}: {about}"
    )
