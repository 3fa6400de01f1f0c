"""`corridors ledger`: the toolkit's points, school by school."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.options import day_of, json_option, workspace_argument

if TYPE_CHECKING:
    from corridors.teams.ledger import Account, Toolkit


@click.command()
@workspace_argument
@click.option("--year", metavar="YYYY/YY", help="School year, as 2025/26; this one if not given.")
@click.option(
    "--costs",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Your own costs; the shipped toolkit_2024.toml if not given.",
)
@json_option
def ledger(workspace: Path, year: str | None, costs: Path | None, *, as_json: bool) -> None:
    """Print how many toolkit points each school of WORKSPACE has left, with what it booked.

    After-school patrols cost nothing and are planned whatever is left.
    """
    from corridors import sources
    from corridors.publish.wording import school_name
    from corridors.teams.ledger import Place, accounts, school_year

    opened = sources.open_workspace(workspace)
    toolkit = sources.read_costs(costs)
    wanted = _year(year) if year else school_year(day_of(None), toolkit)
    kept = sources.read_ledger(opened)
    made = accounts(kept.entries, toolkit, kept.urns, wanted, Place(kept.file, kept.rows))
    titles = {a.urn: school_name(kept.schools, a.urn) for a in made}
    if as_json:
        click.echo(json.dumps(_data(made, toolkit, titles, wanted), indent=2, sort_keys=True))
    else:
        click.echo("\n".join(_words(made, toolkit, titles, wanted)))


def _year(text: str) -> str:
    from corridors.errors import InputError

    found = re.fullmatch(r"([0-9]{4})/([0-9]{2})", text)
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        raise InputError(
            "is not a school year", column="--year", value=text, fix="Write it as 2025/26"
        )
    return text


def _words(
    made: tuple[Account, ...], toolkit: Toolkit, titles: dict[str, str], year: str
) -> list[str]:
    lines = [f"School year {year}. Costs: {toolkit.source}."]
    for account in made:
        head = (
            f"{titles[account.urn]} ({account.urn}): {account.left} of {account.points} points left"
        )
        lines.append(f"{head}.")
        lines += [
            f"  {b.on:%d/%m/%Y}  {b.item.title}: {b.item.points}, {b.left} left"
            for b in account.bookings
        ]
    contact = sorted({b.item.title for a in made for b in a.bookings if b.item.has_contact})
    if contact:
        lines.append(f"Police meet pupils in: {', '.join(contact)}. Ask of each:")
        lines += [f"  {question}" for question in toolkit.questions]
    if toolkit.inconsistency:
        lines.append(f"Note: {toolkit.inconsistency}")
    return lines


def _data(
    made: tuple[Account, ...], toolkit: Toolkit, titles: dict[str, str], year: str
) -> dict[str, Any]:
    return {
        "year": year,
        "costs": {
            "name": toolkit.name, "source": toolkit.source, "note": toolkit.inconsistency,
        },
        "schools": [
            {
                "urn": account.urn,
                "name": titles[account.urn],
                "points": account.points,
                "left": account.left,
                "bookings": [
                    {
                        "date": b.on.isoformat(),
                        "item": b.item.key,
                        "points": b.item.points,
                        "left": b.left,
                        "questions": list(toolkit.questions) if b.item.has_contact else [],
                    }
                    for b in account.bookings
                ],
            }
            for account in made
        ],
    }  # fmt: skip
