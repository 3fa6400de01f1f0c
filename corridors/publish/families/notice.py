"""The notice for young people and families, built from a ``PublicPlan`` and nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from corridors.model import PublicCorridor, PublicPlan, PublicRole
from corridors.publish.families.wall import only_public
from corridors.publish.pages import asset, render
from corridors.publish.wording import day_words, joined, long_date, place_words, time_words

_EARTH_M_PER_DEGREE: Final = 111_320.0
_MARGIN_M: Final = 40.0
_BAR_M: Final = 100.0

# Text of others is escaped, so it cannot write such an element.
_META: Final = re.compile(
    r'<meta name="corridors-notice" content="version=([1-9][0-9]{0,5});'
    r'issued=([0-9]{4}-[0-9]{2}-[0-9]{2});unannounced=(yes|no)">'
)
_SECTION: Final = re.compile(r'<section aria-labelledby="s[0-9]+">(.*?)</section>', re.DOTALL)
_NUMBERED: Final = re.compile(r'(?<=[" ])([std])[0-9]+(?=[" ])')  # ids of sections
_TIMES: Final = re.compile(r'<p class="time">([^<]*)</p>\s*<ul>(.*?)</ul>\s*', re.DOTALL)
_OFFICERS: Final = re.compile(r"<p>The police officers? linked to your school: .*</p>\s*")
_DAY: Final = re.compile(r"<li>([^<]*)</li>")


@dataclass(frozen=True)
class Issue:
    """How a notice was given out."""

    version: int
    issued_on: date
    is_unannounced: bool


@dataclass(frozen=True)
class Drawing:
    """A corridor as plain lines, in metres from its top left corner."""

    width: float
    height: float
    paths: tuple[str, ...]
    bar: float
    unit: float  # 1/100 of the larger side: line widths and text follow it


@dataclass(frozen=True)
class Section:
    """One corridor, put into words."""

    number: int
    schools: str
    times: tuple[tuple[str, tuple[str, ...]], ...]  # ("3pm to 5pm", its days)
    streets: tuple[str, ...]
    places: tuple[str, ...]
    roles: tuple[PublicRole, ...]
    officers: str
    officers_are_many: bool
    drawing: Drawing | None


def render_notice(public: PublicPlan) -> str:
    """The public notice as one HTML page without scripts or outside sources.

    Parameters
    ----------
    public : exactly a ``PublicPlan``, made by ``publish.public``.

    Raises
    ------
    TypeError
        For anything else: a working plan can never reach this page.
    """
    only_public(public)
    sections = tuple(_section(i, c) for i, c in enumerate(_grouped(public.corridors), start=1))
    return render(
        "notice.html",
        style=asset("notice.css"),
        public=public,
        sections=sections,
        schools=joined(sorted({s for c in public.corridors for s in c.schools})),
        week=_week(public),
        has_police=any(r.is_police for c in public.corridors for r in c.roles),
        issued=long_date(public.issued_on),
    )


def read_issue(page: bytes) -> Issue | None:
    """Version, date and state of a notice that was written earlier; None if it does not say."""
    found = _META.search(page.decode("utf-8", "replace"))
    if not found:
        return None
    try:
        issued_on = date.fromisoformat(found.group(2))
    except ValueError:
        return None
    return Issue(int(found.group(1)), issued_on, found.group(3) == "yes")


def only_drops(old: bytes, new: str) -> bool:
    """Whether a new page tells of nothing that the old one did not: only days or schools are gone.

    Text that differs in anything else counts as new.
    """
    told = [_times(text) for text in _SECTION.findall(old.decode("utf-8", "replace"))]
    found = [_times(text) for text in _SECTION.findall(new)]
    return all(
        any(frame == had and days <= before for had, before in told) for frame, days in found
    )


def _times(section: str) -> tuple[str, set[tuple[str, str]]]:
    """A section without its number, times and officers; and what these tell: (time, day)."""
    text = _NUMBERED.sub(r"\1", section)
    days = {(time, day) for time, listed in _TIMES.findall(text) for day in _DAY.findall(listed)}
    officers = {("", line.strip()) for line in _OFFICERS.findall(text)}
    return _OFFICERS.sub("", _TIMES.sub("", text)), days | officers


def _grouped(corridors: Sequence[PublicCorridor]) -> list[list[PublicCorridor]]:
    """Entries that differ in day and time only, together."""
    groups: dict[PublicCorridor, list[PublicCorridor]] = {}
    for corridor in corridors:
        key = replace(corridor, days=(), start_min=0, end_min=0)
        groups.setdefault(key, []).append(corridor)
    return list(groups.values())


def _section(number: int, group: list[PublicCorridor]) -> Section:
    corridor = group[0]
    return Section(
        number=number,
        schools=joined(corridor.schools),
        times=tuple(
            (
                f"{time_words(c.start_min)} to {time_words(c.end_min)}",
                tuple(day_words(d) for d in c.days),
            )
            for c in group
        ),
        streets=corridor.streets,
        places=tuple(place_words(p.kind, p.name) for p in corridor.places),
        roles=corridor.roles,
        officers=joined(corridor.officer_names),
        officers_are_many=len(corridor.officer_names) > 1,
        drawing=_drawing(corridor.lines_lon_lat),
    )


def _week(public: PublicPlan) -> str:
    days = [d for c in public.corridors for d in c.days]
    if days:
        monday = min(days) - timedelta(days=min(days).weekday())
    else:
        try:
            monday = date.fromisoformat(f"{public.week_label}-1")
        except ValueError:
            return f"week {public.week_label}"
    return f"week of {day_words(monday)} {monday.year}"


def _drawing(lines: tuple[tuple[tuple[float, float], ...], ...]) -> Drawing | None:
    pairs = [pair for line in lines for pair in line]
    if not pairs:
        return None
    west, north = min(p[0] for p in pairs), max(p[1] for p in pairs)
    metres_east = _EARTH_M_PER_DEGREE * math.cos(math.radians(north))

    def place(pair: tuple[float, float]) -> tuple[float, float]:
        return (
            (pair[0] - west) * metres_east + _MARGIN_M,
            (north - pair[1]) * _EARTH_M_PER_DEGREE + _MARGIN_M,
        )

    drawn = [[place(pair) for pair in line] for line in lines]
    width = max(x for line in drawn for x, _ in line) + _MARGIN_M
    height = max(y for line in drawn for _, y in line) + _MARGIN_M
    width = max(width, _BAR_M + 2 * _MARGIN_M)
    unit = max(width, height) / 100
    return Drawing(
        width=round(width, 1),
        height=round(height + 9 * unit, 1),  # room for the bar below
        paths=tuple("M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in line) for line in drawn),
        bar=_BAR_M,
        unit=round(unit, 2),
    )
