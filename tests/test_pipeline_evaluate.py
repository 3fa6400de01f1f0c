"""A programme's evaluation on areas made by hand: every cell counted, every claim held back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from support_programmes import URN, area, areas_of, calendar, place, programme, reports

from corridors.errors import InputError
from corridors.evaluation.cells import NoFigure
from corridors.evaluation.exact import ExactRatio
from corridors.evaluation.panel import PanelFit
from corridors.evaluation.ratio import Ratio
from corridors.evaluation.verdict import CHANCE_ALONE
from corridors.evaluation.wording import TWO_SCALES
from corridors.model import AREA_PARTS, FixedAreas
from corridors.pipeline.evaluate import Reports, make_evaluation
from corridors.pipeline.fix_areas import settings_of
from corridors.pipeline.random_days import drawn_weekdays
from corridors.profile import Profile, Window
from corridors.programme import Programme
from corridors.sources import read_profile
from corridors.tables import Incidents

PROFILE = replace(
    read_profile("hackney_2024"),
    window=Window(lead_min=15, length_min=90, default_finish="15:15"),
)
TWO = (area("one"), area("two", urns=("100002",)))
YEARS = {"before_from": date(2024, 1, 1), "starts_on": date(2025, 1, 1),
         "ends_on": date(2025, 12, 31)}  # fmt: skip
MADE_ON = date(2026, 1, 1)
ALL_DAYS = calendar(("", "term", "2023-01-02", "2026-12-31", "15:15"))
FIRST_OF_ALL = date(2024, 12, 1)


def weekdays(first: date, last: date) -> list[date]:
    every = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    return [day for day in every if day.weekday() < 5]


def planted(
    counts: dict[tuple[int, str], tuple[int, int]], made: Programme, clock: str = "15:30"
) -> pd.DataFrame:
    """Reports at the middle of streets: so many before and after the start, spread evenly."""
    before = weekdays(made.before_from, made.before_to)
    after = weekdays(made.starts_on, made.ends_on)
    times, at = [], []
    for (unit, part), pair in counts.items():
        for listed, count in zip((before, after), pair, strict=True):
            chosen = [listed[i * len(listed) // count] for i in range(count)]
            times += [f"{day} {clock}" for day in chosen]
            at += [place(unit, part)] * count
    # The last day of the records, of a kind that no programme here counts.
    other = reports([f"{made.ends_on} 12:00"], [place(-1, "other")], "other")
    return pd.concat([reports(times, at), other], ignore_index=True).rename_axis(Incidents.index)


def evaluated(
    frame: pd.DataFrame,
    made: Programme,
    areas: FixedAreas | None = None,
    *,
    made_on: date = MADE_ON,
    profile: Profile = PROFILE,
):
    fixed = areas or areas_of(*(a.key for a in made.areas), fixed_on=FIRST_OF_ALL)
    fixed = replace(fixed, settings=settings_of(PROFILE))
    return make_evaluation(made, fixed, "a" * 64, Reports(frame, ALL_DAYS), profile, made_on)


@pytest.fixture(scope="module")
def year() -> Programme:
    return programme(**YEARS)


@pytest.fixture(scope="module")
def two_years() -> Programme:
    return programme(**YEARS, areas=TWO)


STEADY = {
    (0, "treated"): (120, 120), (0, "control"): (120, 120), (0, "near"): (60, 60),
    (0, "near_control"): (60, 60), (0, "far"): (60, 60),
}  # fmt: skip
FELL = STEADY | {(0, "treated"): (480, 240), (0, "control"): (480, 480)}


# --- counting -------------------------------------------------------------------------------------


def test_every_cell_holds_just_what_was_put_there(year):
    wanted = {
        (0, "treated"): (11, 7), (0, "near"): (13, 5), (0, "far"): (17, 3),
        (0, "control"): (19, 2), (0, "near_control"): (23, 29), (-1, "other"): (31, 37),
    }  # fmt: skip
    found = evaluated(planted(wanted, year), year)
    (counts,) = found.by_area
    assert counts.unit == "one"
    for part in AREA_PARTS[:-1]:
        pair = counts.pair(part)
        assert (pair.before, pair.after) == wanted[0, part], part
        assert (pair.days.before, pair.days.after) == (262, 261)
    assert found.cells.four == (11, 7, 19, 2)
    assert (found.cells.near.before, found.cells.near.after) == (13, 5)
    assert (found.cells.near_control.before, found.cells.near_control.after) == (23, 29)
    assert (found.alone.before, found.alone.after) == (11, 7)
    looks = {look.key: look.cells.four for look in found.elsewhere}
    assert looks == {
        "near": (13, 5, 23, 29), "far": (17, 3, 19, 2), "hour_before": (0, 0, 0, 0),
        "hour_after": (0, 0, 0, 0), "evening": (0, 0, 0, 0),
    }  # fmt: skip
    assert sum(row[1] for row in found.months) == 18
    assert sum(row[2] for row in found.months) == 21
    assert found.undecided == 0


@pytest.mark.parametrize(
    ("clock", "key"), [("14:30", "hour_before"), ("16:45", "hour_after"), ("19:00", "evening")]
)
def test_other_hours_of_the_same_streets_are_looked_at_apart(year, clock, key):
    frame = planted({(0, "treated"): (9, 4), (0, "control"): (8, 3)}, year, clock)
    found = evaluated(frame, year)
    assert found.cells.four == (0, 0, 0, 0)
    looks = {look.key: look.cells.four for look in found.elsewhere}
    assert looks.pop(key) == (9, 4, 8, 3)
    assert all(not any(four) for four in looks.values())


def test_units_keep_to_their_own_streets_and_school_days(two_years):
    counts = {
        (0, "treated"): (10, 20), (0, "control"): (30, 40), (1, "treated"): (1, 2),
        (1, "control"): (3, 4),
    }  # fmt: skip
    found = evaluated(planted(counts, two_years), two_years)
    assert found.cells.four == (11, 22, 33, 44)
    for unit, key in enumerate(("one", "two")):
        pair = found.by_area[unit].pair("treated")
        assert found.by_area[unit].unit == key
        assert (pair.before, pair.after) == counts[unit, "treated"]


def test_a_closed_school_counts_neither_days_nor_reports(two_years):
    """The second area's school has an INSET week; the first's has not."""
    terms = calendar(
        ("", "term", "2023-01-02", "2026-12-31", "15:15"),
        ("100002", "inset", "2025-03-03", "2025-03-07", ""),
    )
    times = ["2025-03-04 15:30", "2025-03-04 15:30", "2024-01-03 15:30", "2025-12-31 15:30"]
    at = [place(0, "treated"), place(1, "treated"), place(-1, "other"), place(-1, "other")]
    areas = areas_of("one", "two", fixed_on=FIRST_OF_ALL, settings=settings_of(PROFILE))
    found = make_evaluation(
        two_years, areas, "a" * 64, Reports(reports(times, at), terms), PROFILE, MADE_ON
    )
    one, two = (a.pair("treated") for a in found.by_area)
    assert (one.after, one.days.after) == (1, 261)
    assert (two.after, two.days.after) == (0, 256)


def test_an_area_without_a_control_is_told_and_left_out(two_years):
    counts = {(0, "treated"): (10, 20), (0, "control"): (30, 40), (1, "treated"): (100, 200)}
    areas = areas_of("one", "two", fixed_on=FIRST_OF_ALL, without_control=["two"])
    found = evaluated(planted(counts, two_years), two_years, areas)
    assert found.cells.four == (10, 20, 30, 40)
    assert (found.alone.before, found.alone.after) == (110, 220)
    assert found.left_out == ("two",)
    assert any("two" in text for text in found.cautions)


def test_without_any_control_nothing_is_compared(year):
    areas = areas_of("one", fixed_on=FIRST_OF_ALL, without_control=["one"])
    found = evaluated(planted({(0, "treated"): (400, 100)}, year), year, areas)
    assert found.cells is None
    assert isinstance(found.test, NoFigure)
    assert not found.verdict.is_effect
    assert found.verdict.level.number == 2
    assert found.elsewhere == ()


def test_reports_far_from_every_street_count_nowhere(year):
    x, y = place(0, "treated")
    frame = planted(STEADY, year)
    lost = reports(["2025-03-04 15:30"] * 50, [(x, y + 400.0)] * 50)
    both = pd.concat([frame, lost], ignore_index=True).rename_axis(Incidents.index)
    assert evaluated(both, year).cells == evaluated(frame, year).cells


def test_reports_partly_in_the_hours_are_told_for_the_streets_compared_alone(year):
    half = ("2025-03-04 16:00", "2025-03-04 17:00")
    at = [place(0, "treated"), place(0, "control"), place(-1, "other"), place(0, "far")]
    frame = planted(STEADY, year)
    more = pd.concat([frame, reports([half] * 4, at)], ignore_index=True)
    found = evaluated(more.rename_axis(Incidents.index), year)
    assert found.undecided == 2
    assert found.cells.treated.after == STEADY[0, "treated"][1] + 1


# --- claims ---------------------------------------------------------------------------------------


def test_a_planted_half_is_called_an_effect_that_fell(year):
    found = evaluated(planted(FELL, year), year)
    assert found.verdict.is_effect
    assert found.verdict.direction == "fell"
    assert found.verdict.level.number == 3
    assert isinstance(found.panel, PanelFit)
    assert isinstance(found.test, Ratio)
    assert found.test.ratio == pytest.approx(0.5, abs=0.02)
    assert found.test.low < 0.5 < found.test.high < 1
    assert "does not show why" in found.sentence


def test_two_areas_with_controls_reach_level_4(two_years):
    counts = FELL | {(1, part): pair for (_, part), pair in FELL.items()}
    found = evaluated(planted(counts, two_years), two_years)
    assert found.verdict.is_effect
    assert found.verdict.direction == "fell"
    assert found.verdict.level.number == 4


def test_a_planted_rise_is_called_one(year):
    found = evaluated(planted(STEADY | {(0, "treated"): (240, 480),
                                        (0, "control"): (240, 240)}, year), year)  # fmt: skip
    assert (found.verdict.is_effect, found.verdict.direction) == (True, "rose")


def test_no_change_is_no_effect(year):
    found = evaluated(planted(STEADY, year), year)
    assert not found.verdict.is_effect
    assert found.test.low < 1 < found.test.high


def test_a_fall_that_all_streets_share_is_no_effect(year):
    counts = dict.fromkeys(STEADY, (480, 240))
    found = evaluated(planted(counts, year), year)
    assert not found.verdict.is_effect
    assert found.alone_ratio.high < 1


def test_small_counts_are_no_effect_whatever_their_ratio(year):
    found = evaluated(planted(FELL | {(0, "treated"): (480, 4)}, year), year)
    assert not found.verdict.is_effect
    assert "not enough data" in found.verdict.reasons


@pytest.mark.parametrize("last", [date(2025, 9, 30), date(2025, 12, 30)])
def test_before_the_end_nothing_is_an_effect(year, last):
    found = evaluated(planted(FELL, year), year, made_on=last + timedelta(days=1))
    assert found.is_interim
    assert not found.verdict.is_effect
    assert found.after == (year.starts_on, last)
    assert evaluated(planted(FELL, year), year).is_interim is False


def test_records_that_end_early_make_a_result_interim_too(year):
    frame = planted(FELL, year)
    early = frame[frame[Incidents.from_utc] < pd.Timestamp("2025-10-01", tz="UTC")]
    found = evaluated(early, year)
    assert found.is_interim
    assert not found.verdict.is_effect


@pytest.mark.parametrize("fixed_on", [date(2025, 1, 1), date(2025, 6, 1)])
def test_areas_that_were_fixed_after_the_start_hold_the_evidence_at_2(year, fixed_on):
    found = evaluated(planted(FELL, year), year, areas_of("one", fixed_on=fixed_on))
    assert found.verdict.level.number == 2
    assert not found.verdict.is_effect
    assert any("fixed after the start" in text for text in found.verdict.reasons)
    day_before = areas_of("one", fixed_on=date(2024, 12, 31))
    assert evaluated(planted(FELL, year), year, day_before).verdict.level.number == 3


def test_streets_that_are_not_alike_hold_the_evidence_at_2(year):
    areas = areas_of("one", fixed_on=FIRST_OF_ALL, unlike=["one"])
    found = evaluated(planted(FELL, year), year, areas)
    assert found.verdict.level.number == 2
    assert not found.verdict.is_effect
    assert any("not alike enough" in text for text in found.cautions)


def test_a_programme_of_two_months_is_no_effect_however_clear():
    made = programme(
        before_from=date(2024, 11, 1), starts_on=date(2025, 1, 1), ends_on=date(2025, 2, 28)
    )
    found = evaluated(planted(FELL, made), made)
    assert found.named.startswith("exact test of four counts")
    assert isinstance(found.test, ExactRatio)
    assert found.test.high < 1
    assert found.verdict.level.number == 3
    assert not found.verdict.is_effect
    assert found.verdict.reasons == (CHANCE_ALONE,)
    assert "Ratio 0.50 (95 % CI" in found.sentence


def test_the_caution_of_two_scales_stands_apart_since_it_shows_the_sign_of_exact_counts(year):
    found = evaluated(planted(FELL, year), year)
    assert found.scales == TWO_SCALES
    assert not any(TWO_SCALES in text for text in found.cautions)


@pytest.mark.parametrize(
    ("part", "changes", "told"),
    [
        ("window", {"lead_min": 0}, "window.lead_min was 15 and is 0"),
        ("window", {"length_min": 60}, "window.length_min was 90 and is 60"),
        ("window", {"default_finish": "15:30"}, "window.default_finish was 15:15 and is 15:30"),
        ("risk", {"snap_reach_m": 60.5}, "risk.snap_reach_m was 60 and is 60.5"),
        ("evaluation", {"claim_share": 0.3}, "evaluation.claim_share was 0.5 and is 0.3"),
        ("evaluation", {"near_m": 150.0, "far_m": 700.0},
         "evaluation.far_m was 600 and is 700; evaluation.near_m was 200 and is 150"),
    ],
)  # fmt: skip
def test_a_profile_that_decides_otherwise_than_when_areas_were_fixed_is_refused(
    year, part, changes, told
):
    other = replace(PROFILE, **{part: replace(getattr(PROFILE, part), **changes)})
    frame = planted({(0, "treated"): (5, 5)}, year)
    with pytest.raises(InputError, match="has been changed since the areas of trial") as refused:
        evaluated(frame, year, profile=other)
    assert told in str(refused.value)


def test_days_before_the_first_record_are_refused_and_never_counted():
    late = programme(**YEARS | {"before_from": date(2023, 1, 1)})
    frame = planted(FELL, programme(**YEARS))
    with pytest.raises(InputError, match="From that day on they begin on 01/01/2024") as told:
        evaluated(frame, late)
    assert "value '01/01/2023'" in str(told.value)
    assert "programme trial" in str(told.value)


def test_before_the_start_there_is_nothing_to_say(year):
    frame = planted(FELL, year)
    with pytest.raises(InputError, match="no records from after the start"):
        evaluated(frame, year, made_on=date(2025, 1, 1))


# --- by lot ---------------------------------------------------------------------------------------

LOT = {"days": "drawn", "days_share": 0.5, "seed": 7}


def by_lot(made: Programme, on: int, off: int) -> pd.DataFrame:
    """So many reports on each day that was drawn, and so many on each other."""
    times = []
    for day in weekdays(made.starts_on, made.ends_on):
        drawn = drawn_weekdays(Fraction(1, 2), made.seed, (URN,), day)
        times += [f"{day} 15:30"] * (on if day.weekday() in drawn else off)
    before = planted(STEADY, made)
    at = [place(0, "treated")] * len(times)
    is_before = before[Incidents.from_utc] < pd.Timestamp(made.starts_on, tz="UTC")
    both = [before[is_before | (before[Incidents.group] == "other")], reports(times, at)]
    return pd.concat(both, ignore_index=True).rename_axis(Incidents.index)


def test_days_drawn_by_lot_reach_level_5_with_the_counts_by_lot():
    made = programme(**YEARS, **LOT)
    drawn = sum(
        day.weekday() in drawn_weekdays(Fraction(1, 2), 7, (URN,), day)
        for day in weekdays(made.starts_on, made.ends_on)
    )
    found = evaluated(by_lot(made, 1, 2), made)
    assert (found.lot.on_count, found.lot.off_count) == (drawn, 2 * (261 - drawn))
    assert found.lot.ratio.ratio == pytest.approx(0.5, abs=0.01)
    assert found.verdict.level.number == 5
    assert (found.verdict.is_effect, found.verdict.direction) == (True, "fell")
    assert found.test == found.lot.ratio
    assert "lot" in found.named


def test_a_lot_without_a_difference_is_no_effect():
    made = programme(**YEARS, **LOT)
    found = evaluated(by_lot(made, 1, 1), made)
    assert found.verdict.level.number == 5
    assert not found.verdict.is_effect
    assert found.lot.ratio.ratio == pytest.approx(1.0)


def test_another_seed_of_the_lot_draws_other_days():
    made = programme(**YEARS, **LOT)
    other = replace(made, seed=8)
    frame = by_lot(made, 1, 2)
    assert evaluated(frame, other).lot.on_count != evaluated(frame, made).lot.on_count


def test_a_new_seed_of_the_profile_draws_no_other_lots():
    made = programme(**YEARS, **LOT)
    frame = planted({(0, "treated"): (120, 90)}, made)
    other = replace(PROFILE, seed=PROFILE.seed + 1)
    found = evaluated(frame, made)
    assert 0.1 < found.lot.ratio.p < 0.9
    assert evaluated(frame, made, profile=other).lot == found.lot


# --- the same again -------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [{}, LOT], ids=["all", "drawn"])
def test_the_order_of_rows_changes_nothing_and_the_same_is_the_same(more):
    made = programme(**YEARS, **more)
    frame = by_lot(made, 1, 2) if more else planted(FELL, made)
    order = np.random.default_rng(3).permutation(len(frame))
    shuffled = frame.iloc[order].reset_index(drop=True).rename_axis(Incidents.index)
    one = evaluated(frame, made)
    assert one == evaluated(frame, made)
    assert one == evaluated(shuffled, made)


def test_months_alone_count_at_any_hour():
    made = programme(**YEARS, hours="any", groups=("violence",))
    times = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
    at = [place(0, "treated")] * 24 + [place(0, "control")] * 24
    found = evaluated(reports(times * 2, at), made)
    assert found.cells.four == (12, 12, 12, 12)
    assert found.cells.treated.days.before == 366
    assert not found.is_interim
    assert [look.key for look in found.elsewhere] == ["near", "far"]
