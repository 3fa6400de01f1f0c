"""The notice: no leak, no script, plain words, whole structure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from sample_plan import (
    HOSTILE,
    fresh_plan,
    hostile_names,
    sample_plan,
    sample_profile,
    with_inputs,
)
from support_approvals import agreed

from corridors import model
from corridors.publish.families.notice import Issue, read_issue, render_notice
from corridors.publish.public import cancellation, to_public

PROFILE = sample_profile()


def _public(plan: model.Plan | None = None) -> model.PublicPlan:
    made = to_public(agreed(plan or sample_plan()), PROFILE.notice, PROFILE.teams)
    assert made is not None
    return made


@cache
def _calm_page() -> str:
    return render_notice(_public())


class _Page(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.tags[-1][0] != "style" if self.tags else False:
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.tags if t == tag]


@pytest.mark.parametrize(
    "token",
    [
        "hot spot", "hotspot", "gang", "knife", "weapon", "violence", "robbery", "risk",
        "intelligence", "incident", "weight", "score", "kde", "density", "cluster", "patrol_id",
        "sensitive", "map_OS", "15:", "P1", "C1", "Ada E", "Ben Sample", "Dev P", "100001",
        "hackney",
    ],
)  # fmt: skip
def test_words_that_may_not_stand_in_it(token):
    assert token.lower() not in _calm_page().lower()


def test_no_address_no_script_no_link_out():
    page = _calm_page()
    assert "://" not in page
    parsed = _Page(page)
    assert not parsed.all("script")
    assert [a["href"] for a in parsed.all("a")] == ["#main"]
    assert not [name for _, a in parsed.tags for name in a if name.startswith("on")]
    (policy,) = [
        a["content"] for a in parsed.all("meta") if a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy
    assert "unsafe" not in policy


def test_structure_for_everybody():
    parsed = _Page(_calm_page())
    assert parsed.all("html") == [{"lang": "en-GB", "dir": "ltr"}]
    for once in ("h1", "main", "header", "footer", "title"):
        assert len(parsed.all(once)) == (1 if once != "title" else 2)  # the drawing has one too
    assert all("scope" in a for a in parsed.all("th"))
    levels = [int(t[1]) for t, _ in parsed.tags if re.fullmatch(r"h[1-6]", t)]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    ids = [a["id"] for _, a in parsed.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attrs in parsed.tags:
        for name in (attrs.get("aria-labelledby") or "").split():
            assert name in ids


def test_all_it_has_to_say():
    page = _calm_page()
    for words in (
        "OFFICIAL – for publication", "Fictional Green", "week of Monday 2 March 2026",
        "Northfield Academy", "3pm to 5pm", "Monday 2 March", "Wednesday 4 March", "Cedar Road",
        "Youth worker", "Does not work for the police.", "Purple jacket", "Cara Specimen",
        "call 999", "call 101", "complaint", "local youth organisation", "Version 1",
        "6 February 2026", "© OpenStreetMap contributors",
    ):  # fmt: skip
        assert words in page, words
    assert "Unannounced" not in page
    late = render_notice(replace(_public(), is_unannounced=True))
    assert "Unannounced" in late
    served = render_notice(replace(_public(), services=("Youth hub, Mill Park",)))
    assert "Youth hub, Mill Park" in served


def test_only_later_versions_take_the_place_of_others():
    words = "It takes the place of every earlier version for this week."
    assert words not in _calm_page()
    assert words in render_notice(replace(_public(), notice_version=2))


def test_the_first_sentence_tells_of_police():
    public = _public()
    near = "walk on streets near <bdi>Northfield Academy</bdi> after school."
    assert f"<p>Some adults, including police officers, will {near}" in _calm_page()
    others = tuple(
        replace(c, roles=tuple(r for r in c.roles if not r.is_police)) for c in public.corridors
    )
    assert f"<p>Some adults will {near}" in render_notice(replace(public, corridors=others))


@pytest.mark.parametrize("late", [True, False])
def test_how_it_was_given_out_is_read_back(late):
    public = replace(_public(), notice_version=12, is_unannounced=late)
    page = render_notice(public).encode("utf-8")
    assert read_issue(page) == Issue(12, date(2026, 2, 6), late)
    (meta,) = [a for a in _Page(page.decode()).all("meta") if a.get("name") == "corridors-notice"]
    assert re.fullmatch(r"version=12;issued=2026-02-06;unannounced=(yes|no)", meta["content"])


def test_a_name_cannot_say_how_it_was_given_out():
    forged = '<meta name="corridors-notice" content="version=9;issued=2026-01-01;unannounced=no">'
    page = render_notice(replace(_public(), partnership=forged)).encode("utf-8")
    assert read_issue(page).version == 1


@pytest.mark.parametrize(
    "meta", ["", "version=0;issued=2026-02-06", "version=1;issued=2026-02-30", "version=1"]
)
def test_a_damaged_page_says_nothing(meta):
    page = f'<meta name="corridors-notice" content="{meta};unannounced=no">'
    assert read_issue(page.encode()) is None
    assert read_issue(b"\xff\xfe") is None


def test_a_cancellation_in_plain_words():
    public = replace(cancellation(sample_plan(), PROFILE.notice), notice_version=2)
    assert public.corridors == ()
    page = render_notice(public)
    for words in (
        "The walks that we told you about for this week are cancelled.", "Version 2 of this notice",
        "It takes the place", "6 February 2026", "week of Monday 2 March 2026", "Fictional Green",
        "complaint", "local youth organisation", "call 999", "<title>Cancelled: Adults on the walk",
    ):  # fmt: skip
        assert words in page, words
    for words in ("will walk", "any of these adults", "Unannounced", "<svg", "OpenStreetMap"):
        assert words not in page, words
    odd = render_notice(replace(public, week_label="2026-W60"))
    assert "week 2026-W60" in odd


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_sentences_are_short(is_cancelled):
    public = replace(_public(), is_unannounced=True)
    if is_cancelled:
        public = cancellation(sample_plan(), PROFILE.notice)
    parsed = _Page(render_notice(public))
    text = " ".join(t.strip() for t in parsed.texts if t.strip())
    sentences = re.split(r"[.?!]\s", text)
    body = [s for s in sentences if "OFFICIAL" not in s and "Name What it is" not in s]
    assert max(len(s.split()) for s in body if not re.search(r"\d{4}|Who What", s)) <= 25


def test_all_lines_are_drawn_alike():
    page = _calm_page()
    paths = [a for a in _Page(page).all("path") if a["d"] and "L" in a["d"]]
    assert len(paths) == 5
    assert all(set(a) == {"d"} for a in paths)


class _Sub(model.PublicPlan):
    pass


@dataclass(frozen=True)
class _Rich(model.PublicCorridor):
    weight: float = 1.0


def test_only_a_public_plan_becomes_a_notice():
    plan, public = sample_plan(), _public()
    fields = {n: getattr(public, n) for n in public.__dataclass_fields__}
    corridor = public.corridors[0]
    rich = _Rich(**{n: getattr(corridor, n) for n in corridor.__dataclass_fields__})
    for wrong in (
        plan, plan.inputs, None, fields, _Sub(**fields), replace(public, corridors=(rich,)),
        replace(public, corridors=plan.corridors),
    ):  # fmt: skip
        with pytest.raises(TypeError, match="made from a PublicPlan"):
            render_notice(wrong)


def test_no_module_for_families_names_a_plan():
    """import-linter holds who is imported; `model` has both sides in it."""
    import ast

    from corridors.publish import families

    named = {
        alias.name
        for file in Path(families.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "corridors.model"
        for alias in node.names
    }
    assert named == {"PublicPlan", "PublicCorridor", "PublicPlace", "PublicRole"}


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_words_stay_words(payload):
    plan = sample_plan(hostile_names())
    public = _public(plan)
    corridors = tuple(
        replace(
            c, streets=(payload,), places=(model.PublicPlace(payload, "park"),), schools=(payload,)
        )
        for c in public.corridors
    )
    page = render_notice(replace(public, corridors=corridors, ward_name=payload, contact=payload))
    parsed = _Page(page)
    calm = _Page(_calm_page())
    assert not parsed.all("script")
    assert not parsed.all("img")
    assert not [name for _, a in parsed.tags for name in a if name.startswith("on")]
    assert {t for t, _ in parsed.tags} <= {t for t, _ in calm.tags}
    assert ">49<" not in page
    assert not set("\0\u202e\u2066\u200b\u2028\u2029") & set(page)
    assert len(page) < 30_000


def test_same_plan_same_bytes():
    assert render_notice(_public(fresh_plan())) == _calm_page()


def test_a_corridor_without_lines_needs_no_drawing():
    public = _public()
    bare = tuple(replace(c, lines_lon_lat=()) for c in public.corridors)
    assert "<svg" not in render_notice(replace(public, corridors=bare))


def test_an_early_day_stands_in_the_same_section():
    plan = sample_plan()
    early = replace(plan.patrols[1], start_min=765, end_min=840)
    page = render_notice(_public(replace(plan, patrols=(plan.patrols[0], early))))
    assert page.count("<svg") == page.count("Who you may see") == 1
    assert "3pm to 5pm on:" in page
    assert "12:30pm to 2pm on:" in page


def test_an_issue_date_follows_the_plan():
    plan = with_inputs(sample_plan(), made_on=date(2026, 2, 13))
    assert "13 February 2026" in render_notice(_public(plan))
