"""The briefing: what it says and does not say, and that it asks just what the plan leaves open."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from sample_plan import (
    HOSTILE,
    Names,
    confirmed_aims,
    fresh_plan,
    hostile_names,
    protocol_terms,
    sample_plan,
    sample_profile,
    with_inputs,
    with_staffing,
)
from support_approvals import agreed
from support_hostile import with_person_ids

from corridors import model
from corridors.network.scope import NEEDS_APPROVAL, NO_AGREEMENT
from corridors.publish.briefing import briefing
from corridors.publish.decisions import corridor_decisions, ward_decisions
from corridors.publish.public import publication
from corridors.publish.working_map import CAUTION

PROFILE = sample_profile()
MARKING = "OFFICIAL-SENSITIVE"
DATED = {
    "starts_on": pd.Timestamp("2026-01-05"), "ends_on": pd.Timestamp("2026-07-17"),
    "review_on": pd.Timestamp("2026-06-01"),
}  # fmt: skip


def _page(plan: model.Plan) -> str:
    return briefing(plan, PROFILE, publication(plan, PROFILE.notice, PROFILE.teams))


@cache
def _calm_page() -> str:
    return _page(sample_plan())


class _Page(HTMLParser):
    """Visible text, tags, and the text of each section by its heading's id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._hidden = False
        self.feed(page)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag in {"script", "style"}

    def handle_endtag(self, _tag):
        self._hidden = False

    def handle_data(self, data):
        if not self._hidden:
            self.words.append(data)


def _open(plan: model.Plan) -> model.Plan:
    """The plan with nothing left to ask: its programme has its dates."""
    return agreed(with_inputs(plan, aims=confirmed_aims(**DATED)))


def _asked(plan: model.Plan) -> list[tuple[str, str]]:
    made = publication(plan, PROFILE.notice, PROFILE.teams)
    found = list(ward_decisions(plan, made))
    for corridor in plan.corridors:
        found += corridor_decisions(plan, corridor, made, PROFILE.teams)
    return [(d.topic, d.ask) for d in found]


# --- its form -----------------------------------------------------------------------------------


def test_closed_without_script_and_address():
    page = _calm_page()
    assert page.startswith("<!DOCTYPE html>")
    assert "<script" not in page
    assert not re.search(r"https?://", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
    assert policy.startswith("default-src &#39;none&#39;;")
    assert "script-src" not in policy
    assert not re.search(r"\son[a-z]+=|\sstyle=", page)
    assert len(page) < 100_000


def test_the_marking_is_on_title_meta_top_and_bottom():
    page = _Page(_calm_page())
    assert ("meta", {"name": "protective-marking", "content": MARKING}) in page.tags
    assert re.search(
        rf"<title>{MARKING}: briefing, Fictional Green, 2026-W10</title>", _calm_page()
    )
    assert page.text.endswith(MARKING)
    body = _calm_page().split("<body")[1]
    assert body.index(MARKING) < body.index("<h1>")
    assert '@top-center { content: "OFFICIAL-SENSITIVE"' in _calm_page()
    assert '@bottom-center { content: "OFFICIAL-SENSITIVE"' in _calm_page()


def test_a_page_for_the_week_one_a_corridor_and_one_for_the_ward():
    page = _Page(_calm_page())
    titles = [
        a["aria-labelledby"] for tag, a in page.tags if a.get("class") and "sheet" in a["class"]
    ]
    assert titles == ["week", "corridor-1", "ward"]
    none = replace(sample_plan(), corridors=(), patrols=(), coverage=(), hot_spots=())
    text = _Page(_page(none)).text
    assert "No corridor is planned this week." in text
    assert "Nobody walks this week." in text


def test_every_map_is_an_image_with_title_description_and_caption():
    page = _calm_page()
    maps = re.findall(r'<svg class="small-map".*?</svg>', page, re.S)
    assert len(maps) == 4
    for drawing in maps:
        found = re.search(r'role="img" aria-labelledby="(\S+) (\S+)"', drawing)
        title = re.search(rf'<title id="{found.group(1)}">([^<]+)</title>', drawing).group(1)
        desc = re.search(rf'<desc id="{found.group(2)}">([^<]+)</desc>', drawing).group(1)
        assert title
        assert desc in page.replace(drawing, ""), "what the map says stands in its caption too"
    assert page.count("<figcaption>") == 4
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'href="#([^"]+)"', page):
        assert target in ids


def test_maps_stay_inside_their_frame_and_hold_no_wild_number():
    for drawing in re.findall(r'<svg class="small-map".*?</svg>', _calm_page(), re.S):
        assert not re.search(r"nan|inf|e[+-]\d", drawing.split("<g", 1)[-1].replace("desc", ""))
        for path in re.findall(r' d="(M[^"h]*)"', drawing):
            numbers = [float(n) for n in re.findall(r"-?\d+\.\d", path)]
            assert all(-1 <= n <= 401 for n in numbers[::2])
            assert all(-1 <= n <= 265 for n in numbers[1::2])


def test_same_plan_same_bytes():
    assert _page(fresh_plan()) == _calm_page()


# --- what it says -------------------------------------------------------------------------------


def test_it_says_what_the_plan_says():
    text = _Page(_calm_page()).text
    for words in (
        CAUTION, "This is a proposal. A named person decides.", "Northfield Academy",
        "Monday and Wednesday", "2 of 2", "about 15 in the window; about 60 all day; floor 6",
        "violence: about 10", "police generated: about 10", "01/01/2025 to 31/12/2025, 12 months",
        "1 Cedar Road, 2 Fifth Lane and 3 Second Lane", "Cedar Road shops bus stop",
        "Team 1 starts on Second Lane; stands at Cedar Road shops bus stop.",
        "1 × Youth worker (Green Youth Project)", "Police nearby, not walking with the team",
        "Without police on the corridor: youth worker and local adult.",
        "With police on the corridor: youth worker, local adult and an officer nearby.",
        "10,800. This is not a number of children.",
        "Northfield Academy: 200 minutes of patrols; for each 1,000 pupils: 222.",
        "No plan with these people and times can cover more than", "not told: ",
        "By role, not told: Local adult you may know", "Commitment", "Purpose of policing",
        "Southbrook School : Fewer incidents than the floor of 6", "© OpenStreetMap contributors",
    ):  # fmt: skip
        assert words in text, words
    assert text.count(CAUTION) == 2  # the week and the corridor: each may be handed out alone


def test_no_name_and_no_id_of_a_person():
    plan = with_staffing(
        sample_plan(),
        warnings=("Out of uniform (B15): P3. The notice must say so.",),
        with_police="With police: P2.",
        without_police="Without police: P1.",
    )
    findings = (model.Finding("x", "Visits", 1.0, "Made by P4, told by P3.", is_warning=True),)
    left = (model.NoPatrol("100002", "Only P2 is free."),)
    plan = replace(
        plan,
        warnings=("Tied to more than 2 schools (C1): P3, P4.",),
        findings=findings,
        no_patrol=left,
    )
    text = _Page(_page(plan)).text
    for name in Names().people:
        for part in (name, *name.split()):
            assert not re.search(rf"\b{part}\b", text), part
    assert not re.search(r"\bP[1-4]\b", text)
    assert "Out of uniform: a person. The notice must say so." in text
    assert "Tied to more than 2 schools: a person, a person." in text
    assert "Only a person is free." in text


@pytest.mark.parametrize("ids", [("1", "22", "a", "7"), ("12345", "Z", "3", "a")])
def test_ids_of_one_letter_or_of_digits_are_hidden_and_the_sentence_stays(ids):
    plan = with_staffing(
        with_person_ids(sample_plan(), ids),
        warnings=(
            f"Out of uniform (B15): {', '.join(ids)}. The notice must say so.",
            "Apart from the police only 1 adult walks here, a 7 minutes' walk from 3 schools.",
        ),
    )
    text = _Page(_page(plan)).text
    assert "Out of uniform: a person, a person, a person, a person. The notice" in text
    assert "only 1 adult walks here, a 7 minutes' walk from 3 schools." in text


def test_nobody_is_told_who_approved_plain_clothes():
    frame = sample_plan().inputs.people.assign(plain_clothes_by="Sgt Jane Roe")
    plan = with_staffing(
        with_inputs(sample_plan(), people=frame), warnings=("Out of uniform (B15): P3.",)
    )
    assert "Jane Roe" not in _page(plan)


def test_mixes_are_compared_on_the_same_patrols():
    """A mix that one of two aims offers leaves the other's patrol as planned."""
    first, second = sample_plan().patrols
    own = set(PROFILE.teams.aim(first.staffing.aim).mixes)
    other = next(a for a in PROFILE.teams.aims if own - set(a.mixes))
    moved = replace(second, staffing=replace(second.staffing, aim=other.key))
    page = _page(replace(sample_plan(), patrols=(first, moved)))
    table = re.search(r'id="corridor-1-mixes".*?</table>', page, re.S).group(0)
    rows = re.findall(r'row">([^<]*)</th><td class="number">([\d,]+)</td>', table)
    shared = [row for row in rows if "(on 1 of 2 patrols, the others as planned)" in row[0]]
    assert shared
    assert all(int(minutes) >= second.staffing.police_minutes for _, minutes in shared)


def test_people_are_counted_once_however_often_they_walk():
    text = _Page(_calm_page()).text
    assert "School-linked police officer Police 2" in text
    assert "Youth worker Green Youth Project 1" in text


@pytest.mark.parametrize("count", [1.3, 3.4, 4.4])
def test_small_counts_only_in_bands(count):
    corridor = sample_plan().corridors[0]
    evidence = replace(
        corridor.evidence, incidents_in_window=count, incidents_all_day=3, floor=6.0,
        by_group=(("robbery", count),), set_apart=(("school_premises", 2),),
    )  # fmt: skip
    plan = replace(sample_plan(), corridors=(replace(corridor, evidence=evidence),), hot_spots=())
    text = _Page(_page(plan)).text
    assert "fewer than 5 in the window; fewer than 5 all day" in text
    assert "robbery: fewer than 5" in text
    assert "school premises: fewer than 5" in text
    assert not re.search(rf"\b{re.escape(str(count))}", text)


def test_what_is_uncertain_is_told():
    plan = sample_plan()
    corridor = plan.corridors[0]
    spot = replace(
        plan.hot_spots[0], segment_ids=corridor.segment_ids[:1], is_stable=False, stability=0.4
    )
    evidence = replace(corridor.evidence, has_times=False, one_place_share=0.7)
    plan = replace(
        plan,
        has_times=False,
        hot_spots=(spot,),
        corridors=(replace(corridor, evidence=evidence),),
        flows=(replace(plan.flows[0], roll_is_assumed=True),),
        coverage=tuple((i, d, replace(c, stopped_by_clock=True)) for i, d, c in plan.coverage),
    )
    text = _Page(_page(plan)).text
    for words in (
        "Place context only: the source has no times", "fewer than 20 reports",
        "70% of the reports' weight", "Hot spot H1 is not stable: it stays in only 40%",
        "The number of pupils is assumed, not known: Northfield Academy.",
        "Better routes may exist", "stopped by the clock", "A better roster may exist",
        "Shuffled times: Hardly a change.",
    ):  # fmt: skip
        assert words in text, words
    calm = _Page(_calm_page()).text
    for words in ("Place context only", "is not stable:", "assumed, not known", "by the clock"):
        assert words not in calm, words


def test_exposure_of_other_mixes_beside_the_plan():
    page = _calm_page()
    table = re.search(r'id="corridor-1-mixes".*?</table>', page, re.S).group(0)
    rows = re.findall(r'<th scope="row">(.*?)</th><td[^>]*>(.*?)</td><td[^>]*>(.*?)</td>', table)
    assert rows[0] == ("This plan", "240", "10,800")
    others = {title: (minutes, exposure) for title, minutes, exposure in rows[1:]}
    assert others
    for title, (minutes, exposure) in others.items():
        if "on call" in title or "no police" in title:
            assert (minutes, exposure) == ("0", "0"), title
        else:  # 100 minutes on each of two days, 45 pupils met: a whole number of officers
            assert int(minutes.replace(",", "")) % 200 == 0
            assert int(exposure.replace(",", "")) == 45 * int(minutes.replace(",", ""))


def test_hostile_names_stay_text():
    page = _page(sample_plan(hostile_names()))
    assert "<script" not in page
    assert "onerror=alert(5)&gt;" in page
    assert not re.search(r"<img|\u202e|\u2066", page)
    assert HOSTILE[1] in _Page(page).text


# --- what it asks -------------------------------------------------------------------------------


def test_nothing_is_asked_where_all_is_on_record():
    plan = _open(sample_plan())
    assert _asked(plan) == []
    text = _Page(_page(plan)).text
    assert "Nothing: all that this plan needs is on record." in text
    assert "Asked of the meeting: nothing." in text
    assert '<table class="decisions"' not in _page(plan)


def _left(urn: str, reason: str) -> model.Plan:
    return replace(_open(sample_plan()), no_patrol=(model.NoPatrol(urn, reason),))


def _on_call(**changes: object) -> model.Plan:
    plan = with_staffing(
        sample_plan(), police_level="on_call", police_minutes=0, exposure=0.0, **changes
    )
    return _open(plan)


def _police_only() -> model.Plan:
    officers = (model.Assignment("P3", "school_linked_officer"),)
    return _open(with_staffing(sample_plan(), people=officers))


def _late() -> model.Plan:
    return with_inputs(_open(sample_plan()), made_on=date(2026, 2, 27))


ONE_ASKED = {
    "aim": (
        lambda: _open(with_staffing(sample_plan(), aim_is_confirmed=False)), "Aim",
        "only suggested",
    ),
    "parties": (
        lambda: with_inputs(
            _on_call(protocol_missing=("Tenants",)), protocol_terms=protocol_terms()
        ),
        "Protocol", "Not agreed yet by Tenants.",
    ),
    "terms": (
        lambda: with_inputs(_on_call(), protocol_terms=protocol_terms(review_on="")),
        "Protocol", "does not say yet",
    ),
    "schools": (
        lambda: with_inputs(_open(sample_plan()), approvals=sample_plan().inputs.approvals[:0]),
        "Schools", "Not yet agreed with the Deputy head, pastoral of Northfield Academy.",
    ),
    "unstaffed": (
        lambda: _open(with_staffing(sample_plan(), people=(), reason="None is free (B7).")),
        "No people", "Team 1 on Monday and Wednesday. None is free. Find people",
    ),
    "special": (lambda: _left("100002", NEEDS_APPROVAL), "Special needs", "Southbrook School is a"),
    "unasked": (lambda: _left("100002", NO_AGREEMENT), "Schools", "Southbrook School has no"),
    "no dates": (lambda: agreed(with_inputs(sample_plan(), aims=confirmed_aims())), "Programme",
                 "No end or review date is on record."),
    "review": (
        lambda: agreed(
            with_inputs(
                sample_plan(),
                aims=confirmed_aims(**DATED | {"review_on": pd.Timestamp("2026-02-01")}),
            )
        ),
        "Programme", "01/02/2026 and is overdue",
    ),
    "late": (_late, "Notice", "“unannounced”"),
    "sharing": (lambda: with_inputs(_open(sample_plan()), data_sharing=""), "Data sharing",
                "No data sharing agreement is on record"),
    "police alone": (_police_only, "Police alone", "Nobody but police walks on Monday and"),
}  # fmt: skip


@pytest.mark.parametrize("key", sorted(ONE_ASKED))
def test_each_lack_asks_for_just_one_decision(key):
    make, topic, words = ONE_ASKED[key]
    plan = make()
    (decision,) = _asked(plan)
    assert decision[0] == topic
    assert words in decision[1].replace(" (SPOC)", "")
    page = _page(plan)
    assert page.count('<table class="decisions"') == 1
    row = re.search(r'<table class="decisions".*?<tbody[^>]*>(.*?)</tbody>', page, re.S).group(1)
    assert row.count('class="blank"></td>') == 3
    assert "1 decision in all" in _Page(page).text


def test_a_school_that_two_patrols_need_is_asked_for_once():
    plan = with_inputs(_open(sample_plan()), approvals=None)
    assert [topic for topic, _ in _asked(plan)] == ["Schools"]


def test_a_corridor_too_short_for_the_notice_is_asked_about():
    plan = _open(sample_plan())
    short = replace(plan.corridors[0], street_names=("A",), length_m=90.0)
    (decision,) = _asked(replace(plan, corridors=(short,)))
    assert decision[0] == "Notice"
    assert "so short a stretch would point at a place" in decision[1]


def test_pupils_met_are_worked_out_where_no_police_walk():
    plan = _on_call()
    flow = plan.flows[0]
    nodes = len(plan.network.nodes)
    segment = plan.patrols[0].route.segment_ids[0]
    walkers = np.zeros(len(flow.walkers))
    walkers[segment] = 40.0
    parent_node, parent_segment = (np.full(nodes, -1, dtype=np.int64) for _ in range(2))
    start, end = plan.patrols[0].route.node_ids[:2]
    parent_node[end], parent_segment[end] = start, segment
    flow = replace(
        flow,
        walkers=walkers,
        parent_node=parent_node,
        parent_segment=parent_segment,
        roots=(start,),
    )
    page = _page(replace(plan, flows=(flow,)))
    table = re.search(r'id="corridor-1-mixes".*?</table>', page, re.S).group(0)
    rows = re.findall(r'<td class="number">([\d,]+)</td><td class="number">([\d,]+)</td>', table)
    assert rows[0] == ("0", "0")
    assert ("200", "8,000") in rows  # one officer, two patrols of 100 minutes, 40 pupils
