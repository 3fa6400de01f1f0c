"""The notices for parents and for young people, built from a ``PublicPlan`` and nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Final, Literal

from markupsafe import escape

from corridors.model import PublicCorridor, PublicPlace, PublicPlan, PublicRole
from corridors.publish.families import languages
from corridors.publish.families.languages import ENGLISH, Language, Local
from corridors.publish.families.wall import only_public
from corridors.publish.pages import asset, render

Reader = Literal["parents", "young people"]
TEMPLATES: Final[dict[Reader, str]] = {
    "parents": "notice.html",
    "young people": "notice_young_people.html",
}
WEEK_OF: Final = "week of {day}"
WEEK_LABEL: Final = "week {label}"
PLACE_AND_WEEK: Final = "{ward}, {week}"
SENTENCES: Final = (WEEK_OF, WEEK_LABEL, PLACE_AND_WEEK)  # beside those of the templates

_EARTH_M_PER_DEGREE: Final = 111_320.0
_MARGIN_M: Final = 40.0
_BAR_M: Final = 100.0

# Text of others is escaped, so it cannot write such an element.
_META: Final = re.compile(
    r'<meta name="corridors-notice" content="version=([1-9][0-9]{0,5});'
    r'issued=([0-9]{4}-[0-9]{2}-[0-9]{2});unannounced=(yes|no)">'
)


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
    """One corridor, with all times on which it is walked."""

    number: int
    schools: tuple[str, ...]
    times: tuple[tuple[int, int, tuple[date, ...]], ...]  # start and end in minutes, and the days
    streets: tuple[str, ...]
    places: tuple[PublicPlace, ...]
    roles: tuple[PublicRole, ...]
    officers: tuple[str, ...]
    drawing: Drawing | None


def render_notice(
    public: PublicPlan, language: Language = ENGLISH, reader: Reader = "parents"
) -> str:
    """The public notice as one HTML page without scripts or outside sources.

    Parameters
    ----------
    public : exactly a ``PublicPlan``, made by ``publish.public``.
    language : with a translation of every sentence, see ``families.bundle``.
    reader : the facts are the same for both, the voice is not.

    Raises
    ------
    TypeError
        For anything but a ``PublicPlan``: a working plan can never reach this page.
    """
    only_public(public)
    week = week_words(public, language)
    beside_police, no_police = schools_by_police(public.corridors)
    return render(
        TEMPLATES[reader],
        style=asset("notice.css"),
        public=public,
        language=language,
        say=partial(languages.marked_up, language),
        own=lambda text: escape(languages.own_words(language, text)),
        day=partial(languages.day, language),
        full_date=partial(languages.full_date, language),
        clock=partial(languages.clock, language),
        number=partial(languages.number, language),
        listed=partial(languages.listed, language),
        sections=[_section(i, c) for i, c in enumerate(_grouped(public.corridors), start=1)],
        beside_police=beside_police,
        no_police=no_police,
        week=week,
        place_and_week=PLACE_AND_WEEK,
        place=escape(languages.said(language, PLACE_AND_WEEK, ward=public.ward_name, week=week)),
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


def schools_by_police(corridors: Iterable[PublicCorridor]) -> tuple[list[str], list[str]]:
    """Schools near which police walk, and all others; each from A to Z."""
    pairs = [(s, any(r.is_police for r in c.roles)) for c in corridors for s in c.schools]
    beside = {school for school, has_police in pairs if has_police}
    return sorted(beside), sorted({school for school, _ in pairs} - beside)


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
        schools=corridor.schools,
        times=tuple((c.start_min, c.end_min, c.days) for c in group),
        streets=corridor.streets,
        places=corridor.places,
        roles=corridor.roles,
        officers=corridor.officer_names,
        drawing=_drawing(corridor.lines_lon_lat),
    )


def week_words(public: PublicPlan, language: Language) -> Local:
    """``week of Monday 2 March 2026``: of the first day told, else of the plan's label."""
    days = [d for c in public.corridors for d in c.days]
    try:
        first = min(days) if days else date.fromisoformat(f"{public.week_label}-1")
    except ValueError:
        label = Local(public.week_label)
        return Local(languages.said(language, WEEK_LABEL, label=label))
    monday = languages.day(language, first - timedelta(days=first.weekday()))
    if language.is_english:
        monday = Local(f"{monday} {first.year}")
    return Local(languages.said(language, WEEK_OF, day=monday))


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
