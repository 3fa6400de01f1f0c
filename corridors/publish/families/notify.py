"""A spreadsheet for GOV.UK Notify: a school fills in whom to send a notice to.

Notify finds recipients in the column ``email address`` or ``phone number``, as the template is for
email or text messages, and fills each ``((column name))`` of the template from the row. It takes no
empty cell of a column that the template uses, so no cell but a recipient's is ever empty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from corridors.model import PublicCorridor, PublicPlan
from corridors.publish.cells import quoted
from corridors.publish.families import languages
from corridors.publish.families.languages import ENGLISH, Language, listed_plain, said
from corridors.publish.families.notice import week_words
from corridors.publish.families.short_text import CHOICE, short_text, streets_of, time_sentences
from corridors.publish.families.wall import only_public
from corridors.publish.wording import clean, clean_name

COLUMNS: Final = (
    "email address", "phone number", "school", "week", "when", "streets", "places", "who",
    "choice", "unannounced", "cancelled", "version", "issued", "partnership", "contact",
    "youth contact", "text message",
)  # fmt: skip
NONE: Final = "none"
IN_AREA: Final = "all schools in {ward}"
YOUR_SCHOOL: Final = "your school"
SENTENCES: Final = (NONE, IN_AREA, YOUR_SCHOOL)


def notify_csv(public: PublicPlan, language: Language = ENGLISH) -> bytes:
    """One row for each school; if the whole week is cancelled, one for all schools.

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
        writer.writerow([quoted(row.get(column, "")) for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def _rows(public: PublicPlan, language: Language) -> Iterator[dict[str, str]]:
    """All cells are clean: isolates of names that run the other way are ours, and stay."""
    nothing = dict.fromkeys(("when", "streets", "places", "who"), said(language, NONE))
    if not public.corridors:
        name = said(language, IN_AREA, ward=public.ward_name)
        yield _common(public, language) | nothing | {"school": name}
        return
    for school in sorted({s for c in public.corridors for s in c.schools}):
        entries = [replace(c, schools=(school,)) for c in public.corridors if school in c.schools]
        alone = replace(public, corridors=tuple(entries), cancelled_schools=())
        yield _common(alone, language) | _told(entries, language) | {"school": clean_name(school)}
    for school in public.cancelled_schools:
        alone = replace(public, corridors=(), cancelled_schools=(school,), is_unannounced=False)
        state = {"school": clean_name(school), "cancelled": "yes"}
        yield _common(alone, language) | nothing | state


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
        "partnership": clean(public.partnership),
        "contact": own(public.contact) if public.contact else school,
        "youth contact": own(public.youth_contact) if public.youth_contact else school,
        "text message": short_text(public, language),
    }


def _told(entries: Sequence[PublicCorridor], language: Language) -> dict[str, str]:
    """Of one school, all that its entries tell."""
    none = said(language, NONE)
    places = sorted({place.name for entry in entries for place in entry.places})
    titles = sorted({role.title for entry in entries for role in entry.roles})
    own = [languages.own_words(language, title) for title in titles]
    return {
        "when": " ".join(time_sentences(entries, language)),
        "streets": listed_plain(language, streets_of(entries)) or none,
        "places": listed_plain(language, places) or none,
        "who": listed_plain(language, own) or none,
    }
