"""Indicators measure impact, belong to an aim, and fall due (G1-G3, G6)."""

import tomllib
from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest

from corridors.errors import ProfileError
from corridors.evaluation.indicators import (
    NO_INDICATORS,
    due_on,
    due_words,
    indicators_of,
    outcome_of,
)
from corridors.profile import MEASURES, Evaluation, Indicator, from_mapping

SHIPPED = ("hackney_2024", "trust_policy", "tvp_2025")
ACTIVITIES = sorted(m for m, kind in MEASURES.items() if kind == "activity")
REPORTS = {
    "key": "reports", "title": "Reports", "kind": "impact", "aim": "enforcement",
    "measure": "reported_incidents", "every_months": 3, "better": "fewer",
}  # fmt: skip
HARM = {**REPORTS, "key": "arrests", "kind": "harm", "aim": "all", "measure": "arrests"}


def data(name: str = "hackney_2024") -> dict:
    text = (files("corridors.profiles") / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def with_indicators(*indicators: dict, **numbers: object) -> dict:
    return {**data(), "evaluation": {"indicators": list(indicators), **numbers}}


def indicator(**changes: object) -> Indicator:
    return Indicator(**{**REPORTS, **changes})


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_profile_measures_every_measure_once(name):
    found = from_mapping(data(name)).evaluation.indicators
    assert sorted(i.measure for i in found) == sorted(MEASURES)


@pytest.mark.parametrize("name", SHIPPED)
def test_g2_every_shipped_aim_has_an_impact_whose_outcome_is_the_aims(name):
    profile = from_mapping(data(name))
    impact = [i for i in profile.evaluation.indicators if i.kind == "impact"]
    assert {i.aim for i in impact} == {aim.key for aim in profile.teams.aims}
    for one in impact:
        aim = next(a for a in profile.teams.aims if a.key == one.aim)
        assert outcome_of(one, profile.teams.aims) == aim.outcome


@pytest.mark.parametrize("name", SHIPPED)
def test_g6_harm_stands_beside_benefit_for_every_aim(name):
    profile = from_mapping(data(name))
    for aim in profile.teams.aims:
        measures = {i.measure for i in indicators_of(profile.evaluation.indicators, aim.key)}
        assert {
            "crimes_recorded", "no_further_action", "stop_search", "exclusions", "repeat_contact",
        } <= measures  # fmt: skip


@pytest.mark.parametrize("measure", ACTIVITIES)
@pytest.mark.parametrize("kind", ["impact", "harm", "fairness", "process"])
def test_g1_an_activity_registered_as_anything_else_is_refused_naming_g1(measure, kind):
    with pytest.raises(ProfileError, match=r"counts what was done.*\(G1\)") as caught:
        from_mapping(with_indicators({**REPORTS, "measure": measure, "kind": kind}, HARM))
    assert measure in caught.value.problem


@pytest.mark.parametrize("better", ["more", "fewer"])
def test_g1_an_activity_is_neither_better_nor_worse(better):
    with pytest.raises(ProfileError, match="never a success"):
        indicator(kind="activity", aim="all", measure="patrols", better=better)


def test_a_harm_cannot_be_called_impact():
    with pytest.raises(ProfileError, match='arrests is of kind = "harm"'):
        indicator(measure="arrests")


def test_g2_an_aim_that_the_profile_does_not_have_is_refused():
    with pytest.raises(ProfileError, match=r"there is no aim 'reassure'.*\(G2\)"):
        from_mapping(with_indicators({**REPORTS, "aim": "reassure"}, HARM))


def test_g2_impact_on_all_aims_is_impact_on_none():
    with pytest.raises(ProfileError, match=r"name the one aim.*\(G2\)"):
        indicator(aim="all")


def test_g6_impact_without_harm_is_refused():
    with pytest.raises(ProfileError, match=r"no harm.*\(G6\)"):
        from_mapping(with_indicators(REPORTS))


def test_a_need_adjusted_ratio_never_stands_alone():
    fair = {**REPORTS, "kind": "fairness", "measure": "need_adjusted_ratio", "better": ""}
    with pytest.raises(ProfileError, match="never stands without exposure_ratio"):
        from_mapping(with_indicators(fair))


def test_a_misspelt_measure_is_told_with_the_nearest_one():
    with pytest.raises(ProfileError, match="did you mean feels_safer"):
        indicator(measure="feel_safer")


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "Reports"}, {"key": "=1+1"}, {"key": ""}, {"title": " "}, {"title": "a\x00b"},
        {"title": "x" * 121}, {"title": "two\nlines"}, {"kind": "success"}, {"every_months": 0},
        {"every_months": 25}, {"better": "less"},
    ],
)  # fmt: skip
def test_an_indicator_checks_itself(changes):
    with pytest.raises(ProfileError):
        indicator(**changes)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smallest_count", 4), ("smallest_count", 0), ("smallest_count", 101),
        ("smallest_group", 29), ("explain_low", 1.0), ("explain_high", 0.9),
        ("review_ratio", 1.2), ("not_recorded_share", 0.0), ("claim_share", 0.51), ("near_m", 0.0),
        ("near_m", 600.0), ("far_m", 5001.0),
        ("near_m", float("nan")), ("review_ratio", float("nan")), ("claim_share", float("inf")),
    ],
)  # fmt: skip
def test_a_number_out_of_its_limits_is_refused(name, value):
    with pytest.raises(ProfileError, match=name.split("_")[0]):
        replace(Evaluation(), **{name: value})


def test_two_indicators_with_one_key_are_refused():
    with pytest.raises(ProfileError, match="reports more than once"):
        from_mapping(with_indicators(REPORTS, REPORTS, HARM))


@pytest.mark.parametrize(
    ("last", "months", "due"),
    [
        (date(2026, 1, 15), 3, date(2026, 4, 15)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2025, 12, 1), 12, date(2026, 12, 1)),
        (date(2025, 12, 31), 6, date(2026, 6, 30)),
    ],
)
def test_g3_when_an_indicator_falls_due(last, months, due):
    assert due_on(indicator(every_months=months), last) == due


def test_g3_overdue_ones_are_told_and_no_others():
    two = (indicator(), indicator(key="safe", title="Feels safer", every_months=6))
    assert due_words(two, date(2026, 1, 15), date(2026, 4, 15)) == ()
    assert due_words(two, date(2026, 1, 15), date(2026, 4, 16)) == (
        "Overdue since 15/04/2026: Reports. It is evaluated every 3 months.",
    )
    assert len(due_words(two, None, date(2026, 4, 16))) == 2
    assert due_words((), date(2026, 1, 15), date(2026, 4, 16)) == (NO_INDICATORS,)
