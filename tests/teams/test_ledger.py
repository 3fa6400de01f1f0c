"""The toolkit's points (D1-D5)."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError, ProfileError
from corridors.sources.toolkit import read_costs
from corridors.tables import DATE, ToolkitEntries
from corridors.teams.ledger import Place, accounts, school_year

TOOLKIT = read_costs()
COSTS = {
    5: {"all_day_workshop", "pshe"},
    3: {"knife_arch"},
    2: {
        "careers_fair", "student_council", "year_7_introduction", "specialist_presentation",
        "neighbourhood_team_workshop", "key_point_meeting",
    },
    1: {"presentation", "assembly", "workshop", "parents_evening"},
    0: {
        "patrol", "weapon_sweep", "slt_meeting", "dsl_forum", "specialist_police_event",
        "safety_first", "school_lunch",
    },
}  # fmt: skip
DAY = date(2026, 1, 12)


def entries(*rows: tuple[str, date, str]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            ToolkitEntries.urn: pd.Series([r[0] for r in rows], dtype="str"),
            ToolkitEntries.date: pd.Series([pd.Timestamp(r[1]) for r in rows], dtype=DATE),
            ToolkitEntries.item: pd.Series([r[2] for r in rows], dtype="str"),
        }
    )
    frame.index.name = ToolkitEntries.index
    return ToolkitEntries.validate(frame)


def made(*rows, year: str = "2025/26", urns=("100001",)):
    place = Place("toolkit.csv", {row: at for at, row in enumerate(rows, start=2)})
    return accounts(entries(*rows), TOOLKIT, urns, year, place)


def test_d3_the_costs_are_those_of_the_source_and_name_it():
    assert {
        points: {i.key for i in TOOLKIT.items if i.points == points} for points in COSTS
    } == COSTS
    assert "section 4.3.2" in TOOLKIT.source


def test_d4_the_sources_inconsistency_is_told():
    assert "Section 3" in TOOLKIT.inconsistency
    assert TOOLKIT.item("presentation").points == TOOLKIT.item("workshop").points == 1


def test_d1_twenty_points_and_what_is_left_after_each_booking():
    (account,) = made(("100001", DAY, "pshe"), ("100001", date(2025, 10, 1), "knife_arch"))
    assert account.points == 20
    assert [(b.item.key, b.left) for b in account.bookings] == [("knife_arch", 17), ("pshe", 12)]
    assert account.left == 12
    assert made()[0].left == 20


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2025, 8, 31), "2024/25"),
        (date(2025, 9, 1), "2025/26"),
        (date(2026, 8, 31), "2025/26"),
        (date(1999, 9, 1), "1999/00"),
    ],
)
def test_d1_a_school_year_begins_on_1_september(day, year):
    assert school_year(day, TOOLKIT) == year


def test_d1_points_reset_and_do_not_carry_over():
    spent = [("100001", date(2026, 8, 31), "pshe")] * 4
    assert made(*spent)[0].left == 0
    assert made(*spent, ("100001", date(2026, 9, 1), "pshe"), year="2026/27")[0].left == 15


def test_d1_an_entry_that_would_go_below_zero_is_an_error_that_names_its_row():
    rows = [("100001", date(2026, 1, d), "pshe") for d in (1, 2, 3, 4)]
    with pytest.raises(InputError) as told:
        made(*rows, ("100001", date(2026, 1, 5), "assembly"))
    assert told.value.row == 6
    assert "0 of 20 points left" in str(told.value)
    made(*rows, ("100002", date(2026, 1, 5), "assembly"))  # another school's points


def test_d1_an_unknown_item_is_an_error_that_names_its_row_and_the_nearest():
    with pytest.raises(InputError, match="Did you mean assembly") as told:
        made(("100001", DAY, "asembly"))
    assert told.value.row == 2


def test_d2_patrols_and_sweeps_cost_nothing_and_an_empty_balance_does_not_stop_them():
    spent = [("100001", DAY, "pshe")] * 4
    free = [("100001", date(2026, 2, d), key) for d in (1, 2) for key in sorted(COSTS[0])]
    (account,) = made(*spent, *free)
    assert account.left == 0
    assert len(account.bookings) == 4 + len(free)


@given(st.lists(st.sampled_from([i.key for i in TOOLKIT.items]), max_size=30), st.randoms())
def test_d1_the_balance_never_falls_below_zero_whatever_the_order_of_rows(keys, rng):
    rows = [("100001", DAY, key) for key in keys]
    cost = sum(TOOLKIT.item(key).points for key in keys)
    shuffled = rng.sample(rows, len(rows))
    if cost > 20:
        with pytest.raises(InputError):
            made(*rows)
        with pytest.raises(InputError):
            made(*shuffled)
    else:
        assert made(*rows)[0].left == 20 - cost
        assert made(*rows) == made(*shuffled)


def test_d5_items_in_which_police_meet_pupils_ask_three_questions():
    assert len(TOOLKIT.questions) == 3
    contact = {i.key for i in TOOLKIT.items if i.has_contact}
    assert {"workshop", "pshe", "all_day_workshop", "assembly"} <= contact
    assert not {"slt_meeting", "dsl_forum"} & contact


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("points = 5", "points = -1"),
        ("points = 5", 'points = "5"'),
        ("points = 5", "points = true"),
        ('key = "pshe"', 'key = "workshop"'),
        ("has_contact = true", 'has_contact = "yes"'),
        ('year_starts = "01/09"', 'year_starts = "September"'),
        ('source = "', 'sauce = "'),
    ],
)
def test_d3_a_costs_file_that_is_wrong_is_named(tmp_path, old, new):
    from importlib.resources import files

    shipped = files("corridors.profiles") / "toolkit" / "toolkit_2024.toml"
    text = shipped.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProfileError, match=r"mine\.toml"):
        read_costs(path)
    path.write_text(text.replace('name = "toolkit_2024"', 'name = "mine"'), encoding="utf-8")
    assert read_costs(path).name == "mine"
