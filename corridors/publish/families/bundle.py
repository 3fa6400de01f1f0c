"""All files for families, in every language that has every sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import Final

from corridors.model import PublicPlan
from corridors.publish.families import notice, notify, short_text
from corridors.publish.families.data import DATA_FILE, notice_json
from corridors.publish.families.languages import (
    ENGLISH,
    NOBODY,
    CatalogueError,
    Language,
    read_language,
    untranslated,
)
from corridors.publish.families.notice import TEMPLATES, render_notice
from corridors.publish.families.notify import notify_csv
from corridors.publish.families.short_text import LIMIT
from corridors.publish.pages import sentences_in

NOTICE_FILE: Final = "notice.html"
YOUNG_PEOPLE_FILE: Final = "notice-young-people.html"
TEXT_FILE: Final = "text-message.txt"
NOTIFY_FILE: Final = "notify.csv"
_TOLD_AT_MOST: Final = 5


@lru_cache(maxsize=1)
def sentences() -> tuple[str, ...]:
    """Every sentence that a notice of any week may say, in English."""
    said = [
        s for template in ("notice_base.html", *TEMPLATES.values()) for s in sentences_in(template)
    ]
    listed = (*said, *notice.SENTENCES, *short_text.SENTENCES, *notify.SENTENCES)
    return tuple(dict.fromkeys(listed))


def own_texts(public: PublicPlan) -> tuple[str, ...]:
    """The partnership's own texts in a notice; names are not among them."""
    roles = [r for c in public.corridors for r in c.roles]
    texts = [text for r in roles for text in (r.title, r.does, r.looks)]
    texts += [public.about, public.contact, public.youth_contact, *public.services]
    return tuple(dict.fromkeys(filter(None, texts)))


def ready(
    public: PublicPlan, codes: Sequence[str], own: Mapping[str, str]
) -> tuple[tuple[Language, ...], tuple[str, ...]]:
    """Languages that a notice can be given in, English first, and why the others stop.

    All sentences count, not only those of this week: a language that cannot say "cancelled" would
    leave its readers waiting.

    Parameters
    ----------
    codes : as the profile lists them.
    own : the workspace's catalogues as text, by language.
    """
    languages, stopped = [ENGLISH], []
    for code in codes:
        if code == ENGLISH.code:
            continue
        try:
            language = read_language(code, own.get(code, ""))
        except CatalogueError as error:
            stopped.append(f"{code}: {error}")
            continue
        faults = [*untranslated(language, (*sentences(), *own_texts(public)))]
        if not faults and len(short_text.short_text(public, language)) > LIMIT:
            faults.append(f"its text message is longer than {LIMIT} characters")
        if faults:
            stopped.append(f"{language.name}: {_some(faults)}")
        else:
            languages.append(language)
    return tuple(languages), tuple(stopped)


def unchecked(languages: Iterable[Language], public: PublicPlan) -> tuple[str, ...]:
    """For staff: translations that no speaker has looked over, whole or in part."""
    used = {*sentences(), *own_texts(public)}
    return tuple(
        f"{language.name}: {_unread(language, used)}; a speaker has to read it before it goes out"
        for language in languages
        if used & language.unread
    )


def _unread(language: Language, used: Set[str]) -> str:
    unread = sorted(used & language.unread)
    if len(unread) == len(used):
        return f"the translation is checked by {NOBODY}"
    return (
        f"of its {len(used)} sentences {len(unread)} are checked by {NOBODY}, such as “{unread[0]}”"
    )


def family_files(public: PublicPlan, languages: Iterable[Language]) -> dict[str, bytes]:
    """File name to content: the notices, the text message and the spreadsheet of each language.

    Raises
    ------
    TypeError
        If ``public`` is not exactly a ``PublicPlan``.
    """
    made = {name: text for language in languages for name, text in _files(public, language)}
    return made | {DATA_FILE: notice_json(public)}


def _files(public: PublicPlan, language: Language) -> Iterator[tuple[str, bytes]]:
    def named(name: str) -> str:
        stem, _, kind = name.rpartition(".")
        return name if language.is_english else f"{stem}.{language.code}.{kind}"

    yield named(NOTICE_FILE), render_notice(public, language).encode("utf-8")
    young = render_notice(public, language, "young people")
    yield named(YOUNG_PEOPLE_FILE), young.encode("utf-8")
    yield named(TEXT_FILE), f"{short_text.short_text(public, language)}\n".encode()
    yield named(NOTIFY_FILE), notify_csv(public, language)


def _some(faults: Sequence[str]) -> str:
    more = len(faults) - _TOLD_AT_MOST
    return "; ".join([*faults[:_TOLD_AT_MOST], *([f"and {more} more"] if more > 0 else [])])
