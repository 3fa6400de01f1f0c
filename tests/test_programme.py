"""A programme checks itself: each rule with one clear message that names the key."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from support_programmes import URN, area, programme

from corridors.errors import ProfileError
from corridors.programme import programme_from

GOOD = {
    "title": "A trial", "aim": "trust", "before_from": date(2025, 1, 1),
    "starts_on": date(2025, 4, 1), "ends_on": date(2025, 6, 30),
    "areas": [{"key": "one", "ward": "E05000001", "streets": ["High Street"], "urns": [URN]}],
}  # fmt: skip


def test_a_good_programme_is_made_as_it_stands():
    made = programme_from(GOOD, "trial")
    assert made == programme()
    assert made.before_to == date(2025, 3, 31)
    assert made.urns == (URN,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": "One"}, "areas.key must be lower-case"),
        ({"key": "../x"}, "areas.key must be lower-case"),
        ({"key": "x" * 41}, "areas.key must be lower-case"),
        ({"key": "x\0"}, "areas.key must be lower-case"),
        ({"key": "one\n"}, "areas.key must be lower-case"),
        ({"streets": ()}, "area one must name either streets or a file of lines"),
        ({"lines": "a.geojson"}, "area one must name either streets or a file of lines"),
        ({"ward": ""}, "area one names streets but no ward"),
        ({"streets": ("High Street", " ")}, "area one names a street without a name"),
        ({"control_streets": ("",)}, "area one names a street without a name"),
        ({"corridor": "C1"}, "area one names a corridor, but no file of lines"),
        (
            {"control_streets": ("Low Street",), "control_lines": "a.geojson"},
            "area one names both control_streets and control_lines",
        ),
        (
            {"streets": (), "ward": "", "lines": "a.geojson", "control_streets": ("Low Street",)},
            "area one names control_streets but no control_ward",
        ),
        ({"urns": ("100001", "<b>")}, "area one: urns must be school URNs"),
    ],
)
def test_rules_of_an_area(changes, message):
    with pytest.raises(ProfileError, match=message) as told:
        area(**changes)
    assert "programme file" in str(told.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": " "}, "title must be given"),
        ({"areas": ()}, "name at least one"),
        ({"areas": (area(), area())}, "two areas have the same key"),
        ({"starts_on": date(2025, 1, 1)}, "must follow each other"),
        ({"ends_on": date(2025, 4, 1)}, "must follow each other"),
        ({"before_from": date(2015, 1, 1)}, "less than ten years"),
        ({"groups": ()}, "groups must be some of"),
        ({"groups": ("violence", "littering")}, "littering"),
        ({"hours": "morning"}, "hours must be one of after_school, any"),
        ({"days": "some"}, "days must be one of all, drawn"),
        ({"days_share": 0.0}, "days_share must be over 0"),
        ({"days_share": 1.1}, "days_share must be over 0"),
        ({"days_share": float("nan")}, "days_share must be over 0"),
        ({"days": "drawn", "hours": "any", "days_share": 0.5}, 'needs hours = "after_school"'),
        ({"days": "drawn"}, "needs the days_share"),
        ({"areas": (area(urns=()),)}, r"name the schools \(urns\) of area one"),
    ],
)
def test_rules_of_a_programme(changes, message):
    with pytest.raises(ProfileError, match=message):
        programme(**changes)


def test_a_programme_at_any_hour_needs_no_schools():
    assert programme(hours="any", areas=(area(urns=()),)).urns == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": "other"}, "unknown key programme.key"),
        ({"start_on": date(2025, 4, 1)}, "Did you mean starts_on"),
        ({"aim": 7}, "programme.aim must be str"),
        ({"starts_on": "01/04/2025"}, "programme.starts_on must be date"),
        ({"starts_on": datetime(2025, 4, 1)}, "programme.starts_on must be date"),  # noqa: DTZ001
        ({"areas": "one"}, "programme.areas must be a list"),
        ({"areas": ["one"]}, r"programme.areas\[0\] must be a table"),
        ({"areas": [{"key": "one", "urns": [100001]}]}, r"areas\[0\].urns\[0\] must be str"),
        ({"areas": [{"ward": "E05000001"}]}, r"programme.areas\[0\] lacks key"),
        ({"areas": [{"key": "one", "street": ["A"]}]}, "Did you mean streets"),
        ({"seed": True}, "programme.seed must be int"),
    ],
)
def test_what_is_no_programme_is_told(changes, message):
    with pytest.raises(ProfileError, match=message):
        programme_from(GOOD | changes, "trial")


def test_what_is_missing_is_told():
    with pytest.raises(ProfileError, match="programme lacks ends_on"):
        programme_from({k: v for k, v in GOOD.items() if k != "ends_on"}, "trial")
