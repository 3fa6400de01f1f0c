"""Simulated programmes: at most 5 % are called an effect where there is none; power as computed.

A share passes if its number is one that 5 % (or the stated share) would give in all but 1 % of
studies. Longer runs are in ``benchmarks/evaluation.py`` and in tests marked slow.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from benchmarks._programmes import (
    FEW,
    NO_EFFECT,
    POOLED,
    SINGLE,
    called_effect,
    chosen_for_a_bad_year,
    four_cell_study,
    interval,
    lot_study,
    panel_covers,
    pooled,
)
from corridors.evaluation.cells import Cells, Pair
from corridors.evaluation.power import ratio_power
from corridors.evaluation.ratio import four_cell_ratio

STRICT = 0.01


def at_most(tally, share):
    return binomtest(*tally, share, "greater").pvalue > STRICT


def at_least(tally, share):
    return binomtest(*tally, share, "less").pvalue > STRICT


def even(count):
    return Cells(Pair(count, count), Pair(count, count))


@pytest.mark.parametrize(
    "name", ["single.poisson", "single.spread", "pooled.poisson", "pooled.spread"]
)
def test_without_an_effect_few_are_called_one(name):
    effects, tests = called_effect(NO_EFFECT[name], 1000, seed=1)
    assert at_most(effects, 0.05), effects
    assert at_most(tests, 0.05), tests
    assert effects[0] > 0  # the rule on what can be seen did not answer for the test


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NO_EFFECT))
def test_without_an_effect_few_are_called_one_at_length(name):
    effects, tests = called_effect(NO_EFFECT[name], 5000, seed=2)
    assert at_most(effects, 0.05), effects
    assert at_most(tests, 0.055), tests


def test_the_plain_four_cell_test_would_not_do_where_counts_are_spread():
    """So the criterion above can fail."""
    programme = replace(SINGLE, spread=2.0)
    panels = programme.panels(np.random.default_rng(1), 1000)
    said = sum(four_cell_ratio(pooled(panel)).excludes_one for panel in panels)
    assert not at_most((said, 1000), 0.10)


@pytest.mark.parametrize("count", [150, 400])
def test_power_is_as_computed(count):
    found, covered = four_cell_study(count, drop=0.3, runs=4000, seed=1)
    low, high = interval(found)
    assert low <= ratio_power(even(count), 0.3) <= high
    low, high = interval(covered)
    assert low <= 0.95 <= high


@pytest.mark.parametrize("count", [10, 40])
def test_coverage_at_small_counts(count):
    _, covered = four_cell_study(count, drop=0.3, runs=4000, seed=3)
    assert at_least(covered, 0.95), covered


@pytest.mark.parametrize(
    "programme", [replace(POOLED, spread=3.0, drop=0.3), replace(SINGLE, drop=0.3)]
)
def test_the_panel_covers_the_truth(programme):
    covered = panel_covers(programme, 300, seed=4)
    assert at_least(covered, 0.95), covered


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NO_EFFECT))
def test_the_panel_covers_the_truth_at_length(name):
    covered = panel_covers(replace(NO_EFFECT[name], drop=0.3), 3000, seed=5)
    assert at_least(covered, 0.945), covered


def test_places_chosen_for_a_bad_year_need_a_control_as_bad():
    naive, matched, average = chosen_for_a_bad_year(1000, seed=1)
    assert at_most(matched, 0.05), matched
    assert not at_most(naive, 0.25), naive
    assert not at_most(average, 0.15), average


def test_few_treated_places_with_many_controls():
    effects, tests = called_effect(replace(FEW, spread=2.0), 400, seed=6)
    assert at_most(effects, 0.05), effects
    assert at_most(tests, 0.05), tests


@pytest.mark.parametrize("spread", [1.0, 3.0])
def test_a_lot_without_effect(spread):
    found, covered = lot_study(400, 1, drop=0.0, spread=spread, draws=99)
    assert at_most(found, 0.05), found
    assert at_least(covered, 0.95), covered


def test_a_lot_with_an_effect_finds_it():
    found, covered = lot_study(150, 2, drop=0.4, spread=1.0, draws=99)
    assert found[0] / found[1] > 0.8
    assert at_least(covered, 0.95), covered
