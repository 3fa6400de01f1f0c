"""Who may say "effect", and the words for it."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.errors import InputError
from corridors.evaluation.cells import Cells, Days, NoFigure, Pair
from corridors.evaluation.exact import four_cells
from corridors.evaluation.power import CANNOT_SHOW, detectable
from corridors.evaluation.ratio import four_cell_ratio, wald_ratio
from corridors.evaluation.verdict import CHANCE_ALONE, NOT_ENOUGH, Design, Level, decide, level
from corridors.evaluation.wdd import wdd
from corridors.evaluation.wording import (
    SUPPRESSED,
    TWO_SCALES,
    claim_caution,
    result_sentence,
    scales_caution,
)

MATCHED = Design(True, True, True, 1, 1, False, True)
GOOD = level(MATCHED)
CLEAR = Cells(Pair(400, 240), Pair(400, 400))


def said(cells, evidence=GOOD, **settings):
    test = four_cell_ratio(cells)
    return decide(cells.four, detectable(cells), test, evidence, **settings)


def test_a_clear_drop_and_a_clear_rise():
    assert said(CLEAR).is_effect
    assert said(CLEAR).direction == "fell"
    assert said(Cells(Pair(400, 600), Pair(400, 400))).direction == "rose"


def test_an_interval_with_1_is_no_effect():
    verdict = said(Cells(Pair(400, 380), Pair(400, 400)))
    assert not verdict.is_effect
    assert verdict.reasons == ("the 95 % interval includes no change",)
    assert verdict.direction == ""


def test_what_cannot_be_shown_is_never_an_effect_however_clear():
    cells = Cells(Pair(60, 10), Pair(60, 60))
    assert four_cell_ratio(cells).p < 1e-4
    verdict = said(cells)
    assert not verdict.is_effect
    assert verdict.reasons == (CANNOT_SHOW,)
    assert said(cells, claim_share=0.75).is_effect


@pytest.mark.parametrize("place", range(4))
def test_fewer_than_5_is_not_enough_data(place):
    counts = [400, 240, 400, 400]
    counts[place] = 4
    verdict = said(Cells(Pair(*counts[:2]), Pair(*counts[2:])))
    assert not verdict.is_effect
    assert NOT_ENOUGH in verdict.reasons
    counts[place] = 5
    assert NOT_ENOUGH not in said(Cells(Pair(*counts[:2]), Pair(*counts[2:]))).reasons


def test_no_ratio_is_no_effect():
    verdict = decide((9, 9, 9, 9), detectable(CLEAR), NoFigure("not fitted, because x"), GOOD)
    assert not verdict.is_effect
    assert "no ratio: not fitted, because x" in verdict.reasons


def test_dispersion_counts_against_what_could_have_been_seen():
    """Four times the variance of chance: 28 % becomes 56 %."""
    wide = wald_ratio(math.log(0.4), 0.2, dispersion=4.0)
    verdict = decide(CLEAR.four, detectable(CLEAR), wide, GOOD)
    assert wide.excludes_one
    assert verdict.reasons == (CANNOT_SHOW,)
    already = detectable(CLEAR, dispersion=4.0)
    assert decide(CLEAR.four, already, wide, GOOD).reasons == (CANNOT_SHOW,)
    assert decide(CLEAR.four, already, wide, GOOD, claim_share=0.6).is_effect


def test_a_lot_drawn_again_has_the_last_word():
    test = replace(four_cell_ratio(CLEAR), p=0.2)
    verdict = decide(CLEAR.four, detectable(CLEAR), test, GOOD)
    assert verdict.reasons == ("drawing the lot again gives as much by chance",)


def test_the_exact_test_is_never_an_effect_since_it_knows_chance_alone():
    test = four_cells(CLEAR)
    assert test.excludes_one
    assert test.p < 1e-4
    verdict = decide(CLEAR.four, detectable(CLEAR), test, GOOD)
    assert not verdict.is_effect
    assert verdict.reasons == (CHANCE_ALONE,)
    assert CHANCE_ALONE not in said(CLEAR).reasons


def test_only_a_95_percent_interval_decides():
    with pytest.raises(InputError, match="95"):
        decide(CLEAR.four, detectable(CLEAR), four_cell_ratio(CLEAR, confidence=0.9), GOOD)
    with pytest.raises(InputError, match="claim share"):
        said(CLEAR, claim_share=50)
    assert not decide((), detectable(CLEAR), four_cell_ratio(CLEAR), GOOD).is_effect


@given(st.lists(st.integers(0, 600), min_size=4, max_size=4), st.integers(1, 5))
def test_an_effect_meets_every_rule(counts, number):
    cells = Cells(Pair(*counts[:2]), Pair(*counts[2:]))
    verdict = said(cells, Level(number, "x"))
    assert verdict.reasons
    assert verdict.is_effect == bool(verdict.direction)
    if verdict.is_effect:
        assert min(counts) >= 5
        assert number >= 3
        assert detectable(cells).share <= 0.5
        assert four_cell_ratio(cells).p < 0.05


# Levels -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"has_before": False}, 1),
        ({"has_before": False, "has_control": False}, 1),
        ({"has_control": False}, 2),
        ({"is_comparable": False}, 2),
        ({}, 3),
        ({"treated_places": 5}, 3),
        ({"control_places": 5}, 3),
        ({"treated_places": 5, "control_places": 5}, 4),
        ({"is_randomised": True}, 5),
    ],
)
def test_levels(change, number):
    design = replace(MATCHED, **change)
    assert level(design).number == number
    late = level(replace(design, fixed_before=False))
    assert late.number == min(number, 2)
    assert bool(late.cap) == (number > 2)


def test_areas_fixed_after_the_start_give_no_effect():
    verdict = said(CLEAR, level(replace(MATCHED, fixed_before=False)))
    assert not verdict.is_effect
    assert "areas were fixed after the start" in verdict.reasons[0]


# Words ------------------------------------------------------------------------------------------


def sentence(cells, test=None, what="violence"):
    return result_sentence(what, cells, test or four_cell_ratio(cells), detectable(cells), GOOD)


def test_the_sentence_is_the_template():
    assert sentence(Cells(Pair(50, 30), Pair(60, 55))) == (
        "Reported violence in the corridor in the after-school window changed from 50 to 30; "
        "control from 60 to 55. Ratio 0.65 (95 % CI 0.37–1.17). Evidence level 3 of 5. "
        "The smallest change we could have seen is 78 %. This does not show why."
    )


def test_the_sentence_names_days_that_differ():
    days = Days(190, 95)
    text = sentence(Cells(Pair(50, 30, days), Pair(60, 55, days)))
    assert "from 50 to 30 (190 and 95 school days); control from 60 to 55 (190 and 95" in text


@pytest.mark.parametrize("place", range(4))
def test_the_sentence_is_suppressed_below_5(place):
    counts = [50, 30, 60, 55]
    counts[place] = 4
    text = sentence(Cells(Pair(*counts[:2]), Pair(*counts[2:])))
    assert text == SUPPRESSED
    assert not set("0123456789") & set(text.replace("fewer than 5", ""))


def test_the_sentence_without_a_ratio():
    text = sentence(CLEAR, NoFigure("not fitted, because x"))
    assert "No ratio: not fitted, because x. Evidence level" in text


def test_two_scales_may_disagree():
    """Both halve less some: the difference says more went, the ratio says fewer did."""
    cells = Cells(Pair(100, 60), Pair(20, 10))
    local, ratio = wdd(cells).local, four_cell_ratio(cells)
    assert local.value < 0 < ratio.log_ratio
    assert scales_caution(local, ratio).startswith(TWO_SCALES)
    assert "Here they disagree" in scales_caution(local, ratio)
    assert scales_caution(wdd(CLEAR).local, four_cell_ratio(CLEAR)) == TWO_SCALES
    assert scales_caution(local, NoFigure("x")) == TWO_SCALES


def test_the_caution_stands_alone():
    assert claim_caution(detectable(CLEAR)) == ""
    assert claim_caution(detectable(Cells(Pair(9, 9), Pair(9, 9)))) == (
        "This corridor alone cannot show an effect of realistic size; pool or randomise days."
    )
