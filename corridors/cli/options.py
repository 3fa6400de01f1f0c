"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.written_days import day_of as read_day

if TYPE_CHECKING:
    from corridors.sources import NamedFile


class _Day(click.ParamType[datetime]):
    """A day as people write it, in years that record files can hold."""

    name = "day"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The day at midnight; a day that a record file would refuse later is refused now."""
        if isinstance(value, datetime):
            return value
        found = read_day(str(value).strip())
        if found is None:
            self.fail(f"{str(value)[:40]!r} is not a date. Write it as dd/mm/yyyy", param, ctx)
        return datetime.combine(found, time.min)


_DAY = _Day()
Command = Callable[..., Any]

workspace_argument = click.argument("workspace", type=click.Path(path_type=Path))
ward_argument = click.argument("ward")
week_option = click.option(
    "--week", required=True, metavar="YYYY-Www", help="ISO week, such as 2026-W10."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write the JSON to FILE, readable by you only.",
)
made_on_option = click.option(
    "--made-on",
    type=_DAY,
    metavar="DD/MM/YYYY",
    help="The day to plan from; today if not given. It decides which agreements are in force, "
    "and what happened later is left out.",
)
day_option = click.option(
    "--day",
    type=_DAY,
    metavar="DD/MM/YYYY",
    help="The day of the week whose routes are meant; the first if not given.",
)
on_option = click.option(
    "--on",
    type=_DAY,
    metavar="DD/MM/YYYY",
    help="The day it was done; today if not given.",
)


def required_day_option(flag: str, name: str, meaning: str) -> Callable[[Command], Command]:
    """A day that must be given."""
    return click.option(
        flag, name, type=_DAY, required=True,
        metavar="DD/MM/YYYY", help=meaning,
    )  # fmt: skip


def day_of(made_on: datetime | None) -> date:
    """The day that was given, or today."""
    return made_on.date() if made_on else datetime.now().astimezone().date()


def not_to_come(day: date) -> date:
    """The day on which something was done or known, if it is not still to come.

    Raises
    ------
    InputError
        If it is.
    """
    from corridors.errors import InputError

    if day > day_of(None):
        raise InputError(
            "is still to come", column="--on", value=f"{day:%d/%m/%Y}",
            fix="Give the day on which it was done or known",
        )  # fmt: skip
    return day


def require_named(named: NamedFile | None, section: str, file: str) -> NamedFile:
    """The file that a section of corridors.toml names.

    Raises
    ------
    MissingFileError
        If it names none; ``file`` is where it could be.
    """
    from corridors.errors import MissingFileError

    if named is None:
        raise MissingFileError(
            f"names no file for {section}",
            file="corridors.toml",
            fix=f'Add these two lines to it: [{section}] and file = "{file}"',
        )
    return named
