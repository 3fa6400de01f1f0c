"""Bank holidays as GOV.UK publishes them: ``bank-holidays.json``, kept in the workspace.

The published list covers some years only and lets go of old ones, so what was fetched before is
kept beside what is new (``merged``).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from corridors.errors import InputError
from corridors.sources.csvs import printable, require_file

FILE: Final = "data/calendar/bank-holidays.json"
_DIVISIONS: Final = {
    "ENG": "england-and-wales",
    "WLS": "england-and-wales",
    "SCT": "scotland",
    "NIR": "northern-ireland",
}
_DAY: Final = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_MOST_BYTES: Final = 5_000_000

Events = Mapping[str, tuple[tuple[date, str], ...]]  # by GOV.UK's division: (day, title), sorted


@dataclass(frozen=True)
class Published:
    """The list of one division."""

    file: str
    sha256: str
    days: frozenset[date]
    rows: int

    def of(self, year: int) -> frozenset[date] | None:
        """The days of a year, or None if the list does not hold it from New Year to Christmas."""
        days = frozenset(day for day in self.days if day.year == year)
        months = {day.month for day in days}
        return days if {1, 12} <= months else None


def events_of(told: Any) -> Events:
    """The events in GOV.UK's JSON.

    Raises
    ------
    ValueError
        If it is something else, in words that go after "the answer …".
    """
    try:
        return {name: _events(told[name]["events"]) for name in sorted(set(_DIVISIONS.values()))}
    except (KeyError, TypeError) as error:
        raise ValueError("is no list of bank holidays") from error


def merged(old: Events, new: Events) -> Events:
    """``new`` with what ``old`` has of the time before it and after it.

    Within the time that ``new`` covers it alone counts: a day may have been moved.
    """
    made = {}
    for name, events in new.items():
        first, last = events[0][0], events[-1][0]
        others = [event for event in old.get(name, ()) if not first <= event[0] <= last]
        made[name] = tuple(sorted({*events, *others}))
    return made


def body_of(events: Events) -> bytes:
    """The file with these events, in GOV.UK's shape."""
    told = {
        name: {
            "division": name,
            "events": [{"title": title, "date": day.isoformat()} for day, title in events[name]],
        }
        for name in sorted(events)
    }
    return f"{json.dumps(told, indent=1, ensure_ascii=True)}\n".encode("ascii")


def read_events(path: Path, *, file: str) -> tuple[Events, bytes]:
    """The events in a file, and its bytes.

    Raises
    ------
    InputError
        If it is not GOV.UK's JSON.
    """
    require_file(path, file)
    try:
        with path.open("rb") as handle:
            body = handle.read(_MOST_BYTES)
        return events_of(json.loads(body)), body
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=file) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            "is no list of bank holidays as GOV.UK publishes it", file=file,
            fix="Move it away, and fetch it again",
        ) from error  # fmt: skip


def read_published(root: Path, division: str) -> Published | None:
    """The list of a division (ENG, WLS, SCT or NIR) in a workspace, if it has one.

    Raises
    ------
    InputError
        If the file is there and is something else.
    """
    path = root / FILE
    if not path.exists():
        return None
    events, body = read_events(path, file=FILE)
    mine = events[_DIVISIONS[division]]
    days = frozenset(day for day, _ in mine)
    return Published(FILE, hashlib.sha256(body).hexdigest(), days, len(mine))


def disagreements(published: Published, others: Mapping[int, Iterable[date]]) -> tuple[str, ...]:
    """A line for each year in which the list and another one differ on a weekday.

    For a day at a weekend GOV.UK names its substitute only; `holidays` names both.

    Parameters
    ----------
    others : days of the other list by year.
    """
    lines = []
    for year, days in sorted(others.items()):
        whole = published.of(year)
        if whole is None:
            continue
        own, other = _weekdays(whole), _weekdays(days)
        if own == other:
            continue
        more = _days("only here", own - other) + _days("only in the usual calendar", other - own)
        lines.append(f"bank holidays of {year} differ, this file counts: {'; '.join(more)}")
    return tuple(lines)


def _weekdays(days: Iterable[date]) -> frozenset[date]:
    return frozenset(day for day in days if day.weekday() < 5)


def _days(words: str, days: Iterable[date]) -> list[str]:
    listed = ", ".join(f"{day:%d/%m/%Y}" for day in sorted(days))
    return [f"{words}: {listed}"] if listed else []


def _events(told: Any) -> tuple[tuple[date, str], ...]:
    made = set()
    for event in told:
        day, title = event["date"], event["title"]
        if not isinstance(title, str) or not isinstance(day, str) or not _DAY.fullmatch(day):
            raise TypeError("not an event")
        made.add((date.fromisoformat(day), printable(title, 80)))
    if not made:
        raise TypeError("no event")
    return tuple(sorted(made))
