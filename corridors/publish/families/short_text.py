"""The notice as a text message: when, where in general, and how to ask; more if it fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import partial
from typing import Final

from corridors.model import PublicCorridor, PublicPlan
from corridors.publish.families import languages
from corridors.publish.families.languages import ENGLISH, Language, Local, listed_plain, said
from corridors.publish.families.notice import schools_by_police, week_words
from corridors.publish.families.wall import only_public
from corridors.publish.wording import clean_name

LIMIT: Final = 918  # GOV.UK Notify takes no longer one: six parts of 153
TARGET: Final = 306  # two parts

UNANNOUNCED: Final = "Unannounced: we are sorry that this comes late."
WITH_POLICE: Final = "Adults, including police officers, will walk near {schools} after school."
WITHOUT_POLICE: Final = "Adults will walk near {schools} after school."
OF_SCHOOLS: Final = "{schools}:"
IN_WARD: Final = "schools in {ward}"
TIME: Final = "{start} to {end} on {days}."
SPAN: Final = "{first} to {last}"
BETWEEN: Final = "Some days from {first} to {last}, between {start} and {end}."
STREETS: Final = "Streets: {streets}."
WHO: Final = "Who: {roles}."
CHOICE: Final = "Nobody has to talk to them."
CANCELLED: Final = "Cancelled: the walks after school near schools in {ward}, {week}."
CANCELLED_NEAR: Final = "Cancelled: the walks after school near {schools}, {week}."
SOME_IN_WARD: Final = "some schools in {ward}"
ASK: Final = "Ask or complain: {contact}."
ASK_SCHOOL: Final = "To ask or complain, talk to your school."
NOT_POLICE: Final = "Or talk to {contact}."
VERSION: Final = "Version {version}, {day}."
REPLACES: Final = "It takes the place of what you got before."
SENTENCES: Final = (
    UNANNOUNCED, WITH_POLICE, WITHOUT_POLICE, OF_SCHOOLS, IN_WARD, TIME, SPAN, BETWEEN, STREETS,
    WHO, CHOICE, CANCELLED, CANCELLED_NEAR, SOME_IN_WARD, ASK, ASK_SCHOOL, NOT_POLICE, VERSION,
    REPLACES,
)  # fmt: skip

# As GOV.UK Notify does it: these alone would make each part of a text shorter.
_PLAIN: Final = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "…": "..."}
)


@dataclass(frozen=True)
class _Detail:
    """What a text still has in it; the order of the fields is the order in which they go."""

    who: bool = True  # that police walk is always said
    choice: bool = True
    youth_contact: bool = True
    streets: bool = True
    contact: bool = True
    times: bool = True
    schools: bool = True


_FOR_TARGET: Final = 3  # so many of them go to stay within the target


def short_text(public: PublicPlan, language: Language = ENGLISH) -> str:
    """At most 918 characters of plain text, without a link.

    Left out in this order: who walks, that nobody has to talk, the contact that is not the police,
    the streets, the contact's own words, each day's times, the schools' names. The first three go
    if the rest then stays within 306 characters, the others only to stay within 918. State, whether
    police walk, when, where in general, how to ask and the version always stay. Nothing is cut
    within a word.

    Raises
    ------
    TypeError
        If ``public`` is not exactly a ``PublicPlan``.
    """
    only_public(public)
    texts = [_text(public, language, detail) for detail in _details()]
    near = [text for text in texts[: _FOR_TARGET + 1] if len(text) <= TARGET]
    fitting = [text for text in texts if len(text) <= LIMIT]
    return (near or fitting or texts[-1:])[0]


def day_list(language: Language, days: Iterable[date]) -> Local:
    """Days as words: the first and the last if there are three or more without a gap."""
    ordered = sorted(set(days))
    told = [languages.day(language, d) for d in ordered]
    if len(ordered) > 2 and ordered[-1] - ordered[0] == timedelta(days=len(ordered) - 1):
        return Local(said(language, SPAN, first=told[0], last=told[-1]))
    return listed_plain(language, told)


def streets_of(corridors: Iterable[PublicCorridor]) -> list[str]:
    """All their streets, from A to Z."""
    return sorted({street for c in corridors for street in c.streets})


def _details() -> Iterator[_Detail]:
    """From everything to the least, one thing less each time."""
    detail = _Detail()
    yield detail
    for spared in fields(_Detail):
        detail = replace(detail, **{spared.name: False})
        yield detail


def _text(public: PublicPlan, language: Language, detail: _Detail) -> str:
    say = partial(said, language)
    version = say(
        VERSION,
        version=languages.number(language, public.notice_version),
        day=languages.full_date(language, public.issued_on),
    )
    parts = [
        say(UNANNOUNCED) if public.is_unannounced else "",
        *_cancelled(public, language, detail),
        *(_told(public, language, detail) if public.corridors else ()),
        *_contacts(public, language, detail),
        version,
        say(REPLACES) if public.notice_version > 1 else "",
    ]
    return " ".join(filter(None, parts)).translate(_PLAIN)


def _cancelled(public: PublicPlan, language: Language, detail: _Detail) -> Iterator[str]:
    week, ward = week_words(public, language), clean_name(public.ward_name)
    if public.is_cancelled:
        yield said(language, CANCELLED, ward=ward, week=week)
    elif public.cancelled_schools:
        named = (
            listed_plain(language, public.cancelled_schools)
            if detail.schools
            else Local(said(language, SOME_IN_WARD, ward=ward))
        )
        yield said(language, CANCELLED_NEAR, schools=named, week=week)


def _told(public: PublicPlan, language: Language, detail: _Detail) -> Iterator[str]:
    say = partial(said, language)
    beside_police, no_police = schools_by_police(public.corridors)
    if not detail.schools:
        schools = Local(say(IN_WARD, ward=clean_name(public.ward_name)))
        yield say(WITH_POLICE if beside_police else WITHOUT_POLICE, schools=schools)
    else:
        for sentence, names in ((WITH_POLICE, beside_police), (WITHOUT_POLICE, no_police)):
            if names:
                yield say(sentence, schools=listed_plain(language, names))
    if not detail.times:
        yield _span(public.corridors, language)
    else:
        groups = _by_school(public.corridors)
        for group in groups:
            if len(groups) > 1:
                yield say(OF_SCHOOLS, schools=listed_plain(language, group[0].schools))
            yield from _group(group, language, detail)
    if detail.who:
        titles = sorted({r.title for c in public.corridors for r in c.roles})
        own = [languages.own_words(language, title) for title in titles]
        yield say(WHO, roles=listed_plain(language, own))
    if detail.choice:
        yield say(CHOICE)


def _by_school(corridors: Iterable[PublicCorridor]) -> list[list[PublicCorridor]]:
    groups: dict[tuple[str, ...], list[PublicCorridor]] = {}
    for corridor in corridors:
        groups.setdefault(corridor.schools, []).append(corridor)
    return list(groups.values())


def time_sentences(group: Iterable[PublicCorridor], language: Language) -> Iterator[str]:
    """``3pm to 5pm on Monday 2 March.``, one for each time, the earliest day first."""
    for (start_min, end_min), days in sorted(_times(group).items(), key=lambda item: item[::-1]):
        yield said(
            language,
            TIME,
            start=languages.clock(language, start_min),
            end=languages.clock(language, end_min),
            days=day_list(language, days),
        )


def _group(group: Sequence[PublicCorridor], language: Language, detail: _Detail) -> Iterator[str]:
    yield from time_sentences(group, language)
    if detail.streets:
        yield said(language, STREETS, streets=listed_plain(language, streets_of(group)))


def _times(group: Iterable[PublicCorridor]) -> dict[tuple[int, int], list[date]]:
    times: dict[tuple[int, int], list[date]] = {}
    for corridor in group:
        times.setdefault((corridor.start_min, corridor.end_min), []).extend(corridor.days)
    return times


def _span(corridors: Sequence[PublicCorridor], language: Language) -> str:
    days = [d for c in corridors for d in c.days]
    return said(
        language,
        BETWEEN,
        first=languages.day(language, min(days)),
        last=languages.day(language, max(days)),
        start=languages.clock(language, min(c.start_min for c in corridors)),
        end=languages.clock(language, max(c.end_min for c in corridors)),
    )


def _contacts(public: PublicPlan, language: Language, detail: _Detail) -> Iterator[str]:
    own = partial(languages.own_words, language)
    if detail.contact and public.contact:
        yield said(language, ASK, contact=own(public.contact))
    else:
        yield said(language, ASK_SCHOOL)
    if detail.youth_contact and public.youth_contact:
        yield said(language, NOT_POLICE, contact=own(public.youth_contact))
