"""The toolkit's costs: the shipped file, or a partnership's own copy of it (D3)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pandas as pd

from corridors.errors import ProfileError
from corridors.sources.logs import booking_of, read_toolkit
from corridors.sources.people import empty, read_agreements, require_known_schools
from corridors.sources.profiles import read_toml
from corridors.sources.records import read_record, rows_of
from corridors.sources.schools import read_schools
from corridors.sources.workspace import Workspace
from corridors.tables import ToolkitEntries
from corridors.teams.ledger import Item, Toolkit

SHIPPED: Final = "toolkit_2024"
_KEYS: Final = (
    "name", "source", "inconsistency", "points_a_year", "year_starts", "questions", "items",
)  # fmt: skip


def read_costs(path: Path | None = None) -> Toolkit:
    """Costs of the toolkit.

    Parameters
    ----------
    path : a TOML file of one's own; the shipped one if not given.

    Raises
    ------
    ProfileError
        For a key that is unknown, missing or of the wrong type; or an item that stands twice.
    """
    if path is None:
        folder = files("corridors") / "profiles" / "toolkit"
        text = (folder / f"{SHIPPED}.toml").read_text(encoding="utf-8")
        return _made(tomllib.loads(text), f"{SHIPPED}.toml")
    return _made(read_toml(path, file=path.name), path.name)


def _made(data: dict[str, Any], file: str) -> Toolkit:
    if set(data) != set(_KEYS):
        wrong = sorted(set(data) ^ set(_KEYS))
        raise ProfileError(
            "keys are unknown or missing", file=file, column=", ".join(wrong),
            fix=f"It holds {', '.join(_KEYS)}",
        )  # fmt: skip
    try:
        day, month = (int(part) for part in data["year_starts"].split("/"))
        toolkit = Toolkit(
            name=str(data["name"]),
            source=str(data["source"]),
            inconsistency=str(data["inconsistency"]),
            points_a_year=_whole(data["points_a_year"]),
            year_starts=(day, month),
            questions=tuple(str(q) for q in data["questions"]),
            items=tuple(_item(item) for item in data["items"]),
        )
    except ProfileError as error:
        raise ProfileError(
            error.problem, file=file, column=error.column, value=error.value
        ) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProfileError(
            f"is not as the shipped {SHIPPED}.toml is ({error})", file=file,
            fix="Begin with a copy of it",
        ) from error  # fmt: skip
    return toolkit


def _item(data: dict[str, Any]) -> Item:
    if not isinstance(data["has_contact"], bool):
        raise TypeError("has_contact must be true or false")
    return Item(str(data["key"]), str(data["title"]), _whole(data["points"]), data["has_contact"])


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no whole number")
    return value


@dataclass(frozen=True)
class Ledger:
    """What schools booked, and whose account is kept."""

    entries: pd.DataFrame  # tables.ToolkitEntries
    rows: Mapping[tuple[str, date, str], int]  # where an entry stands in its file
    file: str
    urns: tuple[str, ...]  # schools that take part
    schools: pd.DataFrame  # tables.Schools, the whole register


def read_ledger(workspace: Workspace) -> Ledger:
    """The workspace's bookings; none if it names no toolkit file.

    Raises
    ------
    InputError
        For a file that is wrong, or a booking of a school that is not in the register.
    """
    register, _ = read_schools(workspace.schools.locate(), file=workspace.schools.file)
    agreements, _ = read_agreements(workspace.agreements.require(), file=workspace.agreements.file)
    urns, named = tuple(agreements.index), workspace.toolkit
    if named is None:
        return Ledger(empty("toolkit"), {}, "", urns, register)
    entries, _ = read_toolkit(named.require(), file=named.file)
    require_known_schools(entries, set(register.index), file=named.file)
    table = read_record(named.path, named.file, tuple(ToolkitEntries.columns()), may_be_empty=True)
    rows = {booking_of(row): row.number for row in rows_of(table)}
    return Ledger(entries, rows, named.file, urns, register)
