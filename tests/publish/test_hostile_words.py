"""Every text of the hostile corpus in every role, on every page, without a browser.

The pages are read with the standard library's parser: it takes what is in a page for what it is,
so a text that had become markup would be a tag here, and would be missing among the words.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser

import pytest
from support_hostile import ROTATIONS, HostileCase, hostile_case
from support_made import cards_of

from corridors.publish.briefing import briefing
from corridors.publish.families.notice import render_notice
from corridors.publish.public import publication
from corridors.publish.wording import TEXT_LIMIT, clean, clean_name
from corridors.publish.working_map import working_map

# Every third plan: each text is in a third of the roles, and each role meets a third of the texts.
# The others are for `make test-all`.
EVERY = [
    pytest.param(r, marks=() if r % 3 == 0 else pytest.mark.slow, id=str(r)) for r in ROTATIONS
]
LONG = ("outcome", "statement", "reason", "warning")

# Streets of the corridor are 2, 6 and 9 in order of `Names`. Which roles a page shows:
ON_CORRIDOR = ("street 2", "street 6", "street 9")
WORDS = ("outcome", "statement", "reason", "warning")
ON_MAP = (
    "ward", "school", "other school", "stand point", "contact", "aim", "organisation",
    "volunteers", *(f"street {n}" for n in range(12)), *(f"person {n}" for n in range(4)), *WORDS,
)  # fmt: skip
IN_BRIEFING = (
    "ward", "school", "other school", "stand point", "aim", "organisation", "volunteers",
    "outcome", "reason", "warning", *ON_CORRIDOR,
)  # fmt: skip
ON_NOTICE = ("ward", "school", "stand point", *ON_CORRIDOR)
PARTNERSHIP = ("contact", "organisation")  # as the profile's words on the notice


@dataclass(frozen=True)
class _Tag:
    name: str
    keys: tuple[str, ...]


class _Page(HTMLParser):
    """Tags with their attributes' names, and the words between them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[_Tag] = []
        self.words: list[str] = []
        self.odd: list[str] = []
        self.feed(page)
        self.close()
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(_Tag(tag, tuple(sorted(name for name, _ in attrs))))
        self.words += [value for name, value in attrs if name in ("aria-label", "title") and value]

    def handle_data(self, data):
        if self.tags and self.tags[-1].name not in ("script", "style"):
            self.words.append(data)

    def handle_comment(self, data):
        self.odd.append(data)

    def handle_pi(self, data):
        self.odd.append(data)

    def unknown_decl(self, data):
        self.odd.append(data)


@cache
def _pages(rotation: int) -> dict[str, str]:
    case = hostile_case(rotation)
    texts = case.texts
    own = replace(
        case.profile.notice,
        partnership=texts["organisation"] or "Partnership",
        contact=texts["contact"] or "Contact",
    )
    profile = replace(case.profile, notice=own)
    made = publication(case.plan, own, profile.teams)
    pages = {
        "map": working_map(case.plan, profile, cards_of(case.plan, profile), made),
        "briefing": briefing(case.plan, profile, made),
    }
    if made.plan is not None:
        pages["notice"] = render_notice(made.plan)
    return pages


def _wanted(case: HostileCase, roles: tuple[str, ...]) -> list[tuple[str, str]]:
    """Role and text as the page has to show it, but for those with nothing to show."""
    shown = ((r, clean(case.texts[r]) if r in LONG else clean_name(case.texts[r])) for r in roles)
    # A sentence that is cut may have words of ours before it.
    return [(role, " ".join(text.split())[: TEXT_LIMIT - 100]) for role, text in shown if text]


def _assert_shown(case: HostileCase, roles: tuple[str, ...], text: str) -> None:
    for role, wanted in _wanted(case, roles):
        assert wanted in text, (role, wanted)


def _assert_no_markup(page: _Page, scripts: int = 0, forms: int = 0) -> None:
    names = Counter(tag.name for tag in page.tags)
    assert names["script"] == scripts
    assert names["form"] == forms
    assert names["style"] == 1
    assert not names.keys() & {
        "img", "iframe", "object", "embed", "base", "math", "link", "textarea", "animate",
        "image", "foreignobject", "audio", "video", "source",
    }  # fmt: skip
    assert not [t for t in page.tags if any(key.startswith("on") for key in t.keys)]
    assert not [t for t in page.tags if {"srcdoc", "autofocus", "formaction"} & set(t.keys)]
    assert page.odd == []


@pytest.mark.parametrize("rotation", EVERY)
def test_the_map_shows_the_text_and_nothing_becomes_markup(rotation):
    case, page = hostile_case(rotation), _Page(_pages(rotation)["map"])
    _assert_no_markup(page, scripts=3, forms=1)
    _assert_shown(case, ON_MAP, page.text)
    data = _pages(rotation)["map"].split('id="map-data">')[1].split("</script>")[0]
    said = json.dumps(json.loads(data), ensure_ascii=False)
    for _, wanted in _wanted(case, ON_CORRIDOR):
        assert json.dumps(wanted, ensure_ascii=False)[1:-1] in said


@pytest.mark.parametrize("rotation", EVERY)
def test_the_briefing_shows_the_text_and_nothing_becomes_markup(rotation):
    case, page = hostile_case(rotation), _Page(_pages(rotation)["briefing"])
    _assert_no_markup(page)
    _assert_shown(case, IN_BRIEFING, page.text)


@pytest.mark.parametrize("rotation", EVERY)
def test_the_notice_shows_the_text_and_nothing_becomes_markup(rotation):
    case, pages = hostile_case(rotation), _pages(rotation)
    if "notice" not in pages:
        roles = ("contact", *ON_CORRIDOR)
        assert len(_wanted(case, roles)) < len(roles)  # an empty text keeps the week off it
        return
    page = _Page(pages["notice"])
    _assert_no_markup(page)
    _assert_shown(case, (*ON_NOTICE, *PARTNERSHIP), page.text)


def test_this_parser_would_see_what_had_become_markup():
    page = _Page('<p title="&lt;b&gt;">Mill <img src=x onerror=alert(1)> Lane<!-- x --></p>')
    with pytest.raises(AssertionError):
        _assert_no_markup(page)
    assert page.text == "<b> Mill Lane"
    assert page.odd == [" x "]
