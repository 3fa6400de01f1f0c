"""The page that lists every notice, made from the public folders and nothing else.

What stands there is taken as hostile: any hand may have put a file into a public folder. A file
that is not just what ``families.data`` writes is said to be unreadable, and the page goes on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from babel import Locale, UnknownLocaleError

from corridors.publish.families.data import FORMAT
from corridors.publish.folders import BROKEN, inside, monday_of, ward_folders, week_folders
from corridors.publish.pages import asset, render
from corridors.publish.wording import (
    WEEKDAYS,
    clean_name,
    joined,
    long_date,
    some,
    time_words,
)

DATA_FILE: Final = "notice.json"
KINDS: Final = {  # by the first part of a file's name, in the order of the list
    ("notice", "html"): "Notice",
    ("notice-young-people", "html"): "Notice for young people",
    ("text-message", "txt"): "Text message",
    ("notify", "csv"): "Text message for GOV.UK Notify (CSV file)",
}
_FILE: Final = re.compile(r"([a-z]{1,20}(?:-[a-z]{1,20}){0,3})(?:\.([a-z]{2,3}))?\.(html|txt|csv)")
_MOST_BYTES: Final = 5_000_000


@dataclass(frozen=True)
class SchoolTold:
    """What a notice says of one school."""

    streets: frozenset[str]
    days: frozenset[date]
    times: frozenset[tuple[int, int]]  # start and end, minutes after midnight, local
    roles: frozenset[str]


@dataclass(frozen=True)
class NoticeWeek:
    """A notice as it stands on disk."""

    ward_name: str
    partnership: str
    version: int
    issued_on: date
    is_unannounced: bool
    is_cancelled: bool
    schools: Mapping[str, SchoolTold]  # by name


@dataclass(frozen=True)
class Link:
    """A file of a week. ``language`` is its code, empty for English."""

    href: str
    words: str
    language: str = ""
    direction: str = "ltr"


@dataclass(frozen=True)
class WeekEntry:
    """One week on the page. ``state`` holds its sentences, ``news`` what changed."""

    week: str
    is_cancelled: bool
    state: tuple[str, ...]
    news_title: str
    news: tuple[str, ...]
    links: tuple[tuple[Link, ...], ...]  # a line for each kind, English first


@dataclass(frozen=True)
class WardEntry:
    """One ward with its weeks, newest first."""

    code: str
    name: str
    weeks: tuple[WeekEntry, ...]


def public_index(public: Path) -> str:
    """The page for families and for a partnership's website.

    Parameters
    ----------
    public : the folder ``maps/public`` of a workspace.
    """
    read = {code: _read_all(folder) for code, folder in ward_folders(public)}
    wards = [_ward(code, weeks) for code, weeks in read.items() if weeks]
    names = {notice.partnership for weeks in read.values() for _, notice in weeks if notice}
    return render(
        "public_index.html",
        style=asset("index.css"),
        wards=sorted(wards, key=lambda w: (w.name.casefold(), w.code)),
        partnership=some(sorted(names)),
    )


def read_notice(folder: Path) -> NoticeWeek | None:
    """The notice in ``maps/public/<ward>/<week>``; None if it is missing, damaged or foreign."""
    path = folder / DATA_FILE
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        data = json.loads(path.read_bytes())
        if (data["ward_code"], data["week_label"]) != (folder.parent.name, folder.name):
            return None
        return _notice(data)
    except BROKEN:
        return None


def news(now: NoticeWeek, before: NoticeWeek) -> tuple[str, ...]:
    """What is different from the notice before, a plain sentence each."""
    if before.is_cancelled:
        return ("The walks of the week before were cancelled. These are not.",)
    said = []
    new, gone = (
        sorted(now.schools.keys() - before.schools),
        sorted(before.schools.keys() - now.schools),
    )
    if new:
        said.append(f"New {_one_or_more(new, 'school')}: {some(new)}.")
    if gone:
        said.append(f"No longer: {some(gone)}.")
    same: dict[tuple[str, ...], list[str]] = {}
    for school in sorted(now.schools.keys() & before.schools):
        changes = _changes(now.schools[school], before.schools[school])
        if changes:
            same.setdefault(changes, []).append(school)
    said += [f"{some(schools)}: {'; '.join(changes)}." for changes, schools in same.items()]
    return tuple(said) or ("Nothing. Schools, streets, days, times and adults are the same.",)


def _changes(now: SchoolTold, before: SchoolTold) -> tuple[str, ...]:
    days, had = ({day.weekday() for day in told.days} for told in (now, before))
    pairs = (
        ("street", now.streets - before.streets, before.streets - now.streets),
        ("day", _weekdays(days - had), _weekdays(had - days)),
        ("kind of adult", now.roles - before.roles, before.roles - now.roles),
    )
    said = []
    for what, new, gone in pairs:
        if new:
            said.append(f"new {_one_or_more(new, what)} {some(_in_order(what, new))}")
        if gone:
            said.append(f"no longer {some(_in_order(what, gone))}")
    if now.times != before.times:
        said.append(f"times now {_times(now.times)}, before {_times(before.times)}")
    return tuple(said)


def _weekdays(numbers: Iterable[int]) -> frozenset[str]:
    return frozenset(WEEKDAYS[n] for n in numbers)


def _in_order(what: str, names: Iterable[str]) -> list[str]:
    return sorted(names, key=WEEKDAYS.index) if what == "day" else sorted(names)


def _times(times: Iterable[tuple[int, int]]) -> str:
    return joined(f"{time_words(start)} to {time_words(end)}" for start, end in sorted(times))


def _one_or_more(names: Iterable[str], word: str) -> str:
    if len(list(names)) == 1:
        return word
    return {"kind of adult": "kinds of adults"}.get(word, f"{word}s")


# --- the page -----------------------------------------------------------------------------------


def _ward(code: str, read: Sequence[tuple[Path, NoticeWeek | None]]) -> WardEntry:
    name = next((notice.ward_name for _, notice in read if notice), code)
    weeks = tuple(
        _week(code, path, notice, read[place + 1 : place + 2])
        for place, (path, notice) in enumerate(read)
    )
    return WardEntry(code, name, weeks)


def _read_all(ward: Path) -> list[tuple[Path, NoticeWeek | None]]:
    return [(path, read_notice(path)) for _, path in week_folders(ward)]


def _week(
    code: str, folder: Path, notice: NoticeWeek | None,
    earlier: Sequence[tuple[Path, NoticeWeek | None]],
) -> WeekEntry:  # fmt: skip
    title, told = _news(folder, notice, earlier)
    return WeekEntry(
        week=week_words(folder.name),
        is_cancelled=notice is not None and notice.is_cancelled,
        state=_state(notice),
        news_title=title,
        news=told,
        links=_links(code, folder),
    )


def week_words(label: str) -> str:
    """``Week of 2 March 2026``."""
    monday = monday_of(label)
    return f"Week of {long_date(monday)}" if monday else f"Week {clean_name(label)}"


def _state(notice: NoticeWeek | None) -> tuple[str, ...]:
    if notice is None:
        return ("What this notice says cannot be read here. Please ask the partnership.",)
    said = []
    if notice.is_cancelled:
        said.append("The walks of this week are cancelled.")
    if notice.is_unannounced:
        said.append("We did not tell you about these days early enough. We are sorry.")
    given = f"Version {notice.version}, given out on {long_date(notice.issued_on)}."
    later = " It takes the place of every earlier version." if notice.version > 1 else ""
    schools = f"For {some(sorted(notice.schools))}." if notice.schools else ""
    return tuple(filter(None, (*said, schools, f"{given}{later}")))


def _news(
    folder: Path, notice: NoticeWeek | None, earlier: Sequence[tuple[Path, NoticeWeek | None]]
) -> tuple[str, tuple[str, ...]]:
    """A heading and the sentences below it; both empty where there is nothing to say."""
    if notice is None or notice.is_cancelled or not earlier:
        return "", ()
    path, before = earlier[0]
    now, then = monday_of(folder.name), monday_of(path.name)
    is_next = now is not None and then is not None and (now - then).days == 7
    since = "the week before" if is_next else week_words(path.name).replace("Week", "the week", 1)
    if before is None:
        return f"New since {since}", ("This cannot be said: the notice before cannot be read.",)
    return f"New since {since}", news(notice, before)


def _links(code: str, folder: Path) -> tuple[tuple[Link, ...], ...]:
    lines = []
    files = (p.name for p in inside(folder) if p.is_file())
    matched = [m for name in files if (m := _FILE.fullmatch(name))]
    for (stem, ending), words in KINDS.items():
        own = sorted((m[2] or "", m[0]) for m in matched if (m[1], m[3]) == (stem, ending))
        if own:
            base = f"{code}/{folder.name}"
            lines.append(tuple(_link(f"{base}/{name}", words, lang) for lang, name in own))
    return tuple(lines)


def _link(href: str, words: str, language: str) -> Link:
    if not language:
        return Link(href, words)
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Link(href, f"{words} ({language})")
    own = locale.get_language_name(language) or language
    return Link(href, own, language, str(locale.text_direction))


# --- reading ------------------------------------------------------------------------------------


def _notice(data: Mapping[str, Any]) -> NoticeWeek:
    """The notice, or one of ``BROKEN`` if a value is not of its kind."""
    if not 1 <= _whole(data["format"]) <= FORMAT:
        raise ValueError("another format")
    monday = monday_of(data["week_label"])
    found: dict[str, list[SchoolTold]] = {}
    for corridor in _listed(data["corridors"]):
        told = _school(corridor)
        if any((day - (monday or day)).days not in range(7) for day in told.days):
            raise ValueError("a day of another week")
        for school in _names(corridor["schools"]):
            found.setdefault(school, []).append(told)
    return NoticeWeek(
        ward_name=_name(data["ward_name"]),
        partnership=_name(data["partnership"]),
        version=_whole(data["notice_version"], 1, 999_999),
        issued_on=_day(data["issued_on"]),
        is_unannounced=_flag(data["is_unannounced"]),
        is_cancelled=_flag(data["is_cancelled"]),
        schools={school: _together(told) for school, told in found.items()},
    )


def _school(corridor: Mapping[str, Any]) -> SchoolTold:
    start, end = (_whole(corridor[key], 0, 1440) for key in ("start_min", "end_min"))
    return SchoolTold(
        streets=frozenset(_names(corridor["streets"])),
        days=frozenset(_day(day) for day in _listed(corridor["days"])),
        times=frozenset([(start, end)]),
        roles=frozenset(_name(role["title"]) for role in _listed(corridor["roles"])),
    )


def _together(told: Sequence[SchoolTold]) -> SchoolTold:
    return SchoolTold(
        streets=frozenset().union(*(t.streets for t in told)),
        days=frozenset().union(*(t.days for t in told)),
        times=frozenset().union(*(t.times for t in told)),
        roles=frozenset().union(*(t.roles for t in told)),
    )


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _names(value: Any) -> list[str]:
    return [_name(one) for one in _listed(value)]


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return clean_name(value)


def _whole(value: Any, low: int = 0, high: int = 1_000) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError("not a number that fits")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _day(value: Any) -> date:
    return date.fromisoformat(_name(value))
