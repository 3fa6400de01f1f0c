"""The page that lists every notice, made from the public folders and nothing else.

What stands there is taken as hostile: any hand may have put a file into a public folder. A file
that is not just what ``families.data`` writes is said to be unreadable, and the page goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError

from corridors.model import PublicCorridor
from corridors.publish.families.data import read_notice_json
from corridors.publish.folders import (
    INDEX_FILE,
    PACK_FOLDER,
    inside,
    monday_of,
    quarter_folders,
    ward_folders,
    week_folders,
)
from corridors.publish.pages import asset, render
from corridors.publish.wording import (
    WEEKDAYS,
    clean_name,
    joined,
    long_date,
    quarter_words,
    time_words,
)

KINDS: Final = {  # by the first part of a file's name, in the order of the list
    ("notice", "html"): "Notice",
    ("notice-young-people", "html"): "Notice for young people",
}
TOOLS: Final = {  # for schools and youth organisations, who send them on
    ("text-message", "txt"): "Text message",
    ("notify", "csv"): "Text message for GOV.UK Notify (CSV file)",
}
# A language may have a script or a region: ``pt-BR``, ``zh-Hans``.
_FILE: Final = re.compile(
    r"([a-z]{1,20}(?:-[a-z]{1,20}){0,3})(?:\.([a-z]{2,3}(?:-[A-Z][A-Za-z]{1,3})?))?\.(html|txt|csv)"
)
LOSSES: Final = "Some streets, days, times or adults changed: read the notice."


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
    cancelled_schools: tuple[str, ...] = ()


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
    tools: tuple[tuple[Link, ...], ...]


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
        partnership=joined(sorted(names)),
        packs=_packs(public),
    )


def _packs(public: Path) -> list[Link]:
    """Links to the publication packs, newest first; their folders' names are all that is read."""
    return [
        Link(f"{PACK_FOLDER}/{quarter}/{INDEX_FILE}", quarter_words(quarter))
        for quarter, folder in quarter_folders(public)
        if (folder / INDEX_FILE).is_file() and not (folder / INDEX_FILE).is_symlink()
    ]


def read_notice(folder: Path) -> NoticeWeek | None:
    """The notice in ``maps/public/<ward>/<week>``; None if it is missing, damaged or foreign."""
    public = read_notice_json(folder)
    if public is None:
        return None
    found: dict[str, list[PublicCorridor]] = {}
    for corridor in public.corridors:
        for school in corridor.schools:
            found.setdefault(school, []).append(corridor)
    return NoticeWeek(
        ward_name=public.ward_name,
        partnership=public.partnership,
        version=public.notice_version,
        issued_on=public.issued_on,
        is_unannounced=public.is_unannounced,
        is_cancelled=public.is_cancelled,
        schools={school: _told(corridors) for school, corridors in found.items()},
        cancelled_schools=public.cancelled_schools,
    )


def _told(corridors: Sequence[PublicCorridor]) -> SchoolTold:
    return SchoolTold(
        streets=frozenset(street for c in corridors for street in c.streets),
        days=frozenset(day for c in corridors for day in c.days),
        times=frozenset((c.start_min, c.end_min) for c in corridors),
        roles=frozenset(role.title for c in corridors for role in c.roles),
    )


def news(now: NoticeWeek, before: NoticeWeek) -> tuple[str, ...]:
    """What is new since the notice of the week before, a plain sentence each.

    Of schools that both tell of, only what came is named. Where or when nobody walks any more is
    not: a list of that would show at a glance where no adult is.
    """
    if before.is_cancelled:
        return ("The walks of the week before were cancelled. These are not.",)
    said = []
    new, gone = (
        sorted(now.schools.keys() - before.schools),
        sorted(before.schools.keys() - now.schools),
    )
    if new:
        said.append(f"New {_one_or_more(new, 'school')}: {joined(new)}.")
    if gone:
        said.append(f"No longer: {joined(gone)}.")
    both = [(s, now.schools[s], before.schools[s]) for s in sorted(now.schools)
            if s in before.schools]  # fmt: skip
    same: dict[tuple[str, ...], list[str]] = {}
    for school, told, had in both:
        same.setdefault(_additions(told, had), []).append(school)
    said += [f"{joined(schools)}: {'; '.join(new)}." for new, schools in same.items() if new]
    if any(_loses(told, had) for _, told, had in both):
        said.append(LOSSES)
    return tuple(said) or ("Nothing. Schools, streets, days, times and adults are the same.",)


def _additions(now: SchoolTold, before: SchoolTold) -> tuple[str, ...]:
    days = {day.weekday() for day in now.days} - {day.weekday() for day in before.days}
    times = sorted(now.times - before.times)
    pairs = (
        ("street", sorted(now.streets - before.streets)),
        ("day", [WEEKDAYS[day] for day in sorted(days)]),
        ("time", [f"{time_words(start)} to {time_words(end)}" for start, end in times]),
        ("kind of adult", sorted(now.roles - before.roles)),
    )
    return tuple(f"new {_one_or_more(new, what)} {joined(new)}" for what, new in pairs if new)


def _loses(now: SchoolTold, before: SchoolTold) -> bool:
    return bool(
        before.streets - now.streets
        or before.times - now.times
        or before.roles - now.roles
        or {day.weekday() for day in before.days} - {day.weekday() for day in now.days}
    )


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
        links=_links(code, folder, KINDS),
        tools=_links(code, folder, TOOLS),
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
    if notice.schools:
        said.append(f"For {joined(sorted(notice.schools))}.")
    if notice.cancelled_schools and not notice.is_cancelled:
        near = joined(notice.cancelled_schools)
        said.append(f"The walks near {near} in this week are cancelled.")
    return (*said, f"{given}{later}")


def _news(
    folder: Path, notice: NoticeWeek | None, earlier: Sequence[tuple[Path, NoticeWeek | None]]
) -> tuple[str, tuple[str, ...]]:
    """A heading and the sentences below it; both empty where there is nothing to say."""
    if notice is None or notice.is_cancelled or not earlier:
        return "", ()
    path, before = earlier[0]
    now, then = monday_of(folder.name), monday_of(path.name)
    if now is None or then is None or (now - then).days != 7:
        return "", ()
    title = "New since the week before"
    if before is None:
        return title, ("This cannot be said: the notice before cannot be read.",)
    return title, news(notice, before)


def _links(
    code: str, folder: Path, kinds: Mapping[tuple[str, str], str]
) -> tuple[tuple[Link, ...], ...]:
    lines = []
    files = (p.name for p in inside(folder) if p.is_file())
    matched = [m for name in files if (m := _FILE.fullmatch(name))]
    for (stem, ending), words in kinds.items():
        own = sorted((m[2] or "", m[0]) for m in matched if (m[1], m[3]) == (stem, ending))
        if own:
            base = f"{code}/{folder.name}"
            lines.append(tuple(_link(f"{base}/{name}", words, lang) for lang, name in own))
    return tuple(lines)


def _link(href: str, words: str, language: str) -> Link:
    if not language:
        return Link(href, words)
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Link(href, f"{words} ({language})")
    own = locale.get_display_name() or language
    return Link(href, own, language, str(locale.text_direction))
