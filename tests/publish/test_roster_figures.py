"""The week's roster in figures: on the working page and in the plan file, never on the notice."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from sample_plan import (
    HOSTILE,
    WARD,
    Names,
    hostile_names,
    sample_plan,
    sample_profile,
    with_inputs,
    with_staffing,
)

from corridors import model, publish, tables
from corridors.publish.cards import make_cards
from corridors.publish.costs import CARD_STEP_GBP, WEEK_STEP_GBP, cost_rows, total_row
from corridors.publish.plan_json import plan_json
from corridors.publish.public import notice_states, publication
from corridors.publish.roster_figures import (
    LEVEL_WORDS,
    NOT_TOLD,
    WISH_WORDS,
    exposure_words,
    load_words,
    ratio_words,
    repeat_words,
    roster_figures,
)
from corridors.publish.working_map import working_map
from corridors.tables import POLICE_LEVELS
from corridors.teams import wishes

PROFILE = sample_profile()


def _page(plan: model.Plan) -> str:
    made = publication(plan, PROFILE.notice, PROFILE.teams)
    cards = make_cards(plan, PROFILE.teams, notice_states(plan, made))
    return working_map(plan, PROFILE, cards, made)


def _section(plan: model.Plan) -> str:
    return re.search(r'<section class="figures".*?</section>', _page(plan), re.S).group()


class _Text(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


def _figures(plan: model.Plan):
    return roster_figures(plan, PROFILE.teams)


def _report(**changes: object) -> model.Plan:
    plan = sample_plan()
    return replace(plan, roster=replace(plan.roster, **changes))


# --- what it says -------------------------------------------------------------------------------


def test_every_wish_of_the_roster_has_its_words():
    names = {v for k, v in vars(wishes).items() if k.isupper() and isinstance(v, str)}
    assert set(WISH_WORDS) == names
    assert set(LEVEL_WORDS) == set(POLICE_LEVELS[1:])


def test_wishes_stand_in_their_order_with_figure_and_proof():
    rows = _figures(sample_plan()).wishes
    assert [r.figure for r in rows] == ["2 of 2", "10,800", "0", "0", "1", "6", "4", "10"]
    assert [r.proven for r in rows] == ["yes"] * 7 + ["no"]
    assert rows[0].aim == "Staff as many patrols as possible"
    strange = _figures(_report(wishes=(model.WishReached("new wish", 3.0, True),))).wishes
    assert (strange[0].aim, strange[0].figure) == ("New wish", "3")


def test_a6_exposure_says_what_the_number_means():
    words = exposure_words(948_192.0, 1200)
    assert words.startswith("948,192. This is not a number of children.")
    assert "Less is better. Officers spend 1,200 minutes on corridors in all." in words
    assert exposure_words(0.0, 0).startswith("0: no officer is on a corridor")
    assert exposure_words(0.0, 60).startswith("0. This is not a number")


def test_c11_and_load_in_words():
    assert repeat_words(0.75).startswith("75% of the places")
    assert repeat_words(None).startswith("Cannot be said")
    assert load_words((1, 2, 5)) == "1 to 5 patrols for each person who walks."
    assert load_words((1, 1)) == "1 patrol for each person who walks."
    assert load_words(()) == "Nobody walks."


def test_c10_ratio_and_a_reason_for_every_school_with_none():
    both = (model.SchoolMinutes("1", 200, 200.0), model.SchoolMinutes("2", 100, 80.0))
    assert model.RosterReport(schools=both).minutes_ratio == pytest.approx(2.5)
    assert ratio_words(both) == (
        "The one with most time for each pupil has 2.5 times as much as the one with least."
    )
    none = model.SchoolMinutes("3", 0, 0.0)
    assert ratio_words((*both, none)).startswith("Of the schools with patrols, the one")
    assert ratio_words((*both, none)).endswith("1 school has none: the table says why.")
    unknown = model.SchoolMinutes("4", 60, None)
    assert "1 school has no number of pupils on record." in ratio_words((both[0], unknown))
    assert "nothing to compare" in ratio_words(both[:1])
    assert ratio_words(()) == ""


def test_c10_reasons_come_from_the_plan():
    def reasons(plan: model.Plan) -> list[str]:
        return [r.reason for r in _figures(plan).schools]

    plan = sample_plan()
    assert reasons(plan) == ["", "Fewer incidents than the floor of 6 in the window."]
    empty = tuple(model.SchoolMinutes(u, 0, 0.0) for u in ("100001", "100002"))
    idle = replace(plan, roster=model.RosterReport(schools=empty), no_patrol=())
    unstaffed = with_staffing(idle, people=(), reason="None is free (B7).")
    assert reasons(unstaffed) == ["Nobody can walk: None is free.", "It has no corridor this week."]
    no_team = replace(idle, patrols=(), coverage=())
    assert reasons(no_team)[0] == "It has a corridor, but no team sets out on it this week."
    lot = model.ControlDay("C1", ("100001",), plan.inputs.week.days[0])
    drawn = reasons(replace(no_team, control_days=(lot,)))
    assert drawn[0] == "Its days were drawn by lot to go without a patrol."
    left_out = replace(plan, roster=model.RosterReport())
    assert reasons(left_out) == ["Fewer incidents than the floor of 6 in the window."]


def test_b10_who_leads_and_what_kind_of_patrol():
    facts = dict(_figures(sample_plan()).facts)
    assert facts["Do police lead or support?"].startswith("Police are on 2 patrols: they support")
    assert re.fullmatch(r"2 of 2: .+\.", facts["Patrols by kind"])
    none = with_staffing(sample_plan(), people=(), police_minutes=0, exposure=0.0)
    facts = dict(_figures(none).facts)
    assert facts["Do police lead or support?"] == "Police are on no corridor this week."
    assert facts["Patrols by kind"] == "The policy profile records none."


def test_b9_who_designed_and_agreed_and_whether_it_was_this_plan():
    plan = sample_plan()
    rows = _figures(plan).approvals
    assert [(r.state, r.by, r.organisation, r.about) for r in rows] == [
        (state, "Deputy head", "School", "this plan")
        for state in ("Designed", "Proposed", "Agreed")
    ]
    later = with_staffing(plan, police_level="joint_visible")
    assert {r.about for r in _figures(later).approvals} == {"an earlier plan"}
    assert "Nobody has recorded yet" in _section(with_inputs(plan, approvals=None))


# --- totals only --------------------------------------------------------------------------------


def test_b4_attendance_is_told_in_the_groups_of_the_report_and_no_finer():
    roles, organisations = _figures(sample_plan()).attendance
    (row,) = roles.rows
    assert (row.group, row.people) == ("Youth worker", "5")
    assert [n for _, n in row.coming] == ["4", "3", NOT_TOLD]
    assert roles.untold == "Local adult you may know"
    assert [r.group for r in organisations.rows] == ["Green Youth Project"]
    assert organisations.untold == "Tenants"
    assert _figures(_report(attendance=())).attendance == ()


def test_b4_no_person_by_name_or_id_stands_in_the_section():
    plan = sample_plan()
    text = _Text(_section(plan)).text
    for person_id, row in plan.inputs.people.iterrows():
        assert row[tables.People.name] not in text
        assert not re.search(rf"\b{person_id}\b", text)


def _people(*pays: float) -> pd.DataFrame:
    one = sample_plan().inputs.people.iloc[[0]]
    made = pd.concat([one] * len(pays)).assign(pay_per_hour=list(pays))
    made.index = pd.Index([f"X{i}" for i in range(len(pays))], name="person_id")
    return made


def test_b17_the_pay_of_one_person_cannot_be_read_from_an_amount():
    name = Names().organisation
    cost = (model.OrganisationCost(name, 120, 0, 0, 37.0),)
    for pays, words in (
        ((18.5,), "about £40"), ((18.5, 18.5), "about £40"), ((18.5, 18.5, 18.5), "£37"),
        ((18.5, 0.0, float("nan")), "about £40"),
    ):  # fmt: skip
        people = _people(*pays)
        (row,) = cost_rows(cost, people, people.index, CARD_STEP_GBP)
        assert row.cost == words
    (row,) = cost_rows(cost, _people(18.5, 18.5, 18.5), ["X1"], WEEK_STEP_GBP)
    assert row.cost == "about £50"
    small = (model.OrganisationCost(name, 10, 0, 0, 3.0),)
    (row,) = cost_rows(small, _people(18.0), ["X0"], CARD_STEP_GBP)
    assert row.cost == "less than £10"


def test_b17_the_sum_does_not_give_a_rounded_part_away():
    people = _people(18.5, 18.5, 18.5, 21.0)
    people.loc["X3", tables.People.organisation] = "Small"
    costs = (
        model.OrganisationCost(Names().organisation, 180, 0, 0, 55.5),
        model.OrganisationCost("Small", 60, 0, 0, 21.0),
    )
    rows = cost_rows(costs, people, people.index, CARD_STEP_GBP)
    assert [r.cost for r in rows] == ["£56", "about £20"]
    assert total_row(costs, people, people.index, CARD_STEP_GBP).cost == "about £80"


def test_b17_paid_unpaid_and_unrecorded_time_are_told_apart_on_page_and_card():
    rows = {r.organisation: r for r in _figures(sample_plan()).costs}
    found = {n: (r.minutes, r.paid, r.unpaid, r.unrecorded, r.cost) for n, r in rows.items()}
    assert found == {
        "Green Youth Project": ("200", "200", "0", "0", "about £50"),
        "Police": ("200", "0", "0", "200", "not known"),
        "Tenants": ("200", "0", "200", "0", "£0"),
        "All together": ("600", "200", "200", "200", "about £50 plus pay not on record"),
    }
    text = _Text(_page(sample_plan())).text
    assert text.count("Green Youth Project : 100 minutes paid, about £30;") == 2
    assert text.count("Police : 100 minutes with no pay on record") == 2
    bare = replace(sample_plan().patrols[0], costs=())
    assert "<dt>Cost</dt>" not in _page(replace(sample_plan(), patrols=(bare,)))


# --- the page -----------------------------------------------------------------------------------


def test_the_section_is_in_the_list_of_sections_and_its_tables_are_named():
    page = _page(sample_plan())
    assert '<a href="#figures">The week’s roster in figures</a>' in page
    tags = _Text(_section(sample_plan())).tags
    heads = [a for t, a in tags if t == "th"]
    assert {a.get("scope") for a in heads} == {"col", "row"}
    assert sum(t == "table" for t, _ in tags) == sum(t == "caption" for t, _ in tags) == 6
    ids = [a["id"] for _, a in _Text(page).tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert all(a["aria-labelledby"] in ids for _, a in tags if "aria-labelledby" in a)


def test_hostile_names_of_organisations_are_text():
    hostile = _section(sample_plan(hostile_names()))
    calm = _Text(_section(sample_plan()))
    found = _Text(hostile)
    assert {t for t, _ in found.tags} == {t for t, _ in calm.tags}
    assert not [n for _, a in found.tags for n in a if n.startswith("on")]
    assert "<img" not in hostile
    assert HOSTILE[4] in found.text
    assert HOSTILE[9] in found.text


def test_a_week_without_patrols_has_no_empty_table():
    plan = replace(
        sample_plan(), patrols=(), coverage=(), roster=model.RosterReport(), no_patrol=()
    )
    section = _section(with_inputs(plan, approvals=None))
    assert "No patrol is planned, so there is no roster." in section
    assert "<table" not in section


def test_the_plan_file_holds_the_report():
    plan = sample_plan()
    data = json.loads(plan_json(plan, PROFILE))
    told = data["roster"]
    assert data["format"] == 5
    assert [w["name"] for w in told["wishes"]] == [w.name for w in plan.roster.wishes]
    assert told["unproven"] == ["even load"]
    assert told["minutes_ratio"] is None
    assert told["costs"][0]["cost"] == "about £50"  # of 60, which two people are paid
    assert data["patrols"][0]["costs"][0]["cost"] == "about £30"
    assert "cost_gbp" not in plan_json(plan, PROFILE).decode("utf-8")
    assert told["attendance"][2]["coming"] is None
    assert told["load"] == [1, 1, 2, 2]


@pytest.mark.parametrize("names", [None, hostile_names()])
def test_the_notice_is_the_same_whatever_the_roster_says(tmp_path, names):
    plan = sample_plan(names)
    costly = tuple(replace(p, costs=()) for p in plan.patrols)
    other = replace(plan, patrols=costly, roster=model.RosterReport(exposure=1.0, load=(9,)))
    made = {}
    for key, one in (("a", plan), ("b", other)):
        publish.write(one, PROFILE, tmp_path / key)
        root = tmp_path / key / "maps"
        made[key] = [
            (root / kind / WARD / "2026-W10" / file).read_bytes()
            for kind, file in (("public", "notice.html"), ("working", "map_OS.html"))
        ]
    assert made["a"][0] == made["b"][0]
    assert made["a"][1] != made["b"][1]
    for word in (b"roster", b"\xc2\xa3", b"exposure", b"proven"):
        assert word not in made["a"][0]
