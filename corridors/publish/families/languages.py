"""The languages of a notice: catalogues of sentences, and each language's way with dates and lists.

A catalogue is a gettext ``.po`` file. Its key is the English sentence, with ``{names}`` where facts
go. English needs none. What a catalogue says is escaped like any other text from a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from importlib import resources
from io import StringIO
from typing import Final, TypeVar

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from corridors.publish.wording import (
    ISOLATES,
    JOINERS,
    clean,
    day_words,
    long_date,
    time_words,
)

_CATALOGUES: Final = resources.files("corridors.publish.families").joinpath("catalogues")
_FACT: Final = re.compile(r"\{([a-z_]+)\}")
_SLOT: Final = re.compile(r"\{[01]\}")
_CHECKED_BY: Final = re.compile(r'^"X-Checked-By: ([^"]*?)\\n"\s*$', re.MULTILINE)
NOBODY: Final = "nobody yet"


Text = TypeVar("Text", bound=str)


class Local(str):
    """Words in the language of the page itself, such as a date; other values are names."""

    __slots__ = ()


class CatalogueError(ValueError):
    """Why a language cannot be used at all."""


@dataclass(frozen=True)
class Language:
    """A language with its sentences.

    Parameters
    ----------
    messages : English sentence to its translation; None for English, which needs none.
    faults : English sentence to what is wrong with its translation.
    unread : sentences from a catalogue that does not say who looked it over.
    """

    code: str
    locale: Locale
    messages: Mapping[str, str] | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    @property
    def is_english(self) -> bool:
        """Whether it is the language that counts."""
        return self.messages is None

    @property
    def tag(self) -> str:
        """For ``lang`` in HTML."""
        return "en-GB" if self.is_english else self.code

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self.locale.text_direction)

    @property
    def name(self) -> str:
        """Its name in English, for staff."""
        return f"{language_name(self.code)} ({self.code})"


def language_name(code: str) -> str:
    """What English calls a language; the code itself if it is not known."""
    try:
        return Locale.parse(code, sep="-").get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


ENGLISH: Final = Language("en", Locale("en", "GB"))


def read_language(code: str, own: str = "") -> Language:
    """A language from the catalogue that ships with this package and a workspace's own.

    Parameters
    ----------
    code : such as ``cy`` or ``pt-BR``; ``en`` is English and has no catalogue.
    own : the workspace's ``.po`` file as text, empty if it has none; it goes before ours.

    Raises
    ------
    CatalogueError
        If nobody knows the language, there is no catalogue, or one is no ``.po`` file.
    """
    if code == ENGLISH.code:
        return ENGLISH
    try:
        locale = Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise CatalogueError(f"{code} is no language that Babel knows") from error
    texts = [text for text in (_shipped(code), own) if text.strip()]
    if not texts:
        raise CatalogueError(f"there is no catalogue: write one as translations/{code}.po")
    messages: dict[str, str] = {}
    faults: dict[str, str] = {}
    unread: set[str] = set()
    for text in texts:
        found, wrong, is_read = _read(text, code)
        messages = {k: v for k, v in messages.items() if k not in wrong} | found
        faults = {k: v for k, v in faults.items() if k not in found} | wrong
        unread = unread - found.keys() if is_read else unread | found.keys()
    return Language(code, locale, messages, faults, frozenset(unread))


def untranslated(language: Language, sentences: Iterable[str]) -> tuple[str, ...]:
    """What keeps a language from being used: a sentence and its fault each."""
    if language.messages is None:
        return ()
    return tuple(
        f"“{s}” {language.faults.get(s, 'has no translation')}"
        for s in dict.fromkeys(sentences)
        if s not in language.messages
    )


def said(language: Language, sentence: str, **values: str) -> str:
    """A sentence in plain text; names keep their own direction of writing."""
    return _filled(language, sentence, lambda name: _plain(language, values[name]), str)


def marked_up(language: Language, sentence: str, **values: str) -> Markup:
    """A sentence for a page: escaped, with names as ``bdi``.

    Parameters
    ----------
    values : by placeholder; ``Local`` words and ``Markup`` are no names.
    """
    return _filled(language, sentence, lambda name: _bdi(values[name]), escape)


def own_words(language: Language, text: str) -> Local:
    """A text of the partnership's own in this language."""
    return Local(clean(_translated(language, text), keep=JOINERS))


def listed(language: Language, names: Sequence[str]) -> Markup:
    """Names as one list for a page, each as ``bdi``."""
    return _joined(language, [_bdi(name) for name in names], Markup)


def listed_plain(language: Language, names: Sequence[str]) -> Local:
    """Names as one list in plain text."""
    return _joined(language, [_plain(language, name) for name in names], Local)


def day(language: Language, when: date) -> Local:
    """A day of the week and its date."""
    english = language.is_english
    return Local(day_words(when) if english else format_date(when, "full", language.locale))


def full_date(language: Language, when: date) -> Local:
    """A date with its year."""
    english = language.is_english
    return Local(long_date(when) if english else format_date(when, "long", language.locale))


def clock(language: Language, minutes: int) -> Local:
    """A time of day, from minutes after midnight."""
    if language.is_english:
        return Local(time_words(minutes))
    local = time(*divmod(minutes % 1440, 60))
    return Local(format_time(local, "short", locale=language.locale))


def number(language: Language, value: int) -> Local:
    """A whole number."""
    return Local(format_decimal(value, locale=language.locale))


def _filled(
    language: Language, sentence: str, fact: Callable[[str], Text], literal: Callable[[str], Text]
) -> Text:
    # Not str.format: a catalogue from a file may not reach into what it is given.
    parts = _FACT.split(_translated(language, sentence))
    made = [fact(part) if i % 2 else literal(part) for i, part in enumerate(parts)]
    return literal("").join(made)  # type: ignore[return-value]


def _translated(language: Language, text: str) -> str:
    return text if language.messages is None else language.messages[text]


def _bdi(value: str) -> Markup:
    if isinstance(value, Markup):
        return value
    if isinstance(value, Local):
        return escape(value)
    return Markup("<bdi>{}</bdi>").format(clean(value))


def _plain(language: Language, value: str) -> str:
    if isinstance(value, Local):
        return value
    name = clean(value)
    if language.direction == "ltr":
        return name
    return f"{ISOLATES[0]}{name}{ISOLATES[1]}"


def _joined(language: Language, names: Sequence[str], kind: Callable[[str], Text]) -> Text:
    """As ``babel.lists.format_list`` does, for text that may be markup."""
    patterns = language.locale.list_patterns["standard"]

    def pair(pattern: str, left: Text, right: Text) -> Text:
        before, between, after = (kind(part) for part in _SLOT.split(patterns[pattern]))
        return kind(before + left + between + right + after)  # of str itself, whose sum is a str

    if len(names) < 3:
        return (
            pair("2", kind(names[0]), kind(names[1])) if len(names) == 2 else kind("".join(names))
        )
    made = pair("start", kind(names[0]), kind(names[1]))
    for name in names[2:-1]:
        made = pair("middle", made, kind(name))
    return pair("end", made, kind(names[-1]))


@lru_cache(maxsize=32)
def _shipped(code: str) -> str:
    file = _CATALOGUES.joinpath(f"{code}.po")
    return file.read_text(encoding="utf-8") if file.is_file() else ""


@lru_cache(maxsize=32)
def _read(text: str, code: str) -> tuple[dict[str, str], dict[str, str], bool]:
    """Of one catalogue: translations, faults, and whether it says who checked it."""
    try:
        catalogue = read_po(StringIO(text), abort_invalid=True)
    except (PoFileError, ValueError, LookupError) as error:
        raise CatalogueError(f"{code}.po is no catalogue: {clean(error)}") from error
    messages: dict[str, str] = {}
    faults: dict[str, str] = {}
    for message in catalogue:
        if not message.id or not message.string:
            continue
        if not isinstance(message.id, str) or not isinstance(message.string, str):
            raise CatalogueError(f"{code}.po has plural forms, which a notice does not use")
        key = clean(message.id)
        wrong = _fault(message.id, message.string, is_fuzzy=message.fuzzy)
        if wrong:
            faults[key] = wrong
        else:
            messages[key] = clean(message.string, keep=JOINERS)
    checker = _CHECKED_BY.search(text)  # Babel forgets headers that it does not know
    name = clean(checker.group(1)) if checker else ""
    return messages, faults, name not in ("", NOBODY)


def _fault(sentence: str, translation: str, *, is_fuzzy: bool) -> str:
    if is_fuzzy:
        return "is marked fuzzy: somebody has to check it"
    wanted, found = sorted(_FACT.findall(sentence)), sorted(_FACT.findall(translation))
    if wanted != found:
        lists = (", ".join(f"{{{name}}}" for name in names) or "none" for names in (wanted, found))
        return "has other placeholders: {} in English, {} in the translation".format(*lists)
    return ""
