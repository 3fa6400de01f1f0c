"""The toolkit's points: what each school booked in a school year, and what is left (D1-D5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

import pandas as pd

from corridors.errors import InputError, ProfileError
from corridors.tables import ToolkitEntries


@dataclass(frozen=True)
class Item:
    """One activity that a school may book."""

    key: str
    title: str
    points: int
    has_contact: bool  # police meet pupils: the questions are asked (D5)

    def __post_init__(self) -> None:
        if not (self.key and self.title.strip()) or self.points < 0:
            raise ProfileError(
                "an item needs a key, a title and points from 0 up", column="items", value=self.key
            )


@dataclass(frozen=True)
class Toolkit:
    """The menu with its costs and where they come from."""

    name: str
    source: str
    inconsistency: str  # what the source says in two ways (D4); empty if nothing
    points_a_year: int
    year_starts: tuple[int, int]  # day, month
    questions: tuple[str, ...]
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        keys = [item.key for item in self.items]
        if len(set(keys)) != len(keys):
            raise ProfileError("an item stands twice", column="items")
        if not self.source.strip() or self.points_a_year < 0:
            raise ProfileError("costs need a source, and points from 0 up", column="source")

    def item(self, key: str) -> Item:
        """The item with this key.

        Raises
        ------
        InputError
            If there is none; names the nearest.
        """
        found = next((item for item in self.items if item.key == key), None)
        if found is None:
            known = [item.key for item in self.items]
            near = get_close_matches(key, known, n=1)
            fix = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}"
            raise InputError("is not in the toolkit", column="item", value=key, fix=fix)
        return found


@dataclass(frozen=True)
class Booking:
    """One row of a school's ledger."""

    on: date
    item: Item
    left: int  # points after it


@dataclass(frozen=True)
class Account:
    """One school's points in one school year."""

    urn: str
    year: str  # "2025/26"
    bookings: tuple[Booking, ...]
    points: int  # at the start of the year

    @property
    def left(self) -> int:
        """Points still to book."""
        return self.bookings[-1].left if self.bookings else self.points


def school_year(day: date, toolkit: Toolkit) -> str:
    """``2025/26`` for every day from 1 September 2025 to 31 August 2026."""
    first_day, first_month = toolkit.year_starts
    begun = (day.month, day.day) >= (first_month, first_day)
    year = day.year if begun else day.year - 1
    return f"{year:04d}/{(year + 1) % 100:02d}"


@dataclass(frozen=True)
class Place:
    """Where the entries stand, for messages."""

    file: str
    rows: Mapping[tuple[str, date, str], int]  # by school, day and item


def accounts(
    entries: pd.DataFrame, toolkit: Toolkit, urns: Iterable[str], year: str, place: Place
) -> tuple[Account, ...]:
    """Every school's account of one year (D1). Points neither carry over nor fall below zero.

    An item that costs nothing, such as a patrol, is never refused (D2). Bookings count in order of
    date; those of one day with the cheaper first, so that the order of rows changes nothing.

    Parameters
    ----------
    entries : tables.ToolkitEntries.
    urns : schools that have an account, with or without bookings.
    place : where the entries stand.

    Raises
    ------
    InputError
        For an item that is not in the toolkit, or one that a school has no points left for; it
        names the row.
    """
    booked: dict[str, list[tuple[date, Item]]] = {urn: [] for urn in urns}
    columns = [ToolkitEntries.urn, ToolkitEntries.date, ToolkitEntries.item]
    for urn, day, key in entries[columns].itertuples(index=False, name=None):
        item = _item(toolkit, (str(urn), day.date(), str(key)), place)
        if school_year(day.date(), toolkit) == year:
            booked.setdefault(str(urn), []).append((day.date(), item))
    return tuple(_account(urn, year, booked[urn], toolkit, place) for urn in sorted(booked))


def _item(toolkit: Toolkit, entry: tuple[str, date, str], place: Place) -> Item:
    try:
        return toolkit.item(entry[2])
    except InputError as error:
        raise InputError(
            error.problem, file=place.file, row=place.rows.get(entry), column="item",
            value=entry[2], fix=error.fix,
        ) from error  # fmt: skip


def _account(
    urn: str, year: str, booked: list[tuple[date, Item]], toolkit: Toolkit, place: Place
) -> Account:
    left, made = toolkit.points_a_year, []
    for day, item in sorted(booked, key=lambda b: (b[0], b[1].points, b[1].key)):
        if item.points > left:
            raise InputError(
                f"school {urn} has {left} of {toolkit.points_a_year} points left in {year}, and "
                f"this costs {item.points}",
                file=place.file,
                row=place.rows.get((urn, day, item.key)),
                column="item",
                value=f"{day:%d/%m/%Y} {item.key}",
                fix="Take the row out, or book it for the next school year",
            )
        left -= item.points
        made.append(Booking(day, item, left))
    return Account(urn, year, tuple(made), toolkit.points_a_year)
