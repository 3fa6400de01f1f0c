"""What is called an effect where there is none, how often a true drop is found, which test to take.

``evaluation.effects.*``: share of simulated programmes without effect that ``verdict`` calls one,
and ``evaluation.tests.*`` that the panel's test alone would; ``.low`` and ``.high`` are the exact
99 % interval. ``evaluation.power.*``: found at a true drop of 30 %, beside the formula.
``evaluation.cover.*``: intervals that hold the truth. ``evaluation.bad_year.*``: places chosen
because they were bad. ``evaluation.rule.*``: how often each candidate test leaves out 1 with few
places. All in %.

``python -m benchmarks.evaluation`` prints the last of these as a table.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks._programmes import (
    NO_EFFECT,
    Programme,
    Tally,
    called_effect,
    candidates,
    chosen_for_a_bad_year,
    four_cell_study,
    interval,
    lot_study,
    panel_covers,
)
from corridors.evaluation.cells import Cells, NoFigure, Pair
from corridors.evaluation.power import ratio_power

RUNS = 4000
COUNTS = (50, 100, 200, 400)
DROP = 0.3
PLACES = ((2, 1), (4, 2), (6, 1), (8, 2), (8, 4), (10, 1), (10, 5), (20, 2), (40, 20))
WORLDS = (("poisson", 1.0, 0.0), ("spread", 3.0, 0.0), ("lasting", 2.0, 0.2))
TESTS = (
    "four_cells",
    "clustered_G-1",
    "by_lot_of_places",
    "clustered_by_arm",
    "dispersion",
    "by_period",
)

Figure = tuple[str, float, str]


def run() -> list[Figure]:
    return [*_effects(), *_power(), *_bad_year(), *_lots(), *_rules()]


def _share(name: str, tally: Tally) -> list[Figure]:
    low, high = interval(tally)
    return [
        (f"evaluation.{name}", 100 * tally[0] / tally[1], "%"),
        (f"evaluation.{name}.low", 100 * low, "%"),
        (f"evaluation.{name}.high", 100 * high, "%"),
    ]


def _effects() -> list[Figure]:
    figures: list[Figure] = []
    for name, programme in NO_EFFECT.items():
        effects, tests = called_effect(programme, RUNS, seed=11)
        covered = panel_covers(replace(programme, drop=DROP), RUNS // 4, seed=12)
        found, _ = called_effect(replace(programme, drop=DROP), RUNS // 4, seed=13)
        figures += [
            *_share(f"effects.{name}", effects),
            *_share(f"tests.{name}", tests),
            *_share(f"cover.{name}", covered),
            *_share(f"found.{name}", found),
        ]
    return figures


def _power() -> list[Figure]:
    figures: list[Figure] = []
    for count in COUNTS:
        found, covered = four_cell_study(count, DROP, 5 * RUNS, seed=14)
        formula = ratio_power(Cells(Pair(count, count), Pair(count, count)), DROP)
        if not isinstance(formula, NoFigure):
            figures.append((f"evaluation.power.{count}.formula", 100 * formula, "%"))
        figures += _share(f"power.{count}", found) + _share(f"cover.four_cells.{count}", covered)
    return figures


def _bad_year() -> list[Figure]:
    tallies = chosen_for_a_bad_year(RUNS, seed=15)
    names = ("naive", "control_as_bad", "average_control")
    return [
        figure
        for name, tally in zip(names, tallies, strict=True)
        for figure in _share(f"bad_year.{name}", tally)
    ]


def _lots() -> list[Figure]:
    figures: list[Figure] = []
    for name, spread in (("poisson", 1.0), ("spread", 3.0)):
        tests, covered = lot_study(RUNS, 16, drop=0.0, spread=spread, draws=99)
        figures += _share(f"tests.lot.{name}", tests) + _share(f"cover.lot.{name}", covered)
    return figures


def _rules() -> list[Figure]:
    return [
        (f"evaluation.rule.{world}.{places}_{treated}.{test}", share, "%")
        for (world, places, treated), row in _table()
        for test, share in row.items()
    ]


def _table() -> list[tuple[tuple[str, int, int], dict[str, float]]]:
    return [
        ((world, places, treated), candidates(programme, RUNS, seed=17))
        for world, spread, lasting in WORLDS
        for places, treated in PLACES
        for programme in [Programme(places, treated, 12, 12, 10, spread, lasting)]
    ]


if __name__ == "__main__":
    print("world    places treated", *(f"{test:>17}" for test in TESTS))
    for (world, places, treated), row in _table():
        shares = (f"{row[test]:17.1f}" if test in row else f"{'–':>17}" for test in TESTS)
        print(f"{world:8} {places:6} {treated:7}", *shares)
