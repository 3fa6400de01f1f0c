"""A spreadsheet for GOV.UK Notify: a school fills in whom to send a notice to.

Notify finds recipients in the column ``email address`` or ``phone number``, as the template is for
email or text messages, and fills each ``((column name))`` of the template from the row. It takes no
empty cell of a column that the template uses, so no cell but a recipient's is ever empty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from corridors.model import PublicCorridor, PublicPlan
from corridors.publish.cells import safe_cell
from corridors.publish.families import languages
from corridors.publish.families.languages import ENGLISH, Language, listed_plain, said
from corridors.publish.families.notice import week_words
from corridors.publish.families.short_text import CHOICE, day_list, short_text
from corridors.publish.families.wall import only_public

COLUMNS: Final = (
    "email address", "phone number", "school", "week", "times", "days", "streets", "places", "who",
    "choice", "unannounced", "cancelled", "version", "issued", "partnership", "contact",
    "youth contact", "text message",
)  # fmt: skip
TIMES: Final = "{start} to {end}"
NONE: Final = "none"
IN_AREA: Final = "all schools in {ward}"
YOUR_SCHOOL: Final = "your school"
SENTENCES: Final = (TIMES, NONE, IN_AREA, YOUR_SCHOOL)


def notify_csv(public: PublicPlan, language: Language = ENGLISH) -> bytes:
    """One row for each school and time; of a cancellation, one for all schools.

    Returns
    -------
    UTF-8 with a byte order mark, lines ending in CR LF. The two recipient columns are empty;
    ``unannounced`` and ``cancelled`` are ``yes`` or ``no`` in every language, as Notify reads them.

    Raises
    ------
    TypeError
        If ``public`` is not exactly a ``PublicPlan``.
    """
    only_public(public)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(public, language):
        writer.writerow([safe_cell(row.get(column, "")) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def _rows(public: PublicPlan, language: Language) -> Iterator[dict[str, str]]:
    if not public.corridors:
        name = said(language, IN_AREA, ward=public.ward_name)
        none = said(language, NONE)
        empty = dict.fromkeys(("times", "days", "streets", "places", "who"), none)
        yield _common(public, language) | empty | {"school": name}
    for corridor in public.corridors:
        for school in corridor.schools:
            alone = replace(public, corridors=(replace(corridor, schools=(school,)),))
            yield _common(alone, language) | _entry(corridor, language) | {"school": school}


def _common(public: PublicPlan, language: Language) -> dict[str, str]:
    say, own = partial(said, language), partial(languages.own_words, language)
    school = say(YOUR_SCHOOL)
    return {
        "week": week_words(public, language),
        "choice": say(CHOICE),
        "unannounced": "yes" if public.is_unannounced else "no",
        "cancelled": "yes" if public.is_cancelled else "no",
        "version": languages.number(language, public.notice_version),
        "issued": languages.full_date(language, public.issued_on),
        "partnership": public.partnership,
        "contact": own(public.contact) if public.contact else school,
        "youth contact": own(public.youth_contact) if public.youth_contact else school,
        "text message": short_text(public, language),
    }


def _entry(corridor: PublicCorridor, language: Language) -> dict[str, str]:
    none = said(language, NONE)
    titles = [languages.own_words(language, role.title) for role in corridor.roles]
    return {
        "times": said(
            language,
            TIMES,
            start=languages.clock(language, corridor.start_min),
            end=languages.clock(language, corridor.end_min),
        ),
        "days": day_list(language, corridor.days),
        "streets": listed_plain(language, corridor.streets) or none,
        "places": listed_plain(language, [p.name for p in corridor.places]) or none,
        "who": listed_plain(language, titles) or none,
    }
