"""Gross and net effect, WDQ and TNE: the published formulas, to the digits given."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corridors.evaluation.cells import Cells, Days, NoFigure, Pair
from corridors.evaluation.displacement import displacement

COUNT = st.integers(1, 500)
LENGTH = st.integers(1, 400)


def found(near_after: int):
    return displacement(Cells(Pair(120, 84), Pair(200, 190), Pair(80, near_after)))


@pytest.mark.parametrize(
    ("near_after", "buffer", "wdq", "total"),
    [(76, 0.0, 0.0, 30.0), (90, 0.073684, -0.466667, 16.0), (70, -0.031579, 0.2, 36.0)],
)
def test_worked_numbers(near_after, buffer, wdq, total):
    result = found(near_after)
    assert result.gross == 36
    assert result.net == pytest.approx(0.157895, abs=5e-7)
    assert result.success == pytest.approx(-0.157895, abs=5e-7)
    assert result.buffer == pytest.approx(buffer, abs=5e-7)
    assert result.wdq == pytest.approx(wdq, abs=5e-7)
    assert result.total_net == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize(
    ("near_after", "words"),
    [
        (40, "better too, by more than"),
        (70, "better too, by no more than"),
        (76, "no sign that trouble moved"),
        (90, "worse, by no more than"),
        (106, "worse, by no more than"),  # WDQ is just -1
        (107, "worse, by more than"),
    ],
)
def test_wdq_in_words(near_after, words):
    assert words in found(near_after).reading


def test_wdq_at_its_bounds():
    assert found(106).wdq == -1.0
    assert found(46).wdq == 1.0
    assert "by no more than" in found(46).reading


@pytest.mark.parametrize("after", [114, 115, 200])  # 114 / 190 is just 120 / 200
def test_no_wdq_where_the_corridor_did_no_better(after):
    result = displacement(Cells(Pair(120, after), Pair(200, 190), Pair(80, 70)))
    assert isinstance(result.wdq, NoFigure)
    assert "no better than its control" in result.reading
    assert isinstance(result.total_net, float)


@pytest.mark.parametrize("place", range(6))
def test_no_wdq_where_a_count_is_0(place):
    counts = [120, 84, 200, 190, 80, 76]
    counts[place] = 0
    result = displacement(Cells(Pair(*counts[:2]), Pair(*counts[2:4]), Pair(*counts[4:])))
    assert isinstance(result.wdq, NoFigure)
    assert result.reading.startswith("No figure: ")


def test_without_near_streets_only_the_net_effect():
    result = displacement(Cells(Pair(120, 84), Pair(200, 190)))
    assert result.net == pytest.approx(0.157895, abs=5e-7)
    assert all(isinstance(f, NoFigure) for f in (result.buffer, result.wdq, result.total_net))


@given(st.lists(COUNT, min_size=6, max_size=6), LENGTH, LENGTH)
def test_tne_is_what_was_saved_in_both(counts, before, after):
    """TNE through the ratios: what each area would have had, had it gone the control's way."""
    days = Days(before, after)
    r, c, d = (Pair(counts[2 * i], counts[2 * i + 1], days) for i in range(3))
    result = displacement(Cells(r, c, d))
    way = c.after / c.before  # days are in it already
    assert result.total_net == pytest.approx(way * (r.before + d.before) - r.after - d.after)


@given(st.lists(COUNT, min_size=6, max_size=6), st.integers(2, 5))
def test_a_longer_period_before_changes_nothing(counts, times):
    """Twice the days and twice the counts before are the same programme."""
    short = displacement(Cells(*(Pair(counts[2 * i], counts[2 * i + 1]) for i in range(3))))
    days = Days(times, 1)
    long = displacement(
        Cells(*(Pair(times * counts[2 * i], counts[2 * i + 1], days) for i in range(3)))
    )
    assert long == short


@given(st.lists(COUNT, min_size=6, max_size=6))
def test_the_sign_of_wdq_is_that_of_the_buffer(counts):
    result = displacement(Cells(*(Pair(counts[2 * i], counts[2 * i + 1]) for i in range(3))))
    assume(not isinstance(result.wdq, NoFigure))
    assert result.success < 0
    assert (result.wdq > 0) == (result.buffer < 0)
