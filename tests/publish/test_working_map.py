"""The working page: closed to the outside, true to the plan, the same each time."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from sample_plan import (
    confirmed_aims,
    fresh_plan,
    hostile_names,
    large_plan,
    protocol_terms,
    sample_plan,
    sample_profile,
    with_inputs,
    with_staffing,
)
from shapely.geometry import LineString, Point

from corridors import model
from corridors.profile import MapTiles
from corridors.publish import bands, layers, quarters
from corridors.publish.cards import (
    CARD_RULES,
    coverage_words,
    make_cards,
    rounds_words,
    route_groups,
    session_start_min,
    steps,
)
from corridors.publish.public import notice_states, publication
from corridors.publish.working_map import CAUTION, working_map

PROFILE = sample_profile()


def _page(plan: model.Plan) -> str:
    made = publication(plan, PROFILE.notice, PROFILE.teams)
    return working_map(
        plan, PROFILE, make_cards(plan, PROFILE.teams, notice_states(plan, made)), made
    )


@cache
def _calm_page() -> str:
    return _page(sample_plan())


class _Words(HTMLParser):
    """Visible text, and tags with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._hidden = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag in {"script", "style"}

    def handle_endtag(self, _tag):
        self._hidden = False

    def handle_data(self, data):
        if not self._hidden:
            self.text += data


def _parts(plan: model.Plan) -> layers.MapParts:
    cards = make_cards(
        plan, PROFILE.teams, notice_states(plan, publication(plan, PROFILE.notice, PROFILE.teams))
    )
    return layers.make_map(plan, cards, {}, risk_reach_m=100.0, tiles=MapTiles())


def _data(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="map-data">(.*?)</script>', page, re.S)
    return json.loads(found.group(1))


def test_no_address_and_a_closed_policy():
    page = _calm_page()
    assert not re.search(r"https?://", page)
    style = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
    assert "url(" not in style
    assert "@import" not in style
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
    assert policy.startswith("default-src &#39;none&#39;;")
    assert "unsafe" not in policy
    assert policy.count("sha256-") == 3
    assert len(page) < 400_000


def test_the_marking_stands_everywhere():
    page = _calm_page()
    words = _Words(page)
    assert words.text.count("OFFICIAL-SENSITIVE") >= 4  # title, top, each card, bottom
    assert ("meta", {"name": "protective-marking", "content": "OFFICIAL-SENSITIVE"}) in words.tags
    assert '@top-center { content: "OFFICIAL-SENSITIVE"' in page
    assert '@bottom-center { content: "OFFICIAL-SENSITIVE"' in page


def test_it_says_what_the_plan_says():
    text = " ".join(_Words(_calm_page()).text.split())
    for words in (
        "Patrol plan: Fictional Green", "Robbery and violence on Cedar Road", "Ada Example",
        "School-linked police officer", "Police nearby, not walking with the team",
        "15:05 to 15:15", "Stand at Cedar Road shops bus stop", "Turn back along Fifth Lane",
        "0.8 person-hours for each incident", "No plan with these people and times", CAUTION,
        "No patrol: Fewer incidents than the floor of 6", "The roll of one school is out of date.",
        "© OpenStreetMap contributors, map data of 15 January 2026", "demo.csv",
        "58 of 61", "no position: 3", "2 of 2 patrols are on the public notice", *CARD_RULES,
    ):  # fmt: skip
        assert words in text, words
    assert "Place context only" not in text


def test_cards_say_nothing_twice_and_no_requirement_numbers():
    plan = with_staffing(
        sample_plan(), reason="Needed elsewhere (A6). Chosen.", warnings=("No local adult (B7).",)
    )
    patrols = tuple(replace(p, why_aim="Most reports (A1).") for p in plan.patrols)
    plan = replace(
        plan,
        patrols=patrols,
        warnings=("One approval is missing (H7).",),
        no_patrol=(model.NoPatrol("100002", "no agreement on record (A7)"),),
    )
    page = _page(plan)
    text = " ".join(_Words(page).text.split())
    assert "Why this mixNeeded elsewhere. Chosen. With police on the corridor: youth" in text
    assert text.lower().count("with police on the corridor:") == 2
    assert "With police: " not in text
    assert "Without police: " not in text
    for words in ("No local adult.", "Most reports.", "approval is missing.", "on record"):
        assert words in text, words
    assert not re.search(r"\([A-H]\d+\)", page)


def test_a_card_that_nobody_walks_claims_no_police_level_and_no_agreement():
    plan = with_staffing(sample_plan(), people=(), police_level="none", reason="None free (B7).")
    text = _Words(_page(plan)).text
    assert "Nobody walks this patrol. None free." in text
    assert "nobody walks it: None free." in text
    for words in ("No police.", "Agreed by all parties", "(B7)"):
        assert words not in text, words


def test_a_source_without_times_is_said_first():
    page = _page(replace(sample_plan(), has_times=False))
    text = _Words(page).text
    assert text.index("Place context only.") < text.index("This is a proposal")
    assert "Risk in the window" not in page


def test_small_counts_are_not_printed():
    assert [bands.small_count(n) for n in (0, 0.2, 1, 4.4, 4.6, 7, 8, 61)] == [
        "none", "fewer than 5", "fewer than 5", "fewer than 5", "about 5", "about 5", "about 10",
        "about 60",
    ]  # fmt: skip
    text = _Words(_calm_page()).text
    assert "robbery: fewer than 5" in text


def test_withheld_and_refused_are_explained():
    short = replace(sample_plan().corridors[0], street_names=("A",), length_m=90.0)
    text = _Words(_page(replace(sample_plan(), corridors=(short,)))).text
    assert "Corridor C1 is left out: it has 1 named streets and 90 m" in text
    text = _Words(_page(with_staffing(sample_plan(), aim_is_confirmed=False))).text
    assert "0 of 2 patrols are on the public notice" in text
    assert "Patrol 2026-03-02-T1 is left out: a person has not yet confirmed its aim" in text


def test_same_plan_same_bytes():
    page = _page(fresh_plan())
    assert page == _calm_page()
    assert not re.search(r"_[0-9a-f]{32}\b", page)


def test_order_of_rows_changes_nothing():
    plan = sample_plan()
    mixed = with_inputs(
        plan,
        people=plan.inputs.people.iloc[::-1],
        schools=plan.inputs.schools.iloc[::-1],
        incidents=plan.inputs.incidents.iloc[::-1],
    )
    mixed = replace(mixed, patrols=plan.patrols[::-1])
    assert _page(mixed) == _calm_page()


def test_hostile_names_are_text_and_nothing_else():
    page = _page(sample_plan(hostile_names()))
    calm = _Words(_calm_page())
    words = _Words(page)
    assert {t for t, _ in words.tags} == {t for t, _ in calm.tags}
    assert len([t for t, _ in words.tags if t == "script"]) == 3
    assert not [n for _, a in words.tags for n in a if n.startswith("on")]
    assert "alert(5)>" not in page
    assert not set("\0\u202e\u2066\u200b\u2028\u2029") & set(page)
    said = json.dumps(_data(page))
    assert "{{7*7}}" in said  # written, not worked out
    assert "49%" not in page
    assert len(page) < 450_000


def test_a_template_in_a_name_is_not_run():
    """branca compiles rendered scripts a second time: data may not pass through it."""
    from sample_plan import Names

    trap = "{{ 7*7 }}{% for x in y %}{{ x.__class__ }}"
    names = Names(ward=trap, schools=(trap, trap), streets=(trap,) * 12, places=(trap,) * 3)
    parts = _parts(sample_plan(names))
    assert "7*7" not in parts.script
    assert trap in json.dumps(json.loads(parts.data))


def _line(steps: list[int]) -> np.ndarray:
    return np.cumsum(np.array(steps).reshape(-1, 2), axis=0) / 1e6


def test_streets_are_in_the_data_once_and_in_their_place():
    plan = sample_plan()
    data = _data(_calm_page())
    assert len(data["paths"]) == len(plan.network.segments)
    drawn = [LineString(line) for line in map(_line, data["paths"])]
    meant = plan.network.segments.geometry.to_crs("EPSG:4326")
    far = max(a.hausdorff_distance(b) for a, b in zip(drawn, meant, strict=True))
    assert far < 1e-5  # a metre
    names = [data["names"][i] for i in data["name_of"]]
    assert names == plan.network.segments["name"].tolist()
    corridor = plan.corridors[0]
    assert data["corridors"][0]["on"] == list(corridor.segment_ids)


def test_what_is_said_of_gates_and_schools_is_data_and_stands_in_the_table():
    data = _data(_calm_page())
    assert data["gates"][0]["words"] == ["Gate of Northfield Academy", "Found: mapped"]
    text = " ".join(_Words(_calm_page()).text.split())
    assert [s["label"] for s in data["schools"]] == ["Northfield Academy", "Southbrook School"]
    for school in data["schools"]:
        for words in school["words"]:
            assert words.removeprefix("URN ").rpartition("School ends: ")[2].removeprefix(
                "Contact: "
            ) in text, words  # fmt: skip
    first = data["schools"][0]["words"]
    assert first[2:] == [
        "School ends: 15:15", "Contact: Deputy head, pastoral",
        "Agreed: head on 01/12/2025, police on 02/12/2025", "Patrol",
    ]  # fmt: skip
    assert "No agreement on record" in data["schools"][1]["words"]


def test_a_school_that_ends_at_other_times_or_left_says_so():
    plan = sample_plan()
    terms = plan.inputs.calendar.terms
    early = terms.iloc[[0]].assign(
        kind="early_close", finish_min=780.0, start=pd.Timestamp("2026-03-06"),
        end=pd.Timestamp("2026-03-06"), urn="100001",
    )  # fmt: skip
    terms = pd.concat([terms, early], ignore_index=True)
    terms.index.name = "entry_id"
    gone = plan.inputs.agreements.assign(withdrawn_on=pd.Timestamp("2026-02-01"))
    calendar = replace(plan.inputs.calendar, terms=terms)
    text = _Words(_page(with_inputs(plan, calendar=calendar, agreements=gone))).text
    assert "Friday 13:00; Monday to Thursday 15:15" in text
    assert "Agreement withdrawn on 01/02/2026" in text


def test_the_data_hold_the_bands_of_the_window_and_of_each_quarter():
    plan = sample_plan()
    data = _data(_calm_page())
    starts = quarters.quarter_starts(plan)
    assert starts == tuple(range(900, 1020, 15))
    assert data["times"][0] == "15:00"
    for kind, whole in (
        ("risk", bands.risk_bands(plan, reach_m=PROFILE.hot_spots.reach_m)),
        ("flow", bands.flow_bands(bands.pupils(plan))),
    ):
        found = dict(zip(data[kind]["on"], data[kind]["bands"], strict=True))
        assert {len(digits) for digits in found.values()} == {1 + len(starts)}
        assert [int(found.get(i, "0")[0]) for i in range(len(whole))] == whole.tolist()
    untimed = json.loads(_parts(replace(plan, has_times=False)).data)
    assert {len(digits) for digits in untimed["risk"]["bands"]} == {1}


def test_pupils_of_a_quarter_are_those_of_its_slots():
    plan = sample_plan()
    starts = quarters.quarter_starts(plan)
    found = quarters.flow_by_quarter(plan, starts)
    assert (found[:, 0] == bands.flow_bands(plan.flow_slots.sum(axis=1))).all()
    assert (found[:, 1:] == 0).all()
    later = replace(plan, slot_start_min=(910, 915, 920))
    found = quarters.flow_by_quarter(later, quarters.quarter_starts(later))
    assert (found[:, 0] == bands.flow_bands(plan.flow_slots[:, 0])).all()
    assert (found[:, 1] == bands.flow_bands(plan.flow_slots[:, 1:].sum(axis=1))).all()


def test_risk_of_quarters_is_compared_over_all_of_them():
    plan = sample_plan()
    risk = np.zeros_like(plan.risk)
    risk[:, 2] = np.linspace(1.0, 2.0, len(risk))
    risk[:, 5] = 0.1
    found = quarters.risk_by_quarter(
        replace(plan, risk=risk), quarters.quarter_starts(plan), reach_m=10_000.0
    )
    assert found[:, 2].max() == 3
    assert (found[:, 5] == 0).all()
    few = with_inputs(replace(plan, risk=risk), incidents=plan.inputs.incidents.iloc[:2])
    capped = quarters.risk_by_quarter(few, quarters.quarter_starts(plan), reach_m=10_000.0)
    assert capped.max() == 2


def test_where_a_team_is():
    plan = sample_plan()
    route = replace(plan.patrols[0].route, rounds=2)
    segments = plan.network.segments

    def at(seconds: int) -> quarters.Place:
        return quarters.place_at(plan, route, seconds)

    first = segments.loc[route.segment_ids[0]]
    ends = {(round(x), round(y)) for x, y in (first.geometry.coords[0], first.geometry.coords[-1])}
    assert (round(at(0).x_m), round(at(0).y_m)) in ends
    assert at(0).words == "on Second Lane"
    middle = at(int(first.walk_s / 2))
    assert first.geometry.distance(Point(middle.x_m, middle.y_m)) < 0.01
    assert 0.4 < first.geometry.project(Point(middle.x_m, middle.y_m), normalized=True) < 0.6
    standing = at(600)  # from 330 to 930 s, after the third street
    assert standing.words == "at Cedar Road shops bus stop"
    assert at(600 + 1260) == standing
    assert at(2 * 1260) is None
    assert quarters.place_at(plan, replace(route, begin_s=60), 30) is None


def test_the_page_tells_in_words_what_the_slider_shows():
    text = " ".join(_Words(_calm_page()).text.split())
    assert "15:00 on Second Lane; 15:15 at Cedar Road shops bus stop" in text
    assert re.search(r"15:00 to 15:15: \d+ to \d+ pupils; 15:15 to 17:00: Fewer than 5", text)
    plan = replace(sample_plan(), has_times=False)
    assert "Streets of corridors by quarter" in _Words(_page(plan)).text


def test_streets_on_no_corridor_are_told_by_band():
    text = " ".join(_Words(_calm_page()).text.split())
    assert re.search(r"Risk: Highest fifth ?\w+ \w+;", text)
    assert re.search(r"Pupils: 150 pupils or more ?\w+ \w+", text)


def test_a_route_is_drawn_in_walking_order_with_its_card():
    plan = sample_plan()
    (team,) = _data(_calm_page())["teams"]
    route = plan.patrols[0].route
    assert [abs(step) - 1 for step in team["walk"]] == list(route.segment_ids)
    starts = plan.network.segments.u
    assert [step > 0 for step in team["walk"]] == [
        starts.loc[s] == n for s, n in zip(route.segment_ids, route.node_ids, strict=False)
    ]
    assert team["days"] == ["2026-03-02", "2026-03-04"]
    assert {day: card["card"] for day, card in team["cards"].items()} == {
        "2026-03-02": 1,
        "2026-03-04": 2,
    }
    said = team["cards"]["2026-03-04"]["words"]
    assert said[0] == "Wednesday 04/03/2026, Team 1"
    for words in ("Risk it answers: Robbery", "Youth worker: Ada Example", "Protocol: Not needed"):
        assert any(line.startswith(words) for line in said), words


def test_without_a_tile_server_no_picture_may_be_asked_for():
    page = _calm_page()
    assert "img-src" not in page
    assert _data(page)["tiles"] == ""


def test_a_tile_server_of_the_partnership_is_the_only_address():
    url = "https://maps.example:8443/os/{z}/{x}/{y}.png"
    own = replace(PROFILE, map=MapTiles(url, "Ordnance <b>Survey"))
    plan = sample_plan()
    made = publication(plan, PROFILE.notice, PROFILE.teams)
    cards = make_cards(plan, PROFILE.teams, notice_states(plan, made))
    page = working_map(plan, own, cards, made)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
    assert "; img-src https://maps.example:8443; base-uri" in policy
    assert _data(page)["tiles"] == url
    assert set(re.findall(r"https?://[^/;\"]*", page)) == {"https://maps.example:8443"}
    assert "Ordnance &lt;b&gt;Survey" in page


def test_risk_bands_are_relative_ordered_and_wide():
    plan = sample_plan()
    found = bands.risk_bands(plan, reach_m=100.0)
    assert set(found) == {0, 1, 2, 3}
    assert (found[plan.risk_per_m == 0] == 0).all()
    order = np.argsort(plan.risk_per_m)
    capped = bands.risk_bands(plan, reach_m=10_000.0)
    assert (np.diff(capped[order]) >= 0).all()
    for factor, wanted in ((7, found), (0, 0 * found)):
        scaled = replace(plan, risk=plan.risk * factor)
        assert (bands.risk_bands(scaled, reach_m=100.0) == wanted).all()


def test_one_report_never_makes_the_highest_band():
    plan = sample_plan()
    few = with_inputs(plan, incidents=plan.inputs.incidents.iloc[:2])
    assert bands.risk_bands(plan, reach_m=10_000.0).max() == 3
    assert bands.risk_bands(few, reach_m=10_000.0).max() == 2
    none = with_inputs(plan, incidents=plan.inputs.incidents.iloc[:0])
    assert bands.risk_bands(none, reach_m=10_000.0).max() == 2
    apart = with_inputs(plan, incidents=plan.inputs.incidents.assign(is_police_generated=True))
    assert bands.risk_bands(apart, reach_m=10_000.0).max() == 2


def test_streets_outside_ward_and_corridors_have_no_band():
    plan = sample_plan()
    away = plan.network.segments.assign(in_ward=False)
    plan = replace(plan, network=replace(plan.network, segments=away))
    rising = np.arange(len(away), dtype=float)[:, None]
    found = bands.risk_bands(replace(plan, risk=rising), reach_m=100.0)
    assert found.any()
    assert set(np.flatnonzero(found)) < set(plan.corridors[0].segment_ids)


def test_flow_bands():
    assert bands.flow_bands(np.array([0, 4.9, 5, 19.9, 20, 149, 150])).tolist() == [
        0, 0, 1, 1, 2, 3, 4,
    ]  # fmt: skip
    assert bands.flow_words(0) == "Fewer than 5 pupils"
    assert (bands.pupils(replace(sample_plan(), flows=())) == 0).all()


def test_the_same_route_is_one_layer():
    plan = sample_plan()
    (group,) = route_groups(plan)
    assert group.label == "Team 1: Monday and Wednesday"
    late = replace(plan.sessions[0], days=(plan.patrols[1].day,), start_min=910)
    early = replace(plan.sessions[0], days=(plan.patrols[0].day,))
    parted = replace(plan, sessions=(early, late), coverage=())
    (group,) = route_groups(parted)
    assert group.label == "Team 1: Monday and Wednesday"
    assert [start_min for start_min, _ in group.parts] == [900, 910]
    said = json.dumps(json.loads(_parts(parted).data))
    assert "Monday: 1. 15:00 Start on Second Lane" in said
    assert "Wednesday: 1. 15:10 Start on Second Lane" in said
    other = replace(parted.patrols[1].route, segment_ids=(), node_ids=(9,), leave_s=(0,), stands=())
    walked = replace(parted, patrols=(plan.patrols[0], replace(plan.patrols[1], route=other)))
    assert len(route_groups(walked)) == 2


def test_route_seconds_count_from_the_session():
    plan = sample_plan()
    assert plan.patrols[0].start_min == 905
    assert session_start_min(plan, plan.patrols[0]) == 900
    other = replace(plan.sessions[0], urns=("999999",))
    assert session_start_min(replace(plan, sessions=(other,)), plan.patrols[0]) == 900
    assert session_start_min(replace(plan, sessions=()), plan.patrols[0]) == 905


def test_steps_are_numbered_in_walking_order():
    plan = sample_plan()
    found = steps(plan, plan.patrols[0].route, 900)
    assert [s.number for s in found] == list(range(1, len(found) + 1))
    assert [s.kind for s in found] == ["start", "turn", "stand", "turn", "turn", "end"]
    assert [s.time for s in found] == sorted(s.time for s in found)


def test_every_round_is_told():
    plan = sample_plan()
    route = plan.patrols[0].route
    assert rounds_words(route, 900) == ""
    twice = replace(route, rounds=2)
    assert route.leave_s[-1] == 1260
    assert rounds_words(twice, 900).startswith("Walked 2 times, from 15:00 and 15:21.")
    stands = [s.time for s in steps(plan, twice, 900) if s.kind == "stand"]
    assert stands == ["15:05 to 15:15, 15:26 to 15:36"]
    walked = replace(
        plan,
        patrols=tuple(
            replace(p, route=twice, why_aim="Told by the evidence.") for p in plan.patrols
        ),
    )
    text = _Words(_page(walked)).text
    assert "Walked 2 times, from 15:00 and 15:21. Times below are those of the first" in text
    assert "Told by the evidence." in text


def test_coverage_in_words():
    coverage = model.Coverage(1181, 1239, 10000, (), ("C1", "C2"), ("C2",), stopped_by_clock=True)
    assert coverage_words(coverage) == (
        "Call all risk and pupils on the corridors that day 1,000.",
        "No plan with these people and times can cover more than 124; this covers 118.",
        "The gap is 4.7%.",
        "Below the floor that was asked for: C1.",
        "These teams cannot reach the floor on C2: this is proven.",
        "The search was stopped by the clock; another run may differ.",
    )


def test_floors_that_clash_are_told_together():
    coverage = model.Coverage(
        5, 5, 10, (), ("C1",), (), stopped_by_clock=False, floor_clashes=(("C1", "C3"),)
    )
    assert coverage_words(coverage)[3:] == (
        "Below the floor that was asked for: C1.",
        "These teams cannot reach the floors on C1 and C3 in one plan: this is proven.",
    )


def test_a_card_says_that_a_bus_stop_is_stood_at_outside_its_minutes():
    plan = sample_plan()
    stop = model.StandPoint("<b>Mill", "bus_stop", 0, 0.0, 0.0, 600, earliest_s=600, latest_s=900)
    minutes = (("patrols.bus_stop_from_min", "10"), ("patrols.bus_stop_to_min", "30"))

    def page(*off: model.OffWindow) -> str:
        patrols = tuple(replace(p, route=replace(p.route, off_window=off)) for p in plan.patrols)
        return _Words(_page(replace(plan, patrols=patrols, parameters=minutes))).text

    start = session_start_min(plan, plan.patrols[0])
    at = model.local_time(start + 20)
    words = (
        f"The team stands at <b>Mill bus stop at {at}, outside 10 to 30 minutes after the bell, "
        "because otherwise the floor of corridor C1 could not be covered."
    )
    assert words in page(model.OffWindow(stop, 1200, ("C1",)))
    assert "minutes after the bell, because" not in page()


def test_what_is_met_is_told_with_a_bound_that_is_called_loose():
    coverage = model.Coverage(
        1181, 1239, 10000, (), (), (), stopped_by_clock=False,
        met=3456.7, met_bound=9871, met_total=10000,
    )  # fmt: skip
    words = coverage_words(coverage)[3]
    assert "teams are there for 345 of 1,000" in words
    assert "more than 988; that limit is loose" in words


def test_a_route_that_sets_off_later_says_so_in_every_round():
    plan = sample_plan()
    route = plan.patrols[0].route
    later = replace(route, rounds=2, begin_s=600, leave_s=tuple(s + 600 for s in route.leave_s))
    assert rounds_words(later, 900).startswith("Walked 2 times, from 15:10 and 15:31.")
    found = steps(plan, later, 900)
    assert found[0].time == "15:10"
    assert [s.time for s in found if s.kind == "stand"] == ["15:15 to 15:25, 15:36 to 15:46"]


def _bare(plan: model.Plan) -> model.Plan:
    return replace(
        plan, corridors=(), patrols=(), sessions=(), coverage=(), flows=(),
        gates=plan.gates.iloc[:0],
        no_patrol=(model.NoPatrol("100001", "x"), model.NoPatrol("100002", "y")),
    )  # fmt: skip


def test_a_week_without_any_patrol_is_still_a_page():
    text = _Words(_page(_bare(sample_plan()))).text
    assert "No patrol is planned." in text
    assert "No patrol: x" in text
    assert "0 of 0 patrols" in text


def test_a_large_ward_stays_under_5_mb():
    plan = large_plan()
    assert len(plan.network.segments) > 11_000
    assert len(_page(plan).encode()) < 5_000_000


@pytest.mark.parametrize("word", ["make schools safer", "no reliable evidence"])
def test_the_caution_is_there(word):
    assert word in CAUTION


C14_RULES = (
    "Call 999 when life is in danger, serious injury is likely or a serious crime is happening",
    "101 or online",
    "Do not contact an officer personally",
    "parent or guardian there, or the school adult who was agreed on",
    "(DSL) or the multi-agency hub (MASH)",
)


def test_c14_the_rules_for_staff_stand_on_every_card_on_paper():
    page = _calm_page()
    cards = page.split('<article class="card"')[1:]
    assert len(cards) == 2
    for card in cards:
        on_paper = card.split('class="paper-only rules"')[1]
        for rule in C14_RULES:
            assert rule in _Words(on_paper).text


def test_c14_what_the_protocol_says_stands_on_cards_of_patrols_that_need_it():
    label, words = "Who may ask police to attend", "The lead youth worker, by telephone"
    plan = with_inputs(sample_plan(), protocol_terms=protocol_terms(may_ask_police=words))
    assert words not in _page(plan)  # police are nearby: no protocol is needed
    alone = _Words(_page(with_staffing(plan, police_level="on_call"))).text
    assert alone.count(label) == alone.count(words) == 2
    assert "06/10/2026" in alone
    bare = with_inputs(plan, protocol_terms=protocol_terms(stand_down=""))
    assert "Not agreed yet" in _Words(_page(with_staffing(bare, police_level="none"))).text
    assert "Who may ask" not in _page(with_staffing(plan, police_level="on_call", people=()))


def test_c13_each_corridor_shows_when_its_programme_starts_ends_and_is_reviewed():
    assert "no dates on record" in _Words(_calm_page()).text
    dates = {"starts_on": "2026-01-05", "ends_on": "2026-07-21", "review_on": "2026-05-01"}
    aims = confirmed_aims(**{name: pd.Timestamp(day) for name, day in dates.items()})
    text = _Words(_page(with_inputs(sample_plan(), aims=aims))).text
    assert "from 05/01/2026, to 21/07/2026, review 01/05/2026" in text


def test_b15_a_card_says_who_approved_plain_clothes_and_warns():
    frame = sample_plan().inputs.people.assign(plain_clothes_by="Sgt <b>Roe")
    plan = with_inputs(sample_plan(), people=frame)
    text = _Words(_page(with_staffing(plan, warnings=("Watch out.",)))).text
    assert text.count("Cara Specimen is out of uniform: approved by Sgt <b>Roe.") == 1
    assert text.count("Dev Pattern is out of uniform") == 1
    assert text.count("is out of uniform") == 2  # only of police, each on their own card
    assert text.count("Watch out.") == 2


def test_a_card_warns_of_a_patrol_that_ends_in_the_dark():
    plan = sample_plan()
    assert "It gets dark" not in _calm_page()  # in March the sun sets after five

    def on(day: date) -> str:
        moved = tuple(replace(p, day=day) for p in plan.patrols)
        return _Words(_page(replace(plan, patrols=moved))).text

    assert re.search(r"It gets dark at 15:5\d on 30 November, before this patrol ends\.",
                     on(date(2026, 11, 30)))  # fmt: skip
    # The last school day before the clocks go back, and the first one after.
    assert "It gets dark" not in on(date(2026, 10, 23))
    assert "It gets dark at 16:4" in on(date(2026, 10, 26))
