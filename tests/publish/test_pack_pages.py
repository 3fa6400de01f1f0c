"""What the pack's pages say: in which order, in plain words, and what they never say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from support_pack import HOSTILE, facts, hostile_pack, made_pack, wide_pack
from support_words import grade, shown_text

from corridors.publish.pack import pack_files, transparency_fields
from corridors.publish.pack.standard import GROUPS, MODELS, TO_FILL_IN
from corridors.publish.wording import clean

PAGES = ("index.html", "methods.html", "transparency.html")
FORBIDDEN = (
    "hot spot", "hotspot", "gang", "knife", "kde", "cluster id", "officer", "works well",
    "proves", "proven", "keep you safe", "make the streets", "success story", "official-sensitive",
    "map_os", "significant", "statistically", "regression",
)  # fmt: skip
CLAIMS = re.compile(
    r"(walks?|patrols?|police|adults)\b[^.]*\b(made?|makes?|keeps?|kept)\b[^.]*\b(safe|safer)\b"
    r"|\bwe (reduced|cut|prevented|stopped)\b|\bbecause of (the|our) (walks|patrols)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def calm() -> dict[str, str]:
    return {n: d.decode("utf-8-sig") for n, d in pack_files(made_pack()).items()}


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def lines_of(page: str) -> list[str]:
    return unescape(shown_text(page)).split("\n")


# Order ------------------------------------------------------------------------------------------


def test_the_page_keeps_its_order(calm):
    found = re.findall(r'<h2 id="([a-z]+)"', calm["index.html"])
    assert found == [
        "about", "found", "beside", "fair", "rules", "done", "records", "reviews", "corrections",
        "ask", "files",
    ]  # fmt: skip


def test_the_smallest_change_comes_before_any_result(calm):
    page = calm["index.html"]
    programmes = re.findall(r'<article class="programme">.*?</article>', page, re.DOTALL)
    assert len(programmes) == 2
    for shown, one in zip(programmes, made_pack().programmes, strict=True):
        text = unescape(shown)
        places = [text.index(one.title), text.index("The smallest change we could have seen")]
        places += [text.index(said) for said in (*one.results, "It does not show why.")]
        places += [text.index(said) for said in one.cautions]
        places.append(text.index(f"level {one.level} of 5"))
        assert places == sorted(places)


def test_harm_takes_turns_with_what_was_hoped_for_and_weighs_the_same(calm):
    section = calm["index.html"].partition('<h2 id="beside"')[2].partition("</section>")[0]
    kinds = re.findall(r'<p class="kicker">(.*?)</p>', section)
    assert kinds == ["What we hoped would change", "Harm there may be"] * 2
    openings = re.findall(r"<article[^>]*>", section)
    assert {re.sub(r"t-[a-z]+", "", tag) for tag in openings} == {
        '<article class="figures" aria-labelledby="">'
    }


def test_activity_comes_last_of_all_tables_and_is_no_success(calm):
    page = calm["index.html"]
    keys = re.findall(r'<h3 id="t-([a-z]+)"', page)
    assert keys == [
        "reports", "searches", "feeling", "moved", "met", "rules", "walks",
        "consultation", "equality", "decisions",
    ]  # fmt: skip
    heading = page[: page.index('id="t-walks"')].rpartition("<h2")[2]
    assert "never a measure of success" in heading


def test_without_harm_or_fairness_the_page_says_so():
    pack = made_pack()
    kept = tuple(t for t in pack.tables if t.kind not in ("harm", "fairness"))
    page = pack_files(replace(pack, tables=kept))["index.html"].decode()
    assert "No figures on harm are on record." in page
    assert "No figures on fairness are on record." in page
    assert "No figures on harm" not in pack_files(pack)["index.html"].decode()


def test_safer_and_less_safe_are_two_columns_and_nothing_is_netted(calm):
    section = calm["index.html"].partition('<h3 id="t-feeling"')[2].partition("</article>")[0]
    heads = re.findall(r'<th scope="col".*?</th>', section)
    assert [re.sub(r"<[^>]*>", "", head) for head in heads][2:4] == ["Safer (%)", "Less safe (%)"]
    assert "62" not in re.sub(r"<[^>]*>", "", section)
    assert "We never take one from the other." in section


def test_the_share_not_recorded_stands_in_the_row_of_each_ratio(calm):
    section = calm["index.html"].partition('<h3 id="t-met"')[2].partition("</article>")[0]
    rows = re.findall(r"<tr role=\"row\"><th scope=\"row\".*?</tr>", section)
    shares = [re.findall(r"<bdi>(.*?)</bdi>", row)[-1] for row in rows]
    assert shares == ["3", "14", "22"]


def test_rejected_advice_and_gaps_in_records_are_shown(calm):
    page = calm["index.html"]
    assert "Rejected. Most reports are on Fridays." in page
    gaps = page.partition("Not on record:")[2].partition("</div>")[0]
    assert "the date of the next look" in gaps


def test_days_are_words_on_the_page_and_dates_in_the_file(calm):
    assert "<bdi>2 October 2025</bdi>" in calm["index.html"]
    assert "2025-10-02" not in calm["index.html"]
    assert ",2025-10-02," in calm["data/consultation.csv"]


def test_there_is_a_way_that_is_not_the_police(calm):
    page = calm["index.html"]
    told = page.partition("Talk to somebody who is not the police")[2]
    assert made_pack().youth_contact in told[:120]


def test_when_areas_were_fixed_is_judged(calm):
    page = calm["methods.html"]
    assert "on 28 November 2025, before the walks began" in page
    assert "when the walks had begun. Whoever chose them could have known" in page
    assert "ab" * 32 in page
    none = tuple(replace(p, areas_fixed_on=None) for p in made_pack().programmes)
    page = pack_files(made_pack(programmes=none))["index.html"].decode()
    assert page.count("We have no record of when we chose the streets to compare.") == 2


# Words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_every_sentence_is_short(calm, name):
    for line in lines_of(calm[name]):
        for sentence in re.split(r"(?<=[.?!:])\s", line):
            assert len(sentence.split()) <= 25, sentence


@pytest.mark.parametrize("name", ["index.html", "methods.html"])
def test_a_child_of_ten_can_read_it(calm, name):
    prose = [line for line in lines_of(calm[name]) if re.search(r"[.?!]$", line)]
    assert len(prose) > 25
    assert grade("\n".join(prose)) <= 6


@pytest.mark.parametrize("name", PAGES)
def test_no_page_says_what_it_may_not(calm, name):
    text = "\n".join(lines_of(calm[name]))
    assert [word for word in FORBIDDEN if re.search(rf"\b{word}", text.lower())] == []
    assert CLAIMS.search(text) is None


def test_a_claim_would_be_found():
    assert CLAIMS.search("The walks have made the road safer.")
    assert CLAIMS.search("We reduced robbery.")


# Form -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [made_pack, hostile_pack])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_landmarks_and_no_script(make, name):
    page = pack_files(make())[name].decode()
    tags = _Tags(page).tags
    names = [tag for tag, _ in tags]
    for single in ("h1", "main", "header", "footer", "title", "nav"):
        wanted = names.count(single) - (names.count("svg") if single == "title" else 0)
        assert wanted == 1, single
    assert not {"script", "img", "iframe", "object", "link", "form"} & set(names)
    assert not [key for _, attrs in tags for key in attrs if key.startswith("on")]
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] for tag, attrs in tags if tag == "a"]
    assert {href[1:] for href in links if href.startswith("#")} <= set(ids)
    assert page.count("OFFICIAL – for publication") >= 4
    assert "lang" in dict(tags)["html"]


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_file_of_the_pack(calm, name):
    targets = {a["href"] for tag, a in _Tags(calm[name]).tags if tag == "a"}
    for href in targets:
        file, _, place = href.partition("#")
        assert not file or file in calm
        if file and place:
            assert f'id="{place}"' in calm[file]


def test_every_table_has_a_caption_and_heads(calm):
    for table in re.findall(r"<table.*?</table>", calm["index.html"], re.DOTALL):
        assert re.search(r"<caption>.+</caption>", table)
        assert all("scope=" in head for head in re.findall(r"<th\b[^>]*>", table))
        for row in re.findall(r"<tr.*?</tr>", table.partition("<tbody")[2]):
            assert row.count('scope="row"') == 1


def test_hostile_texts_are_shown_and_nothing_more():
    page = pack_files(hostile_pack())["index.html"].decode()
    shown = unescape(shown_text(page))
    for text in HOSTILE:
        assert clean(text)[:100] in shown
    assert "49" not in re.findall(r"\{\{.{0,9}", page)
    assert not any(mark in page for mark in "\u202e\u202c\u200e\u200f")


def test_a_table_too_wide_for_half_a_page_takes_all_of_it_and_so_does_its_neighbour():
    page = pack_files(wide_pack())["index.html"].decode()
    assert re.findall(r'<div class="(beside[^"]*)">', page) == ["beside under", "beside"]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("safeguarding & neighbourhood", "safeguarding &amp; neighbourhood"),
        ("a" * 16, "a" * 16),
        ("a" * 25, f"{'a' * 12}<wbr>{'a' * 12}<wbr>a"),
        ("</td><script>alert()", "&lt;/td&gt;&lt;script<wbr>&gt;alert()"),
    ],
)
def test_only_a_very_long_word_may_break(cell, shown):
    pack = made_pack()
    first = pack.records[0]
    record = replace(first, rows=((cell, *first.rows[0][1:]),))
    page = pack_files(replace(pack, records=(record,)))["index.html"].decode()
    assert f"<bdi>{shown}</bdi></th>" in page


# Transparency record ----------------------------------------------------------------------------


def test_the_record_holds_every_section_and_the_data_says_the_same(calm):
    pack = made_pack()
    data = json.loads(calm["transparency.json"])
    assert [(f["number"], f["title"]) for f in data["fields"]] == [
        (f.number, f.title) for f in pack.transparency
    ]
    for prefix, title in GROUPS:
        assert any(f.number.startswith(prefix) for f in pack.transparency)
        assert f">{title}</h2>" in calm["transparency.html"]
    for field in pack.transparency:
        assert unescape(calm["transparency.html"]).count(field.text)


def test_what_the_run_does_not_know_is_left_to_a_person():
    bare = facts(
        contact="", dpia_reference="", equality_recorded_on=None, sharing_agreement="",
        incidents_days=None, sources=(), models=(),
    )  # fmt: skip
    open_fields = {f.number for f in transparency_fields(bare) if not f.is_filled}
    assert {"1.3", "1.4", "2.1.2", "2.1.3", "2.3.5", "2.4.1.4", "2.4.3.1", "2.4.3.10",
            "2.4.3.11", "2.5.1"} <= open_fields  # fmt: skip
    for field in transparency_fields(bare):
        assert field.is_filled is (field.text != TO_FILL_IN)
    full = {f.number for f in transparency_fields(facts()) if not f.is_filled}
    assert {"1.4", "2.4.1.4", "2.4.3.1", "2.4.3.10", "2.4.3.11"} & full == set()


def test_a_field_and_its_title_are_told_once():
    fields = [(f.number, f.title) for f in transparency_fields(facts())]
    assert len(fields) == len(set(fields))


def test_only_the_models_that_were_used_are_told():
    fields = transparency_fields(facts(models=("routing",)))
    names = [f.text for f in fields if f.number == "2.4.2.1"]
    assert names == [MODELS["routing"].name]
    assert not any("Scan" in f.text for f in fields)
    with pytest.raises(ValueError, match="no words for"):
        transparency_fields(facts(models=("oracle",)))


def test_the_page_counts_the_open_fields(calm):
    pack = made_pack()
    number = sum(not f.is_filled for f in pack.transparency)
    assert (
        f"{number} of {len(pack.transparency)} fields are still open."
        in (calm["transparency.html"])
    )
    assert calm["transparency.html"].count(TO_FILL_IN) == number
