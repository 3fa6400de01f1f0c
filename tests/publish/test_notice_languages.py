"""A language has every sentence or it stops, and no other stops with it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po
from sample_plan import HOSTILE, WARD, sample_plan, with_inputs
from support_notices import (
    ARABIC,
    CATALOGUES,
    LANGUAGES,
    PROFILE,
    READERS,
    WELSH,
    cancelled,
    catalogue,
    entry,
    every_kind,
    hostile,
    public_plan,
)

from corridors import publish, sources
from corridors.publish.families.bundle import (
    family_files,
    own_texts,
    ready,
    sentences,
    unchecked,
)
from corridors.publish.families.languages import (
    ENGLISH,
    CatalogueError,
    Language,
    Local,
    listed,
    listed_plain,
    marked_up,
    read_language,
    said,
)
from corridors.publish.families.notice import render_notice
from corridors.publish.public import publication

PUBLIC = f"maps/public/{WARD}/2026-W10"
CODES = ("en", "cy", "ar")


class _Heard(dict[str, str]):
    """Messages that are their own translation, and a list of what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def __missing__(self, key: str) -> str:
        self.asked.add(key)
        return key


def _heard() -> tuple[set[str], set[str]]:
    """Sentences asked for over every kind of notice, and texts of the partnership's own."""
    heard, own = _Heard(), set()
    for public in every_kind():
        family_files(public, [Language("en", Locale("en", "GB"), heard)])
        own |= set(own_texts(public))
    return heard.asked - own, own


def test_the_list_of_sentences_is_what_notices_say():
    asked, _ = _heard()
    assert asked == set(sentences())


def _shipped_texts() -> set[str]:
    texts = set()
    for name in sources.shipped_profiles():
        profile = sources.read_profile(name)
        notice = profile.notice
        texts |= {notice.about, notice.contact, notice.youth_contact, *notice.services}
        texts |= {t for c in profile.teams.role_cards for t in (c.title, c.does, c.looks)}
    return texts


@pytest.mark.parametrize("file", ["cy.po", "ar.po", "notice.pot"])
def test_each_catalogue_has_every_sentence_and_none_that_nobody_says(file):
    with (CATALOGUES / file).open("rb") as opened:
        found = read_po(opened, abort_invalid=True)
    ids = [m.id for m in found if m.id]
    assert set(ids) == set(sentences()) | _shipped_texts()
    assert len(ids) == len(set(ids))
    assert not found.obsolete
    assert all(bool(m.string) == file.endswith(".po") for m in found if m.id)


@pytest.mark.parametrize("language", [WELSH, ARABIC], ids=["cy", "ar"])
def test_shipped_catalogues_are_sound_and_say_that_nobody_checked_them(language):
    assert language.faults == {}
    assert set(sentences()) <= language.unread
    assert [s.split(":")[0] for s in unchecked(LANGUAGES, public_plan())] == [
        "Welsh (cy)",
        "Arabic (ar)",
    ]
    # A sentence that stayed English by oversight; "{schools}:" and the like say no word.
    same = [
        k
        for k, v in language.messages.items()
        if k == v and re.search(r"[a-z]{3}", re.sub(r"\{\w+\}", "", k))
    ]
    assert same == []


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("public", every_kind(), ids=range(10))
def test_no_english_sentence_is_left_on_a_translated_page(public, reader):
    page = render_notice(replace(public, services=()), ARABIC, reader)
    body = re.sub(
        r"<style>.*?</style>|<bdi.*?</bdi>|<title>.*?</title>|<[^>]*>", " ", page, flags=re.DOTALL
    )
    left = set(re.findall(r"[A-Za-z]{2,}", body))
    assert left <= {"OFFICIAL", "for", "publication", "Relay", "UK"}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("language", "tag", "direction"),
    [(ENGLISH, "en-GB", "ltr"), (WELSH, "cy", "ltr"), (ARABIC, "ar", "rtl")],
    ids=["en", "cy", "ar"],
)
def test_a_page_says_its_language_and_direction(language, tag, direction, reader):
    page = render_notice(public_plan(), language, reader)
    assert page.startswith(f'<!DOCTYPE html>\n<html lang="{tag}" dir="{direction}">')
    assert '<th scope="row"><bdi>Cedar Road</bdi></th>' in page
    assert "<bdi>Northfield Academy</bdi>" in page
    is_translation = "translation of the notice in English"
    wanted = marked_up(
        language,
        "This page is a translation of the notice in English. "
        "If they differ, the notice in English counts.",
    )
    assert (wanted in page) == (language is not ENGLISH)
    assert is_translation not in page


def test_dates_times_and_lists_are_the_languages_own():
    page = render_notice(public_plan(), WELSH)
    assert "<li>Dydd Llun, 2 Mawrth 2026</li>" in page
    assert "15:00 tan 17:00 ar:" in page
    assert "6 Chwefror 2026" in page
    page = render_notice(public_plan(), ARABIC)
    assert "<li>الاثنين، 2 مارس 2026</li>" in page
    assert "3:00 م" in page


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("language", LANGUAGES, ids=CODES)
def test_lists_are_as_cldr_has_them(language, count):
    from babel.lists import format_list

    names = ["A", "B", "C", "D"][:count]
    wanted = format_list(names, locale=language.locale)
    plain = re.sub("[\u2068\u2069]", "", listed_plain(language, names))
    assert plain == wanted
    assert re.sub("</?bdi>", "", listed(language, names)) == wanted
    assert listed(language, ["<b>"]) == "<bdi>&lt;b&gt;</bdi>"


def test_names_are_kept_apart_in_plain_text_that_runs_the_other_way():
    assert (
        said(ARABIC, "Streets: {streets}.", streets="Elm Road") == "الشوارع: \u2068Elm Road\u2069."
    )
    assert "\u2068" not in said(ARABIC, "Streets: {streets}.", streets=Local("شارع"))
    assert said(WELSH, "Streets: {streets}.", streets="Elm Road") == "Strydoedd: Elm Road."


# What stops a language ----------------------------------------------------------------------


def _stopped(own: str, public=None, codes=CODES) -> tuple[tuple[str, ...], tuple[str, ...]]:
    languages, stopped = ready(public or public_plan(), codes, {"cy": own})
    return tuple(x.code for x in languages), stopped


@pytest.mark.parametrize(
    ("own", "fault"),
    [
        (entry("Where", "Ble", flags="#, fuzzy\n"), "“Where” is marked fuzzy"),
        (entry("Talk to {contact}.", "Siaradwch."), "placeholders: {contact} in English, none in"),
        (entry("Talk to {contact}.", "{contact} {contact}"), "has other placeholders"),
        (entry("Where", "Ble {contact.__class__} {contact}"), "“Where” has other placeholders"),
        ("nonsense\n", "cy.po is no catalogue"),
        ('msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\nmsgstr[1] "d"\n', "plural forms"),
        (entry("Nobody has to talk to them.", "x " * 900), ""),
        (entry("Ask or complain: {contact}.", "{contact}" + " x" * 900), ""),
        (entry("Version {version}, {day}.", "{version} {day}" + " x" * 900), "longer than 918"),
    ],
)  # fmt: skip
def test_a_fault_stops_that_language_and_no_other(own, fault):
    codes, stopped = _stopped(catalogue(own))
    assert codes == (("en", "ar") if fault else CODES)
    assert len(stopped) == bool(fault)
    assert all(
        fault in reason and reason.startswith(("Welsh (cy): ", "cy: ")) for reason in stopped
    )


def test_a_language_without_a_catalogue_says_how_to_get_one():
    languages, stopped = ready(public_plan(), ("en", "so", "xx"), {})
    assert [x.code for x in languages] == ["en"]
    assert stopped == (
        "so: there is no catalogue: write one as translations/so.po",
        "xx: xx is no language that Babel knows",
    )


def test_texts_of_the_partnerships_own_need_a_translation_too():
    public = replace(public_plan(), services=("Boxing at the hub", "Art room"))
    codes, stopped = _stopped("", public)
    assert codes == ("en",)
    assert (
        stopped[0]
        == "Welsh (cy): “Boxing at the hub” has no translation; “Art room” has no translation"
    )
    both = catalogue(
        entry("Boxing at the hub", "Bocsio yn yr hwb"), entry("Art room", "Ystafell gelf")
    )
    codes, stopped = _stopped(both, public)
    assert codes == ("en", "cy")
    assert len(stopped) == 1
    languages, _ = ready(public, CODES, {"cy": both})
    assert "Bocsio yn yr hwb" in render_notice(public, languages[1])


def test_long_lists_of_faults_are_told_in_part():
    public = replace(public_plan(), services=tuple(f"Club {n}" for n in range(9)))
    assert _stopped("", public)[1][0].endswith("“Club 4” has no translation; and 4 more")


def test_a_workspaces_catalogue_goes_before_ours():
    own = catalogue(entry("Where", "Ymhle"), entry("When", ""), checked_by="A. Speaker, 2 March")
    mine = read_language("cy", own)
    assert mine.messages["Where"] == "Ymhle"
    assert mine.messages["When"] == "Pryd"
    (told,) = unchecked([ENGLISH, mine], public_plan())
    used = len({*sentences(), *own_texts(public_plan())})
    assert told.startswith(f"Welsh (cy): of its {used} sentences {used - 1} are checked by nobody")
    assert "“Where”" not in told
    mended = read_language("cy", catalogue(entry("Where", "Ble", flags="#, fuzzy\n")))
    assert "Where" not in mended.messages


def test_a_catalogue_that_is_checked_counts_once_it_has_every_sentence():
    used = (*sentences(), *own_texts(public_plan()))
    entries = [entry(s, WELSH.messages[s]) for s in used]
    whole = read_language("cy", catalogue(*entries, checked_by="A. Speaker"))
    assert unchecked([whole], public_plan()) == ()
    assert len(unchecked([read_language("cy", catalogue(*entries))], public_plan())) == 1
    most = read_language("cy", catalogue(*entries[1:], checked_by="A. Speaker"))
    assert (
        f"1 are checked by nobody yet, such as “{used[0]}”" in unchecked([most], public_plan())[0]
    )


def test_joiners_of_letters_stay_in_a_catalogue_and_turns_of_writing_go():
    spelt = "می\u200cرود"
    own = catalogue(entry("Where", f"{spelt}\u202e\u2066"), entry("Youth worker", spelt))
    language = read_language("cy", own)
    assert language.messages["Where"] == spelt
    page = render_notice(public_plan(), language)
    assert f">{spelt}</h3>" in page
    assert f">{spelt}</th>" in page
    assert "\u202e" not in page


def test_cancelling_needs_no_text_that_a_cancellation_does_not_have():
    assert _stopped("", cancelled())[0] == CODES


def test_english_has_no_catalogue():
    assert read_language("en") is ENGLISH
    with pytest.raises(CatalogueError, match="no language"):
        read_language("not a language")


@pytest.mark.parametrize("payload", HOSTILE)
def test_a_hostile_catalogue_and_hostile_names_stay_words(payload):
    clean_payload = " ".join(payload.split())
    own = catalogue(
        entry("Where", clean_payload.replace("\0", "")),
        entry("Why we do this", "<b onclick=x>http://x.example</b>"),
    )
    language = read_language("cy", own)
    public = hostile(payload)
    language = replace(language, messages=_Fallback(language.messages))
    for reader in READERS:
        page = render_notice(public, language, reader)
        assert "<script" not in page
        assert "<img" not in page
        assert "<b " not in page
        assert "://" not in page
        assert not re.search(r"<[^>]* on\w+=", re.sub(r'"[^"]*"', '""', page))
    for name, data in family_files(public, [language]).items():
        if name.endswith(".csv"):
            rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
            assert not [c for row in rows for c in row if c.startswith(tuple("=+-@\t\r\0|%"))]


class _Fallback(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key


# Written to disk ----------------------------------------------------------------------------


def _profile(*languages: str):
    return replace(PROFILE, notice=replace(PROFILE.notice, languages=languages))


def _written(root: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (root / PUBLIC).iterdir()}


def test_every_language_and_variant_has_the_same_version(tmp_path):
    profile = _profile(*CODES)
    publish.write(replace(sample_plan(), patrols=sample_plan().patrols[:1]), profile, tmp_path)
    publish.write(with_inputs(sample_plan(), made_on=date(2026, 2, 27)), profile, tmp_path)
    files = _written(tmp_path)
    stems = ("notice", "notice-young-people", "text-message", "notify")
    kinds = ("html", "html", "txt", "csv")
    wanted = {f"{s}{c}.{k}" for s, k in zip(stems, kinds, strict=True) for c in ("", ".cy", ".ar")}
    assert set(files) == wanted | {"notice.json"}
    said_by = {n: d.decode("utf-8-sig") for n, d in files.items()}
    for name, text in said_by.items():
        if name.endswith(".html"):
            assert "version=2;issued=2026-02-27;unannounced=yes" in text, name
    assert "Version 2, 27 February 2026." in said_by["text-message.txt"]
    assert "Unannounced" in said_by["text-message.txt"]
    assert "Heb rybudd" in said_by["text-message.cy.txt"]
    assert "Fersiwn 2, 27 Chwefror 2026." in said_by["notify.cy.csv"]


def test_a_language_more_or_less_is_no_new_version(tmp_path):
    publish.write(sample_plan(), _profile("en"), tmp_path)
    english = _written(tmp_path)
    late = with_inputs(sample_plan(), made_on=date(2026, 2, 27))
    publish.write(late, _profile("en", "cy"), tmp_path)
    both = _written(tmp_path)
    assert {n: both[n] for n in english} == english
    assert b"version=1;issued=2026-02-06;unannounced=no" in both["notice.cy.html"]
    publish.write(late, _profile("en"), tmp_path)
    assert _written(tmp_path) == english


def test_a_language_that_stops_leaves_no_old_page_behind_and_staff_read_why(tmp_path):
    publish.write(sample_plan(), _profile(*CODES), tmp_path)
    fuzzy = catalogue(entry("Where", "Ble", flags="#, fuzzy\n"))
    plan = with_inputs(sample_plan(), translations=(("cy", fuzzy),))
    publish.write(plan, _profile(*CODES), tmp_path)
    assert {"notice.html", "notice.ar.html"} < set(_written(tmp_path))
    assert not [name for name in _written(tmp_path) if ".cy." in name]
    page = (tmp_path / f"maps/working/{WARD}/2026-W10/map_OS.html").read_text("utf-8")
    assert "Left out: Welsh (cy): “Where” is marked fuzzy: somebody has to check it." in page
    assert "Arabic (ar): the translation is checked by nobody yet" in page
    notice = _profile(*CODES).notice
    reasons = publication(plan, notice, PROFILE.teams).reasons
    assert reasons == ("Welsh (cy): “Where” is marked fuzzy: somebody has to check it",)


def test_a_cancellation_goes_out_in_every_language(tmp_path):
    publish.write(sample_plan(), _profile(*CODES), tmp_path)
    nobody = replace(sample_plan(), patrols=())
    publish.write(nobody, _profile(*CODES), tmp_path)
    files = _written(tmp_path)
    assert "Wedi’i ganslo" in files["notice-young-people.cy.html"].decode()
    assert "Wedi'u canslo" in files["text-message.cy.txt"].decode()
    assert "أُلغي" in files["text-message.ar.txt"].decode()
